"""Read D1: published figures of one's own, each with its rounding, denominator and counting rule."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from fractions import Fraction

import pandas as pd

from ..sim.errors import worded
from .dates import tomorrow
from .figures import NO_SHARE
from .reading import Problem, Row, table_of, text_at, toml_records
from .schemas import FIGURES

SECTION = "figures"


def read_published(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read a file of published figures.

    Parameters
    ----------
    path : path
        A TOML file as ``idmaj data schema figures`` describes it.

    Returns
    -------
    DataFrame, one row a figure
        `id, quantity` (str); `value` (float, in `unit`, as printed); `unit` (str); `rounding` (float, step of the
        last digit: the true value lies within half of it); `k` (Int64, missing if not known); `n` (tuple of int,
        may be empty); `denominator, untraceable` (str); `from, to` (float, months since January 2007);
        `population` (str); `intake` (tuple of pairs (year, count), may be empty); `source, grade` (str).

    Raises
    ------
    EvidenceError
        Names every value that is not what the schema accepts, at once.
    """
    return published_of(str(path), text_at(path))


def published_of(name: str, text: str) -> pd.DataFrame:
    """Read the text of a file of published figures that is called `name`, as `read_published`."""
    table = table_of(TABLE, name, *toml_records(TABLE, SECTION, name, text))
    return table[[column.name for column in FIGURES.columns]]


def _rule(row: Row) -> Iterator[Problem]:
    """Find a value that its rounding cannot print, shares out of range, and counts that contradict."""
    value, step = (row[name] if isinstance(row[name], float) else math.nan for name in ("value", "rounding"))
    if not math.isnan(value) and not math.isnan(step) and Fraction(str(value)) % Fraction(str(step)):
        yield "value", None, worded("a multiple of rounding, {step:g}", step=step)
    share = row["denominator"] != NO_SHARE
    if share and row["unit"] == "percent" and not 0 <= value <= 100:
        yield "value", None, worded("a share, 0 to 100")
    if share and row["unit"] != "percent":
        yield "denominator", None, worded("'{no_share}' for a figure in {unit}", no_share=NO_SHARE, unit=row["unit"])
    if not share and (row["k"] is not None or row["n"]):
        yield "denominator", None, worded("of what k and n are counts")
    for name in ("from", "to"):
        if isinstance(row[name], float) and row[name] > tomorrow():
            yield name, None, worded("a date that has passed")
    first, last = (row[name] for name in ("from", "to"))
    if isinstance(first, float) and isinstance(last, float) and last < first:
        yield "to", None, worded("from or later")


TABLE = FIGURES.table(_rule)
"""How the file is read."""
