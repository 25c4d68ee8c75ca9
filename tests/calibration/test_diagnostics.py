"""Convergence, effective sizes and importance weights, beside what theory says of them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from idmaj.calibration.diagnostics import ess_bulk, ess_tail, ess_weights, psis, r_hat


def chains(persistence: float, shape: tuple[int, int] = (4, 2000), seed: int = 1) -> np.ndarray:
    """Return stationary autoregressive chains of variance one."""
    luck = np.random.default_rng(seed).standard_normal(shape)
    found = luck.copy()
    for t in range(1, shape[1]):
        found[:, t] = persistence * found[:, t - 1] + np.sqrt(1.0 - persistence**2) * luck[:, t]
    return found


def plain_r_hat(draws: np.ndarray) -> float:
    """Return rank-normalised split R-hat as the paper writes it, the larger of bulk and folded."""

    def of(table: np.ndarray) -> float:
        rank = stats.rankdata(table).reshape(table.shape)
        z = stats.norm.ppf((rank - 3 / 8) / (table.size + 1 / 4))
        n = z.shape[1]
        within, between = z.var(axis=1, ddof=1).mean(), n * z.mean(axis=1).var(ddof=1)
        return float(np.sqrt(((n - 1) / n * within + between / n) / within))

    half = draws.shape[1] // 2
    split = np.vstack((draws[:, :half], draws[:, -half:]))
    return max(of(split), of(np.abs(split - np.median(split))))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_r_hat_is_that_of_the_paper(seed: int) -> None:
    draws = chains(0.7, (3, 101), seed) + np.arange(3)[:, None] * 0.1
    assert r_hat(draws) == pytest.approx(plain_r_hat(draws), rel=1e-12)


def test_r_hat_sees_chains_apart_in_place_and_in_spread() -> None:
    good = chains(0.0)
    assert r_hat(good) < 1.005
    assert r_hat(good + np.array([0, 0, 0, 1])[:, None]) > 1.05
    assert r_hat(good * np.array([1, 1, 1, 3])[:, None]) > 1.1, "the same middle, another spread"


@pytest.mark.parametrize("persistence", [0.0, 0.5, 0.9])
def test_effective_sizes_of_an_autoregression(persistence: float) -> None:
    # N (1 - a) / (1 + a) for the mean; over 20 seeds the estimate of this many draws errs by some 10 % (a = 0.9).
    draws = chains(persistence)
    expected = draws.size * (1.0 - persistence) / (1.0 + persistence)
    assert ess_bulk(draws) == pytest.approx(expected, rel=0.2)
    assert 0.6 * expected < ess_tail(draws) < min(3.0 * expected, 1.1 * draws.size)


def test_chains_that_stand_still_have_not_converged() -> None:
    assert np.isnan(r_hat(np.ones((2, 10))))
    assert np.isinf(r_hat(np.array([[1.0] * 10, [2.0] * 10])))
    assert np.isnan(ess_bulk(np.ones((2, 10))))
    stuck = chains(0.0, (2, 50))
    stuck[1] = 3.0
    assert np.isnan(ess_bulk(stuck))
    assert np.isnan(ess_tail(stuck))


@pytest.mark.parametrize(
    ("draws", "said"),
    [
        (np.zeros(10), r"shape \(10,\)"),
        (np.zeros((2, 3)), r"shape \(2, 3\)"),
        (np.array([[1.0, 2.0, 3.0, np.nan]] * 2), "2 that are not finite"),
    ],
)
def test_draws_that_say_nothing_are_refused(draws: np.ndarray, said: str) -> None:
    for measure in (r_hat, ess_bulk, ess_tail):
        with pytest.raises(ValueError, match=said):
            measure(draws)
    with pytest.raises(ValueError, match="2 or more chains"):
        r_hat(np.zeros((1, 10)))


@pytest.mark.parametrize("shape", [0.2, 0.5, 0.9])
def test_k_hat_is_the_shape_of_the_tail(shape: float) -> None:
    # Standard deviation of k-hat over seeds at n = 20,000: 0.05 or less; 0.15 is three of them.
    weight = stats.genpareto(shape).rvs(20_000, random_state=np.random.default_rng(4)) + 1.0
    smoothed, k_hat = psis(np.log(weight))
    assert k_hat == pytest.approx(shape, abs=0.15)
    assert np.exp(smoothed).sum() == pytest.approx(1.0)
    order = np.argsort(weight)
    assert (np.diff(smoothed[order]) >= 0.0).all(), "smoothing keeps the order"


def test_smoothed_weights_estimate_better_than_raw_ones() -> None:
    """A normal of sd 1.6 reached from one of sd 1: mean square error of its mean of x^2 falls, over 200 tries."""
    errors = []
    for seed in range(200):
        x = np.random.default_rng(seed).standard_normal(1000)
        logs = stats.norm(0, 1.6).logpdf(x) - stats.norm.logpdf(x)
        raw = np.exp(logs) / np.exp(logs).sum()
        errors.append([(w * x**2).sum() - 1.6**2 for w in (raw, np.exp(psis(logs)[0]))])
    raw_error, smooth_error = np.sqrt((np.array(errors) ** 2).mean(axis=0))
    assert smooth_error < raw_error


def test_weights_do_not_depend_on_their_level_and_zero_stays_zero() -> None:
    logs = np.random.default_rng(5).standard_normal(500)
    logs[:7] = -np.inf
    smoothed, k_hat = psis(logs)
    again, same = psis(logs + 1000.0)
    np.testing.assert_allclose(again, smoothed)
    assert same == pytest.approx(k_hat)
    assert np.isneginf(smoothed[:7]).all()
    assert np.isfinite(smoothed[7:]).all()


def test_equal_weights_are_left_alone() -> None:
    smoothed, k_hat = psis(np.full(100, 3.0))
    np.testing.assert_allclose(np.exp(smoothed), 0.01)
    assert np.isneginf(k_hat)
    few = np.full(1000, -5.0)
    few[:400] = 0.0
    smoothed, k_hat = psis(few)
    assert np.isneginf(k_hat)
    assert np.exp(smoothed).sum() == pytest.approx(1.0)
    two = np.r_[np.zeros(980), np.full(20, 2.0)]
    smoothed, k_hat = psis(two)
    assert np.isposinf(k_hat)
    np.testing.assert_allclose(np.diff(smoothed[[0, -1]]), 2.0)


def test_how_many_draws_weights_are_worth() -> None:
    assert ess_weights(np.zeros(50)) == pytest.approx(50.0)
    assert ess_weights(np.array([0.0, -np.inf, -np.inf])) == pytest.approx(1.0)
    assert ess_weights(np.log([3.0, 1.0])) == pytest.approx(1.6)


@pytest.mark.parametrize("logs", [np.full(30, -np.inf), [0.0, np.nan] * 20, [0.0, np.inf] * 20, np.zeros((5, 6)), []])
def test_weights_that_say_nothing_are_refused(logs: np.ndarray) -> None:
    with pytest.raises(ValueError, match="log_weights"):
        psis(logs)


def test_too_few_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="25 or more"):
        psis(np.arange(24.0))
    with pytest.raises(ValueError, match="r_eff"):
        psis(np.arange(50.0), r_eff=0.0)
