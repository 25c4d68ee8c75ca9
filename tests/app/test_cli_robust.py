"""The command ``robust``, end to end on a tiny study: terminal, JSON and page say the same, and slips are refused."""

import json
import shlex
from pathlib import Path

import pytest
from small_studies import given_medians
from typer.testing import CliRunner

from idmaj.app import cli
from idmaj.app.cli_robust import robust

SMALL = ("--years", "3", "--start", "2008-01", "--draws", "6", "--replications", "1", "--workers", "1")
ASK = ("robust", "continued", "neediest_first", "--futures", "surge,partner_leaves", *SMALL)


def fails(capsys, *arguments: str) -> str:
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    said = capsys.readouterr()
    assert end.value.code == 2 and said.out == "" and "Traceback" not in said.err
    return said.err


def test_terminal_json_and_page_say_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv("IDMAJ_STUDIES", str(tmp_path / "home"))
    with given_medians():
        said = CliRunner().invoke(cli.build(), [*ASK, "--out", str(tmp_path / "out")])
        asked = CliRunner().invoke(cli.build(), [*ASK, "--json"])
        other = CliRunner().invoke(cli.build(), [*ASK, "--json", "--threshold", "1", "--outcome", "waiting"])
    assert said.exit_code == 0, said.output
    facts = json.loads(asked.stdout)
    assert facts["sentence"] in said.stdout
    assert json.loads((tmp_path / "out" / "answer.json").read_text()) == facts
    page = (tmp_path / "out" / "answer.html").read_text(encoding="utf-8")
    assert "Regret by strategy and future" in page and page.count("<svg") == 2
    assert (tmp_path / "out" / "measures_of_robustness.csv").is_file()
    assert facts["futures"] == ["as planned", "twice the arrivals"]
    assert facts["futures_without_effect"] == ["the partner leaves"]
    assert {row["criterion"] for row in facts["tables"]["Measures of robustness"]} >= {"satisficing", "p90_regret"}
    assert "--futures surge,partner_leaves" in facts["command"]
    less = json.loads(other.stdout)
    assert less["better"] == "less" and less["threshold"] == 1 and less["tables"] != facts["tables"]
    assert less["fingerprints"] == facts["fingerprints"], "another outcome of the same runs"


def test_the_example_in_the_help_works(tmp_path, monkeypatch):
    monkeypatch.setenv("IDMAJ_STUDIES", str(tmp_path / "home"))
    words = shlex.split(robust.__doc__.split("Example: idmaj ")[1].splitlines()[0])
    with given_medians():
        said = CliRunner().invoke(cli.build(), [*words, *SMALL, "--draws", "2", "--json"])
    facts = json.loads(said.stdout)
    assert len(facts["strategies"]) == 3 and facts["futures"] == ["as planned", "a recession", "a gap in funding"]
    assert any("Structures are pooled" in each for each in facts["mind"])


@pytest.mark.parametrize(("more", "message"), [
    (("--futures", "surge,surge"), "--futures: found surge twice"),
    (("--futures", "sruge"), "surge"),
    (("--futures", ","), "--futures: found none"),
    (("--futures", "rural"), "--futures: found rural, a strategy"),
    (("--outcome", "live"), "--outcome: found 'live'"),
    (("--threshold", "nan"), "--threshold: found nan"),
    (("--budget", "none"), "--budget: found 'none'"),
    (("--draws", "1"), "--draws: found 1"),
])  # fmt: skip
def test_slips_are_refused_and_nothing_is_written(capsys, tmp_path, monkeypatch, more, message):
    monkeypatch.setenv("IDMAJ_STUDIES", str(tmp_path / "home"))
    assert message in fails(capsys, *ASK, *more, "--out", str(tmp_path / "out"))
    assert not list(Path(tmp_path).iterdir())


def test_one_strategy_is_too_few(capsys):
    assert "accepted two or more" in fails(capsys, "robust", "continued")
