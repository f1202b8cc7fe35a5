"""The double-entry ledger and the balances that follow from it.

Every posting transaction has rows of (account, name, cents): debit positive, credit negative, together zero. Balances of accounts,
customers and vendors change in the same SQLite transaction: an account's is the sum of its rows, a name's the sum of its rows on
receivable and payable accounts (for vendors with the sign turned, so that what we owe is positive). A parent's total includes everything
below it (switch company.parent-balance). Balances do not touch TimeModified (switch company.balance-touches-record).

A void transaction keeps its rows, with nothing in them: lists and reports tell it with zero amounts.

What does not post - orders, estimates, pending transactions - has its rows in `unposted`, where no sum looks.

In a transaction of a foreign currency `cents` are in that currency and `home_cents` in the company's own. Sums of the ledger are of home
cents; the balance of a name, or of an account that is kept in a foreign currency, is in its currency.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, NamedTuple

from emulator.company.arithmetic import BALANCE_MAX, CENTS_MAX
from emulator.company.records import Record, Values
from emulator.company.refusals import refuse

if TYPE_CHECKING:
    from emulator.company.books import Books

NAMED = frozenset({"AccountsReceivable", "AccountsPayable"})
"""Types of the accounts on which the balance of a name moves (documented: receivables and payables are kept by name)."""

_COLUMNS = "txn, line, account, entity, cents, home_cents, class, item, quantity, line_id, cleared"


class Posting(NamedTuple):
    """One row of the ledger before it has its transaction.

    Attributes:
        account: where it posts.
        name: the customer, vendor or other name of the row.
        cents: debit positive, in the currency of the transaction.
        line: the values of the line it comes from, whose TxnLineID is known by the time it is written; None for the header's row.
        item: the item that was sold or bought.
        quantity: how much of it, in 0.00001.
        klass: the class.
        home_cents: in the company's own currency, where it does not follow from the rate (gain or loss of exchange).
    """

    account: Record
    name: Record | None
    cents: int
    line: Values | None = None
    item: Record | None = None
    quantity: int | None = None
    klass: Record | None = None
    home_cents: int | None = None


class Standing(NamedTuple):
    """A row of the ledger without its amount: its place, its records by number, a quantity of zero where it had one, its TxnLineID."""

    line: int
    account: int
    entity: int | None
    klass: int | None
    item: int | None
    quantity: int | None
    line_id: str


class Ledger:
    """Posts transactions of one company and takes them back."""

    def __init__(self, books: "Books") -> None:
        self._books = books

    def post(
        self, transaction: int, postings: Sequence[Posting], header_line: str, rate: Decimal | None = None, posts: bool = True
    ) -> None:
        """Write the rows of a transaction and move the balances. Call inside `atomic`.

        Args:
            transaction: its number.
            postings: its rows; their cents make zero.
            header_line: the TxnLineID of rows that come from no line.
            rate: home cents for a cent of its currency; None for the company's own.
            posts: whether it posts; otherwise its rows are only told.
        """
        assert sum(posting.cents for posting in postings) == 0, postings
        homes = [posting.cents for posting in postings] if rate is None else _in_home_currency(postings, rate)
        table = "posting" if posts else "unposted"
        self._books.store.executemany(
            f"INSERT INTO {table} ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'NotCleared')",
            [
                (
                    transaction,
                    place,
                    account.number,
                    name.number if name is not None else None,
                    cents,
                    home_cents,
                    klass.number if klass is not None else None,
                    item.number if item is not None else None,
                    quantity,
                    line["TxnLineID"] if line is not None else header_line,
                )
                for place, ((account, name, cents, line, item, quantity, klass, _home), home_cents) in enumerate(
                    zip(postings, homes, strict=True)
                )
            ],
        )
        if posts:
            self._move(
                [(account, name, cents, home) for (account, name, cents, *_more), home in zip(postings, homes, strict=True)]
            )

    def take_back(self, transaction: int) -> None:
        """Remove the rows of a transaction and move the balances back. Call inside `atomic`."""
        by_number = self._books.records.by_number
        execute = self._books.store.execute
        rows = execute("SELECT account, entity, cents, home_cents FROM posting WHERE txn = ?", (transaction,)).fetchall()
        execute("DELETE FROM posting WHERE txn = ?", (transaction,))
        execute("DELETE FROM unposted WHERE txn = ?", (transaction,))
        self._move(
            [
                (by_number(account), by_number(name) if name is not None else None, -cents, -home_cents)
                for account, name, cents, home_cents in rows
            ]
        )

    def standing(self, transaction: int) -> list[Standing]:
        """Return the rows of a transaction that stay when it is void: all but the cost of goods, which is of stock that has not moved."""
        return [
            Standing(*row)
            for row in self._books.store.execute(
                "SELECT line, row.account, row.entity, class, item, CASE WHEN quantity IS NOT NULL THEN 0 END, line_id FROM posting AS row"
                " JOIN txn ON number = txn WHERE txn = ? AND (kind = 'InventoryAdjustment' OR NOT EXISTS ("
                "  SELECT 1 FROM movement WHERE movement.txn = row.txn AND row.line IN (asset_line, other_line))) ORDER BY line",
                (transaction,),
            ).fetchall()
        ]

    def stand(self, transaction: int, rows: Sequence[Standing]) -> None:
        """Write the rows of a void transaction: nothing moves (documented: its amounts are zero). Call inside `atomic`."""
        self._books.store.executemany(
            "INSERT INTO posting (txn, line, account, entity, class, item, quantity, line_id, cents, home_cents, cleared)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 'NotCleared')",
            [(transaction, *row) for row in rows],
        )

    def cleared(self, transaction: int) -> list[tuple[str, str, int]]:
        """Return which rows of a transaction the bank statement has: (status, TxnLineID, account)."""
        return self._books.store.execute(
            "SELECT cleared, line_id, account FROM posting WHERE txn = ? AND cleared <> 'NotCleared'", (transaction,)
        ).fetchall()

    def clear(self, transaction: int, rows: Sequence[tuple[str, str, int]]) -> None:
        """Give the rows of a transaction that was posted anew the status they had; what posts elsewhere now has none. Call inside `atomic`."""
        for status, line_id, account in rows:
            self._books.store.execute(
                "UPDATE posting SET cleared = ?1 WHERE txn = ?2 AND line ="
                " (SELECT min(line) FROM posting WHERE txn = ?2 AND line_id = ?3 AND account = ?4)",
                (status, transaction, line_id, account),
            )

    def revalue(self, transaction: int, line: int, by_cents: int) -> None:
        """Change the amount of one row, in home currency. Call inside `atomic`; the caller keeps the transaction's sum at zero."""
        execute = self._books.store.execute
        [account] = execute("SELECT account FROM posting WHERE txn = ? AND line = ?", (transaction, line)).fetchone()
        execute(
            "UPDATE posting SET cents = cents + ?, home_cents = home_cents + ? WHERE txn = ? AND line = ?",
            (by_cents, by_cents, transaction, line),
        )
        self._move([(self._books.records.by_number(account), None, by_cents, by_cents)])

    def move(self, postings: Sequence[Posting]) -> None:
        """Move balances by rows that were changed in place. Call inside `atomic`."""
        self._move([(each.account, each.name, each.cents, each.home_cents or 0) for each in postings])

    def _move(self, rows: Sequence[tuple[Record, Record | None, int, int]]) -> None:
        # Several lines often go to one account; each record is written once.
        changes: dict[int, list[int]] = {}
        for account, name, cents, home_cents in rows:
            self._add(changes, account, cents if "CurrencyRef" in account.document and self._is_foreign(account) else home_cents)
            if name is not None and account.document["AccountType"] in NAMED:
                self._add(changes, name, -cents if name.kind == "Vendor" else cents)
        self._write(changes)

    def _is_foreign(self, account: Record) -> bool:
        return bool(self._books.currencies.is_foreign(account.document["CurrencyRef"]))

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
            if abs(record.total_cents) > BALANCE_MAX:
                raise refuse(3101, field="Balance")
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


def home_cents_of(cents: int, rate: Decimal | None) -> int:
    """Return an amount in the company's own currency; half a cent goes up. Raises 3101 when it is too large to keep."""
    if rate is None:
        return cents
    home = cents * rate
    # Before it is rounded: a decimal of too many digits cannot be.
    if abs(home) > CENTS_MAX:
        raise refuse(3101, field="AmountInHomeCurrency")
    return int(home.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _in_home_currency(postings: Sequence[Posting], rate: Decimal) -> list[int]:
    """Return the home cents of every row; what rounding leaves over goes to the first row, so that they make zero."""
    homes = [posting.home_cents if posting.home_cents is not None else home_cents_of(posting.cents, rate) for posting in postings]
    homes[0] -= sum(homes)
    return homes
