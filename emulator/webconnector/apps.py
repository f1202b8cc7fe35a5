"""A service that is an app object (WSGI or ASGI): called as a server calls it, and told apart from the update when it does not keep the rules.

What an app raises is its author's to see, so it comes out of the update as it is. What breaks the rules of WSGI (PEP 3333) or ASGI would come
out as an AssertionError of the library that calls it; here it is said what was done and what is expected.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import Any

import httpx

from emulator.core.errors import UserMistake

WsgiApp = Callable[..., Any]
AsgiApp = Callable[..., Awaitable[None]]


class AppEnded(Exception):  # noqa: N818 - it is named for what happened
    """An app asked for the end of the program (SystemExit, KeyboardInterrupt, in `ended`): the loop it is called from must not end with it."""

    def __init__(self, ended: BaseException) -> None:
        super().__init__(f"the app ended itself: {type(ended).__name__} {ended}")
        self.ended = ended


_ENDING = (SystemExit, KeyboardInterrupt)


# ---- WSGI -------------------------------------------------------------------------------------------------------------------------------


class WsgiTransport(httpx.AsyncBaseTransport):
    """A WSGI app object in place of the network.

    Args:
        app: the app.
        aside: whether it is called on a thread of its own, so that it may wait, and ask the QuickBooks of a test; not on the virtual clock.
    """

    def __init__(self, app: WsgiApp, *, aside: bool = False) -> None:
        self._sync = httpx.WSGITransport(_keeping_wsgi(app))
        self._aside = aside

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Call the app and return what it answered. Raises what the app raises, AppEnded, or UserMistake: it does not keep WSGI's rules."""
        await request.aread()
        if self._aside:
            answer = await asyncio.to_thread(self._sync.handle_request, request)
        else:
            answer = self._sync.handle_request(request)
        stream = answer.stream
        assert isinstance(stream, httpx.SyncByteStream)
        return httpx.Response(answer.status_code, headers=answer.headers, stream=_Stream(stream, aside=self._aside))


class _Stream(httpx.AsyncByteStream):
    """The body of an app's answer."""

    def __init__(self, body: httpx.SyncByteStream, *, aside: bool) -> None:
        self._body = body
        self._aside = aside

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = iter(self._body)
        while True:
            await asyncio.sleep(0)  # a limit of time acts when others have a turn
            chunk = await asyncio.to_thread(next, chunks, None) if self._aside else next(chunks, None)
            if chunk is None:
                return
            yield chunk

    async def aclose(self) -> None:
        self._body.close()


def _keeping_wsgi(app: WsgiApp) -> WsgiApp:
    """Return an app of which is told what it does against WSGI's rules."""

    def called(environ: Any, start_response: Any) -> Iterator[bytes]:
        has_begun = False

        def begin(status: Any, headers: Any, exc_info: Any = None) -> Any:
            nonlocal has_begun
            has_begun = True
            if not isinstance(status, str) or not status[:3].isdigit():
                raise _against("WSGI", f"the status {status!r}", 'text like "200 OK"')
            if not all(isinstance(each, str) for pair in headers for each in pair):
                raise _against("WSGI", f"the headers {headers!r}", "a list of pairs of texts")
            return start_response(status, headers, exc_info)

        try:
            body = app(environ, begin)
        except _ENDING as ended:
            raise AppEnded(ended) from ended
        if not isinstance(body, Iterable) or isinstance(body, str):
            raise _against("WSGI", repr(body), "an iterable of bytes")
        return _chunks(body, lambda: has_begun)

    return called


def _chunks(body: Iterable[Any], has_begun: Callable[[], bool]) -> Iterator[bytes]:
    try:
        try:
            for chunk in body:
                if not has_begun():
                    break
                if not isinstance(chunk, bytes):
                    raise _against("WSGI", f"the chunk {chunk!r}", "bytes")
                yield chunk
        except _ENDING as ended:
            raise AppEnded(ended) from ended
        if not has_begun():
            raise _against("WSGI", "an answer without calling start_response", "start_response(status, headers) before the body")
    finally:
        if hasattr(body, "close"):
            body.close()


# ---- ASGI -------------------------------------------------------------------------------------------------------------------------------


def keeping_asgi(app: AsgiApp, answer_bytes: int, too_large: Callable[[int], Exception]) -> AsgiApp:
    """Return an app of which is told what it does against ASGI's rules, and whose answer cannot be endless.

    httpx collects all of an answer before anybody sees a byte of it.
    """

    async def called(scope: Any, receive: Any, send: Any) -> None:
        size, expected = 0, "http.response.start"

        async def told(message: Any) -> None:
            nonlocal size, expected
            kind = message.get("type") if isinstance(message, dict) else None
            if kind != expected:
                raise _against("ASGI", f"{message!r:.200}", f"a message of type {expected}")
            if kind == "http.response.start" and not isinstance(message.get("status"), int):
                raise _against("ASGI", f"the status {message.get('status')!r}", "a number")
            body = message.get("body", b"")
            if not isinstance(body, bytes):
                raise _against("ASGI", f"the body {body!r:.200}", "bytes")
            expected = "http.response.body" if kind == "http.response.start" or message.get("more_body") else "nothing more"
            size += len(body)
            if size > answer_bytes:
                raise too_large(answer_bytes)
            await asyncio.sleep(0)  # a limit of time acts when others have a turn
            await send(message)

        try:
            await app(scope, receive, told)
        except _ENDING as ended:
            raise AppEnded(ended) from ended
        if expected != "nothing more":
            raise _against("ASGI", "an end without a whole answer", f"a message of type {expected} before the app returns")

    return called


def _against(rules: str, given: str, expected: str) -> UserMistake:
    return UserMistake(
        f"the app does not keep the rules of {rules}: it gave {given}", where="the app under test", expected=expected
    )
