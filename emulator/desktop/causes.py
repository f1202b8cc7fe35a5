"""Which faults of the harness brought about the states that calls and people meet, so that the rows of the journal can name them.

A state that a person reaches by an ordinary act has no cause here; while a fault does the act in his place, what it changes is marked with
the fault, until somebody changes it again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from emulator.qbxml import Status


@dataclass(frozen=True)
class Cause:
    """Why requests are refused while a fault lasts in the books: so that the journal can name it.

    Attributes:
        codes: status codes of those refusals.
        values: what they are about, folded (names, identities); empty: whatever it is.
    """

    codes: frozenset[int]
    values: frozenset[str] = frozenset()

    def explains(self, outcome: Status) -> bool:
        """Return whether an answer was refused for this cause."""
        if outcome.code not in self.codes:
            return False
        said = [str(slot).casefold() for slot in outcome.slots.values()]
        return not self.values or any(value in slot for value in self.values for slot in said)


class Causes:
    """The causes of one office's states.

    Attributes:
        now: the faults whose doing, or undoing, the rows of this moment are.
        acting: those that bring a state about at this moment; none while one is undone.
        in_books: why requests are refused, by the fault that lasts in the books.
    """

    def __init__(self) -> None:
        self.now: tuple[str, ...] = ()
        self.acting: tuple[str, ...] = ()
        self.in_books: dict[str, Cause] = {}
        self._marks: dict[tuple[str, str], tuple[str, ...]] = {}

    @contextmanager
    def by(self, fault: str, *, undoes: bool = False) -> Iterator[None]:
        """Let a fault act: what is marked meanwhile is its doing. With `undoes` it takes back what it did."""
        before = self.now, self.acting
        self.now, self.acting = (fault,), () if undoes else (fault,)
        try:
            yield
        finally:
            self.now, self.acting = before

    def mark(self, state: str, subject: str = "") -> None:
        """Say that a state of a subject (a machine, a path, a user; empty: the whole office) has just been changed."""
        if self.acting:
            self._marks[state, subject.casefold()] = self.acting
        else:
            self._marks.pop((state, subject.casefold()), None)

    def of(self, state: str, *subjects: str) -> tuple[str, ...]:
        """Return the faults that brought a state about, of a subject or of the whole office."""
        found = [fault for subject in ("", *subjects) for fault in self._marks.get((state, subject.casefold()), ())]
        return tuple(dict.fromkeys(found))
