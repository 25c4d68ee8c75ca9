"""Runs of several designs under common luck, as arrays, and what happens to their means when draws are drawn again.

A *design* is whatever is compared: a strategy, a coalition of levers, a strategy in a future. Draws are the units:
two replications of one draw share its ignorance. With one draw only, the units are its replications, and nothing is
said of ignorance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...sim import UserError

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Ratios = Mapping[str, tuple[str, str]]

RESAMPLES = 2000
FEWEST = 2
"""Units below which nothing can be drawn again."""


@dataclass(frozen=True, eq=False)
class Paired:
    """Outcomes of several designs in the same draws and under the same luck.

    Attributes
    ----------
    names : tuple
        The designs, in the order of the table.
    outcomes : tuple of str
    tops, bottoms : array (outcomes, names, draws, replications)
        Of an outcome that is a ratio, what stands above and below the line; else its value, and 1. NaN where a run is
        not complete: it lacks a design or an outcome.
    draws : array (draws,)
        Names of the draws, in order; those without a complete run are left out.
    """

    names: tuple[Any, ...]
    outcomes: tuple[str, ...]
    tops: Floats
    bottoms: Floats
    draws: NDArray[Any]

    @property
    def over(self) -> str:
        """What the units are: ``draws``, or ``replications`` of the only draw."""
        return "draws" if self.tops.shape[2] > 1 else "replications"

    @property
    def mean(self) -> Floats:
        """Mean of each outcome and design (a ratio of means, where it is one), an array (outcomes, names)."""
        return np.asarray(_units(self.tops).mean(axis=-1) / _units(self.bottoms).mean(axis=-1))

    @property
    def units(self) -> Floats:
        """Value in each draw, its luck averaged out, an array (outcomes, names, units)."""
        bottoms = _units(self.bottoms)
        return _units(self.tops) / np.where(bottoms != 0, bottoms, np.nan)

    @property
    def linear(self) -> Floats:
        """Value in each run, an array (outcomes, names, draws, replications).

        Of a ratio of means, what the run adds to it to first order: the mean over runs is the ratio of means, and a
        sum over designs may be taken run by run.
        """
        mean, below = (each[..., None, None] for each in (self.mean, _units(self.bottoms).mean(axis=-1)))
        return mean + (self.tops - mean * self.bottoms) / below

    def resampled(self, times: int = RESAMPLES, seed: int = 0) -> Floats:
        """Return the means when whole draws are drawn again, with their luck, an array (times, outcomes, names).

        All designs and outcomes meet the same draws each time (the paired, or cluster, bootstrap).
        """
        tops, bottoms = _units(self.tops), _units(self.bottoms)
        count = tops.shape[-1]
        if count < FEWEST:
            raise UserError(
                "runs: found one, accepted: at least {fewest} draws, or replications of one draw", fewest=FEWEST
            )
        weights = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), times) / count
        below = bottoms @ weights.T
        return np.moveaxis(tops @ weights.T / np.where(below != 0, below, np.nan), -1, 0)


def paired(
    table: pd.DataFrame, outcomes: Sequence[str] = (), by: str = "strategy", per: Ratios | None = None
) -> Paired:
    """Return runs as arrays; only runs that are complete in all designs and outcomes count.

    Parameters
    ----------
    table : DataFrame
        Columns ``draw, replication, outcome, value`` and that which tells designs apart.
    outcomes : sequence of str
        Which outcomes; all by default.
    by : str
        The column that tells designs apart.
    per : mapping of (str, str), optional
        Of an outcome that is a ratio, the outcomes above and below the line, which `table` must have.

    Raises
    ------
    UserError
        If an outcome is not in the table, or no run is complete.
    """
    asked = tuple(outcomes) or tuple(table["outcome"].unique())
    parts = [(per or {}).get(outcome, (outcome, None)) for outcome in asked]
    for name in {part for pair in parts for part in pair if part} - set(table["outcome"]):
        raise UserError(
            "outcome: found {name!r}, accepted one of {names}", name=name, names=", ".join(table["outcome"].unique())
        )
    names = tuple(table[by].unique())
    grids = {part: _grid(table[table["outcome"] == part], names, by, table) for pair in parts for part in pair if part}
    tops = np.stack([grids[top] for top, _ in parts])
    bottoms = np.stack([grids[bottom] if bottom else np.ones_like(grids[top]) for top, bottom in parts])
    missing: NDArray[np.bool_] = np.asarray(np.isnan(tops + bottoms).any(axis=(0, 1)))
    kept = ~missing.all(axis=1)
    if not kept.any():
        raise UserError("runs: found none in which every design and outcome is there; accepted: at least one")
    tops, bottoms = (np.where(missing, np.nan, each)[:, :, kept] for each in (tops, bottoms))
    return Paired(names, asked, tops, bottoms, np.unique(table["draw"])[kept])


def interval(samples: Floats, chance: float = 0.95) -> tuple[Floats, Floats]:
    """Return the bounds between which so much of the samples lies, over their first axis."""
    low, high = np.nanquantile(samples, [(1 - chance) / 2, (1 + chance) / 2], axis=0)
    return low, high


def _grid(rows: pd.DataFrame, names: tuple[Any, ...], by: str, table: pd.DataFrame) -> Floats:
    """Return one outcome as an array (names, draws, replications), NaN where it is missing."""
    draws, replications = np.unique(table["draw"]), np.unique(table["replication"])
    grid = np.full((len(names), draws.size, replications.size), np.nan)
    place = rows[by].map({name: at for at, name in enumerate(names)}).to_numpy()
    draw = np.searchsorted(draws, rows["draw"].to_numpy())
    replication = np.searchsorted(replications, rows["replication"].to_numpy())
    grid[place, draw, replication] = rows["value"].to_numpy(dtype=np.float64)
    return grid


def _units(values: Floats) -> Floats:
    """Return the mean of each draw over its complete runs; of a single draw, its runs."""
    if values.shape[2] > 1:
        return np.asarray(np.nanmean(values, axis=3))
    runs = values[:, :, 0]
    return np.asarray(runs[..., ~np.isnan(runs[0, 0])])
