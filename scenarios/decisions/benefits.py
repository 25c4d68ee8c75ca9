"""What each strategy is worth under each draw, with what luck still blurs in it.

The table from which acceptability, the value of information and expected loss are counted: a row a draw, a column a
strategy, each the mean over the draw's replications. A mean over few replications still carries some luck, and any
maximum over strategies feeds on it; so its covariance is kept beside it (`Benefits.noise`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...sim import UserError
from ..contrast import grids_of

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Benefits:
    """What each strategy is worth under each draw.

    Attributes
    ----------
    table : DataFrame (draws, strategies)
        Mean over replications, by draw; more is better.
    noise : array (strategies, strategies)
        Covariance of what luck leaves in a row of `table`; NaN where no draw has two replications.
    unit : str
        In which it is counted: of the outcome, or money.
    """

    table: pd.DataFrame
    noise: Floats
    unit: str

    @property
    def names(self) -> list[str]:
        """Keys of the strategies."""
        return [str(name) for name in self.table.columns]

    @cached_property
    def values(self) -> Floats:
        """The table as an array (draws, strategies)."""
        return self.table.to_numpy(dtype=np.float64)

    @cached_property
    def quiet(self) -> Floats:
        """The same without luck: shrunk to the mean until rows vary as much as ignorance alone would have them.

        Rows are moved, not redrawn: their covariance becomes what was seen less what is luck, as constrained
        empirical Bayes estimates have it (Louis 1984, J. Am. Stat. Assoc. 79). Without known noise, as they are.
        """
        if np.isnan(self.noise).any():
            return self.values
        away = self.values - self.values.mean(axis=0)
        seen = away.T @ away / (len(away) - 1)
        wanted = _power(seen - self.noise, 0.5)
        moved: Floats = self.values.mean(axis=0) + away @ _power(seen, -0.5) @ wanted
        return moved

    def best(self) -> str:
        """Key of the strategy that is best on average: what one would do today."""
        return self.names[int(np.argmax(self.values.mean(axis=0)))]


def benefits_of(ends: pd.DataFrame, effect: str, unit: str, worth: float = 1.0, cost: str | None = None) -> Benefits:
    """Return what each strategy is worth: `worth` times an outcome, less a cost (the net monetary benefit).

    Parameters
    ----------
    ends : DataFrame
        Columns ``strategy, draw, replication, outcome, value``; runs that lack a strategy are left out.
    effect : str
        An outcome; of one that is better small, `worth` is below zero.
    unit : str
        Of what comes out.
    worth : float
        Per unit of the outcome: money, if a cost is taken off; 1 leaves the outcome's own unit.
    cost : str, optional
        The outcome that is the cost, such as ``spent_discounted``.

    Raises
    ------
    UserError
        If an outcome is missing, or fewer than two draws are complete.
    """
    found = grids_of(ends)
    for name in (effect, *([cost] if cost else [])):
        if name not in found:
            raise UserError(
                "outcome: found {name!r}, accepted one of these tables: {names}", name=name, names=", ".join(found)
            )
    names = list(found[effect])
    cube = np.stack([worth * found[effect][name] - (found[cost][name] if cost else 0.0) for name in names], axis=2)
    cube[np.isnan(cube).any(axis=2)] = np.nan
    counts = np.sum(~np.isnan(cube[:, :, 0]), axis=1)
    kept = counts > 0
    if kept.sum() < 2:
        raise UserError("draws: found {kept} in which every strategy was run, accepted 2 or more", kept=kept.sum())
    means = np.nanmean(cube[kept], axis=1)
    labels = np.unique(ends["draw"].to_numpy())[kept]
    table = pd.DataFrame(means, index=pd.Index(labels, name="draw"), columns=pd.Index(names, name="strategy"))
    return Benefits(table, _noise(cube[kept] - means[:, None], counts[kept]), unit)


def _noise(away: Floats, counts: NDArray[np.int64]) -> Floats:
    """Return the covariance of draw means that is luck, from residuals (draws, replications, strategies)."""
    freedom = int((counts - 1).sum())
    if freedom < 1:
        return np.full((away.shape[2], away.shape[2]), np.nan)
    rows = np.where(np.isnan(away), 0.0, away).reshape(-1, away.shape[2])
    within: Floats = rows.T @ rows / freedom * np.mean(1.0 / counts)
    return within


def _power(matrix: Floats, power: float) -> Floats:
    """Return a power of a covariance matrix, leaving out directions in which nothing varies."""
    values, vectors = np.linalg.eigh(matrix)
    usable = values > 1e-12 * max(float(values[-1]), 1e-300)
    raised = np.where(usable, np.where(usable, values, 1.0) ** power, 0.0)
    found: Floats = (vectors * raised) @ vectors.T
    return found
