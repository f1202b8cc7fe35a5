"""Files that are put in place whole or not at all: written under a second name in the same folder, then moved over the one before.

What stands at the path is treated as a program that opens it for writing treats it: behind a link the link's target is replaced and the
link stays, a device or a pipe is written to, and a file that may not be written to is refused, to root as well.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from typing import Mapping


def put(contents: Mapping[Path, bytes]) -> None:
    """Write files: all of them are whole before the first one is moved into place. Raises OSError, which names the file."""
    coming: list[tuple[Path, Path, Path]] = []
    direct: list[Path] = []
    path = Path()
    try:
        for path, content in contents.items():
            if _is_special(path):
                direct.append(path)
                continue
            place = place_of(path)
            half = _beside(place)
            coming.append((path, place, half))
            _write(half, content, place)
        for path, place, half in coming:  # noqa: B007 - a failure names the path
            half.replace(place)
        for path in direct:
            with path.open("wb") as file:
                file.write(contents[path])
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from None
    finally:
        for _, _, half in coming:
            with contextlib.suppress(OSError):
                half.unlink()


def check(path: Path) -> None:
    """Find out whether `put` could write a file, and change nothing. Raises OSError, which names the file."""
    try:
        if _is_special(path):
            _refuse_protected(path)
            return
        place = place_of(path)
        half = _beside(place)
        _write(half, b"", place)
        half.unlink()
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from None


def place_of(path: Path) -> Path:
    """Return where a file is put: the path, or what its link points to. Raises OSError: a folder, a link to itself, a protected file."""
    try:
        place = path.resolve()
        going_round = place.is_symlink()
    except (RuntimeError, OSError):  # an older Python raises RuntimeError
        going_round = True
    if going_round:
        raise OSError(errno.ELOOP, "it is a link that leads to no file; remove it, or give another name", str(path))
    if place.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder; add a name to it", str(path))
    if place.exists():
        _refuse_protected(place)
    return place


def _is_special(path: Path) -> bool:
    """Return whether a path is that of a device, a pipe or a socket. `/dev/stdout` is one where it leads to one."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _refuse_protected(place: Path) -> None:
    # Root may write to everything, and meant to protect what is protected nevertheless.
    if not place.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(str(place), os.W_OK):
        raise PermissionError(errno.EACCES, "it is protected from writing; make it writable, or give another name", str(place))


def _beside(place: Path) -> Path:
    return place.with_name(f".{place.name[:32]}.{os.urandom(4).hex()}.half")


def _write(half: Path, content: bytes, place: Path) -> None:
    """Write a file that is not there yet, readable by those who may read the one whose place it takes. Raises OSError."""
    descriptor = os.open(str(half), os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if place.exists():
            half.chmod(stat.S_IMODE(place.stat().st_mode))
    except BaseException:
        with contextlib.suppress(OSError):
            half.unlink()
        raise
