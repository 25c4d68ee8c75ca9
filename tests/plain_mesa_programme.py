"""What the programme offers beside grants, on ordinary objects: courses, jobs, rooms, and its sister components."""

from __future__ import annotations

from typing import Any

from plain_mesa_agents import Business, Columned, Family, Household, Person, blank

from idmaj.sim import records
from idmaj.sim.kinds import Account, Activity, Ending, File, Track, Training
from idmaj.sim.luck import Stream, spell_fates, uniforms
from idmaj.sim.table import columns

COURSE = int(Stream.PERSON_COURSE)
NEEDIEST = 4


class School:
    """Courses for the less-trained."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.trainees: list[Person] = []

    def attend(self) -> None:
        """End the courses that are over, then give free seats to those with the least skill."""
        world = self.world
        over = [one for one in self.trainees if one.training_ends <= world.month or not one.is_here()]
        self.trainees = [one for one in self.trainees if one not in over]
        for person in over:
            self.end_course(person)
        if world.now.training_seats >= 1.0:
            self.fill_seats()
        world.outcome.in_training = len(self.trainees)

    def end_course(self, person: Person) -> None:
        world, rules, worker = self.world, self.world.rules, person.worker
        if not person.is_here():
            person.drops_out = 1
        match = spell_fates(world.luck, worker.page, COURSE, person.applications)[1]
        rules.end_course(person, match < world.now.training_matched_share, world.params)
        if person.training == Training.DONE:
            world.outcome.trained += 1
            person.promise = rules.promise(person, world.params)
        else:
            world.outcome.dropped_out += 1
        if person.is_here() and worker.activity == Activity.TRAINING:
            worker.turn_to(Activity.IDLE, person.home(), world.month)

    def fill_seats(self) -> None:
        world, now = self.world, self.world.now
        waiting = [world.persons[row] for row in world.desk.waiting]
        asking = [
            one for one in waiting if one.training == Training.NEEDED and one.worker.activity != Activity.FORMAL_WORK
        ]
        asking.sort(key=lambda one: (one.trade_skill, one.lot))
        free = max(0, int(now.training_seats) - len(self.trainees))
        given = 0
        for person in asking[:free]:
            if not world.books.pay_if_afforded(Account.TRAINING, world.rules.course_cost(now, world.params)):
                break
            self.enrol(person)
            given += 1
        world.outcome.seats_unfilled = free - given

    def enrol(self, person: Person) -> None:
        world, worker = self.world, person.worker
        luck = spell_fates(world.luck, worker.page, COURSE, person.applications)[0]
        world.rules.begin_course(person, luck, world.month, world.now, world.params)
        worker.turn_to(Activity.TRAINING, person.home(), world.month)
        self.trainees.append(person)
        world.outcome.courses_begun += 1


class JobDesk:
    """Placements in formal work: by brokers, by a subsidy, and those a partner guarantees."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.credit = 0.0
        self.brokers_paid = 0.0

    def place_seekers(self) -> None:
        """Place those oriented to a job, the most employable first; the desk's own placements go first."""
        world, rules, p, now = self.world, self.world.rules, self.world.params, self.world.now
        own = rules.placements(self.brokers_paid, now, p)
        more = rules.subsidised(own, now, p)
        most = max(1.0, 3.0 * (own + more)) if own + more > 0.0 else 0.0
        self.credit = min(self.credit + own + more, most)
        self.let_partner_guarantee()
        by_desk = int(self.credit + 1e-9)
        wanted = by_desk + int(world.partner.jobs_credit + 1e-9)
        if wanted == 0:
            return
        share = more / (own + more) if own + more > 0.0 else 0.0
        done = 0
        for person in self.seekers()[:wanted]:
            supported = False
            if done < by_desk and now.jobs_subsidy_share > 0.0:
                if not world.books.pay_if_afforded(Account.SUBSIDY, rules.subsidy(now, p)):
                    break
                supported = uniforms(world.luck, person.worker.page, COURSE, world.month, 0)[0] < share
            self.place(person, supported)
            if done < by_desk:
                self.credit = max(0.0, self.credit - 1.0)
            else:
                world.partner.jobs_credit = max(0.0, world.partner.jobs_credit - 1.0)
            done += 1
        world.desk.strike()
        world.outcome.placed = done
        world.outcome.placements_unfilled = wanted - done

    def let_partner_guarantee(self) -> None:
        world, partner, now = self.world, self.world.partner, self.world.now
        earned = partner.jobs_credit + world.rules.guaranteed(partner, now)
        partner.jobs_credit = min(earned, 1.0 + now.partner_jobs_per_year / 4.0)
        if partner.weight <= 0.0:
            partner.jobs_credit = 0.0

    def seekers(self) -> list[Person]:
        """Return those who wait for a job and are free to take one, the most employable first."""
        persons = [self.world.persons[row] for row in self.world.desk.waiting]
        seekers = [one for one in persons if one.track == Track.JOB and one.file == File.WAITING]
        seekers = [one for one in seekers if one.worker.activity in {Activity.IDLE, Activity.CASUAL_WORK}]
        return sorted(seekers, key=lambda one: (-one.worker.employable, one.lot))

    def place(self, person: Person, supported: bool) -> None:
        world, worker = self.world, person.worker
        worker.turn_to(Activity.FORMAL_WORK, person.home(), world.month + 1)
        worker.placed = 1
        if supported:
            worker.turns = min(worker.turns, world.month + world.now.jobs_subsidy_months)
        person.withdraw()


class Incubator(Columned):
    """Rooms in a town."""

    __slots__ = tuple(columns(records.Incubator))
    BLANK = blank(records.Incubator)


class Rooms:
    """The incubators of all towns, a row for every place."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.paid = 0.0

    def count(self) -> float:
        """Open rooms in the first towns, as many as the lever says or are still let; return how many in all."""
        now = self.world.now
        with_rooms = [row for row, place in enumerate(self.world.places) if not place.rural][: now.incubators_number]
        total = 0.0
        for row, incubator in enumerate(self.world.incubators):
            incubator.place = row
            incubator.rooms = max(now.incubators_rooms if row in with_rooms else 0, incubator.tenants)
            total += incubator.rooms
        return total

    def let(self) -> None:
        """Let projects leave whose stay is over, then let free rooms by the admission rule, ties by lot."""
        world, now = self.world, self.world.now
        for business in world.trading:
            if business.incubator >= 0 and business.graduates <= world.month:
                world.incubators[business.incubator].tenants -= 1
                world.rules.graduate(business, world.params)
        asking = [business for business in world.trading if self.asks(business)] if now.incubators_number > 0 else []
        for business in sorted(asking, key=self.place_in_queue):
            incubator = world.incubators[business.place]
            if self.paid >= 1.0 and incubator.tenants < incubator.rooms:
                world.rules.move_in(business, business.place, world.month, now, world.params)
                incubator.tenants += 1
            else:
                world.outcome.rooms_queue += 1
        for incubator in world.incubators:
            world.outcome.rooms_open += incubator.rooms
            world.outcome.rooms_taken += incubator.tenants

    def asks(self, business: Business) -> bool:
        return self.world.rules.asks_for_room(business) and self.world.incubators[business.place].rooms > 0

    def place_in_queue(self, business: Business) -> tuple[float, float]:
        owner = self.world.persons[business.person]
        return -self.world.rules.room_score(business, owner, self.world.now), owner.lot


class Sisters:
    """Social, legal and health assistance, as far as capacities and money go."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.aided: list[Household] = []

    def aid(self) -> None:
        """Go on with the aid that runs, then begin it for this month's neediest, by need and lot."""
        world, rules = self.world, self.world.rules
        still = []
        for household in self.aided:
            family = household.family
            if not self.is_present(household):
                continue
            if family.aid_until > world.month and world.books.pay_if_afforded(Account.SOCIAL, family.social_aid):
                still.append(household)
            else:
                rules.end_aid(family)
                rules.set_aid(household, family, world.params)
        self.aided = still
        recent = [world.persons[row] for row in world.desk.recent]
        for person in sorted(recent, key=lambda one: (-one.need, one.lot)):
            if person.applied == world.month and person.quintile == NEEDIEST:
                self.begin_aid(person.home(), person.home().family)
        world.outcome.households_aided = len(self.aided)

    def is_present(self, household: Household) -> bool:
        return household.members()[0].is_here()

    def begin_aid(self, household: Household, family: Family) -> None:
        world, now = self.world, self.world.now
        if family.aid_until >= 0 or len(self.aided) + 1 > now.social_households:
            return
        if world.books.pay_if_afforded(Account.SOCIAL, now.social_aid_mad):
            world.rules.begin_aid(family, world.month, now)
            world.rules.set_aid(household, family, world.params)
            self.aided.append(household)

    def by_need(self, businesses: list[Business]) -> list[Business]:
        return sorted(businesses, key=lambda one: (-one.need, self.world.persons[one.person].lot))

    def assist(self) -> None:
        """Obtain permits for owners' households that have none, the neediest first."""
        world, p = self.world, self.world.params
        homes = world.households
        without = [one for one in world.trading if not homes[one.household].permit()]
        for business in self.by_need(without)[: int(world.now.legal_cases)]:
            if not world.books.pay_if_afforded(Account.LEGAL, p.legal_cost):
                return
            self.obtain_permit(homes[business.household])
            world.outcome.legal_permits += 1

    def obtain_permit(self, household: Household) -> None:
        """Obtain a permit; employers see it at once in all adults."""
        world, rules = self.world, self.world.rules
        place = world.places[household.place]
        household.family.legal_help = 1
        for person in household.members():
            worker = person.worker
            before = worker.hazards(place, world.now)[1]
            rules.see_employer(worker, person, True, world.params)
            if before > 0.0:
                after = worker.hazards(place, world.now)[1]
                worker.offer = rules.stretch(worker.offer, world.month - 1.0, before, after)

    def treat(self) -> None:
        """Treat owners who are ill, the neediest first."""
        world = self.world
        ill = [one for one in world.trading if one.ending == Ending.OPEN and one.ill_months > 0.0]
        for business in self.by_need(ill)[: int(world.now.health_treatments)]:
            if not world.books.pay_if_afforded(Account.HEALTH, world.params.care_cost):
                return
            business.treated = 1
            world.outcome.treatments += 1
