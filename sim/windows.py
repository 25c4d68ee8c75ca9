"""Agents that are windows on rows: reading an attribute reads the table, setting one writes it.

A window looks its table up through the world, so it stays valid when tables grow. Adding a kind takes a class
here, with the tables its columns stand in, and its name in `KINDS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Any, ClassVar

import mesa
import numpy as np
from numpy.typing import NDArray

from . import records
from .errors import UserError, later, worded
from .kinds import Departure, Ending, Standing
from .population import NICHE_PAGE, PARTNER_PAGE, TOWN_PAGE
from .strategy_words import did_you_mean
from .table import Column, Record, columns, dtype_of

if TYPE_CHECKING:
    from .world import World

COUNTED = frozenset(
    ("business", "household", "person", "second_owner", "first_person", "place", "niche", "first_niche")
    + ("niches_per_trade", "rural", "page", "origin", "adults", "persons", "dependants", "in_contact", "ever_served")
    + ("assisted", "departure", "ending", "status", "file", "applied", "activity", "placed", "training", "aid_until")
    + ("opened", "ended", "left", "promised", "tranche", "tranches_left", "last_seen", "seen_ended", "lost")
    + ("spell", "businesses", "applications", "work_spells")
    + ("cooperative", "members", "hands", "standing", "incubator", "rooms", "tenants", "since", "withdrawn")
)
"""Columns that windows do not write, for lists, counts or luck of the model go by them."""

INSTEAD = {
    "departure": later("to let a household go, set leave_left to 0: it leaves in the month to come"),
    "ending": later("to close a business, set resilience to 0: it fails in the month to come"),
    "status": later("to recognise a household, set recognition_left to 0: it is recognised in the month to come"),
    "activity": later(
        "to let one who searches find work, or one at work lose it, set turns to 0; for formal work, offer"
    ),
    "training": later("to end a course, set training_ends to 0: it is over in the month to come"),
    "standing": later("to break a cooperative that is registered, set governance to 0: it ends in the month to come"),
    "incubator": later("to let a project leave its room, set graduates to 0: it leaves in the month to come"),
    "withdrawn": later("to let a partner withdraw, set resilience to 0: it goes in the month to come"),
    "aid_until": later("to help a household, write its purse or its aid"),
}


class Cell:
    """A column of a kind of agent: what it means, and how one agent's number is read and written."""

    def __init__(self, place: tuple[str, str], column: Column, whole: bool) -> None:
        self.place = place
        self.column = column
        self.whole = whole
        self.__doc__ = f"{column.meaning}{f' ({column.unit})' if column.unit else ''}."

    def __get__(self, agent: Window | None, owner: type[Window]) -> Any:
        if agent is None:
            return self
        value = agent.model.cells[self.place].item(agent.row)
        return value if self.column.kind is None else self.column.kind(value)

    def __set__(self, agent: Window, value: Any) -> None:
        name = self.place[1]
        where = f"{type(agent).__name__}.{name}"
        if name in COUNTED:
            why = worded("lists, counts or luck of the model go by it, so it cannot be written")
            if name in INSTEAD:
                why = worded("{text}; {hint}", text=why, hint=worded(INSTEAD[name]))
            raise UserError("{where}: {why}", where=where, why=why)
        agent.model.write(self.place, agent.row, self._accepted(where, value))

    def _accepted(self, where: str, value: Any) -> int | float:
        """Return a value as the table holds it, or refuse it."""
        kind = self.column.kind
        is_number = isinstance(value, int | float | np.integer | np.floating) and not np.isnan(value)
        if kind is not None:
            named = isinstance(value, IntEnum) and not isinstance(value, kind)
            if is_number and not named and value in list(kind):
                return int(value)
            words = ", ".join(f"{kind.__name__}.{word.name}" for word in kind)
            raise UserError("{where}: found {value!r}; accepted: {words}", where=where, value=value, words=words)
        if self.whole and not (is_number and value == value // 1):
            raise UserError("{where}: found {value!r}; accepted: a whole number", where=where, value=value)
        if not is_number:
            raise UserError("{where}: found {value!r}; accepted: a number", where=where, value=value)
        return int(value) if self.whole else float(value)


class Window(mesa.Agent):  # type: ignore[misc]  # Mesa ships no types
    """An agent that is one row: `agent.row` of the tables it names.

    Attributes
    ----------
    model : World
    row : int
        Its row, from the month it was first there and for good; other columns point to it by this number.
    """

    tables: ClassVar[Mapping[str, type[Record]]] = {}
    """Tables of the state in which its columns stand, all with the same row numbers, and what each holds."""
    columns: ClassVar[dict[str, Column]] = {}

    model: World
    row: int

    def __init_subclass__(cls) -> None:
        described: dict[str, Column] = {}
        for table, record in cls.tables.items():
            described |= columns(record)
            for name, column in columns(record).items():
                if hasattr(cls, name) and not isinstance(getattr(cls, name), Cell):
                    raise TypeError(f"{cls.__name__}.{name} is a column and something else")
                setattr(cls, name, Cell((table, name), column, dtype_of(record)[name].kind == "i"))
        cls.columns = described

    def __init__(self, world: World, row: int) -> None:
        super().__init__(world)
        self.row = row

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Columns become attributes when the class is made; a type checker takes them for Any."""

    def __setattr__(self, name: str, value: Any) -> None:
        made = "row" in vars(self)
        if made and name not in self.columns and (name not in vars(self) or name == "row"):
            nearest = "" if hasattr(self, name) else did_you_mean(name, self.columns)
            hint = f"; {nearest}" if nearest else ""
            raise AttributeError(f"{type(self).__name__} has no column {name!r} to write{hint}")
        super().__setattr__(name, value)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.row}>"

    @classmethod
    def here(cls, world: World) -> NDArray[np.bool_]:
        """Say of every row whether it is there. Those that are not are no agents any more, but rows for good."""
        return np.ones(world.rows(cls), np.bool_)


class Place(Window):
    """A town or a rural zone."""

    tables = {"places": records.Place}

    @property
    def name(self) -> str:
        """Its name in the country's tables."""
        return self.model.policy.country.place_names[self.row]

    @property
    def page(self) -> int:
        """Page of its luck."""
        return TOWN_PAGE + self.row


class Niche(Window):
    """A neighbourhood, a trade and a clientele."""

    tables = {"niches": records.Niche}

    @property
    def town(self) -> Place:
        """Where it is."""
        return self.model.agent(Place, self.place)

    @property
    def page(self) -> int:
        """Page of its luck."""
        return NICHE_PAGE + self.row


class Household(Window):
    """One to three adults and their dependants; an agent while it is present."""

    tables = {"households": records.Household, "families": records.Family}

    @property
    def town(self) -> Place:
        """Where it lives."""
        return self.model.agent(Place, self.place)

    @property
    def members(self) -> list[Person]:
        """Its adults, the first of them first."""
        first = self.first_person
        return [self.model.agent(Person, row) for row in range(first, first + self.adults)]

    @property
    def open_business(self) -> Business | None:
        """Its open business, or None."""
        return self.model.agent(Business, self.business) if self.business >= 0 else None

    @classmethod
    def here(cls, world: World) -> NDArray[np.bool_]:
        """Say of every household whether it is present."""
        return np.asarray(world.column(cls, "departure") == Departure.PRESENT)


class Person(Window):
    """An adult, refugee or asylum-seeker; an agent while the household is present."""

    tables = {"persons": records.Person, "workers": records.Worker}

    @property
    def home(self) -> Household:
        """The household it lives in."""
        return self.model.agent(Household, self.household)

    @property
    def market(self) -> Niche:
        """The niche in which it would sell."""
        return self.model.agent(Niche, self.niche)

    @property
    def open_business(self) -> Business | None:
        """The open business it owns, alone or with another, or None."""
        business = self.home.open_business
        return business if business is not None and self.row in (business.person, business.second_owner) else None

    @property
    def joined(self) -> Cooperative | None:
        """The cooperative of which it is a member, or None."""
        return self.model.agent(Cooperative, self.cooperative) if self.cooperative >= 0 else None

    @classmethod
    def here(cls, world: World) -> NDArray[np.bool_]:
        """Say of every person whether the household is present."""
        return np.asarray(Household.here(world)[world.column(cls, "household")])


class Business(Window):
    """An AGR, a business begun alone or a cooperative's enterprise; an agent while it is open."""

    tables = {"businesses": records.Business}

    @property
    def owner(self) -> Person:
        """Its first owner; of a cooperative's enterprise, the member at its head."""
        return self.model.agent(Person, self.person)

    @property
    def owners(self) -> list[Person]:
        """Its one or two owners, the first one first."""
        return [self.model.agent(Person, row) for row in (self.person, self.second_owner) if row >= 0]

    @property
    def home(self) -> Household:
        """The household of its owners."""
        return self.model.agent(Household, self.household)

    @property
    def town(self) -> Place:
        """Where it trades."""
        return self.model.agent(Place, self.place)

    @property
    def market(self) -> Niche:
        """The niche in which it sells."""
        return self.model.agent(Niche, self.niche)

    @property
    def joint(self) -> Cooperative | None:
        """The cooperative whose enterprise it is, or None."""
        return self.model.agent(Cooperative, self.cooperative) if self.cooperative >= 0 else None

    @property
    def host(self) -> Incubator | None:
        """The incubator in which it has a room, or None."""
        return self.model.agent(Incubator, self.incubator) if self.incubator >= 0 else None

    @classmethod
    def here(cls, world: World) -> NDArray[np.bool_]:
        """Say of every business whether it is open."""
        return np.asarray(world.column(cls, "ending") == Ending.OPEN)


class Cooperative(Window):
    """An enterprise that its members own together; an agent from its founding until it ends."""

    tables = {"cooperatives": records.Cooperative}

    @property
    def town(self) -> Place:
        """Where it is."""
        return self.model.agent(Place, self.place)

    @property
    def people(self) -> list[Person]:
        """Its members, in the order of their rows; how many they are is the column `members`."""
        rows = np.flatnonzero(self.model.column(Person, "cooperative") == self.row)
        return [self.model.agent(Person, int(row)) for row in rows]

    @property
    def enterprise(self) -> Business | None:
        """The business it runs, from its registration on and after its end; None before."""
        return self.model.agent(Business, self.business) if self.business >= 0 else None

    @classmethod
    def here(cls, world: World) -> NDArray[np.bool_]:
        """Say of every cooperative whether it forms or is registered."""
        standing = world.column(cls, "standing")
        return np.asarray((standing == Standing.FORMING) | (standing == Standing.REGISTERED))


class Incubator(Window):
    """Rooms in a town in which new projects trade for some months; an agent while it has any."""

    tables = {"incubators": records.Incubator}

    @property
    def town(self) -> Place:
        """Where it is."""
        return self.model.agent(Place, self.row)

    @property
    def page(self) -> int:
        """Page of its luck, its town's."""
        return TOWN_PAGE + self.row

    @property
    def projects(self) -> list[Business]:
        """The projects that have a room, in the order of their rows; how many they are is the column `tenants`."""
        rows = np.flatnonzero(self.model.column(Business, "incubator") == self.row)
        return [self.model.agent(Business, int(row)) for row in rows]

    @classmethod
    def here(cls, world: World) -> NDArray[np.bool_]:
        """Say of every incubator whether it has rooms."""
        return np.asarray(world.column(cls, "rooms") > 0)


class Partner(Window):
    """The private side of a public-private partnership; there is one, whether it takes part or not."""

    tables = {"partner": records.Partner}

    @property
    def page(self) -> int:
        """Page of its luck."""
        return PARTNER_PAGE + self.row


KINDS: tuple[type[Window], ...] = (Place, Niche, Household, Person, Business, Cooperative, Incubator, Partner)
"""Every kind of agent, in the order in which they join the world."""
