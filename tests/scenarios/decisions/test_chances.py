"""Intervals of shares and quantiles, and rising sequences, against published values and scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import isotonic_regression
from scipy.stats import binom

from idmaj.scenarios.decisions.chances import isotonic, order_statistics, wilson


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_intervals(hits, count, low, high):
    """Newcombe 1998, Statistics in Medicine 17, table I, method 3."""
    assert wilson(hits, count) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 500), st.data())
def test_wilson_holds_the_share_and_mirrors(count, data):
    hits = data.draw(st.integers(0, count))
    low, high = wilson(hits, count)
    assert 0 <= low <= hits / count <= high <= 1
    assert wilson(count - hits, count) == pytest.approx((1 - high, 1 - low))


def test_more_hits_than_trials_are_refused():
    with pytest.raises(ValueError, match="found 3 of 2"):
        wilson(3, 2)


@pytest.mark.parametrize(
    ("count", "low", "high", "cover"), [(6, 1, 6, 0.9688), (10, 2, 9, 0.9785), (20, 6, 15, 0.9586)]
)
def test_the_interval_of_a_median_is_the_textbook_one(count, low, high, cover):
    """The sign test's interval, as in tables of nonparametric intervals for a median."""
    found = order_statistics(count, 0.5)
    assert (found[0], found[2]) == (low, high)
    assert binom(count, 0.5).cdf(high - 1) - binom(count, 0.5).cdf(low - 1) == pytest.approx(cover, abs=5e-5)


@given(st.integers(1, 400), st.floats(0.05, 0.95))
def test_each_side_misses_at_most_one_time_in_forty_and_no_nearer_value_would_do(count, chance):
    low, middle, high = order_statistics(count, chance)
    below = binom(count, chance)
    assert below.cdf(low - 1) <= 0.025 < below.cdf(low) + 1e-12
    assert below.sf(high - 1) <= 0.025 + 1e-12 and below.sf(high - 2) > 0.025 - 1e-12
    assert low <= middle <= high <= count + 1
    assert (middle - 1) / count < chance + 1e-9 and middle / count >= chance - 1e-9


@given(arrays(np.float64, st.integers(1, 30), elements=st.floats(-50, 50)), st.data())
def test_pooling_gives_the_isotonic_fit_of_scipy(values, data):
    weights = data.draw(arrays(np.float64, len(values), elements=st.floats(0.1, 10)))
    np.testing.assert_allclose(isotonic(values, weights), isotonic_regression(values, weights=weights).x, atol=1e-9)
