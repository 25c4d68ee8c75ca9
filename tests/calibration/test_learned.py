"""Learned summaries and the adjusted nearest runs, beside posteriors that are known."""

from __future__ import annotations

import numpy as np
import pytest

from idmaj.calibration.learned import (
    FEWEST_ACCEPTED,
    accept,
    adjusted,
    adjusted_where_acting,
    compatibility,
    groups_alike,
    learn,
)

SLOPES = np.array([[1.0, 0.5], [0.2, 1.0], [0.6, -0.4]])
NOISE = np.array([0.5, 0.8, 1.0])
COVARIANCE = np.linalg.inv(np.eye(2) + SLOPES.T @ np.diag(NOISE**-2) @ SLOPES)


def linear_gaussian(runs: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return three parameters of which the third does nothing, and three summaries."""
    luck = np.random.Generator(np.random.Philox(key=seed))
    theta = luck.standard_normal((runs, 3))
    return theta, theta[:, :2] @ SLOPES.T + NOISE * luck.standard_normal((runs, 3))


def moments(draws: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    weights = weights / weights.sum()
    mean = weights @ draws
    return mean, np.sqrt(weights @ (draws - mean) ** 2)


def test_the_adjusted_posterior_is_the_known_one_and_without_adjustment_it_is_too_wide() -> None:
    """Twelve observations, 20,000 runs, a tenth kept.

    A mean errs by 0.6 / sqrt(1,600) = 0.015 for each, a spread by as much over sqrt(2); over twelve by 0.005. So a bias
    of 0.03, or of 5 % of the spread, is seen for certain; the draws are the same each time.
    """
    theta, x = linear_gaussian(20_000, 1)
    learned, group = learn(x, theta), np.arange(20_000) % 3
    seen = linear_gaussian(12, 2)[1]
    known = seen @ (COVARIANCE @ SLOPES.T @ np.diag(NOISE**-2)).T
    errors, spreads, raw = [], [], []
    for k, each in enumerate(seen):
        rows, weights = accept(learned(x), learned(each[None])[0], group, 0.1)
        mean, spread = moments(adjusted(theta[rows], learned.along(x[rows], each), weights, group[rows]), weights)
        errors.append(mean[:2] - known[k])
        spreads.append(spread)
        raw.append(moments(theta[rows], weights)[1])
    sd = np.sqrt(np.diag(COVARIANCE))
    assert np.abs(np.mean(errors, axis=0)).max() < 0.03
    assert np.abs(errors).max() < 0.08
    assert np.mean(spreads, axis=0)[:2] == pytest.approx(sd, rel=0.05)
    assert np.mean(spreads, axis=0)[2] == pytest.approx(1.0, rel=0.05), "what does nothing keeps its prior"
    assert (np.mean(raw, axis=0)[:2] > 1.05 * sd).all()
    far, _ = accept(learned(x), learned(seen[:1])[0], group, 0.5)
    assert (theta[far, :2].std(axis=0) > 1.3 * sd).all(), "the farther the runs, the wider"


def test_a_spread_that_changes_is_that_at_the_observation() -> None:
    """Given x, theta has mean x and spread 0.2 + 0.4 x: at 0.5 that is 0.4, over all that is kept it is wider."""
    luck = np.random.Generator(np.random.Philox(key=3))
    x = luck.random((40_000, 1)) * 2.0
    theta = x + (0.2 + 0.4 * x) * luck.standard_normal((40_000, 1))
    one = np.zeros(40_000, dtype=int)
    rows, weights = accept(x, np.array([0.5]), one, 0.5)
    draws = adjusted(theta[rows], x[rows] - 0.5, weights, one[rows])
    mean, spread = moments(draws, weights)
    assert mean[0] == pytest.approx(0.5, abs=0.02)
    assert spread[0] == pytest.approx(0.4, rel=0.05)


def test_summaries_are_learned_and_only_directions_that_tell_something() -> None:
    theta, x = linear_gaussian(20_000, 4)
    noise = np.random.Generator(np.random.Philox(key=5)).standard_normal((20_000, 4))
    found = learn(np.column_stack([x, noise]), theta)
    assert found.basis.shape[1] == 2
    assert found.explained == pytest.approx([*(1.0 - np.diag(COVARIANCE)), 0.0], abs=0.02)
    curved = learn(x[:, :1], np.column_stack([x[:, 0] ** 2]))
    assert curved.explained[0] > 0.99, "squares are looked at"
    crossed = learn(x[:, :2], (x[:, 0] * x[:, 1])[:, None])
    assert crossed.explained[0] > 0.99, "and products"


def test_where_a_learned_summary_is_flat_runs_are_laid_along_the_others() -> None:
    """The second parameter is a square, whose learned summary is least at 0: there it has no slope."""
    _, x = linear_gaussian(20_000, 9)
    learned = learn(x[:, :2], np.column_stack([x[:, 0], x[:, 1] ** 2]))
    assert learned(x[:, :2]).shape[1] == 2
    middle = np.zeros(2)
    assert learned.along(x[:, :2], middle).shape[1] == 1
    assert np.abs(np.corrcoef(learned.along(x[:, :2], middle)[:, 0], x[:, 0])[0, 1]) > 0.999
    assert learned.along(x[:, :2], np.ones(2)).shape[1] == 2


def test_every_group_keeps_its_share_however_far() -> None:
    s = np.concatenate([np.linspace(0, 1, 5000), np.linspace(8, 9, 5000)])[:, None]
    group = np.repeat([0, 4], 5000)
    rows, weights = accept(s, np.zeros(1), group, 0.03)
    assert np.bincount(group[rows], minlength=5).tolist() == [150, 0, 0, 0, 150]
    assert rows[:150].tolist() == list(range(150))
    assert [weights[:150].sum(), weights[150:].sum()] == pytest.approx([1.0, 1.0])
    assert (np.diff(weights[:150]) < 0).all()
    assert len(accept(s[:200], np.zeros(1), group[:200])[0]) == FEWEST_ACCEPTED
    assert len(accept(s[:50], np.zeros(1), group[:50])[0]) == 49


def test_what_does_not_act_in_a_run_is_left_as_it_was_drawn() -> None:
    theta, x = linear_gaussian(4000, 6)
    group = np.arange(4000) % 2
    acting = np.ones((4000, 3), dtype=bool)
    acting[group == 1, 0] = False
    theta[group == 1, 0] = 0.0
    learned = learn(x, theta, acting)
    rows, weights = accept(learned(x), learned(np.ones((1, 3)))[0], group)
    found = adjusted_where_acting(theta[rows], learned.along(x[rows], np.ones(3)), weights, group[rows], acting[rows])
    assert (found[group[rows] == 1, 0] == 0.0).all()
    assert not np.isclose(found[group[rows] == 0, 0], theta[rows][group[rows] == 0, 0]).any()
    alike = groups_alike(acting)
    assert sorted(columns.tolist() for _, columns in alike) == [[0], [1, 2]]


def test_an_observation_from_the_cloud_is_compatible_and_one_outside_is_not() -> None:
    """p-values of points of the cloud are uniform: the mean of 400 errs by 0.014."""
    _, x = linear_gaussian(5000, 7)
    values = [compatibility(x, each).p_value for each in linear_gaussian(400, 8)[1]]
    assert np.mean(values) == pytest.approx(0.5, abs=0.05)
    assert np.mean(np.array(values) < 0.05) == pytest.approx(0.05, abs=0.03)
    found = compatibility(x, x.mean(axis=0) + np.array([0.0, 8.0, 0.0]) * x.std(axis=0))
    assert found.p_value == pytest.approx(1 / 5001)
    assert found.off == pytest.approx([0.0, 8.0, 0.0], abs=1e-6)
    against = x.mean(axis=0) + np.array([1.8, -1.8, 0.0]) * x.std(axis=0)
    assert compatibility(x, against).p_value < 0.02, "each alone is near, together they are not"
