"""The frontier against published and hand-worked cases; acceptability and loss against closed forms."""

from __future__ import annotations

from itertools import product

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from decision_tables import ends
from hypothesis import given, settings
from scipy.stats import norm

from idmaj.scenarios.decisions.costs import NO_INTERVAL
from idmaj.scenarios.decisions.value_for_money import (
    acceptability,
    cost_plane,
    frontier,
    incremental_ratios,
)
from idmaj.sim import UserError


def table_of(**strategies: tuple[float, float]) -> pd.DataFrame:
    """Return the frontier of strategies given as (cost, effect), by name."""
    frame = pd.DataFrame(strategies, index=["cost", "effect"]).T
    return incremental_ratios(frame["cost"], frame["effect"]).set_index("strategy")


def test_screening_for_hiv() -> None:
    """The first example of the vignette "Basic Cost Effectiveness Analysis" of R's dampack: QALYs are months / 12."""
    months = {"status_quo": 277.25, "one_time": 277.57, "every_5": 277.78, "every_3": 277.83, "annual": 277.76}
    costs = {"status_quo": 26000, "one_time": 27000, "every_5": 28020, "every_3": 28440, "annual": 29440}
    found = table_of(**{name: (costs[name], months[name] / 12) for name in costs})
    assert found["ratio"][["one_time", "every_5", "every_3"]].round(0).tolist() == [37500, 58286, 100800]
    assert found.loc["annual", ["status", "against"]].tolist() == ["dominated", "every_3"]
    assert np.isnan(found.loc["annual", "ratio"])
    assert found.loc["status_quo", ["status", "against"]].tolist() == ["efficient", ""]


def test_dominated_and_extendedly_dominated_by_hand() -> None:
    """From A (0, 0): B costs 20 per unit and C, further on, 10 on from it: B is jumped over. A to C is 80 / 6."""
    found = table_of(A=(0, 0), B=(40, 2), C=(80, 6), D=(90, 5), E=(180, 8), F=(80, 6), G=(130, 6.9))
    assert found["status"].to_dict() == {
        "A": "efficient",
        "B": "extendedly dominated",
        "C": "efficient",
        "F": "same as another",
        "D": "dominated",
        "G": "extendedly dominated",
        "E": "efficient",
    }
    assert found["ratio"].dropna().to_dict() == pytest.approx({"C": 80 / 6, "E": 100 / 2})
    assert found.loc["B", "because"] == "a mix of A and C gives as much for less"
    assert found.loc["D", "because"] == "C gives no less and costs no more"
    assert found.loc["F", "because"] == "costs and gives the same as C"
    assert found.loc[["C", "E"], "against"].tolist() == ["A", "C"]


def test_what_costs_less_and_gives_more_leaves_nothing_to_trade() -> None:
    found = table_of(dear=(10, 1), cheap=(5, 2))
    assert found.loc["dear", ["status", "against"]].tolist() == ["dominated", "cheap"]
    assert found["ratio"].isna().all()


def test_a_cost_that_is_missing_is_named() -> None:
    with pytest.raises(UserError, match="B: found a cost or an effect that is no number"):
        table_of(A=(1, 1), B=(np.nan, 2))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=6))
def test_the_frontier_is_what_is_best_at_some_worth(points: list[tuple[int, int]]) -> None:
    """Brute force: efficient are those that are best by net benefit at some ratio of differences, or between two."""
    found = table_of(**{f"s{i}": point for i, point in enumerate(points)})
    cost, effect = np.array(points, float).T
    pairs = product(range(len(points)), repeat=2)
    ratios = {(cost[i] - cost[j]) / (effect[i] - effect[j]) for i, j in pairs if effect[i] > effect[j]}
    steps = np.sort([0.0, *(each for each in ratios if each > 0.0)])
    worths = np.concatenate([(steps[1:] + steps[:-1]) / 2, steps[1:], [steps[-1] + 1.0, 1e-3]])
    nets = {float(w): w * effect - cost for w in worths}
    best = {w: {f"s{i}" for i in np.flatnonzero(net > net.max() - 1e-9)} for w, net in nets.items()}
    efficient = set(found.index[found["status"] == "efficient"])
    same = set(found.index[found["status"] == "same as another"])
    assert set().union(*best.values()) - same == efficient
    ratios_found = found.loc[found["status"] == "efficient", "ratio"].dropna().to_numpy()
    assert (np.diff(ratios_found) >= -1e-9).all()


def trial(draws: int, replications: int, luck: float, seed: int = 6) -> pd.DataFrame:
    """Return two strategies: the new one costs 100 more and gives N(1, 2) more effect."""
    generator = np.random.default_rng(seed)
    effect = generator.normal(10, 1, (draws, 1)) + np.zeros((draws, replications))
    gain = generator.normal(1, 2, (draws, 1)) + generator.normal(0, max(luck, 1e-12), (draws, replications))
    cost = np.full((draws, replications), 500.0)
    return ends({"now": {"spent": cost, "jobs": effect}, "new": {"spent": cost + 100, "jobs": effect + gain}})


@pytest.mark.parametrize(("replications", "luck"), [(2, 0.0), (4, 2.0)])
def test_acceptability_and_loss_in_closed_form(replications: int, luck: float) -> None:
    """At worth w the gain is N(w - 100, 2w), whatever luck adds: shares and losses are normal integrals.

    Of 4,000 draws: four standard errors, 4 x 0.008 of a share and 4 % or so of a loss.
    """
    found = acceptability(trial(4000, replications, luck), "spent", "jobs", [50, 100, 200], "MAD 2016")
    new, now = (found[found["strategy"] == name].set_index("worth") for name in ("new", "now"))
    for worth in (50, 100, 200):
        mean, sd = worth - 100.0, 2.0 * worth
        u = mean / sd
        lost_by_now = sd * norm.pdf(u) + mean * norm.cdf(u)
        assert new["chance_best"][worth] == pytest.approx(norm.cdf(u), abs=0.032)
        assert now["chance_best"][worth] + new["chance_best"][worth] == pytest.approx(1)
        assert now["expected_loss"][worth] == pytest.approx(lost_by_now, rel=0.09)
        assert new["expected_loss"][worth] == pytest.approx(lost_by_now - mean, rel=0.09)
        assert new["evpi"][worth] == pytest.approx(min(now["expected_loss"][worth], new["expected_loss"][worth]))
    assert now["on_frontier"][50]
    assert new["on_frontier"][200]


def test_luck_left_in_would_be_taken_for_ignorance() -> None:
    table = trial(4000, 4, 2.0)
    quiet = acceptability(table, "spent", "jobs", [200], "MAD 2016")["evpi"].iloc[0]
    loud = acceptability(table[table["replication"] == 0], "spent", "jobs", [200], "MAD 2016")["evpi"].iloc[0]
    assert loud > 1.3 * quiet


def test_the_frontier_of_acceptability_need_not_be_most_often_best() -> None:
    """One draw in five gains 100 and four lose 10: best on average, and seldom best."""
    gain = np.repeat(np.tile([100.0, -10, -10, -10, -10], 10)[:, None], 2, axis=1)
    zero = np.zeros_like(gain)
    table = ends({"now": {"spent": zero, "jobs": zero}, "bold": {"spent": zero, "jobs": gain}})
    found = acceptability(table, "spent", "jobs", [1.0], "MAD 2016").set_index("strategy")
    assert found["on_frontier"].to_dict() == {"now": False, "bold": True}
    assert found["chance_best"].to_dict() == pytest.approx({"now": 0.8, "bold": 0.2})
    assert found["expected_loss"].to_dict() == pytest.approx({"now": 20.0, "bold": 8.0})


def test_strategies_that_are_alike_share_a_draw() -> None:
    """In half of the draws the lever does nothing at all; in the others it gains, with luck."""
    generator = np.random.default_rng(12)
    gain = np.where(np.arange(40)[:, None] % 2, generator.normal(5, 1, (40, 2)), 0.0)
    zero = np.zeros_like(gain)
    table = ends({"now": {"spent": zero, "jobs": zero}, "new": {"spent": zero, "jobs": gain}})
    found = acceptability(table, "spent", "jobs", [1.0], "MAD 2016").set_index("strategy")
    assert found["chance_best"].to_dict() == pytest.approx({"now": 0.25, "new": 0.75})


def test_the_frontier_of_an_experiment_has_intervals_and_chances() -> None:
    generator = np.random.default_rng(8)
    base = {"spent": generator.normal(1000, 50, (60, 2)), "jobs": generator.normal(50, 5, (60, 2))}
    gain = generator.gamma(25, 0.4, (60, 2))
    cells = {"base": base, "more": {"spent": base["spent"] + 7 * gain, "jobs": base["jobs"] + gain}}
    cells["waste"] = {"spent": cells["more"]["spent"] + 100, "jobs": base["jobs"]}
    found = frontier(ends(cells), "spent", "jobs").set_index("strategy")
    assert found.loc["more", ["ratio", "low", "high"]].tolist() == pytest.approx([7, 7, 7])
    assert found["chance_efficient"].to_dict() == pytest.approx({"base": 1, "more": 1, "waste": 0})
    cells["close"] = {"spent": base["spent"] + 10, "jobs": base["jobs"] + generator.normal(0.3, 5, (60, 2))}
    found = frontier(ends({name: cells[name] for name in ("base", "close")}), "spent", "jobs").set_index("strategy")
    assert found["says"]["close"] in (NO_INTERVAL, "")
    assert 0.1 < found["chance_efficient"]["close"] < 0.9


def test_quadrants_add_up_and_count_draws() -> None:
    effect = np.array([[1.0, 1], [1, 1], [-1, -1], [0, 0]])
    cost = np.array([[5.0, 5], [-5, -5], [5, 5], [5, 5]])
    zero = np.zeros_like(effect)
    table = ends({"now": {"spent": zero, "jobs": zero}, "new": {"spent": cost, "jobs": effect}})
    found = cost_plane(table, "now", "spent", "jobs").set_index("quadrant")
    assert found["chance"].to_dict() == {
        "more effect, dearer": 0.25,
        "more effect, cheaper": 0.25,
        "less effect, dearer": 0.25,
        "less effect, cheaper": 0.0,
        "no difference": 0.25,
    }
    assert (found["across"].iloc[0], found["up"].iloc[0]) == (0.25, 2.5)
    with pytest.raises(UserError, match="baseline"):
        cost_plane(table, "then", "spent", "jobs")
