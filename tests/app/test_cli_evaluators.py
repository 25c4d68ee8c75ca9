"""The evaluators' commands end to end: page, JSON and terminal say the same, and slips are the user's to mend."""

import json
from pathlib import Path

import numpy as np
import pytest
from small_studies import done, given_medians, small
from typer.testing import CliRunner

from idmaj.app import cli
from idmaj.scenarios.questions import replay as lives
from idmaj.scenarios.questions.places import people_of
from idmaj.scenarios.strategies import load

RUNNER = CliRunner()
FEW = ("--draws", "3", "--replications", "1", "--workers", "1")
SHORT = ("--start", "2010-01", "--years", "1")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("IDMAJ_STUDIES", str(tmp_path / "home"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with given_medians():
        yield


def run(*arguments: str) -> str:
    result = RUNNER.invoke(cli.build(), list(arguments))
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def fails(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that is refused: exit code 2, a line that names what is wrong, nothing written."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    said = capsys.readouterr()
    assert end.value.code == 2, said
    assert not list(Path().rglob("*")) and not list(Path("../home").glob("*"))
    assert said.out == "" and "Traceback" not in said.err
    return said.err


def test_whatif_says_the_same_on_the_page_the_terminal_and_in_json():
    levers = ("trade_training", "no_programme", "--set", "training.seats=60")
    shown = run("whatif", *levers, *FEW, "--out", "answer")
    told = json.loads(Path("answer/answer.json").read_text(encoding="utf-8"))
    assert json.loads(run("whatif", *levers, *FEW, "--json")) == told  # the study is at home by now
    assert told["sentence"] in shown
    page = Path("answer/answer.html").read_text(encoding="utf-8")
    assert "How the share would have differed" in page and 'role="img"' in page
    first, second = told["changes"]
    rows = [row for row in told["tables"]["Share active in May 2017"] if row["definition"] == "seen"]
    assert first["would_have_been"] == pytest.approx(0.537 + rows[0]["difference"])
    assert second["would_have_been"] is None and "no such share" in told["sentence"]
    assert rows[0]["difference"] == pytest.approx(rows[0]["as_changed"] - rows[0]["as_done"])
    assert rows[0]["difference"] != 0.0
    beside = {(row["change"], row["what"]): row for row in told["tables"]["Beside the share"]}
    assert beside[(second["name"], "live_businesses")]["as_changed"] == 0.0
    assert any("no comparison group" in sentence for sentence in told["mind"])
    assert told["can_tell"].startswith(("The data cannot tell", "Of the"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("whatif",), "CHANGE: found none"),
        (("whatif", "trade_trainin"), "trade_training"),
        (("whatif", "historical"), "nothing that differs"),
        (("whatif", "--set", "training.seat=3"), "training.seats"),
        (("whatif", "--set", "training.seats"), "KEY=VALUE"),
        (("whatif", "--set", "training.seats=3", "--set", "training.seats=4"), "twice"),
        (("whatif", "no_programme", "--from", "2017-06"), "before the evaluation"),
        (("why", "continued", "continued"), "twice"),
        (("why", "continued", "neediest_first", "--start", "2007-06"), "--start"),
        (("sensitivity", "continued", "--numbers", "fit_gian"), "did you mean 'fit_gain'"),
        (("sensitivity", "continued", "--numbers", "reference_capital"), "fixed"),
        (("sensitivity", "continued", "--method", "sobol"), "--numbers: found none"),
        (("sensitivity", "continued", "--method", "saltelli"), "--method"),
        (("sensitivity", "continued", "--outcome", "live"), "live_businesses"),
        (("worth-knowing", "continued"), "two or more"),
        (("worth-knowing", "continued", "no_programme", "--draws", "20"), "--draws"),
        (("worth-knowing", "continued", "no_programme", "--survey-cost", "5,6"), "--value-per-business"),
        (("worth-knowing", "continued", "no_programme", "--survey-cost", "much"), "--survey-cost"),
        (("worth-knowing", "continued", "no_programme", "--sizes", "3"), "--sizes"),
        (("replay", "nothing"), "no such study"),
    ],
)
def test_slips_are_refused_before_anything_is_computed(capsys, arguments, says):
    assert says in fails(capsys, *arguments)


def test_why_counts_persons_whose_places_change():
    told = json.loads(run("why", "continued", "neediest_first", "--start", "2018-01", "--years", "1", *FEW, "--json"))
    table = told["tables"]["Who gains and who loses a place"]
    everybody = table[0]
    assert everybody["net"] == pytest.approx(everybody["gain"] - everybody["lose"])
    for group in ("sex", "need", "origin"):
        mine = [row for row in table if row["group"] == group]
        assert sum(row["gain"] for row in mine) == pytest.approx(everybody["gain"])
    assert everybody["gain"] > 0.0 and everybody["lose"] > 0.0
    assert [row["setting"] for row in told["tables"]["Settings that part them"]] == ["selection.rule"]


def test_strategies_that_never_part_say_so():
    told = json.loads(run("why", "historical", "history", "--start", "2010-01", "--years", "1", *FEW, "--json"))
    assert "does anything that is counted differ" in told["sentence"]
    assert told["place_gain"] == told["place_lose"] == 0.0


def test_a_replayed_life_is_that_of_the_study_and_parts_where_its_arms_do(tmp_path):
    plan = small(strategies=(load("continued"), load("no_programme")), start=84, draws=1, replications=2)
    done(tmp_path / "study", plan)
    proposed = json.loads(run("replay", "../study", "--replication", "1", "--json"))
    person = proposed["persons"][0]
    run("replay", "../study", "--replication", "1", "--person", str(person), "--out", "life")
    told = json.loads(Path("life/answer.json").read_text(encoding="utf-8"))
    assert "One life under each strategy" in Path("life/answer.html").read_text(encoding="utf-8")
    months = told["tables"]["Month by month"]
    before = [row for row in months if row["month"] < "2014-01"]
    assert before and all(row["no_programme"] == "the same" for row in before)
    assert told["first_month_apart"] >= "2014-01" and told["real"] is False
    assert any("opens a business" in row["continued"] for row in months)
    again = lives.run_of(lives_study(tmp_path / "study"), 0, 1)
    ends = lives._end(again, "continued")
    income = np.array(told["income"]["continued"])
    row = ends.businesses[(ends.businesses.person == person) & (ends.businesses.ended < 0)]
    wage = float(ends.workers.wage[person])
    assert income[-1] == pytest.approx(wage + (float(row.takings[-1]) if len(row) else 0.0))
    assert ends.workers.page[person] in people_of(ends, plan.start)["person"].to_numpy()


def lives_study(folder: Path):
    from idmaj.scenarios.studies import open_study

    return open_study(folder)


def test_a_study_of_other_numbers_is_not_replayed(tmp_path, capsys, monkeypatch):
    done(tmp_path / "study", small(draws=1, replications=1))
    capsys.readouterr()
    from idmaj.scenarios import experiment
    from idmaj.sim import default_params

    monkeypatch.setattr(experiment, "load_draws", lambda number, folder=None: default_params(number))
    with pytest.raises(SystemExit) as end:
        cli.main(("replay", "../study"))
    assert end.value.code == 2
    assert "another parameters" in capsys.readouterr().err
    monkeypatch.undo()


@pytest.mark.parametrize(
    "options", [("--draw", "9"), ("--replication", "9"), ("--person", "999999"), ("--strategy", "x")]
)
def test_what_is_not_in_a_study_is_refused(tmp_path, capsys, options):
    done(tmp_path / "study", small(draws=1, replications=1))
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        cli.main(("replay", "../study", *options))
    assert end.value.code == 2
    assert f"{options[0]}: found" in capsys.readouterr().err


def test_sensitivity_names_what_moves_an_outcome_most():
    numbers = ("--numbers", "failure_level,broker_cost", "--workers", "1")
    told = json.loads(run("sensitivity", "continued", *numbers, *SHORT, "--json"))
    assert told["most"][0] == "failure_level" and told["runs"] == 40
    shown = run("sensitivity", "continued", *numbers, *SHORT, "--out", "answer")
    assert told["sentence"] in shown
    assert "luck alone" in Path("answer/answer.html").read_text(encoding="utf-8")


def test_a_small_sample_is_refused_with_size_and_time(capsys):
    said = fails(capsys, "sensitivity", "continued", "--numbers", "fit_gain", "--trajectories", "4", *SHORT)
    assert "accepted 10 or more; 30 runs, about" in said


def test_worth_knowing_ranks_evidence_and_prices_a_survey():
    plan = ("continued", "no_programme", "--start", "2012-01", "--years", "1", "--draws", "50", "--workers", "1")
    money = ("--value-per-business", "30000", "--survey-cost", "50000,800", "--sizes", "20,40")
    shown = run("worth-knowing", *plan, *money, "--out", "answer")
    told = json.loads(Path("answer/answer.json").read_text(encoding="utf-8"))
    assert told["unit"] == "MAD 2016" and told["evpi"] >= 0.0
    rows = told["tables"]["A tracer survey of past owners"]
    assert [row["n"] for row in rows] == [20, 40] and [row["cost"] for row in rows] == [66000.0, 82000.0]
    assert told["survey_best"] in (0, 20, 40)
    assert all(row["value"] is None or row["value"] > row["floor"] for row in told["tables"]["What to collect first"])
    assert told["sentence"] in shown and Path("answer/answer.html").is_file()


@pytest.mark.parametrize("command", ["whatif", "why", "replay", "sensitivity", "worth-knowing"])
def test_help_has_an_example_that_is_a_command_line(command):
    import re
    import shlex

    import click
    import typer

    shown = RUNNER.invoke(cli.build(), [command, "--help"], terminal_width=200, color=False).stdout
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    found = re.search(r"Example: (idmaj .*?)(?:\s*\n\s*[╭\n])", plain, re.DOTALL)
    assert found is not None, plain
    words = shlex.split(" ".join(found[1].split()))
    parser = typer.main.get_command(cli.build())
    assert isinstance(parser, click.Group | typer.core.TyperGroup)
    each = parser.commands[words[1]]
    with each.make_context(words[1], words[2:]) as context:
        assert context.params
