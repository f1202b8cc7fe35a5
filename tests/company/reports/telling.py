"""What tests ask of reports, and how they read them."""

import random
from functools import cache
from typing import Any

from company.conformance.everything import everything, invoiced
from company.conformance.randomly import RandomMaking
from company.helpers import Bench, invoice, line
from company.proven import expense, ref
from emulator.qbxml import Version, decode_set, encode_request_set
from emulator.qbxml.schema import schema_of

NEWEST = Version("16.0")

Row = tuple[str, str, list[str]]
"""Element, label and the other cells, blank where there is none."""

REPORTS = (
    "GeneralSummary", "Job", "Time", "Aging", "BudgetSummary", "GeneralDetail", "CustomDetail", "CustomSummary", "PayrollDetail",
    "PayrollSummary",
)  # fmt: skip

POSTED = (
    "Invoice", "SalesReceipt", "CreditMemo", "Bill", "VendorCredit", "Check", "CreditCardCharge", "JournalEntry", "ReceivePayment",
    "Invoice", "Bill", "BillPaymentCheck", "Deposit", "InventoryAdjustment", "Estimate", "TimeTracking", "SalesReceipt", "ReceivePayment",
)  # fmt: skip


def kinds_of(report: str) -> tuple[str, ...]:
    """Return the types of reports that a report query can name."""
    message = schema_of("16.0").message(f"{report}ReportQueryRq")
    assert message is not None
    return tuple(message.children[0].values)  # type: ignore[union-attr]


ALL_KINDS = [(report, kind) for report in REPORTS for kind in kinds_of(report)]


def asked(report: str, kind: str, **values: Any) -> dict[str, Any]:
    """Return what a query of a kind of report must say, with more."""
    must: dict[str, Any] = {}
    if report == "BudgetSummary":
        must["FiscalYear"] = 2026
    if report in ("CustomDetail", "CustomSummary"):
        must["SummarizeRowsBy"] = "Account"
    if report == "CustomSummary":
        must["SummarizeColumnsBy"] = "TotalOnly"
    if report == "CustomDetail":
        must["IncludeColumn"] = ["TxnType", "Date", "RefNumber", "Name", "Amount", "Debit", "Credit"]
    return {f"{report}ReportType": kind, **must, **values}


def told(bench: Bench, report: str, kind: str, **values: Any) -> dict[str, Any]:
    """Ask for a report that must be answered; all days unless other ones are asked for."""
    days = {} if "ReportPeriod" in values else {"ReportDateMacro": "All"}
    answer = bench.query(f"{report}Report", **{**days, **asked(report, kind, **values)})
    assert answer.status.code == 0, answer.status
    [(_name, found)] = answer.records
    assert isinstance(found, dict)
    return found


def rows_of(report: dict[str, Any]) -> list[Row]:
    """Return the rows of a report."""
    rows = []
    for name, values in report.get("ReportData", {}).get("DataRow|TextRow|SubtotalRow|TotalRow", ()):
        cells = {int(cell["@colID"]): cell["@value"] for cell in values.get("ColData", ())}
        label = values.get("@value") or cells.get(1, "")
        rows.append((name, label, [cells.get(place, "") for place in range(2, report["NumColumns"] + 1)]))
    return rows


def titles(report: dict[str, Any]) -> list[str]:
    """Return the titles of the columns behind the label, their rows joined."""
    return [" ".join(title["@value"] for title in column["ColTitle"] if title.get("@value")) for column in report["ColDesc"][1:]]


def by_label(report: dict[str, Any]) -> dict[str, list[str]]:
    """Return the cells of the rows that have any, by label."""
    return {label: cells for name, label, cells in rows_of(report) if name != "TextRow"}


def cents(cell: str) -> int:
    """Return an amount in cents; a blank cell is nothing."""
    return int(cell.replace(".", "")) if cell else 0


@cache
def _busy(seed: int) -> Bench:
    bench = everything()
    dice = random.Random(seed)
    for name in ("Baker", "Abercrombie:Kitchen", "Baker"):
        invoiced(bench, name, dice.randint(1_000, 90_000))
    for count in range(110):
        making = RandomMaking(bench, NEWEST, dice, 1_000 + count)
        asked_for = making.request(f"{dice.choice(POSTED)}AddRq")
        # As a document, for what is made is written as a sender may write it: a day as 2026-6-1.
        bench.company.begin_set(decode_set(encode_request_set(NEWEST, "stopOnError", [asked_for])), bench.caller).finish()
        if dice.random() < 0.3:
            bench.clock.advance(hours=dice.randint(1, 60))
    for kind in ("Invoice", "Bill", "Check", "SalesReceipt", "JournalEntry"):
        if made := bench.found(kind):
            assert bench.ask("Txn", "Void", {"TxnVoidType": kind, "TxnID": dice.choice(made)["TxnID"]}).status.code == 0
    bench.add("Vendor", {"Name": "Contractor", "IsVendorEligibleFor1099": True})
    billable = {**expense(5_000), "CustomerRef": ref("Baker"), "BillableStatus": "Billable"}
    bench.add("Bill", {"VendorRef": ref("Contractor"), "RefNumber": "C-1", "ExpenseLineAdd": [billable]})
    bench.add("Invoice", invoice("Baker", line("Repair", Amount=900), IsPending=True, RefNumber="P-1"))
    return bench


def busy(seed: int = 1) -> Bench:
    """Return books with a hundred random transactions, some of them void; the same seed makes the same books."""
    return _busy(seed).again()
