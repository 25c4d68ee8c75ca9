"""Which strategy holds up: designs on real strategies, worlds, and answers on made-up runs whose truth is known."""

import numpy as np
import pandas as pd
import pytest
from small_studies import small

from idmaj.scenarios.decisions.discovery import discovery
from idmaj.scenarios.questions.robust import AS_PLANNED, answer_of, check_outcome, design, ratio_by_draw, worlds_of
from idmaj.scenarios.strategies import load
from idmaj.sim import UserError

FUTURES = ("surge", "partner_leaves")


def plan(*names: str, **changes):
    return small(strategies=tuple(load(name) for name in names), years=3, **changes)


def test_a_future_that_changes_nothing_in_a_strategy_is_not_run_there():
    drawn = design(plan("continued", "partnership"), [load(name) for name in FUTURES])
    assert drawn.plan.keys == [
        "continued", "partnership", "continued+surge", "partnership+surge", "partnership+partner_leaves",
    ]  # fmt: skip
    assert drawn.cells["continued", "the partner leaves"] == "continued"
    assert len(drawn.cells) == 6 and drawn.idle == () and drawn.futures[0] == AS_PLANNED


def test_a_future_that_changes_nothing_at_all_is_left_out_and_none_is_refused():
    drawn = design(plan("continued", "cooperatives"), [load(name) for name in FUTURES])
    assert drawn.idle == ("the partner leaves",) and "the partner leaves" not in drawn.futures
    with pytest.raises(UserError, match="none changes anything within --years 3"):
        design(plan("continued", "cooperatives"), [load("partner_leaves")])


@pytest.mark.parametrize(("strategies", "futures", "message"), [
    (("continued", "surge"), ("recession",), "STRATEGY: found surge, a future"),
    (("continued", "rural"), ("cooperatives",), "--futures: found cooperatives, a strategy"),
])  # fmt: skip
def test_futures_and_strategies_are_told_apart(strategies, futures, message):
    with pytest.raises(UserError, match=message):
        design(plan(*strategies), [load(name) for name in futures])


@pytest.mark.parametrize(("outcome", "message"), [
    ("live_busineses", "live_businesses"), ("hours_used", "neither more nor less"), ("survival_5y", "3 years"),
])  # fmt: skip
def test_outcomes_that_rank_nothing_are_refused(outcome, message):
    with pytest.raises(UserError, match=message):
        check_outcome(outcome, 3)


def test_structures_of_few_draws_are_pooled_or_left_out():
    def kinds(**counts):
        family = np.repeat(list(counts), list(counts.values()))
        return pd.DataFrame({"draw": range(len(family)), "family": family, "crowding": "crowding"})

    pooled = worlds_of(kinds(a=10, b=3, c=3))
    assert pooled.value_counts().to_dict() == {"a, crowding": 10, "rarer structures": 6}
    left = worlds_of(kinds(a=20, b=20, c=2))
    assert len(left) == 40 and set(left) == {"a, crowding", "b, crowding"}
    assert set(worlds_of(kinds(a=4, b=3))) == {""}


def made_up(draws: int = 60):
    """Return an answer where the second strategy gains 20, but loses 30 in the recession where gompertz_slope > 0."""
    drawn = design(plan("continued", "cooperatives", draws=draws, replications=1), [load("surge"), load("recession")])
    rng = np.random.default_rng(5)
    slope = rng.uniform(-1, 1, draws)
    parameters = pd.DataFrame({
        "draw": range(draws), "hazard_family": "weibull", "saturation_gamma": np.arange(draws) % 2 * 0.5,
        "gompertz_slope": slope, "failure_level": rng.uniform(0, 1, draws),
    })  # fmt: skip
    base = rng.normal(300, 20, draws)
    parts = []
    for strategy, future in drawn.cells:
        bad = (future == "a recession") & (slope > 0)
        gain = np.where(bad, -30.0, 20.0) if strategy == "cooperatives" else 0.0
        about = {"strategy": strategy, "future": future, "draw": range(draws), "replication": 0}
        parts.append(pd.DataFrame(about | {"outcome": "live_businesses", "value": base + gain}))
    table = pd.concat(parts, ignore_index=True)
    kinds = pd.DataFrame({"draw": range(draws), "family": "weibull", "crowding": "crowding"})
    return answer_of(drawn_plan(drawn), drawn, table, worlds_of(kinds), parameters, "live_businesses", None), table


def drawn_plan(drawn):
    from dataclasses import replace

    return replace(drawn.plan, strategies=drawn.plan.strategies[:2])


def test_the_answer_gives_regret_and_finds_the_box():
    answer, table = made_up()
    regret = answer.table("Regret by future")
    means = table.groupby(["future", "strategy"])["value"].mean()
    gap = means["a recession", "cooperatives"] - means["a recession", "continued"]
    found = regret[(regret["future"] == "a recession")].set_index("strategy")["regret"]
    assert found.max() == pytest.approx(abs(gap)) and found.min() == 0
    assert answer.facts["threshold"] == pytest.approx(means[AS_PLANNED, "continued"])
    (failing,) = answer.facts["failing"]
    assert failing["named"], failing["reason"]
    assert failing["limits"]["future"]["among"] == ["a recession"]
    assert failing["limits"]["gompertz_slope"]["low"] == pytest.approx(0, abs=0.15)
    assert "“Cooperatives” fails to beat “Today's strategy continued” when" in answer.sentence
    assert "what comes is a recession" in answer.sentence


def test_futures_of_one_draw_are_not_news_of_one_another():
    """Failures that hang on the draw alone, by a number nobody recorded: taken for independent they look like a box.

    Forty draws of six futures, thirty recorded numbers of pure noise. Deterministic.
    """
    named = {"blocks": 0, "cases": 0}
    for seed in range(3):
        rng = np.random.default_rng(seed)
        draw = np.repeat(np.arange(40), 6)
        cases = pd.DataFrame(rng.random((40, 30))[draw], columns=[f"n{at}" for at in range(30)])
        fails = (rng.random(40) < 0.4)[draw]
        named["blocks"] += discovery(cases, fails, blocks=draw).noise <= 0.05
        named["cases"] += discovery(cases, fails).noise <= 0.05
    assert named["blocks"] == 0
    assert named["cases"] >= 2, "the test could not have failed"


def test_ratios_are_ratios_of_means_in_each_draw():
    runs = [(0, "spent", 10.0), (1, "spent", 30.0), (0, "projects_started", 1.0), (1, "projects_started", 3.0)]
    rows = [("a", "as planned", 0, *run) for run in runs]
    table = pd.DataFrame(rows, columns=["strategy", "future", "draw", "replication", "outcome", "value"])
    assert ratio_by_draw(table, "cost_per_project")["value"].tolist() == [10.0]
