"""The workbook of `idmaj plan` in each language: LibreOffice works out what the model says, in the reader's words."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
from english_words import english
from small_studies import given_medians, small

from idmaj.app.workbook import ASSUMPTIONS, BUDGET, FIRST_UNIT, PRICE_LEVEL, write_workbook
from idmaj.scenarios.language import LANGUAGES, _, speaking
from idmaj.scenarios.passing import run_experiment
from idmaj.scenarios.questions.budget_plan import YEARS, budget_plan, name_of, with_budget
from idmaj.scenarios.strategies import load

pytestmark = pytest.mark.filterwarnings("ignore:Unable to read chart")  # openpyxl, of charts that LibreOffice wrote
NEEDED = "LibreOffice is missing: apt-get install -y --no-install-recommends libreoffice-calc-nogui"
OTHERS = [code for code in LANGUAGES if code != "en"]
RESTART = 81
"""What LibreOffice ends with when it has made a new profile and is to be started again."""
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item>
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse">
<value>{locale}</value></prop></item>
</oor:items>
"""
"""A profile in which every formula is worked out anew, whatever its cell holds, and numbers are those of a place."""
AS_SHOWN = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1"


@pytest.fixture(scope="module")
def answers():
    plan = small(strategies=(load("all_together"),), years=3, draws=2, replications=2, traces=True)
    with given_medians():
        found = run_experiment(with_budget(plan, 5e6))
    told = {}
    for code in LANGUAGES:
        with speaking(code):
            told[code] = budget_plan(found.plan, lambda plan: found)
    return told


@pytest.fixture(scope="module")
def books(answers, tmp_path_factory):
    folder = tmp_path_factory.mktemp("books")
    for code, answer in answers.items():
        with speaking(code):
            write_workbook(folder / f"{code}.xlsx", answer, "idmaj plan", ["1."])
    return {code: folder / f"{code}.xlsx" for code in answers}


def office() -> str:
    """Return the program itself: what stands before it looks for Java first, and says so where there is none."""
    found = shutil.which("soffice")
    if found is None and not os.environ.get("CI"):
        pytest.skip(NEEDED)
    assert found, NEEDED
    program = Path(found).resolve().with_name("soffice.bin")
    return str(program) if program.exists() else found


def convert(what: str, books: list[Path], folder: Path, locale: str = "en-US") -> None:
    """Convert workbooks, with a profile that nobody else has; nothing may be said but what is converted."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(SETTINGS.format(locale=locale), encoding="utf-8")
    words = [office(), f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", what]
    words += ["--outdir", str(folder), *map(str, books)]
    for _time in range(2):
        ended = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
        if ended.returncode != RESTART:
            break
    said = [line for line in (ended.stdout + ended.stderr).splitlines() if line.strip()]
    assert ended.returncode == 0, said
    assert [line for line in said if not line.startswith(("convert ", "Writing sheet "))] == []


@pytest.fixture(scope="module")
def worked_out(books, tmp_path_factory):
    folder = tmp_path_factory.mktemp("office")
    convert("xlsx", list(books.values()), folder)
    return {code: openpyxl.load_workbook(folder / f"{code}.xlsx", data_only=True) for code in books}


def cells(book):
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


def numbers(book):
    return [cell.value for cell in cells(book) if isinstance(cell.value, int | float)]


@pytest.mark.parametrize("code", LANGUAGES)
def test_libreoffice_works_out_what_the_model_says(code, books, worked_out, answers):
    formulas, written = (openpyxl.load_workbook(books[code], data_only=only) for only in (False, True))
    count = 0
    for sheet, found, known in zip(formulas, worked_out[code], written, strict=True):
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            value = found[cell.coordinate].value
            assert not (isinstance(value, str) and re.match(r"#|Err:", value)), (sheet.title, cell.coordinate, value)
            if cell.data_type == "f":
                assert value == pytest.approx(known[cell.coordinate].value, abs=0.02), (sheet.title, cell.coordinate)
                count += 1
    assert count > 100
    with speaking(code):
        budget = {row[0].value: row for row in worked_out[code][_(BUDGET)].iter_rows(min_row=5)}
        total, left = _("Total"), _("Left at the end of the year")
    years = answers[code].table(YEARS).set_index("item")
    assert [cell.value for cell in budget[total][2:5]] == pytest.approx(list(years.loc["spent"].iloc[1:]))
    assert [cell.value for cell in budget[left][2:5]] == pytest.approx(list(years.loc["bank"].iloc[1:]), abs=0.02)


@pytest.mark.parametrize("code", OTHERS)
def test_nothing_is_left_in_english(code, books):
    def said(language):
        book = openpyxl.load_workbook(books[language])
        return [*book.sheetnames, *(cell.value for cell in cells(book) if isinstance(cell.value, str))]

    ours = {"idmaj plan", "10 %", "50 %", "90 %", ""}
    ours |= {text for text in said(code) if re.fullmatch(r"=.*|[a-z]+\.[a-z_]+|[0-9a-f]{64}", text)}
    same = set(said(code)) & set(said("en")) - ours
    assert same <= ({"Budget", "Total", "Monaco", "MAD 2016", "1."} if code == "fr" else {"1."})
    whole, source = "\n".join(said(code)), "\n".join(said("en"))
    assert [part for part in english() if part in whole] == []
    assert sum(part in source for part in english()) > 20, "the search finds English where it is"
    if code == "ar":
        words = [text for text in said("ar") if text not in ours and re.search("[a-z]{4}", text)]
        assert [text for text in words if not re.search("[\u0600-\u06ff]", text)] == []
        assert not re.search("[\u2066-\u2069]", whole), "isolates are boxes in spreadsheets"


def test_numbers_are_the_same_in_all_languages(books, worked_out):
    english_ones = numbers(openpyxl.load_workbook(books["en"], data_only=True))
    assert len(english_ones) > 1000
    for code in OTHERS:
        assert numbers(openpyxl.load_workbook(books[code], data_only=True)) == english_ones
        assert numbers(worked_out[code]) == pytest.approx(numbers(worked_out["en"]))


def test_only_arabic_sheets_run_from_right_to_left_and_names_are_such_as_spreadsheets_take(books):
    for code, path in books.items():
        book = openpyxl.load_workbook(path)
        assert {bool(sheet.sheet_view.rightToLeft) for sheet in book} == {LANGUAGES[code].right_to_left}
        assert list(book.defined_names) == [PRICE_LEVEL] and PRICE_LEVEL.isascii()
        assert len(set(book.sheetnames)) == 8
        assert all(len(name) <= 31 and not re.search(r"[\[\]:*?/\\]|^'|'$", name) for name in book.sheetnames)
        for sheet in book.worksheets[1:]:
            assert sheet.freeze_panes and sheet.print_title_rows, sheet.title


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_unit_cost_that_is_changed_in_the_file_moves_the_total(code, books, worked_out, tmp_path):
    with speaking(code):
        names = {word: _(word) for word in ("Advisers", "Overhead", "Total")}
        assumptions, budget = _(ASSUMPTIONS), _(BUDGET)
    book = openpyxl.load_workbook(books[code])
    prices = {row[0].value: row[2] for row in book[assumptions].iter_rows(min_row=FIRST_UNIT + 1)}
    before, after = prices[names["Advisers"]].value, 3 * prices[names["Advisers"]].value + 1.5
    prices[names["Advisers"]].value = after
    book[assumptions]["C4"].value = 1.25
    book.save(tmp_path / "changed.xlsx")
    (tmp_path / "out").mkdir()
    convert("xlsx", [tmp_path / "changed.xlsx"], tmp_path / "out")
    found = openpyxl.load_workbook(tmp_path / "out" / "changed.xlsx", data_only=True)[budget]

    def totals(sheet):
        rows = {row[0].value: row for row in sheet.iter_rows(min_row=5)}
        return [cell.value for cell in rows[names["Total"]][2:6]]

    months = next(row for row in found.iter_rows(min_row=5) if row[0].value == names["Advisers"])
    more = (after - before) * (1 + prices[names["Overhead"]].value)
    had = totals(worked_out[code][budget])
    wanted = [1.25 * (old + cell.value * more) for old, cell in zip(had, months[2:6], strict=True)]
    assert totals(found) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("code", "locale", "million"), [("fr", "fr-FR", "5\u202f000\u202f000"), ("ar", "ar-MA", "5\u066c000\u066c000")]
)
def test_a_reader_sees_his_separators(code, locale, million, books, tmp_path):
    convert(AS_SHOWN, [books[code]], tmp_path, locale)
    texts = [path.read_text(encoding="utf-8").splitlines() for path in tmp_path.glob("*.csv")]
    found = {cell for lines in texts for row in csv.reader(lines) for cell in row}
    assert million in {cell.replace("\u00a0", "\u202f") for cell in found}


def test_no_column_is_too_narrow_for_its_numbers(books):
    count = 0
    for path in books.values():
        for sheet in openpyxl.load_workbook(path, data_only=True):
            for cell in (cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, int | float)):
                decimals = len(cell.number_format.split(";")[0].partition(".")[2].rstrip("#%"))
                width = sheet.column_dimensions[cell.column_letter].width
                bold = 1.1 if cell.font.bold else 1.0
                assert bold * len(f"{cell.value:,.{decimals}f}") + 1 < width, (sheet.title, cell.coordinate)
                count += 1
    assert count > 3000


def test_the_same_plan_gives_the_same_bytes_in_each_language(answers, books, tmp_path):
    for code, answer in answers.items():
        with speaking(code):
            write_workbook(tmp_path / "again.xlsx", answer, "idmaj plan", ["1."])
        assert (tmp_path / "again.xlsx").read_bytes() == books[code].read_bytes()


def test_the_first_sheet_says_what_is_answered_and_what_it_rests_on(answers, books):
    for code, answer in answers.items():
        said = {cell.value for cell in cells(openpyxl.load_workbook(books[code]).worksheets[:1])}
        plain = {re.sub("[\u200e\u2066\u2069]", "", str(text)) for text in said}
        for text in (answer.question, answer.sentence, *answer.rests_on, *answer.mind):
            assert re.sub("[\u200e\u2066\u2069]", "", text) in plain
        assert {"idmaj plan", *(study.fingerprint for study in answer.studies)} <= plain


def test_a_strategy_of_parts_with_a_budget_has_a_name_in_each_language():
    (strategy,) = with_budget(small(strategies=(load("cooperatives+incubators"),)), 2e6).strategies
    assert name_of(strategy) == strategy.name
    with speaking("fr"):
        assert name_of(strategy) == "Coopératives + Incubateurs, avec 2\u202f000\u202f000 MAD par an"
