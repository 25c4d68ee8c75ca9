"""Cooperatives: how they are governed, what they gain and what they cost their members."""

from __future__ import annotations

import math

from ..kinds import Standing, Trade
from ..params import Params
from ..records import Business, Cooperative, Person
from ..rule import rule
from ..settings import Settings

LEAST_CAPITAL = 1000.0
"""Capital in MAD that law 112-12 asks of a cooperative; a share of 100 MAD or more follows from it."""


@rule
def trade_group(trade: int) -> int:
    """Return the group of trades that can share a cooperative: 0 sells food and goods, 1 makes and mends; no unit."""
    return 0 if trade == Trade.FOOD or trade == Trade.RETAIL else 1  # noqa: PLR1714 - numba compares, no more


@rule
def would_join(person: Person, now: Settings) -> bool:
    """Say whether an applicant would rather found or join a cooperative, where somebody helps to found one."""
    return now.cooperatives_coordinators > 0.0 and person.openness < now.cooperatives_willing_share


@rule
def owner_would_join(business: Business, person: Person, now: Settings, p: Params) -> bool:
    """Say whether a lone owner would give up its project to join: one that earns less than casual work."""
    if not now.cooperatives_admit_owners or business.assisted == 0 or business.cooperative >= 0:
        return False
    return would_join(person, now) and business.takings < p.casual_income


@rule
def enterprise(business: Business, members: int, level: float, p: Params) -> None:
    """Make a business the enterprise of a cooperative: its members' hands, markets, coordination and hazard.

    With one member and these effects at zero it is a sole business in every respect. Because S035 speaks of
    firms larger than these, the hazard's prior is wide.
    """
    business.hands = members
    business.level = level
    business.guard += p.cooperative_log_hazard
    business.boost += math.log1p(max(p.cooperative_market, -0.9)) + math.log1p(-min(p.cooperative_coordination, 0.9))


@rule
def keep_reserve(business: Business, p: Params) -> None:
    """Keep a part of the month's profit as common capital; the rest is shared out."""
    kept = p.cooperative_reserve * business.takings
    business.capital += kept
    business.takings -= kept


@rule
def govern(cooperative: Cooperative, luck: float, coordinated: bool, p: Params) -> None:
    """Let governance drift for a month, faster with more members, half as fast with a coordinator's help."""
    drift = p.governance_drift * cooperative.members / 8.0 * (0.5 if coordinated else 1.0)
    moved = cooperative.governance - drift + p.governance_sd * luck
    cooperative.governance = min(1.0, max(0.0, moved))


@rule
def fate(cooperative: Cooperative, least: int, p: Params) -> int:
    """Return how a cooperative stands after a month: it breaks, has too few members, or goes on."""
    if cooperative.governance < p.governance_floor:
        return Standing.BROKEN
    if cooperative.members < least:
        return Standing.TOO_FEW
    return cooperative.standing


@rule
def quits(luck: float, p: Params) -> bool:
    """Say whether a member quits this month."""
    return luck < p.member_quits / 12.0
