"""What is known about a term: what it means, its value, the evidence behind it and where it acts."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from ..calibration import figures
from ..calibration.draws import load_contractions, load_draws
from ..scenarios.labels import dated
from ..scenarios.labels import strategy as called
from ..scenarios.language import ENGLISH, Language, _, later, looked_up, spoken
from ..scenarios.strategies import catalogue, load
from ..sim.errors import UserError
from ..sim.glossary import Term, look_up, terms
from ..sim.params import Number
from ..sim.policy import Step, in_words, key_of, month_of, timeline
from ..sim.reading import PLAN
from ..sim.settings import Lever
from ..sim.strategy_words import FIRST_YEAR, accepted_by
from .strategies_saying import reasons
from .study import cited
from .wording import label

TODAY = "continued"
"""The strategy under which a lever's value is given."""
PLAN_START = "2026-01"
"""The month in which a plan starts unless one says otherwise."""
FEWEST_LETTERS = 3
"""Letters of a word that is searched for: too many terms speak of shorter ones."""
INFORMED = 0.5
"""Share of the prior variance gone from which a parameter is said to be informed by the data."""
NOBODY = later("judgement: nobody has published a figure")
UNITS = {"log": later("on the log scale")}
"""Units that alone mean something else, as they are looked up."""
MOVED = (later("data-informed"), later("weak"), later("prior-driven"))
"""What the data did to a parameter."""


@dataclass(frozen=True)
class Sources:
    """What the terms are looked up in; `draws` is None where the bundled fit is not of this version."""

    figures: pd.DataFrame
    draws: np.recarray[Any, Any] | None
    contractions: dict[str, float]
    steps: dict[str, Step]


@cache
def sources() -> Sources:
    """Read the evidence, the fit and today's strategy, once."""
    start = month_of(PLAN_START)
    today = date.today()
    now = max(start, 12 * (today.year - FIRST_YEAR) + today.month - 1)
    steps = timeline(load(TODAY), start)
    in_force = {column: [step for step in found if step.month <= now][-1] for column, found in steps.items()}
    try:
        draws, contractions = load_draws(), load_contractions()
    except UserError:
        draws, contractions = None, {}
    return Sources(figures.load_figures().set_index("id", drop=False), draws, contractions, in_force)


@cache
def all_terms() -> tuple[Term, ...]:
    """Return the terms of the model and the strategies of the catalogue."""
    strategies = [load(name) for name in catalogue()]
    return (*terms(), *(Term(each.key, "strategy", "catalogue", f"{each.name}. {each.why}") for each in strategies))


def of_kind(asked: str) -> list[Term]:
    """Return all terms of a kind: ``outcomes`` are those of a plan, ``levers`` all levers; nothing if it is no kind."""
    wanted = asked.strip().lower()
    kinds = {"strategies": "strategy", "categories": "category"}
    kind = kinds.get(wanted, wanted.removesuffix("s") if wanted.endswith("s") else "")
    return [term for term in all_terms() if term.kind == kind and (kind != "outcome" or term.of == PLAN)]


def found_by(asked: str) -> list[Term]:
    """Return every meaning of a term, by its spelling or by the words that people read; of a plan first.

    Raises
    ------
    UserError
        If no term is called so; the nearest are named.
    """
    try:
        found = look_up(asked, all_terms())
    except UserError:
        words, names = folded(asked), _shown_names(spoken())
        found = [term for term, shown in zip(all_terms(), names, strict=True) if shown == words != ""]
        if not found:
            raise
    return sorted(found, key=lambda term: term.of != PLAN)


@cache
def _shown_names(_language: Language) -> list[str]:
    """Return the words by which people know each term in tables and pictures: outcomes and strategies; else none."""
    shown = {"outcome": label, "strategy": lambda name: called(load(name).name)}
    return [folded(shown[term.kind](term.name)) if term.kind in shown else "" for term in all_terms()]


def speaking_of(asked: str) -> list[Term]:
    """Return the terms in whose names or meaning all longer words asked for begin a word, in the language spoken."""
    wanted = [word for word in folded(asked).split() if len(word) >= FEWEST_LETTERS]
    if not wanted:
        return []

    def speaks(term: Term, shown: str) -> bool:
        words = folded(f"{term.name} {shown} {meaning(term)}").split()
        return all(any(word.startswith(each) for word in words) for each in wanted)

    return [term for term, shown in zip(all_terms(), _shown_names(spoken()), strict=True) if speaks(term, shown)]


def folded(text: str) -> str:
    """Return the words of a text in small letters, without accents, marks, ligatures and the Arabic article."""
    parts = unicodedata.normalize("NFKD", text.lower().replace("\u0153", "oe").replace("\u0640", ""))
    plain = "".join(each for each in parts if not unicodedata.combining(each))
    return " ".join(re.sub(r"^\u0627\u0644(?=\w{2})", "", word) for word in re.findall(r"[^\W_]+", plain))


def meaning(term: Term) -> str:
    """Return what a term means, in the language spoken where that is translated, else as the source says it."""
    if term.kind == "strategy":
        strategy = load(term.name)
        return f"{called(strategy.name)}. {reasons(strategy)}"
    about, _colon, word = term.meaning.rpartition(": ")
    if term.kind == "word" and _(about) != about:
        return _("{name}: {value}", name=_(about), value=_(word))
    return _(term.meaning)


def unit_of(unit: str) -> str:
    """Return the unit of a number in the language spoken."""
    return unit if spoken() is ENGLISH else _(UNITS.get(unit, unit))


def entry(term: Term) -> dict[str, Any]:
    """Return all that is said of one meaning of a term, ready for JSON; None where something does not apply.

    Sentences are in the language spoken, names and units as the source has them.
    `value` is the median of a parameter, a lever's value under today's strategy, the number of a word in tables
    or what a strategy extends; `low` and `high` are the 90 % interval of a prior or the range a lever accepts.
    """
    said: dict[str, Any] = {"term": term.name, "kind": term.kind, "of": term.of, "meaning": meaning(term)}
    said |= {"unit": term.unit, "value": term.number, "low": None, "high": None, "shape": None, "basis": ""}
    cites = term.text
    if isinstance(term.column, Number):
        said |= _parameter(term.name, term.column)
        cites = term.column.basis
    elif isinstance(term.column, Lever):
        said |= _lever(term.name, term.column)
        cites = sources().steps[term.name].why
    elif term.kind == "strategy":
        layers = load(term.name).layers
        below = layers[-2].key if len(layers) > 1 else ""
        said["value"] = _("extends {strategy}", strategy=below) if below else _("extends nothing")
        cites = " ".join([layers[-1].why, *(change.why for change in layers[-1].changes)])
    elif term.text:
        said["basis"] = " ".join(term.text.split())[len(term.meaning) :].strip()
    said["evidence"] = evidence(cites or said["basis"])
    said["acts"] = [vars(act) for act in term.acts]
    return said | {"words": list(term.words), "default": said.get("default"), "fitted": said.get("fitted")}


def evidence(text: str) -> list[dict[str, Any]]:
    """Return the figures and the tables of evidence that a text names."""
    known = sources().figures
    rows: list[Any] = [known.loc[id] for id in cited([text]) if id in known.index]
    found = [
        {
            "id": row["id"],
            "value": _finite(row["value"]),
            "unit": row["unit"],
            "year": row["period"] or None,
            "source": row["source_title"] or row["source_url"],
            "grade": row["grade"],
            "quantity": row["quantity"],
        }
        for row in rows
    ]
    return found + [_table(file) for file in re.findall(r"\b\w+\.csv\b", text)]


def rests_on(term: Term, said: dict[str, Any]) -> str:
    """Return what a parameter rests on, in words."""
    basis: str = term.column.basis if isinstance(term.column, Number) else ""
    bare = "judgement" in basis and not said["evidence"]
    return _(NOBODY) + looked_up(basis.removeprefix("judgement")) if bare else str(said["basis"])


def _parameter(name: str, number: Number) -> dict[str, Any]:
    about = {"shape": number.shape, "basis": looked_up(number.basis), "fitted": _fitted(name, number)}
    if number.kind is not None:
        return {"value": number.kind(int(number.median)).name.lower()} | about
    return {"value": number.median, "low": number.low, "high": number.high} | about


def _fitted(name: str, number: Number) -> dict[str, Any] | None:
    """Return what a parameter is in the draws of the fit: mean and 90 % interval, or the share of each word."""
    draws, gone = sources().draws, sources().contractions.get(name)
    if draws is None:
        return None
    if number.kind is not None:
        return {"shares": {word.name.lower(): float((draws[name] == word).mean()) for word in number.kind}}
    if number.shape == "fixed":
        return None
    low, high = np.quantile(draws[name], [0.05, 0.95])
    label = "prior-driven" if gone is None else "data-informed" if gone >= INFORMED else "weak"
    mean = float(draws[name].mean())
    return {"mean": mean, "low": float(low), "high": float(high), "label": label, "contraction": gone}


def _lever(name: str, lever: Lever) -> dict[str, Any]:
    step = sources().steps[name]
    plain = lever.kind is None
    why = _(step.why)
    return {
        "value": _plain(name, step.value),
        "default": _plain(name, lever.default),
        "low": lever.at_least if plain else None,
        "high": _finite(lever.at_most) if plain else None,
        "basis": _("{strategy}, since {month}: {why}", strategy=step.layer.key, month=dated(step.month), why=why)
        if step.layer
        else why,
        "spelling": key_of(name),
        "accepted": accepted_by(lever),
    }


def _plain(column: str, value: float) -> bool | float | str:
    words = in_words(column, value)
    return {"true": True, "false": False}.get(words, value if _is_number(words) else words)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _table(file: str) -> dict[str, Any]:
    """Return a table of the evidence as its loader describes it."""
    about = (each.about for each in vars(figures).values() if getattr(each, "file", "") == file)
    source, unit, grade = next(about, (file, "", ""))
    return {"id": file, "value": None, "unit": unit, "year": None, "source": source, "grade": grade, "quantity": ""}
