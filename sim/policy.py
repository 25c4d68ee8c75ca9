"""The settings that follow from a strategy, month by month, and where parts that it combines disagree.

A strategy is a chain of layers, the baseline first. A layer's settings hold from the month they name on
(those without a date: from the start of the plan, or from the layer's own start), whatever the layers below
say about that month or a later one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from .composition import Strategy, base_of, combine, own_layers, read_strategy
from .country import Country
from .settings import LEVERS, Settings
from .strategy_file import Change, Layer, Problem, StrategyError, schema
from .strategy_words import in_words, key_of, month_name, month_of, number, toml
from .table import new_table

__all__ = [
    "Change",
    "Difference",
    "Layer",
    "Policy",
    "Problem",
    "Step",
    "Strategy",
    "StrategyError",
    "base_of",
    "combine",
    "differences",
    "in_words",
    "key_of",
    "month_name",
    "month_of",
    "own_layers",
    "read_strategy",
    "schema",
    "settings_table",
    "timeline",
]

Table = np.recarray[Any, Any]
_SHARES = tuple(
    column for column in LEVERS if column.startswith("funding_") and LEVERS[column].unit == "share"
)


@dataclass(frozen=True)
class Policy:
    """What a run is given: settings by month (a row of `Settings` each), and the country they act in.

    `baseline` is given where what the settings cost more than it comes on top of the budget, not out of it.
    """

    settings: Table
    country: Country
    baseline: Table | None = None


@dataclass(frozen=True)
class Step:
    """A setting from one month on, and who set it: `layer` is None for the default of the lever."""

    month: int
    value: float
    layer: Layer | None = None
    why: str = "default"
    line: int | None = None


@dataclass(frozen=True)
class Difference:
    """A setting that differs between two strategies, from month `first` to month `last`, both included.

    `words_a` and `words_b` are the values as a strategy file writes them; `key` is the setting's name there.
    """

    column: str
    key: str
    unit: str
    meaning: str
    first: int
    last: int
    value_a: float
    value_b: float
    words_a: str
    words_b: str


def timeline(strategy: Strategy, start: int, known_until: int | None = None) -> dict[str, tuple[Step, ...]]:
    """Return the steps of each setting: from which month on, which value, set by which layer.

    Parameters
    ----------
    strategy : Strategy
    start : int
        Month in which the plan starts, counted from January 2007.
    known_until : int, optional
        Month up to which history is known: what a layer with a start of its own did later is left out.

    Returns
    -------
    dict of tuple of Step
        By column of `Settings`; the first step of each is its default, from month 0 on.

    Raises
    ------
    StrategyError
        If a change is dated before the start of the plan, or parts that are combined disagree: both set a
        setting, and in some month from which both have set it, its values under each part alone differ. What
        the layers that parts share say is no disagreement, nor is what the combining file itself decides.
    """
    problems = [*_early(strategy.layers, start), *dict.fromkeys(_conflicts(strategy, start, known_until))]
    if problems:
        raise StrategyError(problems)
    said = _said(strategy.layers, start, known_until)
    steps = {}
    for column, lever in LEVERS.items():
        later = said.get(column, ())
        default = () if later and later[0].month == 0 else (Step(0, lever.default),)
        steps[column] = (*default, *later)
    return steps


def _said(layers: Sequence[Layer], start: int, known_until: int | None) -> dict[str, tuple[Step, ...]]:
    """Return the steps of each setting that some layers speak of, each layer over those before it."""
    steps: dict[str, tuple[Step, ...]] = {}
    for layer in layers:
        for change in layer.changes:
            month = _month(layer, change, start)
            if layer.start is not None and known_until is not None and month > known_until:
                continue
            for column, value in change.values.items():
                kept = [step for step in steps.get(column, ()) if step.month < month]
                steps[column] = (*kept, Step(month, value, layer, change.why, change.lines[column]))
    return steps


def _month(layer: Layer, change: Change, start: int) -> int:
    """Return the month from which a change holds."""
    begins = start if layer.start is None else layer.start
    return begins if change.month is None else change.month


def _early(layers: Sequence[Layer], start: int) -> list[Problem]:
    """Return the changes that are dated before their layer starts."""
    accepted = f"a month from the start of the plan, {month_name(start)}, on"
    problems = []
    for layer in layers:
        begins = start if layer.start is None else layer.start
        for change in layer.changes:
            month = _month(layer, change, start)
            if month < begins:
                earlier = f"start the plan earlier (--start {month_name(month)})"
                hint = f"date it {month_name(start)} or later, or {earlier}"
                found = toml(month_name(month))
                problems.append(Problem(layer.source, change.line, "changes.date", found, accepted, hint))
    return problems


def _conflicts(strategy: Strategy, start: int, known_until: int | None) -> list[Problem]:
    """Return what the parts of every combination disagree on, those further down first.

    The definition looks at pairs and months, never at an order: whichever part comes first, the same settings
    follow.
    """
    problems = [problem for part in strategy.below for problem in _conflicts(part, start, known_until)]
    decided = _said(own_layers(strategy), start, known_until)
    for a, b in combinations(strategy.below, 2):
        of_a = _said([layer for layer in a.layers if layer not in b.layers], start, known_until)
        of_b = _said([layer for layer in b.layers if layer not in a.layers], start, known_until)
        for column in (column for column in LEVERS if column in of_a and column in of_b):
            until = decided[column][0].month if column in decided else None
            problems += _conflict(column, of_a[column], of_b[column], until)
    return problems


def _conflict(column: str, of_a: Sequence[Step], of_b: Sequence[Step], until: int | None) -> list[Problem]:
    """Return a problem for the first month, before `until`, in which two parts want different values."""
    first = max(of_a[0].month, of_b[0].month)
    moved = {step.month for step in (*of_a, *of_b) if step.month > first}
    for month in sorted({first, *moved}):
        if until is not None and month >= until:
            break
        a, b = (next(step for step in reversed(of_) if step.month <= month) for of_ in (of_a, of_b))
        if a.value != b.value and a.layer and b.layer:
            words_a, words_b = in_words(column, a.value), in_words(column, b.value)
            there = f"{words_b} in {b.layer.source}:{b.line}"
            found = f"{words_a} here and {there}, both from {month_name(month)} on"
            hint = "leave it out of one of them, or let a file that combines them decide it"
            accepted = "the same value in all parts that set it"
            return [Problem(a.layer.source, a.line, key_of(column), found, accepted, hint)]
    return []


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
        As `timeline`, or if funding shares do not add up to 1 in some month.
    """
    steps = timeline(strategy, start, known_until)
    table = new_table(Settings, months)
    for column, found in steps.items():
        for step in found:
            table[column][step.month :] = step.value
    _check_funding(strategy, steps, table)
    return table


def _check_funding(strategy: Strategy, steps: Mapping[str, tuple[Step, ...]], table: Table) -> None:
    """Raise an error that names every stretch of months in which the funders' shares do not add up to 1."""
    sums = np.sum([table[column] for column in _SHARES], axis=0)
    begins = np.flatnonzero(np.diff(sums, prepend=1.0))
    problems = [
        _funding_problem(strategy, steps, month, float(sums[month]))
        for month in begins.tolist()
        if abs(sums[month] - 1.0) > 1e-6
    ]
    if problems:
        raise StrategyError(problems)


def _funding_problem(
    strategy: Strategy, steps: Mapping[str, tuple[Step, ...]], month: int, total: float
) -> Problem:
    """Blame the share that the most derived layer set last."""
    now = {column: [step for step in steps[column] if step.month <= month][-1] for column in _SHARES}
    set_ = {column: step for column, step in now.items() if step.layer is not None}
    column = max(set_, key=lambda name: (_depth(strategy, set_[name].layer), set_[name].month))
    step = set_[column]
    parts = " + ".join(
        f"{name.split('_')[1]} {number(each.value)}" for name, each in now.items() if each.value
    )
    when = f"from {month_name(month)} on"
    found = f"shares of the funders that add up to {number(round(total, 6))} {when} ({parts or 0})"
    hint = "change what the other funders pay in the same block"
    source = strategy.name if step.layer is None else step.layer.source
    return Problem(source, step.line, key_of(column), found, "shares that add up to 1", hint)


def _depth(strategy: Strategy, layer: Layer | None) -> int:
    return next((depth for depth, each in enumerate(strategy.layers) if each is layer), -1)


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
    return [
        _difference(column, float(left[column][first]), float(right[column][first]), first, last)
        for column in LEVERS
        for first, last in _stretches(left[column], right[column])
    ]


def _stretches(left: np.ndarray, right: np.ndarray) -> list[tuple[int, int]]:
    """Return first and last month of each stretch in which both stay the same and are unequal."""
    moved = (left[1:] != left[:-1]) | (right[1:] != right[:-1])
    firsts = [0, *(np.flatnonzero(moved) + 1).tolist()]
    lasts = [*(first - 1 for first in firsts[1:]), len(left) - 1]
    return [(first, last) for first, last in zip(firsts, lasts, strict=True) if left[first] != right[first]]


def _difference(column: str, left: float, right: float, first: int, last: int) -> Difference:
    lever = LEVERS[column]
    words = in_words(column, left), in_words(column, right)
    return Difference(column, key_of(column), lever.unit, lever.meaning, first, last, left, right, *words)
