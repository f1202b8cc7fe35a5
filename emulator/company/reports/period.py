"""The days that a report covers, in words and cut into columns.

How periods are written is as recorded answers have it: "As of March 20, 2025" with the column "Mar 20, 25", "February 1 - 4, 2011"
(observed); the other forms are recalled from QuickBooks' reports: "January 2026", "January through March 2026", "January 5 through
March 20, 2026", and "Jan - Mar 26", "Jan 5 - Mar 20, 26" over columns.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from emulator.company.dates import months_around, months_later, week_start
from emulator.company.filters import macro_span, starting_month
from emulator.company.records import Values
from emulator.company.refusals import refuse

if TYPE_CHECKING:
    from emulator.company.books import Books

FIRST_DAY: Final = date(1901, 1, 1)
LAST_DAY: Final = date(9999, 12, 31)
"""Ends of a period that has none (documented: the range of TxnDate)."""

UNITS: Final = frozenset({"Day", "Week", "TwoWeek", "FourWeek", "HalfMonth", "Month", "Quarter", "Year"})
"""The spans of SummarizeColumnsBy and SummarizeRowsBy."""

COLUMNS_MAX: Final = 2_000
"""Columns of one report at most (our limit: a century, day by day, would have 36,525); the last one holds the rest."""


@dataclass(frozen=True)
class Period:
    """The days of a report or of one of its columns: both ends belong to it."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def is_everything(self) -> bool:
        """Whether it has no ends."""
        return self.first == FIRST_DAY and self.last == LAST_DAY


def period_of(books: "Books", values: Values) -> Period:
    """Return the period of a report query (switch company.report-default-period when it names none). Raises 3030."""
    span = values.get("ReportPeriod")
    if span is not None:
        first, last = span.get("FromReportDate"), span.get("ToReportDate")
        if first and last and first > last:
            raise refuse(3030, from_value=first, to_value=last)
    else:
        name = str(values.get("ReportDateMacro") or books.settings["company.report-default-period"])
        first, last = macro_span(
            books, of_years(name, "Fiscal")
        )  # fiscal ones: a report has a ReportCalendar of its own (inferred)
    return Period(date.fromisoformat(first) if first else FIRST_DAY, date.fromisoformat(last) if last else LAST_DAY)


def of_years(macro: str, years: str) -> str:
    """Return a date macro of a report as the others are called: its quarters and years are Fiscal or Calendar ones."""
    return macro.replace("Quarter", f"{years}Quarter").replace("Year", f"{years}Year")


def fiscal_year_start(books: "Books", day: date) -> date:
    """Return the first day of the fiscal year that a day is in."""
    return months_around(day, 12, starting_month(books))[0]


def year_starts(books: "Books", values: Values) -> int:
    """Return the number of the month with which years begin in a report (ReportCalendar)."""
    calendar_of = values.get("ReportCalendar") or "CalendarYear"
    return {"FiscalYear": starting_month(books), "TaxYear": starting_month(books, "tax")}.get(calendar_of, 1)


def year_before(day: date) -> date:
    """Return the same day a year before; of February 29 the 28th."""
    return months_later(day, -12) if day.year > 1 else day


# ---- in words --------------------------------------------------------------------------------------------------------------------


def in_words(period: Period) -> str:
    """Return a period as a subtitle has it."""
    first, last = period.first, period.last
    if period.is_everything:
        return "All Transactions"
    if first == FIRST_DAY:
        return as_of(last)
    if last == LAST_DAY:
        return f"From {_long(first)}"
    if first == last:
        return _long(first)
    first_month, last_month = calendar.month_name[first.month], calendar.month_name[last.month]
    if first.day == 1 and _is_month_end(last):
        if first.year != last.year:
            return f"{first_month} {first.year} through {last_month} {last.year}"
        return f"{first_month} {first.year}" if first.month == last.month else f"{first_month} through {last_month} {last.year}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first_month} {first.day} - {last.day}, {last.year}"
    if first.year == last.year:
        return f"{first_month} {first.day} through {_long(last)}"
    return f"{_long(first)} through {_long(last)}"


def as_of(day: date) -> str:
    """Return the subtitle of a report that tells how things stand on a day."""
    return "All Transactions" if day == LAST_DAY else f"As of {_long(day)}"


def over_column(period: Period) -> str:
    """Return a period as the title of a column."""
    first, last = period.first, period.last
    if first in (FIRST_DAY, last):
        return "TOTAL" if last == LAST_DAY else short(last)
    if last == LAST_DAY:
        return f"From {short(first)}"
    first_month, last_month = calendar.month_abbr[first.month], calendar.month_abbr[last.month]
    year = f"{last.year % 100:02}"
    if first.day == 1 and _is_month_end(last):
        if first.year != last.year:
            return f"{first_month} '{first.year % 100:02} - {last_month} {year}"
        return f"{first_month} {year}" if first.month == last.month else f"{first_month} - {last_month} {year}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first_month} {first.day} - {last.day}, {year}"
    return f"{first_month} {first.day} - {short(last)}" if first.year == last.year else f"{short(first)} - {short(last)}"


def short(day: date) -> str:
    """Return a day as the title of a column."""
    return f"{calendar.month_abbr[day.month]} {day.day}, {day.year % 100:02}"


def _long(day: date) -> str:
    return f"{calendar.month_name[day.month]} {day.day}, {day.year}"


def _is_month_end(day: date) -> bool:
    return day == LAST_DAY or (day + timedelta(days=1)).day == 1


# ---- cut into columns ------------------------------------------------------------------------------------------------------------


def cut(period: Period, unit: str, starts: int = 1) -> list[Period]:
    """Return the days, weeks, months ... of a period, the first and last cut off at its ends.

    Args:
        period: with both ends.
        unit: one of `UNITS`. Weeks begin on Sunday (inferred), half months on the 1st and 16th.
        starts: number of the month with which years, and with them quarters, begin (`year_starts`).
    """
    parts: list[Period] = []
    day = period.first
    while day <= period.last:
        last = min(_last_of(unit, day, starts, period.first), period.last)
        if len(parts) == COLUMNS_MAX - 1:
            last = period.last
        parts.append(Period(day, last))
        if last == LAST_DAY:
            break
        day = last + timedelta(days=1)
    return parts


def spans_with(days: Sequence[date], period: Period, unit: str, starts: int = 1) -> list[Period]:
    """Return the spans of a period that these days, in their order, lie in, as `cut` has them; the others are left out."""
    spans: list[Period] = []
    has_ends = period.first > FIRST_DAY and period.last < LAST_DAY
    for day in days:
        if not spans or day > spans[-1].last:
            last = _last_of(unit, day, starts, period.first if has_ends else days[0])
            spans.append(Period(max(_first_of(unit, last, starts), period.first), min(last, period.last)))
    return spans


def _first_of(unit: str, last: date, starts: int) -> date:
    """Return the first day of the span that ends with a day."""
    if unit == "Day":
        return last
    if unit in _WEEKS:
        return last - timedelta(days=7 * _WEEKS[unit] - 1)
    if unit == "HalfMonth":
        return last.replace(day=1 if last.day == 15 else 16)
    return months_around(last, _MONTHS.get(unit, 1), starts)[0]


def _last_of(unit: str, day: date, starts: int, start: date) -> date:
    if unit == "Day":
        return day
    if unit in _WEEKS:
        weeks = _WEEKS[unit]
        sunday = week_start(start)
        passed = (day - sunday).days // (7 * weeks)
        return _added(sunday, (passed + 1) * 7 * weeks - 1)
    if unit == "HalfMonth" and day.day <= 15:
        return day.replace(day=15)
    return months_around(day, _MONTHS.get(unit, 1), starts)[1]


def _added(day: date, days: int) -> date:
    return LAST_DAY if (LAST_DAY - day).days < days else day + timedelta(days=days)


_WEEKS: Final = {"Week": 1, "TwoWeek": 2, "FourWeek": 4}
_MONTHS: Final = {"Quarter": 3, "Year": 12}
