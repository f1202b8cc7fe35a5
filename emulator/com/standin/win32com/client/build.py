"""Stand-in of `win32com.client.build`: writes methods as pywin32 does, from what the type library says of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pythoncom
from _fakebooks_variants import TYPES  # type: ignore[import-not-found]

LCID = 0

_RESULT = (pythoncom.VT_VARIANT, 0)
"""Of what a call gives the wire says the type; only that something is wanted counts here."""


def signature(member: dict[str, Any], default: str) -> str:
    """Return the parameters of a method: with pywin32 all may be left out, and COM says what it thinks of that."""
    return "".join(f", {name}={default}" for name, _ in member["arguments"])


def method(name: str, member: dict[str, Any], default: str, indent: str = "") -> str:
    """Return the source of a method, as makepy writes one."""
    kind = pythoncom.DISPATCH_METHOD if member["kind"] == "method" else pythoncom.DISPATCH_PROPERTYGET
    types = tuple((TYPES[wanted], 1) for _, wanted in member["arguments"])
    given = "".join(f", {argument}" for argument, _ in member["arguments"])
    return (
        f"{indent}def {name}(self{signature(member, default)}):\n"
        f"{indent}    return self._oleobj_.InvokeTypes({member['dispid']}, {LCID}, {kind}, {_RESULT}, {types}{given})\n"
    )


def late_method(name: str, member: dict[str, Any]) -> Callable[..., Any]:
    """Return a method for late-bound objects, whose name is the type library's: its parameters have names."""
    names: dict[str, Any] = {"pythoncom": pythoncom}
    exec(method(name, member, "pythoncom.Missing"), names)  # noqa: S102 - names of our own type library
    made: Callable[..., Any] = names[name]
    return made


def late_call(name: str, dispid: int) -> Callable[..., Any]:
    """Return a method for late-bound objects that nothing is known of but its number."""
    names: dict[str, Any] = {"pythoncom": pythoncom}
    call = f"self._oleobj_.Invoke({dispid}, {LCID}, pythoncom.DISPATCH_METHOD, 1, *args)"
    exec(f"def {name}(self, *args):\n    return self._get_good_object_({call})\n", names)  # noqa: S102 - a name that our own type library has
    made: Callable[..., Any] = names[name]
    return made
