"""Read D3: cohorts of AGRs, and how many were still active at a date or an age."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator

import pandas as pd

from ..sim.errors import worded
from .dates import tomorrow
from .reading import Problem, Row, csv_records, table_of, text_at
from .schemas import COHORTS

PARTS = ("n_active", "n_failed", "n_left", "n_wage", "n_unknown")
"""Counts that together are at most `n_started`."""
CUMULATIVE = PARTS[1:]
GROUPS = ("sector", "sex", "origin", "place", "branch", "trained")
"""Columns that, with its dates, say which cohort a row speaks of."""


def read_cohorts(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read a file of cohort tables.

    Parameters
    ----------
    path : path
        A CSV file as ``idmaj data schema cohorts`` describes it.

    Returns
    -------
    DataFrame, one row a count of a cohort
        `cohort` (int64, the same for all counts of a cohort, from 0); `cohort_from, cohort_to` (float, months
        since January 2007); `sector, sex, origin, place, branch` (str, "" all or not known); `trained` (1, 0 or
        NaN); `n_started, n_active` (int64); `at` (months since January 2007) or `age_months`, the other NaN;
        `n_failed, n_left, n_wage, n_unknown` (Int64, missing where not known); `n_rest` (int64), AGRs in none of
        the counts: lost, or ended in a way that was not counted; `source` (str). `attrs` "lines" as `read_spells`.

    Raises
    ------
    EvidenceError
        Names every cell that is not what the schema accepts, parts that exceed the whole, and counts that fall
        where they can only grow, at once.
    """
    return cohorts_of(str(path), text_at(path))


def cohorts_of(name: str, text: str) -> pd.DataFrame:
    """Read the text of a file of cohort tables that is called `name`, as `read_cohorts`."""
    table = table_of(TABLE, name, *csv_records(TABLE, name, text))[[column.name for column in COHORTS.columns]]
    which = ["cohort_from", "cohort_to", *GROUPS]
    table.insert(0, "cohort", table.groupby(which, dropna=False, sort=False).ngroup().astype("int64"))
    counted = table[list(PARTS)].fillna(0).sum(axis=1)
    table.insert(table.columns.get_loc("source"), "n_rest", (table["n_started"] - counted).astype("int64"))
    return table


def _rule(row: Row) -> Iterator[Problem]:
    """Find dates out of order, a count without its moment, and parts that exceed the whole."""
    first, last, at, age = (_number(row, name) for name in ("cohort_from", "cohort_to", "at", "age_months"))
    if last < first:
        yield "cohort_to", None, worded("cohort_from or later")
    for name in ("cohort_from", "at"):
        if _number(row, name) > tomorrow():
            yield name, None, worded("a date that has passed")
    if math.isnan(at) == math.isnan(age):
        yield "at", None if math.isnan(at) else worded("both at and age_months"), worded("either at or age_months")
    elif at < first:
        yield "at", None, worded("cohort_from or later")
    counted = sum(count for name in PARTS if not math.isnan(count := _number(row, name)))
    if counted > _number(row, "n_started"):
        yield (
            "n_started",
            None,
            worded("at least {counted:g}, what {names} make together", counted=counted, names=", ".join(PARTS)),
        )


def _across(rows: list[Row]) -> Iterator[tuple[int, Problem]]:
    """Find cohorts that change size, and endings that become fewer."""
    cohorts: dict[tuple[object, ...], list[int]] = {}
    for i, row in enumerate(rows):
        key = (row["cohort_from"], row["cohort_to"], *(str(row[name]) for name in GROUPS))
        cohorts.setdefault(key, []).append(i)
    for members in cohorts.values():
        for i in members[1:]:
            if rows[i]["n_started"] != rows[members[0]]["n_started"]:
                yield (
                    i,
                    (
                        "n_started",
                        None,
                        worded(
                            "{n_started}, as in the first row of the cohort", n_started=rows[members[0]]["n_started"]
                        ),
                    ),
                )
        for moment in ("at", "age_months"):
            timed = sorted((_number(rows[i], moment), i) for i in members if not math.isnan(_number(rows[i], moment)))
            for name in CUMULATIVE:
                most = 0.0
                for _, i in timed:
                    if _number(rows[i], name) < most:
                        yield (
                            i,
                            (name, None, worded("at least {most:g}, counted earlier: endings only add up", most=most)),
                        )
                    most = max(most, 0.0 if math.isnan(_number(rows[i], name)) else _number(rows[i], name))


def _number(row: Row, name: str) -> float:
    """Return a cell as a number, NaN where it is empty or was refused."""
    value = row[name]
    return float(value) if isinstance(value, int | float) else math.nan


TABLE = COHORTS.table(_rule, _across, private=True)
"""How the file is read: its rows are named by their line alone."""
