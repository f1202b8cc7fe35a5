"""The double-entry ledger and the balances that follow from it.

Every posting transaction has rows of (account, name, cents): debit positive, credit negative, together zero. Balances of accounts,
customers and vendors change in the same SQLite transaction: an account's is the sum of its rows, a name's the sum of its receivable
and payable rows (for vendors with the sign turned, so that what we owe is positive). A parent's total includes everything below it
(switch company.parent-balance). Balances do not touch TimeModified (switch company.balance-touches-record).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from emulator.company.records import Record

if TYPE_CHECKING:
    from emulator.company.books import Books


class Posting(NamedTuple):
    """One row of the ledger before it has its transaction: `name` is the customer or vendor whose balance it moves, or None."""

    account: Record
    name: Record | None
    cents: int


class Ledger:
    """Posts transactions of one company and takes them back."""

    def __init__(self, books: "Books") -> None:
        self._books = books

    def post(self, transaction: int, postings: Sequence[Posting]) -> None:
        """Write the rows of a transaction and move the balances. Call inside `atomic`."""
        assert sum(posting.cents for posting in postings) == 0, postings
        self._books.store.executemany(
            "INSERT INTO posting VALUES (?, ?, ?, ?, ?)",
            [
                (
                    transaction,
                    line,
                    posting.account.number,
                    posting.name.number if posting.name is not None else None,
                    posting.cents,
                )
                for line, posting in enumerate(postings)
            ],
        )
        self._move(postings)

    def take_back(self, transaction: int) -> None:
        """Remove the rows of a transaction and move the balances back. Call inside `atomic`."""
        by_number = self._books.records.by_number
        rows = self._books.store.execute("SELECT account, entity, cents FROM posting WHERE txn = ?", (transaction,)).fetchall()
        self._books.store.execute("DELETE FROM posting WHERE txn = ?", (transaction,))
        self._move(
            [Posting(by_number(account), by_number(name) if name is not None else None, -cents) for account, name, cents in rows]
        )

    def _move(self, postings: Sequence[Posting]) -> None:
        # Several lines often go to one account; each record is written once.
        changes: dict[int, list[int]] = {}
        for account, name, cents in postings:
            self._add(changes, account, cents)
            if name is not None:
                self._add(changes, name, -cents if name.kind == "Vendor" else cents)
        self._write(changes)

    def _add(self, changes: dict[int, list[int]], record: Record, cents: int) -> None:
        own = changes.setdefault(record.number, [0, 0])
        own[0] += cents
        own[1] += cents
        parent = record.parent
        while parent is not None:
            changes.setdefault(parent, [0, 0])[1] += cents
            parent = self._books.records.by_number(parent).parent

    def _write(self, changes: dict[int, list[int]]) -> None:
        # Looked up first: a record read from the file after the UPDATE would hold the change already.
        for number, (own, total) in changes.items():
            record = self._books.records.by_number(number)
            record.own_cents += own
            record.total_cents += total
        self._books.store.executemany(
            "UPDATE balance SET own_cents = own_cents + ?, total_cents = total_cents + ? WHERE record = ?",
            [(own, total, number) for number, (own, total) in changes.items()],
        )

    def move_total(self, record: Record, old_parent: int | None) -> None:
        """Carry a record's total from its old ancestors to its new ones. Call inside `atomic`, after the parent has changed."""
        changes: dict[int, list[int]] = {}
        for start, cents in ((old_parent, -record.total_cents), (record.parent, record.total_cents)):
            above = start
            while above is not None:
                changes.setdefault(above, [0, 0])[1] += cents
                above = self._books.records.by_number(above).parent
        self._write(changes)
