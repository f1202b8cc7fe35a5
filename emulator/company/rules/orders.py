"""Links to orders: lines of an invoice that fulfil a sales order, lines of a bill or item receipt that fulfil a purchase order.

`LinkToTxnID` in the header takes over everything of an order that is still open; `LinkToTxn` in a line takes over one line of it
(documented). A closed order is passed over with the warning 570, and the transaction is refused as empty (3180) when nothing else is on
it; the same order twice is 3177; an order in the header and one of its lines in a line 3000 (all documented). An order that is not there, of
another kind or for another name is 3120, and a line of which nothing is left is passed over like a closed order (switch
company.order-line-used-up). Several lines may share what is left of one line of an order. What is linked keeps its name and its item, on
both sides (3180; switch company.change-of-linked).

How much of a line was ordered and how much has come is counted in base units of its item.
"""

from typing import TYPE_CHECKING, Any, Final

from emulator.company.arithmetic import quantity_of, rounded_quotient
from emulator.company.items import CALCULATED, TAXES
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save, refuse
from emulator.company.rules.form import FIGURES, Form, Line
from emulator.company.transactions import Fulfilment, Transaction, by_id, part_of_group
from emulator.company.units import ONE, price_in_other_unit, ratio_of
from emulator.qbxml import status
from emulator.qbxml.status import Status

if TYPE_CHECKING:
    from emulator.company.books import Books

_TAKEN: Final = frozenset(
    {
        "ItemRef", "ItemGroupRef", "Desc", "Quantity", "UnitOfMeasure", "Rate", "RatePercent", "Amount", "ClassRef", "SalesTaxCodeRef",
        "Other1", "Other2", "InventorySiteRef", "InventorySiteLocationRef", "CustomerRef", "OverrideUOMSetRef", "SerialNumber", "LotNumber",
    }
)  # fmt: skip
"""Elements of an order's line that the line which fulfils it takes over."""

_NAMES: Final = {"SalesOrder": ("InvoiceLineRet", "InvoiceLineGroupRet"), "PurchaseOrder": ("ItemLineRet", "ItemGroupLineRet")}
"""Kind of order -> the elements of the line and of the group that fulfil it."""

Taken = dict[tuple[int, str], int]
"""(order, TxnLineID) -> how much of a line of an order the lines of a form have taken so far."""


def linked(books: "Books", form: Form, key: str, order_kind: str, party: Record, warnings: list[Status]) -> list[Line]:
    """Return the lines of a form, those that its links to orders bring among them.

    Args:
        books: the open file.
        form: the form; its header may hold LinkToTxnID, its lines LinkToTxn.
        key: answer key of the lines that may fulfil.
        order_kind: PurchaseOrder or SalesOrder.
        party: the customer or vendor, whose orders alone may be linked.
        warnings: gets the warnings of closed orders.

    Raises:
        Refusal: 3000, 3120, 3177, 3180.
    """
    whole = [txn_id or "" for txn_id in form.said.get("LinkToTxnID") or ()]
    lines = form.lines.get(key, [])
    by_line = [line for line in lines if line.said.get("LinkToTxn")]
    if not whole and not by_line:
        return lines
    for place, txn_id in enumerate(whole):
        if txn_id in whole[:place]:
            raise refuse(3177, value=txn_id)
    taken: Taken = {}
    result: list[Line] = []
    for line in lines:
        link = line.said.get("LinkToTxn")
        if not link:
            result.append(line)
            continue
        if link["TxnID"] in whole:
            raise refuse(3000, value=link["TxnID"], field="LinkToTxn")
        order = _order(books, link["TxnID"], order_kind, party)
        fulfilling = None if _is_closed(books, order) else _one_line(books, order, link, line, taken)
        if fulfilling is None:
            warnings.append(status.of(570, value=order.txn_id))
        else:
            result.append(fulfilling)
    for txn_id in whole:
        order = _order(books, txn_id, order_kind, party)
        open_lines = [] if _is_closed(books, order) else _open_lines(books, order)
        if not open_lines:
            warnings.append(status.of(570, value=txn_id))
        result += open_lines
    others = any(form.lines[other] for other in form.lines if other != key)
    if not result and not others:
        raise cannot_save(form.kind, "The transaction is empty.")
    return result


def fulfilment_of(line: Line, values: Values, quantity: int | None = None) -> Fulfilment | None:
    """Return what a line that has been worked out fulfils of an order, if it does; `quantity` in base units, else what it tells."""
    if line.order is None:
        return None
    order, order_line = line.order
    quantity = quantity if quantity is not None else values.get("Quantity")
    return Fulfilment(order, order_line, values, quantity if quantity is not None else ONE)


def each_line(lines: list[Line]) -> list[Line]:
    """Return lines with those inside item groups."""
    return [each for line in lines for each in (line, *(line.parts or ()))]


def refuse_other_party(form: Form, party: Record | None, is_linked: bool) -> None:
    """Refuse another customer or vendor for an order of which something has come, or for what came of it (3180)."""
    if form.before is not None and is_linked and (party is None or party.number != form.before.entity):
        raise cannot_save(form.kind, "It is linked to another transaction.")


def refuse_lost_lines(books: "Books", form: Form, key: str, party: Record | None) -> None:
    """Refuse to drop a line of an order of which something has come, or to order another item with it (3180)."""
    if form.before is None:
        return
    rows = books.store.execute("SELECT DISTINCT order_line FROM fulfilment WHERE order_txn = ?", (form.before.number,)).fetchall()
    refuse_other_party(form, party, bool(rows))
    stay = {line.line_id: line for line in each_line(form.lines[key])}
    for (line_id,) in rows:
        line = stay.get(line_id)
        asked = line.said.get("ItemRef") if line is not None else None
        item = books.references.find("ItemRef", asked, f"{form.kind} line") if asked else None
        if line is None or (item is not None and item.list_id != line.stored["ItemRef"]["ListID"]):
            raise cannot_save(form.kind, "A line of which something has come stays on the order.")


def is_finished(books: "Books", order: Transaction) -> bool:
    """Return whether everything of an order has come or has been invoiced."""
    rows = _counted(books, order)
    return bool(rows) and not any(_open(quantity, done) for quantity, done, _closed in rows)


def in_unit_of_line(line: Values, quantity: int, ordered: int) -> int:
    """Return a quantity in base units in the unit of a line of an order, of which `ordered` base units were ordered."""
    return rounded_quotient(quantity * line.get("Quantity", ONE), ordered) if ordered else quantity


def _order(books: "Books", txn_id: str | None, kind: str, party: Record) -> Transaction:
    order = by_id(books, txn_id)
    if order is None or order.kind != kind or order.entity != party.number:
        raise refuse(3120, value=txn_id or "")
    return order


def _counted(books: "Books", order: Transaction) -> list[tuple[int, int, bool]]:
    """Return (ordered, done, closed) of the lines that an order waits for: what calculates comes along with the others."""
    rows = books.store.execute(
        "SELECT quantity, done, closed, list_record.kind FROM order_line JOIN list_record ON record = item WHERE txn = ?",
        (order.number,),
    ).fetchall()
    goods = [row for row in rows if row[3] not in CALCULATED]
    return [(quantity, done, bool(closed)) for quantity, done, closed, _kind in goods or rows]


def _open(quantity: int, done: int) -> int:
    """Return how much of an ordered quantity (negative for what is to come back) is still open."""
    return max(quantity - done, 0) if quantity >= 0 else min(quantity - done, 0)


def _is_closed(books: "Books", order: Transaction) -> bool:
    if order.document.get("IsManuallyClosed"):
        return True
    return not any(_open(quantity, done) and not closed for quantity, done, closed in _counted(books, order))


def _entries(order: Transaction) -> list[tuple[str, Values]]:
    [key] = order.lines
    return list(order.lines[key])


def _waiting(books: "Books", order: Transaction, line: Values, taken: Taken) -> tuple[int, int] | None:
    """Return (ordered, still open) of a line of an order in base units; None for text and subtotals, which nobody waits for."""
    row = books.store.execute(
        "SELECT quantity, done, closed FROM order_line WHERE txn = ? AND line_id = ?", (order.number, line["TxnLineID"])
    ).fetchone()
    if row is None:
        return None
    quantity, done, closed = row
    return quantity, 0 if closed else _open(quantity, done + taken.get((order.number, line["TxnLineID"]), 0))


def _fulfilling(books: "Books", order: Transaction, name: str, stored: Values, said: Values, ordered: int, left: int) -> Line:
    """Return the line that takes over what is left of a line of an order, changed by what is said."""
    over: Values = {each: value for each, value in stored.items() if each in _TAKEN}
    changes: dict[str, Any] = {each: value for each, value in said.items() if each != "LinkToTxn" and value is not None}
    if order.kind == "PurchaseOrder" and "Rate" in over:
        over["Cost"] = over.pop("Rate")
    link = (order, stored["TxnLineID"])
    if left == ordered and changes.keys().isdisjoint(FIGURES | {"UnitOfMeasure"}):
        # The whole line as it stands in the order: the rate of an amount need not give the amount back.
        return Line(name, changes, over, order=link)
    over.pop("Amount", None)
    if left != ordered:
        over["Quantity"] = in_unit_of_line(stored, left, ordered)
    if not changes.keys().isdisjoint({"Amount", "Rate", "Cost", "RatePercent", "PriceLevelRef"}):
        over = {each: value for each, value in over.items() if each not in ("Rate", "Cost", "RatePercent")}
    elif changes.get("UnitOfMeasure"):
        over |= _in_unit(books, over, changes["UnitOfMeasure"], order.kind)
    return Line(name, {**over, **changes}, order=link)


def _in_unit(books: "Books", over: Values, unit: str, kind: str) -> Values:
    """Return quantity and rate of a line carried over into another unit."""
    item = books.records.by_id("item", over["ItemRef"]["ListID"])
    assert item is not None
    used_for = "Sales" if kind == "SalesOrder" else "Purchase"
    override = over.get("OverrideUOMSetRef")
    old, new = (ratio_of(books, item, each, used_for, f"{kind} line", override) for each in (over.get("UnitOfMeasure"), unit))
    result: Values = {name: price_in_other_unit(over[name], old, new) for name in ("Rate", "Cost") if name in over}
    if "Quantity" in over:
        result["Quantity"] = quantity_of(over["Quantity"] * old, new)
    return result


def _one_line(books: "Books", order: Transaction, link: Values, line: Line, taken: Taken) -> Line | None:
    """Return the line that fulfils a line of an order, None when nothing of that is left."""
    for name, stored in _entries(order):
        for each_name, each in [(name, stored), *((part_of_group(name), part) for part in stored.get(part_of_group(name), ()))]:
            if each.get("TxnLineID") == link.get("TxnLineID") and "Group" not in each_name:
                said = _of_same_item(books, line, each)
                waiting = _waiting(books, order, each, taken)
                if waiting is None:
                    return Line(line.name, {**{one: each[one] for one in each if one in _TAKEN}, **said})
                ordered, left = waiting
                if not left:
                    return None
                fulfilling = _fulfilling(books, order, line.name, each, said, ordered, left)
                place = (order.number, each["TxnLineID"])
                taken[place] = taken.get(place, 0) + _takes(books, fulfilling, each, ordered, order.kind)
                return fulfilling
    raise refuse(3120, value=link.get("TxnLineID") or "")


def _of_same_item(books: "Books", line: Line, stored: Values) -> Values:
    """Return what is said of a line besides its link and its item, which must be that of the order."""
    item, wanted = stored.get("ItemRef"), line.said.get("ItemRef")
    if wanted and item:
        asked = books.references.find("ItemRef", wanted, "line")
        if asked.list_id != item["ListID"]:
            raise cannot_save(line.name, "The line of the order is for another item.")
    return {name: value for name, value in line.said.items() if name not in ("LinkToTxn", "ItemRef")}


def _takes(books: "Books", line: Line, stored: Values, ordered: int, kind: str) -> int:
    """Return how much a line takes of a line of an order, counted as `ordered` counts what that line wants."""
    item = books.records.by_id("item", line.value("ItemRef")["ListID"])
    assert item is not None
    used_for = "Sales" if kind == "SalesOrder" else "Purchase"
    units = (line.value("UnitOfMeasure"), stored.get("UnitOfMeasure"))
    override = stored.get("OverrideUOMSetRef")
    ratio, old_ratio = (ratio_of(books, item, unit, used_for, f"{kind} line", override) for unit in units)
    quantity, wanted = line.value("Quantity"), stored.get("Quantity", ONE)
    return quantity_of((quantity if quantity is not None else ONE) * ratio * ordered, old_ratio * wanted) if wanted else 0


def _open_lines(books: "Books", order: Transaction) -> list[Line]:
    """Return the lines that take over everything of an order that is still open; none when that is text alone."""
    coming = _Coming(books, order)
    plain, group = _NAMES[order.kind]
    result: list[Line] = []
    for name, stored in _entries(order):
        if "ItemGroupRef" in stored:
            parts = [coming.line(plain, part) for part in stored.get(part_of_group(name), ())]
            there = [part for part in parts if part is not None]
            if there:
                kept = ("ItemGroupRef", "Desc", "Quantity", "UnitOfMeasure", "OverrideUOMSetRef")
                result.append(Line(group, {each: stored[each] for each in kept if each in stored}, parts=there))
            coming.above = bool(there)
        else:
            line = coming.line(plain, stored)
            result += [line] if line is not None else []
    return result if any(line.order is not None or line.parts for line in result) else []


class _Coming:
    """Which lines of an order come along: what is open, text, and what acts on lines above it when one of those comes."""

    def __init__(self, books: "Books", order: Transaction) -> None:
        self._books, self._order = books, order
        self.above = False
        """Whether the line above comes."""
        self._since_subtotal = False

    def line(self, name: str, stored: Values) -> Line | None:
        """Return the line that takes over one line of the order, or None."""
        if "ItemRef" not in stored:
            return Line(name, {"Desc": stored.get("Desc")})
        waiting = _waiting(self._books, self._order, stored, {})
        if waiting is None:
            self.above, self._since_subtotal = self._since_subtotal, False
            return Line(name, {each: stored[each] for each in ("ItemRef", "Desc") if each in stored}) if self.above else None
        ordered, left = waiting
        item = self._books.records.by_id("item", stored["ItemRef"]["ListID"])
        acts_on_above = "RatePercent" in stored or (item is not None and item.kind in TAXES)
        self.above = bool(left) and (self.above or not acts_on_above)
        self._since_subtotal = self._since_subtotal or self.above
        return _fulfilling(self._books, self._order, name, stored, {}, ordered, left) if self.above else None
