"""Operations: what takes time in QuickBooks, written as generators that say what they wait for.

A call of QuickBooks may have to wait: for its start, for a dialog that somebody must close, for the request of another program that is
served first. Such a call is a *generator operation*: it yields `Delay` or `WaitFor`, returns its value, and raises what it fails with.
It never waits by itself, so one piece of code behaves alike on the virtual clock, on the real clock and under every door; the driver
(`driver.py`) does the waiting. A dialog closed in mid-wait, a crash in mid-call and two callers at once are ordinary states here.

    caller --> driver.perform(operation) --> yields Delay / WaitFor --> driver waits --> operation goes on --> value or SessionFailure
                                                      ^
                      somebody changes the state, then calls Changes.tell()

Nothing is polled: whoever changes a state that others may wait for tells it through `Changes`.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

Value = TypeVar("Value")


class Changes:
    """Tells those who wait that something has changed; what, they find out by looking.

    One `Changes` belongs to one office. All calls happen on the thread of the loop that drives the operations.
    """

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []

    def tell(self) -> None:
        """Say that a state has changed."""
        for listener in tuple(self._listeners):
            listener()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` at each change; returns a function that ends this."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @property
    def waiting(self) -> int:
        """Return how many listen (nothing may be left behind by an operation that ended)."""
        return len(self._listeners)


@dataclass(frozen=True)
class Delay:
    """Story seconds pass."""

    seconds: float


@dataclass(frozen=True)
class WaitFor:
    """Wait until a state holds.

    Attributes:
        changes: where changes of the state are told.
        holds: looks at the state; asked again after each change.
        limit_s: story seconds after which the wait ends all the same; None waits for ever.
        for_caller: only the caller is kept waiting: when he gives up, nothing is left to be done.

    The operation is sent True when the state holds, False when the limit passed first.
    """

    changes: Changes
    holds: Callable[[], bool]
    limit_s: float | None = None
    for_caller: bool = False


Operation: TypeAlias = Generator[Delay | WaitFor, bool | None, Value]
"""A call in progress: yields waits, returns a `Value`."""


class Line:
    """One place, taken in the order of arrival: QuickBooks works on one request at a time and the others queue (documented by integrators).

    Args:
        changes: told when the place is free for the next.
    """

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._waiting: list[object] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self, operation: Operation[Value]) -> Operation[Value]:
        """Run an operation when all who came before are through. Leaves the line however the operation ends, also when it is abandoned."""
        place = object()
        self._waiting.append(place)
        try:
            if self._waiting[0] is not place:
                yield WaitFor(self._changes, lambda: self._waiting[0] is place)
            return (yield from operation)
        finally:
            operation.close()
            self._waiting.remove(place)
            self._changes.tell()
