"""The nearest valid form of an element: what was meant, as far as the schema tells.

Names are put right, what stands beside its aggregate is put into it, the rest comes into its order, of a choice the branch that stands first
stays. What has no place goes, and what is required and missing is filled in with an example: comments say so. Only for people: nothing is
performed with it.
"""

from collections.abc import Callable, Iterable
from copy import deepcopy
from itertools import islice
from typing import Final

from lxml import etree

from emulator.qbxml.diagnosis import stray_text, tag
from emulator.qbxml.explain import may_be_empty, open_names
from emulator.qbxml.meant import Meant, name_meant, text_meant, value_meant
from emulator.qbxml.schema import Attribute, Choice, Message, Model, Node, elements_of
from emulator.qbxml.switches import Choices

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
    """Return the nearest valid form as indented XML, of a long one the lines around the first difference; "" for one too large.

    Comments say what is an example, what of a value is not as it was, and what is left out.
    """
    if sum(1 + len(each.attrib) for each in islice(element.iter(), ELEMENTS_MAX + 1)) > ELEMENTS_MAX:
        return ""
    correction = _Correction(choices)
    lines = _lines_of(correction.element(element, node), correction)
    return shortened(lines, _first_difference(lines, _lines_of(_bare(element))))


def leaf_form(node: Node, meant: Meant | None) -> str:
    """Return one leaf as XML with the text that was meant, or an example that is marked as one."""
    correction = _Correction(_DEFAULTS)
    made = etree.Element(node.name)
    correction.write(made, node, meant)
    return "\n".join(_lines_of(made, correction))


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


class _Correction:
    """Makes a valid form.

    Attributes:
        notes: what people must know of an element that was made.
        left_out: names of the elements that an element lost.
    """

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self.notes: dict[etree._Element, str] = {}
        self.left_out: dict[etree._Element, list[str]] = {}

    def write(self, made: etree._Element, node: Node, meant: Meant | None) -> None:
        """Write the text of a leaf: what was meant, or an example."""
        if meant is None:
            self._example(made, node)
            return
        made.text = meant.text
        if meant.note:
            self.notes[made] = meant.note

    def _example(self, made: etree._Element, node: Node) -> None:
        made.text = next(filter(None, map(self._taken(node), (*node.values[:1], EXAMPLES[node.type], node.smallest, "1"))))
        if made.text != EXAMPLES["STRTYPE"]:
            self.notes[made] = "an example"

    def _taken(self, node: Node) -> Callable[[str], str]:
        def text_if_taken(text: str) -> str:
            return text if text and text_meant(node, text, self._choices) == Meant(text) else ""

        return text_if_taken

    def element(self, element: etree._Element, node: Node | Message) -> etree._Element:
        made = etree.Element(node.name)
        self._attributes(made, dict(_pairs(element)), node.attributes)
        if isinstance(node, Node) and node.type:
            text = "".join(map(str, element.itertext()))
            # An empty element clears the field, or is made full by its macro.
            if text or not (element.attrib or _may_be_clear(node)):
                self.write(made, node, text_meant(node, text, self._choices))
            return made
        pool = self._pool(made, element, node.children)
        self._fill(made, node.children, pool)
        return made

    def least(self, node: Node) -> etree._Element:
        """Return the smallest element of a kind, filled with examples."""
        made = etree.Element(node.name)
        self._attributes(made, {}, node.attributes)
        if node.type:
            self._example(made, node)
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
            right = name if name in known else name_meant(name, known)
            if right and right not in made.attrib and (right == name or right not in given):
                made.set(right, text)
        for attribute in attributes:
            text = made.get(attribute.name, "")
            if attribute.values and attribute.name in made.attrib and text not in attribute.values:
                near = value_meant(text, attribute.values)
                made.set(attribute.name, near or attribute.values[0])
                if not near:
                    self.notes[made] = f"{attribute.name} is an example"
            if attribute.required and attribute.name not in made.attrib:
                made.set(attribute.name, attribute.values[0] if attribute.values else "1")
                self.notes[made] = f"{attribute.name} is an example"

    def _pool(self, made: etree._Element, element: etree._Element, model: Model) -> "_Pool":
        """Return the children by the name that each should have, with their places."""
        known = elements_of(model)
        free = open_names(model, [str(child.tag) for child in element])
        text = stray_text(element)
        if text and not len(element) and "FullName" in known:
            # <CustomerRef>Baker</CustomerRef>: the name is what was meant, and what must not be lost.
            named = etree.Element("FullName")
            named.text = text
            return {"FullName": [(0, named)]}
        pool: _Pool = {}
        homeless: list[tuple[int, etree._Element]] = []
        for place, child in enumerate(element):
            name = str(child.tag)
            right = name if name in known else name_meant(name, free, str(element.tag))
            if right and (name in known or self._holder(name, known) is None):
                pool.setdefault(right, []).append((place, child))
            else:
                homeless.append((place, child))
        self._house(made, pool, homeless, known)
        return pool

    @staticmethod
    def _holder(name: str, known: dict[str, Node]) -> Node | None:
        """Return the only aggregate of a model that has an element of a name; None when there is none, or more than one."""
        holders = [node for node in known.values() if not node.type and name in elements_of(node.children)]
        return holders[0] if len(holders) == 1 else None

    def _house(
        self, made: etree._Element, pool: "_Pool", homeless: list[tuple[int, etree._Element]], known: dict[str, Node]
    ) -> None:
        """Put what stands beside its aggregate into it; what has no place at all is left out."""
        ours: set[etree._Element] = set()
        for place, child in homeless:
            name = str(child.tag)
            holder = self._holder(name, known)
            if holder is None or any(each.find(name) is not None and each not in ours for _, each in pool.get(holder.name, ())):
                self.left_out.setdefault(made, []).append(name)
                continue
            given = pool.setdefault(holder.name, [])
            if not given:
                given.append((place, etree.Element(holder.name)))
            elif given[-1][1] not in ours:
                given[-1] = (given[-1][0], deepcopy(given[-1][1]))
            around = given[-1][1]
            ours.add(around)
            around.append(deepcopy(child))

    def _fill(self, made: etree._Element, model: Model, pool: "_Pool") -> None:
        for part in model:
            if isinstance(part, Choice):
                self._choice(made, part, pool)
                continue
            given = pool.pop(part.name, [])
            for _, child in given[: part.maximum]:
                made.append(self.element(child, part))
            self.left_out.setdefault(made, []).extend(str(child.tag) for _, child in given[part.maximum or len(given) :])
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
        self.left_out.setdefault(made, []).extend(name for _, name in waiting)
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


def _may_be_clear(node: Node) -> bool:
    """Whether an empty element of this kind clears the field, instead of being a mistake."""
    return node.type not in ("INTTYPE", "GUIDTYPE", "ENUMTYPE")


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


def _lines_of(element: etree._Element, correction: _Correction | None = None) -> list[str]:
    """Return an element as indented lines, with what people must know of it as comments."""
    notes = correction.notes if correction is not None else {}
    left_out = correction.left_out if correction is not None else {}
    for each, names in left_out.items():
        if names:
            each.append(_comment("left out: " + ", ".join(map(tag, dict.fromkeys(names)))))
    etree.indent(element, "  ")
    for each, note in notes.items():
        if each is not element:
            behind = _comment(note)
            behind.tail, each.tail = each.tail, None
            each.addnext(behind)
            each.tail = " "
    lines = etree.tostring(element, encoding="unicode").rstrip("\n").split("\n")
    if element in notes:
        lines[-1] += f" <!-- {notes[element]} -->"
    return lines


def _comment(text: str) -> etree._Comment:
    return etree.Comment(f" {text.replace('--', '- -')} ")


def _first_difference(lines: list[str], others: list[str]) -> int:
    return next((place for place, (one, other) in enumerate(zip(lines, others, strict=False)) if one != other), len(lines) - 1)
