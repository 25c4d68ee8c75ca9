"""Levers: dose 0, 1 and 2 of each moves the column it is named for, in its direction; none of it is nothing at all.

All doses share every person's luck, so that what differs is the lever's doing.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from worlds import difference, tables_of, toy_params, toy_policy

from idmaj.sim import History, Luck, simulate
from idmaj.sim.kinds import Account, AdviserMode, Status, Town, Training
from idmaj.sim.settings import LEVERS

MONTHS = 60
EVENTFUL = {
    "application_rate": 0.05, "failure_level": 0.3, "self_start_rate": 0.02, "self_start_capital": 1500.0,
    "partner_withdrawal": 0.0, "formal_offer": 0.002, "illness_rate": 0.1,
}  # fmt: skip
BUSY: dict[str, Any] = {"intake_projects_per_year": 30.0, "advisers_number": 2.0, "outreach_intensity": 2.0}
POOR = BUSY | {"funding_budget_mad_per_year": 600_000.0}
JOBS = BUSY | {"orientation_job_share": 0.5, "jobs_brokers": 0.1}
TOGETHER = BUSY | {"cooperatives_coordinators": 4.0, "cooperatives_willing_share": 0.5}
LARGE = TOGETHER | {"cooperatives_most_members": 30}
COURSES = BUSY | {"training_seats": 500.0}
ROOMS = BUSY | {"incubators_number": 1, "incubators_rooms": 4}
COUNTRY = BUSY | {"rural_projects_share": 1.0}
SECOND = BUSY | {"branches_second": Town.CASABLANCA}
FOLLOW = BUSY | {"branches_follow_flows": 1, "branches_trigger_people": 10.0}
PARTNER = BUSY | {"orientation_job_share": 0.5, "partner_present": 1}
SOCIAL = BUSY | {"social_households": 200.0}
FITTED = BUSY | {"advisers_mode": AdviserMode.CASE_BY_CASE}

Measure = Callable[[History], float]


def run(**levers: Any) -> History:
    return simulate(toy_params(**EVENTFUL), toy_policy(MONTHS, **levers), Luck(3, 1), MONTHS)


def total(column: str) -> Measure:
    return lambda history: float(history.monthly[column].sum())


def booked(account: Account) -> Measure:
    return lambda history: float(history.money[:, account].sum())


def of_businesses(column: str) -> Measure:
    return lambda history: float(history.businesses[column][history.businesses.assisted == 1].mean())


def applicants_of(place: int) -> Measure:
    """Count applications of those who live in a place."""
    return lambda history: float(
        history.persons.applications[history.households.place[history.persons.household] == place].sum()
    )


def fed(history: History) -> float:
    return float(history.state.niches.extra.sum())


def skill_gained(history: History) -> float:
    return float(history.persons.trade_skill[history.persons.training == Training.DONE].mean())


def owners_in_need_of_a_course(history: History) -> float:
    return float((history.persons.training[history.businesses.person] == Training.NEEDED).sum())


def age_at_graduation(history: History) -> float:
    housed = history.businesses[history.businesses.graduates >= 0]
    return float((housed.graduates - housed.opened).mean())


def size_at_most(history: History) -> float:
    return float(history.cooperatives.granted.max())


def asylum_seekers_with_a_file(history: History) -> float:
    seekers = history.households.status[history.persons.household] == Status.ASYLUM_SEEKER
    return float((history.persons.applications[seekers] > 0).sum())


DOSES: dict[str, tuple[dict[str, Any], tuple[float, ...], Measure, int]] = {
    "intake_projects_per_year": (BUSY, (0, 15, 30), total("projects_started"), 1),
    "intake_unsure_share": (BUSY, (0, 0.5, 1), total("projects_started"), -1),
    "intake_reinforcements_per_project": (BUSY, (0, 0.2, 0.4), total("reinforcements"), 1),
    "eligibility_asylum_seekers": (BUSY, (0, 1), asylum_seekers_with_a_file, 1),
    "eligibility_second_chance": (BUSY, (0, 1), total("applications"), 1),
    "orientation_job_share": (JOBS | {"jobs_brokers": 9.0}, (0, 0.3, 0.6), total("placed"), 1),
    "outreach_intensity": (BUSY, (0, 1, 2), total("applications"), 1),
    "selection_quota_neediest": (BUSY | {"selection_rule": 4}, (0, 0.4, 0.8), total("neediest_served"), 1),
    "selection_weight_on_need": (BUSY | {"selection_rule": 3}, (0, 0.5, 1), of_businesses("need"), 1),
    "selection_lottery_threshold": (BUSY | {"selection_rule": 6}, (-4, 0, 1), of_businesses("level"), 1),
    "grants_amount_mad": (BUSY, (0, 5000, 10_000), total("capital"), 1),
    "grants_delay_months": (BUSY, (0, 6, 12), total("projects_started"), -1),
    "grants_tranches": (BUSY, (1, 2, 4), booked(Account.GRANT), -1),
    "grants_reinforcement_mad": (BUSY, (0, 4500, 9000), booked(Account.REINFORCEMENT), 1),
    "advisers_number": (BUSY, (1, 2, 4), total("hours_delivered"), 1),
    "advisers_months": (BUSY, (0, 12, 24), of_businesses("accompanied"), 1),
    "advisers_caseload": (BUSY, (1, 5, 10), total("projects_started"), 1),
    "advisers_diagnosis_weight": (FITTED | {"advisers_number": 0.2}, (0, 3, 30), total("hours_missing"), 1),
    "advisers_cap_hours": (FITTED, (0.5, 1, 2), total("hours_delivered"), 1),
    "branches_second": (BUSY, (Town.NONE, Town.CASABLANCA), applicants_of(1), 1),
    "branches_third": (BUSY, (Town.NONE, Town.KENITRA), applicants_of(2), 1),
    "branches_fourth": (BUSY, (Town.NONE, Town.SALE), total("branches_open"), 1),
    "branches_follow_flows": (FOLLOW, (0, 1), total("branches_open"), 1),
    "branches_trigger_people": (FOLLOW, (1e6, 60, 10), total("branches_open"), 1),
    "branches_trigger_months": (FOLLOW, (2, 12, 24), total("branches_open"), -1),
    "branches_months_to_open": (SECOND, (0, 6, 12), total("branches_open"), -1),
    "branches_most": (FOLLOW, (1, 2, 3), total("branches_open"), 1),
    "branches_advisers": (SECOND, (0, 1, 2), total("advisers_paid"), 1),
    "training_seats": (BUSY, (0, 4, 8), total("trained"), 1),
    "training_months": (COURSES, (3, 6, 12), total("in_training"), 1),
    "training_skill_below": (COURSES, (0, 0.3, 0.6), total("courses_begun"), 1),
    "training_schooling_at_most": (COURSES, (0, 6, 16), total("courses_begun"), 1),
    "training_matched_share": (COURSES, (0, 0.5, 1), skill_gained, 1),
    "training_before_start": (COURSES | {"training_seats": 1.0}, (0, 1), owners_in_need_of_a_course, -1),
    "training_stipend_mad": (COURSES, (0, 600, 1200), booked(Account.TRAINING), 1),
    "jobs_brokers": (JOBS, (0, 0.1, 0.2), total("placed"), 1),
    "jobs_subsidy_share": (JOBS, (0, 0.5, 1), total("placed"), 1),
    "jobs_subsidy_months": (JOBS | {"jobs_subsidy_share": 0.5}, (3, 6, 12), booked(Account.SUBSIDY), 1),
    "cooperatives_coordinators": (TOGETHER, (0, 0.5, 4), total("cooperatives_founded"), 1),
    "cooperatives_willing_share": (TOGETHER, (0, 0.2, 0.6), total("in_cooperatives"), 1),
    "cooperatives_least_members": (LARGE, (5, 9, 14), total("live_cooperatives"), -1),
    "cooperatives_most_members": (TOGETHER, (5, 8, 30), total("in_cooperatives"), 1),
    "cooperatives_grant_mad": (TOGETHER, (200, 5000, 10_000), size_at_most, 1),
    "incubators_number": (ROOMS, (0, 1, 2), total("rooms_taken"), 1),
    "incubators_rooms": (ROOMS, (0, 2, 4), total("rooms_taken"), 1),
    "incubators_months": (ROOMS, (3, 12, 24), age_at_graduation, 1),
    "rural_projects_share": (BUSY, (0, 0.5, 1), total("rural_projects"), 1),
    "rural_moving_grant_mad": (COUNTRY, (0, 4000, 8000), booked(Account.RURAL), 1),
    "rural_delay_months": (COUNTRY, (0, 6, 12), total("rural_projects"), -1),
    "link_carriers": (BUSY, (0, 1, 2), total("carriers_paid"), 1),
    "partner_present": (PARTNER, (0, 1), total("partner_weight"), 1),
    "partner_ramp_months": (PARTNER, (0, 12, 24), total("partner_weight"), -1),
    "partner_cofunding_mad_per_year": (POOR | {"partner_present": 1}, (0, 2e5, 4e5), total("spent"), 1),
    "partner_jobs_per_year": (PARTNER, (0, 3, 6), total("placed"), 1),
    "partner_purchases_sellers": (PARTNER, (0, 20, 40), fed, 1),
    "social_households": (SOCIAL, (0, 3, 6), total("households_aided"), 1),
    "social_aid_mad": (SOCIAL, (0, 900, 1800), booked(Account.SOCIAL), 1),
    "social_months": (SOCIAL, (3, 6, 12), total("households_aided"), 1),
    "health_treatments": (BUSY, (0, 1, 2), total("treatments"), 1),
    "legal_cases": (BUSY, (0, 1), total("legal_permits"), 1),
    "funding_budget_mad_per_year": (BUSY, (0, 5e5, 1e6), total("spent"), 1),
    "funding_paid_part": (POOR, (0, 0.5, 1), total("spent"), 1),
    "law_formal_work": (BUSY, (0, 1), total("in_formal_work"), 1),
    "shock_earners_stopped": (BUSY, (0, 0.3, 0.6), total("income_served"), -1),
    "shock_finding_factor": (BUSY, (0.5, 1, 2), total("heads_working"), 1),
    "shock_losing_factor": (BUSY, (0.5, 1, 2), total("heads_working"), -1),
    "shock_formal_factor": (BUSY, (0, 1, 2), total("in_formal_work"), 1),
    "shock_demand_factor": (BUSY, (0.25, 0.5, 1), total("profit"), 1),
    "arrivals_factor": (BUSY, (0, 1, 2), total("persons_arrived"), 1),
    "evaluation_visit_months": (BUSY, (1, 6, 12), of_businesses("last_seen"), -1),
}  # fmt: skip
"""By lever: the world, the doses, what it is named for, and whether more of it makes that more (1) or less (-1)."""
NO_DOSE = {
    "selection_rule", "advisers_mode", "incubators_admission",  # words
    "cooperatives_admit_owners",  # asked of late cooperatives alone, below
    "funding_unhcr_share", "funding_monaco_share", "funding_state_share", "funding_private_share",
    "funding_other_share",  # who pays, not how much
}  # fmt: skip


def test_every_lever_has_doses_or_has_none():
    assert set(DOSES) | NO_DOSE == set(LEVERS) and not set(DOSES) & NO_DOSE


@pytest.mark.parametrize("lever", DOSES)
def test_doses_move_what_the_lever_is_named_for(lever):
    world, doses, measure, sign = DOSES[lever]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda dose: measure(run(**(world | {lever: dose}))), doses))
    assert (np.diff(found) * sign > 0.0).all(), f"doses {doses} give {found}"


def test_carriers_and_branches_reach_where_they_go():
    carried = run(**(BUSY | {"link_carriers": 2.0}))
    extra = np.bincount(carried.state.niches.place, carried.state.niches.extra)
    assert extra[0] == extra[1] == 0.0, "the zone, and its nearest town alone"
    np.testing.assert_allclose(extra[2:], 2.0 * toy_params()[0].carrier_sellers)
    near = run(**SECOND)
    assert near.state.places.branch.tolist() == [1, 1, 0, 0]


def test_owners_who_would_rather_join_do_so_where_a_cooperative_admits_them():
    late = TOGETHER | {
        "cooperatives_coordinators": np.where(np.arange(MONTHS) >= 24, 4.0, 0.0),
        "cooperatives_most_members": 40,
    }
    none, some = run(**late), run(**(late | {"cooperatives_admit_owners": 1}))
    assert none.monthly.ended_joined.sum() == 0.0 < some.monthly.ended_joined.sum()


NOTHING: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "no coordinators": (BUSY, {
        "cooperatives_willing_share": 1.0, "cooperatives_admit_owners": 1, "cooperatives_grant_mad": 9e4,
        "cooperatives_least_members": 7, "cooperatives_most_members": 90,
    }),
    "no seats": (BUSY, {
        "training_months": 1, "training_matched_share": 1.0, "training_before_start": 1, "training_stipend_mad": 9e3,
    }),
    "no brokers": (BUSY, {"orientation_job_share": 1.0, "jobs_subsidy_share": 1.0, "jobs_subsidy_months": 60}),
    "no incubators": (BUSY, {"incubators_rooms": 99, "incubators_months": 99, "incubators_admission": 2}),
    "no rural projects": (BUSY, {"rural_moving_grant_mad": 9e4, "rural_delay_months": 60}),
    "no partner": (POOR, {
        "partner_ramp_months": 0, "partner_cofunding_mad_per_year": 9e6, "partner_jobs_per_year": 900.0,
        "partner_purchases_sellers": 900.0, "orientation_job_share": 1.0,
    }),
    "no sister components": (BUSY, {"social_aid_mad": 9e3, "social_months": 99}),
    "no branch": (BUSY, {"branches_advisers": 99.0, "branches_months_to_open": 0, "branches_most": 90}),
}  # fmt: skip


@pytest.mark.parametrize("case", NOTHING)
def test_a_lever_of_size_zero_moves_nothing_whatever_its_other_levers_say(case):
    world, others = NOTHING[case]
    assert not difference(tables_of(run(**world)), tables_of(run(**(world | others))))
