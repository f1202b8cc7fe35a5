"""The date macros of filters (`ThisMonth`, `LastFiscalYearToDate` ...) as first and last day.

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
        sunday = _week(today)[0] + timedelta(days=7)
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
            last = min(last, _months_later(today, months))
        else:
            last = min(last, first + (today - present))
    return first, last


def _week(today: date) -> tuple[date, date]:
    sunday = today - timedelta(days=(today.weekday() + 1) % 7)
    return sunday, sunday + timedelta(days=6)


def _months_later(day: date, months: int) -> date:
    """Return the same day of another month, or the last one of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _moved(unit: str, today: date, shift: int, fiscal_month: int) -> tuple[date, date]:
    if unit == "Week":
        first, last = _week(today)
        return first + timedelta(days=7 * shift), last + timedelta(days=7 * shift)
    months = _MONTHS[unit]
    start_month = fiscal_month if "Fiscal" in unit else 1
    months_since = (today.year * 12 + today.month - start_month) // months * months + start_month - 1
    first_number = months_since + shift * months
    last_number = first_number + months - 1
    last_year, last_month = divmod(last_number, 12)
    last_day = calendar.monthrange(last_year, last_month + 1)[1]
    return date(first_number // 12, first_number % 12 + 1, 1), date(last_year, last_month + 1, last_day)


_SHIFTS = {"This": 0, "Last": -1, "Next": 1}
_MONTHS = {"Month": 1, "CalendarQuarter": 3, "FiscalQuarter": 3, "CalendarYear": 12, "FiscalYear": 12}
