"""Scores beside closed forms, published values, and what each is for: the truth loses least."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from idmaj.calibration import scores as sc

LUCK = np.random.default_rng(11)


def test_crps_of_a_normal_is_the_published_one() -> None:
    """R's scoringRules: crps_norm(0) = 0.2336950, crps_norm(1) = 0.6024414; integrals of squared differences."""
    np.testing.assert_allclose(sc.crps_normal(0, 1, [0.0, 1.0, -1.0]), [0.2336950, 0.6024414, 0.6024414], atol=5e-8)
    x = np.linspace(-30, 40, 700_001)
    area = np.trapezoid((stats.norm.cdf(x, 2.0, 3.0) - (x >= 5.0)) ** 2, x)
    assert sc.crps_normal(2.0, 3.0, 5.0) == pytest.approx(area, abs=1e-3)


def test_crps_of_draws_is_the_mean_over_pairs() -> None:
    draws, seen = LUCK.normal(size=(40, 3)), np.array([0.1, -2.0, 0.7])
    weight = LUCK.random(40)
    share = weight / weight.sum()
    far = (share[:, None] * np.abs(draws - seen)).sum(axis=0)
    apart = np.einsum("i,j,ijn->n", share, share, np.abs(draws[:, None] - draws[None]))
    np.testing.assert_allclose(sc.crps(draws, seen, weight), far - apart / 2)
    np.testing.assert_allclose(sc.crps([[2.0]], [5.0]), 3.0)
    large = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)[:, None]
    assert sc.crps(large, [0.3])[0] == pytest.approx(float(sc.crps_normal(0, 1, 0.3)), abs=1e-4)


def test_a_weight_is_as_many_draws() -> None:
    draws, seen, times = LUCK.normal(size=(5, 4)), LUCK.normal(size=4), np.array([1, 3, 0, 2, 4])
    many = np.repeat(draws, times, axis=0)
    np.testing.assert_allclose(sc.crps(draws, seen, times), sc.crps(many, seen))
    np.testing.assert_allclose(sc.pit(draws, seen, 0.5, times), sc.pit(many, seen))
    np.testing.assert_allclose(sc.log_score(draws, times), sc.log_score(many))
    for level in (0.5, 0.9):
        np.testing.assert_allclose(sc.interval(draws, level, times), sc.interval(many, level))


def test_crps_and_log_score_of_a_binomial() -> None:
    n, p, seen = np.array([5, 12, 1]), np.array([0.3, 0.9, 0.5]), np.array([0, 11, 1])
    for k in range(3):
        count = np.arange(n[k] + 1)
        expected = ((stats.binom.cdf(count, n[k], p[k]) - (count >= seen[k])) ** 2).sum()
        assert sc.crps_binomial(n[k], p[k], seen[k])[0] == pytest.approx(expected)
    together = [sc.crps_binomial(n[k], p[k], seen[k])[0] for k in range(3)]
    np.testing.assert_allclose(sc.crps_binomial(n, p, seen), together)
    np.testing.assert_allclose(sc.log_score_binomial(n, p, seen), -stats.binom.logpmf(seen, n, p))
    assert sc.log_score_binomial(4, 1.0, 4)[0] == 0.0
    assert np.isposinf(sc.log_score_binomial(4, 1.0, 3)[0])


def test_log_score_is_that_of_the_mixture() -> None:
    logs = np.log([[0.2, 0.5], [0.4, 0.1]])
    np.testing.assert_allclose(sc.log_score(logs), -np.log([0.3, 0.3]))
    np.testing.assert_allclose(sc.log_score(logs, [3.0, 1.0]), -np.log([0.25, 0.4]))
    np.testing.assert_allclose(sc.log_score(logs - 2000.0), 2000.0 - np.log([0.3, 0.3]))
    assert np.isposinf(sc.log_score([[-np.inf], [-np.inf]])[0])


def test_interval_score_is_the_published_one() -> None:
    """Gneiting & Raftery 2007, equation 43, by hand: width 4, missed by 2 at 90 %: 4 + 2 / 0.1 * 2."""
    np.testing.assert_allclose(sc.interval_score([1, 1, 1], [5, 5, 5], [3, 7, -1], 0.9), [4, 44, 44])


def test_no_forecast_loses_less_than_the_truth() -> None:
    """Exact expectations over what may happen."""
    p, said = 0.3, np.linspace(0.01, 0.99, 99)
    for score in (sc.brier, sc.log_score_binary):
        lost = p * score(said, np.ones(99)) + (1 - p) * score(said, np.zeros(99))
        assert said[lost.argmin()] == pytest.approx(p)
    count = np.arange(9)
    chance = stats.binom.pmf(count, 8, p)
    for score in (sc.crps_binomial, sc.log_score_binomial):
        lost = np.array([(chance * score(8, q, count)).sum() for q in said])
        assert said[lost.argmin()] == pytest.approx(p)


@pytest.mark.parametrize("level", sc.LEVELS)
def test_intervals_of_a_calibrated_forecast_cover_what_they_say(level: float) -> None:
    # 4,000 forecasts of 999 draws: coverage errs by at most 0.008; narrower draws by 30 % are far off.
    seen, draws = LUCK.normal(size=4000), LUCK.normal(size=(999, 4000))
    row = sc.coverage(draws, seen, levels=[level]).iloc[0]
    assert row["share"] == pytest.approx(level, abs=0.025)
    assert row["low"] < level < row["high"] or abs(row["share"] - level) < 0.015
    narrow = sc.coverage(0.7 * draws, seen, levels=[level]).iloc[0]
    assert narrow["high"] < level
    assert narrow["score"] > row["score"]


def test_the_interval_of_a_share_is_exact() -> None:
    """Clopper-Pearson by its definition, and at the ends."""
    low, high = sc.share_interval(7, 20)
    assert stats.binom.sf(6, 20, low) == pytest.approx(0.025)
    assert stats.binom.cdf(7, 20, high) == pytest.approx(0.025)
    assert sc.share_interval(0, 10) == (0.0, pytest.approx(1 - 0.025**0.1))
    assert sc.share_interval(10, 10)[1] == 1.0


def test_randomised_pit_of_counts_is_uniform_and_that_of_wrong_chances_is_not() -> None:
    # 3,000 counts: a Kolmogorov-Smirnov test of level 0.001; with chances 0.05 too high its power is above 0.999.
    trials, p = LUCK.integers(1, 8, 3000), LUCK.uniform(0.2, 0.7, 3000)
    seen, luck = LUCK.binomial(trials, p), LUCK.random(3000)
    assert stats.kstest(sc.pit_binomial(trials, p, seen, luck), "uniform").pvalue > 0.001
    assert stats.kstest(sc.pit_binomial(trials, p + 0.05, seen, luck), "uniform").pvalue < 0.001
    draws = LUCK.binomial(trials, p, (400, 3000))
    assert stats.kstest(sc.pit(draws, seen, luck), "uniform").pvalue > 0.001
    assert stats.kstest(sc.pit(draws, seen, 1.0), "uniform").pvalue < 0.001, "not randomised, counts are not uniform"


def test_the_histogram_of_pit_values_has_its_binomial_band() -> None:
    table = sc.pit_histogram(np.r_[0.0, 0.05, 0.5, 1.0], bins=4)
    assert table["n"].tolist() == [2, 0, 1, 1]
    table = sc.pit_histogram(LUCK.random(200))
    low, high = table["low"][0], table["high"][0]
    assert (low, high) == tuple(stats.binom.ppf([0.025, 0.975], 200, 0.1))
    assert stats.binom.cdf(high, 200, 0.1) - stats.binom.cdf(low - 1, 200, 0.1) >= 0.95
    assert (table["expected"] == 20).all()
    with pytest.raises(ValueError, match="0 to 1"):
        sc.pit_histogram([1.2])


def test_brier_without_censoring_is_the_plain_one() -> None:
    time, chance = LUCK.exponential(10, 50), LUCK.random(50)
    plain = sc.brier(chance, time > 8.0).mean()
    assert sc.brier_ipcw(chance, time, np.ones(50), 8.0) == pytest.approx(plain)


def test_brier_with_censoring_by_hand() -> None:
    """Five spells, horizon 4: ended at 1, lost at 2, ended at 3, open at 5 and at 6; G(4) = 3/4."""
    time, event, chance = [1, 2, 3, 5, 6], [1, 0, 1, 0, 0], [0.4, 0.5, 0.2, 0.9, 0.7]
    np.testing.assert_allclose(sc.censoring_weights(time, event, 4.0), [1, 0, 4 / 3, 4 / 3, 4 / 3])
    expected = (0.4**2 + 4 / 3 * (0.2**2 + 0.1**2 + 0.3**2)) / 5
    assert sc.brier_ipcw(chance, time, event, 4.0) == pytest.approx(expected)


def test_censoring_does_not_move_the_brier_score() -> None:
    """40,000 spells, two in five lost before the horizon; leaving those out is off by ten standard errors."""
    chance = LUCK.uniform(0.2, 0.9, 40_000)
    end = LUCK.exponential(-6.0 / np.log(chance))
    lost = LUCK.exponential(9.0, 40_000)
    time, event = np.minimum(end, lost), end <= lost
    for said in (chance, np.full(40_000, 0.8)):
        full = sc.brier(said, end > 6.0)
        assert sc.brier_ipcw(said, time, event, 6.0) == pytest.approx(full.mean(), abs=0.006)
    known = sc.censoring_weights(time, event, 6.0) > 0
    assert full[known].mean() > full.mean() + 0.04


def test_what_is_seen_at_the_horizon_is_known() -> None:
    np.testing.assert_allclose(sc.censoring_weights([6, 6, 6], [0, 0, 1], 6.0), 1.0)
    np.testing.assert_allclose(sc.censoring_weights([0, 5], [1, 0], 5.0), 1.0), "found closed at once"
    np.testing.assert_allclose(sc.censoring_weights([3, 4, 8], [0, 1, 0], [3, 6, 6]), [1, 1.5, 1.5])


def test_reliability_says_what_happened_by_what_was_said() -> None:
    chance = LUCK.random(5000)
    happened = (LUCK.random(5000) < chance**2).astype(float)
    happened[:10] = np.nan
    table = sc.reliability(chance, happened, bins=8)
    assert table["n"].sum() == 4990
    assert (np.diff(table["forecast"]) > 0).all()
    np.testing.assert_allclose(table["share"], table["forecast"] ** 2, atol=0.07)
    assert ((table["low"] < table["share"]) & (table["share"] < table["high"])).all()
    assert len(sc.reliability(chance[:23], happened[:23], bins=8)) == 2
    assert sc.reliability([], []).empty
    weighted = sc.reliability([0.2] * 10, [1.0] * 5 + [0.0] * 5, [3.0] * 5 + [1.0] * 5, bins=1)
    assert weighted["share"][0] == pytest.approx(0.75)


@pytest.mark.parametrize("weight", [[1.0], [-1.0, 2.0], [0.0, 0.0], [np.nan, 1.0]])
def test_weights_that_cannot_be_are_refused(weight: list[float]) -> None:
    with pytest.raises(ValueError, match="weight"):
        sc.crps(np.zeros((2, 3)), np.zeros(3), weight)


def test_shapes_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="draws have shape"):
        sc.crps(np.zeros(3), np.zeros(3))
    with pytest.raises(ValueError, match="columns have shape"):
        sc.interval_score(np.zeros((2, 2)), 1.0, 0.0, 0.9)
