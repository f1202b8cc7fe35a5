"""Mods of every kind of sale: what stays, what is cleared, what is dropped and added, what is refused."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from company.helpers import line
from company.proven import ONE, Proven, Values, part, received, ref

from .selling import (
    MAIN_ACCOUNT,
    POSTING,
    SALES,
    SIGN,
    charge,
    group,
    kept,
    key,
    lines_of,
    new,
    on_hand,
    postings,
    sell,
    shop,
    state,
    with_lines,
)


@pytest.mark.parametrize("tax", ["Flat", "All Taxes"])
@pytest.mark.parametrize("kind", SALES)
def test_a_tax_whose_rate_has_changed(kind: str, tax: str) -> None:
    """A Mod that says nothing of what the tax follows from leaves it as it was saved; one that does works it out anew."""
    bench = shop()
    saved = sell(bench, kind, "Abercrombie", line("Bolt", Quantity=50 * ONE), ItemSalesTaxRef=ref(tax))
    rows, tax_cents = postings(bench, saved), saved["SalesTaxTotal"]
    assert (saved["Subtotal"], tax_cents) == (10_000, 825)
    changed = {"Flat": "Flat", "All Taxes": "State"}[tax]
    assert bench.changed_item("ItemSalesTax", changed, TaxRate=3 * ONE).status.code == 0
    after = bench.changed(kind, saved, Memo="x", TxnDate="2026-11-20", RefNumber="77")
    assert (after["SalesTaxTotal"], after["SalesTaxPercentage"]) == (825, saved["SalesTaxPercentage"])
    assert postings(bench, saved) == rows
    after = bench.changed(kind, saved, ItemSalesTaxRef=ref(tax))
    assert after["SalesTaxTotal"] == {"Flat": 300, "All Taxes": 500}[tax]


def test_what_is_paid_in_full_may_be_changed_after_its_tax_has_fallen() -> None:
    bench = shop()
    saved = sell(bench, "Invoice", "Abercrombie", line("Bolt", Quantity=50 * ONE), ItemSalesTaxRef=ref("Flat"))
    received(bench, 10_825, part(saved, 10_825), customer="Abercrombie")
    assert bench.changed_item("ItemSalesTax", "Flat", TaxRate=5 * ONE).status.code == 0
    assert bench.changed("Invoice", saved, Memo="x")["IsPaid"] is True


GUID = "{12345678-ABCD-ABCD-ABCD-1234567890AB}"
ADDRESS = {"Addr1": "1 Main St", "City": "Troy"}


def four(bench: Proven, kind: str, **header: Any) -> Values:
    """Save two bolts at 2.00 (of class West), three repairs for 10.00, a tenth off, a text."""
    override = {} if kind == "SalesOrder" else {"OverrideItemAccountRef": ref("Sales:Retail")}
    lines = (
        line("Bolt", Quantity=2 * ONE, ClassRef=ref("West")),
        line("Repair", Quantity=3 * ONE, Amount=1000, **override),
        line("Tenth Off"),
        {"Desc": "Thank you"},
    )
    return sell(bench, kind, "Abercrombie", *lines, ItemSalesTaxRef=ref("Flat"), **header)


@pytest.mark.parametrize("kind", SALES)
class TestHeader:
    def test_alone_it_keeps_the_lines_and_what_they_post(self, kind: str) -> None:
        bench = shop()
        saved = four(bench, kind, RefNumber="G-1", Memo="a", BillAddress=ADDRESS, ExternalGUID=GUID, ClassRef=ref("East"))
        before = state(bench)
        bench.clock.advance(seconds=5)
        after = bench.changed(kind, saved, Memo="b", BillAddress={"City": "Albany"}, DueDate="2027-01-01")
        assert lines_of(after) == lines_of(saved)
        assert state(bench) == before
        assert (after["Memo"], after["DueDate"]) == ("b", "2027-01-01")
        assert after["BillAddress"] == {"Addr1": "1 Main St", "City": "Albany"}
        moving = {"Memo", "DueDate", "BillAddress", "BillAddressBlock", "EditSequence", "TimeModified", key(kind)}
        assert {name: after[name] for name in after.keys() - moving} == {name: saved[name] for name in saved.keys() - moving}
        assert after["ExternalGUID"] == GUID
        assert int(after["EditSequence"]) == int(saved["EditSequence"]) + 7  # two requests and the wait
        assert after["TimeModified"] > saved["TimeModified"]
        assert bench.unchanged(kind, {**saved, "EditSequence": "1"}, EditSequence=saved["EditSequence"], Memo="c") == 3200
        assert bench.one(kind, saved)["Memo"] == "b"

    def test_clearing(self, kind: str) -> None:
        bench = shop()
        header: Values = {"RefNumber": "G-1", "Memo": "a", "BillAddress": ADDRESS, "FOB": "here", "ClassRef": ref("East")}
        header |= {"Other": "x", **({} if kind == "SalesReceipt" else {"PONumber": "P-1"})}
        saved = four(bench, kind, **header)
        assert header.keys() <= saved.keys()
        cleared: Values = {name: {} if isinstance(value, dict) else None for name, value in header.items()}
        cleared |= {} if kind == "SalesReceipt" else {"TermsRef": {}}
        cleared |= {} if kind == "SalesOrder" else {"ItemSalesTaxRef": {}}
        after = bench.changed(kind, saved, **cleared)
        assert after.keys().isdisjoint({*cleared, "BillAddressBlock"})
        assert after["SalesTaxTotal"] == (33 if kind == "SalesOrder" else 0)
        assert bench.one(kind, saved).keys().isdisjoint({*cleared})

    def test_another_customer(self, kind: str) -> None:
        bench = shop()
        after = bench.changed(kind, four(bench, kind), CustomerRef=ref("Baker"))
        assert after["CustomerRef"]["FullName"] == "Baker"
        names = {row[1] for row in postings(bench, after) if row[0] not in ("Inventory Asset", "Sales Tax Payable")}
        assert names == ({"Baker"} if kind in POSTING else set())
        total = SIGN[kind] * (after["Subtotal"] + after["SalesTaxTotal"])
        owes = MAIN_ACCOUNT.get(kind) == "Accounts Receivable"
        assert (bench.truth.balance("Abercrombie"), bench.truth.balance("Baker")) == (0, total if owes else 0)

    def test_of_another_kind_or_nothing(self, kind: str) -> None:
        bench = shop()
        other = sell(bench, "Estimate" if kind != "Estimate" else "Invoice", "Baker")
        assert bench.refused(kind, {"TxnID": other["TxnID"], "EditSequence": other["EditSequence"]}, "Mod") == 3120
        assert bench.refused(kind, {"TxnID": "1-1", "EditSequence": "1"}, "Mod") == 3120


CANNOT_BE_CLEARED = {
    "Invoice": ("CustomerRef", "ARAccountRef", "TemplateRef"),
    "CreditMemo": ("CustomerRef", "ARAccountRef", "TemplateRef"),
    "SalesReceipt": ("TemplateRef",),
    "Estimate": ("CustomerRef", "TemplateRef"),
    "SalesOrder": (
        "CustomerRef", "TemplateRef", "TxnDate", "DueDate", "ShipDate", "ItemSalesTaxRef", "IsManuallyClosed", "IsToBePrinted",
    ),
}  # fmt: skip
"""Documented for invoices and sales orders, inferred from those for the others."""

LINE_CANNOT = ("ItemRef", "Quantity", "Rate", "Amount", "SalesTaxCodeRef", "OverrideItemAccountRef", "IsManuallyClosed")
NO_SUCH_ELEMENT = {
    **{kind: {"IsManuallyClosed"} for kind in POSTING},
    "Estimate": {"IsManuallyClosed", "OverrideItemAccountRef"},
    "SalesOrder": {"OverrideItemAccountRef"},
}
"""Elements that the Mod of a kind has none of."""


def empty(name: str) -> Any:
    return {} if name.endswith("Ref") else None


@pytest.mark.parametrize("kind", SALES)
def test_what_cannot_be_cleared(kind: str) -> None:
    """That it cannot is documented, the answer 3150 is our choice."""
    bench = shop()
    saved = four(bench, kind)
    for name in CANNOT_BE_CLEARED[kind]:
        assert bench.unchanged(kind, saved, **{name: empty(name)}) == 3150, name
    for name in LINE_CANNOT:
        if name not in NO_SUCH_ELEMENT[kind]:
            sent = with_lines(kind, kept(kind, lines_of(saved)[0], **{name: empty(name)}))
            assert bench.unchanged(kind, saved, **sent) == 3150, name


@pytest.mark.parametrize("kind", SALES)
class TestLines:
    def test_left_out_they_are_dropped_and_new_ones_are_added(self, kind: str) -> None:
        bench = shop()
        saved = four(bench, kind)
        bolt, repair, off, text = lines_of(saved)
        sent = (kept(kind, repair), new(kind, **line("Lamp", Amount=700)), kept(kind, off), kept(kind, text, Desc="Bye"))
        after = bench.changed(kind, saved, **with_lines(kind, *sent))
        first, second, third, fourth = lines_of(after)
        assert first == repair
        assert (second["Amount"], second["Desc"]) == (700, "A lamp")
        assert second["TxnLineID"] not in {each["TxnLineID"] for each in (bolt, repair, off, text)} | {saved["TxnID"]}
        assert third == {**off, "Amount": -70}  # of the line that is above it now
        assert fourth == {**text, "Desc": "Bye"}
        assert (after["Subtotal"], after["SalesTaxTotal"]) == (1630, 52)
        assert on_hand(bench) == 1000
        if kind in POSTING:
            retail = [row[2] for row in postings(bench, after) if row[0] == "Sales:Retail"]
            assert retail == [-SIGN[kind] * 1000]
        assert lines_of(bench.one(kind, saved)) == lines_of(after)

    @pytest.mark.parametrize(
        ("place", "said", "figures"),
        [
            (0, {"Quantity": 3 * ONE}, (3 * ONE, 200_000, None, 600)),
            (0, {"Rate": 300_000}, (2 * ONE, 300_000, None, 600)),
            (0, {"Amount": 500}, (2 * ONE, 250_000, None, 500)),
            (0, {"Quantity": ONE, "Amount": 500}, (ONE, 500_000, None, 500)),
            (0, {"RatePercent": 50 * ONE}, (2 * ONE, None, 50 * ONE, 0)),
            (0, {"Desc": "Another"}, (2 * ONE, 200_000, None, 400)),
            (0, {"PriceLevelRef": ref("Wholesale")}, (2 * ONE, 180_000, None, 360)),
            (1, {"Quantity": 6 * ONE}, (6 * ONE, 333_333, None, 2000)),
            (1, {"Desc": "x"}, (3 * ONE, 333_333, None, 1000)),
            (2, {"RatePercent": 20 * ONE}, (None, None, -20 * ONE, -200)),
            (2, {"Amount": -5}, (None, -5000, None, -5)),
            (2, {"Rate": -700_000}, (None, -700_000, None, -700)),
            (2, {"RatePercent": None}, (None, -100_000, None, -100)),  # its amount stays behind
            (2, {"Desc": "x"}, (None, None, -10 * ONE, -100)),
            (2, {"ItemRef": ref("Two Off")}, (None, -200_000, None, -200)),
        ],
    )
    def test_figures(self, kind: str, place: int, said: Values, figures: tuple[int | None, ...]) -> None:
        bench = shop()
        saved = four(bench, kind)
        sent = [kept(kind, each, **(said if here == place else {})) for here, each in enumerate(lines_of(saved))]
        after = lines_of(bench.changed(kind, saved, **with_lines(kind, *sent)))[place]
        assert tuple(after.get(name) for name in ("Quantity", "Rate", "RatePercent", "Amount")) == figures

    def test_a_flat_discount_stands_when_what_is_above_changes(self, kind: str) -> None:
        bench = shop()
        saved = sell(bench, kind, "Abercrombie", line("Lamp", Amount=10_000), line("Two Off"), ItemSalesTaxRef=ref("Flat"))
        lamp, off = lines_of(saved)
        after = bench.changed(kind, saved, **with_lines(kind, kept(kind, lamp, Amount=5000), kept(kind, off)))
        assert (lines_of(after)[1], after["Subtotal"], after["SalesTaxTotal"]) == (off, 4800, 396)

    def test_the_same_item_again_changes_nothing(self, kind: str) -> None:
        bench = shop()
        saved = four(bench, kind)
        before = state(bench)
        sent = [kept(kind, each, **({"ItemRef": each["ItemRef"]} if "ItemRef" in each else {})) for each in lines_of(saved)]
        assert lines_of(bench.changed(kind, saved, **with_lines(kind, *sent))) == lines_of(saved)
        assert state(bench) == before

    def test_another_item_brings_what_is_its_own(self, kind: str) -> None:
        """Inferred from the form on screen: description, price, tax code and account; quantity and class stay."""
        bench = shop()
        saved = four(bench, kind)
        bolt, repair, *_more = lines_of(saved)
        sent = kept(kind, bolt, ItemRef=ref("Repair")), kept(kind, repair, ItemRef=ref("Egg"), Desc="eggs")
        after = bench.changed(kind, saved, **with_lines(kind, *sent))
        first, second = lines_of(after)
        assert (first["Desc"], first["Rate"], first["Amount"], first["Quantity"]) == ("Repair", 45 * ONE, 9000, 2 * ONE)
        assert (first["SalesTaxCodeRef"]["FullName"], first["ClassRef"]["FullName"]) == ("Non", "West")
        assert (second["Desc"], second["Amount"], second["SalesTaxCodeRef"]["FullName"]) == ("eggs", 75, "Tax")
        assert [each["TxnLineID"] for each in (first, second)] == [each["TxnLineID"] for each in (bolt, repair)]
        if kind in POSTING:
            assert [row[0] for row in postings(bench, after)[1:3]] == ["Sales:Wholesale", "Sales:Retail"]
        moved = SIGN[kind] * 3 if kind in POSTING else 0
        assert (on_hand(bench), on_hand(bench, "Egg")) == (1000, 1000 - moved)

    def test_refused(self, kind: str) -> None:
        bench = shop()
        saved = four(bench, kind)
        bolt, repair, *_more = lines_of(saved)
        for lines, code in [
            ((kept(kind, repair), kept(kind, bolt)), 3290),
            ((kept(kind, repair), kept(kind, repair)), 3290),
            ((kept(kind, {"TxnLineID": "FF-1"}),), 3120),
            ((kept(kind, {"TxnLineID": saved["TxnID"]}),), 3120),
            ((kept(kind, bolt, ItemRef=ref("Nothing")),), 3140),
            ((kept(kind, bolt, ClassRef=ref("North")),), 3140),
            ((kept(kind, bolt, Amount=-5),), 3180),
            ((new(kind, Amount=5),), 3180),
            ((kept(kind, bolt), new(kind, **line("Tenth Off", Quantity=ONE))), 3180),
        ]:
            assert bench.unchanged(kind, saved, **with_lines(kind, *lines)) == code, lines


class TestCharge:
    """The one line of a charge is the charge itself."""

    @pytest.mark.parametrize(
        ("said", "figures"),
        [
            ({"Desc": "x", "BilledDate": "2026-11-30"}, (2 * ONE, 200_000, 400)),
            ({"Quantity": 3 * ONE}, (3 * ONE, 200_000, 600)),
            ({"Rate": ONE}, (2 * ONE, ONE, 200)),
            ({"Amount": 500}, (2 * ONE, 250_000, 500)),
            ({"ItemRef": ref("Repair")}, (2 * ONE, 45 * ONE, 9000)),
            ({"ItemRef": ref("Bolt"), "ClassRef": ref("East")}, (2 * ONE, 200_000, 400)),
            ({"OverrideItemAccountRef": ref("Sales")}, (2 * ONE, 200_000, 400)),
        ],
    )
    def test_figures(self, said: Values, figures: tuple[int, int, int]) -> None:
        bench = shop()
        saved = charge(bench, "Baker", "Bolt", Quantity=2 * ONE, OverrideItemAccountRef=ref("Sales:Retail"), ExternalGUID=GUID)
        after = bench.changed("Charge", saved, **said)
        assert (after["Quantity"], after["Rate"], after["Amount"]) == figures
        assert after["ExternalGUID"] == GUID
        account = (
            "Sales:Wholesale" if said.get("ItemRef") == ref("Repair") else said.get("OverrideItemAccountRef", ref("Sales:Retail"))
        )
        assert postings(bench, after)[1][0] == (account if isinstance(account, str) else account["FullName"])
        pieces = 0 if said.get("ItemRef") == ref("Repair") else figures[0] // ONE
        assert (on_hand(bench), bench.truth.balance("Baker")) == (1000 - pieces, figures[2])

    def test_refused(self) -> None:
        bench = shop()
        saved = charge(bench, "Baker", "Bolt", Quantity=2 * ONE)
        for name in ("CustomerRef", "ItemRef", "ARAccountRef", "Quantity", "Rate", "Amount"):
            assert bench.unchanged("Charge", saved, **{name: empty(name)}) == 3150, name
        assert bench.unchanged("Charge", saved, Amount=-1) == 3180
        assert bench.unchanged("Charge", saved, ItemRef=ref("Set")) == 3140
        assert bench.unchanged("Charge", saved, EditSequence="1") == 3200
        assert (
            bench.changed("Charge", saved, ClassRef={}, Desc=None, RefNumber=None)
            .keys()
            .isdisjoint({"ClassRef", "Desc", "RefNumber"})
        )


PRICED = ["Lamp", "Repair", "Bolt", "Egg", "Freight"]
ITEMS = st.sampled_from([*PRICED, "Subtotal", "Tenth Off", "Two Off", "State", "Paid At Once"])
FIGURES = st.dictionaries(
    st.sampled_from(["Quantity", "Rate", "Amount"]), st.integers(0, 10**6), max_size=1
)  # fmt: skip


@st.composite
def said_lines(draw: st.DrawFn) -> list[Values]:
    """Lines of any items, with figures that they take; what is owed stays positive."""
    lines = [line("Lamp", Amount=draw(st.integers(10**6, 10**7)))]
    for item in draw(st.lists(ITEMS, max_size=6)):
        own = draw(FIGURES)
        lines.append(group() if draw(st.integers(0, 9)) == 0 else line(item, **(own if item in PRICED else {})))
    return lines


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SALES), said_lines(), said_lines(), st.booleans(), st.booleans())
def test_a_mod_gives_what_an_add_would_have_given(
    kind: str, first: list[Values], second: list[Values], pending: bool, keeps: bool
) -> None:
    """A sale whose lines are all replaced is like a new one; keeping every line, named or not, changes nothing."""
    bench, other = shop(), shop()
    more = {"IsPending": pending} if kind in POSTING else {}
    saved = sell(bench, kind, "Abercrombie", *first, ItemSalesTaxRef=ref("All Taxes"), **more)
    if keeps:
        before = state(bench)
        after = bench.changed(kind, saved, **with_lines(kind, *(kept(kind, each) for each in lines_of(saved))))
        assert lines_of(after) == lines_of(saved)
        assert state(bench) == before
    after = bench.changed(kind, saved, **with_lines(kind, *(new(kind, **each) for each in second)))
    fresh = sell(other, kind, "Abercrombie", *second, ItemSalesTaxRef=ref("All Taxes"), **more)

    def plain(each: Values) -> Values:
        return {
            name: [plain(one) for one in value] if isinstance(value, list) else value
            for name, value in each.items()
            if name != "TxnLineID"
        }

    assert [plain(each) for each in lines_of(after)] == [plain(each) for each in lines_of(fresh)]
    assert (after["Subtotal"], after["SalesTaxTotal"]) == (fresh["Subtotal"], fresh["SalesTaxTotal"])
    for name in ("ledger", "balances", "stock", "open"):
        assert state(bench)[name] == state(other)[name]
