"""The nearest valid form of an element: what was meant, as far as the schema tells.

Names are put right (case, one letter), what is not known or stands once too often goes, the rest comes into its order, of a choice the
branch that stands first stays, and what is required and missing is filled in with an example. Only for people: nothing is performed with it.
"""

import re
from collections.abc import Iterable
from copy import deepcopy
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Final

from lxml import etree

from emulator.core.errors import nearest
from emulator.qbxml.explain import may_be_empty, same_but_case
from emulator.qbxml.schema import Attribute, Choice, Message, Model, Node, elements_of
from emulator.qbxml.switches import Choices
from emulator.qbxml.values import BadValue, reader_of

ELEMENTS_MAX: Final = 2_000
"""Elements and attributes of the largest element whose valid form is worked out; a larger one is told by its place alone."""

LINES_MAX: Final = 24
"""Lines of a form that are shown; of a longer one those around the mistake."""

TEXT_MAX: Final = 200
"""Characters of one line that are shown."""

_DEFAULTS = Choices()


def corrected(element: etree._Element, node: Node | Message, choices: Choices = _DEFAULTS) -> etree._Element:
    """Return the nearest valid form of an element; the given one stays as it is.

    Args:
        element: as it came.
        node: what may stand there.
        choices: the switches of this room, which say what a value may be.
    """
    return _Correction(choices).element(element, node)


def form_of(element: etree._Element, node: Node | Message, choices: Choices = _DEFAULTS) -> str:
    """Return the nearest valid form as indented XML, of a long one the lines around the first difference; "" for one too large."""
    if sum(1 + len(each.attrib) for each in islice(element.iter(), ELEMENTS_MAX + 1)) > ELEMENTS_MAX:
        return ""
    made = corrected(element, node, choices)
    lines = _lines_of(made)
    return shortened(lines, _first_difference(lines, _lines_of(_bare(element))))


def example_of(node: Node, text: str = "") -> str:
    """Return one element of that kind as XML, with a text of its own or an example."""
    made = _Correction(_DEFAULTS).least(node)
    if text:
        made.text = text
    return "\n".join(_lines_of(made))


def shortened(lines: list[str], focus: int = 0) -> str:
    """Return lines of XML as one text, no more of them than somebody reads: the first one and those around `focus`."""
    lines = [line if len(line) <= TEXT_MAX else f"{line[:TEXT_MAX]}..." for line in lines]
    if len(lines) <= LINES_MAX:
        return "\n".join(lines)
    first = max(1, min(focus - LINES_MAX // 2, len(lines) - LINES_MAX + 2))
    last = min(len(lines) - 1, first + LINES_MAX - 3)
    before = [f"  <!-- {first - 1} more lines -->"] if first > 1 else []
    after = [f"  <!-- {len(lines) - 1 - last} more lines -->"] if last < len(lines) - 1 else []
    return "\n".join([lines[0], *before, *lines[first:last], *after, lines[-1]])


def nearest_text(node: Node, text: str, choices: Choices = _DEFAULTS) -> str:
    """Return a text that the leaf takes: the given one where it is right, else what was probably meant, else an example."""
    read = reader_of(node, choices)
    for each in _readings(node, text):
        try:
            read(each)
        except BadValue:
            continue
        if not node.values or each in node.values:
            return each
    raise AssertionError(f"no example of {node.type} for {node.name}")


class _Correction:
    def __init__(self, choices: Choices) -> None:
        self._choices = choices

    def element(self, element: etree._Element, node: Node | Message) -> etree._Element:
        made = etree.Element(node.name)
        self._attributes(made, dict(_pairs(element)), node.attributes)
        if isinstance(node, Node) and node.type:
            text = "".join(map(str, element.itertext()))
            # An empty element clears the field, or is made full by its macro.
            if text or not (element.attrib or _may_be_clear(node)):
                made.text = nearest_text(node, text, self._choices)
            return made
        self._fill(made, node.children, self._pool(element, node.children))
        return made

    def least(self, node: Node) -> etree._Element:
        """Return the smallest element of a kind, filled with examples."""
        made = etree.Element(node.name)
        self._attributes(made, {}, node.attributes)
        if node.type:
            made.text = nearest_text(node, EXAMPLES[node.type] if not node.values else node.values[0], self._choices)
            return made
        self._fill(made, node.children, {})
        known = elements_of(node.children)
        if not len(made) and node.name.endswith("Ref") and "FullName" in known:
            # A reference may be empty by the schema, and then names nothing.
            made.append(self.least(known["FullName"]))
        return made

    def _attributes(self, made: etree._Element, given: dict[str, str], attributes: tuple[Attribute, ...]) -> None:
        known = tuple(attribute.name for attribute in attributes)
        for name, text in given.items():
            right = name if name in known else same_but_case(name, known) or nearest(name, known) or ""
            if right and right not in made.attrib and (right == name or right not in given):
                made.set(right, text)
        for attribute in attributes:
            text = made.get(attribute.name, "")
            if attribute.values and attribute.name in made.attrib and text not in attribute.values:
                near = same_but_case(text, attribute.values) or nearest(text, attribute.values)
                made.set(attribute.name, near or attribute.values[0])
            if attribute.required and attribute.name not in made.attrib:
                made.set(attribute.name, attribute.values[0] if attribute.values else "1")

    def _pool(self, element: etree._Element, model: Model) -> "_Pool":
        """Return the children by the name that each should have, with their places."""
        known = elements_of(model)
        tags = [str(child.tag) for child in element]
        pool: _Pool = {}
        for place, (tag, child) in enumerate(zip(tags, element, strict=True)):
            right = tag if tag in known else same_but_case(tag, tuple(known))
            if not right:
                near = nearest(tag, (name for name in known if name not in tags)) or ""
                right = near if near and _one_slip(tag, near) else ""
            if right:
                pool.setdefault(right, []).append((place, child))
        return pool

    def _fill(self, made: etree._Element, model: Model, pool: "_Pool") -> None:
        for part in model:
            if isinstance(part, Choice):
                self._choice(made, part, pool)
                continue
            given = pool.pop(part.name, [])
            for _, child in given[: part.maximum]:
                made.append(self.element(child, part))
            for _ in range(part.minimum - len(given)):
                made.append(self.least(part))

    def _choice(self, made: etree._Element, choice: Choice, pool: "_Pool") -> None:
        names = [set(elements_of(branch)) for branch in choice.branches]
        waiting = sorted((place, name) for each in names for name in each for place, _ in pool.get(name, ()))
        count = 0
        while waiting and (choice.maximum is None or count < choice.maximum):
            taken = next(number for number, each in enumerate(names) if waiting[0][1] in each)
            # Of a choice that repeats each round takes one of its elements; of another one all that belong to the branch.
            run = waiting[:1] if choice.maximum != 1 else [each for each in waiting if each[1] in names[taken]]
            mine: _Pool = {}
            for place, name in run:
                mine.setdefault(name, []).append((place, next(child for at, child in pool[name] if at == place)))
            self._fill(made, choice.branches[taken], mine)
            waiting = [each for each in waiting if each not in run]
            count += 1
        for name in set().union(*names):
            pool.pop(name, None)
        if not any(map(may_be_empty, choice.branches)):
            # An example names a record, rather than giving an identity that nobody knows by heart.
            branch = next((b for b, each in zip(choice.branches, names, strict=True) if each == {"FullName"}), choice.branches[0])
            for _ in range(choice.minimum - count):
                self._fill(made, branch, {})


_Pool = dict[str, list[tuple[int, etree._Element]]]
"""Element name -> the children that are meant by it, with their places."""

EXAMPLES: Final = {
    "STRTYPE": "...",
    "ENUMTYPE": "",
    "IDTYPE": "80000001-1446676743",
    "BOOLTYPE": "true",
    "DATETYPE": "2026-02-28",
    "DATETIMETYPE": "2026-02-28T12:00:00",
    "TIMEINTERVALTYPE": "PT8H30M",
    "AMTTYPE": "1.00",
    "PRICETYPE": "1.00",
    "QUANTYPE": "1",
    "PERCENTTYPE": "1.00",
    "FLOATTYPE": "1.0",
    "INTTYPE": "1",
    "GUIDTYPE": "{8F3C1B52-0A47-4D6E-9B1C-5E2F7A9D3C10}",
    "UUIDTYPE": "{8F3C1B52-0A47-4D6E-9B1C-5E2F7A9D3C10}",
    "MACROTYPE": "TxnID:1",
}
"""Primitive type -> an example of it."""

_DAYS = ("%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d", "%d %B %Y", "%B %d, %Y", "%Y-%m-%d")
_DECIMALS = {"AMTTYPE": 2, "PRICETYPE": 5, "QUANTYPE": 5, "PERCENTTYPE": 5, "INTTYPE": 0, "FLOATTYPE": 5}
_WORDS = {"yes": "true", "y": "true", "on": "true", "no": "false", "n": "false", "off": "false"}


def _readings(node: Node, text: str) -> Iterable[str]:
    """Yield what a text may have meant, the likeliest first; the last one is an example, which is always right."""
    bare = text.strip()
    yield text
    yield bare
    if node.values:
        yield same_but_case(bare, node.values) or nearest(bare, node.values) or node.values[0]
    elif node.type == "BOOLTYPE":
        yield _WORDS.get(bare.casefold(), bare.casefold())
    elif node.type in ("DATETYPE", "DATETIMETYPE"):
        yield bare[:19].replace(" ", "T")
        yield bare[:10]
        yield from _days(bare)
    elif node.type in _DECIMALS:
        yield from _numbers(node, bare)
    elif node.type == "GUIDTYPE":
        yield "{" + bare.strip("{}") + "}"
    elif node.length_max is not None:
        yield bare[: node.length_max].strip()
    yield EXAMPLES[node.type]
    yield node.smallest or "1"


def _days(text: str) -> Iterable[str]:
    for layout in _DAYS:
        try:
            yield datetime.strptime(text, layout).strftime("%Y-%m-%d")  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue


def _numbers(node: Node, text: str) -> Iterable[str]:
    digits = re.sub(r"[^0-9.,+-]", "", text)
    decimal_comma = "," in digits and "." not in digits and not re.search(r",\d{3}(?:,|$)", digits)
    for each in (digits.replace(",", ".") if decimal_comma else digits.replace(",", ""), digits):
        try:
            number = Decimal(each)
        except InvalidOperation:
            continue
        if not number.is_finite() or number.adjusted() > 20:
            continue
        if node.smallest:
            number = max(number, Decimal(node.smallest))
        if node.largest:
            number = min(number, Decimal(node.largest))
        places = _DECIMALS[node.type]
        rounded = f"{number:.{places}f}"
        # An amount has two decimals; the others have none that they do not need.
        yield rounded if node.type == "AMTTYPE" or not places else rounded.rstrip("0").rstrip(".")


def _may_be_clear(node: Node) -> bool:
    """Whether an empty element of this kind clears the field, instead of being a mistake."""
    return node.type not in ("INTTYPE", "GUIDTYPE", "ENUMTYPE")


def _one_slip(given: str, right: str) -> bool:
    """Whether two names differ so little that one was meant by the other."""
    return nearest(given, (right,)) == right and abs(len(given) - len(right)) <= 2


def _pairs(element: etree._Element) -> Iterable[tuple[str, str]]:
    return ((str(name), str(text)) for name, text in element.attrib.items())


def _bare(element: etree._Element) -> etree._Element:
    copy = deepcopy(element)
    copy.tail = None
    for each in copy.iter():
        if len(each) and not (each.text or "").strip():
            each.text = None
        if not (each.tail or "").strip():
            each.tail = None
    return copy


def _lines_of(element: etree._Element) -> list[str]:
    etree.indent(element, "  ")
    return etree.tostring(element, encoding="unicode").rstrip("\n").split("\n")


def _first_difference(lines: list[str], others: list[str]) -> int:
    return next((place for place, (one, other) in enumerate(zip(lines, others, strict=False)) if one != other), len(lines) - 1)
