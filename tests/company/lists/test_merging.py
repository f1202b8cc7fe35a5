"""ListMerge: one record takes the place of another in balances, stock, documents and queries."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from company.proven import (
    ONE,
    Proven,
    Values,
    adjusted,
    assembly,
    billed,
    built,
    by_pieces,
    deposit,
    discount,
    expense,
    goods,
    journal,
    ordered,
    owed,
    part,
    paying,
    purchase,
    received,
    ref,
    sold,
    using,
)  # fmt: skip
from emulator.company import Caller
from emulator.qbxml import schema_of
from emulator.qbxml.messages import Answer

ACCOUNTS = {
    "IncomeAccountRef": ref("Sales"),
    "COGSAccountRef": ref("Cost of Goods Sold"),
    "AssetAccountRef": ref("Inventory Asset"),
}
EXTRA: dict[str, Values] = {
    "Account": {"AccountType": "Expense"},
    "ItemDiscount": {"AccountRef": ref("Sales Discounts")},
    "ItemSalesTaxGroup": {"ItemSalesTaxRef": [ref("State Tax")]},
    "ItemInventory": {**ACCOUNTS, "PurchaseCost": ONE},
    "ItemNonInventory": {"SalesOrPurchase": {"AccountRef": ref("Sales")}},
    "ItemOtherCharge": {"SalesOrPurchase": {"AccountRef": ref("Sales")}},
    "ItemService": {"SalesOrPurchase": {"AccountRef": ref("Sales")}},
}
"""Kind -> what it needs beside a name."""


def kinds() -> tuple[str, ...]:
    message = schema_of("16.0").message("ListMergeRq")
    assert message is not None
    return tuple(message.children[0].values)  # type: ignore[union-attr]


def two(bench: Proven, kind: str, **more: Any) -> tuple[Values, Values]:
    """Add the records X and Y of a kind."""
    first, second = (bench.add(kind, {"Name": name, **EXTRA.get(kind, {}), **more}) for name in ("X", "Y"))
    return first, second


def merge(bench: Proven, kind: str, source: Values, target: Values, **more: Any) -> Answer:
    """Ask for a merge of two records as they stand now."""
    ends = {}
    for name, record in (("MergeFrom", source), ("MergeTo", target)):
        [now] = bench.found(kind, ListID=[record["ListID"]])
        ends[name] = {"ListID": now["ListID"], "EditSequence": now["EditSequence"]}
    return bench.ask("List", "Merge", {"ListMergeType": kind, **ends}, **more)


def merged(bench: Proven, kind: str, source: Values, target: Values) -> None:
    answer = merge(bench, kind, source, target)
    assert answer.status.code == 0, answer.status


@pytest.mark.parametrize("kind", kinds())
def test_one_is_gone_and_told_so(kind: str) -> None:
    bench = Proven()
    source, target = two(bench, kind)
    answer = merge(bench, kind, source, target)
    told: dict[str, Any] = dict(answer.records)  # type: ignore[arg-type]
    assert (told["ListMergeType"], told["MergedFrom"]["ListID"], told["MergedTo"]["ListID"]) == (
        kind,
        source["ListID"],
        target["ListID"],
    )
    assert told["MergedFrom"]["FullName"] == "X"
    assert bench.query(kind, ListID=[source["ListID"]]).status.code == 500
    assert [each["ListID"] for each in bench.found("ListDeleted", ListDelType=[kind])] == [source["ListID"]]
    bench.add(kind, {"Name": "X", **EXTRA.get(kind, {})})  # the name is free again


@pytest.mark.parametrize("kind", kinds())
@pytest.mark.parametrize("wrong", ["unknown", "stale", "itself", "multi-user", "another kind"])
def test_refused(kind: str, wrong: str) -> None:
    bench = Proven()
    source, target = two(bench, kind)
    ends = [{"ListID": each["ListID"], "EditSequence": each["EditSequence"]} for each in (source, target)]
    caller, code = bench.caller, 3120
    if wrong == "unknown":
        ends[1]["ListID"] = "1-1"
    elif wrong == "another kind":
        others = {"Customer": ("Vendor", "Landlord"), "Vendor": ("Customer", "Baker"), "ItemInventory": ("ItemService", "Repair")}
        other_kind, name = others.get(kind, ("ItemInventory", "Bolt") if kind.startswith("Item") else ("Customer", "Baker"))
        other = bench.name(other_kind, name) if kind not in ("Account", "Class") else {"ListID": "FF-1", "EditSequence": "1"}
        ends[0] = {"ListID": other["ListID"], "EditSequence": other["EditSequence"]}
    elif wrong == "stale":
        ends[0]["EditSequence"], code = "1", 3200
    elif wrong == "itself":
        ends[1], code = ends[0], 3500
    else:
        caller, code = Caller("session-2", "Test Application", file_mode="MultiUser"), 3500
    values = {"ListMergeType": kind, "MergeFrom": ends[0], "MergeTo": ends[1]}
    assert bench.ask("List", "Merge", values, caller).status.code == code
    assert len(bench.found(kind, ListID=[source["ListID"], target["ListID"]])) == 2


def test_in_multi_user_mode_by_the_switch() -> None:
    bench = Proven(switches={"company.merge-in-multi-user": "merged"})
    caller = Caller("session-2", "Test Application", file_mode="MultiUser")
    assert merge(bench, "Class", *two(bench, "Class"), caller=caller).status.code == 0


def test_customers() -> None:
    bench = Proven()
    source, target = two(bench, "Customer")
    invoice = owed(bench, 1_000, "X")
    memo = owed(bench, 100, "X", "CreditMemo")
    paid = received(bench, 300, part(invoice, 200, **discount(50)), customer="X")
    owed(bench, 40, "Y")
    bench.add("Check", purchase("Check", expense(5, "Rent", CustomerRef=ref("X"))))
    merged(bench, "Customer", source, target)
    assert bench.name("Customer", "Y")["Balance"] == 1_000 - 100 - 350 + 40
    for kind, saved in (("Invoice", invoice), ("CreditMemo", memo), ("ReceivePayment", paid)):
        assert bench.one(kind, saved)["CustomerRef"]["FullName"] == "Y"
    assert len(bench.found("Invoice", EntityFilter={"FullName": ["Y"]})) == 2
    assert bench.found("Check", IncludeLineItems=True)[0]["ExpenseLineRet"][0]["CustomerRef"]["ListID"] == target["ListID"]
    received(bench, 10, part(invoice, 10, SetCredit=[using(memo, 100)]), customer="Y")
    bench.changed("Invoice", invoice, Memo="still there")


def test_a_job_into_another_customer() -> None:
    bench = Proven()
    owed(bench, 500, "Abercrombie:Kitchen")
    owed(bench, 70, "Abercrombie:Bath")
    merged(bench, "Customer", bench.name("Customer", "Abercrombie:Kitchen"), bench.name("Customer", "Baker"))
    shown = {row["FullName"]: (row["Balance"], row["TotalBalance"]) for row in bench.found("Customer")}
    assert shown == {"Abercrombie": (0, 70), "Abercrombie:Bath": (70, 70), "Baker": (500, 500)}
    merged(bench, "Customer", bench.name("Customer", "Abercrombie:Bath"), bench.name("Customer", "Abercrombie"))
    assert bench.name("Customer", "Abercrombie")["TotalBalance"] == 70


def test_what_has_others_below_it_stays() -> None:
    bench = Proven()
    assert merge(bench, "Customer", bench.name("Customer", "Abercrombie"), bench.name("Customer", "Baker")).status.code == 3500


def test_vendors() -> None:
    bench = Proven()
    source, target = two(bench, "Vendor")
    bill, credit = billed(bench, 500, "X"), billed(bench, 100, "X", "VendorCredit")
    order = bench.add("PurchaseOrder", ordered(goods("Bolt", 5), vendor="X"))
    bench.add("ItemInventory", {"Name": "Gear", **ACCOUNTS, "PrefVendorRef": ref("X")})
    merged(bench, "Vendor", source, target)
    assert bench.name("Vendor", "Y")["Balance"] == 400
    assert bench.item("Gear")["PrefVendorRef"] == {"ListID": target["ListID"], "FullName": "Y"}
    bench.add("BillPaymentCheck", paying(part(bill, 400, SetCredit=[using(credit, 100)]), vendor="Y"))
    made = bench.add("Bill", purchase("Bill", party="Y", LinkToTxnID=[order["TxnID"]]))
    assert bench.one("PurchaseOrder", order)["LinkedTxn"][0]["TxnID"] == made["TxnID"]


@pytest.mark.parametrize("account_type", ["Bank", "Expense", "Income", "AccountsReceivable", "AccountsPayable", "CreditCard"])
def test_accounts(account_type: str) -> None:
    bench = Proven()
    source, target = two(bench, "Account", AccountType=account_type)
    name = {"AccountsReceivable": ("Baker",), "AccountsPayable": ("Landlord",)}.get(account_type, ())
    for cents, account in ((500, "X"), (70, "Y")):
        bench.add("JournalEntry", journal((cents, account, *name), (-cents, "Rent")))
    merged(bench, "Account", source, target)
    assert bench.truth.ledger_sums() == {"Y": 570, "Rent": -570}
    assert bench.truth.balance("Y", "account") == 570
    lines = [
        each
        for saved in bench.found("JournalEntry", IncludeLineItems=True)
        for each in saved["JournalDebitLine|JournalCreditLine"]
    ]
    assert [line["AccountRef"]["FullName"] for side, line in lines if side == "JournalDebitLine"] == ["Y", "Y"]


def test_accounts_of_another_type() -> None:
    bench = Proven()
    assert merge(bench, "Account", bench.name("Account", "Savings"), bench.name("Account", "Rent")).status.code == 3500


def test_what_quickbooks_used_an_account_for() -> None:
    bench = Proven()
    paid = received(bench, 500)
    till = bench.add("Account", {"Name": "Till", "AccountType": "OtherCurrentAsset"})
    merged(bench, "Account", bench.name("Account", "Undeposited Funds"), till)
    assert bench.rows(received(bench, 70))[0] == ("Till", 70, "Baker")
    bench.add("Deposit", deposit(paid))
    assert bench.books()["Till"] == 70


def test_accounts_of_items_and_preferences() -> None:
    bench = Proven()
    source, target = two(bench, "Account")
    bench.add("ItemService", {"Name": "Haircut", "SalesOrPurchase": {"AccountRef": ref("X")}})
    lines = [{"MappingCategory": "BOX1", "MappingAccount": [{"AccountRef": ref("X")}]}]
    bench.ask(
        "Form1099CategoryAccountMapping", "Mod", {"Form1099CategoryAccountMappingMod": {"CategoryAccountMappingMod": lines}}
    )
    bench.add("Vendor", {"Name": "Barber", "PrefillAccountRef": [ref("Rent"), ref("X")]})
    merged(bench, "Account", source, target)
    bill = bench.add("Bill", purchase("Bill", goods("Haircut", 1, 5)))
    assert bench.rows(bill)[1] == ("Y", 500)
    assert [each["FullName"] for each in bench.name("Vendor", "Barber")["PrefillAccountRef"]] == ["Rent", "Y"]
    [mapping] = bench.found("Form1099CategoryAccountMapping")
    assert [each["FullName"] for each in mapping["CategoryAccountMapping"][0]["AccountRef"]] == ["Y"]


def test_an_account_and_an_item_with_the_same_identity() -> None:
    """Only references to the kind that is merged are turned."""
    bench = Proven()
    group = {"Name": "Both", "ItemSalesTaxRef": [ref("City Tax"), ref("State Tax")]}
    before = bench.add("ItemSalesTaxGroup", group)["ItemSalesTaxRef"]
    account = next(row for row in bench.found("Account") if row["ListID"] == before[1]["ListID"])
    target = bench.add("Account", {"Name": "Y", "AccountType": account["AccountType"]})
    merged(bench, "Account", account, target)
    assert bench.found("ItemSalesTaxGroup")[0]["ItemSalesTaxRef"] == before


def test_a_tax_that_is_the_default() -> None:
    bench = Proven()
    merged(bench, "ItemSalesTax", bench.name("ItemSalesTax", "State Tax"), bench.name("ItemSalesTax", "City Tax"))
    line = {"ItemRef": ref("Lamp"), "Amount": 10_000}
    values = {"CustomerRef": ref("Baker"), "CustomerSalesTaxCodeRef": ref("Tax")}
    sale = bench.add("Invoice", {**values, "InvoiceLineAdd|InvoiceLineGroupAdd": [("InvoiceLineAdd", line)]})
    assert (sale["ItemSalesTaxRef"]["FullName"], sale["SalesTaxTotal"]) == ("City Tax", 100)


def test_other_currencies_and_units() -> None:
    yaml = "company: {name: Shop, file: 'C:\\QB\\Shop.QBW', edition: Enterprise}\npreferences: {currencies: true, units_of_measure: multiple}"
    bench = Proven(yaml=yaml)
    names = [
        bench.add("Customer", {"Name": name, "CurrencyRef": ref(currency)})
        for name, currency in (("X", "Euro"), ("Y", "US Dollar"))
    ]
    assert merge(bench, "Customer", *names).status.code == 3500
    bench.add(
        "UnitOfMeasureSet", {"Name": "Pieces", "UnitOfMeasureType": "Count", "BaseUnit": {"Name": "each", "Abbreviation": "ea"}}
    )
    sets: list[Values] = [{"UnitOfMeasureSetRef": ref("Pieces")}, {}]
    items = [
        bench.add("ItemInventory", {"Name": name, **EXTRA["ItemInventory"], **more})
        for name, more in zip("XY", sets, strict=True)
    ]
    assert merge(bench, "ItemInventory", *items).status.code == 3500


@pytest.mark.parametrize("setting", ["history", "at-posting"])
def test_stock(setting: str) -> None:
    """Two items that were one from the start: pieces and values add up, and what was sold of both has one history."""
    bench = Proven(switches={"company.average-cost": setting})
    source, target = two(bench, "ItemInventory")
    assembly(bench, "Machine", X=1)
    bench.add("Bill", purchase("Bill", goods("X", 10, 1), TxnDate="2026-11-01"))
    bench.add("Bill", purchase("Bill", goods("Y", 10, 3), TxnDate="2026-11-02"))
    bench.add("BuildAssembly", built("Machine", 2, TxnDate="2026-11-03"))
    sales = [bench.add("Invoice", sold(item, 5, TxnDate="2026-11-04")) for item in ("X", "Y")]
    order = bench.add("PurchaseOrder", ordered(goods("X", 7)))
    merged(bench, "ItemInventory", source, target)
    costs = [bench.rows(sale)[2][1] for sale in sales]
    assert costs == ([1000, 1000] if setting == "history" else [500, 1500])
    now = bench.item("Y")
    assert (now["QuantityOnHand"], now["QuantityOnOrder"]) == (8 * ONE, 7 * ONE)
    assert bench.item("Machine")["ItemInventoryAssemblyLine"][0]["ItemInventoryRef"]["FullName"] == "Y"
    assert bench.item("Machine")["AverageCost"] == (2 if setting == "history" else 1) * ONE
    assert len(bench.found("PurchaseOrder", TxnID=[order["TxnID"]])) == 1
    bench.add("InventoryAdjustment", adjusted(by_pieces("Y", -8)))
    bench.add("Bill", purchase("Bill", LinkToTxnID=[order["TxnID"]]))
    assert bench.item("Y")["QuantityOnHand"] == 7 * ONE


@settings(max_examples=10, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("XYZ"), st.sampled_from(["buy", "sell", "adjust"]), st.integers(1, 9), st.integers(1, 9)),
        max_size=8,
    ),
    st.permutations("XYZ"),
)
def test_merged_items_are_as_one_from_the_start(steps: list[tuple[str, str, int, int]], order: list[str]) -> None:
    """Whatever happened to the three, after two merges the books are those of a company that had one item all along."""

    def play(bench: Proven, name: dict[str, str]) -> None:
        for item, what, pieces, day in steps:
            date = f"2026-11-0{day}"
            if what == "buy":
                bench.add("Bill", purchase("Bill", goods(name[item], pieces, Amount=100 * pieces + day), TxnDate=date))
            elif what == "sell":
                bench.add("Invoice", sold(name[item], pieces, TxnDate=date))
            else:
                bench.add("InventoryAdjustment", adjusted(by_pieces(name[item], pieces), TxnDate=date))

    several, one = Proven(), Proven()
    for bench in (several, one):
        for name in order:
            bench.add("ItemInventory", {"Name": name, **EXTRA["ItemInventory"]})
    play(several, dict(zip("XYZ", "XYZ", strict=True)))
    play(one, dict.fromkeys("XYZ", order[-1]))
    for name, into in pairwise(order):
        merged(several, "ItemInventory", several.item(name), several.item(into))
    keep = ("QuantityOnHand", "AverageCost")
    assert {key: several.item(order[-1])[key] for key in keep} == {key: one.item(order[-1])[key] for key in keep}
    assert several.books() == one.books()


def test_stock_on_different_asset_accounts() -> None:
    """Ten bolts at 0.50 on one account, ten screws at 0.70 on another: merged, all of it is on the account of the item that stays."""
    bench = Proven()
    bench.add("Account", {"Name": "Shelf", "AccountType": "OtherCurrentAsset"})
    shelf = {**ACCOUNTS, "AssetAccountRef": ref("Shelf")}
    bench.add("ItemInventory", {"Name": "Screw", **shelf, "SalesPrice": ONE, "PurchaseCost": ONE})
    bench.add("Bill", purchase("Bill", goods("Bolt", 10, 0.5), goods("Screw", 10, 0.7)))
    assert (bench.books()["Inventory Asset"], bench.books()["Shelf"]) == (500, 700)
    merged(bench, "ItemInventory", bench.name("ItemInventory", "Bolt"), bench.name("ItemInventory", "Screw"))
    assert (bench.books().get("Inventory Asset", 0), bench.books()["Shelf"]) == (0, 1_200)
