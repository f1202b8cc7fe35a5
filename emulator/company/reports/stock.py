"""Reports about stock: status, valuation, count sheets, what is where. The value is the value of the ledger: average cost.

Columns and layout of the stock status are as recorded (observed, 2011); the others are recalled from QuickBooks' reports.
"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from emulator.company.arithmetic import rounded_quotient
from emulator.company.items import STOCKED
from emulator.company.records import Record, Values
from emulator.company.reports.chosen import Chosen, one_of
from emulator.company.reports.grid import Figures, added, share_of
from emulator.company.reports.period import Period, as_of, in_words, period_of
from emulator.company.reports.summary import ITEM_SECTIONS, only_sales
from emulator.company.reports.table import Cell, Column, Table
from emulator.company.reports.tree import add_tree
from emulator.company.store import AMONG, array_of
from emulator.company.transactions import by_number, line_dicts
from emulator.company.units import ONE

if TYPE_CHECKING:
    from emulator.company.books import Books

_LABEL: Final = Column("Blank", "STRTYPE", ("",))
_DESCRIPTION: Final = Column("ItemDesc", "STRTYPE", ("Item Description",))
_VENDOR: Final = Column("ItemVendor", "STRTYPE", ("Pref Vendor",))


def _quantity(kind: str, title: str) -> Column:
    return Column(kind, "QUANTYPE", (title,))


def _amount(kind: str, title: str) -> Column:
    return Column(kind, "AMTTYPE", (title,))


def _percent(kind: str, title: str) -> Column:
    return Column(kind, "PERCENTTYPE", (title,))


def stocked(books: "Books", values: Values) -> list[Record]:
    """Return the stocked items that the filters and ReturnRows choose, in the order of the list."""
    shown = values.get("ReturnRows") or "ActiveOnly"
    only_active = "" if shown == "All" else " AND active"
    rows = books.store.execute(
        f"SELECT record FROM list_record WHERE family = 'item' AND kind {AMONG}{only_active} ORDER BY sort_key",
        (array_of(sorted(STOCKED)),),
    ).fetchall()
    wanted = _wanted(books, values)
    return [books.records.by_number(row[0]) for row in rows if wanted is None or row[0] in wanted]


def _wanted(books: "Books", values: Values) -> set[int] | None:
    if not values.get("ReportItemFilter"):
        return None
    condition, parameter = one_of(books, "ReportItemFilter", values["ReportItemFilter"])
    rows = books.store.execute(f"SELECT record FROM list_record WHERE family = 'item' AND record {condition}", (parameter,))
    return {row[0] for row in rows.fetchall()}


def _by_section(books: "Books", table: Table, items: Sequence[Record], figures: Figures, cells: Any, subtotal: bool) -> list[int]:
    width = max((len(row) for row in figures.values()), default=0)
    totals = []
    for kind in sorted(STOCKED, key=list(ITEM_SECTIONS).index):
        own: Figures = {item.number: figures[item.number] for item in items if item.kind == kind}
        if own:
            table.text(ITEM_SECTIONS[kind])
            totals.append(add_tree(table, books, own, cells))
            if subtotal:
                table.add("SubtotalRow", [f"Total {ITEM_SECTIONS[kind]}", *cells(totals[-1])])
    return added(totals, width)


# ---- status ----------------------------------------------------------------------------------------------------------------------

DAYS_A_WEEK: Final = 7


def status(books: "Books", values: Values, kind: str) -> Table:
    """Return InventoryStockStatusByItem or ...ByVendor: on hand, on order, suggested reorder, sales a week."""
    period = period_of(books, values)
    by_vendor = kind.endswith("Vendor")
    columns = [
        _LABEL,
        _DESCRIPTION,
        *([] if by_vendor else [_VENDOR]),
        _quantity("ReorderPoint", "Reorder Pt"),
        _quantity("QuantityOnHand", "On Hand"),
        Column("SuggestedReorder", "BOOLTYPE", ("Order",)),
        _quantity("QuantityOnOrder", "On PO"),
        Column("EarliestReceiptDate", "DATETYPE", ("Next Deliv",)),
        _quantity("SalesPerWeek", "Sales/Week"),
    ]
    title = "Inventory Stock Status by Vendor" if by_vendor else "Inventory Stock Status by Item"
    table = Table(title, in_words(period), "Accrual", columns)
    items = stocked(books, values)
    sold = Chosen(books, {})
    only_sales(sold)
    weekly = sold.sums("e.item", period, "-coalesce(e.quantity, 0)")
    weeks = max(_days_of_sales(books, period), DAYS_A_WEEK)
    for heading, group in _groups(books, items, by_vendor):
        table.text(heading)
        for item in group:
            held, on_order = books.stock.of(item.number).quantity, books.stock.on_order(item.number)
            point = item.document.get("ReorderPoint")
            cells: list[Cell] = [item.name, item.document.get("SalesDesc") or item.document.get("PurchaseDesc")]
            if not by_vendor:
                cells.append(_vendor(books, item))
            is_low = point is not None and held + on_order < point
            a_week = (weekly.get(item.number) or 0) * DAYS_A_WEEK // weeks
            table.add("DataRow", [*cells, point, held, is_low, on_order, _next_delivery(books, item), a_week], item)
    return table


def _days_of_sales(books: "Books", period: Period) -> int:
    """Return how many days a period has between the first transaction and today."""
    first, *_rest = books.store.execute("SELECT min(date) FROM txn").fetchone()
    if first is None:
        return DAYS_A_WEEK
    today = books.local_time.today(books.now())
    return (min(period.last, today) - max(period.first, date.fromisoformat(first))).days + 1


def _groups(books: "Books", items: Sequence[Record], by_vendor: bool) -> list[tuple[str, list[Record]]]:
    groups: dict[str, list[Record]] = {}
    for item in items:
        vendor = _vendor(books, item) or "No vendor"
        groups.setdefault(vendor if by_vendor else ITEM_SECTIONS[item.kind], []).append(item)
    return sorted(groups.items(), key=lambda each: each[0].casefold()) if by_vendor else list(groups.items())


def _vendor(books: "Books", item: Record) -> str | None:
    vendor = books.references.held("PrefVendorRef", item.document)
    return vendor.full_name if vendor is not None else None


def _next_delivery(books: "Books", item: Record) -> str | None:
    row = books.store.execute(
        "SELECT min(coalesce(json_extract(document, '$.ExpectedDate'), due, date)) FROM order_line JOIN txn ON number = txn"
        " WHERE item = ? AND order_line.kind = 'PurchaseOrder' AND NOT closed AND done < quantity",
        (item.number,),
    ).fetchone()
    return str(row[0]) if row[0] is not None else None


# ---- value -----------------------------------------------------------------------------------------------------------------------


def valuation(books: "Books", values: Values, _kind: str) -> Table:
    """Return the InventoryValuationSummary: on hand, average cost and value of every stocked item at the end of the period."""
    period = period_of(books, values)
    day = period.last.isoformat()
    items = stocked(books, values)
    figures: Figures = {}
    for item in items:
        quantity, cents = books.stock.held_at(item.number, day)
        figures[item.number] = [quantity, cents, quantity * (item.document.get("SalesPrice") or 0)]
    whole = added(list(figures.values()), 3)

    def cells(sums: Sequence[int]) -> list[Cell]:
        quantity, cents, retail = sums
        return [
            quantity,
            rounded_quotient(cents * 10**8, quantity) if quantity else None,
            cents,
            share_of(cents, whole[1]),
            _cents(retail),
            share_of(retail, whole[2]),
        ]

    columns = [
        _LABEL,
        _quantity("QuantityOnHand", "On Hand"),
        Column("AverageCost", "PRICETYPE", ("Avg Cost",)),
        _amount("ValueOnHand", "Asset Value"),
        _percent("PercentOfTotalValue", "% of Tot Asset"),
        _amount("RetailValueOnHand", "Retail Value"),
        _percent("PercentOfTotalRetail", "% of Tot Retail"),
    ]
    table = Table("Inventory Valuation Summary", as_of(period.last), "Accrual", columns)
    _by_section(books, table, items, figures, cells, subtotal=True)
    if items:
        table.add("TotalRow", ["TOTAL", *cells(whole)])
    return table


def _cents(retail: int) -> int:
    """Quantity times price, both in 0.00001, in cents."""
    return (2 * retail + 10**8) // (2 * 10**8)


# ---- sites -----------------------------------------------------------------------------------------------------------------------


def by_site(books: "Books", values: Values, _kind: str) -> Table:
    """Return the InventoryValuationSummaryBySite: site by site what is there, at the average cost of the whole company."""
    period = period_of(books, values)
    columns = [_LABEL, _quantity("QuantityOnHand", "On Hand"), _amount("ValueOnHand", "Asset Value")]
    table = Table("Inventory Valuation Summary by Site", as_of(period.last), "Accrual", columns)
    day = period.last.isoformat()
    held: dict[int | None, list[tuple[Record, int, int]]] = {}
    total = [0, 0]
    for item in stocked(books, values):
        quantity, cents = books.stock.held_at(item.number, day)
        sites = books.store.execute(
            "SELECT site, sum(quantity) FROM movement WHERE item = ? AND date <= ? GROUP BY site ORDER BY site",
            (item.number, day),
        ).fetchall()
        left = cents
        for place, (site, here) in enumerate(sites):
            # What rounding leaves goes to the last site, so that the sites add up to the ledger.
            value = left if place == len(sites) - 1 else cents * here // quantity if quantity else 0
            left -= value
            if here or value:
                held.setdefault(site, []).append((item, here, value))
    for site in sorted(held, key=lambda each: _site_name(books, each).casefold()):
        table.text(_site_name(books, site))
        for item, here, value in held[site]:
            table.add("DataRow", [item.full_name, here, value], item)
        sums = [sum(each[1] for each in held[site]), sum(each[2] for each in held[site])]
        table.add("SubtotalRow", [f"Total {_site_name(books, site)}", *sums])
        total = added([total, sums], 2)
    if held:
        table.add("TotalRow", ["TOTAL", *total])
    return table


def _site_name(books: "Books", site: int | None) -> str:
    return books.records.by_number(site).full_name if site is not None else "No site"


def numbered(books: "Books", values: Values, kind: str) -> Table:
    """Return SerialNumberInStockBySite or LotNumberInStockBySite: the numbers that came in and have not gone out."""
    element = "SerialNumber" if kind.startswith("Serial") else "LotNumber"
    word = "Serial" if element == "SerialNumber" else "Lot"
    period = period_of(books, values)
    columns = [_LABEL, Column("Item", "STRTYPE", (f"{word} Number",)), _quantity("QuantityOnHand", "On Hand")]
    table = Table(f"{word} Numbers in Stock by Site", as_of(period.last), "Accrual", columns)
    found: dict[tuple[str, int, str], int] = {}
    wanted = {item.number for item in stocked(books, values)}
    rows = books.store.execute(
        "SELECT DISTINCT m.txn FROM movement m JOIN txn t ON t.number = m.txn WHERE m.date <= ? AND instr(t.lines, ?) ORDER BY m.date, m.txn",
        (period.last.isoformat(), f'"{element}"'),
    ).fetchall()
    for (txn,) in rows:
        for line in line_dicts(by_number(books, txn).lines):
            item = books.references.held("ItemRef", line) if line.get(element) else None
            if item is None or item.number not in wanted:
                continue
            given = (
                [each.strip() for each in str(line[element]).split(",") if each.strip()]
                if word == "Serial"
                else [str(line[element])]
            )
            moved = abs(int(line.get("Quantity") or line.get("QuantityDifference") or ONE * len(given)))
            moved = moved if books.stock.moved_by(txn, item.number) >= 0 else -moved
            site = books.references.held("InventorySiteRef", line)
            for number in given:
                key = (site.full_name if site is not None else _site_name(books, None), item.number, number)
                found[key] = found.get(key, 0) + moved // len(given)
    site_before = None
    for (site_name, number_of_item, number), quantity in sorted(
        found.items(), key=lambda each: (each[0][0].casefold(), each[0][1:])
    ):
        if not quantity:
            continue
        if site_name != site_before:
            table.text(site_name)
            site_before = site_name
        record = books.records.by_number(number_of_item)
        table.add("DataRow", [record.full_name, number, quantity], record)
    return table


def worksheet(books: "Books", values: Values, _kind: str) -> Table:
    """Return the PhysicalInventoryWorksheet: what should be there, and room for what is counted."""
    period = period_of(books, values)
    columns = [
        _LABEL,
        _DESCRIPTION,
        _VENDOR,
        _quantity("QuantityOnHand", "Quantity On Hand"),
        Column("PhysicalCount", "STRTYPE", ("Physical Count",)),
    ]
    table = Table("Physical Inventory Worksheet", as_of(period.last), "None", columns)
    for item in stocked(books, values):
        vendor = _vendor(books, item)
        described = item.document.get("SalesDesc") or item.document.get("PurchaseDesc")
        table.add(
            "DataRow",
            [item.full_name, described, vendor, books.stock.held_at(item.number, period.last.isoformat())[0], None],
            item,
        )
    return table


KINDS: Final = {
    "InventoryStockStatusByItem": status,
    "InventoryStockStatusByVendor": status,
    "InventoryValuationSummary": valuation,
    "InventoryValuationSummaryBySite": by_site,
    "LotNumberInStockBySite": numbered,
    "SerialNumberInStockBySite": numbered,
    "PhysicalInventoryWorksheet": worksheet,
}
"""Type of report -> what makes it."""
