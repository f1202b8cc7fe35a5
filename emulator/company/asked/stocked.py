"""What is where: ItemSitesQuery, BarCodeQuery, ItemAssembliesCanBuildQuery.

Standing: the elements are documented; that a stocked item has a row for every site where it has been, and one for no site while some of
it is nowhere, is read off them; what is on order and what pending builds need is told of the company as a whole in each row (switch
company.on-order-by-site). The ListID of such a row is ours: these rows are made when they are asked for.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from emulator.company.arithmetic import QUANTITY_MAX
from emulator.company.asked.register import ITEM_KINDS
from emulator.company.filters import records
from emulator.company.identity import LIST_COUNTER_START, numbered_id
from emulator.company.items import STOCKED
from emulator.company.queries import Found, Source
from emulator.company.records import Record, Values
from emulator.company.rules.inventory import can_build
from emulator.company.store import AMONG, array_of

if TYPE_CHECKING:
    from emulator.company.books import Books

SITES_MAX: Final = 4096
"""Rows of sites that one item's ListIDs leave room for."""


def can_be_built(books: "Books", values: Values) -> list[tuple[str, object]]:
    """Return the ItemAssembliesCanBuildRet: how many pieces the components in stock on a day allow."""
    assembly = books.references.find("ItemInventoryAssemblyRef", values.get("ItemInventoryAssemblyRef"), "ItemAssembliesCanBuild")
    result: Values = {
        "ItemInventoryAssemblyRef": assembly.reference,
        "TxnDate": values["TxnDate"],
        "QuantityCanBuild": can_build(books, assembly, values["TxnDate"]),
    }
    return [("ItemAssembliesCanBuildRet", result)]


def bar_codes(books: "Books", values: Values) -> Source:
    """Return where the rows of a BarCodeQuery come from: items by their bar codes, all of them without any.

    One that no item has: switch company.bar-code-missing.
    """
    wanted = [code or "" for code in values.get("BarCodeValue") or ()]

    def keys(limit: int | None) -> list[Any]:
        condition = f" AND json_extract(document, '$.BarCodeValue') {AMONG}" if wanted else ""
        rows = books.store.execute(
            "SELECT record FROM list_record WHERE family = 'item' AND json_extract(document, '$.BarCodeValue') IS NOT NULL"
            f"{condition} ORDER BY sort_key" + (" LIMIT ?" if limit else ""),
            [*([array_of(wanted)] if wanted else []), *([limit] if limit else [])],
        )
        return [row[0] for row in rows.fetchall()]

    def render(numbers: Sequence[Any]) -> Found:
        items = (books.records.standing(number) for number in numbers)
        return [
            ("BarCodeRet", {"ListType": item.kind, "ListID": item.list_id, "FullName": item.full_name})
            for item in items
            if item is not None  # deleted since the iterator was started
        ]

    known = "SELECT 1 FROM list_record WHERE family = 'item' AND json_extract(document, '$.BarCodeValue') = ?"
    missing = next((each for each in wanted if books.store.execute(known, (each,)).fetchone() is None), None)
    return Source(keys, render, has_iterators=True, missing=missing)


def sites(books: "Books", values: Values) -> Source:
    """Return where the rows of an ItemSitesQuery come from. Their keys are (item, site or None)."""

    def keys(limit: int | None) -> list[Any]:
        found = list(_rows(books, values))
        return found[:limit] if limit else found

    def render(pairs: Sequence[Any]) -> Found:
        standing = books.records.standing
        return [
            ("ItemSitesRet", _row(books, item, site))
            for number, site in pairs
            if (item := standing(number)) is not None and (site is None or standing(site) is not None)
        ]

    ids = [each or "" for each in values.get("ListID") or ()]
    there = {_list_id(books.records.by_number(item), site) for item, site in _rows(books, values)} if ids else set()
    return Source(keys, render, has_iterators=True, missing=next((each for each in ids if each not in there), None))


def _rows(books: "Books", values: Values) -> list[tuple[int, int | None]]:
    kinds: Sequence[str] = sorted(STOCKED)
    if values.get("ItemTypeFilter"):
        kinds = [kind for kind in ITEM_KINDS[values["ItemTypeFilter"]] if kind in STOCKED]
    both = values.get("ItemSiteFilter") or {}
    items = records(books, "ItemRef", "item", both["ItemFilter"]) if both.get("ItemFilter") else None
    wanted = records(books, "InventorySiteRef", "inventory-site", both["SiteFilter"]) if both.get("SiteFilter") else None
    ids = values.get("ListID")
    active = "All" if ids else values.get("ActiveStatus") or "ActiveOnly"
    rows = books.store.execute(
        f"SELECT record, active FROM list_record WHERE kind {AMONG} ORDER BY sort_key",
        [array_of(kinds)],
    ).fetchall()
    found: list[tuple[int, int | None]] = []
    for number, is_active in rows:
        if (active != "All" and bool(is_active) != (active == "ActiveOnly")) or (items is not None and number not in items):
            continue
        moved = books.store.execute(
            "SELECT site, sum(quantity) FROM movement WHERE item = ? GROUP BY site ORDER BY site", (number,)
        ).fetchall()
        places = [site for site, quantity in moved if site is not None or quantity] or [None]
        found += [(number, site) for site in places if wanted is None or site in wanted]
    if ids:
        found = [pair for pair in found if _list_id(books.records.by_number(pair[0]), pair[1]) in ids]
    return found


def _list_id(item: Record, site: int | None) -> str:
    return numbered_id(LIST_COUNTER_START + item.number * SITES_MAX + (site or 0) % SITES_MAX, item.created)


def _row(books: "Books", item: Record, site: int | None) -> Values:
    text = books.local_time.text
    is_assembly = item.kind == "ItemInventoryAssembly"
    result: Values = {
        "ListID": _list_id(item, site),
        "TimeCreated": text(item.created),
        "TimeModified": text(item.modified),
        "EditSequence": str(item.modified),
        "ItemInventoryAssemblyRef" if is_assembly else "ItemInventoryRef": item.reference,
        "QuantityOnHand": books.stock.at_site(item.number, site),
        "QuantityOnPurchaseOrders": books.stock.on_order(item.number),
        "QuantityOnSalesOrders": books.stock.on_sales_order(item.number),
        "QuantityToBeBuiltByPendingBuildTxns": _to_be_built(books, item),
        "QuantityRequiredByPendingBuildTxns": _required(books, item),
        "QuantityOnPendingTransfers": 0,
    }
    if site is not None:
        place = books.records.by_number(site)
        if place.parent is not None:
            result["InventorySiteRef"] = books.records.by_number(place.parent).reference
            result["InventorySiteLocationRef"] = place.reference
        else:
            result["InventorySiteRef"] = place.reference
    for asked, answered in (("ReorderPoint", "ReorderLevel"), ("BuildPoint", "AssemblyBuildPoint")):
        if item.document.get(asked) is not None:
            result[answered] = item.document[asked]
    return result


def _to_be_built(books: "Books", item: Record) -> int:
    """Return how much of an assembly is to be built by pending builds, wherever (our choice, as for orders)."""
    row = books.store.execute(
        "SELECT sum(json_extract(document, '$.QuantityToBuild')) FROM txn WHERE kind = 'BuildAssembly' AND pending"
        " AND json_extract(document, '$.ItemInventoryAssemblyRef.ListID') = ?",
        (item.list_id,),
    ).fetchone()
    return min(row[0] or 0, QUANTITY_MAX)


def _required(books: "Books", item: Record) -> int:
    """Return how much of an item pending builds wait for or have set aside."""
    row = books.store.execute(
        "SELECT sum(json_extract(component.value, '$.QuantityNeeded')) FROM txn,"
        " json_each(document, '$.ComponentItemLineRet') AS component WHERE kind = 'BuildAssembly' AND pending"
        " AND json_extract(component.value, '$.ItemRef.ListID') = ?",
        (item.list_id,),
    ).fetchone()
    return min(row[0] or 0, QUANTITY_MAX)
