"""The scheduler: which application runs next, one update after the other (documented), for as long as the Web Connector runs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from emulator.core.errors import UserMistake
from emulator.webconnector import switches
from emulator.webconnector.codes import Qbwc
from emulator.webconnector.processor import Processor
from emulator.webconnector.qwc import Application, NotAdded
from emulator.webconnector.registry import Entry, NotRegistered, Registry
from emulator.webconnector.result import Around, Result
from emulator.webconnector.service import ANSWER_BYTES_MAX, Limits, Service
from emulator.webconnector.session import Update

MakeProcessor = Callable[[Application], AbstractAsyncContextManager[Processor]]
"""Makes the way to QuickBooks for one update of an application. Raises NotAdded when its company file does not take the application."""


class UpdateRuns(UserMistake):
    """Another update of this user runs, or seems to: one at a time is allowed."""


@dataclass(frozen=True)
class Connector:
    """A Web Connector at work.

    Attributes:
        registry: its applications.
        make_processor: the way to QuickBooks.
        around: clock, switches, log, faults, journal.
        trust: certificates of authorities that are trusted besides the machine's own.
    """

    registry: Registry
    make_processor: MakeProcessor
    around: Around
    trust: Path | None = None

    @asynccontextmanager
    async def service(self, entry: Entry) -> AsyncIterator[Service]:
        """Make the way to the service of an application."""
        settings = self.around.settings
        service = Service(
            entry.application.url,
            self.around.clock,
            Limits(settings.number(switches.SOAP_LIMIT_S), ANSWER_BYTES_MAX),
            None,
            self.trust,
            expect_continue=settings.flag(switches.EXPECT_CONTINUE),
            send_again=settings[switches.STALE_CONNECTION] == "sent again",
        )
        try:
            yield service
        finally:
            await service.close()

    async def update(self, key: str, *, scheduled: bool = False) -> Result:
        """Run one update of an application and write down what became of it.

        Args:
            key: of the application: its AppUniqueName, or its AppName when it has none.
            scheduled: it runs by itself: an error is told once more, with QBWC1031.

        Raises:
            NotRegistered: there is no such application.
            UpdateRuns: another update of this user runs, or one died and left its mark (UpdateLock).
        """
        log, clock = self.around.log, self.around.clock
        entry = self.registry.by_key(key)
        log.line("WebServiceManager.DoUpdateSelected", f"updateWS() for application = '{entry.application.name}' has STARTED")
        take_over = self.around.settings[switches.UPDATE_LOCK] == "taken over"
        with self.registry.update_lock(log, take_over=take_over) as lock:
            if lock.why_not:
                advice = "wait until it has ended (UpdateLock)"
                if not take_over:
                    advice += f"; when none runs, --switch '{switches.UPDATE_LOCK}=taken over'"
                raise UpdateRuns(lock.why_not, str(self.registry.lock_path), advice=advice)
            where = "SOAPWebService.instantiateWebService"
            log.line(where, "Initiated connection to the following application.")
            log.line(where, f"AppName: {entry.application.name}")
            log.line(where, f"AppUniqueName (if available): {entry.key}")
            log.line(where, f"AppURL: {entry.application.url}")
            began = clock.now()
            result = await self._result(entry)
            lock.stays = result.ended == "died"
            try:
                self.registry.remember(entry.key, result, began)
            except NotRegistered:
                self._taken_out(Qbwc.NOT_REGISTERED, entry)
                result.remarks.append(f"{entry.key} was taken out while its update ran")
        if scheduled and not result.ok:
            log.code("WebServiceManager.UpdateThisScheduledApp", Qbwc.ENDED_WITH_ERROR, result.status)
        log.line("WebServiceManager.DoUpdateSelected", f"updateWS() for application = '{entry.application.name}' has COMPLETED")
        return result

    async def _result(self, entry: Entry) -> Result:
        """Run the update itself, and return what became of it."""
        application = entry.application
        try:
            password = self.registry.password(entry.key)
        except NotRegistered:
            raise
        except UserMistake as damaged:
            self.around.log.line("WebServiceManager.DoUpdateSelected", str(damaged))
            return Result(application.name, str(damaged), "error", [Qbwc.PASSWORD_NOT_READ])
        try:
            async with self.service(entry) as service, self.make_processor(application) as processor:
                return await Update(application, password, service, processor, self.around, auto_run=bool(entry.every_s)).run()
        except NotAdded as refused:
            return Result(application.name, str(refused), "error", [refused.code])

    def _taken_out(self, code: Qbwc, entry: Entry) -> None:
        self.around.log.code("WebServiceManager.UpdateThisScheduledApp", code, entry.key)

    def due_next(self) -> Entry | None:
        """Return the application that runs next by itself; None when none does."""
        waiting = [each for each in self.registry.entries() if each.next_run is not None]
        return min(waiting, key=lambda each: each.next_run or each.added, default=None)

    async def run(self, tell: Callable[[Entry, Result], None], updates_max: int | None = None) -> None:
        """Update applications as they come due, one after the other, until cancelled or none is left that runs by itself.

        Args:
            tell: hears of each update that ended.
            updates_max: ends after so many.
        """
        done = 0
        while updates_max is None or done < updates_max:
            entry = self.due_next()
            if entry is None or entry.next_run is None:
                return
            wait_s = (entry.next_run - self.around.clock.now()).total_seconds()
            if wait_s > 0:
                await self.around.clock.sleep(min(wait_s, LOOK_AGAIN_S))
                # Somebody may have added an application meanwhile.
                continue
            try:
                result = await self.update(entry.key, scheduled=True)
            except UpdateRuns:
                await self.around.clock.sleep(LOOK_AGAIN_S)
                continue
            except NotRegistered:
                # Somebody took it out since the list was read.
                self._taken_out(Qbwc.SCHEDULED_NOT_REGISTERED, entry)
                continue
            tell(self._now(entry), result)
            done += 1
            await asyncio.sleep(0)

    def _now(self, entry: Entry) -> Entry:
        """Return an application as it stands in the registry now; one that was taken out runs no more."""
        try:
            return self.registry.by_key(entry.key)
        except NotRegistered:
            return replace(entry, next_run=None)


LOOK_AGAIN_S = 60.0
"""Story seconds after which the list of applications is read anew."""
