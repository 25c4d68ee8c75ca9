"""The command ``marginal``: at how much of one lever a step more buys less than the same money in another."""

from __future__ import annotations

from typing import Annotated

import typer

from ..sim.errors import UserError
from .asking import A_STRATEGY, Asked, Force, Out
from .cli_fronts import A_LEVER, lever_values
from .options import (
    PLAN_START,
    PLAN_YEARS,
    Draws,
    Hindsight,
    Json,
    Posterior,
    Replications,
    Seed,
    Start,
    Workers,
    Years,
)

ADVISERS = "advisers.number=1,2,3,4,6,8"
INTAKE = "intake.projects_per_year"
EXAMPLE = f"idmaj marginal continued --over {ADVISERS} --against {INTAKE}=10 --out marginal"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(epilog=f"Example: {EXAMPLE}")(marginal)


def marginal(
    strategy: Annotated[str, typer.Argument(metavar="STRATEGY", help=f"What is varied: {A_STRATEGY}")],
    over: Annotated[str, typer.Option("--over", metavar=A_LEVER, help="A lever and its values.")] = ADVISERS,
    against: Annotated[
        str,
        typer.Option("--against", metavar="KEY[=STEP]", help="Where the money could go instead; a tenth more of it."),
    ] = INTAKE,
    effect: Annotated[
        str, typer.Option("--effect", metavar="NAME", help="What is bought: an outcome that is counted.")
    ] = "begun_and_open",
    years: Years = PLAN_YEARS,
    start: Start = PLAN_START,
    draws: Draws = 25,
    replications: Replications = 2,
    seed: Seed = 1,
    hindsight: Hindsight = False,
    posterior: Posterior = None,
    workers: Workers = None,
    out: Out = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Say from which value of a lever on one more buys less than the same money in another, as in grants."""
    from ..scenarios.questions.marginal import Levers
    from ..scenarios.questions.marginal import marginal as answer_of
    from ..scenarios.questions.value import check_effect
    from ..scenarios.variants import lever_of
    from .answers import deliver, runner
    from .marginal_figures import marginal_pictures

    asked = Asked(
        start, years, draws, replications, seed,
        hindsight=hindsight, posterior=posterior, workers=workers, out=out, force=force,
    )  # fmt: skip
    asked.check()
    check_effect(effect)
    plan = asked.plan([strategy])
    column, values = lever_values(over, "--over")
    key, _, step = against.partition("=")
    other = lever_of(key.strip(), "--against")
    levers = Levers.of(column, values, other, _step(step, against), plan.strategies[0], plan)
    command = asked.command("marginal", [strategy], [("--over", over), ("--against", against), ("--effect", effect)])
    answer = answer_of(plan.strategies[0], levers, plan, runner(asked.labour, command), effect)
    deliver(answer, command, out, as_json, marginal_pictures)


def _step(text: str, whole: str) -> float | None:
    """Read how much more of the other lever a step is; None where nothing is said."""
    if not text.strip():
        return None
    try:
        return float(text)
    except ValueError as error:
        raise UserError(
            "--against: found {whole!r}, accepted a lever and a step, as {intake}=10", whole=whole, intake=INTAKE
        ) from error
