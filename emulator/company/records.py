"""List records in memory: look-ups by identity and name, and balances.

Rows are read when first asked for and kept; only the code here and in `lists` and `ledger` changes them, in the same transaction as
the file, and a rollback that had written something makes this forget everything. The file is locked while open, so nobody else writes.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from emulator.company.reference_rows import FAMILY_OF
from emulator.company.store import AMONG, Store, array_of

Values = dict[str, Any]

_COLUMNS = (
    "record, family, kind, list_id, name, full_name, parent, active, created, modified, renamed, document, own_cents, total_cents"
)
SELECT_RECORD = f"SELECT {_COLUMNS} FROM list_record JOIN balance USING (record)"

KEPT_MAX = 30_000
"""Records kept in memory at most, some 100 MB; the largest company of Pro and Premier has fewer (14,500 names and as many items)."""

REFERENCES_MAX = 20_000
"""References kept besides, some 8 MB: an answer needs no more than that of the customer of an invoice."""


@dataclass(slots=True)
class Record:
    """One record of a list. Balances are cents; for accounts debit is positive, for vendors what we owe is positive.

    `created` and `modified` are unix seconds.
    """

    number: int
    family: str
    kind: str
    list_id: str
    name: str
    full_name: str
    parent: int | None
    active: bool
    created: int
    modified: int
    renamed: bool
    document: Values
    own_cents: int = 0
    total_cents: int = 0

    @property
    def reference(self) -> Values:
        """What other records hold to point to this one."""
        return {"ListID": self.list_id, "FullName": self.full_name}


class Records:
    """All list records of one company."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._by_number: dict[int, Record] = {}
        self._by_id: dict[tuple[str, str], Record] = {}
        self._by_name: dict[tuple[str, str], Record] = {}
        self._references: dict[int, Values] = {}
        store.after_rollback.append(self._after_rollback)
        self.any_renamed = False
        self._look_for_renamed()

    def _after_rollback(self, wrote: bool) -> None:
        if wrote:
            self.forget()

    def forget(self) -> None:
        """Forget what is kept; the next look-up reads the file."""
        self._by_number.clear()
        self._by_id.clear()
        self._by_name.clear()
        self._references.clear()
        self._look_for_renamed()

    def _look_for_renamed(self) -> None:
        row = self._store.execute("SELECT 1 FROM list_record WHERE renamed LIMIT 1").fetchone()
        self.any_renamed = row is not None

    def keep(self, record: Record) -> Record:
        """Keep a record that was read from the file or has just been written to it."""
        if len(self._by_number) >= KEPT_MAX:
            self.forget()
        self._by_number[record.number] = record
        self._references.pop(record.number, None)
        self._by_id[record.family, record.list_id] = record
        self._by_name[record.family, record.full_name.casefold()] = record
        return record

    def drop(self, record: Record) -> None:
        """Forget one record, because its name is about to change or it is gone."""
        self._by_number.pop(record.number, None)
        self._references.pop(record.number, None)
        self._by_id.pop((record.family, record.list_id), None)
        self._by_name.pop((record.family, record.full_name.casefold()), None)

    def by_number(self, number: int) -> Record:
        """Return the record of a row number that is known to exist."""
        record = self._by_number.get(number) or self.standing(number)
        assert record is not None, f"list record {number} is referred to and not there"
        return record

    def standing(self, number: int) -> Record | None:
        """Return the record of a row number, or None when it is gone."""
        kept = self._by_number.get(number)
        return kept if kept is not None else self._read("record = ?", (number,))

    def reference_of(self, number: int) -> Values:
        """Return the reference to the record of a row number that is known to exist, without keeping the record. Do not change it."""
        kept = self._by_number.get(number)
        if kept is not None:
            return kept.reference
        if number not in self._references:
            self.read_references((number,))
        assert number in self._references, f"list record {number} is referred to and not there"
        return self._references[number]

    def read_references(self, numbers: Iterable[int | None]) -> None:
        """Read the references to many records at once, for `reference_of`; None stands for none."""
        missing = [
            number
            for number in dict.fromkeys(numbers)
            if number is not None and number not in self._by_number and number not in self._references
        ]
        if len(self._references) + len(missing) > REFERENCES_MAX:
            self._references.clear()
        statement = f"SELECT record, list_id, full_name FROM list_record WHERE record {AMONG}"
        for number, list_id, full_name in self._store.execute(statement, (array_of(missing),)) if missing else ():
            self._references[number] = {"ListID": list_id, "FullName": full_name}

    def by_id(self, family: str, list_id: str) -> Record | None:
        """Return the record with a ListID, or None."""
        kept = self._by_id.get((family, list_id))
        return kept if kept is not None else self._read("family = ? AND list_id = ?", (family, list_id))

    def by_name(self, family: str, full_name: str) -> Record | None:
        """Return the record with a FullName, whatever its case, or None."""
        folded = full_name.casefold()
        kept = self._by_name.get((family, folded))
        return kept if kept is not None else self._read("family = ? AND folded = ?", (family, folded))

    def _read(self, where: str, parameters: tuple[object, ...]) -> Record | None:
        row = self._store.execute(f"{SELECT_RECORD} WHERE {where}", parameters).fetchone()
        return self.keep(self.from_row(row)) if row is not None else None

    def from_row(self, row: tuple[Any, ...]) -> Record:
        """Return the record of a row of SELECT_RECORD, the kept one if there is one. A new one is not kept: a query passes over many."""
        kept = self._by_number.get(row[0])
        if kept is not None:
            return kept
        document = json.loads(row[11])
        (
            number,
            family,
            kind,
            list_id,
            name,
            full_name,
            parent,
            active,
            created,
            modified,
            renamed,
            _text,
            own_cents,
            total_cents,
        ) = row
        record = Record(
            number, family, kind, list_id, name, full_name, parent, bool(active), created, modified, bool(renamed), document
        )
        record.own_cents, record.total_cents = own_cents, total_cents
        return record

    def chain(self, record: Record) -> Iterable[Record]:
        """Yield a record's ancestors, nearest first."""
        parent = record.parent
        while parent is not None:
            above = self.by_number(parent)
            yield above
            parent = above.parent

    def with_descendants(self, record: Record) -> list[int]:
        """Return the row numbers of a record and everything below it."""
        rows = self._store.execute(
            "WITH RECURSIVE below (record) AS (VALUES (?) UNION ALL SELECT child.record FROM list_record AS child"
            " JOIN below ON child.parent = below.record) SELECT record FROM below",
            (record.number,),
        )
        return [row[0] for row in rows]

    def fresh(self, values: Values) -> Values:
        """Return document values with the FullName of every reference as it is now: a renamed customer shows in old invoices too."""
        return {name: self._fresh_value(name, value) for name, value in values.items()}

    def _fresh_value(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            if name in FAMILY_OF and "ListID" in value:
                record = self.by_id(FAMILY_OF[name], value["ListID"])
                return record.reference if record is not None else value
            return self.fresh(value)
        if isinstance(value, list):
            return [
                (each[0], self.fresh(each[1])) if isinstance(each, tuple) else self._fresh_value(name, each) for each in value
            ]
        return value
