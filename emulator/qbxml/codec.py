"""One codec for every message: elements to values and back, driven by the data, both for requests and for answers.

    element tree --decode--> {"CustomerRef": {"FullName": "Kristy Abercrombie"}, "TxnDate": "2026-03-01", ...} --encode--> lines

Shape of values: an aggregate is a dict in schema order. An element that may repeat is always a list. A repeated choice (line
lists) is one list of (element name, value) under the branch names joined by "|", so that the order between kinds of lines is
kept. XML attributes are keys with a leading "@"; a leaf with an attribute keeps its plain value and has the attribute beside it
as "Name@attribute". Leaves: see values.py. An empty element is None.

A message is compiled once per version into plans: dicts by element name that hold what to do. Nothing is looked up in the schema
while a document is read or written.
"""

import re
from functools import cache

from lxml import etree

from emulator.qbxml import status
from emulator.qbxml.diagnosis import line_of
from emulator.qbxml.formats import writer_of
from emulator.qbxml.ranges import RangeCheck, range_checks_of
from emulator.qbxml.schema import Choice, Message, Model, Node, schema_of
from emulator.qbxml.status import Status
from emulator.qbxml.switches import Choices
from emulator.qbxml.values import BadValue, Reader, Value, Writer, reader_of

Values = dict[str, object]
"""The content of an aggregate."""


class Plan:
    """What to do with each child of one aggregate, compiled from its content model.

    Attributes:
        children: by element name.
        order: the keys of the values in schema order, with the child or (for a repeated choice) None.
        attributes: names of its XML attributes.
        ranges: pairs of From and To children that must not be the wrong way round.
    """

    __slots__ = ("attributes", "children", "order", "ranges")

    def __init__(self, model: Model, attributes: tuple[str, ...], compiler: "_Compiler") -> None:
        self.children: dict[str, Child] = {}
        self.order: list[tuple[str, Child | None]] = []
        self.attributes = attributes
        self._add(model, "", compiler)
        self.ranges: tuple[RangeCheck, ...] = range_checks_of(self.children)

    def _add(self, model: Model, list_key: str, compiler: "_Compiler") -> None:
        for part in model:
            if isinstance(part, Choice):
                key = list_key or part.key
                if key and not list_key:
                    self.order.append((key, None))
                for branch in part.branches:
                    self._add(branch, key, compiler)
            else:
                child = Child(part, list_key, compiler)
                self.children[part.name] = child
                if not list_key:
                    self.order.append((part.name, child))


class Child:
    """What to do with one element.

    Attributes:
        reader: text to value, for a leaf.
        writer: value to unescaped text, for a leaf.
        plan: for an element with children.
        repeats: its value is a list.
        list_key: key of the repeated choice it belongs to, or "".
        attributes: names of XML attributes of a leaf.
        supported: our edition has it.
        opening: "<Name>"
        closing: "</Name>"
        escapes: its text may hold characters that need escaping.
    """

    __slots__ = (
        "attributes", "closing", "escapes", "list_key", "name", "opening", "plan", "reader", "repeats", "supported", "type", "writer",
    )  # fmt: skip

    def __init__(self, node: Node, list_key: str, compiler: "_Compiler") -> None:
        self.name = node.name
        self.type = node.type
        self.list_key = list_key
        self.repeats = node.repeats and not list_key
        self.supported = node.supported
        self.opening = f"<{node.name}>"
        self.closing = f"</{node.name}>"
        attributes = tuple(attribute.name for attribute in node.attributes)
        self.plan: Plan | None = None if node.type else compiler.plan(node.children, attributes)
        self.attributes = attributes if node.type else ()
        assert not (self.attributes and self.repeats), node.name
        self.reader: Reader = reader_of(node, compiler.choices) if node.type else _never
        self.writer: Writer = writer_of(node.type, compiler.choices)
        self.escapes = node.type in _FREE_TEXT


class _Compiler:
    """Makes plans; a content model that several elements share is compiled once."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self._plans: dict[tuple[int, tuple[str, ...]], Plan] = {}

    def plan(self, model: Model, attributes: tuple[str, ...]) -> Plan:
        key = (id(model), attributes)
        if key not in self._plans:
            self._plans[key] = Plan(model, attributes, self)
        return self._plans[key]


@cache
def plan_of(schema_number: str, name: str, choices: Choices) -> Plan:
    """Return the compiled plan of a message; KeyError when the version does not have it."""
    message = schema_of(schema_number).message(name)
    if message is None:
        raise KeyError(name)
    return plan_for(message, choices)


def plan_for(message: Message, choices: Choices) -> Plan:
    """Compile a message."""
    return _Compiler(choices).plan(message.children, tuple(attribute.name for attribute in message.attributes))


def decode(
    element: etree._Element, plan: Plan, warnings: list[Status], *, drop_unsupported: bool = True, lenient: bool = False
) -> Values:
    """Read the children of an element that has passed the structure check.

    Args:
        element: a request, answer or aggregate.
        plan: its plan.
        warnings: gets a status 530 for every field of another edition.
        drop_unsupported: leave such fields out of the values.
        lenient: pass over unknown elements and keep text that does not convert, as a good client reads answers.

    Raises BadValue for the first text that does not convert.
    """
    values: Values = {}
    children = plan.children
    for each in element:
        name: str = each.tag
        child = children.get(name)
        if child is None:
            assert lenient, name  # the structure pass lets nothing unknown through
            continue
        if not child.supported:
            warnings.append(status.of(530, field=name))
            if drop_unsupported:
                continue
        value: Value
        if child.plan is None:
            try:
                value = child.reader(each.text or "") if not child.attributes else _leaf_with_attributes(each, child, values)
            except BadValue as bad:
                if not lenient:
                    bad.line = line_of(each)
                    raise
                value = each.text
        else:
            value = decode(each, child.plan, warnings, drop_unsupported=drop_unsupported, lenient=lenient)
            if child.plan.attributes and each.attrib:
                value = {**{f"@{key!s}": text for key, text in each.attrib.items()}, **value}
        if child.list_key:
            values.setdefault(child.list_key, []).append((name, value))  # type: ignore[attr-defined]
        elif child.repeats:
            values.setdefault(name, []).append(value)  # type: ignore[attr-defined]
        else:
            values[name] = value
    if plan.ranges and not lenient:
        for check in plan.ranges:
            check(values)
    return values


def records_of(values: Values, plan: Plan) -> list[tuple[str, object]]:
    """Lay the children of an answer out in their order, one (name, value) each."""
    records: list[tuple[str, object]] = []
    for key, value in values.items():
        child = plan.children.get(key)
        if child is None:
            assert isinstance(value, list), key
            records += value
        elif child.repeats:
            assert isinstance(value, list), key
            records += [(key, item) for item in value]
        else:
            records.append((key, value))
    return records


def _leaf_with_attributes(element: etree._Element, child: Child, values: Values) -> Value:
    for key, text in element.attrib.items():
        values[f"{child.name}@{key!s}"] = text
    text = element.text or ""
    # A macro stands in for the value (documented), so there is nothing to convert.
    return child.reader(text) if text or not element.attrib else None


def encode(values: Values, plan: Plan, out: list[str], *, empty: bool) -> None:
    """Append one line per tag for the values of an aggregate, in schema order; what the version does not have is left out.

    Args:
        values: the content; any order of keys.
        plan: its plan.
        out: gets the lines.
        empty: write None as an empty element (requests); otherwise leave it out (answers never hold one: observed).
    """
    for key, child in plan.order:
        if key not in values:
            continue
        value = values[key]
        if child is None:
            for name, item in value:  # type: ignore[attr-defined]
                branch = plan.children.get(name)
                if branch is not None:
                    _encode_child(branch, item, out, empty, "")
        elif child.repeats:
            for item in value:  # type: ignore[attr-defined]
                _encode_child(child, item, out, empty, "")
        else:
            attributes = _attributes_beside(child, values) if child.attributes else ""
            _encode_child(child, value, out, empty, attributes)


def encode_child(plan: Plan, name: str, value: object, out: list[str], *, empty: bool) -> bool:
    """Append one child of an aggregate, such as one record of an answer; False when the version does not have it."""
    child = plan.children.get(name)
    if child is None:
        return False
    _encode_child(child, value, out, empty, "")
    return True


def _encode_child(child: Child, value: object, out: list[str], empty: bool, attributes: str) -> None:
    if child.plan is not None:
        _encode_aggregate(child, child.plan, value, out, empty)
    elif value is None:
        if empty or attributes:
            out.append(f"<{child.name}{attributes}></{child.name}>")
    else:
        text = child.writer(value)
        if child.escapes:
            text = escape(text)
        out.append(f"<{child.name}{attributes}>{text}{child.closing}" if attributes else f"{child.opening}{text}{child.closing}")


def _encode_aggregate(child: Child, plan: Plan, value: object, out: list[str], empty: bool) -> None:
    assert isinstance(value, dict), f"{child.name} holds {value!r}"
    attributes = "".join(f' {name}="{escape_attribute(value[at])}"' for name in plan.attributes if (at := f"@{name}") in value)
    if not plan.children:
        out.append(f"<{child.name}{attributes} />")
        return
    place = len(out)
    out.append(f"<{child.name}{attributes}>" if attributes else child.opening)
    encode(value, plan, out, empty=empty)
    if len(out) == place + 1:
        out[place] = f"<{child.name}{attributes} />"  # nothing inside: closed at once, with a space (observed on answers)
    else:
        out.append(child.closing)


def _attributes_beside(child: Child, values: Values) -> str:
    return "".join(
        f' {name}="{escape_attribute(str(values[key]))}"'
        for name in child.attributes
        if (key := f"{child.name}@{name}") in values
    )


def escape(text: str) -> str:
    """Escape as QuickBooks does: quotation marks and apostrophes in element text too (observed)."""
    return text.translate(_ESCAPES) if _SPECIAL(text) else text


def escape_attribute(text: str) -> str:
    """The same for attributes, where line ends must survive as well."""
    return text.translate(_ATTRIBUTE_ESCAPES) if _ATTRIBUTE_SPECIAL(text) else text


def _never(text: str) -> Value:
    raise AssertionError(f"an aggregate has no text of its own: {text!r}")


def bad_value_status(bad: BadValue) -> Status:
    """The status a request with such a value is answered with."""
    return status.of(bad.code, field=bad.field, value=bad.value, from_value=bad.value, to_value=bad.other)


_FREE_TEXT = frozenset(
    {"STRTYPE", "IDTYPE", "ENUMTYPE", "GUIDTYPE", "UUIDTYPE", "MACROTYPE", "DATETIMETYPE", "FLOATTYPE", "DATETYPE"}
)
# Characters that XML cannot carry come out as question marks; a carriage return only survives as a reference.
_ESCAPES: dict[int, str] = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF], "?")
_ESCAPES |= {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;", ord("'"): "&apos;", ord("\r"): "&#13;"}
_ATTRIBUTE_ESCAPES = _ESCAPES | {ord("\n"): "&#10;", ord("\t"): "&#9;"}
_SPECIAL = re.compile("[&<>\"'\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]").search
_ATTRIBUTE_SPECIAL = re.compile("[&<>\"'\x00-\x1f\ufffe\uffff\ud800-\udfff]").search
