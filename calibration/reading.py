"""Read evidence strictly: every cell is what it should be, or all that is wrong is said at once.

A table of evidence is a CSV file or the blocks of a TOML file. Both become rows of text cells, each with the line
it stands on; one set of rules turns them into a table of the right types.
"""

from __future__ import annotations

import csv
import io
import math
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import pandas as pd

from ..sim.errors import UserError, later, worded
from ..sim.strategy_lines import lines_of_keys

Value = str | float | tuple[Any, ...] | None
Row = dict[str, Value]
Cells = dict[str, str]
Problem = tuple[str, str | None, str]
"""A column, what was found there (None: what the cell says) and what is accepted."""
Rule = Callable[[Row], Iterator[Problem]]
Across = Callable[[list[Row]], Iterator[tuple[int, Problem]]]

MOST_SAID = 30
"""Problems of one file that a message lists; the others are counted."""
MOST_FOUND = 40
"""Characters of a cell that a message repeats."""
UNREADABLE = (later("No such file or directory"), later("Is a directory"), later("Permission denied"))
"""What a system says, in English, of a file that cannot be read."""


class EvidenceError(UserError):
    """Evidence that cannot be used: each line names a place, what was found there and what is accepted.

    Attributes
    ----------
    problems : tuple of str
        All of them; the message lists the first thirty.
    """

    def __init__(self, *problems: str) -> None:
        self.problems = tuple(line for problem in problems for line in problem.split("\n"))
        more = len(self.problems) - MOST_SAID
        rest = [worded("and {more} more problems of the same file", more=more)] if more > 0 else []
        super().__init__("\n".join([*self.problems[:MOST_SAID], *rest]))


@dataclass(frozen=True)
class Kind:
    """What a cell may hold: text of this pattern, one of some words, a number from low to high, or nothing.

    `wants` says so in English, with `{names}` for the words; `accepted` says it in the language spoken. `words` gives
    what each word becomes, `convert` what any other text becomes (ValueError where it is nothing); `blank` is the value
    of an empty cell that need not be filled.
    """

    wants: str
    pattern: str = ".+"
    dtype: str = "str"
    low: float = -math.inf
    high: float = math.inf
    required: bool = True
    words: Mapping[str, Value] = field(default_factory=dict)
    convert: Callable[[str], Value] | None = None
    blank: Value = None

    @property
    def accepted(self) -> str:
        """What is accepted, in the language spoken."""
        return worded(self.wants, names=", ".join(self.words)) if self.words else worded(self.wants)

    def read(self, cell: str) -> Value:
        """Give the value of a cell; ValueError if it holds something else."""
        if not cell and not self.required:
            if self.blank is not None or self.dtype in ("Int64", "object"):
                return self.blank
            return "" if self.dtype == "str" else math.nan
        if cell in self.words:
            return self.words[cell]
        if not re.fullmatch(self.pattern, cell, re.DOTALL) or (self.words and self.convert is None):
            raise ValueError(cell)
        if self.convert is None and self.dtype == "str":
            return cell
        value = (self.convert or (float if self.dtype == "float64" else int))(cell)
        if isinstance(value, float | int) and not self.low <= value <= self.high:
            raise ValueError(cell)
        return value

    def holds(self, cell: str) -> bool:
        """Say whether a cell may hold that."""
        try:
            self.read(cell)
        except ValueError:
            return False
        return True

    def wanted(self, cell: str) -> str:
        """Say what is accepted, with the nearest word to what a cell holds."""
        near = get_close_matches(cell.lower(), self.words, 1)
        return self.accepted + (worded("; nearest: {near!r}", near=near[0]) if near else "")


def no_rule(row: Row) -> Iterator[Problem]:
    """Find nothing wrong across a row."""
    yield from ()


def no_across(rows: list[Row]) -> Iterator[tuple[int, Problem]]:
    """Find nothing wrong between rows."""
    yield from ()


@dataclass(frozen=True)
class Table:
    """One kind of evidence: its columns, the columns no two rows share, and checks across a row and between rows.

    `optional` columns may be absent; of a `private` table no message repeats an identifier.
    """

    file: str
    key: list[str]
    kinds: dict[str, Kind]
    about: tuple[str, str, str] = ("by row: source", "by column", "")
    rule: Rule = no_rule
    across: Across = no_across
    optional: frozenset[str] = frozenset()
    private: bool = False


Record = tuple[int, Cells]
"""The line on which a row starts, and its cells."""


def text_of(path: Path | Traversable, name: str) -> str:
    """Return the text of a file; EvidenceError if it cannot be read as UTF-8."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        why = worded(error.strerror or str(error))
        raise EvidenceError(worded("{name}: cannot be read: {why}", name=name, why=why)) from error
    except UnicodeDecodeError as error:
        raise EvidenceError(
            worded("{name}: is no text in UTF-8; save it so, from a spreadsheet as 'CSV UTF-8'", name=name)
        ) from error


def text_at(path: str | os.PathLike[str]) -> str:
    """Return the text of the user's file; EvidenceError if it cannot be read as UTF-8."""
    return text_of(Path(path), str(path))


def csv_header(text: str) -> list[str]:
    """Return the cells of the first row that is no comment; none where the text is no CSV."""
    try:
        return _rows(text)[0][1]
    except (csv.Error, IndexError):
        return []


def csv_records(table: Table, name: str, text: str) -> tuple[list[Record], list[str]]:
    """Split CSV text into rows of stripped cells, and say which lines cannot be split.

    Lines before the header that begin with # are comments. EvidenceError where there is no such header or no row.
    Where semicolons stand between cells, decimals may have a comma: a spreadsheet in French writes both.
    """
    try:
        lines = _rows(text)
    except csv.Error as error:
        raise EvidenceError(worded("{name}: is no CSV text: {error}", name=name, error=error)) from error
    at, header = lines[0] if lines else (1, [])
    _check_header(table, _place(name, at), header)
    if len(lines) == 1:
        raise EvidenceError(worded("{name}: found a header and no rows; accepted: one row or more", name=name))
    n = len(header)
    wrong = [
        worded("{place}: found {count} cells; accepted: {wanted}", place=_place(name, at), count=len(c), wanted=n)
        for at, c in lines
        if len(c) != n
    ]
    absent = {column: "" for column in table.kinds if column not in header}
    records = [(at, dict(zip(header, c, strict=True)) | absent) for at, c in lines[1:] if len(c) == n]
    if _between_cells(text) == ";":
        wrong += _take_commas_for_points(table, name, records)
    return records, wrong


def _take_commas_for_points(table: Table, name: str, records: list[Record]) -> list[str]:
    """Write numbers with a decimal comma with a point; say which may be of thousands, as 9,000 and 9.000."""
    unclear = []
    for at, cells in records:
        for column, cell in cells.items():
            kind = table.kinds[column]
            if kind.dtype != "float64" or not re.fullmatch(r"-?[0-9]+([.,][0-9]+)+", cell):
                continue
            whole = re.sub("[.,]", "", cell)
            if re.fullmatch(r"[1-9][0-9]{0,2}([.,][0-9]{3})+", cell) and kind.holds(whole):
                place = worded("{place}, {column}", place=_place(name, at), column=column)
                unclear.append(worded("{place}: found {cell!r}: thousands, or decimals?", place=place, cell=cell))
                cells[column] = whole  # so that nothing more is said of it
            elif kind.holds(cell.replace(",", ".")):
                cells[column] = cell.replace(",", ".")
    return unclear


def _between_cells(text: str) -> str:
    """Return what stands between the cells of CSV text: its first line that is no comment tells."""
    lines = (line.lstrip('"') for line in io.StringIO(text, newline=None))
    header = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    return ";" if header.count(";") > header.count(",") else ","


def _rows(text: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_between_cells(text), strict=True)
    lines: list[tuple[int, list[str]]] = []
    start = 1
    for cells in reader:
        if cells and (lines or not cells[0].startswith("#")):
            lines.append((start, [cell.strip() for cell in cells]))
        start = reader.line_num + 1
    return lines


def _place(name: str, line: int, key: str = "") -> str:
    """Say where something stands."""
    if key:
        return worded("{name}, line {line}, {key}", name=name, line=line, key=key)
    return worded("{name}, line {line}", name=name, line=line)


def _check_header(table: Table, where: str, header: list[str]) -> None:
    missing = [c for c in table.kinds if c not in header and c not in table.optional]
    extra = [c for c in header if c not in table.kinds or header.count(c) > 1]
    if not missing and not extra:
        return
    near = _nearest_names(extra, table.kinds)
    found = worded(
        "missing {missing}; not known or twice: {strange}",
        missing=", ".join(missing) or worded("none"),
        strange=", ".join(extra) or worded("none"),
    )
    raise EvidenceError(
        worded(
            "{where}: wrong header: {found}; accepted: {names}{near}",
            where=where,
            found=found,
            names=",".join(table.kinds),
            near=near,
        )
    )


def _nearest_names(strange: Iterable[str], known: Iterable[str]) -> str:
    pairs = {name: get_close_matches(name.lower(), [k for k in known if k != name], 1) for name in strange}
    said = [f"{name}: {near[0]}" for name, near in pairs.items() if near]
    return worded("; nearest: {names}", names=", ".join(said)) if said else ""


def toml_document(name: str, text: str) -> dict[str, Any]:
    """Return what a TOML text says; EvidenceError where it is none."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise EvidenceError(worded("{name}: is no TOML: {error}", name=name, error=error)) from error


def toml_records(table: Table, section: str, name: str, text: str) -> tuple[list[Record], list[str]]:
    """Split the ``[[section]]`` blocks of a TOML text into rows of cells, and say what is not a cell.

    A list of numbers becomes a cell of numbers with spaces between; true and false become yes and no.
    """
    document, lines = toml_document(name, text), lines_of_keys(text)
    blocks = document.get(section)
    if not isinstance(blocks, list) or not blocks or not all(isinstance(block, dict) for block in blocks):
        raise EvidenceError(
            worded(
                "{name}: found no [[{section}]]; accepted: one block [[{section}]] or more", name=name, section=section
            )
        )
    wrong = [
        worded(
            "{place}: found a part that is not known; accepted: [[{section}]]",
            place=_place(name, lines.get((key,), 1), key),
            section=section,
        )
        for key in document
        if key != section
    ]
    records = []
    for number, block in enumerate(blocks):
        at = lines.get((section, number), 1)
        cells = dict.fromkeys(table.kinds, "")
        for key, said in block.items():
            if key in table.kinds:
                cells[key] = _cell(said)
                continue
            wrong.append(
                worded(
                    "{place}: found a key that is not known; accepted: {names}{near}",
                    place=_place(name, lines.get((section, number, key), at), key),
                    names=", ".join(table.kinds),
                    near=_nearest_names([key], table.kinds),
                )
            )
        records.append((at, cells))
    return records, wrong


def _cell(said: Any) -> str:
    """Write a value of TOML as the text of a cell."""
    if isinstance(said, bool):
        return "yes" if said else "no"
    if isinstance(said, list):
        return " ".join(_cell(item) for item in said)
    if isinstance(said, dict):
        return " ".join(f"{key}={_cell(item)}" for key, item in said.items())
    return str(said).strip()


def table_of(table: Table, name: str, records: list[Record], problems: list[str]) -> pd.DataFrame:
    """Turn rows of cells into a table of the right types, or raise EvidenceError with all that is wrong.

    `attrs` "lines" holds the line on which each row starts.
    """
    first_line: dict[tuple[str, ...], int] = {}
    rows: list[Row] = []
    said: list[tuple[int, str]] = []
    for line, cells in records:
        key = tuple(cells[column].partition(" (")[0] for column in table.key)
        row, wrong = _read_row(table, cells)
        if line > first_line.setdefault(key, line) and any(key):
            found = worded("one that is there already") if table.private else repr(key[-1])
            once = worded("one row each (first on line {line})", line=first_line[key])
            wrong.append((table.key[-1], found, once))
        said += [(line, _sentence(table, name, line, cells, problem)) for problem in wrong]
        rows.append(row)
    if not problems and not said:
        between = table.across(rows)
        said = [(records[i][0], _sentence(table, name, *records[i], problem)) for i, problem in between]
    if problems or said:
        raise EvidenceError(*problems, *(sentence for _, sentence in sorted(said, key=lambda each: each[0])))
    columns = {column: [row[column] for row in rows] for column in rows[0]}
    frame = pd.DataFrame({c: pd.Series(cells, dtype=table.kinds[c].dtype) for c, cells in columns.items()})
    frame.attrs.update(zip(("source", "unit", "grade"), table.about, strict=True))
    frame.attrs["lines"] = [line for line, _ in records]
    return frame


def _sentence(table: Table, name: str, line: int, cells: Cells, problem: Problem) -> str:
    column, found, good = problem
    key = " ".join(cells[column].partition(" (")[0] for column in table.key).strip() or worded("no id")
    return worded(
        "{place}, {column}: found {found}; accepted: {good}",
        place=_place(name, line, "" if table.private else key),
        column=column,
        found=found or _quoted(cells[column]),
        good=good,
    )


def _quoted(cell: str) -> str:
    if not cell:
        return worded("nothing")
    return repr(cell if len(cell) <= MOST_FOUND else cell[:MOST_FOUND] + "...")


def _read_row(table: Table, cells: Cells) -> tuple[Row, list[Problem]]:
    row: Row = {}
    wrong: list[Problem] = []
    for column, cell in cells.items():
        kind = table.kinds[column]
        try:
            row[column] = kind.read(cell)
        except ValueError:
            row[column] = math.nan if kind.dtype == "float64" else None
            wrong.append((column, None, kind.wanted(cell)))
    named = {column for column, _, _ in wrong}
    return row, wrong + [problem for problem in table.rule(row) if problem[0] not in named]
