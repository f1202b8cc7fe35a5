"""Reports agree with the books and with each other, on books of random transactions."""

import pytest

from company.helpers import Bench
from emulator.company.reports.details import DETAILS

from .telling import busy, by_label, cents, rows_of, titles, told

SEEDS = (1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow))
EARNING = ("Income", "CostOfGoodsSold", "Expense", "OtherIncome", "OtherExpense")
PERIOD = {"ReportPeriod": {"FromReportDate": "2026-11-28", "ToReportDate": "2026-12-15"}}


@pytest.fixture(scope="module", params=SEEDS)
def bench(request: pytest.FixtureRequest) -> Bench:
    return busy(request.param)


def sums(bench: Bench, where: str = "1", *parameters: object) -> dict[str, int]:
    """Return the debits less credits of every account by the ledger itself."""
    rows = bench.company._store.execute(
        "SELECT full_name, sum(home_cents) FROM posting JOIN txn ON number = txn JOIN list_record a ON a.record = posting.account"
        f" WHERE {where} GROUP BY full_name",
        parameters,
    )
    return dict(rows.fetchall())


def test_the_trial_balance_sums_to_zero_and_is_the_ledger(bench: Bench) -> None:
    report = told(bench, "GeneralSummary", "TrialBalance", **PERIOD)
    rows = by_label(report)
    debit, credit = rows.pop("TOTAL")
    assert cents(debit) == cents(credit) > 0
    year = sums(bench, f"subtype IN {EARNING} AND date BETWEEN '2026-01-01' AND '2026-12-15'")
    for name, figure in year.items():
        assert cents(rows[name][0]) - cents(rows[name][1]) == figure, name
    balances = {label: cents(cells[0]) - cents(cells[1]) for label, cells in rows.items()}
    ledger = sums(bench, "date <= '2026-12-15'")
    kept = bench.found("Account", ActiveStatus="All")
    for account in kept:
        if account["AccountType"] not in (*EARNING, "NonPosting", "Equity"):
            assert balances.get(account["FullName"], 0) == ledger.get(account["FullName"], 0), account["FullName"]
    assert sum(balances.values()) == 0


@pytest.mark.parametrize("basis", ["Accrual", "Cash"])
@pytest.mark.parametrize(
    "kind", ["BalanceSheetStandard", "BalanceSheetSummary", "BalanceSheetPrevYearComp", "BalanceSheetByClass"]
)
def test_the_balance_sheet_balances(bench: Bench, kind: str, basis: str) -> None:
    rows = by_label(told(bench, "GeneralSummary", kind, ReportBasis=basis, **PERIOD))
    assets, claims = rows["TOTAL ASSETS"], rows["TOTAL LIABILITIES & EQUITY"]
    # Classes do not balance each for itself: money has none.
    columns = {"BalanceSheetPrevYearComp": slice(0, 2), "BalanceSheetByClass": slice(-1, None)}.get(kind, slice(0, 1))
    assert assets[columns] == claims[columns]


def test_the_balance_sheet_tells_the_balances_of_accounts(bench: Bench) -> None:
    rows = by_label(told(bench, "GeneralSummary", "BalanceSheetStandard"))
    for account in bench.found("Account", ActiveStatus="All"):
        if account["AccountType"] in (*EARNING, "NonPosting", "Equity") or "CurrencyRef" in account:
            continue
        name = account["Name"]
        total = rows.get(f"Total {name}", rows.get(name))
        assert (cents(total[0]) if total else 0) == account["TotalBalance"], name


def test_profit_and_loss_is_the_accounts_of_income_and_expense(bench: Bench) -> None:
    earned = -sum(sums(bench, f"subtype IN {EARNING} AND date BETWEEN '2026-11-28' AND '2026-12-15'").values())
    for kind in (
        "ProfitAndLossStandard",
        "ProfitAndLossByClass",
        "ProfitAndLossByJob",
        "ProfitAndLossPrevYearComp",
        "ProfitAndLossYTDComp",
    ):
        rows = by_label(told(bench, "GeneralSummary", kind, **PERIOD))
        column = -1 if kind.endswith(("Class", "Job")) else 0
        assert cents(rows["Net Income"][column]) == earned, kind


@pytest.mark.parametrize("by", ["Day", "Week", "TwoWeek", "FourWeek", "HalfMonth", "Month", "Quarter", "Year", "Class", "Customer", "Vendor",
                                "Payee", "Employee", "ItemDetail", "ItemType", "SalesRep", "Terms", "CustomerType", "PaymentMethod"])  # fmt: skip
def test_columns_add_up_to_the_total(bench: Bench, by: str) -> None:
    report = told(bench, "GeneralSummary", "ProfitAndLossStandard", SummarizeColumnsBy=by, **PERIOD)
    assert titles(report)[-1] in ("TOTAL", "Nov 28 - Dec 15, 26")
    for name, label, cells in rows_of(report):
        if name != "TextRow":
            assert sum(map(cents, cells[:-1])) == cents(cells[-1]), label


def test_subtotals_are_the_sums_of_what_is_above(bench: Bench) -> None:
    """Total Income, Total COGS, Total Expense, Gross Profit and Net Income, each from the rows that it is about."""
    rows = by_label(told(bench, "GeneralSummary", "ProfitAndLossStandard"))
    figure = {label: cents(cells[0]) for label, cells in rows.items()}
    gross = figure.get("Total Income", 0) - figure.get("Total COGS", 0)
    assert figure["Gross Profit"] == gross
    assert figure["Net Ordinary Income"] == gross - figure.get("Total Expense", 0)
    assert figure["Net Income"] == figure["Net Ordinary Income"] + figure.get("Net Other Income", 0)


@pytest.mark.parametrize(("prefix", "kind", "sign"), [("AR", "AccountsReceivable", 1), ("AP", "AccountsPayable", -1)])
@pytest.mark.parametrize("day", ["2026-12-04", "2026-12-15", "2027-03-31"])
def test_aging_adds_up_to_what_is_owed(bench: Bench, prefix: str, kind: str, sign: int, day: str) -> None:
    until = {"ReportPeriod": {"ToReportDate": day}}
    owed = sign * sum(sums(bench, "subtype = ? AND date <= ?", kind, day).values())
    summary = by_label(told(bench, "Aging", f"{prefix}AgingSummary", **until)).get("TOTAL", ["0"])
    assert cents(summary[-1]) == owed
    assert sum(map(cents, summary[:-1])) == owed
    detail = by_label(told(bench, "Aging", f"{prefix}AgingDetail", **until)).get("TOTAL", ["0"])
    assert cents(detail[-1]) == owed
    opened = told(
        bench,
        "GeneralDetail",
        "OpenInvoices" if prefix == "AR" else "UnpaidBillsDetail",
        ReportOpenBalanceAsOf="ReportEndDate",
        **until,
    )
    assert cents(by_label(opened).get("TOTAL", ["0"])[-1]) == owed


@pytest.mark.parametrize(("who", "prefix"), [("Customer", "Customer"), ("Vendor", "Vendor")])
def test_balances_of_names(bench: Bench, who: str, prefix: str) -> None:
    summary = by_label(told(bench, "GeneralSummary", f"{prefix}BalanceSummary"))
    detail = by_label(told(bench, "GeneralDetail", f"{prefix}BalanceDetail"))
    column = titles(told(bench, "GeneralDetail", f"{prefix}BalanceDetail")).index("Balance")
    aged = by_label(
        told(bench, "Aging", f"A{'R' if who == 'Customer' else 'P'}AgingSummary", ReportPeriod={"ToReportDate": "2030-01-01"})
    )
    kept = {label for label, cells in summary.items() if any(map(cents, cells))} - {"TOTAL"}
    assert {label: aged[label][-1] for label in kept} == {label: summary[label][0] for label in kept}
    for name in bench.found(who, ActiveStatus="All"):
        own = name["Balance"] if who == "Vendor" else None
        if own is not None and "CurrencyRef" not in name:
            assert cents(summary.get(name["Name"], [""])[0]) == own, name["Name"]
            assert cents(detail.get(f"Total {name['Name']}", [""] * 9)[column]) == own
        elif own is None and not name.get("ParentRef"):
            label = f"Total {name['Name']}" if f"Total {name['Name']}" in summary else name["Name"]
            assert cents(summary.get(label, [""])[0]) == name["TotalBalance"], name["Name"]


def test_the_general_ledger_ends_where_the_accounts_stand(bench: Bench) -> None:
    report = told(bench, "GeneralDetail", "GeneralLedger", **PERIOD)
    column = titles(report).index("Balance")
    rows = by_label(report)
    ledger = sums(bench, "date <= '2026-12-15'")
    for account in bench.found("Account", ActiveStatus="All"):
        if account["AccountType"] not in (*EARNING, "NonPosting"):
            total = rows[f"Total {account['FullName']}"]
            assert cents(total[column]) == ledger.get(account["FullName"], 0), account["FullName"]


def test_the_journal_has_as_many_debits_as_credits(bench: Bench) -> None:
    report = told(bench, "GeneralDetail", "Journal")
    debit, credit = titles(report).index("Debit"), titles(report).index("Credit")
    for name, _label, cells in rows_of(report):
        if name in ("SubtotalRow", "TotalRow"):
            assert cents(cells[debit]) == cents(cells[credit])


def test_the_value_of_stock_is_what_the_movements_are_worth(bench: Bench) -> None:
    value = bench.company._store.execute("SELECT sum(value_cents) FROM movement WHERE valued").fetchone()[0]
    rows = by_label(told(bench, "GeneralSummary", "InventoryValuationSummary", ReturnRows="All"))
    assert cents(rows["TOTAL"][2]) == value
    by_site = by_label(told(bench, "GeneralSummary", "InventoryValuationSummaryBySite", ReturnRows="All"))
    assert cents(by_site["TOTAL"][1]) == value


@pytest.mark.parametrize(
    ("summary", "detail"),
    [
        ("SalesByCustomerSummary", "SalesByCustomerDetail"),
        ("SalesByItemSummary", "SalesByItemDetail"),
        ("SalesByRepSummary", "SalesByRepDetail"),
        ("PurchaseByVendorSummary", "PurchaseByVendorDetail"),
        ("PurchaseByItemSummary", "PurchaseByItemDetail"),
        ("IncomeByCustomerSummary", "IncomeByCustomerDetail"),
        ("ExpenseByVendorSummary", "ExpenseByVendorDetail"),
        ("IncomeTaxSummary", "IncomeTaxDetail"),
    ],
)
def test_a_detail_adds_up_to_its_summary(bench: Bench, summary: str, detail: str) -> None:
    short = by_label(told(bench, "GeneralSummary", summary)).get("TOTAL", ["0"])[0]
    report = told(bench, "GeneralDetail", detail)
    assert cents(by_label(report).get("TOTAL", ["0"] * 12)[titles(report).index("Amount")]) == cents(short)


def test_on_a_cash_basis_what_is_unpaid_does_not_count(bench: Bench) -> None:
    """Money in the bank is what it is; the trial balance sums to zero as well."""
    rows = by_label(told(bench, "GeneralSummary", "TrialBalance", ReportBasis="Cash"))
    assert cents(rows["TOTAL"][0]) == cents(rows["TOTAL"][1])
    accrual = by_label(told(bench, "GeneralSummary", "TrialBalance"))
    for account in bench.found("Account", ActiveStatus="All"):
        if account["AccountType"] in ("Bank", "CreditCard", "OtherCurrentAsset", "OtherCurrentLiability", "FixedAsset"):
            name = account["FullName"]
            assert [*map(cents, rows.get(name, ["", ""]))] == [*map(cents, accrual.get(name, ["", ""]))], name


def test_sales_tax_is_what_is_payable(bench: Bench) -> None:
    rows = by_label(told(bench, "GeneralSummary", "SalesTaxLiability", ReportPeriod={"ToReportDate": "2027-12-31"}))
    today = sums(bench, "json_extract(a.document, '$.SpecialAccountType') = 'SalesTaxPayable'")
    assert cents(rows.get("TOTAL", ["0"])[-1]) == -sum(today.values())


@pytest.mark.parametrize("kind", [kind for kind, row in DETAILS.items() if row.whole])
def test_a_whole_transaction_stands_once_whatever_the_groups_are(bench: Bench, kind: str) -> None:
    columns = {"IncludeColumn": ["TxnNumber", "Amount"]}
    lists = set()
    for by in (
        None,
        "Account",
        "Customer",
        "Vendor",
        "Payee",
        "ItemDetail",
        "ItemType",
        "Class",
        "Month",
        "Day",
        "Terms",
        "TotalOnly",
    ):
        report = told(bench, "GeneralDetail", kind, **columns, **({"SummarizeRowsBy": by} if by else {}))
        rows = rows_of(report)
        told_rows = sorted(tuple(cells) for name, _label, cells in rows if name == "DataRow")
        assert len(told_rows) == len(set(told_rows))
        totals = [cents(cells[1]) for name, _label, cells in rows if name == "TotalRow"]
        assert sum(totals) == sum(cents(amount) for _number, amount in told_rows)
        lists.add(tuple(told_rows))
    assert len(lists) == 1
