"""The view in which a strategy is written: its levers as a form, its file up and down, what it changes in words."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import shutil
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...scenarios.language import _, quoted, speaking, written
from ...sim.errors import UserError
from ...sim.store import whole_file
from ..options import PLAN_START
from ..terminal import start_month
from .here import Here, html
from .jobs import Jobs
from .levers import changes_of, form, known_keys, read, toml
from .shelf import own_folder, own_strategies, shelf

if TYPE_CHECKING:
    from shiny import Inputs, Session

    from ...sim.policy import Strategy

BASE = "continued"
MOST_NAME = 60
MOST_BYTES = 100_000
"""Of a strategy file: the longest of the catalogue has four thousand."""


def file_name(name: str) -> str:
    """Return the name of the file of a strategy of that name.

    Raises
    ------
    UserError
        If no letter or digit is in it, it is too long, or one of the catalogue is called so.
    """
    from ...scenarios.strategies import catalogue

    stem = re.sub(r"[^\w]+", "_", name.lower()).strip("_")
    if not stem or len(stem.encode()) > 2 * MOST_NAME:
        said = _("The name: found {name}, accepted 1 to {most} letters and digits.", name=quoted(name), most=MOST_NAME)
        raise UserError(said)
    if stem in (*catalogue(), "past"):
        raise UserError("The name: the catalogue has {name} already; accepted: another name.", name=quoted(name))
    return stem


@dataclass(frozen=True)
class Written:
    """What is written on: a new strategy, or one of the visitor's own.

    Attributes
    ----------
    extends : str
        As a file names it.
    base : Strategy
        That strategy.
    changed : dict of float
        By column, what it has in place of its base's.
    name, why, since : str
        As its file has them; empty where it has none.
    text : str
        Its file, where a form cannot hold all that it says; else empty.
    """

    extends: str
    base: Strategy
    changed: dict[str, float]
    name: str = ""
    why: str = ""
    since: str = ""
    text: str = ""


def written_on(here: Here) -> Written:
    """Return what is written on; UserError where it cannot be read."""
    from ...scenarios.strategies import catalogue, load

    own = _own(here.own)
    if own is not None:
        mine, text = load(str(own)), own.read_text(encoding="utf-8")
        since = fits_a_form(text)
        if since is None:
            return Written("", mine, {}, mine.name, mine.why.strip(), text=text)
        below = mine.below[0]
        changed = changes_of(mine, below, start_month(since or PLAN_START))
        return Written(str(tomllib.loads(text)["extends"]), below, changed, mine.name, mine.why.strip(), since)
    key = here.base or BASE
    if key not in catalogue() and Path(key) not in own_strategies():
        accepted = _("accepted: a strategy of the catalogue or of your own")
        raise UserError("To begin from: found {name}; {accepted}.", name=quoted(key), accepted=accepted)
    return Written(Path(key).name if key not in catalogue() else key, load(key), {})


def _own(stem: str) -> Path | None:
    """Return the file of a strategy of the visitor's own; None where there is none of that name."""
    return next((path for path in own_strategies() if path.stem == stem), None)


def fits_a_form(text: str) -> str | None:
    """Return from which month a strategy file changes what it changes, empty for always; None where it is no form's.

    A form would lose a comment, several dates, a ramp, a date counted from the start, what it combines, and that it
    extends nothing.
    """
    from ...sim.strategy_words import SECTIONS

    told = tomllib.loads(text)
    if "extends" not in told:
        return None
    more = told.keys() - {"name", "extends", "why"}
    if "#" in re.sub(r'"(\\.|[^"\\])*"', "", text):
        return None
    if more <= SECTIONS.keys():
        return ""
    changes = told.get("changes", [])
    if more != {"changes"} or len(changes) != 1 or not changes[0].keys() - {"date", "why"} <= SECTIONS.keys():
        return None
    date = str(changes[0]["date"])
    if changes[0].get("why") != told.get("why"):  # it has a reason of its own
        return None
    return date if re.fullmatch(r"\d{4}-\d{2}", date) else None


def about(here: Here) -> dict[str, Any]:
    """Return what the view shows before anything is changed."""
    found: dict[str, Any] = {"problem": "", "own": [path.stem for path in own_strategies()], "shelf": shelf()}
    try:
        written = written_on(here)
        sections = [] if written.text else form(written.base, start_month(PLAN_START), written.changed)
    except (UserError, OSError) as error:
        return found | {"written": None, "sections": [], "problem": str(error)}
    return found | {"written": written, "sections": sections}


def server(input: Inputs, session: Session, here: Here, jobs: Jobs) -> None:
    """Say what the form changes while it is filled in; keep it, or a file that is brought, when told to."""
    from shiny import reactive, render, ui

    try:
        on = written_on(here)
    except (UserError, OSError):
        return
    month, fields = start_month(PLAN_START), known_keys()
    said: reactive.Value[str] = reactive.Value("")
    with speaking(here.lang):
        said_by_default = _("Written on the page.")

    @reactive.calc
    def text() -> str:
        if on.text:
            return str(input.text())
        given = {column: input[name]() for name, column in fields.items()}
        why = input.why().strip() or said_by_default
        return toml(input.name().strip(), on.extends, why, input.since().strip(), read(given, on.base, month))

    @render.ui
    def written() -> Any:
        with speaking(here.lang):
            return ui.HTML(html("written.html.j2", text=text()))

    @render.ui
    def kept() -> Any:
        return ui.HTML(said())

    async def tell(make: Callable[[], Path]) -> None:
        """Say what keeping a file gave; a file is read aside, for one that is meant to be slow shall hold up nobody."""
        with speaking(here.lang):
            try:
                said.set(await asyncio.to_thread(lambda: _said(make(), here)))
            except (UserError, OSError) as error:
                said.set(html("problem.html.j2", problem=str(error)))

    @reactive.effect
    @reactive.event(input.keep)
    async def _keep() -> None:
        name, content = input.name() if not on.text else "", text()

        def kept_now() -> Path:
            stem = here.own if on.text else file_name(name.strip())
            if stem != here.own:
                check_free(stem)
            return keep(stem, content)

        await tell(kept_now)

    @reactive.effect
    @reactive.event(input.bring)
    async def _bring() -> None:
        file = input.bring()[0]
        await tell(lambda: brought(file))


def check_free(stem: str) -> None:
    """Refuse a name that another strategy of the visitor's has: it would be lost."""
    if (own_folder() / f"{stem}.toml").exists():
        raise UserError(
            "The name: you have {name} already; accepted: another name, or open that one.", name=quoted(stem)
        )


def keep(stem: str, text: str) -> Path:
    """Keep a strategy file of the visitor's own, once it is one that can be run.

    Raises
    ------
    UserError
        With all that is wrong with it; then nothing is written, and what was there stays.
    """
    from ...scenarios.strategies import load
    from ...sim.policy import settings_table

    if len(text.encode()) > MOST_BYTES:
        raise UserError(_too_large(f"{stem}.toml"))
    folder, month = own_folder(), start_month(PLAN_START)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="idmaj-") as name:
            trial = Path(name)
            for path in own_strategies():  # with those beside it, so that a circle is found
                shutil.copy(path, trial / path.name)
            (trial / f"{stem}.toml").write_text(text, encoding="utf-8")
            try:
                settings_table(load(str(trial / f"{stem}.toml")), month, month + 120)
            except UserError as error:
                raise UserError(str(error).replace(f"{trial}{os.sep}", "")) from error
        whole_file(folder / f"{stem}.toml", text.encode())
    except OSError as error:
        said = _("{file} cannot be kept ({why}).", file=f"{stem}.toml", why=error.strerror or error)
        raise UserError(said) from error
    return folder / f"{stem}.toml"


def _too_large(name: str) -> str:
    most = written(f"{MOST_BYTES:,}")
    return _("{file}: found more than {most} bytes, accepted a strategy file.", file=name, most=most)


def brought(file: Any) -> Path:
    """Keep a file that a visitor brings, under its own name.

    Raises
    ------
    UserError
        If it is no strategy file that can be run.
    """
    name = Path(str(file["name"])).name
    if Path(name).suffix.lower() != ".toml":
        raise UserError("{file}: accepted a strategy file, whose name ends in .toml.", file=name)
    if Path(file["datapath"]).stat().st_size > MOST_BYTES:
        raise UserError(_too_large(name))
    try:
        text = Path(file["datapath"]).read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        said = _("{file}: byte {byte} is no text; accepted a text file in UTF-8.", file=name, byte=error.start)
        raise UserError(said) from error
    stem = file_name(Path(name).stem)
    check_free(stem)
    return keep(stem, text)


def _said(path: Path, here: Here) -> str:
    """Say of a strategy that was kept what it changes, and where to go on."""
    from ...scenarios.strategies import load
    from ...sim.policy import base_of as below
    from ...sim.policy import differences
    from ..strategies_saying import warnings
    from ..study import in_words

    strategy, month = load(str(path)), start_month(PLAN_START)
    plan = _plan_of(strategy)
    found = [in_words(each, plan) for each in differences(below(strategy), strategy, month, plan.months)]
    return html(
        "kept.html.j2",
        name=strategy.name,
        stem=path.stem,
        sentences=found,
        warnings=warnings(strategy, below(strategy), month, plan.months),
        command=f"idmaj strategies check {shlex.quote(str(path))}",
        here=here,
    )


def _plan_of(strategy: Strategy) -> Any:
    """Return a plan in whose months a strategy is told."""
    from ...scenarios.experiment import Plan
    from ...scenarios.strategies import load
    from ..options import PLAN_YEARS

    return Plan((strategy,), load("historical"), start_month(PLAN_START), PLAN_YEARS)
