"""Eventful small worlds, in which taken together every rule fires and everything that can happen happens.

For example `simulate(*arguments_of("cooperatives"))`: the arguments of a run in the world of that name.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from worlds import toy_country, toy_params, toy_policy

from idmaj.sim.country import Country
from idmaj.sim.kinds import Admission, AdviserMode, HazardFamily, SelectionRule
from idmaj.sim.luck import Luck

MONTHS = 60
EVENTFUL = {
    "failure_level": 0.35,
    "forced_closure_rate": 0.15,
    "job_offer_owner": 1.0,
    "insolvency_floor": 0.3,
    "draw_on_capital": 0.3,
    "application_rate": 0.06,
    "patience_months": 12.0,
    "self_start_rate": 0.03,
    "self_start_capital": 1500.0,
    "lost_without_branch": 0.2,
}
SHARED = {
    "funding_unhcr_share": 0.3,
    "funding_monaco_share": 0.25,
    "funding_state_share": 0.2,
    "funding_private_share": 0.15,
    "funding_other_share": 0.1,
}
CASE_BY_CASE = {
    "advisers_mode": AdviserMode.CASE_BY_CASE,
    "advisers_diagnosis_weight": 4.0,
    "advisers_cap_hours": 1.5,
}
COOPERATIVE = {
    "application_rate": 0.1,
    "foundings_per_coordinator": 6.0,
    "governance_sd": 0.08,
    "member_quits": 0.3,
    "registration_months": 7.0,
}
LEAVING = {
    "departure_syrian": 0.5,
    "departure_yemeni": 0.5,
    "departure_other_mena": 0.5,
    "departure_subsaharan": 0.5,
}
MONTH = np.arange(MONTHS)
LATER = MONTH >= 30


def between(first: int, last: int, then: float, else_: Any) -> np.ndarray:
    """Return one value from a month to another, both included, and another value in all other months."""
    return np.where((first <= MONTH) & (last >= MONTH), then, else_)


def world(rule: SelectionRule, family: HazardFamily, params: Any = None, **levers: Any) -> tuple[Any, Any]:
    return (EVENTFUL | {"hazard_family": family} | (params or {}), {"selection_rule": rule} | levers)


WORLDS = {
    "as before": world(SelectionRule.AS_BEFORE, HazardFamily.WEIBULL, intake_unsure_share=0.5),
    "need first": world(
        SelectionRule.NEED_FIRST, HazardFamily.CONSTANT, grants_tranches=3, grants_delay_months=0, **CASE_BY_CASE
    ),
    "promise first": world(
        SelectionRule.PROMISE_FIRST,
        HazardFamily.GOMPERTZ,
        funding_budget_mad_per_year=876_543.21,
        grants_reinforcement_mad=8765.43,
        intake_reinforcements_per_project=2.0,
        **SHARED,
    ),
    "mixed": world(
        SelectionRule.MIXED, HazardFamily.LOG_LOGISTIC, selection_weight_on_need=0.8, eligibility_asylum_seekers=1
    ),
    "quota": world(
        SelectionRule.QUOTA, HazardFamily.MIXTURE, selection_quota_neediest=0.7, outreach_intensity=2.0, **SHARED
    ),
    "expected gain": world(
        SelectionRule.EXPECTED_GAIN,
        HazardFamily.WEIBULL,
        {"patience_months": 2.0},
        grants_amount_mad=np.where(LATER, 0.0, 15_432.1),
        intake_projects_per_year=10.0,
        advisers_months=60,
    ),
    "lottery": world(
        SelectionRule.LOTTERY,
        HazardFamily.CONSTANT,
        selection_lottery_threshold=0.5,
        advisers_number=np.where(LATER, 0.5, 6.0),
        advisers_caseload=20.0,
        evaluation_visit_months=2,
    ),
    "first come": world(
        SelectionRule.FIRST_COME,
        HazardFamily.GOMPERTZ,
        {"gompertz_slope": 0.0},
        funding_budget_mad_per_year=np.where(LATER, 154_321.09, np.inf),
        grants_tranches=np.where(LATER, 1, 2),
        **SHARED,
    ),
    "universal": world(
        np.where(LATER, SelectionRule.UNIVERSAL, SelectionRule.AS_BEFORE),
        HazardFamily.MIXTURE,
        {"never_failing_share": 0.9},
        arrivals_factor=np.where(LATER, 3.0, 1.0),
        **CASE_BY_CASE,
    ),
    "jobs": world(
        SelectionRule.AS_BEFORE,
        HazardFamily.WEIBULL,
        {"formal_offer": 0.02, "formal_separation": 0.1, "partner_withdrawal": 0.0, "subsidy_placements": 1.5},
        intake_projects_per_year=12.0,
        law_formal_work=MONTH >= 8,
        orientation_job_share=0.6,
        jobs_brokers=between(10, 49, 0.7, 0.0),
        jobs_subsidy_share=between(20, 40, 0.5, 0.0),
        jobs_subsidy_months=3,
        training_seats=between(5, 50, 15.0, 0.0),
        training_months=5,
        training_skill_below=0.7,
        training_schooling_at_most=16.0,
        training_matched_share=0.6,
        training_before_start=1,
        training_stipend_mad=500.0,
        partner_present=between(15, 45, 1, 0),
        partner_jobs_per_year=20.0,
        funding_budget_mad_per_year=between(22, 39, 250_000.0, np.inf),
        shock_finding_factor=between(30, 35, 0.4, 1.0),
        shock_losing_factor=between(30, 37, 2.0, 1.0),
        shock_formal_factor=between(30, 40, 0.5, 1.0),
        **SHARED,
    ),
    "cooperatives": world(
        SelectionRule.MIXED,
        HazardFamily.CONSTANT,
        COOPERATIVE | LEAVING | {"formal_offer": 0.01, "failure_level": 0.15, "forced_closure_rate": 0.05},
        cooperatives_coordinators=between(6, 35, 3.0, between(40, 59, 2.0, 0.0)),
        cooperatives_willing_share=0.7,
        cooperatives_most_members=8,
        cooperatives_grant_mad=2000.0,
        cooperatives_admit_owners=1,
        grants_tranches=3,
        intake_projects_per_year=30.0,
        **SHARED,
    ),
    "poor cooperatives": world(
        SelectionRule.NEED_FIRST,
        HazardFamily.GOMPERTZ,
        COOPERATIVE | {"governance_sd": 0.02, "member_quits": 0.4, "registration_months": 3.0, "failure_level": 0.6},
        cooperatives_coordinators=2.0,
        cooperatives_willing_share=0.5,
        cooperatives_least_members=6,
        cooperatives_grant_mad=np.where(LATER, 3000.0, 900.0),
        cooperatives_admit_owners=LATER,
        funding_budget_mad_per_year=1_234_567.8,
        funding_paid_part=np.where(LATER, 0.9, 1.0),
        training_seats=6.0,
        **SHARED,
    ),
    "countryside": world(
        SelectionRule.PROMISE_FIRST,
        HazardFamily.LOG_LOGISTIC,
        {"rural_willing": 0.9, "graduation_log_profit": -0.1, "incubator_log_hazard": 0.2, "formal_offer": 0.01},
        rural_projects_share=np.where(LATER, 0.3, 0.8),
        rural_moving_grant_mad=3000.0,
        rural_delay_months=2,
        link_carriers=between(10, 50, 3.0, 0.0),
        incubators_number=between(4, 50, 2, 0),
        incubators_rooms=np.where(LATER, 3, 6),
        incubators_months=8,
        incubators_admission=np.select([MONTH < 20, MONTH < 40], [Admission.NEED, Admission.PROMISE], Admission.LOT),
        branches_second=between(6, 40, 2, 0),
        branches_third=between(20, 50, 3, 0),
        branches_fourth=between(25, 59, 4, 0),
        branches_months_to_open=2,
        branches_advisers=2.0,
        funding_budget_mad_per_year=np.where(LATER, 1_500_000.5, 2_345_678.9),
        **SHARED,
    ),
    "sisters": world(
        SelectionRule.LOTTERY,
        HazardFamily.MIXTURE,
        {"illness_rate": 0.15, "partner_withdrawal": 0.5, "formal_offer": 0.01},
        eligibility_second_chance=0,
        social_households=8.0,
        social_aid_mad=700.0,
        social_months=9,
        health_treatments=2.0,
        legal_cases=between(12, 59, 2.0, 0.0),
        partner_present=MONTH >= 6,
        partner_ramp_months=8,
        partner_cofunding_mad_per_year=300_000.0,
        partner_purchases_sellers=15.0,
        branches_follow_flows=MONTH < 50,
        branches_trigger_people=45.0,
        branches_trigger_months=3,
        branches_most=3,
        shock_earners_stopped=between(24, 29, 0.6, 0.0),
        shock_demand_factor=between(24, 36, 0.7, 1.0),
        funding_budget_mad_per_year=between(30, 59, 150_000.0, 1_700_000.0),
        incubators_number=1,
        rural_projects_share=0.2,
        **SHARED,
    ),
}

BASELINES: dict[str, dict[str, Any]] = {"promise first": {"advisers_number": np.where(LATER, 2.5, 3.5)}}
"""Levers of the strategy beside whose budget a world's own strategy is paid."""


def country_of(name: str) -> Country:
    """Return the country of a world; in that of the jobs, permits are handed out as years go by."""
    country = toy_country()
    if name == "jobs":
        years = np.arange(len(country.permit_share))[:, None]
        country = replace(country, permit_share=np.minimum(0.9, country.permit_share * (0.4 + 0.3 * years)))
    return country


def arguments_of(name: str) -> tuple[Any, Any, Luck, int]:
    """Return parameters, policy, luck and months of a world."""
    params, levers = WORLDS[name]
    policy = toy_policy(MONTHS, country_of(name), **levers)
    if name in BASELINES:
        policy = replace(policy, baseline=toy_policy(MONTHS, **BASELINES[name]).settings)
    return toy_params(**params), policy, Luck(7, list(WORLDS).index(name), 3), MONTHS
