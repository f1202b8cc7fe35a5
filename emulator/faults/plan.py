"""The plan: it is asked at every point, decides who strikes, and keeps account of each hit. It acts on nothing itself."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NoReturn, TypeAlias

from emulator.core.chance import Chance
from emulator.core.errors import UserMistake, nearest
from emulator.core.journal import Journal
from emulator.faults.grammar import FaultSpec, Kind, ParameterValue


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
    """

    fault: str
    effect: str
    parameters: dict[str, ParameterValue]


Begin: TypeAlias = Callable[[Strike], Callable[[], None]]
"""What the owner of a lasting effect does: begins the state of things and returns what ends it again. Raises UserMistake when the world
has not what the parameters ask for (a machine, a user, a record); nothing has changed then."""


@dataclass
class Fault:
    """One fault that was asked for: its specification, its kind, and its account.

    Attributes:
        name: what it is called in this plan.
        seen: how many calls matched its `where`.
        hits: how often it struck.
        lifted: True once it is over; it stays in the account.
        end: what ends the state that a lasting fault has begun; None while it has begun none.
    """

    name: str
    spec: FaultSpec
    kind: Kind
    point: str
    parameters: dict[str, ParameterValue]
    since: datetime
    seen: int = 0
    hits: int = 0
    lifted: bool = False
    ends: datetime | None = field(default=None)
    end: Callable[[], None] | None = field(default=None, repr=False)


class Plan:
    """All faults of one world.

    Args:
        kinds: what the parts of this world declared.
        chance: for faults with a probability.
        journal: gets a row when a fault begins, hits and ends.
    """

    def __init__(self, kinds: Iterable[Kind], chance: Chance, journal: Journal) -> None:
        self.kinds: dict[str, Kind] = {kind.name: kind for kind in kinds}
        self._chance = chance
        self._journal = journal
        self._faults: dict[str, Fault] = {}
        self._by_point: dict[str, list[Fault]] = {}
        self._begins: dict[str, Begin] = {}

    def own(self, begins: Mapping[str, Begin]) -> None:
        """Say who begins the states of lasting faults, by effect; each part does it once, when it is made."""
        self._begins.update(begins)

    def add(self, spec: FaultSpec, now: datetime, where: str = "") -> Fault:
        """Put a fault into force at once.

        Raises:
            UserMistake: unknown kind, point or parameter, or a name that is taken.
        """
        kind, parameters = spec.resolved(self.kinds, where)
        name = spec.name or kind.name
        if name in self._faults:
            raise UserMistake(f"a fault is already called {name!r}", where, "another name", "give it one with `as`")
        if spec.after and spec.after not in self._faults:
            near = nearest(spec.after, self._faults)
            raise UserMistake(
                f"fault {name!r} comes after {spec.after!r}, which is not in force", where, f"{near!r}" if near else ""
            )
        ends = now + timedelta(seconds=spec.for_s) if spec.for_s is not None else None
        fault = Fault(name, spec, kind, spec.point or kind.points[0], parameters, now, ends=ends)
        at_once = kind.lasting and spec.when.always and not spec.where and not spec.after
        if at_once:
            self._begin(fault)
        self._faults[name] = fault
        self._by_point.setdefault(fault.point, []).append(fault)
        self._journal.add(
            "faults", "fault-on", fault=name, of=kind.name, point=fault.point, parameters=parameters or None, faults=[name]
        )
        if at_once:
            fault.hits = 1
            self._journal.add("faults", "fault-hit", fault=name, point=fault.point, hit=1, faults=[name])
        return fault

    def _begin(self, fault: Fault) -> None:
        begin = self._begins.get(fault.kind.effect)
        if begin is None:
            raise UserMistake(f"nothing in this world can do {fault.kind.name!r}", expected="a fault of a part that is there")
        fault.end = begin(Strike(fault.name, fault.kind.effect, fault.parameters))

    def lift(self, name: str, where: str = "") -> None:
        """End a fault. Raises UserMistake when there is none of this name; ending it twice is ending it once."""
        fault = self._faults.get(name)
        if fault is None:
            near = nearest(name, self._faults)
            raise UserMistake(f"no fault is called {name!r}", where, f"{near!r}" if near else "a fault that was put into force")
        self._lift(fault)

    def lift_all(self) -> None:
        """End every fault: done at the end of every run, also of one that broke."""
        for fault in self._faults.values():
            self._lift(fault)

    def _lift(self, fault: Fault) -> None:
        if not fault.lifted:
            fault.lifted = True
            self._by_point[fault.point].remove(fault)
            if fault.end is not None:
                fault.end()
                fault.end = None
            self._journal.add("faults", "fault-off", fault=fault.name, hits=fault.hits, faults=[fault.name])

    def active(self, point: str) -> bool:
        """Return whether anything at all waits at a point, without counting a call; for owners that hold a state (a closed port)."""
        return bool(self._by_point.get(point))

    def strikes(self, point: str, now: datetime, **facts: Any) -> list[Strike]:
        """Return what strikes this call at this point, in the order the faults were put into force. Counts and records every hit."""
        waiting = self._by_point.get(point)
        if not waiting:
            return []
        found: list[Strike] = []
        # Who is awake is settled before anybody strikes: a fault that comes after another one spares the call that woke it.
        for fault in [each for each in waiting if self._awake(each)]:
            if fault.ends is not None and now >= fault.ends:
                self._lift(fault)
            elif fault.end is None and self._hits(fault, facts):
                if fault.kind.lasting:
                    self._begin(fault)
                self._journal.add(
                    "faults", "fault-hit", fault=fault.name, point=point, hit=fault.hits, faults=[fault.name], **_seen(facts)
                )
                if not fault.kind.lasting:
                    found.append(Strike(fault.name, fault.kind.effect, fault.parameters))
                if fault.spec.times is not None and fault.hits >= fault.spec.times:
                    self._lift(fault)
        return found

    def _awake(self, fault: Fault) -> bool:
        """Return whether the fault this one comes after has struck before."""
        return not fault.spec.after or self._faults[fault.spec.after].hits > 0

    def _hits(self, fault: Fault, facts: dict[str, Any]) -> bool:
        """Return whether a call is struck; counts it when it matches."""
        if any(str(facts.get(name, "")).casefold() != str(wanted).casefold() for name, wanted in fault.spec.where.items()):
            return False
        fault.seen += 1
        when = fault.spec.when
        struck = (
            (when.nth is None or fault.seen == when.nth)
            and (when.first is None or fault.seen <= when.first)
            and (when.every is None or fault.seen % when.every == 0)
            and (when.probability is None or self._chance.unit("fault", fault.name, fault.point, fault.seen) < when.probability)
        )
        fault.hits += struck
        return struck

    def faults(self) -> list[Fault]:
        """Return every fault that was asked for, lifted ones too, in order."""
        return list(self._faults.values())

    def unfired(self) -> list[Fault]:
        """Return the faults that should have struck and never did: they make a verdict inconclusive (ARCHITECTURE decision 9)."""
        return [fault for fault in self._faults.values() if fault.hits == 0 and fault.spec.expect_hits == "at least once"]


def _seen(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in facts.items() if isinstance(value, str | int) and name not in ("fault", "point", "hit")
    }
