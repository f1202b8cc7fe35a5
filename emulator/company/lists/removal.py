"""ListDel: deleting a record of a list, and what keeps it from being deleted.

Documented: in single-user mode only; what is in use cannot be deleted. In multi-user mode it is refused (switch
company.list-delete-in-multi-user: Enterprise 24 was seen to answer success and make the record inactive instead). A record is in use when
anything refers to it: a transaction, another record, the ledger, a preference (3160, reported). A set of units of measure answers
1000 (reported, switch company.unit-set-delete).
"""

import json
from typing import TYPE_CHECKING, Any

from emulator.company.caller import Caller
from emulator.company.currencies import HOME_CURRENCY
from emulator.company.list_rows import LISTS
from emulator.company.records import Record, Values
from emulator.company.reference_rows import FAMILY_OF
from emulator.company.refusals import refuse

if TYPE_CHECKING:
    from emulator.company.books import Books


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
    books.defaults.forget()


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
    if row is not None or _is_preferred(books, record):
        return True
    return any(mentions(json.loads(text), record) for _table, _key, _column, text in documents_with(books, record))


DOCUMENTS = (("list_record", "record", "document"), ("txn", "number", "document"), ("txn", "number", "lines"))
"""Where documents stand: table, its key, column."""


def documents_with(books: "Books", record: Record) -> list[tuple[str, int, str, str]]:
    """Return the documents that hold the ListID of a record, or that of one of another family which is alike: (table, key, column, text)."""
    return [
        (table, key_of_row, column, text)
        for table, key, column in DOCUMENTS
        for key_of_row, text in books.store.execute(
            f"SELECT {key}, {column} FROM {table} WHERE instr({column}, ?) > 0", (f'"ListID":"{record.list_id}"',)
        ).fetchall()
    ]


def mentions(values: Any, record: Record) -> bool:
    """Return whether decoded values refer to a record. Identities of different families may be alike, so the element's name decides."""
    if isinstance(values, dict):
        return any(
            _means(name, value, record)
            or (isinstance(value, list) and any(_means(name, each, record) for each in value))
            or mentions(value, record)
            for name, value in values.items()
        )
    return isinstance(values, list) and any(mentions(each, record) for each in values)


def redirected(values: Any, record: Record, to: Record) -> Any:
    """Return decoded values with every reference to one record turned to another."""
    if isinstance(values, list):
        return [redirected(each, record, to) for each in values]
    if not isinstance(values, dict):
        return values
    result: Values = {}
    for name, value in values.items():
        if _means(name, value, record):
            result[name] = to.reference
        elif isinstance(value, list):
            result[name] = [to.reference if _means(name, each, record) else redirected(each, record, to) for each in value]
        else:
            result[name] = redirected(value, record, to)
    return result


def _means(name: str, value: Any, record: Record) -> bool:
    return FAMILY_OF.get(name) == record.family and isinstance(value, dict) and value.get("ListID") == record.list_id


def _is_preferred(books: "Books", record: Record) -> bool:
    """Return whether a preference of the file names a record: its tax codes and tax, its currency, the accounts of form 1099."""
    facts = books.facts
    if record.family == "sales-tax-code":
        return record.full_name in (facts.get("taxable_code"), facts.get("non_taxable_code"))
    if record.family == "item":
        return bool(record.full_name == facts.get("sales_tax_item"))
    if record.family == "currency":
        return record.full_name == HOME_CURRENCY
    return mentions(facts.get("form_1099") or {}, record)
