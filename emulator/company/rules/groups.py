"""The line of an item group, in a sale or a purchase: which lines it stands for, and how many of each.

A group line without lines of its own stands for the items of the group, in their units, as often as its quantity says (documented). A Mod
that changes the quantity carries it into the lines that say nothing of their own figures; one that names another group makes the lines anew
(inferred). A site is for what is in stock alone.
"""

from typing import TYPE_CHECKING, Final

from emulator.company.arithmetic import quantity_of
from emulator.company.items import CALCULATED, STOCKED
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save
from emulator.company.rules.form import Line
from emulator.company.transactions import part_of_group
from emulator.company.units import ONE, default_unit, in_base_units, ratio_in, units_of

if TYPE_CHECKING:
    from emulator.company.books import Books

SITES: Final = ("InventorySiteRef", "InventorySiteLocationRef")
"""Elements of a line that say where in stock."""


def group_line(books: "Books", kind: str, line: Line, used_for: str) -> tuple[Values, list[Line]]:
    """Return what an answer tells of the line of a group, without its lines and its total, and the lines it stands for.

    Args:
        books: the open file.
        kind: the noun of the transaction.
        line: the line.
        used_for: whose default unit it is in, Sales or Purchase.

    Raises:
        Refusal: 3101 for a quantity that is too large to keep, 3140 for a group, set of units or unit that is not there, 3180 for another
            group where the lines fulfil an order.
    """
    owner, find = f"{kind} line", books.references
    find.refuse_absent(line.said)
    item_group = find.find("ItemGroupRef", line.value("ItemGroupRef"), owner)
    is_other = bool(line.stored) and line.stored["ItemGroupRef"]["ListID"] != item_group.list_id
    override = line.value("OverrideUOMSetRef")
    units = units_of(books, item_group, override)
    unit, quantity = line.value("UnitOfMeasure") or default_unit(units, used_for), line.value("Quantity")
    times = _times(quantity, ratio_in(units, unit, owner))
    parts = line.parts
    if is_other and not any(part.said or not part.stored for part in parts or ()):
        refuse_lost_links(kind, parts or [])
        parts = None
    if parts is None:
        parts = _parts_of(books, kind, item_group, line, times, quantity is not None)
    elif line.stored and not is_other:
        old_units = units_of(books, item_group, line.stored.get("OverrideUOMSetRef"))
        old_ratio = ratio_in(old_units, line.stored.get("UnitOfMeasure"), owner)
        _scale(books, parts, _times(line.stored.get("Quantity"), old_ratio), times)
    result: Values = {"TxnLineID": line.line_id, "ItemGroupRef": item_group.reference}
    description = line.said.get("Desc") or (None if is_other else line.stored.get("Desc")) or item_group.document.get("ItemDesc")
    result |= {"Desc": description} if description else {}
    result |= {"Quantity": quantity} if quantity is not None else {}
    result |= {"UnitOfMeasure": unit} if unit else {}
    if override is not None:
        result["OverrideUOMSetRef"] = find.find("OverrideUOMSetRef", override, owner).reference
    result["IsPrintItemsInGroup"] = bool(item_group.document.get("IsPrintItemsInGroup"))
    return result, parts


def refuse_lost_links(kind: str, lines: list[Line]) -> None:
    """Refuse other items in lines of which one fulfils a line of an order."""
    if any(line.order is not None for line in lines):
        raise cannot_save(kind, "The line of the order is for another item.")


def _parts_of(books: "Books", kind: str, item_group: Record, line: Line, times: int, is_counted: bool) -> list[Line]:
    """Return the lines that an item group stands for, `times` (0.00001) over."""
    parts = []
    for each in item_group.document.get("ItemGroupLine") or ():
        if not each.get("ItemRef"):
            continue
        item = books.references.find("ItemRef", {"ListID": each["ItemRef"]["ListID"]}, f"{kind} line")
        said: Values = {"ItemRef": item.reference}
        if item.kind not in CALCULATED:
            if is_counted or each.get("Quantity") is not None:
                said["Quantity"] = _times(each.get("Quantity"), times)
            said |= {name: each[name] for name in ("UnitOfMeasure",) if each.get(name)}
        if item.kind in STOCKED:
            said |= {name: line.said[name] for name in SITES if line.said.get(name)}
        parts.append(Line(part_of_group(line.name), said))
    return parts


def _scale(books: "Books", parts: list[Line], old_times: int, times: int) -> None:
    """Carry a changed quantity of a group into those of its lines that say nothing of their own figures."""
    if times == old_times or not old_times:
        return
    for part in parts:
        reference = part.stored.get("ItemRef")
        if reference is None or part.figures_said or "ItemRef" in part.said or "RatePercent" in part.stored:
            continue
        item = books.records.by_id("item", reference["ListID"])
        if item is not None and item.kind not in CALCULATED:
            part.said = {**part.said, "Quantity": quantity_of(part.stored.get("Quantity", ONE) * times, old_times)}


def _times(quantity: int | None, times: int) -> int:
    return in_base_units(quantity if quantity is not None else ONE, times)
