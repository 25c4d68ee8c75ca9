"""Cooperatives: founded, registered, shared out, governed, joined and left."""

from __future__ import annotations

from typing import cast

import numpy as np

from ..kinds import Account, Activity, Departure, Ending, File, Standing, Track
from ..luck import ONCE, Stream, normal, spell_fates, uniforms
from ..rule import part
from ..rules.cooperate import (
    LEAST_CAPITAL,
    enterprise,
    fate,
    govern,
    keep_reserve,
    owner_would_join,
    quits,
    trade_group,
)
from ..rules.grants import put_in_savings
from ..rules.money import covers, with_overhead
from ..rules.trade import profit_level
from ..state import Desk, Scene, State
from .books import free_funds, pay
from .daily import meet_end
from .desk import NEEDIEST
from .endings import end_business, let_go, new_spell, part_ways
from .opening import open_business

NOBODY = cast("int", np.int64(-1))
FIRST = cast("int", np.int64(0))
"""NumPy numbers, for numba compiles anew for each literal."""


@part
def may_join(state: State, row: int) -> bool:
    """Say whether an applicant who would rather be in a cooperative may join one now."""
    person = state.persons[row]
    if person.file != File.WAITING or person.track != Track.COOPERATIVE:
        return False
    return bool(state.workers[row].activity <= Activity.CASUAL_WORK)


@part
def found(state: State, scene: Scene, desk: Desk, month: int) -> None:
    """Found cooperatives where enough willing people of one place and group of trades wait, the largest group first."""
    tally, now, p, groups = state.tally[0], scene.settings[month], scene.params[0], desk.groups
    yearly = tally.coordinators_paid * p.foundings_per_coordinator
    tally.founding_credit = min(tally.founding_credit + yearly / 12.0, max(1.0, yearly / 2.0)) if yearly > 0.0 else 0.0
    if tally.founding_credit < 1.0:
        return
    groups[:, :] = 0.0
    for index in range(tally.waiting):
        row = state.waiting[index]
        if may_join(state, row):
            person = state.persons[row]
            groups[state.households[person.household].place, trade_group(person.trade)] += 1
    while tally.founding_credit >= 1.0 and tally.cooperatives < len(state.cooperatives):
        place, group = FIRST, FIRST
        for one in range(groups.shape[0]):
            for other in range(groups.shape[1]):
                if groups[one, other] > groups[place, group]:
                    place, group = one, other
        founders = min(int(groups[place, group]), now.cooperatives_most_members)
        grant = founders * now.cooperatives_grant_mad
        if founders < now.cooperatives_least_members or grant < LEAST_CAPITAL:
            return
        if not covers(free_funds(state, scene, month), with_overhead(grant, p)):
            return
        pay(state, scene, month, Account.COOPERATIVE, grant)
        found_one(state, scene, place, group, founders, grant, month)
        groups[place, group] = 0.0
        tally.founding_credit -= 1.0


@part
def found_one(state: State, scene: Scene, place: int, group: int, founders: int, grant: float, month: int) -> None:
    """Found one cooperative by those of a place and group of trades who applied first; it may trade once registered."""
    tally = state.tally[0]
    row = int(tally.cooperatives)
    tally.cooperatives += 1
    cooperative = state.cooperatives[row]
    cooperative.business = -1
    cooperative.place = place
    cooperative.group = group
    cooperative.standing = Standing.FORMING
    cooperative.founded = month
    cooperative.registers = month + int(scene.params[0].registration_months + 0.5)
    cooperative.ended = -1
    cooperative.governance = scene.params[0].governance_start
    cooperative.granted = grant
    cooperative.pooled = grant
    cooperative.page = -1
    admit(state, scene, row, founders)
    state.monthly[month].cooperatives_founded += 1


@part
def admit(state: State, scene: Scene, row: int, most: int) -> int:
    """Let applicants of a cooperative's place and group join it, first come first; return how many did."""
    tally, cooperative = state.tally[0], state.cooperatives[row]
    joined = 0
    kept = 0
    for index in range(tally.waiting):
        applicant = state.waiting[index]
        person = state.persons[applicant]
        household = state.households[person.household]
        fits = trade_group(person.trade) == cooperative.group and household.place == cooperative.place
        if joined < most and fits and may_join(state, applicant):
            person.file = File.MEMBER
            person.cooperative = row
            cooperative.members += 1
            cooperative.pooled += put_in_savings(household, scene.params[0])
            if cooperative.page < 0:
                cooperative.page = state.workers[applicant].page
            state.members[tally.members] = applicant
            tally.members += 1
            joined += 1
        else:
            state.waiting[kept] = applicant
            kept += 1
    tally.waiting = kept
    return joined


@part
def register(state: State, scene: Scene, luck: tuple[int, int, int], month: int) -> None:
    """Register the cooperatives that are due and still have members enough; others dissolve."""
    least = scene.settings[month].cooperatives_least_members
    for index in range(state.tally[0].members):
        row = state.members[index]  # who found formal work meanwhile keeps it
        if state.workers[row].activity == Activity.FORMAL_WORK:
            leave(state, scene, luck, row, month)
    for row in range(state.tally[0].cooperatives):
        cooperative = state.cooperatives[row]
        if cooperative.standing != Standing.FORMING or cooperative.registers > month:
            continue
        if cooperative.members < least:
            give_back(state, row)
            cooperative.standing = Standing.TOO_FEW
            part_ways(state, scene, luck, row, Ending.DISSOLVED, month)
        else:
            open_enterprise(state, scene, luck, row, month)
    list_members(state)


@part
def give_back(state: State, row: int) -> None:
    """Share what was pooled out among the members of a cooperative that was never registered."""
    cooperative = state.cooperatives[row]
    for index in range(state.tally[0].members):
        person = state.persons[state.members[index]]
        if person.cooperative == row:
            state.households[person.household].purse += cooperative.pooled / cooperative.members
    cooperative.pooled = 0.0


@part
def open_enterprise(state: State, scene: Scene, luck: tuple[int, int, int], row: int, month: int) -> None:
    """Open the enterprise of a cooperative, with its first member at the head and everybody's hands."""
    p, tally, cooperative = scene.params[0], state.tally[0], state.cooperatives[row]
    level = 0.0
    head = NOBODY
    for index in range(tally.members):
        member = state.members[index]
        if state.persons[member].cooperative == row:
            level += profit_level(state.persons[member], 0.0, p)
            head = member if head < 0 else head
    level /= cooperative.members
    opened = open_business(state, scene, luck, head, month, True)
    business = state.businesses[opened]
    match = normal(spell_fates(luck, business.page, Stream.BUSINESS_MATCH_AND_PARTNER, business.spell)[0])
    enterprise(business, cooperative.members, level + p.b_match * match, p)
    business.cooperative = row
    business.capital = cooperative.pooled
    business.grant = cooperative.granted
    cooperative.business = opened
    cooperative.standing = Standing.REGISTERED
    seat_head(state, head)
    state.watched[tally.watched] = opened
    tally.watched += 1
    tally.financed += 1
    outcome = state.monthly[month]
    outcome.projects_started += 1
    if business.quintile == NEEDIEST:
        outcome.neediest_served += 1
    for index in range(tally.members):
        member = state.members[index]
        if state.persons[member].cooperative == row:
            take_up(state, scene, luck, member, head, month)
            outcome.people_served += 1


@part
def seat_head(state: State, head: int) -> None:
    """Let a member stand at the head: its file is that of an owner."""
    person = state.persons[head]
    person.file = File.SERVED
    state.households[person.household].in_contact -= 1


@part
def take_up(state: State, scene: Scene, luck: tuple[int, int, int], row: int, head: int, month: int) -> None:
    """Let a member work in its registered cooperative, and count its household as served."""
    person = state.persons[row]
    household = state.households[person.household]
    if household.ever_served == 0:
        household.ever_served = 1
        state.served[household.place, household.origin] += household.adults
    if row != head:
        worker, place, now = state.workers[row], state.places[household.place], scene.settings[month]
        new_spell(state.tally[0], worker, place, luck, Activity.COOPERATIVE, month, now, scene.params[0])


@part
def list_members(state: State) -> None:
    """Strike those who left from the list of members."""
    tally = state.tally[0]
    kept = 0
    for index in range(tally.members):
        row = state.members[index]
        if state.persons[row].cooperative >= 0:
            state.members[kept] = row
            kept += 1
    tally.members = kept


@part
def share_out(state: State, scene: Scene) -> None:
    """Share the month's profit out among members, after the reserve; the head's part reaches it as an owner's."""
    tally, p = state.tally[0], scene.params[0]
    for row in range(tally.cooperatives):
        cooperative = state.cooperatives[row]
        if cooperative.standing == Standing.REGISTERED:
            business = state.businesses[cooperative.business]
            if business.hands > 1.0:
                keep_reserve(business, p)
    for index in range(tally.members):
        member = state.members[index]
        cooperative = state.persons[member].cooperative
        if cooperative >= 0 and state.workers[member].activity == Activity.COOPERATIVE:
            business = state.businesses[state.cooperatives[cooperative].business]
            state.workers[member].wage = business.takings / business.hands


@part
def lose_members(state: State, scene: Scene, luck: tuple[int, int, int], month: int) -> None:
    """Let the members whose household went leave their cooperative, once it is known who is still there."""
    for index in range(state.tally[0].members):
        row = state.members[index]
        person = state.persons[row]
        if person.cooperative >= 0 and state.families[person.household].departure != Departure.PRESENT:
            leave(state, scene, luck, row, month)
    list_members(state)


@part
def leave(state: State, scene: Scene, luck: tuple[int, int, int], row: int, month: int) -> None:
    """Let a member leave its cooperative; where the head leaves, another member takes its place, or it ends."""
    person = state.persons[row]
    cooperative = state.cooperatives[person.cooperative]
    number = person.cooperative
    person.cooperative = -1
    cooperative.members -= 1
    if cooperative.standing != Standing.REGISTERED:
        let_go(state, scene, luck, row, month)
        return
    business = state.businesses[cooperative.business]
    if business.person != row:
        business.hands = max(1.0, float(cooperative.members))
        let_go(state, scene, luck, row, month)
        return
    heir = NOBODY
    for index in range(state.tally[0].members):
        member = state.members[index]
        present = state.families[state.persons[member].household].departure == Departure.PRESENT
        if state.persons[member].cooperative == number and present:
            heir = member
            break
    if heir < 0:
        end_business(state, scene, luck, cooperative.business, Ending.OWNER_LEFT, month)
        return
    business.hands = max(1.0, float(cooperative.members))
    state.households[business.household].business = -1
    business.person = heir
    business.household = state.persons[heir].household
    state.households[business.household].business = cooperative.business
    seat_head(state, heir)
    place, now, p = state.places[business.place], scene.settings[month], scene.params[0]
    new_spell(state.tally[0], state.workers[heir], place, luck, Activity.OWN_BUSINESS, month, now, p)


@part
def renew(state: State, scene: Scene, luck: tuple[int, int, int], month: int) -> None:
    """Let members quit and others join, governance drift, and cooperatives end that break or shrink too far."""
    tally, now, p, outcome = state.tally[0], scene.settings[month], scene.params[0], state.monthly[month]
    for row in range(tally.cooperatives):
        if state.cooperatives[row].standing == Standing.REGISTERED:
            meet_end(state, scene, luck, state.cooperatives[row].business, month)
    for index in range(tally.members):
        row = state.members[index]
        if state.workers[row].activity == Activity.COOPERATIVE and state.persons[row].cooperative >= 0:
            chance = uniforms(luck, state.workers[row].page, Stream.MEMBER_MONTH, month, ONCE)[0]
            if quits(chance, p):
                leave(state, scene, luck, row, month)
    for row in range(tally.cooperatives):
        cooperative = state.cooperatives[row]
        if cooperative.standing != Standing.REGISTERED:
            continue
        grow(state, scene, luck, row, month)
        chance = normal(uniforms(luck, cooperative.page, Stream.COOPERATIVE_MONTH, month, ONCE)[0])
        govern(cooperative, chance, tally.coordinators_paid > 0.0, p)
        cooperative.standing = fate(cooperative, now.cooperatives_least_members, p)
        if cooperative.standing != Standing.REGISTERED:
            share_capital(state, row)
            end_business(state, scene, luck, cooperative.business, Ending.DISSOLVED, month)
        else:
            outcome.live_cooperatives += 1
            outcome.in_cooperatives += cooperative.members
    list_members(state)


@part
def share_capital(state: State, row: int) -> None:
    """Share what a cooperative owns out among its members as it dissolves."""
    cooperative = state.cooperatives[row]
    business = state.businesses[cooperative.business]
    part_of_each = business.capital / max(cooperative.members, 1)
    for index in range(state.tally[0].members):
        person = state.persons[state.members[index]]
        if person.cooperative == row:
            state.households[person.household].purse += part_of_each
    business.capital = 0.0


@part
def grow(state: State, scene: Scene, luck: tuple[int, int, int], row: int, month: int) -> None:
    """Let applicants join a cooperative that has room: their savings join its capital."""
    now, cooperative = scene.settings[month], state.cooperatives[row]
    room = now.cooperatives_most_members - cooperative.members
    if room <= 0 or now.cooperatives_coordinators <= 0.0:
        return
    first = state.tally[0].members
    before = cooperative.pooled
    joined = admit(state, scene, row, room)
    state.monthly[month].people_served += joined  # owners who join were counted when their project opened
    admit_owners(state, scene, luck, row, room - joined, month)
    business = state.businesses[cooperative.business]
    business.capital += cooperative.pooled - before
    business.hands = float(cooperative.members)
    for index in range(first, state.tally[0].members):
        take_up(state, scene, luck, state.members[index], business.person, month)


@part
def admit_owners(state: State, scene: Scene, luck: tuple[int, int, int], row: int, room: int, month: int) -> None:
    """Let lone owners of its place and group join a cooperative, their capital with them, as far as it has room."""
    tally, cooperative = state.tally[0], state.cooperatives[row]
    for index in range(tally.running):
        business = state.businesses[state.running[index]]
        person = state.persons[business.person]
        fits = business.place == cooperative.place and trade_group(business.trade) == cooperative.group
        fits = fits and business.ending == Ending.OPEN
        if room <= 0 or not fits or not owner_would_join(business, person, scene.settings[month], scene.params[0]):
            continue
        cooperative.pooled += business.capital
        business.capital = 0.0
        joins = business.person
        end_business(state, scene, luck, state.running[index], Ending.JOINED_COOPERATIVE, month)
        person.file = File.MEMBER
        person.cooperative = row
        state.households[person.household].in_contact += 1
        cooperative.members += 1
        state.members[tally.members] = joins
        tally.members += 1
        room -= 1
