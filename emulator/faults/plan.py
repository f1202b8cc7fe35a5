"""The plan: it is asked at every point, decides who strikes, and keeps account of each strike. It acts on nothing itself.

    owner of a point --> Plan.strikes(point, facts) --> one strike at a time --> the owner does it, and asks for the next
                                                    `-> none any more, when the call has ended

The next fault is judged when the one before is through: it may have ended the call, and then nothing else strikes it; the world may have
changed meanwhile. What was to strike and cannot take effect (QuickBooks is not running, another fault has set the same) is a row
`fault-missed`, and no hit. A lasting fault that missed the beginning of its window because of another one begins when that other one ends, if
its window has not ended before.

A fault that is spent (`times`) strikes no more and goes on holding the calls it struck; one that is lifted, or whose time is over, releases
them. At the end of a run nothing is released: nothing happens any more in a world that has ended.

Rows of lane `faults`: `fault-on`, `fault-fired` (by hand), `fault-hit`, `fault-missed`, `fault-ended` (a lasting fault at the end of its
window; it begins again with the next), `fault-off`, `fault-released` (one that was spent is lifted).
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from emulator.core.chance import Chance
from emulator.core.errors import UserMistake, nearest
from emulator.core.journal import Journal
from emulator.core.times import next_time_of_day, time_or_moment
from emulator.faults import contradictions
from emulator.faults.account import Fault
from emulator.faults.kinds import NAME_MAX, Kind, Path
from emulator.faults.strikes import Lacks, Later, Strike
from emulator.faults.surroundings import Surroundings, placed

if TYPE_CHECKING:
    from emulator.faults.grammar import FaultSpec


class Plan:
    """All faults of one world. Faults may be put into force and lifted from any thread; points ask on the thread of their part.

    Args:
        kinds: what the parts of this world declared.
        chance: for faults with a probability.
        journal: gets a row when a fault begins, hits and ends; tells the time.
        later: has something done later; without it the end of a fault's time is seen at the next call only.
        timezone: where times of day are read from the wall.
        paths: the ways of calls through the parts.

    Attributes:
        surroundings: what there is in the world that a fault may ask for; the parts fill it.
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
        self.surroundings = Surroundings(kinds, paths)
        self._chance = chance
        self._journal = journal
        self._later = later
        self._timezone = timezone
        self._faults: dict[str, Fault] = {}
        self._by_point: dict[str, list[Fault]] = {}
        self._hear_release: list[Callable[[], None]] = []
        self._order = threading.RLock()

    def on_release(self, hear: Callable[[], None]) -> None:
        """Have something done whenever a fault releases what it holds: those who are held look again. Called on the thread that lifts."""
        self._hear_release.append(hear)

    @property
    def kinds(self) -> dict[str, Kind]:
        """Return the kinds of fault that the parts declared, by name."""
        return self.surroundings.kinds

    # ---- putting into force, firing, lifting ----------------------------------------------------------------------------

    def add(self, spec: "FaultSpec", now: datetime, where: str = "") -> Fault:
        """Put a fault into force at once.

        Raises:
            UserMistake: unknown kind, point, parameter, fact, machine, user, a name that is taken, a fault of a part that this world has
                not, or a contradiction to a fault in force. Nothing has changed then.
        """
        with self._order:
            fault = self._made(spec, now, where)
            if fault.absent:
                # The same as no fault: the journal is as it would be without it.
                self._faults[fault.name] = fault
                return fault
            if self._begins_now(fault, now):
                self._begin(fault, where)
            self._faults[fault.name] = fault
            self._by_point.setdefault(fault.point, []).append(fault)
            told = fault.told()
            asked = {name: told.get(name) for name in ("where", "when", "after", "times", "for_s", "until")}
            self._row("fault-on", fault, of=fault.kind.name, point=fault.point, parameters=fault.parameters or None, **asked)
            if fault.end is not None:
                self._hit(fault)
            self._set_timers(fault, now)
            return fault

    def fire(self, name: str, times: int = 1, where: str = "") -> Fault:
        """Let a fault that is armed by hand strike: its next matching calls, or at once when it lasts.

        Args:
            name: of the fault.
            times: how many of the next matching calls it strikes; 1 of a lasting fault, which begins once.
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
            if fault.absent:
                raise UserMistake(f"fault {name!r} does nothing with what it was given", where, "a fault that does something")
            if times < 1:
                raise UserMistake(f"fault {name!r} cannot be fired {times} times", where, "1 or more")
            if fault.kind.lasting:
                if times != 1:
                    given = f"fault {name!r} lasts: it begins once, and cannot be fired {times} times"
                    raise UserMistake(given, where, "1, or no `times` at all")
                if fault.end is not None:
                    raise UserMistake(f"fault {name!r} has begun already", where, "a fault that has not begun, or `lift`")
                if why := self._not_now(fault) or self._set_by_another(fault):
                    raise UserMistake(f"fault {name!r} cannot begin: {why}", where, "a time when it can")
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
            self._begin_waiting()

    def lift_all(self) -> list[str]:
        """End every fault and release what it holds; what was begun last ends first. Returns the names of those that were not over."""
        with self._order:
            names = [fault.name for fault in self._faults.values() if not fault.released and not fault.absent]
            for fault in reversed(self._faults.values()):
                self._release(fault)
            return names

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

    def _made(self, spec: "FaultSpec", now: datetime, where: str) -> Fault:
        kind, parameters = self.surroundings.checked(spec, where)
        name = self._name_for(spec, kind, where)
        for link, other in (("comes after", spec.after), ("lasts until", spec.until.struck)):
            if other and other == name and other not in self._faults:
                raise UserMistake(f"fault {name!r} {link} {other!r}, which is itself", where, "another fault, or `times: 1`")
            if other and other not in self._faults:
                near = nearest(other, self._faults)
                expected = f"{near!r}" if near else "a fault that was put into force before"
                raise UserMistake(f"fault {name!r} {link} {other!r}, which is not in force", where, expected)
        point = spec.point or kind.points[0]
        note = self.surroundings.note_on(spec, point)
        fault = Fault(name, spec, kind, point, parameters, now, ends=self._ends(spec, now), note=note)
        if self._begins_now(fault, now):
            fault.holds = self._meant_sets(fault, {})
        contradictions.check(fault, self._faults.values(), self.surroundings.paths, now, self._timezone, where)
        return fault

    def _name_for(self, spec: "FaultSpec", kind: Kind, where: str) -> str:
        """Return what a fault will be called: as it asks, or as its kind, with a number when an earlier one that is over was called so."""
        name = spec.name or kind.name
        if name not in self._faults:
            return name
        free = next(each for number in count(2) if (each := f"{name[: NAME_MAX - 8]}-{number}") not in self._faults)
        if (other := self._in_force(name)) is not None:
            raise UserMistake(
                f"a fault is already called {other.name!r}",
                where,
                "another name",
                f"lift it, or call this one {free!r} with `as`",
            )
        if not spec.name:
            return free
        raise UserMistake(
            f"a fault that is over was called {name!r}, and its account stands under that name",
            where,
            "another name",
            f"call this one {free!r}",
        )

    def _ends(self, spec: "FaultSpec", now: datetime) -> datetime | None:
        ends = [now + timedelta(seconds=spec.for_s)] if spec.for_s is not None else []
        if spec.until.at:
            at = time_or_moment(spec.until.at)
            ends.append(at if isinstance(at, datetime) else next_time_of_day(at, now + timedelta(microseconds=1), self._timezone))
        return min(ends, default=None)

    def _named(self, name: str, where: str) -> Fault:
        """Return the fault that is meant by a name: one in force, else the newest that may still hold calls, else the newest."""
        called = [each for each in reversed(self._faults.values()) if name in (each.name, each.called)]
        if not called:
            near = nearest(name, self._faults)
            raise UserMistake(f"no fault is called {name!r}", where, f"{near!r}" if near else "a fault that was put into force")
        return min(called, key=lambda fault: (fault.lifted, fault.released))

    def _in_force(self, name: str) -> Fault | None:
        """Return the fault that is not over and was to be called so; None when there is none."""
        return next((each for each in self._faults.values() if name in (each.name, each.called) and not each.lifted), None)

    # ---- judging --------------------------------------------------------------------------------------------------------

    def _judged(self, fault: Fault, now: datetime, lacks: Lacks | None, facts: dict[str, Any]) -> Strike | None:
        """Decide whether a fault strikes a call, and write it down; the lasting ones begin here."""
        if fault.ends is not None and now >= fault.ends:
            self._release(fault)
            self._begin_waiting()
        if fault.lifted or fault.absent or fault.end is not None or not self._matches(fault, now, facts):
            return None
        fault.seen += 1
        if not self._picked(fault):
            return None
        if why := self._obstacle(fault, lacks, facts):
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
        return self._in_window(fault, now) and self.surroundings.unlike(fault.spec.when.so) is None

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

    def _not_now(self, fault: Fault) -> str:
        """Return why it is not the time for a fault that is fired; empty when it is."""
        if not self._in_window(fault, self._journal.now()):
            return f"it begins between {' and '.join(fault.spec.when.between or ())}"
        unlike = self.surroundings.unlike(fault.spec.when.so)
        return f"it begins while {unlike[0]} is {unlike[1]}" if unlike is not None else ""

    def _obstacle(self, fault: Fault, lacks: Lacks | None, facts: Mapping[str, Any]) -> str:
        """Return why a strike cannot take effect now; empty when it can."""
        missing = [why for need in fault.kind.needs if (why := lacks(need, fault.parameters))] if lacks is not None else []
        return missing[0] if missing else self._set_by_another(fault, facts)

    def _set_by_another(self, fault: Fault, facts: Mapping[str, Any] | None = None) -> str:
        """Return who has set already what a lasting fault is about to set; empty when nobody has."""
        if not fault.kind.lasting:
            return ""
        fault.holds = self._meant_sets(fault, facts or {})
        holders = [other for other in self._faults.values() if other.end is not None and other is not fault]
        same = ((other, words) for other in holders if (words := fault.both_set(other)))
        return next((f"{other.name} has set {' and '.join(words)} already" for other, words in same), "")

    def _meant_sets(self, fault: Fault, facts: Mapping[str, Any]) -> frozenset[str]:
        """Return what a lasting fault sets when it begins now: the words of its kind, with what its parameters mean."""
        strike = self._strike(fault, fault.hits + 1, facts)
        return frozenset(each for words in fault.kind.sets for each in self.surroundings.meant_by(words, strike))

    def _begins_now(self, fault: Fault, now: datetime) -> bool:
        return fault.at_once or (fault.scheduled and self._in_window(fault, now))

    # ---- writing down ---------------------------------------------------------------------------------------------------

    def _begin(self, fault: Fault, where: str = "", facts: Mapping[str, Any] | None = None) -> None:
        try:
            fault.end = self.surroundings.begins[fault.kind.effect](self._strike(fault, fault.hits + 1, facts or {}))
        except UserMistake as mistake:
            told = placed(where, mistake)
            # A sentence that ends by asking whether another one was meant has said what to do.
            if not told.expected and not told.advice and not told.given.endswith("?"):
                told = UserMistake(told.given, told.where, "a world in which people could do it")
            raise told from None

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
        over = [other for other in self._faults.values() if other.spec.until.struck == fault.name]
        for other in over:
            self._release(other)
        if over:
            self._begin_waiting()
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
        if fault.absent:
            return
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
            self._begin_waiting()

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
            else:
                fault.waits = False
                if fault.end is not None:
                    self._end(fault)
                    self._row("fault-ended", fault)
                    if fault.spec.times is not None and fault.hits >= fault.spec.times:
                        self._lift(fault)
                    self._begin_waiting()
            self._wait_for_window(fault)

    def _begin_waiting(self) -> None:
        """Begin those whose window has begun while another one had set the same, and has not any more."""
        for fault in tuple(self._faults.values()):
            if (
                fault.waits
                and not fault.lifted
                and self._in_window(fault, self._journal.now())
                and not self._set_by_another(fault)
            ):
                self._begin_by_time(fault)

    def _begin_by_time(self, fault: Fault) -> None:
        why = self._set_by_another(fault)
        fault.waits = bool(why)
        try:
            if not why:
                self._begin(fault)
        except UserMistake as mistake:
            why = mistake.given
        if why:
            self._miss(fault, why, {})
        else:
            self._hit(fault)


def _seen(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in facts.items()
        if isinstance(value, str | int) and name not in ("fault", "point", "hit", "why", "faults")
    }
