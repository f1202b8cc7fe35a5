"""Stand-in of `win32com.client.makepy`: the type library is there without being generated."""

from __future__ import annotations

from typing import Any

import pythoncom

from win32com.client import gencache


def GenerateFromTypeLibSpec(typelibInfo: Any, *_: Any, **__: Any) -> None:  # noqa: N802, N803 - pywin32's names
    """Load a type library by its name, as it is shown in a list of them, or by (id, lcid, major, minor).

    As with pywin32 a name that no registered library has is told on the output, and nothing is raised.
    """
    if isinstance(typelibInfo, tuple):
        gencache.EnsureModule(*typelibInfo)
        return
    for id_, each in pythoncom._client().libraries.items():
        if str(typelibInfo) == each["name"]:
            gencache.load(id_)
            return
    print(f"Could not locate a type library matching '{typelibInfo}'")
