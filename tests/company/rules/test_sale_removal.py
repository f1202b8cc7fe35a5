"""Sales deleted and voided: the books are as if they had never been."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from company.helpers import line
from company.proven import ONE, Proven, Values, goods, owed, part, purchase, received, ref, using

from .selling import POSTING, SALES, charge, group, kept, lines_of, new, on_hand, parts_of, sell, shop, state, with_lines

KINDS = (*SALES, "Charge")
VOIDABLE = (*POSTING, "Charge")


def made(bench: Proven, kind: str, **header: Any) -> Values:
    """Save a sale with something of everything on it."""
    if kind == "Charge":
        return charge(bench, "Abercrombie", "Bolt", Quantity=3 * ONE, **header)
    lines = (
        line("Bolt", Quantity=10 * ONE, InventorySiteRef=ref("North"), ClassRef=ref("East")),
        group(Quantity=2 * ONE),
        line("Egg", Quantity=2 * ONE, UnitOfMeasure="dozen"),
        line("Subtotal"),
        line("Tenth Off"),
        line("Paid At Once", Amount=100),
        {"Desc": "Thank you"},
    )
    return sell(bench, kind, "Abercrombie", *lines, ItemSalesTaxRef=ref("All Taxes"), **header)


@pytest.mark.parametrize(("operation", "kind"), [("Del", kind) for kind in KINDS] + [("Void", kind) for kind in VOIDABLE])
@pytest.mark.parametrize("how", ["added", "changed", "pending"])
def test_nothing_is_left(operation: str, kind: str, how: str) -> None:
    bench = shop()
    before = state(bench)
    if how == "pending" and kind not in POSTING:
        return
    saved = made(bench, kind, **({"IsPending": True} if how == "pending" else {}))
    if how == "changed":
        more = (
            {"Quantity": 5 * ONE} if kind == "Charge" else with_lines(kind, *(kept(kind, each) for each in lines_of(saved)[:2]))
        )
        bench.changed(kind, saved, **more)
    if operation == "Void" and how == "pending":
        assert bench.remove("Void", kind, saved) == 3185  # our choice: it has not posted
        return
    bench.removed(operation, kind, saved)
    after = state(bench)
    if kind == "Estimate" or operation == "Void":
        after["unposted"] = before["unposted"]
    if operation == "Void":
        # Its rows stay, with nothing in them.
        stands = bench.sql(
            "SELECT DISTINCT cents, home_cents, coalesce(quantity, 0) FROM posting WHERE txn = ?", saved["TxnNumber"]
        )
        assert stands == [(0, 0, 0)]
        after["posting"] = before["posting"]
    assert after == before
    assert bench.sql("SELECT count(*) FROM data_ext") == [(0,)]
    if operation == "Del":
        assert bench.query(kind, TxnID=[saved["TxnID"]]).status.code == 500
        assert bench.remove("Del", kind, saved) == 3120


@pytest.mark.parametrize("kind", VOIDABLE)
def test_a_voided_sale_stays_with_zero_amounts(kind: str) -> None:
    """Documented; that a Mod which leaves the lines alone leaves it void is inferred."""
    bench = shop()
    saved = made(bench, kind, RefNumber="G-1")
    bench.removed("Void", kind, saved)
    before = state(bench)
    now = bench.one(kind, saved)
    amounts = ("Subtotal", "SalesTaxTotal", "TotalAmount", "Amount", "AppliedAmount", "BalanceRemaining", "CreditRemaining")
    assert {now[name] for name in amounts if name in now} == {0}
    assert (now["RefNumber"], now["TxnNumber"], now.get("IsPaid", True)) == ("G-1", saved["TxnNumber"], True)
    inside = parts_of(now, 1) if kind != "Charge" else []
    assert not any(each.get(name) for each in (*lines_of(now), *inside) for name in ("Amount", "TotalAmount", "Quantity"))
    # A Mod of the header leaves it void.
    again = bench.changed(kind, saved, RefNumber="G-2")
    assert {again[name] for name in amounts if name in again} == {0}
    assert state(bench) | {"posting": []} == before | {"posting": []}  # rows of nothing at most
    if kind != "Charge":
        # What is added to it counts.
        bolts = new(kind, **line("Bolt", Quantity=ONE, Amount=200, SalesTaxCodeRef=ref("Non")))
        assert bench.changed(kind, saved, **with_lines(kind, bolts))["Subtotal"] == 200
        assert abs(on_hand(bench) - 1000) == 1


@pytest.mark.parametrize("operation", ["Del", "Void"])
def test_what_paid_for_it_is_unused_again(operation: str) -> None:
    bench = shop()
    memo = owed(bench, 500, "Abercrombie", kind="CreditMemo")
    paid = received(bench, 4000, customer="Abercrombie")
    before = state(bench)
    saved = made(bench, "Invoice", SetCredit=[using(memo, 300), using(paid, 1000)])
    more = received(bench, 700, part(saved, 700), customer="Abercrombie")
    bench.removed(operation, "Invoice", saved)
    assert bench.one("CreditMemo", memo)["CreditRemaining"] == 500
    assert [bench.one("ReceivePayment", each)["UnusedPayment"] for each in (paid, more)] == [4000, 700]
    bench.removed("Del", "ReceivePayment", more)
    after = state(bench)
    assert {name: after[name] for name in before.keys() - {"posting"}} == {
        name: before[name] for name in before.keys() - {"posting"}
    }


SALES_OF = st.tuples(st.sampled_from([*POSTING, "Charge"]), st.integers(1, 60), st.integers(0, 20_000), st.integers(1, 28))
BILLS_OF = st.tuples(st.just("Bill"), st.integers(1, 500), st.integers(1, 50_000), st.integers(1, 28))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(SALES_OF, BILLS_OF), min_size=1, max_size=8), st.data())
def test_as_if_it_had_never_been(steps: list[tuple[str, int, int, int]], data: st.DataObject) -> None:
    """Any of several sales and purchases on any days taken out again: stock, its value and the ledger are those of the others alone."""
    gone = data.draw(st.integers(0, len(steps) - 1))
    operation = data.draw(st.sampled_from(["Del", "Void"]))
    bench, other = shop(), shop()

    def perform(where: Proven, step: tuple[str, int, int, int]) -> Values:
        kind, count, cents, day = step
        header = {"TxnDate": f"2026-11-{day:02}"}
        if kind == "Bill":
            return where.add("Bill", purchase("Bill", goods("Bolt", count, Amount=cents), party="Mill", **header))
        if kind == "Charge":
            return charge(where, "Baker", "Bolt", Quantity=count * ONE, Amount=cents, **header)
        return sell(where, kind, "Baker", line("Bolt", Quantity=count * ONE, Amount=cents), **header)

    saved = [perform(bench, step) for step in steps]
    for step in steps[:gone] + steps[gone + 1 :]:
        perform(other, step)
    bench.removed(operation, steps[gone][0], saved[gone])
    for name in ("ledger", "balances", "stock"):
        assert state(bench)[name] == state(other)[name]
