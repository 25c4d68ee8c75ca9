"""What is written down at the end of a month, and what the evaluator's visits show."""

from __future__ import annotations

from ..kinds import Ending
from ..outcomes import Month
from ..records import Household
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
            visit(business, state.families[business.household], place, month, now, scene.params[0])
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
            outcome.rural_projects += state.places[business.place].rural
            outcome.jobs_gross += business.hands + (1 if business.second_owner >= 0 else 0)
            outcome.capital += business.capital
            profit += business.takings
        else:
            outcome.live_unassisted += 1
    outcome.profit = profit / max(outcome.live_businesses, 1.0)
    financed = max(state.tally[0].financed, 1)
    outcome.active_share = state.tally[0].watched / financed
    outcome.active_share_true = outcome.live_businesses / financed
    outcome.waiting = state.tally[0].waiting
    outcome.in_formal_work = state.tally[0].formal
    outcome.placed_at_work = state.tally[0].placed
    outcome.jobs_gross += state.tally[0].placed


@part
def count_served(outcome: Month, household: Household) -> None:
    """Count how a household that was once served lives at the end of its month."""
    outcome.served_households += 1.0
    outcome.income_served += household.mean_income
    if self_reliant(household):
        outcome.self_reliant_households += 1.0


@part
def record_people(state: State, month: int) -> None:
    """Write down who is present, and turn the sums over households into means and shares."""
    outcome = state.monthly[month]
    for origin in range(state.stock.shape[0]):
        for status in range(state.stock.shape[1]):
            state.stocks[month, origin, status] = state.stock[origin, status]
            outcome.persons_present += state.stock[origin, status]
        for place in range(state.crowd.shape[0]):
            outcome.adults_present += state.crowd[place, origin]
    outcome.heads_at_work = outcome.heads_working / max(outcome.refugee_households, 1.0)
    outcome.income_served /= max(outcome.served_households, 1.0)
