"""Payroll reports. No request of qbXML enters a paycheck (documented: those messages are private), so they have columns and no rows."""

from typing import TYPE_CHECKING, Final

from emulator.company.records import Values
from emulator.company.reports.columns import columns_of, names_of
from emulator.company.reports.period import as_of, in_words, period_of
from emulator.company.reports.table import LABEL, Column, Table

if TYPE_CHECKING:
    from emulator.company.books import Books

_DETAILS: Final = {
    "EmployeeStateTaxesDetail": "Employee State Taxes Detail",
    "PayrollItemDetail": "Payroll Item Detail",
    "PayrollReviewDetail": "Payroll Detail Review",
    "PayrollTransactionDetail": "Payroll Transaction Detail",
    "PayrollTransactionsByPayee": "Payroll Transactions by Payee",
}
_SUMMARIES: Final = {
    "EmployeeEarningsSummary": "Employee Earnings Summary",
    "PayrollLiabilityBalances": "Payroll Liability Balances",
    "PayrollSummary": "Payroll Summary",
}


def payroll(books: "Books", values: Values, kind: str) -> Table:
    """Return a payroll report."""
    period = period_of(books, values)
    if kind in _DETAILS:
        names = names_of(values, ("Date", "Name", "TxnType", "PayrollItem", "WageBase", "Amount"))
        return Table(_DETAILS[kind], in_words(period), "None", columns_of(names))
    subtitle = as_of(period.last) if kind == "PayrollLiabilityBalances" else in_words(period)
    return Table(_SUMMARIES[kind], subtitle, "None", [LABEL, Column("Total", "AMTTYPE", ("TOTAL",))])


KINDS: Final = dict.fromkeys({**_DETAILS, **_SUMMARIES}, payroll)
"""Type of report -> what makes it."""
