r"""What somebody gave as a Windows program, looked at before Wine is started: Wine's own exit codes say nothing of what is wrong.

A Windows program is a PE file: `MZ`, at 0x3C the place (4 bytes, little end first) of `PE\0\0`, behind that the header (Microsoft's "PE
Format"): the machine it is for, how many sections it has, its characteristics. Of files that are none Wine runs by itself what `SCRIPTS`
names (.bat, .cmd and .vbs tried with Wine 8; .msi stands in its registry); of anything else it ends with a code of its own.
"""

import os
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Final, Literal

from emulator.core.errors import UserMistake

Width = Literal["x64", "x86"]

SCRIPTS: Final = (".bat", ".cmd", ".vbs", ".msi")
"""Endings of files that Wine runs by itself, though they are no programs."""

MACHINES: Final[Mapping[int, Width]] = {0x8664: "x64", 0x014C: "x86"}
"""Machine types of the programs that Wine runs here."""

_OTHER_MACHINES: Final = {0xAA64: "ARM64", 0xA641: "ARM64", 0x01C0: "ARM", 0x01C4: "ARM", 0x0200: "Itanium"}
_IS_DLL: Final = 0x2000
_ALIGNED_TO_MAX: Final = 0x1000
"""Most bytes that the end of a section is taken to be rounded up by; the header says how many it is."""

_INTERPRETERS: Final = ("cscript", "cscript.exe", "wscript", "wscript.exe")
_READ_BY_INTERPRETERS: Final = (".vbs", ".vbe", ".js", ".wsf")

_EXPECTED: Final = "a Windows program (.exe), or one of " + ", ".join(SCRIPTS)
_NAMES_TRIED: Final = ("", ".exe", ".com", ".bat", ".cmd")


def check_program(program: str, prefix: Path, variables: Mapping[str, str]) -> Width | None:
    """Look at what is to be run; return the width of the program, or None where only Wine knows it (a script, a name of Windows' own).

    Args:
        program: a path of this machine, a Windows path, or a name, which is looked for in this folder first, as on Windows.
        prefix: where Windows paths and names lead; what is not made yet is not looked at.
        variables: the environment; WINEPATH has further folders for names.

    Raises:
        UserMistake: it is not there, is a folder, is cut short, or is no program that Wine runs: with what it is.
    """
    if re.search(r"[\\/]|^[A-Za-z]:", program):
        place = _place(program, prefix)
        return None if place is None else _looked_at(program, place)
    for ending in _NAMES_TRIED:
        here = Path(program + ending)
        if program and (here.is_file() or (here.is_dir() and not ending and not _is_of_windows(program, prefix, variables))):
            return _looked_at(program, here)
    if not _is_of_windows(program, prefix, variables):
        raise UserMistake(
            f"the program {program!r} is not there, neither in this folder nor on the PATH of {prefix}", expected=_EXPECTED
        )
    return None


def check_script(command: Sequence[str], prefix: Path) -> None:
    """Look at the script that Windows' own interpreter is to run, or that is run by itself.

    Wine's interpreter (observed: Wine 8) says nothing of a script that is not there, nor of one in UTF-16, which that of Windows reads: it
    does nothing and ends with 0. Raises UserMistake for both.
    """
    name = re.split(r"[\\/]", command[0])[-1].casefold()
    if name in _INTERPRETERS:
        script = next((word for word in command[1:] if not word.startswith("/") or Path(word).exists()), None)
    else:
        script = command[0] if name.endswith(_READ_BY_INTERPRETERS) else None
    path = _place(script, prefix) if script else None
    if path is None:
        return
    if not path.is_file():
        raise UserMistake(
            f"the script {script!r} {'is a folder' if path.is_dir() else 'is not there'}", expected="a script's path"
        )
    with path.open("rb") as file:
        if file.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            raise UserMistake(
                f"the script {script!r} is written in UTF-16, which Wine's interpreter does not read",
                expected="one in the code page of the machine, or in ASCII",
                advice=f"write it anew: iconv -f UTF-16 -t WINDOWS-1252 {path.name}",
            )


def _place(name: str, prefix: Path) -> Path | None:
    """Return where a path of this machine or a Windows path leads; None where only Wine knows."""
    if re.match(r"[A-Za-z]:[\\/]", name):
        drive = prefix / "dosdevices" / name[:2].lower()
        return _found(drive, name[3:]) if drive.exists() else None
    if name.startswith("\\") or re.match(r"[A-Za-z]:", name):
        return None  # of another machine, or below where some drive stands: Wine's to find
    return _found(Path(), name) if "\\" in name else Path(name)


def _found(folder: Path, rest: str) -> Path:
    """Return where the rest of a Windows path leads below a folder, in whatever letters it is written."""
    place = folder
    for part in filter(None, re.split(r"[\\/]", rest)):
        inner = place / part
        if not inner.exists() and place.is_dir():
            inner = next((each for each in _inside(place) if each.name.casefold() == part.casefold()), inner)
        place = inner
    return place


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


# ---- names --------------------------------------------------------------------------------------------------------------------


def _is_of_windows(name: str, prefix: Path, variables: Mapping[str, str]) -> bool:
    """Return whether the prefix may have a program of this name; True as well where that cannot be told."""
    windows = prefix / "drive_c" / "windows"
    if not name or not windows.is_dir():
        return bool(name)
    keys = list(_keys(prefix))
    named = tuple(f"app paths\\\\{name.casefold()}{ending}]" for ending in _NAMES_TRIED)
    if any(each in head for head, _ in keys for each in named):
        return True
    folders = [windows / "system32", windows]
    paths = [_PATH.findall(values) for head, values in keys if "environment]" in head]
    for path in [variables.get("WINEPATH", ""), *(each for found in paths for each in found)]:
        for each in filter(None, path.replace("\\\\", "\\").split(";")):
            plain = re.sub(r"(?i)%(systemroot|windir)%", r"c:\\windows", each)
            drive = prefix / "dosdevices" / plain[:2].lower()
            if "%" in plain or not re.match(r"[A-Za-z]:\\", plain) or not drive.exists():
                return True  # a folder that only Wine finds
            folders.append(_found(drive, plain[3:]))
    return any(_found(folder, name + ending).is_file() for folder in folders for ending in _NAMES_TRIED)


def _keys(prefix: Path) -> Iterator[tuple[str, str]]:
    """Yield the keys of a prefix's registry, each with its values, in small letters."""
    for name in ("system.reg", "user.reg"):
        try:
            text = (prefix / name).read_text(encoding="utf-8", errors="replace").casefold()
        except OSError:
            continue
        for key in text.split("\n["):
            head, _, values = key.partition("\n")
            yield head, values


_PATH: Final = re.compile(r'^"path"=(?:str\(2\):)?"(.*)"$', re.MULTILINE)


# ---- files --------------------------------------------------------------------------------------------------------------------


def _looked_at(program: str, path: Path) -> Width | None:
    if path.is_dir():
        raise UserMistake(f"the program {program!r} is a folder", expected=_EXPECTED)
    if not path.is_file():
        raise UserMistake(f"the program {program!r} is not there", expected=_EXPECTED)
    try:
        with path.open("rb") as file:
            start = file.read(64)
            if start[:2] == b"MZ":
                return _width_of(program, file, start)
    except OSError as error:
        raise UserMistake(f"the program {program!r} cannot be read: {error.strerror}", expected=_EXPECTED) from None
    if path.suffix.casefold() in SCRIPTS:
        return None
    raise _no_program(program, path, start)


def _no_program(program: str, path: Path, start: bytes) -> UserMistake:
    """Return what to say of a file that begins with other bytes than a program does."""
    advice = ""
    if start[:4] == b"\x7fELF":
        kind, advice = "is a program for Linux", f"run it without --wine: fakebooks exec -- {program}"
    elif start[:2] == b"#!":
        kind, advice = "is a script for Linux", f"run it without --wine: fakebooks exec -- {program}"
    elif path.suffix.casefold() == ".py":
        kind, advice = "is a Python script", f"name its interpreter first; one for Linux: fakebooks exec -- python {program}"
    elif path.suffix.casefold() in (".js", ".wsf"):
        kind, advice = "is a script", f"name its interpreter first: fakebooks exec --wine -- cscript /nologo {program}"
    elif not start:
        kind = "is empty"
    else:
        kind = f"is no Windows program: it begins with {start[:8]!r}, and one begins with {b'MZ'!r}"
    return UserMistake(f"{program!r} {kind}", expected=_EXPECTED, advice=advice)


def _width_of(program: str, file: BinaryIO, start: bytes) -> Width:
    """Return the width of a program that begins with MZ. Raises UserMistake: it is cut short, for another machine, or no program."""
    size = os.fstat(file.fileno()).st_size
    place = struct.unpack_from("<I", start, 0x3C)[0] if len(start) == 64 else 0
    file.seek(place)
    header = file.read(24)
    if len(start) < 64 or (place >= 64 and len(header) < 24):
        raise _cut(program, size)
    if header[:4] != b"PE\0\0":
        raise UserMistake(
            f"{program!r} is a program for MS-DOS, or for a Windows of 16 bits: it has no PE header", expected=_EXPECTED
        )
    machine, sections, _, _, _, optional, characteristics = struct.unpack_from("<HHIIIHH", header, 4)
    if characteristics & _IS_DLL:
        raise UserMistake(f"{program!r} is a DLL, which does not run by itself", expected=_EXPECTED)
    if machine not in MACHINES:
        told = _OTHER_MACHINES.get(machine, f"machines of type {machine:#06x}")
        raise UserMistake(f"{program!r} is a Windows program for {told}", expected="one for x64 or x86")
    head, table = file.read(optional), file.read(40 * sections)
    if len(head) < optional or len(table) < 40 * sections or optional < 40:
        raise _cut(program, size)
    aligned_to = min(struct.unpack_from("<I", head, 36)[0], _ALIGNED_TO_MAX)
    parts = [struct.unpack_from("<II", table, 40 * number + 16) for number in range(sections)]
    end = max((length + begin for length, begin in parts if length and begin), default=0)
    if end > size + aligned_to - 1:
        raise _cut(program, size, end)
    return MACHINES[machine]


def _cut(program: str, size: int, expected: int = 0) -> UserMistake:
    whole = f", of at least {expected}" if expected else ""
    return UserMistake(
        f"{program!r} is cut short: it begins as a Windows program does, and ends after {size} bytes{whole}",
        expected="a whole program",
        advice="copy it, or build it, again",
    )
