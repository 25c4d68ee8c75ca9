"""Scores of forecasts: how much each would have lost, less being better, and whether its chances came true.

Every score is proper: who forecasts what they believe loses least (Gneiting & Raftery 2007, J. Am. Stat. Assoc. 102).
Draws stand in the first axis; `weight` is one number a draw, of any level.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

LEVELS = (0.5, 0.8, 0.95)
"""Intervals whose coverage is looked at."""
NEVER = 1e-9
"""The least length of a spell that ended: what was found closed when it came under observation."""


def log_score(log_density: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> Floats:
    """Return minus the log of the forecast density, or probability, of what happened.

    Parameters
    ----------
    log_density : array (draws, n)
        Log density of each of n observations under each draw.
    weight : array (draws,), optional

    Returns
    -------
    array (n,)
        In nats; inf where no draw held it possible.
    """
    table = _draws(log_density)
    share = _weights(weight, len(table))[:, None]
    most = table.max(axis=0)
    level = np.where(np.isfinite(most), most, 0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(-(level + np.log((share * np.exp(table - level)).sum(axis=0))))


def crps(draws: npt.ArrayLike, observed: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> Floats:
    """Return the continuous ranked probability score: the area between forecast and observed distribution, squared.

    Parameters
    ----------
    draws : array (draws, n)
    observed : array (n,)
    weight : array (draws,), optional

    Returns
    -------
    array (n,)
        In the unit of the draws; with a single draw, the absolute error.

    Notes
    -----
    E|X - y| - E|X - X'| / 2, the second mean from sorted draws.
    """
    table = _draws(draws)
    share = np.broadcast_to(_weights(weight, len(table))[:, None], table.shape)
    far = (share * np.abs(table - np.asarray(observed, dtype=np.float64))).sum(axis=0)
    order = np.argsort(table, axis=0)
    ranked, share = np.take_along_axis(table, order, axis=0), np.take_along_axis(share, order, axis=0)
    middle = np.cumsum(share, axis=0) - share / 2.0
    return np.asarray(far - (share * ranked * (2.0 * middle - 1.0)).sum(axis=0))


def crps_normal(mean: npt.ArrayLike, sd: npt.ArrayLike, observed: npt.ArrayLike) -> Floats:
    """Return the CRPS of normal forecasts; arrays broadcast, `sd` above 0."""
    from scipy.special import ndtr

    spread = np.asarray(sd, dtype=np.float64)
    z = (np.asarray(observed, dtype=np.float64) - np.asarray(mean, dtype=np.float64)) / spread
    density = np.exp(-(z**2) / 2.0) / np.sqrt(2.0 * np.pi)
    return np.asarray(spread * (z * (2.0 * ndtr(z) - 1.0) + 2.0 * density - 1.0 / np.sqrt(np.pi)))


def crps_binomial(trials: npt.ArrayLike, chance: npt.ArrayLike, observed: npt.ArrayLike) -> Floats:
    """Return the CRPS, in counts, of binomial forecasts; arrays (n,)."""
    n, p, seen = (column[:, None] for column in _columns(trials, chance, observed))
    count = np.arange(int(n.max(initial=0.0)) + 1.0)[None, :]
    return np.asarray(((_binomial_cdf(count, n, p) - (count >= seen)) ** 2).sum(axis=1))


def log_score_binomial(trials: npt.ArrayLike, chance: npt.ArrayLike, observed: npt.ArrayLike) -> Floats:
    """Return minus the log probability, in nats, of counts under binomial forecasts; arrays (n,)."""
    from scipy.special import gammaln, xlog1py, xlogy

    n, p, k = _columns(trials, chance, observed)
    ways = gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)
    return np.asarray(-(ways + xlogy(k, p) + xlog1py(n - k, -p)))


def brier(chance: npt.ArrayLike, happened: npt.ArrayLike) -> Floats:
    """Return the squared error of chances of what happened (1) or did not (0)."""
    return np.asarray((np.asarray(chance, dtype=np.float64) - np.asarray(happened, dtype=np.float64)) ** 2)


def log_score_binary(chance: npt.ArrayLike, happened: npt.ArrayLike) -> Floats:
    """Return minus the log of the chance that was given to what happened (1) or did not (0); NaN stays NaN."""
    p, y = np.asarray(chance, dtype=np.float64), np.asarray(happened, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.asarray(-np.log(np.where(y == 1.0, p, 1.0 - p)) + 0.0 * y)


def censoring_weights(time: npt.ArrayLike, event: npt.ArrayLike, horizon: npt.ArrayLike) -> Floats:
    """Return how many spells each stands for whose fate at a horizon is known, so that those lost are made up for.

    Parameters
    ----------
    time : array (n,)
        When each ended or was last seen, since it came under observation.
    event : array (n,) of bool or 0/1
        Whether it ended then.
    horizon : number or array (n,)
        One for all, or one of each; compared in the unit of `time`.

    Returns
    -------
    array (n,)
        0 where the fate is not known; else one over the chance of not having been lost before the horizon or, if
        that was earlier, the ending.

    Notes
    -----
    Inverse probability of censoring by Kaplan-Meier (Graf, Schmoor, Sauerbrei & Schumacher 1999, Stat. Med. 18). It
    assumes that who is lost would not have ended sooner or later than others. One that was last seen at the
    horizon, open, is known to be open then.
    """
    from ..sim.survival import kaplan_meier

    until, ended, at = _columns(time, event, horizon)
    until = np.where(ended > 0.0, np.maximum(until, NEVER), until)
    known, lost = (until >= at) | (ended > 0.0), (ended == 0.0) & (until > 0.0)
    if not lost.any():
        return known.astype(np.float64)
    before = np.where(ended > 0.0, np.nextafter(until, 0.0), until)  # who ended at t cannot be lost at t
    curve = kaplan_meier(0.0, before, lost)
    steps = np.concatenate(([1.0], curve.survival))
    kept = steps[np.searchsorted(curve.time, np.minimum(until, at), side="left")]
    return np.divide(1.0, kept, out=np.zeros(until.size), where=known & (kept > 0.0))


def brier_ipcw(
    survival: npt.ArrayLike, time: npt.ArrayLike, event: npt.ArrayLike, horizon: float
) -> float:
    """Return the Brier score of chances to last to a horizon, where some spells were lost before it.

    Parameters
    ----------
    survival : array (n,)
        Forecast chance of lasting to the horizon.
    time, event, horizon
        As in `censoring_weights`.
    """
    until, ended, chance = _columns(time, event, survival)
    lasted = (until > horizon) | ((until == horizon) & (ended == 0.0))
    return float((censoring_weights(until, ended, horizon) * brier(chance, lasted)).mean())


def interval(
    draws: npt.ArrayLike, level: float, weight: npt.ArrayLike | None = None
) -> tuple[Floats, Floats]:
    """Return the central interval of draws (draws, n): two arrays (n,) that are draws themselves."""
    table = _draws(draws)
    share = _weights(weight, len(table))
    tails = [(1.0 - level) / 2.0, (1.0 + level) / 2.0]
    low, high = np.quantile(table, tails, axis=0, weights=share, method="inverted_cdf")
    return low, high


def interval_score(low: npt.ArrayLike, high: npt.ArrayLike, observed: npt.ArrayLike, level: float) -> Floats:
    """Return the width of intervals of a level, 0-1, plus 2 / (1 - level) for each unit by which they are missed."""
    least, most, seen = _columns(low, high, observed)
    missed = np.maximum(least - seen, 0.0) + np.maximum(seen - most, 0.0)
    return np.asarray(most - least + 2.0 / (1.0 - level) * missed)


def coverage(
    draws: npt.ArrayLike,
    observed: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    levels: Sequence[float] = LEVELS,
) -> pd.DataFrame:
    """Say how often intervals held what happened.

    Parameters
    ----------
    draws : array (draws, n)
    observed : array (n,)
    weight : array (draws,), optional
    levels : sequence of float

    Returns
    -------
    DataFrame, one row a level
        `level, n, inside` (counts), `share`, its exact 95 % interval `low, high` (Clopper & Pearson 1934), and
        `score`, the mean interval score in the unit of the draws.
    """
    seen = np.asarray(observed, dtype=np.float64)
    rows = []
    for level in levels:
        least, most = interval(draws, level, weight)
        inside = int(((least <= seen) & (seen <= most)).sum())
        bounds = share_interval(inside, seen.size)
        score = float(interval_score(least, most, seen, level).mean())
        rows.append((level, seen.size, inside, inside / seen.size, *bounds, score))
    return pd.DataFrame(rows, columns=["level", "n", "inside", "share", "low", "high", "score"])


def share_interval(k: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a share of which k out of n were seen (Clopper & Pearson 1934).

    Counts of weighted rows need not be whole.
    """
    from scipy.special import betaincinv

    tail = (1.0 - level) / 2.0
    low = float(betaincinv(k, n - k + 1.0, tail)) if k > 1e-9 else 0.0
    return low, float(betaincinv(k + 1.0, n - k, 1.0 - tail)) if n - k > 1e-9 else 1.0


def pit(
    draws: npt.ArrayLike, observed: npt.ArrayLike, luck: npt.ArrayLike = 0.5, weight: npt.ArrayLike | None = None
) -> Floats:
    """Return the share of the forecast at or below what happened: uniform if forecasts are calibrated.

    Parameters
    ----------
    draws : array (draws, n)
    observed : array (n,)
    luck : number or array (n,)
        0-1, where between the share below and the share at or below to stand, so that counts give uniform values
        too (Czado, Gneiting & Held 2009, Biometrics 65): a uniform number of each. Of draws without ties it matters
        little.
    weight : array (draws,), optional

    Returns
    -------
    array (n,)
    """
    table, seen = _draws(draws), np.asarray(observed, dtype=np.float64)
    share = _weights(weight, len(table))[:, None]
    below, level = (share * (table < seen)).sum(axis=0), (share * (table == seen)).sum(axis=0)
    return np.asarray(np.minimum(below + np.asarray(luck, dtype=np.float64) * level, 1.0))


def pit_binomial(
    trials: npt.ArrayLike, chance: npt.ArrayLike, observed: npt.ArrayLike, luck: npt.ArrayLike
) -> Floats:
    """Return the randomised PIT of counts under binomial forecasts; arrays (n,), `luck` uniform as in `pit`."""
    n, p, k = _columns(trials, chance, observed)
    below, at = _binomial_cdf(k - 1.0, n, p), _binomial_cdf(k, n, p)
    return np.asarray(below + np.asarray(luck, dtype=np.float64) * (at - below))


def pit_histogram(values: npt.ArrayLike, bins: int = 10, level: float = 0.95) -> pd.DataFrame:
    """Count PIT values in bins of one width.

    Returns
    -------
    DataFrame, one row a bin
        `left, right` (0-1), `n`, `expected`, and `low, high`: where the count of one bin lies with a chance of
        `level` or more if forecasts are calibrated (binomial).
    """
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1 or not ((found >= 0.0) & (found <= 1.0)).all():
        raise ValueError("values: accepted: a column of numbers from 0 to 1")
    count, edges = np.histogram(found, bins=bins, range=(0.0, 1.0))
    tail, all_of_them = (1.0 - level) / 2.0, float(found.size)
    chance = _binomial_cdf(np.arange(found.size + 1.0), np.full(found.size + 1, all_of_them), np.array(1.0 / bins))
    low, high = int(np.searchsorted(chance, tail, "right")), int(np.searchsorted(chance, 1.0 - tail))
    columns = {"left": edges[:-1], "right": edges[1:], "n": count, "expected": found.size / bins}
    return pd.DataFrame(columns | {"low": low, "high": high})


def reliability(
    chance: npt.ArrayLike, happened: npt.ArrayLike, weight: npt.ArrayLike | None = None, bins: int = 10
) -> pd.DataFrame:
    """Return what happened by what was forecast, in bins of as many forecasts each.

    Parameters
    ----------
    chance, happened : array (n,)
        Rows whose `happened` is NaN are left out.
    weight : array (n,), optional
        How many each stands for, as from `censoring_weights`.

    Returns
    -------
    DataFrame, one row a bin
        `forecast` (mean chance), `share` (that happened), `low, high` (95 % interval, exact for the effective number
        (sum w)^2 / sum w^2), `n`. Bins of fewer than five are joined with their neighbour.
    """
    p, y = _columns(chance, happened)
    w = np.ones(p.size) if weight is None else np.asarray(weight, dtype=np.float64)
    rows = np.flatnonzero(~np.isnan(y) & (w > 0.0))
    rows = rows[np.argsort(p[rows], kind="stable")]
    found = []
    for part in np.array_split(rows, max(1, min(bins, rows.size // 5))) if rows.size else ():
        share = float(np.average(y[part], weights=w[part]))
        worth = float(w[part].sum() ** 2 / (w[part] ** 2).sum())
        low, high = share_interval(share * worth, worth)
        found.append((float(np.average(p[part], weights=w[part])), share, low, high, part.size))
    return pd.DataFrame(found, columns=["forecast", "share", "low", "high", "n"])


def holm(p_values: Floats, alpha: float) -> npt.NDArray[np.bool_]:
    """Say which hypotheses are rejected when none of the true ones may be, but for a chance `alpha` (Holm 1979).

    NaN is no hypothesis.
    """
    p_values = np.where(np.isnan(p_values), 1.0, p_values)
    order = np.argsort(p_values, kind="stable")
    passed = p_values[order] <= alpha / (len(p_values) - np.arange(len(p_values)))
    rejected = np.zeros(len(p_values), dtype=bool)
    rejected[order] = np.logical_and.accumulate(passed)
    return rejected


def _binomial_cdf(count: Floats, trials: Floats, chance: Floats) -> Floats:
    from scipy.special import bdtr

    inside = np.asarray(bdtr(np.clip(count, 0.0, trials), trials.astype(np.int64), chance), dtype=np.float64)
    return np.where(count < 0.0, 0.0, inside)


def _draws(draws: npt.ArrayLike) -> Floats:
    table = np.asarray(draws, dtype=np.float64)
    if table.ndim != 2 or not len(table):
        raise ValueError(f"draws have shape {table.shape}; accepted: (draws, n), one draw or more")
    return table


def _weights(weight: npt.ArrayLike | None, draws: int) -> Floats:
    """Return weights that add up to 1."""
    if weight is None:
        return np.full(draws, 1.0 / draws)
    share = np.asarray(weight, dtype=np.float64)
    if share.shape != (draws,) or not np.isfinite(share).all() or (share < 0.0).any() or not share.sum() > 0.0:
        raise ValueError(f"weight has shape {share.shape}; accepted: ({draws},), 0 or more, not all 0")
    return np.asarray(share / share.sum())


def _columns(*columns: npt.ArrayLike) -> tuple[Floats, ...]:
    """Return columns of one length, single numbers repeated."""
    found = np.broadcast_arrays(*(np.atleast_1d(np.asarray(column, dtype=np.float64)) for column in columns))
    if found[0].ndim != 1:
        raise ValueError(f"columns have shape {found[0].shape}; accepted: (n,)")
    return tuple(np.array(column) for column in found)
