"""A check: one invariant, in words and as a function over the evidence."""

from collections.abc import Callable
from dataclasses import dataclass

from emulator.scenario.evidence import Evidence
from emulator.scenario.verdict import Finding


@dataclass(frozen=True)
class Check:
    """One invariant.

    Attributes:
        id: as scenario files name it (`I1`).
        name: two or three words.
        promise: what it promises, one sentence.
        judge: looks at the evidence and says what it found; reads nothing else and keeps nothing.
    """

    id: str
    name: str
    promise: str
    judge: Callable[[Evidence], Finding]
