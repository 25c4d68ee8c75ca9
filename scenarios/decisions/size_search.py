"""The search behind `sizing`: which sizes to try, in which worlds, and what follows for those not tried.

Sizes are places on a grid. In a world where more never hurts, one place that fails rules out all below it and one
that meets the targets settles all above it; so only worlds that are still open at a place are run there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .chances import isotonic
from .paired import Floats

if TYPE_CHECKING:
    import pandas as pd

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Evaluate = Callable[[float, Ints], "pd.DataFrame"]
"""Takes a size and the worlds to run it in; returns a row for each, in that order, and a column per constraint: its
margin, at least 0 where it is met. A missing margin (NaN) counts as not met."""

MAY_FALL = 0.05
"""Share of worlds in which more may be seen to be worse before worlds lose their own sizes (judgement)."""
COARSE = 5
"""Sizes tried in every world at first."""
OPEN, FAILS, MEETS = -1, 0, 1


def coarse(places: int) -> Ints:
    """Return the places that are tried first, in every world: both ends, and some between."""
    return np.unique(np.linspace(0, places - 1, COARSE).round().astype(np.int64))


class SizeSearch:
    """What is known of every world at every place.

    Attributes
    ----------
    known : array (worlds, places) of int
        `MEETS`, `FAILS`, or `OPEN` where it was not run.
    margins : dict of array (worlds, constraints)
        By place; NaN in worlds that were not run there.
    evaluations : int
        Worlds run, over all sizes.
    """

    def __init__(self, evaluate: Evaluate, sizes: Floats, worlds: int) -> None:
        self.evaluate, self.sizes = evaluate, sizes
        self.known = np.full((worlds, sizes.size), OPEN)
        self.margins: dict[int, Floats] = {}
        self.constraints: list[str] = []
        self.evaluations = 0
        self.everyone = np.ones(worlds, dtype=bool)

    def start(self) -> None:
        """Try a coarse grid of sizes, its two ends included, in every world."""
        for place in coarse(self.sizes.size):
            self.ask(int(place), self.everyone)

    def ask(self, place: int, who: Bools) -> None:
        """Run a size in those of some worlds that have not been run there."""
        which = np.flatnonzero(who & (self.known[:, place] == OPEN))
        if not which.size:
            return
        table = self.evaluate(float(self.sizes[place]), which)
        names = [str(name) for name in table.columns]
        self.constraints = self.constraints or names
        if len(table) != which.size or names != self.constraints:
            raise ValueError(
                f"evaluate: found {len(table)} rows of {names}, accepted {which.size} of {self.constraints}"
            )
        found = table.to_numpy(dtype=np.float64)
        kept = self.margins.setdefault(place, np.full((len(self.known), len(names)), np.nan))
        kept[which] = found
        self.known[which, place] = np.where(np.all(found >= 0, axis=1), MEETS, FAILS)
        self.evaluations += which.size

    @property
    def bounds(self) -> tuple[Ints, Ints]:
        """Per world the greatest place that fails (-1: none) and the least above it that meets (past the end: none)."""
        places = np.arange(self.sizes.size)
        fails = np.where(self.known == FAILS, places, -1).max(axis=1)
        meets = np.where((self.known == MEETS) & (places > fails[:, None]), places, self.sizes.size).min(axis=1)
        return fails, meets

    @property
    def falling(self) -> float:
        """Share of worlds in which a size met some constraint and a larger one did not.

        Constraint by constraint: one that rises and one that falls may never be met together where sizes were tried.
        """
        met, fell = np.zeros((2, len(self.known), len(self.constraints)), dtype=bool)
        for place in sorted(self.margins):
            run = (self.known[:, place] != OPEN)[:, None]
            now = self.margins[place] >= 0
            fell |= run & met & ~now
            met |= run & now
        return float(np.mean(fell.any(axis=1)))

    @property
    def rising(self) -> bool:
        """Whether worlds may have sizes of their own."""
        return self.falling <= MAY_FALL

    def full(self, who: Bools) -> Ints:
        """Return the places at which all of some worlds were run, in order."""
        return np.flatnonzero(np.all(self.known[who] != OPEN, axis=0))

    def hits(self, place: int, who: Bools) -> int:
        """Return in how many of some worlds a size that was run in all meets the targets."""
        return int(np.sum(self.known[who, place] == MEETS))

    def least(self, wanted: int, who: Bools) -> int:
        """Return the least place that meets the targets in so many of some worlds; past the end where none does."""
        while True:
            low, high = self._between(wanted, who) if self.rising else self._between_pooled(wanted, who)
            if high - low <= 1:
                return high
            middle = (low + high) // 2
            fails, meets = self.bounds
            self.ask(middle, who & (fails < middle) & (middle < meets) if self.rising else who)

    def _between(self, wanted: int, who: Bools) -> tuple[int, int]:
        """Return a place that is too small and one that is large enough, from each world's own bounds.

        A size lies between the bounds of its world, so an ordered size lies between the ordered bounds.
        """
        fails, meets = self.bounds
        return int(np.sort(fails[who])[wanted - 1]), int(np.sort(meets[who])[wanted - 1])

    def _between_pooled(self, wanted: int, who: Bools) -> tuple[int, int]:
        """Return the first gap worth a look, or the first place where counts, made to rise up to their peak, suffice.

        A gap between two places is worth a look if at one of its ends or the other each constraint is met in enough
        worlds: between them all may be, even where they are not at either end.
        """
        places = self.full(who)
        each = np.stack([np.sum(self.margins[int(place)][who] >= 0, axis=0) for place in places])
        counts = np.array([self.hits(int(place), who) for place in places], dtype=np.float64)
        enough = np.flatnonzero(isotonic(counts[: int(np.argmax(counts)) + 1]) >= wanted)
        last = int(enough[0]) if enough.size else len(places) - 1
        for at in range(last):
            gap = int(places[at]), int(places[at + 1])
            if gap[1] - gap[0] > 1 and np.all(np.maximum(each[at], each[at + 1]) >= wanted):
                return gap
        first = int(places[last]) if enough.size else self.sizes.size
        return first - 1, first

    def look_beside(self, wanted: int) -> None:
        """Close in on the sizes at which all constraints but one cease to be met in enough worlds.

        There the one that is left out comes nearest to its target.
        """
        for left_out in range(len(self.constraints)):
            while True:
                places = self.full(self.everyone)
                met = [np.delete(self.margins[int(place)] >= 0, left_out, axis=1).all(axis=1) for place in places]
                enough = np.array([each.sum() >= wanted for each in met])
                edges = np.flatnonzero((enough[:-1] != enough[1:]) & (np.diff(places) > 1))
                if not edges.size:
                    break
                self.ask(int(places[edges[0] : edges[0] + 2].sum()) // 2, self.everyone)

    def settle(self, wanted: int, who: Bools) -> int:
        """Return `least`, after the size was really run in all of the worlds and still stands."""
        while True:
            place = self.least(wanted, who)
            if place >= self.sizes.size:
                return place
            open_ = bool(np.any(self.known[who, place] == OPEN))
            self.ask(place, who)
            if not open_:
                return place
