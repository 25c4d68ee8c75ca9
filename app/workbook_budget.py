"""The sheets of a plan's workbook with money by year: the budget, which follows the assumptions, and the funders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from ..scenarios.language import _, later
from ..scenarios.questions import budget_plan as titles
from ..scenarios.questions.planned import A_MONTH, MAD
from . import wording
from .drawing import PALETTE
from .workbook_sheets import Sheets, quoted, room_for, room_of

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from ..scenarios.questions.answer import Answer

ASSUMPTIONS, BUDGET, FUNDERS = later("Assumptions"), later("Budget"), later("Funders")
TIMING, TOTAL, LEFT = later("Not explained by quantity and price"), later("Total"), later("Left at the end of the year")
PAID_IN = later("Paid in")
PRICE_LEVEL = "Price_level"
"""Name of the cell by which all money is multiplied."""
FIRST_UNIT = 6
"""Row of the first unit cost on the sheet of assumptions, counted from 0."""
FIRST_QUANTITY, FIRST_YEAR = 4, 2
"""Row of the first quantity and column of the first year on the sheet of the budget."""
COLOURS = (*PALETTE, "#4d4d4d", "#a4abb2", "#56b4e9", "#e69f00", "#7fc8a9", "#c9a3c4", "#d5c37a", "#aaa3d6")
"""Of the lines in the chart, as in the figures of the page."""


def write_budget(sheets: Sheets, answer: Answer) -> None:
    """Write quantities, then money that follows from them and the assumptions; each formula with its value."""
    _Budget(sheets, answer).write()


class _Budget:
    """The sheet of the budget, and what its parts share."""

    def __init__(self, sheets: Sheets, answer: Answer) -> None:
        self.sheets = sheets
        self.look = sheets.look
        self.units = answer.table(titles.UNITS)
        self.direct = self.units.iloc[:-1].to_dict("records")  # overhead is the last
        self.years = answer.table(titles.YEARS).set_index("item")
        self.year_names = [name for name in self.years.columns if name.startswith("year ")]
        self.counts = [self._quantities(unit) for unit in self.direct]
        self.money = [
            [number * unit["unit_cost"] for number in counts]
            for unit, counts in zip(self.direct, self.counts, strict=True)
        ]
        self.top = FIRST_QUANTITY + len(self.direct) + 1
        words = [*(unit["line"] for unit in self.units.to_dict("records")), TIMING, LEFT]
        largest = [float(self.years.loc[name, self.year_names].sum()) for name in ("spent", "paid in")]
        width = max(room_for(largest), 14)
        units = room_of(map(_, (unit["unit"] for unit in self.direct)), 14)
        self.widths = (room_of(map(_, words)), units, *(width for _each in self.year_names), width + 1)

    def write(self) -> None:
        note = _("Mean over runs. Money is quantity times unit cost times the price level; change these on “{sheet}”.",
                 sheet=_(ASSUMPTIONS))  # fmt: skip
        sheet = self.sheets.sheet(BUDGET, _("Budget by year"), note, self.widths)
        heads = (*(wording.label(name) for name in self.year_names), _("Whole plan"))
        self.sheets.heads(sheet, FIRST_QUANTITY - 1, (_("Quantities"), _("Unit"), *heads), self.widths, 2)
        for row, (unit, counts) in enumerate(zip(self.direct, self.counts, strict=True), FIRST_QUANTITY):
            words = list(map(_, (unit["line"], unit["unit"])))
            for column, word in enumerate(words):
                self.sheets.text(sheet, row, column, word)
            self.sheets.fit(sheet, row, words, self.widths)
            for column, number in enumerate(counts, FIRST_YEAR):
                sheet.write_number(row, column, number, self.look["number"])
            self._across(sheet, row, sum(counts), "number")
        self.sheets.heads(sheet, self.top, (_("Money, MAD"), "", *heads), self.widths, 2)
        for row, (unit, money) in enumerate(zip(self.direct, self.money, strict=True), self.top + 1):
            price = f"{quoted(ASSUMPTIONS)}!$C${FIRST_UNIT + row - self.top}"
            line = unit["line"]
            self.sheets.text(sheet, row, 0, _(line))
            for column, value in enumerate(money, FIRST_YEAR):
                quantity = xl_rowcol_to_cell(FIRST_QUANTITY + row - self.top - 1, column)
                sheet.write_formula(row, column, f"={quantity}*{price}*{PRICE_LEVEL}", self.look["money"], value)
            self._across(sheet, row, sum(money), "money")
        end = self.top + 1 + len(self.direct)
        self._balance(sheet, self.top + 1, end)
        self._chart(sheet, end)
        sheet.freeze_panes(FIRST_QUANTITY, FIRST_YEAR)
        sheet.repeat_rows(0, 1)

    def _across(self, sheet: Worksheet, row: int, value: float, look: str) -> None:
        self.sheets.sum_across(sheet, row, FIRST_YEAR, len(self.year_names), value, look)

    def _quantities(self, unit: Mapping[str, Any]) -> list[float]:
        """Return how many a line is paid by in each year, from the means by year."""
        if unit["item"] == A_MONTH:
            return [12.0] * len(self.year_names)
        numbers = [float(each) for each in self.years.loc[unit["item"], self.year_names]]
        scale = (
            unit["quantity"] / sum(numbers) if any(numbers) else 0.0
        )  # a mean of months counts twelve times; a sum of events once
        return [scale * number for number in numbers]

    def _balance(self, sheet: Worksheet, lines: int, end: int) -> None:
        """Write overhead, timing and the total under the lines of money, then what is paid in and what is left.

        What quantity times mean price misses of a year (grants by tranches, a branch's opening) is a line of its own,
        so that with nothing changed total and bank are the model's.
        """
        direct = [sum(money[year] for money in self.money) for year in range(len(self.year_names))]
        overhead, rate = self.units.iloc[-1]["line"], float(self.units.iloc[-1]["unit_cost"])
        price = f"{quoted(ASSUMPTIONS)}!$C${FIRST_UNIT + len(self.direct) + 1}"
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
        self._ends(sheet, end, overhead, (sum(direct) * rate, float(spent.sum()), float(paid_in.sum())))

    def _ends(self, sheet: Worksheet, end: int, overhead: str, sums: Sequence[float]) -> None:
        """Write the heads of the lines below the lines of money, and their sums over the plan; timing has none."""
        for row, head in enumerate((overhead, TIMING, TOTAL, PAID_IN, LEFT), end):
            bold = head in (TOTAL, LEFT)
            self.sheets.text(sheet, row, 0, _(head), "total label" if bold else "text")
            self.sheets.text(sheet, row, 1, "", "total label" if bold else "text")
        for row, number, look in zip((end, end + 2, end + 3), sums, ("money", "total", "money"), strict=True):
            self._across(sheet, row, number, look)
        sheet.write_number(end + 1, FIRST_YEAR + len(self.year_names), 0.0, self.look["money"])
        self.sheets.text(sheet, end + 4, FIRST_YEAR + len(self.year_names), "", "total label")

    def _chart(self, sheet: Worksheet, end: int) -> None:
        chart = self.sheets.chart({"type": "column", "subtype": "stacked"}, _("Spending by line, million MAD"))
        last, name = FIRST_YEAR + len(self.year_names) - 1, _(BUDGET)
        for place, row in enumerate(range(self.top + 1, end + 1)):
            chart.add_series({
                "name": [name, row, 0],
                "categories": [name, self.top, FIRST_YEAR, self.top, last],
                "values": [name, row, FIRST_YEAR, row, last],
                "fill": {"color": COLOURS[place % len(COLOURS)]},
                "gap": 60,
            })  # fmt: skip
        chart.set_size({"width": 940, "height": 420})
        sheet.insert_chart(end + 7, 0, chart, {"description": _("Spending by line and year, stacked")})
        sheet.set_h_pagebreaks([end + 6])


def write_funders(sheets: Sheets, answer: Answer) -> None:
    """Write what each funder pays in, by year."""
    table = answer.table(titles.BY_FUNDER)
    numbers = [float(each) for each in table.iloc[:, 1:].to_numpy().ravel()]
    width = max(room_for(numbers), 14)
    widths = (room_of(map(_, table["funder"]), 30), *(width for _each in table.columns[1:]))
    note = _("{money}, mean over runs.", money=_(MAD))
    sheet = sheets.sheet(FUNDERS, _(titles.BY_FUNDER), note, widths)
    sheets.heads(sheet, 3, [wording.label(str(name)) for name in table.columns], widths)
    row = 3
    for row, each in enumerate(table.itertuples(index=False), 4):
        sheets.text(sheet, row, 0, _(str(each[0])))
        for column, number in enumerate(each[1:-1], 1):
            sheet.write_number(row, column, float(number), sheets.look["money"])
        sheets.sum_across(sheet, row, 1, len(table.columns) - 2, float(each[-1]), "money")
    if row > 3:
        sheets.text(sheet, row + 1, 0, _(TOTAL), "total label")
        for column, name in enumerate(table.columns[1:], 1):
            cells = f"{xl_rowcol_to_cell(4, column)}:{xl_rowcol_to_cell(row, column)}"
            sheet.write_formula(row + 1, column, f"=SUM({cells})", sheets.look["total"], float(table[name].sum()))
    sheet.freeze_panes(4, 1)
    sheet.repeat_rows(0, 3)
