"""Curves of others: what is foretold of a constant hazard is that hazard, and none of the curves was fitted."""

import numpy as np
import pytest

from idmaj.calibration import elsewhere as el
from idmaj.calibration.draws import load_draws
from idmaj.calibration.priors import draw_priors
from idmaj.sim.params import NUMBERS


def constant(rate: float) -> el.Curve:
    return lambda ages: np.exp(-rate * np.asarray(ages))[None, :]


@pytest.mark.parametrize("rate", [0.05, 0.2, 0.6])
def test_a_constant_hazard_is_foretold_as_itself(rate: float) -> None:
    of = {each.id: each.foretell(constant(rate))[0] for each in el.CURVES}
    assert of["S006"] == pytest.approx(100 * np.exp(-rate))
    assert of["S007"] == pytest.approx(100 * np.exp(-3 * rate))
    assert of["S015"] == pytest.approx(100 * rate, rel=1e-3)
    assert of["S001"] == pytest.approx(100 * (1 - np.exp(-rate)))


def test_existing_firms_are_those_that_lasted() -> None:
    """Half fail in their first year, the others never: the stock hardly dies, those who opened do."""

    def mixed(ages):
        return (0.5 + 0.5 * np.exp(-5.0 * np.asarray(ages)))[None, :]

    of = {each.id: each.foretell(mixed)[0] for each in el.CURVES}
    assert of["S001"] < 1.0
    assert of["S015"] > 10.0


def test_the_firms_of_casablanca_stand_in_no_prior_and_the_panels_in_a_wide_one() -> None:
    assert [el.role(each.id) for each in el.CURVES] == [el.NEVER, el.NEVER, el.WIDE, el.WIDE]
    level = NUMBERS["failure_level"]
    assert level.high / level.low > 5, "wide"


@pytest.fixture(scope="module")
def table():
    return el.elsewhere_table({"prior": draw_priors(500, 4), "posterior": load_draws(100)})


def test_prior_and_posterior_are_scored_on_every_curve(table) -> None:
    assert len(table) == 2 * len(el.CURVES)
    assert (table["low"] < table["mean"]).all() and (table["mean"] < table["high"]).all()
    assert np.isfinite(table[["log", "crps"]]).all(axis=None)
    inside = (table["low"] <= table["published"]) & (table["published"] <= table["high"])
    np.testing.assert_array_equal(inside, table["inside_95"])


def test_who_wins_is_said_whoever_it_is(table) -> None:
    swap = table.assign(under=table["under"].map({"prior": "posterior", "posterior": "prior"}))
    said, other = el.elsewhere_says(table), el.elsewhere_says(swap)
    assert {"better" in said, "better" in other.split("prior")[0]} and ("worse" in said) != ("worse" in other)


def test_each_reading_of_the_published_share_is_told() -> None:
    found = el.readings_table(load_draws(100))
    assert found["chance"].sum() == pytest.approx(1.0)
    assert (found.loc[found["n"] == 494, "chance"] == 0.0).all(), "of 494 nothing prints 53.7"
    whole, part = (found[(found["n"] == 600) & (found["financed"] == n)]["mean"].to_numpy() for n in (600, 494))
    np.testing.assert_allclose(part / whole, 494 / 600)
    whole = found[found["n"] == found["financed"]]
    out, closed = (whole[whole["reading"].str.contains(word)] for word in ("left out", "closed"))
    assert (out["mean"].to_numpy() > closed["mean"].to_numpy() + 5.0).all(), "who left is among the lost"
