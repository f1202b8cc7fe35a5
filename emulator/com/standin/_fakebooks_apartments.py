"""Who has entered COM on which thread: the apartments of a process, as pywin32 keeps them.

Each thread enters for itself; each entry wants its own end, and with a thread its entries end. Three things surprise programs, and are so here
as well (observed: pywin32 312): the thread that imported pythoncom first has entered by that, and while it is in, more entries of it count for
nothing - so one CoUninitialize there leaves COM, however often CoInitialize was called; CoInitialize on a multi-threaded thread is quiet
but no entry; and a thread that never entered belongs to the multi-threaded apartment as soon as there is one.
"""

from __future__ import annotations

import itertools
import threading
from typing import ClassVar

MULTI_THREADED = "mta"
"""The name of the apartment that all multi-threaded threads share; others are named by their thread."""


class Changed(Exception):  # noqa: N818 - it is named for what happened
    """A thread that is in wants another kind of apartment (RPC_E_CHANGED_MODE)."""


class _Stay:
    """What keeps a thread in the multi-threaded apartment: it goes with the thread, if not before."""

    living: ClassVar[set[int]] = set()  # a set, for to add and to take away is one step each, whichever thread does it

    def __init__(self) -> None:
        self.living.add(id(self))

    def __del__(self) -> None:
        self.living.discard(id(self))


_names = itertools.count(1)


class _Thread(threading.local):
    """One thread; a system gives the number of a thread that has ended to another one, so each has a name of ours."""

    def __init__(self) -> None:
        self.name = str(next(_names))
        self.count = 0
        self.multi: _Stay | None = None
        self.is_first = False  # whether it was in COM before all others
        self.is_in_as_first = False


_thread = _Thread()
_somebody_was_in = False


def enter(multi: bool) -> None:
    """Enter COM on this thread. Raises Changed."""
    global _somebody_was_in
    if _thread.is_in_as_first:
        return
    if _thread.count and (_thread.multi is not None) != multi:
        raise Changed
    if not _thread.count:
        _thread.multi = _Stay() if multi else None
    _thread.count += 1
    if not _somebody_was_in:
        _somebody_was_in = _thread.is_first = _thread.is_in_as_first = True


def leave() -> None:
    """End one entry of this thread; one too many is ignored."""
    if _thread.is_first:
        if not _thread.is_in_as_first:
            return
        _thread.is_in_as_first = False
    _thread.count = max(_thread.count - 1, 0)
    if not _thread.count:
        _thread.multi = None


def is_in() -> bool:
    """Return whether this thread may make objects."""
    return _thread.count > 0 or bool(_Stay.living)


def name() -> str:
    """Return the apartment of this thread."""
    multi = _thread.multi is not None if _thread.count else bool(_Stay.living)
    return MULTI_THREADED if multi else _thread.name
