"""The view of one person's life in a run of a study, under two strategies, month by month."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ...scenarios.language import _, later, speaking
from ...sim.errors import UserError
from .files import drawing, study_at_home
from .here import Here, by_field, html, whole
from .jobs import Jobs
from .studies import names_of, when

if TYPE_CHECKING:
    from shiny import Inputs, Session

FIELDS = {
    "draw": later("Draw"), "replication": later("Replication"), "person": later("Person, by number"),
    "strategy": later("Beside the yardstick"),
}  # fmt: skip
"""What the fields are called in which options of the command are given."""

ANYBODY = 42
"""The number that stands in the field until a person is meant."""


def about(here: Here) -> dict[str, Any]:
    """Return what the view shows before anybody is looked at: the studies that are complete, or the one meant."""
    from ...scenarios.shelf import home, read_about, studies_in

    found: dict[str, Any] = {"problem": "", "about": None, "studies": []}
    if here.study:
        try:
            plan = study_at_home(here.study).plan
        except UserError as error:
            return found | {"problem": str(error)}
        called = {each.key: _(each.name) for each in plan.strategies[1:]}
        numbers = {"draws": plan.draws, "replications": plan.replications, "anybody": ANYBODY}
        return found | {"about": {"called": called, **numbers}}
    for folder in studies_in(home()):
        known = read_about(folder)
        if known.get("complete") and folder != home():
            link = here.link(view="life", study=folder.name)
            found["studies"].append({"link": link, "names": f"{names_of(known)} ({when(folder)})"})
    return found


def told(
    study: str, draw: int, replication: int, strategy: str | None, person: int | None, lang: str
) -> tuple[str, int | None]:
    """Return one life as it stands in the page, and whose; with no `person` some whose lives differ, and the first.

    Raises
    ------
    UserError
        As the command ``replay`` would.
    """
    from ...scenarios.questions import replay as lives
    from ..answers import render
    from ..cli_evaluators import replay_command, replay_figures

    with drawing, speaking(lang):
        run = lives.run_of(study_at_home(study), draw, replication, strategy)
        command = replay_command(study, draw, replication, strategy, person)
        if person is None:
            answer = lives.propose(run)
            return render(answer, command, (), body=True), next(iter(answer.facts["persons"]), None)
        answer = lives.replay(run, person)
        return render(answer, command, (), replay_figures(answer, run), body=True), person


def server(input: Inputs, session: Session, here: Here, jobs: Jobs) -> None:
    """Tell a life when asked to."""
    from shiny import reactive, render, ui

    if not here.study:
        return

    @reactive.extended_task
    async def tell_of(
        draw: int, replication: int, strategy: str | None, person: int | None
    ) -> tuple[str, int | None]:
        try:
            return await asyncio.to_thread(told, here.study, draw, replication, strategy, person, here.lang)
        except (UserError, OSError) as error:
            with speaking(here.lang):
                return html("problem.html.j2", problem=by_field(error, FIELDS)), None

    def ask(person: int | None) -> None:
        tell_of(whole(input.draw()), whole(input.replication()), input.strategy() or None, person)

    @reactive.effect
    @reactive.event(input.propose, ignore_none=False)  # when the page is opened, too
    def _propose() -> None:
        ask(None)

    @reactive.effect
    @reactive.event(input.tell)
    def _tell() -> None:
        ask(whole(input.person(), -1))

    @reactive.effect
    def _first() -> None:
        person = tell_of.result()[1] if tell_of.status() == "success" else None
        with reactive.isolate():
            nobody_meant = whole(input.person(), -1) == ANYBODY or input.propose() > 0
        if person is not None and nobody_meant:
            ui.update_numeric("person", value=person)

    @render.ui
    def life() -> Any:
        if tell_of.status() == "success":
            return ui.HTML(tell_of.result()[0])
        with speaking(here.lang):
            return ui.HTML(html("waiting.html.j2", words=_("The run is lived again ...")))
