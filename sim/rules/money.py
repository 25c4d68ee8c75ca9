"""Who pays which part."""

from __future__ import annotations

from ..kinds import Funder, Town
from ..params import Params
from ..rule import rule
from ..settings import Settings


@rule
def contribution_share(funder: int, now: Settings) -> float:
    """Return a funder's part of the budget; share."""
    if funder == Funder.UNHCR:
        return now.funding_unhcr_share
    if funder == Funder.MONACO:
        return now.funding_monaco_share
    if funder == Funder.STATE:
        return now.funding_state_share
    if funder == Funder.PRIVATE:
        return now.funding_private_share
    return now.funding_other_share


@rule
def in_charge(now: Settings) -> float:
    """Return what the budget pays in a month, of all funders together; MAD 2016."""
    return now.funding_budget_mad_per_year / 12.0 * now.funding_paid_part


@rule
def planned_cost(now: Settings, p: Params) -> float:
    """Return what a month of staff and services costs as planned, without grants and overhead; MAD 2016.

    Because a strategy that is paid for beside the budget needs the difference between its plan and the
    baseline's, whatever is then used of it.
    """
    staff = now.advisers_number * p.adviser_cost + now.jobs_brokers * p.broker_cost
    staff += now.cooperatives_coordinators * p.coordinator_cost + now.outreach_intensity * p.outreach_cost
    named = 1.0 if now.branches_second != Town.NONE else 0.0
    named += 1.0 if now.branches_third != Town.NONE else 0.0
    named += 1.0 if now.branches_fourth != Town.NONE else 0.0
    branches = max(named, now.branches_most - 1.0 if now.branches_follow_flows else 0.0)
    places = branches * (p.branch_cost + now.branches_advisers * p.adviser_cost)
    places += now.incubators_number * now.incubators_rooms * p.room_cost
    courses = now.training_seats * (p.training_seat_cost / now.training_months + now.training_stipend_mad)
    placed = now.jobs_brokers * p.placements_per_broker * (1.0 + p.subsidy_placements * now.jobs_subsidy_share)
    jobs = placed * p.formal_wage * now.jobs_subsidy_share * now.jobs_subsidy_months
    movers = now.intake_projects_per_year / 12.0 * now.rural_projects_share * p.rural_willing
    people = movers * now.rural_moving_grant_mad
    people += now.cooperatives_coordinators * p.foundings_per_coordinator / 12.0 * now.cooperatives_grant_mad * 8.0
    sisters = now.social_households * now.social_aid_mad + now.health_treatments * p.care_cost
    sisters += now.legal_cases * p.legal_cost + now.link_carriers * p.carrier_cost
    return staff + places + courses + jobs + people + sisters


@rule
def with_overhead(amount: float, p: Params) -> float:
    """Return what an activity costs, overhead included; MAD 2016."""
    return amount * (1.0 + p.overhead)


@rule
def covers(money: float, price: float) -> bool:
    """Say whether money suffices for a price, but for rounding; yes or no."""
    return money + 1e-6 >= price
