"""The commands ``size`` and ``what-moves``: how much is needed, and which assumptions an answer hangs on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from ..scenarios.language import _
from ..sim.errors import UserError
from .asking import A_STRATEGY, Asked, Force, Option, Out, strategies_of
from .options import (
    PLAN_START,
    PLAN_YEARS,
    Draws,
    Hindsight,
    Json,
    Posterior,
    Seed,
    Start,
    Workers,
    decimal,
)

if TYPE_CHECKING:
    from ..scenarios.questions.answer import Answer
    from ..scenarios.questions.size import Ladder
    from .answers import Figure

LEVER = "funding.budget_mad_per_year"
OUTCOME = "live_businesses"
WORLDS, DRAWS, REPLICATIONS = 60, 200, 2
"""Worlds in which a size is sought; draws and courses of luck by which an outcome is looked at."""
SIZE_EXAMPLE = """idmaj size continued --target "live_businesses >= 300 at 5y" --chance 0.8"""
MOVES_EXAMPLE = "idmaj what-moves case_by_case continued --outcome live_businesses"

Name = Annotated[str, typer.Argument(metavar="STRATEGY", help=A_STRATEGY.capitalize())]
Targets = Annotated[
    list[str] | None, typer.Option("--target", metavar="TEXT", help="'live_businesses >= 300 at 5y'; repeatable.")
]
Keep = Annotated[
    list[str] | None,
    typer.Option("--keep", metavar="TEXT", help="Also: 'share_neediest_served >= baseline - 0.02'; repeatable."),
]
Lever = Annotated[str, typer.Option("--lever", metavar="KEY", help="What is to be sized: any number.")]
Low = Annotated[
    float | None, typer.Option("--from", parser=decimal, metavar="X", help="Smallest size; else the least.")
]
High = Annotated[
    float | None, typer.Option("--to", parser=decimal, metavar="X", help="Largest; else twice what it has.")
]
Step = Annotated[float | None, typer.Option("--step", parser=decimal, metavar="X", help="Else about 40 sizes.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command(epilog=f"Example: {SIZE_EXAMPLE}")(size)
    app.command("what-moves", epilog=f"Example: {MOVES_EXAMPLE}")(what_moves)


def size(
    strategy: Name,
    target: Targets = None,
    keep: Keep = None,
    chance: Annotated[
        float, typer.Option("--chance", parser=decimal, metavar="SHARE", help="With which all shall be met.")
    ] = 0.8,
    base: Annotated[
        str | None, typer.Option("--base", metavar="STRATEGY", help="The baseline; by default the strategy as it is.")
    ] = None,
    lever: Lever = LEVER,
    low: Low = None,
    high: High = None,
    step: Step = None,
    start: Start = PLAN_START,
    draws: Draws = WORLDS,
    seed: Seed = 1,
    hindsight: Hindsight = False,
    workers: Workers = None,
    posterior: Posterior = None,
    out: Out = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Find the smallest yearly budget, or other lever, that meets targets with a given chance; or say why none does."""
    from ..scenarios.decisions.sizing import FEWEST
    from ..scenarios.questions.size import size as answer_of
    from .answers import deliver

    if not 0 < chance < 1:
        raise UserError("--chance: found {chance:g}, accepted a share between 0 and 1, as 0.8 for 80 %", chance=chance)
    asked = Asked(
        start, None, draws, None, seed,
        hindsight=hindsight, posterior=posterior, workers=workers, out=out, force=force, fewest=FEWEST,
    )  # fmt: skip
    asked.check()
    wanted = Wanted(strategy, base, target or [], keep or [], lever, low, high, step)
    command = asked.command("size", [strategy], [*wanted.options, ("--chance", chance), ("--base", base)])
    deliver(answer_of(_ladder(wanted, asked, command), chance), command, out, as_json, _size_figures)


def what_moves(
    strategy: Name,
    base: Annotated[
        str | None,
        typer.Argument(metavar="[BASE]", help="Then it is the difference from this one; with --size the baseline."),
    ] = None,
    outcome: Annotated[
        str | None, typer.Option("--outcome", metavar="NAME", help=f"What is looked at; else {OUTCOME}.")
    ] = None,
    of_size: Annotated[bool, typer.Option("--size", help="Look at the size that --target needs.")] = False,
    target: Targets = None,
    keep: Keep = None,
    lever: Lever = LEVER,
    low: Low = None,
    high: High = None,
    step: Step = None,
    start: Start = PLAN_START,
    years: Annotated[int | None, typer.Option("--years", metavar="N", help="Length of the plan; else 10.")] = None,
    draws: Annotated[
        int | None, typer.Option("--draws", metavar="N", help=f"Guesses; else {DRAWS}, with --size {WORLDS}.")
    ] = None,
    replications: Annotated[
        int | None, typer.Option("--replications", metavar="N", help="Courses of luck under each guess; else 2.")
    ] = None,
    seed: Seed = 1,
    hindsight: Hindsight = False,
    workers: Workers = None,
    posterior: Posterior = None,
    out: Out = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """See which assumptions an outcome, or a difference between two strategies, hangs on; the rest is noise."""
    from ..scenarios.decisions.tornado import FEWEST
    from ..scenarios.questions.what_moves import check_outcome, what_moves_size
    from ..scenarios.questions.what_moves import what_moves as answer_of
    from .answers import deliver, runner

    wanted = Wanted(strategy, base, target or [], keep or [], lever, low, high, step)
    _check_size_or_not(of_size, wanted, {"--outcome": outcome, "--years": years, "--replications": replications})
    more = {"hindsight": hindsight, "posterior": posterior, "workers": workers, "out": out, "force": force}
    if of_size:
        numbers = None, WORLDS if draws is None else draws, None
    else:
        usual = (years, PLAN_YEARS), (draws, DRAWS), (replications, REPLICATIONS)
        numbers = tuple(value if given is None else given for given, value in usual)
    asked = Asked(start, *numbers, seed, fewest=FEWEST, **more)
    asked.check()
    names = [strategy] if base is None else [strategy, base]
    if of_size:
        command = asked.command("what-moves", names, [("--size", True), *wanted.options])
        answer = what_moves_size(_ladder(wanted, asked, command))
    else:
        outcome = outcome or OUTCOME
        check_outcome(outcome)
        command = asked.command("what-moves", names, [("--outcome", outcome)])
        answer = answer_of(asked.plan(reversed(names)), outcome, runner(asked.labour, command))
    deliver(answer, command, out, as_json, _tornado_figures)


class Wanted(NamedTuple):
    """A size that is asked for, as it stands on the command line."""

    strategy: str
    base: str | None
    target: list[str]
    keep: list[str]
    lever: str
    low: float | None
    high: float | None
    step: float | None

    @property
    def options(self) -> list[Option]:
        """Its options, for the command that gives the same numbers again."""
        found: list[Option] = [("--target", text) for text in self.target]
        found += [("--keep", text) for text in self.keep]
        return [*found, ("--lever", self.lever), ("--from", self.low), ("--to", self.high), ("--step", self.step)]


def _check_size_or_not(of_size: bool, wanted: Wanted, others: dict[str, object]) -> None:
    """Refuse options that the question does not use: a size has its targets, an outcome its plan."""
    if of_size:
        strange = [option for option, value in others.items() if value is not None]
        if strange:
            raise UserError(
                "{strange}: found it beside --size; accepted without: the targets say what and when", strange=strange[0]
            )
    else:
        numbers = {"--from": wanted.low, "--to": wanted.high, "--step": wanted.step}
        given = {"--target": wanted.target or None, "--keep": wanted.keep or None, **numbers}
        given["--lever"] = None if wanted.lever == LEVER else wanted.lever
        strange = [option for option, value in given.items() if value is not None]
        if strange:
            hint = _("accepted: --size, or --outcome for what is looked at")
            raise UserError("{strange}: found no --size beside it; {hint}", strange=strange[0], hint=hint)


def _ladder(wanted: Wanted, asked: Asked, command: str) -> Ladder:
    """Check all that was asked, before anything is computed, and run the baseline."""
    from ..scenarios.questions.size import Ladder, sizes_of
    from ..scenarios.questions.targets import targets_of
    from ..scenarios.variants import lever_of
    from .answers import runner

    targets, column = targets_of(wanted.target, wanted.keep), lever_of(wanted.lever)
    (strategy,) = strategies_of([wanted.strategy], "STRATEGY")
    sizes = sizes_of(strategy, column, asked.month, wanted.low, wanted.high, wanted.step)
    years = max(target.years for target in targets)
    plan = replace(asked, years=years, replications=1).plan([wanted.base or wanted.strategy], "--base")
    return Ladder(plan, strategy, column, sizes, targets, runner(asked.labour, command))


def _size_figures(answer: Answer) -> list[Figure]:
    """Return the picture of the chance at each size."""
    from ..scenarios.questions.size import CURVE
    from .answers import Figure
    from .size_figures import chance_figure

    curve = answer.table(CURVE)
    facts = dict(answer.facts)
    if facts["reachable"]:
        words = _(
            "By size, the share of worlds in which all targets are met, with its 95 % interval; the dashed line is the "
            "chance asked; the upright line is the answer, the grey band its 95 % interval."
        )
    else:
        words = _(
            "By size, the share of worlds in which all targets are met, with its 95 % interval; the dashed line is the "
            "chance asked."
        )
    drawn = [chance_figure(curve, facts, facts["unit"], f"{words} {answer.sentence}", cut) for cut in (False, True)]
    return [Figure(_("Chance of meeting the targets, by size"), words, *drawn)]


def _tornado_figures(answer: Answer) -> list[Figure]:
    """Return the picture of what moves an answer."""
    from ..scenarios.questions.what_moves import BARS
    from .answers import Figure
    from .size_figures import tornado_figure

    table = answer.table(BARS)
    words = _(
        "Each bar goes from the answer where an assumption is in its lowest fifth to that in its highest (the tip "
        "points there). Grey bars are no longer than noise alone can make them; the grey band is that length."
    )
    label = str(answer.facts["label"])
    drawn = [tornado_figure(table, label, f"{words} {answer.sentence}", cut) for cut in (False, True)]
    return [Figure(_("What moves it most"), words, *drawn)]
