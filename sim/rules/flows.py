"""Recognition and departure of households."""

from __future__ import annotations

import math

from ..kinds import Departure, Status
from ..params import Params
from ..records import Flow, Household
from ..rule import rule


@rule
def leave_rate(settle: float, p: Params) -> float:
    """Return a household's own rate of leaving, mean one over households, by its wish to stay; ratio."""
    slope = math.log(p.hr_departure_settle)
    return math.exp(slope * settle - 0.5 * slope * slope)


@rule
def recognise_month(household: Household, flow: Flow, month: int) -> bool:
    """Add this month's chance of recognition; say whether an asylum-seeker becomes a refugee now."""
    household.recognition_wear += flow.recognised
    if household.recognition_wear < household.recognition_resilience:
        return False
    household.status = Status.REFUGEE
    household.recognised = month
    return True


@rule
def excess_here(household: Household, flow: Flow) -> float:
    """Return the unusual hazard that applies to the household: none while it is in touch with the programme.

    Because files are closed for those who no longer show up; hazard a month.
    """
    return 0.0 if household.in_contact > 0 or household.business >= 0 else flow.excess


@rule
def leave_month(household: Household, flow: Flow, p: Params) -> bool:
    """Add this month's hazard of leaving; say whether the household goes."""
    ordinary = flow.leave * household.leave_rate
    if household.business >= 0:
        ordinary *= p.hr_departure_running_business
    household.leave_wear += ordinary + excess_here(household, flow)
    return household.leave_wear >= household.leave_resilience


@rule
def departure(household: Household, flow: Flow, first: float, second: float, p: Params) -> int:
    """Return why a household goes: a file closed, resettled, returned home, or moved on.

    Because a stock that falls faster than people usually leave also holds files closed for no-show (R040-R076).
    """
    excess = excess_here(household, flow)
    ordinary = flow.leave * household.leave_rate
    if first * (excess + ordinary) < excess * p.excess_file_closed_share:
        return Departure.FILE_CLOSED
    if second < p.resettled_share:
        return Departure.RESETTLED
    if second < p.resettled_share + p.returned_share:
        return Departure.RETURNED
    return Departure.ONWARD
