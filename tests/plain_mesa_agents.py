"""Ordinary Mesa agents with the columns of the model's tables, and what each of them does in a month.

Agents point to one another as the tables do, by place in the world's lists.
"""

from __future__ import annotations

from typing import Any, ClassVar, get_type_hints

import mesa

from idmaj.sim import records
from idmaj.sim.kinds import Account, Activity, Departure, Ending, File, Status
from idmaj.sim.luck import Stream, exponential, fates, normal, spell_fates, uniforms
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
ASKS, TRADING = int(Stream.PERSON_ASKS), int(Stream.TRADING)
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
    """One to three adults and their dependants, with one purse."""

    __slots__ = tuple(columns(records.Household))
    BLANK = blank(records.Household)

    def size(self) -> int:
        return self.adults + self.dependants

    def members(self) -> list[Person]:
        return self.model.persons[self.first_person : self.first_person + self.adults]

    def stays(self) -> bool:
        """Be recognised or leave, if it is time; say whether the household is still there."""
        world, rules = self.model, self.model.rules
        first = self.origin * 2
        if self.status == Status.ASYLUM_SEEKER and rules.recognise_month(self, world.flows[first], world.month):
            world.stock[self.origin][Status.ASYLUM_SEEKER] -= self.size()
            world.stock[self.origin][Status.REFUGEE] += self.size()
        pull = world.pulls[first + self.status]
        if not rules.leave_month(self, pull, world.params):
            return True
        self.go(pull)
        return False

    def go(self, pull: Any) -> None:
        world = self.model
        first, second = fates(world.luck, self.page, DEPARTURE)
        self.departure = world.rules.departure(self, pull, first, second, world.params)
        self.left = world.month
        world.stock[self.origin][self.status] -= self.size()
        world.crowd[self.place][self.origin] -= self.adults
        if self.ever_served:
            world.served[self.place][self.origin] -= self.adults
        if self.business >= 0:
            world.businesses[self.business].end(Ending.OWNER_LEFT)
        for person in self.members():
            person.file = File.CLOSED
        cause = CAUSES[self.departure]
        setattr(world.outcome, cause, getattr(world.outcome, cause) + self.size())

    def permit(self) -> bool:
        """Say whether the household holds a permit this month."""
        world = self.model
        return world.rules.has_permit(self, world.permit_share[world.year_row(world.month)][self.origin])

    def considers_asking(self, known_by: list[list[float]]) -> bool:
        """Let the adults come to the programme's desk one after the other, until one applies; it stays in any case."""
        world, rules = self.model, self.model.rules
        eligible = self.status == Status.REFUGEE or world.now.eligibility_asylum_seekers == 1
        if not rules.may_ask(self, eligible, world.params):
            return True
        known = known_by[self.place][self.origin]
        for row in range(self.first_person, self.first_person + self.adults):
            person = world.persons[row]
            if rules.ask_month(person, known, world.now, world.params):
                world.desk.take_file(row)
                person.apply(self)
                break
        return True

    def live(self) -> None:
        world, rules, p = self.model, self.model.rules, self.model.params
        earned = 0.0
        for person in self.members():
            earned += person.wage
            if rules.work_month(person):
                working = person.activity == Activity.CASUAL_WORK
                person.turn_to(Activity.IDLE if working else Activity.CASUAL_WORK)
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
        self.start_left = exponential(spell_fates(world.luck, self.page, STARTS_ALONE, spell)[0])


class Person(Columned):
    """An adult."""

    __slots__ = tuple(columns(records.Person))
    BLANK = blank(records.Person)

    def turn_to(self, activity: int) -> None:
        """Begin a spell of work, of search or of business, with fresh resilience."""
        world, rules, p = self.model, self.model.rules, self.model.params
        luck = spell_fates(world.luck, self.page, WORK_SPELL, self.work_spells + 1)[0]
        work_factor = world.places[world.households[self.household].place].work_factor
        hazard = rules.work_hazard(activity, self.ease, work_factor, p)
        rules.turn(self, activity, hazard, exponential(luck), p)

    def apply(self, household: Household) -> None:
        """Open a file, with the errors the committee will make about it."""
        world, rules, p = self.model, self.model.rules, self.model.params
        self.file = File.WAITING
        self.applied = world.month
        self.applications += 1
        self.need = rules.need(household, self, household.permit(), p)
        self.promise = rules.promise(self, p)
        need_luck, promise_luck = spell_fates(world.luck, self.page, COMMITTEE, self.applications)
        self.need_error = normal(need_luck)
        self.promise_error = normal(promise_luck)
        household.in_contact += 1

    def close_file(self) -> None:
        """Be free to apply again, with a resilience of its own."""
        self.file = File.CLOSED
        self.ask_left = exponential(spell_fates(self.model.luck, self.page, ASKS, self.applications)[0])


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
        owner = world.persons[self.person]
        self.capital += rules.live_month(household, earned + self.takings, self.capital, p)
        permit = household.permit()
        rules.survive_month(self, rules.margin(household, p), p)
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
        world.households[self.household].business = -1
        owner = world.persons[self.person]
        if self.assisted:
            owner.close_file()
            setattr(world.outcome, ENDINGS[how], getattr(world.outcome, ENDINGS[how]) + 1)
        owner.turn_to(Activity.CASUAL_WORK if how == Ending.TOOK_JOB else Activity.IDLE)
        if self.second_owner >= 0:
            world.persons[self.second_owner].turn_to(Activity.IDLE)
