"""Casual work, and starting alone."""

from __future__ import annotations

from ..kinds import Activity
from ..params import Params
from ..records import Household, Person, Place
from ..rule import rule


@rule
def work_month(person: Person, place: Place, p: Params) -> bool:
    """Add this month's chance of finding casual work, or of losing it; say whether the spell ends."""
    if person.activity == Activity.IDLE:
        person.work_wear += p.casual_finding * person.ease * place.work_factor
    elif person.activity == Activity.CASUAL_WORK:
        person.work_wear += p.casual_separation
    else:
        return False
    return person.work_wear >= person.work_resilience


@rule
def turn(person: Person, activity: int, resilience: float) -> None:
    """Begin a new spell of an activity, with the resilience it was dealt."""
    person.activity = activity
    person.work_wear = 0.0
    person.work_resilience = resilience
    person.work_spells += 1


@rule
def start_alone(household: Household, p: Params) -> bool:
    """Add this month's chance of starting alone, where savings suffice; say whether the household starts."""
    if household.business >= 0 or household.in_contact > 0 or household.purse < p.self_start_capital:
        return False
    household.start_wear += p.self_start_rate
    return household.start_wear >= household.start_resilience
