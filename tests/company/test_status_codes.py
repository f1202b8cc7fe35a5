"""Every status code that can occur is provoked here by what provokes it at a QuickBooks; of the others the table of the room says why not."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from emulator.company import Caller
from emulator.qbxml import decode_set, status
from emulator.qbxml.messages import Answer, MessageSet, Request
from emulator.qbxml.switches import Choices
from emulator.qbxml.versions import Version

from .helpers import SMALL, Bench, bill, invoice, line, payment, request

ALONE = Caller("session-1", "Test Application", file_mode="SingleUser", personal_data=True)


def document(body: str, version: str = "13.0", on_error: str = "continueOnError", **choices: Any) -> list[Answer]:
    """Perform requests written as qbXML on a small company; return the answers."""
    bench = Bench()
    text = (
        f'<?xml version="1.0"?><?qbxml version="{version}"?><QBXML><QBXMLMsgsRq onError="{on_error}">{body}</QBXMLMsgsRq></QBXML>'
    )
    return bench.company.begin_set(decode_set(text, choices=Choices(**choices)), ALONE).finish()


def code(body: str, **more: Any) -> int:
    return document(body, **more)[-1].status.code


def asked(noun: str, operation: str, values: dict[str, Any], caller: Caller = ALONE, yaml: str = SMALL, **switches: Any) -> int:
    return Bench(yaml=yaml, switches=switches).ask(noun, operation, values, caller).status.code


def _added(noun: str, values: dict[str, Any], **more: Any) -> Callable[[], int]:
    return lambda: asked(noun, "Add", {f"{noun}Add": values}, **more)


def _name(text: str) -> dict[str, str]:
    return {"FullName": text}


def _customer(inside: str) -> Callable[[], int]:
    return lambda: code(f"<CustomerAddRq><CustomerAdd><Name>New</Name>{inside}</CustomerAdd></CustomerAddRq>")


def _in_an_older_version() -> int:
    bench = Bench()
    asset = {
        "AcquiredAs": "New",
        "PurchaseDesc": "A van",
        "PurchaseDate": "2026-01-01",
        "AssetAccountRef": _name("Furniture and Equipment"),
    }
    bench.add("ItemFixedAsset", {"Name": "Van", **asset})
    [answer] = bench.company.begin_set(
        MessageSet(Version("2.0"), requests=[replace(request("Item", "Query", {}), version="2.0")]), ALONE
    ).finish()
    assert "ItemFixedAssetRet" not in [name for name, _values in answer.records]
    return answer.status.code


def _set_status(old: str | None, new: str | None, *requests: Request, before: tuple[Request, ...] = ()) -> int:
    bench = Bench()
    if before:
        bench.answers(*before, new_id=new)
    run = bench.company.begin_set(MessageSet(Version("16.0"), old_id=old, new_id=new, requests=list(requests)), ALONE)
    run.finish()
    return int(run.attributes["messageSetStatusCode"])


def _outcome_not_stored() -> int:
    bench = Bench()
    run = bench.company.begin_set(MessageSet(Version("16.0"), new_id="A", requests=[request("Host", "Query", {})]), ALONE)
    bench.company._store.execute("DROP TABLE message_set")
    assert [answer.status.code for answer in run.finish()] == [0]
    return int(run.attributes["messageSetStatusCode"])


def _closed_order() -> int:
    bench = Bench()
    lines = {"SalesOrderLineAdd|SalesOrderLineGroupAdd": [("SalesOrderLineAdd", line())]}
    order = bench.add("SalesOrder", {"CustomerRef": _name("Baker"), "IsManuallyClosed": True, **lines})
    return bench.ask("Invoice", "Add", {"InvoiceAdd": invoice("Baker", line(), LinkToTxnID=[order["TxnID"]])}).status.code


def _twice_linked() -> int:
    return asked("Invoice", "Add", {"InvoiceAdd": invoice("Baker", line(), LinkToTxnID=["1-1", "1-1"])})


def _deleted(closing: bool = False, operation: str = "Del") -> int:
    bench = Bench()
    saved = bench.add("Invoice", invoice(TxnDate="2026-01-31"))
    if closing:
        bench.company._books.facts["closing_date"] = "2026-01-31"
    return bench.ask("Txn", operation, {f"Txn{operation}Type": "Invoice", "TxnID": saved["TxnID"]}).status.code


def _modified_in_closed_books() -> int:
    bench = Bench()
    saved = bench.add("Invoice", invoice(TxnDate="2026-01-31"))
    bench.company._books.facts["closing_date"] = "2026-01-31"
    change = {"TxnID": saved["TxnID"], "EditSequence": saved["EditSequence"], "Memo": "late"}
    return bench.ask("Invoice", "Mod", {"InvoiceMod": change}).status.code


def _list(operation: str, name: str, caller: Caller = ALONE, **more: Any) -> int:
    bench = Bench()
    [customer] = bench.found("Customer", FullName=[name])
    if operation == "Del":
        return bench.ask("List", "Del", {"ListDelType": "Customer", "ListID": customer["ListID"]}, caller).status.code
    change = {"ListID": customer["ListID"], "EditSequence": customer["EditSequence"], **more}
    return bench.ask("Customer", "Mod", {"CustomerMod": change}, caller).status.code


def _used_customer() -> int:
    bench = Bench()
    bench.add("Invoice", invoice("Baker"))
    [customer] = bench.found("Customer", FullName=["Baker"])
    return bench.ask("List", "Del", {"ListDelType": "Customer", "ListID": customer["ListID"]}, ALONE).status.code


def _pending_void() -> int:
    bench = Bench()
    saved = bench.add("Invoice", invoice(IsPending=True))
    return bench.ask("Txn", "Void", {"TxnVoidType": "Invoice", "TxnID": saved["TxnID"]}).status.code


def _not_cleared() -> int:
    bench = Bench()
    saved = bench.add("Invoice", invoice())
    values = {"ClearedStatusMod": {"TxnID": saved["TxnID"], "ClearedStatus": "Cleared"}}
    return bench.ask("ClearedStatus", "Mod", values).status.code


def _lines_out_of_order() -> int:
    bench = Bench()
    saved = bench.add("Invoice", invoice("Baker", line(), line("Repair")))
    ids = [each["TxnLineID"] for _name, each in saved["InvoiceLineRet|InvoiceLineGroupRet"]]
    lines = [("InvoiceLineMod", {"TxnLineID": each}) for each in reversed(ids)]
    change = {"TxnID": saved["TxnID"], "EditSequence": saved["EditSequence"], "InvoiceLineMod|InvoiceLineGroupMod": lines}
    return bench.ask("Invoice", "Mod", {"InvoiceMod": change}).status.code


def _too_many_iterators() -> int:
    bench = Bench(switches={"company.iterators-open-max": 1})
    bench.query("Customer", attributes={"iterator": "Start"}, MaxReturned=1)
    return bench.query("Customer", attributes={"iterator": "Start"}, MaxReturned=1).status.code


def _merge() -> int:
    bench = Bench()
    ends = [bench.found("Customer", FullName=[name])[0] for name in ("Baker", "Limited")]
    values = {
        f"Merge{end}": {name: each[name] for name in ("ListID", "EditSequence")}
        for end, each in zip(("From", "To"), ends, strict=True)
    }
    return bench.ask("List", "Merge", {"ListMergeType": "Customer", **values}).status.code


def _too_large() -> int:
    return asked("Invoice", "Add", {"InvoiceAdd": invoice("Baker", line(Quantity=10**14, Rate=10**14))})


_VIEWER = SMALL + "\nusers: [{name: Admin, role: Admin}, {name: Guest, role: View Only}]\n"
_FIVE_LINES = {f"Addr{number}": f"Line {number}" for number in range(1, 6)}
_HOST = request("Host", "Query", {})

PROVOKED: dict[int, Callable[[], int]] = {
    0: lambda: code("<HostQueryRq/>"),
    1: lambda: code("<EstimateQueryRq/>"),
    500: lambda: code("<CustomerQueryRq><FullName>Nobody</FullName></CustomerQueryRq>"),
    501: _in_an_older_version,
    530: lambda: code(
        "<CustomerAddRq><CustomerAdd><Name>New</Name><SalesTaxCountry>UK</SalesTaxCountry></CustomerAdd></CustomerAddRq>"
    ),
    570: _closed_order,
    600: lambda: _set_status("Unknown", None),
    1000: lambda: _unit_set(),
    1030: lambda: code("<PayrollLastPeriodQueryRq/>"),
    1060: lambda: code(f'<HostQueryRq requestID="{"7" * 51}"/>'),
    3000: lambda: code("<CustomerQueryRq><ListID>no identity</ListID></CustomerQueryRq>"),
    3010: _customer("<IsActive>maybe</IsActive>"),
    3020: _customer("<JobStartDate>2026-02-30</JobStartDate>"),
    3030: lambda: code(
        "<CustomerQueryRq><FromModifiedDate>2026-02-02</FromModifiedDate><ToModifiedDate>2026-01-01</ToModifiedDate></CustomerQueryRq>"
    ),
    3031: lambda: code(
        "<CustomerQueryRq><NameRangeFilter><FromName>B</FromName><ToName>A</ToName></NameRangeFilter></CustomerQueryRq>"
    ),
    3035: lambda: code(
        "<TimeTrackingAddRq><TimeTrackingAdd><EntityRef><FullName>A</FullName></EntityRef><Duration>8h</Duration></TimeTrackingAdd>"
        "</TimeTrackingAddRq>"
    ),
    3040: _customer("<CreditLimit>97.5</CreditLimit>"),
    3045: lambda: code(
        "<ItemServiceAddRq><ItemServiceAdd><Name>A</Name><SalesOrPurchase><Price>1.123456</Price></SalesOrPurchase></ItemServiceAdd>"
        "</ItemServiceAddRq>"
    ),
    3050: lambda: code(
        "<ItemSalesTaxAddRq><ItemSalesTaxAdd><Name>A</Name><TaxRate>8,25</TaxRate></ItemSalesTaxAdd></ItemSalesTaxAddRq>"
    ),
    3060: lambda: code(
        "<InvoiceAddRq><InvoiceAdd><CustomerRef><FullName>Baker</FullName></CustomerRef><InvoiceLineAdd><Quantity>two</Quantity>"
        "</InvoiceLineAdd></InvoiceAdd></InvoiceAddRq>"
    ),
    3065: _customer("<ExternalGUID>none</ExternalGUID>"),
    3070: lambda: code(f"<CustomerAddRq><CustomerAdd><Name>{'x' * 42}</Name></CustomerAdd></CustomerAddRq>"),
    3085: lambda: code("<CustomerQueryRq><MaxReturned>many</MaxReturned></CustomerQueryRq>"),
    3090: _added("Customer", {"Name": "A:B"}),
    3100: _added("Customer", {"Name": "Baker"}),
    3101: _too_large,
    3110: lambda: code(
        "<CustomerAddRq><CustomerAdd><Name>A</Name><JobStatus>Lost</JobStatus></CustomerAdd></CustomerAddRq>",
        bad_enum_value="3110",
    ),
    3120: lambda: asked("Txn", "Del", {"TxnDelType": "Invoice", "TxnID": "1-1"}),
    3130: _added("Customer", {"Name": "A", "ParentRef": _name("Nobody")}),
    3140: _added("Customer", {"Name": "A", "TermsRef": _name("Never")}),
    3150: _added("Customer", {"Name": None}),
    3160: _used_customer,
    3161: lambda: _deleted(closing=True),
    3162: lambda: _list("Del", "Baker", Caller("session-1", "Test Application", file_mode="MultiUser")),
    3171: _modified_in_closed_books,
    3177: _twice_linked,
    3180: _added("Account", {"Name": "A", "AccountType": "NonPosting"}),
    3185: _pending_void,
    3190: _not_cleared,
    3200: lambda: _list("Mod", "Baker", EditSequence="1", Phone="5"),
    3205: _added("Customer", {"Name": "A", "BillAddress": {**_FIVE_LINES, "City": "Troy"}}),
    3210: lambda: asked("ReceivePayment", "Add", {"ReceivePaymentAdd": payment("Baker", -1)}),
    3231: lambda: code(
        "<CustomerAddRq><CustomerAdd><Name>Baker</Name></CustomerAdd></CustomerAddRq><HostQueryRq/>", on_error="stopOnError"
    ),
    3250: _added("Customer", {"Name": "A", "CurrencyRef": _name("Euro")}),
    3260: _added("Invoice", invoice(), yaml=_VIEWER, caller=Caller("session-1", user="Guest")),
    3261: _added("Employee", {"FirstName": "Ann", "SSN": "123-45-6789"}, caller=Caller("session-1")),
    3262: lambda: asked("PayrollSummaryReport", "Query", {"PayrollSummaryReportType": "PayrollSummary"}, Caller("session-1")),
    3270: _added("ItemService", {"Name": "A", "SalesOrPurchase": {"Price": 100}}),
    3290: _lines_out_of_order,
    3351: _added(
        "DataExtDef", {"OwnerID": "0", "DataExtName": "Color", "DataExtType": "STR255TYPE", "AssignToObject": ["Invoice"]}
    ),
    3390: _too_many_iterators,
    3391: lambda: (
        Bench().query("Customer", attributes={"iterator": "Continue", "iteratorID": "{none}"}, MaxReturned=1).status.code
    ),
    3500: _merge,
    9001: lambda: _set_status(None, "A", request("Company", "Query", {}), before=(_HOST,)),
    9002: lambda: _set_status("A", "A"),
    9004: lambda: _set_status(None, "x" * 25, _HOST),
    9005: _outcome_not_stored,
    9100: _added("ReceivePayment", {**payment("Baker", 5), "AppliedToTxnAdd": [{"TxnID": None, "TxnID@useMacro": "TxnID:None"}]}),
}
"""Code -> what provokes it here, returning the code it was answered with."""

BY_FAULT = {3170, 3175, 3176}
"""Codes of what other people do at the same moment; scenarios inject them (fault record-locked), tests/desktop/faults/test_calls.py proves it."""


def _unit_set() -> int:
    yaml = SMALL.replace("lists:", "preferences: {units_of_measure: multiple}\nlists:")
    bench = Bench(yaml=yaml)
    unit = {"Name": "each", "Abbreviation": "ea"}
    added = bench.add("UnitOfMeasureSet", {"Name": "Each", "UnitOfMeasureType": "Count", "BaseUnit": unit})
    return bench.ask("List", "Del", {"ListDelType": "UnitOfMeasureSet", "ListID": added["ListID"]}, ALONE).status.code


@pytest.mark.parametrize("wanted", sorted(PROVOKED))
def test_provoked(wanted: int) -> None:
    assert PROVOKED[wanted]() == wanted


def test_every_row_is_provoked_or_cannot_occur() -> None:
    rows = status.table()
    assert set(PROVOKED) | BY_FAULT | status.CANNOT_OCCUR.keys() == rows.keys()
    assert not (set(PROVOKED) | BY_FAULT) & status.CANNOT_OCCUR.keys()
    assert all(row.standing and row.source for row in rows.values())


def test_messages_hold_what_clients_match_on() -> None:
    answer = Bench().ask("Invoice", "Add", {"InvoiceAdd": {**invoice(), "CustomerRef": _name('Nobody "Inc"')}})
    assert "There is an invalid reference to QuickBooks" in answer.status.message
    assert 'Nobody "Inc"' in answer.status.message
    assert Bench().ask("Bill", "Add", {"BillAdd": bill("Nobody")}).status.code == 3140
