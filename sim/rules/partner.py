"""The private side of a public-private partnership: it joins, gives more each month, and may withdraw."""

from __future__ import annotations

from ..params import Params
from ..records import Partner
from ..rule import rule
from ..settings import Settings


@rule
def take_part(partner: Partner, month: int, now: Settings, p: Params) -> None:
    """Join, stay or withdraw: the first by the lever, the last by it or by hazard; after it, all of it stops."""
    if now.partner_present and partner.since < 0:
        partner.since = month
    if partner.since >= 0 and partner.withdrawn < 0:
        partner.wear += p.partner_withdrawal / 12.0
        if partner.wear >= partner.resilience or not now.partner_present:
            partner.withdrawn = month
    partner.weight = 0.0
    if partner.since >= 0 and partner.withdrawn < 0:
        partner.weight = min(1.0, (month - partner.since + 1.0) / max(now.partner_ramp_months, 1))


@rule
def guaranteed(partner: Partner, now: Settings) -> float:
    """Return the jobs a partner guarantees this month; jobs."""
    return partner.weight * now.partner_jobs_per_year / 12.0 * now.law_formal_work
