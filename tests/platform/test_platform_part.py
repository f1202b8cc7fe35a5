"""The platform side as a process: works until idle, ends by SIGTERM, is killed for good at each step and continues from its store."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from platform_bench import START, invoice

from emulator.core import journal as journals
from emulator.core.journal import Journal
from emulator.core.serving import Serving
from emulator.mailbox import Mailbox
from emulator.platform.faults import AFTER_ANSWER, AFTER_POSTED_STORED, AFTER_SEND_STORED, AFTER_STATUS_STORED, BEFORE_SEND_STORED

EVERYTHING_S = 30.0
"""How long a process may take, in the machine's seconds."""


class Office:
    """A connector of a few lines, a mailbox, and what a platform process needs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.posted: list[str] = []
        self.calls = 0
        self.works = True
        self.serving = Serving(self._app, name="a scripted connector").start()
        self.mailbox = Mailbox(Journal(lambda: START)).start()
        self.anchor_unix_s = time.time()

    def stop(self) -> None:
        self.serving.stop()
        self.mailbox.stop()

    def _app(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        document = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        self.calls += 1
        reply = {"outcome": "unavailable", "reason": "QuickBooks is closed", "code": "0x80040408"}
        if self.works:
            reply = {"outcome": "posted", "txn_id": f"T-{document['key']}", "already": document["key"] in self.posted}
            if document["key"] not in self.posted:
                self.posted.append(document["key"])
        start_response("200 OK" if self.works else "503 Service Unavailable", [("Content-Type", "application/json")])
        return iter([json.dumps(reply).encode()])

    def config(self, **changes: Any) -> Path:
        values = {
            "store": str(self.folder / "platform.db"),
            "connector_url": self.serving.url,
            "mail": {"host": self.mailbox.host, "port": self.mailbox.port},
            "journal": str(self.folder / "journal.jsonl"),
            "clock": {"start": START.isoformat(), "scale": 60.0, "anchor_unix_s": self.anchor_unix_s},
            "documents": [invoice().document(f"K{place}", f"G-{place}").as_json() for place in range(3)],
        }
        path = self.folder / "config.json"
        path.write_text(json.dumps(values | changes))
        return path

    def run(self, *options: str, **changes: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "emulator.platform", "--config", str(self.config(**changes)), *options]
        return subprocess.run(command, capture_output=True, text=True, timeout=EVERYTHING_S, check=False)

    def rows(self, kind: str) -> list[dict[str, Any]]:
        return [row for row in journals.read(self.folder / "journal.jsonl") if row["kind"] == kind]


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    yield office
    office.stop()


def test_until_idle_then_again_with_nothing_to_do(office):
    ended = office.run("--until-idle")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "ready {}\n", "")
    assert office.posted == ["K0", "K1", "K2"]
    assert office.rows("documents-at-end")[-1]["states"] == {"K0": "posted", "K1": "posted", "K2": "posted"}
    assert office.run("--until-idle").returncode == 0
    assert office.calls == 3


SLOW = [pytest.param(point, marks=pytest.mark.slow) for point in (BEFORE_SEND_STORED, AFTER_SEND_STORED, AFTER_POSTED_STORED)]
"""The same points are struck on the virtual clock, in milliseconds, in test_platform_side.py."""


@pytest.mark.parametrize("point", [AFTER_ANSWER, *SLOW])
def test_killed_for_good_and_started_again(office, point):
    fault = {"fault": "kill-platform", "point": point, "when": {"nth": 2}}
    assert office.run("--until-idle", faults=[fault]).returncode == -signal.SIGKILL
    assert office.run("--until-idle").returncode == 0
    assert office.posted == ["K0", "K1", "K2"]
    assert office.calls == 3 + (point == AFTER_ANSWER)
    assert office.rows("documents-at-end")[-1]["states"] == {"K0": "posted", "K1": "posted", "K2": "posted"}


@pytest.mark.slow
def test_killed_when_the_status_is_stored_mails_once_and_drains_later(office):
    office.works = False
    fault = {"fault": "kill-platform", "point": AFTER_STATUS_STORED}
    assert office.run("--until-idle", faults=[fault]).returncode == -signal.SIGKILL
    assert office.mailbox.mails() == []
    assert office.run("--until-idle").returncode == 0
    assert len(office.mailbox.mails()) == 1
    assert office.calls == 3
    assert set(office.rows("documents-at-end")[-1]["states"].values()) == {"held"}
    office.works = True
    assert office.run("--until-idle", set_status="Connected").returncode == 0
    assert office.posted == ["K0", "K1", "K2"]
    assert len(office.mailbox.mails()) == 1


def test_sigterm_ends_it_without_a_word(office):
    command = [sys.executable, "-m", "emulator.platform", "--config", str(office.config())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready {}\n"
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=EVERYTHING_S)
    assert (process.returncode, output, errors) == (0, "", "")
    assert office.rows("documents-at-end")


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"stor": "x"}, 2, "stor"),
        ({"clock": {"start": "2026-03-02T09:00:00", "anchor_unix_s": 0}}, 2, "clock.start"),
        ({"documents": [{"key": "K"}]}, 2, "documents"),
        ({"profile": "goflo"}, 4, "goflow"),
        ({"faults": [{"fault": "kill-plattform"}]}, 4, "kill-platform"),
        ({"switches": {"platform.attempts": 0}}, 4, "at least 1"),
        ({"connector_url": "nowhere"}, 4, "8891"),
        ({"store": "/dev/null/x.db"}, 4, "store of the platform side"),
    ],
)
def test_mistakes_are_one_line_and_an_exit_code(office, changes, code, words, capsys):
    from emulator.platform.part import main

    assert main(["--config", str(office.config(**changes))]) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert words in told.err
    assert told.err.count("\n") == 1


def test_no_config_file(tmp_path, capsys):
    from emulator.platform.part import main

    assert main(["--config", str(tmp_path / "none.json")]) == 2
    assert "cannot read" in capsys.readouterr().err
