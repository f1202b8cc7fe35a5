"""The CustomSummary: rows of any dimension or span of time, columns of another."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

from emulator.company.records import Values
from emulator.company.reports.chosen import EARNING, Chosen
from emulator.company.reports.financial import KINDS as FINANCIAL
from emulator.company.reports.grid import (
    DIMENSIONS,
    TOTAL,
    WITHOUT_ROWS,
    Bucket,
    Dimension,
    added,
    buckets_of,
    columns_key,
    figures,
)
from emulator.company.reports.period import UNITS, Period, in_words, over_column, period_of, spans_with, year_starts
from emulator.company.reports.summary import Shape, natural_cents
from emulator.company.reports.table import Table

if TYPE_CHECKING:
    from emulator.company.books import Books


def custom_summary(books: "Books", values: Values, _kind: str) -> Table:
    """Return a CustomSummary. Without an account filter it is about income and expenses (recalled), as what is left of them.

    With one, each account is told with its own sign (switch company.transaction-row-amount).
    """
    by = str(values["SummarizeRowsBy"])
    if by in ("IncomeStatement", "BalanceSheet"):
        kind = "ProfitAndLossStandard" if by == "IncomeStatement" else "BalanceSheetStandard"
        table = FINANCIAL[kind](books, values, kind)
        table.title = _CUSTOM
        return table
    chosen = Chosen(books, values)
    period = period_of(books, values)
    measure = "-e.home_cents"
    if values.get("ReportAccountFilter") or by == "Account":
        measure = natural_cents(books)
    if not values.get("ReportAccountFilter"):
        chosen.of_accounts(*EARNING)
    buckets = buckets_of(chosen, values, period)
    columns = columns_key(values)
    if by in UNITS:
        return _by_time(chosen, values, period, buckets, columns, measure, by)
    dimension = DIMENSIONS.get(by, Dimension(f"'{TOTAL}'"))
    sums = {} if by in WITHOUT_ROWS else figures(chosen, dimension.key, buckets, columns, measure)
    shape = Shape(books, dimension, buckets, False, values.get("ReturnRows") or "ActiveOnly")
    table = Table(_CUSTOM, in_words(period), chosen.basis, shape.columns)
    # Amounts that each have the sign of their account add up to nothing: the total is what is left of them, or of debits.
    total = None
    if by == "Account":
        left = "e.home_cents" if values.get("ReportAccountFilter") else "-e.home_cents"
        total = figures(chosen, f"'{TOTAL}'", buckets, columns, left).get(TOTAL)
    shape.add(table, sums, total)
    return table


_CUSTOM: Final = "Custom Summary Report"


def _by_time(
    chosen: Chosen, values: Values, period: Period, buckets: Sequence[Bucket], columns: str | None, measure: str, unit: str
) -> Table:
    shape = Shape(chosen.books, Dimension(""), buckets, False, "All")
    table = Table(_CUSTOM, in_words(period), chosen.basis, shape.columns)
    by_day = figures(chosen, "{day}", buckets, columns, measure)
    days = sorted(str(day) for day in by_day)
    total = [0] * len(buckets)
    place = 0
    for span in spans_with([date.fromisoformat(day) for day in days], period, unit, year_starts(chosen.books, values)):
        row = [0] * len(buckets)
        while place < len(days) and days[place] <= span.last.isoformat():
            row = added([row, by_day[days[place]]], len(buckets))
            place += 1
        table.add("DataRow", [over_column(span), *row])
        total = added([total, row], len(buckets))
    if days:
        table.add("TotalRow", [TOTAL, *total])
    return table


KINDS: Final = {"CustomSummary": custom_summary}
"""CustomSummaryReportType -> what makes it."""
