"""What the platform side must not forget: its documents, its status, the mails it owes. One SQLite file, or memory.

Every step is one short transaction, on disk when it returns (synchronous=FULL), so a process killed at any moment is continued from here.
`path` None keeps it in memory: it lives as long as this object, which a world keeps when it kills the platform side on the virtual clock.

| state of a document | meaning |
|---|---|
| waiting | accepted; goes out when its turn comes |
| in-flight | a call about it may have reached the connector; its outcome is not known |
| held | accepted; kept back while the status is Disconnected |
| posted | stands in QuickBooks (final) |
| refused | will not be taken as it is, with a reason people can see |
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from emulator.core.documents import TRANSACTION_KINDS, Document
from emulator.core.errors import UserMistake

State = Literal["waiting", "in-flight", "held", "posted", "refused"]
STATES: Final[tuple[State, ...]] = ("waiting", "in-flight", "held", "posted", "refused")

FORMAT: Final = 1
"""Number of the file's format (PRAGMA user_version)."""

_TABLES: Final = """
CREATE TABLE document (
    position INTEGER PRIMARY KEY AUTOINCREMENT,   -- order of acceptance
    key TEXT NOT NULL UNIQUE,
    number TEXT NOT NULL,
    is_transaction INTEGER NOT NULL,
    body TEXT NOT NULL,                           -- Document.as_json
    state TEXT NOT NULL,
    txn_id TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX document_state ON document (state, is_transaction, position);
CREATE INDEX document_number ON document (number);
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE mail (
    episode INTEGER PRIMARY KEY, recipient TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL,
    given INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE known (
    what TEXT NOT NULL, name_folded TEXT NOT NULL, name TEXT NOT NULL, fields TEXT NOT NULL, key TEXT NOT NULL,
    PRIMARY KEY (what, name_folded)
);
"""


@dataclass(frozen=True)
class Kept:
    """A document with what became of it so far."""

    document: Document
    state: State
    txn_id: str
    reason: str


@dataclass(frozen=True)
class OwedMail:
    """A mail that has to reach the mail server once: one for each episode that failed attempts opened."""

    episode: int
    recipient: str
    subject: str
    text: str
    at: datetime


@dataclass(frozen=True)
class Known:
    """A customer, vendor or product the platform side knows.

    Attributes:
        key: key of the document that takes it to QuickBooks; empty when none does.
    """

    what: str
    name: str
    fields: dict[str, str]
    key: str


class Store:
    """The platform side's memory.

    Args:
        path: the SQLite file, made when it is not there; None keeps everything in memory.

    Raises:
        UserMistake: the file cannot be opened, is no SQLite file, or is of another format.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(":memory:" if path is None else path, isolation_level=None)
            self._prepare()
        except (sqlite3.DatabaseError, OSError) as error:
            if hasattr(self, "_database"):
                self._database.close()
            raise UserMistake(
                str(error), str(path), "a store of the platform side, or a new file", "choose another path"
            ) from None

    def _prepare(self) -> None:
        database = self._database
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        found = int(database.execute("PRAGMA user_version").fetchone()[0])
        if found == 0:
            with self.atomic():
                # executescript would end the transaction; one statement at a time stays inside it.
                for statement in filter(str.strip, _TABLES.split(";\n")):
                    database.execute(statement)
                database.execute(f"PRAGMA user_version = {FORMAT}")
        elif found != FORMAT:
            raise sqlite3.DatabaseError(f"format {found}, this version reads {FORMAT}")

    def close(self) -> None:
        """Close the file. A store in memory is gone then."""
        self._database.close()

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Make the body one transaction: all of it is kept, or none. Inside another `atomic` it is part of that one."""
        if self._database.in_transaction:
            yield
            return
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    # Settings -----------------------------------------------------------------------------------------------------------------

    def get(self, name: str, default: Any) -> Any:
        """Return a setting (a JSON value), or the default when it was never put."""
        row = self._database.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return default if row is None else json.loads(row[0])

    def put(self, name: str, value: Any) -> None:
        """Keep a setting."""
        self._database.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, json.dumps(value)))

    def drop(self, prefix: str) -> None:
        """Forget every setting whose name begins with a prefix."""
        self._database.execute("DELETE FROM setting WHERE substr(name, 1, ?) = ?", (len(prefix), prefix))

    # Documents ----------------------------------------------------------------------------------------------------------------

    def accept(self, document: Document, state: State) -> None:
        """Take a document in, last in the order of acceptance."""
        self._database.execute(
            "INSERT INTO document (key, number, is_transaction, body, state) VALUES (?, ?, ?, ?, ?)",
            (document.key, document.number, document.kind in TRANSACTION_KINDS, json.dumps(document.as_json()), state),
        )

    def mark(self, key: str, state: State, *, txn_id: str = "", reason: str = "") -> None:
        """Set the state of a document. A posted document stays posted: anything else is our bug."""
        changed = self._database.execute(
            "UPDATE document SET state = ?, txn_id = ?, reason = ? WHERE key = ? AND state != 'posted'",
            (state, txn_id, reason, key),
        )
        assert changed.rowcount == 1, f"{key} cannot become {state}"

    def kept(self, key: str) -> Kept | None:
        """Return one document, or None."""
        return next(iter(self._select("WHERE key = ?", key)), None)

    def in_state(self, *states: State) -> list[Kept]:
        """Return the documents in these states, in the order of acceptance."""
        marks = ", ".join("?" * len(states))
        return self._select(f"WHERE state IN ({marks}) ORDER BY position", *states)

    def next_waiting(self, *, newest_first: bool = False) -> Document | None:
        """Return the document whose turn it is, or None.

        Newest first still lets list entries go before transactions: nothing goes out before what it needs.
        """
        order = "is_transaction, position DESC" if newest_first else "position"
        found = self._select(f"WHERE state = 'waiting' ORDER BY {order} LIMIT 1")
        return found[0].document if found else None

    def counts(self) -> dict[State, int]:
        """Return how many documents are in each state."""
        found = dict(self._database.execute("SELECT state, count(*) FROM document GROUP BY state").fetchall())
        return {state: int(found.get(state, 0)) for state in STATES}

    def any_in(self, *states: State) -> bool:
        """Return whether any document is in one of these states."""
        marks = ", ".join("?" * len(states))
        row = self._database.execute(f"SELECT EXISTS (SELECT 1 FROM document WHERE state IN ({marks}))", states)  # noqa: S608
        return bool(row.fetchone()[0])

    def number_taken(self, number: str) -> bool:
        """Return whether a document has this number."""
        return self._database.execute("SELECT 1 FROM document WHERE number = ?", (number,)).fetchone() is not None

    def positions_used(self) -> int:
        """Return how many documents were ever accepted."""
        row = self._database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'document'").fetchone()
        return 0 if row is None else int(row[0])

    def _select(self, rest: str, *values: object) -> list[Kept]:
        rows = self._database.execute(f"SELECT body, state, txn_id, reason FROM document {rest}", values)  # noqa: S608
        return [Kept(Document.from_json(json.loads(body)), state, txn_id, reason) for body, state, txn_id, reason in rows]

    # What the platform side knows ----------------------------------------------------------------------------------------------

    def known(self, what: str, name: str) -> Known | None:
        """Return the customer, vendor or product of a name; capital and small letters are one, as in QuickBooks."""
        row = self._database.execute(
            "SELECT name, fields, key FROM known WHERE what = ? AND name_folded = ?", (what, name.casefold())
        ).fetchone()
        return None if row is None else Known(what, row[0], json.loads(row[1]), row[2])

    def all_known(self, what: str) -> list[str]:
        """Return the names of all customers, vendors or products known, in the order of the names."""
        return [str(row[0]) for row in self._database.execute("SELECT name FROM known WHERE what = ? ORDER BY name", (what,))]

    def remember(self, entry: Known) -> None:
        """Know a customer, vendor or product, or know it anew."""
        self._database.execute(
            "INSERT OR REPLACE INTO known VALUES (?, ?, ?, ?, ?)",
            (entry.what, entry.name.casefold(), entry.name, json.dumps(entry.fields), entry.key),
        )

    def forget(self, key: str) -> Known | None:
        """Forget the entry that a document was to take to QuickBooks; returns what was forgotten."""
        assert key, "entries without a document are not forgotten this way"
        row = self._database.execute("SELECT what, name, fields FROM known WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        self._database.execute("DELETE FROM known WHERE key = ?", (key,))
        return Known(row[0], row[1], json.loads(row[2]), key)

    # Mails owed ---------------------------------------------------------------------------------------------------------------

    def owe(self, mail: OwedMail) -> None:
        """Keep a mail until it is given to the mail server."""
        self._database.execute(
            "INSERT INTO mail (episode, recipient, subject, text, at) VALUES (?, ?, ?, ?, ?)",
            (mail.episode, mail.recipient, mail.subject, mail.text, mail.at.isoformat()),
        )

    def owed(self) -> OwedMail | None:
        """Return the oldest mail that is not given yet, or None."""
        row = self._database.execute(
            "SELECT episode, recipient, subject, text, at FROM mail WHERE given = 0 ORDER BY episode LIMIT 1"
        ).fetchone()
        return None if row is None else OwedMail(row[0], row[1], row[2], row[3], datetime.fromisoformat(row[4]))

    def given(self, episode: int) -> None:
        """Note that the mail server has taken the mail of an episode."""
        self._database.execute("UPDATE mail SET given = 1 WHERE episode = ?", (episode,))
