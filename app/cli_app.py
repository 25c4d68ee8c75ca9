"""The command ``app``: the page in the browser, for those who do not type commands."""

from __future__ import annotations

import ipaddress
import socket
from typing import Annotated

import typer

from ..scenarios.language import later, reason
from ..sim.errors import UserError
from .options import whole, within
from .terminal import console

HERE = "127.0.0.1"
PORT = 8765
EXTRA = later("the page needs the libraries of the extra 'app': pip install 'idmaj[app]'")


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("app")(serve)


def serve(
    port: Annotated[
        int, typer.Option("--port", parser=whole, metavar="N", help="Port; 0 takes one that is free.")
    ] = PORT,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Address of this machine to listen at; others reach it.")
    ] = HERE,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
) -> None:
    """Open the page in the browser: choose and write strategies, run them, read what comes out. Ctrl-C ends it.

    Studies that run go on when it ends, and are found again.

    Example: idmaj app --no-browser
    """
    from ..scenarios.language import _

    within("--port", port, 0, 65535)
    try:
        ipaddress.ip_address(host)
    except ValueError as error:
        raise UserError(
            "--host: found {host!r}, accepted an address of this machine, as {here}", host=host, here=HERE
        ) from error
    try:
        import shiny  # noqa: F401  # said before anything is begun
        import uvicorn
    except ImportError as error:
        raise UserError(EXTRA) from error
    from .web.guard import MOST_BYTES
    from .web.page import application

    listening = _listen(host, port)
    named = f"[{host}]" if ":" in host else host
    at = listening.getsockname()[1]
    address = f"http://{named}:{at}/"
    names = {named, *(("localhost",) if ipaddress.ip_address(host).is_loopback else ())}
    console().print(_("The page: {address} (Ctrl-C ends it)", address=address), soft_wrap=True)
    if not ipaddress.ip_address(host).is_loopback:
        console().print(_("Whoever reaches this address can start studies and read them."), soft_wrap=True)
    config = uvicorn.Config(
        application(frozenset(f"{name}:{at}" for name in names)),
        log_level="warning", ws_max_size=MOST_BYTES, timeout_graceful_shutdown=2,
    )  # fmt: skip
    if browser:
        import webbrowser

        webbrowser.open(address)
    uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens, or say why there is none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise UserError("--port {port}: {why}; accepted: another port", port=port, why=reason(error)) from error
    return listening
