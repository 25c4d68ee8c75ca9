"""The views of the studies that are kept, and of one of them: followed while it runs, read when it is done."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...scenarios.language import _, many, quoted, speaking
from ...sim.errors import UserError
from .. import wording
from ..options import EQUAL
from .files import TABLES, report_of, study_at_home
from .here import STUDY, Here, html
from .jobs import Jobs, kept

if TYPE_CHECKING:
    from shiny import Inputs, Session, reactive

    from ...scenarios.studies import StudyFolder

EVERY = 1.0
"""Seconds between two looks at a study that runs."""
MOST_LISTED = 60


def about(here: Here) -> dict[str, Any]:
    """Return what the view shows before anything moves: the studies, or one of them."""
    if here.view != STUDY:
        from ...scenarios.shelf import home, studies_in

        return {"studies": _listed(here), "more": max(0, len(studies_in(home())) - MOST_LISTED)}
    try:
        study = study_at_home(here.study)
    except UserError as error:
        return {"problem": str(error), "about": None}
    return {"problem": "", "about": {"command": study.about["command"]}}


def names_of(known: dict[str, Any]) -> str:
    """Return what people call the strategies of a study, of which its `study.json` is given."""
    plan = known.get("plan")
    told = plan.get("strategies", []) if isinstance(plan, dict) else []
    return wording.listed([quoted(_(str(each.get("name", each.get("key", ""))))) for each in told])


def when(folder: Path) -> str:
    """Return the day on which a study was last written, as dates are written."""
    from ...scenarios.shelf import ABOUT

    return time.strftime("%Y-%m-%d", time.localtime((folder / ABOUT).stat().st_mtime))


def taken(study: StudyFolder, here: Here) -> str:
    """Return what may be taken along from a complete study, and where to go on."""
    called = {each.key: _(each.name) for each in study.plan.strategies}
    tables = [name for name in TABLES if (study.folder / name).is_file()]
    about = {"tables": tables, "strategies": called, "workbooks": bool(named(study)), "here": here}
    return html("take.html.j2", name=study.folder.name, **about)


def _listed(here: Here) -> list[dict[str, str]]:
    """Return the studies at home, the latest first."""
    from ...scenarios.shelf import home, read_about, studies_in

    found = []
    for folder in studies_in(home())[:MOST_LISTED]:
        known = read_about(folder)
        if known and folder != home():
            runs = int(known.get("draws", 0)) * int(known.get("replications", 0))
            found.append(
                {
                    "link": here.link(view=STUDY, study=folder.name),
                    "strategies": names_of(known),
                    "when": when(folder),
                    "runs": many("{n} run", "{n} runs", runs),
                    "state": _("complete") if known.get("complete") else _("not complete"),
                    "command": str(known.get("command", "")),
                }
            )
    return found


def state_of(study: StudyFolder, jobs: Jobs) -> dict[str, Any]:
    """Return how far a study is: ``done, runs, running, complete, left`` (seconds, None where unknown), ``problem``."""
    running, done = jobs.running(study.folder.name), study.done()
    left = None
    if running is not None and done > running["done"]:
        left = (time.time() - running["began"]) / (done - running["done"]) * (study.plan.runs - done)
    problem = "" if running is not None or study.complete else jobs.complaint(study.folder.name)
    return {
        "done": done, "runs": study.plan.runs, "running": running is not None, "complete": study.complete,
        "left": left, "problem": problem,
    }  # fmt: skip


def server(input: Inputs, session: Session, here: Here, jobs: Jobs) -> None:
    """Follow one study; the list of all stands still."""
    if here.view == STUDY:
        try:
            study_at_home(here.study)
        except UserError:
            return
        _follow(input, here, jobs)
        _workbooks(input, here, jobs)


def _follow(input: Inputs, here: Here, jobs: Jobs) -> None:
    from shiny import reactive, render, ui

    asked = reactive.Value(0)

    @reactive.calc
    def state() -> dict[str, Any]:
        asked()
        try:
            found = state_of(study_at_home(here.study), jobs)
        except (UserError, OSError) as error:  # removed or damaged while it is looked at
            nothing = {"done": 0, "runs": 1, "running": False, "complete": False, "left": None}
            return nothing | {"problem": str(error)}
        if found["running"] or not found["complete"]:
            reactive.invalidate_later(EVERY)
        return found

    @render.ui
    def progress() -> Any:
        with speaking(here.lang):
            return ui.HTML(html("progress.html.j2", **state(), left_words=_left(state()["left"])))

    complete: reactive.Value[bool] = reactive.Value(False)
    running: reactive.Value[bool] = reactive.Value(False)
    _read(here, complete)

    @reactive.effect
    def _moved() -> None:
        complete.set(state()["complete"])
        running.set(state()["running"])

    @render.ui
    def buttons() -> Any:
        with speaking(here.lang):
            return ui.HTML(html("buttons.html.j2", complete=complete(), running=running()))

    @reactive.effect
    @reactive.event(input.stop)
    def _stop() -> None:
        jobs.stop(here.study)
        asked.set(asked() + 1)

    @reactive.effect
    @reactive.event(input.go_on)
    def _go_on() -> None:
        with contextlib.suppress(UserError, OSError):  # the state says what is amiss
            study = study_at_home(here.study)
            jobs.start(here.study, ["--lang", here.lang, "study", "resume", str(study.folder)], study.done())
        asked.set(asked() + 1)


def _read(here: Here, complete: reactive.Value[bool]) -> None:
    """Show the report of a study, and what may be taken along, once it is complete."""
    from shiny import reactive, render, ui

    @render.ui
    def take() -> Any:
        with speaking(here.lang):
            try:
                return ui.HTML(taken(study_at_home(here.study), here)) if complete() else None
            except (UserError, OSError):
                return None

    @reactive.extended_task
    async def told() -> str:
        try:
            return await asyncio.to_thread(report_of, here.study, here.lang, True)
        except (UserError, OSError) as error:
            with speaking(here.lang):
                return html("problem.html.j2", problem=str(error))

    @reactive.effect
    def _tell() -> None:
        if complete():
            told()

    @render.ui
    def report() -> Any:
        if not complete():
            return None
        with speaking(here.lang):
            if told.status() in ("initial", "running"):
                return ui.HTML(html("waiting.html.j2", words=_("The report is being made ...")))
        return ui.HTML(told.result())


def _left(seconds: float | None) -> str:
    """Say how long something still takes."""
    if seconds is None:
        return ""
    if seconds < 90:
        return many("about {n} second left", "about {n} seconds left", max(1, round(seconds)))
    return many("about {n} minute left", "about {n} minutes left", round(seconds / 60))


def workbook_of(study: StudyFolder, key: str, lang: str) -> tuple[Path, list[str]]:
    """Return where the workbook of a strategy of a study is kept, and the command that makes it.

    The plan of staff and cash lives its runs with all months kept, so they are those of the study lived again.

    Raises
    ------
    UserError
        Where it would be of another strategy than the study's; see `named`.
    """
    from ...sim.policy import month_name

    plan, words = study.plan, named(study)
    if key not in words:
        raise UserError("The strategy {name} has changed since the study was run.", name=quoted(key))
    path = kept() / "workbooks" / f"{key}-{study.about['fingerprint'][:12]}-{lang}.xlsx"
    command = ["idmaj", "--lang", lang, "plan", words[key]]
    command += ["--start", month_name(plan.start), "--years", str(plan.years), "--draws", str(plan.draws)]
    command += ["--replications", str(plan.replications), "--seed", str(plan.seed)]
    return path, [*command, "--xlsx", str(path), "--force"]


def named(study: StudyFolder) -> dict[str, str]:
    """Return how the command of a study names each of its strategies; nothing where a workbook would be of others.

    That is where another question ran it, with money on top, hindsight or a fit of one's own, which a plan of staff and
    cash does not know, or where a strategy is no longer what it was.
    """
    words, keys, plan = shlex.split(str(study.about["command"])), study.plan.keys, study.plan
    if plan.hindsight or plan.posterior is not None or plan.budget != EQUAL:
        return {}
    from ...scenarios.strategies import load
    from ...sim.policy import differences

    asked = words[2 : 2 + len(keys)] if words[1:2] in (["compare"], ["run"]) else []
    try:
        now = [load(each) for each in asked]
        same = [not differences(a, b, plan.start, plan.months) for a, b in zip(plan.strategies, now, strict=True)]
    except (UserError, OSError, ValueError):
        return {}
    return dict(zip(keys, asked, strict=True)) if all(same) else {}


def _workbooks(input: Inputs, here: Here, jobs: Jobs) -> None:
    from shiny import reactive, render, ui

    @render.ui
    def workbook() -> Any:
        input.make()
        with speaking(here.lang):
            try:
                path, command = workbook_of(study_at_home(here.study), input.of(), here.lang)
            except (UserError, OSError) as error:
                return ui.HTML(html("problem.html.j2", problem=str(error)))
        running = jobs.running(path.stem) is not None
        if running:
            reactive.invalidate_later(EVERY)
        with speaking(here.lang):
            return ui.HTML(
                html(
                    "workbook.html.j2", running=running, file=path.name if path.is_file() else "",
                    command=shlex.join(command), problem="" if running else jobs.complaint(path.stem),
                )
            )  # fmt: skip

    @reactive.effect
    @reactive.event(input.make)
    def _make() -> None:
        with contextlib.suppress(UserError, OSError):  # what is shown says why
            path, command = workbook_of(study_at_home(here.study), input.of(), here.lang)
            path.parent.mkdir(parents=True, exist_ok=True)
            jobs.start(path.stem, command[1:])
