"""Stand-in of pywin32's `win32com.client`: the ways to make an object, and the constants of the type library."""

from __future__ import annotations

from typing import Any

import pythoncom
from pywintypes import com_error

from win32com.client import dynamic, early, gencache
from win32com.client.dynamic import CDispatch
from win32com.client.early import DispatchBaseClass
from win32com.client.gencache import constants

__all__ = [
    "CDispatch",
    "CastTo",
    "Dispatch",
    "DispatchBaseClass",
    "DispatchEx",
    "DispatchWithEvents",
    "EnsureDispatch",
    "GetActiveObject",
    "GetObject",
    "constants",
    "dynamic",
    "gencache",
    "pythoncom",
]


def Dispatch(dispatch: Any, userName: str | None = None, *_: Any, **__: Any) -> Any:  # noqa: N802, N803 - pywin32's names
    """Make an object by its name: late-bound (`CDispatch`), or early-bound once its type library is loaded, as pywin32 does."""
    if gencache.constants.__dicts__ and not isinstance(dispatch, CDispatch):
        return gencache.EnsureDispatch(dispatch)
    return dynamic.Dispatch(dispatch, userName)


def DispatchEx(clsid: Any, machine: str | None = None, userName: str | None = None, *_: Any, **__: Any) -> Any:  # noqa: N802, N803
    """Make an object in a process of its own; the request processor lives in the caller's, so this is `Dispatch`."""
    return Dispatch(clsid, userName)


def EnsureDispatch(prog_id: Any, *_: Any, **__: Any) -> early.DispatchBaseClass:  # noqa: N802 - pywin32's name
    """Make an early-bound object and load its type library, so that `constants` has its names."""
    return gencache.EnsureDispatch(prog_id)


def CastTo(ob: Any, target: str, typelib: Any = None) -> early.DispatchBaseClass:  # noqa: N802 - pywin32's name
    """Return an object seen through another of its interfaces."""
    return early.cast(ob, target)


def DispatchWithEvents(clsid: Any, user_event_class: type) -> CDispatch:  # noqa: N802 - pywin32's name
    """Refuse, as pywin32 does: the request processor has no events."""
    dynamic.Dispatch(clsid)
    raise ValueError("This COM object does not support events.")


def GetActiveObject(Class: str, clsctx: int = 0) -> CDispatch:  # noqa: N802, N803 - pywin32's names
    """Refuse, as COM does: the request processor is never in the table of running objects."""
    raise com_error(-2147221021, "Operation unavailable", None, None)


def GetObject(Pathname: str | None = None, Class: str | None = None, clsctx: int | None = None) -> CDispatch:  # noqa: N802, N803
    """Find a running object; see `GetActiveObject`."""
    return GetActiveObject(Class or Pathname or "")
