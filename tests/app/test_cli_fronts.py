"""`idmaj frontier` and `idmaj split`: one answer on the terminal, in JSON and on the page; mistakes before any run."""

import json
import shlex

import pytest
from markupsafe import escape
from small_studies import given_medians
from typer.testing import CliRunner

from idmaj.app.cli import build, main

SHORT = ("--start", "2008-01", "--years", "2", "--draws", "2", "--replications", "1", "--workers", "1")


def ask(*words: str) -> str:
    found = CliRunner().invoke(build(), list(words), catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.stdout


@pytest.fixture(autouse=True)
def _nothing_is_fitted():
    with given_medians():
        yield


def test_a_front_is_one_answer_everywhere_and_comes_out_again_from_its_command(tmp_path):
    out = tmp_path / "front"
    over = ("--over", "selection.weight_on_need=0,1", "--and", "advisers.number=2,6")
    told = json.loads(ask("frontier", "continued", *over, *SHORT, "--out", str(out), "--json"))
    assert told == json.loads((out / "answer.json").read_text())
    page = (out / "answer.html").read_text(encoding="utf-8")
    assert str(escape(told["sentence"])) in page and page.count("<svg") == 2 and "Change in live businesses" in page
    assert len(told["tables"]["All designs"]) == told["designs"] == 5
    assert (out / "all_designs.csv").read_text().count("\n") == 6
    said = ask(*shlex.split(told["command"])[1:])
    assert told["sentence"] in said and told["fingerprints"][0][:12] in said and told["fingerprints"][1][:12] in said


def test_a_split_is_one_answer_everywhere(tmp_path):
    out = tmp_path / "parts"
    words = ("split", "cooperatives+incubators", "--outcome", "people_served", *SHORT)
    told = json.loads(ask(*words, "--out", str(out), "--json"))
    assert told == json.loads((out / "answer.json").read_text())
    page = (out / "answer.html").read_text(encoding="utf-8")
    assert str(escape(told["sentence"])) in page and page.count("<svg") == 2
    assert told["sentence"] in ask(*words) and told["outcome"] == "people_served"
    assert sum(row["share"] for row in told["tables"]["What each part earns"]) == pytest.approx(told["gain"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("frontier continued --over selection.weight_on_ned=0,1", "did you mean 'selection.weight_on_need'"),
        ("frontier continued --over selection.weight_on_need=0,2", "--over: found selection.weight_on_need = 2"),
        ("frontier continued --over selection.weight_on_need", "accepted a lever and its values"),
        ("frontier continued --over selection.weight_on_need=0.5", "one value"),
        ("frontier continued --and selection.weight_on_need=0,1", "the lever of --over again"),
        ("frontier continued --and advisers.number=2,2", "--and: found a value twice"),
        ("frontier continued --outcome live", "--outcome: found 'live'"),
        ("frontier recession", "STRATEGY: found 'recession', a future"),
        ("frontier continued --draws 0", "--draws"),
        ("split cooperatives", "combines no others"),
        ("split cooperatives+incubators --base nobody", "unknown strategy"),
        ("split cooperatives+incubators --draws 1 --replications 1", "one run in all"),
        ("split cooperatives+incubators --budget none", "--budget"),
    ],
)
def test_mistakes_are_named_before_anything_is_run_or_written(words, said, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("IDMAJ_STUDIES", str(tmp_path / "home"))
    with pytest.raises(SystemExit) as end:
        main([*words.split(), "--out", str(tmp_path / "out")])
    assert end.value.code == 2
    found = " ".join(capsys.readouterr().err.split())
    assert said in found and "Traceback" not in found
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["frontier", "split"])
def test_help_has_an_example_whose_command_line_is_understood(command):
    said = " ".join(ask(command, "--help").split())
    example = said.split("Example: idmaj ")[1]
    assert example.startswith(command) and "--out" in example
