"""Estimators against published numbers, closed forms, cases done by hand and slow rewritings."""

from __future__ import annotations

from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from lifetimes import CONTROL, DRUG, DRUG_EVENT

from idmaj.sim import survival as sv

Spell = tuple[int, int, int]


@st.composite
def spells(draw: st.DrawFn) -> list[Spell]:
    """Draw (entry, exit, cause) of up to a dozen spells with many ties; causes 0 (censored) to 3."""
    entries = draw(st.lists(st.integers(0, 6), min_size=1, max_size=12))
    return [(a, a + draw(st.integers(1, 6)), draw(st.integers(0, 3))) for a in entries]


def columns(rows: list[Spell]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turn rows into the three columns."""
    entry, exit, cause = (np.array(column) for column in zip(*rows, strict=True))
    return entry, exit, cause


def test_kaplan_meier_gives_the_published_curve_of_the_drug_arm() -> None:
    """Survival and Greenwood errors: Klein & Moeschberger, Survival Analysis, table 4.1; log-log: Stata."""
    curve = sv.kaplan_meier(0, DRUG, DRUG_EVENT)
    np.testing.assert_array_equal(curve.time, [6, 7, 10, 13, 16, 22, 23])
    np.testing.assert_array_equal(curve.at_risk, [21, 17, 15, 12, 11, 7, 6])
    np.testing.assert_array_equal(curve.events, [3, 1, 1, 1, 1, 1, 1])
    published = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    np.testing.assert_allclose(curve.survival, published, atol=5.1e-5)
    errors = [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    np.testing.assert_allclose(np.sqrt(curve.variance), errors, atol=5.1e-5)
    np.testing.assert_allclose(
        curve.low, [0.6197, 0.5631, 0.5032, 0.4316, 0.3675, 0.2678, 0.1881], atol=5.1e-5
    )
    np.testing.assert_allclose(
        curve.high, [0.9516, 0.9228, 0.8894, 0.8491, 0.8049, 0.7468, 0.6801], atol=5.1e-5
    )
    assert curve.last == 35.0


def test_kaplan_meier_gives_the_published_curve_of_the_control_arm() -> None:
    """First two rows as listed by Stata in G. Rodriguez, Princeton, course notes on the Gehan data."""
    curve = sv.kaplan_meier(np.zeros(21), CONTROL, np.ones(21, dtype=bool))
    np.testing.assert_allclose(curve.survival[:2], [0.9048, 0.8095], atol=5.1e-5)
    np.testing.assert_allclose(np.sqrt(curve.variance[:2]), [0.0641, 0.0857], atol=5.1e-5)
    np.testing.assert_allclose(curve.low[:2], [0.6700, 0.5689], atol=5.1e-5)
    np.testing.assert_allclose(curve.high[:2], [0.9753, 0.9239], atol=5.1e-5)
    assert curve.survival[-1] == curve.variance[-1] == 0.0
    assert np.isnan(curve.low[-1])
    assert np.isnan(curve.high[-1])


def test_nelson_aalen_gives_the_published_cumulative_hazard() -> None:
    """Drug arm: Klein & Moeschberger, table 4.2; its first error is sqrt(3 / 21**2)."""
    curve = sv.nelson_aalen(0, DRUG, DRUG_EVENT)
    published = [0.1429, 0.2017, 0.2683, 0.3517, 0.4426, 0.5854, 0.7521]
    np.testing.assert_allclose(curve.hazard, published, atol=5.1e-5)
    np.testing.assert_allclose(curve.variance[0], 3 / 441)
    np.testing.assert_allclose(np.sqrt(curve.low * curve.high), curve.hazard)
    spread = 1.959964 * np.sqrt(curve.variance) / curve.hazard
    np.testing.assert_allclose(np.log(curve.high / curve.hazard), spread, rtol=1e-6)


def test_aalen_johansen_gives_the_published_breast_cancer_table() -> None:
    """Satagopan et al. 2004, Br. J. Cancer 91:1229-1235, table 2 (305 patients; nine followed closely)."""
    time = np.array([7, 10, 14, 16, 18, 23, 24, 26, 27] + [60] * 296)
    cause = np.array([0, 1, 0, 1, 2, 1, 0, 2, 1] + [0] * 296)
    curve = sv.aalen_johansen(0, time, cause)
    np.testing.assert_array_equal(curve.time, [10, 16, 18, 23, 26, 27])
    np.testing.assert_array_equal(curve.at_risk, [304, 302, 301, 300, 298, 297])
    overall = [99.7, 99.3, 99.0, 98.7, 98.3, 98.0]
    np.testing.assert_allclose(100 * curve.survival, overall, atol=0.051)
    steps = 100 * np.diff(curve.incidence[:, 0], prepend=0.0)
    np.testing.assert_allclose(steps, [0.3, 0.3, 0.0, 0.3, 0.0, 0.3], atol=0.05)
    assert curve.causes == (1, 2)


def test_left_truncation_by_hand() -> None:
    """Five spells: two enter late, one of them at the time of an event and so not at risk for it."""
    entry, exit, event = [0, 0, 2, 3, 0], [3, 5, 4, 6, 3], [1, 1, 0, 1, 0]
    curve = sv.kaplan_meier(entry, exit, event)
    np.testing.assert_array_equal(curve.time, [3, 5, 6])
    np.testing.assert_array_equal(curve.at_risk, [4, 2, 1])
    np.testing.assert_allclose(curve.survival, [3 / 4, 3 / 8, 0.0])
    np.testing.assert_allclose(curve.variance[:2], [9 / 16 / 12, 9 / 64 * (1 / 12 + 1 / 2)])
    ignored = sv.kaplan_meier(0, exit, event)
    np.testing.assert_allclose(ignored.survival, [4 / 5, 2 / 5, 0.0])


def test_left_truncation_is_undone_only_if_entries_are_used() -> None:
    """Constant hazard 0.1: with the late entries the rate comes back, without them it is far too low.

    The tolerance is five standard errors of the cumulative hazard; a right estimator fails once in 10**6.
    """
    rng = np.random.default_rng(20170523)
    life, entry = rng.exponential(10.0, 40_000), np.maximum(0.0, rng.uniform(-10.0, 20.0, 40_000))
    seen = life > entry
    curve = sv.nelson_aalen(entry[seen], life[seen], np.ones(int(seen.sum())))
    at = np.searchsorted(curve.time, 10.0) - 1
    error = 5.0 * np.sqrt(curve.variance[at])
    assert abs(curve.hazard[at] - 1.0) < error
    ignored = sv.nelson_aalen(0.0, life[seen], np.ones(int(seen.sum())))
    assert ignored.hazard[np.searchsorted(ignored.time, 10.0) - 1] < 1.0 - 5.0 * error


@given(st.lists(st.integers(1, 9), min_size=1, max_size=15))
def test_without_censoring_survival_is_the_share_still_going(exits: list[int]) -> None:
    """Then Greenwood's variance is the binomial S (1 - S) / n, and the mean is the plain mean."""
    n = len(exits)
    curve = sv.kaplan_meier(0, exits, [1] * n)
    share = np.array([sum(x > t for x in exits) / n for t in curve.time])
    np.testing.assert_allclose(curve.survival, share, atol=1e-12)
    np.testing.assert_allclose(curve.variance, share * (1 - share) / n, atol=1e-12)
    mean = sv.restricted_mean(curve, 20.0)
    np.testing.assert_allclose(mean.mean, np.mean(exits))
    np.testing.assert_allclose(mean.variance, np.var(exits) / n, atol=1e-10)


def product_limit(rows: list[Spell]) -> dict[int, Fraction]:
    """Work out the product-limit estimate in exact fractions, straight from its definition."""
    curve, share = {}, Fraction(1)
    for t in sorted({b for _, b, how in rows if how}):
        n = sum(a < t <= b for a, b, _ in rows)
        share *= 1 - Fraction(sum(b == t and how > 0 for _, b, how in rows), n)
        curve[t] = share
    return curve


@given(spells())
def test_kaplan_meier_equals_its_definition(rows: list[Spell]) -> None:
    """The vectorised estimator against exact fractions, with ties and late entries."""
    entry, exit, cause = columns(rows)
    curve = sv.kaplan_meier(entry, exit, cause > 0)
    slow = product_limit(rows)
    np.testing.assert_array_equal(curve.time, list(slow))
    np.testing.assert_allclose(curve.survival, [float(s) for s in slow.values()], atol=1e-12)


@given(spells())
def test_order_of_rows_does_not_matter(rows: list[Spell]) -> None:
    """The same spells the other way round give the same tables."""
    one, other = sv.aalen_johansen(*columns(rows)), sv.aalen_johansen(*columns(rows[::-1]))
    pd.testing.assert_frame_equal(one.table(), other.table())


def transition_matrices(rows: list[Spell], causes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Aalen-Johansen as a product of transition matrices, variance by the delta method.

    Returns survival (m,), incidence (m, causes) and its variance (m, causes): nothing is shared with the
    formula under test except the definition of being at risk.
    """
    times = sorted({b for _, b, how in rows if how})
    at_risk = [sum(a < t <= b for a, b, _ in rows) for t in times]
    hazards = np.array(
        [
            [sum(b == t and how == k for _, b, how in rows) / n for k in range(1, causes + 1)]
            for t, n in zip(times, at_risk, strict=True)
        ]
    )

    def occupied(h: np.ndarray) -> np.ndarray:
        state, states = np.eye(causes + 1)[0], []
        for step in h:
            matrix = np.eye(causes + 1)
            matrix[0] = [1.0 - step.sum(), *step]
            state = state @ matrix
            states.append(state)
        return np.array(states)

    variance = np.zeros((len(times), causes))
    for s, n in enumerate(at_risk):
        covariance = (np.diag(hazards[s]) - np.outer(hazards[s], hazards[s])) / n
        slope = np.zeros((causes, len(times), causes))
        for k in range(causes):
            up, down = hazards.copy(), hazards.copy()
            up[s, k] += 0.5
            down[s, k] -= 0.5
            slope[k] = (occupied(up) - occupied(down))[:, 1:]  # exact: the curve is linear in each hazard
        variance += np.einsum("itk,ij,jtk->tk", slope, covariance, slope)
    states = occupied(hazards)
    return states[:, 0], states[:, 1:], variance


@given(spells().filter(lambda rows: any(how for _, _, how in rows)))
def test_aalen_johansen_equals_the_product_of_transition_matrices(rows: list[Spell]) -> None:
    """Shares and variances against the slow rewriting, with ties, late entries and causes never seen."""
    curve = sv.aalen_johansen(*columns(rows), causes=(1, 2, 3))
    alive, share, variance = transition_matrices(rows, 3)
    np.testing.assert_allclose(curve.survival, alive, atol=1e-12)
    np.testing.assert_allclose(curve.incidence, share, atol=1e-12)
    np.testing.assert_allclose(curve.variance, variance, atol=1e-10)


@given(spells())
def test_every_business_is_going_or_has_ended_in_one_way(rows: list[Spell]) -> None:
    """Incidences and survival add up to one at every time."""
    curve = sv.aalen_johansen(*columns(rows))
    np.testing.assert_allclose(curve.incidence.sum(axis=1) + curve.survival, 1.0, atol=1e-12)


@given(spells())
def test_one_cause_alone_is_one_minus_kaplan_meier(rows: list[Spell]) -> None:
    """With a single ending the two estimators and their variances agree."""
    entry, exit, cause = columns(rows)
    single = sv.aalen_johansen(entry, exit, (cause > 0).astype(int), causes=[1])
    curve = sv.kaplan_meier(entry, exit, cause > 0)
    np.testing.assert_allclose(single.incidence[:, 0], 1.0 - curve.survival, atol=1e-12)
    np.testing.assert_allclose(single.variance[:, 0], curve.variance, atol=1e-10)


def test_competing_endings_are_not_one_minus_kaplan_meier() -> None:
    """Four businesses, two endings: half end each way, while 1 - KM of cause 1 would claim 0.625."""
    exit, cause = [1, 2, 3, 4], [1, 2, 1, 2]
    curve = sv.aalen_johansen(0, exit, cause)
    np.testing.assert_allclose(curve.incidence[-1], [0.5, 0.5])
    naive = sv.kaplan_meier(0, exit, np.array(cause) == 1)
    np.testing.assert_allclose(1.0 - naive.survival[-1], 0.625)


def test_incidence_interval_and_variance_without_censoring() -> None:
    """Variance F (1 - F) / n and Pintilie's interval F ** exp(+-z se / (F log F)) (Competing Risks)."""
    exit, cause = np.repeat([1, 2, 3, 4], 25), np.repeat([1, 2, 1, 2], 25)
    curve = sv.aalen_johansen(0, exit, cause)
    share = np.array([[0.25, 0.0], [0.25, 0.25], [0.5, 0.25], [0.5, 0.5]])
    np.testing.assert_allclose(curve.incidence, share, atol=1e-12)
    np.testing.assert_allclose(curve.variance, share * (1 - share) / 100, atol=1e-14)
    assert curve.low[0, 1] == curve.high[0, 1] == 0.0
    power = 1.959964 * np.sqrt(0.25 * 0.75 / 100) / (0.25 * np.log(4.0))
    np.testing.assert_allclose(curve.low[0, 0], 0.25 ** np.exp(power), rtol=1e-6)
    np.testing.assert_allclose(curve.high[0, 0], 0.25 ** np.exp(-power), rtol=1e-6)


def test_a_wider_level_gives_a_wider_interval() -> None:
    """The level is used, and kept."""
    narrow, wide = (sv.kaplan_meier(0, DRUG, DRUG_EVENT, level=level) for level in (0.8, 0.99))
    assert (wide.low < narrow.low).all()
    assert (wide.high > narrow.high).all()
    assert (narrow.level, wide.level) == (0.8, 0.99)


def test_reading_a_curve_at_given_times() -> None:
    """A curve steps at its events, starts at one, and says nothing after its last observation."""
    curve = sv.kaplan_meier(0, DRUG, DRUG_EVENT)
    read = sv.survival_at(curve, [0, 5.9, 6, 6.9, 35, 35.1])
    np.testing.assert_allclose(read, [1, 1, 18 / 21, 18 / 21, 0.448179, np.nan], atol=1e-6)
    ended = sv.kaplan_meier(0, CONTROL, np.ones(21))
    assert sv.survival_at(ended, 100.0) == 0.0
    both = sv.aalen_johansen(0, [1, 2, 3, 4], [1, 2, 1, 0])
    np.testing.assert_allclose(sv.survival_at(both, [2.5, 4]), [0.5, 0.25])
    wanted = [[0, 0], [0.25, 0.25], [0.5, 0.25], [np.nan, np.nan]]
    np.testing.assert_allclose(sv.incidence_at(both, [0, 2, 4, 5]), wanted)


def test_restricted_mean_of_the_drug_arm() -> None:
    """Up to 23 weeks: area of the published steps; the error once more by a numerical delta method."""
    curve = sv.kaplan_meier(0, DRUG, DRUG_EVENT)
    result = sv.restricted_mean(curve, 23.0)
    edges, heights = [0, 6, 7, 10, 13, 16, 22, 23], [1, 0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378]
    assert result.mean == pytest.approx(np.dot(np.diff(edges), heights), abs=1e-3)
    hazards = curve.events / curve.at_risk

    def area(h: np.ndarray) -> float:
        return float(np.dot(np.diff(edges), np.concatenate(([1.0], np.cumprod(1.0 - h)))[:-1]))

    slopes = [(area(hazards + step) - area(hazards - step)) / 0.2 for step in 0.1 * np.eye(7)]
    expected = np.dot(np.square(slopes), hazards * (1.0 - hazards) / curve.at_risk)
    assert result.variance == pytest.approx(expected)
    assert sv.restricted_mean(curve, 6.0).mean == 6.0
    assert sv.restricted_mean(curve, 6.0).variance == 0.0


def test_restricted_mean_with_late_entries() -> None:
    """Late entries change the risk sets: the area under the steps of `test_left_truncation_by_hand`."""
    curve = sv.kaplan_meier([0, 0, 2, 3, 0], [3, 5, 4, 6, 3], [1, 1, 0, 1, 0])
    result = sv.restricted_mean(curve, 6.0)
    assert result.mean == pytest.approx(3.0 + 2.0 * 3 / 4 + 1.0 * 3 / 8)
    assert result.variance == pytest.approx((2.0 * 3 / 4 + 3 / 8) ** 2 / 12 + (3 / 8) ** 2 / 2)


def test_tables_are_tidy() -> None:
    """One row a time, or a time and cause; the columns carry the fields' names."""
    table = sv.kaplan_meier(0, DRUG, DRUG_EVENT).table()
    assert list(table) == ["time", "at_risk", "events", "survival", "variance", "low", "high"]
    assert table["at_risk"].tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert "hazard" in sv.nelson_aalen(0, DRUG, DRUG_EVENT).table()
    long = sv.aalen_johansen(0, [1, 2, 2], [2, 1, 0], causes=(1, 2)).table()
    assert long[["time", "cause", "events"]].to_numpy().tolist() == [
        [1, 1, 0],
        [1, 2, 1],
        [2, 1, 1],
        [2, 2, 0],
    ]
    assert long["incidence"].tolist() == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3])


def test_nothing_ended_and_nothing_seen() -> None:
    """No event: a curve that reads as one up to the last observation; no rows: one that says nothing."""
    still = sv.kaplan_meier([0, 4, 9], [5, 8, 9], [0, 0, 0])
    assert still.table().empty
    np.testing.assert_allclose(sv.survival_at(still, [0, 8, 8.5]), [1, 1, np.nan])
    assert sv.restricted_mean(still, 8.0).mean == 8.0
    nobody = sv.aalen_johansen([], [], [], causes=(1,))
    np.testing.assert_allclose(sv.incidence_at(nobody, [0, 1]), [[0], [np.nan]])


BAD = [
    ([0, 0], [1, 2, 3], [1, 1, 1], r"shapes \(2,\), \(3,\) and \(3,\)"),
    (0, [1, 2, 3], [1, 1], r"shapes \(3,\), \(3,\) and \(2,\)"),
    (0, [1, np.nan, 3], [1, 1, 1], "row 1: exit is nan"),
    (0, [1, 2, np.inf], [1, 1, 1], "row 2: exit is inf"),
    ([0, 0, np.nan], [1, 2, 3], [1, 1, 1], "row 2: entry is nan"),
    ([0, -2, 0], [1, 2, 3], [1, 1, 1], "row 1: entry is -2.0"),
    ([0, 5, 0], [1, 2, 3], [1, 0, 1], "row 1: exit is 2.0; accepted: its entry or later"),
    ([0, 0, 3], [1, 2, 3], [1, 0, 1], "row 2: exit is 3.0; accepted: later than entry"),
    (0, [1, 2, 3], [1, np.nan, 1], "row 1: (event|cause) is nan"),
    (0, [1, 2, 3], [1, 0, 0.5], "row 2: (event|cause) is 0.5"),
    (0, [1, 2, 3], [-1, 0, 1], "row 0: (event|cause) is -1"),
]


@pytest.mark.parametrize(("entry", "exit", "ending", "message"), BAD)
@pytest.mark.parametrize("estimator", [sv.kaplan_meier, sv.nelson_aalen, sv.aalen_johansen])
def test_impossible_columns_are_refused_by_row(estimator, entry, exit, ending, message) -> None:  # type: ignore[no-untyped-def]
    """Every estimator names the row and what is accepted."""
    with pytest.raises(ValueError, match=message):
        estimator(entry, exit, ending)


def test_other_bad_arguments_are_refused() -> None:
    """Events over 1, causes not asked for, levels, times and horizons out of range."""
    curve = sv.kaplan_meier(0, DRUG, DRUG_EVENT)
    with pytest.raises(ValueError, match=r"row 1: event is 2; accepted: 0 \(censored\) or 1"):
        sv.kaplan_meier(0, [1, 2], [1, 2])
    with pytest.raises(ValueError, match=r"row 1: cause is 4; accepted: 0 \(censored\) or one of \(1, 2\)"):
        sv.aalen_johansen(0, [1, 2], [1, 4], causes=(1, 2))
    with pytest.raises(ValueError, match="different whole numbers from 1 up"):
        sv.aalen_johansen(0, [1, 2], [1, 1], causes=(1, 1))
    with pytest.raises(ValueError, match="level is 95"):
        sv.kaplan_meier(0, [1], [1], level=95)
    with pytest.raises(ValueError, match=r"row 1: time is -1\.0"):
        sv.survival_at(curve, [1, -1])
    with pytest.raises(ValueError, match=r"nothing was observed after 35\.0"):
        sv.restricted_mean(curve, 36.0)
    with pytest.raises(ValueError, match="horizon is 0"):
        sv.restricted_mean(curve, 0)
