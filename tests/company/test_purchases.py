"""Bills: expense lines, item lines, due dates, postings, refusals."""

from typing import Any

import pytest

from .helpers import Bench, bill, line, record_of

ITEMS = "ItemLineAdd|ItemGroupLineAdd"


def items(*lines: dict[str, Any], vendor: str = "Lamp Factory", **header: Any) -> dict[str, Any]:
    return {"VendorRef": {"FullName": vendor}, **header, ITEMS: [("ItemLineAdd", each) for each in lines]}


def test_an_expense_and_an_item() -> None:
    bench = Bench()
    both = {**bill("Lamp Factory", 2500), ITEMS: [("ItemLineAdd", line(Quantity=300_000))]}
    saved = bench.add("Bill", both)
    assert (saved["AmountDue"], saved["OpenAmount"], saved["IsPaid"]) == (3700, 3700, False)
    assert saved["ExpenseLineRet"][0]["AccountRef"]["FullName"] == "Rent"
    [(_name, item)] = saved["ItemLineRet|ItemGroupLineRet"]
    assert (item["Cost"], item["Amount"], item["Desc"]) == (400_000, 1200, "A lamp")
    assert bench.truth.ledger_sums() == {"Accounts Payable": -3700, "Merchandise Purchases": 1200, "Rent": 2500}
    assert bench.truth.balance("Lamp Factory") == 3700
    assert bench.found("Vendor", FullName=["Lamp Factory"])[0]["Balance"] == 3700
    assert bench.truth.problems() == []


@pytest.mark.parametrize(
    ("given_line", "cost", "cents"),
    [
        ({"Quantity": 200_000, "Cost": 150_000}, 150_000, 300),
        ({"Quantity": 200_000, "Amount": 500}, 250_000, 500),
        ({"Amount": 500}, 500_000, 500),
        ({}, 400_000, 400),
    ],
)
def test_item_lines(given_line: dict[str, Any], cost: int, cents: int) -> None:
    [(_name, saved)] = Bench().add("Bill", items(line(**given_line)))["ItemLineRet|ItemGroupLineRet"]
    assert (saved["Cost"], saved["Amount"]) == (cost, cents)


@pytest.mark.parametrize(
    ("setting", "cents", "code"),
    [("warn", 600, 530), ("warn-when-different", 600, 0), ("warn-when-different", 700, 530), ("silent", 700, 0)],
)
def test_cost_beside_an_amount_is_ignored(setting: str, cents: int, code: int) -> None:
    bench = Bench(switches={"company.rate-and-amount": setting})
    answer = bench.ask("Bill", "Add", {"BillAdd": items(line(Quantity=200_000, Cost=300_000, Amount=cents))})
    assert answer.status.code == code
    assert record_of(answer)["AmountDue"] == cents


def test_due_dates() -> None:
    bench = Bench()
    assert bench.add("Bill", bill("Lamp Factory", TxnDate="2026-11-01"))["DueDate"] == "2026-11-16"
    assert bench.add("Bill", bill("Landlord", TxnDate="2026-11-01"))["DueDate"] == "2026-11-11"
    assert bench.add("Bill", bill("Landlord", TermsRef={"FullName": "Net 30"}, TxnDate="2026-11-01"))["DueDate"] == "2026-12-01"
    assert bench.add("Bill", bill("Landlord", DueDate="2027-01-01"))["DueDate"] == "2027-01-01"


@pytest.mark.parametrize(("setting", "ref"), [("blank", None), ("next", "8")])
def test_a_bill_without_a_number(setting: str, ref: str | None) -> None:
    bench = Bench(switches={"company.bill-number-omitted": setting})
    bench.add("Bill", bill(RefNumber="7"))
    assert bench.add("Bill", bill()).get("RefNumber") == ref


@pytest.mark.parametrize(("setting", "code"), [("accepted", 0), ("refused", 3180)])
def test_equal_numbers_of_one_vendor(setting: str, code: int) -> None:
    bench = Bench(switches={"company.duplicate-bill-number": setting})
    bench.add("Bill", bill("Landlord", RefNumber="R1"))
    assert bench.ask("Bill", "Add", {"BillAdd": bill("Landlord", RefNumber="r1")}).status.code == code
    assert bench.ask("Bill", "Add", {"BillAdd": bill("Lamp Factory", RefNumber="R1")}).status.code == 0


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (bill("Baker"), 3140),
        (bill("Nobody"), 3140),
        (bill(account="Nowhere"), 3140),
        (bill(account="Accounts Payable"), 3180),
        (bill(account="Accounts Receivable"), 3180),
        (bill(cents=-1), 3180),
        (bill(cents=10**13), 3101),
        ({"VendorRef": {"FullName": "Landlord"}, "ExpenseLineAdd": [{"Amount": 5}]}, 3180),
        (items({"Amount": 5}), 3180),
        (items(line("Nothing")), 3140),
        (items(line("State Tax")), 3270),
        (bill(APAccountRef={"FullName": "Rent"}), 3180),
        (bill(LinkToTxnID=["1-1"]), 3120),
        (items(line(LinkToTxn={"TxnID": "1-1", "TxnLineID": "2-1"})), 3120),
    ],
)
def test_refused(values: dict[str, Any], code: int) -> None:
    assert Bench().refused("Bill", values) == code


def test_a_line_may_charge_a_customers_receivable() -> None:
    bench = Bench()
    values = bill("Landlord", 500, "Accounts Receivable")
    values["ExpenseLineAdd"][0]["CustomerRef"] = {"FullName": "Baker"}
    assert record_of(bench.ask("Bill", "Add", {"BillAdd": values}))["AmountDue"] == 500
    assert bench.truth.balance("Baker") == 500
    assert bench.truth.problems() == []
