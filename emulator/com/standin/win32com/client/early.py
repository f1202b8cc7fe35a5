"""Early-bound objects: what makepy generates of the type library. Names with their case, arguments by position or by name."""

from __future__ import annotations

from typing import Any

from pywintypes import com_error

from win32com.client import dynamic

LIBRARY = "QBXMLRP2 1.0 Type Library"

INTERFACES = ("IRequestProcessor2", "IRequestProcessor3", "IRequestProcessor4", "IRequestProcessor5")
"""Each has what the one before has, and more; an object has those that its class had when it came."""

_ARGUMENT_MISSING = -2147352561


class DispatchBaseClass:
    """An object of one interface."""

    def __init__(self, oobj: Any = None, interface: str = "") -> None:
        remote = dynamic.make("QBXMLRP2.RequestProcessor") if oobj is None else getattr(oobj, "_oleobj_", oobj)
        self.__dict__.update(_oleobj_=remote, _interface_=interface or f"IRequestProcessor{remote.interface}")

    def __getattr__(self, name: str) -> Any:
        remote: dynamic.Remote = self.__dict__["_oleobj_"]
        prefix = "AuthPreferences." if self._interface_.startswith("IAuth") else ""
        preferences = not prefix and name == "AuthPreferences"
        description = remote.members.get("AuthPreferences.GetIsReadOnly" if preferences else prefix + name)
        if description is None or "." in name or (not prefix and description["since"] > int(self._interface_[-1])):
            raise AttributeError(self._lacks(name))
        if preferences:
            return DispatchBaseClass(remote, "IAuthPreferences2")
        if description["kind"] == "get" and not description["arguments"]:
            return remote.call(prefix + name, description, ())
        return _Method(remote, prefix + name, description)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(self._lacks(name))

    def _lacks(self, name: str) -> str:
        return f"'{self!r}' object has no attribute '{name}'"

    def __repr__(self) -> str:
        return f"<win32com.gen_py.{LIBRARY}.{self._interface_} instance at 0x{id(self):x}>"

    def __eq__(self, other: object) -> bool:
        return getattr(other, "_oleobj_", None) is self._oleobj_

    def __hash__(self) -> int:
        return hash(self._oleobj_)


class _Method:
    """A method as makepy writes it: `def BeginSession(self, qbFileName=..., qbFileMode=...)`."""

    def __init__(self, remote: dynamic.Remote, member: str, description: dict[str, Any]) -> None:
        self._remote = remote
        self._member = member
        self._description = description

    def __call__(self, *given: Any, **named: Any) -> Any:
        names = [name for name, _ in self._description["arguments"]]
        short = self._member.rpartition(".")[2]
        if len(given) > len(names):
            raise TypeError(f"{short}() takes {len(names) + 1} positional arguments but {len(given) + 1} were given")
        arguments = dict(zip(names, given))  # noqa: B905 - Python 3.8 has no strict
        for name, value in named.items():
            if name not in names:
                raise TypeError(f"{short}() got an unexpected keyword argument '{name}'")
            if name in arguments:
                raise TypeError(f"{short}() got multiple values for argument '{name}'")
            arguments[name] = value
        for place, name in enumerate(names, 1):
            if name not in arguments:
                raise com_error(_ARGUMENT_MISSING, "Parameter not optional.", None, place)
        return self._remote.call(self._member, self._description, tuple(arguments[name] for name in names))


def cast(ob: Any, target: str) -> DispatchBaseClass:
    """Return an object seen through another of its interfaces. Raises ValueError for a name no interface has, as pywin32 does."""
    if target not in INTERFACES:
        raise ValueError(f"The interface name '{target}' does not appear in the same library as object '{ob!r}'")
    return DispatchBaseClass(ob, target)
