"""What the tables of a validation say, in the reader's language: states, statistics, readings and groups.

In the tables, and in the files beside the page, words stay English; they are looked up where they are shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..scenarios.language import ENGLISH, _, later, many, spoken, written

RANKED = (later("log_likelihood"), later("all trained: S(5)"))
"""Quantities of `sbc_design` that are no number of the model."""
RANKS = (
    later("as it should be"), later("estimates too low"), later("estimates too high"),
    later("intervals too narrow"), later("intervals too wide"),
)  # fmt: skip
"""What `sbc` says of ranks."""
GROUPS = (later("female"), later("male"), later("sex female"), later("sex male"))
UNDER = (later("prior"), later("posterior"))
"""Which draws made something up."""
LOST = (later("counted as closed"), later("left out"))
"""What a reading of the published share does with owners who were lost."""


def in_words(text: str) -> str:
    """Return what stands in a cell of a validation's tables in the language spoken; names stay as they are."""
    found = _(text)
    if spoken() is ENGLISH or found != text:
        return found
    for pattern, say in SAID.items():
        match = re.fullmatch(pattern, text)
        if match:
            return say(**match.groupdict())
    return text


def _open(years: str) -> str:
    return many("open at {n} years", "open at {n} years", int(years))


def _open_of(years: str, group: str) -> str:
    return _("{number}, {group}", number=_open(years), group=in_words(group))


def _place(name: str) -> str:
    return _("place {name}", name=_(name))


def _few(said: str, worth: str) -> str:
    return _("{said}; draws worth {worth} only: thin further", said=_(said), worth=written(worth))


def _stale(parts: str) -> str:
    return _("stale: {parts} changed since it was made", parts=parts)


def _reading(n: str, lost: str, year: str, month: str) -> str:
    return _("of {n}; lost owners {lost}; AGRs to {year}-{month}", n=n, lost=_(lost), year=year, month=month)


def _reading_of(n: str, financed: str, lost: str, year: str, month: str) -> str:
    return _(
        "of {n}, {financed} of them financed; lost owners {lost}; AGRs to {year}-{month}",
        n=n, financed=financed, lost=_(lost), year=year, month=month,
    )  # fmt: skip


TO = r"; lost owners (?P<lost>.+); AGRs to (?P<year>\d{4})-(?P<month>\d\d)"
SAID: dict[str, Callable[..., str]] = {
    r"open at (?P<years>\d+) years": _open,
    r"open at (?P<years>\d+) years, (?P<group>.+)": _open_of,
    r"place (?P<name>.+)": _place,
    r"(?P<said>.+); draws worth (?P<worth>\d+) only: thin further": _few,
    r"stale: (?P<parts>.+) changed since it was made": _stale,
    r"of (?P<n>\d+)" + TO: _reading,
    r"of (?P<n>\d+), (?P<financed>\d+) of them financed" + TO: _reading_of,
}
"""How a cell with something put in is made (`predictive`, `sbc`, `stamp`, `shares`), and who says it."""
