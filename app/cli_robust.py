"""The command ``robust``: which strategy holds up whatever comes, and when one fails to beat today's."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer

from ..sim.errors import UserError
from .asking import Asked, Force, Out, Outcome
from .options import (
    EQUAL,
    PLAN_START,
    PLAN_YEARS,
    Budget,
    Draws,
    Json,
    Posterior,
    Replications,
    Seed,
    Start,
    Workers,
    Years,
    decimal,
)

if TYPE_CHECKING:
    from ..sim.policy import Strategy

FUTURES = "surge,funding_gap,recession,pandemic,partner_leaves"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(robust)


def robust(
    strategies: Annotated[
        list[str],
        typer.Argument(metavar="STRATEGY STRATEGY...", help="Names or .toml files; the first is the yardstick."),
    ],
    futures: Annotated[
        str, typer.Option("--futures", metavar="NAMES", help="What may come, beside nothing; joined by commas.")
    ] = FUTURES,
    outcome: Outcome = "live_businesses",
    threshold: Annotated[
        float | None,
        typer.Option(
            "--threshold",
            parser=decimal,
            metavar="NUMBER",
            help="What satisfies; else what the yardstick gives as planned.",
        ),
    ] = None,
    years: Years = PLAN_YEARS,
    start: Start = PLAN_START,
    draws: Draws = 100,
    replications: Replications = 2,
    seed: Seed = 1,
    budget: Budget = EQUAL,
    posterior: Posterior = None,
    workers: Workers = None,
    out: Out = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Say which strategy holds up whatever comes, and when the others fail to beat the first.

    Example: idmaj robust continued cooperatives rural --futures recession,funding_gap
    """
    from ..scenarios.questions.robust import robust as ask
    from .answers import deliver, runner
    from .robust_figures import regret_pictures

    asked = Asked(
        start, years, draws, replications, seed,
        budget=budget, posterior=posterior, workers=workers, out=out, force=force, fewest=2,
    )  # fmt: skip
    asked.check()
    if threshold is not None and not math.isfinite(threshold):
        raise UserError(
            "--threshold: found {threshold}, accepted a number in the unit of {outcome}",
            threshold=threshold,
            outcome=outcome,
        )
    if len(strategies) < 2:
        raise UserError("STRATEGY: found one, accepted two or more: the first is what the others are measured by")
    plan = asked.plan(strategies)
    wanted = _futures(futures)
    own = [("--futures", futures.replace(" ", "")), ("--outcome", outcome), ("--threshold", threshold)]
    command = asked.command("robust", strategies, own)
    answer = ask(plan, wanted, runner(asked.labour, command), outcome, threshold)
    deliver(answer, command, out, as_json, regret_pictures)


def _futures(text: str) -> list[Strategy]:
    """Return the futures that are named, each once."""
    from ..scenarios.strategies import load

    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise UserError("--futures: found none, accepted names joined by commas, as {futures}", futures=FUTURES)
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise UserError("--futures: found {twice} twice, accepted each future once", twice=twice[0])
    found = []
    for name in names:
        try:
            found.append(load(name))
        except UserError as problem:
            raise UserError("--futures: {problem}", problem=problem) from problem
    return found
