"""The journal: the harness's one record of what happened, appended once, in order, by the harness at its doors.

A row is a flat JSON object: `n` (row number from 1), `at` (story time, ISO 8601 with milliseconds, UTC), `lane` (who), `kind` (what), then
facts of that kind, and `faults` when faults touched it. A connector under test never writes here. Checks, reports and pages read it.

What differs from run to run although the story is the same (ports, paths, durations, tickets, tokens) is never a fact of a row, so on
the virtual clock the same seed gives the same bytes.

With a file, each row is written by one `write` to a file opened for appending: several processes may share one journal, and a process
killed in the middle of anything loses at most the row it was writing.
"""

import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from emulator.core.rows import Picked, Row, Rows, line

LANES: Final = ("platform", "network", "connector", "quickbooks", "people", "mailbox", "faults", "harness")
"""One lane for each role; pages draw them in this order."""

__all__ = ["LANES", "Journal", "Row", "line", "read", "stamp"]


def stamp(moment: datetime) -> str:
    """Return a moment as the journal writes it: UTC, milliseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Journal:
    """One world's journal.

    Args:
        now: tells the story's time for new rows.
        path: a file to append to as well. The rows of this process stay readable in both cases: the last ones are in memory, older ones in
            a file without a name (see rows.py).
        shared: True when other processes append to the same file: then rows carry no number until they are read back.
    """

    def __init__(self, now: Callable[[], datetime], path: Path | None = None, *, shared: bool = False) -> None:
        self._now = now
        self._shared = shared
        self._rows = Rows()
        self._listeners: list[Callable[[Row], None]] = []
        # Doors on the real clock (the mail sink, servers) append from threads of their own.
        self._order = threading.RLock()
        self.path = path
        self._file: int | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def now(self) -> datetime:
        """Return the story's time, as the next row would have it."""
        return self._now()

    def add(self, lane: str, kind: str, *, faults: Iterable[str] = (), **facts: Any) -> Row:
        """Append a row and return it; may be called from any thread.

        Args:
            lane: one of LANES.
            kind: what happened, in words with hyphens (`document-accepted`).
            faults: names of the faults that touched it.
            facts: JSON values; None values are left out, so that a fact is there or is not.
        """
        assert lane in LANES, f"no lane {lane!r}"
        given = {name: value for name, value in facts.items() if value is not None}
        touched = sorted(set(faults))
        if touched:
            given["faults"] = touched
        with self._order:
            number = {} if self._shared else {"n": len(self._rows) + 1}
            row: Row = {**number, "at": stamp(self._now()), "lane": lane, "kind": kind, **given}
            self._rows.append(row)
            if self._file is not None:
                os.write(self._file, line(row))
            for listener in tuple(self._listeners):
                listener(row)
        return row

    def rows(self, kind: str | None = None, lane: str | None = None) -> Iterator[Row]:
        """Yield the rows, in order, that have this kind and lane (None: any)."""
        # As a line has it; rows in which a fact looks like it are looked at below.
        words = f'"kind":{json.dumps(kind, ensure_ascii=False)}' if kind is not None else ""
        for row in self._rows.holding(words.encode()):
            if (kind is None or row["kind"] == kind) and (lane is None or row["lane"] == lane):
                yield row

    def so_far(self) -> Sequence[Row]:
        """Return all rows that there are now, by their place; nothing that comes later is among them."""
        return Picked(self._rows, range(len(self._rows)))

    def after(self, number: int, most: int) -> list[Row]:
        """Return at most so many rows that come after row `number`."""
        return self._rows[number : number + most]

    def listen(self, listener: Callable[[Row], None]) -> Callable[[], None]:
        """Call `listener` with every new row; returns a function that ends this."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def __len__(self) -> int:
        return len(self._rows)

    def lines(self) -> Iterator[bytes]:
        """Yield the journal line by line, as it stands in a journal.jsonl file."""
        return (line(row) for row in self._rows)

    def bytes(self) -> bytes:
        """Return the whole journal as it stands in a journal.jsonl file."""
        return b"".join(self.lines())

    def close(self) -> None:
        """Close the file; rows stay readable."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def read(path: Path) -> list[Row]:
    """Read a journal.jsonl back, numbered, in order of time (rows of one moment keep the order of the file).

    The last line may be torn by a kill; it is left out. Any other line that is not JSON is our bug and raises ValueError.
    """
    raw = path.read_bytes().split(b"\n")
    whole, torn = raw[:-1], raw[-1]
    assert not torn or not torn.endswith(b"\n")
    rows = [json.loads(each) for each in whole if each]
    rows.sort(key=lambda row: str(row["at"]))
    return [{"n": number, **{name: value for name, value in row.items() if name != "n"}} for number, row in enumerate(rows, 1)]
