"""Outcomes by place, sex, origin and need add up to those of all, and equity is measured as the textbook says."""

from __future__ import annotations

import numpy as np
import pytest
from worlds import toy_params, toy_policy

from idmaj.sim import History, Luck, simulate
from idmaj.sim.ends import erreygers
from idmaj.sim.groups import GROUPS, by_group, incidence, live_by_month
from idmaj.sim.kinds import Ending

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
    if group != "need":
        assert sums["adults"] == last.adults_present
        assert sums["in_formal_work"] == last.in_formal_work > 0
        assert sums["in_cooperatives"] == last.in_cooperatives > 0
        assert sums["in_training"] == (lived.workers.activity == 3).sum()


@pytest.mark.parametrize("group", GROUPS)
def test_open_projects_by_month_are_those_that_were_counted(lived: History, group: str) -> None:
    by_month = live_by_month(lived, group)
    np.testing.assert_array_equal(by_month.sum(axis=1), lived.monthly.live_businesses)


def test_survival_by_group_looks_at_the_plans_end_in_every_group(lived: History) -> None:
    table = by_group(lived, START)
    assisted = lived.businesses[lived.businesses.assisted == 1]
    old = assisted[(assisted.opened >= START) & (assisted.opened <= MONTHS - 36)]
    for sex, name in enumerate(("male", "female")):
        mine = old[old.female == sex]
        found = table[(table.group == "sex") & (table.member == name) & (table.outcome == "survival_3y")].value.item()
        assert found == pytest.approx((mine.age >= 36).mean())


def test_incidences_of_all_endings_add_up_to_what_ended(lived: History) -> None:
    table = incidence(lived)
    assert set(table.ending) <= {ending.name.lower() for ending in Ending if ending != Ending.OPEN}
    last = table.sort_values("months").groupby("ending").share.last()
    assert 0.0 < last.sum() <= 1.0
    assert (table.groupby("ending").share.diff().fillna(0.0) >= 0.0).all()


def test_the_concentration_index_is_that_of_the_textbook() -> None:
    need = np.arange(100.0)
    top = need >= 50
    assert erreygers(top, need) == pytest.approx(1.0)  # all of the needier half, none of the other
    assert erreygers(~top, need) == pytest.approx(-1.0)
    assert erreygers(np.ones(100, bool), need) == pytest.approx(0.0)
    assert np.isnan(erreygers(np.ones(1, bool), np.ones(1)))
