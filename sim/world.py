"""Mesa's face: the model as a `mesa.Model`, its agents windows on the rows of the tables.

The months are lived by the very code that `simulate` runs, so both end in the same bytes. Mesa's own
generators (`world.random`, `world.rng`) are there for whoever looks on; the model never asks them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import mesa
import numpy as np

from .errors import UserError
from .history import History
from .luck import WORD, Luck, uniforms
from .outcomes import Month
from .policy import Policy
from .run import live_on, start
from .state import copy_so_far, in_use
from .strategy_words import did_you_mean
from .table import columns
from .windows import KINDS, Business, Cooperative, Household, Incubator, Niche, Partner, Person, Place, Window

__all__ = [
    "Behaviour",
    "Business",
    "Cooperative",
    "Household",
    "Incubator",
    "Niche",
    "Partner",
    "Person",
    "Place",
    "Window",
    "World",
]

Behaviour = Callable[["World"], Any]
B = TypeVar("B", bound=Behaviour)
W = TypeVar("W", bound=Window)

FIRST_OWN_STREAM = 1000
LAST_STREAM = 65535
"""Streams of luck of behaviours that are not the model's; those below belong to it."""


class World(mesa.Model):  # type: ignore[misc]  # Mesa ships no types
    """The model as Mesa knows it, at month 0 with those who live there.

    `agents`, `agents_by_type`, `select`, `agg`, `groupby` and `DataCollector` work as in any Mesa model. Agents are
    the persons and households present, the businesses open, the cooperatives that have not ended, the incubators
    that have rooms, the towns and rural zones, the niches and the private partner; those that go are removed from
    `agents`, while their rows stay and `agent` still finds them. Made for looking and for own behaviours;
    for many runs use `simulate`. Mesa keeps every model it made until the process ends.

    Parameters
    ----------
    params : one row of a table of `Params`
        What the model takes as given.
    policy : Policy
        Levers by month, and the country they act in; the world lives as many months as it has.
    seed, replication, draw : int
        The luck, as in `Luck`.
    collect : iterable of str, optional
        Monthly outcomes that `world.datacollector` collects, columns of `Month`; all of them by default.
        `datacollector` can be replaced by another one: it collects at the end of each step.

    Attributes
    ----------
    month : int
        The first month that is not over: the one being lived in behaviours, else the number of months lived.
    policy : Policy
    datacollector : mesa.DataCollector

    Raises
    ------
    UserError
        If the policy has no month, if luck is out of range or if an outcome is unknown.
    """

    def __init__(
        self,
        params: Any,
        policy: Policy,
        seed: int = 1,
        *,
        replication: int = 0,
        draw: int = 0,
        collect: Iterable[str] | None = None,
    ) -> None:
        luck = Luck(seed, replication, draw)
        super().__init__(rng=[seed, replication, draw])
        self.policy = policy
        self.month = 0
        self.datacollector = mesa.DataCollector(_reporters(columns(Month) if collect is None else collect))
        self._lived, self._scene = start(params, policy, luck, len(policy.settings))
        self._behaviours: list[tuple[str, Behaviour]] = []
        self._wrote = False
        self._windows: dict[type[Window], list[Window]] = {kind: [] for kind in KINDS}
        self._here: dict[type[Window], Any] = {kind: np.zeros(0, np.bool_) for kind in KINDS}
        self._look()

    @property
    def history(self) -> History:
        """What was lived so far, as `simulate` returns it: a copy, which further months do not touch."""
        return replace(self._lived, state=copy_so_far(self._lived.state, self._lived.months))

    @property
    def agents_by_type(self) -> dict[type[Any], Any]:
        """The agents of each kind, also of a kind that has none yet."""
        found: dict[type[Any], Any] = dict(super().agents_by_type)
        return {kind: found.pop(kind, mesa.agent.AgentSet([], random=self.random)) for kind in KINDS} | found

    @property
    def agent_types(self) -> list[type[Any]]:
        """Every kind of agent, also one that has none yet."""
        return list(self.agents_by_type)

    def step(self) -> None:
        """Live one month: behaviours of its start, the model's month, behaviours of its end, the collector.

        Raises
        ------
        UserError
            If the policy has no further month, or if after a behaviour wrote to it a table holds what is not a number.
        """
        if self.month >= len(self.policy.settings):
            raise UserError(
                "months: the policy ends after {month}; give the world a longer one to live on", month=self.month
            )
        try:
            self._behave("start")
            self._lived = live_on(self._lived, self._scene, self.month + 1)
            self._look()
            self._check_numbers()
            self._behave("end")
        finally:
            self.month = self._lived.months
        self.running = self.month < len(self.policy.settings)
        self.datacollector.collect(self)

    def run(self, months: int) -> None:
        """Live that many months more."""
        for _ in range(months):
            self.step()

    def add_behaviour(self, function: B, when: str = "end") -> B:
        """Call `function(world)` each month, at its "start" or at its "end", after those added before.

        It is plain Python that reads agents and sets their attributes; its luck comes from `luck_of`, and then
        all strategies share it. Outcomes of the month are written down before the behaviours of its end.

        Returns
        -------
        callable
            The function itself, so that this can decorate it.
        """
        if when not in ("start", "end"):
            raise UserError("when: found {when!r}; accepted: 'start' or 'end'", when=when)
        self._behaviours.append((when, function))
        return function

    def luck_of(self, agent: Window, stream: int, spell: int = 0) -> tuple[float, float]:
        """Return two uniform numbers that are this agent's in this month, in every strategy.

        Parameters
        ----------
        agent : Person, Household, Business, Cooperative, Incubator, Partner, Place or Niche
            A business has the luck of its first owner, a cooperative that of its first member, an incubator that of
            its town: give them streams of their own.
        stream : int
            What it is for: 1000 to 65535, one number for each purpose. Lower ones belong to the model.
        spell : int
            Which of several in a month.
        """
        if not (isinstance(stream, int) and FIRST_OWN_STREAM <= stream <= LAST_STREAM):
            raise UserError(
                "stream: found {stream!r}; accepted: {first_own_stream} to {last_stream}",
                stream=stream,
                first_own_stream=FIRST_OWN_STREAM,
                last_stream=LAST_STREAM,
            )
        if not (isinstance(spell, int) and 0 <= spell <= WORD):
            raise UserError("spell: found {spell!r}; accepted: 0 to {word}", spell=spell, word=WORD)
        if not hasattr(agent, "page"):
            raise UserError(
                "luck: a {kind} has none of its own; ask for that of a person or a place", kind=type(agent).__name__
            )
        one, other = uniforms(self._lived.luck.key(), agent.page, int(stream), self.month, spell)
        return float(one), float(other)

    def agent(self, kind: type[W], row: int) -> W:
        """Return the agent of a row, be it there or gone."""
        if not 0 <= row < len(self._windows[kind]):
            raise UserError(
                "{kind}: found row {row}; accepted: 0 to {last}",
                kind=kind.__name__,
                row=row,
                last=len(self._windows[kind]) - 1,
            )
        return self._windows[kind][row]

    def column(self, kind: type[Window], name: str) -> np.ndarray[Any, Any]:
        """Return a column of all rows of a kind, also of those gone, to be read only: quicker than asking agents."""
        cell = getattr(kind, name)
        used: np.ndarray[Any, Any] = self.cells[cell.place][: self.rows(kind)]
        used.flags.writeable = False
        return used

    def rows(self, kind: type[Window]) -> int:
        """Return how many agents of a kind there ever were."""
        return self._rows[kind]

    def outcome(self, name: str) -> float:
        """Return an outcome of the last month lived, a column of `Month`; NaN before the first."""
        months = self._lived.months
        return float(self._lived.state.monthly[name][months - 1]) if months else float("nan")

    def write(self, place: tuple[str, str], row: int, value: float) -> None:
        """Write a number that its column accepts into a table; agents do so when their attributes are set."""
        self.cells[place][row] = value
        self._wrote = True

    def _behave(self, when: str) -> None:
        for moment, function in self._behaviours:
            if moment == when:
                function(self)

    def _look(self) -> None:
        """Find the columns, for tables that grew were replaced; make agents of new rows, and remove those gone."""
        state = self._lived.state
        self.cells = {
            (table, name): np.asarray(getattr(state, table)[name])
            for kind in KINDS
            for table, record in kind.tables.items()
            for name in columns(record)
        }
        used = in_use(state)
        self._rows = {kind: len(used[next(iter(kind.tables))]) for kind in KINDS}
        for kind in KINDS:
            windows = self._windows[kind]
            known = np.ones(self._rows[kind], np.bool_)
            known[: len(windows)] = self._here[kind]
            windows += [kind(self, row) for row in range(len(windows), len(known))]
            here = kind.here(self)
            for row in np.flatnonzero(known & ~here):
                windows[row].remove()
            self._here[kind] = here
            back = np.flatnonzero(here & ~known)
            if len(back):  # an incubator that has rooms again; those behind it join anew, so that rows keep their order
                for row in np.flatnonzero(here & (np.arange(len(here)) >= back[0])):
                    windows[row].remove()
                    self.register_agent(windows[row])

    def _check_numbers(self) -> None:
        """Refuse tables that hold what is not a number, once behaviours wrote to them."""
        if not self._wrote:
            return
        self._wrote = False
        for kind in KINDS:
            for name in kind.columns:
                rows = np.flatnonzero(np.isnan(self.column(kind, name)))  # whole numbers never are
                if len(rows):
                    raise UserError(
                        "{kind}.{name}: not a number in row {rows} after month {month}, in which a "
                        "behaviour had written; look for an infinite or a negative amount",
                        kind=kind.__name__,
                        name=name,
                        rows=rows[0],
                        month=self.month,
                    )


def _reporters(names: Iterable[str]) -> dict[str, Callable[[World], float]]:
    known = columns(Month)
    reporters: dict[str, Callable[[World], float]] = {}
    for name in names:
        if name not in known:
            raise UserError(
                "collect: found {name!r}; accepted: a column of Month. {hint}",
                name=name,
                hint=did_you_mean(name, known),
            )
        reporters[name] = partial(World.outcome, name=name)
    return reporters
