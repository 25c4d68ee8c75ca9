"""`idmaj markets`: one answer on the terminal, in JSON and on the page; mistakes before any run."""

import json
import shlex

import pytest
from markupsafe import escape
from small_studies import given_medians
from typer.testing import CliRunner

from idmaj.app.cli import build, main
from idmaj.scenarios.questions.markets import CROSSINGS, SIZES

SHORT = ("--start", "2008-01", "--years", "2", "--draws", "2", "--replications", "1", "--workers", "1")


def ask(*words: str) -> str:
    found = CliRunner().invoke(build(), list(words), catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.stdout


@pytest.fixture(autouse=True)
def _nothing_is_fitted():
    with given_medians():
        yield


def test_markets_are_one_answer_everywhere_and_come_out_again_from_their_command(tmp_path):
    out = tmp_path / "markets"
    told = json.loads(ask("markets", "continued", "--times", "1,2", *SHORT, "--out", str(out), "--json"))
    assert told == json.loads((out / "answer.json").read_text())
    page = (out / "answer.html").read_text(encoding="utf-8")
    assert str(escape(told["sentence"])) in page and page.count("<svg") == 4 and "Income kept" in page
    assert len(told["tables"][SIZES]) == 12 and (out / "each_draw.csv").read_text().count("\n") == 13
    assert len(told["fingerprint"]) == 64
    said = ask(*shlex.split(told["command"])[1:])
    assert told["sentence"] in said and CROSSINGS in said and "Each draw" not in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("markets continued --times 1", "--times: found 1 size, accepted two or more"),
        ("markets continued --times one,two", "--times: found 'one,two', accepted numbers"),
        ("markets continued --times 1,-2", "--times: found -2"),
        ("markets continued --lost 1.5", "--lost: found 1.5"),
        ("markets no_programme", "which finances no project"),
        ("markets surge", "STRATEGY: found 'surge', a future"),
        ("markets continued --draws 1 --replications 1", "one run in all"),
        ("markets continued --draws 0", "--draws"),
        ("markets nobody", "nobody"),
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
