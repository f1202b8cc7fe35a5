"""Links that no Add makes again: credits on what they paid, and the lines of orders that others fulfil, read off the answers' LinkedTxn."""

from collections.abc import Iterable
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from emulator.company import links
from emulator.company.records import Values
from emulator.company.transactions import (
    PAYABLE,
    PAYABLE_CREDIT,
    RECEIVABLE,
    RECEIVABLE_CREDIT,
    Applied,
    Transaction,
    by_id,
    change_fulfilment,
    line_dicts,
)
from emulator.company.units import ONE

if TYPE_CHECKING:
    from emulator.company.books import Books

_OWED_BY: Final = {RECEIVABLE_CREDIT: RECEIVABLE, PAYABLE_CREDIT: PAYABLE}

_DONE: Final = {"SalesOrder": "Invoiced", "PurchaseOrder": "ReceivedQuantity"}
"""Kinds of orders -> the element of their lines that tells how much has come of them."""


def relink(books: "Books", given: Iterable[tuple[str, Values]]) -> None:
    """Link transactions that are in the file as their answers tell it: noun and values of each. Call inside `atomic`.

    Payments and refunds have applied themselves already. What a link names that is not in the file is left; the proof finds it.
    """
    told = list(given)
    _credits(books, told)
    for kind, values in told:
        if kind in _DONE:
            _fulfil(books, kind, values)


def _credits(books: "Books", told: list[tuple[str, Values]]) -> None:
    done = {(row[0], row[1]) for row in books.store.execute("SELECT target, source FROM application")}
    for _kind, values in told:
        for link in values.get("LinkedTxn") or ():
            if link.get("LinkType") != "AMTTYPE":
                continue
            one, other = by_id(books, values["TxnID"]), by_id(books, link.get("TxnID"))
            pair = _pair(one, other)
            if pair is None or (pair[0].number, pair[1].number) in done:
                continue
            target, source = pair
            done.add((target.number, source.number))
            links.use(books, [(source, Applied(target, abs(link.get("Amount") or 0)))])


def _pair(one: Transaction | None, other: Transaction | None) -> tuple[Transaction, Transaction] | None:
    """Return which of two is owed and which is the credit."""
    if one is None or other is None:
        return None
    if _OWED_BY.get(other.open_as) == one.open_as:
        return one, other
    return (other, one) if _OWED_BY.get(one.open_as) == other.open_as else None


def _fulfil(books: "Books", kind: str, values: Values) -> None:
    """Find the lines that fulfil an order: those of its items in the transactions it is linked to, that come to the amount of the link.

    An answer tells how much has come of each line, and which transactions that came with, for how much; not with which of their lines
    (documented: it links whole transactions). Where several could be meant, the first ones are taken.
    """
    order = by_id(books, values["TxnID"])
    assert order is not None, values["TxnID"]
    waiting = dict(books.store.execute("SELECT line_id, quantity FROM order_line WHERE txn = ?", (order.number,)).fetchall())
    lines = [
        line
        for line in line_dicts({key: value for key, value in values.items() if key in order.lines})
        if line.get("TxnLineID") in waiting and line.get(_DONE[kind])
    ]
    left = {str(line["TxnLineID"]): int(line[_DONE[kind]]) for line in lines}
    for link in values.get("LinkedTxn") or ():
        other = by_id(books, link.get("TxnID")) if link.get("LinkType") == "QUANTYPE" else None
        if other is None:
            continue
        items = {line["ItemRef"]["ListID"] for line in lines if left[str(line["TxnLineID"])] > 0 and line.get("ItemRef")}
        mine = [line for line in _own_lines(books, other) if line["ItemRef"]["ListID"] in items]
        for line in _of_amount(mine, abs(link.get("Amount") or 0)):
            same = [each for each in lines if each.get("ItemRef", {}).get("ListID") == line["ItemRef"]["ListID"]]
            of = max(same, key=lambda each: left[str(each["TxnLineID"])])
            line_id, quantity = str(of["TxnLineID"]), _quantity(line)
            # Of two lines of one item, the one of which exactly as much has come is meant, else the first that waits.
            exact = next((each for each in same if left[str(each["TxnLineID"])] == quantity), None)
            if exact is not None:
                of, line_id = exact, str(exact["TxnLineID"])
            left[line_id] -= quantity
            _note(books, order, line_id, other, line["TxnLineID"], round(quantity * _ratio(of, waiting[line_id])))


def _of_amount(lines: list[Values], cents: int) -> list[Values]:
    """Return the first of these lines, as many as possible, that come to an amount; all of them when none do."""
    if len(lines) <= _TRIED_MAX:
        for count in range(len(lines), 0, -1):
            for some in combinations(lines, count):
                if sum(line.get("Amount") or 0 for line in some) == cents:
                    return list(some)
    return lines


_TRIED_MAX: Final = 12
"""Lines of which all subsets are tried: a few thousand."""


def _own_lines(books: "Books", transaction: Transaction) -> list[Values]:
    """Return the lines of a transaction that fulfil no order yet."""
    rows = books.store.execute("SELECT line_id FROM fulfilment WHERE txn = ?", (transaction.number,)).fetchall()
    taken = {row[0] for row in rows}
    found: Any = transaction.lines
    return [line for line in line_dicts(found) if line.get("ItemRef") and line.get("TxnLineID") not in taken]


def _quantity(line: Values) -> int:
    return int(line["Quantity"]) if line.get("Quantity") is not None else ONE


def _ratio(line: Values, ordered: int) -> float:
    """Return base units in the unit of an order's line."""
    shown = line.get("Quantity")
    return ordered / shown if shown else 1


def _note(books: "Books", order: Transaction, order_line: str, other: Transaction, line_id: str, quantity: int) -> None:
    change_fulfilment(books, order.number, order_line, quantity)
    books.store.execute(
        "INSERT INTO fulfilment VALUES (?, ?, ?, ?, ?)", (order.number, order_line, other.number, line_id, quantity)
    )
