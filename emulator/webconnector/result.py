"""What an update stands in, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, Never

from emulator.core.clock import Clock
from emulator.core.journal import Journal
from emulator.core.switches import SwitchSettings
from emulator.faults import Plan
from emulator.webconnector.codes import Qbwc, sentence
from emulator.webconnector.qwclog import Log

Ended = Literal["done", "no data", "busy", "invalid user", "postponed", "error", "gave up", "died"]


@dataclass(frozen=True)
class Call:
    """One call of the service.

    Attributes:
        operation: its name.
        arguments: as they were sent, but for the password.
        answer: the texts that were answered; empty when it failed.
        failure: why there was no answer; empty when there was one.
    """

    operation: str
    arguments: tuple[str, ...]
    answer: tuple[str, ...] = ()
    failure: str = ""


OVERCOME: Final = frozenset({Qbwc.CLIENT_VERSION, Qbwc.NO_QUICKBOOKS})
"""Codes that an update meets on its way, and that do not make it one that went wrong when it ends well all the same.

After a missing clientVersion it goes on as if nothing was; after QBWC1013 connectionError may ask for another attempt (both documented).
The other codes end an update, or are of its very end: a goodbye that failed, a log that is lost.
"""


@dataclass
class Result:
    """What became of an update.

    Attributes:
        application: its name.
        status: the text in the Status column.
        ended: how it ended, in one word or two.
        codes: the Web Connector's codes, in the order they came up.
        calls: every call of the service.
        requests: how many documents QuickBooks was given by the service.
        progress: the last answer of receiveResponseXML, percent.
        company: path of the company file that was worked with.
        postponed_s: what authenticate asked to wait until the next update; None: nothing.
        every_s_least: what it asked of Every_Min at least; None: nothing.
        remarks: what people should know besides: what the service does that a stricter Web Connector would not take, what can be done.
    """

    application: str
    status: str = ""
    ended: Ended = "done"
    codes: list[Qbwc] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    requests: int = 0
    progress: int = 0
    company: str = ""
    postponed_s: int | None = None
    every_s_least: int | None = None
    remarks: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Return whether it ended as both sides wanted, also with nothing to do, and whatever it met on its way."""
        return self.ended in ("done", "no data", "busy", "postponed") and set(self.codes) <= OVERCOME

    def remark(self, text: str) -> None:
        """Add a remark, once."""
        if text not in self.remarks:
            self.remarks.append(text)

    def operations(self) -> list[str]:
        """Return the names of the calls, in order."""
        return [call.operation for call in self.calls]


@dataclass(frozen=True)
class Around:
    """What an update stands in.

    Attributes:
        clock: the story's. settings: the switches of this room. log: QWCLog.txt.
        machine: name of the machine, for the lock.
        plan: the faults; None: none.
        journal: gets a row for every call; None: none.
        tell: hears of progress: the application and the percent.
        limit_s: story seconds after which an update is ended: between two calls, also before QuickBooks is called with what the service
            asked for, or in a call of QuickBooks, which may hang; None: never.
    """

    clock: Clock
    settings: SwitchSettings
    log: Log
    machine: str = "SERVER"
    plan: Plan | None = None
    journal: Journal | None = None
    tell: Callable[[str, int], None] = lambda application, percent: None
    limit_s: float | None = None


class Ends(Exception):  # noqa: N818 - it is named for what happened
    """The update goes to its end."""

    def __init__(self, ended: Ended, status: str, *, close: bool = True) -> None:
        super().__init__(status)
        self.ended = ended
        self.status = status
        self.close = close


class Teller:
    """Says what happens in an update: in the log, and in its result.

    Args:
        log: QWCLog.txt.
        result: of the update.
    """

    def __init__(self, log: Log, result: Result) -> None:
        self.log = log
        self.result = result

    def line(self, where: str, text: str) -> None:
        """Write a line of the log."""
        self.log.line(where, text)

    def code(self, where: str, code: Qbwc, detail: str = "") -> None:
        """Write down one of the Web Connector's codes."""
        self.log.code(where, code, detail)
        self.result.codes.append(code)

    def fail(self, where: str, code: Qbwc, detail: str = "", *, close: bool = True) -> Never:
        """End the update with a code. Raises Ends."""
        self.code(where, code, detail)
        raise Ends("error", sentence(code, detail), close=close)
