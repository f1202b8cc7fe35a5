"""Units of measure: ratios, the price of another unit, what stock is counted in."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.company.units import ONE, in_base_units, price_in_other_unit, price_per_unit

from .helpers import line
from .proven import ref
from .rules.selling import SIGN, kept, lines_of, sell, shop, with_lines

RATIOS = st.sampled_from([1, ONE // 2, ONE, 6 * ONE, 12 * ONE, 144 * ONE, 123_457])


@given(st.integers(-(10**9), 10**9), RATIOS)
def test_a_quantity_in_base_units(quantity: int, ratio: int) -> None:
    assert abs(in_base_units(quantity, ratio) - Fraction(quantity * ratio, ONE)) <= Fraction(1, 2)


@given(st.integers(0, 10**9), RATIOS, RATIOS)
def test_the_price_of_another_unit(price: int, ratio: int, other: int) -> None:
    assert abs(price_in_other_unit(price, ratio, other) - Fraction(price * other, ratio)) <= Fraction(1, 2)
    assert price_in_other_unit(price, ONE, other) == price_per_unit(price, other)
    assert price_in_other_unit(price, ratio, ratio) == price


UNITS = {"each": 1, "box": 6, "dozen": 12}


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(["Invoice", "SalesReceipt", "CreditMemo"]),
    st.lists(st.tuples(st.sampled_from([*UNITS]), st.integers(1, 20)), min_size=1, max_size=5),
)
def test_any_changes_of_unit_and_quantity(kind: str, steps: list[tuple[str, int]]) -> None:
    """Whatever the unit, stock moves by the pieces in it, and a piece costs what it costs."""
    bench = shop()
    saved = None
    for unit, count in steps:
        said = {"UnitOfMeasure": unit, "Quantity": count * ONE}
        if saved is None:
            saved = sell(bench, kind, "Baker", line("Egg", **said))
        else:
            saved = bench.changed(kind, saved, **with_lines(kind, kept(kind, lines_of(saved)[0], **said)))
        pieces = UNITS[unit] * count
        assert bench.item("Egg")["QuantityOnHand"] == (1000 - SIGN[kind] * pieces) * ONE
        [sold] = lines_of(saved)
        assert (sold["Rate"], sold["Amount"]) == (25_000 * UNITS[unit], 25 * pieces)


@pytest.mark.parametrize("kind", ["Estimate", "SalesOrder"])
def test_what_does_not_post_is_in_units_too(kind: str) -> None:
    bench = shop()
    saved = sell(bench, kind, "Baker", line("Egg", Quantity=2 * ONE, UnitOfMeasure="dozen"))
    assert (lines_of(saved)[0]["Rate"], saved["TotalAmount"]) == (300_000, 600)
    egg = bench.item("Egg")
    assert (egg["QuantityOnHand"], egg["QuantityOnSalesOrder"]) == (1000 * ONE, 24 * ONE if kind == "SalesOrder" else 0)


def test_a_feature_that_is_off() -> None:
    bench = shop()
    bench.add(
        "ItemService",
        {"Name": "Haul", "UnitOfMeasureSetRef": ref("Pieces"), "SalesOrPurchase": {"Price": ONE, "AccountRef": ref("Sales")}},
    )
    assert lines_of(sell(bench, "Invoice", "Baker", line("Haul", UnitOfMeasure="dozen")))[0]["Rate"] == 12 * ONE
