"""The commands `calibrate` and `cache`."""

import json

import pytest

from idmaj.app.cli import main
from idmaj.calibration.knowledge import FILES


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(words)
    return int(ended.value.code or 0)


def test_a_small_fit_is_written_and_written_the_same_again(tmp_path, capsys):
    words = ("calibrate", "--quick", "--runs", "6", "--kept", "3", "--json", "--out")
    assert run(*words, str(tmp_path / "one")) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"checks", "history", "parameters", "same_as_bundled"} <= set(found)
    assert run(*words, str(tmp_path / "two"), "--workers", "1") == 0
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--runs", "5"), "--runs: found it without --quick"),
        (("--kept", "5"), "--kept: found it without --quick"),
        (("--engine", "table", "--runs", "100"), "--runs: found 100 with --engine table; accepted 5,000 or more"),
        (("--quick", "--engine", "table"), "--engine: found it with --quick"),
        (("--quick", "--data", "x.csv"), "--data: found it with --quick"),
        (("--structures", "some"), "accepted: default or all"),
        (("--engine", "likelihood"), "found only published shares"),
        (("--data", "none.csv"), "none.csv"),
        (("--priors", "none.toml"), "none.toml"),
        (("--draws", "0"), "--draws: found 0"),
        (("--quick", "--seed", "-1"), "--seed: found -1"),
        (("--quick", "--seed", "4294967295"), "--seed: found 4294967295"),
        (("--quick", "--runs", "0"), "--runs: found 0"),
        (("--quick", "--kept", "5", "--runs", "4"), "--kept: found 5"),
        (("--quick", "--out", "/dev/null/fit"), "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_computed(words, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("calibrate", *words) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [], "something was written"


def test_published_shares_alone_weigh_prior_draws_and_the_tables_say_so(tmp_path, capsys):
    words = ("calibrate", "--draws", "2500", "--json", "--out", str(tmp_path / "fit"))
    assert run(*words) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["engine"] == "reweighting"
    assert {each["structure"] for each in found["structures"]} >= {"weibull, crowding", "gompertz, no crowding"}
    assert found["directions"]["weibull, crowding"]["directions_identified"] >= 1
    names = {path.name for path in (tmp_path / "fit").iterdir()}
    assert names == {*FILES, "posterior.csv", "historical.csv", "stocks.csv"}
    assert run(*words) == 2
    assert "--force" in capsys.readouterr().err


def test_the_cache_says_where_it_is_and_is_cleared(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("IDMAJ_CACHE_DIR", str(tmp_path))
    (tmp_path / "compiled-0").mkdir()
    (tmp_path / "compiled-0" / "x").write_bytes(b"1" * 2_000_000)
    (tmp_path / "table-0").mkdir()
    assert run("cache", "--clear") == 0
    assert f"{tmp_path}: 2.0 MB" in capsys.readouterr().out
    assert not (tmp_path / "compiled-0").exists() and not (tmp_path / "table-0").exists()
