"""Weeks, months and years around a day, and the date macros of filters (`ThisMonth`, `LastFiscalYearToDate` ...) as first and last day.

Which spans the words mean is read off the words; weeks begin on Sunday and fiscal years with the company's month (inferred).
"""

import calendar
from datetime import date, timedelta

Span = tuple[date | None, date | None]
"""First and last day, None for open ends."""


def span_of(macro: str, today: date, fiscal_month: int, by_calendar: bool = True) -> Span:
    """Return the days a DateMacro covers on a given day. An unknown macro is our bug: the schema lists them.

    Args:
        macro: its name.
        today: the day.
        fiscal_month: the number of the month with which fiscal years begin.
        by_calendar: whether `Last...ToDate` ends on the same day of the same month of its span as today is, or as many days after its start
            (switch company.last-span-to-date).
    """
    if macro == "All":
        return None, None
    if macro == "Today":
        return today, today
    if macro == "Yesterday":
        return today - timedelta(days=1), today - timedelta(days=1)
    if macro == "NextFourWeeks":
        sunday = week_start(today) + timedelta(days=7)
        return sunday, sunday + timedelta(days=27)
    to_date = macro.endswith("ToDate")
    word = macro.removesuffix("ToDate")
    direction = next(each for each in _SHIFTS if word.startswith(each))
    unit = word.removeprefix(direction)
    first, last = _moved(unit, today, _SHIFTS[direction], fiscal_month)
    if to_date:
        present = _moved(unit, today, 0, fiscal_month)[0]
        if by_calendar and unit != "Week":
            months = (first.year - present.year) * 12 + first.month - present.month
            last = min(last, months_later(today, months))
        else:
            last = min(last, first + (today - present))
    return first, last


def week_start(day: date) -> date:
    """Return the Sunday of a week."""
    return day - timedelta(days=(day.weekday() + 1) % 7)


def months_later(day: date, months: int) -> date:
    """Return the same day of another month, or the last one of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def months_around(day: date, months: int, starts: int = 1, shift: int = 0) -> tuple[date, date]:
    """Return the first and last day of the month, quarter or year that a day is in, cut off at the last day there is.

    Args:
        day: any one of it.
        months: how many months it has.
        starts: number of the month with which years, and with them quarters, begin.
        shift: how many such spans later (or, below zero, earlier).
    """
    first = (day.year * 12 + day.month - starts) // months * months + starts - 1 + shift * months
    year, month = divmod(first + months - 1, 12)
    last = date(year, month + 1, calendar.monthrange(year, month + 1)[1]) if year <= date.max.year else date.max
    return date(first // 12, first % 12 + 1, 1), last


def _moved(unit: str, today: date, shift: int, fiscal_month: int) -> tuple[date, date]:
    if unit == "Week":
        first = week_start(today) + timedelta(days=7 * shift)
        return first, first + timedelta(days=6)
    return months_around(today, _MONTHS[unit], fiscal_month if "Fiscal" in unit else 1, shift)


_SHIFTS = {"This": 0, "Last": -1, "Next": 1}
_MONTHS = {"Month": 1, "CalendarQuarter": 3, "FiscalQuarter": 3, "CalendarYear": 12, "FiscalYear": 12}
