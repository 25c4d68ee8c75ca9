"""The order of a month: the model's table of contents.

Shared quantities are counted before anybody acts on them, so the order of rows cannot matter; scarce things
go by score, then by one's own lot.
"""

from __future__ import annotations

from .phases import (
    books,
    branches,
    coops,
    countryside,
    daily,
    desk,
    field,
    labour,
    people,
    record,
    rooms,
    school,
    sisters,
)
from .population import deal_niches, deal_partner
from .reference import refer
from .rule import entry_point, part
from .state import Desk, Floats, Scene, State

Luck3 = tuple[int, int, int]


@part
def most_businesses(state: State) -> int:
    """Return the most businesses there can be at the end of a month: each household may open one."""
    tally = state.tally[0]
    to_come = len(state.households) - tally.households
    return int(tally.businesses + tally.present + tally.starting + to_come)


@entry_point
def live_months(tables: State, given: Scene, luck: Luck3, room: Desk, first: int, last: int) -> int:
    """Live the months from `first` to `last` - 1; return where it stopped for want of room for businesses."""
    state, scene, space = refer(tables), refer(given), refer(room)
    for month in range(first, last):
        if len(state.businesses) < most_businesses(state):
            return month
        labour.reckon(state, scene, luck, month)  # the law, permits, shocks to work
        people.arrive(state, scene, luck, month)  # arrivals
        people.go_stay_or_ask(state, scene, luck, space.known, month)  # recognition, departures, applications
        coops.lose_members(state, scene, luck, month)  # cooperatives go on without those who left
        field.still_running(state)
        books.open_books(state, scene, month)  # the funders' money comes in, a partner's too
        branches.follow(state, scene, month)  # branches open and close
        books.pay_fixed_costs(state, scene, month)  # branches, outreach, staff, rooms
        countryside.pay_carriers(state, scene, month)  # the link between town and country
        desk.rank_need(state, space.cards, month)  # who is among the neediest
        sisters.aid(state, scene, space, month)  # social assistance
        desk.still_waiting(state, scene, luck, month)  # who still waits
        school.attend(state, scene, luck, space, month)  # training
        desk.choose(state, scene, space, month)  # selection
        desk.start(state, scene, luck, month)  # grants, openings, moves
        coops.found(state, scene, space, month)  # cooperatives founded
        coops.register(state, scene, luck, month)  # and registered
        rooms.let_rooms(state, scene, space, month)  # incubators
        desk.pay_due_tranches(state, scene, month)  # further parts of grants
        desk.reinforce(state, scene, space.cards, month)  # second grants
        sisters.assist(state, scene, luck, space, month)  # legal assistance
        field.advise(state, scene, month)  # advisers' hours
        field.meet_luck(state, scene, luck, month)  # good and bad months, illness
        sisters.treat(state, scene, space, month)  # health assistance
        field.trade(state, scene, luck, month)  # niches, trading
        coops.share_out(state, scene)  # members' parts
        daily.live(state, scene, luck, month)  # households, closures, work
        labour.place_seekers(state, scene, luck, space, month)  # placements
        coops.renew(state, scene, luck, month)  # members, governance
        record.evaluate(state, scene, month)  # the evaluator's visits
        record.record_projects(state, month)  # outcomes
        record.record_people(state, month)
    return last


@entry_point
def begin(tables: State, given: Scene, luck: Luck3, first_stock: Floats) -> None:
    """Deal the niches, a partner's patience, and those who live there before the first month."""
    state, scene = refer(tables), refer(given)
    deal_niches(state, scene, luck)
    deal_partner(state, luck)
    people.settle_first(state, scene, luck, first_stock)


@entry_point
def count_arrivals(given: Scene, luck: Luck3, first: int, last: int) -> int:
    """Return how many households will arrive from month `first` to `last` - 1, so that there is room for them."""
    scene = refer(given)
    total = 0
    for month in range(first, last):
        for flow in range(scene.flows.shape[1]):
            total += people.households_arriving(scene, luck, flow, month)
    return total
