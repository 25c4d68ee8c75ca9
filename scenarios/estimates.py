"""The mean of a sample that is nested in draws, how well it is known, and what its spread comes from.

Arrays are (draws, replications). A *draw* is one guess at the numbers nobody knows exactly (ignorance); a
*replication* is one course of luck under that guess. Draws are the clusters: two replications of one draw share its
ignorance, so they are not two independent observations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .language import later

Floats = NDArray[np.float64]
ALL_EQUAL = later("all equal")
INTERVALS = (later("t over draws"), later("t over replications"), later("bootstrap-t"), later("not available"))
"""How intervals are made, as it stands in tables."""
Range = tuple[float, float]
ANY: Range = (-math.inf, math.inf)

MOST_DISTINCT = 0.8
"""Share of distinct units below which resamples repeat themselves too often for the bootstrap."""
STRONG_SKEWNESS = 1.0
"""Skewness of the cluster means beyond which a t interval is replaced by a bootstrap-t."""

FEWEST_FOR_BOOTSTRAP = 10
RESAMPLES = 2000


@dataclass(frozen=True)
class Estimate:
    """The mean of a nested sample, how well it is known, and what its spread comes from.

    Attributes
    ----------
    mean : float
        Mean of the draws' means.
    low, high : float
        95 % confidence interval of `mean`; NaN with fewer than two observations.
    spread_low, spread_high : float
        5 % and 95 % quantiles of the draws' means: the range over which ignorance moves the answer.
    chance_above_zero : float
        Share of draws whose mean is above zero (a tie at zero is not above it).
    count : int
        Observations used; missing ones (NaN) are left out.
    interval : str
        How `low` and `high` were made: ``t over draws``, ``t over replications``, ``bootstrap-t`` (strongly
        skewed, or a ratio of means), ``all equal``, or ``not available``.
    luck_share : float
        Part of the variance between single observations that is luck; the rest is ignorance. NaN where no
        draw has two observations.
    """

    mean: float
    low: float
    high: float
    spread_low: float
    spread_high: float
    chance_above_zero: float
    count: int
    interval: str
    luck_share: float


def estimate(values: Floats, possible: Range = ANY) -> Estimate:
    """Estimate the mean of a nested sample.

    Parameters
    ----------
    values : array (draws, replications)
        One observation a cell; NaN where there is none.
    possible : (float, float)
        The least and the most that the mean can be: an interval ends there, since the truth is not beyond.
    """
    values = np.atleast_2d(np.asarray(values, dtype=np.float64))
    kept = [row[~np.isnan(row)] for row in values]
    kept = [row for row in kept if row.size]
    if not kept:
        nan = float("nan")
        return Estimate(nan, nan, nan, nan, nan, nan, 0, "not available", nan)
    means = np.array([row.mean() for row in kept])
    units, label = (means, "t over draws") if means.size > 1 else (kept[0], "t over replications")
    low, high, label = _interval(units, label)
    low, high = float(np.maximum(low, possible[0])), float(np.minimum(high, possible[1]))  # NaN stays NaN
    spread_low, spread_high = np.quantile(means, [0.05, 0.95])
    return Estimate(
        float(means.mean()),
        low,
        high,
        float(spread_low),
        float(spread_high),
        float(np.mean(means > 0)),
        int(sum(row.size for row in kept)),
        label,
        luck_share(values),
    )


def estimate_ratio(tops: Floats, bottoms: Floats, values: Floats, possible: Range = ANY) -> Estimate:
    """Estimate a ratio of means, or, of two arms, the difference between theirs.

    A mean of the runs' own ratios would be pulled up by runs with next to nothing below the line.

    Parameters
    ----------
    tops, bottoms : array (arms, draws, replications)
        What is divided by what, the baseline second; only runs that are complete in all arms count.
    values : array (draws, replications)
        The runs' own ratios, or their differences: what the share of luck is told from.
    possible : (float, float)
        As in `estimate`.
    """
    missing = np.isnan(tops + bottoms).any(axis=0)
    kept = ~missing.all(axis=1)
    count = int(np.sum(~missing))
    luck = luck_share(values)
    # A draw is the mean over its complete runs; with one draw the units are its runs.
    top, bottom = (np.where(missing, np.nan, each)[:, kept] for each in (tops, bottoms))
    single = top.shape[1] == 1
    draws = [np.nanmean(each, axis=2) for each in (top, bottom)]
    units = [each[:, 0][:, ~missing[kept][0]] for each in (top, bottom)] if single else draws
    if not count or np.any(units[1].mean(axis=1) <= 0):
        nan = float("nan")
        return Estimate(nan, nan, nan, nan, nan, nan, 0, "not available", luck)
    value, _ = _ratio(*units)
    low, high, label = _ratio_interval(units[0], units[1], "t over replications" if single else "t over draws")
    low, high = float(np.maximum(low, possible[0])), float(np.minimum(high, possible[1]))
    with np.errstate(divide="ignore", invalid="ignore"):
        each = draws[0] / np.where(draws[1] > 0, draws[1], np.nan)
    own = each[0] - each[1] if len(each) > 1 else each[0]
    own = own[~np.isnan(own)]
    spread = np.quantile(own, [0.05, 0.95]) if own.size else (np.nan, np.nan)
    above = float(np.mean(own > 0)) if own.size else float("nan")
    return Estimate(float(value), low, high, float(spread[0]), float(spread[1]), above, count, label, luck)


def _ratio(tops: Floats, bottoms: Floats) -> tuple[Floats, Floats]:
    """Return the (difference of the) ratio of means over the last axis, and what each unit adds to it."""
    over = bottoms.mean(axis=-1, keepdims=True)
    ratio = tops.mean(axis=-1, keepdims=True) / over
    part = (tops - ratio * bottoms) / over
    if tops.shape[-2] == 1:
        return ratio[..., 0, 0], ratio[..., 0, :] + part[..., 0, :]
    value = ratio[..., 0, :] - ratio[..., 1, :]
    return value[..., 0], value + part[..., 0, :] - part[..., 1, :]


def _ratio_interval(tops: Floats, bottoms: Floats, label: str) -> tuple[float, float, str]:
    """Return a 95 % interval of a ratio of means over units, and how it was made; none if a mean may be zero."""
    value, linear = _ratio(tops, bottoms)
    low, high, how = _interval(linear, label, False)
    if how in ("not available", "all equal"):
        return low, high, how
    if any(_interval(row, label, False)[0] <= 0 for row in bottoms):
        return float("nan"), float("nan"), "not available"
    count = linear.size
    if count < FEWEST_FOR_BOOTSTRAP or np.unique(linear).size < MOST_DISTINCT * count:
        return low, high, how
    again = np.random.default_rng(count).integers(0, count, (RESAMPLES, count))
    error, half = float(linear.std(ddof=1)) / math.sqrt(count), (high - low) / 2
    # Draws first and arms second, so that one resample takes the same draws in both arms.
    values, units = _ratio(tops[:, again].swapaxes(0, 1), bottoms[:, again].swapaxes(0, 1))
    errors = units.std(axis=1, ddof=1) / math.sqrt(count)
    usable = np.isfinite(values) & (errors > 0)
    below, above = np.quantile((values - value)[usable] / errors[usable], [0.025, 0.975])
    middle = float(value)
    return middle - max(float(above) * error, half), middle + max(-float(below) * error, half), "bootstrap-t"


def _interval(units: Floats, label: str, bootstrap: bool = True) -> tuple[float, float, str]:
    """Return a 95 % interval of the mean of independent units, and how it was made."""
    if units.size < 2:
        return float("nan"), float("nan"), "not available"
    mean, error = float(units.mean()), float(units.std(ddof=1)) / np.sqrt(units.size)
    if np.all(units == units[0]):
        return mean, mean, ALL_EQUAL
    from scipy.special import stdtrit

    half = float(stdtrit(units.size - 1, 0.975)) * error
    distinct = bootstrap and np.unique(units).size >= MOST_DISTINCT * units.size
    if units.size >= FEWEST_FOR_BOOTSTRAP and distinct and abs(_skewness(units)) > STRONG_SKEWNESS:
        below, above = _studentized(units)
        return mean - max(above * error, half), mean + max(-below * error, half), "bootstrap-t"
    return mean - half, mean + half, label


def _skewness(units: Floats) -> float:
    centred = units - units.mean()
    return float(np.mean(centred**3) / np.mean(centred**2) ** 1.5)


def _studentized(units: Floats) -> tuple[float, float]:
    """Return the 2.5 % and 97.5 % quantiles of the studentized mean over resamples of the units."""
    generator = np.random.default_rng(units.size)
    resampled = units[generator.integers(0, units.size, (RESAMPLES, units.size))]
    errors = resampled.std(axis=1, ddof=1) / np.sqrt(units.size)
    usable = errors > 0
    scores = (resampled.mean(axis=1)[usable] - units.mean()) / errors[usable]
    below, above = np.quantile(scores, [0.025, 0.975])
    return float(below), float(above)


def luck_share(values: Floats) -> float:
    """Split the variance of single observations by one-way random effects; return the part that is luck.

    Parameters
    ----------
    values : array (draws, replications)
        NaN where there is no observation.

    Returns
    -------
    float
        Within-draw variance over within plus between; NaN with fewer than two draws or replications, or
        where nothing varies.
    """
    counts = np.sum(~np.isnan(values), axis=1)
    rows = values[counts > 0]
    counts = counts[counts > 0].astype(np.float64)
    draws, total = counts.size, counts.sum()
    if draws < 2 or total <= draws:
        return float("nan")
    means = np.nanmean(rows, axis=1)
    within = np.nansum((rows - means[:, None]) ** 2) / (total - draws)
    grand = np.nansum(rows) / total
    between_square = np.sum(counts * (means - grand) ** 2) / (draws - 1)
    typical = (total - np.sum(counts**2) / total) / (draws - 1)
    between = max(0.0, (between_square - within) / typical)
    return float(within / (within + between)) if within + between > 0 else float("nan")


def variance_reduction(strategy: Floats, baseline: Floats) -> float:
    """Return how many times more runs independent seeds would need for the same precision.

    Within each draw: the variance of the difference when the two strategies meet different luck (the mean
    over all pairs of different replications, which is the sum of their two variances) over its variance when
    they share it.

    Parameters
    ----------
    strategy, baseline : array (draws, replications)
        NaN where there is no observation; only complete pairs count.

    Returns
    -------
    float
        NaN when no draw has two complete pairs, or when luck never moves the difference.
    """
    missing = np.isnan(strategy) | np.isnan(baseline)
    usable = np.sum(~missing, axis=1) >= 2
    if not usable.any():
        return float("nan")
    a, b = np.where(missing, np.nan, strategy)[usable], np.where(missing, np.nan, baseline)[usable]
    freedom = np.sum(~np.isnan(a), axis=1) - 1
    together = _pooled_variance(a - b, freedom)
    apart = _pooled_variance(a, freedom) + _pooled_variance(b, freedom)
    # Luck that moves both alike leaves rounding only: a billionth of the variance is that, not a finding.
    return apart / together if together > 1e-12 * max(apart, 1e-300) else float("nan")


def _pooled_variance(values: Floats, freedom: NDArray[np.int64]) -> float:
    residuals = values - np.nanmean(values, axis=1, keepdims=True)
    return float(np.nansum(residuals**2) / freedom.sum())
