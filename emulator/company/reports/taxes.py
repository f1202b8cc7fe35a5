"""SalesTaxLiability and SalesTaxRevenueSummary: what was sold, what of it is taxed, and the tax that is owed to each agency.

The columns are recalled from QuickBooks' reports. A line is taxed when its sales tax code is taxable; the taxes are those of the transaction.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from emulator.company.records import Record, Values
from emulator.company.reports.chosen import Chosen
from emulator.company.reports.grid import added
from emulator.company.reports.period import Period, in_words, period_of
from emulator.company.reports.summary import only_sales
from emulator.company.reports.table import LABEL, Column, Table
from emulator.company.rules.sale_lines import tax_agency
from emulator.company.transactions import by_number, line_dicts

if TYPE_CHECKING:
    from emulator.company.books import Books

_LIABILITY: Final = (
    "json_extract((SELECT document FROM list_record WHERE record = e.account), '$.SpecialAccountType') = 'SalesTaxPayable'"
)


_VENDOR: Final = "(SELECT record FROM list_record WHERE record = {} AND kind = 'Vendor')"
_AGENCY: Final = f"CASE WHEN e.item IS NULL THEN coalesce({_VENDOR.format('e.entity')}, {_VENDOR.format('t.entity')}) END"
"""SQL of the agency that a row of no tax item names, such as one of a journal entry: its own vendor, or else its transaction's."""

Key = tuple[int | None, int | None]
"""What tax is kept apart by: a tax item; or without one the agency that was named, if any."""

NO_TAX: Final = (None, None)
NO_AGENCY: Final = "No agency"


@dataclass
class _Tax:
    """What one tax item took: cents of sales, taxable sales and tax collected, and what is owed of it."""

    sales: int = 0
    taxable: int = 0
    collected: int = 0
    owed: int = 0

    @property
    def figures(self) -> list[int]:
        return [self.sales, self.sales - self.taxable, self.taxable, self.collected, self.owed]


def sales_tax(books: "Books", values: Values, kind: str) -> Table:
    """Return a report about sales tax, by agency and tax item."""
    period = period_of(books, values)
    chosen = Chosen(books, values)
    taxes = _taxes(books, chosen, values, period)
    is_liability = kind == "SalesTaxLiability"
    columns = [
        LABEL,
        Column("Amount", "AMTTYPE", ("Total Sales",)),
        Column("Amount", "AMTTYPE", ("Non-Taxable Sales",)),
        Column("Amount", "AMTTYPE", ("Taxable Sales",)),
        *([Column("Percent", "PERCENTTYPE", ("Tax Rate",))] if is_liability else []),
        Column("Amount", "AMTTYPE", ("Tax Collected",)),
        *([Column("Amount", "AMTTYPE", ("Sales Tax Payable",))] if is_liability else []),
    ]
    table = Table("Sales Tax Liability" if is_liability else "Sales Tax Revenue Summary", in_words(period), chosen.basis, columns)

    def cells(figures: list[int], rate: int | None) -> list[Any]:
        sold, free, taxable, collected, owed = figures
        return [sold, free, taxable, rate, collected, owed] if is_liability else [sold, free, taxable, collected]

    agencies: dict[str, list[tuple[Record | None, _Tax]]] = {}
    for (item, agency_of), tax in taxes.items():
        record = books.records.by_number(item) if item is not None else None
        named = books.records.by_number(agency_of) if agency_of is not None else None
        vendor = tax_agency(books, record) if record is not None else named
        agencies.setdefault(vendor.full_name if vendor is not None else NO_AGENCY, []).append((record, tax))
    total = [0] * 5
    for agency, rows in sorted(agencies.items(), key=lambda each: each[0].casefold()):
        table.text(agency)
        for record, tax in sorted(rows, key=lambda each: each[0].full_name.casefold() if each[0] is not None else ""):
            rate = int(record.document.get("TaxRate") or 0) if record is not None else None
            without = (
                "No tax" if agency == NO_AGENCY else f"{agency} - Other"
            )  # as lists with levels tell what has no row of its own
            table.add("DataRow", [record.full_name if record is not None else without, *cells(tax.figures, rate)], record)
        sums = added([tax.figures for _record, tax in rows], 5)
        table.add("SubtotalRow", [f"Total {agency}", *cells(sums, None)])
        total = added([total, sums], 5)
    if agencies:
        table.add("TotalRow", ["TOTAL", *cells(total, None)])
    return table


def _taxes(books: "Books", chosen: Chosen, values: Values, period: Period) -> dict[Key, _Tax]:
    """Return what each tax took in the period, and what is owed of it at its end."""
    found: dict[Key, _Tax] = {}
    owed = Chosen(books, values)
    owed.where(_LIABILITY)
    until = Period(period.first.min, period.last)
    by_tax = f"GROUP BY e.item, {_AGENCY}"
    for item, agency, cents in owed.rows(f"e.item, {_AGENCY}, sum(-e.home_cents)", until, by_tax):
        found.setdefault((item, agency), _Tax()).owed = cents
    taken = Chosen(books, values)
    taken.where(f"{_LIABILITY} AND t.kind <> 'SalesTaxPaymentCheck'")
    taxes_of: dict[int, set[Key]] = {}
    for txn, item, agency, cents in taken.rows(f"e.txn, e.item, {_AGENCY}, sum(-e.home_cents)", period, f"{by_tax}, e.txn"):
        found.setdefault((item, agency), _Tax()).collected += cents
        taxes_of.setdefault(txn, set()).add((item, agency))
    only_sales(chosen)
    by_transaction: dict[int, list[tuple[str, int]]] = {}
    for txn, line_id, cents in chosen.rows("e.txn, e.line_id, -e.home_cents", period):
        by_transaction.setdefault(txn, []).append((line_id, cents))
    for txn, lines in by_transaction.items():
        taxed = _taxed_lines(books, txn)
        for key in taxes_of.get(txn, {NO_TAX}):
            tax = found.setdefault(key, _Tax())
            tax.sales += sum(cents for _line, cents in lines)
            tax.taxable += sum(cents for line_id, cents in lines if line_id in taxed) if key != NO_TAX else 0
    return found


def _taxed_lines(books: "Books", txn: int) -> set[str]:
    """Return the TxnLineIDs of lines that are taxed."""
    taxed = set()
    for line in line_dicts(by_number(books, txn).lines):
        code = books.references.held("SalesTaxCodeRef", line)
        if code is not None and code.document.get("IsTaxable"):
            taxed.add(str(line.get("TxnLineID")))
    return taxed


KINDS: Final = {"SalesTaxLiability": sales_tax, "SalesTaxRevenueSummary": sales_tax}
"""Type of report -> what makes it."""
