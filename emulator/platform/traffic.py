"""Business traffic: seeded drafts of invoices and bills, made from lists that are handed in.

The n-th invoice of a seed is the same whatever was made before it, so traffic of one kind does not change traffic of another.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Final, Literal

from emulator.core.chance import Chance
from emulator.core.clock import Clock
from emulator.core.documents import SCALE, Document, Line
from emulator.core.errors import UserMistake
from emulator.platform.drafts import Draft

LINES_MAX: Final = 5
"""Most lines of a made document (our choice: a wholesale order of a few articles)."""

QUANTITY_MAX: Final = 24
"""Largest quantity on a made line (our choice: up to two dozen)."""


@dataclass(frozen=True)
class Article:
    """Something that is sold and bought.

    Attributes:
        item: full name of the QuickBooks item.
        description: text on the line.
        price_cents: what a customer pays for one.
        cost_cents: what a vendor is paid for one.
    """

    item: str
    description: str
    price_cents: int
    cost_cents: int


class Traffic:
    """Makes invoices and bills.

    Args:
        chance: the world's chance.
        customers: full names.
        vendors: full names.
        articles: what is on the lines.
        clock: tells the date.
        timezone: where the business is: its calendar day is the document's date.

    Raises:
        UserMistake: there are no articles.
    """

    def __init__(
        self,
        chance: Chance,
        customers: Sequence[str],
        vendors: Sequence[str],
        articles: Sequence[Article],
        clock: Clock,
        timezone: tzinfo = UTC,
    ) -> None:
        if not articles:
            raise UserMistake("traffic has no articles", expected="at least one item to sell and buy")
        self._chance = chance
        self._parties = {"invoice": tuple(customers), "bill": tuple(vendors)}
        self._articles = tuple(articles)
        self._clock = clock
        self._timezone = timezone

    def invoice(self, occurrence: int) -> Draft:
        """Return the n-th invoice, dated today."""
        return self._draft("invoice", occurrence)

    def bill(self, occurrence: int) -> Draft:
        """Return the n-th bill, dated today."""
        return self._draft("bill", occurrence)

    def _draft(self, kind: Literal["invoice", "bill"], occurrence: int) -> Draft:
        parties = self._parties[kind]
        if not parties:
            raise UserMistake(f"traffic has nobody to make a {kind} for", expected="at least one customer and one vendor")
        key = ("traffic", kind, occurrence)
        lines = tuple(self._line(kind, *key, place) for place in range(self._chance.between(1, LINES_MAX, *key, "lines")))
        day = self._clock.now().astimezone(self._timezone).date()
        return Draft(kind, self._chance.pick(parties, *key, "party"), day.isoformat(), lines)

    def _line(self, kind: str, *key: object) -> Line:
        article = self._chance.pick(self._articles, *key, "article")
        quantity = self._chance.between(1, QUANTITY_MAX, *key, "quantity")
        each_cents = article.price_cents if kind == "invoice" else article.cost_cents
        # Whole quantities of prices in whole cents: the amount is exact, so there is nothing to round on either side.
        return Line(article.item, article.description, quantity * SCALE, each_cents * (SCALE // 100), quantity * each_cents)

    async def flow(
        self, emit: Callable[[Draft], Document], *, invoices: int, bills: int = 0, every_s: float, first: int = 1
    ) -> list[Document]:
        """Emit invoices and bills, evenly mixed, one every so many story seconds; returns them as they were accepted.

        `first` is the number of the first occurrence of each kind, so that a second flow makes other documents.
        """
        order = sorted(
            [((place + 0.5) / invoices, "invoice", first + place) for place in range(invoices)]
            + [((place + 0.5) / bills, "bill", first + place) for place in range(bills)]
        )
        accepted: list[Document] = []
        for _, kind, occurrence in order:
            accepted.append(emit(self.invoice(occurrence) if kind == "invoice" else self.bill(occurrence)))
            await self._clock.sleep(every_s)
        return accepted
