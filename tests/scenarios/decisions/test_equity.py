"""Concentration against a published table, its definition and its symmetries; who gains and loses, by hand."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from decision_tables import ends
from hypothesis import given, settings
from scipy.stats import binom

from idmaj.scenarios.decisions.equity import (
    KINDS,
    concentration,
    concentration_by_strategy,
    equity_plane,
    neediest_shares,
    share_changes,
    winners_and_losers,
)
from idmaj.sim import UserError
from idmaj.sim.ends import erreygers


def test_under_five_deaths_in_india() -> None:
    """World Bank, Quantitative Techniques for Health Equity Analysis, note 7, table 1: five wealth groups, -0.1694."""
    births = np.array([29939, 28776, 26528, 24689, 19739])
    deaths_per_birth = np.array([154.7, 152.9, 119.5, 86.9, 54.3]) / 1000
    found = concentration(deaths_per_birth, np.arange(5.0), births, "standard")
    assert found.index == pytest.approx(-0.1694, abs=5e-5)


def test_by_hand() -> None:
    """Four people of need 1 to 4, the two neediest open: ranks 1/8, 3/8, 5/8, 7/8, covariance 1/8, mean 1/2."""
    value, need = np.array([0.0, 0, 1, 1]), np.arange(1.0, 5)
    found = {kind: concentration(value, need, kind=kind).index for kind in KINDS}
    assert found == pytest.approx({"standard": 0.5, "erreygers": 1.0, "wagstaff": 1.0})


def test_as_the_model_counts_where_nobody_has_the_same_need() -> None:
    generator = np.random.default_rng(1)
    need, value = generator.random(300), generator.random(300) < 0.4
    assert concentration(value, need).index == pytest.approx(erreygers(value, need))


PEOPLE = st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(1, 4)), min_size=3, max_size=25)


@settings(max_examples=150, deadline=None)
@given(PEOPLE, st.randoms(use_true_random=False))
def test_symmetries(people: list[tuple[bool, int, int]], chance) -> None:
    value, need, weight = (np.array(column, float) for column in zip(*people, strict=True))
    order = list(range(len(people)))
    chance.shuffle(order)
    for kind in KINDS:
        own = concentration(value, need, weight, kind)
        if np.isnan(own.index):
            continue
        again = concentration(value[order], need[order], weight[order], kind)
        assert again.index == pytest.approx(own.index), "the order of people matters"
        assert again.se == pytest.approx(own.se, abs=1e-9)
        each = np.repeat(np.arange(len(people)), weight.astype(int))
        assert concentration(value[each], need[each], None, kind).index == pytest.approx(own.index), "weights"
        assert concentration(value, -need, weight, kind).index == pytest.approx(-own.index), "need turned round"
        assert concentration(value, np.exp(need), weight, kind).index == pytest.approx(own.index), "only ranks count"
    for kind in ("erreygers", "wagstaff"):
        own, lacking = (concentration(each, need, weight, kind).index for each in (value, 1 - value))
        assert lacking == pytest.approx(-own, nan_ok=True), "those who lack it mirror those who have it"
    own = concentration(value, need, weight).index
    assert concentration(20 + 5 * value, need, weight, bounds=(20, 25)).index == pytest.approx(own), "another unit"


def test_the_standard_index_does_not_mirror_and_so_another_is_the_default() -> None:
    value, need = np.array([0.0, 0, 1, 0, 1]), np.arange(5.0)
    own, lacking = (concentration(each, need, kind="standard").index for each in (value, 1 - value))
    assert own != pytest.approx(-lacking)


@pytest.mark.parametrize("kind", KINDS)
def test_the_interval_covers_95_percent(kind: str) -> None:
    """Of 1,500 samples of 200, as many as asked for cover in all but one test of 1,000; the truth is of 400,000."""

    def sample(people: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        need = generator.integers(0, 8, people).astype(float)
        return (generator.random(people) < 0.2 + 0.06 * need).astype(float), need, generator.integers(1, 3, people)

    generator = np.random.default_rng(5)
    truth = concentration(*sample(400_000), kind).index
    found = [concentration(*sample(200), kind) for _ in range(1500)]
    low, high = binom(1500, 0.95).ppf([0.0005, 0.9995])
    for wrong in (0.92, 0.975):  # the power
        assert binom(1500, wrong).cdf(high) - binom(1500, wrong).cdf(low - 1) < 0.15
    assert low <= sum(each.low <= truth <= each.high for each in found) <= high


def test_people_of_one_household_count_together() -> None:
    """Twins who fare alike: as a cluster each pair weighs as one person does."""
    generator = np.random.default_rng(7)
    need, value = generator.random(100), generator.random(100)
    alone = concentration(value, need)
    twins = concentration(np.repeat(value, 2), np.repeat(need, 2), cluster=np.repeat(np.arange(100), 2))
    assert twins.index == pytest.approx(alone.index)
    assert twins.se == pytest.approx(alone.se)


def test_what_cannot_be_counted_is_said() -> None:
    assert np.isnan(concentration(np.zeros(5), np.arange(5.0), kind="standard").index)
    assert concentration(np.zeros(5), np.arange(5.0)).index == 0
    assert np.isnan(concentration(np.array([1.0, np.nan]), np.array([1.0, 2])).index)
    with pytest.raises(UserError, match="index: found 'gini'"):
        concentration(np.zeros(5), np.arange(5.0), kind="gini")
    with pytest.raises(UserError, match="found 0 to 3, accepted 0 to 1"):
        concentration(np.arange(4.0), np.arange(4.0))


def test_each_strategy_over_its_runs() -> None:
    generator = np.random.default_rng(9)
    rows = []
    for draw in range(12):
        for replication in range(2):
            need = generator.random(80)
            for strategy, slope in (("fair", 0.6), ("blind", 0.0)):
                value = generator.random(80) < 0.3 + slope * (need - 0.5)
                about = {"strategy": strategy, "draw": draw, "replication": replication}
                rows.append(pd.DataFrame(about | {"need": need, "value": value.astype(float)}))
    found = concentration_by_strategy(pd.concat(rows)).set_index("strategy")
    assert found["runs"].tolist() == [24, 24]
    assert found.loc["blind", "low"] < 0 < found.loc["blind", "high"]
    assert found.loc["fair", "low"] > 0.1
    # 8 times the covariance of value and rank, 0.6 / 12: 0.4
    assert found.loc["fair", "low"] < 0.4 < found.loc["fair", "high"]


def test_share_of_the_neediest_by_stage() -> None:
    rows = [
        ("a", draw, 0, stage, member, value)
        for draw, more in ((0, 0), (1, 10))
        for stage, neediest, others in (("applied", 20 + more, 80), ("served", 30 + more, 30), ("active", 5, 15 + more))
        for member, value in (("neediest", neediest), ("fourth", others))
    ]
    counts = pd.DataFrame(rows, columns=["strategy", "draw", "replication", "stage", "member", "value"])
    found = neediest_shares(counts).set_index("stage")
    assert found["share"].to_dict() == pytest.approx({"applied": 50 / 210, "served": 70 / 130, "active": 10 / 50})
    both = neediest_shares(counts, ("neediest", "fourth"))
    assert both["share"].tolist() == [1, 1, 1]


def test_the_equity_plane_names_its_quadrants() -> None:
    zero = np.zeros((4, 2))
    more, fairer = zero + 5, zero - 0.1
    cells = {"now": {"live": zero, "concentration": zero}, "new": {"live": more, "concentration": fairer}}
    found = equity_plane(ends(cells), "now", "live").set_index("quadrant")["chance"]
    assert found["more effect, less fair"] == 1
    assert found.sum() == 1


def test_who_gains_and_who_loses_a_place_under_the_same_luck() -> None:
    """Two runs: Amal loses her place to Bilal in the first, and only the new one reaches Dina in the second."""
    columns = ["strategy", "draw", "replication", "person", "value", "sex", "quintile"]
    rows = [
        ("now", 0, 0, 1, 1, "female", 4),
        ("now", 0, 0, 2, 0, "male", 2),
        ("new", 0, 0, 1, 0, "female", 4),
        ("new", 0, 0, 2, 1, "male", 2),
        ("now", 1, 0, 1, 1, "female", 4),
        ("new", 1, 0, 1, 1, "female", 4),
        ("new", 1, 0, 3, 1, "female", 0),
        ("new", 2, 0, 1, 1, "female", 4),
    ]
    table = winners_and_losers(pd.DataFrame(rows, columns=columns), "now", "new", ["sex", "quintile"])
    found = table.set_index(["group", "member"])
    assert found.loc[("everybody", "all"), ["people", "gain", "lose", "net"]].tolist() == [2, 1, 0.5, 0.5]
    assert found.loc[("sex", "female"), ["gain", "lose", "net"]].tolist() == [0.5, 0.5, 0]
    assert found.loc[("sex", "male"), ["gain", "lose", "net"]].tolist() == [0.5, 0, 0.5]
    assert found.loc[("quintile", 0), ["people", "gain"]].tolist() == [0.5, 0.5]
    assert (found["runs"] == 2).all(), "the third run, which only one of them met, compares nothing"
    with pytest.raises(UserError, match="found 'then', accepted one of now, new"):
        winners_and_losers(pd.DataFrame(rows, columns=columns), "now", "then", ["sex"])


def test_changes_in_the_share_of_the_neediest_are_paired() -> None:
    """What moves both alike leaves no mark on the change: 10 more of 100 in every run, whatever the level."""
    generator, rows = np.random.default_rng(4), []
    for draw in range(20):
        level = int(generator.integers(10, 60))
        for strategy, more in (("now", 0), ("new", 10)):
            rows += [
                (strategy, draw, 0, "served", "neediest", level + more),
                (strategy, draw, 0, "served", "others", 100 - level - more),
            ]
    counts = pd.DataFrame(rows, columns=["strategy", "draw", "replication", "stage", "member", "value"])
    found = share_changes(counts, "now").iloc[0]
    assert (found["strategy"], found["pairs"]) == ("new", 20)
    assert [found["difference"], found["low"], found["high"]] == pytest.approx([0.1, 0.1, 0.1])


def test_rounding_is_no_difference() -> None:
    """The same sum in another order differs in its last digit, which makes nobody fairer."""
    zero = np.zeros((4, 2))
    cells = {
        "now": {"live": zero + 300, "concentration": zero + 0.03},
        "new": {"live": zero + 305, "concentration": zero + 0.03 + 1e-17},
        "apart": {"live": zero + 305, "concentration": zero + 0.03 + 1e-9},
    }
    found = equity_plane(ends(cells), "now", "live").set_index(["strategy", "quadrant"])["chance"]
    assert found["new", "no difference"] == 1
    assert found["apart", "more effect, fairer"] == 1
