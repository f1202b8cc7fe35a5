"""Late-bound objects: names are looked up when they are used, without regard to case, and checked as COM checks them."""

from __future__ import annotations

import functools
import math
import os
import weakref
from collections.abc import Callable
from typing import Any

import _fakebooks_com as wire  # type: ignore[import-not-found]
import pythoncom
from pywintypes import com_error

EXCEPTION = -2147352567
UNKNOWN_CLASS = -2147221005
DISCONNECTED = -2147417848

_INTEGER_MAX = 2**32


def Dispatch(dispatch: Any, userName: str | None = None, *_: Any, **__: Any) -> CDispatch:  # noqa: N802, N803 - pywin32's names
    """Make an object by its name ("QBXMLRP2.RequestProcessor"); an object that is one already is given back.

    A bare object, as pythoncom gives it (`CoGetInterfaceAndReleaseStream`), gets its names.
    """
    if isinstance(dispatch, CDispatch):
        return dispatch
    if isinstance(dispatch, Remote):
        return CDispatch(dispatch, "", userName or "<unknown>")
    return CDispatch(make(dispatch), "", userName or str(dispatch))


def make(dispatch: Any) -> Remote:
    """Make an object by its name, without names of its own. Raises com_error."""
    pythoncom._check_entered()
    name = str(dispatch)
    try:
        client = wire.client()
    except wire.NoWire as missing:
        raise com_error(UNKNOWN_CLASS, str(missing), None, None) from None
    except wire.WireFailure as failure:
        raise as_com_error(failure) from None
    if name.casefold() not in client.progids:
        raise com_error(UNKNOWN_CLASS, "Invalid class string", None, None)
    connection = client.new_connection()
    try:
        _, identity = connection.post("/com/new", {"client": client.id, "progid": name, "thread": pythoncom._apartment()})
    except wire.WireFailure as failure:
        raise as_com_error(failure) from None
    return Remote(client, connection, identity, client.progids[name.casefold()], client.sources[name.casefold()])


def as_com_error(failure: wire.WireFailure, source: str | None = None) -> com_error:
    """Return a failure of the wire as pywin32 shows it.

    Codes of the request processor (0x800404xx, 0x80040308) come with a description and so in excepinfo; COM's own are the hresult itself.
    """
    code = int(failure.code, 16)
    signed = code - _INTEGER_MAX if code >= _INTEGER_MAX // 2 else code
    if code & 0xFFFFFF00 in (0x80040400, 0x80040300):
        return com_error(EXCEPTION, "Exception occurred.", (0, source, failure.description, None, 0, signed), None)
    return com_error(signed, failure.description, None, None)


class Remote:
    """An object on the wire, released when nothing refers to it any more: what pywin32 calls a PyIDispatch."""

    def __init__(self, client: wire.Client, connection: wire.Connection, identity: str, interface: int, source: str) -> None:
        self.client = client
        self.source = source  # what failures name as theirs
        # An older class has an older interface, without what came later.
        self.interface = interface
        self.members = {name: each for name, each in client.members.items() if each["since"] <= interface}
        self._connection = connection
        self._identity = identity
        self.release = weakref.finalize(self, _release, connection, identity, client.process)

    def apartment(self) -> str:
        """Return the apartment that calls come from: the caller's."""
        return str(pythoncom._apartment())

    def call(self, member: str, description: dict[str, Any], given: tuple[Any, ...]) -> Any:
        """Call a member; what it is given was not checked yet. Raises com_error.

        A forked child has no objects: those of its parent are disconnected from it (a process of Windows has no fork).
        """
        pythoncom._check_entered()
        if self.client.process != os.getpid():
            raise com_error(DISCONNECTED, "The object invoked has disconnected from its clients.", None, None)
        arguments, body = _arguments(description["arguments"], given)
        try:
            if len(body) > self.client.body_bytes_max:
                raise wire.WireFailure(wire.NO_MEMORY, f"A document may have {self.client.body_bytes_max} bytes here.")
            whose = {"object": self._identity, "thread": self.apartment()}
            kind, text = self._connection.post(wire.member_path(member), {**whose, **arguments}, body)
        except wire.WireFailure as failure:
            raise as_com_error(failure, self.source) from None
        return _READ[kind](text)


class Proxy(Remote):
    """An object as another apartment has it, to which it was marshalled: its calls arrive in the apartment of the object."""

    def __init__(self, target: Remote, apartment: str) -> None:
        self.client = target.client
        self.source = target.source
        self.interface = target.interface
        self.members = target.members
        self._connection = target._connection
        self._identity = target._identity
        self._target = target  # the object lives as long as its proxies
        self._apartment = apartment

    def apartment(self) -> str:
        """Return the apartment of the object."""
        return self._apartment


def _release(connection: wire.Connection, identity: str, process: int) -> None:
    # The server may close a kept connection just then. To drop an object twice does no harm; one that is not dropped keeps its session.
    for _ in range(2):
        if process != os.getpid():
            break
        try:
            connection.post("/com/release", {"object": identity})
            break
        except wire.WireFailure as failure:
            if failure.code != wire.RPC_FAILED:
                break
    connection.close()


class CDispatch:
    """An object whose members are found by name when they are used."""

    def __init__(self, remote: Remote, prefix: str, user_name: str) -> None:
        self.__dict__.update(_oleobj_=remote, _prefix_=prefix, _username_=user_name)

    def __getattr__(self, name: str) -> Any:
        remote: Remote = self.__dict__["_oleobj_"]
        if name.startswith("_") and name.endswith("_"):
            raise AttributeError(name)
        if not self._prefix_ and name.casefold() == "authpreferences" and _find(remote.members, "AuthPreferences.GetIsReadOnly"):
            return CDispatch(remote, "AuthPreferences.", "AuthPreferences")
        member = _find(remote.members, self._prefix_ + name)
        if member is None:
            raise AttributeError(f"{self._username_}.{name}")
        description = remote.members[member]
        if description["kind"] == "get" and not description["arguments"]:
            return remote.call(member, description, ())
        return functools.partial(_call, self, member)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"Property '{self._username_}.{name}' can not be set.")

    def __repr__(self) -> str:
        return f"<COMObject {self._username_}>"

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CDispatch) and (self._oleobj_, self._prefix_) == (other._oleobj_, other._prefix_)

    def __hash__(self) -> int:
        return hash((self._oleobj_, self._prefix_))


def _call(target: CDispatch, member: str, *given: Any) -> Any:
    return target._oleobj_.call(member, target._oleobj_.members[member], given)


def _find(members: dict[str, Any], name: str) -> str | None:
    folded = name.casefold()
    return next((each for each in members if each.casefold() == folded and ("." in each) == ("." in name)), None)


def _arguments(expected: list[list[str]], given: tuple[Any, ...]) -> tuple[dict[str, str], str]:
    """Check count and types as COM's Invoke does, and write the values as text."""
    if len(given) != len(expected):
        raise com_error(-2147352562, "Invalid number of parameters.", None, None)
    arguments: dict[str, str] = {}
    body = ""
    for position, ((name, kind), value) in enumerate(zip(expected, given), 1):  # noqa: B905 - Python 3.8 has no strict
        text = _as_text(kind, value)
        if text is None:
            raise com_error(-2147352571, "Type mismatch.", None, position)
        if name == "inputRequest":
            body = text
        else:
            arguments[name] = text
    return arguments, body


def _as_text(kind: str, value: Any) -> str | None:
    """Return a value as the wire writes it; None when COM could not convert it."""
    if kind == "text":
        # COM converts numbers to text; None becomes an empty BSTR.
        return "" if value is None else str(value) if isinstance(value, (str, int, float)) else None
    if isinstance(value, str):
        try:
            value = int(value)
        except ValueError:
            return None
    return str(int(value)) if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)) else None


_READ: dict[str, Callable[[str], Any]] = {
    "none": lambda text: None,
    "text": str,
    "integer": int,
    "boolean": lambda text: text == "1",
    "list": lambda text: tuple(text.split("\n")),
}
"""How each type of value is read; a SAFEARRAY of texts is a tuple in pywin32."""
