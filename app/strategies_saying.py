"""What is said of strategy files: what one builds on, what it changes, and what of it acts on nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..scenarios.labels import dated
from ..scenarios.labels import strategy as called
from ..scenarios.language import ENGLISH, _, later, spoken

if TYPE_CHECKING:
    from ..sim.policy import Difference, Strategy

MOST_PARTS = 3
"""Parts of a package that its line names."""
COLUMNS = (later("Value"), later("Since"), later("Set by"), later("the defaults"))
"""Heads of the table of settings that stand nowhere else, and what is below all strategies."""


def parts(strategy: Strategy) -> str:
    """Say of a package what it is made of, where that fits a line."""
    if strategy.kind != "package":
        return ""
    count = len(strategy.below)
    return f" ({below(strategy)})" if count <= MOST_PARTS else " " + _("({count} of these)", count=count)


def below(strategy: Strategy) -> str:
    """Return the keys of what a strategy extends or combines."""
    return " + ".join(part.key for part in strategy.below)


def reasons(strategy: Strategy) -> str:
    """Return why a strategy is as it is; of several at once, of each."""
    if spoken() is ENGLISH or len(strategy.below) < 2 or _(strategy.why) != strategy.why:
        return _(strategy.why)
    return " ".join(_("{name}: {value}", name=called(part.name), value=reasons(part)) for part in strategy.below)


def ancestry(strategy: Strategy) -> Iterator[str]:
    """Yield what a strategy builds on, the nearest first, down to what all parts of a combination share."""
    from ..sim.policy import base_of

    while len(strategy.below) == 1:
        strategy = strategy.below[0]
        yield _("extends '{strategy}' ({key})", strategy=called(strategy.name), key=strategy.key)
    for part in strategy.below:
        about = {"strategy": called(part.name), "key": part.key}
        over = part.future and not strategy.future
        yield _("combines '{strategy}' ({key}) over the others", **about) if over else _(
            "combines '{strategy}' ({key})", **about
        )
    for layer in reversed(base_of(strategy).layers):
        yield _("which all include '{strategy}' ({key})", strategy=called(layer.name), key=layer.key)


def by_steps(words: str, month: int) -> str:
    """Say what a setting gets to by a ramp, and when."""
    return _("{value} in {month}, by steps", value=words, month=dated(month))


def both(each: Difference, months: int) -> str:
    """Say what a setting is under each of two strategies."""
    about = {"key": each.key, "a": _value(each.words_a), "b": _value(each.words_b), "unit": _unit(each)}
    return _("{key}: A {a}, B {b}{unit}{when}", when=_when(each, months), **about)


def changed(each: Difference, months: int) -> str:
    """Say what a setting is instead of what it was."""
    about = {"key": each.key, "now": _value(each.words_b), "before": _value(each.words_a), "unit": _unit(each)}
    return _("{key}: {now}{unit} instead of {before}{when}", when=_when(each, months), **about)


def verdict(file: str, strategy: Strategy, base: Strategy, start: int, changes: bool) -> str:
    """Say that a file is valid, and in what it changes something."""
    under = _("'{strategy}' ({key})", strategy=called(base.name), key=base.key) if base.layers else called(base.name)
    about = {"file": file, "month": dated(start), "strategy": called(strategy.name), "base": under}
    if changes:
        return _("{file} is valid. In a plan that starts in {month}, '{strategy}' changes this in {base}.", **about)
    return _("{file} is valid. In a plan that starts in {month}, '{strategy}' changes nothing in {base}.", **about)


def warnings(strategy: Strategy, base: Strategy, start: int, months: int) -> list[str]:
    """Say what of a strategy acts on nothing: for want of another setting, or since the plan is over by then."""
    from ..sim.policy import idle_settings, late_changes
    from .options import MOST_YEARS, PLAN_YEARS

    idle = idle_settings(base, strategy, start, months)
    late = late_changes(base, strategy, start, start + 12 * PLAN_YEARS)
    return [
        *map(str, idle),
        *(
            _(
                "{remark} (a plan lasts {years} years; --years gives it up to {most})",
                remark=remark, years=PLAN_YEARS, most=MOST_YEARS,
            )
            for remark in late
        ),
    ]  # fmt: skip


def _value(words: str) -> str:
    """Return a setting as it is typed, or from which to which it goes."""
    low, to, high = words.partition(" to ")
    return _("{low} to {high}", low=low, high=high) if to else words


def _unit(each: Difference) -> str:
    return f" {_(each.unit)}" if each.unit and each.unit != "yes/no" else ""


def _when(each: Difference, months: int) -> str:
    ends = {"first": dated(each.first), "last": dated(each.last)}
    if each.ramps:
        return _(", in equal steps from {first} to {last}", **ends)
    if each.last == months - 1:
        return _(", from {first} on", first=ends["first"])
    return _(", from {first} to {last}", **ends)
