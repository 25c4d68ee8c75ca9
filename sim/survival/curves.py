"""Curves of what is still going and of what has ended: Kaplan-Meier, Nelson-Aalen, Aalen-Johansen, and their reading.

Where several endings compete, use `aalen_johansen`: one minus Kaplan-Meier, with the other endings taken
as censored, overstates the share that ends in each way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .columns import Floats, Ints, checked_spells, checked_times, counts, greenwood_terms, normal_quantile, refuse

if TYPE_CHECKING:
    import pandas as pd

ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Curve:
    """What every curve has: one element for each of the m distinct times at which something ended.

    Attributes
    ----------
    time : array (m,)
        Those times, ascending.
    at_risk : array (m,) of int
        Spells at risk just before each time.
    events : array (m,) of int
        Spells that ended at each time.
    last : float
        The last time at which anything was at risk: beyond it a curve says nothing, unless all had ended.
    level : float
        Confidence level of the interval (`low`, `high`), 0-1.
    """

    time: Floats
    at_risk: Ints
    events: Ints
    last: float
    level: float

    def table(self) -> pd.DataFrame:
        """Give the curve as a tidy table, one row for each time."""
        import pandas as pd

        columns = {field.name: getattr(self, field.name) for field in fields(self)}
        return pd.DataFrame({name: column for name, column in columns.items() if np.ndim(column) == 1})


@dataclass(frozen=True, eq=False)
class SurvivalCurve(Curve):
    """A Kaplan-Meier curve.

    Attributes
    ----------
    survival, variance, low, high : array (m,)
        Share still going just after each time, Greenwood's variance of it, and its log-log interval.
        Once survival is zero its variance is zero and the interval undefined (NaN).
    """

    survival: Floats
    variance: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class CumulativeHazard(Curve):
    """A Nelson-Aalen curve.

    Attributes
    ----------
    hazard, variance, low, high : array (m,)
        Cumulative hazard just after each time, its variance (sum of events / at_risk**2) and its
        interval, symmetric on the log scale.
    """

    hazard: Floats
    variance: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class CumulativeIncidence(Curve):
    """Aalen-Johansen curves: for k causes, the share that has ended in each way by each of m times.

    Attributes
    ----------
    events : array (m, k) of int
        Endings of each cause at each time.
    causes : tuple of k int
        The endings, ascending (or in the order asked for).
    survival : array (m,)
        Share still going after each time; with `incidence` summed over causes it makes 1.
    incidence, variance, low, high : array (m, k)
        Share ended in each way, its variance, and its interval symmetric on the scale of log(-log(share)):
        zero wide while the share is zero, undefined (NaN) where it is one.
    """

    causes: tuple[int, ...]
    survival: Floats
    incidence: Floats
    variance: Floats
    low: Floats
    high: Floats

    def table(self) -> pd.DataFrame:
        """Give the curves as a tidy table, one row for each time and cause."""
        import pandas as pd

        m, k = self.incidence.shape
        long = {name: np.repeat(getattr(self, name), k) for name in ("time", "at_risk", "survival")}
        own = {
            name: getattr(self, name).ravel() for name in ("events", "incidence", "variance", "low", "high")
        }
        return pd.DataFrame({**long, "cause": np.tile(np.array(self.causes, dtype=np.int64), m), **own})


@dataclass(frozen=True)
class RestrictedMean:
    """Mean time lived before a horizon, in the unit of the curve, with the variance of that mean."""

    horizon: float
    mean: float
    variance: float


def kaplan_meier(
    entry: npt.ArrayLike, exit: npt.ArrayLike, event: npt.ArrayLike, *, level: float = 0.95
) -> SurvivalCurve:
    """Estimate the share of businesses still going at each age (product-limit estimator).

    With left truncation the curve is conditional on lasting to the smallest entry. A small early risk set
    that empties drives the curve to zero for good: look at `at_risk` before believing such a curve.

    Parameters
    ----------
    entry : array (n,) or one number
        When each spell came under observation, >= 0; a number means the same for all (0: no truncation).
    exit : array (n,)
        When it ended or was last seen, >= entry. A spell of no length that did not end counts for nothing.
    event : array (n,) of bool or 0/1
        Whether it ended at `exit` (otherwise censored).
    level : float
        Confidence level of the log-log interval, between 0 and 1.

    Raises
    ------
    ValueError
        If lengths differ, a value is missing, negative or not finite, a spell exits before it enters or ends
        at the instant it enters, an event is neither 0 nor 1, or `level` is not in (0, 1); the row is named.

    Notes
    -----
    Kaplan & Meier 1958, J. Am. Stat. Assoc. 53; Greenwood 1926; the log-log interval of Kalbfleisch &
    Prentice, The Statistical Analysis of Failure Time Data, ch. 1.
    """
    start, stop, ended = checked_spells(entry, exit, event, "event")
    z = normal_quantile(level)
    time, at_risk, events = counts(start, stop, ended)
    survival = np.cumprod(1.0 - events / at_risk, dtype=np.float64)
    variance = survival**2 * np.cumsum(greenwood_terms(at_risk, events))
    low, high = _log_log(survival, variance, z)
    return SurvivalCurve(time, at_risk, events, _last(start, stop), level, survival, variance, low, high)


def nelson_aalen(
    entry: npt.ArrayLike, exit: npt.ArrayLike, event: npt.ArrayLike, *, level: float = 0.95
) -> CumulativeHazard:
    """Estimate the cumulative hazard of ending: the sum over event times of events / at_risk.

    Parameters and errors are those of `kaplan_meier`.

    Notes
    -----
    Aalen 1978, Ann. Stat. 6; variance and interval as in Klein & Moeschberger, Survival Analysis, 4.2-4.3.
    """
    curve = kaplan_meier(entry, exit, event, level=level)
    hazard = np.cumsum(curve.events / curve.at_risk)
    variance = np.cumsum(curve.events / curve.at_risk**2)
    width = np.exp(normal_quantile(level) * np.sqrt(variance) / hazard)
    low, high = hazard / width, hazard * width
    return CumulativeHazard(
        curve.time, curve.at_risk, curve.events, curve.last, level, hazard, variance, low, high
    )


def aalen_johansen(
    entry: npt.ArrayLike,
    exit: npt.ArrayLike,
    cause: npt.ArrayLike,
    *,
    causes: Sequence[int] | None = None,
    level: float = 0.95,
) -> CumulativeIncidence:
    """Estimate the share of businesses that has ended in each way by each age, endings competing.

    Parameters
    ----------
    entry, exit, level
        As in `kaplan_meier`.
    cause : array (n,) of int >= 0
        How each spell ended; 0 = censored.
    causes : sequence of int, optional
        The causes to report, in this order, those never seen included (their share is zero); by default
        those seen, ascending.

    Raises
    ------
    ValueError
        As in `kaplan_meier`; or if a cause is negative or no whole number, or not among `causes`.

    Notes
    -----
    Aalen & Johansen 1978, Scand. J. Stat. 5. The variance is the multinomial (Greenwood-type) one: the
    delta method on the hazards of each time (Marubini & Valsecchi, Analysing Survival Data); without
    censoring or truncation it is F (1 - F) / n exactly.
    """
    start, stop, how = checked_spells(entry, exit, cause, "cause")
    z = normal_quantile(level)
    wanted = _wanted_causes(how, causes)
    time, at_risk, every = counts(start, stop, (how > 0).astype(np.int64))
    events = np.zeros((time.size, len(wanted)), dtype=np.int64)
    for column, k in enumerate(wanted):
        here, count = np.unique(stop[how == k], return_counts=True)
        events[np.searchsorted(time, here), column] = count
    survival = np.cumprod(1.0 - every / at_risk, dtype=np.float64)
    before = np.concatenate(([1.0], survival[:-1]))[: time.size]
    incidence = np.cumsum(before[:, None] * events / at_risk[:, None], axis=0, dtype=np.float64)
    variance = _incidence_variance(at_risk, every, events, before, incidence)
    low, high = (np.where(incidence > 0.0, edge, 0.0) for edge in _log_log(incidence, variance, z))
    last = _last(start, stop)
    return CumulativeIncidence(
        time, at_risk, events, last, level, wanted, survival, incidence, variance, low, high
    )


def survival_at(curve: SurvivalCurve | CumulativeIncidence, times: npt.ArrayLike) -> Floats:
    """Read the share still going just after each of `times`.

    Returns
    -------
    array of the shape of `times`
        NaN beyond the last observation (`curve.last`), unless the curve had reached zero.

    Raises
    ------
    ValueError
        If a time is negative or not a number.
    """
    at = checked_times(times)
    steps = np.concatenate(([1.0], curve.survival))
    share = steps[np.searchsorted(curve.time, at, side="right")]
    return np.where((at > curve.last) & (steps[-1] > 0.0), np.nan, share)


def incidence_at(curve: CumulativeIncidence, times: npt.ArrayLike) -> Floats:
    """Read the share ended in each way by each of `times`: an array (len(times), causes).

    NaN beyond the last observation, unless everything had ended. Errors are those of `survival_at`.
    """
    at = np.atleast_1d(checked_times(times))
    steps = np.vstack((np.zeros(len(curve.causes)), curve.incidence))
    share = steps[np.searchsorted(curve.time, at, side="right")]
    share[np.isnan(survival_at(curve, at))] = np.nan
    return share


def restricted_mean(curve: SurvivalCurve, horizon: float) -> RestrictedMean:
    """Measure the mean time lived before `horizon` (unit of the curve): the area under it from 0 on.

    Raises
    ------
    ValueError
        If `horizon` is not above 0, or lies where the curve says nothing.

    Notes
    -----
    Klein & Moeschberger, Survival Analysis, 4.5 (variance there too, without the small-sample factor).
    """
    if not (np.isfinite(horizon) and horizon > 0.0):
        raise ValueError(f"horizon is {horizon}; accepted: a finite time above 0")
    if np.isnan(survival_at(curve, horizon)):
        raise ValueError(
            f"horizon is {horizon}, but nothing was observed after {curve.last}; accepted: up to {curve.last}"
        )
    inside = curve.time < horizon
    edges = np.concatenate(([0.0], curve.time[inside], [horizon]))
    areas = np.concatenate(([1.0], curve.survival[inside])) * np.diff(edges)
    ahead = areas[::-1].cumsum()[::-1][1:]
    terms = greenwood_terms(curve.at_risk[inside], curve.events[inside])
    return RestrictedMean(float(horizon), float(areas.sum()), float((ahead**2 * terms).sum()))


def _last(start: Floats, stop: Floats) -> float:
    return float(stop[stop > start].max(initial=0.0))


def _incidence_variance(at_risk: Ints, every: Ints, events: Ints, before: Floats, share: Floats) -> Floats:
    """Sum over s <= t of (F(t) - F(s))^2 d/(n(n-d)) + S^2 d_k(n-d_k)/n^3 - 2 (F(t) - F(s)) S d_k/n^2."""
    n = at_risk[:, None].astype(np.float64)
    a = greenwood_terms(at_risk, every)[:, None]
    own = before[:, None] ** 2 * events * (n - events) / n**3
    cross = before[:, None] * events / n**2
    square = share**2 * np.cumsum(a, axis=0) - 2.0 * share * np.cumsum(a * share + cross, axis=0)
    total = square + np.cumsum(a * share**2 + own + 2.0 * cross * share, axis=0)
    return np.maximum(total, 0.0)


def _log_log(share: Floats, variance: Floats, z: float) -> tuple[Floats, Floats]:
    """Give the interval symmetric on log(-log(share)): undefined (NaN) where the share is 0 or 1."""
    inner = (share > ROUNDING) & (share < 1.0 - ROUNDING)
    safe = np.where(inner, share, 0.5)
    width = np.exp(z * np.sqrt(np.where(inner, variance, 0.0)) / (safe * -np.log(safe)))
    return np.where(inner, safe**width, np.nan), np.where(inner, safe ** (1.0 / width), np.nan)


def _wanted_causes(how: Ints, causes: Sequence[int] | None) -> tuple[int, ...]:
    seen = tuple(int(k) for k in np.unique(how[how > 0]))
    if causes is None:
        return seen
    wanted = tuple(int(k) for k in causes)
    if min(wanted, default=1) < 1 or len(set(wanted)) < len(wanted):
        raise ValueError(f"causes are {wanted}; accepted: different whole numbers from 1 up")
    refuse(~np.isin(how, (0, *wanted)), "cause", how, f"0 (censored) or one of {wanted}")
    return wanted
