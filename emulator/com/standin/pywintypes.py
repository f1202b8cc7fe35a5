"""Stand-in of pywin32's `pywintypes`, as far as programs that talk to QuickBooks need it."""

from __future__ import annotations

from typing import Any


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


TRUE = True
FALSE = False
