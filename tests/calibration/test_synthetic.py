"""Synthetic registers live by their truth, and each defect does what it says and nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from idmaj.calibration import synthetic as sy
from idmaj.calibration.examples import EXAMPLES, example, synthetic_cohorts
from idmaj.calibration.schemas import Exit
from idmaj.calibration.spells import ages, could_be_seen, ended, spells_of
from idmaj.sim.errors import UserError
from idmaj.sim.survival import kaplan_meier, survival_at

PLAIN = sy.Truth(
    **{name: 0.0 for name in ("log_hr_trained", "log_hr_female", "log_hr_need")},
    **{name: 0.0 for name in ("rate_owner_left", "rate_wage_work", "rate_absorbed", "again")},
    log_hr_place=(0.0, 0.0, 0.0),
)
NUMERIC = ("start_lo", "start_hi", "observed_from", "last_active", "first_inactive", "trained")


@pytest.mark.parametrize(
    "truth",
    [
        replace(PLAIN, family="weibull", shape=0.8, level=0.2),
        replace(PLAIN, family="gompertz", shape=-0.15, level=0.25),
        replace(PLAIN, family="gompertz", shape=0.2, level=0.15),
        replace(PLAIN, family="gompertz", shape=0.0, level=0.2),
    ],
)
@pytest.mark.parametrize("defects", [sy.Defects(), sy.Defects(opened=40.0, lost=0.15)])
def test_survival_is_that_of_the_truth(truth: sy.Truth, defects: sy.Defects) -> None:
    """Kaplan-Meier of exact dates, with a late register and loss, within four standard errors at 1, 3 and 5 years."""
    age = ages(sy.synthetic_spells(truth, defects, 6000, 3))
    closed = np.isfinite(age["inactive"])
    curve = kaplan_meier(age["entry"], np.where(closed, age["inactive"], age["active"]), closed)
    at = np.array([12.0, 36.0, 60.0])
    error = np.sqrt(curve.variance[np.searchsorted(curve.time, at, side="right") - 1])
    expected = np.exp(-sy.cumulative_hazard(at, truth))
    assert (np.abs(survival_at(curve, at) - expected) < 4 * error).all()
    assert error.max() < 0.02


def test_covariates_act_as_the_truth_says() -> None:
    """The ratio of failures to hazard lived through, between groups, within four standard errors."""
    truth = replace(PLAIN, log_hr_trained=-0.7, log_hr_female=0.5, log_hr_place=(0.0, 0.6, 0.0), rate_owner_left=0.1)
    lives = sy.synthetic_lives(truth, 20_000, 4)
    length = np.minimum(lives["end"] - lives["start"], 60.0)
    failed = (lives["cause"] == Exit.FAILED) & (lives["end"] - lives["start"] <= 60.0)
    log_hr = (
        -0.7 * np.isfinite(lives["trained"]) + 0.5 * (lives["sex"] == "female") + 0.6 * (lives["place"] == "Casablanca")
    )
    for group in (np.isfinite(lives["trained"]), lives["sex"] == "female", lives["place"] == "Casablanca"):
        for member in (group, ~group):
            expected = (sy.cumulative_hazard(length, truth) * np.exp(log_hr))[member].sum()
            assert abs(failed[member].sum() - expected) < 4 * np.sqrt(expected)
    left = (lives["cause"] == Exit.OWNER_LEFT) & (lives["end"] - lives["start"] <= 60.0)
    assert abs(left.sum() - 0.1 / 12 * length.sum()) < 4 * np.sqrt(left.sum())


def test_the_same_seed_gives_the_same_register() -> None:
    first, again = (sy.synthetic_spells(sy.Truth(), sy.ALL_DEFECTS, 400, 5) for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(sy.synthetic_spells(sy.Truth(), sy.ALL_DEFECTS, 400, 6))


def test_a_defect_changes_what_is_recorded_never_the_lives() -> None:
    """Every recorded interval holds the true closing; who is left out had closed before the register opened."""
    truth = sy.Truth()
    lives = sy.synthetic_lives(truth, 2000, 7).set_index("id")
    spells = sy.synthetic_spells(truth, sy.ALL_DEFECTS, 2000, 7).set_index("id")
    true = lives.loc[spells.index]
    closed = ended(spells)
    assert (true["end"][closed] <= spells["first_inactive"][closed]).all()
    assert (true["end"] >= spells["last_active"]).all()
    assert (spells["first_inactive"][closed] - spells["last_active"][closed] <= 6.0 + 1e-9).all()
    known = closed & (spells["exit"] != Exit.UNKNOWN)
    assert (spells["exit"][known] == true["cause"][known]).all()
    assert set(lives.index) - set(spells.index) == set(lives.index[lives["end"] <= 36.0])
    late = true["start"] < 36.0
    assert (spells["observed_from"] == np.where(late, 36.0, -np.inf)).all()
    assert could_be_seen(spells).all()
    for column in ("sex", "place", "need"):
        assert (spells[column] == true[column]).all()


def test_shares_lost_and_unknown_are_met() -> None:
    spells = sy.synthetic_spells(sy.Truth(), sy.ALL_DEFECTS, 4000, 8)
    assert (spells["exit"] == Exit.LOST).mean() == pytest.approx(0.15, abs=5e-4)
    share = (spells["exit"] == Exit.UNKNOWN).sum() / ended(spells).sum()
    assert abs(share - 0.20) < 4 * np.sqrt(0.16 / ended(spells).sum())
    none = sy.synthetic_spells(sy.Truth(), sy.Defects(), 4000, 8)
    assert not none["exit"].isin([Exit.LOST, Exit.UNKNOWN]).any() and len(none) == 4000
    empty = sy.synthetic_spells(sy.Truth(), sy.Defects(missing=0.3), 4000, 8)
    assert abs((empty["sex"] == "").mean() - 0.3) < 0.03 and abs(empty["need"].isna().mean() - 0.3) < 0.03


def test_dates_to_the_month_hold_the_dates() -> None:
    exact = sy.synthetic_spells(sy.Truth(), sy.Defects(), 500, 9)
    months = sy.synthetic_spells(sy.Truth(), sy.Defects(whole_months=True), 500, 9)
    assert ((months["start_lo"] <= exact["start_lo"]) & (exact["start_lo"] < months["start_hi"])).all()
    assert (months["start_hi"] - months["start_lo"] == 1.0).all()
    assert (
        (months["last_active"] <= exact["last_active"]) & (exact["first_inactive"] <= months["first_inactive"])
    ).all()


def test_owners_may_come_again() -> None:
    lives = sy.synthetic_lives(replace(sy.Truth(), again=0.4), 2000, 10)
    again = lives[lives["first_agr"] == 0.0]
    assert len(again) > 50
    first = lives[lives["first_agr"] == 1.0].set_index("owner_id").loc[again["owner_id"]]
    assert (first["end"].to_numpy() < again["start"].to_numpy()).all()
    assert (first["cause"] == Exit.FAILED).all() and (first["sex"].to_numpy() == again["sex"].to_numpy()).all()


@pytest.mark.parametrize(
    ("truth", "defects", "n", "message"),
    [
        ({"family": "gamma"}, {}, 9, "family: found 'gamma'"),
        ({"level": 0.0}, {}, 9, "level: found 0.0; accepted: above 0"),
        ({"rate_wage_work": -1.0}, {}, 9, "rate_wage_work: found -1.0; accepted: 0 or more"),
        ({"until": -1.0}, {}, 9, "until: found -1.0"),
        ({}, {"lost": 1.5}, 9, "lost: found 1.5; accepted: a share"),
        ({}, {"visit_months": -1.0}, 9, "visit_months: found -1.0"),
        ({}, {}, 0, "n: found 0; accepted: 1 or more"),
    ],
)
def test_what_cannot_be_is_refused(truth: dict, defects: dict, n: int, message: str) -> None:
    with pytest.raises(UserError, match=message):
        sy.synthetic_spells(replace(sy.Truth(), **truth), replace(sy.Defects(), **defects), n, 1)


def test_a_register_reads_back_as_it_was_made() -> None:
    """Dates within the day they were written as."""
    made = sy.synthetic_spells(sy.Truth(), replace(sy.ALL_DEFECTS, missing=0.1), 600, 11)
    read = spells_of("x", example("spells", sy.Truth(), replace(sy.ALL_DEFECTS, missing=0.1), 600, 11)[0])
    for column in NUMERIC:
        assert np.allclose(made[column], read[column], rtol=0.0, atol=0.04, equal_nan=True), column
    rest = [column for column in made if column not in NUMERIC]
    pd.testing.assert_frame_equal(made[rest], read[rest])


def test_cohorts_count_the_register() -> None:
    table = synthetic_cohorts(sy.Truth(), sy.Defects(lost=0.1), 1000, 12)
    last = table.sort_values("at").groupby("cohort").last()
    assert last["n_rest"].sum() > 0
    whole = synthetic_cohorts(sy.Truth(rate_absorbed=0.0), sy.Defects(), 1000, 12)
    assert (whole["n_rest"] == 0).all()
    lives = sy.synthetic_lives(sy.Truth(rate_absorbed=0.0), 1000, 12)
    cohort = lives[(lives["start"] < 12.0) & ~np.isfinite(lives["trained"])]
    row = whole[(whole["cohort_from"] == 0.0) & (whole["trained"] == 0.0) & (whole["at"] == 60.0)].iloc[0]
    assert row["n_active"] == (cohort["end"] > 60.0).sum() and row["n_started"] == len(cohort)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_example_says_that_it_is_synthetic(kind: str) -> None:
    text, truth = example(kind, sy.Truth(), sy.ALL_DEFECTS, 200, 1)
    assert text.startswith("# Synthetic example") and "synthetic example, no real AGR" in text
    assert truth.startswith("# The truth of a") and "seed = 1" in truth
