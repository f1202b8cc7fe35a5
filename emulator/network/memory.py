"""The path in memory: the platform side's `Transport` on the virtual clock, straight to a connector in the same process.

What it does to calls is what the proxy does to bytes, by the same table (`faults.treatment`), with the same rows in the journal.
"""

import asyncio
import json
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any, Final, NoReturn

from emulator.core.clock import Clock
from emulator.core.journal import Journal
from emulator.core.transport import (
    GARBLED,
    KEY_HEADER,
    NUMBER_HEADER,
    PROBE_HEADER,
    Answerer,
    Call,
    CallAnswer,
    NoAnswer,
    no_whole_json,
)
from emulator.faults import Plan
from emulator.network.faults import (
    AFTER_ANSWER,
    AFTER_FORWARD,
    BEFORE_ANSWER,
    BEFORE_FORWARD,
    CALL_ARRIVED,
    CONNECT,
    REFUSED,
    RESET,
)
from emulator.network.traffic import Cut, Traffic, Trip, facts_of

HEAD_BYTES: Final = 160
"""About what request line or status line and headers take on the wire; a body's bytes come on top (for `reset-mid`)."""


class MemoryPath:
    """A path with the faults of a plan.

    Args:
        answerer: the connector's own side.
        plan: faults; None for a path without.
        clock: time.
        journal: the plan's own journal.
        die: what a kill does; on the virtual clock it raises Killed.
        died: called once when the path was killed.
        listening: tells whether anybody listens behind the path; a call to nobody is refused.
        source: the address the platform side calls from.
        allowed: addresses that may call; empty for all.
    """

    def __init__(
        self,
        answerer: Answerer,
        plan: Plan | None,
        clock: Clock,
        journal: Journal,
        *,
        die: Callable[[], NoReturn] | None = None,
        died: Callable[[], None] = lambda: None,
        listening: Callable[[], bool] = lambda: True,
        source: str = "127.0.0.1",
        allowed: Collection[str] = (),
    ) -> None:
        self._answerer = answerer
        self._clock = clock
        self._listening = listening
        self.source = source
        self._allowed = frozenset(allowed)
        self._forwarded: set[asyncio.Task[CallAnswer]] = set()
        self._watching = False
        self._died = died
        self.traffic = Traffic(plan, clock, journal, die, self._dead)

    async def start(self) -> None:
        """Begin; a path that was killed begins anew."""
        self.traffic.dead = False
        if not self._watching:
            self._watching = True
            self.traffic.watch()

    async def stop(self) -> None:
        """End; every call on its way is cut."""
        self._watching = False
        self.traffic.rest()

    def _dead(self) -> None:
        self._watching = False
        self._died()

    async def close(self) -> None:
        """Let go of connections (`Transport`)."""
        await self.stop()

    async def call(self, call: Call, limit_s: float) -> CallAnswer:
        """Make one call through the path. Raises NoAnswer."""
        if not self._watching and not self.traffic.dead:
            await self.start()
        trip = self.traffic.begin()
        try:
            async with self._clock.limit(limit_s):
                return await self._through(call, trip)
        except TimeoutError:
            if not trip.cut:
                self.traffic.row("call-given-up", trip)
            raise NoAnswer(f"no answer within {limit_s:g} s", sent=True) from None
        except Cut:
            raise NoAnswer(RESET, sent=True) from None
        finally:
            self.traffic.end(trip)

    async def _through(self, call: Call, trip: Trip) -> CallAnswer:
        traffic = self.traffic
        self._connect(trip)
        headers = call.headers
        trip.facts = facts_of(
            call.method,
            call.path,
            headers.get(KEY_HEADER, ""),
            headers.get(NUMBER_HEADER, ""),
            headers.get(PROBE_HEADER) == "1",
        )
        traffic.row("call-arrived", trip)
        traffic.strike(CALL_ARRIVED, trip)
        if trip.suffers.swallowed:
            traffic.row("call-swallowed", trip, trip.suffers.swallowed)
            await traffic.silence(trip, trip.suffers.swallowed)
        passing = trip.suffers.request_bytes
        if passing is not None and passing < HEAD_BYTES + _size(call.body):
            traffic.cut_at_byte(trip, "call-cut")
            raise Cut(RESET)
        await traffic.pause(trip)
        traffic.strike(BEFORE_FORWARD, trip)
        traffic.row("call-passed", trip, trip.suffers.delayed)
        if trip.garbling("request", _size(call.body)) is not None:
            traffic.cut_at_byte(trip, "call-garbled")
            call = replace(call, body=GARBLED)
        # A task of its own: a connector does not stop working because the caller has gone.
        answering = asyncio.get_running_loop().create_task(_answered(self._answerer, call))
        self._forwarded.add(answering)
        answering.add_done_callback(self._forwarded_done)
        traffic.strike(AFTER_FORWARD, trip)
        answering.add_done_callback(lambda _: trip.changed.set())
        await trip.until(answering.done)
        answer = answering.result()
        traffic.strike(BEFORE_ANSWER, trip)
        return await self._back(answer, trip)

    async def _back(self, answer: CallAnswer, trip: Trip) -> CallAnswer:
        traffic, suffers = self.traffic, trip.suffers
        silent = suffers.swallowed + suffers.lost
        if silent:
            traffic.row("answer-lost", trip, silent)
            if suffers.reset:
                raise Cut(RESET)
            await traffic.silence(trip, silent)
        if suffers.answer_bytes is not None and suffers.answer_bytes < HEAD_BYTES + _size(answer.body):
            traffic.cut_at_byte(trip, "answer-lost")
            raise Cut(RESET)
        await traffic.pause(trip)
        if trip.garbling("answer", _size(answer.body)) is not None:
            traffic.cut_at_byte(trip, "answer-garbled")
            traffic.strike(AFTER_ANSWER, trip)
            raise no_whole_json(answer.status)
        traffic.row("answer-passed", trip, status=answer.status)
        try:
            traffic.strike(AFTER_ANSWER, trip)
        except Cut:
            return answer  # the path has died, and the answer was through
        return answer

    def _connect(self, trip: Trip) -> None:
        traffic = self.traffic
        if traffic.dead:
            raise NoAnswer(REFUSED, sent=False)
        if self._allowed and self.source not in self._allowed:
            traffic.row("stranger-refused")
            raise NoAnswer(REFUSED, sent=False)
        traffic.strike(CONNECT, trip)
        if trip.suffers.refused:
            traffic.row("call-refused", trip, trip.suffers.refused)
            raise NoAnswer(REFUSED, sent=False)
        if not self._listening():
            traffic.row("call-refused", trip)
            raise NoAnswer(REFUSED, sent=False)

    def _forwarded_done(self, task: "asyncio.Task[CallAnswer]") -> None:
        self._forwarded.discard(task)
        if not task.cancelled():
            task.exception()  # looked at here, because the caller may have gone


async def _answered(answerer: Answerer, call: Call) -> CallAnswer:
    return await answerer(call)


def _size(body: Any) -> int:
    """Return the bytes of a body, written as on the wire."""
    return len(json.dumps(body).encode()) if body is not None else 0
