"""Branches that follow the flows: unserved people counted, branches opened, staffed and closed."""

from __future__ import annotations

from ..kinds import Account
from ..rule import part
from ..rules.branches import follows, named, watch_flows
from ..rules.money import covers, with_overhead
from ..rules.rural import road
from ..state import Scene, State
from .books import free_funds, pay


@part
def follow(state: State, scene: Scene, month: int) -> None:
    """Count the unserved, then open and close branches by name or because people are there."""
    now = scene.settings[month]
    for row in range(len(state.places)):
        place = state.places[row]
        place.unserved = 0.0
        for origin in range(state.crowd.shape[1]):
            place.unserved += state.crowd[row, origin] - state.served[row, origin]
        watch_flows(place, now)
    opened = further_branches(state)
    changed = False
    for row in range(len(state.places)):
        place = state.places[row]
        if place.first_branch:
            continue
        by_name = named(row, now)
        room = place.followed or opened + 1 < now.branches_most
        wanted = by_name or (room and follows(place, now))
        if wanted and place.opens < 0:
            place.opens = month + now.branches_months_to_open
            place.followed = 0 if by_name else 1
            opened += 1
        elif not wanted and place.opens >= 0:
            changed = changed or place.branch == 1
            place.opens = -1
            place.branch = 0
            place.followed = 0
            opened -= 1
        if place.opens >= 0 and place.opens <= month and not place.branch:
            changed = open_branch(state, scene, row, month) or changed
    if changed:
        measure_roads(state)


@part
def further_branches(state: State) -> int:
    """Return how many branches beyond the first are open or being opened; branches."""
    found = 0
    for row in range(len(state.places)):
        if state.places[row].opens >= 0:
            found += 1
    return found


@part
def open_branch(state: State, scene: Scene, row: int, month: int) -> bool:
    """Open a branch, if its opening can be paid; say whether it could."""
    p = scene.params[0]
    if not covers(free_funds(state, scene, month), with_overhead(p.branch_opening_cost, p)):
        return False
    pay(state, scene, month, Account.BRANCH, p.branch_opening_cost)
    state.places[row].branch = 1
    return True


@part
def measure_roads(state: State) -> None:
    """Measure from each place the road to the nearest branch."""
    for row in range(len(state.places)):
        place = state.places[row]
        nearest = 1e9
        for other in range(len(state.places)):
            if state.places[other].branch:
                nearest = min(nearest, road(place, state.places[other]))
        if nearest < 1e9:
            place.distance_km = nearest
