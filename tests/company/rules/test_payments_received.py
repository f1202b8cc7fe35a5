"""Received payments: what they post, whom they pay for, what may be paid and with which credits."""

from typing import Any

import pytest

from company.helpers import record_of
from company.proven import (
    Proven,
    Values,
    deposit,
    discount,
    expense,
    journal,
    owed,
    part,
    purchase,
    received,
    ref,
    using,
)  # fmt: skip

RECEIVABLE = "Accounts Receivable"
UNDEPOSITED = "Undeposited Funds"
JOB, FAMILY = "Abercrombie:Kitchen", "Abercrombie"


def open_of(bench: Proven, saved: Values) -> int:
    """What is left of any transaction."""
    [(cents,)] = bench.sql("SELECT open_cents FROM txn WHERE txn_id = ?", saved["TxnID"])
    return int(cents)


def test_parts_discounts_and_the_rest() -> None:
    bench = Proven()
    first, second, job = owed(bench, 10_000), owed(bench, 5_000), owed(bench, 700, JOB)
    cut = discount(500, DiscountClassRef=ref("West"))
    paid = received(bench, 9_000, part(first, 4_000, **cut), part(second, 3_000))
    assert bench.rows(paid) == [
        (UNDEPOSITED, 9_000, "Baker"),
        (RECEIVABLE, -4_500, "Baker"),
        ("Sales Discounts", 500, "Baker", "West"),
        (RECEIVABLE, -3_000, "Baker"),
        (RECEIVABLE, -2_000, "Baker"),
    ]
    assert (open_of(bench, first), open_of(bench, second), open_of(bench, paid)) == (5_500, 2_000, 2_000)
    [told, _other] = bench.one("ReceivePayment", paid)["AppliedToTxnRet"]
    assert (told["Amount"], told["BalanceRemaining"], told["DiscountAmount"]) == (4_000, 5_500, 500)
    assert (told["DiscountAccountRef"]["FullName"], told["DiscountClassRef"]["FullName"]) == ("Sales Discounts", "West")
    paid = received(bench, 700, part(job, 700), customer=FAMILY)
    assert bench.rows(paid)[1:] == [(RECEIVABLE, -700, JOB)]
    assert bench.truth.balance(JOB) == bench.truth.balance(FAMILY) == 0


@pytest.mark.parametrize(
    "account", ["Operating Account", "Undeposited Funds", "Prepaid Expenses", "Company Card", "Members Equity"]
)
def test_where_the_money_goes(account: str) -> None:
    bench = Proven()
    assert bench.rows(received(bench, 100, DepositToAccountRef=ref(account)))[0] == (account, 100, "Baker")


@pytest.mark.parametrize("account", ["Rent", "Sales", "Accounts Receivable", "Accounts Payable"])
def test_where_it_cannot_go(account: str) -> None:
    values = {"CustomerRef": ref("Baker"), "TotalAmount": 100, "DepositToAccountRef": ref(account), "IsAutoApply": False}
    assert Proven().refused("ReceivePayment", values) == 3180


OWING = {
    "an invoice": lambda bench, name: owed(bench, 900, name),
    "a journal entry": lambda bench, name: bench.add("JournalEntry", journal((900, RECEIVABLE, name), (-900, "Sales"))),
    "a check": lambda bench, name: bench.add("Check", purchase("Check", expense(900, RECEIVABLE, CustomerRef=ref(name)))),
    "a card charge": lambda bench, name: bench.add(
        "CreditCardCharge", purchase("CreditCardCharge", expense(900, RECEIVABLE, CustomerRef=ref(name)))
    ),
    "an opening balance": lambda bench, name: _opened(bench, name, 900),
}
"""What a customer may owe 9.00 by."""

CREDITS = {
    "a credit memo": lambda bench, name: owed(bench, 400, name, "CreditMemo"),
    "a payment": lambda bench, name: received(bench, 400, customer=name),
    "a journal entry": lambda bench, name: bench.add("JournalEntry", journal((400, "Sales"), (-400, RECEIVABLE, name))),
    "a deposit": lambda bench, name: bench.add(
        "Deposit", deposit({"EntityRef": ref(name), "AccountRef": ref(RECEIVABLE), "Amount": 400})
    ),
    "a card credit": lambda bench, name: bench.add(
        "CreditCardCredit", purchase("CreditCardCredit", expense(400, RECEIVABLE, CustomerRef=ref(name)))
    ),
    "an opening balance": lambda bench, name: _opened(bench, name, -400),
}
"""What may stand to a customer's credit with 4.00."""


def _opened(bench: Proven, name: str, cents: int) -> Values:
    *parent, own = name.split(":")
    more = {"ParentRef": ref(parent[0])} if parent else {}
    bench.add("Customer", {"Name": f"Old {own}", **more, "OpenBalance": cents})
    [found] = bench.found("Invoice" if cents > 0 else "CreditMemo", IncludeLineItems=True)[-1:]
    return found


@pytest.mark.parametrize("owing", OWING)
def test_what_can_be_paid(owing: str) -> None:
    bench = Proven()
    target = OWING[owing](bench, "Baker")
    payer = "Old Baker" if "opening" in owing else "Baker"
    assert bench.refused("ReceivePayment", _values(payer, 901, part(target, 901))) == 3210
    paid = received(bench, 600, part(target, 400), customer=payer)
    assert (open_of(bench, target), open_of(bench, paid)) == (500, 200)
    again = received(bench, 500, customer=payer, IsAutoApply=True)
    assert [each["TxnID"] for each in bench.one("ReceivePayment", again)["AppliedToTxnRet"]] == [target["TxnID"]]
    assert bench.refused("ReceivePayment", _values(payer, 1, part(target, 1))) == 3120
    assert bench.truth.balance(payer) == -200


def test_auto_apply_passes_over_what_is_owed_on_another_account() -> None:
    """The one of exactly this amount is on another account: it could not be paid by name either (3180)."""
    bench = Proven()
    elsewhere = owed(bench, 500, ARAccountRef=ref("Other Receivables"))
    first, second = owed(bench, 300), owed(bench, 400)
    paid = received(bench, 500, IsAutoApply=True)
    assert [open_of(bench, each) for each in (elsewhere, first, second, paid)] == [500, 0, 200, 0]
    assert bench.rows(paid)[1:] == [(RECEIVABLE, -300, "Baker"), (RECEIVABLE, -200, "Baker")]
    paid = received(bench, 500, IsAutoApply=True, ARAccountRef=ref("Other Receivables"))
    assert [open_of(bench, each) for each in (elsewhere, second, paid)] == [0, 200, 0]


@pytest.mark.parametrize("credit", CREDITS)
@pytest.mark.parametrize("owing", ["an invoice", "a journal entry"])
def test_credits_that_can_be_used(owing: str, credit: str) -> None:
    bench = Proven()
    name = "Old Baker" if "opening" in credit else "Baker"
    used = CREDITS[credit](bench, "Baker")
    target = OWING[owing](bench, name)
    before = bench.books()
    for cents, code in ((401, 3210), (0, 3210), (-5, 3210)):
        assert bench.refused("ReceivePayment", _values(name, None, part(target, SetCredit=[using(used, cents)]))) == code
    assert (
        bench.refused("ReceivePayment", _values(name, None, part(target, SetCredit=[using(used, 300), using(used, 200)]))) == 3210
    )
    answer = bench.ask(
        "ReceivePayment", "Add", {"ReceivePaymentAdd": _values(name, None, part(target, SetCredit=[using(used, 300)]))}
    )
    assert "TxnID" not in record_of(answer)
    assert (open_of(bench, target), open_of(bench, used)) == (600, 100)
    paid = received(bench, 500, part(target, 500, SetCredit=[using(used, 100)]), customer=name)
    assert (open_of(bench, target), open_of(bench, used), open_of(bench, paid)) == (0, 0, 0)
    assert bench.moved_since(before) == {RECEIVABLE: -500, UNDEPOSITED: 500}
    assert bench.refused("ReceivePayment", _values(name, None, part(target, SetCredit=[using(used, 1)]))) == 3120


def _values(customer: str, cents: int | None, *parts: Values, **header: Any) -> Values:
    total = {} if cents is None else {"TotalAmount": cents}
    return {"CustomerRef": ref(customer), **total, **header, "AppliedToTxnAdd": list(parts)}


@pytest.mark.parametrize("payer", [FAMILY, JOB])
def test_a_payment_used_for_a_job_is_the_jobs(payer: str) -> None:
    """What a customer paid in advance comes off the job whose invoice it is used for (as when it is paid at once)."""
    bench = Proven()
    advance = received(bench, 500, customer=payer)
    target = owed(bench, 300, JOB)
    bench.ask("ReceivePayment", "Add", {"ReceivePaymentAdd": _values(payer, None, part(target, SetCredit=[using(advance, 300)]))})
    balances = {name: bench.name("Customer", name)["Balance"] for name in (FAMILY, JOB)}
    assert balances == {FAMILY: 0, JOB: 0, payer: -200}
    assert bench.truth.balance(FAMILY) == -200


def test_an_advance_used_in_an_invoice_of_a_job() -> None:
    bench = Proven()
    advance = received(bench, 500, customer=JOB)
    target = owed(bench, 300, JOB, SetCredit=[using(advance, 200)])
    assert (open_of(bench, target), open_of(bench, advance)) == (100, 300)


@pytest.mark.parametrize(
    ("customer", "target", "code"),
    [(FAMILY, JOB, 0), (JOB, JOB, 0), (JOB, FAMILY, 3120), (JOB, "Abercrombie:Bath", 3120), (FAMILY, "Baker", 3120)],
)
def test_whose_invoices(customer: str, target: str, code: int) -> None:
    bench = Proven()
    invoice = owed(bench, 500, target)
    assert bench.ask("ReceivePayment", "Add", {"ReceivePaymentAdd": _values(customer, 5, part(invoice, 5))}).status.code == code


class TestAccounts:
    """All of a payment is on one receivable account (documented)."""

    def test_another_receivable(self) -> None:
        bench = Proven()
        target = owed(bench, 500, ARAccountRef=ref("Other Receivables"))
        assert bench.refused("ReceivePayment", _values("Baker", 500, part(target, 500))) == 3180
        paid = received(bench, 600, part(target, 500), ARAccountRef=ref("Other Receivables"))
        assert bench.rows(paid)[1:] == [("Other Receivables", -500, "Baker"), ("Other Receivables", -100, "Baker")]

    def test_a_credit_of_another_receivable(self) -> None:
        bench = Proven()
        target, memo = owed(bench, 500), owed(bench, 500, kind="CreditMemo", ARAccountRef=ref("Other Receivables"))
        assert bench.refused("ReceivePayment", _values("Baker", None, part(target, SetCredit=[using(memo, 100)]))) == 3180

    def test_a_linked_payment_stays_on_its_receivable(self) -> None:
        bench = Proven()
        paid = received(bench, 500, part(owed(bench, 500), 500))
        assert bench.unchanged("ReceivePayment", paid, ARAccountRef=ref("Other Receivables")) == 3180
        free = received(bench, 500)
        bench.changed("ReceivePayment", free, ARAccountRef=ref("Other Receivables"))
        assert bench.rows(free)[1] == ("Other Receivables", -500, "Baker")


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda target: _values("Baker", 500, part(target)), 3180),
        (lambda target: _values("Baker", 500, part(target, 0)), 3180),
        (lambda target: _values("Baker", 500, part(target, 400, **discount(600))), 3210),
        (lambda target: _values("Baker", 500, part(target, 400, DiscountAmount=-1)), 3210),
        (lambda target: _values("Baker", 500, part(target, 400, DiscountAmount=1)), 3140),
        (lambda target: _values("Baker", 500, part(target, 400, **discount(1, "Nowhere"))), 3140),
        (lambda target: _values("Baker", 399, part(target, 400)), 3210),
        (lambda target: _values("Lamp Factory", 500, part(target, 400)), 3140),
        (lambda target: _values("Baker", 500, part(target, 400), TxnDate="2026-10-31"), 3171),
    ],
)
def test_refused(make: Any, code: int) -> None:
    bench = Proven()
    bench.company._books.facts["closing_date"] = "2026-10-31"
    assert bench.refused("ReceivePayment", make(owed(bench, 900))) == code
