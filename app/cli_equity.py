"""The command ``equity``: who is reached, and is a strategy both better and fairer."""

from __future__ import annotations

from typing import Annotated

import typer

from .asking import Asked, Force, Out
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
)


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(equity)


def equity(
    base: Annotated[str, typer.Argument(metavar="BASE", help="What the others are measured by: a name or .toml file.")],
    strategies: Annotated[list[str], typer.Argument(metavar="STRATEGY...", help="Names or .toml files.")],
    effect: Annotated[
        str, typer.Option("--effect", metavar="NAME", help="An outcome of which more is better.")
    ] = "begun_and_open",
    measure: Annotated[
        str,
        typer.Option(
            "--equity", metavar="NAME", help="Fairer by it: concentration, share_neediest_served, neediest_still_open."
        ),
    ] = "concentration",
    years: Years = PLAN_YEARS,
    start: Start = PLAN_START,
    draws: Draws = 50,
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
    """Say who is reached: the neediest at each stage, and how often a strategy is both better and fairer than BASE.

    Example: idmaj equity continued neediest_first trade_training --out reached
    """
    from ..scenarios.questions.equity import equity as ask
    from .answers import deliver, runner
    from .equity_figures import equity_pictures

    asked = Asked(
        start, years, draws, replications, seed,
        budget=budget, hindsight=hindsight, posterior=posterior, workers=workers, out=out, force=force, fewest=2,
    )  # fmt: skip
    asked.check()
    plan = asked.plan([base, *strategies])
    command = asked.command("equity", [base, *strategies], [("--effect", effect), ("--equity", measure)])
    answer = ask(plan, runner(asked.labour, command), effect, measure, workers)
    deliver(answer, command, out, as_json, equity_pictures)
