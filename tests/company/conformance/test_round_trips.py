"""For every noun: smallest and fullest are accepted, and what was said is told again - Add, query, Mod, query, delete, query."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from company.helpers import Bench
from emulator.company.list_rows import LISTS
from emulator.company.transaction_rows import TRANSACTIONS
from emulator.qbxml import Version, decode_answer_set, decode_set, encode_answer_set, encode_request_set, schema_of
from emulator.qbxml.messages import Answer, Request
from emulator.qbxml.schema import Choice, Model
from emulator.qbxml.versions import VERSIONS

from .everything import everything
from .making import Making, Size
from .telling import missing

NEWEST = "16.0"


def perform(bench: Bench, version: Version, request: Request) -> Answer:
    """Send a request as a document of its version; the answer must be valid at that version, and the books in order."""
    message_set = decode_set(encode_request_set(version, "stopOnError", [request]))
    bench.clock.advance(seconds=1)
    [answer] = bench.company.begin_set(message_set, bench.caller).finish()
    text = encode_answer_set(message_set, [answer], {})
    [told] = decode_answer_set(text, version.number, strict=True).answers
    assert bench.truth.problems() == []
    return told


def ok(bench: Bench, version: Version, request: Request) -> dict[str, Any]:
    """Send a request that must be accepted without a warning; return its one record."""
    told = perform(bench, version, request)
    assert told.status.code == 0, (request.name, told.status, request.values)
    return told.records[0][1] if told.records else {}  # type: ignore[return-value]


@cache
def places_of(version: Version, noun: str) -> frozenset[str]:
    """Return every element that an answer about a noun can hold."""
    message = schema_of(version.schema_number).message(f"{noun}QueryRs")
    assert message is not None
    return frozenset(names_of(message.children))


def names_of(model: Model) -> Iterator[str]:
    for part in model:
        if isinstance(part, Choice):
            yield part.key
            for branch in part.branches:
                yield from names_of(branch)
        else:
            yield part.name
            yield from names_of(part.children)


def add_and_query(bench: Bench, version: Version, noun: str, size: Size, variant: int, count: int) -> dict[str, Any]:
    making = Making(bench, version, size, variant, count)
    request = making.request(f"{noun}AddRq")
    asked = request.values[f"{noun}Add"]
    made, places = ok(bench, version, request), places_of(version, noun)
    assert missing(asked, made, places) == [], (noun, size, asked, made)
    again = query(bench, version, noun, made)
    assert missing(asked, again, places) == []
    return again


def identity_of(made: dict[str, Any]) -> tuple[str, str]:
    return next((name, made[name]) for name in ("ListID", "TxnID") if name in made)


def query(bench: Bench, version: Version, noun: str, made: dict[str, Any]) -> dict[str, Any]:
    name, identity = identity_of(made)
    message = schema_of(version.schema_number).message(f"{noun}QueryRq")
    assert message is not None
    names = {part.name for part in message.children if hasattr(part, "name")}
    flags = {flag: True for flag in ("IncludeLineItems", "IncludeComponentLineItems") if flag in names}
    if noun == "Template":
        return made
    return ok(bench, version, Request(f"{noun}QueryRq", noun, "Query", {}, {name: [identity], **flags}))


def change_and_query(
    bench: Bench, version: Version, noun: str, size: Size, variant: int, count: int, made: dict[str, Any]
) -> dict[str, Any]:
    """Change everything that a Mod can change; what is said is told, and lines that are named stay."""
    making = Making(bench, version, size, variant, count)
    name, identity = identity_of(made)
    request = making.request(f"{noun}ModRq", **{name: identity, "EditSequence": made["EditSequence"]})
    asked = request.values[f"{noun}Mod"]
    asked.pop("BarCode", None)
    if noun in TRANSACTIONS:
        for row in TRANSACTIONS[noun].lines:
            asked.pop(row.mod, None)
            if row.clear:
                asked.pop(row.clear, None)
            if row.mod and size == "fullest" and made.get(row.ret):
                asked[row.mod] = [kept(entry, row.mod) for entry in made[row.ret]]
    told, places = ok(bench, version, request), places_of(version, noun)
    plain = {key: value for key, value in asked.items() if "Line" not in key}
    assert missing(plain, told, places) == [], (noun, size, asked, told)
    again = query(bench, version, noun, told)
    assert missing(plain, again, places) == []
    if noun in TRANSACTIONS:
        for row in TRANSACTIONS[noun].lines:
            if row.mod:
                before, after = (ids_of(each.get(row.ret, ())) for each in (made, again))
                assert before == after, (noun, before, after)
    assert int(again["EditSequence"]) > int(made["EditSequence"])
    return again


def kept(entry: Any, key: str) -> Any:
    """Return a line of a Mod that keeps a line as it is."""
    if not isinstance(entry, tuple):
        return {"TxnLineID": entry["TxnLineID"]}
    name, line = entry
    if key == "JournalLineMod":
        return {"TxnLineID": line["TxnLineID"]}
    return name.replace("Ret", "Mod"), {"TxnLineID": line["TxnLineID"]}


def ids_of(lines: Any) -> list[str]:
    return [(entry[1] if isinstance(entry, tuple) else entry)["TxnLineID"] for entry in lines]


def delete_and_query(bench: Bench, version: Version, noun: str, made: dict[str, Any], used: bool) -> None:
    """Delete a record; it is gone, and told among what was deleted. What is in use stays."""
    name, identity = identity_of(made)
    what = "Txn" if noun in TRANSACTIONS else "List"
    types = schema_of(version.schema_number).message(f"{what}DelRq")
    if types is None or noun not in types.children[0].values:  # type: ignore[union-attr]
        return
    answer = perform(bench, version, Request(f"{what}DelRq", what, "Del", {}, {f"{what}DelType": noun, name: identity}))
    if used:
        assert answer.status.code == 3160
        return
    assert answer.status.code == (1000 if noun == "UnitOfMeasureSet" else 0), (noun, answer.status)
    if answer.status.code:
        return
    gone = perform(bench, version, Request(f"{noun}QueryRq", noun, "Query", {}, {name: [identity]}))
    assert gone.status.code == 500
    if schema_of(version.schema_number).message(f"{what}DeletedQueryRq") is None:
        return
    deleted = ok_all(bench, version, Request(f"{what}DeletedQueryRq", f"{what}Deleted", "Query", {}, {f"{what}DelType": [noun]}))
    assert identity in [record[name] for record in deleted]


def ok_all(bench: Bench, version: Version, request: Request) -> list[dict[str, Any]]:
    answer = perform(bench, version, request)
    assert answer.status.code == 0, answer.status
    return [record for _name, record in answer.records]  # type: ignore[misc]


NOUNS = [noun for noun in (*LISTS, *TRANSACTIONS) if "Add" in (LISTS.get(noun) or TRANSACTIONS[noun]).operations]
OPENED = frozenset({"Account", "Customer", "Vendor", "ItemInventory", "ItemInventoryAssembly"})
"""Lists whose fullest records bring a transaction along, and so are in use."""


def operations_at(version: Version, noun: str) -> set[str]:
    """Return the operations that a version has of a noun."""
    schema = schema_of(version.schema_number)
    return {each for each in ("Add", "Mod", "Query") if schema.message(f"{noun}{each}Rq") is not None}


def round_trip(bench: Bench, version: Version, noun: str, size: Size, variant: int, count: int) -> None:
    made = add_and_query(bench, version, noun, size, variant, count)
    if "Mod" in operations_at(version, noun):
        made = change_and_query(bench, version, noun, size, variant, count + 100, made)
    opened = size == "fullest" and noun in OPENED
    delete_and_query(bench, version, noun, made, used=opened and bool(made.keys() & {"Balance", "QuantityOnHand"}))


@pytest.mark.parametrize("size", ["smallest", "fullest"])
@pytest.mark.parametrize("noun", NOUNS)
def test_round_trip(noun: str, size: Size) -> None:
    bench, version = everything(), Version(NEWEST)
    for variant in range(3 if size == "fullest" else 1):
        round_trip(bench, version, noun, size, variant, 100 + variant)


OLDER = [number for number in VERSIONS if number != NEWEST and Version(number).schema_number == number]


@pytest.mark.slow
@pytest.mark.parametrize("number", OLDER)
def test_round_trips_of_older_versions(number: str) -> None:
    bench, version, count = everything(), Version(number), 1000
    for noun in NOUNS:
        if operations_at(version, noun) >= {"Add", "Query"}:
            for size in ("smallest", "fullest"):
                count += 200
                round_trip(bench, version, noun, size, 0, count)
