"""The page as an application: its views, its files, what serves them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...scenarios.language import ENGLISH, LANGUAGES, _, speaking
from ...scenarios.shelf import home
from . import compare, files, life, strategy, studies, words, world
from .guard import App, Guard, Receive, Scope, Send
from .here import STUDY, TEMPLATES, VIEWS, Here, html
from .jobs import Jobs

if TYPE_CHECKING:
    from shiny import Inputs, Outputs, Session
    from starlette.requests import Request

PARTS = {
    "compare": compare,
    "studies": studies,
    STUDY: studies,
    "strategy": strategy,
    "life": life,
    "world": world,
    "words": words,
}
"""The module of each view: ``about(here)`` for its template, ``server(input, session, here, jobs)`` for what moves."""
STATIC = {"page.css": TEMPLATES.parents[1] / "templates", "web.css": TEMPLATES, "web.js": TEMPLATES}


def application(hosts: frozenset[str]) -> Guard:
    """Return the page as an ASGI application that answers the browser of this machine alone.

    Parameters
    ----------
    hosts : frozenset of str
        What the browser may call this server, as ``127.0.0.1:8765``.
    """
    from shiny import App as Shiny
    from shiny import reactive
    from starlette.applications import Starlette
    from starlette.routing import Mount, Route

    jobs = Jobs()

    def server(input: Inputs, output: Outputs, session: Session) -> None:
        with reactive.isolate():
            here = Here.of(session.clientdata.url_search())
        with speaking(here.lang):
            PARTS[here.view].server(input, session, here, jobs)

    shiny = Shiny(_page, server)
    shiny.sanitize_errors = True
    routes = [Route("/own/{name}", _static), *files.ROUTES, Mount("/", app=_Welcome(shiny))]
    return Guard(Starlette(routes=routes, lifespan=shiny._lifespan), hosts)


class _Welcome:
    """Leads a first visit to the page in the browser's own language; an address that names one is left alone."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in ("", "/"):
            from starlette.requests import Request
            from starlette.responses import RedirectResponse

            asked = Request(scope)
            wanted = preferred(asked.headers.get("accept-language", ""))
            if "lang" not in asked.query_params and wanted != ENGLISH.code:
                there = Here.of(asked.query_params).again(wanted)
                await RedirectResponse(there, 303)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def preferred(accepted: str) -> str:
    """Return the first language of ours that a browser asks for, as in ``ar-MA,ar;q=0.9,fr;q=0.8``; else English."""
    for each in accepted.split(","):
        code = each.partition(";")[0].partition("-")[0].strip().lower()
        if code in LANGUAGES:
            return code
    return ENGLISH.code


def _page(request: Request) -> Any:
    from shiny import ui

    here = Here.of(request.query_params)
    with speaking(here.lang):
        view = f"{here.view}.html.j2"
        title = here.study if here.view == STUDY else _(VIEWS[here.view])
        about = PARTS[here.view].about(here)
        return ui.page_html(
            html("page.html.j2", here=here, views=VIEWS, view_template=view, title=title, home=home(), **about)
        )


async def _static(request: Request) -> Any:
    from starlette.responses import FileResponse, PlainTextResponse

    name = request.path_params["name"]
    if name not in STATIC:
        return PlainTextResponse("404: no such file\n", 404)
    return FileResponse(Path(STATIC[name]) / name)
