"""What the page hands over as files: reports, tables, workbooks, strategies, made as the commands make them."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from ...scenarios.language import LANGUAGES, quoted, speaking
from ...scenarios.shelf import ABOUT, MADE, PARAMETERS, home
from ...sim.errors import UserError
from .jobs import kept
from .shelf import own_strategies

if TYPE_CHECKING:
    from starlette.requests import Request

    from ...scenarios.studies import StudyFolder

TABLES = tuple(name for name in (*MADE, PARAMETERS) if name.endswith(".csv"))
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST = 200
"""Letters of a name."""
drawing = threading.Lock()
"""Figures are drawn one after another: the library that draws them is not made for several threads."""


def study_at_home(name: str) -> StudyFolder:
    """Return a study that is kept at home, by the name of its folder alone.

    Raises
    ------
    UserError
        If there is none, or it cannot be read.
    """
    from ...scenarios.studies import open_study

    folder = home() / name
    if len(name) > LONGEST:
        raise UserError("found a name longer than that of any study")
    if name != Path(name).name or name.startswith(".") or not (folder / ABOUT).is_file():
        raise UserError("found no study {name} among those that are kept here", name=quoted(name))
    return open_study(folder)


def report_of(name: str, lang: str, body: bool = False) -> str:
    """Return the report on a complete study in a language, or what stands in its page."""
    study = study_at_home(name)
    if not study.complete:
        raise UserError("{name}: not complete", name=name)
    return _report(name, str(study.about["results_sha256"]), str(study.about["command"]), lang, body)


@lru_cache(16)
def _report(name: str, results: str, command: str, lang: str, body: bool) -> str:
    """Make a report; the results' hash and the command are what tells one made before from it."""
    from ..report import render
    from ..study import account

    with drawing, speaking(lang):
        return render(account(study_at_home(name).results(), command), body=body)


def strategy_text(name: str) -> str:
    """Return the file of a strategy: of the catalogue, of the visitor's own, or one that combines several.

    Raises
    ------
    UserError
        If there is none of that name.
    """
    from ...scenarios.strategies import catalogue, load

    known = catalogue() | {path.stem: path for path in own_strategies()}
    if name in known:
        return known[name].read_text(encoding="utf-8")
    parts = name.split("+")
    if any(part not in known for part in parts):
        raise UserError("found no strategy {name!r}", name=name[:LONGEST])
    named = [part if part in catalogue() else f"{part}.toml" for part in parts]
    together = " + ".join(load(str(known[part])).name for part in parts)
    lines = [f"name = {json.dumps(together, ensure_ascii=False)}", f"combines = {json.dumps(named)}"]
    return "\n".join([*lines, 'why = "Chosen together."']) + "\n"


async def _told(make: Callable[[], str], kind: str, file: str) -> Response:
    """Return what is made as a file to be kept, or why there is none."""
    try:
        text = await asyncio.to_thread(make)
    except UserError as error:
        return PlainTextResponse(f"404: {error}\n", 404)
    return Response(text, media_type=kind, headers={"content-disposition": f'attachment; filename="{file}"'})


async def _report_file(request: Request) -> Any:
    name, lang = request.path_params["study"], request.path_params["lang"]
    if lang not in LANGUAGES:
        return PlainTextResponse("404: no such language\n", 404)
    return await _told(lambda: report_of(name, lang), "text/html", f"report-{lang}.html")


async def _table_file(request: Request) -> Any:
    try:
        folder = study_at_home(request.path_params["study"]).folder
    except UserError as error:
        return PlainTextResponse(f"404: {error}\n", 404)
    name = request.path_params["name"]
    if name not in TABLES or not (folder / name).is_file():
        return PlainTextResponse("404: no such table\n", 404)
    return FileResponse(folder / name, filename=name, media_type="text/csv")


async def _workbook_file(request: Request) -> Any:
    name = request.path_params["name"]
    path = kept() / "workbooks" / name
    if not re.fullmatch(r"[\w+.-]+\.xlsx", name) or not path.is_file():
        return PlainTextResponse("404: no such workbook\n", 404)
    return FileResponse(path, filename=name, media_type=XLSX)


async def _strategy_file(request: Request) -> Any:
    name = request.path_params["name"]
    safe = re.sub(r"[^A-Za-z0-9_+-]", "_", name)
    return await _told(lambda: strategy_text(name), "application/toml", f"{safe}.toml")


ROUTES = [
    Route("/file/{study}/report-{lang}.html", _report_file),
    Route("/file/{study}/{name}", _table_file),
    Route("/workbook/{name}", _workbook_file),
    Route("/strategy/{name}.toml", _strategy_file),
]
