"""What changes in a run (State), what is given to it (Scene), and how tables grow."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .kinds import Account, Funder, Origin, Status
from .outcomes import Month
from .records import (
    Business,
    Card,
    Cooperative,
    Family,
    Household,
    Incubator,
    Niche,
    Partner,
    Person,
    Place,
    Pool,
    Pull,
    Tally,
    Worker,
)
from .table import as_bytes, new_table

Table = np.recarray[Any, Any]
Rows = NDArray[np.int64]
Floats = NDArray[np.float64]

TRADE_GROUPS = 2
"""Groups of trades that can share a cooperative."""
FLOWS = len(Origin) * len(Status)
"""Streams of arrivals: one per origin and status at arrival, numbered origin * 2 + status."""


class State(NamedTuple):
    """Everything that changes. Lists of rows hold as many as `tally` says; the rest of them is spare."""

    households: Table
    families: Table
    persons: Table
    workers: Table
    businesses: Table
    niches: Table
    places: Table
    cooperatives: Table
    incubators: Table
    partner: Table
    tally: Table
    present: Rows
    waiting: Rows
    starting: Rows
    recent: Rows
    running: Rows
    watched: Rows
    trainees: Rows
    members: Rows
    aided: Rows
    arrived: Rows
    crowd: Floats
    served: Floats
    stock: Floats
    pulls: Table
    monthly: Table
    stocks: Floats
    money: Floats


class Scene(NamedTuple):
    """Everything that is given: numbers, levers by month, and what the country's tables imply."""

    params: Table
    settings: Table
    additional: Floats
    flows: Table
    arrival_share: Floats
    permit_share: Floats
    women_share: Floats
    non_adults: Floats
    adults: Floats


class Desk(NamedTuple):
    """Room to work in: nothing on it outlives the month."""

    pool: Table
    cards: Table
    known: Floats
    groups: Floats


def clear_desk(state: State) -> Desk:
    """Return a desk with a card for every person and business there can be."""
    cards = max(len(state.persons), len(state.businesses))
    groups = np.zeros((len(state.places), TRADE_GROUPS))
    return Desk(new_table(Pool, 1), new_table(Card, cards), np.zeros(state.crowd.shape), groups)


ROOMS = {
    "households": Household,
    "families": Family,
    "persons": Person,
    "workers": Worker,
    "businesses": Business,
    "niches": Niche,
    "places": Place,
    "cooperatives": Cooperative,
    "incubators": Incubator,
    "partner": Partner,
    "tally": Tally,
    "monthly": Month,
}
"""Which record each table of the state holds."""


MONTHLY = ("monthly", "stocks", "money")
"""The tables with a row per month."""


def empty_state(places: Table, niches: int) -> State:
    """Return a state with no agent in it, before its first month."""
    tables = {name: new_table(record, 0) for name, record in ROOMS.items()}
    tables["places"] = places.copy()
    tables["niches"] = new_table(Niche, niches)
    tables["tally"] = new_table(Tally, 1)
    tables["incubators"] = new_table(Incubator, len(places))
    tables["partner"] = new_table(Partner, 1)
    by_town = np.zeros((len(places), len(Origin)))
    return State(
        **tables,
        present=_rows(0),
        waiting=_rows(0),
        starting=_rows(0),
        recent=_rows(0),
        running=_rows(0),
        watched=_rows(0),
        trainees=_rows(0),
        members=_rows(0),
        aided=_rows(0),
        arrived=_rows(FLOWS),
        crowd=by_town,
        served=by_town.copy(),
        stock=np.zeros((len(Origin), len(Status))),
        pulls=new_table(Pull, FLOWS),
        stocks=np.zeros((0, len(Origin), len(Status))),
        money=np.zeros((0, len(Account), len(Funder))),
    )


def in_use(state: State) -> dict[str, Any]:
    """Return every array of a state by name, cut to the rows in use."""
    tally = state.tally[0]
    rows = {
        "households": tally.households,
        "families": tally.households,
        "persons": tally.persons,
        "workers": tally.persons,
        "businesses": tally.businesses,
        "present": tally.present,
        "waiting": tally.waiting,
        "starting": tally.starting,
        "recent": tally.recent,
        "running": tally.running,
        "watched": tally.watched,
        "cooperatives": tally.cooperatives,
        "trainees": tally.trainees,
        "members": tally.members,
        "aided": tally.aided,
    }
    return {name: array[: rows.get(name, len(array))] for name, array in state._asdict().items()}


def make_room(state: State, households: int, persons: int, businesses: int, months: int) -> State:
    """Return a copy of a state with room for that many rows of each kind and for that many months."""
    rooms = {
        "households": households,
        "families": households,
        "persons": persons,
        "workers": persons,
        "businesses": businesses,
        "present": households,
        "waiting": persons,
        "starting": persons,
        "recent": persons,
        "running": businesses,
        "watched": businesses,
        "cooperatives": persons // 2 + 1,
        "trainees": persons,
        "members": persons,
        "aided": households,
        **dict.fromkeys(MONTHLY, months),
    }
    return State(**{name: _longer(used, rooms.get(name, len(used))) for name, used in in_use(state).items()})


def copy_so_far(state: State, months: int) -> State:
    """Return a copy of a state that holds the rows in use and that many months, and no room to spare."""
    used = in_use(state)
    return State(**{name: used[name][: months if name in MONTHLY else None].copy() for name in used})


def _rows(count: int) -> Rows:
    return np.zeros(count, np.int64)


def _longer(used: Any, rows: int) -> Any:
    """Return a copy with that many rows; rows not in use are not touched, so they cost no memory yet."""
    fresh = np.zeros((rows, *used.shape[1:]), used.dtype)
    as_bytes(fresh)[: len(used)] = as_bytes(used)
    return fresh.view(np.recarray) if used.dtype.names else fresh
