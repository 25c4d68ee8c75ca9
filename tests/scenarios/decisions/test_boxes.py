"""PRIM on planted boxes, and on noise, where there is none."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from idmaj.scenarios.decisions.boxes import Box, Cases, Limit, find_box, paste, quasi_p, trajectory
from idmaj.scenarios.decisions.discovery import discovery, sentence
from idmaj.sim import UserError

FACT = "cooperatives fail to beat today's strategy"


def some_cases(count: int, seed: int) -> tuple[pd.DataFrame, np.random.Generator]:
    """Return six numbers between 0 and 1 and a trade for every case."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.random((count, 6)), columns=list("abcdef"))
    return table.assign(trade=rng.choice(["food", "sewing", "repair", "barber"], count)), rng


def planted(count: int, seed: int, inside: float = 1.0, outside: float = 0.0) -> tuple[pd.DataFrame, np.ndarray]:
    """Return cases that fail where a > 0.6 and b < 0.5, more or less."""
    table, rng = some_cases(count, seed)
    box = (table["a"] > 0.6) & (table["b"] < 0.5)
    return table, (rng.random(count) < np.where(box, inside, outside)).astype(bool)


def test_a_planted_box_is_found_exactly():
    """Without noise the box holds all failures and nothing else but what lies in the gap between two cases."""
    table, fails = planted(1000, seed=1)
    box = find_box(Cases(table, fails))
    assert set(box.limits) == {"a", "b"}
    assert box.coverage >= 0.97 and box.density >= 0.95
    assert box.limits["a"].low == pytest.approx(0.6, abs=0.02) and np.isinf(box.limits["a"].high)
    assert box.limits["b"].high == pytest.approx(0.5, abs=0.02) and np.isinf(box.limits["b"].low)


def test_a_box_in_words_is_found():
    table, _ = some_cases(600, seed=2)
    fails = table["trade"].isin(["food", "sewing"]) & (table["c"] < 0.4)
    box = find_box(Cases(table, fails.to_numpy()))
    assert box.limits["trade"].among == {"food", "sewing"}
    assert box.limits["c"].high == pytest.approx(0.4, abs=0.03) and box.coverage >= 0.95


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.2, 0.8))
def test_peeling_never_gains_cases_and_always_gains_density(seed, share):
    table, rng = some_cases(150, seed)
    cases = Cases(table, rng.random(150) < share)
    boxes = trajectory(cases)
    assert boxes[0].limits == {} and boxes[0].coverage == 1.0
    for before, after in zip(boxes, boxes[1:], strict=False):
        assert after.density >= before.density
        assert after.mass < before.mass or after == boxes[-1]  # the last may be pasted
        inside = cases.inside(after.limits)
        assert after.mass == pytest.approx(inside.mean())
        assert after.density == pytest.approx(cases.fails[inside].mean())
        assert after.coverage == pytest.approx(cases.fails[inside].sum() / cases.fails.sum())


def test_pasting_takes_back_what_costs_nothing():
    table, fails = planted(1000, seed=3)
    cases = Cases(table, fails)
    narrow = cases.box({"a": Limit(low=0.75), "b": Limit(high=0.5), "c": Limit(high=0.7)})
    wide = paste(cases, narrow)
    assert wide.coverage > 0.95 > narrow.coverage and wide.density == 1.0
    assert set(wide.limits) == {"a", "b"}


def test_quasi_p_is_the_binomial_tail_without_the_restriction():
    """Of 20 cases, 10 have x above 0: all 8 failures are there. Without the limit failures are 8 of 20."""
    table = pd.DataFrame({"x": np.r_[np.ones(10), -np.ones(10)], "y": np.arange(20.0)})
    cases = Cases(table, np.r_[np.ones(8), np.zeros(12)].astype(bool))
    found = quasi_p(cases, cases.box({"x": Limit(low=0.0), "y": Limit(high=100.0)}))
    assert found["x"] == pytest.approx(binom(10, 0.4).sf(7))
    assert found["y"] == pytest.approx(binom(10, 0.8).sf(7))  # a limit that does nothing


def test_a_planted_box_is_named_in_one_sentence():
    table, fails = planted(400, seed=4, inside=0.9, outside=0.05)
    found = discovery(table, fails)
    assert found.named and found.noise <= 0.05 and (found.restrictions["again"] >= 0.5).all()
    assert (found.restrictions["quasi_p"] < 1e-6).all()
    assert found.density_again > 3 * fails.mean()
    words = sentence(found, FACT, {"a": "rent", "b": "skill"}, {"a": "MAD"})
    assert words.startswith("Cooperatives fail to beat today's strategy when ")
    assert f"rent is above {found.box.limits['a'].low:.3g} MAD" in words
    assert f"skill is below {found.box.limits['b'].high:.3g}" in words
    assert f"{100 * found.box.density:.0f} % of the cases there" in words


def test_boxes_among_200_cases_are_found_whole():
    """Of 50 boxes of 80 % failures, 10 % outside, 48 are; with slices of a twentieth of the box and no more, 24."""
    found = [find_box(Cases(*planted(200, 1000 + seed, inside=0.8, outside=0.1))) for seed in range(50)]
    assert sum({"a", "b"} <= set(box.limits) for box in found) >= 46


def test_noise_has_no_box_worth_naming():
    """Twelve sets of noise. If each were named with a chance of a third, none of twelve would pass with 0.8 %."""
    for seed in range(12):
        table, rng = some_cases(150, 100 + seed)
        found = discovery(table, rng.random(150) < 0.3, seed=seed)
        assert not found.named
        assert sentence(found, FACT).startswith("No circumstances are worth naming in which cooperatives fail")


def test_a_box_that_rests_on_few_failures_is_not_sought():
    table, _ = some_cases(100, seed=5)
    found = discovery(table, np.arange(100) < 5)
    assert not found.named and found.reason.startswith("5 failures among 100 cases are too few")
    assert discovery(table, np.arange(100) < 95).reason.startswith("5 successes")


def test_the_same_cases_give_the_same_box():
    table, fails = planted(120, seed=6, inside=0.9, outside=0.1)
    one, other = discovery(table, fails, seed=3), discovery(table, fails, seed=3)
    assert one.box == other.box and one.noise == other.noise and one.density_again == other.density_again


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (Limit(high=2.0), "x is below 2 years"),
        (Limit(low=0.5), "x is above 0.5 years"),
        (Limit(0.5, 2.0), "x is between 0.5 and 2 years"),
        (Limit(among=frozenset({"b", "a"})), "x is a or b"),
    ],
)
def test_limits_in_words(limit, words):
    few = discovery(pd.DataFrame({"x": np.arange(20.0)}), np.arange(20) < 3)
    found = replace(few, box=Box({"x": limit}, 0.5, 0.5, 0.5), named=True, density_again=0.4)
    assert f"when {words}. " in sentence(found, FACT, units={"x": "years"})


def test_missing_assumptions_are_named():
    with pytest.raises(UserError, match="missing value in 'x'"):
        Cases(pd.DataFrame({"x": [1.0, np.nan]}), np.array([True, False]))


def test_cases_and_failures_must_match():
    with pytest.raises(ValueError, match="found 1 cases, accepted 2"):
        Cases(pd.DataFrame({"x": [1.0, 2.0]}), np.array([True]))
