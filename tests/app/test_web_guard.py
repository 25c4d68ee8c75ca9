"""Only this machine's browser, from this very page, and not too much at once: the page's guard."""

import asyncio
import base64
import hashlib

import pytest

from idmaj.app.web.guard import MOST_BYTES, Guard

HOST = "127.0.0.1:8765"
PAGE = b"<html><head><script>one()</script></head><body><script>two()</script></body></html>"


async def _app(scope, receive, send):
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        return
    taken = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError
        taken += message.get("body", b"")
        if not message.get("more_body"):
            break
    kind = b"text/html; charset=utf-8" if scope["path"] == "/" else b"text/css"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
    for part in (PAGE[:20], PAGE[20:]):
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def asked(path="/", method="GET", kind="http", body=(b"",), **headers):
    """Ask the guard, and return the messages it sends; headers as keywords, ``_`` for ``-``."""
    given = {"host": HOST} | {name.replace("_", "-"): value for name, value in headers.items()}
    scope = {
        "type": kind, "method": method, "path": path,
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }  # fmt: skip
    if kind == "websocket":
        parts = [{"type": "websocket.connect"}]
    else:
        parts = [{"type": "http.request", "body": part, "more_body": True} for part in body[:-1]]
        parts += [{"type": "http.request", "body": body[-1]}]
    sent = []

    async def receive():
        return parts.pop(0)

    async def send(message):
        sent.append(message)

    asyncio.run(Guard(_app, frozenset({HOST}))(scope, receive, send))
    return sent


def status(sent):
    return sent[0]["status"]


def headers(sent):
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def test_the_browser_of_this_machine_is_answered():
    assert status(asked()) == 200
    assert status(asked(origin=f"http://{HOST}", method="POST")) == 200
    assert status(asked(sec_fetch_site="cross-site", sec_fetch_mode="navigate")) == 200, "a link to the page"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"host": "evil.example"}, 421),
        ({"host": "127.0.0.1"}, 421),
        ({"host": ""}, 421),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": f"http://{HOST}.evil.example"}, 403),
        ({"sec_fetch_site": "cross-site", "sec_fetch_mode": "no-cors"}, 403),
        ({"method": "DELETE"}, 405),
        ({"content_length": str(MOST_BYTES + 1), "method": "POST"}, 413),
        ({"content_length": "-1", "method": "POST"}, 413),
        ({"content_length": "many", "method": "POST"}, 413),
    ],
)
def test_others_are_refused(given, code):
    sent = asked(**given)
    assert status(sent) == code
    assert b"one()" not in sent[-1]["body"]


def test_a_connection_from_another_site_is_refused():
    assert asked(kind="websocket", origin=f"http://{HOST}")[0]["type"] == "websocket.accept"
    refused = asked(kind="websocket", origin="http://evil.example")
    assert refused == [{"type": "websocket.close", "code": 1008, "reason": "asked by another site"}]
    assert asked(kind="websocket", host="evil.example")[0]["type"] == "websocket.close"


def test_a_body_that_does_not_say_how_long_it_is_is_cut():
    half = b"x" * (MOST_BYTES // 2)
    assert status(asked(method="POST", body=(half, half))) == 200
    with pytest.raises(ConnectionError):
        asked(method="POST", body=(half, half, b"x"))


def test_only_scripts_of_the_head_may_run():
    policy = headers(asked())["content-security-policy"]
    allowed = base64.b64encode(hashlib.sha256(b"one()").digest()).decode()
    other = base64.b64encode(hashlib.sha256(b"two()").digest()).decode()
    assert f"script-src 'self' 'sha256-{allowed}';" in policy
    assert other not in policy and "default-src 'none'" in policy and "frame-ancestors 'none'" in policy


def test_a_page_arrives_whole_and_other_files_in_parts():
    assert asked()[1]["body"] == PAGE and len(asked()) == 2
    sent = asked("/own/page.css")
    assert b"".join(part.get("body", b"") for part in sent[1:]) == PAGE
    assert "content-security-policy" in headers(sent) and headers(sent)["x-content-type-options"] == "nosniff"
