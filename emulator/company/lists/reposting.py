"""Apply…AccountRefToExistingTxns: an item's new account also for what it was sold and bought with before.

Documented: with the flag the transactions that are there get the new account, and when one of them is in closed books the whole Mod is
refused (the code, 3171, is our choice); without it the Mod does not take effect when there are such transactions (switch
company.item-account-without-apply). Sales follow the income account, purchases and builds the expense account.

The asset account of what is in stock has no flag (documented: the schema), and must hold what the stock is worth: a new one takes over
everything that was posted for the item (switch company.asset-account-of-mod).
"""

from typing import TYPE_CHECKING, Any, Final

from emulator.company.items import STOCKED
from emulator.company.ledger import Posting
from emulator.company.numbering import refuse_closed
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save

if TYPE_CHECKING:
    from emulator.company.books import Books

_FLAGS: Final = {
    "AccountRef": "ApplyAccountRefToExistingTxns",
    "IncomeAccountRef": "ApplyIncomeAccountRefToExistingTxns",
    "COGSAccountRef": "ApplyCOGSAccountRefToExistingTxns",
    "ExpenseAccountRef": "ApplyExpenseAccountRefToExistingTxns",
}
"""Element of an item -> the flag beside it."""

_WITHOUT_FLAG: Final = {("ItemInventoryAssembly", "COGSAccountRef")}
"""Kinds whose Mod has no flag for an element (documented: the schema): the new account counts for later transactions only."""

_SALES: Final = ("Invoice", "Estimate", "SalesOrder", "SalesReceipt", "CreditMemo", "Charge")
_KINDS: Final = {"IncomeAccountRef": f"kind IN {_SALES}", "ExpenseAccountRef": f"kind NOT IN {_SALES}"}
"""Element of an item -> the transactions that post to it, where that is not all."""


def apply_to_existing(books: "Books", item: Record, before: Values, asked: Values) -> None:
    """Post the transactions of an item to its new accounts, or refuse new accounts. Call inside `atomic`.

    Args:
        books: the open file.
        item: as it is now.
        before: its document before the Mod.
        asked: the aggregate of the Mod.

    Raises:
        Refusal: 3171, 3180.
    """
    flags = {name for values in (asked, *_aggregates(asked)) for name, value in values.items() if value is True}
    for name, flag in _FLAGS.items():
        old, new = _account(books, before, name), _account(books, item.document, name)
        if old is None or new is None or old is new or (item.kind, name) in _WITHOUT_FLAG:
            continue
        rows = _rows(books, item, old, name)
        if flag in flags:
            _repost(books, item, old, new, rows)
        elif rows and books.settings["company.item-account-without-apply"] == "refused":
            raise cannot_save(
                "item list", f"Transactions use the account {old.full_name} for this item, and {flag} was not said."
            )
    move_stock(books, item, before, item.document)


def move_stock(books: "Books", item: Record, before: Values, after: Values) -> None:
    """Move what was posted for a stocked item to its new asset account. Call inside `atomic`.

    Args:
        books: the open file.
        item: whose stock it is.
        before: a document with the old account.
        after: a document with the new one.

    Raises:
        Refusal: 3171 when some of it is in closed books.
    """
    old, new = (_account(books, document, "AssetAccountRef") for document in (before, after))
    if item.kind in STOCKED and old is not None and new is not None and old is not new:
        _repost(books, item, old, new, _rows(books, item, old, "AssetAccountRef"))


def _aggregates(values: Values) -> list[Values]:
    return [value for value in values.values() if isinstance(value, dict)]


def _account(books: "Books", document: Values, name: str) -> Record | None:
    for values in (document, *_aggregates(document)):
        if name in values:
            return books.records.by_id("account", values[name]["ListID"])
    return None


def _rows(books: "Books", item: Record, account: Record, name: str) -> list[Any]:
    """Return what an item has posted (or would have) to an account of its: transaction, line, cents, home cents, posts, date."""
    return books.store.execute(
        "SELECT txn, line, cents, home_cents, posts, date FROM entry JOIN txn ON number = txn WHERE entry.item = ? AND entry.account = ?"
        f" AND {_KINDS.get(name, 'TRUE')}",
        (item.number, account.number),
    ).fetchall()


def _repost(books: "Books", item: Record, old: Record, new: Record, rows: list[Any]) -> None:
    """Post these rows to another account; 3171 when one is in closed books."""
    for day in {row[-1] for row in rows}:
        refuse_closed(books, item.kind, day)
    for number, line, _cents, _home_cents, posts, _day in rows:
        table = "posting" if posts else "unposted"
        books.store.execute(f"UPDATE {table} SET account = ? WHERE txn = ? AND line = ?", (new.number, number, line))
    books.ledger.move(
        [
            Posting(account, None, sign * cents, home_cents=sign * home_cents)
            for _number, _line, cents, home_cents, posts, _day in rows
            if posts
            for account, sign in ((old, -1), (new, 1))
        ]
    )
