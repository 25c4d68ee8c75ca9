"""What an outcome is expected to be, given some columns: a penalised regression that finds its own smoothness.

The expectation is a constant plus three parts: a straight line in each column, a smooth curve over each (a cubic
smoothing spline, Gu 2013, "Smoothing Spline ANOVA Models", ch. 2), and products of pairs of columns. Each column is
replaced by its normal scores first, which loses nothing that could be known and tames long tails; one of few values is
a category. How much each part may bend is chosen by restricted maximum likelihood (Wood 2011, J. R. Stat. Soc. B 73),
nothing at all among the choices: of pure noise it often finds just that. Three-way interactions and pairs that act
otherwise than by their product are missed.

One basis serves many outcomes at once, so that a floor of pure noise costs little more than a single fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CATEGORY = 8
"""A column of at most so many values is taken for a category."""
KNOTS = 12
BENDS, FEW_BENDS, MANY = (0.0, 0.1, 1.0, 10.0), (0.0, 1.0), 12
"""How much a part may vary beside the straight lines: ratios of variances that are tried; fewer of many columns."""
RATIOS = 10.0 ** np.arange(-6.0, 3.1, 0.25)
"""Noise over signal: the ratios of variances that are tried, besides no signal at all."""


@dataclass(frozen=True)
class Basis:
    """What can be fitted: for each choice of bends the axes (draws, rank), and how far each may reach."""

    axes: tuple[Floats, ...]
    reach: tuple[Floats, ...]
    draws: int


@dataclass(frozen=True)
class Smooth:
    """Outcomes without their noise.

    Attributes
    ----------
    fitted : array (draws, outcomes)
        Expected value of each outcome at each draw; its mean is that of the outcome.
    left : array (draws, outcomes)
        What is left of each outcome.
    noise : array (outcomes,)
        Standard deviation of that.
    basis, chosen, ridge : Basis, array of int (outcomes,), array (outcomes,)
        Which bends each outcome took, and how strongly it was held to zero; infinity is flat.
    """

    fitted: Floats
    left: Floats
    noise: Floats
    basis: Basis
    chosen: NDArray[np.int64]
    ridge: Floats

    def simulated(self, count: int, generator: np.random.Generator) -> Floats:
        """Return fits that might as well be true, an array (count, draws, outcomes).

        They vary around `fitted` as the constant and the coefficients do given the data (Strong, Oakley & Brennan
        2014, Med. Decis. Making 34), outcomes together as their residuals do.
        """
        draws, outcomes = self.fitted.shape
        values, vectors = np.linalg.eigh(_correlation(self.left))
        root = vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
        luck = generator.standard_normal((count, draws, outcomes)) @ root
        found = np.repeat(self.fitted[None], count, axis=0)
        for k in range(outcomes):
            axes, reach = self.basis.axes[self.chosen[k]], self.basis.reach[self.chosen[k]]
            shrunk = np.zeros_like(reach) if np.isinf(self.ridge[k]) else np.sqrt(reach / (reach + self.ridge[k]))
            constant = luck[:, :, k].mean(axis=1, keepdims=True)
            found[:, :, k] += self.noise[k] * (constant + (luck[:, :, k] @ axes * shrunk) @ axes.T)
        return found


def basis_of(columns: Floats) -> Basis:
    """Return what can be fitted with some columns, an array (draws, columns); one that never varies adds nothing."""
    columns = np.asarray(columns, dtype=np.float64)
    varying = [column for column in columns.T if np.ptp(column) > 0.0]
    lines = [_lines(column) for column in varying]
    curves = [_curves(column) for column in varying if np.unique(column).size > CATEGORY]
    pairs = [_pair(one, other) for one, other in combinations(lines, 2)]
    bends = BENDS if len(varying) <= MANY else FEW_BENDS
    axes, reach = [], []
    for bend, bind in product(bends if curves else (0.0,), bends if pairs else (0.0,)):
        parts = [*lines, *(np.sqrt(bend) * each for each in curves), *(np.sqrt(bind) * each for each in pairs)]
        table = np.column_stack(parts) if parts else np.zeros((len(columns), 0))
        axis, squares = _decomposed(table)
        axes.append(axis)
        reach.append(squares)
    return Basis(tuple(axes), tuple(reach), len(columns))


def smooth(basis: Basis, outcomes: Floats) -> Smooth:
    """Fit outcomes, an array (draws, outcomes), each with the bends and the smoothness that suit it best."""
    middle = outcomes.mean(axis=0)
    away = outcomes - middle
    total = np.sum(away**2, axis=0)
    best = _likelihood(total, np.zeros_like(total), 0.0, basis.draws)
    chosen, ridge = np.zeros(total.size, np.int64), np.full(total.size, np.inf)
    loads = [axes.T @ away for axes in basis.axes]
    for k, reach in enumerate(basis.reach):
        squares = loads[k] ** 2
        for ratio in RATIOS if reach.size else ():
            own = ratio * reach.sum() / basis.draws
            gained = (reach / (reach + own)) @ squares
            found = _likelihood(total, gained, float(np.log1p(reach / own).sum()), basis.draws)
            better = found > best + 1e-9
            best, chosen, ridge = (
                np.where(better, new, old) for new, old in ((found, best), (k, chosen), (own, ridge))
            )
    fitted = np.zeros_like(away)
    left = total.copy()
    for k, reach in enumerate(basis.reach):
        mine = (chosen == k) & np.isfinite(ridge)
        kept = reach[:, None] / (reach[:, None] + ridge[mine])
        fitted[:, mine] = basis.axes[k] @ (kept * loads[k][:, mine])
        left[mine] -= np.sum(kept * loads[k][:, mine] ** 2, axis=0)
    noise = np.sqrt(np.maximum(left, 0.0) / (basis.draws - 1))
    return Smooth(middle + fitted, away - fitted, noise, basis, chosen, ridge)


def _likelihood(total: Floats, gained: Floats, bends: float, draws: int) -> Floats:
    """Return the restricted log likelihood of each outcome, its noise at its best, up to a constant."""
    left = np.maximum(total - gained, 1e-12 * np.maximum(total, 1e-300))
    found: Floats = -0.5 * ((draws - 1) * np.log(left) + bends)
    return found


def _correlation(left: Floats) -> Floats:
    spread = np.sqrt(np.sum(left**2, axis=0))
    safe = left / np.where(spread > 0.0, spread, 1.0)
    found: Floats = safe.T @ safe
    np.fill_diagonal(found, 1.0)
    return found


def _scores(column: Floats) -> Floats:
    """Return normal scores; values that are the same share one."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    return np.asarray(ndtri((rankdata(column) - 0.5) / len(column)), dtype=np.float64)


def _lines(column: Floats) -> Floats:
    """Return a column's straight line, or of a category what each of its values adds; mean 0, variance 1 in all."""
    values = np.unique(column)
    table = (column[:, None] == values).astype(np.float64) if values.size <= CATEGORY else _scores(column)[:, None]
    return _scaled(table)


def _curves(column: Floats) -> Floats:
    """Return smooth curves over a column that are no straight line, spanned by knots at its quantiles."""
    scores = _scores(column)
    at = (scores - scores.min()) / np.ptp(scores)
    knots = np.unique(np.quantile(at, np.linspace(0.0, 1.0, KNOTS)))
    values, vectors = np.linalg.eigh(_kernel(knots, knots))
    usable = values > 1e-10 * values[-1]
    return _scaled(_kernel(at, knots) @ vectors[:, usable] / np.sqrt(values[usable]))


def _kernel(a: Floats, b: Floats) -> Floats:
    """Return the reproducing kernel of cubic smoothing splines without their constant and line (Gu 2013, eq. 2.27)."""

    def second(x: Floats) -> Floats:
        return ((x - 0.5) ** 2 - 1.0 / 12.0) / 2.0

    def fourth(x: Floats) -> Floats:
        return ((x - 0.5) ** 4 - (x - 0.5) ** 2 / 2.0 + 7.0 / 240.0) / 24.0

    return np.outer(second(a), second(b)) - fourth(np.abs(a[:, None] - b[None, :]))


def _pair(one: Floats, other: Floats) -> Floats:
    return _scaled((one[:, :, None] * other[:, None, :]).reshape(len(one), -1))


def _scaled(table: Floats) -> Floats:
    """Return columns of mean 0 whose variances add up to 1."""
    away = table - table.mean(axis=0)
    spread = float(np.sqrt(np.sum(away**2) / len(away)))
    scaled: Floats = away / spread if spread > 0.0 else away
    return scaled


def _decomposed(table: Floats) -> tuple[Floats, Floats]:
    """Return orthonormal axes of a table's columns and the square of its reach along each."""
    if table.shape[1] == 0:
        return np.zeros((len(table), 0)), np.zeros(0)
    tall = table.shape[1] <= len(table)
    values, vectors = np.linalg.eigh(table.T @ table if tall else table @ table.T)
    usable = values > 1e-10 * values[-1]
    axes = table @ vectors[:, usable] / np.sqrt(values[usable]) if tall else vectors[:, usable]
    return axes, values[usable]
