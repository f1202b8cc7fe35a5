"""The days of a report: in words, over columns, and cut into spans."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from company.helpers import SMALL, Bench, invoice, line
from company.proven import Proven
from emulator.company.reports.period import (
    FIRST_DAY,
    LAST_DAY,
    UNITS,
    Period,
    as_of,
    cut,
    in_words,
    over_column,
    period_of,
    spans_with,
)

from .telling import rows_of, told

DAYS = st.dates(date(2020, 1, 1), date(2031, 1, 1))


def days(first: str, last: str) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("period", "subtitle", "title"),
    [
        (days("2011-02-01", "2011-02-04"), "February 1 - 4, 2011", "Feb 1 - 4, 11"),  # the subtitle is observed
        (days("2026-01-01", "2026-01-31"), "January 2026", "Jan 26"),
        (days("2026-01-01", "2026-03-31"), "January through March 2026", "Jan - Mar 26"),
        (days("2025-12-01", "2026-01-31"), "December 2025 through January 2026", "Dec '25 - Jan 26"),
        (days("2026-01-05", "2026-03-20"), "January 5 through March 20, 2026", "Jan 5 - Mar 20, 26"),
        (days("2025-12-05", "2026-01-20"), "December 5, 2025 through January 20, 2026", "Dec 5, 25 - Jan 20, 26"),
        (days("2026-01-05", "2026-01-05"), "January 5, 2026", "Jan 5, 26"),
        (Period(FIRST_DAY, LAST_DAY), "All Transactions", "TOTAL"),
        (Period(FIRST_DAY, date(2026, 1, 5)), "As of January 5, 2026", "Jan 5, 26"),
        (Period(date(2026, 1, 5), LAST_DAY), "From January 5, 2026", "From Jan 5, 26"),
    ],
)
def test_in_words(period: Period, subtitle: str, title: str) -> None:
    assert (in_words(period), over_column(period)) == (subtitle, title)


def test_as_of() -> None:
    assert as_of(date(2025, 3, 20)) == "As of March 20, 2025"  # observed


@pytest.mark.parametrize(
    ("unit", "starts", "firsts"),
    [
        ("Month", 1, ["2026-01-20", "2026-02-01", "2026-03-01", "2026-04-01"]),
        ("HalfMonth", 1, ["2026-01-20", "2026-02-01", "2026-02-16", "2026-03-01", "2026-03-16", "2026-04-01"]),
        ("Quarter", 1, ["2026-01-20", "2026-04-01"]),
        ("Quarter", 3, ["2026-01-20", "2026-03-01"]),
        ("Year", 1, ["2026-01-20"]),
        ("Year", 3, ["2026-01-20", "2026-03-01"]),
        ("FourWeek", 1, ["2026-01-20", "2026-02-15", "2026-03-15"]),
        ("TwoWeek", 1, ["2026-01-20", "2026-02-01", "2026-02-15", "2026-03-01", "2026-03-15", "2026-03-29"]),
    ],
)
def test_cut(unit: str, starts: int, firsts: list[str]) -> None:
    assert [part.first.isoformat() for part in cut(days("2026-01-20", "2026-04-04"), unit, starts)] == firsts


@given(DAYS, st.integers(0, 900), st.sampled_from(sorted(UNITS)), st.integers(1, 12))
def test_spans_follow_each_other_from_end_to_end(first: date, length: int, unit: str, starts: int) -> None:
    period = Period(first, first + timedelta(days=length))
    parts = cut(period, unit, starts)
    assert (parts[0].first, parts[-1].last) == (period.first, period.last)
    assert sum(part.days for part in parts) == period.days
    for before, after in pairwise(parts):
        assert after.first == before.last + timedelta(days=1)


@given(DAYS, st.integers(0, 900), st.sampled_from(sorted(UNITS)), st.integers(1, 12), st.data())
def test_rows_have_the_spans_of_columns(first: date, length: int, unit: str, starts: int, data: st.DataObject) -> None:
    """Of days that something is on, the spans are those of `cut` that they lie in."""
    period = Period(first, first + timedelta(days=length))
    picked = sorted(data.draw(st.sets(st.dates(period.first, period.last), max_size=6)))
    spans = [part for part in cut(period, unit, starts) if any(part.first <= day <= part.last for day in picked)]
    assert spans_with(picked, period, unit, starts) == spans


@pytest.mark.parametrize("report", ["CustomSummary", "CustomDetail"])
@pytest.mark.parametrize(
    ("calendar", "spans"),
    [
        ("CalendarYear", ["Jan - Dec 26"]),
        ("FiscalYear", ["Jan - Mar 26", "Apr - Dec 26"]),
        ("TaxYear", ["Jan - Dec 26"]),
    ],
)
def test_rows_of_years_begin_with_those_of_the_calendar(report: str, calendar: str, spans: list[str]) -> None:
    bench = Bench(yaml=SMALL.replace("started: 2024-01-15T09:00:00}", "started: 2024-01-15T09:00:00, fiscal_year_starts: April}"))
    for day in ("2026-03-31", "2026-04-01", "2026-05-31", "2026-06-01"):
        bench.add("Invoice", {**invoice("Baker", line("Repair", Amount=100)), "TxnDate": day})
    days = {"ReportPeriod": {"FromReportDate": "2026-01-01", "ToReportDate": "2026-12-31"}}
    found = told(bench, report, report.replace("Detail", "TxnDetail"), SummarizeRowsBy="Year", ReportCalendar=calendar, **days)
    assert [label for _name, label, _cells in rows_of(found) if label and not label.startswith(("T", "Total"))] == spans


@pytest.mark.parametrize(
    ("switches", "span"),
    [
        ({}, ("2026-11-01", "2026-11-16")),
        ({"company.report-default-period": "ThisYearToDate"}, ("2026-01-01", "2026-11-16")),
        ({"company.report-default-period": "All"}, ("1901-01-01", "9999-12-31")),
    ],
)
def test_without_a_period(switches: dict[str, str], span: tuple[str, str]) -> None:
    bench = Proven(switches=switches)  # type: ignore[arg-type]
    period = period_of(bench.company._books, {})
    today = bench.company._books.local_time.today(bench.company._books.now()).isoformat()
    assert (period.first.isoformat(), period.last.isoformat()) == (span[0], today if span[1] == "2026-11-16" else span[1])
