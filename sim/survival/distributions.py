"""Distributions of lifetimes: cumulative hazard and log hazard, each with its first and second derivatives.

A *jet* is an array (6, n) of a quantity and its derivatives by two parameters: the linear predictor `eta`
and the shape `theta`. Its rows are the value, d/d eta, d/d theta, d2/d eta2, d2/d eta d theta, d2/d theta2.
Sums of jets are jets, and `chain` gives the jet of a function of one; so a likelihood made of them needs no
derivatives of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import factorial

import numpy as np

from .columns import Floats

SERIES = np.array([[1.0 / (factorial(j) * (j + k + 1)) for k in range(3)] for j in range(20)])
"""Of the moments of exp(x u) about x = 0, where their closed forms lose every digit."""


def chain(jet: Floats, value: Floats, first: Floats, second: Floats) -> Floats:
    """Give the jet of f(x) from that of x, and from f, f' and f'' at x."""
    _, e, t, ee, et, tt = jet
    return np.stack(
        [
            value,
            first * e,
            first * t,
            first * ee + second * e * e,
            first * et + second * e * t,
            first * tt + second * t * t,
        ]
    )


@dataclass(frozen=True)
class Distribution:
    """A family of lifetimes.

    Attributes
    ----------
    shape : str
        Name of the shape parameter; empty if there is none.
    location : str
        Name of the parameter, on a log scale, that covariates move.
    log_shape : bool
        Whether the shape is positive, and estimated as its log.
    lengthens : bool
        Whether a larger location means longer lives (a scale) or shorter ones (a rate).
    dies_away : bool
        Whether a shape below 0 is a hazard that dies away, so that some never end.
    hazards : function of (time > 0, eta, theta)
        Returns the jets of the cumulative hazard and of the log hazard.
    """

    shape: str
    location: str
    log_shape: bool
    lengthens: bool
    dies_away: bool
    hazards: Callable[[Floats, Floats, float], tuple[Floats, Floats]]

    def cumulative(self, time: Floats, eta: Floats, theta: float) -> Floats:
        """Give the jet of the cumulative hazard at finite times >= 0."""
        positive = time > 0.0
        jet = np.zeros((6, time.size))
        jet[:, positive] = self.hazards(time[positive], eta[positive], theta)[0]
        return jet

    def whole_life(self, eta: Floats, theta: float) -> Floats:
        """Give the limit of the cumulative hazard at late times: infinite, unless some never end."""
        return np.exp(eta) / -theta if self.dies_away and theta < 0.0 else np.full(eta.shape, np.inf)

    def log_hazard(self, time: Floats, eta: Floats, theta: float) -> Floats:
        """Give the jet of the log hazard at finite times > 0."""
        return self.hazards(time, eta, theta)[1]


def _jet(n: int, *rows: Floats | float) -> Floats:
    """Make a jet of its first rows; the others are 0."""
    jet = np.zeros((6, n))
    for place, row in enumerate(rows):
        jet[place] = row
    return jet


def _exponential(time: Floats, eta: Floats, _: float) -> tuple[Floats, Floats]:
    """H = exp(eta) t."""
    total = np.exp(eta) * time
    return _jet(time.size, total, total, 0.0, total), _jet(time.size, eta, 1.0)


def _accelerated(time: Floats, eta: Floats, theta: float) -> Floats:
    """Give the jet of k (log t - eta), with k = exp(theta)."""
    k = np.exp(theta)
    w = k * (np.log(time) - eta)
    return _jet(time.size, w, -k, w, 0.0, -k, w)


def _weibull(time: Floats, eta: Floats, theta: float) -> tuple[Floats, Floats]:
    """H = (t / exp(eta)) ** k."""
    w = _accelerated(time, eta, theta)
    total = np.exp(w[0])
    return chain(w, total, total, total), w + _jet(time.size, theta - np.log(time), 0.0, 1.0)


def _weibull_rate(time: Floats, eta: Floats, theta: float) -> tuple[Floats, Floats]:
    """H = exp(eta) t ** k."""
    climb = np.exp(theta) * np.log(time)
    w = _jet(time.size, eta + climb, 1.0, climb, 0.0, 0.0, climb)
    total = np.exp(w[0])
    return chain(w, total, total, total), w + _jet(time.size, theta - np.log(time), 0.0, 1.0)


def _log_logistic(time: Floats, eta: Floats, theta: float) -> tuple[Floats, Floats]:
    """H = log(1 + (t / exp(eta)) ** k)."""
    w = _accelerated(time, eta, theta)
    ended = 0.5 * (1.0 + np.tanh(0.5 * w[0]))
    total = chain(w, np.logaddexp(0.0, w[0]), ended, ended * (1.0 - ended))
    return total, w - total + _jet(time.size, theta - np.log(time), 0.0, 1.0)


def _gompertz(time: Floats, eta: Floats, theta: float) -> tuple[Floats, Floats]:
    """H = exp(eta) (exp(theta t) - 1) / theta, which is exp(eta) t at theta = 0."""
    scale = np.exp(eta) * time
    area, lever, bend = (scale * moment * time**k for k, moment in enumerate(_moments(theta * time)))
    return _jet(time.size, area, area, lever, area, lever, bend), _jet(time.size, eta + theta * time, 1.0, time)


def _moments(x: Floats) -> tuple[Floats, Floats, Floats]:
    """Give the integrals of u**k exp(x u) over u from 0 to 1, for k = 0, 1, 2."""
    near = np.abs(x) < 1.0
    large = np.where(near, 1.0, x)
    e = np.exp(large)
    zero, one, two = np.polynomial.polynomial.polyval(np.where(near, x, 0.0), SERIES)
    return (
        np.where(near, zero, np.expm1(large) / large),
        np.where(near, one, (e * (large - 1.0) + 1.0) / large**2),
        np.where(near, two, (e * (large**2 - 2.0 * large + 2.0) - 2.0) / large**3),
    )


DISTRIBUTIONS = {
    "exponential": Distribution("", "rate", False, False, False, _exponential),
    "weibull": Distribution("shape", "scale", True, True, False, _weibull),
    "weibull_rate": Distribution("shape", "rate", True, False, False, _weibull_rate),
    "gompertz": Distribution("shape", "rate", False, False, True, _gompertz),
    "log_logistic": Distribution("shape", "scale", True, True, False, _log_logistic),
}
"""By name; parameters are those of R's flexsurv (exp, weibull, weibullPH, gompertz, llogis)."""
