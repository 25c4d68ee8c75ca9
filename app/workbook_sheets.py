"""How all sheets of a workbook look: letters, widths, heights, direction, and how they are printed.

Nothing is left to a spreadsheet to guess: rows have the height that their wrapped words need, columns the width of
their widest number, whatever program opens them. Number formats are those of the file format, so that each reader
sees the separators of his own spreadsheet.
"""

from __future__ import annotations

import datetime
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_rowcol_to_cell

from ..scenarios.language import END, ENGLISH, ISOLATE, _, spoken

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

FONT = {"font_name": "Arial", "font_size": 10}
INK, PAPER, RULE = "#1f3864", "#e9eef6", "#9aa7bd"
MONEY = r"#,##0;[Red]\-#,##0"
FORMATS: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": 15, "font_color": INK, "text_wrap": True, "valign": "vcenter"},
    "note": {"italic": True, "font_color": "#5c636b", "text_wrap": True, "valign": "top"},
    "head": {"bold": True, "font_color": INK, "bg_color": PAPER, "bottom": 1, "text_wrap": True, "valign": "vcenter"},
    "number head": {"align": "right"},
    "middle head": {"align": "center"},
    "label": {"bold": True, "font_color": INK, "text_wrap": True, "valign": "top"},
    "text": {"text_wrap": True, "valign": "top"},
    "beside": {"text_wrap": True, "valign": "top", "align": "left", "indent": 1},
    "beside head": {"align": "left", "indent": 1},
    "link": {"font_color": "#0b5394", "underline": 1, "valign": "top", "text_wrap": True},
    "code": {"font_name": "Courier New", "font_size": 9, "text_wrap": True, "valign": "top"},
    "name": {"font_name": "Courier New", "font_size": 9, "valign": "top", "align": "left", "indent": 1},
    "month": {"align": "left"},
    "money": {"num_format": MONEY, "align": "right", "valign": "top"},
    "number": {"num_format": "#,##0.0", "align": "right", "valign": "top"},
    "share": {"num_format": "0.0%", "align": "right", "valign": "top"},
    "input": {"num_format": "#,##0.00", "font_color": "#0033cc", "bg_color": "#fff8d6", "border": 1, "align": "right",
              "valign": "top"},
    "input share": {"num_format": "0.0%"},
    "any number": {"num_format": "#,##0.####", "align": "right", "valign": "top"},
    "choice": {"align": "right", "valign": "top", "text_wrap": True},
    "total": {"num_format": MONEY, "bold": True, "top": 1, "align": "right", "valign": "top"},
    "total label": {"bold": True, "top": 1, "text_wrap": True, "valign": "top"},
}  # fmt: skip
BASED = {"number head": "head", "beside head": "head", "middle head": "head", "input share": "input"}
"""Looks that are another one but for what they say themselves."""
WRITTEN = ("title", "note", "head", "beside head", "label", "text", "beside", "link", "month", "total label")
"""Looks of words, which begin where the reader begins to read."""
LINE, TITLE_LINE = 13.5, 21.0
"""Points that a line of words takes, and one of a title."""
NARROWEST, WIDEST = 11, 46
"""Letters for which a column of numbers has room at least, and one of words at most."""
PAGE = 985
"""Pixels of a sheet that a landscape page of A4 has room for."""
LETTER = 7
"""Pixels of a letter, as spreadsheets count the width of columns."""
LEAST_TITLE = 80
"""Letters that a sheet's title has room for at least, over empty columns where the table is narrower."""
DENSE = 1.08
"""Letters of running words that go into the width of a digit, rather too few than too many."""
OTHER = 8.43
"""Letters of a column of which nothing is said."""
LEFT_TO_RIGHT, RIGHT_TO_LEFT = "\u200e", "\u200f"


def shown(text: str) -> str:
    """Return a text as cells hold it: spreadsheets know marks of direction, and show isolates as boxes."""
    return text.replace(ISOLATE, LEFT_TO_RIGHT).replace(END, "")


def lines_of(text: str, width: float) -> int:
    """Return how many lines a text takes in a column of so many letters."""
    room = max(4, int(DENSE * width) - 1)
    return sum(max(1, len(textwrap.wrap(part, room))) for part in text.split("\n"))


def room_for(values: Iterable[float], decimals: int = 0) -> int:
    """Return the letters that a column of numbers needs, one digit more than it has now among them."""
    return max([NARROWEST, *(len(f"{value:,.{decimals}f}") + 4 for value in values)])


def room_of(words: Iterable[str], least: int = 12) -> int:
    """Return the letters that a column of words needs; longer ones are wrapped."""
    return min(WIDEST, max([least, *(len(word) + 3 for word in words)]))


class Sheets:
    """A workbook whose sheets look alike."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.look = {name: book.add_format(self._how(name)) for name in FORMATS}
        self.date = book.add_format({**self._how("month"), "num_format": self.month_format})

    @property
    def month_format(self) -> str:
        """How a month is written, as English answers do or as on forms in Morocco."""
        return "yyyy-mm" if spoken() is ENGLISH else "mm/yyyy"

    def _how(self, name: str) -> dict[str, Any]:
        how = {**FONT, **FORMATS.get(BASED.get(name, ""), {}), **FORMATS[name]}
        if spoken().right_to_left:
            if name in WRITTEN or name == "name":
                how["align"] = "right"
            if name in WRITTEN or name in BASED:
                how["reading_order"] = 2
        return how

    def sheet(
        self, name: str, title: str, note: str, widths: Sequence[float], pages: Sequence[int] = (0,)
    ) -> Worksheet:
        """Return a new sheet with columns of so many letters, and its title where each page across begins."""
        sheet = self.book.add_worksheet(_(name))
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer("&L&A&R&P / &N")
        sheet.hide_gridlines(2)
        if spoken().right_to_left:
            sheet.right_to_left()
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        of_a_page = widths[: pages[1]] if len(pages) > 1 else widths
        sheet.set_print_scale(max(45, min(100, int(100 * PAGE / (LETTER * sum(of_a_page) + 5 * len(of_a_page))))))
        for first, after in zip(pages, [*pages[1:], len(widths)], strict=True):
            room, last = widths[first] if first < len(widths) else OTHER, first
            while room < LEAST_TITLE or last + 1 < after:
                last += 1
                room += widths[last] if last < len(widths) else OTHER
            self.across(sheet, 0, first, last, title, "title", room / 1.5, TITLE_LINE)
            self.across(sheet, 1, first, last, note, "note", room)
        return sheet

    def in_chart(self, text: str) -> str:
        """Return words for a chart, which has no direction but that of its first letter."""
        return (RIGHT_TO_LEFT if spoken().right_to_left else "") + shown(text)

    def text(self, sheet: Worksheet, row: int, column: int, text: str, look: str | Format = "text") -> None:
        """Write words: never a formula, a link or a number."""
        sheet.write_string(row, column, shown(text), self.look[look] if isinstance(look, str) else look)

    def across(
        self, sheet: Worksheet, row: int, first: int, last: int, text: str, look: str, room: float, line: float = LINE
    ) -> None:
        """Write words across columns that have room for so many letters, and give the row its height."""
        sheet.merge_range(row, first, row, last, "", self.look[look])
        self.text(sheet, row, first, text, look)
        sheet.set_row(row, line * lines_of(text, room) + 3)

    def fit(self, sheet: Worksheet, row: int, texts: Sequence[str], widths: Sequence[float]) -> None:
        """Give a row the height that its words need."""
        lines = max(lines_of(text, width) for text, width in zip(texts, widths, strict=False))
        sheet.set_row(row, LINE * lines + 2)

    def heads(self, sheet: Worksheet, row: int, heads: Sequence[str], widths: Sequence[float], words: int = 1) -> None:
        """Write the heads of columns, the first so many of them over words and the others over numbers."""
        for column, head in enumerate(heads):
            self.text(sheet, row, column, head, "head" if column < words else "number head")
        self.fit(sheet, row, heads, [0.9 * width for width in widths])

    def month(self, sheet: Worksheet, row: int, month: str, column: int = 0) -> None:
        """Write a month such as ``2026-02`` as a date."""
        year, number = month.split("-")
        sheet.write_datetime(row, column, datetime.datetime(int(year), int(number), 1), self.date)

    def sum_across(self, sheet: Worksheet, row: int, first: int, count: int, value: float, look: str) -> None:
        """Write the sum of so many columns beside them."""
        cells = f"{xl_rowcol_to_cell(row, first)}:{xl_rowcol_to_cell(row, first + count - 1)}"
        sheet.write_formula(row, first + count, f"=SUM({cells})", self.look[look], value)

    def chart(self, kind: Mapping[str, str], title: str) -> Any:
        """Return a chart with its title and axes, money in millions."""
        chart = self.book.add_chart(dict(kind))
        chart.set_title({"name": self.in_chart(title), "name_font": {"name": "Arial", "size": 12, "color": INK}})
        chart.set_legend({"position": "bottom", "font": {"name": "Arial", "size": 9}})
        font = {"name": "Arial", "size": 9}
        lines = {"visible": True, "line": {"color": "#d5d9dd", "width": 0.75}}
        quiet = {"num_font": font, "line": {"none": True}, "major_gridlines": lines}
        chart.set_y_axis({**quiet, "num_format": "#,##0.0,,"})
        chart.set_x_axis({"num_font": font, "label_position": "low"})
        return chart


def quoted(name: str) -> str:
    """Return a sheet's name as formulas have it."""
    return "'" + _(name).replace("'", "''") + "'"
