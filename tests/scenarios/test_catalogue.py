"""Every strategy and future of the catalogue lives through three years, and does something."""

from dataclasses import replace

import numpy as np
import pytest

from idmaj.scenarios import experiment
from idmaj.scenarios.experiment import Plan, prepare
from idmaj.scenarios.passing import run_experiment
from idmaj.scenarios.results import Experiment
from idmaj.scenarios.strategies import catalogue, load
from idmaj.sim import OUTCOMES, UserError, default_params
from idmaj.sim.policy import settings_table

START, MONTHS = 228, 264
LOADED = {name: load(name) for name in catalogue()}
FUTURES = [name for name, strategy in LOADED.items() if strategy.future]
AS_BEFORE = {"history", "historical", "continued"}
NEW = [name for name in LOADED if name not in AS_BEFORE and name not in FUTURES]
PACKAGES = {
    "immediate_package": ["neediest_first", "case_by_case", "trade_training", "branches_follow_flows"],
    "long_term_package": ["wage_jobs", "cooperatives", "incubators", "urban_rural_link", "partnership"],
    "all_together": ["immediate_package", "long_term_package"],
}
MOVED = {
    "trade_training": "trained",
    "branches_follow_flows": "branches_open",
    "wage_jobs": "placed",
    "cooperatives": "cooperatives_founded",
    "incubators": "rooms_taken",
    "rural": "rural_projects",
    "urban_rural_link": "carriers_paid",
    "partnership": "partner_weight",
    "sister_components": "households_aided",
}


@pytest.fixture(autouse=True, scope="module")
def _medians():
    """Give parameters that need no fit."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiment, "load_draws", lambda number, folder=None: default_params(number))
        yield


def plan_of(*names: str, **more) -> Plan:
    """Return a plan of three years, one draw and two replications: in one of them the partner would stay."""
    strategies = tuple(LOADED.get(name) or load(name) for name in names)
    return Plan(strategies, LOADED["historical"], START, 3, 1, 2, traces=True, **more)


@pytest.fixture(scope="module")
def lived(_medians) -> Experiment:
    """Return what three years bring under every strategy, and every future over all recommendations together."""
    others = [name for name in LOADED if name != "continued"]
    return run_experiment(plan_of("continued", *others, *(f"all_together+{name}" for name in FUTURES)))


def months_of(found: Experiment, name: str):
    """Return the months of a strategy, a column per outcome."""
    levels = found.monthly[(found.monthly.measure == "level") & (found.monthly.strategy == name)]
    return levels.pivot_table(index="month", columns="outcome", values="mean")


def end(found: Experiment, name: str, outcome: str) -> float:
    ends = found.ends([outcome])
    return ends[ends.strategy == name]["value"].mean()


def test_the_catalogue_holds_strategies_packages_and_futures():
    assert set(FUTURES) == {"surge", "funding_gap", "funding_late", "recession", "pandemic", "partner_leaves"}
    assert {name for name, each in LOADED.items() if each.kind == "package"} == set(PACKAGES)
    assert {"sister_components", "no_programme", *MOVED} <= set(NEW)


def test_every_strategy_and_every_future_over_all_together_lives_three_years(lived):
    ends = lived.ends()
    assert set(ends["strategy"]) == {*LOADED, *(f"all_together+{name}" for name in FUTURES)}
    assert (ends.groupby("strategy")["value"].count() > len(OUTCOMES) / 2).all()
    assert len(months_of(lived, "all_together+pandemic")) == MONTHS - START


@pytest.mark.parametrize("name", NEW)
def test_every_new_strategy_changes_some_outcome(lived, name):
    ends = lived.ends().pivot_table(index="outcome", columns="strategy", values="value", aggfunc="sum")
    assert (ends[name] != ends["continued"]).any()


@pytest.mark.parametrize("name", FUTURES)
def test_every_future_changes_what_all_together_brings(lived, name):
    ends = lived.ends().pivot_table(index="outcome", columns="strategy", values="value", aggfunc="sum")
    assert (ends[f"all_together+{name}"] != ends["all_together"]).any()


def test_without_a_partner_none_can_leave(lived):
    assert months_of(lived, "partner_leaves").equals(months_of(lived, "continued"))


@pytest.mark.parametrize(("name", "column"), MOVED.items())
def test_each_recommendation_moves_what_it_is_about(lived, name, column):
    with_it, without = (months_of(lived, which)[column].to_numpy() for which in (name, "continued"))
    assert with_it.sum() > without.sum()


def test_no_programme_starts_and_staffs_nothing(lived):
    months = months_of(lived, "no_programme")
    nothing = ["projects_selected", "applications", "reinforcements", "advisers_paid", "courses_begun", "placed"]
    assert (months[nothing] == 0).all(axis=None)
    assert (months["live_businesses"] > 0).all()
    assert months["spent"].iloc[-1] < 0.1 * months_of(lived, "continued")["spent"].iloc[-1]


@pytest.mark.parametrize(("name", "parts"), PACKAGES.items())
def test_a_package_is_the_overlay_of_its_parts(name, parts):
    package = settings_table(LOADED[name], START, MONTHS)
    for order in (parts, parts[::-1]):
        assert settings_table(load("+".join(order)), START, MONTHS).tobytes() == package.tobytes()


def test_an_additional_budget_pays_what_all_together_costs_more(lived):
    more = run_experiment(plan_of("continued", "all_together", budget="additional"))
    assert months_of(more, "continued").equals(months_of(lived, "continued"))
    assert end(more, "all_together", "spent") > end(lived, "all_together", "spent")
    assert end(more, "all_together", "projects_started") >= end(lived, "all_together", "projects_started")
    assert more.fingerprint != run_experiment(plan_of("continued", "all_together")).fingerprint


def test_an_equal_budget_is_the_default_and_knows_no_baseline():
    plan = plan_of("continued", "all_together")
    assert plan.budget == "equal"
    assert all(policy.baseline is None for policy in prepare(plan).policies.values())
    inputs = prepare(replace(plan, budget="additional"))
    own = inputs.policies["continued"].settings
    assert all(np.array_equal(policy.baseline, own) for policy in inputs.policies.values())


def test_an_unknown_budget_names_the_two():
    with pytest.raises(UserError, match="budget: found 'more', accepted equal or additional"):
        plan_of("continued", budget="more")
