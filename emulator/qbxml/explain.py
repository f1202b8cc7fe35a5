"""Say what is wrong with a message that the structure pass refused: the place, what was found, what could have stood there.

This is a second reading of the same rules, in Python and only for refused documents; tests compare its verdicts with those of the
compiled XSD over every message.
"""

from dataclasses import dataclass

from lxml import etree

from emulator.core.errors import nearest
from emulator.qbxml.diagnosis import Diagnosis, line_of
from emulator.qbxml.schema import Attribute, Choice, Message, Model, Node, schema_of
from emulator.qbxml.versions import VERSIONS


def explain(element: etree._Element, message: Message, path: str, *, value_lists: bool = True) -> Diagnosis | None:
    """Return what is wrong with the structure of a message, or None when nothing is.

    Args:
        element: its root element.
        message: the message at the declared version.
        path: elements above it, joined by "/".
        value_lists: values of ENUMTYPE elements count.
    """
    newest = schema_of(VERSIONS[-1]).message(message.name)
    newer = newest.children if newest is not None else ()
    return _Reading(value_lists).aggregate(element, message.children, message.attributes, newer, f"{path}/{message.name}")


@dataclass(slots=True)
class _Reading:
    value_lists: bool

    def aggregate(
        self, element: etree._Element, model: Model, attributes: tuple[Attribute, ...], newer: Model, path: str
    ) -> Diagnosis | None:
        problem = _attributes(element, attributes, path)
        if problem is not None:
            return problem
        children = list(element)
        texts = [element.text, *(child.tail for child in children)]
        if any(text and text.strip() for text in texts):
            text = next(text for text in texts if text and text.strip()).strip()
            return Diagnosis("text stands between elements", line_of(element), path, repr(text[:40]))
        known = _elements_of(model)
        for child in children:
            if child.tag in known:
                problem = self._child(child, known[str(child.tag)], _elements_of(newer), path)
                if problem is not None and _before_mismatch(children, child, model):
                    return problem
        return _sequence_problem(element, children, model, newer, path)

    def _child(self, element: etree._Element, node: Node, newer: dict[str, Node], path: str) -> Diagnosis | None:
        path = f"{path}/{node.name}"
        if not node.type:
            later = newer[node.name].children if node.name in newer else ()
            return self.aggregate(element, node.children, node.attributes, later, path)
        problem = _attributes(element, node.attributes, path)
        if problem is not None:
            return problem
        if len(element):
            return Diagnosis("this element holds text only", line_of(element[0]), path, f"<{element[0].tag!s}>")
        if self.value_lists and node.values and (element.text or "") not in node.values:
            text = element.text or ""
            return Diagnosis(
                "the value is not in the list",
                line_of(element),
                path,
                repr(text),
                node.values,
                nearest(text, node.values) or "",
            )
        return None


def _attributes(element: etree._Element, attributes: tuple[Attribute, ...], path: str) -> Diagnosis | None:
    known = {attribute.name: attribute for attribute in attributes}
    line = line_of(element)
    for name in element.attrib:
        text = element.get(name, "")
        attribute = known.get(str(name))
        if attribute is None:
            return Diagnosis("unknown attribute", line, path, str(name), tuple(known), nearest(str(name), known) or "")
        if attribute.values and text not in attribute.values:
            where = f"{path}@{name!s}"
            return Diagnosis(
                "the value is not in the list",
                line,
                where,
                repr(text),
                attribute.values,
                nearest(str(text), attribute.values) or "",
            )
    missing = next((a.name for a in attributes if a.required and a.name not in element.attrib), None)
    return Diagnosis("a required attribute is missing", line, path, expected=(missing,)) if missing else None


def _before_mismatch(children: list[etree._Element], child: etree._Element, model: Model) -> bool:
    """Whether this child stands before the place where the order breaks, so that what is wrong inside it comes first."""
    matcher = _Matcher([str(each.tag) for each in children])
    matcher.sequence(model)
    return children.index(child) < (matcher.stopped if matcher.missing else matcher.place) or (
        not matcher.missing and matcher.place == len(children)
    )


def _sequence_problem(
    element: etree._Element, children: list[etree._Element], model: Model, newer: Model, path: str
) -> Diagnosis | None:
    matcher = _Matcher([str(child.tag) for child in children])
    matcher.sequence(model)
    place = matcher.stopped if matcher.missing else matcher.place
    if not matcher.missing and place == len(children):
        return None
    expected = tuple(dict.fromkeys(matcher.expected.get(place, ())))
    if place == len(children):
        return Diagnosis("a required element is missing", line_of(element), path, f"</{element.tag!s}>", expected)
    found = str(children[place].tag)
    known = _elements_of(model)
    problem, near = "this element is not expected here", ""
    if found not in known:
        if found in _elements_of(newer):
            problem = "this element is newer than the declared version"
        else:
            problem, near = "unknown element", nearest(found, known) or ""
    elif found in [str(child.tag) for child in children[:place]]:
        problem = "this element stands here once too often, or after its place"
    elif matcher.missing:
        problem = "a required element is missing before this one, or the order is wrong"
    elif found not in expected:
        problem = "this element comes too late, or belongs to another branch of a choice"
    return Diagnosis(problem, line_of(children[place]), path, f"<{found}>", expected, near)


class _Matcher:
    """Reads child names against a content model. No name occurs twice in a model, so the first fit is the only one.

    Attributes:
        place: how many names were read.
        expected: place -> names that would have fitted there, in schema order.
        missing: a required part was not there.
        stopped: the place where it was missing.
    """

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.place = 0
        self.expected: dict[int, list[str]] = {}
        self.missing = False
        self.stopped = 0

    def sequence(self, model: Model) -> None:
        for part in model:
            if isinstance(part, Choice):
                self._choice(part)
            else:
                self._element(part)
            if self.missing:
                return

    def _element(self, node: Node) -> None:
        count = 0
        while node.maximum is None or count < node.maximum:
            self.expected.setdefault(self.place, []).append(node.name)
            if self.place == len(self.names) or self.names[self.place] != node.name:
                break
            self.place += 1
            count += 1
        self._require(count, node.minimum)

    def _choice(self, choice: Choice) -> None:
        count = 0
        while choice.maximum is None or count < choice.maximum:
            first = [_first_names(branch) for branch in choice.branches]
            self.expected.setdefault(self.place, []).extend(name for names in first for name in names)
            name = self.names[self.place] if self.place < len(self.names) else ""
            branch = next((b for b, names in zip(choice.branches, first, strict=True) if name in names), None)
            if branch is None:
                break
            self.sequence(branch)
            if self.missing:
                return
            count += 1
        if not any(_may_be_empty(branch) for branch in choice.branches):
            self._require(count, choice.minimum)

    def _require(self, count: int, minimum: int) -> None:
        if count < minimum:
            self.missing = True
            self.stopped = self.place


def _first_names(model: Model) -> list[str]:
    """Names that may open a content model."""
    names: list[str] = []
    for part in model:
        if isinstance(part, Choice):
            for branch in part.branches:
                names += _first_names(branch)
        else:
            names.append(part.name)
        if not _optional(part):
            break
    return names


def _may_be_empty(model: Model) -> bool:
    return all(map(_optional, model))


def _optional(part: Node | Choice) -> bool:
    return part.minimum == 0 or (isinstance(part, Choice) and any(map(_may_be_empty, part.branches)))


def _elements_of(model: Model) -> dict[str, Node]:
    """The elements of a content model by name, those of its choices included."""
    found: dict[str, Node] = {}
    for part in model:
        if isinstance(part, Choice):
            for branch in part.branches:
                found.update(_elements_of(branch))
        else:
            found[part.name] = part
    return found
