r"""The registry of one Web Connector: its applications, their passwords, and the lock that lets one update run at a time.

A folder of the user's stands for the part of the Windows registry that the real one uses:

    applications.json   what was added, when it ran last, when it runs next
    passwords.json      the passwords, readable by this user only (docs/decisions/0014-passwords-of-the-web-connector.md)
    update.lock         TRUE while an update runs, else FALSE: HKCU\Software\Intuit\QBWebConnector\UpdateLock (observed)

Files are written beside their places and moved there, so a killed program leaves the old ones whole. A folder that several programs use at
once is read and written anew at each step.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from emulator.core.errors import UserMistake, unknown
from emulator.webconnector.codes import Qbwc, sentence
from emulator.webconnector.qwc import Application, NotAdded, unnamed
from emulator.webconnector.qwclog import Log
from emulator.webconnector.result import Result

_UPDATE_LOCK: Final = r"HKEY_CURRENT_USER\Software\Intuit\QBWebConnector\UpdateLock"
TRUE: Final = b"TRUE"
"""What update.lock holds while an update runs."""

FORMAT: Final = 1
"""Number of the form of applications.json."""

EVERY_S_LEAST: Final = 1
"""Seconds between two updates of an application at the least (documented of RunEveryNSeconds)."""

EVERY_S_MOST: Final = 999_999_999
"""Seconds between two updates at the most: 31 years, nine digits (ours)."""


@dataclass
class UpdateLock:
    """The lock of one update.

    Attributes:
        why_not: why it cannot be had; empty when it is held.
        stays: set when the update died: the value stays TRUE.
    """

    why_not: str = ""
    stays: bool = False


@dataclass(frozen=True)
class Entry:
    """One application that was added.

    Attributes:
        application: what its .qwc says.
        every_s: how often it runs by itself, seconds; 0: only when somebody asks (Every_Min, which people may change).
        added: when it was added. last_run, next_run: when it ran last and runs next; None: not yet, not by itself.
        status: the Status column. codes: of the last update.
    """

    application: Application
    every_s: int
    added: datetime
    last_run: datetime | None = None
    next_run: datetime | None = None
    status: str = ""
    codes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return what it is found by: AppUniqueName, or AppName."""
        return self.application.unique_name or self.application.name


class NotRegistered(UserMistake):
    """There is no such application."""


class Registry:
    """The applications of one Web Connector.

    Args:
        folder: for the files; made when it is not there, for this user only.
        lock_in: the folder of the update lock, where it is that of another registry: there is one for each user (reported).

    Raises:
        UserMistake: the folder cannot be made or is not this program's (QBWC1006).
    """

    def __init__(self, folder: Path, lock_in: Path | None = None) -> None:
        self.folder = folder
        self._lock_in = lock_in or folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise UserMistake(
                sentence(Qbwc.START_FAILED, f"cannot use {folder}: {error.strerror}"),
                expected="a folder for the Web Connector's files",
            ) from None

    # ---- applications -------------------------------------------------------------------------------------------------------------------

    def entries(self) -> list[Entry]:
        """Return all applications, in the order they were added."""
        return [
            _entry(each)
            for each in self._read("applications.json", Qbwc.START_FAILED, "applications", list).get("applications", [])
        ]

    def get(self, name: str) -> Entry:
        """Return the application that people mean by a name: its key, or else its AppName; the case of letters does not count.

        The key wins, for several applications may have one AppName (documented: AppUniqueName is what they are told apart by).

        Raises:
            NotRegistered: there is none (QBWC1011).
            UserMistake: it is the AppName of several, and the key of none.
        """
        found = self.entries()
        meant = _of_key(found, name) or [each for each in found if each.application.name.casefold() == name.casefold()]
        if not meant:
            raise _not_registered(found, name)
        if len(meant) > 1:
            keys = ", ".join(repr(each.key) for each in meant)
            raise UserMistake(
                f"{len(meant)} applications have the AppName {name!r}", expected=f"the AppUniqueName of one: {keys}"
            )
        return meant[0]

    def by_key(self, key: str) -> Entry:
        """Return the application of a key, and no other of its AppName when it was taken out. Raises NotRegistered (QBWC1011)."""
        found = self.entries()
        for each in _of_key(found, key):
            return each
        raise _not_registered(found, key)

    def chosen(self, names: Sequence[str]) -> list[str]:
        """Return the keys of the applications that are named, of all when none is. Raises UserMistake: see `get`; QBWC1018: there is none."""
        keys = [self.get(name).key for name in names] or [each.key for each in self.entries()]
        if not keys:
            given = sentence(Qbwc.NOTHING_TO_SELECT, "no application was added")
            raise UserMistake(given, str(self.folder), "a .qwc file, or `fakebooks webconnector add FILE.qwc`")
        return keys

    def remove(self, name: str) -> Entry:
        """Take an application and its password out, and return what it was; what it wrote into company files stays there.

        Raises:
            UserMistake: the name means no application, or several: see `get`.
        """
        with self._changing():
            return self._remove(name)

    def _remove(self, name: str) -> Entry:
        gone = self.get(name)
        self._write([each for each in self.entries() if each.key != gone.key])
        before = self._passwords()
        passwords = {name: each for name, each in before.items() if name.casefold() != gone.key.casefold()}
        if len(passwords) < len(before):
            self._replace("passwords.json", {"format": FORMAT, "passwords": passwords}, Qbwc.PASSWORD_NOT_KEPT)
        return gone

    def add(
        self, application: Application, password: str, now: datetime, *, every_s: int | None = None, again: bool = False
    ) -> Entry:
        """Add an application, or bring one up to date.

        One with the same AppUniqueName is brought up to date (documented); with the same AppName and no unique name the real one asks, and
        `again` is the answer (ours).

        Args:
            application: what its .qwc says.
            password: of its user; empty keeps the one that is stored.
            now: the story's time.
            every_s: how often it shall run instead of what the .qwc says.
            again: bring one of the same name up to date.

        Raises:
            NotAdded: another application has the same pair of OwnerID and FileID, or the same name (QBWC1039).
        """
        with self._changing():
            before = self.entries()
            same = self._same(before, application, again)
            period_s = application.every_s if every_s is None else every_s
            kept = same[0] if same else Entry(application, period_s, now)
            entry = replace(kept, application=application, every_s=period_s, next_run=now if period_s else None)
            self._write([entry if each in same else each for each in before] + ([] if same else [entry]))
            if password:
                self._keep_password(entry.key, password)
            return entry

    def check(self, application: Application, *, again: bool = False) -> None:
        """Raise what `add` would raise of an application, before anything is written anywhere else. Raises NotAdded (QBWC1039)."""
        self._same(self.entries(), application, again)

    def _same(self, before: list[Entry], application: Application, again: bool) -> list[Entry]:
        """Return the application that one brings up to date. Raises NotAdded: see `add`."""
        same = _of_key(before, application.unique_name or application.name)
        others = [each for each in before if each not in same]
        if same and not again and application.unique_name == application.name:
            raise NotAdded(
                Qbwc.NOT_ADDED,
                f"an application called {application.name!r} is there already",
                expected="another AppName, or --again",
            )
        for each in others:
            if (each.application.owner, each.application.file) == (application.owner, application.file):
                given = f"{each.key!r} has the same OwnerID and FileID"
                raise NotAdded(Qbwc.NOT_ADDED, given, expected="a pair of one's own", advice="make new GUIDs for the .qwc")
        return same

    def remember(self, key: str, result: Result, began: datetime) -> Entry:
        """Write down what became of an update, and when the next one is due.

        The next run is the last one and Every_Min later (documented: a spacing, not a clock); authenticate may raise Every_Min, and may put
        the next run off (documented). Where there was no update, its lower limit is the time to the next one (documented).

        Raises:
            NotRegistered: it was taken out meanwhile.
        """
        with self._changing():
            return self._remember(key, result, began)

    def _remember(self, key: str, result: Result, began: datetime) -> Entry:
        entry = self.by_key(key)
        every_s = entry.every_s
        if every_s and result.every_s_least is not None:
            every_s = max(every_s, result.every_s_least)
        wait_s = every_s
        if result.postponed_s is not None:
            wait_s = result.postponed_s
        elif result.every_s_least is not None and result.ended in ("no data", "invalid user", "busy"):
            wait_s = result.every_s_least
        entry = replace(
            entry,
            every_s=every_s,
            last_run=began,
            next_run=began + timedelta(seconds=max(wait_s, EVERY_S_LEAST)) if entry.every_s else None,
            status=result.status,
            codes=tuple(each.label for each in result.codes),
        )
        self._write([entry if each.key == entry.key else each for each in self.entries()])
        return entry

    # ---- passwords ----------------------------------------------------------------------------------------------------------------------

    def password(self, key: str) -> str:
        """Return the password of the application of a key; empty when none is stored. Raises NotRegistered (QBWC1011)."""
        wanted = self.by_key(key).key.casefold()
        return next((str(password) for name, password in self._passwords().items() if name.casefold() == wanted), "")

    def _passwords(self) -> dict[str, Any]:
        return dict(self._read("passwords.json", Qbwc.PASSWORD_NOT_READ, "passwords", dict).get("passwords", {}))

    def _keep_password(self, key: str, password: str) -> None:
        others = {name: each for name, each in self._passwords().items() if name.casefold() != key.casefold()}
        content = {"format": FORMAT, "passwords": {**others, key: password}}
        self._replace("passwords.json", content, Qbwc.PASSWORD_NOT_KEPT)

    # ---- the update lock ----------------------------------------------------------------------------------------------------------------

    @property
    def lock_path(self) -> Path:
        """Return the file of the update lock, which all commands of a user share."""
        return self._lock_in / "update.lock"

    @contextmanager
    def update_lock(self, log: Log, *, take_over: bool = True) -> Iterator["UpdateLock"]:
        """Hold the update lock for the time of an update; what it yields says whether it is held.

        A program that dies leaves the value TRUE (reported of the real one), and lets go of the file: so it is known whether an update runs.

        Args:
            log: is told, as the real one does.
            take_over: whether a value is passed over that a dead program left (switch webconnector.update-lock-left).
        """
        where = "RegistryManager.{}UpdateLock"
        descriptor = _opened(self.lock_path)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                log.line(where.format("get"), f"{_UPDATE_LOCK} = TRUE")
                yield UpdateLock("another update runs")
                return
            left = os.read(descriptor, len(TRUE)) == TRUE
            log.line(where.format("get"), f"{_UPDATE_LOCK} = {'TRUE' if left else 'FALSE'}")
            if left and not take_over:
                yield UpdateLock("an update that died left UpdateLock TRUE")
                return
            if left:
                log.line(where.format("get"), "No update runs: the lock that one left is taken over.")
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, TRUE, 0)
            log.line(where.format("set"), f"{_UPDATE_LOCK} has been set to True")
            log.line(where.format("set"), "********************* Update session locked *********************")
            lock = UpdateLock()
            try:
                yield lock
            finally:
                if not lock.stays:
                    self._unlock(descriptor, log)
        finally:
            os.close(descriptor)

    def _unlock(self, descriptor: int, log: Log) -> None:
        where = "RegistryManager.setUpdateLock"
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, b"FALSE", 0)
        log.line(where, f"{_UPDATE_LOCK} has been set to False")
        log.line(where, "********************* Update session unlocked *********************")

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Keep other programs from changing the files meanwhile: each reads them, and writes them whole."""
        descriptor = _opened(self.folder / "registry.lock")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    # ---- files --------------------------------------------------------------------------------------------------------------------------

    def _read(self, name: str, code: Qbwc, part: str, kind: type) -> dict[str, Any]:
        """Return what a file holds, in which `part` is of a kind; nothing when it is not there. Raises UserMistake with the code."""
        path = self.folder / name
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise UserMistake(
                sentence(code, f"{path} cannot be read: {error}"),
                expected="a file that this program wrote",
                advice="move it away",
            ) from None
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise UserMistake(
                sentence(code, f"{path} is of another version"),
                expected=f"format {FORMAT}",
                advice="add the applications to a new folder",
            )
        if not isinstance(content.get(part), kind):
            given = sentence(code, f"{path} is damaged: its part {part!r} is {content.get(part)!r}")
            raise UserMistake(given, expected="a file that this program wrote", advice="move it away")
        return content

    def _write(self, entries: list[Entry]) -> None:
        content = {"format": FORMAT, "applications": [_values(each) for each in entries]}
        self._replace("applications.json", content, Qbwc.LIST_NOT_UPDATED)

    def _replace(self, name: str, content: dict[str, Any], code: Qbwc) -> None:
        path = self.folder / name
        new = path.with_name(f"{name}.{os.getpid()}.new")
        try:
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            new.replace(path)
        except OSError as error:
            given = sentence(code, f"cannot write {path}: {error.strerror}")
            raise UserMistake(given, expected="a folder that can be written") from None


def _of_key(entries: Sequence[Entry], key: str) -> list[Entry]:
    """Return the application of a key, whatever the case of its letters: a list of one, or of none."""
    return [each for each in entries if each.key.casefold() == key.casefold()][:1]


def _not_registered(entries: Sequence[Entry], name: str) -> NotRegistered:
    known = [each.key for each in entries]
    mistake = unknown("registered application", name, known)
    advice = "`fakebooks webconnector add FILE.qwc` adds one"
    return NotRegistered(sentence(Qbwc.NOT_REGISTERED, mistake.given), "", mistake.expected, "" if known else advice)


def _opened(path: Path) -> int:
    """Open a file that is locked, making it when it is not there. Raises UserMistake (QBWC1006)."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        given = sentence(Qbwc.START_FAILED, f"cannot use {path}: {error.strerror}")
        raise UserMistake(given, expected="a file that can be written") from None


_MOMENTS: Final = ("added", "last_run", "next_run")


def _values(entry: Entry) -> dict[str, Any]:
    values = asdict(entry)
    return {**values, **{name: moment and moment.isoformat() for name in _MOMENTS for moment in (values[name],)}}


def _entry(values: dict[str, Any]) -> Entry:
    """Return an application as the file has it. Raises UserMistake (QBWC1006): somebody has changed the file."""
    try:
        added, last_run, next_run = (_moment(values[name]) for name in _MOMENTS)
        every_s, status, codes = values["every_s"], values["status"], tuple(values["codes"])
        if added is None or type(every_s) is not int or not 0 <= every_s <= EVERY_S_MOST:
            raise ValueError(f"added {added}, every {every_s} s, where 0 to {EVERY_S_MOST} is expected")
        if not all(isinstance(each, str) for each in (status, *codes)):
            raise TypeError(f"status {status!r}, codes {codes!r}")
        return Entry(_application(values["application"]), every_s, added, last_run, next_run, status, codes)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        given = sentence(Qbwc.START_FAILED, f"applications.json is damaged: {error!r}")
        raise UserMistake(given, expected="a file that this program wrote", advice="move it away") from None


def _application(values: dict[str, Any]) -> Application:
    """Return what a .qwc said. Raises TypeError, AttributeError: a value is of another kind than it was written with."""
    like = unnamed("", "")
    known = {field.name: values[field.name] for field in fields(Application) if field.name in values}
    known["warnings"] = tuple(known.get("warnings", ()))
    wrong = [name for name, value in known.items() if type(value) is not type(getattr(like, name))]
    if wrong or not all(isinstance(each, str) for each in known["warnings"]):
        raise TypeError(f"application: {', '.join(wrong) or 'warnings'}")
    return Application(**known)


def _moment(text: str | None) -> datetime | None:
    """Read a moment. Raises ValueError: it is none, or says nothing of its zone; TypeError: it is no text."""
    moment = None if text is None else datetime.fromisoformat(text)
    if moment is not None and moment.tzinfo is None:
        raise ValueError(f"{text!r} says nothing of its zone")
    return moment
