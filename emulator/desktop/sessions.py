"""What one session is: the plain object that is handed along from BeginSession to EndSession."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from emulator.desktop.authorisation import Application
from emulator.desktop.office import Mode, Opening
from emulator.desktop.processes import Process

FILE_MODES: Final[dict[int, Mode | None]] = {0: "single", 1: "multi", 2: None}
"""What the integers of BeginSession ask for; None: the application does not care (type library, documented).

At least two public programs believe 0 is "do not care"; the journal therefore shows the integer that came.
"""


MULTI_USER: Final = 1


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
        ended: its program has ended it.
        calls_left: calls for which its ticket is still good; None: it stays good.
        faults: names of the faults that made an end of it.
        since: when it began (story time).
        read_only: the application asked for read-only access.
    """

    ticket: str
    application: Application
    process: Process
    opening: Opening
    mode_asked: int
    number: int
    ended: bool = False
    calls_left: int | None = None
    faults: tuple[str, ...] = ()
    since: datetime | None = None
    read_only: bool = False

    @property
    def ticket_good(self) -> bool:
        """Return whether QuickBooks knows the ticket: until EndSession (documented); that QuickBooks lives is another question."""
        return not self.ended and self.calls_left != 0

    @property
    def granted(self) -> Application:
        """Return what the file grants the application now; what it was granted at the start when the file knows it no more."""
        return self.opening.file.authorisations.of(self.application.name) or self.application
