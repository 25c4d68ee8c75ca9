"""Branches that follow the flows of people."""

from __future__ import annotations

from ..kinds import Town
from ..records import Place
from ..rule import rule
from ..settings import Settings


@rule
def watch_flows(place: Place, now: Settings) -> None:
    """Count the months in a row with many unserved people, and those with few."""
    place.months_over = place.months_over + 1 if place.unserved > now.branches_trigger_people else 0
    place.months_under = place.months_under + 1 if place.unserved < 0.5 * now.branches_trigger_people else 0


@rule
def named(row: int, now: Settings) -> bool:
    """Say whether a lever names this place for a branch."""
    if row + 1 == Town.NONE:
        return False
    return row + 1 == now.branches_second or row + 1 == now.branches_third or row + 1 == now.branches_fourth


@rule
def follows(place: Place, now: Settings) -> bool:
    """Say whether a branch is to open here, or to stay, because many people are unserved."""
    if not now.branches_follow_flows:
        return False
    if place.followed:
        return place.months_under < now.branches_trigger_months
    return place.months_over >= now.branches_trigger_months
