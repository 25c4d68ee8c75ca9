"""Incubators: rooms let to new projects, and left again."""

from __future__ import annotations

from ..kinds import Ending
from ..rule import part
from ..rules.incubate import asks_for_room, graduate, move_in, room_score
from ..state import Desk, Scene, State
from .order import put_in_order


@part
def count_rooms(state: State, scene: Scene, month: int) -> float:
    """Set how many rooms each incubator has: one in each of the first towns; return how many in all; rooms.

    Where fewer are wanted than are let, those let stay until their projects leave.
    """
    now = scene.settings[month]
    towns = 0
    total = 0.0
    for row in range(len(state.incubators)):
        incubator = state.incubators[row]
        incubator.place = row
        wanted = 0
        if not state.places[row].rural:
            wanted = now.incubators_rooms if towns < now.incubators_number else 0
            towns += 1
        incubator.rooms = max(wanted, incubator.tenants)
        total += incubator.rooms
    return total


@part
def let_rooms(state: State, scene: Scene, desk: Desk, month: int) -> None:
    """Let projects leave whose stay is over, then let free rooms by the admission rule, ties by lot."""
    tally, now, p, outcome = state.tally[0], scene.settings[month], scene.params[0], state.monthly[month]
    count = 0
    for index in range(tally.running):
        row = state.running[index]
        business = state.businesses[row]
        if business.ending != Ending.OPEN:
            continue
        if business.incubator >= 0 and business.graduates <= month:
            state.incubators[business.incubator].tenants -= 1
            graduate(business, p)
        if now.incubators_number > 0 and asks_for_room(business) and state.incubators[business.place].rooms > 0:
            card = desk.cards[count]
            card.row = row
            card.key = room_score(business, state.persons[business.person], now)
            card.lot = state.persons[business.person].lot
            count += 1
    put_in_order(desk.cards, count)
    for place in range(count):
        business = state.businesses[desk.cards[desk.cards[place].order].row]
        incubator = state.incubators[business.place]
        if tally.rooms_paid >= 1.0 and incubator.tenants < incubator.rooms:
            move_in(business, business.place, month, now, p)
            incubator.tenants += 1
        else:
            outcome.rooms_queue += 1
    for row in range(len(state.incubators)):
        outcome.rooms_open += state.incubators[row].rooms
        outcome.rooms_taken += state.incubators[row].tenants
