"""The log-rank test against published chi-squares, a definition in exact fractions and its own symmetries."""

from __future__ import annotations

from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from lifetimes import IS_CONTROL, OVARIAN, OVARIAN_ARM, OVARIAN_EVENT, RELAPSED, REMISSION

from idmaj.sim import survival as sv

# Days to death by a carcinogen in rats of two pretreatments: Kalbfleisch & Prentice, table 1.1 (Pike 1966).
RATS_1 = [143, 164, 188, 188, 190, 192, 206, 209, 213, 216, 220, 227, 230, 234, 246, 265, 304]
RATS_2 = [142, 156, 163, 198, 205, 232, 232, 233, 233, 233, 233, 239, 240, 261, 280, 280, 296, 296, 323]
RATS = np.array(RATS_1 + [216, 244] + RATS_2 + [204, 344])
RATS_EVENT = np.repeat([1, 0, 1, 0], [17, 2, 19, 2])
RATS_GROUP = np.repeat([1, 2], [19, 21])

# Weeks to relapse in acute myelogenous leukaemia, `aml` of R's survival (Miller 1981), with seven early censorings
# as a third group, as in tests/difftest.R of that package.
AML = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161, 5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45, 1, 2, 2, 3, 3, 3, 4]
AML_EVENT = [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]
AML_GROUP = ["maintained"] * 11 + ["nonmaintained"] * 12 + ["none"] * 7


def test_remissions() -> None:
    """Chi-square 16.79: Kleinbaum & Klein, Survival Analysis, ch. 2; the expected ones too in Stata's `sts test`."""
    result = sv.log_rank(0, REMISSION, RELAPSED, IS_CONTROL)
    np.testing.assert_array_equal(result.observed, [9, 21])
    np.testing.assert_allclose(result.expected, [19.25, 10.75], atol=0.0051)
    assert result.statistic == pytest.approx(16.79, abs=0.0051)
    assert result.degrees == 1
    assert result.p_value < 1e-4


def test_rats() -> None:
    """Stata, [ST] sts test: 12.24 and 23.76 expected, chi-square 3.12, p 0.0772."""
    result = sv.log_rank(0, RATS, RATS_EVENT, RATS_GROUP)
    np.testing.assert_allclose(result.expected, [12.24, 23.76], atol=0.0051)
    assert result.statistic == pytest.approx(3.12, abs=0.0051)
    assert result.p_value == pytest.approx(0.0772, abs=5.1e-5)


def test_ovarian_cancer() -> None:
    """R's `survdiff(Surv(futime, fustat) ~ rx, ovarian)`: 5.23 and 6.77 expected, chi-square 1.1, p 0.3."""
    result = sv.log_rank(0, OVARIAN, OVARIAN_EVENT, OVARIAN_ARM)
    np.testing.assert_array_equal(result.observed, [7, 5])
    np.testing.assert_allclose(result.expected, [5.23, 6.77], atol=0.0051)
    assert result.statistic == pytest.approx(1.1, abs=0.051)
    assert result.p_value == pytest.approx(0.3, abs=0.051)


def test_a_group_never_at_risk_counts_for_none() -> None:
    """R's survival, tests/difftest.Rout.save: 10.69 and 7.31, chi-square 3.4 on 1 degree, with and without it."""
    result = sv.log_rank(0, AML, AML_EVENT, AML_GROUP)
    assert result.groups == ("maintained", "none", "nonmaintained")
    np.testing.assert_array_equal(result.spells, [11, 7, 12])
    np.testing.assert_allclose(result.expected, [10.69, 0.0, 7.31], atol=0.0051)
    assert result.statistic == pytest.approx(3.4, abs=0.051)
    assert result.degrees == 1
    without = sv.log_rank(0, AML[:23], AML_EVENT[:23], AML_GROUP[:23])
    assert without.statistic == pytest.approx(result.statistic)
    assert without.p_value == pytest.approx(result.p_value)


def test_weighted_to_early_endings() -> None:
    """R's `survdiff(..., rho = 1)` of aml: 3.85 and 7.18 observed, 6.14 and 4.88 expected, chi-square 2.8, p 0.0955."""
    result = sv.log_rank(0, AML[:23], AML_EVENT[:23], AML_GROUP[:23], rho=1.0)
    np.testing.assert_allclose(result.observed, [3.85, 7.18], atol=0.0051)
    np.testing.assert_allclose(result.expected, [6.14, 4.88], atol=0.0051)
    assert result.statistic == pytest.approx(2.78, abs=0.0051)
    assert result.p_value == pytest.approx(0.0955, abs=5.1e-5)


Spell = tuple[int, int, int, int]


@st.composite
def grouped(draw: st.DrawFn) -> list[Spell]:
    """Draw (entry, exit, event, group 0-2) of up to fifteen spells with ties; something ends, two groups exist."""
    entries = draw(st.lists(st.integers(0, 4), min_size=2, max_size=15))
    rows = [(a, a + draw(st.integers(1, 6)), draw(st.integers(0, 1)), draw(st.integers(0, 2))) for a in entries]
    return [(0, 3, 1, 0), (0, 4, 0, 1), *rows]


def by_definition(rows: list[Spell]) -> tuple[list[Fraction], list[Fraction], list[list[Fraction]]]:
    """Work out observed, expected and the hypergeometric covariance of three groups, one time after the other."""
    observed, expected = [Fraction(0)] * 3, [Fraction(0)] * 3
    variance = [[Fraction(0)] * 3 for _ in range(3)]
    for t in sorted({b for _, b, event, _ in rows if event}):
        at_risk = [g for a, b, _, g in rows if a < t <= b]
        ended = [g for _, b, event, g in rows if b == t and event]
        n, d = len(at_risk), len(ended)
        for g in range(3):
            observed[g] += ended.count(g)
            expected[g] += Fraction(d * at_risk.count(g), n)
            for h in range(3):
                if n > 1:
                    both = at_risk.count(g) * (n * (g == h) - at_risk.count(h))
                    variance[g][h] += Fraction(d * (n - d) * both, n * n * (n - 1))
    return observed, expected, variance


@given(grouped())
def test_late_entries_and_ties_equal_the_definition(rows: list[Spell]) -> None:
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    result = sv.log_rank(*columns)
    there = list(result.groups)
    for got, slow in zip((result.observed, result.expected), by_definition(rows), strict=False):
        np.testing.assert_allclose(got, [float(slow[g]) for g in there], atol=1e-12)
    slow = by_definition(rows)[2]
    np.testing.assert_allclose(result.variance, [[float(slow[g][h]) for h in there] for g in there], atol=1e-12)


@given(grouped())
def test_differences_add_up_to_nothing(rows: list[Spell]) -> None:
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    for rho in (0.0, 0.5, 1.0):
        result = sv.log_rank(*columns, rho=rho)
        assert result.observed.sum() == pytest.approx(result.expected.sum())
        np.testing.assert_allclose(result.variance.sum(axis=1), 0.0, atol=1e-12)
        assert result.degrees < len(result.groups)


def test_strata_add_up_their_own_comparisons() -> None:
    """A stratum more, however different its pace, changes nothing within the first."""
    columns = [np.concatenate((column, column)) for column in (REMISSION, RELAPSED, IS_CONTROL)]
    time = np.where(np.arange(84) < 42, columns[0], 100 * columns[0])
    twice = sv.log_rank(0, time, *columns[1:], stratum=np.repeat(["quick", "slow"], 42))
    once = sv.log_rank(0, REMISSION, RELAPSED, IS_CONTROL)
    np.testing.assert_allclose(twice.expected, 2.0 * once.expected)
    np.testing.assert_allclose(twice.variance, 2.0 * once.variance)
    assert twice.statistic == pytest.approx(2.0 * once.statistic)
    pooled = sv.log_rank(0, time, *columns[1:])
    assert abs(pooled.statistic - twice.statistic) > 1.0


def test_no_difference_is_found_as_often_as_it_should_be() -> None:
    """2,000 tests of three equal groups with late entries, at 5 %: 100 expected, standard deviation 9.7."""
    rng = np.random.default_rng(20170601)
    rejected = 0
    for _ in range(2_000):
        entry = np.maximum(0.0, rng.uniform(-10.0, 5.0, 90))
        exit = entry + rng.exponential(10.0, 90)
        rejected += sv.log_rank(entry, exit, rng.uniform(size=90) < 0.8, np.arange(90) % 3).p_value < 0.05
    assert 100 - 4 * 9.7 < rejected < 100 + 4 * 9.7


def test_the_table_has_a_row_for_each_group() -> None:
    table = sv.log_rank(0, AML, AML_EVENT, AML_GROUP).table()
    assert list(table) == ["group", "spells", "observed", "expected"]
    assert table["group"].tolist() == ["maintained", "none", "nonmaintained"]


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="group is 1 throughout; accepted: two groups or more"):
        sv.log_rank(0, [1, 2], [1, 1], [1, 1])
    with pytest.raises(ValueError, match="nothing ended"):
        sv.log_rank(0, [1, 2], [0, 0], [1, 2])
    with pytest.raises(ValueError, match="row 1: group is missing"):
        sv.log_rank(0, [1, 2], [1, 1], [1.0, np.nan])
    with pytest.raises(ValueError, match=r"stratum has shape \(1,\); accepted: a column of 2"):
        sv.log_rank(0, [1, 2], [1, 1], [1, 2], stratum=[1])
    with pytest.raises(ValueError, match="rho is -1; accepted: 0 or more"):
        sv.log_rank(0, [1, 2], [1, 1], [1, 2], rho=-1)
    with pytest.raises(ValueError, match="row 0: event is 2"):
        sv.log_rank(0, [1, 2], [2, 1], [1, 2])
