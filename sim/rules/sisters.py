"""The sister components: health, legal and social assistance, each as far as its capacity goes."""

from __future__ import annotations

from ..params import Params
from ..records import Business, Family, Household
from ..rule import rule
from ..settings import Settings
from .home import cash_aid


@rule
def fall_ill(business: Business, health: float, luck: float, p: Params) -> None:
    """Let an owner fall ill, or recover for a month; the frail fall ill more often."""
    business.treated = 0
    business.ill_months = max(0.0, business.ill_months - 1.0)
    if business.ill_months <= 0.0 and luck < p.illness_rate * (1.8 - health):
        business.ill_months = p.illness_months


@rule
def kept_while_ill(business: Business, p: Params) -> float:
    """Return the part of a month's profit that is kept: less while the owner is ill, more under treatment; share.

    Because members of a cooperative pool their shocks, one who is ill costs it no more than its own part.
    """
    loss = p.illness_loss * min(1.0, business.ill_months) / business.hands
    return 1.0 - loss * (1.0 - p.care_effect if business.treated else 1.0)


@rule
def begin_aid(family: Family, month: int, now: Settings) -> None:
    """Give a household the social component's aid for some months."""
    family.aid_until = month + now.social_months
    family.social_aid = now.social_aid_mad


@rule
def end_aid(family: Family) -> None:
    """End that aid."""
    family.aid_until = -1
    family.social_aid = 0.0


@rule
def set_aid(household: Household, family: Family, p: Params) -> None:
    """Set what a household receives in all: the cash aid of its share, and the social component's."""
    household.aid = cash_aid(household.status, family.aid_rank, p) + family.social_aid
