"""Tests of randomness with stated power, and weak generators that they must reject.

Every test takes uniform numbers and raises the alarm on a good generator once in a million. What it detects with 99 %
power is computed here from the same figures, and shown to be so in `tests/sim/test_luck.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from scipy import stats

from idmaj.sim.luck import WORD, philox4x32, unit, words

FALSE_ALARM = 1e-6
POWER = 0.99
BINS = 256
Floats = np.ndarray[Any, np.dtype[np.float64]]


@numba.njit
def deal(generator: Any, luck: Any, pages: Any, streams: Any, months: Any, spell: int) -> Any:
    """Return the two uniform numbers of every page, stream and month: shape (pages, 2)."""
    out = np.empty((len(pages), 2))
    for i in range(len(pages)):
        a, b, c, d = generator(luck, pages[i], streams[i], months[i], spell)
        out[i, 0] = unit(a, b)
        out[i, 1] = unit(c, d)
    return out


def dealt(generator: Any, luck: tuple[int, int, int], pages: Any, stream: int, months: Any, spell: int = 0) -> Floats:
    """Return uniform numbers of a stream for pages and months that are stretched to one length: shape (n, 2)."""
    page, month = np.broadcast_arrays(np.asarray(pages, np.int64), np.asarray(months, np.int64))
    # An array of its own for each: numba compiles once for this layout.
    page, month = page.ravel().copy(), month.ravel().copy()
    return np.asarray(deal(generator, luck, page, np.full_like(page, stream), month, spell))


def uneven(values: Floats) -> float:
    """Return the chance that even numbers fall as unevenly, or as evenly, over 256 bins; chi-square, both tails."""
    counts = np.bincount((values * BINS).astype(np.int64), minlength=BINS)
    mean = len(values) / BINS
    found = float(((counts - mean) ** 2).sum() / mean)
    return 2.0 * min(stats.chi2.sf(found, BINS - 1), stats.chi2.cdf(found, BINS - 1))


def uneven_detects(count: int) -> float:
    """Return by what share half of the bins must be too full, and the others too empty, to be found out."""
    limit = stats.chi2.isf(FALSE_ALARM / 2.0, BINS - 1)
    low, high = 0.0, 10.0 * BINS
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if stats.ncx2.sf(limit, BINS - 1, middle) > POWER else (middle, high)
    return math.sqrt(high / count)


def departs(values: Floats) -> float:
    """Return the chance that uniform numbers depart as far from their distribution; Kolmogorov and Smirnov."""
    return float(stats.kstest(values, "uniform").pvalue)


def departs_detects(count: int) -> float:
    """Return which shift of the whole distribution is found out, at least.

    At one place in the middle the empirical distribution is normal with sd 1 / (2 sqrt(n)).
    """
    limit = stats.kstwo.isf(FALSE_ALARM, count)
    return float(limit + stats.norm.isf(1.0 - POWER) * 0.5 / math.sqrt(count))


def correlated(one: Floats, other: Floats) -> float:
    """Return the chance that independent numbers correlate as much."""
    return most_correlated(np.column_stack([one, other]))


def correlated_detects(count: int, pairs: int = 1) -> float:
    """Return which correlation is found out."""
    limit = stats.norm.isf(FALSE_ALARM / (2.0 * pairs))
    return float((limit + stats.norm.isf(1.0 - POWER)) / math.sqrt(count))


def most_correlated(columns: Floats) -> float:
    """Return the chance that independent columns correlate as much at their most correlated pair.

    None that a column is constant.
    """
    centred = columns - columns.mean(axis=0)
    spread = np.sqrt((centred**2).sum(axis=0))
    if not spread.all():
        return 0.0
    centred /= spread
    matrix = np.abs(centred.T @ centred)
    np.fill_diagonal(matrix, 0.0)
    pairs = len(matrix) * (len(matrix) - 1) // 2
    return min(1.0, 2.0 * pairs * float(stats.norm.sf(matrix.max() * math.sqrt(len(columns)))))


@numba.njit
def one_round(luck: Any, page: int, stream: int, month: int, spell: int) -> Any:
    """Run one round of Philox instead of ten."""
    p0 = 0xD2511F53 * page
    p1 = 0xCD9E8D57 * spell
    return (
        ((p1 >> 32) & WORD) ^ (stream * 65536 + month) ^ luck[0],
        p1 & WORD,
        ((p0 >> 32) & WORD) ^ luck[2] ^ luck[1],
        p0 & WORD,
    )


@numba.njit
def short_pages(luck: Any, page: int, stream: int, month: int, spell: int) -> Any:
    """Begin the pages anew after 4096."""
    return words(luck, page % 4096, stream, month, spell)


@numba.njit
def short_months(luck: Any, page: int, stream: int, month: int, spell: int) -> Any:
    """Begin the months anew after a year."""
    return words(luck, page, stream, month % 12, spell)


@numba.njit
def next_door(luck: Any, page: int, stream: int, month: int, spell: int) -> Any:
    """Deal one in 16 what its neighbour is dealt."""
    return words(luck, page + (1 if page % 16 == 0 else 0), stream, month, spell)


@numba.njit
def one_stream(luck: Any, page: int, stream: int, month: int, spell: int) -> Any:
    """Make every other stream the same as the one before."""
    return words(luck, page, stream // 2, month, spell)


@numba.njit
def deaf(luck: Any, page: int, stream: int, month: int, spell: int) -> Any:
    """Be deaf to the replication."""
    return philox4x32(page, stream * 65536 + month, spell, luck[2], luck[0], 0)


@numba.njit
def undrawn(luck: Any, page: int, stream: int, month: int, spell: int) -> Any:
    """Be deaf to the parameter draw."""
    return philox4x32(page, stream * 65536 + month, spell, 0, luck[0], luck[1])


WEAK: tuple[Callable[..., Any], ...] = (one_round, short_pages, short_months, next_door, one_stream, deaf, undrawn)
