"""The way from the connector to QuickBooks: begin a session, process documents, end it. Two twins with one face.

- `ComLink`: one dedicated thread, a single-threaded apartment, which talks through the names of pywin32. It runs unmodified on Windows
  against the real QuickBooks and on Linux against the stand-in for pywin32.
- `MemoryLink`: awaits the desktop driver of the same process, for the virtual clock.

Every call has a limit. When it passes, the outcome of a write is unknown. The caller who gave up makes no second call beside the first
on the same object: the thread (or the object) is given up, and the next session is made by a new one. QuickBooks itself works on one
request at a time in the order of arrival (documented by integrators), so a question asked in the new session is answered after the
abandoned request, and its answer is the truth about it.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from emulator.core.clock import Clock
from emulator.desktop.driver import Driver
from emulator.desktop.operations import Operation
from emulator.desktop.results import Code, SessionFailure, proves_nothing_done

if TYPE_CHECKING:  # a connector with the real link needs none of the emulated QuickBooks
    from emulator.desktop.request_processor import RequestProcessor

Value = TypeVar("Value")

LOCAL_CONNECTION: Final = 1
"""localQBD (type library)."""

FILE_MODES: Final = {"single-user": 0, "multi-user": 1, "do-not-care": 2}
"""File modes of BeginSession (type library)."""

BEGIN_LIMIT_S: Final = 120.0
"""Story seconds for connecting: QuickBooks starts in 15 to 60 s (practice of integrators), and somebody may have to close a dialog."""

PROCESS_LIMIT_S: Final = 90.0
"""Story seconds for one request: the wait integrators advise (reported)."""

END_LIMIT_S: Final = 15.0
"""Story seconds for saying goodbye; a QuickBooks that does not even take that is left (our choice)."""

THREAD_NAME: Final = "QuickBooks"
"""What threads that belong to COM are called."""

NO_ANSWER: Final = "no-answer"
"""Our code for a call that did not come back within its limit."""

NO_COM: Final = "no-com"
"""Our code for a Python without pywin32 (or its stand-in)."""


class LinkFailed(Exception):  # noqa: N818 - it is named for what happened
    """A call to QuickBooks failed as a whole.

    Attributes:
        code: result code (`0x80040408`) or one of ours (`no-answer`, `no-com`).
        reason: what QuickBooks (or Windows) said.
        outcome_unknown: True when a write may have been done.
    """

    def __init__(self, code: str, reason: str, *, outcome_unknown: bool = False) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason
        self.outcome_unknown = outcome_unknown


@dataclass(frozen=True)
class Login:
    """How the connector presents itself.

    Attributes:
        application: its name, as QuickBooks lists it.
        company_file: Windows path of the company file; empty for the one that is open.
        mode: one of FILE_MODES.
    """

    application: str = "FakeBooks Connector"
    company_file: str = ""
    mode: str = "do-not-care"


@dataclass(frozen=True)
class Limits:
    """Story seconds for each class of call."""

    begin_s: float = BEGIN_LIMIT_S
    process_s: float = PROCESS_LIMIT_S
    end_s: float = END_LIMIT_S


class QuickBooksLink(Protocol):
    """One connection to QuickBooks; used by one task at a time. Every method raises LinkFailed."""

    async def begin(self) -> str:
        """Open connection and session; return the path of the company file the session is in (empty when it cannot be told)."""

    async def process(self, document: str) -> str:
        """Give one qbXML document to QuickBooks and return its answer document."""

    async def end(self) -> None:
        """End session and connection; a link that has none is left as it is. Never raises for what the other side does."""

    async def vanish(self) -> None:
        """Let go of everything without a word, as Windows does for a process that died."""


# ---- in memory -------------------------------------------------------------------------------------------------------------


class MemoryLink:
    """The link inside one process: operations of the desktop room, performed by its driver.

    Args:
        driver: performs operations on the clock of the world.
        make_processor: makes a request processor object for each session, as a COM client would.
        login: name, file, mode.
        limits: how long calls may take.
    """

    def __init__(
        self,
        driver: Driver,
        make_processor: "Callable[[], RequestProcessor]",
        login: Login,
        limits: Limits | None = None,
    ) -> None:
        self._driver = driver
        self._make_processor = make_processor
        self._login = login
        self._limits = limits or Limits()
        self._processor: RequestProcessor | None = None
        self._ticket = ""

    async def begin(self) -> str:
        """Open connection and session."""
        await self.end()
        processor = self._processor = self._make_processor()
        limit_s = self._limits.begin_s
        await self._perform(processor.open_connection_2("", self._login.application, LOCAL_CONNECTION), limit_s)
        path, mode = self._login.company_file, FILE_MODES[self._login.mode]
        self._ticket = await self._perform(processor.begin_session(path, mode), limit_s)
        return await self._perform(processor.get_current_company_file_name(self._ticket), limit_s)

    async def process(self, document: str) -> str:
        """Give one document to QuickBooks."""
        if self._processor is None or not self._ticket:
            raise LinkFailed(Code.NO_SESSION, "there is no session")
        return await self._perform(self._processor.process_request(self._ticket, document), self._limits.process_s, writes=True)

    async def end(self) -> None:
        """End session and connection."""
        processor, ticket, self._processor, self._ticket = self._processor, self._ticket, None, ""
        if processor is None:
            return
        with suppress(LinkFailed):  # a session that QuickBooks has lost needs no end
            if ticket:
                await self._perform(processor.end_session(ticket), self._limits.end_s)
        with suppress(LinkFailed):
            await self._perform(processor.close_connection(), self._limits.end_s)
        with suppress(LinkFailed):
            await self._perform(processor.release(), self._limits.end_s)

    async def vanish(self) -> None:
        """Let go of the object without a word."""
        processor, self._processor, self._ticket = self._processor, None, ""
        if processor is not None:
            await self._driver.perform(processor.release("the program is gone"))

    async def _perform(self, operation: Operation[Value], limit_s: float, *, writes: bool = False) -> Value:
        try:
            async with self._driver.clock.limit(limit_s):
                return await self._driver.perform(operation)
        except TimeoutError:
            # The object may be in the middle of something for ever: it is dropped, the next session makes another.
            await self.vanish()
            raise LinkFailed(NO_ANSWER, f"no answer within {limit_s:g} s", outcome_unknown=writes) from None
        except SessionFailure as failure:
            unknown = writes and not proves_nothing_done(failure.code)
            raise LinkFailed(str(failure.code), failure.description(), outcome_unknown=unknown) from failure


# ---- COM -------------------------------------------------------------------------------------------------------------------


class ComLink:
    """The link over COM, through pywin32's names: `QBXMLRP2.RequestProcessor` in a thread of its own.

    Args:
        clock: for limits.
        login: name, file, mode.
        limits: how long calls may take.
        program_id: class of the request processor.
    """

    def __init__(
        self,
        clock: Clock,
        login: Login,
        limits: Limits | None = None,
        program_id: str = "QBXMLRP2.RequestProcessor",
    ) -> None:
        self._clock = clock
        self._login = login
        self._limits = limits or Limits()
        self._program_id = program_id
        self._apartment: _Apartment | None = None

    async def begin(self) -> str:
        """Open connection and session, in a new thread."""
        await self.end()
        apartment = self._apartment = _Apartment(self._program_id)
        path = await self._call(lambda: apartment.begin(self._login), self._limits.begin_s)
        return str(path)

    async def process(self, document: str) -> str:
        """Give one document to QuickBooks."""
        apartment = self._apartment
        if apartment is None:
            raise LinkFailed(Code.NO_SESSION, "there is no session")
        return str(await self._call(lambda: apartment.process(document), self._limits.process_s, writes=True))

    async def end(self) -> None:
        """End session and connection, and the thread."""
        if self._apartment is None:
            return
        with suppress(LinkFailed):
            await self._call(self._apartment.end, self._limits.end_s)
        if self._apartment is not None:
            self._apartment.leave()
            self._apartment = None

    async def vanish(self) -> None:
        """Give the thread up."""
        if self._apartment is not None:
            self._apartment.leave()
            self._apartment = None

    async def _call(self, work: Callable[[], Any], limit_s: float, *, writes: bool = False) -> Any:
        apartment = self._apartment
        assert apartment is not None, "a call needs a thread"
        try:
            async with self._clock.limit(limit_s):
                return await asyncio.wrap_future(apartment.hand_over(work))
        except TimeoutError:
            # The thread may hang in COM for ever; nobody calls it again. It ends by itself when its call comes back.
            apartment.leave()
            self._apartment = None
            raise LinkFailed(NO_ANSWER, f"no answer within {limit_s:g} s", outcome_unknown=writes) from None
        except LinkFailed as failure:
            unknown = writes and not proves_nothing_done(failure.code)
            raise LinkFailed(failure.code, failure.reason, outcome_unknown=unknown) from None


class _Apartment:
    """One thread with one request processor object. All of COM happens in this thread: an STA's objects may be used nowhere else."""

    def __init__(self, program_id: str) -> None:
        self._program_id = program_id
        self._work: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = queue.SimpleQueue()
        self._processor: Any = None
        self._ticket: Any = None
        self._connected = False
        # Daemon: a call that hangs in COM for ever must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name=THREAD_NAME, daemon=True)
        self._thread.start()

    def hand_over(self, work: Callable[[], Any]) -> "Future[Any]":
        """Have the thread do something; the future gets its value or LinkFailed."""
        future: Future[Any] = Future()
        self._work.put((work, future))
        return future

    def leave(self) -> None:
        """Let the thread end when it has done what it was given."""
        self._work.put(None)

    def _run(self) -> None:
        try:
            # Imported here: only a connector with a real link needs pywin32, and COM belongs to this thread alone.
            import pythoncom
            import pywintypes
        except ImportError as missing:
            self._refuse_all(LinkFailed(NO_COM, f"this Python has no pywin32 ({missing})"))
            return
        pythoncom.CoInitialize()
        try:
            while (task := self._work.get()) is not None:
                work, future = task
                if not future.set_running_or_notify_cancel():
                    continue
                try:
                    value = work()
                except pywintypes.com_error as error:
                    future.set_exception(_failure_of(error))
                except Exception as error:
                    future.set_exception(error)
                else:
                    future.set_result(value)
        finally:
            self._processor = None
            pythoncom.CoUninitialize()

    def _refuse_all(self, failure: LinkFailed) -> None:
        while (task := self._work.get()) is not None:
            if task[1].set_running_or_notify_cancel():
                task[1].set_exception(failure)

    # What follows runs in the thread.

    def begin(self, login: Login) -> str:
        """OpenConnection2, BeginSession, GetCurrentCompanyFileName."""
        import win32com.client

        self._processor = win32com.client.Dispatch(self._program_id)
        self._processor.OpenConnection2("", login.application, LOCAL_CONNECTION)
        self._connected = True
        self._ticket = self._processor.BeginSession(login.company_file, FILE_MODES[login.mode])
        return str(self._processor.GetCurrentCompanyFileName(self._ticket))

    def process(self, document: str) -> str:
        """ProcessRequest."""
        return str(self._processor.ProcessRequest(self._ticket, document))

    def end(self) -> None:
        """EndSession, CloseConnection; the second is tried also when the first fails."""
        processor, ticket, self._ticket = self._processor, self._ticket, None
        try:
            if processor is not None and ticket is not None:
                processor.EndSession(ticket)
        finally:
            if processor is not None and self._connected:
                self._connected = False
                processor.CloseConnection()


def _failure_of(error: Any) -> LinkFailed:
    """Turn pywin32's com_error (hresult, text, excepinfo, argument) into ours: the code of the exception info wins over its wrapper."""
    excepinfo = error.args[2] if len(error.args) > 2 else None
    number, text = int(error.args[0]), str(error.args[1] if len(error.args) > 1 else "")
    if excepinfo:
        number = int(excepinfo[5] or number)
        text = str(excepinfo[2] or text)
    return LinkFailed(f"0x{number & 0xFFFFFFFF:08X}", text.strip())
