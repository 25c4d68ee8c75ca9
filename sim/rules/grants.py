"""Grants and reinforcement. Their effect runs through capital alone."""

from __future__ import annotations

from ..kinds import Ending
from ..params import Params
from ..records import Business, Household
from ..rule import rule

TRANCHE_GAP_MONTHS = 3


@rule
def tranche_due(business: Business) -> bool:
    """Say whether a further part of the first grant is due; what cannot be paid stays due."""
    return business.tranches_left > 0 and business.age >= business.next_part


@rule
def receive(business: Business, amount: float) -> None:
    """Put granted money into stock and tools."""
    business.capital += amount
    business.grant += amount


@rule
def receive_part(business: Business) -> None:
    """Put a part of the first grant into stock and tools; the next is due three months later."""
    receive(business, business.tranche)
    business.tranches_left -= 1
    business.next_part = business.age + TRANCHE_GAP_MONTHS


@rule
def put_in_savings(household: Household, p: Params) -> float:
    """Take the part of a household's savings that it puts into its project; MAD 2016."""
    own = p.own_contribution * household.purse
    household.purse -= own
    return own


@rule
def may_be_reinforced(business: Business) -> bool:
    """Say whether a project may get a second grant: financed, open, one to eight years old, never reinforced.

    Because reinforcements went to running projects (P017); the ages are judgement.
    """
    aged = 12 <= business.age <= 96
    return business.assisted == 1 and business.ending == Ending.OPEN and aged and business.reinforced == 0


@rule
def reinforcement_score(business: Business) -> float:
    """Return who is reinforced first: the one whose capital is most depleted; minus MAD (judgement)."""
    return -business.capital


@rule
def receive_second(business: Business, amount: float) -> None:
    """Put a second grant into stock and tools."""
    receive(business, amount)
    business.reinforced += 1
