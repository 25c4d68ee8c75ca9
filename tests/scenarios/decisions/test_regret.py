"""Robustness of a textbook table, its mirror image, and rankings that a structure turns over."""

import numpy as np
import pandas as pd
import pytest
from decision_tables import constant, tidy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from idmaj.scenarios.decisions.regret import criteria, regret, robustness
from idmaj.sim import UserError

ECONOMIES = ("growing", "stable", "declining")
INVESTMENTS = {"bonds": (40.0, 45.0, 5.0), "stocks": (70.0, 30.0, -13.0), "funds": (53.0, 45.0, -5.0)}
"""The example of Emmanuel 2015, "Decision Analysis 1: Maximax, Maximin, Minimax Regret" (a taught course)."""
PAYOFF = np.array(list(INVESTMENTS.values()))
TABLES = arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 8)), elements=st.floats(-1e3, 1e3))


def worlds(payoffs: dict[str, tuple[float, ...]], futures=ECONOMIES, noise=lambda: 0.0) -> pd.DataFrame:
    """Return runs of every strategy in every future."""
    parts = [
        tidy({name: constant(row[at]) + noise() for name, row in payoffs.items()}).assign(future=future)
        for at, future in enumerate(futures)
    ]
    return pd.concat(parts, ignore_index=True)


def test_the_regrets_of_the_textbook_table():
    assert regret(PAYOFF).tolist() == [[30, 0, 0], [0, 15, 18], [17, 0, 10]]
    found = criteria(PAYOFF, threshold=40)
    assert found["max_regret"].tolist() == [30, 18, 17]
    assert found["worst"].tolist() == [5, -13, -5]
    assert found["satisficing"] == pytest.approx([2 / 3, 1 / 3, 2 / 3])
    assert found["p90_regret"] == pytest.approx([24, 17.4, 15.6])  # four fifths of the way from second to largest


def test_each_criterion_has_its_own_best_and_that_is_the_finding():
    found = robustness(worlds(INVESTMENTS), "income", threshold=40)
    best = found.disagreements.set_index("criterion")
    assert best["best"].to_dict() == {
        "mean": "funds", "worst": "bonds", "max_regret": "funds", "p90_regret": "funds", "satisficing": "bonds, funds",
    }  # fmt: skip
    assert best["agrees"].tolist() == [True, False, True, True, False]
    rows = found.measures.set_index(["criterion", "strategy"])
    assert rows.loc[("max_regret", "stocks"), "rank"] == 2 and rows.loc[("max_regret", "bonds"), "rank"] == 3
    assert (found.worlds["regret"] >= 0).all() and len(found.worlds) == 9


def test_where_less_is_better_all_is_mirrored():
    mirror = {name: tuple(-value for value in row) for name, row in INVESTMENTS.items()}
    one = robustness(worlds(INVESTMENTS), "income", 40).measures
    other = robustness(worlds(mirror), "income", -40, better="less").measures
    assert one["rank"].tolist() == other["rank"].tolist()
    turned = other["criterion"].isin(["mean", "worst"])
    np.testing.assert_allclose(one["value"], other["value"].where(~turned, -other["value"]))


@given(TABLES)
def test_regret_is_never_negative_and_somebody_has_none_in_every_world(payoff):
    lost = regret(payoff)
    assert (lost >= 0).all() and (lost.min(axis=0) == 0).all()
    found = criteria(payoff)
    assert (found["p90_regret"] <= found["max_regret"] + 1e-9).all()
    assert (found["worst"] <= found["mean"] + 1e-9).all()


@given(TABLES, st.floats(-100, 100))
def test_a_world_that_is_better_for_all_changes_no_regret(payoff, luck):
    shifted = payoff.copy()
    shifted[:, 0] += luck
    np.testing.assert_allclose(regret(shifted), regret(payoff), atol=1e-9)


def test_a_ranking_that_a_structure_turns_over_is_named():
    """Training wins where skills matter, spreading where markets are crowded; today's strategy is last in both."""
    skills = worlds({"today": (1, 1, 1), "training": (9, 8, 7), "spreading": (5, 5, 5)}).assign(structure="skills")
    crowded = worlds({"today": (1, 1, 1), "training": (2, 2, 2), "spreading": (6, 6, 6)}).assign(structure="crowding")
    found = robustness(pd.concat([skills, crowded]), "income")
    flips = found.flips[found.flips["criterion"] == "mean"]
    assert flips[["strategy", "other", "ahead_under", "behind_under", "chance"]].values.tolist() == [
        ["training", "spreading", "skills", "crowding", 1.0]
    ]
    best = found.structures.query("criterion == 'mean' and rank == 1").set_index("structure")["strategy"]
    assert best.to_dict() == {"skills": "training", "crowding": "spreading"}
    assert set(found.worlds["structure"]) == {"skills", "crowding"}


def test_ranks_that_rest_on_few_draws_are_shown_to_be_unstable():
    rng = np.random.default_rng(1)
    close = {name: rng.normal(50, 10, (12, 1)) for name in "abc"} | {"far": rng.normal(500, 10, (12, 1))}
    table = tidy(close).assign(future="same")
    rows = robustness(table, "income").measures.query("criterion == 'mean'").set_index("strategy")
    assert rows.loc["far", ["rank", "rank_low", "rank_high", "chance_first"]].tolist() == [1, 1, 1, 1.0]
    assert (rows.loc[["a", "b", "c"], "rank_high"] - rows.loc[["a", "b", "c"], "rank_low"]).max() >= 1


def test_a_strategy_that_lacks_a_future_is_named():
    table = worlds(INVESTMENTS)
    with pytest.raises(UserError, match="no runs of stocks in stable"):
        robustness(table[(table["strategy"] != "stocks") | (table["future"] != "stable")], "income")
