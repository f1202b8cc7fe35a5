"""The wire: the request processors of one or more QuickBooks over HTTP on the loopback, for programs in other processes.

| call (POST) | answer |
|---|---|
| /com/hello?machine=NAME | JSON: the client's id, the interface (members, constants, class names, what failures name as their source) |
| /com/alive?client=ID | nothing; says that the client still lives |
| /com/new?client=ID&progid=NAME&thread=ID | text: the object's id |
| /com/MEMBER?object=ID&thread=ID&ARGUMENT=... | the value; the last text argument of ProcessRequest and ProcessSubscription is the body |
| /com/release?object=ID | nothing; the object is dropped |

A value is text (UTF-8), its type is in the header `X-Com-Type`: `none`, `text`, `integer`, `boolean`, `list` (one text per line).
A call that fails is answered 409 with the code in the header `X-Com-HResult` (`0x80040408`) and the description as body.

Limits: bodies up to BODY_BYTES_MAX, the other arguments of a call together some 60,000 bytes (they travel in its address,
percent-encoded), at most CALLS_MAX calls at once (more are told 0x8001010A, server busy); peers on the loopback only, and no web pages
(requests with an Origin).

It is a plain WSGI application: a program under `fakebooks exec` waits for everything that is imported here, and a framework would take a
fifth of the wait for five addresses.

Objects and calls live on the harness's asyncio loop; a handler thread only hands over and waits. A client that has not been heard of for
`presence_limit_s` is taken for dead: its calls are cancelled and its objects dropped, as COM does with objects of a process that is gone.
"""

import asyncio
import ipaddress
import json
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from emulator.com.interface import CLASS_IDS, MEMBERS, PROGIDS, Member, description
from emulator.desktop.driver import Driver
from emulator.desktop.quickbooks import QuickBooks
from emulator.desktop.request_processor import RequestProcessor
from emulator.desktop.results import Code, SessionFailure

Value = TypeVar("Value")

BODY_BYTES_MAX: Final = 48 * 1024 * 1024
"""Largest document the wire reads (ours; qbXML's own limit lies below, so that a document of that size is refused in QuickBooks' words)."""

CALLS_MAX: Final = 24
"""Calls in progress at once over all clients (ours). A QuickBooks works on one at a time, the rest wait in its line."""

THREADS: Final = CALLS_MAX + 8
"""Threads to serve the wire with: some are always free to hear that clients live."""

PRESENCE_LIMIT_S: Final = 30.0
"""How long a client may be silent (machine's seconds); the stand-in speaks every two."""


@dataclass(frozen=True)
class _Asked:
    """A call as it came: its arguments (of several of one name the first), and where its body is read from."""

    arguments: Mapping[str, str]
    environ: Mapping[str, Any]


@dataclass(frozen=True)
class _Answer:
    status: HTTPStatus
    text: str
    headers: tuple[tuple[str, str], ...] = ()
    media_type: str = "text/plain"


@dataclass(eq=False)
class _Object:
    client: "_Client"
    thread: str
    interface: int
    processor: RequestProcessor
    calls: "set[asyncio.Task[Any]]" = field(default_factory=set)


@dataclass(eq=False)
class _Client:
    machine: str
    heard_at: float


class Wire:
    """The doors to a set of QuickBooks.

    Args:
        quickbooks: machine name to its QuickBooks; the first is the one meant when a client names none.
        driver: performs the operations.
        loop: the loop that everything lives on; it runs in another thread than the handlers.
        presence_limit_s: see PRESENCE_LIMIT_S.
    """

    def __init__(
        self,
        quickbooks: Mapping[str, QuickBooks],
        driver: Driver,
        loop: asyncio.AbstractEventLoop,
        presence_limit_s: float = PRESENCE_LIMIT_S,
    ) -> None:
        self._quickbooks = dict(quickbooks)
        self._driver = driver
        self._loop = loop
        self._presence_limit_s = presence_limit_s
        self._clients: dict[str, _Client] = {}
        self._objects: dict[str, _Object] = {}
        self._made = 0
        self._calls = 0
        self._closed = False
        self._wording = next(iter(self._quickbooks.values())).office.wording
        self._handlers: dict[str, Callable[[_Asked], _Answer]] = {
            "hello": self._hello,
            "alive": self._alive,
            "new": self._new,
            "release": self._release,
        }
        loop.call_soon_threadsafe(self._watch)

    def close(self) -> None:
        """Drop every object, cancel calls in progress, take no more. Called on the loop, before it stops and before the server is stopped."""
        self._closed = True
        for name in tuple(self._objects):
            self._drop(name, "the harness closed the wire")
        self._clients.clear()

    @property
    def objects(self) -> int:
        """Return how many objects programs hold."""
        return len(self._objects)

    # ---- handlers: each hands over to the loop ----------------------------------------------------------------------------

    def app(self, environ: Mapping[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one call; this is what a WSGI server serves."""
        answer = self._answer(environ)
        body = answer.text.encode("utf-8", "replace")
        status = f"{answer.status.value} {answer.status.phrase}"
        start(
            status, [("Content-Type", f"{answer.media_type}; charset=utf-8"), ("Content-Length", str(len(body))), *answer.headers]
        )
        return [body]

    def _answer(self, environ: Mapping[str, Any]) -> _Answer:
        refused = _refusal(environ)
        if refused is not None:
            return refused
        name = environ["PATH_INFO"].removeprefix("/com/")
        given: dict[str, str] = {}
        for argument, value in parse_qsl(environ["QUERY_STRING"], keep_blank_values=True):
            given.setdefault(argument, value)
        asked = _Asked(given, environ)
        try:
            handler = self._handlers.get(name)
            return handler(asked) if handler is not None else self._member(name, asked)
        except SessionFailure as failure:
            return self._failed(failure)
        except _TooLarge:
            return self._failed(SessionFailure(Code.NO_MEMORY), f"a document may have at most {BODY_BYTES_MAX} bytes here")
        except Exception:
            # A mistake of our own: told where whoever runs us looks, and to the program as a server that broke.
            logging.getLogger("fakebooks").exception("the wire of QuickBooks failed in %s", name)
            return _Answer(HTTPStatus.INTERNAL_SERVER_ERROR, "FakeBooks failed; its own output says more")

    def _hello(self, asked: _Asked) -> _Answer:
        machine = asked.arguments.get("machine") or next(iter(self._quickbooks))
        if machine not in self._quickbooks:
            return self._failed(SessionFailure(Code.SERVER_NOT_STARTED), f"no machine is called {machine}")

        async def greet() -> str:
            name = self._name("client")
            self._clients[name] = _Client(machine, self._loop.time())
            return name

        greeting = {"client": self._on_loop(greet()), "body_bytes_max": BODY_BYTES_MAX, **description()}
        return _Answer(HTTPStatus.OK, json.dumps(greeting), media_type="application/json")

    def _alive(self, asked: _Asked) -> _Answer:
        async def hear() -> bool:
            client = self._clients.get(asked.arguments.get("client", ""))
            if client is not None:
                client.heard_at = self._loop.time()
            return client is not None

        return _value(None) if self._on_loop(hear()) else self._failed(SessionFailure(Code.DISCONNECTED))

    def _new(self, asked: _Asked) -> _Answer:
        wanted = asked.arguments.get("progid", "").casefold()
        made_of = {name.casefold(): each for name, each in {**PROGIDS, **CLASS_IDS}.items()}.get(wanted)
        if made_of is None:
            return self._failed(SessionFailure(Code.WRONG_CLASS_NAME))
        client_name, thread = asked.arguments.get("client", ""), asked.arguments.get("thread", "")

        async def make() -> str:
            client = self._clients.get(client_name)
            if client is None or self._closed:
                raise SessionFailure(Code.DISCONNECTED)
            processor = await self._driver.perform(RequestProcessor.create(self._quickbooks[client.machine]))
            name = self._name("object")
            self._objects[name] = _Object(client, thread, made_of.interface, processor)
            return name

        return self._answered(make())

    def _release(self, asked: _Asked) -> _Answer:
        name = asked.arguments.get("object", "")

        async def drop() -> None:
            self._drop(name, "the object was released")

        return self._answered(drop())

    def _member(self, member: str, asked: _Asked) -> _Answer:
        known = MEMBERS.get(member)
        if known is None:
            return self._failed(SessionFailure(Code.NO_SUCH_MEMBER))
        arguments = _arguments(known, asked)
        target, thread = asked.arguments.get("object", ""), asked.arguments.get("thread", "")
        return self._answered(self._perform(target, thread, known, arguments))

    # ---- on the loop ------------------------------------------------------------------------------------------------------

    async def _perform(self, name: str, thread: str, member: Member, arguments: list[Any]) -> Any:
        target = self._objects.get(name)
        if target is None:
            raise SessionFailure(Code.DISCONNECTED)
        if member.since > target.interface:
            raise SessionFailure(Code.NO_SUCH_MEMBER)
        on_other = self._quickbooks[target.client.machine].office.settings.text("desktop.object-on-other-thread")
        if on_other != "works" and thread != target.thread:
            raise SessionFailure(on_other)
        if self._calls >= CALLS_MAX:
            raise SessionFailure(Code.SERVER_BUSY)
        target.client.heard_at = self._loop.time()
        task = asyncio.current_task()
        assert task is not None
        target.calls.add(task)
        self._calls += 1
        try:
            return await self._driver.perform(member.call(target.processor, *arguments))
        finally:
            self._calls -= 1
            target.calls.discard(task)

    def _drop(self, name: str, why: str) -> None:
        gone = self._objects.pop(name, None)
        if gone is None:
            return
        for task in tuple(gone.calls):
            task.cancel()
        for _ in gone.processor.release(why):
            raise AssertionError("release waits for nothing")

    def _watch(self) -> None:
        """Look for clients that have gone silent, now and again later."""
        if self._closed:
            return
        silent_since = self._loop.time() - self._presence_limit_s
        gone = [name for name, client in self._clients.items() if client.heard_at < silent_since]
        for key in gone:
            client = self._clients.pop(key)
            for name in [name for name, each in self._objects.items() if each.client is client]:
                self._drop(name, "its program is gone")
        self._loop.call_later(self._presence_limit_s / 3, self._watch)

    def _name(self, kind: str) -> str:
        self._made += 1
        return f"{kind}-{self._made}"

    # ---- between the two --------------------------------------------------------------------------------------------------

    def _on_loop(self, work: Coroutine[Any, Any, Value]) -> Value:
        """Do something on the loop and wait for it. A loop that has ended does nothing any more, so it is not waited for."""
        if self._closed:
            work.close()
            raise SessionFailure(Code.RPC_UNAVAILABLE)
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _answered(self, work: Coroutine[Any, Any, Any]) -> _Answer:
        try:
            return _value(self._on_loop(work))
        except SessionFailure as failure:
            return self._failed(failure)
        except CancelledError:
            return self._failed(SessionFailure(Code.RPC_FAILED))

    def _failed(self, failure: SessionFailure, description: str = "") -> _Answer:
        self._wording.word(failure)
        return _failed(failure, description)


# ---- HTTP: what arguments, values and failures look like --------------------------------------------------------------------


def _refusal(environ: Mapping[str, Any]) -> _Answer | None:
    """Refuse peers of other machines, whatever address the wire is served on, web pages open in a browser on this one, and what is no call."""
    if not ipaddress.ip_address(environ.get("REMOTE_ADDR", "")).is_loopback or "HTTP_ORIGIN" in environ:
        return _Answer(HTTPStatus.FORBIDDEN, "this wire serves programs on the same machine only")
    if not environ["PATH_INFO"].startswith("/com/"):
        return _Answer(HTTPStatus.NOT_FOUND, "the calls of this wire stand under /com/")
    if environ["REQUEST_METHOD"] != "POST":
        return _Answer(HTTPStatus.METHOD_NOT_ALLOWED, "the calls of this wire are POST", (("Allow", "POST"),))
    return None


def _arguments(member: Member, asked: _Asked) -> list[Any]:
    """Read the arguments: from the query, and the document (`inputRequest`) from the body."""
    arguments: list[Any] = []
    for name, kind in member.arguments:
        if name == "inputRequest":
            arguments.append(_document(asked))
            continue
        text = asked.arguments.get(name)
        if text is None:
            raise SessionFailure(Code.WRONG_COUNT, f"{member.name} needs {name}")
        if kind == "text":
            arguments.append(text)
            continue
        try:
            number = int(text)
        except ValueError:
            raise SessionFailure(Code.WRONG_TYPE, f"{name} of {member.name} is a number, not {text!r}") from None
        arguments.append(bool(number) if kind == "boolean" else number)
    return arguments


class _TooLarge(Exception):  # noqa: N818 - it says what the document is
    """A document is larger than the wire reads."""


def _document(asked: _Asked) -> str:
    """Return the body as the text a COM caller would hand over. A byte order mark belongs to the encoding, not to the text."""
    # A body whose length nobody told (in chunks) is read as far as it may go.
    told = int(asked.environ.get("CONTENT_LENGTH") or 0)
    body = b"" if told > BODY_BYTES_MAX else asked.environ["wsgi.input"].read(BODY_BYTES_MAX + 1)
    if max(told, len(body)) > BODY_BYTES_MAX:
        raise _TooLarge
    try:
        return str(body, "utf-8-sig", "surrogatepass")
    except UnicodeDecodeError:
        raise SessionFailure(Code.WRONG_TYPE, "the document is not UTF-8") from None


def _value(value: Any) -> _Answer:
    kind, text = _as_text(value)
    return _Answer(HTTPStatus.OK, text, (("X-Com-Type", kind),))


def _as_text(value: Any) -> tuple[str, str]:
    if value is None:
        return "none", ""
    if isinstance(value, bool):
        return "boolean", str(int(value))
    if isinstance(value, int):
        return "integer", str(value)
    if isinstance(value, list):
        return "list", "\n".join(value)
    return "text", value


def _failed(failure: SessionFailure, description: str = "") -> _Answer:
    return _Answer(HTTPStatus.CONFLICT, description or failure.description(), (("X-Com-HResult", str(failure.code)),))
