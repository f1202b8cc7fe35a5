"""What differs between two company files: records that one of them lacks, and elements that are told otherwise.

Records are the same when they have the same ListID or TxnID; what they tell is compared as a query would tell it, in QuickBooks' own
writing. Rows of a record with an identity (its lines, its links) are known by that; others by their place.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from emulator.company.exchange.answers import VERSION, records_of
from emulator.company.records import Values
from emulator.qbxml import Choices
from emulator.qbxml.codec import encode_child
from emulator.qbxml.plan import plan_of

if TYPE_CHECKING:
    from emulator.company.books import Books

Told = dict[str, str]
"""Place of an element in a record (`InvoiceLineRet[5-1705327200]/Amount`) -> its text."""

COMPANY: Final = "Company"
"""The noun under which the facts of the company itself are compared."""

_FACTS: Final = (
    "name",
    "path_shown",
    "edition",
    "year",
    "timezone",
    "closing_date",
    "seats",
    "legal_name",
    "industry",
    "phone",
    "email",
    "ein",
)
_DEFAULTS: Final = Choices()


@dataclass(frozen=True, slots=True)
class Known:
    """A record of one of the files: noun, identity, name, and what it tells."""

    noun: str
    identity: str
    name: str
    told: Told


@dataclass(frozen=True, slots=True)
class Change:
    """A record of both files that is told otherwise: place -> text in the first, text in the second; None where it is not told."""

    record: Known
    fields: dict[str, tuple[str | None, str | None]]


@dataclass
class Difference:
    """What differs between two files, in the order of their lists."""

    added: list[Known] = field(default_factory=list)
    removed: list[Known] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def known_records(books: "Books") -> dict[tuple[str, str], Known]:
    """Return all that a file tells, by noun and identity; the facts of the company are one record."""
    facts = {name: str(books.facts[name]) for name in _FACTS if books.facts.get(name)}
    facts |= {f"preferences/{name}": str(value) for name, value in (books.facts.get("preferences") or {}).items()}
    found = {(COMPANY, ""): Known(COMPANY, "", str(books.facts["name"]), facts)}
    for noun, records in records_of(books):
        for values in records:
            identity = str(values.get("ListID") or values["TxnID"])
            name = str(values.get("FullName") or values.get("Name") or values.get("RefNumber") or "")
            found[noun, identity] = Known(noun, identity, name, told_of(noun, values))
    return found


def told_of(noun: str, values: Values) -> Told:
    """Return what a record tells, element by element."""
    lines: list[str] = []
    encode_child(plan_of(VERSION, f"{noun}QueryRs", _DEFAULTS), f"{noun}Ret", values, lines, empty=False)
    return dict(_flat(lines))


def _flat(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield place and text of every element of a record that is written one tag a line."""
    above: list[str] = []
    counted: list[dict[str, int]] = [{}]
    for number, line in enumerate(lines):
        found = _TAG.fullmatch(line)
        assert found is not None, line
        if line.startswith("</"):
            above.pop()
            counted.pop()
            continue
        name, text = found["name"], found["text"]
        if text is not None or line.endswith("/>"):
            counted[-1][name] = place = counted[-1].get(name, 0) + 1
            yield "/".join([*above[1:], name if place == 1 else f"{name}[{place}]"]), html.unescape(text or "")
            continue
        counted[-1][name] = place = counted[-1].get(name, 0) + 1
        identity = _IDENTITY.fullmatch(lines[number + 1]) if number + 1 < len(lines) and above else None
        mark = f"[{identity[1]}]" if identity is not None else ("" if place == 1 else f"[{place}]")
        above.append(name + mark)
        counted.append({})


_TAG: Final = re.compile(r"</?(?P<name>\w+)[^>]*>(?:(?P<text>.*)</(?P=name)>)?", re.DOTALL)
_IDENTITY: Final = re.compile(r"<(?:TxnLineID|TxnID|OwnerID|NoteID)>(.*)</\w+>")


def difference_of(one: dict[tuple[str, str], Known], other: dict[tuple[str, str], Known]) -> Difference:
    """Return what has come, gone and changed from one file to the other."""
    difference = Difference(
        added=[known for key, known in other.items() if key not in one],
        removed=[known for key, known in one.items() if key not in other],
    )
    for key, was in one.items():
        is_now = other.get(key)
        if is_now is None or was.told == is_now.told:
            continue
        places = [*was.told, *(place for place in is_now.told if place not in was.told)]
        fields = {
            place: (was.told.get(place), is_now.told.get(place))
            for place in places
            if was.told.get(place) != is_now.told.get(place)
        }
        difference.changed.append(Change(is_now, fields))
    return difference
