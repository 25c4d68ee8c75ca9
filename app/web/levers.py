"""The levers as a form: what each is now, what may be entered, what its effect rests on; and the file of a form."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...scenarios.language import _, later, many, written

if TYPE_CHECKING:
    from ...sim.policy import Strategy
    from ...sim.settings import Lever

SECTIONS = {
    "intake": later("How many projects"),
    "eligibility": later("Who may apply"),
    "orientation": later("Orientation to a job"),
    "outreach": later("Outreach"),
    "selection": later("Selection"),
    "grants": later("Grants"),
    "advisers": later("Accompaniment"),
    "branches": later("Branches"),
    "training": later("Training in the trade"),
    "jobs": later("Wage employment"),
    "cooperatives": later("Cooperatives"),
    "incubators": later("Incubators"),
    "rural": later("The rural world"),
    "link": later("Link of town and country"),
    "partner": later("Private partner"),
    "social": later("Social assistance"),
    "health": later("Health assistance"),
    "legal": later("Legal assistance"),
    "funding": later("Funding"),
    "law": later("The law"),
    "shock": later("Shocks"),
    "arrivals": later("Arrivals"),
    "evaluation": later("Evaluation"),
}
"""What people call each section of a strategy file, in its order."""


@dataclass(frozen=True)
class Control:
    """A lever in the form.

    Attributes
    ----------
    column : str
    meaning, unit, hint : str
        In the language spoken; the hint says what is accepted.
    kind : str
        ``number``, ``yes`` or ``word``.
    now : str
        As the base has it, as a file writes it.
    value : str
        What stands in the field.
    least, most, step : str
        Of a number; empty where there is none.
    words : tuple of (str, str)
        What may be chosen, and what people call it.
    """

    column: str
    meaning: str
    unit: str
    hint: str
    kind: str
    now: str
    value: str
    least: str = ""
    most: str = ""
    step: str = "any"
    words: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Section:
    """Levers under one heading, what they rest on, and whether one of them was changed."""

    heading: str
    rests_on: str
    controls: tuple[Control, ...]
    changed: bool


def form(base: Strategy, month: int, changed: Mapping[str, float]) -> list[Section]:
    """Return the levers, as a base has them in a month, with the values that differ.

    Parameters
    ----------
    base : Strategy
    month : int
        From January 2007.
    changed : mapping of str
        By column, what a strategy of one's own has instead.
    """
    from ...calibration.figures import load_figures

    grades = load_figures().set_index("id")["grade"].to_dict()
    return [
        Section(_(SECTIONS[name]), rests_on(name, grades), controls, any(each.column in changed for each in controls))
        for name, controls in controls_of(base, month, changed).items()
    ]


def controls_of(base: Strategy, month: int, changed: Mapping[str, float]) -> dict[str, tuple[Control, ...]]:
    """Return the levers of each section, without what they rest on: a form that is filled in asks for them often."""
    from ...sim.strategy_words import SECTIONS as KEYS

    now = values_in(base, month)
    return {
        section: tuple(_control(column, now[column], changed.get(column, now[column])) for column in keys.values())
        for section, keys in KEYS.items()
    }


def values_in(strategy: Strategy, month: int) -> dict[str, float]:
    """Return what a strategy has in a month, by column."""
    from ...sim.policy import timeline

    steps = timeline(strategy, month)
    return {column: [step.value for step in found if step.month <= month][-1] for column, found in steps.items()}


def _control(column: str, now: float, value: float) -> Control:
    from ...sim.settings import LEVERS
    from ...sim.strategy_words import in_words

    lever = LEVERS[column]
    about = (column, _(lever.meaning), _(lever.unit) if lever.unit != "yes/no" else "")
    if lever.kind is bool:
        words = (("true", _("yes")), ("false", _("no")))
        return Control(*about, "", "yes", in_words(column, now), in_words(column, value), words=words)
    if lever.kind is not None:
        words = tuple((in_words(column, float(each)), _(each.name.lower().replace("_", " "))) for each in lever.kind)
        return Control(*about, "", "word", in_words(column, now), in_words(column, value), words=words)
    texts = ["" if math.isinf(each) else f"{each:.12g}" for each in (now, value)]
    least, most = f"{lever.at_least:g}", "" if math.isinf(lever.at_most) else f"{lever.at_most:g}"
    return Control(*about, _hint(lever, now), "number", *texts, least, most, "1" if lever.whole else "any")


def _hint(lever: Lever, now: float) -> str:
    """Say what a number is now and may be."""
    shown = _("without limit") if math.isinf(now) else written(f"{now:,.6g}")
    least = written(f"{lever.at_least:,.6g}")
    if lever.may_be_infinite:
        return _("now {now}; {least} or more, empty without limit", now=shown, least=least)
    return _("now {now}; {least} to {most}", now=shown, least=least, most=written(f"{lever.at_most:,.7g}"))


def rests_on(section: str, grades: Mapping[str, str]) -> str:
    """Say on what evidence rests what the levers of a section do; `grades` are those of the published figures."""
    from ...scenarios.questions.through import THROUGH
    from ...sim import NUMBERS
    from ..study import cited, judged

    behind = [NUMBERS[name] for name in THROUGH[section] if NUMBERS[name].shape != "fixed"]
    alone = sum(judged(number.basis) for number in behind)
    named = cited([number.basis for number in behind])
    known = _(", ").join(_("{id} (grade {grade})", id=each, grade=grades[each]) for each in named if each in grades)
    said = many(
        "What it does rests on one uncertain parameter", "What it does rests on {n} uncertain parameters", len(behind)
    )
    if not known:
        return _("{what}, all on judgement.", what=said)
    return _("{what}, {judged} on judgement alone; cited: {figures}.", what=said, judged=alone, figures=known)


def read(controls: Mapping[str, str | float | None], base: Strategy, month: int) -> dict[str, str]:
    """Return what a form changes: by column, the value as a strategy file writes it.

    Parameters
    ----------
    controls : mapping of str
        By column, what stands in the field; None where it is empty.
    base : Strategy
    month : int
    """
    from ...sim.settings import LEVERS

    changed = {}
    for controls_here in controls_of(base, month, {}).values():
        for control in controls_here:
            given = controls.get(control.column, control.now)
            lever = LEVERS[control.column]
            if control.kind == "number":
                if given is None and not lever.may_be_infinite:
                    continue  # an emptied field: as it is
                text = "inf" if given is None else f"{given:.12g}" if isinstance(given, int | float) else str(given)
                if text != (control.now or "inf"):
                    changed[control.column] = text
            elif given is not None and str(given) != control.now:
                changed[control.column] = str(given) if control.kind == "yes" else json.dumps(str(given))
    return changed


def toml(name: str, extends: str, why: str, since: str, changed: Mapping[str, str]) -> str:
    """Return a strategy file of what was changed.

    Parameters
    ----------
    name, why : str
    extends : str
        As in a file: a name of the catalogue, or the name of a file beside this one.
    since : str
        Month from which it holds, ``2027-01``; empty for all months.
    changed : mapping of str
        By column, the value as a file writes it.
    """
    from ...sim.strategy_words import SECTIONS as KEYS

    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False).replace("\x7f", "")

    lines = [f"name = {quoted(name)}", f"extends = {quoted(extends)}", f"why = {quoted(why)}"]
    before = ""
    if since:
        lines += ["", "[[changes]]", f"date = {quoted(since)}", f"why = {quoted(why)}"]
        before = "changes."
    for section, keys in KEYS.items():
        mine = [(key, changed[column]) for key, column in keys.items() if column in changed]
        if mine:
            lines += ["", f"[{before}{section}]", *(f"{key} = {value}" for key, value in mine)]
    return "\n".join(lines) + "\n"


def changes_of(strategy: Strategy, base: Strategy, month: int) -> dict[str, float]:
    """Return what a strategy has in a month in place of its base, by column."""
    mine, theirs = values_in(strategy, month), values_in(base, month)
    return {column: value for column, value in mine.items() if value != theirs[column]}


def known_keys() -> dict[str, Any]:
    """Return the columns of the levers, by their inputs' names in the form."""
    from ...sim.settings import LEVERS

    return {f"lever_{column}": column for column in LEVERS}
