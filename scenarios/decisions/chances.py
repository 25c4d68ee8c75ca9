"""Chances from counts: intervals of a share and of a quantile, and shares that may only rise."""

from __future__ import annotations

import math

import numpy as np

from .paired import Floats

Z = 1.959963984540054
"""Normal quantile of a two-sided 95 % interval."""


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927, Journal of the American Statistical Association 22)."""
    if count < 1 or not 0 <= hits <= count:
        raise ValueError(f"hits: found {hits} of {count}, accepted 0 to the count, which is 1 or more")
    share, square = hits / count, Z * Z
    middle = (hits + square / 2) / (count + square)
    half = Z * math.sqrt(count * share * (1 - share) + square / 4) / (count + square)
    return (0.0 if hits == 0 else middle - half), (1.0 if hits == count else middle + half)


def order_statistics(count: int, chance: float) -> tuple[int, int, int]:
    """Return which ordered values, counted from 1, are a quantile and its exact 95 % interval.

    Parameters
    ----------
    count : int
        Independent values.
    chance : float
        Of the quantile, between 0 and 1.

    Returns
    -------
    low, middle, high : int
        ``low`` is 0 and ``high`` is count + 1 where no value is far enough out. `middle` is the least value that at
        least so many of the sample do not exceed.

    Notes
    -----
    The count of values below the quantile is binomial, whatever their distribution (David & Nagaraja 2003, Order
    Statistics, section 7.1). Each side misses with a chance of at most 2.5 %.
    """
    from scipy.special import bdtr

    if count < 1 or not 0 < chance < 1:
        raise ValueError(f"quantile: found chance {chance:g} of {count} values, accepted 0 to 1 of 1 or more")
    at_most = bdtr(np.arange(count + 1, dtype=np.float64), count, chance)  # P(K <= k)
    low = int(np.sum(at_most <= 0.025))
    high = int(np.sum(1 - at_most > 0.025)) + 1
    return low, math.ceil(count * chance - 1e-9), high


def isotonic(values: Floats, weights: Floats | None = None) -> Floats:
    """Return the rising sequence nearest to some values: pool adjacent violators.

    Notes
    -----
    Barlow, Bartholomew, Bremner & Brunk 1972, Statistical Inference under Order Restrictions. Equal to the least
    squares fit that never falls.
    """
    values = np.asarray(values, dtype=np.float64)
    weights = np.ones_like(values) if weights is None else np.asarray(weights, dtype=np.float64)
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        block = (value, weight, 1)
        while blocks and blocks[-1][0] > block[0]:
            mean, heavy, many = blocks.pop()
            total = heavy + block[1]
            block = ((mean * heavy + block[0] * block[1]) / total, total, many + block[2])
        blocks.append(block)
    return np.repeat([mean for mean, _, _ in blocks], [many for _, _, many in blocks])
