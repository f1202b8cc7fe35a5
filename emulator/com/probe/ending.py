"""How the program is asked to end, and how it shows what it does when nobody can see it."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
import types
import weakref
from typing import Any, Callable

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 + signal, as shells tell it."""

ONCE_S = 1.0
"""Signals within this time after the first are the same wish: a cancelled job tells the program, and so does the command around it."""

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
"""Requests to end; not every system has all of them."""


class Requests:
    """Turns every request to end into a KeyboardInterrupt, while it is entered. One that whoever started us ignores stays ignored.

    One that comes while an object is given up is kept until `remember` is called: Python lets no exception out of there, and prints it.

    Args:
        seconds_now: tells seconds.
    """

    def __init__(self, seconds_now: Callable[[], float] = time.monotonic) -> None:
        self._seconds_now = seconds_now
        self._first: int | None = None
        self._since = 0.0
        self._open = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Requests:
        if threading.current_thread() is threading.main_thread():
            for number in [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]:
                if signal.getsignal(number) not in (signal.SIG_IGN, None):
                    self._before[number] = signal.signal(number, self.asked)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def asked(self, number: int, where: types.FrameType | None = None) -> None:
        """Take a signal, which has come where the program stands. Raises KeyboardInterrupt, unless it would be lost there."""
        now = self._seconds_now()
        if self._first is None:
            self._first, self._since = number, now
        elif now - self._since < ONCE_S:
            return
        self._open = True
        if not _gives_up(where):
            raise KeyboardInterrupt

    def remember(self) -> None:
        """Raise KeyboardInterrupt for a request that nobody has heard."""
        if self._open:
            raise KeyboardInterrupt

    def heard(self) -> None:
        """Note that the interruption has come to where it is dealt with."""
        self._open = False

    def code(self, code: int) -> int:
        """Return an exit code, that of an interruption as the code of the signal that came first."""
        return 128 + int(self._first) if code == INTERRUPTED and self._first is not None else code


def _gives_up(where: types.FrameType | None) -> bool:
    """Return whether an object is being given up there: in its `__del__`, or by a finalizer of `weakref`."""
    while where is not None:
        code = where.f_code
        if code.co_name == "__del__" or code.co_filename == weakref.__file__:
            return True
        where = where.f_back
    return False


def shown(text: str) -> None:
    """Print a line; where it cannot be shown, this one and all others go nowhere, for the run is worth more than its progress."""
    _print(text, sys.stdout)


def complained(text: str) -> None:
    """Print a line on standard error, as `shown` does."""
    _print(text, sys.stderr)


def lenient() -> None:
    """Let a terminal that cannot show a character show its number."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError, OSError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # None without a console, another one in tests


def _print(text: str, stream: Any) -> None:
    if stream is None:  # a Windows program without a console
        return
    try:
        stream.write(text + "\n")
        stream.flush()
    except (OSError, ValueError):
        # The reader has gone, or the disk is full. What is left in the buffer must not fail once more at the end of the program.
        with contextlib.suppress(OSError, ValueError):
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, stream.fileno())
            os.close(nothing)
