"""TxnDel and TxnVoid: a deleted transaction is gone from the books; a voided one stays with zero amounts (documented).

Whatever was applied to or from it becomes open again (switch company.transaction-delete-applied): what was paid of a deleted invoice is
unused credit of whoever paid, and a discount on it is undone.
"""

from typing import TYPE_CHECKING

from emulator.company.refusals import refuse
from emulator.company.rules import payments
from emulator.company.store import encoded
from emulator.company.transactions import Transaction, by_id, change_open, refuse_closed

if TYPE_CHECKING:
    from emulator.company.books import Books

_AMOUNTS = frozenset({"Subtotal", "SalesTaxTotal"})
_LINE_AMOUNTS = frozenset({"Amount", "Rate", "Cost", "RatePercent"})


def delete(books: "Books", kind: str, txn_id: str) -> Transaction:
    """Delete a transaction and return it as it was. Call inside `atomic`.

    Raises:
        Refusal: 3120 for an unknown TxnID, 3160 when linked and the switch says so, 3171 before the closing date.
    """
    transaction = _found(books, kind, txn_id)
    _unapply(books, transaction)
    books.ledger.take_back(transaction.number)
    books.store.execute("DELETE FROM txn WHERE number = ?", (transaction.number,))
    books.guids.free(transaction.txn_id)
    books.store.execute(
        "INSERT INTO deletion (kind, id, name, deleted) VALUES (?, ?, ?, ?)", (kind, txn_id, transaction.ref, books.now())
    )
    return transaction


def void(books: "Books", kind: str, txn_id: str) -> Transaction:
    """Void a transaction: its record stays, every amount is zero. Call inside `atomic`. Raises as `delete`."""
    transaction = _found(books, kind, txn_id)
    _unapply(books, transaction)
    books.ledger.take_back(transaction.number)
    document = {name: 0 if name in _AMOUNTS else value for name, value in transaction.document.items()}
    memo = document.get("Memo")
    document["Memo"] = f"VOID: {memo}" if memo else "VOID:"
    lines = {
        key: [(line[0], _zeroed(line[1])) if isinstance(line, tuple) else _zeroed(line) for line in each]
        for key, each in transaction.lines.items()
    }
    transaction.document, transaction.lines = document, lines
    transaction.amount_cents = transaction.open_cents = 0
    transaction.modified = max(books.now(), transaction.modified)
    books.store.execute(
        "UPDATE txn SET amount_cents = 0, open_cents = 0, modified = ?, document = ?, lines = ? WHERE number = ?",
        (
            transaction.modified,
            encoded(document),
            encoded(lines),
            transaction.number,
        ),
    )
    return transaction


def _found(books: "Books", kind: str, txn_id: str) -> Transaction:
    transaction = by_id(books, txn_id)
    if transaction is None or transaction.kind != kind:
        raise refuse(3120, value=txn_id)
    refuse_closed(books, kind, transaction.date)
    linked = books.store.execute(
        "SELECT 1 FROM application WHERE target = ? OR source = ? LIMIT 1", (transaction.number, transaction.number)
    ).fetchone()
    if linked and books.settings["company.transaction-delete-applied"] == "refused":
        raise refuse(3160, value=txn_id, quickbooks="It is linked to another transaction.")
    return transaction


def _unapply(books: "Books", transaction: Transaction) -> None:
    """Open again what was applied to this transaction or by it."""
    rows = books.store.execute(
        "SELECT source, cents, discount_cents FROM application WHERE target = ?", (transaction.number,)
    ).fetchall()
    sources = [(_by_number(books, source), cents) for source, cents, _discount_cents in rows]
    for source, cents in sources:
        change_open(books, source, cents, touch=True)
    rows = books.store.execute(
        "SELECT target, cents, discount_cents FROM application WHERE source = ?", (transaction.number,)
    ).fetchall()
    for target, cents, discount_cents in rows:
        change_open(books, _by_number(books, target), cents + discount_cents, touch=True)
    books.store.execute("DELETE FROM application WHERE target = ? OR source = ?", (transaction.number, transaction.number))
    for source, _cents in sources:
        if source.kind == "ReceivePayment":
            payments.post_again(books, source)


def _by_number(books: "Books", number: int) -> Transaction:
    txn_id = books.store.execute("SELECT txn_id FROM txn WHERE number = ?", (number,)).fetchone()[0]
    found = by_id(books, txn_id)
    assert found is not None
    return found


def _zeroed(line: dict[str, object]) -> dict[str, object]:
    return {name: 0 if name in _LINE_AMOUNTS else value for name, value in line.items()}
