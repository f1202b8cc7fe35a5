"""The control API over real sockets: who may call, what it says to those who do not speak as it expects. Nothing hangs, no tracebacks."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from loops import world_on_a_loop

from emulator import client as control_client
from emulator.control.api import LONG_CALLS_MAX, THREADS, Api
from emulator.core.serving import BODY_BYTES_MAX, Guard, Serving
from emulator.faults import FaultSpec
from emulator.people import perform

TOKEN = "the-token"
STRANGER = "127.44.3.2"
ANSWER_LIMIT_S = 20
HOST = (
    '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"><HostQueryRq/></QBXMLMsgsRq></QBXML>'
)


class Served:
    """A world whose control API is served on a port of its own."""

    def __init__(self, world, serving, on_loop):
        self.world = world
        self.serving = serving
        self.on_loop = on_loop

    def open(self, source="127.0.0.1"):
        return socket.create_connection(("127.0.0.1", self.serving.port), ANSWER_LIMIT_S, (source, 0))

    def send(self, text, source="127.0.0.1"):
        """Send bytes as they are; return status and JSON body (or text)."""
        with self.open(source) as connection:
            connection.sendall(text.encode() if isinstance(text, str) else text)
            # A server that refuses what it read of a long head may have answered and closed by now.
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        return status, json.loads(body) if b"json" in head else body.decode()

    def request(self, method, path, body="", headers="", version="1.1", token=TOKEN):
        bearer = f"Authorization: Bearer {token}\r\n" if token is not None else ""
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        return self.send(f"{method} {path} HTTP/{version}\r\nHost: x\r\nConnection: close\r\n{bearer}{length}{headers}\r\n{body}")


@pytest.fixture
def served():
    with world_on_a_loop(lambda made: perform(made, "operator.log_in_goflow")) as (world, on_loop):
        guard = Guard(lambda address: address != STRANGER)
        serving = Serving(Api(world, on_loop.loop, TOKEN, "wholesale_small").app, guard=guard, threads=THREADS).start()
        try:
            yield Served(world, serving, on_loop)
        finally:
            serving.stop()


def test_another_host_is_turned_away_before_it_is_heard(served):
    with pytest.raises(ConnectionError):
        served.send("GET /readyz HTTP/1.0\r\n\r\n", STRANGER)
    assert served.send("GET /readyz HTTP/1.0\r\n\r\n", "127.44.3.3") == (200, {"ready": True})


@pytest.mark.parametrize(
    ("token", "headers"),
    [
        (None, ""),
        ("", ""),
        ("the", ""),
        ("x" + TOKEN, ""),
        (None, f"Authorization: {TOKEN[:-1]}\r\n"),
        (None, "Authorization: Basic eDp5\r\n"),
    ],
)
def test_without_its_token_nothing_is_told(served, token, headers):
    status, told = served.request("GET", "/v1/status", token=token, headers=headers)
    assert status == 401
    assert told == {
        "error": "the token is missing or wrong",
        "expected": "the header Authorization: Bearer TOKEN",
        "advice": "`fakebooks up` prints it",
    }


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "told"),
    [
        ("GET", "/v1/statsu", "", "", 404, {"error": "there is nothing at '/v1/statsu'", "expected": "/v1/status"}),
        ("POST", "/v1/status", "{}", "", 405, {"error": "POST /v1/status is not possible", "expected": "GET"}),
        ("PATCH", "/v1/faults", "{}", "", 405, {"error": "PATCH /v1/faults is not possible", "expected": "DELETE, GET, POST"}),
        ("POST", "/v1/faults", "{", "", 400, {"error": "the body is no JSON (Expecting property name"}),
        ("POST", "/v1/faults", '{"fault": "slow", "for_s": Infinity}', "", 400, {"error": "for_s is inf"}),
        ("POST", "/v1/faults", '{"fault": "slow", "with": {"seconds": NaN}}', "", 400, {"error": "seconds of 'slow' is nan"}),
        ("POST", "/v1/faults", '{"fault": "slow", "as": "a/b"}', "", 400, {"error": "as is 'a/b'"}),
        ("POST", "/v1/faults", '{"fault": "slow", "as": ".."}', "", 400, {"error": "as is '..'"}),
        ("POST", "/v1/faults", '{"fault": "slow", "times": ' + "9" * 5000 + "}", "", 400, {"error": "the body is no JSON: "}),
        ("POST", "/v1/faults/%2e%2e%2f/fire", "", "", 400, {"error": "no fault is called"}),
        ("GET", "/v1/journal?since=-1", "", "", 400, {"error": "since='-1'"}),
        ("GET", "/v1/journal?since=" + "9" * 5000, "", "", 400, {"error": "since='999"}),
        ("POST", "/v1/acts/operator.nothing", "{}", "", 400, {"error": "nobody can 'operator.nothing'"}),
        ("POST", "/v1/platform/documents", "", f"Content-Length: {BODY_BYTES_MAX + 1}\r\n", 413, ""),
        ("POST", "/v1/platform/documents", "", "Content-Length: many\r\n", 400, ""),
        ("GET", "/" + "x" * 100_000, "", "", 414, ""),
        ("NONSENSE", "/v1/status", "", "", 405, {"error": "NONSENSE /v1/status is not possible"}),
    ],
)  # fmt: skip
def test_what_it_cannot_take_is_said_in_words(served, method, path, body, headers, status, told):
    got, answer = served.request(method, path, body, headers)
    assert got == status, answer
    if told:
        assert answer["error"].startswith(told["error"]), answer
        assert answer.get("expected", "").startswith(told.get("expected", "")), answer
    assert "Traceback" not in str(answer)
    assert served.request("GET", "/v1/status")[0] == 200


def test_a_head_without_end_is_not_read(served):
    # The server closes while we still send: whether its answer gets through is chance.
    with suppress(ConnectionError):
        assert served.request("GET", "/v1/status", headers=f"X: {'x' * 1_000_000}\r\n")[0] == 413
    assert served.request("GET", "/v1/status")[0] == 200


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_old_and_new_http(served, version):
    assert served.request("GET", "/v1/faults", version=version) == (200, {"faults": []})


@pytest.mark.parametrize(
    "text", ["", "\r\n\r\n", "GET\r\n\r\n", "\x16\x03\x01\x02\x00", "GET / HTTP/9.9\r\n\r\n", "hello\r\n\r\n"]
)
def test_what_is_no_http_does_no_harm(served, text):
    with served.open() as connection:
        connection.sendall(text.encode())
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass
    assert served.request("GET", "/v1/status")[0] == 200


def test_slow_clients_keep_nobody_waiting(served):
    slow = [served.open() for _ in range(4)]
    try:
        for each in slow:
            each.sendall(b"POST /v1/faults HTTP/1.1\r\nHost: x\r\nContent-Le")
        assert served.request("GET", "/v1/status")[0] == 200
    finally:
        for each in slow:
            each.close()


def test_calls_that_hang_leave_a_way_to_lift_the_fault(served):
    served.on_loop(_hang(served.world))
    with ThreadPoolExecutor(LONG_CALLS_MAX) as pool:
        asked = [pool.submit(served.request, "POST", "/v1/companies/wholesale_small/ask", HOST) for _ in range(LONG_CALLS_MAX)]
        machine = served.world.machine("server")
        served.on_loop(served.world.wait_until(lambda: len(machine.calls) == LONG_CALLS_MAX, 1000))
        status, told = served.request("POST", "/v1/companies/wholesale_small/ask", HOST)
        assert (status, told["error"]) == (503, f"{LONG_CALLS_MAX} documents are under way already")
        calls = served.request("GET", "/v1/status")[1]["quickbooks"]["machines"]["server"]["calls"]
        assert len(calls) == LONG_CALLS_MAX
        # Nor do they keep a person from acting.
        assert served.request("POST", "/v1/acts/operator.close_dialog")[0] == 409
        assert served.request("DELETE", "/v1/faults")[0] == 200
        assert {each.result(60)[0] for each in asked} == {200}


async def _hang(world):
    world.plan.add(FaultSpec.model_validate({"fault": "hang", "with": {"seconds": 0}}), world.clock.now())


def test_a_program_gives_what_no_json_can_say(served):
    with control_client.Control(control_client.Running(served.serving.url, TOKEN)) as control:
        for fault in ({"fault": "slow", "for_s": float("inf")}, {"fault": "slow", "with": {"seconds": object()}}):
            with pytest.raises(control_client.ControlFailed, match="cannot be sent"):
                control.inject(fault)
        assert control.faults() == []
