"""Average cost worked out a second time: the whole history of all items, day by day, from what the documents say.

It shares no code with the emulator: quantities and money are exact fractions of pieces and cents, rounded where a cent or a cost of five
decimals must come out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction


def rounded(value: Fraction) -> int:
    """Return the nearest whole number, halves away from zero."""
    return int(abs(value) + Fraction(1, 2)) * (1 if value >= 0 else -1)


@dataclass
class Kept:
    """What is kept of an item: pieces, cents, and the average cost of a piece in 0.00001 of the currency."""

    average: int
    pieces: Fraction = Fraction(0)
    cents: int = 0

    def bought(self, pieces: Fraction, cents: int) -> None:
        """Pieces come, or go, at a value of their own."""
        self.pieces += pieces
        self.cents += cents
        if self.pieces > 0 and self.cents >= 0:
            self.average = rounded(Fraction(self.cents * 1000) / self.pieces)

    def at_average(self, pieces: Fraction) -> int:
        """Pieces come, or go (below zero), at the average; return their value."""
        average = Fraction(self.cents) / self.pieces if self.pieces > 0 and self.cents >= 0 else Fraction(self.average, 1000)
        cents = rounded(average * pieces)
        self.pieces += pieces
        self.cents += cents
        return cents


@dataclass
class Event:
    """One line of a document.

    Attributes:
        item: what moves.
        pieces: in above zero, out below.
        cents: the value it has of its own; None at average.
        other: the account on the other side of what moves at average.
        parts: for a build: what it takes, item by item.
    """

    item: str
    pieces: Fraction
    cents: int | None = None
    other: str = ""
    parts: tuple[tuple[str, Fraction], ...] = ()


@dataclass
class Document:
    """A document with its place in history."""

    kind: str
    date: str
    number: int
    events: list[Event] = field(default_factory=list)


def replayed(documents: Iterable[Document], first_costs: dict[str, int]) -> tuple[dict[str, Kept], dict[str, int]]:
    """Go through the history; return what is kept of each item, and what the accounts on the other side have got."""
    kept = {item: Kept(cost) for item, cost in first_costs.items()}
    others: dict[str, int] = {}
    for document in sorted(documents, key=lambda each: (each.date, each.number)):
        for event in document.events:
            if event.parts:
                taken = sum(kept[item].at_average(-pieces) for item, pieces in event.parts)
                kept[event.item].bought(event.pieces, -taken)
            elif event.cents is not None:
                kept[event.item].bought(event.pieces, event.cents)
                if event.other:
                    others[event.other] = others.get(event.other, 0) - event.cents
            else:
                cents = kept[event.item].at_average(event.pieces)
                others[event.other] = others.get(event.other, 0) - cents
    return kept, others
