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
def risk_force(business: Business, permit: bool, p: Params) -> None:
    """Add this month's hazard of seizure, eviction, expired permit or theft."""
    business.forced_wear += p.forced_closure_rate / 12.0 * (1.0 if permit else p.hr_forced_no_permit)


@rule
def hear_of_work(business: Business, ease: float, wage: float, p: Params) -> None:
    """Add this month's offers of paid work, if one would pay clearly more than the business does.

    Because exits to wage work are few and women take fewer (S029).
    """
    if wage > business.takings * (1.0 + p.job_margin):
        ratio = p.hr_female_wage_exit if business.female else 1.0
        business.job_wear += p.casual_finding * ease * p.job_offer_owner * ratio


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
