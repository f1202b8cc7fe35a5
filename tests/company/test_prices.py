"""Price levels: fixed percentages, prices per item, percentages per item."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .helpers import line
from .proven import ONE, Values, ref
from .rules.selling import SALES, charge, group, lines_of, parts_of, refused, sell, shop

ABOVE = line("Repair", Amount=10_000)


@pytest.mark.parametrize(
    ("of_level", "item", "figures"),
    [
        ({"CustomPrice": 9 * ONE}, "Lamp", (9 * ONE, None, 900)),
        ({"CustomPrice": 0}, "Lamp", (0, None, 0)),
        ({"CustomPrice": 12_345}, "Lamp", (12_345, None, 12)),
        ({"CustomPricePercent": 50 * ONE}, "Lamp", (525_000, None, 525)),  # of its own price (our choice)
        ({"CustomPricePercent": 7 * ONE}, "Freight", (None, 7 * ONE, 700)),  # in the place of its own percentage
        ({"CustomPrice": 3 * ONE}, "Freight", (3 * ONE, None, 300)),
        ({"AdjustPercentage": -20 * ONE, "AdjustRelativeTo": "StandardPrice"}, "Lamp", (840_000, None, 840)),
        ({"AdjustPercentage": 50 * ONE, "AdjustRelativeTo": "Cost"}, "Lamp", (600_000, None, 600)),
    ],
)
@pytest.mark.parametrize("kind", SALES)
def test_a_level_per_item(kind: str, of_level: Values, item: str, figures: tuple[int | None, int | None, int]) -> None:
    """Documented: a price, or a percentage, or a price worked out from another one when the level is made."""
    bench = shop()
    bench.add("PriceLevel", {"Name": "Mine", "PriceLevelPerItem": [{"ItemRef": ref(item), **of_level}]})
    bench.add("Customer", {"Name": "Dealer of Mine", "PriceLevelRef": ref("Mine")})
    for customer, said in (("Baker", {"PriceLevelRef": ref("Mine")}), ("Dealer of Mine", {})):
        sold = lines_of(sell(bench, kind, customer, ABOVE, line(item, **said)))[1]
        assert (sold.get("Rate"), sold.get("RatePercent"), sold["Amount"]) == figures
    other = lines_of(sell(bench, kind, "Dealer of Mine", line("Bolt")))[0]
    assert other["Rate"] == 2 * ONE  # the level says nothing of it


def test_what_a_level_leaves_alone() -> None:
    """A discount, a payment and a percentage of the line above are no prices."""
    lines = (ABOVE, line("Two Off"), line("Tenth Off"), line("Freight"), line("Paid At Once", Amount=5))
    bench = shop()
    assert [each["Amount"] for each in lines_of(sell(bench, "Invoice", "Dealer", *lines))] == [
        each["Amount"] for each in lines_of(sell(bench, "Invoice", "Baker", *lines))
    ]


def test_groups_and_charges_are_at_the_level_too() -> None:
    bench = shop()
    assert [each["Amount"] for each in parts_of(sell(bench, "Invoice", "Dealer", group()))] == [180, 8100]
    assert charge(bench, "Dealer", "Lamp")["Amount"] == 945


def test_without_price_levels() -> None:
    bench = shop(price_levels=False)
    assert refused(bench, "Invoice", "Baker", line("Lamp", PriceLevelRef=ref("Wholesale"))) == 3250


@settings(max_examples=60, deadline=None)
@given(st.integers(-100 * ONE, 300 * ONE), st.integers(0, 10**7), st.integers(1, 100))
def test_any_fixed_percentage(percent: int, price: int, count: int) -> None:
    """The rate is the price with the percentage, to five decimals; the amount is rate times quantity."""
    bench = shop()
    bench.add("PriceLevel", {"Name": "Any", "PriceLevelFixedPercentage": percent})
    bench.add("ItemService", {"Name": "Work", "SalesOrPurchase": {"Price": price, "AccountRef": ref("Sales")}})
    work = line("Work", Quantity=count * ONE, PriceLevelRef=ref("Any"))
    [sold] = lines_of(sell(bench, "Invoice", "Baker", work))
    exact = price * (100 * ONE + percent)
    assert abs(sold["Rate"] * 100 * ONE - exact) * 2 <= 100 * ONE
    assert abs(sold["Amount"] * 1000 - sold["Rate"] * count) * 2 <= 1000
