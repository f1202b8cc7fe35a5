"""Reports worked out by hand: a few transactions, every row and figure."""

from typing import Any

import pytest

from company.helpers import Bench, invoice, line
from company.proven import Proven, billed, deposit, expense, goods, journal, purchase, received, ref

from .telling import by_label, cents, rows_of, titles, told

YEAR = {"ReportPeriod": {"FromReportDate": "2026-01-01", "ToReportDate": "2026-12-31"}}


def told_rows(report: dict[str, Any]) -> list[tuple[str, ...]]:
    return [(name.removesuffix("Row"), label, *(cells if name != "TextRow" else ())) for name, label, cells in rows_of(report)]


def entries(report: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = report["ReportData"]["DataRow|TextRow|SubtotalRow|TotalRow"]
    return found


def books() -> Bench:
    """2025: rent of 20.00 on account. 2026: 3 hours of repair for 30.00 to Baker, of which 12.00 are paid; a bill of 5.00 for rent, paid."""
    bench = Bench()
    bench.add("Bill", {"VendorRef": ref("Landlord"), "TxnDate": "2025-06-01", "ExpenseLineAdd": [expense(2_000)]})
    sold = bench.add(
        "Invoice", invoice("Baker", line("Repair", Amount=3_000), TxnDate="2026-03-10", DueDate="2026-04-09", ItemSalesTaxRef={})
    )
    paying = {"TxnID": sold["TxnID"], "PaymentAmount": 1_200}
    bench.add(
        "ReceivePayment",
        {"CustomerRef": ref("Baker"), "TxnDate": "2026-05-05", "TotalAmount": 1_200, "AppliedToTxnAdd": [paying]},
    )
    return bench


def test_profit_and_loss() -> None:
    bench = books()
    report = told(bench, "GeneralSummary", "ProfitAndLossStandard", **YEAR)
    assert (report["ReportTitle"], report["ReportSubtitle"]) == ("Profit & Loss", "January through December 2026")
    assert titles(report) == ["Jan - Dec 26"]
    rows = told_rows(report)
    assert rows[0] == ("Text", "Ordinary Income/Expense")
    assert rows[1] == ("Text", "Income")
    assert rows[-3:] == [
        ("Subtotal", "Gross Profit", "30.00"),
        ("Subtotal", "Net Ordinary Income", "30.00"),
        ("Total", "Net Income", "30.00"),
    ]


def test_a_cash_basis_counts_what_is_paid() -> None:
    """12.00 of 30.00 were paid, on May 5; the bill of 2025 never was."""
    bench = books()
    cash = told(bench, "GeneralSummary", "ProfitAndLossStandard", ReportBasis="Cash", SummarizeColumnsBy="Month", **YEAR)
    assert cash["ReportBasis"] == "Cash"
    [*_more, net_income] = rows_of(cash)
    by_month = dict(zip(titles(cash), net_income[2], strict=True))
    assert (by_month["Mar 26"], by_month["May 26"], by_month["TOTAL"]) == ("0.00", "12.00", "12.00")
    before = told(
        bench, "GeneralSummary", "ProfitAndLossStandard", ReportBasis="Cash", ReportPeriod={"ToReportDate": "2025-12-31"}
    )
    assert by_label(before)["Net Income"] == ["0.00"]


def test_balance_sheet() -> None:
    """What 2025 lost stands in Retained Earnings, what 2026 earned as Net Income; the layout is as recorded (observed)."""
    report = told(
        books(), "GeneralSummary", "BalanceSheetStandard", ReportPeriod={"ToReportDate": "2026-12-31"}, ReturnRows="NonZero"
    )
    assert report["ReportSubtitle"] == "As of December 31, 2026"
    rows = [row for row in told_rows(report) if row[1] not in ("Inventory Asset", "Opening Balance Equity")]
    labels = [row[:2] for row in rows]
    assert labels[:3] == [("Text", "ASSETS"), ("Text", "Current Assets"), ("Text", "Accounts Receivable")]
    assert ("Data", "Net Income", "30.00") in rows
    assert ("Data", "Retained Earnings", "-20.00") in rows
    assert ("Subtotal", "Total Accounts Receivable", "18.00") in rows
    assert ("Subtotal", "Total Accounts Payable", "20.00") in rows
    assert labels[-1] == ("Total", "TOTAL LIABILITIES & EQUITY")
    [net_income] = [
        values for _name, values in entries(report) if {"@colID": "1", "@value": "Net Income"} in values.get("ColData", ())
    ]
    assert "RowData" not in net_income
    assert report["ColDesc"][0] == {"@colID": "1", "@dataType": "STRTYPE", "ColTitle": [{"@titleRow": "1"}], "ColType": "Label"}


def test_levels_come_below_their_names() -> None:
    """Observed: the name, what stands below it, its own as Other, the total."""
    bench = Bench()
    bench.add("Invoice", invoice("Abercrombie", line("Repair", Amount=1_000), TxnDate="2026-03-10", ItemSalesTaxRef={}))
    bench.add("Invoice", invoice("Abercrombie:Kitchen", line("Repair", Amount=200), TxnDate="2026-03-10", ItemSalesTaxRef={}))
    report = told(bench, "GeneralSummary", "CustomerBalanceSummary", **YEAR)
    assert told_rows(report) == [
        ("Text", "Abercrombie"),
        ("Data", "Kitchen", "2.00"),
        ("Data", "Abercrombie - Other", "10.00"),
        ("Subtotal", "Total Abercrombie", "12.00"),
        ("Total", "TOTAL", "12.00"),
    ]
    [_text, (_name, kitchen), *_more] = entries(report)
    assert kitchen["RowData"] == {"@rowType": "customer", "@value": "Abercrombie:Kitchen"}


@pytest.mark.parametrize(
    ("day", "places"),
    [
        ("2026-04-09", {"Current": "30.00"}),
        ("2026-04-10", {"1 - 30": "30.00"}),
        ("2026-05-09", {"1 - 30": "18.00"}),
        ("2026-05-10", {"31 - 60": "18.00"}),
        ("2026-06-09", {"61 - 90": "18.00"}),
        ("2026-07-09", {"> 90": "18.00"}),
        ("2026-03-09", {}),
    ],
)
def test_ages_count_from_the_due_date(day: str, places: dict[str, str]) -> None:
    """Due on April 9; 12.00 were paid on May 5."""
    report = told(books(), "Aging", "ARAgingSummary", ReportPeriod={"ToReportDate": day})
    rows = by_label(report)
    found = dict(zip(titles(report), rows.get("Baker", [""] * 6), strict=True))
    total = found.pop("TOTAL")
    assert {title: cell for title, cell in found.items() if cents(cell)} == places
    assert total == (next(iter(places.values())) if places else "")


def test_stock_status() -> None:
    """The columns are observed."""
    bench = Proven()
    ordered = [("PurchaseOrderLineAdd", goods("Bolt", 30, 0.5))]
    bench.add("PurchaseOrder", {"VendorRef": ref("Lamp Factory"), "PurchaseOrderLineAdd|PurchaseOrderLineGroupAdd": ordered})
    report = told(bench, "GeneralSummary", "InventoryStockStatusByItem")
    assert titles(report) == [
        "Item Description",
        "Pref Vendor",
        "Reorder Pt",
        "On Hand",
        "Order",
        "On PO",
        "Next Deliv",
        "Sales/Week",
    ]
    rows = by_label(report)
    assert (rows["Bolt"][3], rows["Bolt"][5]) == ("0", "30")
    assert [name for name, label, _cells in rows_of(report) if label == "Inventory"] == ["TextRow"]


def test_sales_tax() -> None:
    """A lamp of 10.00 is taxed with 8.25 percent, a repair of 5.00 is not."""
    bench = Bench()
    taxed, free = {"SalesTaxCodeRef": ref("Tax")}, {"SalesTaxCodeRef": ref("Non")}
    lines = (line("Lamp", Amount=1_000, **taxed), line("Repair", Amount=500, **free))
    bench.add("Invoice", invoice("Abercrombie", *lines))
    report = told(bench, "GeneralSummary", "SalesTaxLiability")
    figures = dict(zip(titles(report), next(cells for name, _label, cells in rows_of(report) if name == "DataRow"), strict=True))
    assert figures == {
        "Total Sales": "15.00", "Non-Taxable Sales": "5.00", "Taxable Sales": "10.00", "Tax Rate": "8.25", "Tax Collected": "0.83",
        "Sales Tax Payable": "0.83",
    }  # fmt: skip


def test_the_general_ledger_begins_with_what_was_there() -> None:
    """Reported: each row of an account names it; the first has its balance alone."""
    bench = books()
    days = {"FromReportDate": "2026-04-01", "ToReportDate": "2026-12-31"}
    report = told(
        bench, "GeneralDetail", "GeneralLedger", ReportPeriod=days, ReportAccountFilter={"FullName": ["Accounts Receivable"]}
    )
    names = titles(report)
    rows = rows_of(report)
    assert [(name, label) for name, label, _cells in rows] == [
        ("DataRow", "Accounts Receivable"), ("DataRow", ""), ("SubtotalRow", "Total Accounts Receivable"), ("TotalRow", "TOTAL"),
    ]  # fmt: skip
    told_balance = [cells[names.index("Balance")] for _name, _label, cells in rows]
    assert told_balance == ["30.00", "18.00", "18.00", ""]
    assert (rows[1][2][0], rows[1][2][names.index("Amount")]) == ("Payment", "-12.00")
    types = [values["RowData"]["@value"] for _name, values in entries(report)[:3]]
    assert types == ["Accounts Receivable"] * 3


@pytest.mark.parametrize(("setting", "sign"), [("account-sign", 1), ("debit-positive", -1)])
def test_the_sign_of_a_row(setting: str, sign: int) -> None:
    bench = Bench(switches={"company.transaction-row-amount": setting})
    bench.add("Invoice", invoice("Baker", line("Repair", Amount=3_000), ItemSalesTaxRef={}))
    report = told(bench, "GeneralDetail", "ProfitAndLossDetail")
    [amount] = {cells[titles(report).index("Amount")] for name, _label, cells in rows_of(report) if name == "DataRow"}
    assert cents(amount) == sign * 3_000


def test_jobs_times_and_budgets() -> None:
    bench = Proven()
    bench.add("Invoice", invoice("Baker", line("Repair", Amount=3_000), ItemSalesTaxRef={}))
    bench.add("Bill", {"VendorRef": ref("Landlord"), "ExpenseLineAdd": [expense(700, CustomerRef=ref("Baker"))]})
    job = by_label(told(bench, "Job", "JobProfitabilitySummary"))["Baker"]
    assert job == ["7.00", "30.00", "23.00"]
    versus = told(bench, "BudgetSummary", "ProfitAndLossBudgetVsActual")
    assert titles(versus)[1:] == ["Budget", "$ Over Budget", "% of Budget"]
    assert by_label(versus)["Net Income"][1] == "0.00"
    assert told_rows(told(bench, "BudgetSummary", "ProfitAndLossBudgetOverview")) == []


def test_times() -> None:
    bench = Bench()
    bench.add("Employee", {"FirstName": "Ann", "LastName": "Lee"})
    for day, duration in (("2026-11-02", "PT8H0M"), ("2026-11-03", "PT1H45M")):
        bench.add(
            "TimeTracking", {"TxnDate": day, "EntityRef": ref("Ann Lee"), "CustomerRef": ref("Baker"), "Duration": duration}
        )
    rows = told_rows(told(bench, "Time", "TimeByName"))
    assert rows == [
        ("Text", "Ann Lee"), ("Data", "Baker", "PT9H45M"), ("Subtotal", "Total Ann Lee", "PT9H45M"), ("Total", "TOTAL", "PT9H45M"),
    ]  # fmt: skip
    detail = told_rows(told(bench, "Time", "TimeByJobDetail", ReportEntityFilter={"FullName": ["Ann Lee"]}))
    assert [row[2] for row in detail if row[0] == "Data"] == ["2026-11-02", "2026-11-03"]


def test_money_that_moves() -> None:
    """A check list, a deposit list and the journal of one deposit."""
    bench = Proven()
    paid = received(bench, 500)
    bench.add("Deposit", deposit(paid))
    billed(bench, 300)
    bench.add("Check", purchase("Check", expense(250)))
    bench.add("JournalEntry", journal((100, "Rent"), (-100, "Operating Account")))
    checks = told(bench, "GeneralDetail", "CheckDetail")
    assert by_label(checks)["TOTAL"][titles(checks).index("Amount")] == "0.00"
    types = {cells[0] for name, _label, cells in rows_of(told(bench, "GeneralDetail", "TxnListByDate")) if name == "DataRow"}
    assert types >= {"Payment", "Bill", "Check", "General Journal"}
