"""On which line of a strategy file each key stands, so that a message can point there."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

Place = tuple[str | int, ...]
"""Where a key stands in a document: ``("changes", 0, "selection", "rule")``."""


def lines_of_keys(text: str) -> dict[Place, int]:
    """Return the line on which each key of a valid TOML document stands.

    A statement of TOML (a header, or a key with its value) is a document by itself: the parser tells what it
    says.
    """
    found: dict[Place, int] = {}
    blocks: dict[Place, int] = {}
    table: Place = ()
    statement, first = "", 1
    for number, line in enumerate(text.split("\n"), 1):
        first = first if statement else number
        statement += line + "\n"
        try:
            said = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        if statement.lstrip().startswith("["):
            table = _table(said, blocks)
            found.setdefault(table, first)
        else:
            for place in _places(said, table):
                found.setdefault(place, first)
        statement = ""
    return found


def _table(header: dict[str, Any], blocks: dict[Place, int]) -> Place:
    """Return the table that a header opens; `blocks` counts the ``[[blocks]]`` of each name so far."""
    place: Place = ()
    said: Any = header
    while said:
        key = next(iter(said))
        place, said = (*place, key), said[key]
        if isinstance(said, list):
            blocks[place] = blocks.get(place, 0) + 1
            said = said[0]
        if place in blocks:
            place = (*place, blocks[place] - 1)
    return place


def _places(said: Any, place: Place) -> Iterator[Place]:
    """Yield the place of every key below `place`."""
    items = said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ()
    for key, below in items:
        yield (*place, key)
        yield from _places(below, (*place, key))
