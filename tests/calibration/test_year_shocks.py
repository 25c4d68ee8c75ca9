"""Good and bad years that the likelihood of registers leaves out: how large the model's own are, and what they do."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from idmaj.calibration.priors import draw_priors
from idmaj.calibration.synthetic import ALL_DEFECTS, Truth, cumulative_hazard, synthetic_spells
from idmaj.sim.kinds import HazardFamily
from idmaj.sim.params import default_params
from idmaj.sim.rules.hazard import hardship
from idmaj.sim.rules.trade import next_shock

ROOT = Path(__file__).parents[2]
EVEN = Truth(shape=1.0)


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("year_shocks", ROOT / "benchmarks" / "year_shocks.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def months_of_luck(rho: float, sd: float, months: int) -> np.ndarray:
    """Return a town's luck by the model's own rule."""
    normal = np.random.Generator(np.random.Philox(key=[5, 78])).standard_normal(months)
    out, shock = np.empty(months), sd * float(normal[0])
    for month, chance in enumerate(normal):
        shock = next_shock(shock, rho, sd, float(chance))
        out[month] = shock
    return out


@pytest.mark.parametrize("rho", [0.4, 0.6, 0.8])
def test_the_spread_of_a_mean_is_that_of_the_rule_of_luck(tool: ModuleType, rho: float) -> None:
    """5,000 years: their spread is known within 3 %, three standard errors."""
    years = months_of_luck(rho, 1.0, 60_000).reshape(-1, 12).mean(axis=1)
    assert years.std() == pytest.approx(float(tool.spread_of_mean(rho)), rel=0.05)
    assert tool.spread_of_mean(0.0) == pytest.approx(1.0 / np.sqrt(12.0))
    assert tool.spread_of_mean(1.0) == pytest.approx(1.0)


def test_the_models_own_years_are_small(tool: ModuleType) -> None:
    """Half of the prior below 0.02, a twentieth above 0.053; the sizes that the benchmark takes are these."""
    found = np.quantile(tool.implied(draw_priors(20_000, 1)), [0.5, 0.95])
    np.testing.assert_allclose(found, [0.019, 0.053], atol=0.001)
    assert tuple(np.round(found, 2)) == tool.OWN


def test_a_year_of_the_models_hazard_spreads_no_more_than_is_said(tool: ModuleType) -> None:
    """By the rules of luck and of hardship, for a household that lives on its AGR alone.

    The hazard looks at the twelve months behind it, so that the mean over a year is smoother than one such look.
    """
    p = default_params(1)
    p["hazard_family"] = float(HazardFamily.CONSTANT)
    sd, rho = float(p["place_shock_sd"][0]), float(p["own_shock_rho"][0])
    takings = np.exp(months_of_luck(rho, sd, 24_000) - 0.5 * sd * sd)
    margin = np.convolve(takings, np.full(12, 1.0 / 12.0), "valid")[: 1998 * 12]
    years = np.array([hardship(6, float(each), 0.0, p[0]) for each in margin]).reshape(-1, 12).sum(axis=1)
    most = float(tool.implied(p)[0])
    assert np.log([hardship(6, float(each), 0.0, p[0]) for each in margin[::12]]).std() == pytest.approx(most, rel=0.06)
    assert 0.6 * most < np.log(years).std() < most


def test_without_good_and_bad_years_the_generator_is_the_ordinary_one(tool: ModuleType) -> None:
    ours = tool.shocked_spells(Truth(log_frailty_sd=0.5, rate_forced=0.01), 400, 3, tool.year_effects(0.0, 3))
    theirs = synthetic_spells(Truth(log_frailty_sd=0.5, rate_forced=0.01), ALL_DEFECTS, 400, 3).assign(origin="SYR")
    pd.testing.assert_frame_equal(ours, theirs)


def test_a_year_of_double_hazard_is_lived_through_in_half_the_time(tool: ModuleType) -> None:
    effects = np.array([2.0, 0.5])
    calm = np.array([6.0, 24.0, 30.0, 36.0, np.inf, 6.0])
    start = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 9.0])
    # 24 months of hazard in 2007 and 6 in 2008, then one a month; who opened in October 2007 had 6 by its end.
    np.testing.assert_allclose(tool.shocked_age(calm, start, EVEN, effects), [3.0, 12.0, 24.0, 30.0, np.inf, 3.0])


def test_hazards_of_lives_are_those_of_their_years(tool: ModuleType) -> None:
    """The hazard lived through by the age of failing, month by month, is what the AGR was dealt."""
    truth, effects = Truth(shape=0.8), tool.year_effects(0.4, 1)
    luck = np.random.Generator(np.random.Philox(key=[6, 78]))
    start, calm = 120.0 * luck.random(50), 90.0 * luck.random(50)
    for begun, dealt, age in zip(start, calm, tool.shocked_age(calm, start, truth, effects), strict=True):
        ages = np.linspace(0.0, age, 40_001)
        by_month = effects[((begun + (ages[1:] + ages[:-1]) / 2.0) // 12.0).astype(int)]
        lived = float((np.diff(cumulative_hazard(ages, truth)) * by_month).sum())
        assert lived == pytest.approx(float(cumulative_hazard(dealt, truth)), rel=2e-3)


def test_effects_of_years_have_mean_one(tool: ModuleType) -> None:
    many = np.concatenate([tool.year_effects(0.4, seed) for seed in range(500)])
    assert many.mean() == pytest.approx(1.0, abs=4 * many.std() / np.sqrt(len(many)))
    assert np.log(many).std() == pytest.approx(0.4, rel=0.03)


def test_the_committed_registers_say_what_the_page_says(tool: ModuleType) -> None:
    """The model's own years cost next to nothing; far larger ones touch the level alone, as the formula foretells."""
    raw = pd.read_csv(tool.RAW)
    assert not raw.duplicated(["design", "shock", "replication", "quantity"]).any()
    table = tool.summary(raw)
    assert (table["registers"] >= 60).all()
    own = table[table["shock"].isin((0.0, *tool.OWN))]
    # Were intervals right, coverage of 60 registers would be below 0.78 once in 200 times, of 200 below 0.84 likewise.
    assert (own["coverage_90"] >= np.where(own["registers"] < 200, 0.78, 0.84)).all()
    assert (table["bias_se"].abs() < 4.5 * table["bias_error"]).all()
    large = table[table["design"] == "maximum"].set_index(["quantity", "shock"])
    error = raw[(raw["design"] == "maximum") & (raw["quantity"] == "level")].groupby("shock")["sd"].mean()
    for shock in (0.1, 0.2, 0.4):
        foretold = tool.wider(shock, float(error[shock]))
        assert large.loc[("level", shock), "narrow"] == pytest.approx(foretold, rel=0.1)
    assert large.loc[("level", 0.2), "high"] < 0.85 < large.loc["shape", "coverage_90"].min()
    assert large.loc["trained", "coverage_90"].min() > 0.85
