"""The commands ``size`` and ``what-moves``: how much is needed, and which assumptions an answer hangs on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..sim.errors import UserError
from .cli_run import FIRST_PLAN, LAST_PLAN, PAST, Name
from .options import (
    LARGEST_SEED,
    MOST_DRAWS,
    PLAN_START,
    PLAN_YEARS,
    Draws,
    Hindsight,
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
    from ..scenarios.questions.answer import Answer

LEVER = "funding.budget_mad_per_year"
SIZE_EXAMPLE = """idmaj size continued --target "live_businesses >= 300 at 5y" --chance 0.8"""
MOVES_EXAMPLE = "idmaj what-moves case_by_case continued --outcome live_businesses"

PageOut = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for a page, its facts and tables.")]
Replace = Annotated[bool, typer.Option("--force", help="Replace the answer that is in the folder.")]

Targets = Annotated[
    list[str] | None, typer.Option("--target", metavar="TEXT", help="'live_businesses >= 300 at 5y'; repeatable.")
]
Keep = Annotated[
    list[str] | None,
    typer.Option("--keep", metavar="TEXT", help="Also: 'share_neediest_served >= baseline - 0.02'; repeatable."),
]
Sized = Annotated[str, typer.Option("--lever", metavar="KEY", help="What is to be sized: any number.")]
Low = Annotated[float | None, typer.Option("--from", metavar="X", help="Smallest size; else the least.")]
High = Annotated[float | None, typer.Option("--to", metavar="X", help="Largest; else twice what it has.")]
Step = Annotated[float | None, typer.Option("--step", metavar="X", help="Else about 40 sizes.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command(epilog=f"Example: {SIZE_EXAMPLE}")(size)
    app.command("what-moves", epilog=f"Example: {MOVES_EXAMPLE}")(what_moves)


def size(
    strategy: Name,
    target: Targets = None,
    keep: Keep = None,
    chance: Annotated[float, typer.Option("--chance", metavar="SHARE", help="With which all shall be met.")] = 0.8,
    base: Annotated[
        str | None, typer.Option("--base", metavar="STRATEGY", help="The baseline; by default the strategy as it is.")
    ] = None,
    lever: Sized = LEVER,
    low: Low = None,
    high: High = None,
    step: Step = None,
    start: Start = PLAN_START,
    draws: Draws = 60,
    seed: Seed = 1,
    hindsight: Hindsight = False,
    workers: Workers = None,
    posterior: Posterior = None,
    out: PageOut = None,
    force: Replace = False,
    as_json: Json = False,
) -> None:
    """Find the smallest yearly budget, or other lever, that meets targets with a given chance; or say why none does."""
    from ..scenarios.questions.size import size as answer_of
    from .answers import check_out, deliver, runner

    if not 0 < chance < 1:
        raise UserError(f"--chance: found {chance:g}, accepted a share between 0 and 1, as 0.8 for 80 %")
    asked = _Asked(strategy, base, target or [], keep or [], lever, low, high, step, start, draws, seed)
    parts = _read(asked, hindsight, workers, posterior, 20)
    check_out(out, force)
    options = [*asked.options, ("--chance", chance), ("--base", base), ("--posterior", posterior)]
    command = _command("size", [strategy], options, hindsight)
    found = answer_of(run=runner(Labour(workers), command), chance=chance, **parts)
    deliver(found, command, out, as_json, _size_figures(found) if out is not None else ())


def what_moves(
    strategy: Name,
    base: Annotated[
        str | None,
        typer.Argument(metavar="[BASE]", help="Then it is the difference from this one; with --size the baseline."),
    ] = None,
    outcome: Annotated[str, typer.Option("--outcome", metavar="NAME", help="What is looked at.")] = "live_businesses",
    of_size: Annotated[bool, typer.Option("--size", help="Look at the size that --target needs.")] = False,
    target: Targets = None,
    keep: Keep = None,
    lever: Sized = LEVER,
    low: Low = None,
    high: High = None,
    step: Step = None,
    start: Start = PLAN_START,
    years: Years = PLAN_YEARS,
    draws: Draws = 200,
    replications: Replications = 2,
    seed: Seed = 1,
    hindsight: Hindsight = False,
    workers: Workers = None,
    posterior: Posterior = None,
    out: PageOut = None,
    force: Replace = False,
    as_json: Json = False,
) -> None:
    """See which assumptions an outcome, or a difference between two strategies, hangs on; the rest is noise."""
    from ..scenarios.experiment import Plan
    from ..scenarios.questions.what_moves import check_outcome
    from ..scenarios.questions.what_moves import what_moves as answer_of
    from ..scenarios.strategies import load
    from .answers import check_out, deliver, runner

    month = _checked(start, draws, seed, workers, posterior, 50)
    if of_size:
        asked = _Asked(strategy, base, target or [], keep or [], lever, low, high, step, start, draws, seed)
        _moves_size(asked, hindsight, workers, posterior, out, force, as_json)
        return
    if target or keep:
        raise UserError("--target: found no --size beside it; accepted: --size, or --outcome for what is looked at")
    within("--years", years, 1, 40)
    within("--replications", replications, 1, 1000)
    check_outcome(outcome)
    check_out(out, force)
    names = [strategy] if base is None else [base, strategy]
    asked = [("--outcome", outcome), ("--start", start), ("--years", years), ("--draws", draws)]
    asked += [("--replications", replications), ("--seed", seed), ("--posterior", posterior)]
    command = _command("what-moves", [strategy, *([base] if base else [])], asked, hindsight)
    plan = Plan(
        tuple(load(name) for name in names), load(PAST), month, years, draws, replications, seed, hindsight,
        posterior=posterior,
    )  # fmt: skip
    found = answer_of(plan, outcome, runner(Labour(workers), command))
    deliver(found, command, out, as_json, _tornado_figures(found) if out is not None else ())


@dataclass(frozen=True)
class _Asked:
    """A size that was asked for, as it stands on the command line."""

    strategy: str
    base: str | None
    target: list[str]
    keep: list[str]
    lever: str
    low: float | None
    high: float | None
    step: float | None
    start: str
    draws: int
    seed: int

    @property
    def options(self) -> list[tuple[str, object]]:
        """Its options, for the command that gives the same numbers again."""
        found: list[tuple[str, object]] = [("--target", text) for text in self.target]
        found += [("--keep", text) for text in self.keep]
        found += [("--lever", self.lever), ("--from", self.low), ("--to", self.high), ("--step", self.step)]
        return [*found, ("--start", self.start), ("--draws", self.draws), ("--seed", self.seed)]


def _read(asked: _Asked, hindsight: bool, workers: int | None, posterior: Path | None, fewest: int) -> dict[str, Any]:
    """Check all that was asked, before anything is computed; return it as `questions.size` takes it."""
    from ..scenarios.questions.size import sizes_of
    from ..scenarios.questions.targets import targets_of
    from ..scenarios.strategies import load
    from ..scenarios.variants import lever_of

    targets = targets_of(asked.target, asked.keep)
    column = lever_of(asked.lever)
    month = _checked(asked.start, asked.draws, asked.seed, workers, posterior, fewest)
    strategy = load(asked.strategy)
    sizes = sizes_of(strategy, column, month, asked.low, asked.high, asked.step)
    base = strategy if asked.base is None else load(asked.base)
    numbers = {"start": month, "draws": asked.draws, "seed": asked.seed, "hindsight": hindsight, "posterior": posterior}
    about = {"strategy": strategy, "base": base, "past": load(PAST), "targets": targets}
    return about | {"sizes": sizes, "column": column} | numbers


def _moves_size(
    asked: _Asked,
    hindsight: bool,
    workers: int | None,
    posterior: Path | None,
    out: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Answer which assumptions move the size that each world needs."""
    from ..scenarios.questions.size import ladder_of
    from ..scenarios.questions.what_moves import what_moves_size
    from .answers import check_out, deliver, runner

    parts = _read(asked, hindsight, workers, posterior, 50)
    check_out(out, force)
    arguments = [asked.strategy, *([asked.base] if asked.base else []), "--size"]
    command = _command("what-moves", arguments, [*asked.options, ("--posterior", posterior)], hindsight)
    found = what_moves_size(ladder_of(run=runner(Labour(workers), command), **parts))
    deliver(found, command, out, as_json, _tornado_figures(found) if out is not None else ())


def _checked(start: str, draws: int, seed: int, workers: int | None, posterior: Path | None, fewest: int) -> int:
    """Refuse numbers out of range before anything is computed; return the month in which the plan starts."""
    from ..calibration.knowledge import check_fit

    month = start_month(start)
    if not FIRST_PLAN <= month < LAST_PLAN:
        raise UserError(f"--start: found {start}, accepted a month from 2008-01 to 2040-12")
    within("--draws", draws, fewest, MOST_DRAWS)
    within("--seed", seed, 0, LARGEST_SEED)
    Labour(workers).check()
    if posterior is not None:
        check_fit(posterior)
    return month


def _command(name: str, arguments: list[str], options: list[tuple[str, object]], hindsight: bool) -> str:
    """Return the command that gives the same numbers again, ready to be pasted."""
    import shlex

    parts = ["idmaj", name, *arguments]
    for option, value in options:
        if value is not None:
            parts += [option, f"{value:.15g}" if isinstance(value, float) else str(value)]
    return shlex.join([*parts, *(["--hindsight"] if hindsight else [])])


def _size_figures(answer: Answer) -> list:  # type: ignore[type-arg]  # of Figure
    from ..scenarios.questions.size import CURVE
    from .answers import Figure
    from .size_figures import chance_figure

    curve = next(table.rows for table in answer.tables if table.title == CURVE)
    facts = dict(answer.facts)
    words = "By size, the share of worlds in which all targets are met, with its 95 % interval"
    words += "; the dashed line is the chance asked"
    if facts["reachable"]:
        words += "; the upright line is the answer, the grey band its 95 % interval"
    drawn = [chance_figure(curve, facts, facts["unit"], f"{words}. {answer.sentence}", cut) for cut in (False, True)]
    return [Figure("Chance of meeting the targets, by size", f"{words}.", *drawn)]


def _tornado_figures(answer: Answer) -> list:  # type: ignore[type-arg]  # of Figure
    from ..scenarios.questions.what_moves import BARS
    from .answers import Figure
    from .size_figures import tornado_figure

    table = next(table.rows for table in answer.tables if table.title == BARS)
    words = "Each bar goes from the answer where an assumption is in its lowest fifth to that in its highest (the tip "
    words += "points there). Grey bars are no longer than noise alone can make them; the grey band is that length"
    label = str(answer.facts["label"])
    drawn = [tornado_figure(table, label, f"{words}. {answer.sentence}", cut) for cut in (False, True)]
    return [Figure("What moves it most", f"{words}.", *drawn)]
