"""What each kind of purchase posts: accounts, signs, names, classes, stock."""

from typing import Any

import pytest

from company.proven import ONE, SHOP, Proven, Values, expense, goods, ordered, purchase, ref

OWN = {
    "Bill": "Accounts Payable",
    "ItemReceipt": "Accounts Payable",
    "VendorCredit": "Accounts Payable",
    "Check": "Operating Account",
    "CreditCardCharge": "Company Card",
    "CreditCardCredit": "Company Card",
}
"""Kind -> its main account."""

SIGN = {kind: -1 if "Credit" in kind and kind != "CreditCardCharge" else 1 for kind in OWN}
"""Kind -> 1 when something is bought, -1 when it goes back."""

TOTAL = {
    "Bill": "AmountDue", "ItemReceipt": "TotalAmount", "VendorCredit": "CreditAmount", "Check": "Amount",
    "CreditCardCharge": "Amount", "CreditCardCredit": "Amount",
}  # fmt: skip
"""Kind -> the element of its amount."""

EAST = {"ClassRef": ref("East")}
FOR_BAKER = {"CustomerRef": ref("Baker")}

LINES: dict[str, tuple[tuple[Values, ...], list[tuple[Any, ...]]]] = {
    "an expense": ((expense(2500),), [("Rent", 2500)]),
    "of a class": ((expense(2500, **EAST),), [("Rent", 2500, "", "East")]),
    "for a customer": ((expense(2500, **FOR_BAKER, **EAST),), [("Rent", 2500, "Baker", "East")]),
    "expenses with a reduction": ((expense(2500), expense(-500, "Utilities")), [("Rent", 2500), ("Utilities", -500)]),
    "an item that is not in stock": ((goods("Lamp", 3),), [("Merchandise Purchases", 1200)]),
    "an item at another cost": ((goods("Lamp", 3, 5, **EAST),), [("Merchandise Purchases", 1500, "", "East")]),
    "an amount for an item": ((goods("Lamp", 3, Amount=1000),), [("Merchandise Purchases", 1000)]),
    "another account": ((goods("Lamp", 1, OverrideItemAccountRef=ref("Rent")),), [("Rent", 400)]),
    "an item in stock": ((goods("Bolt", 10),), [("Inventory Asset", 500)]),
    "an item in stock at another cost": ((goods("Bolt", 10, 0.75),), [("Inventory Asset", 750)]),
    "text": (({"Desc": "as agreed"}, expense(1)), [("Rent", 1)]),
    "all together": (
        (expense(100), goods("Lamp", 1), goods("Bolt", 2, 1, **FOR_BAKER)),
        [("Rent", 100), ("Merchandise Purchases", 400), ("Inventory Asset", 200, "Baker")],
    ),
    "nothing": ((), []),
}


@pytest.mark.parametrize("lines", LINES)
@pytest.mark.parametrize("kind", OWN)
def test_postings(kind: str, lines: str) -> None:
    bench, sign = Proven(), SIGN[kind]
    asked, rows = LINES[lines]
    total = sum(row[1] for row in rows)
    saved = bench.add(kind, purchase(kind, *asked))
    assert saved[TOTAL[kind]] == total
    expected = [(OWN[kind], -sign * total, "Lamp Factory"), *((row[0], sign * row[1], *row[2:]) for row in rows)]
    assert bench.rows(saved) == expected
    owes = sign * total if OWN[kind] == "Accounts Payable" else 0
    assert bench.truth.balance("Lamp Factory") == bench.name("Vendor", "Lamp Factory")["Balance"] == owes
    pieces = sum(line["Quantity"] for line in asked if line.get("ItemRef") == ref("Bolt"))
    assert bench.item("Bolt")["QuantityOnHand"] == sign * pieces
    posted = bench.sql("SELECT item IS NOT NULL, quantity FROM posting WHERE quantity IS NOT NULL ORDER BY line")
    assert [row[1] for row in posted] == [sign * line["Quantity"] for line in asked if "ItemRef" in line]


@pytest.mark.parametrize(
    ("kind", "open_amount", "to_pay"),
    [("Bill", 500, True), ("ItemReceipt", None, False), ("VendorCredit", 500, False), ("Check", None, False)],
)
def test_what_is_open(kind: str, open_amount: int | None, to_pay: bool) -> None:
    """A bill is to be paid and a vendor credit to be used; goods that came without a bill are owed, but not due."""
    bench = Proven()
    saved = bench.add(kind, purchase(kind, expense(500)))
    assert saved.get("OpenAmount") == open_amount
    waiting = bench.found("BillToPay", PayeeEntityRef=ref("Lamp Factory"))
    assert [each["BillToPay"]["TxnID"] for each in waiting if "BillToPay" in each] == ([saved["TxnID"]] if to_pay else [])


def test_another_payable_account() -> None:
    bench = Proven()
    saved = bench.add("Bill", purchase("Bill", expense(500), APAccountRef=ref("Other Payables")))
    assert bench.rows(saved) == [("Other Payables", -500, "Lamp Factory"), ("Rent", 500)]
    assert bench.truth.balance("Lamp Factory") == 500


@pytest.mark.parametrize("payee", ["Baker", "Lamp Factory", ""])
def test_a_check_pays_anybody(payee: str) -> None:
    bench = Proven()
    values = purchase("Check", expense(500))
    values = (
        {**values, "PayeeEntityRef": ref(payee)} if payee else {key: values[key] for key in values if key != "PayeeEntityRef"}
    )
    saved = bench.add("Check", values)
    assert bench.rows(saved) == [("Operating Account", -500, payee) if payee else ("Operating Account", -500), ("Rent", 500)]


GROUP = {"Name": "Set", "ItemDesc": "A set", "ItemGroupLine": [
    {"ItemRef": ref("Lamp"), "Quantity": 2 * ONE}, {"ItemRef": ref("Bolt"), "Quantity": 4 * ONE},
]}  # fmt: skip


@pytest.mark.parametrize("kind", OWN)
def test_an_item_group_is_bought_item_by_item(kind: str) -> None:
    bench, sign = Proven(), SIGN[kind]
    bench.add("ItemGroup", GROUP)
    saved = bench.add(kind, purchase(kind, {"ItemGroupRef": ref("Set"), "Quantity": 3 * ONE}))
    assert bench.rows(saved)[1:] == [("Merchandise Purchases", sign * 2400), ("Inventory Asset", sign * 600)]
    [(name, group)] = saved["ItemLineRet|ItemGroupLineRet"]
    assert (name, group["Desc"], group["TotalAmount"]) == ("ItemGroupLineRet", "A set", 3000)
    assert [(each["Quantity"], each["Cost"], each["Amount"]) for each in group["ItemLineRet"]] == [
        (6 * ONE, 4 * ONE, 2400),
        (12 * ONE, ONE // 2, 600),
    ]


@pytest.mark.parametrize("kind", OWN)
def test_a_group_is_bought_in_its_units_and_its_site_is_for_what_is_in_stock(kind: str) -> None:
    bench, sign = Proven(SHOP.replace("sites: true", "sites: true, units_of_measure: multiple")), SIGN[kind]
    each, box = {"Name": "each", "Abbreviation": "ea"}, {"Name": "box", "Abbreviation": "bx", "ConversionRatio": 20 * ONE}
    bench.add("UnitOfMeasureSet", {"Name": "Pieces", "UnitOfMeasureType": "Count", "BaseUnit": each, "RelatedUnit": [box]})
    assert bench.changed_item("ItemInventory", "Bolt", UnitOfMeasureSetRef=ref("Pieces")).status.code == 0
    lines = [{"ItemRef": ref("Bolt"), "Quantity": 2 * ONE, "UnitOfMeasure": "box"}, {"ItemRef": ref("Repair"), "Quantity": ONE}]
    bench.add("ItemGroup", {"Name": "Set", "ItemGroupLine": lines})
    saved = bench.add(kind, purchase(kind, {"ItemGroupRef": ref("Set"), "Quantity": 3 * ONE, "InventorySiteRef": ref("North")}))
    [(_name, group)] = saved["ItemLineRet|ItemGroupLineRet"]
    bolts, repair = group["ItemLineRet"]
    assert (bolts["Quantity"], bolts["UnitOfMeasure"], bolts["Cost"], bolts["Amount"]) == (6 * ONE, "box", 10 * ONE, 6000)
    assert (bolts["InventorySiteRef"]["FullName"], "InventorySiteRef" in repair) == ("North", False)
    assert bench.item("Bolt")["QuantityOnHand"] == sign * 120 * ONE


def test_an_order_posts_nothing() -> None:
    bench = Proven()
    saved = bench.add("PurchaseOrder", ordered(goods("Lamp", 3), goods("Bolt", 10, 0.75, **EAST)))
    assert (saved["TotalAmount"], bench.rows(saved), bench.books()) == (1950, [], {})
    assert bench.truth.balance("Lamp Factory") == 0
    assert (bench.item("Bolt")["QuantityOnHand"], bench.item("Bolt")["QuantityOnOrder"]) == (0, 10 * ONE)
    told = bench.sql("SELECT full_name, cents FROM unposted JOIN list_record ON record = account ORDER BY line")
    assert told == [("Purchase Orders", -1950), ("Merchandise Purchases", 1200), ("Inventory Asset", 750)]


@pytest.mark.parametrize(
    ("kind", "lines", "header", "code"),
    [
        ("Bill", [expense(-1)], {}, 3180),
        ("Bill", [goods("Lamp", -1)], {}, 3180),
        ("VendorCredit", [expense(-1)], {}, 3180),
        ("Bill", [expense(5, "Accounts Payable")], {}, 3180),
        ("Bill", [expense(5, "Accounts Receivable")], {}, 3180),
        ("Check", [expense(5, "Accounts Receivable")], {}, 3180),
        ("Check", [expense(5)], {"AccountRef": ref("Company Card")}, 3180),
        ("CreditCardCharge", [expense(5)], {"AccountRef": ref("Operating Account")}, 3180),
        ("CreditCardCredit", [expense(5)], {"AccountRef": ref("Rent")}, 3180),
        ("Check", [expense(5)], {"PayeeEntityRef": ref("Nobody")}, 3140),
        ("Bill", [expense(5)], {"APAccountRef": ref("Accounts Receivable")}, 3180),
        ("Bill", [expense(5, ClassRef=ref("North"))], {}, 3140),
        ("Bill", [expense(5, CustomerRef=ref("Landlord"))], {}, 3140),
        ("Bill", [goods("State Tax", 1)], {}, 3270),
        ("Bill", [goods("Lamp", 1, InventorySiteRef=ref("North"))], {}, 3140),
        ("Bill", [{"Quantity": ONE}], {}, 3180),
        ("Bill", [goods("Lamp", 10**9, 10**9)], {}, 3101),
    ],
)
def test_refused(kind: str, lines: list[Values], header: Values, code: int) -> None:
    assert Proven().refused(kind, purchase(kind, *lines, **header)) == code


@pytest.mark.parametrize(("setting", "rows"), [("own", [("Inventory Asset", 500)]), ("refused", None)])
def test_what_comes_into_stock_is_worth_what_its_asset_account_got(setting: str, rows: list[Any] | None) -> None:
    bench = Proven(switches={"company.stock-account-override": setting})
    values = purchase("Bill", goods("Bolt", 10, OverrideItemAccountRef=ref("Rent")))
    if rows is None:
        assert bench.refused("Bill", values) == 3180
    else:
        assert bench.rows(bench.add("Bill", values))[1:] == rows
