"""Ordinary Mesa agents with the columns of the model's tables, and what each of them does in a month.

Agents point to one another as the tables do, by place in the world's lists.
"""

from __future__ import annotations

from typing import Any, ClassVar, get_type_hints

import mesa

from idmaj.sim import records
from idmaj.sim.kinds import Account, Activity, Departure, Ending, File, Status
from idmaj.sim.luck import Stream, below, exponential, fates, normal, spell_fates, uniforms
from idmaj.sim.table import Record, columns

CAUSES = {
    Departure.RESETTLED: "persons_resettled",
    Departure.RETURNED: "persons_returned",
    Departure.ONWARD: "persons_onward",
    Departure.FILE_CLOSED: "persons_file_closed",
}
ENDINGS = {
    Ending.FAILED: "ended_failed",
    Ending.INSOLVENT: "ended_insolvent",
    Ending.FORCED_CLOSURE: "ended_forced",
    Ending.OWNER_LEFT: "ended_left",
    Ending.TOOK_JOB: "ended_job",
}
# As plain integers: an enumeration member makes the compiled luck find out its type at every call.
ASKS, TRADING = int(Stream.HOUSEHOLD_ASKS), int(Stream.TRADING)
WORK_SPELL, STARTS_ALONE = int(Stream.PERSON_WORK_SPELL), int(Stream.HOUSEHOLD_STARTS_ALONE)
DEPARTURE, COMMITTEE = int(Stream.HOUSEHOLD_DEPARTURE), int(Stream.COMMITTEE)
FORCED_REASON = int(Stream.BUSINESS_FORCED_REASON)


def blank(record: type[Record]) -> tuple[tuple[str, Any], ...]:
    """Return every column of a record with the zero of its type."""
    return tuple((name, hint()) for name, hint in get_type_hints(record).items())


class Columned(mesa.Agent):
    """A Mesa agent that starts with every column at zero. Mesa's own attributes are the only others."""

    __slots__ = ()
    BLANK: ClassVar[tuple[tuple[str, Any], ...]] = ()

    def __init__(self, model: mesa.Model) -> None:
        super().__init__(model)
        for name, zero in self.BLANK:
            setattr(self, name, zero)


class Niche(Columned):
    """A neighbourhood, a trade and a clientele."""

    __slots__ = tuple(columns(records.Niche))
    BLANK = blank(records.Niche)


class Place(Columned):
    """A town."""

    __slots__ = tuple(columns(records.Place))
    BLANK = blank(records.Place)


class Household(Columned):
    """One to three adults and their dependants, with one purse; `family` says who they are."""

    __slots__ = (*columns(records.Household), "family")
    BLANK = blank(records.Household)

    def members(self) -> list[Person]:
        return self.model.persons[self.first_person : self.first_person + self.adults]

    def workers(self) -> list[Worker]:
        return self.model.workers[self.first_person : self.first_person + self.adults]

    def stays(self) -> bool:
        """Be recognised or leave, if it is time; say whether the household is still there."""
        world, rules = self.model, self.model.rules
        first = self.origin * 2
        if self.status == Status.ASYLUM_SEEKER and rules.recognise_month(self, world.flows[first]):
            self.family.recognised = world.month
            self.aid = rules.cash_aid(self.status, self.family.aid_rank, world.params)
            world.stock[self.origin][Status.ASYLUM_SEEKER] -= self.persons
            world.stock[self.origin][Status.REFUGEE] += self.persons
        pull = world.pulls[first + self.status]
        if not rules.leave_month(self, pull, world.params):
            return True
        self.go(pull)
        return False

    def go(self, pull: Any) -> None:
        world = self.model
        first, second = fates(world.luck, self.family.page, DEPARTURE)
        self.family.departure = world.rules.departure(self, pull, first, second, world.params)
        self.family.left = world.month
        world.stock[self.origin][self.status] -= self.persons
        world.crowd[self.place][self.origin] -= self.adults
        if self.ever_served:
            world.served[self.place][self.origin] -= self.adults
        if self.business >= 0:
            world.businesses[self.business].end(Ending.OWNER_LEFT)
        for person in self.members():
            person.file = File.CLOSED
        cause = CAUSES[self.family.departure]
        setattr(world.outcome, cause, getattr(world.outcome, cause) + self.persons)

    def permit(self) -> bool:
        """Say whether the household holds a permit this month."""
        world = self.model
        return world.rules.has_permit(self.family, world.permit_share[world.year_row(world.month)][self.origin])

    def considers_asking(self, known_by: list[list[float]]) -> bool:
        """Let one of the adults come to the programme's desk, if it is time; say that the household stays."""
        world, rules = self.model, self.model.rules
        eligible = self.status == Status.REFUGEE or world.now.eligibility_asylum_seekers == 1
        if not rules.may_ask(self, eligible, world.params):
            return True
        if rules.ask_month(self, known_by[self.place][self.origin], world.now, world.params):
            who = spell_fates(world.luck, self.family.page, ASKS, self.family.applications)[1]
            row = self.first_person + below(who, self.adults)
            world.desk.take_file(row)
            world.persons[row].apply(self)
        return True

    def ask_anew(self) -> None:
        """Be dealt what it bears until one of its adults applies, and count who may."""
        world, rules = self.model, self.model.rules
        luck = spell_fates(world.luck, self.family.page, ASKS, self.family.applications)[0]
        self.ask_left = exponential(luck)
        self.askers = 0.0
        for person in self.members():
            self.askers += rules.asker(person, world.params)

    def live(self) -> None:
        world, rules, p = self.model, self.model.rules, self.model.params
        earned = 0.0
        for worker in self.workers():
            earned += worker.wage
            if worker.turns <= world.month:
                working = worker.activity == Activity.CASUAL_WORK
                worker.turn_to(Activity.IDLE if working else Activity.CASUAL_WORK, self, world.month + 1)
        if self.business >= 0:
            world.businesses[self.business].get_through(self, earned)
        else:
            rules.live_month(self, earned, -1.0, p)
            if rules.start_alone(self, p):
                self.begin_alone()

    def begin_alone(self) -> None:
        """Put all savings into a business that trades from next month on."""
        world = self.model
        business = world.open_business(self.first_person, world.month + 1, assisted=False)
        business.capital += self.purse
        self.purse = 0.0
        spell = world.persons[self.first_person].businesses
        self.start_left = exponential(spell_fates(world.luck, self.family.page, STARTS_ALONE, spell)[0])


class Family(Columned):
    """Who a household is."""

    __slots__ = tuple(columns(records.Family))
    BLANK = blank(records.Family)


class Worker(Columned):
    """How an adult earns."""

    __slots__ = tuple(columns(records.Worker))
    BLANK = blank(records.Worker)

    def turn_to(self, activity: int, household: Household, month: int) -> None:
        """Begin a spell of work, of search or of business, with fresh resilience; it counts from `month` on."""
        world, rules, p = self.model, self.model.rules, self.model.params
        luck = spell_fates(world.luck, self.page, WORK_SPELL, self.work_spells + 1)[0]
        hazard = rules.work_hazard(activity, self.ease, world.places[household.place].work_factor, p)
        rules.turn(self, activity, month - 1 + rules.spell_months(exponential(luck), hazard), p)


class Person(Columned):
    """An adult; `worker` says how it earns."""

    __slots__ = (*columns(records.Person), "worker")
    BLANK = blank(records.Person)

    def apply(self, household: Household) -> None:
        """Open a file, with the errors the committee will make about it."""
        world, rules, p = self.model, self.model.rules, self.model.params
        self.file = File.WAITING
        self.applied = world.month
        self.applications += 1
        household.family.applications += 1
        self.need = rules.need(household, household.family, self, household.permit(), p)
        self.promise = rules.promise(self, p)
        need_luck, promise_luck = spell_fates(world.luck, self.worker.page, COMMITTEE, self.applications)
        self.need_error = normal(need_luck)
        self.promise_error = normal(promise_luck)
        household.in_contact += 1

    def close_file(self) -> None:
        """Be free to apply again."""
        self.file = File.CLOSED
        self.model.households[self.household].ask_anew()


class Business(Columned):
    """An income-generating activity."""

    __slots__ = tuple(columns(records.Business))
    BLANK = blank(records.Business)

    def receive_tranche(self) -> None:
        world = self.model
        world.books.pay(Account.GRANT, self.tranche)
        world.rules.receive_part(self)
        world.desk.committed -= self.tranche

    def earn(self) -> None:
        world, rules, p = self.model, self.model.rules, self.model.params
        chance = normal(uniforms(world.luck, self.page, TRADING, world.month, self.spell)[0])
        self.shock = rules.next_shock(self.shock, p.own_shock_rho, p.own_shock_sd, chance)
        rules.trade_month(self, world.places[self.place], world.niches[self.niche], p)

    def get_through(self, household: Household, earned: float) -> None:
        """Feed the household, meet the month's risks, and end if one of them was too much."""
        world, rules, p = self.model, self.model.rules, self.model.params
        owner = world.workers[self.person]
        self.capital += rules.live_month(household, earned + self.takings, self.capital, p)
        permit = household.permit()
        rules.survive_month(self, rules.margin(household), p)
        rules.insolvent_month(self, p)
        rules.risk_force(self, permit, p)
        rules.hear_of_work(self, owner.ease * world.places[self.place].work_factor, p.casual_income, p)
        self.age += 1
        how = rules.ending(self)
        if how == Ending.OPEN:
            return
        if how == Ending.FORCED_CLOSURE:
            why = spell_fates(world.luck, self.page, FORCED_REASON, self.spell)[0]
            self.reason = rules.forced_reason(why, permit)
        self.end(how)

    def end(self, how: int) -> None:
        world = self.model
        if self.assisted and self.tranches_left > 0:
            world.desk.committed -= self.tranche * self.tranches_left
        world.rules.close(self, how, world.month)
        household = world.households[self.household]
        household.business = -1
        if self.assisted:
            world.persons[self.person].close_file()
            setattr(world.outcome, ENDINGS[how], getattr(world.outcome, ENDINGS[how]) + 1)
        activity = Activity.CASUAL_WORK if how == Ending.TOOK_JOB else Activity.IDLE
        world.workers[self.person].turn_to(activity, household, world.month + 1)
        if self.second_owner >= 0:
            world.workers[self.second_owner].turn_to(Activity.IDLE, household, world.month + 1)
