"""The messages of qbXML as data: read from data/, resolved for one version, one message at a time.

A message type is rows of facts, never a class. The files in data/ hold one entry per line; only the line of a message that is
asked for is parsed. Keys of a node in the files:

    n name · t primitive type (absent: it has children) · k children · g children shared under that name in groups.json
    o occurrence: `1`, `?` 0..1, `*` 0..n, `+` 1..n, `a-b` · or branches of a choice · e value list in enums.json
    l longest text, a number or one per edition (QBD is the US edition) · d default · minv, maxv smallest and largest value
    v first version (children inherit the larger) · vo first version whose file shows it, preferred over v · in only these versions
    h what was different before: {"l"|"o": [[last version, value], ...]} · x editions without it · p private
    a always returned · at XML attributes · docreq, dep, new16: marks of the documentation, carried and not used here

Standing: documented (the maker's schema files and annotated samples), cross-checked against recorded traffic.
No content model names one element twice, so every one is deterministic; tests/qbxml/test_schema.py proves it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from emulator.qbxml.versions import number_of

EDITION = "QBD"
"""The edition we play: QuickBooks Desktop, United States."""

Operation = Literal["Add", "Mod", "Query", "Del", "Void", "Merge", "Exec"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """An XML attribute an element may carry; `values` is its value list, empty when it is free text."""

    name: str
    type: str
    required: bool
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One element of a message at one version.

    Attributes:
        name: element name.
        type: primitive type such as STRTYPE; "" for an element with children.
        minimum: how often it must occur.
        maximum: how often it may occur; None is without end.
        children: its children in their order, for an element with children.
        attributes: XML attributes it may carry.
        values: value list of an ENUMTYPE.
        length_max: longest text in characters; None is without limit.
        smallest: smallest number as text; "" is without limit.
        largest: largest number as text; "" is without limit.
        default: what QuickBooks takes when the element is left out; "" when it is not known.
        supported: our edition has it; otherwise the parse takes it and a warning says so (status 530).
        always: in an answer it is always returned.
        repeats: it may occur more than once in some version, so its value is always a list.
    """

    name: str
    type: str
    minimum: int
    maximum: int | None
    children: "Model"
    attributes: tuple[Attribute, ...]
    values: tuple[str, ...]
    length_max: int | None
    smallest: str
    largest: str
    default: str
    supported: bool
    always: bool
    repeats: bool


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Branches of which one is taken each time; `key` names the list of a repeated choice among an aggregate's values."""

    branches: tuple["Model", ...]
    minimum: int
    maximum: int | None
    key: str


Model = tuple[Node | Choice, ...]
"""Children in their order, which is mandatory."""


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """A request (`...Rq`) or an answer (`...Rs`) at one version.

    Attributes:
        name: "InvoiceAddRq".
        noun: "Invoice".
        operation: what is done to it.
        kind: list, txn, report, subscription or other.
        children: its children in their order.
        attributes: its XML attributes.
        records: names of the records an answer holds ("InvoiceRet").
        supported: our edition has it (otherwise status 1030).
    """

    name: str
    noun: str
    operation: Operation
    kind: str
    children: Model
    attributes: tuple[Attribute, ...]
    records: tuple[str, ...]
    supported: bool


class Schema:
    """All messages of one version. Make it with `schema_of`, which keeps one per version.

    Args:
        number: a version number of `VERSIONS` that is its own schema ("16.0", not "15.0").
    """

    def __init__(self, number: str) -> None:
        self.number = number
        self._limit = number_of(number)
        self._messages: dict[str, Message | None] = {}
        self._groups: dict[tuple[str, tuple[int, int]], Model] = {}

    def message(self, name: str) -> Message | None:
        """Return the message of that name, or None when this version does not have it (private ones included)."""
        if name not in self._messages:
            self._messages[name] = self._resolve(name)
        return self._messages[name]

    def requests(self, *, subscription: bool = False) -> Iterator[str]:
        """Return the names of the public requests of this version, subscription requests apart from the others."""
        for name in message_names("Rq"):
            message = self.message(name)
            if message is not None and (message.kind == "subscription") is subscription:
                yield name

    def _resolve(self, name: str) -> Message | None:
        row = _entry("messages.json", name)
        if row is None or row.get("p") or number_of(row["v"]) > self._limit:
            return None
        since = number_of(row["v"])
        return Message(
            name=name,
            noun=row["object"],
            operation=row["verb"],
            kind=row["class"],
            children=self._model(row["k"], since),
            attributes=self._attributes(row["at"]),
            records=tuple(row["ret"]),
            supported=EDITION not in row.get("x", ()),
        )

    def resolve(self, rows: list[dict[str, Any]]) -> Model:
        """Return a content model that is no message (sign-on, events) at this version."""
        return self._model(rows, (1, 0))

    def _model(self, rows: list[dict[str, Any]], since: tuple[int, int]) -> Model:
        result: list[Node | Choice] = []
        for row in rows:
            first = max(since, number_of(row.get("vo") or row["v"])) if "v" in row or "vo" in row else since
            if (
                first > self._limit
                or row.get("p")
                or ("in" in row and self.number not in _nearest_stored(row["in"], self.number))
            ):
                continue
            part = self._choice(row, first) if "or" in row else self._node(row, first)
            if part is not None:
                result.append(part)
        return tuple(result)

    def _choice(self, row: dict[str, Any], since: tuple[int, int]) -> Choice | None:
        minimum, maximum = _bounds(self._then(row, "o"))
        branches = tuple(branch for branch in (self._model(each, since) for each in row["or"]) if branch)
        if not branches:
            return None
        key = "|".join(node["n"] for branch in row["or"] for node in branch if not node.get("p")) if maximum is None else ""
        return Choice(branches, minimum, maximum, key)

    def _node(self, row: dict[str, Any], since: tuple[int, int]) -> Node:
        minimum, maximum = _bounds(self._then(row, "o"))
        length = self._then(row, "l")
        if isinstance(length, dict):
            length = length.get(EDITION)
        return Node(
            name=row["n"],
            type=row.get("t", ""),
            minimum=minimum,
            maximum=maximum,
            children=self._children(row, since),
            attributes=self._attributes(row.get("at", {})),
            values=self._values(row["e"]) if "e" in row else (),
            length_max=length,
            smallest=row.get("minv", ""),
            largest=row.get("maxv", ""),
            default=row.get("d", ""),
            supported=EDITION not in row.get("x", ()),
            always=bool(row.get("a")),
            repeats=_bounds(row["o"])[1] != 1,
        )

    def _children(self, row: dict[str, Any], since: tuple[int, int]) -> Model:
        if "k" in row:
            return self._model(row["k"], since)
        if "g" not in row:
            return ()
        key = (row["g"], since)
        if key not in self._groups:
            group = _entry("groups.json", row["g"])
            assert group is not None, row["g"]
            self._groups[key] = self._model(group, since)
        return self._groups[key]

    def _then(self, row: dict[str, Any], key: str) -> Any:
        """Return a value as it was at this version: the history lists the last version up to which it was different."""
        past = [(number_of(last), value) for last, value in row.get("h", {}).get(key, ()) if number_of(last) >= self._limit]
        return min(past, key=lambda each: each[0])[1] if past else row.get(key)

    def _attributes(self, rows: dict[str, dict[str, Any]]) -> tuple[Attribute, ...]:
        return tuple(
            Attribute(name, row["t"], bool(row.get("req")), self._values(row["e"]) if "e" in row else ())
            for name, row in rows.items()
            if number_of(row.get("v", "1.0")) <= self._limit
        )

    def _values(self, name: str) -> tuple[str, ...]:
        row = _entry("enums.json", name)
        assert row is not None, name
        since, private = row.get("since", {}), row.get("private", ())
        return tuple(
            value for value in row["values"] if number_of(since.get(value, "1.0")) <= self._limit and value not in private
        )


@cache
def schema_of(number: str) -> Schema:
    """Return the schema of a version number; the same one every time, since it only depends on the data."""
    return Schema(number)


@cache
def message_names(ending: str) -> tuple[str, ...]:
    """Return the names of all messages that end so ("Rq" or "Rs"), private and newer ones included, in the data's order."""
    return tuple(name for name in _lines("messages.json") if name.endswith(ending))


def is_private(name: str) -> bool:
    """Whether the message exists, but only for the maker's own programs."""
    row = _entry("messages.json", name)
    return row is not None and bool(row.get("p"))


def public_requests() -> list[str]:
    """Return the names of all public requests, in the order of the schema."""
    return [name for name in message_names("Rq") if not is_private(name)]


def first_version(name: str) -> str | None:
    """Return the first version that has the message, or None when no version has it."""
    row = _entry("messages.json", name)
    return None if row is None else str(row["v"])


def rows_of(name: str) -> list[dict[str, Any]]:
    """Return the rows of what stands around the messages: SignonMsgsRq, SignonMsgsRs or QBXMLEvents."""
    entry = _entry("document.json", name)
    return entry["k"] if isinstance(entry, dict) else entry  # type: ignore[no-any-return]


def status_rows() -> dict[str, dict[str, Any]]:
    """Return the rows of the status table by code."""
    return {code: json.loads(line) for code, line in _lines("status_codes.json").items()}


def elements_of(model: Model) -> dict[str, Node]:
    """Return the elements of a content model by name, those of its choices included."""
    found: dict[str, Node] = {}
    for part in model:
        if isinstance(part, Choice):
            for branch in part.branches:
                found.update(elements_of(branch))
        else:
            found[part.name] = part
    return found


def _bounds(occurrence: str) -> tuple[int, int | None]:
    """Return smallest and largest number of occurrences; None is without end."""
    if "-" in occurrence:
        smallest, largest = occurrence.split("-")
        return int(smallest), int(largest)
    return _BOUNDS[occurrence]


def _nearest_stored(versions: list[str], number: str) -> tuple[str, ...]:
    """Return the versions an `in` mark stands for.

    The mark lists versions whose files are known; a version between two listed ones, or older than the first one,
    has the element too (1.0, 1.1 and 2.1 have no file).
    """
    last = max(map(number_of, versions))
    return (number,) if number_of(number) <= last else ()


@cache
def _lines(name: str) -> Mapping[str, str]:
    """Return the unparsed entries of a data file by name."""
    text = (files("emulator.qbxml") / "data" / name).read_text(encoding="utf-8")
    entries = {}
    for line in text.splitlines()[1:-1]:
        key, _, value = line.partition('":')
        entries[key[1:]] = value.rstrip(",")
    return entries


@cache
def _entry(file: str, name: str) -> Any:
    """Return one parsed entry of a data file, or None. Nobody changes what it returns."""
    line = _lines(file).get(name)
    return None if line is None else json.loads(line)


_BOUNDS: dict[str, tuple[int, int | None]] = {"1": (1, 1), "?": (0, 1), "*": (0, None), "+": (1, None)}
