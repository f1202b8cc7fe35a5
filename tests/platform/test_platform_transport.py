"""HttpTransport against a small local server that answers well, badly, half, or not at all."""

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import Awaitable, Callable

import pytest
from platform_bench import START

from emulator.core.clock import RealClock
from emulator.core.errors import UserMistake
from emulator.core.transport import KEY_HEADER, Call, CallAnswer, NoAnswer
from emulator.platform import HttpTransport

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def answering(raw: bytes) -> Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(raw)
        await writer.drain()

    return handle


async def request(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    return head, await reader.readexactly(length)


def http(status: str, body: bytes, content_type: str = "application/json", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {size}\r\n\r\n".encode() + body


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await request(reader)
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await request(reader)
    await reader.read()


async def hang_in_the_middle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await request(reader)
    writer.write(http("200 OK", b'{"outcome"', length=100))
    await reader.read()


def ask(handler: Handler, call: Call, limit_s: float = 600.0, source: str | None = None) -> CallAnswer | NoAnswer:
    """Make one call to a server that answers by `handler`; returns the answer or why there was none."""

    async def main() -> CallAnswer | NoAnswer:
        async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                    await handler(reader, writer)
            finally:
                writer.close()
                with contextlib.suppress(ConnectionError):
                    await writer.wait_closed()

        server = await asyncio.start_server(closing, "127.0.0.1", 0)
        transport = HttpTransport(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", RealClock(START, scale=60), source)
        try:
            return await transport.call(call, limit_s)
        except NoAnswer as silence:
            return silence
        finally:
            await transport.close()
            server.close()
            await server.wait_closed()

    return asyncio.run(main())


POST = Call("POST", "/v1/documents", {KEY_HEADER: "K1"}, {"key": "K1", "party": "Müller"})
GET = Call("GET", "/v1/balance?customer=M%C3%BCller%20%26%20Co")


def test_a_call_is_what_it_says():
    seen = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append((*await request(reader), writer.get_extra_info("peername")[0]))
        writer.write(http("422 Unprocessable", b'{"outcome": "refused"}', "application/json; charset=utf-8"))

    assert ask(handle, POST, source="127.0.0.9") == CallAnswer(422, {"outcome": "refused"})
    head, body, peer = seen[0]
    assert head.startswith(b"POST /v1/documents HTTP/1.1\r\n")
    assert b"x-document-key: k1\r\n" in head.lower()
    assert b"connection: close\r\n" in head.lower()
    assert json.loads(body) == POST.body
    assert peer == "127.0.0.9"


def test_a_query_reaches_the_other_side_unchanged():
    seen = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await request(reader))
        writer.write(http("404 Not Found", b"{}"))

    assert ask(handle, GET) == CallAnswer(404, {})
    assert seen[0][0].startswith(b"GET /v1/balance?customer=M%C3%BCller%20%26%20Co HTTP/1.1\r\n")


BAD = {
    "html": (http("200 OK", b"<html>router</html>", "text/html"), "an HTML page (HTTP 200)"),
    "not found": (http("404 Not Found", b"<html>404</html>", "text/html; charset=utf-8"), "an HTML page (HTTP 404)"),
    "redirect": (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "HTTP 302"),
    "banner": (b"220 mail.example ready\r\n\r\n", "no HTTP"),
    "nothing": (b"", "closed before the answer"),
    "half a body": (http("200 OK", b'{"outcome": "po', length=60), "closed in the middle"),
    "half a head": (b"HTTP/1.1 200 OK\r\nContent-Ty", "closed before the answer"),
    "cut json": (http("200 OK", b'{"outcome": "posted", "txn_'), "cut or garbled"),
    "garbled": (http("200 OK", b"\xff\xfe\x00{"), "cut or garbled"),
    "no body": (http("200 OK", b""), "cut or garbled"),
    "deep": (http("200 OK", b"[" * 200_000), "cut or garbled"),
    "endless": (http("200 OK", b" " * (1024 * 1024 + 1) + b"{}"), "larger than"),
    "no type": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "something without a type"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_not_the_protocol_is_no_answer_with_the_true_reason(case):
    raw, reason = BAD[case]
    silence = ask(answering(raw), POST)
    assert isinstance(silence, NoAnswer)
    assert reason in silence.reason
    assert silence.sent


def test_a_reset_after_the_request():
    silence = ask(reset, POST)
    assert isinstance(silence, NoAnswer)
    assert (silence.reason, silence.sent) == ("the connection was reset", True)


@pytest.mark.parametrize("handler", [hang, hang_in_the_middle])
def test_silence_ends_at_the_limit(handler):
    silence = ask(handler, POST, limit_s=1)
    assert isinstance(silence, NoAnswer)
    assert (silence.reason, silence.sent) == ("no answer within 1 s", True)


def test_a_closed_port_is_refused_and_nothing_was_sent():
    async def main() -> NoAnswer:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # bound, not listening: nobody else can get this port meanwhile
            transport = HttpTransport(f"http://127.0.0.1:{taken.getsockname()[1]}", RealClock(START))
            try:
                with pytest.raises(NoAnswer) as caught:
                    await transport.call(POST, 10)
                return caught.value
            finally:
                await transport.close()

    silence = asyncio.run(main())
    assert (silence.reason, silence.sent) == ("connection refused", False)


def test_a_black_hole_is_no_connection_and_nothing_was_sent():
    async def main() -> NoAnswer:
        with socket.socket() as full:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            fillers = [socket.socket() for _ in range(4)]
            for filler in fillers:  # the backlog is full: the next SYN is dropped, as a firewall drops it
                filler.setblocking(False)
                filler.connect_ex(full.getsockname())
            transport = HttpTransport(f"http://127.0.0.1:{full.getsockname()[1]}", RealClock(START))
            try:
                with pytest.raises(NoAnswer) as caught:
                    await transport.call(POST, 1.5)
                return caught.value
            finally:
                await transport.close()
                for filler in fillers:
                    filler.close()

    silence = asyncio.run(main())
    assert (silence.reason, silence.sent) == ("no connection within 1.5 s", False)


@pytest.mark.parametrize("url", ["", "127.0.0.1:8891", "ftp://127.0.0.1", "http://", "http://[::1", "http://a:b"])
def test_what_is_no_address_is_said_at_once(url):
    async def main() -> None:
        HttpTransport(url, RealClock(START))

    with pytest.raises(UserMistake, match="8891"):
        asyncio.run(main())
