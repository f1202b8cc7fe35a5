"""Every public request, made so that the books would take it and then bent in one place: refused with the right code, nothing written.

A mistake in the structure refuses the document; a value that does not convert is the fault of its request.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from lxml import etree
from qbxml.mutants import mutants

from company.helpers import Bench
from emulator.company.operations import known_nouns
from emulator.company.transaction_rows import TRANSACTIONS
from emulator.qbxml import (
    NotValid,
    Version,
    decode_answer_set,
    decode_set,
    encode_answer_set,
    encode_request_set,
    envelope,
    schema_of,
)
from emulator.qbxml.diagnosis import Diagnosis
from emulator.qbxml.sample import sample_request
from emulator.qbxml.schema import Choice, Model, Node, elements_of

from .everything import everything
from .making import Making
from .test_round_trips import NOUNS, add_and_query, identity_of, operations_at, query

VERSION = Version("16.0")
REQUESTS = sorted(f"{noun}{operation}Rq" for noun, operations in known_nouns().items() for operation in operations)

BAD: dict[str, tuple[str, int]] = {
    "BOOLTYPE": ("maybe", 3010),
    "DATETYPE": ("2026-02-30", 3020),
    "DATETIMETYPE": ("2026-11-20T25:00:00", 3020),
    "TIMEINTERVALTYPE": ("8 hours", 3035),
    "AMTTYPE": ("97.5", 3040),
    "PRICETYPE": ("1.123456", 3045),
    "PERCENTTYPE": ("5%", 3050),
    "QUANTYPE": ("a dozen", 3060),
    "GUIDTYPE": ("8F3C1B52", 3065),
    "INTTYPE": ("three", 3085),
    "FLOATTYPE": ("1,5", 3085),
}
"""Type -> a text that does not convert, and its code (documented and reported: see status_codes.json)."""


@cache
def company() -> Bench:
    """The one company that nothing may be written to."""
    return everything()


def made(name: str, variant: int = 0) -> etree._Element:
    """Return the document of a request that is filled in everywhere."""
    noun = schema_of(VERSION.schema_number).message(name)
    assert noun is not None
    making = Making(company(), VERSION, "fullest", variant, 500)
    return etree.fromstring(encode_request_set(VERSION, "stopOnError", [making.request(name)]).encode())


def text_of(root: etree._Element) -> str:
    return f'<?xml version="1.0"?><?qbxml version="{VERSION.number}"?>' + etree.tostring(root, encoding="unicode")


def leaves(element: etree._Element, model: Model) -> Iterator[tuple[etree._Element, Node]]:
    known = elements_of(model)
    for child in element:
        node = known[str(child.tag)]
        if node.type:
            yield child, node
        else:
            yield from leaves(child, node.children)


def bad_text(node: Node) -> tuple[str, int] | None:
    if node.type == "STRTYPE" and node.length_max is not None:
        return "x" * (node.length_max + 1), 3070
    if node.type == "IDTYPE":
        return ("no identity", 3000) if node.name.endswith(("ListID", "TxnID", "TxnLineID")) else None
    return BAD.get(node.type)


@pytest.mark.parametrize("name", REQUESTS)
def test_a_value_that_does_not_convert(name: str) -> None:
    bench, root = company(), made(name)
    message = schema_of(VERSION.schema_number).message(name)
    assert message is not None
    written = bench.company._store.connection.total_changes
    element = root[0][0]
    for leaf, node in leaves(element, message.children):
        bad = bad_text(node)
        if bad is None or leaf.attrib:
            continue
        right, (leaf.text, code) = leaf.text, bad
        [answer] = bench.company.begin_set(decode_set(text_of(root)), bench.caller).finish()
        assert answer.status.code == code, (name, node.name, answer.status)
        assert answer.records == []
        leaf.text = right
    assert bench.company._store.connection.total_changes == written


def needed(model: Model, depth: int, from_depth: int) -> Iterator[tuple[int, str]]:
    """Yield the leaves that must hold something, as (identity of the node, code): not those that may be left out for another branch."""
    for part in model:
        if isinstance(part, Choice):
            if part.minimum:
                for branch in part.branches:
                    yield from needed(branch, depth, from_depth)
            else:
                for branch in part.branches:
                    yield from needed(
                        tuple(each for each in branch if isinstance(each, Node) and not each.type), depth, from_depth
                    )
        elif not part.type:
            yield from needed(part.children, depth + 1, from_depth)
        elif part.minimum and depth >= from_depth and part.type != "ENUMTYPE":
            yield id(part), {"INTTYPE": 3085, "GUIDTYPE": 3065}.get(part.type, 3150)


WRITES = [name for name in REQUESTS if name.endswith(("AddRq", "ModRq"))]


@pytest.mark.parametrize("name", WRITES)
def test_a_required_element_that_is_empty(name: str) -> None:
    """Our choice (qbxml.empty-required-element): it is missing. What a Mod sends empty clears, but inside an aggregate that is sent."""
    bench, message = company(), schema_of(VERSION.schema_number).message(name)
    assert message is not None
    codes = dict(needed(message.children, 0, 0 if name.endswith("AddRq") else 2))
    for variant in range(3):
        root = made(name, variant)
        bent = bench.company._store.connection.total_changes
        for leaf, node in leaves(root[0][0], message.children):
            identity = name.endswith("ModRq") and node.name == "TxnLineID"  # of no line: 3120
            if id(node) not in codes or identity or leaf.attrib:
                continue
            right, leaf.text = leaf.text, ""
            [answer] = bench.company.begin_set(decode_set(text_of(root)), bench.caller).finish()
            assert answer.status.code == codes[id(node)], (name, node.name, answer.status)
            assert node.name in answer.status.message
            leaf.text = right
        assert bench.company._store.connection.total_changes == bent


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in REQUESTS if name.endswith("AddRq")])
def test_any_element_that_is_empty(name: str) -> None:
    """Whatever the answer is, it is one; and what was added is told by an answer that holds what the schema demands."""
    for variant in range(2):
        bench = everything()
        request = Making(bench, VERSION, "fullest", variant, 500).request(name)
        root = etree.fromstring(encode_request_set(VERSION, "stopOnError", [request]).encode())
        emptied(bench, root, name, lambda after: None)


CHANGED = [noun for noun in NOUNS if "Mod" in operations_at(VERSION, noun)]


@pytest.mark.slow
@pytest.mark.parametrize("noun", CHANGED)
def test_any_element_of_a_mod_that_is_empty(noun: str) -> None:
    """The same for a Mod, with the lines that stand, changed."""
    bench = everything()
    made = add_and_query(bench, VERSION, noun, "fullest", 0, 700)
    identity, value = identity_of(made)
    for variant in range(2):
        making = Making(bench, VERSION, "fullest", variant, 900)
        request = making.request(f"{noun}ModRq", **{identity: value, "EditSequence": made["EditSequence"]})
        asked = request.values[f"{noun}Mod"]
        assert isinstance(asked, dict)
        for row in TRANSACTIONS[noun].lines if noun in TRANSACTIONS else ():
            said = asked.pop(row.mod, None)
            if said and made.get(row.ret):
                asked[row.mod] = [_of_line(*pair) for pair in zip(said, made[row.ret], strict=False)]
        root = etree.fromstring(encode_request_set(VERSION, "stopOnError", [request]).encode())
        emptied(bench, root, f"{noun}ModRq", lambda after: query(after, VERSION, noun, made))


def _of_line(said: Any, stands: Any) -> Any:
    line_id = (stands[1] if isinstance(stands, tuple) else stands)["TxnLineID"]
    if isinstance(said, tuple):
        return said[0], {**said[1], "TxnLineID": line_id}
    return {**said, "TxnLineID": line_id}


def emptied(bench: Bench, root: etree._Element, name: str, then: Callable[[Bench], Any]) -> None:
    """Send a request with each of its leaves emptied in turn, each to books of its own."""
    message = schema_of(VERSION.schema_number).message(name)
    assert message is not None
    for leaf, _node in leaves(root[0][0], message.children):
        right, leaf.text = leaf.text, ""
        try:
            message_set = decode_set(text_of(root))
        except NotValid:
            continue
        finally:
            leaf.text = right
        after = bench.again()
        answers = after.company.begin_set(message_set, after.caller).finish()
        decode_answer_set(encode_answer_set(message_set, answers, {}), VERSION.number, strict=True)
        assert after.truth.problems() == []
        then(after)
        after.company.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", REQUESTS)
def test_a_mistake_in_the_structure(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """That each is explained, and how, stands in the tests of qbxml: it would take five times as long here."""
    monkeypatch.setattr(envelope, "_explained", lambda *_: Diagnosis("not valid"))
    root = made(name)
    message = schema_of(VERSION.schema_number).message(name)
    assert message is not None
    for kind, path in mutants(root[0][0], message.children, name, set()):
        assert refusal(text_of(root)) == "0x80040400", (kind, path)


def refusal(text: str) -> str | None:
    """Return the result code that a document is refused with, None for one that is taken."""
    try:
        decode_set(text)
    except NotValid as problem:
        return problem.result
    return None


@pytest.mark.slow
@pytest.mark.parametrize("name", REQUESTS)
def test_newer_than_the_declared_version(name: str) -> None:
    """A document is refused as a whole at every version that lacks something of it."""
    root = made(name)
    text = text_of(root)
    for number in ("1.0", "2.0", "4.0", "6.0", "8.0", "10.0", "12.0"):
        older = text.replace(f'version="{VERSION.number}"?>', f'version="{number}"?>')
        message = schema_of(number).message(name)
        if message is not None and _all_known(root[0][0], message.children):
            continue
        assert refusal(older) == "0x80040400", number


def _all_known(element: etree._Element, model: Model) -> bool:
    known = elements_of(model)
    return all(
        str(child.tag) in known and (not len(child) or _all_known(child, known[str(child.tag)].children)) for child in element
    )


SUBSCRIPTIONS = sorted(schema_of(VERSION.schema_number).requests(subscription=True))


@pytest.mark.parametrize("name", SUBSCRIPTIONS)
def test_a_mistake_in_the_structure_of_a_subscription(name: str) -> None:
    def text(root: etree._Element) -> str:
        return text_of(root).replace('<QBXMLMsgsRq onError="stopOnError">', "<QBXMLMsgsRq>").replace("QBXMLMsgsRq", SET)

    def refused(root: etree._Element) -> str | None:
        try:
            decode_set(text(root), subscription=True)
        except NotValid as problem:
            return problem.result
        return None

    root = etree.fromstring(encode_request_set(VERSION, "stopOnError", [sample_request(VERSION, name, "fullest")]).encode())
    assert refused(root) is None
    message = schema_of(VERSION.schema_number).message(name)
    assert message is not None
    for kind, path in mutants(root[0][0], message.children, name, set()):
        assert refused(root) == "0x80040400", (kind, path)


SET = "QBXMLSubscriptionMsgsRq"


def test_the_requests_are_all_public_ones() -> None:
    public = set(schema_of(VERSION.schema_number).requests())
    other_edition = {"SalesTaxReturnQueryRq", "SalesTaxReturnLineQueryRq", "PayrollLastPeriodQueryRq"}
    assert public - set(REQUESTS) == other_edition
    assert set(REQUESTS) <= public
