"""The workbook of a staffing and cash plan, for a finance officer: unit costs to change, and sums that follow.

Sheets read as the plan was made: what is asked, what is assumed, what it costs year by year, and the months behind it;
in Arabic from right to left. What may be changed is blue on yellow; all sums are formulas. Texts never become formulas
or links, whatever a strategy is called; the same plan gives the same bytes in the same language.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from ..scenarios.language import _, later, reason
from ..scenarios.questions import budget_plan as titles
from ..scenarios.questions.planned import MAD
from ..scenarios.questions.reading import amount
from ..sim.errors import UserError
from .answers import written_cell
from .study import SAID
from .workbook_budget import (
    ASSUMPTIONS,
    BUDGET,
    FIRST_UNIT,
    FUNDERS,
    PRICE_LEVEL,
    write_budget,
    write_funders,
)
from .workbook_months import CASH, LINES, STAFF, WORK, draw_bank, write_lines, write_months
from .workbook_sheets import FONT, Sheets, lines_of, quoted, room_for, room_of, shown

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from ..scenarios.questions.answer import Answer

SUMMARY = later("Summary")
HOLDS = {
    ASSUMPTIONS: later("Unit costs, overhead and price level, to be changed; the settings of the strategy"),
    BUDGET: later("Quantities and money by line and year, what is paid in and what is left: it follows the unit costs"),
    FUNDERS: later("What each funder pays in, by year"),
    CASH: later("Paid in, spent and in the bank, month by month"),
    STAFF: later("Advisers, branches and others who are paid, month by month"),
    WORK: later("Projects, courses, placements and those who wait, month by month"),
    LINES: later("What is spent on each line, month by month"),
}
"""The other sheets, and what is on them."""
KEY_FIGURES = {
    "paid_in_per_year": (later("Paid in, a year"), MAD),
    "spent_per_year": (later("Spent, a year"), MAD),
    "advisers": (later("Advisers paid"), later("advisers")),
    "projects_per_year": (later("Projects opened, a year"), later("projects")),
    "live_businesses": (later("Projects open at the end"), later("projects")),
    "left_in_bank": (later("In the bank at the end"), MAD),
    "least_in_bank": (later("Least in the bank at any month's end"), MAD),
}
"""Numbers of the answer on the first sheet, what they are called, and their unit."""
MADE = datetime.datetime(2007, 1, 1)
"""Written as the date of making, so that the same plan gives the same bytes."""
ROWS_OF_CHART = 24
SAID_ALREADY = ("share", "yes/no", "0-1")
"""Units of settings that their value or their meaning says."""
COVER = (34, 20, 17, 17, 17, 40)
"""Letters of the columns of the first sheet."""


def write_workbook(path: Path, answer: Answer, command: str, known: Sequence[str]) -> None:
    """Write the workbook of an answer of `budget_plan`, in the language spoken.

    Parameters
    ----------
    path : Path
    answer : Answer
    command : str
        That gives the same numbers again.
    known : sequence of str
        What the data can and cannot tell.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    options: dict[str, Any] = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    options |= {"default_format_properties": dict(FONT), "default_row_height": 18}
    try:
        with xlsxwriter.Workbook(str(path), options) as book:
            book.set_properties({"title": shown(answer.question), "created": MADE})
            sheets = Sheets(book)
            _write_summary(sheets, answer, command, known)
            _write_assumptions(sheets, answer)
            write_budget(sheets, answer)
            write_funders(sheets, answer)
            months = answer.table(titles.BY_MONTH)
            for name, part in ((CASH, "cash"), (STAFF, "staff"), (WORK, "work")):
                write_months(sheets, name, months[months["part"] == part])
            write_lines(sheets, answer)
    except (XlsxWriterException, OSError) as error:
        cause = next((each for each in (error, *error.args) if isinstance(each, OSError)), None)
        why = str(error).lower() if cause is None else reason(cause)
        raise UserError("--xlsx {path}: cannot be written ({why})", path=path, why=why) from error


def _write_summary(sheets: Sheets, answer: Answer, command: str, known: Sequence[str]) -> None:
    note = _("Simulated, not observed, and no forecast of prices. Blue numbers on the sheet “{sheet}” may be changed.",
             sheet=_(ASSUMPTIONS))  # fmt: skip
    sheet = sheets.sheet(SUMMARY, answer.question, note, COVER)
    row = _parts(sheets, sheet, 3, _("Answer"), [answer.sentence])
    row = _key_figures(sheets, sheet, row + 1, answer) + 1
    sheets.heads(sheet, row, (_("Sheet"), _("What is on it"), "", "", "", ""), COVER, 6)
    for place, (name, holds) in enumerate(HOLDS.items(), row + 1):
        sheet.write_url(place, 0, f"internal:{quoted(name)}!A1", sheets.look["link"], _(name))
        sheets.across(sheet, place, 1, 5, _(holds), "text", sum(COVER[1:]))
    row += 2 + len(HOLDS)
    months = answer.table(titles.BY_MONTH)
    draw_bank(sheets, sheet, row, months[months["part"] == "cash"])
    sheet.set_h_pagebreaks([row])
    row += ROWS_OF_CHART
    how_to = _(
        "Change the blue numbers on the sheet “{assumptions}”: unit costs, overhead, price level. The sheet “{budget}” "
        "follows, all others stay in {money}. What funders pay in does not rise with the price level: so it shows a "
        "gap. Quantities are the model's: dearer advisers are not fewer ones here; for that, ask again with another "
        "budget.",
        assumptions=_(ASSUMPTIONS), budget=_(BUDGET), money=_(MAD),
    )  # fmt: skip
    for head, texts in (
        (_("How to use it"), [how_to]),
        (_("What it rests on"), answer.rests_on),
        (_("Mind"), answer.mind),
        (_("What the data can and cannot tell"), known),
    ):
        row = _parts(sheets, sheet, row, head, texts)
    row = _parts(sheets, sheet, row, _("How to get these numbers again"), [command], "code")
    _parts(sheets, sheet, row, _("Fingerprint of the study"), [each.fingerprint for each in answer.studies], "code")
    sheet.set_print_scale(85)
    sheet.freeze_panes(2, 0)


def _parts(sheets: Sheets, sheet: Worksheet, row: int, head: str, texts: Sequence[str], look: str = "text") -> int:
    """Write texts under one another beside their head; return the row after them."""
    for place, text in enumerate(texts):
        sheets.text(sheet, row, 0, "" if place else head, "label")
        sheets.across(sheet, row, 1, 5, text, look, sum(COVER[1:]))
        if not place and lines_of(head, COVER[0]) > lines_of(text, sum(COVER[1:])):
            sheet.set_row(row, 13.5 * lines_of(head, COVER[0]) + 3)
        row += 1
    return row


def _key_figures(sheets: Sheets, sheet: Worksheet, row: int, answer: Answer) -> int:
    """Write the numbers of the answer and the month in which money is shortest; return the row after them."""
    heads = (
        _("Key figures"), _("Unit"), _("50 % of runs below"), _("10 % of runs below"), _("90 % of runs below"),
    )  # fmt: skip
    sheets.heads(sheet, row, heads, COVER, 2)
    for place, (name, (words, unit)) in enumerate(KEY_FIGURES.items(), row + 1):
        sheets.text(sheet, place, 0, _(words))
        sheets.text(sheet, place, 1, _(unit))
        look = sheets.look["money" if unit == MAD else "number"]
        for column, number in enumerate(answer.facts[name], 2):
            sheet.write_number(place, column, number, look)
    row += 1 + len(KEY_FIGURES)
    sheets.text(sheet, row, 0, _("Month in which money is shortest"))
    sheets.month(sheet, row, answer.facts["tightest_month"], 1)
    short = _("10 % of runs have less than {least} {money} then", least=amount(answer.facts["tightest_bank"]),
              money=_(MAD))  # fmt: skip
    sheets.across(sheet, row, 2, 5, short, "text", sum(COVER[2:]))
    return row + 1


def _write_assumptions(sheets: Sheets, answer: Answer) -> None:
    """Write what may be changed, then the settings of the strategy."""
    table, settings = answer.table(titles.UNITS), answer.table(titles.SETTINGS).to_dict("records")
    units = table.to_dict("records")
    money = room_for(table["unit_cost"], 2) + 3
    widths = (room_of(map(_, table["line"]), 26), 38, money, 15, 15, 50)
    sheet = sheets.sheet(ASSUMPTIONS, _("Assumptions"), _("Blue numbers may be changed; the sheet “{sheet}” follows.",
                                                         sheet=_(BUDGET)), widths)  # fmt: skip
    sheets.text(sheet, 3, 0, _("Price level"))
    sheets.text(sheet, 3, 1, _("1 is the prices of 2016"))
    sheet.write_number(3, 2, 1.0, sheets.look["input"])
    sheets.book.define_name(PRICE_LEVEL, f"={quoted(ASSUMPTIONS)}!$C$4")
    costs = _("One costs, {money}", money=_(MAD))
    heads = (_("Line"), _("Paid by the"), costs, _("10 % of runs below"), _("90 % of runs below"), _("Rests on"))
    sheets.heads(sheet, FIRST_UNIT - 1, heads, widths, 2)
    sheets.text(sheet, FIRST_UNIT - 1, 5, heads[5], "beside head")
    last = FIRST_UNIT + len(units) - 1
    for row, unit in enumerate(units, FIRST_UNIT):
        words = list(map(_, (unit["line"], unit["unit"], unit["rests_on"])))
        for column, word in zip((0, 1, 5), words, strict=True):
            sheets.text(sheet, row, column, word, "beside" if column == 5 else "text")
        sheets.fit(sheet, row, words, (*widths[:2], widths[5]))
        sheet.write_number(row, 2, unit["unit_cost"], sheets.look["input share" if row == last else "input"])
        for column, name in ((3, "low"), (4, "high")):
            sheet.write_number(row, column, unit[name], sheets.look["share" if row == last else "number"])
    refused = {"error_title": _("Not a cost"), "error_message": _("Accepted: a number from nought on.")}
    for first, end in ((3, 3), (FIRST_UNIT, last)):
        sheet.data_validation(first, 2, end, 2, {"validate": "decimal", "criteria": ">=", "value": 0, **refused})
    _write_settings(sheets, sheet, last + 3, settings, widths)
    sheet.freeze_panes(FIRST_UNIT, 1)
    sheet.repeat_rows(0, 1)


def _write_settings(
    sheets: Sheets, sheet: Worksheet, row: int, settings: Sequence[dict[str, str]], widths: Sequence[float]
) -> None:
    """Write what the strategy sets, in words and by its name in a strategy's file."""
    heads = {0: _("Setting"), 1: "", 2: _("Value"), 3: _("Unit"), 4: "", 5: _("Name in a strategy's file")}
    for column, head in heads.items():
        sheets.text(sheet, row, column, head, "number head" if column == 2 else "head" if column < 2 else "beside head")
    for place, each in enumerate(settings, row + 1):
        meaning, unit = each["meaning"], each["unit"]
        sheets.across(sheet, place, 0, 1, _(meaning), "text", sum(widths[:2]))
        if each["value"].replace(".", "").isdecimal():
            look = sheets.look["share" if unit == "share" else "any number"]
            sheet.write_number(place, 2, float(each["value"]), look)
        else:
            said = SAID.get(each["value"], "")
            sheets.text(sheet, place, 2, _(said) or written_cell(each["value"]).replace("_", " "), "choice")
        sheet.merge_range(place, 3, place, 4, "", sheets.look["beside"])
        sheets.text(sheet, place, 3, "" if unit in SAID_ALREADY else _(unit), "beside")
        sheets.text(sheet, place, 5, each["setting"], "name")
