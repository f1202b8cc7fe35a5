"""Dates and numbers of transactions: TxnDate, closing date, DueDate, RefNumber."""

import calendar
import re
from datetime import date, timedelta
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
            row = books.store.execute("SELECT date FROM txn WHERE kind = ? ORDER BY number DESC LIMIT 1", (kind,)).fetchone()
            given = row[0] if row else given
    refuse_closed(books, kind, given)
    return given


def is_closed(books: "Books", day: str) -> bool:
    """Return whether the books are closed for a date."""
    closing_date = books.facts.get("closing_date")
    return bool(closing_date and day <= closing_date and books.settings["company.closing-date-add"] == "refused")


def refuse_closed(books: "Books", kind: str, day: str) -> None:
    """Raise 3171 for a date on or before the closing date."""
    if is_closed(books, day):
        raise refuse(3171, object=kind)


def due_date(day: str, terms: Record | None, days_without_terms: int) -> str:
    """Return the DueDate: TxnDate plus the days of standard terms, or the day of the month that date-driven terms name.

    Date-driven terms (documented: their elements): due on DayOfMonthDue; what is made within DueNextMonthDays before that day is due a
    month later.
    """
    start = date.fromisoformat(day)
    if terms is None:
        return (start + timedelta(days=days_without_terms)).isoformat() if days_without_terms else day
    if terms.kind == "DateDrivenTerms":
        due_day = int(terms.document["DayOfMonthDue"])
        due = _on_day(start.year, start.month, due_day)
        if due <= start or (due - start).days < int(terms.document.get("DueNextMonthDays") or 0):
            due = _on_day(start.year + start.month // 12, start.month % 12 + 1, due_day)
        return due.isoformat()
    days = int(terms.document.get("StdDueDays") or 0)
    try:
        return (start + timedelta(days=days)).isoformat() if days else day
    except OverflowError:
        return date.max.isoformat()


def _on_day(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def discount_terms(day: str, terms: Record | None) -> tuple[str, int] | None:
    """Return the last day of the discount that terms give and its percentage in 0.00001, or None."""
    percent = int(terms.document.get("DiscountPct") or 0) if terms is not None else 0
    if terms is None or not percent:
        return None
    start = date.fromisoformat(day)
    if terms.kind == "DateDrivenTerms":
        last = _on_day(start.year, start.month, int(terms.document.get("DiscountDayOfMonth") or 1))
        return (last.isoformat(), percent) if last >= start else None
    return (start + timedelta(days=int(terms.document.get("StdDiscountDays") or 0))).isoformat(), percent


def reference_number(books: "Books", noun: TransactionNoun, values: Values) -> str:
    """Return the RefNumber: as given; blank for an empty element; for none, the next after the last one of that kind.

    That there is a next number is documented, which one it is reported (switch company.next-number).
    """
    if "RefNumber" in values:
        return values["RefNumber"] or ""
    if noun.numbered == "never" or (noun.numbered != "always" and books.settings[noun.numbered] == "blank"):
        return ""
    row = books.store.execute(
        "SELECT ref FROM txn WHERE number = (SELECT max(number) FROM txn WHERE kind = ? AND ref <> '')", (noun.name,)
    ).fetchone()
    return next_number(row[0] if row else "", noun.ref_length)


def next_number(last: str, length_max: int) -> str:
    """Return the number after `last`: its last run of digits plus one, as wide as before. G-10023 gives G-10024, 0099 gives 0100.

    A next number that would not fit starts again at 1 (our choice).
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
