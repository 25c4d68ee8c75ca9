"""Outreach and application: who comes to the programme's desk."""

from __future__ import annotations

import math

from ..params import Params
from ..records import Household, Person, Place
from ..rule import rule
from ..settings import Settings

QUARTER_MONTHS = 3
"""Months over which applicants of a town are compared with each other."""


@rule
def reach(place: Place, p: Params) -> float:
    """Return how well the programme is known in a town, against a town with a branch; ratio (R110-R125)."""
    if place.branch:
        return 1.0
    return p.reach_without_branch * math.exp(-place.distance_km / p.reach_distance_km)


@rule
def word_of_mouth(served: float, adults: float, p: Params) -> float:
    """Return how much better known it is where people of one's origin and town were served; ratio."""
    return 1.0 + p.word_of_mouth * min(1.0, served / max(adults, 1.0))


@rule
def may_ask(household: Household, eligible: bool, p: Params) -> bool:
    """Say whether a household would apply: eligible, with no business or file open, and not working well."""
    if not eligible or household.business >= 0 or household.in_contact > 0:
        return False
    return household.mean_income + household.aid < p.working_well * household.basic_cost


@rule
def ask_month(household: Household, known: float, now: Settings, p: Params) -> bool:
    """Add this month's chance that one of its adults applies; say whether one does now (P011)."""
    household.ask_left -= p.application_rate * known * now.outreach_intensity * household.askers
    return household.ask_left <= 0.0


@rule
def asker(person: Person, p: Params) -> float:
    """Return how likely an adult is to apply, against one who never did; persons."""
    return p.reapplication_relative_rate if person.applications > 0 else 1.0


@rule
def gives_up(person: Person, month: int, p: Params) -> bool:
    """Say whether one who waits has waited too long."""
    return month - person.applied >= p.patience_months
