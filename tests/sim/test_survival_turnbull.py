"""Turnbull's estimator against published estimates, the curves it contains and a brute maximum."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from idmaj.sim import survival as sv

INF = np.inf

# Months to cosmetic deterioration after radiotherapy alone, 46 women: Finkelstein & Wolfe 1985, Biometrics 41:933-945.
COSMESIS = [(45, INF), (25, 37), (37, INF), (6, 10), (46, INF), (0, 5), (0, 7), (26, 40), (18, INF), (46, INF)]
COSMESIS += [(46, INF), (24, INF), (46, INF), (27, 34), (36, INF), (7, 16), (36, 44), (5, 11), (17, INF), (46, INF)]
COSMESIS += [(19, 35), (7, 14), (36, 48), (17, 25), (37, 44), (37, INF), (24, INF), (0, 8), (40, INF), (32, INF)]
COSMESIS += [(4, 11), (17, 25), (33, INF), (15, INF), (46, INF), (19, 26), (11, 15), (11, 18), (37, INF), (22, INF)]
COSMESIS += [(38, INF), (34, INF), (46, INF), (5, 12), (36, INF), (46, INF)]


def test_turnbulls_own_example() -> None:
    """Turnbull 1974, J. Am. Stat. Assoc. 69:169-173, and R's survival, tests/turnbull.R: .538 .295 .210 .095.

    Exact, right and left censored at each of four times; the standard errors there are another estimator's.
    """
    time, status = np.repeat([1, 2, 3, 4], 3), np.tile([1, 0, 2], 4)
    lower, upper = np.where(status == 2, 0, time), np.where(status == 0, INF, time)
    curve = sv.turnbull(0, lower, upper, weight=[12, 3, 2, 6, 2, 4, 2, 0, 2, 3, 3, 5])
    np.testing.assert_allclose(curve.survival[:4], [0.538, 0.295, 0.210, 0.095], atol=5.1e-4)
    np.testing.assert_array_equal(curve.right, [1, 2, 3, 4, INF])
    np.testing.assert_array_equal(curve.left, [1, 2, 3, 4, 4])
    assert curve.survival[4] == 0.0


def test_breast_cosmesis() -> None:
    """Cells and shares as R's `interval::icfit` prints them: Fay & Shaw 2010, J. Stat. Softw. 36(2)."""
    lower, upper = np.array(COSMESIS).T
    curve = sv.turnbull(0, lower, upper)
    np.testing.assert_array_equal(curve.left, [4, 6, 7, 11, 24, 33, 38, 46])
    np.testing.assert_array_equal(curve.right, [5, 7, 8, 12, 25, 34, 40, 48])
    published = [0.0463, 0.0334, 0.0887, 0.0708, 0.0926, 0.0818, 0.1209, 0.4656]
    np.testing.assert_allclose(curve.share, published, atol=5.1e-5)
    assert curve.gap < 1e-8
    low, high = sv.survival_bounds(curve, [4, 4.5, 5, 47, 48])
    np.testing.assert_allclose(low, [1, 1 - 0.0463, 1 - 0.0463, 0, 0], atol=1e-4)
    np.testing.assert_allclose(high, [1, 1, 1 - 0.0463, 0.4656, 0], atol=1e-4)


def test_a_case_that_is_hard_for_expectation_and_maximisation() -> None:
    """R's survival, tests/turnbull.R, where the maximum is worked out as .6958 .1674 .1079 .0289.

    Cells between them look possible and have no share.
    """
    lower = [0] * 100 + [1] * 200 + [100, 200, 210, 220] + [365] * 100 + [366] * 5 + list(range(731, 742))
    upper = [*range(3, 301, 3), *range(11, 111), *[365] * 60, *[366] * 40, INF, 500, INF, 450, *[730] * 90, *[INF] * 10]
    upper += [528, 571, 691, 730, 731, INF, *range(1095, 1100), INF, 1400, 1200, 772, 1461]
    curve = sv.turnbull(0, lower, upper)
    np.testing.assert_allclose(curve.share, [0.6958, 0.1674, 0.1079, 0.0289], atol=5.1e-5)
    np.testing.assert_array_equal(curve.left, [1, 365, 366, 741])
    np.testing.assert_array_equal(curve.right, [3, 366, 450, 772])


@st.composite
def spells(draw: st.DrawFn) -> tuple[list[int], list[int], list[int]]:
    """Draw entry, exit and event of up to twenty spells with many ties; something ends."""
    entry = [0, *draw(st.lists(st.integers(0, 6), max_size=20))]
    exit = [5, *(a + draw(st.integers(1, 8)) for a in entry[1:])]
    return entry, exit, [1, *(draw(st.integers(0, 1)) for _ in entry[1:])]


@given(spells())
@settings(deadline=None, max_examples=300)
def test_exact_and_right_censored_spells_give_kaplan_meier(columns: tuple[list[int], list[int], list[int]]) -> None:
    """With late entries and ties; where the risk set empties, both go to zero and stay there."""
    entry, exit, event = columns
    curve = sv.turnbull(entry, *sv.known_between(exit, event))
    limit = sv.kaplan_meier(entry, exit, event)
    low, high = sv.survival_bounds(curve, limit.time)
    np.testing.assert_allclose(high, limit.survival, atol=1e-6)
    np.testing.assert_allclose(low, limit.survival, atol=1e-6)


def visits(n: int, seed: int, *, late: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weibull lives (shape 0.8, scale 30) seen at visits 3 to 8 apart, half of them entering late."""
    rng = np.random.default_rng(seed)
    life = 30.0 * rng.weibull(0.8, 4 * n)
    entry = np.where(rng.uniform(size=4 * n) < 0.5, 0, rng.integers(0, 30, 4 * n)) * late
    life, entry = life[life > entry][:n], entry[life > entry][:n]
    at = np.cumsum(np.column_stack((entry, rng.integers(3, 9, (n, 12)))), axis=1).astype(float)
    at = np.column_stack((at, np.full(n, INF)))
    seen = (at < life[:, None]).sum(axis=1)
    return entry, at[np.arange(n), seen - 1], at[np.arange(n), seen]


def slope(curve: object, entry: np.ndarray, lower: np.ndarray, upper: np.ndarray, cell: tuple[float, float]) -> float:
    """Give the gain in log-likelihood per spell by moving a share to a cell, straight from the definition."""

    def held(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        inside = (curve.left >= left[:, None]) & (curve.right <= right[:, None])
        return (inside * curve.share).sum(axis=1), (cell[0] >= left) & (cell[1] <= right)

    ended, here = held(lower, upper)
    seen, there = held(entry, np.full(entry.size, INF))
    return float(np.mean(here / ended - there / seen))


@pytest.mark.parametrize("late", [False, True])
def test_no_cell_would_gain_from_more(late: bool) -> None:
    """Kuhn-Tucker, over every interval between any two neighbouring times: 0 where there is a share, else less."""
    entry, lower, upper = visits(300, 11, late=late)
    curve = sv.turnbull(entry, lower, upper)
    edges = np.unique(np.concatenate((entry, lower, upper)))
    slopes = {cell: slope(curve, entry, lower, upper, cell) for cell in zip(edges[:-1], edges[1:], strict=True)}
    assert max(slopes.values()) < 1e-7
    held = [slope(curve, entry, lower, upper, cell) for cell in zip(curve.left, curve.right, strict=True)]
    np.testing.assert_allclose(held, 0.0, atol=1e-5)
    assert sum(value < -1e-3 for value in slopes.values()) > 5


@pytest.mark.parametrize("late", [False, True])
def test_true_survival_comes_back_from_visits(late: bool) -> None:
    """4,000 lives: within 0.04 of the truth to age 40 (standard errors are about 0.01)."""
    curve = sv.turnbull(*visits(4_000, 20170523, late=late))
    at = np.array([5.0, 10.0, 20.0, 40.0])
    low, high = sv.survival_bounds(curve, at)
    truth = np.exp(-((at / 30.0) ** 0.8))
    assert (low - 0.04 < truth).all()
    assert (truth < high + 0.04).all()
    if late:
        naive = sv.survival_bounds(sv.turnbull(0, *visits(4_000, 20170523, late=True)[1:]), at)[0]
        assert (naive[1:3] > truth[1:3] + 0.04).all(), "late entry ignored must show"


def test_weights_stand_for_rows() -> None:
    lower, upper = np.array(COSMESIS[:12]).T
    weight = np.arange(12) % 3
    weighted = sv.turnbull(0, lower, upper, weight=weight)
    repeated = sv.turnbull(0, np.repeat(lower, weight), np.repeat(upper, weight))
    np.testing.assert_allclose(weighted.share, repeated.share, atol=1e-6)
    assert weighted.log_likelihood == pytest.approx(repeated.log_likelihood)


def test_likelihood_by_hand() -> None:
    """Two spells in (0, 2], one in (1, 3]: all in (1, 2], likelihood 1; one past 5 as well: 3/4 and 1/4."""
    assert sv.turnbull(0, [0, 0, 1], [2, 2, 3]).log_likelihood == pytest.approx(0.0)
    curve = sv.turnbull(0, [0, 0, 1, 5], [2, 2, 3, INF])
    assert curve.log_likelihood == pytest.approx(3 * np.log(0.75) + np.log(0.25))
    assert curve.table().to_dict("list") == {
        "left": [1.0, 5.0],
        "right": [2.0, INF],
        "share": pytest.approx([0.75, 0.25]),
        "survival": pytest.approx([0.25, 0.0]),
    }


BAD = [
    (0, [1, 2], [1, 1], r"row 1: upper is 1\.0; accepted: its lower or later"),
    (0, [1, 2], [1, np.nan], "row 1: upper is nan"),
    (0, [1, np.inf], [1, np.inf], "row 1: lower is inf"),
    ([0, 3], [1, 2], [1, 4], r"row 1: lower is 2\.0; accepted: its entry or later"),
    ([0, 2], [1, 2], [1, 2], r"row 1: upper is 2\.0; accepted: later than entry"),
    (0, [1, 2], [1, 2, 3], r"entry, lower and upper have shapes \(2,\), \(2,\) and \(3,\)"),
    ([-1, 0], [1, 2], [1, 2], r"row 0: entry is -1\.0"),
    ([], [], [], "there are no spells"),
]


@pytest.mark.parametrize(("entry", "lower", "upper", "message"), BAD)
def test_impossible_columns_are_refused_by_row(entry, lower, upper, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message):
        sv.turnbull(entry, lower, upper)


def test_bad_weights_and_times_are_refused() -> None:
    with pytest.raises(ValueError, match=r"row 0: weight is -1\.0"):
        sv.turnbull(0, [1], [2], weight=[-1])
    with pytest.raises(ValueError, match=r"weight has shape \(2,\); accepted: a column of 1"):
        sv.turnbull(0, [1], [2], weight=[1, 1])
    with pytest.raises(ValueError, match=r"row 0: time is -1\.0"):
        sv.survival_bounds(sv.turnbull(0, [1], [2]), -1)
