"""A Mod of a part of an aggregate leaves it whole, or is refused with 3150."""

from typing import Any

import pytest

from .proven import Proven, received, ref

SALE = {"SalesDesc": "Sold", "SalesDate": "2026-03-01", "SalesPrice": 100_000}
CARD = {"CreditCardNumber": "xxxx1111", "ExpirationMonth": 5, "ExpirationYear": 2030, "NameOnCard": "A. Baker"}


def van(bench: Proven, **more: Any) -> None:
    bench.add("Account", {"Name": "Vans", "AccountType": "FixedAsset"})
    asset = {"AssetAccountRef": ref("Vans"), "PurchaseDesc": "A van", "PurchaseDate": "2026-01-01"}
    bench.add("ItemFixedAsset", {"Name": "Van", "AcquiredAs": "New", **asset, **more})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"SalesDesc": "Sold for parts"}, 0),
        ({"SalesPrice": None}, 0),
        ({"SalesDesc": None}, 3150),
        ({"SalesDate": None}, 3150),
        ({"SalesDesc": None, "SalesDate": None, "SalesPrice": None}, 3150),
    ],
)
def test_of_a_list_record(change: dict[str, Any], code: int) -> None:
    bench = Proven()
    van(bench, FixedAssetSalesInfo=SALE)
    assert bench.changed_item("ItemFixedAsset", "Van", FixedAssetSalesInfoMod=change).status.code == code


def test_of_an_aggregate_that_was_not_there() -> None:
    bench = Proven()
    van(bench)
    assert bench.changed_item("ItemFixedAsset", "Van", FixedAssetSalesInfoMod={"SalesPrice": 100_000}).status.code == 3150
    assert bench.changed_item("ItemFixedAsset", "Van", FixedAssetSalesInfoMod=SALE).status.code == 0


@pytest.mark.parametrize(
    "said",
    [{"CreditCardTxnInputInfoMod": CARD}, {"CreditCardTxnInputInfoMod": {"NameOnCard": "A. Baker"}}],
    ids=["half", "a part"],
)
def test_of_a_payment_by_card(said: dict[str, Any]) -> None:
    bench = Proven()
    assert bench.unchanged("ReceivePayment", received(bench, 1000), CreditCardTxnInfoMod=said) == 3150
