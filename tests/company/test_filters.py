"""The filters of every query on a company with every feature: what is found, what is told of it, how it is counted and paged."""

from collections.abc import Iterator
from typing import Any

import pytest

from emulator.company import Caller
from emulator.company.asked.register import ACCOUNT_TYPES, ITEM_KINDS, SHOWN
from emulator.company.list_rows import LIST_NOUNS
from emulator.company.transaction_rows import TRANSACTION_NOUNS
from emulator.qbxml import Version, schema_of
from emulator.qbxml.schema import Choice, Model

from .conformance.everything import SINGLE_USER, everything
from .helpers import Bench, line


def _name(text: str) -> dict[str, str]:
    return {"FullName": text}


@pytest.fixture(scope="module")
def shop() -> Bench:
    """A year of a little of everything, a day apart."""
    bench = everything()

    def add(noun: str, **values: Any) -> dict[str, Any]:
        bench.clock.advance(days=1)
        return bench.add(noun, values)

    def lines(kind: str, *each: dict[str, Any]) -> dict[str, Any]:
        return {f"{kind}LineAdd|{kind}LineGroupAdd": [(f"{kind}LineAdd", one) for one in each]}

    east, west = {"ClassRef": _name("East")}, {"ClassRef": _name("West")}
    add("Customer", Name="Eastern", **east)
    add("Customer", Name="Euro Shop", CurrencyRef=_name("Euro"), SalesTaxCodeRef=_name("Non"))
    add("Vendor", Name="Westward", **west)
    add("ToDo", Notes="Call Baker", IsDone=True)
    add("ToDo", Notes="Write to Baker")
    add("PriceLevel", Name="Lamps", PriceLevelPerItem=[{"ItemRef": _name("Lamp"), "CustomPrice": 900_000}])
    add("WorkersCompCode", Name="8810", RateEntry=[{"Rate": 100_000, "EffectiveDate": "2026-01-01"}])
    add("PaymentMethod", Name="Gold card", PaymentMethodType="Visa")
    invoice = add(
        "Invoice", CustomerRef=_name("Baker"), RefNumber="I-1", **east, **lines("Invoice", line("Bolt", Quantity=200_000))
    )
    add("Invoice", CustomerRef=_name("Euro Shop"), RefNumber="I-2", ExchangeRate="1.1", **lines("Invoice", line("Lamp")))
    add("Estimate", CustomerRef=_name("Baker"), RefNumber="E-1", **lines("Estimate", line("Lamp")))
    add("SalesOrder", CustomerRef=_name("Baker"), RefNumber="SO-1", **lines("SalesOrder", line("Nut", Quantity=300_000)))
    add("PurchaseOrder", VendorRef=_name("Landlord"), RefNumber="PO-1", **lines("PurchaseOrder", line("Nut", Quantity=100_000)))
    add(
        "Bill",
        VendorRef=_name("Landlord"),
        RefNumber="B-1",
        ExpenseLineAdd=[{"AccountRef": _name("Rent"), "Amount": 700, **west}],
    )
    applied = [{"TxnID": invoice["TxnID"], "PaymentAmount": 400}]
    add("ReceivePayment", CustomerRef=_name("Baker"), RefNumber="P-1", TotalAmount=400, AppliedToTxnAdd=applied)
    add("TimeTracking", EntityRef=_name("Ann Lee"), Duration="PT1H", CustomerRef=_name("Baker"))
    add("BuildAssembly", ItemInventoryAssemblyRef=_name("Machine"), QuantityToBuild=100_000, RefNumber="M-1")
    add(
        "BuildAssembly",
        ItemInventoryAssemblyRef=_name("Machine"),
        QuantityToBuild=10**9,
        MarkPendingIfRequired=True,
        RefNumber="M-2",
    )
    adjusted = [{"ItemRef": _name("Nut"), "QuantityAdjustment": {"QuantityDifference": 100_000}}]
    add("InventoryAdjustment", AccountRef=_name("Rent"), RefNumber="A-1", InventoryAdjustmentLineAdd=adjusted)
    moved = [{"ItemRef": _name("Bolt"), "QuantityToTransfer": 500_000}]
    places = {"FromInventorySiteRef": _name("North"), "ToInventorySiteRef": _name("South")}
    add("TransferInventory", RefNumber="T-1", TransferInventoryLineAdd=moved, **places)
    entry = [
        ("JournalDebitLine", {"AccountRef": _name("Accounts Receivable"), "Amount": 50, "EntityRef": _name("Baker")}),
        ("JournalCreditLine", {"AccountRef": _name("Interest Income"), "Amount": 50, "Memo": "interest"}),
    ]
    add("JournalEntry", **{"RefNumber": "J-1", "JournalDebitLine|JournalCreditLine": entry})
    return bench


def told(bench: Bench, noun: str, **values: Any) -> list[str]:
    """Return what is found by its number or name."""
    rows = bench.found(noun, **values)
    return [
        next(str(row[name]) for name in ("RefNumber", "FullName", "Name", "Notes", "TxnType", "ListID") if row.get(name))
        for row in rows
    ]


@pytest.mark.parametrize(
    ("noun", "filters", "found"),
    [
        ("Customer", {"ClassFilter": _name("East") | {"FullName": ["East"]}}, ["Eastern"]),
        ("Customer", {"ClassFilter": {"FullNameWithChildren": "West"}}, []),
        ("Customer", {"CurrencyFilter": {"FullName": ["Euro"]}}, ["Euro Shop"]),
        ("Vendor", {"ClassFilter": {"FullName": ["West"]}}, ["Westward"]),
        ("ToDo", {}, ["Write to Baker"]),  # not done only, unless more is asked for (documented)
        ("ToDo", {"DoneStatus": "DoneOnly"}, ["Call Baker"]),
        ("ToDo", {"DoneStatus": "All", "NameFilter": {"MatchCriterion": "StartsWith", "Name": "call"}}, ["Call Baker"]),
        ("PriceLevel", {"ItemRef": _name("Lamp")}, ["Lamps"]),
        ("PriceLevel", {"ItemRef": _name("Repair")}, []),
        ("BillingRate", {"NameFilter": {"MatchCriterion": "Contains", "Name": "rate"}}, ["Standard Rate"]),
        ("WorkersCompCode", {"FromEffectiveDate": "2026-01-01", "ToEffectiveDate": "2026-12-31"}, ["8810"]),
        ("WorkersCompCode", {"FromEffectiveDate": "2026-02-01"}, []),
        ("WorkersCompCode", {"ToEffectiveDate": "2025-12-31"}, []),
        ("PaymentMethod", {"PaymentMethodType": ["Visa"]}, ["Gold card"]),
        ("Account", {"AccountType": ["CreditCard", "LongTermLiability"]}, ["Company Card", "Bank Loan"]),
        ("Entity", {"NameFilter": {"MatchCriterion": "StartsWith", "Name": "ab"}}, ["Abercrombie", "Abercrombie:Kitchen"]),
        ("Item", {"NameRangeFilter": {"FromName": "m", "ToName": "n"}}, ["Nut", "Machine"]),
        ("Terms", {"NameFilter": {"MatchCriterion": "EndsWith", "Name": "15"}}, ["Net 15"]),
        ("Lead", {"Name": ["lead one"]}, ["Lead One"]),
        ("Invoice", {"CurrencyFilter": {"FullName": ["Euro"]}}, ["I-2"]),
        ("Invoice", {"CurrencyFilter": {"FullName": ["US Dollar"]}}, ["I-1"]),
        ("Invoice", {"AccountFilter": {"FullName": ["Cost of Goods Sold"]}}, ["I-1"]),
        ("Estimate", {"AccountFilter": {"FullName": ["Estimates"]}}, ["E-1"]),
        ("Estimate", {"AccountFilter": {"FullName": ["Sales:Wholesale"]}}, ["E-1"]),
        ("SalesOrder", {"EntityFilter": {"FullName": ["Baker"]}}, ["SO-1"]),
        ("PurchaseOrder", {"AccountFilter": {"FullName": ["Inventory Asset"]}}, ["PO-1"]),
        ("JournalEntry", {"EntityFilter": {"FullName": ["Baker"]}}, ["J-1"]),
        ("JournalEntry", {"EntityFilter": {"FullName": ["Landlord"]}}, []),
        ("BuildAssembly", {"PendingStatus": "PendingOnly"}, ["M-2"]),
        ("BuildAssembly", {"PendingStatus": "NotPendingOnly"}, ["M-1"]),
        ("BuildAssembly", {"ItemFilter": {"FullName": ["Machine"]}}, ["M-1"]),
        ("InventoryAdjustment", {"ItemFilter": {"FullName": ["Nut"]}, "RefNumberFilter": {"MatchCriterion": "EndsWith", "RefNumber": "1"}}, ["A-1"]),
        ("TransferInventory", {"SiteFilter": {"FullName": ["South"]}}, ["T-1"]),
        ("TransferInventory", {"SiteFilter": {"FullName": ["South:Bin 2"]}}, []),
        ("Bill", {"PaidStatus": "NotPaidOnly"}, ["B-1"]),
        ("BarCode", {"BarCodeValue": ["none"]}, []),
    ],
)  # fmt: skip
def test_filters(shop: Bench, noun: str, filters: dict[str, Any], found: list[str]) -> None:
    assert told(shop, noun, **filters) == found


def test_time_by_who_worked(shop: Bench) -> None:
    assert len(shop.found("TimeTracking", TimeTrackingEntityFilter={"FullName": ["Ann Lee"]})) == 1
    assert shop.found("TimeTracking", TimeTrackingEntityFilter={"FullName": ["Baker"]}) == []


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"RefNumber": ["i-1", "B-1"]}, ["I-1", "B-1"]),
        ({"RefNumberCaseSensitive": ["i-1", "B-1"]}, ["B-1"]),
        ({"RefNumberFilter": {"MatchCriterion": "StartsWith", "RefNumber": "m-"}}, ["M-1", "M-2"]),
        ({"TransactionTypeFilter": {"TxnTypeFilter": ["Bill", "JournalEntry"]}}, ["B-1", "J-1"]),
        ({"TransactionPostingStatusFilter": "NonPosting"}, ["E-1", "SO-1", "PO-1", "M-2"]),
        ({"TransactionPaidStatusFilter": "Closed"}, ["I-1", "P-1"]),
        ({"TransactionPaidStatusFilter": "Open", "TransactionEntityFilter": {"FullName": ["Landlord"]}}, ["B-1"]),
        ({"TransactionEntityFilter": {"EntityTypeFilter": "Vendor"}}, ["PO-1", "B-1"]),
        ({"TransactionAccountFilter": {"AccountTypeFilter": "OtherIncome"}}, ["J-1"]),
        ({"TransactionAccountFilter": {"FullName": ["Rent"]}}, ["B-1", "A-1"]),
        ({"TransactionItemFilter": {"ItemTypeFilter": "Assembly"}}, ["M-1"]),
        ({"TransactionItemFilter": {"FullName": ["Nut"]}, "TransactionTypeFilter": {"TxnTypeFilter": ["SalesOrder"]}}, ["SO-1"]),
        ({"TransactionClassFilter": {"FullName": ["East"]}}, ["I-1"]),
        ({"CurrencyFilter": {"FullName": ["Euro"]}}, ["I-2"]),
        ({"TransactionDateRangeFilter": {"DateMacro": "All"}, "MaxReturned": 3, "TransactionTypeFilter": {"TxnTypeFilter": ["All"]},
          "TransactionItemFilter": {"FullName": ["Lamp"]}}, ["I-2", "E-1"]),
    ],
)  # fmt: skip
def test_the_register(shop: Bench, filters: dict[str, Any], found: list[str]) -> None:
    rows = [row for row in shop.found("Transaction", **filters) if row.get("RefNumber")]
    assert [row["RefNumber"] for row in rows] == found


def test_the_register_by_rows(shop: Bench) -> None:
    only = {"RefNumber": ["J-1"]}
    [summary] = shop.found("Transaction", **only)
    assert (summary["TxnType"], summary["Amount"], "TxnLineID" in summary) == ("JournalEntry", 50, False)
    every = shop.found("Transaction", **only, TransactionDetailLevelFilter="All")
    assert [(row["AccountRef"]["FullName"], row["Amount"]) for row in every] == [
        ("Accounts Receivable", 50),
        ("Interest Income", 50),
    ]
    details = shop.found("Transaction", **only, TransactionDetailLevelFilter="AllExceptSummary")
    assert [(row["Memo"], row["TxnLineID"] == every[1]["TxnLineID"]) for row in details] == [("interest", True)]


def test_the_register_knows_every_word(shop: Bench) -> None:
    """Every value of its filters is answered, and every type of account and kind of item is reached by some."""
    message = schema_of("16.0").message("TransactionQueryRq")
    assert message is not None
    words = dict(value_lists(message.children))
    types, kinds = words["AccountTypeFilter"], words["ItemTypeFilter"]
    for wanted in types:
        shop.query("Transaction", TransactionAccountFilter={"AccountTypeFilter": wanted})
    for wanted in kinds:
        shop.query("Transaction", TransactionItemFilter={"ItemTypeFilter": wanted})
    assert set(ACCOUNT_TYPES) <= set(types)
    assert set(ITEM_KINDS) == set(kinds)
    assert (
        set(words["TxnTypeFilter"]) - {"All", "LiabilityAdjustment", "Paycheck", "PayrollLiabilityCheck", "YTDAdjustment"}
        == SHOWN
    )


def value_lists(model: Model) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the elements of a message that have a list of values."""
    for part in model:
        if isinstance(part, Choice):
            for branch in part.branches:
                yield from value_lists(branch)
        else:
            if part.values:
                yield part.name, part.values
            yield from value_lists(part.children)


PAGED = [noun.name for noun in (*LIST_NOUNS, *TRANSACTION_NOUNS) if noun.iterates] + [
    "Item",
    "Entity",
    "Transaction",
    "ItemSites",
    "BarCode",
]


@pytest.mark.parametrize("noun", PAGED)
def test_pages_are_the_whole(shop: Bench, noun: str) -> None:
    """Page by page a query answers what it answers at once, and counts down to nothing left."""
    caller = Caller("pages", "Test Application", file_mode="SingleUser")
    whole = shop.query(noun, caller)
    read, attributes = [], {"iterator": "Start"}
    while True:
        page = shop.query(noun, caller, attributes, MaxReturned=2)
        read += list(page.records)
        if page.status.code == 1 or page.attributes["iteratorRemainingCount"] == "0":
            break
        assert len(page.records) == 2
        attributes = {"iterator": "Continue", "iteratorID": page.attributes["iteratorID"]}
    assert read == list(whole.records)
    assert int(page.attributes.get("iteratorRemainingCount", "0")) == 0
    assert (
        shop.query(noun, caller, {"iterator": "Continue", "iteratorID": attributes.get("iteratorID", "{x}")}).status.code == 3391
    )


def test_the_nouns_with_iterators_are_those_of_the_schema() -> None:
    schema = schema_of(Version("16.0").schema_number)
    told = {
        name.removesuffix("QueryRq")
        for name in schema.requests()
        if any(each.name == "iterator" for each in schema.message(name).attributes)  # type: ignore[union-attr]
    }
    assert told == set(PAGED)


COUNTED = [
    name.removesuffix("QueryRq")
    for name in schema_of("16.0").requests()
    if any(each.name == "metaData" for each in schema_of("16.0").message(name).attributes)  # type: ignore[union-attr]
]


@pytest.mark.parametrize("noun", COUNTED)
def test_counts(shop: Bench, noun: str) -> None:
    values: dict[str, Any] = {
        "BillToPay": {"PayeeEntityRef": _name("Landlord")},
        "ListDeleted": {"ListDelType": ["Customer"]},
        "TxnDeleted": {"TxnDelType": ["Invoice"]},
        "ItemAssembliesCanBuild": {"ItemInventoryAssemblyRef": _name("Machine"), "TxnDate": "2026-12-01"},
    }.get(noun, {})
    if noun in ("SalesTaxReturn", "SalesTaxReturnLine"):
        return  # another edition's
    plain = shop.query(noun, SINGLE_USER, **values)
    counted = shop.query(noun, SINGLE_USER, {"metaData": "MetaDataOnly"}, **values)
    both = shop.query(noun, SINGLE_USER, {"metaData": "MetaDataAndResponseData"}, **values)
    assert "retCount" not in plain.attributes
    assert counted.attributes["retCount"] == both.attributes["retCount"] == str(len(plain.records))
    assert (list(counted.records), list(both.records)) == ([], list(plain.records))


@pytest.mark.parametrize("noun", ["Customer", "Invoice", "Transaction", "DataExtDef", "Preferences", "Host"])
def test_only_what_is_asked_for(shop: Bench, noun: str) -> None:
    wanted = {
        "Customer": "Name",
        "Invoice": "TxnDate",
        "Transaction": "TxnDate",
        "Preferences": "AccountingPreferences",
        "Host": "Country",
    }
    names = [wanted.get(noun, "DataExtName"), "NoSuchElement"]
    for _name_of, values in shop.query(noun, IncludeRetElement=names).records:
        assert isinstance(values, dict)
        extra = {"DataExtID", "DataExtListRequire", "DataExtTxnRequire", "DataExtFormatString"} if noun == "DataExtDef" else set()
        assert set(values) <= {names[0], *extra}


LETTERS = (
    ("Contains", "Élan", "Élan"),
    ("Contains", "ÉLAN", "Élan"),
    ("StartsWith", "él", "Élan"),
    ("EndsWith", "STRASSE", "Am Straße"),
    ("Contains", "ß", "Am Straße"),
)


@pytest.mark.parametrize("setting", ["full-name", "name"])
@pytest.mark.parametrize(("criterion", "wanted", "found"), LETTERS)
def test_names_compare_without_case_in_every_alphabet(setting: str, criterion: str, wanted: str, found: str) -> None:
    """Documented: names compare without case."""
    bench = Bench(switches={"company.name-filter": setting})
    for name in ("Élan", "Am Straße"):
        bench.add("Customer", {"Name": name})
        bench.add("ToDo", {"Notes": name})
    by_name = {"NameFilter": {"MatchCriterion": criterion, "Name": wanted}}
    assert [row["Name"] for row in bench.found("Customer", **by_name)] == [found]
    assert [row["Notes"] for row in bench.found("ToDo", **by_name)] == [found]


def test_the_end_of_a_range_holds_what_goes_on_after_it() -> None:
    """Its folded text may be longer than what is written: ß is ss."""
    bench = Bench()
    for name in ("Straßburg", "Strasse", "Strasz"):
        bench.add("Customer", {"Name": name})
    told = bench.found("Customer", NameRangeFilter={"FromName": "Straß", "ToName": "Straß"})
    assert sorted(row["Name"] for row in told) == ["Strasse", "Straßburg"]


def test_a_date_out_of_range_is_named() -> None:
    bench = Bench()
    for element, values in (
        ("FromDeletedDate", {"ListDelType": ["Customer"], "DeletedDateRangeFilter": {"FromDeletedDate": "1960-01-01"}}),
        ("ToDeletedDate", {"ListDelType": ["Customer"], "DeletedDateRangeFilter": {"ToDeletedDate": "1960-01-01"}}),
    ):
        refused = bench.query("ListDeleted", **values).status
        assert (refused.code, element in refused.message) == (3020, True)
    refused = bench.query("Customer", FromModifiedDate="1960-01-01").status
    assert (refused.code, "FromModifiedDate" in refused.message) == (3020, True)
