"""Hold-out: what a fit says of what it was not shown, row by row, beside forecasts that know next to nothing.

A forecaster is a function of a training table that returns a forecast; a forecast is a function of rows, of ages at
which they are known to be open and of later ages, that returns the chance to be open then. So any fit can stand
beside the naive ones, on spells and on cohort tables alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from .cohorts import PARTS
from .curves import lived
from .dates import FIRST_YEAR, day_of
from .schemas import Exit
from .scores import (
    brier,
    censoring_weights,
    crps_binomial,
    log_score_binary,
    log_score_binomial,
    pit_binomial,
)

Floats = npt.NDArray[np.float64]
Forecast = Callable[[pd.DataFrame, Floats, Floats], Floats]
"""(rows (n,), months of age at which each is known to be open, later months of age) -> chance (n,) of being open."""
Forecaster = Callable[[pd.DataFrame], Forecast]

MONTHS = (12.0, 24.0, 36.0, 60.0)
"""How far ahead is asked."""
STARTS = 24
"""Moments of opening that stand for a cohort's, evenly spread over its dates."""


@dataclass(frozen=True)
class Split:
    """A table cut in two: what a forecaster is shown, and what it is asked about.

    Attributes
    ----------
    name : str
        Such as "from 2015-01-01", "cohort 2012" or "place Rabat".
    train, test : DataFrame
        Of the columns of the table that was cut, with its index.
    """

    name: str
    train: pd.DataFrame
    test: pd.DataFrame


def cohort_of(table: pd.DataFrame) -> pd.Series:
    """Return the year in which each row of spells, or of cohort tables, opened: the middle of its dates."""
    first, last = ("start_lo", "start_hi") if "start_lo" in table else ("cohort_from", "cohort_to")
    middle = (table[first] + table[last]) / 2.0
    year: pd.Series = FIRST_YEAR + np.floor(middle / 12.0)
    return year.astype("int64").rename("opened")


def known_at(spells: pd.DataFrame, month: float, gap: float = 0.0) -> pd.DataFrame:
    """Return a register of spells as it stood at a month since January 2007.

    AGRs that had not opened, or came under observation later, are not in it. One that was found closed later counts
    as active, last seen when it was. The register keeps the last visit only: an AGR that was seen later too had been
    visited before the month, when is not known; with `gap` months between visits it was half of them ago on average.
    Training that came later is not known yet.
    """
    there = (spells["start_hi"] <= month) & (spells["observed_from"] <= month)
    table = spells[there].copy()
    table["trained"] = table["trained"].mask(table["trained"] > month, np.inf)
    later = table["first_inactive"] > month
    lost = (table["exit"] == Exit.LOST) & (table["last_active"] <= month)
    table["exit"] = table["exit"].mask(later & ~lost, int(Exit.ACTIVE))
    table["first_inactive"] = table["first_inactive"].mask(later, np.inf)
    visited = np.maximum(month - gap / 2.0, np.maximum(table["start_hi"], table["observed_from"]))
    table["last_active"] = table["last_active"].mask(table["last_active"] > month, visited)
    return table


def visit_gap(spells: pd.DataFrame) -> float:
    """Return the usual months between two visits: the median between which an ending lay; 0 without endings."""
    closed = spells[np.isfinite(spells["first_inactive"]) & spells["last_active"].notna()]
    return float((closed["first_inactive"] - closed["last_active"]).median()) if len(closed) else 0.0


def rolling_origin(table: pd.DataFrame, origins: Sequence[float]) -> list[Split]:
    """Cut spells, or cohort tables, by calendar time: train on what was known at a month, ask about what came after.

    Parameters
    ----------
    table : DataFrame
        As `read_spells` or `read_cohorts` returns it.
    origins : sequence of float
        Months since January 2007.

    Returns
    -------
    list of Split
        Of spells, the test holds those that were open at the month, observed from then on, and those that came later.
        One that was found closed after it, and open before, was open then if the middle between the two visits is
        later. Of cohort tables, counts after the month. Origins before anything was known, or
        after which nothing happened, are left out.
    """
    cut = _counts_until if "n_active" in table else _spells_until
    splits = [Split(f"from {day_of(origin)}", *cut(table, origin)) for origin in origins]
    return [split for split in splits if len(split.train) and len(split.test)]


def leave_one_cohort_out(table: pd.DataFrame) -> list[Split]:
    """Cut spells or cohort tables by the year in which AGRs opened: each is asked about with all others known."""
    return _leave_out(table, cohort_of(table), "cohort")


def leave_one_place_out(table: pd.DataFrame) -> list[Split]:
    """Cut spells or cohort tables by place; rows without one are always known, never asked about."""
    return _leave_out(table, table["place"], "place")


def questions(test: pd.DataFrame, months: Sequence[float] = MONTHS) -> pd.DataFrame:
    """Return what is asked of each spell: whether it is open so many months after it came under observation.

    A spell that ended between two visits counts as ended midway. Not asked is what nobody could know, however the
    spell went: whether it lasts longer than from its entry to the last day of which the table knows anything.

    Returns
    -------
    DataFrame, one row a spell and horizon that is asked
        `spell` (index of `test`), `opened` (year), `months`, `entry` and `age` (months of age: known to be open, asked
        about), `active` (1, 0, or NaN where nobody knows), `weight` (`censoring_weights`; 0 where nobody knows).
    """
    seen = lived(test)
    entry, ended = seen["entry"].to_numpy(), seen["ended"].to_numpy()
    time = seen["stop"].to_numpy() - entry
    opened, could = cohort_of(test.loc[seen.index]).to_numpy(), could_follow(test, seen)
    parts = []
    for ahead in months:
        asked = could >= ahead
        until, over = time[asked], ended[asked]
        weight = censoring_weights(until, over, ahead)
        active = np.where(until >= ahead, ~over | (until > ahead), np.where(over, 0.0, np.nan))
        columns = {"spell": seen.index[asked], "opened": opened[asked], "months": ahead, "entry": entry[asked]}
        parts.append(pd.DataFrame(columns | {"active": active.astype(np.float64), "weight": weight}))
    table = pd.concat(parts, ignore_index=True)
    table.insert(4, "age", table["entry"] + table["months"])
    return table


def could_follow(test: pd.DataFrame, seen: pd.DataFrame) -> Floats:
    """Return for how many months each spell could be followed: from its entry to the last day anything is known of.

    `seen` is what `lived` says of the test.
    """
    start = ((test["start_lo"] + test["start_hi"]) / 2.0).loc[seen.index].to_numpy()
    last = float((start + seen["stop"]).max()) if len(seen) else 0.0
    return np.asarray(last - start - seen["entry"].to_numpy())


def hold_out(
    splits: Sequence[Split], forecasters: Mapping[str, Forecaster], months: Sequence[float] = MONTHS
) -> pd.DataFrame:
    """Score forecasts of spells.

    Returns
    -------
    DataFrame, one row a split, forecaster and question whose answer is known
        Columns of `questions`, and `split, forecaster, chance`, `brier`, `log` (nats).
    """
    parts = []
    for split in splits:
        asked = questions(split.test, months)
        asked = asked[asked["weight"] > 0.0]
        rows = split.test.loc[asked["spell"]]
        entry, age = asked["entry"].to_numpy(), asked["age"].to_numpy()
        for name, forecaster in forecasters.items():
            chance = _chance(forecaster(split.train)(rows, entry, age), len(asked), name)
            scored = {"brier": brier(chance, asked["active"]), "log": log_score_binary(chance, asked["active"])}
            parts.append(asked.assign(split=split.name, forecaster=name, chance=chance, **scored))
    return pd.concat(parts, ignore_index=True)


def hold_out_counts(
    splits: Sequence[Split], forecasters: Mapping[str, Forecaster], luck: np.random.Generator
) -> pd.DataFrame:
    """Score forecasts of cohort tables: how many of those active at the last count known are active at the next.

    AGRs that got lost in between are left out where the table tells them apart. Openings of a cohort are taken as
    evenly spread over its dates.

    Parameters
    ----------
    splits, forecasters
        As in `hold_out`; rows are those of the cohort table.
    luck : Generator
        For the PIT of counts.

    Returns
    -------
    DataFrame, one row a split, forecaster and count
        `split, forecaster, opened, trials, n_active, chance`, `crps` (AGRs), `log` (nats), `pit`.
    """
    parts = []
    for split in splits:
        before = _last_known(split)
        trials = _trials(split.test, before)
        for name, forecaster in forecasters.items():
            forecast = forecaster(split.train)
            now, then = _open_share(forecast, split.test), _open_share(forecast, before)
            chance = np.divide(now, then, out=np.zeros(len(now)), where=then > 0.0)
            chance = _chance(chance, len(split.test), name)
            active = split.test["n_active"].to_numpy(dtype=np.float64)
            counted = (trials, chance, np.minimum(active, trials))
            columns = {
                "split": split.name,
                "forecaster": name,
                "opened": cohort_of(split.test).to_numpy(),
                "trials": trials,
                "n_active": counted[2],
                "chance": chance,
                "crps": crps_binomial(*counted),
                "log": log_score_binomial(*counted),
                "pit": pit_binomial(*counted, luck.random(len(trials))),
            }
            parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def count_age(table: pd.DataFrame) -> pd.Series:
    """Return the mean age, in months, of the AGRs of each row of cohort tables when they were counted."""
    return table["age_months"].fillna(table["at"] - (table["cohort_from"] + table["cohort_to"]) / 2.0).clip(lower=0.0)


def _leave_out(table: pd.DataFrame, group: pd.Series, word: str) -> list[Split]:
    names = [name for name in sorted(group.unique()) if name != ""]
    splits = [Split(f"{word} {name}", table[group != name], table[group == name]) for name in names]
    return [split for split in splits if len(split.train)]


def _spells_until(spells: pd.DataFrame, origin: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    train = known_at(spells, origin, visit_gap(spells))
    rest = spells.drop(index=train.index[train["exit"] != Exit.ACTIVE])
    there = rest.index.isin(train.index)
    # Everybody counts from the month on. Were those who closed soon counted from their last visit, and the others,
    # whose visits before the month nobody kept, from the month, there would be endings without the time at risk.
    middle = (rest["last_active"].fillna(rest["start_lo"]) + rest["first_inactive"]) / 2.0
    later = np.isfinite(rest["first_inactive"]) & (middle > origin)
    told = ~there | later | (rest["last_active"] > origin)
    since = np.maximum(rest["observed_from"], np.where(there, origin, -np.inf))
    trained = train["trained"].reindex(rest.index).where(there, rest["trained"])
    return train, rest.assign(observed_from=since, trained=trained)[told]


def _counts_until(table: pd.DataFrame, origin: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    counted = table["at"].fillna(table["cohort_to"] + table["age_months"])
    return table[counted <= origin], table[counted > origin]


def _last_known(split: Split) -> pd.DataFrame:
    """Return, for each row of a test, the last count of its cohort in training, or the cohort as it opened."""
    train = split.train.assign(_age=count_age(split.train)).sort_values("_age", kind="stable")
    last = train.groupby("cohort").tail(1).set_index("cohort").drop(columns="_age")
    found = last.reindex(split.test["cohort"]).set_index(split.test.index)
    opened = split.test.assign(n_active=split.test["n_started"], n_rest=0, at=np.nan, age_months=0.0)
    opened[list(PARTS[1:])] = 0
    known = found["n_started"].notna()
    columns = opened.columns.difference(["cohort"])
    return found[columns].where(known, opened[columns], axis=0).astype(opened[columns].dtypes.to_dict())


def _trials(test: pd.DataFrame, before: pd.DataFrame) -> Floats:
    """Return how many of those active before are known to be active or not at each count."""
    told = test[list(PARTS)].notna().all(axis=1) & before[list(PARTS)].notna().all(axis=1)
    lost = (test["n_rest"] - before["n_rest"]).clip(lower=0).where(told, 0)
    return np.asarray(before["n_active"] - lost, dtype=np.float64).clip(min=0.0)


def _open_share(forecast: Forecast, rows: pd.DataFrame) -> Floats:
    """Return the share of those who opened that is open when a row was counted, over the moments of opening."""
    spread = (np.arange(STARTS) + 0.5) / STARTS
    first, last = (rows[name].to_numpy(dtype=np.float64)[:, None] for name in ("cohort_from", "cohort_to"))
    since = rows["at"].to_numpy(dtype=np.float64)[:, None] - (first + (last - first) * spread)
    age = np.where(np.isnan(since), rows["age_months"].to_numpy(dtype=np.float64)[:, None], np.maximum(since, 0.0))
    many = rows.loc[rows.index.repeat(STARTS)]
    chance = forecast(many, np.zeros(age.size), age.ravel()).reshape(age.shape)
    return np.asarray(chance.mean(axis=1))


def _chance(chance: npt.ArrayLike, n: int, name: str) -> Floats:
    found = np.asarray(chance, dtype=np.float64)
    if found.shape != (n,) or not ((found >= 0.0) & (found <= 1.0)).all():
        raise ValueError(f"forecaster {name!r}: accepted: {n} chances, each 0 to 1")
    return found
