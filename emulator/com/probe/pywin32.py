"""The door of a program with pywin32: the real QuickBooks on a Windows machine, FakeBooks behind its stand-in."""

from __future__ import annotations

from typing import Any

from .player import Door, NoObject, Outcome

PROGID = "QBXMLRP2.RequestProcessor"


class Pywin32(Door):
    """Calls members of an object that pywin32 made, by their names."""

    name = "pywin32"

    def __init__(self) -> None:
        import win32com.client
        from pywintypes import com_error

        self._make = win32com.client.Dispatch
        self._error = com_error
        self._object: Any = None

    def new(self) -> None:
        """Make an object. Raises NoObject."""
        self._object = None
        try:
            self._object = self._make(PROGID)
        except Exception as error:  # com_error, and whatever else a damaged registration or an unreachable FakeBooks gives
            raise NoObject(f"no request processor can be made: {error}") from None

    def call(self, member: str, arguments: tuple[Any, ...]) -> Outcome:
        """Call a member by its name; a property that takes nothing is read."""
        target = self._object
        try:
            for name in member.split("."):
                target = getattr(target, name)
            return Outcome(True, target(*arguments) if callable(target) else target)
        except self._error as error:
            described = error.excepinfo
            code = described[5] if described else error.hresult
            return Outcome(False, "0x%08X" % (code & 0xFFFFFFFF), (described[2] if described else error.strerror) or "")
        except (TypeError, ValueError, OverflowError) as error:
            return Outcome(False, "0x80020005", f"pywin32 refused it: {error}")
        except AttributeError:
            return Outcome(False, "0x80020006", f"an older request processor: it has no {member}")

    def close(self) -> None:
        """Let the object go."""
        self._object = None
