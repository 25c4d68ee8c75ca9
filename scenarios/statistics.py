"""The mean and quantiles over runs by which tables describe them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STATISTICS = ("mean", "q05", "q25", "q50", "q75", "q95")
QUANTILES = (0.05, 0.25, 0.50, 0.75, 0.95)
Floats = NDArray[np.float64]


def statistics(values: Floats) -> list[Floats]:
    """Return the mean and the quantiles over the first axis, leaving out what is missing (NaN).

    numpy's own nanquantile visits every cell in turn; sorting once is a hundred times faster.
    """
    ordered = np.sort(values, axis=0)
    counts = np.sum(~np.isnan(values), axis=0)
    with np.errstate(invalid="ignore"):
        means = np.where(counts > 0, np.nansum(values, axis=0) / np.maximum(counts, 1), np.nan)
    found = [means]
    for quantile in QUANTILES:
        position = np.maximum(counts - 1, 0) * quantile
        below = np.floor(position).astype(np.intp)
        above = np.minimum(below + 1, np.maximum(counts - 1, 0))
        low = np.take_along_axis(ordered, below[None], axis=0)[0]
        high = np.take_along_axis(ordered, above[None], axis=0)[0]
        found.append(low + (position - below) * (high - low))
    return found
