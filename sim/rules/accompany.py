"""Accompaniment: how advisers' hours reach a project and what they change."""

from __future__ import annotations

import math

from ..kinds import AdviserMode
from ..params import Params
from ..records import Business, Place
from ..rule import rule
from ..settings import Settings


@rule
def accompanied(business: Business, now: Settings) -> bool:
    """Say whether a project is in its months of accompaniment."""
    return business.assisted == 1 and business.age < now.advisers_months


@rule
def claim(business: Business, now: Settings) -> None:
    """Set a project's claim on the advisers: the same for all, or by stage and need after a diagnosis."""
    business.weight = 1.0
    if now.advisers_mode == AdviserMode.CASE_BY_CASE:
        if business.age == 0:
            business.weight = now.advisers_diagnosis_weight
        else:
            business.weight = (0.5 + business.need) * (2.0 if business.age < 6 else 1.0)


@rule
def hours_per_hour(place: Place, p: Params) -> float:
    """Return the working hours that one hour with a project takes; hours, travel included."""
    return 1.0 if place.branch else 1.0 / (1.0 - min(p.travel_share, 0.95))


@rule
def share_of_hours(business: Business, all_hours: float, all_claims: float, travel: float, now: Settings) -> float:
    """Return the hours a project gets of all working hours, by its claim; hours a month.

    `travel` is what one hour takes with the way. Each claim is to working hours, so a far project gets less.
    """
    hours = all_hours * business.weight / all_claims / travel
    return min(hours, now.advisers_cap_hours) if now.advisers_mode == AdviserMode.CASE_BY_CASE else hours


@rule
def wanted_hours(p: Params) -> float:
    """Return the hours that give 86 % of the effect, from which missing hours are counted; hours a month."""
    return 2.0 * p.half_effect_hours


@rule
def take_advice(business: Business, hours: float, fit: float, p: Params) -> None:
    """Take in this month's hours, with falling returns, as well as they fit; what is not renewed fades.

    Because mentoring's effect faded after it stopped (E014).
    """
    reached = -math.expm1(-hours / p.half_effect_hours) * fit
    business.advice += (reached - business.advice) / max(p.advice_fading, 1.0)
    business.hours = hours
    business.hours_total += hours


@rule
def fit(now: Settings, p: Params) -> float:
    """Return how well hours meet the case, against equal hours; ratio."""
    return p.fit_gain if now.advisers_mode == AdviserMode.CASE_BY_CASE else 1.0
