"""Deleting and voiding: afterwards the books are as if it had never been - ledger, stock, links, orders, deposits, balances."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from company.proven import (
    Proven,
    Values,
    adjusted,
    assembly,
    billed,
    built,
    by_pieces,
    by_value,
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
from emulator.company.transaction_rows import TRANSACTIONS
from emulator.qbxml import schema_of

from .test_refunds import applied, card, check
from .test_transfers import paying_tax, taxed

EARLY = "2026-06-01"


class World:
    """Books in which something of everything stands: what a new transaction can pay, use, fulfil, move and take to the bank."""

    def __init__(self) -> None:
        self.bench = bench = Proven()
        assembly(bench, "Machine", Bolt=2, Nut=1)
        bench.add("Bill", purchase("Bill", goods("Bolt", 100, 0.5), goods("Nut", 100, 0.25), TxnDate=EARLY))
        bench.add("BuildAssembly", built("Machine", 5, TxnDate="2026-10-01"))
        bench.add("Invoice", sold("Bolt", 10, TxnDate="2026-11-01"))
        bench.add("SalesReceipt", sold("Machine", 2, kind="SalesReceipt", TxnDate="2026-11-02"))
        self.invoice, self.memo = owed(bench, 900), owed(bench, 400, kind="CreditMemo")
        self.bill, self.credit = billed(bench, 900), billed(bench, 400, kind="VendorCredit")
        self.advance, self.waits = received(bench, 300), received(bench, 200)
        self.sale = taxed(bench, 2_000)
        self.order = bench.add("PurchaseOrder", ordered(goods("Bolt", 10, 0.75), goods("Nut", 10)))
        line = {"ItemRef": ref("Bolt"), "Quantity": 300_000}
        sales = {"CustomerRef": ref("Baker"), "SalesOrderLineAdd|SalesOrderLineGroupAdd": [("SalesOrderLineAdd", line)]}
        self.sales_order = bench.add("SalesOrder", sales)

    def state(self) -> dict[str, Any]:
        """Return everything that follows from transactions, without the transactions themselves."""
        ask = self.bench.sql
        return {
            "ledger": sorted(
                ask("SELECT txn, account, coalesce(entity, 0), cents, home_cents, coalesce(class, 0) FROM posting WHERE cents")
            ),
            "balances": ask("SELECT * FROM balance WHERE total_cents ORDER BY record"),
            "stock": ask("SELECT * FROM stock WHERE quantity OR value_cents ORDER BY item"),
            "movements": ask(
                "SELECT txn, item, quantity, value_cents, site FROM movement WHERE quantity OR value_cents ORDER BY txn, line"
            ),
            "links": ask("SELECT target, source, cents, discount_cents FROM application ORDER BY target, source"),
            "orders": ask("SELECT txn, line_id, done FROM order_line ORDER BY txn, line_id"),
            "fulfilled": ask("SELECT * FROM fulfilment"),
            "deposited": ask("SELECT * FROM deposited"),
            "open": dict(ask("SELECT txn_id, open_cents FROM txn WHERE open_cents")),
        }


def _sale(kind: str) -> Callable[[World], Values]:
    return lambda world: sold("Bolt", 3, kind=kind, TxnDate="2026-07-01")


def _bought(kind: str, linked: bool = False) -> Callable[[World], Values]:
    lines = (expense(50), goods("Bolt", 7, 0.9), goods("Nut", 3))
    return lambda world: purchase(
        kind, *lines, TxnDate="2026-07-01", **({"LinkToTxnID": [world.order["TxnID"]]} if linked else {})
    )


MADE: dict[str, Callable[[World], Values]] = {
    "Invoice": lambda world: {
        **sold("Bolt", 3, TxnDate="2026-07-01"),
        "SetCredit": [using(world.advance, 5)],
        "LinkToTxnID": [world.sales_order["TxnID"]],
    },
    "SalesReceipt": _sale("SalesReceipt"),
    "CreditMemo": _sale("CreditMemo"),
    "Estimate": _sale("Estimate"),
    "SalesOrder": _sale("SalesOrder"),
    "Charge": lambda world: {"CustomerRef": ref("Baker"), "ItemRef": ref("Repair"), "Amount": 500},
    "ReceivePayment": lambda world: {
        "CustomerRef": ref("Baker"),
        "TotalAmount": 500,
        "AppliedToTxnAdd": [part(world.invoice, 400, **discount(20))],
    },
    "PurchaseOrder": lambda world: ordered(goods("Bolt", 5)),
    "Bill": _bought("Bill", linked=True),
    "ItemReceipt": _bought("ItemReceipt", linked=True),
    "VendorCredit": _bought("VendorCredit"),
    "Check": lambda world: check(applied(world.memo, 300), cents=400),
    "CreditCardCharge": _bought("CreditCardCharge"),
    "CreditCardCredit": _bought("CreditCardCredit"),
    "BillPaymentCheck": lambda world: paying(part(world.bill, 300, **discount(30))),
    "BillPaymentCreditCard": lambda world: paying(part(world.bill, 300), kind="BillPaymentCreditCard"),
    "SalesTaxPaymentCheck": lambda world: paying_tax(("State Tax", 100)),
    "JournalEntry": lambda world: journal((500, "Accounts Receivable", "Baker"), (-500, "Sales")),
    "Deposit": lambda world: deposit(world.waits, {"AccountRef": ref("Sales"), "Amount": 70}),
    "ARRefundCreditCard": lambda world: card(applied(world.memo, 100), applied(world.advance, 100)),
    "InventoryAdjustment": lambda world: adjusted(by_pieces("Bolt", -5), by_value("Nut", 300, 2), TxnDate="2026-07-01"),
    "BuildAssembly": lambda world: built("Machine", 3, TxnDate="2026-07-01"),
    "TransferInventory": lambda world: {
        "FromInventorySiteRef": ref("North"),
        "ToInventorySiteRef": ref("South"),
        "TransferInventoryLineAdd": [{"ItemRef": ref("Bolt"), "QuantityToTransfer": 300_000}],
    },
    "TimeTracking": lambda world: {"TxnDate": "2026-07-01", "EntityRef": ref("Lamp Factory"), "Duration": "PT1H"},
    "VehicleMileage": lambda world: {"VehicleRef": ref("Van"), "TripEndDate": "2026-07-01", "TotalMiles": 500_000},
}
"""Kind -> what is added, with links wherever it can have them, and dated before what uses the same stock."""

USED: dict[str, Callable[[World, Values], None]] = {
    "Invoice": lambda world, made: _pay(world, made),
    "Charge": lambda world, made: _pay(world, made),
    "JournalEntry": lambda world, made: _pay(world, made),
    "CreditMemo": lambda world, made: _use(world, made),
    "ReceivePayment": lambda world, made: _use(world, made),
    "Bill": lambda world, made: _pay_bill(world, part(made, 100, SetCredit=[using(world.credit, 50)])),
    "VendorCredit": lambda world, made: _pay_bill(world, part(world.bill, SetCredit=[using(made, 50)])),
}
"""Kind -> what is done with it before it is removed."""


def _pay(world: World, made: Values) -> None:
    received(world.bench, 300, part(made, 100, SetCredit=[using(world.memo, 50)], **discount(10)))


def _use(world: World, made: Values) -> None:
    values = {"CustomerRef": ref("Baker"), "AppliedToTxnAdd": [part(world.invoice, SetCredit=[using(made, 50)])]}
    assert world.bench.ask("ReceivePayment", "Add", {"ReceivePaymentAdd": values}).status.code == 0
    world.bench.add("ARRefundCreditCard", card(applied(made, 10)))


def _pay_bill(world: World, applied_part: Values) -> None:
    assert world.bench.ask("BillPaymentCheck", "Add", {"BillPaymentCheckAdd": paying(applied_part)}).status.code == 0


def kinds(operation: str) -> list[str]:
    message = schema_of("16.0").message(f"Txn{operation}Rq")
    assert message is not None
    return sorted(message.children[0].values)  # type: ignore[union-attr]


def removals() -> list[tuple[str, str]]:
    return [(operation, kind) for operation in ("Del", "Void") for kind in kinds(operation)]


def test_every_kind_is_here() -> None:
    assert MADE.keys() == set(kinds("Del")) >= set(kinds("Void")) >= USED.keys() - {"ReceivePayment"}
    assert all(operation in TRANSACTIONS[kind].operations for operation, kind in removals())


@pytest.mark.parametrize(("operation", "kind"), removals())
def test_everything_is_undone(operation: str, kind: str) -> None:
    world = World()
    bench = world.bench
    if kind == "VehicleMileage":
        bench.add("Vehicle", {"Name": "Van"})
    before = world.state()
    made = bench.add(kind, MADE[kind](world))
    bench.removed(operation, kind, made)
    assert world.state() == before
    if operation == "Del":
        assert bench.query(kind, TxnID=[made["TxnID"]]).status.code == 500
        assert bench.remove("Del", kind, made) == 3120
        return
    now = bench.one(kind, made)
    assert now.get("Memo", "VOID:") == "VOID:"  # a charge has none
    if "Mod" in TRANSACTIONS[kind].operations:
        bench.changed(kind, made, Memo="stays void")
        assert world.state() == before
    bench.removed("Void", kind, made)
    bench.removed("Del", kind, made)
    assert world.state() == before


@pytest.mark.parametrize(("operation", "kind"), [each for each in removals() if each[1] in USED])
def test_what_it_was_linked_to_is_open_again(operation: str, kind: str) -> None:
    """What was paid of it is unused credit of whoever paid; what it paid is owed again."""
    world = World()
    bench = world.bench
    made = bench.add(kind, MADE[kind](world))
    USED[kind](world, made)
    bench.removed(operation, kind, made)
    number = bench.sql("SELECT number FROM txn WHERE txn_id = ?", made["TxnID"])
    assert bench.sql("SELECT count(*) FROM application WHERE target = ?1 OR source = ?1", number[0][0] if number else 0) == [(0,)]
    assert bench.one("CreditMemo", world.memo)["CreditRemaining"] == 400
    assert bench.one("VendorCredit", world.credit)["OpenAmount"] == 400
    assert bench.one("Invoice", world.invoice)["BalanceRemaining"] == 900
    assert bench.one("Bill", world.bill)["OpenAmount"] == 900
    assert bench.one("ReceivePayment", world.advance)["UnusedPayment"] == 300


@pytest.mark.parametrize("kind", sorted({kind for _operation, kind in removals() if TRANSACTIONS[kind].date == "TxnDate"}))
def test_before_the_closing_date(kind: str) -> None:
    """Adding, changing and voiding is 3171 (recorded for Mod), deleting 3161 (from recall, a switch)."""
    world = World()
    bench, facts = world.bench, world.bench.company._books.facts
    values = {**MADE[kind](world), "TxnDate": "2026-05-01"}
    facts["closing_date"] = "2026-05-01"
    assert bench.refused(kind, values) == 3171
    facts["closing_date"] = "2026-04-30"
    made = bench.add(kind, values)
    facts["closing_date"] = "2026-05-01"
    assert bench.remove("Del", kind, made) == 3161
    if kind in kinds("Void"):
        assert bench.remove("Void", kind, made) == 3171
    if "Mod" in TRANSACTIONS[kind].operations and kind != "TimeTracking":  # its Mod says everything anew
        assert bench.unchanged(kind, made, TxnDate="2026-05-02") == 3171
        facts["closing_date"] = "2026-04-30"
        assert bench.unchanged(kind, made, TxnDate="2026-04-30") == 3171
    facts["closing_date"] = "2026-04-30"
    bench.removed("Del", kind, made)


@pytest.mark.parametrize(("setting", "code"), [("3161", 3161), ("3171", 3171)])
def test_the_code_of_a_deletion_is_a_switch(setting: str, code: int) -> None:
    bench = Proven(switches={"company.closing-date-delete": setting})
    made = billed(bench, 5, TxnDate="2026-05-01")
    bench.company._books.facts["closing_date"] = "2026-05-01"
    assert (bench.remove("Del", "Bill", made), bench.remove("Void", "Bill", made)) == (code, 3171)


@settings(max_examples=10, deadline=None)
@given(
    st.permutations(
        ["Bill", "ItemReceipt", "VendorCredit", "InventoryAdjustment", "BuildAssembly", "Invoice", "Deposit", "Check"]
    ),
    st.data(),
)
def test_in_any_order(order: list[str], data: st.DataObject) -> None:
    """Whatever stands when others come and go, in the end nothing is left of them."""
    world = World()
    before = world.state()
    made = [(kind, world.bench.add(kind, {**MADE[kind](world)})) for kind in order[:4]]
    while made:
        kind, each = made.pop(data.draw(st.integers(0, len(made) - 1)))
        world.bench.removed("Del", kind, each)
    assert world.state() == before
