"""The plan: it is asked at every point, decides who strikes, and keeps account of each strike. It acts on nothing itself.

    owner of a point --> Plan.strikes(point, facts) --> one strike at a time --> the owner does it, and asks for the next
                                                    `-> none any more, when the call has ended

The next fault is judged when the one before is through: it may have ended the call, and then nothing else strikes it; the world may have
changed meanwhile. What was to strike and cannot take effect (QuickBooks is not running, another fault has set the same) is a row
`fault-missed`, and no hit.

A fault that is spent (`times`) strikes no more and goes on holding the calls it struck; one that is lifted, or whose time is over, releases
them. At the end of a run nothing is released: nothing happens any more in a world that has ended.

Rows of lane `faults`: `fault-on`, `fault-fired` (by hand), `fault-hit`, `fault-missed`, `fault-ended` (a lasting fault at the end of its
window; it begins again with the next), `fault-off`, `fault-released` (one that was spent is lifted).
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import Any, NoReturn, TypeAlias

from emulator.core.chance import Chance
from emulator.core.comparing import holds
from emulator.core.errors import UserMistake, nearest, unknown
from emulator.core.journal import Journal
from emulator.core.times import next_time_of_day, time_or_moment
from emulator.faults import contradictions
from emulator.faults.account import Fault
from emulator.faults.grammar import FaultSpec, Kind, ParameterValue, Path


class Killed(BaseException):
    """A part was killed at one of its points on the virtual clock; its supervisor catches this where a process would have died.

    It is no `Exception`, so that no clean-up code of the part takes it for an error: a killed process runs none.
    """


def raise_killed() -> NoReturn:
    """What a kill does to a part on the virtual clock."""
    raise Killed


@dataclass(frozen=True)
class Strike:
    """What the owner of a point has to do now.

    Attributes:
        fault: name of the fault, for the journal row of whatever it changes.
        effect: the kind's effect.
        parameters: every parameter of the kind.
        number: which hit of the fault this is, from 1; what it draws by chance goes by it.
        facts: of the call that is struck; empty when a lasting fault begins without one.
        released: tells whether what it holds is to go on (`Fault.released`).
    """

    fault: str
    effect: str
    parameters: dict[str, ParameterValue]
    number: int = 1
    facts: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    released: Callable[[], bool] = field(default=lambda: False, compare=False, repr=False)


Begin: TypeAlias = Callable[[Strike], Callable[[], None]]
"""What the owner of a lasting effect does: begins the state of things and returns what ends it again. Raises UserMistake when the world
has not what the parameters ask for (a machine, a user, a record); nothing has changed then."""

Later: TypeAlias = Callable[[float, Callable[[], None]], Callable[[], None]]
"""`Clock.later`."""

Lacks: TypeAlias = Callable[[str, Mapping[str, ParameterValue]], str]
"""Tells why something that a kind needs is not there, for a fault with these parameters; empty when it is."""


class Plan:
    """All faults of one world. Faults may be put into force and lifted from any thread; points ask on the thread of their part.

    Args:
        kinds: what the parts of this world declared.
        chance: for faults with a probability.
        journal: gets a row when a fault begins, hits and ends; tells the time.
        later: has something done later; without it the end of a fault's time is seen at the next call only.
        timezone: where times of day are read from the wall.
        paths: the ways of calls through the parts.
    """

    def __init__(
        self,
        kinds: Iterable[Kind],
        chance: Chance,
        journal: Journal,
        *,
        later: Later | None = None,
        timezone: tzinfo = UTC,
        paths: Iterable[Path] = (),
    ) -> None:
        self.kinds: dict[str, Kind] = {kind.name: kind for kind in kinds}
        self._chance = chance
        self._journal = journal
        self._later = later
        self._timezone = timezone
        self._paths = tuple(paths)
        self._faults: dict[str, Fault] = {}
        self._by_point: dict[str, list[Fault]] = {}
        self._begins: dict[str, Begin] = {}
        self._states: dict[str, Callable[[], object]] = {}
        self._names: dict[str, Callable[[], Iterable[str]]] = {}
        self._out_of_reach: dict[str, UserMistake] = {}
        self._hear_release: list[Callable[[], None]] = []
        self._order = threading.RLock()

    # ---- what the world tells the plan ----------------------------------------------------------------------------------

    def own(self, begins: Mapping[str, Begin]) -> None:
        """Say who begins the states of lasting faults, by effect; each part does it once, when it is made."""
        self._begins.update(begins)

    def know(
        self,
        states: Mapping[str, Callable[[], object]] | None = None,
        names: Mapping[str, Callable[[], Iterable[str]]] | None = None,
    ) -> None:
        """Say what a fault may ask of the world.

        Args:
            states: facts of the world for `while`, by name.
            names: what there is of a fact of a part's calls (`quickbooks.machine`), so that a `where` that names another is refused.
        """
        self._states.update(states or {})
        self._names.update(names or {})

    def admit(self, kinds: Iterable[Kind], paths: Iterable[Path]) -> None:
        """Add the kinds and paths of a part that joins a world that is there already; the part joins once, or often."""
        with self._order:
            self.kinds.update({kind.name: kind for kind in kinds})
            self._paths = (*self._paths, *[path for path in paths if path not in self._paths])

    def put_out_of_reach(self, kinds: Iterable[Kind], mistake: UserMistake) -> None:
        """Say which kinds cannot strike in this world although they are known, and what to tell who asks for one."""
        self._out_of_reach.update({kind.name: mistake for kind in kinds})

    def on_release(self, hear: Callable[[], None]) -> None:
        """Have something done whenever a fault releases what it holds: those who are held look again. Called on the thread that lifts."""
        self._hear_release.append(hear)

    # ---- putting into force, firing, lifting ----------------------------------------------------------------------------

    def add(self, spec: FaultSpec, now: datetime, where: str = "") -> Fault:
        """Put a fault into force at once.

        Raises:
            UserMistake: unknown kind, point, parameter, fact, machine, user, a name that is taken, a fault of a part that this world has
                not, or a contradiction to a fault in force. Nothing has changed then.
        """
        with self._order:
            fault = self._made(spec, now, where)
            if fault.at_once or (fault.scheduled and self._in_window(fault, now)):
                self._begin(fault, where)
            self._faults[fault.name] = fault
            self._by_point.setdefault(fault.point, []).append(fault)
            asked = {name: fault.told().get(name) for name in ("where", "when", "after", "times", "for_s", "until")}
            self._row("fault-on", fault, of=fault.kind.name, point=fault.point, parameters=fault.parameters or None, **asked)
            if fault.end is not None:
                self._hit(fault)
            self._set_timers(fault, now)
            return fault

    def fire(self, name: str, times: int = 1, where: str = "") -> Fault:
        """Let a fault that is armed by hand strike: its next matching calls, or at once when it lasts.

        Args:
            name: of the fault.
            times: how many of the next matching calls it strikes; a lasting fault begins once.
            where: for the message.

        Raises:
            UserMistake: there is no such fault, it is not armed by hand, it is lifted, it has begun, or the world has not what it names.
        """
        with self._order:
            fault = self._named(name, where)
            if not fault.spec.when.by_hand:
                raise UserMistake(f"fault {name!r} strikes by itself", where, "a fault with `when: {by_hand: true}`")
            if fault.lifted:
                raise UserMistake(
                    f"fault {name!r} is lifted", where, "a fault in force", "put it into force anew, under another name"
                )
            if times < 1:
                raise UserMistake(f"fault {name!r} cannot be fired {times} times", where, "1 or more")
            if fault.kind.lasting:
                if fault.end is not None:
                    raise UserMistake(f"fault {name!r} has begun already", where, "a fault that has not begun, or `lift`")
                if why := self._set_by_another(fault):
                    raise UserMistake(f"fault {name!r} cannot begin: {why}", where, "one of them at a time")
                self._begin(fault, where)
            self._row("fault-fired", fault, times=times)
            if fault.kind.lasting:
                self._hit(fault)
            else:
                fault.fired += times
            return fault

    def lift(self, name: str, where: str = "") -> None:
        """End a fault and release what it holds.

        Raises UserMistake when there is none of this name; ending it twice is ending it once.
        """
        with self._order:
            self._release(self._named(name, where))

    def lift_all(self) -> None:
        """End every fault and release what it holds. What was begun last ends first."""
        with self._order:
            for fault in reversed(self._faults.values()):
                self._release(fault)

    def close(self) -> None:
        """End every fault at the end of a run, also of one that broke. Calls that are held stay so: the run is over."""
        with self._order:
            for fault in reversed(self._faults.values()):
                self._lift(fault)

    # ---- asking ---------------------------------------------------------------------------------------------------------

    def active(self, point: str) -> bool:
        """Return whether anything at all waits at a point, without counting a call; for owners that hold a state (a closed port)."""
        return bool(self._by_point.get(point))

    def strikes(self, point: str, now: datetime, *, only: str = "", lacks: Lacks | None = None, **facts: Any) -> Iterator[Strike]:
        """Yield what strikes a call at a point, in the order the faults were put into force.

        Each is judged, counted and written down when it is asked for. Whoever finds the call ended asks for no more.

        Args:
            point: where the call is.
            now: when it came there.
            only: the one fault that is asked for; empty for all.
            lacks: tells why something that a kind needs is not there; without it everything is.
            facts: of the call, for `where`.
        """
        waiting = self._by_point.get(point)
        if not waiting:
            return
        # Who is awake is settled before anybody strikes: a fault that comes after another one spares the call that woke it.
        awake = [fault for fault in tuple(waiting) if self._awake(fault) and only in ("", fault.name)]
        for fault in awake:
            with self._order:
                strike = self._judged(fault, now, lacks, facts)
            if strike is not None:
                yield strike

    def settle(self, strike: Strike, why_not: str = "", **facts: Any) -> None:
        """Say what became of a strike at a byte of a stream: it has cut it, or has not, and why not. Only then it is counted.

        Args:
            strike: as `strikes` gave it, of a kind with `byte`.
            why_not: why the stream did not come to the byte; empty when it was cut there.
            facts: of the call.
        """
        with self._order:
            fault = self._faults[strike.fault]
            fault.pending -= 1
            if why_not:
                self._miss(fault, why_not, facts)
            else:
                self._hit(fault, facts)

    def faults(self) -> list[Fault]:
        """Return every fault that was asked for, lifted ones too, in order."""
        with self._order:
            return list(self._faults.values())

    def unfired(self) -> list[Fault]:
        """Return the faults that should have struck and never did: they make a verdict inconclusive (ARCHITECTURE decision 9)."""
        return [
            fault for fault in self.faults() if fault.hits == 0 and not fault.absent and fault.spec.expect_hits == "at least once"
        ]

    # ---- making ---------------------------------------------------------------------------------------------------------

    def checked(self, spec: FaultSpec, where: str = "") -> tuple[Kind, dict[str, ParameterValue]]:
        """Return the kind of a fault and all its parameters, as far as it can be known before the story has come there.

        Raises:
            UserMistake: what it asks for is not there, whatever else is in force.
        """
        kind, parameters = spec.resolved(self.kinds, where)
        if (beyond := self._out_of_reach.get(kind.name)) is not None:
            raise UserMistake(f"fault {kind.name!r} cannot strike here: {beyond.given}", where, beyond.expected, beyond.advice)
        if kind.lasting and kind.effect not in self._begins:
            raise UserMistake(f"nothing in this world can do {kind.name!r}", where, "a fault of a part that is there")
        self._check_where(spec, kind, spec.point or kind.points[0], where)
        return kind, parameters

    def _made(self, spec: FaultSpec, now: datetime, where: str) -> Fault:
        kind, parameters = self.checked(spec, where)
        name = spec.name or kind.name
        if name in self._faults:
            raise UserMistake(f"a fault is already called {name!r}", where, "another name", "give it one with `as`")
        for link, other in (("comes after", spec.after), ("lasts until", spec.until.struck)):
            if other and other not in self._faults:
                near = nearest(other, self._faults)
                raise UserMistake(f"fault {name!r} {link} {other!r}, which is not in force", where, f"{near!r}" if near else "")
        fault = Fault(name, spec, kind, spec.point or kind.points[0], parameters, now, ends=self._ends(spec, now))
        contradictions.check(fault, self._faults.values(), self._paths, now, self._timezone, where)
        return fault

    def _check_where(self, spec: FaultSpec, kind: Kind, point: str, where: str) -> None:
        path = next((path for path in self._paths if point in path.points), None)
        for fact, wanted in spec.where.items():
            if path is not None and fact not in path.facts:
                raise _in(where, unknown(f"fact of a call that {kind.name!r} can strike at {point}, named", fact, path.facts))
            names = self._names.get(f"{point.partition('.')[0]}.{fact}")
            there = [str(each) for each in names()] if names is not None else []
            if there and str(wanted).casefold() not in {each.casefold() for each in there}:
                raise _in(where, unknown(fact, str(wanted), there))
        for state in spec.when.so:
            if state not in self._states:
                raise _in(where, unknown("fact of the world to wait for, named", state, self._states))

    def _ends(self, spec: FaultSpec, now: datetime) -> datetime | None:
        ends = [now + timedelta(seconds=spec.for_s)] if spec.for_s is not None else []
        if spec.until.at:
            at = time_or_moment(spec.until.at)
            ends.append(at if isinstance(at, datetime) else next_time_of_day(at, now + timedelta(microseconds=1), self._timezone))
        return min(ends, default=None)

    def _named(self, name: str, where: str) -> Fault:
        fault = self._faults.get(name)
        if fault is None:
            near = nearest(name, self._faults)
            raise UserMistake(f"no fault is called {name!r}", where, f"{near!r}" if near else "a fault that was put into force")
        return fault

    # ---- judging --------------------------------------------------------------------------------------------------------

    def _judged(self, fault: Fault, now: datetime, lacks: Lacks | None, facts: dict[str, Any]) -> Strike | None:
        """Decide whether a fault strikes a call, and write it down; the lasting ones begin here."""
        if fault.ends is not None and now >= fault.ends:
            self._release(fault)
        if fault.lifted or fault.absent or fault.end is not None or not self._matches(fault, now, facts):
            return None
        fault.seen += 1
        if not self._picked(fault):
            return None
        if why := self._obstacle(fault, lacks):
            self._miss(fault, why, facts)
            return None
        if fault.kind.lasting:
            try:
                self._begin(fault, facts=facts)
            except UserMistake as mistake:
                self._miss(fault, mistake.given, facts)
                return None
        fault.fired = max(fault.fired - 1, 0)
        if fault.kind.byte:
            # Whether its byte comes is known only when the stream has come to it: see `settle`.
            fault.pending += 1
            return self._strike(fault, fault.hits + fault.pending, facts)
        return self._hit(fault, facts)

    def _awake(self, fault: Fault) -> bool:
        """Return whether the fault this one comes after has struck before."""
        return not fault.spec.after or self._faults[fault.spec.after].hits > 0

    def _matches(self, fault: Fault, now: datetime, facts: dict[str, Any]) -> bool:
        wanted = fault.spec.where.items()
        if any(str(facts.get(name, "")).casefold() != str(value).casefold() for name, value in wanted):
            return False
        return self._in_window(fault, now) and all(
            holds(self._states[name](), value) for name, value in fault.spec.when.so.items()
        )

    def _in_window(self, fault: Fault, now: datetime) -> bool:
        window = fault.spec.when.window
        return window is None or window.holds(now, self._timezone)

    def _picked(self, fault: Fault) -> bool:
        """Return whether the trigger picks the call that was counted last."""
        when, times = fault.spec.when, fault.spec.times
        if fault.pending and times is not None and fault.hits + fault.pending >= times:
            return False
        return (
            (when.nth is None or fault.seen == when.nth)
            and (when.first is None or fault.seen <= when.first)
            and (when.every is None or fault.seen % when.every == 0)
            and (when.probability is None or self._chance.unit("fault", fault.name, fault.point, fault.seen) < when.probability)
            and (not when.by_hand or fault.fired > 0)
        )

    def _obstacle(self, fault: Fault, lacks: Lacks | None) -> str:
        """Return why a strike cannot take effect now; empty when it can."""
        missing = [why for need in fault.kind.needs if (why := lacks(need, fault.parameters))] if lacks is not None else []
        return missing[0] if missing else self._set_by_another(fault)

    def _set_by_another(self, fault: Fault) -> str:
        mine = set(fault.kind.sets) if fault.kind.lasting else set()
        holders = [other for other in self._faults.values() if other.end is not None and other is not fault]
        return next((f"{other.name} has set it already" for other in holders if mine & set(other.kind.sets)), "")

    # ---- writing down ---------------------------------------------------------------------------------------------------

    def _begin(self, fault: Fault, where: str = "", facts: Mapping[str, Any] | None = None) -> None:
        try:
            fault.end = self._begins[fault.kind.effect](self._strike(fault, fault.hits + 1, facts or {}))
        except UserMistake as mistake:
            raise _in(where, mistake) from None

    def _strike(self, fault: Fault, number: int, facts: Mapping[str, Any]) -> Strike:
        return Strike(fault.name, fault.kind.effect, fault.parameters, number, facts, lambda: fault.released)

    def _hit(self, fault: Fault, facts: Mapping[str, Any] | None = None) -> Strike | None:
        """Count a hit; returns the strike, None of a lasting fault, which has begun."""
        fault.hits += 1
        row = self._row("fault-hit", fault, point=fault.point, hit=fault.hits, **_seen(facts or {}))
        if "n" in row:
            fault.rows.append(row["n"])
        if not fault.kind.lasting and fault.spec.times is not None and fault.hits >= fault.spec.times:
            self._lift(fault)
        for other in tuple(self._faults.values()):
            if other.spec.until.struck == fault.name:
                self._release(other)
        return None if fault.kind.lasting else self._strike(fault, fault.hits, facts or {})

    def _miss(self, fault: Fault, why: str, facts: Mapping[str, Any]) -> None:
        fault.missed += 1
        fault.why_missed = why
        self._row("fault-missed", fault, point=fault.point, why=why, **_seen(facts))

    def _release(self, fault: Fault) -> None:
        if fault.released:
            return
        fault.released = True
        if fault.lifted:
            self._row("fault-released", fault)
        self._lift(fault)
        for hear in self._hear_release:
            hear()

    def _lift(self, fault: Fault) -> None:
        if fault.lifted:
            return
        fault.lifted = True
        self._by_point[fault.point].remove(fault)
        for call_off in fault.timers:
            call_off()
        fault.timers.clear()
        self._end(fault)
        self._row("fault-off", fault, hits=fault.hits, missed=fault.missed or None)

    def _end(self, fault: Fault) -> None:
        end, fault.end = fault.end, None
        if end is not None:
            end()

    def _row(self, kind: str, fault: Fault, **facts: Any) -> dict[str, Any]:
        return self._journal.add("faults", kind, fault=fault.name, faults=[fault.name], **facts)

    # ---- time -----------------------------------------------------------------------------------------------------------

    def _set_timers(self, fault: Fault, now: datetime) -> None:
        if fault.lifted or self._later is None:
            return
        if fault.ends is not None:
            fault.timers.append(self._later((fault.ends - now).total_seconds(), partial(self._time_is_over, fault)))
        if fault.kind.lasting and fault.spec.when.window is not None:
            self._wait_for_window(fault)

    def _time_is_over(self, fault: Fault) -> None:
        with self._order:
            self._release(fault)

    def _wait_for_window(self, fault: Fault) -> None:
        """Look at a lasting fault again when its window begins or ends."""
        window, now = fault.spec.when.window, self._journal.now()
        edge = window.next_change(now, self._timezone) if window is not None else None
        if edge is not None and self._later is not None and not fault.lifted:
            # Only the newest can still be waiting.
            fault.timers = fault.timers[:1] if fault.ends is not None else []
            fault.timers.append(self._later((edge - now).total_seconds(), partial(self._window_turns, fault)))

    def _window_turns(self, fault: Fault) -> None:
        with self._order:
            if self._in_window(fault, self._journal.now()):
                if fault.scheduled and fault.end is None:
                    self._begin_by_time(fault)
            elif fault.end is not None:
                self._end(fault)
                self._row("fault-ended", fault)
                if fault.spec.times is not None and fault.hits >= fault.spec.times:
                    self._lift(fault)
            self._wait_for_window(fault)

    def _begin_by_time(self, fault: Fault) -> None:
        why = self._set_by_another(fault)
        try:
            if not why:
                self._begin(fault)
        except UserMistake as mistake:
            why = mistake.given
        if why:
            self._miss(fault, why, {})
        else:
            self._hit(fault)


def _in(where: str, mistake: UserMistake) -> UserMistake:
    """Return a mistake with its place."""
    return UserMistake(mistake.given, mistake.where or where, mistake.expected, mistake.advice)


def _seen(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in facts.items()
        if isinstance(value, str | int) and name not in ("fault", "point", "hit", "why", "faults")
    }
