"""The way to a SOAP service: one exchange at a time, with a time limit, a size limit, the certificate looked at and cookies kept.

    Service.exchange(operation, values) --> httpx --> socket, or an app object in this process (WSGI, ASGI) --> Answered

A `Service` is made for one update and forgets its cookies with it (inferred: Intuit's sample keeps its counters in an ASP.NET session,
which only works when cookies come back during an update).

Headers are those of a .NET 4 SOAP client, which the Web Connector is (documented: it is made from a .NET WSDL; order and values inferred
from the .NET sources): no Accept, no Accept-Encoding; `Connection: Keep-Alive` goes with the first request of a connection only. Only Host
stands first here instead of in its place.
"""

import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import httpx

from emulator.core.clock import Clock
from emulator.core.errors import UserMistake, words_of
from emulator.webconnector.apps import AsgiApp, WsgiApp, WsgiTransport, keeping_asgi
from emulator.webconnector.soap import Answered, Operation, Unreadable, envelope, read

USER_AGENT: Final = "Mozilla/4.0 (compatible; MSIE 6.0; MS Web Services Client Protocol 4.0.30319.42000)"
"""What a SOAP client of .NET 4 calls itself (inferred; the one of 2.0 said 2.0.50727.1433)."""

ANSWER_BYTES_MAX: Final = 64 * 1024 * 1024
"""Largest answer that is read (ours; the real one has no limit that is known)."""


Failing = Literal["transport", "localhost", "tls", "answer", "fault"]


class CallFailed(Exception):  # noqa: N818 - it is named for what happened
    """An operation got no answer that can be used.

    Attributes:
        reason: for people, in the words of the part that failed.
        kind: `transport` (no answer at all), `localhost` (no address is found for this machine's own name), `tls` (the certificate),
            `answer` (one that is none), `fault` (a SOAP fault).
        heard: whether the service may have acted on the call.
    """

    def __init__(self, reason: str, kind: Failing, *, heard: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind = kind
        self.heard = heard


@dataclass(frozen=True)
class Limits:
    """How long and how large an answer may be.

    Attributes:
        seconds: story seconds for one exchange (inferred: .NET's default of 100 s; the real limit is not documented).
        answer_bytes: bytes of one answer.
    """

    seconds: float = 100.0
    answer_bytes: int = ANSWER_BYTES_MAX


@dataclass
class Exchange:
    """What went over the line in one call, for whoever looks on.

    Attributes:
        operation: its name. request: the body sent. status, content: of the answer; 0 and empty when none came.
        headers: of the answer, names in small letters.
    """

    operation: str
    request: bytes
    status: int = 0
    content: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


Alter = Callable[[Exchange], None]
"""Changes what came back before it is read: how faults of the way are played."""


class Service:
    """A SOAP service for the time of one update.

    Args:
        url: AppURL.
        clock: limits are story time.
        limits: of one exchange.
        app: an application object that answers in place of the network; None: the network.
        trust: a file with certificates of authorities (PEM) that are trusted besides the machine's own.
        expect_continue: send `Expect: 100-continue`, as .NET does; many small servers stumble over it.
        send_again: send a request once more when a connection that was kept is closed before anything was answered, as .NET does.
    """

    def __init__(
        self,
        url: str,
        clock: Clock,
        limits: Limits | None = None,
        app: "WsgiApp | AsgiApp | httpx.AsyncBaseTransport | None" = None,
        trust: Path | None = None,
        *,
        expect_continue: bool = False,
        send_again: bool = True,
    ) -> None:
        self.url = url
        self._clock = clock
        self._limits = limits or Limits()
        self._expect_continue = expect_continue
        self._client = httpx.AsyncClient(
            transport=_transport(app, trust, self._limits.answer_bytes, send_again=send_again),
            timeout=None,  # noqa: S113 - the clock's limit is around every exchange
            follow_redirects=False,
            trust_env=False,  # a proxy setting of this machine has no part in the story
        )

    async def close(self) -> None:
        """Let go of connections and cookies."""
        await self._client.aclose()

    async def exchange(
        self, operation: Operation, values: Sequence[str], alter: Alter | None = None
    ) -> tuple[Answered, Exchange]:
        """Call an operation.

        Args:
            operation: which.
            values: of its arguments.
            alter: may change what came back, before it is read.

        Raises:
            CallFailed: there is no answer that can be used.
        """
        seen = Exchange(operation.name, envelope(operation, values))
        headers = [
            ("User-Agent", USER_AGENT),
            ("Content-Type", "text/xml; charset=utf-8"),
            ("SOAPAction", operation.action),
            ("Content-Length", str(len(seen.request))),
            *([("Expect", "100-continue")] if self._expect_continue else []),
        ]
        await self._fetch(_request("POST", self.url, headers, seen.request), seen)
        if alter is not None:
            alter(seen)
        try:
            return read(operation, seen.content, seen.status, seen.headers), seen
        except Unreadable as wrong:
            kind: Literal["fault", "answer"] = "fault" if type(wrong) is not Unreadable else "answer"
            raise CallFailed(str(wrong), kind, heard=True) from None

    async def get(self, url: str) -> int:
        """Fetch a page and return its HTTP status: what is done with CertURL and AppSupport when an application is added.

        Raises:
            CallFailed: no answer came.
        """
        seen = Exchange("GET", b"")
        await self._fetch(_request("GET", url, [("User-Agent", USER_AGENT)]), seen)
        return seen.status

    async def _fetch(self, request: httpx.Request, seen: Exchange) -> None:
        # A cookie may hold any letters: they go back as they were read, and not as ASCII.
        request.headers.encoding = "utf-8"
        self._client.cookies.set_cookie_header(request)
        try:
            async with self._clock.limit(self._limits.seconds):
                await self._receive(request, seen)
        except TimeoutError:
            raise CallFailed(
                f"The operation has timed out: no whole answer within {self._limits.seconds:g} s", "transport", heard=True
            ) from None
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            cause = _certificate_error(error)
            if cause is not None:
                why = f"The underlying connection was closed: could not establish trust relationship: {cause}"
                raise CallFailed(why, "tls", heard=False) from None
            own = request.url.host == "localhost" and any(isinstance(each, socket.gaierror) for each in _causes(error))
            why = f"Unable to connect to the remote server: {_words_of(error)}"
            raise CallFailed(why, "localhost" if own else "transport", heard=False) from None
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError) as error:
            why = f"The underlying connection was closed: {_words_of(error)}"
            raise CallFailed(why, "transport", heard=True) from None

    async def _receive(self, request: httpx.Request, seen: Exchange) -> None:
        answer = await self._client.send(request, stream=True)
        try:
            seen.status = answer.status_code
            seen.headers = {name.lower(): value for name, value in answer.headers.items()}
            chunks, size = [], 0
            # As it came: a .NET client asks for no compression and undoes none.
            async for chunk in answer.aiter_raw():
                size += len(chunk)
                if size > self._limits.answer_bytes:
                    raise _too_large(self._limits.answer_bytes)
                chunks.append(chunk)
            seen.content = b"".join(chunks)
        finally:
            await answer.aclose()


def _too_large(answer_bytes: int) -> CallFailed:
    return CallFailed(f"the answer is larger than {answer_bytes} bytes", "answer", heard=True)


def _request(method: str, url: str, headers: list[tuple[str, str]], content: bytes | None = None) -> httpx.Request:
    """Return a request. Raises CallFailed: a .qwc may hold what looks like a URL, and is none."""
    try:
        return httpx.Request(method, url, headers=headers, content=content)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise CallFailed(f"Invalid URI: {error}", "transport", heard=False) from None


def _certificate_error(error: BaseException) -> str | None:
    """Return what is wrong with a certificate or the handshake, when that is why there is no connection."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_message
        if isinstance(cause, ssl.SSLError):
            return cause.reason.replace("_", " ").lower() if cause.reason else str(cause)
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it came from."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _words_of(error: BaseException) -> str:
    """Return what became of a connection, in words also when the error and those behind it say nothing."""
    words = words_of(error)
    return _WORDS.get(words, words)


_WORDS: Final = {
    "ConnectError": "the service closed the connection while it was being made",
    "ReadError": "the service closed the connection before its answer was whole",
    "WriteError": "the service closed the connection before the call was sent",
}
"""What is said in place of the name of an error's class."""


# ---- where a service stands -------------------------------------------------------------------------------------------------------------


def _transport(
    app: "WsgiApp | AsgiApp | httpx.AsyncBaseTransport | None", trust: Path | None, answer_bytes: int, *, send_again: bool
) -> httpx.AsyncBaseTransport:
    if app is None:
        return _Network(trust, send_again=send_again)
    return app if isinstance(app, httpx.AsyncBaseTransport) else app_transport(app, answer_bytes)


def app_transport(app: "WsgiApp | AsgiApp", answer_bytes: int, *, aside: bool = False) -> httpx.AsyncBaseTransport:
    """Return an app object as what stands in place of the network.

    Args:
        app: the app.
        answer_bytes: what an answer may have.
        aside: whether a WSGI app is called on a thread of its own (`WsgiTransport`).
    """
    if _is_asgi(app):
        return _OneConnection(httpx.ASGITransport(keeping_asgi(app, answer_bytes, _too_large)))
    return _OneConnection(WsgiTransport(app, aside=aside))


KEEP_ALIVE: Final = (b"Connection", b"Keep-Alive")
"""What the first request of a connection carries, and no other (documented of .NET)."""


class _OneConnection(httpx.AsyncBaseTransport):
    """An app object in place of the network: there is no connection, so all requests of an update stand for those of one.

    Args:
        app: the app, as a transport.
    """

    def __init__(self, app: httpx.AsyncBaseTransport) -> None:
        self._app = app
        self._begun = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Hand a request to the app."""
        if not self._begun:
            request.headers = httpx.Headers([*request.headers.raw, KEEP_ALIVE])
        self._begun = True
        return await self._app.handle_async_request(request)

    async def aclose(self) -> None:
        """Let go of what calls the app."""
        await self._app.aclose()


class _Network(httpx.AsyncBaseTransport):
    """Sockets. The machine's certificates are read at the first https request: that takes as long as dozens of requests to this machine.

    Args:
        trust: as for `Service`; this file is read at once, so that a mistake is told before anybody is called.
        send_again: as for `Service`.
    """

    def __init__(self, trust: Path | None, *, send_again: bool) -> None:
        self._plain = _sockets(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        self._secure = None if trust is None else _sockets(_trusting(trust))
        self._send_again = send_again
        self._came = _Came()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        sent, before = _Sent(self._came), self._came.bytes
        request.extensions = {**request.extensions, "trace": sent.look_on}
        try:
            return await self._line_for(request).handle_async_request(request)
        except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
            # The service that answered so much as a byte has heard the call, and may have acted on it.
            if sent.on_new_connection or self._came.bytes > before or not self._send_again:
                raise
        request.extensions = {**request.extensions, "trace": _Sent(self._came).look_on}
        return await self._line_for(request).handle_async_request(request)

    def _line_for(self, request: httpx.Request) -> httpx.AsyncHTTPTransport:
        if request.url.scheme != "https":
            return self._plain
        if self._secure is None:
            self._secure = _sockets(_trusting(None))
        return self._secure

    async def aclose(self) -> None:
        """Close the connections."""
        await self._plain.aclose()
        if self._secure is not None:
            await self._secure.aclose()


class _Came:
    """Counts what comes over connections, once they speak the protocol: what TLS says for itself is no answer.

    The HTTP library's errors do not say it: they are the same when a connection is closed after a part of an answer.

    Attributes:
        bytes: how many came.
    """

    def __init__(self) -> None:
        self.bytes = 0

    def over(self, stream: Any) -> None:
        """Count what is read from the stream of a connection."""
        read = stream.read

        async def counted(*args: Any, **kwargs: Any) -> bytes:
            content: bytes = await read(*args, **kwargs)
            self.bytes += len(content)
            return content

        stream.read = counted


class _Sent:
    """Looks on while one request is sent, and gives it the header when a connection is made for it.

    Args:
        came: counts what comes over that connection.

    Attributes:
        on_new_connection: whether one was made.
    """

    def __init__(self, came: _Came) -> None:
        self._came = came
        self.on_new_connection = False

    async def look_on(self, event: str, seen: dict[str, Any]) -> None:
        """Hear of an event of the HTTP library."""
        if event == "connection.connect_tcp.started":
            self.on_new_connection = True
        elif event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._came.over(seen["return_value"])
        elif event == "http11.send_request_headers.started" and self.on_new_connection:
            seen["request"].headers = [*seen["request"].headers, KEEP_ALIVE]


def _sockets(context: ssl.SSLContext) -> httpx.AsyncHTTPTransport:
    return httpx.AsyncHTTPTransport(verify=context, trust_env=False, limits=httpx.Limits(max_keepalive_connections=1))


def _trusting(trust: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if trust is not None:
        try:
            context.load_verify_locations(cafile=trust)
        except (OSError, ssl.SSLError) as error:
            raise UserMistake(
                f"cannot read certificates from {trust}: {error}", expected="a file of certificates in PEM"
            ) from None
    return context


def _is_asgi(app: Any) -> bool:
    """Return whether an app object is called as ASGI wants: a coroutine function of three arguments, or an object whose call is one."""
    import inspect

    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(getattr(app, "__call__", None))  # noqa: B004
