"""The complementary log-log regression against a published fit, closed forms and hazards it should recover."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import xlogy

from idmaj.sim import survival as sv

# Beetles killed by five hours of carbon disulphide, by log dose: Bliss 1935, Ann. Appl. Biol. 22:134-167.
DOSE = np.array([1.6907, 1.7242, 1.7552, 1.7842, 1.8113, 1.8369, 1.8610, 1.8839])
BEETLES = np.array([59, 60, 62, 56, 63, 59, 62, 60])
KILLED = np.array([6, 13, 18, 28, 52, 53, 61, 60])


def test_beetles() -> None:
    """-39.572 (3.240), 22.041 (1.799), deviance 3.446: Dobson & Barnett, Generalized Linear Models, 7.3; R's `glm`."""
    ended, dose = np.repeat([1, 0], 8), np.tile(DOSE, 2)
    design = np.column_stack((np.ones(16), dose))
    fit = sv.fit_cloglog(ended, design, weight=np.concatenate((KILLED, BEETLES - KILLED)), names=["constant", "dose"])
    np.testing.assert_allclose(fit.coefficients, [-39.572, 22.041], atol=5.1e-4)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), [3.240, 1.799], atol=5.1e-4)
    share = KILLED / BEETLES
    saturated = np.sum(xlogy(KILLED, share) + xlogy(BEETLES - KILLED, 1 - share))
    assert 2 * (saturated - fit.log_likelihood) == pytest.approx(3.446, abs=5.1e-4)
    assert (fit.periods, fit.ended) == (481.0, 291.0)


def test_beetles_as_spells_of_one_period() -> None:
    """The same beetles, one row each, through the door for spells."""
    dead = np.concatenate([np.repeat([1, 0], [k, n - k]) for k, n in zip(KILLED, BEETLES, strict=True)])
    fit = sv.fit_discrete(0, np.ones(481), dead, covariates=np.repeat(DOSE, BEETLES), names=["dose"])
    np.testing.assert_allclose(fit.coefficients, [-39.572, 22.041], atol=5.1e-4)
    assert fit.terms == ("from 1", "dose")
    assert fit.hazard(1, [1.8113]) == pytest.approx(1 - np.exp(-np.exp(-39.572 + 22.041 * 1.8113)), abs=1e-3)


def test_person_periods_by_hand() -> None:
    """Seen from 0 to 3 and ended, from 2 to 4 and not; one of no length has no row."""
    spell, period, ended = sv.person_periods([0, 2, 5], [3, 4, 5], [1, 0, 0])
    np.testing.assert_array_equal(spell, [0, 0, 0, 1, 1])
    np.testing.assert_array_equal(period, [1, 2, 3, 3, 4])
    np.testing.assert_array_equal(ended, [0, 0, 1, 0, 0])


def test_a_hazard_for_each_period_is_the_share_that_ended() -> None:
    """Then survival is Kaplan-Meier, with late entries, and the errors are those of the log-log of a share."""
    rng = np.random.default_rng(2)
    entry = rng.integers(0, 3, 300)
    exit, event = entry + rng.integers(1, 5, 300), rng.uniform(size=300) < 0.5
    fit = sv.fit_discrete(entry, exit, event)
    curve = sv.kaplan_meier(entry, exit, event)
    inside = curve.survival > 0.0
    np.testing.assert_allclose(fit.survival(curve.time[inside]), curve.survival[inside], rtol=1e-9)
    share = curve.events / curve.at_risk
    np.testing.assert_allclose(fit.coefficients, np.log(-np.log(1 - share)), rtol=1e-9)
    variance = share / (curve.at_risk * (1 - share) * np.log(1 - share) ** 2)
    np.testing.assert_allclose(np.diag(fit.covariance), variance, rtol=1e-9)
    assert fit.survival(0) == 1.0


def test_a_constant_hazard_in_closed_form() -> None:
    entry, exit, event = [0, 0, 3, 2, 1], [4, 6, 5, 8, 2], [1, 0, 1, 1, 0]
    fit = sv.fit_discrete(entry, exit, event, bands=[1])
    share = 3 / (4 + 6 + 2 + 6 + 1)
    np.testing.assert_allclose(fit.hazard([1, 7]), [share, share])
    assert fit.log_likelihood == pytest.approx(3 * np.log(share) + 16 * np.log(1 - share))
    np.testing.assert_allclose(fit.survival([0, 2, 5]), (1 - share) ** np.array([0, 2, 5]))


def proportional(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Weibull lives (shape 0.8) of hazard ratio 2, in whole months, half of them entering late, watched for 24."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 2, 3 * n)
    life = np.ceil(20.0 * (rng.exponential(size=3 * n) / 2.0**x) ** (1 / 0.8))
    entry = np.where(rng.uniform(size=3 * n) < 0.5, 0, rng.integers(0, 12, 3 * n))
    seen = np.flatnonzero(life > entry)[:n]
    return entry[seen], np.minimum(life[seen], entry[seen] + 24), life[seen] <= entry[seen] + 24, x[seen]


def test_grouped_hazards_have_the_ratio_of_the_continuous_ones() -> None:
    """Log 2 by months, by quarters and by the Weibull fit of the very intervals; within 4 errors of the truth."""
    entry, exit, event, x = proportional(3_000, 20170523)
    monthly = sv.fit_discrete(entry, exit, event, covariates=x, bands=[1, 4, 7, 13, 25], names=["x"])
    error = np.sqrt(monthly.covariance[-1, -1])
    assert abs(monthly.coefficients[-1] - np.log(2)) < 4 * error
    whole = entry % 3 == 0
    columns = np.ceil(entry[whole] / 3), np.ceil(exit[whole] / 3), event[whole]
    quarterly = sv.fit_discrete(*columns, covariates=x[whole], bands=[1, 2, 3, 5, 9])
    assert abs(quarterly.coefficients[-1] - np.log(2)) < 4 * np.sqrt(quarterly.covariance[-1, -1])
    upper = np.where(event, exit, np.inf)
    weibull = sv.fit_distribution("weibull_rate", entry, exit - event, upper, covariates=x)
    assert abs(monthly.coefficients[-1] - weibull.coefficients[-1]) < 0.2 * error
    assert error == pytest.approx(np.sqrt(weibull.covariance[-1, -1]), rel=0.05)


def test_expected_and_observed_information_agree_at_large() -> None:
    """The covariance against minus the second derivatives by difference: near each other, as both estimate one."""
    entry, exit, event, x = proportional(1_000, 4)
    spell, period, ended = sv.person_periods(entry, exit, event)
    design = np.column_stack((np.ones(spell.size), np.log(period), x[spell]))
    fit = sv.fit_cloglog(ended, design, names=["constant", "log month", "x"])

    def value(b: np.ndarray) -> float:
        total = np.exp(design @ b)
        return float(np.where(ended > 0, np.log(-np.expm1(-total)), -total).sum())

    assert fit.log_likelihood == pytest.approx(value(fit.coefficients))
    steps = 1e-4 * np.eye(3)
    for step in steps:
        assert abs(value(fit.coefficients + step) - value(fit.coefficients - step)) / 2e-4 < 1e-3
    second = [
        [
            value(fit.coefficients + s + t) - value(fit.coefficients + s - t)
            - value(fit.coefficients - s + t) + value(fit.coefficients - s - t)
            for t in steps
        ]
        for s in steps
    ]  # fmt: skip
    observed = np.linalg.inv(-np.array(second) / 4e-8)
    np.testing.assert_allclose(np.diag(fit.covariance), np.diag(observed), rtol=0.02)
    table = fit.table()
    np.testing.assert_allclose(table["hr"], np.exp(fit.coefficients))
    np.testing.assert_allclose((table["high"] - table["low"]) / 2, 1.959964 * table["error"], rtol=1e-6)


def test_weights_stand_for_rows() -> None:
    entry, exit, event, x = proportional(200, 9)
    weight = np.arange(200) % 3
    again = np.repeat(np.arange(200), weight)
    weighted = sv.fit_discrete(entry, exit, event, bands=[1, 7], covariates=x, weight=weight)
    repeated = sv.fit_discrete(entry[again], exit[again], event[again], bands=[1, 7], covariates=x[again])
    np.testing.assert_allclose(weighted.coefficients, repeated.coefficients)
    np.testing.assert_allclose(weighted.covariance, repeated.covariance)


def test_bad_spells_and_bands_are_refused() -> None:
    with pytest.raises(ValueError, match=r"row 1: exit is 2\.5; accepted: a whole number of periods"):
        sv.person_periods(0, [1, 2.5], [1, 1])
    with pytest.raises(ValueError, match=r"row 0: exit is 1\.0; accepted: its entry or later"):
        sv.person_periods([2, 0], [1, 2], [0, 1])
    with pytest.raises(ValueError, match="of 2 at risk in the band from period 1 on, 0 ended"):
        sv.fit_discrete(0, [3, 4], [1, 1])
    with pytest.raises(ValueError, match="of 1 at risk in the band from period 4 on, 1 ended"):
        sv.fit_discrete(0, [3, 4], [1, 1], bands=[1, 4])
    with pytest.raises(ValueError, match=r"bands are \[2\]; accepted: whole numbers that ascend"):
        sv.fit_discrete(0, [3, 4], [1, 1], bands=[2])
    fit = sv.fit_discrete(0, [3, 4], [1, 1], bands=[1])
    with pytest.raises(ValueError, match=r"row 0: period is 0\.0; accepted: 1 or later"):
        fit.hazard([0])
    for read in (fit.hazard, fit.survival):
        for period in ("1.5", "inf"):
            with pytest.raises(ValueError, match=rf"row 1: period is {period}; accepted: a whole number"):
                read([1, float(period)])
        with pytest.raises(ValueError, match=r"row 1: time is nan; accepted: 0 or later"):
            read([1, np.nan])
    with pytest.raises(ValueError, match=r"covariates have shape \(1,\); accepted: a value for each of \(\)"):
        fit.hazard([1], [3])


def test_a_period_before_the_first_band_is_refused() -> None:
    """Of those that had lasted to period 3, all outlast period 2; of period 1 nothing is known."""
    fit = sv.fit_discrete(2, [3, 4, 4], [1, 1, 0], bands=[3])
    assert fit.survival([2]) == 1.0
    with pytest.raises(ValueError, match=r"row 1: period is 1\.0; accepted: 2 or later"):
        fit.survival([2, 1])
    with pytest.raises(ValueError, match=r"row 0: period is 2\.0; accepted: 3 or later"):
        fit.hazard([2])


def test_bad_tables_are_refused() -> None:
    with pytest.raises(ValueError, match=r"row 1: ended is 2\.0; accepted: 0 or 1"):
        sv.fit_cloglog([1, 2], [1, 1])
    with pytest.raises(ValueError, match="2 of 2 ended; accepted: some, not all"):
        sv.fit_cloglog([1, 1], [1, 1])
    with pytest.raises(ValueError, match="accepted: one for each of 1 columns"):
        sv.fit_cloglog([1, 0], [1, 1], names=["a", "b"])
    with pytest.raises(ValueError, match="the likelihood has no maximum: it rises for ever with x2"):
        sv.fit_cloglog([1, 0, 1, 1], np.column_stack((np.ones(4), [0, 0, 1, 1])))
    with pytest.raises(ValueError, match="do not tell apart x1, x2"):
        sv.fit_cloglog([1, 0, 1, 0], np.column_stack((np.ones(4), np.ones(4))))
