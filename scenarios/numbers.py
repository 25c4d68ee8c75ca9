"""How answers write numbers in their sentences."""

from __future__ import annotations

import math

from .language import _, written

MINUS = "\u2212"


def signed(value: float, places: int = 0) -> str:
    """Write a difference with its sign; none where it rounds to zero."""
    text = f"{abs(value):,.{places}f}"
    return written(text if float(text.replace(",", "")) == 0.0 else f"{'+' if value > 0 else MINUS}{text}")


def plain(value: float, digits: int = 3) -> str:
    """Write a number with so many significant digits and thousands separators; a missing one as a dash."""
    if not math.isfinite(value):
        return "\u2013"
    places = 0 if value == 0.0 else digits - 1 - math.floor(math.log10(abs(value)) + 1e-9)
    text = f"{round(abs(value), places):,.{max(0, places)}f}"
    return written(f"{MINUS}{text}" if value < 0.0 and float(text.replace(",", "")) != 0.0 else text)


def fixed(value: float, places: int = 0) -> str:
    """Write a number with so many decimals, without thousands separators: a share in per cent, a count."""
    return written(f"{value:.{places}f}")


def rounded(value: float) -> str:
    """Write a number as people do: 3,600,000, and 0.0125."""
    return written(f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}")


def span(low: str, high: str) -> str:
    """Write an interval in words."""
    return _("{low} to {high}", low=low, high=high)
