"""The company file on disk or in memory: one SQLite database, opened by one process at a time.

Why write-ahead logging: a commit appends to one log and needs no second sync, and a process killed with SIGKILL at any point loses
nothing that was committed: the next opening replays the log. `durable=True` also syncs each commit, for power loss. The file is
locked exclusively while open, so the caches above it may be trusted; a second opener is told so and the file is left alone.

A file is made under a second name and moved into place when it is whole, so a half-made company is never found.

Locks of a file are the process's, and closing any descriptor of it gives them all up (POSIX). So while a company is open here, nothing in
this process may open and close its file beside SQLite: who must read it does so through the descriptor that the store keeps open as long.
"""

import json
import os
import sqlite3
import stat
import weakref
from bisect import bisect_left
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from emulator.company.migrations import FORMAT, MIGRATIONS
from emulator.core.errors import UserMistake

APPLICATION_ID = 0x46424B31
"""Stands at offset 68 of the SQLite header of every company file ("FBK1"), so that no other database is taken for one."""

HEADER_BYTES = 100
LOG_HEADER_BYTES: Final = 32
FRAME_HEADER_BYTES: Final = 24
MEMORY_PAGE_BYTES: Final = 8192
"""Half as many pages are copied in two thirds of the time, and no log grows by whole pages as that of a file does."""

BLOCK_BYTES_MAX: Final = 32 * 1024 * 1024 - 65536
"""Of blocks larger than 32 MiB glibc learns nothing."""

SQLITE_MAGIC = b"SQLite format 3\x00"

_json_text = json.JSONEncoder(separators=(",", ":"), check_circular=False, ensure_ascii=False).encode


def encoded(values: Any) -> str:
    """Return document values as the text that is stored. It is used twice for each transaction saved; pydantic's is three times as quick."""
    # Loaded with the first record that is saved: it takes longer than all else that a company which is only read needs.
    from pydantic_core import PydanticSerializationError, to_json

    try:
        return to_json(values).decode()
    except PydanticSerializationError:  # half a surrogate pair, which UTF-8 has no form for and JSON has
        return _json_text(values)


AMONG: Final = "IN (SELECT value FROM json_each(?))"
"""Condition that a column holds one of values of an `array_of`. They are one parameter, for SQLite takes 32,766 at most and a request has no such
limit."""


def array_of(values: Iterable[int | str]) -> str:
    """Return the parameter of an `AMONG`."""
    return json.dumps(list(values))


class Store:
    """An open company file.

    Attributes:
        connection: in autocommit mode; every write goes through `atomic`.
        path: where the file is; None in memory.
        durable: whether each commit is synced.
        file: a descriptor of the same file for reading, open as long as the connection is; None in memory.
        after_rollback: called when a transaction was rolled back, with whether anything had been written: whoever keeps rows in
            memory forgets them.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path | None, file: int | None = None, durable: bool = False) -> None:
        self.connection = connection
        self.path = path
        self.durable = durable
        self.file = file
        # One that nobody closes frees its file when it is forgotten, as its connection does.
        self._release = weakref.finalize(self, os.close, file) if file is not None else None
        self.execute = connection.execute
        self.executemany = connection.executemany
        self.after_rollback: list[Callable[[bool], None]] = []
        # SQLite's own lower() knows ASCII only; names compare without case as `str.casefold` has it.
        connection.create_function("casefold", 1, str.casefold, deterministic=True)
        self._depth = 0
        self._changes_at_begin = 0

    @classmethod
    def create(cls, path: Path | None, fill: Callable[["Store"], None], durable: bool = False) -> "Store":
        """Make a company file, let `fill` write into it in one transaction, and return it open.

        Raises:
            UserMistake: there is something at `path` already, or its folder is not there or not writable. What `fill` raises goes
                through; nothing is left of the file then.
        """
        if path is None:
            store = cls(_connect(":memory:"), None)
            store.execute(f"PRAGMA page_size = {MEMORY_PAGE_BYTES}")
            store._make(fill)
            return store
        if path.exists():
            raise UserMistake(f"{path} is there already", "company file", "a path where nothing is", "open it, or name another")
        making = path.with_name(path.name + ".making")
        try:
            making.unlink(missing_ok=True)
            store = cls(_connect(str(making)), making)
            # Nobody opens a file that is not in place, so it needs no journal beside it; it is synced whole, below.
            store.execute("PRAGMA journal_mode = MEMORY")
            store.execute("PRAGMA synchronous = OFF")
        except (OSError, sqlite3.Error) as error:
            raise UserMistake(f"cannot write {path} ({error})", "company file", "a writable folder") from None
        try:
            store._make(fill)
        except BaseException:
            store.connection.close()
            making.unlink(missing_ok=True)
            raise
        store.connection.close()
        with making.open("rb+") as file:
            os.fsync(file.fileno())
        # The log of a file that is no more must not be taken for the one of this.
        path.with_name(path.name + "-wal").unlink(missing_ok=True)
        making.replace(path)
        return cls.open(path, durable)

    @classmethod
    def open(cls, path: Path, durable: bool = False) -> "Store":
        """Open a company file that exists, bringing it to the present format.

        Raises:
            UserMistake: no file, not a company file, cut short, of a newer FakeBooks, or in use by another process. The file is left
                as it was.
        """
        file = _taken(path)
        try:
            _check_header(path, file)
            connection = cls._locked(path, durable)
        except BaseException:
            os.close(file)
            raise
        store = cls(connection, path, file, durable)
        try:
            store._migrate()
        except sqlite3.DatabaseError as error:
            store.close()
            raise _unusable(path, error) from None
        except BaseException:
            store.close()
            raise
        _OPEN_HERE[_identity(os.fstat(file))] = store
        return store

    @staticmethod
    def _locked(path: Path, durable: bool) -> sqlite3.Connection:
        connection = _connect(str(path))
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            # With locking_mode EXCLUSIVE the lock taken here is kept until the connection closes.
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            connection.close()
            raise _unusable(path, error) from None
        except BaseException:
            connection.close()
            raise
        return connection

    def _make(self, fill: Callable[["Store"], None]) -> None:
        self.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        self._migrate()
        with self.atomic():
            fill(self)

    def _migrate(self) -> None:
        self.execute("CREATE TABLE IF NOT EXISTS migration (step INTEGER PRIMARY KEY, name TEXT NOT NULL)")
        done = self.execute("SELECT count(*) FROM migration").fetchone()[0]
        if done > FORMAT:
            raise _newer(self.path, done)
        for step in range(done, FORMAT):
            with self.atomic():
                MIGRATIONS[step].apply(self.connection)
                self.execute("INSERT INTO migration VALUES (?, ?)", (step + 1, MIGRATIONS[step].name))
                self.execute(f"PRAGMA user_version = {step + 1}")

    @classmethod
    def copied(cls, of: "Store") -> "Store":
        """Return a company file in memory that holds what another one holds. Nothing may be in flight there."""
        store = cls(_connect(":memory:"), None)
        [[held]] = of.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").fetchall()
        # The C library (glibc) gives so much memory back to the system whenever it is freed, until it has seen one block as large freed: of
        # forks that come and go each would get its memory page by page anew, which takes longer than to fill it. Nothing touches this one.
        bytes(min(held, BLOCK_BYTES_MAX))
        of.connection.backup(store.connection)
        return store

    @property
    def is_writing(self) -> bool:
        """Whether a transaction is in flight."""
        return self._depth > 0

    def atomic(self) -> "Atomic":
        """Return a block that is written whole or not at all; blocks inside blocks are savepoints."""
        return Atomic(self)

    def setting(self, name: str) -> Any:
        """Return a fact about the company, or None."""
        row = self.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else None

    def set_settings(self, values: Iterable[tuple[str, Any]]) -> None:
        """Write facts about the company. Call inside `atomic`."""
        rows = [(name, json.dumps(value)) for name, value in values]
        self.executemany("INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", rows)

    def close(self) -> None:
        """Close the file and free its lock. Safe to call twice."""
        self.connection.close()
        if self._release is not None:
            self._release()

    @property
    def is_open(self) -> bool:
        """Whether it has a file open."""
        return self._release is not None and self._release.alive


class Atomic:
    """One transaction, or a savepoint when it stands inside another. A failed rollback never hides the first error."""

    __slots__ = ("_name", "_store")

    def __init__(self, store: Store) -> None:
        self._store = store
        self._name = ""

    def __enter__(self) -> None:
        store = self._store
        if store._depth == 0:
            store.execute("BEGIN IMMEDIATE")
            store._changes_at_begin = store.connection.total_changes
        else:
            self._name = f"level{store._depth}"
            store.execute(f"SAVEPOINT {self._name}")
        store._depth += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        store = self._store
        store._depth -= 1
        if kind is None:
            try:
                store.execute(f"RELEASE {self._name}" if self._name else "COMMIT")
            except sqlite3.Error:
                self._roll_back()
                raise
        else:
            self._roll_back()

    def _roll_back(self) -> None:
        store = self._store
        wrote = True
        # When even this fails, the first error is on its way up and says more; the connection rolls back by itself when it goes.
        with suppress(sqlite3.Error):
            wrote = store.connection.total_changes != store._changes_at_begin
            if self._name:
                store.execute(f"ROLLBACK TO {self._name}")
                store.execute(f"RELEASE {self._name}")
            elif store.connection.in_transaction:
                store.execute("ROLLBACK")
        for forget in store.after_rollback:
            with suppress(sqlite3.Error):
                forget(wrote)


class Counters:
    """The last numbers given out, kept in memory and written with the record that used them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._values: dict[str, int] = {}
        self._changed: set[str] = set()
        store.after_rollback.append(self._forget)
        self._reload()

    def _forget(self, wrote: bool) -> None:
        # A refused Add uses no number (observed), so what was taken in memory goes back.
        if wrote or self._changed:
            self._reload()

    def forget(self) -> None:
        """Read the file anew."""
        self._reload()

    def _reload(self) -> None:
        self._values = dict(self._store.execute("SELECT name, value FROM counter").fetchall())
        self._changed.clear()

    def next(self, name: str, start: int = 0, count: int = 1) -> int:
        """Return the first of `count` new numbers of a counter; a new counter begins at `start` + 1."""
        last = self._values.get(name, start)
        self._values[name] = last + count
        self._changed.add(name)
        return last + 1

    def given_out(self, name: str, start: int = 0) -> int:
        """Return how many numbers of a counter have been used."""
        return self._values.get(name, start) - start

    def pass_by(self, name: str, number: int, start: int = 0) -> None:
        """Let a counter go on behind a number that came from elsewhere."""
        if number > self._values.get(name, start):
            self._values[name] = number
            self._changed.add(name)

    def write(self) -> None:
        """Write the numbers used since the last time. Call inside `atomic`, after the records."""
        rows = [(name, self._values[name]) for name in self._changed]
        self._store.executemany("INSERT INTO counter VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", rows)
        self._changed.clear()


def _connect(place: str) -> sqlite3.Connection:
    # One thread at a time uses a company (the driver of QuickBooks), but not always the thread that opened it.
    connection = sqlite3.connect(place, isolation_level=None, check_same_thread=False, cached_statements=512, timeout=0)
    connection.execute("PRAGMA foreign_keys = OFF")  # references are kept by the rules, which answer with codes
    connection.execute("PRAGMA recursive_triggers = ON")  # a row that another one replaces is noted as deleted, see snapshots.py
    return connection


_OPEN_HERE: Final[weakref.WeakValueDictionary[tuple[int, int], Store]] = weakref.WeakValueDictionary()
"""The company files that this process has open, by device and number."""


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def _taken(path: Path) -> int:
    """Open a file for reading, unless this process has it open as a company; returns the descriptor."""
    try:
        found = path.stat()
        known = _OPEN_HERE.get(_identity(found))
        if known is not None and known.is_open:
            raise _in_use(path, "this")
        if not stat.S_ISREG(found.st_mode):
            what = "a folder" if stat.S_ISDIR(found.st_mode) else "no file"
            raise UserMistake(f"{path} is {what}", "company file", EXPECTED, "check the path")
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise UserMistake(f"cannot read {path} ({error.strerror})", "company file", EXPECTED, "check the path") from None


def _in_use(path: Path, whose: str) -> UserMistake:
    return UserMistake(f"{path} is in use by {whose} process", "company file", "", "close it there first")


def _unusable(path: Path, error: sqlite3.DatabaseError) -> UserMistake:
    if not isinstance(error, sqlite3.OperationalError):
        return UserMistake(f"{path} is damaged ({error})", "company file", "a whole file", "restore it from a copy")
    if "locked" in str(error):
        return _in_use(path, "another")
    return UserMistake(f"{path} cannot be opened ({error})", "company file", "a company file in a folder that can be written to")


EXPECTED: Final = "a company file made by FakeBooks"


def _check_header(path: Path, file: int) -> None:
    """Refuse what is not a whole company file before SQLite touches it."""
    header = os.pread(file, HEADER_BYTES, 0)
    size = os.fstat(file).st_size
    if len(header) < HEADER_BYTES or not header.startswith(SQLITE_MAGIC):
        raise UserMistake(f"{path} is not a company file", "company file", EXPECTED)
    if int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        raise UserMistake(f"{path} is a database of another program", "company file", EXPECTED)
    found_format = int.from_bytes(header[60:64], "big")
    if found_format > FORMAT:
        raise _newer(path, found_format)
    page_bytes = int.from_bytes(header[16:18], "big")
    page_bytes = 65536 if page_bytes == 1 else page_bytes
    pages = int.from_bytes(header[28:32], "big")
    # A process killed while it took the log into the file leaves it short; what is missing is in the log then.
    missing = range(size // page_bytes + 1, pages + 1)
    if missing and not set(missing) <= _pages_in(path.with_name(path.name + "-wal")):
        raise UserMistake(
            f"{path} is cut short ({size} of {page_bytes * pages} bytes)",
            "company file",
            "a whole file",
            "restore it from a copy",
        )


def _pages_in(log: Path) -> set[int]:
    """Return the pages that a write-ahead log holds; none when there is no log."""
    try:
        with log.open("rb") as file:
            return {int.from_bytes(os.pread(file.fileno(), 4, start), "big") for start in frames_of(file.fileno())}
    except OSError:
        return set()


def frames_of(log: int) -> range:
    """Return where the frames of a write-ahead log begin that were written since it was begun anew; what stands behind them is nobody's.

    Its header and each of its frames carry the salt of the round (https://www.sqlite.org/fileformat2.html#the_write_ahead_log). The `stop`
    of the range is where the last one ends.
    """
    header = os.pread(log, LOG_HEADER_BYTES, 0)
    frame_bytes = FRAME_HEADER_BYTES + int.from_bytes(header[8:12], "big")
    salt = header[16:24]
    frames = max(os.fstat(log).st_size - LOG_HEADER_BYTES, 0) // frame_bytes

    def is_left(frame: int) -> bool:
        return os.pread(log, len(salt), LOG_HEADER_BYTES + frame * frame_bytes + 8) != salt

    written = bisect_left(range(frames), True, key=is_left)
    return range(LOG_HEADER_BYTES, LOG_HEADER_BYTES + written * frame_bytes, frame_bytes)


def _newer(path: Path | None, found: int) -> UserMistake:
    return UserMistake(
        f"{path} has format {found}",
        "company file",
        f"format {FORMAT} or older",
        "it was made by a newer FakeBooks: use that one",
    )
