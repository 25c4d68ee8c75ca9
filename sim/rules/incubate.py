"""Incubators: what a room saves and gives, and what changes when a project leaves it."""

from __future__ import annotations

from ..kinds import Admission
from ..params import Params
from ..records import Business, Person
from ..rule import rule
from ..settings import Settings

NEW_MONTHS = 12
"""Age up to which a project may ask for a room, in months."""


@rule
def asks_for_room(business: Business) -> bool:
    """Say whether a project asks for a room: financed, new, no cooperative, and never in a room before."""
    if business.assisted == 0 or business.cooperative >= 0 or business.graduates >= 0:
        return False
    return business.age <= NEW_MONTHS


@rule
def room_score(business: Business, person: Person, now: Settings) -> float:
    """Return who gets a room first, highest first; no unit. By lot where the lever says so."""
    if now.incubators_admission == Admission.NEED:
        return business.need
    if now.incubators_admission == Admission.PROMISE:
        return person.promise
    return 0.0


@rule
def move_in(business: Business, incubator: int, month: int, now: Settings, p: Params) -> None:
    """Take a room for the months of stay."""
    business.incubator = incubator
    business.graduates = month + now.incubators_months
    business.guard += p.incubator_log_hazard


@rule
def graduate(business: Business, p: Params) -> None:
    """Leave the room: its effects end, and trade steps down a little. Because of S036."""
    business.incubator = -1
    business.guard -= p.incubator_log_hazard
    business.boost += p.graduation_log_profit
