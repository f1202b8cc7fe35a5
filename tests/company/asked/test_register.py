"""TransactionQuery: what it lists by name, in which order, and what is gone between two pages of it; BarCode and ItemSites alike."""

from typing import Any

import pytest

from company.helpers import Bench, invoice, line
from company.proven import SHOP, Proven, adjusted, by_pieces, ref
from emulator.company import Caller

UNKNOWN = "FFFF-1"


def three(bench: Bench) -> list[dict[str, Any]]:
    return [bench.add("Invoice", invoice("Baker", line(), line("Repair"), line(), RefNumber=f"A{n}")) for n in range(3)]


@pytest.mark.parametrize("noun", ["Invoice", "Transaction"])
@pytest.mark.parametrize(
    ("element", "names", "code", "count"),
    [
        ("TxnID", ["known", "unknown"], 500, 1),
        ("TxnID", ["unknown"], 500, 0),
        ("TxnID", ["known"], 0, 1),
        ("RefNumber", ["a1", "z"], 500, 1),
        ("RefNumber", ["a1", "A2"], 0, 2),
        ("RefNumberCaseSensitive", ["A1", "a2"], 500, 1),
    ],
)
def test_a_missing_name_is_500(noun: str, element: str, names: list[str], code: int, count: int) -> None:
    """Documented, for any list of ids, names or numbers."""
    bench = Bench()
    ids = {"known": three(bench)[0]["TxnID"], "unknown": UNKNOWN}
    answer = bench.query(noun, **{element: [ids.get(name, name) for name in names]})
    assert (answer.status.code, len(answer.records)) == (code, count)


def test_a_list_of_names_overrides_the_filters() -> None:
    """Documented."""
    bench = Bench()
    three(bench)
    late = {"TransactionDateRangeFilter": {"FromTxnDate": "2030-01-01"}, "TransactionTypeFilter": {"TxnTypeFilter": ["Bill"]}}
    assert bench.found("Transaction", **late) == []
    answer = bench.query("Transaction", RefNumber=["A1"], **late)
    assert (answer.status.code, len(answer.records)) == (0, 1)


def test_of_items_and_sites() -> None:
    bench = Proven()
    [site] = bench.found("ItemSites", ItemSiteFilter={"ItemFilter": {"FullName": ["Bolt"]}})
    assert bench.query("ItemSites", ListID=[site["ListID"], "80000001-9"]).status.code == 500
    assert bench.query("ItemSites", ListID=[site["ListID"]]).status.code == 0
    bench.add("ItemInventory", {"Name": "Coded", "BarCode": {"BarCodeValue": "4711"}, **ACCOUNTS})
    assert bench.query("BarCode", BarCodeValue=["4711", "4712"]).status.code == 500
    assert bench.query("BarCode", BarCodeValue=["4711"]).status.code == 0


ACCOUNTS = {
    "IncomeAccountRef": ref("Sales"),
    "COGSAccountRef": ref("Cost of Goods Sold"),
    "AssetAccountRef": ref("Inventory Asset"),
}


@pytest.mark.parametrize("order", ["date", "created"])
@pytest.mark.parametrize("noun", ["Invoice", "Transaction"])
def test_the_order(noun: str, order: str) -> None:
    """The switch company.transaction-order counts for both."""
    bench = Bench(switches={"company.transaction-order": order})
    for number, day in (("late", "2026-03-02"), ("early", "2026-03-01")):
        bench.add("Invoice", invoice("Baker", RefNumber=number, TxnDate=day))
    told = [row["RefNumber"] for row in bench.found(noun)]
    assert told == (["early", "late"] if order == "date" else ["late", "early"])


# ---- what is gone between two pages ------------------------------------------------------------------------------------------------


def pages(bench: Bench, noun: str, between: Any, **values: Any) -> int:
    """Start an iterator, change the books, and read the rest; return how many records came."""
    first = bench.query(noun, attributes={"iterator": "Start"}, MaxReturned=1, **values)
    between()
    attributes = {"iterator": "Continue", "iteratorID": first.attributes["iteratorID"]}
    rest = bench.query(noun, attributes=attributes, MaxReturned=100, **values)
    assert rest.status.code == 0, rest.status
    return len(first.records) + len(rest.records)


@pytest.mark.parametrize("how", ["fewer lines", "void", "deleted"])
def test_rows_of_a_transaction(how: str) -> None:
    bench = Bench()
    made = three(bench)[2]
    every = len(bench.found("Transaction", TransactionDetailLevelFilter="All"))

    def change() -> None:
        if how == "fewer lines":
            kept = made["InvoiceLineRet|InvoiceLineGroupRet"][0][1]["TxnLineID"]
            lines = {"InvoiceLineMod|InvoiceLineGroupMod": [("InvoiceLineMod", {"TxnLineID": kept})]}
            answer = bench.ask("Invoice", "Mod", {"InvoiceMod": {**{n: made[n] for n in ("TxnID", "EditSequence")}, **lines}})
        else:
            operation = "Void" if how == "void" else "Del"
            answer = bench.ask("Txn", operation, {f"Txn{operation}Type": "Invoice", "TxnID": made["TxnID"]})
        assert answer.status.code == 0, answer.status

    told = pages(bench, "Transaction", change, TransactionDetailLevelFilter="All")
    left = len(bench.found("Transaction", TransactionDetailLevelFilter="All"))
    # A void transaction keeps its rows.
    assert told == left == every if how == "void" else told == left < every


@pytest.mark.parametrize("noun", ["BarCode", "ItemSites"])
def test_rows_of_items(noun: str) -> None:
    bench = Bench(yaml=SHOP)
    bench.caller = Caller("session-1", "Test Application", file_mode="SingleUser")
    made = [bench.add("ItemInventory", {"Name": f"C{n}", "BarCode": {"BarCodeValue": f"{n}"}, **ACCOUNTS}) for n in range(3)]
    every = len(bench.query(noun).records)

    def change() -> None:
        assert bench.ask("List", "Del", {"ListDelType": "ItemInventory", "ListID": made[2]["ListID"]}).status.code == 0

    assert pages(bench, noun, change) == every - 1


def test_rows_of_sites() -> None:
    bench = Proven()
    site = bench.add("InventorySite", {"Name": "Yard"})
    moved = bench.add("InventoryAdjustment", adjusted(by_pieces("Bolt", 5), InventorySiteRef=ref("Yard")))
    every = len(bench.query("ItemSites").records)

    def change() -> None:
        bench.removed("Del", "InventoryAdjustment", moved)
        assert bench.ask("List", "Del", {"ListDelType": "InventorySite", "ListID": site["ListID"]}).status.code == 0

    assert pages(bench, "ItemSites", change) >= every - 1
