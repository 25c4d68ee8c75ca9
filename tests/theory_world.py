"""The quiet world of the toolkit, and the businesses of those who live alone in it."""

from __future__ import annotations

import numpy as np

from idmaj.calibration.quiet_world import COHORT, cohort, flat_country, quiet, survived, surviving

__all__ = ["COHORT", "cohort", "flat_country", "lone_owners", "quiet", "survived", "surviving"]


def lone_owners(changes: dict[str, float]) -> np.recarray:
    """Return the businesses of a cohort in which everybody meets every risk, and hours enough for all, alone."""
    levers = {"advisers_mode": 1.0, "advisers_number": 1e5, "advisers_cap_hours": 4.0, "advisers_months": 240.0}
    table = cohort(quiet(**changes), 96, people=4000, **levers).businesses
    return table[table.spell == 1]
