"""The account of one fault: what it was asked to do, and every strike that took effect, or could not."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from emulator.core.journal import stamp
from emulator.faults.kinds import Kind, ParameterValue

if TYPE_CHECKING:
    from emulator.faults.grammar import FaultSpec


@dataclass
class Fault:
    """One fault that was asked for: its specification, its kind, and its account.

    Attributes:
        name: what it is called in this plan.
        seen: how many calls matched: its `where`, its window, its state of the world.
        hits: how often it struck and took effect.
        missed: how often it was to strike and could not take effect.
        why_missed: why not, the last time.
        rows: numbers of the rows of the journal that tell of its hits (none in a journal that processes share: its rows get numbers
            when it is read).
        pending: strikes at a byte of a stream that has not come to it yet.
        fired: strikes by hand that are still to come.
        lifted: True once it strikes no more; it stays in the account.
        released: True once somebody has lifted it, or its time is over: what its strikes hold goes on. One that is merely spent (`times`)
            goes on holding what it struck.
        ends: when it is over by itself.
        end: what ends the state that a lasting fault has begun; None while none is in force.
        waits: whether its window has begun, and another fault had set the same already: it begins when that one ends.
        holds: what that state is of: `Kind.sets` with what its parameters meant when it began.
        timers: what calls off what is to be done later.
        note: what whoever asked for it should know: a name in its `where` that nobody has yet.
    """

    name: str
    spec: "FaultSpec"
    kind: Kind
    point: str
    parameters: dict[str, ParameterValue]
    since: datetime
    seen: int = 0
    hits: int = 0
    missed: int = 0
    why_missed: str = ""
    rows: list[int] = field(default_factory=list)
    pending: int = 0
    fired: int = 0
    lifted: bool = False
    released: bool = False
    ends: datetime | None = None
    end: Callable[[], None] | None = field(default=None, repr=False)
    waits: bool = False
    holds: frozenset[str] = frozenset()
    timers: list[Callable[[], None]] = field(default_factory=list, repr=False)
    note: str = ""

    @property
    def called(self) -> str:
        """Return what it was to be called; its name has a number behind it when an earlier one was called so."""
        return self.spec.name or self.kind.name

    @property
    def absent(self) -> bool:
        """Return whether it is the same as no fault: a probability of 0, or parameters with which it does nothing."""
        nothing = any(all(self.parameters[name] == value for name, value in each.items()) for each in self.kind.nothing_at)
        return nothing or self.spec.when.probability == 0

    @property
    def at_once(self) -> bool:
        """Return whether it is a state of things that begins when the fault is put into force."""
        return self.kind.lasting and self.spec.when.always and not self.spec.where and not self.spec.after and not self.absent

    @property
    def scheduled(self) -> bool:
        """Return whether it is a state of things that holds in a window of time, whatever calls come."""
        when = self.spec.when
        free = not when.counts and not when.so and not self.spec.where and not self.spec.after and not self.absent
        return self.kind.lasting and when.between is not None and free

    @property
    def constant(self) -> bool:
        """Return whether it strikes every call that matches its `where`, until somebody lifts it."""
        spec = self.spec
        return spec.when.always and not spec.after and not spec.ends and not self.absent

    def both_set(self, other: "Fault") -> list[str]:
        """Return what this fault sets and another one sets as well."""
        others = {word.casefold() for word in other.holds}
        return sorted(word for word in self.holds if word.casefold() in others)

    @property
    def ends_call(self) -> bool:
        """Return whether each of its strikes ends the call."""
        kind = self.kind
        return self.point in kind.ends_call and all(self.parameters[name] == value for name, value in kind.ends_with.items())

    def told(self) -> dict[str, Any]:
        """Return what lists tell of it, as JSON values."""
        asked = self.spec.model_dump(
            mode="json", by_alias=True, exclude_defaults=True, include={"where", "when", "after", "times", "for_s", "until"}
        )
        return {
            "name": self.name,
            "of": self.kind.name,
            "id": self.kind.id,
            "point": self.point,
            **asked,
            "with": self.parameters,
            "since": stamp(self.since),
            "ends": stamp(self.ends) if self.ends is not None else None,
            "in_force": self.end is not None if self.kind.lasting else not self.lifted and not self.absent,
            "lasts": self.kind.lasting,
            "absent": self.absent,
            "note": self.note,
            "seen": self.seen,
            "hits": self.hits,
            "missed": self.missed,
            "why_missed": self.why_missed,
            "fired": self.fired,
            "lifted": self.lifted,
            "rows": list(self.rows),
        }
