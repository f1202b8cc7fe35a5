"""The intent log: the connector's own memory of writes. Each step is stored, durably, before the next one begins.

    (nothing) -> intended -> sent -> posted | refused | unknown
                    ^          |                           |
                    +----------+------- asked: absent -----+

| state | what is known |
|---|---|
| intended | QuickBooks has certainly not got it: it was never sent, or QuickBooks was asked and does not have it |
| sent | it was about to be sent; whether it was, and what came of it, is not known |
| unknown | as sent, and the call is known to have failed |
| posted | QuickBooks answered that it stands in the books, with its TxnID or ListID |
| refused | QuickBooks (or a declared rule) answered that it does not |

After a kill the log still says `sent` for the write that was under way: the next start asks QuickBooks (invariant I14).
A log that is damaged, empty or of another version is set aside, never guessed from; the new log remembers that, and everything is asked
first. A log file that is missing is a new installation, one of no bytes is not: something has emptied it.

Which company file the connector belongs to stands in the log and, a second time, in a small file beside it (`LOG.company`): it outlives the
log. Where that file stands and the log is missing, the log was lost.
"""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from emulator.core.documents import Document
from emulator.core.errors import UserMistake

State = Literal["intended", "sent", "posted", "refused", "unknown"]

VERSION: Final = 2
"""Format of the log; another one is not read."""

_TABLES = """
CREATE TABLE intent (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    number TEXT NOT NULL,
    party TEXT NOT NULL,
    total_cents INTEGER NOT NULL,
    document TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('intended', 'sent', 'posted', 'refused', 'unknown')),
    txn_id TEXT NOT NULL DEFAULT '',
    code TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    sent_count INTEGER NOT NULL DEFAULT 0,
    sent_at TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX intent_open ON intent (state) WHERE state IN ('sent', 'unknown');
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""

_COMPANY = "company"
_MEMORY_LOST = "memory-lost"


@dataclass(frozen=True)
class Intent:
    """One row of the log.

    Attributes:
        document: what is to stand in QuickBooks.
        state: see the table above.
        txn_id: TxnID or ListID, once posted.
        code: status or result code of the last refusal or failure.
        reason: its sentence.
        sent_count: how often it was about to be sent.
        sent_at: when it was about to be sent last, with its offset; None for never. What QuickBooks may have of it is not older.
    """

    document: Document
    state: State
    txn_id: str = ""
    code: str = ""
    reason: str = ""
    sent_count: int = 0
    sent_at: datetime | None = None

    @property
    def in_doubt(self) -> bool:
        """Return whether QuickBooks must be asked before this is sent again."""
        return self.state in ("sent", "unknown")


class IntentLog:
    """The log, one SQLite file; each method is one short durable transaction.

    Args:
        path: the file; None keeps it in memory (it survives a `Killed` connector because the world keeps the object).
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.set_aside: Path | None = None
        self._connection = self._opened()

    def _opened(self) -> sqlite3.Connection:
        if self.path is None:
            return self._made(":memory:")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        size = self.path.stat().st_size if self.path.exists() else None  # looked at first: opening makes the file
        company = _read_beside(_beside(self.path))
        connection = self._owned(str(self.path))
        if size is None:
            connection.close()
            lost = f"{self.path} is missing and {_beside(self.path).name} is there" if company else ""
            return self._made(str(self.path), lost, company)
        health = "it has no bytes"
        if size:
            try:
                (version,) = connection.execute("PRAGMA user_version").fetchone()
                (health,) = connection.execute("PRAGMA quick_check").fetchone()
                if version == VERSION and health == "ok":
                    return connection
            except sqlite3.DatabaseError as damage:
                health = str(damage)
        connection.close()
        self._set_aside()
        return self._made(str(self.path), f"{self.set_aside}: {health}", company)

    def _owned(self, place: str) -> sqlite3.Connection:
        """Open the file for this connector alone: two connectors on one log would each send what the other has sent (CON05)."""
        connection = _connect(place)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                return connection  # not in use; what is wrong with it is found out next
            connection.close()
            raise UserMistake(
                f"the intent log {place} is in use",
                expected="a log that no other connector works with",
                advice="a connector runs already: stop it, or give this one a log of its own",
            ) from None
        except sqlite3.DatabaseError:
            return connection
        return connection

    def _made(self, place: str, memory_lost: str = "", company: str = "") -> sqlite3.Connection:
        """Make a log in one transaction: a log that was lost is never taken for a new one, wherever the process is killed."""
        connection = self._owned(place)
        connection.execute("BEGIN")
        for statement in _TABLES.split(";")[:-1]:
            connection.execute(statement)
        facts = ((_MEMORY_LOST, memory_lost), (_COMPANY, company))
        connection.executemany("INSERT INTO fact VALUES (?, ?)", [fact for fact in facts if fact[1]])
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
        return connection

    def _set_aside(self) -> None:
        assert self.path is not None
        number = 1
        while (aside := self.path.with_name(f"{self.path.name}.damaged-{number}")).exists():
            number += 1
        self.path.rename(aside)
        for suffix in ("-journal", "-wal", "-shm"):
            beside = self.path.with_name(self.path.name + suffix)
            if beside.exists():
                beside.rename(aside.with_name(aside.name + suffix))
        self.set_aside = aside

    @property
    def memory_lost(self) -> str:
        """Return why earlier writes are not in this log, or an empty text: then everything must be asked before it is sent."""
        return self._fact(_MEMORY_LOST)

    @property
    def company(self) -> str:
        """Return the path of the company file that was written to first: the linked one (invariant I17). Empty before the first session."""
        return self._fact(_COMPANY)

    def link_company(self, path: str) -> None:
        """Remember the company file this connector belongs to, in the log and beside it.

        Raises:
            sqlite3.Error: it cannot be written; nothing may be sent then.
        """
        if self.path is not None:
            try:
                _write_beside(_beside(self.path), path)
            except OSError as error:
                raise sqlite3.OperationalError(f"{_beside(self.path)} cannot be written: {error}") from error
        with self._step():
            self._connection.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (_COMPANY, path))

    def _fact(self, name: str) -> str:
        row = self._connection.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    # ---- steps of a write -----------------------------------------------------------------------------------------------

    def intend(self, document: Document) -> None:
        """Write down what is to be sent. A row of the same key is replaced: the caller has made sure that QuickBooks does not have it."""
        with self._step():
            self._connection.execute(
                "INSERT INTO intent (key, kind, number, party, total_cents, document, state) VALUES (?, ?, ?, ?, ?, ?, 'intended')"
                " ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, number = excluded.number, party = excluded.party,"
                " total_cents = excluded.total_cents, document = excluded.document, state = 'intended', code = '', reason = ''",
                (
                    document.key,
                    document.kind,
                    document.number,
                    document.party,
                    document.total_cents,
                    json.dumps(document.as_json(), ensure_ascii=False),
                ),
            )

    def about_to_send(self, key: str, now: datetime) -> None:
        """Write down that the next thing is the sending: from now on the outcome is in doubt."""
        self._move(key, "state = 'sent', sent_count = sent_count + 1, sent_at = ?", now.isoformat())

    def posted(self, key: str, txn_id: str) -> None:
        """Write down that it stands in the books."""
        self._move(key, "state = 'posted', txn_id = ?, code = '', reason = ''", txn_id)

    def refused(self, key: str, code: str, reason: str) -> None:
        """Write down that QuickBooks does not take it."""
        self._move(key, "state = 'refused', code = ?, reason = ?", code, reason)

    def unknown(self, key: str, code: str, reason: str) -> None:
        """Write down that the call failed and the outcome is not known."""
        self._move(key, "state = 'unknown', code = ?, reason = ?", code, reason)

    def absent(self, key: str) -> None:
        """Write down that QuickBooks was asked and does not have it, or cannot have got it."""
        self._move(key, "state = 'intended'")

    def _move(self, key: str, assignment: str, *values: str) -> None:
        with self._step():
            done = self._connection.execute(f"UPDATE intent SET {assignment} WHERE key = ?", (*values, key))  # noqa: S608 - texts above
            assert done.rowcount == 1, f"no intent {key!r}"

    @contextmanager
    def _step(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    # ---- reading --------------------------------------------------------------------------------------------------------

    def find(self, key: str) -> Intent | None:
        """Return the row of a key."""
        row = self._connection.execute(f"{_SELECT} WHERE key = ?", (key,)).fetchone()
        return _intent(row) if row else None

    def in_doubt(self) -> list[Intent]:
        """Return what QuickBooks must be asked about, oldest first."""
        rows = self._connection.execute(f"{_SELECT} WHERE state IN ('sent', 'unknown') ORDER BY position").fetchall()
        return [_intent(row) for row in rows]

    def intents(self) -> list[Intent]:
        """Return everything, oldest first."""
        return [_intent(row) for row in self._connection.execute(f"{_SELECT} ORDER BY position").fetchall()]

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


_SELECT = "SELECT document, state, txn_id, code, reason, sent_count, sent_at FROM intent"


def _beside(log: Path) -> Path:
    return log.with_name(f"{log.name}.company")


def _read_beside(file: Path) -> str:
    """Return the company file that stands beside a log; empty when nothing readable does."""
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return kept[_COMPANY] if isinstance(kept, dict) and isinstance(kept.get(_COMPANY), str) else ""


def _write_beside(file: Path, company: str) -> None:
    """Write the whole file or nothing of it, and have it on the disk."""
    new = file.with_name(f"{file.name}.new")
    with new.open("w", encoding="utf-8") as opened:
        json.dump({_COMPANY: company}, opened)
        opened.flush()
        os.fsync(opened.fileno())
    new.replace(file)


def _connect(place: str) -> sqlite3.Connection:
    # No statement starts a transaction by itself; several threads never use it at once (one loop owns the connector).
    return sqlite3.connect(place, isolation_level=None, check_same_thread=False, timeout=0.2)


def _intent(row: tuple[str, State, str, str, str, int, str]) -> Intent:
    document, state, txn_id, code, reason, sent_count, sent_at = row
    when = datetime.fromisoformat(sent_at) if sent_at else None
    return Intent(Document.from_json(json.loads(document)), state, txn_id, code, reason, sent_count, when)
