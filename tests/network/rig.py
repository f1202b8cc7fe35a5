"""One path, in memory or on sockets, with a connector that does what it is told behind it."""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from emulator.core.chance import Chance
from emulator.core.clock import RealClock, run_virtual
from emulator.core.journal import Journal
from emulator.core.transport import GARBLED, KEY_HEADER, NUMBER_HEADER, PROBE_HEADER, Call, CallAnswer
from emulator.faults import FaultSpec, Killed, Plan
from emulator.network import KINDS, PATHS, MemoryPath, Proxy
from emulator.platform.transport import HttpTransport

START = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)

SCALE = 20.0
"""Story seconds a second in tests on sockets."""


def post(key: str = "k1", number: str = "G-1", **body: Any) -> Call:
    return Call("POST", "/v1/documents", {KEY_HEADER: key, NUMBER_HEADER: number}, {"key": key, **body})


PROBE = Call("GET", "/v1/status?x=1", {PROBE_HEADER: "1"})


class Rig:
    """What a test may use.

    Attributes:
        got: keys of the documents that reached the connector.
        hold: set it to None to let the connector answer; an Event makes it wait.
    """

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.journal = Journal(clock.now)
        self.plan = Plan(KINDS, Chance(7), self.journal, later=clock.later, paths=PATHS)
        self.got: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.deaths = 0
        self.path: Any = None
        self.call: Callable[[Call, float], Awaitable[CallAnswer]]

    def fault(self, name: str, **more: Any) -> None:
        self.plan.add(FaultSpec.model_validate({"fault": name, **more}), self.clock.now())

    async def answer(self, call: Call) -> CallAnswer:
        if call.body is GARBLED:
            return CallAnswer(400, {"reason": "the body is not JSON"})
        self.got.append((call.body or {}).get("key", "-"))
        await self.gate.wait()
        return CallAnswer(200, {"outcome": "posted", "call": call.path})

    def die(self) -> Any:
        raise Killed

    def died(self) -> None:
        self.deaths += 1

    def kinds(self) -> list[str]:
        return [row["kind"] for row in self.journal.rows(lane="network")]

    def rows(self, kind: str) -> list[dict[str, Any]]:
        return [
            {name: value for name, value in row.items() if name not in ("n", "at", "lane", "kind")}
            for row in self.journal.rows(kind)
        ]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds that another task brings about."""
        async with asyncio.timeout(10):
            while not holds():
                await asyncio.sleep(0.001)


Story = Callable[[Rig], Awaitable[None]]


def play(twin: str, story: Story, **options: Any) -> None:
    """Run a story on one of the twins."""
    if twin == "memory":
        run_virtual(lambda clock: _in_memory(Rig(clock), story, options), START)
    else:
        asyncio.run(_on_sockets(story, options))


async def _in_memory(rig: Rig, story: Story, options: dict[str, Any]) -> None:
    rig.path = MemoryPath(rig.answer, rig.plan, rig.clock, rig.journal, die=rig.die, died=rig.died, **options)
    rig.call = rig.path.call
    await rig.path.start()
    await story(rig)
    await rig.path.stop()
    assert rig.path.traffic.open == 0
    rig.gate.set()
    await rig.clock.sleep(1)
    assert len(asyncio.all_tasks()) == 1, asyncio.all_tasks()


async def _on_sockets(story: Story, options: dict[str, Any]) -> None:
    rig = Rig(RealClock(START, SCALE))
    server = await asyncio.start_server(lambda reader, writer: _serve(rig, reader, writer), "127.0.0.1", 0)
    rig.path = Proxy(
        server.sockets[0].getsockname(), rig.plan, rig.clock, rig.journal, port=0, die=rig.die, died=rig.died, **options
    )
    await rig.path.start()
    transport = HttpTransport(rig.path.url, rig.clock)
    rig.call = transport.call
    try:
        await story(rig)
    finally:
        rig.gate.set()
        await rig.path.stop()
        assert rig.path.traffic.open == 0
        await transport.close()
        server.close()
        await server.wait_closed()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        if others:
            _, hanging = await asyncio.wait(others, timeout=5)
            assert not hanging, hanging


async def _serve(rig: Rig, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A connector of a few lines: HTTP with keep-alive."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            method, path, _ = head.split("\r\n")[0].split(" ")
            length = next((int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length:")), 0)
            sent = await reader.readexactly(length)
            try:
                body = json.loads(sent) if method == "POST" else None
            except ValueError:
                body = GARBLED
            answer = await rig.answer(Call(method, path, {}, body))
            raw, reason = json.dumps(answer.body).encode(), b"OK" if answer.status == 200 else b"Bad Request"
            writer.write(
                b"HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                % (answer.status, reason, len(raw), raw)
            )
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        rig.journal.add("harness", "connection-ended")
    finally:
        writer.close()


def free_port() -> socket.socket:
    """Return a socket that listens on a port of its own."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    return taken
