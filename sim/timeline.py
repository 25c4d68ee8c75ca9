"""From which month on each setting has which value, and where parts that a strategy combines disagree.

A strategy is a chain of layers, the baseline first. A layer's settings hold from the month they name on (those
without a date: from the start of the plan, or from the layer's own start; those dated "+12 months": a year
after it), whatever the layers below say about that month or a later one. Numbers with a ramp get there in equal
monthly steps from the value that is in force before, as the layers say that the ramp's layer was written on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from .composition import Strategy, beneath, brought, combine, own_layers
from .errors import Problem, StrategyError, worded
from .settings import LEVERS
from .strategy_file import Change, Layer
from .strategy_words import glides, in_words, key_of, month_name, toml

Steps = dict[str, tuple["Step", ...]]


@dataclass(frozen=True)
class Step:
    """A setting from one month on, and who set it: `layer` is None for the default of the lever.

    `ramp` is in how many monthly steps the setting gets to a new value, of which this is one; 0 for at once.
    """

    month: int
    value: float
    layer: Layer | None = None
    why: str = "default"
    line: int | None = None
    ramp: int = 0

    def goes_on(self, before: Step) -> bool:
        """Say whether this step belongs to the same ramp as the one before it."""
        return self.ramp > 0 and (self.layer, self.line) == (before.layer, before.line)


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
        the layers that parts share say is no disagreement, nor is what the combining file itself decides, nor
        what a future says over strategies.
    """
    clock = _Clock(start, known_until)
    problems = [*_early(strategy.layers, clock), *dict.fromkeys(_conflicts(strategy, clock))]
    if problems:
        raise StrategyError(problems)
    said = _said(strategy, strategy.layers, clock)
    steps = {}
    for column, lever in LEVERS.items():
        later = said.get(column, ())
        default = () if later and later[0].month == 0 else (Step(0, lever.default),)
        steps[column] = (*default, *later)
    return steps


def dated(strategy: Strategy, start: int) -> Iterator[tuple[Layer, Change, int]]:
    """Yield each change that a strategy dates, and the month from which it holds in a plan that starts in `start`."""
    clock = _Clock(start)
    for layer in strategy.layers:
        for change in layer.changes:
            if change.month is not None or change.after:
                yield layer, change, clock.month(layer, change)


@dataclass(frozen=True)
class _Clock:
    """When the plan starts, and up to which month history is known."""

    start: int
    known_until: int | None = None

    def month(self, layer: Layer, change: Change) -> int:
        """Return the month from which a change holds."""
        return self.begins(layer) + change.after if change.month is None else change.month

    def begins(self, layer: Layer) -> int:
        """Return the first month of which a layer speaks."""
        return self.start if layer.start is None else layer.start

    def known(self, layer: Layer, month: int) -> bool:
        """Say whether what a layer did in a month is known."""
        return layer.start is None or self.known_until is None or month <= self.known_until


def _said(strategy: Strategy, layers: Sequence[Layer], clock: _Clock) -> Steps:
    """Return the steps of each setting that some layers of a strategy speak of, each layer over those before it."""
    steps: Steps = {}
    for layer in layers:
        for column, own in _by_layer(strategy, layer, clock).items():
            kept = tuple(step for step in steps.get(column, ()) if step.month < own[0].month)
            steps[column] = (*kept, *own)
    return steps


def _by_layer(strategy: Strategy, layer: Layer, clock: _Clock) -> Steps:
    """Return what one layer of a strategy says; where it has a ramp, that begins where the layers beneath stand."""
    ramps = any(change.ramp > 1 for change in layer.changes)
    under = _said(strategy, beneath(strategy, layer), clock) if ramps else {}
    own: Steps = {}
    for change in layer.changes:
        month = clock.month(layer, change)
        if not clock.known(layer, month):
            continue
        for column in change.values:
            kept = tuple(step for step in own.get(column, ()) if step.month < month)
            before = kept or tuple(step for step in under.get(column, ()) if step.month < month)
            value = before[-1].value if before else LEVERS[column].default
            own[column] = (*kept, *_ramp(layer, change, column, month, value))
    return own


def _ramp(layer: Layer, change: Change, column: str, month: int, before: float) -> Iterator[Step]:
    """Yield the steps in which a setting gets to its value: one, or a ramp from the value before."""
    value, why, line = change.values[column], change.why, change.lines[column]
    months = change.ramp if glides(column) and math.isfinite(before) and math.isfinite(value) else 0
    if months < 2 or before == value:
        yield Step(month, value, layer, why, line)
        return
    for part in range(1, months):
        reached = before + (value - before) * part / months
        reached = math.floor(reached + 0.5) if LEVERS[column].whole else reached
        yield Step(month + part - 1, float(reached), layer, why, line, months)
    yield Step(month + months - 1, value, layer, why, line, months)


def _early(layers: Sequence[Layer], clock: _Clock) -> list[Problem]:
    """Return the changes that are dated before their layer starts."""
    start = clock.start
    accepted = worded("a month from the start of the plan, {when}, on", when=month_name(start))
    problems = []
    for layer in layers:
        for change in layer.changes:
            month = clock.month(layer, change)
            if month < clock.begins(layer):
                earlier = worded("start the plan earlier (--start {when})", when=month_name(month))
                hint = worded("date it {when} or later, or {earlier}", when=month_name(start), earlier=earlier)
                found = toml(month_name(month))
                problems.append(Problem(layer.source, change.line, "changes.date", found, accepted, hint))
    return problems


def _conflicts(strategy: Strategy, clock: _Clock) -> list[Problem]:
    """Return what the parts of every combination disagree on, those further down first.

    The definition looks at pairs and months, never at an order: whichever part comes first, the same settings
    follow. Futures are compared with each other, each over the strategies of the combination.
    """
    parts = strategy.below
    problems = [problem for part in parts for problem in _conflicts(part, clock)]
    decided = _said(strategy, own_layers(strategy), clock)
    strategies = [part for part in parts if not part.future]
    for a, b in combinations(parts, 2):
        if a.future != b.future:
            continue
        of_a, of_b = (
            _said(
                combine([*strategies, part]) if part.future and strategies else part,
                [layer for layer in brought(part, parts) if layer not in other.layers],
                clock,
            )
            for part, other in ((a, b), (b, a))
        )
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
            there = worded("{value} in {place}", value=words_b, place=f"{b.layer.source}:{b.line}")
            found = worded(
                "{words_a} here and {there}, both from {when} on", words_a=words_a, there=there, when=month_name(month)
            )
            hint = worded("leave it out of one of them, or let a file that combines them decide it")
            accepted = worded("the same value in all parts that set it")
            return [Problem(a.layer.source, a.line, key_of(column), found, accepted, hint)]
    return []
