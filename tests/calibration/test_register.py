"""A register is fitted, completed, checked and held out; structures are weighed; files can be used again."""

import tomllib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from idmaj.calibration import engine, register
from idmaj.calibration.bridge import load_bridge
from idmaj.calibration.draws import load_contractions, load_draws
from idmaj.calibration.engine import Asked, calibrate, engine_of, read_evidence
from idmaj.calibration.hindcast import hindcast
from idmaj.calibration.likelihood import Structure
from idmaj.calibration.posterior import Fitted, directions, label_of, prior_moments
from idmaj.calibration.posterior_files import write_posterior
from idmaj.calibration.register import complete, fit_register, folds_of, key_of, likelihood_of, weights_of
from idmaj.calibration.rows import lives_of_spells, rows_of
from idmaj.calibration.schemas import Exit
from idmaj.calibration.synthetic import ALL_DEFECTS, Truth, synthetic_spells
from idmaj.sim import NUMBERS, UserError
from idmaj.sim.ensemble import threads
from idmaj.sim.kinds import HazardFamily

CONSTANT = Structure(HazardFamily.CONSTANT, crowding=False)
SPELLS = synthetic_spells(Truth(), ALL_DEFECTS, 300, 8)


@pytest.fixture(scope="module")
def likelihood():
    return likelihood_of(rows_of(lives_of_spells(SPELLS)), CONSTANT, dict(NUMBERS), 1)


@pytest.fixture(scope="module")
def fitted(likelihood, tmp_path_factory):
    return fit_register(likelihood, dict(NUMBERS), 400, 1, tmp_path_factory.mktemp("fit"))


def test_a_fit_moves_what_the_register_speaks_of_and_nothing_else(fitted):
    assert fitted.course.enough
    assert len(fitted.params) == 400
    assert (fitted.params["hazard_family"] == HazardFamily.CONSTANT).all()
    level = np.log(fitted.params["failure_level"])
    assert 1.0 - level.var() / np.log(4000.0) ** 2 > 0.5
    profit = np.log(fitted.params["reference_profit"])
    assert profit.mean() == pytest.approx(np.log(1500.0), abs=0.15)


def test_whole_rows_have_the_margins_and_jobs_that_the_draws_say(likelihood, fitted):
    draws = fitted.course.draws[:200]
    params = complete(likelihood, draws, dict(NUMBERS), 3)
    bridge = load_bridge().linear(params)
    names = list(likelihood.names)
    assert bridge["margin"].to_numpy() == pytest.approx(draws[:, names.index("margin")], abs=0.2)
    assert bridge["job"].to_numpy() == pytest.approx(draws[:, names.index("rate_wage_work")], abs=0.3)
    assert params["failure_level"] == pytest.approx(np.exp(draws[:, names.index("failure_level")]))


def test_a_register_of_the_structure_is_compatible_and_a_strange_one_is_not(likelihood, fitted):
    assert 0.02 < fitted.p_value < 0.98
    rows = likelihood.rows
    old = replace(rows, ages=np.where((rows.causes > 0)[:, None], rows.ages * 0 + [0.0, 2.4, 2.6], rows.ages))
    strange = replace(likelihood, rows=old)
    assert register.compatibility(strange, fitted.course.draws[:50], 1) < 0.02


def test_cohorts_are_held_out_in_groups_of_like_size(likelihood, fitted):
    fold = folds_of(likelihood.rows)
    sizes = np.bincount(fold)
    assert len(sizes) >= 4 and sizes.min() > 0
    assert len(fitted.held_out) == len(sizes)
    assert np.isfinite(fitted.held_out).all()


def test_structures_weigh_by_how_well_they_foretell_and_none_is_dropped_on_little():
    good, bad, luck = np.full(8, -10.0), np.full(8, -14.0), np.random.default_rng(3)
    assert weights_of(np.array([good, bad]), 1)[0] > 0.99
    assert weights_of(np.array([good, good]), 1) == pytest.approx([0.5, 0.5])
    split = np.where(np.arange(8) % 2, -10.0, -14.0)
    assert weights_of(np.array([split, split[::-1]]), 1) == pytest.approx([0.5, 0.5], abs=0.05)
    assert weights_of(np.array([good, good - 0.05]), 1)[0] == pytest.approx(1.0 / (1.0 + np.exp(-0.4)))
    for _ in range(20):  # six structures whose scores differ by noise alone: stacking gives one of them 0.9 and more
        assert weights_of(good + 0.1 * luck.standard_normal((6, 8)), 1).min() > 0.05


def test_chains_are_known_by_all_they_rest_on(likelihood):
    key = key_of(likelihood, 1)
    assert key == key_of(likelihood, 1)
    assert key != key_of(likelihood, 2)
    assert key != key_of(replace(likelihood, spread=0.1), 1)
    assert key != key_of(replace(likelihood, rows=replace(likelihood.rows, need=likelihood.rows.need + 0.01)), 1)


@pytest.fixture
def few(monkeypatch):
    """Make a calibration of two structures and short chains."""
    monkeypatch.setattr(engine, "WANTED", 400)
    monkeypatch.setattr(engine.reweight, "structures_of", lambda every: (CONSTANT, Structure(HazardFamily.CONSTANT)))
    monkeypatch.setattr(engine, "MOST_BLOCKS", 6)
    monkeypatch.setattr(engine, "FEW_ENDINGS", 10_000)


def test_a_calibration_by_register_and_share_writes_what_later_commands_read(few, tmp_path):
    SPELLS.assign(
        start_lo=_dates(SPELLS["start_lo"]), start_hi=_dates(SPELLS["start_hi"]), trained="",
        observed_from=_dates(SPELLS["observed_from"]), last_active=_dates(SPELLS["last_active"]),
        first_inactive=_dates(SPELLS["first_inactive"]), first_agr="", grant_mad="",
        exit=SPELLS["exit"].map({int(how): how.name.lower() for how in Exit}),
    ).to_csv(tmp_path / "register.csv", index=False)  # fmt: skip
    asked = Asked(data=(f"published+{tmp_path / 'register.csv'}",))
    found = calibrate(asked, tmp_path / "fit", threads(2))
    table = write_posterior(tmp_path / "fit", found, asked, hindcast(found.draws()[:4], asked.seed))
    assert found.engine == "likelihood"
    overall = table[table["structure"] == "all"].set_index("parameter")
    assert overall.label["failure_level"] == "data-informed"
    assert overall.label["casual_income"] == "prior-driven"
    assert np.isfinite(overall.r_hat["failure_level"]) and np.isnan(overall.r_hat["casual_income"])
    assert len(load_draws(200, tmp_path / "fit")) == 200
    moved = load_contractions(tmp_path / "fit")
    assert moved["failure_level"] >= 0.5
    about = tomllib.loads((tmp_path / "fit" / "fitted.toml").read_text(encoding="utf-8"))
    told = about["structures"][CONSTANT.name]
    assert told["directions_identified"] == 0 and "draws are too few to tell directions" in told["says"][0]
    assert any("chains are not long enough" in note for note in about["notes"])
    assert any(note.startswith("few endings to learn from (") for note in about["notes"])
    assert found.weighing == "structures weigh the same: chains are not long enough to compare them by"
    assert [each.weight for each in found.fitted] == [0.5, 0.5]
    weighted = pd.read_csv(tmp_path / "fit" / "posterior.csv")
    assert weighted["weight"].sum() == pytest.approx(1.0, abs=1e-3)
    assert pd.read_csv(tmp_path / "fit" / "readings.csv")["chance"].sum() == pytest.approx(1.0, abs=1e-3)


def _dates(months: pd.Series) -> list[str]:
    first, days = pd.Timestamp("2007-01-01"), months * 365.25 / 12.0
    known = np.isfinite(months)
    return [f"{first + pd.Timedelta(days=d):%Y-%m-%d}" if k else "" for d, k in zip(days, known, strict=True)]


def test_the_engine_follows_the_evidence(tmp_path):
    shares = read_evidence(Asked())
    assert engine_of(Asked(), shares)[0] == "reweighting"
    with pytest.raises(UserError, match="--engine likelihood"):
        engine_of(Asked(engine="likelihood"), shares)
    with pytest.raises(UserError, match="accepted auto, likelihood, reweighting"):
        engine_of(Asked(engine="guess"), shares)
    with pytest.raises(UserError, match=r"none\.csv"):
        read_evidence(Asked(data=("none.csv",)))
    with pytest.raises(UserError, match="nothing to fit"):
        read_evidence(Asked(data=()))


def test_no_agr_counts_twice(tmp_path):
    one, copy = tmp_path / "register.csv", tmp_path / "copy.csv"
    header = "id,start_lo,start_hi,last_active,first_inactive,exit,source\n"
    one.write_text(header + "a,2010-01,2010-01,2011-01,2011-07,failed,register\n")
    copy.write_text(one.read_text())
    for data in (f"{one}+{one}", f"{one}+{copy}"):
        with pytest.raises(UserError, match="AGR a of source 'register'.*accepted it once"):
            read_evidence(Asked(data=(data,)))
    both = read_evidence(Asked(data=(f"published+{one}",)))
    assert any("used twice" in note for note in both.notes)
    assert not any("used twice" in note for note in read_evidence(Asked(data=(str(one),))).notes)


def test_labels_and_directions_count_what_draws_are_worth(likelihood, fitted):
    names = [name for name in likelihood.names if name in NUMBERS]
    rows = pd.DataFrame({"r_hat": 1.0, "bulk_ess": 3000.0, "tail_ess": 3000.0}, index=names)
    good = Fitted(likelihood.structure, 1.0, fitted.params, 0.0, 0.5, chains=rows)
    assert good.worth("failure_level") == good.worth() == len(fitted.params)
    poor = replace(good, chains=rows.assign(bulk_ess=np.where(rows.index == "failure_level", 12.0, 3000.0)))
    assert poor.worth("failure_level") == poor.worth() == 12.0 and poor.worth("saving") == len(fitted.params)
    assert replace(good, ess=40.0).worth("saving") == 40.0
    half = len(fitted.params) / 2
    both = replace(good, ess=half, chains=rows.assign(bulk_ess=half))
    assert both.worth("failure_level") == half / 2, "what chains and what weights cost multiply"
    assert label_of(0.3, 4000) == "weak" and label_of(0.3, 12) == "prior-driven"
    assert label_of(0.7, 4000) == "data-informed" and label_of(0.7, 12) == "prior-driven"
    moments = prior_moments(dict(NUMBERS))
    assert directions(good, dict(NUMBERS), moments)[0] >= 1
    assert directions(poor, dict(NUMBERS), moments)[0] == 0


def test_a_register_of_few_endings_is_called_so():
    assert engine.few_endings(rows_of(lives_of_spells(SPELLS))) == []
    (said,) = engine.few_endings(rows_of(lives_of_spells(SPELLS.head(20))))
    assert said.startswith("few endings to learn from (")


@pytest.mark.parametrize(("k_hat", "score"), [(0.9, -10.0), (float("nan"), -10.0), (0.1, float("nan"))])
def test_scores_that_cannot_be_trusted_weigh_nothing(fitted, k_hat, score):
    held_out = np.array([np.full(8, -10.0), np.full(8, -14.0)])
    both = [fitted, replace(fitted, k_hat=0.1)]
    assert engine._weigh_structures(held_out, [replace(each, k_hat=0.1) for each in both], 1)[0][0] > 0.99
    held_out[0, 0] = score
    weights, words = engine._weigh_structures(held_out, [both[1], replace(fitted, k_hat=k_hat)], 1)
    assert list(weights) == [0.5, 0.5] and words.startswith("structures weigh the same: cohorts are too few")
