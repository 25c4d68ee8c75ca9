"""Have chains mixed, and can weights be trusted: rank R-hat, bulk and tail effective sizes, Pareto k-hat.

As in Vehtari, Gelman, Simpson, Carpenter and Buerkner (2021, Bayesian Analysis 16: 667-718) and in Vehtari, Simpson,
Gelman, Yao and Gabry (2024, JMLR 25: 72) with the estimator of Zhang and Stephens (2009, Technometrics 51: 316-325).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .priors import standard_normal

Floats = NDArray[np.float64]

FEWEST_OF_A_TAIL = 5


def r_hat(chains: Floats) -> float:
    """Return the rank-normalised split R-hat of some chains; shape (chains, draws). 1 where they have mixed."""
    halves = _split(chains)
    folded = np.abs(halves - np.median(halves))
    return max(_r_hat(_rank_normal(halves)), _r_hat(_rank_normal(folded)))


def bulk_ess(chains: Floats) -> float:
    """Return how many independent draws tell as much about the middle of the distribution."""
    return _ess(_rank_normal(_split(chains)))


def tail_ess(chains: Floats) -> float:
    """Return how many independent draws tell as much about its 5 and 95 % quantiles."""
    halves = _split(chains)
    return min(_ess((halves <= np.quantile(halves, level)).astype(float)) for level in (0.05, 0.95))


def _split(chains: Floats) -> Floats:
    half = chains.shape[1] // 2
    return np.concatenate([chains[:, :half], chains[:, chains.shape[1] - half :]])


def _rank_normal(x: Floats) -> Floats:
    from scipy.stats import rankdata

    ranks = rankdata(x, method="average").reshape(x.shape)
    return standard_normal((ranks - 0.375) / (x.size + 0.25))


def _r_hat(x: Floats) -> float:
    draws = x.shape[1]
    within = x.var(axis=1, ddof=1).mean()
    if within == 0.0:
        return 1.0
    between = x.mean(axis=1).var(ddof=1)
    return float(np.sqrt((draws - 1) / draws + between / within))


def _ess(x: Floats) -> float:
    """Return the effective size by Geyer's initial monotone sequence over all chains."""
    chains, draws = x.shape
    centred = x - x.mean(axis=1, keepdims=True)
    size = 2 ** int(np.ceil(np.log2(2 * draws)))
    power = np.abs(np.fft.rfft(centred, size, axis=1)) ** 2
    covariance = np.fft.irfft(power, size, axis=1)[:, :draws].mean(axis=0) / draws
    within = covariance[0] * draws / (draws - 1.0)
    total = covariance[0] + x.mean(axis=1).var(ddof=1)
    if total <= 0.0:
        return float(chains * draws)
    rho = 1.0 - (within - covariance) / total
    pairs = rho[: draws // 2 * 2].reshape(-1, 2).sum(axis=1)
    ends = np.flatnonzero(pairs <= 0.0)
    kept = np.minimum.accumulate(pairs[: ends[0] if len(ends) else len(pairs)])
    time = max(-1.0 + 2.0 * float(kept.sum()), 1.0 / np.log10(chains * draws))
    return float(chains * draws / time)


def weighted_ess(weights: Floats) -> float:
    """Return how many equally weighted draws some weighted ones are worth."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def pareto_k(log_weights: Floats) -> float:
    """Return the shape of the tail of importance weights: above 0.7 their averages are not to be trusted."""
    finite = np.sort(log_weights[np.isfinite(log_weights)])
    number = min(len(finite) // 5, int(3.0 * np.sqrt(len(finite))))
    if number < FEWEST_OF_A_TAIL:
        return float("inf")
    ratios = np.exp(finite - finite[-1])
    excess = ratios[-number:] - ratios[-number - 1]
    return float("-inf") if excess[-1] <= 0.0 else _generalised_pareto(excess)


def _generalised_pareto(excess: Floats) -> float:
    """Return the shape of a generalised Pareto distribution, shrunk a little towards 0.5 as in PSIS."""
    n = len(excess)
    grid = 30 + int(np.sqrt(n))
    quarter = excess[int(n / 4 + 0.5) - 1]
    b = 1.0 / excess[-1] + (1.0 - np.sqrt(grid / (np.arange(1, grid + 1) - 0.5))) / (3.0 * max(quarter, 1e-300))
    k = np.log1p(-b[:, None] * excess).mean(axis=1)
    likelihood = n * (np.log(-b / k) - k - 1.0)
    weights = 1.0 / np.exp(likelihood - likelihood[:, None]).sum(axis=1)
    mean = float((b * weights).sum() / weights.sum())
    shape = float(np.log1p(-mean * excess).mean())
    return (n * shape + 10.0 * 0.5) / (n + 10.0)
