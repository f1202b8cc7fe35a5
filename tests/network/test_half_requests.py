"""Callers that say half of what they announced, and a connector that has heard enough: nobody waits for ever, nothing breaks aloud."""

import asyncio
import contextlib
import gc
import socket
import struct
from typing import Any

import pytest

from emulator.core.chance import Chance
from emulator.core.clock import RealClock
from emulator.core.journal import Journal
from emulator.faults import FaultSpec, Plan
from emulator.network import KINDS, Proxy
from emulator.network.ends import End

from .rig import START

HALF = b"POST /v1/documents HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000000\r\n\r\nabc"

CUT = {"fault": "reset-mid", "with": {"direction": "request", "after_bytes": 5000}}


async def with_proxy(serve: Any, story: Any, *faults: dict[str, Any]) -> list[str]:
    """Run a story against a proxy before a server; returns what the loop had to complain of."""
    complaints: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(str(context.get("message"))))
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    clock = RealClock(START)
    journal = Journal(clock.now)
    plan = Plan(KINDS, Chance(1), journal)
    for fault in faults:
        plan.add(FaultSpec.model_validate(fault), clock.now())
    proxy = Proxy(server.sockets[0].getsockname()[:2], plan, clock, journal, port=0)
    await proxy.start()
    try:
        await story(proxy)
    finally:
        await proxy.stop()
        server.close()
        await server.wait_closed()
    await asyncio.sleep(0)
    gc.collect()  # a task whose failure nobody has looked at complains when it is thrown away
    return complaints


def test_an_early_refusal_reaches_the_caller() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
        await writer.drain()
        writer.close()

    async def story(proxy: Proxy) -> None:
        reader, writer = await asyncio.open_connection(proxy.host, proxy.port)
        writer.write(HALF)
        assert (await asyncio.wait_for(reader.read(), 10)).endswith(b"no")
        writer.close()

    assert asyncio.run(with_proxy(serve, story)) == []


def test_a_caller_who_goes_in_the_middle_breaks_nothing() -> None:
    async def run() -> list[str]:
        ended = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(ConnectionError):
                await reader.read()
            ended.set()
            writer.close()

        async def story(proxy: Proxy) -> None:
            for _ in range(5):
                ended.clear()
                _, writer = await asyncio.open_connection(proxy.host, proxy.port)
                writer.write(HALF.replace(b"100000000000", b"10"))
                await writer.drain()
                writer.close()
                await asyncio.wait_for(ended.wait(), 10)

        return await with_proxy(serve, story)

    assert asyncio.run(run()) == []


BODIES = {
    "chunked": b"Transfer-Encoding: chunked\r\n\r\nabc",
    "waits for 100": b"Expect: 100-continue\r\nContent-Length: 10\r\n\r\nabc",
    "no length that anybody could send": b"Content-Length: %s\r\n\r\nabc" % (b"9" * 30),
    "a length": b"Content-Length: 10\r\n\r\nabc",
}


@pytest.mark.parametrize("how", ["closes", "resets"])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_caller_who_goes_in_the_middle_is_answered_in_vain(body: bytes, how: str) -> None:
    async def run() -> list[str]:
        served = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(ConnectionError):
                await reader.read()
                writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
            writer.close()
            served.set()

        async def story(proxy: Proxy) -> None:
            for _ in range(5):
                served.clear()
                caller = socket.create_connection((proxy.host, proxy.port))
                caller.sendall(b"POST /v1/documents HTTP/1.1\r\nHost: x\r\n" + body)
                if how == "resets":
                    caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    await asyncio.sleep(0.01)  # however far the bytes have come by now, nothing may break
                caller.close()
                await asyncio.wait_for(served.wait(), 10)
            while proxy.traffic.open:
                await asyncio.sleep(0.001)

        return await asyncio.wait_for(with_proxy(serve, story), 20)

    assert asyncio.run(run()) == []


def test_ending_towards_a_side_that_is_gone_breaks_nothing() -> None:
    """What `write_eof` of asyncio raises there (ENOTCONN) once reached the terminal."""

    async def run() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            caller = socket.create_connection(listening.getsockname())
            accepted, _ = listening.accept()
        accepted.setblocking(False)
        end = End(asyncio.Event())
        await asyncio.get_running_loop().connect_accepted_socket(lambda: end, accepted)
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        caller.close()  # a reset, which the loop has had no turn to see
        end.end()
        async with asyncio.timeout(10):
            while not end.lost:
                await asyncio.sleep(0)

    asyncio.run(run())


def test_a_caller_who_sends_on_gets_his_early_answer_whole() -> None:
    """Closing at once would be a reset, which takes the unread answer from the caller."""
    size = 8_000_000

    async def run() -> list[str]:
        has_it = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 100000\r\nConnection: close\r\n\r\n" + b"n" * 100_000)
            writer.write_eof()
            await has_it.wait()
            writer.close()

        async def story(proxy: Proxy) -> None:
            reader, writer = await asyncio.open_connection(proxy.host, proxy.port)
            writer.write(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (2 * size) + b"x" * size)
            await writer.drain()
            assert len(await asyncio.wait_for(reader.read(), 10)) > 100_000
            has_it.set()
            writer.close()

        return await with_proxy(serve, story)

    assert asyncio.run(run()) == []


def test_word_of_progress_in_the_middle_of_a_request_does_not_end_it() -> None:
    """An early answer that is not the last one, and an early last one whose request still goes through whole: the connection is kept."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 102 Processing\r\n\r\n")
            await reader.readexactly(3)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await reader.readexactly(3)
        writer.close()

    async def story(proxy: Proxy) -> None:
        reader, writer = await asyncio.open_connection(proxy.host, proxy.port)
        for _ in range(2):
            writer.write(b"POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\n")
            assert b"102" in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
            writer.write(b"abc")
            assert b"200" in await asyncio.wait_for(reader.readuntil(b"ok"), 10)
            writer.write(b"def")
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()

    assert asyncio.run(with_proxy(serve, story)) == []


@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"])
@pytest.mark.parametrize("faults", [(), (CUT,)])
def test_a_connector_that_goes_in_the_middle_lets_nobody_wait(says: bytes, faults: tuple[dict[str, Any], ...]) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"abc")
        writer.write(says)
        writer.close()

    async def story(proxy: Proxy) -> None:
        reader, writer = await asyncio.open_connection(proxy.host, proxy.port)
        writer.write(HALF)
        try:
            got = await asyncio.wait_for(reader.read(), 10)
        except ConnectionResetError:
            got = b""
        assert got == (b"" if faults else says)
        writer.close()

    assert asyncio.run(with_proxy(serve, story, *faults)) == []
