"""Small made-up countries for tests, and how to tell where two results differ.

For example `simulate(toy_params(failure_level=0.5), toy_policy(60, grants_tranches=3), Luck(), 60)`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from idmaj.sim.country import Country
from idmaj.sim.history import History
from idmaj.sim.kinds import Origin, Trade
from idmaj.sim.params import NUMBERS, default_params
from idmaj.sim.policy import Policy
from idmaj.sim.records import Place
from idmaj.sim.settings import LEVERS, Settings
from idmaj.sim.table import new_table

TOWNS = ("With a branch", "Near", "Far", "Country")


def toy_country(persons: float = 600.0, known_years: int = 4, growth: float = 1.06) -> Country:
    """Return a country of three towns, a rural zone and 26 flows, with about that many persons at the start.

    Yearly tables hold one year more than is known. Stocks grow, save that those of every third origin fall by
    a third in the second year: files are closed then.
    """
    years = known_years + 1
    weight = np.outer(1.0 + np.arange(len(Origin)) % 4, (0.4, 0.6))
    stocks = persons * weight / weight.sum() * growth ** np.arange(years)[:, None, None]
    stocks[2:, ::3] *= 2.0 / 3.0
    ones = np.ones((years, 1))
    return Country(
        place_names=TOWNS,
        places=toy_places(),
        stocks=stocks,
        recognition=np.full(known_years, 0.35),
        arrival_share=np.linspace((0.8, 0.15, 0.05, 0.0), (0.4, 0.35, 0.2, 0.05), years),
        permit_share=ones * np.where(np.arange(len(Origin)) % 2, 0.3, 0.7),
        women_share=ones * (0.35, 0.45),
        non_adult_ratio=ones * (0.4, 0.7),
        solitary=np.array([0.5, 1.0]),
        known_until=12 * known_years,
    )


def toy_places() -> np.recarray[Any, Any]:
    places = new_table(Place, len(TOWNS))
    places.distance_km = (0.0, 90.0, 400.0, 300.0)
    places.branch = (1, 0, 0, 0)
    places.rural = (0, 0, 0, 1)
    places.x_km = (0.0, 75.0, 0.0, 40.0)
    places.y_km = (0.0, 0.0, 333.0, 247.0)
    places.niches_per_trade = (3, 2, 1, 2)
    places.market_size = (1.0, 1.0, 1.0, 0.5)
    places.first_niche = np.cumsum((0, 3, 2, 1)) * len(Trade)
    places.work_factor = (1.0, 1.2, 0.7, 0.6)
    places.cost_factor = (1.0, 0.9, 0.8, 0.7)
    return places


def toy_settings(months: int, **overrides: Any) -> np.recarray[Any, Any]:
    """Return levers by month: the defaults with an intake of 60 projects a year, save what `overrides` sets.

    An override is a number for all months, or one number a month.
    """
    table = new_table(Settings, months)
    values = {name: item.default for name, item in LEVERS.items()} | {"intake_projects_per_year": 60.0}
    for name, value in (values | overrides).items():
        table[name] = value
    return table


def toy_policy(months: int, country: Country | None = None, **overrides: Any) -> Policy:
    """Return a policy in a toy country; see `toy_settings` for `overrides`."""
    return Policy(toy_settings(months, **overrides), toy_country() if country is None else country)


def toy_params(**overrides: float) -> np.recarray[Any, Any]:
    """Return one row of parameters: medians, save what `overrides` sets."""
    unknown = overrides.keys() - NUMBERS.keys()
    if unknown:
        raise KeyError(f"no parameters of the model: {sorted(unknown)}")
    table = default_params()
    for name, value in overrides.items():
        table[name] = value
    return table


def tables_of(history: History) -> dict[str, np.ndarray[Any, Any]]:
    """Return every table that a run leaves behind, without the room to spare."""
    state = history.state
    return {
        "households": history.households,
        "families": history.families,
        "persons": history.persons,
        "workers": history.workers,
        "businesses": history.businesses,
        "niches": state.niches,
        "places": state.places,
        "cooperatives": history.cooperatives,
        "incubators": state.incubators,
        "partner": state.partner,
        "tally": state.tally,
        "monthly": history.monthly,
        "stocks": history.stocks,
        "money": history.money,
    }


def difference(one: dict[str, np.ndarray[Any, Any]], other: dict[str, np.ndarray[Any, Any]]) -> str:
    """Say where two sets of tables differ, or nothing if their bytes are the same.

    A line for each table: the first row that differs, and every column that differs there.
    """
    if one.keys() != other.keys():
        return f"tables {sorted(one.keys() ^ other.keys())} are on one side only"
    return "\n".join(filter(None, (_table_difference(name, one[name], other[name]) for name in one)))


def _table_difference(name: str, one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> str:
    if one.dtype.descr != other.dtype.descr or one.shape[1:] != other.shape[1:]:
        return f"{name}: columns or shape differ: {one.dtype} {one.shape}, {other.dtype} {other.shape}"
    if one.tobytes() == other.tobytes():
        return ""
    lengths = f" ({len(one)} and {len(other)} rows)" if len(one) != len(other) else ""
    for row in range(min(len(one), len(other))):
        if one[row].tobytes() == other[row].tobytes():
            continue
        if one.dtype.names is None:
            place = np.argwhere(one[row] != other[row])
            cell = tuple(place[0].tolist()) if len(place) else ()
            return f"{name}{lengths}, row {row}, column {cell}: {one[row][cell]!r} and {other[row][cell]!r}"
        cells = [
            f"column {column}: {one[row][column]!r} and {other[row][column]!r}"
            for column in one.dtype.names
            if one[row][column].tobytes() != other[row][column].tobytes()
        ]
        return f"{name}{lengths}, row {row}, " + "; ".join(cells)
    return f"{name}{lengths}: all the rows that both have are the same"
