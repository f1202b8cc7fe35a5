"""What is worked out and grows beyond what an answer can tell is refused with 3101 where it comes about, and nothing is written."""

from typing import Any

import pytest

from emulator.company.operations import Operations
from emulator.company.prices import Price
from emulator.qbxml import decode_set

from .helpers import Bench, record_of
from .proven import ITEMS, ONE, SHOP, Proven, adjusted, by_value, ordered, purchase, ref, sold

MOST = 10**15 - 1
"""9999999999.99999, the largest quantity that can be written."""

YAML = SHOP.replace("{classes: true, sites: true}", "{classes: true, sites: true, currencies: true, units_of_measure: multiple}")
ACCOUNTS = {
    "IncomeAccountRef": ref("Sales"),
    "COGSAccountRef": ref("Cost of Goods Sold"),
    "AssetAccountRef": ref("Inventory Asset"),
}


def shop() -> Proven:
    bench = Proven(YAML)
    bench.add("Customer", {"Name": "Müller", "CurrencyRef": ref("Euro")})
    bench.add("ItemInventory", {"Name": "Free", "SalesPrice": 0, **ACCOUNTS})
    bench.add("ItemGroup", {"Name": "Many", "ItemGroupLine": [{"ItemRef": ref("Free"), "Quantity": MOST}]})
    each, crate = {"Name": "each", "Abbreviation": "ea"}, {"Name": "crate", "Abbreviation": "cr", "ConversionRatio": 5000 * ONE}
    units = {"Name": "Each", "UnitOfMeasureType": "Count", "BaseUnit": each, "RelatedUnit": [crate]}
    bench.add("UnitOfMeasureSet", units)
    bench.add("ItemInventory", {"Name": "Crated", "UnitOfMeasureSetRef": ref("Each"), **ACCOUNTS})
    parts = [{"ItemInventoryRef": ref("Bolt"), "Quantity": MOST}]
    bench.add("ItemInventoryAssembly", {"Name": "Giant", **ACCOUNTS, "ItemInventoryAssemblyLine": parts})
    return bench


def group(quantity: int) -> dict[str, Any]:
    lines = [("InvoiceLineGroupAdd", {"ItemGroupRef": ref("Many"), "Quantity": quantity})]
    return {"CustomerRef": ref("Baker"), "InvoiceLineAdd|InvoiceLineGroupAdd": lines}


def euros(rate: str) -> dict[str, Any]:
    lines = [("InvoiceLineAdd", {"ItemRef": ref("Repair"), "Amount": 10_000})]
    return {"CustomerRef": ref("Müller"), "ExchangeRate": rate, "InvoiceLineAdd|InvoiceLineGroupAdd": lines}


STARTED = {"Name": "New", **ACCOUNTS, "QuantityOnHand": 1, "TotalValue": 999_999_999_999_999}
PILE = purchase("Bill", {"ItemRef": ref("Bolt"), "Quantity": MOST, "Amount": 100})
TOO_LARGE: dict[str, tuple[str, dict[str, Any]]] = {
    "the average cost of an adjustment": ("InventoryAdjustment", adjusted(by_value("Bolt", 999_999_999_999_999, 0.00001))),
    "the average cost of little for much": ("InventoryAdjustment", adjusted(by_value("Bolt", 2_000_000_000, 0.0001))),
    "the average cost of a new item": ("ItemInventory", STARTED),
    "an amount in home currency": ("Invoice", euros("99999999999999999")),
    "an amount in home currency of very many digits": ("Invoice", euros("9" * 60)),
    "a price in foreign currency": ("Invoice", sold("Repair", 1, "Müller", ExchangeRate="0." + "0" * 40 + "1")),
    "the pieces of a group": ("Invoice", group(MOST)),
    "the pieces of two groups": ("Invoice", group(2 * ONE)),
    "the pieces of a group that is bought": (
        "Bill",
        {"VendorRef": ref("Landlord"), ITEMS: [("ItemGroupLineAdd", {"ItemGroupRef": ref("Many"), "Quantity": 2 * ONE})]},
    ),
    "pieces on hand": ("Bill", {**PILE, ITEMS: PILE[ITEMS] * 2}),
    "pieces on order": ("PurchaseOrder", ordered(*[{"ItemRef": ref("Bolt"), "Quantity": MOST, "Amount": 100}] * 2)),
    "pieces on order in another unit": (
        "PurchaseOrder",
        ordered({"ItemRef": ref("Crated"), "Quantity": MOST, "UnitOfMeasure": "crate", "Amount": 100}),
    ),
    "pieces that a pending build needs": (
        "BuildAssembly",
        {"ItemInventoryAssemblyRef": ref("Giant"), "QuantityToBuild": 2 * ONE, "MarkPendingIfRequired": True},
    ),
}


@pytest.mark.parametrize("what", TOO_LARGE)
def test_is_refused(what: str) -> None:
    bench = shop()
    assert bench.refused(*TOO_LARGE[what]) == 3101


def test_the_second_pile_is_refused() -> None:
    bench = shop()
    bench.add("Bill", PILE)
    assert bench.refused("Bill", PILE) == 3101
    assert bench.item("Bolt")["QuantityOnHand"] == MOST


def test_the_second_order_is_refused() -> None:
    bench = shop()
    order = ordered({"ItemRef": ref("Bolt"), "Quantity": MOST, "Amount": 100})
    bench.add("PurchaseOrder", order)
    assert bench.refused("PurchaseOrder", order) == 3101


def test_the_balance_of_an_account() -> None:
    bench = shop()
    largest = {"VendorRef": ref("Landlord"), "ExpenseLineAdd": [{"AccountRef": ref("Rent"), "Amount": 10**13 - 1}]}
    for _ in range(100):
        bench.add("Bill", largest)
    assert bench.refused("Bill", largest) == 3101


def test_the_miles_of_a_trip() -> None:
    bench = shop()
    bench.add("Vehicle", {"Name": "Van"})
    trip = {"VehicleRef": ref("Van"), "OdometerStart": -MOST, "OdometerEnd": MOST}
    assert bench.refused("VehicleMileage", trip) == 3101


# ---- mistakes of our own -----------------------------------------------------------------------------------------------------------


SET = (
    "<CustomerAddRq><CustomerAdd><Name>First</Name></CustomerAdd></CustomerAddRq>"
    "<InvoiceAddRq><InvoiceAdd><CustomerRef><FullName>First</FullName></CustomerRef><InvoiceLineAdd><ItemRef>"
    "<FullName>Lamp</FullName></ItemRef></InvoiceLineAdd></InvoiceAdd></InvoiceAddRq>"
    "<CustomerAddRq><CustomerAdd><Name>Last</Name></CustomerAdd></CustomerAddRq>"
)


def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def price(*_given: Any) -> Price:
        raise OverflowError("Python int too large to convert to SQLite INTEGER")

    monkeypatch.setattr("emulator.company.rules.sale_lines.price_of", price)


def test_a_mistake_of_our_own_costs_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """1000 is an internal error (documented); the other answers of the set come."""
    broken(monkeypatch)
    bench, seen = Bench(), []
    text = f'<?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="continueOnError">{SET}</QBXMLMsgsRq></QBXML>'
    run = bench.company.begin_set(decode_set(text), bench.caller, lambda request, error: seen.append((request.name, str(error))))
    answers = run.finish()
    assert [answer.status.code for answer in answers] == [0, 1000, 0]
    assert seen == [("InvoiceAddRq", "Python int too large to convert to SQLite INTEGER")]
    assert bench.found("Invoice") == []
    assert record_of(answers[2])["FullName"] == "Last"
    assert bench.truth.problems() == []


def test_a_bench_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch)
    bench = Bench()
    with pytest.raises(OverflowError):
        bench.document(SET)


def test_what_is_no_error_is_not_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_given: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Operations, "_write", stop)
    bench, seen = Bench(), []
    text = f'<?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="continueOnError">{SET}</QBXMLMsgsRq></QBXML>'
    with pytest.raises(KeyboardInterrupt):
        bench.company.begin_set(decode_set(text), bench.caller, lambda *told: seen.append(told)).finish()
    assert seen == []
