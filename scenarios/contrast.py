"""Compare strategies that met the same people and the same luck.

Pure functions on tidy tables with columns ``strategy, draw, replication, outcome, value``. A *draw* is one
guess at the numbers nobody knows exactly (ignorance); a *replication* is one course of luck under that
guess. Draws are the clusters: two replications of one draw share its ignorance, so they are not two
independent observations.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Range = tuple[float, float]
ANY: Range = (-math.inf, math.inf)

FEW_DRAWS = 5
"""Below so many draws an interval over them says next to nothing: at 2 it is 12.7 standard errors wide each way."""
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
        skewed), ``all equal``, or ``not available``.
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


def _interval(units: Floats, label: str) -> tuple[float, float, str]:
    """Return a 95 % interval of the mean of independent units, and how it was made."""
    if units.size < 2:
        return float("nan"), float("nan"), "not available"
    mean, error = float(units.mean()), float(units.std(ddof=1)) / np.sqrt(units.size)
    if np.all(units == units[0]):
        return mean, mean, "all equal"
    from scipy.special import stdtrit

    half = float(stdtrit(units.size - 1, 0.975)) * error
    distinct = np.unique(units).size >= MOST_DISTINCT * units.size
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


def compare_rows(
    ends: pd.DataFrame, baseline: str, units: Mapping[str, str], possible: Mapping[str, Range] | None = None
) -> pd.DataFrame:
    """Contrast every strategy with the baseline, outcome by outcome.

    Parameters
    ----------
    ends : DataFrame
        Columns ``strategy, draw, replication, outcome, value``.
    baseline : str
        The strategy the others are compared with.
    units : mapping
        Unit of each outcome.
    possible : mapping of (float, float), optional
        The least and the most that each outcome can be, where there are such: intervals end there.

    Returns
    -------
    DataFrame
        A row per outcome and strategy (not the baseline), in the order of `ends`: ``outcome, unit, strategy,
        baseline, mean, difference, low, high, chance_above_zero, pairs, spread_low, spread_high,
        variance_reduction, luck_share, interval, baseline_mean``. ``mean`` and ``baseline_mean`` are over the
        runs of each alone; ``difference`` is over complete pairs.
    """
    import pandas as pd

    names = [name for name in ends["strategy"].unique() if name != baseline]
    rows: list[dict[str, Any]] = []
    for outcome, grids in _grids(ends).items():
        base = grids[baseline]
        for name in names:
            least, most = _range(possible, outcome)
            found = estimate(grids[name] - base, (least - most, most - least))
            rows.append(
                {
                    "outcome": outcome,
                    "unit": units.get(outcome, ""),
                    "strategy": name,
                    "baseline": baseline,
                    "mean": estimate(grids[name]).mean,
                    "difference": found.mean,
                    "low": found.low,
                    "high": found.high,
                    "chance_above_zero": found.chance_above_zero,
                    "pairs": found.count,
                    "spread_low": found.spread_low,
                    "spread_high": found.spread_high,
                    "variance_reduction": variance_reduction(grids[name], base),
                    "luck_share": found.luck_share,
                    "interval": found.interval,
                    "baseline_mean": estimate(base).mean,
                }
            )
    return pd.DataFrame(rows)


def run_rows(
    ends: pd.DataFrame, units: Mapping[str, str], possible: Mapping[str, Range] | None = None
) -> pd.DataFrame:
    """Summarise each strategy alone.

    Parameters
    ----------
    ends : DataFrame
        Columns ``strategy, draw, replication, outcome, value``.
    units : mapping
        Unit of each outcome.
    possible : mapping of (float, float), optional
        The least and the most that each outcome can be, where there are such: intervals end there.

    Returns
    -------
    DataFrame
        A row per outcome and strategy: ``outcome, unit, strategy, mean, low, high, runs, spread_low,
        spread_high, luck_share, interval``; ``low`` and ``high`` bound the mean, the spread the single draw.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for outcome, grids in _grids(ends).items():
        for name, grid in grids.items():
            found = estimate(grid, _range(possible, outcome))
            rows.append(
                {
                    "outcome": outcome,
                    "unit": units.get(outcome, ""),
                    "strategy": name,
                    "mean": found.mean,
                    "low": found.low,
                    "high": found.high,
                    "runs": found.count,
                    "spread_low": found.spread_low,
                    "spread_high": found.spread_high,
                    "luck_share": found.luck_share,
                    "interval": found.interval,
                }
            )
    return pd.DataFrame(rows)


def _range(possible: Mapping[str, Range] | None, outcome: str) -> Range:
    return ANY if possible is None else possible.get(outcome, ANY)


def _grids(ends: pd.DataFrame) -> dict[str, dict[str, Floats]]:
    """Return, per outcome and strategy, the array (draws, replications) of values, NaN where none is."""
    draws, draw = np.unique(ends["draw"].to_numpy(), return_inverse=True)
    replications, replication = np.unique(ends["replication"].to_numpy(), return_inverse=True)
    outcomes, strategies = list(ends["outcome"].unique()), list(ends["strategy"].unique())
    shape = (len(outcomes), len(strategies), draws.size, replications.size)
    cube = np.full(shape, np.nan)
    which = ends["outcome"].map({name: i for i, name in enumerate(outcomes)}).to_numpy()
    whose = ends["strategy"].map({name: i for i, name in enumerate(strategies)}).to_numpy()
    cube[which, whose, draw, replication] = ends["value"].to_numpy(dtype=np.float64)
    return {outcome: {name: cube[i, j] for j, name in enumerate(strategies)} for i, outcome in enumerate(outcomes)}
