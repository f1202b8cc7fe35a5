"""Lines of sales: figures, subtotals, discounts, payments, taxes, sites, units, price levels, custom fields."""

import pytest

from company.helpers import line
from company.proven import ONE, Values, ref

from .selling import (
    POSTING,
    SALES,
    SIGN,
    charge,
    group,
    kept,
    lines_of,
    on_hand,
    parts_of,
    postings,
    refused,
    sell,
    shop,
    with_lines,
)

FIGURES = ("Quantity", "Rate", "RatePercent", "Amount")


def figures(saved: Values) -> list[tuple[int | None, ...]]:
    """Return quantity, rate, percentage and amount of every line of an answer."""
    return [tuple(each.get(name) for name in FIGURES) for each in lines_of(saved)]


def amounts(saved: Values) -> list[int | None]:
    return [each.get("Amount", each.get("TotalAmount")) for each in lines_of(saved)]


TAXED, UNTAXED = line("Lamp", Amount=10_000), line("Repair", Amount=10_000)

TOTALS: dict[str, tuple[list[Values], list[int | None], int]] = {
    "a subtotal is no amount of its own": ([TAXED, UNTAXED, line("Subtotal")], [10_000, 10_000, 20_000], 10_000),
    "a subtotal begins after the last one": (
        [TAXED, line("Subtotal"), UNTAXED, line("Subtotal")], [10_000, 10_000, 10_000, 10_000], 10_000,
    ),
    "a percentage acts on the line above": ([UNTAXED, TAXED, line("Tenth Off")], [10_000, 10_000, -1000], 9000),
    "and on a subtotal": ([TAXED, UNTAXED, line("Subtotal"), line("Tenth Off")], [10_000, 10_000, 20_000, -2000], 9000),
    "a percentage off what is not taxed lowers no tax": ([TAXED, UNTAXED, line("Tenth Off")], [10_000, 10_000, -1000], 10_000),
    "an untaxed percentage lowers no tax": ([TAXED, line("Tenth Off Untaxed")], [10_000, -1000], 10_000),
    "a flat discount acts on every line above": ([UNTAXED, TAXED, line("Two Off")], [10_000, 10_000, -200], 9900),
    "of two discounts the other acts on the one": ([TAXED, line("Tenth Off"), line("Tenth Off")], [10_000, -1000, 100], 9100),
    "a flat discount that is not taxed": ([TAXED, line("Two Off Untaxed")], [10_000, -200], 10_000),
    "a discount as said": ([TAXED, line("Two Off", Amount=-300)], [10_000, -300], 9700),
    "a discount lowers however it is written": ([TAXED, line("Two Off", Rate=3 * ONE)], [10_000, -300], 9700),
    "another percentage": ([TAXED, line("Tenth Off", RatePercent=-25 * ONE)], [10_000, -2500], 7500),
    "a percentage for a flat discount": ([TAXED, line("Two Off", RatePercent=5 * ONE)], [10_000, -500], 9500),
    "an amount for a percentage": ([TAXED, line("Tenth Off", Amount=-50)], [10_000, -50], 9950),
    "a discount after a subtotal counts in the next": (
        [TAXED, line("Subtotal"), line("Tenth Off"), UNTAXED, line("Subtotal")], [10_000, 10_000, -1000, 10_000, 9000], 9000,
    ),
    "on a group": ([group(), line("Tenth Off")], [9200, -920], 180),
    "a charge of a percentage": ([TAXED, line("Freight")], [10_000, 500], 10_000),
    "a charge of another percentage": ([TAXED, line("Freight", RatePercent=7 * ONE)], [10_000, 700], 10_000),
    "text takes no part": ([TAXED, {"Desc": "thanks"}, line("Tenth Off")], [10_000, None, -1000], 9000),
}  # fmt: skip


@pytest.mark.parametrize("kind", SALES)
@pytest.mark.parametrize("name", TOTALS)
def test_lines_that_calculate(kind: str, name: str) -> None:
    """Documented: a percentage off acts on the line above alone, for tax too; a flat one on every line above."""
    lines, expected, taxable_cents = TOTALS[name]
    saved = sell(shop(), kind, "Abercrombie", *lines, ItemSalesTaxRef=ref("Flat"))
    assert amounts(saved) == expected
    calculated = {"Subtotal"}
    counted = [
        cents for cents, each in zip(expected, lines, strict=True) if each.get("ItemRef", {}).get("FullName") not in calculated
    ]
    assert saved["Subtotal"] == sum(cents or 0 for cents in counted)
    assert saved["SalesTaxTotal"] == (taxable_cents * 825 + 5000) // 10_000


@pytest.mark.parametrize(
    ("item", "said"),
    [("Tenth Off", {}), ("Two Off", {}), ("Two Off", {"Amount": -5}), ("Paid At Once", {"Amount": 5}), ("Flat", {"Amount": 5})],
)
@pytest.mark.parametrize("kind", SALES)
def test_what_calculates_takes_no_quantity(kind: str, item: str, said: Values) -> None:
    """Documented for discounts; the code is our choice."""
    assert refused(shop(), kind, "Baker", TAXED, line(item, Quantity=ONE, **said)) == 3180


@pytest.mark.parametrize(("item", "account"), [("Paid At Once", "Undeposited Funds"), ("Paid To Bank", "Operating Account")])
@pytest.mark.parametrize("cents", [4000, -4000])
def test_a_payment_line(item: str, account: str, cents: int) -> None:
    """Documented: it lowers what is owed, and the money is where its item says."""
    bench = shop()
    saved = sell(bench, "Invoice", "Abercrombie", TAXED, line(item, Amount=cents), ItemSalesTaxRef=ref("Flat"))
    assert (amounts(saved), saved["SalesTaxTotal"], saved["BalanceRemaining"]) == ([10_000, -4000], 825, 6825)
    assert [row[:3] for row in postings(bench, saved)] == [
        ("Accounts Receivable", "Abercrombie", 6825),
        ("Sales:Wholesale", "Abercrombie", -10_000),
        (account, "Abercrombie", 4000),
        ("Sales Tax Payable", "State Office", -825),
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([line("State")], [625]),
        ([UNTAXED, line("Subtotal"), line("State"), line("County")], [10_000, 20_000, 1250, 0]),
        ([UNTAXED, line("Subtotal"), line("State"), line("County", Amount=200)], [10_000, 20_000, 1250, 200]),
        ([UNTAXED, line("Subtotal"), line("State", Amount=999)], [10_000, 20_000, 999]),
    ],
)
@pytest.mark.parametrize("kind", POSTING)
def test_a_tax_line(kind: str, lines: list[Values], expected: list[int]) -> None:
    """Documented: the first tax line works itself out, others need an amount; the rate shows the amount; it is its agency's."""
    bench = shop()
    saved = sell(bench, kind, "Abercrombie", TAXED, *lines, ItemSalesTaxRef=ref("No Tax"))
    assert amounts(saved) == [10_000, *expected]
    taxes = [each for each in lines_of(saved) if each["ItemRef"]["FullName"] in ("State", "County")]
    assert [(each["Rate"], "RatePercent" in each) for each in taxes] == [(each["Amount"] * 1000, False) for each in taxes]
    rows = [row[:4] for row in postings(bench, saved) if row[0] == "Sales Tax Payable"]
    agency = {"State": "State Office", "County": "County Office"}
    assert rows == [
        ("Sales Tax Payable", agency[each["ItemRef"]["FullName"]], -SIGN[kind] * each["Amount"], each["ItemRef"]["FullName"])
        for each in taxes
    ]


def test_a_group_of_taxes_is_no_line() -> None:
    """Documented: tax groups can only be used for the whole sale; the code is our choice."""
    assert refused(shop(), "Invoice", "Baker", TAXED, line("All Taxes")) == 3140


@pytest.mark.parametrize("kind", SALES)
def test_what_is_said_of_a_line_is_told(kind: str) -> None:
    bench = shop()
    more = {} if kind in ("Estimate", "SalesOrder") else {"ServiceDate": "2026-10-01"}
    said = {"Desc": "As agreed", "Other1": "one", "Other2": "two", "ClassRef": ref("East"), **more}
    field = {"OwnerID": "0", "DataExtName": "Color", "DataExtValue": "red"}
    saved = sell(bench, kind, "Baker", line("Lamp", **said, DataExt=[field]), group(DataExt=[{**field, "DataExtValue": "blue"}]))
    now = bench.one(kind, saved, OwnerID=["0"])
    first, other = lines_of(now)
    assert {name: first[name] for name in said if name != "ClassRef"} | {"ClassRef": ref("East")} == said
    assert [each["DataExtRet"][0]["DataExtValue"] for each in (first, other)] == ["red", "blue"]
    after = bench.changed(kind, saved, **with_lines(kind, kept(kind, first, Other1=None, ClassRef={})))
    assert lines_of(after)[0].keys().isdisjoint({"Other1", "ClassRef"})
    [left] = lines_of(bench.one(kind, saved, OwnerID=["0"]))
    assert left["DataExtRet"][0]["DataExtValue"] == "red"
    assert bench.sql("SELECT count(*) FROM data_ext WHERE object = ?", kind) == [(1,)]
    for unknown in ({**field, "DataExtName": "Size"}, {**field, "OwnerID": "{8F3C1B52-0A47-4D6E-9B1C-5E2F7A9D3C10}"}):
        assert refused(bench, kind, "Baker", line("Lamp", DataExt=[unknown])) == 3180


@pytest.mark.parametrize("kind", SALES)
def test_sites(kind: str) -> None:
    """Reported: a site on what is not in stock is an invalid reference."""
    bench = shop()
    north: Values = {"InventorySiteRef": ref("North")}
    saved = sell(bench, kind, "Baker", line("Bolt", Quantity=2 * ONE, **north), group(**north))
    assert lines_of(saved)[0]["InventorySiteRef"]["FullName"] == "North"
    assert [each.get("InventorySiteRef", ref(""))["FullName"] for each in parts_of(saved, 1)] == ["North", ""]
    sites = bench.sql("SELECT full_name, sum(quantity) FROM movement JOIN list_record ON record = site GROUP BY site")
    assert sites == ([("North", -SIGN[kind] * 3 * ONE)] if kind in POSTING else [])
    assert refused(bench, kind, "Baker", line("Repair", **north)) == 3140
    assert refused(bench, kind, "Baker", line("Bolt", InventorySiteRef=ref("East"))) == 3140
    stored = lines_of(saved)[0]
    after = bench.changed(kind, saved, **with_lines(kind, kept(kind, stored, ItemRef=ref("Repair"))))
    assert "InventorySiteRef" not in lines_of(after)[0]


@pytest.mark.parametrize(
    ("customer", "said", "rate"),
    [
        ("Baker", {}, 1_050_000),
        ("Dealer", {}, 945_000),
        ("Dealer:Branch", {}, 945_000),  # the nearest ancestor's
        ("Baker", {"PriceLevelRef": ref("Wholesale")}, 945_000),
        ("Dealer", {"PriceLevelRef": ref("Special")}, 900_000),
        ("Dealer", {"Rate": 1_050_000}, 1_050_000),
        ("Dealer", {"Amount": 500}, 500_000),
    ],
)
@pytest.mark.parametrize("kind", SALES)
def test_price_levels(kind: str, customer: str, said: Values, rate: int) -> None:
    """Documented: the customer's level is the default price, a line's own takes its place, and which one it was is not told."""
    bench = shop()
    saved = sell(bench, kind, customer, line("Lamp", **said))
    assert figures(saved) == [(None, rate, None, rate // 1000)]
    assert "PriceLevelRef" not in lines_of(saved)[0]
    [stored] = lines_of(saved)
    after = bench.changed(kind, saved, **with_lines(kind, kept(kind, stored, Quantity=2 * ONE)))
    assert figures(after) == [(2 * ONE, rate, None, rate // 500)]
    after = bench.changed(kind, saved, **with_lines(kind, kept(kind, stored, PriceLevelRef=ref("Special"))))
    assert figures(after) == [(2 * ONE, 900_000, None, 1800)]


MARKUPS: list[tuple[Values, int]] = [
    ({"MarkupRatePercent": 20 * ONE}, 2520),
    ({"MarkupRate": 3 * ONE}, 2400),
    ({"MarkupRate": 3 * ONE, "Amount": 2000}, 2000),
    ({"PriceLevelRef": ref("Wholesale")}, 1890),
]


@pytest.mark.parametrize(("said", "cents"), MARKUPS)
@pytest.mark.parametrize(("changed", "after_cents"), [m for m in MARKUPS if "Amount" not in m[0]])
def test_markup_of_an_estimate(said: Values, cents: int, changed: Values, after_cents: int) -> None:
    bench = shop()
    saved = sell(bench, "Estimate", "Baker", line("Lamp", Quantity=2 * ONE, **said))
    [stored] = lines_of(saved)
    assert stored["Amount"] == cents == saved["TotalAmount"]
    assert {name: stored[name] for name in ("MarkupRate", "MarkupRatePercent") if name in stored} == {
        name: said[name] for name in ("MarkupRate", "MarkupRatePercent") if name in said
    }
    told = bench.changed("Estimate", saved, **with_lines("Estimate", kept("Estimate", stored, Rate=1_050_000, **changed)))
    [after] = lines_of(told)
    assert {name for name in ("MarkupRate", "MarkupRatePercent") if name in after} == changed.keys() - {"PriceLevelRef"}
    assert after["Amount"] == (2100 if "PriceLevelRef" in changed else after_cents)


class TestUnits:
    """Documented: quantity, price and rate are in the unit of the line, stock is counted in base units."""

    @pytest.mark.parametrize(
        ("item", "said", "unit", "rate", "cents", "pieces"),
        [
            ("Egg", {}, None, 25_000, 50, 2),
            ("Egg", {"UnitOfMeasure": "each"}, "each", 25_000, 50, 2),
            ("Egg", {"UnitOfMeasure": "dozen"}, "dozen", 300_000, 600, 24),
            ("Egg", {"UnitOfMeasure": "DZ"}, "DZ", 300_000, 600, 24),
            ("Egg", {"UnitOfMeasure": "bx", "Rate": 200_000}, "bx", 200_000, 400, 12),
            ("Egg", {"UnitOfMeasure": "dozen", "Amount": 500}, "dozen", 250_000, 500, 24),
            ("Egg", {"UnitOfMeasure": "dozen", "PriceLevelRef": ref("Wholesale")}, "dozen", 270_000, 540, 24),
            ("Roll", {}, "dozen", 300_000, 600, 24),  # the set's default for sales
            ("Roll", {"UnitOfMeasure": "ea"}, "ea", 25_000, 50, 2),
        ],
    )
    def test_of_a_line(self, item: str, said: Values, unit: str | None, rate: int, cents: int, pieces: int) -> None:
        bench = shop()
        saved = sell(bench, "Invoice", "Baker", line(item, Quantity=2 * ONE, **said))
        assert figures(saved) == [(2 * ONE, rate, None, cents)]
        assert lines_of(saved)[0].get("UnitOfMeasure") == unit
        assert on_hand(bench, item) == 1000 - pieces
        assert postings(bench, saved)[1][5] == -pieces * ONE
        bench.changed("Invoice", saved, Memo="still")
        assert on_hand(bench, item) == 1000 - pieces

    @pytest.mark.parametrize(("item", "unit"), [("Egg", "gross"), ("Roll", "bx"), ("Lamp", "each"), ("Repair", "hour")])
    @pytest.mark.parametrize("kind", SALES)
    def test_a_unit_that_is_not_there(self, kind: str, item: str, unit: str) -> None:
        assert refused(shop(), kind, "Baker", line(item, Quantity=ONE, UnitOfMeasure=unit)) == 3140

    @pytest.mark.parametrize(
        ("said", "rate", "pieces"),
        [
            ({"UnitOfMeasure": "dozen"}, 300_000, 24),
            ({"UnitOfMeasure": "dozen", "Quantity": ONE}, 300_000, 12),
            ({"UnitOfMeasure": "dozen", "Rate": ONE}, ONE, 24),
            ({"UnitOfMeasure": None}, 25_000, 2),
            ({"UnitOfMeasure": "box"}, 150_000, 12),
            ({"OverrideUOMSetRef": ref("Dozens"), "UnitOfMeasure": "dozen"}, 300_000, 24),
        ],
    )
    def test_another_unit_by_a_mod(self, said: Values, rate: int, pieces: int) -> None:
        """Inferred from the form on screen: the rate goes over into the new unit."""
        bench = shop()
        saved = sell(bench, "Invoice", "Baker", line("Egg", Quantity=2 * ONE, UnitOfMeasure="box", Rate=150_000))
        [stored] = lines_of(saved)
        after = bench.changed("Invoice", saved, **with_lines("Invoice", kept("Invoice", stored, **said)))
        quantity = said.get("Quantity", 2 * ONE)
        assert figures(after) == [(quantity, rate, None, quantity * rate // 10**8)]
        assert on_hand(bench, "Egg") == 1000 - pieces

    def test_another_set_of_units(self) -> None:
        bench = shop()
        saved = sell(bench, "Invoice", "Baker", line("Egg", Quantity=2 * ONE))
        [stored] = lines_of(saved)
        wrong = {"OverrideUOMSetRef": ref("Dozens"), "UnitOfMeasure": "box"}
        assert bench.unchanged("Invoice", saved, **with_lines("Invoice", kept("Invoice", stored, **wrong))) == 3140

    def test_of_a_charge(self) -> None:
        bench = shop()
        saved = charge(bench, "Baker", "Egg", Quantity=2 * ONE, UnitOfMeasure="dozen")
        assert (saved["Rate"], saved["Amount"], saved["UnitOfMeasure"], on_hand(bench, "Egg")) == (300_000, 600, "dozen", 976)
        assert bench.changed("Charge", saved, UnitOfMeasure="each")["Amount"] == 50
        assert on_hand(bench, "Egg") == 998
