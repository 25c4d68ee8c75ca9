"""A posterior from a table of runs: learned summaries, the nearest runs, and what makes up for their not being nearer.

After Fearnhead & Prangle 2012 (the best summaries of parameters are their posterior means, learned by regression),
Beaumont, Zhang & Balding 2002 (local-linear adjustment) and Blum & Francois 2010 (with unequal spread). Without the
adjustment such a posterior is far too wide. Everything here is plain arrays: it knows nothing of the model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

ACCEPTED = 0.01
"""Share of the runs that is kept."""
FEWEST_ACCEPTED = 100
"""Runs of each group that are kept at least, however small the table: the adjustment makes up for their distance."""
ABOVE_NOISE = 1.2
"""A direction counts if it explains more than so many times what regressions on noise would."""
MOST_DIRECTIONS = 12
RUNS_A_FEATURE = 50
"""With fewer runs than that for each product of two summaries, only squares are taken."""
STEP, FLAT = 1e-3, 0.05
"""Step of a slope, in standard deviations; slopes of so little, against the steepest, are none."""
FARTHEST = 6.0
"""Summaries further out than so many standard deviations are pulled in: one odd run bends no regression."""


@dataclass(frozen=True)
class Learned:
    """Summaries that say the most about the parameters.

    Attributes
    ----------
    centre, spread : array (summaries,)
        Of the summaries as they were seen.
    products : bool
        Whether products of two different summaries are looked at too.
    middle : array (features,)
    basis : array (features, directions)
    explained : array (parameters,)
        Share of the variance of each parameter that a regression on all features explains.
    """

    centre: Floats
    spread: Floats
    products: bool
    middle: Floats
    basis: Floats
    explained: Floats

    def __call__(self, x: Floats) -> Floats:
        """Return learned summaries of summaries (runs, summaries): array (runs, directions)."""
        return (_features((x - self.centre) / self.spread, self.products) - self.middle) @ self.basis

    def along(self, x: Floats, at: Floats) -> Floats:
        """Return how far runs lie from an observation, along the directions in which learned summaries move there.

        Summaries (runs, summaries) and (summaries,) give (runs, directions), in standard deviations. A learned summary
        that is curved may have its least value just there: along itself, all runs would lie on one side.
        """
        steps = STEP * np.diag(self.spread)
        moves = (self(at + steps) - self(at - steps)) / (2.0 * STEP)  # (summaries, directions), a standard deviation
        found, strength, _ = np.linalg.svd(moves, full_matrices=False)
        return np.asarray((x - at) / self.spread @ found[:, strength > FLAT * strength[0]])


def _features(z: Floats, products: bool) -> Floats:
    z = np.clip(z, -FARTHEST, FARTHEST)
    many = z.shape[1]
    pairs = [(i, j) for i in range(many) for j in range(i + 1) if products or i == j]
    return np.column_stack([z, *(z[:, i] * z[:, j] for i, j in pairs)])


def learn(x: Floats, theta: Floats, acting: Bools | None = None) -> Learned:
    """Regress parameters on summaries, their squares and products, and keep the few directions that tell something.

    Parameters
    ----------
    x : array (runs, summaries)
    theta : array (runs, parameters)
        On scales on which their priors are normal.
    acting : array (runs, parameters) of bool, optional
        Which parameters act in which runs: of the others those runs say nothing.
    """
    runs, many = theta.shape
    acting = np.ones(theta.shape, dtype=bool) if acting is None else acting
    centre, spread = x.mean(axis=0), x.std(axis=0)
    spread = np.where(spread > 0.0, spread, 1.0)
    products = runs >= RUNS_A_FEATURE * x.shape[1] * (x.shape[1] + 3) / 2
    found = _features((x - centre) / spread, products)
    middle = found.mean(axis=0)
    found = found - middle
    size = found.shape[1]
    root = np.linalg.cholesky(found.T @ found / runs + np.eye(size) * max(size / runs, 1e-9))
    z = np.where(acting, theta, 0.0)
    count = np.maximum(acting.sum(axis=0), 1)
    mean = z.sum(axis=0) / count
    z = np.where(acting, theta - mean, 0.0)
    sd = np.sqrt((z * z).sum(axis=0) / count)
    z = z / np.where(sd > 0.0, sd, 1.0)
    told = np.linalg.solve(root, found.T @ z / count)  # of whitened features: squares add up to shares explained
    left, strength, _ = np.linalg.svd(told, full_matrices=False)
    noise = (np.sqrt(size) + np.sqrt(many)) / np.sqrt(runs)
    kept = max(1, min(MOST_DIRECTIONS, int((strength > ABOVE_NOISE * noise).sum())))
    basis = np.linalg.solve(root.T, left[:, :kept]) * strength[:kept]
    return Learned(centre, spread, products, middle, basis, (told**2).sum(axis=0))


def accept(s: Floats, at: Floats, group: Ints, share: float = ACCEPTED) -> tuple[Ints, Floats]:
    """Return the runs of each group whose learned summaries are nearest to those observed, with their weights.

    Parameters
    ----------
    s, at : array (runs, directions), (directions,)
    group : array (runs,)
        Runs of a group compete with each other alone: a group keeps its share, near or not.
    share : float

    Returns
    -------
    rows : array (accepted,)
    weights : array (accepted,)
        Epanechnikov's, 1 at the observed, 0 at the next run that was not accepted; they sum to 1 in each group.
    """
    distance = np.sqrt(((s - at) ** 2).sum(axis=1))
    rows, weights = [], []
    for each in np.unique(group):
        mine = np.flatnonzero(group == each)
        kept = min(max(int(np.ceil(share * len(mine))), FEWEST_ACCEPTED), len(mine) - 1)
        order = mine[np.argsort(distance[mine], kind="stable")]
        reach = max(float(distance[order[kept]]), 1e-300)
        near = 1.0 - (distance[order[:kept]] / reach) ** 2
        near = np.maximum(near, 1e-9)  # ties at the edge
        rows.append(order[:kept])
        weights.append(near / near.sum())
    return np.concatenate(rows), np.concatenate(weights)


def adjusted(theta: Floats, away: Floats, weights: Floats, group: Ints) -> Floats:
    """Move accepted draws to where they would be had their runs given just what was observed.

    Parameters
    ----------
    theta : array (accepted, parameters)
    away : array (accepted, directions)
        How far their runs lie from the observation.
    weights : array (accepted,)
    group : array (accepted,)
        Each group has a level of its own; slopes are common.

    Returns
    -------
    array (accepted, parameters)
        Weighted as before. Residuals are stretched by the spread that is foretold where the observation lies, against
        that where their run lies, and for what the regression itself has taken from them.
    """
    levels = (group[:, None] == np.unique(group)[None, :]).astype(float)
    design = np.column_stack([levels, away])
    fit = _weighted_fit(design, theta, weights)
    expected = levels @ fit[: levels.shape[1]]
    off = theta - design @ fit
    worth = weights.sum() ** 2 / (weights**2).sum()
    taken = min(0.9, design.shape[1] / worth)
    tiny = 1e-12 * np.maximum(off.std(axis=0), 1e-300)
    shape = np.column_stack([np.ones(len(away)), away])
    bend = away @ _weighted_fit(shape, np.log(np.maximum(off**2 + tiny**2, 1e-300)), weights)[1:]
    return expected + off * np.exp(-np.clip(bend, -2.0, 2.0) / 2.0) / np.sqrt(1.0 - taken)


def _weighted_fit(x: Floats, y: Floats, weights: Floats) -> Floats:
    root = np.sqrt(weights)[:, None]
    return np.asarray(np.linalg.lstsq(x * root, y * root, rcond=None)[0])


@dataclass(frozen=True)
class Compatibility:
    """How far an observation lies from a cloud of simulated ones.

    Attributes
    ----------
    p_value : float
        Share of the cloud that lies as far from its middle (Mahalanobis); never below one over its size.
    distance : float
        The observation's, in standard deviations.
    off : array (summaries,)
        By how many standard deviations of the cloud each summary alone is off.
    """

    p_value: float
    distance: float
    off: Floats


def compatibility(cloud: Floats, point: Floats) -> Compatibility:
    """Lay an observation (summaries,) beside a cloud (runs, summaries)."""
    middle, spread = cloud.mean(axis=0), cloud.std(axis=0)
    spread = np.where(spread > 0.0, spread, 1e-9)
    z, at = (cloud - middle) / spread, (point - middle) / spread
    inverse = np.linalg.inv(np.corrcoef(z.T).reshape(len(point), -1) + 1e-9 * np.eye(len(point)))
    far = np.einsum("ij,jk,ik->i", z, inverse, z)
    mine = float(at @ inverse @ at)
    return Compatibility((1.0 + float((far >= mine).sum())) / (len(cloud) + 1.0), float(np.sqrt(mine)), at)


def groups_alike(acting: Bools) -> list[tuple[Bools, Ints]]:
    """Return sets of parameters that act in the same runs: which runs, and which parameters.

    Parameters
    ----------
    acting : array (runs, parameters) of bool
    """
    patterns: dict[bytes, list[int]] = {}
    for k in range(acting.shape[1]):
        patterns.setdefault(acting[:, k].tobytes(), []).append(k)
    return [(acting[:, columns[0]], np.array(columns)) for columns in patterns.values()]


def adjusted_where_acting(theta: Floats, away: Floats, weights: Floats, group: Ints, acting: Bools) -> Floats:
    """Return draws adjusted over those runs in which each parameter acts; elsewhere they stay as they were drawn."""
    found = theta.copy()
    for rows, columns in groups_alike(acting):
        if rows.sum() > away.shape[1] + len(np.unique(group[rows])) + 1:
            part = adjusted(theta[np.ix_(rows, columns)], away[rows], weights[rows], group[rows])
            found[np.ix_(rows, columns)] = part
    return found
