"""The journal: numbered rows in order, a line each, one file for several processes, torn last lines."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from emulator.core.journal import Journal, read

START = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def test_rows_are_numbered_and_stamped():
    journal = Journal(lambda: START)
    journal.add("platform", "document-accepted", key="a", number=None)
    journal.add("network", "call-arrived", faults=["b", "a", "b"], key="a")
    assert list(journal.rows()) == [
        {"n": 1, "at": "2026-11-23T09:30:00.000Z", "lane": "platform", "kind": "document-accepted", "key": "a"},
        {"n": 2, "at": "2026-11-23T09:30:00.000Z", "lane": "network", "kind": "call-arrived", "key": "a", "faults": ["a", "b"]},
    ]
    assert [row["n"] for row in journal.rows(lane="network")] == [2]
    assert [json.loads(line) for line in journal.bytes().splitlines()] == list(journal.rows())


def test_an_unknown_lane_is_our_bug():
    with pytest.raises(AssertionError, match="kitchen"):
        Journal(lambda: START).add("kitchen", "x")


def test_listeners_hear_every_row_until_they_stop():
    journal, heard = Journal(lambda: START), []
    stop = journal.listen(lambda row: heard.append(row["kind"]))
    journal.add("people", "act")
    stop()
    journal.add("people", "act")
    assert heard == ["act"]


def test_what_is_written_is_read_back_in_order_of_time(tmp_path):
    path = tmp_path / "journal.jsonl"
    late, early = (Journal(lambda m=moment: m, path, shared=True) for moment in (START + timedelta(seconds=1), START))
    late.add("people", "second")
    early.add("people", "first", text="nul \0, lone \ud800, ünïcode")
    late.close()
    early.close()
    assert [(row["n"], row["kind"]) for row in read(path)] == [(1, "first"), (2, "second")]


def test_a_torn_last_line_is_left_out(tmp_path):
    path = tmp_path / "journal.jsonl"
    with contextlib.closing(Journal(lambda: START, path)) as journal:
        journal.add("people", "act")
    with path.open("ab") as file:
        file.write(b'{"at":"2026')
    assert [row["kind"] for row in read(path)] == ["act"]


def test_a_killed_process_loses_at_most_the_row_it_was_writing(tmp_path):
    path = tmp_path / "journal.jsonl"
    program = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path; from emulator.core.journal import Journal\n"
        "journal = Journal(lambda: datetime.now(UTC), Path(sys.argv[1]), shared=True)\n"
        "print('ready', flush=True)\n"
        "while True: journal.add('people', 'act', text='x' * 200); print('.', end='', flush=True)\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE) for _ in range(2)]
    written = 0
    for writer in writers:
        writer.stdout.read(60)
    for writer in writers:
        os.kill(writer.pid, signal.SIGKILL)
        written += 60 - len(b"ready\n") + len(writer.stdout.read())
        writer.stdout.close()
        writer.wait()
    rows = read(path)
    assert len(rows) >= written
    assert all(len(row["text"]) == 200 for row in rows)
