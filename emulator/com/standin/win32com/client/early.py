"""Early-bound objects: what makepy generates of a type library. A class for each interface, names with their case."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pythoncom
from pywintypes import IID, PyIID

from win32com.client import build


class DispatchBaseClass:
    """The base of the classes that are made of interfaces."""

    CLSID: PyIID
    _library_ = "unknown"
    _prop_map_get_: ClassVar[dict[str, dict[str, Any]]] = {}

    def __init__(self, oobj: Any = None) -> None:
        self.__dict__["_oleobj_"] = pythoncom.new(self.CLSID) if oobj is None else getattr(oobj, "_oleobj_", oobj)

    def __getattr__(self, name: str) -> Any:
        member = self._prop_map_get_.get(name)
        if member is None:
            raise AttributeError(f"'{self!r}' object has no attribute '{name}'")
        value = self._oleobj_.Invoke(member["dispid"], build.LCID, pythoncom.DISPATCH_PROPERTYGET, 1)
        return classes(member["declared"])(value) if "declared" in member else value

    def __setattr__(self, name: str, value: Any) -> None:
        # None of the properties of a request processor can be set.
        if name not in self.__dict__:
            raise AttributeError(f"'{self!r}' object has no attribute '{name}'")
        self.__dict__[name] = value

    def __iter__(self) -> Any:
        raise TypeError("This object does not support enumeration")

    def __dir__(self) -> list[str]:
        return sorted({*self.__dict__, *dir(type(self)), *self._prop_map_get_})

    def __repr__(self) -> str:
        return f"<win32com.gen_py.{self._library_}.{type(self).__name__} instance at 0x{id(self)}>"

    def __eq__(self, other: object) -> bool:
        return bool(self._oleobj_ == getattr(other, "_oleobj_", other))

    __hash__ = None  # type: ignore[assignment] # as with pywin32


class CoClassBaseClass:
    """The base of the classes that are made of classes: an object of its default interface is behind each."""

    CLSID: PyIID
    default_interface: Any

    def __init__(self, oobj: Any = None) -> None:
        self.__dict__["_dispobj_"] = self.default_interface(pythoncom.new(self.CLSID) if oobj is None else oobj)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.__dict__["_dispobj_"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._dispobj_, name, value)

    def __repr__(self) -> str:
        return f"<win32com.gen_py.None.{type(self).__name__}>"


def generate(library: str) -> ModuleType:
    """Return the module that makepy makes of a type library, by its id: interfaces, classes, constants."""
    known = pythoncom._client()
    described = known.libraries[library]
    major, minor = described["version"].split(".")
    made = ModuleType(f"win32com.gen_py.{library[1:-1]}x0x{major}x{minor}", described["name"])
    names: dict[str, Any] = {
        "CLSID": IID(library),
        "MajorVersion": int(major),
        "MinorVersion": int(minor),
        "LCID": 0,
        "constants": SimpleNamespace(**described["constants"]),
        "defaultNamedNotOptArg": pythoncom.Empty,
        "NamesToIIDMap": {},
        "CLSIDToClassMap": {},
    }
    made.__dict__.update(names)
    for name, interface in known.interfaces.items():
        if interface["library"] == library:
            _add(made, name, DispatchBaseClass, interface["id"], _interface(name, interface["members"], described["name"]))
            made.NamesToIIDMap[name] = interface["id"]
    for id_, each in known.classes.items():
        if each["library"] == library:
            default = getattr(made, each["interface"])
            _add(made, each["name"], CoClassBaseClass, id_, {"default_interface": default})
            default.coclass_clsid = IID(id_)
    return made


def _interface(name: str, members: dict[str, Any], library: str) -> dict[str, Any]:
    """Return what the class of an interface has: its methods as source that was run, so that their errors read as pywin32's do."""
    properties = {each: member for each, member in members.items() if member["kind"] == "get" and not member["arguments"]}
    methods = "".join(
        build.method(each, member, "defaultNamedNotOptArg", "    ") for each, member in members.items() if each not in properties
    )
    names: dict[str, Any] = {"defaultNamedNotOptArg": pythoncom.Empty}
    exec(f"class {name}:\n{methods}    pass\n", names)  # noqa: S102 - names of our own type library
    written = {each: value for each, value in vars(names[name]).items() if each in members}
    return {**written, "_prop_map_get_": properties, "_library_": library}


def _add(made: ModuleType, name: str, base: type, id_: str, has: dict[str, Any]) -> None:
    kind = type(name, (base,), {"__module__": made.__name__, "CLSID": IID(id_), **has})
    setattr(made, name, kind)
    made.CLSIDToClassMap[id_] = kind


modules: dict[str, ModuleType] = {}
"""The type libraries that were loaded, by their ids."""


def load(library: str) -> ModuleType:
    """Load a type library that is known, by its id, and return its module."""
    if library not in modules:
        modules[library] = generate(library)
    return modules[library]


def classes(name: str) -> Any:
    """Return the class of an interface of a library that was loaded; None when there is none."""
    return next((getattr(each, name) for each in modules.values() if name in each.NamesToIIDMap), None)
