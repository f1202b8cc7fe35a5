"""The queue: one worker, one document in flight, oldest first; and what follows from how each sending ends.

| step of a sending | point where a kill may strike |
|---|---|
| it is the document's turn | platform.before-send-stored |
| the store says: in flight | platform.after-send-stored |
| the call was made and ended | platform.after-answer |
| the outcome and all that follows from it are stored, in one step | platform.after-posted-stored, platform.after-status-stored |
"""

import asyncio
from collections.abc import Mapping
from typing import Final, Literal

from emulator.core.documents import Document
from emulator.core.transport import Call, CallAnswer, NoAnswer
from emulator.faults import ParameterValue, Plan
from emulator.platform import faults as points
from emulator.platform.calls import Caller
from emulator.platform.intake import Intake
from emulator.platform.life import Life, facts
from emulator.platform.link import Link
from emulator.platform.sending import Sent, document_call, plain, read_document_answer
from emulator.platform.steps import Context, Pulse, Rows
from emulator.platform.store import Kept

By = Literal["queue", "hand"]

SHORTEST_PAUSE_S: Final = 1e-6
"""A pause below this is over: sums of floating-point seconds leave such crumbs."""


class Queue:
    """Sends what waits.

    Args:
        context: the world around the platform side.
        life: ends at this room's points where the plan says so.
        link: the status.
        intake: knows the push mode.
        caller: makes the calls.
        plan: asked before each call.
        pulse: beats when something may have to be done.
    """

    def __init__(
        self, context: Context, life: Life, link: Link, intake: Intake, caller: Caller, plan: Plan, pulse: Pulse
    ) -> None:
        self._context = context
        self._settings = context.settings
        self._store = context.store
        self._clock = context.clock
        self._life = life
        self._link = link
        self._intake = intake
        self._caller = caller
        self._plan = plan
        self._pulse = pulse
        self._not_before_s = 0.0
        self.one_in_flight = asyncio.Lock()

    def empties(self) -> bool:
        """Return whether waiting documents go out by themselves now."""
        by_hand_only = self._intake.push_mode == "manual" and self._settings["platform.manual-mode"] == "everything"
        return self._link.connected and not by_hand_only

    def turn(self) -> Document | None:
        """Return the document that is to go out by itself now, or None."""
        if not self.empties():
            return None
        return self._store.next_waiting(newest_first=self._settings["platform.flush-order"] == "newest-first")

    def hurry(self) -> None:
        """Let the next attempt be made at once: the status was set anew."""
        self._not_before_s = 0.0

    async def run(self) -> None:
        """Send what waits, one document at a time, until cancelled."""
        while True:
            pause_s = self._not_before_s - self._clock.elapsed_s()
            if self.turn() is None:
                await self._pulse.wait()
            elif pause_s > SHORTEST_PAUSE_S:
                await self._pulse.wait(self._clock, pause_s)
            else:
                async with self.one_in_flight:
                    # Looked up again: a person may have sent it by hand while this waited.
                    document = self.turn()
                    if document is not None:
                        await self.send(Kept(document, "waiting", "", ""), by="queue")

    async def send(self, kept: Kept, by: By) -> Sent:
        """Send one document and keep how it went; the caller holds `one_in_flight`."""
        assert self.one_in_flight.locked(), "one document is in flight at a time"
        document = kept.document
        counted = self._link.connected
        self._life.strike(points.BEFORE_SEND_STORED, document)
        self._store.mark(document.key, "in-flight")
        self._life.strike(points.AFTER_SEND_STORED, document)
        with self._context.step() as rows:
            failed_before = self._link.failed_before(document.key)
            rows.add("send-begun", key=document.key, number=document.number, by=by, failed_before=failed_before)
        try:
            sent = read_document_answer(await self._call(document))
        except NoAnswer as silence:
            sent = Sent("no-answer", plain(silence.reason))
        self._life.check()
        self._life.strike(points.AFTER_ANSWER, document)
        self._conclude(kept, sent, by, counted=counted)
        return sent

    async def _call(self, document: Document) -> CallAnswer:
        call = document_call(document)
        limit_s: float | None = None
        skew_s: float | None = None

        def lacks(need: str, _: Mapping[str, ParameterValue]) -> str:
            if need == "its own limit":
                return "" if limit_s is None else "its limit is cut short already"
            return "" if skew_s is None else "two workers send it already"

        for strike in self._plan.strikes(points.BEFORE_CALL, self._clock.now(), lacks=lacks, **facts(document)):
            if strike.effect == "limit":
                limit_s = float(strike.parameters["limit_s"])
            elif strike.effect == "twice":
                skew_s = float(strike.parameters["skew_s"])
        limit_s = self._context.profile.limits.send_s if limit_s is None else limit_s
        return await (self._caller.call(call, limit_s) if skew_s is None else self._call_twice(call, limit_s, skew_s))

    async def _call_twice(self, call: Call, limit_s: float, skew_s: float) -> CallAnswer:
        """Send one call by two workers, and go by what the first is told."""

        async def second() -> None:
            await self._clock.sleep(skew_s)
            try:
                await self._caller.call(call, limit_s)
            except NoAnswer:
                return  # the first worker's answer is the one that counts

        other = asyncio.get_running_loop().create_task(second())
        try:
            answer = await self._caller.call(call, limit_s)
        except asyncio.CancelledError:
            other.cancel()
            raise
        except NoAnswer:
            await other
            raise
        await other
        return answer

    def _conclude(self, kept: Kept, sent: Sent, by: By, *, counted: bool) -> None:
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
            if sent.outcome in ("posted", "refused"):
                self._settle(rows, document, sent)
            else:
                # What QuickBooks refused before, and was tried again by hand in vain, is still refused.
                self._store.mark(document.key, "refused" if kept.state == "refused" else "waiting", reason=kept.reason)
            self._count(rows, document, sent, by, counted=counted and self._link.connected)
            self._keep_back(rows, document)
        self._pulse.beat()
        if sent.outcome == "posted":
            self._life.strike(points.AFTER_POSTED_STORED, document)
        if self._link.status != status_before:
            self._life.strike(points.AFTER_STATUS_STORED, document)

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

    def _count(self, rows: Rows, document: Document, sent: Sent, by: By, *, counted: bool) -> None:
        """Count an attempt; one begun, or ended, while Disconnected does not count (Q11)."""
        if counted and self._is_failure(sent):
            self._link.failed(rows, sent.reason, document.key)
            self._not_before_s = self._clock.elapsed_s() + self._settings.number("platform.attempt-spacing-s")
        elif counted and sent.outcome in ("posted", "refused"):
            self._link.succeeded(document.key)
        elif by == "hand" and sent.outcome == "posted" and self._link.heal(rows, "a document sent by hand got through"):
            self.hurry()

    def _is_failure(self, sent: Sent) -> bool:
        """Return whether an outcome is a failed attempt (Q2)."""
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
