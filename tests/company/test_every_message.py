"""Whatever valid request comes, it is answered with a status, the answer fits the schema, and the books still balance."""

from random import Random
from typing import Any

import pytest

from emulator.company.features import FIELDS_OF
from emulator.company.operations import known_nouns
from emulator.company.reference_rows import REFERENCES
from emulator.qbxml import (
    NotValid,
    Request,
    Version,
    decode_answer_set,
    decode_set,
    encode_answer_set,
    encode_request_set,
    message_names,
)
from emulator.qbxml.sample import sample_request, variants
from emulator.qbxml.schema import is_private

from .helpers import Bench

FEATURES_OFF = frozenset().union(*FIELDS_OF.values())
VERSION = Version("16.0")
PUBLIC = [name for name in message_names("Rq") if not is_private(name)]
OURS = [f"{noun}{operation}Rq" for noun, operations in known_nouns().items() for operation in operations]

NAMES = {
    "account": ["Rent", "Sales", "Accounts Receivable", "Accounts Payable", "Operating Account", "Undeposited Funds"],
    "entity": ["Baker", "Abercrombie:Kitchen", "Landlord", "Lamp Factory", "Gone"],
    "item": ["Lamp", "Repair", "State Tax"],
    "terms": ["Net 30"],
    "sales-tax-code": ["Tax", "Non"],
    "payment-method": ["Cash"],
    "ship-method": ["UPS"],
}


def check(bench: Bench, request: Request) -> int:
    """Ask; the answer must fit the schema and leave the books in order. Return its status code."""
    [answer] = bench.answers(request)
    text = encode_answer_set(VERSION, [answer], {})
    back = decode_answer_set(text, VERSION.number, strict=True)
    assert len(back.answers[0].records) == len(answer.records)
    assert not (answer.status.failed and answer.records)
    assert bench.truth.problems() == []
    return answer.status.code


@pytest.mark.parametrize("size", ["smallest", "fullest"])
def test_every_public_message(size: Any) -> None:
    bench = Bench()
    codes = {}
    for name in PUBLIC:
        for variant in variants(VERSION, name) if size == "fullest" else range(1):
            try:
                request = sample_request(VERSION, name, size, variant)
            except KeyError:
                continue  # a message of another edition or of the subscription set
            codes[name] = check(bench, request)
    assert set(OURS) <= codes.keys()
    assert {codes[name] for name in codes if name not in OURS} <= {1030}


class Mutation:
    """Turns a sample into one that the rules let further in: references to what exists, small numbers, elements left out."""

    def __init__(self, random: Random, bench: Bench) -> None:
        self._random = random
        self._bench = bench

    def values(self, values: dict[str, Any]) -> dict[str, Any]:
        result = {}
        for name, value in values.items():
            if name in FEATURES_OFF or name in ("LinkToTxnID", "LinkToTxn", "DataExt", "CurrencyFilter", "ClassFilter"):
                continue
            if self._random.random() < (0.1 if name in ("Name", "CustomerRef", "VendorRef") else 0.4):
                continue
            result[name] = self.value(name, value)
        return result

    def value(self, name: str, value: Any) -> Any:
        if name in REFERENCES:
            known = NAMES.get(REFERENCES[name].family)
            made = {"FullName": self._random.choice(known)} if known else {"FullName": "none"}
            return [made] if isinstance(value, list) else made
        if name == "ParentRef":
            return {"FullName": self._random.choice(["Baker", "Lamp", "Sales", "none"])}
        if name == "Name":
            return self._random.choice(["a", "b", "c", "A", "x:y"])
        if name in ("TxnID", "CreditTxnID"):
            rows = self._bench.truth.transactions()
            known_id = self._random.choice([row["txn_id"] for row in rows]) if rows else "1-1"
            return [known_id] if isinstance(value, list) else known_id
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int):
            return self._random.choice([0, 1, 500, 100_000, value, -500])
        if isinstance(value, dict):
            return self.values(value)
        if isinstance(value, list):
            return [
                (each[0], self.values(each[1]))
                if isinstance(each, tuple)
                else self.values(each)
                if isinstance(each, dict)
                else each
                for each in value
            ]
        return value


WRITES = [name for name in OURS if name.endswith(("AddRq", "ModRq")) and "Display" not in name]


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("seed", range(3))
def test_writes_bent_out_of_shape(name: str, seed: int) -> None:
    random, bench = Random(f"{name} {seed}"), Bench()
    seeds = [each for each in ("InvoiceAddRq", "CreditMemoAddRq", "BillAddRq", name, name) if each.endswith("AddRq")]
    for each in [*seeds, name]:
        variant = random.choice(variants(VERSION, each))
        request = sample_request(VERSION, each, "fullest", variant)
        [aggregate] = [key for key in request.values if key.endswith(("Add", "Mod"))]
        mutation = Mutation(random, bench)
        inner = request.values[aggregate]
        assert isinstance(inner, dict)
        changed = mutation.values(inner)
        if aggregate.endswith("Mod"):
            rows = bench.truth.records("Item" if each.startswith("Item") else each.removesuffix("ModRq"))
            if rows:
                row = random.choice(rows)
                [now] = bench.found(row["kind"], ListID=[row["list_id"]])
                changed |= {"ListID": now["ListID"], "EditSequence": now["EditSequence"]}
        required = {
            key: inner[key]
            for key in ("ListID", "EditSequence", "AccountType", "IsTaxable")
            if key in inner and key not in changed
        }
        request.values[aggregate] = {**required, **changed}
        request.values.pop("IncludeRetElement", None)
        try:
            [request] = decode_set(encode_request_set(VERSION, "stopOnError", [request])).requests
        except NotValid:
            continue  # an element that must be there was taken away
        check(bench, request)
