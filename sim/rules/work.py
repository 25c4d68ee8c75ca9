"""Casual work, and starting alone."""

from __future__ import annotations

from ..kinds import Activity
from ..params import Params
from ..records import Household, Person
from ..rule import rule


@rule
def work_month(person: Person) -> bool:
    """Add this month's chance of finding casual work, or of losing it; say whether the spell ends."""
    person.work_left -= person.work_hazard
    return person.work_left <= 0.0


@rule
def work_hazard(activity: int, ease: float, work_factor: float, p: Params) -> float:
    """Return the hazard that a spell of search or of work ends: none while one runs a business; per month."""
    if activity == Activity.IDLE:
        return p.casual_finding * ease * work_factor
    return p.casual_separation if activity == Activity.CASUAL_WORK else 0.0


@rule
def turn(person: Person, activity: int, hazard: float, resilience: float, p: Params) -> None:
    """Begin a new spell of an activity, with its hazard of ending and the resilience it was dealt."""
    person.activity = activity
    person.wage = p.casual_income if activity == Activity.CASUAL_WORK else 0.0
    person.work_hazard = hazard
    person.work_left = resilience
    person.work_spells += 1


@rule
def start_alone(household: Household, p: Params) -> bool:
    """Add this month's chance of starting alone, where savings suffice; say whether the household starts."""
    if household.business >= 0 or household.in_contact > 0 or household.purse < p.self_start_capital:
        return False
    household.start_left -= p.self_start_rate
    return household.start_left <= 0.0
