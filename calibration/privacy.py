"""Small cells are not shown: a count under five may point to a person."""

from __future__ import annotations

from collections.abc import Sequence

LEAST = 5
"""The smallest count above zero that is shown."""
SMALL = f"<{LEAST}"
WITHHELD = "withheld"
"""Stands for a count that would give a small one away by subtraction."""


def shown(count: int) -> str:
    """Write a count, or that it is small."""
    return SMALL if 0 < count < LEAST else f"{count:,}"


def shown_parts(counts: Sequence[int]) -> list[str]:
    """Write counts that add up to a known whole: if one alone is small, the next smallest is withheld too."""
    said = [shown(count) for count in counts]
    others = [i for i, count in enumerate(counts) if count >= LEAST]
    if said.count(SMALL) == 1 and others:
        said[min(others, key=lambda i: counts[i])] = WITHHELD
    return said


def shown_share(part: int, whole: int) -> str:
    """Write a share as a whole percentage, unless the part, or what is left of the whole, is small."""
    if whole == 0:
        return "-"
    if SMALL in (shown(part), shown(whole - part)) or whole < LEAST:
        return SMALL
    return f"{100 * part / whole:.0f} %"
