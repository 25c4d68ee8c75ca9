"""Turn registers (D2) and cohort tables (D3) into rows whose chances the likelihood adds and multiplies.

A spell is one row, or several weighted ones: where its start is known within months only, or a covariate is
missing, each value it may have is a row. A missing covariate takes the values of those that are recorded, as often
as they are. A cohort's count is so many spells that met one ending between two counts.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..sim.kinds import ORIGIN_REGION, Origin
from .figures import load_stocks
from .hazards import ABSORBED, FAILED, LEFT, USUAL_NEED, WAGE
from .schemas import Exit
from .spells import could_be_seen

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ANY = FAILED | LEFT | WAGE | ABSORBED
CAUSES = {
    Exit.ACTIVE: 0, Exit.LOST: 0, Exit.FAILED: FAILED, Exit.OWNER_LEFT: LEFT, Exit.WAGE_WORK: WAGE,
    Exit.ABSORBED: ABSORBED, Exit.UNKNOWN: ANY,
}  # fmt: skip
COUNTED = {"n_failed": FAILED, "n_left": LEFT, "n_wage": WAGE, "n_unknown": ANY}
COVARIATES = ("female", "trained", "place", "region", "need")
A_DAY = 12.0 / 365.25
"""Months: an ending known to the day fell within it."""
SHARP, YEAR = 1.1, 12.0
"""Months up to which a start counts as known, and up to which three points of it are enough."""
FEWEST_OF_A_PLACE = 20
"""Places with fewer AGRs are counted with the largest one."""
FIRST_YEAR, LAST_YEAR = 2007, 2018
NEED_POINTS = (1 / 6, 1 / 2, 5 / 6)


@dataclass(frozen=True)
class Rows:
    """What the likelihood reads; see `hazards.fill_rows` and `hazards.log_likelihood`.

    Attributes
    ----------
    ages : (rows, 3)
        Years at entry, when last active, when first known to have ended.
    causes, region, female, place : (rows) of int
    need, trained, weight, newcomers : (rows)
        `newcomers`: other AGRs of its place and trade that were open when it opened.
    spell_of, owner_of : first rows of spells, first spells of owners
    times : (owners)
        How often each counts.
    cohort : (owners) of int
        Year in which the first AGR opened.
    places : tuple of str
        Places with an effect of their own; number 0 is the reference.
    recorded : frozenset of str
        Covariates that are recorded and not the same for all.
    notes : tuple of str
        What was done with what is missing, in words.
    """

    ages: Floats
    causes: Ints
    region: Ints
    female: Ints
    place: Ints
    need: Floats
    trained: Floats
    weight: Floats
    newcomers: Floats
    spell_of: Ints
    owner_of: Ints
    times: Floats
    cohort: Ints
    places: tuple[str, ...]
    recorded: frozenset[str]
    notes: tuple[str, ...]

    @property
    def spells(self) -> int:
        """How many spells, or counts of cohorts, there are."""
        return len(self.spell_of) - 1


def lives_of_spells(spells: pd.DataFrame) -> pd.DataFrame:
    """Return the spells of `read_spells` that can have been seen, as `rows_of` takes them.

    Weights say how many AGRs a row stands for, not how many were seen: they are scaled so that together they count as
    many as equal ones that tell as much (Kish's effective size), or a sample would pass for a census.
    """
    seen = spells[could_be_seen(spells)]
    weight = seen["weight"]
    start = (seen["start_lo"] + seen["start_hi"]) / 2.0
    trained = np.where(seen["trained"].isna(), np.nan, (seen["trained"] <= start).astype(float))
    return pd.DataFrame(
        {
            "owner": seen["owner_id"].where(seen["owner_id"] != "", "AGR " + seen["id"]),
            "start_lo": seen["start_lo"],
            "start_hi": seen["start_hi"],
            "observed_from": seen["observed_from"],
            "active": seen["last_active"],
            "inactive": seen["first_inactive"],
            "causes": [CAUSES[Exit(how)] for how in seen["exit"]],
            "times": weight * (weight.sum() / (weight**2).sum()),
            "cohort": FIRST_YEAR + start // 12.0,
            "trained": trained,
            **{name: seen[name] for name in ("sex", "origin", "place", "sector", "need")},
        }
    )


def lives_of_cohorts(cohorts: pd.DataFrame) -> pd.DataFrame:
    """Return the counts of `read_cohorts` as so many spells, as `rows_of` takes them.

    Between two counts of a cohort each ending that was counted grew by some AGRs, which met it in between. The
    rest, AGRs in none of the counts, are lost where all endings were counted: they were open at the count before.
    Where an ending was not counted they ended by it.
    """
    rows: list[dict[str, Any]] = []
    for number, table in cohorts.groupby("cohort"):
        by_age = table["at"].isna()
        for timed in (table[by_age].sort_values("age_months"), table[~by_age].sort_values("at")):
            rows += _cells(f"cohort {number}", timed)
    return pd.DataFrame(rows)


def _cells(name: str, counts: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a row for every ending between two counts of one cohort, and for those open at the last."""
    found: list[dict[str, Any]] = []
    before, since = dict.fromkeys([*COUNTED, "n_rest"], 0.0), -np.inf
    for row in counts.to_dict("records"):
        aged = pd.isna(row["at"])
        until = row["age_months"] if aged else row["at"]
        about = {each: row[each] for each in ("sex", "origin", "place", "sector", "trained")}
        about |= {"start_lo": 0.0 if aged else row["cohort_from"], "observed_from": -np.inf, "need": np.nan}
        about |= {"cohort": FIRST_YEAR + row["cohort_from"] // 12.0}
        about |= {"start_hi": 0.0 if aged else min(row["cohort_to"], row["at"])}
        unknown = [each for each in COUNTED if pd.isna(row[each])]
        rest = ABSORBED if unknown else 0
        for each in unknown:
            rest |= COUNTED[each]
        for each, causes in (*COUNTED.items(), ("n_rest", rest)):
            count = 0.0 if pd.isna(row[each]) else float(row[each]) - before[each]
            if count > 0.0 and causes:
                found.append(about | {"active": since, "inactive": until, "causes": causes, "times": count})
            elif count > 0.0 and np.isfinite(since):
                found.append(about | {"active": since, "inactive": np.inf, "causes": 0, "times": count})
            before[each] = before[each] if pd.isna(row[each]) else float(row[each])
        since, open_now = until, float(row["n_active"])
    if len(counts) and open_now > 0.0:
        found.append(about | {"active": since, "inactive": np.inf, "causes": 0, "times": open_now})
    return [cell | {"owner": f"{name}, cell {k}"} for k, cell in enumerate(found)]


def rows_of(lives: pd.DataFrame, reference: str | None = None) -> Rows:
    """Lay lives out as rows, owners together.

    Parameters
    ----------
    lives : DataFrame
        As `lives_of_spells` or `lives_of_cohorts` gives it, or several of them one below the other.
    reference : str, optional
        Place against which the others have their effect; by default the one with most AGRs.
    """
    lives = lives.assign(owner=pd.factorize(lives["owner"])[0]).sort_values("owner", kind="stable", ignore_index=True)
    places, place_of = _places(lives["place"], reference)
    female = lives["sex"].map({"male": 0.0, "female": 1.0}).astype(float)
    values = {
        "female": female,
        "trained": lives["trained"].astype(float),
        "place": place_of,
        "region": lives["origin"].map(region_of).astype(float),
        "need": lives["need"].astype(float),
    }
    notes, choices = [], {}
    for name, column in values.items():
        choices[name], note = _choices(name, column)
        notes += [note] if note else []
    crowds = _newcomers(lives)
    parts: dict[str, list[Any]] = {name: [] for name in (*COVARIATES, "ages", "causes", "weight", "newcomers")}
    spell_of = [0]
    for i, life in enumerate(lives.to_dict("records")):
        ways = [choices[name][i] for name in COVARIATES]
        for start, share in _starts(life["start_lo"], _latest_start(life)):
            ages = _ages(life, start)
            for way in itertools.product(*ways):
                for name, (value, _) in zip(COVARIATES, way, strict=True):
                    parts[name].append(value)
                parts["weight"].append(share * float(np.prod([chance for _, chance in way])))
                parts["ages"].append(ages)
                parts["causes"].append(life["causes"])
                parts["newcomers"].append(crowds[i])
        spell_of.append(len(parts["weight"]))
    firsts = np.flatnonzero(np.diff(lives["owner"].to_numpy(), prepend=-1))
    whole = {name: np.array(parts[name], dtype=np.int64) for name in ("causes", "region", "female", "place")}
    real = {name: np.array(parts[name], dtype=float) for name in ("ages", "need", "trained", "weight", "newcomers")}
    return Rows(
        **whole,
        **real,
        spell_of=np.array(spell_of, dtype=np.int64),
        owner_of=np.append(firsts, len(lives)).astype(np.int64),
        times=lives.groupby("owner")["times"].mean().to_numpy(float),
        cohort=lives.groupby("owner")["cohort"].min().to_numpy(np.int64),
        places=places,
        recorded=frozenset(name for name, column in values.items() if column.nunique() > 1),
        notes=tuple(notes),
    )


def region_of(origin: str) -> float:
    """Return the number of the region whose departure rate an origin has; NaN where it is not known."""
    if not origin:
        return float("nan")
    known = {each.name: each for each in Origin}
    return float(ORIGIN_REGION[known.get(origin, Origin.OTHER)])


def _places(column: pd.Series, reference: str | None) -> tuple[tuple[str, ...], pd.Series]:
    """Return the places with an effect of their own, the reference first, and the number of each AGR's."""
    counts = column[column != ""].value_counts()
    ordered = sorted(counts.index, key=lambda name: (name != reference, -counts[name], name))
    named = tuple(name for k, name in enumerate(ordered) if k == 0 or counts[name] >= FEWEST_OF_A_PLACE)
    number = {name: float(named.index(name)) if name in named else 0.0 for name in ordered}
    return named, column.map(number).astype(float)


def _choices(name: str, column: pd.Series) -> tuple[list[list[tuple[float, float]]], str]:
    """Return, for each spell, the values a covariate may have and their chances; and what to say of it."""
    missing, known = column.isna(), column.dropna()
    if known.empty and name == "region":
        return [_stocks()] * len(column), "region: nowhere recorded; of all regions, in the shares of UNHCR's stocks"
    if known.empty:
        usual = USUAL_NEED if name == "need" else 0.0
        return [[(usual, 1.0)]] * len(column), f"{name}: nowhere recorded; everybody counts as the reference"
    if name == "need":
        others = [(float(known.quantile(point)), 1.0 / len(NEED_POINTS)) for point in NEED_POINTS]
    else:
        shares = known.value_counts(normalize=True).sort_index()
        others = [(float(value), float(share)) for value, share in shares.items()]
    found = [others if gone else [(float(value), 1.0)] for value, gone in zip(column, missing, strict=True)]
    if not missing.any():
        return found, ""
    where = f"{name}: missing for {missing.mean():.0%}"
    return found, f"{where}; they count as those for whom it is recorded, in their shares"


@cache
def _stocks() -> list[tuple[float, float]]:
    """Return the regions refugees of the programme's years came from, and their shares (UNHCR)."""
    stocks = load_stocks().query(f"{FIRST_YEAR} <= year <= {LAST_YEAR}")
    refugees = stocks.groupby(stocks["origin"].map(region_of))["refugees"].sum()
    return [(float(region), float(count / refugees.sum())) for region, count in refugees.items() if count]


def _latest_start(life: dict[str, Any]) -> float:
    """Return the latest moment at which an AGR may have opened: it had when it was seen at work, and when it had ended.

    Being active at `start_lo`, or never before it was counted as ended, says nothing of when in its interval it opened.
    """
    seen = life["active"] if life["active"] > life["start_lo"] else np.inf
    return min(life["start_hi"], seen, max(life["inactive"], life["start_lo"]))


def _starts(low: float, high: float) -> list[tuple[float, float]]:
    """Return moments at which an AGR may have opened, and their weights."""
    if high - low <= SHARP:
        return [((low + high) / 2.0, 1.0)]
    points, weights = np.polynomial.legendre.leggauss(3 if high - low <= YEAR else 7)
    return [(low + (high - low) * (1.0 + z) / 2.0, w / 2.0) for z, w in zip(points, weights, strict=True)]


def _ages(life: dict[str, Any], start: float) -> tuple[float, float, float]:
    """Return years of age at entry, when last known active and when first known to have ended."""
    entry = max(life["observed_from"] - start, 0.0)
    active = max(life["active"] - start, entry)
    if not life["causes"]:
        return entry / 12.0, active / 12.0, active / 12.0
    return entry / 12.0, active / 12.0, max(life["inactive"] - start, active + A_DAY) / 12.0


def _newcomers(lives: pd.DataFrame) -> Floats:
    """Return how many other AGRs of its place and trade were open when each opened; the mean where not known."""
    start = ((lives["start_lo"] + lives["start_hi"]) / 2.0).to_numpy()
    end = np.where(lives["causes"] == 0, np.inf, (lives["active"] + lives["inactive"]) / 2.0)
    known = ((lives["place"] != "") & (lives["sector"] != "")).to_numpy()
    counts = np.full(len(lives), np.nan)
    for _, index in lives[known].groupby(["place", "sector"]).groups.items():
        i = index.to_numpy()
        counts[i] = ((start[i] < start[i][:, None]) & (end[i] > start[i][:, None])).sum(axis=1)
    mean = float(np.nanmean(counts)) if known.any() else 0.0
    return np.where(np.isnan(counts), mean, counts)
