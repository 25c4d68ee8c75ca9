"""Casual work, and starting alone."""

from __future__ import annotations

from ..kinds import Activity
from ..params import Params
from ..records import Household, Worker
from ..rule import rule
from ..settings import Settings

NEVER = 1e18
"""A month that does not come."""


@rule
def work_hazard(activity: int, ease: float, work_factor: float, now: Settings, p: Params) -> float:
    """Return the hazard that a spell of search or of work ends by itself: none in any other activity; per month."""
    if activity == Activity.IDLE:
        return p.casual_finding * ease * work_factor * now.shock_finding_factor
    if activity == Activity.CASUAL_WORK:
        return p.casual_separation * now.shock_losing_factor
    return p.formal_separation * now.shock_losing_factor if activity == Activity.FORMAL_WORK else 0.0


@rule
def wage(activity: int, stipend: float, p: Params) -> float:
    """Return what an activity pays beside any business; MAD 2016 a month. A member's part is shared out later."""
    if activity == Activity.CASUAL_WORK:
        return p.casual_income
    if activity == Activity.FORMAL_WORK:
        return p.formal_wage
    return stipend if activity == Activity.TRAINING else 0.0


@rule
def stretch(until: float, since: float, before: float, after: float) -> float:
    """Return when a spell ends once its hazard has changed: what is left of it lasts longer or shorter; month.

    Because a resilience that is partly spent outlives a changed hazard in the inverse ratio.
    """
    if before == after:
        return until
    if before <= 0.0 or after <= 0.0:
        return NEVER
    return min(NEVER, since + (until - since) * before / after)


@rule
def spell_months(resilience: float, hazard: float) -> float:
    """Return how long a spell lasts: until its hazard, the same in all months, outgrows its resilience; months."""
    return resilience / hazard if hazard > 0.0 else NEVER


@rule
def turn(worker: Worker, activity: int, pay: float, turns: float, offer: float) -> None:
    """Begin a new spell of an activity: it ends by itself at `turns`, or with an offer of formal work at `offer`."""
    worker.activity = activity
    worker.wage = pay
    worker.turns = turns
    worker.offer = offer
    worker.placed = 0
    worker.work_spells += 1


@rule
def start_alone(household: Household, p: Params) -> bool:
    """Add this month's chance of starting alone, where savings suffice; say whether the household starts."""
    if household.business >= 0 or household.in_contact > 0 or household.purse < p.self_start_capital:
        return False
    household.start_left -= p.self_start_rate
    return household.start_left <= 0.0
