"""Stand-in of pywin32's `pythoncom`: threads enter and leave COM here, and its error has its other name here."""

from __future__ import annotations

import sys
import threading
from typing import Any

from pywintypes import com_error

__all__ = [
    "COINIT_APARTMENTTHREADED",
    "COINIT_DISABLE_OLE1DDE",
    "COINIT_MULTITHREADED",
    "COINIT_SPEED_OVER_MEMORY",
    "CoCreateInstance",
    "CoGetInterfaceAndReleaseStream",
    "CoInitialize",
    "CoInitializeEx",
    "CoMarshalInterThreadInterfaceInStream",
    "CoUninitialize",
    "IID_IDispatch",
    "IID_IUnknown",
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

RPC_E_CHANGED_MODE = -2147417850
CO_E_NOTINITIALIZED = -2147221008

IID_IDispatch = "{00020400-0000-0000-C000-000000000046}"
IID_IUnknown = "{00000000-0000-0000-C000-000000000046}"

_MULTI_THREADED = "mta"

_entered = threading.local()


def CoInitialize() -> None:  # noqa: N802 - pywin32's name
    """Enter COM on this thread, as a single-threaded apartment."""
    CoInitializeEx(COINIT_APARTMENTTHREADED)


def CoInitializeEx(flags: int = COINIT_APARTMENTTHREADED) -> None:  # noqa: N802 - pywin32's name
    """Enter COM on this thread. Each entry wants a CoUninitialize; a thread that is in keeps the apartment it has."""
    multi = not flags & COINIT_APARTMENTTHREADED
    if getattr(_entered, "count", 0) > 0 and _entered.multi != multi:
        raise com_error(RPC_E_CHANGED_MODE, "Cannot change thread mode after it is set.", None, None)
    _entered.multi = multi
    _entered.count = getattr(_entered, "count", 0) + 1


def CoUninitialize() -> None:  # noqa: N802 - pywin32's name
    """Leave COM on this thread; one too many is ignored, as pywin32 does."""
    _entered.count = max(getattr(_entered, "count", 0) - 1, 0)


def PumpWaitingMessages() -> int:  # noqa: N802 - pywin32's name
    """Handle waiting window messages: there are none. Returns 0, for no WM_QUIT was seen."""
    return 0


def CoCreateInstance(clsid: Any, unkOuter: Any, context: int, iid: Any) -> Any:  # noqa: N802, N803 - pywin32's names
    """Make an object without names of its own; `win32com.client.Dispatch` gives it them. A request processor joins no other object."""
    from win32com.client import dynamic

    if unkOuter is not None:
        raise com_error(-2147221232, "Class does not support aggregation (or class object is remote)", None, None)
    return dynamic.make(clsid)


def CoMarshalInterThreadInterfaceInStream(iid: Any, unk: Any) -> Any:  # noqa: N802 - pywin32's name
    """Hand an object of this apartment to another one: returns the stream for `CoGetInterfaceAndReleaseStream` there."""
    _check_entered()
    return _Stream(getattr(unk, "_oleobj_", unk), _apartment())


def CoGetInterfaceAndReleaseStream(stream: Any, iid: Any) -> Any:  # noqa: N802 - pywin32's name
    """Take the object that another apartment handed over: a bare one, to which `win32com.client.Dispatch` gives its names."""
    from win32com.client import dynamic

    _check_entered()
    if not isinstance(stream, _Stream):
        raise TypeError("The object is not a PyIStream")
    target, stream.target = stream.target, None
    if target is None:
        raise com_error(-2147287010, "The stream was released.", None, None)
    return dynamic.Proxy(target, stream.apartment)


class _Stream:
    """An object on its way from one apartment to another; it can be taken once."""

    def __init__(self, target: Any, apartment: str) -> None:
        self.target = target
        self.apartment = apartment


def _check_entered() -> None:
    """Refuse COM on a thread that never entered it. The main thread has entered by importing this module, as with pywin32."""
    if threading.current_thread() is threading.main_thread() or getattr(_entered, "count", 0) > 0:
        return
    raise com_error(CO_E_NOTINITIALIZED, "CoInitialize has not been called.", None, None)


def _apartment() -> str:
    """Return the apartment of this thread: a thread of its own, or the one that all multi-threaded ones share."""
    if getattr(_entered, "count", 0) > 0 and _entered.multi:
        return _MULTI_THREADED
    return str(threading.get_ident())


if getattr(_entered, "count", 0) == 0:
    # Whoever imports pythoncom first has entered COM, as sys.coinit_flags says: without it a single-threaded apartment.
    CoInitializeEx(getattr(sys, "coinit_flags", COINIT_APARTMENTTHREADED))
