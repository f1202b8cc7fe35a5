"""What is open of orders on a day: their lines of which something has neither come nor gone, and which nobody closed."""

from datetime import date
from typing import TYPE_CHECKING, Final

from emulator.company.arithmetic import rounded_quotient
from emulator.company.reports.chosen import Chosen
from emulator.company.reports.period import LAST_DAY

if TYPE_CHECKING:
    from emulator.company.books import Books

_DONE: Final = (
    "(o.done - coalesce((SELECT sum(f.quantity) FROM fulfilment f JOIN txn later ON later.number = f.txn"
    " WHERE f.order_txn = o.txn AND f.order_line = o.line_id AND later.date > ?), 0))"
)
"""SQL of how much of a line of an order had come or gone on a day."""


def only_open_lines(chosen: Chosen, kind: str, open_on: date | None) -> None:
    """Choose the lines of orders of which something has neither come nor gone by a day, and which nobody closed."""
    chosen.of_kinds(kind)
    chosen.where(
        "EXISTS (SELECT 1 FROM order_line o WHERE o.txn = e.txn AND o.line_id = e.line_id AND NOT o.closed"
        f" AND {_DONE} < o.quantity)",
        (open_on or LAST_DAY).isoformat(),
    )


def left_of_order(books: "Books", txn: int, open_on: date | None) -> int:
    """Return what the open lines of an order are worth, in home currency."""
    rows = books.store.execute(
        f"SELECT abs(home_cents), o.quantity - {_DONE}, o.quantity FROM order_line o JOIN unposted u ON u.txn = o.txn"
        " AND u.line_id = o.line_id WHERE o.txn = ? AND NOT closed",
        ((open_on or LAST_DAY).isoformat(), txn),
    ).fetchall()
    return sum(rounded_quotient(cents * left, ordered) for cents, left, ordered in rows if left > 0)
