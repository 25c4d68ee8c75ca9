"""Endings counted by whole periods: the complementary log-log regression on person-periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .columns import (
    Floats,
    Ints,
    checked_covariates,
    checked_spells,
    checked_times,
    checked_weights,
    normal_quantile,
    refuse,
)
from .likelihood import maximise

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class CloglogFit:
    """A fitted complementary log-log regression.

    Attributes
    ----------
    terms : tuple of p words
        Names of the columns of the design.
    coefficients : array (p,)
        Log hazard ratios of the proportional hazards that lie behind the periods.
    covariance : array (p, p)
        Their covariance: the inverse of the expected information, as R's `glm` has it.
    log_likelihood : float
        Of the person-periods.
    periods, ended : float
        Person-periods, and those in which something ended, by weight.
    level : float
        Confidence level of intervals, 0-1.
    """

    terms: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    log_likelihood: float
    periods: float
    ended: float
    level: float

    def table(self) -> pd.DataFrame:
        """Give one row for each term: coefficient, interval, standard error and hazard ratio."""
        import pandas as pd

        error = np.sqrt(np.diag(self.covariance))
        width = normal_quantile(self.level) * error
        return pd.DataFrame(
            {
                "term": self.terms,
                "estimate": self.coefficients,
                "low": self.coefficients - width,
                "high": self.coefficients + width,
                "error": error,
                "hr": np.exp(self.coefficients),
            }
        )


@dataclass(frozen=True, eq=False)
class DiscreteFit(CloglogFit):
    """A fitted hazard by period: `bands` are the first periods of its steps, whose terms come before covariates."""

    bands: tuple[int, ...]

    def hazard(self, periods: npt.ArrayLike, covariates: npt.ArrayLike = ()) -> Floats:
        """Give the chance of ending in each of `periods` for one that has lasted to it.

        Raises
        ------
        ValueError
            If a period is no whole number from the first band up, or covariates are not as many as were fitted.
        """
        at = _checked_periods(periods, self.bands[0])
        x = np.asarray(covariates, dtype=np.float64)
        own = self.terms[len(self.bands) :]
        if x.shape != (len(own),):
            raise ValueError(f"covariates have shape {x.shape}; accepted: a value for each of {own}")
        step = np.searchsorted(self.bands, at, side="right") - 1
        eta = self.coefficients[step] + x @ self.coefficients[len(self.bands) :]
        return -np.expm1(-np.exp(eta))

    def survival(self, periods: npt.ArrayLike, covariates: npt.ArrayLike = ()) -> Floats:
        """Give the share that outlasts each of `periods`, of those that had lasted to the first band.

        Raises
        ------
        ValueError
            If a period is no whole number from the one before the first band up, or covariates are not as many
            as were fitted.
        """
        at = _checked_periods(periods, self.bands[0] - 1)
        known = np.arange(self.bands[0], max(int(at.max(initial=0.0)), self.bands[0]) + 1)
        lasting = np.concatenate(([1.0], np.cumprod(1.0 - self.hazard(known, covariates))))
        return lasting[(at - self.bands[0] + 1).astype(np.intp)]


def _checked_periods(periods: npt.ArrayLike, first: int) -> Floats:
    """Return periods as an array of their shape, or say which comes too early or is no whole number."""
    at = checked_times(periods)
    flat = np.ravel(at)
    refuse(flat < first, "period", flat, f"{first} or later")
    refuse(np.isinf(flat) | (flat != np.floor(flat)), "period", flat, "a whole number")
    return at


def person_periods(entry: npt.ArrayLike, exit: npt.ArrayLike, event: npt.ArrayLike) -> tuple[Ints, Ints, Ints]:
    """Lay out spells as one row for each period lived under observation.

    Parameters
    ----------
    entry, exit, event
        As in `kaplan_meier`, in whole periods: period t is the time from t - 1 to t, so a spell seen from
        entry to exit has a row for each of the periods entry + 1 to exit.

    Returns
    -------
    spell, period, ended : arrays (rows,) of int
        The row of the spell, the period, and 1 where it ended in that period.

    Raises
    ------
    ValueError
        As in `kaplan_meier`; or if a time is no whole number.
    """
    start, stop, event_of = checked_spells(entry, exit, event, "event")
    for name, column in (("entry", start), ("exit", stop)):
        refuse(column != np.floor(column), name, column, "a whole number of periods")
    first, lived = start.astype(np.int64), (stop - start).astype(np.int64)
    spell = np.repeat(np.arange(lived.size), lived)
    within = np.arange(spell.size) - np.repeat(np.cumsum(lived) - lived, lived)
    ended = ((within + 1 == lived[spell]) & (event_of[spell] > 0)).astype(np.int64)
    return spell, first[spell] + within + 1, ended


def fit_cloglog(
    ended: npt.ArrayLike,
    design: npt.ArrayLike,
    *,
    names: Sequence[str] | None = None,
    weight: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> CloglogFit:
    """Fit 1 - exp(-exp(design @ coefficients)) to whether something ended in each person-period.

    Parameters
    ----------
    ended : array (n,) of bool or 0/1
        As `person_periods` gives it.
    design : array (n,) or (n, p)
        Columns that may change over a spell; a constant or steps of time are the caller's to put in.
    names : sequence of p words, optional
        Names of the columns; x1, x2, ... otherwise.
    weight : array (n,), optional
        How many person-periods each row stands for.
    level : float
        Confidence level of intervals.

    Raises
    ------
    ValueError
        If columns do not fit or hold what they cannot, or the likelihood has no maximum (in some group
        nothing ended, or everything) or does not tell columns apart.

    Notes
    -----
    The same as R's `glm(ended ~ ..., binomial("cloglog"))`. If hazards are proportional in continuous time,
    coefficients are their log ratios whatever the length of the period: Prentice & Gloeckler 1978,
    Biometrics 34. Late entry needs nothing more: only periods under observation have rows.
    """
    y = np.asarray(ended, dtype=np.float64)
    if y.ndim != 1:
        raise ValueError(f"ended has shape {y.shape}; accepted: a column")
    refuse(~np.isin(y, (0.0, 1.0)), "ended", y, "0 or 1")
    x, many = checked_covariates(design, y.size), checked_weights(weight, y.size)
    terms = tuple(names) if names is not None else tuple(f"x{k + 1}" for k in range(x.shape[1]))
    if not terms or len(terms) != x.shape[1]:
        raise ValueError(f"names are {terms}; accepted: one for each of {x.shape[1]} columns, at least one")
    normal_quantile(level)  # a bad level is refused before the work
    count, total_ended = float(many.sum()), float(many @ y)
    if not 0.0 < total_ended < count:
        raise ValueError(f"{total_ended:g} of {count:g} ended; accepted: some, not all")
    span = np.abs(x).max(axis=0)
    first, *_ = np.linalg.lstsq(x, np.full(y.size, np.log(-np.log1p(-total_ended / count))), rcond=None)

    def likelihood(parameters: Floats) -> tuple[float, Floats, Floats]:
        total = np.exp(x @ parameters)
        pull = total / np.expm1(total)
        value = np.where(y > 0.0, np.log(-np.expm1(-total)), -total)
        slope = np.where(y > 0.0, pull, -total)
        bend = np.where(y > 0.0, pull * (1.0 - total - pull), -total)
        return float(many @ value), x.T @ (many * slope), -x.T @ ((many * bend)[:, None] * x)

    best, value, _ = maximise(likelihood, first, terms, 1.0 / np.where(span > 0.0, span, 1.0))
    total = np.exp(x @ best)
    expected = x.T @ ((many * total * total / np.expm1(total))[:, None] * x)
    covariance = np.asarray(np.linalg.inv(expected), dtype=np.float64)
    return CloglogFit(terms, best, covariance, value, count, total_ended, level)


def fit_discrete(
    entry: npt.ArrayLike,
    exit: npt.ArrayLike,
    event: npt.ArrayLike,
    *,
    bands: Sequence[int] | None = None,
    covariates: npt.ArrayLike | None = None,
    names: Sequence[str] | None = None,
    weight: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> DiscreteFit:
    """Fit a hazard by period of life, with covariates of the spell, by complementary log-log regression.

    Parameters
    ----------
    entry, exit, event
        As in `person_periods`.
    bands : sequence of int, optional
        First periods of the steps of the hazard, ascending: (1, 13, 37) has one step for each of periods
        1-12, 13-36 and from 37 on. By default each period has its own.
    covariates, names, weight, level
        As in `fit_distribution`.

    Raises
    ------
    ValueError
        As in `person_periods` and `fit_cloglog`; or if bands do not ascend, begin after a period lived, or
        hold one in which nothing ended, or everything.

    Notes
    -----
    As `fit_cloglog`, with one indicator for each band.
    """
    spell, period, ended = person_periods(entry, exit, event)
    n = np.size(exit)
    x, many = checked_covariates(covariates, n), checked_weights(weight, n)[spell]
    named = tuple(names) if names is not None else tuple(f"x{k + 1}" for k in range(x.shape[1]))
    firsts: Ints = np.unique(period) if bands is None else np.asarray(bands, dtype=np.int64)
    if firsts.ndim != 1 or not firsts.size or (np.diff(firsts) <= 0).any() or (period < firsts[0]).any():
        raise ValueError(f"bands are {bands}; accepted: whole numbers that ascend, from a period none comes before")
    step = np.searchsorted(firsts, period, side="right") - 1
    lived = np.bincount(step, many, firsts.size)
    gone = np.bincount(step, many * ended, firsts.size)
    for first, there, lost in zip(firsts.tolist(), lived.tolist(), gone.tolist(), strict=True):
        if not 0.0 < lost < there:
            raise ValueError(
                f"of {there:g} at risk in the band from period {first} on, {lost:g} ended; accepted: bands in which "
                "some ended and some did not (join it to its neighbour)"
            )
    design = np.column_stack((step[:, None] == np.arange(firsts.size), x[spell]))
    terms = (*(f"from {first}" for first in firsts), *named)
    fit = fit_cloglog(ended, design, names=terms, weight=many, level=level)
    values = {field.name: getattr(fit, field.name) for field in fields(fit)}
    return DiscreteFit(**values, bands=tuple(firsts.tolist()))
