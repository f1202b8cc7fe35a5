"""Apply…AccountRefToExistingTxns: an item's new account also for what it was sold and bought with before (documented: the elements)."""

from typing import TYPE_CHECKING, Any

from emulator.company.ledger import Posting
from emulator.company.records import Record, Values

if TYPE_CHECKING:
    from emulator.company.books import Books

_FLAGS = {
    "ApplyAccountRefToExistingTxns": "AccountRef",
    "ApplyIncomeAccountRefToExistingTxns": "IncomeAccountRef",
    "ApplyCOGSAccountRefToExistingTxns": "COGSAccountRef",
    "ApplyExpenseAccountRefToExistingTxns": "ExpenseAccountRef",
}


def apply_to_existing(books: "Books", item: Record, before: Values, asked: Values) -> None:
    """Post the transactions of an item to its new accounts where a Mod asks for it. Call inside `atomic`.

    Args:
        books: the open file.
        item: as it is now.
        before: its document before the Mod.
        asked: the aggregate of the Mod.
    """
    for flags in (asked, *(value for value in asked.values() if isinstance(value, dict))):
        for flag, name in _FLAGS.items():
            if flags.get(flag):
                old, new = _account(before, name), _account(item.document, name)
                if old is not None and new is not None and old != new:
                    _repost(books, item, old, new)


def _account(document: Values, name: str) -> str | None:
    for values in (document, *(value for value in document.values() if isinstance(value, dict))):
        if name in values:
            return str(values[name]["ListID"])
    return None


def _repost(books: "Books", item: Record, old_id: str, new_id: str) -> None:
    records, execute = books.records, books.store.execute
    old, new = records.by_id("account", old_id), records.by_id("account", new_id)
    assert old is not None
    assert new is not None
    rows: list[Any] = execute(
        "SELECT txn, line, cents, home_cents FROM posting WHERE item = ? AND account = ?", (item.number, old.number)
    ).fetchall()
    execute("UPDATE posting SET account = ? WHERE item = ? AND account = ?", (new.number, item.number, old.number))
    execute("UPDATE unposted SET account = ? WHERE item = ? AND account = ?", (new.number, item.number, old.number))
    books.ledger.move(
        [
            Posting(account, None, sign * row[2], home_cents=sign * row[3])
            for row in rows
            for account, sign in ((old, -1), (new, 1))
        ]
    )
