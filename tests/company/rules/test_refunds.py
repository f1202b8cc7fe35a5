"""Refunds of what stands to a customer's credit: by a check with ApplyCheckToTxn, and by card."""

from typing import Any

import pytest

from company.proven import Proven, Values, expense, owed, part, purchase, received, ref

from .test_payments_received import CREDITS, FAMILY, JOB, open_of

RECEIVABLE = "Accounts Receivable"


def applied(credit: Values, cents: int | None = None) -> Values:
    return {"TxnID": credit["TxnID"], **({} if cents is None else {"Amount": cents})}


def check(*credits: Values, cents: int = 400, customer: str = "Baker", account: str = RECEIVABLE, **header: Any) -> Values:
    line = expense(cents, account, CustomerRef=ref(customer))
    return {**purchase("Check", line, party=customer), **header, "ApplyCheckToTxnAdd": list(credits)}


def card(*credits: Values, customer: str = "Baker", **header: Any) -> Values:
    lines = [{"TxnID": each["TxnID"], "RefundAmount": each["Amount"]} for each in credits]
    return {"CustomerRef": ref(customer), **header, "RefundAppliedToTxnAdd": lines}


@pytest.mark.parametrize("credit", CREDITS)
class TestOfEachCredit:
    def test_by_check(self, credit: str) -> None:
        bench = Proven()
        used = CREDITS[credit](bench, "Baker")
        name = "Old Baker" if "opening" in credit else "Baker"
        paid = bench.add("Check", check(applied(used, 300), customer=name))
        assert bench.rows(paid) == [("Operating Account", -400, name), (RECEIVABLE, 400, name)]
        assert (open_of(bench, used), open_of(bench, paid), bench.truth.balance(name)) == (100, 100, 0)
        assert [(each["TxnID"], each["Amount"]) for each in bench.one("Check", paid)["LinkedTxn"]] == [(used["TxnID"], -300)]
        bench.removed("Del", "Check", paid)
        assert (open_of(bench, used), bench.truth.balance(name)) == (400, -400)

    def test_by_card(self, credit: str) -> None:
        bench = Proven()
        used = CREDITS[credit](bench, "Baker")
        name = "Old Baker" if "opening" in credit else "Baker"
        paid = bench.add("ARRefundCreditCard", card(applied(used, 300), customer=name, RefundFromAccountRef=ref("Company Card")))
        assert bench.rows(paid) == [("Company Card", -300, name), (RECEIVABLE, 300, name)]
        [told] = paid["RefundAppliedToTxnRet"]
        assert (told["TxnID"], told["RefundAmount"], told["CreditRemaining"]) == (used["TxnID"], 300, 100)
        assert (open_of(bench, used), open_of(bench, paid), bench.truth.balance(name)) == (100, 0, -100)
        bench.removed("Void", "ARRefundCreditCard", paid)
        assert (open_of(bench, used), bench.truth.balance(name)) == (400, -400)


def test_without_an_amount_all_of_a_credit_is_paid_out() -> None:
    bench = Proven()
    memo = owed(bench, 300, kind="CreditMemo")
    paid = bench.add("Check", check(applied(memo)))
    assert (open_of(bench, memo), open_of(bench, paid)) == (0, 100)


def test_the_card_refund_comes_from_undeposited_funds() -> None:
    bench = Proven()
    paid = bench.add("ARRefundCreditCard", card(applied(owed(bench, 300, kind="CreditMemo"), 300)))
    assert (paid["TotalAmount"], bench.rows(paid)[0]) == (300, ("Undeposited Funds", -300, "Baker"))


def test_several_credits() -> None:
    bench = Proven()
    memo, advance = owed(bench, 300, kind="CreditMemo"), received(bench, 500)
    paid = bench.add("ARRefundCreditCard", card(applied(memo, 300), applied(advance, 200), applied(advance, 100)))
    assert (paid["TotalAmount"], [each["RefundAmount"] for each in paid["RefundAppliedToTxnRet"]]) == (600, [300, 300])
    check_paid = bench.add("Check", check(applied(advance, 100), applied(advance, 100)))
    assert (open_of(bench, memo), open_of(bench, advance), open_of(bench, check_paid)) == (0, 0, 200)
    told = bench.one("ReceivePayment", advance)
    assert (told["UnusedPayment"], [each["TxnType"] for each in told["AppliedToTxnRet"]]) == (0, ["ARRefundCreditCard", "Check"])


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda memo, other: check(applied(memo, 301)), 3210),
        (lambda memo, other: check(applied(memo, 0)), 3210),
        (lambda memo, other: check(applied(memo, -5)), 3210),
        (lambda memo, other: check(applied(memo, 200), applied(memo, 200)), 3210),
        (lambda memo, other: check(applied(memo, 300), cents=299), 3210),
        (lambda memo, other: check(applied(memo, 300), account="Rent"), 3210),
        (lambda memo, other: check(applied(other, 100)), 3120),
        (lambda memo, other: check(applied({"TxnID": "1-1"}, 100)), 3120),
        (lambda memo, other: check(applied(memo, 100), customer=FAMILY), 3120),
        (lambda memo, other: check(applied(memo, 100), account="Other Receivables"), 3180),
    ],
)
def test_refused_by_check(make: Any, code: int) -> None:
    bench = Proven()
    memo, other = owed(bench, 300, kind="CreditMemo"), owed(bench, 300)
    assert bench.refused("Check", make(memo, other)) == code


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda memo, other: card(applied(memo, 301)), 3210),
        (lambda memo, other: card(applied(memo, 0)), 3210),
        (lambda memo, other: card(applied(memo, 200), applied(memo, 200)), 3210),
        (lambda memo, other: card(applied(other, 100)), 3120),
        (lambda memo, other: card(applied(memo, 100), customer=FAMILY), 3120),
        (lambda memo, other: card(applied(memo, 100), customer="Lamp Factory"), 3140),
        (lambda memo, other: card(applied(memo, 100), ARAccountRef=ref("Other Receivables")), 3180),
        (lambda memo, other: card(applied(memo, 100), RefundFromAccountRef=ref("Rent")), 3180),
    ],
)
def test_refused_by_card(make: Any, code: int) -> None:
    bench = Proven()
    memo, other = owed(bench, 300, kind="CreditMemo"), owed(bench, 300)
    assert bench.refused("ARRefundCreditCard", make(memo, other)) == code


@pytest.mark.parametrize(("customer", "code"), [(JOB, 0), (FAMILY, 3120)])
def test_the_customer_must_be_the_credits(customer: str, code: int) -> None:
    """Documented: the customer of a refund must match the customer of the credits."""
    bench = Proven()
    memo = owed(bench, 300, JOB, "CreditMemo")
    for noun, values in (
        ("Check", check(applied(memo, 100), customer=customer)),
        ("ARRefundCreditCard", card(applied(memo, 100), customer=customer)),
    ):
        assert bench.ask(noun, "Add", {f"{noun}Add": values}).status.code == code


class TestChangesOfTheCheck:
    def test_a_header_alone_keeps_the_credits(self) -> None:
        bench = Proven()
        memo = owed(bench, 300, kind="CreditMemo")
        paid = bench.add("Check", check(applied(memo, 300)))
        bench.changed("Check", paid, Memo="b", AccountRef=ref("Savings"))
        assert (bench.rows(paid)[0], open_of(bench, memo), open_of(bench, paid)) == (("Savings", -400, "Baker"), 0, 100)

    def test_credits_that_are_named_take_the_place_of_those_before(self) -> None:
        bench = Proven()
        memo, advance = owed(bench, 300, kind="CreditMemo"), received(bench, 500)
        paid = bench.add("Check", check(applied(memo, 300)))
        bench.changed("Check", paid, ApplyCheckToTxnMod=[applied(advance, 400)])
        assert (open_of(bench, memo), open_of(bench, advance), open_of(bench, paid)) == (300, 100, 0)
        bench.changed("Check", paid, ApplyCheckToTxnMod=[applied(memo, 100), applied(advance, 100)])
        assert (open_of(bench, memo), open_of(bench, advance), open_of(bench, paid)) == (200, 400, 200)

    def test_what_is_paid_out_keeps_its_line(self) -> None:
        bench = Proven()
        paid = bench.add("Check", check(applied(owed(bench, 300, kind="CreditMemo"), 300)))
        line = paid["ExpenseLineRet"][0]["TxnLineID"]
        for change in (
            {"Amount": 299},
            {"AccountRef": ref("Rent")},
            {"CustomerRef": ref(FAMILY)},
            {"AccountRef": ref("Other Receivables")},
        ):
            assert bench.unchanged("Check", paid, ExpenseLineMod=[{"TxnLineID": line, **change}]) == 3180
        assert bench.unchanged("Check", paid, ClearExpenseLines=True) == 3180
        assert bench.changed("Check", paid, ExpenseLineMod=[{"TxnLineID": line, "Amount": 350}])["Amount"] == 350
        assert open_of(bench, paid) == 50

    def test_the_credit_cannot_shrink_below_what_was_paid_out(self) -> None:
        bench = Proven()
        advance = received(bench, 500)
        bench.add("Check", check(applied(advance, 400)))
        assert bench.unchanged("ReceivePayment", advance, TotalAmount=399) == 3210
        assert bench.changed("ReceivePayment", advance, TotalAmount=400)["UnusedPayment"] == 0


def test_what_was_paid_out_may_be_paid_back() -> None:
    """A refund that no credit stands against is open like an invoice (a check that stands on receivables)."""
    bench = Proven()
    paid = bench.add("Check", {key: value for key, value in check().items() if key != "ApplyCheckToTxnAdd"})
    received(bench, 400, part(paid, 400))
    assert (open_of(bench, paid), bench.truth.balance("Baker")) == (0, 0)
