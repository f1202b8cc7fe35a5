"""Every way a message can be wrong in its structure, made from a right one: changed in place, handed out, changed back."""

from collections.abc import Iterator

from lxml import etree

from emulator.qbxml.schema import Choice, Model, Node, elements_of

Mutant = tuple[str, str]
"""Kind of mistake, path of the aggregate or leaf it was made in."""


def mutants(element: etree._Element, model: Model, path: str, done: set[object]) -> Iterator[Mutant]:
    """Yield while the element is wrong; when the generator goes on, it is right again.

    Content models that many messages share are done once: `done` remembers them, with the children that were there.
    """
    key = (id(model), tuple(str(child.tag) for child in element))
    if model and key in done:
        return
    done.add(key)
    yield from _foreign_things(element, path)
    yield from _swapped(element, model, path)
    for part in model:
        if isinstance(part, Choice):
            yield from _other_branch(element, part, path)
        else:
            yield from _dropped(element, part, path)
            yield from _once_too_often(element, part, path)
    known = elements_of(model)
    seen = set()
    for child in list(element):
        if child.tag in seen:
            continue
        seen.add(child.tag)
        node = known[child.tag]
        inside = f"{path}/{child.tag}"
        if node.type:
            yield from _leaf(child, node, inside)
        else:
            yield from mutants(child, node.children, inside, done)


def _foreign_things(element: etree._Element, path: str) -> Iterator[Mutant]:
    for place in {0, len(element)}:
        stranger = etree.Element("NoSuchElement")
        element.insert(place, stranger)
        yield "unknown element", path
        element.remove(stranger)
    element.set("noSuchAttribute", "1")
    yield "unknown attribute", path
    del element.attrib["noSuchAttribute"]
    text = element.text
    element.text = "text"
    yield "text", path
    element.text = text


def _swapped(element: etree._Element, model: Model, path: str) -> Iterator[Mutant]:
    listed = {name for part in model if isinstance(part, Choice) and part.key for name in elements_of((part,))}
    for place in range(len(element) - 1):
        first, second = element[place], element[place + 1]
        if first.tag == second.tag or (first.tag in listed and second.tag in listed):
            continue
        element.insert(place, second)
        yield "swapped", path
        element.insert(place, first)


def _dropped(element: etree._Element, node: Node, path: str) -> Iterator[Mutant]:
    if not node.minimum:
        return
    places = [(place, child) for place, child in enumerate(element) if child.tag == node.name]
    for _, child in places:
        element.remove(child)
    yield "dropped", path
    for place, child in places:
        element.insert(place, child)


def _once_too_often(element: etree._Element, node: Node, path: str) -> Iterator[Mutant]:
    if node.maximum is None:
        return
    same = [child for child in element if child.tag == node.name]
    if not same:
        return
    for _ in range(node.maximum + 1 - len(same)):
        extra = etree.fromstring(etree.tostring(same[0], with_tail=False))
        element.insert(element.index(same[-1]) + 1, extra)
        same.append(extra)
    yield "once too often", path
    element.remove(same[-1])


def _other_branch(element: etree._Element, choice: Choice, path: str) -> Iterator[Mutant]:
    if choice.key or len(choice.branches) < 2:
        return
    taken = [i for i, branch in enumerate(choice.branches) if any(child.tag in elements_of(branch) for child in element)]
    if not taken:
        return
    names = elements_of(choice.branches[taken[0]])
    last = max(place for place, child in enumerate(element) if child.tag in names)
    for branch in choice.branches[: taken[0]] + choice.branches[taken[0] + 1 :]:
        name = next(iter(elements_of(branch)))
        extra = etree.Element(name)
        element.insert(last + 1, extra)
        yield "other branch", path
        element.remove(extra)


def _leaf(element: etree._Element, node: Node, path: str) -> Iterator[Mutant]:
    inside = etree.SubElement(element, "NoSuchElement")
    yield "element in a leaf", path
    element.remove(inside)
    element.set("noSuchAttribute", "1")
    yield "unknown attribute", path
    del element.attrib["noSuchAttribute"]
    if node.values:
        text = element.text
        element.text = "NoSuchValue"
        yield "bad value of a list", path
        element.text = text
