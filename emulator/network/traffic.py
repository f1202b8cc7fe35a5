"""What both twins of the path share: the calls that are on their way, the faults that strike them, and the rows that tell of it.

A call on its way is a `Trip`. It waits only through `Trip.until`, which looks again whenever a fault is put into force or lifted, so that
faults strike calls that are already under way, and a lifted fault frees who waits at once.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from emulator.core.clock import Clock
from emulator.core.journal import Journal, Row
from emulator.faults import Fault, Killed, ParameterValue, Plan, Strike, raise_killed
from emulator.network.faults import CALL_ARRIVED, ENDS, RESET, UNTOUCHED, Garbling, Treatment, closes_port, treatment


class Cut(Exception):  # noqa: N818 - it is what happened
    """The connection was cut: by a fault, by the death of the path, or by one of its ends."""


@dataclass(eq=False)
class Trip:
    """One call on its way.

    Attributes:
        facts: call, key, number, probe, as the journal has them.
        suffers: what the call has to suffer from here on.
        cut: why its connection is cut; empty while it stands.
        changed: set whenever its waiting should look again.
        resets: strikes that cut or garble it at a byte, as long as it has not come there.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    suffers: Treatment = UNTOUCHED
    cut: str = ""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    resets: list[Strike] = field(default_factory=list)

    def lacks(self, need: str, _: Mapping[str, ParameterValue]) -> str:
        """Tell why what a fault of the path needs is not there: the end of an answer is lost once only."""
        assert need == "the end of the answer"
        lost = (*self.suffers.lost, *self.suffers.resets, *self.suffers.garbled, *self.suffers.swallowed)
        return f"{lost[0]} cuts the call already" if lost else ""

    def garbling(self, direction: str, size: int) -> Garbling | None:
        """Return what becomes of the body of this size that goes one way; None when nothing does."""
        found = self.suffers.garbling
        return found if found is not None and found.direction == direction and found.at_byte < size else None

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds; raises Cut as soon as the connection is cut."""
        while not holds():
            if self.cut:
                raise Cut(self.cut)
            self.changed.clear()
            await self.changed.wait()
        if self.cut:
            raise Cut(self.cut)


class Traffic:
    """All calls on one path, and its faults.

    Args:
        plan: decides who strikes; None for a path without faults.
        clock: time.
        journal: the plan's own journal; rows of lane `network` go there too.
        die: what a kill does: ends the process, or raises Killed on the virtual clock.
        died: called once when the path was killed in this process.
        port_changed: called when the port is to be closed or opened.
    """

    def __init__(
        self,
        plan: Plan | None,
        clock: Clock,
        journal: Journal,
        die: Callable[[], NoReturn] | None,
        died: Callable[[], None],
        port_changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._plan = plan
        self._clock = clock
        self._journal = journal
        self._die = die or raise_killed
        self._died = died
        self._port_changed = port_changed
        self._trips: dict[Trip, None] = {}  # in the order they came: the same story cuts them in the same order
        self._stop_listening: Callable[[], None] = lambda: None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.dead = False

    # ---- life -----------------------------------------------------------------------------------------------------------

    def watch(self) -> None:
        """Begin to look at the plan: the journal tells of every fault that is put into force or lifted."""
        self._loop = asyncio.get_running_loop()
        self._stop_listening = self._journal.listen(self._heard)

    def rest(self) -> None:
        """Stop looking; every call on its way is cut."""
        self._stop_listening()
        self._stop_listening = lambda: None
        self.cut_all()

    def cut_all(self) -> None:
        """Cut every connection."""
        for trip in tuple(self._trips):
            trip.cut = RESET
            trip.changed.set()

    def _heard(self, row: Row) -> None:
        if row["lane"] != "faults" or row["kind"] not in ("fault-on", "fault-off", "fault-released") or self._loop is None:
            return
        if _is_running(self._loop):
            self._faults_changed(row)
        else:  # somebody on another thread (a door of control) put it into force
            self._loop.call_soon_threadsafe(self._faults_changed, row)

    def _faults_changed(self, row: Row) -> None:
        fault = next((each for each in self._faults() if each.name == row["fault"]), None)
        if row["kind"] == "fault-on" and fault is not None and not fault.lifted:
            self._strike_open(fault)
        self._port_changed()
        for trip in tuple(self._trips):
            trip.changed.set()

    def _strike_open(self, fault: Fault) -> None:
        """Let a fault that has just begun strike the connections that are open."""
        if closes_port(fault):
            for trip in tuple(self._trips):
                if trip.facts:
                    self.row("answer-lost", trip, [fault.name])
            self.cut_all()
        elif fault.point == CALL_ARRIVED and fault.kind.effect != "kill":
            for trip in tuple(self._trips):
                if trip.facts:
                    self.strike(CALL_ARRIVED, trip, only=fault.name)

    # ---- faults ---------------------------------------------------------------------------------------------------------

    def _faults(self) -> list[Fault]:
        return self._plan.faults() if self._plan is not None else []

    def closing(self) -> list[str]:
        """Return the names of the faults that keep the port closed now."""
        now = self._clock.now()
        return [fault.name for fault in self._faults() if closes_port(fault) and not (fault.ends and now >= fault.ends)]

    def strike(self, point: str, trip: Trip, only: str = "") -> Treatment:
        """Ask the plan what strikes a call at a point; the call suffers it from here on. Returns what is new.

        Raises:
            Cut: the path has died.
        """
        if self._plan is None:
            return UNTOUCHED
        fresh = UNTOUCHED
        for strike in self._plan.strikes(point, self._clock.now(), only=only, lacks=trip.lacks, **trip.facts):
            one = treatment(strike)
            trip.resets += [strike] if one.resets or one.garbled else []
            fresh, trip.suffers = _both(fresh, one), _both(trip.suffers, one)
            if strike.effect in ENDS:
                break
        if fresh.kill:
            self._kill()
            raise Cut(RESET)
        return fresh

    def _kill(self) -> None:
        try:
            self._die()
        except Killed:
            self.dead = True
            self.rest()
            self._died()

    async def pause(self, trip: Trip) -> None:
        """Wait as long as slow lines make a call wait; a lifted fault ends it at once."""
        slow = trip.suffers.delayed
        if not slow:
            return
        due_s = self._clock.elapsed_s() + trip.suffers.delay_s
        timer = asyncio.get_running_loop().create_task(self._clock.sleep(trip.suffers.delay_s))
        timer.add_done_callback(lambda _: trip.changed.set())
        try:
            await trip.until(lambda: timer.done() or self._clock.elapsed_s() >= due_s or self._was_lifted(slow))
        finally:
            timer.cancel()
            with suppress(asyncio.CancelledError):
                await timer

    async def silence(self, trip: Trip, names: Iterable[str], gone: Callable[[], bool] = lambda: False) -> NoReturn:
        """Say nothing until the faults are lifted or the caller is gone. Always ends by raising Cut."""
        names = tuple(names)
        await trip.until(lambda: self._was_lifted(names) or gone())
        raise Cut(RESET)

    def _was_lifted(self, names: Iterable[str]) -> bool:
        """Return whether all these faults have released those they silence or slow down."""
        faults = {fault.name: fault for fault in self._faults()}
        return all(faults[name].released for name in names)

    # ---- calls ----------------------------------------------------------------------------------------------------------

    def begin(self) -> Trip:
        """Return a new trip."""
        trip = Trip()
        self._trips[trip] = None
        return trip

    def cut_at_byte(self, trip: Trip, kind: str) -> None:
        """Write down that a call was cut or garbled at a byte, in a row of this kind."""
        self._settle(trip)
        self.row(kind, trip, (*trip.suffers.resets, *trip.suffers.garbled))

    def call_over(self, trip: Trip) -> None:
        """Say that a call has ended: what has not cut it by now has had no effect."""
        self._settle(trip, "the call ended before that byte")

    def _settle(self, trip: Trip, why_not: str = "") -> None:
        for strike in trip.resets if self._plan is not None else ():
            assert self._plan is not None
            self._plan.settle(strike, why_not, **trip.facts)
        trip.resets = []

    def end(self, trip: Trip) -> None:
        """Forget a trip."""
        self.call_over(trip)
        self._trips.pop(trip, None)

    @property
    def open(self) -> int:
        """Return how many connections are open."""
        return len(self._trips)

    def row(self, kind: str, trip: Trip | None = None, faults: Iterable[str] = (), **facts: Any) -> None:
        """Add a row about a call."""
        self._journal.add("network", kind, faults=faults, **(trip.facts if trip is not None else {}), **facts)


def facts_of(method: str, path: str, key: str, number: str, probe: bool) -> dict[str, Any]:
    """Return what the journal says of a call; what a call does not have is left out."""
    facts: dict[str, Any] = {"call": f"{method} {path.partition('?')[0]}"}
    if key:
        facts["key"] = key
    if number:
        facts["number"] = number
    if probe:
        facts["probe"] = True
    return facts


def _both(old: Treatment, new: Treatment) -> Treatment:
    return replace(
        new,
        refused=old.refused + new.refused,
        swallowed=old.swallowed + new.swallowed,
        lost=old.lost + new.lost,
        resets=old.resets + new.resets,
        garbled=old.garbled + new.garbled,
        garbling=new.garbling or old.garbling,
        delayed=old.delayed + new.delayed,
        delay_s=old.delay_s + new.delay_s,
        request_bytes=_least(old.request_bytes, new.request_bytes),
        answer_bytes=_least(old.answer_bytes, new.answer_bytes),
        reset=old.reset or new.reset,
        kill=old.kill or new.kill,
    )


def _least(one: int | None, other: int | None) -> int | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _is_running(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False
