"""The parity file: what a QuickBooks answered to the cases, as JSON, written as it comes, so that a run that breaks off leaves what it has.

    {"format": "fakebooks-parity", "version": 1, "complete": true, "made": "2026-11-26T14:00:00", "run": "FB7K2",
     "about": {"library": "16.0", "product": "...", "mode": "multi", "python": "3.8.18", ...}, "ground": [STEP, ...],
     "cases": {NAME: [STEP, ...]}, "left out": {NAME: why}}

A STEP is [member, ok, value, text, seconds], as in `player.Step`; values without what differs from run to run.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .player import Step

FORMAT = "fakebooks-parity"
VERSION = 1

_PARTS = {"complete": bool, "made": str, "run": str, "about": dict, "ground": list, "cases": dict, "left out": dict}


class NotParity(ValueError):  # noqa: N818 - it is named for what was found
    """A file that is no parity file that can be read: what was found, what was expected, what to do."""


def write(path: str, record: dict[str, Any]) -> None:
    """Write a parity file; the one before stays until this one is whole. Raises OSError."""
    half = Path(path + ".half")
    with half.open("w", encoding="utf-8") as file:
        json.dump({"format": FORMAT, "version": VERSION, **record}, file, ensure_ascii=True, indent=1)
    half.replace(path)


def read(path: str) -> dict[str, Any]:
    """Read a parity file, with steps as `Step`. Raises NotParity, OSError."""
    with Path(path).open(encoding="utf-8", errors="strict") as file:
        try:
            found = json.load(file)
        except UnicodeDecodeError as error:
            raise NotParity(f"it is not text in UTF-8 (byte {error.start}); a parity file is JSON") from None
        except (ValueError, RecursionError) as error:
            raise NotParity(
                f"it is half a file, or no JSON: {error}; run the probe again, or copy the file again, whole"
            ) from None
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
