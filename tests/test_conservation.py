"""Conservation: people, money and hours add up in every month of whatever strategy, and no row forgets another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from invariants import check, check_ended_rest
from worlds import toy_country, toy_params, toy_policy

from idmaj.sim import NUMBERS, History, Luck, Policy, resume, simulate
from idmaj.sim.kinds import (
    Account,
    Activity,
    Admission,
    AdviserMode,
    Ending,
    HazardFamily,
    SelectionRule,
    Standing,
    Town,
)
from idmaj.sim.settings import LEVERS

MONTHS = 30
CHANGE = st.integers(1, MONTHS - 1)
FUNDERS = [name for name in LEVERS if name.startswith("funding_") and name.endswith("_share")]

RANGES: dict[str, st.SearchStrategy[float]] = {
    "intake_projects_per_year": st.sampled_from([0.0, 1.0, 30.0, 200.0, 5000.0]),
    "intake_unsure_share": st.floats(0.0, 1.0),
    "intake_reinforcements_per_project": st.sampled_from([0.0, 0.2, 3.0]),
    "eligibility_asylum_seekers": st.integers(0, 1),
    "outreach_intensity": st.sampled_from([0.0, 1.0, 10.0]),
    "selection_rule": st.sampled_from(list(SelectionRule)),
    "selection_weight_on_need": st.floats(0.0, 1.0),
    "selection_quota_neediest": st.floats(0.0, 1.0),
    "selection_lottery_threshold": st.floats(-4.0, 4.0),
    "grants_amount_mad": st.sampled_from([0.0, 1.0, 9500.0, 100_000.0]),
    "grants_delay_months": st.integers(0, 8),
    "grants_tranches": st.integers(1, 6),
    "grants_reinforcement_mad": st.sampled_from([0.0, 4500.0]),
    "advisers_number": st.sampled_from([0.0, 0.5, 3.0, 200.0]),
    "advisers_mode": st.sampled_from(list(AdviserMode)),
    "advisers_months": st.integers(0, 60),
    "advisers_caseload": st.sampled_from([1.0, 20.0, 1e6]),
    "advisers_diagnosis_weight": st.sampled_from([0.0, 3.0, 100.0]),
    "advisers_cap_hours": st.sampled_from([0.1, 8.0, 200.0]),
    "funding_budget_mad_per_year": st.sampled_from([0.0, 12_000.0, 400_000.0, 2e6, float("inf")]),
    "arrivals_factor": st.sampled_from([0.0, 1.0, 4.0]),
    "evaluation_visit_months": st.sampled_from([1, 6, 60]),
    "eligibility_second_chance": st.integers(0, 1),
    "orientation_job_share": st.sampled_from([0.0, 0.3, 1.0]),
    "branches_second": st.sampled_from(list(Town)[:5]),
    "branches_third": st.sampled_from(list(Town)[:5]),
    "branches_fourth": st.sampled_from(list(Town)),
    "branches_follow_flows": st.integers(0, 1),
    "branches_trigger_people": st.sampled_from([0.0, 5.0, 60.0]),
    "branches_trigger_months": st.integers(1, 6),
    "branches_months_to_open": st.integers(0, 6),
    "branches_most": st.integers(1, 5),
    "branches_advisers": st.sampled_from([0.0, 0.5, 3.0]),
    "training_seats": st.sampled_from([0.0, 4.0, 1000.0]),
    "training_months": st.integers(1, 9),
    "training_skill_below": st.floats(0.0, 1.0),
    "training_schooling_at_most": st.sampled_from([0.0, 6.0, 30.0]),
    "training_matched_share": st.floats(0.0, 1.0),
    "training_before_start": st.integers(0, 1),
    "training_stipend_mad": st.sampled_from([0.0, 600.0]),
    "jobs_brokers": st.sampled_from([0.0, 0.025, 0.4, 20.0]),
    "jobs_subsidy_share": st.sampled_from([0.0, 0.5, 1.0]),
    "jobs_subsidy_months": st.integers(1, 12),
    "cooperatives_coordinators": st.sampled_from([0.0, 1.0, 40.0]),
    "cooperatives_willing_share": st.sampled_from([0.0, 0.3, 1.0]),
    "cooperatives_least_members": st.integers(5, 8),
    "cooperatives_most_members": st.integers(5, 30),
    "cooperatives_grant_mad": st.sampled_from([0.0, 200.0, 5000.0]),
    "cooperatives_admit_owners": st.integers(0, 1),
    "incubators_number": st.integers(0, 4),
    "incubators_rooms": st.sampled_from([0, 2, 50]),
    "incubators_months": st.integers(1, 24),
    "incubators_admission": st.sampled_from(list(Admission)),
    "rural_projects_share": st.sampled_from([0.0, 0.5, 1.0]),
    "rural_moving_grant_mad": st.sampled_from([0.0, 4000.0]),
    "rural_delay_months": st.integers(0, 6),
    "link_carriers": st.sampled_from([0.0, 0.5, 10.0]),
    "partner_present": st.integers(0, 1),
    "partner_ramp_months": st.integers(0, 24),
    "partner_cofunding_mad_per_year": st.sampled_from([0.0, 300_000.0]),
    "partner_jobs_per_year": st.sampled_from([0.0, 5.0, 300.0]),
    "partner_purchases_sellers": st.sampled_from([0.0, 30.0]),
    "social_households": st.sampled_from([0.0, 3.0, 1000.0]),
    "social_aid_mad": st.sampled_from([0.0, 900.0]),
    "social_months": st.integers(1, 24),
    "health_treatments": st.sampled_from([0.0, 2.0, 1000.0]),
    "legal_cases": st.sampled_from([0.0, 2.0, 1000.0]),
    "funding_paid_part": st.floats(0.0, 1.0),
    "law_formal_work": st.integers(0, 1),
    "shock_earners_stopped": st.sampled_from([0.0, 0.4, 1.0]),
    "shock_finding_factor": st.sampled_from([0.01, 1.0, 5.0]),
    "shock_losing_factor": st.sampled_from([0.01, 1.0, 5.0]),
    "shock_formal_factor": st.sampled_from([0.0, 1.0, 50.0]),
    "shock_demand_factor": st.sampled_from([0.01, 1.0, 5.0]),
}
EVENTFUL = {
    "application_rate": 0.05, "failure_level": 0.4, "forced_closure_rate": 0.1, "job_offer_owner": 0.5,
    "self_start_rate": 0.03, "self_start_capital": 1500.0, "insolvency_floor": 0.3, "registration_months": 2.0,
    "member_quits": 0.5, "governance_drift": 0.02, "foundings_per_coordinator": 6.0, "illness_rate": 0.1,
    "formal_offer": 0.01,
}  # fmt: skip


class Drawn(dict[str, tuple[float, float, int]]):
    """Levers by name: a value, the one that follows it, and from which month on."""

    def by_month(self) -> dict[str, np.ndarray]:
        months = np.arange(MONTHS)
        return {name: np.where(months < at, first, then) for name, (first, then, at) in self.items()}


@st.composite
def levers(draw: st.DrawFn) -> Drawn:
    """Draw every lever, each with a value that may change once, at a month of its own."""
    drawn = {name: (draw(values), draw(values), draw(CHANGE)) for name, values in RANGES.items()}
    weights = [draw(st.integers(0, 3)) for _ in FUNDERS]
    stops = draw(CHANGE) if draw(st.booleans()) else MONTHS
    for place, name in enumerate(FUNDERS):
        first = float(place == 0)
        # Funders that stop are followed by the first, who pays for everything from then on.
        drawn[name] = (weights[place] / sum(weights) if sum(weights) else first, first, stops)
    return Drawn(drawn)


def test_every_lever_is_drawn():
    assert set(RANGES) | set(FUNDERS) == set(LEVERS)


@st.composite
def parameters(draw: st.DrawFn) -> dict[str, float]:
    """Draw every number between the ends of its 90 % interval; some months must be eventful."""
    drawn = {
        name: draw(st.floats(number.low, number.high)) for name, number in NUMBERS.items() if number.shape != "fixed"
    }
    drawn["hazard_family"] = float(draw(st.sampled_from(list(HazardFamily))))
    return drawn | EVENTFUL if draw(st.booleans()) else drawn


def month_by_month(params: Any, policy: Policy, luck: Luck, months: int = MONTHS) -> History:
    """Live through the months one at a time, checking each; the last one is the whole."""
    history = simulate(params, policy, luck, 1)
    check(history, 0)
    for month in range(1, months):
        before, history = history, resume(history, policy, month + 1)
        check(history, month)
        check_ended_rest(before, history)
    return history


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    # No shrinking: an example lives through thirty months one by one, and names its month when it fails.
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(levers(), parameters(), st.sampled_from([0.0, 3.0, 60.0, 600.0]), st.integers(0, 2**32 - 1))
def test_people_money_and_hours_are_conserved(chosen, numbers, persons, seed):
    policy = toy_policy(MONTHS, toy_country(persons), **chosen.by_month())
    params = toy_params(**numbers)
    history = month_by_month(params, policy, Luck(seed))
    assert history.fingerprint == simulate(params, policy, Luck(seed), MONTHS).fingerprint


WHOLE: dict[str, Any] = {
    "orientation_job_share": 0.3, "jobs_brokers": 0.4, "jobs_subsidy_share": 0.3, "training_seats": 12.0,
    "cooperatives_coordinators": 5.0, "cooperatives_willing_share": 0.5, "cooperatives_admit_owners": 1,
    "incubators_number": 2, "incubators_rooms": 4, "rural_projects_share": 0.6, "link_carriers": 2.0,
    "branches_second": Town.CASABLANCA, "partner_present": 1, "partner_jobs_per_year": 12.0,
    "partner_purchases_sellers": 20.0, "partner_cofunding_mad_per_year": 100_000.0, "social_households": 10.0,
    "health_treatments": 2.0, "legal_cases": 1.0, "outreach_intensity": 2.0,
}  # fmt: skip
"""Every part of the programme at work."""
FULL: dict[str, Any] = {
    "grants_tranches": 3, "intake_projects_per_year": 120.0, "intake_reinforcements_per_project": 1.0,
    "funding_unhcr_share": 0.5, "funding_monaco_share": 0.5,
}  # fmt: skip


def stops(before: float, after: float) -> np.ndarray:
    return np.where(np.arange(48) < 20, before, after)


@pytest.mark.parametrize(
    "budget",
    [
        np.full(48, np.inf),
        np.full(48, 2e6),
        np.full(48, 500_000.0),
        np.zeros(48),
        stops(2e6, 0.0),
        stops(np.inf, 0.0),
        stops(np.inf, 300_000.0),
        stops(0.0, np.inf),
    ],
    ids=["no limit", "ample", "tight", "none", "stops", "no limit stops", "a limit comes", "starts"],
)
@pytest.mark.parametrize("tranches", [1, 3])
def test_books_balance_when_money_runs_out(budget, tranches):
    chosen = FULL | {"funding_budget_mad_per_year": budget, "grants_tranches": tranches}
    month_by_month(toy_params(**EVENTFUL), toy_policy(48, **chosen), Luck(2), 48)


def test_a_funder_that_stops_pays_nothing_more():
    shares = {"funding_unhcr_share": stops(0.5, 1.0), "funding_monaco_share": stops(0.5, 0.0)}
    for budget in (np.inf, 1.5e6):
        policy = toy_policy(48, **(FULL | shares | {"funding_budget_mad_per_year": budget}))
        paid = month_by_month(toy_params(**EVENTFUL), policy, Luck(2), 48).money[:, Account.CONTRIBUTION, 1]
        assert (paid[:20] < 0.0).all() and (paid[20:] == 0.0).all()


def test_a_long_and_eventful_run_conserves_everything():
    """All endings, everything at work, both modes, a quota, asylum-seekers, shocks: 120 months, each checked."""
    months = np.arange(120)
    later, crisis = months >= 60, (months >= 70) & (months < 76)
    chosen = FULL | WHOLE | {
        "eligibility_asylum_seekers": 1,
        "selection_rule": np.where(later, SelectionRule.QUOTA, SelectionRule.LOTTERY),
        "advisers_mode": np.where(later, AdviserMode.CASE_BY_CASE, AdviserMode.UNIFORM),
        "arrivals_factor": np.where(later, 3.0, 1.0),
        "shock_earners_stopped": np.where(crisis, 0.5, 0.0),
        "shock_losing_factor": np.where(crisis, 3.0, 1.0),
        "law_formal_work": np.where(months >= 24, 1, 0),
        "cooperatives_coordinators": np.where(months >= 30, 5.0, 0.0),  # owners who would rather join are there
        "cooperatives_most_members": 30,
        "partner_present": np.where(months >= 100, 0, 1),
    }  # fmt: skip
    history = month_by_month(toy_params(**EVENTFUL), toy_policy(120, toy_country(900.0), **chosen), Luck(4), 120)
    assert set(np.unique(history.businesses.ending)) == set(Ending)
    assert history.monthly.reinforcements.sum() > 20
    whole = [history.monthly[name].sum() for name in WHAT_WAS_DONE]
    assert min(whole) > 0, dict(zip(WHAT_WAS_DONE, whole, strict=True))
    assert (history.monthly.partner_weight[:100] > 0.0).all() and (history.monthly.partner_weight[100:] == 0.0).all()


WHAT_WAS_DONE = (
    "trained", "dropped_out", "placed", "cooperatives_founded", "cooperatives_ended", "in_cooperatives", "rooms_taken",
    "rooms_queue", "rural_projects", "carriers_paid", "households_aided", "treatments", "legal_permits", "displaced",
)  # fmt: skip


def test_those_who_fail_and_ask_again_at_once_are_counted_once():
    params = toy_params(failure_level=12.0, application_rate=5.0, working_well=99.0)
    chosen = {"intake_projects_per_year": 2000.0, "grants_delay_months": 0, "advisers_caseload": 1e6}
    history = month_by_month(params, toy_policy(24, **chosen), Luck(3), 24)
    assert history.persons.applications.max() > 4


def notices(history: History) -> bool:
    try:
        check(history, history.months - 1)
    except (AssertionError, IndexError, ValueError):
        return True
    return False


def test_the_checks_notice_what_is_missing():
    """Each figure changed by hand in a finished run must be noticed: a check that cannot fail is none."""
    policy = toy_policy(60, **(FULL | WHOLE | {"funding_budget_mad_per_year": 8e6}))
    history = simulate(toy_params(**EVENTFUL), policy, Luck(2), 60)
    check(history, 59)
    where = rows_to_break(history)
    for table, cells in BREAKS.items():
        for column, row, more in cells:
            broken = getattr(history.state, table).copy()
            broken[column][where[row]] += more
            assert notices(replace(history, state=history.state._replace(**{table: broken}))), (table, column)
    for account in Account:
        money = history.state.money.copy()
        money[-1, account, 0] += 1.0
        assert notices(replace(history, state=history.state._replace(money=money))), account
    for name in ("trainees", "members", "aided", "waiting", "running"):
        listed = getattr(history.state, name).copy()
        listed[0] += 1
        assert notices(replace(history, state=history.state._replace(**{name: listed}))), name


BREAKS: dict[str, list[tuple[str, str, float]]] = {
    "households": [("adults", "first", 1), ("persons", "here", 1), ("purse", "first", -9e9), ("in_contact", "here", 1),
                   ("aid", "here", 1.0), ("ask_left", "here", np.nan)],
    "families": [("departure", "here", 3), ("dependants", "here", 1), ("legal_help", "here", 1),
                 ("aid_until", "aided", -99), ("social_aid", "aided", 1.0)],
    "persons": [("file", "adult", 2), ("household", "first", 1), ("talent", "first", np.nan),
                ("cooperative", "first", 1), ("cooperative", "member", 1), ("file", "member", -2),
                ("training", "trainee", 1)],
    "workers": [("activity", "adult", 3), ("activity", "trainee", -3), ("activity", "member", -1),
                ("activity", "employed", -4), ("placed", "placed", -1)],
    "businesses": [("grant", "open", 10.0), ("ending", "open", 1), ("reinforced", "open", 2), ("age", "first", 1),
                   ("hands", "open", 1.0), ("incubator", "tenant", -1), ("cooperative", "enterprise", -1)],
    "cooperatives": [("members", "cooperative", 1), ("standing", "cooperative", 1), ("pooled", "cooperative", -1e9),
                     ("founded", "cooperative", 1000), ("ended", "cooperative", 5), ("governance", "cooperative", 2.0)],
    "incubators": [("tenants", "first", 1), ("rooms", "first", 1), ("tenants", "first", -1)],
    "partner": [("weight", "first", np.nan), ("since", "first", 999), ("jobs_credit", "first", -99.0)],
    "places": [("branch", "far", 1), ("followed", "far", 1)],
    "tally": [("waiting", "first", -1), ("financed", "first", 1), ("committed", "first", 5.0), ("formal", "first", 1),
              ("placed", "first", -1), ("members", "first", -1), ("trainees", "first", -1), ("aided", "first", -1),
              ("cooperatives", "first", -1), ("brokers_paid", "first", np.nan)],
    "monthly": [("spent", "last", 1.0), ("hours_delivered", "last", 1.0), ("persons_present", "last", 1.0),
                ("waiting", "last", 1), ("in_training", "last", 1), ("courses_begun", "last", 1),
                ("trained", "last", 1), ("placed_at_work", "last", 1),
                ("in_formal_work", "last", 1), ("live_cooperatives", "last", 1),
                ("in_cooperatives", "last", 1), ("cooperatives_founded", "last", 1), ("rooms_open", "last", 1),
                ("rooms_taken", "last", 100), ("branches_open", "last", 1), ("treatments", "last", 9),
                ("legal_permits", "last", 1), ("advisers_paid", "last", 1.0), ("displaced", "last", -999.0)],
}  # fmt: skip
"""By table: a column, whose row is changed, and by how much. Each change alone must be noticed."""


def rows_to_break(history: History) -> dict[str, int]:
    """Return rows in which a change must be noticed, by who they are."""
    state, table, activity = history.state, history.businesses, history.workers.activity
    here = int(state.present[0])
    is_open = table.ending == Ending.OPEN
    found = {
        "open": is_open & (table.cooperative < 0),
        "tenant": is_open & (table.incubator >= 0),
        "enterprise": is_open & (table.cooperative >= 0),
        "member": activity == Activity.COOPERATIVE,
        "trainee": activity == Activity.TRAINING,
        "employed": activity == Activity.FORMAL_WORK,
        "placed": (activity == Activity.FORMAL_WORK) & (history.workers.placed == 1),
        "cooperative": history.cooperatives.standing == Standing.REGISTERED,
    }
    rows = {name: int(np.flatnonzero(which)[0]) for name, which in found.items()}
    adult = int(history.households.first_person[here])
    rows |= {"first": 0, "last": 59, "here": here, "adult": adult, "far": 2, "aided": int(state.aided[0])}
    return rows
