"""What to mind in reading a study is said in the terminal, the JSON, the report and the folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from idmaj.app import cli
from idmaj.app.notes import few_draws, mixed, notes_on
from idmaj.app.report import render
from idmaj.app.study import Study
from idmaj.scenarios import experiment
from idmaj.scenarios.experiment import Plan
from idmaj.scenarios.strategies import load
from idmaj.sim import default_params

SMALL = ("--years", "1", "--start", "2018-01")
PARTNER = 'name = "Jobs"\nextends = "continued"\nwhy = "x"\n[partner]\njobs_per_year = 9\n'


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiment, "load_draws", lambda number, folder=None: default_params(number))
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli.build(), list(arguments))
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def plan(*names: str, start: int = 228, years: int = 10, draws: int = 25) -> Plan:
    return Plan(tuple(load(name) for name in names), load("historical"), start, years, draws)


def test_a_sound_plan_has_nothing_to_mind() -> None:
    assert notes_on(plan("continued", "neediest_first", "all_together")) == ()
    assert notes_on(plan("continued+recession", "neediest_first+recession")) == ()
    assert notes_on(plan("continued")) == notes_on(plan("surge")) == ()
    assert notes_on(plan("historical", start=0, years=19)) == ()


def test_a_future_on_one_side_only_mixes_two_changes() -> None:
    base, other = load("continued"), load("neediest_first+recession")
    (said,) = mixed(base, other)
    assert said.startswith("neediest_first+recession and continued do not meet the same future (recession): ")
    assert said.endswith("compare continued+recession with neediest_first+recession.")
    (said,) = mixed(load("continued+recession"), load("neediest_first+surge"))
    assert "continued+recession do not meet the same future (surge and recession): " in said
    (said,) = mixed(load("continued+recession"), load("neediest_first"))
    assert said.endswith("compare continued+recession with neediest_first+recession.")


def test_a_future_alone_is_one_change() -> None:
    assert mixed(load("continued"), load("continued+recession")) == []
    assert mixed(load("continued"), load("recession")) == []
    assert mixed(load("continued+recession"), load("continued+surge")) == []


def test_a_future_that_comes_after_the_plan_is_told() -> None:
    (said,) = notes_on(plan("continued", "continued+surge", years=4))
    assert said == (
        "Future: twice the arrivals (surge): what changes from 2030-01 on comes after the plan's end, 2029-12."
    )
    assert len(notes_on(plan("continued", "continued+surge", years=2))) == 2


@pytest.mark.parametrize(("draws", "words"), [(1, "1 draw: too few to say"), (4, "4 draws: too few to say"), (5, "")])
def test_few_draws_are_said_to_be_few(draws: int, words: str) -> None:
    (said,) = few_draws(draws) or [""]
    assert said.startswith(words) and bool(said) == bool(words)


def test_notes_stand_in_the_terminal_the_json_the_report_and_the_folder() -> None:
    Path("jobs.toml").write_text(PARTNER, encoding="utf-8")
    arguments = ("compare", "continued", "jobs.toml+recession", *SMALL, "--draws", "1", "--replications", "1")
    text = run(*arguments, "--out", "here")
    assert "1 run)" in text
    study = json.loads(Path("here/study.json").read_text(encoding="utf-8"))
    few, both, idle, late, _ = study["notes"]
    assert few.startswith("1 draw: too few to say")
    assert both.startswith("jobs+recession and continued do not meet the same future (recession)")
    assert idle.startswith("Jobs (jobs): partner.jobs_per_year = 9 acts on nothing without partner.present = true, ")
    assert late.startswith("Future: a recession (recession): what changes from 2020-01 on comes after")
    assert all(f"Mind: {note}" in text for note in study["notes"])
    assert text.index("Mind: ") < text.index("Outcome")
    assert "Mind: jobs+recession and continued do not meet the same future" in Path("here/report.html").read_text(
        encoding="utf-8"
    )
    assert json.loads(run(*arguments, "--json"))["notes"] == study["notes"]


def test_a_study_without_notes_shows_none(study: Study) -> None:
    assert "Mind: " not in render(study)
    assert study.notes == ()


@pytest.mark.parametrize("draws", ["2", "3"])
def test_intervals_of_few_draws_stay_where_the_outcome_can_be(draws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def far_apart(number: int, folder=None):
        table = default_params(number)
        table["failure_level"] *= [0.2, 4.0, 1.0][:number]
        return table

    monkeypatch.setattr(experiment, "load_draws", far_apart)
    few = ("--draws", draws, "--replications", "1", "--years", "3", "--start", "2018-01", "--json")
    for row in json.loads(run("run", "continued", *few))["rows"]:
        if row["low"] is not None and row["outcome"] not in ("jobs_net", "net_livelihood_years", "concentration"):
            assert row["low"] >= 0.0, row
            assert row["unit"] != "share" or row["high"] <= 1.0, row
    for row in json.loads(run("compare", "continued", "no_programme", *few))["rows"]:
        if row["low"] is not None and row["unit"] == "share":
            assert -1.0 <= row["low"] <= row["high"] <= 1.0, row
