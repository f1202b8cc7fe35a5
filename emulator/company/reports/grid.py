"""A summary as a grid: what its rows and columns are by, and the sums in its cells."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from emulator.company.records import Record, Values
from emulator.company.reports.chosen import Chosen
from emulator.company.reports.period import COLUMNS_MAX, FIRST_DAY, LAST_DAY, UNITS, Period, cut, over_column, year_starts

if TYPE_CHECKING:
    from emulator.company.books import Books

Key = int | str | None
"""What a row or column is about: the number of a record, a word, or nothing."""

TOTAL: Final = "TOTAL"


@dataclass(frozen=True)
class Dimension:
    """What sums are kept apart by.

    Attributes:
        key: SQL over a row of the ledger `e` and its transaction `t`; the number of a record, a ListID or a word.
        family: the list its records are of; empty for words.
        nothing: the label of what has none (recalled from QuickBooks' reports).
        by_id: the key is a ListID.
        kind: of the records of the list that it is about; empty for all.
    """

    key: str
    family: str = ""
    nothing: str = ""
    by_id: bool = False
    kind: str = ""


def _name(kind: str, first: str, second: str) -> str:
    """The name of a kind that a row has, or else its transaction, or the other way round."""
    of = "(SELECT record FROM list_record WHERE record = {} AND kind = '" + kind + "')"
    return f"coalesce({of.format(first)}, {of.format(second)})"


def _said(element: str) -> str:
    return f"json_extract(t.document, '$.{element}.ListID')"


def _of_name(element: str) -> str:
    return f"(SELECT json_extract(document, '$.{element}.FullName') FROM list_record WHERE record = coalesce(t.entity, e.entity))"


DIMENSIONS: Final[Mapping[str, Dimension]] = MappingProxyType(
    {
        "Account": Dimension("e.account", "account"),
        "Class": Dimension("e.class", "class", "Unclassified"),
        "Customer": Dimension(_name("Customer", "e.entity", "t.entity"), "entity", "No Name", kind="Customer"),
        "Vendor": Dimension(_name("Vendor", "t.entity", "e.entity"), "entity", "No Name", kind="Vendor"),
        "Employee": Dimension(_name("Employee", "e.entity", "t.entity"), "entity", "No Name", kind="Employee"),
        "Payee": Dimension("coalesce(t.entity, e.entity)", "entity", "No Name"),
        "ItemDetail": Dimension("e.item", "item", "No item"),
        "ItemType": Dimension("(SELECT kind FROM list_record WHERE record = e.item)", "", "No item"),
        "CustomerType": Dimension(_of_name("CustomerTypeRef"), "", "Uncategorized"),
        "VendorType": Dimension(_of_name("VendorTypeRef"), "", "Uncategorized"),
        "SalesRep": Dimension(_said("SalesRepRef"), "sales-rep", "No Sales Rep", by_id=True),
        "Terms": Dimension(_said("TermsRef"), "terms", "No Terms", by_id=True),
        "PaymentMethod": Dimension(_said("PaymentMethodRef"), "payment-method", "No Payment Method", by_id=True),
        "ShipMethod": Dimension(_said("ShipMethodRef"), "ship-method", "No Ship Method", by_id=True),
        "SalesTaxCode": Dimension(_said("CustomerSalesTaxCodeRef"), "sales-tax-code", "No Tax Code", by_id=True),
        "TaxLine": Dimension(
            "(SELECT json_extract(document, '$.TaxLineInfoRet.TaxLineName') FROM list_record WHERE record = e.account)",
            "",
            "Tax Line Unassigned",
        ),
    }
)
"""SummarizeRowsBy and SummarizeColumnsBy -> what the sums are kept apart by (read off the words)."""

WITHOUT_ROWS: Final = frozenset({"PayrollItemDetail", "PayrollYtdDetail"})
"""Words that nothing in the books has: no payroll transaction can be entered (documented: the requests that are public)."""


@dataclass(frozen=True)
class Bucket:
    """A column of sums.

    Attributes:
        title: over it.
        period: what lies in it; None for the key alone.
        key: of the dimension; `TOTAL` for all.
    """

    title: str
    period: Period
    key: Key = TOTAL


Figures = dict[Key, list[int]]
"""Row -> its sums, one for each bucket."""


def buckets_of(chosen: Chosen, values: Values, period: Period, default: str = "TotalOnly", stands: bool = False) -> list[Bucket]:
    """Return the columns of a summary by its SummarizeColumnsBy, ReportCalendar and ReturnColumns.

    Spans of time are all told, but NonZero leaves out those that nothing is in; of other columns ActiveOnly (the default, documented) tells
    those that something is in; where the report tells how things `stand`, at any time until the end of the period.
    """
    books, by = chosen.books, str(values.get("SummarizeColumnsBy") or default)
    if by in UNITS:
        return _spans(chosen, values, period, by)
    dimension = DIMENSIONS.get(by)
    if dimension is None:
        return [Bucket(TOTAL if period.is_everything else over_column(period), period)]
    shown = values.get("ReturnColumns") or "ActiveOnly"
    looked_at = Period(FIRST_DAY, period.last) if stands else period
    sums = chosen.rows(f"{dimension.key}, sum(e.home_cents)", looked_at, f"GROUP BY {dimension.key}, e.account")
    keys: list[Key] = list(dict.fromkeys(key for key, cents in sums if shown != "NonZero" or cents))
    if shown == "All":
        keys = list(dict.fromkeys([*everybody(books, dimension), *keys]))
    named = sorted(((label_order(books, dimension, key), key) for key in keys), key=lambda each: each[0])
    return [
        *(Bucket(label_of(books, dimension, key), period, key) for _order, key in named[: COLUMNS_MAX - 1]),
        Bucket(TOTAL, period),
    ]


def _spans(chosen: Chosen, values: Values, period: Period, unit: str) -> list[Bucket]:
    books = chosen.books
    if period.first == FIRST_DAY or period.last == LAST_DAY:
        # Without ends, from the first to the last row there is.
        [(first, last)] = chosen.rows("min({day}), max({day})", period)
        if first is None:
            return [Bucket(TOTAL, period)]
        period = Period(date.fromisoformat(first), date.fromisoformat(last))
    spans = cut(period, unit, year_starts(books, values))
    if values.get("ReturnColumns") == "NonZero":
        sums = figures(chosen, "e.account", [Bucket("", span) for span in spans]).values()
        spans = [span for place, span in enumerate(spans) if any(row[place] for row in sums)]
    return [*(Bucket(over_column(span), span) for span in spans), Bucket(TOTAL, period)]


def everybody(books: "Books", dimension: Dimension) -> list[Key]:
    """Return the keys of all active records of a dimension; words have none."""
    column = "list_id" if dimension.by_id else "record"
    rows = books.store.execute(
        f"SELECT {column} FROM list_record WHERE family = ?1 AND active AND (?2 = '' OR kind = ?2) ORDER BY sort_key",
        (dimension.family, dimension.kind),
    )
    return [row[0] for row in rows.fetchall()]


def record_of(books: "Books", dimension: Dimension, key: Key) -> Record | None:
    """Return the record that a key of a dimension stands for; none for words, and for nothing."""
    if key is None or not dimension.family or key == TOTAL:
        return None
    if dimension.by_id:
        return books.records.by_id(dimension.family, str(key))
    return books.records.by_number(int(key))


def label_of(books: "Books", dimension: Dimension, key: Key) -> str:
    """Return how a key is told."""
    record = record_of(books, dimension, key)
    if record is not None:
        return record.full_name
    return dimension.nothing if key is None else str(key)


def label_order(books: "Books", dimension: Dimension, key: Key) -> tuple[int, str]:
    """Return the place of a key among its like: in the order of the list, nothing last."""
    record = record_of(books, dimension, key)
    return (1 if key is None else 0, (record.full_name if record is not None else str(key or "")).casefold())


def figures(
    chosen: Chosen, by: str, buckets: Sequence[Bucket], columns: str | None = None, measure: str = "e.home_cents"
) -> Figures:
    """Return the sums of a measure by a key in SQL, in every bucket.

    Args:
        chosen: the rows.
        by: SQL of the key of the rows.
        buckets: the columns.
        columns: SQL of the key of the columns where they are not spans of time.
        measure: SQL of what is summed up.
    """
    found: Figures = {}
    if columns is None and len(buckets) > SPANS_ASKED_SINGLY:
        return _by_day(chosen, by, buckets, measure)
    by_place: dict[tuple[Period, Key], list[int]] = {}
    for place, bucket in enumerate(buckets):
        by_place.setdefault((bucket.period, bucket.key), []).append(place)
    for period in dict.fromkeys(bucket.period for bucket in buckets):
        wanted = {bucket.key for bucket in buckets if bucket.period == period}
        sums: list[tuple[Key, Key, int]] = []
        if columns is not None and wanted != {TOTAL}:
            sums += chosen.rows(f"{by}, {columns}, sum({measure})", period, f"GROUP BY {by}, {columns}")
        if TOTAL in wanted:
            sums += [(row, TOTAL, total) for row, total in chosen.sums(by, period, measure).items()]
        for row, column, total in sums:
            for place in by_place.get((period, column), ()):
                found.setdefault(row, [0] * len(buckets))[place] += total or 0
    return found


SPANS_ASKED_SINGLY: Final = 3
"""Spans of time for each of which the file is asked; for more it is asked once, day by day."""


def _by_day(chosen: Chosen, by: str, buckets: Sequence[Bucket], measure: str) -> Figures:
    whole = Period(min(bucket.period.first for bucket in buckets), max(bucket.period.last for bucket in buckets))
    sums: dict[Key, list[tuple[str, int]]] = {}
    for row, day, total in chosen.rows(f"{by}, {{day}}, sum({measure})", whole, f"GROUP BY {by}, {{day}} ORDER BY {{day}}"):
        sums.setdefault(row, []).append((day, total or 0))
    found: Figures = {}
    for row, days in sums.items():
        dates = [day for day, _total in days]
        until = [0, *accumulate(total for _day, total in days)]
        ends = [
            (bisect_left(dates, bucket.period.first.isoformat()), bisect_right(dates, bucket.period.last.isoformat()))
            for bucket in buckets
        ]
        if any(first < last for first, last in ends):
            found[row] = [until[last] - until[first] for first, last in ends]
    return found


def columns_key(values: Values, default: str = "TotalOnly") -> str | None:
    """Return the SQL of the key of the columns that a query asks for; none for spans of time and for one column."""
    dimension = DIMENSIONS.get(str(values.get("SummarizeColumnsBy") or default))
    return dimension.key if dimension is not None else None


def added(rows: Sequence[Sequence[int]], width: int) -> list[int]:
    """Return the sums of rows, column by column."""
    return [sum(row[place] for row in rows) for place in range(width)]


def share_of(part: int, whole: int) -> int | None:
    """Return a share in units of 0.00001 percent, to a tenth of a percent as reports show it (recalled); none of nothing."""
    return (2 * part * 1000 + abs(whole)) // (2 * abs(whole)) * 10_000 if whole else None
