"""Casual work, and starting alone."""

from __future__ import annotations

from ..kinds import Activity
from ..params import Params
from ..records import Household, Worker
from ..rule import rule

NEVER = 1e18
"""A month that does not come."""


@rule
def work_hazard(activity: int, ease: float, work_factor: float, p: Params) -> float:
    """Return the hazard that a spell of search or of work ends: none while one runs a business; per month."""
    if activity == Activity.IDLE:
        return p.casual_finding * ease * work_factor
    return p.casual_separation if activity == Activity.CASUAL_WORK else 0.0


@rule
def spell_months(resilience: float, hazard: float) -> float:
    """Return how long a spell lasts: until its hazard, the same in all months, outgrows its resilience; months."""
    return resilience / hazard if hazard > 0.0 else NEVER


@rule
def turn(worker: Worker, activity: int, turns: float, p: Params) -> None:
    """Begin a new spell of an activity, which ends by itself at the end of the month that reaches `turns`."""
    worker.activity = activity
    worker.wage = p.casual_income if activity == Activity.CASUAL_WORK else 0.0
    worker.turns = turns
    worker.work_spells += 1


@rule
def start_alone(household: Household, p: Params) -> bool:
    """Add this month's chance of starting alone, where savings suffice; say whether the household starts."""
    if household.business >= 0 or household.in_contact > 0 or household.purse < p.self_start_capital:
        return False
    household.start_left -= p.self_start_rate
    return household.start_left <= 0.0
