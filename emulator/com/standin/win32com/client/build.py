"""Stand-in of `win32com.client.build`: writes methods as pywin32 does, from what the type library says of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pythoncom
from _fakebooks_variants import TYPES  # type: ignore[import-not-found]

LCID = 0

_RESULT = (pythoncom.VT_VARIANT, 0)
"""Of what a call gives the wire says the type; only that something is wanted counts here."""


def method(name: str, member: dict[str, Any], default: str, indent: str = "") -> str:
    """Return the source of a method, as makepy writes one: all its parameters may be left out, and COM says what it thinks of that."""
    kind = pythoncom.FLAG_OF_KIND[member["kind"]]
    parameters = "".join(f", {argument}={default}" for argument, _ in member["arguments"])
    types = tuple((TYPES[wanted], 1) for _, wanted in member["arguments"])
    given = "".join(f", {argument}" for argument, _ in member["arguments"])
    return (
        f"{indent}def {name}(self{parameters}):\n"
        f"{indent}    return self._oleobj_.InvokeTypes({member['dispid']}, {LCID}, {kind}, {_RESULT}, {types}{given})\n"
    )


def late_method(name: str, member: dict[str, Any]) -> Callable[..., Any]:
    """Return a method for late-bound objects, whose name is the type library's: its parameters have names."""
    return _made(name, method(name, member, "pythoncom.Missing"))


def late_call(name: str, dispid: int) -> Callable[..., Any]:
    """Return a method for late-bound objects that nothing is known of but its number."""
    call = f"self._oleobj_.Invoke({dispid}, {LCID}, pythoncom.DISPATCH_METHOD, 1, *args)"
    return _made(name, f"def {name}(self, *args):\n    return self._get_good_object_({call})\n")


@lru_cache(maxsize=256)  # `cache` is not in Python 3.8
def _made(name: str, source: str) -> Callable[..., Any]:
    """Return what source makes; every object has the same."""
    names: dict[str, Any] = {"pythoncom": pythoncom}
    exec(source, names)  # noqa: S102 - a name that our own type library has
    made: Callable[..., Any] = names[name]
    return made
