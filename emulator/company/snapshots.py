"""Snapshots of an open company, going back to one, and copies of the file to go another way with.

A snapshot copies nothing: from the first one on, SQLite notes beside every change how it is undone (triggers and a table of this connection's
own, which are no part of the file and are gone when it closes). Going back undoes what was changed since, in one transaction; the undoing is
noted in the same way, so any snapshot can be gone back to at any time, in any order. What was committed stays committed: a process that is
killed loses its snapshots, and nothing else.

Why not copies: ten thousand records are twelve megabytes, and writing so much costs more than all else that a test does. The price is
about a tenth of every write while there are snapshots. When the last one is let go, nothing is noted any more; what notes is left in place,
for making it is dearer than all else here.

A fork is a copy: of the file and its log as they stand on the disk, or of the pages of a company in memory.
"""

import errno
import os
import sqlite3
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Final

from emulator.company.store import LOG_HEADER_BYTES, Store, frames_of
from emulator.core.errors import UserMistake

LOG: Final = "undo_log"
STATE: Final = "undo_state"

_NO_PART: Final = ("migration",)
"""Tables that no work changes."""


CHUNK_BYTES: Final = 1 << 20


class Snapshot:
    """The state of a company at one moment. Keep it as long as it may be gone back to; let go, it costs nothing more.

    Attributes:
        started: how many iterators had been started.
    """

    __slots__ = ("__weakref__", "_mark", "_of", "started")

    def __init__(self, of: "Snapshots", mark: int, started: int) -> None:
        self._of = of
        self._mark = mark
        self.started = started


class Snapshots:
    """The snapshots of one open file."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: weakref.WeakSet[Snapshot] = weakref.WeakSet()
        self._is_made = False
        self._notes = False

    def take(self, started: int) -> Snapshot:
        """Return the present state.

        Raises:
            UserMistake: a request is being performed.
        """
        self._refuse_within("a snapshot is taken")
        if not self._is_made:
            self._make()
        if not self._notes:
            self._note(True)
        snapshot = Snapshot(self, self._last(), started)
        self._kept.add(snapshot)
        return snapshot

    def restore(self, snapshot: Snapshot) -> None:
        """Undo what has changed since. Whoever keeps rows in memory forgets them.

        Raises:
            UserMistake: a request is being performed, or the snapshot is of another company, or of this one before it was closed.
        """
        self._refuse_within("a snapshot is restored")
        if snapshot._of is not self:
            raise UserMistake(
                "a snapshot of another company, or from before this one was opened", "restore", "a snapshot of this open company"
            )
        store, mark = self._store, snapshot._mark
        with store.atomic():
            rows = store.execute(f"SELECT undo FROM {LOG} WHERE step > ? ORDER BY step DESC", (mark,)).fetchall()
            for (undo,) in rows:
                store.execute(undo)
            if all(each._mark <= mark for each in self._kept):
                store.execute(f"DELETE FROM {LOG} WHERE step > ?", (mark,))
        for forget in store.after_rollback:
            forget(True)

    def tidy(self) -> None:
        """End the noting when no snapshot is left. Call between transactions."""
        if self._notes and not self._kept and not self._store.is_writing:
            self._note(False)

    def copy_to(self, path: Path) -> Path:
        """Copy the file to where nothing is, whole or not at all; of a durable file it is on the disk when this returns.

        Raises:
            UserMistake: a request is being performed, there is something at `path`, or it cannot be written.
        """
        self._refuse_within("a company is forked")
        log = path.with_name(path.name + "-wal")
        if path.exists():
            raise UserMistake(f"{path} is there already", "fork", "a path where nothing is")
        making = path.with_name(path.name + ".making")
        try:
            try:
                if self._store.path is None:
                    self._write_pages(making)
                else:
                    # Nobody else has the file open and nothing is in flight: file and log together are its state.
                    self._copy_log(log)
                    assert self._store.file is not None
                    with making.open("wb") as target:
                        source = self._store.file
                        _copy(source, target.fileno(), os.fstat(source).st_size)
                if self._store.durable:
                    for written in (making, log):
                        _sync(written)
                making.replace(path)
                if self._store.durable:
                    _sync(path.parent)
            except BaseException:
                making.unlink(missing_ok=True)
                log.unlink(missing_ok=True)
                raise
        except (OSError, sqlite3.Error) as error:
            raise UserMistake(f"cannot write {path} ({error})", "fork", "a writable folder") from None
        return path

    def copy_in_memory(self) -> Store:
        """Return a company file in memory that holds the same.

        Raises:
            UserMistake: a request is being performed.
        """
        self._refuse_within("a company is forked")
        return Store.copied(self._store)

    def _copy_log(self, log: Path) -> None:
        assert self._store.path is not None
        ours = self._store.path.with_name(self._store.path.name + "-wal")
        # A log beside no file is what a killed process left.
        log.unlink(missing_ok=True)
        if ours.exists() and ours.stat().st_size > LOG_HEADER_BYTES:
            with ours.open("rb") as source, log.open("wb") as target:
                _copy(source.fileno(), target.fileno(), frames_of(source.fileno()).stop)

    def _write_pages(self, making: Path) -> None:
        making.unlink(missing_ok=True)
        target = sqlite3.connect(making, isolation_level=None)
        try:
            # Nobody opens a file that is not in place, so it needs no journal beside it.
            target.execute("PRAGMA journal_mode = OFF")
            target.execute("PRAGMA synchronous = OFF")
            self._store.connection.backup(target)
        finally:
            target.close()

    def _refuse_within(self, what: str) -> None:
        if self._store.is_writing:
            raise UserMistake(f"{what} while a request is being performed", advice="do it between two requests")

    # ---- noting how changes are undone ----

    def _last(self) -> int:
        [[last]] = self._store.execute(f"SELECT coalesce(max(step), 0) FROM {LOG}").fetchall()
        return int(last)

    def _make(self) -> None:
        execute = self._store.execute
        tables = execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall()
        with self._store.atomic():
            execute(f"CREATE TEMP TABLE {LOG} (step INTEGER PRIMARY KEY, undo TEXT NOT NULL)")
            execute(f"CREATE TEMP TABLE {STATE} AS SELECT 0 AS notes")
            for (table,) in tables:
                if table not in _NO_PART:
                    for event, undo in self._undoing(table).items():
                        execute(
                            f"CREATE TEMP TRIGGER undo_{table}_{event} AFTER {event} ON main.{table}"
                            f" WHEN (SELECT notes FROM {STATE}) BEGIN INSERT INTO {LOG} (undo) VALUES ({undo}); END"
                        )
        self._is_made = True

    def _note(self, notes: bool) -> None:
        with self._store.atomic():
            self._store.execute(f"UPDATE {STATE} SET notes = ?", (notes,))
            self._store.execute(f"DELETE FROM {LOG}")
        self._notes = notes

    def _undoing(self, table: str) -> dict[str, str]:
        """Return, for each event, the SQL expression of the statement that undoes it."""
        columns = self._store.execute(f"PRAGMA table_info({table})").fetchall()
        names = [row[1] for row in columns]
        keys = [row[1] for row in columns if row[5]]
        assert keys, f"the table {table} has no key"

        def pairs(row: str, wanted: list[str], between: str) -> str:
            return f" || '{between}' || ".join(f'\'"{name}" = \' || quote({row}."{name}")' for name in wanted)

        key = pairs("NEW", keys, " AND ")
        values = " || ', ' || ".join(f'quote(OLD."{name}")' for name in names)
        return {
            "INSERT": f"'DELETE FROM {table} WHERE ' || {key}",
            "UPDATE": f"'UPDATE {table} SET ' || {pairs('OLD', names, ', ')} || ' WHERE ' || {key}",
            "DELETE": f"'INSERT INTO {table} VALUES (' || {values} || ')'",
        }


def _sync(path: Path) -> None:
    """Have a file, or the names in a folder, written to the disk; what is not there needs nothing."""
    with suppress(FileNotFoundError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _copy(source: int, target: int, size: int) -> None:
    """Copy so much of a file into an empty one; where the file system can, both share the blocks until one is written to."""
    # Told the size beforehand the file system finds room at once, not page by page; that it cannot be told so is no matter.
    with suppress(OSError):
        os.posix_fallocate(target, 0, size)
    done = 0
    with suppress(OSError):  # not every kernel and file system can
        while done < size and (count := os.copy_file_range(source, target, size - done, done, done)):
            done += count
    while done < size:
        chunk = os.pread(source, min(CHUNK_BYTES, size - done), done)
        if not chunk:
            raise OSError(errno.EIO, "the file became shorter")
        done += os.pwrite(target, chunk, done)
