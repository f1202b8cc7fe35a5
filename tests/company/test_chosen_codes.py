"""Status codes that are not published: each is what its switch says."""

from collections.abc import Callable

import pytest

from emulator.company import SWITCHES

from .proven import SHOP, Proven, adjusted, by_pieces, deposit, goods, ordered, purchase, received, ref, sold


def broken_rule_in_mod(bench: Proven) -> int:
    order = bench.add("PurchaseOrder", ordered(goods("Bolt", 10)))
    bench.add("Bill", purchase("Bill", LinkToTxnID=[order["TxnID"]]))
    now = bench.one("PurchaseOrder", order)
    change = {"TxnID": now["TxnID"], "EditSequence": now["EditSequence"], "VendorRef": ref("Landlord")}
    return bench.refused("PurchaseOrder", change, "Mod")


def filter_unknown_name(bench: Proven) -> int:
    return bench.query("Invoice", EntityFilter={"FullName": ["Nobody"]}).status.code


def list_full(bench: Proven) -> int:
    return bench.refused("Customer", {"Name": "One too many"})


def wrong_kind_of_item(bench: Proven) -> int:
    return bench.refused("InventoryAdjustment", adjusted(by_pieces("Repair", 1)))


def pending_void(bench: Proven) -> int:
    waits = bench.add("Invoice", sold("Lamp", 1, IsPending=True))
    return bench.remove("Void", "Invoice", waits)


def deposited_removal(bench: Proven) -> int:
    paid = received(bench, 500)
    bench.add("Deposit", deposit(paid))
    return bench.remove("Del", "ReceivePayment", paid)


REFUSED: dict[str, Callable[[Proven], int]] = {
    "company.broken-rule-in-mod-code": broken_rule_in_mod,
    "company.filter-unknown-name-code": filter_unknown_name,
    "company.list-full-code": list_full,
    "company.wrong-kind-of-item-code": wrong_kind_of_item,
    "company.pending-void-code": pending_void,
    "company.deposited-removal-code": deposited_removal,
}
CHOSEN = [(switch.name, code) for switch in SWITCHES if switch.name in REFUSED for code in switch.choices]


@pytest.mark.parametrize(("name", "code"), CHOSEN)
def test_the_code_is_what_the_switch_says(name: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Proven(SHOP.replace("edition: Enterprise", "edition: Premier").replace(", sites: true", ""), switches={name: code})
    if name == "company.list-full-code":
        monkeypatch.setattr("emulator.company.lists.names.NAMES_IN_ONE_LIST_MAX", len(bench.truth.customers()))
    assert REFUSED[name](bench) == code
