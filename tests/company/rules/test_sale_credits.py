"""Credits on invoices: SetCredit, the preference that applies them by itself, balances, and the credit limit."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from company.helpers import line
from company.proven import Proven, Values, owed, part, received, ref, using

from .selling import kept, lines_of, refused, sell, shop, state, with_lines


def with_credits(bench: Proven, cents: int, *credits: Values, customer: str = "Baker", **header: Any) -> Values:
    """Save an invoice over an amount without tax that uses credits."""
    return sell(bench, "Invoice", customer, line("Repair", Amount=cents), SetCredit=list(credits), **header)


def left(bench: Proven, kind: str, saved: Values) -> int:
    """Return what is left of an invoice, credit memo or payment."""
    element = {"Invoice": "BalanceRemaining", "CreditMemo": "CreditRemaining", "ReceivePayment": "UnusedPayment"}[kind]
    return int(bench.one(kind, saved)[element])


class TestSetCredit:
    @pytest.mark.parametrize("kind", ["CreditMemo", "ReceivePayment"])
    @pytest.mark.parametrize(("cents", "paid"), [(100, False), (1000, True), (3000, True)])
    def test_on_an_add(self, kind: str, cents: int, paid: bool) -> None:
        """Documented: AppliedAmount is negative, BalanceRemaining is Subtotal + SalesTaxTotal + AppliedAmount, IsPaid at zero."""
        bench = shop()
        credit = owed(bench, 3000, kind="CreditMemo") if kind == "CreditMemo" else received(bench, 3000)
        bench.clock.advance(seconds=5)
        taken = min(cents, 1000)
        saved = with_credits(bench, 1000, using(credit, taken))
        assert (saved["AppliedAmount"], saved["BalanceRemaining"], saved["IsPaid"]) == (-taken, 1000 - taken, paid)
        now = bench.one(kind, credit)
        assert left(bench, kind, credit) == 3000 - taken
        assert now["EditSequence"] > credit["EditSequence"]  # applying is a save of both
        assert bench.truth.balance("Baker") == 1000 - 3000
        [told] = bench.one("Invoice", saved)["LinkedTxn"]
        assert (told["TxnID"], told["TxnType"], told["LinkType"], told["Amount"]) == (credit["TxnID"], kind, "AMTTYPE", -taken)
        if kind == "CreditMemo":
            [told] = now["LinkedTxn"]
            assert (told["TxnID"], told["TxnType"], told["Amount"]) == (saved["TxnID"], "Invoice", taken)

    def test_several_and_one_twice(self) -> None:
        bench = shop()
        one, other = owed(bench, 300, kind="CreditMemo"), owed(bench, 500, kind="CreditMemo")
        saved = with_credits(bench, 1000, using(one, 100), using(other, 500), using(one, 150))
        assert saved["BalanceRemaining"] == 250
        assert (left(bench, "CreditMemo", one), left(bench, "CreditMemo", other)) == (50, 0)

    def test_on_a_mod(self) -> None:
        """It takes more on top of what is applied, and never more than is left."""
        bench = shop()
        one, other = owed(bench, 400, kind="CreditMemo"), owed(bench, 5000, kind="CreditMemo")
        saved = with_credits(bench, 1000, using(one, 300))
        received(bench, 200, part(saved, 200))
        assert bench.unchanged("Invoice", saved, SetCredit=[using(other, 501)]) == 3210
        assert bench.unchanged("Invoice", saved, SetCredit=[using(one, 101)]) == 3210
        after = bench.changed("Invoice", saved, SetCredit=[using(one, 100), using(other, 50)])
        assert (after["AppliedAmount"], after["BalanceRemaining"]) == (-650, 350)
        assert (left(bench, "CreditMemo", one), left(bench, "CreditMemo", other)) == (0, 4950)
        [stored] = lines_of(saved)
        more = with_lines("Invoice", kept("Invoice", stored, Amount=2000))
        assert bench.changed("Invoice", saved, **more, SetCredit=[using(other, 1350)])["IsPaid"] is True
        assert bench.unchanged("Invoice", saved, **with_lines("Invoice", kept("Invoice", stored, Amount=1999))) == 3180
        for wrong in ({"CustomerRef": ref("Abercrombie")}, {"IsPending": True}):
            assert bench.unchanged("Invoice", saved, **wrong) == 3180

    def test_refused(self) -> None:
        bench = shop()
        bench.add("Account", {"Name": "Other AR", "AccountType": "AccountsReceivable"})
        mine, job = owed(bench, 500, kind="CreditMemo"), owed(bench, 500, "Abercrombie:Kitchen", kind="CreditMemo")
        parent, invoice = owed(bench, 500, "Abercrombie", kind="CreditMemo"), owed(bench, 500)
        pending = owed(bench, 500, kind="CreditMemo", IsPending=True)
        elsewhere = owed(bench, 500, kind="CreditMemo", ARAccountRef=ref("Other AR"))
        cases: list[tuple[list[Values], str, Values, int]] = [
            ([using(mine, 501)], "Baker", {}, 3210),
            ([using(mine, 300), using(mine, 201)], "Baker", {}, 3210),
            ([using(mine, 0)], "Baker", {}, 3210),
            ([using(mine, -1)], "Baker", {}, 3210),
            ([using({"TxnID": "1-1"}, 1)], "Baker", {}, 3120),
            ([using(invoice, 1)], "Baker", {}, 3120),
            ([using(pending, 1)], "Baker", {}, 3120),
            ([using(job, 1)], "Baker", {}, 3120),
            ([using(job, 1)], "Abercrombie", {}, 3120),
            ([using(parent, 1)], "Abercrombie:Kitchen", {}, 3120),
            ([using(elsewhere, 1)], "Baker", {}, 3180),
            ([using(mine, 1)], "Baker", {"ARAccountRef": ref("Other AR")}, 3180),
            ([using(mine, 1)], "Baker", {"IsPending": True}, 3180),
        ]
        for credits, customer, header, code in cases:
            values = [line("Repair", Amount=400)]
            assert refused(bench, "Invoice", customer, *values, SetCredit=credits, **header) == code, (credits, customer, header)
        assert refused(bench, "Invoice", "Baker", line("Repair", Amount=400), SetCredit=[using(mine, 401)]) == 3210
        assert with_credits(bench, 400, using(elsewhere, 1), ARAccountRef=ref("Other AR"))["BalanceRemaining"] == 399

    @pytest.mark.parametrize("operation", ["Del", "Void"])
    @pytest.mark.parametrize("which", ["Invoice", "CreditMemo"])
    def test_undone_from_either_side(self, which: str, operation: str) -> None:
        bench = shop()
        credit = owed(bench, 300, kind="CreditMemo")
        before_invoice = state(bench)
        saved = with_credits(bench, 1000, using(credit, 300))
        gone, stays, kind = (saved, credit, "CreditMemo") if which == "Invoice" else (credit, saved, "Invoice")
        bench.removed(operation, which, gone)
        assert left(bench, kind, stays) == (300 if kind == "CreditMemo" else 1000)
        assert bench.one(kind, stays).get("LinkedTxn", []) == []
        assert bench.truth.balance("Baker") == (-300 if kind == "CreditMemo" else 1000)
        if which == "Invoice":
            assert state(bench) == before_invoice

    def test_a_used_credit_memo_keeps_what_it_gave(self) -> None:
        bench = shop()
        credit = owed(bench, 300, kind="CreditMemo")
        with_credits(bench, 1000, using(credit, 200))
        [stored] = lines_of(credit)
        assert bench.unchanged("CreditMemo", credit, **with_lines("CreditMemo", kept("CreditMemo", stored, Amount=199))) == 3180
        for wrong in ({"CustomerRef": ref("Abercrombie")}, {"IsPending": True}):
            assert bench.unchanged("CreditMemo", credit, **wrong) == 3180
        after = bench.changed("CreditMemo", credit, **with_lines("CreditMemo", kept("CreditMemo", stored, Amount=250)))
        assert (after["TotalAmount"], after["CreditRemaining"]) == (250, 50)


class TestAutomatically:
    """Documented: a preference of the file; that the oldest credit comes first is our choice."""

    def test_the_oldest_first(self) -> None:
        bench = shop(auto_apply_credits=True)
        newer, older = owed(bench, 300, kind="CreditMemo"), owed(bench, 200, kind="CreditMemo", TxnDate="2026-01-01")
        other = owed(bench, 900, "Abercrombie", kind="CreditMemo")
        pending = owed(bench, 900, kind="CreditMemo", IsPending=True)
        saved = owed(bench, 450)
        assert (saved["AppliedAmount"], saved["IsPaid"]) == (-450, True)
        assert [left(bench, "CreditMemo", each) for each in (older, newer, other, pending)] == [0, 50, 900, 900]
        assert owed(bench, 100, IsPending=True)["AppliedAmount"] == 0
        unused = received(bench, 70)
        assert owed(bench, 1000)["AppliedAmount"] == -120
        assert left(bench, "ReceivePayment", unused) == 0

    def test_beside_one_that_is_named(self) -> None:
        bench = shop(auto_apply_credits=True)
        older, named = owed(bench, 200, kind="CreditMemo", TxnDate="2026-01-01"), owed(bench, 300, kind="CreditMemo")
        saved = with_credits(bench, 250, using(named, 100))
        assert saved["IsPaid"] is True
        assert (left(bench, "CreditMemo", older), left(bench, "CreditMemo", named)) == (50, 200)

    def test_on_the_same_receivable_only(self) -> None:
        bench = shop(auto_apply_credits=True)
        bench.add("Account", {"Name": "Other AR", "AccountType": "AccountsReceivable"})
        owed(bench, 200, kind="CreditMemo", ARAccountRef=ref("Other AR"))
        assert owed(bench, 100)["AppliedAmount"] == 0

    def test_not_without_the_preference(self) -> None:
        bench = shop()
        owed(bench, 200, kind="CreditMemo")
        assert owed(bench, 100)["AppliedAmount"] == 0


def test_unused_credits_of_a_payment() -> None:
    """Inferred from the name: what is open of the customer's other credits."""
    bench = shop()
    owed(bench, 200, kind="CreditMemo")
    with_credits(bench, 100, using(owed(bench, 300, kind="CreditMemo"), 100))
    assert received(bench, 50)["UnusedCredits"] == 400
    assert received(bench, 60)["UnusedCredits"] == 450


class TestCreditLimit:
    """Reported: 3180 when a name's credit limit is exceeded; a parent's balance includes its jobs."""

    def bench(self, switches: dict[str, Any] | None = None) -> Proven:
        bench = shop(switches)
        for name, limit in (("Abercrombie", 1000), ("Abercrombie:Kitchen", 700)):
            [now] = bench.found("Customer", FullName=[name])
            changes = {"ListID": now["ListID"], "EditSequence": now["EditSequence"], "CreditLimit": limit}
            assert bench.ask("Customer", "Mod", {"CustomerMod": changes}).status.code == 0
        return bench

    @pytest.mark.parametrize(
        ("before", "customer", "most"),
        [
            ([], "Abercrombie", 1000),
            ([], "Abercrombie:Kitchen", 700),
            ([], "Abercrombie:Bath", 1000),
            ([("Invoice", "Abercrombie:Bath", 400)], "Abercrombie:Kitchen", 600),
            ([("Invoice", "Abercrombie", 100)], "Abercrombie:Kitchen", 700),
            ([("Invoice", "Abercrombie:Kitchen", 700)], "Abercrombie", 300),
            ([("CreditMemo", "Abercrombie:Bath", 500)], "Abercrombie", 1500),
            ([("CreditMemo", "Abercrombie:Kitchen", 500)], "Abercrombie:Kitchen", 1200),
        ],
    )
    def test_of_a_family(self, before: list[tuple[str, str, int]], customer: str, most: int) -> None:
        bench = self.bench()
        for kind, name, cents in before:
            owed(bench, cents, name, kind=kind)
        assert refused(bench, "Invoice", customer, line("Repair", Amount=most + 1)) == 3180
        owed(bench, 5000, customer, IsPending=True)
        owed(bench, most, customer)
        assert refused(bench, "Invoice", customer, line("Repair", Amount=1)) == 3180
        for kind in ("Estimate", "SalesOrder", "SalesReceipt", "CreditMemo"):
            sell(bench, kind, customer, line("Repair", Amount=1))

    def test_a_mod_counts_what_it_adds(self) -> None:
        bench = self.bench()
        saved = owed(bench, 600, "Abercrombie:Kitchen")
        [stored] = lines_of(saved)

        def amount(cents: int) -> Values:
            return with_lines("Invoice", kept("Invoice", stored, Amount=cents))

        assert bench.unchanged("Invoice", saved, **amount(701)) == 3180
        assert bench.changed("Invoice", saved, **amount(700))["Subtotal"] == 700
        bench.changed("Invoice", saved, Memo="x")
        # The parent owes no more than before when another job does.
        assert bench.unchanged("Invoice", saved, **amount(1001), CustomerRef=ref("Abercrombie:Bath")) == 3180
        bench.changed("Invoice", saved, **amount(1000), CustomerRef=ref("Abercrombie:Bath"))
        assert bench.unchanged("Invoice", saved, CustomerRef=ref("Abercrombie:Kitchen")) == 3180
        pending = owed(bench, 5, "Abercrombie", IsPending=True)
        assert bench.unchanged("Invoice", pending, IsPending=False) == 3180

    def test_not_by_the_switch(self) -> None:
        owed(self.bench({"company.credit-limit": "ignored"}), 5000, "Abercrombie")


USES = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 400), st.booleans()), max_size=8)


@settings(max_examples=40, deadline=None)
@pytest.mark.slow
@given(USES, st.lists(st.integers(1, 500), min_size=3, max_size=3))
def test_any_uses_of_credits(uses: list[tuple[int, int, bool]], amounts: list[int]) -> None:
    """Credits used by Adds and Mods in any order: what is left is never less than nothing, and the balance is what all of it makes."""
    bench = shop()
    credits = [owed(bench, cents, kind="CreditMemo") for cents in amounts]
    invoices: list[Values] = []
    rest, owing = list(amounts), 0
    for place, cents, again in uses:
        if again and invoices:
            open_cents = left(bench, "Invoice", invoices[-1])
            if cents > min(rest[place], open_cents):
                assert bench.unchanged("Invoice", invoices[-1], SetCredit=[using(credits[place], cents)]) == 3210
                continue
            bench.changed("Invoice", invoices[-1], SetCredit=[using(credits[place], cents)])
        elif cents > rest[place]:
            assert (
                refused(bench, "Invoice", "Baker", line("Repair", Amount=500), SetCredit=[using(credits[place], cents)]) == 3210
            )
            continue
        else:
            invoices.append(with_credits(bench, 500, using(credits[place], cents)))
            owing += 500
        rest[place] -= cents
        assert [left(bench, "CreditMemo", each) for each in credits] == rest
        assert bench.truth.balance("Baker") == owing - sum(amounts)
