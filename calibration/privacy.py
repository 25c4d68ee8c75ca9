"""Small cells are not shown: a count under five may point to a person. What is shown is written as the reader does."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..sim.errors import later, worded

LEAST = 5
"""The smallest count above zero that is shown."""
SMALL = f"<{LEAST}"
WITHHELD = later("withheld")
"""Stands for counts of which one is small, or would give a small one away by subtraction."""


def shown(count: int) -> str:
    """Write a count, or that it is small."""
    return SMALL if 0 < count < LEAST else f"{count:,}"


def shown_parts(counts: Sequence[int]) -> list[str]:
    """Write counts that add up to a known total, so that no small one can be worked out from the others.

    Small counts that would give themselves away (there is one alone, or all are 1, or all are the largest that is
    small) are withheld together with the next larger, all alike, so that nobody can tell which is which; where none
    is large enough to hide behind, all are.
    """
    small = [count for count in counts if 0 < count < LEAST]
    large = [count for count in counts if count >= LEAST]
    if not small:
        return [shown(count) for count in counts]
    if not large:
        return [WITHHELD for _ in counts]
    if len(small) > 1 and len(small) < sum(small) < (LEAST - 1) * len(small):
        return [shown(count) for count in counts]
    return [WITHHELD if 0 < count <= min(large) else shown(count) for count in counts]


def open_rows(*columns: Sequence[int]) -> list[bool]:
    """Say of which rows every count is shown, where each column adds up to a known total."""
    said = [shown_parts(column) for column in columns]
    return [not {SMALL, WITHHELD} & set(row) for row in zip(*said, strict=True)]


def shown_share(part: int, whole: int) -> str:
    """Write a share as a whole percentage, unless the part, or what is left of the whole, is small."""
    if whole == 0:
        return "-"
    if SMALL in (shown(part), shown(whole - part)) or whole < LEAST:
        return SMALL
    return f"{100 * part / whole:.0f} %"


def told(cell: str) -> str:
    """Return a number, a share or what stands for one, as the reader writes it; any other text as it is.

    The catalogue of a language shows by an example how its numbers are written.
    """
    found = re.fullmatch(r"(<?)(\d[\d,]*(?:\.\d+)?)( %)?", cell)
    if not found:
        return worded(cell) if cell == WITHHELD else cell
    example = worded("1,234.5")
    number = found[1] + found[2].translate({ord(","): example[1], ord("."): example[5]})
    return worded("{number} %", number=number) if found[3] else number
