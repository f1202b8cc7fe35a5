"""Dates and numbers of transactions: TxnDate, closing date, DueDate, RefNumber."""

import calendar
import re
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from emulator.company.nouns import TransactionNoun
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save, refuse

if TYPE_CHECKING:
    from emulator.company.books import Books

_TRAILING_DIGITS = re.compile(r"\d+$")


def transaction_date(books: "Books", kind: str, given: str | None) -> str:
    """Return the TxnDate of a new transaction, refusing what the books are closed for (3171)."""
    if not given:
        given = books.local_time.today(books.now()).isoformat()
        if books.settings["company.transaction-date-omitted"] == "last-saved":
            row = books.store.execute(
                "SELECT date FROM txn INDEXED BY txn_by_kind WHERE kind = ? ORDER BY number DESC LIMIT 1", (kind,)
            ).fetchone()
            given = row[0] if row else given
    refuse_closed(books, kind, given)
    return given


def is_closed(books: "Books", day: str) -> bool:
    """Return whether the books are closed for a date."""
    closing_date = books.facts.get("closing_date")
    if (
        not books.facts.get("closing_date_has_password", True)
        and books.settings["company.closing-date-without-password"] == "accepted"
    ):
        return False
    return bool(closing_date and day <= closing_date and books.settings["company.closing-date-add"] == "refused")


def refuse_closed(books: "Books", kind: str, day: str) -> None:
    """Raise 3171 for a date on or before the closing date."""
    if is_closed(books, day):
        raise refuse(3171, object=kind)


def due_date(day: str, terms: Record | None, days_without_terms: int) -> str:
    """Return the DueDate: TxnDate plus the days of standard terms, or the day of the month that date-driven terms name.

    Date-driven terms (documented: their elements): due on the next DayOfMonthDue, the last day of a month that is shorter; when that is
    today or within DueNextMonthDays, a month later (documented for another edition: what would be due in so many days is put off).
    """
    if terms is None:
        return _day_after(day, days_without_terms)
    if terms.kind == "DateDrivenTerms":
        start = date.fromisoformat(day)
        due_day = int(terms.document["DayOfMonthDue"])
        months = 0 if _on_day(start, 0, due_day) >= start else 1
        if (_on_day(start, months, due_day) - start).days <= int(terms.document.get("DueNextMonthDays") or 0):
            months += 1
        return _on_day(start, months, due_day).isoformat()
    return _day_after(day, int(terms.document.get("StdDueDays") or 0))


@lru_cache(maxsize=4096)
def _day_after(day: str, days: int) -> str:
    """Return the day so many days after another; the calendar ends with the last day that a qbXML date can name.

    Documents of the same few days and terms come one after the other.
    """
    try:
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
    except OverflowError:
        return date.max.isoformat()


def _on_day(start: date, months: int, day: int) -> date:
    """Return a day of the month that is so many months after that of `start`, its last day when it is shorter."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day, calendar.monthrange(year, month + 1)[1]))


def discount_terms(day: str, terms: Record | None) -> tuple[str, int] | None:
    """Return the last day of the discount that terms give and its percentage in 0.00001, or None."""
    percent = int(terms.document.get("DiscountPct") or 0) if terms is not None else 0
    if terms is None or not percent:
        return None
    if terms.kind == "DateDrivenTerms":
        # In the month in which it is due (inferred: a due date that moves on takes the discount with it).
        last = _on_day(date.fromisoformat(due_date(day, terms, 0)), 0, int(terms.document.get("DiscountDayOfMonth") or 1))
        return (last.isoformat(), percent) if last >= date.fromisoformat(day) else None
    return _day_after(day, int(terms.document.get("StdDiscountDays") or 0)), percent


def reference_number(books: "Books", noun: TransactionNoun, values: Values) -> str:
    """Return the RefNumber: as given; blank for an empty element; for none, the next after the last one of that kind.

    That there is a next number is documented, which one it is reported (switch company.next-number).
    """
    if "RefNumber" in values:
        return values["RefNumber"] or ""
    if noun.numbered == "never" or (noun.numbered != "always" and books.settings[noun.numbered] == "blank"):
        return ""
    row = books.store.execute(
        "SELECT ref FROM txn INDEXED BY txn_by_kind WHERE kind = ? AND ref <> '' ORDER BY number DESC LIMIT 1", (noun.name,)
    ).fetchone()
    return next_number(row[0] if row else "", noun.ref_length)


def next_number(last: str, length_max: int) -> str:
    """Return the number after `last`: its last run of digits plus one, as wide as before. G-10023 gives G-10024, 0099 gives 0100.

    A next number that would not fit starts again at 1 (switch company.next-number-too-long).
    """
    digits = _TRAILING_DIGITS.search(last)
    if digits is None:
        return "1"
    following = last[: digits.start()] + str(int(digits[0]) + 1).zfill(len(digits[0]))
    return following if len(following) <= length_max else "1"


def refuse_taken_number(books: "Books", kind: str, setting: str, ref: str, entity: Record | None = None, itself: int = 0) -> None:
    """Raise 3180 for a RefNumber that another transaction of the kind (and of that vendor) has, when the switch `setting` says so."""
    if not ref or books.settings[setting] == "accepted":
        return
    rows = books.store.execute(
        "SELECT number, entity FROM txn WHERE kind = ? AND folded = ? AND number <> ?", (kind, ref.casefold(), itself)
    ).fetchall()
    if any(entity is None or row[1] == entity.number for row in rows):
        whose = "" if entity is None else " for this vendor"
        raise cannot_save(kind, f"The number {ref} is already in use{whose}.")
