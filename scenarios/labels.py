"""Names of outcomes, columns and levers as words: the English ones are what catalogues are looked up by."""

from __future__ import annotations

import re

from .language import END, ENGLISH, ISOLATE, _, later, looked_up, lowered, month, quoted, spoken, written
from .numbers import span

LABELS = {
    "cost_per_net_job": "Cost per net livelihood year",
    "self_reliant_households": "Households that live without aid",
    "begun_and_open": "Begun in the plan and open",
}
"""Words for what would be misread in those of its name."""
SETTINGS = (later("true"), later("false"), later("inf"))
"""Settings that are looked up as files write them."""


def source_label(name: str) -> str:
    """Return a name as words in the language of the source: ``survival_3y`` becomes ``Survival at 3 years``."""
    if name in LABELS:
        return LABELS[name]
    words = re.sub(r"_(\d+)y\b", r" at \1 years", name).replace(" at 1 years", " at 1 year").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def cell(text: str) -> str:
    """Return what stands in a table in the language spoken; of an outcome, a measure or a setting its words."""
    found = looked_up(text)
    if spoken() is ENGLISH or found != text:
        return found
    low, to, high = text.partition(" to ")
    if all(re.fullmatch(r"-?[\d,]+(\.\d+)?", part) for part in ((low, high) if to else (low,))):
        return span(_grouped(low, 4), _grouped(high, 4)) if to else _grouped(text, 5)  # a year has no separators
    words, word = source_label(text), text.replace("_", " ")
    return lowered(_(words)) if _(words) != words else _(word) if _(word) != word else text


def _grouped(number: str, digits: int) -> str:
    """Return a number as the reader writes it, with separators from so many digits on."""
    return written(re.sub(rf"^\d{{{digits},}}", lambda found: f"{int(found[0]):,}", number))


def meaning_of(number: str) -> str:
    """Return what a number of the model means, in the language spoken."""
    from ..sim import NUMBERS

    return _(NUMBERS[number].meaning)


def within_sentence(name: str) -> str:
    """Return a name as it stands in a sentence of the language spoken; in English the words of the name itself."""
    return name.replace("_", " ") if spoken() is ENGLISH else lowered(_(source_label(name)))


def coded(name: str) -> str:
    """Return an outcome or a number of the model as one types it, in English; elsewhere in words."""
    return name if spoken() is ENGLISH else quoted(_(source_label(name)))


def lever(column: str) -> str:
    """Return a lever's key; not in English with what it means before it."""
    from ..sim.policy import key_of
    from ..sim.settings import LEVERS

    key = key_of(column)
    if spoken() is ENGLISH:
        return key
    return _("{name} ({key})", name=quoted(_(LEVERS[column].meaning)), key=key)


def strategy(name: str) -> str:
    """Return a strategy's name; settings laid over it, as in ``No programme, training.seats = 20``, stay as typed."""
    if spoken() is ENGLISH or _(name) != name:
        return _(name)
    typed = re.search(r"(^|, )([a-z]+\.[a-z_]+ = .+)$", name)
    if typed is None:
        return looked_up(name)
    settings = typed[2].replace(" ", "\u00a0")
    settings = f"{ISOLATE}{settings}{END}" if spoken().right_to_left else settings
    return f"{looked_up(name[: typed.start()])}{_(', ')}{settings}" if typed.start() else settings


def dated(index: int) -> str:
    """Return a month, counted from January 2007, as files write it, ``2026-01``; not in English in words."""
    from ..sim.policy import month_name

    return month_name(index) if spoken() is ENGLISH else month(index)


def percent(share: float, places: int = 0) -> str:
    """Return a share in per cent, without the sign for it."""
    return written(f"{100.0 * share:.{places}f}")


def basis(text: str) -> str:
    """Return what a number of the model rests on: in English as it is noted, else its sources and what is judged."""
    if spoken() is ENGLISH:
        return text
    sources = re.findall(r"\b[A-Z]\d{3}\b", text)
    judged = [_("judgement")] if "judge" in text else []
    return _(", ").join([*dict.fromkeys(sources), *judged]) or _("a convention")
