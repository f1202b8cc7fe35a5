"""Links to orders: lines of an invoice that fulfil a sales order, lines of a bill or item receipt that fulfil a purchase order.

`LinkToTxnID` in the header takes over everything of an order that is still open; `LinkToTxn` in a line takes over one line of it
(documented). A closed order is passed over with the warning 570, and the transaction is refused as empty (3180) when nothing else is on
it; the same order twice is 3177; an order in the header and one of its lines in a line 3000 (all documented). An order that is not there, of
another kind or for another name is 3120 (our choice).
"""

from typing import TYPE_CHECKING, Any

from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save, refuse
from emulator.company.rules.form import Form, Line
from emulator.company.transactions import Fulfilment, Transaction, by_id, part_of_group
from emulator.company.units import ONE
from emulator.qbxml import status
from emulator.qbxml.status import Status

if TYPE_CHECKING:
    from emulator.company.books import Books

_TAKEN = frozenset(
    {
        "ItemRef", "ItemGroupRef", "Desc", "Quantity", "UnitOfMeasure", "Rate", "RatePercent", "Amount", "ClassRef", "SalesTaxCodeRef",
        "Other1", "Other2", "InventorySiteRef", "InventorySiteLocationRef", "CustomerRef", "OverrideUOMSetRef",
    }
)  # fmt: skip
"""Elements of an order's line that the line which fulfils it takes over."""


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
    result: list[Line] = []
    for line in lines:
        link = line.said.get("LinkToTxn")
        if not link:
            result.append(line)
            continue
        if link["TxnID"] in whole:
            raise refuse(3000, value=link["TxnID"], field="LinkToTxn")
        order = _order(books, link["TxnID"], order_kind, party)
        if _is_closed(books, order):
            warnings.append(status.of(570, value=order.txn_id))
            continue
        result.append(_one_line(books, order, link, line))
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


def fulfilment_of(line: Line, values: Values) -> Fulfilment | None:
    """Return what a line that has been worked out fulfils of an order, if it does."""
    if line.order is None:
        return None
    order, order_line = line.order
    quantity = values.get("Quantity")
    return Fulfilment(order, order_line, values, quantity if quantity is not None else ONE)


def _order(books: "Books", txn_id: str | None, kind: str, party: Record) -> Transaction:
    order = by_id(books, txn_id)
    if order is None or order.kind != kind or order.entity != party.number:
        raise refuse(3120, value=txn_id or "")
    return order


def is_finished(books: "Books", order: Transaction) -> bool:
    """Return whether everything of an order has come or has been invoiced."""
    rows = books.store.execute("SELECT quantity, done FROM order_line WHERE txn = ?", (order.number,)).fetchall()
    return bool(rows) and all(done >= quantity for quantity, done in rows)


def _is_closed(books: "Books", order: Transaction) -> bool:
    if order.document.get("IsManuallyClosed"):
        return True
    row = books.store.execute(
        "SELECT 1 FROM order_line WHERE txn = ? AND NOT closed AND done < quantity LIMIT 1", (order.number,)
    ).fetchone()
    return row is None


def _entries(order: Transaction) -> list[tuple[str, Values]]:
    [key] = order.lines
    return list(order.lines[key])


def _left(books: "Books", order: Transaction, line: Values) -> int:
    """Return how much of a line of an order is still open."""
    row = books.store.execute(
        "SELECT quantity - done FROM order_line WHERE txn = ? AND line_id = ? AND NOT closed", (order.number, line["TxnLineID"])
    ).fetchone()
    return max(row[0], 0) if row is not None else 0


def _taken_over(books: "Books", order: Transaction, stored: Values, said: Values) -> Values:
    """Return a line in the shape of an Add that takes over what is left of a line of an order, changed by what is said."""
    taken: Values = {name: value for name, value in stored.items() if name in _TAKEN}
    left = _left(books, order, stored)
    if left != stored.get("Quantity", ONE):
        # A part of it: the amount follows from the rate.
        taken.pop("Amount", None)
        taken["Quantity"] = left
    elif "Rate" in taken:
        # As it was rounded in the order: with the amount the rate would only be worked out again.
        taken.pop("Amount", None)
    if order.kind == "PurchaseOrder" and "Rate" in taken:
        taken["Cost"] = taken.pop("Rate")
    changes: dict[str, Any] = {name: value for name, value in said.items() if name != "LinkToTxn" and value is not None}
    if "Amount" in changes:
        taken.pop("Rate", None)
        taken.pop("Cost", None)
    return {**taken, **changes}


def _one_line(books: "Books", order: Transaction, link: Values, line: Line) -> Line:
    for name, stored in _entries(order):
        for each_name, each in [(name, stored), *((part_of_group(name), part) for part in stored.get(part_of_group(name), ()))]:
            if each.get("TxnLineID") == link.get("TxnLineID") and "Group" not in each_name:
                item, wanted = each.get("ItemRef"), line.said.get("ItemRef")
                if wanted and item:
                    asked = books.references.find("ItemRef", wanted, "line")
                    if asked.list_id != item["ListID"]:
                        raise cannot_save(line.name, "The line of the order is for another item.")
                return Line(line.name, _taken_over(books, order, each, line.said), order=(order, each["TxnLineID"]))
    raise refuse(3120, value=link.get("TxnLineID") or "")


def _open_lines(books: "Books", order: Transaction) -> list[Line]:
    """Return the lines that take over everything of an order that is still open; lines of text come along."""
    names = {"SalesOrder": ("InvoiceLineRet", "InvoiceLineGroupRet"), "PurchaseOrder": ("ItemLineRet", "ItemGroupLineRet")}
    plain, group = names[order.kind]
    result: list[Line] = []
    for name, stored in _entries(order):
        if "Group" in name:
            inner = [part for part in stored.get(part_of_group(name), ()) if _left(books, order, part)]
            if inner:
                said: Values = {
                    each: stored[each] for each in ("ItemGroupRef", "Desc", "Quantity", "UnitOfMeasure") if each in stored
                }
                parts = [Line(plain, _taken_over(books, order, part, {}), order=(order, part["TxnLineID"])) for part in inner]
                result.append(Line(group, said, parts=parts))
        elif "ItemRef" not in stored:
            result.append(Line(plain, {"Desc": stored.get("Desc")}))
        elif _left(books, order, stored):
            result.append(Line(plain, _taken_over(books, order, stored, {}), order=(order, stored["TxnLineID"])))
    return result if any(line.order is not None or line.parts for line in result) else []
