"""Stand-in of pywin32's `pythoncom`: threads enter and leave COM here, and its error has its other name here."""

from __future__ import annotations

import threading

from pywintypes import com_error

__all__ = [
    "COINIT_APARTMENTTHREADED",
    "COINIT_DISABLE_OLE1DDE",
    "COINIT_MULTITHREADED",
    "COINIT_SPEED_OVER_MEMORY",
    "CoInitialize",
    "CoInitializeEx",
    "CoUninitialize",
    "PumpWaitingMessages",
    "com_error",
    "error",
]

COINIT_MULTITHREADED = 0
COINIT_APARTMENTTHREADED = 2
COINIT_DISABLE_OLE1DDE = 4
COINIT_SPEED_OVER_MEMORY = 8

CLSCTX_INPROC_SERVER = 1
CLSCTX_LOCAL_SERVER = 4
CLSCTX_SERVER = 21

error = com_error

_entered = threading.local()


def CoInitialize() -> None:  # noqa: N802 - pywin32's name
    """Enter COM on this thread, as a single-threaded apartment."""
    CoInitializeEx(COINIT_APARTMENTTHREADED)


def CoInitializeEx(flags: int = COINIT_APARTMENTTHREADED) -> None:  # noqa: N802 - pywin32's name
    """Enter COM on this thread. Each entry wants a CoUninitialize."""
    _entered.count = getattr(_entered, "count", 0) + 1


def CoUninitialize() -> None:  # noqa: N802 - pywin32's name
    """Leave COM on this thread; one too many is ignored, as pywin32 does."""
    _entered.count = max(getattr(_entered, "count", 0) - 1, 0)


def PumpWaitingMessages() -> int:  # noqa: N802 - pywin32's name
    """Handle waiting window messages: there are none. Returns 0, for no WM_QUIT was seen."""
    return 0


def _check_entered() -> None:
    """Refuse COM on a thread that never entered it. The main thread has entered by importing this module, as with pywin32."""
    if threading.current_thread() is threading.main_thread() or getattr(_entered, "count", 0) > 0:
        return
    raise com_error(-2147221008, "CoInitialize has not been called.", None, None)
