"""Whatever is owed, credited, paid, refunded, deposited, changed and taken away in whatever order: what is open is what the model says."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from company.proven import (
    Proven,
    Values,
    billed,
    deposit,
    discount,
    expense,
    journal,
    owed,
    part,
    paying,
    purchase,
    ref,
    using,
)  # fmt: skip
from emulator.qbxml.messages import Answer

CUSTOMERS = ("Abercrombie", "Abercrombie:Kitchen", "Baker")
VENDORS = ("Landlord",)
RECEIVABLE, PAYABLE = "Accounts Receivable", "Accounts Payable"


class Part(NamedTuple):
    """What one part of a payment does: it pays a target, with a discount, and uses a credit for it."""

    target: "Open"
    cents: int
    off: int
    credit: "Open | None"
    credit_cents: int


@dataclass(eq=False)
class Open:
    """A document that is open: owed (`sign` 1) or a credit (-1), by or to whom, and how much it is about."""

    kind: str
    saved: Values
    name: str
    sign: int
    cents: int
    can_void: bool = True

    @property
    def is_receivable(self) -> bool:
        return self.name in CUSTOMERS


def family(name: str) -> str:
    return name.split(":")[0]


CHOICE = st.integers(0, 10**6)
CENTS = st.integers(1, 900)
PERCENT = st.sampled_from([30, 30, 50, 100, 100, 0, 101])
TARGETS = st.lists(
    st.tuples(CHOICE, PERCENT, st.sampled_from([0, 0, 0, 5]), st.sampled_from([0, 0, 30, 100]), CHOICE), min_size=1, max_size=3
)
"""Parts of a payment: which target, how much of what is left of it, what discount, and how much of which credit."""


class Money(RuleBasedStateMachine):
    """Random documents on one company, and on a model of documents and what was applied to what."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Proven()
        self.open: list[Open] = []
        self.applied: dict[tuple[Open, Open], list[int]] = {}
        """(credit, what it went to) -> amount and discount."""

    @initialize()
    def begin(self) -> None:
        """Everybody owes something and has some credit."""
        for name in CUSTOMERS:
            self.a_customer_owes("Invoice", name, 800)
            self.a_customer_is_credited("CreditMemo", name, 300)
        for name in VENDORS:
            self.a_vendor_is_owed("Bill", name, 800)
            self.a_vendor_credits("VendorCredit", name, 300)

    # ---- the model ----

    def left(self, document: Open) -> int:
        used = sum(
            cents + (off if document is target else 0)
            for (source, target), (cents, off) in self.applied.items()
            if document in (source, target)
        )
        return document.cents - used

    def apply(self, source: Open, target: Open, cents: int, off: int = 0) -> None:
        before = self.applied.setdefault((source, target), [0, 0])
        before[0] += cents
        before[1] += off

    def forget(self, document: Open, as_source_only: bool = False) -> None:
        self.applied = {
            pair: amounts
            for pair, amounts in self.applied.items()
            if document is not pair[0] and (as_source_only or document is not pair[1])
        }

    def choose(self, choice: int, sign: int, names: Iterator[str] | tuple[str, ...]) -> Open | None:
        found = [each for each in self.open if each.sign == sign and each.name in names]
        return found[choice % len(found)] if found else None

    def keep(self, kind: str, saved: Values, name: str, sign: int, cents: int, **more: Any) -> Open:
        self.open.append(Open(kind, saved, name, sign, cents, **more))
        return self.open[-1]

    # ---- owing and crediting ----

    @rule(kind=st.sampled_from(["Invoice", "JournalEntry", "Check"]), name=st.sampled_from(CUSTOMERS), cents=CENTS)
    def a_customer_owes(self, kind: str, name: str, cents: int) -> None:
        bench = self.bench
        saved = {
            "Invoice": lambda: owed(bench, cents, name),
            "JournalEntry": lambda: bench.add("JournalEntry", journal((cents, RECEIVABLE, name), (-cents, "Sales"))),
            "Check": lambda: bench.add("Check", purchase("Check", expense(cents, RECEIVABLE, CustomerRef=ref(name)))),
        }[kind]()
        self.keep(kind, saved, name, 1, cents)

    @rule(kind=st.sampled_from(["CreditMemo", "JournalEntry", "Deposit"]), name=st.sampled_from(CUSTOMERS), cents=CENTS)
    def a_customer_is_credited(self, kind: str, name: str, cents: int) -> None:
        bench = self.bench
        line = {"EntityRef": ref(name), "AccountRef": ref(RECEIVABLE), "Amount": cents}
        saved = {
            "CreditMemo": lambda: owed(bench, cents, name, "CreditMemo"),
            "JournalEntry": lambda: bench.add("JournalEntry", journal((-cents, RECEIVABLE, name), (cents, "Sales"))),
            "Deposit": lambda: bench.add("Deposit", deposit(line)),
        }[kind]()
        self.keep(kind, saved, name, -1, cents)

    @rule(kind=st.sampled_from(["Bill", "JournalEntry"]), name=st.sampled_from(VENDORS), cents=CENTS)
    def a_vendor_is_owed(self, kind: str, name: str, cents: int) -> None:
        entry = journal((cents, "Rent"), (-cents, PAYABLE, name))
        saved = billed(self.bench, cents, name) if kind == "Bill" else self.bench.add("JournalEntry", entry)
        self.keep(kind, saved, name, 1, cents)

    @rule(kind=st.sampled_from(["VendorCredit", "Check"]), name=st.sampled_from(VENDORS), cents=CENTS)
    def a_vendor_credits(self, kind: str, name: str, cents: int) -> None:
        advance = purchase("Check", expense(cents, PAYABLE), party=name)
        saved = billed(self.bench, cents, name, "VendorCredit") if kind == "VendorCredit" else self.bench.add("Check", advance)
        self.keep(kind, saved, name, -1, cents)

    # ---- paying ----

    def parts(self, wanted: list[Any], payer: str) -> tuple[list[Values], list[Part]]:
        """Return the parts of a payment, and what each does in the model."""
        names = tuple(name for name in (*CUSTOMERS, *VENDORS) if name == payer or name.startswith(f"{payer}:"))
        asked: list[Values] = []
        parts: list[Part] = []
        for choice, percent, off, credit_percent, credit_choice in wanted:
            target = self.choose(choice, 1, names)
            if target is None:
                continue
            cents = (self.left(target) + (target.cents if percent > 100 else 0)) * percent // 100
            credit = self.choose(credit_choice, -1, names) if credit_percent else None
            credit_cents = min(self.left(credit), self.left(target)) * credit_percent // 100 if credit is not None else 0
            more: Values = discount(off) if off else {}
            if credit is not None:
                more["SetCredit"] = [using(credit.saved, credit_cents)]
            parts.append(Part(target, cents, off, credit, credit_cents))
            asked.append(part(target.saved, cents, **more))
        return asked, parts

    def is_possible(self, total: int, parts: list[Part], before: Open | None = None) -> bool:
        """Return whether the model has room for a payment; what `before` paid comes back first."""
        kept = self.applied
        if before is not None:
            self.forget(before, as_source_only=True)
        room = {id(each): self.left(each) for each in self.open}
        self.applied = kept
        for each in parts:
            if each.credit is None and not each.cents and not each.off:
                return False
            room[id(each.target)] -= each.cents + each.off + each.credit_cents
            if each.credit is not None:
                room[id(each.credit)] -= each.credit_cents
                if not each.credit_cents:
                    return False
        return min(room.values(), default=0) >= 0 and sum(each.cents for each in parts) <= total

    def done(self, payment: Open | None, parts: list[Part]) -> None:
        for each in parts:
            if each.cents or each.off:
                assert payment is not None
                self.apply(payment, each.target, each.cents, each.off)
            if each.credit is not None:
                self.apply(each.credit, each.target, each.credit_cents)

    @rule(payer=st.sampled_from((*CUSTOMERS, *VENDORS)), wanted=TARGETS, extra=st.sampled_from([0, 0, 70]))
    def pay(self, payer: str, wanted: list[Any], extra: int) -> None:
        asked, parts = self.parts(wanted, payer)
        if not asked and payer in VENDORS:
            return
        total = sum(each.cents for each in parts) + (extra if payer in CUSTOMERS else 0)
        kind = "ReceivePayment" if payer in CUSTOMERS else "BillPaymentCheck"
        values: Values = {
            "CustomerRef": ref(payer),
            "TotalAmount": total,
            **({"AppliedToTxnAdd": asked} if asked else {"IsAutoApply": False}),
        }
        answer = self.bench.ask(kind, "Add", {f"{kind}Add": values if payer in CUSTOMERS else paying(*asked, vendor=payer)})
        possible = self.is_possible(total, parts) and bool(total or asked)
        event(f"{kind}: {answer.status.code}")
        assert (answer.status.code == 0) == possible, answer.status
        if not possible:
            assert answer.status.code in (3120, 3180, 3210)
            return
        only_credits = not total and not any(each.cents or each.off for each in parts)
        payment = None if only_credits else self.keep(kind, _record(answer), payer, -1, total, can_void=payer in VENDORS)
        self.done(payment, parts)

    @rule(choice=CHOICE, wanted=TARGETS, more=st.integers(0, 100))
    @precondition(lambda self: self.payments())
    def change_a_payment(self, choice: int, wanted: list[Any], more: int) -> None:
        """What is named takes the place of what was paid before, refunds of the payment among it."""
        payment = self.payments()[choice % len(self.payments())]
        asked, parts = self.parts(wanted, payment.name)
        if not asked or any(each.credit is payment for each in parts):
            return
        by_customer = payment.kind == "ReceivePayment"
        total = sum(each.cents for each in parts) + (more if by_customer else 0)
        changes: Values = {"AppliedToTxnMod": asked, **({"TotalAmount": total} if by_customer else {})}
        answer = self.bench.change(payment.kind, payment.saved, **changes)
        possible = self.is_possible(total, parts, payment)
        event(f"{payment.kind} Mod: {answer.status.code}")
        assert (answer.status.code == 0) == possible, answer.status
        if possible:
            self.forget(payment, as_source_only=True)
            payment.cents = total
            self.done(payment, parts)

    def payments(self) -> list[Open]:
        return [each for each in self.open if each.kind in ("ReceivePayment", "BillPaymentCheck")]

    @rule(choice=CHOICE, percent=PERCENT, more=st.sampled_from([0, 0, 60]), by_card=st.booleans())
    @precondition(lambda self: any(each.sign < 0 and each.is_receivable for each in self.open))
    def refund(self, choice: int, percent: int, more: int, by_card: bool) -> None:
        credit = self.choose(choice, -1, CUSTOMERS)
        assert credit is not None
        cents = (self.left(credit) + (credit.cents if percent > 100 else 0)) * percent // 100
        if by_card:
            line = {"TxnID": credit.saved["TxnID"], "RefundAmount": cents}
            kind, values = "ARRefundCreditCard", {"CustomerRef": ref(credit.name), "RefundAppliedToTxnAdd": [line]}
        else:
            values = purchase("Check", expense(cents + more, RECEIVABLE, CustomerRef=ref(credit.name)))
            kind, values["ApplyCheckToTxnAdd"] = "Check", [{"TxnID": credit.saved["TxnID"], "Amount": cents}]
        answer = self.bench.ask(kind, "Add", {f"{kind}Add": values})
        assert (answer.status.code == 0) == (0 < cents <= self.left(credit)), answer.status
        if answer.status.code == 0:
            self.apply(credit, self.keep(kind, _record(answer), credit.name, 1, cents + (0 if by_card else more)), cents)

    # ---- changing and taking away ----

    @rule(choice=CHOICE)
    @precondition(lambda self: any(each.kind != "ARRefundCreditCard" for each in self.open))
    def change_a_header(self, choice: int) -> None:
        found = [each for each in self.open if each.kind != "ARRefundCreditCard"]
        document = found[choice % len(found)]
        self.bench.changed(document.kind, document.saved, TxnDate=f"2026-11-{choice % 20 + 1:02}")

    @rule(choice=CHOICE, operation=st.sampled_from(["Del", "Void"]))
    @precondition(lambda self: self.open)
    def remove(self, choice: int, operation: str) -> None:
        document = self.open.pop(choice % len(self.open))
        self.bench.removed(operation if document.can_void else "Del", document.kind, document.saved)
        self.forget(document)

    # ---- what must hold ----

    @invariant()
    def what_is_open_is_what_the_model_says(self) -> None:
        told = dict(self.bench.sql("SELECT txn_id, open_cents FROM txn WHERE open_cents"))
        assert told == {each.saved["TxnID"]: self.left(each) for each in self.open if self.left(each)}

    @invariant()
    def balances_are_what_is_open(self) -> None:
        for name in ("Abercrombie", "Baker", *VENDORS):
            model = sum(each.sign * self.left(each) for each in self.open if family(each.name) == name)
            assert self.bench.truth.balance(name) == model, name

    @invariant()
    def bills_to_pay_are_those_that_are_open(self) -> None:
        for name in VENDORS:
            told = {next(iter(each.values()))["TxnID"] for each in self.bench.found("BillToPay", PayeeEntityRef=ref(name))}
            assert told == {each.saved["TxnID"] for each in self.open if each.name == name and self.left(each)}


def _record(answer: Answer) -> Values:
    [(_name, record)] = answer.records
    assert isinstance(record, dict)
    return record


QUICK: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
TestMoney = Money.TestCase
TestMoney.settings = settings(max_examples=25, stateful_step_count=30, **QUICK)


@pytest.mark.slow
class TestMoneyAtLength(Money.TestCase):  # type: ignore[misc,name-defined]
    """The same, at length."""

    settings = settings(max_examples=200, stateful_step_count=50, **QUICK)
