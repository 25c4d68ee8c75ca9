"""Maximum likelihood by Newton's method, for a handful of parameters with exact first and second derivatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .columns import Floats

Likelihood = Callable[[Floats], tuple[float, Floats, Floats]]
"""Of parameters: the log-likelihood, its gradient, and the observed information (minus its second derivatives)."""

STEPS, HALVINGS = 200, 50
CLOSE = 1e-12
"""A step that promises less log-likelihood than this, relative to it, is the last."""
FLAT = 1e-10
"""Curvature this small, relative to the steepest, does not tell parameters apart."""
NO_END = 1e3
"""A standard error this large, on a scale where differences of 1 are large, means that there is no maximum."""


def maximise(likelihood: Likelihood, start: Floats, names: Sequence[str], unit: Floats) -> tuple[Floats, float, Floats]:
    """Climb from `start` to the maximum; `unit` is what a large difference of each parameter would be.

    Returns
    -------
    parameters (p,), log-likelihood, inverse of the observed information (p, p)

    Raises
    ------
    ValueError
        If the likelihood has no maximum or does not tell parameters apart; they are named.
    """
    at = start
    with np.errstate(all="ignore"):  # a step too far overflows, and is halved
        value, slope, information = likelihood(at)
        for _ in range(STEPS):
            step = _uphill(slope, information)
            gain = float(slope @ step)
            last = gain <= CLOSE * (1.0 + abs(value))
            for _ in range(HALVINGS):
                trial = likelihood(at + step)
                if _rises(trial, -np.inf if last else value):
                    break
                step = step / 2.0
            else:
                break
            at = at + step
            value, slope, information = trial
            if last:
                return at, value, _inverse(information, names, unit)
    raise _no_maximum(names[int(np.argmax(np.abs(at - start) / unit))])


def _rises(trial: tuple[float, Floats, Floats], floor: float) -> bool:
    value, slope, information = trial
    return bool(value > floor and np.isfinite(slope).all() and np.isfinite(information).all())


def _uphill(slope: Floats, information: Floats) -> Floats:
    """Give Newton's step, turned uphill where the likelihood bends the wrong way."""
    scale = _scale(information)
    bend, axes = np.linalg.eigh(information / np.outer(scale, scale))
    step: Floats = axes @ (axes.T @ (slope / scale) / np.maximum(np.abs(bend), FLAT)) / scale
    return step


def _inverse(information: Floats, names: Sequence[str], unit: Floats) -> Floats:
    scale = _scale(information)
    bend, axes = np.linalg.eigh(information / np.outer(scale, scale))
    if bend[0] < FLAT:
        mixed = ", ".join(name for name, part in zip(names, axes[:, 0], strict=True) if abs(part) > 0.1)
        raise ValueError(f"the data do not tell apart {mixed}; accepted: covariates that differ from each other")
    covariance: Floats = (axes / bend) @ axes.T / np.outer(scale, scale)
    error = np.sqrt(np.diag(covariance)) / unit
    if error.max() > NO_END:
        raise _no_maximum(names[int(np.argmax(error))])
    return covariance


def _scale(information: Floats) -> Floats:
    """Give units in which every curvature is 1: parameters differ by orders of magnitude."""
    diagonal = np.abs(np.diag(information))
    return np.sqrt(np.where(diagonal > 0.0, diagonal, 1.0))


def _no_maximum(name: str) -> ValueError:
    return ValueError(f"the likelihood has no maximum: it rises for ever with {name}")
