"""The command ``value``: what strategies give for their money."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from .asking import A_STRATEGY, Asked, Force, Out
from .options import (
    EQUAL,
    PLAN_START,
    PLAN_YEARS,
    Budget,
    Draws,
    Hindsight,
    Json,
    Posterior,
    Replications,
    Seed,
    Start,
    Workers,
    Years,
    decimal,
)

EXAMPLE = "idmaj value continued wage_jobs cooperatives --budget additional"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(epilog=f"Example: {EXAMPLE}")(value)


def value(
    strategies: Annotated[
        list[str], typer.Argument(metavar="STRATEGY...", help=f"Two or more, the yardstick first: {A_STRATEGY}")
    ],
    effect: Annotated[
        str, typer.Option("--effect", metavar="NAME", help="What is bought: an outcome that is counted.")
    ] = "begun_and_open",
    worth: Annotated[
        float | None,
        typer.Option("--worth", parser=decimal, metavar="MAD", help="What one is worth; then a choice is made."),
    ] = None,
    perspective: Annotated[
        str, typer.Option("--perspective", metavar="WORD", help="Whose money: programme, donor or household.")
    ] = "programme",
    discount: Annotated[
        float,
        typer.Option("--discount", parser=decimal, metavar="RATE", help="At which later money counts less, a year."),
    ] = 0.03,
    start: Start = PLAN_START,
    years: Years = PLAN_YEARS,
    draws: Draws = 100,
    replications: Replications = 2,
    seed: Seed = 1,
    budget: Budget = EQUAL,
    hindsight: Hindsight = False,
    posterior: Posterior = None,
    workers: Workers = None,
    out: Out = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Say what a unit of effect costs, what more would cost, and which strategy to choose at which worth."""
    from ..scenarios.questions.purse import Purse
    from ..scenarios.questions.value import check
    from ..scenarios.questions.value import value as answer_of
    from .answers import deliver, runner
    from .value_figures import value_pictures

    asked = Asked(
        start, years, draws, replications, seed, budget=budget, hindsight=hindsight, posterior=posterior,
        workers=workers, out=out, force=force,
    )  # fmt: skip
    asked.check()
    purse = Purse(perspective, discount, worth)
    plan = replace(asked.plan(strategies), traces=True)
    check(plan, effect)
    own = [("--effect", effect), ("--worth", worth), ("--perspective", perspective), ("--discount", discount)]
    command = asked.command("value", strategies, own)
    deliver(answer_of(plan, runner(asked.labour, command), effect, purse), command, out, as_json, value_pictures)
