"""Sales orders and the invoices made from them: what is taken over, what is told, what each side undoes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from company.helpers import line, record_of
from company.proven import ONE, Proven, Values, ref

from .selling import group, kept, key, lines_of, new, parts_of, postings, refused, sale, sell, shop, state, with_lines


def ordered(bench: Proven, *lines: Values, customer: str = "Baker", **header: Any) -> Values:
    """Save a sales order; without lines, ten bolts for 2.00 and three repairs for 10.00."""
    return sell(bench, "SalesOrder", customer, *(lines or (bolts(10), line("Repair", Quantity=3 * ONE, Amount=1000))), **header)


def bolts(count: float, **more: Any) -> Values:
    return line("Bolt", Quantity=round(count * ONE), **more)


def link(order: Values, place: int = 0, **said: Any) -> Values:
    """Return the line of an invoice that takes over a line of an order."""
    stored = [each for one in lines_of(order) for each in _inside(one)][place]
    return {"LinkToTxn": {"TxnID": order["TxnID"], "TxnLineID": stored["TxnLineID"]}, **said}


def _inside(stored: Values) -> list[Values]:
    return stored["SalesOrderLineRet"] if "ItemGroupRef" in stored else [stored]


def invoiced(
    bench: Proven, *lines: Values, whole: tuple[Values, ...] = (), code: int = 0, customer: str = "Baker", **header: Any
) -> Values:
    """Save an invoice with these lines that takes over these orders as a whole."""
    values = {"CustomerRef": ref(customer), **header}
    if whole:
        values["LinkToTxnID"] = [each["TxnID"] for each in whole]
    if lines:
        values[key("Invoice", "Add")] = sale("Invoice", customer, *lines)[key("Invoice", "Add")]
    answer = bench.ask("Invoice", "Add", {"InvoiceAdd": values})
    assert answer.status.code == code, answer.status
    return record_of(answer)


def waits(bench: Proven, order: Values) -> tuple[list[int], bool, int]:
    """Return what is invoiced of each line, whether all is, and how many bolts wait on sales orders."""
    now = bench.one("SalesOrder", order)
    told = [each["Invoiced"] for one in lines_of(now) for each in _inside(one) if "Invoiced" in each]
    return told, now["IsFullyInvoiced"], bench.item("Bolt")["QuantityOnSalesOrder"]


class TestTakingOver:
    def test_a_whole_order(self) -> None:
        """Documented: LinkToTxnID takes over everything that is open."""
        bench = shop()
        said = {"Desc": "big", "Other1": "1", "Other2": "2", "ClassRef": ref("West"), "SalesTaxCodeRef": ref("Non")}
        order = ordered(bench, bolts(10, **said), line("Repair", Quantity=3 * ONE, Amount=1000), {"Desc": "Thank you"})
        assert waits(bench, order) == ([0, 0], False, 10 * ONE)
        saved = invoiced(bench, whole=(order,))
        for one, other in zip(lines_of(saved), lines_of(order), strict=True):
            same = other.keys() - {"TxnLineID", "Invoiced", "IsManuallyClosed"}
            assert {name: one.get(name) for name in same} == {name: other[name] for name in same}
        assert waits(bench, order) == ([10 * ONE, 3 * ONE], True, 0)
        assert [row[2:5] for row in postings(bench, saved)[1:3]] == [(-2000, "Bolt", "West"), (-1000, "Repair", None)]

    def test_its_links(self) -> None:
        bench = shop()
        order = ordered(bench, RefNumber="S-1")
        saved = invoiced(bench, link(order, 0, Quantity=4 * ONE), RefNumber="G-1")
        [told] = bench.one("SalesOrder", order)["LinkedTxn"]
        assert {name: told[name] for name in ("TxnID", "TxnType", "RefNumber", "LinkType", "Amount")} == {
            "TxnID": saved["TxnID"], "TxnType": "Invoice", "RefNumber": "G-1", "LinkType": "QUANTYPE", "Amount": 800,
        }  # fmt: skip
        [told] = saved["LinkedTxn"] if "LinkedTxn" in saved else bench.one("Invoice", saved)["LinkedTxn"]
        assert (told["TxnID"], told["TxnType"], told["LinkType"], told["Amount"]) == (
            order["TxnID"],
            "SalesOrder",
            "QUANTYPE",
            800,
        )

    def test_part_by_part(self) -> None:
        bench = shop()
        order = ordered(bench)
        invoiced(bench, link(order, 0, Quantity=4 * ONE), link(order, 1, Quantity=ONE))
        assert waits(bench, order) == ([4 * ONE, ONE], False, 6 * ONE)
        invoiced(bench, link(order, 0, Quantity=ONE, Rate=3 * ONE), line("Lamp"))
        assert waits(bench, order) == ([5 * ONE, ONE], False, 5 * ONE)
        rest = invoiced(bench, whole=(order,))
        assert [(each["Quantity"], each["Amount"]) for each in lines_of(rest)] == [(5 * ONE, 1000), (2 * ONE, 667)]
        assert waits(bench, order) == ([10 * ONE, 3 * ONE], True, 0)

    @pytest.mark.parametrize(
        ("said", "quantity", "rate", "cents"),
        [
            ({}, 10 * ONE, 150_000, 1500),
            ({"ItemRef": ref("Bolt")}, 10 * ONE, 150_000, 1500),
            ({"Quantity": 3 * ONE}, 3 * ONE, 150_000, 450),
            ({"Quantity": 12 * ONE}, 12 * ONE, 150_000, 1800),  # more than was ordered
            ({"Rate": ONE}, 10 * ONE, ONE, 1000),
            ({"Amount": 99}, 10 * ONE, 9_900, 99),
            ({"Quantity": 3 * ONE, "Amount": 99}, 3 * ONE, 33_000, 99),
            ({"Desc": "x", "Other1": "y"}, 10 * ONE, 150_000, 1500),
            ({"PriceLevelRef": ref("Wholesale")}, 10 * ONE, 180_000, 1800),
        ],
    )
    def test_a_line_with_something_said(self, said: Values, quantity: int, rate: int, cents: int) -> None:
        bench = shop()
        order = ordered(bench, bolts(10, Rate=150_000))
        [taken] = lines_of(invoiced(bench, link(order, 0, **said)))
        assert (taken["Quantity"], taken["Rate"], taken["Amount"]) == (quantity, rate, cents)
        assert taken["Desc"] == said.get("Desc", "A bolt")
        assert waits(bench, order) == ([quantity], quantity >= 10 * ONE, max(10 * ONE - quantity, 0))

    def test_an_amount_that_no_rate_gives(self) -> None:
        bench = shop()
        order = ordered(bench, bolts(7000, Amount=10_000), bolts(0.5, Rate=1000))
        assert [each["Amount"] for each in lines_of(invoiced(bench, whole=(order,)))] == [10_000, 1]

    def test_several_lines_share_what_is_left(self) -> None:
        bench = shop()
        order = ordered(bench)
        saved = invoiced(bench, link(order, 0, Quantity=4 * ONE), link(order, 0))
        assert [each["Quantity"] for each in lines_of(saved)] == [4 * ONE, 6 * ONE]
        assert waits(bench, order) == ([10 * ONE, 0], False, 0)

    def test_units(self) -> None:
        """What waits is counted in base units, what is told is in the unit of the line."""
        bench = shop()
        order = ordered(bench, line("Egg", Quantity=10 * ONE, UnitOfMeasure="dozen", Rate=240_000))
        assert bench.item("Egg")["QuantityOnSalesOrder"] == 120 * ONE
        invoiced(bench, link(order, 0, Quantity=2 * ONE))
        taken = lines_of(invoiced(bench, link(order, 0, Quantity=24 * ONE, UnitOfMeasure="each")))[0]
        assert (taken["Rate"], taken["Amount"]) == (20_000, 480)
        assert bench.item("Egg")["QuantityOnSalesOrder"] == 72 * ONE
        assert waits(bench, order)[0] == [4 * ONE]
        taken = lines_of(invoiced(bench, link(order, 0, UnitOfMeasure="box")))[0]
        assert (taken["Quantity"], taken["Rate"], taken["Amount"]) == (12 * ONE, 120_000, 1440)
        assert waits(bench, order)[:2] == ([10 * ONE], True)

    def test_a_group(self) -> None:
        bench = shop()
        order = ordered(bench, group(Quantity=2 * ONE))
        assert waits(bench, order) == ([0, 0], False, 2 * ONE)
        invoiced(bench, link(order, 0, Quantity=ONE))
        saved = invoiced(bench, whole=(order,))
        assert [(each["ItemRef"]["FullName"], each["Quantity"]) for each in parts_of(saved)] == [
            ("Bolt", ONE),
            ("Repair", 4 * ONE),
        ]
        assert (lines_of(saved)[0]["ItemGroupRef"]["FullName"], waits(bench, order)) == ("Set", ([2 * ONE, 4 * ONE], True, 0))

    @pytest.mark.parametrize(
        ("lines", "first", "rest"),
        [
            # What acts on lines above comes along when one of those does.
            ([bolts(10), line("Tenth Off")], [(0, 4)], [1200, -120]),
            ([bolts(10), line("Repair"), line("Subtotal"), line("Tenth Off")], [(0, 10)], [4500, 4500, -450]),
            ([bolts(10), line("Tenth Off"), line("Repair")], [(0, 10)], [4500]),
            ([bolts(10), line("Two Off")], [(0, 4)], [1200, -200]),
            ([bolts(10), line("Repair"), line("Freight")], [(0, 10)], [4500, 225]),
        ],
    )
    def test_lines_that_calculate(self, lines: list[Values], first: list[tuple[int, int]], rest: list[int]) -> None:
        bench = shop()
        order = ordered(bench, *lines)
        invoiced(bench, *(link(order, place, Quantity=count * ONE) for place, count in first))
        assert [each["Amount"] for each in lines_of(invoiced(bench, whole=(order,)))] == rest
        assert waits(bench, order)[1] is True


class TestClosed:
    """Documented: a closed order is passed over with the warning 570, and what has nothing else is refused as empty (3180)."""

    def close(self, bench: Proven, how: str) -> Values:
        if how == "by hand":
            return ordered(bench, IsManuallyClosed=True)
        if how == "by a Mod":
            return bench.changed("SalesOrder", ordered(bench), IsManuallyClosed=True)
        if how == "line by line":
            return ordered(bench, bolts(10, IsManuallyClosed=True), line("Repair", IsManuallyClosed=True))
        order = ordered(bench)
        invoiced(bench, whole=(order,))
        return order

    @pytest.mark.parametrize("how", ["by hand", "by a Mod", "line by line", "invoiced"])
    def test_an_order(self, how: str) -> None:
        bench = shop()
        order = self.close(bench, how)
        assert bench.item("Bolt")["QuantityOnSalesOrder"] == 0
        assert refused(bench, "Invoice", "Baker", link(order)) == 3180
        assert bench.refused("Invoice", {"CustomerRef": ref("Baker"), "LinkToTxnID": [order["TxnID"]]}) == 3180
        assert len(lines_of(invoiced(bench, line("Lamp"), link(order), code=570))) == 1
        assert len(lines_of(invoiced(bench, line("Lamp"), whole=(order,), code=570))) == 1
        other = ordered(bench)
        assert len(lines_of(invoiced(bench, whole=(order, other), code=570))) == 2

    def test_a_line(self) -> None:
        """Our choice: as a closed order."""
        bench = shop()
        order = ordered(bench, bolts(10, IsManuallyClosed=True), bolts(5), bolts(1))
        assert bench.item("Bolt")["QuantityOnSalesOrder"] == 6 * ONE
        assert refused(bench, "Invoice", "Baker", link(order, 0)) == 3180
        saved = invoiced(bench, link(order, 0), link(order, 1), code=570)
        assert [each["Quantity"] for each in lines_of(saved)] == [5 * ONE]
        assert refused(bench, "Invoice", "Baker", link(order, 1)) == 3180
        assert [each["Quantity"] for each in lines_of(invoiced(bench, whole=(order,)))] == [ONE]

    def test_opened_again(self) -> None:
        bench = shop()
        order = self.close(bench, "by hand")
        bench.changed("SalesOrder", order, IsManuallyClosed=False)
        assert bench.item("Bolt")["QuantityOnSalesOrder"] == 10 * ONE
        assert len(lines_of(invoiced(bench, whole=(order,)))) == 2


def test_refused() -> None:
    bench = shop()
    order, other = ordered(bench), ordered(bench, customer="Abercrombie")
    estimate = sell(bench, "Estimate", "Baker")
    whole = {"CustomerRef": ref("Baker")}
    for links, code in [
        ([order["TxnID"], order["TxnID"]], 3177),
        ([other["TxnID"]], 3120),
        ([estimate["TxnID"]], 3120),  # documented: an estimate cannot be linked
        (["1-1"], 3120),
    ]:
        assert bench.refused("Invoice", {**whole, "LinkToTxnID": links}) == code
    of_estimate = {"LinkToTxn": {"TxnID": estimate["TxnID"], "TxnLineID": lines_of(estimate)[0]["TxnLineID"]}}
    no_line = {"LinkToTxn": {"TxnID": order["TxnID"], "TxnLineID": "FF-1"}}
    for linked, code in [
        (link(other), 3120),
        (of_estimate, 3120),
        (no_line, 3120),
        (link(order, 0, ItemRef=ref("Lamp")), 3180),
        (link(order, 0, Quantity=ONE, Amount=-500), 3180),
    ]:
        assert refused(bench, "Invoice", "Baker", linked) == code, linked
    assert refused(bench, "Invoice", "Baker", link(order), LinkToTxnID=[order["TxnID"]]) == 3000


class TestUndoing:
    def linked(self, bench: Proven) -> tuple[Values, Values]:
        order = ordered(bench)
        return order, invoiced(bench, link(order, 0, Quantity=4 * ONE), line("Lamp"))

    @pytest.mark.parametrize("operation", ["Del", "Void"])
    def test_of_the_invoice(self, operation: str) -> None:
        bench = shop()
        order = ordered(bench)
        before = state(bench)
        saved = invoiced(bench, whole=(order,))
        bench.removed(operation, "Invoice", saved)
        assert state(bench) == before
        assert bench.one("SalesOrder", order).get("LinkedTxn", []) == []
        assert waits(bench, order) == ([0, 0], False, 10 * ONE)
        invoiced(bench, whole=(order,))
        assert waits(bench, order)[1] is True

    def test_of_the_order(self) -> None:
        bench = shop()
        order, saved = self.linked(bench)
        bench.removed("Del", "SalesOrder", order)
        assert bench.one("Invoice", saved).get("LinkedTxn", []) == []
        assert lines_of(bench.changed("Invoice", saved, Memo="alone")) == lines_of(saved)
        assert bench.item("Bolt")["QuantityOnSalesOrder"] == 0

    def test_a_mod_of_the_invoice(self) -> None:
        bench = shop()
        order, saved = self.linked(bench)
        stored, lamp = lines_of(saved)
        bench.changed("Invoice", saved, Memo="x")
        assert waits(bench, order)[0] == [4 * ONE, 0]
        bench.changed("Invoice", saved, **with_lines("Invoice", kept("Invoice", stored, Quantity=7 * ONE), kept("Invoice", lamp)))
        assert waits(bench, order)[0] == [7 * ONE, 0]
        for wrong in (with_lines("Invoice", kept("Invoice", stored, ItemRef=ref("Repair"))), {"CustomerRef": ref("Abercrombie")}):
            assert bench.unchanged("Invoice", saved, **wrong) == 3180
        bench.changed("Invoice", saved, **with_lines("Invoice", kept("Invoice", lamp)))
        assert waits(bench, order) == ([0, 0], False, 10 * ONE)
        bench.changed("Invoice", saved, CustomerRef=ref("Abercrombie"))

    def test_a_mod_of_the_order(self) -> None:
        """What has been invoiced stays on the order, with its item and its customer (3180, our choice)."""
        bench = shop()
        order, saved = self.linked(bench)
        stored, repair = lines_of(order)
        for wrong in (
            {"CustomerRef": ref("Abercrombie")},
            with_lines("SalesOrder", kept("SalesOrder", repair)),
            with_lines("SalesOrder", kept("SalesOrder", stored, ItemRef=ref("Lamp"))),
        ):
            assert bench.unchanged("SalesOrder", order, **wrong) == 3180
        more = (kept("SalesOrder", stored, Quantity=20 * ONE), new("SalesOrder", **bolts(1)))
        bench.changed("SalesOrder", order, **with_lines("SalesOrder", *more))
        assert waits(bench, order) == ([4 * ONE, 0], False, 17 * ONE)
        bench.changed("SalesOrder", order, **with_lines("SalesOrder", kept("SalesOrder", stored, Quantity=3 * ONE)))
        assert waits(bench, order) == ([4 * ONE], True, 0)
        assert bench.one("Invoice", saved)["LinkedTxn"][0]["TxnID"] == order["TxnID"]
        closed = bench.changed("SalesOrder", order, **with_lines("SalesOrder", kept("SalesOrder", stored, IsManuallyClosed=True)))
        assert lines_of(closed)[0]["IsManuallyClosed"] is True

    def test_pending(self) -> None:
        """A pending invoice holds what it takes of the order."""
        bench = shop()
        order = ordered(bench)
        saved = invoiced(bench, whole=(order,), IsPending=True)
        assert waits(bench, order) == ([10 * ONE, 3 * ONE], True, 0)
        bench.changed("Invoice", saved, IsPending=False)
        assert waits(bench, order)[1] is True
        bench.removed("Del", "Invoice", saved)
        assert waits(bench, order) == ([0, 0], False, 10 * ONE)


PARTS = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 8), st.sampled_from(["keep", "Del", "Void", "more"])), max_size=6)


@settings(max_examples=40, deadline=None)
@given(PARTS)
def test_any_parts_of_an_order(parts: list[tuple[int, int, str]]) -> None:
    """Lines invoiced part by part, deleted, voided, changed: what waits is what was ordered less what is invoiced."""
    bench = shop()
    counts = [5, 8, 3]
    order = ordered(bench, *(bolts(count) for count in counts))
    done = [0, 0, 0]
    for place, count, then in parts:
        if done[place] >= counts[place]:
            assert refused(bench, "Invoice", "Baker", link(order, place, Quantity=count * ONE)) == 3180
            continue
        saved = invoiced(bench, link(order, place, Quantity=count * ONE))
        if then in ("Del", "Void"):
            bench.removed(then, "Invoice", saved)
            continue
        if then == "more":
            count += 1
            bench.changed("Invoice", saved, **with_lines("Invoice", kept("Invoice", lines_of(saved)[0], Quantity=count * ONE)))
        done[place] += count
        left = [max(all_of - one, 0) for all_of, one in zip(counts, done, strict=True)]
        assert waits(bench, order) == ([one * ONE for one in done], not any(left), sum(left) * ONE)
    if any(all_of > one for all_of, one in zip(counts, done, strict=True)):
        invoiced(bench, whole=(order,))
    assert waits(bench, order)[1:] == (True, 0)
