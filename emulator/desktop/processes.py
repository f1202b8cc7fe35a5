"""One run of QuickBooks on a machine, and the windows it shows that keep calls waiting.

    closed --start--> starting --> ready ... --quit--> going down --> closed
                                     |
                                     +--crash--> closed, or a left-over process that keeps the next one from starting

What ends by itself at some moment carries that moment; whoever looks at a machine sees what has happened by now (`Machine`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

CONSOLE: Final = "console"
"""The Windows session that programs of a machine run in; a person may start QuickBooks in another one (over RDP, say)."""

WindowKind = Literal["dialog", "update", "sign-in", "log-in", "connection-lost", "utility", "preferences"]
"""What a modal window is: something a person works in, the offer of an update, Intuit's sign-in (or a subscription that ran out), the log-in
to a company file that waits for a password, the word that the connection to the company file is lost, a utility that works on the file, or
the preferences of programs."""

OF_THE_FILE: Final[frozenset[WindowKind]] = frozenset({"utility", "preferences"})
"""Windows that are about the company file that is open, and go when it is closed."""


@dataclass(eq=False)
class Dialog:
    """A modal window in QuickBooks.

    Attributes:
        title: what it says.
        hangs: True when calls wait for it without end; else they give up after `desktop.dialog-wait-s`.
        closes_at: when somebody closes it who is not played (story time); None: a person's act does.
        kind: what it is.
        user: of a log-in, the user whose password it waits for.
        faults: those that opened it; they stand in the rows of the calls that meet it.
        released: tells whether the fault that opened it is lifted: somebody closes it who is not played.
    """

    title: str
    hangs: bool = False
    closes_at: datetime | None = None
    kind: WindowKind = "dialog"
    user: str = ""
    faults: tuple[str, ...] = ()
    released: Callable[[], bool] = lambda: False

    def is_over(self, now: datetime) -> bool:
        """Return whether somebody who is not played has closed it by now."""
        return self.released() or (self.closes_at is not None and now >= self.closes_at)


@dataclass(eq=False)
class Process:
    """One run of QuickBooks on a machine, from start to end.

    Attributes:
        attended: has a window that people see.
        ready: False while it starts.
        ready_at: when its start will be over by itself; None: when somebody says so.
        alive: False once sessions cannot work with it any more: it is going down, or has gone.
        crashed: it died; one that is not alive and did not die was closed.
        ends_at: while it goes down, when it will have gone.
        windows_session: the Windows session it runs in.
        windows: what it has still to show since its start, one after the other.
        slowness_s: by how many story seconds each request takes longer; a new run begins at 0.
    """

    attended: bool
    ready: bool = True
    ready_at: datetime | None = None
    alive: bool = True
    crashed: bool = False
    ends_at: datetime | None = None
    windows_session: str = CONSOLE
    windows: list[Dialog] = field(default_factory=list)
    slowness_s: float = 0.0
