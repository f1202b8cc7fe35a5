"""ListMerge: one record of a list takes the place of another, everywhere.

Documented: both are named with their EditSequence; the one merged from is gone (and told by ListDeletedQuery); everything that referred to it
refers to the other. In multi-user mode it is refused (3500, reported). Our choice: records of different kinds, types of account, currencies
or units, and a record with others below it, cannot be merged (3500); what QuickBooks or a preference used the one for, it uses the other
for; addresses that differ only with SameShipAddrOk are not looked at.
"""

import json
from typing import TYPE_CHECKING

from emulator.company.caller import Caller
from emulator.company.list_rows import LISTS
from emulator.company.lists.removal import documents_with, redirected, remove
from emulator.company.lists.reposting import move_stock
from emulator.company.records import Record, Values
from emulator.company.refusals import refuse
from emulator.company.store import encoded

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
        Refusal: 3120, 3171 when the stock of an item is to move to another asset account in closed books, 3200, 3500.
    """
    if caller.file_mode == "MultiUser" and books.settings["company.merge-in-multi-user"] == "3500":
        raise refuse(3500)
    source, target = (_found(books, kind, values[end]) for end in ("MergeFrom", "MergeTo"))
    if source is target or any(source.document.get(name) != target.document.get(name) for name in _ALIKE):
        raise refuse(3500)
    if len(books.records.with_descendants(source)) > 1:
        raise refuse(3500)
    move_stock(books, source, source.document, target.document)
    execute = books.store.execute
    for table, columns in _COLUMNS:
        for column in columns:
            statement = f"UPDATE {table} SET {column} = ? WHERE {column} = ?"
            execute(statement, (target.number, source.number))
    _carry_balance(books, source, target)
    for table, key, column, text in documents_with(books, source):
        identity = "record" if table == "list_record" else "number"
        after = encoded(redirected(json.loads(text), source, target))
        execute(f"UPDATE {table} SET {column} = ? WHERE {identity} = ?", (after, key))
    _take_over(books, source, target)
    remove(books, source)
    execute("UPDATE list_record SET modified = ? WHERE record = ?", (max(books.now(), target.modified), target.number))
    # Documents everywhere have changed; what is kept in memory is read anew.
    books.records.forget()
    if source.family == "item":
        books.stock.settle([(target.number, "")], removed=True)
    merged = books.records.by_id(target.family, target.list_id)
    assert merged is not None
    return source, merged


_ALIKE = ("AccountType", "CurrencyRef", "UnitOfMeasureSetRef")
"""Elements of which two records that are merged must have the same, or none."""


def _take_over(books: "Books", source: Record, target: Record) -> None:
    """Let one record stand for what QuickBooks itself, or a preference of the file, used the other for."""
    special = source.document.get("SpecialAccountType")
    if special and "SpecialAccountType" not in target.document:
        # Read anew: it may have referred to the other one, and does not any more.
        row = books.store.execute("SELECT document FROM list_record WHERE record = ?", (target.number,)).fetchone()
        document = {**json.loads(row[0]), "SpecialAccountType": special}
        books.store.execute("UPDATE list_record SET document = ? WHERE record = ?", (encoded(document), target.number))
    facts = books.facts
    changes: Values = {}
    if source.family == "item" and facts.get("sales_tax_item") == source.full_name:
        changes["sales_tax_item"] = target.full_name
    if source.family == "account" and facts.get("form_1099"):
        changes["form_1099"] = redirected(facts["form_1099"], source, target)
    if changes:
        facts.update(changes)
        books.store.set_settings(list(changes.items()))


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
