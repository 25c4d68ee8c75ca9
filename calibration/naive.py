"""Forecasts that know next to nothing: what a model must beat before anyone should pay attention to it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..sim.errors import later
from ..sim.survival import kaplan_meier
from .curves import lived
from .holdout import Forecast, Forecaster, cohort_of, count_age

Floats = npt.NDArray[np.float64]

YEARLY_RATE = 0.083
"""Deaths a year of firms in twelve countries (S001): of firms that existed already, not of new AGRs."""
ENOUGH = 10
"""AGRs at risk at a year of age that make a cohort one to learn from."""


def yearly_rate(rate: float = YEARLY_RATE) -> Forecaster:
    """Return the forecaster by which a fixed share, 0-1, of those open ends every year, whatever was seen."""
    return lambda train: _exponential(-np.log1p(-rate) / 12.0)


def constant_hazard(train: pd.DataFrame) -> Forecast:
    """Forecast with one rate of ending for all AGRs and ages: endings seen, and half a one, over months lived."""
    ended, lived = _of_counts(train) if "n_active" in train else _of_spells(train)
    return _exponential((ended + 0.5) / max(lived, 1.0))


def last_cohort(train: pd.DataFrame) -> Forecast:
    """Forecast that all go on as the last cohort did: its Kaplan-Meier curve or, of cohort tables, its counts.

    The last cohort is the last year of opening of which ten AGRs were seen at the age of one year; if there is none,
    all AGRs are taken together. Past the last age seen the mean rate goes on. No chance is nearer to 0 or 1 than
    half an AGR of the cohort.
    """
    time, share, n = _counted_curve(train) if "n_active" in train else _spell_curve(train)
    rate = -np.log(max(share[-1], 0.5 / (n + 1.0))) / max(time[-1], 1.0)

    def survival(age: Floats) -> Floats:
        steps = np.interp(age, time, share) if "n_active" in train else share[np.searchsorted(time, age, "right") - 1]
        return np.where(age <= time[-1], steps, share[-1] * np.exp(-rate * (age - time[-1])))

    def forecast(rows: pd.DataFrame, entry: Floats, age: Floats) -> Floats:
        before = survival(entry)
        chance = np.divide(survival(age), before, out=np.zeros(len(age)), where=before > 0.0)
        return np.where(age > entry, np.clip(chance, 0.5 / (n + 1.0), 1.0 - 0.5 / (n + 1.0)), 1.0)

    return forecast


NAIVE: dict[str, Forecaster] = {
    later("constant hazard"): constant_hazard,
    later("the last cohort's curve"): last_cohort,
    later("8.3 % a year"): yearly_rate(),
}
"""The naive forecasters, by what they are called."""


def _exponential(rate: float) -> Forecast:
    return lambda rows, entry, age: np.exp(-rate * (age - entry))


def _of_spells(train: pd.DataFrame) -> tuple[float, float]:
    """Return endings and months lived, by weight, of spells; an ending between two visits was midway."""
    seen = lived(train)
    months = seen["stop"] - seen["entry"]
    return float((seen["weight"] * seen["ended"]).sum()), float((seen["weight"] * months).sum())


def _of_counts(train: pd.DataFrame) -> tuple[float, float]:
    """Return endings and months lived of cohort tables, between one count and the next."""
    ended = lived = 0.0
    for _, rows in train.assign(age=count_age(train)).sort_values("age").groupby("cohort"):
        active = np.concatenate(([rows["n_started"].iloc[0]], rows["n_active"])).astype(np.float64)
        step = np.diff(np.concatenate(([0.0], rows["age"])))
        ended += float(active[0] - active[-1])
        lived += float((step * (active[:-1] + active[1:]) / 2.0).sum())
    return max(ended, 0.0), lived


def _spell_curve(train: pd.DataFrame) -> tuple[Floats, Floats, int]:
    """Return ages, from 0, and shares open of the last cohort of spells, and how many AGRs it has."""
    seen, opened = lived(train), cohort_of(train)
    old = opened[seen.index[(seen["entry"] < 12.0) & (seen["stop"] >= 12.0)]].value_counts()
    enough = old.index[old >= ENOUGH]
    if len(enough):
        seen = seen[opened[seen.index] == enough.max()]
    curve = kaplan_meier(seen["entry"], seen["stop"], seen["ended"])
    time, share = np.concatenate(([0.0], curve.time)), np.concatenate(([1.0], curve.survival))
    if curve.last > time[-1]:
        time, share = np.append(time, curve.last), np.append(share, share[-1])
    return time, share, len(seen)


def _counted_curve(train: pd.DataFrame) -> tuple[Floats, Floats, int]:
    """Return the same of cohort tables; between counts the share is taken to fall evenly."""
    table = train.assign(age=count_age(train), opened=cohort_of(train))
    old = table[(table["age"] >= 12.0) & (table["n_started"] >= ENOUGH)]
    if len(old):
        table = table[table["opened"] == old["opened"].max()]
    sums = table.groupby("age")[["n_started", "n_active"]].sum()
    share = np.minimum.accumulate(np.concatenate(([1.0], sums["n_active"] / sums["n_started"])))
    time = np.concatenate(([0.0], sums.index.to_numpy(dtype=np.float64)))
    first = np.unique(time, return_index=True)[1]
    return time[first], share[first], int(sums["n_started"].max())
