"""The parity file: what a QuickBooks answered to the cases, as JSON, written as it comes, so that a run that breaks off leaves what it has.

    {"format": "fakebooks-parity", "version": 1, "complete": true, "made": "2026-11-26T14:00:00", "run": "FB7K2",
     "about": {"library": "16.0", "product": "...", "mode": "multi", "python": "3.8.18", ...}, "ground": [STEP, ...],
     "cases": {NAME: [STEP, ...]}, "left out": {NAME: why}}

A STEP is [member, ok, value, text, seconds], as in `player.Step`; values without what differs from run to run.
"""

from __future__ import annotations

import codecs
import contextlib
import json
from pathlib import Path
from typing import Any

from .player import Step
from .replacing import check, put

FORMAT = "fakebooks-parity"
VERSION = 1

_PARTS = {"complete": bool, "made": str, "run": str, "about": dict, "ground": list, "cases": dict, "left out": dict}


class NotParity(ValueError):  # noqa: N818 - it is named for what was found
    """A file that is no parity file that can be read: what was found, what was expected, what to do."""


def write(path: str, record: dict[str, Any]) -> None:
    """Write a parity file; the one before stays until this one is whole. Raises OSError."""
    text = json.dumps({"format": FORMAT, "version": VERSION, **record}, ensure_ascii=True, indent=1)
    put({Path(path): text.encode("ascii")})


class Keeping:
    """Where a run keeps its record.

    A file that stands at the path stays until the end, and what there is so far lies beside it, in PATH.part, where one can be written. A device or a
    pipe is written to at the end only.

    Args:
        path: of the parity file. Raises OSError when it cannot be written.
    """

    def __init__(self, path: str) -> None:
        check(Path(path))
        self.path = path
        place = Path(path)
        self._part = path + ".part"
        self._meanwhile: str | None = path
        self._is_whole = False  # whether a whole record stands there
        if place.exists():
            self._meanwhile = self._part if place.is_file() and _can_be_written(self._part) else None
            self._is_whole = place.is_file() and _is_whole(path)

    def so_far(self, record: dict[str, Any]) -> None:
        """Write what there is so far, for a run that is killed. Raises OSError."""
        if self._meanwhile is not None:
            write(self._meanwhile, record)

    def broken_off(self, record: dict[str, Any]) -> str:
        """Write the record of a run that did not come to its end, and return where: a whole one is not given for it. Raises OSError."""
        if not self._is_whole:
            self.at_the_end(record)
            return self.path
        write(self._part, record)
        return self._part

    def at_the_end(self, record: dict[str, Any]) -> None:
        """Write the record to its place. Raises OSError."""
        write(self.path, record)
        if self._meanwhile == self._part:
            with contextlib.suppress(OSError):
                Path(self._part).unlink()


def _can_be_written(path: str) -> bool:
    try:
        check(Path(path))
    except OSError:
        return False
    return True


def _is_whole(path: str) -> bool:
    try:
        return bool(read(path)["complete"])
    except (NotParity, OSError):
        return False


def read(path: str) -> dict[str, Any]:
    """Read a parity file, with steps as `Step`. Raises NotParity, OSError."""
    text = _text_of(Path(path).read_bytes())
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotParity(_HALF.format(error)) from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise NotParity(f"it is no parity file: its format is not {FORMAT!r}; `fakebooks probe --out FILE` writes one")
    if found.get("version") != VERSION:
        raise NotParity(
            f"it is a parity file of version {found.get('version')!r}, and this FakeBooks reads version {VERSION}: "
            "run the probe of this FakeBooks again"
        )
    for name, kind in _PARTS.items():
        if not isinstance(found.get(name), kind):
            raise NotParity(f"its part {name!r} is missing or is no {kind.__name__}; run the probe again")
    found["ground"] = _steps("ground", found["ground"])
    found["cases"] = {name: _steps(name, steps) for name, steps in found["cases"].items()}
    return found


_HALF = "it is half a file, or no JSON: {}; run the probe again, or copy the file again, whole"


def _text_of(content: bytes) -> str:
    """Return the text of a file: in UTF-8, or as PowerShell writes it again, with a byte order mark or in UTF-16. Raises NotParity."""
    try:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return content.decode("utf-16")
        return content[len(codecs.BOM_UTF8) :].decode() if content.startswith(codecs.BOM_UTF8) else content.decode()
    except UnicodeDecodeError as error:
        if error.encoding != "utf-8":
            raise NotParity(_HALF.format(f"its text in UTF-16 breaks off or is none (byte {error.start})")) from None
        start = error.start + (len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0)
        raise NotParity(f"it is not text in UTF-8 (byte {start}); a parity file is JSON") from None


def _steps(name: str, rows: Any) -> list[Step]:
    if not isinstance(rows, list):
        raise NotParity(f"its case {name!r} is no list of steps; run the probe again")
    steps: list[Step] = []
    for place, row in enumerate(rows, 1):
        whole = isinstance(row, list) and len(row) == 5 and isinstance(row[0], str) and isinstance(row[1], bool)
        if not whole or not isinstance(row[3], str) or not _is_seconds(row[4]):
            raise NotParity(f"step {place} of its case {name!r} is not [member, ok, value, text, seconds]; run the probe again")
        steps.append(Step(*row))
    return steps


def _is_seconds(value: Any) -> bool:
    """Return whether a value may be how long a call took: a year at most."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 31_536_000
