"""Stand-in of `win32com.client.gencache`: type libraries are loaded on demand, and kept for as long as the program runs.

With pywin32 they are kept on disk: once a program on a machine has loaded one, `Dispatch` gives early-bound objects to all. Here each
program begins as on a machine where nobody has.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pythoncom
import winerror  # type: ignore[import-untyped]
from pywintypes import IID, com_error

import win32com.client
from win32com.client import early

is_readonly = False


def GetGeneratePath() -> str:  # noqa: N802 - pywin32's name
    """Return the folder where pywin32 would keep what it made of type libraries; nothing is written here."""
    return str(win32com.__gen_path__)


def EnsureModule(typelibCLSID: Any, lcid: int, major: int, minor: int, *_: Any, **__: Any) -> ModuleType:  # noqa: N802, N803
    """Load a type library by its id and return what makepy makes of it. Raises com_error for one that is not registered."""
    id_ = str(IID(typelibCLSID))
    described = pythoncom._client().libraries.get(id_)
    if described is None or described["version"] != f"{major}.{minor}":
        raise pythoncom._failed(winerror.TYPE_E_LIBNOTREGISTERED)
    return load(id_)


def load(library: str) -> ModuleType:
    """Load a type library that is registered, by its id, so that `constants` finds the names of its enumerations."""
    module: ModuleType = early.load(library)
    constants = pythoncom._client().libraries[library]["constants"]
    if constants and constants not in win32com.client.constants.__dicts__:
        win32com.client.constants.__dicts__.append(constants)
    return module


MakeModuleForTypelib = EnsureModule


def GetModuleForTypelib(typelibCLSID: Any, lcid: int, major: int, minor: int) -> ModuleType | None:  # noqa: N802, N803
    """Return what was made of a type library; None when it was not loaded."""
    loaded: ModuleType | None = early.modules.get(str(IID(typelibCLSID)))
    return loaded


def GetClassForCLSID(clsid: Any) -> Any:  # noqa: N802 - pywin32's name
    """Return the early-bound class of a class id or an interface's; None before its type library was loaded."""
    module = GetModuleForCLSID(clsid)
    return None if module is None else module.CLSIDToClassMap[str(IID(clsid))]


def GetModuleForCLSID(clsid: Any) -> ModuleType | None:  # noqa: N802 - pywin32's name
    """Return the module that has the class of an id; None before its type library was loaded."""
    id_ = str(IID(clsid))
    found: ModuleType | None = next((each for each in early.modules.values() if id_ in each.CLSIDToClassMap), None)
    return found


def GetClassForProgID(progid: Any) -> Any:  # noqa: N802 - pywin32's name
    """Return the early-bound class of a name; None before its type library was loaded. Raises com_error for a name that is none."""
    return GetClassForCLSID(progid)


def GetModuleForProgID(progid: Any) -> ModuleType | None:  # noqa: N802 - pywin32's name
    """Return the module that has the class of a name; None for a name that is none, and before the type library was loaded."""
    try:
        return GetModuleForCLSID(progid)
    except com_error:
        return None


def EnsureDispatch(prog_id: Any, bForDemand: int = 1) -> early.DispatchBaseClass:  # noqa: N802, N803 - pywin32's names
    """Make an early-bound object, or bind one early that is there already, and load its type library. Raises com_error."""
    made = win32com.client.Dispatch(prog_id)
    if not isinstance(made, early.DispatchBaseClass):
        name = made._oleobj_._interface
        load(pythoncom._client().interfaces[name]["library"])
        made = early.classes(name)(made._oleobj_)
    return made


def Rebuild(verbose: int = 1) -> None:  # noqa: N802 - pywin32's name
    """Read the folder anew; there is nothing in it."""
