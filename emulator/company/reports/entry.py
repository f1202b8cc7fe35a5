"""A line of a detail report: a row of the ledger or a whole transaction, with all that columns ask of it."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from emulator.company.arithmetic import rounded_quotient
from emulator.company.records import Record, Values
from emulator.company.reports.table import Cell
from emulator.company.store import AMONG, array_of
from emulator.company.transactions import PAYABLE_CREDIT, RECEIVABLE_CREDIT, Transaction, by_number, line_dicts

if TYPE_CHECKING:
    from emulator.company.books import Books

OWED: Final = ("AccountsPayable", "AccountsReceivable")
"""Types of the accounts that tell who owes what to whom."""


@dataclass
class Entry:
    """One line of a detail report.

    Attributes:
        books: the open file.
        transaction: what it is of.
        cents: its amount as the report signs it, in home currency.
        debit_cents: the same as the ledger has it, debits positive.
        account: where it posts.
        name: whose it is.
        item, klass: what it is about.
        quantity: in 0.00001, as the report signs it.
        line_id: TxnLineID of the line it comes from.
        cleared: whether the bank has it.
        overdue: days since it was due, where the report is about that.
        open_cents: what is open of it, where the report has its own view of that.
        owed_cents: what of it was ever open, where the report has its own view of that.
        open_on: the day on which it is looked at what is open of it; None for now.
        extra: cells that the report itself works out, by column.
        tells_whole: what is about the whole transaction (`ABOUT_WHOLE`) is told on this line.
    """

    books: "Books"
    transaction: Transaction
    cents: int
    debit_cents: int = 0
    account: Record | None = None
    name: Record | None = None
    item: Record | None = None
    klass: Record | None = None
    quantity: int | None = None
    line_id: str = ""
    cleared: str = "NotCleared"
    overdue: int | None = None
    open_cents: int | None = None
    owed_cents: int | None = None
    open_on: date | None = None
    extra: dict[str, Cell] = field(default_factory=dict)
    tells_whole: bool = True

    @classmethod
    def of_transaction(
        cls, books: "Books", number: int, name: int | None = None, open_cents: int | None = None, overdue: int | None = None
    ) -> "Entry":
        """Return the line of a whole transaction: its amount is the row on its own account, debits positive, in home currency."""
        transaction = by_number(books, number)
        whose = name if name is not None else transaction.entity
        by = books.records.by_number
        row = books.store.execute(
            "SELECT sum(home_cents) FROM entry WHERE txn = ?1 AND account = ?2 AND line = "
            "(SELECT min(line) FROM entry WHERE txn = ?1 AND account = ?2)",
            (number, transaction.account),
        ).fetchone()
        cents = row[0] if row[0] is not None else transaction.amount_cents
        return cls(
            books,
            transaction,
            cents,
            cents,
            by(transaction.account) if transaction.account is not None else None,
            by(whose) if whose is not None else None,
            open_cents=open_cents,
            overdue=overdue,
        )

    @cached_property
    def line(self) -> Values:
        """The values of the line it comes from."""
        lines = line_dicts(self.transaction.lines) if self.transaction.lines else ()
        return next((each for each in lines if each.get("TxnLineID") == self.line_id), {})

    def said(self, element: str) -> Any:
        """Return what the line says, or else the header."""
        value = self.line.get(element)
        return self.transaction.document.get(element) if value is None else value

    def referred(self, element: str) -> str | None:
        """Return the full name that a reference of the line or the header points to now."""
        value = self.said(element)
        fresh = self.books.records.fresh({element: value}) if value else {}
        return (fresh.get(element) or {}).get("FullName")

    def of_name(self, *elements: str) -> str | None:
        """Return what the record of its name says."""
        value: Any = self.name.document if self.name is not None else {}
        for element in elements:
            value = value.get(element) if isinstance(value, dict) else None
        return str(value) if value not in (None, {}) else None

    @cached_property
    def split(self) -> str | None:
        """The account on the other side, or -SPLIT- for several (recalled)."""
        if self.account is None:
            return None
        rows = self.books.store.execute(
            "SELECT DISTINCT account FROM entry WHERE txn = ? AND account <> ? LIMIT 2",
            (self.transaction.number, self.account.number),
        ).fetchall()
        if not rows:
            return None
        return "-SPLIT-" if len(rows) > 1 else self.books.records.by_number(rows[0][0]).full_name

    @property
    def open_now(self) -> int | None:
        """What is open of the transaction now, or on the day that is looked at: in home currency, credits negative."""
        if self.open_cents is not None:
            return self.open_cents
        if not self.transaction.open_as or not self.transaction.amount_cents:
            return None
        return self._at_home(self.transaction.open_cents + self._applied_later)

    @property
    def original(self) -> int:
        """The amount of the transaction, in home currency; of credits negative."""
        if not self.transaction.open_as and self.owed_cents is not None:
            return self.owed_cents
        return self._at_home(self.transaction.amount_cents)

    @property
    def paid(self) -> int | None:
        """What of the amount is not open any more; None where nothing of the transaction ever is."""
        left = self.open_now
        return None if left is None else self.original - left

    def _at_home(self, cents: int) -> int:
        """Return an amount of the transaction as it stands in the ledger: at the rate of its row on the receivable or payable, and with its sign."""
        own, home = self._own_row
        signed = -cents if self.transaction.open_as in (RECEIVABLE_CREDIT, PAYABLE_CREDIT) else cents
        return rounded_quotient(signed * home, own) if own and own != home else signed

    @cached_property
    def _own_row(self) -> tuple[int, int]:
        """Its row on a receivable or payable, or else on its own account: in its own currency and in home currency, without signs."""
        row = self.books.store.execute(
            "SELECT abs(cents), abs(home_cents) FROM entry JOIN list_record ON record = account WHERE txn = ? AND cents <> 0"
            f" ORDER BY subtype {AMONG} DESC, account = ? DESC, line LIMIT 1",
            (self.transaction.number, array_of(OWED), self.transaction.account),
        ).fetchone()
        return row if row is not None else (0, 0)

    @property
    def _applied_later(self) -> int:
        """What was applied to it, or of it, after the day on which it is looked at."""
        if self.open_on is None:
            return 0
        row = self.books.store.execute(
            "SELECT coalesce(sum(cents + CASE WHEN target = ?1 THEN discount_cents ELSE 0 END), 0) FROM application"
            " JOIN txn ON number = CASE WHEN target = ?1 THEN source ELSE target END"
            " WHERE (target = ?1 OR source = ?1) AND date > ?2",
            (self.transaction.number, self.open_on.isoformat()),
        ).fetchone()
        return int(row[0])
