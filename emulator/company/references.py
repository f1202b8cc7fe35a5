"""References between records: `CustomerRef` and its like, from what a request says to the record meant.

ListID wins over FullName (documented). What names nothing, or a record of another kind, is answered 3140; what belongs to a feature
that the file does not have, 3250 (features.py). Inactive records: switches company.inactive-by-name and company.inactive-by-id.
"""

from collections.abc import Mapping
from typing import Any

from emulator.company.features import OWN_SERIAL_NUMBER, Features
from emulator.company.records import Record, Records, Values
from emulator.company.reference_rows import REFERENCES
from emulator.company.refusals import Refusal, invalid_reference, refuse
from emulator.core.switches import Setting


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
        reference = REFERENCES[name]
        list_id, full_name = given.get("ListID"), given.get("FullName")
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
        if value is None or not (value.get("ListID") or value.get("FullName")):
            return None
        return self.find(name, value, owner)

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
