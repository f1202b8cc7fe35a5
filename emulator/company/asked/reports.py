"""The ten report queries, thin: a valid report with title, period, two columns, and for summaries a row for each account or name.

What is here: the period (dates or macro), the basis, the account filter of summaries, the total row. What is not here yet is listed in
docs/COVERAGE.md as a gap: subcolumns, the other filters, the columns and rows of each kind of report. A payroll report needs the permission for
personal data (3262, reported).
"""

import re
from typing import TYPE_CHECKING, Final

from emulator.company.arithmetic import money
from emulator.company.caller import Caller
from emulator.company.filters import macro_span, records
from emulator.company.records import Values
from emulator.company.refusals import refuse
from emulator.company.store import AMONG, array_of
from emulator.qbxml.messages import Request

if TYPE_CHECKING:
    from emulator.company.books import Books

REPORTS: Final = frozenset(
    {
        "GeneralSummaryReport", "JobReport", "TimeReport", "AgingReport", "BudgetSummaryReport", "GeneralDetailReport",
        "CustomDetailReport", "CustomSummaryReport", "PayrollDetailReport", "PayrollSummaryReport",
    }
)  # fmt: skip

_BY_ACCOUNT: Final = frozenset({"GeneralSummaryReport", "CustomSummaryReport", "BudgetSummaryReport"})
_OF_REPORT: Final = {"Quarter": "FiscalQuarter", "Year": "FiscalYear"}
_WORDS: Final = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[A-Z][a-z])")


def report(books: "Books", caller: Caller, request: Request) -> Values:
    """Return the ReportRet of a report query.

    Raises:
        Refusal: 3030, 3140, 3250, 3262.
    """
    values = request.values
    books.references.refuse_absent(values)
    if request.noun.startswith("Payroll") and not caller.personal_data:
        raise refuse(3262)
    kind = str(values[f"{request.noun}Type"])
    first, last = _period(books, values)
    rows = _rows(books, request, first, last)
    lines: list[tuple[str, object]] = [
        (
            "DataRow",
            {
                "@rowNumber": str(place),
                "RowData": {"@rowType": row_type, "@value": name},
                "ColData": [_cell(1, name, "STRTYPE"), _cell(2, money(cents), "AMTTYPE")],
            },
        )
        for place, (row_type, name, cents) in enumerate(rows, start=1)
    ]
    if rows:
        total = sum(cents for _type, _name, cents in rows)
        cells = [_cell(1, "TOTAL", "STRTYPE"), _cell(2, money(total), "AMTTYPE")]
        lines.append(("TotalRow", {"@rowNumber": str(len(rows) + 1), "ColData": cells}))
    basis = values.get("ReportBasis")
    result: Values = {
        "ReportTitle": _WORDS.sub(" ", kind),
        "ReportSubtitle": _subtitle(first, last),
        "ReportBasis": basis if basis in ("Accrual", "Cash") else "Accrual",
        "NumRows": len(lines),
        "NumColumns": 2,
        "NumColTitleRows": 1,
        "ColDesc": [
            {"@colID": "1", "@dataType": "STRTYPE", "ColTitle": [{"@titleRow": "1", "@value": ""}], "ColType": "Label"},
            {"@colID": "2", "@dataType": "AMTTYPE", "ColTitle": [{"@titleRow": "1", "@value": "TOTAL"}], "ColType": "Total"},
        ],
    }
    if lines:
        result["ReportData"] = {"DataRow|TextRow|SubtotalRow|TotalRow": lines}
    return result


def _cell(column: int, value: str, data_type: str) -> Values:
    return {"@colID": str(column), "@value": value, "@dataType": data_type}


def _subtitle(first: str | None, last: str | None) -> str:
    if first and last:
        return f"{first} through {last}"
    return f"As of {last}" if last else f"From {first}" if first else "All Transactions"


def _period(books: "Books", values: Values) -> tuple[str | None, str | None]:
    """Return the first and last day; without any the fiscal year to date (inferred: what a report opens with)."""
    macro = values.get("ReportDateMacro")
    span = values.get("ReportPeriod")
    if span is not None:
        first, last = span.get("FromReportDate"), span.get("ToReportDate")
        if first and last and first > last:
            raise refuse(3030, from_value=first, to_value=last)
        return first, last
    name = str(macro or "ThisYearToDate")
    for word, longer in _OF_REPORT.items():
        name = name.replace(word, longer)
    return macro_span(books, name)


def _rows(books: "Books", request: Request, first: str | None, last: str | None) -> list[tuple[str, str, int]]:
    conditions = ["(? IS NULL OR date >= ?)", "(? IS NULL OR date <= ?)"]
    parameters: list[object] = [first, first, last, last]
    if request.noun in _BY_ACCOUNT:
        wanted = request.values.get("ReportAccountFilter")
        assert wanted is None or isinstance(wanted, dict)
        if wanted and not wanted.get("AccountTypeFilter"):
            numbers = records(books, "AccountRef", "account", wanted)
            conditions.append(f"posting.account {AMONG}")
            parameters.append(array_of(numbers))
        rows = books.store.execute(
            "SELECT full_name, sum(home_cents) FROM posting JOIN txn ON number = txn JOIN list_record ON record = posting.account"
            f" WHERE {' AND '.join(conditions)} GROUP BY posting.account ORDER BY sort_key",
            parameters,
        ).fetchall()
        return [("account", name, cents) for name, cents in rows]
    if request.noun == "AgingReport":
        payable = str(request.values["AgingReportType"]).startswith("AP")
        row_type = "vendor" if payable else "customer"
        rows = books.store.execute(
            "SELECT full_name, own_cents FROM list_record JOIN balance USING (record) WHERE kind = ? AND own_cents <> 0"
            " ORDER BY sort_key",
            ("Vendor" if payable else "Customer",),
        ).fetchall()
        return [(row_type, name, cents) for name, cents in rows]
    return []
