"""Rural zones: moves of households, and the demand that carriers and a partner's purchases bring."""

from __future__ import annotations

from ..kinds import Account, Trade
from ..luck import Stream, below, fates
from ..population import TRADES
from ..rule import part
from ..rules.jobs import offer_hazard
from ..rules.money import covers, with_overhead
from ..rules.rural import carrier_price, road
from ..rules.work import work_hazard
from ..state import Scene, State
from .books import free_funds, pay
from .endings import rescale


@part
def nearest(state: State, here: int, rural: int) -> int:
    """Return the nearest place that is a rural zone, or that is a town; -1 where there is none."""
    found = -1
    least = 1e18
    for row in range(len(state.places)):
        if state.places[row].rural == rural and row != here:
            far = road(state.places[here], state.places[row])
            if far < least:
                least, found = far, row
    return found


@part
def move_to_countryside(state: State, scene: Scene, luck: tuple[int, int, int], row: int, month: int) -> None:
    """Move a household of a town to the nearest rural zone, if there is one and its moving grant can be paid."""
    now, p, household = scene.settings[month], scene.params[0], state.households[row]
    if state.places[household.place].rural:
        return
    there = nearest(state, household.place, 1)
    if there < 0 or not covers(free_funds(state, scene, month), with_overhead(now.rural_moving_grant_mad, p)):
        return
    pay(state, scene, month, Account.RURAL, now.rural_moving_grant_mad)
    household.purse += now.rural_moving_grant_mad
    move(state, scene, luck, row, there, month)


@part
def move(state: State, scene: Scene, luck: tuple[int, int, int], row: int, there: int, month: int) -> None:
    """Let a household live elsewhere: other costs, other niches, other chances of work."""
    now, p = scene.settings[month], scene.params[0]
    household = state.households[row]
    here = household.place
    state.crowd[here, household.origin] -= household.adults
    state.crowd[there, household.origin] += household.adults
    if household.ever_served:
        state.served[here, household.origin] -= household.adults
        state.served[there, household.origin] += household.adults
    household.basic_cost *= state.places[there].cost_factor / state.places[here].cost_factor
    household.place = there
    place = state.places[there]
    for member in range(household.first_person, household.first_person + household.adults):
        person, worker = state.persons[member], state.workers[member]
        factor = state.places[here].work_factor
        ends_before = work_hazard(worker.activity, worker.ease, factor, now, p)
        ends = work_hazard(worker.activity, worker.ease, place.work_factor, now, p)
        offers_before = offer_hazard(worker.activity, worker.employable, factor, now, p)
        offers = offer_hazard(worker.activity, worker.employable, place.work_factor, now, p)
        rescale(worker, luck, (ends_before, ends), (offers_before, offers), month)
        _, where = fates(luck, worker.page, Stream.PERSON_EASE_AND_NICHE)
        row_in_trade = below(where, place.niches_per_trade)
        person.niche = place.first_niche + person.trade * place.niches_per_trade + row_in_trade


@part
def pay_carriers(state: State, scene: Scene, month: int) -> None:
    """Pay the carriers between rural zones and their nearest towns, by the road; as many drive as are paid."""
    tally, now, p = state.tally[0], scene.settings[month], scene.params[0]
    tally.carriers_paid = 0.0
    zones = 0
    kilometres = 0.0
    for row in range(len(state.places)):
        if state.places[row].rural:
            zones += 1
            kilometres += road(state.places[row], state.places[nearest(state, row, 0)])
    if now.link_carriers > 0.0 and zones > 0:
        price = carrier_price(kilometres / zones, p)
        tally.carriers_paid = min(now.link_carriers, free_funds(state, scene, month) / with_overhead(price, p))
        pay(state, scene, month, Account.LINK, tally.carriers_paid * price)
    state.monthly[month].carriers_paid = tally.carriers_paid


@part
def bring_demand(state: State, scene: Scene, month: int) -> None:
    """Spread what carriers and a partner buy over niches: the zones' and their towns' food trade; branch towns'."""
    for row in range(len(state.niches)):
        state.niches[row].extra = 0.0
    tally, p, partner = state.tally[0], scene.params[0], state.partner[0]
    if tally.carriers_paid > 0.0:
        zones = 0
        for row in range(len(state.places)):
            zones += state.places[row].rural
        fed = tally.carriers_paid * p.carrier_sellers / max(zones, 1)
        for row in range(len(state.places)):
            if state.places[row].rural:
                feed(state, row, -1, fed)
                feed(state, nearest(state, row, 0), Trade.FOOD, fed)
    bought = partner.weight * scene.settings[month].partner_purchases_sellers
    if bought > 0.0:
        branches = 0
        for row in range(len(state.places)):
            branches += state.places[row].branch
        for row in range(len(state.places)):
            if state.places[row].branch:
                feed(state, row, -1, bought / branches)


@part
def feed(state: State, row: int, trade: int, sellers: float) -> None:
    """Spread demand for that many sellers evenly over a place's niches, of one trade or (-1) of all."""
    place = state.places[row]
    first = place.first_niche + (trade * place.niches_per_trade if trade >= 0 else 0)
    niches = place.niches_per_trade * (1 if trade >= 0 else TRADES)
    for niche in range(first, first + niches):
        state.niches[niche].extra += sellers / niches
