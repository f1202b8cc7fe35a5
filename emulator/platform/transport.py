"""The way to port 8891 over sockets: HTTP with JSON bodies, one connection for each call.

A connection is never used twice: one that a router or a sleeping machine forgot in between would look like a failed attempt of ours.
"""

import json
from typing import Any, Final

import httpx

from emulator.core.clock import RealClock
from emulator.core.errors import UserMistake
from emulator.core.transport import Call, CallAnswer, NoAnswer, no_whole_json

ANSWER_BYTES_MAX: Final = 1024 * 1024
"""Largest answer that is read (our choice: an answer of the protocol is below one kilobyte)."""


class HttpTransport:
    """Calls a connector by HTTP.

    Args:
        base_url: `http://host:port` of the connector, or of the network in front of it.
        clock: the story's clock; limits are its.
        source: address of this machine to call from (one of the platform's nodes); None leaves it to the system.

    Raises:
        UserMistake: the address is no HTTP URL.
    """

    def __init__(self, base_url: str, clock: RealClock, source: str | None = None) -> None:
        try:
            url = httpx.URL(base_url)
        except httpx.InvalidURL as error:
            raise UserMistake(f"{base_url!r} is no URL: {error}", expected="http://host:8891") from None
        if url.scheme not in ("http", "https") or not url.host:
            raise UserMistake(f"{base_url!r} is no URL of a connector", expected="http://host:8891")
        self._clock = clock
        self._client = httpx.AsyncClient(
            base_url=url,
            timeout=None,  # noqa: S113 - the clock's limit is around every call, and it knows the story's scale
            follow_redirects=False,
            trust_env=False,  # a proxy setting of this machine has no part in the story
            transport=httpx.AsyncHTTPTransport(
                # To read all certificates that are trusted takes longer than a call; http needs none.
                verify=url.scheme == "https",
                local_address=source,
                limits=httpx.Limits(max_keepalive_connections=0),
                trust_env=False,
            ),
        )

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    async def call(self, call: Call, limit_s: float) -> CallAnswer:
        """Make one call; see Transport."""
        progress = _Progress()
        try:
            async with self._clock.limit(limit_s):
                return await self._exchange(call, progress)
        except TimeoutError:
            where = "no answer" if progress.sent else "no connection"
            raise NoAnswer(f"{where} within {limit_s:g} s", sent=progress.sent) from None
        except httpx.ConnectError as error:
            raise NoAnswer(_why_not_connected(error), sent=False) from None
        except httpx.HTTPError as error:
            raise NoAnswer(_why_broken(error), sent=progress.sent) from None

    async def _exchange(self, call: Call, progress: "_Progress") -> CallAnswer:
        body = None if call.body is None else json.dumps(call.body).encode()
        headers = {"Connection": "close", "Accept": "application/json"} | dict(call.headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
        request = self._client.build_request(
            call.method, call.path, headers=headers, content=body, extensions={"trace": progress.trace}
        )
        response = await self._client.send(request, stream=True)
        try:
            return CallAnswer(response.status_code, await _read(response))
        finally:
            await response.aclose()


class _Progress:
    """Whether a request may have reached the other side: known from httpx's own trace of each call."""

    def __init__(self) -> None:
        self.sent = False

    async def trace(self, event: str, _: Any) -> None:
        """Take an event of httpx; bytes may be on their way from `send_request_headers.started` on."""
        self.sent = self.sent or event.endswith("send_request_headers.started")


async def _read(response: httpx.Response) -> Any:
    """Return the JSON body of an answer; raises NoAnswer with the true reason for anything else."""
    content_type = response.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if content_type != "application/json":
        kind = "an HTML page" if content_type == "text/html" else content_type or "something without a type"
        raise NoAnswer(f"{kind} (HTTP {response.status_code}) came where the connector's protocol was expected", sent=True)
    raw = bytearray()
    async for piece in response.aiter_bytes():
        raw += piece
        if len(raw) > ANSWER_BYTES_MAX:
            raise NoAnswer(f"the answer is larger than {ANSWER_BYTES_MAX} bytes", sent=True)
    try:
        return json.loads(bytes(raw))
    except (ValueError, RecursionError):
        raise no_whole_json(response.status_code) from None


def _why_not_connected(error: httpx.ConnectError) -> str:
    text = str(error).casefold()
    for mark, reason in _CONNECT_REASONS:
        if mark in text:
            return reason
    return "no connection"


_CONNECT_REASONS: Final = (
    ("certificate", "the certificate is not accepted"),
    ("ssl", "the TLS handshake failed"),
    ("name or service not known", "the host name is not known"),
    ("name resolution", "the host name is not known"),
    ("unreachable", "the network is unreachable"),
    ("all connection attempts failed", "connection refused"),
    ("refused", "connection refused"),
)


def _why_broken(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.RemoteProtocolError):
        text = str(error).casefold()
        if "without sending a response" in text:
            return "the connection was closed before the answer"
        if "incomplete" in text or "without sending complete" in text:
            return "the connection was closed in the middle of the answer"
        return "the answer is no HTTP"
    if isinstance(error, httpx.ReadError | httpx.WriteError | httpx.CloseError):
        return "the connection was reset"
    return f"the call broke ({type(error).__name__})"
