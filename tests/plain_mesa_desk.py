"""The programme's desk on ordinary objects: it chooses, finances and accompanies."""

from __future__ import annotations

import math
from typing import Any

from plain_mesa_agents import Person

from idmaj.sim.kinds import Account, Activity, File, SelectionRule, Track, Training
from idmaj.sim.rules.selection import NEVER

QUARTER_MONTHS = 3
NEEDIEST = 4


class View:
    """The committee's view of all who wait. Sums run in the order in which they applied."""

    def __init__(self, persons: list[Person]) -> None:
        self.need_mean, self.need_sd = spread([person.need for person in persons])
        self.promise_mean, self.promise_sd = spread([person.promise for person in persons])


def spread(values: list[float]) -> tuple[float, float]:
    """Return mean and standard deviation."""
    count = max(len(values), 1)
    total = 0.0
    for value in values:
        total += value
    mean = total / count
    squares = 0.0
    for value in values:
        squares += (value - mean) * (value - mean)
    return mean, max(math.sqrt(squares / count), 1e-6)


class Desk:
    """Files, from application to the opening of a project. Lists hold places in the world's list of persons."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.waiting: list[int] = []
        self.starting: list[int] = []
        self.recent: list[int] = []
        self.intake_credit = 0.0
        self.reinforcement_credit = 0.0
        self.quota_given = 0
        self.quota_neediest = 0
        self.committed = 0.0
        self.advisers_paid = 0.0
        self.financed = 0

    def take_file(self, row: int) -> None:
        self.waiting.append(row)
        if row not in self.recent:
            self.recent.append(row)
        self.world.outcome.applications += 1

    def rank_need(self) -> None:
        """Give this month's applicants their need quintile among those of their town and the last three months."""
        world = self.world
        since = world.month - QUARTER_MONTHS
        self.recent = [row for row in self.recent if world.persons[row].applied > since]
        by_town: dict[int, list[Person]] = {}
        for row in self.recent:
            person = world.persons[row]
            by_town.setdefault(world.households[person.household].place, []).append(person)
        for persons in by_town.values():
            persons.sort(key=lambda person: person.need)  # equal need: in the order of application
            for index, person in enumerate(persons):
                if person.applied == world.month:
                    person.quintile = int(5.0 * (index + 0.5) / len(persons))
                    world.outcome.neediest_applied += person.quintile == NEEDIEST

    def still_waits(self, row: int) -> bool:
        """Say whether one who waited neither left nor gives up now."""
        world = self.world
        person = world.persons[row]
        if not person.is_here():
            return False
        self.turn_back(person)
        patient = person.training == Training.ATTENDING or not world.rules.gives_up(person, world.month, world.params)
        if patient and person.worker.activity != Activity.FORMAL_WORK:
            return True
        person.withdraw()
        return False

    def turn_back(self, person: Person) -> None:
        """Orient to a project who waits for a job or a cooperative that nobody offers any more."""
        now, partner = self.world.now, self.world.partner
        jobs = now.jobs_brokers > 0.0 or partner.weight * now.partner_jobs_per_year > 0.0
        if person.track == Track.JOB and not jobs:
            person.track = Track.PROJECT
        if person.track == Track.COOPERATIVE and now.cooperatives_coordinators <= 0.0:
            person.track = Track.PROJECT

    def strike(self) -> None:
        """Strike those who were chosen or placed from the list of those who wait."""
        self.waiting = [row for row in self.waiting if self.world.persons[row].file == File.WAITING]

    def places(self) -> int:
        """Return how many new projects may be chosen: by intake, by money and by the advisers' caseload."""
        world, p, now = self.world, self.world.params, self.world.now
        yearly = now.intake_projects_per_year * (1.0 - now.intake_unsure_share * p.intake_doubt)
        self.intake_credit = min(self.intake_credit + yearly / 12.0, max(yearly, 1.0))
        wanted = self.intake_credit
        if now.selection_rule == SelectionRule.UNIVERSAL:
            wanted = float(len(self.waiting))
        accompanied = len(self.starting)
        accompanied += sum(b.assisted and b.age < now.advisers_months for b in world.trading)
        desks = self.advisers_paid * now.advisers_caseload - accompanied
        price = world.rules.with_overhead(now.grants_amount_mad, p)
        paid = world.books.free() / price if price > 0.0 else wanted
        return int(max(0.0, min(wanted + 1e-9, desks, paid + 1e-9)))

    def choose(self) -> None:
        """Let the committee choose among those who wait: the highest score, then the lowest lot."""
        world, p, now = self.world, self.world.params, self.world.now
        places = self.places()
        if places == 0:
            return
        persons = world.persons
        view = View([persons[row] for row in self.waiting])
        order = []
        for row in self.waiting:
            person = persons[row]
            if person.track != Track.PROJECT or not world.rules.ready(person, now):
                continue
            score = world.rules.score(person, person.home(), view, now, p)
            if score != NEVER:
                order.append((-score, person.lot, row))
        chosen = min(places, len(order))
        rows = [row for *_, row in sorted(order)]
        for _ in range(chosen):
            self.award(rows.pop(self.next_pick(rows)))
        self.intake_credit = max(0.0, self.intake_credit - chosen)
        self.reinforcement_credit += chosen * now.intake_reinforcements_per_project
        world.outcome.places_unfilled = places - chosen
        world.outcome.projects_selected += chosen
        self.strike()

    def next_pick(self, rows: list[int]) -> int:
        """Return who is next in an order: the first, or under a quota that is behind the first of the neediest."""
        now, persons = self.world.now, self.world.persons
        if now.selection_rule != SelectionRule.QUOTA:
            return 0
        pick = 0
        if self.quota_neediest < now.selection_quota_neediest * (self.quota_given + 1):
            pick = next((place for place, row in enumerate(rows) if persons[row].quintile == NEEDIEST), 0)
        self.quota_given += 1
        self.quota_neediest += persons[rows[pick]].quintile == NEEDIEST
        return pick

    def award(self, row: int) -> None:
        """Promise a grant."""
        world, now = self.world, self.world.now
        person = world.persons[row]
        person.file = File.SELECTED
        person.start_due = world.month + now.grants_delay_months
        person.promised = now.grants_amount_mad
        person.goes_rural = int(world.rules.would_move(person, now, world.params))
        if person.goes_rural:
            person.start_due += now.rural_delay_months
        self.committed += person.promised
        self.starting.append(row)

    def start(self) -> None:
        """Open the projects that are due; promise and place of who left or found formal work are free again."""
        world = self.world
        still = []
        for row in self.starting:
            person = world.persons[row]
            working = person.worker.activity == Activity.FORMAL_WORK
            if working or not person.is_here():
                if person.is_here():
                    person.withdraw()
                self.committed -= person.promised
                self.intake_credit += 1.0
            elif person.start_due <= world.month and world.books.can_pay(self.first_part(person)):
                self.begin_project(row)
            else:
                still.append(row)
        self.starting = still

    def first_part(self, person: Person) -> float:
        return person.promised / max(self.world.now.grants_tranches, 1)

    def begin_project(self, row: int) -> None:
        world = self.world
        person = world.persons[row]
        household = person.home()
        if person.goes_rural:
            world.countryside.welcome(household)
        business = world.open_business(row, world.month, assisted=True)
        business.tranches_left = max(world.now.grants_tranches, 1)
        business.tranche = self.first_part(person)
        business.capital += world.rules.put_in_savings(household, world.params)
        business.receive_tranche()
        person.file = File.SERVED
        household.in_contact -= 1
        household.be_served()
        world.watched.append(business)
        self.financed += 1
        world.outcome.projects_started += 1
        world.outcome.people_served += 2 if business.second_owner >= 0 else 1
        world.outcome.neediest_served += business.quintile == NEEDIEST

    def pay_tranches(self) -> None:
        """Pay the parts of first grants that are due, as far as money goes."""
        for business in self.world.trading:
            if self.world.rules.tranche_due(business) and self.world.books.can_pay(business.tranche):
                business.receive_tranche()

    def reinforce(self) -> None:
        """Give second grants to running projects as far as credit and money go."""
        world, p, now, rules = self.world, self.world.params, self.world.now, self.world.rules
        if self.reinforcement_credit < 1.0:
            return
        running = [business for business in world.trading if rules.may_be_reinforced(business)]
        running.sort(key=lambda b: (-rules.reinforcement_score(b), world.persons[b.person].lot))
        price = rules.with_overhead(now.grants_reinforcement_mad, p)
        for business in running[: int(self.reinforcement_credit)]:
            if not rules.covers(world.books.free(), price):
                return
            world.books.pay(Account.REINFORCEMENT, now.grants_reinforcement_mad)
            rules.receive_second(business, now.grants_reinforcement_mad)
            self.reinforcement_credit -= 1
            world.outcome.reinforcements += 1

    def advise(self) -> None:
        """Share the advisers' hours out over accompanied projects. Sums run in the order in which they opened."""
        world, p, now, rules = self.world, self.world.params, self.world.now, self.world.rules
        outcome = world.outcome
        claims = 0.0
        for business in world.trading:
            business.weight = 0.0
            if rules.accompanied(business, now):
                rules.claim(business, now)
                business.accompanied += 1
                claims += business.weight
        available = self.advisers_paid * p.adviser_hours
        outcome.hours_available += available
        for business in world.trading:
            hours = 0.0
            if business.weight > 0.0 and claims > 0.0:
                travel = rules.hours_per_hour(world.places[business.place], p)
                hours = rules.share_of_hours(business, available, claims, travel, now)
                outcome.hours_delivered += hours
                outcome.hours_travel += hours * (travel - 1.0)
                outcome.hours_missing += max(0.0, rules.wanted_hours(p) - hours)
            if business.assisted:
                rules.take_advice(business, hours, rules.fit(now, p), p)
        outcome.hours_unused += max(0.0, available - outcome.hours_delivered - outcome.hours_travel)
