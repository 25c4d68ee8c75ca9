"""The commands `freeze` and `score`."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from english_words import english
from own_fits import sign

from idmaj.app.cli import main
from idmaj.calibration.draws import BUNDLED, load_draws
from idmaj.calibration.freeze import read_frozen
from idmaj.scenarios.language import LANGUAGES, speak
from idmaj.sim.kinds import HazardFamily

FIGURE = """[[figures]]
id = "A"
quantity = "projects_started"
value = {value}
unit = "AGRs"
rounding = 1
denominator = "none"
untraceable = "not stated"
from = "2024-01"
to = "2024-12"
population = "all"
source = "made up"
grade = "B"
"""


def run(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    speak("en")
    return int(ended.value.code or 0)


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("frozen") / "forecasts.json"
    small = ("--draws", "3", "--replications", "1", "--years", "1", "--since", "2023")
    assert run("freeze", "--date", "2026-01-15", "--out", path, *small) == 0
    return path


def test_forecasts_are_frozen_with_what_they_follow_from(frozen: Path, tmp_path: Path) -> None:
    found = read_frozen(frozen)
    assert found.made.isoformat() == "2026-01-15"
    assert {"parameters", "model", "country", "evidence", "idmaj", "numpy", "command"} <= set(found.about)
    years = found.forecasts.query("figure == 'projects_started'")["first"].tolist()
    assert years == [192, 204, 216, 228], "2023 to 2026"
    assert (found.forecasts.query("figure == 'projects_started'")["mean"] > 20).all()
    again = tmp_path / "again.json"
    assert run("--lang", "ar", *found.about["command"].split()[1:], "--out", again, "--workers", "1") == 0
    same = "the same bytes by the command it names, in every language, whoever does the work"
    assert again.read_bytes() == frozen.read_bytes(), same


def test_a_fit_of_ones_own_is_frozen_from(frozen: Path, tmp_path: Path) -> None:
    draws = pd.DataFrame(np.asarray(load_draws()))
    draws["hazard_family"] = [HazardFamily(int(family)).name.lower() for family in draws["hazard_family"]]
    words = [*read_frozen(frozen).about["command"].split()[1:], "--workers", "1"]
    for name, table in (("same", draws), ("other", draws.iloc[::-1])):
        shutil.copytree(BUNDLED, tmp_path / name)
        table.to_csv(tmp_path / name / "fitted.csv", index=False)
        sign(tmp_path / name)
        out = tmp_path / f"{name}.json"
        assert run(*words, "--out", out, "--posterior", tmp_path / name) == 0
        assert f"--posterior {tmp_path / name}" in read_frozen(out).about["command"]
        same = read_frozen(out).forecasts["mean"].equals(read_frozen(frozen).forecasts["mean"])
        assert same == (name == "same")
        differs = read_frozen(out).about["parameters"] != read_frozen(frozen).about["parameters"]
        assert differs == (name == "other")


def test_a_figure_scores_them(frozen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "figures.toml"
    data.write_text(FIGURE.format(value=500), encoding="utf-8")
    assert run("score", frozen, "--against", data, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["figures"][0]["inside_95"] is False
    assert found["figures"][0]["log"] is None or found["figures"][0]["log"] > 5
    assert run("score", frozen, "--against", data) == 0
    said = capsys.readouterr().out
    assert "frozen on 2026-01-15" in said
    assert "2024-01 to 2024-12" in said
    assert "Of 1 figures, 0 lie in their 95 % interval" in said
    assert "no forecasts" in said, "2024 had passed in 2026"
    for code in LANGUAGES:
        assert run("--lang", code, "score", frozen, "--against", data) == 0
        said = " ".join(capsys.readouterr().out.split())
        assert ([part for part in english() if part in said] == []) == (code != "en")
        assert "projects_started" in said and ("500,0" in said) == (code != "en")
        assert ("published" in said) == (code == "en")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--date", "soon"), "date: found 'soon'"),
        (("--date", "2018-01-15"), "--date: found 2018-01-15, accepted a day after 2020-06-30"),
        (("--date", "2026-01-15", "--since", "2016"), "--since: found 2016"),
        (("--date", "2026-01-15", "--draws", "1001"), "--draws: found 1001"),
        (("--date", "2026-01-15", "--workers", "0"), "--workers: found 0"),
        (("--date", "2026-01-15", "--posterior", "nowhere"), "--posterior nowhere: found no fit there"),
    ],
)
def test_what_cannot_be_done_is_refused(words, said, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("freeze", *words) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_not_written_over(frozen: Path, capsys) -> None:
    assert run("freeze", "--date", "2026-01-15", "--out", frozen) == 2
    assert "--force" in capsys.readouterr().err
    assert run("score", "nowhere.json", "--against", frozen) == 2
    assert "idmaj freeze writes them" in capsys.readouterr().err
