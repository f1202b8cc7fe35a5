"""Say what is wrong with a message that the structure pass refused: the place, what was found, what could have stood there.

This is a second reading of the same rules, in Python and only for refused documents; tests compare its verdicts with those of the
compiled XSD over every message.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree

from emulator.qbxml.diagnosis import Diagnosis, line_of, not_in_list, of_stray_text, shown, tag, unknown_attribute
from emulator.qbxml.meant import name_meant, same_but_case, value_meant
from emulator.qbxml.schema import Attribute, Choice, Message, Model, Node, elements_of, schema_of
from emulator.qbxml.versions import VERSIONS, Version, own_versions


def explain(
    element: etree._Element, message: Message, path: str, *, value_lists: bool = True, version: str = VERSIONS[-1]
) -> Diagnosis | None:
    """Return what is wrong with the structure of a message, or None when nothing is.

    Args:
        element: its root element.
        message: the message at the declared version.
        path: elements above it, joined by "/".
        value_lists: values of ENUMTYPE elements count.
        version: number of the declared version, for what is told of newer elements.
    """
    return _Reading(message.name, version, path, value_lists).aggregate(
        element, message.children, message.attributes, (message.name,)
    )


def explain_rows(element: etree._Element, model: Model, path: str) -> Diagnosis | None:
    """Return what is wrong with the structure of an element that is no message (sign-on), or None when nothing is."""
    name = str(element.tag)
    return _Reading(name, VERSIONS[-1], path, value_lists=True).aggregate(element, model, (), (name,))


def node_at(message: Message, inside: "Inside") -> Node | Message | None:
    """Return the element at a path from a message down, itself the first name; None when there is none."""
    found: Node | Message | None = message
    for name in inside[1:]:
        if found is None:
            return None
        found = elements_of(found.children).get(name)
    return found


def may_be_empty(model: Model) -> bool:
    """Return whether nothing of a content model is required."""
    return all(map(_optional, model))


Inside = tuple[str, ...]
"""Names of the elements from the message down to the one that is read."""


def of_attributes(
    element: etree._Element, attributes: tuple[Attribute, ...], path: str, newer: Callable[[str], str] | None = None
) -> Diagnosis | None:
    """Return what is wrong with the attributes of an element; None when nothing is.

    Args:
        element: the element.
        attributes: what it may carry.
        path: elements down to it.
        newer: says of an attribute that it came with a later version; "" when it did not.
    """
    known = {attribute.name: attribute for attribute in attributes}
    line = line_of(element)
    for name in map(str, element.attrib):
        text, attribute = element.get(name, ""), known.get(name)
        if attribute is None:
            right = name_meant(name, known)
            later = newer(name) if newer is not None else ""
            problem = unknown_attribute(name, element, "" if later else right) + later
            return Diagnosis(problem, line, path, name, tuple(known), right, at=element)
        if attribute.values and text not in attribute.values:
            right = value_meant(text, attribute.values)
            told = not_in_list(text, f"attribute {name} of {tag(element)}")
            return Diagnosis(told, line, f"{path}@{name}", shown(text), attribute.values, right, at=element)
    missing = next((a.name for a in attributes if a.required and a.name not in element.attrib), None)
    if missing is None:
        return None
    told = f"a required attribute is missing: {missing} of {tag(element)}"
    return Diagnosis(told, line, path, expected=(missing,), at=element)


@dataclass(slots=True)
class _Reading:
    message: str
    version: str
    above: str
    value_lists: bool

    def aggregate(
        self, element: etree._Element, model: Model, attributes: tuple[Attribute, ...], inside: Inside
    ) -> Diagnosis | None:
        problem = self._attributes(element, attributes, inside)
        if problem is not None:
            return problem
        problem = of_stray_text(element, self._path(inside))
        if problem is not None:
            return problem
        children = list(element)
        known = elements_of(model)
        for child in children:
            if child.tag in known:
                problem = self._child(child, known[str(child.tag)], inside)
                if problem is not None and _before_mismatch(children, child, model):
                    return problem
        return self._sequence_problem(element, children, model, inside)

    def _path(self, inside: Inside) -> str:
        return "/".join((self.above, *inside))

    def _child(self, element: etree._Element, node: Node, inside: Inside) -> Diagnosis | None:
        inside = (*inside, node.name)
        if not node.type:
            return self.aggregate(element, node.children, node.attributes, inside)
        problem = self._attributes(element, node.attributes, inside)
        if problem is not None:
            return problem
        line, path = line_of(element), self._path(inside)
        if len(element):
            told = f"<{node.name}> holds text only, and {tag(element[0])} stands in it"
            return Diagnosis(told, line_of(element[0]), path, tag(element[0]), at=element[0])
        text = element.text or ""
        if self.value_lists and node.values and text not in node.values:
            told = not_in_list(text, tag(element)) + self._newer_value(text, inside)
            return Diagnosis(told, line, path, shown(text), node.values, value_meant(text, node.values), at=element)
        return None

    def _newer_value(self, text: str, inside: Inside) -> str:
        """Say that a value came with a later version, or differs in case or blanks alone; "" otherwise."""
        for number in _later_than(self.version):
            node = _node_at(number, self.message, inside)
            if isinstance(node, Node) and text in node.values:
                return f": it exists since qbXML {number} only, the document declares {self.version}"
        node = _node_at(self.version, self.message, inside)
        right = same_but_case(text, node.values) if isinstance(node, Node) else ""
        return f": it is written {right!r}" if right else ""

    def _attributes(self, element: etree._Element, attributes: tuple[Attribute, ...], inside: Inside) -> Diagnosis | None:
        def newer(name: str) -> str:
            return self._newer_attribute(name, inside)

        return of_attributes(element, attributes, self._path(inside), newer)

    def _newer_attribute(self, name: str, inside: Inside) -> str:
        for number in _later_than(self.version):
            found = _node_at(number, self.message, inside)
            if found is not None and any(attribute.name == name for attribute in found.attributes):
                return f": it exists since qbXML {number} only, the document declares {self.version}"
        return ""

    # ---- which elements stand there, and in which order ----

    def _sequence_problem(
        self, element: etree._Element, children: list[etree._Element], model: Model, inside: Inside
    ) -> Diagnosis | None:
        tags = [str(child.tag) for child in children]
        matcher = _Matcher(tags)
        matcher.sequence(model)
        place = matcher.stopped if matcher.missing else matcher.place
        if not matcher.missing and place == len(children):
            return None
        expected = tuple(dict.fromkeys(matcher.expected.get(place, ())))
        path = self._path(inside)
        if place == len(children):
            problem = f"a required element is missing: {_either(matcher.needed)} in {tag(element)}"
            return Diagnosis(problem, line_of(element), path, f"</{element.tag!s}>", expected, at=element)
        found, near = tags[place], ""
        stands = _stands(model)
        if found in stands:
            problem = _out_of_place(tags, place, stands, matcher)
        else:
            problem, near = self._unknown(found, stands, tags, inside)
        return Diagnosis(problem, line_of(children[place]), path, tag(found), expected, near, at=children[place])

    def _unknown(self, found: str, stands: "dict[str, _Stand]", tags: list[str], inside: Inside) -> tuple[str, str]:
        """Return what to say of an element that the version does not have there, and the right word for it."""
        right = same_but_case(found, tuple(stands))
        if right:
            return f"unknown element <{found}>: it is written <{right}>, upper and lower case count", right
        for number in _later_than(self.version):
            if found in _elements_at(number, self.message, inside):
                known = f"since qbXML {number} only, the document declares {self.version}"
                return f"<{found}> is newer than the declared version: it exists {known}", ""
        for number in reversed(VERSIONS):
            if found in _elements_at(number, self.message, inside):
                known = f"up to qbXML {number} only, the document declares {self.version}"
                return f"<{found}> is older than the declared version: it exists {known}", ""
        near = name_meant(found, _open_names(stands, tags), inside[-1])
        holders = _holders(self.version, self.message, found)
        # A reference has two names only, and its Name is its FullName wherever else a Name may stand.
        if holders and not (near and inside[-1].endswith("Ref")):
            return f"<{found}> does not belong in <{inside[-1]}>, but in {_either(holders)}", ""
        asked = f": did you mean <{near}>?" if near else f" in <{inside[-1]}>"
        return f"unknown element {tag(found)}{asked}", near


def _out_of_place(tags: list[str], place: int, stands: "dict[str, _Stand]", matcher: "_Matcher") -> str:
    """Say why an element that is known there may not stand at that place."""
    found, earlier = tags[place], tags[:place]
    stand = stands[found]
    if stand.most is not None and earlier.count(found) >= stand.most:
        times = "once" if stand.most == 1 else f"{stand.most} times"
        return f"<{found}> stands here once too often: it may stand {times} only"
    for other in earlier:
        if stand.excludes(stands[other]):
            return f"<{found}> and <{other}> exclude each other: they are branches of a choice, and only one may stand"
    before = next((other for other in earlier if stand.comes_before(stands[other])), None)
    if before is not None:
        return f"wrong order: <{found}> stands too late, its place is before <{before}>"
    if matcher.missing:
        later = next((name for name in matcher.needed if name in tags[place:]), None)
        if later is not None:
            return f"wrong order: <{later}> stands too late, its place is before <{found}>"
        return f"a required element is missing: {_either(matcher.needed)} before <{found}>"
    return f"<{found}> is not expected here"


@dataclass(frozen=True, slots=True)
class _Stand:
    """Where an element stands in a content model.

    Attributes:
        index: its place in schema order.
        most: how often it may occur; None is without end.
        branches: for each choice around it, the number of the choice and that of the branch; those of choices that repeat apart.
        repeated: numbers of the choices around it that repeat.
    """

    index: int
    most: int | None
    branches: dict[int, int]
    repeated: frozenset[int]

    def excludes(self, other: "_Stand") -> bool:
        return any(other.branches.get(choice, branch) != branch for choice, branch in self.branches.items())

    def comes_before(self, other: "_Stand") -> bool:
        return self.index < other.index and self.repeated.isdisjoint(other.repeated)


def _stands(model: Model) -> dict[str, _Stand]:
    found: dict[str, _Stand] = {}
    _add_stands(model, found, {}, frozenset())
    return found


def open_names(model: Model, tags: list[str]) -> tuple[str, ...]:
    """Return the names of a content model that may stand once more beside these."""
    return _open_names(_stands(model), tags)


def _open_names(stands: dict[str, _Stand], tags: list[str]) -> tuple[str, ...]:
    return tuple(name for name, stand in stands.items() if stand.most is None or tags.count(name) < stand.most)


def _add_stands(model: Model, found: dict[str, _Stand], branches: dict[int, int], repeated: frozenset[int]) -> None:
    for part in model:
        if isinstance(part, Choice):
            for number, branch in enumerate(part.branches):
                if part.maximum == 1:
                    _add_stands(branch, found, {**branches, id(part): number}, repeated)
                else:
                    _add_stands(branch, found, branches, repeated | {id(part)})
        else:
            found[part.name] = _Stand(len(found), None if repeated else part.maximum, branches, repeated)


def _before_mismatch(children: list[etree._Element], child: etree._Element, model: Model) -> bool:
    """Whether this child stands before the place where the order breaks, so that what is wrong inside it comes first."""
    matcher = _Matcher([str(each.tag) for each in children])
    matcher.sequence(model)
    return children.index(child) < (matcher.stopped if matcher.missing else matcher.place) or (
        not matcher.missing and matcher.place == len(children)
    )


class _Matcher:
    """Reads child names against a content model. No name occurs twice in a model, so the first fit is the only one.

    Attributes:
        place: how many names were read.
        expected: place -> names that would have fitted there, in schema order.
        missing: a required part was not there.
        stopped: the place where it was missing.
        needed: names of which one would have had to stand there.
    """

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.place = 0
        self.expected: dict[int, list[str]] = {}
        self.missing = False
        self.stopped = 0
        self.needed: tuple[str, ...] = ()

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
        self._require(count, node.minimum, (node.name,))

    def _choice(self, choice: Choice) -> None:
        count = 0
        first = [first_names(branch) for branch in choice.branches]
        while choice.maximum is None or count < choice.maximum:
            self.expected.setdefault(self.place, []).extend(name for names in first for name in names)
            name = self.names[self.place] if self.place < len(self.names) else ""
            branch = next((b for b, names in zip(choice.branches, first, strict=True) if name in names), None)
            if branch is None:
                break
            self.sequence(branch)
            if self.missing:
                return
            count += 1
        if not any(may_be_empty(branch) for branch in choice.branches):
            self._require(count, choice.minimum, tuple(name for names in first for name in names))

    def _require(self, count: int, minimum: int, names: tuple[str, ...]) -> None:
        if count < minimum:
            self.missing = True
            self.stopped = self.place
            self.needed = names


def first_names(model: Model) -> list[str]:
    """Return the names that may open a content model."""
    names: list[str] = []
    for part in model:
        if isinstance(part, Choice):
            for branch in part.branches:
                names += first_names(branch)
        else:
            names.append(part.name)
        if not _optional(part):
            break
    return names


def _optional(part: Node | Choice) -> bool:
    return part.minimum == 0 or (isinstance(part, Choice) and any(map(may_be_empty, part.branches)))


# ---- the same place in other versions ----------------------------------------------------------------------------------------------


def _later_than(version: str) -> Iterator[str]:
    own = VERSIONS.index(version) if version in VERSIONS else len(VERSIONS)
    return (number for number in own_versions() if VERSIONS.index(number) > own)


def _node_at(number: str, message: str, inside: Inside) -> Node | Message | None:
    found = schema_of(Version(number).schema_number).message(message)
    return node_at(found, inside) if found is not None else None


def _elements_at(number: str, message: str, inside: Inside) -> dict[str, Node]:
    node = _node_at(number, message, inside)
    return elements_of(node.children) if node is not None else {}


def _holders(number: str, message: str, name: str) -> tuple[str, ...]:
    """Return the names of the aggregates of a message that have an element of that name."""
    found: dict[str, None] = {}
    top = _node_at(number, message, (message,))
    waiting: list[tuple[str, Model]] = [(message, top.children)] if top is not None else []
    seen: set[int] = set()
    while waiting:
        holder, model = waiting.pop(0)
        if id(model) in seen:
            continue
        seen.add(id(model))
        for node in elements_of(model).values():
            if node.name == name:
                found[holder] = None
            if not node.type:
                waiting.append((node.name, node.children))
    return tuple(found)


NAMED_MAX = 6
"""Elements that a sentence names; nobody reads more of them."""


def _either(names: tuple[str, ...]) -> str:
    shown = [f"<{name}>" for name in names[:NAMED_MAX]]
    if len(names) > NAMED_MAX:
        return ", ".join(shown) + f" or one of {len(names) - NAMED_MAX} more"
    return " or ".join(shown)
