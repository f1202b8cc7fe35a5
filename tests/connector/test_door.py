"""The door of the connector on real sockets: limits, garbage, slow callers, strangers."""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from emulator.connector import IntentLog
from emulator.connector.door import BODY_BYTES_MAX, THREADS, Door
from emulator.core.clock import RealClock
from emulator.core.errors import UserMistake

from .fakes import START, FakeQuickBooks, invoice, journal, service


class Opened:
    """A door with a service behind it."""

    def __init__(self, door: Door, quickbooks: FakeQuickBooks, rows: Any) -> None:
        self.door = door
        self.quickbooks = quickbooks
        self.rows = rows

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.door.url, trust_env=False, timeout=20) as client:
            return await client.request(method, path, **more)

    async def raw(self, data: bytes, *, until: bytes = b"\r\n\r\n") -> bytes:
        """Send bytes and return what comes back."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.door.port)
        try:
            writer.write(data)
            return await asyncio.wait_for(reader.read(10_000), 10)
        except ConnectionError:
            return b""
        finally:
            writer.close()


def opened(story: Callable[[Opened], Awaitable[None]], **options: Any) -> None:
    async def main() -> None:
        clock = RealClock(START, 60)
        quickbooks = FakeQuickBooks()
        running = service(quickbooks, IntentLog(), clock)
        rows = journal(clock)
        door = Door(running, port=0, journal=rows, **options)
        door.start()
        try:
            await story(Opened(door, quickbooks, rows))
        finally:
            await running.exit()
            await door.stop()

    asyncio.run(main())


def test_the_three_calls_of_the_protocol() -> None:
    async def story(it: Opened) -> None:
        posted = await it.ask("POST", "/v1/documents", json=invoice().as_json())
        assert (posted.status_code, posted.json()["outcome"]) == (200, "posted")
        status = await it.ask("GET", "/v1/status")
        assert status.json() == {"light": "green", "reason": ""}
        customer = {**invoice().as_json(), "key": "k2", "kind": "customer", "party": "Söhne & Co", "lines": [], "total_cents": 0}
        assert (await it.ask("POST", "/v1/documents", json=customer)).status_code == 200
        balance = await it.ask("GET", "/v1/balance", params={"customer": "Söhne & Co"})
        assert (balance.status_code, balance.json()["balance_cents"]) == (200, 0)
        assert (await it.ask("GET", "/v1/balance", params={"customer": "Nobody"})).status_code == 404

    opened(story)


GARBAGE = [
    b"",
    b"{",
    b"\xff\xfe\x00",
    b"[" * 100_000,
    b"1" * 100_000,
    b'{"key": NaN}',
    b"null",
    json.dumps({**invoice().as_json(), "total_cents": "x"}).encode(),
    b'{"key": "\\ud800", "kind": "invoice", "number": "1", "party": "p", "date": "d", "memo": "", "total_cents": 0}',
]


def test_garbage_gets_a_sentence_and_never_a_traceback() -> None:
    async def story(it: Opened) -> None:
        for body in GARBAGE:
            answer = await it.ask("POST", "/v1/documents", content=body)
            assert answer.status_code == 400, body[:40]
            assert answer.json()["reason"]
            assert "Traceback" not in answer.text
        for method, path, status in [
            ("GET", "/", 404),
            ("GET", "/v1/documents", 405),
            ("DELETE", "/v1/status", 405),
            ("POST", "/x/y", 400),
        ]:
            answer = await it.ask(method, path)
            assert (answer.status_code, bool(answer.json()["reason"])) == (status, True), path
        assert it.quickbooks.requests == []

    opened(story)


def test_a_body_of_a_hundred_megabytes_is_refused_unread() -> None:
    async def story(it: Opened) -> None:
        head = b"POST /v1/documents HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
        for length in (BODY_BYTES_MAX + 1, 100 * 1024 * 1024):
            assert b" 413 " in (await it.raw(head % length)).split(b"\r\n")[0]
        assert (await it.ask("GET", "/v1/status")).status_code == 200

    opened(story)


def test_half_a_request_is_dropped_and_slow_callers_leave_room() -> None:
    async def story(it: Opened) -> None:
        slow = [await asyncio.open_connection("127.0.0.1", it.door.port) for _ in range(THREADS - 4)]
        for _, writer in slow:
            writer.write(b"POST /v1/documents HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{")
        assert (await it.ask("GET", "/v1/status")).status_code == 200
        assert (await it.ask("POST", "/v1/documents", json=invoice().as_json())).status_code == 200
        for reader, writer in slow:
            await asyncio.wait_for(reader.read(), 10)  # dropped after its limit
            writer.close()
        assert len(it.quickbooks.records) == 1

    opened(story, request_limit_s=1)


def test_strangers_are_refused_when_they_connect() -> None:
    async def story(it: Opened) -> None:
        with pytest.raises(httpx.HTTPError):
            await it.ask("GET", "/v1/status")
        async with asyncio.timeout(5):
            while not list(it.rows.rows("stranger-refused")):
                await asyncio.sleep(0.01)

    opened(story, allowed=["198.51.100.7"])


def test_a_taken_port_is_said_in_a_sentence() -> None:
    taken = socket.create_server(("127.0.0.1", 0))

    async def story(it: Opened) -> None:
        door = Door(it.door._service, port=taken.getsockname()[1])
        with pytest.raises(UserMistake, match="the port is taken") as mistake:
            door.start()
        assert "the connector cannot listen on 127.0.0.1:" in str(mistake.value)

    try:
        opened(story)
    finally:
        taken.close()


def test_calls_in_hand_at_exit_are_answered() -> None:
    async def story(it: Opened) -> None:
        await it.ask("GET", "/v1/status")
        it.quickbooks.answer_s = 30  # half a second of the machine's
        sending = asyncio.ensure_future(it.ask("POST", "/v1/documents", json=invoice().as_json()))
        while not it.quickbooks.busy:
            await asyncio.sleep(0.005)
        await it.door._service.exit()
        assert (await sending).status_code == 200
        assert (await it.ask("GET", "/v1/status")).json()["code"] == "exiting"

    opened(story)
