"""Stand-in of pywin32's `win32com.client`: the ways to make an object, and the constants of the type library."""

from __future__ import annotations

import sys
from typing import Any

import pythoncom
import pywintypes
from _fakebooks_variants import VARIANT  # type: ignore[import-not-found]

from win32com.client import dynamic, early
from win32com.client.early import CoClassBaseClass, DispatchBaseClass

__all__ = ["VARIANT", "CoClassBaseClass", "DispatchBaseClass", "dynamic", "gencache", "pythoncom", "pywintypes", "sys"]

VARIANT.__module__ = __name__


class Constants:
    """The names of all enumerations of the type libraries loaded so far."""

    def __init__(self) -> None:
        self.__dicts__: list[dict[str, int]] = []

    def __getattr__(self, name: str) -> int:
        for names in self.__dict__["__dicts__"]:
            if name in names:
                value: int = names[name]
                return value
        raise AttributeError(name)


constants = Constants()

from win32com.client import gencache  # noqa: E402 - it fills the constants


class CDispatch(dynamic.CDispatch):  # type: ignore[misc] # mypy does not look into this folder
    """A late-bound object; what it gives is bound early where the type library was loaded."""

    def _wrap_dispatch_(self, value: Any, userName: Any = None, returnCLSID: Any = None) -> Any:  # noqa: N803 - pywin32's names
        return Dispatch(value, userName)


def Dispatch(  # noqa: N802 - pywin32's name
    dispatch: Any,
    userName: Any = None,  # noqa: N803 - pywin32's names
    resultCLSID: Any = None,  # noqa: N803
    typeinfo: Any = None,
    clsctx: int = pythoncom.CLSCTX_SERVER,
) -> Any:
    """Make an object by its name: late-bound, or early-bound once its type library is loaded, as pywin32 does. Raises com_error."""
    name = dynamic.user_name(dispatch, userName)
    bare = dynamic.good_dispatch(dispatch, clsctx)
    kind = early.classes(bare._interface)
    return kind(bare) if kind is not None else dynamic.Dispatch(bare, name, CDispatch)


def DispatchEx(  # noqa: N802 - pywin32's name
    clsid: Any,
    machine: str | None = None,
    userName: Any = None,  # noqa: N803 - pywin32's names
    resultCLSID: Any = None,  # noqa: N803
    typeinfo: Any = None,
    clsctx: int | None = None,
) -> Any:
    """Make an object, on this machine; the request processor lives in the caller's process, so this is `Dispatch`. Raises com_error."""
    context = pythoncom.CLSCTX_SERVER if clsctx is None else clsctx
    where = None if machine is None else (machine,)
    bare = pythoncom.CoCreateInstanceEx(clsid, None, context, where, (pythoncom.IID_IDispatch,))[0]
    return Dispatch(bare, clsid if userName is None else userName)


def EnsureDispatch(prog_id: Any, bForDemand: int = 1) -> DispatchBaseClass:  # noqa: N802, N803 - pywin32's names
    """Make an early-bound object and load its type library, so that `constants` has its names. Raises com_error."""
    return gencache.EnsureDispatch(prog_id, bForDemand)


def CastTo(ob: Any, target: str, typelib: Any = None) -> Any:  # noqa: N802 - pywin32's name
    """Return an object seen through another of its interfaces. Raises ValueError for a name that no interface of its library has."""
    bound = ob if isinstance(ob, DispatchBaseClass) else gencache.EnsureDispatch(ob)
    module = gencache.GetModuleForCLSID(bound.CLSID)
    if module is None or target not in module.NamesToIIDMap:
        raise ValueError(f"The interface name '{target}' does not appear in the same library as object '{bound!r}'")
    return getattr(module, target)(bound)


def DispatchWithEvents(clsid: Any, user_event_class: type) -> Any:  # noqa: N802 - pywin32's name
    """Refuse, as pywin32 does: the request processor has no events. Raises ValueError."""
    gencache.EnsureDispatch(clsid)
    raise ValueError("This COM object does not support events.")


WithEvents = DispatchWithEvents


def getevents(clsid: Any) -> None:
    """Return what a class sends events to: the request processor has none. Raises com_error for a name that is no class."""
    pywintypes.IID(clsid)


def GetActiveObject(Class: Any, clsctx: int = pythoncom.CLSCTX_ALL) -> Any:  # noqa: N802, N803 - pywin32's names
    """Refuse, as COM does: the request processor is never in the table of running objects. Raises com_error."""
    return pythoncom.GetActiveObject(Class)


def Moniker(Pathname: str, clsctx: int = pythoncom.CLSCTX_ALL) -> Any:  # noqa: N802, N803 - pywin32's names
    """Refuse, as COM does: no object has such a name. Raises com_error."""
    return pythoncom.MkParseDisplayName(Pathname)


def GetObject(Pathname: str | None = None, Class: Any = None, clsctx: int | None = None) -> Any:  # noqa: N802, N803
    """Find a running object by its class, or one by its name; there is none. Raises com_error."""
    if (Pathname is None) == (Class is None):
        raise ValueError("You must specify a value for Pathname or Class, but not both.")
    return Moniker(Pathname) if Pathname is not None else GetActiveObject(Class)
