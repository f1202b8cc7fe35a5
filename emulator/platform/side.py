"""The platform side: accepts documents, sends them one after the other through port 8891, and keeps its status, its gate and its promises.

What it promises (invariants of the project): a document it accepted is, at the end, posted, held or refused with a reason (I1); documents
go out in the order of acceptance (I3); Disconnected comes after exactly N failed attempts in a row (I5) with exactly one mail (I6); while
Disconnected nothing goes out by itself (I7) and, with automatic syncing, no customer, vendor or product is made (I8); a refused document
blocks no other (I12); a balance is right or unavailable (I13).

It is coroutines over a clock, a `Transport` and a `MailSender`; it knows no socket and no thread. All it must remember is in its `Store`.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from emulator.core.chance import Chance
from emulator.core.clock import Clock
from emulator.core.documents import LIST_KINDS, Document
from emulator.core.errors import PartFailed, UserMistake, nearest
from emulator.core.journal import Journal
from emulator.core.switches import SwitchSettings
from emulator.core.transport import Call, CallAnswer, NoAnswer, Transport
from emulator.faults import Plan
from emulator.platform import faults as points
from emulator.platform.drafts import Draft
from emulator.platform.link import Link, Status
from emulator.platform.mail import MailSender
from emulator.platform.notifier import Notifier
from emulator.platform.profile import Profile, PushMode, checked_address
from emulator.platform.sending import (
    Balance,
    Sent,
    balance_call,
    document_call,
    plain,
    probe_call,
    read_balance_answer,
    read_document_answer,
    read_probe_answer,
)
from emulator.platform.steps import Context, Pulse, Rows
from emulator.platform.store import Kept, Known, State, Store

SHORTEST_PAUSE_S = 1e-6
"""A pause below this is over: sums of floating-point seconds leave such crumbs."""


@dataclass(frozen=True)
class Creation:
    """What became of a wish to make (or change) a customer, vendor or product.

    Attributes:
        accepted: whether it was made.
        reason: why not, for people; empty when it was made.
        key: key of the document that takes it to QuickBooks; empty when none does.
    """

    accepted: bool
    reason: str = ""
    key: str = ""


class PlatformSide:
    """One platform side, for one company.

    Args:
        profile: what is the platform's own.
        store: its memory; a store with documents in it is continued.
        clock: the story's clock.
        transport: the way to port 8891.
        mail: the way to the mail server.
        journal: gets the rows of the lane `platform`.
        plan: asked at this room's points.
        chance: makes the keys of documents.
        die: ends this part where the plan says kill: the process, or on the virtual clock by raising `Killed`.
        settings: the switches in force; default is what the profile sets.
    """

    def __init__(
        self,
        profile: Profile,
        store: Store,
        clock: Clock,
        transport: Transport,
        mail: MailSender,
        journal: Journal,
        plan: Plan,
        chance: Chance,
        die: Callable[[], NoReturn],
        settings: SwitchSettings | None = None,
    ) -> None:
        self._context = Context(profile, settings or profile.settings(), store, clock, journal)
        self._settings = self._context.settings
        self._profile = profile
        self._store = store
        self._clock = clock
        self._transport = transport
        self._journal = journal
        self._plan = plan
        self._chance = chance
        self._die = die
        self._link = Link(self._context)
        self._pulse = Pulse()
        self._notifier = Notifier(self._context, mail, plan, self._pulse)
        self._one_in_flight = asyncio.Lock()
        self._not_before_s = 0.0
        self._tasks: list[asyncio.Task[None]] = []
        self._death: BaseException | None = None

    # Life ---------------------------------------------------------------------------------------------------------------------

    def start(self) -> "PlatformSide":
        """Begin to work, from what the store holds: what was in flight is sent again with the same key, or held while Disconnected."""
        assert not self._tasks, "started twice"
        self._death = None
        with self._context.step() as rows:
            for kept in self._store.in_state("in-flight"):
                self._store.mark(kept.document.key, "waiting")
            if not self._link.connected:
                for kept in self._store.in_state("waiting"):
                    self._link.hold(rows, kept.document)
        self._begin(self._work())
        self._begin(self._notifier.run())
        if self._settings.flag("platform.probes"):
            self._begin(self._probe())
        return self

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(self._task_ended)
        self._tasks.append(task)

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (death := task.exception()) is not None:
            self._fall(death)

    def _fall(self, death: BaseException) -> None:
        """Stop everything at once, as a killed process does: no step of anybody is finished."""
        self._death = self._death or death
        for task in self._tasks:
            task.cancel()
        self._pulse.beat()

    async def stop(self) -> None:
        """Stop working. A call in flight is dropped; its document is sent again, with the same key, at the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        if isinstance(self._death, Exception):
            raise self._death

    async def ended(self) -> BaseException:
        """Wait until this part was killed or broke, and return of what; for its supervisor."""
        while self._death is None:
            await self._pulse.wait()
        return self._death

    def _strike(self, point: str, document: Document | None = None) -> None:
        facts = {} if document is None else _facts(document)
        for strike in self._plan.strikes(point, self._clock.now(), **facts):
            if strike.effect == "kill":
                try:
                    self._die()
                except BaseException as death:
                    self._fall(death)
                    raise

    def _check_alive(self) -> None:
        if self._death is not None:
            raise PartFailed(f"the platform side does not run any more: {type(self._death).__name__}")

    # What people see ----------------------------------------------------------------------------------------------------------

    @property
    def status(self) -> Status:
        """Return Connected or Disconnected."""
        return self._link.status

    @property
    def episode(self) -> int:
        """Return the number of the latest disconnection episode; 0 when there was none."""
        return self._link.episode

    @property
    def held(self) -> list[Document]:
        """Return the documents that are held, in the order in which they will go out."""
        return [kept.document for kept in self._store.in_state("held")]

    @property
    def push_mode(self) -> PushMode:
        """Return whether syncing is automatic or manual."""
        mode: PushMode = self._store.get("push-mode", self._profile.push_mode)
        return mode

    @property
    def contact(self) -> str:
        """Return the notifications contact."""
        return self._link.contact

    def counts(self) -> dict[State, int]:
        """Return how many documents are in each state."""
        return self._store.counts()

    def document(self, key: str) -> Kept | None:
        """Return a document with its state and reason, or None."""
        return self._store.kept(key)

    # What the operator does ---------------------------------------------------------------------------------------------------

    def set_status(self, status: str, by: str = "operator") -> bool:
        """Set the status by hand; `by` says who, for the cause. Returns False when it was so already.

        Connected lets the held documents go, in order; Disconnected holds what waits and sends no mail (Q12).
        """
        self._check_alive()
        wanted = _status(status)
        with self._context.step() as rows:
            changed = self._link.set(rows, wanted, f"set by {by}")
        if changed:
            self._not_before_s = 0.0
            self._strike(points.AFTER_STATUS_STORED)
            self._pulse.beat()
        return changed

    def set_push_mode(self, mode: str) -> None:
        """Switch syncing to automatic or manual."""
        if mode not in ("automatic", "manual"):
            raise UserMistake(f"push mode {mode!r}", expected="automatic or manual")
        self._set("push-mode", self.push_mode, mode)

    def set_contact(self, address: str) -> None:
        """Change the notifications contact; it holds for episodes that begin from now on."""
        try:
            self._set("contact", self.contact, checked_address(address))
        except ValueError as error:
            raise UserMistake(str(error), "the notifications contact", "an address like name@host") from None

    def _set(self, name: str, before: str, value: str) -> None:
        self._check_alive()
        with self._context.step() as rows:
            self._store.put(name, value)
            rows.add("setting-changed", setting=name, **{"from": before, "to": value})
        self._pulse.beat()

    async def send_by_hand(self, key: str) -> Sent:
        """Send one document now, by hand, and return how it went (Q11).

        While Disconnected it is tried once; a failure is shown and is no attempt of the queue, and the document stays held.

        Raises:
            UserMistake: there is no document of this key.
        """
        self._check_alive()
        async with self._one_in_flight:
            kept = self._store.kept(key)
            if kept is None:
                raise UserMistake(f"there is no document with the key {key!r}", expected="the key of an accepted document")
            if kept.state == "posted":
                return Sent("posted", txn_id=kept.txn_id, already=True)
            if not self._link.connected and self._settings["platform.by-hand-while-disconnected"] == "refuse":
                return Sent("unavailable", "QuickBooks is Disconnected")
            return await self._send(kept, by="hand")

    # Documents ----------------------------------------------------------------------------------------------------------------

    def emit(self, document: Document | Draft) -> Document:
        """Accept a document; it is kept when this returns, and goes out when its turn comes.

        A draft gets its key and number here. A document that was accepted before, with the same content, is accepted once.

        Raises:
            UserMistake: another document was accepted under this key.
        """
        self._check_alive()
        with self._context.step() as rows:
            accepted = self._accept(rows, document)
        self._pulse.beat()
        return accepted

    def _accept(self, rows: Rows, what: Document | Draft) -> Document:
        document = self._with_key(what) if isinstance(what, Draft) else what
        before = self._store.kept(document.key)
        if before is not None:
            if before.document != document:
                raise UserMistake(
                    f"key {document.key!r} was given to another document", expected="a key of its own for each document"
                )
            return document
        self._store.accept(document, "waiting")
        rows.add("document-accepted", **_facts(document), total_cents=document.total_cents)
        if not self._link.connected:
            self._link.hold(rows, document)
        return document

    def _with_key(self, draft: Draft) -> Document:
        key = self._chance.token("document", self._profile.name, self._store.positions_used() + 1)
        number = ""
        if draft.is_transaction:
            counter = int(self._store.get("next-number", self._profile.numbers.first))
            while self._store.number_taken(number := f"{self._profile.numbers.prefix}{counter}"):
                counter += 1
            self._store.put("next-number", counter + 1)
        return draft.document(key, number)

    def create(self, what: str, name: str, fields: dict[str, str] | None = None) -> Creation:
        """Make a customer (wholesale), vendor or product. With automatic syncing it is taken to QuickBooks too, through the queue.

        The gate: with automatic syncing nothing new is made while Disconnected (I8); it is refused with the reason, and nothing is left.
        """
        return self._make(what, name, fields or {}, new=True)

    def change(self, what: str, name: str, fields: dict[str, str]) -> Creation:
        """Change the fields of a customer, vendor or product on the platform; QuickBooks is not told (our choice). Gated by Q7 only."""
        return self._make(what, name, fields, new=False)

    def _make(self, what: str, name: str, fields: dict[str, str], *, new: bool) -> Creation:
        self._check_alive()
        if what not in LIST_KINDS:
            near = nearest(what, LIST_KINDS)
            raise UserMistake(f"cannot make a {what!r}", expected=f"{near!r}" if near else f"one of {', '.join(LIST_KINDS)}")
        with self._context.step() as rows:
            known = self._store.known(what, name)
            reason = self._gate(what, name, new=new, exists=known is not None)
            if reason:
                rows.add("creation-refused" if new else "change-refused", what=what, name=name, reason=reason)
                return Creation(False, reason)
            key = known.key if known is not None else ""
            if new and self.push_mode == "automatic":
                draft = Draft(what, name, f"{self._clock.now():%Y-%m-%d}", fields=fields)  # type: ignore[arg-type] # one of LIST_KINDS
                key = self._accept(rows, draft).key
            self._store.remember(Known(what, name, (known.fields if known else {}) | fields, key))
            rows.add("creation-accepted" if new else "change-accepted", what=what, name=name, key=key)
        self._pulse.beat()
        return Creation(True, key=key)

    def _gate(self, what: str, name: str, *, new: bool, exists: bool) -> str:
        """Return why a customer, vendor or product cannot be made or changed now; empty when it can."""
        gated = new or self._settings.flag("platform.edits-gated")
        if gated and self.push_mode == "automatic" and not self._link.connected:
            deed = "made" if new else "changed"
            return f"QuickBooks is Disconnected: with automatic syncing no {what} can be {deed} until the connection is back"
        if not name.strip() or plain(name) != name:
            return f"a {what} needs a name of one line"
        if new and exists:
            return f"there is a {what} of this name already"
        return "" if new or exists else f"there is no {what} of this name"

    # The queue ----------------------------------------------------------------------------------------------------------------

    def _turn(self) -> Document | None:
        """Return the document that is to go out by itself now, or None."""
        by_hand_only = self.push_mode == "manual" and self._settings["platform.manual-mode"] == "everything"
        if by_hand_only or not self._link.connected:
            return None
        return self._store.next_waiting(newest_first=self._settings["platform.flush-order"] == "newest-first")

    async def _work(self) -> None:
        """Send what waits, one document at a time, until cancelled."""
        while True:
            pause_s = self._not_before_s - self._clock.elapsed_s()
            if self._turn() is None:
                await self._pulse.wait()
            elif pause_s > SHORTEST_PAUSE_S:
                await self._pulse.wait(self._clock, pause_s)
            else:
                async with self._one_in_flight:
                    # Looked up again: a person may have sent it by hand while this waited.
                    document = self._turn()
                    if document is not None:
                        await self._send(Kept(document, "waiting", "", ""), by="queue")

    async def _send(self, kept: Kept, by: Literal["queue", "hand"]) -> Sent:
        """Send one document and keep how it went; the caller holds `_one_in_flight`."""
        document = kept.document
        counted = self._link.connected
        self._strike(points.BEFORE_SEND_STORED, document)
        self._store.mark(document.key, "in-flight")
        self._strike(points.AFTER_SEND_STORED, document)
        failed_before = self._link.failed_before(document.key)
        names = {"key": document.key} | ({"number": document.number} if document.number else {})
        self._journal.add("platform", "send-begun", **names, by=by, failed_before=failed_before)
        try:
            sent = read_document_answer(await self._call_document(document))
        except NoAnswer as silence:
            sent = Sent("no-answer", plain(silence.reason))
        self._check_alive()
        self._strike(points.AFTER_ANSWER, document)
        self._conclude(kept, sent, by, counted=counted)
        return sent

    def _conclude(self, kept: Kept, sent: Sent, by: Literal["queue", "hand"], *, counted: bool) -> None:
        """Keep how a sending ended, with all that follows from it, in one step."""
        document, status_before = kept.document, self._link.status
        with self._context.step() as rows:
            rows.add(
                "send-ended",
                key=document.key,
                number=document.number,
                outcome=sent.outcome,
                reason=sent.reason,
                code=sent.code,
                txn_id=sent.txn_id,
            )
            counted = counted and self._link.connected
            if sent.outcome in ("posted", "refused"):
                self._settle(rows, document, sent)
            else:
                # What QuickBooks refused before, and was tried again by hand in vain, is still refused.
                self._store.mark(document.key, "refused" if kept.state == "refused" else "waiting", reason=kept.reason)
            failed = self._is_failure(sent)
            if failed and counted:
                self._link.failed(rows, sent.reason, document.key)
                self._not_before_s = self._clock.elapsed_s() + self._settings.number("platform.attempt-spacing-s")
            elif counted and sent.outcome in ("posted", "refused"):
                self._link.succeeded(document.key)
            elif by == "hand" and sent.outcome == "posted":
                self._link.heal(rows, "a document sent by hand got through")
            self._keep_back(rows, document)
        self._pulse.beat()
        if sent.outcome == "posted":
            self._strike(points.AFTER_POSTED_STORED, document)
        if self._link.status != status_before:
            self._strike(points.AFTER_STATUS_STORED, document)

    def _settle(self, rows: Rows, document: Document, sent: Sent) -> None:
        """Keep the final outcome of a document."""
        if sent.outcome == "posted":
            self._store.mark(document.key, "posted", txn_id=sent.txn_id)
            rows.add("document-posted", key=document.key, number=document.number, id=sent.txn_id, already=sent.already)
            return
        self._store.mark(document.key, "refused", reason=sent.reason)
        rows.add("document-refused", key=document.key, number=document.number, reason=sent.reason)
        withdrawn = self._store.forget(document.key)
        if withdrawn is not None:
            # A name QuickBooks refuses blocks the making on the platform too (R37): nothing is left half-made.
            rows.add("creation-withdrawn", what=withdrawn.what, name=withdrawn.name, key=document.key, reason=sent.reason)

    def _is_failure(self, sent: Sent) -> bool:
        """Tell whether an outcome is a failed attempt (Q2)."""
        return (
            sent.outcome == "no-answer"
            or (sent.outcome == "unavailable" and self._settings.flag("platform.unavailable-counts"))
            or (sent.outcome == "refused" and self._settings.flag("platform.refusal-counts"))
        )

    def _keep_back(self, rows: Rows, document: Document) -> None:
        """Hold a document whose sending ended in vain while the status became, or was, Disconnected."""
        kept = self._store.kept(document.key)
        if kept is not None and kept.state == "waiting" and not self._link.connected:
            self._link.hold(rows, document)

    async def _call_document(self, document: Document) -> CallAnswer:
        call = document_call(document)
        limit_s = self._profile.limits.send_s
        for strike in self._plan.strikes(points.BEFORE_CALL, self._clock.now(), **_facts(document)):
            if strike.effect == "limit":
                limit_s = float(strike.parameters["limit_s"])
            elif strike.effect == "twice":
                return await self._call_twice(call, limit_s, float(strike.parameters["skew_s"]))
        return await self._call(call, limit_s)

    async def _call_twice(self, call: Call, limit_s: float, skew_s: float) -> CallAnswer:
        """Send one call by two workers, and go by what the first is told."""

        async def second() -> None:
            await self._clock.sleep(skew_s)
            try:
                await self._call(call, limit_s)
            except NoAnswer:
                return  # the first worker's answer is the one that counts

        other = asyncio.get_running_loop().create_task(second())
        try:
            answer = await self._call(call, limit_s)
        except asyncio.CancelledError:
            other.cancel()
            raise
        except NoAnswer:
            await other
            raise
        await other
        return answer

    async def _call(self, call: Call, limit_s: float) -> CallAnswer:
        """Make a call; no transport keeps anybody waiting past the limit. Raises NoAnswer."""
        try:
            async with self._clock.limit(limit_s):
                return await self._transport.call(call, limit_s)
        except TimeoutError:
            raise NoAnswer(f"no answer within {limit_s:g} s", sent=True) from None

    # Balances and probes ------------------------------------------------------------------------------------------------------

    async def balance(self, customer: str) -> Balance:
        """Return a customer's open balance as QuickBooks holds it, or say that it is unavailable; within the limit, never a guess (I13)."""
        self._check_alive()
        counted = self._link.connected
        if not counted and self._settings["platform.balance-while-disconnected"] == "unavailable":
            balance = Balance(customer, unavailable="QuickBooks is Disconnected")
        else:
            try:
                answer = await self._call(balance_call(customer), self._profile.limits.balance_s)
                balance, reached = read_balance_answer(customer, answer)
            except NoAnswer as silence:
                balance, reached = Balance(customer, unavailable=plain(silence.reason)), False
            self._check_alive()
            if counted:
                self._count_balance(balance, reached=reached)
        told: dict[str, Any] = {"unavailable": balance.unavailable} if balance.cents is None else {"balance_cents": balance.cents}
        self._journal.add("platform", "balance-told", customer=customer, **told, as_of=balance.as_of or None)
        return balance

    def _count_balance(self, balance: Balance, *, reached: bool) -> None:
        """Count a balance look-up as an attempt, where Q6 says so."""
        by_document = self._settings["platform.attempt-scope"] == "document"
        if by_document or not self._link.connected or not self._settings.flag("platform.failed-balance-counts"):
            return
        with self._context.step() as rows:
            if reached:
                self._link.succeeded()
                return
            disconnected = self._link.failed(rows, f"balance look-up: {balance.unavailable}")
        self._pulse.beat()
        if disconnected:
            self._strike(points.AFTER_STATUS_STORED)

    async def _probe(self) -> None:
        """Ask for the connector's light while Disconnected, until cancelled."""
        while True:
            if self._link.connected:
                await self._pulse.wait()
                continue
            await self._clock.sleep(self._profile.probe_interval_s)
            if self._link.connected:
                continue
            try:
                light = read_probe_answer(await self._call(probe_call(), self._profile.limits.probe_s))
            except NoAnswer as silence:
                light = plain(silence.reason)
            with self._context.step() as rows:
                rows.add("probe-ended", light=light)
                if light == "green" and self._link.heal(rows, "a probe was answered with a green light"):
                    self._not_before_s = 0.0
            self._pulse.beat()

    # The end ------------------------------------------------------------------------------------------------------------------

    def idle(self) -> bool:
        """Tell whether nothing is to be done by itself: nothing waits for its turn or is in flight, and no mail is owed."""
        return self._turn() is None and not self._store.any_in("in-flight") and self._store.owed() is None

    async def wait_idle(self, limit_s: float) -> bool:
        """Wait until idle, at most so many story seconds; returns whether it is.

        Raises:
            PartFailed: the platform side was killed or broke meanwhile.
        """
        try:
            async with self._clock.limit(limit_s):
                while not self.idle():
                    self._check_alive()
                    await self._pulse.wait()
        except TimeoutError:
            return False
        return True

    def documents_at_end(self) -> dict[str, str]:
        """Write the journal's row of what became of each document, and return it: key to posted, held, waiting or refused."""
        states: dict[str, str] = {
            kept.document.key: "waiting" if kept.state == "in-flight" else kept.state
            for kept in self._store.in_state("waiting", "in-flight", "held", "posted", "refused")
        }
        self._journal.add("platform", "documents-at-end", states=states)
        return states


def _facts(document: Document) -> dict[str, str]:
    """Return what journal rows and faults call a document by."""
    facts = {"key": document.key, "document": document.kind, "number": document.number, "party": document.party}
    return {name: value for name, value in facts.items() if value}


def _status(text: str) -> Status:
    statuses: tuple[Status, ...] = ("Connected", "Disconnected")
    for status in statuses:
        if text.casefold() == status.casefold():
            return status
    near = nearest(text, statuses)
    raise UserMistake(f"there is no status {text!r}", expected=near or "Connected or Disconnected")
