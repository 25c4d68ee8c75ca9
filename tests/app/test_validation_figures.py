"""Figures of a validation: the same bytes for the same numbers, and no small count in them."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from idmaj.app import validation_figures as vf
from idmaj.calibration.curves import risk_table, survival_curves
from idmaj.calibration.sbc import ecdf_differences
from idmaj.calibration.scores import pit_histogram, reliability
from idmaj.calibration.synthetic import ALL_DEFECTS, Truth, synthetic_spells

LUCK = np.random.default_rng(1)
RANKS = pd.DataFrame(
    {
        "fit": np.tile(np.arange(60), 2),
        "quantity": np.repeat(["level", "S(5)"], 60),
        "rank": np.r_[LUCK.integers(0, 20, 60), np.zeros(60)].astype(int),
        "draws": 19,
    }
)
SPELLS = synthetic_spells(Truth(level=0.3), ALL_DEFECTS, 250, 3)
CURVES, RISK = survival_curves(SPELLS, "place"), risk_table(SPELLS, "place")
MODEL = pd.DataFrame({"group": "Rabat", "age": [0.0, 60.0, 300.0], "survival": [1.0, 0.4, 0.01]})
CHANCE = LUCK.random(300)

DRAWN: dict[str, Callable[[bool], str]] = {
    "ranks": lambda narrow: vf.rank_figure(ecdf_differences(RANKS), "Ranks", ["S(5)"], narrow),
    "calibration": lambda narrow: vf.calibration_figure(
        reliability(CHANCE, LUCK.random(300) < CHANCE), "Chances & shares", narrow
    ),
    "pit": lambda narrow: vf.pit_figure(pit_histogram(CHANCE), "PIT", narrow),
    "survival": lambda narrow: vf.survival_figure(CURVES, RISK, "Survival", MODEL, narrow),
}


def texts(svg: str) -> list[str]:
    return ["".join(found.itertext()).strip() for found in ElementTree.fromstring(svg).iter() if found.tag == "text"]


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("name", DRAWN)
def test_a_figure_is_sound_svg_with_words_for_those_who_cannot_see_it(name: str, narrow: bool) -> None:
    svg = DRAWN[name](narrow)
    root = ElementTree.fromstring(svg)
    assert root.attrib["role"] == "img"
    assert len(root.attrib["aria-label"]) > 2
    assert "url(" not in svg
    assert (f'id="{name}-narrow-' in svg) == narrow
    assert "nan" not in svg.lower()


@pytest.mark.parametrize("name", ["ranks", "pit", "survival"])
def test_the_same_numbers_give_the_same_bytes(name: str) -> None:
    assert DRAWN[name](False) == DRAWN[name](False)


def test_what_fails_is_named_so() -> None:
    said = texts(DRAWN["ranks"](False))
    assert "S(5): fails" in said
    assert "level" in said


def test_numbers_at_risk_stand_under_the_curves_and_small_ones_do_not() -> None:
    svg = DRAWN["survival"](False)
    said = texts(svg)
    assert {"At risk", "Casablanca", "Oujda", "Rabat", "the model"} <= set(said)
    assert str(RISK.query("group == 'Rabat' and age == 12")["at_risk"].item()) in said
    within = RISK.loc[RISK["age"] <= 1.02 * CURVES.loc[CURVES["at_risk"] >= 5, "age"].max(), "at_risk"]
    assert said.count("<5") == within.between(1, 4).sum() > 0
    counts = sorted(str(count) for count in within[within >= 5])
    below = said[said.index("At risk") + 1 :]
    assert sorted(word for word in below if word.isdigit() and word != "0") == counts
    assert vf.GREYED in svg


def test_a_curve_ends_where_fewer_than_five_are_at_risk() -> None:
    shown = CURVES[CURVES["at_risk"] >= 5]
    assert CURVES["age"].max() > 1.2 * shown["age"].max(), "the rest of the curve is not drawn"
    said = texts(DRAWN["survival"](False))
    years = [int(word) for word in said[: said.index("Years since it opened")] if word.isdigit()]
    assert 4 <= max(years) <= 1.02 * shown["age"].max() / 12


def test_nothing_to_show_is_said() -> None:
    with pytest.raises(ValueError, match="no group with 5 at risk"):
        vf.survival_figure(CURVES[CURVES["at_risk"] < 5], RISK, "Survival")
