"""Where every kind of sale posts: accounts, signs, names, classes, items, cost of goods sold, each tax."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from company.helpers import line
from company.proven import ONE, Proven, deposit, goods, part, purchase, received, ref

from .selling import (
    MAIN_ACCOUNT,
    POSTING,
    SALES,
    SIGN,
    charge,
    group,
    kept,
    key,
    lines_of,
    on_hand,
    postings,
    refused,
    sell,
    shop,
    state,
    with_lines,
)

GOODS = (line("Bolt", Quantity=10 * ONE, ClassRef=ref("West")), line("Repair", Quantity=ONE))
HEADER: dict[str, Any] = {"ClassRef": ref("East"), "ItemSalesTaxRef": ref("All Taxes")}
TAXES = (("County Office", "County", 20), ("City Hall", "City", 10), ("City Hall", "Transit", 10), ("State Office", "State", 125))


@pytest.mark.parametrize("kind", POSTING)
def test_a_sale(kind: str) -> None:
    """Documented: receivables or money against income, each tax to its own agency, goods out at average cost."""
    bench = shop()
    sign, name = SIGN[kind], "Abercrombie"
    saved = sell(bench, kind, name, *GOODS, **HEADER)
    assert postings(bench, saved) == [
        (MAIN_ACCOUNT[kind], name, sign * 6665, None, None, None),
        ("Sales:Wholesale", name, -sign * 2000, "Bolt", "West", -sign * 10 * ONE),
        ("Sales:Wholesale", name, -sign * 4500, "Repair", "East", -sign * ONE),
        *[("Sales Tax Payable", agency, -sign * cents, tax, None, None) for agency, tax, cents in TAXES],
        ("Cost of Goods Sold", name, sign * 500, "Bolt", "West", sign * 10 * ONE),
        ("Inventory Asset", None, -sign * 500, "Bolt", "West", -sign * 10 * ONE),
    ]
    assert on_hand(bench) == 1000 - sign * 10
    assert bench.truth.balance(name) == (0 if kind == "SalesReceipt" else sign * 6665)
    assert (saved["Subtotal"], saved["SalesTaxTotal"], saved["SalesTaxPercentage"]) == (6500, 165, 825_000)


@pytest.mark.parametrize("kind", ["Estimate", "SalesOrder"])
def test_what_does_not_post(kind: str) -> None:
    bench = shop()
    before = bench.truth.ledger_sums()
    saved = sell(bench, kind, "Abercrombie", *GOODS, **HEADER)
    assert (saved["Subtotal"], saved["SalesTaxTotal"], saved["TotalAmount"]) == (6500, 165, 6665)
    assert (postings(bench, saved), bench.truth.ledger_sums()) == ([], before)
    assert (on_hand(bench), bench.truth.balance("Abercrombie")) == (1000, 0)


@pytest.mark.parametrize(
    ("said", "income", "cost"),
    [
        ({"ItemRef": ref("Bolt"), "Quantity": 10 * ONE, "Rate": 3 * ONE}, 3000, 500),
        ({"ItemRef": ref("Repair")}, 4500, 0),
        ({"ItemRef": ref("Repair"), "Amount": 99, "ClassRef": ref("West")}, 99, 0),
    ],
)
def test_a_charge_is_an_invoice_of_one_line_without_tax(said: dict[str, Any], income: int, cost: int) -> None:
    bench = shop()
    saved = bench.add("Charge", {"CustomerRef": ref("Abercrombie"), **said})
    item, klass = said["ItemRef"]["FullName"], said.get("ClassRef", ref(""))["FullName"] or None
    quantity = said.get("Quantity", ONE)
    told = postings(bench, saved)
    assert told[:2] == [
        ("Accounts Receivable", "Abercrombie", income, None, None, None),
        ("Sales:Wholesale", "Abercrombie", -income, item, klass, -quantity),
    ]
    assert [row[:3] for row in told[2:]] == (
        [("Cost of Goods Sold", "Abercrombie", cost), ("Inventory Asset", None, -cost)] if cost else []
    )
    assert (saved["Amount"], saved["BalanceRemaining"], saved["IsPaid"]) == (income, income, False)
    assert bench.truth.balance("Abercrombie") == income


@pytest.mark.parametrize("kind", SALES)
@pytest.mark.parametrize(("tax", "cents"), [("All Taxes", 294), ("Flat", 293), ("No Tax", 0)])
def test_a_group_of_taxes_rounds_each_then_adds(kind: str, tax: str, cents: int) -> None:
    """Documented: 35.50 at 1 + 0.5 + 0.5 + 6.25 % is 2.94, at one tax of 8.25 % 2.93."""
    bench = shop()
    saved = sell(bench, kind, "Abercrombie", line("Lamp", Amount=3550), line("Repair", Amount=10_000), ItemSalesTaxRef=ref(tax))
    assert (saved["SalesTaxTotal"], saved["Subtotal"]) == (cents, 13_550)
    posted = SIGN[kind] * cents if kind in POSTING else 0
    assert bench.truth.ledger_sums().get("Sales Tax Payable", 0) == -posted


def test_money_of_a_receipt_waits_among_the_undeposited_funds() -> None:
    bench = shop()

    def waiting() -> list[tuple[str, int]]:
        found = [record for _name, record in bench.query("ReceivePaymentToDeposit").records]
        return [(each["TxnID"], each["Amount"]) for each in found if isinstance(each, dict)]

    sell(bench, "SalesReceipt", "Baker", DepositToAccountRef=ref("Savings"))
    assert waiting() == []
    saved = sell(bench, "SalesReceipt", "Baker")
    assert waiting() == [(saved["TxnID"], saved["TotalAmount"])]
    taken = bench.add("Deposit", deposit(saved))
    assert waiting() == []
    assert bench.changed("SalesReceipt", saved, Memo="in the bank")["Memo"] == "in the bank"
    more = with_lines("SalesReceipt", kept("SalesReceipt", lines_of(saved)[0], Amount=9999))
    assert bench.unchanged("SalesReceipt", saved, **more) == 3180
    assert bench.unchanged("SalesReceipt", saved, DepositToAccountRef=ref("Savings")) == 3180
    assert [bench.remove(each, "SalesReceipt", saved) for each in ("Del", "Void")] == [3160, 3160]
    bench.removed("Del", "Deposit", taken)
    bench.removed("Del", "SalesReceipt", saved)


def test_a_receipt_of_nobody() -> None:
    bench = shop()
    values = {key("SalesReceipt", "Add"): [("SalesReceiptLineAdd", line("Bolt", Quantity=ONE))], "ItemSalesTaxRef": ref("Flat")}
    saved = bench.add("SalesReceipt", values)
    assert postings(bench, saved)[:2] == [
        ("Undeposited Funds", None, 217, None, None, None),
        ("Sales:Wholesale", None, -200, "Bolt", None, -ONE),
    ]
    assert "CustomerRef" not in saved


@pytest.mark.parametrize(
    ("kind", "header"),
    [
        ("Invoice", {"ARAccountRef": ref("Sales")}),
        ("CreditMemo", {"ARAccountRef": ref("Undeposited Funds")}),
        ("SalesReceipt", {"DepositToAccountRef": ref("Accounts Receivable")}),
        ("SalesReceipt", {"DepositToAccountRef": ref("Rent")}),
    ],
)
def test_main_accounts_of_another_type(kind: str, header: dict[str, Any]) -> None:
    assert refused(shop(), kind, "Baker", **header) == 3180


@pytest.mark.parametrize("account", ["Accounts Receivable", "Accounts Payable"])
def test_a_line_does_not_post_to_names(account: str) -> None:
    assert refused(shop(), "Invoice", "Baker", line("Lamp", OverrideItemAccountRef=ref(account))) == 3180


@pytest.mark.parametrize("kind", POSTING)
def test_pending_waits_until_a_mod(kind: str) -> None:
    """Documented: a pending sale does not post; it does when IsPending becomes false."""
    bench, other = shop(), shop()
    before = state(bench)
    saved = sell(bench, kind, "Abercrombie", *GOODS, IsPending=True, **HEADER)
    assert saved["IsPending"] is True
    waiting = state(bench)
    assert {name: waiting[name] for name in ("ledger", "balances", "stock", "movement")} == {
        name: before[name] for name in ("ledger", "balances", "stock", "movement")
    }
    assert bench.changed(kind, saved, Memo="still")["IsPending"] is True
    assert state(bench)["ledger"] == before["ledger"]
    after = bench.changed(kind, saved, IsPending=False)
    assert (after["IsPending"], after["Subtotal"]) == (False, saved["Subtotal"])
    sell(other, kind, "Abercrombie", *GOODS, **HEADER)
    assert {**state(bench), "posting": []} == {**state(other), "posting": []}
    assert [row[:6] for row in state(bench)["posting"]] == [row[:6] for row in state(other)["posting"]]
    bench.changed(kind, saved, IsPending=True)
    assert state(bench)["ledger"] == before["ledger"]
    assert on_hand(bench) == 1000


def bought(bench: Proven, pieces: int, cents: int, **header: Any) -> None:
    bench.add("Bill", purchase("Bill", goods("Bolt", pieces, Amount=cents), party="Mill", **header))


def test_the_cost_of_a_sale_is_the_average_of_its_day() -> None:
    """Documented: average cost; worked out by date over the whole history, so that a bill entered late changes it."""
    bench = shop()
    bought(bench, 1000, 150_000)  # 1,000 at 0.50 and 1,000 at 1.50: 1.00
    saved = sell(bench, "Invoice", "Baker", line("Bolt", Quantity=10 * ONE))

    def cost() -> int:
        return next(row[2] for row in postings(bench, saved) if row[0] == "Cost of Goods Sold")

    assert cost() == 1000
    bought(bench, 2000, 600_000, TxnDate="2026-11-01")  # with 2,000 at 3.00: 2.00
    assert cost() == 2000
    bought(bench, 1000, 1, TxnDate="2026-11-24")
    assert cost() == 2000
    returned = sell(bench, "CreditMemo", "Baker", line("Bolt", Quantity=10 * ONE), TxnDate="2026-11-23")
    assert next(row[2] for row in postings(bench, returned) if row[0] == "Cost of Goods Sold") == -2000


def test_classes_of_lines_and_of_the_header() -> None:
    bench = shop()
    saved = sell(bench, "Invoice", "Baker", line("Lamp"), line("Lamp", ClassRef=ref("West")), group(), ClassRef=ref("East"))
    assert [row[4] for row in postings(bench, saved) if row[0] == "Sales:Wholesale"] == ["East", "West", "East", "East"]
    assert [each.get("ClassRef", {}).get("FullName") for each in lines_of(saved)] == [None, "West", None]
    assert saved["ClassRef"]["FullName"] == "East"
    [_one, other, _group] = lines_of(saved)
    after = bench.changed("Invoice", saved, **with_lines("Invoice", kept("Invoice", other), ClassRef={}))
    assert "ClassRef" not in after
    assert [row[4] for row in postings(bench, after)] == [None, "West"]


AMOUNTS = st.integers(0, 10**6)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(POSTING),
    st.lists(st.tuples(st.sampled_from(["Lamp", "Repair", "Bolt", "Egg"]), st.integers(1, 50), AMOUNTS), min_size=1, max_size=5),
    st.sampled_from(["All Taxes", "Flat", "No Tax"]),
    st.booleans(),
)
def test_any_sale_posts_its_total_and_moves_its_stock(
    kind: str, goods: list[tuple[str, int, int]], tax: str, pending: bool
) -> None:
    bench = shop()
    before = bench.truth.ledger_sums()
    lines = [line(item, Quantity=count * ONE, Amount=cents) for item, count, cents in goods]
    saved = sell(bench, kind, "Abercrombie", *lines, ItemSalesTaxRef=ref(tax), IsPending=pending)
    total_cents = saved["Subtotal"] + saved["SalesTaxTotal"]
    assert saved["Subtotal"] == sum(cents for _item, _count, cents in goods)
    taxable_cents = sum(cents for item, _count, cents in goods if item != "Repair")
    rates = {"All Taxes": [100, 50, 50, 625], "Flat": [825], "No Tax": [0]}[tax]
    assert saved["SalesTaxTotal"] == sum((taxable_cents * rate + 5000) // 10_000 for rate in rates)
    sums, sign = bench.truth.ledger_sums(), SIGN[kind]
    moved = {name: sums.get(name, 0) - before.get(name, 0) for name in sums}
    if pending:
        assert set(moved.values()) == {0}
        return
    assert moved[MAIN_ACCOUNT[kind]] == sign * total_cents
    assert moved.get("Sales Tax Payable", 0) == -sign * saved["SalesTaxTotal"]
    for item in ("Bolt", "Egg"):
        assert on_hand(bench, item) == 1000 - sign * sum(count for name, count, _cents in goods if name == item)
    # 0.50 and 0.10 a piece
    cost_cents = sum(count * {"Bolt": 50, "Egg": 10}.get(item, 0) for item, count, _cents in goods)
    assert moved.get("Cost of Goods Sold", 0) == sign * cost_cents


def test_a_payment_on_a_charge() -> None:
    bench = shop()
    saved = charge(bench, "Baker")
    received(bench, 4000, part(saved, 4000))
    now = bench.one("Charge", saved)
    assert (now["Amount"], now["BalanceRemaining"], now["IsPaid"]) == (4500, 500, False)
    assert [(each["TxnType"], each["Amount"]) for each in now["LinkedTxn"]] == [("ReceivePayment", -4000)]
