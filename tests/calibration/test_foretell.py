"""Our fit as a forecaster: chances are those of the closed form, and a register made up again looks like itself."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from idmaj.calibration import hazards
from idmaj.calibration.foretell import FAMILIES, KEPT, Foreteller, fit_table
from idmaj.calibration.holdout import leave_one_place_out, rolling_origin
from idmaj.calibration.likelihood import PLACE
from idmaj.calibration.predictive import predictive_table, register_statistics, replicate
from idmaj.calibration.remake import Remade
from idmaj.calibration.schemas import Exit
from idmaj.calibration.spells import could_be_seen
from idmaj.calibration.synthetic import ALL_DEFECTS, Truth, synthetic_spells
from idmaj.calibration.totals import hold_out_endings

SPELLS = synthetic_spells(Truth(), ALL_DEFECTS, 150, 3)


@pytest.fixture(scope="module")
def fit():
    return fit_table(SPELLS, FAMILIES[:1], blocks=6)


def test_chances_start_at_one_and_fall(fit) -> None:
    rows, entry = SPELLS.head(20), np.full(20, 7.0)
    assert fit.chances(rows, entry, entry).shape == (KEPT, 20)
    np.testing.assert_allclose(fit(rows, entry, entry), 1.0)
    two, five = fit(rows, entry, entry + 24.0), fit(rows, entry, entry + 60.0)
    assert ((five > 0.0) & (five < two) & (two < 1.0)).all()
    assert fit.chances(rows.head(0), entry[:0], entry[:0]).shape == (KEPT, 0)


def test_a_chance_is_the_closed_form_of_each_draw(fit) -> None:
    """One man of the reference place, not trained, of usual need: what `hazards.survival` gives."""
    row = SPELLS.head(1).assign(sex="male", need=0.35, trained=np.inf, place=fit.places[0], origin="SYR")
    found = fit.chances(row, np.zeros(1), np.array([36.0]))[:, 0]
    likelihood = fit.likelihoods[0]
    for values, chance in list(zip(fit.draws[0], found, strict=True))[:10]:
        params = likelihood.params(values)
        leave, others = likelihood.rates(values, params)
        rate = np.array([leave[0] + others[0] + others[2] + others[3]])
        margin = np.array([values["margin"]])
        assert chance == pytest.approx(hazards.survival(np.array([3.0]), params, margin, rate)[0, 0], rel=1e-9)


def test_a_place_never_seen_is_less_sure_than_the_reference(fit) -> None:
    row = pd.concat([SPELLS.head(1)] * 2).assign(place=[fit.places[0], "Fes"])
    chance = fit.chances(row, np.zeros(2), np.full(2, 36.0))
    assert chance[:, 1].std() > chance[:, 0].std()
    assert PLACE + "Fes" not in fit.draws[0][0]


def test_each_training_table_is_fitted_once() -> None:
    told = []
    ours = Foreteller(FAMILIES[:1], blocks=6, on_fit=told.append)
    first, second = ours(SPELLS), ours(SPELLS)
    assert first is second
    assert told == [1]


class Knows:
    """The truth as a fit: right, or with hazards multiplied."""

    def __init__(self, fit, times: float = 1.0) -> None:
        truth = {"failure_level": 0.15 * times, "weibull_shape": 0.85, "log_frailty_sd": 1e-6, "margin": 0.0}
        truth |= {"hr_female_failure": np.exp(0.15), "log_hazard_need": 0.5, "log_hr_trained": -0.3}
        truth |= {name: 0.06 * times for name in fit.draws[0][0] if name.startswith("departure_")}
        truth |= {"hr_departure_running_business": 1.0, "forced_closure_rate": 1e-9, "rate_wage_work": 0.02 * times}
        truth |= {"rate_absorbed": 0.01 * times, "hr_female_wage_exit": 1.0}
        self.effects = {"Rabat": 0.0, "Casablanca": 0.25, "Oujda": -0.2}
        reference = self.effects[fit.places[0]]
        truth |= {PLACE + name: self.effects[name] - reference for name in fit.places[1:]}
        truth["margin"] = reference
        likelihood = replace(fit.likelihoods[0], spread=0.0)
        self.fit = replace(fit, likelihoods=(likelihood,), draws=((truth,),))

    def __call__(self, train):
        return self.fit


def test_who_knows_the_truth_counts_endings_as_surely_as_it_says(fit) -> None:
    """5,000 AGRs, 170 counts: 80 % intervals hold in 0.68 to 0.92; with hazards x 1.6 in less than a fifth.

    Some 1,500 endings, each in several counts: their number errs by 3 %.
    """
    spells = synthetic_spells(Truth(), ALL_DEFECTS, 5000, 8)
    splits = rolling_origin(spells, [60.0, 85.0]) + leave_one_place_out(spells)
    cells, covered = hold_out_endings(splits, {"right": Knows(fit), "wrong": Knows(fit, 1.6)})
    share = covered[covered["level"] == 0.8].set_index("forecaster")["share"]
    assert 0.68 < share["right"] < 0.92
    assert share["wrong"] < 0.2
    right = cells[cells["forecaster"] == "right"]
    assert right["ended"].sum() == pytest.approx(right["mean"].sum(), rel=0.08), "more than two standard errors"
    assert (right["low"] <= right["high"]).all() and right["pit"].between(0.0, 1.0).all()


def test_a_register_made_up_under_the_truth_looks_like_it_and_under_another_does_not(fit) -> None:
    spells = synthetic_spells(Truth(), ALL_DEFECTS, 500, 12)
    remade, observed = Remade(spells), register_statistics(spells)
    odd = {}
    for times in (1.0, 1.8):
        known = Knows(fit, times).fit
        likelihood = replace(known.likelihoods[0], rows=replace(remade.rows, places=known.places))
        codes = {name: k for k, name in enumerate(known.places)}
        place = np.array([codes[remade.rows.places[k]] for k in remade.rows.place])
        likelihood = replace(likelihood, rows=replace(likelihood.rows, place=place))
        made = replicate(lambda k: remade(likelihood, known.draws[0][0], k), 40)  # noqa: B023
        odd[times] = predictive_table(observed, made)["adjusted"].min()
    assert odd[1.0] > 0.05
    assert odd[1.8] < 0.05


def test_what_is_made_up_keeps_openings_and_could_have_been_seen(fit) -> None:
    remade = Remade(SPELLS)
    again = remade(replace(fit.likelihoods[0], rows=remade.rows), fit.draws[0][0], 1)
    kept = ["id", "start_lo", "start_hi", "observed_from", "sex", "place", "need"]
    pd.testing.assert_frame_equal(again[kept], remade.spells[kept])
    assert could_be_seen(again).all()
    ended = again["exit"].isin([1, 2, 3, 4, 5])
    np.testing.assert_array_equal(ended, np.isfinite(again["first_inactive"]))
    assert (again["last_active"] <= again["first_inactive"]).all()
    assert (again["exit"] == Exit.LOST).any()
    same = remade(replace(fit.likelihoods[0], rows=remade.rows), fit.draws[0][0], 1)
    pd.testing.assert_frame_equal(again, same)
