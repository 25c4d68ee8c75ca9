"""What the replayed history looks like beside what was published, and whether the numbers hang together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..sim import EVALUATION_MONTH, History
from ..sim.kinds import Origin, Status
from ..sim.policy import month_of
from .country import FIRST_YEAR, LAST_YEAR

EUR_IN_MAD = 10.9
"""Dirhams of 2016 to the euro: an assumption of the project."""
JUNE_2020 = month_of("2020-06")
MARCH_2016 = month_of("2016-03")
MARCH_2023 = month_of("2023-03")
BEFORE_LOCKDOWN = month_of("2020-02")
"""The survey asked what heads of household did before the lockdown (L001)."""
PUBLISHED_SHARE = 0.537
"""Share of projects still active at the evaluation, published in May 2017 (P001)."""
CHECKED_STOCK = 100
"""UNHCR rounds small cells: stocks are compared from here on."""


@dataclass(frozen=True)
class Published:
    """A published figure and what the model says in its place.

    `role` is ``imposed`` (fed in), ``fitted`` (a target of the fit), ``in the prior`` (it shaped a prior) or
    ``predicted`` (the model never saw it); ``not published`` says what no source tells. Only predicted figures count as fit.
    """

    figure: str
    unit: str
    published: str
    basis: str
    role: str
    value: Any


def _year(history: History, name: str, year: int) -> float:
    start = (year - FIRST_YEAR) * 12
    return float(history.monthly[name][start : start + 12].sum())


def _sum(history: History, name: str, first: int, last: int) -> float:
    return float(history.monthly[name][(first - FIRST_YEAR) * 12 : (last + 1 - FIRST_YEAR) * 12].sum())


def refugees_at(history: History, month: int) -> pd.DataFrame:
    """Return refugee households present at the end of a month: town, persons, arrived."""
    table, known = history.households, _known_refugees(history, month)
    town = np.array(history.policy.country.place_names)[table.place[known]]
    return pd.DataFrame({"town": town, "persons": table.persons[known], "arrived": history.families.arrived[known]})


def _known_refugees(history: History, month: int) -> Any:
    """Say of each household whether it is there at the end of a month, and a refugee's by then."""
    family = history.families
    here = (family.arrived <= month) & ((family.left < 0) | (family.left > month))
    known = here & (family.recognised <= month)
    return known & ((family.recognised >= 0) | ((family.arrived < 0) & (history.households.status == Status.REFUGEE)))


def _town_share(town: str, month: int) -> Any:
    def share(history: History) -> float:
        known = _known_refugees(history, month)
        persons = history.households.persons[known]
        lives_there = history.households.place[known] == history.policy.country.place_names.index(town)
        return float(persons[lives_there].sum() / persons.sum())

    return share


def _mean_stay(history: History) -> float:
    return float((JUNE_2020 - refugees_at(history, JUNE_2020).arrived).mean() / 12.0)


def _arrived_since_2015(history: History) -> float:
    return float((refugees_at(history, JUNE_2020).arrived >= month_of("2015-01")).mean())


def _cost_per_project(history: History) -> float:
    return _sum(history, "spent", 2018, 2020) / _sum(history, "projects_started", 2018, 2020) / EUR_IN_MAD


PUBLISHED = (
    Published("active share at the evaluation, May 2017", "share", str(PUBLISHED_SHARE), "P001", "fitted", lambda h: float(h.monthly.active_share[EVALUATION_MONTH])),
    Published("refugee heads at work before the lockdown, 2020", "share", "0.438", "L001", "fitted", lambda h: float(h.monthly.heads_at_work[BEFORE_LOCKDOWN])),
    Published("projects started in 2007", "projects", "17", "P012", "imposed", lambda h: _year(h, "projects_started", 2007)),
    Published("projects started in 2008-2013", "projects", "65 to 201", "P040 P006", "imposed", lambda h: _sum(h, "projects_started", 2008, 2013)),
    Published("projects started in 2014", "projects", "63", "P020", "imposed", lambda h: _year(h, "projects_started", 2014)),
    Published("households served in 2015", "households", "83", "P022", "imposed", lambda h: _year(h, "projects_started", 2015)),
    Published("households served in 2016", "households", "125", "P023", "imposed", lambda h: _year(h, "projects_started", 2016)),
    Published("projects started in 2017", "projects", "81", "P026", "imposed", lambda h: _year(h, "projects_started", 2017)),
    Published("projects started in 2018", "projects", "88", "P030", "imposed", lambda h: _year(h, "projects_started", 2018)),
    Published("trained, 2011-2016 (seats are imposed)", "persons", "251", "P007", "imposed", lambda h: _sum(h, "trained", 2011, 2016)),
    Published("trained in 2017 (seats are imposed)", "persons", "120", "P028", "imposed", lambda h: _year(h, "trained", 2017)),
    Published("seats unfilled, mean of 2014-2017", "seats", "-", "", "not published", lambda h: _sum(h, "seats_unfilled", 2014, 2017) / 48.0),
    Published("placed in formal work in 2017", "persons", "45", "L020", "in the prior", lambda h: _year(h, "placed", 2017)),
    Published("placed in formal work in 2018", "persons", "50", "L022", "in the prior", lambda h: _year(h, "placed", 2018)),
    Published("placements unfilled, mean of 2017-2018", "placements", "-", "", "not published", lambda h: _sum(h, "placements_unfilled", 2017, 2018) / 24.0),
    Published("cooperatives founded in 2017 (coordinators are imposed)", "cooperatives", "3", "P029", "imposed", lambda h: _year(h, "cooperatives_founded", 2017)),
    Published("owners in the projects of 2014", "persons", "69", "P021", "in the prior", lambda h: _year(h, "people_served", 2014)),
    Published("owners in the projects of 2017", "persons", "115", "P027", "in the prior", lambda h: _year(h, "people_served", 2017)),
    Published("refugees financed to the end of 2016", "persons", "494", "P006", "in the prior", lambda h: _sum(h, "people_served", 2007, 2016)),
    Published("projects per application to the end of 2016 (financed over accompanied)", "share", "0.853", "P008", "predicted", lambda h: _sum(h, "projects_started", 2007, 2016) / _sum(h, "applications", 2007, 2016)),
    Published("applications in a year, 2006-07", "applications", "100", "P011", "in the prior", lambda h: _year(h, "applications", 2007)),
    Published("persons who wait at the end of 2007", "persons", "about 90 and 30 studies ready", "P011 P013", "predicted", lambda h: float(h.monthly.waiting[11])),
    Published("refugee households, June 2020", "households", "2168", "R139", "predicted", lambda h: float(len(refugees_at(h, JUNE_2020)))),
    Published("arrived since 2015, of those there in June 2020", "share", "0.503", "R142", "predicted", _arrived_since_2015),
    Published("mean stay of those there in June 2020", "years", "6.2", "R141", "predicted", _mean_stay),
    Published("refugees who live in Rabat, March 2016", "share", "0.36", "R111", "in the prior", _town_share("Rabat", MARCH_2016)),
    Published("refugees who live in Casablanca, March 2016", "share", "0.20", "R112", "in the prior", _town_share("Casablanca", MARCH_2016)),
    Published("refugees who live in Rabat, June 2020", "share", "0.146", "R114", "in the prior", _town_share("Rabat", JUNE_2020)),
    Published("refugees who live in Oujda, March 2023", "share", "0.103", "R125", "in the prior", _town_share("Oujda", MARCH_2023)),
    Published("all-in cost of a project, 2018-2020", "EUR", "3600 to 4786", "P044", "predicted", _cost_per_project),
)
"""The historical figures, each with its role."""


def historical_figures(histories: Iterable[History]) -> pd.DataFrame:
    """Return published figures beside the model's: mean and 90 % interval over histories, and the role of each.

    Parameters
    ----------
    histories : iterable of History
        Replays to the end of 2025.
    """
    replays = list(histories)
    rows = []
    for item in PUBLISHED:
        values = np.array([item.value(history) for history in replays])
        low, high = np.quantile(values, [0.05, 0.95])
        rows.append((item.figure, item.unit, item.published, values.mean(), low, high, item.basis, item.role))
    columns = ["figure", "unit", "published", "model", "low", "high", "basis", "role"]
    return pd.DataFrame(rows, columns=columns)


def stock_table(histories: Iterable[History]) -> pd.DataFrame:
    """Return mean stocks by year, origin and status beside UNHCR's, wherever those exceed 100 persons.

    Origins whose two columns are one stock (see `country.toml`) stand under refugees.
    """
    replays = list(histories)
    mean = np.mean([history.stocks for history in replays], axis=0)
    published = replays[0].policy.country.stocks
    rows = []
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        for origin in Origin:
            for status in Status:
                aim = float(published[year - FIRST_YEAR + 1, origin, status])
                if aim > CHECKED_STOCK:
                    got = float(mean[(year - FIRST_YEAR) * 12 + 11, origin, status])
                    rows.append((year, origin.name, status.name.lower(), aim, got, got / aim - 1.0))
    return pd.DataFrame(rows, columns=["year", "origin", "status", "published", "model", "relative_error"])


LIMITS = (
    ("median active share at the evaluation", "active_share", 0.5, "share", 0.45, 0.60),
    ("median share of exits that are insolvencies", "insolvent_share", 0.5, "share", 0.0, 0.25),
    ("median share of exits into paid work", "job_share", 0.5, "share", 0.0, 0.10),
    ("median exits per project-year", "exits_per_year", 0.5, "per year", 0.19, 0.27),
    ("median share that trades three years", "three_years", 0.5, "share", 0.44, 0.60),
    ("median profit after a year", "profit_12", 0.5, "MAD 2016/month", 1000.0, 2200.0),
    ("median spread of that profit, p90/p10", "profit_spread", 0.5, "ratio", 0.0, 12.0),
    ("median capital after three years", "capital_36", 0.5, "MAD 2016", 3000.0, 20000.0),
    ("median of refugee heads at work, 2020", "heads_at_work", 0.5, "share", 0.35, 0.53),
)
"""What must hang together over prior draws: figure, summary, quantile, unit, accepted range."""


def prior_table(summaries: pd.DataFrame) -> pd.DataFrame:
    """Return whether the numbers hang together over prior draws: figure, model, accepted range, verdict.

    Parameters
    ----------
    summaries : DataFrame
        A row per prior draw, as the fit replays them.
    """
    table = summaries.assign(profit_12=np.exp(summaries["log_profit_12"]))
    rows = []
    for figure, column, quantile, unit, low, high in LIMITS:
        value = float(table[column].quantile(quantile))
        spread = (float(table[column].quantile(0.05)), float(table[column].quantile(0.95)))
        rows.append((figure, unit, value, *spread, low, high, "holds" if low <= value <= high else "fails"))
    near = float((table.active_share.sub(PUBLISHED_SHARE).abs() <= 0.03).mean())
    rows.append((f"prior draws within 3 points of {100 * PUBLISHED_SHARE:.1f} %", "share", near, np.nan, np.nan, 0.15, 1.0, "holds" if near >= 0.15 else "fails"))
    bad = float((table.insolvent_share > 0.25).mean())
    rows.append(("prior draws rejected for insolvency", "share", bad, np.nan, np.nan, 0.0, 0.05, "holds" if bad <= 0.05 else "fails"))
    columns = ["figure", "unit", "model", "p05", "p95", "at_least", "at_most", "verdict"]
    return pd.DataFrame(rows, columns=columns)
