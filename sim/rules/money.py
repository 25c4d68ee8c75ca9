"""Who pays which part."""

from __future__ import annotations

from ..kinds import Funder
from ..params import Params
from ..rule import rule
from ..settings import Settings


@rule
def contribution_share(funder: int, now: Settings) -> float:
    """Return a funder's part of the budget; share."""
    if funder == Funder.UNHCR:
        return now.funding_unhcr_share
    if funder == Funder.MONACO:
        return now.funding_monaco_share
    if funder == Funder.STATE:
        return now.funding_state_share
    if funder == Funder.PRIVATE:
        return now.funding_private_share
    return now.funding_other_share


@rule
def with_overhead(amount: float, p: Params) -> float:
    """Return what an activity costs, overhead included; MAD 2016."""
    return amount * (1.0 + p.overhead)


@rule
def covers(money: float, price: float) -> bool:
    """Say whether money suffices for a price, but for rounding; yes or no."""
    return money + 1e-6 >= price
