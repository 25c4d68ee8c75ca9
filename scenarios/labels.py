"""Names of outcomes, columns and levers as words: the English ones are what catalogues are looked up by."""

from __future__ import annotations

import re

from ..sim import NUMBERS
from .language import ENGLISH, _, looked_up, lowered, spoken, written

LABELS = {
    "cost_per_net_job": "Cost per net livelihood year",
    "self_reliant_households": "Households that live without aid",
    "begun_and_open": "Begun in the plan and open",
}
"""Words for what would be misread in those of its name."""


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
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return written(re.sub(r"^\d{5,}", lambda number: f"{int(number[0]):,}", text))  # a year has no separators
    words, word = source_label(text), text.replace("_", " ")
    return lowered(_(words)) if _(words) != words else _(word) if _(word) != word else text


def meaning_of(number: str) -> str:
    """Return what a number of the model means, in the language spoken."""
    return _(NUMBERS[number].meaning)


def within_sentence(name: str) -> str:
    """Return a name as it stands in a sentence of the language spoken; in English the words of the name itself."""
    return name.replace("_", " ") if spoken() is ENGLISH else lowered(_(source_label(name)))
