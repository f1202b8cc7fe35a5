"""A company that sells in every way there is, and short ways to sell in it."""

from functools import lru_cache
from typing import Any

from company.helpers import Frozen, frozen, line, record_of
from company.proven import ONE, Proven, Values, ref
from emulator.core.switches import Setting

SALES = ("Invoice", "SalesReceipt", "CreditMemo", "Estimate", "SalesOrder")
POSTING = SALES[:3]
SIGN = {"Invoice": 1, "SalesReceipt": 1, "CreditMemo": -1, "Estimate": 1, "SalesOrder": 1}
MAIN_ACCOUNT = {"Invoice": "Accounts Receivable", "CreditMemo": "Accounts Receivable", "SalesReceipt": "Undeposited Funds"}

YAML = r"""
company: {name: Shop, file: 'C:\QB\Shop.QBW', edition: Enterprise, timezone: America/New_York, started: 2024-01-15T09:00:00}
preferences: {classes: true, units_of_measure: multiple, sites: true, CURRENCIES}
lists:
  accounts: {given: [{name: Exchange Gain or Loss, type: OtherExpense, special: ExchangeGainLoss}]}
  customers:
    given:
      - {name: Abercrombie, terms: Net 30, taxable: true}
      - {name: Kitchen, parent: Abercrombie, taxable: true}
      - {name: Bath, parent: Abercrombie, taxable: true}
      - {name: Baker}
  vendors: {given: [{name: Mill}]}
  items:
    given:
      - {name: Lamp, price: "10.50", cost: "4.00", description: A lamp}
      - {name: Repair, kind: service, price: "45.00", description: Repair, taxable: false}
      - {name: Bolt, kind: inventory, price: "2.00", cost: "0.50", on_hand: "1000", description: A bolt}
  sales_taxes:
    - {name: County, rate: "1", vendor: County Office}
    - {name: City, rate: "0.5", vendor: City Hall}
    - {name: Transit, rate: "0.5", vendor: City Hall}
    - {name: State, rate: "6.25", vendor: State Office}
    - {name: Flat, rate: "8.25", vendor: State Office}
    - {name: No Tax, rate: "0", vendor: State Office}
  classes: [East, West]
  sites: [North, South]
"""


def shop(switches: dict[str, Setting] | None = None, currencies: bool = False, **preferences: bool) -> Proven:
    """Return the bench of that company, with items that calculate, groups, units, price levels and a custom field.

    Taxes: `All Taxes` is 1 + 0.5 + 0.5 + 6.25 %, `Flat` 8.25 %. `Egg` is in stock, 1,000 pieces at 0.10, sold at 0.25, and comes by the
    dozen. `Set` is one bolt, two repairs. Price level `Wholesale` is 10 % less; `Special` has a lamp for 9.00.
    """
    return _made(frozen(switches), frozen({"currencies": currencies, **preferences})).again()


@lru_cache
def _made(switches: Frozen, preferences: Frozen) -> Proven:
    wanted = dict(preferences)
    text = ", ".join(f"{name}: {str(on).lower()}" for name, on in wanted.items())
    bench = Proven(YAML.replace("CURRENCIES", text), switches=dict(switches))

    def add(noun: str, **values: Any) -> None:
        bench.add(noun, values)

    add("ItemSalesTaxGroup", Name="All Taxes", ItemSalesTaxRef=[ref(name) for name in ("County", "City", "Transit", "State")])
    add("ItemSubtotal", Name="Subtotal")
    discounts = ref("Sales Discounts")
    add("ItemDiscount", Name="Tenth Off", DiscountRatePercent=10 * ONE, AccountRef=discounts, SalesTaxCodeRef=ref("Tax"))
    add("ItemDiscount", Name="Tenth Off Untaxed", DiscountRatePercent=10 * ONE, AccountRef=discounts, SalesTaxCodeRef=ref("Non"))
    add("ItemDiscount", Name="Two Off", DiscountRate=2 * ONE, AccountRef=discounts, SalesTaxCodeRef=ref("Tax"))
    add("ItemDiscount", Name="Two Off Untaxed", DiscountRate=2 * ONE, AccountRef=discounts, SalesTaxCodeRef=ref("Non"))
    add("ItemPayment", Name="Paid At Once")
    add("ItemPayment", Name="Paid To Bank", DepositToAccountRef=ref("Operating Account"))
    freight = {"PricePercent": 5 * ONE, "AccountRef": ref("Shipping Income")}
    add("ItemOtherCharge", Name="Freight", SalesOrPurchase=freight, SalesTaxCodeRef=ref("Non"))
    each, dozen = {"Name": "each", "Abbreviation": "ea"}, {"Name": "dozen", "Abbreviation": "dz", "ConversionRatio": 12 * ONE}
    half_dozen = {"Name": "box", "Abbreviation": "bx", "ConversionRatio": 6 * ONE}
    default = [{"UnitUsedFor": "Sales", "Unit": "dozen"}]
    add("UnitOfMeasureSet", Name="Pieces", UnitOfMeasureType="Count", BaseUnit=each, RelatedUnit=[half_dozen, dozen])
    add("UnitOfMeasureSet", Name="Dozens", UnitOfMeasureType="Count", BaseUnit=each, RelatedUnit=[dozen], DefaultUnit=default)
    stocked = {
        "IncomeAccountRef": ref("Sales:Retail"), "COGSAccountRef": ref("Cost of Goods Sold"), "AssetAccountRef": ref("Inventory Asset"),
    }  # fmt: skip
    egg: dict[str, Any] = {"SalesPrice": 25_000, "PurchaseCost": 10_000, "QuantityOnHand": 1000 * ONE, **stocked}
    add("ItemInventory", Name="Egg", UnitOfMeasureSetRef=ref("Pieces"), **egg)
    add("ItemInventory", Name="Roll", UnitOfMeasureSetRef=ref("Dozens"), **egg)
    group = [{"ItemRef": ref("Bolt"), "Quantity": ONE}, {"ItemRef": ref("Repair"), "Quantity": 2 * ONE}]
    add("ItemGroup", Name="Set", ItemDesc="A set", ItemGroupLine=group, IsPrintItemsInGroup=True)
    reduced = [{"ItemRef": ref("Lamp"), "Quantity": 2 * ONE}, {"ItemRef": ref("Subtotal")}, {"ItemRef": ref("Tenth Off")}]
    add("ItemGroup", Name="Offer", ItemGroupLine=reduced)
    if wanted.get("price_levels", True):
        add("PriceLevel", Name="Wholesale", PriceLevelFixedPercentage=-10 * ONE)
        add("PriceLevel", Name="Special", PriceLevelPerItem=[{"ItemRef": ref("Lamp"), "CustomPrice": 9 * ONE}])
        add("Customer", Name="Dealer", PriceLevelRef=ref("Wholesale"), SalesTaxCodeRef=ref("Non"))
        add("Customer", Name="Branch", ParentRef=ref("Dealer"), SalesTaxCodeRef=ref("Non"))
    definition = {"OwnerID": "0", "DataExtName": "Color", "DataExtType": "STR255TYPE", "AssignToObject": ["Customer", "Item"]}
    add("DataExtDef", **definition)
    return bench


def key(kind: str, operation: str = "Ret") -> str:
    """Return the key of a kind's lines among the values of an Add, Mod or answer."""
    return f"{kind}Line{operation}|{kind}LineGroup{operation}"


def sale(kind: str, customer: str, *lines: Values, **header: Any) -> Values:
    """Return the values of an Add of any kind of sale; a line with an ItemGroupRef is a group. Without lines, one lamp for 10.50."""
    each = lines or (line("Lamp"),)
    named = [(f"{kind}LineGroupAdd" if "ItemGroupRef" in one else f"{kind}LineAdd", one) for one in each]
    return {"CustomerRef": ref(customer), **header, key(kind, "Add"): named}


def group(name: str = "Set", **parts: Any) -> Values:
    return {"ItemGroupRef": ref(name), **parts}


def sell(bench: Proven, kind: str, customer: str, *lines: Values, **header: Any) -> Values:
    """Save a sale that must be accepted without a warning; return its answer."""
    answer = bench.ask(kind, "Add", {f"{kind}Add": sale(kind, customer, *lines, **header)})
    assert answer.status.code == 0, answer.status
    return record_of(answer)


def refused(bench: Proven, kind: str, customer: str, *lines: Values, **header: Any) -> int:
    """Ask for a sale that must be refused, with nothing written; return the code."""
    return bench.refused(kind, sale(kind, customer, *lines, **header))


def charge(bench: Proven, customer: str, item: str = "Repair", **said: Any) -> Values:
    """Save a statement charge."""
    return bench.add("Charge", {"CustomerRef": ref(customer), "ItemRef": ref(item), **said})


def lines_of(saved: Values) -> list[Values]:
    """Return the lines of an answer, groups as one line each."""
    return [each for name, entries in saved.items() if "LineRet|" in name for _name, each in entries]


def parts_of(saved: Values, place: int = 0) -> list[Values]:
    """Return the lines inside a group line of an answer."""
    [parts] = [value for name, value in lines_of(saved)[place].items() if name.endswith("LineRet")]
    return list(parts)


def kept(kind: str, stored: Values, *parts: Values, **said: Any) -> tuple[str, Values]:
    """Return the line of a Mod that keeps a line of an answer, with what is said of it; `parts` are those of a group."""
    if "ItemGroupRef" in stored:
        inner = {f"{kind}LineMod": list(parts)} if parts else {}
        return f"{kind}LineGroupMod", {"TxnLineID": stored["TxnLineID"], **said, **inner}
    return f"{kind}LineMod", {"TxnLineID": stored["TxnLineID"], **said}


def new(kind: str, *parts: Values, **said: Any) -> tuple[str, Values]:
    """Return the line (or group) of a Mod that adds one."""
    return kept(kind, {**said, "TxnLineID": "-1"}, *parts, **said)


def inside(stored: Values | None = None, **said: Any) -> Values:
    """Return the line of a Mod inside a group: one that stands, or a new one."""
    return {"TxnLineID": stored["TxnLineID"] if stored else "-1", **said}


def with_lines(kind: str, *lines: tuple[str, Values], **header: Any) -> Values:
    """Return the changes of a Mod that sends lines."""
    return {**header, key(kind, "Mod"): list(lines)}


def postings(bench: Proven, saved: Values) -> list[tuple[str, str | None, int, str | None, str | None, int | None]]:
    """Return the ledger rows of a transaction: account, name, home cents, item, class, quantity in 0.00001."""
    return bench.sql(
        "SELECT account.full_name, name.full_name, home_cents, item.full_name, class.full_name, quantity FROM posting"
        " JOIN txn ON number = txn JOIN list_record AS account ON account.record = posting.account"
        " LEFT JOIN list_record AS name ON name.record = posting.entity LEFT JOIN list_record AS item ON item.record = item"
        " LEFT JOIN list_record AS class ON class.record = class WHERE txn_id = ? ORDER BY line",
        saved["TxnID"],
    )


def on_hand(bench: Proven, item: str = "Bolt") -> int:
    """Return how many whole pieces of an item are in stock, as its answer tells it."""
    return int(bench.item(item)["QuantityOnHand"]) // ONE


def state(bench: Proven) -> Values:
    """Return everything that a sale changes: ledger, balances of names, stock, what is open and linked. What is equal is undone.

    Rows of the ledger with nothing in them are left out: a void transaction keeps them.
    """
    tables = ("application", "fulfilment", "deposited", "movement", "unposted", "order_line")
    return {
        "ledger": bench.books(),
        "balances": bench.sql("SELECT record, own_cents, total_cents FROM balance WHERE total_cents <> 0 ORDER BY record"),
        "stock": bench.sql("SELECT item, quantity, value_cents FROM stock ORDER BY item"),
        "open": bench.sql("SELECT number, open_cents FROM txn WHERE open_cents <> 0 ORDER BY number"),
        "posting": bench.sql("SELECT * FROM posting WHERE cents <> 0 OR quantity <> 0 ORDER BY 1, 2, 3"),
        **{table: bench.sql(f"SELECT * FROM {table} ORDER BY 1, 2, 3") for table in tables},
    }
