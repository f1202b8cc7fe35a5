"""Summaries by customer, vendor, item and the like: rows of one dimension, columns of another.

What QuickBooks counts as sales, purchases, income of a customer and expense of a vendor is recalled from the descriptions of its reports: sales
are the item lines of sales forms, purchases those of purchase forms, income is what is left after the cost of goods, expense is what is
posted to accounts of expense and of cost.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from emulator.company.arithmetic import rounded_quotient
from emulator.company.items import TAXES
from emulator.company.lists.answers import CREDIT_ACCOUNTS
from emulator.company.records import Values
from emulator.company.reports.chosen import EARNING, Chosen
from emulator.company.reports.grid import (
    DIMENSIONS,
    TOTAL,
    Bucket,
    Dimension,
    Figures,
    added,
    buckets_of,
    columns_key,
    everybody,
    figures,
    label_of,
    label_order,
    record_of,
)
from emulator.company.reports.period import (
    FIRST_DAY,
    Period,
    as_of,
    in_words,
    period_of,
)
from emulator.company.reports.table import LABEL, Cell, Column, Table
from emulator.company.reports.tree import add_tree
from emulator.company.store import AMONG, array_of

if TYPE_CHECKING:
    from emulator.company.books import Books

SALES: Final = ("Invoice", "SalesReceipt", "CreditMemo", "Charge")
"""Sales forms."""

PURCHASES: Final = ("Bill", "ItemReceipt", "VendorCredit", "Check", "CreditCardCharge", "CreditCardCredit")
"""Purchase forms."""

ITEM_SECTIONS: Final = {
    "ItemInventory": "Inventory",
    "ItemInventoryAssembly": "Assemblies",
    "ItemNonInventory": "Parts",
    "ItemService": "Service",
    "ItemOtherCharge": "Other Charges",
    "ItemFixedAsset": "Fixed Assets",
    "ItemDiscount": "Discounts",
    "ItemPayment": "Payments",
    "ItemSubtotal": "Subtotals",
    "ItemGroup": "Groups",
    "ItemSalesTax": "Sales Tax",
    "ItemSalesTaxGroup": "Sales Tax Groups",
}
"""Kind of an item -> the section of a report it stands in ("Inventory" observed, the others recalled), in their order."""


def only_sales(chosen: Chosen) -> None:
    """Choose the item lines of sales forms: neither taxes and payments nor what the stock they take out costs."""
    chosen.of_kinds(*SALES)
    chosen.where("e.item IS NOT NULL")
    chosen.where("NOT EXISTS (SELECT 1 FROM movement m WHERE m.txn = e.txn AND e.line IN (m.asset_line, m.other_line))")
    chosen.where(f"NOT (SELECT kind FROM list_record WHERE record = e.item) {AMONG}", array_of([*TAXES, "ItemPayment"]))


def only_purchases(chosen: Chosen) -> None:
    """Choose the item lines of purchase forms."""
    chosen.of_kinds(*PURCHASES)
    chosen.where("e.item IS NOT NULL")


@dataclass(frozen=True)
class Summary:
    """One kind of summary.

    Attributes:
        title: of the report.
        by: the dimension of its rows.
        choose: which rows of the ledger it sums up.
        sign: -1 where a credit is told as positive.
        stands: it tells how things stand at the end of the period, not what happened in it.
        with_quantities: with subcolumns, quantity and price stand beside the amount.
    """

    title: str
    by: str
    choose: Callable[[Chosen], None]
    sign: int = 1
    stands: bool = False
    with_quantities: bool = False


def _receivable(chosen: Chosen) -> None:
    chosen.of_accounts("AccountsReceivable")


def _payable(chosen: Chosen) -> None:
    chosen.of_accounts("AccountsPayable")


def _gross_income(chosen: Chosen) -> None:
    chosen.of_accounts("Income", "OtherIncome", "CostOfGoodsSold")
    chosen.where(f"{DIMENSIONS['Customer'].key} IS NOT NULL")


def _expenses(chosen: Chosen) -> None:
    chosen.of_accounts("Expense", "OtherExpense", "CostOfGoodsSold")
    chosen.where(f"{DIMENSIONS['Vendor'].key} IS NOT NULL")


def _earnings(chosen: Chosen) -> None:
    chosen.of_accounts(*EARNING)


NAMED: Final = frozenset({"Customer", "Vendor"})
"""Dimensions of reports that are by name: a filter of names is about just these names."""

NAMES: Final = ("e.entity", "t.entity")

_SUMMARIES: Final = {
    "CustomerBalanceSummary": Summary("Customer Balance Summary", "Customer", _receivable, stands=True),
    "VendorBalanceSummary": Summary("Vendor Balance Summary", "Vendor", _payable, sign=-1, stands=True),
    "IncomeByCustomerSummary": Summary("Income by Customer Summary", "Customer", _gross_income, sign=-1),
    "ExpenseByVendorSummary": Summary("Expenses by Vendor Summary", "Vendor", _expenses),
    "IncomeTaxSummary": Summary("Income Tax Summary", "TaxLine", _earnings, sign=-1),
    "SalesByCustomerSummary": Summary("Sales by Customer Summary", "Customer", only_sales, sign=-1),
    "SalesByItemSummary": Summary("Sales by Item Summary", "ItemDetail", only_sales, sign=-1, with_quantities=True),
    "SalesByRepSummary": Summary("Sales by Rep Summary", "SalesRep", only_sales, sign=-1),
    "PurchaseByVendorSummary": Summary("Purchases by Vendor Summary", "Vendor", only_purchases),
    "PurchaseByItemSummary": Summary("Purchases by Item Summary", "ItemDetail", only_purchases, with_quantities=True),
}


def summary(books: "Books", values: Values, kind: str) -> Table:
    """Return a summary of one dimension."""
    row = _SUMMARIES[kind]
    if row.stands:
        values = {**values, "ReportBasis": "Accrual"}  # what is owed is owed on any basis
    chosen = Chosen(books, values, names=[DIMENSIONS[row.by].key] if row.by in NAMED else NAMES)
    row.choose(chosen)
    period = period_of(books, values)
    buckets = buckets_of(chosen, values, period, stands=row.stands)
    if row.stands:
        buckets = [Bucket(each.title, Period(FIRST_DAY, each.period.last), each.key) for each in buckets]
    columns = columns_key(values)
    sums = _signed(figures(chosen, DIMENSIONS[row.by].key, buckets, columns), row.sign)
    subtitle = as_of(period.last) if row.stands else in_words(period)
    quantities: Figures | None = None
    if row.with_quantities and values.get("IncludeSubcolumns"):
        measure = "coalesce(e.quantity, 0)"
        quantities = _signed(figures(chosen, DIMENSIONS[row.by].key, buckets, columns, measure), row.sign)
    if values.get("ReturnRows") == "All":
        sums = {**{key: [0] * len(buckets) for key in everybody(books, DIMENSIONS[row.by])}, **sums}
    shape = Shape(books, DIMENSIONS[row.by], buckets, quantities is not None, values.get("ReturnRows") or "ActiveOnly")
    table = Table(row.title, subtitle, chosen.basis, shape.columns)
    shape.add(table, _joined(sums, quantities, len(buckets)))
    return table


def _signed(sums: Figures, sign: int) -> Figures:
    return {key: [sign * each for each in row] for key, row in sums.items()}


def _joined(sums: Figures, quantities: Figures | None, width: int) -> Figures:
    """Return amounts with the quantities behind them."""
    if quantities is None:
        return sums
    return {key: row + quantities.get(key, [0] * width) for key, row in sums.items()}


class Shape:
    """How the sums of a dimension become columns and rows."""

    def __init__(self, books: "Books", by: Dimension, buckets: Sequence[Bucket], quantities: bool, shown: str) -> None:
        self.books, self.by, self.width, self.quantities, self.shown = books, by, len(buckets), quantities, shown
        self.columns: list[Column] = [LABEL]
        if quantities:
            self.columns = [Column("Label", "STRTYPE", ("", ""))]
            for bucket in buckets:
                self.columns += [
                    Column("Quantity", "QUANTYPE", (bucket.title, "Qty")),
                    Column("Amount", "AMTTYPE", ("", "Amount")),
                    Column("UnitPrice", "PRICETYPE", ("", "Avg Price")),
                ]
            return
        for bucket in buckets:
            kind = "Total" if bucket.title == TOTAL and len(buckets) > 1 else "Amount"
            self.columns.append(Column(kind, "AMTTYPE", (bucket.title,)))

    def cells(self, sums: Sequence[int]) -> list[Cell]:
        """Return the cells of a row from its sums: of each column the amount, with the quantity and the price where these are told."""
        if not self.quantities:
            return list(sums)
        told: list[Cell] = []
        for cents, quantity in zip(sums[: self.width], sums[self.width :], strict=True):
            told += [quantity, cents, rounded_quotient(cents * 10**8, quantity) if quantity else None]
        return told

    def add(self, table: Table, sums: Figures, total: list[int] | None = None) -> None:
        """Add all rows, and the total when there are any: the one given, or the sums of the rows."""
        if self.shown == "NonZero":
            sums = {key: row for key, row in sums.items() if any(row)}
        if not sums:
            return
        if self.by.family == "item":
            self._add_items(table, sums)
        elif self.by.family and not self.by.by_id:
            self._add_records(table, sums)
        else:
            self._add_words(table, sums)
        width = len(next(iter(sums.values())))
        table.add("TotalRow", [TOTAL, *self.cells(total or added(list(sums.values()), width))])

    def _add_records(self, table: Table, sums: Figures) -> None:
        named: Figures = {key: row for key, row in sums.items() if key is not None}
        if named:
            add_tree(table, self.books, named, self.cells, self.shown)
        if None in sums:
            table.add("DataRow", [self.by.nothing, *self.cells(sums[None])])

    def _add_items(self, table: Table, sums: Figures) -> None:
        by_section: dict[str, Figures] = {}
        for key, row in sums.items():
            kind = self.books.records.by_number(int(key)).kind if key is not None else ""
            by_section.setdefault(kind, {})[key] = row
        for kind, title in ITEM_SECTIONS.items():
            section = by_section.get(kind)
            if section:
                table.text(title)
                total = add_tree(table, self.books, section, self.cells, self.shown)
                table.add("SubtotalRow", [f"Total {title}", *self.cells(total)])
        if "" in by_section:
            table.add("DataRow", [self.by.nothing, *self.cells(by_section[""][None])])

    def _add_words(self, table: Table, sums: Figures) -> None:
        for key in sorted(sums, key=lambda each: label_order(self.books, self.by, each)):
            record = record_of(self.books, self.by, key)
            table.add("DataRow", [label_of(self.books, self.by, key), *self.cells(sums[key])], record)


def natural_cents(books: "Books") -> str:
    """Return the SQL of the amount of a row as reports sign it (switch company.transaction-row-amount)."""
    if books.settings["company.transaction-row-amount"] == "debit-positive":
        return "e.home_cents"
    types = ", ".join(f"'{each}'" for each in sorted(CREDIT_ACCOUNTS))
    of_credit = f"SELECT record FROM list_record WHERE family = 'account' AND subtype IN ({types})"
    return f"CASE WHEN e.account IN ({of_credit}) THEN -e.home_cents ELSE e.home_cents END"


KINDS: Final = dict.fromkeys(_SUMMARIES, summary)
"""Type of report -> what makes it."""
