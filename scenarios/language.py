"""The reader's language: messages from gettext catalogues, and numbers, dates and lists as the reader writes them.

English is the language of the source: its messages are the keys of all catalogues, which stand in `locale/` and are
made by `python docs/make_languages.py`. A message names what is put into it, `_("After {span}")`, for another language
may want it elsewhere.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..sim.errors import UserError, look_up_with
from ..sim.errors import later as later  # noqa: PLC0414  # given on from here

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "idmaj"
FIRST_YEAR = 2007
ISOLATE, END = "\u2066", "\u2069"
"""Left-to-right isolate: keeps a number with its sign in one piece within Arabic."""
JOINS = ("; ", ", ")
"""What stands between names that are joined in a table's cell."""
MONTHS = (
    "January {year}", "February {year}", "March {year}", "April {year}", "May {year}", "June {year}",
    "July {year}", "August {year}", "September {year}", "October {year}", "November {year}", "December {year}",
)  # fmt: skip


@dataclass(frozen=True)
class Language:
    """A language and how numbers are written in it.

    Attributes
    ----------
    code : str
        As in ``lang="fr"``.
    name : str
        Its own.
    right_to_left : bool
    decimal, thousands : str
    """

    code: str
    name: str
    right_to_left: bool
    decimal: str
    thousands: str

    @property
    def direction(self) -> str:
        """As in ``dir="rtl"``."""
        return "rtl" if self.right_to_left else "ltr"

    @property
    def catalogue(self) -> gettext.NullTranslations:
        """Its messages; those of the source for English."""
        return _catalogue(self.code)


ENGLISH = Language("en", "English", False, ".", ",")
LANGUAGES = {
    each.code: each
    for each in (
        ENGLISH,
        Language("fr", "Français", False, ",", "\u202f"),
        Language("ar", "العربية", True, ",", "."),  # as Moroccans write: 53,7 % and 1.234, in these digits
    )
}
_spoken: ContextVar[Language | None] = ContextVar("spoken", default=None)
_by_default = [ENGLISH]
"""What is spoken where nothing else was asked for, in all threads."""


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    if code == ENGLISH.code:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALE, [code])


def language(code: str) -> Language:
    """Return a language by its code, or by the name of a locale such as fr_FR.UTF-8; UserError where there is none."""
    known = LANGUAGES.get(re.split("[-_.]", code.lower())[0])
    if known is None:
        accepted = ", ".join(f"{each.code} ({each.name})" for each in LANGUAGES.values())
        raise UserError("--lang: found {code!r}; accepted: {accepted}", code=code, accepted=accepted)
    return known


def spoken() -> Language:
    """Return the language in which is spoken now."""
    return _spoken.get() or _by_default[0]


def speak(code: str) -> None:
    """Speak a language from now on, in every thread; UserError where there is none of that code."""
    _by_default[0] = language(code)
    _spoken.set(_by_default[0])


@contextmanager
def speaking(code: str) -> Iterator[Language]:
    """Speak a language within; UserError where there is none of that code."""
    token = _spoken.set(language(code))
    try:
        yield spoken()
    finally:
        _spoken.reset(token)


def _(message: str, /, **values: object) -> str:
    """Return a message in the language spoken, with values put in where it names them."""
    found = spoken().catalogue.gettext(message) if message else ""
    return found.format(**values) if values else found


def many(one: str, more: str, number: int, **values: object) -> str:
    """Return the message for a number of things, ``{n}`` being the number."""
    return spoken().catalogue.ngettext(one, more, number).format(n=written(f"{number:,}"), **values)


def written(text: str) -> str:
    """Return a number written with Python's comma and point as the reader writes it."""
    here = spoken()
    if here is ENGLISH:
        return text
    swapped = text.translate(str.maketrans({",": here.thousands, ".": here.decimal}))
    return f"{ISOLATE}{swapped}{END}" if here.right_to_left else swapped


def written_within(text: str) -> str:
    """Return a text, such as an interval in words, with each number in it as the reader writes it."""
    return re.sub(r"\d[\d,]*(\.\d+)?", lambda found: written(found[0]), text)


def month(index: int) -> str:
    """Return a month, counted from January 2007, in words."""
    year, place = divmod(index, 12)
    return _(MONTHS[place], year=FIRST_YEAR + year)


def listed(items: Sequence[str]) -> str:
    """Join words: ``a, b and c``."""
    if len(items) < 2:
        return items[0] if items else ""
    return _("{all_but_the_last} and {last}", all_but_the_last=_(", ").join(items[:-1]), last=items[-1])


def lowered(text: str) -> str:
    """Return a text as it stands within a sentence: its first letter small, unless it is an abbreviation's."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def looked_up(text: str) -> str:
    """Return what stands in a table in the language spoken, also names that are joined, each in its place."""
    found = _(text)
    if spoken() is ENGLISH or found != text:
        return found
    whole = re.fullmatch(r"(.+) \(([^()]+)\)", text)
    if whole and _(whole[2]) != whole[2]:
        return f"{looked_up(whole[1])} ({_(whole[2])})"
    for join in ("; ", " + "):
        if join in text:
            parts = text.split(join)
            known = [looked_up(part) for part in parts]
            return text if known == parts else (_(join) if join in JOINS else join).join(known)
    parts = text.split(JOINS[1])
    if all(_(part) != part for part in parts):
        return _(JOINS[1]).join(map(_, parts))
    return text


def reason(error: OSError) -> str:
    """Return what the system says of an error, as it stands within a sentence."""
    return lowered(_(error.strerror or str(error)))


def quoted(name: str) -> str:
    """Return a name in quotation marks, not to be broken at a line's end."""
    return _("“{name}”", name=name.replace(" ", "\u00a0"))


look_up_with(_)
