"""What filters choose, held against the ledger itself, on books of random transactions."""

from datetime import date, timedelta
from typing import Any

import pytest

from company.helpers import Bench

from .telling import busy, by_label, cents, kinds_of, rows_of, titles, told

TABLES = {None: "posting", "Posting": "posting", "NonPosting": "unposted", "Either": "entry"}


@pytest.fixture(scope="module")
def bench() -> Bench:
    return busy(2)


def sql(bench: Bench, statement: str, *parameters: object) -> list[Any]:
    return bench.company._store.execute(statement, parameters).fetchall()


def of_report(bench: Bench, **values: Any) -> tuple[int, int]:
    """Return debits less credits and how many rows a detail of everything has."""
    report = told(
        bench, "CustomDetail", "CustomTxnDetail", SummarizeRowsBy="TotalOnly", IncludeColumn=["Debit", "Credit"], **values
    )
    rows = [cells for name, _label, cells in rows_of(report) if name == "DataRow"]
    return sum(cents(cells[0]) - cents(cells[1]) for cells in rows), len(rows)


def of_ledger(bench: Bench, where: str, *parameters: object, table: str = "posting") -> tuple[int, int]:
    statement = f"SELECT coalesce(sum(home_cents), 0), count(*) FROM {table} e JOIN txn t ON number = e.txn WHERE {where}"
    return sql(bench, statement, *parameters)[0]  # type: ignore[no-any-return]


@pytest.mark.parametrize("status", TABLES)
def test_accounts_and_posting_status(bench: Bench, status: str | None) -> None:
    more = {"ReportPostingStatusFilter": status} if status else {}
    for record, name in sql(bench, "SELECT record, full_name FROM list_record WHERE family = 'account'"):
        chosen = of_report(bench, ReportAccountFilter={"FullName": [name]}, **more)
        assert chosen == of_ledger(bench, "e.account = ?", record, table=TABLES[status]), name


@pytest.mark.parametrize(
    ("family", "filter_name", "condition"),
    [
        ("item", "ReportItemFilter", "e.item = ?1"),
        ("class", "ReportClassFilter", "e.class = ?1"),
        ("entity", "ReportEntityFilter", "(e.entity = ?1 OR t.entity = ?1)"),
    ],
)
def test_items_classes_and_names(bench: Bench, family: str, filter_name: str, condition: str) -> None:
    for record, list_id in sql(bench, "SELECT record, list_id FROM list_record WHERE family = ?", family):
        assert of_report(bench, **{filter_name: {"ListID": [list_id]}}) == of_ledger(bench, condition, record), list_id


def test_kinds_levels_and_days(bench: Bench) -> None:
    for kind in ("Invoice", "Bill", "Check", "JournalEntry", "Deposit", "Estimate"):
        assert of_report(bench, ReportTxnTypeFilter={"TxnTypeFilter": [kind]}) == of_ledger(bench, "t.kind = ?", kind)
    for level, condition in (("All", "1"), ("SummaryOnly", "e.line = 0"), ("AllExceptSummary", "e.line > 0")):
        assert of_report(bench, ReportDetailLevelFilter=level) == of_ledger(bench, condition)
    first, last = "FromReportDate", "ToReportDate"
    for days in ({first: "2026-11-20", last: "2026-12-01"}, {first: "2026-11-24", last: "2026-11-24"}, {last: "2026-11-28"}):
        span = (days.get(first, ""), days[last])
        assert of_report(bench, ReportPeriod=days) == of_ledger(bench, "t.date BETWEEN ? AND ?", *span)


def test_days_of_change(bench: Bench) -> None:
    """A day of New York ends five hours later than in UTC."""
    stamps = sql(bench, "SELECT DISTINCT date(modified - 18000, 'unixepoch') FROM txn")
    for (day,) in stamps:
        span = {"FromReportModifiedDate": day, "ToReportModifiedDate": day}
        chosen = of_report(bench, ReportModifiedDateRangeFilter=span)
        assert chosen == of_ledger(bench, "date(t.modified - 18000, 'unixepoch') = ?", day), day


@pytest.mark.parametrize("basis", ["Accrual", "Cash"])
def test_a_balance_sheet_balances_in_every_column_of_time(bench: Bench, basis: str) -> None:
    days = {"ReportPeriod": {"FromReportDate": "2025-12-01", "ToReportDate": "2027-01-10"}, "ReportBasis": basis}
    whole = by_label(told(bench, "GeneralSummary", "BalanceSheetStandard", **days))["TOTAL ASSETS"]
    for by in (
        "Day",
        "Week",
        "TwoWeek",
        "FourWeek",
        "HalfMonth",
        "Month",
        "Quarter",
        "Year",
        "Class",
        "Customer",
        "ItemType",
        "Terms",
    ):
        rows = by_label(told(bench, "GeneralSummary", "BalanceSheetStandard", SummarizeColumnsBy=by, **days))
        assets, claims = rows["TOTAL ASSETS"], rows["TOTAL LIABILITIES & EQUITY"]
        assert assets[-1] == claims[-1] == whole[0], by
        if by not in ("Class", "Customer", "ItemType", "Terms"):
            assert assets == claims, by


@pytest.mark.parametrize("basis", ["Accrual", "Cash"])
@pytest.mark.parametrize("filters", [
    {}, {"ReportClassFilter": {"FullName": ["East"]}}, {"ReportItemFilter": {"ItemTypeFilter": "Inventory"}},
    {"ReportEntityFilter": {"FullName": ["Baker"]}}, {"ReportAccountFilter": {"AccountTypeFilter": "OrdinaryIncome"}},
], ids=str)  # fmt: skip
def test_details_and_summaries_agree_about_part_of_the_books(bench: Bench, basis: str, filters: dict[str, Any]) -> None:
    first = date(2026, 11, 24)
    details = set(kinds_of("GeneralDetail"))
    for start in (first, first + timedelta(days=7)):
        days = {"FromReportDate": start.isoformat(), "ToReportDate": (start + timedelta(days=6)).isoformat()}
        more = {"ReportPeriod": days, "ReportBasis": basis, **filters}
        for kind in kinds_of("GeneralSummary"):
            detail = kind.replace("Summary", "Detail")
            if detail not in details or kind == detail or "Balance" in kind or "Inventory" in kind:
                continue
            total = by_label(told(bench, "GeneralSummary", kind, **more)).get("TOTAL", ["0"])[0]
            report = told(bench, "GeneralDetail", detail, **more)
            assert cents(by_label(report).get("TOTAL", ["0"] * 12)[titles(report).index("Amount")]) == cents(total), kind
