"""What the codec does with each element, compiled from the schema once per message, version and set of switches.

Nothing is looked up in the schema while a document is read or written: a plan is dicts by element name.
"""

from collections.abc import Callable, Mapping
from functools import cache
from operator import itemgetter
from typing import Any, Final

from emulator.qbxml.escapes import escape, is_special
from emulator.qbxml.formats import writer_of
from emulator.qbxml.ranges import RangeCheck, range_checks_of
from emulator.qbxml.schema import Choice, Message, Model, Node, schema_of
from emulator.qbxml.switches import Choices
from emulator.qbxml.values import Reader, Value, needing, reader_of

LineWriter = Callable[[object], str]
"""Value of a leaf to its line in a document."""

SHAPES_MAX: Final = 64
"""Ways of being filled in that are remembered for each aggregate: enough for what one program writes, and bounded."""


class Plan:
    """What to do with the children of one aggregate.

    Attributes:
        children: by element name.
        order: the keys of the values in schema order, with the child, or None for a repeated choice.
        attributes: names of its XML attributes.
        ranges: pairs of From and To children that must not be the wrong way round.
    """

    __slots__ = ("_shapes", "attributes", "children", "order", "ranges")

    def __init__(self, model: Model, attributes: tuple[str, ...], compiler: "_Compiler", depth: int) -> None:
        self.children: dict[str, Child] = {}
        self.order: list[tuple[str, Child | None]] = []
        self.attributes = attributes
        self._add(model, "", compiler, depth, True)
        self.ranges: tuple[RangeCheck, ...] = range_checks_of(self.children)
        self._shapes: dict[tuple[str, ...], Shape] = {}

    def shape_of(self, values: Mapping[str, object]) -> "Shape":
        """Return how values that are filled in like these are written: most aggregates of a kind are filled in alike."""
        keys = tuple(values)
        shape = self._shapes.get(keys)
        if shape is None:
            shape = Shape([each for each in self.order if each[0] in values], with_attributes=bool(self.attributes))
            if len(self._shapes) < SHAPES_MAX:
                self._shapes[keys] = shape
        return shape

    def _add(self, model: Model, list_key: str, compiler: "_Compiler", depth: int, taken: bool) -> None:
        for part in model:
            if isinstance(part, Choice):
                key = list_key or part.key
                if key and not list_key:
                    self.order.append((key, None))
                for branch in part.branches:
                    self._add(branch, key, compiler, depth, taken and part.minimum > 0)
            else:
                child = Child(part, list_key, compiler, depth, taken)
                self.children[part.name] = child
                if not list_key:
                    self.order.append((part.name, child))


class Shape:
    """How the values of an aggregate are written that are filled in alike.

    Attributes:
        steps: in schema order the key, how its line is written where that is all there is to think of, and the child, or None for a
            repeated choice.
        template: of what holds leaves of text and nothing else, such as references and addresses (half of all that is written), its
            lines with a place for each text; else empty.
        texts: picks these texts, a tuple, out of the values.
    """

    __slots__ = ("steps", "template", "texts")

    def __init__(self, order: list[tuple[str, "Child | None"]], *, with_attributes: bool) -> None:
        self.steps: list[tuple[str, LineWriter | None, Child | None]] = [
            (key, child.write_line if child is not None and child.simple else None, child) for key, child in order
        ]
        lines = [
            f"{child.opening}%s{child.closing}" for _key, child in order if child is not None and child.simple and child.is_text
        ]
        is_plain = len(lines) == len(order) > 1 and not with_attributes
        self.template = "\n".join(lines) if is_plain else ""
        self.texts: Callable[[Any], Any] = itemgetter(*(key for key, _child in order)) if is_plain else _never


class Child:
    """What to do with one element.

    Attributes:
        name: element name.
        type: primitive type, "" for an element with children.
        reader: text to value, for a leaf.
        write_line: value to "<Name>text</Name>", for a leaf.
        plan: for an element with children.
        attributes: names of XML attributes of a leaf.
        repeats: its value is a list.
        list_key: key of the repeated choice it belongs to, or "".
        supported: our edition has it.
        values: what an enumeration may hold in this version; empty for everything else.
        simple: a leaf with none of the above to think of; nearly all are.
        is_text: a leaf whose value is written as it is, but for what must be escaped.
        opening: "<Name>"
        closing: "</Name>"
    """

    __slots__ = (
        "attributes",
        "closing",
        "is_text",
        "list_key",
        "name",
        "opening",
        "plan",
        "reader",
        "repeats",
        "simple",
        "supported",
        "type",
        "values",
        "write_line",
    )

    def __init__(self, node: Node, list_key: str, compiler: "_Compiler", depth: int, taken: bool) -> None:
        self.name = node.name
        self.type = node.type
        self.list_key = list_key
        self.repeats = node.repeats and not list_key
        self.supported = node.supported
        self.opening = f"<{node.name}>"
        self.closing = f"</{node.name}>"
        attributes = tuple(attribute.name for attribute in node.attributes)
        self.plan: Plan | None = None if node.type else compiler.plan(node.children, attributes, depth + 1)
        self.attributes = attributes if node.type else ()
        assert not (self.attributes and self.repeats), node.name
        self.reader: Reader = reader_of(node, compiler.choices) if node.type else _never
        if node.type and node.minimum and taken and compiler.needs(node, depth):
            self.reader = needing(node, self.reader)
        self.write_line: LineWriter = _line_writer(node.type, self.opening, self.closing, compiler.choices)
        self.values = frozenset(node.values)
        self.is_text = node.type not in _NEVER_TEXT
        self.simple = bool(node.type and node.supported and not (attributes or list_key or self.repeats or self.values))


class _Compiler:
    """Makes plans; a content model that several elements share is compiled once."""

    def __init__(self, choices: Choices, message: Message) -> None:
        self.choices = choices
        self._needs_from = _NEEDS_FROM.get(message.operation) if message.name.endswith("Rq") else None
        self._plans: dict[tuple[int, tuple[str, ...], int], Plan] = {}

    def plan(self, model: Model, attributes: tuple[str, ...], depth: int) -> Plan:
        depth = min(depth, _DEPTH_MAX)
        key = (id(model), attributes, depth)
        if key not in self._plans:
            self._plans[key] = Plan(model, attributes, self, depth)
        return self._plans[key]

    def needs(self, node: Node, depth: int) -> bool:
        """Whether a required leaf at a depth must hold something."""
        if self._needs_from is None or depth < self._needs_from:
            return False
        # An empty identity of a line is that of no line, which the rules answer.
        return self._needs_from == 0 or node.name != "TxnLineID"


_NEEDS_FROM = {"Add": 0, "Mod": 2}
"""Operation -> depth below the request from which a required leaf must hold something (switch qbxml.empty-required-element): in a Mod
inside the aggregates that it sends, for its own elements clear when they are empty."""

_DEPTH_MAX = max(_NEEDS_FROM.values())
"""Below this all depths are alike, and share their plans."""


@cache
def plan_of(schema_number: str, name: str, choices: Choices) -> Plan:
    """Return the plan of a message; KeyError when the version does not have it."""
    message = schema_of(schema_number).message(name)
    if message is None:
        raise KeyError(name)
    return _Compiler(choices, message).plan(message.children, tuple(attribute.name for attribute in message.attributes), 0)


def _line_writer(type_name: str, opening: str, closing: str, choices: Choices) -> LineWriter:
    write = writer_of(type_name, choices)
    if type_name in _NEVER_SPECIAL:
        return lambda value: f"{opening}{write(value)}{closing}"

    def write_text(value: object) -> str:
        text = value if value.__class__ is str else write(value)
        return f"{opening}{escape(text) if is_special(text) else text}{closing}"

    return write_text


def _never(text: str) -> Value:
    raise AssertionError(f"an aggregate has no text of its own: {text!r}")


_NEVER_SPECIAL = frozenset({"AMTTYPE", "PRICETYPE", "QUANTYPE", "PERCENTTYPE", "BOOLTYPE"})
"""Types whose text never needs escaping."""

_NEVER_TEXT = _NEVER_SPECIAL | {"INTTYPE", ""}
"""Types whose value is no text; "" stands for an element with children."""
