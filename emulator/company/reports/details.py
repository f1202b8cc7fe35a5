"""Detail reports: which rows each kind is about, what they are grouped by, and its columns.

Kinds, groups and columns are recalled from QuickBooks' reports; that every row of a general ledger names its account, and that an account begins
with a row of its opening balance, is reported by people who read them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

from emulator.company.arithmetic import rounded_quotient
from emulator.company.records import Record, Values
from emulator.company.reports.chosen import BALANCE_SHEET, EARNING, Chosen, one_of
from emulator.company.reports.detail import OWED, Detail, Entry, columns_of, names_of
from emulator.company.reports.grid import DIMENSIONS, Dimension, Key, label_of, record_of
from emulator.company.reports.period import (
    FIRST_DAY,
    LAST_DAY,
    UNITS,
    Period,
    as_of,
    fiscal_year_start,
    in_words,
    over_column,
    period_of,
    spans_with,
    year_starts,
)
from emulator.company.reports.stock import stocked
from emulator.company.reports.summary import (
    NAMED,
    NAMES,
    PURCHASES,
    SALES,
    natural_cents,
    only_purchases,
    only_sales,
)
from emulator.company.reports.table import Table
from emulator.company.store import AMONG, array_of
from emulator.company.transactions import Transaction, by_number

if TYPE_CHECKING:
    from emulator.company.books import Books

_SELECT: Final = (
    "e.txn, e.account, e.entity, e.item, e.class, {amount}, e.home_cents, e.quantity, e.line_id, e.cleared, {group}, {{day}}"
)


def _all_lines(_entry: Entry) -> bool:
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
    keep: Callable[[Entry], bool] = _all_lines
    is_custom: bool = False
    total: str = "TOTAL"


def _is_unbilled(entry: Entry) -> bool:
    # What is void is nothing that anybody could be billed for.
    return entry.line.get("BillableStatus") == "Billable" and entry.cents != 0


def _everything(_chosen: Chosen) -> None:
    return


def _kinds(*names: str) -> Callable[[Chosen], None]:
    return lambda chosen: chosen.of_kinds(*names)


def _accounts(*types: str) -> Callable[[Chosen], None]:
    return lambda chosen: chosen.of_accounts(*types)


def _all(*parts: Callable[[Chosen], None]) -> Callable[[Chosen], None]:
    def choose(chosen: Chosen) -> None:
        for part in parts:
            part(chosen)

    return choose


def _where(condition: str) -> Callable[[Chosen], None]:
    return lambda chosen: chosen.where(condition)


_DONE: Final = (
    "(o.done - coalesce((SELECT sum(f.quantity) FROM fulfilment f JOIN txn later ON later.number = f.txn"
    " WHERE f.order_txn = o.txn AND f.order_line = o.line_id AND later.date > ?), 0))"
)
"""SQL of how much of a line of an order had come or gone on a day."""


def _only_open_lines(chosen: Chosen, kind: str, open_on: date | None) -> None:
    """Choose the lines of orders of which something has neither come nor gone by a day, and which nobody closed."""
    chosen.of_kinds(kind)
    chosen.where(
        "EXISTS (SELECT 1 FROM order_line o WHERE o.txn = e.txn AND o.line_id = e.line_id AND NOT o.closed"
        f" AND {_DONE} < o.quantity)",
        (open_on or LAST_DAY).isoformat(),
    )


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
        _all(_accounts(*_EXPENSES), _where(
            "json_extract((SELECT document FROM list_record WHERE record = t.entity), '$.IsVendorEligibleFor1099')")),
    ),
    "AuditTrail": Kind(
        "Audit Trail", "Transaction",
        ("TxnNumber", "TxnType", "ModifiedTime", "LastModifiedBy", "LatestOrPriorState", "Date", "RefNumber", "Name", "Memo", "Account",
         "SplitAccount", "Amount"), _everything,
    ),
    "BalanceSheetDetail": Kind("Balance Sheet Detail", "Account", _ACCOUNTS, _accounts(*BALANCE_SHEET), opens=True),
    "CheckDetail": Kind(
        "Check Detail", "Transaction", ("TxnType", "RefNumber", "Date", "Name", "Item", "Account", "PaidAmount", "Amount"),
        _kinds("Check", "BillPaymentCheck", "SalesTaxPaymentCheck"), sign=1,
    ),
    "CustomerBalanceDetail": Kind(
        "Customer Balance Detail", "Customer", _BALANCE, _accounts("AccountsReceivable"), sign=1, stands=True),
    "DepositDetail": Kind(
        "Deposit Detail", "Transaction", ("TxnType", "RefNumber", "Date", "Name", "Account", "Amount"), _kinds("Deposit"), sign=1),
    "EstimatesByJob": Kind(
        "Estimates by Job", "Customer", ("TxnType", "Date", "RefNumber", "Memo", "EstimateActive", "Amount"), _kinds("Estimate"),
        whole=True, orders=True,
    ),
    "ExpenseByVendorDetail": Kind(
        "Expenses by Vendor Detail", "Vendor", ("TxnType", "Date", "RefNumber", "Memo", "Account", "ClearedStatus", "SplitAccount",
        "Amount", "RunningBalance"), _all(_accounts(*_EXPENSES), _VENDORS), sign=1,
    ),
    "GeneralLedger": Kind("General Ledger", "Account", _LEDGER, _everything, sign=1, opens=True),
    "IncomeByCustomerDetail": Kind(
        "Income by Customer Detail", "Customer", ("TxnType", "Date", "RefNumber", "Memo", "Account", "ClearedStatus", "SplitAccount",
        "Amount", "RunningBalance"), _all(_accounts("Income", "OtherIncome", "CostOfGoodsSold"), _CUSTOMERS), sign=-1,
    ),
    "IncomeTaxDetail": Kind("Income Tax Detail", "TaxLine", _ACCOUNTS, _accounts(*EARNING), sign=-1),
    "JobProgressInvoicesVsEstimates": Kind(
        "Job Progress Invoices vs. Estimates", "Customer",
        ("TxnType", "Date", "RefNumber", "EstimateActive", "Amount", "ProgressAmount", "ProgressPercent"), _kinds("Estimate"),
        whole=True, orders=True,
    ),
    "Journal": Kind(
        "Journal", "Transaction", ("TxnNumber", "TxnType", "Date", "RefNumber", "Name", "Memo", "Account", "Debit", "Credit"), _everything, sign=1),
    "OpenPOs": Kind(
        "Open Purchase Orders", "Payee", ("TxnType", "Date", "Name", "RefNumber", "DeliveryDate", "Amount", "OpenBalance"),
        _everything, whole=True, orders=True, open_of="PurchaseOrder", sign=-1,
    ),
    "OpenPOsByJob": Kind("Open Purchase Orders by Job", "Customer", _ORDERED, _everything, orders=True, open_of="PurchaseOrder"),
    "OpenSalesOrderByCustomer": Kind(
        "Open Sales Orders by Customer", "Customer", _ORDERED, _everything, orders=True, open_of="SalesOrder", sign=-1),
    "OpenSalesOrderByItem": Kind("Open Sales Orders by Item", "ItemDetail", _ORDERED, _everything, orders=True, open_of="SalesOrder", sign=-1),
    "PendingSales": Kind(
        "Pending Sales", "Customer", ("TxnType", "Date", "RefNumber", "Memo", "Amount"), _all(_kinds(*SALES), _where("t.pending")),
        whole=True, orders=True,
    ),
    "ProfitAndLossDetail": Kind("Profit & Loss Detail", "Account", _ACCOUNTS, _accounts(*EARNING), total="Net Income"),
    "PurchaseByItemDetail": Kind("Purchases by Item Detail", "ItemDetail", _SOLD, only_purchases, sign=1),
    "PurchaseByVendorDetail": Kind("Purchases by Vendor Detail", "Vendor", _SOLD, only_purchases, sign=1),
    "SalesByCustomerDetail": Kind("Sales by Customer Detail", "Customer", _SOLD, only_sales, sign=-1),
    "SalesByItemDetail": Kind("Sales by Item Detail", "ItemDetail", _SOLD, only_sales, sign=-1),
    "SalesByRepDetail": Kind("Sales by Rep Detail", "SalesRep", _SOLD, only_sales, sign=-1),
    "TxnDetailByAccount": Kind("Transaction Detail by Account", "Account", _ACCOUNTS, _everything),
    "TxnListByCustomer": Kind("Transaction List by Customer", "Customer", _LIST, _CUSTOMERS, whole=True),
    "TxnListByDate": Kind(
        "Transaction List by Date", "", ("TxnType", "Date", "RefNumber", "Name", "Memo", "Account", "ClearedStatus", "SplitAccount",
        "Amount"), _everything, whole=True,
    ),
    "TxnListByVendor": Kind("Transaction List by Vendor", "Vendor", _LIST, _VENDORS, whole=True),
    "UnbilledCostsByJob": Kind(
        "Unbilled Costs by Job", "Customer", ("TxnType", "Date", "SourceName", "Memo", "Account", "BillingStatus", "Amount"),
        _all(_kinds(*PURCHASES), _CUSTOMERS), sign=1, keep=_is_unbilled,
    ),
    "VendorBalanceDetail": Kind("Vendor Balance Detail", "Vendor", _BALANCE, _accounts("AccountsPayable"), sign=-1, stands=True),
}  # fmt: skip
"""GeneralDetailReportType -> what it is; InventoryValuationDetail is not of the ledger's rows and made apart."""


@dataclass
class _Group:
    key: Key
    label: str
    record: Record | None
    rows: list[tuple[Any, ...]]


def details(books: "Books", values: Values, kind: str) -> Table:
    """Return a detail report."""
    row = DETAILS[kind]
    period = period_of(books, values)
    subtitle = as_of(period.last) if row.stands else in_words(period)
    names = names_of(values, row.columns)
    if row.orders and not values.get("ReportPostingStatusFilter"):
        values = {**values, "ReportPostingStatusFilter": "NonPosting"}
    if row.stands:
        values = {**values, "ReportBasis": "Accrual"}  # what is owed is owed on any basis
    chosen = Chosen(books, values, names=[DIMENSIONS[row.by].key] if row.by in NAMED else NAMES)
    row.choose(chosen)
    if row.open_of:
        _only_open_lines(chosen, row.open_of, _open_on(values, period))
    if row.stands:
        period = Period(FIRST_DAY, period.last)
    return _made(chosen, row, Table(row.title, subtitle, chosen.basis, columns_of(names)), names, period, values)


def custom_detail(books: "Books", values: Values, _kind: str) -> Table:
    """Return a CustomTxnDetail: the columns and the groups that are asked for, of what posts unless something else is asked for."""
    by = str(values["SummarizeRowsBy"])
    grouped = "Account" if by in ("BalanceSheet", "IncomeStatement") else "" if by == "TotalOnly" else by
    choose = {"BalanceSheet": _accounts(*BALANCE_SHEET), "IncomeStatement": _accounts(*EARNING)}.get(by, _everything)
    row = Kind("Custom Transaction Detail Report", grouped, (), choose, is_custom=True)
    period = period_of(books, values)
    chosen = Chosen(books, values)
    row.choose(chosen)
    names = names_of(values, ())
    table = Table(row.title, in_words(period), chosen.basis, columns_of(names))
    return _made(chosen, row, table, names, period, values)


def _made(chosen: Chosen, row: Kind, table: Table, names: Sequence[str], period: Period, values: Values) -> Table:
    books = chosen.books
    by = str(values.get("SummarizeRowsBy") or row.by) if row.by != "Transaction" and not row.is_custom else row.by
    amount = f"{row.sign} * e.home_cents" if row.sign else natural_cents(books)
    open_on = _open_on(values, period)
    opening = (
        chosen.sums("e.account", Period(FIRST_DAY, period.first - _DAY), amount) if row.opens and period.first > FIRST_DAY else {}
    )
    _keep_earlier_years(chosen, opening, period, row.sign)
    groups = _groups(chosen, by, amount, period, row.whole, year_starts(books, values))
    if by == "Account":
        groups = _with_opening(chosen, row, groups, opening, values)
    total_sign, group_sign = _signs(row, by, groups)
    detail = Detail(books, table, names, total_sign, group_sign)
    telling = _Telling(books, row, groups)
    # Rows of one transaction come in several groups, and reading one costs a look-up in the file.
    transaction_of = lru_cache(maxsize=TRANSACTIONS_KEPT)(partial(by_number, books))
    for group in groups:
        entries = list(_entries(chosen, row, group, transaction_of, open_on, telling))
        if not entries and not row.opens:
            continue
        if row.opens:
            detail.start(opening.get(group.key, 0) if _is_kept(group.record) else 0)
            detail.opening(group.label, group.record)
        else:
            detail.start()
            if group.label:
                table.text(group.label)
        for entry in entries:
            detail.add(entry, group.record if row.opens else None)
        if group.label or by == "Transaction":
            detail.subtotal(f"Total {group.label}" if group.label else "", group.record)
    detail.total(row.total)
    return table


def _signs(row: Kind, by: str, groups: Iterable[_Group]) -> tuple[int | None, int | None]:
    """Return how the total and the subtotals sum amounts that each have the sign of their account: as debits (1), as credits (-1), as told (None).

    Where accounts of both sides are among them, amounts as they are told add up to nothing that means something: what is summed are debits, or what
    is earned (recalled). An account by itself is summed as it is told.
    """
    if row.sign:
        return None, None
    sign = -1 if row.total != "TOTAL" else 1
    if sign == 1:
        sides = {cents == debit for group in groups for _t, _a, _n, _i, _c, cents, debit, *_more in group.rows if debit}
        if len(sides) < 2:
            return None, None
    return sign, None if by == "Account" else sign


class _Telling:
    """Says which line of a transaction tells what is about the whole of it (switch company.report-whole-amounts).

    That is its first line on a receivable or payable, and its first line where none of these is in the report.
    """

    def __init__(self, books: "Books", row: Kind, groups: Iterable[_Group]) -> None:
        self._always = books.settings["company.report-whole-amounts"] == "every-line"
        self._told: set[int] = set()
        owed = books.store.execute(
            f"SELECT record FROM list_record WHERE family = 'account' AND subtype {AMONG}", (array_of(OWED),)
        ).fetchall()
        self._owed = {number for (number,) in owed}
        # Lines that are left out later tell nothing.
        rows = (each for group in groups for each in group.rows) if row.keep is _all_lines else ()
        self._has_owed = {each[0] for each in rows if each[1] in self._owed}

    def is_told(self, txn: int, account: int) -> bool:
        """Return whether the next line of a transaction, on this account, is the one."""
        if self._always:
            return True
        if txn in self._told or (txn in self._has_owed and account not in self._owed):
            return False
        self._told.add(txn)
        return True


_DAY: Final = timedelta(days=1)


def _keep_earlier_years(chosen: Chosen, opening: dict[Any, int], period: Period, sign: int) -> None:
    """Put what earlier fiscal years earned into the opening balance of Retained Earnings, as the balance sheet does."""
    books = chosen.books
    retained = books.defaults.account("RetainedEarnings")
    if not opening or retained is None or period.first == FIRST_DAY:
        return
    until = Period(FIRST_DAY, fiscal_year_start(books, period.first) - _DAY)
    earned = sum(
        cents
        for number, cents in chosen.sums("e.account", until).items()
        if books.records.by_number(number).document["AccountType"] in EARNING
    )
    told = sign or (-1 if books.settings["company.transaction-row-amount"] == "account-sign" else 1)
    opening[retained.number] = opening.get(retained.number, 0) + told * earned


def _is_kept(record: Record | None) -> bool:
    """Whether the balance of an account goes on from year to year; what is earned starts with the period (recalled)."""
    return record is not None and record.document.get("AccountType") not in EARNING


def _groups(chosen: Chosen, by: str, amount: str, period: Period, whole: bool, starts: int) -> list[_Group]:
    """Return the chosen rows in their groups; a transaction that is told whole stands in one of them, once (inferred)."""
    books = chosen.books
    if by in UNITS:
        return _by_time(chosen, amount, period, by, starts)
    dimension = Dimension("e.txn") if by == "Transaction" else DIMENSIONS.get(by, Dimension("''"))
    rows = chosen.rows(_SELECT.format(amount=amount, group=dimension.key), period, "ORDER BY {day}, e.txn, e.line")
    if whole:
        # It belongs where the first of its rows does that belongs anywhere: the row of its own account and name comes first.
        homes: dict[int, Key] = {}
        for each in rows:
            if homes.get(each[0]) is None:
                homes[each[0]] = each[10]
        rows = [each for each in rows if each[10] == homes[each[0]]]
    found: dict[Key, list[tuple[Any, ...]]] = {}
    for each in rows:
        found.setdefault(each[10], []).append(each)
    if by == "Transaction" or not dimension.family:
        labels = {key: "" if by == "Transaction" or key == "" else label_of(books, dimension, key) for key in found}
        return [_Group(key, labels[key], None, part) for key, part in found.items()]
    order = _order(books, dimension)
    return [
        _Group(key, label_of(books, dimension, key), record_of(books, dimension, key), part)
        for key, part in sorted(found.items(), key=lambda each: order.get(each[0], len(order)))
    ]


def _order(books: "Books", dimension: Dimension) -> dict[Key, int]:
    column = "list_id" if dimension.by_id else "record"
    rows = books.store.execute(
        f"SELECT {column} FROM list_record WHERE family = ? ORDER BY sort_key", (dimension.family,)
    ).fetchall()
    return {row[0]: place for place, row in enumerate(rows)}


def _by_time(chosen: Chosen, amount: str, period: Period, unit: str, starts: int) -> list[_Group]:
    rows = chosen.rows(_SELECT.format(amount=amount, group="NULL"), period, "ORDER BY {day}, e.txn, e.line")
    if not rows:
        return []
    days = sorted({row[11] for row in rows})
    groups = []
    place = 0
    for span in spans_with([date.fromisoformat(day) for day in days], period, unit, starts):
        first = place
        while place < len(rows) and rows[place][11] <= span.last.isoformat():
            place += 1
        groups.append(_Group(over_column(span), over_column(span), None, rows[first:place]))
    return groups


def _with_opening(chosen: Chosen, row: Kind, groups: list[_Group], opening: dict[Any, int], values: Values) -> list[_Group]:
    """Add the accounts that have a balance from before, and those without anything where all are told (IncludeAccounts)."""
    books = chosen.books
    wanted, parameters = "", []
    if values.get("ReportAccountFilter"):
        condition, parameter = one_of(books, "ReportAccountFilter", values["ReportAccountFilter"])
        wanted, parameters = f" AND record {condition}", [parameter]
    rows = books.store.execute(
        f"SELECT record, subtype FROM list_record WHERE family = 'account' AND subtype <> 'NonPosting'{wanted} ORDER BY sort_key",
        parameters,
    ).fetchall()
    found = {group.key: group for group in groups}
    # Accounts that a narrower question leaves without rows are not told (inferred).
    everything = row.opens and values.get("IncludeAccounts") != "InUse" and chosen.is_of_accounts_only
    result = []
    for number, subtype in rows:
        if number in found:
            result.append(found.pop(number))
        elif opening.get(number) or (everything and (row.choose is _everything or subtype not in EARNING)):
            record = books.records.by_number(number)
            result.append(_Group(number, record.full_name, record, []))
    return [*result, *found.values()]


TRANSACTIONS_KEPT: Final = 4_096
"""Transactions that a report keeps in memory while it is made."""


def _entries(
    chosen: Chosen,
    row: Kind,
    group: _Group,
    transaction_of: Callable[[int], Transaction],
    open_on: date | None,
    telling: "_Telling",
) -> Iterable[Entry]:
    books, by = chosen.books, chosen.books.records.by_number
    seen: set[int] = set()
    for txn, account, name, item, klass, cents, debit, quantity, line_id, cleared, _key, _day in group.rows:
        if row.whole:
            if txn not in seen:
                seen.add(txn)
                entry = Entry.of_transaction(books, txn, name)
                entry.cents *= row.sign or 1
                entry.open_on = open_on
                if row.orders:
                    entry.extra["OpenBalance"] = _left_of_order(books, txn, open_on)
                yield entry
            continue
        transaction = transaction_of(txn)
        entry = Entry(
            books,
            transaction,
            cents,
            debit,
            by(account),
            by(name) if name is not None else by(transaction.entity) if transaction.entity is not None else None,
            by(item) if item is not None else None,
            by(klass) if klass is not None else None,
            _turned(quantity, row.sign),
            line_id,
            cleared,
            open_on=open_on,
        )
        if row.keep(entry):
            entry.tells_whole = telling.is_told(txn, account)
            yield entry


def _open_on(values: Values, period: Period) -> date | None:
    """Return the day on which it is looked at what is open (ReportOpenBalanceAsOf): the end of the period, or today (documented default)."""
    return period.last if values.get("ReportOpenBalanceAsOf") == "ReportEndDate" else None


def _left_of_order(books: "Books", txn: int, open_on: date | None) -> int:
    """Return what the open lines of an order are worth, in home currency."""
    rows = books.store.execute(
        f"SELECT abs(home_cents), o.quantity - {_DONE}, o.quantity FROM order_line o JOIN unposted u ON u.txn = o.txn"
        " AND u.line_id = o.line_id WHERE o.txn = ? AND NOT closed",
        ((open_on or LAST_DAY).isoformat(), txn),
    ).fetchall()
    return sum(rounded_quotient(cents * left, ordered) for cents, left, ordered in rows if left > 0)


def _turned(quantity: int | None, sign: int) -> int | None:
    return None if quantity is None else quantity * (sign or 1)


def valuation_detail(books: "Books", values: Values, _kind: str) -> Table:
    """Return the InventoryValuationDetail: every movement of every stocked item, with what is on hand and its value after it."""
    period = period_of(books, values)
    own = ("TxnType", "Date", "Name", "RefNumber", "Quantity", "CostPrice", "QuantityOnHand", "AverageCost", "ValueOnHand")
    names = names_of(values, own)
    table = Table("Inventory Valuation Detail", in_words(period), "Accrual", columns_of(names))
    detail = Detail(books, table, names)
    first, last = period.first.isoformat(), period.last.isoformat()
    for record in stocked(books, {**values, "ReturnRows": "All"}):
        item = record.number
        before = (period.first - _DAY).isoformat() if period.first > FIRST_DAY else ""
        quantity, cents = books.stock.held_at(item, before) if before else (0, 0)
        moves = books.store.execute(
            "SELECT txn, quantity, value_cents FROM movement WHERE item = ? AND valued AND date BETWEEN ? AND ? ORDER BY date, txn, line",
            (item, first, last),
        ).fetchall()
        if not moves:
            continue
        table.text(record.full_name)
        detail.start()
        for txn, moved, value in moves:
            quantity, cents = quantity + moved, cents + value
            entry = Entry.of_transaction(books, txn)
            entry.item, entry.quantity = record, moved
            entry.extra = {
                "CostPrice": rounded_quotient(abs(value) * 10**8, abs(moved)) if moved and value else None,
                "QuantityOnHand": quantity,
                "AverageCost": rounded_quotient(cents * 10**8, quantity) if quantity else None,
                "ValueOnHand": cents,
                "Amount": value,
            }
            detail.add(entry, record)
        detail.subtotal(f"Total {record.full_name}", record)
    return table


KINDS: Final = {
    **dict.fromkeys(DETAILS, details),
    "InventoryValuationDetail": valuation_detail,
    "CustomTxnDetail": custom_detail,
}
"""Type of report -> what makes it."""
