"""Profit and loss, balance sheet, trial balance: the accounts of the ledger in their sections.

The sections of the balance sheet are as recorded (observed, 2025); those of profit and loss are recalled from QuickBooks' own reports. What was
earned before the fiscal year stands in Retained Earnings, what was earned in it as Net Income (documented: QuickBooks closes years so).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from emulator.company.lists.answers import CREDIT_ACCOUNTS
from emulator.company.records import Values
from emulator.company.reports.chosen import EARNING, Chosen
from emulator.company.reports.grid import TOTAL, Bucket, Figures, added, buckets_of, columns_key, figures, share_of
from emulator.company.reports.period import (
    FIRST_DAY,
    LAST_DAY,
    Period,
    as_of,
    fiscal_year_start,
    in_words,
    over_column,
    period_of,
    short,
    year_before,
)
from emulator.company.reports.table import LABEL, Cell, Column, Table
from emulator.company.reports.tree import add_tree

if TYPE_CHECKING:
    from emulator.company.books import Books


@dataclass(frozen=True)
class Beside:
    """Columns that are worked out from the others.

    Attributes:
        columns: they.
        cells: makes their cells from the sums of a row.
    """

    columns: tuple[Column, ...]
    cells: Callable[[Sequence[int]], list[Cell]]


_CHANGE: Final = Beside(
    (Column("AmountDifference", "AMTTYPE", ("$ Change",)), Column("PercentChange", "PERCENTTYPE", ("% Change",))),
    lambda sums: [sums[0] - sums[1], share_of(sums[0] - sums[1], sums[1])],
)
"""How the first column differs from the second."""


class _Accounts:
    """Sums of accounts, section by section."""

    def __init__(self, books: "Books", table: Table, sums: Figures, width: int, shown: str, beside: Beside | None) -> None:
        self.books, self.table, self.width, self.shown, self.beside = books, table, width, shown, beside
        self._sums: dict[str, Figures] = {}
        if shown == "All":
            rows = books.store.execute(
                "SELECT record FROM list_record WHERE family = 'account' AND active AND subtype <> 'NonPosting'"
            )
            sums = {**{row[0]: [0] * width for row in rows.fetchall()}, **sums}
        for number, each in sums.items():
            assert isinstance(number, int)
            kind = str(books.records.by_number(number).document["AccountType"])
            self._sums.setdefault(kind, {})[number] = [-cents for cents in each] if kind in CREDIT_ACCOUNTS else each

    def cells(self, sums: Sequence[int]) -> list[Cell]:
        return [*sums, *(self.beside.cells(sums) if self.beside is not None else ())]

    def section(self, title: str, *types: str, extra: Sequence[tuple[str, list[int]]] = ()) -> list[int]:
        """Add the accounts of types under a title, with their total; return it. An empty section is left out."""
        own: Figures = {number: each for kind in types for number, each in self._sums.get(kind, {}).items()}
        rows = [(label, sums) for label, sums in extra if any(sums)]
        if not own and not rows:
            return [0] * self.width
        self.table.text(title)
        parts = [add_tree(self.table, self.books, own, self.cells, self.shown)] if own else []
        for label, sums in rows:
            self.table.add("DataRow", [label, *self.cells(sums)])
            parts.append(sums)
        total = added(parts, self.width)
        self.subtotal(f"Total {_TOTALS.get(title, title)}", total)
        return total

    def subtotal(self, label: str, sums: Sequence[int]) -> None:
        self.table.add("SubtotalRow", [label, *self.cells(sums)])

    def total(self, label: str, sums: Sequence[int]) -> None:
        self.table.add("TotalRow", [label, *self.cells(sums)])


_TOTALS: Final = {"Cost of Goods Sold": "COGS"}


# ---- profit and loss -------------------------------------------------------------------------------------------------------------


def profit_and_loss(books: "Books", values: Values, kind: str, beside: Beside | None = None) -> Table:
    """Return a ProfitAndLoss... report: Standard, ByClass, ByJob, PrevYearComp or YTDComp."""
    chosen = Chosen(books, values)
    chosen.of_accounts(*EARNING)
    period = period_of(books, values)
    default = {"ProfitAndLossByClass": "Class", "ProfitAndLossByJob": "Customer"}.get(kind, "TotalOnly")
    if kind == "ProfitAndLossPrevYearComp":
        buckets = [Bucket(over_column(each), each) for each in (period, _before(period))]
        beside = _CHANGE
    elif kind == "ProfitAndLossYTDComp":
        to_date = Period(fiscal_year_start(books, period.last), period.last)
        buckets = [Bucket(over_column(each), each) for each in (period, to_date)]
    else:
        buckets = buckets_of(chosen, values, period, default)
    sums = figures(chosen, "e.account", buckets, columns_key(values, default))
    table = Table(_TITLES[kind], in_words(period), chosen.basis, _columns(buckets, beside))
    accounts = _Accounts(books, table, sums, len(buckets), values.get("ReturnRows") or "ActiveOnly", beside)
    _add_earnings(accounts)
    return table


def _before(period: Period) -> Period:
    first = year_before(period.first) if period.first > FIRST_DAY else FIRST_DAY
    if period.last == LAST_DAY:
        return Period(first, LAST_DAY)
    # A whole month is compared with a whole one (recalled), also when February is longer.
    if (period.last + timedelta(days=1)).day == 1:
        return Period(first, year_before(period.last + timedelta(days=1)) - timedelta(days=1))
    return Period(first, year_before(period.last))


def _add_earnings(accounts: _Accounts) -> None:
    table, width = accounts.table, accounts.width
    table.text("Ordinary Income/Expense")
    income = accounts.section("Income", "Income")
    cost = accounts.section("Cost of Goods Sold", "CostOfGoodsSold")
    gross = [taken - spent for taken, spent in zip(income, cost, strict=True)]
    accounts.subtotal("Gross Profit", gross)
    expense = accounts.section("Expense", "Expense")
    ordinary = [taken - spent for taken, spent in zip(gross, expense, strict=True)]
    accounts.subtotal("Net Ordinary Income", ordinary)
    heading = len(table.rows)
    table.text("Other Income/Expense")
    other_income = accounts.section("Other Income", "OtherIncome")
    other_expense = accounts.section("Other Expense", "OtherExpense")
    other = [taken - spent for taken, spent in zip(other_income, other_expense, strict=True)]
    if len(table.rows) > heading + 1:
        accounts.subtotal("Net Other Income", other)
    else:
        del table.rows[heading:]
    accounts.total("Net Income", added([ordinary, other], width))


def _columns(buckets: Sequence[Bucket], beside: Beside | None) -> list[Column]:
    kinds = ["Total" if bucket.key == TOTAL and len(buckets) > 1 and bucket.title == TOTAL else "Amount" for bucket in buckets]
    columns = [LABEL, *(Column(kind, "AMTTYPE", (bucket.title,)) for kind, bucket in zip(kinds, buckets, strict=True))]
    return [*columns, *(beside.columns if beside is not None else ())]


# ---- balance sheet ---------------------------------------------------------------------------------------------------------------


def balance_sheet(books: "Books", values: Values, kind: str, beside: Beside | None = None) -> Table:
    """Return a BalanceSheet... report: Standard, Summary, ByClass or PrevYearComp."""
    chosen = Chosen(books, values)
    period = period_of(books, values)
    default = "Class" if kind == "BalanceSheetByClass" else "TotalOnly"
    if kind == "BalanceSheetPrevYearComp":
        buckets = [Bucket(short(each.last), each) for each in (period, _before(period))]
        beside = _CHANGE
    else:
        buckets = _standing(buckets_of(chosen, values, period, default, stands=True))
    sums = _balances(books, chosen, buckets, columns_key(values, default))
    if kind == "BalanceSheetSummary":
        sums = _at_the_top(books, sums, len(buckets))
    table = Table(_TITLES[kind], as_of(period.last), chosen.basis, _columns(buckets, beside))
    accounts = _Accounts(books, table, sums.accounts, len(buckets), values.get("ReturnRows") or "ActiveOnly", beside)
    _add_standing(accounts, sums.net_income)
    return table


@dataclass(frozen=True)
class _Standing:
    """Balances of the accounts of the balance sheet, with earlier years in Retained Earnings, and what this year earned.

    `kept_nowhere` is what earlier years earned, of the first column, where the file has no account for it: debits positive.
    """

    accounts: Figures
    net_income: list[int]
    kept_nowhere: int = 0


def _standing(buckets: Sequence[Bucket]) -> list[Bucket]:
    """Columns of how things stand at the end of each span; a total over spans of time would mean nothing."""
    if sum(bucket.key == TOTAL for bucket in buckets) > 1:
        buckets = [bucket for bucket in buckets if bucket.title != TOTAL]
    return [replace(bucket, title=short(bucket.period.last)) if _is_of_a_day(bucket) else bucket for bucket in buckets]


def _is_of_a_day(bucket: Bucket) -> bool:
    return bucket.key == TOTAL and bucket.title != TOTAL and bucket.period.last < LAST_DAY


def _balances(books: "Books", chosen: Chosen, buckets: Sequence[Bucket], columns: str | None) -> _Standing:
    retained = books.defaults.account("RetainedEarnings")
    stands = [replace(bucket, period=Period(FIRST_DAY, bucket.period.last)) for bucket in buckets]
    starts = [year_of(books, bucket.period) for bucket in buckets]
    this_year = [replace(bucket, period=Period(start, bucket.period.last)) for bucket, start in zip(buckets, starts, strict=True)]
    width = len(buckets)
    accounts: Figures = {}
    earned = [0] * width
    for number, sums in figures(chosen, "e.account", stands, columns).items():
        assert isinstance(number, int)
        if books.records.by_number(number).document["AccountType"] in EARNING:
            earned = added([earned, sums], width)
        else:
            accounts[number] = sums
    net_income = [0] * width
    for number, sums in figures(chosen, "e.account", this_year, columns).items():
        assert isinstance(number, int)
        if books.records.by_number(number).document["AccountType"] in EARNING:
            net_income = added([net_income, sums], width)
    before = [whole - now for whole, now in zip(earned, net_income, strict=True)]
    if retained is not None and any(before):
        accounts[retained.number] = added([accounts.get(retained.number, [0] * width), before], width)
        before = [0] * width
    elif any(before):
        net_income = earned
    return _Standing(accounts, [-cents for cents in net_income], before[0])


def year_of(books: "Books", period: Period) -> date:
    """Return the first day of the fiscal year that is still open at the end of a period: without an end, of today's (inferred)."""
    return fiscal_year_start(books, books.local_time.today(books.now()) if period.last == LAST_DAY else period.last)


def _at_the_top(books: "Books", standing: _Standing, width: int) -> _Standing:
    """A summary tells the accounts of the highest level only (recalled)."""
    tops: Figures = {}
    for number, sums in standing.accounts.items():
        assert isinstance(number, int)
        top = [books.records.by_number(number), *books.records.chain(books.records.by_number(number))][-1]
        tops[top.number] = added([tops.get(top.number, [0] * width), sums], width)
    return _Standing(tops, standing.net_income)


def _add_standing(accounts: _Accounts, net_income: list[int]) -> None:
    table, width = accounts.table, accounts.width
    table.text("ASSETS")
    current = _group(accounts, "Current Assets", _CURRENT_ASSETS)
    fixed = accounts.section("Fixed Assets", "FixedAsset")
    other = accounts.section("Other Assets", "OtherAsset")
    accounts.total("TOTAL ASSETS", added([current, fixed, other], width))
    table.text("LIABILITIES & EQUITY")
    heading = len(table.rows)
    table.text("Liabilities")
    current = _group(accounts, "Current Liabilities", _CURRENT_LIABILITIES)
    long_term = accounts.section("Long Term Liabilities", "LongTermLiability")
    liabilities = added([current, long_term], width)
    if len(table.rows) > heading + 1:
        accounts.subtotal("Total Liabilities", liabilities)
    else:
        del table.rows[heading:]
    equity = accounts.section("Equity", "Equity", extra=[("Net Income", net_income)])
    accounts.total("TOTAL LIABILITIES & EQUITY", added([liabilities, equity], width))


def _group(accounts: _Accounts, title: str, sections: Sequence[tuple[str, str]]) -> list[int]:
    heading = len(accounts.table.rows)
    accounts.table.text(title)
    total = added([accounts.section(name, kind) for name, kind in sections], accounts.width)
    if len(accounts.table.rows) == heading + 1:
        del accounts.table.rows[heading:]
    else:
        accounts.subtotal(f"Total {title}", total)
    return total


_CURRENT_ASSETS: Final = (
    ("Checking/Savings", "Bank"),
    ("Accounts Receivable", "AccountsReceivable"),
    ("Other Current Assets", "OtherCurrentAsset"),
)
_CURRENT_LIABILITIES: Final = (
    ("Accounts Payable", "AccountsPayable"),
    ("Credit Cards", "CreditCard"),
    ("Other Current Liabilities", "OtherCurrentLiability"),
)


# ---- trial balance ---------------------------------------------------------------------------------------------------------------


def trial_balance(books: "Books", values: Values, _kind: str) -> Table:
    """Return the TrialBalance: what every account stands at, debit or credit; the two columns have the same total."""
    chosen = Chosen(books, values)
    period = period_of(books, values)
    standing = _balances(books, chosen, [Bucket(TOTAL, period)], None)
    year = Period(year_of(books, period), period.last)
    earned = Chosen(books, values)
    earned.of_accounts(*EARNING)
    sums: Figures = {**standing.accounts, **{number: [cents] for number, cents in earned.sums("e.account", year).items()}}
    title = "TOTAL" if period.last == LAST_DAY else short(period.last)
    columns = [
        Column("Label", "STRTYPE", ("", "")),
        Column("Debit", "AMTTYPE", (title, "Debit")),
        Column("Credit", "AMTTYPE", ("", "Credit")),
    ]
    table = Table(_TITLES["TrialBalance"], as_of(period.last), chosen.basis, columns)
    shown = values.get("ReturnRows") or "ActiveOnly"
    in_order = books.store.execute(
        "SELECT record, subtype FROM list_record WHERE family = 'account' AND subtype <> 'NonPosting' ORDER BY sort_key"
    ).fetchall()
    debit = credit = 0
    earlier = standing.kept_nowhere
    for number, _type in sorted(in_order, key=lambda row: _ORDER.index(row[1])):
        cents = sums.get(number, [0])[0]
        if (number not in sums and shown != "All") or (shown == "NonZero" and not cents):
            continue
        debit += max(cents, 0)
        credit += max(-cents, 0)
        record = books.records.by_number(number)
        table.add("DataRow", [record.full_name, cents if cents >= 0 else None, -cents if cents < 0 else None], record)
    if earlier:  # the account of earlier years is gone; without it the two sides would differ
        table.add("DataRow", ["Retained Earnings", max(earlier, 0) or None, max(-earlier, 0) or None])
        debit, credit = debit + max(earlier, 0), credit + max(-earlier, 0)
    table.add("TotalRow", [TOTAL, debit, credit])
    return table


_ORDER: Final = (
    "Bank", "AccountsReceivable", "OtherCurrentAsset", "FixedAsset", "OtherAsset", "AccountsPayable", "CreditCard",
    "OtherCurrentLiability", "LongTermLiability", "Equity", "Income", "CostOfGoodsSold", "Expense", "OtherIncome", "OtherExpense",
)  # fmt: skip

_TITLES: Final = {
    "ProfitAndLossStandard": "Profit & Loss",
    "ProfitAndLossByClass": "Profit & Loss by Class",
    "ProfitAndLossByJob": "Profit & Loss by Job",
    "ProfitAndLossPrevYearComp": "Profit & Loss Prev Year Comparison",
    "ProfitAndLossYTDComp": "Profit & Loss YTD Comparison",
    "BalanceSheetStandard": "Balance Sheet",
    "BalanceSheetSummary": "Summary Balance Sheet",
    "BalanceSheetByClass": "Balance Sheet by Class",
    "BalanceSheetPrevYearComp": "Balance Sheet Prev Year Comparison",
    "TrialBalance": "Trial Balance",
}

KINDS: Final = {
    kind: trial_balance if kind == "TrialBalance" else balance_sheet if kind.startswith("Balance") else profit_and_loss
    for kind in _TITLES
}
"""GeneralSummaryReportType -> what makes it."""
