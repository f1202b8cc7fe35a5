"""What a detail report tells of a whole transaction, and how it sums amounts that each have the sign of their account."""

from typing import Any

import pytest

from company.helpers import Bench, invoice, line, payment
from company.proven import ref
from company.test_currencies import abroad

from .telling import busy, by_label, cents, rows_of, titles, told

WHOLE = ["TxnType", "Account", "Amount", "OpenBalance", "PaidAmount", "OriginalAmount"]


def part_paid(setting: str = "one-line") -> Bench:
    """175.00 sold in three lines, 75.00 paid."""
    bench = Bench(switches={"company.report-whole-amounts": setting})
    bench.add(
        "Invoice",
        invoice("Baker", *(line(item, Amount=each) for item, each in (("Repair", 10_000), ("Lamp", 5_000), ("Repair", 2_500)))),
    )
    bench.add("ReceivePayment", payment("Baker", 7_500, IsAutoApply=True))
    return bench


def told_of(report: dict[str, Any], *columns: str) -> list[tuple[str, ...]]:
    """Return these columns of the rows with data and of the total."""
    places = [titles(report).index(column) for column in columns]
    return [tuple(cells[place] for place in places) for name, _label, cells in rows_of(report) if name in ("DataRow", "TotalRow")]


AMOUNTS = ("Open Balance", "Paid Amount", "Original Amount")
NOTHING = ("", "", "")


def test_what_is_about_the_whole_transaction_is_told_on_its_receivable() -> None:
    custom = told(part_paid(), "CustomDetail", "CustomTxnDetail", SummarizeRowsBy="Customer", IncludeColumn=WHOLE)
    assert told_of(custom, *AMOUNTS) == [
        ("100.00", "75.00", "175.00"), NOTHING, NOTHING, NOTHING,
        NOTHING, ("0.00", "-75.00", "-75.00"),
        ("100.00", "0.00", "100.00"),
    ]  # fmt: skip


def test_it_is_told_on_the_first_line_where_the_receivable_is_not_in_the_report() -> None:
    sales = told(part_paid(), "GeneralDetail", "SalesByCustomerDetail", IncludeColumn=WHOLE)
    assert told_of(sales, *AMOUNTS) == [("100.00", "75.00", "175.00"), NOTHING, NOTHING, ("100.00", "75.00", "175.00")]


def test_it_can_be_told_on_every_line() -> None:
    sales = told(part_paid("every-line"), "GeneralDetail", "SalesByCustomerDetail", IncludeColumn=WHOLE)
    assert told_of(sales, "Open Balance", "Paid Amount") == [("100.00", "75.00")] * 3 + [("300.00", "225.00")]


def test_subtotals_and_total_are_summed_in_one_way() -> None:
    """Lines of accounts of both sides are summed as debits; those of one side as they are told."""
    bench = part_paid()
    mixed = by_label(told(bench, "CustomDetail", "CustomTxnDetail", SummarizeRowsBy="Customer", IncludeColumn=["Amount"]))
    assert (mixed["Total Baker"], mixed["TOTAL"]) == (["0.00"], ["0.00"])
    income = {"ReportAccountFilter": {"AccountTypeFilter": "Income"}}
    one_sided = by_label(
        told(bench, "CustomDetail", "CustomTxnDetail", SummarizeRowsBy="Customer", IncludeColumn=["Amount"], **income)
    )
    assert (one_sided["Total Baker"], one_sided["TOTAL"]) == (["175.00"], ["175.00"])
    by_account = by_label(told(bench, "CustomDetail", "CustomTxnDetail", SummarizeRowsBy="Account", IncludeColumn=["Amount"]))
    assert (by_account["Total Sales:Wholesale"], by_account["TOTAL"]) == (["175.00"], ["0.00"])


CREDIT_REPORTS = [("GeneralDetail", "OpenInvoices"), ("GeneralDetail", "CustomerBalanceDetail"), ("Aging", "ARAgingDetail")]


@pytest.mark.parametrize(("report", "kind"), CREDIT_REPORTS)
def test_a_credit_is_negative_in_all_its_amounts(report: str, kind: str) -> None:
    bench = Bench()
    bench.add("ReceivePayment", payment("Baker", 10_000))
    found = told(bench, report, kind, IncludeColumn=WHOLE)
    assert set(told_of(found, "Amount", *AMOUNTS)) == {("-100.00", "-100.00", "0.00", "-100.00")}


@pytest.mark.parametrize(("report", "kind"), CREDIT_REPORTS)
def test_amounts_of_another_currency_are_told_in_home_currency(report: str, kind: str) -> None:
    """40.00 EUR at 1.5 are 60.00."""
    bench = abroad()
    values = {"CustomerRef": ref("Müller"), "ARAccountRef": ref("Euro Receivables"), "TotalAmount": 4_000, "ExchangeRate": "1.5"}
    bench.add("ReceivePayment", {**values, "IsAutoApply": True})
    found = told(bench, report, kind, IncludeColumn=WHOLE)
    assert set(told_of(found, "Amount", *AMOUNTS)) == {("-60.00", "-60.00", "0.00", "-60.00")}


@pytest.mark.parametrize(
    ("who", "kinds"),
    [
        ("Customer", ("Invoice", "CreditMemo", "ReceivePayment", "Charge")),
        ("Vendor", ("Bill", "VendorCredit", "BillPaymentCheck", "BillPaymentCreditCard", "ItemReceipt")),
    ],
)
def test_what_is_open_of_the_lines_of_a_report_is_what_is_owed(who: str, kinds: tuple[str, ...]) -> None:
    bench = busy()
    only = {"ReportTxnTypeFilter": {"TxnTypeFilter": list(kinds)}, "IncludeColumn": WHOLE}
    owed = by_label(told(bench, "GeneralDetail", f"{who}BalanceDetail", **only))["TOTAL"]
    for by in ("TotalOnly", who, "Account", "Month", "ItemDetail"):
        found = told(bench, "CustomDetail", "CustomTxnDetail", SummarizeRowsBy=by, **only)
        lines = [tuple(map(cents, each)) for each in told_of(found, *AMOUNTS)]
        assert all(left + paid == whole for left, paid, whole in lines), by
        assert tuple(map(sum, zip(*lines[:-1], strict=True))) == lines[-1], by
        assert lines[-1][0] == cents(owed[2]), by
