"""The whole month once more, on ordinary Mesa agents: the oracle that the model must agree with to the byte.

It shares with the model what is declared (records, kinds, levers, numbers), the rules, the luck, and the tables of
expected flows. The order of a month, who meets whom, what is dealt to whom and every sum is written here anew.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import mesa
import numpy as np
import plain_mesa_births as births
from plain_mesa_agents import Business, Family, Household, Niche, Person, Place, Worker, blank
from plain_mesa_books import Books, Partner
from plain_mesa_coops import Cooperative, Cooperatives
from plain_mesa_desk import Desk
from plain_mesa_places import Branches, Countryside, trade
from plain_mesa_programme import Incubator, JobDesk, Rooms, School, Sisters
from plain_mesa_rules import plain_rules

from idmaj.sim import records
from idmaj.sim.kinds import Activity, Ending, Origin, Status
from idmaj.sim.luck import Luck
from idmaj.sim.outcomes import Month
from idmaj.sim.policy import Policy
from idmaj.sim.population import flow_table, household_size
from idmaj.sim.table import Record, columns, dtype_of

RECORDS: dict[str, type[Record]] = {
    "households": records.Household,
    "families": records.Family,
    "persons": records.Person,
    "workers": records.Worker,
    "businesses": records.Business,
    "niches": records.Niche,
    "places": records.Place,
    "cooperatives": records.Cooperative,
    "incubators": records.Incubator,
    "partner": records.Partner,
}
MESAS_OWN = {"model", "unique_id", "pos"}


class Plain:
    """One row of a table as an ordinary object, with ordinary Python numbers."""

    def __init__(self, row: Any) -> None:
        vars(self).update({name: row[name].item() for name in row.dtype.names})


class Outcome:
    """The outcomes of one month, zero until something happens."""

    __slots__ = tuple(columns(Month))
    BLANK = blank(Month)

    def __init__(self) -> None:
        for name, zero in self.BLANK:
            setattr(self, name, zero)


class Pull:
    """What the households of one flow weigh in departures."""

    __slots__ = tuple(columns(records.Pull))

    def __init__(self) -> None:
        self.persons = self.weight = self.out_of_touch = self.leave = self.excess = 0.0


class PlainWorld(mesa.Model):
    """A country, its refugees and the programme, lived through month by month with `live_month`."""

    def __init__(
        self, params: Any, policy: Policy, luck: Luck, months: int, watch: Callable[[str], None] | None = None
    ) -> None:
        super().__init__(rng=0)
        row = np.atleast_1d(np.asarray(params)).view(np.recarray)[0]
        country = policy.country
        self.params, self.luck, self.rules = Plain(row), luck.key(), plain_rules(watch)
        self.settings = [Plain(policy.settings[month]) for month in range(months)]
        flows = flow_table(country, row, policy.settings["arrivals_factor"][:months])
        self.flows_by_month = [[Plain(flow) for flow in of_month] for of_month in flows]
        self.flow_count = len(Origin) * len(Status)
        adults, non_adults = household_size(row, country)
        self.adults, self.non_adults = adults.tolist(), non_adults.tolist()
        self.arrival_share = country.arrival_share.tolist()
        self.permit_share = country.permit_share.tolist()
        self.women_share = country.women_share.tolist()
        self.chance_of_partner = chance_of_partner(self.adults[Status.REFUGEE], self.params.refugees_per_project)
        self.month = 0
        self.households: list[Household] = []
        self.families: list[Family] = []
        self.persons: list[Person] = []
        self.workers: list[Worker] = []
        self.businesses: list[Business] = []
        self.niches: list[Niche] = []
        self.places = [new_place(self, place) for place in country.places]
        self.cooperatives: list[Cooperative] = []
        self.incubators = [Incubator(self) for _ in self.places]
        self.partner = Partner(self)
        self.present: list[Household] = []
        self.trading: list[Business] = []
        self.watched: list[Business] = []
        self.arrived = [0] * self.flow_count
        self.crowd = [[0.0] * len(Origin) for _ in self.places]
        self.served = [[0.0] * len(Origin) for _ in self.places]
        self.pulls = [Pull() for _ in range(self.flow_count)]
        self.stock = [[0.0] * len(Status) for _ in Origin]
        self.books, self.desk, self.branches, self.countryside = (
            Books(self),
            Desk(self),
            Branches(self),
            Countryside(self),
        )
        self.school, self.job_desk, self.rooms = School(self), JobDesk(self), Rooms(self)
        self.coops, self.sisters = Cooperatives(self), Sisters(self)
        self.beside_budget = self.paid_beside_budget(policy)
        self.now = self.settings[0]
        self.outcomes: list[Outcome] = []
        self.stocks: list[list[list[float]]] = []
        births.deal_niches(self)
        births.deal_partner(self)
        births.settle_first(self, country.stocks[0].tolist())

    def year_row(self, month: int) -> int:
        """Return the row of a yearly table that holds a month; the last year goes on."""
        return min(max(month, 0) // 12, len(self.arrival_share) - 1)

    def open_business(self, person_row: int, month: int, assisted: bool) -> Business:
        return births.open_business(self, person_row, month, assisted)

    def live_month(self) -> None:
        """Live one month. Shared quantities are counted before anybody acts on them."""
        self.now = self.settings[self.month]
        self.flows = self.flows_by_month[self.month]
        self.outcome = Outcome()
        self.outcomes.append(self.outcome)
        books, desk, sisters = self.books, self.desk, self.sisters
        self.reckon()
        births.arrive(self)
        if self.flows[0].known:
            self.weigh_departures()
        for pull, flow in zip(self.pulls, self.flows, strict=True):
            self.rules.set_hazards(pull, flow)
        known = self.look_around()
        self.present = [one for one in self.present if one.stays() and one.considers_asking(known)]
        self.coops.lose_members()
        self.trading = [business for business in self.trading if business.ending == Ending.OPEN]
        books.open()
        self.branches.follow()
        books.pay_fixed_costs()
        self.countryside.pay_carriers()
        desk.rank_need()
        sisters.aid()
        desk.waiting = [row for row in desk.waiting if desk.still_waits(row)]
        self.school.attend()
        desk.choose()
        desk.start()
        self.coops.found()
        self.coops.register()
        self.rooms.let()
        desk.pay_tranches()
        desk.reinforce()
        sisters.assist()
        desk.advise()
        for business in self.trading:
            business.meet_luck()
        sisters.treat()
        trade(self)
        self.coops.share_out()
        for household in self.present:
            household.live()
            self.record_household(household)
        self.job_desk.place_seekers()
        self.coops.renew()
        self.evaluate()
        self.record_projects()
        self.record_people()
        self.stocks.append([list(by_status) for by_status in self.stock])
        self.month += 1

    def paid_beside_budget(self, policy: Policy) -> list[float]:
        """Return what funders pay beside the budget, by month: what is planned more than under the baseline."""
        if policy.baseline is None:
            return [0.0] * len(self.settings)
        cost, p = self.rules.planned_cost, self.params
        before = [cost(Plain(policy.baseline[month]), p) for month in range(len(self.settings))]
        more = [max(0.0, cost(now, p) - was) for now, was in zip(self.settings, before, strict=True)]
        return [amount * (1.0 + p.overhead) for amount in more]

    def reckon(self) -> None:
        """Where permits, the law or a shock change the chances of work, let spells last longer or shorter."""
        if self.month == 0:
            return
        before = self.settings[self.month - 1]
        factors = ("law_formal_work", "shock_formal_factor", "shock_finding_factor", "shock_losing_factor")
        permits = [self.permit_share[self.year_row(month)] for month in (self.month - 1, self.month)]
        if permits[0] == permits[1] and all(getattr(self.now, name) == getattr(before, name) for name in factors):
            return
        for household in self.present:
            permit, place = household.permit(), self.places[household.place]
            for person in household.members():
                worker = person.worker
                hazards = worker.hazards(place, before)
                self.rules.see_employer(worker, person, permit, self.params)
                worker.stretch(hazards, worker.hazards(place, self.now))

    def weigh_departures(self) -> None:
        """Count what the households of each flow weigh in departures; sums run in the order in which they arrived."""
        for pull in self.pulls:
            self.rules.clear(pull)
        for household in self.present:
            self.rules.weigh(self.pulls[household.origin * 2 + household.status], household, self.params)

    def look_around(self) -> list[list[float]]:
        """Return how well the programme is known, by town and origin, counted before anybody acts."""
        rules, p = self.rules, self.params
        known = []
        for place, served, crowd in zip(self.places, self.served, self.crowd, strict=True):
            near = rules.reach(place, p)
            known.append([near * rules.word_of_mouth(s, c, p) for s, c in zip(served, crowd, strict=True)])
        return known

    def evaluate(self) -> None:
        """Let the evaluator visit; projects found closed or lost are not visited again."""
        if self.month > 0:
            self.outcome.lost_to_follow_up = self.outcomes[-2].lost_to_follow_up
        still = []
        for business in self.watched:
            if self.rules.visit_due(business, self.month, self.now):
                family, place = self.families[business.household], self.places[business.place]
                self.rules.visit(business, family, place, self.month, self.now, self.params)
            if business.lost >= 0:
                self.outcome.lost_to_follow_up += 1
            elif business.seen_ended < 0:
                still.append(business)
        self.watched = still

    def record_projects(self) -> None:
        """Write down how many businesses are open; sums run in the order in which they opened."""
        outcome = self.outcome
        profit = 0.0
        for business in self.trading:
            if business.ending != Ending.OPEN:
                continue
            if business.assisted:
                outcome.live_businesses += 1
                outcome.rural_projects += self.places[business.place].rural
                outcome.jobs_gross += business.hands + (business.second_owner >= 0)
                outcome.capital += business.capital
                profit += business.takings
            else:
                outcome.live_unassisted += 1
        financed = max(self.desk.financed, 1)
        outcome.profit = profit / max(outcome.live_businesses, 1.0)
        outcome.active_share = len(self.watched) / financed
        outcome.active_share_true = outcome.live_businesses / financed
        outcome.waiting = len(self.desk.waiting)
        outcome.in_formal_work = len(self.formal_workers())
        outcome.placed_at_work = sum(worker.placed for worker in self.formal_workers())
        outcome.jobs_gross += outcome.placed_at_work

    def formal_workers(self) -> list[Worker]:
        return [worker for worker in self.workers if worker.activity == Activity.FORMAL_WORK]

    def record_household(self, household: Household) -> None:
        """Write down how a household lives at the end of its month."""
        outcome = self.outcome
        if household.status == Status.REFUGEE:
            outcome.refugee_households += 1
            outcome.heads_working += self.workers[household.first_person].activity != Activity.IDLE
        if household.ever_served:
            outcome.served_households += 1
            outcome.income_served += household.mean_income
            outcome.self_reliant_households += self.rules.self_reliant(household)

    def record_people(self) -> None:
        """Write down who is present, and means over households."""
        outcome = self.outcome
        for household in self.present:
            outcome.adults_present += household.adults
            outcome.persons_present += household.persons
        outcome.heads_at_work = outcome.heads_working / max(outcome.refugee_households, 1.0)
        outcome.income_served /= max(outcome.served_households, 1.0)


def chance_of_partner(adults: float, per_project: float) -> float:
    """Return the chance that a household of several adults runs a project with two owners."""
    further = (adults - 1.0) / 2.0
    several = 1.0 - (1.0 - further) * (1.0 - further)
    return min(1.0, (per_project - 1.0) / max(several, 1e-6))


def new_place(world: PlainWorld, row: Any) -> Place:
    place = Place(world)
    for name, _ in Place.BLANK:
        setattr(place, name, row[name].item())
    return place


def run_plain(
    params: Any, policy: Policy, luck: Luck, months: int, watch: Callable[[str], None] | None = None
) -> PlainWorld:
    """Live through the months from January 2007 on; the same arguments as `idmaj.sim.simulate`.

    `watch` is told the `noun.name` of every rule that is called.
    """
    world = PlainWorld(params, policy, luck, months, watch)
    for _ in range(months):
        world.live_month()
    return world


def tables(world: PlainWorld) -> dict[str, np.ndarray[Any, Any]]:
    """Return a world's agents, counts, outcomes, stocks and ledger in the form of the model's tables."""
    found: dict[str, np.ndarray[Any, Any]] = {}
    for name, record in RECORDS.items():
        agents = [world.partner] if name == "partner" else getattr(world, name)
        for agent in agents:
            assert vars(agent).keys() == MESAS_OWN, f"{agent} has attributes that are no column: {vars(agent)}"
        found[name] = as_table(agents, record)
    found["tally"] = as_table([tally(world)], records.Tally)
    found["monthly"] = as_table(world.outcomes, Month)
    found["stocks"] = np.array(world.stocks)
    found["money"] = np.array(world.books.months)
    return found


def tally(world: PlainWorld) -> Any:
    """Return how many agents are in each list, and the running counts of who acts for the programme."""
    counts = {name: getattr(world.desk, name, None) for name in columns(records.Tally)}
    for name in ("households", "persons", "businesses", "present", "watched", "cooperatives"):
        counts[name] = len(getattr(world, name))
    for name in ("waiting", "starting", "recent"):
        counts[name] = len(getattr(world.desk, name))
    counts["running"] = len(world.trading)
    counts["trainees"], counts["aided"] = len(world.school.trainees), len(world.sisters.aided)
    counts["members"] = sum(len(cooperative.roll) for cooperative in world.cooperatives)
    counts["founding_credit"], counts["coordinators_paid"] = world.coops.credit, world.coops.coordinators_paid
    counts["placement_credit"], counts["brokers_paid"] = world.job_desk.credit, world.job_desk.brokers_paid
    counts["formal"] = len(world.formal_workers())
    counts["placed"] = sum(worker.placed for worker in world.formal_workers())
    counts["carriers_paid"], counts["rooms_paid"] = world.countryside.carriers_paid, world.rooms.paid
    return SimpleNamespace(**counts)


def as_table(rows: list[Any], record: type[Record]) -> np.recarray[Any, Any]:
    """Return objects as a table of a record. A fraction in a column of whole numbers is refused, not cut off."""
    dtype = dtype_of(record)
    values = [tuple(getattr(row, name) for name in dtype.names) for row in rows]
    whole = [place for place, name in enumerate(dtype.names) if dtype[name].kind == "i"]
    assert all(isinstance(value[place], int) for value in values for place in whole)
    return np.array(values, dtype).view(np.recarray)
