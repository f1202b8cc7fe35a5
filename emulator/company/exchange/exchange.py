"""The outside of this room: what an open company gives away and takes in."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from emulator.company.exchange import answers, ledger
from emulator.company.exchange.restoring import Source, restore
from emulator.company.exchange.summary import Summary, summary_of

if TYPE_CHECKING:
    from emulator.company.books import Books


class Exchange:
    """What goes into one company from elsewhere, and what goes out of it."""

    def __init__(self, books: "Books") -> None:
        self._books = books

    def summary(self) -> Summary:
        """Return the company at a glance."""
        return summary_of(self._books)

    def answers(self) -> str:
        """Return the query answers of all lists and transactions as one document of qbXML."""
        return answers.document_of(self._books)

    def ledger(self) -> Iterator[list[str]]:
        """Yield the columns, then a line for each posting, as texts."""
        return ledger.rows_of(self._books)

    def restore(self, sources: Iterable[Source], leave_balances: bool = False) -> Counter[str]:
        """Take in the records of another company, with their identities and times; see `restoring.restore`.

        Everything is one transaction of the file. Raises UserMistake, with nothing written.
        """
        try:
            with self._books.store.atomic():
                return restore(self._books, sources, leave_balances)
        finally:
            self._books.forget()
