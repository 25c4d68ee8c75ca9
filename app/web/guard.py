"""Who may talk to the page: this machine's own browser, from this very page, and not too much at once."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_BYTES = 1_000_000
"""Of a request's body, and of a message: strategy files are a few thousand."""
CROSS_SITE = ("cross-site", "same-site")
HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-resource-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cache-control": b"no-store",
}
POLICY = (
    "default-src 'none'; script-src 'self'{hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass
class Guard:
    """An application behind checks of Host, Origin and size, its answers under a content security policy.

    Attributes
    ----------
    app : ASGI application
    hosts : frozenset of str
        ``127.0.0.1:8765``: what the browser may call this server. A name that an attacker's page resolves to this
        machine is none of them.
    most : int
        Bytes of a request's body at most.
    """

    app: App
    hosts: frozenset[str]
    most: int = MOST_BYTES
    origins: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.origins = frozenset(f"{scheme}://{host}" for scheme in ("http", "https") for host in self.hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may pass."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refused = self.refusal(scope)
        if refused is not None:
            await _refuse(scope, receive, send, *refused)
        elif scope["type"] == "websocket":
            await self.app(scope, receive, send)
        else:
            await self._http(scope, receive, send)

    def refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Return the status and reason with which a request is refused; None where it may pass."""
        found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if found.get("host", "").lower() not in self.hosts:
            return 421, "this page is served to this machine's browser only, at the address that was printed"
        origin = found.get("origin")
        if origin is not None and origin.lower() not in self.origins:
            return 403, "asked by another site"
        if found.get("sec-fetch-site") in CROSS_SITE and found.get("sec-fetch-mode") != "navigate":
            return 403, "asked by another site"
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD", "POST"):
            return 405, "not a method of this page"
        length = found.get("content-length", "0")
        if not length.isdecimal() or int(length) > self.most:
            return 413, f"more than {self.most:,} bytes"
        return None

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        taken, held, page = 0, [], False

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.most:  # of a body that did not say how long it is
                return {"type": "http.disconnect"}
            return message

        async def guarded(message: Message) -> None:
            nonlocal page
            if message["type"] == "http.response.start":
                kept = [pair for pair in message["headers"] if pair[0].lower() not in HEADERS]
                message = {**message, "headers": [*kept, *HEADERS.items()]}
                page = any(name.lower() == b"content-type" and b"text/html" in value for name, value in kept)
                if not page:
                    await send(_under_policy(message, b""))
                    return
                held.append(message)
            elif page and message["type"] == "http.response.body":
                held.append(message)
                if not message.get("more_body"):
                    body = b"".join(part.get("body", b"") for part in held[1:])
                    await send(_under_policy(held[0], body))
                    await send({"type": "http.response.body", "body": body})
            else:
                await send(message)

        await self.app(scope, counted, guarded)


def _under_policy(start: Message, page: bytes) -> Message:
    """Return the beginning of an answer with the policy: of scripts within it, those of its head alone may run.

    The framework writes one there; what people write never comes before the body.
    """
    scripts = re.findall(rb"<script>(.*?)</script>", page.partition(b"</head>")[0], re.S)
    hashes = "".join(f" 'sha256-{base64.b64encode(hashlib.sha256(each).digest()).decode()}'" for each in scripts)
    policy = POLICY.format(hashes=hashes).encode()
    return {**start, "headers": [*start["headers"], (b"content-security-policy", policy)]}


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, why: str) -> None:
    if scope["type"] == "websocket":
        await receive()  # the server waits until its offer to connect was heard
        await send({"type": "websocket.close", "code": 1008, "reason": why})
        return
    body = f"{status}: {why}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *HEADERS.items()]})
    await send({"type": "http.response.body", "body": body})
