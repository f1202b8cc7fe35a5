"""A service that is an app object (WSGI or ASGI): called as a server calls it, and told apart from the update when it does not keep the rules.

What an app raises is its author's to see, and comes out of the update as it is: `AppRaised` carries it, so that nobody takes it for a failure of
the network, and the loop does not end with it. What breaks the rules of WSGI (PEP 3333) or ASGI would come out as an AssertionError of the
library that calls it; here it is said what was done and what is expected.
"""

import asyncio
import queue
import re
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import Any, Final

import httpx

from emulator.core.errors import UserMistake

WsgiApp = Callable[..., Any]
AsgiApp = Callable[..., Awaitable[None]]

_STATUS: Final = re.compile(r"[1-9][0-9]{2}( [ -~]*)?")
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
"""What a status line, and the parts of a header, may be (PEP 3333, RFC 9110)."""


_END: Final = object()


class AppRaised(Exception):  # noqa: N818 - it is named for what happened
    """Carries what an app raised (in `raised`), whatever that is."""

    def __init__(self, raised: BaseException) -> None:
        super().__init__(f"the app raised {type(raised).__name__}: {raised}")
        self.raised = raised


# ---- WSGI -------------------------------------------------------------------------------------------------------------------------------


class WsgiTransport(httpx.AsyncBaseTransport):
    """A WSGI app object in place of the network.

    Args:
        app: the app.
        aside: whether it is called on a thread of its own, one for all its calls, so that it may wait, and ask the QuickBooks of a test; not on the
            virtual clock.
    """

    def __init__(self, app: WsgiApp, *, aside: bool = False) -> None:
        self._app = app
        self._caller: _Here | _Aside = _Aside() if aside else _Here()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Call the app and return what it answered. Raises AppRaised, or UserMistake: it does not keep WSGI's rules."""
        await request.aread()
        call = _WsgiCall(self._app)
        answer = await self._caller.do(lambda: httpx.WSGITransport(call).handle_request(request))
        assert isinstance(answer.stream, httpx.SyncByteStream)
        return httpx.Response(answer.status_code, headers=call.headers, stream=_Stream(answer.stream, self._caller))

    async def aclose(self) -> None:
        """Let go of the app's thread; one that the app holds ends with the program."""
        self._caller.end()


class _Here:
    """Does what it is given at once, on the thread of the loop."""

    async def do(self, act: Callable[[], Any]) -> Any:
        """Do something and return what it gives."""
        return act()

    def later(self, act: Callable[[], Any]) -> None:
        """Do something that nobody waits for."""
        act()

    def end(self) -> None:
        """There is nothing to let go of."""


class _Aside:
    """A thread that does one thing after the other. Nobody waits for it at the end of the program: an app may never come back."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="app under test", daemon=True).start()

    async def do(self, act: Callable[[], Any]) -> Any:
        """Do something on the thread and return what it gives."""
        future: Future[Any] = Future()
        self._waiting.put((future, act))
        return await asyncio.wrap_future(future)

    def later(self, act: Callable[[], Any]) -> None:
        """Do something on the thread when its turn has come, which nobody waits for."""
        self._waiting.put((Future(), act))

    def end(self) -> None:
        """Let the thread end when it has done what it was given."""
        self._waiting.put(None)

    def _work(self) -> None:
        while (asked := self._waiting.get()) is not None:
            future, act = asked
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(act())
                except BaseException as error:
                    future.set_exception(error)


class _Stream(httpx.AsyncByteStream):
    """The body of an app's answer."""

    def __init__(self, body: httpx.SyncByteStream, caller: _Here | _Aside) -> None:
        self._body = body
        self._caller = caller

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = iter(self._body)
        while True:
            await asyncio.sleep(0)  # a limit of time acts when others have a turn
            chunk = await self._caller.do(lambda: next(chunks, None))
            if chunk is None:
                return
            yield chunk

    async def aclose(self) -> None:
        # On the thread that made it; not waited for, since the app may be what took too long.
        self._caller.later(self._body.close)


class _WsgiCall:
    """One call of an app, of which is told what it does against WSGI's rules.

    Attributes:
        headers: what it gave to start_response; the library that calls it takes ASCII only.
    """

    def __init__(self, app: WsgiApp) -> None:
        self._app = app
        self._has_begun = False
        self._written: list[bytes] = []
        self.headers: list[tuple[bytes, bytes]] = []

    def __call__(self, environ: Any, start_response: Any) -> Iterator[bytes]:
        """Call the app. Raises AppRaised, UserMistake."""

        def begin(status: Any, headers: Any, exc_info: Any = None) -> Any:
            if not isinstance(status, str) or not _STATUS.fullmatch(status):
                raise _against("WSGI", f"the status {status!r}", 'text like "200 OK"')
            self.headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in _wsgi_headers(headers)]
            self._has_begun = True
            start_response(status, [], exc_info)
            return self._write

        body = _raising(lambda: self._app(environ, begin))
        if not isinstance(body, Iterable) or isinstance(body, str):
            raise _against("WSGI", repr(body), "an iterable of bytes")
        return self._chunks(body)

    def _write(self, chunk: bytes) -> None:
        self._written.append(_bytes(chunk))

    def _chunks(self, body: Iterable[Any]) -> Iterator[bytes]:
        try:
            chunks = _raising(lambda: iter(body))
            while True:
                chunk = _raising(lambda: next(chunks, _END))
                if not self._has_begun:
                    raise _against(
                        "WSGI", "an answer without calling start_response", "start_response(status, headers) before the body"
                    )
                yield from self._written
                self._written.clear()
                if chunk is _END:
                    return
                yield _bytes(chunk)
        finally:
            if hasattr(body, "close"):
                _raising(body.close)


def _raising(act: Callable[[], Any]) -> Any:
    """Do what is the app's. Raises AppRaised, or our own UserMistake about what it gave us."""
    try:
        return act()
    except _Against:
        raise
    except BaseException as raised:
        raise AppRaised(raised) from raised


def _wsgi_headers(headers: Any) -> list[tuple[str, str]]:
    expected = 'a list of pairs of texts, like [("Content-Type", "text/xml")]'
    found = list(headers) if isinstance(headers, list | tuple) else None
    if found is None or not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in found):
        raise _against("WSGI", f"the headers {headers!r}", expected)
    for name, value in found:
        if not (
            isinstance(name, str) and isinstance(value, str) and _HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value)
        ):
            raise _against("WSGI", f"the header {name!r}: {value!r}", expected)
        if not all(ord(letter) < 256 for letter in value):
            raise _against("WSGI", f"the header {name!r}: {value!r}", "letters of ISO-8859-1")
    return found


def _bytes(chunk: Any) -> bytes:
    if not isinstance(chunk, bytes):
        raise _against("WSGI", f"the chunk {chunk!r:.200}", "bytes")
    return chunk


# ---- ASGI -------------------------------------------------------------------------------------------------------------------------------


def keeping_asgi(app: AsgiApp, answer_bytes: int, too_large: Callable[[int], Exception]) -> AsgiApp:
    """Return an app of which is told what it does against ASGI's rules, and whose answer cannot be endless.

    httpx collects all of an answer before anybody sees a byte of it. The app raises AppRaised, UserMistake, or what `too_large` makes.
    """

    async def called(scope: Any, receive: Any, send: Any) -> None:
        size, expected = 0, "http.response.start"
        ours: list[Exception] = []

        async def told(message: Any) -> None:
            nonlocal size, expected
            wrong = _wrong_message(message, expected)
            if wrong is None:
                is_start = message["type"] == "http.response.start"
                expected = "http.response.body" if is_start or message.get("more_body") else "nothing more"
                size += len(message.get("body", b""))
            if wrong is not None or size > answer_bytes:
                ours.append(wrong or too_large(answer_bytes))
                raise ours[-1]
            await asyncio.sleep(0)  # a limit of time acts when others have a turn
            await send(message)

        try:
            await app(scope, receive, told)
        except BaseException as raised:
            task = asyncio.current_task()
            is_cancelled = isinstance(raised, asyncio.CancelledError) and task is not None and task.cancelling() > 0
            if is_cancelled or raised in ours:
                raise
            raise AppRaised(raised) from raised
        if ours:
            raise ours[-1]
        if expected != "nothing more":
            raise _against("ASGI", "an end without a whole answer", f"a message of type {expected} before the app returns")

    return called


def _wrong_message(message: Any, expected: str) -> UserMistake | None:
    """Return what is wrong with a message of an app; None when nothing is."""
    kind = message.get("type") if isinstance(message, dict) else None
    if kind != expected:
        return _against("ASGI", f"{message!r:.200}", f"a message of type {expected}")
    if kind == "http.response.start":
        if not isinstance(message.get("status"), int):
            return _against("ASGI", f"the status {message.get('status')!r}", "a number")
        headers = message.get("headers", [])
        pairs = list(headers) if isinstance(headers, Iterable) and not isinstance(headers, dict | str | bytes) else [None]
        is_pair = [
            isinstance(pair, tuple | list) and len(pair) == 2 and all(isinstance(each, bytes) for each in pair) for pair in pairs
        ]
        if not all(is_pair):
            return _against(
                "ASGI", f"the headers {headers!r:.200}", 'an iterable of pairs of bytes, like [(b"content-type", b"text/xml")]'
            )
    elif not isinstance(message.get("body", b""), bytes):
        return _against("ASGI", f"the body {message['body']!r:.200}", "bytes")
    return None


class _Against(UserMistake):
    """What an app did against the rules."""


def _against(rules: str, given: str, expected: str) -> _Against:
    return _Against(f"the app does not keep the rules of {rules}: it gave {given}", where="the app under test", expected=expected)
