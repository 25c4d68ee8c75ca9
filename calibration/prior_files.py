"""Read priors of one's own: a distribution, its source and grade, and how much of it carries over."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from ..sim.errors import worded
from ..sim.params import NUMBERS, Number
from .priors import SCALES
from .reading import Problem, Row, table_of, text_at, toml_records
from .schemas import PRIORS

SECTION = "priors"


def read_prior_file(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read a file of priors.

    Parameters
    ----------
    path : path
        A TOML file as ``idmaj data schema priors`` describes it.

    Returns
    -------
    DataFrame, one row a parameter
        `name, distribution` (str); `low, median, high` (float, 5, 50 and 95 % quantiles, before the weight is
        applied); `source, grade` (str); `weight` (float, 0 to 1).

    Raises
    ------
    EvidenceError
        Names every value that is not what the schema accepts, at once.
    """
    return prior_file_of(str(path), text_at(path))


def prior_file_of(name: str, text: str) -> pd.DataFrame:
    """Read the text of a file of priors that is called `name`, as `read_prior_file`."""
    table = table_of(TABLE, name, *toml_records(TABLE, SECTION, name, text))
    return table[[column.name for column in PRIORS.columns]]


def laid_over(priors: pd.DataFrame, numbers: Mapping[str, Number] = NUMBERS) -> dict[str, Number]:
    """Return the model's numbers with some priors replaced.

    A prior of weight w is used as a power prior: on the scale on which it is normal its two spreads grow by
    1 / sqrt(w). With weight 0 it says nothing, and the model's own prior stays.
    """
    found = dict(numbers)
    for row in priors[priors["weight"] > 0].itertuples():
        there, back = SCALES[row.distribution]
        low, median, high = (float(there(np.array(value))) for value in (row.low, row.median, row.high))
        wide = 1.0 / math.sqrt(row.weight)
        ends = [float(back(np.array(median + wide * (end - median)))) for end in (low, high)]
        basis = f"{row.source} (grade {row.grade}, weight {row.weight:g})"
        prior = {"low": ends[0], "high": ends[1], "median": row.median}
        found[row.name] = replace(found[row.name], **prior, shape=row.distribution, basis=basis)
    return found


def _rule(row: Row) -> Iterator[Problem]:
    """Find quantiles out of order, and those that their distribution cannot have."""
    values = [row[name] for name in ("low", "median", "high")]
    finite = [value for value in values if isinstance(value, float) and math.isfinite(value)]
    if len(finite) < len(values):
        return
    low, median, high = finite
    if not low < median:
        yield "low", None, worded("below median, {median:g}", median=median)
    if not median < high:
        yield "high", None, worded("above median, {median:g}", median=median)
    if row["distribution"] in ("lognormal", "share") and low <= 0:
        yield "low", None, worded("above 0 for a {distribution} prior", distribution=row["distribution"])
    if row["distribution"] == "share" and high >= 1:
        yield "high", None, worded("below 1 for a share")


TABLE = PRIORS.table(_rule)
"""How the file is read."""
