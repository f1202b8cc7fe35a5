"""The platform side: accepts documents, sends them one after the other through port 8891, and keeps its status, its gate and its promises.

What it promises (invariants of the project): a document it accepted is, at the end, posted, held or refused with a reason (I1); documents
go out in the order of acceptance (I3); Disconnected comes after exactly N failed attempts in a row (I5) with exactly one mail (I6); while
Disconnected nothing goes out by itself (I7) and, with automatic syncing, no customer, vendor or product is made (I8); a refused document
blocks no other (I12); a balance is right or unavailable (I13).

It is coroutines over a clock, a `Transport` and a `MailSender`; it knows no socket and no thread. All it must remember is in its `Store`.
Inside: intake.py (accepting, the gate), queue.py (sending), link.py (the status), notifier.py (the mail), calls.py (balances, probes),
life.py (running and being killed).
"""

from collections.abc import Callable
from typing import NoReturn

from emulator.core.chance import Chance
from emulator.core.clock import Clock
from emulator.core.documents import Document
from emulator.core.errors import UserMistake, nearest
from emulator.core.journal import Journal
from emulator.core.switches import SwitchSettings
from emulator.core.transport import Transport
from emulator.faults import Plan
from emulator.platform import faults as points
from emulator.platform.calls import Caller, Lookups
from emulator.platform.drafts import Draft
from emulator.platform.intake import Creation, Intake
from emulator.platform.life import Life
from emulator.platform.link import Link, Status
from emulator.platform.mail import MailSender
from emulator.platform.notifier import Notifier
from emulator.platform.profile import Profile, PushMode, checked_address
from emulator.platform.queue import Queue
from emulator.platform.sending import Balance, Sent
from emulator.platform.steps import Context, Pulse
from emulator.platform.store import STATES, Kept, State, Store


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
        self._store = store
        self._pulse = Pulse()
        self._life = Life(plan, clock, die, self._pulse)
        self._link = Link(self._context)
        self._intake = Intake(self._context, self._link, chance)
        caller = Caller(transport, clock)
        self._queue = Queue(self._context, self._life, self._link, self._intake, caller, plan, self._pulse)
        self._lookups = Lookups(self._context, self._life, self._link, caller, self._pulse)
        self._notifier = Notifier(self._context, mail, plan, self._pulse)

    # Life ---------------------------------------------------------------------------------------------------------------------

    def start(self) -> "PlatformSide":
        """Begin to work, from what the store holds: what was in flight is sent again with the same key, or held while Disconnected."""
        assert not self._life.begun, "started twice"
        self._life.check()
        with self._context.step() as rows:
            for kept in self._store.in_state("in-flight"):
                self._store.mark(kept.document.key, "waiting")
            if not self._link.connected:
                for kept in self._store.in_state("waiting"):
                    self._link.hold(rows, kept.document)
        self._life.begin(self._queue.run())
        self._life.begin(self._notifier.run())
        if self._context.settings.flag("platform.probes"):
            self._life.begin(self._lookups.probe())
        return self

    async def stop(self) -> None:
        """Stop working. A call in flight is dropped; its document is sent again, with the same key, at the next start."""
        await self._life.stop()

    async def ended(self) -> BaseException:
        """Wait until this part was killed or broke, and return of what; for its supervisor, which makes a new one over the same store."""
        return await self._life.ended()

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
        return self._intake.push_mode

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
        self._life.check()
        wanted = _status(status)
        with self._context.step() as rows:
            changed = self._link.set(rows, wanted, f"set by {by}")
        if changed:
            self._queue.hurry()
            self._pulse.beat()
            self._life.strike(points.AFTER_STATUS_STORED)
        return changed

    def set_push_mode(self, mode: str) -> None:
        """Switch syncing to automatic or manual."""
        if mode not in ("automatic", "manual"):
            raise UserMistake(f"push mode {mode!r}", expected="automatic or manual")
        self._set("push-mode", self.push_mode, mode)

    def set_contact(self, address: str) -> None:
        """Change the notifications contact; it holds for episodes that begin from now on."""
        try:
            checked = checked_address(address)
        except ValueError as error:
            raise UserMistake(str(error), "the notifications contact", "an address like name@host") from None
        self._set("contact", self.contact, checked)

    def _set(self, name: str, before: str, value: str) -> None:
        self._life.check()
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
        self._life.check()
        async with self._queue.one_in_flight:
            self._life.check()
            kept = self._store.kept(key)
            if kept is None:
                raise UserMistake(f"there is no document with the key {key!r}", expected="the key of an accepted document")
            if kept.state == "posted":
                return Sent("posted", txn_id=kept.txn_id, already=True)
            by_hand = self._context.settings["platform.by-hand-while-disconnected"]
            if by_hand == "refuse" and not self._link.connected:
                return Sent("unavailable", "QuickBooks is Disconnected")
            return await self._queue.send(kept, by="hand")

    async def balance(self, customer: str) -> Balance:
        """Return a customer's open balance as QuickBooks holds it, or say that it is unavailable; within the limit, never a guess (I13)."""
        self._life.check()
        return await self._lookups.balance(customer)

    # What comes in ------------------------------------------------------------------------------------------------------------

    def emit(self, document: Document | Draft) -> Document:
        """Accept a document; it is kept when this returns, and goes out when its turn comes.

        A draft gets its key and number here. A document that was accepted before, with the same content, is accepted once.

        Raises:
            UserMistake: another document was accepted under this key.
        """
        self._life.check()
        with self._context.step() as rows:
            accepted = self._intake.accept(rows, document)
        self._pulse.beat()
        return accepted

    def create(self, what: str, name: str, fields: dict[str, str] | None = None) -> Creation:
        """Make a customer (wholesale), vendor or product. With automatic syncing it is taken to QuickBooks too, through the queue.

        The gate: with automatic syncing nothing new is made while Disconnected (I8); it is refused with the reason, and nothing is left.
        """
        self._life.check()
        creation = self._intake.make(what, name, fields or {}, new=True)
        self._pulse.beat()
        return creation

    def change(self, what: str, name: str, fields: dict[str, str]) -> Creation:
        """Change the fields of a customer, vendor or product on the platform; QuickBooks is not told (our choice). Gated by Q7 only."""
        self._life.check()
        return self._intake.make(what, name, fields, new=False)

    # The end ------------------------------------------------------------------------------------------------------------------

    def idle(self) -> bool:
        """Return whether nothing is to be done by itself: nothing waits for its turn or is in flight, and no mail is owed."""
        busy = self._store.any_in("in-flight") or (self._queue.empties() and self._store.any_in("waiting"))
        return not busy and self._store.owed() is None

    async def wait_idle(self, limit_s: float) -> bool:
        """Wait until idle, at most so many story seconds; returns whether it is.

        Raises:
            PartFailed: the platform side was killed or broke meanwhile.
        """
        try:
            async with self._context.clock.limit(limit_s):
                while True:
                    self._life.check()
                    if self.idle():
                        return True
                    await self._pulse.wait()
        except TimeoutError:
            return False

    def documents_at_end(self) -> dict[str, str]:
        """Write the journal's row of what became of each document, and return it: key to posted, held, waiting or refused."""
        states: dict[str, str] = {
            # What is in flight when the story ends would be sent again: it waits.
            kept.document.key: "waiting" if kept.state == "in-flight" else kept.state
            for kept in self._store.in_state(*STATES)
        }
        with self._context.step() as rows:
            rows.add("documents-at-end", states=states)
        return states


def _status(text: str) -> Status:
    statuses: tuple[Status, ...] = ("Connected", "Disconnected")
    for status in statuses:
        if text.casefold() == status.casefold():
            return status
    near = nearest(text, statuses)
    raise UserMistake(f"there is no status {text!r}", expected=near or "Connected or Disconnected")
