"""What is written down at the end of a month, and what the evaluator's visits show."""

from __future__ import annotations

from ..kinds import Activity, Ending, Status
from ..rule import part
from ..rules.home import self_reliant
from ..rules.lens import visit, visit_due
from ..state import Scene, State


@part
def evaluate(state: State, scene: Scene, month: int) -> None:
    """Let the evaluator visit the projects that are due; those found closed or lost are not visited again."""
    tally = state.tally[0]
    now = scene.settings[month]
    outcome = state.monthly[month]
    if month > 0:
        outcome.lost_to_follow_up = state.monthly[month - 1].lost_to_follow_up
    kept = 0
    for index in range(tally.watched):
        row = state.watched[index]
        business = state.businesses[row]
        if visit_due(business, month, now):
            place = state.places[business.place]
            visit(business, state.households[business.household], place, month, scene.params[0])
        if business.lost >= 0:
            outcome.lost_to_follow_up += 1
        elif business.seen_ended < 0:
            state.watched[kept] = row
            kept += 1
    tally.watched = kept


@part
def record_projects(state: State, month: int) -> None:
    """Write down how many businesses are open and how they do."""
    outcome = state.monthly[month]
    profit = 0.0
    for index in range(state.tally[0].running):
        business = state.businesses[state.running[index]]
        if business.ending != Ending.OPEN:
            continue
        if business.assisted:
            outcome.live_businesses += 1
            outcome.capital += business.capital
            profit += business.takings
        else:
            outcome.live_unassisted += 1
    outcome.profit = profit / max(outcome.live_businesses, 1.0)
    financed = max(state.tally[0].financed, 1)
    outcome.active_share = state.tally[0].watched / financed
    outcome.active_share_true = outcome.live_businesses / financed
    outcome.waiting = state.tally[0].waiting


@part
def record_people(state: State, month: int) -> None:
    """Write down who is present, who works, and how households once served live."""
    outcome = state.monthly[month]
    heads = 0
    working = 0
    income = 0.0
    adults = 0
    persons = 0
    for index in range(state.tally[0].present):
        household = state.households[state.present[index]]
        adults += household.adults
        persons += household.adults + household.dependants
        if household.status == Status.REFUGEE:
            heads += 1
            if state.persons[household.first_person].activity != Activity.IDLE:
                working += 1
        if household.ever_served:
            outcome.served_households += 1
            income += household.mean_income
            if self_reliant(household):
                outcome.self_reliant_households += 1
    outcome.persons_present = persons
    outcome.adults_present = adults
    outcome.heads_at_work = working / max(heads, 1)
    outcome.income_served = income / max(outcome.served_households, 1.0)


@part
def record_stocks(state: State, month: int) -> None:
    """Write down persons present by origin and status."""
    for origin in range(state.stock.shape[0]):
        for status in range(state.stock.shape[1]):
            state.stocks[month, origin, status] = state.stock[origin, status]
