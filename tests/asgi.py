"""A visitor of an ASGI application, without a server: asks once, and returns what is answered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote


@dataclass(frozen=True)
class Answered:
    """Status, headers and text of an answer."""

    status: int
    headers: dict[str, str]
    text: str


def get(app: Any, address: str, host: str = "testserver", **headers: str) -> Answered:
    """Return what an application answers to a GET."""
    path, _mark, query = address.partition("?")
    told = headers | {"host": host}
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in told.items()]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": unquote(path), "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": given, "client": ("127.0.0.1", 1), "server": (host, 80), "state": {},
    }  # fmt: skip
    sent: list[dict[str, Any]] = []
    parts = [{"type": "http.request", "body": b""}]

    async def receive() -> dict[str, Any]:
        return parts.pop() if parts else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    asyncio.run(app(scope, receive, send))
    body = b"".join(part.get("body", b"") for part in sent[1:])
    return Answered(sent[0]["status"], {a.decode(): b.decode() for a, b in sent[0]["headers"]}, body.decode())
