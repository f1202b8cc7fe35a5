"""ListDel: what is in use stays (3160), whatever refers to it; in multi-user mode nothing is deleted."""

from collections.abc import Callable
from typing import Any

import pytest

from company.conformance.everything import SINGLE_USER, everything
from company.helpers import Bench
from company.proven import (
    ONE,
    Proven,
    Values,
    adjusted,
    assembly,
    billed,
    built,
    by_pieces,
    goods,
    journal,
    ordered,
    owed,
    part,
    purchase,
    received,
    ref,
)
from emulator.company import Caller

ACCOUNTS = {
    "IncomeAccountRef": ref("Sales"),
    "COGSAccountRef": ref("Cost of Goods Sold"),
    "AssetAccountRef": ref("Inventory Asset"),
}


def delete(bench: Bench, kind: str, record: Values, **more: Any) -> int:
    """Ask for a deletion; return the code."""
    return bench.ask("List", "Del", {"ListDelType": kind, "ListID": record["ListID"]}, **more).status.code


def invoice(bench: Proven, **header: Any) -> Values:
    return owed(bench, 500, header.pop("customer", "Baker"), **header)


def sale_line(bench: Proven, **parts: Any) -> Values:
    line = {"ItemRef": ref("Repair"), "Amount": 500, **parts}
    return bench.add("Invoice", {"CustomerRef": ref("Baker"), "InvoiceLineAdd|InvoiceLineGroupAdd": [("InvoiceLineAdd", line)]})


Use = Callable[[Proven], tuple[str, Values]]
"""Makes what refers to the record `X`; returns its kind and itself, to be taken away again."""


def txn(kind: str, make: Callable[[Proven], Values]) -> Use:
    return lambda bench: (kind, make(bench))


def lst(kind: str, **values: Any) -> Use:
    return lambda bench: (kind, bench.add(kind, {"Name": "User", **values}))


def add(kind: str, **values: Any) -> Callable[[Proven], Values]:
    return lambda bench: bench.add(kind, {"Name": "X", **values})


def _bill(**header: Any) -> Use:
    return txn("Bill", lambda bench: billed(bench, 500, header.pop("vendor", "Lamp Factory"), **header))


X = ref("X")
USES: dict[str, tuple[str, Callable[[Proven], Values], Use]] = {
    "a customer: header": ("Customer", add("Customer"), txn("Invoice", lambda bench: invoice(bench, customer="X"))),
    "a customer: line": (
        "Customer",
        add("Customer"),
        txn(
            "Bill", lambda bench: bench.add("Bill", purchase("Bill", {"AccountRef": ref("Rent"), "Amount": 5, "CustomerRef": X}))
        ),
    ),
    "a customer: its job": ("Customer", add("Customer"), lst("Customer", ParentRef=X)),
    "a vendor: header": ("Vendor", add("Vendor"), txn("Bill", lambda bench: billed(bench, 500, "X"))),
    "a vendor: an item": ("Vendor", add("Vendor"), lst("ItemInventory", PrefVendorRef=X, **ACCOUNTS)),
    "a vendor: a tax": ("Vendor", add("Vendor"), lst("ItemSalesTax", TaxVendorRef=X)),
    "another name: an entry": (
        "OtherName",
        add("OtherName"),
        txn("JournalEntry", lambda bench: bench.add("JournalEntry", journal((5, "Rent", "X"), (-5, "Savings")))),
    ),
    "an employee: a sales rep": (
        "Employee",
        lambda bench: bench.add("Employee", {"FirstName": "X"}),
        lambda bench: ("SalesRep", bench.add("SalesRep", {"Initial": "U", "SalesRepEntityRef": X})),
    ),
    "a sales rep: header": (
        "SalesRep",
        lambda bench: bench.add("SalesRep", {"Initial": "X", "SalesRepEntityRef": ref("Landlord")}),
        txn("Invoice", lambda bench: invoice(bench, SalesRepRef=X)),
    ),
    "terms: header": ("StandardTerms", add("StandardTerms"), txn("Invoice", lambda bench: invoice(bench, TermsRef=X))),
    "terms: a vendor": ("DateDrivenTerms", add("DateDrivenTerms", DayOfMonthDue=5), lst("Vendor", TermsRef=X)),
    "a class: header": ("Class", add("Class"), txn("Invoice", lambda bench: invoice(bench, ClassRef=X))),
    "a class: line": ("Class", add("Class"), txn("Invoice", lambda bench: sale_line(bench, ClassRef=X))),
    "a class: a discount": (
        "Class",
        add("Class"),
        txn("ReceivePayment", lambda bench: received(bench, 0, _discounted(bench, DiscountClassRef=X))),
    ),
    "an account: header": ("Account", add("Account", AccountType="AccountsPayable"), _bill(APAccountRef=X)),
    "an account: line": (
        "Account",
        add("Account", AccountType="Expense"),
        txn("Check", lambda bench: bench.add("Check", purchase("Check", {"AccountRef": X, "Amount": 5}))),
    ),
    "an account: an item": ("Account", add("Account", AccountType="Income"), lst("ItemDiscount", AccountRef=X)),
    "an account: an item's line": (
        "Account",
        add("Account", AccountType="Income"),
        txn("Invoice", lambda bench: sale_line(bench, OverrideItemAccountRef=X)),
    ),
    "an account: a discount": (
        "Account",
        add("Account", AccountType="Income"),
        txn("ReceivePayment", lambda bench: received(bench, 0, _discounted(bench, DiscountAccountRef=X))),
    ),
    "an account: the first of a vendor": (
        "Account",
        add("Account", AccountType="Expense"),
        lst("Vendor", PrefillAccountRef=[X, ref("Rent")]),
    ),
    "an account: the second of a vendor": (
        "Account",
        add("Account", AccountType="Expense"),
        lst("Vendor", PrefillAccountRef=[ref("Rent"), X]),
    ),
    "an account: a transfer": (
        "Account",
        add("Account", AccountType="Bank"),
        txn(
            "Check",
            lambda bench: bench.add("Check", {**purchase("Check", {"AccountRef": ref("Rent"), "Amount": 5}), "AccountRef": X}),
        ),
    ),
    "an item: line": (
        "ItemService",
        add("ItemService", SalesOrPurchase={"AccountRef": ref("Sales")}),
        txn("Invoice", lambda bench: sale_line(bench, ItemRef=X)),
    ),
    "an item: an order": (
        "ItemInventory",
        add("ItemInventory", **ACCOUNTS),
        txn("PurchaseOrder", lambda bench: bench.add("PurchaseOrder", ordered(goods("X", 1)))),
    ),
    "an item: stock": (
        "ItemInventory",
        add("ItemInventory", **ACCOUNTS),
        txn("InventoryAdjustment", lambda bench: bench.add("InventoryAdjustment", adjusted(by_pieces("X", 1)))),
    ),
    "an item: an assembly": (
        "ItemInventory",
        add("ItemInventory", **ACCOUNTS),
        lambda bench: ("ItemInventoryAssembly", assembly(bench, "User", X=1)),
    ),
    "an item: what was built of it": (
        "ItemInventory",
        add("ItemInventory", **ACCOUNTS),
        lambda bench: ("BuildAssembly", _built_of_x(bench)),
    ),
    "an item: a group": (
        "ItemService",
        add("ItemService", SalesOrPurchase={"AccountRef": ref("Sales")}),
        lst("ItemGroup", ItemGroupLine=[{"ItemRef": ref("Lamp")}, {"ItemRef": X}]),
    ),
    "an item: a price level": (
        "ItemService",
        add("ItemService", SalesOrPurchase={"AccountRef": ref("Sales")}),
        lst("PriceLevel", PriceLevelPerItem=[{"ItemRef": X, "CustomPrice": 5}]),
    ),
    "a tax: the second of a group": (
        "ItemSalesTax",
        add("ItemSalesTax"),
        lst("ItemSalesTaxGroup", ItemSalesTaxRef=[ref("State Tax"), X]),
    ),
    "a tax: a customer": ("ItemSalesTax", add("ItemSalesTax"), lst("Customer", ItemSalesTaxRef=X)),
    "a tax code: an item": (
        "SalesTaxCode",
        add("SalesTaxCode", IsTaxable=True),
        lst("ItemService", SalesTaxCodeRef=X, SalesOrPurchase={"AccountRef": ref("Sales")}),
    ),
    "a payment method: header": (
        "PaymentMethod",
        add("PaymentMethod"),
        txn("ReceivePayment", lambda bench: received(bench, 5, PaymentMethodRef=X)),
    ),
    "a ship method: header": ("ShipMethod", add("ShipMethod"), txn("Invoice", lambda bench: invoice(bench, ShipMethodRef=X))),
    "a message: header": ("CustomerMsg", add("CustomerMsg"), txn("Invoice", lambda bench: invoice(bench, CustomerMsgRef=X))),
    "a customer type: a customer": ("CustomerType", add("CustomerType"), lst("Customer", CustomerTypeRef=X)),
    "a vendor type: a vendor": ("VendorType", add("VendorType"), lst("Vendor", VendorTypeRef=X)),
    "a job type: a job": ("JobType", add("JobType"), lst("Customer", JobTypeRef=X)),
    "a price level: a customer": ("PriceLevel", add("PriceLevel"), lst("Customer", PriceLevelRef=X)),
    "a site: stock": (
        "InventorySite",
        add("InventorySite"),
        txn(
            "InventoryAdjustment",
            lambda bench: bench.add("InventoryAdjustment", adjusted(by_pieces("Bolt", 1), InventorySiteRef=X)),
        ),
    ),
    "a site: its bin": ("InventorySite", add("InventorySite"), lst("InventorySite", ParentSiteRef=X)),
    "a site: an order": (
        "InventorySite",
        add("InventorySite"),
        txn("PurchaseOrder", lambda bench: bench.add("PurchaseOrder", ordered(goods("Bolt", 1), InventorySiteRef=X))),
    ),
    "a vehicle: miles": (
        "Vehicle",
        add("Vehicle"),
        txn(
            "VehicleMileage",
            lambda bench: bench.add("VehicleMileage", {"VehicleRef": X, "TripEndDate": "2026-11-01", "TotalMiles": ONE}),
        ),
    ),
}
"""Who is used by whom -> the kind of the record X, what makes it, and what makes its user."""


def _discounted(bench: Proven, **more: Any) -> Values:
    cut = {"DiscountAmount": 5, "DiscountAccountRef": ref("Sales Discounts"), **more}
    return part(owed(bench, 500), **cut)


def _built_of_x(bench: Proven) -> Values:
    """Build an assembly of X that is made of something else afterwards."""
    assembly(bench, "Gear", X=1)
    bench.add("Bill", purchase("Bill", goods("Nut", 1)))
    made = bench.add("BuildAssembly", built("Gear", 1, MarkPendingIfRequired=True))
    line = {"ItemInventoryRef": ref("Nut"), "Quantity": ONE}
    assert bench.changed_item("ItemInventoryAssembly", "Gear", ItemInventoryAssemblyLine=[line]).status.code == 0
    return made


@pytest.mark.parametrize("use", USES)
def test_what_is_used_stays_until_it_is_not(use: str) -> None:
    bench = Proven()
    kind, make, use_it = USES[use]
    record = make(bench)
    user_kind, user = use_it(bench)
    assert delete(bench, kind, record) == 3160
    if "TxnID" in user:
        assert bench.remove("Del", user_kind, user) == 0
    else:
        assert delete(bench, user_kind, user) == 0
    assert delete(bench, kind, record) == 0
    assert bench.query(kind, ListID=[record["ListID"]]).status.code == 500
    assert delete(bench, kind, record) == 3120


@pytest.mark.parametrize(
    ("kind", "name"), [("SalesTaxCode", "Tax"), ("SalesTaxCode", "Non"), ("ItemSalesTax", "State Tax"), ("Currency", "US Dollar")]
)
def test_what_a_preference_names_stays(kind: str, name: str) -> None:
    yaml = "company: {name: Shop, file: 'C:\\QB\\Shop.QBW'}\npreferences: {currencies: true}"
    bench = Proven(yaml=yaml)
    record = (
        bench.name(kind, name) if kind == "ItemSalesTax" else next(each for each in bench.found(kind) if each["Name"] == name)
    )
    assert delete(bench, kind, record) == 3160


def test_an_account_of_form_1099_stays() -> None:
    bench = Proven()
    record = bench.add("Account", {"Name": "X", "AccountType": "Expense"})

    def mapped(*accounts: str) -> int:
        lines = [{"MappingCategory": "BOX1", "MappingAccount": [{"AccountRef": ref(account)} for account in accounts]}]
        values = {"Form1099CategoryAccountMappingMod": {"CategoryAccountMappingMod": lines}}
        return bench.ask("Form1099CategoryAccountMapping", "Mod", values).status.code

    assert (mapped("X"), delete(bench, "Account", record)) == (0, 3160)
    assert (mapped("Rent"), delete(bench, "Account", record)) == (0, 0)


@pytest.mark.parametrize("order", [("State Tax", "City Tax"), ("City Tax", "State Tax")])
def test_an_identity_of_another_family_is_not_meant(order: tuple[str, str]) -> None:
    """Accounts and items are numbered apart, so one of each may have the same ListID; a list of references is walked to its end."""
    bench = Proven()
    bench.add("ItemSalesTaxGroup", {"Name": "Both", "ItemSalesTaxRef": [ref(tax) for tax in order]})
    taxes = {row["ListID"]: row for row in bench.found("ItemSalesTax")}
    alike = [row for row in bench.found("Account") if row["ListID"] in taxes]
    assert len(alike) == len(taxes) == 2
    assert [delete(bench, "ItemSalesTax", taxes[row["ListID"]]) for row in alike] == [3160, 3160]
    assert [delete(bench, "Account", row) for row in alike] == [0, 0]


def test_an_account_quickbooks_posts_to_is_made_again_when_it_is_needed() -> None:
    bench = Proven()
    income = bench.name("Account", "Uncategorized Income")
    bench.add("Customer", {"Name": "First", "OpenBalance": 5})
    assert delete(bench, "Account", income) == 3160
    bench.removed("Del", "Invoice", bench.found("Invoice")[0])
    assert delete(bench, "Account", income) == 0
    bench.add("Customer", {"Name": "Second", "OpenBalance": 5})
    assert bench.books()["Uncategorized Income"] == -5


@pytest.mark.parametrize(("setting", "code"), [("3162", 3162), ("inactivates", 0)])
def test_in_multi_user_mode(setting: str, code: int) -> None:
    bench = Proven(switches={"company.list-delete-in-multi-user": setting})
    record = bench.name("Customer", "Baker")
    several = Caller("session-2", "Test Application", file_mode="MultiUser")
    assert delete(bench, "Customer", record, caller=several) == code
    [now] = bench.found("Customer", ListID=[record["ListID"]])
    assert now["IsActive"] is (setting == "3162")
    assert delete(bench, "Customer", {"ListID": "1-1"}, caller=several) == (3162 if code else 3120)
    assert delete(bench, "Customer", record) == 0


def test_unit_sets() -> None:
    bench = everything()
    bench.caller = SINGLE_USER
    [units] = bench.found("UnitOfMeasureSet")
    assert delete(bench, "UnitOfMeasureSet", units) == 1000


def test_another_kind_is_not_found() -> None:
    bench = Proven()
    assert delete(bench, "Vendor", bench.name("Customer", "Baker")) == 3120
