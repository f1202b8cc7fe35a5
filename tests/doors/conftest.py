"""The prefix of the tests of Windows programs serves here as well; a machine without Wine skips what needs it, by name."""

from com.wine.conftest import windows

__all__ = ["windows"]
