"""The same outcomes by place, sex, origin and need: who is reached, and whose projects last.

Rows of people and businesses are never deleted, so that every month can be looked at again from the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .ends import self_reliant, served_here
from .history import History
from .kinds import Activity, Departure, Ending, File, Origin, Sex
from .survival import aalen_johansen
from .table import some_rows

GROUPS = ("place", "sex", "origin", "need")
"""By what outcomes are split.

Place and origin are the household's; sex and need quintile are those of a project's first owner, and of a household
those of the first owner of its first financed project, else of its first adult who applied.
"""
YEARS = (1, 3, 5)
THREE_YEARS = 36
INCIDENCE = ("ending", "months", "share", "low", "high")
NEED = ("least needy", "second", "third", "fourth", "neediest", "not known")
SOLVED = (Departure.RESETTLED, Departure.RETURNED)

Measure = tuple[str, str, NDArray[np.float64]]
"""An outcome, its unit and its value for each member of a group."""


def by_group(history: History, start: int) -> pd.DataFrame:
    """Return outcomes of a plan that began in month `start`, split by each of `GROUPS`.

    Returns
    -------
    DataFrame
        ``group, member, outcome, unit, value``; a share or a mean of nothing is NaN. What has the name of an outcome
        of a plan is counted as that is: numbers of members add up to it. ``ended_..._3y`` are the shares that ended
        in that way within three years; with ``survival_3y`` they add up to 1. Adults (those who wait, in formal work,
        in cooperatives, in training) are split by place, sex and origin: need is known of applicants only.
    """
    projects = some_rows(history.businesses, history.businesses.assisted == 1)
    speaker, quintile = _speakers(history, projects)
    homes, adults, rows = _homes(history, start), _adults(history), []
    for group in GROUPS:
        names, of_project = _members(history, projects, group)
        counted = list(_projects(projects, of_project, len(names), start, history.months))
        counted += _households(homes, _of_households(history, group, speaker, quintile), len(names))
        counted += [] if group == "need" else _present(adults, _of_adults(history, group, adults.rows), len(names))
        for number, name in enumerate(names):
            rows += [(group, name, outcome, unit, float(values[number])) for outcome, unit, values in counted]
    return pd.DataFrame(rows, columns=["group", "member", "outcome", "unit", "value"])


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
    return NEED, _known(projects.quintile)


def _known(quintile: Any) -> NDArray[Any]:
    return np.where(quintile < 0, len(NEED) - 1, quintile)


def _speakers(history: History, projects: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return for each household the adult who stands for it, and that one's need quintile when it was served.

    Where several might, the one in the lowest row does.
    """
    persons = history.persons
    speaker = np.array(history.households.first_person)
    quintile = np.full(len(speaker), -1)
    applied = np.flatnonzero(persons.applications > 0)
    home, first = np.unique(persons.household[applied], return_index=True)
    speaker[home], quintile[home] = applied[first], persons.quintile[applied[first]]
    home, first = np.unique(projects.household, return_index=True)
    speaker[home], quintile[home] = projects.person[first], projects.quintile[first]
    return speaker, _known(quintile)


def _of_households(history: History, group: str, speaker: NDArray[Any], quintile: NDArray[Any]) -> NDArray[Any]:
    """Return to which member of a group each household belongs."""
    if group == "need":
        return quintile
    return np.asarray(history.persons.sex[speaker] if group == "sex" else history.households[group])


def _of_adults(history: History, group: str, rows: NDArray[Any]) -> NDArray[Any]:
    """Return to which member of a group each of some adults belongs."""
    persons = history.persons
    return np.asarray(persons.sex[rows] if group == "sex" else history.households[group][persons.household[rows]])


def _projects(projects: Any, member: NDArray[Any], members: int, start: int, end: int) -> Iterator[Measure]:
    """Yield what became of the financed projects of each member of a group."""

    def count(which: NDArray[np.bool_]) -> NDArray[np.float64]:
        return _sums(which, member, members)

    def mean(values: NDArray[Any], which: NDArray[np.bool_]) -> NDArray[np.float64]:
        return _ratios(_sums(np.where(which, values, 0.0), member, members), count(which))

    opened, ending, age = (np.ascontiguousarray(projects[name]) for name in ("opened", "ending", "age"))
    live, begun, ever = ending == Ending.OPEN, opened >= start, np.ones(len(projects), np.bool_)
    yield "live_businesses", "projects", count(live)
    yield "projects_started", "projects", count(begun)
    yield "open_share", "share", mean(live, ever)
    yield "active_share", "share", mean((projects.lost < 0) & (projects.seen_ended < 0), ever)
    yield "profit", "MAD 2016/month", mean(projects.takings / projects.hands, begun & live)
    yield "waiting_months", "months", mean(projects.waited, begun)
    for years in YEARS:
        old = begun & (opened <= end - 12 * years)
        yield f"survival_{years}y", "share", mean(age >= 12 * years, old)
    old = begun & (opened <= end - THREE_YEARS)
    for how in Ending:
        if how != Ending.OPEN:
            yield f"ended_{how.name.lower()}_3y", "share", mean((ending == how) & (age < THREE_YEARS), old)


def _homes(history: History, start: int) -> tuple[NDArray[Any], ...]:
    """Return by household: whether it is there and was served, is self-reliant, its income, persons with a solution."""
    households, families = history.households, history.families
    served = served_here(households, families)
    solved = np.isin(families.departure, SOLVED) & (families.left >= start)
    income = np.where(served, households.mean_income, 0.0)
    return served, self_reliant(households, families), income, np.where(solved, households.persons, 0)


def _households(homes: tuple[NDArray[Any], ...], member: NDArray[Any], members: int) -> Iterator[Measure]:
    """Yield how the households of each member of a group live that were once served, and who found a solution."""
    served, alone, income, solved = (_sums(values, member, members) for values in homes)
    yield "served_households", "households", served
    yield "self_reliant_households", "households", alone
    yield "self_reliant_share", "share", _ratios(alone, served)
    yield "household_income", "MAD 2016/month", _ratios(income, served)
    yield "durable_solutions", "persons", solved


class Adults(NamedTuple):
    """Those who are there: their rows, and by outcome whether each counts."""

    rows: NDArray[Any]
    counts: dict[str, NDArray[np.bool_]]


def _adults(history: History) -> Adults:
    """Find the adults who are there, whether they were served, and what they do."""
    persons = history.persons
    rows = np.flatnonzero(history.families.departure[persons.household] == Departure.PRESENT)
    activity = history.workers.activity[rows]
    enterprise = np.append(history.cooperatives.business, -1)  # the last speaks for those who are in none
    counts = {
        "adults": np.ones(len(rows), np.bool_),
        "adults_served": history.households.ever_served[persons.household[rows]] == 1,
        "waiting": persons.file[rows] == File.WAITING,
        "in_formal_work": activity == Activity.FORMAL_WORK,
        "in_cooperatives": enterprise[persons.cooperative[rows]] >= 0,
        "in_training": activity == Activity.TRAINING,
    }
    return Adults(rows, counts)


def _present(adults: Adults, member: NDArray[Any], members: int) -> Iterator[Measure]:
    """Yield how many adults of each member of a group are there, were served, and do what."""
    for outcome, which in adults.counts.items():
        yield outcome, "persons", _sums(which, member, members)


def _sums(values: NDArray[Any], member: NDArray[Any], members: int) -> NDArray[np.float64]:
    return np.asarray(np.bincount(member, weights=values, minlength=members), np.float64)


def _ratios(top: NDArray[np.float64], bottom: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0.0)
    return found
