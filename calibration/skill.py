"""Skill against those who know next to nothing, with its interval, and a sentence that says who forecasts better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..sim.errors import later, worded
from .privacy import told

Floats = npt.NDArray[np.float64]

RESAMPLES = 2000
FEWEST_COHORTS = 2
CALLED = {"brier": later("Brier score"), "log": later("log score"), "crps": later("ranked probability score")}
"""What scores are called, by column."""


@dataclass(frozen=True)
class Skill:
    """How much less we lose than a rival.

    Attributes
    ----------
    value : float
        1 - our loss / theirs: 1 is perfect, 0 no better, below 0 worse.
    low, high : float
        95 % interval; NaN with fewer than two cohorts.
    cohorts, n : int
        Cohorts and forecasts it rests on.
    """

    value: float
    low: float
    high: float
    cohorts: int
    n: int


def skill(
    ours: npt.ArrayLike,
    theirs: npt.ArrayLike,
    cohort: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    *,
    seed: int = 1,
    resamples: int = RESAMPLES,
) -> Skill:
    """Return our skill against a rival on the same forecasts, with a paired bootstrap over cohorts.

    Cohorts are drawn whole, since AGRs of one share what happened in their years.

    Parameters
    ----------
    ours, theirs : array (n,)
        Losses of each forecast, 0 or more.
    cohort : array (n,)
    weight : array (n,), optional
    seed, resamples : int
    """
    mine, other = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    names, member = np.unique(np.asarray(cohort), return_inverse=True)
    share = np.ones(mine.size) if weight is None else np.asarray(weight, dtype=np.float64)
    if not mine.size or not mine.shape == other.shape == member.shape == share.shape:
        raise ValueError("ours, theirs, cohort and weight: accepted: columns of one length, not empty")
    sums = np.column_stack([np.bincount(member, share * loss, len(names)) for loss in (mine, other)])
    value = float(_ratio(sums.sum(axis=0)))
    if len(names) < FEWEST_COHORTS:
        return Skill(value, float("nan"), float("nan"), len(names), mine.size)
    luck = np.random.default_rng(seed)
    times = luck.multinomial(len(names), np.full(len(names), 1.0 / len(names)), size=resamples)
    low, high = np.quantile(_ratio(times @ sums), [0.025, 0.975])
    return Skill(value, float(low), float(high), len(names), mine.size)


def skill_table(
    scores: pd.DataFrame, ours: str, columns: Sequence[str] = ("brier", "log"), seed: int = 1
) -> pd.DataFrame:
    """Compare us with every other forecaster of a hold-out.

    Parameters
    ----------
    scores : DataFrame
        As from `hold_out` or `hold_out_counts`: rows of forecasters in the same order.
    ours : str
        Our name among them.
    columns : sequence of str
        Scores to compare by.
    seed : int

    Returns
    -------
    DataFrame, one row a score and rival
        `score, rival, skill, low, high, cohorts, n, says`; where we lose comes first.
    """
    mine = scores[scores["forecaster"] == ours]
    rows = []
    for column in columns:
        for rival, part in scores[scores["forecaster"] != ours].groupby("forecaster", sort=False):
            if not np.array_equal(mine["split"].to_numpy(), part["split"].to_numpy()):
                raise ValueError(f"scores: {ours!r} and {rival!r} do not stand on the same rows")
            weight = mine.get("weight")
            found = skill(mine[column], part[column], mine["opened"], weight, seed=seed)
            says = verdict(found, CALLED.get(column, column), str(rival))
            rows.append((column, rival, found.value, found.low, found.high, found.cohorts, found.n, says))
    table = pd.DataFrame(rows, columns=["score", "rival", "skill", "low", "high", "cohorts", "n", "says"])
    return table.sort_values("skill", kind="stable", ignore_index=True)


def verdict(found: Skill, score: str, rival: str) -> str:
    """Say in plain words whether we forecast better than a rival."""
    score, rival = worded(score), worded(rival)
    if np.isnan(found.value):
        return worded(
            "{score}: nothing can be said against {rival}, which no forecast lost to.", score=score, rival=rival
        )
    about = {"score": score, "size": _per_cent(abs(found.value)), "sure": _interval(found), "cohorts": found.cohorts}
    if found.value <= 0.0:
        why = worded("by the {score} we lose {size} % more ({sure}; cohorts: {cohorts})", **about)
        return worded("We lose to {rival}: the model is no better a forecast; {why}.", rival=rival, why=why)
    why = worded("by the {score} we lose {size} % less ({sure}; cohorts: {cohorts})", **about)
    if not found.low > 0.0:
        return worded("We cannot be told from {rival}: {why}.", rival=rival, why=why)
    return worded("We forecast better than {rival}: {why}.", rival=rival, why=why)


def _interval(found: Skill) -> str:
    if np.isnan(found.low):
        return worded("no interval")
    low, high = _per_cent(found.low), _per_cent(found.high)
    return worded("95 % interval of the skill {low} to {high} %", low=low, high=high)


def _per_cent(share: float) -> str:
    """Write a share as a percentage of two digits, its sign before it."""
    text = f"{100.0 * share:.2g}"
    return f"-{told(text[1:])}" if text.startswith("-") else told(text)


def _ratio(sums: Floats) -> Floats:
    """Return 1 - ours / theirs of sums in the last axis; NaN where theirs is 0 or both are infinite."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(sums[..., 1] > 0.0, 1.0 - sums[..., 0] / sums[..., 1], np.nan))
