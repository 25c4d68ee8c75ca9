"""Declare a table once: an annotated class, a line per column, from which its NumPy dtype is built.

Tables hold 8-byte floats and 8-byte integers only: narrower numbers differ between the compiled and the
interpreted reader, or wrap without a word.
"""

from __future__ import annotations

import functools
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, TypeVar, cast, get_type_hints

import numpy as np


@dataclass(frozen=True)
class Column:
    """What one column means: the sentence a reader gets, its unit and, for enumerations, its words."""

    meaning: str
    unit: str = ""
    kind: Any = None


C = TypeVar("C", bound=Column)


class Record:
    """One row of a table. Subclasses annotate columns as ``float`` or ``int`` and describe each once."""


def column(meaning: str, unit: str = "", kind: Any = None) -> Any:
    """Describe a column: what it means, its unit, and the enumeration whose members it holds, if any."""
    return Column(meaning, unit, kind)


def columns(record: type[Record]) -> dict[str, Column]:
    """Return the columns of a record class by name, in order of declaration."""
    return columns_of(record, Column)


def columns_of(record: type[Record], kind: type[C]) -> dict[str, C]:
    """Return the columns of a record class that describes each by one kind of column."""
    described = {name: getattr(record, name) for name in get_type_hints(record)}
    return {name: column for name, column in described.items() if isinstance(column, kind)}


def dtype_of(record: type[Record]) -> np.dtype[Any]:
    """Return the structured dtype of a record class: ``int`` becomes i8 and ``float`` becomes f8."""
    return _built(cast("Hashable", record))


@functools.cache
def _built(record: Any) -> np.dtype[Any]:
    kinds = {int: np.int64, float: np.float64}
    return np.dtype([(name, kinds[hint]) for name, hint in get_type_hints(record).items()])


def new_table(record: type[Record], rows: int) -> np.recarray[Any, Any]:
    """Return a table of `rows` zeroed rows. A record array, so that interpreted rows have attributes too."""
    return np.zeros(rows, dtype_of(record)).view(np.recarray)


def some_rows(table: np.recarray[Any, Any], which: Any) -> np.recarray[Any, Any]:
    """Return a copy of the rows that a mask, row numbers or a slice choose.

    Rows move as plain bytes: NumPy copies records column by column, some five times slower.
    """
    found: np.recarray[Any, Any] = as_bytes(table)[which].view(table.dtype, np.recarray)
    return found


def as_bytes(table: Any) -> Any:
    """Return the same rows, each as one lump of bytes; other arrays as they are."""
    return table.view(np.dtype((np.void, table.dtype.itemsize)), np.ndarray) if table.dtype.names else table
