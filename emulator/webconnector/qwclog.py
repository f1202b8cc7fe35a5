"""QWCLog.txt in the layout of the real one (observed: public excerpts 2009 to 2022; the wording of single lines is partly ours).

    Log file initialized at Thursday, July 1, 2021 - 7:32 PM UTC
    Timestamp format used: YYYYMMDD.HH:MM:SS UTC
    ...
    20210701.19:32:03 UTC<TAB>: QBWebConnector.SOAPWebService.do_serverVersion() : *** Calling serverVersion().

Levels: NONE; DEBUG (the default: the first 50 characters of XML, then dots); VERBOSE (all of it). Passwords are never written.
"""

import fcntl
import os
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

from emulator.core.errors import UserMistake
from emulator.webconnector.codes import Qbwc, sentence

CUT_CHARACTERS: Final = 50
"""How much of XML the level DEBUG shows (observed)."""

FILE_BYTES_MAX: Final = 16 * 1024 * 1024
"""From this size on the file is put aside as QWCLogOld.txt (the name is inferred from a sibling logger of Intuit, the size is ours)."""

OLD_NAME: Final = "QWCLogOld.txt"


class Level(StrEnum):
    """How much is written."""

    NONE = "NONE"
    DEBUG = "DEBUG"
    VERBOSE = "VERBOSE"


class Log:
    """The log of one Web Connector.

    Args:
        now: tells the story's time.
        path: of the file, which is appended to; None keeps the text in memory.
        level: how much is written.

    Attributes:
        why_lost: why a line could not be written; empty when all were; whoever has told of it empties it. Updates go on without their log
            (a choice: what the real one does is in no source).

    Raises:
        UserMistake: at the start its folder is not there (QBWC1005), or the file cannot be written (QBWC1033).
    """

    def __init__(self, now: Callable[[], datetime], path: Path | None = None, level: Level = Level.DEBUG) -> None:
        self._now = now
        self._path = path
        self.level = level
        self._parts: list[str] = []
        self.why_lost = ""
        self._order = threading.Lock()
        if level is not Level.NONE:
            self._begin()

    @property
    def text(self) -> str:
        """Return what this object has written, of one that has no file."""
        return "".join(self._parts)

    def line(self, where: str, text: str) -> None:
        """Write a line. `where` is class and method, such as `SOAPWebService.do_authenticate`."""
        if self.level is not Level.NONE:
            self._write(f"{_stamp(self._now())}\t: QBWebConnector.{where}() : {text}\n")

    def code(self, where: str, code: Qbwc, detail: str = "") -> None:
        """Write a line with one of the Web Connector's codes."""
        self.line(where, sentence(code, detail))

    def xml(self, where: str, document: str) -> None:
        """Write a document: its beginning, or all of it."""
        cut = self.level is not Level.VERBOSE and len(document) > CUT_CHARACTERS
        self.line(where, "XML dump follows: -")
        if self.level is not Level.NONE:
            self._write((document[:CUT_CHARACTERS] + "......" if cut else document) + "\n")

    def _begin(self) -> None:
        now = self._now().astimezone(UTC)
        if self._path is not None:
            with suppress(OSError):  # told of below, where it is written to
                _opened(self._path).close()
        if self._path is not None and not self._path.parent.is_dir():
            why = sentence(Qbwc.LOG_MISSING, f"{self._path}: there is no such folder")
            raise UserMistake(why, expected="a folder that is there")
        hour = now.strftime("%I").lstrip("0")
        self._write(
            f"Log file initialized at {now:%A, %B} {now.day}, {now:%Y} - {hour}:{now:%M %p} UTC\n"
            "Timestamp format used: YYYYMMDD.HH:MM:SS UTC\n"
            f"QBWebConnector 2.3 has been initialized with its logging status to level = {self.level}.\n"
            "Please restart QBWebConnector for any change in log level to take effect. Use file menu to clear log.\n"
        )
        if self.why_lost:
            raise UserMistake(sentence(Qbwc.LOG_NOT_WRITABLE, self.why_lost), expected="a file that can be written")

    def _write(self, text: str) -> None:
        with self._order:
            if self._path is None:
                self._parts.append(text)
                return
            try:
                # Opened for each line, since it may be put aside or cleared meanwhile; as bytes, which costs a third of opening it as text.
                with self._path.open("ab") as file:
                    file.write(text.encode("utf-8", "replace"))
            except OSError as error:
                self.why_lost = f"{self._path}: {error.strerror}"


def append(log: Path, to: Path) -> None:
    """Put a log behind another one, in one piece; that one is put aside before when it is full. Raises OSError."""
    with log.open("rb") as more, _opened(to) as file:
        shutil.copyfileobj(more, file)


def _to_append(path: str, flags: int) -> int:
    # A pipe that nobody reads is refused, where opening it would wait for a reader.
    descriptor = os.open(path, flags | os.O_NONBLOCK, 0o666)
    os.set_blocking(descriptor, True)
    return descriptor


def _opened(path: Path) -> BinaryIO:
    """Open a log file to append to it, held against others who put it aside or put a log behind it; a full one is put aside before.

    Raises:
        OSError: it cannot be opened.
    """
    while True:
        file = open(path, "ab", opener=_to_append)  # noqa: SIM115 - a path's own open takes no opener
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            found = os.fstat(file.fileno())
            if _is(path, found) and (found.st_size <= FILE_BYTES_MAX or not _put_aside(path)):
                return file
        except BaseException:
            file.close()
            raise
        # It was put aside, here or by somebody who held it before: there is a new one now.
        file.close()


def _is(path: Path, found: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.stat(), found)
    except FileNotFoundError:
        return False


def _put_aside(path: Path) -> bool:
    """Put a log aside; returns whether it could be: one that cannot goes on (ours)."""
    try:
        path.replace(path.with_name(OLD_NAME))
    except OSError:
        return False
    return True


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%d.%H:%M:%S} UTC"
