"""The view of the model live: one run, month by month, on a map, and one person or business that is followed."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...scenarios.language import _, later, month, speaking
from ...sim.errors import UserError
from .. import wording
from ..options import PLAN_START
from ..terminal import start_month
from .here import Here, by_field, html, whole
from .jobs import Jobs
from .live import Live, begin
from .shelf import shelf

if TYPE_CHECKING:
    from shiny import Inputs, Session

BEAT = 0.4
"""Seconds a month takes while it plays."""
YEARS = 10
LONG, HIGH = 300, 90
"""Size of the line over time, in its picture's units."""
FIELDS = {"start": later("It holds from"), "seed": later("Seed")}
"""What the fields are called in which options of a command are given."""
NUMBERS = ("draw", "replication", "seed")


def about(here: Here) -> dict[str, Any]:
    """Return what the view shows before a run is begun."""
    return {"shelf": shelf(), "start": PLAN_START}


def seen(live: Live) -> str:
    """Return what is seen of a run now."""
    places = live.places()
    points, most = live.line(LONG, HIGH)
    began = LONG * live.start / (live.start + 12 * live.years - 1)
    return html(
        "seen.html.j2",
        live=live,
        places=places,
        towns=[each for each in places if "x" in each],
        map=live.map(),
        numbers=live.numbers(),
        points=points,
        most=wording.number(most),
        at_start=round(began, 1),
        first_year=str(2007 + live.start // 12),
        followed=live.followed(),
        events=[(month(when), said) for when, said in live.events],
        number=wording.number,
    )


class _Show:
    """What one visitor looks at: a run, and the values that make the page follow it."""

    def __init__(self, lang: str) -> None:
        from shiny import reactive

        self.lang = lang
        self.live: Live | None = None
        self.moved = reactive.Value(0)
        self.playing = reactive.Value(False)
        self.problem: reactive.Value[str] = reactive.Value("")

    def end(self) -> None:
        """Let go of the run: one takes some seventy megabytes, and its agents refer to one another."""
        self.live = None
        gc.collect()

    def tick(self) -> None:
        """Have the page look again."""
        from shiny import reactive

        with reactive.isolate():
            self.moved.set(self.moved() + 1)

    def follow(self, person: object, business: object) -> None:
        """Follow whom two fields name; where one is empty or no whole number, nobody."""
        if self.live is not None:
            self.live.follow(whole(person, -1), whole(business, -1))

    def live_on(self, months: int) -> None:
        """Live some months of the run, if there is one."""
        if self.live is not None:
            with speaking(self.lang):
                self.live.step(months)
            if self.live.over:
                self.playing.set(False)
            self.tick()


def server(input: Inputs, session: Session, here: Here, jobs: Jobs) -> None:
    """Begin a run, live it by months or let it play, and show it."""
    from shiny import render, ui

    show = _Show(here.lang)
    session.on_ended(show.end)
    status = _beginning(input, show)
    _moving(input, show)

    @render.ui
    def now() -> Any:
        show.moved()
        with speaking(here.lang):
            if status() == "running":
                return ui.HTML(html("waiting.html.j2", words=_("The past is being lived ...")))
            if show.problem():
                return ui.HTML(html("problem.html.j2", problem=show.problem()))
            return None if show.live is None else ui.HTML(seen(show.live))


def _beginning(input: Inputs, show: _Show) -> Callable[[], str]:
    """Begin a run when told to; return what says how far that is."""
    from shiny import reactive

    @reactive.extended_task
    async def prepare_run(asked: dict[str, Any]) -> Live | str:
        def made() -> Live:
            with speaking(show.lang):
                start = start_month(asked["start"])
                live = begin(asked["strategy"], start, YEARS, asked["draw"], asked["replication"], asked["seed"])
                live.step(start if asked["jump"] else 1)
            return live

        try:
            return await asyncio.to_thread(made)
        except (UserError, OSError) as error:
            with speaking(show.lang):
                return by_field(error, FIELDS)

    @reactive.effect
    @reactive.event(input.begin)
    def _begin() -> None:
        show.playing.set(False)
        asked: dict[str, Any] = {name: whole(input[name]()) for name in NUMBERS}
        prepare_run(asked | {"strategy": input.strategy(), "start": input.start().strip(), "jump": input.jump()})

    @reactive.effect
    def _begun() -> None:
        if prepare_run.status() == "success":
            found = prepare_run.result()
            show.live = found if isinstance(found, Live) else None
            with reactive.isolate():
                show.follow(input.person(), input.business())
            show.problem.set(found if isinstance(found, str) else "")
            show.tick()

    return prepare_run.status


def _moving(input: Inputs, show: _Show) -> None:
    """Live on when told to, and follow whom the visitor follows."""
    from shiny import reactive

    @reactive.effect
    @reactive.event(input.month)
    def _month() -> None:
        show.live_on(1)

    @reactive.effect
    @reactive.event(input.year)
    def _year() -> None:
        show.live_on(12)

    @reactive.effect
    @reactive.event(input.play)
    def _play() -> None:
        show.playing.set(show.live is not None and not show.playing())

    @reactive.effect
    def _beat() -> None:
        if show.playing():
            reactive.invalidate_later(BEAT)
            show.live_on(1)

    @reactive.effect
    def _follow() -> None:
        show.follow(input.person(), input.business())
        show.tick()
