"""The programme's desk: need ranked, projects selected, opened and reinforced."""

from __future__ import annotations

import math

from ..kinds import Account, Activity, Departure, File, SelectionRule, Track, Training
from ..population import ask_anew
from ..records import Partner, Person, Pool
from ..rule import part
from ..rules.asking import QUARTER_MONTHS, gives_up
from ..rules.grants import (
    may_be_reinforced,
    put_in_savings,
    receive_part,
    receive_second,
    reinforcement_score,
    tranche_due,
)
from ..rules.money import covers, with_overhead
from ..rules.rural import would_move
from ..rules.selection import NEVER, score
from ..rules.training import ready
from ..settings import Settings
from ..state import Desk, Scene, State, Table
from .books import free_funds, funds, pay
from .countryside import move_to_countryside
from .endings import list_waiting
from .opening import open_business
from .order import put_in_order

NEEDIEST = 4
"""Need quintile of the neediest fifth."""


@part
def rank_need(state: State, cards: Table, month: int) -> None:
    """Give this month's applicants their need quintile among those of the same town and the last three months."""
    tally = state.tally[0]
    kept = 0
    for index in range(tally.recent):
        row = state.recent[index]
        if state.persons[row].applied > month - QUARTER_MONTHS:
            state.recent[kept] = row
            kept += 1
    tally.recent = kept
    for index in range(kept):
        person = state.persons[state.recent[index]]
        card = cards[index]
        card.row = state.recent[index]
        card.key = -float(state.households[person.household].place)
        card.lot = person.need
    put_in_order(cards, kept)
    start = 0
    for index in range(kept):
        town = cards[cards[index].order].key
        if town != cards[cards[start].order].key:
            start = index
        if index + 1 == kept or cards[cards[index + 1].order].key != town:
            rank_town(state, cards, start, index + 1, month)


@part
def rank_town(state: State, cards: Table, start: int, stop: int, month: int) -> None:
    """Turn one town's order of need into quintiles; those of earlier months keep theirs."""
    for index in range(start, stop):
        person = state.persons[cards[cards[index].order].row]
        if person.applied == month:
            person.quintile = int(5.0 * (index - start + 0.5) / (stop - start))
            if person.quintile == NEEDIEST:
                state.monthly[month].neediest_applied += 1


@part
def still_waiting(state: State, scene: Scene, luck: tuple[int, int, int], month: int) -> None:
    """Strike those who left, gave up or found formal work from the list of those who wait."""
    tally = state.tally[0]
    kept = 0
    for index in range(tally.waiting):
        row = state.waiting[index]
        person = state.persons[row]
        if state.families[person.household].departure != Departure.PRESENT:
            continue
        turn_back(person, scene.settings[month], state.partner[0])
        employed = state.workers[row].activity == Activity.FORMAL_WORK
        if employed or (person.training != Training.ATTENDING and gives_up(person, month, scene.params[0])):
            person.file = File.CLOSED
            ask_anew(state, scene.params[0], luck, person.household)
            state.households[person.household].in_contact -= 1
            continue
        state.waiting[kept] = row
        kept += 1
    tally.waiting = kept


@part
def turn_back(person: Person, now: Settings, partner: Partner) -> None:
    """Orient those to a project who wait for a job or a cooperative that nobody offers any more."""
    no_jobs = now.jobs_brokers <= 0.0 and partner.weight * now.partner_jobs_per_year <= 0.0
    if person.track == Track.JOB and no_jobs:
        person.track = Track.PROJECT
    if person.track == Track.COOPERATIVE and now.cooperatives_coordinators <= 0.0:
        person.track = Track.PROJECT


@part
def view_pool(state: State, view: Pool) -> None:
    """Look at all who wait, before anybody is chosen: mean and spread of need and of promise."""
    count = state.tally[0].waiting
    need = 0.0
    promise = 0.0
    for index in range(count):
        person = state.persons[state.waiting[index]]
        need += person.need
        promise += person.promise
    view.need_mean = need / max(count, 1)
    view.promise_mean = promise / max(count, 1)
    need = 0.0
    promise = 0.0
    for index in range(count):
        person = state.persons[state.waiting[index]]
        need += (person.need - view.need_mean) * (person.need - view.need_mean)
        promise += (person.promise - view.promise_mean) * (person.promise - view.promise_mean)
    view.need_sd = max(math.sqrt(need / max(count, 1)), 1e-6)
    view.promise_sd = max(math.sqrt(promise / max(count, 1)), 1e-6)


@part
def order_by_score(state: State, scene: Scene, desk: Desk, month: int) -> int:
    """Put all who wait in order, highest score first, ties by lot; return how many may be chosen at all."""
    count = int(state.tally[0].waiting)
    now, p = scene.settings[month], scene.params[0]
    barred = 0
    for index in range(count):
        card = desk.cards[index]
        card.row = state.waiting[index]
        person = state.persons[card.row]
        card.key = NEVER
        if person.track == Track.PROJECT and ready(person, now):
            card.key = score(person, state.households[person.household], desk.pool[0], now, p)
        card.lot = person.lot
        card.taken = 0
        if card.key == NEVER:
            barred += 1
    put_in_order(desk.cards, count)
    return count - barred


@part
def places_open(state: State, scene: Scene, month: int) -> int:
    """Return how many new projects may be chosen: by intake, by money and by the advisers' caseload."""
    tally = state.tally[0]
    now = scene.settings[month]
    p = scene.params[0]
    yearly = now.intake_projects_per_year * (1.0 - now.intake_unsure_share * p.intake_doubt)
    tally.intake_credit = min(tally.intake_credit + yearly / 12.0, max(yearly, 1.0))
    wanted = float(tally.waiting) if now.selection_rule == SelectionRule.UNIVERSAL else tally.intake_credit
    accompanied = tally.starting
    for index in range(tally.running):
        business = state.businesses[state.running[index]]
        if business.assisted and business.age < now.advisers_months:
            accompanied += 1
    desks = tally.advisers_paid * now.advisers_caseload - accompanied
    price = with_overhead(now.grants_amount_mad, p)
    paid = free_funds(state, scene, month) / price if price > 0.0 else wanted
    return int(max(0.0, min(wanted + 1e-9, desks, paid + 1e-9)))


@part
def choose(state: State, scene: Scene, desk: Desk, month: int) -> None:
    """Let the committee choose among those who wait."""
    tally = state.tally[0]
    places = places_open(state, scene, month)
    if places == 0:
        return
    view_pool(state, desk.pool[0])
    candidates = order_by_score(state, scene, desk, month)
    chosen = min(places, candidates)
    head = 0
    for _ in range(chosen):
        while desk.cards[head].taken:
            head += 1
        pick = next_pick(state, scene.settings[month], desk.cards, head, candidates)
        desk.cards[pick].taken = 1
        award(state, scene, desk.cards[desk.cards[pick].order].row, month)
    tally.intake_credit = max(0.0, tally.intake_credit - chosen)
    tally.reinforcement_credit += chosen * scene.settings[month].intake_reinforcements_per_project
    state.monthly[month].places_unfilled = places - chosen
    state.monthly[month].projects_selected += chosen
    list_waiting(state)


@part
def next_pick(state: State, now: Settings, cards: Table, head: int, candidates: int) -> int:
    """Return the next place of the order to be served: its head, or under a quota the first of the neediest."""
    if now.selection_rule != SelectionRule.QUOTA:
        return head
    tally = state.tally[0]
    pick = head
    if tally.quota_neediest < now.selection_quota_neediest * (tally.quota_given + 1):
        for place in range(head, candidates):
            if not cards[place].taken and state.persons[cards[cards[place].order].row].quintile == NEEDIEST:
                pick = place
                break
    tally.quota_given += 1
    if state.persons[cards[cards[pick].order].row].quintile == NEEDIEST:
        tally.quota_neediest += 1
    return pick


@part
def award(state: State, scene: Scene, row: int, month: int) -> None:
    """Promise a grant: the project opens after the delay."""
    now = scene.settings[month]
    person = state.persons[row]
    person.file = File.SELECTED
    person.start_due = month + now.grants_delay_months
    person.promised = now.grants_amount_mad
    person.goes_rural = 1 if would_move(person, now, scene.params[0]) else 0
    if person.goes_rural:
        person.start_due += now.rural_delay_months
    tally = state.tally[0]
    tally.committed += person.promised
    state.starting[tally.starting] = row
    tally.starting += 1


@part
def start(state: State, scene: Scene, luck: tuple[int, int, int], month: int) -> None:
    """Open the projects that are due; the promise to those who left is free again."""
    tally = state.tally[0]
    kept = 0
    for index in range(tally.starting):
        row = state.starting[index]
        person = state.persons[row]
        if state.families[person.household].departure != Departure.PRESENT:
            tally.committed -= person.promised
            tally.intake_credit += 1.0  # the place goes to another
        elif person.start_due <= month and can_pay(state, scene, first_part(person, scene, month), month):
            begin_project(state, scene, luck, row, month)
        else:
            state.starting[kept] = row
            kept += 1
    tally.starting = kept


@part
def first_part(person: Person, scene: Scene, month: int) -> float:
    """Return the part of a promised grant with which a project opens; MAD 2016."""
    return float(person.promised / max(scene.settings[month].grants_tranches, 1))


@part
def can_pay(state: State, scene: Scene, amount: float, month: int) -> bool:
    """Say whether the bank covers an amount and its overhead."""
    return bool(covers(funds(state, scene.settings[month], month), with_overhead(amount, scene.params[0])))


@part
def begin_project(state: State, scene: Scene, luck: tuple[int, int, int], row: int, month: int) -> None:
    """Open a financed project with the first part of its grant."""
    tally = state.tally[0]
    now = scene.settings[month]
    person = state.persons[row]
    household = state.households[person.household]
    if person.goes_rural:
        move_to_countryside(state, scene, luck, person.household, month)
    business_row = open_business(state, scene, luck, row, month, True)
    business = state.businesses[business_row]
    business.tranches_left = max(now.grants_tranches, 1)
    business.tranche = first_part(person, scene, month)
    business.capital += put_in_savings(household, scene.params[0])
    pay_tranche(state, scene, business_row, month)
    person.file = File.SERVED
    household.in_contact -= 1
    if household.ever_served == 0:
        household.ever_served = 1
        state.served[household.place, household.origin] += household.adults
    state.watched[tally.watched] = business_row
    tally.watched += 1
    tally.financed += 1
    outcome = state.monthly[month]
    outcome.projects_started += 1
    outcome.people_served += 2 if business.second_owner >= 0 else 1
    if business.quintile == NEEDIEST:
        outcome.neediest_served += 1


@part
def pay_tranche(state: State, scene: Scene, row: int, month: int) -> None:
    """Pay one part of a promised grant."""
    business = state.businesses[row]
    pay(state, scene, month, Account.GRANT, business.tranche)
    receive_part(business)
    state.tally[0].committed -= business.tranche


@part
def pay_due_tranches(state: State, scene: Scene, month: int) -> None:
    """Pay the parts of first grants that are due, as far as money goes."""
    for index in range(state.tally[0].running):
        row = state.running[index]
        business = state.businesses[row]
        if tranche_due(business) and can_pay(state, scene, business.tranche, month):
            pay_tranche(state, scene, row, month)


@part
def reinforce(state: State, scene: Scene, cards: Table, month: int) -> None:
    """Give second grants to running projects as far as credit and money go."""
    tally = state.tally[0]
    if tally.reinforcement_credit < 1.0:
        return
    now = scene.settings[month]
    count = 0
    for index in range(tally.running):
        row = state.running[index]
        business = state.businesses[row]
        if may_be_reinforced(business):
            cards[count].row = row
            cards[count].key = reinforcement_score(business)
            cards[count].lot = state.persons[business.person].lot
            count += 1
    put_in_order(cards, count)
    price = with_overhead(now.grants_reinforcement_mad, scene.params[0])
    for place in range(min(int(tally.reinforcement_credit), count)):
        if not covers(free_funds(state, scene, month), price):
            return
        pay(state, scene, month, Account.REINFORCEMENT, now.grants_reinforcement_mad)
        receive_second(state.businesses[cards[cards[place].order].row], now.grants_reinforcement_mad)
        tally.reinforcement_credit -= 1
        state.monthly[month].reinforcements += 1
