"""Stand-in of `win32com.client.gencache`: type libraries and their constants, loaded on demand as with pywin32."""

from __future__ import annotations

from typing import Any

import _fakebooks_com as wire  # type: ignore[import-not-found]

from win32com.client import dynamic

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


def EnsureDispatch(prog_id: Any, bForDemand: int = 1) -> dynamic.CDispatch:  # noqa: N802, N803 - pywin32's names
    """Make an object and load its type library."""
    made = dynamic.Dispatch(prog_id)
    load()
    return made


def EnsureModule(typelib: str, lcid: int = 0, major: int = 1, minor: int = 0, *_: Any, **__: Any) -> None:  # noqa: N802 - pywin32's name
    """Load a type library by its id; an unknown one is passed over, as pywin32 does when none is registered."""
    if typelib.upper() in LIBRARY_IDS:
        load()
