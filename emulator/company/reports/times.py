"""Time reports: the durations of time tracking, by item, job or person (titles recalled from QuickBooks' reports)."""

import re
from typing import TYPE_CHECKING, Any, Final

from emulator.company.records import Record, Values
from emulator.company.reports.chosen import one_of
from emulator.company.reports.period import in_words, period_of
from emulator.company.reports.table import LABEL, Column, Table
from emulator.company.transactions import Transaction, by_number

if TYPE_CHECKING:
    from emulator.company.books import Books

_TITLES: Final = {
    "TimeByItem": "Time by Item",
    "TimeByJobDetail": "Time by Job Detail",
    "TimeByJobSummary": "Time by Job Summary",
    "TimeByName": "Time by Name",
}

_JOB: Final = ("CustomerRef", "No job assigned")
_ITEM: Final = ("ItemServiceRef", "No item")
_NAME: Final = ("EntityRef", "No name")
_LEVELS: Final = {
    "TimeByItem": (_ITEM, _JOB),
    "TimeByJobDetail": (_JOB, _ITEM),
    "TimeByJobSummary": (_JOB, _ITEM),
    "TimeByName": (_NAME, _JOB),
}
"""TimeReportType -> what its groups and its rows are by."""


def time_report(books: "Books", values: Values, kind: str) -> Table:
    """Return a time report; a Detail has a row for each activity, the others one for each item or job of a group."""
    period = period_of(books, values)
    is_detail = kind.endswith("Detail")
    columns = [LABEL, Column("Duration", "TIMEINTERVALTYPE", ("Duration",))]
    if is_detail:
        columns = [LABEL, Column("Date", "DATETYPE", ("Date",)), Column("Name", "STRTYPE", ("Name",)), *columns[1:]]
    table = Table(_TITLES[kind], in_words(period), "None", columns)
    outer, inner = _LEVELS[kind]
    groups: dict[str, dict[str, list[Transaction]]] = {}
    for activity in _activities(books, values, period.first.isoformat(), period.last.isoformat()):
        group = groups.setdefault(_named(books, activity, *outer), {})
        group.setdefault(_named(books, activity, *inner), []).append(activity)
    whole = 0
    for title in sorted(groups, key=str.casefold):
        table.text(title)
        total = 0
        for label in sorted(groups[title], key=str.casefold):
            activities = groups[title][label]
            total += sum(map(minutes_of, activities))
            if is_detail:
                for each in activities:
                    table.add("DataRow", [label, each.date, _named(books, each, *_NAME), written(minutes_of(each))])
            else:
                table.add("DataRow", [label, written(sum(map(minutes_of, activities)))])
        between: list[Any] = [None, None] if is_detail else []
        table.add("SubtotalRow", [f"Total {title}", *between, written(total)])
        whole += total
    if groups:
        table.add("TotalRow", ["TOTAL", *([None, None] if is_detail else []), written(whole)])
    return table


def _named(books: "Books", activity: Transaction, element: str, nothing: str) -> str:
    record = _record(books, activity, element)
    return record.full_name if record is not None else nothing


def _record(books: "Books", activity: Transaction, element: str) -> Record | None:
    """Return what a reference of an activity points to; who did it is kept as its name."""
    if element == "EntityRef":
        return books.records.by_number(activity.entity) if activity.entity is not None else None
    return books.references.held(element, activity.document)


def _number(books: "Books", activity: Transaction, element: str) -> int | None:
    record = _record(books, activity, element)
    return record.number if record is not None else None


def _activities(books: "Books", values: Values, first: str, last: str) -> list[Transaction]:
    """Return the time tracking of a period that the filters choose."""
    wanted: list[tuple[tuple[str, ...], set[int]]] = []
    for filter_name, elements in _FILTERS.items():
        if values.get(filter_name):
            condition, parameter = one_of(books, filter_name, values[filter_name])
            found = books.store.execute(f"SELECT record FROM list_record WHERE record {condition}", (parameter,))
            wanted.append((elements, {row[0] for row in found.fetchall()}))
    rows = books.store.execute(
        "SELECT number FROM txn WHERE kind = 'TimeTracking' AND date BETWEEN ? AND ? ORDER BY date, number", (first, last)
    ).fetchall()
    activities = [by_number(books, row[0]) for row in rows]
    return [
        each
        for each in activities
        if all(any(_number(books, each, element) in numbers for element in elements) for elements, numbers in wanted)
    ]


_FILTERS: Final = {
    "ReportEntityFilter": ("CustomerRef", "EntityRef"),
    "ReportItemFilter": ("ItemServiceRef",),
    "ReportClassFilter": ("ClassRef",),
}


_DURATION: Final = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")


def minutes_of(activity: Transaction) -> int:
    """Return the minutes of an activity, seconds cut off; its Duration is kept as a TIMEINTERVALTYPE such as PT8H30M or PT45M."""
    match = _DURATION.fullmatch(str(activity.document["Duration"]).lstrip("+"))
    hours, minutes, _seconds = match.groups(default="0") if match is not None else ("0", "0", "0")
    return int(hours) * 60 + int(minutes)


def written(minutes: int) -> str:
    """Return minutes as a TIMEINTERVALTYPE."""
    return f"PT{minutes // 60}H{minutes % 60}M"


KINDS: Final = dict.fromkeys(_TITLES, time_report)
"""TimeReportType -> what makes it."""
