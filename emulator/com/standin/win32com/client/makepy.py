"""Stand-in of `win32com.client.makepy`: the type library is there without being generated."""

from __future__ import annotations

from typing import Any

from win32com.client import gencache


def GenerateFromTypeLibSpec(typelibInfo: Any, *_: Any, **__: Any) -> None:  # noqa: N802, N803 - pywin32's names
    """Load a type library by its name, as it is shown in a list of them.

    Raises TypeError for a name no registered library has, as pywin32 does when its list is empty.
    """
    if str(typelibInfo) not in (*gencache.LIBRARY_NAMES, *gencache.LIBRARY_IDS):
        raise TypeError(f"No type library matching {typelibInfo!r} was found")
    gencache.load()
