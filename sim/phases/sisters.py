"""The sister components at work: cash aid for the neediest, permits, treatment."""

from __future__ import annotations

from ..kinds import Account, Departure, Ending
from ..population import permit_held
from ..rule import part
from ..rules.jobs import offer_hazard, see_employer
from ..rules.money import covers, with_overhead
from ..rules.sisters import begin_aid, end_aid, set_aid
from ..rules.work import stretch
from ..state import Desk, Scene, State
from .books import free_funds, pay
from .desk import NEEDIEST
from .order import put_in_order


@part
def aid(state: State, scene: Scene, desk: Desk, month: int) -> None:
    """Pay the social component's aid, end what is over, and begin it for this month's neediest as they applied."""
    tally, now, p, outcome = state.tally[0], scene.settings[month], scene.params[0], state.monthly[month]
    kept = 0
    for index in range(tally.aided):
        row = state.aided[index]
        family = state.families[row]
        if family.departure != Departure.PRESENT:
            continue
        paid = family.aid_until > month and pay_aid(state, scene, family.social_aid, month)
        if paid:
            state.aided[kept] = row
            kept += 1
        else:
            end_aid(family)
            set_aid(state.households[row], family, p)
    tally.aided = kept
    count = order_neediest(state, desk, month)
    for place in range(count):
        row = state.persons[desk.cards[desk.cards[place].order].row].household
        if tally.aided + 1 > now.social_households or not pay_aid(state, scene, now.social_aid_mad, month):
            break
        begin_aid(state.families[row], month, now)
        set_aid(state.households[row], state.families[row], p)
        state.aided[tally.aided] = row
        tally.aided += 1
    outcome.households_aided = tally.aided


@part
def order_neediest(state: State, desk: Desk, month: int) -> int:
    """Put this month's neediest applicants who have no such aid in order of need, then by lot; count them."""
    count = 0
    for index in range(state.tally[0].recent):
        row = state.recent[index]
        person = state.persons[row]
        if person.applied == month and person.quintile == NEEDIEST and state.families[person.household].aid_until < 0:
            card = desk.cards[count]
            card.row = row
            card.key = person.need
            card.lot = person.lot
            count += 1
    put_in_order(desk.cards, count)
    return count


@part
def pay_aid(state: State, scene: Scene, amount: float, month: int) -> bool:
    """Pay one household's aid, if the money is there; say whether it was."""
    if not covers(free_funds(state, scene, month), with_overhead(amount, scene.params[0])):
        return False
    pay(state, scene, month, Account.SOCIAL, amount)
    return True


@part
def order_owners(state: State, scene: Scene, desk: Desk, month: int, ill: bool) -> int:
    """Put the owners who are ill, or whose household has no permit, in order of need, then by lot; count them."""
    count = 0
    for index in range(state.tally[0].running):
        row = state.running[index]
        business = state.businesses[row]
        if business.ending != Ending.OPEN:
            continue
        household, family = state.households[business.household], state.families[business.household]
        asks = business.ill_months > 0.0
        if not ill:
            asks = family.legal_help == 0 and not permit_held(household, family, scene.permit_share, month)
        if asks:
            card = desk.cards[count]
            card.row = row
            card.key = business.need
            card.lot = state.persons[business.person].lot
            count += 1
    put_in_order(desk.cards, count)
    return count


@part
def assist(state: State, scene: Scene, luck: tuple[int, int, int], desk: Desk, month: int) -> None:
    """Let the legal component obtain permits for owners' households, the neediest first."""
    now, p = scene.settings[month], scene.params[0]
    if now.legal_cases < 1.0:
        return
    count = order_owners(state, scene, desk, month, False)
    for place in range(min(int(now.legal_cases), count)):
        if not covers(free_funds(state, scene, month), with_overhead(p.legal_cost, p)):
            return
        pay(state, scene, month, Account.LEGAL, p.legal_cost)
        obtain_permit(state, scene, luck, state.businesses[desk.cards[desk.cards[place].order].row].household, month)
        state.monthly[month].legal_permits += 1


@part
def obtain_permit(state: State, scene: Scene, luck: tuple[int, int, int], row: int, month: int) -> None:
    """Obtain a household's permit; employers see it at once in all of its adults."""
    state.families[row].legal_help = 1
    now, p, household = scene.settings[month], scene.params[0], state.households[row]
    factor = state.places[household.place].work_factor
    for member in range(household.first_person, household.first_person + household.adults):
        worker = state.workers[member]
        offers_before = offer_hazard(worker.activity, worker.employable, factor, now, p)
        see_employer(worker, state.persons[member], True, p)
        offers = offer_hazard(worker.activity, worker.employable, factor, now, p)
        if offers_before > 0.0:
            worker.offer = stretch(worker.offer, month - 1.0, offers_before, offers)


@part
def treat(state: State, scene: Scene, desk: Desk, month: int) -> None:
    """Let the health component treat owners who are ill, the neediest first."""
    now, p = scene.settings[month], scene.params[0]
    if now.health_treatments < 1.0:
        return
    count = order_owners(state, scene, desk, month, True)
    for place in range(min(int(now.health_treatments), count)):
        if not covers(free_funds(state, scene, month), with_overhead(p.care_cost, p)):
            return
        pay(state, scene, month, Account.HEALTH, p.care_cost)
        state.businesses[desk.cards[desk.cards[place].order].row].treated = 1
        state.monthly[month].treatments += 1
