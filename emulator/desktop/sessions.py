"""What one session is: the plain object that is handed along from BeginSession to EndSession."""

from dataclasses import dataclass
from typing import Final

from emulator.desktop.authorisation import Application
from emulator.desktop.office import Mode, Opening

FILE_MODES: Final[dict[int, Mode | None]] = {0: "single", 1: "multi", 2: None}
"""What the integers of BeginSession ask for; None: the application does not care (type library, documented).

At least two public programs believe 0 is "do not care"; the journal therefore shows the integer that came.
"""


MULTI_USER: Final = 1


@dataclass(eq=False)
class Process:
    """One run of QuickBooks on a machine, from start to end.

    Attributes:
        attended: has a window that people see.
        ready: False while it starts.
        alive: False once it has gone.
    """

    attended: bool
    ready: bool = True
    alive: bool = True


@dataclass(eq=False)
class Session:
    """One application's session.

    Attributes:
        ticket: the opaque text that stands for it.
        application: who opened it.
        process: the QuickBooks it lives in; when that has gone, so has the session.
        opening: the open file it works with.
        mode_asked: the integer the application gave.
        number: counts the sessions of one QuickBooks from 1; stands in the journal in place of the ticket.
        read_only: the application asked for read-only access.
        forgotten: QuickBooks does not know its ticket any more.
    """

    ticket: str
    application: Application
    process: Process
    opening: Opening
    mode_asked: int
    number: int
    read_only: bool = False
    forgotten: bool = False
