"""MissingChecks: the numbered checks of each bank account in the order of their numbers, with the places where numbers are missing or twice.

That the report is in this order, and that a row of stars tells of missing numbers and of duplicates, is recalled from QuickBooks' own report (switch
company.report-missing-numbers). Numbers that are not whole ones follow the others, and nothing is missing between them (inferred).
"""

from typing import TYPE_CHECKING, Any, Final

from emulator.company.records import Values
from emulator.company.reports.chosen import Chosen
from emulator.company.reports.columns import columns_of, names_of
from emulator.company.reports.detail import Detail
from emulator.company.reports.entry import Entry
from emulator.company.reports.period import in_words, period_of
from emulator.company.reports.table import Table
from emulator.qbxml.ranges import is_number

if TYPE_CHECKING:
    from emulator.company.books import Books

CHECKS: Final = ("Check", "BillPaymentCheck", "SalesTaxPaymentCheck")
"""Kinds of transactions that are numbered as checks."""

MISSING: Final = "*** Missing numbers here ***"
DUPLICATE: Final = "*** Duplicate document numbers ***"

_COLUMNS: Final = ("TxnType", "Date", "RefNumber", "Name", "Memo", "SplitAccount", "Amount")


def missing_checks(books: "Books", values: Values, _kind: str) -> Table:
    """Return the MissingChecks report."""
    period = period_of(books, values)
    chosen = Chosen(books, values)
    chosen.of_kinds(*CHECKS)
    chosen.of_accounts("Bank")
    chosen.where("t.ref <> '' AND e.account = t.account AND e.line = 0")
    names = names_of(values, _COLUMNS)
    table = Table("Missing Checks", in_words(period), chosen.basis, columns_of(names))
    detail = Detail(books, table, names)
    accounts: dict[int, list[tuple[str, int]]] = {}
    for account, ref, number in chosen.rows("e.account, t.ref, e.txn", period, "ORDER BY {day}, e.txn"):
        accounts.setdefault(account, []).append((ref, number))
    marked = books.settings["company.report-missing-numbers"] == "marked"
    records = [books.records.by_number(account) for account in accounts]
    for record in sorted(records, key=lambda each: each.full_name.casefold()):
        table.text(record.full_name)
        detail.start()
        before: int | None = None
        for ref, number in sorted(accounts[record.number], key=_place):
            own = int(ref) if is_number(ref) else None
            if marked and own is not None and before is not None and own != before + 1:
                table.text(DUPLICATE if own == before else MISSING)
            before = own
            detail.add(Entry.of_transaction(books, number))
        detail.subtotal(f"Total {record.full_name}", record)
    detail.total("TOTAL")
    return table


def _place(check: tuple[str, int]) -> tuple[Any, ...]:
    ref, number = check
    return (0, int(ref), number) if is_number(ref) else (1, ref.casefold(), number)


KINDS: Final = {"MissingChecks": missing_checks}
"""Type of report -> what makes it."""
