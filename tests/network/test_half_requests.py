"""Callers that say half of what they announced, and a connector that has heard enough: nobody waits for ever, nothing breaks aloud."""

import asyncio
import contextlib
from typing import Any

from emulator.core.chance import Chance
from emulator.core.clock import RealClock
from emulator.core.journal import Journal
from emulator.faults import Plan
from emulator.network import KINDS, Proxy

from .rig import START

HALF = b"POST /v1/documents HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000000\r\n\r\nabc"


async def with_proxy(serve: Any, story: Any) -> list[str]:
    """Run a story against a proxy before a server; returns what the loop had to complain of."""
    complaints: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(str(context.get("message"))))
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    clock = RealClock(START)
    journal = Journal(clock.now)
    proxy = Proxy(server.sockets[0].getsockname()[:2], Plan(KINDS, Chance(1), journal), clock, journal, port=0)
    await proxy.start()
    try:
        await story(proxy)
    finally:
        await proxy.stop()
        server.close()
        await server.wait_closed()
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
