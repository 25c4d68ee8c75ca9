"""What moves an answer: one bar for each assumption, and a floor below which a bar is noise.

Two ways to the same table: the answer worked out again with one assumption at a time at its low and its high value,
under the same luck; or, from runs that vary all assumptions at once, the answer where an assumption is in its lowest
and in its highest fifth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...sim import UserError
from ..estimates import estimate
from .paired import Floats

if TYPE_CHECKING:
    import pandas as pd

Evaluate = Callable[[Mapping[str, float]], Floats]

FIFTH = 0.2
FEWEST = 50
"""Draws below which a fifth holds fewer than ten."""
SHUFFLES = 500
SURE = 0.95


def one_at_a_time(
    evaluate: Evaluate, ranges: Mapping[str, tuple[float, float]], floor: float | None = None
) -> pd.DataFrame:
    """Work an answer out again with each assumption at its low and at its high value, all else as it was.

    Parameters
    ----------
    evaluate : callable
        Takes the assumptions that are changed, by name, none for the base; returns the answer in each run, in the same
        order of runs and under the same luck every time. One number for all runs is an array of length 1.
    ranges : mapping of (float, float)
        Low and high value of each assumption.
    floor : float, optional
        Swing below which nothing is named. Needed where `evaluate` gives a single number: what its own resolution is.
        Where it gives several runs, each bar has a floor of its own, and `floor` is the least.

    Returns
    -------
    DataFrame
        A row per assumption, the longest bar first: ``assumption, low_value, high_value, base, low, high, swing,
        swing_low, swing_high, floor, named``. `low` and `high` are the answers, ``swing`` is high - low; it is named
        if it is beyond its floor, half its 95 % interval widened for the number of assumptions (Bonferroni).
        ``evaluate`` is called twice for each assumption and once for the base.
    """
    base = np.atleast_1d(np.asarray(evaluate({}), dtype=np.float64))
    if base.size < 2 and floor is None:
        raise UserError("floor: found none, and an answer that is a single number; accepted: how exact that number is")
    rows = []
    for name, (least, most) in ranges.items():
        low, high = (
            np.asarray(evaluate({name: value}), dtype=np.float64).reshape(base.shape) for value in (least, most)
        )
        found = estimate((high - low)[:, None])
        own = max(_half(high - low, len(ranges)), floor or 0.0)
        ends = (found.low, found.high)
        rows.append((name, least, most, base.mean(), low.mean(), high.mean(), found.mean, *ends, own))
    columns = ["assumption", "low_value", "high_value", "base", "low", "high", "swing", "swing_low", "swing_high"]
    return _ordered(rows, [*columns, "floor"])


def from_draws(assumptions: pd.DataFrame, answer: Floats, seed: int = 0) -> pd.DataFrame:
    """Compare the answer where each assumption is in its lowest fifth with that where it is in its highest.

    Parameters
    ----------
    assumptions : DataFrame (draws, assumptions)
        Numbers; one that never varies has no bar.
    answer : array (draws,)
        The answer in each draw, luck averaged out as far as it can be.

    Returns
    -------
    DataFrame
        As from `one_at_a_time`; ``low_value`` and ``high_value`` are the means of the two fifths. The floor is one for
        all: the longest bar of all assumptions is below it in 95 of 100 shuffles of the answer.

    Notes
    -----
    Where assumptions are correlated, as after a fit, a bar holds what goes with its assumption, not what it does
    alone; a bar sees no effect that rises and falls again. EVPPI (`information`) has neither fault.
    """
    values = np.asarray(answer, dtype=np.float64)
    if len(values) != len(assumptions):
        raise ValueError(f"answer: found {len(values)} draws, accepted {len(assumptions)}, one for each row")
    if len(values) < FEWEST:
        raise UserError(
            "draws: found {count}, accepted at least {fewest}: fifths of fewer hold next to nothing",
            count=len(values),
            fewest=FEWEST,
        )
    varying = [name for name in assumptions if assumptions[name].nunique() > 1]
    size = round(FIFTH * len(values))
    table = assumptions[varying].to_numpy(dtype=np.float64).T
    lowest, highest = (np.stack([_fifth(row, size) for row in each]) for each in (table, -table))
    generator = np.random.default_rng(seed)
    shuffled = np.stack([generator.permutation(values) for _ in range(SHUFFLES)])
    noise = np.abs(_swing(shuffled, lowest, highest)).max(axis=1)
    floor = float(np.quantile(noise, SURE))
    rows = []
    for name, own, low, high in zip(varying, table, lowest, highest, strict=True):
        least, most = low @ values, high @ values
        half = 1.96 * np.sqrt(_error(values, low) + _error(values, high))
        ends = (least, most, most - least, most - least - half, most - least + half)
        rows.append((name, low @ own, high @ own, values.mean(), *ends, floor))
    columns = ["assumption", "low_value", "high_value", "base", "low", "high", "swing", "swing_low", "swing_high"]
    return _ordered(rows, [*columns, "floor"])


def _fifth(values: Floats, size: int) -> Floats:
    """Return what each draw counts in the mean of the lowest so many; draws alike at the edge share what is left.

    Of a number that is 0 or 1, all draws with 0 count alike.
    """
    edge = np.sort(values)[size - 1]
    below, alike = values < edge, values == edge
    return np.asarray((below + alike * (size - below.sum()) / alike.sum()) / size)


def _swing(values: Floats, lowest: Floats, highest: Floats) -> Floats:
    """Return the answer in the highest fifth less that in the lowest, an array (times, assumptions)."""
    return np.asarray(values @ (highest - lowest).T)


def _error(values: Floats, weights: Floats) -> float:
    """Return the square of the standard error of a weighted mean; of equal weights the usual one."""
    count = 1 / np.sum(weights**2)
    return float(np.sum(weights**2 * (values - weights @ values) ** 2) * count / (count - 1))


def _half(differences: Floats, bars: int) -> float:
    """Return half the width of the t interval that holds for so many bars at once; 0 of a single run."""
    from scipy.special import stdtrit

    if differences.size < 2:
        return 0.0
    error = differences.std(ddof=1) / np.sqrt(differences.size)
    return float(stdtrit(differences.size - 1, 1 - (1 - SURE) / 2 / bars) * error)


def _ordered(rows: Sequence[tuple[object, ...]], columns: list[str]) -> pd.DataFrame:
    import pandas as pd

    table = pd.DataFrame(rows, columns=columns)
    table["named"] = table["swing"].abs() > table["floor"]
    order = np.argsort(-table["swing"].abs().to_numpy(dtype=np.float64), kind="stable")
    return table.iloc[order].reset_index(drop=True)
