"""ClearedStatusMod: whether the bank statement has a row of a transaction.

Documented: a transaction, and one of its lines where it has several. What has no row on an account that is reconciled cannot be cleared
(3190, from recall: "cleared status not updated").
"""

from typing import TYPE_CHECKING, Final

from emulator.company.records import Values
from emulator.company.refusals import refuse
from emulator.company.transactions import by_id, header_line_of

if TYPE_CHECKING:
    from emulator.company.books import Books

RECONCILED: Final = (
    "Bank",
    "CreditCard",
    "OtherCurrentAsset",
    "FixedAsset",
    "OtherAsset",
    "OtherCurrentLiability",
    "LongTermLiability",
)
"""Types of accounts that are reconciled with a statement (inferred: everything on the balance sheet but names and equity)."""


def set_cleared(books: "Books", values: Values) -> None:
    """Set the cleared status of a transaction or of one of its lines. Call inside `atomic`.

    Raises:
        Refusal: 3120, 3190.
    """
    transaction = by_id(books, values["TxnID"])
    if transaction is None:
        raise refuse(3120, value=values["TxnID"] or "")
    line_id = values.get("TxnLineID") or header_line_of(books, transaction)
    row = books.store.execute(
        "SELECT line, subtype FROM posting JOIN list_record ON record = account WHERE txn = ? AND line_id = ? ORDER BY line LIMIT 1",
        (transaction.number, line_id),
    ).fetchone()
    if row is None and values.get("TxnLineID"):
        raise refuse(3120, value=line_id)
    if row is None or row[1] not in RECONCILED:
        raise refuse(3190, value=transaction.txn_id)
    books.store.execute(
        "UPDATE posting SET cleared = ? WHERE txn = ? AND line = ?", (values["ClearedStatus"], transaction.number, row[0])
    )
