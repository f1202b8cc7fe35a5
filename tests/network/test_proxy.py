"""What only sockets can show: bytes that are no call, kept connections, large bodies, the port, the process."""

import asyncio
import json
import os
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulator.core.errors import UserMistake
from emulator.core.journal import read
from emulator.core.processes import KILLED, PartProcess
from emulator.core.transport import KEY_HEADER
from emulator.network import Proxy
from emulator.network.observer import answer_head, request_head
from emulator.network.part import main

from .rig import Rig, free_port, play

HEADS = [
    (b"GET /v1/status HTTP/1.1\r\nHost: x", {"call": "GET /v1/status"}, 0),
    (b"POST /v1/x?y=z HTTP/1.1\r\nContent-Length: 12", {"call": "POST /v1/x"}, 12),
    (b"POST / HTTP/1.1\r\nx-document-KEY:  k1 \r\nX-Probe: 1", {"call": "POST /", "key": "k1", "probe": True}, 0),
    (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked", {"call": "POST /"}, None),
    (b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5", {"call": "POST /"}, None),
    (b"POST / HTTP/1.1\r\nContent-Length: -5", {"call": "POST /"}, None),
    (b"POST / HTTP/1.1\r\nContent-Length: \xb2", {"call": "POST /"}, None),
    (b"\x16\x03\x01\x02\x00", {"call": "something that is no call"}, None),
    (b"", {"call": "something that is no call"}, None),
]


@pytest.mark.parametrize(("raw", "facts", "length"), HEADS)
def test_what_is_read_along_of_a_request(raw: bytes, facts: dict[str, Any], length: int | None) -> None:
    head = request_head(raw)
    assert (head.facts, head.body_bytes) == (facts, length)


@pytest.mark.parametrize(
    ("raw", "status", "length"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 7", 200, 7),
        (b"HTTP/1.1 204 No Content", 204, 0),
        (b"HTTP/1.1 100 Continue", 100, 0),
        (b"HTTP/1.0 200 OK", 200, None),
        (b"SSH-2.0", 0, None),
    ],
)
def test_what_is_read_along_of_an_answer(raw: bytes, status: int, length: int | None) -> None:
    head = answer_head(raw)
    assert (head.status, head.body_bytes) == (status, length)


async def raw(rig: Rig, data: bytes, *, end: bool = False) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", rig.path.port)
    try:
        writer.write(data)
        if end:
            writer.write_eof()
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()


GET = b"GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n"


def test_a_kept_connection_carries_many_calls_and_a_fault_strikes_it() -> None:
    async def story(rig: Rig) -> None:
        async with httpx.AsyncClient(base_url=rig.path.url, trust_env=False) as client:
            for number in range(5):
                headers = {KEY_HEADER: f"k{number}"}
                assert (await client.post("/v1/documents", json={"key": f"k{number}"}, headers=headers)).status_code == 200
            assert rig.path.traffic.open == 1
            await rig.until(lambda: len(rig.rows("answer-passed")) == 5)
            assert [row["key"] for row in rig.rows("call-arrived")] == [f"k{number}" for number in range(5)]
            rig.fault("refuse")
            with pytest.raises(httpx.HTTPError):
                await client.get("/v1/status")
            assert rig.rows("answer-lost") == []  # nothing was under way on it

    play("sockets", story)


def test_bytes_that_are_no_call_are_carried_as_they_are() -> None:
    async def story(rig: Rig) -> None:
        assert await raw(rig, b"nonsense\r\n\r\n", end=True) == b""
        assert rig.rows("call-arrived") == [{"call": "something that is no call"}]
        assert await raw(rig, GET, end=True) != b""  # who only says that he sends no more still gets his answer

    play("sockets", story)


def test_half_a_head_is_handed_on_so_that_the_connector_can_apply_its_limits() -> None:
    async def story(rig: Rig) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", rig.path.port)
        writer.write(b"GET /v1/sta")
        await rig.until(lambda: len(rig.rows("call-passed")) == 1)
        writer.write(b"tus HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.close()

    play("sockets", story)


def test_a_body_of_many_megabytes_goes_through_whole() -> None:
    async def story(rig: Rig) -> None:
        async with httpx.AsyncClient(base_url=rig.path.url, trust_env=False, timeout=30) as client:
            answer = await client.post("/v1/documents", json={"key": "k1", "memo": "x" * 20_000_000})
        assert answer.status_code == 200
        assert rig.got == ["k1"]

    play("sockets", story)


def test_nobody_behind_the_path() -> None:
    async def story(rig: Rig) -> None:
        rig.path.connector = ("127.0.0.1", 1)
        try:
            answer = await raw(rig, GET)
        except ConnectionError:
            answer = b""  # a reset; how it shows depends on how far the caller has come
        assert answer == b""
        assert rig.kinds() == ["call-refused"]

    play("sockets", story)


def test_a_fault_put_into_force_on_another_thread_is_heard() -> None:
    async def story(rig: Rig) -> None:
        await asyncio.to_thread(rig.fault, "refuse")
        await rig.until(lambda: rig.kinds() == ["port-closed"])
        await asyncio.to_thread(rig.plan.lift, "refuse")
        await asyncio.sleep(0)
        assert await raw(rig, GET, end=True) != b""

    play("sockets", story)


def test_a_closed_port_stays_ours() -> None:
    async def story(rig: Rig) -> None:
        rig.fault("refuse")
        other = socket.socket()
        with pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", rig.path.port))
        other.close()

    play("sockets", story)


def test_a_taken_port_is_said_in_a_sentence() -> None:
    async def story(rig: Rig) -> None:
        taken = free_port()
        port = taken.getsockname()[1]
        proxy = Proxy(("127.0.0.1", 1), None, rig.clock, rig.journal, port=port)
        with pytest.raises(UserMistake, match=f"cannot listen on 127.0.0.1:{port}: the port is taken"):
            await proxy.start()
        await proxy.stop()
        taken.close()

    play("sockets", story)


def process(folder: Path, connector_port: int, **more: Any) -> PartProcess:
    config = {"port": 0, "connector_port": connector_port, "journal": str(folder / "journal.jsonl"), **more}
    return PartProcess("emulator.network", config, folder / "network.log", os.environ)


def test_as_a_process(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        part = process(tmp_path, rig.path.connector[1], faults=[{"fault": "kill-network", "where": {"key": "k9"}}])
        await part.start()
        async with httpx.AsyncClient(base_url=part.url, trust_env=False) as client:
            assert (await client.get("/v1/status")).status_code == 200
            with pytest.raises(httpx.HTTPError):
                await client.post("/v1/documents", json={"key": "k9"}, headers={KEY_HEADER: "k9"})
        assert await part.wait() == KILLED
        part.config["faults"] = []
        await part.start()
        async with httpx.AsyncClient(base_url=part.url, trust_env=False) as client:
            assert (await client.get("/v1/status")).status_code == 200
        assert await part.stop() == 0
        kinds = [row["kind"] for row in read(tmp_path / "journal.jsonl") if row["lane"] == "network"]
        assert kinds == ["call-arrived", "call-passed", "answer-passed", "call-arrived", *kinds[:3]]
        assert (tmp_path / "network.log").read_text() == ""

    play("sockets", story)


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [({"conector_port": 1}, 2, "connector_port"), ({"connector_port": 1, "faults": [{"fault": "refuze"}]}, 4, "'refuse'")],
)
def test_mistakes_end_the_process_with_a_sentence(
    change: dict[str, Any], code: int, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "network.json"
    config.write_text(json.dumps({"port": 0, **change}))
    assert main(["--config", str(config)]) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert says in printed.err
    assert len(printed.err.splitlines()) == 1
