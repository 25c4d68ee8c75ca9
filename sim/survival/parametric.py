"""Lifetimes that follow a distribution: fits with late entry, endings between visits, covariates and weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .columns import (
    Floats,
    checked_brackets,
    checked_covariates,
    checked_times,
    checked_weights,
    normal_quantile,
    refuse,
)
from .distributions import DISTRIBUTIONS, Distribution, chain
from .likelihood import Likelihood, maximise

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class DistributionFit:
    """A fitted distribution.

    Attributes
    ----------
    distribution : str
        One of those `fit_distribution` lists.
    terms : tuple of p words
        The shape if there is one, the rate or scale, then the covariates.
    coefficients : array (p,)
        On the scale of estimation: logs of positive parameters (all but Gompertz's shape), covariates as
        they are.
    covariance : array (p, p)
        Their covariance: the inverse of the observed information.
    log_likelihood : float
        Of the times themselves, as R's `survreg` and `flexsurvreg` have it (Stata adds the logs of exact times).
    spells, ended : float
        Spells, and those known to have ended, by weight.
    level : float
        Confidence level of intervals, 0-1.
    """

    distribution: str
    terms: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    log_likelihood: float
    spells: float
    ended: float
    level: float

    @property
    def aic(self) -> float:
        """Akaike's criterion: less is better."""
        return 2.0 * len(self.terms) - 2.0 * self.log_likelihood

    def table(self) -> pd.DataFrame:
        """Give one row for each term: estimate, interval and standard error.

        Positive parameters are on their own scale, the interval symmetric on that of their logs and the
        error by the delta method, as R's `flexsurvreg` prints them.
        """
        import pandas as pd

        family, errors = DISTRIBUTIONS[self.distribution], np.sqrt(np.diag(self.covariance))
        positive = {family.location} | ({family.shape} if family.log_shape else set())
        logs = np.array([k < 2 and term in positive for k, term in enumerate(self.terms)])
        width = normal_quantile(self.level) * errors
        ends = {
            name: np.where(logs, np.exp(np.where(logs, edge, 0.0)), edge)
            for name, edge in (
                ("estimate", self.coefficients),
                ("low", self.coefficients - width),
                ("high", self.coefficients + width),
            )
        }
        return pd.DataFrame({"term": self.terms, **ends, "error": errors * np.where(logs, ends["estimate"], 1.0)})

    def cumulative_hazard(self, times: npt.ArrayLike, covariates: npt.ArrayLike = ()) -> Floats:
        """Give the cumulative hazard at `times` for one set of covariates; an array of the shape of `times`.

        At an infinite time it is the limit: infinite, unless some never end (Gompertz with a shape below 0).

        Raises
        ------
        ValueError
            If a time is negative or missing, or covariates are not as many as were fitted.
        """
        return self._jets(times, covariates, log_hazard=False)

    def survival(self, times: npt.ArrayLike, covariates: npt.ArrayLike = ()) -> Floats:
        """Give the share still going at `times`; arguments and errors are those of `cumulative_hazard`."""
        return np.exp(-self.cumulative_hazard(times, covariates))

    def hazard(self, times: npt.ArrayLike, covariates: npt.ArrayLike = ()) -> Floats:
        """Give the hazard at finite `times` above 0; otherwise as `cumulative_hazard`."""
        at = np.ravel(checked_times(times))
        refuse((at == 0.0) | np.isinf(at), "time", at, "above 0 for a hazard, and finite")
        return np.exp(self._jets(times, covariates, log_hazard=True))

    def _jets(self, times: npt.ArrayLike, covariates: npt.ArrayLike, *, log_hazard: bool) -> Floats:
        at, x = checked_times(times), np.asarray(covariates, dtype=np.float64)
        family = DISTRIBUTIONS[self.distribution]
        theta, betas = _split(self.coefficients, family)
        own = self.terms[len(self.terms) - betas.size + 1 :]
        if x.shape != (len(own),):
            raise ValueError(f"covariates have shape {x.shape}; accepted: a value for each of {own}")
        eta = np.full(at.size, betas[0] + x @ betas[1:])
        read = family.log_hazard if log_hazard else family.cumulative
        late = np.isinf(np.ravel(at))
        value = read(np.where(late, 1.0, np.ravel(at)), eta, theta)[0]
        found: Floats = np.where(late, family.whole_life(eta, theta), value)
        return found.reshape(at.shape)


def fit_distribution(
    distribution: str,
    entry: npt.ArrayLike,
    lower: npt.ArrayLike,
    upper: npt.ArrayLike,
    *,
    covariates: npt.ArrayLike | None = None,
    names: Sequence[str] | None = None,
    weight: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> DistributionFit:
    """Fit a distribution of lifetimes by maximum likelihood.

    Parameters
    ----------
    distribution : str
        Survival to t, with x the covariates and b their coefficients:
        "exponential" exp(-rate t), log rate + b x;
        "weibull" exp(-(t / scale)**shape), log scale + b x (accelerated lives: positive lasts longer);
        "weibull_rate" exp(-rate t**shape), log rate + b x (b is a log hazard ratio);
        "gompertz" exp(-rate (exp(shape t) - 1) / shape), log rate + b x (a log hazard ratio); the shape
        may be negative, and then some never end;
        "log_logistic" 1 / (1 + (t / scale)**shape), log scale + b x (accelerated lives).
    entry, lower, upper
        As in `turnbull`: the ending lies in (lower, upper], exact where they are equal, given survival to
        `entry`. `known_between` makes them of exits and events.
    covariates : array (n,) or (n, p), optional
        A constant is always there beside them.
    names : sequence of p words, optional
        Names of the covariates; x1, x2, ... otherwise.
    weight : array (n,), optional
        How many spells each row stands for.
    level : float
        Confidence level of intervals.

    Raises
    ------
    ValueError
        If the distribution is unknown, columns are not as in `turnbull`, nothing ended, or the likelihood
        has no maximum or does not tell covariates apart.

    Notes
    -----
    Parameters are those of R's flexsurv; `survreg` has log scale = its intercept, shape = 1 / its scale and,
    for the exponential, the signs of all coefficients turned. Errors come from the observed information.
    Kalbfleisch & Prentice, The Statistical Analysis of Failure Time Data, ch. 2-3.
    """
    family = DISTRIBUTIONS.get(distribution)
    if family is None:
        raise ValueError(f"distribution is {distribution!r}; accepted: {', '.join(DISTRIBUTIONS)}")
    normal_quantile(level)
    start, low, high = checked_brackets(entry, lower, upper)
    many, x = checked_weights(weight, start.size), checked_covariates(covariates, start.size)
    named = tuple(names) if names is not None else tuple(f"x{k + 1}" for k in range(x.shape[1]))
    if len(named) != x.shape[1]:
        raise ValueError(f"names are {named}; accepted: one for each of {x.shape[1]} covariates")
    ended = float(many @ np.isfinite(high))
    if ended == 0.0:
        raise ValueError("nothing ended; accepted: at least one spell with a finite upper and a weight")
    seen = np.where(np.isfinite(high), (low + np.where(np.isfinite(high), high, 0.0)) / 2.0, low)
    pace = np.log(ended / (many @ (seen - start)))  # of the exponential, were endings half way between visits
    terms = tuple(word for word in (family.shape, family.location) if word) + named
    first = np.zeros(len(terms))
    first[len(terms) - len(named) - 1] = -pace if family.lengthens else pace
    unit = np.ones(len(terms))
    unit[len(terms) - len(named) :] = 1.0 / np.where(np.ptp(x, axis=0) > 0.0, np.ptp(x, axis=0), 1.0)
    if family.shape and not family.log_shape:
        unit[0] = np.exp(pace)
    likelihood = _likelihood(family, start, low, high, np.column_stack((np.ones(start.size), x)), many)
    best, value, covariance = maximise(likelihood, first, terms, unit)
    return DistributionFit(distribution, terms, best, covariance, value, float(many.sum()), ended, level)


def _split(parameters: Floats, family: Distribution) -> tuple[float, Floats]:
    return (float(parameters[0]), parameters[1:]) if family.shape else (0.0, parameters)


def _likelihood(
    family: Distribution, start: Floats, low: Floats, high: Floats, design: Floats, weight: Floats
) -> Likelihood:
    """Give the log-likelihood with its derivatives: of log h(t) - H(t) + H(entry), or of a probability between."""
    exact, between = high == low, np.isfinite(high) & (high > low)

    def likelihood(parameters: Floats) -> tuple[float, Floats, Floats]:
        theta, betas = _split(parameters, family)
        eta = design @ betas
        jet = family.cumulative(start, eta, theta) - family.cumulative(low, eta, theta)
        jet[:, exact] += family.log_hazard(low[exact], eta[exact], theta)
        more = family.cumulative(high[between], eta[between], theta)
        more -= family.cumulative(low[between], eta[between], theta)
        odds = 1.0 / np.expm1(more[0])
        jet[:, between] += chain(more, np.log(-np.expm1(-more[0])), odds, -odds * (1.0 + odds))
        value, e, t, ee, et, tt = jet * weight
        slope, bend = design.T @ e, design.T @ (ee[:, None] * design)
        if family.shape:
            edge = design.T @ et
            slope = np.concatenate(([t.sum()], slope))
            bend = np.block([[np.array([[tt.sum()]]), edge[None, :]], [edge[:, None], bend]])
        return float(value.sum()), slope, -bend

    return likelihood
