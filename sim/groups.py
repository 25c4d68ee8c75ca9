"""The same outcomes by place, sex, origin and need: who is reached, and whose projects last.

Rows of people and businesses are never deleted, so that every month can be looked at again from the end.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .history import History
from .kinds import Activity, Departure, Ending, Origin, Sex
from .survival import aalen_johansen

GROUPS = ("place", "sex", "origin", "need")
"""By what outcomes are split: place and origin of the household, sex and need quintile of the first owner."""
THREE_YEARS = 36
INCIDENCE = ("ending", "months", "share", "low", "high")
NEED = ("least needy", "second", "third", "fourth", "neediest", "not known")


def by_group(history: History, start: int) -> pd.DataFrame:
    """Return outcomes of a plan that began in month `start`, split by each of `GROUPS`.

    Returns
    -------
    DataFrame
        ``group, member, outcome, unit, value``; a share of nothing is NaN. People (those in formal work, in
        cooperatives, in training) are split by place, sex and origin: need is known of applicants only.
    """
    table = history.businesses
    projects = table[table.assisted == 1]
    rows = []
    for group in GROUPS:
        names, of_project = _members(history, projects, group)
        at_work = [] if group == "need" else _at_work(history, _of_people(history, group), len(names))
        for number, name in enumerate(names):
            for outcome, unit, value in _of_projects(projects[of_project == number], start, history.months):
                rows.append((group, name, outcome, unit, value))
            rows += [(group, name, outcome, "persons", float(counts[number])) for outcome, counts in at_work]
    return pd.DataFrame(rows, columns=["group", "member", "outcome", "unit", "value"])


def live_by_month(history: History, group: str) -> pd.DataFrame:
    """Return how many financed projects were open at the end of each month, a column for each member of a group."""
    projects = history.businesses[history.businesses.assisted == 1]
    names, member = _members(history, projects, group)
    ends = np.where(projects.ended < 0, history.months, projects.ended)
    columns = {}
    for number, name in enumerate(names):
        mine = member == number
        change = np.bincount(projects.opened[mine], minlength=history.months + 1)[: history.months + 1].astype(float)
        change -= np.bincount(ends[mine], minlength=history.months + 1)[: history.months + 1]
        columns[name] = change.cumsum()[: history.months]
    return pd.DataFrame(columns).rename_axis("month")


def incidence(history: History, start: int = 0) -> pd.DataFrame:
    """Return the cumulative incidence of each way a financed project ends, by age (Aalen-Johansen).

    Parameters
    ----------
    history : History
    start : int
        Only projects opened from this month on.

    Returns
    -------
    DataFrame
        ``ending, months, share, low, high``: of all projects, the share that ended that way by that age.
    """
    table = history.businesses
    mine = table[(table.assisted == 1) & (table.opened >= start)]
    if len(mine) == 0:
        return pd.DataFrame(columns=list(INCIDENCE))
    lived = np.where(mine.ended < 0, history.months, mine.ended + 1).astype(float) - mine.opened
    curve = aalen_johansen(np.zeros(len(mine)), np.maximum(lived, 0.5), np.asarray(mine.ending))
    parts = [
        pd.DataFrame(
            {
                "ending": Ending(cause).name.lower(),
                "months": curve.time,
                "share": curve.incidence[:, column],
                "low": curve.low[:, column],
                "high": curve.high[:, column],
            }
        )
        for column, cause in enumerate(curve.causes)
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(INCIDENCE))


def _members(history: History, projects: Any, group: str) -> tuple[tuple[str, ...], NDArray[Any]]:
    """Return the names of a group's members, and to which of them each project belongs."""
    if group == "place":
        return history.policy.country.place_names, np.asarray(projects.place)
    if group == "sex":
        return tuple(sex.name.lower() for sex in Sex), np.asarray(projects.female)
    if group == "origin":
        return tuple(origin.name for origin in Origin), np.asarray(history.households.origin[projects.household])
    quintile = np.asarray(projects.quintile)
    return NEED, np.where(quintile < 0, len(NEED) - 1, quintile)


def _of_people(history: History, group: str) -> NDArray[Any]:
    """Return to which member of a group each adult belongs; -1 for those who are gone."""
    home = history.persons.household
    member = history.persons.sex if group == "sex" else history.households[group][home]
    return np.where(history.families.departure[home] == Departure.PRESENT, member, -1)


def _of_projects(mine: Any, start: int, end: int) -> list[tuple[str, str, float]]:
    begun = mine[mine.opened >= start]
    is_open = begun.ending == Ending.OPEN
    old = begun[begun.opened <= end - THREE_YEARS]
    return [
        ("live_businesses", "projects", float((mine.ending == Ending.OPEN).sum())),
        ("projects_started", "projects", float(len(begun))),
        ("open_share", "share", _mean(is_open)),
        ("survival_3y", "share", _mean(old.age >= THREE_YEARS)),
        ("profit", "MAD 2016/month", _mean(begun.takings[is_open] / begun.hands[is_open])),
    ]


def _at_work(history: History, member: NDArray[Any], members: int) -> list[tuple[str, NDArray[Any]]]:
    """Return how many adults of each member of a group are there, were served, and do what."""
    activity = history.workers.activity
    joined = history.persons.cooperative
    enterprise = np.append(history.cooperatives.business, -1)  # the last speaks for those who are in none
    measures = [
        ("adults", np.ones(len(member), np.bool_)),
        ("adults_served", history.households.ever_served[history.persons.household] == 1),
        ("in_formal_work", activity == Activity.FORMAL_WORK),
        ("in_cooperatives", enterprise[joined] >= 0),
        ("in_training", activity == Activity.TRAINING),
    ]
    return [(name, np.bincount(member[which & (member >= 0)], minlength=members)) for name, which in measures]


def _mean(values: Any) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
