"""How much of something is needed: the smallest size that meets its targets with a given chance, or why none is named.

With nested populations and common luck every world (one draw of the numbers nobody knows, one course of luck) has a
least size of its own. The size that meets the targets with chance q is the q-quantile of these, so the answer is one
of them in order, and its interval two others, exact by the binomial distribution: no run is spent on fresh noise.
Where more is at times worse there are no such sizes; then all worlds are run at each size tried, by bisection, and
shares that fall are pooled (isotonic regression).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ...sim import UserError
from ..labels import percent
from ..language import _, written
from .chances import order_statistics, wilson
from .paired import Floats
from .size_search import Bools, Evaluate, SizeSearch

if TYPE_CHECKING:
    import pandas as pd

WIDEST = 1.0
"""Width of an interval, in times the answer, beyond which there is no answer (judgement)."""
FEWEST = 20
"""Worlds below which no size is sought (judgement): of 20, an 80 % quantile lies between the 12th and the 20th."""
JSON = ("reachable", "answer", "unit", "low", "high", "chance", "chance_low", "chance_high", "binding", "reason")


@dataclass(frozen=True)
class Sizes:
    """Which sizes may be answered: from `low` to `high` by `step`, in some unit."""

    low: float
    high: float
    step: float
    unit: str

    def __post_init__(self) -> None:
        if not (self.step > 0 and self.high > self.low):
            found = _("{low:g} to {high:g} by {step:g}", low=self.low, high=self.high, step=self.step)
            raise UserError(
                "sizes: found {found}, accepted: from a smaller to a larger size, by a step above 0", found=found
            )

    @property
    def grid(self) -> Floats:
        """The sizes, the last of them at most `high`."""
        return self.low + self.step * np.arange(int((self.high - self.low) / self.step + 1e-9) + 1, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Sizing:
    """A size, or the reason why there is none.

    Attributes
    ----------
    reachable : bool or None
        Whether a size in the range meets the targets; None where the evidence cannot tell, or tells too little.
    answer : float
        The smallest size that does; NaN where none does. Also given where `reachable` is None, not to be quoted.
    unit : str
    low, high : float
        95 % interval of it; infinite where no size in the range is large enough.
    chance, chance_low, chance_high : float
        Share of worlds in which the answer (or the best size, where there is none) meets all targets, run in every
        one of them, and its 95 % interval (Wilson).
    binding : str
        The constraint that fails most often just below the answer, or at the best size where there is none.
    reason : str
        How it was found, or why not, in words.
    nearest : dict of float
        Where out of reach: for each constraint, by how much its target would have to give way to be met with the
        chance asked, all others kept (a margin; NaN where that does not help).
    structures : DataFrame
        ``of, structure, worlds, answer, low, high``: the size that each structure alone would ask for.
    curve : DataFrame
        Sizes run in all worlds: ``size, share, low, high``, then per constraint the share of worlds that meets it.
    own_sizes : bool
        Whether worlds have least sizes of their own; False after bisection.
    worlds, evaluations : int
        Worlds, and worlds run over all sizes.
    """

    reachable: bool | None
    answer: float
    unit: str
    low: float
    high: float
    chance: float
    chance_low: float
    chance_high: float
    binding: str
    reason: str
    nearest: dict[str, float] = field(repr=False)
    structures: pd.DataFrame = field(repr=False)
    curve: pd.DataFrame = field(repr=False)
    own_sizes: bool
    worlds: int
    evaluations: int

    @property
    def facts(self) -> dict[str, Any]:
        """What goes into JSON, by name; None where there is no number."""
        found = {name: getattr(self, name) for name in JSON}
        missing = [name for name, value in found.items() if isinstance(value, float) and not np.isfinite(value)]
        return found | dict.fromkeys(missing)


def size_for(
    evaluate: Evaluate,
    sizes: Sizes,
    worlds: int,
    chance: float = 0.8,
    structure: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
    widest: float = WIDEST,
    called: Mapping[str, str] | None = None,
) -> Sizing:
    """Find the smallest size that meets all targets with a given chance.

    Parameters
    ----------
    evaluate : callable
        Takes a size and an array of worlds (0 to `worlds` - 1); returns a DataFrame with a row for each, in that
        order, and a column per constraint: its margin, at least 0 where it is met (`size_search`).
    sizes : Sizes
    worlds : int
        Independent worlds: as many draws, each with one course of luck that all sizes share.
    chance : float
        Share of worlds in which the targets shall be met.
    structure : sequence of str, or mapping of them, optional
        The structure of the model in each world: answers are also found for each alone. Where structures differ in
        more than one way, by what they differ in: ``{"family": [...], "crowding": [...]}``.
    widest : float
        Width of the interval, and distance between structures, in times the answer, beyond which there is no answer.
    called : mapping, optional
        What people call constraints; by default as their columns are named.

    Raises
    ------
    UserError
        If `chance` is not between 0 and 1, or worlds are too few.
    """
    if not 0 < chance < 1:
        raise UserError("--chance: found {chance:g}, accepted a share between 0 and 1, as 0.8 for 80 %", chance=chance)
    if worlds < FEWEST:
        raise UserError(
            "draws: found {worlds}, accepted at least {fewest}: with fewer no size can be told",
            worlds=worlds,
            fewest=FEWEST,
        )
    ways = structure if isinstance(structure, Mapping) else {} if structure is None else {"structure": structure}
    for labels in ways.values():
        if len(labels) != worlds:
            raise ValueError(f"structure: found {len(labels)} labels, accepted {worlds}, one for each world")
    search = SizeSearch(evaluate, sizes.grid, worlds)
    search.start()
    ranks = order_statistics(worlds, chance)
    while True:  # a size that is run may show that worlds have no own sizes: then all is found anew
        before = search.evaluations
        middle = search.settle(ranks[1], search.everyone)
        low, high = _ends(search, ranks, search.everyone)
        parts = _by_structure(search, ways, chance)
        if middle == search.sizes.size and not search.rising:
            search.look_beside(ranks[1])
        if search.evaluations == before:
            break
    return _result(search, sizes, chance, (low, middle, high), ranks, parts, widest, called or {})


def _ends(search: SizeSearch, ranks: tuple[int, int, int], who: Bools) -> tuple[int, int]:
    """Return the places of the interval; the first place, or past the end, where no ordered size is far enough out."""
    low = search.least(ranks[0], who) if ranks[0] else 0
    high = search.least(ranks[2], who) if ranks[2] <= int(who.sum()) else search.sizes.size
    return low, high


def _by_structure(search: SizeSearch, ways: Mapping[str, Sequence[str]], chance: float) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for of, name in [(of, name) for of, labels in ways.items() for name in dict.fromkeys(labels)]:
        who = np.array([each == name for each in ways[of]])
        ranks = order_statistics(int(who.sum()), chance)
        low, high = _ends(search, ranks, who)
        places = (search.least(ranks[1], who), low, high)
        rows.append((of, name, int(who.sum()), *(_size(search, place) for place in places)))
    return pd.DataFrame(rows, columns=["of", "structure", "worlds", "answer", "low", "high"])


def _size(search: SizeSearch, place: int) -> float:
    return float(search.sizes[place]) if place < search.sizes.size else float("inf")


def _result(
    search: SizeSearch,
    sizes: Sizes,
    chance: float,
    places: tuple[int, int, int],
    ranks: tuple[int, int, int],
    structures: pd.DataFrame,
    widest: float,
    called: Mapping[str, str],
) -> Sizing:
    low, answer, high = (_size(search, place) for place in places)
    tried = search.full(search.everyone)
    most, _count, best = max(
        (search.hits(place, search.everyone), _met(search, place), place) for place in tried.tolist()
    )
    at = places[1] if np.isfinite(answer) else best
    met = search.hits(at, search.everyone)
    worlds = len(search.known)
    reachable: bool | None = True
    nearest: dict[str, float] = {}
    if not np.isfinite(answer):
        reachable = False if most < ranks[0] else None
        nearest = _nearest(search, ranks[1])
        eased = {called.get(name, name): margin for name, margin in nearest.items()}
        words = _beyond(search, best, chance, eased, firm=reachable is False)
    else:
        words = _how(search, ranks, places[1], chance)
        doubt = _doubt(answer, low, high, structures, widest)
        if doubt:
            reachable, words = None, _("{doubt}; {how}", doubt=doubt, how=words)
    return Sizing(
        reachable,
        answer if np.isfinite(answer) else float("nan"),
        sizes.unit,
        low,
        high,
        met / worlds,
        *wilson(met, worlds),
        _binding(search, at - 1 if np.isfinite(answer) else at),
        words,
        nearest,
        structures,
        _curve(search),
        search.rising,
        worlds,
        search.evaluations,
    )


def plain(value: float) -> str:
    """Write a number as people do: 3,600,000, and 0.0125."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _how(search: SizeSearch, ranks: tuple[int, int, int], place: int, chance: float) -> str:
    worlds = len(search.known)
    if search.rising:
        words = _(
            "every world has its own least size; the answer is number {rank} of {worlds} in order",
            rank=written(str(ranks[1])), worlds=written(str(worlds)),
        )  # fmt: skip
    else:
        share = percent(search.falling)
        words = _("bisection with shares made to rise, since in {share} % of the worlds more was at some size worse",
                  share=share)  # fmt: skip
        above = [each for each in search.full(search.everyone) if each > place]
        lost = [each for each in above if search.hits(int(each), search.everyone) < ranks[1]]
        if lost:
            size = written(plain(search.sizes[lost[0]]))
            words += _("; at {size} the chance is below {chance}% again", size=size, chance=percent(chance))
    return words + _("; met already at the least size of the range") if place == 0 else words


def _met(search: SizeSearch, place: int) -> int:
    """Return how many constraints are met at a size, over all worlds."""
    return int(np.sum(search.margins[place] >= 0))


def _beyond(search: SizeSearch, best: int, chance: float, nearest: dict[str, float], firm: bool) -> str:
    worlds = len(search.known)
    words = _(
        "at most {share}% of {worlds} worlds meet the targets, at {size}, and {chance}% were asked",
        share=percent(search.hits(best, search.everyone) / worlds), worlds=written(str(worlds)),
        size=written(plain(search.sizes[best])), chance=percent(chance),
    )  # fmt: skip
    helps = [
        _("{target} by {amount}", target=name, amount=written(plain(-margin)))
        for name, margin in nearest.items()
        if margin < 0
    ]
    if helps:
        words += _("; it could be met if the target gave way: {targets}", targets=_(" or ").join(helps))
    if firm:
        return _("out of reach within the range: {why}", why=words)
    return _("not answerable with {worlds} worlds (more draws might reach it): {why}",
             worlds=written(str(worlds)), why=words)  # fmt: skip


def _doubt(answer: float, low: float, high: float, structures: pd.DataFrame, widest: float) -> str:
    """Say why a size that was found is no answer; nothing where it is one."""
    for _of, alike in structures.groupby("of", sort=False):
        ordered = alike.sort_values("answer", kind="stable")
        first, last = ordered.iloc[0], ordered.iloc[-1]
        apart = last["low"] > first["high"]  # else that few worlds of each may differ by chance
        if apart and last["answer"] - first["answer"] > widest * abs(answer):
            far = np.isfinite(last["answer"])
            return _(
                "not answerable with this evidence: {first} asks for {less}, {last} for {more}",
                first=_(first["structure"]), less=written(plain(first["answer"])), last=_(last["structure"]),
                more=written(plain(last["answer"])) if far else _("more than the range holds"),
            )  # fmt: skip
    if not np.isfinite(high):
        return _("not answerable with this evidence: no size in the range is surely large enough")
    if high - low > widest * abs(answer):
        ends = {"low": written(plain(low)), "high": written(plain(high))}
        return _("not answerable with this evidence: it may be {low} as well as {high}", **ends)
    return ""


def _binding(search: SizeSearch, place: int) -> str:
    """Name the constraint that fails in most worlds at a size, or at the next smaller one that was run and fails."""
    for each in sorted((each for each in search.margins if each <= place), reverse=True):
        margins = search.margins[each]
        run = search.known[:, each] >= 0
        fails = np.sum(~(margins[run] >= 0), axis=0)
        if fails.any():
            return " and ".join(
                name for name, count in zip(search.constraints, fails, strict=True) if count == fails.max()
            )
    return ""


def _nearest(search: SizeSearch, wanted: int) -> dict[str, float]:
    """Return the largest margin of each constraint that enough worlds have at some size, all others met."""
    nearest = dict.fromkeys(search.constraints, float("nan"))
    for place in search.full(search.everyone):
        margins = search.margins[int(place)]
        met = margins >= 0
        for column, name in enumerate(search.constraints):
            others = np.delete(met, column, axis=1).all(axis=1) & ~np.isnan(margins[:, column])
            if others.sum() >= wanted:
                nearest[name] = float(np.fmax(nearest[name], np.sort(margins[others, column])[-wanted]))
    return nearest


def _curve(search: SizeSearch) -> pd.DataFrame:
    import pandas as pd

    worlds = len(search.known)
    rows = []
    for place in search.full(search.everyone):
        met = search.hits(int(place), search.everyone)
        shares = np.mean(search.margins[int(place)] >= 0, axis=0)
        rows.append((float(search.sizes[place]), met / worlds, *wilson(met, worlds), *shares))
    return pd.DataFrame(rows, columns=["size", "share", "low", "high", *search.constraints])
