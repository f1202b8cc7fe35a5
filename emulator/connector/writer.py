"""One write, step by step. Each step is in the intent log before the next one begins, and a fault may strike between any two.

    rule -> known key? -> question, when anything is in doubt -> intent -> sent -> QuickBooks -> outcome -> reply

QuickBooks is asked *before* anything is sent when (invariant I14)
- this key was sent before and its outcome is not known for sure, or
- this key stands as posted: the truth is the company file, where people may have deleted it or restored an older one, or
- another document's outcome is not known: doubts are settled, oldest first, before anything new is written, or
- the log has lost its memory, or the switch says always.

A record is ours only when customer, amount and key agree (invariant I22). An accountant's invoice with our number is a stranger's. What was
sent and may stand in the books is looked for by number or name, and then by key among all that was changed since: people change numbers too.
"""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from emulator.connector import messages, reasons
from emulator.connector.faults import AFTER_INTENT, AFTER_OUTCOME, AFTER_SEND, BEFORE_INTENT, BEFORE_REPLY, BEFORE_SEND
from emulator.connector.flaws import CUTS_NUMBER, NEVER_ASKS, NUMBER_ALONE
from emulator.connector.intents import Intent, IntentLog
from emulator.connector.link import LinkFailed
from emulator.connector.messages import LENGTHS, Found, UnreadableAnswer
from emulator.connector.session import DOCUMENT_REFUSED, SESSION_LOST, Session
from emulator.connector.switches import ASK_FIRST, PRODUCT_ACCOUNT, TAXES, UNMARKED_TWIN
from emulator.core.documents import LIST_KINDS, Document, Reply
from emulator.core.switches import SwitchSettings

Verdict = Literal["ours", "absent", "stranger", "changed", "unmarked"]


@dataclass(frozen=True)
class Asked:
    """What a question found.

    Attributes:
        verdict: ours; absent (nothing of the number or name); stranger (something, and it is not ours); changed (it carries our key, and
            people have changed customer, name or amount); unmarked (number, customer and amount are ours, the key is missing; or a
            customer or vendor of our name, with other fields and no key).
        id: TxnID or ListID of what was found, empty when absent.
    """

    verdict: Verdict
    id: str = ""


class Writer:
    """Writes documents. One write at a time (`Service` sees to it).

    Args:
        session: the session with QuickBooks.
        log: the intent log.
        strike: called at each point with facts of the document; whoever strikes does it there (kills the process).
        tell: called with what checks may want to read: ("asked", facts).
        now: story time.
        settings: the switches in force.
        flaws: deliberate mistakes, for tests of tests.
    """

    def __init__(
        self,
        session: Session,
        log: IntentLog,
        strike: Callable[[str, Document], None],
        tell: Callable[..., None],
        now: Callable[[], datetime],
        settings: SwitchSettings,
        flaws: frozenset[str] = frozenset(),
    ) -> None:
        self._session = session
        self._log = log
        self._strike = strike
        self._tell = tell
        self._now = now
        self._settings = settings
        self._flaws = flaws
        self._non_taxable: str | None = None

    async def write(self, document: Document) -> Reply:
        """Bring a document into the books, once, and tell what stands there."""
        try:
            reply = await self._written(document)
        except LinkFailed as failure:
            reply = Reply("unavailable", code=failure.code, reason=reasons.sentence(failure.code, failure.reason))
        except UnreadableAnswer as damage:
            reply = Reply("unavailable", code=reasons.UNREADABLE, reason=str(damage))
        except sqlite3.Error as damage:
            # Without its log the connector sends nothing; what was sent and not stored stands as `sent` and is asked about.
            reply = Reply(
                "unavailable",
                code=reasons.LOG,
                reason=f"the intent log cannot be written ({damage}): see whether the disk is full",
            )
        self._strike(BEFORE_REPLY, document)
        return reply

    async def settle(self) -> None:
        """Ask QuickBooks about everything in doubt, oldest first: at the start, and before anything new. Raises LinkFailed.

        A question that QuickBooks cannot answer leaves its document in doubt and stands in nobody else's way (invariant I12).
        """
        if NEVER_ASKS in self._flaws:
            return
        for intent in self._log.in_doubt():
            with suppress(UnreadableAnswer):
                await self._settle(intent)

    # ---- the steps ------------------------------------------------------------------------------------------------------

    async def _written(self, document: Document) -> Reply:
        document = self._cut(document)
        broken = messages.breaks_rule(document)
        if broken:
            return Reply("refused", code=reasons.RULE, reason=broken)
        await self._session.ensure()
        await self.settle()
        known = self._log.find(document.key)
        if known is not None and known.state == "posted":
            if known.document == document:
                return await self._posted_before(known)
            return _key_reused(known)
        if known is not None and known.in_doubt and NEVER_ASKS not in self._flaws:
            raise UnreadableAnswer(
                "QuickBooks does not tell whether it stands in the books; it is asked again before it is sent again"
            )
        reply = await self._asked_first(document, known)
        return reply or await self._sent(document, known)

    async def _asked_first(self, document: Document, known: Intent | None) -> Reply | None:
        """Ask about a document that is not in doubt by the log, where the log alone is not to be trusted."""
        first_time = known is None or known.sent_count == 0
        found_before = known is not None and known.code in (reasons.CHANGED, reasons.UNMARKED)
        if not found_before and not (first_time and (self._log.memory_lost or self._settings.flag(ASK_FIRST))):
            return None
        asked = await self._ask(document, known.sent_at if known is not None and found_before else None)
        if asked.verdict in ("absent", "stranger"):
            return None
        self._log.intend(document)
        return self._taken(document, asked)

    async def _codes(self, document: Document) -> messages.Codes:
        """Return what the company calls things; asked once in a connector's life."""
        account = self._settings.text(PRODUCT_ACCOUNT)
        if document.kind != "invoice" or self._settings.text(TAXES) != "platform":
            return messages.Codes(account)
        if self._non_taxable is None:
            answer = messages.read(await self._session.process(messages.tax_question()))
            self._non_taxable = messages.non_taxable_code(answer)
        return messages.Codes(account, self._non_taxable)

    async def _sent(self, document: Document, known: Intent | None) -> Reply:
        """Send a document; when the session is lost on the way, ask in a new one, and send once more what is not in the books."""
        try:
            return await self._sent_once(document, known)
        except LinkFailed as failure:
            sent = self._log.find(document.key)
            if failure.code not in SESSION_LOST or sent is None or not sent.in_doubt or NEVER_ASKS in self._flaws:
                raise
        reply = await self._settle(sent)
        return reply or await self._sent_once(document, self._log.find(document.key))

    async def _sent_once(self, document: Document, known: Intent | None) -> Reply:
        codes = await self._codes(document)
        if known is None or known.state == "refused" or known.document != document:
            self._strike(BEFORE_INTENT, document)
            self._log.intend(document)
            self._strike(AFTER_INTENT, document)
        request = messages.add_request(document, codes)
        self._log.about_to_send(document.key, self._now())
        self._strike(BEFORE_SEND, document)
        try:
            answer = messages.read(await self._session.process(request, writes=True))
            status = answer.status
            self._strike(AFTER_SEND, document)
            if status.code in messages.DOUBTFUL_CODES:
                raise UnreadableAnswer(f"QuickBooks had an error of its own and does not say what came of it: {status.message}")
            if not status.failed:
                record_id = messages.record_id(answer)
        except LinkFailed as failure:
            return self._failed(document, failure)
        except UnreadableAnswer as damage:
            self._log.unknown(document.key, reasons.UNREADABLE, str(damage))
            raise
        if not status.failed:
            return self._outcome(document, Reply("posted", record_id))
        if messages.is_locked(status):
            self._log.absent(document.key)
            return Reply("unavailable", code=str(status.code), reason=f"QuickBooks is at work on it: {status.message}")
        return self._outcome(document, Reply("refused", code=str(status.code), reason=status.message))

    def _failed(self, document: Document, failure: LinkFailed) -> Reply:
        """Store what a failed call means for a document that was about to be sent, and tell it."""
        if failure.code in DOCUMENT_REFUSED:
            reason = f"QuickBooks refuses the whole message: {failure.reason}"
            return self._outcome(document, Reply("refused", code=failure.code, reason=reason))
        if failure.outcome_unknown:
            self._log.unknown(document.key, failure.code, failure.reason)
        else:
            self._log.absent(document.key)
        raise failure

    def _outcome(self, document: Document, reply: Reply) -> Reply:
        if reply.outcome == "posted":
            self._log.posted(document.key, reply.txn_id)
        else:
            self._log.refused(document.key, reply.code, reply.reason)
        self._strike(AFTER_OUTCOME, document)
        return reply

    # ---- questions ------------------------------------------------------------------------------------------------------

    async def _settle(self, intent: Intent) -> Reply | None:
        """Find out what became of a write in doubt, store it and tell it; None when it is not in the books."""
        asked = await self._ask(intent.document, intent.sent_at)
        if asked.verdict in ("absent", "stranger"):
            self._log.absent(intent.document.key)
            return None
        return self._taken(intent.document, asked)

    def _taken(self, document: Document, asked: Asked) -> Reply:
        """Store and tell what a question means that found something of ours."""
        if asked.verdict == "ours":
            self._log.posted(document.key, asked.id)
            return Reply("posted", asked.id, already=True)
        what = f"{document.kind} {document.number or document.party}"
        listed = document.kind in LIST_KINDS
        if asked.verdict == "changed":
            code = reasons.CHANGED
            other = "under another name" if listed else "and another customer or amount"
            reason = f"{what} stands in QuickBooks with our key {other}: somebody has changed it there"
        else:
            code = reasons.UNMARKED
            same = "of this name and with other fields" if listed else "with this customer and amount"
            reason = f"{what} {same} stands in QuickBooks without our key: it may have been typed by hand; a person decides"
        self._log.refused(document.key, code, reason)
        return Reply("refused", asked.id, code=code, reason=reason)

    async def _posted_before(self, known: Intent) -> Reply:
        """Answer for a key that the log calls posted: by the company file."""
        document = known.document
        if NEVER_ASKS in self._flaws:
            return Reply("posted", known.txn_id, already=True)
        answer = messages.read(await self._session.process(messages.id_question(document, known.txn_id)))
        for record in messages.found(document, answer):
            differs = [] if NUMBER_ALONE in self._flaws else _differences(document, record)
            self._tell("asked", key=document.key, number=document.number, verdict="changed" if differs else "ours")
            return _changed_since(known, record.id, differs) if differs else Reply("posted", record.id, already=True)
        asked = await self._ask(document)
        if asked.verdict == "changed":
            return _changed_since(known, asked.id, ["customer or amount"])
        if asked.verdict == "ours":
            self._log.posted(document.key, asked.id)
            return Reply("posted", asked.id, already=True)
        # Deleted by people, or an older backup was restored. What people deleted is not made again behind their backs.
        reason = (
            f"{document.kind} {document.number or document.party} was posted as {known.txn_id} and no longer stands in QuickBooks:"
            " somebody deleted it or restored an older company file; a person decides"
        )
        return Reply("refused", code=reasons.GONE, reason=reason)

    async def _ask(self, document: Document, sent_at: datetime | None = None) -> Asked:
        """Ask QuickBooks whether a document stands in the books.

        Args:
            document: what is looked for.
            sent_at: when it was sent, for one in doubt: what its number or name does not find is looked for by its key, too.

        Raises:
            LinkFailed: QuickBooks cannot be asked.
            UnreadableAnswer: it does not tell.
        """
        records = messages.found(document, messages.read(await self._session.process(messages.number_question(document))))
        asked = self._judged(document, records)
        if sent_at is not None and asked.verdict not in ("ours", "changed"):
            question = messages.since_question(document, sent_at)
            changed = messages.found(document, messages.read(await self._session.process(question)))
            marked = [record for record in changed if record.key == document.key]
            asked = self._judged(document, marked) if marked else _namesake(document, records) or asked
        self._tell("asked", key=document.key, number=document.number, verdict=asked.verdict)
        return asked

    def _judged(self, document: Document, records: list[Found]) -> Asked:
        if not records:
            return Asked("absent")
        if NUMBER_ALONE in self._flaws:
            return Asked("ours", records[0].id)
        marked = [record for record in records if record.key == document.key]
        for record in marked:
            if _agrees(document, record):
                return Asked("ours", record.id)
        if marked:
            return Asked("changed", marked[0].id)
        if document.kind not in LIST_KINDS and self._settings.text(UNMARKED_TWIN) == "refuse":
            for record in records:
                if not record.key and _agrees(document, record):
                    return Asked("unmarked", record.id)
        return Asked("stranger", records[0].id)

    def _cut(self, document: Document) -> Document:
        if CUTS_NUMBER not in self._flaws or document.kind not in ("invoice", "bill"):
            return document
        return Document(**{**vars(document), "number": document.number[: LENGTHS[document.kind]["number"]]})


def _namesake(document: Document, records: list[Found]) -> Asked | None:
    """Judge a customer or vendor of our name that carries nobody's key, while a sending of ours is in doubt (declared rule)."""
    if document.kind not in ("customer", "vendor"):
        return None
    for record in records:
        if not record.key and _agrees(document, record):
            return Asked("ours" if messages.fields_agree(document, record) else "unmarked", record.id)
    return None


def _differences(document: Document, record: Found) -> list[str]:
    """Return what of a record under our id is not as the document has it. In a list entry people may remove the notes that carry the key."""
    key_agrees = record.key == document.key or (document.kind in LIST_KINDS and not record.key)
    same = {
        "name" if document.kind in LIST_KINDS else "customer" if document.kind == "invoice" else "vendor": (
            record.party.casefold() == document.party.casefold()
        ),
        "amount": record.total_cents == document.total_cents,
        "key in the memo": key_agrees,
    }
    return [what for what, agrees in same.items() if not agrees]


def _changed_since(known: Intent, record_id: str, differs: list[str]) -> Reply:
    document = known.document
    reason = (
        f"{document.kind} {document.number or document.party} was posted as {known.txn_id} and has been changed in QuickBooks since"
        f" ({', '.join(differs)}): it is not posted again; a person decides"
    )
    return Reply("refused", record_id, code=reasons.CHANGED, reason=reason)


def _agrees(document: Document, record: Found) -> bool:
    return record.party.casefold() == document.party.casefold() and record.total_cents == document.total_cents


def _key_reused(known: Intent) -> Reply:
    reason = f"key {known.document.key!r} stands for another document, posted as {known.txn_id}: a posted document is not changed by sending it again"
    return Reply("refused", code=reasons.KEY_REUSED, reason=reason)
