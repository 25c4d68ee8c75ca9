"""Rural zones, and the carriers that link them to their towns."""

from __future__ import annotations

import math

from ..params import Params
from ..records import Business, Person, Place
from ..rule import rule
from ..settings import Settings

ROAD_FACTOR = 1.2
"""Length of a road against the straight line."""


@rule
def road(here: Place, there: Place) -> float:
    """Return the road between two places; km."""
    x = here.x_km - there.x_km
    y = here.y_km - there.y_km
    return ROAD_FACTOR * math.sqrt(x * x + y * y)


@rule
def would_move(person: Person, now: Settings, p: Params) -> bool:
    """Say whether a selected applicant is offered to open in a rural zone, and would."""
    return person.openness > 1.0 - now.rural_projects_share * p.rural_willing


@rule
def settle_business(business: Business, place: Place, p: Params) -> None:
    """Set what trading in a rural zone changes: less profit, and a hazard of unknown sign (S038)."""
    if place.rural:
        business.boost += p.rural_log_profit
        business.guard += p.rural_log_hazard


@rule
def turn_season(place: Place, month: int, p: Params) -> None:
    """Set the season of a rural zone: four months of harvest, May to August; none in a town."""
    place.season = 0.0
    if place.rural:
        place.season = p.rural_season if 4 <= month % 12 <= 7 else -0.5 * p.rural_season


@rule
def carrier_price(kilometres: float, p: Params) -> float:
    """Return what a carrier costs who drives that road eight times a month and back; MAD 2016 a month."""
    return p.carrier_cost + 16.0 * kilometres * p.carrier_km_cost
