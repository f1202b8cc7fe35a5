"""Stand-in of pywin32's `win32com` for programs that talk to QuickBooks, on any system, through FakeBooks."""

from __future__ import annotations
