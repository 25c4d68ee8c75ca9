"""`idmaj size` and `idmaj what-moves` end to end on tiny studies, and what they refuse."""

import json
from pathlib import Path

import pytest
from small_studies import given_medians
from typer.testing import CliRunner

from idmaj.app import cli, cli_size

RUNNER = CliRunner()
EARLY = ("--start", "2008-01", "--workers", "1")
SIZE = (
    "size", "continued", "--target", "projects_started >= 40 at 1y", "--keep", "waiting <= baseline + 60",
    "--from", "0", "--to", "4e6", "--step", "1e6", "--draws", "20", *EARLY,
)  # fmt: skip
MOVES = ("what-moves", "neediest_first", "continued", "--draws", "50", "--replications", "1", "--years", "1", *EARLY)


@pytest.fixture(autouse=True)
def _medians():
    with given_medians():
        yield


def run(*arguments: str) -> str:
    result = RUNNER.invoke(cli.build(), list(arguments))
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def test_a_size_is_the_same_on_the_terminal_in_json_and_on_the_page(tmp_path):
    out = tmp_path / "out"
    facts = json.loads(run(*SIZE, "--json", "--out", str(out)))
    assert facts == json.loads((out / "answer.json").read_text())
    wanted = ("reachable", "answer", "unit", "low", "high", "chance", "chance_low", "chance_high", "binding", "reason")
    assert [name for name in wanted if name not in facts] == []
    assert facts["sentence"] in " ".join(run(*SIZE).split())
    page = (out / "answer.html").read_text(encoding="utf-8")
    assert facts["sentence"].replace(">", "&gt;").replace("<", "&lt;") in page
    assert page.count("<svg") == 2 and "http" not in page.split("</style>")[1].replace("http://www.w3.org", "")
    curve = {row["size"]: row["projects_started >= 40 at 1y"] for row in facts["tables"]["Chance by size"]}
    assert curve[0] == 0.0 < curve[4e6]  # the budget is no dead lever
    if facts["reachable"]:
        met = {row["size"]: row["share"] for row in facts["tables"]["Chance by size"]}
        assert met[facts["answer"]] == facts["chance"] >= 0.8
        assert all(share < 0.8 for size, share in met.items() if size < facts["answer"])
    assert "--step 1000000" in facts["command"] and len(facts["fingerprints"]) >= 2


def test_another_chance_lever_baseline_or_seed_is_another_answer():
    said = json.loads(run(*SIZE, "--json"))
    surer = json.loads(run(*SIZE, "--chance", "0.3", "--json"))
    assert surer["asked"] == 0.3 and (surer["answer"], surer["chance"]) != (said["answer"], None)
    assert json.loads(run(*SIZE, "--base", "no_programme", "--json"))["fingerprints"][0] != said["fingerprints"][0]
    assert json.loads(run(*SIZE, "--seed", "2", "--json"))["fingerprints"] != said["fingerprints"]
    intake = ("--lever", "intake.projects_per_year", "--from", "0", "--to", "80", "--step", "20")
    other = json.loads(
        run(*[each for each in SIZE if each not in ("--from", "--to", "--step", "0", "4e6", "1e6")], *intake, "--json")
    )
    assert other["unit"] == "projects/year" and other["answer"] is not None and 40 <= other["answer"] <= 60


def test_what_moves_is_drawn_and_told(tmp_path):
    out = tmp_path / "out"
    facts = json.loads(run(*MOVES, "--json", "--out", str(out)))
    assert facts["label"].startswith("Difference in live_businesses")
    rows = facts["tables"]["What moves it most"]
    assert [row["assumption"] for row in rows] == ["failure_level"]  # all else is at its median
    assert (out / "answer.html").read_text(encoding="utf-8").count("<svg") == 2
    alone = json.loads(run("what-moves", "continued", *MOVES[3:], "--outcome", "waiting", "--json"))
    assert alone["unit"] == "persons" and alone["mean"] != facts["mean"]


def test_what_moves_a_size_takes_the_same_targets():
    target = ("--target", "projects_started >= 20 at 1y", "--lever", "intake.projects_per_year")
    sizes = ("--from", "0", "--to", "60", "--step", "20", "--draws", "50")
    facts = json.loads(run("what-moves", "continued", "--size", *target, *sizes, *EARLY, "--json"))
    assert facts["unit"] == "projects/year" and 20 <= facts["mean"] <= 40
    assert "--size" in facts["command"] and facts["beyond"] == 0.0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("size", "continued"), "--target: found none"),
        (("size", "surge", *SIZE[2:]), "STRATEGY: found 'surge', a future"),
        ((*SIZE, "--base", "surge"), "--base: found 'surge', a future"),
        ((*SIZE, "--lever", "funding.budget"), "did you mean 'funding.budget_mad_per_year'"),
        ((*SIZE, "--lever", "selection.rule"), "a lever that is a number"),
        ((*SIZE, "--chance", "80"), "--chance: found 80"),
        ((*SIZE, "--draws", "19"), "--draws: found 19, accepted a whole number from 20"),
        ((*SIZE, "--base", "continue"), "continued"),
        ((*SIZE, "--target", "live_busineses >= 3"), "did you mean 'live_businesses'"),
        ((*SIZE, "--start", "2007-01"), "--start: found 2007-01"),
        ((*SIZE, "--posterior", "nowhere"), "nowhere"),
        ((*SIZE, "--to", "-1"), "sizes: found"),
        (("what-moves", "continued", "--outcome", "live_busines"), "did you mean 'live_businesses'"),
        (("what-moves", "continued", "--target", "waiting <= 3 at 5y"), "found no --size"),
        (("what-moves", "continued", "--size"), "--target: found none"),
        (("what-moves", "continued", "--draws", "49"), "--draws: found 49"),
        (("what-moves", "continued", "continued"), "twice"),
        (("what-moves", "continued", "--years", "0"), "--years: found 0"),
    ],
)
def test_a_slip_is_explained_before_anything_is_run(arguments, words, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("idmaj.app.answers.runner", lambda *_: pytest.fail("nothing may be run"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        cli.main([*arguments, "--out", "out"])
    said = capsys.readouterr()
    assert (end.value.code, said.out, list(Path().iterdir())) == (2, "", [])
    assert words in said.err


@pytest.mark.parametrize(
    ("command", "example"), [("size", cli_size.SIZE_EXAMPLE), ("what-moves", cli_size.MOVES_EXAMPLE)]
)
def test_help_has_an_example_that_is_accepted(command, example, monkeypatch):
    import shlex

    assert f"Example: {example}" in " ".join(run(command, "--help").split())

    class BegunError(Exception):
        pass

    def begun(*_):
        raise BegunError

    monkeypatch.setattr("idmaj.app.answers.runner", begun)
    result = RUNNER.invoke(cli.build(), shlex.split(example)[1:])
    assert isinstance(result.exception, BegunError)
