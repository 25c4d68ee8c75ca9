"""The commands ``tour``, ``compare`` and ``run``: what another strategy would give, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..sim.errors import UserError
from . import wording
from .terminal import console, print_json, progress, start_month

if TYPE_CHECKING:
    from rich.console import Console

    from ..scenarios.experiment import Experiment, Plan
    from .study import Study

TOUR = ("continued", "neediest_first", "case_by_case")
TOUR_FOLDER = Path("idmaj-tour")
PAST = "historical"
KNOWN_YEARS = 19
"""2007 to 2025: the years whose end-of-year refugee stocks are published."""

PLAN_START = "2026-01"
FIRST_PLAN = 12
"""January 2008: a plan needs a year of known refugee stocks to go on from."""
LAST_PLAN = 12 * 34
"""January 2041: a later plan would rest on years that nobody can speak of."""
MOST_DRAWS = 200
"""As many as the fit kept."""
PLAN_YEARS = 10
MOST_YEARS = 40
EQUAL = "equal"
MOST_RUNS = 1_000_000
LARGEST_SEED = 2**32 - 1

FROM_WIDTH = {"Baseline": 100, "Range over draws": 124}
"""Columns of a table that only a terminal of at least this width shows; the report shows them always."""

COMPARED = (
    "outcome", "unit", "strategy", "baseline", "mean", "difference", "low", "high",
    "chance_above_zero", "pairs", "spread_low", "spread_high", "variance_reduction",
)  # fmt: skip
ALONE = ("outcome", "unit", "strategy", "mean", "low", "high", "runs", "spread_low", "spread_high")


def _whole(text: str) -> int:
    """Read a whole number, or say what was found."""
    try:
        return int(text)
    except ValueError as error:
        raise typer.BadParameter(f"found {text!r}, accepted a whole number") from error


Years = Annotated[
    int, typer.Option("--years", parser=_whole, metavar="N", help=f"Length of the plan, 1 to {MOST_YEARS} years.")
]
Start = Annotated[str, typer.Option("--start", metavar="YYYY-MM", help="Month in which the strategies part.")]
Draws = Annotated[
    int, typer.Option("--draws", parser=_whole, metavar="N", help="Guesses at what nobody knows exactly, 1 to 200.")
]
Replications = Annotated[
    int, typer.Option("--replications", parser=_whole, metavar="N", help="Courses of luck under each guess.")
]
Seed = Annotated[
    int, typer.Option("--seed", parser=_whole, metavar="N", help="Seed of all luck: the same seed, the same numbers.")
]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for the report and its tables.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the study that is in the folder.")]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers", parser=_whole, metavar="N", help="Runs at a time; all cores by default. Changes no number."
    ),
]
Hindsight = Annotated[bool, typer.Option("--hindsight", help="Use refugee stocks published after the start, too.")]
Budget = Annotated[
    str,
    typer.Option(
        "--budget",
        metavar="WORD",
        help="'equal': what a lever costs is taken from the yearly budget; 'additional': what staff and services "
        "cost more than the first strategy's comes on top of it.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the same numbers as JSON and nothing else.")]
A_STRATEGY = "a name of the catalogue or a .toml file; several joined by + for all of them together."
Name = Annotated[str, typer.Argument(metavar="STRATEGY", help=A_STRATEGY.capitalize())]


@dataclass(frozen=True)
class Order:
    """What was asked of a command besides its strategies."""

    name: str
    start: str
    years: int
    draws: int
    replications: int
    seed: int
    out: Path | None
    force: bool
    workers: int | None
    hindsight: bool
    budget: str
    as_json: bool


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
    as_json: Json = False,
) -> None:
    """See a first result: the past, then ten years under today's strategy and two others."""
    order = Order("tour", start, years, draws, replications, seed, out, force, workers, hindsight, budget, as_json)
    _compare(TOUR, order)


def compare(
    base: Annotated[str, typer.Argument(metavar="BASE", help=f"The yardstick: {A_STRATEGY}")],
    strategies: Annotated[list[str], typer.Argument(metavar="STRATEGY...", help="One or more to compare with it.")],
    years: Years = PLAN_YEARS,
    start: Start = PLAN_START,
    draws: Draws = 25,
    replications: Replications = 2,
    seed: Seed = 1,
    out: Out = None,
    force: Force = False,
    workers: Workers = None,
    hindsight: Hindsight = False,
    budget: Budget = EQUAL,
    as_json: Json = False,
) -> None:
    """Compare strategies on the same people and the same luck."""
    order = Order("compare", start, years, draws, replications, seed, out, force, workers, hindsight, budget, as_json)
    _compare((base, *strategies), order)


def run(
    strategy: Name,
    years: Annotated[
        int | None, typer.Option("--years", parser=_whole, metavar="N", help="Length of the plan; 10 by default.")
    ] = None,
    start: Annotated[str | None, typer.Option("--start", metavar="YYYY-MM", help="2026-01 by default.")] = None,
    draws: Draws = 25,
    replications: Replications = 2,
    seed: Seed = 1,
    out: Out = None,
    force: Force = False,
    workers: Workers = None,
    hindsight: Hindsight = False,
    budget: Budget = EQUAL,
    as_json: Json = False,
) -> None:
    """Run one strategy. `idmaj run historical` replays what was done from 2007 to 2025."""
    replay = strategy in (PAST, "history") and start is None
    start = start or ("2007-01" if replay else PLAN_START)
    years = years if years is not None else KNOWN_YEARS if replay else PLAN_YEARS
    order = Order("run", start, years, draws, replications, seed, out, force, workers, hindsight, budget, as_json)
    from .study import command_line, single

    plan = _plan((strategy,), order)
    study = single(_experiment(plan, order), command_line("run", [strategy], plan))
    _finish(study, order)


def _compare(strategies: tuple[str, ...], order: Order) -> None:
    from .study import command_line, comparison

    plan = _plan(strategies, order)
    said = [] if order.name == "tour" else list(strategies)
    _finish(comparison(_experiment(plan, order), command_line(order.name, said, plan)), order)


def _plan(strategies: tuple[str, ...], order: Order) -> Plan:
    """Check everything that was asked, before anything is computed."""
    from ..scenarios.experiment import BUDGETS, Plan
    from ..scenarios.strategies import load

    start = start_month(order.start)
    if 0 < start < FIRST_PLAN:
        raise UserError(f"--start: found {order.start}, accepted 2008-01 or later, or 2007-01 to replay the past")
    if start >= LAST_PLAN:
        raise UserError(f"--start: found {order.start}, accepted a month before 2041-01")
    _within("--years", order.years, 1, MOST_YEARS)
    _within("--draws", order.draws, 1, MOST_DRAWS)
    _within("--replications", order.replications, 1, MOST_RUNS)
    _within("--seed", order.seed, 0, LARGEST_SEED)
    if order.budget not in BUDGETS:
        raise UserError(f"--budget: found {order.budget!r}, accepted {' or '.join(BUDGETS)}")
    if order.name == "run" and order.budget != EQUAL:
        hint = "it adds to a baseline's budget: idmaj compare continued STRATEGY --budget additional"
        raise UserError(f"--budget: found {order.budget!r} with one strategy, accepted {EQUAL!r}; {hint}")
    if order.workers is not None:
        _within("--workers", order.workers, 1, 4096)
    if order.out is not None:
        from .study_files import check_folder

        check_folder(order.out, order.force)
    loaded = tuple(load(which) for which in strategies)
    numbers = (start, order.years, order.draws, order.replications, order.seed)
    return Plan(loaded, load(PAST), *numbers, hindsight=order.hindsight, budget=order.budget)


def _within(option: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise UserError(f"{option}: found {value}, accepted a whole number from {low} to {high}")


def _experiment(plan: Plan, order: Order) -> Experiment:
    from ..scenarios.experiment import run_experiment

    with progress("Simulating", plan.draws * plan.replications) as advance:
        return run_experiment(plan, advance, order.workers)


def _finish(study: Study, order: Order) -> None:
    """Write the folder, if one was asked for, and say what was found."""
    report = None
    if order.out is not None:
        from .study_files import write_study

        report = write_study(study, order.out, order.force)
    if order.as_json:
        print_json(json_object(study, report.parent if report else None))
    else:
        _say(study, report)


def json_object(study: Study, folder: Path | None) -> dict[str, Any]:
    """Return the study as programs read it.

    Parameters
    ----------
    study : Study
    folder : Path or None
        Where it was written.

    Returns
    -------
    dict
        ``study, fingerprint, budget, notes, cannot_tell, rows``; a number that is missing is None.
    """
    wanted = ALONE if study.baseline is None else COMPARED
    return {
        "study": None if folder is None else str(folder),
        "fingerprint": study.experiment.fingerprint,
        "budget": study.experiment.plan.budget,
        "notes": list(study.notes),
        "cannot_tell": list(study.cannot_tell),
        "rows": [{name: _value(row[name]) for name in wanted} for row in study.rows.to_dict(orient="records")],
    }


def _value(cell: Any) -> Any:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def _say(study: Study, report: Path | None) -> None:
    """Print the past, who pays, what to mind, the tables, what common luck saved, what cannot be told, the report."""
    from ..sim import OUTCOMES

    out = console()
    for sentence in (*study.history, study.money, *(f"Mind: {note}" for note in study.notes)):
        out.print(sentence, soft_wrap=True)
    if study.baseline is None:
        out.print(_level_table(study, out))
    else:
        for key in study.keys[1:]:
            out.print(_difference_table(study, key, out))
        out.print(_saving(study), soft_wrap=True)
    out.print(f"What the data cannot tell: {study.cannot_tell[0]} Costs rest mostly on judgement.", soft_wrap=True)
    more = "by place, sex, origin and need in groups.csv beside it; or with --json"
    if report is None:
        out.print(f"All {len(OUTCOMES)} outcomes: with --out DIR or --json.", soft_wrap=True)
    else:
        out.print(f"Report, with all {len(OUTCOMES)} outcomes ({more}): {report}", soft_wrap=True)


def _saving(study: Study) -> str:
    """Say how many times more runs independent seeds would need."""
    factors = study.rows["variance_reduction"].dropna()
    if study.experiment.plan.replications < 2:
        return "Saved by common luck: not available with one replication (--replications 2 or more)."
    if not len(factors):
        return "Saved by common luck: not available, since luck moved no difference."
    middle, least, most = (f"{value:.1f}" for value in (factors.median(), factors.min(), factors.max()))
    return (
        f"Variance reduction by common luck: {middle} (median over outcomes; {least} to {most}): independent "
        "seeds would need so many times more runs."
    )


def _table(title: str, lines: list[dict[str, str]]) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for number, heading in enumerate(lines[0]):
        if number == 0:
            table.add_column(heading, min_width=18, overflow="fold")
        else:
            table.add_column(heading, justify="right", no_wrap=True)
    for line in lines:
        table.add_row(*line.values())
    return table


def _fitting(cells: dict[str, str], out: Console) -> dict[str, str]:
    """Return the cells that a terminal of this width can show; the report has them all."""
    dropped = [name for name, width in FROM_WIDTH.items() if out.width < width]
    return {name: text for name, text in cells.items() if name not in dropped}


def _difference_table(study: Study, key: str, out: Console) -> Any:
    """Return one strategy against the baseline, a line for each outcome that a terminal shows."""
    from ..sim.outcomes import HEADLINE
    from .study import records

    lines = []
    for row in records(study.rows[(study.rows["strategy"] == key) & study.rows["outcome"].isin(HEADLINE)]):
        numbers = (row.difference, row.low, row.high, row.spread_low, row.spread_high)
        difference, low, high, spread_low, spread_high = wording.interval(numbers, row.unit, sign=True)
        cells = {
            "Outcome": _outcome(row),
            "Baseline": wording.level(row.baseline_mean, row.unit),
            "Mean": wording.level(row.mean, row.unit),
            "Difference": difference,
            "95 % interval": wording.span(low, high),
            "Above 0": wording.chance(row.chance_above_zero),
            "Range over draws": wording.span(spread_low, spread_high),
        }
        lines.append(_fitting(cells, out))
    pairs = study.experiment.plan.draws * study.experiment.plan.replications
    called = study.called
    return _table(f"\n{called[key]}, against {called[study.baseline or '']} ({wording.counted(pairs, 'pair')})", lines)


def _level_table(study: Study, out: Console) -> Any:
    """Return one strategy alone, a line for each outcome that a terminal shows."""
    from ..sim.outcomes import HEADLINE
    from .study import records

    lines = []
    for row in records(study.rows[study.rows["outcome"].isin(HEADLINE)]):
        numbers = (row.mean, row.low, row.high, row.spread_low, row.spread_high)
        mean, low, high, spread_low, spread_high = wording.interval(numbers, row.unit, sign=False)
        cells = {
            "Outcome": _outcome(row),
            "Mean": mean,
            "95 % interval of the mean": wording.span(low, high),
            "Range over draws": wording.span(spread_low, spread_high),
        }
        lines.append(_fitting(cells, out))
    runs = study.experiment.plan.draws * study.experiment.plan.replications
    return _table(f"\n{study.called[study.keys[0]]} ({wording.counted(runs, 'run')})", lines)


def _outcome(row: Any) -> str:
    return f"{wording.label(row.outcome)} ({wording.shown_unit(row.unit)})"
