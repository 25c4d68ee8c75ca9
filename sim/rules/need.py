"""Need: how hard a household's life is, by declared weights."""

from __future__ import annotations

from ..params import Params
from ..records import Family, Household, Person
from ..rule import rule
from .home import margin


@rule
def need(household: Household, family: Family, person: Person, permit: bool, p: Params) -> float:
    """Return the need of a household when one of its adults applies; 0 to 1.

    Because no score of the programme is published, the weights are declared numbers that add up to one.
    """
    earners = max(household.adults, 1)
    score = p.need_income * max(0.0, 1.0 - margin(household))
    score += p.need_dependants * min(1.0, family.dependants / (3.0 * earners))
    score += p.need_health * (1.0 - person.health)
    if not permit:
        score += p.need_permit
    if household.adults == 1 and family.dependants > 0:
        score += p.need_alone
    if family.protection:
        score += p.need_protection
    return score + p.need_idle * min(1.0, household.months_without / 12.0)


@rule
def has_permit(family: Family, share: float) -> bool:
    """Say whether a household holds a valid residence permit: the share does, or legal assistance got it; yes or no."""
    return family.permit_rank < share or family.legal_help == 1
