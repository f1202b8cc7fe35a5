"""Mods of every kind of purchase: what stays, what is dropped, what is refused."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from company.proven import EXPENSES, ITEMS_MOD, ITEMS_RET, ONE, Proven, Values, expense, goods, purchase, ref

from .test_postings_of_purchases import GROUP, OWN, SIGN, TOTAL

KINDS = sorted(OWN)
EXPENSES_MOD = EXPENSES.replace("Add", "Mod")
FIXED = {kind: "VendorRef" if OWN[kind] == "Accounts Payable" else "AccountRef" for kind in KINDS}
"""Kind -> the element of its header that it cannot be without."""


def both(bench: Proven, kind: str, **header: Any) -> Values:
    """Two expenses (10.00 of class East, 5.00), then 4 lamps at 4.00 posted to Rent, and 10 bolts at 0.75."""
    lines = (
        expense(1000, ClassRef=ref("East"), Memo="first"),
        expense(500, "Utilities"),
        goods("Lamp", 4, OverrideItemAccountRef=ref("Rent")),
        goods("Bolt", 10, 0.75),
    )
    return bench.add(kind, purchase(kind, *lines, Memo="a", TxnDate="2026-11-02", **header))


def expenses(saved: Values) -> list[Values]:
    return list(saved.get("ExpenseLineRet", []))


def items(saved: Values) -> list[Values]:
    return [line for _name, line in saved.get(ITEMS_RET, [])]


def kept(line: Values, **changes: Any) -> Values:
    return {"TxnLineID": line["TxnLineID"], **changes}


def lines(*each: Values) -> dict[str, Any]:
    return {ITEMS_MOD: [("ItemLineMod", line) for line in each]}


@pytest.mark.parametrize("kind", KINDS)
class TestOfEach:
    def test_a_header_alone_keeps_the_lines_and_what_they_post(self, kind: str) -> None:
        bench = Proven()
        saved = both(bench, kind)
        before = bench.rows(saved)
        after = bench.changed(kind, saved, Memo="b", TxnDate="2026-11-03")
        assert (after["Memo"], after["TxnDate"], after[TOTAL[kind]]) == ("b", "2026-11-03", 3850)
        assert (expenses(after), items(after), bench.rows(saved)) == (expenses(saved), items(saved), before)
        same = ("TxnID", "TxnNumber", "TimeCreated")
        assert {name: after[name] for name in same} == {name: saved[name] for name in same}
        assert int(after["EditSequence"]) > int(saved["EditSequence"])

    def test_lines_kept_changed_new_and_dropped(self, kind: str) -> None:
        bench, sign = Proven(), SIGN[kind]
        saved = both(bench, kind)
        first, _dropped = expenses(saved)
        new = {"TxnLineID": "-1", **expense(70, "Telephone")}
        after = bench.changed(kind, saved, **{EXPENSES_MOD: [new, kept(first, Amount=900)]})
        assert [(line["Amount"], line.get("Memo")) for line in expenses(after)] == [(70, None), (900, "first")]
        assert items(after) == items(saved)  # a list that is not sent stays
        lamps, bolts = items(saved)
        after = bench.changed(
            kind, saved, **lines(kept(lamps), {"TxnLineID": "-1", **goods("Nut", 8)}, kept(bolts, Quantity=4 * ONE))
        )
        assert [(line["ItemRef"]["FullName"], line["Quantity"], line["Amount"]) for line in items(after)] == [
            ("Lamp", 4 * ONE, 1600),
            ("Nut", 8 * ONE, 200),
            ("Bolt", 4 * ONE, 300),
        ]
        assert bench.rows(saved)[1:] == [
            ("Telephone", sign * 70),
            ("Rent", sign * 900, "", "East"),
            ("Rent", sign * 1600),
            ("Inventory Asset", sign * 200),
            ("Inventory Asset", sign * 300),
        ]
        ids = [line["TxnLineID"] for line in (*expenses(after), *items(after))]
        assert (len(set(ids)), "-1" in ids) == (5, False)
        assert (bench.item("Bolt")["QuantityOnHand"], bench.item("Nut")["QuantityOnHand"]) == (sign * 4 * ONE, sign * 8 * ONE)

    @pytest.mark.parametrize(
        ("change", "quantity", "cost", "amount"),
        [
            ({"Quantity": 2 * ONE}, 2 * ONE, ONE * 3 // 4, 150),
            ({"Cost": ONE}, 10 * ONE, ONE, 1000),
            ({"Amount": 500}, 10 * ONE, ONE // 2, 500),
            ({"Quantity": 2 * ONE, "Cost": 3 * ONE}, 2 * ONE, 3 * ONE, 600),
            ({"Quantity": 2 * ONE, "Amount": 5}, 2 * ONE, 2500, 5),
            ({"Desc": "short"}, 10 * ONE, ONE * 3 // 4, 750),
        ],
    )
    def test_the_figures_of_a_line(self, kind: str, change: Values, quantity: int, cost: int, amount: int) -> None:
        bench = Proven()
        saved = both(bench, kind)
        lamps, bolts = items(saved)
        after = bench.changed(kind, saved, **lines(kept(lamps), kept(bolts, **change)))
        line = items(after)[1]
        assert (line["Quantity"], line["Cost"], line["Amount"]) == (quantity, cost, amount)
        assert after[TOTAL[kind]] == 3100 + amount

    def test_another_item_has_its_own_cost_and_account(self, kind: str) -> None:
        bench, sign = Proven(), SIGN[kind]
        saved = both(bench, kind)
        lamps, bolts = items(saved)
        after = bench.changed(kind, saved, **lines(kept(lamps, ItemRef=ref("Nut")), kept(bolts, ItemRef=ref("Lamp"))))
        assert [line["Amount"] for line in items(after)] == [100, 4000]
        assert bench.rows(saved)[3:] == [("Inventory Asset", sign * 100), ("Merchandise Purchases", sign * 4000)]
        assert bench.item("Bolt")["QuantityOnHand"] == 0

    def test_an_empty_element_clears(self, kind: str) -> None:
        bench = Proven()
        saved = both(bench, kind)
        first, second = expenses(saved)
        after = bench.changed(kind, saved, Memo=None, **{EXPENSES_MOD: [kept(first, Memo=None, ClassRef={}), kept(second)]})
        assert "Memo" not in after
        assert [line.keys() & {"Memo", "ClassRef"} for line in expenses(after)] == [set(), set()]
        assert bench.rows(saved)[1][2:] == ()

    def test_clear_flags(self, kind: str) -> None:
        bench = Proven()
        saved = both(bench, kind)
        after = bench.changed(kind, saved, ClearExpenseLines=True)
        assert (expenses(after), items(after), after[TOTAL[kind]]) == ([], items(saved), 2350)
        new = {"TxnLineID": "-1", **goods("Lamp", 1)}
        after = bench.changed(kind, saved, ClearItemLines=True, **lines(new))
        assert [line["Amount"] for line in items(after)] == [400]
        assert bench.changed(kind, saved, ClearItemLines=True)[TOTAL[kind]] == 0
        assert bench.books() == {}

    @pytest.mark.parametrize(
        ("make", "code"),
        [
            (lambda saved: lines(*map(kept, reversed(items(saved)))), 3290),
            (lambda saved: lines(kept(items(saved)[0]), kept(items(saved)[0])), 3290),
            (lambda saved: {EXPENSES_MOD: [*map(kept, reversed(expenses(saved)))]}, 3290),
            (lambda saved: lines({"TxnLineID": "FF-1"}), 3120),
            (lambda saved: lines(kept(expenses(saved)[0])), 3120),
            (lambda saved: {EXPENSES_MOD: [kept(items(saved)[0])]}, 3120),
            (lambda saved: lines(kept(items(saved)[0], ItemRef={})), 3150),
            (lambda saved: lines(kept(items(saved)[0], Quantity=None)), 3150),
            (lambda saved: lines(kept(items(saved)[0], Cost=None)), 3150),
            (lambda saved: lines(kept(items(saved)[0], Amount=None)), 3150),
            (lambda saved: lines(kept(items(saved)[0], ItemRef=ref("Nothing"))), 3140),
            (lambda saved: lines(kept(items(saved)[0], Amount=-9_999)), 3180),
            (lambda saved: {EXPENSES_MOD: [kept(expenses(saved)[0], AccountRef={})]}, 3180),
            (lambda saved: {EXPENSES_MOD: [kept(expenses(saved)[0], ClassRef=ref("North"))]}, 3140),
            (lambda saved: {"TxnDate": "2026-10-31"}, 3171),
            (lambda saved: {"EditSequence": "1"}, 3200),
            (lambda saved: {"TxnID": "1-1"}, 3120),
        ],
    )
    def test_refused(self, kind: str, make: Any, code: int) -> None:
        bench = Proven()
        bench.company._books.facts["closing_date"] = "2026-10-31"
        saved = both(bench, kind)
        assert bench.unchanged(kind, saved, **make(saved)) == code

    def test_what_it_cannot_be_without(self, kind: str) -> None:
        bench = Proven()
        saved = both(bench, kind)
        assert bench.unchanged(kind, saved, **{FIXED[kind]: {}}) == 3150

    def test_by_the_switch_it_stays(self, kind: str) -> None:
        bench = Proven(switches={"company.not-clearable": "kept"})
        saved = both(bench, kind)
        lamps, bolts = items(saved)
        after = bench.changed(
            kind, saved, **{FIXED[kind]: {}}, **lines(kept(lamps, Quantity=None, Cost=None), kept(bolts, Amount=None))
        )
        assert (after[FIXED[kind]], items(after)) == (saved[FIXED[kind]], items(saved))

    def test_lines_of_an_item_group(self, kind: str) -> None:
        bench, sign = Proven(), SIGN[kind]
        bench.add("ItemGroup", GROUP)
        saved = bench.add(kind, purchase(kind, {"ItemGroupRef": ref("Set")}, expense(100)))
        [group] = items(saved)
        inside = group["ItemLineRet"]
        assert bench.rows(saved)[2:] == [("Merchandise Purchases", sign * 800), ("Inventory Asset", sign * 200)]
        after = bench.changed(kind, saved, Memo="header alone")
        assert items(after) == [group]
        changed = [kept(inside[1], Quantity=ONE), {"TxnLineID": "-1", **goods("Nut", 4)}]
        after = bench.changed(kind, saved, **{ITEMS_MOD: [("ItemGroupLineMod", kept(group, ItemLineMod=changed))]})
        [now] = items(after)
        assert [(line["ItemRef"]["FullName"], line["Amount"]) for line in now["ItemLineRet"]] == [("Bolt", 50), ("Nut", 100)]
        assert now["ItemLineRet"][0]["TxnLineID"] == inside[1]["TxnLineID"]
        assert (now["TotalAmount"], after[TOTAL[kind]]) == (150, 250)

    def test_a_group_that_is_taken_more_often_is_made_anew(self, kind: str) -> None:
        bench = Proven()
        bench.add("ItemGroup", GROUP)
        bench.add(
            "ItemGroup",
            {**GROUP, "Name": "Other", "ItemDesc": "Another", "ItemGroupLine": [{"ItemRef": ref("Nut"), "Quantity": ONE}]},
        )
        saved = bench.add(kind, purchase(kind, {"ItemGroupRef": ref("Set")}))
        [group] = items(saved)
        [now] = items(bench.changed(kind, saved, **{ITEMS_MOD: [("ItemGroupLineMod", kept(group, Quantity=3 * ONE))]}))
        assert [line["Quantity"] for line in now["ItemLineRet"]] == [6 * ONE, 12 * ONE]
        [now] = items(bench.changed(kind, saved, **{ITEMS_MOD: [("ItemGroupLineMod", kept(group, ItemGroupRef=ref("Other")))]}))
        assert [(line["ItemRef"]["FullName"], line["Quantity"]) for line in now["ItemLineRet"]] == [("Nut", 3 * ONE)]
        assert now["Desc"] == "Another"
        assert (bench.item("Bolt")["QuantityOnHand"], bench.item("Nut")["QuantityOnHand"]) == (0, SIGN[kind] * 3 * ONE)


@pytest.mark.parametrize("kind", ["Bill", "ItemReceipt", "VendorCredit"])
def test_another_vendor(kind: str) -> None:
    bench = Proven()
    saved = both(bench, kind)
    bench.changed(kind, saved, VendorRef=ref("Landlord"), APAccountRef=ref("Other Payables"))
    assert (bench.truth.balance("Lamp Factory"), bench.truth.balance("Landlord")) == (0, SIGN[kind] * 3850)
    assert bench.rows(saved)[0] == ("Other Payables", -SIGN[kind] * 3850, "Landlord")
    assert bench.unchanged(kind, saved, VendorRef=ref("Baker")) == 3140


@pytest.mark.parametrize("kind", ["Check", "CreditCardCharge", "CreditCardCredit"])
def test_another_payee_and_account(kind: str) -> None:
    bench = Proven()
    other = {"Check": "Savings"}.get(kind, "Other Card")
    bench.add("Account", {"Name": "Other Card", "AccountType": "CreditCard"})
    saved = both(bench, kind)
    bench.changed(kind, saved, PayeeEntityRef=ref("Baker"), AccountRef=ref(other))
    assert bench.rows(saved)[0] == (other, -SIGN[kind] * 3850, "Baker")
    assert "PayeeEntityRef" not in bench.changed(kind, saved, PayeeEntityRef={})
    assert bench.rows(saved)[0] == (other, -SIGN[kind] * 3850)
    assert bench.unchanged(kind, saved, AccountRef=ref("Accounts Payable")) == 3180


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from(KINDS),
    st.lists(
        st.tuples(
            st.sets(st.integers(0, 3)),
            st.sampled_from(["Quantity", "Cost", "Amount", ""]),
            st.integers(0, 10**6),
            st.sampled_from(["Lamp", "Bolt", "Nut", ""]),
        ),
        max_size=5,
    ),
)
def test_the_books_are_in_order_after_any_changes(kind: str, rounds: list[tuple[set[int], str, int, str]]) -> None:
    bench = Proven()
    saved = bench.add(
        kind, purchase(kind, expense(1000), *[goods(name, pieces) for pieces, name in enumerate(("Lamp", "Bolt", "Nut"), 1)])
    )
    for places, figure, number, item in rounds:
        said = {**({figure: number} if figure else {}), **({"ItemRef": ref(item)} if item else {})}
        sent = [kept(line, **said) for place, line in enumerate(items(saved)) if place in places]
        new = [{"TxnLineID": "-1", **goods(item)}] if item else []
        saved = bench.changed(kind, saved, **lines(*new, *sent))
        assert saved[TOTAL[kind]] == 1000 + sum(line["Amount"] for line in items(saved))
        on_hand = {
            name: sum(line.get("Quantity", ONE) for line in items(saved) if line["ItemRef"]["FullName"] == name)
            for name in ("Bolt", "Nut")
        }
        assert {name: bench.item(name)["QuantityOnHand"] for name in on_hand} == {
            name: SIGN[kind] * pieces for name, pieces in on_hand.items()
        }


@pytest.mark.parametrize(("setting", "day"), [("from-terms", "2026-11-25"), ("kept", "2026-11-17")])
def test_when_a_bill_is_due_after_another_date(setting: str, day: str) -> None:
    bench = Proven(switches={"company.due-date-of-mod": setting})
    saved = both(bench, "Bill")
    assert (saved["DueDate"], saved["TermsRef"]["FullName"]) == ("2026-11-17", "Net 15")
    assert bench.changed("Bill", saved, Memo="b")["DueDate"] == "2026-11-17"
    assert bench.changed("Bill", saved, TxnDate="2026-11-10")["DueDate"] == day
    assert bench.changed("Bill", saved, TermsRef={}, DueDate="2026-12-24")["DueDate"] == "2026-12-24"


def test_a_check_that_is_to_be_printed_has_no_number() -> None:
    bench = Proven()
    saved = bench.add("Check", purchase("Check", expense(5), IsToBePrinted=True))
    assert ("RefNumber" in saved, saved["IsToBePrinted"]) == (False, True)
    assert bench.changed("Check", saved, Memo="b")["IsToBePrinted"] is True
    after = bench.changed("Check", saved, RefNumber="1001")
    assert (after["RefNumber"], after["IsToBePrinted"]) == ("1001", False)
    after = bench.changed("Check", saved, IsToBePrinted=True)
    assert ("RefNumber" in after, after["IsToBePrinted"]) == (False, True)
