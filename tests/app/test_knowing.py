"""The box "What the data can and cannot tell", and a fit of one's own in a study."""

import json
import shutil

import pandas as pd
import pytest
from own_fits import sign

from idmaj.app.cli import main
from idmaj.calibration.draws import BUNDLED
from idmaj.scenarios.studies import open_study

FEW = ("--start", "2012-01", "--years", "1", "--draws", "2", "--replications", "1")
COMPARED = ("compare", "continued", "neediest_first", *FEW)


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.setenv("IDMAJ_STUDIES", str(tmp_path / "home"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def fit(tmp_path):
    """Return a fit in which the data settle more, and other parameters are drawn."""
    folder = shutil.copytree(BUNDLED, tmp_path / "fit")
    numbers = pd.read_csv(folder / "parameters.csv")
    numbers.loc[numbers["parameter"] == "failure_level", "label"] = "data-informed"
    numbers.to_csv(folder / "parameters.csv", index=False)
    readings = pd.read_csv(folder / "readings.csv")
    exact = readings["n"] == readings["financed"]
    readings["chance"] = exact * 0.25 / exact.sum() + ~exact * 0.75 / (~exact).sum()
    readings.to_csv(folder / "readings.csv", index=False)
    draws = pd.read_csv(folder / "fitted.csv")
    draws["failure_level"] *= 2.0
    draws.to_csv(folder / "fitted.csv", index=False)
    sign(folder)
    return folder


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(words)
    return int(ended.value.code or 0)


def test_another_posterior_gives_another_box_and_other_numbers(fit, capsys):
    assert run(*COMPARED, "--json") == 0
    ours = json.loads(capsys.readouterr().out)
    assert run(*COMPARED, "--posterior", str(fit), "--json") == 0
    theirs = json.loads(capsys.readouterr().out)
    assert "the data settle 1 (casual finding), say something about 2 (" in ours["tells"][0]
    assert "the data settle 2 (casual finding and failure level), say something about 1" in theirs["tells"][0]
    assert "has a chance of 25" in theirs["tells"][1] != ours["tells"][1]
    assert "63 to 65" in ours["tells"][1]
    assert ours["rows"][0]["mean"] > theirs["rows"][0]["mean"], "twice the failures leave fewer alive"
    assert ours["fingerprint"] != theirs["fingerprint"]


def test_the_box_stands_at_the_head_of_terminal_and_report(tmp_path, capsys):
    assert run(*COMPARED, "--out", "study") == 0
    said = capsys.readouterr().out
    assert said.index("What the data can and cannot tell") < said.index("Outcome")
    page = (tmp_path / "here" / "study" / "report.html").read_text(encoding="utf-8")
    box = page.index('<h2 id="tells">')
    assert page.index('class="answer"') < box < page.index('<h2 id="figures">') < page.index('<h2 id="results">')
    assert "says something about" not in page[:box]


def test_a_study_keeps_the_fit_it_was_made_with(fit, tmp_path, capsys):
    assert run(*COMPARED, "--posterior", str(fit), "--out", "study") == 0
    shutil.rmtree(fit)
    here = tmp_path / "here"
    (here / "study").rename(here / "moved")
    assert run("study", "extend", "moved", "--draws", "+1") == 0
    assert run("study", "verify", "moved", "--rerun", "1") == 0
    assert "the data settle 2 (casual finding and failure level)" in " ".join(open_study(here / "moved").about["tells"])
    capsys.readouterr()
    changed = here / "moved" / "posterior" / "definitions.csv"
    changed.write_text(changed.read_text(encoding="utf-8").replace("0.5", "0.6", 1), encoding="utf-8")
    assert run("study", "extend", "moved", "--draws", "+1") == 2
    assert "another posterior" in capsys.readouterr().err


def test_a_study_in_its_own_folder_is_replaced_with_its_own_fit(fit, capsys):
    assert run(*COMPARED, "--posterior", str(fit), "--out", "study") == 0
    assert run(*COMPARED, "--posterior", "study/posterior", "--seed", "2", "--out", "study", "--force") == 0
    assert run("study", "verify", "study") == 0


@pytest.mark.parametrize("folder", ["none", "."])
def test_what_is_no_fit_is_refused_and_nothing_is_written(folder, tmp_path, capsys):
    assert run(*COMPARED, "--posterior", folder, "--out", "study") == 2
    error = capsys.readouterr().err
    assert "--posterior" in error and "idmaj calibrate" in error
    assert not (tmp_path / "here" / "study").exists()
