"""Bill payments by check and by card: what they post, what may be paid and with which credits."""

from typing import Any

import pytest

from company.helpers import record_of
from company.proven import (
    Proven,
    Values,
    billed,
    discount,
    expense,
    journal,
    part,
    paying,
    purchase,
    ref,
    using,
)  # fmt: skip

from .test_payments_received import open_of

PAYABLE = "Accounts Payable"
FROM = {"BillPaymentCheck": "Operating Account", "BillPaymentCreditCard": "Company Card"}
KINDS = sorted(FROM)


@pytest.mark.parametrize("kind", KINDS)
class TestOfEach:
    def test_parts_and_discounts(self, kind: str) -> None:
        bench = Proven()
        first, second = billed(bench, 10_000), billed(bench, 5_000)
        cut = discount(500, DiscountClassRef=ref("West"))
        paid = bench.add(kind, paying(part(first, 4_000, **cut), part(second, 3_000), kind=kind))
        assert paid["Amount"] == 7_000
        assert bench.rows(paid) == [
            (FROM[kind], -7_000, "Lamp Factory"),
            (PAYABLE, 4_500, "Lamp Factory"),
            ("Sales Discounts", -500, "Lamp Factory", "West"),
            (PAYABLE, 3_000, "Lamp Factory"),
        ]
        assert [(each["Amount"], each["BalanceRemaining"]) for each in paid["AppliedToTxnRet"]] == [
            (4_000, 5_500),
            (3_000, 2_000),
        ]
        now = bench.one("Bill", first)
        assert (now["AmountDue"], now["OpenAmount"], now["IsPaid"]) == (10_000, 5_500, False)
        assert [(each["TxnID"], each["TxnType"]) for each in now["LinkedTxn"]] == [(paid["TxnID"], kind)]
        assert bench.truth.balance("Lamp Factory") == 7_500

    def test_paid_in_full(self, kind: str) -> None:
        bench = Proven()
        bill = billed(bench, 500)
        bench.add(kind, paying(part(bill, 500), kind=kind))
        assert bench.one("Bill", bill)["IsPaid"] is True
        assert bench.refused(kind, paying(part(bill, 1), kind=kind)) == 3120

    def test_only_credits_make_no_transaction(self, kind: str) -> None:
        bench = Proven()
        bill, credit = billed(bench, 500), billed(bench, 300, kind="VendorCredit")
        before = bench.books()
        answer = bench.ask(kind, "Add", {f"{kind}Add": paying(part(bill, SetCredit=[using(credit, 200)]), kind=kind)})
        assert answer.status.code == 0
        assert record_of(answer).keys().isdisjoint({"TxnID", "EditSequence", "AppliedToTxnRet"})
        assert (bench.query(kind).status.code, bench.books()) == (1, before)
        assert (open_of(bench, bill), bench.one("VendorCredit", credit)["OpenAmount"]) == (300, 100)
        assert [each["TxnID"] for each in bench.one("VendorCredit", credit)["LinkedTxn"]] == [bill["TxnID"]]

    def test_a_discount_alone_is_a_transaction(self, kind: str) -> None:
        bench = Proven()
        paid = bench.add(kind, paying(part(billed(bench, 500), **discount(500)), kind=kind))
        assert (paid["Amount"], bench.rows(paid)) == (
            0,
            [(PAYABLE, 500, "Lamp Factory"), ("Sales Discounts", -500, "Lamp Factory")],
        )

    @pytest.mark.parametrize(
        ("make", "code"),
        [
            (lambda bill, other: {"AppliedToTxnAdd": [part(bill)]}, 3180),
            (lambda bill, other: {"AppliedToTxnAdd": [part(bill, 0)]}, 3180),
            (lambda bill, other: {"AppliedToTxnAdd": [part(bill, 501)]}, 3210),
            (lambda bill, other: {"AppliedToTxnAdd": [part(bill, -1)]}, 3210),
            (lambda bill, other: {"AppliedToTxnAdd": [part(bill, 300), part(bill, 300)]}, 3210),
            (lambda bill, other: {"AppliedToTxnAdd": [part(bill, 300, **discount(300))]}, 3210),
            (lambda bill, other: {"AppliedToTxnAdd": [part(bill, 300, DiscountAmount=5)]}, 3140),
            (lambda bill, other: {"AppliedToTxnAdd": [part(other, 300)]}, 3120),
            (lambda bill, other: {"AppliedToTxnAdd": [part({"TxnID": "1-1"}, 300)]}, 3120),
            (lambda bill, other: {"PayeeEntityRef": ref("Baker")}, 3140),
            (lambda bill, other: {"APAccountRef": ref("Other Payables")}, 3180),
            (lambda bill, other: {"APAccountRef": ref("Accounts Receivable")}, 3180),
            (lambda bill, other: {"BankAccountRef": ref("Rent"), "CreditCardAccountRef": ref("Savings")}, 3180),
            (lambda bill, other: {"TxnDate": "2026-10-31"}, 3171),
        ],
    )
    def test_refused(self, kind: str, make: Any, code: int) -> None:
        bench = Proven()
        bench.company._books.facts["closing_date"] = "2026-10-31"
        bill, other = billed(bench, 500), billed(bench, 500, "Landlord")
        own = "BankAccountRef" if kind == "BillPaymentCheck" else "CreditCardAccountRef"
        said = {
            name: value
            for name, value in make(bill, other).items()
            if not name.endswith("AccountRef") or name in (own, "APAccountRef")
        }
        assert bench.refused(kind, {**paying(part(bill, 300), kind=kind), **said}) == code


OWING = {
    "a bill": lambda bench, name: billed(bench, 900, name),
    "a journal entry": lambda bench, name: bench.add("JournalEntry", journal((900, "Rent"), (-900, PAYABLE, name))),
    "an opening balance": lambda bench, name: _opened(bench, name),
    "a card credit": lambda bench, name: bench.add(
        "CreditCardCredit", purchase("CreditCardCredit", expense(900, PAYABLE), party=name)
    ),
}

CREDITS = {
    "a vendor credit": lambda bench, name: billed(bench, 400, name, "VendorCredit"),
    "a journal entry": lambda bench, name: bench.add("JournalEntry", journal((400, PAYABLE, name), (-400, "Rent"))),
    "a prepayment": lambda bench, name: bench.add("Check", purchase("Check", expense(400, PAYABLE), party=name)),
    "a prepayment by card": lambda bench, name: bench.add(
        "CreditCardCharge", purchase("CreditCardCharge", expense(400, PAYABLE), party=name)
    ),
    "what was paid of a bill that is gone": lambda bench, name: _left_over(bench, name),
}


def _opened(bench: Proven, name: str) -> Values:
    bench.add("Vendor", {"Name": f"Old {name}", "OpenBalance": 900})
    return bench.found("Bill")[-1]


def _left_over(bench: Proven, name: str) -> Values:
    gone = billed(bench, 400, name)
    paid = bench.add("BillPaymentCheck", paying(part(gone, 400), vendor=name))
    bench.removed("Del", "Bill", gone)
    return paid


@pytest.mark.parametrize("owing", OWING)
def test_what_can_be_paid(owing: str) -> None:
    bench = Proven()
    target = OWING[owing](bench, "Landlord")
    name = "Old Landlord" if "opening" in owing else "Landlord"
    assert bench.refused("BillPaymentCheck", paying(part(target, 901), vendor=name)) == 3210
    bench.add("BillPaymentCheck", paying(part(target, 400), vendor=name))
    [waiting] = bench.found("BillToPay", PayeeEntityRef=ref(name))
    assert (waiting["BillToPay"]["TxnID"], waiting["BillToPay"]["AmountDue"]) == (target["TxnID"], 500)
    bench.add("BillPaymentCreditCard", paying(part(target, 500), vendor=name, kind="BillPaymentCreditCard"))
    assert bench.query("BillToPay", PayeeEntityRef=ref(name)).status.code == 1
    assert bench.truth.balance(name) == 0


@pytest.mark.parametrize("credit", CREDITS)
@pytest.mark.parametrize("owing", ["a bill", "a journal entry"])
def test_credits_that_can_be_used(owing: str, credit: str) -> None:
    bench = Proven()
    used, target = CREDITS[credit](bench, "Landlord"), OWING[owing](bench, "Landlord")
    before = bench.books()
    for cents, code in ((401, 3210), (0, 3210)):
        assert bench.refused("BillPaymentCheck", paying(part(target, SetCredit=[using(used, cents)]), vendor="Landlord")) == code
    told = bench.found("BillToPay", PayeeEntityRef=ref("Landlord"))
    assert [each["CreditToApply"]["CreditRemaining"] for each in told if "CreditToApply" in each] == [400]
    paid = bench.add("BillPaymentCheck", paying(part(target, 500, SetCredit=[using(used, 400)]), vendor="Landlord"))
    assert paid["Amount"] == 500
    assert (open_of(bench, target), open_of(bench, used)) == (0, 0)
    assert bench.moved_since(before) == {PAYABLE: 500, "Operating Account": -500}


def test_a_credit_of_another_payable_account() -> None:
    bench = Proven()
    bill, credit = billed(bench, 500), billed(bench, 500, kind="VendorCredit", APAccountRef=ref("Other Payables"))
    assert bench.refused("BillPaymentCheck", paying(part(bill, SetCredit=[using(credit, 100)]))) == 3180
    assert bench.refused("BillPaymentCheck", paying(part(billed(bench, 500), SetCredit=[using(bill, 100)]))) == 3120


def test_a_check_that_is_to_be_printed_has_no_number() -> None:
    bench = Proven()
    first = bench.add("BillPaymentCheck", paying(part(billed(bench, 500), 5), IsToBePrinted=True))
    assert ("RefNumber" in first, first["IsToBePrinted"]) == (False, True)
    after = bench.changed("BillPaymentCheck", first, RefNumber="1001")
    assert (after["RefNumber"], after["IsToBePrinted"]) == ("1001", False)
    after = bench.changed("BillPaymentCheck", first, IsToBePrinted=True)
    assert ("RefNumber" in after, after["IsToBePrinted"]) == (False, True)
