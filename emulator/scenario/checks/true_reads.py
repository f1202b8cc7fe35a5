"""I13, no false reads: an open balance told to an order clerk is right, or `unavailable`; never a number that was not true.

A balance is right when the books held it (his own, or the total with his jobs) at some time in the last minute before it was told, or at the
time it is marked with (`as_of`). Of a customer whom the books do not know, no number is right.

Reads: `balance-told`, and the books: balances before, and every record that changes one, with the time it was made.
Inconclusive when no number was told, or no balance was handed in to compare it with.
"""

from bisect import bisect_right
from datetime import datetime, timedelta
from typing import Final

from emulator.core.journal import Row
from emulator.scenario.checks.books_balance import RECEIVABLE
from emulator.scenario.evidence import Evidence, moment
from emulator.scenario.verdict import Finding, Violations, counted


def true_reads(evidence: Evidence) -> Finding:
    """Judge I13."""
    wrong = Violations("I13")
    courses = _courses(evidence)
    for row in evidence.of("balance-told"):
        if "balance_cents" not in row:
            continue
        course = courses.get(str(row.get("customer", "")).casefold())
        if not courses:
            continue
        wrong.tested += 1
        if not course:
            wrong.add(
                row,
                f"{row.get('customer')}: {int(row['balance_cents']) / 100:,.2f} was told, and the books know no such customer",
            )
            continue
        told = int(row["balance_cents"])
        if not any(told in _true_values(each, row) for each in course):
            value = _at(course[0], moment(row))
            wrong.add(row, f"{row.get('customer')}: {told / 100:,.2f} was told, and the books held {value / 100:,.2f}")
    passed = f"{counted(wrong.tested, 'open balance')} told, each as the books held it"
    return wrong.finding(passed, "no open balance was told")


_Course = tuple[list[datetime], list[int]]
"""When a balance changed, and what it was from then on; the first entry is what it was before."""


def _courses(evidence: Evidence) -> dict[str, list[_Course]]:
    """Return, for each customer, the course of his own balance, and of the total with everything below him (`Customer:Job`)."""
    own: dict[str, _Course] = {}
    total: dict[str, _Course] = {}
    for name, cents in evidence.receivables_before.items():
        _change(own, name, None, cents)
        for each in _with_parents(name):
            _change(total, each, None, cents)
    for record in sorted(evidence.made_in_story, key=lambda record: record.created):
        if record.kind in RECEIVABLE and record.created:
            cents = RECEIVABLE[record.kind] * record.total_cents
            _change(own, record.party, datetime.fromisoformat(record.created), cents)
            for each in _with_parents(record.party):
                _change(total, each, datetime.fromisoformat(record.created), cents)
    # A customer of this story may have been renamed or merged since: then only the row of its making still has the name.
    made = {str(row.get("party", "")) for row in evidence.of("committed") if str(row.get("request", "")).startswith("Customer")}
    known = {name.casefold() for name in (*evidence.receivables, *made) if name} | own.keys() | total.keys()
    nothing: _Course = ([], [0])
    return {name: [own.get(name, nothing), total.get(name, nothing)] for name in known}


def _with_parents(name: str) -> list[str]:
    parts = name.split(":")
    return [":".join(parts[: length + 1]) for length in range(len(parts))]


def _change(courses: dict[str, _Course], name: str, time: datetime | None, cents: int) -> None:
    times, values = courses.setdefault(name.casefold(), ([], [0]))
    if time is None:
        values[-1] += cents
    else:
        times.append(time)
        values.append(values[-1] + cents)


def _at(course: _Course, time: datetime) -> int:
    times, values = course
    return values[bisect_right(times, time)]


def _true_values(course: _Course, row: Row) -> set[int]:
    """Return every value that may be told: all the balance had in the last minute, and the one at `as_of`."""
    times, values = course
    told_at = moment(row)
    # QuickBooks keeps whole seconds: a record made in this second may carry a time just before or after the row.
    first = bisect_right(times, told_at - FRESH)
    last = bisect_right(times, told_at + timedelta(seconds=1))
    found = set(values[first : last + 1])
    if row.get("as_of"):
        marked = datetime.fromisoformat(str(row["as_of"]))
        if marked.tzinfo is not None:
            found.add(_at(course, marked))
    return found


FRESH: Final = timedelta(minutes=1)
"""How old a balance without a mark may be (our choice: longer than any look-up may take)."""
