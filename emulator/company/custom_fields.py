"""Data extensions: definitions and values. OwnerID 0 stands for custom fields, which people see; a GUID for private data of a program.

Documented unless said: a definition names its owner, its name, its type and the kinds of objects it may be put on; custom fields only
customers, vendors, employees and items (3351 otherwise, reported); a value needs its definition; one that is there is added again with 3180,
and so is a definition (reported); values that do not fit their type are refused (codes as for elements of that type). Writing an extension
is a save of the record it is on (documented: it touches its parent's TimeModified).
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save, refuse
from emulator.company.transactions import Transaction, by_id, line_dicts

if TYPE_CHECKING:
    from emulator.company.books import Books

CUSTOM_FIELD: Final = "0"
"""The OwnerID of custom fields (documented)."""

CUSTOM_FIELD_OBJECTS: Final = frozenset({"Customer", "Vendor", "Employee", "Item"})
"""What custom fields may be put on (reported); they show on transactions through these."""

_FAMILY_OF_OBJECT: Final = {
    "Account": "account",
    "Customer": "entity",
    "Vendor": "entity",
    "Employee": "entity",
    "OtherName": "entity",
    "Item": "item",
}

_FORMS: Final = {
    "AMTTYPE": (re.compile(r"[+-]?[0-9]{1,13}(\.[0-9]{2})?"), 3040),
    "PRICETYPE": (re.compile(r"[+-]?[0-9]{1,10}(\.[0-9]{1,5})?"), 3045),
    "PERCENTTYPE": (re.compile(r"[+-]?[0-9]{1,10}(\.[0-9]{1,5})?"), 3050),
    "QUANTYPE": (re.compile(r"[+-]?[0-9]{1,10}(\.[0-9]{1,5})?"), 3060),
    "INTTYPE": (re.compile(r"[+-]?[0-9]{1,10}"), 3085),
    "DATETIMETYPE": (
        re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(T[0-9]{1,2}(:[0-9]{1,2}){0,2}([+-][0-9]{1,2}:[0-9]{2})?)?"),
        3020,
    ),
}
_LENGTHS: Final = {"STR255TYPE": 255, "STR1024TYPE": 1024}


@dataclass(frozen=True, slots=True)
class Definition:
    """A data extension that may be kept."""

    row: int
    owner: str
    name: str
    type: str
    objects: tuple[str, ...]
    more: Values

    @property
    def values(self) -> Values:
        """Its DataExtDefRet."""
        result: Values = {
            "OwnerID": self.owner,
            "DataExtID": self.row,
            "DataExtName": self.name,
            "DataExtType": self.type,
            "DataExtListRequire": False,
            "DataExtTxnRequire": False,
            "DataExtFormatString": "",
            **self.more,
        }
        if self.objects:
            result["AssignToObject"] = list(self.objects)
        return result


class CustomFields:
    """The data extensions of one company."""

    def __init__(self, books: "Books") -> None:
        self._books = books

    # ---- definitions ----

    def define(self, values: Values) -> Definition:
        """Add a definition. `values` is the aggregate of DataExtDefAdd. Raises 3180, 3351."""
        owner, name = values["OwnerID"], values["DataExtName"] or ""
        objects = tuple(dict.fromkeys(values.get("AssignToObject") or ()))
        self._refuse_objects(owner, objects)
        if not name:
            raise refuse(3150, field="DataExtName")
        if self.find(owner, name) is not None:
            raise cannot_save("data extension definition", f"The data extension {name} is already there.")
        more = {key: values[key] for key in _MORE if values.get(key) is not None}
        cursor = self._books.store.execute(
            "INSERT INTO data_ext_def (owner, folded, name, type, objects, more) VALUES (?, ?, ?, ?, ?, ?)",
            (owner, name.casefold(), name, values["DataExtType"], json.dumps(objects), json.dumps(more)),
        )
        assert cursor.lastrowid is not None
        return Definition(cursor.lastrowid, owner, name, values["DataExtType"], objects, more)

    def redefine(self, values: Values) -> Definition:
        """Change a definition. `values` is the aggregate of DataExtDefMod. Raises 3120, 3180, 3351.

        Values on a kind of record that it is removed from stay (switch company.custom-field-removed-from-object).
        """
        before = self.known(values["OwnerID"], values["DataExtName"])
        removed = set(values.get("RemoveFromObject") or ())
        added = [each for each in values.get("AssignToObject") or () if each not in before.objects]
        objects = (*[each for each in before.objects if each not in removed], *dict.fromkeys(added))
        self._refuse_objects(before.owner, objects)
        name = values.get("DataExtNewName") or before.name
        other = self.find(before.owner, name)
        if other is not None and other.row != before.row:
            raise cannot_save("data extension definition", f"The data extension {name} is already there.")
        more = {**before.more, **{key: values[key] for key in _MORE if values.get(key) is not None}}
        self._books.store.execute(
            "UPDATE data_ext_def SET folded = ?, name = ?, objects = ?, more = ? WHERE row = ?",
            (name.casefold(), name, json.dumps(objects), json.dumps(more), before.row),
        )
        return Definition(before.row, before.owner, name, before.type, objects, more)

    def drop(self, owner: str, name: str | None) -> Definition:
        """Delete a definition with all its values. Raises 3120."""
        definition = self.known(owner, name)
        self._books.store.execute("DELETE FROM data_ext WHERE definition = ?", (definition.row,))
        self._books.store.execute("DELETE FROM data_ext_def WHERE row = ?", (definition.row,))
        return definition

    def definitions(self, owners: Iterable[str] = (), objects: Iterable[str] = ()) -> list[Definition]:
        """Return the definitions of these owners, or on these kinds of objects; all of them without either."""
        rows = self._books.store.execute(f"{_SELECT_DEFINITION} ORDER BY row").fetchall()
        found = [_definition(row) for row in rows]
        wanted_owners, wanted_objects = frozenset(owners), frozenset(objects)
        if wanted_owners:
            found = [each for each in found if each.owner in wanted_owners]
        if wanted_objects:
            found = [each for each in found if not wanted_objects.isdisjoint(each.objects)]
        return found

    def find(self, owner: str, name: str) -> Definition | None:
        """Return a definition, or None."""
        row = self._books.store.execute(
            f"{_SELECT_DEFINITION} WHERE owner = ? AND folded = ?", (owner, name.casefold())
        ).fetchone()
        return _definition(row) if row is not None else None

    def known(self, owner: str, name: str | None) -> Definition:
        """Return a definition that must be there, or refuse with 3120."""
        definition = self.find(owner, name or "")
        if definition is None:
            raise refuse(3120, value=name or "")
        return definition

    @staticmethod
    def _refuse_objects(owner: str, objects: Iterable[str]) -> None:
        if owner == CUSTOM_FIELD:
            for each in objects:
                if each not in CUSTOM_FIELD_OBJECTS:
                    raise refuse(3351, value=each)

    # ---- values ----

    def write(self, values: Values, operation: str) -> Values:
        """Add, change or delete a value. `values` is the aggregate of DataExtAdd, DataExtMod or DataExtDel.

        Returns the DataExtRet, for a delete the DataExtDelRet. Raises 3020 to 3085, 3070, 3120, 3180.
        """
        definition = self.known(values["OwnerID"], values["DataExtName"])
        kind, object_id, line_id, where = self._object(values)
        self._refuse_not_assigned(definition, kind, values)
        execute = self._books.store.execute
        key = (definition.row, kind, object_id, line_id)
        row = execute("SELECT value FROM data_ext WHERE definition = ? AND object = ? AND id = ? AND line_id = ?", key).fetchone()
        if operation == "Add" and row is not None:
            raise cannot_save("data extension", f"The data extension {definition.name} is already there.")
        if operation == "Del" and row is None:
            raise refuse(3120, value=definition.name)
        if operation == "Del":
            execute("DELETE FROM data_ext WHERE definition = ? AND object = ? AND id = ? AND line_id = ?", key)
            self._touch(kind, object_id)
            now = self._books.local_time.text(self._books.now())
            return {"OwnerID": definition.owner, "DataExtName": definition.name, **where, "TimeDeleted": now}
        value = _checked(definition, values["DataExtValue"])
        execute("INSERT OR REPLACE INTO data_ext VALUES (?, ?, ?, ?, ?)", (*key, value))
        self._touch(kind, object_id)
        return _shown(definition, value)

    def _object(self, values: Values) -> tuple[str, str, str, Values]:
        """Return kind, identity and TxnLineID of what a request names, and how a delete tells it again."""
        if values.get("ListDataExtType"):
            kind, reference = values["ListDataExtType"], values.get("ListObjRef") or {}
            record = self._record(kind, reference)
            return kind, record.list_id, "", {"ListDataExtType": kind, "ListObjRef": record.reference}
        if values.get("TxnDataExtType"):
            kind, txn_id = values["TxnDataExtType"], values.get("TxnID") or ""
            transaction = by_id(self._books, txn_id)
            if transaction is None or transaction.kind != kind:
                raise refuse(3120, value=txn_id)
            line_id = values.get("TxnLineID") or ""
            if line_id and line_id not in {line.get("TxnLineID") for line in line_dicts(transaction.lines)}:
                raise refuse(3120, value=line_id)
            where: Values = {"TxnDataExtType": kind, "TxnID": txn_id, **({"TxnLineID": line_id} if line_id else {})}
            return kind, txn_id, line_id, where
        return "Company", "", "", {"OtherDataExtType": "Company"}

    def _record(self, kind: str, reference: Values) -> Record:
        records, family = self._books.records, _FAMILY_OF_OBJECT[kind]
        list_id, name = reference.get("ListID"), reference.get("FullName")
        record = records.by_id(family, list_id) if list_id else records.by_name(family, name or "")
        if record is None or _object_of(record) != kind:
            raise refuse(3120, value=list_id or name or "")
        return record

    def _refuse_not_assigned(self, definition: Definition, kind: str, values: Values) -> None:
        """Refuse an object that the definition is not for; a custom field of a name or item also stands on transactions."""
        if kind in definition.objects:
            return
        if definition.owner == CUSTOM_FIELD and values.get("TxnDataExtType") and definition.objects:
            return
        raise cannot_save("data extension", f"{definition.name} is not a data extension of {kind}.")

    def _touch(self, kind: str, object_id: str) -> None:
        """Save the record that an extension is on: its TimeModified and EditSequence change."""
        now = self._books.now()
        if kind in _FAMILY_OF_OBJECT:
            record = self._books.records.by_id(_FAMILY_OF_OBJECT[kind], object_id)
            assert record is not None
            record.modified = max(now, record.modified)
            self._books.store.execute("UPDATE list_record SET modified = ? WHERE record = ?", (record.modified, record.number))
        elif object_id:
            self._books.store.execute("UPDATE txn SET modified = max(modified, ?) WHERE txn_id = ?", (now, object_id))

    def add_to_transaction(self, transaction: Transaction, extensions: list[tuple[Values | None, Values]]) -> None:
        """Write the extensions that the lines of an Add or Mod bring along."""
        for line, given in extensions:
            definition = self.find(given["OwnerID"], given["DataExtName"] or "")
            if definition is None or not definition.objects:
                raise cannot_save("data extension", "There is no such custom field.")
            self._refuse_not_assigned(definition, transaction.kind, {"TxnDataExtType": transaction.kind})
            value = _checked(definition, given["DataExtValue"])
            line_id = line["TxnLineID"] if line is not None else ""
            self._books.store.execute(
                "INSERT OR REPLACE INTO data_ext VALUES (?, ?, ?, ?, ?)",
                (definition.row, transaction.kind, transaction.txn_id, line_id, value),
            )

    def of_record(self, record: Record, owners: frozenset[str]) -> list[Values]:
        """Return the DataExtRet of a list record, for these owners."""
        return self._read(_object_of(record), record.list_id, owners).get("", [])

    def of_company(self, owners: frozenset[str]) -> list[Values]:
        """Return the DataExtRet of the company itself."""
        return self._read("Company", "", owners).get("", [])

    def put_on_transaction(self, transaction: Transaction, values: Values, owners: frozenset[str]) -> None:
        """Put the DataExtRet of a transaction and of its lines among the values of its answer."""
        found = self._read(transaction.kind, transaction.txn_id, owners)
        values["DataExtRet"] = found.get("", [])
        for line in line_dicts({key: value for key, value in values.items() if key in transaction.lines}):
            if line.get("TxnLineID") in found:
                line["DataExtRet"] = found[line["TxnLineID"]]

    def _read(self, kind: str, object_id: str, owners: frozenset[str]) -> dict[str, list[Values]]:
        rows = self._books.store.execute(
            "SELECT data_ext.line_id, value, data_ext_def.row, owner, name, type, objects, more FROM data_ext"
            " JOIN data_ext_def ON data_ext_def.row = definition WHERE object = ? AND id = ? ORDER BY data_ext_def.row",
            (kind, object_id),
        ).fetchall()
        found: dict[str, list[Values]] = {}
        for line_id, value, *definition in rows:
            each = _definition(tuple(definition))
            if each.owner in owners:
                found.setdefault(line_id, []).append(_shown(each, value))
        return found

    def forget_record(self, record: Record) -> None:
        """Forget the extensions of a record that is deleted."""
        self._books.store.execute("DELETE FROM data_ext WHERE object = ? AND id = ?", (_object_of(record), record.list_id))

    def forget_transaction(self, transaction: Transaction) -> None:
        """Forget the extensions of a transaction that is deleted."""
        self._books.store.execute("DELETE FROM data_ext WHERE object = ? AND id = ?", (transaction.kind, transaction.txn_id))


_MORE: Final = ("DataExtListRequire", "DataExtTxnRequire", "DataExtFormatString")
_SELECT_DEFINITION: Final = "SELECT row, owner, name, type, objects, more FROM data_ext_def"


def _definition(row: tuple[Any, ...]) -> Definition:
    number, owner, name, kind, objects, more = row
    return Definition(number, owner, name, kind, tuple(json.loads(objects)), json.loads(more))


def _object_of(record: Record) -> str:
    return "Item" if record.family == "item" else record.kind


def _shown(definition: Definition, value: str) -> Values:
    return {
        "OwnerID": definition.owner,
        "DataExtName": definition.name,
        "DataExtType": definition.type,
        "DataExtValue": value,
    }


def _checked(definition: Definition, value: str | None) -> str:
    """Return a value that fits the type of its definition, or refuse it with the code of that type."""
    text = value or ""
    longest = _LENGTHS.get(definition.type)
    if longest is not None:
        if len(text) > longest:
            raise refuse(3070, field="DataExtValue", value=text)
        return text
    form, code = _FORMS[definition.type]
    if text and not form.fullmatch(text):
        raise refuse(code, field="DataExtValue", value=text)
    return text
