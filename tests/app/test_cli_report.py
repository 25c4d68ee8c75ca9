"""``idmaj report``: a study that is kept, as one page in each language, with nothing left in another."""

import html
import re
import sys
from pathlib import Path

import pytest
from english_words import english

from idmaj.app.cli import main
from idmaj.app.dac import CRITERIA, criteria
from idmaj.app.drawing import canvas, style, svg
from idmaj.app.report import render
from idmaj.app.report_pdf import pdf
from idmaj.scenarios.language import LANGUAGES, speaking, spoken
from idmaj.sim import UserError

SMALL = ("--start", "2014-01", "--years", "4", "--draws", "3", "--replications", "2")
KEPT = r'<(td|code|span)[^>]*(lang="en"|dir="ltr")[^>]*>.*?</\1>'
KEPT_IN_ENGLISH = re.compile(rf"{KEPT}|<style>.*?</style>", re.S)


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    return tmp_path_factory.mktemp("here")


@pytest.fixture(scope="module")
def study(here):
    strategies = ("continued", "neediest_first", "trade_training")
    assert run("compare", *strategies, *SMALL, "--out", str(here / "study")) == 0
    return here / "study"


@pytest.fixture(scope="module")
def pages(study, here):
    found = {}
    for code in LANGUAGES:
        target = here / f"{code}.html"
        assert run("report", str(study), "--lang", code, "--out", str(target), "--dac") == 0
        found[code] = target.read_text(encoding="utf-8")
    return found


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(words)
    return int(ended.value.code or 0)


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_nothing_is_left_in_english(pages, code):
    seen = html.unescape(KEPT_IN_ENGLISH.sub("", pages[code]))
    assert [part for part in english() if part in seen] == []
    assert sum(part in html.unescape(pages["en"]) for part in english()) > 60, "the search finds English where it is"


def test_each_page_says_its_language_and_direction(pages):
    for code, language in LANGUAGES.items():
        assert f'<html lang="{code}" dir="{language.direction}">' in pages[code]
        assert len(pages[code]) < 3_000_000
        assert not re.search(r'(src|href)="(https?:)?//', pages[code])


def test_numbers_are_the_same_in_all_languages(pages):
    def numbers(page):
        table = page[page.index('id="results"') : page.index('id="differs"')]
        cells = re.findall(r'<td class="figure"[^>]*>(.*?)</td>', table, re.S)
        return [re.sub(r"[^\\d−+]", "", html.unescape(re.sub("<[^>]+>", " ", cell))) for cell in cells]

    assert numbers(pages["en"]) == numbers(pages["fr"]) == numbers(pages["ar"])
    assert len(numbers(pages["en"])) > 100


def test_arabic_figures_hold_arabic_letters_that_the_page_shapes(pages):
    picture = re.search(r"<svg.*?</svg>", pages["ar"], re.S)[0]
    words = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", picture))
    assert re.search("[\u0600-\u06ff]{3}", words), "letters of the alphabet, not shapes of a font"
    assert not re.search("[\ufe70-\ufeff]", words), "shaped twice"
    assert "figure svg text { unicode-bidi: plaintext; }" in pages["ar"]


def test_the_criteria_are_there_when_they_are_asked_for(study, pages, here):
    assert all(f"<h3>{title}</h3>" in pages["en"] for title in CRITERIA)
    assert run("report", str(study), "--out", str(here / "plain.html")) == 0
    assert "OECD-DAC" not in (here / "plain.html").read_text(encoding="utf-8")


def test_each_criterion_is_answered(single, study):
    assert all(each.says for each in criteria(single))


def test_the_same_bytes_come_again_and_the_language_may_stand_before_the_command(study, pages, here):
    assert run("--lang", "fr", "report", str(study), "--out", str(here / "again.html"), "--dac") == 0
    assert (here / "again.html").read_text(encoding="utf-8") == pages["fr"]


def test_results_are_printed_in_the_language_asked_for(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert run("--lang", "fr", "compare", "continued", "neediest_first", *SMALL, "--out", "study") == 0
    said = capsys.readouterr().out
    assert "Entreprises en activité" in said and "Live businesses" not in said
    assert "intervalle à 95 %" in said.replace("\u00a0", " ").replace("\u202f", " ").lower()


def test_a_pdf_comes_in_each_language_with_the_same_bytes(study, here):
    for code in LANGUAGES:
        target = here / f"{code}.pdf"
        assert run("report", str(study), "--lang", code, "--pdf", "--dac", "--out", str(target)) == 0
        content = target.read_bytes()
        assert content.startswith(b"%PDF-") and re.search(rf"/Lang ?\({code}\b".encode(), content)
    assert run("report", str(study), "--lang", "ar", "--pdf", "--dac", "--out", str(here / "ar.pdf"), "--force") == 0
    assert (here / "ar.pdf").read_bytes() == content


def test_without_typst_it_is_said_how_to_get_it(study, here, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "typst", None)
    assert run("report", str(study), "--pdf", "--out", str(here / "none.pdf")) == 2
    assert "accepted after: pip install 'idmaj[pdf]'" in capsys.readouterr().err
    assert not (here / "none.pdf").exists()


def test_what_typst_cannot_set_is_said(single, monkeypatch):
    monkeypatch.setattr(type(single), "title", lambda self, strategy=None: "")
    with pytest.raises(UserError, match="--pdf: Typst cannot set this study"):
        pdf(single)


def test_user_mistakes_write_nothing(study, here, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("report", str(study), "--lang", "de") == 2
    assert "--lang: found 'de'; accepted: en (English)" in capsys.readouterr().err
    (tmp_path / "report-en.html").write_text("mine", encoding="utf-8")
    assert run("report", str(study)) == 2
    assert "is there already" in capsys.readouterr().err
    assert (tmp_path / "report-en.html").read_text(encoding="utf-8") == "mine"
    assert run("report", str(study), "--out", "nowhere/page.html") == 2
    assert run("report", "no-such-study") == 2
    assert run("report", str(study), "--out", "x" * 300 + ".html") == 2
    assert run("report", str(study), "--out", "page.html", "--pdf") == 2
    assert "accepted: a name that ends in .pdf" in capsys.readouterr().err
    assert run("report", str(study), "--out", str(study / "report.html"), "--force") == 2
    assert "within the study" in capsys.readouterr().err
    assert [path.name for path in Path(tmp_path).iterdir()] == ["report-en.html"]


def test_a_study_of_one_strategy_is_a_page_too(single):
    for code in LANGUAGES:
        with speaking(code):
            assert f'lang="{code}"' in render(single, dac=True)


def test_thousands_on_the_axes_of_a_figure_keep_their_digits():
    with style():
        figure = canvas(3.0, 2.0)
        figure.text(0.5, 0.5, "2.000")
        assert ">2.000<" in svg(figure, "thousands", "Two thousand as Arabic writes it")


def test_the_environment_says_which_language_as_a_locale_does_too(capsys, monkeypatch):
    monkeypatch.setenv("IDMAJ_LANG", "fr_MA.UTF-8")
    assert run("evidence", "show", "P001") == 0
    assert "niveau" in capsys.readouterr().out and spoken().code == "fr"
    monkeypatch.setenv("IDMAJ_LANG", "xx")
    assert run("evidence", "show", "P001") == 2
