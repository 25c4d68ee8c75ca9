"""Where a strategy lies against another on two outcomes at once: the chance of each quadrant.

One plane serves for cost against effect (Black 1990, Med. Decis. Making 10) and for equity against effect (Cookson
et al. 2017, Value in Health 20). The two are never added up into one score: how much one is worth in the other is the
reader's to say.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...sim import UserError
from ..contrast import grids_of
from ..estimates import estimate
from ..language import later
from .chances import wilson

NO_DIFFERENCE = later("no difference")
ROUNDING = 1e-12
"""Part of an outcome's size below which a difference is rounding: the same sum in another order."""


def plane(
    ends: pd.DataFrame,
    baseline: str,
    across: str,
    up: str,
    words: tuple[tuple[str, str], tuple[str, str]],
) -> pd.DataFrame:
    """Return how often each strategy lies in each quadrant around the baseline, over draws under the same luck.

    Parameters
    ----------
    ends : DataFrame
        Columns ``strategy, draw, replication, outcome, value``; only complete pairs of runs count.
    baseline : str
    across, up : str
        The two outcomes.
    words : ((str, str), (str, str))
        What more and less of each outcome are called: ``(("more effect", "less effect"), ("dearer", "cheaper"))``.

    Returns
    -------
    DataFrame
        Per strategy four quadrants and ``no difference`` in one or the other: ``strategy, quadrant, chance, low,
        high, draws, across, across_low, across_high, up, up_low, up_high``. `chance` is a share of draws, by the means
        over their replications (with few of these luck blurs it), `low` and `high` its Wilson 95 % interval; `across`
        and `up` are the mean differences.
    """
    found = grids_of(ends)
    for name in (across, up):
        if name not in found:
            raise UserError(
                "outcome: found {name!r}, accepted one of these tables: {names}", name=name, names=", ".join(found)
            )
    if baseline not in found[across]:
        raise UserError(
            "baseline: found {baseline!r}, accepted one of {names}", baseline=baseline, names=", ".join(found[across])
        )
    rows = []
    for name in found[across]:
        if name == baseline:
            continue
        first, second = (difference(found[outcome][name], found[outcome][baseline]) for outcome in (across, up))
        missing = np.isnan(first + second)
        first, second = np.where(missing, np.nan, first), np.where(missing, np.nan, second)
        kept = ~missing.all(axis=1)
        x, y = np.nanmean(first[kept], axis=1), np.nanmean(second[kept], axis=1)
        means = [value for each in (first, second) for value in _mean(each)]
        for quadrant, inside in _quadrants(x, y, words).items():
            hits, draws = int(inside.sum()), len(x)
            chance = (hits / draws, *wilson(hits, draws)) if draws else (np.nan, 0.0, 1.0)
            rows.append((name, quadrant, *chance, draws, *means))
    columns = ["strategy", "quadrant", "chance", "low", "high", "draws"]
    columns += ["across", "across_low", "across_high", "up", "up_low", "up_high"]
    return pd.DataFrame(rows, columns=columns)


def difference(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return values less others, an array of any shape; zero where they differ by no more than rounding."""
    found = values - others
    return np.where(np.abs(found) <= ROUNDING * np.maximum(np.abs(values), np.abs(others)), 0.0, found)


def _quadrants(x: np.ndarray, y: np.ndarray, words: tuple[tuple[str, str], tuple[str, str]]) -> dict[str, np.ndarray]:
    (more, less), (above, below) = words
    return {
        f"{more}, {above}": (x > 0) & (y > 0),
        f"{more}, {below}": (x > 0) & (y < 0),
        f"{less}, {above}": (x < 0) & (y > 0),
        f"{less}, {below}": (x < 0) & (y < 0),
        NO_DIFFERENCE: (x == 0) | (y == 0),
    }


def _mean(values: np.ndarray) -> tuple[float, float, float]:
    found = estimate(values)
    return found.mean, found.low, found.high
