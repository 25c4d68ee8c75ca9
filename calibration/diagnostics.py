"""Say whether a sampler has converged, what its draws are worth, and whether importance weights hold.

The formulas are arviz-stats's, which needs numpy and scipy only and is checked against R's posterior package. What
is added here refuses draws that say nothing: a chain that never moves is not one that has converged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

Floats = npt.NDArray[np.float64]

FEWEST_DRAWS = 4
"""Draws a chain, at least: it is split in halves."""
FEWEST_WEIGHTS = 25
"""Weights at least: a tail is a fifth of them, and a Pareto distribution needs five."""
TAIL = 0.05
"""`ess_tail` looks at this quantile and its mirror image."""
NEGLIGIBLE = -600.0
"""A log weight so far below the largest is zero to the last bit in every sum."""


def r_hat(draws: npt.ArrayLike) -> float:
    """Compare chains with each other and with themselves: rank-normalised split R-hat, near 1 once they agree.

    Parameters
    ----------
    draws : array (chains, draws)
        Draws of one quantity, two chains or more, as they came. Below 1.01 is good.

    Returns
    -------
    float
        NaN where no chain moves at all; inf where chains stand still at different places.

    Raises
    ------
    ValueError
        If the shape is another, there are too few draws, or one is not finite.

    Notes
    -----
    Vehtari, Gelman, Simpson, Carpenter & Burkner 2021, Bayesian Analysis 16.
    """
    table = _checked(draws, chains=2)
    if np.ptp(table) == 0.0:
        return float("nan")
    if (np.ptp(table, axis=1) == 0.0).all():
        return float("inf")
    return float(_arviz().rhat(table))


def ess_bulk(draws: npt.ArrayLike) -> float:
    """Count the independent draws that draws are worth for the middle of a distribution.

    Parameters
    ----------
    draws : array (chains, draws)
        As in `r_hat`; one chain is enough.

    Returns
    -------
    float
        More than their number where they alternate; NaN where some chain never moves.
    """
    return _effective(draws, lambda table: _arviz().ess(table, method="bulk"))


def ess_tail(draws: npt.ArrayLike) -> float:
    """Count the independent draws that draws are worth for the 5 % and 95 % quantiles; else as `ess_bulk`."""
    return _effective(draws, lambda table: _arviz().ess(table, method="tail", prob=(TAIL, 1.0 - TAIL)))


def ess_weights(log_weights: npt.ArrayLike) -> float:
    """Count the equally weighted draws that weighted ones are worth: (sum w)^2 / sum w^2 (Kish 1965).

    Parameters
    ----------
    log_weights : array (n,)
        Of any level; -inf is a weight of zero.
    """
    logs = _checked_weights(log_weights)
    weight = np.exp(logs - logs.max())
    return float(weight.sum() ** 2 / (weight**2).sum())


def psis(log_weights: npt.ArrayLike, r_eff: float = 1.0) -> tuple[Floats, float]:
    """Smooth the largest importance weights by a Pareto distribution, and say by its shape whether they hold.

    Parameters
    ----------
    log_weights : array (n,)
        Of any level, 25 at least; -inf is a weight of zero and stays one.
    r_eff : float
        Effective sample size of the draws over their number: 1 for independent ones.

    Returns
    -------
    smoothed : array (n,)
        Log weights whose exponentials add up to 1.
    k_hat : float
        Shape of the tail. Up to min(1 - 1 / log10(n), 0.7) sums over these weights can be believed; above 0.7 they
        cannot, however many draws there are. -inf where the largest weights are equal, inf where so many are that
        no tail can be fitted to them: weights are then as they came.

    Raises
    ------
    ValueError
        If a weight is NaN or infinite, none is above zero, there are too few, or `r_eff` is not above zero.

    Notes
    -----
    Vehtari, Simpson, Gelman, Yao & Gabry 2024, JMLR 25.
    """
    logs = _checked_weights(log_weights)
    if logs.size < FEWEST_WEIGHTS:
        raise ValueError(f"log_weights: found {logs.size}; accepted: {FEWEST_WEIGHTS} or more")
    if not (np.isfinite(r_eff) and r_eff > 0.0):
        raise ValueError(f"r_eff is {r_eff}; accepted: above 0")
    above = logs - logs.max()
    ordered = np.sort(above)
    most = int(min(0.2 * above.size, 3.0 * np.sqrt(above.size / r_eff)))
    tail, below = ordered[-most:], ordered[-most - 1]
    if tail[0] == tail[-1]:
        return above - _log_sum(above), float("-inf")
    if tail[most // 4] == below:
        return above - _log_sum(above), float("inf")
    # It takes log likelihoods, whose negatives are the log weights of leaving one out.
    smoothed, k_hat = _arviz().psislw(-np.maximum(above, NEGLIGIBLE), r_eff=r_eff)
    kept = np.where(np.isneginf(above), -np.inf, smoothed)
    return kept - _log_sum(kept), float(k_hat)


def _effective(draws: npt.ArrayLike, count: Callable[[Floats], Any]) -> float:
    table = _checked(draws, chains=1)
    return float("nan") if (np.ptp(table, axis=1) == 0.0).any() else float(count(table))


def _checked(draws: npt.ArrayLike, chains: int) -> Floats:
    table = np.asarray(draws, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] < chains or table.shape[1] < FEWEST_DRAWS:
        few = f"{chains} or more chains of {FEWEST_DRAWS} or more draws"
        raise ValueError(f"draws have shape {table.shape}; accepted: (chains, draws), {few}")
    if not np.isfinite(table).all():
        raise ValueError(f"draws: found {np.count_nonzero(~np.isfinite(table))} that are not finite; accepted: none")
    return table


def _checked_weights(log_weights: npt.ArrayLike) -> Floats:
    logs = np.asarray(log_weights, dtype=np.float64)
    if logs.ndim != 1 or not logs.size:
        raise ValueError(f"log_weights have shape {logs.shape}; accepted: (n,)")
    if np.isnan(logs).any() or np.isposinf(logs).any() or np.isneginf(logs).all():
        raise ValueError("log_weights: found NaN, inf, or no weight above zero; accepted: numbers, and -inf for zero")
    return logs


def _log_sum(logs: Floats) -> float:
    most = logs.max()
    return float(most + np.log(np.exp(logs - most).sum()))


def _arviz() -> Any:
    from arviz_stats.base.array import array_stats

    return array_stats
