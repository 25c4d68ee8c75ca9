"""What a published figure, or a survey of those who were served, could tell of a run.

Each observable has a name, by which a figure asks for it (`quantity`), a unit, and the months for which every run
keeps it. Savings, capital and incomes are among them: no formula gives those, whole runs do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ..sim.ends import ratio
from ..sim.history import EVALUATION_MONTH
from ..sim.kinds import Ending, Training
from ..sim.policy import month_of
from .checks import BEFORE_LOCKDOWN
from .dates import day_of

MONTHS = BEFORE_LOCKDOWN + 1
"""Runs go to February 2020, when the survey asked (L001): the last month of which something is published."""
DATES = (month_of("2012-12"), month_of("2014-12"), EVALUATION_MONTH, month_of("2018-12"), BEFORE_LOCKDOWN)
SURVEYS = (EVALUATION_MONTH, BEFORE_LOCKDOWN)
"""Dates at which a survey could look back on every project."""
LAST = (BEFORE_LOCKDOWN,)
YEAR_ENDS = tuple(range(month_of("2014-12"), MONTHS, 12))
BEFORE_2017 = month_of("2017-01")
SHARE, COUNT, AMOUNT, RATIO = "share", "count", "MAD 2016", "ratio"
FEWEST = 5
"""A median of fewer is none."""

Read = Callable[[Any, int], float]


@dataclass(frozen=True)
class Observable:
    """Something that can be seen of a run.

    Attributes
    ----------
    name, unit, meaning : str
        `unit` is ``share`` (0-1; percent in a figure), ``count`` (of a calendar year), ``MAD 2016`` or ``ratio``.
    months : tuple of int
        Months at whose end it is kept; a count is that of the year up to then.
    read : callable
        (history, month) -> value; NaN where there is nothing to see.
    """

    name: str
    unit: str
    meaning: str
    months: tuple[int, ...]
    read: Read

    def column(self, month: int) -> str:
        """Return the name of its column at a month."""
        return f"{self.name}_{day_of(float(month))[:7].replace('-', '_')}"


def _monthly(name: str) -> Read:
    return lambda history, month: float(history.state.monthly[month][name])


def _per(name: str, other: str) -> Read:
    def read(history: Any, month: int) -> float:
        now = history.state.monthly[month]
        return ratio(float(now[name]), float(now[other]))

    return read


def _in_year(name: str) -> Read:
    return lambda history, month: float(history.monthly[name][month - 11 : month + 1].sum())


def _of_endings(name: str) -> Read:
    """Share of the endings so far that were of one kind."""

    def read(history: Any, month: int) -> float:
        so_far = history.monthly[: month + 1]
        total = sum(float(so_far[each].sum()) for each in so_far.dtype.names if each.startswith("ended_"))
        return ratio(float(so_far[name].sum()), total)

    return read


def _financed(history: Any, month: int) -> Any:
    table = history.businesses
    return table[(table.assisted == 1) & (table.opened <= month)]


def traded(history: Any, month: int, years: int) -> float:
    """Return the share of projects that opened so many years before the end of a month and traded for as many."""
    mine = _financed(history, month - 12 * years)
    return ratio(float(((mine.ended < 0) | (mine.ended - mine.opened >= 12 * years)).sum()), float(len(mine)))


def seen_active(history: Any, month: int, left_out: bool, until: int | None = None) -> float:
    """Return the share of projects that the evaluator's last visit by the end of a month found open.

    Projects it has lost count as closed, or are left out; only those opened before `until`, if that is given.
    """
    mine = _financed(history, month if until is None else min(month, until - 1))
    lost = (mine.lost >= 0) & (mine.lost <= month)
    ended = (mine.seen_ended >= 0) & (mine.seen_ended <= month)
    return ratio(float((~lost & ~ended).sum()), float((~lost).sum() if left_out else len(mine)))


def _lost(history: Any, month: int) -> float:
    mine = _financed(history, month)
    return ratio(float(((mine.lost >= 0) & (mine.lost <= month)).sum()), float(len(mine)))


def _neediest(history: Any, month: int) -> float:
    so_far = history.monthly[: month + 1]
    return ratio(float(so_far["neediest_served"].sum()), float(so_far["projects_started"].sum()))


def _open_now(history: Any, months: tuple[int, int] = (1, 10_000)) -> Any:
    table = history.businesses
    mine = table[(table.assisted == 1) & (table.ending == Ending.OPEN)]
    return mine[(mine.age >= months[0]) & (mine.age <= months[1])]


def _median(values: Any) -> float:
    return float(np.median(values)) if len(values) >= FEWEST else float("nan")


def _profit_1y(history: Any, month: int) -> float:
    return _median(_open_now(history, (6, 18)).takings)


def _capital_3y(history: Any, month: int) -> float:
    return _median(_open_now(history, (30, 42)).capital)


def _profit_spread(history: Any, month: int) -> float:
    values = _open_now(history, (6, 18)).takings
    if len(values) < 2 * FEWEST:
        return float("nan")
    return ratio(float(np.quantile(values, 0.75) - np.quantile(values, 0.25)), float(np.median(values)))


def _savings(history: Any, month: int) -> float:
    homes = history.households
    here = (homes.ever_served == 1) & (history.families.left < 0)
    return _median(homes.purse[here])


def _month_saved(history: Any, month: int) -> float:
    """Households once served whose savings would pay for a month of what they need."""
    homes = history.households
    here = (homes.ever_served == 1) & (history.families.left < 0)
    return ratio(float((homes.purse[here] >= homes.basic_cost[here]).sum()), float(here.sum()))


def _trained_more(history: Any, month: int) -> float:
    """Median profit of owners who completed a course, over that of the others."""
    mine = _open_now(history)
    done = history.persons.training[mine.person] == Training.DONE
    return ratio(_median(mine.takings[done]), _median(mine.takings[~done]))


def _women(history: Any, month: int) -> float:
    mine = _open_now(history)
    return ratio(_median(mine.takings[mine.female == 1]), _median(mine.takings[mine.female == 0]))


def _listed(*rows: tuple[str, str, str, tuple[int, ...], Read]) -> dict[str, Observable]:
    return {row[0]: Observable(*row) for row in rows}


OBSERVABLES = _listed(
    ("active_share", SHARE, "Projects ever financed that the evaluator found open", DATES, partial(seen_active, left_out=False)),
    ("lost_share", SHARE, "Projects ever financed that the evaluator has lost", SURVEYS, _lost),
    ("survival_1y", SHARE, "Projects begun a year before or earlier that traded for one", SURVEYS, partial(traded, years=1)),
    ("survival_2y", SHARE, "Projects begun two years before or earlier that traded for two", SURVEYS, partial(traded, years=2)),
    ("survival_3y", SHARE, "Projects begun three years before or earlier that traded for three", SURVEYS, partial(traded, years=3)),
    ("survival_5y", SHARE, "Projects begun five years before or earlier that traded for five", SURVEYS, partial(traded, years=5)),
    ("ended_failed", SHARE, "Of the projects that ended, those that failed", SURVEYS, _of_endings("ended_failed")),
    ("ended_insolvent", SHARE, "Of the projects that ended, those that ran out of capital", SURVEYS, _of_endings("ended_insolvent")),
    ("ended_forced", SHARE, "Of the projects that ended, those closed by force", SURVEYS, _of_endings("ended_forced")),
    ("ended_left", SHARE, "Of the projects that ended, those whose owners left", SURVEYS, _of_endings("ended_left")),
    ("ended_job", SHARE, "Of the projects that ended, those given up for paid work", SURVEYS, _of_endings("ended_job")),
    ("neediest_share", SHARE, "Projects so far that went to the neediest fifth of applicants", SURVEYS, _neediest),
    ("heads_at_work", SHARE, "Refugee households whose head works", DATES, _monthly("heads_at_work")),
    ("self_reliant_share", SHARE, "Households once served that live above basic cost without aid", DATES, _per("self_reliant_households", "served_households")),
    ("month_saved_share", SHARE, "Households once served with savings for a month or more of basic cost", LAST, _month_saved),
    ("savings", AMOUNT, "Median savings of households once served", LAST, _savings),
    ("income_served", AMOUNT, "Mean monthly income of households once served, without aid", DATES, _monthly("income_served")),
    ("profit", AMOUNT, "Mean monthly profit of open projects", DATES, _monthly("profit")),
    ("profit_1y", AMOUNT, "Median monthly profit of open projects 6 to 18 months old", LAST, _profit_1y),
    ("profit_spread", RATIO, "Quartile range of that profit, over its median", LAST, _profit_spread),
    ("profit_trained", RATIO, "Median profit of owners who completed a course, over that of others", LAST, _trained_more),
    ("profit_women", RATIO, "Median profit of women owners, over that of men", LAST, _women),
    ("capital", AMOUNT, "Mean capital of open projects", DATES, _per("capital", "live_businesses")),
    ("capital_3y", AMOUNT, "Median capital of open projects 30 to 42 months old", LAST, _capital_3y),
    ("projects_started", COUNT, "Projects opened in a calendar year", YEAR_ENDS, _in_year("projects_started")),
    ("people_served", COUNT, "Owners of projects opened in a calendar year", YEAR_ENDS, _in_year("people_served")),
    ("placed", COUNT, "Placements in formal work in a calendar year", YEAR_ENDS, _in_year("placed")),
    ("trained", COUNT, "Courses completed in a calendar year", YEAR_ENDS, _in_year("trained")),
    ("applications", COUNT, "Applications in a calendar year", YEAR_ENDS, _in_year("applications")),
)
"""Every observable by name."""


def reading_column(left_out: bool, until: int) -> str:
    """Return the column of the evaluator's share under a way to read the print of 2017."""
    return f"read_{'left_out' if left_out else 'closed'}_{until}"


def observe(history: Any) -> dict[str, float]:
    """Return every observable of a run of `MONTHS` months, by column, and the readings of the share of 2017."""
    found = {of.column(month): of.read(history, month) for of in OBSERVABLES.values() for month in of.months}
    for left_out in (False, True):
        for until in (BEFORE_2017, EVALUATION_MONTH + 1):
            found[reading_column(left_out, until)] = seen_active(history, EVALUATION_MONTH, left_out, until)
    return found
