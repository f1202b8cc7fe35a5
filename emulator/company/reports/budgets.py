"""Budget reports. No request of qbXML enters a budget (documented), so every budget is zero: what was really spent and taken stands beside it."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from emulator.company.records import Values
from emulator.company.refusals import refuse
from emulator.company.reports.financial import KINDS as FINANCIAL
from emulator.company.reports.period import FIRST_DAY, LAST_DAY, fiscal_month
from emulator.company.reports.table import Cell, Column, Table

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
    base = "ProfitAndLossStandard" if kind.startswith("ProfitAndLoss") else "BalanceSheetStandard"
    table = FINANCIAL[base](books, values, base)
    actual = table.columns[1]
    columns = [table.columns[0], *(Column(name, data_type, (title,)) for name, data_type, title in _COLUMNS)]
    told = Table(_TITLES[kind], table.subtitle, table.basis, [table.columns[0], Column("Amount", "AMTTYPE", ("Budget",))])
    if kind.endswith("Overview"):
        return told
    told.columns = [columns[0], actual, *columns[1:]]
    for name, row in table.rows:
        cells = [cell["@value"] for cell in row.get("ColData", ())]
        if name == "TextRow":
            told.text(row["@value"])
            continue
        amount = _cents(cells[1]) if len(cells) > 1 else 0
        more: list[Cell] = [cells[0], amount, 0, amount, None]
        told.add(name, more)
        if "RowData" in row:
            told.rows[-1][1]["RowData"] = row["RowData"]
    return told


_COLUMNS: Final = (
    ("Amount", "AMTTYPE", "Budget"),
    ("AmountDifference", "AMTTYPE", "$ Over Budget"),
    ("Percent", "PERCENTTYPE", "% of Budget"),
)


def _cents(text: str) -> int:
    return int(text.replace(".", ""))


def _fiscal_year(books: "Books", year: int) -> Values:
    """A fiscal year is called by the calendar year that it ends in (inferred)."""
    month = fiscal_month(books)
    first = date(year if month == 1 else year - 1, month, 1)
    last = date(year, 12, 31) if month == 1 else date(year, month, 1) - timedelta(days=1)
    return {"FromReportDate": first.isoformat(), "ToReportDate": last.isoformat()}


KINDS: Final = dict.fromkeys(_TITLES, budget)
"""BudgetSummaryReportType -> what makes it."""
