"""Truth: read-only views of the books for checks and tests. What a connector says of itself is compared with this.

Every view reads the file anew, not the records kept in memory, so it also proves those. Amounts are cents.
"""

import json
from typing import TYPE_CHECKING, Any

from emulator.company.transactions import decoded_lines

if TYPE_CHECKING:
    from emulator.company.books import Books

Row = dict[str, Any]


class Truth:
    """The books of one company, as they are now."""

    def __init__(self, books: "Books") -> None:
        self._books = books

    def transactions(self, kind: str | None = None) -> list[Row]:
        """Return all transactions of a kind (or all), in the order they were saved.

        Each row: number, kind, txn_id, created, modified (unix seconds), date, ref, party (FullName or None), amount_cents, open_cents, pending,
        memo, external_guid, lines (answer key -> lines).
        """
        rows = self._books.store.execute(
            "SELECT txn.number, txn.kind, txn_id, txn.created, txn.modified, date, ref, full_name, amount_cents, open_cents, pending,"
            " txn.document, lines FROM txn LEFT JOIN list_record ON record = entity WHERE ? IS NULL OR txn.kind = ? ORDER BY number",
            (kind, kind),
        ).fetchall()
        return [_transaction(row) for row in rows]

    def customers(self) -> list[Row]:
        """Return all customers and jobs; see `records`."""
        return self.records("Customer")

    def vendors(self) -> list[Row]:
        """Return all vendors; see `records`."""
        return self.records("Vendor")

    def items(self) -> list[Row]:
        """Return all items of any kind; see `records`."""
        return self.records("Item")

    def accounts(self) -> list[Row]:
        """Return all accounts; see `records`."""
        return self.records("Account")

    def records(self, noun: str) -> list[Row]:
        """Return the records of a list noun (`Item` stands for all kinds of items), in the order of the list.

        Each row: kind, list_id, name, full_name, active, own_cents, total_cents, document. Account balances are debit positive.
        """
        where = "family = 'item'" if noun == "Item" else "kind = ?"
        rows = self._books.store.execute(
            f"{_SELECT_RECORDS} WHERE {where} ORDER BY sort_key", () if noun == "Item" else (noun,)
        ).fetchall()
        names = ("kind", "list_id", "name", "full_name", "active", "own_cents", "total_cents")
        return [{**dict(zip(names, row, strict=False)), "active": bool(row[4]), "document": json.loads(row[7])} for row in rows]

    def balance(self, full_name: str, family: str = "entity") -> int:
        """Return the balance of a customer or vendor with everything below it; `family` "account" asks for an account, debit positive.

        A name that is not there is a KeyError.
        """
        row = self._books.store.execute(
            "SELECT total_cents FROM list_record JOIN balance USING (record) WHERE family = ? AND folded = ?",
            (family, full_name.casefold()),
        ).fetchone()
        if row is None:
            raise KeyError(full_name)
        return int(row[0])

    def ledger_sums(self) -> dict[str, int]:
        """Return account FullName -> sum of its ledger rows, debit positive, accounts without rows left out. The sums make zero."""
        return dict(
            self._books.store.execute(
                "SELECT full_name, sum(home_cents) FROM posting JOIN list_record ON record = account GROUP BY account ORDER BY sort_key"
            ).fetchall()
        )

    def postings(self, txn_id: str) -> list[tuple[str, int]]:
        """Return the ledger rows of a transaction: (account FullName, cents)."""
        return self._books.store.execute(
            "SELECT full_name, cents FROM posting JOIN txn ON txn = number JOIN list_record ON record = posting.account"
            " WHERE txn_id = ? ORDER BY line",
            (txn_id,),
        ).fetchall()

    def problems(self) -> list[str]:
        """Return everything that is wrong with the books; an empty list is the proof that they balance.

        Every transaction's rows sum to zero; every balance is the sum of its rows; totals include what is below; what is open of an
        invoice is its amount less what was applied; what is linked shares its receivable or payable account; nothing points to what is not there.
        """
        execute = self._books.store.execute
        return [
            f"{sentence}: {row}" for sentence, sql in _PROBLEMS for row in execute(sql).fetchall()
        ]  # fmt: skip


def _transaction(row: tuple[Any, ...]) -> Row:
    document = json.loads(row[11])
    names = ("number", "kind", "txn_id", "created", "modified", "date", "ref", "party", "amount_cents", "open_cents")
    return {
        **dict(zip(names, row, strict=False)),
        "pending": bool(row[10]),
        "memo": document.get("Memo", ""),
        "external_guid": document.get("ExternalGUID"),
        "lines": decoded_lines(row[12]),
    }


_SELECT_RECORDS = (
    "SELECT kind, list_id, name, full_name, active, own_cents, total_cents, document FROM list_record JOIN balance USING (record)"
)

_PROBLEMS = (
    (
        "transaction does not sum to zero",
        "SELECT txn, sum(cents), sum(home_cents) FROM posting GROUP BY txn HAVING sum(cents) <> 0 OR sum(home_cents) <> 0",
    ),
    (
        "own balance of an account is not the sum of the ledger",
        "SELECT full_name, own_cents, coalesce(posted, 0) FROM list_record JOIN balance USING (record) LEFT JOIN ("
        " SELECT account AS record, sum(cents) AS in_own, sum(home_cents) AS posted FROM posting GROUP BY account) USING (record)"
        " WHERE family = 'account' AND own_cents <> coalesce(posted, 0) AND own_cents <> coalesce(in_own, 0)",
    ),
    (
        "own balance of a name is not the sum of its receivables and payables",
        "SELECT full_name, own_cents, coalesce(posted, 0) FROM list_record JOIN balance USING (record) LEFT JOIN ("
        " SELECT entity AS record, sum(CASE WHEN named.kind = 'Vendor' THEN -cents ELSE cents END) AS posted FROM posting"
        "  JOIN list_record AS account ON account.record = posting.account"
        "   AND account.subtype IN ('AccountsReceivable', 'AccountsPayable')"
        "  JOIN list_record AS named ON named.record = entity GROUP BY entity) USING (record)"
        " WHERE family <> 'account' AND own_cents <> coalesce(posted, 0)",
    ),
    (
        "total balance is not own plus children",
        "SELECT full_name, total_cents, own_cents + below FROM (SELECT full_name, own.total_cents, own.own_cents, coalesce("
        " (SELECT sum(child.total_cents) FROM list_record AS under JOIN balance AS child USING (record)"
        "  WHERE under.parent = own.record), 0) AS below FROM list_record JOIN balance AS own USING (record))"
        " WHERE total_cents <> own_cents + below",
    ),
    (
        "receivable or payable of nobody",
        "SELECT txn, full_name FROM posting JOIN list_record ON record = account"
        " WHERE subtype IN ('AccountsReceivable', 'AccountsPayable') AND entity IS NULL",
    ),
    (
        "open amount is not amount less applied",
        "SELECT txn_id, kind, amount_cents, open_cents FROM txn WHERE kind IN ('Invoice', 'Charge', 'CreditMemo', 'ReceivePayment', 'Bill',"
        " 'VendorCredit', 'BillPaymentCheck', 'BillPaymentCreditCard', 'ARRefundCreditCard')"
        " AND open_cents <> amount_cents - coalesce((SELECT sum(cents + CASE WHEN target = number THEN discount_cents ELSE 0 END)"
        " FROM application WHERE target = number OR source = number), 0)",
    ),
    (
        "linked transactions are on different receivable or payable accounts",
        "SELECT target, source FROM application WHERE NOT EXISTS (SELECT 1 FROM posting AS owed JOIN posting AS paid USING (account)"
        " JOIN list_record ON record = account WHERE owed.txn = target AND paid.txn = source"
        " AND subtype IN ('AccountsReceivable', 'AccountsPayable'))",
    ),
    ("open amount is below zero", "SELECT txn_id, open_cents FROM txn WHERE open_cents < 0"),
    (
        "open amount is more than the amount",
        "SELECT txn_id, open_cents, amount_cents FROM txn WHERE open_cents > amount_cents AND kind NOT IN ('Check', 'CreditCardCharge',"
        " 'CreditCardCredit', 'Deposit')",
    ),
    (
        # What a payment took off each name's balance is what it was applied to of that name, and for the payer what is unused.
        "payment moves a balance that no document explains",
        "SELECT number, entity, sum(cents) FROM ("
        " SELECT txn AS number, posting.entity, CASE WHEN subtype = 'AccountsPayable' THEN -cents ELSE cents END AS cents"
        "  FROM posting JOIN txn ON number = txn JOIN list_record ON record = posting.account"
        "  WHERE txn.kind IN ('ReceivePayment', 'BillPaymentCheck', 'BillPaymentCreditCard')"
        "   AND subtype IN ('AccountsReceivable', 'AccountsPayable')"
        " UNION ALL SELECT number, entity, open_cents FROM txn"
        "  WHERE kind IN ('ReceivePayment', 'BillPaymentCheck', 'BillPaymentCreditCard')"
        " UNION ALL SELECT source, paid.open_name, cents + discount_cents FROM application"
        "  JOIN txn AS paid ON paid.number = target JOIN txn AS payment ON payment.number = source"
        "  AND payment.kind IN ('ReceivePayment', 'BillPaymentCheck', 'BillPaymentCreditCard'))"
        " GROUP BY number, entity HAVING sum(cents) <> 0",
    ),
    ("ledger row of no transaction", "SELECT DISTINCT txn FROM entry WHERE txn NOT IN (SELECT number FROM txn)"),
    (
        "a deposit has taken another value than what waited",
        "SELECT deposited.txn, deposited.line, waited.home_cents, taken.home_cents FROM deposited"
        " LEFT JOIN posting AS waited ON waited.txn = deposited.txn AND waited.line = deposited.line"
        " LEFT JOIN posting AS taken ON taken.txn = deposit AND taken.line_id = deposit_line"
        " WHERE coalesce(waited.home_cents, 0) <> -coalesce(taken.home_cents, 0) OR waited.account IS NOT taken.account",
    ),
    (
        "pending or ordered, and posted",
        "SELECT number, kind FROM txn WHERE (pending OR kind IN ('Estimate', 'SalesOrder', 'PurchaseOrder', 'TimeTracking'))"
        " AND number IN (SELECT txn FROM posting)",
    ),
    (
        "stock is not the sum of its movements",
        "SELECT full_name, stock.quantity, moved.quantity, stock.value_cents, moved.value_cents FROM list_record LEFT JOIN stock ON"
        " item = record JOIN (SELECT item AS record, sum(quantity) AS quantity, sum(value_cents) AS value_cents FROM movement"
        "  WHERE valued GROUP BY item) AS moved USING (record)"
        " WHERE coalesce(stock.quantity, 0) <> moved.quantity OR coalesce(stock.value_cents, 0) <> moved.value_cents",
    ),
    (
        "stock without a movement",
        "SELECT item, quantity, value_cents FROM stock WHERE (quantity <> 0 OR value_cents <> 0)"
        " AND item NOT IN (SELECT item FROM movement WHERE valued)",
    ),
    (
        "value that a movement posts is not its value",
        "SELECT movement.txn, movement.line, value_cents, home_cents FROM movement JOIN posting ON posting.txn = movement.txn"
        " AND posting.line = asset_line WHERE at_average AND value_cents <> home_cents",
    ),
    (
        "line of an order has more or less than what fulfils it",
        "SELECT order_line.txn, line_id, done, coalesce(came, 0) FROM order_line LEFT JOIN ("
        " SELECT order_txn AS txn, order_line AS line_id, sum(quantity) AS came FROM fulfilment GROUP BY order_txn, order_line)"
        " USING (txn, line_id) WHERE done <> coalesce(came, 0)",
    ),
    (
        "link to no transaction",
        "SELECT target, source FROM application WHERE target NOT IN (SELECT number FROM txn) OR source NOT IN (SELECT number FROM txn)"
        " UNION ALL SELECT order_txn, txn FROM fulfilment WHERE order_txn NOT IN (SELECT number FROM txn)"
        "  OR txn NOT IN (SELECT number FROM txn)"
        " UNION ALL SELECT txn, deposit FROM deposited WHERE txn NOT IN (SELECT number FROM txn)"
        "  OR deposit NOT IN (SELECT number FROM txn)",
    ),
    ("identity twice", "SELECT txn_id, count(*) FROM txn GROUP BY txn_id HAVING count(*) > 1"),
)
"""What must hold: a sentence, and the rows that break it."""
