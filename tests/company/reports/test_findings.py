"""What a reviewer found wrong, each as a small case worked out by hand."""

from typing import Any

import pytest

from company.helpers import Bench, invoice, line
from company.proven import SHOP, Proven, billed, expense, goods, part, purchase, received, ref

from .telling import by_label, cents, rows_of, titles, told

FREE: dict[str, Any] = {"ItemSalesTaxRef": {}}


def sold(
    bench: Bench, customer: str, amount: int, day: str = "2026-03-10", *more: dict[str, Any], **header: Any
) -> dict[str, Any]:
    return bench.add("Invoice", invoice(customer, line("Repair", Amount=amount), *more, TxnDate=day, **FREE, **header))


def test_a_duration_without_hours() -> None:
    bench = Bench()
    bench.add("Employee", {"FirstName": "Ann", "LastName": "Lee"})
    for duration in ("PT45M", "PT2H", "PT1H5M"):
        bench.add("TimeTracking", {"TxnDate": "2026-11-02", "EntityRef": ref("Ann Lee"), "Duration": duration})
    assert by_label(told(bench, "Time", "TimeByName"))["TOTAL"] == ["PT3H50M"]


def test_money_in_hand_is_there_on_a_cash_basis() -> None:
    """A bill that posts to the bank, and one of nothing: rent of 40.00 less 40.00 from the bank."""
    bench = Proven()
    bench.add("Bill", purchase("Bill", expense(500), expense(300, "Operating Account"), party="Landlord", TxnDate="2026-03-01"))
    bench.add(
        "Bill", purchase("Bill", expense(4_000), expense(-4_000, "Operating Account"), party="Landlord", TxnDate="2026-03-02")
    )
    rows = by_label(told(bench, "GeneralSummary", "TrialBalance", ReportBasis="Cash"))
    assert cents(rows["Operating Account"][0]) - cents(rows["Operating Account"][1]) == 300 - 4_000
    assert rows["Rent"][0] == "40.00"  # of the bill that asks for nothing; the other is unpaid
    assert cents(rows["Accounts Payable"][1]) == 300


@pytest.mark.parametrize("kind", ["CustomerBalanceSummary", "CustomerBalanceDetail"])
def test_a_filter_of_names_is_about_the_names_of_the_report(kind: str) -> None:
    """The parent paid what its job owed: nothing is left of either, whichever is asked for."""
    bench = Proven()
    owed = sold(bench, "Abercrombie:Kitchen", 10_000)
    received(bench, 10_000, part(owed, 10_000), customer="Abercrombie", TxnDate="2026-03-11")
    report = "GeneralSummary" if kind.endswith("Summary") else "GeneralDetail"
    for name in ("Abercrombie", "Abercrombie:Kitchen"):
        found = told(
            bench,
            report,
            kind,
            ReportEntityFilter={"FullName": [name]},
            ReturnRows="NonZero" if report == "GeneralSummary" else None,
        )
        column = 0 if report == "GeneralSummary" else titles(found).index("Amount")
        assert cents(by_label(found).get("TOTAL", ["0"] * 9)[column]) == 0


def test_aging_of_a_job_whose_parent_pays() -> None:
    bench = Proven()
    kitchen, bath = sold(bench, "Abercrombie:Kitchen", 10_000), sold(bench, "Abercrombie:Bath", 10_000)
    received(bench, 18_000, part(kitchen, 9_000), part(bath, 5_000), customer="Abercrombie", TxnDate="2026-03-11")
    whole = by_label(told(bench, "Aging", "ARAgingSummary"))
    alone = by_label(told(bench, "Aging", "ARAgingSummary", ReportEntityFilter={"FullName": ["Abercrombie:Bath"]}))
    assert alone["Bath"][-1] == whole["Bath"][-1] == "50.00"
    assert whole["TOTAL"][-1] == "20.00"


@pytest.mark.parametrize("basis", ["Accrual", "Cash"])
def test_what_is_owed_is_owed_on_any_basis(basis: str) -> None:
    bench = Proven()
    received(bench, 4_000, part(sold(bench, "Baker", 10_000), 4_000), TxnDate="2026-03-11")
    opened = by_label(told(bench, "GeneralDetail", "OpenInvoices", ReportBasis=basis))
    summary = by_label(told(bench, "GeneralSummary", "CustomerBalanceSummary", ReportBasis=basis))
    assert (opened["TOTAL"][-1], summary["Baker"][0]) == ("60.00", "60.00")


@pytest.mark.parametrize("period", [{"ReportDateMacro": "All"}, {"ReportPeriod": {"FromReportDate": "2026-01-01"}}])
def test_without_an_end_the_year_of_today_is_still_open(period: dict[str, Any]) -> None:
    bench = Proven()
    sold(bench, "Baker", 10_000)
    rows = by_label(told(bench, "GeneralSummary", "BalanceSheetStandard", **period))
    assert rows["Net Income"] == ["100.00"]
    assert "Retained Earnings" not in rows


def test_the_general_ledger_opens_with_what_earlier_years_earned() -> None:
    bench = Proven()
    billed(bench, 2_000, "Landlord", TxnDate="2019-06-01")
    report = told(
        bench, "GeneralDetail", "GeneralLedger", ReportPeriod={"FromReportDate": "2026-01-01", "ToReportDate": "2026-12-31"}
    )
    balance = titles(report).index("Balance")
    opening = {label: cents(cells[balance]) for name, label, cells in rows_of(report) if name == "DataRow" and label}
    assert (opening["Accounts Payable"], opening["Retained Earnings"], sum(opening.values())) == (-2_000, 2_000, 0)


@pytest.mark.parametrize("by", ["Day", "Week", "HalfMonth", "Month", "Year"])
def test_spans_over_many_years_lose_nothing(by: str) -> None:
    bench = Proven()
    billed(bench, 2_000, "Landlord", TxnDate="2019-06-01")
    sold(bench, "Baker", 3_000)
    rows = rows_of(told(bench, "CustomSummary", "CustomSummary", SummarizeRowsBy=by))
    assert [cells for name, _label, cells in rows if name == "DataRow"] == [["-20.00"], ["30.00"]]
    assert rows[-1] == ("TotalRow", "TOTAL", ["10.00"])
    detail = told(bench, "CustomDetail", "CustomTxnDetail", SummarizeRowsBy=by, IncludeColumn=["Date", "Debit"])
    assert {cells[0] for name, _label, cells in rows_of(detail) if name == "DataRow"} == {"2019-06-01", "2026-03-10"}
    columns = told(bench, "GeneralSummary", "ProfitAndLossStandard", SummarizeColumnsBy=by)
    net = by_label(columns)["Net Income"]
    assert sum(map(cents, net[:-1])) == cents(net[-1]) == 1_000


def test_columns_of_what_stands_are_of_all_days_before() -> None:
    bench = Proven()
    bench.add("Bill", purchase("Bill", expense(2_000, ClassRef=ref("West")), party="Landlord", TxnDate="2019-06-01"))
    days = {"ReportPeriod": {"FromReportDate": "2026-01-01", "ToReportDate": "2026-12-31"}}
    report = told(bench, "GeneralSummary", "BalanceSheetByClass", **days)
    assert "West" in titles(report)
    assert by_label(report)["Retained Earnings"][titles(report).index("West")] == "-20.00"


@pytest.mark.parametrize(
    ("shown", "columns"), [("ActiveOnly", ["East", "TOTAL"]), ("NonZero", ["East", "TOTAL"]), ("All", ["East", "West", "TOTAL"])]
)
def test_columns_that_are_told(shown: str, columns: list[str]) -> None:
    """East earned and spent the same: nothing is left, and still its cells are not zero."""
    bench = Proven()
    bench.add("Invoice", invoice("Baker", line("Repair", Amount=500, ClassRef=ref("East")), **FREE))
    bench.add("Bill", purchase("Bill", expense(500, ClassRef=ref("East")), party="Landlord"))
    report = told(bench, "GeneralSummary", "ProfitAndLossByClass", ReturnColumns=shown)
    assert [title for title in titles(report) if title != "Unclassified"] == columns


def test_columns_of_customers_are_customers() -> None:
    bench = Proven()
    sold(bench, "Baker", 500)
    report = told(bench, "GeneralSummary", "ProfitAndLossStandard", SummarizeColumnsBy="Customer", ReturnColumns="All")
    assert "Landlord" not in titles(report)
    assert {"Abercrombie", "Baker"} <= set(titles(report))


def test_whole_transactions_have_the_sign_of_their_own_account() -> None:
    bench = Proven()
    sold(bench, "Baker", 10_500)
    lines = [("CreditMemoLineAdd", line("Repair", Amount=300))]
    bench.add("CreditMemo", {"CustomerRef": ref("Baker"), "CreditMemoLineAdd|CreditMemoLineGroupAdd": lines})
    bench.add("Check", purchase("Check", expense(200)))
    report = told(bench, "GeneralDetail", "TxnListByDate")
    amounts = {
        cells[0]: cents(cells[titles(report).index("Amount")]) for name, _label, cells in rows_of(report) if name == "DataRow"
    }
    assert amounts == {"Invoice": 10_500, "Credit Memo": -300, "Check": -200}


def test_without_an_account_for_earlier_years_the_sides_are_still_the_same() -> None:
    bench = Proven()
    billed(bench, 2_000, "Landlord", TxnDate="2019-06-01")
    kept = next(each for each in bench.found("Account") if each["FullName"] == "Retained Earnings")
    assert bench.ask("List", "Del", {"ListDelType": "Account", "ListID": kept["ListID"]}).status.code == 0
    rows = by_label(told(bench, "GeneralSummary", "TrialBalance", ReportPeriod={"ToReportDate": "2026-12-31"}))
    assert rows["TOTAL"][0] == rows["TOTAL"][1]


@pytest.mark.parametrize(
    ("element", "kind"), [("SerialNumber", "SerialNumberInStockBySite"), ("LotNumber", "LotNumberInStockBySite")]
)
def test_numbers_in_stock(element: str, kind: str) -> None:
    """Three came in under two numbers, or one; one of them went out."""
    bench = Proven(SHOP.replace("sites: true", "sites: true, serial_or_lot: serial"))
    came, gone = ("A1,A2,A3", "A2") if element == "SerialNumber" else ("L-7", "L-7")
    bench.add("Bill", purchase("Bill", goods("Bolt", 3, 0.5, **{element: came})))
    bench.add("Invoice", invoice("Baker", line("Bolt", Quantity=100_000, **{element: gone}), **FREE))
    rows = [cells for name, _label, cells in rows_of(told(bench, "GeneralSummary", kind)) if name == "DataRow"]
    assert rows == ([["A1", "1"], ["A3", "1"]] if element == "SerialNumber" else [["L-7", "2"]])


def test_the_detail_of_stock_keeps_to_its_filter() -> None:
    bench = Proven()
    for item in ("Bolt", "Nut"):
        bench.add("Bill", purchase("Bill", goods(item, 10, 0.5)))
    report = told(bench, "GeneralDetail", "InventoryValuationDetail", ReportItemFilter={"FullName": ["Nut"]})
    assert [label for name, label, _cells in rows_of(report) if name == "TextRow"] == ["Nut"]


def test_a_custom_detail_by_statement_is_grouped_by_account() -> None:
    bench = Proven()
    sold(bench, "Baker", 500)
    report = told(bench, "CustomDetail", "CustomTxnDetail", SummarizeRowsBy="IncomeStatement")
    assert len([name for name, _label, _cells in rows_of(report) if name == "TextRow"]) == 1


def test_totals_of_amounts_that_have_the_signs_of_their_accounts() -> None:
    bench = Proven()
    sold(bench, "Baker", 3_000)
    billed(bench, 2_000, "Landlord")
    assert by_label(told(bench, "CustomSummary", "CustomSummary", SummarizeRowsBy="Account"))["TOTAL"] == ["10.00"]
    report = told(bench, "GeneralDetail", "ProfitAndLossDetail")
    assert by_label(report)["Net Income"][titles(report).index("Amount")] == "10.00"
    ledger = told(bench, "GeneralDetail", "TxnDetailByAccount")
    assert by_label(ledger)["TOTAL"][titles(ledger).index("Amount")] == "0.00"


def test_all_rows_are_all_accounts_and_names() -> None:
    bench = Proven()
    sold(bench, "Baker", 3_000)
    rows = by_label(told(bench, "GeneralSummary", "ProfitAndLossStandard", ReturnRows="All"))
    assert rows["Rent"] == ["0.00"]
    names = by_label(told(bench, "GeneralSummary", "SalesByCustomerSummary", ReturnRows="All"))
    assert names["Kitchen"] == ["0.00"]


def test_an_open_purchase_order_tells_what_has_not_come() -> None:
    bench = Proven()
    ordered = bench.add(
        "PurchaseOrder",
        {
            "VendorRef": ref("Lamp Factory"),
            "PurchaseOrderLineAdd|PurchaseOrderLineGroupAdd": [("PurchaseOrderLineAdd", goods("Bolt", 12, 0.5))],
        },
    )
    [(_name, ordered_line)] = ordered["PurchaseOrderLineRet|PurchaseOrderLineGroupRet"]
    link = {"TxnID": ordered["TxnID"], "TxnLineID": ordered_line["TxnLineID"]}
    bench.add("ItemReceipt", purchase("ItemReceipt", {"Quantity": 600_000, "LinkToTxn": link}))
    report = told(bench, "GeneralDetail", "OpenPOs")
    total = by_label(report)["TOTAL"]
    assert [total[titles(report).index(title)] for title in ("Amount", "Open Balance")] == ["6.00", "3.00"]


def test_renamed_vendors_have_their_new_name() -> None:
    bench = Proven()
    bench.add("ItemInventory", {
        "Name": "Hinge", "IncomeAccountRef": ref("Sales"), "COGSAccountRef": ref("Cost of Goods Sold"), "PrefVendorRef": ref("Lamp Factory"),
        "AssetAccountRef": ref("Inventory Asset"),
    })  # fmt: skip
    [vendor] = bench.found("Vendor", FullName=["Lamp Factory"])
    changed = {"ListID": vendor["ListID"], "EditSequence": vendor["EditSequence"], "Name": "Lamps & Co"}
    assert bench.ask("Vendor", "Mod", {"VendorMod": changed}).status.code == 0
    labels = [label for _name, label, _cells in rows_of(told(bench, "GeneralSummary", "InventoryStockStatusByVendor"))]
    assert "Lamps & Co" in labels


def test_void_transactions_stand_in_lists_with_nothing_in_them() -> None:
    bench = Proven()
    sold(bench, "Baker", 10_500, Memo="by mistake", RefNumber="V-1")
    [made] = bench.found("Invoice")
    bench.removed("Void", "Invoice", made)
    for kind in (
        "TxnListByDate",
        "TxnListByCustomer",
        "TxnDetailByAccount",
        "Journal",
        "GeneralLedger",
        "AuditTrail",
        "CustomerBalanceDetail",
    ):
        report = told(bench, "GeneralDetail", kind)
        rows = [cells for name, _label, cells in rows_of(report) if name == "DataRow" and "V-1" in cells]
        assert rows, kind
        amounts = [place for place, title in enumerate(titles(report)) if title in ("Amount", "Debit", "Credit")]
        assert {cells[place] for cells in rows for place in amounts} <= {"0.00", ""}, kind
        if "Memo" in titles(report):
            assert rows[0][titles(report).index("Memo")] == "VOID: by mistake", kind
    for kind in ("OpenInvoices", "UnbilledCostsByJob"):
        assert rows_of(told(bench, "GeneralDetail", kind)) == [], kind


def test_what_void_costs_of_jobs_is_not_unbilled() -> None:
    bench = Proven()
    made = bench.add(
        "Bill", purchase("Bill", expense(500, CustomerRef=ref("Baker"), BillableStatus="Billable"), party="Landlord")
    )
    assert rows_of(told(bench, "GeneralDetail", "UnbilledCostsByJob"))
    bench.removed("Void", "Bill", made)
    assert rows_of(told(bench, "GeneralDetail", "UnbilledCostsByJob")) == []


def open_then_and_now() -> Proven:
    """100.00 sold on March 10; 40.00 paid on March 20, 10.00 on April 5."""
    bench = Proven()
    owed = sold(bench, "Baker", 10_000, RefNumber="O-1")
    for day, cents_paid in (("2026-03-20", 4_000), ("2026-04-05", 1_000)):
        received(bench, cents_paid, part(owed, cents_paid), TxnDate=day)
    return bench


MARCH = {"ReportPeriod": {"ToReportDate": "2026-03-31"}}


@pytest.mark.parametrize(("asked_for", "left"), [(None, "50.00"), ("Today", "50.00"), ("ReportEndDate", "60.00")])
def test_what_is_open_today_or_at_the_end_of_the_report(asked_for: str | None, left: str) -> None:
    """Documented: today unless ReportOpenBalanceAsOf says otherwise."""
    bench = open_then_and_now()
    as_of = {} if asked_for is None else {"ReportOpenBalanceAsOf": asked_for}
    columns = {"IncludeColumn": ["RefNumber", "OpenBalance", "PaidAmount"], **as_of, **MARCH}
    paid = {"50.00": "50.00", "60.00": "40.00"}[left]
    for report, kind in (("GeneralDetail", "TxnListByDate"), ("CustomDetail", "CustomTxnDetail")):
        rows = [
            cells
            for name, _l, cells in rows_of(told(bench, report, kind, **columns))
            if name == "DataRow" and cells[0] == "O-1" and cells[1]
        ]
        assert rows
        assert {tuple(cells[1:]) for cells in rows} == {(left, paid)}, kind
    opened = told(bench, "GeneralDetail", "OpenInvoices", **as_of, **MARCH)
    assert by_label(opened)["TOTAL"][-1] == left


def test_an_open_order_at_the_end_of_the_report() -> None:
    """Twelve bolts ordered on November 2, six came on the 20th and six on the 25th."""
    bench = Proven()
    lines = [("PurchaseOrderLineAdd", goods("Bolt", 12, 0.5))]
    order = bench.add(
        "PurchaseOrder",
        {"VendorRef": ref("Lamp Factory"), "TxnDate": "2026-11-02", "PurchaseOrderLineAdd|PurchaseOrderLineGroupAdd": lines},
    )
    [(_name, ordered_line)] = order["PurchaseOrderLineRet|PurchaseOrderLineGroupRet"]
    link = {"TxnID": order["TxnID"], "TxnLineID": ordered_line["TxnLineID"]}
    for day in ("2026-11-20", "2026-11-25"):
        bench.add("ItemReceipt", purchase("ItemReceipt", {"Quantity": 600_000, "LinkToTxn": link}, TxnDate=day))
    left = {
        day: by_label(
            told(bench, "GeneralDetail", "OpenPOs", ReportOpenBalanceAsOf="ReportEndDate", ReportPeriod={"ToReportDate": day})
        ).get("TOTAL", ["0"])[-1]
        for day in ("2026-11-19", "2026-11-20", "2026-11-25")
    }
    assert left == {"2026-11-19": "6.00", "2026-11-20": "3.00", "2026-11-25": "0"}
    assert rows_of(told(bench, "GeneralDetail", "OpenPOs")) == []


def test_a_journal_entry_of_sales_tax_is_told_under_the_agency_it_names() -> None:
    bench = Proven()
    bench.add("Invoice", invoice("Baker", line("Lamp", Amount=10_000)))
    bench.add("JournalEntry", {"JournalDebitLine|JournalCreditLine": [
        ("JournalDebitLine", {"AccountRef": ref("Sales Tax Payable"), "Amount": 100, "EntityRef": ref("City Hall")}),
        ("JournalCreditLine", {"AccountRef": ref("Rent"), "Amount": 100}),
    ]})  # fmt: skip
    report = told(bench, "GeneralSummary", "SalesTaxLiability")
    assert by_label(report)["No tax"][-2:] == ["0.00", "0.00"]  # of the invoice, which is not taxed
    assert by_label(report)["City Hall - Other"][-1] == "-1.00"
    assert by_label(report)["Total City Hall"][-1] == "-1.00"
