"""What `idmaj evidence` prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from english_words import english
from typer.testing import CliRunner

from idmaj.app import cli
from idmaj.calibration.figures import load_figures
from idmaj.scenarios.language import LANGUAGES, speak

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def _english_after() -> Iterator[None]:
    yield
    speak("en")


def run(*arguments: str) -> str:
    result = RUNNER.invoke(cli.build(), ["evidence", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as end:
        cli.main(["evidence", *arguments])
    said = capsys.readouterr()
    assert (end.value.code, said.out) == (2, "")
    return said.err


def plain(text: str) -> str:
    return " ".join(text.split())


def test_list_shows_every_figure_or_those_that_say_the_words() -> None:
    figures = load_figures()
    assert [row["id"] for row in json.loads(run("list", "--json"))] == figures["id"].tolist()
    found = json.loads(run("list", "SURVIVAL", "press", "--grade", "b", "--json"))
    assert {row["id"] for row in found} == {"P002"}
    text = plain(run("list", "survival", "--grade", "A"))
    assert "S036" in text and "P001" not in text
    assert "0 figures" in run("list", "no-such-word")


def test_show_says_source_grade_denominator_and_which_wholes_fit() -> None:
    text = plain(run("show", "P001", "--n", "700"))
    parts = ("53.7 percent", "B (press)", "https://maghress.com", "untraceable owners", "AGR selected and accompanied")
    counts = ("no whole number out of 494", "311 of 579", "322 of 600", "323 of 601", "376 of 700")
    assert [part for part in (*parts, *counts) if part not in text] == []
    said = json.loads(run("show", "P001", "--json"))
    assert json.loads(run("show", "p001", "--json")) == said
    assert (said["value"], said["n"], said["k"]) == (53.7, [494, 579, 600, 601], None)
    assert [row["verdict"] for row in said["rounding"]] == ["impossible", "fits", "fits", "fits"]
    assert json.loads(run("show", "M001", "--json"))["rounding"] == []
    assert json.loads(run("show", "R143", "--json"))["rounding"][0]["verdict"] == "not stated"


def test_check_counts_what_is_sound_and_names_what_cannot_be() -> None:
    said = json.loads(run("check", "--json"))
    assert said["valid"] and sum(said["grades"].values()) == said["rows"]["evidence.csv"] == len(load_figures())
    assert len(said["rows"]) == 6
    impossible = {(row["id"], row["n"]) for row in said["shares"] if row["verdict"] == "impossible"}
    assert ("P001", 494) in impossible and ("R114", 600) in impossible and ("R111", 4128) not in impossible
    text = plain(run("check"))
    assert "265 gives 53.6 and 266 gives 53.8" in text and "1,551 is 15.6 % of 9,911 to 9,974" in text


def test_a_file_of_ones_own_is_checked_as_strictly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own.csv"
    header = "id,quantity,value,low,high,unit,period,geography,population,denominator,k,n,counting_rule"
    row = "X001,share open,40,,,percent,2020,Fes,projects,projects financed,2,5,open on the day,%s,,A,"
    own.write_text(f"{header},source_title,source_url,grade,note\n{row % 'a register'}\n", encoding="utf-8")
    said = json.loads(run("check", "--file", str(own), "--json"))
    assert [share["says"] for share in said["shares"]] == ["2 of 5, as stated"]
    own.write_text(f"{header},source_title,source_url,grade,note\n{row % ''}\n", encoding="utf-8")
    assert "X001, source_title: found nothing; accepted: a source" in refused(capsys, "check", "--file", str(own))


def test_mistakes_are_the_users_to_mend(capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no figure 'P999'; nearest: P054" in refused(capsys, "show", "P999")
    assert "--grade: found 'D'; accepted: A, B, C" in refused(capsys, "list", "--grade", "D")
    assert "--n: found 10 for M001" in refused(capsys, "show", "M001", "--n", "10")


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_what_is_said_of_figures_is_the_readers_and_figures_stay(code: str) -> None:
    said = {}
    for command in (("show", "P001"), ("show", "R143"), ("list", "survival"), ("check",)):
        text = plain(RUNNER.invoke(cli.build(), ["--lang", code, "evidence", *command]).stdout)
        here = plain(run(*command))
        assert [part for part in english() if part in text and part in here] == [], command
        said[command] = text
    shown = said["show", "P001"]
    assert "AGR selected and accompanied since 2007" in shown and "(May 2017)" in shown and "53,7" in shown
    assert not any(word in shown for word in ("counting rule", "source title", "fits", "(press)", "gives"))
    arguments = ["--lang", code, "evidence", "show", "P001", "--json"]
    there, here = json.loads(RUNNER.invoke(cli.build(), arguments).stdout), json.loads(run("show", "P001", "--json"))
    assert {**there, "rounding": []} == {**here, "rounding": []}
    for ours, theirs in zip(here["rounding"], there["rounding"], strict=True):
        assert {**ours, "says": ""} == {**theirs, "says": ""} and ours["says"] != theirs["says"]


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_mistakes_are_said_in_the_language_spoken(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (
        ("show", "P999"),
        ("list", "--grade", "D"),
        ("show", "M001", "--n", "10"),
        ("list", "--file", "none"),
    ):
        here = refused(capsys, *words)
        with pytest.raises(SystemExit):
            cli.main(["--lang", code, "evidence", *words])
        said = capsys.readouterr().err
        assert said != here and not any(word in said for word in ("found", "accepted", "there is", "No such"))


def test_help_has_an_example_of_each_command() -> None:
    for command in ("list", "show", "check"):
        assert f"Example: idmaj evidence {command}" in plain(run(command, "--help"))
