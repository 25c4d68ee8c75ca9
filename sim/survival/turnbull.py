"""Survival where an ending is only known to lie between two visits: Turnbull's self-consistent estimator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .columns import Floats, checked_brackets, checked_times, checked_weights

if TYPE_CHECKING:
    import pandas as pd

Places = npt.NDArray[np.intp]
TOLERANCE = 1e-9
"""Of a share, and of the gain in log-likelihood per spell that moving a share elsewhere could still bring."""
DYING = -1e-4
"""A cell that would gain this much per spell from less of a share has none at the maximum."""
ROUNDS = 20_000


@dataclass(frozen=True, eq=False)
class TurnbullCurve:
    """Where the endings lie, as far as the data can tell: m cells (left, right] and the share in each.

    Within a cell the data do not say where: survival is known outside cells only (`survival_bounds`).

    Attributes
    ----------
    left, right : array (m,)
        The cells, ascending; equal for an ending at an exact time, `right` infinite for what had not ended.
    share : array (m,)
        Share that ends in each cell; they make 1.
    survival : array (m,)
        Share still going after each cell.
    log_likelihood : float
        Of the whole sample.
    gap : float
        The most that moving a share to any other cell could still add to the log-likelihood, per spell.
    rounds : int
        Rounds of expectation and maximisation that were needed.
    """

    left: Floats
    right: Floats
    share: Floats
    survival: Floats
    log_likelihood: float
    gap: float
    rounds: int

    def table(self) -> pd.DataFrame:
        """Give one row for each cell."""
        import pandas as pd

        return pd.DataFrame({"left": self.left, "right": self.right, "share": self.share, "survival": self.survival})


def turnbull(
    entry: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike, *, weight: npt.ArrayLike | None = None
) -> TurnbullCurve:
    """Estimate survival from endings known only to lie in (lower, upper] (non-parametric maximum likelihood).

    With left truncation the curve is conditional on lasting to the smallest entry, and a risk set that
    empties early drives it to zero for good, as it does with `kaplan_meier`; spells that enter later then
    count for nothing.

    Parameters
    ----------
    entry : array (n,) or one number
        When each spell came under observation, >= 0 (0: no truncation).
    lower, upper : array (n,)
        The spell was going at `lower` >= entry and had ended by `upper`. Equal: it ended then. `upper`
        infinite: it had not ended (right censored). `lower` equal to `entry`: left censored.
        `known_between` makes them of exits and events.
    weight : array (n,), optional
        How many spells each row stands for.

    Raises
    ------
    ValueError
        If lengths differ, a value is missing, negative or out of order, nothing has weight, or the
        estimate does not settle.

    Notes
    -----
    Turnbull 1976, J. R. Stat. Soc. B 38, on the cells of Frydman 1994, J. R. Stat. Soc. B 56, who counts
    entries among their right ends. The rounds of expectation and maximisation are sped up by squared
    extrapolation (Varadhan & Roland 2008, Scand. J. Stat. 35) and end when the Kuhn-Tucker conditions hold:
    no cell would gain from more, none that has a share would gain from less (Gentleman & Geyer 1994,
    Biometrika 81); without truncation that is proof of a maximum, with it of a stationary point. Intervals
    are open on the left and closed on the right, as in R's `survfit`, `icenReg` and `interval`.
    """
    start, low, high = checked_brackets(entry, lower, upper)
    many = checked_weights(weight, start.size)
    sample = _arranged(start, low, high, many)
    share, rounds = _settled(sample)
    kept = share > TOLERANCE
    share = np.where(kept, share, 0.0)
    share /= share.sum()
    exact = np.nextafter(sample.left, np.inf) == sample.right
    left = np.where(exact, sample.right, sample.left)
    after = np.maximum(1.0 - np.cumsum(share), 0.0)
    after[np.flatnonzero(kept)[-1] :] = 0.0
    gap = max(float(sample.pull(share).max()) / sample.weight.sum(), 0.0)
    known = sample.log_likelihood(share)
    return TurnbullCurve(left[kept], sample.right[kept], share[kept], after[kept], known, gap, rounds)


def survival_bounds(curve: TurnbullCurve, times: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Read the least and the most that can be still going just after each of `times`.

    Outside cells the two agree; within a cell its share may have ended or not.

    Raises
    ------
    ValueError
        If a time is negative or not a number.
    """
    at = checked_times(times)
    ended = np.concatenate(([0.0], np.cumsum(curve.share)))
    surely = np.searchsorted(curve.right, at, side="right")
    perhaps = np.maximum(np.searchsorted(curve.left, at), surely)
    return np.maximum(1.0 - ended[perhaps], 0.0), np.maximum(1.0 - ended[surely], 0.0)


@dataclass(frozen=True, eq=False)
class _Sample:
    """The spells on the cells: each may end in cells first..last-1, and was seen to last to cell `begin`.

    Cells of a spell are neighbours, so sums over them are differences of cumulative sums: a round costs n + m.
    """

    left: Floats
    right: Floats
    first: Places
    last: Places
    begin: Places
    weight: Floats

    def chances(self, share: Floats) -> tuple[Floats, Floats]:
        """Give each spell's chance of ending where it did, and of lasting to where it entered."""
        ahead = np.concatenate((np.cumsum(share[::-1])[::-1], [0.0]))
        return ahead[self.first] - ahead[self.last], ahead[self.begin]

    def log_likelihood(self, share: Floats) -> float:
        ended, seen = self.chances(share)
        if not (ended > 0.0).all():
            return -np.inf
        return float(self.weight @ (np.log(ended) - np.log(seen)))

    def pull(self, share: Floats) -> Floats:
        """Give the slope of the log-likelihood by the share of each cell; weighted by shares it is 0."""
        return self._slope(*self.chances(share))

    def round(self, share: Floats) -> Floats:
        """Share out each spell, and the unseen ones it stands for, over its cells in the present proportions."""
        ended, seen = self.chances(share)
        everyone = np.sum(self.weight / seen)
        fresh: Floats = share * np.maximum(1.0 + self._slope(ended, seen) / everyone, 0.0)
        fresh /= fresh.sum()
        return fresh

    def _slope(self, ended: Floats, seen: Floats) -> Floats:
        m = self.left.size + 1
        own, needed = self.weight / ended, self.weight / seen
        steps = np.bincount(self.first, own, m) - np.bincount(self.last, own, m) - np.bincount(self.begin, needed, m)
        return np.cumsum(steps)[:-1]


def _arranged(start: Floats, low: Floats, high: Floats, weight: Floats) -> _Sample:
    """Find the cells that can have a share, and place the spells on them; equal spells become one row."""
    counted = weight > 0.0
    start, low, high, weight = start[counted], low[counted], high[counted], weight[counted]
    if not start.size:
        raise ValueError("there are no spells; accepted: at least one with a weight above 0")
    low = np.where(low == high, np.nextafter(high, -np.inf), low)  # an exact time is the narrowest interval
    left, right = _cells(low, np.unique(np.concatenate((high, start))))
    first, last, _ = _places(left, right, start, low, high)
    inside = np.cumsum(np.bincount(first, minlength=left.size + 1) - np.bincount(last, minlength=left.size + 1))
    useful = inside[:-1] > 0
    left, right = left[useful], right[useful]
    needed = _needed(*_places(left, right, start, low, high), left.size)
    left, right = left[needed], right[needed]
    places = np.stack(_places(left, right, start, low, high))
    known = places[0] < places[1]
    rows, which = np.unique(places[:, known], axis=1, return_inverse=True)
    many = np.bincount(np.ravel(which), weight[known]).astype(np.float64)
    return _Sample(left, right, rows[0], rows[1], rows[2], many)


def _places(left: Floats, right: Floats, start: Floats, low: Floats, high: Floats) -> tuple[Places, Places, Places]:
    """Give the first cell each spell may end in, the first after those, and the first it was seen to last to."""
    first, last = np.searchsorted(left, low), np.searchsorted(right, high, side="right")
    return first, last, np.searchsorted(left, start)


def _needed(first: Places, last: Places, begin: Places, m: int) -> npt.NDArray[np.bool_]:
    """Mark the cells that matter where nobody bridges early and late entries.

    Where all that entered before cell c may also end before it, what is from c on only serves those who enter
    later, for whom shares from c on are relative: less of it costs nothing. If that is a gain to anybody, the
    risk set has emptied, and the curve is zero whatever follows; if not, all early ones were lost before, and
    the curve stays where it was: there is nothing in the cell before c.
    """
    c = np.arange(1, m + 1)
    bridge, gainer = np.full(m + 1, -1), np.full(m + 1, -1)
    np.maximum.at(bridge, begin + 1, first)
    np.maximum.at(gainer, begin + 1, np.where(last < m, last, -1))
    split = (np.maximum.accumulate(bridge)[1:] < c) & (c < m)
    emptied = split & (np.maximum.accumulate(gainer)[1:] >= c)
    end = int(c[emptied].min(initial=m))
    return (c <= end) & ~(split & (c < end))


def _cells(lefts: Floats, rights: Floats) -> tuple[Floats, Floats]:
    """Give the intervals that run from a left end to a right end with no other end between them."""
    lefts = np.unique(lefts)
    below = np.searchsorted(lefts, rights) - 1  # the last left end before each right end
    new = (below >= 0) & (np.diff(below, prepend=-1) > 0)
    return lefts[below[new]], rights[new]


def _settled(sample: _Sample) -> tuple[Floats, int]:
    """Repeat rounds, extrapolating two of them at a time, until no share would gain from moving."""
    share = np.full(sample.left.size, 1.0 / sample.left.size)
    total = sample.weight.sum()
    for rounds in range(1, ROUNDS):
        pull = sample.pull(share) / total
        if pull.max() <= TOLERANCE and share @ np.abs(pull) <= TOLERANCE:
            dying = (share > 0.0) & (pull < DYING)
            if not dying.any():
                return share, rounds
            share = np.where(dying, 0.0, share)
        once = sample.round(share)
        twice = sample.round(once)
        share = _extrapolated(sample, share, once, twice)
    raise ValueError("the estimate does not settle; accepted: more spells under observation early on")


def _extrapolated(sample: _Sample, share: Floats, once: Floats, twice: Floats) -> Floats:
    """Follow the bend of two rounds as far as the likelihood does not fall, or stay with the second."""
    step = once - share
    bend = twice - once - step
    size = np.linalg.norm(bend)
    stride = np.linalg.norm(step) / size if size > 0.0 else 1.0
    known = sample.log_likelihood(once)
    while stride > 1.0:
        far = share + 2.0 * stride * step + stride**2 * bend
        if (far >= 0.0).all() and sample.log_likelihood(far) >= known:
            return sample.round(far)
        stride /= 2.0
    return twice
