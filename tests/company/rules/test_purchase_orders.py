"""Purchase orders: what is received and billed of them, and what a link to one does. Links are made in an Add only (documented)."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from company.helpers import record_of
from company.proven import (
    ITEMS_MOD,
    ITEMS_RET,
    ONE,
    ORDERED_MOD,
    ORDERED_RET,
    PARTY,
    Proven,
    Values,
    expense,
    goods,
    ordered,
    purchase,
    ref,
)  # fmt: skip
from emulator.qbxml import schema_of

from .test_postings_of_purchases import GROUP, SIGN, TOTAL

FULFIL = ("Bill", "ItemReceipt")


def order(bench: Proven, *lines: Values, **header: Any) -> Values:
    """Save an order; without lines, of 10 bolts at 0.75 and 4 lamps at 4.00."""
    return bench.add("PurchaseOrder", ordered(*(lines or (goods("Bolt", 10, 0.75), goods("Lamp", 4))), **header))


def lines_of(saved: Values) -> list[Values]:
    found: list[Values] = []
    for name, line in saved[ORDERED_RET]:
        found += line["PurchaseOrderLineRet"] if "Group" in name else [line]
    return found


def link(saved: Values, place: int = 0) -> Values:
    """A LinkToTxn to a line of an order."""
    return {"LinkToTxn": {"TxnID": saved["TxnID"], "TxnLineID": lines_of(saved)[place]["TxnLineID"]}}


def bought(saved: Values) -> list[tuple[str, int, int]]:
    """Return (item, pieces, cents) of the item lines of a purchase."""
    return [(line["ItemRef"]["FullName"], line["Quantity"], line["Amount"]) for _name, line in saved[ITEMS_RET]]


def state(bench: Proven, saved: Values) -> list[tuple[int, int, bool]]:
    """Return (received, unbilled, billed) of the lines of an order."""
    told = [line for line in lines_of(bench.one("PurchaseOrder", saved)) if "ItemRef" in line]
    return [(line["ReceivedQuantity"], line["UnbilledQuantity"], line["IsBilled"]) for line in told]


def test_an_order_waits() -> None:
    bench = Proven()
    saved = order(bench)
    assert state(bench, saved) == [(0, 0, False), (0, 0, False)]
    now = bench.one("PurchaseOrder", saved)
    assert (now["IsFullyReceived"], now["IsManuallyClosed"], now.get("LinkedTxn", [])) == (False, False, [])
    assert bench.item("Bolt")["QuantityOnOrder"] == 10 * ONE


@pytest.mark.parametrize("kind", FULFIL)
class TestLinks:
    def test_everything_of_an_order(self, kind: str) -> None:
        bench = Proven()
        saved = order(bench, goods("Bolt", 10, 0.75, ClassRef=ref("East")), {"Desc": "with care"}, goods("Lamp", 4))
        made = bench.add(kind, purchase(kind, LinkToTxnID=[saved["TxnID"]]))
        assert [line.get("Desc") for _name, line in made[ITEMS_RET]] == ["A bolt", "with care", "A lamp"]
        assert bench.rows(made)[1:] == [("Inventory Asset", 750, "", "East"), ("Merchandise Purchases", 1600)]
        billed = 10 * ONE if kind == "Bill" else 0
        assert state(bench, saved)[0] == (10 * ONE, 10 * ONE - billed, kind == "Bill")
        now = bench.one("PurchaseOrder", saved)
        assert now["IsFullyReceived"] is True
        [linked] = now["LinkedTxn"]
        assert (linked["TxnID"], linked["TxnType"], linked["LinkType"], linked["Amount"]) == (
            made["TxnID"],
            kind,
            "QUANTYPE",
            2350,
        )
        assert [each["TxnID"] for each in bench.one(kind, made)["LinkedTxn"]] == [saved["TxnID"]]
        assert bench.item("Bolt")["QuantityOnOrder"] == 0

    def test_a_part_of_a_line_and_the_rest(self, kind: str) -> None:
        bench = Proven()
        saved = order(bench)
        made = bench.add(kind, purchase(kind, {"Quantity": 4 * ONE, **link(saved)}))
        assert bought(made) == [("Bolt", 4 * ONE, 300)]
        assert state(bench, saved)[0][0] == 4 * ONE
        assert bench.item("Bolt")["QuantityOnOrder"] == 6 * ONE
        made = bench.add(kind, purchase(kind, expense(1), LinkToTxnID=[saved["TxnID"]]))
        assert bought(made) == [("Bolt", 6 * ONE, 450), ("Lamp", 4 * ONE, 1600)]
        assert bench.one("PurchaseOrder", saved)["IsFullyReceived"] is True
        assert len(bench.one("PurchaseOrder", saved)["LinkedTxn"]) == 2

    @pytest.mark.parametrize(
        ("said", "cost", "cents"),
        [
            ({}, ONE * 3 // 4, 750),
            ({"Cost": ONE}, ONE, 1000),
            ({"Amount": 500}, ONE // 2, 500),
            ({"Quantity": 20 * ONE}, ONE * 3 // 4, 1500),
        ],
    )
    def test_a_line_says_what_is_otherwise(self, kind: str, said: Values, cost: int, cents: int) -> None:
        bench = Proven()
        saved = order(bench)
        made = bench.add(kind, purchase(kind, {**said, **link(saved)}))
        [(_name, line)] = made[ITEMS_RET]
        assert (line["Cost"], line["Amount"]) == (cost, cents)
        assert state(bench, saved)[0][0] == line["Quantity"]
        assert bench.item("Bolt")["QuantityOnOrder"] == 0

    def test_a_group_of_an_order(self, kind: str) -> None:
        bench = Proven()
        bench.add("ItemGroup", GROUP)
        saved = order(bench, {"ItemGroupRef": ref("Set"), "Quantity": 2 * ONE})
        bench.add(kind, purchase(kind, {"Quantity": 3 * ONE, **link(saved, 1)}))
        made = bench.add(kind, purchase(kind, LinkToTxnID=[saved["TxnID"]]))
        [(name, group)] = made[ITEMS_RET]
        assert name == "ItemGroupLineRet"
        assert [(line["ItemRef"]["FullName"], line["Quantity"]) for line in group["ItemLineRet"]] == [
            ("Lamp", 4 * ONE),
            ("Bolt", 5 * ONE),
        ]
        assert bench.one("PurchaseOrder", saved)["IsFullyReceived"] is True

    @pytest.mark.parametrize("how", ["received", "closed", "line closed"])
    def test_a_closed_order_is_passed_over(self, kind: str, how: str) -> None:
        bench = Proven()
        saved = order(bench, goods("Bolt", 10))
        if how == "received":
            bench.add(kind, purchase(kind, LinkToTxnID=[saved["TxnID"]]))
        elif how == "closed":
            bench.changed("PurchaseOrder", saved, IsManuallyClosed=True)
        else:
            [line] = lines_of(saved)
            sent = ("PurchaseOrderLineMod", {"TxnLineID": line["TxnLineID"], "IsManuallyClosed": True})
            bench.changed("PurchaseOrder", saved, **{ORDERED_MOD: [sent]})
        assert bench.item("Bolt")["QuantityOnOrder"] == 0
        for linked in ({"LinkToTxnID": [saved["TxnID"]]}, {"lines": link(saved)}):
            lines = [linked.pop("lines")] if "lines" in linked else []
            assert bench.refused(kind, purchase(kind, *lines, **linked)) == 3180
            answer = bench.ask(kind, "Add", {f"{kind}Add": purchase(kind, *lines, expense(5), **linked)})
            assert (answer.status.code, answer.status.severity) == (570, "Warn")
            assert record_of(answer)[TOTAL[kind]] == 5

    @pytest.mark.parametrize(
        ("make", "code"),
        [
            (lambda saved, other: purchase("Bill", LinkToTxnID=["1-1"]), 3120),
            (lambda saved, other: purchase("Bill", LinkToTxnID=[other["TxnID"]]), 3120),
            (lambda saved, other: purchase("Bill", LinkToTxnID=[saved["TxnID"]] * 2), 3177),
            (lambda saved, other: purchase("Bill", link(saved), LinkToTxnID=[saved["TxnID"]]), 3000),
            (lambda saved, other: purchase("Bill", {"LinkToTxn": {"TxnID": saved["TxnID"], "TxnLineID": "1-1"}}), 3120),
            (lambda saved, other: purchase("Bill", {"LinkToTxn": {"TxnID": "1-1", "TxnLineID": "1-1"}}), 3120),
            (lambda saved, other: purchase("Bill", {"ItemRef": ref("Nut"), **link(saved)}), 3180),
        ],
    )
    def test_refused(self, kind: str, make: Any, code: int) -> None:
        bench = Proven()
        saved, other = order(bench), order(bench, vendor="Landlord")
        values = make(saved, other)
        assert values.keys() & dict(PARTY.values()).keys() == {"VendorRef"}
        assert bench.refused(kind, values) == code

    def test_a_changed_line_receives_more_or_less(self, kind: str) -> None:
        bench = Proven()
        saved = order(bench)
        made = bench.add(kind, purchase(kind, LinkToTxnID=[saved["TxnID"]]))
        bolts, lamps = ((name.replace("Ret", "Mod"), {"TxnLineID": line["TxnLineID"]}) for name, line in made[ITEMS_RET])
        bench.changed(kind, made, Memo="header alone")
        assert state(bench, saved)[0][0] == 10 * ONE
        bench.changed(kind, made, **{ITEMS_MOD: [(bolts[0], {**bolts[1], "Quantity": 3 * ONE}), lamps]})
        assert [each[0] for each in state(bench, saved)] == [3 * ONE, 4 * ONE]
        bench.changed(kind, made, **{ITEMS_MOD: [lamps]})
        assert [each[0] for each in state(bench, saved)] == [0, 4 * ONE]
        assert bench.unchanged(kind, made, **{ITEMS_MOD: [(lamps[0], {**lamps[1], "ItemRef": ref("Nut")})]}) == 3180
        assert bench.unchanged(kind, made, VendorRef=ref("Landlord")) == 3180
        bench.changed(kind, made, ClearItemLines=True)
        assert [each[0] for each in state(bench, saved)] == [0, 0]
        bench.changed(kind, made, VendorRef=ref("Landlord"))

    @pytest.mark.parametrize("operation", ["Del", "Void"])
    def test_what_is_taken_out_has_not_come(self, kind: str, operation: str) -> None:
        bench = Proven()
        saved = order(bench)
        made = bench.add(kind, purchase(kind, LinkToTxnID=[saved["TxnID"]]))
        bench.removed(operation, kind, made)
        assert state(bench, saved) == [(0, 0, False), (0, 0, False)]
        assert bench.one("PurchaseOrder", saved).get("LinkedTxn", []) == []
        assert (bench.item("Bolt")["QuantityOnOrder"], bench.item("Bolt")["QuantityOnHand"]) == (10 * ONE, 0)
        if operation == "Void":
            bench.changed(kind, made, Memo="stays void")
            assert (state(bench, saved)[0][0], bench.item("Bolt")["QuantityOnHand"], bench.books()) == (0, 0, {})

    def test_a_deleted_order_leaves_what_came(self, kind: str) -> None:
        bench = Proven()
        saved = order(bench)
        made = bench.add(kind, purchase(kind, LinkToTxnID=[saved["TxnID"]]))
        bench.removed("Del", "PurchaseOrder", saved)
        assert bench.one(kind, made).get("LinkedTxn", []) == []
        bench.changed(kind, made, Memo="header alone")
        assert bench.item("Bolt")["QuantityOnHand"] == 10 * ONE


class TestChanges:
    def test_a_header_alone(self) -> None:
        bench = Proven()
        saved = order(bench, Memo="a")
        after = bench.changed("PurchaseOrder", saved, Memo=None, VendorMsg="soon", ExpectedDate="2026-12-01")
        assert ("Memo" in after, after["VendorMsg"], after["ExpectedDate"]) == (False, "soon", "2026-12-01")
        assert lines_of(after) == lines_of(saved)
        assert bench.item("Bolt")["QuantityOnOrder"] == 10 * ONE

    def test_lines(self) -> None:
        bench = Proven()
        saved = order(bench)
        bolts, lamps = (line["TxnLineID"] for line in lines_of(saved))
        sent = [("PurchaseOrderLineMod", {"TxnLineID": "-1", "ItemRef": ref("Nut"), "Quantity": 2 * ONE}),
                ("PurchaseOrderLineMod", {"TxnLineID": lamps, "Rate": 5 * ONE})]  # fmt: skip
        after = bench.changed("PurchaseOrder", saved, **{ORDERED_MOD: sent})
        assert [(line["ItemRef"]["FullName"], line["Amount"]) for line in lines_of(after)] == [("Nut", 50), ("Lamp", 2000)]
        assert (after["TotalAmount"], bench.item("Bolt")["QuantityOnOrder"], bench.item("Nut")["QuantityOnOrder"]) == (
            2050,
            0,
            2 * ONE,
        )
        for wrong, code in (
            ([{"TxnLineID": bolts}], 3120),
            ([{"TxnLineID": lamps, "ItemRef": {}}], 3150),
            ([{"TxnLineID": lamps}] * 2, 3290),
        ):
            assert (
                bench.unchanged("PurchaseOrder", saved, **{ORDERED_MOD: [("PurchaseOrderLineMod", line) for line in wrong]})
                == code
            )

    @pytest.mark.parametrize("changes", [{"VendorRef": {}}, {"TemplateRef": {}}])
    def test_what_it_cannot_be_without(self, changes: Values) -> None:
        bench = Proven()
        assert bench.unchanged("PurchaseOrder", order(bench), **changes) == 3150

    def test_what_has_come_stays_on_the_order(self) -> None:
        bench = Proven()
        saved = order(bench)
        bench.add("Bill", purchase("Bill", {"Quantity": 4 * ONE, **link(saved)}))
        bolts, lamps = (line["TxnLineID"] for line in lines_of(saved))
        assert bench.unchanged("PurchaseOrder", saved, **{ORDERED_MOD: [("PurchaseOrderLineMod", {"TxnLineID": lamps})]}) == 3180
        assert bench.unchanged("PurchaseOrder", saved, VendorRef=ref("Landlord")) == 3180
        other = {"TxnLineID": bolts, "ItemRef": ref("Nut")}
        assert bench.unchanged("PurchaseOrder", saved, **{ORDERED_MOD: [("PurchaseOrderLineMod", other)]}) == 3180
        less = {"TxnLineID": bolts, "Quantity": 4 * ONE}
        after = bench.changed("PurchaseOrder", saved, **{ORDERED_MOD: [("PurchaseOrderLineMod", less)]})
        assert (after["IsFullyReceived"], after["TotalAmount"], bench.item("Bolt")["QuantityOnOrder"]) == (True, 300, 0)

    def test_closed_and_opened_again(self) -> None:
        bench = Proven()
        saved = order(bench)
        assert bench.changed("PurchaseOrder", saved, IsManuallyClosed=True)["IsManuallyClosed"] is True
        assert bench.item("Bolt")["QuantityOnOrder"] == 0
        assert [line["IsManuallyClosed"] for line in lines_of(bench.one("PurchaseOrder", saved))] == [False, False]
        bench.changed("PurchaseOrder", saved, IsManuallyClosed=False)
        assert bench.item("Bolt")["QuantityOnOrder"] == 10 * ONE
        assert bought(bench.add("Bill", purchase("Bill", LinkToTxnID=[saved["TxnID"]])))[0] == ("Bolt", 10 * ONE, 750)


def test_the_number_of_the_maker_comes_from_the_item() -> None:
    bench = Proven()
    bench.changed_item("ItemInventory", "Bolt", ManufacturerPartNumber="B-1")
    saved = order(bench, goods("Bolt", 1), goods("Bolt", 1, ManufacturerPartNumber="B-2"), goods("Nut", 1))
    assert [line.get("ManufacturerPartNumber") for line in lines_of(saved)] == ["B-1", "B-2", None]


def test_no_other_purchase_links() -> None:
    """Neither the schema nor the books let a vendor credit, check or card charge fulfil an order."""
    assert set(FULFIL) == {kind for kind in SIGN if "LinkToTxnID" in _elements(kind)}


def _elements(kind: str) -> set[str]:
    message = schema_of("16.0").message(f"{kind}AddRq")
    assert message is not None
    return {node.name for node in message.children[0].children if hasattr(node, "name")}  # type: ignore[union-attr]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([*FULFIL, "Del", "Mod"]), st.integers(0, 8), st.integers(0, 1)), max_size=10))
def test_what_has_come_is_what_the_lines_that_stand_say(steps: list[tuple[str, int, int]]) -> None:
    bench = Proven()
    saved = order(bench)
    standing: list[tuple[str, Values, int]] = []
    for what, pieces, place in steps:
        if what in FULFIL:
            answer = bench.ask(
                what, "Add", {f"{what}Add": purchase(what, {"Quantity": pieces * ONE, **link(saved, place)}, expense(1))}
            )
            if answer.status.code == 0:
                standing.append((what, record_of(answer), place))
        elif standing and what == "Del":
            kind, made, _place = standing.pop(pieces % len(standing))
            bench.removed("Del", kind, made)
        elif standing:
            kind, made, line_place = standing.pop(pieces % len(standing))
            [(_name, line)] = made[ITEMS_RET]
            changed = {"TxnLineID": line["TxnLineID"], "Quantity": pieces * ONE}
            standing.append((kind, bench.changed(kind, made, **{ITEMS_MOD: [("ItemLineMod", changed)]}), line_place))
        for each, (wanted, (received, unbilled, billed)) in enumerate(zip((10, 4), state(bench, saved), strict=True)):
            came = {
                kind: sum(made[ITEMS_RET][0][1]["Quantity"] for k, made, p in standing if k == kind and p == each)
                for kind in FULFIL
            }
            assert (received, unbilled) == (sum(came.values()), came["ItemReceipt"])
            assert billed == (came["Bill"] >= wanted * ONE)
