"""`idmaj strategies new --guide`: a first strategy by questions, in three languages."""

import tomllib

import pytest
from typer.testing import CliRunner

from idmaj.app.cli import build
from idmaj.sim import UserError


def guide(*words, answers: list[str]):
    return CliRunner().invoke(build(), [*words, "--guide"], input="\n".join(answers) + "\n")


@pytest.mark.parametrize(("code", "said"), [("en", "advisers"), ("fr", "conseillers"), ("ar", "مستشار")])
def test_a_first_strategy_is_made_by_questions_in_each_language(tmp_path, monkeypatch, code, said):
    monkeypatch.chdir(tmp_path)
    accompaniment, number, mode = "7", "1", "2"
    answers = ["To see.", "2027-01", "99", accompaniment, number, "-3", accompaniment, number, "5", accompaniment, mode]
    answers += ["nonsense", accompaniment, mode, "case_by_case", ""]
    found = guide("--lang", code, "strategies", "new", "My plan", answers=answers)
    assert found.exit_code == 0, found.output
    assert said in found.output and "99" in found.output
    text = (tmp_path / "my_plan.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text) == {
        "name": "My plan", "extends": "continued", "why": "To see.",
        "changes": [{"date": "2027-01", "why": "To see.", "advisers": {"number": 5, "mode": "case_by_case"}}],
    }  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["my_plan.toml"], "no trial is left"


def test_questions_that_are_broken_off_write_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = guide("strategies", "new", "My plan", answers=["To see."])
    assert isinstance(found.exception, UserError) and "nothing was written" in str(found.exception)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "my_plan.toml").write_text("mine")
    found = guide("strategies", "new", "My plan", answers=["To see."])
    assert "found a file of that name" in str(found.exception), "said before anything is asked"
