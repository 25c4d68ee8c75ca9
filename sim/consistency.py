"""What settings say together: where they contradict each other, and where one of them acts on nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .composition import Strategy
from .errors import Problem, StrategyError, worded
from .settings import LEVERS, NEEDS, NOT_ABOVE, Needs
from .strategy_file import Layer
from .strategy_words import in_words, key_of, month_name, number, short, toml
from .timeline import Step, dated, timeline

Table = np.recarray[Any, Any]
Steps = Mapping[str, Sequence[Step]]
SHARES = tuple(column for column in LEVERS if column.startswith("funding_") and LEVERS[column].unit == "share")


def check_sense(strategy: Strategy, steps: Steps, table: Table) -> None:
    """Raise an error that names every stretch of months in which settings contradict each other.

    Raises
    ------
    StrategyError
        Where the funders' shares do not add up to 1, a least number is above the most, or no part is paid of a
        budget without limit.
    """
    sums = np.sum([table[column] for column in SHARES], axis=0)
    problems = [
        _funding_problem(strategy, steps, month, float(sums[month]))
        for month in np.flatnonzero(np.diff(sums, prepend=1.0)).tolist()
        if abs(sums[month] - 1.0) > 1e-6
    ]
    for least, most in NOT_ABOVE:
        above = table[least] > table[most]
        problems += [_above_problem(strategy, steps, month, least, most) for month in _begins(above)]
    no_part = (table.funding_paid_part == 0.0) & np.isinf(table.funding_budget_mad_per_year)
    problems += [_unpaid_problem(strategy, steps, month) for month in _begins(no_part)]
    if problems:
        raise StrategyError(problems)


def _begins(wrong: NDArray[np.bool_]) -> list[int]:
    """Return the first month of each stretch in which something is wrong."""
    found: list[int] = np.flatnonzero(wrong & ~np.append(False, wrong[:-1])).tolist()
    return found


@dataclass(frozen=True)
class Remark:
    """Something that a layer says of a key, in a line, and that changes nothing."""

    layer: Layer
    line: int | None
    key: str
    text: str

    def __str__(self) -> str:
        return f"{self.layer.source}:{self.line}: {self.text}"


def late(strategy: Strategy, base: Strategy, start: int, months: int) -> list[Remark]:
    """Say which dated changes of a strategy, over those of the base, come after a plan that ends before `months`."""
    return [
        Remark(
            layer,
            change.line,
            "changes.date",
            worded("what changes from {when} on comes after the plan's end, {end}", when=month_name(month), end=end),
        )
        for end in [month_name(months - 1)]
        for layer, change, month in dated(strategy, start)
        if month >= months and layer.start is None and layer not in base.layers
    ]


def idle(strategy: Strategy, base: Strategy, table: Table, before: Table, start: int) -> list[Remark]:
    """Say which settings of a strategy act on nothing in a plan.

    Parameters
    ----------
    strategy, base : Strategy
        Only what layers set that the base does not have is looked at.
    table, before : recarray of Settings
        The settings of the two up to the end of the plan.
    start : int
        Month in which the plan starts.
    """
    said = []
    for column, steps in timeline(strategy, start).items():
        for step in steps:
            first = max(step.month, start)
            if step.layer is None or step.layer.start is not None or step.layer in base.layers or first >= len(table):
                continue  # said by others, of the past, or of what nobody will see
            if step.value == before[column][first]:
                continue  # it leaves things as they are, which asks for nothing
            needs = next((each for each in NEEDS if _lacks(each, column, step, table[first:])), None)
            if needs is not None:
                said.append(_remark(column, step, needs, first))
                break
    return said


def _lacks(needs: Needs, column: str, step: Step, table: NDArray[Any]) -> bool:
    """Say whether a step sets a lever whose switch is off in all months to come; zero turns off what is off anyway."""
    asks = column in needs.levers and (step.value != 0.0 or needs.word is not None)
    return asks and not _is_on(needs, table).any()


def _is_on(needs: Needs, table: NDArray[Any]) -> NDArray[np.bool_]:
    """Say in which months what some levers need is there."""
    found = np.zeros(len(table), np.bool_)
    for column in needs.any_of:
        value = table[column]
        found |= value == needs.word if needs.word is not None else (value > 0) & np.isfinite(value)
    return found


def _remark(column: str, step: Step, needs: Needs, first: int) -> Remark:
    assert step.layer is not None
    wanted = worded(" or ").join(_wanted(other, needs.word) for other in needs.any_of)
    but = worded("; it matters only to what was begun before") if needs.lasting else ""
    value = short(column, step.value)
    text = worded(
        "{key} = {value} acts on nothing without {wanted}, from {when} on{but}",
        key=key_of(column),
        value=value,
        wanted=wanted,
        when=month_name(first),
        but=but,
    )
    return Remark(step.layer, step.line, key_of(column), text)


def _wanted(column: str, word: int | None) -> str:
    """Say when a lever is on."""
    lever, key = LEVERS[column], key_of(column)
    if word is not None:
        return f"{key} = {toml(in_words(column, word))}"
    if lever.kind is bool:
        return f"{key} = true"
    if lever.kind is not None:
        return worded("a town as {key}", key=key)
    return worded("a limit as {key}", key=key) if lever.may_be_infinite else worded("{key} above 0", key=key)


def _funding_problem(strategy: Strategy, steps: Steps, month: int, total: float) -> Problem:
    now = _in_force(steps, SHARES, month)
    parts = " + ".join(f"{name.split('_')[1]} {number(each.value)}" for name, each in now.items() if each.value)
    when = worded("from {month} on", month=month_name(month))
    found = worded(
        "shares of the funders that add up to {total} {when} ({parts})",
        total=number(round(total, 6)),
        when=when,
        parts=parts or 0,
    )
    hint = worded("change what the other funders pay in the same block")
    return _blame(strategy, now, found, worded("shares that add up to 1"), hint)


def _above_problem(strategy: Strategy, steps: Steps, month: int, least: str, most: str) -> Problem:
    now = _in_force(steps, (least, most), month)
    low, high = (short(column, now[column].value) for column in (least, most))
    found = worded(
        "{low_key} = {low} above {high_key} = {high}, from {when} on",
        low_key=key_of(least),
        low=low,
        high_key=key_of(most),
        high=high,
        when=month_name(month),
    )
    accepted = worded("{low_key} up to {high_key}", low_key=key_of(least), high_key=key_of(most))
    return _blame(
        strategy,
        now,
        found,
        accepted,
        worded("lower {low_key} or raise {high_key}", low_key=key_of(least), high_key=key_of(most)),
    )


def _unpaid_problem(strategy: Strategy, steps: Steps, month: int) -> Problem:
    now = _in_force(steps, ("funding_paid_part", "funding_budget_mad_per_year"), month)
    found = worded("funding.paid_part = 0 of a budget without limit, from {when} on", when=month_name(month))
    hint = worded("set funding.budget_mad_per_year as well: of inf nobody can pay nothing")
    return _blame(strategy, now, found, worded("a part above 0, or a budget with a limit"), hint)


def _in_force(steps: Steps, columns: Sequence[str], month: int) -> dict[str, Step]:
    return {column: [step for step in steps[column] if step.month <= month][-1] for column in columns}


def _blame(strategy: Strategy, now: Mapping[str, Step], found: str, accepted: str, hint: str) -> Problem:
    """Return a problem with several settings at the place of the one that the most derived layer set last."""
    set_ = {column: step for column, step in now.items() if step.layer is not None}
    column = max(set_, key=lambda name: (_depth(strategy, set_[name].layer), set_[name].month))
    step = set_[column]
    source = strategy.name if step.layer is None else step.layer.source
    return Problem(source, step.line, key_of(column), found, accepted, hint)


def _depth(strategy: Strategy, layer: Layer | None) -> int:
    return next((depth for depth, each in enumerate(strategy.layers) if each is layer), -1)
