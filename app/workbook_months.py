"""The sheets of a plan's workbook that hold the months behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..scenarios.language import _, later
from ..scenarios.questions import budget_plan as titles
from ..scenarios.questions.planned import MAD
from .drawing import PALETTE
from .wording import capitalised
from .workbook_sheets import Sheets, room_for

if TYPE_CHECKING:
    import pandas as pd
    from xlsxwriter.worksheet import Worksheet

    from ..scenarios.questions.answer import Answer

CASH, STAFF, WORK, LINES = later("Cash"), later("Staff"), later("Activity"), later("Lines by month")
TITLES = {
    CASH: later("Cash by month"),
    STAFF: later("Staff by month"),
    WORK: later("Activity by month"),
}
COLUMNS = {"mean": later("Mean"), "q10": "10 %", "q50": "50 %", "q90": "90 %"}
"""Columns of each item by month, and what they are called."""
FIRST = 5
"""Row of the first month, counted from 0."""
HEIGHT = 396
"""Pixels of the chart, 22 rows."""
ITEMS_OF_A_PAGE, MONTHS_OF_A_PAGE = 3, 24


def write_months(sheets: Sheets, name: str, rows: pd.DataFrame) -> None:
    """Write a part of the plan month by month: mean, and what 10, 50 and 90 % of runs stay below."""
    items = list(dict.fromkeys(rows["item"]))
    months = list(dict.fromkeys(rows["month"]))
    numbers = rows[list(COLUMNS)].to_numpy().ravel()
    width = room_for(numbers) if name == CASH else room_for(numbers, 1)
    widths = (11, *(width for _item in items for _column in COLUMNS))
    note = _("Mean over runs; 10, 50 and 90 % of runs stay below.")
    pages = [1 + 4 * place for place in range(0, max(1, len(items)), ITEMS_OF_A_PAGE)]
    sheet = sheets.sheet(name, _(TITLES[name]), note, widths, pages)
    look = sheets.look["money" if name == CASH else "number"]
    sheets.text(sheet, FIRST - 2, 0, "", "head")
    sheets.text(sheet, FIRST - 1, 0, _("Month"), "head")
    for place, item in enumerate(items):
        mine = rows[rows["item"] == item]
        column = 1 + 4 * place
        unit = mine["unit"].iloc[0]
        head = f"{capitalised(_(item))} ({_(unit)})"
        sheets.across(sheet, FIRST - 2, column, column + 3, head, "middle head", 4 * width)
        for shift, (key, word) in enumerate(COLUMNS.items()):
            sheets.text(sheet, FIRST - 1, column + shift, _(word), "number head")
            for row, number in enumerate(mine[key], FIRST):
                sheet.write_number(row, column + shift, float(number), look)
    sheet.set_row(FIRST - 2, 30)
    for row, month in enumerate(months, FIRST):
        sheets.month(sheet, row, month)
    sheet.freeze_panes(FIRST, 1)
    sheet.repeat_rows(0, FIRST - 1)
    sheet.repeat_columns(0)
    sheet.set_h_pagebreaks(list(range(FIRST + MONTHS_OF_A_PAGE, FIRST + len(months), MONTHS_OF_A_PAGE)))
    sheet.set_v_pagebreaks(pages[1:])


def draw_bank(sheets: Sheets, sheet: Worksheet, row: int, rows: pd.DataFrame) -> None:
    """Draw on a sheet what is in the bank by month; its time runs from left to right in every language."""
    months = rows["month"].nunique()
    column = 1 + 4 * list(dict.fromkeys(rows["item"])).index("bank")
    chart = sheets.chart({"type": "line"}, _("In the bank at the end of the month, million MAD 2016"))
    name = _(CASH)
    lines = {"q90": (PALETTE[2], "dash"), "q50": (PALETTE[0], "solid"), "q10": (PALETTE[1], "dash")}
    said = {"q90": later("90 % of runs stay below"), "q50": later("50 % of runs stay below"),
            "q10": later("10 % of runs stay below")}  # fmt: skip
    for key, (colour, dash) in lines.items():
        place = column + list(COLUMNS).index(key)
        chart.add_series({
            "name": sheets.in_chart(_(said[key])),
            "categories": [name, FIRST, 0, FIRST - 1 + months, 0],
            "values": [name, FIRST, place, FIRST - 1 + months, place],
            "line": {"color": colour, "width": 2.25 if key == "q50" else 1.5, "dash_type": dash},
        })  # fmt: skip
    years = {"date_axis": True, "num_format": "yyyy", "major_unit": 1, "major_unit_type": "years"}
    chart.set_x_axis({**years, "num_font": {"name": "Arial", "size": 9}, "label_position": "low"})
    chart.set_size({"width": 940, "height": HEIGHT})
    words = _("In the bank by month: 10, 50 and 90 % of runs stay below")
    sheet.insert_chart(row, 0, chart, {"description": words, "y_offset": 6})


def write_lines(sheets: Sheets, answer: Answer) -> None:
    """Write what each line spends by month."""
    table = answer.table(titles.LINE_MONTHS)
    lines = [str(name) for name in table.columns[1:]]
    width = room_for(table[lines].to_numpy().ravel())
    widths = (11, *(max(width, 13) for _line in lines), max(width, 13))
    note = _("{money}, mean over runs.", money=_(MAD))
    sheet = sheets.sheet(LINES, _(titles.LINE_MONTHS), note, widths)
    sheets.heads(sheet, 3, [_("Month"), *map(_, lines), _("Total")], widths)
    for row, (month, *numbers) in enumerate(table.itertuples(index=False), 4):
        sheets.month(sheet, row, month)
        for column, number in enumerate(numbers, 1):
            sheet.write_number(row, column, float(number), sheets.look["money"])
        if numbers:
            sheets.sum_across(sheet, row, 1, len(numbers), float(sum(numbers)), "money")
    sheet.freeze_panes(4, 1)
    sheet.repeat_rows(0, 3)
    sheet.repeat_columns(0)
