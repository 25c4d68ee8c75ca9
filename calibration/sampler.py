"""Draw from a posterior: four Metropolis chains that learn their proposals in a warm-up and then keep them.

A step proposes either a small move or, more often, a fresh point from a heavy-tailed sketch of what the warm-up
saw; both leave the posterior as it is. A block of steps is a pure function of the state before it, its number and
the seed. So a course that was stopped and taken up again gives the same bytes as one that was not.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .diagnostics import ess_bulk, ess_tail, r_hat

Floats = NDArray[np.float64]
LogDensity = Callable[[Floats], float]

CHAINS = 4
STEPS = 500
"""Steps of a block: what a kill may cost."""
WARM_UP = 5
"""Blocks in which proposals are learned; their draws are thrown away."""
MOST_BLOCKS = 120
FRESH = 0.6
"""Share of steps that propose a fresh point."""
FREEDOM = 6.0
"""Degrees of freedom of the sketch."""
WIDER = 1.2
MOST_R_HAT, LEAST_ESS = 1.01, 400.0


@dataclass(frozen=True)
class Course:
    """Where the chains stand.

    Attributes
    ----------
    blocks : int
        Blocks done, warm-up included.
    x, log_p : (chains, dims), (chains)
        Where each chain is.
    mean, root : (dims), (dims, dims)
        The sketch: its middle, and the Cholesky root of its covariance.
    kept : (chains, draws, dims)
        Draws after the warm-up.
    """

    blocks: int
    x: Floats
    log_p: Floats
    mean: Floats
    root: Floats
    kept: Floats

    @property
    def diagnosis(self) -> tuple[Floats, Floats, Floats]:
        """R-hat, bulk and tail effective size of each coordinate."""
        columns = [self.kept[:, :, k] for k in range(self.kept.shape[2])]
        found = [[test(column) for column in columns] for test in (r_hat, ess_bulk, ess_tail)]
        return np.array(found[0]), np.array(found[1]), np.array(found[2])

    @property
    def enough(self) -> bool:
        """Whether the chains have mixed and are long enough."""
        if self.blocks < WARM_UP + 2:
            return False
        mixed, bulk, tail = self.diagnosis
        return bool(mixed.max() < MOST_R_HAT and min(bulk.min(), tail.min()) > LEAST_ESS)

    @property
    def draws(self) -> Floats:
        """All kept draws of all chains, shape (draws, dims)."""
        return self.kept.reshape(-1, self.kept.shape[2])

    def packed(self) -> bytes:
        """Return it as bytes."""
        file = io.BytesIO()
        np.savez(file, blocks=self.blocks, **{name: getattr(self, name) for name in ARRAYS})
        return file.getvalue()


ARRAYS = ("x", "log_p", "mean", "root", "kept")


def unpacked(path: Path) -> Course | None:
    """Return a course that was written, or None where there is none that can be read."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            return Course(int(file["blocks"]), **{name: file[name] for name in ARRAYS})
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def sample(
    log_density: LogDensity,
    start: Floats,
    scales: Floats,
    seed: int,
    path: Path | None = None,
    workers: int = CHAINS,
    most: int = MOST_BLOCKS,
    on_block: Callable[[Course], None] | None = None,
) -> Course:
    """Run the chains until they have mixed and are long enough, or for `most` blocks.

    Parameters
    ----------
    log_density : callable
        The log density of a point, but for a constant; -inf where it is nil. May be called by several threads.
    start, scales : (dims)
        A point to look from, and the order of magnitude of steps.
    seed : int
    path : Path, optional
        Where the course is written after each block, and taken up from if it is there: the name must say all that
        it rests on.
    workers : int
        Chains at a time; changes no number.
    on_block : callable, optional
        Told the course after each block.
    """
    course = unpacked(path) if path is not None else None
    if course is None:
        course = _begin(log_density, start, scales, seed)
    with ThreadPoolExecutor(max(1, min(workers, CHAINS))) as pool:
        while course.blocks < most and not course.enough:
            course = _next(log_density, course, seed, pool)
            if path is not None:
                from ..sim.store import whole_file

                whole_file(path, course.packed())
            if on_block is not None:
                on_block(course)
    return course


def _begin(log_density: LogDensity, start: Floats, scales: Floats, seed: int) -> Course:
    """Find the mode and how sharp it is, and spread the chains around it."""
    from scipy.optimize import minimize

    def loss(z: Floats) -> float:
        value = log_density(start + scales * z)
        return -value if np.isfinite(value) else 1e10

    found = minimize(loss, np.zeros(len(start)), method="L-BFGS-B", options={"maxiter": 60, "maxfun": 3000})
    mode = start + scales * found.x
    root = np.diag(scales * np.sqrt(np.clip(_sharpness(loss, found.x), 1e-4, 1.0)))
    rng = _luck(seed, 0, CHAINS)
    x = mode + 1.5 * rng.standard_normal((CHAINS, len(start))) @ root.T
    log_p = np.array([log_density(each) for each in x])
    x[~np.isfinite(log_p)] = mode
    log_p = np.where(np.isfinite(log_p), log_p, log_density(mode))
    return Course(0, x, log_p, mode, root, np.empty((CHAINS, 0, len(start))))


def _sharpness(loss: Callable[[Floats], float], z: Floats, step: float = 0.05) -> Floats:
    """Return the variance that the curvature along each coordinate gives."""
    here = loss(z)
    found = np.ones(len(z))
    for k, unit in enumerate(np.eye(len(z)) * step):
        bent = (loss(z + unit) - 2.0 * here + loss(z - unit)) / step**2
        found[k] = 1.0 / bent if bent > 1.0 else 1.0
    return found


def _next(log_density: LogDensity, course: Course, seed: int, pool: ThreadPoolExecutor) -> Course:
    """Return the course one block later; in the warm-up the sketch is learned from that block."""

    def walk(chain: int) -> tuple[Floats, float]:
        return _walk(log_density, course, chain, _luck(seed, course.blocks + 1, chain))

    done = list(pool.map(walk, range(CHAINS)))
    paths, log_p = np.stack([path for path, _ in done]), np.array([value for _, value in done])
    after = replace(course, blocks=course.blocks + 1, x=paths[:, -1].copy(), log_p=log_p)
    if after.blocks > WARM_UP:
        return replace(after, kept=np.concatenate([course.kept, paths], axis=1))
    late = paths[:, STEPS // 4 :].reshape(-1, paths.shape[2])
    covariance = np.atleast_2d(np.cov(late.T))
    # Few moves say little of how coordinates hang together: what is seen is mixed with what was believed.
    trust = after.blocks / (after.blocks + 1.0)
    covariance = trust * covariance + (1.0 - trust) * np.diag(np.diag(course.root @ course.root.T))
    return replace(after, mean=late.mean(axis=0), root=np.linalg.cholesky(covariance))


def _walk(log_density: LogDensity, course: Course, chain: int, rng: np.random.Generator) -> tuple[Floats, float]:
    """Take one chain through a block."""
    x, log_p = course.x[chain], float(course.log_p[chain])
    dims = len(x)
    fresh, accept = rng.random(STEPS) < FRESH, np.log(rng.random(STEPS))
    normal = rng.standard_normal((STEPS, dims)) @ course.root.T
    stretch = WIDER * np.sqrt(FREEDOM / rng.chisquare(FREEDOM, STEPS))
    length = np.where(rng.random(STEPS) < 0.5, 2.38, 0.7) / np.sqrt(dims)
    inverse = np.linalg.inv(course.root)

    def sketch(point: Floats) -> float:
        z = inverse @ (point - course.mean) / WIDER
        return -0.5 * (FREEDOM + dims) * float(np.log1p(z @ z / FREEDOM))

    path, here = np.empty((STEPS, dims)), sketch(x)
    for step in range(STEPS):
        proposal = course.mean + stretch[step] * normal[step] if fresh[step] else x + length[step] * normal[step]
        there = sketch(proposal)
        value = log_density(proposal)
        gain = value - log_p + (here - there if fresh[step] else 0.0)
        if accept[step] < gain:
            x, log_p, here = proposal, value, there
        path[step] = x
    return path, log_p


def _luck(seed: int, block: int, chain: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=[seed, block * (CHAINS + 1) + chain]))
