"""The wire: the request processors of one or more QuickBooks over HTTP on the loopback, for programs in other processes.

| call (POST) | answer |
|---|---|
| /com/hello?machine=NAME | JSON: the client's id, the interface (members, constants, class names) |
| /com/alive?client=ID | nothing; says that the client still lives |
| /com/new?client=ID&progid=NAME&thread=ID | text: the object's id |
| /com/MEMBER?object=ID&thread=ID&ARGUMENT=... | the value; the last text argument of ProcessRequest and ProcessSubscription is the body |
| /com/release?object=ID | nothing; the object is dropped |

A value is text (UTF-8), its type is in the header `X-Com-Type`: `none`, `text`, `integer`, `boolean`, `list` (one text per line).
A call that fails is answered 409 with the code in the header `X-Com-HResult` (`0x80040408`) and the description as body.

Limits: bodies up to BODY_BYTES_MAX, at most CALLS_MAX calls at once (more are told 0x8001010A, server busy); peers on the
loopback only, and no web pages (requests with an Origin).

Objects and calls live on the harness's asyncio loop; a handler thread only hands over and waits. A client that has not been heard of for
`presence_limit_s` is taken for dead: its calls are cancelled and its objects dropped, as COM does with objects of a process that is gone.
"""

import asyncio
import ipaddress
import json
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from flask import Flask, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

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
        self.app = self._make_app()
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

    def _make_app(self) -> Flask:
        app = Flask("fakebooks-com")
        app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
        app.config["MAX_FORM_MEMORY_SIZE"] = BODY_BYTES_MAX
        app.before_request(_programs_only)
        app.register_error_handler(RequestEntityTooLarge, _too_large)
        app.register_error_handler(SessionFailure, self._failed)
        routes: dict[str, Callable[..., Response]] = {
            "/com/hello": self._hello,
            "/com/alive": self._alive,
            "/com/new": self._new,
            "/com/release": self._release,
            "/com/<member>": self._member,
        }
        for rule, handler in routes.items():
            app.add_url_rule(rule, rule, handler, methods=["POST"])
        return app

    def _hello(self) -> Response:
        machine = request.args.get("machine") or next(iter(self._quickbooks))
        if machine not in self._quickbooks:
            return self._failed(SessionFailure(Code.SERVER_NOT_STARTED), f"no machine is called {machine}")

        async def greet() -> str:
            name = self._name("client")
            self._clients[name] = _Client(machine, self._loop.time())
            return name

        greeting = {"client": self._on_loop(greet()), "body_bytes_max": BODY_BYTES_MAX, **description()}
        return Response(json.dumps(greeting), mimetype="application/json")

    def _alive(self) -> Response:
        async def hear() -> bool:
            client = self._clients.get(request.args.get("client", ""))
            if client is not None:
                client.heard_at = self._loop.time()
            return client is not None

        return _value(None) if self._on_loop(hear()) else self._failed(SessionFailure(Code.DISCONNECTED))

    def _new(self) -> Response:
        wanted = request.args.get("progid", "").casefold()
        interface = {name.casefold(): number for name, number in {**PROGIDS, **CLASS_IDS}.items()}.get(wanted)
        if interface is None:
            return self._failed(SessionFailure(Code.WRONG_CLASS_NAME))
        client_name, thread = request.args.get("client", ""), request.args.get("thread", "")

        async def make() -> str:
            client = self._clients.get(client_name)
            if client is None or self._closed:
                raise SessionFailure(Code.DISCONNECTED)
            processor = await self._driver.perform(RequestProcessor.create(self._quickbooks[client.machine]))
            name = self._name("object")
            self._objects[name] = _Object(client, thread, interface, processor)
            return name

        return self._answered(make())

    def _release(self) -> Response:
        name = request.args.get("object", "")

        async def drop() -> None:
            self._drop(name, "the object was released")

        return self._answered(drop())

    def _member(self, member: str) -> Response:
        known = MEMBERS.get(member)
        if known is None:
            return self._failed(SessionFailure(Code.NO_SUCH_MEMBER))
        try:
            arguments = _arguments(known)
        except SessionFailure as wrong:
            return self._failed(wrong)
        target, thread = request.args.get("object", ""), request.args.get("thread", "")
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

    def _answered(self, work: Coroutine[Any, Any, Any]) -> Response:
        try:
            return _value(self._on_loop(work))
        except SessionFailure as failure:
            return self._failed(failure)
        except CancelledError:
            return self._failed(SessionFailure(Code.RPC_FAILED))

    def _failed(self, failure: SessionFailure, description: str = "") -> Response:
        self._wording.word(failure)
        return _failed(failure, description)


# ---- HTTP: what arguments, values and failures look like --------------------------------------------------------------------


def _programs_only() -> Response | None:
    """Refuse peers of other machines, whatever address the wire is served on, and web pages open in a browser on this one."""
    peer = request.remote_addr or ""
    if ipaddress.ip_address(peer).is_loopback and "Origin" not in request.headers:
        return None
    return Response("this wire serves programs on the same machine only", 403)


def _too_large(_: RequestEntityTooLarge) -> Response:
    return _failed(SessionFailure(Code.NO_MEMORY), f"a document may have at most {BODY_BYTES_MAX} bytes here")


def _arguments(member: Member) -> list[Any]:
    """Read the arguments: from the query, and the document (`inputRequest`) from the body."""
    arguments: list[Any] = []
    for name, kind in member.arguments:
        if name == "inputRequest":
            arguments.append(_document())
            continue
        text = request.args.get(name)
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


def _document() -> str:
    """Return the body as the text a COM caller would hand over. A byte order mark belongs to the encoding, not to the text."""
    try:
        return request.get_data(cache=False).decode("utf-8-sig", "surrogatepass")
    except UnicodeDecodeError:
        raise SessionFailure(Code.WRONG_TYPE, "the document is not UTF-8") from None


def _value(value: Any) -> Response:
    kind, text = _as_text(value)
    return Response(text, headers={"X-Com-Type": kind}, content_type="text/plain; charset=utf-8")


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


def _failed(failure: SessionFailure, description: str = "") -> Response:
    headers = {"X-Com-HResult": str(failure.code)}
    return Response(description or failure.description(), 409, headers, content_type="text/plain; charset=utf-8")
