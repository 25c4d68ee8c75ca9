"""The other ways a business ends. The first that is met wins."""

from __future__ import annotations

from ..kinds import Ending, ForcedReason
from ..params import Params
from ..records import Business
from ..rule import rule


@rule
def insolvent_month(business: Business, p: Params) -> None:
    """Count the months in a row in which capital lies under the insolvency floor, once the grant is paid in full."""
    if business.tranches_left == 0 and business.capital < p.insolvency_floor * p.reference_capital:
        business.low_months += 1
    else:
        business.low_months = 0


@rule
def risk_force(business: Business, permit: bool, helped: bool, p: Params) -> None:
    """Add this month's hazard of seizure, eviction, expired permit or theft, less with a room or a lawyer's help."""
    hazard = p.forced_closure_rate / 12.0 * (1.0 if permit else p.hr_forced_no_permit)
    if helped:
        hazard *= p.hr_forced_legal
    if business.incubator >= 0:
        hazard *= p.hr_forced_in_room
    business.forced_wear += hazard


@rule
def better(wage: float, business: Business, p: Params) -> bool:
    """Say whether a job would pay clearly more than an owner's part of the business."""
    return wage > business.takings / business.hands * (1.0 + p.job_margin)


@rule
def hear_of_work(business: Business, casual: float, formal: float, p: Params) -> None:
    """Add this month's offers of paid work that would pay clearly more than the business does.

    `casual` and `formal` are the hazards of finding either, were the owner to search. Because exits to wage work
    are few and women take fewer (S029); a member of a cooperative hears of it when quitting.
    """
    if business.hands > 1.0:
        return
    ratio = p.job_offer_owner * (p.hr_female_wage_exit if business.female else 1.0)
    if better(p.casual_income, business, p):
        business.job_wear += casual * ratio
    if better(p.formal_wage, business, p):
        business.job_wear += formal * ratio


@rule
def formal_share(business: Business, casual: float, formal: float, p: Params) -> float:
    """Return the part of the offers an owner heard of this month that were of formal work; share."""
    heard = casual if better(p.casual_income, business, p) else 0.0
    better_paid = formal if better(p.formal_wage, business, p) else 0.0
    return better_paid / (heard + better_paid) if heard + better_paid > 0.0 else 0.0


@rule
def ending(business: Business) -> int:
    """Return how the business ends this month, or that it stays open; the order settles what came first."""
    if business.forced_wear >= business.forced_resilience:
        return Ending.FORCED_CLOSURE
    if business.wear >= business.resilience:
        return Ending.FAILED
    if business.low_months >= 2:
        return Ending.INSOLVENT
    if business.job_wear >= business.job_resilience:
        return Ending.TOOK_JOB
    return Ending.OPEN


@rule
def forced_reason(luck: float, permit: bool) -> int:
    """Return why a business was closed by force; no expired permit where there is one (judgement)."""
    if luck < 0.4:
        return ForcedReason.SEIZURE
    if luck < 0.6:
        return ForcedReason.EVICTION
    if luck < 0.8 and not permit:
        return ForcedReason.EXPIRED_PERMIT
    return ForcedReason.THEFT


@rule
def close(business: Business, how: int, month: int) -> None:
    """Write down how and when the business ended; money still due to it is not paid."""
    business.ending = how
    business.ended = month
    business.tranches_left = 0
