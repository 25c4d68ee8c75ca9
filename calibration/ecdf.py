"""Whether ranks are uniform: a band that holds the whole curve of their distribution at a stated chance, exactly.

After Sailynoja, Burkner & Vehtari 2022, Statistics and Computing 32: at each point the count of ranks below it is
binomial, and the pointwise level is set such that all points together are inside with the chance that was asked for.
That chance is computed exactly, not simulated: given their total, the counts between points are independent Poisson
counts, so the chance is a chain of convolutions (Steck 1971; Moscovich & Nadler 2017).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HALVINGS = 40
"""Steps in which the pointwise level is found: to 1e-12."""


@dataclass(frozen=True, eq=False)
class Band:
    """Where counts of ranks below each point lie, all of them at once, if ranks are uniform.

    Attributes
    ----------
    fits, draws : int
        How many ranks there are, each a whole number from 0 to `draws`.
    at : array (draws,)
        Points: share of the possible ranks that are below rank 1, 2, ..., `draws`.
    low, high : array (draws,) of int
        The least and the most of the ranks that may be below each.
    coverage : float
        Chance that all counts are inside, exactly; the level that was asked for or a little more.
    """

    fits: int
    draws: int
    at: Floats
    low: Ints
    high: Ints
    coverage: float


@functools.lru_cache(maxsize=64)
def ecdf_band(fits: int, draws: int, level: float = 0.95) -> Band:
    """Return the simultaneous band of the distribution of `fits` ranks among `draws` draws.

    Raises
    ------
    ValueError
        If there is no fit or draw, or `level` is not between 0 and 1.
    """
    if fits < 1 or draws < 1 or not 0.0 < level < 1.0:
        raise ValueError(f"fits {fits}, draws {draws}, level {level}; accepted: 1 or more, 1 or more, above 0 below 1")
    at = np.arange(1, draws + 1) / (draws + 1.0)
    below, above = _tails(fits, draws)
    inside, outside = 0.0, 1.0
    for _ in range(HALVINGS):
        half = (inside + outside) / 2.0
        if chance_inside(*_limits(below, above, half), at, fits) >= level:
            inside = half
        else:
            outside = half
    low, high = _limits(below, above, inside)
    return Band(fits, draws, at, low, high, chance_inside(low, high, at, fits))


def chance_inside(low: npt.ArrayLike, high: npt.ArrayLike, shares: npt.ArrayLike, fits: int) -> float:
    """Return the chance that counts below each of m points are all within limits.

    Parameters
    ----------
    low, high : array (m,) of int
        Limits, both allowed.
    shares : array (m,)
        Chance of a rank below each point, ascending: of uniform ranks that is where the band stands, and the result
        its coverage; of other ranks the result is the chance that they pass, one minus the power.
    fits : int
        How many ranks there are.
    """
    from scipy.special import gammaln, xlogy

    counts = np.arange(fits + 1.0)
    chance = np.zeros(fits + 1)
    chance[0] = 1.0
    steps = np.diff(np.concatenate(([0.0], np.asarray(shares, dtype=np.float64), [1.0])))
    limits = [*zip(np.asarray(low), np.asarray(high), strict=True), (fits, fits)]
    for step, (least, most) in zip(steps, limits, strict=True):
        arrivals = np.exp(xlogy(counts, fits * step) - fits * step - gammaln(counts + 1.0))
        chance = np.convolve(chance, arrivals)[: fits + 1]
        chance[:least] = 0.0
        chance[most + 1 :] = 0.0
    total = np.exp(fits * np.log(fits) - fits - gammaln(fits + 1.0))
    return float(chance[fits] / total)


def counts_below(ranks: npt.ArrayLike, draws: int) -> Ints:
    """Return how many ranks are below 1, 2, ..., `draws`: array (draws,).

    Raises
    ------
    ValueError
        If a rank is no whole number from 0 to `draws`.
    """
    found = np.asarray(ranks)
    if found.ndim != 1 or not found.size or (found != np.floor(found)).any() or found.min() < 0 or found.max() > draws:
        raise ValueError(f"ranks: accepted: a column of whole numbers from 0 to {draws}")
    return np.searchsorted(np.sort(found), np.arange(1, draws + 1)).astype(np.int64)


def uniform_p_value(ranks: npt.ArrayLike, draws: int) -> float:
    """Return the chance that uniform ranks stray at some point as far as these, exactly.

    It is at or below 1 - level where the curve of these ranks leaves the band of that level.
    """
    count = counts_below(ranks, draws)
    fits = np.asarray(ranks).size
    below, above = _tails(fits, draws)
    rows = np.arange(draws)
    furthest = float(np.minimum(below[rows, count], above[rows, count]).min())
    at = np.arange(1, draws + 1) / (draws + 1.0)
    return max(0.0, 1.0 - chance_inside(*_limits(below, above, furthest), at, fits))


@functools.lru_cache(maxsize=8)
def _tails(fits: int, draws: int) -> tuple[Floats, Floats]:
    """Return, by point and count from 0 to fits, the chance of so few or fewer and of so many or more below it."""
    from scipy.special import bdtr, bdtrc

    at = (np.arange(1, draws + 1) / (draws + 1.0))[:, None]
    count = np.arange(fits + 1.0)[None, :]
    above = np.where(count == 0.0, 1.0, bdtrc(np.maximum(count - 1.0, 0.0), fits, at))
    return np.asarray(bdtr(count, fits, at), dtype=np.float64), above.astype(np.float64)


def _limits(below: Floats, above: Floats, tail: float) -> tuple[Ints, Ints]:
    """Return the least and the most count at each point whose tails are both above `tail`."""
    return (below <= tail).sum(axis=1), (above > tail).sum(axis=1) - 1
