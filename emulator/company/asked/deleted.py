"""ListDeletedQuery and TxnDeletedQuery: what was deleted in the last 90 days, by type, in the order of deletion (documented)."""

from typing import TYPE_CHECKING, Final

from emulator.company.filters import modified_span
from emulator.company.records import Values

if TYPE_CHECKING:
    from emulator.company.books import Books

DAYS_KEPT: Final = 90
SECONDS_A_DAY: Final = 86_400


def lists(books: "Books", values: Values) -> list[tuple[str, object]]:
    """Return the ListDeletedRet."""
    return _deleted(books, values, "ListDel", "ListID", "FullName")


def transactions(books: "Books", values: Values) -> list[tuple[str, object]]:
    """Return the TxnDeletedRet."""
    return _deleted(books, values, "TxnDel", "TxnID", "RefNumber")


def _deleted(books: "Books", values: Values, what: str, identity: str, name: str) -> list[tuple[str, object]]:
    span = values.get("DeletedDateRangeFilter") or {}
    asked = modified_span(books, span, "DeletedDate")
    first, last = asked if asked is not None else (0, books.now())
    first = max(first, books.now() - DAYS_KEPT * SECONDS_A_DAY)
    text = books.local_time.text
    found: list[tuple[str, object]] = []
    for kind in dict.fromkeys(values[f"{what}Type"]):
        rows = books.store.execute(
            "SELECT id, name, created, deleted FROM deletion WHERE kind = ? AND deleted BETWEEN ? AND ? ORDER BY deleted, row",
            (kind, first, last),
        ).fetchall()
        for each, shown, created, deleted in rows:
            record: Values = {
                f"{what}Type": kind,
                identity: each,
                "TimeCreated": text(created),
                "TimeDeleted": text(deleted),
            }
            if shown:
                record[name] = shown
            found.append((f"{what.removesuffix('Del')}DeletedRet", record))
    return found
