"""Little worlds on Mesa's face: an eventful one, and one in which every mechanism is at work."""

from __future__ import annotations

import numpy as np
from worlds import toy_country, toy_params, toy_policy

from idmaj.sim import World
from idmaj.sim.kinds import Town
from idmaj.sim.policy import Policy

MONTHS = 36
EVENTFUL = {"failure_level": 0.5, "application_rate": 0.06, "forced_closure_rate": 0.2, "self_start_rate": 0.03}
FULL = EVENTFUL | {"registration_months": 2.0, "governance_drift": 0.03, "partner_withdrawal": 1e-6}
EVERYTHING = {
    "orientation_job_share": 0.3,
    "branches_second": Town.CASABLANCA,  # the second place of a country, whatever its name
    "branches_follow_flows": 1,
    "branches_trigger_people": 50,
    "training_seats": 10,
    "training_before_start": 1,
    "jobs_brokers": 0.3,
    "jobs_subsidy_share": 0.5,
    "cooperatives_willing_share": 0.5,
    "cooperatives_admit_owners": 1,
    "incubators_rooms": 4,
    "rural_projects_share": 1,
    "link_carriers": 1,
    "partner_present": 1,
    "partner_cofunding_mad_per_year": 1e6,
    "partner_jobs_per_year": 12,
    "partner_purchases_sellers": 20,
    "social_households": 20,
    "health_treatments": 2,
    "legal_cases": 2,
    "shock_earners_stopped": 0.05,
}
"""A world in which every mechanism is at work."""
ROOMS_COME_AND_GO = np.array([2, 2, 0, 0, 2, 1] * 20, float)[:MONTHS]
"""Incubators, month by month."""


def world(months: int = MONTHS, *, seed: int = 1, params: dict[str, float] | None = None, **levers: float) -> World:
    """Return a world before its first month, with its own parameters where `params` are given."""
    return World(toy_params(**(EVENTFUL if params is None else params)), toy_policy(months, **levers), seed)


def full_policy() -> Policy:
    """Return a policy under which every mechanism is at work."""
    return toy_policy(
        MONTHS,
        toy_country(persons=2500.0),
        **EVERYTHING,
        incubators_number=ROOMS_COME_AND_GO,
        cooperatives_coordinators=np.where(np.arange(MONTHS) < 10, 0.0, 6.0),  # owners join only if they began before
        funding_budget_mad_per_year=6e6,
    )


def full_world() -> World:
    """Return a world of that policy before its first month."""
    return World(toy_params(**FULL), full_policy(), 1)
