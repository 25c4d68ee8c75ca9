"""`idmaj marginal`: one answer on the terminal, in JSON and on the page; mistakes before any run."""

import json
import shlex

import pytest
from markupsafe import escape
from small_studies import given_medians
from typer.testing import CliRunner

from idmaj.app.cli import build, main
from idmaj.scenarios.questions.marginal import GAINS

SHORT = ("--start", "2008-01", "--years", "2", "--draws", "2", "--replications", "1", "--workers", "1")
LEVERS = ("--over", "advisers.number=1,2", "--against", "intake.projects_per_year=20")


def ask(*words: str) -> str:
    found = CliRunner().invoke(build(), list(words), catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.stdout


@pytest.fixture(autouse=True)
def _nothing_is_fitted():
    with given_medians():
        yield


def test_it_is_one_answer_everywhere_and_comes_out_again_from_its_command(tmp_path):
    out = tmp_path / "marginal"
    told = json.loads(ask("marginal", "continued", *LEVERS, *SHORT, "--out", str(out), "--json"))
    assert told == json.loads((out / "answer.json").read_text())
    page = (out / "answer.html").read_text(encoding="utf-8")
    assert str(escape(told["sentence"])) in page and page.count("<svg") == 2
    assert len(told["tables"][GAINS]) == 2 and told["fingerprints"]
    assert told["sentence"] in ask(*shlex.split(told["command"])[1:])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--over advisers.number=2", "--over: found one value"),
        ("--over advisers.numbr=2,4", "did you mean 'advisers.number'"),
        ("--over advisers.number=2,-4", "--over: found advisers.number = -4"),
        ("--against intake.projects=5", "--against: found 'intake.projects'"),
        ("--against intake.projects_per_year=ten", "accepted a lever and a step"),
        ("--against intake.projects_per_year=0", "with a step of 0"),
        ("--against advisers.number=1", "the lever of --over again"),
        ("--effect share_neediest_served", "accepted what is counted"),
        ("--draws 1 --replications 1", "one run in all"),
    ],
)
def test_mistakes_are_named_before_anything_is_run_or_written(words, said, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("IDMAJ_STUDIES", str(tmp_path / "home"))
    with pytest.raises(SystemExit) as end:
        main(["marginal", "continued", *words.split(), "--out", str(tmp_path / "out")])
    assert end.value.code == 2
    found = " ".join(capsys.readouterr().err.split())
    assert said in found and "Traceback" not in found
    assert not list(tmp_path.iterdir())
