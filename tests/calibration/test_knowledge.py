"""What a fit knows, as later commands read it; and the fit that comes with idmaj, made again."""

import shutil
from dataclasses import replace

import pandas as pd
import pytest
from own_fits import sign

from idmaj.calibration import engine
from idmaj.calibration.draws import BUNDLED, load_draws
from idmaj.calibration.hindcast import hindcast
from idmaj.calibration.knowledge import FILES, fit_files, fit_hash, load_knowledge
from idmaj.calibration.posterior_files import write_posterior
from idmaj.sim import NUMBERS, UserError
from idmaj.sim.history import DEFINITIONS


@pytest.fixture
def fit(tmp_path):
    """Return a copy of the bundled fit."""
    return shutil.copytree(BUNDLED, tmp_path / "fit")


def test_the_bundled_fit_says_what_it_knows():
    known = load_knowledge()
    assert known.command == engine.Asked().command()
    learned = {name for name, number in NUMBERS.items() if number.shape != "fixed"}
    assert set(known.labels.index) <= learned
    assert known.named("weak"), "nothing contracts"
    assert known.readings["chance"].sum() == pytest.approx(1.0, abs=1e-4)
    shares = known.readings.groupby(known.readings["n"] == known.readings["financed"])["active"]
    assert shares.max()[True] == pytest.approx(0.537)
    assert shares.min()[False] == pytest.approx(0.629, abs=0.001), "311 of 494 is 63 %"
    assert list(known.definitions["definition"]) == list(DEFINITIONS)
    assert known.structures["weight"].sum() == pytest.approx(1.0, abs=1e-4)


def test_the_bundled_fit_is_small():
    assert sum(path.stat().st_size for path in BUNDLED.iterdir()) < 5_000_000


@pytest.mark.slow
def test_the_bundled_fit_comes_out_again(tmp_path):
    # Another processor may round otherwise: numbers are compared, not bytes.
    asked = engine.Asked()
    posterior = engine.calibrate(asked)
    table = write_posterior(tmp_path, posterior, asked, hindcast(posterior.draws(), asked.seed))
    assert len(table)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in BUNDLED.iterdir()}
    for path in BUNDLED.glob("*.csv"):
        pd.testing.assert_frame_equal(pd.read_csv(path), pd.read_csv(tmp_path / path.name), rtol=1e-6)


def test_a_short_version_of_the_bundled_fit_tells_the_same():
    # 10,000 draws a structure leave about 2,000 effective ones: a median errs by 0.03 of a posterior standard
    # deviation in each of six structures, over which means are taken; a chance of 0.62 errs by 0.01.
    short = engine.calibrate(replace(engine.Asked(), draws=4 * engine.reweight.BLOCK))
    found = short.parameters().query("structure == 'all'").set_index("parameter")
    bundled = pd.read_csv(BUNDLED / "parameters.csv").query("structure == 'all'").set_index("parameter")
    moved = bundled.index[bundled["contraction"] > 0.25]
    assert set(moved) == {"casual_finding", "casual_separation", "failure_level"}
    assert found.loc[moved, "contraction"].to_numpy() == pytest.approx(bundled.loc[moved, "contraction"], abs=0.06)
    assert found.loc[moved, "median"].to_numpy() == pytest.approx(bundled.loc[moved, "median"], rel=0.05)
    readings, known = short.readings, load_knowledge().readings
    assert list(readings["reading"]) == list(known["reading"])
    assert readings["chance"].to_numpy() == pytest.approx(known["chance"], abs=0.02)


def test_a_fit_is_told_apart_by_its_content(fit):
    assert fit_hash(None) == "bundled"
    before = fit_hash(fit)
    assert set(fit_files(fit)) == set(FILES)
    text = (fit / "parameters.csv").read_text(encoding="utf-8")
    (fit / "parameters.csv").write_text(text.replace("prior-driven", "weak", 1), encoding="utf-8")
    assert fit_hash(fit) != before


@pytest.mark.parametrize("name", FILES)
def test_a_fit_that_lacks_a_file_is_refused_by_name(fit, name):
    (fit / name).unlink()
    with pytest.raises(UserError, match=rf"--posterior .*{name}.*accepted: a folder that 'idmaj calibrate' wrote"):
        fit_files(fit)


def test_what_is_no_table_of_a_fit_is_refused(fit):
    (fit / "readings.csv").write_text("figure,reading\nP001,of 600\n", encoding="utf-8")
    with pytest.raises(UserError, match="found no column 'n'"):
        load_knowledge(fit)
    shutil.copy(BUNDLED / "readings.csv", fit)
    text = (fit / "parameters.csv").read_text(encoding="utf-8")
    (fit / "parameters.csv").write_text(text.replace("prior-driven", "certain"), encoding="utf-8")
    with pytest.raises(UserError, match="found label 'certain'; accepted data-informed, weak, prior-driven"):
        load_knowledge(fit)


def test_draws_of_a_fit_of_ones_own_are_read_from_its_folder_and_only_those_it_tells_of(fit):
    table = pd.read_csv(fit / "fitted.csv")
    table["failure_level"] = 0.5
    table.to_csv(fit / "fitted.csv", index=False)
    with pytest.raises(UserError, match=r"fitted\.csv: found other draws than those of which fitted\.toml"):
        load_draws(3, fit)
    sign(fit)
    assert (load_draws(3, fit)["failure_level"] == 0.5).all()


def test_a_fit_of_an_earlier_version_is_said_to_be_one(fit):
    about = (fit / "fitted.toml").read_text(encoding="utf-8")
    kept = "\n".join(line for line in about.splitlines() if not line.startswith("draws_sha256"))
    (fit / "fitted.toml").write_text(kept, encoding="utf-8")
    with pytest.raises(UserError, match=r"fitted\.csv: was made by an earlier version"):
        load_draws(3, fit)
