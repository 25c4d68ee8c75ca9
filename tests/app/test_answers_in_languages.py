"""Answers in each language: the page is in it whole, its numbers are those of all, and so is the direction."""

import html
import json
import re

import pytest
from english_words import english
from small_studies import given_medians
from typer.testing import CliRunner

from idmaj.app import wording
from idmaj.app.cli import build
from idmaj.scenarios.language import LANGUAGES, speak

OTHERS = [code for code in LANGUAGES if code != "en"]
YEARS = ("--start", "2008-01", "--years", "2", "--workers", "1")
SMALL = (*YEARS, "--draws", "6", "--replications", "1")
FEW = (*YEARS, "--draws", "3", "--replications", "1")
ASKED = {
    "frontier": ("frontier", "continued", "--over", "selection.weight_on_need=0,1",
                 "--and", "advisers.mode=uniform,case_by_case", *FEW),
    "split": ("split", "cooperatives+incubators+recession", *SMALL),
    "robust": ("robust", "continued", "neediest_first", "--futures", "surge,partner_leaves", *SMALL,
               "--years", "3"),
    "equity": ("equity", "continued", "neediest_first", *SMALL),
    "value": ("value", "continued", "wage_jobs", "--budget", "additional", "--worth", "50000", *SMALL),
    "households": ("value", "continued", "wage_jobs", "--perspective", "household", *FEW),
    "sensitivity": ("sensitivity", "continued", "--numbers", "failure_level,broker_cost", *YEARS),
    "what-moves": ("what-moves", "neediest_first", "continued", *YEARS, "--draws", "50", "--replications", "1"),
}  # fmt: skip
LEFT_AS_TYPED = re.compile(r'<(td|code|span)[^>]*(lang="en"|dir="ltr")[^>]*>.*?</\1>|<style>.*?</style>', re.S)
ALIKE = {"Quadrant", "Regret", "Structure", "Total", "Verdict"}
"""Heads that French writes as English does."""


@pytest.fixture(scope="module", params=ASKED)
def asked(request, tmp_path_factory):
    """Return the pages and the facts of a question in each language; it is run once."""
    top = tmp_path_factory.mktemp("answers")
    pages, facts = {}, {}
    with pytest.MonkeyPatch.context() as patch, given_medians():
        patch.setenv("IDMAJ_STUDIES", str(top / "home"))
        for code in LANGUAGES:
            words = ["--lang", code, *ASKED[request.param], "--out", str(top / code)]
            found = CliRunner().invoke(build(), words, catch_exceptions=False)
            assert found.exit_code == 0, found.output
            pages[code] = (top / code / "answer.html").read_text(encoding="utf-8")
            facts[code] = json.loads((top / code / "answer.json").read_text(encoding="utf-8"))
    speak("en")
    return pages, facts


def test_nothing_is_left_in_english(asked):
    pages, _facts = asked
    for code in OTHERS:
        seen = html.unescape(LEFT_AS_TYPED.sub("", pages[code]))
        assert [part for part in english() if part in seen] == [], code
    assert sum(part in html.unescape(pages["en"]) for part in english()) > 15, "the search finds English where it is"


def test_heads_of_columns_and_words_in_pictures_are_the_readers(asked):
    pages, facts = asked
    names = {name for rows in facts["en"]["tables"].values() for row in rows for name in row}
    heads = {wording.source_label(name) for name in names} - ALIKE
    for code in OTHERS:
        written = set(re.findall(r'<th scope="col"[^>]*>(.*?)</th>', pages[code]))
        assert written and heads & written == set(), code
    for picture in re.findall(r"<svg.*?</svg>", pages["ar"], re.S):
        words = re.findall(r"<text[^>]*>([^<]*[a-z]{3}[^<]*)</text>", picture)
        assert [each for each in words if not re.search(r"[\u0600-\u06ff]|[a-z]\.[a-z]|Gompertz|Weibull", each)] == []


def test_tables_and_facts_have_the_same_numbers_and_names_in_all(asked):
    pages, facts = asked
    for code in OTHERS:
        assert list(facts[code]["tables"]) == list(facts["en"]["tables"])
        assert _numbers(facts[code]) == _numbers(facts["en"])
        assert facts[code]["sentence"] != facts["en"]["sentence"] and facts[code]["command"] == facts["en"]["command"]
        assert f'<html lang="{code}" dir="{LANGUAGES[code].direction}">' in pages[code]
        assert _digits(pages[code]) == _digits(pages["en"])


def _numbers(facts) -> list[object]:
    """Return the numbers of all tables, and the names of what they are about."""
    rows = [row for table in facts["tables"].values() for row in table]
    return [[each for name, each in row.items() if name == "strategy" or not isinstance(each, str)] for row in rows]


def _digits(page: str) -> list[str]:
    cells = re.findall(r'<td class="figure"[^>]*>(.*?)</td>', page, re.S)
    return [re.sub(r"[^\d−–]", "", html.unescape(cell)) for cell in cells]
