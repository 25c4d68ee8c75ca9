"""The evaluator's lens: what visits every few months would have shown."""

from __future__ import annotations

from ..kinds import Departure, Ending
from ..params import Params
from ..records import Business, Family, Place
from ..rule import rule
from ..settings import Settings


@rule
def visit_due(business: Business, month: int, now: Settings) -> bool:
    """Say whether the evaluator calls this month."""
    since = month - business.opened
    return since > 0 and since % now.evaluation_visit_months == 0


@rule
def visit(business: Business, family: Family, place: Place, month: int, now: Settings, p: Params) -> None:
    """Write down what a visit finds: open, closed, or nobody.

    Owners who are not found are lost to follow-up, more so without a branch and the longer nobody called; of
    those who left, only the resettled are known to have left, because UNHCR resettles them itself.
    """
    lost = p.lost_with_branch if place.branch else p.lost_without_branch
    business.lost_wear += lost * now.evaluation_visit_months / 6.0
    gone = business.ending == Ending.OWNER_LEFT and family.departure != Departure.RESETTLED
    if gone or business.lost_wear >= business.lost_resilience:
        business.lost = month
    elif business.ending == Ending.OPEN:
        business.last_seen = month
    else:
        business.seen_ended = month
