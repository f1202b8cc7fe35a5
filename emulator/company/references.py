"""References between records: `CustomerRef` and its like, from what a request says to the record meant.

ListID wins over FullName (documented). What names nothing, or a record of another kind, is answered 3140; what belongs to a feature
that the file does not have, 3250 (features.py). Inactive records: switches company.inactive-by-name and company.inactive-by-id.
"""

from collections.abc import Mapping
from typing import Any, Final

from emulator.company.features import OWN_SERIAL_NUMBER, Features
from emulator.company.list_rows import LISTS
from emulator.company.records import Record, Records, Values
from emulator.company.reference_rows import REFERENCES
from emulator.company.refusals import Refusal, invalid_reference, refuse
from emulator.company.store import AMONG, Store, array_of
from emulator.core.errors import nearest_names
from emulator.core.switches import Setting
from emulator.qbxml.status import Status


class References:
    """Looks up what requests refer to, in one company."""

    def __init__(self, records: Records, settings: Mapping[str, Setting], features: Features) -> None:
        self._records = records
        self.fields_off = features.fields_off
        self._inactive_by_name = settings["company.inactive-by-name"] == "accepted"
        self._inactive_by_id = settings["company.inactive-by-id"] == "accepted"

    def find(self, name: str, value: Values | None, owner: str) -> Record:
        """Return the record that the reference element `name` of a request means; `owner` is the object the message names.

        Raises:
            Refusal: 3140 or 3250.
        """
        given = value or {}
        if name in self.fields_off and given:
            raise refuse(3250)
        return self._meant(name, given.get("ListID"), given.get("FullName"), owner)

    def _meant(self, name: str, list_id: str | None, full_name: str | None, owner: str) -> Record:
        reference = REFERENCES[name]
        if list_id:
            record, accepts_inactive = self._records.by_id(reference.family, list_id), self._inactive_by_id
        elif full_name:
            record, accepts_inactive = self._records.by_name(reference.family, full_name), self._inactive_by_name
        else:
            raise _invalid(name, "", owner)
        if record is None or (reference.kinds and record.kind not in reference.kinds):
            raise _invalid(name, list_id or full_name, owner)
        if not record.active and not accepts_inactive:
            raise _invalid(name, list_id or full_name, owner)
        return record

    def find_optional(self, name: str, values: Values, owner: str) -> Record | None:
        """Return the record of a reference element that may be missing or empty."""
        value = values.get(name)
        if not value:
            return None
        list_id, full_name = value.get("ListID"), value.get("FullName")
        if not list_id and not full_name:
            return None
        if name in self.fields_off:
            raise refuse(3250)
        return self._meant(name, list_id, full_name, owner)

    def held(self, name: str, values: Values) -> Record | None:
        """Return the record that a reference of a stored document points to; None where it has none."""
        value = values.get(name)
        return self._records.by_id(REFERENCES[name].family, value["ListID"]) if value else None

    def refuse_absent(self, values: Values) -> None:
        """Refuse values that use a feature the file does not have (3250); an empty element uses nothing."""
        for name in self.fields_off.intersection(values):
            if values[name] is not None:
                raise refuse(3250)

    def resolved(self, values: Values, owner: str, skip: frozenset[str] = frozenset()) -> Values:
        """Return values with every reference in them looked up and written out; empty elements (None) and `skip` are left out.

        Nested aggregates are walked; lists are taken as they are, except lists of references.
        """
        result: Values = {}
        for name, value in values.items():
            if value is None or name in skip:
                continue
            if name in self.fields_off and not (name == "SerialNumber" and owner in OWN_SERIAL_NUMBER):
                raise refuse(3250)
            result[name] = self._resolved_value(name, value, owner) if isinstance(value, (dict, list)) else value
        return result

    def _resolved_value(self, name: str, value: Any, owner: str) -> Any:
        if isinstance(value, dict):
            if name not in REFERENCES:
                return self.resolved(value, owner)
            if not (value.get("ListID") or value.get("FullName")):
                raise _invalid(name, "", owner)
            return self.find(name, value, owner).reference
        if name in REFERENCES:
            return [self.find(name, each, owner).reference for each in value]
        return [self.resolved(each, owner) if isinstance(each, dict) else each for each in value]


def emptied(name: str, value: Any) -> Any:
    """Return a value of a Mod with everything empty in it as None, which clears: a reference that names nothing, an empty address."""
    if not isinstance(value, dict):
        return value
    if name.endswith("Ref"):
        return value if value.get("ListID") or value.get("FullName") else None
    if not value:
        return None
    return {part: emptied(part, part_value) for part, part_value in value.items()}


def _invalid(name: str, value: str | None, owner: str) -> Refusal:
    return invalid_reference(name, REFERENCES[name].word, value or "", owner)


NAMES_READ_MAX: Final = 20_000
"""Names of a list among which the likest is looked for; more than Pro and Premier can hold."""


def names_of(store: Store, family: str, kinds: frozenset[str]) -> list[str]:
    """Return the full names in a list (of some kinds; none named: of all) in its order, active ones only, at most `NAMES_READ_MAX`."""
    only = f" AND kind {AMONG}" if kinds else ""
    found = store.execute(
        f"SELECT full_name FROM list_record WHERE family = ? AND active{only} ORDER BY sort_key, record LIMIT {NAMES_READ_MAX}",
        (family, *([array_of(kinds)] if kinds else [])),
    )
    return [str(row[0]) for row in found]


def likest_name(store: Store, refused: Status) -> str:
    """Return the name in the file that looks most like the one a reference has named in vain (3140, 3130); "" when none does."""
    value, word = str(refused.slots.get("value") or ""), refused.slots.get("reference" if refused.code == 3140 else "list")
    if refused.code not in (3130, 3140) or not value:
        return ""
    families = {row.family: row.kinds for row in REFERENCES.values() if row.word == word}
    if refused.code == 3130 and word in LISTS:
        families = {LISTS[str(word)].family: frozenset({str(word)})}
    names = [name for family, kinds in families.items() for name in names_of(store, family, kinds)]
    return next(iter(nearest_names(value, names, 1)), "")
