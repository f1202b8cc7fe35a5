"""Condensing a company file: what is closed and old goes, and one journal entry keeps every balance.

QuickBooks removes transactions before a date that nothing later hangs on, and puts a summary journal entry in their place (documented: the
recommended way makes one entry). Here transactions go in groups that are linked with each other (applied, deposited, fulfilled), and a
group goes only whole: when each of its transactions is before the date, posted, paid in full, in the company's own currency, moves no
stock and is no order; a group that leaves a customer, a vendor or money that waits to be deposited with a balance stays (inferred). Whoever asks for
a number of before that date finds nothing, and the deletion is told to nobody (inferred: it is no TxnDel).
"""

from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from emulator.company.ledger import NAMED
from emulator.company.refusals import Refusal
from emulator.company.rules import table
from emulator.company.rules.money import JOURNAL_LINES
from emulator.company.transactions import by_number, take_out_of_books
from emulator.core.errors import UserMistake

if TYPE_CHECKING:
    from emulator.company.books import Books

MEMO: Final = "Condensed transactions"
"""Memo of the lines of the entry (our wording)."""

_LINKS: Final = (
    "SELECT target, source FROM application",
    "SELECT txn, deposit FROM deposited",
    "SELECT order_txn, txn FROM fulfilment",
)

_REMOVABLE: Final = (
    "SELECT number FROM txn WHERE date < ? AND NOT pending AND open_cents = 0 AND currency IS NULL"
    " AND number IN (SELECT txn FROM posting)"
    " AND number NOT IN (SELECT txn FROM movement)"
    " AND number NOT IN (SELECT txn FROM order_line)"
    " AND number NOT IN (SELECT txn FROM posting JOIN list_record ON record = account WHERE json_extract(document, '$.CurrencyRef') IS NOT NULL)"
)


def condense(books: "Books", before: date) -> tuple[int, int]:
    """Summarise the closed transactions before a day, in one transaction of the file.

    Returns:
        how many transactions went, and how many entries stand for them: one, or none when their amounts cancel out.

    Raises:
        UserMistake: the entry cannot be saved (the books are closed on its day, say); nothing has changed then.
    """
    with books.store.atomic():
        removable = {row[0] for row in books.store.execute(_REMOVABLE, (before.isoformat(),))}
        gone = [number for group in _groups(books, removable) if _leaves_nobody(books, group) for number in group]
        sums = _sums(books, gone)
        for number in gone:
            _remove(books, number)
        lines = [
            ("JournalDebitLine" if cents > 0 else "JournalCreditLine", {**_names(books, key), "Amount": abs(cents), "Memo": MEMO})
            for key, cents in sorted(sums.items(), key=lambda each: (each[0][0], each[0][1] or 0))
            if cents
        ]
        if lines:
            day = (before - timedelta(days=1)).isoformat()
            try:
                table.add(books, "JournalEntry", {"TxnDate": day, "RefNumber": None, JOURNAL_LINES: lines})
            except Refusal as refusal:
                raise UserMistake(f"the entry of {day} cannot be saved: {refusal.status.message}", "condense") from None
    return len(gone), 1 if lines else 0


def _groups(books: "Books", removable: set[int]) -> list[list[int]]:
    """Return the groups of linked transactions all of which may go, in order."""
    leader: dict[int, int] = {}

    def find(number: int) -> int:
        leader.setdefault(number, number)
        while leader[number] != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    for sql in _LINKS:
        for one, other in books.store.execute(sql).fetchall():
            leader[find(one)] = find(other)
    groups: dict[int, list[int]] = defaultdict(list)
    for number in sorted(removable | leader.keys()):
        groups[find(number)].append(number)
    return [group for group in groups.values() if removable.issuperset(group)]


def _leaves_nobody(books: "Books", group: list[int]) -> bool:
    """Return whether a group leaves no name, and no money that waits for its deposit, with a balance."""
    left: dict[tuple[int, int | None], int] = defaultdict(int)
    for number in group:
        for account, entity, cents in books.store.execute(
            "SELECT account, entity, home_cents FROM posting WHERE txn = ?", (number,)
        ).fetchall():
            record = books.records.by_number(account)
            if record.document["AccountType"] in NAMED:
                left[account, entity] += cents
            elif record.document.get("SpecialAccountType") == "UndepositedFunds":
                left[account, None] += cents
    return not any(left.values())


def _sums(books: "Books", numbers: list[int]) -> dict[tuple[int, int | None], int]:
    """Return what the ledger rows of transactions come to, by account; of sales tax, by the agency it is owed to as well."""
    sums: dict[tuple[int, int | None], int] = defaultdict(int)
    for number in numbers:
        for account, entity, cents in books.store.execute(
            "SELECT account, entity, home_cents FROM posting WHERE txn = ?", (number,)
        ).fetchall():
            special = books.records.by_number(account).document.get("SpecialAccountType")
            sums[account, entity if special == "SalesTaxPayable" else None] += cents
    return sums


def _names(books: "Books", key: tuple[int, int | None]) -> dict[str, Any]:
    account, entity = key
    named = {} if entity is None else {"EntityRef": books.records.by_number(entity).reference}
    return {"AccountRef": books.records.by_number(account).reference, **named}


def _remove(books: "Books", number: int) -> None:
    transaction = by_number(books, number)
    execute = books.store.execute
    execute("DELETE FROM application WHERE target = ?1 OR source = ?1", (number,))
    take_out_of_books(books, number)
    execute("DELETE FROM deposited WHERE txn = ?1 OR deposit = ?1", (number,))
    execute("DELETE FROM txn WHERE number = ?", (number,))
    books.custom_fields.forget_transaction(transaction)
    books.guids.free(transaction.txn_id)
