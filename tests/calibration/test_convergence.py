"""Diagnostics of chains and of weights, against cases whose answer is known."""

import numpy as np
import pytest

from idmaj.calibration.convergence import bulk_ess, pareto_k, r_hat, tail_ess, weighted_ess


def luck(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=seed))


def autoregressive(rho: float, chains: int, draws: int) -> np.ndarray:
    noise = luck(2).standard_normal((chains, draws)) * np.sqrt(1.0 - rho * rho)
    x = np.empty_like(noise)
    x[:, 0] = noise[:, 0] / np.sqrt(1.0 - rho * rho)
    for t in range(1, draws):
        x[:, t] = rho * x[:, t - 1] + noise[:, t]
    return x


def test_independent_draws_are_worth_themselves():
    x = luck(1).standard_normal((4, 2000))
    assert r_hat(x) == pytest.approx(1.0, abs=0.003)
    assert bulk_ess(x) == pytest.approx(8000, rel=0.08)
    assert tail_ess(x) == pytest.approx(8000, rel=0.12)


@pytest.mark.parametrize("rho", [0.5, 0.9])
def test_an_autoregressive_chain_is_worth_what_theory_says(rho):
    x = autoregressive(rho, 4, 20_000)
    assert bulk_ess(x) == pytest.approx(80_000 * (1.0 - rho) / (1.0 + rho), rel=0.1)


def test_chains_apart_or_of_unlike_spread_have_not_mixed():
    x = luck(1).standard_normal((4, 1000))
    assert r_hat(x + np.array([[0.0], [0.0], [0.0], [0.5]])) > 1.02
    assert r_hat(x * np.array([[1.0], [1.0], [1.0], [2.0]])) > 1.02
    assert r_hat(x + np.linspace(0.0, 2.0, 1000)) > 1.02


@pytest.mark.parametrize("k", [0.2, 0.5, 0.9])
def test_the_tail_of_pareto_weights_has_their_shape(k):
    # Ten samples of 40,000: the fit to 600 ratios errs by about 0.05 each.
    found = [pareto_k(-k * np.log(luck(seed).random(40_000))) for seed in range(10)]
    assert np.mean(found) == pytest.approx(k, abs=0.08)


def test_weights_that_are_all_the_same_are_sound():
    assert pareto_k(np.zeros(1000)) == float("-inf")
    assert weighted_ess(np.ones(50)) == pytest.approx(50)
    assert weighted_ess(np.array([1.0, 0.0, 0.0])) == pytest.approx(1.0)
