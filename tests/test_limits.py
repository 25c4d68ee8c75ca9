"""Limits: where a mechanism is set to nothing, or alone, the model is what it would be without it.

Statistical tests are exact and would raise a false alarm in fewer than one in a million seeds; their power stands
beside them.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from theory_world import cohort, quiet
from worlds import difference, tables_of, toy_params, toy_policy

from idmaj.sim import History, Luck, resume, simulate
from idmaj.sim.kinds import Account, Activity, Admission, Ending, File, Standing, Training
from idmaj.sim.records import Business, Cooperative, Niche, Person
from idmaj.sim.rules.cooperate import enterprise
from idmaj.sim.rules.sisters import kept_while_ill
from idmaj.sim.rules.trade import crowd, displaced
from idmaj.sim.rules.training import end_course
from idmaj.sim.rules.work import stretch
from idmaj.sim.table import new_table

FALSE_ALARM = 1e-7
RISKY = {
    "forced_closure_rate": 0.05, "hr_forced_no_permit": 2.0, "insolvency_floor": 0.1, "job_offer_owner": 0.3,
    "departure_subsaharan": 0.09, "log_frailty_sd": 0.35, "hazard_slope_on_margin": 0.35, "failure_level": 0.2,
    "illness_rate": 0.02,
}  # fmt: skip
EVENTFUL = {"application_rate": 0.05, "failure_level": 0.3, "self_start_rate": 0.02, "self_start_capital": 1500.0}
BUSY: dict[str, Any] = {"intake_projects_per_year": 30.0, "advisers_number": 2.0, "outreach_intensity": 2.0}


def run(months: int = 60, numbers: dict[str, float] | None = None, **levers: Any) -> History:
    return simulate(toy_params(**EVENTFUL | (numbers or {})), toy_policy(months, **(BUSY | levers)), Luck(3, 1), months)


def differs_in(one: History, other: History) -> set[str]:
    """Name every column in which two runs of the same people differ, as ``table.column``; of the money, accounts."""
    found = set()
    for name, table in tables_of(one).items():
        twin = tables_of(other)[name]
        if name == "cooperatives":
            found |= {name} if len(table) != len(twin) else set()
            continue
        assert table.shape == twin.shape, name
        if name == "money":
            found |= {f"money.{account.name}" for account in Account if (table != twin)[:, account].any()}
        elif table.dtype.names is None:
            found |= {name} if table.tobytes() != twin.tobytes() else set()
        else:
            found |= {f"{name}.{column}" for column in table.dtype.names if (table[column] != twin[column]).any()}
    return found


# A cooperative of one.


def alone_together(history: History) -> History:
    """Return a history in which every lone owner is the only member of a cooperative that adds and costs nothing."""
    rows = np.flatnonzero(history.businesses.ending == Ending.OPEN)
    persons, businesses, tally = (getattr(history.state, name).copy() for name in ("persons", "businesses", "tally"))
    owners = businesses.person[rows]
    table = new_table(Cooperative, len(rows))
    table.business, table.place, table.ended = rows, businesses.place[rows], -1
    table.standing, table.members, table.governance = Standing.REGISTERED, 1, 0.8
    table.page = history.workers.page[owners]
    persons.cooperative[owners] = np.arange(len(rows))
    make_enterprise: Any = getattr(enterprise, "py_func", enterprise)
    for number, row in enumerate(rows):
        businesses[row].cooperative = number
        make_enterprise(businesses[row], 1, businesses[row].level, history.params[0])
    tally.cooperatives, tally.members = len(rows), len(rows)
    state = history.state._replace(
        cooperatives=table, members=owners.copy(), persons=persons, businesses=businesses, tally=tally
    )
    return replace(history, state=state)


def test_a_cooperative_of_one_is_a_sole_business():
    nothing = {"cooperative_log_hazard": 0.0, "cooperative_market": 0.0, "cooperative_coordination": 0.0}
    steady = {"governance_drift": 0.0, "governance_sd": 0.0, "cooperative_reserve": 0.3, "saturation_gamma": 0.4}
    start = cohort(quiet(**RISKY | nothing | steady), 1, people=700, chosen=300, cooperatives_least_members=1)
    levers = np.resize(start.policy.settings, 60).view(np.recarray)
    levers["intake_projects_per_year"] = 0.0
    policy = replace(start.policy, settings=levers)
    sole, member = resume(start, policy, 60), resume(alone_together(start), policy, 60)
    assert set(np.unique(sole.businesses.ending)) >= {Ending.OPEN, Ending.FAILED, Ending.OWNER_LEFT}
    assert len(member.cooperatives) > 250
    own = {"businesses.cooperative", "persons.cooperative", "cooperatives", "tally.cooperatives", "tally.members"}
    own |= {"monthly.live_cooperatives", "monthly.in_cooperatives", "monthly.cooperatives_ended"}
    # A cooperative ends after all households have acted, and so after the month's heads at work were counted.
    own |= {"monthly.heads_working", "monthly.heads_at_work"}
    assert differs_in(sole, member) <= own
    assert member.monthly.in_cooperatives[-1] == (member.cooperatives.ended < 0).sum() > 20


def test_members_pool_what_they_bring_and_nothing_else():
    """Where nobody earns, spends or saves, purses and pools together hold what purses held."""
    still = {"basic_cost_first": 1e-6, "basic_cost_further": 0.0, "saving": 0.0, "own_contribution": 0.5}
    p = quiet(**still, cooperative_reserve=0.0)
    levers = {"cooperatives_coordinators": 9.0, "cooperatives_willing_share": 1.0, "cooperatives_most_members": 50}
    before = cohort(p, 1, people=400, chosen=0, cooperatives_willing_share=1.0)
    after = cohort(p, 4, people=400, chosen=0, **levers)
    forming = after.cooperatives
    assert len(forming) > 0 and (forming.standing == Standing.FORMING).all()
    held = after.households.purse.sum() + (forming.pooled - forming.granted).sum()
    assert held == pytest.approx(before.households.purse.sum(), rel=1e-9)
    assert after.money[:, Account.COOPERATIVE].sum() == pytest.approx(
        forming.granted.sum() + 4 * 9.0 * p.coordinator_cost[0]
    )


# Rooms, aid and care of no effect.


def test_a_random_incubator_without_effect_changes_nothing_but_its_own_books():
    nothing = {"incubator_log_hazard": 0.0, "room_saving": 0.0, "hr_forced_in_room": 1.0, "graduation_log_profit": 0.0}
    none = run(numbers=nothing)
    some = run(numbers=nothing, incubators_number=2, incubators_rooms=6, incubators_admission=Admission.LOT)
    assert some.monthly.rooms_taken.sum() > 100
    own = {"businesses.incubator", "businesses.graduates", "incubators.rooms", "incubators.tenants", "monthly.spent"}
    own |= {"monthly.rooms_open", "monthly.rooms_taken", "monthly.rooms_queue"}
    own |= {"money.INCUBATOR", "money.OVERHEAD", "money.CONTRIBUTION"}
    assert differs_in(none, some) <= own
    assert "businesses.takings" in differs_in(none, run(incubators_number=2)), "a room that saves rent does"


def test_care_and_aid_of_no_effect_change_nothing_but_their_own_books():
    books = {"monthly.spent", "money.OVERHEAD", "money.CONTRIBUTION"}
    useless = {"care_effect": 0.0}
    none, treated = run(numbers=useless), run(numbers=useless, health_treatments=9.0)
    assert treated.monthly.treatments.sum() > 10
    assert differs_in(none, treated) <= books | {"businesses.treated", "monthly.treatments", "money.HEALTH"}
    aided = run(numbers=useless, social_households=50.0, social_aid_mad=0.0)
    assert aided.monthly.households_aided.sum() > 10
    own = {"families.aid_until", "monthly.households_aided", "tally.aided"}
    assert differs_in(none, aided) <= own
    assert "businesses.takings" in differs_in(run(), run(health_treatments=9.0)), "care that helps does"


# Hazards and demand.

EASED: dict[str, tuple[dict[str, float], dict[str, float], int]] = {
    "incubator_log_hazard": ({"incubator_log_hazard": 0.4}, {"incubators_number": 1, "incubators_rooms": 3000}, 0),
    "hr_forced_in_room": ({"hr_forced_in_room": 1.6}, {"incubators_number": 1, "incubators_rooms": 3000}, 0),
    "hr_forced_legal": ({"hr_forced_legal": 1.6}, {"legal_cases": 1e5}, 0),
    "rural_log_hazard": ({"rural_log_hazard": 0.4}, {}, 1),
    "shock to jobs": ({"formal_offer": 0.02}, {}, 0),
}


@pytest.mark.parametrize("case", EASED)
def test_raising_a_hazard_of_place_or_help_never_lengthens_a_life(case):
    raised, levers, rural = EASED[case]
    p = RISKY | {"hazard_slope_on_margin": 0.0, "insolvency_floor": 0.0}
    lives = []
    for numbers in (p, p | raised):
        table = cohort(quiet(**numbers), 72, people=2500, rural=rural, **levers).businesses
        lives.append(table[table.spell == 1])
    before = lives[0][np.isin(lives[0].page, lives[1].page)]
    np.testing.assert_array_equal(before.page, lives[1].page)
    assert (lives[1].age <= before.age).all() and (lives[1].age < before.age).sum() > 10


@pytest.mark.parametrize(
    "levers", [{"shock_demand_factor": 1.3}, {"partner_present": 1, "partner_purchases_sellers": 300.0}]
)
def test_more_demand_never_lowers_what_the_same_sellers_take(levers):
    p = quiet(saturation_gamma=0.45, niche_host_sellers=20.0, partner_withdrawal=0.0)
    start = cohort(p, 6, people=3000, partner_ramp_months=0)
    changed = start.policy.settings.copy()
    for name, value in levers.items():
        changed[name] = value
    before = resume(start, start.policy, 7)
    after = resume(start, replace(start.policy, settings=changed.view(np.recarray)), 7)
    ran = before.businesses.age == 7
    more = after.businesses.takings[ran] - before.businesses.takings[ran]
    assert ran.sum() > 1000 and (more >= 0.0).all() and (more > 0.0).sum() > 1000


AMOUNTS = st.floats(0.0, 500.0)


@settings(deadline=None)  # rules are compiled in the first example
@given(AMOUNTS, AMOUNTS, AMOUNTS, st.floats(0.5, 2.0), st.floats(0.05, 4.0), st.floats(0.0, 0.75), st.floats(0.0, 0.5))
def test_financed_sellers_displace_no_more_than_themselves(hosts, alone, financed, slack, demand, gamma, exits):
    niche = new_table(Niche, 1)[0]
    p = toy_params(saturation_gamma=gamma, host_exit_elasticity=exits)[0]
    niche.hosts, niche.demand = 1.0 + hosts, (1.0 + hosts) * slack
    niche.newcomers, niche.assisted = alone + financed, financed
    crowd(niche, demand, p)
    lost = displaced(niche, demand, p)
    assert -1e-9 * (1.0 + lost) <= lost <= financed * (1.0 + 1e-9) + 1e-9
    if exits == 0.0 and niche.demand * demand >= niche.hosts + niche.newcomers:
        assert lost == 0.0


# Training.


@settings(deadline=None)  # rules are compiled in the first example
@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.booleans(), st.integers(0, 1))
def test_a_course_gives_no_more_than_what_is_missing(skill, gain, unmatched, matches, drops):
    person = new_table(Person, 1)[0]
    p = toy_params(training_gain=gain, training_unmatched=unmatched)[0]
    person.trade_skill, person.drops_out = skill, drops
    end_course(person, matches, p)
    assert skill <= person.trade_skill <= 1.0 + 1e-12
    if drops:
        assert person.trade_skill == skill and person.training == Training.DROPPED_OUT
    elif matches:
        assert person.trade_skill == pytest.approx(skill + gain * (1.0 - skill))


def test_courses_that_teach_nothing_leave_skill_as_it_was():
    taught, not_taught = (run(numbers={"training_gain": gain}, training_seats=90.0) for gain in (0.4, 0.0))
    done = not_taught.persons.training == Training.DONE
    dealt = run().persons.trade_skill
    assert done.sum() > 20
    np.testing.assert_array_equal(not_taught.persons.trade_skill, dealt[: len(done)])
    assert (taught.persons.trade_skill >= dealt).all() and (taught.persons.trade_skill > dealt).sum() > 20


# A partner that withdraws.


def test_after_a_partner_withdraws_all_of_it_stops():
    promised = {
        "partner_present": 1, "partner_ramp_months": 0, "partner_jobs_per_year": 24.0, "orientation_job_share": 0.5,
        "partner_purchases_sellers": 90.0, "partner_cofunding_mad_per_year": 4e5, "funding_budget_mad_per_year": 9e5,
    }  # fmt: skip
    history = run(numbers={"partner_withdrawal": 1.0}, **promised)
    left = int(history.state.partner[0].withdrawn)
    assert 2 < left < 50 and history.monthly.placed[:left].sum() > 0
    after = history.monthly[left:]
    assert (after.partner_weight == 0.0).all() and (after.placed == 0.0).all()
    assert (history.state.niches.extra == 0.0).all() and history.state.partner[0].jobs_credit == 0.0
    np.testing.assert_allclose(history.money[left:, Account.CONTRIBUTION].sum(axis=1), -9e5 / 12.0)
    # Whatever it still promises, nobody notices.
    past = run(left + 1, {"partner_withdrawal": 1.0}, **promised)
    other = toy_policy(60, **(BUSY | promised | {"partner_jobs_per_year": 900.0, "partner_purchases_sellers": 9.0}))
    same = resume(past, toy_policy(60, **(BUSY | promised)), 60), resume(past, other, 60)
    assert not difference(tables_of(same[0]), tables_of(same[1]))


# Spells of work.


def test_formal_work_lasts_as_long_as_its_hazard_says():
    """20,000 jobs after 25 and 60 months; power 0.999 against a separation that is wrong by a tenth."""
    p = quiet(formal_offer=1e6, formal_separation=0.03, casual_finding=1e-9, casual_separation=1e-9)
    for months in (25, 60):
        history = cohort(p, months, chosen=0, outreach_intensity=0.0)
        first = history.workers.work_spells == 2  # one of search, one of work
        count, share = len(first), math.exp(-0.03 * (months - 1))
        assert (history.workers.activity[first] == Activity.FORMAL_WORK).all()
        assert stats.binomtest(int(first.sum()), count, share).pvalue > FALSE_ALARM
        low, high = stats.binom.interval(1.0 - FALSE_ALARM, count, share)
        wrong = math.exp(-0.033 * (months - 1))
        assert stats.binom.cdf(high, count, wrong) - stats.binom.cdf(low - 1, count, wrong) < 1e-3


def test_offers_of_formal_work_come_as_often_as_their_hazard_says():
    """40,000 who search, exactly by employability and all together; power 0.999 against a tenth too many."""
    p = quiet(formal_offer=0.03, formal_separation=1e-12, casual_finding=1e-12)
    months = 33
    workers = cohort(p, months, people=40_000, chosen=0, outreach_intensity=0.0).workers
    for employable in np.unique(workers.employable):
        group = workers[workers.employable == employable]
        if len(group) < 500:
            continue
        share = -math.expm1(-0.03 * 2.0 * employable * months)
        found = int((group.activity == Activity.FORMAL_WORK).sum())
        assert stats.binomtest(found, len(group), share).pvalue > FALSE_ALARM
    right, wrong = (np.exp(-rate * workers.employable * months).mean() for rate in (0.06, 0.066))
    spread = math.sqrt(0.25 / len(workers))  # at most: chances that differ spread less
    assert abs((workers.activity != Activity.FORMAL_WORK).mean() - right) < 5.5 * spread
    assert wrong < right - (5.5 + 3.1) * spread


@settings(deadline=None)  # rules are compiled in the first example
@given(st.floats(-1.0, 1e19), st.floats(-1.0, 600.0), st.floats(0.0, 10.0))
def test_a_hazard_that_stays_the_same_moves_the_end_of_a_spell_by_no_bit(until, since, hazard):
    assert stretch(until, since, hazard, hazard) == until


@settings(deadline=None)  # rules are compiled in the first example
@given(st.floats(0.0, 900.0), st.floats(0.0, 600.0), st.floats(1e-4, 10.0), st.floats(1e-4, 10.0))
def test_what_is_left_of_a_spell_lasts_longer_in_the_inverse_ratio(left, since, before, after):
    until = stretch(since + left, since, before, after)
    assert (until - since) * after == pytest.approx(left * before, abs=1e-6)
    assert (until <= since + left + 1e-9) == (after >= before) or left * abs(after - before) < 1e-6


def test_a_factor_on_what_nobody_meets_changes_no_byte():
    changed = np.where(np.arange(60) >= 30, 5.0, 1.0)
    none = {"formal_offer": 0.0}
    assert not difference(tables_of(run(numbers=none)), tables_of(run(numbers=none, shock_formal_factor=changed)))


def test_whoever_is_placed_leaves_the_list_at_once():
    history = run(orientation_job_share=1.0, jobs_brokers=1.0)
    persons = history.persons[history.workers.placed == 1]
    assert len(persons) > 10 and (persons.file != File.WAITING).all()
    listed = history.state.waiting[: history.state.tally[0].waiting]
    assert (history.persons.file[listed] == File.WAITING).all() and len(np.unique(listed)) == len(listed)
    assert history.households.in_contact.min() == 0


def test_desk_and_partner_place_as_many_as_they_earn():
    """A tenth of a placement a month, for 60 months: six, whoever adds up the tenths."""
    desk = run(numbers={"placements_per_broker": 0.1}, orientation_job_share=1.0, jobs_brokers=1.0)
    assert desk.monthly.placed.sum() + desk.monthly.placements_unfilled.sum() <= 6.0
    assert desk.state.partner[0].jobs_credit == 0.0
    stopped = np.where(np.arange(60) < 30, 1.0, 0.0)
    none = run(orientation_job_share=1.0, jobs_brokers=stopped, jobs_subsidy_share=1.0)
    assert none.monthly.placed[:30].sum() > 5 and none.monthly.placed[30:].sum() == 0


def test_one_members_illness_costs_a_cooperative_its_own_part():
    business = new_table(Business, 1)[0]
    p = toy_params()[0]
    business.ill_months, kept = 1.0, []
    for hands in (1.0, 2.0, 8.0):
        business.hands = hands
        kept.append((1.0 - kept_while_ill(business, p)) * hands)
    np.testing.assert_allclose(kept, p.illness_loss)


def test_the_most_depleted_project_is_reinforced_first():
    """Money for a second grant at a time: each month's goes to the least capital of those that may have one."""
    p = quiet(failure_level=0.05, draw_on_capital=0.08)
    start = cohort(p, 13, people=200, chosen=100, intake_reinforcements_per_project=0.1)
    assert start.businesses.reinforced.sum() == 10
    capital = cohort(p, 12, people=200, chosen=100).businesses.capital
    given = start.businesses.reinforced == 1
    asked = (start.businesses.age >= 12) & ~given & (start.businesses.ending == Ending.OPEN)
    assert capital[given].max() < capital[asked].min()
