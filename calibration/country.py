"""Read Morocco: towns and permits from `country.toml`, stocks and flows from UNHCR's tables."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from ..sim.country import FIRST_YEAR, Country
from ..sim.kinds import Origin, Status, Trade
from ..sim.records import Place
from ..sim.table import new_table
from .figures import load_demographics, load_flows, load_stocks

HERE = Path(__file__).parent
LAST_YEAR = 2025
FURTHER_YEARS = 1
"""Yearly tables hold one year more than is known: it goes on."""


def load_country(known_until: int | None = None) -> Country:
    """Return Morocco with the stocks known by a month.

    Parameters
    ----------
    known_until : int, optional
        Month, from January 2007, up to which anything is known: later flows continue the last three known
        years, and towns, permits and households the last one. By default all that is published, to 2025.
    """
    with (HERE / "country.toml").open("rb") as file:
        settings = tomllib.load(file)
    all_known = (LAST_YEAR - FIRST_YEAR + 1) * 12
    women, non_adults = _composition()
    known = all_known if known_until is None else min(known_until, all_known)

    def as_known(yearly: np.ndarray) -> np.ndarray:
        """Return a yearly table whose last known year goes on."""
        years = max(known // 12, 1)
        return np.concatenate([yearly[:years], np.repeat(yearly[years - 1 : years], len(yearly) - years, axis=0)])

    return Country(
        place_names=tuple(town["name"] for town in settings["towns"]),
        places=_places(settings["towns"]),
        stocks=_stocks(settings["stocks"]),
        recognition=_recognition(settings["stocks"]),
        arrival_share=as_known(_by_year(settings["arrivals"], lambda entry: entry["share"])),
        permit_share=as_known(
            _by_year(settings["permits"], lambda entry: [entry.get(o.name, entry["all"]) for o in Origin])
        ),
        women_share=as_known(women),
        non_adult_ratio=as_known(non_adults),
        solitary=np.array(
            [
                settings["households"]["further_adults_asylum_seekers"],
                settings["households"]["further_adults_refugees"],
            ]
        ),
        known_until=known,
    )


def origin_of(iso: str, sub_saharan: list[str]) -> Origin:
    """Return the model's group of a UNHCR country code."""
    if iso in Origin.__members__:
        return Origin[iso]
    return Origin.OTHER_AFRICA if iso in sub_saharan else Origin.OTHER


def _places(towns: list[dict[str, Any]]) -> np.recarray[Any, Any]:
    places = new_table(Place, len(towns))
    first = 0
    for place, town in zip(places, towns, strict=True):
        for key in ("x_km", "y_km", "distance_km", "branch", "niches_per_trade", "work_factor", "cost_factor"):
            place[key] = town[key]
        place.rural = town.get("rural", False)
        place.market_size = town.get("market_size", 1.0)
        place.first_niche = first
        first += len(Trade) * town["niches_per_trade"]
    return places


def _by_year(entries: list[dict[str, Any]], values: Any) -> np.ndarray:
    """Return one row a year from entries that hold from a year on."""
    years = range(FIRST_YEAR, LAST_YEAR + 1 + FURTHER_YEARS)
    return np.array([values([e for e in entries if e["from"] <= year][-1]) for year in years], dtype=float)


def _stocks(settings: dict[str, Any]) -> np.ndarray:
    """Return persons by year (end of 2006 on), origin and status; origins of one stock are all refugees."""
    table = load_stocks()
    stocks = np.zeros((LAST_YEAR - FIRST_YEAR + 2, len(Origin), len(Status)))
    for row in table[table.year >= FIRST_YEAR - 1].itertuples():
        origin = origin_of(row.origin, settings["sub_saharan"])
        together = row.origin in settings["one_stock"]
        seekers = Status.REFUGEE if together else Status.ASYLUM_SEEKER
        stocks[row.year - FIRST_YEAR + 1, origin, Status.REFUGEE] += row.refugees
        stocks[row.year - FIRST_YEAR + 1, origin, seekers] += row.asylum_seekers
    return stocks


def _recognition(settings: dict[str, Any]) -> np.ndarray:
    """Return recognitions a year per asylum-seeker in the mean stock of the year."""
    stocks = _stocks(settings)[:, :, Status.ASYLUM_SEEKER].sum(axis=1)
    recognised = load_flows().set_index("year").dec_recognized
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    return np.array([recognised[y] / (0.5 * (stocks[i] + stocks[i + 1])) for i, y in enumerate(years)])


def _composition() -> tuple[np.ndarray, np.ndarray]:
    """Return the share of women among adults, and children and elders per adult, by year and status."""
    table = load_demographics().set_index(["year", "pop_type"])
    women, others = [], []
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        rows = [table.loc[(year, kind)] for kind in ("ASY", "REF")]
        adults = [row.f_18_59 + row.m_18_59 for row in rows]
        women.append([row.f_18_59 / n for row, n in zip(rows, adults, strict=True)])
        others.append([(row.total - n) / n for row, n in zip(rows, adults, strict=True)])
    return np.array(women + women[-1:]), np.array(others + others[-1:])
