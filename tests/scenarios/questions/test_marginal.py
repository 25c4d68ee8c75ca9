"""Advisers against grants: a made-up case whose answer is known, designs that no budget binds, and the model itself."""

import numpy as np
import pytest
from small_studies import given_medians, small

from idmaj.scenarios.decisions.paired import Paired
from idmaj.scenarios.passing import run_experiment
from idmaj.scenarios.questions.marginal import (
    COMPARED,
    FROM,
    GAINS,
    NEVER,
    NO_RATIO,
    NOTHING,
    Levers,
    Weighed,
    designs,
    marginal,
)
from idmaj.scenarios.strategies import load
from idmaj.sim import UserError
from idmaj.sim.policy import settings_table

OVER, AGAINST = "advisers_number", "intake_projects_per_year"
BASE = load("continued")
DRAWS = 12


def one(**changes):
    return small(strategies=(BASE,), years=2, draws=3, replications=1, **changes)


@pytest.fixture(scope="module", autouse=True)
def medians():
    with given_medians():
        yield


@pytest.fixture(scope="module")
def asked():
    """Return the question asked of the model."""
    plan = one()
    return marginal(BASE, Levers.of(OVER, [2.0, 4.0, 1.0], AGAINST, 30.0, BASE, plan), plan, run_experiment)


def test_no_budget_binds_and_only_the_levers_move():
    plan = one()
    levers = Levers.of(OVER, [4.0, 2.0, 6.0], AGAINST, None, BASE, plan)
    assert levers.values == (2.0, 4.0, 6.0) and levers.step == pytest.approx(8.8)
    found = [settings_table(each, plan.start, plan.months)[plan.start :] for each in designs(BASE, levers, plan)]
    assert [float(each.advisers_number[0]) for each in found] == [2.0, 4.0, 6.0, 2.0, 4.0]
    assert [float(each.intake_projects_per_year[-1]) for each in found] == pytest.approx([88, 88, 88, 96.8, 96.8])
    assert all(np.isinf(each.funding_budget_mad_per_year).all() for each in found)


def made_up(first=(30.0, 10.0, 5.0), noise=1.0, other=10.0, extra=1e6):
    """Return effects of steps that cost a million each: of the first lever as given, of the other always the same."""
    rng = np.random.default_rng(4)
    count, draws = len(first) + 1, DRAWS
    effect, money = np.zeros((2 * count - 1, draws, 1)), np.zeros((2 * count - 1, draws, 1))
    level = np.concatenate([[0.0], np.cumsum(first)])
    ignorance = rng.normal(0, 50, (draws, 1))  # common to all designs, so it must not matter
    for at in range(count):
        effect[at] = 300 + level[at] + ignorance
        money[at] = 2e7 + at * 1e6
    for at in range(count - 1):
        effect[count + at] = effect[at] + other + rng.normal(0, noise, (draws, 1))
        money[count + at] = money[at] + extra
    tops = np.stack([effect, money, np.zeros_like(effect)])
    names = tuple(range(2 * count - 1))
    runs = Paired(names, ("begun_and_open", "spent", "projects_started"), tops, np.ones_like(tops), np.arange(draws))
    values = tuple(float(2 * at + 2) for at in range(count))
    return Weighed(None, Levers(OVER, values, AGAINST, 10.0), "begun_and_open", runs)


def test_a_made_up_case_gives_its_known_answer():
    found = made_up()
    gains = found.gains().set_index(["at", "more_of"])
    assert gains.loc[(2.0, "advisers.number"), "per_100_000"] == pytest.approx(3.0)
    told = gains.loc[(4.0, "intake.projects_per_year")]
    assert told["low"] < told["per_100_000"] < told["high"]
    assert told["per_100_000"] == pytest.approx(1.0, abs=0.1) and told["says"] == ""
    compared = found.compared()
    assert compared["chance"].iloc[0] == 0.0 and 0.0 < compared["chance"].iloc[1] < 1.0
    assert compared["chance"].iloc[2] == 1.0
    assert compared["buys_more"].tolist() == ["first", "cannot be told", "other"]
    switches = found.switches().set_index("at")["chance"]
    assert switches["2"] == 0.0 and switches[NEVER] == 0.0
    assert switches["4"] + switches["6"] == pytest.approx(1.0) and min(switches["4"], switches["6"]) > 0.0


def test_where_the_first_always_buys_more_there_is_no_such_value():
    found = made_up((30.0, 20.0))
    assert found.switches().set_index("at")["chance"][NEVER] == 1.0


def test_what_may_cost_nothing_has_no_ratio_and_what_may_do_nothing_says_so():
    free = made_up(other=0.0, noise=0.0, extra=0.0).gains()
    mine = free[free["more_of"] == "intake.projects_per_year"]
    assert mine["per_100_000"].isna().all() and set(mine["says"]) == {NO_RATIO}
    saving = made_up(extra=-1e6).gains()
    mine = saving[saving["more_of"] == "intake.projects_per_year"]
    assert mine[["per_100_000", "low", "high"]].isna().all(axis=None) and set(mine["says"]) == {NO_RATIO}
    vague = made_up(other=0.0, noise=5.0).gains()
    mine = vague[vague["more_of"] == "intake.projects_per_year"]
    assert NOTHING in set(mine["says"]) and mine["per_100_000"].notna().all()


def test_gains_on_the_model_are_differences_between_its_own_designs(asked):
    (study,) = asked.studies
    grid = {name: study.ends([name]).pivot(index="draw", columns="strategy", values="value")[study.plan.keys].to_numpy()
            for name in ("begun_and_open", "spent", "projects_started")}  # fmt: skip
    gains = asked.table(GAINS)
    first, other = gains.iloc[0], gains.iloc[3]  # one adviser to two; at two, 30 projects a year more
    for row, more, base in ((first, 1, 0), (other, 4, 1)):
        change = {name: (values[:, more] - values[:, base]).mean() for name, values in grid.items()}
        assert row["more"] == pytest.approx(change["begun_and_open"])
        assert row["costs"] == pytest.approx(change["spent"])
        assert row["more_opened"] == pytest.approx(change["projects_started"])
    assert len(asked.table(COMPARED)) == 2 and asked.table(FROM)["chance"].sum() == pytest.approx(1.0)
    assert asked.facts["from"] in ("1", "2", NEVER) and "resamples" in asked.sentence
    assert any("No budget binds" in each for each in asked.rests_on)


@pytest.mark.parametrize(
    ("over", "values", "against", "step", "said"),
    [
        (OVER, [2.0, 4.0], OVER, None, "--against: found the lever of --over again"),
        ("selection_rule", [0.0, 1.0], AGAINST, None, "--over: found selection.rule, a word"),
        (OVER, [2.0, 4.0], "advisers_mode", None, "--against: found advisers.mode, a word"),
        ("funding_budget_mad_per_year", [1e6, 2e6], AGAINST, None, "here no budget binds"),
        (OVER, [2.0, 4.0], AGAINST, -5.0, "with a step of -5"),
        (OVER, [2.0, 4.0], AGAINST, float("nan"), "with a step of nan"),
        (OVER, [2.0, 4.0], "advisers_months", 0.5, "advisers.months = 24 with a step of 0.5"),
        (OVER, [float(each) for each in range(1, 14)], AGAINST, 5.0, "--over: found 13 values"),
    ],
)
def test_levers_that_cannot_be_compared_are_refused(over, values, against, step, said):
    with pytest.raises(UserError, match=said):
        Levers.of(over, values, against, step, BASE, one())


def test_a_lever_that_acts_on_nothing_is_refused():
    plan = one()
    levers = Levers.of("advisers_cap_hours", [4.0, 6.0], AGAINST, 10.0, BASE, plan)
    with pytest.raises(UserError, match="--over, --against: found advisers.cap_hours"):
        designs(BASE, levers, plan)
