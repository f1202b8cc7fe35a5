"""Which rows of the ledger a report is about: its filters as one condition, its basis, and sums over the rows.

Every figure of a report is a sum of these rows, so that reports agree with each other and with the balances.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from emulator.company.arithmetic import rounded_quotient
from emulator.company.asked.register import ACCOUNT_TYPES, ITEM_KINDS
from emulator.company.filters import macro_span, records
from emulator.company.records import Values
from emulator.company.refusals import refuse
from emulator.company.reports.period import Period, of_years
from emulator.company.store import AMONG, array_of

if TYPE_CHECKING:
    from emulator.company.books import Books

PAID_LATER: Final = frozenset({"Invoice", "Charge", "CreditMemo", "Bill", "ItemReceipt", "VendorCredit"})
"""What counts on a cash basis only when, and as far as, it is paid (documented: income when received, expenses when paid)."""

EARNING: Final = ACCOUNT_TYPES["IncomeAndExpense"]
"""Types of the accounts of profit and loss; all others but NonPosting are of the balance sheet (documented)."""

BALANCE_SHEET: Final = ACCOUNT_TYPES["BalanceSheet"]

_COLUMNS = "txn, line, account, entity, cents, home_cents, class, item, quantity, line_id, cleared"


class Chosen:
    """The rows of the ledger that the filters of a report query choose.

    Args:
        books: the open file.
        values: of the query: its Report...Filter elements, ReportPostingStatusFilter, ReportDetailLevelFilter and ReportBasis.
        posts: whether only what posts counts when the query does not say.
        names: SQL of the names that ReportEntityFilter looks at; of a report that is by name its own.

    Raises:
        Refusal: 3030 and 3140 of the filters.
    """

    def __init__(
        self, books: "Books", values: Values, posts: bool = True, names: Sequence[str] = ("e.entity", "t.entity")
    ) -> None:
        self.books = books
        self.conditions: list[str] = []
        self.parameters: list[object] = []
        status = values.get("ReportPostingStatusFilter") or ("Posting" if posts else "Either")
        self._table = {"Posting": "posting", "NonPosting": "unposted", "Either": "entry"}[status]
        self._day = "t.date"
        self._narrowed, self._names = 0, names
        self.basis = str(values.get("ReportBasis") or "Accrual")
        if self.basis == "Cash" and status != "NonPosting":
            _make_cash_rows(books)
            self._table, self._day = "temp.cash_row", "e.day"
        self._filters(values)

    def where(self, condition: str, *parameters: object) -> None:
        """Choose fewer: `e` stands for a row of the ledger, `t` for its transaction."""
        self.conditions.append(condition)
        self.parameters += parameters

    def of_accounts(self, *types: str) -> None:
        """Choose what is posted to accounts of these types."""
        self.where(f"e.account IN (SELECT record FROM list_record WHERE family = 'account' AND subtype {AMONG})", array_of(types))

    def of_kinds(self, *kinds: str) -> None:
        """Choose what belongs to transactions of these kinds."""
        self.where(f"t.kind {AMONG}", array_of(kinds))

    def rows(self, columns: str, period: Period, more: str = "", parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return SQL columns of the chosen rows within a period; `more` is what follows the condition. `{day}` is the day of a row."""
        conditions = [*self.conditions, "{day} BETWEEN ? AND ?"]
        statement = (
            f"SELECT {columns} FROM {self._table} e JOIN txn t ON t.number = e.txn WHERE {' AND '.join(conditions)} {more}"
        )
        return self.books.store.execute(
            statement.replace("{day}", self._day),
            [*self.parameters, period.first.isoformat(), period.last.isoformat(), *parameters],
        ).fetchall()

    def sums(self, key: str, period: Period, measure: str = "e.home_cents") -> dict[Any, int]:
        """Return the sums of a measure, by a key in SQL."""
        return dict(self.rows(f"{key}, sum({measure})", period, f"GROUP BY {key}"))

    @property
    def is_of_accounts_only(self) -> bool:
        """Whether it is chosen by accounts at most: neither by names, items, classes, types nor days of change."""
        return self._narrowed == 0

    # ---- filters ----

    def _filters(self, values: Values) -> None:
        for filter_name, columns in {**_COLUMNS_OF, "ReportEntityFilter": self._names}.items():
            if values.get(filter_name):
                condition, parameter = one_of(self.books, filter_name, values[filter_name])
                either = " OR ".join(f"{column} {condition}" for column in columns)
                self.where(f"({either})", *[parameter] * len(columns))
                self._narrowed += filter_name != "ReportAccountFilter"
        kinds_of = (values.get("ReportTxnTypeFilter") or {}).get("TxnTypeFilter") or []
        if kinds_of and "All" not in kinds_of:
            self.of_kinds(*kinds_of)
            self._narrowed += 1
        self._modified(values)
        level = values.get("ReportDetailLevelFilter") or "All"
        if level != "All":
            # The row of the header sums up the others (inferred: its summary).
            self.where("e.line = 0" if level == "SummaryOnly" else "e.line > 0")

    def _modified(self, values: Values) -> None:
        span = _modified_days(self.books, values)
        if span is None:
            return
        self._narrowed += 1
        first, last = span
        if first:
            self.where("t.modified >= ?", self.books.local_time.filter_s(first))
        if last:
            self.where("t.modified <= ?", self.books.local_time.filter_s(last, end_of_day=True))


def check_filters(books: "Books", values: Values) -> None:
    """Refuse what a filter names and nobody has, whatever the report looks at.

    Raises:
        Refusal: 3030, 3140.
    """
    for filter_name in _LISTS:
        if values.get(filter_name):
            one_of(books, filter_name, values[filter_name])
    _modified_days(books, values)


def _modified_days(books: "Books", values: Values) -> tuple[str | None, str | None] | None:
    """Return the first and last day of change that a query asks for; None when it does not say. Raises 3030."""
    span = values.get("ReportModifiedDateRangeFilter")
    if span:
        first, last = span.get("FromReportModifiedDate"), span.get("ToReportModifiedDate")
        if first and last and first > last:
            raise refuse(3030, from_value=first, to_value=last)
        return first, last
    if values.get("ReportModifiedDateRangeMacro"):
        return macro_span(books, of_years(str(values["ReportModifiedDateRangeMacro"]), "Calendar"))
    return None


_COLUMNS_OF: Final[dict[str, Sequence[str]]] = {
    "ReportAccountFilter": ("e.account",),
    "ReportItemFilter": ("e.item",),
    "ReportClassFilter": ("e.class",),
}
"""Filter -> columns that it looks at. Of names a row has its own and its transaction's (recalled: name and source name)."""

_LISTS: Final = {
    "ReportAccountFilter": ("AccountRef", "account"),
    "ReportEntityFilter": ("EntityRef", "entity"),
    "ReportItemFilter": ("ItemRef", "item"),
    "ReportClassFilter": ("ClassRef", "class"),
}


def one_of(books: "Books", filter_name: str, wanted: Values) -> tuple[str, str]:
    """Return the SQL, with its parameter, that the number of a record is one of those that a report filter names. Raises 3140."""
    of_type = "IN (SELECT record FROM list_record WHERE family = 'account' AND subtype " + AMONG + ")"
    of_kind = "IN (SELECT record FROM list_record WHERE kind " + AMONG + ")"
    if wanted.get("AccountTypeFilter"):
        return of_type, array_of(ACCOUNT_TYPES.get(wanted["AccountTypeFilter"], (wanted["AccountTypeFilter"],)))
    if wanted.get("EntityTypeFilter"):
        return of_kind, array_of([wanted["EntityTypeFilter"]])
    if wanted.get("ItemTypeFilter"):
        return of_kind, array_of(ITEM_KINDS[wanted["ItemTypeFilter"]])
    return AMONG, array_of(records(books, *_LISTS[filter_name], wanted))


# ---- cash basis ------------------------------------------------------------------------------------------------------------------


def _make_cash_rows(books: "Books") -> None:
    """Write the rows of the ledger as they count on a cash basis into a table of this connection; it belongs to no file.

    What is paid later earns and costs on the day of each payment or credit, never before its own, with the share that was paid. Its rows on
    accounts of the balance sheet - stock, tax, money - stand on its own day, and so does as much of the receivable or payable (recalled: such
    receivables are seen on a balance sheet of a cash basis). How QuickBooks rounds the shares is not known: what is paid in full makes its rows
    exactly.
    """
    execute = books.store.execute
    later = array_of(sorted(PAID_LATER))
    execute("DROP TABLE IF EXISTS temp.cash_row")
    execute(
        "CREATE TEMP TABLE cash_row (txn INTEGER, line INTEGER, account INTEGER, entity INTEGER, cents INTEGER, home_cents INTEGER,"
        " class INTEGER, item INTEGER, quantity INTEGER, line_id TEXT, cleared TEXT, day TEXT, posts INTEGER DEFAULT 1)"
    )
    execute(
        f"INSERT INTO temp.cash_row ({_COLUMNS}, day) SELECT p.*, date FROM (SELECT {_COLUMNS} FROM posting) p JOIN txn t ON number = p.txn"
        f" WHERE NOT kind {AMONG}",
        (later,),
    )
    earning = {
        row[0]
        for row in execute(
            f"SELECT record FROM list_record WHERE family = 'account' AND subtype {AMONG}", (array_of(EARNING),)
        ).fetchall()
    }
    paid: dict[int, list[tuple[str, int]]] = {}
    for number, day, cents in _payments(books, later):
        paid.setdefault(number, []).append((day, cents))
    documents: dict[int, tuple[int, str, list[tuple[Any, ...]]]] = {}
    for amount, date_of, *row in execute(
        f"SELECT amount_cents, date, p.* FROM (SELECT {_COLUMNS} FROM posting) p JOIN txn t ON number = p.txn WHERE kind {AMONG}"
        " ORDER BY p.txn, p.line",
        (later,),
    ).fetchall():
        documents.setdefault(row[0], (amount, date_of, []))[2].append(tuple(row))
    for number, (amount, own_day, rows) in documents.items():
        for day, part in _parts(rows, earning, amount, own_day, paid.get(number, [])):
            books.store.executemany(
                f"INSERT INTO temp.cash_row ({_COLUMNS}, day) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(*row, day) for row in part],
            )


def _payments(books: "Books", later: str) -> list[tuple[int, str, int]]:
    """Return what was applied to each document that is paid later, or of it: (number, day, cents), by document and day."""
    applied = (
        "SELECT d.number AS number, max(d.date, o.date) AS day, cents + discount_cents AS part FROM application"
        " JOIN txn d ON d.number = {mine} JOIN txn o ON o.number = {other} WHERE d.kind " + AMONG
    )
    of_targets = applied.format(mine="target", other="source")
    # A credit is used up by what it pays; a discount belongs to the payment, not to it.
    of_sources = applied.format(mine="source", other="target").replace("cents + discount_cents", "cents")
    return books.store.execute(
        f"SELECT * FROM ({of_targets} UNION ALL {of_sources}) ORDER BY number, day, part", (later, later)
    ).fetchall()


Rows = list[tuple[Any, ...]]


def _parts(
    rows: Rows, earning: set[int], amount: int, own_day: str, shares: Sequence[tuple[str, int]]
) -> Iterable[tuple[str, Rows]]:
    """Yield the rows of a document with the days on which they count. The first row is its receivable or payable: it takes what makes zero."""
    header, others = rows[0], rows[1:]
    if not amount:
        yield own_day, rows
        return
    kept = [row for row in others if row[2] not in earning]
    if kept:
        yield own_day, [_with(header, -sum(row[4] for row in kept), -sum(row[5] for row in kept), None), *kept]
    shared = [row for row in others if row[2] in earning]
    paid, before = 0, [(0, 0, 0)] * len(shared)
    for day, cents in shares:
        paid = min(paid + cents, amount)
        now = [
            (
                rounded_quotient(row[4] * paid, amount),
                rounded_quotient(row[5] * paid, amount),
                rounded_quotient((row[8] or 0) * paid, amount),
            )
            for row in shared
        ]
        part = [
            _with(row, here[0] - then[0], here[1] - then[1], here[2] - then[2])
            for row, then, here in zip(shared, before, now, strict=True)
        ]
        yield day, [_with(header, -sum(row[4] for row in part), -sum(row[5] for row in part), None), *part]
        before = now


def _with(row: tuple[Any, ...], cents: int, home_cents: int, quantity: int | None) -> tuple[Any, ...]:
    return (*row[:4], cents, home_cents, *row[6:8], quantity, *row[9:])
