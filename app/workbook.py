"""The workbook of a staffing and cash plan, for a finance officer: unit costs to change, and sums that follow.

Sheets read from left to right as the plan was made: what is asked, what is assumed, what it costs year by year, and
the months behind it. What may be changed is blue on yellow; all sums are formulas. Texts never become formulas or
links, whatever a strategy is called; the same plan gives the same bytes.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from ..scenarios.questions.planned import A_MONTH
from ..sim.errors import UserError
from . import wording

if TYPE_CHECKING:
    import pandas as pd
    from xlsxwriter.worksheet import Worksheet

    from ..scenarios.questions.answer import Answer

SUMMARY, ASSUMPTIONS, BUDGET, FUNDERS, CASH, STAFF, WORK, LINES = (
    "Summary", "Assumptions", "Budget", "Funders", "Cash", "Staff", "Activity", "Lines by month",
)  # fmt: skip
PRICE_LEVEL = "Price_level"
"""Name of the cell by which all money is multiplied."""
FIRST_UNIT = 6
"""Row of the first unit cost on the sheet of assumptions, counted from 0."""
FIRST_QUANTITY, FIRST_YEAR = 4, 2
"""Row of the first quantity and column of the first year on the sheet of the budget."""
COLUMNS = {"mean": "Mean", "q10": "10 %", "q50": "50 %", "q90": "90 %"}
"""Columns of each item by month, and what they are called."""
MADE = datetime.datetime(2007, 1, 1)
"""Written as the date of making, so that the same plan gives the same bytes."""
HOW_TO = (
    "Change the blue numbers on the sheet Assumptions: unit costs, overhead, price level. The sheet Budget follows, "
    "all others stay in MAD of 2016. What funders pay in does not rise with the price level: so it shows a gap. "
    "Quantities are the model's: dearer advisers are not fewer ones here; for that, ask again with another budget."
)
FORMATS: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": 15},
    "head": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"},
    "text": {"text_wrap": True, "valign": "top"},
    "money": {"num_format": "#,##0"},
    "number": {"num_format": "#,##0.0"},
    "input": {"num_format": "#,##0.00", "font_color": "#0033cc", "bg_color": "#fff8d6", "border": 1},
    "total": {"num_format": "#,##0", "bold": True, "top": 1},
}


def write_workbook(path: Path, answer: Answer, command: str, known: Sequence[str]) -> None:
    """Write the workbook of an answer of `budget_plan`.

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
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        with xlsxwriter.Workbook(str(path), options) as book:
            book.set_properties({"title": answer.question, "created": MADE})
            _Sheets(book, answer).write(command, known)
    except (XlsxWriterException, OSError) as error:
        raise UserError(f"--xlsx {path}: cannot be written ({str(error).lower()})") from error


class _Sheets:
    """The sheets of a workbook, and what they share."""

    def __init__(self, book: xlsxwriter.Workbook, answer: Answer) -> None:
        from ..scenarios.questions import budget_plan as titles

        self.book = book
        self.answer = answer
        self.titles = titles
        self.look = {name: book.add_format(dict(how)) for name, how in FORMATS.items()}
        self.units = answer.table(titles.UNITS)
        self.direct = self.units.iloc[:-1].to_dict("records")  # overhead is the last
        self.years = answer.table(titles.YEARS).set_index("item")
        self.year_names = [name for name in self.years.columns if name.startswith("year ")]

    def write(self, command: str, known: Sequence[str]) -> None:
        self._summary(command, known)
        self._assumptions()
        self._budget()
        self._funders()
        months = self.answer.table(self.titles.BY_MONTH)
        for name, part in ((CASH, "cash"), (STAFF, "staff"), (WORK, "work")):
            self._months(name, months[months["part"] == part])
        self._lines()

    def _sheet(self, name: str, title: str, note: str = "") -> Worksheet:
        sheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(2)
        sheet.write_string(0, 0, title, self.look["title"])
        sheet.write_string(1, 0, note)
        return sheet

    def _summary(self, command: str, known: Sequence[str]) -> None:
        answer = self.answer
        sheet = self._sheet(SUMMARY, answer.question)
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 110, self.look["text"])
        rows = [("Answer", answer.sentence)]
        rows += [("It rests on", text) for text in answer.rests_on]
        rows += [("Mind", text) for text in answer.mind]
        rows += [("What the data can and cannot tell", text) for text in known]
        rows += [("The same numbers again", command)]
        rows += [("Study", study.fingerprint) for study in answer.studies]
        rows += [("How to use it", HOW_TO)]
        before = ""
        for row, (head, text) in enumerate(rows, 2):
            sheet.write_string(row, 0, head if head != before else "", self.look["head" if head != before else "text"])
            sheet.write_string(row, 1, text, self.look["text"])
            before = head

    def _assumptions(self) -> None:
        sheet = self._sheet(ASSUMPTIONS, "Assumptions", "Blue numbers may be changed; the sheet Budget follows.")
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 1, 30)
        sheet.set_column(2, 4, 14)
        sheet.set_column(5, 5, 60)
        sheet.write_string(3, 0, "Price level")
        sheet.write_string(3, 1, "1 is MAD of 2016")
        sheet.write_number(3, 2, 1.0, self.look["input"])
        self.book.define_name(PRICE_LEVEL, f"={ASSUMPTIONS}!$C$4")
        heads = ("Line", "Paid by the", "One costs, MAD 2016", "10 % of runs below", "90 % of runs below", "Rests on")
        self._heads(sheet, FIRST_UNIT - 1, heads)
        for row, unit in enumerate(self.units.to_dict("records"), FIRST_UNIT):
            sheet.write_string(row, 0, unit["line"])
            sheet.write_string(row, 1, unit["unit"])
            sheet.write_number(row, 2, unit["unit_cost"], self.look["input"])
            sheet.write_number(row, 3, unit["low"], self.look["number"])
            sheet.write_number(row, 4, unit["high"], self.look["number"])
            sheet.write_string(row, 5, unit["rests_on"])
        row = FIRST_UNIT + len(self.units) + 1
        self._heads(sheet, row, ("Setting", "Value", "", "", "", "Meaning"))
        for place, each in enumerate(self.answer.table(self.titles.SETTINGS).to_dict("records"), row + 1):
            sheet.write_string(place, 0, each["setting"])
            sheet.write_string(place, 1, f"{each['value']} {each['unit']}".strip())
            sheet.write_string(place, 5, each["meaning"])
        sheet.freeze_panes(FIRST_UNIT, 1)

    def _heads(self, sheet: Worksheet, row: int, heads: Sequence[str]) -> None:
        for column, head in enumerate(heads):
            sheet.write_string(row, column, head, self.look["head"])

    def _budget(self) -> None:
        """Write quantities, then money that follows from them and the assumptions; each formula with its value."""
        note = "Mean over runs. Money is quantity times unit cost times the price level; change these on Assumptions."
        sheet = self._sheet(BUDGET, "Budget by year", note)
        sheet.set_column(0, 1, 28)
        sheet.set_column(2, 2 + len(self.year_names), 13)
        heads = (*(name.capitalize() for name in self.year_names), "Plan")
        counts = {unit["line"]: self._quantities(unit) for unit in self.direct}
        self._heads(sheet, 3, ("Quantities", "Unit", *heads))
        for row, unit in enumerate(self.direct, FIRST_QUANTITY):
            sheet.write_string(row, 0, unit["line"])
            sheet.write_string(row, 1, unit["unit"])
            for column, number in enumerate(counts[unit["line"]], FIRST_YEAR):
                sheet.write_number(row, column, number, self.look["number"])
            self._across(sheet, row, sum(counts[unit["line"]]), "number")
        top = FIRST_QUANTITY + len(self.direct) + 1
        self._heads(sheet, top, ("MAD", "", *heads))
        for row, unit in enumerate(self.direct, top + 1):
            price = f"{ASSUMPTIONS}!$C${FIRST_UNIT + row - top}"
            money = [number * unit["unit_cost"] for number in counts[unit["line"]]]
            sheet.write_string(row, 0, unit["line"])
            for column, value in enumerate(money, FIRST_YEAR):
                quantity = xl_rowcol_to_cell(FIRST_QUANTITY + row - top - 1, column)
                sheet.write_formula(row, column, f"={quantity}*{price}*{PRICE_LEVEL}", self.look["money"], value)
            self._across(sheet, row, sum(money), "money")
        direct = [
            sum(counts[unit["line"]][year] * unit["unit_cost"] for unit in self.direct)
            for year in range(len(self.year_names))
        ]
        self._balance(sheet, top + 1, top + 1 + len(self.direct), direct)
        self._budget_chart(sheet, top, top + 1 + len(self.direct))
        sheet.freeze_panes(4, 2)

    def _balance(self, sheet: Worksheet, lines: int, end: int, direct: Sequence[float]) -> None:
        """Write overhead, timing and the total under the lines of money, then what is paid in and what is left.

        What quantity times mean price misses of a year (grants by tranches, a branch's opening) is a line of its own,
        so that with nothing changed total and bank are the model's.
        """
        overhead, rate = self.units.iloc[-1]["line"], float(self.units.iloc[-1]["unit_cost"])
        price = f"{ASSUMPTIONS}!$C${FIRST_UNIT + len(self.direct) + 1}"
        paid_in, spent, bank = (
            self.years.loc[name, self.year_names].to_numpy(float) for name in ("paid in", "spent", "bank")
        )
        timing = [round(float(each), 2) for each in spent - (1.0 + rate) * np.array(direct)]
        opening = round(float(bank[0] - paid_in[0] + spent[0]), 2)
        for place, value in enumerate(direct):
            letter = xl_col_to_name(FIRST_YEAR + place)
            before = f"{xl_col_to_name(FIRST_YEAR + place - 1)}{end + 5}" if place else repr(opening)
            for row, formula, look, number in (
                (end, f"=SUM({letter}{lines + 1}:{letter}{end})*{price}", "money", value * rate),
                (end + 1, f"={timing[place]!r}*{PRICE_LEVEL}", "money", timing[place]),
                (end + 2, f"=SUM({letter}{lines + 1}:{letter}{end + 2})", "total", float(spent[place])),
                (end + 3, f"={float(paid_in[place])!r}", "money", float(paid_in[place])),
                (end + 4, f"={before}+{letter}{end + 4}-{letter}{end + 3}", "total", float(bank[place])),
            ):
                sheet.write_formula(row, FIRST_YEAR + place, formula, self.look[look], number)
        heads = (overhead, "Not explained by quantity and price", "Total", "Paid in", "Left at the end of the year")
        for row, head in enumerate(heads, end):
            sheet.write_string(row, 0, head, self.look["total"] if head == "Total" else None)
        sums = (sum(direct) * rate, sum(timing), float(spent.sum()), float(paid_in.sum()))
        for row, (number, look) in enumerate(zip(sums, ("money", "money", "total", "money"), strict=True), end):
            self._across(sheet, row, number, look)

    def _budget_chart(self, sheet: Worksheet, top: int, end: int) -> None:
        chart = self.book.add_chart({"type": "column", "subtype": "stacked"})
        last = FIRST_YEAR + len(self.year_names) - 1
        for row in range(top + 1, end + 1):
            chart.add_series({
                "name": [BUDGET, row, 0],
                "categories": [BUDGET, top, FIRST_YEAR, top, last],
                "values": [BUDGET, row, FIRST_YEAR, row, last],
            })  # fmt: skip
        chart.set_title({"name": "Spending by line, MAD"})
        chart.set_size({"width": 900, "height": 380})
        sheet.insert_chart(end + 7, 0, chart, {"description": "Spending by line and year, stacked"})

    def _across(self, sheet: Worksheet, row: int, value: float, look: str, first: int = 2, count: int = 0) -> None:
        """Write the sum of a row's years, or of so many columns from `first` on, beside them."""
        last = first + (count or len(self.year_names)) - 1
        formula = f"=SUM({xl_rowcol_to_cell(row, first)}:{xl_rowcol_to_cell(row, last)})"
        sheet.write_formula(row, last + 1, formula, self.look[look], value)

    def _quantities(self, unit: Mapping[str, Any]) -> list[float]:
        """Return how many a line is paid by in each year, from the means by year."""
        if unit["item"] == A_MONTH:
            return [12.0] * len(self.year_names)
        numbers = [float(each) for each in self.years.loc[unit["item"], self.year_names]]
        scale = (
            unit["quantity"] / sum(numbers) if any(numbers) else 0.0
        )  # a mean of months counts twelve times; a sum of events once
        return [scale * number for number in numbers]

    def _funders(self) -> None:
        table = self.answer.table(self.titles.BY_FUNDER)
        sheet = self._sheet(FUNDERS, "Paid in by funder", "MAD 2016, mean over runs.")
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, len(table.columns), 13)
        self._heads(sheet, 3, [wording.label(str(name)) for name in table.columns])
        for row, each in enumerate(table.itertuples(index=False), 4):
            sheet.write_string(row, 0, str(each[0]))
            for column, number in enumerate(each[1:-1], 1):
                sheet.write_number(row, column, float(number), self.look["money"])
            self._across(sheet, row, float(each[-1]), "total", 1, len(table.columns) - 2)
        sheet.freeze_panes(4, 1)

    def _months(self, name: str, rows: pd.DataFrame) -> None:
        """Write a part of the plan month by month: mean, and what 10, 50 and 90 % of runs stay below."""
        sheet = self._sheet(name, f"{name} by month", "Mean over runs; 10, 50 and 90 % of runs stay below.")
        sheet.set_column(0, 0, 11)
        items = list(dict.fromkeys(rows["item"]))
        look = self.look["money" if name == CASH else "number"]
        months = list(dict.fromkeys(rows["month"]))
        sheet.write_string(4, 0, "Month", self.look["head"])
        for place, item in enumerate(items):
            mine = rows[rows["item"] == item]
            column = 1 + 4 * place
            head = f"{wording.label(item)} ({mine['unit'].iloc[0]})"
            sheet.merge_range(3, column, 3, column + 3, head, self.look["head"])
            for shift, (key, word) in enumerate(COLUMNS.items()):
                sheet.write_string(4, column + shift, word, self.look["head"])
                for row, number in enumerate(mine[key], 5):
                    sheet.write_number(row, column + shift, float(number), look)
        for row, month in enumerate(months, 5):
            sheet.write_string(row, 0, month)
        sheet.set_column(1, 4 * len(items), 12)
        sheet.freeze_panes(5, 1)
        if name == CASH:
            self._cash_chart(sheet, 1 + 4 * items.index("bank"), len(months), 4 * len(items) + 2)

    def _cash_chart(self, sheet: Worksheet, column: int, months: int, at: int) -> None:
        chart = self.book.add_chart({"type": "line"})
        for shift, word in enumerate(COLUMNS.values()):
            if shift:
                chart.add_series({
                    "name": word,
                    "categories": [CASH, 5, 0, 4 + months, 0],
                    "values": [CASH, 5, column + shift, 4 + months, column + shift],
                })  # fmt: skip
        chart.set_title({"name": "In the bank at the end of the month, MAD 2016"})
        chart.set_size({"width": 720, "height": 360})
        sheet.insert_chart(4, at, chart, {"description": "In the bank by month: 10, 50 and 90 % of runs stay below"})

    def _lines(self) -> None:
        table = self.answer.table(self.titles.LINE_MONTHS)
        sheet = self._sheet(LINES, "Spending by line and month", "MAD 2016, mean over runs.")
        sheet.set_column(0, len(table.columns), 13)
        self._heads(sheet, 3, [str(name).capitalize() for name in table.columns] + ["Total"])
        for row, each in enumerate(table.itertuples(index=False), 4):
            sheet.write_string(row, 0, str(each[0]))
            for column, number in enumerate(each[1:], 1):
                sheet.write_number(row, column, float(number), self.look["money"])
            self._across(sheet, row, float(sum(each[1:])), "total", 1, len(table.columns) - 1)
        sheet.freeze_panes(4, 1)
