"""Aging reports: what is owed on a day, by how long it has been due. They add up to receivables and payables on that day.

What is open is worked out from the ledger as of the day: the row of a document on its receivable or payable account, less what was applied to
it by then, or of it. OpenInvoices and UnpaidBillsDetail tell what is open today of the documents of their days, unless they are asked for what was
open at the end of these (documented: the defaults of ReportAgingAsOf and ReportOpenBalanceAsOf differ). Ages count from the due date, and from the
date where there is none (documented: ReportsPreferences).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from emulator.company.arithmetic import rounded_quotient
from emulator.company.records import Values
from emulator.company.reports.chosen import Chosen, one_of
from emulator.company.reports.columns import columns_of, names_of
from emulator.company.reports.detail import Detail
from emulator.company.reports.entry import Entry
from emulator.company.reports.grid import Figures, added
from emulator.company.reports.period import FIRST_DAY, LAST_DAY, Period, as_of, period_of
from emulator.company.reports.table import LABEL, Column, Table
from emulator.company.reports.tree import add_tree

if TYPE_CHECKING:
    from emulator.company.books import Books

AGES: Final = (("Current", 0), ("1 - 30", 30), ("31 - 60", 60), ("61 - 90", 90), ("> 90", None))
"""Title of a column -> the most days overdue that it holds (recalled: what QuickBooks starts with)."""


@dataclass(frozen=True)
class Open:
    """What is open of a document on a day.

    Attributes:
        number: of its transaction.
        name: whose it is.
        cents: what is open, in home currency; credits are negative.
        owed_cents: what was ever open of it, in the same way.
        overdue: days since it was due; not above zero for what is not due yet.
    """

    number: int
    name: int | None
    cents: int
    owed_cents: int
    overdue: int


def aging(books: "Books", values: Values, kind: str) -> Table:
    """Return an aging report, the CollectionsReport, OpenInvoices or UnpaidBillsDetail."""
    period = period_of(books, values)
    is_aging = kind in _AGING
    day = _day(books, values.get("ReportAgingAsOf" if is_aging else "ReportOpenBalanceAsOf"), period, is_aging)
    # An aging report looks at everything up to its day; the others at the documents up to the end of their days.
    until = day if is_aging else period.last
    payable = kind.startswith(("AP", "Unpaid"))
    # What is open follows from all rows of all names; which of it is told is asked afterwards.
    everything = {"ReportDetailLevelFilter": "All", "ReportEntityFilter": None, "ReportBasis": "Accrual"}
    chosen = Chosen(books, {**values, **everything})
    chosen.of_accounts("AccountsPayable" if payable else "AccountsReceivable")
    applied_until = day if is_aging or day == until else LAST_DAY
    rows = list(open_on(books, chosen, day, -1 if payable else 1, until, applied_until))
    if values.get("ReportEntityFilter"):
        condition, parameter = one_of(books, "ReportEntityFilter", values["ReportEntityFilter"])
        wanted = set(books.store.execute(f"SELECT record FROM list_record WHERE record {condition}", (parameter,)).fetchall())
        rows = [row for row in rows if (row.name,) in wanted]
    if kind.endswith("Summary"):
        return _summary(books, rows, day, _TITLES[kind])
    if kind == "CollectionsReport":
        rows = [row for row in rows if row.overdue > 0]
    return _detail(books, values, rows, until, kind)


_TITLES: Final = {
    "APAgingDetail": "A/P Aging Detail",
    "APAgingSummary": "A/P Aging Summary",
    "ARAgingDetail": "A/R Aging Detail",
    "ARAgingSummary": "A/R Aging Summary",
    "CollectionsReport": "Collections Report",
    "OpenInvoices": "Open Invoices",
    "UnpaidBillsDetail": "Unpaid Bills Detail",
}
_AGING: Final = frozenset({"APAgingDetail", "APAgingSummary", "ARAgingDetail", "ARAgingSummary", "CollectionsReport"})
_BY_NAME: Final = frozenset({"CollectionsReport", "OpenInvoices", "UnpaidBillsDetail"})


def _day(books: "Books", asked: str | None, period: Period, is_aging: bool) -> date:
    """Return the day on which what is open is looked at: the end of the period, or today."""
    at_end = (asked or ("ReportEndDate" if is_aging else "Today")) == "ReportEndDate"
    return period.last if at_end and period.last < LAST_DAY else books.local_time.today(books.now())


def open_on(books: "Books", chosen: Chosen, day: date, sign: int, until: date, applied_until: date) -> Iterable[Open]:
    """Return what is open of the rows that were chosen: by name, then by due date.

    Args:
        books: the open file.
        chosen: the rows.
        day: from which the days overdue are counted.
        sign: -1 where a credit is told as positive.
        until: the last date of the documents.
        applied_until: the last date of what was applied to them, or what they were applied to.
    """
    own = chosen.rows(
        "e.txn, e.entity, sum(e.cents), sum(e.home_cents), coalesce(t.due, t.date)",
        Period(FIRST_DAY, until),
        "GROUP BY e.txn, e.entity ORDER BY e.txn, min(e.line)",
    )
    applied: dict[tuple[int, int | None], int] = {}
    for target, source, name, cents in books.store.execute(
        "SELECT target, source, d.open_name, cents + discount_cents FROM application JOIN txn d ON d.number = target"
        " JOIN txn o ON o.number = source WHERE d.date <= ?1 AND o.date <= ?1",
        (applied_until.isoformat(),),
    ):
        applied[target, name] = applied.get((target, name), 0) - sign * cents
        applied[source, name] = applied.get((source, name), 0) + sign * cents
    lefts = [cents + applied.pop((number, name), 0) for number, name, cents, _home, _due in own]
    # What was applied in another name than any row has comes off the first row.
    first_rows = {row[0]: place for place, row in reversed(list(enumerate(own)))}
    for (number, _name), cents in applied.items():
        if number in first_rows:
            lefts[first_rows[number]] += cents
    found = []
    for (number, name, cents, home_cents, due), left in zip(own, lefts, strict=True):
        if left:
            home = left if cents == home_cents or not cents else rounded_quotient(left * home_cents, cents)
            found.append((due, Open(number, name, sign * home, sign * home_cents, (day - date.fromisoformat(due)).days)))
    return [each for _due, each in sorted(found, key=lambda each: (each[0], each[1].number))]


def _place(overdue: int) -> int:
    return next(place for place, (_title, most) in enumerate(AGES) if most is None or overdue <= most)


def _summary(books: "Books", rows: list[Open], day: date, title: str) -> Table:
    columns = [
        LABEL,
        *(Column("Amount", "AMTTYPE", (name,)) for name, _most in AGES),
        Column("Total", "AMTTYPE", ("TOTAL",)),
    ]
    table = Table(title, as_of(day), "Accrual", columns)
    figures: Figures = {}
    for row in rows:
        sums = figures.setdefault(row.name, [0] * (len(AGES) + 1))
        sums[_place(row.overdue)] += row.cents
        sums[-1] += row.cents
    named: Figures = {key: sums for key, sums in figures.items() if key is not None}
    if named:
        add_tree(table, books, named)
    if None in figures:
        table.add("DataRow", ["No name", *figures[None]])
    if figures:
        table.add("TotalRow", ["TOTAL", *added(list(figures.values()), len(AGES) + 1)])
    return table


def _detail(books: "Books", values: Values, rows: list[Open], day: date, kind: str) -> Table:
    names = names_of(values, _OPEN if kind in _BY_NAME else _COLUMNS)
    table = Table(_TITLES[kind], as_of(day), "Accrual", columns_of(names))
    detail = Detail(books, table, names)
    groups: dict[tuple[int, str], list[Open]] = {}
    for row in rows:
        if kind in _BY_NAME:
            record = books.records.by_number(row.name) if row.name is not None else None
            groups.setdefault((0, record.full_name if record is not None else "No name"), []).append(row)
        else:
            place = _place(row.overdue)
            groups.setdefault((place, AGES[place][0]), []).append(row)
    for (_place_of, title), group in sorted(groups.items(), key=lambda each: (each[0][0], each[0][1].casefold())):
        table.text(title)
        for row in group:
            entry = Entry.of_transaction(books, row.number, row.name, row.cents, row.overdue)
            entry.cents = entry.owed_cents = row.owed_cents  # not its row on the account of the money
            detail.add(entry)
        detail.subtotal(f"Total {title}")
    detail.total("TOTAL")
    return table


_OPEN: Final = ("TxnType", "Date", "RefNumber", "PONumber", "Terms", "DueDate", "Aging", "OpenBalance")
_COLUMNS: Final = ("TxnType", "Date", "RefNumber", "PONumber", "Name", "Terms", "DueDate", "Aging", "OpenBalance")

KINDS: Final = dict.fromkeys(_TITLES, aging)
"""AgingReportType -> what makes it."""
