"""Stand-in of pywin32's `pywintypes`, as far as programs that talk to QuickBooks need it: its errors, ids and times."""

from __future__ import annotations

import datetime as _datetime
import re
import time as _time
import uuid as _uuid
from typing import Any

import _fakebooks_com as _wire  # type: ignore[import-not-found]

CLASS_STRING = -2147221005
"""CO_E_CLASSSTRING: a name that is no class, or no id."""

_ID = re.compile(r"\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}")


class error(Exception):  # noqa: N801, N818 - pywin32's name
    """An error of the Windows API: args are (winerror, function name, text)."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.winerror = args[0] if args else None
        self.funcname = args[1] if len(args) > 1 else None
        self.strerror = args[2] if len(args) > 2 else None


class com_error(Exception):  # noqa: N801, N818 - pywin32's name
    """A failed COM call: args are (hresult, text, excepinfo, number of the wrong argument).

    For a failure that QuickBooks described itself, hresult is -2147352567 and excepinfo is
    (0, source, description, help file, help context, the real code); otherwise excepinfo is None. Codes are signed numbers.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        filled = (*args, None, None, None, None)[:4]
        self.hresult, self.strerror, self.excepinfo, self.argerror = filled


class PyIID:
    """The id of a class, an interface or a type library."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"IID('{self._text}')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PyIID) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


IIDType = PyIID


def IID(value: Any, is_bytes: bool = False) -> PyIID:  # noqa: N802 - pywin32's name
    """Return an id: of the text of one, or of the name of a class. Raises com_error when it is neither."""
    if isinstance(value, PyIID):
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return PyIID("{" + str(_uuid.UUID(bytes_le=bytes(value))).upper() + "}")
    text = str(value)
    if _ID.fullmatch(text):
        return PyIID(text.upper())
    try:
        known = _wire.client().names.get(text.casefold())
    except (_wire.NoWire, _wire.WireFailure):
        known = None  # where there is no QuickBooks, no class of it is known
    if known is None:
        raise com_error(CLASS_STRING, "Invalid class string", None, None)
    return PyIID(known)


def CreateGuid() -> PyIID:  # noqa: N802 - pywin32's name
    """Return a new id."""
    return PyIID("{" + str(_uuid.uuid4()).upper() + "}")


class datetime(_datetime.datetime):  # noqa: N801 - pywin32's name
    """A time as COM gives it."""

    def __repr__(self) -> str:
        return f"{__name__}.{super().__repr__()}"


TimeType = datetime


def Time(value: Any) -> datetime:  # noqa: N802 - pywin32's name
    """Return a time: of seconds since 1970, a `time.struct_time`, or a datetime."""
    if isinstance(value, _datetime.datetime):
        return datetime(*value.timetuple()[:6], value.microsecond, value.tzinfo)
    parts = value if isinstance(value, _time.struct_time) else _time.gmtime(value)
    return datetime(*parts[:6])


TRUE = True
FALSE = False
