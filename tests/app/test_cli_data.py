"""What `idmaj data` prints and writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from english_words import english
from registers import register
from typer.testing import CliRunner

from idmaj.app import cli
from idmaj.app.cli_data import KINDS
from idmaj.calibration.privacy import told
from idmaj.calibration.schemas import SCHEMAS
from idmaj.calibration.spells import read_spells
from idmaj.scenarios.language import LANGUAGES, speak, speaking, written

RUNNER = CliRunner()
OTHERS = [code for code in LANGUAGES if code != "en"]
BAD = {
    "spells": (register({"sex": "F", "weight": "heavy"}, {"exit": "lots"}, {"id": "A1"}), "sex"),
    "header": ("id,start_lo,start_hi,colour\n1,2010-01,2010-01,red\n", "colour"),
    "cells": (register({}) + "A2,P2\n", "3"),
    "semicolons": (register({}, {"exit": "lots"}).replace(",", ";"), "exit"),
    "cohorts": ("cohort_from,cohort_to,n_started,at,n_active,source\n2012-01,2011-01,4,2013-12,9,a\n", "n_started"),
    "figures": ('[[figures]]\nid = "X"\nvalue = 153.7\nunit = "percent"\ncolour = 1\n', "X"),
    "priors": ('[[priors]]\nname = "failure_lev"\n[other]\nx = 1\n', "failure_lev"),
    "syntax": ("[[priors]]\nname =\n", "TOML"),
}
"""Files with mistakes, and what of each stands in the message whatever is spoken."""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield
    speak("en")


def run(*arguments: str) -> str:
    result = RUNNER.invoke(cli.build(), ["data", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, str]:
    before = sorted(Path().rglob("*"))
    with pytest.raises(SystemExit) as end:
        cli.main(["data", *arguments])
    assert end.value.code == 2
    assert sorted(Path().rglob("*")) == before
    said = capsys.readouterr()
    return said.out, said.err


def plain(text: str) -> str:
    return " ".join(text.split())


def spoken(code: str, *arguments: str) -> str:
    """Return what is printed in a language, and what its JSON says, with no breaks of lines."""
    text = ""
    for more in ([], ["--json"]):
        result = RUNNER.invoke(cli.build(), ["--lang", code, "data", *arguments, *more])
        assert result.exit_code == 0, result.output
        text += json.dumps(json.loads(result.stdout), ensure_ascii=False) if more else plain(result.stdout)
    return text


def left(text: str) -> list[str]:
    """Return what of a text is English."""
    return [part for part in english() if part in text]


def test_schema_prints_every_column_of_every_kind() -> None:
    assert set(KINDS) == set(SCHEMAS)
    for schema in json.loads(run("schema", "--json")):
        columns = SCHEMAS[schema["kind"]].columns
        assert [column["name"] for column in schema["columns"]] == [column.name for column in columns]
        assert all(column["meaning"] and column["accepted"] for column in schema["columns"])
    text = plain(run("schema", "spells"))
    assert "first_inactive date First moment it was known to be closed" in text and "cohort_from" not in text
    assert "cohort_from" in run("schema")


@pytest.mark.parametrize("kind", KINDS)
def test_an_example_is_written_with_its_truth_and_passes_the_check(kind: str) -> None:
    said = plain(run("example", kind, "--n", "200", "--seed", "7"))
    path = Path(f"example_{kind}.{SCHEMAS[kind].form.lower()}")
    truth = tomllib.loads(Path(f"example_{kind}.truth.toml").read_text(encoding="utf-8"))
    assert f"idmaj data check {path}" in said
    assert (truth["kind"], truth["n"], truth["seed"]) == (kind, 200, 7)
    assert path.read_text(encoding="utf-8").startswith("# Synthetic example, no real AGR")
    found = json.loads(run("check", str(path), "--json"))
    assert (found["valid"], found["kind"]) == (True, kind)
    assert "can be used" in run("check", str(path))


def test_defects_are_those_asked_for() -> None:
    run("example", "--out", "own.csv", "--lost", "0", "--unknown", "0", "--visits", "0", "--opened", "2007-01")
    assert tomllib.loads(Path("own.truth.toml").read_text(encoding="utf-8"))["defects"]["opened"] == 0.0
    run("example", "--out", "clean.csv", "--clean")
    assert "opened" not in tomllib.loads(Path("clean.truth.toml").read_text(encoding="utf-8"))["defects"]
    assert Path("own.csv").read_bytes() == Path("clean.csv").read_bytes()
    run("example", "--out", "bad.csv", "--lost", "0.4", "--whole-months", "--missing", "0.5")
    truth = tomllib.loads(Path("bad.truth.toml").read_text(encoding="utf-8"))
    assert truth["defects"] | {"opened": 0} == {
        **{"visit_months": 6.0, "opened": 0, "lost": 0.4, "unknown": 0.2, "missing": 0.5, "whole_months": True}
    }
    spells = read_spells("bad.csv")
    assert 0.35 < (spells["sex"] == "").mean() < 0.65 and (spells["start_hi"] > spells["start_lo"]).all()


def test_nothing_is_overwritten_unless_forced(capsys: pytest.CaptureFixture[str]) -> None:
    run("example", "--out", "own.csv", "--n", "50")
    first = Path("own.csv").read_bytes()
    assert "to replace it add --force" in refused(capsys, "example", "--out", "own.csv", "--n", "60")[1]
    Path("own.csv").unlink()
    assert "own.truth.toml: found a file" in refused(capsys, "example", "--out", "own.csv", "--n", "60")[1]
    run("example", "--out", "own.csv", "--n", "60", "--force")
    assert Path("own.csv").read_bytes() != first


def test_mistakes_in_a_file_end_with_two_and_are_all_named(capsys: pytest.CaptureFixture[str]) -> None:
    Path("own.csv").write_text(register({"sex": "F"}, {"exit": "lots"}), encoding="utf-8")
    out, err = refused(capsys, "check", "own.csv")
    assert out == "" and len(err.splitlines()) == 2
    assert "own.csv, line 2, sex: found 'F'; accepted: one of male, female, or nothing" in err
    assert "nearest: 'lost'" in err
    out, err = refused(capsys, "check", "own.csv", "--json")
    assert json.loads(out)["valid"] is False and json.loads(out)["problems"] == err.splitlines()


def test_few_agrs_are_not_counted_out() -> None:
    Path("own.csv").write_text(register({}, {}, {}), encoding="utf-8")
    assert "own.csv: <5 rows of spells, can be used" in plain(run("check", "own.csv"))
    assert json.loads(run("check", "own.csv", "--json"))["rows"] is None
    Path("own.csv").write_text(register(*[{}] * 5), encoding="utf-8")
    assert "own.csv: 5 rows of spells" in plain(run("check", "own.csv"))
    assert json.loads(run("check", "own.csv", "--json"))["rows"] == 5


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("kind", KINDS)
def test_schema_and_check_of_a_good_file_leave_no_english(kind: str, code: str) -> None:
    assert left(spoken(code, "schema", kind)) == []
    run("example", kind, "--out", "own", "--n", "300", "--missing", "0.4")
    assert left(spoken(code, "check", "own")) == []
    assert len(left(spoken("en", "schema", kind))) > 5, "the search finds English where it is"


@pytest.mark.parametrize("code", OTHERS)
def test_words_in_tables_are_the_readers_and_codes_stay(code: str) -> None:
    run("example", "spells", "--out", "own", "--n", "300", "--missing", "0.4")
    text = plain(RUNNER.invoke(cli.build(), ["--lang", code, "data", "check", "own"]).stdout)
    for word in ("withheld", "not known", "lowest third", "covariate", "age in months", "at risk", "warning"):
        assert word not in text
    assert "owner_left" in text and "grant_mad" in text and "hair_and_beauty" in text
    found = json.loads(RUNNER.invoke(cli.build(), ["--lang", code, "data", "check", "own", "--json"]).stdout)
    here = json.loads(run("check", "own", "--json"))
    for ours, theirs in zip(here["findings"], found["findings"], strict=True):
        assert {**ours, "says": ""} == {**theirs, "says": ""} and ours["says"] != theirs["says"]


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("name", BAD)
def test_mistakes_are_said_in_the_language_spoken(name: str, code: str, capsys: pytest.CaptureFixture[str]) -> None:
    text, stays = BAD[name]
    Path("own").write_text(text, encoding="utf-8")
    here = refused(capsys, "check", "own")[1]
    with pytest.raises(SystemExit) as end:
        cli.main(["--lang", code, "data", "check", "own"])
    said = capsys.readouterr().err
    assert end.value.code == 2 and len(said.splitlines()) == len(here.splitlines()) and left(said) == []
    assert all(ours != theirs for ours, theirs in zip(here.splitlines(), said.splitlines(), strict=True))
    assert stays in said
    assert "accepted" not in said and "found" not in said


@pytest.mark.parametrize("code", LANGUAGES)
def test_numbers_in_sentences_are_written_as_the_reader_writes_them(code: str) -> None:
    with speaking(code):
        for text in ("1,234.5", "12", "0.25", "1,234,567"):
            assert told(text) == written(text).strip("\u2066\u2069")
        assert told("<5") == "<5" and told("-") == "-" and told("2012-03") == "2012-03"
        assert "".join(told("50 %").split()) == "50%"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("check", "none.csv"), "none.csv: cannot be read"),
        (("schema", "spels"), "KIND: found 'spels'; accepted: spells, cohorts, figures, priors; nearest: 'spells'"),
        (("example", "spels"), "nearest: 'spells'"),
        (("example", "--n", "0"), "--n: found 0"),
        (("example", "--lost", "2"), "lost: found 2.0; accepted: a share, 0 to 1"),
        (("example", "--opened", "2010"), "--opened: found"),
    ],
)
def test_mistakes_are_the_users_to_mend(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    assert message in refused(capsys, *arguments)[1]


def test_help_has_an_example_of_each_command() -> None:
    for command in ("schema", "check", "example"):
        assert f"Example: idmaj data {command}" in plain(run(command, "--help"))


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from idmaj.app import cli\n"
        "try: cli.main(['data', '--help'])\n"
        "finally: print({'pandas', 'numpy', 'scipy', 'numba'} & set(sys.modules))"
    )
    env = {key: value for key, value in os.environ.items() if key != "FORCE_COLOR"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.endswith("set()\n")
