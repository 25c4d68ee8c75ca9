"""Recognition and departure of households."""

from __future__ import annotations

import math

from ..kinds import Departure, Status
from ..params import Params
from ..records import Flow, Household, Pull
from ..rule import rule


@rule
def leave_rate(settle: float, p: Params) -> float:
    """Return a household's own rate of leaving, mean one over households, by its wish to stay; ratio."""
    slope = math.log(p.hr_departure_settle)
    return math.exp(slope * settle - 0.5 * slope * slope)


@rule
def recognise_month(household: Household, flow: Flow) -> bool:
    """Add this month's chance of recognition; say whether an asylum-seeker becomes a refugee now."""
    household.recognition_left -= flow.recognised
    if household.recognition_left > 0.0:
        return False
    household.status = Status.REFUGEE
    return True


@rule
def in_touch(household: Household) -> bool:
    """Say whether a household waits for the programme, was chosen by it or runs a business."""
    return household.in_contact > 0 or household.business >= 0


@rule
def pull(household: Household, p: Params) -> float:
    """Return a household's rate of leaving against the average, lower or higher while a business runs; ratio."""
    return household.leave_rate * (p.hr_departure_running_business if household.business >= 0 else 1.0)


@rule
def clear(group: Pull) -> None:
    """Begin a new count of what an origin and status weighs in departures."""
    group.persons = 0.0
    group.weight = 0.0
    group.out_of_touch = 0.0


@rule
def weigh(group: Pull, household: Household, p: Params) -> None:
    """Count a household's persons in what its origin and status weighs in departures."""
    group.persons += household.persons
    group.weight += household.persons * pull(household, p)
    if not in_touch(household):
        group.out_of_touch += household.persons


@rule
def set_hazards(group: Pull, flow: Flow) -> None:
    """Set this month's hazards of leaving for an origin and status, from what was counted before anybody leaves.

    Because UNHCR's table decides how many leave in the years it knows, rates are then counted against the mean
    of those who are there; and because files are closed for those who no longer show up (R040-R076), a stock
    that falls fast loses those who are not in touch with the programme.
    """
    group.leave = flow.leave
    group.excess = flow.excess
    if flow.known:
        group.leave *= group.persons / group.weight if group.weight > 0.0 else 1.0
        group.excess *= min(3.0, group.persons / max(group.out_of_touch, 1.0))


@rule
def excess_hazard(household: Household, group: Pull) -> float:
    """Return the unusual hazard of leaving where a stock falls fast, none while in touch; hazard a month."""
    return 0.0 if in_touch(household) else group.excess


@rule
def leave_month(household: Household, group: Pull, p: Params) -> bool:
    """Add this month's hazard of leaving; say whether the household goes."""
    household.leave_left -= group.leave * pull(household, p) + excess_hazard(household, group)
    return household.leave_left <= 0.0


@rule
def departure(household: Household, group: Pull, first: float, second: float, p: Params) -> int:
    """Return why a household goes: a file closed, resettled, returned home, or moved on.

    Because a stock that falls faster than people usually leave also holds files closed for no-show (R040-R076).
    """
    excess = excess_hazard(household, group)
    total = excess + group.leave * pull(household, p)
    if first * total < excess * p.excess_file_closed_share:
        return Departure.FILE_CLOSED
    if second < p.resettled_share:
        return Departure.RESETTLED
    if second < p.resettled_share + p.returned_share:
        return Departure.RETURNED
    return Departure.ONWARD
