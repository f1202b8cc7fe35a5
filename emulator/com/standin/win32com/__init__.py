"""Stand-in of pywin32's `win32com` for programs that talk to QuickBooks, on any system, through FakeBooks."""

from __future__ import annotations

import tempfile
from pathlib import Path

__gen_path__ = str(Path(tempfile.gettempdir()) / "gen_py")
"""Where pywin32 keeps what it makes of type libraries; nothing is written there here."""
