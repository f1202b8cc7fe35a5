"""Wine prefixes in which Windows programs find QuickBooks: making one, keeping it fresh, running programs in it.

A prefix is a folder that Wine takes for a Windows. Ours has the COM door in `system32` (x64) and, where Wine can run 32-bit programs, in
`syswow64` (x86), each registered by the `regsvr32` of its own width.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from emulator.com.exec import ENVIRONMENT_VARIABLE
from emulator.com.wine.program import Width, check_program, check_script
from emulator.core.errors import UserMistake

WIDTHS: Final[tuple[Width, ...]] = ("x64", "x86")

NAME: Final = "QBXMLRP2.dll"
"""The module's name; the real one has it too."""

FOLDERS: Final[Mapping[Width, str]] = {"x64": "system32", "x86": "syswow64"}
"""Where a 64-bit Windows has its modules; the names are the wrong way round there."""

MARK: Final = "fakebooks.txt"
"""The file in a prefix that says which modules are registered there."""

PACKAGES: Final = "wine wine64"
PACKAGES_32: Final = "wine32:i386"

_LOADERS: Final = ("/usr/lib/wine/wine64", "/opt/wine-stable/bin/wine64")
_FOLDERS_32: Final = (
    "/usr/lib/i386-linux-gnu/wine/i386-windows",
    "/usr/lib/wine/i386-windows",
    "/usr/lib32/wine/i386-windows",
    "/opt/wine-stable/lib/wine/i386-windows",
)

_CREATE_LIMIT_S: Final = 300.0
_REGISTER_LIMIT_S: Final = 120.0


@dataclass(frozen=True)
class Wine:
    """A Wine of this machine.

    Attributes:
        loader: the program that runs Windows programs.
        widths: of the programs it can run.
    """

    loader: str
    widths: tuple[Width, ...]


def find_wine() -> Wine:
    """Return this machine's Wine. Raises UserMistake when there is none, with what to install."""
    found = [shutil.which("wine64"), *filter(os.path.exists, _LOADERS), shutil.which("wine")]
    loader = next(filter(None, found), None)
    if loader is None:
        raise UserMistake(
            "there is no Wine on this machine",
            expected="wine64, with which Windows programs run",
            advice=f"on Debian and Ubuntu: apt-get install --no-install-recommends {PACKAGES}; for 32-bit programs as well: {_install_32()}",
        )
    has_32 = any(Path(each).is_dir() for each in _FOLDERS_32)
    return Wine(loader, WIDTHS if has_32 else ("x64",))


def missing_of(wine: Wine) -> str:
    """Return in one sentence what this Wine cannot do and what to do about it; empty when nothing is missing."""
    return (
        ""
        if "x86" in wine.widths
        else f"32-bit programs cannot be run here: there is no wine32; on Debian and Ubuntu: {_install_32()}"
    )


def _install_32() -> str:
    return f"dpkg --add-architecture i386; apt-get update; apt-get install --no-install-recommends {PACKAGES_32}"


def default_prefix(variables: Mapping[str, str]) -> Path:
    """Return where our own prefix is: in the user's state folder."""
    base = variables.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "fakebooks" / "wine"


def module_of(width: Width) -> Path:
    """Return the shipped module of a width."""
    return Path(__file__).parent / width / NAME


def is_fresh(prefix: Path, wine: Wine) -> bool:
    """Return whether the prefix has this FakeBooks' modules, of every width that Wine can run."""
    try:
        return (prefix / MARK).read_text(encoding="ascii") == _mark(wine.widths)
    except (OSError, UnicodeDecodeError):
        return False


def set_up(prefix: Path, wine: Wine, variables: Mapping[str, str]) -> None:
    """Make a prefix, or refresh one that is there: nothing else in it is touched. Takes seconds.

    Raises UserMistake when the folder cannot be written, or with what Wine said when it failed.
    """
    if prefix.is_dir() and any(prefix.iterdir()) and not (prefix / "drive_c").exists():
        raise UserMistake(
            f"{prefix} is there and is no Wine prefix", expected="a new or empty folder, or a prefix", where="--prefix"
        )
    if _is_for_32_bits(prefix):
        raise UserMistake(
            f"{prefix} is a Wine prefix for 32-bit programs only (WINEARCH=win32)",
            where="--prefix",
            expected="one for 64-bit programs, in which 32-bit ones run too",
            advice="name a new folder, and it is made",
        )
    try:
        prefix.mkdir(parents=True, exist_ok=True)
        (prefix / MARK).unlink(missing_ok=True)
    except OSError as error:
        raise UserMistake(f"{prefix} cannot be written: {error.strerror}", where="--prefix") from None
    # No display: Wine asks for none then, and shows no window while it makes a prefix. No Mono, no Gecko: it would ask to download them.
    quiet = {name: value for name, value in wine_environment(prefix, variables).items() if name != "DISPLAY"}
    # What Wine itself brings along it refreshes on its own, when its version has changed.
    if not all((_windows(prefix) / FOLDERS[width]).is_dir() for width in wine.widths):
        _run([wine.loader, "wineboot.exe", "--update"], quiet, _CREATE_LIMIT_S, "the prefix could not be made")
    for width in wine.widths:
        folder = _windows(prefix) / FOLDERS[width]
        if not folder.is_dir():
            raise UserMistake(
                f"{prefix} has no {FOLDERS[width]}: it was made by a Wine that ran programs of one width only",
                where="--prefix",
                advice="remove the folder, or name another one",
            )
        shutil.copyfile(module_of(width), folder / NAME)
        windows = f"C:\\windows\\{FOLDERS[width]}\\"
        command = [wine.loader, f"{windows}regsvr32.exe", "/s", f"{windows}{NAME}"]
        _run(command, quiet, _REGISTER_LIMIT_S, f"the {width} COM door could not be registered")
    (prefix / MARK).write_text(_mark(wine.widths), encoding="ascii")


@contextmanager
def warm(prefix: Path, wine: Wine, variables: Mapping[str, str]) -> Iterator[None]:
    """Start Wine's own helpers for the prefix, beside whatever is done meanwhile.

    They live some seconds longer than a program and hold the output they were started with, so it shall not be the program's: who reads
    that would wait for them.
    """
    command = [wine.loader, "cmd.exe", "/c", "exit"]
    nothing = subprocess.DEVNULL
    with subprocess.Popen(
        command, env=wine_environment(prefix, variables), stdin=nothing, stdout=nothing, stderr=nothing
    ) as helper:
        try:
            yield
        finally:
            try:
                helper.wait(_REGISTER_LIMIT_S)
            except subprocess.TimeoutExpired:
                helper.kill()


def wine_environment(prefix: Path, variables: Mapping[str, str], url: str | None = None) -> dict[str, str]:
    """Return the environment for a program in the prefix; what the user set for Wine's own messages and modules stays."""
    ours = {"WINEPREFIX": str(prefix.absolute())} | ({ENVIRONMENT_VARIABLE: url} if url is not None else {})
    return {"WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml=", **variables, **ours}


def wine_command(wine: Wine, command: Sequence[str], prefix: Path, variables: Mapping[str, str]) -> list[str]:
    """Return the command that runs a Windows program: a path of this machine, a Windows path, or the name of one of Windows' own.

    Raises UserMistake when none is given, when it or its script is nothing that Wine runs (`check_program`, `check_script`), or this Wine runs none
    of its width.
    """
    if not command:
        raise UserMistake("no program was given", expected="a command after --", advice="fakebooks exec --wine -- connector.exe")
    program = command[0]
    width = check_program(program, prefix, variables)
    check_script(command, prefix)
    if width is not None and width not in wine.widths:
        bits = {"x64": 64, "x86": 32}[width]
        raise UserMistake(f"{program!r} is a {bits}-bit program", expected="one of 64 bits", advice=missing_of(wine))
    here = Path(program)
    # A bare name means a program in this folder first, as on Windows.
    return [wine.loader, str(here.absolute()) if here.is_file() else program, *command[1:]]


def _is_for_32_bits(prefix: Path) -> bool:
    """Return whether a prefix was made for 32-bit programs only, as the head of its registry says."""
    try:
        with (prefix / "system.reg").open("rb") as file:
            return b"#arch=win32" in file.read(200)
    except OSError:
        return False


def _windows(prefix: Path) -> Path:
    return prefix / "drive_c" / "windows"


def _mark(widths: Sequence[Width]) -> str:
    return "".join(f"{width} {hashlib.sha256(module_of(width).read_bytes()).hexdigest()}\n" for width in widths)


def _run(command: Sequence[str], variables: Mapping[str, str], limit_s: float, failure: str) -> None:
    try:
        # Not through pipes: Wine's server inherits them, lives on for some seconds, and we would wait for it.
        code = subprocess.run(
            command,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=limit_s,
        ).returncode
    except subprocess.TimeoutExpired:
        raise UserMistake(f"{failure}: Wine did not end within {limit_s:g} s", advice=_look(command)) from None
    except OSError as error:
        raise UserMistake(f"{failure}: {command[0]} cannot be started: {error.strerror}") from None
    if code:
        raise UserMistake(f"{failure}: Wine ended with {code}", advice=_look(command))


def _look(command: Sequence[str]) -> str:
    return f"to see why, set WINEPREFIX and run: {' '.join(command)}"
