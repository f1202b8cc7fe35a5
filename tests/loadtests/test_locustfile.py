"""The load test as its users run it: Locust headless, in a process of its own, against a running FakeBooks, and against liars."""

import itertools
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from flask import Flask, request
from running import fakebooks_up, own_environment

from emulator import client
from emulator.core.serving import Serving

LOCUSTFILE = Path(__file__).parents[2] / "loadtests" / "locustfile.py"
DIRECTORY = {"customers": ["Ada", "Ben"], "vendors": ["Cyd"], "items": ["Lamp", "Freight"]}


def locust(environment, run_time="1s", users=4):
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless", "--run-time", run_time]
    command += ["--users", str(users), "--spawn-rate", str(users)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


class Liar:
    """Port 8891 and the control API in one: acknowledges every document and books it `times` times; sometimes it is busy, too."""

    def __init__(self, times, status=200, change=None):
        self.records = []
        self._times, self._status, self._change = times, status, change or {}
        self._seen = set()
        self._lock = threading.Lock()
        self._turn = itertools.count(1)

    def app(self, own_url):
        app = Flask("liar")
        app.add_url_rule("/readyz", "ready", lambda: {"ready": True})
        app.add_url_rule("/v1/status", "status", lambda: {"company": "lies", "urls": {"port 8891": own_url()}})
        app.add_url_rule("/v1/companies/lies/directory", "directory", lambda: DIRECTORY)
        app.add_url_rule("/v1/companies/lies/booked", "booked", lambda: {"booked": self.records})
        app.add_url_rule("/v1/balance", "balance", lambda: {"balance_cents": 0, "as_of": "now"})
        app.add_url_rule("/v1/documents", "documents", self._document, methods=["POST"])
        return app

    def _document(self):
        document = request.get_json()
        if self._status != 200 or next(self._turn) % 3 == 0:
            return {"outcome": "unavailable", "reason": "busy", "code": "busy"}, 503
        with self._lock:
            if document["key"] not in self._seen:
                self._seen.add(document["key"])
                record = {name: document[name] for name in ("key", "party", "total_cents")} | self._change
                self.records += [record] * self._times
        return {"outcome": "posted", "txn_id": "1", "already": False}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("liar", "exit_code", "sentence"),
    [
        (Liar(times=1), 0, r"[1-9]\d* acknowledged, 0 lost, 0 booked twice, 0 altered \(not taken at once: [1-9]"),
        (Liar(times=0), 10, r"[1-9]\d* lost"),
        (Liar(times=2), 11, r"0 lost, [1-9]\d* booked twice"),
        (Liar(times=1, change={"total_cents": 1}), 11, r"[1-9]\d* altered"),
        (Liar(times=1, status=503), 3, "nothing was tested"),
    ],
    ids=["honest", "loses", "books-twice", "alters", "takes-nothing"],
)
def test_a_liar_is_found_out(tmp_path, liar, exit_code, sentence):
    serving = Serving(liar.app(lambda: serving.url)).start()
    try:
        ended = locust(own_environment(tmp_path) | {"FAKEBOOKS_CONTROL": serving.url, "FAKEBOOKS_TOKEN": "any"})
    finally:
        serving.stop()
    assert re.search(f"verdict from the books: .*{sentence}", ended.stdout), ended.stdout + ended.stderr
    assert ended.returncode == exit_code


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({}, "no running FakeBooks found: start `fakebooks up`"),
        ({"FAKEBOOKS_CONTROL": "http://127.0.0.1:1", "FAKEBOOKS_TOKEN": "any"}, "does not answer at http://127.0.0.1:1"),
    ],
)
def test_without_fakebooks_it_says_so(tmp_path, told, sentence):
    ended = locust(own_environment(tmp_path) | told)
    assert sentence in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr
    assert ended.returncode == 4


@pytest.mark.slow
def test_ten_seconds_of_load_leave_right_books(tmp_path):
    with fakebooks_up(tmp_path) as up:
        # Found by its note, as in the README.
        ended = locust(up.environment, run_time="10s", users=8)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        found = re.search(r"verdict from the books: (\d+) acknowledged, 0 lost, 0 booked twice, 0 altered", ended.stdout)
        with client.Control(client.Running(up.control, up.token)) as control:
            booked = [record for record in control.booked("wholesale_small") if record["memo"].startswith("load test")]
            at_rest = control.status()
        # Read a second time, by this test: what was acknowledged stands there, and nothing stands there twice.
        assert len({record["key"] for record in booked}) == len(booked) >= int(found[1]) >= 20
        assert {record["kind"] for record in booked} == {"invoice", "bill"}
        assert at_rest["platform"]["status"] == "Connected"
        assert up.end() == (0, "")


@pytest.mark.slow
def test_lost_answers_under_load_leave_right_books(tmp_path):
    """Every twentieth answer is lost on its way and QuickBooks' own now and then: failed calls are told, and the books are right."""
    with fakebooks_up(tmp_path, "--scale", "20") as up:
        with client.Control(client.Running(up.control, up.token)) as control:
            lost = {"fault": "reset-mid", "as": "path", "when": {"every": 20}, "parameters": {"direction": "answer"}}
            control.inject(lost)
            control.inject({"fault": "session-error", "as": "books", "point": "quickbooks.after-commit", "when": {"every": 31}})
            ended = locust(up.environment, run_time="5s", users=6)
            hits = {fault["name"]: fault["hits"] for fault in control.faults()}
        assert all(hits.values()), hits
        assert re.search(r"verdict from the books: [1-9]\d* acknowledged, 0 lost, 0 booked twice, 0 altered", ended.stdout), (
            ended.stdout
        )
        assert ended.returncode == 1
        assert up.end() == (0, "")


def test_it_stands_apart():
    """It patches the standard library: it runs in a process of its own and imports nothing of ours but the client and qbxml."""
    for path in LOCUSTFILE.parent.glob("*.py"):
        ours = re.findall(r"^(?:from|import) (emulator\S*)(?: import (.*))?", path.read_text(), flags=re.MULTILINE)
        assert {module if module != "emulator" else f"emulator.{names}" for module, names in ours} <= {
            "emulator.client",
            "emulator.qbxml",
        }
