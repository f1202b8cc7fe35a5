"""Queries: names, filters, order, pages, counts."""

import sqlite3
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.company import Caller
from emulator.qbxml import decode_set

from .helpers import Bench, bill, invoice, line, payment, request
from .proven import Proven, ref

MONTHS = [f"2026-{month:02}-15" for month in range(1, 13)]


@pytest.fixture(scope="module")
def shop() -> Bench:
    bench = Bench()
    for name in ("Zebra", "apple", "Apple & Sons", "Orchard"):
        bench.clock.advance(hours=1)
        bench.add("Customer", {"Name": name})
    bench.add("Customer", {"Name": "Red", "ParentRef": {"FullName": "apple"}})
    for place, day in enumerate(MONTHS):
        bench.clock.advance(days=1)
        bench.add("Invoice", invoice("Baker" if place % 2 else "Abercrombie:Kitchen", TxnDate=day, RefNumber=f"G-{100 + place}"))
    first = bench.found("Invoice", RefNumber=["G-101"])[0]
    bench.add(
        "ReceivePayment",
        payment("Baker", 1050, {"TxnID": first["TxnID"], "PaymentAmount": 1050}, RefNumber="77", TxnDate="2026-06-01"),
    )
    bench.add("Bill", bill(RefNumber="B-1", TxnDate="2026-06-01"))
    return bench


def names(bench: Bench, noun: str = "Customer", **values: Any) -> list[str]:
    return [row["FullName"] for row in bench.found(noun, **values)]


def refs(bench: Bench, **values: Any) -> list[str]:
    return [row["RefNumber"] for row in bench.found("Invoice", **values)]


def test_customers_come_parent_first_and_children_follow(shop: Bench) -> None:
    assert names(shop) == [
        "Abercrombie", "Abercrombie:Kitchen", "apple", "apple:Red", "Apple & Sons", "Baker", "Limited", "Orchard", "Zebra",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"ActiveStatus": "InactiveOnly"}, ["Gone"]),
        ({"NameFilter": {"MatchCriterion": "StartsWith", "Name": "APPLE"}}, ["apple", "apple:Red", "Apple & Sons"]),
        ({"NameFilter": {"MatchCriterion": "Contains", "Name": "e:r"}}, ["apple:Red"]),
        ({"NameFilter": {"MatchCriterion": "EndsWith", "Name": "S"}}, ["Apple & Sons"]),
        ({"NameRangeFilter": {"FromName": "o"}}, ["Orchard", "Zebra"]),
        ({"NameRangeFilter": {"FromName": "B", "ToName": "l"}}, ["Baker", "Limited"]),
        ({"NameRangeFilter": {"ToName": "apple"}}, ["Abercrombie", "Abercrombie:Kitchen", "apple", "apple:Red", "Apple & Sons"]),
        ({"TotalBalanceFilter": {"Operator": "GreaterThan", "Amount": 0}}, ["Abercrombie", "Abercrombie:Kitchen", "Baker"]),
        ({"TotalBalanceFilter": {"Operator": "Equal", "Amount": 5 * 1050}}, ["Baker"]),
        ({"MaxReturned": 2}, ["Abercrombie", "Abercrombie:Kitchen"]),
        ({"FromModifiedDate": "2026-11-23T10:00:00", "ToModifiedDate": "2026-11-23T11:30:00"}, ["apple", "Zebra"]),
        ({"FromModifiedDate": "2026-11-23", "ToModifiedDate": "2026-11-23", "MaxReturned": 1}, ["apple"]),
        ({"ToModifiedDate": "2024-01-15T09:00:00-05:00"}, ["Abercrombie", "Abercrombie:Kitchen", "Baker", "Limited"]),
    ],
)  # fmt: skip
def test_list_filters(shop: Bench, filters: dict[str, Any], found: list[str]) -> None:
    assert names(shop, **filters) == found


@pytest.mark.parametrize(
    ("filters", "places"),
    [
        ({"TxnDateRangeFilter": {"FromTxnDate": "2026-03-01", "ToTxnDate": "2026-04-15"}}, [2, 3]),
        ({"TxnDateRangeFilter": {"FromTxnDate": "2026-11-15"}}, [10, 11]),
        ({"TxnDateRangeFilter": {"DateMacro": "LastMonth"}}, [10]),
        ({"TxnDateRangeFilter": {"DateMacro": "ThisCalendarQuarterToDate"}}, [9, 10]),
        ({"TxnDateRangeFilter": {"DateMacro": "All"}}, list(range(12))),
        ({"EntityFilter": {"FullName": ["baker"]}, "MaxReturned": 2}, [1, 3]),
        ({"EntityFilter": {"FullName": ["Abercrombie"]}}, []),
        ({"EntityFilter": {"FullNameWithChildren": "Abercrombie"}, "MaxReturned": 1}, [0]),
        ({"RefNumberFilter": {"MatchCriterion": "EndsWith", "RefNumber": "9"}}, [9]),
        ({"RefNumberRangeFilter": {"FromRefNumber": "G-105", "ToRefNumber": "g-106"}}, [5, 6]),
        ({"PaidStatus": "PaidOnly"}, [1]),
        ({"PaidStatus": "NotPaidOnly", "MaxReturned": 2}, [0, 2]),
        ({"AccountFilter": {"FullName": ["Accounts Receivable"]}, "MaxReturned": 1}, [0]),
        ({"AccountFilter": {"FullNameWithChildren": "Sales"}, "MaxReturned": 1}, [0]),
        ({"AccountFilter": {"FullName": ["Rent"]}}, []),
        ({"ModifiedDateRangeFilter": {"FromModifiedDate": "2026-12-05"}}, [1, 11]),  # the payment touched the second invoice
    ],
)
def test_transaction_filters(shop: Bench, filters: dict[str, Any], places: list[int]) -> None:
    assert refs(shop, **filters) == [f"G-{100 + place}" for place in places]


@pytest.mark.parametrize(
    ("noun", "values", "code"),
    [
        ("Customer", {"NameFilter": {"MatchCriterion": "StartsWith", "Name": "nothing"}}, 1),
        ("Customer", {"FullName": ["nothing"]}, 500),
        ("Customer", {"FullName": ["Landlord"]}, 500),
        ("Customer", {"ListID": ["80000099-1"]}, 500),
        ("Invoice", {"TxnID": ["1-1"]}, 500),
        ("Invoice", {"RefNumber": ["nothing"]}, 500),
        ("Customer", {"FromModifiedDate": "2026-02-01", "ToModifiedDate": "2026-01-01"}, 3030),
        ("Invoice", {"TxnDateRangeFilter": {"FromTxnDate": "2026-02-01", "ToTxnDate": "2026-01-01"}}, 3030),
        ("Customer", {"FromModifiedDate": "2039-02-01"}, 3020),
        ("Customer", {"FromModifiedDate": "1969-12-31"}, 3020),
        ("Customer", {"ToModifiedDate": "2038-01-19T03:14:08"}, 3020),
        ("Invoice", {"ModifiedDateRangeFilter": {"ToModifiedDate": "2038-1-20"}}, 3020),
        ("Invoice", {"TxnDateRangeFilter": {"FromTxnDate": "1900-12-31"}}, 3020),
        ("Customer", {"NameRangeFilter": {"FromName": "b", "ToName": "A"}}, 3031),
        ("Invoice", {"RefNumberRangeFilter": {"FromRefNumber": "2", "ToRefNumber": "1"}}, 3031),
        ("Invoice", {"EntityFilter": {"FullName": ["nothing"]}}, 3140),
        ("Invoice", {"AccountFilter": {"ListIDWithChildren": "80000099-1"}}, 3140),
        ("Customer", {"ClassFilter": {"FullName": ["East"]}}, 3250),
        ("Invoice", {"CurrencyFilter": {"FullName": ["Euro"]}}, 3250),
        ("SalesOrder", {}, 1),
    ],
)
def test_status_of_a_query(shop: Bench, noun: str, values: dict[str, Any], code: int) -> None:
    answer = shop.ask(noun, "Query", values)
    assert answer.status.code == code
    assert answer.records == []


def test_what_is_found_comes_beside_what_is_missing(shop: Bench) -> None:
    answer = shop.query("Customer", FullName=["Baker", "nobody", "zebra", "BAKER", "no one"])
    assert (answer.status.code, answer.status.severity) == (500, "Warn")
    assert '"nobody"' in answer.status.message
    assert [record["FullName"] for _name, record in answer.records] == ["Baker", "Zebra"]  # type: ignore[index,call-overload]


def test_numbers_with_and_without_case() -> None:
    bench = Bench()
    for number in ("a1", "A1", "b2"):
        bench.add("Invoice", invoice(RefNumber=number))
    assert refs(bench, RefNumber=["A1"]) == ["a1", "A1"]
    assert refs(bench, RefNumberCaseSensitive=["A1"]) == ["A1"]


def test_lines_links_and_chosen_elements(shop: Bench) -> None:
    plain = shop.found("Invoice", RefNumber=["G-101"])[0]
    assert not {"InvoiceLineRet|InvoiceLineGroupRet", "LinkedTxn"} & plain.keys()
    full = shop.found("Invoice", RefNumber=["G-101"], IncludeLineItems=True, IncludeLinkedTxns=True)[0]
    assert {"InvoiceLineRet|InvoiceLineGroupRet", "LinkedTxn"} <= full.keys()
    chosen = shop.found(
        "Invoice", RefNumber=["G-101"], IncludeRetElement=["TxnID", "InvoiceLineRet", "nonsense"], IncludeLineItems=True
    )
    assert chosen[0].keys() == {"TxnID", "InvoiceLineRet|InvoiceLineGroupRet"}


def test_combined_queries(shop: Bench) -> None:
    kinds = [name for name, _values in shop.query("Item").records]
    assert kinds == ["ItemServiceRet", "ItemNonInventoryRet", "ItemSalesTaxRet"]
    entities = [name for name, _values in shop.query("Entity", ActiveStatus="All").records]
    assert entities == ["CustomerRet"] * 10 + ["VendorRet"] * 3
    assert len(shop.found("Terms")) == 4


@pytest.mark.parametrize(
    ("meta", "count", "records"), [("MetaDataOnly", "2", 0), ("MetaDataAndResponseData", "2", 2), ("NoMetaData", None, 2)]
)
def test_counts(shop: Bench, meta: str, count: str | None, records: int) -> None:
    answer = shop.ask("Customer", "Query", {"MaxReturned": 2}, metaData=meta)
    assert answer.attributes.get("retCount") == count
    assert len(answer.records) == records


class TestIterators:
    @pytest.mark.parametrize("mode", ["Stop", "Continue"])
    def test_one_of_a_session_that_started_none(self, mode: str) -> None:
        assert self.page(Bench(), mode, "{x}").status.code == 3391

    def page(
        self, bench: Bench, mode: str, iterator_id: str = "", caller: Caller | None = None, noun: str = "Customer", **values: Any
    ) -> Any:
        attributes = {"iterator": mode, **({"iteratorID": iterator_id} if iterator_id else {})}
        return bench.ask(noun, "Query", values, caller, **attributes)

    @settings(max_examples=20, deadline=None)
    @given(size=st.integers(1, 12))
    def test_pages_make_the_whole(self, shop: Bench, size: int) -> None:
        answer = self.page(shop, "Start", MaxReturned=size)
        iterator_id = answer.attributes["iteratorID"]
        assert iterator_id[0] + iterator_id[-1] == "{}"
        found = list(answer.records)
        while answer.attributes["iteratorRemainingCount"] != "0":
            answer = self.page(shop, "Continue", iterator_id, MaxReturned=size)
            assert answer.attributes["iteratorID"] == iterator_id
            assert len(answer.records) <= size
            found += answer.records
        assert found == shop.query("Customer").records
        assert self.page(shop, "Continue", iterator_id, MaxReturned=size).status.code == 3391

    def test_start_needs_max_returned(self, shop: Bench) -> None:
        assert self.page(shop, "Start").status.code == 3150

    def test_unknown_foreign_stopped_and_ended(self, shop: Bench) -> None:
        other = Caller("another session", "Test Application")
        iterator_id = self.page(shop, "Start", MaxReturned=1).attributes["iteratorID"]
        assert self.page(shop, "Continue", "{nonsense}", MaxReturned=1).status.code == 3391
        assert self.page(shop, "Continue", iterator_id, other, MaxReturned=1).status.code == 3391
        assert self.page(shop, "Continue", iterator_id, noun="Vendor", MaxReturned=1).status.code == 3391
        assert self.page(shop, "Stop", iterator_id).status.code == 0
        assert self.page(shop, "Continue", iterator_id, MaxReturned=1).status.code == 3391
        iterator_id = self.page(shop, "Start", caller=other, MaxReturned=1).attributes["iteratorID"]
        shop.company.end_session(other.session)
        assert self.page(shop, "Continue", iterator_id, other, MaxReturned=1).status.code == 3391

    def test_too_many_open(self) -> None:
        bench = Bench(switches={"company.iterators-open-max": 2})
        first = self.page(bench, "Start", MaxReturned=1).attributes["iteratorID"]
        assert self.page(bench, "Start", MaxReturned=1).status.code == 0
        assert self.page(bench, "Start", MaxReturned=1).status.code == 3390
        assert self.page(bench, "Stop", first).status.code == 0
        assert self.page(bench, "Start", MaxReturned=1).status.code == 0

    @pytest.mark.parametrize(
        ("setting", "names_found"), [("fixed", ["Baker", "Limited"]), ("live", ["Aaron", "Baker", "Limited"])]
    )
    def test_membership(self, setting: str, names_found: list[str]) -> None:
        bench = Bench(switches={"company.iterator-membership": setting})
        answer = self.page(bench, "Start", MaxReturned=2)
        bench.add("Customer", {"Name": "Aaron"})
        rest = self.page(bench, "Continue", answer.attributes["iteratorID"], MaxReturned=10)
        assert [record["FullName"] for _name, record in rest.records] == names_found

    def test_lists_without_iterators_answer_as_if_none_was_asked(self, shop: Bench) -> None:
        answer = self.page(shop, "Start", noun="Account", MaxReturned=3)
        assert len(answer.records) == 3
        assert "iteratorID" not in answer.attributes

    def test_transactions(self, shop: Bench) -> None:
        answer = self.page(shop, "Start", noun="Invoice", MaxReturned=5, IncludeLineItems=True)
        assert answer.attributes["iteratorRemainingCount"] == "7"
        assert "InvoiceLineRet|InvoiceLineGroupRet" in answer.records[0][1]
        rest = self.page(shop, "Continue", answer.attributes["iteratorID"], noun="Invoice", MaxReturned=10)
        assert [record["RefNumber"] for _name, record in rest.records] == [f"G-{place}" for place in range(105, 112)]

    def test_ids_are_the_same_in_every_run(self) -> None:
        first, second = (self.page(Bench(), "Start", MaxReturned=1).attributes["iteratorID"] for _ in range(2))
        assert first == second


def test_name_filter_by_name() -> None:
    bench = Bench(switches={"company.name-filter": "name"})
    assert names(bench, NameFilter={"MatchCriterion": "StartsWith", "Name": "kit"}) == ["Abercrombie:Kitchen"]


def test_order_as_entered() -> None:
    bench = Bench(switches={"company.transaction-order": "created"})
    bench.add("Invoice", invoice(TxnDate="2026-02-01", RefNumber="first"))
    bench.add("Invoice", invoice(TxnDate="2026-01-01", RefNumber="second"))
    assert refs(bench) == ["first", "second"]


def test_host_company_preferences() -> None:
    bench = Bench(now=datetime(2026, 7, 1, tzinfo=UTC))
    host = bench.ask("Host", "Query", {}, Caller("s", file_mode="SingleUser", automatic_login=True)).records[0][1]
    assert host["MajorVersion"] == "34"  # type: ignore[index,call-overload]
    assert host["QBFileMode"] == "SingleUser"  # type: ignore[index,call-overload]
    assert "16.0" in host["SupportedQBXMLVersion"]  # type: ignore[index,call-overload]
    assert bench.found("Company", IncludeRetElement=["CompanyName"]) == [{"CompanyName": "Test Company"}]
    bench.company.close_books(datetime(2026, 1, 31, tzinfo=UTC).date())
    assert bench.found("Preferences")[0]["AccountingPreferences"]["ClosingDate"] == "2026-01-31"
    assert bench.found("Preferences")[0]["SalesTaxPreferences"]["DefaultItemSalesTaxRef"]["FullName"] == "State Tax"


def test_a_value_that_did_not_convert_is_answered_and_not_performed() -> None:
    from emulator.qbxml import status

    bench = Bench()
    bad = request("Invoice", "Add", {"InvoiceAdd": invoice("Baker", line())})
    bad.fault = status.of(3040, field="Amount", value="x")
    [answer] = bench.answers(bad)
    assert answer.status.code == 3040
    assert bench.truth.transactions() == []


@pytest.mark.parametrize(
    ("noun", "values"),
    [
        ("Customer", {"FromModifiedDate": "1970-01-01", "ToModifiedDate": "2038-01-19"}),
        ("Invoice", {"TxnDateRangeFilter": {"FromTxnDate": "1901-01-01", "ToTxnDate": "9999-12-31"}}),
    ],
)
def test_the_ends_of_the_ranges_of_dates(shop: Bench, noun: str, values: dict[str, Any]) -> None:
    assert shop.ask(noun, "Query", values).records


@pytest.mark.parametrize(
    ("noun", "values", "code"),
    [
        ("Customer", {"FromModifiedDate": "2039-02-01"}, 1),
        ("Customer", {"FromModifiedDate": "1969-12-31", "ToModifiedDate": "9999-12-31"}, 0),
        ("Customer", {"FromModifiedDate": "9999-12-31", "ToModifiedDate": "0001-01-01"}, 3030),
        ("Invoice", {"TxnDateRangeFilter": {"FromTxnDate": "0001-01-01"}}, 0),
    ],
)
def test_a_date_outside_the_range_stands_for_its_end_by_the_switch(noun: str, values: dict[str, Any], code: int) -> None:
    bench = Bench(switches={"company.filter-date-out-of-range": "nearest-end"})
    bench.add("Invoice", invoice())
    assert bench.ask(noun, "Query", values).status.code == code


@pytest.mark.parametrize(
    ("setting", "span", "found"),
    [
        ("numbers", ("9", "101"), ["9", "10", "099", "100", "101"]),
        ("numbers", ("10", "11"), ["10"]),
        ("numbers", ("0100", "100"), ["100"]),
        ("numbers", ("9" * 5000, "9" * 5001), []),
        ("numbers", ("10", "9"), 3031),
        ("text", ("10", "11"), ["10", "100", "101"]),
        ("text", ("9", "101"), 3031),
        ("numbers", ("1", "1a"), ["10", "100", "101"]),
    ],
)
def test_a_range_of_numbers(setting: str, span: tuple[str, str], found: list[str] | int) -> None:
    bench = Bench(switches={"company.range-of-numbers": setting})
    for number in ("9", "10", "099", "100", "101", "A-10", "10b"):
        bench.add("Invoice", invoice(RefNumber=number))
    answer = bench.query("Invoice", RefNumberRangeFilter={"FromRefNumber": span[0], "ToRefNumber": span[1]})
    if isinstance(found, int):
        assert answer.status.code == found
    else:
        told = [values["RefNumber"] for _name, values in answer.records]
        assert [each for each in told if each != "10b"] == found


def test_groups_are_kept_with_the_lines_that_are_asked_for() -> None:
    bench = Bench()
    bench.add("ItemGroup", {"Name": "Set", "ItemGroupLine": [{"ItemRef": {"FullName": "Lamp"}, "Quantity": 100_000}]})
    entry = ("InvoiceLineGroupAdd", {"ItemGroupRef": {"FullName": "Set"}})
    bench.add("Invoice", {"CustomerRef": {"FullName": "Baker"}, "InvoiceLineAdd|InvoiceLineGroupAdd": [entry]})
    for name in ("InvoiceLineRet", "InvoiceLineGroupRet"):
        [found] = bench.found("Invoice", IncludeRetElement=[name], IncludeLineItems=True)
        assert list(found) == ["InvoiceLineRet|InvoiceLineGroupRet"]


@pytest.mark.parametrize(
    ("version", "required"), [("4.0", {"IncomeAccountRef", "COGSAccountRef", "AssetAccountRef"}), ("16.0", set())]
)
def test_what_a_version_requires_is_in_every_answer(version: str, required: set[str]) -> None:
    document = f"""<?qbxml version="{version}"?><QBXML><QBXMLMsgsRq onError="stopOnError"><ItemInventoryQueryRq>
        <IncludeRetElement>Name</IncludeRetElement></ItemInventoryQueryRq></QBXMLMsgsRq></QBXML>"""
    bench = Proven()
    [answer] = bench.company.begin_set(decode_set(document), bench.caller).finish()
    assert {name for _name, values in answer.records for name in values} == {"Name", *required}


@pytest.mark.parametrize(("setting", "code"), [("501", 501), ("500", 500)])
def test_two_warnings_of_one_query(setting: str, code: int) -> None:
    bench = Bench(switches={"company.first-of-two-warnings": setting})
    account = {"FullName": "Equipment"}
    bench.add("Account", {"Name": "Equipment", "AccountType": "FixedAsset"})
    bench.add(
        "ItemFixedAsset",
        {
            "Name": "Truck",
            "AcquiredAs": "New",
            "PurchaseDesc": "A truck",
            "PurchaseDate": "2026-01-01",
            "AssetAccountRef": account,
        },
    )
    document = """<?qbxml version="2.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"><ItemQueryRq><FullName>Truck</FullName>
        <FullName>nothing</FullName></ItemQueryRq></QBXMLMsgsRq></QBXML>"""
    [answer] = bench.company.begin_set(decode_set(document), bench.caller).finish()
    assert (answer.status.code, answer.records) == (code, [])


MANY = [f"Nr. {number}" for number in range(40)]


@pytest.mark.parametrize(
    ("noun", "values"),
    [
        ("Invoice", {"EntityFilter": {"FullName": MANY}}),
        ("JournalEntry", {"EntityFilter": {"FullName": MANY}}),
        ("Invoice", {"ItemFilter": {"FullName": MANY}}),
        ("Invoice", {"AccountFilter": {"FullName": MANY}}),
        ("Invoice", {"RefNumber": MANY}),
        ("Account", {"AccountType": ["Bank", "Income"] * 20}),
        ("Transaction", {"TransactionClassFilter": {"FullName": MANY}}),
        ("BarCode", {"BarCodeValue": MANY}),
        ("Transaction", {"RefNumber": MANY}),
        ("Transaction", {"RefNumberCaseSensitive": MANY}),
        ("Transaction", {"TransactionEntityFilter": {"FullName": MANY}}),
        ("Transaction", {"TransactionAccountFilter": {"FullName": MANY}}),
        ("Transaction", {"TransactionItemFilter": {"FullName": MANY}}),
        ("Item", {"FullName": MANY}),
    ],
)
def test_there_may_be_more_names_than_sqlite_takes_parameters(noun: str, values: dict[str, Any]) -> None:
    bench = Proven()
    for name in MANY:
        bench.add("Customer", {"Name": name})
        bench.add("ItemService", {"Name": name, "SalesOrPurchase": {"AccountRef": ref("Sales")}})
        bench.add("Account", {"Name": name, "AccountType": "Bank"})
        bench.add("Class", {"Name": name})
    connection = bench.company._store.connection
    connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 30)
    connection.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 40)
    assert bench.query(noun, **values).status.code in (0, 1, 500)
