"""Which applications a command of `fakebooks webconnector` means: those of the user's folder, or .qwc files; and their passwords."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from emulator import client
from emulator.core.errors import UserMistake
from emulator.webconnector import qwc
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
    """Yield the registry and the applications in it that are meant; .qwc files get a registry for the time of the command."""
    files = [name for name in names if name.casefold().endswith(".qwc")]
    if not files:
        registry = Registry(state or default_state())
        yield registry, registry.chosen(names)
        return
    if len(files) < len(names):
        given = f"{_listed(set(names) - set(files))} beside {_listed(files)}"
        raise UserMistake(given, expected="applications that were added, or .qwc files", advice="run `once` for each sort")
    folder = state or default_state()
    for left in folder.glob("once-*"):
        if left.is_dir() and not _lives(left.name.partition("-")[2]):
            _tidy(left)  # of a command that was killed: it holds a password
    registry = Registry(folder / f"once-{os.getpid()}", lock_in=folder)
    try:
        password = password_from(password_file)
        for name in files:
            registry.add(qwc.load(Path(name)), password, datetime.now().astimezone())
        yield registry, [each.key for each in registry.entries()]
    finally:
        _tidy(registry.folder)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(repr(each) for each in names))


def _lives(process: str) -> bool:
    """Return whether a process of this machine lives; what is no number is taken for one that does."""
    return not process.isdigit() or Path("/proc", process).exists()


def _tidy(folder: Path) -> None:
    """Put the log of a registry that was made for one command behind the one that is there, and take the rest away."""
    log = folder / LOG_NAME
    if log.exists():
        with (folder.parent / LOG_NAME).open("ab") as kept:
            kept.write(log.read_bytes())
    for each in folder.iterdir():
        each.unlink()
    folder.rmdir()


def password_from(file: Path | None) -> str:
    """Return the password for an application: from a file, the environment, or a person at a terminal."""
    if file is not None:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError) as error:
            raise UserMistake(f"cannot read {file}: {error}", expected="a file whose first line is the password") from None
        return lines[0] if lines else ""
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is not None:
        return given
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, err=True))
    raise UserMistake(
        "no password was given for the application's user", expected=f"--password-file, or {PASSWORD_VARIABLE} in the environment"
    )
