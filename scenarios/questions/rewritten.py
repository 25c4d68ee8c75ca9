"""What was done since 2007 with something changed: strategies that are laid over history instead of over a plan.

A strategy of the catalogue speaks of a plan: it builds on today's strategy, which began in its own time. Over the
past only what it says itself is laid, from a month on; all else stays as it was done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...sim import EVALUATION_MONTH, UserError
from ...sim.policy import (
    Change,
    Difference,
    Layer,
    Remark,
    Strategy,
    differences,
    idle_settings,
    in_words,
    key_of,
    month_name,
    timeline,
)
from ..strategies import load

PAST, TODAY = "historical", "continued"
MONTHS = EVALUATION_MONTH + 1
"""Months up to the evaluation: what changes later cannot move what it found."""


def laid_over_history(which: str, since: int = 0, levers: Mapping[str, float] | None = None) -> Strategy:
    """Return history with what a strategy says laid over it.

    Parameters
    ----------
    which : str
        A name of the catalogue, a file, or several joined by ``+``; ``historical`` changes nothing itself.
    since : int
        Month, counted from January 2007, from which its settings without a date hold, and from which it counts.
    levers : mapping, optional
        Further settings from that month on, by column.

    Raises
    ------
    UserError
        If parts contradict each other, a date comes before `since`, or nothing differs before the evaluation.
    """
    past, asked = load(PAST), load(which)
    _refuse_early(asked, since)
    timeline(asked, since)  # parts that contradict each other are refused here, with their lines
    known = {layer.key for layer in past.layers} | ({TODAY} if asked.key != TODAY else set())
    own = [_dated(layer, since) for layer in asked.layers if layer.key not in known]
    name, when = asked.name if own else past.name, month_name(since)
    key = asked.key if own else past.key
    if levers:
        said = ", ".join(f"{key_of(column)} = {in_words(column, value)}" for column, value in levers.items())
        change = Change(since, f"{said} from {when} on.", 0, dict(levers), dict.fromkeys(levers, 0))
        own.append(Layer(f"set {said}", said, change.why, "--set", None, (change,)))
        name, key = (f"{name}, {said}", f"{key}[{said.replace(' ', '')}]") if len(own) > 1 else (said, f"[{said}]")
    why = f"{asked.why if name != past.name else past.why} Laid over what was done, from {when} on."
    found = Strategy(f"{key}@{when}", name, why, (*past.layers, *own), (past,))
    if not what_differs(found):
        raise UserError(
            "CHANGE {which}: found nothing that differs from what was done between {when} and the "
            "evaluation of May 2017; accepted: a strategy, or --set KEY=VALUE, that changes something "
            "before it",
            which=which,
            when=when,
        )
    return found


def what_differs(changed: Strategy) -> list[Difference]:
    """Return what differs from history up to the evaluation."""
    return differences(load(PAST), changed, 0, MONTHS)


def remarks(changed: Strategy) -> list[Remark]:
    """Say which of its settings act on nothing before the evaluation, such as a course without seats."""
    return idle_settings(load(PAST), changed, 0, MONTHS)


def _refuse_early(asked: Strategy, since: int) -> None:
    for layer in asked.layers:
        for change in layer.changes:
            if layer.start is None and change.month is not None and change.month < since:
                raise UserError(
                    "--from: found {since}, after {first}, a date in {source}:{line}; accepted: {first} or earlier",
                    since=month_name(since),
                    first=month_name(change.month),
                    source=layer.source,
                    line=change.line,
                )


def _dated(layer: Layer, since: int) -> Layer:
    """Return a layer whose changes all have a month: those that had none hold from `since` on, or so long after it."""
    changes = (
        replace(change, month=since + change.after, after=0) if change.month is None else change
        for change in layer.changes
    )
    return replace(layer, changes=tuple(changes))
