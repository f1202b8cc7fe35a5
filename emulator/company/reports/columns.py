"""The columns of detail reports: every one that IncludeColumn can ask for, with its title, its type and what it tells of a line.

Titles and the words for types of transactions are recalled from QuickBooks' reports. Columns about payroll are empty: no payroll transaction can
be entered (documented: the requests that are public).
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from emulator.company.arithmetic import rounded_quotient
from emulator.company.records import Record, Values
from emulator.company.reports.entry import Entry
from emulator.company.reports.table import Cell, Column

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

CLEARED: Final = {"Cleared": "*", "Pending": "!", "NotCleared": ""}


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


def names_of(values: Values, default: Sequence[str]) -> list[str]:
    """Return the columns of a detail report: those of IncludeColumn, or else its own."""
    return list(dict.fromkeys(str(name) for name in values.get("IncludeColumn") or default))


def columns_of(names: Sequence[str]) -> list[Column]:
    """Return the columns of these names, behind the label."""
    told = [Column(name, COLUMNS[name][1], (COLUMNS[name][0],)) for name in names]
    return [Column("Blank", "STRTYPE", ("",)), *told]


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
