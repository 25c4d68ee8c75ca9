"""Ordinary Mesa agents with the columns of the model's tables, and what each of them does in a month.

Agents point to one another as the tables do, by place in the world's lists.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, get_type_hints

import mesa

from idmaj.sim import records
from idmaj.sim.kinds import Account, Activity, Departure, Ending, File, Status, Track, Training
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
    Ending.JOINED_COOPERATIVE: "ended_joined",
    Ending.DISSOLVED: "ended_dissolved",
}
# As plain integers: an enumeration member makes the compiled luck find out its type at every call.
ASKS, TRADING = int(Stream.HOUSEHOLD_ASKS), int(Stream.TRADING)
WORK_SPELL, STARTS_ALONE = int(Stream.PERSON_WORK_SPELL), int(Stream.HOUSEHOLD_STARTS_ALONE)
DEPARTURE, COMMITTEE = int(Stream.HOUSEHOLD_DEPARTURE), int(Stream.COMMITTEE)
FORCED_REASON, JOB_KIND = int(Stream.BUSINESS_FORCED_REASON), int(Stream.BUSINESS_JOB_KIND)
NICHE_OF = int(Stream.PERSON_EASE_AND_NICHE)
STOPPED, OFFER = int(Stream.PERSON_STOPPED), int(Stream.PERSON_OFFER)


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
            rules.set_aid(self, self.family, world.params)
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
        if self.business >= 0 and world.businesses[self.business].cooperative < 0:
            world.businesses[self.business].end(Ending.OWNER_LEFT)
        for person in self.members():
            person.file = File.CLOSED
            person.worker.activity = Activity.IDLE
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
        if self.ever_served and not world.now.eligibility_second_chance:
            eligible = False
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
            earned += 0.0 if worker.is_stopped() else worker.wage
            if min(worker.turns, worker.offer) <= world.month:
                worker.find_or_lose_work(self)
        if self.business >= 0:
            world.businesses[self.business].get_through(self, earned)
        else:
            rules.live_month(self, earned, -1.0, p)
            free = self.workers()[0].activity in {Activity.IDLE, Activity.CASUAL_WORK}
            if free and rules.start_alone(self, p):
                self.begin_alone()

    def be_served(self) -> None:
        """Count as a household for which the programme did something."""
        if not self.ever_served:
            self.ever_served = 1
            self.model.served[self.place][self.origin] += self.adults

    def move(self, there: int) -> None:
        """Live elsewhere: other costs, other niches, other chances of work."""
        world, here = self.model, self.place
        old, new = world.places[here], world.places[there]
        before = [worker.hazards(old, world.now) for worker in self.workers()]
        world.crowd[here][self.origin] -= self.adults
        world.crowd[there][self.origin] += self.adults
        if self.ever_served:
            world.served[here][self.origin] -= self.adults
            world.served[there][self.origin] += self.adults
        self.basic_cost *= new.cost_factor / old.cost_factor
        self.place = there
        for person, hazards in zip(self.members(), before, strict=True):
            person.worker.stretch(hazards, person.worker.hazards(new, world.now))
            person.settle_in(new)

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

    def hazards(self, place: Place, now: Any, activity: int | None = None) -> tuple[float, float]:
        """Return the hazards that a spell ends by itself, and with an offer of formal work."""
        rules, p = self.model.rules, self.model.params
        doing = self.activity if activity is None else activity
        offers = rules.offer_hazard(doing, self.employable, place.work_factor, now, p)
        return rules.work_hazard(doing, self.ease, place.work_factor, now, p), offers

    def stretch(self, before: tuple[float, float], after: tuple[float, float]) -> None:
        """Let what is left of a spell last longer or shorter with its hazards; a first chance of offers is dealt."""
        world, rules, since = self.model, self.model.rules, self.model.month - 1.0
        self.turns = rules.stretch(self.turns, since, before[0], after[0])
        if before[1] > 0.0:
            self.offer = rules.stretch(self.offer, since, before[1], after[1])
        else:
            dealt = uniforms(world.luck, self.page, OFFER, world.month, self.work_spells)[0]
            self.offer = since + rules.spell_months(exponential(dealt), after[1])

    def is_stopped(self) -> bool:
        """Say whether a shock keeps it from earning this month; formal work, courses and their pay go on."""
        share = self.model.now.shock_earners_stopped
        going_on = {Activity.FORMAL_WORK, Activity.TRAINING, Activity.COOPERATIVE}
        if share <= 0.0 or self.activity in going_on:
            return False
        return fates(self.model.luck, self.page, STOPPED)[0] < share

    def find_or_lose_work(self, household: Household) -> None:
        """Take up next month what came first: the spell's own end, or an offer of formal work."""
        month = self.model.month
        next_one = Activity.CASUAL_WORK if self.activity == Activity.IDLE else Activity.IDLE
        if self.offer <= month and self.offer <= self.turns:
            next_one = Activity.FORMAL_WORK
        self.turn_to(next_one, household, month + 1)

    def turn_to(self, activity: int, household: Household, month: int) -> None:
        """Begin a spell of work, of search or of business, with fresh resilience; it counts from `month` on."""
        world, rules = self.model, self.model.rules
        dealt, offered = spell_fates(world.luck, self.page, WORK_SPELL, self.work_spells + 1)
        ends, offers = self.hazards(world.places[household.place], world.now, activity)
        turns = month - 1 + rules.spell_months(exponential(dealt), ends)
        offer = month - 1 + rules.spell_months(exponential(offered), offers)
        pay = rules.wage(activity, world.now.training_stipend_mad, world.params)
        rules.turn(self, activity, pay, turns, offer)


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
        self.be_oriented()
        need_luck, promise_luck = spell_fates(world.luck, self.worker.page, COMMITTEE, self.applications)
        self.need_error = normal(need_luck)
        self.promise_error = normal(promise_luck)
        household.in_contact += 1

    def be_oriented(self) -> None:
        """Be oriented to a project, to the job desk or to a cooperative, and to a course if less-trained."""
        rules, now = self.model.rules, self.model.now
        self.track = Track.PROJECT
        if rules.oriented_to_job(self, now):
            self.track = Track.JOB
        elif rules.would_join(self, now):
            self.track = Track.COOPERATIVE
        if self.training in {Training.NOT_NEEDED, Training.NEEDED}:
            self.training = Training.NEEDED if rules.less_trained(self, now) else Training.NOT_NEEDED

    def home(self) -> Household:
        return self.model.households[self.household]

    def is_here(self) -> bool:
        return self.home().family.departure == Departure.PRESENT

    def close_file(self) -> None:
        """Be free to apply again."""
        self.file = File.CLOSED
        self.home().ask_anew()

    def withdraw(self) -> None:
        """Be in the programme's hands no more, and free to apply again."""
        self.home().in_contact -= 1
        self.close_file()

    def settle_in(self, place: Place) -> None:
        """Find the niche of its trade in which it would sell."""
        where = fates(self.model.luck, self.worker.page, NICHE_OF)[1]
        self.niche = place.first_niche + self.trade * place.niches_per_trade + below(where, place.niches_per_trade)


class Business(Columned):
    """An income-generating activity."""

    __slots__ = tuple(columns(records.Business))
    BLANK = blank(records.Business)

    def receive_tranche(self) -> None:
        world = self.model
        world.books.pay(Account.GRANT, self.tranche)
        world.rules.receive_part(self)
        world.desk.committed -= self.tranche

    def meet_luck(self) -> None:
        """Have a good or a bad month, which members pool, and an owner who is well or ill."""
        world, rules, p = self.model, self.model.rules, self.model.params
        chance, health = uniforms(world.luck, self.page, TRADING, world.month, self.spell)
        spread = p.own_shock_sd / math.sqrt(self.hands)
        self.shock = rules.next_shock(self.shock, p.own_shock_rho, spread, normal(chance))
        rules.fall_ill(self, world.persons[self.person].health, health, p)

    def earn(self) -> None:
        world = self.model
        world.rules.trade_month(self, world.places[self.place], world.niches[self.niche], world.params)
        if world.workers[self.person].is_stopped():
            self.takings = 0.0

    def get_through(self, household: Household, earned: float) -> None:
        """Feed the household, meet the month's risks, and end if one of them was too much."""
        rules, p = self.model.rules, self.model.params
        owned = -1.0 if self.hands > 1.0 else self.capital  # nobody draws on what members own together
        self.capital += rules.live_month(household, earned + self.takings / self.hands, owned, p)
        rules.survive_month(self, rules.margin(household), p)
        rules.insolvent_month(self, p)
        rules.risk_force(self, household.permit(), household.family.legal_help == 1, p)
        rules.hear_of_work(self, *self.outside_work(), p)
        self.age += 1
        if self.cooperative < 0:
            self.meet_end()

    def outside_work(self) -> tuple[float, float]:
        """Return its owner's hazards of finding casual and formal work, were it to search."""
        world = self.model
        return world.workers[self.person].hazards(world.places[self.place], world.now, Activity.IDLE)

    def meet_end(self) -> None:
        """End, if one of the month's risks was too much."""
        world, rules = self.model, self.model.rules
        how = rules.ending(self)
        if how == Ending.OPEN:
            return
        if how == Ending.FORCED_CLOSURE:
            why = spell_fates(world.luck, self.page, FORCED_REASON, self.spell)[0]
            self.reason = rules.forced_reason(why, world.households[self.household].permit())
        if how == Ending.TOOK_JOB:
            kind = spell_fates(world.luck, self.page, JOB_KIND, self.spell)[0]
            self.formal_job = int(kind < rules.formal_share(self, *self.outside_work(), world.params))
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
        if self.incubator >= 0:
            world.incubators[self.incubator].tenants -= 1
            self.incubator = -1
        if self.cooperative >= 0:
            world.cooperatives[self.cooperative].part_ways()
        activity = Activity.IDLE
        if how == Ending.TOOK_JOB:
            activity = Activity.FORMAL_WORK if self.formal_job else Activity.CASUAL_WORK
        world.workers[self.person].turn_to(activity, household, world.month + 1)
        if self.second_owner >= 0:
            world.workers[self.second_owner].turn_to(Activity.IDLE, household, world.month + 1)
