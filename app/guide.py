"""A first strategy by questions, in the reader's language: what for, from when, which levers, and to what."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..scenarios.language import _, reason
from ..sim.errors import UserError
from .terminal import console
from .web.levers import Control, Section, form, read, toml

if TYPE_CHECKING:
    from ..sim.policy import Strategy


def guided(name: str, extends: str, base: Strategy, month: int, folder: Path) -> str:
    """Ask what a strategy is to be, and return its file.

    Parameters
    ----------
    name : str
    extends : str
        As the file is to say it.
    base : Strategy
        What that is.
    month : int
        Whose values are shown, counted from January 2007.
    folder : Path
        Where the file is to stand: what it extends is looked for beside it.

    Raises
    ------
    UserError
        If the answers end before the questions do.
    """
    out = console()
    out.print(_("A strategy says only what differs from “{base}”. An empty answer goes on.", base=_(base.name)))
    why = _ask(_("What is it for, and what speaks for it?")) or _("Written by questions.")
    since = _ask(_("From which month, as 2027-01? Empty: from the start"))
    given: dict[str, str | float | None] = {}
    while True:
        changed = read(given, base, month)
        section = _chosen_section(form(base, month, {}), changed)
        if section is None:
            return toml(name, extends, why, since, changed)
        control = _chosen_lever(section, given)
        if control is None:
            continue
        answer = _ask(_("New value; empty: as it is"))
        if not answer:
            given.pop(control.column, None)
            continue
        trial = given | {control.column: _value(control, answer)}
        problem = problem_of(toml(name, extends, why, since, read(trial, base, month)), folder, month)
        if problem:
            out.print(problem, soft_wrap=True)
        else:
            given = trial


def _ask(question: str) -> str:
    try:
        return str(typer.prompt(question, default="", show_default=False, prompt_suffix=" ")).strip()
    except typer.Abort as end:
        raise UserError("stopped before the questions were over; nothing was written") from end


def _number(question: str, most: int) -> int | None:
    """Return a number from 1 on; None where nothing was answered."""
    while True:
        answer = _ask(question)
        if not answer:
            return None
        if answer.isascii() and answer.isdecimal() and 1 <= int(answer) <= most:
            return int(answer)
        console().print(_("found {answer}, accepted a number from 1 to {most}", answer=answer, most=most))


def _chosen_section(sections: list[Section], changed: dict[str, str]) -> Section | None:
    out = console()
    for number, section in enumerate(sections, 1):
        moved = sum(control.column in changed for control in section.controls)
        out.print(f"{number:3} {section.heading}" + f" ({moved})" * (moved > 0))
    number = _number(_("What is to be changed? A number; empty: it is done"), len(sections))
    return None if number is None else sections[number - 1]


def _chosen_lever(section: Section, given: dict[str, str | float | None]) -> Control | None:
    out = console()
    out.print(section.rests_on, soft_wrap=True)
    for number, control in enumerate(section.controls, 1):
        words = _(", ").join(word for word, _called in control.words)
        value = given.get(control.column)
        hint = control.hint or _("now {now}; accepted: {words}", now=control.now, words=words)
        unit = f", {control.unit}" if control.unit else ""
        chosen = f" -> {value}" if value is not None else ""
        out.print(f"{number:3} {control.meaning}{unit} ({hint}){chosen}", soft_wrap=True)
    number = _number(_("Which one? A number; empty: back"), len(section.controls))
    return None if number is None else section.controls[number - 1]


def _value(control: Control, answer: str) -> str | float:
    """Return an answer as a form holds it: a number, or the word of a file."""
    if control.kind != "number":
        return answer
    try:
        return float(answer.replace(",", "."))
    except ValueError:
        return answer


def problem_of(text: str, folder: Path, month: int) -> str:
    """Say what is wrong with a strategy file; nothing where all is right."""
    from ..scenarios.strategies import load
    from ..sim.policy import settings_table

    trial = folder / f".idmaj-{os.getpid()}.toml"  # beside those that it may extend
    try:
        trial.write_text(text, encoding="utf-8")
        settings_table(load(str(trial)), month, month + 120)
    except UserError as error:
        return str(error).replace(str(trial), "").lstrip(":")
    except OSError as error:
        raise UserError("{folder}: cannot be written ({why})", folder=folder, why=reason(error)) from error
    finally:
        trial.unlink(missing_ok=True)
    return ""
