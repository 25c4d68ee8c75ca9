"""The band of uniform ranks holds the whole curve with the chance it says."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import stats

from idmaj.calibration.ecdf import chance_inside, counts_below, ecdf_band, uniform_p_value


def test_the_chance_of_staying_inside_is_exact() -> None:
    """All 4 ** 5 ways in which five ranks fall among four places, counted."""
    low, high = np.array([0, 1, 2]), np.array([3, 4, 5])
    inside = 0
    for ranks in product(range(4), repeat=5):
        count = counts_below(ranks, 3)
        inside += bool(((count >= low) & (count <= high)).all())
    assert chance_inside(low, high, [0.25, 0.5, 0.75], 5) == pytest.approx(inside / 4**5, rel=1e-12)


def test_the_chance_for_ranks_that_are_not_uniform_is_that_of_simulation() -> None:
    """20,000 simulated sets: the share inside errs by 0.0035; four of these are allowed."""
    band = ecdf_band(40, 9)
    chance = np.array([0.05, 0.05, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.15, 0.15])
    ranks = np.random.default_rng(1).choice(10, (20_000, 40), p=chance)
    count = (ranks[:, :, None] < np.arange(1, 10)).sum(axis=1)
    inside = ((count >= band.low) & (count <= band.high)).all(axis=1).mean()
    exact = chance_inside(band.low, band.high, np.cumsum(chance)[:-1], 40)
    assert abs(inside - exact) < 4 * np.sqrt(exact * (1 - exact) / 20_000)


@pytest.mark.parametrize(("fits", "draws", "level"), [(10, 99, 0.95), (100, 20, 0.9), (200, 99, 0.95), (200, 1, 0.5)])
def test_the_band_covers_what_it_says(fits: int, draws: int, level: float) -> None:
    """Not below the level, and as little above it as whole numbers allow; and so in 10,000 simulated sets."""
    band = ecdf_band(fits, draws, level)
    assert level <= band.coverage < level + (0.2 if draws == 1 else 0.03)
    ranks = np.random.default_rng(2).integers(0, draws + 1, (10_000, fits))
    count = (np.sort(ranks, axis=1)[:, :, None] < np.arange(1, draws + 1)).sum(axis=1)
    inside = ((count >= band.low) & (count <= band.high)).all(axis=1)
    low, high = stats.binom.ppf([1e-5, 1 - 1e-5], 10_000, band.coverage)
    assert low <= inside.sum() <= high


def test_a_level_stricter_makes_a_band_wider() -> None:
    narrow, wide = ecdf_band(100, 19, 0.5), ecdf_band(100, 19, 0.99)
    assert (wide.low <= narrow.low).all()
    assert (wide.high >= narrow.high).all()
    assert (wide.high > narrow.high).any()
    assert wide.coverage >= 0.99


def test_the_p_value_is_below_five_percent_just_where_the_curve_leaves_the_band() -> None:
    generator, band = np.random.default_rng(3), ecdf_band(60, 29)
    left = 0
    for k in range(400):
        ranks = stats.binom.rvs(29, generator.beta(1.0, 1.0 + 0.6 * (k % 2), 60), random_state=generator)
        count = counts_below(ranks, 29)
        outside = bool(((count < band.low) | (count > band.high)).any())
        assert outside == (uniform_p_value(ranks, 29) <= 0.05)
        left += outside
    assert 40 < left < 360, "both happen"


def test_what_cannot_be_ranked_is_refused() -> None:
    for ranks in ([], [0.5], [-1], [10], [[1, 2]]):
        with pytest.raises(ValueError, match="from 0 to 9"):
            counts_below(ranks, 9)
    for numbers in ((0, 9, 0.95), (9, 0, 0.95), (9, 9, 1.0)):
        with pytest.raises(ValueError, match="accepted"):
            ecdf_band(*numbers)
