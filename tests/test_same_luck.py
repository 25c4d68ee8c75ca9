"""Same luck: a lever changes what it touches and nothing else, and nothing depends on how a study is run."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from worlds import difference, tables_of, toy_country, toy_params, toy_policy

from idmaj.sim import Country, History, Luck, Policy, resume, simulate
from idmaj.sim.kinds import Admission, AdviserMode, Origin, SelectionRule, Status, Town
from idmaj.sim.population import household_size
from idmaj.sim.settings import LEVERS

START = 36
MONTHS = 72
EVENTFUL = {"application_rate": 0.05, "failure_level": 0.3, "self_start_rate": 0.02, "self_start_capital": 1500.0,
            "partner_withdrawal": 0.0}  # fmt: skip
BUSY: dict[str, Any] = {"intake_projects_per_year": 20.0, "advisers_number": 2.0}
"""Fewer places than people who wait, so that it matters who is chosen."""
POOR: dict[str, Any] = BUSY | {"funding_budget_mad_per_year": 600_000.0}
OUTREACH = BUSY | {"outreach_intensity": 3.0}
JOBS = OUTREACH | {"orientation_job_share": 0.5, "jobs_brokers": 0.2}
COOPERATIVES = OUTREACH | {"cooperatives_coordinators": 5.0, "cooperatives_willing_share": 0.5}
COURSES = OUTREACH | {"training_seats": 8.0}
ROOMS = BUSY | {"incubators_number": 1, "incubators_rooms": 3}
COUNTRY = BUSY | {"rural_projects_share": 1.0, "intake_projects_per_year": 60.0}
FOLLOW = BUSY | {"branches_follow_flows": 1, "branches_trigger_people": 20.0, "branches_most": 2}
PARTNER = JOBS | {"partner_present": 1, "partner_jobs_per_year": 12.0}
SOCIAL = OUTREACH | {"social_households": 20.0}
RULE = {rule: BUSY | {"selection_rule": rule} for rule in SelectionRule}


def run(months: int = MONTHS, country: Country | None = None, **levers: Any) -> History:
    return simulate(toy_params(**EVENTFUL), toy_policy(MONTHS, country, **levers), Luck(3, 1), months)


def same(one: History, other: History) -> None:
    assert not difference(tables_of(one), tables_of(other))
    assert one.fingerprint == other.fingerprint


# A lever that touches nobody.

UNTOUCHED = {
    "a quota under another rule": (BUSY, "selection_quota_neediest", 0.9),
    "the weight on need, as before": (BUSY, "selection_weight_on_need", 0.9),
    "the weight on need under need first": (RULE[SelectionRule.NEED_FIRST], "selection_weight_on_need", 0.0),
    "the lottery's threshold under another rule": (BUSY, "selection_lottery_threshold", 2.0),
    "the first visit's hours where hours are equal": (BUSY, "advisers_diagnosis_weight", 50.0),
    "the cap on hours where hours are equal": (BUSY, "advisers_cap_hours", 0.1),
    "the second grant where none is given": (
        BUSY | {"intake_reinforcements_per_project": 0.0}, "grants_reinforcement_mad", 90_000.0,
    ),
    "a caseload nobody reaches": (BUSY, "advisers_caseload", 9e5),
    "doubt about an intake of nothing": (BUSY | {"intake_projects_per_year": 0.0}, "intake_unsure_share", 1.0),
    "asylum-seekers with no outreach": (BUSY | {"outreach_intensity": 0.0}, "eligibility_asylum_seekers", 1),
    "orientation to jobs where nobody offers any": (BUSY, "orientation_job_share", 1.0),
    "advisers of branches where there is none": (BUSY, "branches_advisers", 9.0),
    "months of a trigger where no branch follows": (BUSY, "branches_trigger_months", 1),
    "most branches where none follows": (BUSY, "branches_most", 1),
    "months to open where none opens": (BUSY, "branches_months_to_open", 0),
    "a third branch where the first stands": (BUSY, "branches_third", Town.RABAT),
    "a branch in a place that the country does not have": (BUSY, "branches_fourth", Town.ORIENTAL),
    "courses before the start without seats": (BUSY, "training_before_start", 1),
    "a stipend without seats": (BUSY, "training_stipend_mad", 5000.0),
    "who is less-trained without seats": (BUSY, "training_matched_share", 1.0),
    "a subsidy without brokers": (BUSY, "jobs_subsidy_share", 1.0),
    "months of a subsidy of nothing": (JOBS, "jobs_subsidy_months", 24),
    "willing members without a coordinator": (BUSY, "cooperatives_willing_share", 1.0),
    "owners admitted to no cooperative": (BUSY, "cooperatives_admit_owners", 1),
    "a grant to no cooperative": (BUSY, "cooperatives_grant_mad", 90_000.0),
    "rooms in no incubator": (BUSY, "incubators_rooms", 90),
    "incubators without rooms": (BUSY | {"incubators_rooms": 0}, "incubators_number", 2),
    "a moving grant for nobody": (BUSY, "rural_moving_grant_mad", 90_000.0),
    "jobs of no partner": (BUSY, "partner_jobs_per_year", 90.0),
    "purchases of no partner": (BUSY, "partner_purchases_sellers", 90.0),
    "money of no partner": (POOR, "partner_cofunding_mad_per_year", 1e6),
    "aid for no household": (BUSY, "social_aid_mad", 9000.0),
}  # fmt: skip
UNTOUCHED |= {
}  # fmt: skip


@pytest.mark.parametrize("case", UNTOUCHED)
def test_a_lever_that_touches_nobody_changes_no_byte(case):
    world, lever, value = UNTOUCHED[case]
    same(run(**world), run(**(world | {lever: value})))


# Before its date, and after.


def from_start(world: dict[str, Any], changes: dict[str, float]) -> dict[str, Any]:
    """Return the levers of a world in which the changes hold from month START on."""
    later = np.arange(MONTHS) >= START
    return world | {
        name: np.where(later, value, world.get(name, LEVERS[name].default)) for name, value in changes.items()
    }


LATE_COOPERATIVES = OUTREACH | {
    "cooperatives_coordinators": np.where(np.arange(MONTHS) >= 24, 5.0, 0.0),  # owners who would join are there
    "cooperatives_willing_share": 0.5, "cooperatives_most_members": 40,
}  # fmt: skip
SHARED = BUSY | {"funding_unhcr_share": 1.0}
OTHER_SHARES = {
    f"funding_{other}_share": (SHARED, 0.4, {"funding_unhcr_share": 0.6})
    for other in ("monaco", "state", "private", "other")
}
CHANGED: dict[str, tuple[dict[str, Any], float, dict[str, float]]] = OTHER_SHARES | {
    "intake_projects_per_year": (BUSY, 60.0, {}),
    "intake_unsure_share": (BUSY, 1.0, {}),
    "intake_reinforcements_per_project": (BUSY, 1.0, {}),
    "eligibility_asylum_seekers": (BUSY, 1, {}),
    "outreach_intensity": (BUSY, 3.0, {}),
    "selection_rule": (BUSY, SelectionRule.NEED_FIRST, {}),
    "selection_weight_on_need": (RULE[SelectionRule.MIXED], 1.0, {}),
    "selection_quota_neediest": (RULE[SelectionRule.QUOTA], 1.0, {}),
    "selection_lottery_threshold": (RULE[SelectionRule.LOTTERY], 0.8, {}),
    "grants_amount_mad": (BUSY, 15_000.0, {}),
    "grants_delay_months": (BUSY, 6, {}),
    "grants_tranches": (BUSY, 3, {}),
    "grants_reinforcement_mad": (BUSY, 9000.0, {}),
    "advisers_number": (BUSY, 6.0, {}),
    "advisers_mode": (BUSY, AdviserMode.CASE_BY_CASE, {}),
    "advisers_months": (BUSY, 6, {}),
    "advisers_caseload": (BUSY, 5.0, {}),
    "advisers_diagnosis_weight": (BUSY | {"advisers_mode": AdviserMode.CASE_BY_CASE}, 30.0, {}),
    "advisers_cap_hours": (BUSY | {"advisers_mode": AdviserMode.CASE_BY_CASE}, 1.0, {}),
    "funding_budget_mad_per_year": (POOR, 100_000.0, {}),
    "funding_unhcr_share": (SHARED, 0.5, {"funding_state_share": 0.5}),
    "arrivals_factor": (BUSY, 2.0, {}),
    "evaluation_visit_months": (BUSY, 2, {}),
    "eligibility_second_chance": (BUSY, 0, {}),
    "orientation_job_share": (JOBS, 1.0, {}),
    "branches_second": (BUSY, Town.CASABLANCA, {}),
    "branches_third": (BUSY, Town.KENITRA, {}),
    "branches_fourth": (BUSY, Town.SALE, {}),
    "branches_follow_flows": (FOLLOW | {"branches_follow_flows": 0}, 1, {}),
    "branches_trigger_people": (FOLLOW, 1e6, {}),
    "branches_trigger_months": (FOLLOW | {"branches_trigger_months": 40}, 1, {}),
    "branches_months_to_open": (BUSY, 9, {"branches_second": Town.CASABLANCA}),
    "branches_most": (FOLLOW, 4, {}),
    "branches_advisers": (BUSY | {"branches_second": Town.CASABLANCA}, 3.0, {}),
    "training_seats": (COURSES, 1.0, {}),
    "training_months": (COURSES, 12, {}),
    "training_skill_below": (COURSES, 0.1, {}),
    "training_schooling_at_most": (COURSES, 0.0, {}),
    "training_matched_share": (COURSES, 1.0, {}),
    "training_before_start": (COURSES | {"training_seats": 1.0}, 1, {}),
    "training_stipend_mad": (COURSES, 0.0, {}),
    "jobs_brokers": (JOBS, 2.0, {}),
    "jobs_subsidy_share": (JOBS, 0.5, {}),
    "jobs_subsidy_months": (JOBS | {"jobs_subsidy_share": 0.5}, 3, {}),
    "cooperatives_coordinators": (COOPERATIVES, 0.0, {}),
    "cooperatives_willing_share": (COOPERATIVES, 0.1, {}),
    "cooperatives_least_members": (COOPERATIVES, 8, {}),
    "cooperatives_most_members": (COOPERATIVES, 6, {}),
    "cooperatives_grant_mad": (COOPERATIVES, 9000.0, {}),
    "cooperatives_admit_owners": (LATE_COOPERATIVES, 1, {}),
    "incubators_number": (ROOMS, 3, {}),
    "incubators_rooms": (ROOMS, 9, {}),
    "incubators_months": (ROOMS, 4, {}),
    "incubators_admission": (ROOMS, Admission.NEED, {}),
    "rural_projects_share": (COUNTRY, 0.0, {}),
    "rural_moving_grant_mad": (COUNTRY, 9000.0, {}),
    "rural_delay_months": (COUNTRY, 9, {}),
    "link_carriers": (COUNTRY, 3.0, {}),
    "partner_present": (JOBS | {"partner_jobs_per_year": 12.0}, 1, {}),
    "partner_ramp_months": (PARTNER | from_start({}, {"partner_present": 1}), 0, {}),
    "partner_cofunding_mad_per_year": (POOR | {"partner_present": 1}, 300_000.0, {}),
    "partner_jobs_per_year": (PARTNER, 60.0, {}),
    "partner_purchases_sellers": (PARTNER, 90.0, {}),
    "social_households": (SOCIAL, 0.0, {}),
    "social_aid_mad": (SOCIAL, 2000.0, {}),
    "social_months": (SOCIAL, 3, {}),
    "health_treatments": (BUSY, 9.0, {}),
    "legal_cases": (BUSY, 9.0, {}),
    "funding_paid_part": (POOR, 0.5, {}),
    "law_formal_work": (BUSY, 0, {}),
    "shock_earners_stopped": (BUSY, 0.5, {}),
    "shock_finding_factor": (BUSY, 0.3, {}),
    "shock_losing_factor": (BUSY, 3.0, {}),
    "shock_formal_factor": (BUSY, 30.0, {}),
    "shock_demand_factor": (BUSY, 0.3, {}),
}


@pytest.mark.parametrize("lever", LEVERS)
def test_a_lever_changes_nothing_before_its_date_and_something_after(lever):
    world, value, also = CHANGED[lever]
    changed = from_start(world, {lever: value} | also)
    before, after = run(**world), run(**changed)
    for name in ("monthly", "stocks", "money"):
        assert getattr(before, name)[:START].tobytes() == getattr(after, name)[:START].tobytes(), name
    same(run(START, **world), run(START, **changed))
    assert before.fingerprint != after.fingerprint, "the lever is dead"
    assert before.monthly.tobytes() != after.monthly.tobytes() or lever.startswith("funding_"), "only the books changed"


def test_a_change_in_the_last_month_is_seen_in_that_month_alone():
    later = np.where(np.arange(MONTHS) == MONTHS - 1, 9.0, 2.0)
    before, after = run(**BUSY), run(**(BUSY | {"advisers_number": later}))
    assert before.monthly[:-1].tobytes() == after.monthly[:-1].tobytes()
    assert after.monthly.hours_available[-1] == pytest.approx(4.5 * before.monthly.hours_available[-1])


# One more arrival.

DEALT = {
    "households": ("origin", "place", "adults", "persons", "leave_rate", "basic_cost"),
    "families": ("page", "dependants", "settle", "permit_rank", "aid_rank", "protection"),
    "persons": (
        "sex", "age", "schooling", "trade", "trade_skill", "language", "health", "talent", "niche", "lot", "wish",
        "openness",
    ),
    "workers": ("page", "ease"),
}  # fmt: skip
ROWS = {"household", "first_person", "business", "person", "second_owner"}
"""Columns that point to rows, which move when somebody stands before."""


def even_country() -> Country:
    """Return the toy country with the same shares in every year, and one flow in which nobody ever is."""
    country = toy_country()
    stocks = country.stocks.copy()
    stocks[:, Origin.GIN, Status.REFUGEE] = 0.0
    even = {name: np.repeat(getattr(country, name)[:1], 5, axis=0) for name in ("arrival_share", "permit_share")}
    return replace(country, stocks=stocks, recognition=country.recognition * 0.0, **even)


def with_more(country: Country, origin: Origin, households: int = 1, years: slice = slice(1)) -> Country:
    """Return the country with more households of an origin, at the start only or in other years too."""
    adults, non_adults = household_size(toy_params()[0], country)
    stocks = country.stocks.copy()
    stocks[years, origin, Status.REFUGEE] += households * adults[1] * (1.0 + non_adults[0, 1])
    return replace(country, stocks=stocks)


PAGES = {"households": "families", "families": "families", "persons": "workers", "workers": "workers"}
"""Where the page of luck of each row of a table stands."""


def by_page(history: History, table: str) -> dict[int, Any]:
    return dict(zip(getattr(history, PAGES[table]).page.tolist(), getattr(history, table), strict=True))


@pytest.mark.parametrize("origin", [Origin.GIN, Origin.CIV])
def test_one_more_household_changes_nobody_elses_identity(origin):
    """In an empty flow everybody else is unmoved; in a full one the next arrivals come as whom they were."""
    country = even_country()
    one, other = run(country=country, **BUSY), run(country=with_more(country, origin), **BUSY)
    assert other.families.page[: len(one.families)].tolist() != one.families.page.tolist()
    for table, names in DEALT.items():
        before, after = by_page(one, table), by_page(other, table)
        shared = before.keys() & after.keys()
        assert len(shared) >= 0.95 * len(before)
        if origin == Origin.GIN:
            assert before.keys() < after.keys()
        for name in names:
            assert all(before[page][name] == after[page][name] for page in shared), (table, name)
    moved = by_page(one, "families"), by_page(other, "families")
    arrived = [moved[0][page].arrived != moved[1][page].arrived for page in moved[0].keys() & moved[1].keys()]
    assert any(arrived) == (origin == Origin.CIV)


def test_more_households_change_nobody_elses_life_where_lives_do_not_touch():
    country = even_country()
    params = toy_params(**(EVENTFUL | {"saturation_gamma": 0.0}))
    lives = [
        simulate(params, toy_policy(MONTHS, each, outreach_intensity=0.0), Luck(3, 1), MONTHS)
        for each in (country, with_more(country, Origin.GIN, 30, slice(None)))
    ]
    assert lives[1].state.tally[0].households >= lives[0].state.tally[0].households + 30
    pages = [life.businesses.page.tolist() for life in lives]
    assert pages[0] != pages[1][: len(pages[0])], "some of the new ones trade before others do"
    for table in (*PAGES, "businesses"):
        columns = [name for name in getattr(lives[0], table).dtype.names if name not in ROWS]
        if table == "businesses":
            before, after = ({(int(row.page), int(row.spell)): row for row in life.businesses} for life in lives)
        else:
            before, after = (by_page(life, table) for life in lives)
        assert len(before) > 20 and before.keys() <= after.keys()
        for key, row in before.items():
            unlike = [name for name in columns if row[name] != after[key][name]]
            assert not unlike, (table, key, unlike)


# Nothing else draws, and nothing else counts.


def test_nothing_else_is_drawn(monkeypatch):
    expected = run(**BUSY).fingerprint

    def poison(*_: Any, **__: Any) -> None:
        raise AssertionError("luck that is not dealt by luck.py")

    for module in (np.random, random):
        for name in dir(module):
            if name[0].islower() and callable(getattr(module, name)):
                monkeypatch.setattr(module, name, poison)
    for name in ("Generator", "RandomState", "SeedSequence", "Philox", "PCG64", "MT19937"):
        monkeypatch.setattr(np.random, name, poison)
    with pytest.raises(AssertionError):
        np.random.default_rng()
    assert run(**BUSY).fingerprint == expected


@pytest.mark.parametrize("cut", [1, 2, 11, 12, 35, 36, 37, 60, 71])
def test_a_history_resumed_ends_as_if_it_had_never_stopped(cut):
    levers = from_start(POOR | {"grants_tranches": 3}, {"selection_rule": SelectionRule.QUOTA, "arrivals_factor": 2.0})
    policy = toy_policy(MONTHS, **levers)
    whole = run(**levers)
    history = run(cut, **levers)
    before = history.fingerprint
    copies = {name: array.copy() for name, array in tables_of(history).items()}
    same(resume(history, policy, MONTHS), whole)
    assert history.fingerprint == before and history.months == cut
    assert not difference(copies, tables_of(history)), "the history that was cut is untouched"
    same(resume(resume(history, policy, cut), policy, MONTHS), whole)


def test_a_fork_shares_the_past_of_its_history():
    past = run(START, **BUSY)
    fork = resume(past, toy_policy(MONTHS, **(BUSY | {"advisers_number": 9.0})), MONTHS)
    same(fork, run(**from_start(BUSY, {"advisers_number": 9.0})))


def many(count: int = 8) -> list[tuple[Any, Policy, Luck]]:
    rules = list(SelectionRule)
    return [
        (toy_params(**EVENTFUL), toy_policy(MONTHS, **RULE[rules[i % len(rules)]]), Luck(5, i, i % 3))
        for i in range(count)
    ]


def fingerprint(job: tuple[Any, Policy, Luck]) -> str:
    return simulate(*job, MONTHS).fingerprint


def test_results_depend_neither_on_threads_nor_on_what_ran_before():
    jobs = many()
    alone = [fingerprint(job) for job in jobs]
    assert len(set(alone)) == len(jobs)
    assert [fingerprint(job) for job in reversed(jobs)] == alone[::-1]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            assert list(pool.map(fingerprint, jobs)) == alone


@pytest.mark.parametrize("name", ["seed", "replication", "draw"])
def test_seed_replication_and_draw_each_deal_other_luck(name):
    def dealt(luck: Luck) -> np.ndarray:
        return simulate(toy_params(), toy_policy(12), luck, 12).families.settle

    one = dealt(Luck(5, 6, 7))
    for value in (0, 8, 2**32 - 1):
        assert not np.isin(one, dealt(replace(Luck(5, 6, 7), **{name: value}))).any()
    np.testing.assert_array_equal(one, dealt(Luck(5, 6, 7)))
