"""Read D2: one row an AGR, from when to when it was seen to work and how that ended."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..sim.errors import worded
from .dates import tomorrow
from .reading import Problem, Row, csv_records, table_of, text_at
from .schemas import ENDED, SPELLS, Exit

Bools = NDArray[np.bool_]


def read_spells(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read a file of spells.

    Parameters
    ----------
    path : path
        A CSV file as ``idmaj data schema spells`` describes it.

    Returns
    -------
    DataFrame, one row an AGR
        Every column of the schema, those the file lacks filled with what an empty cell means, in this order:
        `id, owner_id` (str, "" not known); `start_lo, start_hi` (float, months since January 2007);
        `observed_from` (-inf: from its start); `last_active` (never missing: without a date it is `start_lo`);
        `first_inactive` (inf: not known to have closed); `exit` (int64, an `Exit`); `sector, sex, origin, place,
        branch` (str, "" not known); `trained` (months, inf: never, NaN: not known); `grant_mad, first_agr` (1 or
        0), `need` (float, NaN not known); `weight` (float); `source` (str). `attrs` "lines" has the line of each.

    Raises
    ------
    EvidenceError
        Names every cell that is not what the schema accepts, and every impossible order of dates, at once.
    """
    return spells_of(str(path), text_at(path))


def spells_of(name: str, text: str) -> pd.DataFrame:
    """Read the text of a file of spells that is called `name`, as `read_spells`."""
    table = table_of(TABLE, name, *csv_records(TABLE, name, text))
    frame = table[[column.name for column in SPELLS.columns]]
    return frame.assign(last_active=frame["last_active"].fillna(frame["start_lo"]))


def could_be_seen(spells: pd.DataFrame) -> Bools:
    """Say of each spell whether it can have come under observation before it was last heard of.

    One that had closed, or was last seen, before it was observed says nothing about how long AGRs last: a
    likelihood leaves it out.

    Returns
    -------
    array (n,) of bool
    """
    closed, since = np.isfinite(spells["first_inactive"]), spells["observed_from"]
    return np.where(closed, spells["first_inactive"] > since, spells["last_active"] >= since)


def ages(spells: pd.DataFrame) -> pd.DataFrame:
    """Return ages in months, with the start taken at the middle of its interval.

    Returns
    -------
    DataFrame, one row a spell that `could_be_seen`, with the index of `spells`
        `entry` (age at which it came under observation, 0 or more), `active` (last age at which it was known to
        work), `inactive` (first age at which it was known not to; inf if it is not known to have ended) and
        `exit`; 0 <= entry, active <= inactive.
    """
    seen = spells[could_be_seen(spells)]
    start = (seen["start_lo"] + seen["start_hi"]) / 2.0
    entry = np.maximum(seen["observed_from"] - start, 0.0)
    active = np.maximum(np.maximum(seen["last_active"] - start, 0.0), entry)
    inactive = np.maximum(seen["first_inactive"] - start, active)
    return pd.DataFrame({"entry": entry, "active": active, "inactive": inactive, "exit": seen["exit"]})


def ended(spells: pd.DataFrame) -> Bools:
    """Say of each spell whether it is known to have ended, by whatever cause; shape (n,)."""
    return np.asarray(spells["exit"].isin([int(each) for each in ENDED]))


def _rule(row: Row) -> Iterator[Problem]:
    """Find dates that are missing for how the spell ended, and orders that cannot be."""
    start_lo, start_hi, active, inactive = (
        float(cast("float", row[name]))  # these columns are dates, read as months
        for name in ("start_lo", "start_hi", "last_active", "first_inactive")
    )
    for name in ("start_lo", "last_active", "first_inactive"):
        if tomorrow() < float(cast("float", row[name])) < math.inf:
            yield name, None, worded("a date that has passed")
    how = Exit(row["exit"]) if row["exit"] is not None else None
    if start_hi < start_lo:
        yield "start_hi", None, worded("start_lo or later")
    if active < start_lo:
        yield "last_active", None, worded("start_lo or later: it was not open before")
    if inactive < start_lo:
        yield "first_inactive", None, worded("start_lo or later: it was not open before")
    elif inactive < active:
        yield "first_inactive", None, worded("last_active or later")
    if how in (Exit.ACTIVE, Exit.LOST):
        if not math.isinf(inactive) and not math.isnan(inactive):
            yield "first_inactive", None, worded("nothing for an AGR that is {exit}", exit=how.name.lower())
        if math.isnan(active):
            yield (
                "last_active",
                None,
                worded("the date at which an AGR that is {exit} was last known to work", exit=how.name.lower()),
            )
    elif how is not None and math.isinf(inactive):
        yield "first_inactive", None, worded("the date by which it was closed, for exit {exit}", exit=how.name.lower())


TABLE = SPELLS.table(_rule, private=True)
"""How the file is read: its rows are named by their line alone."""
