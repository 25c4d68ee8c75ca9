"""What all answers share: a page, facts, tables as files, and studies that are run once."""

import json
import math

import pandas as pd
import pytest
from small_studies import given_medians, small

from idmaj.app.answers import MOST_SHOWN, check_out, deliver, runner, written_cell, written_column
from idmaj.app.options import Labour
from idmaj.scenarios.language import LANGUAGES, speaking
from idmaj.scenarios.questions.answer import Answer, Table
from idmaj.sim import UserError


@pytest.fixture
def answer() -> Answer:
    rows = pd.DataFrame({"design": ["=a", "<b>"], "live": [1234.5678, math.nan], "best": [True, False]})
    return Answer("How many <live>?", "About 5 (2 to 8).", {"answer": 5.0, "missing": math.nan}, (
        Table("All designs", "A row a design.", rows),
    ), ("Two draws.",), ("It may be wrong.",))  # fmt: skip


def test_an_answer_is_printed_and_written(answer, tmp_path, capsys):
    deliver(answer, "idmaj ask", tmp_path / "out", as_json=False)
    said = capsys.readouterr().out
    assert said.index("How many") < said.index("About 5") < said.index("All designs") < said.index("Two draws.")
    page = (tmp_path / "out" / "answer.html").read_text(encoding="utf-8")
    assert "How many &lt;live&gt;?" in page and "&lt;b&gt;" in page and "<b>" not in page
    assert "http" not in page.split("</style>")[1]
    assert (tmp_path / "out" / "all_designs.csv").read_text().splitlines()[1].startswith("'=a")
    facts = json.loads((tmp_path / "out" / "answer.json").read_text())
    assert facts["answer"] == 5.0 and facts["missing"] is None and facts["command"] == "idmaj ask"


def test_json_holds_the_same_facts_and_nothing_else_is_printed(answer, tmp_path, capsys):
    deliver(answer, "idmaj ask", tmp_path / "out", as_json=True)
    assert json.loads(capsys.readouterr().out) == json.loads((tmp_path / "out" / "answer.json").read_text())


def test_long_tables_are_cut_on_the_terminal_and_that_is_said(capsys):
    rows = pd.DataFrame({"design": range(MOST_SHOWN + 5)})
    deliver(Answer("Q?", "A.", {}, (Table("T", "", rows),)), "idmaj ask", None, as_json=False)
    assert "... 5 more rows with --out DIR" in capsys.readouterr().out


def test_a_folder_that_is_not_an_answer_is_never_replaced(answer, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep")
    with pytest.raises(UserError, match="not empty"):
        check_out(tmp_path / "mine", force=True)
    deliver(answer, "idmaj ask", tmp_path / "out", as_json=True)
    with pytest.raises(UserError, match="--force"):
        check_out(tmp_path / "out", force=False)
    check_out(tmp_path / "out", force=True)
    check_out(None, force=False)


def test_a_plan_is_run_once_and_then_taken_from_home(tmp_path, monkeypatch):
    monkeypatch.setenv("IDMAJ_STUDIES", str(tmp_path))
    with given_medians():
        run = runner(Labour(workers=1), "idmaj ask")
        first = run(small(replications=2))
        written = {path: path.stat().st_mtime_ns for path in first.store.folder.rglob("*") if path.is_file()}
        again = run(small(replications=2))
    assert again.fingerprint == first.fingerprint
    assert {path: path.stat().st_mtime_ns for path in again.store.folder.rglob("*") if path.is_file()} == written


@pytest.mark.parametrize(
    ("cell", "said"), [(True, "yes"), (None, "–"), (0.123456, "0.123"), (1234.5, "1,234"), ("x", "x"), (math.nan, "–")]
)
def test_cells_are_written_for_people(cell, said):
    assert written_cell(cell) == said


@pytest.mark.parametrize("code", LANGUAGES)
def test_numbers_that_are_names_stand_as_a_command_takes_them(code):
    table = pd.DataFrame({"person": [12345, 7], "income": [12345.0, 7.0]})
    with speaking(code):
        assert written_column(table, "person") == ["12345", "7"]
        assert written_column(table, "income")[0] != "12345"
