"""Which designs are not beaten on every count, and where more of one thing begins to cost much of the other.

Designs are few, so all are looked at (no search). An outcome is ``more`` or ``less``: which of the two is better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...sim import UserError
from ..language import _, later
from .paired import Floats, Ratios, interval, paired

if TYPE_CHECKING:
    import pandas as pd

Bools = NDArray[np.bool_]
Wanted = Mapping[str, str]

SURE = 0.95
"""Chance from which a design counts as not dominated."""
FEWEST_FOR_A_KNEE = 3
TOO_FEW = later("no knee: fewer than three designs are on the front")
STRAIGHT = later("no knee: the front is straight or bends inward")
VERDICTS = (later("kept"), later("not sure"), later("dominated"))
LEAST_BEND = 0.05
"""Distance from the chord, of outcomes scaled to 0-1, below which a front is called straight (judgement)."""


def non_dominated(points: Floats) -> Bools:
    """Say of each design whether no other is at least as good in all outcomes and better in one.

    Parameters
    ----------
    points : array (..., designs, outcomes)
        More is better in each. Equal designs do not dominate each other.

    Returns
    -------
    array (..., designs) of bool

    Raises
    ------
    ValueError
        If a value is missing.
    """
    points = np.asarray(points, dtype=np.float64)
    if np.isnan(points).any():
        raise ValueError("points: found a missing value; accepted: a number of every design and outcome")
    return np.asarray(~_dominates(points).any(axis=-2))


def front(
    table: pd.DataFrame, outcomes: Wanted, per: Ratios | None = None, by: str = "strategy", seed: int = 0
) -> pd.DataFrame:
    """Say which designs are on the Pareto front, and how sure that is.

    Parameters
    ----------
    table : DataFrame
        Columns ``draw, replication, outcome, value`` and `by`.
    outcomes : mapping of str
        ``more`` or ``less`` for each outcome: which is better.
    per : mapping of (str, str), optional
        Outcomes that are ratios of means; see `paired`.

    Returns
    -------
    DataFrame
        A row per design: `by`, then per outcome its mean and ``<outcome>_low``, ``<outcome>_high``; ``on_front`` (of
        the means), ``chance`` (of resamples of the draws in which it is not dominated), ``worlds`` (share of single
        draws, luck averaged out, in which it is not), ``dominated_by`` (designs that dominate its mean) and
        ``verdict``: ``kept`` (on the front with a chance of at least `SURE`), ``not sure`` or ``dominated`` (a chance
        of at most 1 - `SURE`).

    Notes
    -----
    Designs were chosen by the very runs that show them: print a front only after `again` (the winner's curse).
    """
    import pandas as pd

    sign = signs(outcomes)
    found = paired(table, tuple(outcomes), by, per)
    samples = found.resampled(seed=seed)
    low, high = interval(samples)
    beaten = _dominates(found.mean.T * sign)
    # One resample at a time: pairs of a few hundred designs in all resamples would not fit.
    chance = np.mean([non_dominated(sample.T * sign) for sample in samples], axis=0)
    whole = ~np.isnan(found.units).any(axis=(0, 1))
    worlds = np.mean([non_dominated(unit.T * sign) for unit in np.moveaxis(found.units[..., whole], 2, 0)], axis=0)
    rows: list[dict[str, Any]] = []
    for at, name in enumerate(found.names):
        row: dict[str, Any] = {by: name}
        for place, outcome in enumerate(found.outcomes):
            row[outcome] = found.mean[place, at]
            row |= {f"{outcome}_low": low[place, at], f"{outcome}_high": high[place, at]}
        row |= {"on_front": not beaten[:, at].any(), "chance": chance[at], "worlds": worlds[at]}
        row["dominated_by"] = ", ".join(str(found.names[other]) for other in np.flatnonzero(beaten[:, at]))
        sure = row["on_front"] and chance[at] >= SURE
        row["verdict"] = VERDICTS[0 if sure else 2 if chance[at] <= 1 - SURE else 1]
        rows.append(row)
    return pd.DataFrame(rows)


def again(
    table: pd.DataFrame,
    fresh: pd.DataFrame,
    outcomes: Wanted,
    per: Ratios | None = None,
    by: str = "strategy",
    seed: int = 0,
) -> pd.DataFrame:
    """Judge a front by luck that had no part in choosing it.

    Parameters
    ----------
    table : DataFrame
        The runs that chose the front, as in `front`.
    fresh : DataFrame
        Runs under other luck, of at least the designs that were not dominated in `table`.

    Returns
    -------
    DataFrame
        The front of `fresh`, with ``<outcome>_before`` (its mean in `table`) for every outcome and
        ``verdict_before``. What was flattered by luck falls back; quote the fresh figures.

    Raises
    ------
    UserError
        If `fresh` holds runs of `table`, or lacks a design that was not dominated there.
    """
    keys = [by, "draw", "replication", "outcome"]
    both = table.merge(fresh, on=keys, suffixes=("_before", ""))
    if len(both) and np.array_equal(both["value"], both["value_before"]):
        raise UserError("fresh: found runs that chose the front; accepted: runs under another seed or replication")
    before = front(table, outcomes, per, by, seed).set_index(by)
    standing = before.index[before["verdict"] != "dominated"]
    lost = [str(name) for name in standing if name not in set(fresh[by])]
    if lost:
        raise UserError(
            "fresh: found no runs of {lost}; accepted: all designs that were not dominated", lost=", ".join(lost)
        )
    after = front(fresh[fresh[by].isin(standing)], outcomes, per, by, seed)
    for name in (*outcomes, "verdict"):
        after[f"{name}_before"] = after[by].map(before[name])
    return after


@dataclass(frozen=True)
class Knee:
    """Where a front of two outcomes bends most.

    Attributes
    ----------
    name : str or None
        The design; None where the front has no knee.
    bend : float
        Its distance from the chord between the two ends of the front, outcomes scaled to 0-1 (at most 0.71).
    chance : dict of float
        By design: share of resamples of the draws in which it is the knee.
    none : float
        Share of resamples in which there is no knee.
    reason : str
        In words.
    """

    name: str | None
    bend: float
    chance: dict[str, float]
    none: float
    reason: str


def knee(table: pd.DataFrame, outcomes: Wanted, per: Ratios | None = None, by: str = "strategy", seed: int = 0) -> Knee:
    """Find the knee of the front of two outcomes: the design that lies farthest beyond the chord between its ends.

    Parameters
    ----------
    table, outcomes, per, by
        As in `front`, with exactly two outcomes.

    Notes
    -----
    Das 1999, Structural Optimization 18 (normal-boundary intersection); on a discrete front it is the point of
    Kneedle (Satopää and others 2011). A choice of scale, not of value: it says where a further unit of one outcome
    begins to cost more of the other, not that this is worth it.
    """
    if len(outcomes) != 2:
        raise UserError("knee: found {count} outcomes, accepted two", count=len(outcomes))
    sign = signs(outcomes)
    found = paired(table, tuple(outcomes), by, per)
    at, bend = _knee_of(found.mean.T * sign)
    bends = [_knee_of(sample.T * sign)[0] for sample in found.resampled(seed=seed)]
    chance = {str(name): bends.count(place) / len(bends) for place, name in enumerate(found.names) if place in bends}
    none = bends.count(None) / len(bends)
    if at is None:
        few = non_dominated(found.mean.T * sign).sum() < FEWEST_FOR_A_KNEE
        return Knee(None, bend, chance, none, _(TOO_FEW if few else STRAIGHT))
    name = str(found.names[at])
    why = _("{name}: farthest from the chord between the ends of the front", name=name)
    return Knee(name, bend, chance, none, why)


def signs(outcomes: Wanted) -> Floats:
    """Return 1 for each outcome of which more is better, and -1 where less is.

    Raises
    ------
    UserError
        If an outcome says neither.
    """
    for name, direction in outcomes.items():
        if direction not in ("more", "less"):
            raise UserError(
                "{name}: found {direction!r}, accepted 'more' or 'less' (which of them is better)",
                name=name,
                direction=direction,
            )
    return np.array([1.0 if direction == "more" else -1.0 for direction in outcomes.values()])


def _dominates(points: Floats) -> Bools:
    """Say of each pair of designs whether the first dominates the second, an array (..., designs, designs)."""
    one, other = points[..., :, None, :], points[..., None, :, :]
    return np.asarray(np.all(one >= other, axis=-1) & np.any(one > other, axis=-1))


def _knee_of(points: Floats) -> tuple[int | None, float]:
    """Return the knee of points (designs, 2), more being better, and its distance from the chord."""
    on = np.flatnonzero(non_dominated(points))
    if len(np.unique(points[on], axis=0)) < FEWEST_FOR_A_KNEE:
        return None, 0.0
    ends = points[on]
    scaled = (ends - ends.min(axis=0)) / np.ptp(ends, axis=0)
    distance = (scaled.sum(axis=1) - 1) / math.sqrt(2)
    best = int(np.argmax(distance))
    if distance[best] < LEAST_BEND:
        return None, float(distance[best])
    return int(on[best]), float(distance[best])
