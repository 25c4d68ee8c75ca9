"""Strategies: overlays of files on one another, and the settings that follow from them month by month.

A strategy is a chain of layers, the baseline first. A layer's settings hold from the month they name on
(those without a date: from the start of the plan, or from the layer's own start), whatever the layers below
say about that month or a later one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .country import Country
from .settings import LEVERS, Settings
from .strategy_file import (
    A_STRATEGY,
    Change,
    Layer,
    Problem,
    Reading,
    StrategyError,
    nearest_file,
    read_file,
    schema,
)
from .strategy_words import did_you_mean, in_words, key_of, month_name, month_of, number, toml
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
    "differences",
    "in_words",
    "key_of",
    "month_name",
    "month_of",
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
class Strategy:
    """What is done: layers that overlay one another, the baseline first.

    Attributes
    ----------
    key : str
        Name in the catalogue, or the file's name without its ending.
    name, why : str
        What people call it, and the reason for it.
    layers : tuple of Layer
        The baseline first, the file that was asked for last.
    """

    key: str
    name: str
    why: str
    layers: tuple[Layer, ...]


@dataclass(frozen=True)
class Policy:
    """What a run is given: settings by month (a row of `Settings` each), and the country they act in."""

    settings: Table
    country: Country


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


def read_strategy(which: str | Path, library: Mapping[str, Path]) -> Strategy:
    """Read a strategy and everything it extends.

    Parameters
    ----------
    which : str or Path
        A name in `library`, or the path of a file.
    library : mapping of str to Path
        The strategies that have a name.

    Returns
    -------
    Strategy

    Raises
    ------
    StrategyError
        With all the problems of all the files, each with its line, what was found and what is accepted.
    """
    path = _locate(str(which), library, Path())
    if path is None:
        problem = Problem(
            str(which), None, "", "an unknown strategy", A_STRATEGY, _nearest(str(which), library, Path())
        )
        raise StrategyError([problem])
    layers: list[Layer] = []
    problems: list[Problem] = []
    chain: list[tuple[Path, str]] = []
    while path is not None:
        source = str(path)
        chain.append((path.resolve(), source))
        reading = read_file(path, source)
        problems += reading.problems
        if reading.layer is not None:
            layers.insert(0, reading.layer)
        path = _below(reading, library, chain, problems)
    if problems:
        raise StrategyError(problems)
    top = layers[-1]
    return Strategy(top.key, top.name, top.why, tuple(layers))


def _locate(which: str, library: Mapping[str, Path], folder: Path) -> Path | None:
    """Return the file that a name or a path means, or None if it is a name that the library does not have."""
    if which in library:
        return library[which]
    path = Path(os.path.normpath(folder / which))
    is_path = path.suffix == ".toml" or any(mark in which for mark in ("/", os.sep)) or path.exists()
    return path if is_path else None


def _nearest(which: str, library: Mapping[str, Path], folder: Path) -> str:
    """Say what a name that is unknown may have meant."""
    file = f"{which}.toml"
    if (folder / file).is_file():
        return f"for the file write {file}"
    return did_you_mean(which, library) or f"the names are {', '.join(sorted(library))}"


def _below(
    reading: Reading, library: Mapping[str, Path], chain: list[tuple[Path, str]], problems: list[Problem]
) -> Path | None:
    """Return the file that the last of the chain extends, or None; a problem is appended to `problems`."""
    if reading.extends is None:
        return None
    source = chain[-1][1]
    folder = Path(source).parent
    path = _locate(reading.extends, library, folder)
    if path is None or not path.exists():
        found = toml(reading.extends) + (
            ", an unknown strategy" if path is None else ", a file that is not there"
        )
        hint = _nearest(reading.extends, library, folder) if path is None else nearest_file(path)
        problems.append(Problem(source, reading.line, "extends", found, A_STRATEGY, hint))
        return None
    known = [resolved for resolved, _ in chain]
    if path.resolve() in known:
        circle = [name for _, name in chain[known.index(path.resolve()) :]]
        found = " -> ".join([*circle, circle[0]])
        problems.append(Problem(source, reading.line, "extends", f"a circle: {found}", "a chain that ends"))
        return None
    return path


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
        If a change is dated before the start of the plan.
    """
    steps = {column: [Step(0, lever.default)] for column, lever in LEVERS.items()}
    early = []
    for layer in strategy.layers:
        for change in layer.changes:
            begins = start if layer.start is None else layer.start
            month = begins if change.month is None else change.month
            if month < begins:
                early.append(_too_early(layer, change, month, start))
            if layer.start is not None and known_until is not None and month > known_until:
                continue
            for column, value in change.values.items():
                kept = [step for step in steps[column] if step.month < month]
                steps[column] = [*kept, Step(month, value, layer, change.why, change.lines[column])]
    if early:
        raise StrategyError(early)
    return {column: tuple(found) for column, found in steps.items()}


def _too_early(layer: Layer, change: Change, month: int, start: int) -> Problem:
    hint = f"date it {month_name(start)} or later, or start the plan earlier (--start {month_name(month)})"
    accepted = f"a month from the start of the plan, {month_name(start)}, on"
    return Problem(layer.source, change.line, "changes.date", toml(month_name(month)), accepted, hint)


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
        If a change is dated before the start of the plan, or funding shares do not add up to 1 in some month.
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
