"""The model as the page shows it live: one run on `World`, month by month, and what is seen of it."""

from __future__ import annotations

import shlex
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ...scenarios.language import _, month
from ...sim.errors import UserError
from .. import wording
from ..study_figures import COAST, SEEN, TOWNS

if TYPE_CHECKING:
    from ...sim.world import World

FIRST, LAST = 2008, 2030
LAST_DRAW = 999
"""Years in which a plan may start here."""
SHOWN = (
    "persons_present", "live_businesses", "live_unassisted", "waiting", "in_training", "in_formal_work",
    "live_cooperatives", "branches_open",
)  # fmt: skip
"""Outcomes of a month that stand beside the map; the first but one is drawn over time."""
DRAWN = "live_businesses"
WIDTH = 560
LARGEST = 34.0
"""Radius of the circle of the town with most people, in the map's units."""
MOST_EVENTS = 12


@dataclass
class Live:
    """A run that is looked at while it is lived.

    Attributes
    ----------
    world : World
    strategy : str
        As commands call it.
    start, years : int
        Month from which the strategy holds, from January 2007, and for how many years.
    draw, replication, seed : int
        The luck: that of the same run of a study.
    person : int
        Row of the person who is followed.
    business : int
        Row of the business that is followed; -1 for that of the person.
    events : deque of (int, str)
        Month and words of what happened last to the person.
    drawn : list of float
        The outcome that is drawn over time, month by month.
    """

    world: World
    strategy: str
    start: int
    years: int
    draw: int
    replication: int
    seed: int
    person: int = 42
    business: int = -1
    events: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=MOST_EVENTS))
    looked: Any = None
    drawn: list[float] = field(default_factory=list)

    @property
    def over(self) -> bool:
        """Whether the last month is lived."""
        return bool(self.world.month >= len(self.world.policy.settings))

    @property
    def command(self) -> str:
        """The command that keeps the same numbers: this run is the last draw and replication of its study."""
        from ...sim.policy import month_name

        words = f"idmaj run {shlex.quote(self.strategy)} --start {month_name(self.start)} --years {self.years}"
        return f"{words} --draws {self.draw + 1} --replications {self.replication + 1} --seed {self.seed} --traces"

    def step(self, months: int) -> None:
        """Live some months, or as many as there are, and note what happens to the person who is followed."""
        for _month in range(months):
            if self.over:
                return
            self.world.step()
            self.drawn.append(self.world.outcome(DRAWN))
            self._note()

    def follow(self, person: int, business: int) -> None:
        """Follow another person, or a business, from now on."""
        if (person, business) != (self.person, self.business):
            self.person, self.business = person, business
            self.events.clear()
            self.looked = None

    def _note(self) -> None:
        from ...scenarios.questions.life import NOT_THERE, happened, look_at

        history = self.world.history
        if not 0 <= self.person < len(history.persons):
            return
        now = look_at(history, int(history.workers.page[self.person]))
        said = happened(NOT_THERE if self.looked is None else self.looked, now, history.months - 1)
        self.looked = now
        self.events.extend((history.months - 1, each) for each in said)

    # What is seen ------------------------------------------------------------------------------------------------

    def places(self) -> list[dict[str, Any]]:
        """Return the towns and rural zones: ``name, people, projects, alone, branch``, then ``x, y, r, s`` of towns."""
        from ...sim.world import Business, Household, Place

        world, names = self.world, self.world.policy.country.place_names
        here = Household.here(world)
        persons, at = world.column(Household, "persons"), world.column(Household, "place")
        people = np.bincount(at[here], persons[here], len(names))
        opened = Business.here(world)
        place, assisted = world.column(Business, "place")[opened], world.column(Business, "assisted")[opened] == 1
        projects = np.bincount(place[assisted], minlength=len(names))
        alone = np.bincount(place[~assisted], minlength=len(names))
        branch = world.column(Place, "branch")
        most = max(float(people.max()), 1.0)
        found = []
        for row, name in enumerate(names):
            about = {"name": _(name), "people": people[row], "projects": projects[row], "alone": alone[row],
                     "branch": bool(branch[row])}  # fmt: skip
            if name in TOWNS:
                x, y, name_x, name_y, side = TOWNS[name]
                about |= dict(zip(("x", "y"), self._at(x, y), strict=True))
                about |= dict(zip(("name_x", "name_y"), self._at(name_x, name_y), strict=True))
                about |= {"r": LARGEST * (people[row] / most) ** 0.5, "s": LARGEST * (projects[row] / most) ** 0.5}
                about |= {"anchor": {"left": "start", "right": "end", "center": "middle"}[side]}
            found.append(about)
        return found

    @staticmethod
    def _at(x: float, y: float) -> tuple[float, float]:
        west, east, south, north = SEEN
        scale = WIDTH / (east - west)
        return round((x - west) * scale, 1), round((north - y) * scale * 1.2, 1)

    def map(self) -> dict[str, Any]:
        """Return what a map is drawn from: its size, the coast as points, the places that stand on it."""
        _west, _east, south, _north = SEEN
        coast = [" ".join(f"{x},{y}" for x, y in (self._at(*point) for point in line)) for line in COAST]
        return {"width": WIDTH, "height": round(self._at(SEEN[0], south)[1]), "coast": coast}

    def numbers(self) -> list[tuple[str, str]]:
        """Return what the last month was like: meaning and number of each outcome shown."""
        from ...sim.outcomes import Month
        from ...sim.table import columns

        meanings = columns(Month)
        return [(_(meanings[name].meaning), wording.number(self.world.outcome(name))) for name in SHOWN]

    def line(self, width: float, height: float) -> tuple[str, float]:
        """Return the outcome that is drawn over time as points of a line, and the largest value."""
        most = max([1.0, *self.drawn])
        across = width / max(len(self.world.policy.settings) - 1, 1)
        at = (f"{index * across:.1f},{height * (1 - value / most):.1f}" for index, value in enumerate(self.drawn))
        return " ".join(at), most

    def followed(self) -> list[tuple[str, str]]:
        """Return the state of the business that is followed, or of that of the person: word and value."""
        from ...sim.kinds import Ending, Trade
        from ...sim.world import Business, Person

        world, row = self.world, self.business
        if row < 0:
            mine = np.flatnonzero(world.column(Business, "person") == self.person)
            row = int(mine[-1]) if len(mine) and self.person < world.rows(Person) else -1
        if not 0 <= row < world.rows(Business):
            return []
        one = world.agent(Business, row)
        ending = Ending(int(one.ending))
        return [
            (_("Business"), str(row)),
            (_("Trade"), _(Trade(int(one.trade)).name.lower().replace("_", " "))),
            (_("Town"), _(world.policy.country.place_names[int(one.place)])),
            (_("State"), _("open") if ending == Ending.OPEN else _("closed")),
            (_("Months of trading"), wording.number(one.age)),
            (_("Profit this month"), f"{wording.number(one.takings)} {_('MAD 2016')}"),
            (_("Stock and tools"), f"{wording.number(one.capital)} {_('MAD 2016')}"),
            (_("Hardship borne, of what it can bear"), _share(one.wear, one.resilience)),
        ]

    @property
    def calendar(self) -> str:
        """The last month lived, in words."""
        return month(self.world.month - 1) if self.world.month else month(0)


def _share(part: float, whole: float) -> str:
    return wording.chance(part / whole) if whole > 0 else wording.MISSING


def begin(strategy: str, start: int, years: int, draw: int, replication: int, seed: int) -> Live:
    """Return a run that is not lived yet: what was done up to the start, the strategy from then on.

    Raises
    ------
    UserError
        As the command ``run`` would.
    """
    from ...scenarios.experiment import prepare
    from ...sim.policy import Policy
    from ...sim.world import World
    from ..cli_run import plan_of
    from ..options import Order
    from ..terminal import start_month

    if not start_month(f"{FIRST}-01") <= start < start_month(f"{LAST + 1}-01"):
        raise UserError("The first month: accepted {first} to {last}.", first=f"{FIRST}-01", last=f"{LAST}-12")
    from ...sim.policy import month_name

    if not (0 <= draw <= LAST_DRAW and 0 <= replication <= LAST_DRAW):
        found = f"{draw}, {replication}"
        raise UserError("Draw and replication: found {found}; accepted: 0 to {last}.", found=found, last=LAST_DRAW)
    order = Order("run", month_name(start), years, draw + 1, replication + 1, seed, None, False, False, "equal", False)
    plan = plan_of((strategy,), order)
    inputs = prepare(plan)
    policy = inputs.policies[plan.keys[0]]
    table = policy.settings.copy()
    table[:start] = inputs.past.settings[:start]
    world = World(inputs.params[draw], Policy(table, policy.country), seed, replication=replication, draw=draw)
    return Live(world, strategy, start, years, draw, replication, seed)
