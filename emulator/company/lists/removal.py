"""ListDel: deleting a record of a list, and what keeps it from being deleted.

Documented: in single-user mode only; what is in use cannot be deleted. In multi-user mode it is refused (switch
company.list-delete-in-multi-user: Enterprise 24 was seen to answer success and make the record inactive instead). A record is in use when
anything refers to it: a transaction, another record, the ledger, a preference (3160, reported). A set of units of measure answers
1000 (reported, switch company.unit-set-delete).
"""

from typing import TYPE_CHECKING

from emulator.company.caller import Caller
from emulator.company.list_rows import LISTS
from emulator.company.records import Record
from emulator.company.reference_rows import FAMILY_OF
from emulator.company.refusals import refuse

if TYPE_CHECKING:
    from emulator.company.books import Books

_OWN_REFERENCES = frozenset({"ParentRef", "ParentSiteRef"})


def delete(books: "Books", kind: str, list_id: str, caller: Caller) -> Record:
    """Delete a record and return it as it was. Call inside `atomic`.

    Raises:
        Refusal: 1000, 3120, 3160, 3162.
    """
    noun = LISTS[kind]
    record = books.records.by_id(noun.family, list_id)
    in_multi_user = caller.file_mode == "MultiUser"
    setting = str(books.settings["company.list-delete-in-multi-user"])
    if in_multi_user and setting != "inactivates":
        raise refuse(int(setting), quickbooks="List elements can be deleted in single-user mode only.")
    if record is None or record.kind != kind:
        raise refuse(3120, value=list_id)
    if kind == "UnitOfMeasureSet" and books.settings["company.unit-set-delete"] == "1000":
        raise refuse(1000)
    if in_multi_user:
        books.store.execute("UPDATE list_record SET active = 0, modified = ? WHERE record = ?", (books.now(), record.number))
        record.active, record.modified = False, books.now()
        return record
    if is_used(books, record):
        raise refuse(3160, value=list_id, quickbooks="It is in use.")
    remove(books, record)
    return record


def remove(books: "Books", record: Record) -> None:
    """Take a record out of the file and note that it was deleted. Call inside `atomic`."""
    execute = books.store.execute
    execute("DELETE FROM list_record WHERE record = ?", (record.number,))
    execute("DELETE FROM balance WHERE record = ?", (record.number,))
    execute("DELETE FROM stock WHERE item = ?", (record.number,))
    books.custom_fields.forget_record(record)
    books.guids.free(record.list_id)
    execute(
        "INSERT INTO deletion (kind, id, name, deleted, created) VALUES (?, ?, ?, ?, ?)",
        (record.kind, record.list_id, record.full_name, books.now(), record.created),
    )
    books.records.drop(record)


def is_used(books: "Books", record: Record) -> bool:
    """Return whether anything refers to a record."""
    execute, number = books.store.execute, record.number
    row = execute(
        "SELECT 1 FROM list_record WHERE parent = ?1 UNION ALL SELECT 1 FROM txn WHERE entity = ?1 OR account = ?1 OR currency = ?1"
        " UNION ALL SELECT 1 FROM entry WHERE account = ?1 OR entity = ?1 OR item = ?1 OR class = ?1"
        " UNION ALL SELECT 1 FROM movement WHERE item = ?1 OR site = ?1"
        " UNION ALL SELECT 1 FROM application WHERE discount_account = ?1 OR discount_class = ?1 LIMIT 1",
        (number,),
    ).fetchone()
    if row is not None or record.full_name in _preferred(books, record):
        return True
    for mark in marks_of(record):
        for table, columns in (("list_record", ("document",)), ("txn", ("document", "lines"))):
            for column in columns:
                statement = f"SELECT 1 FROM {table} WHERE instr({column}, ?) > 0 LIMIT 1"
                if execute(statement, (mark,)).fetchone() is not None:
                    return True
    return False


def marks_of(record: Record) -> list[str]:
    """Return how documents refer to a record: every reference element of its family with its ListID.

    Identities of different families may be alike, so the element's name belongs to it. Documents are written by one encoder, ListID first.
    """
    names = [name for name, family in FAMILY_OF.items() if family == record.family and name not in _OWN_REFERENCES]
    marks = [f'"{name}":{{"ListID":"{record.list_id}"' for name in names]
    # Lists of references: an item group of sales taxes, accounts a vendor's bills are filled with.
    marks += [f'"{name}":[{{"ListID":"{record.list_id}"' for name in names]
    return [*marks, f',{{"ListID":"{record.list_id}"'] if record.family in ("item", "account") else marks


def _preferred(books: "Books", record: Record) -> set[str]:
    facts = books.facts
    if record.family == "sales-tax-code":
        return {str(facts.get("taxable_code")), str(facts.get("non_taxable_code"))}
    if record.family == "item":
        return {str(facts.get("sales_tax_item"))}
    return set()
