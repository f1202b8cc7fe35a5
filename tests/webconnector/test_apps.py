"""App objects in place of the network; what users see of them is in `test_fixture`."""

import asyncio
import threading

import httpx
import pytest

from emulator.core.errors import UserMistake
from emulator.webconnector.apps import AppRaised, WsgiTransport, keeping_asgi


def get(app, **options):
    async def ask():
        async with httpx.AsyncClient(transport=WsgiTransport(app, **options)) as client:
            return (await client.get("http://localhost/")).content

    return asyncio.run(ask())


@pytest.mark.parametrize("aside", [False, True])
def test_where_an_app_runs(aside):
    """On the virtual clock everything is on one thread; elsewhere an app may wait."""
    seen = []

    def app(environ, start_response):
        start_response("200 OK", [])
        seen.append(threading.current_thread() is threading.main_thread())
        yield b"a"
        seen.append(threading.current_thread() is threading.main_thread())
        yield b"b"

    assert get(app, aside=aside) == b"ab"
    assert seen == [not aside] * 2


@pytest.mark.parametrize("when", ["called", "answering"])
def test_what_an_app_gave_is_closed(when):
    closed = []

    class Body:
        def __iter__(self):
            yield b"x"
            if when == "answering":
                raise SystemExit(3)

        def close(self):
            closed.append(True)

    def app(environ, start_response):
        start_response("200 OK", [])
        return Body()

    if when == "answering":
        with pytest.raises(AppRaised):
            get(app)
    else:
        assert get(app) == b"x"
    assert closed == [True]


def test_an_answer_of_asgi_that_is_too_large():
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"xxxx", "more_body": True})

    async def ask():
        transport = httpx.ASGITransport(keeping_asgi(app, 3, lambda most: UserMistake(f"more than {most}")))
        async with httpx.AsyncClient(transport=transport) as client:
            await client.get("http://localhost/")

    with pytest.raises(UserMistake, match="more than 3"):
        asyncio.run(ask())
