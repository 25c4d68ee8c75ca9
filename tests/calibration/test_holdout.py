"""What is held out is not known in training, naive forecasts are what they say, and a loss is called a loss."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from idmaj.calibration import holdout as ho
from idmaj.calibration.cohorts import cohorts_of
from idmaj.calibration.examples import synthetic_cohorts
from idmaj.calibration.naive import NAIVE, constant_hazard, last_cohort, yearly_rate
from idmaj.calibration.schemas import Exit
from idmaj.calibration.skill import Skill, skill, skill_table, verdict
from idmaj.calibration.spells import ages
from idmaj.calibration.synthetic import ALL_DEFECTS, Defects, Truth, cumulative_hazard, synthetic_spells

EVEN = Truth(
    level=0.25,
    shape=1.0,
    **{name: 0.0 for name in ("log_hr_trained", "log_hr_female", "log_hr_need", "again")},
    **{name: 0.0 for name in ("rate_owner_left", "rate_wage_work", "rate_absorbed")},
    log_hr_place=(0.0, 0.0, 0.0),
)
"""All AGRs fail at 0.25 a year, at any age."""
FAULTY = synthetic_spells(Truth(), ALL_DEFECTS, 400, 3)


def knows(truth: Truth) -> ho.Forecaster:
    """Return the forecaster that knows the hazard by age."""

    def forecast(rows, entry, age):
        return np.exp(cumulative_hazard(entry, truth) - cumulative_hazard(age, truth))

    return lambda train: forecast


@pytest.mark.parametrize("origin", [40.0, 71.3, 100.0])
def test_nothing_after_the_origin_is_known(origin: float) -> None:
    known = ho.known_at(FAULTY, origin)
    assert 0 < len(known) < len(FAULTY)
    assert (known[["start_hi", "observed_from", "last_active"]] <= origin).all(axis=None)
    assert (known["first_inactive"].isin([np.inf]) | (known["first_inactive"] <= origin)).all()
    assert (known["trained"].isin([np.inf]) | (known["trained"] <= origin)).all()
    closed = np.isfinite(known["first_inactive"])
    assert known.loc[~closed, "exit"].isin([Exit.ACTIVE, Exit.LOST]).all()
    pd.testing.assert_frame_equal(known[closed], FAULTY.loc[known.index[closed]])


def test_what_was_known_earlier_follows_from_what_was_known_later() -> None:
    """So nothing that happened between the two can have leaked."""
    late = ho.known_at(FAULTY, 90.0)
    pd.testing.assert_frame_equal(ho.known_at(late, 60.0), ho.known_at(FAULTY, 60.0))


def test_a_rolling_test_asks_only_about_what_came_after() -> None:
    for split in ho.rolling_origin(FAULTY, [50.0, 80.0]):
        again = split.test.index.intersection(split.train.index)
        assert len(again) > 20
        assert (split.train.loc[again, "exit"] == Exit.ACTIVE).all()
        origin = split.test.loc[again, "observed_from"].min()
        assert (split.test.loc[again, "observed_from"] == origin).all(), "from the month on, all of them"
        assert (split.train.loc[again, "last_active"] <= origin).all()
        told = np.maximum(split.test["last_active"], split.test["first_inactive"].replace(np.inf, -np.inf))
        assert (told[again] > origin).all()
        new = split.test.index.difference(split.train.index)
        pd.testing.assert_frame_equal(split.test.loc[new], FAULTY.loc[new])
    assert ho.rolling_origin(FAULTY, [-1.0, 500.0]) == []


def test_leaving_one_out_cuts_the_table_in_two() -> None:
    holes = FAULTY.assign(place=FAULTY["place"].mask(FAULTY.index < 9, ""))
    places = ho.leave_one_place_out(holes)
    assert [split.name for split in places] == ["place Casablanca", "place Oujda", "place Rabat"]
    for split in [*places, *ho.leave_one_cohort_out(FAULTY)]:
        assert len(split.train) + len(split.test) == len(FAULTY)
        assert not split.train.index.intersection(split.test.index).size
    assert sum(len(split.test) for split in places) == len(FAULTY) - 9
    assert [split.name for split in ho.leave_one_cohort_out(FAULTY)][:2] == ["cohort 2007", "cohort 2008"]


def test_questions_know_what_can_be_known() -> None:
    """One that ended between 10 and 14 months, one lost at 20, one open at 40, one seen from 24 on and open at 36."""
    row = {"start_lo": 0.0, "start_hi": 0.0, "observed_from": -np.inf, "place": "Rabat", "exit": 1, "weight": 1.0}
    spells = pd.DataFrame(
        [
            row | {"last_active": 10.0, "first_inactive": 14.0},
            row | {"last_active": 20.0, "first_inactive": np.inf, "exit": 6},
            row | {"last_active": 40.0, "first_inactive": np.inf, "exit": 0},
            row | {"last_active": 36.0, "first_inactive": np.inf, "exit": 0, "observed_from": 24.0},
        ]
    )
    asked = ho.questions(spells, [11.0, 12.0, 24.0]).set_index(["months", "spell"])
    assert asked.loc[11.0, "active"].tolist() == [1, 1, 1, 1]
    np.testing.assert_equal(asked.loc[12.0, "active"].to_numpy(), [0, 1, 1, 1])
    # The last is not asked about 24 months: the register knows of no later month than its sixteenth.
    np.testing.assert_equal(asked.loc[24.0, "active"].to_numpy(), [0, np.nan, 1])
    np.testing.assert_allclose(asked.loc[24.0, "weight"], [1, 0, 2])
    assert asked.loc[(12.0, 3), "age"] == 36.0


@pytest.mark.parametrize("defects", [Defects(), ALL_DEFECTS, replace(ALL_DEFECTS, visit_months=2.0)])
def test_one_who_knows_the_truth_is_calibrated_on_what_is_held_out(defects: Defects) -> None:
    """Answers less chances, weighted, within four standard errors; off by a tenth in the hazard it is not."""
    spells = synthetic_spells(EVEN, defects, 3000, 5)
    right, wrong = (
        ho.hold_out(ho.rolling_origin(spells, [70.0]), {"one": knows(replace(EVEN, level=level))}, [12.0, 24.0])
        for level in (0.25, 0.35)
    )
    for months, part in right.groupby("months"):
        gap = part["weight"] * (part["active"] - part["chance"])
        assert abs(gap.mean()) < 4 * gap.std() / np.sqrt(len(gap)), months
        off = wrong[wrong["months"] == months]
        gap = off["weight"] * (off["active"] - off["chance"])
        assert abs(gap.mean()) > 4 * gap.std() / np.sqrt(len(gap)), months


def test_a_constant_hazard_is_learned_from_spells_and_from_counts() -> None:
    """3,000 AGRs, some 1,700 endings: the rate errs by 2.5 %; counts a year apart add 2 % of their own."""
    entry, age = np.zeros(1), np.array([36.0])
    expected = np.exp(-0.25 * 3)
    spells = synthetic_spells(EVEN, Defects(lost=0.2), 3000, 6)
    cohorts = synthetic_cohorts(EVEN, Defects(), 3000, 6)
    assert constant_hazard(spells)(spells, entry, age)[0] == pytest.approx(expected, abs=0.05)
    assert constant_hazard(cohorts)(cohorts, entry, age)[0] == pytest.approx(expected, abs=0.06)
    assert yearly_rate(0.1)(spells)(spells, np.array([7.0]), np.array([31.0]))[0] == pytest.approx(0.9**2)


def test_the_last_cohort_is_learned_from() -> None:
    old = synthetic_spells(replace(EVEN, level=0.6, until=60.0), Defects(), 500, 7)
    new = synthetic_spells(replace(EVEN, level=0.1, first_month=60.0, until=84.0), Defects(), 500, 8)
    both = pd.concat([old, new.assign(id="n" + new["id"])], ignore_index=True)
    age = np.array([0.0, 12.0, 48.0, 120.0])
    chance = last_cohort(both)(both, np.zeros(4), age)
    assert chance[0] == 1.0
    np.testing.assert_allclose(chance[1:], np.exp(-0.1 * age[1:] / 12), atol=0.12)
    assert (np.diff(chance) < 0).all()
    later = last_cohort(both)(both, np.array([12.0]), np.array([24.0]))[0]
    assert later == pytest.approx(np.exp(-0.1), abs=0.06), "of those open at a year"
    counts = synthetic_cohorts(EVEN, Defects(), 3000, 6)
    np.testing.assert_allclose(last_cohort(counts)(counts, np.zeros(1), np.array([18.0])), np.exp(-0.375), atol=0.08)


def test_naive_forecasts_are_never_certain() -> None:
    young = synthetic_spells(replace(EVEN, level=1e-9), Defects(), 40, 1)
    for name, forecaster in NAIVE.items():
        chance = forecaster(young)(young, np.zeros(2), np.array([24.0, 60.0]))
        assert ((chance > 0.0) & (chance < 1.0)).all(), name


def test_the_truth_beats_8_3_percent_a_year_and_loses_to_nobody_clearly() -> None:
    spells = synthetic_spells(replace(EVEN, shape=0.6), ALL_DEFECTS, 900, 2)
    scores = ho.hold_out(ho.rolling_origin(spells, [60.0, 84.0]), {"truth": knows(replace(EVEN, shape=0.6)), **NAIVE})
    table = skill_table(scores, "truth").set_index(["rival", "score"])
    assert (table.loc["8.3 % a year", "low"] > 0.0).all()
    assert (table["high"] > -0.02).all()
    assert table.loc[("8.3 % a year", "brier"), "says"].startswith("We forecast better than 8.3 % a year")
    us = skill_table(scores, "8.3 % a year")
    assert us["says"][0].startswith("We lose to ")
    assert us["skill"].is_monotonic_increasing


def test_counts_are_asked_of_those_who_were_active_before() -> None:
    head = "cohort_from,cohort_to,n_started,at,n_active,n_failed,n_left,n_wage,n_unknown,source\n"
    lines = ["2010-01,2010-12,40,2011-12,30,4,3,2,0,x", "2010-01,2010-12,40,2013-12,20,10,5,2,0,x"]
    other = ["2011-01,2011-12,50,2013-12,25,10,10,0,0,x"]
    table = cohorts_of("made up", head + "\n".join(lines + other) + "\n")
    (split,) = ho.rolling_origin(table, [70.0])
    assert (len(split.train), len(split.test)) == (1, 2)
    scores = ho.hold_out_counts([split], {"rate": yearly_rate(0.2)}, np.random.default_rng(1))
    # Of 30 active, 2 more were lost by 2013; of the later cohort 5 of 50 were lost.
    assert scores["trials"].tolist() == [28.0, 45.0]
    assert scores["n_active"].tolist() == [20.0, 25.0]
    np.testing.assert_allclose(scores["chance"], [0.8**2, 0.8**2.5], rtol=0.01)
    assert scores["opened"].tolist() == [2010, 2011]
    assert (scores[["crps", "log"]] > 0).all(axis=None)


def test_counts_of_the_truth_are_calibrated() -> None:
    """PIT of 250 counts at several dates: mean within four standard errors of a half, and not with half the hazard."""
    table = synthetic_cohorts(EVEN, Defects(), 2000, 9)
    right, wrong = (
        ho.hold_out_counts(
            ho.rolling_origin(table, [48.0, 72.0, 96.0]),
            {"one": knows(replace(EVEN, level=level))},
            np.random.default_rng(2),
        )
        for level in (0.25, 0.125)
    )
    worth = right["opened"].nunique()  # counts of a cohort hang together
    assert abs(right["pit"].mean() - 0.5) < 4 * np.sqrt(1 / 12 / worth)
    assert abs(wrong["pit"].mean() - 0.5) > 4 * np.sqrt(1 / 12 / worth)
    assert wrong["crps"].mean() > right["crps"].mean()


def test_an_impossible_forecast_is_refused() -> None:
    splits = ho.leave_one_place_out(FAULTY)
    for chance in (1.2, np.nan):
        with pytest.raises(ValueError, match="'mad': accepted"):
            ho.hold_out(splits, {"mad": lambda train, c=chance: lambda rows, entry, age: np.full(len(age), c)})


def test_skill_is_one_less_the_ratio_of_losses() -> None:
    cohort = np.repeat(np.arange(10), 5)
    theirs = np.random.default_rng(1).random(50)
    found = skill(0.8 * theirs, theirs, cohort)
    assert found.value == pytest.approx(0.2)
    assert found.low == pytest.approx(0.2), "paired: the same everywhere, whichever cohorts are drawn"
    assert (found.cohorts, found.n) == (10, 50)
    assert np.isnan(skill(theirs, theirs, np.zeros(50)).low)
    weighted = skill([1.0, 0.0], [1.0, 1.0], [1, 2], [3.0, 1.0])
    assert weighted.value == pytest.approx(0.25)
    assert np.isnan(skill([0.0], [0.0], [1]).value)
    with pytest.raises(ValueError, match="one length"):
        skill([1.0], [1.0, 2.0], [1])


def test_the_bootstrap_over_cohorts_covers_where_rows_taken_alone_do_not() -> None:
    """300 made-up hold-outs of 15 cohorts with luck of their own: 95 % intervals of no skill hold 0 in 88 % or more.

    Drawn row by row they hold it in less than 75 %: the chance of 300 tries misjudging either is below 0.001.
    """
    luck, inside = np.random.default_rng(3), np.zeros(2)
    cohort = np.repeat(np.arange(15), 20)
    for seed in range(300):
        shared = 0.3 * luck.standard_normal((2, 15))[:, cohort]
        ours, theirs = 1.0 + shared + 0.2 * luck.standard_normal((2, 300))
        for way, unit in enumerate((cohort, np.arange(300))):
            found = skill(ours, theirs, unit, seed=seed, resamples=400)
            inside[way] += found.low <= 0.0 <= found.high
    assert inside[0] >= 0.88 * 300
    assert inside[1] < 0.75 * 300


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Skill(0.2, 0.1, 0.3, 9, 90), "We forecast better than R: by the S we lose 20 % less"),
        (Skill(0.2, -0.1, 0.3, 9, 90), "We cannot be told from R"),
        (Skill(0.2, np.nan, np.nan, 1, 90), "We cannot be told from R: by the S we lose 20 % less (no interval"),
        (Skill(0.0, -0.1, 0.1, 9, 90), "We lose to R"),
        (Skill(-0.05, -0.1, -0.01, 9, 90), "We lose to R: the model is no better a forecast; by the S we lose 5 %"),
        (Skill(np.nan, np.nan, np.nan, 1, 1), "nothing can be said"),
    ],
)
def test_a_loss_is_called_a_loss(found: Skill, said: str) -> None:
    assert said in verdict(found, "S", "R")


def test_the_ages_of_a_test_start_at_the_month() -> None:
    (split,) = ho.rolling_origin(FAULTY, [70.0])
    again = split.test.index.intersection(split.train.index)
    entry = ages(split.test).loc[again, "entry"]
    start = ((split.test["start_lo"] + split.test["start_hi"]) / 2.0)[again]
    np.testing.assert_allclose(entry, 70.0 - start)


def test_visits_far_apart_do_not_make_those_open_at_a_date_end_sooner() -> None:
    """12,000 lives at 0.25 a year, visits six months apart: rates in training and after it within 4 %.

    Were those found closed after the date counted from their last visit, the rate after it would be 0.31.
    """
    spells = synthetic_spells(EVEN, ALL_DEFECTS, 12_000, 5)
    (split,) = ho.rolling_origin(spells, [75.0])
    for table in (split.train, split.test):
        rate = -12.0 * np.log(constant_hazard(table)(table.head(1), np.zeros(1), np.ones(1))[0])
        assert rate == pytest.approx(0.25, rel=0.04)
