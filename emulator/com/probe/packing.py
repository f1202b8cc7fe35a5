"""One file of the probe, for a machine without FakeBooks: `python probe.pyz --out parity.json`. Needs the standard library only."""

from __future__ import annotations

import zipfile
from pathlib import Path

PACKAGE = "fakebooks_probe"

_MAIN = f"""import sys
try:
    from {PACKAGE}.program import main
except KeyboardInterrupt:  # it takes a while to import
    sys.exit(130)
sys.exit(main())
"""

_STAMP = (2026, 1, 1, 0, 0, 0)
"""The same file whenever it is packed."""


def pack(path: str) -> None:
    """Write the file. Raises OSError."""
    with Path(path).open("wb") as file:
        file.write(b"#!/usr/bin/env python3\n")
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr(zipfile.ZipInfo("__main__.py", _STAMP), _MAIN)
            for source in sorted(Path(__file__).parent.glob("*.py")):
                packed.writestr(zipfile.ZipInfo(f"{PACKAGE}/{source.name}", _STAMP), source.read_text(encoding="utf-8"))
