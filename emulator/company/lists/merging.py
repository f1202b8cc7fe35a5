"""ListMerge: one record of a list takes the place of another, everywhere.

Documented: both are named with their EditSequence; the one merged from is gone (and told by ListDeletedQuery); everything that referred to it
refers to the other. In multi-user mode it is refused (3500, reported). Our choice: records of different kinds, and a record with
others below it, cannot be merged (3500); addresses that differ only with SameShipAddrOk are not looked at.
"""

from typing import TYPE_CHECKING

from emulator.company.caller import Caller
from emulator.company.list_rows import LISTS
from emulator.company.lists.removal import marks_of, remove
from emulator.company.records import Record, Values
from emulator.company.refusals import refuse

if TYPE_CHECKING:
    from emulator.company.books import Books

_COLUMNS = (
    ("txn", ("entity", "account", "open_name", "currency")),
    ("posting", ("account", "entity", "item", "class")),
    ("unposted", ("account", "entity", "item", "class")),
    ("movement", ("item", "site")),
    ("order_line", ("item",)),
    ("application", ("discount_account", "discount_class")),
)
"""Tables and columns that hold numbers of list records."""


def merge(books: "Books", kind: str, values: Values, caller: Caller) -> tuple[Record, Record]:
    """Merge two records; return the one that is gone and the one that stays. Call inside `atomic`.

    Raises:
        Refusal: 3120, 3200, 3500.
    """
    if caller.file_mode == "MultiUser" and books.settings["company.merge-in-multi-user"] == "3500":
        raise refuse(3500)
    source, target = (_found(books, kind, values[end]) for end in ("MergeFrom", "MergeTo"))
    if source is target or source.document.get("AccountType") != target.document.get("AccountType"):
        raise refuse(3500)
    if len(books.records.with_descendants(source)) > 1:
        raise refuse(3500)
    execute = books.store.execute
    for table, columns in _COLUMNS:
        for column in columns:
            statement = f"UPDATE {table} SET {column} = ? WHERE {column} = ?"
            execute(statement, (target.number, source.number))
    _carry_balance(books, source, target)
    for mark, new in zip(marks_of(source), marks_of(target), strict=True):
        for table, column in (("list_record", "document"), ("txn", "document"), ("txn", "lines")):
            statement = f"UPDATE {table} SET {column} = replace({column}, ?, ?) WHERE instr({column}, ?) > 0"
            execute(statement, (mark, new, mark))
    remove(books, source)
    now = max(books.now(), target.modified)
    execute("UPDATE list_record SET modified = ?, renamed = 1 WHERE record = ?", (now, target.number))
    # Documents everywhere have changed; what is kept in memory is read anew.
    books.records.forget()
    if source.family == "item":
        books.stock.settle([(target.number, "")], removed=True)
    merged = books.records.by_id(target.family, target.list_id)
    assert merged is not None
    return source, merged


def _found(books: "Books", kind: str, end: Values) -> Record:
    record = books.records.by_id(LISTS[kind].family, end["ListID"] or "")
    if record is None or record.kind != kind:
        raise refuse(3120, value=end["ListID"] or "")
    if end.get("EditSequence") != str(record.modified):
        raise refuse(3200, value=end.get("EditSequence") or "")
    return record


def _carry_balance(books: "Books", source: Record, target: Record) -> None:
    """Move a balance from one record, and from what is above it, to another."""
    cents = source.own_cents
    for record, by_cents in ((source, -cents), (target, cents)):
        books.store.execute(
            "UPDATE balance SET own_cents = own_cents + ?, total_cents = total_cents + ? WHERE record = ?",
            (by_cents, by_cents, record.number),
        )
        for above in books.records.chain(record):
            books.store.execute("UPDATE balance SET total_cents = total_cents + ? WHERE record = ?", (by_cents, above.number))
