"""What a run is given, the settings that follow from a strategy month by month, and how two strategies differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from .composition import Strategy, base_of, combine, own_layers, read_strategy
from .consistency import Remark, check_sense, idle, late
from .country import Country
from .errors import Problem, StrategyError
from .settings import LEVERS, Settings
from .strategy_file import Change, Layer, schema
from .strategy_words import in_words, key_of, month_name, month_of, rough
from .table import new_table
from .timeline import Step, dated, timeline

__all__ = [
    "Change",
    "Difference",
    "Layer",
    "Policy",
    "Problem",
    "Remark",
    "Step",
    "Strategy",
    "StrategyError",
    "base_of",
    "combine",
    "dated",
    "differences",
    "idle_settings",
    "in_words",
    "key_of",
    "late_changes",
    "month_name",
    "month_of",
    "own_layers",
    "read_strategy",
    "schema",
    "settings_table",
    "timeline",
]

Table = np.recarray[Any, Any]

@dataclass(frozen=True)
class Policy:
    """What a run is given: settings by month (a row of `Settings` each), and the country they act in.

    `baseline` is given where what the settings cost more than it comes on top of the budget, not out of it.
    """

    settings: Table
    country: Country
    baseline: Table | None = None


@dataclass(frozen=True)
class Difference:
    """A setting that differs between two strategies, from month `first` to month `last`, both included.

    `words_a` and `words_b` are the values as a strategy file writes them; `key` is the setting's name there. On
    the way of a ramp values change from month to month: then `value_a` and `value_b` are those of month `first`,
    `end_a` and `end_b` those of month `last`, and the words name both.
    """

    column: str
    key: str
    unit: str
    meaning: str
    first: int
    last: int
    value_a: float
    value_b: float
    end_a: float
    end_b: float
    words_a: str
    words_b: str

    @property
    def ramps(self) -> bool:
        """Whether one of the two is on the way of a ramp."""
        return (self.value_a, self.value_b) != (self.end_a, self.end_b)


def settings_table(strategy: Strategy, start: int, months: int, known_until: int | None = None) -> Table:
    """Return the settings in force in each month.

    Parameters
    ----------
    strategy : Strategy
    start : int
        Month in which the plan starts, counted from January 2007.
    months : int
        Number of months, from January 2007 on.
    known_until : int, optional
        As in `timeline`.

    Returns
    -------
    recarray of Settings, shape (months,)
        Words and yes/no as numbers.

    Raises
    ------
    StrategyError
        As `timeline`, or if settings contradict each other in some month.
    """
    steps = timeline(strategy, start, known_until)
    table = new_table(Settings, months)
    for column, found in steps.items():
        for step in found:
            table[column][step.month :] = step.value
    check_sense(strategy, steps, table)
    return table


def differences(a: Strategy, b: Strategy, start: int, months: int) -> list[Difference]:
    """Return what differs between two strategies, a row per setting and stretch of months.

    Parameters
    ----------
    a, b : Strategy
    start : int
        Month in which the plan starts, counted from January 2007.
    months : int
        Months to look at, from January 2007 on.

    Returns
    -------
    list of Difference
        In the order of the settings, then of the months; empty where nothing differs.

    Raises
    ------
    StrategyError
        As `settings_table`.
    """
    left, right = settings_table(a, start, months), settings_table(b, start, months)
    on_the_way = _on_the_way(timeline(a, start)), _on_the_way(timeline(b, start))
    return [
        _difference(column, left[column], right[column], first, last)
        for column in LEVERS
        for first, last in _stretches(left[column], right[column], set().union(*(way[column] for way in on_the_way)))
    ]


def late_changes(base: Strategy, strategy: Strategy, start: int, months: int) -> list[Remark]:
    """Say which changes that a strategy dates, and its base does not have, come after the plan's last month."""
    return late(strategy, base, start, months)


def idle_settings(base: Strategy, strategy: Strategy, start: int, months: int) -> list[Remark]:
    """Say which settings, of those by which a strategy differs from a base, act on nothing."""
    before, table = settings_table(base, start, months), settings_table(strategy, start, months)
    return idle(strategy, base, table, before, start)


def _on_the_way(steps: Mapping[str, Sequence[Step]]) -> dict[str, set[int]]:
    """Return, for each setting, the months at whose start it is on the way of a ramp, its first month left out."""
    return {
        column: {step.month for before, step in pairwise(found) if step.goes_on(before)}
        for column, found in steps.items()
    }


def _stretches(left: np.ndarray, right: np.ndarray, on_the_way: set[int]) -> list[tuple[int, int]]:
    """Return first and last month of each stretch in which both are unequal and stay the same, or go up a ramp."""
    moved = (left[1:] != left[:-1]) | (right[1:] != right[:-1])
    unequal = left != right
    found: list[tuple[int, int]] = []
    firsts = [0, *(np.flatnonzero(moved) + 1).tolist()]
    lasts = [*(first - 1 for first in firsts[1:]), len(left) - 1]
    for first, last in zip(firsts, lasts, strict=True):
        arrived = last + 1 not in on_the_way
        if found and first in on_the_way and not arrived and unequal[first] and found[-1][1] == first - 1:
            found[-1] = (found[-1][0], last)
        elif unequal[first]:
            found.append((first, last))
    return found


def _difference(column: str, left: np.ndarray, right: np.ndarray, first: int, last: int) -> Difference:
    lever = LEVERS[column]
    a, b, end_a, end_b = float(left[first]), float(right[first]), float(left[last]), float(right[last])
    words = _span_in_words(column, a, end_a), _span_in_words(column, b, end_b)
    about = column, key_of(column), lever.unit, lever.meaning
    return Difference(*about, first, last, a, b, end_a, end_b, *words)


def _span_in_words(column: str, value: float, end: float) -> str:
    """Return a value in words, or from which to which one it goes."""
    return rough(column, value) if value == end else f"{rough(column, value)} to {rough(column, end)}"
