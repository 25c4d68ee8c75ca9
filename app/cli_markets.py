"""The command ``markets``: at what intake the market of each trade saturates."""

from __future__ import annotations

from typing import Annotated

import typer

from ..sim.errors import UserError
from .asking import A_STRATEGY, Asked, Force, Out
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
    decimal,
)
from .terminal import progress

SIZES = "0.5,1,2,4,8"
EXAMPLE = "idmaj markets continued --times 0.5,1,2,4 --lost 0.05 --out markets"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(epilog=f"Example: {EXAMPLE}")(markets)


def markets(
    strategy: Annotated[str, typer.Argument(metavar="STRATEGY", help=f"Which programme: {A_STRATEGY}")],
    times: Annotated[
        str,
        typer.Option("--times", metavar="N,N,...", help="Sizes: intake, budget, advisers and services times these."),
    ] = SIZES,
    lost: Annotated[
        float,
        typer.Option(
            "--lost", parser=decimal, metavar="PART", help="Part of income lost to crowding that counts as saturated."
        ),
    ] = 0.1,
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
    """Say at what intake each trade's market saturates, and where applicants run out before."""
    from ..scenarios.questions.markets import check
    from ..scenarios.questions.markets import markets as answer_of
    from .answers import deliver
    from .knowing import knows
    from .markets_figures import market_pictures

    asked = Asked(
        start, years, draws, replications, seed,
        hindsight=hindsight, posterior=posterior, workers=workers, out=out, force=force,
    )  # fmt: skip
    asked.check()
    sizes = _sizes(times)
    check(sizes, lost)
    plan = asked.plan([strategy])
    command = asked.command("markets", [strategy], [("--times", times), ("--lost", lost)])
    with progress("Simulating", plan.runs) as advance:
        answer = answer_of(plan, sizes, lost, workers, advance)
    deliver(answer, command, out, as_json, market_pictures, knows(posterior))


def _sizes(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise UserError("--times: found {text!r}, accepted numbers, as in {sizes}", text=text, sizes=SIZES) from error
