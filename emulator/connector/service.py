"""The connector as a whole: it answers calls (`core.transport.Answerer`), keeps its link to QuickBooks, and can be started, exited and killed.

Places are bounded: so many documents and so many balances are in hand at once, the next one is answered 503 at once. Balances have places
of their own, so that a flood of documents never closes the door to order entry, and the status needs no place at all. One worker talks
to QuickBooks, in the order in which the calls came (fair, first come first served).

A call that its caller gives up goes on: the write is finished and its outcome stored; the next call with the same key is told.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeVar
from urllib.parse import parse_qs, urlsplit

from emulator.connector import messages, reasons
from emulator.connector.faults import LIGHT
from emulator.connector.flaws import GREEN_LIGHT, ZERO_BALANCE, checked
from emulator.connector.intents import IntentLog
from emulator.connector.light import OFF, Light, Tray
from emulator.connector.link import LinkFailed, QuickBooksLink
from emulator.connector.messages import UnreadableAnswer
from emulator.connector.session import Session
from emulator.connector.switches import BALANCE, SWITCHES
from emulator.connector.writer import Writer
from emulator.core.clock import Clock
from emulator.core.documents import Document, Reply
from emulator.core.journal import Journal, stamp
from emulator.core.switches import SwitchSettings
from emulator.core.transport import GARBLED, Call, CallAnswer, NoAnswer
from emulator.faults import Killed, ParameterValue, Plan, raise_killed

Value = TypeVar("Value")

RESET: Final = "the connection was reset"
REFUSED: Final = "connection refused"


@dataclass(frozen=True)
class ServiceLimits:
    """How much the service takes on.

    Attributes:
        documents_max: documents in hand at once.
        balances_max: balances in hand at once, places of their own.
        balance_s: story seconds a balance may take; somebody is entering an order meanwhile.
        life_sign_s: story seconds without a call after which QuickBooks is asked for a sign of life; 0 never asks.
        exit_s: story seconds that Exit waits for the write under way.
    """

    documents_max: int = 8
    balances_max: int = 4
    balance_s: float = 5.0
    life_sign_s: float = 60.0
    exit_s: float = 20.0


class Service:
    """One connector.

    Args:
        link: the way to QuickBooks.
        log: the intent log; it outlives the service.
        clock: time.
        settings: the switches in force; None for all defaults.
        plan: faults that strike the connector itself; a user's run has none.
        die: what a kill does: ends the process, or raises Killed on the virtual clock.
        journal: gets rows of lane `connector`; None keeps quiet.
        limits: see ServiceLimits.
        flaws: deliberate mistakes (`flaws.FLAWS`).
        died: called once when the service was killed in this process.
        company_file: the company file that a person named for this connector; empty for none.
    """

    def __init__(
        self,
        link: QuickBooksLink,
        log: IntentLog,
        clock: Clock,
        *,
        settings: SwitchSettings | None = None,
        plan: Plan | None = None,
        die: Callable[[], NoReturn] | None = None,
        journal: Journal | None = None,
        limits: ServiceLimits | None = None,
        flaws: frozenset[str] = frozenset(),
        died: Callable[[], None] = lambda: None,
        company_file: str = "",
    ) -> None:
        self._link = link
        self._clock = clock
        self._settings = settings or SwitchSettings([SWITCHES])
        self._plan = plan
        self._die = die or raise_killed
        self._journal = journal
        self._limits = limits or ServiceLimits()
        self._flaws = checked(flaws)
        self._died = died
        self.tray = Tray(self._light_changed)
        self.session = Session(link, log, clock, self._session_changed, company_file)
        self._writer = Writer(self.session, log, self._strike, self._tell, clock.now, self._settings, self._flaws)
        self._worker = asyncio.Lock()
        self._documents = 0
        self._balances = 0
        self._jobs: dict[asyncio.Task[Any], None] = {}  # in the order they came: the same story ends them in the same order
        self._keeper: asyncio.Task[None] | None = None
        self._exit: asyncio.Task[None] | None = None
        self._vanishing: asyncio.Task[None] | None = None
        self._running = False
        self.killed = False

    # ---- life -----------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start: take calls, connect in the background, settle what is in doubt.

        Starting a running service does nothing (a double click); one that is just ending starts when it has ended.
        """
        assert not self.killed, "a killed process does not start again; make a new service on the same intent log"
        if self._running:
            return
        if self._exit is not None and not self._exit.done():
            self._exit.add_done_callback(lambda _: self.start())
            return
        self._running = True
        self._exit = None
        self.tray.show("connecting")
        self._keeper = asyncio.get_running_loop().create_task(self._keep())

    @property
    def running(self) -> bool:
        """Return whether calls are taken."""
        return self._running

    async def exit(self) -> None:
        """Exit, as from the tray: no new calls, the write under way is finished or left in doubt, the session is ended."""
        if self._exit is None:
            self._exit = asyncio.get_running_loop().create_task(self._end())
        await asyncio.shield(self._exit)

    async def _end(self) -> None:
        if not self._running:
            return
        self._running = False
        if self._keeper is not None:
            self._keeper.cancel()
        me = asyncio.current_task()
        under_way = [job for job in self._jobs if job is not me]
        if under_way:
            with suppress(TimeoutError):
                async with self._clock.limit(self._limits.exit_s):
                    await asyncio.wait(under_way)
        for job in under_way:
            job.cancel()  # a write that is cut off here stands as `sent` in the log: it is asked about at the next start
        await asyncio.gather(*under_way, *([self._keeper] if self._keeper else []), return_exceptions=True)
        self._keeper = None
        await self.session.end()
        self.tray.show("starting", OFF)
        self._tell("exited")

    def _kill(self) -> None:
        """The process died: nothing is cleaned up, everybody who waits is cut off."""
        self.killed = True
        self._running = False
        if self._keeper is not None:
            self._keeper.cancel()
        for job in self._jobs:
            job.cancel()
        # Windows lets go of a dead process's objects; nobody says goodbye to QuickBooks.
        self._vanishing = asyncio.get_running_loop().create_task(self._link.vanish())
        self._tell("killed")
        self._died()

    # ---- calls ----------------------------------------------------------------------------------------------------------

    async def answer(self, call: Call) -> CallAnswer:
        """Answer one call.

        Raises:
            NoAnswer: the connector is not running (`sent` False), or it died over this call (`sent` True).
        """
        if not self._running:
            raise NoAnswer(REFUSED, sent=False)
        parts = urlsplit(call.path)
        match call.method, parts.path:
            case "POST", "/v1/documents":
                return await self._document(call.body)
            case "GET", "/v1/balance":
                return await self._balance(parts.query)
            case "GET", "/v1/status":
                return self._status()
            case _, "/v1/documents" | "/v1/balance" | "/v1/status":
                return CallAnswer(405, {"reason": f"{call.method} is not for {parts.path}"})
        return CallAnswer(404, {"reason": f"there is no {parts.path}"})

    async def _document(self, body: Any) -> CallAnswer:
        try:
            document = _document_in(body)
        except ValueError as mistake:
            return CallAnswer(400, {"reason": str(mistake)})
        if self._documents >= self._limits.documents_max:
            reply = Reply(
                "unavailable", code=reasons.BUSY, reason=f"{self._documents} documents are in hand already: send it again later"
            )
            return _reply(reply)
        self._documents += 1
        job = self._start_job(self._in_turn(lambda: self._writer.write(document)))
        job.add_done_callback(self._document_done)
        return _reply(await self._outcome(job))

    def _document_done(self, _: Any) -> None:
        self._documents -= 1

    async def _balance(self, query: str) -> CallAnswer:
        customer = parse_qs(query).get("customer", [""])[0]
        if not customer or len(customer) > messages.LENGTHS["invoice"]["party"] or messages.unkept(customer):
            return CallAnswer(400, {"reason": "ask for ?customer=FULL NAME"})
        if self._balances >= self._limits.balances_max:
            return self._no_balance(reasons.BUSY, f"{self._balances} balances are asked for already")
        self._balances += 1
        job = self._start_job(self._in_turn(lambda: self._asked_balance(customer)))
        job.add_done_callback(self._balance_done)
        try:
            async with self._clock.limit(self._limits.balance_s):
                return await self._outcome(job)
        except TimeoutError:
            return self._no_balance(reasons.TOO_LATE, f"QuickBooks did not tell within {self._limits.balance_s:g} s")

    def _balance_done(self, _: Any) -> None:
        self._balances -= 1

    async def _asked_balance(self, customer: str) -> CallAnswer:
        try:
            answer = messages.read(await self.session.process(messages.balance_question(customer)))
            cents = messages.balance_cents(answer, self._settings.text(BALANCE))
        except LinkFailed as failure:
            return self._no_balance(failure.code, reasons.sentence(failure.code, failure.reason))
        except UnreadableAnswer as damage:
            return self._no_balance(reasons.UNREADABLE, str(damage))
        if cents is None:
            return CallAnswer(404, {"reason": f"QuickBooks has no customer {customer!r}"})
        return CallAnswer(200, {"balance_cents": cents, "as_of": stamp(self._clock.now())})

    def _no_balance(self, code: str, reason: str) -> CallAnswer:
        if ZERO_BALANCE in self._flaws:
            return CallAnswer(200, {"balance_cents": 0, "as_of": stamp(self._clock.now())})
        return CallAnswer(503, {"code": code, "reason": reason})

    def _status(self) -> CallAnswer:
        light, reason = self.tray.light, self.tray.reason
        struck = self._plan is not None and list(self._plan.strikes(LIGHT, self._clock.now()))
        if struck or GREEN_LIGHT in self._flaws:
            light, reason = "green", ""
        return CallAnswer(200, {"light": light, "reason": reason})

    # ---- the worker -----------------------------------------------------------------------------------------------------

    def _start_job(self, work: Coroutine[Any, Any, Value]) -> "asyncio.Task[Value]":
        """Run work as a task of the service's own: it does not end with the call that wanted it."""
        job = asyncio.get_running_loop().create_task(work)
        self._jobs[job] = None
        job.add_done_callback(self._job_done)
        return job

    def _job_done(self, job: "asyncio.Task[Any]") -> None:
        self._jobs.pop(job, None)
        if not job.cancelled():
            job.exception()  # looked at here, because the caller who would have been told may have gone

    async def _in_turn(self, work: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
        async with self._worker:
            try:
                return await work()
            except Killed:
                self._kill()
                raise

    async def _outcome(self, job: "asyncio.Task[Value]") -> Value:
        try:
            return await asyncio.shield(job)
        except Killed:
            raise NoAnswer(RESET, sent=True) from None
        except asyncio.CancelledError:
            if job.cancelled() and (self.killed or not self._running):
                raise NoAnswer(RESET, sent=True) from None
            raise

    async def _keep(self) -> None:
        """Keep the link: connect, settle what is in doubt, ask for signs of life, wait longer after each failure."""
        while True:
            try:
                await self._in_turn(self._look_after)
            except (LinkFailed, sqlite3.Error):
                await self._clock.sleep(max(self.session.pause_s, 0.1))
                continue
            if not self._limits.life_sign_s:
                # Nobody asks for signs of life: the next failure shows itself at the next call, and that call connects again.
                await self._clock.sleep(_IDLE_S)
                continue
            quiet_s = self._clock.elapsed_s() - self.session.used_s
            await self._clock.sleep(max(self._limits.life_sign_s - quiet_s, 1.0))

    async def _look_after(self) -> None:
        if not self.session.open:
            await self.session.ensure()
            with suppress(UnreadableAnswer):
                await self._writer.settle()
        elif self._limits.life_sign_s and self._clock.elapsed_s() - self.session.used_s >= self._limits.life_sign_s:
            await self.session.process(messages.life_sign())

    # ---- what others are told -------------------------------------------------------------------------------------------

    def _strike(self, point: str, document: Document) -> None:
        if self._plan is None:
            return
        facts = {"document": document.kind, "number": document.number, "party": document.party, "key": document.key}

        def lacks(_need: str, _parameters: Mapping[str, ParameterValue]) -> str:
            return "" if self._exit is None else "the connector exits already"

        for strike in self._plan.strikes(point, self._clock.now(), lacks=lacks, **facts):
            if strike.effect == "kill":
                self._die()
            if strike.effect == "exit":
                self._exit = asyncio.get_running_loop().create_task(self._end())

    def _session_changed(self, failure: LinkFailed | None) -> None:
        if failure is None:
            self.tray.show("green")
        elif self._running:
            self.tray.show("red", reasons.sentence(failure.code, failure.reason))

    def _light_changed(self, light: Light, reason: str) -> None:
        self._tell("light-changed", light=light, reason=reason or None)

    def _tell(self, kind: str, **facts: Any) -> None:
        if self._journal is not None:
            self._journal.add("connector", kind, **facts)


_IDLE_S: Final = 60.0
"""Story seconds between looks at a link that is not asked for signs of life (our choice)."""


GARBAGE: Final = "the body is not JSON"
"""What a caller is told whose body cannot be read."""


def _document_in(body: Any) -> Document:
    if body is GARBLED:
        raise ValueError(GARBAGE)
    if not isinstance(body, dict):
        raise ValueError("the body is not a document: expected a JSON object")
    try:
        document = Document.from_json(body)
    except (AttributeError, RecursionError) as error:
        raise ValueError(f"not a document: {error}") from error
    mistake = messages.unreadable(document)
    if mistake:
        raise ValueError(mistake)
    return document


def _reply(reply: Reply) -> CallAnswer:
    return CallAnswer(reply.http_status, reply.as_json())
