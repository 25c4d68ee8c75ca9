"""The view of the model live: one run, month by month, on a map, and one person or business that is followed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ...scenarios.language import _, month, speaking
from ...sim.errors import UserError
from .. import wording
from ..options import PLAN_START
from ..terminal import start_month
from .here import Here, html
from .jobs import Jobs
from .live import Live, begin
from .shelf import shelf

if TYPE_CHECKING:
    from shiny import Inputs, Session

BEAT = 0.4
"""Seconds a month takes while it plays."""
YEARS = 10
NUMBERS = ("draw", "replication", "seed")


def about(here: Here) -> dict[str, Any]:
    """Return what the view shows before a run is begun."""
    return {"shelf": shelf(), "start": PLAN_START}


def seen(live: Live) -> str:
    """Return what is seen of a run now."""
    places = live.places()
    points, most = live.line(300, 90)
    return html(
        "seen.html.j2", live=live, places=places, map=live.map(), numbers=live.numbers(), points=points,
        most=wording.number(most), followed=live.followed(), events=[(month(when), said) for when, said in live.events],
        towns=[each for each in places if "x" in each], number=wording.number,
    )  # fmt: skip


def server(input: Inputs, session: Session, here: Here, jobs: Jobs) -> None:
    """Begin a run, live it by months or let it play, and show it."""
    from shiny import reactive, render, ui

    held: dict[str, Live] = {}
    moved = reactive.Value(0)
    playing = reactive.Value(False)
    problem: reactive.Value[str] = reactive.Value("")

    def tick() -> None:
        with reactive.isolate():
            moved.set(moved() + 1)

    @reactive.extended_task
    async def prepare_run(asked: dict[str, Any]) -> Live | str:
        def made() -> Live:
            start = start_month(asked["start"])
            live = begin(asked["strategy"], start, YEARS, asked["draw"], asked["replication"], asked["seed"])
            live.step(start if asked["jump"] else 1)
            return live

        try:
            return await asyncio.to_thread(made)
        except UserError as error:
            return str(error)

    @reactive.effect
    @reactive.event(input.begin)
    def _begin() -> None:
        playing.set(False)
        asked: dict[str, Any] = {name: input[name]() or 0 for name in NUMBERS}
        prepare_run(
            asked | {"strategy": input.strategy(), "start": input.start().strip(), "jump": input.jump()}
        )

    @reactive.effect
    def _begun() -> None:
        if prepare_run.status() != "success":
            return
        found = prepare_run.result()
        if isinstance(found, Live):
            held["live"] = found
        problem.set(found if isinstance(found, str) else "")
        tick()

    def live_on(months: int) -> None:
        live = held.get("live")
        if live is not None:
            with speaking(here.lang):
                live.step(months)
            tick()

    @reactive.effect
    @reactive.event(input.month)
    def _month() -> None:
        live_on(1)

    @reactive.effect
    @reactive.event(input.year)
    def _year() -> None:
        live_on(12)

    @reactive.effect
    @reactive.event(input.play)
    def _play() -> None:
        playing.set("live" in held and not playing())

    @reactive.effect
    def _beat() -> None:
        if playing():
            reactive.invalidate_later(BEAT)
            live_on(1)
            if held["live"].over:
                playing.set(False)

    @reactive.effect
    def _follow() -> None:
        person, business = input.person(), input.business()
        if "live" in held:
            held["live"].follow(-1 if person is None else person, -1 if business is None else business)
            tick()

    @render.ui
    def now() -> Any:
        moved()
        with speaking(here.lang):
            if prepare_run.status() == "running":
                return ui.HTML(html("waiting.html.j2", words=_("The past is being lived ...")))
            if problem():
                return ui.HTML(html("problem.html.j2", problem=problem()))
            live = held.get("live")
            return None if live is None else ui.HTML(seen(live))
