"""Answers in the reader's language: nothing is left in English, heads are translated, and numbers stay the same."""

import html
import json
import re

import pytest
from english_words import english
from small_studies import given_medians
from typer.testing import CliRunner

from idmaj.app import cli
from idmaj.scenarios.language import LANGUAGES, speak

EARLY = ("--start", "2010-01", "--workers", "1")
FEW = (*EARLY, "--years", "1", "--draws", "2", "--replications", "1")
KEPT = re.compile(r"<(code|span)[^>]*>.*?</\1>|<style>.*?</style>", re.S)
ASKED = {
    "size": (
        *("size", "continued", "--target", "projects_started >= 40 at 1y", "--keep", "waiting <= baseline + 60"),
        *("--from", "0", "--to", "4e6", "--step", "1e6", "--draws", "20", *EARLY),
    ),
    "whatif": (
        *("whatif", "trade_training", "no_programme", "--set", "training.seats=60"),
        *("--draws", "2", "--replications", "1", "--workers", "1"),
    ),
    "why": ("why", "continued", "neediest_first", *FEW),
    "marginal": (
        *("marginal", "continued", "--over", "advisers.number=1,2", "--against", "intake.projects_per_year=20", *FEW),
    ),
    "markets": ("markets", "continued", "--times", "1,2", *FEW),
    "worth-knowing": (
        *("worth-knowing", "continued", "no_programme", "--value-per-business", "80000", "--survey-cost", "50000,800"),
        *("--sizes", "10,20", "--years", "1", "--draws", "50", "--replications", "1", *EARLY),
    ),
    "replay": ("replay", "study", "--person", "7"),
    "proposed": ("replay", "study"),
}
ALIKE = {"Structure"}
"""Heads that are the same words in two languages."""


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Return of each question, in each language, what is printed, its facts and its page."""
    here, found = tmp_path_factory.mktemp("here"), {}
    with pytest.MonkeyPatch.context() as patch, given_medians():
        patch.setenv("IDMAJ_STUDIES", str(here / "home"))
        patch.chdir(here)
        ask("compare", "continued", "neediest_first", *FEW, "--out", "study")
        for name, words in ASKED.items():
            for code in LANGUAGES:
                out = f"{name}-{code}"
                said = ask("--lang", code, *words, "--out", out)
                facts = json.loads((here / out / "answer.json").read_text(encoding="utf-8"))
                page = (here / out / "answer.html").read_text(encoding="utf-8")
                found[name, code] = said, facts, page
    speak("en")
    return found


def ask(*words: str) -> str:
    result = CliRunner().invoke(cli.build(), list(words))
    assert result.exit_code == 0, (words, result.output, result.exception)
    return result.stdout


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_nothing_is_left_in_english(answers, name, code):
    said, _facts, page = answers[name, code]
    whole = said + html.unescape(KEPT.sub("", page))
    assert [part for part in english() if part in whole] == []
    assert sum(part in html.unescape(answers[name, "en"][2]) for part in english()) > 5, "the search finds English"
    assert f'<html lang="{code}" dir="{LANGUAGES[code].direction}">' in page


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_heads_are_translated_and_numbers_are_the_same(answers, name, code):
    page, there = answers[name, code][2], answers[name, "en"][2]
    heads, english_heads = (re.findall(r'<th scope="col"[^>]*>([^<]*)<', each) for each in (page, there))
    assert heads or name == "proposed"
    alike = {html.unescape(mine) for mine, theirs in zip(heads, english_heads, strict=True) if mine == theirs}
    assert alike <= ALIKE, "names of columns belong into app/column_words.py"
    mine, theirs = answers[name, code][1], answers[name, "en"][1]
    assert mine.keys() == theirs.keys() and mine["tables"].keys() == theirs["tables"].keys()
    assert numbers(mine["tables"]) == numbers(theirs["tables"])
    assert mine["fingerprints"] == theirs["fingerprints"]


def numbers(value) -> list:
    """Return the keys and numbers of facts, in order; words differ by language."""
    if isinstance(value, dict):
        return [found for key, each in value.items() for found in (key, *numbers(each))]
    if isinstance(value, list):
        return [found for each in value for found in numbers(each)]
    return [] if isinstance(value, str) else [value]


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_strategies_are_begun_shown_and_checked_in_the_readers_language(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    try:
        said = ask("--lang", code, "strategies", "list") + ask("--lang", code, "strategies", "show", "incubators+rural")
        said += ask("--lang", code, "strategies", "new", "Mine") + ask("--lang", code, "strategies", "check", "rural")
        said += ask("--lang", code, "strategies", "diff", "continued", "immediate_package")
        written = (tmp_path / "mine.toml").read_text(encoding="utf-8")
        assert [part for part in english() if part in " ".join((said + written).split())] == []
        ask("strategies", "new", "Mine", "--out", "theirs.toml")
        theirs = (tmp_path / "theirs.toml").read_text(encoding="utf-8")
        assert settings(written) == settings(theirs), "what is typed is the same in all languages"
        assert "mine.toml" in ask("--lang", code, "strategies", "check", "mine.toml")
    finally:
        speak("en")


def settings(text: str) -> list[str]:
    """Return the lines of a strategy file that can be uncommented, and its sections."""
    return [line for line in text.splitlines() if re.match(r"# [a-z_]+ = (?!\")|\[|extends", line)]
