"""Published shares of AGRs still active (D1): from which cohorts, out of how many, and how likely the print is.

A share such as 53.7 % pools cohorts of all ages, and does not say of how many AGRs. So it is read in every way that
was published: each denominator, whether everybody in it was financed, whether owners who could not be found count as
closed, and up to when AGRs were counted. Each reading is as likely beforehand; a reading's chance is that of the
whole numbers that round to the print.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..sim.errors import UserError, worded
from ..sim.history import EVALUATION_MONTH
from . import hazards
from .bridge import Bridge
from .figures import NO_SHARE, NOT_STATED, figure, load_programme_by_year
from .rounding import decimals_of, denominators, verdict
from .schemas import CLOSED, LEFT_OUT

Floats = NDArray[np.float64]

ACTIVE_SHARE, FINANCED, HEADS_AT_WORK = "P001", "P006", "L001"
FIRST_YEAR = 2007
POINTS_A_YEAR = 4
"""Cohorts are spread over their year at so many points."""
EARLY_DOUBT = 0.68
"""Share of the projects of 2008-2013 that is in doubt: see calibration/history.toml."""
HEADS_SPREAD = 0.04
"""Doubt about the survey's share of heads at work (L001)."""


@dataclass(frozen=True)
class Reading:
    """One way to read a share: printed for `n`, of whom `financed` had an AGR; owners who were lost; the last month."""

    n: int
    financed: int
    lost: str
    until: int

    @property
    def name(self) -> str:
        """The reading in words."""
        who = f"of {self.n}" if self.n == self.financed else f"of {self.n}, {self.financed} of them financed"
        year, month = divmod(self.until - 1, 12)
        return f"{who}; lost owners {self.lost}; AGRs to {FIRST_YEAR + year}-{month + 1:02d}"


@dataclass(frozen=True)
class Share:
    """A published share of AGRs still active.

    Attributes
    ----------
    id, printed : str
        Which figure, and the percentage as printed.
    counted : int
        Month at the end of which AGRs were counted.
    opened, sure, unsure : (cohorts)
        Month in which each cohort opened; AGRs of it that are sure, and that are in doubt (`intake_doubt`).
    readings : tuple of Reading
    k : int or None
        How many are active, where that is published.
    """

    id: str
    printed: str
    counted: int
    opened: Floats
    sure: Floats
    unsure: Floats
    readings: tuple[Reading, ...]
    k: int | None = None

    def table(self) -> pd.DataFrame:
        """Return the readings: `figure, reading, n, financed, active`, the share of AGRs that each comes to."""
        share = float(self.printed) / 100.0
        rows = [(self.id, each.name, each.n, each.financed, share * each.n / each.financed) for each in self.readings]
        return pd.DataFrame(rows, columns=["figure", "reading", "n", "financed", "active"])

    def true_shares(self, params: Any, reached: pd.DataFrame) -> dict[int, Floats]:
        """Return the share of financed AGRs still open, by closed form, for each last month of a reading.

        Parameters
        ----------
        params : recarray of Params (draws)
        reached : DataFrame (draws)
            What `Bridge` says of them.
        """
        table = params.copy()
        table["log_frailty_sd"] = np.hypot(params["log_frailty_sd"], reached["spread"])
        others = reached[["left", "job", "forced", "other"]].sum(axis=1).to_numpy()
        ages = (self.counted - self.opened) / 12.0
        alive = hazards.survival(ages, table, reached["population"].to_numpy(), others)
        agrs = self.sure + np.outer(1.0 - params["intake_doubt"], self.unsure)
        found = {}
        for until in {reading.until for reading in self.readings}:
            mine = agrs * (self.opened < until)
            found[until] = (alive * mine).sum(axis=1) / mine.sum(axis=1)
        return found

    def seen_shares(self, params: Any, reached: pd.DataFrame) -> Floats:
        """Return the share of the financed that each reading would find active; shape (draws, readings)."""
        shares = self.true_shares(params, reached)
        # Owners who left are among those who are not found: without them the share is higher than the true one.
        seen = {CLOSED: reached["found"].to_numpy(), LEFT_OUT: reached["left_out"].to_numpy()}
        found = [np.minimum(shares[each.until] * seen[each.lost], 1.0) for each in self.readings]
        return np.stack(found, axis=1)

    def chances(self, params: Any, reached: pd.DataFrame) -> Floats:
        """Return the chance of the print under each reading; shape (draws, readings)."""
        from scipy.special import bdtr

        shares = self.seen_shares(params, reached)
        out = np.zeros((len(params), len(self.readings)))
        for k, reading in enumerate(self.readings):
            row = denominators(self.printed, decimals_of(self.printed), [reading.n]).iloc[0]
            if not row["possible"]:
                continue
            share = shares[:, k]
            low, high = int(row["k_low"]), int(row["k_high"])
            if self.k is not None:
                low, high = max(low, self.k), min(high, self.k)
            high = min(high, reading.financed)
            below = bdtr(low - 1, reading.financed, share) if low > 0 else 0.0
            out[:, k] = np.maximum(bdtr(high, reading.financed, share) - below, 0.0)
        return out


def readings(
    candidates: Sequence[int], financed: int | None, untils: Sequence[int], untraceable: str = NOT_STATED
) -> tuple[Reading, ...]:
    """Return every way to read a share: all denominators, all of them AGRs or only those financed, lost or not."""
    sizes = [(n, n) for n in candidates] + [(n, financed) for n in candidates if financed and n > financed]
    ways = itertools.product(sizes, ways_to_count_lost(untraceable), untils)
    return tuple(Reading(*size, lost, until) for size, lost, until in ways)


def ways_to_count_lost(untraceable: str) -> tuple[str, ...]:
    """Return how owners who could not be found may have been counted: as the source says, or either way."""
    return (CLOSED, LEFT_OUT) if untraceable == NOT_STATED else (untraceable,)


def bundled_share() -> Share:
    """Return the published share of the programme (P001) with the cohorts of `piseruma_by_year.csv`.

    Households count as projects where only they were counted; the years that are silent share evenly what the first
    cumulative count leaves for them, of which a part is in doubt.
    """
    row = figure(ACTIVE_SHARE)
    opened, sure, unsure = _cohorts_of_the_programme()
    # Counted in May 2017; whether the projects of that year were among those counted is not said.
    ways = readings(row["n"], int(figure(FINANCED)["value"]), (120, EVALUATION_MONTH + 1))
    return Share(ACTIVE_SHARE, row["printed"], EVALUATION_MONTH + 1, opened, sure, unsure, ways)


def _cohorts_of_the_programme() -> tuple[Floats, Floats, Floats]:
    years = load_programme_by_year().set_index("year")
    counts = years["projects_financed"].fillna(years["refugees_or_households_financed"])
    counts = counts.loc[FIRST_YEAR : FIRST_YEAR + EVALUATION_MONTH // 12].astype(float)
    total = years["cumulative_projects_financed"].dropna()
    silent = counts.index[counts.isna()]
    known = counts[counts.index < silent.max()].sum()
    each = (float(total[silent.max()]) - known) / len(silent)
    doubt = counts.isna().to_numpy() * EARLY_DOUBT
    agrs = counts.fillna(each).to_numpy()
    months = 12.0 * (counts.index.to_numpy()[:, None] - FIRST_YEAR + (np.arange(POINTS_A_YEAR) + 0.5) / POINTS_A_YEAR)
    points = np.repeat(agrs / POINTS_A_YEAR, POINTS_A_YEAR), np.repeat(doubt, POINTS_A_YEAR)
    inside = months.ravel() <= EVALUATION_MONTH + 1
    return months.ravel()[inside], (points[0] * (1.0 - points[1]))[inside], (points[0] * points[1])[inside]


def of_closed_form(figures: pd.DataFrame) -> pd.Series:
    """Say of each figure of a file whether it is a share in percent with its intake: a closed form gives those."""
    share = (figures["unit"] == "percent") & (figures["denominator"] != NO_SHARE)
    return share & figures["intake"].map(bool).astype(bool)


def shares_of(figures: pd.DataFrame, name: str) -> tuple[tuple[Share, ...], tuple[str, ...]]:
    """Return the shares of a file of figures that can be used, and what to say of the others.

    Parameters
    ----------
    figures : DataFrame
        As `read_published` gives it.
    name : str
        Of the file.

    Raises
    ------
    UserError
        If none can be used.
    """
    found, said = [], []
    for row, usable in zip(figures.to_dict("records"), of_closed_form(figures), strict=True):
        if not usable:
            said.append(
                worded(
                    "{name}: {id} is not used: only a share active in percent with its intake by year is",
                    name=name,
                    id=row["id"],
                )
            )
            continue
        years = np.array([year for year, _ in row["intake"]], float)
        agrs = np.array([count for _, count in row["intake"]], float)
        steps = (np.arange(POINTS_A_YEAR) + 0.5) / POINTS_A_YEAR
        months = (12.0 * (years[:, None] - FIRST_YEAR + steps)).ravel()
        inside = months < row["to"]
        many = np.repeat(agrs / POINTS_A_YEAR, POINTS_A_YEAR)[inside]
        places, until = max(0, round(-np.log10(row["rounding"]))), int(np.ceil(row["to"]))
        candidates = row["n"] or (round(float(many.sum())),)
        printed, k = f"{row['value']:.{places}f}", None if pd.isna(row["k"]) else int(row["k"])
        whole = bool(np.isclose(row["rounding"], 10.0**-places))  # else no number of digits says how it was rounded
        stood = [(n, *(verdict(printed, k, n) if whole else ("fits", ""))) for n in candidates]
        if not any(how == "fits" for _, how, _ in stood):
            says = worded("; ").join(words for _, _, words in stood)
            raise UserError(
                "{name}: {id}: {says}; accepted: n, or a sum of intake, that can give the share",
                name=name,
                id=row["id"],
                says=says,
            )
        ways = readings([n for n, how, _ in stood if how == "fits"], None, (until,), row["untraceable"])
        found.append(Share(row["id"], printed, until, months[inside], many, 0.0 * many, ways, k if whole else None))
    if not found:
        raise UserError(
            "{name}: found no share active with its intake; accepted one or more, see idmaj data schema", name=name
        )
    return tuple(found), tuple(said)


def log_heads_at_work(linear: pd.DataFrame, bridge: Bridge) -> Floats:
    """Return the log chance of the survey's share of heads at work (L001), but for a constant; shape (draws)."""
    share = float(figure(HEADS_AT_WORK)["value"]) / 100.0
    doubt = np.hypot(HEADS_SPREAD / (share * (1.0 - share)), float(bridge.residual["heads_at_work"]))
    z = (linear["heads_at_work"].to_numpy() - np.log(share / (1.0 - share))) / doubt
    return np.asarray(-0.5 * z * z)


def readings_of(shares: Sequence[Share], chances: pd.DataFrame) -> pd.DataFrame:
    """Return every reading of some shares and its chance, the mean over structures.

    Parameters
    ----------
    shares : sequence of Share
    chances : DataFrame
        `figure, reading, chance`, a row per structure.

    Returns
    -------
    DataFrame
        `figure, reading, n, financed, active, chance`.
    """
    columns = ["figure", "reading", "n", "financed", "active"]
    table = pd.concat([each.table() for each in shares]) if shares else pd.DataFrame(columns=columns)
    means = chances.groupby(["figure", "reading"], sort=False)["chance"].mean().reset_index()
    return table.merge(means, on=["figure", "reading"])
