"""Mods of received payments and of checks that pay bills: what they pay is replaced as a whole, or stays (a vendor's reference text)."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from company.proven import Proven, Values, billed, deposit, discount, owed, part, paying, received, ref, using

from .test_payments_received import FAMILY, JOB, open_of

RECEIVABLE, PAYABLE, UNDEPOSITED = "Accounts Receivable", "Accounts Payable", "Undeposited Funds"


class TestReceived:
    def test_a_header_alone_keeps_what_was_paid(self) -> None:
        bench = Proven()
        invoice = owed(bench, 1_000)
        paid = received(bench, 900, part(invoice, 700, **discount(50)))
        rows = bench.rows(paid)
        after = bench.changed(
            "ReceivePayment", paid, Memo="b", RefNumber="77", PaymentMethodRef=ref("Check"), TxnDate="2026-11-20"
        )
        assert (after["RefNumber"], after["PaymentMethodRef"]["FullName"], after["UnusedPayment"]) == ("77", "Check", 200)
        assert (bench.rows(paid), open_of(bench, invoice)) == (rows, 250)
        after = bench.changed("ReceivePayment", paid, Memo=None, PaymentMethodRef={}, RefNumber=None)
        assert after.keys().isdisjoint({"Memo", "PaymentMethodRef", "RefNumber"})

    def test_a_payment_is_no_credit_of_itself(self) -> None:
        """What is left of it is used as a PaymentAmount; another payment's rest may be used."""
        bench = Proven()
        invoice = owed(bench, 1_000)
        paid, other = received(bench, 600, part(invoice, 100)), received(bench, 50)
        for parts in ([part(invoice, 100, SetCredit=[using(paid, 500)])], [part(invoice, SetCredit=[using(paid, 1)])]):
            assert bench.unchanged("ReceivePayment", paid, AppliedToTxnMod=parts) == 3120
        bench.changed("ReceivePayment", paid, AppliedToTxnMod=[part(invoice, 600, SetCredit=[using(other, 50)])])
        assert [open_of(bench, each) for each in (invoice, paid, other)] == [350, 0, 0]

    @pytest.mark.parametrize("total", [700, 800, 5_000])
    def test_another_total(self, total: int) -> None:
        bench = Proven()
        paid = received(bench, 900, part(owed(bench, 1_000), 700))
        assert bench.changed("ReceivePayment", paid, TotalAmount=total)["UnusedPayment"] == total - 700
        assert bench.rows(paid)[0] == (UNDEPOSITED, total, "Baker")
        assert bench.unchanged("ReceivePayment", paid, TotalAmount=699) == 3210

    def test_what_is_named_takes_the_place_of_what_was_paid(self) -> None:
        bench = Proven()
        first, second, memo = owed(bench, 500), owed(bench, 500), owed(bench, 100, kind="CreditMemo")
        paid = received(bench, 500, part(first, 400, **discount(100)))
        assert bench.one("Invoice", first)["IsPaid"] is True
        after = bench.changed(
            "ReceivePayment", paid, AppliedToTxnMod=[part(second, 300, SetCredit=[using(memo, 60)]), part(first, 10)]
        )
        assert [(each["TxnID"], each["Amount"]) for each in after["AppliedToTxnRet"]] == [
            (first["TxnID"], 10),
            (second["TxnID"], 300),
        ]
        assert (open_of(bench, first), open_of(bench, second), open_of(bench, memo), open_of(bench, paid)) == (490, 140, 40, 190)
        assert "Sales Discounts" not in bench.books()
        again = bench.changed("ReceivePayment", paid, AppliedToTxnMod=[part(first, 500)])
        assert (again["UnusedPayment"], open_of(bench, second), open_of(bench, memo)) == (0, 440, 40)  # the credit memo stays

    def test_for_another_customer(self) -> None:
        bench = Proven()
        invoice, other = owed(bench, 500), owed(bench, 500, JOB)
        paid = received(bench, 500, part(invoice, 400))
        assert bench.unchanged("ReceivePayment", paid, CustomerRef=ref(FAMILY)) == 3180
        bench.changed("ReceivePayment", paid, CustomerRef=ref(FAMILY), AppliedToTxnMod=[part(other, 400)])
        assert bench.rows(paid) == [(UNDEPOSITED, 500, FAMILY), (RECEIVABLE, -400, JOB), (RECEIVABLE, -100, FAMILY)]
        assert (bench.truth.balance("Baker"), open_of(bench, invoice)) == (500, 500)

    def test_deposited_it_keeps_its_amount_and_its_account(self) -> None:
        bench = Proven()
        invoice = owed(bench, 500)
        paid = received(bench, 500)
        bench.add("Deposit", deposit(paid))
        for change in ({"TotalAmount": 501}, {"DepositToAccountRef": ref("Operating Account")}):
            assert bench.unchanged("ReceivePayment", paid, **change) == 3180
        assert bench.remove("Del", "ReceivePayment", paid) == 3160
        after = bench.changed("ReceivePayment", paid, Memo="b", AppliedToTxnMod=[part(invoice, 500)])
        assert (after["UnusedPayment"], open_of(bench, invoice)) == (0, 0)
        assert bench.query("ReceivePaymentToDeposit").status.code == 1

    def test_what_is_known_of_a_card_is_kept_beside_what_is_said(self) -> None:
        bench = Proven()
        asked = {"CreditCardNumber": "xxxx1111", "ExpirationMonth": 5, "ExpirationYear": 2030, "NameOnCard": "A. Baker"}
        result = {"ResultCode": 0, "ResultMessage": "STATUS OK", "CreditCardTransID": "V1", "MerchantAccountNumber": "4269",
                  "PaymentStatus": "Completed", "TxnAuthorizationTime": "2026-11-23T10:00:00"}  # fmt: skip
        info = {"CreditCardTxnInputInfo": asked, "CreditCardTxnResultInfo": result}
        paid = received(bench, 500, PaymentMethodRef=ref("Visa"), CreditCardTxnInfo=info)
        before = paid["CreditCardTxnInfo"]
        change = {
            "CreditCardTxnInputInfoMod": {"NameOnCard": "B. Baker"},
            "CreditCardTxnResultInfoMod": {"PaymentStatus": "Unknown"},
        }
        after = bench.changed("ReceivePayment", paid, CreditCardTxnInfoMod=change)["CreditCardTxnInfo"]
        assert after["CreditCardTxnInputInfo"] == {**before["CreditCardTxnInputInfo"], "NameOnCard": "B. Baker"}
        assert after["CreditCardTxnResultInfo"] == {**before["CreditCardTxnResultInfo"], "PaymentStatus": "Unknown"}

    def test_two_parts_of_one_invoice_are_one(self) -> None:
        bench = Proven()
        invoice = owed(bench, 1_000)
        paid = received(bench, 500, part(invoice, 300), part(invoice, 200, **discount(50)))
        [told] = bench.one("ReceivePayment", paid)["AppliedToTxnRet"]
        assert (told["Amount"], told["DiscountAmount"], told["DiscountAccountRef"]["FullName"]) == (500, 50, "Sales Discounts")
        before = bench.books()
        bench.changed("ReceivePayment", paid, Memo="header alone")
        assert bench.moved_since(before) == {}
        for other in (discount(50, "Sales"), discount(50, DiscountClassRef=ref("East"))):
            parts = [part(invoice, 100, **discount(50)), part(invoice, 100, **other)]
            assert bench.unchanged("ReceivePayment", paid, AppliedToTxnMod=parts) == 3180

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            (lambda invoice, paid: {"AppliedToTxnMod": [part(invoice, 1_001)]}, 3210),
            (lambda invoice, paid: {"AppliedToTxnMod": [part(invoice, 901)]}, 3210),
            (lambda invoice, paid: {"AppliedToTxnMod": [part(invoice, 600), part(invoice, 600)]}, 3210),
            (lambda invoice, paid: {"AppliedToTxnMod": [part(invoice)]}, 3180),
            (lambda invoice, paid: {"AppliedToTxnMod": [part(paid, 5)]}, 3120),
            (lambda invoice, paid: {"TotalAmount": -1}, 3210),
            (lambda invoice, paid: {"TotalAmount": None}, 3150),
            (lambda invoice, paid: {"CustomerRef": {}}, 3150),
            (lambda invoice, paid: {"ARAccountRef": {}}, 3150),
            (lambda invoice, paid: {"CustomerRef": ref("Lamp Factory")}, 3140),
            (lambda invoice, paid: {"DepositToAccountRef": ref("Rent")}, 3180),
            (lambda invoice, paid: {"EditSequence": "1"}, 3200),
            (lambda invoice, paid: {"TxnID": invoice["TxnID"]}, 3120),
            (lambda invoice, paid: {"TxnDate": "2026-10-31"}, 3171),
        ],
    )
    def test_refused(self, changes: Any, code: int) -> None:
        bench = Proven()
        bench.company._books.facts["closing_date"] = "2026-10-31"
        invoice = owed(bench, 1_000)
        paid = received(bench, 900, part(invoice, 700))
        assert bench.unchanged("ReceivePayment", paid, **changes(invoice, paid)) == code
        assert (open_of(bench, invoice), open_of(bench, paid)) == (300, 200)


class TestOfBills:
    def two(self, bench: Proven) -> tuple[Values, Values, Values]:
        first, second = billed(bench, 500), billed(bench, 500)
        return first, second, bench.add("BillPaymentCheck", paying(part(first, 300), part(second, 100), RefNumber="7"))

    def test_a_header_alone_keeps_what_was_paid(self) -> None:
        bench = Proven()
        first, second, paid = self.two(bench)
        rows = bench.rows(paid)
        after = bench.changed("BillPaymentCheck", paid, Memo="b", TxnDate="2026-11-20", BankAccountRef=ref("Savings"))
        assert (after["Amount"], after["BankAccountRef"]["FullName"], after["RefNumber"]) == (400, "Savings", "7")
        assert bench.rows(paid) == [("Savings", -400, "Lamp Factory"), *rows[1:]]
        assert (open_of(bench, first), open_of(bench, second)) == (200, 400)

    def test_what_is_named_takes_the_place_of_what_was_paid(self) -> None:
        bench = Proven()
        first, second, paid = self.two(bench)
        credit = billed(bench, 100, kind="VendorCredit")
        after = bench.changed(
            "BillPaymentCheck", paid, AppliedToTxnMod=[part(second, 250, SetCredit=[using(credit, 50)], **discount(20))]
        )
        assert (after["Amount"], [each["TxnID"] for each in after["AppliedToTxnRet"]]) == (250, [second["TxnID"]])
        assert (open_of(bench, first), open_of(bench, second), open_of(bench, credit)) == (500, 180, 50)
        bench.changed("BillPaymentCheck", paid, AppliedToTxnMod=[part(first, 500)], Amount=500)
        assert (open_of(bench, first), open_of(bench, second), open_of(bench, credit)) == (0, 450, 50)
        assert bench.rows(paid) == [("Operating Account", -500, "Lamp Factory"), (PAYABLE, 500, "Lamp Factory")]

    def test_what_was_paid_of_a_bill_that_is_gone_is_not_lost(self) -> None:
        bench = Proven()
        first, second, paid = self.two(bench)
        bench.removed("Del", "Bill", first)
        after = bench.changed("BillPaymentCheck", paid, Memo="b")
        assert (after["Amount"], open_of(bench, paid)) == (400, 300)
        bench.changed("BillPaymentCheck", paid, Amount=400)
        assert bench.truth.balance("Lamp Factory") == 500 - 400
        assert open_of(bench, second) == 400

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            (lambda first, paid: {"AppliedToTxnMod": [part(first, 501)]}, 3210),
            (lambda first, paid: {"AppliedToTxnMod": [part(first, 100)], "Amount": 101}, 3210),
            (lambda first, paid: {"AppliedToTxnMod": [part(first, 100)], "Amount": 99}, 3210),
            (lambda first, paid: {"Amount": 401}, 3210),
            (lambda first, paid: {"AppliedToTxnMod": [part(first)]}, 3180),
            (lambda first, paid: {"BankAccountRef": {}}, 3150),
            (lambda first, paid: {"BankAccountRef": ref("Company Card")}, 3180),
            (lambda first, paid: {"EditSequence": "1"}, 3200),
        ],
    )
    def test_refused(self, changes: Any, code: int) -> None:
        bench = Proven()
        first, _second, paid = self.two(bench)
        assert bench.unchanged("BillPaymentCheck", paid, **changes(first, paid)) == code

    def test_a_void_one_stays_void(self) -> None:
        bench = Proven()
        first, _second, paid = self.two(bench)
        bench.removed("Void", "BillPaymentCheck", paid)
        after = bench.changed("BillPaymentCheck", paid, RefNumber="8")
        assert (after["Amount"], after["RefNumber"], open_of(bench, first)) == (0, "8", 500)


class TestWhatIsPaid:
    """What a payment is applied to keeps its name and account, and may not shrink below what was paid (our choice: 3180)."""

    @pytest.mark.parametrize("kind", ["Bill", "VendorCredit"])
    def test_a_bill_or_credit(self, kind: str) -> None:
        bench = Proven()
        bill, credit = billed(bench, 500), billed(bench, 500, kind="VendorCredit")
        bench.add("BillPaymentCheck", paying(part(bill, 100, SetCredit=[using(credit, 200)])))
        saved, used = (bill, 300) if kind == "Bill" else (credit, 200)
        line = saved["ExpenseLineRet"][0]["TxnLineID"]
        for change in ({"VendorRef": ref("Landlord")}, {"APAccountRef": ref("Other Payables")}):
            assert bench.unchanged(kind, saved, **change) == 3180
        assert bench.unchanged(kind, saved, ExpenseLineMod=[{"TxnLineID": line, "Amount": used - 1}]) == 3180
        after = bench.changed(kind, saved, ExpenseLineMod=[{"TxnLineID": line, "Amount": used}], Memo="b")
        assert (after["OpenAmount"], open_of(bench, saved)) == (0, 0)

    def test_a_journal_entry_may_change_what_is_not_owed(self) -> None:
        bench = Proven()
        entry = bench.add("JournalEntry", {"JournalDebitLine|JournalCreditLine": [
            ("JournalDebitLine", {"AccountRef": ref("Rent"), "Amount": 500}),
            ("JournalCreditLine", {"AccountRef": ref(PAYABLE), "Amount": 500, "EntityRef": ref("Landlord")}),
        ]})  # fmt: skip
        bench.add("BillPaymentCheck", paying(part(entry, 400), vendor="Landlord"))
        rent, owing = (line["TxnLineID"] for _side, line in entry["JournalDebitLine|JournalCreditLine"])
        after = bench.changed(
            "JournalEntry", entry, JournalLineMod=[{"TxnLineID": rent, "AccountRef": ref("Utilities")}, {"TxnLineID": owing}]
        )
        assert bench.rows(after)[0] == ("Utilities", 500)
        for account, name in (("Other Payables", "Landlord"), (PAYABLE, "Lamp Factory")):
            line = {"TxnLineID": owing, "AccountRef": ref(account), "EntityRef": ref(name)}
            assert bench.unchanged("JournalEntry", entry, JournalLineMod=[{"TxnLineID": rent}, line]) == 3180
        less = [{"TxnLineID": rent, "Amount": 399}, {"TxnLineID": owing, "Amount": 399}]
        assert bench.unchanged("JournalEntry", entry, JournalLineMod=less) == 3180


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 400)), max_size=3), st.integers(0, 1200)), max_size=5)
)
def test_what_is_open_follows_from_the_last_mod(rounds: list[tuple[list[tuple[int, int]], int]]) -> None:
    bench = Proven()
    invoices = [owed(bench, 300) for _ in range(3)]
    paid, taken, total = received(bench, 600), dict.fromkeys(range(3), 0), 600
    for parts, new_total in rounds:
        wanted = dict.fromkeys(range(3), 0)
        for place, cents in parts:
            wanted[place] += cents
        changes: Values = {"TotalAmount": new_total}
        if parts:
            changes["AppliedToTxnMod"] = [part(invoices[place], cents) for place, cents in parts]
        else:
            wanted = taken
        is_possible = sum(wanted.values()) <= new_total and max(wanted.values()) <= 300 and (new_total or parts)
        answer = bench.change("ReceivePayment", paid, **changes)
        assert (answer.status.code == 0) == bool(is_possible), answer.status
        if is_possible:
            taken, total = wanted, new_total
        assert [open_of(bench, each) for each in invoices] == [300 - taken[place] for place in range(3)]
        assert open_of(bench, paid) == total - sum(taken.values())
