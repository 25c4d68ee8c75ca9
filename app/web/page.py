"""The page as an application: its views, its files, what serves them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...scenarios.language import _, speaking
from ...scenarios.shelf import home
from . import compare, files, life, strategy, studies, words, world
from .guard import Guard
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
    from shiny import App, reactive
    from starlette.applications import Starlette
    from starlette.routing import Mount, Route

    jobs = Jobs()

    def server(input: Inputs, output: Outputs, session: Session) -> None:
        with reactive.isolate():
            here = Here.of(session.clientdata.url_search())
        with speaking(here.lang):
            PARTS[here.view].server(input, session, here, jobs)

    shiny = App(_page, server)
    shiny.sanitize_errors = True
    routes = [Route("/own/{name}", _static), *files.ROUTES, Mount("/", app=shiny)]
    return Guard(Starlette(routes=routes, lifespan=shiny._lifespan), hosts)


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
