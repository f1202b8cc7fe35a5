"""Opening balances and stock: a record that brings them along makes a transaction of its own, once."""

from typing import Any

import pytest

from .proven import ONE, Proven, Values, assembly, part, paying, received, ref

EQUITY, INCOME, EXPENSES = "Opening Balance Equity", "Uncategorized Income", "Uncategorized Expenses"
RECEIVABLE, PAYABLE = "Accounts Receivable", "Accounts Payable"


@pytest.mark.parametrize(
    ("noun", "cents", "kind", "rows"),
    [
        ("Customer", 500, "Invoice", [(RECEIVABLE, 500, "Old"), (INCOME, -500)]),
        ("Customer", -500, "CreditMemo", [(RECEIVABLE, -500, "Old"), (INCOME, 500)]),
        ("Vendor", 500, "Bill", [(PAYABLE, -500, "Old"), (EXPENSES, 500)]),
    ],
)
def test_names(noun: str, cents: int, kind: str, rows: list[Any]) -> None:
    bench = Proven()
    made = bench.add(noun, {"Name": "Old", "OpenBalance": cents, "OpenBalanceDate": "2026-01-01"})
    assert (made["Balance"], bench.truth.balance("Old")) == (cents, cents)
    [saved] = bench.found(kind)
    assert ("SalesTaxTotal" in saved, saved.get("Subtotal")) == (kind != "Bill", abs(cents) if kind != "Bill" else None)
    assert (bench.rows(saved), saved["TxnDate"], saved["DueDate"] if kind != "CreditMemo" else "2026-01-01") == (
        rows,
        "2026-01-01",
        "2026-01-01",
    )
    assert bench.unchanged(kind, saved, Memo="x") == 3180  # it has no lines to work with
    bench.removed("Del", kind, saved)
    assert (bench.truth.balance("Old"), bench.books()) == (0, {})


def test_a_job_and_its_customer() -> None:
    bench = Proven()
    bench.add("Customer", {"Name": "Garage", "ParentRef": ref("Abercrombie"), "OpenBalance": 500})
    shown = {row["FullName"]: (row["Balance"], row["TotalBalance"]) for row in bench.found("Customer")}
    assert (shown["Abercrombie"], shown["Abercrombie:Garage"]) == ((0, 500), (500, 500))
    [invoice] = bench.found("Invoice")
    received(bench, 500, part(invoice, 500), customer="Abercrombie")
    assert bench.truth.balance("Abercrombie") == 0


def test_a_bill_that_was_open_is_paid() -> None:
    bench = Proven()
    bench.add("Vendor", {"Name": "Old", "OpenBalance": 500})
    [bill] = bench.found("Bill")
    bench.add("BillPaymentCheck", paying(part(bill, 500), vendor="Old"))
    assert bench.one("Bill", bill)["IsPaid"] is True


@pytest.mark.parametrize(
    ("account_type", "cents", "debit"),
    [
        ("Bank", 500, 500), ("Bank", -500, -500), ("OtherCurrentAsset", 500, 500), ("FixedAsset", 500, 500), ("OtherAsset", 500, 500),
        ("CreditCard", 500, -500), ("CreditCard", -500, 500), ("OtherCurrentLiability", 500, -500), ("LongTermLiability", 500, -500),
        ("Equity", 500, -500),
    ],
)  # fmt: skip
def test_accounts(account_type: str, cents: int, debit: int) -> None:
    """The balance is written as the account shows it: a debt is positive for a liability."""
    bench = Proven()
    values = {"Name": "Old", "AccountType": account_type, "OpenBalance": cents, "OpenBalanceDate": "2026-01-01"}
    made = bench.add("Account", values)
    assert made["Balance"] == made["TotalBalance"] == cents
    [saved] = bench.found("JournalEntry")
    assert (bench.rows(saved), saved["TxnDate"]) == ([("Old", debit), (EQUITY, -debit)], "2026-01-01")
    answer = bench.changed_item("Account", "Old", OpenBalance=cents)
    assert answer.status.code == 0
    assert bench.name("Account", "Old")["Balance"] == 2 * cents


@pytest.mark.parametrize(
    "account_type",
    ["Income", "CostOfGoodsSold", "Expense", "OtherIncome", "OtherExpense", "AccountsReceivable", "AccountsPayable"],
)
def test_accounts_without_an_opening_balance(account_type: str) -> None:
    assert Proven().refused("Account", {"Name": "Old", "AccountType": account_type, "OpenBalance": 5}) == 3180


ACCOUNTS = {
    "IncomeAccountRef": ref("Sales"),
    "COGSAccountRef": ref("Cost of Goods Sold"),
    "AssetAccountRef": ref("Inventory Asset"),
}


@pytest.mark.parametrize(
    ("said", "cents", "average"),
    [
        ({"QuantityOnHand": 10 * ONE, "PurchaseCost": 3 * ONE}, 3000, 3 * ONE),
        ({"QuantityOnHand": 10 * ONE, "TotalValue": 500, "PurchaseCost": 3 * ONE}, 500, ONE // 2),
        ({"QuantityOnHand": 10 * ONE, "TotalValue": 0, "PurchaseCost": 3 * ONE}, 0, 0),
        ({"QuantityOnHand": 10 * ONE}, 0, 0),
    ],
)
@pytest.mark.parametrize("kind", ["ItemInventory", "ItemInventoryAssembly"])
def test_stock(kind: str, said: Values, cents: int, average: int) -> None:
    bench = Proven()
    made = bench.add(kind, {"Name": "Gear", **ACCOUNTS, **said, "InventoryDate": "2026-01-01"})
    assert (made["QuantityOnHand"], made["AverageCost"]) == (10 * ONE, average)
    assert bench.books() == ({"Inventory Asset": cents, EQUITY: -cents} if cents else {})
    [saved] = bench.found("InventoryAdjustment", IncludeLineItems=True)
    [line] = saved["InventoryAdjustmentLineRet"]
    assert (saved["TxnDate"], line["QuantityDifference"], line["ValueDifference"]) == ("2026-01-01", 10 * ONE, cents)
    bench.removed("Void", "InventoryAdjustment", saved)
    assert (bench.item("Gear")["QuantityOnHand"], bench.books()) == (0, {})


def test_nothing_makes_nothing() -> None:
    bench = Proven()
    bench.add("Customer", {"Name": "New", "OpenBalance": 0})
    bench.add("Vendor", {"Name": "Newer"})
    bench.add("Account", {"Name": "Box", "AccountType": "Bank", "OpenBalance": 0})
    bench.add("ItemInventory", {"Name": "Gear", **ACCOUNTS, "PurchaseCost": 5})
    assembly(bench, "Machine", Bolt=1)
    assert bench.truth.transactions() == []


@pytest.mark.parametrize(
    ("noun", "values", "code"),
    [
        ("Customer", {"Name": "Old", "OpenBalance": 5, "OpenBalanceDate": "2025-12-31"}, 3171),
        ("Vendor", {"Name": "Old", "OpenBalance": 5, "OpenBalanceDate": "2025-12-31"}, 3171),
        ("Vendor", {"Name": "Old", "OpenBalance": -5}, 3180),
        ("Account", {"Name": "Old", "AccountType": "Bank", "OpenBalance": 5, "OpenBalanceDate": "2025-12-31"}, 3171),
        ("ItemInventory", {"Name": "Gear", **ACCOUNTS, "QuantityOnHand": ONE, "InventoryDate": "2025-12-31"}, 3171),
        ("Customer", {"Name": "Old", "OpenBalance": 10**13}, 3101),
    ],
)
def test_refused_as_a_whole(noun: str, values: Values, code: int) -> None:
    bench = Proven()
    bench.company._books.facts["closing_date"] = "2025-12-31"
    assert bench.refused(noun, values) == code


class TestForeignCurrency:
    """What is opened is in the currency of its record, at the currency's rate."""

    YAML = r"""
company: {name: Abroad, file: 'C:\QB\Abroad.QBW', timezone: America/New_York}
preferences: {currencies: true}
lists:
  currencies: [{name: US Dollar, code: USD}, {name: Euro, code: EUR, rate: "1.5"}]
  accounts: {given: [{name: Exchange Gain or Loss, type: OtherExpense, special: ExchangeGainLoss}]}
"""

    @pytest.mark.parametrize(
        ("noun", "kind", "sign", "other"), [("Customer", "Invoice", 1, INCOME), ("Vendor", "Bill", -1, EXPENSES)]
    )
    def test_names(self, noun: str, kind: str, sign: int, other: str) -> None:
        bench = Proven(yaml=self.YAML)
        made = bench.add(noun, {"Name": "Usine", "CurrencyRef": ref("Euro"), "OpenBalance": 1000})
        assert made["Balance"] == 1000
        own = RECEIVABLE if noun == "Customer" else PAYABLE
        assert bench.books() == {own: sign * 1500, other: -sign * 1500}
        [saved] = bench.found(kind)
        assert (saved["CurrencyRef"]["FullName"], saved["ExchangeRate"]) == ("Euro", "1.5")

    def test_accounts(self) -> None:
        bench = Proven(yaml=self.YAML)
        made = bench.add("Account", {"Name": "Banque", "AccountType": "Bank", "CurrencyRef": ref("Euro"), "OpenBalance": 1000})
        assert (made["Balance"], bench.books()) == (1000, {"Banque": 1500, EQUITY: -1500})
