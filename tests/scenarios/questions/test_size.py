"""Sizes of worlds whose least size is known, and what moves an answer made of known assumptions."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from idmaj.scenarios.experiment import Plan
from idmaj.scenarios.questions.size import BUDGET, CURVE, STRUCTURES, Ladder, size, sizes_of
from idmaj.scenarios.questions.targets import targets_of
from idmaj.scenarios.questions.what_moves import BARS, least_sizes, what_moves, what_moves_size
from idmaj.scenarios.strategies import load
from idmaj.sim import UserError
from idmaj.sim.policy import timeline

START, DRAWS = 228, 40
TARGET = targets_of(["live_businesses >= 300 at 5y"], [])


@dataclass(frozen=True)
class Shelf:
    folder: Path


@dataclass(frozen=True)
class MadeUp:
    """A study whose ends follow from the budget of each strategy by a rule."""

    plan: Plan
    rule: object
    store: Shelf
    fingerprint: str = "f" * 64

    @property
    def runs(self):
        return [(draw, 0) for draw in range(self.plan.draws)]

    def ends(self, outcomes):
        parts = []
        for outcome in outcomes:
            for strategy in self.plan.strategies:
                budget = timeline(strategy, START)[BUDGET][-1].value
                values = self.rule(outcome, budget, self.plan.years, np.arange(self.plan.draws))
                about = {"strategy": strategy.key, "draw": range(self.plan.draws), "replication": 0}
                parts.append(pd.DataFrame({**about, "outcome": outcome, "value": values}))
        return pd.concat(parts, ignore_index=True)


@pytest.fixture
def runner(tmp_path):
    """Return what makes a runner from a rule, and the list of the plans that it was asked for."""
    draws = np.arange(DRAWS)
    structures = {"hazard_family": np.where(draws % 2, "weibull", "gompertz"), "saturation_gamma": draws // 2 % 2}
    moves = {"draw": draws, "steep": draws / 10, "idle": draws * 7 % DRAWS}
    pd.DataFrame({**moves, **structures}).to_csv(tmp_path / "parameters.csv", index=False)

    def made(rule):
        plans = []

        def run(plan):
            plans.append(plan)
            return MadeUp(plan, rule, Shelf(tmp_path))

        return run, plans

    return made


def own_size(outcome, budget, years, draws):
    """World i has 300 live businesses from 100,000 MAD times i + 1 on."""
    return 300.0 + (budget - 1e5 * (draws + 1)) / 1e4


def ladder_of(run, targets, sizes, draws):
    base = load("continued")
    years = max(target.years for target in targets)
    plan = Plan((base,), load("historical"), years=years, draws=draws, replications=1)
    return Ladder(plan, base, BUDGET, sizes, targets, run)


def asked(run, targets=TARGET, sizes=None, chance=0.8):
    sizes = sizes or sizes_of(load("continued"), BUDGET, START, 0.0, 5e6, 1e5)
    return size(ladder_of(run, targets, sizes, DRAWS), chance)


def test_the_answer_is_the_least_size_of_the_world_that_is_next_in_order(runner):
    run, plans = runner(own_size)
    found = asked(run)
    facts = found.facts
    assert (facts["reachable"], facts["answer"], facts["chance"]) == (True, 3.2e6, 0.8)
    assert (facts["low"], facts["high"]) == (2.7e6, 3.8e6)  # the 27th and the 38th of 40, exact by the binomial
    assert facts["binding"] == "live_businesses >= 300 at 5y"
    assert "3,200,000 MAD 2016/year" in found.sentence and "2,700,000 to 3,800,000" in found.sentence
    curve = found.tables[0].rows.set_index("size")["share"]
    assert curve[3.2e6] == 0.8 and curve[0.0] == 0.0 and curve[5e6] == 1.0
    asked_for = [key for plan in plans[1:] for key in plan.keys]
    assert len(asked_for) == len(set(asked_for)) == len(curve)  # no size twice
    assert len(plans) <= 1 + 5 and {plan.seed for plan in plans} == {1}


def test_a_baseline_is_what_the_yardstick_reaches_in_the_same_world_and_all_dates_are_kept(runner):
    def rule(outcome, budget, years, draws):
        return own_size(outcome, budget, years, draws) if outcome == "live_businesses" else (budget - 3.6e6) + draws

    targets = targets_of(
        ["live_businesses >= 300 at 5y"], ["waiting >= baseline", "waiting <= baseline + 900000 at 3y"]
    )
    run, plans = runner(rule)
    found = asked(run, targets)
    assert found.facts["answer"] == 3.6e6  # its own budget, for "waiting" falls below the baseline under it
    assert found.facts["binding"] == "waiting >= baseline at 5y"
    assert {plan.years for plan in plans} == {3, 5}
    assert any("Baseline is" in each for each in found.rests_on)


def test_out_of_reach_says_by_how_much_the_target_would_have_to_give_way(runner):
    run, _ = runner(lambda outcome, budget, years, draws: np.minimum(budget / 1e4, 280.0))
    found = asked(run)
    assert found.facts["reachable"] is False and found.facts["answer"] is None
    assert "out of reach" in found.sentence and "by 20" in found.sentence
    assert found.facts["within_reach"] == ["live_businesses >= 280 at 5y"]
    assert "Nearest within reach, all else kept: live_businesses >= 280 at 5y" in found.sentence
    assert found.facts["nearest"] == {"live_businesses >= 300 at 5y": -20.0}
    assert any("changes nothing" in each for each in found.mind)


@pytest.mark.parametrize("half", ["family", "crowding"])
def test_structures_that_ask_for_sizes_far_apart_are_no_answer(runner, half):
    def rule(outcome, budget, years, draws):
        often = draws % 2 if half == "family" else draws // 2 % 2
        return 300.0 + budget / 1e4 - np.where(often, 20.0, 300.0) - draws / 10

    found = asked(runner(rule)[0], chance=0.5)
    assert found.facts["reachable"] is None and "asks for" in found.sentence
    apart = next(table.rows for table in found.tables if table.title == STRUCTURES).set_index("structure")["answer"]
    low, high = ("weibull", "gompertz") if half == "family" else ("crowding", "no crowding")
    assert apart[high] - apart[low] > 2e6


def test_worlds_are_asked_in_the_order_of_draws(runner):
    run, _ = runner(own_size)
    sizes = sizes_of(load("continued"), BUDGET, START, 0.0, 5e6, 1e5)
    margins = ladder_of(run, TARGET, sizes, DRAWS)(1e6, np.array([9, 3, 20]))["live_businesses >= 300 at 5y"]
    assert margins.to_list() == pytest.approx([0.0, 60.0, -110.0])


def test_default_sizes_are_round_and_reach_twice_what_there_is():
    sizes = sizes_of(load("continued"), BUDGET, START)
    assert (sizes.low, sizes.high, sizes.step, sizes.unit) == (0.0, 7.2e6, 2e5, "MAD 2016/year")
    intake = sizes_of(load("continued"), "intake_projects_per_year", START)
    assert (intake.high, intake.step) == (176.0, 5.0)


@pytest.mark.parametrize(
    ("column", "numbers", "words"),
    [
        ("jobs_subsidy_months", (1, 5, 0.5), "--step: found 1.5 for jobs.subsidy_months"),
        ("selection_rule", (), "a lever that is a number"),
        ("cooperatives_coordinators", (), "--to: found none"),
        ("selection_weight_on_need", (0, 2, 0.1), "--to: found 2 for selection.weight_on_need"),
        (BUDGET, (0, 7e6, 1), "accepted at most 400"),
        (BUDGET, (0, 7e6, 8e6), "a single size"),
        (BUDGET, (5e6, 1e6), "from a smaller to a larger"),
    ],
)
def test_sizes_that_cannot_be_are_refused(column, numbers, words):
    with pytest.raises(UserError, match=words):
        sizes_of(load("continued"), column, START, *numbers)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("live_businesses >= 300 at 5y", "live_businesses >= 300 at 5y"),
        ("live_businesses>=1,300 at 5 years", "live_businesses >= 1,300 at 5y"),
        ("share_neediest_served >= baseline at 2y", "share_neediest_served >= baseline at 2y"),
        ("share_neediest_served >= baseline - 2% at 2y", "share_neediest_served >= baseline - 0.02 at 2y"),
        ("waiting <= baseline + 10 at 2y", "waiting <= baseline + 10 at 2y"),
        ("survival_3y >= 60 % at 5y", "survival_3y >= 0.6 at 5y"),
        ("concentration >= -0.1 at 5y", "concentration >= -0.1 at 5y"),
    ],
)
def test_targets_are_read_as_people_write_them(text, said):
    assert str(targets_of([text], [])[0]) == said


@pytest.mark.parametrize(
    ("text", "by", "said"),
    [
        ("live_businesses >= 1300 at 5y", 27.6, "live_businesses >= 1,272 at 5y"),
        ("waiting <= 100 at 5y", 2.34567, "waiting <= 102.4 at 5y"),
        ("share_neediest_served >= baseline at 5y", 0.0049421, "share_neediest_served >= baseline - 0.004943 at 5y"),
    ],
)
def test_an_eased_target_is_rounded_to_the_easier_side(text, by, said):
    assert str(targets_of([text], [])[0].eased(by)) == said


def test_a_target_without_date_is_of_the_latest():
    found = targets_of(["live_businesses >= 300 at 5y", "waiting <= 10 at 3y"], ["share_neediest_served >= baseline"])
    assert [target.years for target in found] == [5, 3, 5]


@pytest.mark.parametrize(
    ("targets", "keep", "words"),
    [
        ([], [], "--target: found none"),
        (["live_businesses > 300 at 5y"], [], "--target: found 'live_businesses > 300 at 5y'"),
        (["live_businesses >= at 5y"], [], "accepted 'live_businesses"),
        (["live_business >= 3 at 5y"], [], "did you mean 'live_businesses'"),
        (["live_businesses >= 300"], [], "found no date"),
        (["live_businesses >= 300 at 50y"], [], "found 50 years"),
        (["waiting <= 3 at 5y"], ["waiting <= 3"], "twice"),
        (["waiting <= 3 at 5y"], ["waiting <= baseline 3"], "--keep: found"),
    ],
)
def test_targets_that_cannot_be_read_are_refused(targets, keep, words):
    with pytest.raises(UserError, match=words):
        targets_of(targets, keep)


def test_what_moves_names_the_assumption_that_does_and_nothing_else(tmp_path):
    draws = np.arange(100)
    kinds = np.where(draws % 3 == 0, "weibull", "gompertz")
    table = {"draw": draws, "failure_level": draws / 10, "weibull_shape": draws * 37 % 100, "hazard_family": kinds}
    pd.DataFrame(table).to_csv(tmp_path / "parameters.csv", index=False)

    def rule(outcome, budget, years, which):  # the baseline has the lower budget; luck is drawn anew for each
        own = np.random.default_rng(int(budget)).normal(0, 0.5, which.size)
        return 100.0 + own + (2.0 * which / 10 if budget > 3e6 else 0.0)

    base, other = load("no_programme"), load("continued")
    plan = Plan((other,), load("historical"), years=5, draws=100, replications=1)
    alone = what_moves(plan, "live_businesses", lambda plan: MadeUp(plan, rule, Shelf(tmp_path)))
    assert alone.facts["named"] == ["failure_level"]
    bar = next(table.rows for table in alone.tables if table.title == BARS).iloc[0]
    assert bar["swing"] == pytest.approx(16.0, abs=0.8)  # fifths of 0 to 9.9 are 8 apart, times 2
    assert "failure rate" in alone.sentence
    assert base.key not in plan.keys


def test_of_noise_nothing_is_named(tmp_path):
    draws = np.arange(100)
    pd.DataFrame({"draw": draws, "failure_level": draws / 10}).to_csv(tmp_path / "parameters.csv", index=False)
    noise = np.random.default_rng(5).normal(0, 1, 100)
    plan = Plan((load("continued"),), load("historical"), years=5, draws=100, replications=1)
    found = what_moves(plan, "waiting", lambda plan: MadeUp(plan, lambda *_: noise, Shelf(tmp_path)))
    assert found.facts["named"] == [] and "None can be told from noise" in found.sentence


def test_the_chance_of_every_size_that_was_run_is_in_the_table(runner):
    found = asked(runner(own_size)[0])
    curve = next(table.rows for table in found.tables if table.title == CURVE)
    assert (np.diff(curve["size"]) > 0).all() and (curve["low"] <= curve["share"]).all()
    assert curve["live_businesses >= 300 at 5y"].to_list() == curve["share"].to_list()


def ladder(run, high, draws):
    return ladder_of(run, TARGET, sizes_of(load("continued"), BUDGET, START, 0.0, high, 1e5), draws)


def test_what_moves_a_size_is_what_moves_the_least_size_of_each_world(tmp_path):
    draws = np.arange(60)
    kinds = {"hazard_family": "weibull", "saturation_gamma": 0.0}
    table = {"draw": draws, "failure_level": draws / 10, "weibull_shape": draws * 37 % 60, **kinds}
    pd.DataFrame(table).to_csv(tmp_path / "parameters.csv", index=False)

    def run(plan):
        return MadeUp(plan, own_size, Shelf(tmp_path))

    whole = ladder(run, 7e6, 60)
    assert least_sizes(whole) == pytest.approx(1e5 * (draws + 1))
    found = what_moves_size(whole)
    assert found.facts["named"] == ["failure_level"] and found.facts["unit"] == "MAD 2016/year"
    assert found.tables[0].rows.iloc[0]["swing"] == pytest.approx(4.8e6)  # fifths of 60 sizes are 48 steps apart
    short = ladder(run, 5.5e6, 60)
    assert np.isinf(least_sizes(short)).sum() == 5
    assert "8% of worlds no size is enough" in what_moves_size(short).mind[0]
    with pytest.raises(UserError, match="no size up to 4,000,000 is enough in 33% of worlds"):
        what_moves_size(ladder(run, 4e6, 60))
