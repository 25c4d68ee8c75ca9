"""The command ``robust``: which strategy holds up whatever comes, and when one fails to beat today's."""

from __future__ import annotations

import math
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..sim.errors import UserError
from .answers import check_out, deliver, runner
from .options import (
    EQUAL,
    LARGEST_SEED,
    MOST_DRAWS,
    MOST_RUNS,
    MOST_YEARS,
    PLAN_START,
    PLAN_YEARS,
    Budget,
    Draws,
    Json,
    Labour,
    Posterior,
    Replications,
    Seed,
    Start,
    Workers,
    Years,
    within,
)
from .terminal import start_month

if TYPE_CHECKING:
    from ..scenarios.experiment import Plan
    from ..sim.policy import Strategy

FUTURES = "surge,funding_gap,recession,pandemic,partner_leaves"
FIRST_PLAN, LAST_PLAN = 12, 12 * 34
"""January 2008 and January 2041, as for `idmaj compare`."""


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
    outcome: Annotated[
        str, typer.Option("--outcome", metavar="NAME", help="By which they are judged (idmaj explain outcomes).")
    ] = "live_businesses",
    threshold: Annotated[
        float | None,
        typer.Option("--threshold", metavar="NUMBER", help="What satisfies; else what the yardstick gives as planned."),
    ] = None,
    years: Years = PLAN_YEARS,
    start: Start = PLAN_START,
    draws: Draws = 100,
    replications: Replications = 2,
    seed: Seed = 1,
    budget: Budget = EQUAL,
    posterior: Posterior = None,
    workers: Workers = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for page, facts and tables.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the answer that is in the folder.")] = False,
    as_json: Json = False,
) -> None:
    """Say which strategy holds up whatever comes, and when the others fail to beat the first.

    Example: idmaj robust continued cooperatives rural --futures recession,funding_gap
    """
    from ..scenarios.questions.robust import robust as ask

    labour = Labour(workers)
    labour.check()
    within("--years", years, 1, MOST_YEARS)
    within("--draws", draws, 2, MOST_DRAWS)
    within("--replications", replications, 1, MOST_RUNS)
    within("--seed", seed, 0, LARGEST_SEED)
    check_out(out, force)
    if threshold is not None and not math.isfinite(threshold):
        raise UserError(f"--threshold: found {threshold}, accepted a number in the unit of {outcome}")
    plan = _plan(strategies, start, (years, draws, replications, seed), budget, posterior)
    wanted = _futures(futures)
    command = _command(plan, strategies, futures, outcome, threshold, start)
    answer = ask(plan, wanted, runner(labour, command), outcome, threshold)
    if out is None:
        deliver(answer, command, out, as_json)
        return
    from .robust_figures import regret_figure

    rows = next(table.rows for table in answer.tables if table.title == "Regret by future")
    deliver(answer, command, out, as_json, [regret_figure(rows, outcome)])


def _plan(
    strategies: list[str], start: str, numbers: tuple[int, int, int, int], budget: str, posterior: Path | None
) -> Plan:
    """Check everything else that was asked, before anything is computed."""
    from ..calibration.knowledge import check_fit
    from ..scenarios.experiment import BUDGETS, Plan
    from ..scenarios.strategies import load

    if len(strategies) < 2:
        raise UserError("STRATEGY: found one, accepted two or more: the first is what the others are measured by")
    month = start_month(start)
    if not FIRST_PLAN <= month < LAST_PLAN:
        raise UserError(f"--start: found {start}, accepted a month from 2008-01 to 2040-12")
    if budget not in BUDGETS:
        raise UserError(f"--budget: found {budget!r}, accepted {' or '.join(BUDGETS)}")
    if posterior is not None:
        check_fit(posterior)
    loaded = tuple(load(which) for which in strategies)
    return Plan(loaded, load("historical"), month, *numbers, budget=budget, posterior=posterior)


def _futures(text: str) -> list[Strategy]:
    """Return the futures that are named, each once."""
    from ..scenarios.strategies import load

    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise UserError(f"--futures: found none, accepted names joined by commas, as {FUTURES}")
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise UserError(f"--futures: found {twice[0]} twice, accepted each future once")
    found = []
    for name in names:
        try:
            found.append(load(name))
        except UserError as problem:
            raise UserError(f"--futures: {problem}") from problem
    return found


def _command(plan: Plan, strategies: list[str], futures: str, outcome: str, threshold: float | None, start: str) -> str:
    """Return the command that gives the same numbers again."""
    words = ["idmaj", "robust", *strategies, "--futures", futures.replace(" ", ""), "--outcome", outcome]
    words += [] if threshold is None else ["--threshold", f"{threshold:.15g}"]
    words += ["--start", start, "--years", str(plan.years), "--draws", str(plan.draws)]
    words += ["--replications", str(plan.replications), "--seed", str(plan.seed)]
    words += [] if plan.budget == EQUAL else ["--budget", plan.budget]
    return shlex.join(words + ([] if plan.posterior is None else ["--posterior", str(plan.posterior)]))
