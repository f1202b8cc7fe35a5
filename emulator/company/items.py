"""What an item says of being sold and bought: description, price or percentage, account. One place for the shapes of all kinds.

Service, non-inventory and other-charge items have SalesOrPurchase (one side) or SalesAndPurchase (both); inventory items and
assemblies have the fields of both sides themselves; discounts, payments, sales taxes and subtotals have a description and their own
figures (documented: the schema).
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.company.records import Record, Values

if TYPE_CHECKING:
    from emulator.company.books import Books

TWO_SIDED = frozenset({"ItemService", "ItemNonInventory", "ItemOtherCharge"})
STOCKED = frozenset({"ItemInventory", "ItemInventoryAssembly"})
"""Kinds whose pieces are counted and valued."""

TAXES = frozenset({"ItemSalesTax", "ItemSalesTaxGroup"})
CALCULATED = frozenset({"ItemSubtotal", "ItemDiscount", "ItemPayment"}) | TAXES
"""Kinds that are never bought and whose amount follows from other lines or from the item itself."""


class Terms(NamedTuple):
    """One side of an item. Price in units of 0.00001, percentage too; None where the item does not say."""

    description: str | None
    price: int | None
    percent: int | None
    account: Record | None


def sales_terms(books: "Books", item: Record) -> Terms:
    """Return what an item says of a sale."""
    document = item.document
    if item.kind in STOCKED:
        return Terms(document.get("SalesDesc"), document.get("SalesPrice"), None, _account(books, document, "IncomeAccountRef"))
    if item.kind in TWO_SIDED:
        both: Values | None = document.get("SalesAndPurchase")
        if both is not None:
            return Terms(both.get("SalesDesc"), both.get("SalesPrice"), None, _account(books, both, "IncomeAccountRef"))
        one: Values = document.get("SalesOrPurchase", {})
        return Terms(one.get("Desc"), one.get("Price"), one.get("PricePercent"), _account(books, one, "AccountRef"))
    if item.kind == "ItemDiscount":
        rate, percent = document.get("DiscountRate"), document.get("DiscountRatePercent")
        return Terms(
            document.get("ItemDesc"),
            -rate if rate is not None else None,
            -percent if percent is not None else None,
            _account(books, document, "AccountRef"),
        )
    if item.kind == "ItemFixedAsset":
        sold: Values = document.get("FixedAssetSalesInfo") or {}
        return Terms(sold.get("SalesDesc"), sold.get("SalesPrice"), None, _account(books, document, "AssetAccountRef"))
    return Terms(document.get("ItemDesc"), None, document.get("TaxRate"), None)


def purchase_terms(books: "Books", item: Record) -> Terms:
    """Return what an item says of being bought."""
    document = item.document
    if item.kind in STOCKED:
        cost = document.get("PurchaseCost")
        return Terms(document.get("PurchaseDesc"), cost, None, _account(books, document, "AssetAccountRef"))
    if item.kind == "ItemFixedAsset":
        cost = document.get("PurchaseCost")
        return Terms(document.get("PurchaseDesc"), cost, None, _account(books, document, "AssetAccountRef"))
    both: Values | None = document.get("SalesAndPurchase")
    if both is not None:
        cost = both.get("PurchaseCost")
        return Terms(both.get("PurchaseDesc"), cost, None, _account(books, both, "ExpenseAccountRef"))
    one: Values = document.get("SalesOrPurchase", {})
    return Terms(one.get("Desc"), one.get("Price"), None, _account(books, one, "AccountRef"))


def cost_account(books: "Books", item: Record) -> Record:
    """Return the account a stocked item's cost goes to when it is sold."""
    account = _account(books, item.document, "COGSAccountRef")
    return account if account is not None else books.defaults.posting_account("CostOfGoodsSold")


def asset_account(books: "Books", item: Record) -> Record:
    """Return the account that holds a stocked item's value."""
    account = _account(books, item.document, "AssetAccountRef")
    return account if account is not None else books.defaults.posting_account("InventoryAssets")


def _account(books: "Books", values: Any, name: str) -> Record | None:
    return books.references.held(name, values)
