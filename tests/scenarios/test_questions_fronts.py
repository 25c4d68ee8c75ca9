"""The front of designs and the split of a package: designs, refusals, and what is said of made-up runs."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_studies import given_medians, small

from idmaj.scenarios.decisions.split import split as shared_out
from idmaj.scenarios.passing import run_experiment
from idmaj.scenarios.questions import reading
from idmaj.scenarios.questions.front_designs import AS_IT_IS, designs
from idmaj.scenarios.questions.frontier import against_first, frontier
from idmaj.scenarios.questions.split import OWN, by_structure, interactions, package_of, split, strategies_of
from idmaj.scenarios.strategies import load
from idmaj.sim import UserError
from idmaj.sim.kinds import SelectionRule
from idmaj.sim.policy import settings_table

WEIGHTS = ("selection_weight_on_need", [0.0, 0.5, 1.0])
PLAN = small(strategies=(load("continued"),))


def test_the_rule_is_mixed_wherever_the_weight_is_varied():
    found = designs(load("continued"), [WEIGHTS, ("advisers_number", [2.0, 4.0])], PLAN)
    assert len(found) == 7 and found[0].label == AS_IT_IS
    tables = [settings_table(each.strategy, PLAN.start, PLAN.months) for each in found[1:]]
    assert all((table.selection_rule[PLAN.start :] == SelectionRule.MIXED).all() for table in tables)
    seen = {(table.selection_weight_on_need[-1], table.advisers_number[-1]) for table in tables}
    assert seen == {(weight, number) for weight in WEIGHTS[1] for number in (2.0, 4.0)}


def test_a_design_that_is_the_strategy_itself_is_not_run_twice():
    number = float(settings_table(load("continued"), PLAN.start, PLAN.months).advisers_number[-1])
    found = designs(load("continued"), [("advisers_number", [number, number + 2])], PLAN)
    assert len(found) == 2 and AS_IT_IS in found[0].label and f"= {number:g}" in found[0].label


@pytest.mark.parametrize(
    ("levers", "said"),
    [
        ([("advisers_number", [float(n) for n in range(70)])], "70 designs, accepted at most 64"),
        ([("incubators_rooms", [5.0, 20.0])], "acts on nothing without"),
        ([WEIGHTS, ("selection_quota_neediest", [0.2, 0.6])], "levers that need"),
    ],
)
def test_designs_that_tell_nothing_are_refused(levers, said):
    with pytest.raises(UserError, match=said):
        designs(load("continued"), levers, PLAN)


def never(plan):
    raise AssertionError("nothing is to be run")


def test_what_cannot_be_answered_is_refused_before_anything_is_run():
    with pytest.raises(UserError, match="same outcome twice"):
        frontier(load("continued"), [WEIGHTS], PLAN, never, outcome="spent")
    with pytest.raises(UserError, match="--outcome: found 'live_busineses'.*live_businesses"):
        frontier(load("continued"), [WEIGHTS], PLAN, never, outcome="live_busineses")
    with pytest.raises(UserError, match="neither more nor less"):
        split(load("cooperatives+incubators"), load("continued"), PLAN, never, "rural_projects")
    with pytest.raises(UserError, match="one run in all"):
        frontier(load("continued"), [WEIGHTS], replace(PLAN, draws=1, replications=1), never)


def test_changes_are_paired():
    """Ignorance of a thousand times the change leaves its interval narrow, since it moves both designs alike."""
    rng = np.random.default_rng(1)
    rows = [
        (name, draw, 0, "live_businesses", 1000 * draw + step + rng.normal(0, 0.1))
        for draw in range(20)
        for name, step in (("a", 0.0), ("b", 1.0))
    ]
    table = pd.DataFrame(rows, columns=["strategy", "draw", "replication", "outcome", "value"])
    found = against_first(table, {"live_businesses": "more"}, {"a": "as it is", "b": "more of it"}).iloc[0]
    assert found["live_businesses_low"] < 1 < found["live_businesses_high"]
    assert found["live_businesses_high"] - found["live_businesses_low"] < 0.3


def test_a_front_is_judged_by_other_luck_and_the_same_guesses():
    ran = []

    def run(plan):
        ran.append(plan)
        return run_experiment(plan, workers=1)

    with given_medians():
        answer = frontier(load("continued"), [WEIGHTS], replace(PLAN, years=2, replications=2), run)
    assert [plan.seed for plan in ran] == [3, 4] and ran[0].draws == ran[1].draws
    table = answer.tables[0].rows
    assert set(ran[1].keys) <= set(ran[0].keys) and ran[1].keys[0] == "continued"
    assert (table.loc[table["judged_again"], "verdict_before"] != "dominated").all()
    counted = [len(answer.facts[name]) for name in ("kept", "not_sure", "beaten")]
    assert sum(counted) == answer.facts["designs"] == 4
    assert f"{counted[0]} are surely not beaten" in answer.sentence
    # The lever lives: who is served differs between its ends.
    assert answer.facts["over_the_range"]["share_neediest_served"][0] > 0


def test_a_package_is_taken_apart_over_what_its_parts_build_on():
    package = package_of(load("long_term_package+recession"), load("continued"))
    assert [part.key for part in package.parts] == [part.key for part in load("long_term_package").below]
    assert [future.key for future in package.futures] == ["recession"] and OWN not in package.levers
    found = strategies_of(package)
    assert len(found) == 32 and len({strategy.key for strategy in found.values()}) == 32
    whole, same = found[frozenset(package.levers)], load("continued+long_term_package+recession")
    start, months = 228, 264
    assert (settings_table(whole, start, months) == settings_table(same, start, months)).all()
    none = settings_table(found[frozenset()], start, months)
    assert (none == settings_table(load("continued+recession"), start, months)).all()


def test_what_the_package_itself_sets_is_a_part(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('name = "Mine"\ncombines = ["cooperatives", "incubators"]\nwhy = "x"\n[advisers]\nnumber = 7\n')
    package = package_of(load(file), load("continued"))
    found = strategies_of(package)
    assert package.levers[-1] == OWN and len(found) == 8
    assert settings_table(found[frozenset([OWN])], 228, 240).advisers_number[-1] == 7
    assert (settings_table(found[frozenset(package.levers)], 228, 240) == settings_table(load(file), 228, 240)).all()


@pytest.mark.parametrize(
    ("package", "base", "said"),
    [
        ("cooperatives", "continued", "combines no others"),
        ("cooperatives+incubators", "cooperatives", "has 'Cooperatives' already"),
        ("cooperatives+incubators", "history", "without 'continued'"),
        (
            "neediest_first+case_by_case+trade_training+branches_follow_flows+wage_jobs+cooperatives+incubators+rural"
            "+partnership",
            "continued",
            "found 9 parts.*512",
        ),
    ],
)
def test_what_cannot_be_split_is_refused(package, base, said):
    with pytest.raises(UserError, match=said):
        package_of(load(package), load(base))


def made_up(fight: float):
    """Two parts worth 10 and 4 apart; together so much less, for want of adviser hours. Ten draws, noise 0.1."""
    levers = ["a", "b"]
    members = {"none": frozenset(), "a": frozenset("a"), "b": frozenset("b"), "ab": frozenset("ab")}
    rng, rows = np.random.default_rng(2), []
    for draw in range(10):
        for name, chosen in members.items():
            both = len(chosen) == 2
            worth = 10 * ("a" in chosen) + 4 * ("b" in chosen) - fight * both + rng.normal(0, 0.1)
            rows.append((name, draw, 0, "live_businesses", worth))
            rows.append((name, draw, 0, "hours_missing", 100.0 * len(chosen) + 50 * both + rng.normal(0, 0.1)))
    return pd.DataFrame(rows, columns=["strategy", "draw", "replication", "outcome", "value"]), levers, members


def test_parts_that_fight_are_named_with_what_runs_short():
    table, levers, members = made_up(fight=6.0)
    found = shared_out(table, levers, members, "live_businesses")
    pair = interactions(found, table, levers, members, better=1.0).iloc[0]
    assert pair["named"] and pair["sign"] == "fight" and pair["over"] == "adviser hours"
    # Of something of which less is better the same pair helps, and nothing is fought for.
    turned = interactions(found, table, levers, members, better=-1.0).iloc[0]
    assert turned["sign"] == "help" and turned["over"] == ""


def test_a_share_that_turns_over_under_a_structure_is_told():
    table, levers, members = made_up(fight=0.0)
    found = shared_out(table, levers, members, "live_businesses")
    there = found.by_draw["draw"] < 3
    found.by_draw.loc[there, "b"] -= 8.0
    told = by_structure(found, {"odd": {0, 1, 2}, "usual": set(range(3, 10))})
    assert set(told.loc[told["turns"], "structure"] + told.loc[told["turns"], "lever"]) == {"oddb"}


def test_shares_of_a_tiny_study_add_up():
    with given_medians():
        plan = replace(PLAN, years=2, replications=2)
        answer = split(load("cooperatives+incubators"), load("continued"), plan, lambda p: run_experiment(p, workers=1))
    shares, facts = answer.tables[0].rows, answer.facts
    assert facts["strategies"] == 4 and shares["share"].sum() == pytest.approx(facts["gain"])
    assert reading.change(facts["gain"], facts["gain_low"], facts["gain_high"], "live_businesses") in answer.sentence


@pytest.mark.parametrize(
    ("value", "outcome", "said"),
    [(0.3821, "share_neediest_served", "38.2\u00a0%"), (1234.6, "live_businesses", "1,235")],
)
def test_levels_are_written_for_people(value, outcome, said):
    assert reading.level(value, outcome) == said
