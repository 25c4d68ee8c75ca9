"""Made-up registers look like those of their own model, and each departure shows where it should."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from idmaj.calibration import predictive as pr
from idmaj.calibration.curves import lived, risk_table, survival_curves
from idmaj.calibration.schemas import Exit
from idmaj.calibration.synthetic import ALL_DEFECTS, Defects, Truth, synthetic_spells
from idmaj.sim.survival import kaplan_meier

N, DRAWS = 400, 60


PLAIN = Truth()


def register(seed: int, truth: Truth = PLAIN) -> pd.DataFrame:
    return synthetic_spells(truth, ALL_DEFECTS, N, seed)


@pytest.fixture(scope="module")
def made_up() -> pd.DataFrame:
    return pr.replicate(lambda draw: register(1000 + draw), DRAWS)


def check(spells: pd.DataFrame, made_up: pd.DataFrame) -> pd.DataFrame:
    return pr.predictive_table(pr.register_statistics(spells), made_up).set_index("statistic")


def test_p_values_of_a_right_model_are_uniform(made_up: pd.DataFrame) -> None:
    """Of 20 registers: the share of p-values below 0.2, over some 20 numbers that hang together, is near 0.2."""
    p = np.concatenate([check(register(seed), made_up)["p_value"].dropna() for seed in range(20)])
    assert 0.1 < (p < 0.2).mean() < 0.3
    assert 0.35 < (p < 0.5).mean() < 0.65


def test_a_right_model_is_rarely_surprised(made_up: pd.DataFrame) -> None:
    """Some number of 30 registers is off at 5 %: 1.5 on average, more than 6 with a chance of 0.1 %."""
    odd = [(check(register(seed), made_up)["adjusted"] <= 0.05).any() for seed in range(30)]
    assert sum(odd) <= 6


def test_a_wrong_level_shows_in_survival_and_endings(made_up: pd.DataFrame) -> None:
    table = check(register(1, Truth(level=0.35)), made_up)
    assert table.says["open at 2 years"] == "less than the model makes up"
    assert table.says["share failed"] == "more than the model makes up"
    assert table.says["openings in the commonest month"] == "as the model makes up"


def test_a_shock_of_one_year_shows_in_the_spread_between_years(made_up: pd.DataFrame) -> None:
    spells = register(2).assign()
    open_then = (spells["start_hi"] < 84.0) & (spells["first_inactive"] > 84.0) & (spells["last_active"] > 84.0)
    hit = spells.index[open_then][::2]
    spells.loc[hit, ["last_active", "first_inactive", "exit"]] = [84.5, 90.0, int(Exit.FAILED)]
    table = check(spells, made_up)
    name = "spread between years, binomial 1"
    assert table.observed[name] > table.high[name] * 1.5
    assert table.p_value[name] == pytest.approx(1 / DRAWS)


def test_binomial_years_have_a_spread_of_one() -> None:
    """200 registers of constant hazard without defects: mean 1 within four standard errors."""
    zero = {name: 0.0 for name in ("log_hr_trained", "log_hr_female", "log_hr_need", "again")}
    even = Truth(shape=1.0, log_hr_place=(0.0, 0.0, 0.0), **zero)
    found = [pr.yearly_spread(synthetic_spells(even, Defects(), 300, seed)).iloc[0] for seed in range(200)]
    assert abs(np.mean(found) - 1.0) < 4 * np.std(found) / np.sqrt(200)


def test_heaps_show(made_up: pd.DataFrame) -> None:
    spells = register(3)
    closed = np.isfinite(spells["first_inactive"]) & (spells["last_active"] < 12 * (spells["first_inactive"] // 12))
    heaped = spells.copy()
    heaped.loc[closed, "first_inactive"] = 12.0 * (spells.loc[closed, "first_inactive"] // 12)
    table = check(heaped, made_up)
    assert table.p_value["closings in the commonest month"] <= 1 / DRAWS
    assert table.p_value["openings in the commonest month"] > 0.02
    exact = synthetic_spells(Truth(), Defects(), 400, 3)
    age = 12.0 * np.maximum(np.round((exact["first_inactive"] - exact["start_lo"]) / 12.0), 1.0)
    for column in ("last_active", "first_inactive"):
        exact[column] = exact[column].mask(np.isfinite(exact["first_inactive"]), exact["start_lo"] + age)
    assert pr.heaping(exact)["endings at whole years of age"] == 1.0


def test_survival_is_kaplan_meier_and_silent_where_few_are_at_risk() -> None:
    spells = register(4)
    seen = lived(spells)
    curve = kaplan_meier(seen["entry"], seen["stop"], seen["ended"])
    shares = pr.survival_shares(spells, years=(2, 9, 10))
    assert shares["open at 2 years"] == curve.survival[curve.time <= 24.0][-1]
    assert np.isnan(shares["open at 10 years"])
    by = pr.survival_shares(spells.assign(sex=spells["sex"].mask(spells.index < 300, "")), "sex")
    assert set(by.index) == {f"open at {y} years, sex {s}" for y in (1, 2, 3, 5) for s in ("female", "male")}
    few = spells.assign(place=np.where(np.arange(len(spells)) < 4, "Tiny", "Rabat"))
    assert not any("Tiny" in name for name in pr.survival_shares(few, "place").index)


def test_shares_of_endings_add_up_and_follow_weights() -> None:
    spells = register(5)
    shares = pr.endings(spells)
    assert shares.sum() == pytest.approx(1.0)
    assert len(shares) == len(Exit)
    double = spells.assign(weight=np.where(spells["exit"] == Exit.LOST, 2.0, 1.0))
    lost = (spells["exit"] == Exit.LOST).sum()
    assert pr.endings(double)["share lost"] == pytest.approx(2 * lost / (len(spells) + lost))


def test_p_values_by_hand_with_ties_weights_and_silence() -> None:
    made = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [0.0, 0.0, 0.0, 0.0], "c": [np.nan, np.nan, np.nan, 1.0]})
    observed = pd.Series({"a": 3.5, "b": 0.0, "c": 1.0, "d": 1.0})
    table = pr.predictive_table(observed, made).set_index("statistic")
    assert table.p_value["a"] == pytest.approx(0.5)
    assert table.p_value["b"] == pytest.approx(1.0)
    assert table.loc[["c", "d"], "p_value"].isna().all()
    assert table.says["d"] == "cannot be told"
    weighted = pr.predictive_table(observed, made, [1.0, 1.0, 1.0, 7.0]).set_index("statistic")
    assert weighted.p_value["a"] == pytest.approx(0.6)
    assert weighted["mean"]["a"] == pytest.approx(3.4)
    assert pr.predictive_table(pd.Series({"a": 9.0}), made)["p_value"][0] == pytest.approx(0.25)


def test_an_empty_register_says_nothing() -> None:
    empty = register(1).iloc[:0]
    assert pr.register_statistics(empty).isna().all()


def test_curves_come_with_the_numbers_under_them() -> None:
    spells = synthetic_spells(replace(Truth(), level=0.4), ALL_DEFECTS, 300, 6)
    curves, risk = survival_curves(spells, "sex"), risk_table(spells, "sex", [0.0, 12.0, 60.0])
    assert set(curves["group"]) == set(risk["group"]) == {"female", "male"}
    for name, part in curves.groupby("group"):
        assert part["survival"].is_monotonic_decreasing
        assert part["age"].iloc[0] == 0.0
        seen = lived(spells[spells["sex"] == name])
        here = risk[risk["group"] == name].set_index("age")["at_risk"]
        assert here[12.0] == ((seen["entry"] <= 12.0) & (seen["stop"] > 12.0)).sum()
        assert here[0.0] == (seen["entry"] == 0.0).sum() - (seen["stop"] == 0.0).sum()
        assert part["age"].iloc[-1] == pytest.approx(seen["stop"].max())
    assert set(survival_curves(spells)["group"]) == {"all"}
    assert survival_curves(spells.assign(place="x").iloc[:3], "place").empty
