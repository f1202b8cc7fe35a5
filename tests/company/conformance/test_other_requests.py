"""Requests that are no Add, Mod or Query of a list or transaction: taken at every version that has them, answered as its schema says,
and every kind that one of them can name is taken."""

from collections.abc import Callable
from typing import Any

import pytest

from company.helpers import Bench, request
from emulator.company.list_rows import LISTS
from emulator.company.transaction_rows import TRANSACTIONS
from emulator.qbxml import Version, message_names, schema_of
from emulator.qbxml.messages import Answer, Request
from emulator.qbxml.schema import Node, is_private
from emulator.qbxml.versions import VERSIONS

from .everything import GUID, billed, everything, invoiced
from .making import Making
from .test_round_trips import operations_at, perform

NEWEST = "16.0"
DISTINCT = [number for number in VERSIONS if Version(number).schema_number == number]

Values = dict[str, Any]
TODAY = "2026-11-23"


def public() -> list[str]:
    """Return the names of the requests of this file; subscriptions go another way, and tests/desktop has them."""
    schema = schema_of(NEWEST)
    found = []
    for name in message_names("Rq"):
        message = schema.message(name)
        if message is None or is_private(name) or not message.supported or "Subscription" in name:
            continue
        if message.noun not in LISTS and message.noun not in TRANSACTIONS:
            found.append(name)
    return found


def record(bench: Bench, noun: str, name: str, identity: str = "ListID") -> Values:
    [row] = [row for row in bench.found(noun) if name in (row.get("FullName"), row.get("Name"), row.get("TxnID"))]
    return {identity: row[identity], "EditSequence": row["EditSequence"]}


def merged(bench: Bench) -> Values:
    for name in ("Left", "Right"):
        bench.add("Customer", {"Name": name})
    parts = {"MergeFrom": record(bench, "Customer", "Left"), "MergeTo": record(bench, "Customer", "Right")}
    return {"ListMergeType": "Customer", **parts}


def deleted(bench: Bench) -> Values:
    bench.add("Customer", {"Name": "Left"})
    return {"ListDelType": "Customer", "ListID": record(bench, "Customer", "Left")["ListID"]}


def extended(bench: Bench) -> Values:
    values = {**NAMED, "ListDataExtType": "Customer", "ListObjRef": {"FullName": "Baker"}, "DataExtValue": "red"}
    assert bench.ask("DataExt", "Add", {"DataExtAdd": values}).status.code == 0
    return values


RENT = {"AccountRef": {"FullName": "Rent"}}
NAMED = {"OwnerID": "0", "DataExtName": "Color"}
MADE: dict[str, Callable[[Bench], Values]] = {
    "SpecialAccountAddRq": lambda _bench: {"SpecialAccountAdd": {"SpecialAccountType": "PettyCash"}},
    "SpecialItemAddRq": lambda _bench: {"SpecialItemAdd": {"SpecialItemType": "FinanceCharge"}},
    "Form1099CategoryAccountMappingModRq": lambda _bench: {"Form1099CategoryAccountMappingMod": {"IsFiling1099Misc": True}},
    "BillToPayQueryRq": lambda bench: {"PayeeEntityRef": {"FullName": ("Landlord", billed(bench, "Landlord", 500))[0]}},
    "ListDelRq": deleted,
    "ListMergeRq": merged,
    "ListDeletedQueryRq": lambda bench: {"ListDelType": [(bench.ask("List", "Del", deleted(bench)), "Customer")[1]]},
    "TxnDelRq": lambda bench: {"TxnDelType": "Invoice", "TxnID": invoiced(bench, "Baker", 500)},
    "TxnVoidRq": lambda bench: {"TxnVoidType": "Invoice", "TxnID": invoiced(bench, "Baker", 500)},
    "TxnDeletedQueryRq": lambda bench: {
        "TxnDelType": [(bench.ask("Txn", "Del", MADE["TxnDelRq"](bench)), "Invoice")[1]]
    },
    "ClearedStatusModRq": lambda bench: {
        "ClearedStatusMod": {"TxnID": _check(bench), "ClearedStatus": "Cleared"},
    },
    "ListDisplayAddRq": lambda _bench: {"ListDisplayAddType": "Customer"},
    "ListDisplayModRq": lambda bench: {"ListDisplayModType": "Customer", "ListID": record(bench, "Customer", "Baker")["ListID"]},
    "TxnDisplayAddRq": lambda _bench: {"TxnDisplayAddType": "Invoice"},
    "TxnDisplayModRq": lambda bench: {"TxnDisplayModType": "Invoice", "TxnID": invoiced(bench, "Baker", 500)},
    "DataEventRecoveryInfoDelRq": lambda _bench: {"SubscriberID": GUID},
    "DataEventRecoveryInfoQueryRq": lambda _bench: {"SubscriberID": GUID},
    "ItemAssembliesCanBuildQueryRq": lambda _bench: {"ItemInventoryAssemblyRef": {"FullName": "Machine"}, "TxnDate": TODAY},
    "BarCodeQueryRq": lambda bench: {
        "BarCodeValue": [bench.add("ItemService", {"Name": "Coded", "BarCode": {"BarCodeValue": "77"}, "SalesOrPurchase": RENT})["BarCodeValue"]]
    },
    "DataExtDefAddRq": lambda _bench: {
        "DataExtDefAdd": {"OwnerID": GUID, "DataExtName": "Size", "DataExtType": "STR255TYPE", "AssignToObject": ["Customer"]}
    },
    "DataExtDefModRq": lambda _bench: {"DataExtDefMod": {**NAMED, "DataExtNewName": "Colour"}},
    "DataExtDefDelRq": lambda _bench: NAMED,
    "DataExtAddRq": lambda _bench: {
        "DataExtAdd": {**NAMED, "ListDataExtType": "Customer", "ListObjRef": {"FullName": "Baker"}, "DataExtValue": "red"}
    },
    "DataExtModRq": lambda bench: {"DataExtMod": {**extended(bench), "DataExtValue": "blue"}},
    "DataExtDelRq": lambda bench: {
        "DataExtDel": {name: value for name, value in extended(bench).items() if name != "DataExtValue"}
    },
}  # fmt: skip
"""Request -> its values, made on a bench; a query that is not here is asked for as briefly as it may be."""

INFO = {
    "DataEventRecoveryInfoQueryRq": 1,
    "ReceivePaymentToDepositQueryRq": 1,
    "SalesTaxPayableQueryRq": 1,
    "TransactionQueryRq": 1,
}
"""Queries that find nothing in these books."""


def _check(bench: Bench) -> str:
    expense = {"AccountRef": {"FullName": "Rent"}, "Amount": 500}
    return str(bench.add("Check", {"AccountRef": {"FullName": "Operating Account"}, "ExpenseLineAdd": [expense]})["TxnID"])


def asked(bench: Bench, version: Version, name: str) -> Answer:
    """Send a request in its briefest form; its answer is valid at the version."""
    message = schema_of(version.schema_number).message(name)
    assert message is not None
    values = MADE[name](bench) if name in MADE else Making(bench, version, "smallest").request(name).values
    return perform(bench, version, Request(name, message.noun, message.operation, {}, values))


def test_the_table_names_requests() -> None:
    assert set(MADE) | set(INFO) <= set(public())


@pytest.mark.parametrize("name", public())
def test_it_is_taken_at_the_newest_version(name: str) -> None:
    answer = asked(everything(), Version(NEWEST), name)
    assert answer.status.code in (0, INFO.get(name, 0)), answer.status


@pytest.mark.slow
@pytest.mark.parametrize("number", [number for number in DISTINCT if number != NEWEST])
def test_it_is_taken_at_every_older_version(number: str) -> None:
    version = Version(number)
    for name in public():
        if schema_of(number).message(name) is not None and _has(version, name):
            answer = asked(everything(), version, name)
            assert answer.status.code in (0, INFO.get(name, 0), 501), (name, answer.status)


@pytest.mark.parametrize("number", DISTINCT)
def test_what_can_only_be_asked_for_is_told(number: str) -> None:
    """Records that a version has no Add for are told all the same."""
    bench, version = everything(), Version(number)
    for noun in (*LISTS, *TRANSACTIONS):
        operations = operations_at(version, noun)
        if "Query" in operations and "Add" not in operations:
            answer = asked(bench, version, f"{noun}QueryRq")
            assert answer.status.code in (0, 1), (noun, answer.status)


def _has(version: Version, name: str) -> bool:
    """Return whether a version can say what the table says."""
    if name not in MADE:
        return True
    words = str(MADE[name](everything()))
    return not ("PettyCash" in words and "PettyCash" not in _kinds(version, name))


# ---- every kind that they name -------------------------------------------------------------------------------------------------------


def _kinds(version: Version, name: str) -> tuple[str, ...]:
    message = schema_of(version.schema_number).message(name)
    assert message is not None
    first = message.children[0]
    assert isinstance(first, Node)
    node = first.children[0] if first.children else first
    return tuple(node.values)  # type: ignore[union-attr]


def kinds(name: str) -> tuple[str, ...]:
    return _kinds(Version(NEWEST), name)


@pytest.mark.parametrize("kind", kinds("TxnDisplayAddRq"))
def test_every_transaction_window(kind: str) -> None:
    bench = everything()
    assert bench.ask("TxnDisplay", "Add", {"TxnDisplayAddType": kind}).status.code == 0


@pytest.mark.parametrize("kind", kinds("ListDisplayAddRq"))
def test_every_list_window(kind: str) -> None:
    bench = everything()
    assert bench.ask("ListDisplay", "Add", {"ListDisplayAddType": kind}).status.code == 0
    for row in bench.found(kind)[:1]:
        values = {"ListDisplayModType": kind, "ListID": row["ListID"]}
        assert bench.ask("ListDisplay", "Mod", values).status.code == 0


@pytest.mark.parametrize("kind", kinds("TxnDeletedQueryRq"))
def test_deleted_transactions_of_every_kind(kind: str) -> None:
    assert everything().query("TxnDeleted", TxnDelType=[kind]).status.code == 1


@pytest.mark.parametrize("kind", kinds("ListDeletedQueryRq"))
def test_deleted_records_of_every_kind(kind: str) -> None:
    assert everything().query("ListDeleted", ListDelType=[kind]).status.code == 1


REPORTS = [(name, kind) for name in public() if "Report" in name for kind in kinds(name)]


@pytest.mark.parametrize(("name", "kind"), REPORTS)
def test_every_report(name: str, kind: str) -> None:
    bench, version = everything(), Version(NEWEST)
    values = {**Making(bench, version, "smallest").request(name).values, f"{name[:-7]}Type": kind}
    answer = perform(bench, version, request(name[:-7], "Query", values))
    assert answer.status.code == 0, answer.status
    [(ret, report)] = answer.records
    assert ret == "ReportRet"
    assert isinstance(report, dict)
    assert report["ReportTitle"]
