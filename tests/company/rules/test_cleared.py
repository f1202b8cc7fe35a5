"""ClearedStatusMod: rows on accounts that are reconciled can be cleared (3190 for others), and stay so while they stand where they did."""

from typing import Any

import pytest

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
    received,
    ref,
)  # fmt: skip

BANK = "Operating Account"


def clear(bench: Proven, saved: Values, line_id: str | None = None, status: str = "Cleared") -> int:
    values = {"TxnID": saved["TxnID"], **({"TxnLineID": line_id} if line_id else {}), "ClearedStatus": status}
    return bench.ask("ClearedStatus", "Mod", {"ClearedStatusMod": values}).status.code


def cleared(bench: Proven, saved: Values) -> list[tuple[str, str]]:
    """Return (account, status) of the rows of a transaction that are not simply not cleared."""
    return bench.sql(
        "SELECT full_name, cleared FROM posting JOIN txn ON number = txn JOIN list_record ON record = posting.account"
        " WHERE txn_id = ? AND cleared <> 'NotCleared' ORDER BY line",
        saved["TxnID"],
    )


MADE: dict[str, Any] = {
    "Check": lambda bench: bench.add("Check", purchase("Check", expense(500), expense(5, "Savings"))),
    "CreditCardCharge": lambda bench: bench.add("CreditCardCharge", purchase("CreditCardCharge", expense(500))),
    "BillPaymentCheck": lambda bench: bench.add("BillPaymentCheck", paying(part(billed(bench, 500), 500))),
    "Deposit": lambda bench: bench.add("Deposit", deposit(received(bench, 500))),
    "ReceivePayment": lambda bench: received(
        bench, 500, part(owed(bench, 900), 300, **discount(20)), DepositToAccountRef=ref(BANK)
    ),
    "Transfer": lambda bench: bench.add(
        "Transfer", {"TransferFromAccountRef": ref(BANK), "TransferToAccountRef": ref("Savings"), "Amount": 500}
    ),
}


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize("status", ["Cleared", "Pending"])
def test_the_row_of_the_bank_is_cleared_and_stays_so(kind: str, status: str) -> None:
    bench = Proven()
    saved = MADE[kind](bench)
    account = bench.rows(saved)[0][0]
    before = bench.one(kind, saved)
    assert clear(bench, saved, status=status) == 0
    assert cleared(bench, saved) == [(account, status)]
    assert bench.one(kind, saved) == before  # it is no save of the record
    bench.changed(kind, saved, Memo="header alone")
    assert cleared(bench, saved) == [(account, status)]
    assert clear(bench, saved, status="NotCleared") == 0
    assert cleared(bench, saved) == []


def test_a_row_that_moves_to_another_account_is_not_cleared_there() -> None:
    bench = Proven()
    saved = MADE["Check"](bench)
    clear(bench, saved)
    bench.changed("Check", saved, AccountRef=ref("Savings"))
    assert cleared(bench, saved) == []


def test_a_line() -> None:
    bench = Proven()
    saved = MADE["Check"](bench)
    rent, savings = (line["TxnLineID"] for line in saved["ExpenseLineRet"])
    assert clear(bench, saved, savings) == 0
    assert cleared(bench, saved) == [("Savings", "Cleared")]
    assert clear(bench, saved, rent) == 3190
    bench.changed("Check", saved, ExpenseLineMod=[{"TxnLineID": "-1", **expense(3)}, {"TxnLineID": savings, "Amount": 9}])
    assert cleared(bench, saved) == [("Savings", "Cleared")]
    bench.changed("Check", saved, ExpenseLineMod=[{"TxnLineID": savings, "AccountRef": ref("Rent")}])
    assert cleared(bench, saved) == []


def test_a_line_of_a_journal_entry() -> None:
    bench = Proven()
    saved = bench.add("JournalEntry", journal((500, "Rent"), (-500, BANK)))
    rent, bank = (line["TxnLineID"] for _side, line in saved["JournalDebitLine|JournalCreditLine"])
    assert (clear(bench, saved, rent), clear(bench, saved, bank)) == (3190, 0)
    bench.changed("JournalEntry", saved, IsAdjustment=True)
    assert cleared(bench, saved) == [(BANK, "Cleared")]


@pytest.mark.parametrize("operation", ["Del", "Void"])
def test_a_payment_stays_cleared_when_what_it_paid_is_gone(operation: str) -> None:
    bench = Proven()
    invoice = owed(bench, 500)
    saved = received(bench, 500, part(invoice, 400, **discount(100)), DepositToAccountRef=ref(BANK))
    clear(bench, saved)
    bench.removed(operation, "Invoice", invoice)
    assert cleared(bench, saved) == [(BANK, "Cleared")]


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda bench: (billed(bench, 5), None), 3190),
        (lambda bench: (owed(bench, 5), None), 3190),
        (lambda bench: (MADE["Check"](bench), "1-1"), 3120),
        (lambda bench: ({"TxnID": "1-1"}, None), 3120),
        (lambda bench: (bench.add("Estimate", _estimate()), None), 3190),
    ],
)
def test_refused(make: Any, code: int) -> None:
    bench = Proven()
    assert clear(bench, *make(bench)) == code


def _estimate() -> Values:
    return {"CustomerRef": ref("Baker"), "EstimateLineAdd|EstimateLineGroupAdd": [("EstimateLineAdd", {"ItemRef": ref("Lamp")})]}
