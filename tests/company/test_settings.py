"""Switches of the company file that have no suite of their own: what each setting does, worked out by hand."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from emulator.company import SWITCHES

from .proven import ONE, SHOP, Proven, adjusted, by_pieces, deposit, goods, ordered, owed, part, purchase, received, ref, sold


def broken_rule_in_mod(bench: Proven) -> int:
    order = bench.add("PurchaseOrder", ordered(goods("Bolt", 10)))
    bench.add("Bill", purchase("Bill", LinkToTxnID=[order["TxnID"]]))
    now = bench.one("PurchaseOrder", order)
    change = {"TxnID": now["TxnID"], "EditSequence": now["EditSequence"], "VendorRef": ref("Landlord")}
    return bench.refused("PurchaseOrder", change, "Mod")


def filter_unknown_name(bench: Proven) -> int:
    return bench.query("Invoice", EntityFilter={"FullName": ["Nobody"]}).status.code


def list_full(bench: Proven) -> int:
    return bench.refused("Customer", {"Name": "One too many"})


def wrong_kind_of_item(bench: Proven) -> int:
    return bench.refused("InventoryAdjustment", adjusted(by_pieces("Repair", 1)))


def pending_void(bench: Proven) -> int:
    waits = bench.add("Invoice", sold("Lamp", 1, IsPending=True))
    return bench.remove("Void", "Invoice", waits)


def deposited_removal(bench: Proven) -> int:
    paid = received(bench, 500)
    bench.add("Deposit", deposit(paid))
    return bench.remove("Del", "ReceivePayment", paid)


def levels_exceeded(bench: Proven) -> int:
    parent = "Baker"
    for level in range(2, 6):
        parent = bench.add("Customer", {"Name": f"L{level}", "ParentRef": ref(parent)})["FullName"]
    return bench.refused("Customer", {"Name": "L6", "ParentRef": ref(parent)})


REFUSED: dict[str, Callable[[Proven], int]] = {
    "company.broken-rule-in-mod-code": broken_rule_in_mod,
    "company.filter-unknown-name-code": filter_unknown_name,
    "company.levels-exceeded-code": levels_exceeded,
    "company.list-full-code": list_full,
    "company.wrong-kind-of-item-code": wrong_kind_of_item,
    "company.pending-void-code": pending_void,
    "company.deposited-removal-code": deposited_removal,
}
CHOSEN = [(switch.name, code) for switch in SWITCHES if switch.name in REFUSED for code in switch.choices]


@pytest.mark.parametrize(("name", "code"), CHOSEN)
def test_the_code_is_what_the_switch_says(name: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Proven(SHOP.replace("edition: Enterprise", "edition: Premier").replace(", sites: true", ""), switches={name: code})
    if name == "company.list-full-code":
        monkeypatch.setattr("emulator.company.lists.names.NAMES_IN_ONE_LIST_MAX", len(bench.truth.customers()))
    assert REFUSED[name](bench) == code


def stamp(bench: Proven) -> str:
    bench.clock.now = datetime(2026, 7, 1, 15, 59, 59, tzinfo=UTC)
    return str(bench.add("Customer", {"Name": "July"})["TimeCreated"])


def line_number(bench: Proven) -> bool:
    saved = [bench.one("Invoice", bench.add("Invoice", sold("Lamp", 1))) for _each in range(3)][-1]
    [(_name, line)] = saved["InvoiceLineRet|InvoiceLineGroupRet"]
    txn, of_line = (int(each.split("-")[0], 16) for each in (saved["TxnID"], line["TxnLineID"]))
    return txn < of_line <= txn + 2


def payment_number(bench: Proven) -> str | None:
    received(bench, 100, RefNumber="P-9")
    number = received(bench, 100).get("RefNumber")
    return str(number) if number is not None else None


def item_tax_code(bench: Proven) -> str:
    item = bench.add("ItemService", {"Name": "Advice", "SalesOrPurchase": {"Price": ONE, "AccountRef": ref("Sales:Retail")}})
    return str(item["SalesTaxCodeRef"]["FullName"])


def linked_amount(bench: Proven) -> int:
    invoice = owed(bench, 900)
    received(bench, 400, part(invoice, 400))
    [link] = bench.one("Invoice", invoice)["LinkedTxn"]
    return int(link["Amount"])


def discounted(bench: Proven) -> int:
    bench.add("ItemDiscount", {"Name": "Off", "DiscountRate": 0, "AccountRef": ref("Sales Discounts")})
    lines = [{"ItemRef": ref("Repair"), "Amount": 1000}, {"ItemRef": ref("Off"), "Amount": 200}]
    asked = {"CustomerRef": ref("Baker"), "InvoiceLineAdd|InvoiceLineGroupAdd": [("InvoiceLineAdd", line) for line in lines]}
    return int(bench.add("Invoice", asked)["Subtotal"])


def unused_credits(bench: Proven) -> int:
    owed(bench, 300, kind="CreditMemo")
    return int(bench.one("ReceivePayment", received(bench, 100))["UnusedCredits"])


def sales_row(bench: Proven) -> int:
    owed(bench, 900)
    rows = bench.found("Transaction", TransactionDetailLevelFilter="All")
    return next(int(row["Amount"]) for row in rows if row["AccountRef"]["FullName"].startswith("Sales"))


def mileage_removed(bench: Proven) -> int:
    bench.add("Vehicle", {"Name": "Van"})
    miles = {"VehicleRef": ref("Van"), "TripStartDate": "2026-11-20", "TripEndDate": "2026-11-20", "TotalMiles": ONE}
    return bench.remove("Del", "VehicleMileage", bench.add("VehicleMileage", miles))


def unit_set_removed(bench: Proven) -> int:
    unit = {"Name": "each", "Abbreviation": "ea"}
    made = bench.add("UnitOfMeasureSet", {"Name": "Pieces", "UnitOfMeasureType": "Count", "BaseUnit": unit})
    return bench.ask("List", "Del", {"ListDelType": "UnitOfMeasureSet", "ListID": made["ListID"]}).status.code


def lead(bench: Proven) -> int:
    return bench.query("Lead").status.code


@pytest.mark.parametrize(
    ("name", "told", "of_default", "other", "of_other"),
    [
        ("company.timestamp-offset", stamp, "2026-07-01T12:00:00-05:00", "correct", "2026-07-01T12:00:00-04:00"),
        ("company.transaction-line-id-counter", line_number, True, "own", False),
        ("company.payment-number-omitted", payment_number, None, "next", "P-10"),
        ("company.item-tax-code-omitted", item_tax_code, "Tax", "non-taxable", "Non"),
        ("company.linked-amount-sign", linked_amount, -400, "positive", 400),
        ("company.discount-sign", discounted, 800, "as-said", 1200),
        ("company.unused-credits", unused_credits, 300, "zero", 0),
        ("company.transaction-row-amount", sales_row, 900, "debit-positive", -900),
        ("company.vehicle-mileage-delete", mileage_removed, 0, "3160", 3160),
        ("company.unit-set-delete", unit_set_removed, 1000, "deleted", 0),
        ("company.leads", lead, 1, "3231", 3231),
    ],
)
def test_what_a_setting_does(
    name: str, told: Callable[[Proven], object], of_default: object, other: str, of_other: object
) -> None:
    yaml = SHOP.replace("sites: true", "sites: true, units_of_measure: multiple")
    assert told(Proven(yaml)) == of_default
    assert told(Proven(yaml, switches={name: other})) == of_other
