"""Stand-in of `win32com.client.gencache`: type libraries and their constants, loaded on demand as with pywin32."""

from __future__ import annotations

import functools
import types
from typing import Any

import _fakebooks_com as wire  # type: ignore[import-not-found]

from win32com.client import dynamic, early

LIBRARY_NAMES = ("QBXMLRP2 1.0 Type Library", "QBXMLRP 1.1 Type Library", "{4351618F-9059-4A79-B638-DCB8B97B3262}")
LIBRARY_IDS = ("{4351618F-9059-4A79-B638-DCB8B97B3262}", "{2D0E74A9-021A-11D5-9054-00508BF70A94}")


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


def load() -> None:
    """Load the type library of the request processor."""
    if not constants.__dicts__:
        constants.__dicts__.append(wire.client().constants)


def EnsureDispatch(prog_id: Any, bForDemand: int = 1) -> early.DispatchBaseClass:  # noqa: N802, N803 - pywin32's names
    """Make an early-bound object, or bind one early that is there already, and load its type library."""
    remote = getattr(prog_id, "_oleobj_", None) or (prog_id if isinstance(prog_id, dynamic.Remote) else dynamic.make(prog_id))
    load()
    return early.DispatchBaseClass(remote)


def EnsureModule(typelib: str, lcid: int = 0, major: int = 1, minor: int = 0, *_: Any, **__: Any) -> Any:  # noqa: N802 - pywin32's name
    """Load a type library by its id and return what makepy makes of it; None for an unknown one, as pywin32 does."""
    if str(typelib).upper() not in LIBRARY_IDS:
        return None
    load()
    return module()


GetModuleForTypelib = EnsureModule


def GetClassForProgID(progid: str) -> Any:  # noqa: N802 - pywin32's name
    """Return the early-bound class of a name; None before the type library was loaded, as pywin32 does."""
    known = str(progid).casefold() in wire.client().progids
    return early.DispatchBaseClass if known and constants.__dicts__ else None


def module() -> types.ModuleType:
    """Return the module that makepy generates: a class for each interface, the classes of objects, and the constants."""
    made = types.ModuleType("win32com.gen_py.4351618F-9059-4A79-B638-DCB8B97B3262x0x1x0", early.LIBRARY)
    made.constants = types.SimpleNamespace(**wire.client().constants)  # type: ignore[attr-defined]
    for name in early.INTERFACES:
        setattr(made, name, functools.partial(early.DispatchBaseClass, interface=name))
    for name in ("RequestProcessor", "RequestProcessor2"):
        setattr(made, name, early.DispatchBaseClass)
    return made
