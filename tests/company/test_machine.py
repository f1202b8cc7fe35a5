"""Whatever is done in whatever order, the books balance after every step, and the file opened again answers the same."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from emulator.company import Company
from emulator.qbxml.messages import Answer

from .helpers import Bench, bill, invoice, line, payment, request
from .test_sales import credit

CUSTOMERS = st.sampled_from(["Abercrombie", "Abercrombie:Kitchen", "Baker", "Limited"])
CENTS = st.integers(1, 50_000)


class Books(RuleBasedStateMachine):
    """Random adds, payments, credits, removals, renames and openings, against a model of balances kept by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "company.qbw"
        self.bench = Bench(self.path)
        self.debtors: dict[str, int] = {}
        self.renamed = 0

    def teardown(self) -> None:
        self.bench.company.close()
        self.folder.cleanup()

    def do(self, noun: str, operation: str, values: dict[str, Any]) -> Answer:
        self.bench.clock.advance(seconds=1)
        return self.bench.ask(noun, operation, values)

    def owe(self, customer: str, cents: int) -> None:
        self.debtors[customer] = self.debtors.get(customer, 0) + cents

    def real(self, customer: str) -> str:
        return customer.replace("Baker", f"Baker {self.renamed}") if self.renamed else customer

    @rule(customer=CUSTOMERS, cents=st.lists(CENTS, min_size=1, max_size=4), pending=st.booleans())
    def invoice(self, customer: str, cents: list[int], pending: bool) -> None:
        lines = [line("Repair" if place % 2 else "Lamp", Amount=each) for place, each in enumerate(cents)]
        answer = self.do("Invoice", "Add", {"InvoiceAdd": invoice(self.real(customer), *lines, IsPending=pending)})
        assert answer.status.code == (3180 if answer.status.failed else 0)
        if not answer.status.failed and not pending:
            self.owe(customer, answer.records[0][1]["BalanceRemaining"])  # type: ignore[index,call-overload]

    @rule(customer=CUSTOMERS, cents=CENTS)
    def credit(self, customer: str, cents: int) -> None:
        answer = self.do("CreditMemo", "Add", {"CreditMemoAdd": credit(self.real(customer), cents)})
        self.owe(customer, -answer.records[0][1]["TotalAmount"])  # type: ignore[index,call-overload]

    @rule(customer=CUSTOMERS, cents=CENTS, automatic=st.booleans())
    def pay(self, customer: str, cents: int, automatic: bool) -> None:
        values = payment(self.real(customer), cents, IsAutoApply=automatic)
        assert self.do("ReceivePayment", "Add", {"ReceivePaymentAdd": values}).status.code == 0
        # What is paid for a job comes off the job; the family as a whole owes less by the amount.
        self.owe(customer, -cents)

    @rule(cents=st.integers(-100, 50_000))
    def buy(self, cents: int) -> None:
        assert self.do("Bill", "Add", {"BillAdd": bill(cents=cents)}).status.failed == (cents < 0)

    @rule(choice=st.integers(0, 1000), operation=st.sampled_from(["Del", "Void"]))
    @precondition(lambda self: self.bench.truth.transactions())
    def remove(self, choice: int, operation: str) -> None:
        rows = self.bench.truth.transactions()
        row = rows[choice % len(rows)]
        before = self.family_totals()
        answer = self.do("Txn", operation, {f"Txn{operation}Type": row["kind"], "TxnID": row["txn_id"]})
        after = self.family_totals()
        if not answer.status.failed:
            for customer in before:
                self.owe(customer, after[customer] - before[customer])

    @rule()
    def rename(self) -> None:
        [now] = self.bench.found("Customer", FullName=[self.real("Baker")])
        values = {"ListID": now["ListID"], "EditSequence": now["EditSequence"], "Name": f"Baker {self.renamed + 1}"}
        assert self.do("Customer", "Mod", {"CustomerMod": values}).status.code == 0
        self.renamed += 1

    @rule()
    def open_again(self) -> None:
        questions = [
            request(
                noun, "Query", {"IncludeLineItems": True} if noun in ("Invoice", "Bill", "CreditMemo", "ReceivePayment") else {}
            )
            for noun in ("Customer", "Vendor", "Account", "Item", "Invoice", "CreditMemo", "ReceivePayment", "Bill")
        ]
        before = self.bench.answers(*questions)
        self.bench.company.close()
        clock = self.bench.clock
        self.bench = Bench(company=Company.open(self.path, clock, self.bench.settings))
        self.bench.clock = clock
        self.bench.company._books.clock_now = clock
        assert self.bench.answers(*questions) == before

    def family_totals(self) -> dict[str, int]:
        return {each: self.bench.truth.balance(self.real(each)) for each in ("Abercrombie", "Baker", "Limited")}

    @invariant()
    def the_books_balance(self) -> None:
        assert self.bench.truth.problems() == []
        assert sum(self.bench.truth.ledger_sums().values()) == 0

    @invariant()
    def customers_owe_what_was_invoiced_less_what_was_paid(self) -> None:
        model = {each: self.debtors.get(each, 0) for each in ("Abercrombie", "Baker", "Limited")}
        model["Abercrombie"] += self.debtors.get("Abercrombie:Kitchen", 0)
        assert self.family_totals() == model

    @invariant()
    def answers_show_the_same_balances_as_the_file(self) -> None:
        shown = {row["FullName"]: row["TotalBalance"] for row in self.bench.found("Customer")}
        assert all(shown[row["full_name"]] == row["total_cents"] for row in self.bench.truth.customers() if row["active"])


TestBooks = Books.TestCase
TestBooks.settings = settings(max_examples=8, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.slow
class TestManyBooks(Books.TestCase):  # type: ignore[misc,name-defined]
    """The same, at length."""

    settings = settings(max_examples=60, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
