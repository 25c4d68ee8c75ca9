"""The commands `calibrate` and `cache`."""

import json

import pytest
from english_words import english

from idmaj.app.cli import main
from idmaj.calibration import engine
from idmaj.calibration.knowledge import FILES, load_knowledge
from idmaj.scenarios.language import LANGUAGES, speak


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(words)
    speak("en")
    return int(ended.value.code or 0)


def test_a_quick_fit_is_a_coarser_one_and_comes_out_the_same_again(tmp_path, capsys):
    words = ("calibrate", "--quick", "--json", "--out")
    assert run(*words, str(tmp_path / "one")) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"structures", "parameters", "readings", "definitions", "historical"} <= set(found)
    assert found["engine"] == "reweighting"
    assert {each["structure"] for each in found["structures"]} >= {"weibull, crowding", "gompertz, no crowding"}
    assert found["directions"]["weibull, crowding"]["directions_identified"] >= 1
    names = {path.name for path in (tmp_path / "one").iterdir()}
    assert names == {*FILES, "posterior.csv", "historical.csv", "stocks.csv"}
    assert "--quick" in load_knowledge(tmp_path / "one").command
    told = ("calibrate", "--quick", "--out", str(tmp_path / "two"), "--workers", "1")
    assert run("--lang", "fr", *told) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert [part for part in english() if part in said] == []
    assert "published shares alone" in said, "what a fit keeps, in its files, is English in every language"
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name
    least = {each["structure"]: each["least_ess"] for each in found["structures"]}
    assert max(least.values()) < engine.COARSE_DRAWS
    assert run(*words, str(tmp_path / "one")) == 2
    assert "--force" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--runs", "5"), "--runs: found it without --engine table"),
        (("--engine", "table", "--runs", "100"), "--runs: found 100 with --engine table; accepted 5,000 or more"),
        (("--structures", "some"), "accepted: default or all"),
        (("--engine", "likelihood"), "found only published shares"),
        (("--data", "none.csv"), "none.csv"),
        (("--priors", "none.toml"), "none.toml"),
        (("--draws", "0"), "--draws: found 0"),
        (("--quick", "--seed", "-1"), "--seed: found -1"),
        (("--quick", "--seed", "4294967295"), "--seed: found 4294967295"),
        (("--quick", "--runs", "0"), "--runs: found 0"),
        (("--quick", "--out", "/dev/null/fit"), "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_computed(words, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("calibrate", *words) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [], "something was written"


def test_the_cache_says_where_it_is_and_is_cleared(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("IDMAJ_CACHE_DIR", str(tmp_path))
    (tmp_path / "compiled-0").mkdir()
    (tmp_path / "compiled-0" / "x").write_bytes(b"1" * 2_000_000)
    (tmp_path / "table-0").mkdir()
    for code in LANGUAGES:
        assert run("--lang", code, "cache") == 0
        assert ("2,0" in capsys.readouterr().out) == (code != "en")
    assert run("cache", "--clear") == 0
    said = capsys.readouterr().out
    assert f"{tmp_path}: 2.0 MB" in said and "cleared" in said
    assert not (tmp_path / "compiled-0").exists() and not (tmp_path / "table-0").exists()
