"""Where a quantity that falls with size first falls below a threshold, in each draw and over all of them.

A *place* is a position on a ladder of sizes: 1.5 is halfway between the second and the third. Below the ladder is
minus infinity, beyond it infinity: quantiles over draws then need no number for what lies outside.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

ALREADY, NEVER = -math.inf, math.inf
"""Places of what is below the threshold at the smallest size, and of what is so at none."""


def first_below(values: ArrayLike, threshold: float) -> float:
    """Return the place at which values first fall below a threshold, on straight lines between sizes.

    Parameters
    ----------
    values : array (sizes,)
        By size, the smallest first; NaN where there is none, which is passed over.
    threshold : float

    Returns
    -------
    float
        `ALREADY` if the first is below, `NEVER` if none is; NaN if there are no values at all.
    """
    every = np.asarray(values, dtype=np.float64)
    known = np.flatnonzero(~np.isnan(every))
    if not known.size:
        return math.nan
    below = np.flatnonzero(every[known] < threshold)
    if not below.size:
        return NEVER
    if below[0] == 0:
        return ALREADY
    left, right = known[below[0] - 1], known[below[0]]
    part = (every[left] - threshold) / (every[left] - every[right])
    return float(left + part * (right - left))


def size_at(place: float, sizes: ArrayLike) -> float:
    """Return the size at a place of a ladder; outside of it the infinity, and NaN, that stand for that.

    Parameters
    ----------
    place : float
    sizes : array (sizes,)
        In whatever they are counted.
    """
    ladder = np.asarray(sizes, dtype=np.float64)
    return float(np.interp(place, np.arange(ladder.size), ladder)) if math.isfinite(place) else place


def in_order(values: ArrayLike, share: float) -> float:
    """Return the least value that at least this share of them does not exceed: infinities may be among them.

    Parameters
    ----------
    values : array
        NaN is left out.
    share : float
        0 to 1.
    """
    every = np.asarray(values, dtype=np.float64)
    ordered = np.sort(every[~np.isnan(every)])
    if not ordered.size:
        return math.nan
    return float(ordered[max(0, math.ceil(share * ordered.size - 1e-9) - 1)])
