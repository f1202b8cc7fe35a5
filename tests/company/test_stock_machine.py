"""Average cost against an independent model: purchases, sales, credits, adjustments and builds, back-dated, changed and deleted.

After each step quantities, average costs, what the asset accounts hold and what has gone to cost of goods sold are those of a replay of the
whole history by date (documented: average cost is worked out over the whole history).
"""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from company.helpers import record_of

from .proven import (
    ITEMS_MOD,
    ITEMS_RET,
    ONE,
    Proven,
    Values,
    adjusted,
    assembly,
    built,
    by_pieces,
    by_value,
    goods,
    purchase,
    ref,
    sold,
)  # fmt: skip
from .stock_model import Document, Event, replayed

ITEMS = ("Bolt", "Nut", "Machine", "Plant")
PARTS = {"Machine": {"Bolt": 2, "Nut": 1}, "Plant": {"Machine": 1, "Bolt": 3}}
COSTS = {"Bolt": ONE // 2, "Nut": ONE // 4, "Machine": 0, "Plant": 0}
COGS, SHRINKAGE = "Cost of Goods Sold", "Shrinkage"

DAYS = st.integers(1, 9).map(lambda day: f"2026-11-0{day}")
ITEM = st.sampled_from(ITEMS)
PIECES = st.one_of(st.integers(1, 12).map(float), st.integers(1, 400).map(lambda each: each / 8))
CENTS = st.integers(0, 2_000)


def exact(pieces: float) -> Fraction:
    return Fraction(round(pieces * ONE), ONE)


class Stock(RuleBasedStateMachine):
    """Random documents on one company and on the model."""

    setting = "history"

    def __init__(self) -> None:
        super().__init__()
        self.bench = Proven(switches={"company.average-cost": self.setting})
        for name, parts in PARTS.items():
            assembly(self.bench, name, **parts)
        self.documents: list[tuple[Document, Values]] = []

    def save(self, kind: str, values: Values, *events: Event) -> None:
        made = self.bench.add(kind, values)
        self.documents.append((Document(kind, values["TxnDate"], made["TxnNumber"], list(events)), made))

    @rule(kind=st.sampled_from(["Bill", "ItemReceipt", "Check"]), item=ITEM, pieces=PIECES, cents=CENTS, day=DAYS)
    def buy(self, kind: str, item: str, pieces: float, cents: int, day: str) -> None:
        self.save(kind, purchase(kind, goods(item, pieces, Amount=cents), TxnDate=day), Event(item, exact(pieces), cents))

    @rule(item=ITEM, pieces=PIECES, cents=CENTS, day=DAYS)
    def give_back(self, item: str, pieces: float, cents: int, day: str) -> None:
        values = purchase("VendorCredit", goods(item, pieces, Amount=cents), TxnDate=day)
        self.save("VendorCredit", values, Event(item, -exact(pieces), -cents))

    @rule(kind=st.sampled_from(["Invoice", "SalesReceipt", "CreditMemo"]), item=ITEM, pieces=PIECES, day=DAYS)
    def sell(self, kind: str, item: str, pieces: float, day: str) -> None:
        sign = 1 if kind == "CreditMemo" else -1
        self.save(kind, sold(item, pieces, kind=kind, TxnDate=day), Event(item, sign * exact(pieces), None, COGS))

    @rule(item=ITEM, pieces=PIECES, out=st.booleans(), cents=st.one_of(st.none(), st.integers(-500, 500)), day=DAYS)
    def adjust(self, item: str, pieces: float, out: bool, cents: int | None, day: str) -> None:
        signed = -pieces if out else pieces
        line = by_pieces(item, signed) if cents is None else by_value(item, cents, signed)
        self.save("InventoryAdjustment", adjusted(line, TxnDate=day), Event(item, exact(signed), cents, SHRINKAGE))

    @rule(item=ITEM, pieces=st.integers(0, 20), cents=st.one_of(st.none(), CENTS), day=DAYS)
    def count(self, item: str, pieces: int, cents: int | None, day: str) -> None:
        """A new quantity, and perhaps a new value, is set against what was there at the end of the day."""
        past = [document for document, _made in self.documents if document.date <= day]
        there = replayed(past, COSTS)[0][item]
        new: Values = {"NewQuantity": pieces * ONE}
        kind = "QuantityAdjustment" if cents is None else "ValueAdjustment"
        line = {"ItemRef": ref(item), kind: {**new, **({} if cents is None else {"NewValue": cents})}}
        own = None if cents is None else cents - there.cents
        event = Event(item, pieces - there.pieces, own, SHRINKAGE)
        self.save("InventoryAdjustment", adjusted(line, TxnDate=day), event)

    @rule(name=st.sampled_from(sorted(PARTS)), pieces=st.integers(1, 6), wait=st.booleans(), day=DAYS)
    def build(self, name: str, pieces: int, wait: bool, day: str) -> None:
        parts = {item: Fraction(each * pieces) for item, each in PARTS[name].items()}
        short = any(self.bench.item(item)["QuantityOnHand"] < needed * ONE for item, needed in parts.items())
        values = built(name, pieces, TxnDate=day, MarkPendingIfRequired=wait)
        answer = self.bench.ask("BuildAssembly", "Add", {"BuildAssemblyAdd": values})
        assert answer.status.code == (3180 if short and not wait else 0)
        if answer.status.code:
            return
        made = record_of(answer)
        assert made["IsPending"] == short
        events = [] if short else [Event(name, Fraction(pieces), parts=tuple(parts.items()))]
        self.documents.append((Document("BuildAssembly", day, made["TxnNumber"], events), made))

    @rule(item=ITEM, pieces=PIECES, day=DAYS)
    def move(self, item: str, pieces: float, day: str) -> None:
        line = {"ItemRef": ref(item), "QuantityToTransfer": round(pieces * ONE)}
        values = {"FromInventorySiteRef": ref("North"), "ToInventorySiteRef": ref("South"), "TransferInventoryLineAdd": [line]}
        self.save("TransferInventory", {**values, "TxnDate": day})

    @rule(choice=st.integers(0, 99), day=DAYS)
    @precondition(lambda self: self.documents)
    def change_the_date(self, choice: int, day: str) -> None:
        document, made = self.documents[choice % len(self.documents)]
        self.bench.changed(document.kind, made, TxnDate=day)
        document.date = day

    @rule(choice=st.integers(0, 99), pieces=PIECES, cents=CENTS)
    @precondition(lambda self: self.bought())
    def change_a_purchase(self, choice: int, pieces: float, cents: int) -> None:
        document, made = self.bought()[choice % len(self.bought())]
        [(_name, line)] = self.bench.one(document.kind, made)[ITEMS_RET]
        changed = {"TxnLineID": line["TxnLineID"], "Quantity": round(pieces * ONE), "Amount": cents}
        self.bench.changed(document.kind, made, **{ITEMS_MOD: [("ItemLineMod", changed)]})
        sign = -1 if document.kind == "VendorCredit" else 1
        document.events = [Event(document.events[0].item, sign * exact(pieces), sign * cents)]

    def bought(self) -> list[tuple[Document, Values]]:
        return [each for each in self.documents if each[0].kind in ("Bill", "ItemReceipt", "Check", "VendorCredit")]

    @rule(choice=st.integers(0, 99), pieces=st.integers(1, 6))
    @precondition(lambda self: any(document.kind == "BuildAssembly" for document, _made in self.documents))
    def change_a_build(self, choice: int, pieces: int) -> None:
        builds = [each for each in self.documents if each[0].kind == "BuildAssembly"]
        document, made = builds[choice % len(builds)]
        name = made["ItemInventoryAssemblyRef"]["FullName"]
        answer = self.bench.change("BuildAssembly", made, QuantityToBuild=pieces * ONE, RemovePending=True)
        if answer.status.code:
            assert answer.status.code == 3180
            return
        parts = tuple((item, Fraction(each * pieces)) for item, each in PARTS[name].items())
        document.events = [Event(name, Fraction(pieces), parts=parts)]

    @rule(choice=st.integers(0, 99), operation=st.sampled_from(["Del", "Void"]))
    @precondition(lambda self: self.documents)
    def remove(self, choice: int, operation: str) -> None:
        document, made = self.documents.pop(choice % len(self.documents))
        never_void = document.kind in ("BuildAssembly", "TransferInventory")
        self.bench.removed("Del" if never_void else operation, document.kind, made)

    @invariant()
    def it_is_as_the_model_says(self) -> None:
        kept, others = replayed([document for document, _made in self.documents], COSTS)
        ask = self.bench.sql
        shown = {row["FullName"]: row for row in self.bench.found("Item", FullName=list(ITEMS))}
        for item in ITEMS:
            assert shown[item]["QuantityOnHand"] == kept[item].pieces * ONE, item
            if self.setting == "history":
                assert shown[item]["AverageCost"] == kept[item].average, item
                held = ask("SELECT value_cents FROM stock JOIN list_record ON record = item WHERE full_name = ?", item)
                assert sum(row[0] for row in held) == kept[item].cents, item
        if self.setting == "history":
            sums = self.bench.books()
            assert sums.get("Inventory Asset", 0) == sum(each.cents for each in kept.values())
            assert {name: sums.get(name, 0) for name in (COGS, SHRINKAGE)} == {
                name: others.get(name, 0) for name in (COGS, SHRINKAGE)
            }


class StockAtPosting(Stock):
    """The same with costs taken at the moment of posting: quantities are the model's, and the books balance (`Proven` proves it)."""

    setting = "at-posting"


QUICK: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
TestStock = Stock.TestCase
TestStock.settings = settings(max_examples=12, stateful_step_count=20, **QUICK)
TestStockAtPosting = StockAtPosting.TestCase
TestStockAtPosting.settings = settings(max_examples=5, stateful_step_count=15, **QUICK)


@pytest.mark.slow
class TestStockAtLength(Stock.TestCase):  # type: ignore[misc,name-defined]
    """The same, at length."""

    settings = settings(max_examples=150, stateful_step_count=60, **QUICK)


@pytest.mark.slow
class TestStockAtPostingAtLength(StockAtPosting.TestCase):  # type: ignore[misc,name-defined]
    """The same, at length."""

    settings = settings(max_examples=50, stateful_step_count=50, **QUICK)


def test_the_model_knows_an_example_from_the_books() -> None:
    """10 at 1.00 and 10 at 2.00 make 1.50; what is sold before the second purchase costs 1.00; below zero the last average is used."""
    bought = [
        Document("Bill", "1", 1, [Event("A", Fraction(10), 1000)]),
        Document("Bill", "3", 2, [Event("A", Fraction(10), 2000)]),
    ]
    kept, others = replayed(bought, {"A": 0})
    assert (kept["A"].average, kept["A"].cents) == (150_000, 3000)
    sale = Document("Invoice", "2", 3, [Event("A", Fraction(-4), None, COGS)])
    kept, others = replayed([*bought, sale], {"A": 0})
    assert (others, kept["A"].cents, kept["A"].average) == ({COGS: 400}, 2600, 162_500)
    below = Document("Invoice", "2", 3, [Event("A", Fraction(-12), None, COGS)])
    assert replayed([*bought, below], {"A": 0})[1] == {COGS: 1200}
