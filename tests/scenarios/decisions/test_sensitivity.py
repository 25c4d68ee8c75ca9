"""Sensitivity against Ishigami's analytic indices, a straight line and a wave of pure luck."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

from idmaj.calibration.priors import Z95, draw_priors
from idmaj.scenarios.decisions.sensitivity import (
    LUCK,
    indices,
    morris_design,
    refuse_if_tied,
    screen,
    sobol_design,
)
from idmaj.sim import NUMBERS, UserError
from idmaj.sim.params import Number

NORMAL = Number("", "", None, 0.0, -Z95, Z95, "normal")
"""A standard normal prior: its distribution function makes it uniform again."""
FIXED = Number("", "", None, 3.0, 3.0, 3.0, "fixed")
NUMBERS_3 = {"x1": NORMAL, "x2": NORMAL, "still": FIXED, "x3": NORMAL}


def ishigami(runs: pd.DataFrame) -> np.ndarray:
    """Return Ishigami and Homma's (1990) function with a = 7 and b = 0.1."""
    x1, x2, x3 = (np.pi * (2 * ndtr(runs[name].to_numpy()) - 1) for name in ("x1", "x2", "x3"))
    return np.sin(x1) + 7 * np.sin(x2) ** 2 + 0.1 * x3**4 * np.sin(x1)


def lucky(runs: pd.DataFrame) -> np.ndarray:
    """Return a standard normal number by which luck a run meets, the same for the same luck."""
    return np.array([np.random.default_rng(int(each)).normal() for each in runs[LUCK]])


FIRST = {"x1": 0.3139, "x2": 0.4424, "x3": 0.0, LUCK: 0.0}
TOTAL = {"x1": 0.5576, "x2": 0.4424, "x3": 0.2437, LUCK: 0.0}
"""Saltelli et al. 2008, "Global Sensitivity Analysis", ch. 4; the variance is 13.8446."""


@pytest.fixture(scope="module")
def design():
    return sobol_design(NUMBERS_3, 2048)


def test_ishigami(design) -> None:
    found = indices(design, ishigami(design.runs))
    table = found.table.set_index("factor")
    assert table["first"].to_dict() == pytest.approx(FIRST, abs=0.03)
    assert table["total"].to_dict() == pytest.approx(TOTAL, abs=0.03)
    for name, truth in (("first", FIRST), ("total", TOTAL)):
        for factor, value in truth.items():
            row = table.loc[factor]
            assert row[f"{name}_low"] - 0.01 <= value <= row[f"{name}_high"] + 0.01
    assert found.table["factor"].tolist() == ["x1", "x2", "x3", LUCK]
    assert found.enough
    assert found.needed == 2048
    assert "narrow enough" in found.says


def test_luck_has_its_own_share(design) -> None:
    """Luck of the variance of Ishigami's function takes half of the whole, and halves the others' shares."""
    luck = np.sqrt(13.8446) * lucky(design.runs)
    found = indices(design, ishigami(design.runs) + luck)
    table = found.table.set_index("factor")
    for name, truth in (("first", FIRST), ("total", TOTAL)):
        expected = {factor: 0.5 * value for factor, value in truth.items()} | {LUCK: 0.5}
        assert table[name].to_dict() == pytest.approx(expected, abs=0.07)


def test_a_sample_too_small_for_its_function_says_which_size_it_takes() -> None:
    """One run in a thousand or so decides all: 1,024 rows see hardly one."""
    design = sobol_design({"x1": NORMAL, "x2": NORMAL})
    rare = (design.runs["x1"] + design.runs["x2"] > 4.2).to_numpy().astype(float)
    found = indices(design, rare + 1e-6 * design.runs["x1"].to_numpy())
    assert not found.enough
    assert found.needed > 1024
    assert found.needed & (found.needed - 1) == 0
    assert f"it takes a base sample of {found.needed}" in found.says


@pytest.mark.parametrize(("base", "needed"), [(512, 1024), (1500, 2048), (0, 1024)])
def test_a_sample_too_small_is_refused_with_the_size_it_takes(base: int, needed: int) -> None:
    with pytest.raises(UserError, match=f"found {base}, .* with {needed} and 4 factors that is {needed * 6} runs"):
        sobol_design(NUMBERS_3, base)


def test_the_design_is_runs_of_the_model(design) -> None:
    """A row differs from the first of its block in one factor, or is the second sample of all."""
    assert design.runs.columns.tolist() == ["x1", "x2", "x3", LUCK]
    assert len(design.runs) == 2048 * 6
    block = design.runs.iloc[:6]
    assert [(block.iloc[k] != block.iloc[0]).sum() for k in range(6)] == [0, 1, 1, 1, 1, 4]
    assert design.runs[LUCK].nunique() > 2048
    again = sobol_design(NUMBERS_3, 2048)
    pd.testing.assert_frame_equal(again.runs, design.runs)
    for name in ("x1", "x2", "x3"):
        assert np.quantile(design.runs[name], [0.05, 0.5, 0.95]) == pytest.approx([-Z95, 0, Z95], abs=0.01)


def test_priors_of_the_model_are_met() -> None:
    names = ("failure_level", "never_failing_share", "hazard_family", "gompertz_slope")
    runs = sobol_design({name: NUMBERS[name] for name in names}, 1024).runs
    prior = draw_priors(4000, 1)
    for name in names[:2]:
        assert np.median(runs[name]) == pytest.approx(NUMBERS[name].median, rel=0.01)
    assert sorted(runs["hazard_family"].unique()) == sorted(np.unique(prior["hazard_family"]))


def test_morris_of_a_straight_line() -> None:
    """A step of two thirds of a factor's range moves a line by two thirds of its slope: effects are the slopes."""
    design = morris_design(NUMBERS_3, 12)
    u = {name: (ndtr(design.runs[name].to_numpy()) - 0.05) / 0.9 for name in ("x1", "x2", "x3")}
    found = screen(design, 5 * u["x1"] - 2 * u["x2"] + 0 * u["x3"]).set_index("factor")
    assert found["effect"].to_dict() == pytest.approx({"x1": 5, "x2": 2, "x3": 0, LUCK: 0}, abs=1e-9)
    assert found["mean"].to_dict() == pytest.approx({"x1": 5, "x2": -2, "x3": 0, LUCK: 0}, abs=1e-9)
    assert found["spread"].to_numpy() == pytest.approx(0, abs=1e-9)
    assert found.index.tolist()[:2] == ["x1", "x2"]


def test_morris_sees_interactions_and_luck() -> None:
    design = morris_design(NUMBERS_3, 40)
    found = screen(design, 3 * (design.runs["x1"] * design.runs["x2"]).to_numpy() + lucky(design.runs))
    found = found.set_index("factor")
    assert found.loc[["x1", "x2"], "spread"].min() > 2
    assert abs(found.loc["x1", "mean"]) < found.loc["x1", "effect"] / 2
    assert found.loc["x3", "effect"] == pytest.approx(0, abs=1e-9)
    assert 0 < found.loc[LUCK, "low"] < found.loc[LUCK, "effect"] < found.loc[LUCK, "high"]


def test_a_trajectory_meets_one_luck_but_for_lucks_own_step() -> None:
    runs = morris_design(NUMBERS_3, 15).runs
    paths = runs[LUCK].to_numpy().reshape(15, 5)
    assert [(np.diff(path) != 0).sum() for path in paths] == [1] * 15
    assert len(np.unique(paths)) == 30, "no luck is met on two trajectories"


def test_users_mistakes_are_named(design) -> None:
    with pytest.raises(UserError, match="trajectories: found 4, accepted 10 or more"):
        morris_design(NUMBERS_3, 4)
    with pytest.raises(UserError, match="found none with a prior"):
        morris_design({"still": FIXED})
    with pytest.raises(UserError, match="seed: found 0"):
        sobol_design(NUMBERS_3, 1024, 0)
    with pytest.raises(UserError, match="found one for sobol, accepted one for morris"):
        screen(design, np.zeros(len(design.runs)))
    with pytest.raises(UserError, match="found 3 values"):
        indices(design, np.zeros(3))
    with pytest.raises(UserError, match="found none in run 0"):
        indices(design, np.full(len(design.runs), np.nan))
    with pytest.raises(UserError, match="the same in every run"):
        indices(design, np.zeros(len(design.runs)))


def test_a_posterior_whose_numbers_go_together_is_refused_and_a_prior_is_not() -> None:
    prior = draw_priors(200, 3)
    frame = pd.DataFrame({name: np.asarray(prior[name], float) for name in NUMBERS})
    refuse_if_tied(frame)
    generator = np.random.default_rng(4)
    tied = frame.assign(weibull_shape=np.log(frame["failure_level"]) + generator.normal(0, 0.5, 200))
    with pytest.raises(UserError, match=r"(?s)failure_level and weibull_shape go together.*EVPPI"):
        refuse_if_tied(tied)
