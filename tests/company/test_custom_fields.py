"""Data extensions: definitions, values on records, transactions, lines and the company, and what writing one touches."""

from typing import Any

import pytest

from .conformance.everything import GUID, billed, everything, invoiced
from .helpers import Bench

CUSTOM, PRIVATE = "0", GUID


def defined(bench: Bench, name: str = "Size", owner: str = CUSTOM, kind: str = "STR255TYPE", **more: Any) -> dict[str, Any]:
    return bench.add("DataExtDef", {"OwnerID": owner, "DataExtName": name, "DataExtType": kind, **more})


def write(bench: Bench, operation: str, values: dict[str, Any]) -> int:
    return bench.ask("DataExt", operation, {f"DataExt{operation}": values}).status.code


def on(where: str, value: str | None = "red", owner: str = CUSTOM, name: str = "Size", **more: Any) -> dict[str, Any]:
    """Return the aggregate for a list record (`Customer Baker`), a transaction or the company."""
    kind, _, full_name = where.partition(" ")
    place: dict[str, Any] = {"OtherDataExtType": "Company"} if kind == "Company" else {"TxnDataExtType": kind}
    if full_name:
        place = {"ListDataExtType": kind, "ListObjRef": {"FullName": full_name}}
    return {"OwnerID": owner, "DataExtName": name, **place, **more, **({"DataExtValue": value} if value is not None else {})}


def values_of(bench: Bench, noun: str, owner: str = CUSTOM, **query: Any) -> dict[str, str]:
    [record] = bench.found(noun, OwnerID=[owner], **query)
    return {each["DataExtName"]: each["DataExtValue"] for each in record.get("DataExtRet", ())}


class TestDefinitions:
    def test_one_is_told_as_it_was_made(self) -> None:
        bench = everything()
        made = defined(bench, "Size", AssignToObject=["Customer", "Item"], DataExtListRequire=True)
        assert made["AssignToObject"] == ["Customer", "Item"]
        assert made["DataExtListRequire"] is True
        assert made in bench.found("DataExtDef", OwnerID=[CUSTOM])
        assert made not in bench.found("DataExtDef", OwnerID=[PRIVATE])
        assert made in bench.found("DataExtDef", AssignToObject=["Item"])

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"DataExtName": "Color"}, 3180),
            ({"DataExtName": "COLOR"}, 3180),
            ({"AssignToObject": ["Invoice"]}, 3351),
            ({"DataExtName": None}, 3150),
        ],
    )
    def test_refused(self, values: dict[str, Any], code: int) -> None:
        asked = {"OwnerID": CUSTOM, "DataExtName": "Size", "DataExtType": "STR255TYPE", **values}
        assert everything().refused("DataExtDef", asked) == code

    def test_the_same_name_of_another_owner_is_another(self) -> None:
        bench = everything()
        defined(bench, "Size")
        defined(bench, "Size", owner=PRIVATE, AssignToObject=["Invoice"])
        assert len([each for each in bench.found("DataExtDef") if each["DataExtName"] == "Size"]) == 2

    def test_one_is_renamed_and_put_on_other_objects_and_its_values_stay(self) -> None:
        bench = everything()
        defined(bench, "Size", AssignToObject=["Customer"])
        write(bench, "Add", on("Customer Baker", "large"))
        change = {"OwnerID": CUSTOM, "DataExtName": "size", "DataExtNewName": "Extent", "AssignToObject": ["Vendor"]}
        answer = bench.ask("DataExtDef", "Mod", {"DataExtDefMod": {**change, "RemoveFromObject": ["Customer"]}})
        [(_name, told)] = answer.records
        assert (told["DataExtName"], told["AssignToObject"]) == ("Extent", ["Vendor"])  # type: ignore[index,call-overload]
        assert values_of(bench, "Customer", FullName=["Baker"]) == {"Extent": "large"}
        assert write(bench, "Add", on("Customer Abercrombie", name="Extent")) == 3180
        assert write(bench, "Add", on("Vendor Landlord", name="Extent")) == 0

    @pytest.mark.parametrize(
        ("values", "code"),
        [({"DataExtName": "Nothing"}, 3120), ({"DataExtNewName": "Color"}, 3180), ({"AssignToObject": ["Bill"]}, 3351)],
    )
    def test_refused_changes(self, values: dict[str, Any], code: int) -> None:
        bench = everything()
        defined(bench, "Size")
        assert bench.refused("DataExtDef", {"OwnerID": CUSTOM, "DataExtName": "Size", **values}, "Mod") == code

    def test_one_that_is_deleted_takes_its_values_along(self) -> None:
        bench = everything()
        defined(bench, "Size", AssignToObject=["Customer"])
        write(bench, "Add", on("Customer Baker"))
        answer = bench.ask("DataExtDef", "Del", {"OwnerID": CUSTOM, "DataExtName": "Size"})
        [(name, gone)] = answer.records
        assert name == "DataExtDefDelRet"
        assert gone["DataExtName"] == "Size"  # type: ignore[index,call-overload]
        assert bench.ask("DataExtDef", "Del", {"OwnerID": CUSTOM, "DataExtName": "Size"}).status.code == 3120
        defined(bench, "Size", AssignToObject=["Customer"])
        assert values_of(bench, "Customer", FullName=["Baker"]) == {}


class TestValues:
    @pytest.mark.parametrize(
        "where", ["Customer Baker", "Vendor Landlord", "Employee Ann Lee", "Item Lamp", "Company", "OtherName Somebody"]
    )
    def test_added_changed_deleted(self, where: str) -> None:
        bench = everything()
        kind, _, name = where.partition(" ")
        defined(bench, "Size", owner=PRIVATE, AssignToObject=[kind])
        query = {"FullName": [name]} if name and kind != "Employee" else {}
        noun = "ItemNonInventory" if kind == "Item" else kind

        def found() -> dict[str, str]:
            return values_of(bench, noun, PRIVATE, **query)

        assert write(bench, "Add", on(where, "red", PRIVATE)) == 0
        assert found() == {"Size": "red"}
        assert write(bench, "Add", on(where, "red", PRIVATE)) == 3180
        assert write(bench, "Mod", on(where, "blue", PRIVATE)) == 0
        assert found() == {"Size": "blue"}
        assert write(bench, "Del", on(where, None, PRIVATE)) == 0
        assert found() == {}
        assert write(bench, "Del", on(where, None, PRIVATE)) == 3120

    def test_on_a_transaction_and_on_one_of_its_lines(self) -> None:
        bench = everything()
        defined(bench, "Size", owner=PRIVATE, AssignToObject=["Invoice"])
        txn_id = invoiced(bench, "Baker", 500)
        [sale] = bench.found("Invoice", TxnID=[txn_id], IncludeLineItems=True)
        [(_, line)] = sale["InvoiceLineRet|InvoiceLineGroupRet"]
        assert write(bench, "Add", on("Invoice", "whole", PRIVATE, TxnID=txn_id)) == 0
        assert write(bench, "Add", on("Invoice", "line", PRIVATE, TxnID=txn_id, TxnLineID=line["TxnLineID"])) == 0
        [sale] = bench.found("Invoice", TxnID=[txn_id], IncludeLineItems=True, OwnerID=[PRIVATE])
        [(_, line)] = sale["InvoiceLineRet|InvoiceLineGroupRet"]
        assert [[each["DataExtValue"] for each in place["DataExtRet"]] for place in (sale, line)] == [["whole"], ["line"]]
        bench.ask("Txn", "Del", {"TxnDelType": "Invoice", "TxnID": txn_id})
        assert bench.company._store.execute("SELECT count(*) FROM data_ext").fetchone() == (0,)

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            (on("Customer Nobody"), 3120),
            (on("Vendor Baker"), 3120),
            (on("Invoice", TxnID="1-1"), 3120),
            (on("Customer Baker", name="Nothing"), 3120),
            (on("Account Rent"), 3180),
            (on("Customer Baker", "x" * 256), 3070),
        ],
    )
    def test_refused(self, values: dict[str, Any], code: int) -> None:
        bench = everything()
        defined(bench, "Size", AssignToObject=["Customer"])
        assert bench.refused("DataExt", values) == code

    def test_a_transaction_of_another_kind(self) -> None:
        bench = everything()
        defined(bench, "Size", owner=PRIVATE, AssignToObject=["Invoice", "Bill"])
        bill = billed(bench, "Landlord", 500)
        assert bench.refused("DataExt", on("Invoice", owner=PRIVATE, TxnID=bill)) == 3120

    @pytest.mark.parametrize(
        ("kind", "good", "bad", "code"),
        [
            ("AMTTYPE", "12.50", "12.5", 3040),
            ("PRICETYPE", "1.12345", "a", 3045),
            ("PERCENTTYPE", "8.25", "%", 3050),
            ("QUANTYPE", "3", "three", 3060),
            ("INTTYPE", "7", "7.0", 3085),
            ("DATETIMETYPE", "2026-11-23T10:00:00", "23.11.2026", 3020),
            ("STR1024TYPE", "x" * 1024, "x" * 1025, 3070),
        ],
    )
    def test_a_value_fits_the_type_of_its_definition(self, kind: str, good: str, bad: str, code: int) -> None:
        bench = everything()
        defined(bench, "Size", kind=kind, AssignToObject=["Customer"])
        assert bench.refused("DataExt", on("Customer Baker", bad)) == code
        assert write(bench, "Add", on("Customer Baker", good)) == 0
        assert values_of(bench, "Customer", FullName=["Baker"]) == {"Size": good}

    def test_writing_one_is_a_save_of_its_record(self) -> None:
        bench = everything()
        defined(bench, "Size", AssignToObject=["Customer"])

        for operation, value in (("Add", "red"), ("Mod", "blue"), ("Del", None)):
            bench.clock.advance(seconds=5)
            assert write(bench, operation, on("Customer Baker", value)) == 0
            [now] = bench.found("Customer", FullName=["Baker"])
            assert int(now["EditSequence"]) == int(bench.clock.now.timestamp())

    def test_an_owner_is_told_apart_without_regard_to_case(self) -> None:
        bench = everything()
        body = (
            f"<DataExtDefQueryRq><OwnerID>{GUID.lower()}</OwnerID></DataExtDefQueryRq>"
            f"<DataExtAddRq><DataExtAdd><OwnerID>{GUID.lower()}</OwnerID><DataExtName>color</DataExtName>"
            "<OtherDataExtType>Company</OtherDataExtType><DataExtValue>red</DataExtValue></DataExtAdd></DataExtAddRq>"
        )
        assert [answer.status.code for answer in bench.document(body)] == [0, 0]

    def test_a_deleted_record_takes_its_values_along(self) -> None:
        bench = everything()
        defined(bench, "Size", AssignToObject=["Customer"])
        bench.add("Customer", {"Name": "New"})
        write(bench, "Add", on("Customer New"))
        [record] = bench.found("Customer", FullName=["New"])
        assert bench.ask("List", "Del", {"ListDelType": "Customer", "ListID": record["ListID"]}).status.code == 0
        assert bench.company._store.execute("SELECT count(*) FROM data_ext").fetchone() == (0,)
