"""Outcomes by place, sex, origin and need add up to those of all, and equity is measured as the textbook says."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from worlds import toy_params, toy_policy

from idmaj.sim import History, Luck, simulate
from idmaj.sim.ends import erreygers
from idmaj.sim.groups import GROUPS, NEED, by_group, incidence
from idmaj.sim.kinds import Departure, Ending, Origin, Sex

MONTHS = 60
START = 12
LEVERS = {
    "cooperatives_coordinators": 3.0, "cooperatives_willing_share": 0.5, "training_seats": 6.0, "jobs_brokers": 1.0,
    "orientation_job_share": 0.3,
}  # fmt: skip


@pytest.fixture(scope="module")
def lived() -> History:
    params = toy_params(application_rate=0.06, failure_level=0.35)
    return simulate(params, toy_policy(MONTHS, **LEVERS), Luck(3), MONTHS)


@pytest.mark.parametrize("group", GROUPS)
def test_members_of_a_group_add_up_to_all(lived: History, group: str) -> None:
    table = by_group(lived, START)
    sums = table[table.group == group].groupby("outcome").value.sum()
    last = lived.monthly[-1]
    assert sums["live_businesses"] == last.live_businesses > 0
    assert sums["projects_started"] == lived.monthly.projects_started[START:].sum() > 0
    whole = lived.ends(START, MONTHS)
    assert sums["self_reliant_households"] == whole["self_reliant_households"] > 0
    assert sums["durable_solutions"] == whole["durable_solutions"] > 0
    if group != "need":
        assert sums["adults"] == last.adults_present
        assert sums["in_formal_work"] == last.in_formal_work > 0
        assert sums["in_cooperatives"] == last.in_cooperatives > 0
        assert sums["in_training"] == (lived.workers.activity == 3).sum()
        assert sums["waiting"] == last.waiting > 0


def test_self_reliant_households_are_those_that_the_months_count_but_for_who_joins_at_their_very_end() -> None:
    """Who joins a cooperative does so after the month's households were counted; else the counts are the same."""
    found = simulate(toy_params(application_rate=0.06, failure_level=0.35), toy_policy(MONTHS), Luck(3), MONTHS)
    assert found.ends(START, MONTHS)["self_reliant_households"] == found.monthly[-1].self_reliant_households > 0


@pytest.mark.parametrize("group", GROUPS)
def test_self_reliance_of_a_group_is_that_of_its_own_households(lived: History, group: str) -> None:
    """Made again household by household, in plain words."""
    found = by_group(lived, START).set_index(["group", "member", "outcome"]).value[group]
    expected: dict[str, list[float]] = {}
    projects = lived.businesses[lived.businesses.assisted == 1]
    for row, household in enumerate(lived.households):
        if not household.ever_served or lived.families[row].departure != Departure.PRESENT:
            continue
        adults = range(household.first_person, household.first_person + household.adults)
        own = [project for project in projects if project.household == row]
        asked = [adult for adult in adults if lived.persons[adult].applications > 0]
        who, need = (own[0].person, own[0].quintile) if own else (asked[0], lived.persons[asked[0]].quintile)
        member = {
            "place": lived.policy.country.place_names[household.place],
            "sex": Sex(lived.persons[who].sex).name.lower(),
            "origin": Origin(household.origin).name,
            "need": NEED[need],
        }[group]
        expected.setdefault(member, []).append(float(household.mean_income >= household.basic_cost))
    assert len(expected) > 1 and 0 < sum(map(sum, expected.values())) < sum(map(len, expected.values()))
    for member, alone in expected.items():
        assert found[member, "served_households"] == len(alone)
        assert found[member, "self_reliant_households"] == sum(alone)
        assert found[member, "self_reliant_share"] == pytest.approx(np.mean(alone))


@pytest.mark.parametrize("group", GROUPS)
def test_shares_of_all_projects_are_the_means_of_their_groups(lived: History, group: str) -> None:
    """What has the name of an outcome of the plan is counted as that is; all endings and survival are everybody."""
    table = by_group(lived, START).pivot_table(index=["group", "member"], columns="outcome", values="value").loc[group]
    waited = (table.waiting_months * table.projects_started).sum() / table.projects_started.sum()
    assert waited == pytest.approx(lived.ends(START, MONTHS)["waiting_months"])
    ended = [name for name in table if name.startswith("ended_")]
    assert len(ended) == len(Ending) - 1
    np.testing.assert_allclose((table[ended].sum(axis=1) + table.survival_3y).dropna(), 1.0)


@pytest.mark.parametrize("outcome", ["active_share", "open_share"])
def test_shares_are_of_all_projects_ever_financed(lived: History, outcome: str) -> None:
    table = by_group(lived, START)
    sexes = table[(table.group == "sex") & (table.outcome == outcome)].set_index("member").value
    assisted = lived.businesses[lived.businesses.assisted == 1]
    women = float((assisted.female == 1).mean())
    whole = lived.ends(START, MONTHS)[outcome]
    assert sexes.female * women + sexes.male * (1 - women) == pytest.approx(whole)


def test_survival_by_group_looks_at_the_plans_end_in_every_group(lived: History) -> None:
    table = by_group(lived, START)
    assisted = lived.businesses[lived.businesses.assisted == 1]
    old = assisted[(assisted.opened >= START) & (assisted.opened <= MONTHS - 36)]
    for sex, name in enumerate(("male", "female")):
        mine = old[old.female == sex]
        found = table[(table.group == "sex") & (table.member == name) & (table.outcome == "survival_3y")].value.item()
        assert found == pytest.approx((mine.age >= 36).mean())


@pytest.mark.parametrize("start", [0, START])
def test_incidences_are_the_shares_that_ended_so_where_nothing_is_censored(lived: History, start: int) -> None:
    """Of projects opened two years before the end or earlier, all ages to 24 months are seen: they can be counted."""
    opened_early = lived.businesses[lived.businesses.opened <= MONTHS - 24]
    table = incidence(cast("History", SimpleNamespace(businesses=opened_early, months=MONTHS)), start)
    mine = opened_early[(opened_early.assisted == 1) & (opened_early.opened >= start)]
    assert 0 < len(mine) < len(opened_early)
    age = np.where(mine.ended < 0, np.inf, mine.ended + 1 - mine.opened)
    seen = table[table.months <= 24]
    kinds = [Ending[name.upper()] for name in table.ending.unique()]
    assert set(kinds) == set(mine.ending) - {Ending.OPEN} and len(kinds) > 2
    for how in kinds:
        curve = seen[seen.ending == how.name.lower()]
        assert len(curve) > 10
        counted = [((mine.ending == how) & (age <= months)).mean() for months in curve.months]
        np.testing.assert_allclose(curve.share, counted)
        inside = curve.share > 0
        assert ((curve.low < curve.share) & (curve.share < curve.high))[inside].all()


def test_incidences_of_what_has_all_ended_add_up_to_one(lived: History) -> None:
    ended = lived.businesses[(lived.businesses.assisted == 1) & (lived.businesses.ending != Ending.OPEN)]
    table = incidence(cast("History", SimpleNamespace(businesses=ended, months=MONTHS)))
    last = table[table.months == table.months.max()].set_index("ending").share
    for how in Ending:
        if how != Ending.OPEN:
            assert last.get(how.name.lower(), 0.0) == pytest.approx((ended.ending == how).mean())
    assert last.sum() == pytest.approx(1.0)


def test_the_concentration_index_is_that_of_the_textbook() -> None:
    need = np.arange(100.0)
    top = need >= 50
    assert erreygers(top, need) == pytest.approx(1.0)  # all of the needier half, none of the other
    assert erreygers(~top, need) == pytest.approx(-1.0)
    assert erreygers(np.ones(100, bool), need) == pytest.approx(0.0)
    assert np.isnan(erreygers(np.ones(1, bool), np.ones(1)))
