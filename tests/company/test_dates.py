"""Date macros."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from company.helpers import Bench
from emulator.company.dates import months_around, months_later, span_of, week_start
from emulator.company.filters import macro_span
from emulator.qbxml.schema import schema_of

TODAY = date(2026, 11, 25)  # a Wednesday


@pytest.mark.parametrize(
    ("macro", "fiscal_month", "first", "last"),
    [
        ("Today", 1, "2026-11-25", "2026-11-25"),
        ("Yesterday", 1, "2026-11-24", "2026-11-24"),
        ("ThisWeek", 1, "2026-11-22", "2026-11-28"),
        ("ThisWeekToDate", 1, "2026-11-22", "2026-11-25"),
        ("LastWeek", 1, "2026-11-15", "2026-11-21"),
        ("LastWeekToDate", 1, "2026-11-15", "2026-11-18"),
        ("NextWeek", 1, "2026-11-29", "2026-12-05"),
        ("NextFourWeeks", 1, "2026-11-29", "2026-12-26"),
        ("ThisMonth", 1, "2026-11-01", "2026-11-30"),
        ("LastMonthToDate", 1, "2026-10-01", "2026-10-25"),
        ("NextMonth", 1, "2026-12-01", "2026-12-31"),
        ("ThisCalendarQuarter", 4, "2026-10-01", "2026-12-31"),
        ("LastCalendarQuarter", 1, "2026-07-01", "2026-09-30"),
        ("ThisFiscalQuarter", 2, "2026-11-01", "2027-01-31"),
        ("ThisFiscalYear", 4, "2026-04-01", "2027-03-31"),
        ("ThisFiscalYear", 12, "2025-12-01", "2026-11-30"),
        ("LastFiscalYearToDate", 1, "2025-01-01", "2025-11-25"),
        ("NextCalendarYear", 1, "2027-01-01", "2027-12-31"),
        ("NextFiscalYear", 7, "2027-07-01", "2028-06-30"),
    ],
)
def test_spans(macro: str, fiscal_month: int, first: str, last: str) -> None:
    assert span_of(macro, TODAY, fiscal_month) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("today", "macro", "same_day", "same_distance"),
    [
        ("2028-06-15", "LastFiscalYearToDate", "2027-06-15", "2027-06-16"),
        ("2028-02-29", "LastCalendarYearToDate", "2027-02-28", "2027-03-01"),
        ("2029-06-15", "LastCalendarYearToDate", "2028-06-15", "2028-06-14"),
        ("2026-05-30", "LastCalendarQuarterToDate", "2026-02-28", "2026-03-01"),
        ("2026-06-30", "LastCalendarQuarterToDate", "2026-03-30", "2026-03-31"),
        ("2026-03-31", "LastMonthToDate", "2026-02-28", "2026-02-28"),
        ("2026-11-25", "LastWeekToDate", "2026-11-18", "2026-11-18"),
    ],
)
def test_where_a_span_before_ends(today: str, macro: str, same_day: str, same_distance: str) -> None:
    ends = [span_of(macro, date.fromisoformat(today), 1, by_calendar)[1] for by_calendar in (True, False)]
    assert ends == [date.fromisoformat(same_day), date.fromisoformat(same_distance)]


@pytest.mark.parametrize(("setting", "day"), [("same-day", "2027-06-15"), ("same-distance", "2027-06-16")])
def test_the_end_is_that_of_the_switch(setting: str, day: str) -> None:
    bench = Bench(switches={"company.last-span-to-date": setting}, now=datetime(2028, 6, 15, 15, tzinfo=UTC))
    assert macro_span(bench.company._books, "LastCalendarYearToDate") == ("2027-01-01", day)


def test_all_is_open() -> None:
    assert span_of("All", TODAY, 1) == (None, None)


def test_every_macro_of_the_schema_has_a_span() -> None:
    for macro in _macros():
        for month in range(1, 13):
            first, last = span_of(macro, TODAY, month)
            assert first is None or (last is not None and first <= last)


def _macros() -> tuple[str, ...]:
    def walk(model: object) -> tuple[str, ...] | None:
        for part in model:  # type: ignore[attr-defined]
            for branch in getattr(part, "branches", ()):
                if found := walk(branch):
                    return found
            if getattr(part, "name", "") == "DateMacro":
                return tuple(part.values)
            if getattr(part, "children", None) and (found := walk(part.children)):
                return found
        return None

    message = schema_of("16.0").message("InvoiceQueryRq")
    assert message is not None
    found = walk(message.children)
    assert found is not None
    assert len(found) > 30
    return found


DAYS = st.dates(date(1901, 1, 1), date.max)


@given(DAYS, st.sampled_from([1, 3, 12]), st.integers(1, 12))
def test_months_around_a_day(day: date, months: int, starts: int) -> None:
    first, last = months_around(day, months, starts)
    assert first <= day <= last
    assert (first.day, (first.month - starts) % months) == (1, 0)
    assert last == date.max or last + timedelta(days=1) == months_later(first, months)


@given(DAYS)
def test_a_week_starts_on_sunday(day: date) -> None:
    assert week_start(day).isoweekday() == 7
    assert 0 <= (day - week_start(day)).days < 7
