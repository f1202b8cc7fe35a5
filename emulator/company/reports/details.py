"""Detail reports: lines in their groups, with what groups begin with and what they add up to.

That every row of a general ledger names its account, and that an account begins
with a row of its opening balance, is reported by people who read them.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

from emulator.company.arithmetic import rounded_quotient
from emulator.company.records import Record, Values
from emulator.company.reports.chosen import BALANCE_SHEET, EARNING, Chosen
from emulator.company.reports.columns import columns_of, names_of
from emulator.company.reports.detail import Detail
from emulator.company.reports.detail_kinds import DETAILS, Kind, all_lines, everything, of_accounts
from emulator.company.reports.entry import OWED, Entry
from emulator.company.reports.grid import DIMENSIONS
from emulator.company.reports.groups import Group, groups_of, with_opening
from emulator.company.reports.orders import left_of_order, only_open_lines
from emulator.company.reports.period import (
    FIRST_DAY,
    Period,
    as_of,
    fiscal_year_start,
    in_words,
    period_of,
    year_starts,
)
from emulator.company.reports.stock import stocked
from emulator.company.reports.summary import (
    NAMED,
    NAMES,
    natural_cents,
)
from emulator.company.reports.table import Table
from emulator.company.store import AMONG, array_of
from emulator.company.transactions import Transaction, by_number

if TYPE_CHECKING:
    from emulator.company.books import Books


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
        only_open_lines(chosen, row.open_of, _open_on(values, period))
    if row.stands:
        period = Period(FIRST_DAY, period.last)
    return _made(chosen, row, Table(row.title, subtitle, chosen.basis, columns_of(names)), names, period, values)


def custom_detail(books: "Books", values: Values, _kind: str) -> Table:
    """Return a CustomTxnDetail: the columns and the groups that are asked for, of what posts unless something else is asked for."""
    by = str(values["SummarizeRowsBy"])
    grouped = "Account" if by in ("BalanceSheet", "IncomeStatement") else "" if by == "TotalOnly" else by
    choose = {"BalanceSheet": of_accounts(*BALANCE_SHEET), "IncomeStatement": of_accounts(*EARNING)}.get(by, everything)
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
    groups = groups_of(chosen, by, amount, period, row.whole, year_starts(books, values))
    if by == "Account":
        groups = with_opening(chosen, row, groups, opening, values)
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


def _signs(row: Kind, by: str, groups: Iterable[Group]) -> tuple[int | None, int | None]:
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

    def __init__(self, books: "Books", row: Kind, groups: Iterable[Group]) -> None:
        self._always = books.settings["company.report-whole-amounts"] == "every-line"
        self._told: set[int] = set()
        owed = books.store.execute(
            f"SELECT record FROM list_record WHERE family = 'account' AND subtype {AMONG}", (array_of(OWED),)
        ).fetchall()
        self._owed = {number for (number,) in owed}
        # Lines that are left out later tell nothing.
        rows = (each for group in groups for each in group.rows) if row.keep is all_lines else ()
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


TRANSACTIONS_KEPT: Final = 4_096
"""Transactions that a report keeps in memory while it is made."""


def _entries(
    chosen: Chosen,
    row: Kind,
    group: Group,
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
                    entry.extra["OpenBalance"] = left_of_order(books, txn, open_on)
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
