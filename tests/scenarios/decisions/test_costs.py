"""Costs against hand-worked cases, the paired t test turned round, and the coverage an interval promises."""

from __future__ import annotations

import numpy as np
import pytest
from decision_tables import ends
from scipy.stats import binom, ttest_1samp

from idmaj.scenarios.decisions.costs import (
    NO_INTERVAL,
    PERSPECTIVES,
    TOO_FEW,
    cost_per_effect,
    discounted,
    fieller,
    flows,
)
from idmaj.sim import UserError
from idmaj.sim.kinds import Account, Funder


def test_fieller_by_hand() -> None:
    """Three pairs (8, 3), (10, 5), (12, 7): means 10 and 5, all (co)variances 4, so 4/3 of the means; t is 4.3027.

    The limits solve (25 - 24.684) r2 - 2 (50 - 24.684) r + (100 - 24.684) = 0.
    """
    found = fieller(np.array([8.0, 10, 12]), np.array([3.0, 5, 7]))
    assert found.ratio == pytest.approx(2.0)
    assert found.why == ""
    shrink = 4.30265**2 * 4 / 3
    limits = np.sort(np.roots([25 - shrink, -2 * (50 - shrink), 100 - shrink]))
    assert (found.low, found.high) == pytest.approx(tuple(limits), rel=1e-3)
    assert found.low == pytest.approx(1.5017, rel=1e-3)


def test_fieller_is_the_paired_t_test_turned_round() -> None:
    generator = np.random.default_rng(1)
    bottom = generator.gamma(9, 2, 20)
    top = 3 * bottom + generator.normal(0, 5, 20)
    found = fieller(top, bottom)
    for limit in (found.low, found.high):
        assert ttest_1samp(top - limit * bottom, 0).pvalue == pytest.approx(0.05, abs=1e-9)
    assert ttest_1samp(top - 0.5 * (found.low + found.high) * bottom, 0).pvalue > 0.05


def test_fieller_covers_95_percent() -> None:
    """Of 2,000 intervals of true coverage 95 %, as many as asked for cover in all but one test of 1,000."""
    generator = np.random.default_rng(2)
    low, high = binom(2000, 0.95).ppf([0.0005, 0.9995])
    for wrong in (0.92, 0.975):  # the power: an interval that covers so often is caught
        assert binom(2000, wrong).cdf(high) - binom(2000, wrong).cdf(low - 1) < 0.03
    hits = 0
    for _ in range(2000):
        bottom = generator.normal(20, 8, 12)
        found = fieller(4 * bottom + generator.normal(0, 20, 12), bottom)
        assert found.why == ""
        hits += found.low <= 4 <= found.high
    assert low <= hits <= high


def test_no_interval_where_the_effect_may_be_zero() -> None:
    found = fieller(np.array([10.0, 11, 12]), np.array([-1.0, 0.5, 2]))
    assert found.why == NO_INTERVAL
    assert np.isnan([found.low, found.high]).all()
    assert fieller(np.array([1.0]), np.array([2.0])).why == TOO_FEW


def test_cost_per_effect_is_a_ratio_of_means_with_both_intervals() -> None:
    generator = np.random.default_rng(3)
    bought = generator.gamma(16, 5, (40, 2))
    spent = 5000 + 20 * bought + generator.normal(0, 50, bought.shape)
    table = cost_per_effect(ends({"a": {"spent": spent, "jobs": bought}}), "spent", "jobs")
    row = table.iloc[0]
    assert row["ratio"] == pytest.approx(spent.mean() / bought.mean())
    assert row["fieller_low"] < row["ratio"] < row["fieller_high"]
    assert row["low"] < row["ratio"] < row["high"]
    assert row["high"] - row["low"] == pytest.approx(row["fieller_high"] - row["fieller_low"], rel=0.3)
    assert (row["against"], row["draws"], row["says"]) == ("nothing", 40, "")


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_loss_of_effect_is_savings_per_unit_lost(sign: float) -> None:
    generator = np.random.default_rng(4)
    base = {"spent": generator.normal(100, 5, (30, 2)), "jobs": generator.normal(50, 5, (30, 2))}
    extra = sign * generator.gamma(25, 0.4, (30, 2))
    other = {"spent": base["spent"] + 7 * extra, "jobs": base["jobs"] + extra}
    row = cost_per_effect(ends({"base": base, "other": other}), "spent", "jobs", "base").iloc[0]
    assert row["strategy"] == "other"
    assert row["ratio"] == pytest.approx(7)
    assert row["low"] <= row["ratio"] + 1e-9
    assert row["high"] >= row["ratio"] - 1e-9
    assert np.isfinite([row["low"], row["high"], row["fieller_low"], row["fieller_high"]]).all()


def test_a_difference_that_straddles_zero_has_a_ratio_and_no_interval() -> None:
    generator = np.random.default_rng(5)
    base = {"spent": generator.normal(100, 5, (30, 2)), "jobs": generator.normal(50, 5, (30, 2))}
    other = {"spent": base["spent"] + 10, "jobs": base["jobs"] + generator.normal(0, 5, (30, 2))}
    row = cost_per_effect(ends({"base": base, "other": other}), "spent", "jobs", "base").iloc[0]
    assert row["says"] == NO_INTERVAL
    assert np.isnan([row["low"], row["high"], row["fieller_low"], row["fieller_high"]]).all()


def test_unknown_names_are_named() -> None:
    table = ends({"a": {"spent": np.ones((2, 2)), "jobs": np.ones((2, 2))}})
    with pytest.raises(UserError, match="'job'.*spent, jobs"):
        cost_per_effect(table, "spent", "job")
    with pytest.raises(UserError, match="baseline: found 'b'"):
        cost_per_effect(table, "spent", "jobs", "b")


def test_discounting_by_hand() -> None:
    """100 at once and 100 a year later at 3 %: 100 + 100 / 1.03."""
    monthly = np.zeros(13)
    monthly[[0, 12]] = 100
    assert discounted(monthly, 0.03) == pytest.approx(100 + 100 / 1.03)
    assert discounted(monthly, 0.0) == 200
    assert discounted(np.stack([monthly, 2 * monthly]), 0.03) == pytest.approx([197.0874, 394.1748], abs=1e-4)
    with pytest.raises(UserError, match="discount rate"):
        discounted(monthly, -1.5)


def ledger() -> np.ndarray:
    """Return two months: UNHCR pays 300 in, spends 100 on grants and 50 on advisers; the State 10 on training."""
    money = np.zeros((2, len(Account), len(Funder)))
    money[0, [Account.CONTRIBUTION, Account.BANK, Account.GRANT], Funder.UNHCR] = [-300, 200, 100]
    money[1, [Account.BANK, Account.ADVISER], Funder.UNHCR] = [150, 50]
    money[1, [Account.CONTRIBUTION, Account.TRAINING], Funder.STATE] = [-10, 10]
    return money


@pytest.mark.parametrize(
    ("perspective", "expected"), [("programme", [100, 60]), ("donor", [100, 50]), ("household", [-100, 0])]
)
def test_whose_money_counts(perspective: str, expected: list[float]) -> None:
    assert flows(ledger(), perspective).tolist() == expected
    assert flows(np.stack([ledger()] * 3), perspective).tolist() == [expected] * 3


def test_every_line_of_spending_counts_for_the_programme() -> None:
    counted = set(PERSPECTIVES["programme"].lines)
    assert counted == set(Account) - {Account.CONTRIBUTION, Account.BANK}
    with pytest.raises(UserError, match="perspective: found 'state'"):
        flows(ledger(), "state")
