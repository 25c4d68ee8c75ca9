"""Spells as curves: ages lived, Kaplan-Meier by group, and the numbers at risk that belong under every curve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from ..sim.survival import kaplan_meier
from .privacy import LEAST
from .spells import ages

YEARS = tuple(12.0 * year for year in range(11))
"""Ages, in months, at which the number at risk is told."""
ALL = "all"
SHORTEST = 1e-6
"""Months that a spell which ended was lived at least."""


def lived(spells: pd.DataFrame) -> pd.DataFrame:
    """Return ages in months, with an ending between two visits taken as midway.

    Returns
    -------
    DataFrame, one row a spell that `could_be_seen`, with the index of `spells`
        `entry`, `stop` (float), `ended` (bool), `weight`.
    """
    seen = ages(spells)
    ended = np.isfinite(seen["inactive"])
    stop = ((seen["active"] + seen["inactive"]) / 2.0).where(ended, seen["active"])
    stop = stop.mask(ended & (stop < seen["entry"] + SHORTEST), seen["entry"] + SHORTEST)
    weight = spells.loc[seen.index, "weight"]
    return pd.DataFrame({"entry": seen["entry"], "stop": stop, "ended": ended, "weight": weight})


def survival_curves(spells: pd.DataFrame, by: str | None = None, level: float = 0.95) -> pd.DataFrame:
    """Return Kaplan-Meier curves of spells, one a group.

    Parameters
    ----------
    spells : DataFrame
        As `read_spells` returns it.
    by : str, optional
        A column of it; rows where it is not known, and groups of fewer than five, are left out.
    level : float
        Of the log-log interval.

    Returns
    -------
    DataFrame, one row a group and age at which something ended, and at 0 and the last age seen
        `group, age` (months), `survival, low, high` (shares), `at_risk` just before.
    """
    parts = []
    for name, part in _groups(spells, by):
        curve = kaplan_meier(part["entry"], part["stop"], part["ended"], level=level)
        table = curve.table()[["time", "survival", "low", "high", "at_risk"]].rename(columns={"time": "age"})
        first = pd.DataFrame({"age": [0.0], "survival": 1.0, "low": 1.0, "high": 1.0, "at_risk": _at_risk(part, 0.0)})
        still = int(((part["entry"] < curve.last) & (part["stop"] >= curve.last)).sum())
        last = (table if len(table) else first).tail(1).assign(age=curve.last, at_risk=still)
        parts.append(pd.concat([first, table, last], ignore_index=True).assign(group=name))
    columns = ["group", "age", "survival", "low", "high", "at_risk"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def risk_table(spells: pd.DataFrame, by: str | None = None, at: Sequence[float] = YEARS) -> pd.DataFrame:
    """Return how many AGRs are at risk at some ages: `group, age` (months), `at_risk`, groups as in `survival_curves`.

    At an age stands who is open and under observation just after it.
    """
    rows = [(name, age, _at_risk(part, age)) for name, part in _groups(spells, by) for age in at]
    return pd.DataFrame(rows, columns=["group", "age", "at_risk"])


def _groups(spells: pd.DataFrame, by: str | None) -> Iterator[tuple[str, pd.DataFrame]]:
    seen = lived(spells)
    if by is None:
        yield ALL, seen
        return
    group = spells.loc[seen.index, by]
    for name, part in seen.groupby(group[(group != "") & group.notna()]):
        if len(part) >= LEAST:
            yield str(name), part


def _at_risk(seen: pd.DataFrame, age: float) -> int:
    return int(((seen["entry"] <= age) & (seen["stop"] > age)).sum())
