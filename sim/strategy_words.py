"""The words of a strategy file: sections, months, values, what is accepted, and what to write instead."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from .errors import UserError, later, worded
from .settings import LEVERS, Lever

FIRST_YEAR = 2007
"""Month 0 is January of this year."""

EUR_IN_MAD = 10.9
A_MONTH = later("a month from 2007-01 on, written YYYY-MM")
MONTH_FORM = r"^(200[7-9]|20[1-9][0-9]|21[0-9][0-9])-(0[1-9]|1[0-2])$"
A_DATE = later('a month from 2007-01 on, written YYYY-MM, or like "+12 months" after the start of the plan')
AFTER_FORM = r"^\+([1-9][0-9]{0,2}) months?$"
DATE_FORM = f"{MONTH_FORM}|{AFTER_FORM}"
ABOUT = ("name", "extends", "combines", "why", "start", "future", "ramp_months")
"""Keys of a file beside its sections and its blocks of dated changes."""
RAMP = Lever("Months in which numbers get to their new value, in equal steps", "months", at_most=240, whole=True)
FUTURE = Lever("Whether it says what may come rather than what is done: it is laid over strategies", "yes/no", bool)

_NUMBER = re.compile(r"[-+]?\d[\d _'\u00a0\u202f]*(?:[.,]\d+)?")
_MONTH_NAMES = (
    ("january", "janvier"),
    ("february", "février"),
    ("march", "mars"),
    ("april", "avril"),
    ("may", "mai"),
    ("june", "juin"),
    ("july", "juillet"),
    ("august", "août"),
    ("september", "septembre"),
    ("october", "octobre"),
    ("november", "novembre"),
    ("december", "décembre"),
)


def _sections() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for column in LEVERS:
        section, key = column.split("_", 1)
        found.setdefault(section, {})[key] = column
    return found


SECTIONS: Mapping[str, Mapping[str, str]] = _sections()
"""Column of `Settings` by section and key of a file."""


def key_of(column: str) -> str:
    """Return what a file calls a column: ``selection_rule`` is ``selection.rule``."""
    return column.replace("_", ".", 1)


def month_of(text: str) -> int:
    """Return the month, counted from January 2007, that a text like ``2026-01`` names.

    Raises
    ------
    UserError
        If the text is not a month from 2007-01 on, written YYYY-MM.
    """
    if not re.fullmatch(MONTH_FORM, text):
        hint = month_hint(text)
        accepted = worded("{text}; {hint}", text=worded(A_MONTH), hint=hint) if hint else worded(A_MONTH)
        raise UserError("found {text}, accepted {accepted}", text=toml(text), accepted=accepted)
    return 12 * (int(text[:4]) - FIRST_YEAR) + int(text[5:]) - 1


def date_of(text: str) -> tuple[int | None, int]:
    """Return what an accepted date names: a month, or None and how many months after the start of the plan."""
    after = re.fullmatch(AFTER_FORM, text)
    return (None, int(after[1])) if after else (month_of(text), 0)


def out_of_order(date: str, before: str, start: str) -> tuple[str, str] | None:
    """Return what is accepted in place of a date that cannot stand where it does, and what to do; None if it can.

    `before` is the date of the block before it, `start` the file's own; both may be empty.
    """
    if start and date_of(date)[0] is not None and date < start:
        return worded("a month from the start, {when}, on", when=start), ""
    if not before:
        return None
    if date.startswith("+") != before.startswith("+"):
        hint = worded("name a month in all of them, or count all from the start of the plan")
        return worded("dates of one kind in a file, like {date}", date=toml(before)), hint
    if date_of(date) <= date_of(before):
        same = date_of(date) == date_of(before)
        hint = worded("put both into one block") if same else worded("put the blocks in order of date")
        return worded("a month after {date}", date=before), hint
    return None


def month_name(month: int) -> str:
    """Return the name of a month counted from January 2007: 228 is ``2026-01``."""
    return f"{FIRST_YEAR + month // 12}-{month % 12 + 1:02d}"


def glides(column: str) -> bool:
    """Say whether a setting can get to a new value in steps: not a word, nor yes or no."""
    return LEVERS[column].kind is None


def in_words(column: str, value: float) -> str:
    """Return a value as a strategy file writes it: ``need_first``, ``true``, ``0.4``, ``inf``."""
    kind = LEVERS[column].kind
    if kind is bool:
        return "true" if value else "false"
    if kind is not None:
        return str(kind(int(value)).name.lower())
    return number(value)


def short(column: str, value: float) -> str:
    """Return a value in words, a number on the way of a ramp with four digits."""
    return in_words(column, value) if value == round(value, 4) else number(float(f"{value:.4g}"))


def rough(column: str, value: float) -> str:
    """Return a value in words, a number on the way of a ramp with three digits, or all that are before the point."""
    if value == round(value, 4):
        return in_words(column, value)
    return number(round(value, max(0, 2 - math.floor(math.log10(abs(value))))))


def number(value: float) -> str:
    """Return a number without a needless decimal point."""
    return str(int(value)) if abs(value) < 1e15 and value == int(value) else str(value)


def number_of(column: str, value: bool | float | str) -> float:
    """Return the number that stands in the table for an accepted value of a file."""
    kind = LEVERS[column].kind
    if isinstance(value, str):
        return float(kind[value.upper()])
    return float(value)


def quoted(names: Iterable[str]) -> str:
    """Return names as the inside of a list of a file."""
    return ", ".join(toml(name) for name in names)


def words_of(lever: Lever) -> tuple[str, ...]:
    """Return the words an enumeration accepts."""
    return tuple(member.name.lower() for member in lever.kind)


def toml(value: object) -> str:
    """Return a value as a file would write it, short enough for one line."""
    if value is None:
        return worded("nothing")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = value if len(value) <= 60 else f"{value[:57]}..."
        return '"' + text.replace("\n", "\\n") + '"'
    if isinstance(value, dict):
        return worded("a table")
    return worded("a list") if isinstance(value, list) else str(value)


def accepted_by(lever: Lever) -> str:
    """Return in words what a lever accepts."""
    if lever.kind is bool:
        return worded("true or false")
    if lever.kind is not None:
        return worded("one of {names}", names=quoted(words_of(lever)))
    unit = "" if lever.unit in ("share", "") else f" ({worded(lever.unit)})"
    is_share = lever.unit == "share"
    noun = worded("a share") if is_share else worded("a whole number") if lever.whole else worded("a number")
    low, high = number(lever.at_least), number(lever.at_most)
    limits = worded("of {low} or more", low=low)
    if not math.isinf(lever.at_most):
        limits = worded("from {low} to {high}", low=low, high=high)
    return f"{noun} {limits}{unit}" + (worded(", or inf") if lever.may_be_infinite else "")


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """Return a question with the nearest name, or nothing if none is near."""
    names = list(names)
    near = get_close_matches(word.lower(), names, 1, 0.6) or [name for name in names if word and word in name]
    return worded("did you mean '{near}'?", near=near[0]) if near else ""


def key_hint(section: str, key: str, names: Iterable[str]) -> str:
    """Say where a key belongs that is not among the `names` of its section; `section` is empty at the top."""
    if section == "changes" and key in ("future", "start", "extends", "combines", "name"):
        return worded("write '{key}' above the first [section] or [[changes]]", key=key)
    if section and key in (*ABOUT, "date", "changes"):
        return worded("write '{key}' above the first [section]", key=key)
    here = did_you_mean(key, names)
    if here and (section or not any(key in keys for keys in SECTIONS.values())):
        return here
    for other, keys in SECTIONS.items():
        if key in keys:
            return worded("did you mean '{other}.{key}'?", other=other, key=key)
    return did_you_mean(key.replace("_", ".", 1), [key_of(column) for column in LEVERS])


def value_hint(lever: Lever, value: object) -> str:
    """Return what to write instead of a value that a lever does not accept; nothing if that is plain."""
    if lever.kind is bool:
        return _yes_no_hint(value)
    if lever.kind is not None:
        return did_you_mean(str(value).strip().replace(" ", "_"), words_of(lever))
    if isinstance(value, str):
        return _text_hint(lever, value.strip())
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return ""
    if lever.unit == "share" and 1 < value <= 100:
        return _percent_hint(float(value))
    if lever.whole and isinstance(value, float) and value.is_integer():
        return worded("write {value}, without a decimal point", value=number(value))
    return ""


def date_hint(value: object) -> str:
    """Return how to write a date that was written in another way; nothing if it cannot be guessed."""
    found = re.fullmatch(r"\+? *(\d+) *(m|months?|mois|y|years?|ans?)?", str(value).strip().lower())
    if not found or not (found[2] or str(value).strip().startswith("+")):
        return month_hint(value)
    months = int(found[1]) * (12 if (found[2] or "m")[0] in "ya" else 1)
    return worded('write "+{months} months"', months=months) if 0 < months < 1000 else ""


def month_hint(value: object) -> str:
    """Return how to write a month that was written in another way; nothing if it cannot be guessed."""
    text = str(value).lower()
    year = re.search(r"(?<!\d)\d{4}(?!\d)", text)
    if not year:
        return ""
    if int(year[0]) < FIRST_YEAR:
        return worded("the model begins in {first_year}-01", first_year=FIRST_YEAR)
    rest = text[: year.start()] + " " + text[year.end() :]
    words = set(re.findall(r"\w+", rest))
    named = [month for month, names in enumerate(_MONTH_NAMES, 1) if words.intersection(names)]
    numbers = [int(digits) for digits in re.findall(r"\d+", rest)]
    if any(number > 12 for number in numbers[:1]) and len(numbers) < 2:
        return worded("months run from 01 to 12")
    if "/" in text and len(numbers) == 2 and year.start() > 0:
        numbers.reverse()
    month = next(iter(named or numbers), 0)
    return worded('write "{year}-{month:02d}"', year=year[0], month=month) if 1 <= month <= 12 else ""


def syntax_hint(line: str) -> str:
    """Return what is probably wrong with a line that is not TOML."""
    if line.count('"') % 2:
        return worded("close the quotes on the same line")
    written = line.split("=", 1)[-1].split("#", 1)[0].strip() if "=" in line else ""
    if re.fullmatch(r"[-+]?\d+,\d+", written):
        return worded("write decimals with a point: {number}", number=written.replace(",", "."))
    if re.fullmatch(r"\d{4}-\d{1,2}", written):
        return worded('write a date in quotes: "{written}"', written=written)
    if re.fullmatch(r"[-+]?[\d.]+\s*%", written):
        return _percent_hint(float(written.rstrip("% ")))
    if re.match(r"[-+]?\d", written):
        return worded("write the number alone, without unit")
    if re.match(r"(true|false)$", written, re.IGNORECASE):
        return worded("write {written}, in lower case", written=written.lower())
    return worded('write words in quotes, like rule = "mixed"') if re.match(r"[^\W\d]", written) else ""


def _percent_hint(percent: float) -> str:
    return worded("for {percent} % write {share}", percent=number(percent), share=number(round(percent / 100, 10)))


def _yes_no_hint(value: object) -> str:
    meant = {"yes": "true", "true": "true", "oui": "true", "1": "true"}
    meant |= {"no": "false", "false": "false", "non": "false", "0": "false"}
    word = meant.get(str(value).lower())
    return worded("write {word}, without quotes", word=word) if word else ""


def _text_hint(lever: Lever, text: str) -> str:
    """Return the number that was meant by a text like "9500 MAD", "40 %" or "0,6"."""
    found = _NUMBER.match(text)
    its_unit = "" if lever.unit == "share" else worded("; the unit is {unit}", unit=worded(lever.unit))
    if text.lower() in ("inf", "infinite", "unlimited") and lever.may_be_infinite:
        return worded("write inf, without quotes")
    if not found or re.search(r"[.,]\d{3}$", found[0]):
        return worded("write the number alone{its_unit}", its_unit=its_unit)
    meant = float(re.sub(r"[ _'\u00a0\u202f]", "", found[0]).replace(",", "."))
    unit = text[found.end() :].strip().lower()
    if unit.startswith("%") and lever.unit == "share":
        return _percent_hint(meant)
    if unit.startswith(("eur", "€")) and lever.unit.startswith("MAD"):
        return worded(
            "the unit is {unit}: at EUR 1 = {eur_in_mad} MAD write {amount}",
            unit=worded(lever.unit),
            eur_in_mad=EUR_IN_MAD,
            amount=round(meant * EUR_IN_MAD),
        )
    if not unit or lever.unit.lower().startswith(unit) or unit.startswith(lever.unit.lower()):
        return worded("write {meant} without quotes{its_unit}", meant=number(meant), its_unit=its_unit)
    return worded("write the number alone{its_unit}", its_unit=its_unit)
