"""How much is needed: the smallest budget, or other lever, with which a strategy meets its targets with some chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...sim import OUTCOMES, UserError
from ...sim.policy import Strategy, in_words, key_of, timeline
from ...sim.settings import LEVERS
from ...sim.strategy_words import accepted_by
from ..by_structure import structures_of
from ..decisions.chances import wilson
from ..decisions.size_search import coarse
from ..decisions.sizing import Sizes, Sizing, plain, size_for
from ..experiment import Plan
from ..labels import coded, percent
from ..labels import lever as called_lever
from ..labels import strategy as called_strategy
from ..language import _, later, many, written
from ..results import Experiment
from ..shelf import PARAMETERS
from ..variants import accepts, with_levers
from .answer import Answer, Runner, Table
from .targets import Target

BUDGET = "funding_budget_mad_per_year"
STEPS = 40
"""Sizes of the default range at most."""
MOST_SIZES = 400
CURVE, STRUCTURES = later("Chance by size"), later("Size by structure of the model")


def sizes_of(
    strategy: Strategy,
    column: str,
    start: int,
    low: float | None = None,
    high: float | None = None,
    step: float | None = None,
) -> Sizes:
    """Return which sizes may be answered; by default from nothing to twice what the strategy has at the start.

    Raises
    ------
    UserError
        If the lever is not a number, does not accept one of them, or there are too many.
    """
    lever = LEVERS[column]
    if lever.kind is not None:
        raise UserError(
            "--lever: found {key}, accepted a lever that is a number, as {budget}",
            key=key_of(column),
            budget=key_of(BUDGET),
        )
    own = [each.value for each in timeline(strategy, start)[column] if each.month <= start][-1]
    low = lever.at_least if low is None else low
    if high is None:
        if not 0 < own < math.inf:
            found = _("{key} = {own} in the strategy", key=key_of(column), own=in_words(column, own))
            raise UserError("--to: found none, and {found}; accepted: the largest size to look at", found=found)
        high = min(2 * own, lever.at_most)
    if step is None:
        step = _round((high - low) / STEPS) if high > low else 1.0
        step = max(1.0, round(step)) if lever.whole else step
    sizes = Sizes(low, high, step, lever.unit)
    for option, value in (("--from", low), ("--to", high), ("--step", low + step)):
        if not (math.isfinite(value) and accepts(lever, value)):
            raise UserError(
                "{option}: found {value} for {key}, accepted {accepted}",
                option=option,
                value=plain(value),
                key=key_of(column),
                accepted=accepted_by(lever),
            )
    count = sizes.grid.size
    if count > MOST_SIZES:
        raise UserError(
            "--step: found {step}, which gives {count:,} sizes; accepted at most {most_sizes}",
            step=plain(step),
            count=count,
            most_sizes=MOST_SIZES,
        )
    if count < 2:
        raise UserError(
            "--step: found {step}, which gives a single size; accepted at most {high}",
            step=plain(step),
            high=plain(high - low),
        )
    return sizes


def _round(step: float) -> float:
    """Return the least of 1, 2, 2.5, 5 times a power of ten that is no smaller."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(each * power for each in (1, 2, 2.5, 5, 10) if each * power >= step * (1 - 1e-9))


@dataclass
class Ladder:
    """A strategy at many sizes in the same worlds: margins of its targets, run when they are first asked for.

    The coarse sizes are one plan, and so is every gap between two of them once a size within it is asked for: all
    sizes of a plan share the past of a world, which is most of the work, and a plan that was run is never run again.

    Attributes
    ----------
    plan : Plan
        What all share: its strategy is the baseline, its years those of the latest target, its replications one.
    strategy : Strategy
        Whose lever is set, from the start of the plan on.
    column : str
        The lever.
    sizes : Sizes
    targets : tuple of Target
    run : Runner
    studies : list of Experiment
        What was run; the baseline, alone, first.
    """

    plan: Plan
    strategy: Strategy
    column: str
    sizes: Sizes
    targets: tuple[Target, ...]
    run: Runner
    studies: list[Experiment] = field(default_factory=list)
    margins: dict[int, pd.DataFrame] = field(default_factory=dict)
    values: list[pd.DataFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._baseline = {years: self._ends(replace(self.plan, years=years)) for years in self._dates}

    def __call__(self, size: float, worlds: NDArray[np.int64]) -> pd.DataFrame:
        """Return the margins of all targets at a size, a row for each world."""
        place = int(np.argmin(np.abs(self.grid - size)))
        if place not in self.margins:
            self._live(self._block(place))
        return self.margins[place].iloc[worlds]

    @property
    def grid(self) -> NDArray[np.float64]:
        """The sizes."""
        return self.sizes.grid

    @property
    def baseline(self) -> Experiment:
        """The baseline at the latest date."""
        return self.studies[0]

    @property
    def outcomes(self) -> list[str]:
        """Outcomes that targets are about, each once."""
        return list(dict.fromkeys(target.outcome for target in self.targets))

    @property
    def _dates(self) -> list[int]:
        """Years of the targets, the latest first."""
        return sorted({target.years for target in self.targets}, reverse=True)

    def _block(self, place: int) -> list[int]:
        """Return the places that are run with one: all coarse ones, or all between its two neighbours among them."""
        first = [int(each) for each in coarse(self.grid.size)]
        if place in first:
            return first
        after = int(np.searchsorted(first, place))
        return list(range(first[after - 1] + 1, first[after]))

    def _live(self, places: Sequence[int]) -> None:
        designs = {place: with_levers(self.strategy, {self.column: float(self.grid[place])}) for place in places}
        found: dict[int, dict[str, NDArray[np.float64]]] = {place: {} for place in places}
        for years in self._dates:
            ends = self._ends(replace(self.plan, strategies=tuple(designs.values()), years=years))
            for target in (each for each in self.targets if each.years == years):
                for place, design in designs.items():
                    value = ends[design.key, target.outcome]
                    margin = target.margin(value, self._baseline[years][self.plan.keys[0], target.outcome])
                    found[place][str(target)] = margin
        names = [str(target) for target in self.targets]
        self.margins |= {place: pd.DataFrame(found[place])[names] for place in places}

    def _ends(self, plan: Plan) -> dict[tuple[str, str], NDArray[np.float64]]:
        """Run a plan; return each outcome that a target is about, by strategy and outcome, in order of draws."""
        study = self.run(plan)
        self.studies.append(study)
        if len(study.runs) != plan.draws:
            raise UserError(
                "draws: found {count} that could be run, accepted all {draws}", count=len(study.runs), draws=plan.draws
            )
        wanted = list(dict.fromkeys(target.outcome for target in self.targets if target.years == plan.years))
        ends = study.ends(wanted).sort_values("draw", kind="stable")
        parts = ends.groupby(["strategy", "outcome"], sort=False)["value"]
        return {key: part.to_numpy(dtype=np.float64) for key, part in parts}


def size(ladder: Ladder, chance: float = 0.8) -> Answer:
    """Answer how much of a lever a strategy needs to meet its targets.

    Parameters
    ----------
    ladder : Ladder
        The strategy, its lever and targets, and the plan of the baseline: one course of luck for each draw.
    chance : float
        With which all targets shall be met at once.
    """
    if not 0 < chance < 1:
        raise UserError("--chance: found {chance:g}, accepted a share between 0 and 1, as 0.8 for 80 %", chance=chance)
    kinds = structures_of(pd.read_csv(ladder.baseline.store.folder / PARAMETERS))
    ways = {name: list(kinds[name]) for name in (later("family"), later("crowding"))}
    called = {str(target): target.in_words for target in ladder.targets}
    found = size_for(ladder, ladder.sizes, ladder.plan.draws, chance, structure=ways, called=called)
    return told(found, ladder, chance)


def told(found: Sizing, ladder: Ladder, chance: float) -> Answer:
    """Put what was found into words and tables."""
    lever, name = LEVERS[ladder.column], key_of(ladder.column)
    eased = within_reach(found, ladder.targets)
    about = {"lever": name, "targets": [str(target) for target in ladder.targets]}
    about |= {"asked": chance, "baseline": ladder.plan.keys[0], "worlds": found.worlds, "own_sizes": found.own_sizes}
    about |= {
        "nearest": found.nearest,
        "within_reach": [str(target) for target in eased],
        "range": [ladder.grid[0], ladder.grid[-1]],
    }
    return Answer(
        _question(ladder, chance),
        sentence(found, chance, eased, ladder.targets),
        found.facts | about,
        _tables(found, ladder, lever.unit),
        _rests(found, ladder),
        _mind(ladder),
        tuple(ladder.studies),
    )


def _question(ladder: Ladder, chance: float) -> str:
    called = _("yearly budget") if ladder.column == BUDGET else called_lever(ladder.column)
    return _(
        "What is the smallest {lever} with which '{strategy}' meets, with a chance of {chance}%: {targets}?",
        lever=called, strategy=called_strategy(ladder.strategy.name), chance=percent(chance),
        targets=_(" and ").join(target.in_words for target in ladder.targets),
    )  # fmt: skip


def within_reach(found: Sizing, targets: tuple[Target, ...]) -> list[Target]:
    """Return each target that alone could give way, as it would have to be to be met with the chance asked."""
    eased = []
    for target in targets:
        margin = found.nearest.get(str(target), 0.0)
        if margin < 0.0:
            eased.append(target.eased(-margin))
    return eased


def sentence(found: Sizing, chance: float, nearest: Sequence[Target] = (), targets: Sequence[Target] = ()) -> str:
    """Say the size and how sure it is, or why there is none."""
    ends = {"low": percent(found.chance_low), "high": percent(found.chance_high)}
    met = _("{share} % ({low} to {high} %)", share=percent(found.chance), **ends)
    held = found.binding.split(" and ") if found.binding else []
    words = {str(target): target.in_words for target in targets}
    binding = _(" and ").join(words.get(name, name) for name in held)
    parts = [_("What binds is {targets}.", targets=binding)] if binding else []
    if not found.reachable:
        first = [_("No size is named: {why}.", why=found.reason)]
        if found.answer > 0:
            size = written(plain(found.answer))
            first.append(_("At {size}, not to be relied on, {met} of worlds do.", size=size, met=met))
        if nearest:
            eased = _(" or ").join(target.in_words for target in nearest)
            parts.append(_("Nearest within reach, all else kept: {targets}.", targets=eased))
        return " ".join([*first, *parts])
    said = _(
        "{size} {unit} (95 % interval {low} to {high}) is the smallest that meets all targets with a chance of "
        "{chance} %: in {met} of {worlds} worlds it does.",
        size=written(plain(found.answer)), unit=_(found.unit), low=written(plain(found.low)),
        high=written(plain(found.high)), chance=percent(chance), met=met, worlds=written(str(found.worlds)),
    )  # fmt: skip
    return " ".join([said, *parts])


def _tables(found: Sizing, ladder: Ladder, unit: str) -> tuple[Table, ...]:
    curve = _(
        "Share of worlds that meet all targets at each size that was run, with its 95 % interval, then the share that "
        "meets each target. Sizes in {unit}.",
        unit=_(unit),
    )
    apart = _(
        "The size that worlds of one structure alone would ask for, with its 95 % interval; a dash where no size in "
        "the range is surely enough. Sizes in {unit}.",
        unit=_(unit),
    )
    structures = found.structures.replace([np.inf, -np.inf], np.nan)
    called = {str(target): target.in_words for target in ladder.targets}
    return (Table(CURVE, curve, curve_of(ladder), called=called), Table(STRUCTURES, apart, structures))


def curve_of(ladder: Ladder) -> pd.DataFrame:
    """Return by size that was run the share of worlds that meet all targets, its interval, and that of each target."""
    rows = []
    for place in sorted(ladder.margins):
        met = ladder.margins[place] >= 0
        hits = int(met.all(axis=1).sum())
        rows.append((float(ladder.grid[place]), hits / len(met), *wilson(hits, len(met)), *met.mean()))
    return pd.DataFrame(rows, columns=["size", "share", "low", "high", *map(str, ladder.targets)])


def _rests(found: Sizing, ladder: Ladder) -> tuple[str, ...]:
    plan, sizes = ladder.plan, ladder.grid
    ends = {"low": plain(sizes[0]), "high": plain(sizes[-1]), "step": plain(sizes[1] - sizes[0])}
    said = [
        many(
            "{n} world: as many draws of what nobody knows exactly, each with one course of luck, the same people and "
            "luck at every size.",
            "{n} worlds: as many draws of what nobody knows exactly, each with one course of luck, the same people and "
            "luck at every size.",
            plan.draws,
        ),
        _(
            "Sizes tried: {tried} of {sizes}, from {low} to {high} by {step}; all else is as in the strategy.",
            tried=written(str(len(ladder.margins))), sizes=written(str(sizes.size)),
            **{name: written(text) for name, text in ends.items()},
        ),
    ]  # fmt: skip
    if found.reachable:
        said.append(_("How it was found: {how}.", how=found.reason))
    if any(target.relative for target in ladder.targets):
        base = called_strategy(plan.strategies[0].name)
        said.append(
            _("Baseline is '{strategy}' at its own settings, in the same world and at the same date.", strategy=base)
        )
    for name in ladder.outcomes:
        about = {"meaning": _(OUTCOMES[name].meaning), "unit": _(OUTCOMES[name].unit)}
        said.append(_("{outcome}: {meaning} ({unit}).", outcome=coded(name), **about))
    return tuple(said)


def _mind(ladder: Ladder) -> tuple[str, ...]:
    said = []
    flat = no_more_from(ladder)
    if flat == 0:
        lever = called_lever(ladder.column)
        said.append(_("{lever} changes nothing here: the strategy makes no use of it.", lever=lever))
    elif flat is not None:
        said.append(_("From {size} on, more of it changes nothing.", size=written(plain(ladder.grid[flat]))))
    said.append(
        _(
            "Only this lever changes: what else the strategy sets, as its yearly intake and its advisers, stays and "
            "may hold it back."
        )
    )
    said.append(
        _(
            "What staff, courses and services cost, and much of what they do, is judgement (docs/LIMITS.md), and the "
            "size follows from it."
        )
    )
    return tuple(said)


def no_more_from(ladder: Ladder) -> int | None:
    """Return the least place from which on every larger size that was run gives the same in all worlds, if any."""
    places = sorted(ladder.margins)
    last = ladder.margins[places[-1]].to_numpy()
    alike = None
    for place in reversed(places[:-1]):
        if not np.array_equal(ladder.margins[place].to_numpy(), last, equal_nan=True):
            break
        alike = place
    return alike
