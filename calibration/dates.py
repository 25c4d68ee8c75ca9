"""Dates of the user's files as months since January 2007, and back.

A day is a point in time; a month is an interval, of which a column takes the first or the last moment.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from ..sim.errors import later

FIRST_YEAR = 2007
"""Month 0 is January of this year."""
A_DATE = later("a date, YYYY-MM-DD or YYYY-MM")
A_DATE_OR_NOT = later("a date, YYYY-MM-DD or YYYY-MM, or nothing")
FORM = r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?"
INSTANT = 1e-6
"""Months before its end, some seconds, at which a month has its last moment: it is before the next month's first."""
EARLIEST, LATEST = -12.0 * 57, 12.0 * 94
"""Months of 1950 and of 2101: a date beyond them is a slip of the pen."""


def first_moment(text: str) -> float:
    """Return the months from January 2007 to a day, or to the start of a month.

    Raises
    ------
    ValueError
        If there is no such date, or it is not written YYYY-MM-DD or YYYY-MM.
    """
    if not re.fullmatch(FORM, text):
        raise ValueError(text)
    day = date.fromisoformat(text if len(text) == 10 else f"{text}-01")
    share = (day.day - 1) / monthrange(day.year, day.month)[1]
    return 12.0 * (day.year - FIRST_YEAR) + day.month - 1 + share


def last_moment(text: str) -> float:
    """Return the months from January 2007 to a day, or to just before a month ends; ValueError as `first_moment`."""
    return first_moment(text) + (1.0 - INSTANT if len(text) == 7 else 0.0)


def tomorrow() -> float:
    """Return the months from January 2007 to the end of this month: nothing can have been seen later.

    A date to the month is read as the month's last moment, so the month that is must pass as a whole.
    """
    return last_moment(date.today().isoformat()[:7])


def day_of(months: float) -> str:
    """Return the day, written YYYY-MM-DD, that so many months since January 2007 fall on."""
    whole = int(months // 1)
    year, month = FIRST_YEAR + whole // 12, whole % 12 + 1
    day = 1 + int((months - whole) * monthrange(year, month)[1] + 1e-6)
    return f"{year}-{month:02d}-{day:02d}"
