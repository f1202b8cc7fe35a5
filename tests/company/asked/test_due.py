"""BillToPayQuery: the open bills of a payee by due date, and the open credits beside them. (What waits for the bank and the tax agencies
stands with deposits and with payments of tax.)"""

from typing import Any

import pytest

from company.proven import Proven, Values, billed, expense, journal, part, paying, purchase, ref


def told(bench: Proven, vendor: str = "Lamp Factory", **values: Any) -> list[tuple[str, str, int]]:
    """Return (BillToPay or CreditToApply, TxnID, what is left) of each answer."""
    result = []
    for each in bench.found("BillToPay", PayeeEntityRef=ref(vendor), **values):
        [(name, found)] = each.items()
        result.append((name, found["TxnID"], found["AmountDue" if name == "BillToPay" else "CreditRemaining"]))
    return result


def bills(bench: Proven) -> dict[str, Values]:
    return {
        "late": billed(bench, 500, TxnDate="2026-11-01", DueDate="2026-11-30"),
        "early": billed(bench, 300, TxnDate="2026-11-02", DueDate="2026-11-10", RefNumber="A-1"),
        "other": billed(bench, 200, TxnDate="2026-11-03", DueDate="2026-11-20", APAccountRef=ref("Other Payables")),
        "credit": billed(bench, 100, kind="VendorCredit"),
        "theirs": billed(bench, 900, "Landlord"),
        "received": billed(bench, 700, kind="ItemReceipt"),
    }


def test_bills_by_due_date_then_credits() -> None:
    bench = Proven()
    made = bills(bench)
    names = ("early", "other", "late", "credit")
    assert [each[1] for each in told(bench)] == [made[name]["TxnID"] for name in names]
    first = bench.found("BillToPay", PayeeEntityRef=ref("Lamp Factory"))[0]["BillToPay"]
    assert {name: first[name] for name in ("TxnType", "TxnDate", "DueDate", "RefNumber", "AmountDue")} == {
        "TxnType": "Bill", "TxnDate": "2026-11-02", "DueDate": "2026-11-10", "RefNumber": "A-1", "AmountDue": 300,
    }  # fmt: skip
    assert first["APAccountRef"]["FullName"] == "Accounts Payable"


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"DueDate": "2026-11-20"}, ["early", "other", "credit"]),
        ({"DueDate": "2026-11-09"}, ["credit"]),
        ({"APAccountRef": ref("Other Payables")}, ["other"]),
        ({"APAccountRef": ref("Accounts Payable"), "DueDate": "2026-11-10"}, ["early", "credit"]),
    ],
)
def test_filters(values: Values, names: list[str]) -> None:
    bench = Proven()
    made = bills(bench)
    assert [each[1] for each in told(bench, **values)] == [made[name]["TxnID"] for name in names]


def test_only_what_is_left() -> None:
    bench = Proven()
    made = bills(bench)
    bench.add("BillPaymentCheck", paying(part(made["early"], 300), part(made["late"], 100)))
    assert told(bench, APAccountRef=ref("Accounts Payable")) == [
        ("BillToPay", made["late"]["TxnID"], 400),
        ("CreditToApply", made["credit"]["TxnID"], 100),
    ]
    bench.removed("Void", "Bill", made["other"])
    bench.removed("Del", "Bill", made["late"])
    [credit, left_over] = told(bench)
    assert (credit[:2], left_over[0], left_over[2]) == (("CreditToApply", made["credit"]["TxnID"]), "CreditToApply", 100)


def test_other_documents_on_payables() -> None:
    bench = Proven()
    entry = bench.add("JournalEntry", journal((500, "Rent"), (-500, "Accounts Payable", "Landlord")))
    advance = bench.add("Check", purchase("Check", expense(200, "Accounts Payable"), party="Landlord"))
    assert told(bench, "Landlord") == [("BillToPay", entry["TxnID"], 500), ("CreditToApply", advance["TxnID"], 200)]


def test_nobody_and_nothing() -> None:
    bench = Proven()
    assert bench.query("BillToPay", PayeeEntityRef=ref("Lamp Factory")).status.code == 1
    assert bench.query("BillToPay", PayeeEntityRef=ref("Nobody")).status.code == 3140
