"""Need: how hard a household's life is, by declared weights."""

from __future__ import annotations

from ..params import Params
from ..records import Household, Person
from ..rule import rule
from .home import margin


@rule
def need(household: Household, person: Person, permit: bool, p: Params) -> float:
    """Return the need of a household when one of its adults applies; 0 to 1.

    Because no score of the programme is published, the weights are declared numbers that add up to one.
    """
    earners = max(household.adults, 1)
    score = p.need_income * max(0.0, 1.0 - margin(household, p))
    score += p.need_dependants * min(1.0, household.dependants / (3.0 * earners))
    score += p.need_health * (1.0 - person.health)
    if not permit:
        score += p.need_permit
    if household.adults == 1 and household.dependants > 0:
        score += p.need_alone
    if household.protection:
        score += p.need_protection
    return score + p.need_idle * min(1.0, household.months_without / 12.0)


@rule
def has_permit(household: Household, share: float) -> bool:
    """Say whether a household is among the share that holds a valid residence permit; yes or no."""
    return household.permit_rank < share
