"""Received payments, and taking transactions out of the books again."""

from typing import Any

import pytest

from .helpers import Bench, bill, invoice, line, payment, record_of, request
from .test_sales import credit


def owed(bench: Bench, cents: int, customer: str = "Baker", **header: Any) -> str:
    """Save an invoice over an amount; return its TxnID."""
    return str(bench.add("Invoice", invoice(customer, line("Repair", Amount=cents), **header))["TxnID"])


def applied(txn_id: str, cents: int | None = None, **parts: Any) -> dict[str, Any]:
    return {"TxnID": txn_id, **({"PaymentAmount": cents} if cents is not None else {}), **parts}


def test_a_payment_of_one_invoice() -> None:
    bench = Bench()
    txn_id = owed(bench, 10_000)
    bench.clock.advance(seconds=5)
    saved = bench.add("ReceivePayment", payment("Baker", 10_000, applied(txn_id, 4_000)))
    assert (saved["TotalAmount"], saved["UnusedPayment"]) == (10_000, 6_000)
    assert saved["DepositToAccountRef"]["FullName"] == "Undeposited Funds"
    [part] = saved["AppliedToTxnRet"]
    assert (part["TxnID"], part["TxnType"], part["Amount"], part["BalanceRemaining"]) == (txn_id, "Invoice", 4_000, 6_000)
    [now] = bench.found("Invoice", TxnID=[txn_id], IncludeLinkedTxns=True)
    assert (now["AppliedAmount"], now["BalanceRemaining"], now["IsPaid"]) == (-4_000, 6_000, False)
    assert now["EditSequence"] == str(int(bench.clock().timestamp()))  # applying a payment touches the invoice
    assert [(link["TxnID"], link["Amount"]) for link in now["LinkedTxn"]] == [(saved["TxnID"], -4_000)]
    assert bench.truth.balance("Baker") == 0
    assert bench.truth.problems() == []


def test_the_switch_leaves_the_invoice_untouched() -> None:
    bench = Bench(switches={"company.payment-touches-invoice": False})
    txn_id = owed(bench, 100)
    before = bench.found("Invoice")[0]["EditSequence"]
    bench.clock.advance(seconds=5)
    bench.add("ReceivePayment", payment("Baker", 100, applied(txn_id, 100)))
    assert bench.found("Invoice")[0]["EditSequence"] == before


def test_balances_do_not_touch_the_customer() -> None:
    bench = Bench()
    before = bench.found("Customer", FullName=["Baker"])[0]
    bench.clock.advance(seconds=5)
    owed(bench, 100)
    after = bench.found("Customer", FullName=["Baker"])[0]
    assert after["Balance"] == 100
    assert after["EditSequence"] == before["EditSequence"]


@pytest.mark.parametrize(
    ("cents", "paid", "unused"),
    [
        (300, [0, 300, 0], 0),
        (250, [250, 0, 0], 0),
        (700, [500, 200, 0], 0),
        (1000, [500, 300, 200], 0),
        (1100, [500, 300, 200], 100),
    ],
)
def test_automatic_application_takes_an_exact_match_and_else_the_oldest(cents: int, paid: list[int], unused: int) -> None:
    bench = Bench()
    invoices = [
        owed(bench, amount, TxnDate=day) for amount, day in ((500, "2026-01-01"), (300, "2026-02-01"), (200, "2026-03-01"))
    ]
    saved = bench.add("ReceivePayment", payment("Baker", cents, IsAutoApply=True))
    taken = {part["TxnID"]: part["Amount"] for part in saved["AppliedToTxnRet"]}
    assert [taken.get(each, 0) for each in invoices] == paid
    assert saved["UnusedPayment"] == unused
    assert bench.truth.problems() == []


def test_a_customer_pays_for_a_job() -> None:
    bench = Bench()
    txn_id = owed(bench, 500, "Abercrombie:Kitchen")
    bench.add("ReceivePayment", payment("Abercrombie", 500, applied(txn_id, 500)))
    assert bench.truth.balance("Abercrombie:Kitchen") == bench.truth.balance("Abercrombie") == 0
    assert bench.truth.problems() == []


def test_without_a_total_the_parts_make_it() -> None:
    bench = Bench()
    values = {"CustomerRef": {"FullName": "Baker"}, "AppliedToTxnAdd": [applied(owed(bench, 500), 300)]}
    assert bench.add("ReceivePayment", values)["TotalAmount"] == 300


def test_discount_and_credit() -> None:
    bench = Bench()
    txn_id = owed(bench, 1000)
    memo = bench.add("CreditMemo", credit("Baker", 300))
    parts = {
        "DiscountAmount": 100,
        "DiscountAccountRef": {"FullName": "Sales Discounts"},
        "SetCredit": [{"CreditTxnID": memo["TxnID"], "AppliedAmount": 250}],
    }
    saved = bench.add("ReceivePayment", payment("Baker", 650, applied(txn_id, 650, **parts)))
    assert saved["AppliedToTxnRet"][0]["DiscountAmount"] == 100
    assert bench.found("Invoice")[0]["IsPaid"] is True
    assert bench.found("CreditMemo")[0]["CreditRemaining"] == 50
    assert bench.truth.balance("Baker") == -50
    assert bench.truth.problems() == []


def test_using_only_credits_makes_no_transaction() -> None:
    bench = Bench()
    txn_id = owed(bench, 1000)
    memo = bench.add("CreditMemo", credit("Baker", 300))
    uses = applied(txn_id, SetCredit=[{"CreditTxnID": memo["TxnID"], "AppliedAmount": 200}])
    values = {"CustomerRef": {"FullName": "Baker"}, "AppliedToTxnAdd": [uses], "@defMacro": "TxnID:Nothing"}
    again = applied("", SetCredit=[{"CreditTxnID": "", "CreditTxnID@useMacro": "TxnID:Nothing", "AppliedAmount": 1}])
    answers = bench.answers(
        request("ReceivePayment", "Add", {"ReceivePaymentAdd": values}),
        request("ReceivePayment", "Add", {"ReceivePaymentAdd": {**values, "AppliedToTxnAdd": [{**again, "TxnID": txn_id}]}}),
    )
    assert [answer.status.code for answer in answers] == [0, 9100]  # a macro of what was not made names nothing
    saved = record_of(answers[0])
    assert saved["CustomerRef"]["FullName"] == "Baker"
    assert saved.keys().isdisjoint({"TxnID", "TimeCreated", "TimeModified", "EditSequence", "TxnNumber", "AppliedToTxnRet"})
    assert bench.query("ReceivePayment").status.code == 1
    [now] = bench.found("Invoice", IncludeLinkedTxns=True)
    assert (now["BalanceRemaining"], [link["TxnID"] for link in now["LinkedTxn"]]) == (800, [memo["TxnID"]])
    assert bench.found("CreditMemo")[0]["CreditRemaining"] == 100
    assert bench.truth.problems() == []


def test_a_discount_alone_is_a_transaction() -> None:
    bench = Bench()
    part = applied(owed(bench, 1000), DiscountAmount=1000, DiscountAccountRef={"FullName": "Sales Discounts"})
    assert bench.add("ReceivePayment", payment("Baker", 0, part))["TxnID"]
    assert bench.truth.balance("Baker") == 0
    assert bench.truth.problems() == []


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda mine, other, paid: payment("Baker", 2000, applied(mine, 1001)), 3210),
        (lambda mine, other, paid: payment("Baker", 2000, applied(mine, 600), applied(mine, 600)), 3210),
        (lambda mine, other, paid: payment("Baker", 500, applied(mine, 501)), 3210),
        (lambda mine, other, paid: payment("Baker", 500, applied(paid, 1)), 3120),
        (lambda mine, other, paid: payment("Baker", 500, applied(other, 1)), 3120),
        (lambda mine, other, paid: payment("Baker", 500, applied("1-1", 1)), 3120),
        (lambda mine, other, paid: payment("Baker", 500, applied(mine)), 3180),
        (lambda mine, other, paid: payment("Baker", 0), 3180),
        (lambda mine, other, paid: payment("Baker", -1), 3210),
        (lambda mine, other, paid: payment("Baker", 500, applied(mine, -1)), 3210),
        (lambda mine, other, paid: payment("Baker", 500, applied(mine, 1, DiscountAmount=1)), 3140),
        (
            lambda mine, other, paid: payment("Baker", 0, applied(mine, SetCredit=[{"CreditTxnID": "1-1", "AppliedAmount": 1}])),
            3120,
        ),
        (lambda mine, other, paid: payment("Nobody", 500), 3140),
        (lambda mine, other, paid: payment("Baker", 500, DepositToAccountRef={"FullName": "Nowhere"}), 3140),
        (lambda mine, other, paid: payment("Baker", 500, applied(mine, 5), ARAccountRef={"FullName": "Other AR"}), 3180),
    ],
)
def test_refused(make: Any, code: int) -> None:
    bench = Bench()
    bench.add("Account", {"Name": "Other AR", "AccountType": "AccountsReceivable"})
    mine, other, paid = owed(bench, 1000), owed(bench, 1000, "Abercrombie"), owed(bench, 100)
    bench.add("ReceivePayment", payment("Baker", 100, applied(paid, 100)))
    assert bench.refused("ReceivePayment", make(mine, other, paid)) == code


def test_pending_documents_take_no_part() -> None:
    bench = Bench()
    pending = owed(bench, 500, IsPending=True)
    assert bench.refused("ReceivePayment", payment("Baker", 500, applied(pending, 500))) == 3120
    memo = bench.add("CreditMemo", {**credit("Baker", 300), "IsPending": True})
    assert bench.refused("Invoice", invoice(SetCredit=[{"CreditTxnID": memo["TxnID"], "AppliedAmount": 200}])) == 3120
    counts = bench.add("CreditMemo", credit("Baker", 300))
    taken = [{"CreditTxnID": counts["TxnID"], "AppliedAmount": 200}]
    assert bench.refused("Invoice", invoice(SetCredit=taken, IsPending=True)) == 3180


class TestRemoval:
    def remove(self, bench: Bench, operation: str, kind: str, txn_id: str) -> Any:
        return bench.ask("Txn", operation, {f"Txn{operation}Type": kind, "TxnID": txn_id})

    def test_a_deleted_invoice_is_gone_and_its_payment_unused(self) -> None:
        bench = Bench()
        txn_id = owed(bench, 500, RefNumber="G-1")
        bench.add("ReceivePayment", payment("Baker", 500, applied(txn_id, 500)))
        answer = self.remove(bench, "Del", "Invoice", txn_id)
        assert answer.status.code == 0
        assert answer.records[:2] == [("TxnDelType", "Invoice"), ("TxnID", txn_id)]
        assert dict(answer.records)["RefNumber"] == "G-1"
        assert bench.query("Invoice").status.code == 1
        assert bench.found("ReceivePayment")[0]["UnusedPayment"] == 500
        assert bench.truth.balance("Baker") == -500
        assert bench.truth.problems() == []

    @pytest.mark.parametrize("operation", ["Del", "Void"])
    def test_what_was_paid_of_a_jobs_invoice_goes_back_to_the_payer_without_its_discount(self, operation: str) -> None:
        bench = Bench()
        gone, stays = (owed(bench, cents, "Abercrombie:Kitchen", TxnDate="2026-01-01") for cents in (10_000, 500))
        discount = {"DiscountAmount": 1000, "DiscountAccountRef": {"FullName": "Sales Discounts"}}
        bench.add("ReceivePayment", payment("Abercrombie", 9_500, applied(gone, 9_000, **discount), applied(stays, 500)))
        assert bench.truth.ledger_sums()["Sales Discounts"] == 1000
        assert self.remove(bench, operation, "Invoice", gone).status.code == 0
        [paid] = bench.found("ReceivePayment", IncludeLineItems=True)
        assert (paid["TotalAmount"], paid["UnusedPayment"]) == (9_500, 9_000)
        assert [part["TxnID"] for part in paid["AppliedToTxnRet"]] == [stays]
        assert "Sales Discounts" not in bench.truth.ledger_sums()
        shown = {row["FullName"]: (row["Balance"], row["TotalBalance"]) for row in bench.found("Customer")}
        assert (shown["Abercrombie"], shown["Abercrombie:Kitchen"]) == ((-9_000, -9_000), (0, 0))
        assert bench.truth.problems() == []

    def test_a_deleted_payment_opens_the_invoice_again(self) -> None:
        bench = Bench()
        txn_id = owed(bench, 500)
        paid = bench.add("ReceivePayment", payment("Baker", 500, applied(txn_id, 500)))
        assert self.remove(bench, "Del", "ReceivePayment", paid["TxnID"]).status.code == 0
        assert bench.found("Invoice")[0]["BalanceRemaining"] == 500
        assert bench.truth.problems() == []

    def test_a_voided_invoice_stays_with_zero_amounts(self) -> None:
        bench = Bench()
        txn_id = owed(bench, 500, Memo="kept")
        assert self.remove(bench, "Void", "Invoice", txn_id).status.code == 0
        [now] = bench.found("Invoice", IncludeLineItems=True)
        assert (now["Subtotal"], now["BalanceRemaining"], now["Memo"]) == (0, 0, "VOID: kept")
        [(_name, only_line)] = now["InvoiceLineRet|InvoiceLineGroupRet"]
        assert only_line["Amount"] == 0
        assert set(bench.truth.ledger_sums().values()) == {0}
        assert bench.truth.problems() == []

    def test_a_voided_bill(self) -> None:
        bench = Bench()
        saved = bench.add("Bill", bill())
        assert self.remove(bench, "Void", "Bill", saved["TxnID"]).status.code == 0
        assert bench.truth.balance("Landlord") == 0
        assert bench.truth.problems() == []

    @pytest.mark.parametrize(
        ("operation", "kind", "txn_id", "code"),
        [
            ("Del", "Invoice", "1-1", 3120),
            ("Void", "Invoice", "1-1", 3120),
            ("Del", "Estimate", "1-1", 3120),
        ],
    )
    def test_refused(self, operation: str, kind: str, txn_id: str, code: int) -> None:
        assert self.remove(Bench(), operation, kind, txn_id).status.code == code

    def test_another_kind_is_not_found(self) -> None:
        bench = Bench()
        assert self.remove(bench, "Del", "Bill", owed(bench, 5)).status.code == 3120

    def test_linked_transactions_stay_by_the_switch(self) -> None:
        bench = Bench(switches={"company.transaction-delete-applied": "refused"})
        txn_id = owed(bench, 500)
        bench.add("ReceivePayment", payment("Baker", 500, applied(txn_id, 500)))
        assert self.remove(bench, "Del", "Invoice", txn_id).status.code == 3160

    def test_a_number_is_free_again_and_an_identity_is_not(self) -> None:
        bench = Bench()
        first = owed(bench, 5)
        assert self.remove(bench, "Del", "Invoice", first).status.code == 0
        assert owed(bench, 5) != first


def test_macros_name_what_an_earlier_request_of_the_set_made() -> None:
    bench = Bench()
    first = invoice("Baker", line("Repair", Amount=500))
    first["@defMacro"] = "TxnID:Inv"
    pays = payment("Baker", 500, {"TxnID": None, "TxnID@useMacro": "TxnID:Inv", "PaymentAmount": 500})
    answers = bench.answers(
        request("Invoice", "Add", {"InvoiceAdd": first}), request("ReceivePayment", "Add", {"ReceivePaymentAdd": pays})
    )
    assert [answer.status.code for answer in answers] == [0, 0]
    assert record_of(answers[1])["AppliedToTxnRet"][0]["TxnID"] == record_of(answers[0])["TxnID"]
    unknown = payment("Baker", 500, {"TxnID": None, "TxnID@useMacro": "TxnID:Other", "PaymentAmount": 500})
    assert bench.refused("ReceivePayment", unknown) == 9100
