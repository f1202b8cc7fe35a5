"""Budget reports. No request of qbXML enters a budget (documented), so every budget is zero: what was really spent and taken stands beside it."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from emulator.company.filters import starting_month
from emulator.company.records import Values
from emulator.company.refusals import refuse
from emulator.company.reports.financial import Beside, balance_sheet, profit_and_loss
from emulator.company.reports.period import FIRST_DAY, LAST_DAY
from emulator.company.reports.table import Column, Table

if TYPE_CHECKING:
    from emulator.company.books import Books

_TITLES: Final = {
    "BalanceSheetBudgetOverview": "Balance Sheet Budget Overview",
    "BalanceSheetBudgetVsActual": "Balance Sheet Budget vs. Actual",
    "ProfitAndLossBudgetOverview": "Profit & Loss Budget Overview",
    "ProfitAndLossBudgetPerformance": "Profit & Loss Budget Performance",
    "ProfitAndLossBudgetVsActual": "Profit & Loss Budget vs. Actual",
}


def budget(books: "Books", values: Values, kind: str) -> Table:
    """Return a budget report: an Overview of nothing, or the figures of the fiscal year beside budgets of zero."""
    year = int(values["FiscalYear"])
    if not FIRST_DAY.year < year < LAST_DAY.year:
        raise refuse(3085, field="FiscalYear", value=year)  # inferred: no year of a TxnDate
    if not values.get("ReportPeriod") and not values.get("ReportDateMacro"):
        values = {**values, "ReportPeriod": _fiscal_year(books, year)}
    if kind.startswith("ProfitAndLoss"):
        table = profit_and_loss(books, values, "ProfitAndLossStandard", _BUDGET)
    else:
        table = balance_sheet(books, values, "BalanceSheetStandard", _BUDGET)
    table.title = _TITLES[kind]
    if kind.endswith("Overview"):
        return Table(table.title, table.subtitle, table.basis, [table.columns[0], _BUDGET.columns[0]])
    return table


_BUDGET: Final = Beside(
    (
        Column("Amount", "AMTTYPE", ("Budget",)),
        Column("AmountDifference", "AMTTYPE", ("$ Over Budget",)),
        Column("Percent", "PERCENTTYPE", ("% of Budget",)),
    ),
    lambda sums: [0, sums[0], None],
)


def _fiscal_year(books: "Books", year: int) -> Values:
    """A fiscal year is called by the calendar year that it ends in (inferred)."""
    month = starting_month(books)
    first = date(year if month == 1 else year - 1, month, 1)
    last = date(year, 12, 31) if month == 1 else date(year, month, 1) - timedelta(days=1)
    return {"FromReportDate": first.isoformat(), "ToReportDate": last.isoformat()}


KINDS: Final = dict.fromkeys(_TITLES, budget)
"""BudgetSummaryReportType -> what makes it."""
