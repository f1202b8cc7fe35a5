"""Very many rows: what was appended is what is read, wherever it is kept; memory stays small, and nothing is left on the disk."""

import json
import os
import random
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.core import rows as module
from emulator.core.journal import Journal
from emulator.core.rows import BLOCK, Picked, Rows, line

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.text(max_size=6)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)
ROW = st.fixed_dictionaries({"kind": st.sampled_from(["a", "b", 'c"kind":"a"'])}, optional={"fact": VALUES, "text": st.text()})


def small():
    return Rows(2 * BLOCK)


def numbered(count):
    rows = small()
    for number in range(count):
        rows.append({"n": number, "kind": "even" if number % 2 == 0 else "odd"})
    return rows


@settings(max_examples=12, deadline=None)
@given(pattern=st.lists(ROW, min_size=1, max_size=6), count=st.integers(0, 5 * BLOCK))
def test_what_is_appended_is_what_is_read(pattern, count):
    given_rows = [{"n": number, **pattern[number % len(pattern)]} for number in range(count)]
    rows = small()
    for row in given_rows:
        rows.append(row)
    assert len(rows) == count
    assert list(rows) == given_rows
    assert [rows[place] for place in range(count)] == given_rows
    assert rows[-3:] == given_rows[-3:]
    assert b"".join(line(row) for row in rows) == b"".join(line(row) for row in given_rows)


@pytest.mark.parametrize("count", [0, 1, BLOCK, 2 * BLOCK - 1, 2 * BLOCK, 2 * BLOCK + 1, 7 * BLOCK + 5])
def test_around_the_edges(count):
    rows = numbered(count)
    assert [row["n"] for row in rows] == list(range(count))
    for place in (count, -count - 1):
        with pytest.raises(IndexError):
            rows[place]
    if count:
        assert (rows[0]["n"], rows[-1]["n"]) == (0, count - 1)


def test_in_any_order():
    rows, chance = numbered(12 * BLOCK), random.Random(3)
    for _ in range(500):
        place = chance.randrange(len(rows))
        assert rows[place]["n"] == place


def test_rows_that_come_while_reading_are_read_too():
    rows, read = numbered(2 * BLOCK - 1), []
    for row in rows:
        read.append(row["n"])
        if len(read) <= 3 * BLOCK:
            rows.append({"n": len(rows), "kind": "late"})
    assert read == list(range(len(rows)))
    assert len(read) == 5 * BLOCK - 1


def test_many_threads():
    rows = small()
    stop = threading.Event()
    wrong = []

    def read():
        while not stop.is_set():
            seen = [row["n"] for row in rows]
            if seen != list(range(len(seen))):
                wrong.append(seen)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(8 * BLOCK):
        rows.append({"n": number})
    stop.set()
    for reader in readers:
        reader.join()
    assert not wrong
    assert len(rows) == 8 * BLOCK


def test_picked():
    rows = numbered(6 * BLOCK)
    odd = Picked(rows, range(1, len(rows), 2))
    assert len(odd) == 3 * BLOCK
    assert {row["kind"] for row in odd} == {"odd"}
    assert (odd[0]["n"], odd[-1]["n"], [row["n"] for row in odd[1:3]]) == (1, len(rows) - 1, [3, 5])


def test_the_file_has_no_name_and_goes_with_the_rows(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = len(list(Path("/proc/self/fd").iterdir()))
    rows = numbered(4 * BLOCK)
    assert list(tmp_path.iterdir()) == []
    assert len(list(Path("/proc/self/fd").iterdir())) == before + 1
    del rows
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_full_disk_loses_no_row(monkeypatch):
    rows = numbered(2 * BLOCK - 1)

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", full)
        for number in range(2 * BLOCK - 1, 5 * BLOCK):
            rows.append({"n": number})
        assert [row["n"] for row in rows] == list(range(5 * BLOCK))
    for number in range(5 * BLOCK, 9 * BLOCK):
        rows.append({"n": number})
    assert rows._spilled
    assert [row["n"] for row in rows] == list(range(9 * BLOCK))


# ---- through the journal --------------------------------------------------------------------------------------------------------


@pytest.fixture
def journal(monkeypatch):
    monkeypatch.setattr(module, "KEPT_MAX", 2 * BLOCK)
    monkeypatch.setattr(Rows.__init__, "__defaults__", (2 * BLOCK,))
    return Journal(lambda: datetime(2026, 11, 23, 9, 30, tzinfo=UTC))


def test_a_journal_that_spills_reads_as_one_that_does_not(journal):
    kept = []
    for number in range(5 * BLOCK):
        kind = ("act", "call", "ä-kind")[number % 3]
        text = '"kind":"act"' if number % 7 == 0 else None
        kept.append(journal.add("people" if number % 2 else "network", kind, number=number, text=text, nested={"kind": "act"}))
    assert len(journal) == 5 * BLOCK
    assert list(journal.rows()) == kept
    assert [row["n"] for row in journal.rows()] == list(range(1, 5 * BLOCK + 1))
    for kind in ("act", "call", "ä-kind", "none", None):
        for lane in ("people", "network", "mailbox", None):
            wanted = [row for row in kept if kind in (None, row["kind"]) and lane in (None, row["lane"])]
            assert list(journal.rows(kind, lane)) == wanted
    assert journal.bytes() == b"".join(line(row) for row in kept)
    assert b"".join(journal.lines()) == journal.bytes()
    assert journal.after(3, 4) == kept[3:7]
    assert journal.after(5 * BLOCK - 2, 100) == kept[-2:]
    assert [json.loads(each) for each in journal.lines()] == kept


def test_so_far_is_what_there_is_now(journal):
    for _ in range(3 * BLOCK):
        journal.add("people", "act")
    so_far = journal.so_far()
    journal.add("people", "late")
    assert len(so_far) == 3 * BLOCK
    assert [row["kind"] for row in so_far] == ["act"] * (3 * BLOCK)
    assert so_far[-1]["n"] == 3 * BLOCK


@pytest.mark.slow
def test_a_million_rows_grow_memory_by_less_than_50_mb():
    program = """
import resource
from datetime import UTC, datetime
from pathlib import Path
from emulator.core.journal import Journal
journal = Journal(lambda: datetime(2026, 11, 23, tzinfo=UTC))
def peak(): return int(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])
before = peak()
for number in range(1_000_000):
    journal.add("network", "call-answered", number=number, key=f"invoice-{number}", text="x" * 40, status=200)
assert sum(1 for _ in journal.rows("call-answered")) == len(journal) == 1_000_000
print((peak() - before) * 1024)
"""
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=300).stdout
    assert int(told) < 50_000_000
