"""Apply…AccountRefToExistingTxns: an item's new account for what was there before, or for what comes (documented, see reposting.py)."""

from typing import Any

import pytest

from company.proven import ONE, Proven, Values, expense, goods, ordered, purchase, ref, sold

NEW = "New Account"
STOCKED = {
    "IncomeAccountRef": ref("Sales"),
    "COGSAccountRef": ref("Cost of Goods Sold"),
    "AssetAccountRef": ref("Inventory Asset"),
}
BOTH_SIDES = {"IncomeAccountRef": ref("Sales"), "ExpenseAccountRef": ref("Rent"), "SalesPrice": ONE, "PurchaseCost": ONE}
KINDS: dict[str, Values] = {
    "ItemInventory": {**STOCKED, "SalesPrice": ONE, "PurchaseCost": ONE},
    "ItemInventoryAssembly": {**STOCKED, "SalesPrice": ONE, "PurchaseCost": ONE},
    "ItemService": {"SalesAndPurchase": BOTH_SIDES},
    "ItemNonInventory": {"SalesAndPurchase": BOTH_SIDES},
    "ItemOtherCharge": {"SalesOrPurchase": {"Price": ONE, "AccountRef": ref("Sales")}},
    "ItemDiscount": {"AccountRef": ref("Sales"), "DiscountRate": ONE},
}
CHANGES = [
    ("ItemInventory", "", "IncomeAccountRef", "Sales"),
    ("ItemInventory", "", "COGSAccountRef", "Cost of Goods Sold"),
    ("ItemInventoryAssembly", "", "IncomeAccountRef", "Sales"),
    ("ItemService", "SalesAndPurchaseMod", "IncomeAccountRef", "Sales"),
    ("ItemService", "SalesAndPurchaseMod", "ExpenseAccountRef", "Rent"),
    ("ItemNonInventory", "SalesAndPurchaseMod", "IncomeAccountRef", "Sales"),
    ("ItemNonInventory", "SalesAndPurchaseMod", "ExpenseAccountRef", "Rent"),
    ("ItemOtherCharge", "SalesOrPurchaseMod", "AccountRef", "Sales"),
    ("ItemDiscount", "", "AccountRef", "Sales"),
]
"""Kind of item, aggregate of its Mod, element, and the account it had."""


def used(kind: str, **more: Any) -> Proven:
    """A company in which the item X was bought, ordered, sold and offered, and the same accounts were used without it."""
    bench = Proven(**more)
    bench.add("Account", {"Name": NEW, "AccountType": "Expense"})
    bench.add(kind, {"Name": "X", **KINDS[kind]})
    if kind == "ItemDiscount":
        lines = [("InvoiceLineAdd", {"ItemRef": ref("Lamp"), "Amount": 900}), ("InvoiceLineAdd", {"ItemRef": ref("X")})]
        bench.add("Invoice", {"CustomerRef": ref("Baker"), "TxnDate": "2026-11-02", "InvoiceLineAdd|InvoiceLineGroupAdd": lines})
    else:
        bench.add("Bill", purchase("Bill", goods("X", 10), TxnDate="2026-11-01"))
        bench.add("PurchaseOrder", ordered(goods("X", 3), TxnDate="2026-11-01"))
        bench.add("Invoice", sold("X", 4, TxnDate="2026-11-02"))
        bench.add("Estimate", sold("X", 1, kind="Estimate", TxnDate="2026-11-02"))
    bench.add("Check", purchase("Check", expense(5), expense(7, "Cost of Goods Sold"), expense(9, "Sales")))
    return bench


def asked(bench: Proven, kind: str, group: str, element: str, flag: bool | None) -> Any:
    name = f"Apply{element}ToExistingTxns"
    values: Values = {element: ref(NEW), **({} if flag is None else {name: flag})}
    return bench.changed_item(kind, "X", **({group: values} if group else values))


def sums(bench: Proven) -> dict[str, int]:
    """Return account -> what the item has posted there, orders and estimates included."""
    rows = bench.sql(
        "SELECT account.full_name, sum(cents) FROM entry JOIN list_record AS account ON account.record = account"
        " JOIN list_record AS item ON item.record = entry.item WHERE item.full_name = 'X' GROUP BY account"
    )
    return {name: cents for name, cents in rows if cents}


@pytest.mark.parametrize(("kind", "group", "element", "old"), CHANGES)
def test_applied(kind: str, group: str, element: str, old: str) -> None:
    bench = used(kind)
    before, books = sums(bench), bench.books()
    assert asked(bench, kind, group, element, True).status.code == 0
    assert sums(bench) == {NEW if name == old else name: cents for name, cents in before.items()}
    moved = bench.moved_since(books)
    assert moved == {old: -moved[NEW], NEW: moved[NEW]}
    [invoice] = bench.found("Invoice")
    rows = bench.rows(invoice)
    bench.changed("Invoice", invoice, Memo="header alone")
    assert bench.rows(invoice) == rows


@pytest.mark.parametrize(("kind", "group", "element", "old"), CHANGES)
@pytest.mark.parametrize("flag", [False, None])
def test_not_applied(kind: str, group: str, element: str, old: str, flag: bool | None) -> None:
    bench = used(kind)
    before = sums(bench)
    assert asked(bench, kind, group, element, flag).status.code == 3180
    assert sums(bench) == before
    for saved_kind in ("Invoice", "Estimate", "Bill", "PurchaseOrder"):
        for saved in bench.found(saved_kind):
            bench.removed("Del", saved_kind, saved)
    assert asked(bench, kind, group, element, flag).status.code == 0


@pytest.mark.parametrize(("kind", "group", "element", "old"), CHANGES[:5])
def test_by_the_switch_for_what_comes(kind: str, group: str, element: str, old: str) -> None:
    bench = used(kind, switches={"company.item-account-without-apply": "later-only"})
    before = sums(bench)
    assert asked(bench, kind, group, element, None).status.code == 0
    assert sums(bench) == before
    bench.add("Bill", purchase("Bill", goods("X", 1)))
    bench.add("Invoice", sold("X", 1))
    assert NEW in sums(bench)


def test_sales_and_purchases_on_one_account_are_told_apart() -> None:
    bench = Proven()
    bench.add("Account", {"Name": NEW, "AccountType": "Expense"})
    bench.add("ItemService", {"Name": "X", "SalesAndPurchase": {**BOTH_SIDES, "ExpenseAccountRef": ref("Sales")}})
    bench.add("Bill", purchase("Bill", goods("X", 10)))
    bench.add("Invoice", sold("X", 4))
    assert asked(bench, "ItemService", "SalesAndPurchaseMod", "IncomeAccountRef", True).status.code == 0
    assert sums(bench) == {"Sales": 1000, NEW: -400}


def test_closed_books_are_not_touched() -> None:
    """Documented: when an affected transaction is protected by the closing date, nothing of the Mod is done."""
    bench = used("ItemInventory")
    bench.company._books.facts["closing_date"] = "2026-11-02"
    before = sums(bench)
    assert asked(bench, "ItemInventory", "", "IncomeAccountRef", True).status.code == 3171
    assert (sums(bench), bench.item("X")["IncomeAccountRef"]["FullName"]) == (before, "Sales")
    bench.company._books.facts["closing_date"] = "2026-11-01"
    assert asked(bench, "ItemInventory", "", "IncomeAccountRef", True).status.code == 0


@pytest.mark.parametrize("kind", ["ItemInventory", "ItemInventoryAssembly"])
def test_the_stock_moves_to_a_new_asset_account(kind: str) -> None:
    """Ten pieces at 1.00 came, four went: six are left (other items keep 0 in the old account)."""
    bench = used(kind)
    bench.add("Account", {"Name": "Shelf", "AccountType": "OtherCurrentAsset"})
    before = bench.books()
    assert before["Inventory Asset"] == 600
    assert bench.changed_item(kind, "X", AssetAccountRef=ref("Shelf")).status.code == 0
    assert bench.moved_since(before) == {"Inventory Asset": -600, "Shelf": 600}
    [invoice] = bench.found("Invoice")
    bench.changed("Invoice", invoice, Memo="later")
    bench.add("Invoice", sold("X", 1))
    assert (bench.books().get("Inventory Asset", 0), bench.books()["Shelf"]) == (0, 500)


def test_the_stock_of_closed_books_does_not_move() -> None:
    bench = used("ItemInventory")
    bench.add("Account", {"Name": "Shelf", "AccountType": "OtherCurrentAsset"})
    bench.company._books.facts["closing_date"] = "2026-11-01"
    before = bench.books()
    assert bench.changed_item("ItemInventory", "X", AssetAccountRef=ref("Shelf")).status.code == 3171
    assert bench.books() == before


def test_an_assembly_has_no_flag_for_its_cost() -> None:
    bench = used("ItemInventoryAssembly")
    before = sums(bench)
    assert bench.changed_item("ItemInventoryAssembly", "X", COGSAccountRef=ref(NEW)).status.code == 0
    assert sums(bench) == before
    bench.add("Invoice", sold("X", 1))
    assert sums(bench)[NEW] == 100


def test_the_same_account_again_is_no_change() -> None:
    bench = used("ItemInventory")
    assert bench.changed_item("ItemInventory", "X", IncomeAccountRef=ref("Sales"), SalesPrice=3 * ONE).status.code == 0


WRONG = [
    ("ItemInventory", "COGSAccountRef", "Sales"),
    ("ItemInventory", "COGSAccountRef", "Operating Account"),
    ("ItemInventory", "AssetAccountRef", "Operating Account"),
    ("ItemInventory", "AssetAccountRef", "Rent"),
    ("ItemInventoryAssembly", "COGSAccountRef", "Inventory Asset"),
    ("ItemInventoryAssembly", "AssetAccountRef", "Cost of Goods Sold"),
]
"""Kind of item, element, and an account of a type that it cannot have."""


@pytest.mark.parametrize(("kind", "element", "account"), WRONG)
def test_accounts_of_another_type(kind: str, element: str, account: str) -> None:
    """Refused in an Add and a Mod (inferred: switch company.item-account-type); an expense account may stand for the cost."""
    values = {"Name": "X", **KINDS[kind]}
    bench = Proven()
    assert bench.refused(kind, {**values, element: ref(account)}) == 3180
    bench.add(kind, values)
    assert bench.changed_item(kind, "X", **{element: ref(account)}).status.code == 3180
    bench.add(kind, {**values, "Name": "Y", "COGSAccountRef": ref("Rent"), "IncomeAccountRef": ref("Undeposited Funds")})
    taken = Proven(switches={"company.item-account-type": "accepted"})
    taken.add(kind, {**values, element: ref(account)})


def test_the_account_of_a_fixed_asset() -> None:
    bench = Proven()
    values = {"Name": "Van", "AcquiredAs": "New", "PurchaseDesc": "A van", "PurchaseDate": "2026-01-05"}
    assert bench.refused("ItemFixedAsset", {**values, "AssetAccountRef": ref("Operating Account")}) == 3180
    bench.add("Account", {"Name": "Vans", "AccountType": "FixedAsset"})
    bench.add("ItemFixedAsset", {**values, "AssetAccountRef": ref("Vans")})
