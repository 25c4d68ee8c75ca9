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
from idmaj.sim.kinds import Account, AdviserMode, Ending, HazardFamily, SelectionRule
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
}
EVENTFUL = {
    "application_rate": 0.05, "failure_level": 0.4, "forced_closure_rate": 0.1, "job_offer_owner": 0.5,
    "self_start_rate": 0.03, "self_start_capital": 1500.0, "insolvency_floor": 0.3,
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


@st.composite
def parameters(draw: st.DrawFn) -> dict[str, float]:
    """Draw every number between the ends of its 90 % interval; some months must be eventful."""
    drawn = {
        name: draw(st.floats(number.low, number.high))
        for name, number in NUMBERS.items()
        if number.shape != "fixed"
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
    """All endings, both modes, a quota and asylum-seekers served: 120 months, each checked."""
    later = np.arange(120) >= 60
    chosen = FULL | {
        "eligibility_asylum_seekers": 1,
        "selection_rule": np.where(later, SelectionRule.QUOTA, SelectionRule.LOTTERY),
        "advisers_mode": np.where(later, AdviserMode.CASE_BY_CASE, AdviserMode.UNIFORM),
        "arrivals_factor": np.where(later, 3.0, 1.0),
    }
    history = month_by_month(toy_params(**EVENTFUL), toy_policy(120, toy_country(900.0), **chosen), Luck(4), 120)
    assert set(np.unique(history.businesses.ending)) == set(range(6))
    assert history.monthly.reinforcements.sum() > 20


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
    policy = toy_policy(MONTHS, **(FULL | {"funding_budget_mad_per_year": 2e6}))
    history = simulate(toy_params(**EVENTFUL), policy, Luck(2), MONTHS)
    check(history, MONTHS - 1)
    open_row = int(np.flatnonzero(history.businesses.ending == Ending.OPEN)[0])
    here = int(history.state.present[0])
    adult = int(history.households.first_person[here])
    changes = {
        "households": [("adults", 0, 1), ("persons", here, 1), ("purse", 3, -9e9), ("in_contact", here, 1)],
        "families": [("departure", here, 3), ("dependants", here, 1)],
        "persons": [("file", adult, 2), ("household", 0, 1), ("talent", 0, np.nan)],
        "workers": [("activity", adult, 3)],
        "businesses": [("grant", open_row, 10.0), ("ending", open_row, 1), ("reinforced", open_row, 2), ("age", 0, 1)],
        "tally": [("waiting", 0, -1), ("financed", 0, 1), ("committed", 0, 5.0)],
        "monthly": [("spent", -1, 1.0), ("hours_delivered", -1, 1.0), ("persons_present", -1, 1.0), ("waiting", -1, 1)],
    }
    for table, cells in changes.items():
        for column, row, more in cells:
            broken = getattr(history.state, table).copy()
            broken[column][row] += more
            assert notices(replace(history, state=history.state._replace(**{table: broken}))), (table, column)
    for account in (Account.BANK, Account.GRANT, Account.CONTRIBUTION):
        money = history.state.money.copy()
        money[-1, account, 0] += 1.0
        assert notices(replace(history, state=history.state._replace(money=money))), account
