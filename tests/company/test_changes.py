"""InvoiceMod and BillMod: what stays, what is dropped, what is refused; and the books balance after each."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.qbxml.messages import Answer

from .helpers import SMALL, Bench, bill, invoice, line, payment, record_of

SENT = "InvoiceLineMod|InvoiceLineGroupMod"
ITEMS = "ItemLineMod|ItemGroupLineMod"


def change(bench: Bench, noun: str, saved: dict[str, Any], **changes: Any) -> Answer:
    """Ask for a Mod of a transaction as it stands."""
    [now] = bench.found(noun, TxnID=[saved["TxnID"]])
    asked = {"TxnID": now["TxnID"], "EditSequence": now["EditSequence"], **changes}
    answer = bench.ask(noun, "Mod", {f"{noun}Mod": asked})
    assert bench.truth.problems() == []
    return answer


def changed(bench: Bench, noun: str, saved: dict[str, Any], **changes: Any) -> dict[str, Any]:
    answer = change(bench, noun, saved, **changes)
    assert answer.status.severity != "Error", answer.status
    return record_of(answer)


def lines_of(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for _name, each in values["InvoiceLineRet|InvoiceLineGroupRet"]]


def three(bench: Bench, **header: Any) -> dict[str, Any]:
    """An invoice of three lines: 2 lamps at 10.50, a repair for 10.00 in 3 parts posted elsewhere, a text."""
    override = {"OverrideItemAccountRef": {"FullName": "Sales:Retail"}}
    parts = (line(Quantity=200_000), line("Repair", Quantity=300_000, Amount=1000, **override), {"Desc": "Thank you"})
    return bench.add("Invoice", invoice("Abercrombie", *parts, **header))


def named(saved: dict[str, Any], place: int, **parts: Any) -> tuple[str, dict[str, Any]]:
    return ("InvoiceLineMod", {"TxnLineID": lines_of(saved)[place]["TxnLineID"], **parts})


class TestInvoice:
    def test_a_header_alone_keeps_the_lines_and_what_they_post(self) -> None:
        bench = Bench()
        saved = three(bench, RefNumber="G-1", Memo="a", BillAddress={"Addr1": "1 Main St", "City": "Troy"})
        before = bench.truth.ledger_sums()
        bench.clock.advance(seconds=5)
        after = changed(bench, "Invoice", saved, Memo="b", BillAddress={"City": "Albany"}, DueDate="2027-01-01")
        assert lines_of(after) == lines_of(saved)
        assert bench.truth.ledger_sums() == before
        assert (after["Memo"], after["DueDate"], after["RefNumber"]) == ("b", "2027-01-01", "G-1")
        assert after["BillAddress"] == {"Addr1": "1 Main St", "City": "Albany"}
        assert after["BillAddressBlock"] == {"Addr1": "1 Main St", "Addr2": "Albany"}
        same = ("TxnID", "TxnNumber", "TimeCreated", "Subtotal", "SalesTaxTotal", "TermsRef", "TxnDate")
        assert {name: after[name] for name in same} == {name: saved[name] for name in same}
        assert int(after["EditSequence"]) == int(saved["EditSequence"]) + 5

    def test_clearing(self) -> None:
        bench = Bench()
        saved = three(bench, RefNumber="G-1", Memo="a", BillAddress={"Addr1": "1 Main St"})
        cleared = {"TermsRef": {}, "Memo": None, "RefNumber": None, "BillAddress": {}, "ItemSalesTaxRef": {"FullName": None}}
        after = changed(bench, "Invoice", saved, **cleared)
        assert after.keys().isdisjoint({*cleared, "BillAddressBlock"})
        assert (after["SalesTaxTotal"], after["BalanceRemaining"]) == (0, 3100)

    def test_lines_left_out_are_dropped_and_new_ones_are_added(self) -> None:
        bench = Bench()
        saved = three(bench)
        new = ("InvoiceLineMod", {"TxnLineID": "-1", **line("Repair", Amount=700)})
        after = changed(bench, "Invoice", saved, **{SENT: [named(saved, 1), new, named(saved, 2, Desc="Bye")]})
        first, second, third = lines_of(after)
        assert first == lines_of(saved)[1]
        assert second["Amount"] == 700
        assert second["TxnLineID"] not in {each["TxnLineID"] for each in lines_of(saved)} | {saved["TxnID"]}
        assert third == {**lines_of(saved)[2], "Desc": "Bye"}
        assert (after["Subtotal"], after["SalesTaxTotal"]) == (1700, 0)
        assert bench.truth.balance("Abercrombie") == 1700
        assert bench.truth.ledger_sums()["Sales:Retail"] == -1000
        assert changed(bench, "Invoice", saved, **{SENT: []})["Subtotal"] == 0

    @pytest.mark.parametrize(
        ("said", "figures"),
        [
            ({"Quantity": 300_000}, (300_000, 1_050_000, 3150)),
            ({"Rate": 2_000_000}, (200_000, 2_000_000, 4000)),
            ({"Amount": 5000}, (200_000, 2_500_000, 5000)),
            ({"Quantity": 100_000, "Amount": 5000}, (100_000, 5_000_000, 5000)),
            ({"Desc": "Another"}, (200_000, 1_050_000, 2100)),
        ],
    )
    def test_figures_of_a_line(self, said: dict[str, Any], figures: tuple[int, int, int]) -> None:
        bench = Bench()
        saved = three(bench)
        first = lines_of(changed(bench, "Invoice", saved, **{SENT: [named(saved, 0, **said)]}))[0]
        assert (first["Quantity"], first["Rate"], first["Amount"]) == figures

    def test_another_item_posts_to_its_own_account(self) -> None:
        bench = Bench()
        saved = bench.add("Invoice", invoice("Baker", line(Amount=500, OverrideItemAccountRef={"FullName": "Sales:Retail"})))
        changed(bench, "Invoice", saved, **{SENT: [named(saved, 0, ItemRef={"FullName": "Repair"})]})
        assert "Sales:Retail" not in bench.truth.ledger_sums()

    def test_what_is_paid_stays_paid(self) -> None:
        bench = Bench()
        saved = three(bench)
        bench.add("ReceivePayment", payment("Abercrombie", 500, {"TxnID": saved["TxnID"], "PaymentAmount": 500}))
        after = changed(bench, "Invoice", saved, **{SENT: [named(saved, 1)]})
        assert (after["Subtotal"], after["BalanceRemaining"]) == (1000, 500)
        assert change(bench, "Invoice", saved, **{SENT: [named(saved, 1, Amount=499)]}).status.code == 3180
        assert change(bench, "Invoice", saved, CustomerRef={"FullName": "Baker"}).status.code == 3180
        assert change(bench, "Invoice", saved, IsPending=True).status.code == 3180

    def test_another_customer_owes_it(self) -> None:
        bench = Bench()
        changed(bench, "Invoice", three(bench), CustomerRef={"FullName": "Baker"})
        assert (bench.truth.balance("Abercrombie"), bench.truth.balance("Baker")) == (0, 3100 + 173)

    def test_pending_and_back(self) -> None:
        bench = Bench()
        saved = three(bench)
        assert changed(bench, "Invoice", saved, IsPending=True)["IsPending"] is True
        assert bench.truth.ledger_sums() == {}
        changed(bench, "Invoice", saved, IsPending=False)
        assert bench.truth.balance("Abercrombie") == 3273

    def test_only_growth_is_held_against_the_credit_limit(self) -> None:
        bench = Bench()
        saved = bench.add("Invoice", invoice("Limited", line(Amount=10_000)))
        changed(bench, "Invoice", saved, Memo="fine")
        assert change(bench, "Invoice", saved, **{SENT: [named(saved, 0, Amount=10_001)]}).status.code == 3180

    @pytest.mark.parametrize(
        ("make", "code"),
        [
            (lambda saved: {"TxnID": "1-1"}, 3120),
            (lambda saved: {"EditSequence": "1"}, 3200),
            (lambda saved: {SENT: [named(saved, 1), named(saved, 0)]}, 3290),
            (lambda saved: {SENT: [named(saved, 1), named(saved, 1)]}, 3290),
            (lambda saved: {SENT: [("InvoiceLineMod", {"TxnLineID": "FF-1"})]}, 3120),
            (lambda saved: {SENT: [named(saved, 0, ItemRef={"FullName": "Nothing"})]}, 3140),
            (lambda saved: {SENT: [named(saved, 0, Quantity=None)]}, 3150),
            (lambda saved: {SENT: [named(saved, 0, ItemRef={})]}, 3150),
            (lambda saved: {SENT: [named(saved, 0, ClassRef={"FullName": "East"})]}, 3250),
            (lambda saved: {"CustomerRef": {}}, 3150),
            (lambda saved: {"ARAccountRef": {"FullName": None}}, 3150),
            (lambda saved: {"TxnDate": "2026-10-31"}, 3171),
            (lambda saved: {SENT: [named(saved, 0, Amount=-5)]}, 3180),
        ],
    )
    def test_refused(self, make: Any, code: int) -> None:
        bench = Bench(yaml=SMALL.replace("started:", "closing_date: 2026-10-31, started:"))
        saved = three(bench)
        identity = {"TxnID": saved["TxnID"], "EditSequence": saved["EditSequence"]}
        assert bench.refused("Invoice", {**identity, **make(saved)}, "Mod") == code

    def test_by_the_switch_what_cannot_be_cleared_stays(self) -> None:
        bench = Bench(switches={"company.not-clearable": "kept"})
        saved = three(bench)
        after = changed(
            bench, "Invoice", saved, CustomerRef={}, **{SENT: [named(saved, 0, Quantity=None), named(saved, 1), named(saved, 2)]}
        )
        assert (after["CustomerRef"], lines_of(after)) == (saved["CustomerRef"], lines_of(saved))

    def test_an_opening_balance_stays(self) -> None:
        bench = Bench()
        bench.add("Customer", {"Name": "Old friend", "OpenBalance": 100})
        [saved] = bench.found("Invoice")
        assert change(bench, "Invoice", saved, Memo="x").status.code == 3180

    def test_as_qbxml(self) -> None:
        bench = Bench()
        saved = three(bench)
        identity = f"<TxnID>{saved['TxnID']}</TxnID><EditSequence>{saved['EditSequence']}</EditSequence>"
        lines = (
            f"<InvoiceLineMod><TxnLineID>{lines_of(saved)[0]['TxnLineID']}</TxnLineID><Quantity>1</Quantity></InvoiceLineMod>"
            "<InvoiceLineMod><TxnLineID>-1</TxnLineID><ItemRef><FullName>Lamp</FullName></ItemRef></InvoiceLineMod>"
        )
        [answer] = bench.document(f"<InvoiceModRq><InvoiceMod>{identity}<TermsRef/>{lines}</InvoiceMod></InvoiceModRq>")
        assert answer.status.code == 0, answer.status
        assert (record_of(answer)["Subtotal"], "TermsRef" in record_of(answer)) == (2100, False)


class TestBill:
    def both(self, bench: Bench) -> dict[str, Any]:
        values = bill("Lamp Factory", 2500, Memo="a", RefNumber="7")
        override = {"OverrideItemAccountRef": {"FullName": "Rent"}}
        values["ItemLineAdd|ItemGroupLineAdd"] = [
            ("ItemLineAdd", line(Quantity=300_000, **override)),
            ("ItemLineAdd", line(Amount=99)),
        ]
        return bench.add("Bill", values)

    def test_a_header_alone_keeps_the_lines_and_what_they_post(self) -> None:
        bench = Bench()
        saved = self.both(bench)
        before = bench.truth.ledger_sums()
        after = changed(bench, "Bill", saved, Memo="b", TermsRef={})
        keys = ("ExpenseLineRet", "ItemLineRet|ItemGroupLineRet", "AmountDue", "RefNumber")
        assert {key: after[key] for key in keys} == {key: saved[key] for key in keys}
        assert bench.truth.ledger_sums() == before == {"Accounts Payable": -3799, "Rent": 3700, "Merchandise Purchases": 99}
        assert (after["Memo"], "TermsRef" in after) == ("b", False)

    def test_each_list_of_lines_for_itself(self) -> None:
        bench = Bench()
        saved = self.both(bench)
        [expense] = saved["ExpenseLineRet"]
        new = {"TxnLineID": "-1", "AccountRef": {"FullName": "Rent"}, "Amount": 100}
        after = changed(
            bench, "Bill", saved, ExpenseLineMod=[{"TxnLineID": expense["TxnLineID"], "Amount": 2000, "Memo": "m"}, new]
        )
        assert [each["Amount"] for each in after["ExpenseLineRet"]] == [2000, 100]
        assert after["ItemLineRet|ItemGroupLineRet"] == saved["ItemLineRet|ItemGroupLineRet"]
        _name, item = saved["ItemLineRet|ItemGroupLineRet"][0]
        after = changed(bench, "Bill", saved, **{ITEMS: [("ItemLineMod", {"TxnLineID": item["TxnLineID"], "Quantity": 100_000})]})
        [(_name, item)] = after["ItemLineRet|ItemGroupLineRet"]
        assert (item["Cost"], item["Amount"], after["AmountDue"]) == (400_000, 400, 2500)
        assert bench.truth.ledger_sums() == {"Accounts Payable": -2500, "Rent": 2500}

    def test_clear_flags(self) -> None:
        bench = Bench()
        saved = self.both(bench)
        after = changed(bench, "Bill", saved, ClearExpenseLines=True)
        assert ("ExpenseLineRet" in after, after["AmountDue"]) == (False, 1299)
        after = changed(bench, "Bill", saved, ClearItemLines=True)
        assert (after["AmountDue"], bench.truth.balance("Lamp Factory")) == (0, 0)

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"TxnID": "1-1"}, 3120),
            ({"EditSequence": "1"}, 3200),
            ({"VendorRef": {}}, 3150),
            ({"VendorRef": {"FullName": "Baker"}}, 3140),
            ({"ExpenseLineMod": [{"TxnLineID": "FF-1"}]}, 3120),
            ({"ExpenseLineMod": [{"TxnLineID": "-1", "Amount": 5}]}, 3180),
            ({ITEMS: [("ItemLineMod", {"TxnLineID": "-1", "ItemRef": {"FullName": "Nothing"}})]}, 3140),
        ],
    )
    def test_refused(self, changes: dict[str, Any], code: int) -> None:
        bench = Bench()
        saved = self.both(bench)
        assert bench.refused("Bill", {"TxnID": saved["TxnID"], "EditSequence": saved["EditSequence"], **changes}, "Mod") == code

    def test_wrong_order(self) -> None:
        bench = Bench()
        saved = self.both(bench)
        sent = [("ItemLineMod", {"TxnLineID": each["TxnLineID"]}) for _name, each in saved["ItemLineRet|ItemGroupLineRet"]]
        assert change(bench, "Bill", saved, **{ITEMS: sent[::-1]}).status.code == 3290


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.sets(st.integers(0, 3)), st.sampled_from(["Quantity", "Rate", "Amount", ""]), st.integers(0, 10**6)),
        max_size=4,
    )
)
def test_the_books_balance_after_any_changes(rounds: list[tuple[set[int], str, int]]) -> None:
    bench = Bench()
    saved = bench.add("Invoice", invoice("Abercrombie:Kitchen", *[line(Quantity=100_000 * each) for each in range(1, 5)]))
    for kept, figure, number in rounds:
        said = {figure: number} if figure else {}
        sent = [named(saved, place, **said) for place in sorted(kept) if place < len(lines_of(saved))]
        saved = changed(bench, "Invoice", saved, **{SENT: sent})
        assert bench.truth.balance("Abercrombie") == saved["BalanceRemaining"] == saved["Subtotal"] + saved["SalesTaxTotal"]
