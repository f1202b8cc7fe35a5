"""Job reports: what jobs and items cost and brought in, and what was estimated.

Columns are recalled from QuickBooks' reports. Revenue is what is posted to accounts of income, cost what is posted to accounts of expense and of
cost, both with the customer of the row; an estimate is told at its price, and at the cost of its items.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from emulator.company.items import purchase_terms
from emulator.company.records import Values
from emulator.company.reports.chosen import Chosen
from emulator.company.reports.grid import DIMENSIONS, Figures, Key, added
from emulator.company.reports.period import FIRST_DAY, LAST_DAY, Period, in_words, period_of
from emulator.company.reports.table import LABEL, Cell, Column, Table
from emulator.company.reports.tree import add_tree

if TYPE_CHECKING:
    from emulator.company.books import Books

_TITLES: Final = {
    "ItemEstimatesVsActuals": "Item Estimates vs. Actuals",
    "ItemProfitability": "Item Profitability",
    "JobEstimatesVsActualsDetail": "Job Estimates vs. Actuals Detail",
    "JobEstimatesVsActualsSummary": "Job Estimates vs. Actuals Summary",
    "JobProfitabilityDetail": "Job Profitability Detail",
    "JobProfitabilitySummary": "Job Profitability Summary",
}


def job_report(books: "Books", values: Values, kind: str) -> Table:
    """Return a job report; a Detail is about the items of the jobs that are asked for, a Summary about the jobs."""
    period = period_of(books, values)
    by = DIMENSIONS["Customer" if kind.endswith("Summary") else "ItemDetail"]
    with_estimates = "Estimates" in kind
    titles: tuple[str, ...] = ("Act. Cost", "Act. Revenue", "($) Diff.")
    if with_estimates:
        titles = ("Est. Cost", "Act. Cost", "($) Diff.", "Est. Revenue", "Act. Revenue", "($) Diff.")
    columns = [LABEL, *(Column("AmountDifference" if "Diff" in title else "Amount", "AMTTYPE", (title,)) for title in titles)]
    table = Table(_TITLES[kind], in_words(period), "Accrual", columns)
    parts = [_sums(books, values, by.key, *types) for types in (_COST, _INCOME)]
    cost, revenue = (chosen.sums(by.key, period, f"{sign} * e.home_cents") for chosen, sign in zip(parts, (1, -1), strict=True))
    estimated_cost, estimated = _estimates(books, values, by.key) if with_estimates else ({}, {})
    figures: Figures = {}
    for key in {**cost, **revenue, **estimated_cost, **estimated}:
        if key is not None:
            figures[key] = [each.get(key, 0) for each in (estimated_cost, cost, estimated, revenue)]

    def cells(sums: Sequence[int]) -> list[Cell]:
        planned_cost, spent, planned, taken = sums
        if with_estimates:
            return [planned_cost, spent, spent - planned_cost, planned, taken, taken - planned]
        return [spent, taken, taken - spent]

    if figures:
        add_tree(table, books, figures, cells)
        table.add("TotalRow", ["TOTAL", *cells(added(list(figures.values()), 4))])
    return table


_COST: Final = ("Expense", "OtherExpense", "CostOfGoodsSold")
_INCOME: Final = ("Income", "OtherIncome")


def _sums(books: "Books", values: Values, key: str, *types: str) -> Chosen:
    chosen = Chosen(books, values)
    chosen.of_accounts(*types)
    chosen.where(f"{key} IS NOT NULL AND {DIMENSIONS['Customer'].key} IS NOT NULL")
    return chosen


def _estimates(books: "Books", values: Values, key: str) -> tuple[dict[Key, int], dict[Key, int]]:
    """Return what estimates cost and bring in, by a key; of all days (recalled: they are compared with the whole job)."""
    chosen = Chosen(books, {**values, "ReportPostingStatusFilter": "NonPosting"})
    chosen.where("t.kind = 'Estimate' AND e.item IS NOT NULL")
    cost: dict[Key, int] = {}
    revenue: dict[Key, int] = {}
    for each, item, cents, quantity in chosen.rows(f"{key}, e.item, -e.home_cents, abs(e.quantity)", _ever()):
        price = purchase_terms(books, books.records.by_number(item)).price or 0
        cost[each] = cost.get(each, 0) + ((quantity or 0) * price + 5 * 10**7) // 10**8
        revenue[each] = revenue.get(each, 0) + cents
    return cost, revenue


def _ever() -> Period:
    return Period(FIRST_DAY, LAST_DAY)


KINDS: Final = dict.fromkeys(_TITLES, job_report)
"""JobReportType -> what makes it."""
