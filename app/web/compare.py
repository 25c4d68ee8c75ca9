"""The view in which strategies are chosen and a study of them is begun."""

from __future__ import annotations

import asyncio
import shlex
from typing import TYPE_CHECKING, Any

from ...scenarios.language import _, later, many, speaking
from ...sim.errors import UserError
from ..options import PLAN_START
from .here import STUDY, Here, by_field, html
from .jobs import Jobs
from .shelf import own_folder, shelf

if TYPE_CHECKING:
    from shiny import Inputs, Session

    from ...scenarios.experiment import Plan

TICKED = "case_by_case"
"""Strategy that is chosen at first."""
FIELDS = {
    "start": later("First month"), "years": later("Length, years"), "draws": later("Draws"),
    "replications": later("Replications"), "seed": later("Seed"),
}  # fmt: skip
"""What the fields are called in which options of the command are given."""
NUMBERS = ("years", "draws", "replications", "seed")


def about(here: Here) -> dict[str, Any]:
    """Return what the view shows before anything is chosen."""
    ticked = str(own_folder() / f"{here.own}.toml") if here.own else TICKED
    return {"shelf": shelf(), "start": PLAN_START, "ticked": ticked}


def asked(
    base: str, strategies: list[str], future: str, budget: str, start: str, numbers: dict[str, Any]
) -> tuple[Plan, str]:
    """Return the plan that was asked for, and the command that gives the same numbers.

    Parameters
    ----------
    base : str
    strategies : list of str
        Names of the catalogue, or paths.
    future : str
        What is laid over all of them; empty where nothing is.
    budget, start : str
        As in the command.
    numbers : dict
        ``years, draws, replications, seed``; None where the field is empty.

    Raises
    ------
    UserError
        As the command would.
    """
    from ..cli_run import plan_of
    from ..options import Order
    from ..study import command_line

    for name, value in numbers.items():
        if not isinstance(value, int) or isinstance(value, bool):
            found = _("nothing") if value is None else value
            raise UserError("{option}: found {found}, accepted a whole number", option=f"--{name}", found=found)
    others = [each for each in strategies if each != base]
    names = [f"{each}+{future}" if future else each for each in (base, *others)]
    command = "compare" if others else "run"
    order = Order(command, start.strip(), *(numbers[name] for name in NUMBERS), None, False, False, budget, False)
    plan = plan_of(tuple(names), order)
    return plan, command_line(command, names, plan)


def said_of(plan: Plan, command: str) -> str:
    """Say what a plan compares, and how to get it without this page."""
    from ..notes import notes_on
    from ..study import differs

    called = {strategy.key: _(strategy.name) for strategy in plan.strategies}
    told = {called[key]: sentences for key, sentences in differs(plan).items()}
    return html(
        "asked.html.j2", differs=told, notes=notes_on(plan), command=command, runs=plan.runs, there=_there(plan)
    )


def _there(plan: Plan) -> str:
    """Say how much of a plan is run already."""
    from ...scenarios.at_home import fingerprint_of, kept_at_home

    study = kept_at_home(fingerprint_of(plan))
    done = 0 if study is None else study.done()
    return many("{n} of them is there already", "{n} of them are there already", done) if done else ""


def server(input: Inputs, session: Session, here: Here, jobs: Jobs) -> None:
    """Show what is asked while it is chosen, and begin the study when told to."""
    from shiny import reactive, render, ui

    @reactive.calc
    def wanted() -> tuple[Plan, str] | UserError:
        numbers = {name: input[name]() for name in NUMBERS}
        about = input.base(), list(input.strategies()), input.future(), input.budget(), input.start()
        with speaking(here.lang):
            try:
                return asked(*about, numbers)
            except UserError as error:
                return error
            except OSError as error:
                return UserError(str(error))

    @render.ui
    def asked_for() -> Any:
        found = wanted()
        with speaking(here.lang):
            if isinstance(found, UserError):
                return ui.HTML(html("problem.html.j2", problem=by_field(found, FIELDS)))
            try:
                return ui.HTML(said_of(*found))
            except (UserError, OSError) as error:
                return ui.HTML(html("problem.html.j2", problem=str(error)))

    refused: reactive.Value[str] = reactive.Value("")

    @render.ui
    def said() -> Any:
        with speaking(here.lang):
            return ui.HTML(html("problem.html.j2", problem=refused())) if refused() else None

    @reactive.effect
    @reactive.event(input.run)
    async def _begin() -> None:
        found = wanted()
        if isinstance(found, UserError):
            with speaking(here.lang):
                refused.set(by_field(found, FIELDS))
            return
        try:
            name = await asyncio.to_thread(begin, *found, here.lang, jobs)
        except (UserError, OSError) as error:
            refused.set(str(error))
            return
        await session.send_custom_message("go", {"to": here.link(view=STUDY, study=name)})


def begin(plan: Plan, command: str, lang: str, jobs: Jobs) -> str:
    """Begin a study at home, or go on with it, by its very command; return its name."""
    from ...scenarios.at_home import begin_at_home

    study = begin_at_home(plan, command)
    if not study.complete:
        jobs.start(study.folder.name, ["--lang", lang, *shlex.split(command)[1:]], study.done())
    return study.folder.name
