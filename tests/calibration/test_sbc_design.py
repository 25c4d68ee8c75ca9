"""The fit that is shipped, ranked: what is drawn, made up and fitted is one model, and the committed ranks are read."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from idmaj.calibration import sbc_design as design
from idmaj.calibration.likelihood import PLACE
from idmaj.calibration.sbc import rank_table, run_sbc
from idmaj.calibration.stamp import code_stamp, read_stamped, staleness
from idmaj.calibration.synthetic import synthetic_spells
from idmaj.sim.ensemble import threads

USUAL = {name: number.median for name, number in design.numbers().items()}


def test_every_coordinate_of_the_likelihood_moves_what_is_made_up() -> None:
    """A number twice as large, or 0.5 more, gives other lives: none is fitted that was never drawn."""
    base = design.truth_of(USUAL)
    for name, number in design.numbers().items():
        value = 2.0 * USUAL[name] if number.shape == "lognormal" else USUAL[name] + 0.5
        assert design.truth_of(USUAL | {name: value}) != base, name


def test_the_truth_is_where_the_likelihood_of_many_lives_is_highest(monkeypatch: pytest.MonkeyPatch) -> None:
    """8,000 AGRs: against a number a third off (0.4 on a log scale) the truth gains at least 3 in log-likelihood.

    Of rare endings and of traits the least; level, shape and departures gain some hundreds.
    """
    monkeypatch.setattr(design, "AGRS", 8000)
    rate = {"rate_absorbed": 0.02, "forced_closure_rate": 0.05, "log_frailty_sd": 0.8}
    values = USUAL | rate | {PLACE + "Oujda": 0.2, "log_hr_trained": -0.3}
    likelihood = design.simulate(values, np.random.default_rng(3))
    here = likelihood.at(values)
    spoken_of = ("failure_level", "weibull_shape", "hr_female_failure", "departure_syrian", "rate_wage_work")
    spoken_of += ("rate_absorbed", "log_hr_trained", PLACE + "Oujda", "log_frailty_sd", "hr_female_wage_exit")
    for name in spoken_of:
        number = design.numbers()[name]
        for step in (-0.4, 0.4):
            there = values[name] * np.exp(step) if number.shape == "lognormal" else values[name] + step
            assert here - likelihood.at(values | {name: there}) > 3.0, (name, step)


def test_closings_by_force_and_jobs_of_women_are_drawn_as_asked() -> None:
    """20,000 AGRs: a force of 0.2 a year alone leaves 0.37 after five years; women take jobs three times as often."""
    zero = {name: 0.0 for name in ("rate_owner_left", "rate_absorbed", "again", "rate_wage_work")}
    quiet = replace(design.truth_of(USUAL), level=1e-9, first_month=0.0, until=125.0, **zero)
    forced = synthetic_spells(replace(quiet, rate_forced=0.2), design.ALL_DEFECTS.__class__(), 20_000, 1)
    old = forced[forced["start_hi"] < 65.0]
    alive = (old["first_inactive"] - old["start_lo"] > 60.0).mean()
    assert alive == pytest.approx(np.exp(-1.0), abs=0.02), "four standard errors"
    assert set(forced["exit"]) == {0, 1}
    jobs = replace(quiet, rate_wage_work=0.05, log_hr_female_wage=float(np.log(3.0)))
    table = synthetic_spells(jobs, design.ALL_DEFECTS.__class__(), 20_000, 1)
    share = table.assign(job=table["exit"] == 3).groupby("sex")["job"].mean()
    assert share["female"] / share["male"] > 2.0


def test_the_committed_ranks_are_of_this_design_and_no_quantity_fails() -> None:
    ranks, stamp = read_stamped(design.RANKS_FILE)
    assert set(stamp) == set(code_stamp(design.MODULES)), "the stamp names all that the ranks rest on"
    assert not ranks.duplicated(["fit", "quantity"]).any()
    assert set(ranks["quantity"]) == {*design.numbers(), "log_likelihood", "S(5)", "all trained: S(5)"}
    assert (ranks.groupby("quantity").size() == ranks["fit"].nunique()).all()
    assert not rank_table(ranks)["fails"].any()
    if not staleness(stamp):
        luck = np.random.Generator(np.random.Philox(key=[design.SEED, 0]))
        first = ranks[ranks["fit"] == 0].set_index("quantity")["truth"]
        for name, value in design.prior(luck).items():
            assert first[name] == pytest.approx(value), name


@pytest.mark.slow
def test_three_fits_are_the_committed_ones() -> None:
    """Three ranks say nothing of a fault in the method; the 200 that are committed do, and these are their first."""
    ranks = run_sbc(design.MODEL, 3, design.SEED, crew=threads(1))
    assert (ranks["worth"] > 200).all()
    committed, stamp = read_stamped(design.RANKS_FILE)
    if not staleness(stamp):
        first = committed[committed["fit"] < 3].reset_index(drop=True)
        pd.testing.assert_frame_equal(ranks[["fit", "quantity", "rank"]], first[["fit", "quantity", "rank"]])
