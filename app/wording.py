"""How numbers and names are written for people: the terminal's tables, the report and the figures alike."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from ..scenarios import labels, language
from ..scenarios.language import ENGLISH, _, later, spoken, written, written_within

MINUS = "\u2212"
MISSING = "\u2013"
THIN = "\u00a0"
NEGLIGIBLE = 0.01
"""Part of the baseline's level below which a difference is of no consequence, however surely it is one."""
PARTS = {"_low": later("{name} low"), "_high": later("{name} high"), "_before": later("{name} before")}
"""Columns beside another, whose name is known: its interval, and what it was before."""
AT = "at "
"""Begins the name of a column that has the values of a lever."""
listed = language.listed
source_label = labels.source_label


def label(name: str) -> str:
    """Return a column or strategy name as words: ``survival_3y`` becomes ``Survival at 3 years``."""
    year = re.fullmatch(r"year (\d+)", name)
    if year:
        return _("Year {number}", number=year[1])
    words = source_label(name)
    found = _(words)
    if spoken() is ENGLISH or found != words:
        return found
    if name.startswith(AT):
        return _("At {lever}", lever=name.removeprefix(AT))
    for end, message in PARTS.items():
        if name.endswith(end):
            return _(message, name=label(name.removesuffix(end)))
    return found


def capitalised(text: str) -> str:
    """Return a text that begins with a capital."""
    return text[:1].upper() + text[1:]


def shown_unit(unit: str, difference: bool = False) -> str:
    """Return the unit a number is shown in: shares as percentages, their differences in points."""
    if unit == "share":
        return _("points") if difference else "%"
    return _(unit)


def scale(unit: str) -> float:
    """Return what a number is multiplied with to be shown in its unit."""
    return 100.0 if unit == "share" else 1.0


def significant(size: float, digits: int) -> int:
    """Return the decimals that give a number so many significant digits, four at most; negative beyond the units."""
    if not math.isfinite(size) or size == 0.0:
        return 0
    return min(4, digits - 1 - math.floor(math.log10(abs(size)) + 1e-9))


def level_decimals(value: float) -> int:
    """Return the decimals of a level: three significant digits, yet every unit below 100,000."""
    places = significant(value, 3)
    return places if places > 0 or abs(value) >= 1e5 else 0


def interval_decimals(middle: float, low: float, high: float) -> int:
    """Return the decimals that an interval earns: two significant digits of its half-width."""
    half = (high - low) / 2
    return significant(half, 2) if math.isfinite(half) and half > 0 else level_decimals(middle)


def number(value: float, places: int = 0, sign: bool = False) -> str:
    """Write a number with thousands separators; a missing one as a dash, a tie at zero without a sign."""
    if not math.isfinite(value):
        return MISSING
    rounded = round(abs(value), places)
    before = "" if rounded == 0.0 else MINUS if value < 0 else "+" if sign else ""
    return written(f"{before}{rounded:,.{max(places, 0)}f}")


def unsigned(number: str) -> str:
    """Return a number that was written with a sign without it."""
    return number.replace("+", "").replace(MINUS, "")


def level(value: float, unit: str, with_unit: bool = False) -> str:
    """Write a level in its shown unit: 0.537 of unit share becomes ``53.7`` (``53.7 %`` with its unit)."""
    shown = value * scale(unit)
    text = number(shown, level_decimals(shown))
    return f"{text}{THIN}{shown_unit(unit)}" if with_unit else text


def interval(values: Sequence[float], unit: str, sign: bool) -> list[str]:
    """Write a middle, its low and high, and any further numbers, with the decimals the interval earns."""
    shown = [value * scale(unit) for value in values]
    places = interval_decimals(shown[0], shown[1], shown[2])
    return [number(value, places, sign) for value in shown]


def separated(text: str) -> str:
    """Return a text whose whole numbers have thousands separators: ``3600 to 4786`` becomes ``3,600 to 4,786``."""
    if not text[:1].isdigit():
        return _(text)
    text = re.sub(r"(?<![\d.,])\d{4,}(?![\d.])", lambda found: f"{int(found[0]):,}", text)
    low, to, high = text.partition(" to ")
    return span(written_within(low), written_within(high)) if to else written_within(text)


def span(low: str, high: str) -> str:
    """Write an interval in words."""
    return low if low == high == MISSING else _("{low} to {high}", low=low, high=high)


def chance(share: float) -> str:
    """Write a chance as a whole percentage."""
    return MISSING if not math.isfinite(share) else f"{written(f'{100 * share:.0f}')}{THIN}%"


def first_sentences(text: str, count: int) -> str:
    """Return the first sentences of a text."""
    return " ".join(re.split(r"(?<=[.!?؟])\s+(?=[^\Wa-z_])", " ".join(text.split()))[:count])
