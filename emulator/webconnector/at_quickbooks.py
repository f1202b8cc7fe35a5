"""The side of an update to QuickBooks: its session, the lock in the company file, the first queries, and leaving all of it in order."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from datetime import datetime
from typing import Final, ParamSpec, TypeVar

from emulator.core.errors import in_one_line
from emulator.desktop import SessionFailure
from emulator.webconnector import company_file, switches
from emulator.webconnector.codes import Qbwc
from emulator.webconnector.company_file import NotRead, NotStored, failure_text
from emulator.webconnector.processor import Preferences, Processor
from emulator.webconnector.qwc import Application
from emulator.webconnector.result import Around, Ends, Teller

Arguments = ParamSpec("Arguments")
Value = TypeVar("Value")

GOODBYE_LIMIT_S: Final = 5.0
"""Story seconds that leaving QuickBooks is given, however little of the update's limit is left, or when somebody ends the program (ours)."""


class AtQuickBooks:
    """What one update does at QuickBooks.

    Args:
        application: what its .qwc says.
        processor: the way to QuickBooks.
        around: everything else.
        told: the log and the result.

    Attributes:
        ticket: of the session; empty without one.
        version: the highest qbXML version of the request processor.
        country: of the QuickBooks that answered.
    """

    def __init__(self, application: Application, processor: Processor, around: Around, told: Teller) -> None:
        self._application = application
        self._processor = processor
        self._around = around
        self._told = told
        self._began_s = around.clock.elapsed_s()
        self._connected = False
        self._locked = False
        self._hangs = False
        self.ticket = ""
        self.version = (1, 0)
        self.country = ""

    async def begin(self, company: str) -> None:
        """Open the connection, unless it is open, and begin a session in whatever mode. Raises SessionFailure."""
        application = self._application
        if not self._connected:
            wanted = Preferences(application.read_only, application.unattended, application.personal_data, application.auth_flags)
            await self._limited(self._processor.open, application.id, application.name, wanted)
            self._connected = True
        self.ticket = await self._limited(self._processor.begin, company)
        try:
            self._told.result.company = await self._limited(self._processor.company_file, self.ticket)
            self.version = company_file.highest(await self._limited(self._processor.versions, self.ticket))
        except SessionFailure:
            # The next attempt begins a session of its own.
            with suppress(SessionFailure):
                await self._limited(self._processor.end, self.ticket)
            self.ticket = ""
            raise

    async def take_lock(self) -> None:
        """Lock the company file for this application. Raises Ends when another one holds the lock, or QuickBooks refuses."""
        where = "CompanyFileLock.getLock"
        value = company_file.lock_value(self._around.machine, self._around.clock.now())
        try:
            found = (await company_file.extensions(self.ask, self._application.owner)).get(company_file.APP_LOCK, "")
            held = company_file.locked_by(found)
            if held is not None:
                self._judge_lock(where, found, *held)
            await self._write_lock(value)
        except (SessionFailure, NotStored) as failure:
            self._told.fail(where, Qbwc.FIRST_QUERIES, failure_text(failure))
        self._locked = True
        self._told.line(where, f"Got Lock = {value}")

    async def _write_lock(self, value: str) -> None:
        """Write the lock. When no answer comes, in time or at all, or it cannot be read, the lock may stand there: it is given back at the end."""
        try:
            await company_file.write_extension(self.ask, self._application.owner, company_file.APP_LOCK, value)
        except BaseException as why:
            # Only what QuickBooks refuses is surely not written.
            self._locked = isinstance(why, NotRead) or not isinstance(why, NotStored)
            raise

    def _judge_lock(self, where: str, found: str, machine: str, since: datetime) -> None:
        """Decide about a lock that is held: whether it is taken over (a choice: switch webconnector.app-lock-limit-s)."""
        age = self._around.clock.now() - since
        limit_s = self._around.settings.number(switches.LOCK_LIMIT_S)
        if machine.casefold() == self._around.machine.casefold() and age.total_seconds() >= limit_s:
            self._told.line(where, f"A lock that this machine left is taken over: {found}")
            self._told.result.remarks.append(f"a lock that a Web Connector of this machine left was taken over: {found}")
            return
        status = f"The company file is locked by a Web Connector of {machine}: {found}"
        self._told.line(where, status)
        self._told.result.remarks.append(
            f"a lock of this machine is taken over when it is {limit_s:g} s old (switch {switches.LOCK_LIMIT_S}), this one is "
            f"{age.total_seconds():.0f} s old; one of another machine never is"
        )
        raise Ends("error", status)

    async def first_queries(self) -> str:
        """Ask QuickBooks for host, company and preferences; returns the answer, which the first sendRequestXML carries."""
        where = "SOAPWebService.ProcessRequestXML"
        try:
            answer = await self.ask(company_file.first_queries(self._application.owner))
            if failed := company_file.failed_queries(answer):
                self._told.fail(where, Qbwc.FIRST_QUERIES, in_one_line(failed))
            self.country = company_file.country_of(answer)
        except (SessionFailure, NotStored) as failure:
            self._told.fail(where, Qbwc.FIRST_QUERIES, failure_text(failure))
        return answer

    async def ask(self, document: str) -> str:
        """Hand a document to QuickBooks and return its answer. Raises SessionFailure, or Ends at the limit of the update."""
        return await self._limited(self._processor.process, self.ticket, document)

    async def _limited(
        self, call: Callable[Arguments, Awaitable[Value]], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Value:
        """Call QuickBooks, and wait no longer than the update may take. A QuickBooks that hangs is not asked again.

        Raises:
            SessionFailure: the call failed.
            Ends: the limit was over before it, or came in it.
        """
        if self._around.limit_s is None:
            return await call(*args, **kwargs)
        self.check_limit()
        left_s = self._left_s()
        try:
            async with self._around.clock.limit(left_s):
                return await call(*args, **kwargs)
        except TimeoutError:
            # Of one that was given a moment only nobody knows whether it hangs: the goodbye will show it.
            self._hangs = left_s >= GOODBYE_LIMIT_S
            why = f"QuickBooks did not answer before the update's limit of {self._around.limit_s:g} s"
            self._told.line("SOAPWebService.update", why)
            raise Ends("gave up", why) from None

    def check_limit(self) -> None:
        """End an update that has taken as long as it may. Raises Ends."""
        if self._around.limit_s is not None and self._left_s() <= 0:
            raise Ends("gave up", f"the update took longer than its limit of {self._around.limit_s:g} s")

    def _left_s(self) -> float:
        assert self._around.limit_s is not None
        return self._began_s + self._around.limit_s - self._around.clock.elapsed_s()

    async def leave(self) -> None:
        """Unlock the company file, end the session, close the connection; what fails is in the log, and the rest is done all the same.

        All of it takes no longer than what is left of the update's limit, and is given `GOODBYE_LIMIT_S` at least. Of an update without a
        limit QuickBooks is waited for as long as it takes, as in every other call: whoever ends the program ends that too.
        """
        result = self._told.result
        if self._hangs:
            # Its answer would be waited for before the next call's: what it holds is dropped with the object.
            result.remark("QuickBooks hung: the lock may stay in the company file" if self._locked else "QuickBooks hung")
            return
        try:
            async with self._goodbye_limit():
                await self._say_goodbye()
        except TimeoutError:
            self._hangs = True
            self._told.code("SOAPWebService.update", Qbwc.END_FAILED, "QuickBooks did not answer in time")
            hung = "QuickBooks hung at the goodbye"
            result.remark(f"{hung}: the lock may stay in the company file" if self._locked else hung)

    def _goodbye_limit(self) -> AbstractAsyncContextManager[None]:
        if self._around.limit_s is None:
            return nullcontext()
        return self._around.clock.limit(max(self._left_s(), GOODBYE_LIMIT_S))

    async def _say_goodbye(self) -> None:
        where = "SOAPWebService.update"
        if self._locked:
            await self._unlock()
        if self.ticket:
            self._told.line(where, "Ending session to QuickBooks.")
            ticket, self.ticket = self.ticket, ""
            try:
                await self._processor.end(ticket)
            except SessionFailure as failure:
                self._told.code(where, Qbwc.END_FAILED, failure_text(failure))
        if self._connected:
            self._told.line("SOAPWebService.DisconnectFromQB", "Disconnecting from QuickBooks.")
            self._connected = False
            try:
                await self._processor.close()
            except SessionFailure as failure:
                self._told.code("SOAPWebService.DisconnectFromQB", Qbwc.END_FAILED, failure_text(failure))

    async def _unlock(self) -> None:
        where, owner = "CompanyFileLock.unsetLock", self._application.owner
        try:
            await company_file.write_extension(
                self._ask_for_goodbye, owner, company_file.APP_LOCK, str(self._around.settings[switches.UNLOCKED])
            )
        except (SessionFailure, NotStored) as failure:
            self._told.line(where, f"Company file could not be unlocked for ownerID = <{owner}>: {failure_text(failure)}")
            self._told.result.remarks.append(f"the lock may stay in the company file: {failure_text(failure)}")
            self._locked = False
            return
        self._locked = False
        self._told.line(where, f"Company file has been unlocked for ownerID = <{owner}>")
        self._told.line("SOAPWebService.update", "Company file has been unlocked.")

    async def _ask_for_goodbye(self, document: str) -> str:
        # The update's limit may be what ends it: the goodbye has its own.
        return await self._processor.process(self.ticket, document)

    async def release(self) -> None:
        """Let go of the request processor object; COM drops what a program that has gone left open."""
        await self._processor.release()
