"""Average cost by examples: what the history does, below zero, before the first purchase, at the moment of posting; and units of orders."""

from typing import Any

import pytest

from .proven import ITEMS_MOD, ONE, Proven, Values, adjusted, assembly, built, by_value, goods, ordered, purchase, ref, sold

ASSET, COGS = "Inventory Asset", "Cost of Goods Sold"


def buy(bench: Proven, pieces: float, cents: int, day: str = "2026-11-02", item: str = "Bolt") -> Values:
    return bench.add("Bill", purchase("Bill", goods(item, pieces, Amount=cents), TxnDate=day))


def sell(bench: Proven, pieces: float, day: str = "2026-11-03", item: str = "Bolt", kind: str = "Invoice") -> Values:
    return bench.add(kind, sold(item, pieces, kind=kind, TxnDate=day))


def cost_of(bench: Proven, saved: Values) -> int:
    """Return what a sale has put on cost of goods sold."""
    return sum(row[1] for row in bench.rows(saved) if row[0] == COGS)


def average(bench: Proven, item: str = "Bolt") -> float:
    return float(bench.item(item)["AverageCost"] / ONE)


def test_a_sale_posts_its_cost() -> None:
    bench = Proven()
    buy(bench, 10, 1000)
    buy(bench, 10, 2000)
    sale = sell(bench, 4)
    assert bench.rows(sale) == [
        ("Accounts Receivable", 800, "Baker"),
        ("Sales:Wholesale", -800, "Baker"),
        (COGS, 600, "Baker"),
        (ASSET, -600),
    ]
    assert (average(bench), bench.item("Bolt")["QuantityOnHand"], bench.books()[ASSET]) == (1.5, 16 * ONE, 2400)


@pytest.mark.parametrize(("setting", "cost", "asset"), [("history", 600, 2400), ("at-posting", 400, 2600)])
def test_a_purchase_that_is_entered_late(setting: str, cost: int, asset: int) -> None:
    bench = Proven(switches={"company.average-cost": setting})
    buy(bench, 10, 1000, "2026-11-01")
    sale = sell(bench, 4)
    assert cost_of(bench, sale) == 400
    late = buy(bench, 10, 2000, "2026-11-02")
    assert (cost_of(bench, sale), bench.books()[ASSET]) == (cost, asset)
    bench.removed("Del", "Bill", late)
    assert (cost_of(bench, sale), bench.books()[ASSET]) == (400, 600)


def test_on_one_day_what_was_entered_first_comes_first() -> None:
    bench = Proven()
    buy(bench, 10, 1000, "2026-11-03")
    sale = sell(bench, 4, "2026-11-03")
    buy(bench, 10, 2000, "2026-11-03")
    assert cost_of(bench, sale) == 400


def test_a_changed_purchase_changes_what_was_sold_after_it() -> None:
    bench = Proven()
    bill, sale = buy(bench, 10, 1000), sell(bench, 4)
    [(_name, line)] = bill["ItemLineRet|ItemGroupLineRet"]
    bench.changed("Bill", bill, **{ITEMS_MOD: [("ItemLineMod", {"TxnLineID": line["TxnLineID"], "Amount": 3000})]})
    assert (cost_of(bench, sale), average(bench)) == (1200, 3)
    bench.changed("Bill", bill, TxnDate="2026-11-04")
    assert cost_of(bench, sale) == 200  # now it was sold before anything was bought: at the cost of the item


def test_below_zero_the_last_average_is_used() -> None:
    bench = Proven()
    buy(bench, 10, 1000)
    first, second = sell(bench, 12), sell(bench, 3)
    assert (cost_of(bench, first), cost_of(bench, second)) == (1200, 300)
    assert (bench.item("Bolt")["QuantityOnHand"], average(bench), bench.books()[ASSET]) == (-5 * ONE, 1, -500)
    buy(bench, 10, 2000, "2026-11-04")
    assert (bench.item("Bolt")["QuantityOnHand"], average(bench), bench.books()[ASSET]) == (5 * ONE, 3, 1500)
    assert (cost_of(bench, first), cost_of(bench, second)) == (1200, 300)


@pytest.mark.parametrize(("setting", "cost", "shown"), [("item-cost", 200, 0.5), ("zero", 0, 0)])
def test_before_the_first_purchase(setting: str, cost: int, shown: float) -> None:
    bench = Proven(switches={"company.average-cost-before-purchase": setting})
    assert average(bench) == shown
    assert cost_of(bench, sell(bench, 4)) == cost


def test_the_last_piece_takes_what_is_left() -> None:
    bench = Proven()
    buy(bench, 3, 100)
    sales = [sell(bench, 1) for _ in range(3)]
    assert ([cost_of(bench, each) for each in sales], bench.books().get(ASSET, 0)) == ([33, 34, 33], 0)


def test_what_is_worth_nothing_costs_nothing() -> None:
    """Stock that was written down to nothing has an average cost of nothing, until something is bought again."""
    bench = Proven()
    buy(bench, 10, 1000)
    bench.add("InventoryAdjustment", adjusted(by_value("Bolt", -1000)))
    assert average(bench) == 0
    assert cost_of(bench, sell(bench, 4, "2026-11-24")) == 0
    buy(bench, 2, 800, "2026-11-25")
    assert average(bench) == 1


def test_a_credit_memo_brings_back_at_average() -> None:
    bench = Proven()
    buy(bench, 10, 1000)
    buy(bench, 10, 2000, "2026-11-05")
    memo = sell(bench, 4, "2026-11-03", kind="CreditMemo")
    assert cost_of(bench, memo) == -400
    assert average(bench) == pytest.approx((1000 + 400 + 2000) / 24 / 100, abs=1e-5)


def test_a_late_purchase_of_a_part_of_a_part() -> None:
    """The value goes up through the assemblies: bolts into machines, machines into plants, plants into what was sold."""
    bench = Proven()
    assembly(bench, "Machine", Bolt=2)
    assembly(bench, "Plant", Machine=2)
    buy(bench, 10, 1000, "2026-11-02")
    bench.add("BuildAssembly", built("Machine", 4, TxnDate="2026-11-03"))
    bench.add("BuildAssembly", built("Plant", 2, TxnDate="2026-11-04"))
    sale = sell(bench, 1, "2026-11-05", "Plant")
    assert (average(bench, "Machine"), average(bench, "Plant"), cost_of(bench, sale)) == (2, 4, 400)
    late = buy(bench, 10, 3000, "2026-11-01")
    assert (average(bench, "Machine"), average(bench, "Plant"), cost_of(bench, sale)) == (4, 8, 800)
    bench.removed("Void", "Bill", late)
    assert (average(bench, "Machine"), average(bench, "Plant"), cost_of(bench, sale)) == (2, 4, 400)


def test_stock_of_a_foreign_purchase_is_in_home_currency() -> None:
    yaml = """
company: {name: Abroad, file: 'C:\\QB\\Abroad.QBW', timezone: America/New_York, started: 2024-01-15T09:00:00}
preferences: {currencies: true}
lists:
  accounts: {given: [{name: Exchange Gain or Loss, type: OtherExpense, special: ExchangeGainLoss}]}
  customers: {given: [{name: Baker}]}
  items: {given: [{name: Bolt, kind: inventory, price: "2.00", cost: "0.50"}]}
"""
    bench = Proven(yaml=yaml)
    bench.add("Vendor", {"Name": "Usine", "CurrencyRef": ref("Euro")})
    bench.add("Bill", purchase("Bill", goods("Bolt", 10, Amount=1000), party="Usine", ExchangeRate="1.5"))
    assert (average(bench), bench.books()[ASSET]) == (1.5, 1500)
    assert cost_of(bench, sell(bench, 4, "2026-11-24")) == 600


class TestOnOrder:
    """What is on order is told in base units, in whatever unit it was ordered."""

    YAML = r"""
company: {name: Units, file: 'C:\QB\Units.QBW', edition: Enterprise, timezone: America/New_York, started: 2024-01-15T09:00:00}
preferences: {units_of_measure: multiple}
lists: {customers: {given: [{name: Baker}]}, vendors: {given: [{name: Lamp Factory}]}}
"""

    def bench(self) -> Proven:
        bench = Proven(yaml=self.YAML)
        each, dozen = {"Name": "each", "Abbreviation": "ea"}, {"Name": "dozen", "Abbreviation": "dz", "ConversionRatio": 12 * ONE}
        bench.add("UnitOfMeasureSet", {"Name": "Pieces", "UnitOfMeasureType": "Count", "BaseUnit": each, "RelatedUnit": [dozen]})
        accounts = {"IncomeAccountRef": ref("Sales"), "COGSAccountRef": ref(COGS), "AssetAccountRef": ref(ASSET)}
        bench.add("ItemInventory", {"Name": "Egg", "UnitOfMeasureSetRef": ref("Pieces"), "PurchaseCost": 10_000, **accounts})
        return bench

    def test_purchase_orders(self) -> None:
        bench = self.bench()
        order = bench.add("PurchaseOrder", ordered(goods("Egg", 3, UnitOfMeasure="dozen"), goods("Egg", 5)))
        assert bench.item("Egg")["QuantityOnOrder"] == 41 * ONE
        line = order["PurchaseOrderLineRet|PurchaseOrderLineGroupRet"][0][1]
        link: Values = {"Quantity": 2 * ONE, "LinkToTxn": {"TxnID": order["TxnID"], "TxnLineID": line["TxnLineID"]}}
        bench.add("ItemReceipt", purchase("ItemReceipt", link))
        assert (bench.item("Egg")["QuantityOnOrder"], bench.item("Egg")["QuantityOnHand"]) == (17 * ONE, 24 * ONE)

    def test_what_comes_in_another_unit(self) -> None:
        bench = self.bench()
        order = bench.add("PurchaseOrder", ordered(goods("Egg", 3, UnitOfMeasure="dozen")))
        [(_name, line)] = order["PurchaseOrderLineRet|PurchaseOrderLineGroupRet"]
        link: Values = {"LinkToTxn": {"TxnID": order["TxnID"], "TxnLineID": line["TxnLineID"]}}
        bench.add("ItemReceipt", purchase("ItemReceipt", {"Quantity": 12 * ONE, "UnitOfMeasure": "each", **link}))
        bench.add("Bill", purchase("Bill", {"Quantity": 2 * ONE, **link}))
        now = bench.one("PurchaseOrder", order)
        [(_name, line)] = now["PurchaseOrderLineRet|PurchaseOrderLineGroupRet"]
        assert (line["ReceivedQuantity"], line["UnbilledQuantity"], line["IsBilled"]) == (3 * ONE, ONE, False)
        assert (now["IsFullyReceived"], bench.item("Egg")["QuantityOnHand"]) == (True, 36 * ONE)

    def test_sales_orders(self) -> None:
        bench = self.bench()
        line: dict[str, Any] = {"ItemRef": ref("Egg"), "Quantity": 3 * ONE, "UnitOfMeasure": "dozen"}
        values = {"CustomerRef": ref("Baker"), "SalesOrderLineAdd|SalesOrderLineGroupAdd": [("SalesOrderLineAdd", line)]}
        bench.add("SalesOrder", values)
        assert bench.item("Egg")["QuantityOnSalesOrder"] == 36 * ONE
