"""TxnDel and TxnVoid: a deleted transaction is gone from the books; a voided one stays with zero amounts (documented).

Whatever was applied to or from it becomes open again (switch company.transaction-delete-applied): what was paid of a deleted invoice is
unused credit of whoever paid, and a discount on it is undone. Stock, orders and the bank are as if it had never been. What a deposit has
taken to the bank must be taken out of the deposit first (switch
company.deposited-removal-code).
"""

from typing import TYPE_CHECKING, Any

from emulator.company import links
from emulator.company.numbering import is_closed
from emulator.company.records import Values
from emulator.company.refusals import refuse, refuse_as_set
from emulator.company.rules import payments
from emulator.company.store import encoded
from emulator.company.transactions import Transaction, by_id, take_out_of_books

if TYPE_CHECKING:
    from emulator.company.books import Books

_AMOUNTS = frozenset(
    {
        "Subtotal", "SalesTaxTotal", "SuggestedDiscountAmount", "Amount", "Rate", "Cost", "RatePercent", "TotalAmount", "Quantity",
        "QuantityDifference", "ValueDifference",
    }
)  # fmt: skip
"""Elements of header and lines that a void makes zero: the amounts (documented), and the quantities, because nothing has moved any more
(inferred); so a Mod that leaves the lines alone leaves the transaction void."""

VOIDED = "VOID:"
"""What the memo of a voided transaction begins with (inferred from the form on screen)."""

_TAKEN_TO_THE_BANK = frozenset({"TxnType", "TxnID", "PaymentTxnLineID"})
"""Elements of a deposit's line that name the payment it took, which waits again after a void."""


def delete(books: "Books", kind: str, txn_id: str) -> Transaction:
    """Delete a transaction and return it as it was. Call inside `atomic`.

    Raises:
        Refusal: 3120 for an unknown TxnID, 3160 when linked and the switch says so, 3161 before the closing date.
    """
    transaction = _found(books, kind, txn_id, 3161)
    if kind == "VehicleMileage" and books.settings["company.vehicle-mileage-delete"] == "3160":
        raise refuse(3160, value=txn_id)
    _take_out(books, transaction)
    books.store.execute("DELETE FROM txn WHERE number = ?", (transaction.number,))
    books.custom_fields.forget_transaction(transaction)
    books.guids.free(transaction.txn_id)
    books.store.execute(
        "INSERT INTO deletion (kind, id, name, deleted, created) VALUES (?, ?, ?, ?, ?)",
        (kind, txn_id, transaction.ref, books.now(), transaction.created),
    )
    return transaction


def void(books: "Books", kind: str, txn_id: str) -> Transaction:
    """Void a transaction: its record stays, every amount is zero. Call inside `atomic`.

    Raises:
        Refusal: 3120, 3160 as `delete`, 3171 before the closing date, and for one that is pending, which has not posted, what switch
            company.pending-void-code says.
    """
    transaction = _found(books, kind, txn_id, 3171)
    if transaction.pending:
        slots = {"value": txn_id, "quickbooks": "A pending transaction cannot be voided."}
        raise refuse_as_set(books.settings, "company.pending-void-code", **slots)
    rows = books.ledger.standing(transaction.number)
    _take_out(books, transaction)
    books.ledger.stand(transaction.number, rows)
    document = _zeroed(transaction.document)
    memo = str(document.get("Memo") or "")
    if not memo.startswith(VOIDED):
        document["Memo"] = f"{VOIDED} {memo}".rstrip()
    lines = {key: [_zeroed_entry(line) for line in each] for key, each in transaction.lines.items()}
    if kind == "Deposit":
        lines = {
            key: [{name: line[name] for name in line if name not in _TAKEN_TO_THE_BANK} for line in each]
            for key, each in lines.items()
        }
    transaction.document, transaction.lines = document, lines
    transaction.amount_cents = transaction.open_cents = 0
    transaction.modified = max(books.now(), transaction.modified)
    books.store.execute(
        "UPDATE txn SET amount_cents = 0, open_cents = 0, modified = ?, document = ?, lines = ? WHERE number = ?",
        (transaction.modified, encoded(document), encoded(lines), transaction.number),
    )
    return transaction


def _found(books: "Books", kind: str, txn_id: str, closed_code: int) -> Transaction:
    transaction = by_id(books, txn_id)
    if transaction is None or transaction.kind != kind:
        raise refuse(3120, value=txn_id)
    if is_closed(books, transaction.date):
        code = closed_code if books.settings["company.closing-date-delete"] == "3161" else 3171
        raise refuse(code, object=kind, value=txn_id)
    deposited = books.store.execute("SELECT 1 FROM deposited WHERE txn = ? LIMIT 1", (transaction.number,)).fetchone()
    if deposited is not None:
        slots = {"value": txn_id, "quickbooks": "It has been deposited."}
        raise refuse_as_set(books.settings, "company.deposited-removal-code", **slots)
    if books.settings["company.transaction-delete-applied"] == "refused" and links.is_linked(books, transaction.number):
        raise refuse(3160, value=txn_id, quickbooks="It is linked to another transaction.")
    return transaction


def _take_out(books: "Books", transaction: Transaction) -> None:
    """Undo everything a transaction did to the books, and open again what was applied to it or by it."""
    sources = links.unapply(books, transaction)
    books.store.execute("DELETE FROM fulfilment WHERE order_txn = ?", (transaction.number,))
    behind = take_out_of_books(books, transaction.number)
    if behind:
        books.stock.settle(behind, removed=True)
    payments.repost_all(books, sources)


def _zeroed_entry(line: Any) -> Any:
    return (line[0], _zeroed(line[1])) if isinstance(line, tuple) else _zeroed(line)


def _zeroed(values: Values) -> Values:
    """Return the header or a line with every amount as zero, in the aggregates and lines inside it too."""
    return {name: 0 if name in _AMOUNTS else _zeroed_part(value) for name, value in values.items()}


def _zeroed_part(value: Any) -> Any:
    if isinstance(value, dict):
        return _zeroed(value)
    if isinstance(value, list) and value and isinstance(value[0], dict) and "TxnLineID" in value[0]:
        return [_zeroed(part) for part in value]
    return value
