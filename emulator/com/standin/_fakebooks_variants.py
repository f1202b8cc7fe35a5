"""What becomes of a Python value on its way into a COM call, in two steps, as with pywin32 on Windows.

First pywin32 makes a VARIANT. Where it knows the type that the type library wants, it makes that (`typed`), with Python's own `int()` and
`str()`: so None is the text "None", and a word where a number belongs is Python's ValueError. Where it does not know it, the value decides
(`untyped`). Then COM's Invoke changes the VARIANT into what the member takes (`changed`); that is where "Type mismatch" comes from.
Observed: pywin32 312 in a Windows Python, with our COM door under Wine (tests/com/wine/test_pywin32.py holds them against each other);
what COM itself changes is documented (VariantChangeTypeEx).
"""

from __future__ import annotations

import datetime
import decimal
import math
from typing import Any

VT_I4, VT_BSTR, VT_BOOL = 3, 8, 11

TYPES = {"text": VT_BSTR, "integer": VT_I4, "boolean": VT_BOOL}
"""The type of a VARIANT by what the table of members says."""

_LONG = range(-(2**31), 2**31)


class Marker:
    """A value that says that there is none."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return f"<{self._name} object at 0x{id(self):016X}>"


Empty = Marker("PyOleEmpty")
Missing = Marker("PyOleMissing")
ArgNotFound = Marker("ArgNotFound")
Nothing = Marker("PyOleNothing")

NOT_FOUND = Marker("DISP_E_PARAMNOTFOUND")
"""A VARIANT that says: not given (VT_ERROR)."""

NULL = Marker("VT_NULL")


class Mismatch(Exception):  # noqa: N818 - it is named for what happened
    """COM cannot change a value into what a member takes."""


class Overflow(Exception):  # noqa: N818 - it is named for what happened
    """A number is out of the range of what a member takes."""


class VARIANT:
    """A value with the type that its VARIANT shall have (`win32com.client.VARIANT`)."""

    def __init__(self, vt: int, value: Any) -> None:
        self.varianttype = vt
        self.value = value

    def __repr__(self) -> str:
        return f"win32com.client.VARIANT({self.varianttype!r}, {self.value!r})"


def typed(wanted: int, value: Any) -> Any:
    """Return what pywin32's InvokeTypes makes of a value where the type library wants a type. Raises what Python raises."""
    if value is Empty:
        return NOT_FOUND
    if wanted == VT_BSTR:
        if isinstance(value, bytes):
            raise TypeError("Objects of type 'bytes' can not be converted to Unicode.")
        return str(value)
    if wanted not in (VT_I4, VT_BOOL):
        return untyped(value)
    number = int(value)
    if number not in _LONG:
        raise OverflowError("Python int too large to convert to C long")
    return bool(number) if wanted == VT_BOOL else number


def untyped(value: Any) -> Any:
    """Return what pywin32's Invoke makes of a value. Raises TypeError for what no VARIANT can hold."""
    if isinstance(value, VARIANT):
        return typed(value.varianttype, value.value)
    if value is None:
        return NULL
    if value is ArgNotFound or value is Empty:
        return NOT_FOUND
    held = (str, bool, int, float, datetime.datetime, decimal.Decimal, bytes, bytearray, memoryview, list, tuple)
    if isinstance(value, held) or hasattr(value, "_oleobj_") or value is Nothing:
        return value
    raise TypeError(f"Objects of type '{type(value).__name__}' can not be converted to a COM VARIANT")


def changed(kind: str, value: Any) -> str:
    """Return a value as the wire writes it, changed into text, integer or boolean as COM does. Raises Mismatch, Overflow."""
    if kind == "text":
        return _text(value)
    number = _number(value)
    if kind == "boolean":
        return str(int(number != 0))
    if number not in _LONG:
        raise Overflow
    return str(number)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "-1" if value else "0"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15G}"
    if isinstance(value, decimal.Decimal):
        digits = f"{value:f}"
        return digits.rstrip("0").rstrip(".") if "." in digits else digits
    if isinstance(value, datetime.datetime):
        hour = value.hour % 12 or 12
        clock = f" {hour}:{value:%M:%S} {'PM' if value.hour >= 12 else 'AM'}" if value.time() != datetime.time() else ""
        return f"{value.month}/{value.day}/{value.year}{clock}"
    raise Mismatch


def _number(value: Any) -> int:
    """A half is rounded to the even number; a text is read as a number first; True is -1."""
    if isinstance(value, bool):
        return -1 if value else 0
    if isinstance(value, str):
        words = {"true": -1.0, "false": 0.0}
        try:
            value = words[value.casefold()] if value.casefold() in words else float(value.strip().replace("_", "?"))
        except ValueError:
            raise Mismatch from None
    if isinstance(value, (float, decimal.Decimal)) and not math.isfinite(value):
        raise Overflow
    if isinstance(value, (int, float, decimal.Decimal)):
        return round(value)
    raise Mismatch
