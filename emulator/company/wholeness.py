"""What an answer must tell of an aggregate, by the schema: a Mod that changes a part of one may not leave it without (3150: our choice, as for
what is empty from the start: switch qbxml.empty-required-element).
"""

from functools import cache

from emulator.company.records import Values
from emulator.company.refusals import refuse
from emulator.qbxml.schema import Choice, Model, Node, schema_of
from emulator.qbxml.versions import VERSIONS, Version


def refuse_incomplete(noun: str, name: str, value: Values) -> None:
    """Raise 3150 for an aggregate of a record, as it is to be, that lacks what an answer must tell of it.

    Args:
        noun: of the record.
        name: of the aggregate in an answer; one that answers do not have has nothing it must hold.
        value: what it holds.
    """
    _refuse_incomplete(_parts(noun).get(name, ()), value)


def _refuse_incomplete(model: Model, value: Values) -> None:
    for part in model:
        if isinstance(part, Choice):
            continue  # which branch stands is for the rules
        held = value.get(part.name)
        if held is None:
            if part.minimum:
                raise refuse(3150, field=_first_leaf(part))
        elif isinstance(held, dict):
            _refuse_incomplete(part.children, held)


def _first_leaf(node: Node) -> str:
    needed = next((part for part in node.children if isinstance(part, Node) and part.minimum), None)
    return node.name if needed is None else _first_leaf(needed)


@cache
def _parts(noun: str) -> dict[str, Model]:
    """Return the aggregates of a record in an answer of the newest version, with what they hold."""
    message = schema_of(Version(VERSIONS[-1]).schema_number).message(f"{noun}QueryRs")
    assert message is not None, noun
    record = next(part for part in message.children if isinstance(part, Node) and part.name == f"{noun}Ret")
    return {part.name: part.children for part in record.children if isinstance(part, Node) and not part.type}
