"""The kinds of detail reports: which rows of the ledger each is about, what they are grouped by, and its columns.

Kinds, groups and columns are recalled from QuickBooks' reports.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from emulator.company.reports.chosen import BALANCE_SHEET, EARNING, Chosen
from emulator.company.reports.entry import Entry
from emulator.company.reports.grid import DIMENSIONS
from emulator.company.reports.summary import PURCHASES, SALES, only_purchases, only_sales


def all_lines(_entry: Entry) -> bool:
    """Keep every line."""
    return True


@dataclass(frozen=True)
class Kind:
    """One kind of detail report.

    Attributes:
        title: of the report.
        by: the dimension its lines are grouped by; empty for none, `Transaction` for a group each.
        columns: when IncludeColumn names none.
        choose: which rows of the ledger it is about.
        sign: -1 where a credit is positive, 0 where each account has its own sign.
        opens: groups begin with the balance before the period.
        whole: one line for a transaction, not for a row of it.
        orders: it is about what does not post.
        open_of: it is about lines of this kind of order that are open.
        stands: it tells how things stand at the end of the period: everything up to then counts.
        keep: tells a line that belongs to it.
        is_custom: its groups are those it was made with, whatever SummarizeRowsBy says.
        total: label of its last row.
    """

    title: str
    by: str
    columns: tuple[str, ...]
    choose: Callable[[Chosen], None]
    sign: int = 0
    opens: bool = False
    whole: bool = False
    orders: bool = False
    open_of: str = ""
    stands: bool = False
    keep: Callable[[Entry], bool] = all_lines
    is_custom: bool = False
    total: str = "TOTAL"


def _is_unbilled(entry: Entry) -> bool:
    # What is void is nothing that anybody could be billed for.
    return entry.line.get("BillableStatus") == "Billable" and entry.cents != 0


def everything(_chosen: Chosen) -> None:
    """Choose all rows."""
    return


def _kinds(*names: str) -> Callable[[Chosen], None]:
    return lambda chosen: chosen.of_kinds(*names)


def of_accounts(*types: str) -> Callable[[Chosen], None]:
    """Return what chooses the rows of accounts of these types."""
    return lambda chosen: chosen.of_accounts(*types)


def _all(*parts: Callable[[Chosen], None]) -> Callable[[Chosen], None]:
    def choose(chosen: Chosen) -> None:
        for part in parts:
            part(chosen)

    return choose


def _where(condition: str) -> Callable[[Chosen], None]:
    return lambda chosen: chosen.where(condition)


_CUSTOMERS = _where(f"{DIMENSIONS['Customer'].key} IS NOT NULL")
_VENDORS = _where(f"{DIMENSIONS['Vendor'].key} IS NOT NULL")

_LEDGER: Final = ("TxnType", "Date", "RefNumber", "Name", "Memo", "SplitAccount", "Amount", "RunningBalance")
_ACCOUNTS: Final = ("TxnType", "Date", "RefNumber", "Name", "Memo", "ClearedStatus", "SplitAccount", "Amount", "RunningBalance")
_SOLD: Final = ("TxnType", "Date", "RefNumber", "Memo", "Name", "Item", "Quantity", "UnitPrice", "Amount", "RunningBalance")
_LIST: Final = ("TxnType", "Date", "RefNumber", "Memo", "Account", "ClearedStatus", "SplitAccount", "Amount")
_BALANCE: Final = ("TxnType", "Date", "RefNumber", "Account", "Amount", "RunningBalance")
_ORDERED: Final = ("TxnType", "Date", "RefNumber", "Name", "Memo", "Item", "Quantity", "ReceivedQuantity", "Amount")
_EXPENSES: Final = ("Expense", "OtherExpense", "CostOfGoodsSold")

DETAILS: Final = {
    "1099Detail": Kind(
        "1099 Detail", "Vendor", ("TxnType", "Date", "RefNumber", "Memo", "Account", "Amount"),
        _all(of_accounts(*_EXPENSES), _where(
            "json_extract((SELECT document FROM list_record WHERE record = t.entity), '$.IsVendorEligibleFor1099')")),
    ),
    "AuditTrail": Kind(
        "Audit Trail", "Transaction",
        ("TxnNumber", "TxnType", "ModifiedTime", "LastModifiedBy", "LatestOrPriorState", "Date", "RefNumber", "Name", "Memo", "Account",
         "SplitAccount", "Amount"), everything,
    ),
    "BalanceSheetDetail": Kind("Balance Sheet Detail", "Account", _ACCOUNTS, of_accounts(*BALANCE_SHEET), opens=True),
    "CheckDetail": Kind(
        "Check Detail", "Transaction", ("TxnType", "RefNumber", "Date", "Name", "Item", "Account", "PaidAmount", "Amount"),
        _kinds("Check", "BillPaymentCheck", "SalesTaxPaymentCheck"), sign=1,
    ),
    "CustomerBalanceDetail": Kind(
        "Customer Balance Detail", "Customer", _BALANCE, of_accounts("AccountsReceivable"), sign=1, stands=True),
    "DepositDetail": Kind(
        "Deposit Detail", "Transaction", ("TxnType", "RefNumber", "Date", "Name", "Account", "Amount"), _kinds("Deposit"), sign=1),
    "EstimatesByJob": Kind(
        "Estimates by Job", "Customer", ("TxnType", "Date", "RefNumber", "Memo", "EstimateActive", "Amount"), _kinds("Estimate"),
        whole=True, orders=True,
    ),
    "ExpenseByVendorDetail": Kind(
        "Expenses by Vendor Detail", "Vendor", ("TxnType", "Date", "RefNumber", "Memo", "Account", "ClearedStatus", "SplitAccount",
        "Amount", "RunningBalance"), _all(of_accounts(*_EXPENSES), _VENDORS), sign=1,
    ),
    "GeneralLedger": Kind("General Ledger", "Account", _LEDGER, everything, sign=1, opens=True),
    "IncomeByCustomerDetail": Kind(
        "Income by Customer Detail", "Customer", ("TxnType", "Date", "RefNumber", "Memo", "Account", "ClearedStatus", "SplitAccount",
        "Amount", "RunningBalance"), _all(of_accounts("Income", "OtherIncome", "CostOfGoodsSold"), _CUSTOMERS), sign=-1,
    ),
    "IncomeTaxDetail": Kind("Income Tax Detail", "TaxLine", _ACCOUNTS, of_accounts(*EARNING), sign=-1),
    "JobProgressInvoicesVsEstimates": Kind(
        "Job Progress Invoices vs. Estimates", "Customer",
        ("TxnType", "Date", "RefNumber", "EstimateActive", "Amount", "ProgressAmount", "ProgressPercent"), _kinds("Estimate"),
        whole=True, orders=True,
    ),
    "Journal": Kind(
        "Journal", "Transaction", ("TxnNumber", "TxnType", "Date", "RefNumber", "Name", "Memo", "Account", "Debit", "Credit"), everything, sign=1),
    "OpenPOs": Kind(
        "Open Purchase Orders", "Payee", ("TxnType", "Date", "Name", "RefNumber", "DeliveryDate", "Amount", "OpenBalance"),
        everything, whole=True, orders=True, open_of="PurchaseOrder", sign=-1,
    ),
    "OpenPOsByJob": Kind("Open Purchase Orders by Job", "Customer", _ORDERED, everything, orders=True, open_of="PurchaseOrder"),
    "OpenSalesOrderByCustomer": Kind(
        "Open Sales Orders by Customer", "Customer", _ORDERED, everything, orders=True, open_of="SalesOrder", sign=-1),
    "OpenSalesOrderByItem": Kind("Open Sales Orders by Item", "ItemDetail", _ORDERED, everything, orders=True, open_of="SalesOrder", sign=-1),
    "PendingSales": Kind(
        "Pending Sales", "Customer", ("TxnType", "Date", "RefNumber", "Memo", "Amount"), _all(_kinds(*SALES), _where("t.pending")),
        whole=True, orders=True,
    ),
    "ProfitAndLossDetail": Kind("Profit & Loss Detail", "Account", _ACCOUNTS, of_accounts(*EARNING), total="Net Income"),
    "PurchaseByItemDetail": Kind("Purchases by Item Detail", "ItemDetail", _SOLD, only_purchases, sign=1),
    "PurchaseByVendorDetail": Kind("Purchases by Vendor Detail", "Vendor", _SOLD, only_purchases, sign=1),
    "SalesByCustomerDetail": Kind("Sales by Customer Detail", "Customer", _SOLD, only_sales, sign=-1),
    "SalesByItemDetail": Kind("Sales by Item Detail", "ItemDetail", _SOLD, only_sales, sign=-1),
    "SalesByRepDetail": Kind("Sales by Rep Detail", "SalesRep", _SOLD, only_sales, sign=-1),
    "TxnDetailByAccount": Kind("Transaction Detail by Account", "Account", _ACCOUNTS, everything),
    "TxnListByCustomer": Kind("Transaction List by Customer", "Customer", _LIST, _CUSTOMERS, whole=True),
    "TxnListByDate": Kind(
        "Transaction List by Date", "", ("TxnType", "Date", "RefNumber", "Name", "Memo", "Account", "ClearedStatus", "SplitAccount",
        "Amount"), everything, whole=True,
    ),
    "TxnListByVendor": Kind("Transaction List by Vendor", "Vendor", _LIST, _VENDORS, whole=True),
    "UnbilledCostsByJob": Kind(
        "Unbilled Costs by Job", "Customer", ("TxnType", "Date", "SourceName", "Memo", "Account", "BillingStatus", "Amount"),
        _all(_kinds(*PURCHASES), _CUSTOMERS), sign=1, keep=_is_unbilled,
    ),
    "VendorBalanceDetail": Kind("Vendor Balance Detail", "Vendor", _BALANCE, of_accounts("AccountsPayable"), sign=-1, stands=True),
}  # fmt: skip
"""GeneralDetailReportType -> what it is; InventoryValuationDetail is not of the ledger's rows and made apart."""
