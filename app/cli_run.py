"""The commands ``tour``, ``compare`` and ``run``: what another strategy would give, and how sure that is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..scenarios.language import _, many, written
from ..sim.errors import UserError
from .asking import A_STRATEGY, FIRST_PLAN, LAST_PLAN, PAST, check_budget
from .options import (
    EQUAL,
    MOST_RUNS_UNTIL,
    PLAN_START,
    PLAN_YEARS,
    AtMost,
    Budget,
    Cluster,
    Draws,
    DryRun,
    Force,
    Hindsight,
    Json,
    Labour,
    Order,
    Out,
    Posterior,
    Processes,
    Replications,
    Seed,
    Shard,
    Start,
    Traces,
    Until,
    Workers,
    Years,
    whole,
)
from .terminal import console, print_json, start_month

if TYPE_CHECKING:
    from ..scenarios.experiment import Plan

TOUR = ("continued", "neediest_first", "case_by_case")
TOUR_FOLDER = Path("idmaj-tour")
KNOWN_YEARS = 19
"""2007 to 2025: the years whose end-of-year refugee stocks are published."""

Name = Annotated[str, typer.Argument(metavar="STRATEGY", help=A_STRATEGY.capitalize())]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(tour)
    app.command()(compare)
    app.command()(run)


def tour(
    years: Years = PLAN_YEARS,
    start: Start = PLAN_START,
    draws: Draws = 25,
    replications: Replications = 2,
    seed: Seed = 1,
    out: Out = TOUR_FOLDER,
    force: Force = False,
    workers: Workers = None,
    hindsight: Hindsight = False,
    budget: Budget = EQUAL,
    posterior: Posterior = None,
    dry: DryRun = False,
    as_json: Json = False,
) -> None:
    """See a first result: the past, then ten years under today's strategy and two others.

    Example: idmaj tour --out my-tour
    """
    numbers = (start, years, draws, replications, seed, out, force, hindsight, budget, as_json)
    _carry_out(TOUR, Order("tour", *numbers, labour=Labour(workers), dry_run=dry, posterior=posterior), [])


def compare(
    base: Annotated[str, typer.Argument(metavar="BASE", help=f"The yardstick: {A_STRATEGY}")],
    strategies: Annotated[list[str], typer.Argument(metavar="STRATEGY...", help="One or more to compare with it.")],
    years: Years = PLAN_YEARS,
    start: Start = PLAN_START,
    draws: Draws = 25,
    replications: Replications = 2,
    until: Until = None,
    at_most: AtMost = MOST_RUNS_UNTIL,
    seed: Seed = 1,
    out: Out = None,
    force: Force = False,
    workers: Workers = None,
    processes: Processes = False,
    cluster: Cluster = None,
    shard: Shard = None,
    hindsight: Hindsight = False,
    budget: Budget = EQUAL,
    posterior: Posterior = None,
    traces: Traces = False,
    dry: DryRun = False,
    as_json: Json = False,
) -> None:
    """Compare strategies on the same people and the same luck.

    Example: idmaj compare continued neediest_first cooperatives+wage_jobs --out neediest
    """
    numbers = (start, years, draws, replications, seed, out, force, hindsight, budget, as_json)
    how = (Labour(workers, processes, cluster), traces, shard, until, at_most, dry, posterior)
    _carry_out((base, *strategies), Order("compare", *numbers, *how), [base, *strategies])


def run(
    strategy: Name,
    years: Annotated[
        int | None, typer.Option("--years", parser=whole, metavar="N", help="Length of the plan; 10 by default.")
    ] = None,
    start: Annotated[str | None, typer.Option("--start", metavar="YYYY-MM", help="2026-01 by default.")] = None,
    draws: Draws = 25,
    replications: Replications = 2,
    until: Until = None,
    at_most: AtMost = MOST_RUNS_UNTIL,
    seed: Seed = 1,
    out: Out = None,
    force: Force = False,
    workers: Workers = None,
    processes: Processes = False,
    cluster: Cluster = None,
    shard: Shard = None,
    hindsight: Hindsight = False,
    budget: Budget = EQUAL,
    posterior: Posterior = None,
    traces: Traces = False,
    dry: DryRun = False,
    as_json: Json = False,
) -> None:
    """Run one strategy. `idmaj run historical` replays 2007 to 2025: what was done to 2018, from then on as in 2018.

    Example: idmaj run case_by_case --years 5
    """
    replay = strategy in (PAST, "history") and start is None
    start = start or ("2007-01" if replay else PLAN_START)
    years = years if years is not None else KNOWN_YEARS if replay else PLAN_YEARS
    numbers = (start, years, draws, replications, seed, out, force, hindsight, budget, as_json)
    how = (Labour(workers, processes, cluster), traces, shard, until, at_most, dry, posterior)
    _carry_out((strategy,), Order("run", *numbers, *how), [strategy])


def _carry_out(strategies: tuple[str, ...], order: Order, names: list[str]) -> None:
    """Check what was asked, do it, and say what was found."""
    from . import work
    from .saying import say
    from .study import command_line

    with work.not_begun():
        plan = plan_of(strategies, order)
        if order.dry_run:
            _say_dry(work.dry_run(plan, order), order)
            return
        study = work.begin(plan, order, command_line(order.name, names, plan))
    going_on = work.going_on(study)
    if going_on and not order.as_json:
        console().print(going_on, soft_wrap=True)
    with work.stoppable(study):
        failures, remark = work.run_as_ordered(study, order)
        said = None if order.shard is not None else work.finish(study)
    if said is None:
        _say_shard(study.folder, order)
    else:
        say(said, study.folder, order.as_json, [remark] if remark else [])
    work.check_complete(study, failures)


def plan_of(strategies: tuple[str, ...], order: Order) -> Plan:
    """Check everything that was asked, before anything is computed."""
    from ..calibration.knowledge import check_fit
    from ..scenarios.experiment import Plan
    from ..scenarios.strategies import load

    start = start_month(order.start)
    if 0 < start < FIRST_PLAN:
        raise UserError(
            "--start: found {start}, accepted 2008-01 or later, or 2007-01 to replay the past", start=order.start
        )
    if start >= LAST_PLAN:
        raise UserError("--start: found {start}, accepted a month before 2041-01", start=order.start)
    order.check()
    check_budget(order.budget)
    if order.name == "run" and order.budget != EQUAL:
        hint = _("it adds to a baseline's budget: idmaj compare continued STRATEGY --budget additional")
        raise UserError(
            "--budget: found {budget!r} with one strategy, accepted {equal!r}; {hint}",
            budget=order.budget,
            equal=EQUAL,
            hint=hint,
        )
    if order.posterior is not None:
        check_fit(order.posterior)
    loaded = tuple(load(which) for which in strategies)
    numbers = (start, order.years, order.draws, order.replications, order.seed)
    return Plan(loaded, load(PAST), *numbers, order.hindsight, order.budget, order.traces, order.posterior)


def _say_dry(found: dict[str, Any], order: Order) -> None:
    if order.as_json:
        print_json(found)
        return

    def takes(some: dict[str, Any]) -> str:
        seconds, size = (written(f"{some[name]:,g}") for name in ("seconds", "megabytes"))
        return _("about {seconds} s with {workers}, {size} MB", seconds=seconds, workers=workers, size=size)

    workers = many("{n} worker", "{n} workers", found["workers"])
    about = {
        "runs": many("{n} run", "{n} runs", found["runs"]),
        "strategies": many("{n} strategy", "{n} strategies", found["strategies"]),
        "takes": takes(found),
    }
    if "at_most" in found:
        most = found["at_most"]
        said = _(
            "At least {runs} of {strategies}: {takes}; at most {most}: {longer}. It stops when half of the 95 % "
            "interval is small enough ({until}).",
            most=written(f"{most['runs']:,}"), longer=takes(most), until=found["until"], **about,
        )  # fmt: skip
    else:
        chunks = many("{n} chunk", "{n} chunks", found["chunks"])
        said = _("{runs} of {strategies} in {chunks}: {takes}.", chunks=chunks, **about)
    kept = _("Nothing was kept.")
    console().print(f"{said} {kept}", soft_wrap=True)


def _say_shard(folder: Path, order: Order) -> None:
    if order.as_json:
        print_json({"study": str(folder), "shard": order.shard})
        return
    hint = _("when all are: {command}", command="idmaj study merge --out DIR SHARD...")
    said = _("Shard {shard} is done: {folder}; {hint}", shard=order.shard, folder=folder, hint=hint)
    console().print(said, soft_wrap=True)
