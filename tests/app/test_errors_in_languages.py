"""What idmaj refuses it refuses in the reader's language, with what was typed as it was typed."""

import ast
from pathlib import Path

import pytest
from english_words import english
from typer.testing import CliRunner

from idmaj.app.cli import build
from idmaj.scenarios.language import LANGUAGES, speak, speaking
from idmaj.sim import UserError
from idmaj.sim.errors import worded
from idmaj.sim.policy import StrategyError, read_strategy

ROOT = Path(__file__).resolve().parents[2]
OTHERS = [code for code in LANGUAGES if code != "en"]
MISTAKES = {
    "compare continud neediest_first": "continud",
    "compare continued neediest_first --draws 0": "--draws",
    "run continued --start 2045-01": "--start",
    "size continued --target nonsense": "--target",
    "size continued --target 'live_businesses >= 5 at 5y' --chance 2": "--chance",
    "frontier continued --over selection.weight=0,1": "selection.weight",
    "value continued wage_jobs --perspective mayor": "--perspective",
    "whatif --from 2018-01 neediest_first": "--from",
    "replay nowhere": "nowhere",
    "explain live_busineses": "live_busineses",
    "evidence show P999": "P999",
    "data check nowhere.csv": "nowhere.csv",
    "calibrate --engine guess": "guess",
    "validate --data nowhere.csv": "nowhere.csv",
    "study show nowhere": "nowhere",
    "study resume nowhere": "nowhere",
    "plan continued --xlsx plan.pdf": "--xlsx",
    "report nowhere": "nowhere",
}
STRATEGY = """
name = "Of mistakes"
why = 5
extends = "continud"

[selection]
weight_on_need = 40
rule = "mixt"

[advisors]
number = 3

[[changes]]
date = "Jan 2028"
"""


@pytest.fixture(autouse=True)
def _english_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IDMAJ_STUDIES", str(tmp_path / "home"))
    yield
    speak("en")


def refused(words: str, code: str) -> str:
    """Return what a command refuses, in a language."""
    import shlex

    found = CliRunner().invoke(build(), ["--lang", code, *shlex.split(words)])
    if isinstance(found.exception, UserError):
        return str(found.exception)
    assert found.exit_code == 2, (words, found.output, found.exception)
    return found.output


@pytest.mark.parametrize("words", MISTAKES)
def test_a_mistake_is_told_in_the_readers_language(words):
    told = {code: refused(words, code) for code in LANGUAGES}
    assert any(word in told["en"] for word in ("found", "there is no", "cannot be read")), "the search finds it"
    for code in OTHERS:
        assert MISTAKES[words] in told[code] and told[code] != told["en"]
        assert [part for part in english() if part in told[code]] == []


@pytest.mark.parametrize("code", OTHERS)
def test_all_that_is_wrong_with_a_strategy_is_told_so(code, tmp_path):
    path = tmp_path / "mistakes.toml"
    path.write_text(STRATEGY, encoding="utf-8")
    with pytest.raises(StrategyError) as error:
        read_strategy(path, {})
    assert len(error.value.problems) >= 5
    with speaking(code):
        with pytest.raises(StrategyError) as error:
            read_strategy(path, {})
        told = str(error.value)  # places are worded when they are shown
    assert [part for part in english() if part in told] == []
    assert all(word in told for word in ("mistakes.toml:3", "weight_on_need", "advisors", "Jan 2028"))


def test_a_message_is_no_text_put_together_beforehand():
    """A text with its values in it is in no catalogue: `UserError(f"...")` would stay English."""
    found = []
    for folder in ("sim", "calibration", "scenarios", "app"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                name = getattr(getattr(node, "func", None), "id", "")
                says = isinstance(node, ast.Call) and name in {"UserError", "worded", "_", "later"} and node.args
                if says and isinstance(node.args[0], ast.JoinedStr | ast.BinOp):
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def test_the_model_says_what_it_is_told_to_say_it_in():
    with speaking("fr"):
        assert worded("no such file") != "no such file"
        told = str(UserError("{path}: cannot be read ({error})", path="a.toml", error="x"))
        assert "a.toml" in told and "x" in told and "cannot be read" not in told
    assert worded("no such file") == "no such file"
