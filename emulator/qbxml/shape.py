"""The shape of a request for people: every element in its order, how often, of which type, and what was different at other versions.

A shape is flat: one row for each element, choice and branch, with its depth. It is made from the resolved schemas, so that it says what the
structure pass and the value pass do.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from emulator.core.errors import unknown
from emulator.qbxml.schema import Message, Model, Node, public_requests, schema_of
from emulator.qbxml.versions import Version, own_versions


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a shape.

    Attributes:
        kind: element, attribute, choice ("one of") or branch.
        depth: how far in it stands, 0 for what stands in the request itself.
        name: of an element or attribute.
        path: names from the request down, joined by "/"; an attribute ends in "@name".
        occurs: required, optional, "1 or more", "0 or more", or "2 to 5".
        type: primitive type; "" for an element with children.
        length: most characters; None is without limit.
        smallest: smallest number; "" is without limit.
        largest: largest number; "" is without limit.
        values: value list.
        since: first version that has it.
        changes: what was different at older versions, one sentence each.
        supported: our edition has it.
    """

    kind: str
    depth: int
    name: str = ""
    path: str = ""
    occurs: str = ""
    type: str = ""
    length: int | None = None
    smallest: str = ""
    largest: str = ""
    values: tuple[str, ...] = ()
    since: str = ""
    changes: tuple[str, ...] = ()
    supported: bool = True


def request_named(name: str) -> str:
    """Return the name of a public request, given with or without its `Rq` and in any case.

    Raises:
        UserMistake: there is none; the nearest names are told.
    """
    public = public_requests()
    wanted = name.casefold().removesuffix("rq")
    found = next((each for each in public if each[:-2].casefold() == wanted), None)
    if found is None:
        raise unknown("request", name, public)
    return found


def versions_of(request: str) -> list[str]:
    """Return the versions that have a request, each with a schema of its own, the oldest first."""
    return [number for number in own_versions() if schema_of(number).message(request) is not None]


def shape_of(request: str, version: str) -> list[Row]:
    """Return the shape of a request at a version number; KeyError when the version does not have it."""
    schema_number = Version(version).schema_number
    if schema_number not in versions_of(request):
        raise KeyError(request)
    history = {number: _by_path(request, number) for number in versions_of(request)}
    return [_with_history(row, history) if row.path else row for row in _rows(request, schema_number)]


@cache
def _rows(request: str, number: str) -> tuple[Row, ...]:
    message = schema_of(number).message(request)
    assert message is not None, request
    return (*_attributes(message, 0, request), *_of_model(message.children, 0, request))


def _by_path(request: str, number: str) -> dict[str, Row]:
    return {row.path: row for row in _rows(request, number) if row.path}


def _of_model(model: Model, depth: int, path: str) -> Iterator[Row]:
    for part in model:
        if isinstance(part, Node):
            yield from _of_node(part, depth, f"{path}/{part.name}")
            continue
        yield Row("choice", depth, occurs=_occurs(part.minimum, part.maximum))
        for branch in part.branches:
            if len(branch) > 1:
                yield Row("branch", depth + 1)
            yield from _of_model(branch, depth + (2 if len(branch) > 1 else 1), path)


def _of_node(node: Node, depth: int, path: str) -> Iterator[Row]:
    yield Row(
        "element",
        depth,
        node.name,
        path,
        _occurs(node.minimum, node.maximum),
        node.type,
        node.length_max,
        node.smallest,
        node.largest,
        node.values,
        supported=node.supported,
    )
    yield from _attributes(node, depth + 1, path)
    yield from _of_model(node.children, depth + 1, path)


def _attributes(holder: Node | Message, depth: int, path: str) -> Iterator[Row]:
    for each in holder.attributes:
        occurs = "required" if each.required else "optional"
        yield Row("attribute", depth, each.name, f"{path}@{each.name}", occurs, each.type, values=each.values)


def _occurs(minimum: int, maximum: int | None) -> str:
    known = {(1, 1): "required", (0, 1): "optional", (1, None): "1 or more", (0, None): "0 or more"}
    return known.get((minimum, maximum), f"{minimum} to {maximum}" if maximum is not None else f"{minimum} or more")


def _with_history(row: Row, history: dict[str, dict[str, Row]]) -> Row:
    """Return a row with the first version that has it, and what was different then."""
    past = [(number, rows[row.path]) for number, rows in history.items() if row.path in rows]
    changes: list[str] = []
    for place, (_, then) in enumerate(past):
        # The last version of each stretch of versions that are alike says how it was up to there.
        last = place + 1 == len(past) or _facts(past[place + 1][1]) != _facts(then)
        if last and _facts(then) != _facts(row):
            word = f"up to {past[place][0]}" if place + 1 < len(past) else f"from {_first_alike(past, place)} on"
            changes.append(f"{word}: {', '.join(_differences(then, row))}")
    return replace(row, since=past[0][0], changes=tuple(changes))


def _first_alike(past: list[tuple[str, Row]], place: int) -> str:
    while place and _facts(past[place - 1][1]) == _facts(past[place][1]):
        place -= 1
    return past[place][0]


def _facts(row: Row) -> tuple[object, ...]:
    return (row.occurs, row.type, row.length, row.smallest, row.largest, row.values)


def _differences(then: Row, now: Row) -> Iterator[str]:
    if then.occurs != now.occurs:
        yield then.occurs
    if then.type != now.type:
        yield then.type or "with children"
    if then.length != now.length:
        yield "any length" if then.length is None else f"at most {then.length} characters"
    if (then.smallest, then.largest) != (now.smallest, now.largest):
        yield f"from {then.smallest or 'any'} to {then.largest or 'any'}"
    if then.values != now.values:
        lacking = [value for value in now.values if value not in then.values]
        more = [value for value in then.values if value not in now.values]
        yield (
            " and ".join(
                part
                for part in (f"without {', '.join(lacking)}" if lacking else "", f"with {', '.join(more)}" if more else "")
                if part
            )
            or "values in another order"
        )
