"""The lines of detail reports: a row of the ledger or a transaction, and every column that IncludeColumn can ask for.

Titles and the words for types of transactions are recalled from QuickBooks' reports. Columns about payroll are empty: no payroll transaction can
be entered (documented: the requests that are public).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from emulator.company.arithmetic import rounded_quotient
from emulator.company.records import Record, Values
from emulator.company.reports.table import Cell, Column, RowName, Table
from emulator.company.store import AMONG, array_of
from emulator.company.transactions import PAYABLE_CREDIT, RECEIVABLE_CREDIT, Transaction, by_number, line_dicts

if TYPE_CHECKING:
    from emulator.company.books import Books

TYPE_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ARRefundCreditCard": "C Card Refund",
        "BillPaymentCheck": "Bill Pmt -Check",
        "BillPaymentCreditCard": "Bill Pmt -CCard",
        "BuildAssembly": "Build Assembly",
        "Charge": "Statement Charge",
        "CreditCardCharge": "Credit Card Charge",
        "CreditCardCredit": "Credit Card Credit",
        "CreditMemo": "Credit Memo",
        "InventoryAdjustment": "Inventory Adjust",
        "ItemReceipt": "Item Receipt",
        "JournalEntry": "General Journal",
        "PurchaseOrder": "Purchase Order",
        "ReceivePayment": "Payment",
        "SalesOrder": "Sales Order",
        "SalesReceipt": "Sales Receipt",
        "SalesTaxPaymentCheck": "Sales Tax Payment",
        "TransferInventory": "Inventory Transfer",
        "VendorCredit": "Credit",
    }
)
"""Kind of transaction -> the word for it in reports; the others are called by their own name."""

OWED: Final = ("AccountsPayable", "AccountsReceivable")
"""Types of the accounts that tell who owes what to whom."""

CLEARED: Final = {"Cleared": "*", "Pending": "!", "NotCleared": ""}


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


Get = Callable[[Entry], Cell]


def _header(element: str) -> Get:
    return lambda entry: entry.transaction.document.get(element)


def _ref(element: str) -> Get:
    return lambda entry: entry.referred(element)


def _nothing(_entry: Entry) -> Cell:
    return None


def _of_account(part: Callable[[Record], Cell]) -> Get:
    return lambda entry: part(entry.account) if entry.account is not None else None


def _memo(entry: Entry) -> Cell:
    return entry.line.get("Memo") or entry.line.get("Desc") or entry.transaction.document.get("Memo")


def _price(entry: Entry) -> Cell:
    rate = entry.line.get("Rate") or entry.line.get("Cost")
    if rate is not None:
        return int(rate)
    return rounded_quotient(abs(entry.cents) * 10**8, abs(entry.quantity)) if entry.quantity else None


def _paid_status(entry: Entry) -> Cell:
    return None if entry.open_now is None else "Unpaid" if entry.open_now else "Paid"


def _address(line: int) -> Get:
    def get(entry: Entry) -> Cell:
        return entry.of_name("BillAddress", f"Addr{line}") or entry.of_name("VendorAddress", f"Addr{line}")

    return get


def _contact(*places: tuple[str, ...]) -> Get:
    return lambda entry: next((value for place in places if (value := entry.of_name(*place))), None)


def _serial(entry: Entry) -> Cell:
    return entry.line.get("SerialNumber") or entry.line.get("LotNumber")


def _stock(what: Callable[["Books", int], int]) -> Get:
    return lambda entry: what(entry.books, entry.item.number) if entry.item is not None else None


def _billing(entry: Entry) -> Cell:
    return {"Billable": "Unbilled", "HasBeenBilled": "Billed"}.get(str(entry.line.get("BillableStatus")))


COLUMNS: Final[Mapping[str, tuple[str, str, Get]]] = MappingProxyType(
    {
        "Account": ("Account", "STRTYPE", _of_account(lambda account: account.full_name)),
        "Aging": ("Aging", "INTTYPE", lambda entry: entry.overdue if entry.overdue is not None and entry.overdue > 0 else None),
        "Amount": ("Amount", "AMTTYPE", lambda entry: entry.cents),
        "AmountDifference": ("Amount Difference", "AMTTYPE", _nothing),
        "AverageCost": ("Avg Cost", "PRICETYPE", _stock(lambda books, item: books.stock.of(item).average)),
        "BilledDate": ("Billed Date", "DATETYPE", _nothing),
        "BillingStatus": ("Billing Status", "STRTYPE", _billing),
        "CalculatedAmount": ("Calculated Amount", "AMTTYPE", _nothing),
        "Class": (
            "Class",
            "STRTYPE",
            lambda entry: entry.klass.full_name if entry.klass is not None else entry.referred("ClassRef"),
        ),
        "ClearedStatus": ("Clr", "STRTYPE", lambda entry: CLEARED.get(entry.cleared)),
        "CostPrice": ("Cost Price", "PRICETYPE", lambda entry: entry.line.get("Cost")),
        "Credit": ("Credit", "AMTTYPE", lambda entry: -entry.debit_cents if entry.debit_cents < 0 else None),
        "Currency": ("Currency", "STRTYPE", lambda entry: _currency(entry)),
        "Date": ("Date", "DATETYPE", lambda entry: entry.transaction.date),
        "Debit": ("Debit", "AMTTYPE", lambda entry: entry.debit_cents if entry.debit_cents >= 0 else None),
        "DeliveryDate": ("Deliv Date", "DATETYPE", lambda entry: entry.said("ExpectedDate")),
        "DueDate": ("Due Date", "DATETYPE", lambda entry: entry.transaction.due),
        "EstimateActive": ("Estimate Active", "BOOLTYPE", lambda entry: entry.transaction.document.get("IsActive")),
        "ExchangeRate": ("Exchange Rate", "STRTYPE", _header("ExchangeRate")),
        "FOB": ("FOB", "STRTYPE", _header("FOB")),
        "IncomeSubjectToTax": ("Income Subject To Tax", "AMTTYPE", _nothing),
        "Invoiced": ("Invoiced", "QUANTYPE", lambda entry: _done(entry)),
        "Item": ("Item", "STRTYPE", lambda entry: entry.item.full_name if entry.item is not None else None),
        "ItemDesc": ("Item Description", "STRTYPE", lambda entry: entry.line.get("Desc")),
        "LastModifiedBy": ("Last modified by", "STRTYPE", _nothing),
        "LatestOrPriorState": ("State", "STRTYPE", lambda _entry: "Latest"),
        "Memo": ("Memo", "STRTYPE", _memo),
        "ModifiedTime": (
            "Entered/Last Modified",
            "DATETIMETYPE",
            lambda entry: entry.books.local_time.text(entry.transaction.modified),
        ),
        "Name": ("Name", "STRTYPE", lambda entry: entry.name.full_name if entry.name is not None else None),
        "NameAccountNumber": ("Name Account #", "STRTYPE", _contact(("AccountNumber",))),
        "NameAddress": ("Name Address", "STRTYPE", _address(1)),
        "NameCity": ("Name City", "STRTYPE", _contact(("BillAddress", "City"), ("VendorAddress", "City"))),
        "NameContact": ("Name Contact", "STRTYPE", _contact(("Contact",))),
        "NameEmail": ("Name E-Mail", "STRTYPE", _contact(("Email",))),
        "NameFax": ("Name Fax #", "STRTYPE", _contact(("Fax",))),
        "NamePhone": ("Name Phone #", "STRTYPE", _contact(("Phone",))),
        "NameState": ("Name State", "STRTYPE", _contact(("BillAddress", "State"), ("VendorAddress", "State"))),
        "NameZip": ("Name Zip", "STRTYPE", _contact(("BillAddress", "PostalCode"), ("VendorAddress", "PostalCode"))),
        "OpenBalance": ("Open Balance", "AMTTYPE", lambda entry: entry.open_now),
        "OriginalAmount": ("Original Amount", "AMTTYPE", lambda entry: entry.original),
        "PaidAmount": ("Paid Amount", "AMTTYPE", lambda entry: entry.paid),
        "PaidStatus": ("Paid", "STRTYPE", _paid_status),
        "PaidThroughDate": ("Paid Through", "DATETYPE", _nothing),
        "PaymentMethod": ("Pay Meth", "STRTYPE", _ref("PaymentMethodRef")),
        "PayrollItem": ("Payroll Item", "STRTYPE", _nothing),
        "PONumber": ("P. O. #", "STRTYPE", _header("PONumber")),
        "PrintStatus": (
            "Print",
            "STRTYPE",
            lambda entry: {True: "To be printed", False: "Printed"}.get(entry.transaction.document.get("IsToBePrinted")),  # type: ignore[arg-type]
        ),
        "ProgressAmount": ("Prog Amt", "AMTTYPE", _nothing),
        "ProgressPercent": ("Prog %", "PERCENTTYPE", _nothing),
        "Quantity": ("Qty", "QUANTYPE", lambda entry: entry.quantity),
        "QuantityAvailable": (
            "Available",
            "QUANTYPE",
            _stock(lambda books, item: books.stock.of(item).quantity - books.stock.on_sales_order(item)),
        ),
        "QuantityOnHand": ("On Hand", "QUANTYPE", _stock(lambda books, item: books.stock.of(item).quantity)),
        "QuantityOnSalesOrder": ("On Sales Order", "QUANTYPE", _stock(lambda books, item: books.stock.on_sales_order(item))),
        "ReceivedQuantity": ("Rcv'd", "QUANTYPE", lambda entry: _done(entry)),
        "RefNumber": ("Num", "STRTYPE", lambda entry: entry.transaction.ref),
        "RunningBalance": ("Balance", "AMTTYPE", _nothing),
        "SalesRep": ("Rep", "STRTYPE", _ref("SalesRepRef")),
        "SalesTaxCode": ("Sales Tax Code", "STRTYPE", _ref("SalesTaxCodeRef")),
        "SerialOrLotNumber": ("Serial/Lot Number", "STRTYPE", _serial),
        "ShipDate": ("Ship Date", "DATETYPE", _header("ShipDate")),
        "ShipMethod": ("Via", "STRTYPE", _ref("ShipMethodRef")),
        "SourceName": ("Source Name", "STRTYPE", lambda entry: _source_name(entry)),
        "SplitAccount": ("Split", "STRTYPE", lambda entry: entry.split),
        "SSNOrTaxID": ("SSN/Tax ID", "STRTYPE", _contact(("VendorTaxIdent",))),
        "TaxLine": (
            "Tax Line",
            "STRTYPE",
            _of_account(lambda account: (account.document.get("TaxLineInfoRet") or {}).get("TaxLineName")),
        ),
        "TaxTableVersion": ("Tax Table Version", "STRTYPE", _nothing),
        "Terms": ("Terms", "STRTYPE", _ref("TermsRef")),
        "TxnID": ("Trans ID", "IDTYPE", lambda entry: entry.transaction.txn_id),
        "TxnNumber": ("Trans #", "INTTYPE", lambda entry: entry.transaction.number),
        "TxnType": ("Type", "STRTYPE", lambda entry: TYPE_WORDS.get(entry.transaction.kind, entry.transaction.kind)),
        "UnitPrice": ("Sales Price", "PRICETYPE", _price),
        "UserEdit": ("User Edit?", "STRTYPE", _nothing),
        "ValueOnHand": ("Asset Value", "AMTTYPE", _stock(lambda books, item: books.stock.of(item).value_cents)),
        "WageBase": ("Wage Base", "AMTTYPE", _nothing),
        "WageBaseTips": ("Wage Base (Tips)", "AMTTYPE", _nothing),
    }
)
"""IncludeColumn -> title, type and value of a column."""

ABOUT_WHOLE: Final = frozenset({"OpenBalance", "OriginalAmount", "PaidAmount"})
"""Amounts of a transaction, not of a row of it: told on one line of it (switch company.report-whole-amounts), so that sums are right."""

_SUMMED: Final = frozenset({"Amount", "Debit", "Credit", "Quantity"}) | ABOUT_WHOLE


def names_of(values: Values, default: Sequence[str]) -> list[str]:
    """Return the columns of a detail report: those of IncludeColumn, or else its own."""
    return list(dict.fromkeys(str(name) for name in values.get("IncludeColumn") or default))


def columns_of(names: Sequence[str]) -> list[Column]:
    """Return the columns of these names, behind the label."""
    told = [Column(name, COLUMNS[name][1], (COLUMNS[name][0],)) for name in names]
    return [Column("Blank", "STRTYPE", ("",)), *told]


class Detail:
    """Adds lines to a table, and keeps what subtotals, totals and running balances need.

    Args:
        books: the open file.
        table: its columns are those of `columns_of`.
        names: of the columns.
        total_sign: the total of amounts is of debits (1) or credits (-1); None for the sum of the amounts as they are told.
        group_sign: the same of subtotals and running balances.
    """

    def __init__(
        self, books: "Books", table: Table, names: Sequence[str], total_sign: int | None = None, group_sign: int | None = None
    ) -> None:
        self.books, self.table, self._names = books, table, names
        self._total_sign, self._group_sign = total_sign, group_sign
        self._group, self._all = self._zero(), self._zero()
        self.balance = 0

    def _zero(self) -> dict[str, int]:
        return {name: 0 for name in self._names if name in _SUMMED}

    def start(self, balance: int = 0) -> None:
        """Begin a group: nothing is summed up yet, and the running balance starts at what it was before (cents)."""
        self._group, self.balance = self._zero(), balance

    def add(self, entry: Entry, record: Record | None = None) -> None:
        """Add a line; `record` is what the row is about."""
        balance_is_open = "OpenBalance" in self._names and "Amount" not in self._names
        self.balance += (entry.open_now or 0) * entry.tells_whole if balance_is_open else _summed(entry, self._group_sign)
        cells: list[Cell] = [None]
        for name in self._names:
            value = entry.extra[name] if name in entry.extra else COLUMNS[name][2](entry)
            if name in ABOUT_WHOLE and not entry.tells_whole:
                value = None
            if name == "RunningBalance" and name not in entry.extra:
                value = self.balance
            if name in self._group and isinstance(value, int):
                is_amount = name == "Amount" and name not in entry.extra
                self._group[name] += _summed(entry, self._group_sign) if is_amount else value
                self._all[name] += _summed(entry, self._total_sign) if is_amount else value
            cells.append(value)
        self.table.add("DataRow", cells, record)

    def opening(self, label: str, record: Record | None) -> None:
        """Add the row that heads an account, with the balance it starts from."""
        self.table.add("DataRow", [label, *(self.balance if name == "RunningBalance" else None for name in self._names)], record)

    def subtotal(self, label: str, record: Record | None = None) -> None:
        """Close a group with its sums and its last balance."""
        self._close("SubtotalRow", label, self._group, record)
        self._group = self._zero()

    def total(self, label: str) -> None:
        """Add the sums of all lines, when there are any rows."""
        if self.table.rows:
            self._close("TotalRow", label, self._all, None)

    def _close(self, row: RowName, label: str, sums: Mapping[str, int], record: Record | None) -> None:
        balance = {"RunningBalance": self.balance} if row == "SubtotalRow" else {}
        self.table.add(row, [label, *({**sums, **balance}.get(name) for name in self._names)], record)


def _summed(entry: Entry, sign: int | None) -> int:
    return entry.cents if sign is None else sign * entry.debit_cents


def _currency(entry: Entry) -> Cell:
    number = entry.transaction.currency
    currency = entry.books.records.by_number(number) if number is not None else entry.books.currencies.home
    return currency.full_name if currency is not None else None


def _done(entry: Entry) -> Cell:
    row = entry.books.store.execute(
        "SELECT done FROM order_line WHERE txn = ? AND line_id = ?", (entry.transaction.number, entry.line_id)
    ).fetchone()
    return int(row[0]) if row is not None else None


def _source_name(entry: Entry) -> Cell:
    number = entry.transaction.entity
    return entry.books.records.by_number(number).full_name if number is not None else None
