"""Cooperatives on ordinary Mesa agents: founded, registered, shared out, governed, joined and left."""

from __future__ import annotations

from typing import Any

from plain_mesa_agents import Business, Columned, Person, blank

from idmaj.sim import records
from idmaj.sim.kinds import Account, Activity, Ending, File, Standing, Track
from idmaj.sim.luck import Stream, normal, spell_fates, uniforms
from idmaj.sim.rules.cooperate import LEAST_CAPITAL
from idmaj.sim.table import columns

NEEDIEST = 4
MATCH = int(Stream.BUSINESS_MATCH_AND_PARTNER)
MEMBER_MONTH, COOPERATIVE_MONTH = int(Stream.MEMBER_MONTH), int(Stream.COOPERATIVE_MONTH)


class Cooperative(Columned):
    """An enterprise that its members own together; `roll` lists them in the order in which they joined."""

    __slots__ = (*columns(records.Cooperative), "roll")
    BLANK = blank(records.Cooperative)

    def enterprise(self) -> Business:
        return self.model.businesses[self.business]

    def row(self) -> int:
        return self.model.cooperatives.index(self)

    def count_hands(self) -> None:
        self.enterprise().hands = max(1.0, float(self.members))

    def enrol(self, person: Person) -> None:
        person.file = File.MEMBER
        person.cooperative = self.row()
        self.members += 1
        self.roll.append(person)

    def admit(self, person: Person) -> None:
        """Let an applicant join, with a part of its household's savings."""
        self.enrol(person)
        self.pooled += self.model.rules.put_in_savings(person.home(), self.model.params)
        self.model.desk.waiting.remove(self.model.persons.index(person))

    def open(self) -> None:
        """Be registered: trade, with the first member at the head and everybody's hands."""
        world, rules, p = self.model, self.model.rules, self.model.params
        level = 0.0
        for person in self.roll:
            level += rules.profit_level(person, 0.0, p)
        level /= self.members
        head = self.roll[0]
        business = world.open_business(world.persons.index(head), world.month, assisted=True)
        match = normal(spell_fates(world.luck, business.page, MATCH, business.spell)[0])
        rules.enterprise(business, self.members, level + p.b_match * match, p)
        business.cooperative = self.row()
        business.capital, business.grant = self.pooled, self.granted
        self.business = len(world.businesses) - 1
        self.standing = Standing.REGISTERED
        seat(head)
        world.watched.append(business)
        world.desk.financed += 1
        world.outcome.projects_started += 1
        world.outcome.people_served += len(self.roll)
        world.outcome.neediest_served += business.quintile == NEEDIEST
        for person in self.roll:
            self.take_up(person)

    def take_up(self, person: Person) -> None:
        """Put a member to work in the enterprise; its household counts as served."""
        home = person.home()
        home.be_served()
        if self.model.persons[self.enterprise().person] is not person:
            person.worker.turn_to(Activity.COOPERATIVE, home, self.model.month)

    def share_capital(self) -> None:
        """Share out what the enterprise owns, as it dissolves."""
        business = self.enterprise()
        part_of_each = business.capital / max(self.members, 1)
        for person in self.roll:
            person.home().purse += part_of_each
        business.capital = 0.0

    def give_back(self) -> None:
        """Share out what was pooled."""
        for person in self.roll:
            person.home().purse += self.pooled / self.members
        self.pooled = 0.0

    def part_ways(self) -> None:
        """End. Members search for work and may apply again; of the head the end of its business takes care."""
        self.ended = self.model.month
        head = None
        if self.standing == Standing.REGISTERED:
            self.standing = Standing.CLOSED
        if self.business >= 0:
            head = self.model.persons[self.enterprise().person]
        for person in self.roll:
            person.cooperative = -1
            if person is not head:
                let_go(person)
        self.roll = []
        self.members = 0
        self.model.outcome.cooperatives_ended += 1

    def lose(self, person: Person) -> None:
        """Go on without a member; where it was the head, with another one there, if there is any."""
        self.roll.remove(person)
        self.members -= 1
        person.cooperative = -1
        if self.standing != Standing.REGISTERED:
            let_go(person)
            return
        business, persons = self.enterprise(), self.model.persons
        if persons[business.person] is not person:
            self.count_hands()
            let_go(person)
            return
        heir = next((one for one in self.roll if one.is_here()), None)
        if heir is None:
            business.end(Ending.OWNER_LEFT)
            return
        self.count_hands()
        person.home().business = -1
        business.person, business.household = persons.index(heir), heir.household
        heir.home().business = self.business
        seat(heir)
        heir.worker.turn_to(Activity.OWN_BUSINESS, heir.home(), self.model.month)

    def grow(self) -> None:
        """Let applicants join as far as there is room, then owners; what they bring joins the capital."""
        world = self.model
        room = world.now.cooperatives_most_members - self.members
        if room <= 0 or world.now.cooperatives_coordinators <= 0.0:
            return
        before, old = self.pooled, len(self.roll)
        willing = [world.persons[row] for row in world.desk.waiting if may_join(world.persons[row])]
        group = world.rules.trade_group
        fitting = [one for one in willing if (one.home().place, group(one.trade)) == (self.place, self.group)]
        for person in fitting[:room]:
            self.admit(person)
        world.outcome.people_served += len(fitting[:room])
        for business in world.trading:
            if self.members < world.now.cooperatives_most_members and self.welcomes(business):
                self.take_in(business)
        business = self.enterprise()
        business.capital += self.pooled - before
        self.count_hands()
        for person in self.roll[old:]:
            self.take_up(person)

    def welcomes(self, business: Business) -> bool:
        """Say whether the owner of a business would join, and works in the same place and group of trades."""
        world = self.model
        here = business.place == self.place and world.rules.trade_group(business.trade) == self.group
        if business.ending != Ending.OPEN or not here:
            return False
        owner = world.persons[business.person]
        return world.rules.owner_would_join(business, owner, world.now, world.params)

    def take_in(self, business: Business) -> None:
        """Let an owner join, its capital with it; its own business ends."""
        owner = self.model.persons[business.person]
        self.pooled += business.capital
        business.capital = 0.0
        business.end(Ending.JOINED_COOPERATIVE)
        self.enrol(owner)
        owner.home().in_contact += 1


class Cooperatives:
    """What coordinators do for cooperatives, and what happens to all of them in a month."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.coordinators_paid = 0.0
        self.credit = 0.0

    def of(self, standing: int) -> list[Cooperative]:
        return [one for one in self.world.cooperatives if one.standing == standing]

    def lose_members(self) -> None:
        """Go on without those whose household went."""
        self.lose([person for one in self.world.cooperatives for person in one.roll if not person.is_here()])

    def lose(self, persons: list[Person]) -> None:
        for person in persons:
            if person.cooperative >= 0:
                self.world.cooperatives[person.cooperative].lose(person)

    def found(self) -> None:
        """Found cooperatives where enough willing people of a place and group of trades wait, the largest first."""
        world, p, now = self.world, self.world.params, self.world.now
        yearly = self.coordinators_paid * p.foundings_per_coordinator
        self.credit = min(self.credit + yearly / 12.0, max(1.0, yearly / 2.0)) if yearly > 0.0 else 0.0
        groups: dict[tuple[int, int], list[Person]] = {}
        for person in [world.persons[row] for row in world.desk.waiting]:
            if may_join(person):
                groups.setdefault((person.home().place, world.rules.trade_group(person.trade)), []).append(person)
        while self.credit >= 1.0 and groups:
            place, group = max(sorted(groups), key=lambda where: len(groups[where]))
            founders = groups.pop((place, group))[: now.cooperatives_most_members]
            grant = len(founders) * now.cooperatives_grant_mad
            if len(founders) < now.cooperatives_least_members or grant < LEAST_CAPITAL:
                return
            if not world.books.affords(grant):
                return
            world.books.pay(Account.COOPERATIVE, grant)
            self.found_one(place, group, founders, grant)
            self.credit -= 1.0

    def found_one(self, place: int, group: int, founders: list[Person], grant: float) -> None:
        world, p = self.world, self.world.params
        one = Cooperative(world)
        world.cooperatives.append(one)
        one.roll = []
        one.business = one.ended = -1
        one.place, one.group = place, group
        one.standing = Standing.FORMING
        one.founded = world.month
        one.registers = world.month + int(p.registration_months + 0.5)
        one.governance = p.governance_start
        one.granted = one.pooled = grant
        one.page = founders[0].worker.page
        for person in founders:
            one.admit(person)
        world.outcome.cooperatives_founded += 1

    def register(self) -> None:
        """Register the cooperatives that are due and still have members enough; others give up."""
        world = self.world
        members = [person for one in world.cooperatives for person in one.roll]
        self.lose([person for person in members if person.worker.activity == Activity.FORMAL_WORK])
        for one in self.of(Standing.FORMING):
            if one.registers > world.month:
                continue
            if one.members < world.now.cooperatives_least_members:
                one.give_back()
                one.standing = Standing.TOO_FEW
                one.part_ways()
            else:
                one.open()

    def share_out(self) -> None:
        """Share the month's profit out, after the reserve; the head's part reaches it as an owner's."""
        for one in self.of(Standing.REGISTERED):
            business = one.enterprise()
            if business.hands > 1.0:
                self.world.rules.keep_reserve(business, self.world.params)
            for person in one.roll:
                if person.worker.activity == Activity.COOPERATIVE:
                    person.worker.wage = business.takings / business.hands

    def renew(self) -> None:
        """Let enterprises meet their end, members quit and join, governance drift, and cooperatives end over it."""
        world, rules, p = self.world, self.world.rules, self.world.params
        for one in self.of(Standing.REGISTERED):
            one.enterprise().meet_end()
        working = [person for one in self.of(Standing.REGISTERED) for person in one.roll]
        for person in working:
            if person.worker.activity == Activity.COOPERATIVE:
                chance = uniforms(world.luck, person.worker.page, MEMBER_MONTH, world.month, 0)[0]
                if rules.quits(chance, p):
                    self.lose([person])
        for one in self.of(Standing.REGISTERED):
            one.grow()
            chance = normal(uniforms(world.luck, one.page, COOPERATIVE_MONTH, world.month, 0)[0])
            rules.govern(one, chance, self.coordinators_paid > 0.0, p)
            one.standing = rules.fate(one, world.now.cooperatives_least_members, p)
            if one.standing != Standing.REGISTERED:
                one.share_capital()
                one.enterprise().end(Ending.DISSOLVED)
            else:
                world.outcome.live_cooperatives += 1
                world.outcome.in_cooperatives += one.members


def may_join(person: Person) -> bool:
    """Say whether an applicant would rather be in a cooperative, and is free to."""
    willing = person.file == File.WAITING and person.track == Track.COOPERATIVE
    return willing and person.worker.activity in {Activity.IDLE, Activity.CASUAL_WORK}


def seat(head: Person) -> None:
    """Let a member stand at the head: its file is that of an owner."""
    head.file = File.SERVED
    head.home().in_contact -= 1


def let_go(person: Person) -> None:
    """Let a member who leaves search for work and be free to apply again."""
    person.withdraw()
    if person.worker.activity == Activity.COOPERATIVE:
        person.worker.turn_to(Activity.IDLE, person.home(), person.model.month + 1)
