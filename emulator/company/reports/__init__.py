"""The ten report queries.

    request -> period.py (its days, in words and cut into columns)
            -> chosen.py (filters and basis: which rows of the ledger)
            -> financial, summary, custom_summary, stock, taxes, jobs | details, checks, aging | times, budgets, payroll
            -> table.py (columns, rows, the ReportRet)

grid.py keeps sums apart by the rows and columns of a summary, tree.py lays out what has levels. Detail reports: detail_kinds.py (what each is
about) -> groups.py (its rows, in groups) -> entry.py (a line) -> columns.py (what each column tells of it) -> detail.py (rows and sums).

A payroll report needs the permission for personal data (3262, reported).
"""

from typing import TYPE_CHECKING, Final

from emulator.company.caller import Caller
from emulator.company.records import Values
from emulator.company.refusals import refuse
from emulator.qbxml.messages import Request

if TYPE_CHECKING:
    from emulator.company.books import Books

REPORTS: Final = frozenset(
    {
        "GeneralSummaryReport", "JobReport", "TimeReport", "AgingReport", "BudgetSummaryReport", "GeneralDetailReport",
        "CustomDetailReport", "CustomSummaryReport", "PayrollDetailReport", "PayrollSummaryReport",
    }
)  # fmt: skip


def report(books: "Books", caller: Caller, request: Request) -> Values:
    """Return the ReportRet of a report query.

    Raises:
        Refusal: 3030, 3140, 3250, 3262.
    """
    # Loaded when the first report is asked for: a start has no need of what makes them.
    from emulator.company.reports.chosen import check_filters
    from emulator.company.reports.kinds import KINDS

    values = request.values
    books.references.refuse_absent(values)
    if request.noun.startswith("Payroll") and not caller.personal_data:
        raise refuse(3262)
    check_filters(books, values)
    kind = str(values[f"{request.noun}Type"])
    return KINDS[kind](books, values, kind).values(request.version)
