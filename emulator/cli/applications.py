"""Which applications a command of `fakebooks webconnector` means: those of the user's folder, or .qwc files; and their passwords."""

import codecs
import fcntl
import os
import re
import secrets
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from emulator import client
from emulator.cli.shared import say
from emulator.core.errors import UserMistake
from emulator.webconnector import qwc
from emulator.webconnector.codes import Qbwc, sentence
from emulator.webconnector.qwc import Application
from emulator.webconnector.qwclog import append
from emulator.webconnector.registry import Registry

PASSWORD_VARIABLE: Final = "FAKEBOOKS_WEBCONNECTOR_PASSWORD"  # noqa: S105 - a name
LOG_NAME: Final = "QWCLog.txt"

StateOption = Annotated[
    Path | None, typer.Option("--state", help="Folder for applications, passwords and QWCLog.txt, instead of the user's own.")
]


def default_state() -> Path:
    """Return the user's own folder for the Web Connector."""
    return client.note_path().parent / "webconnector"


@contextmanager
def registry_for(names: list[str], state: Path | None, password_file: Path | None) -> Iterator[tuple[Registry, list[str]]]:
    """Yield the registry and the keys of the applications in it that are meant; .qwc files get a registry for the time of the command.

    Args:
        names: applications that were added, or .qwc files; all that were added when it is empty.
        state: the folder of the user's registry; None: the user's own.
        password_file: for .qwc files: its first line is the password.

    Raises:
        UserMistake: both sorts are named, a name means none or several, a file cannot be read, two files are of one application, or a
            password is given for applications whose passwords are kept.
    """
    files = [name for name in names if name.casefold().endswith(".qwc")]
    if len(files) < len(names) and files:
        given = f"{_listed(set(names) - set(files))} beside {_listed(files)}"
        raise UserMistake(given, expected="applications that were added, or .qwc files", advice="run `once` for each sort")
    if not files:
        if password_file is not None:
            raise UserMistake(
                f"--password-file {password_file} beside {_listed(names) or 'no .qwc file'}",
                expected="it beside a .qwc file",
                advice="the passwords of applications that were added are kept: `fakebooks webconnector add FILE.qwc --again "
                "--password-file FILE` gives one a new password",
            )
        registry = Registry(state or default_state())
        yield registry, registry.chosen(names)
        return
    applications = _loaded(files)
    password = password_from(password_file)
    with _registry_of_one_command(state or default_state()) as registry:
        for each in applications:
            registry.add(each, password, datetime.now().astimezone())
        yield registry, [each.key for each in registry.entries()]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(repr(each) for each in names))


def _loaded(files: Sequence[str]) -> list[Application]:
    """Return what .qwc files say. Raises UserMistake: one cannot be read, or two are of one application (the second would replace it)."""
    applications: list[Application] = []
    file_of: dict[str, str] = {}
    for file in files:
        application = qwc.load(Path(file))
        key = application.unique_name or application.name
        first = file_of.get(key.casefold())
        if first is not None and Path(first).resolve() == Path(file).resolve():
            raise UserMistake(f"{file} is named twice", expected="each .qwc file once")
        if first is not None:
            raise UserMistake(
                f"{first} and {file} are one application: both have the AppUniqueName (without one, the AppName) {key!r}",
                expected="an AppUniqueName of its own in each",
                advice="or run `once` for each file",
            )
        file_of[key.casefold()] = file
        applications.append(application)
    return applications


# ---- the registry of one command ----------------------------------------------------------------------------------------------------------


HELD: Final = "held.lock"
"""File in the registry of one command that is locked for as long as the command lives: who can lock it has found what a killed one left."""

_NAME: Final = re.compile(r"once-[0-9]+(-[0-9a-f]+)?")
_FILES: Final = ("applications.json", "passwords.json", "registry.lock", LOG_NAME, HELD)
"""How the names of the files begin that are in such a registry."""


@contextmanager
def _registry_of_one_command(folder: Path) -> Iterator[Registry]:
    """Yield a registry for the time of one command, inside the user's folder; what killed commands left there is taken away before."""
    for left in sorted(folder.glob("once-*")):
        _tidy_left(left)
    own, held = _made(folder)
    try:
        yield Registry(own, lock_in=folder)
    finally:
        _tidy(own)
        os.close(held)


def _made(folder: Path) -> tuple[Path, int]:
    """Make the folder for the registry of one command, and hold it. Raises UserMistake (QBWC1006): it cannot be made."""
    while True:
        own = folder / f"once-{os.getpid()}-{secrets.token_hex(4)}"
        Registry(own)
        held = _held(own)
        # Another command may have found it before it was held, and have taken it for one that was left.
        if held is not None:
            return own, held


def _held(own: Path) -> int | None:
    """Return a descriptor that holds the registry of one command; None when a command that lives does, or when it is no more."""
    path = own / HELD
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except FileNotFoundError:
        return None
    with suppress(BlockingIOError, FileNotFoundError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            return descriptor
    os.close(descriptor)
    return None


def _tidy_left(left: Path) -> None:
    """Take away what a command that was killed has left, for it holds a password; what anybody else put there stays."""
    try:
        files = list(left.iterdir()) if _NAME.fullmatch(left.name) and left.is_dir() and not left.is_symlink() else None
        if files is None or not all(each.name.startswith(_FILES) for each in files):
            return
        held = _held(left)
    except FileNotFoundError:
        return  # its command, or another one, has taken it away meanwhile
    except OSError as error:
        _tell_that_it_stays(left, error)
        return
    if held is not None:
        _tidy(left)
        os.close(held)


def _tidy(own: Path) -> None:
    """Take the registry of one command away: first its password; its log goes behind the one that is there, or is told to be lost."""
    log, kept = own / LOG_NAME, own.parent / LOG_NAME
    try:
        for each in own.iterdir():
            if each.name not in (LOG_NAME, HELD):
                each.unlink()
        try:
            if log.exists():
                append(log, kept)
        except OSError as error:
            say(sentence(Qbwc.LOG_NOT_WRITABLE, f"{kept}: {error.strerror}; what {own.name} wrote into its own is lost"), 0)
        log.unlink(missing_ok=True)
        (own / HELD).unlink(missing_ok=True)
    except OSError as error:
        _tell_that_it_stays(own, error)
        return
    with suppress(OSError):
        # Somebody who looked at it just now is about to hold it, and then takes it away.
        own.rmdir()


def _tell_that_it_stays(own: Path, error: OSError) -> None:
    say(f"cannot take {own} away: {error.strerror}; remove it, for it may hold a password", 0)


# ---- passwords ----------------------------------------------------------------------------------------------------------------------------


_ENCODINGS: Final = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""What a file begins with that an editor of Windows wrote as `Unicode`. In this order: one mark begins with another."""


def password_from(file: Path | None) -> str:
    """Return the password for an application: from a file, the environment, or a person at a terminal.

    Raises:
        UserMistake: the file cannot be read or is no text, or there is no password.
    """
    if file is not None:
        return _first_line(file)
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is not None:
        return given
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, err=True))
    raise UserMistake(
        "no password was given for the application's user", expected=f"--password-file, or {PASSWORD_VARIABLE} in the environment"
    )


def _first_line(file: Path) -> str:
    """Return the first line of a file in UTF-8, or in what its byte order mark says. Raises UserMistake."""
    try:
        content = file.read_bytes()
        encoding = next((name for mark, name in _ENCODINGS.items() if content.startswith(mark)), "utf-8-sig")
        line = next(iter(content.decode(encoding).splitlines()), "")
        if "\0" in line:
            raise ValueError("U+0000 is no letter of a password; UTF-16 must begin with its byte order mark")
    except (OSError, ValueError) as error:
        advice = "save it as UTF-8" if isinstance(error, ValueError) else ""
        raise UserMistake(
            f"cannot read {file}: {error}", expected="a file whose first line is the password", advice=advice
        ) from None
    return line
