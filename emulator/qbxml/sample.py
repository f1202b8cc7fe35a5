"""Valid content made from the data: for every message at every version the smallest instance and the fullest ones.

For tests of ours and of users (a connector that must read every answer), and for load: nothing here knows business rules, so
QuickBooks may well answer an instance with an error status; it is only never refused as a document.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from emulator.qbxml.messages import Answer, Request
from emulator.qbxml.schema import Attribute, Choice, Message, Model, Node, schema_of
from emulator.qbxml.status import of
from emulator.qbxml.values import SCALE
from emulator.qbxml.versions import Version

Size = Literal["smallest", "fullest"]

REPEATS = 2
"""How often the fullest instance holds what may be repeated without end."""

_VARIANTS_MAX = 12
_TEXT = 'Grünwald & Söhne <"quoted"> \'til 5'
_TEXT_LENGTH = 40


def sample_request(version: Version, name: str, size: Size, variant: int = 0) -> Request:
    """Return a request of that name; `variant` says which branch of its choices is taken. KeyError when the version lacks it."""
    message = _message(version, name)
    values = _Maker(size, variant).aggregate(message.children, ())
    attributes = {"requestID": "1"} if size == "fullest" else {}
    return Request(name, message.noun, message.operation, attributes, values)


def sample_answer(version: Version, name: str, size: Size, variant: int = 0) -> Answer:
    """Return an answer of that name, status 0."""
    message = _message(version, name)
    maker = _Maker(size, variant)
    records: list[tuple[str, object]] = []
    for part in message.children:
        for key, value in maker.aggregate((part,), ()).items():
            if "|" in key:
                assert isinstance(value, list)
                records += value
            elif isinstance(part, Node) and part.repeats:
                assert isinstance(value, list)
                records += [(key, item) for item in value]
            else:
                records.append((key, value))
    attributes = {}
    if size == "fullest":
        names = {attribute.name for attribute in message.attributes}
        fill = {"requestID": "1", "retCount": "2", "iteratorRemainingCount": "3", "iteratorID": _GUID}
        attributes = {key: text for key, text in fill.items() if key in names}
    return Answer(name, of(0), attributes, records)


def variants(version: Version, name: str) -> range:
    """Return the variants of the fullest instance that differ: as many as its largest choice has branches."""
    return range(min(_VARIANTS_MAX, max(_branch_counts(_message(version, name).children, 0), default=1)))


def _message(version: Version, name: str) -> Message:
    message = schema_of(version.schema_number).message(name)
    if message is None:
        raise KeyError(name)
    return message


def _branch_counts(model: Model, depth: int) -> Iterator[int]:
    for part in model:
        if isinstance(part, Choice):
            yield len(part.branches) if part.maximum == 1 else 1
            for branch in part.branches:
                yield from _branch_counts(branch, depth + 1)
        else:
            yield from _branch_counts(part.children, depth + 1)


class _Maker:
    """Fills content models; counts up so that texts and ids differ."""

    def __init__(self, size: Size, variant: int) -> None:
        self.full = size == "fullest"
        self.variant = variant
        self.count = 0

    def aggregate(self, model: Model, attributes: tuple[Attribute, ...]) -> dict[str, object]:
        values: dict[str, object] = {}
        for attribute in attributes:
            if attribute.required or self.full:
                values[f"@{attribute.name}"] = self._attribute(attribute)
        self._fill(model, values)
        return values

    def _fill(self, model: Model, values: dict[str, object]) -> None:
        for part in model:
            if isinstance(part, Choice):
                self._choice(part, values)
            elif part.supported:
                self._element(part, values)

    def _choice(self, choice: Choice, values: dict[str, object]) -> None:
        branches = [branch for branch in choice.branches if all(not isinstance(part, Node) or part.supported for part in branch)]
        if choice.key:
            times = REPEATS if self.full else choice.minimum
            taken = [node for branch in branches for node in branch if isinstance(node, Node)]
            items = [(node.name, self._value(node)) for node in (taken * times if self.full else taken[:times])]
            if items:
                values[choice.key] = items
        elif branches and (self.full or choice.minimum):
            self._fill(branches[self.variant % len(branches)], values)

    def _element(self, node: Node, values: dict[str, object]) -> None:
        times = node.minimum
        if self.full:
            times = REPEATS if node.maximum is None else node.maximum
        if not times:
            return
        if node.repeats:
            values[node.name] = [self._value(node) for _ in range(times)]
            return
        values[node.name] = self._value(node)
        if node.type and self.full:
            for attribute in node.attributes:
                values[f"{node.name}@{attribute.name}"] = self._attribute(attribute)

    def _value(self, node: Node) -> object:
        self.count += 1
        if not node.type:
            return self.aggregate(node.children, node.attributes)
        if node.type in _SCALES:
            return self._number(node, _SCALES[node.type])
        if node.type == "STRTYPE":
            return self._text(node.length_max)
        if node.type == "ENUMTYPE":
            return node.values[self.variant % len(node.values)] if self.full else node.values[0]
        if node.type == "IDTYPE":
            return f"{0x80000000 + self.count:X}-1446676743"
        return _FIXED[node.type]

    def _text(self, longest: int | None) -> str:
        length = (longest if longest is not None else _TEXT_LENGTH) if self.full else 1
        text = f"{self.count:05d} {_TEXT}" if self.full else "x"
        return (text * (length // len(text) + 1))[:length].strip() or "x"

    def _number(self, node: Node, scale: int) -> int:
        largest = Decimal(node.largest) if node.largest else _LARGEST[node.type]
        smallest = Decimal(node.smallest) if node.smallest else Decimal(1)
        return int((largest if self.full else smallest) * scale)

    def _attribute(self, attribute: Attribute) -> str:
        return attribute.values[0] if attribute.values else "1"


_GUID = "{8F3C1B52-0A47-4D6E-9B1C-5E2F7A9D3C10}"
_SCALES = {"AMTTYPE": 100, "PRICETYPE": SCALE, "QUANTYPE": SCALE, "PERCENTTYPE": SCALE, "INTTYPE": 1}
_LARGEST = {
    "AMTTYPE": Decimal("9999999999999.99"),
    "PRICETYPE": Decimal("9999999999.99999"),
    "QUANTYPE": Decimal("9999999999.99999"),
    "PERCENTTYPE": Decimal("9999999999.99999"),
    "INTTYPE": Decimal(2147483647),
}
_FIXED: dict[str, object] = {
    "BOOLTYPE": True,
    "DATETYPE": "2026-02-28",
    "DATETIMETYPE": "2026-02-28T23:59:59-08:00",
    "TIMEINTERVALTYPE": "PT8H30M0S",
    "FLOATTYPE": "1.25",
    "GUIDTYPE": _GUID,
    "UUIDTYPE": _GUID,
    "MACROTYPE": "TxnID:1",
}
