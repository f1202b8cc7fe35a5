"""What is in stock: pieces in and out, their value, and the average cost.

Average cost is worked out by date and time over the item's whole history (documented): a purchase entered late changes the cost of the
sales after it, and the ledger follows (switch company.average-cost). Below zero stock the last average is used (documented); before the
first purchase the item's own cost (switch company.average-cost-before-purchase). Quantities are whole 0.00001, values cents.

    state of an item = sums over its movements in order of (date, number of the transaction, place in it)
    in, at a value of its own      quantity and value grow, average = value / quantity
    in or out at average           value = quantity x average; the last piece takes what is left
    average                        stands while there is nothing, or less, to divide by
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.company.arithmetic import amount_of, rate_of, rounded_quotient, within_limits
from emulator.company.items import purchase_terms
from emulator.company.ledger import Posting
from emulator.company.records import Record, Values

if TYPE_CHECKING:
    from emulator.company.books import Books


@dataclass(slots=True)
class Held:
    """What is held of an item: quantity, value in cents, average cost in 0.00001."""

    quantity: int = 0
    value_cents: int = 0
    average: int = 0


@dataclass(slots=True)
class Movement:
    """Pieces that a transaction moves, before it has its number.

    Attributes:
        item: what is moved.
        quantity: in positive, out negative.
        value_cents: what they add to the asset; None when it follows from the average cost.
        line: values of the line behind it.
        asset: the account that holds the value; only for movements at average, whose rows of the ledger are made here.
        other: the account on the other side (cost of goods sold, an adjustment account).
        name: the customer of the other side's row.
        klass: its class.
        site: where it happens; None without sites.
        valued: False for a move between sites, which changes no value.
        built_into: for a component of an assembly: the place of the assembly's row among the postings, which carries its value.
        as_built: for the assembly itself: the same place, whose amount is its value by then.
    """

    item: Record
    quantity: int
    value_cents: int | None = None
    line: Values | None = None
    asset: Record | None = None
    other: Record | None = None
    name: Record | None = None
    klass: Record | None = None
    site: Record | None = None
    valued: bool = True
    built_into: int | None = None
    as_built: int | None = None


class Stock:
    """The stock of one company."""

    def __init__(self, books: "Books") -> None:
        self._books = books

    def of(self, item: int) -> Held:
        """Return what is held of an item now."""
        row = self._books.store.execute("SELECT quantity, value_cents, average FROM stock WHERE item = ?", (item,)).fetchone()
        return Held(*row) if row is not None else Held(average=self._first_average(item))

    def _first_average(self, item: int) -> int:
        if self._books.settings["company.average-cost-before-purchase"] == "zero":
            return 0
        return purchase_terms(self._books, self._books.records.by_number(item)).price or 0

    def on_order(self, item: int) -> int:
        """Return how much of an item is on purchase orders and has not come, in base units."""
        return self._ordered(item, "PurchaseOrder")

    def on_sales_order(self, item: int) -> int:
        """Return how much of an item is on sales orders and has not been invoiced, in base units."""
        return self._ordered(item, "SalesOrder")

    def _ordered(self, item: int, kind: str) -> int:
        # A line of an order counts in its own unit; its row of the books says how much that is in base units.
        rows = self._books.store.execute(
            "SELECT order_line.quantity, order_line.quantity - done, abs(told.quantity) FROM order_line JOIN unposted AS told"
            " ON told.txn = order_line.txn AND told.line_id = order_line.line_id"
            " WHERE order_line.item = ? AND kind = ? AND NOT closed AND done < order_line.quantity",
            (item, kind),
        ).fetchall()
        return sum(rounded_quotient(left * in_base_units, ordered) for ordered, left, in_base_units in rows)

    def refuse_too_much_ordered(self, item: int) -> None:
        """Raise 3101 when more of an item is on orders than an answer can tell."""
        within_limits("QuantityOnOrder", 0, 0, self.on_order(item))
        within_limits("QuantityOnSalesOrder", 0, 0, self.on_sales_order(item))

    def at_site(self, item: int, site: int | None, day: str | None = None) -> int:
        """Return how much of an item is at a site; now, or at the end of a day."""
        row = self._books.store.execute(
            "SELECT sum(quantity) FROM movement WHERE item = ?1 AND site IS ?2 AND (?3 IS NULL OR date <= ?3)", (item, site, day)
        ).fetchone()
        return row[0] or 0

    def held_at(self, item: int, day: str) -> tuple[int, int]:
        """Return the quantity and the value in cents of an item at the end of a day."""
        quantity, value_cents = self._books.store.execute(
            "SELECT coalesce(sum(quantity), 0), coalesce(sum(value_cents), 0) FROM movement WHERE item = ? AND valued AND date <= ?",
            (item, day),
        ).fetchone()
        return quantity, value_cents

    def moved_by(self, transaction: int, item: int) -> int:
        """Return how much of an item a transaction moved; out is negative."""
        row = self._books.store.execute(
            "SELECT sum(quantity) FROM movement WHERE item = ? AND txn = ? AND valued", (item, transaction)
        ).fetchone()
        return row[0] or 0

    def value_now(self, item: Record, quantity: int) -> int:
        """Return the value in cents that `quantity` in (or out, negative) at average cost would have now."""
        return _at_average(self.of(item.number), quantity)

    def put(self, transaction: int, date: str, movements: list[Movement], postings: list[Posting]) -> list[tuple[int, str]]:
        """Write the movements of a transaction, adding the rows of those at average to `postings`, which is written afterwards.

        Returns the items (and the date) whose later movements must be worked out anew, for `settle`. Call inside `atomic`.
        """
        behind: list[tuple[int, str]] = []
        for place, movement in enumerate(movements):
            item = movement.item.number
            held = self.of(item)
            if movement.as_built is not None:
                movement.value_cents = postings[movement.as_built].cents
            at_average = movement.value_cents is None
            value_cents = 0
            asset_line: int | None = None
            other_line: int | None = None
            if movement.valued:
                value_cents = _moved(held, movement.quantity, movement.value_cents)
                if at_average:
                    asset_line, other_line = self._post(movement, value_cents, postings)
                self._keep(item, held)
            self._books.store.execute(
                "INSERT INTO movement VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    transaction, place, item, date, movement.quantity, value_cents, at_average, movement.valued,
                    movement.site.number if movement.site is not None else None, asset_line, other_line,
                ),
            )  # fmt: skip
            if movement.valued and self._is_behind(item, date, transaction):
                behind.append((item, date))
        return behind

    def _post(self, movement: Movement, value_cents: int, postings: list[Posting]) -> tuple[int, int]:
        """Add the rows of a movement at average: the asset gets its value, the other side gives it."""
        assert movement.asset is not None
        line, item, klass = movement.line, movement.item, movement.klass
        if movement.built_into is not None:
            built = postings[movement.built_into]
            postings[movement.built_into] = built._replace(cents=built.cents - value_cents)
            postings.append(Posting(movement.asset, None, value_cents, line, item, movement.quantity, klass))
            return len(postings) - 1, movement.built_into
        assert movement.other is not None
        # Cost is kept in the company's own currency, whatever the transaction's is.
        cost_cents = -value_cents
        postings.append(Posting(movement.other, movement.name, cost_cents, line, item, -movement.quantity, klass, cost_cents))
        postings.append(Posting(movement.asset, None, value_cents, line, item, movement.quantity, klass, value_cents))
        return len(postings) - 1, len(postings) - 2

    def _is_behind(self, item: int, date: str, transaction: int) -> bool:
        """Whether movements come after those of a transaction in the order of history."""
        row = self._books.store.execute(
            "SELECT 1 FROM movement WHERE item = ? AND valued AND (date > ? OR (date = ? AND txn > ?)) LIMIT 1",
            (item, date, date, transaction),
        ).fetchone()
        return row is not None

    def take_back(self, transaction: int) -> list[tuple[int, str]]:
        """Remove the movements of a transaction; its rows of the ledger are taken back by the ledger. Returns what `settle` needs."""
        rows = self._books.store.execute("SELECT DISTINCT item, date FROM movement WHERE txn = ?", (transaction,)).fetchall()
        self._books.store.execute("DELETE FROM movement WHERE txn = ?", (transaction,))
        return rows

    def settle(self, behind: list[tuple[int, str]], removed: bool = False) -> None:
        """Work out anew the value of everything that follows movements put or taken in the past, and the ledger with it.

        Args:
            behind: items, and the date from which they changed.
            removed: movements were taken away, so that what is held must be summed up in any case.
        """
        to_do = list(dict.fromkeys(item for item, _date in behind))
        revalues = self._books.settings["company.average-cost"] == "history"
        while to_do:
            item = to_do.pop(0)
            if revalues:
                to_do += [built for built in self._replay(item) if built not in to_do]
            elif removed:
                self._sum_up(item)

    def _sum_up(self, item: int) -> None:
        quantity, value_cents = self._books.store.execute(
            "SELECT coalesce(sum(quantity), 0), coalesce(sum(value_cents), 0) FROM movement WHERE item = ? AND valued", (item,)
        ).fetchone()
        held = Held(quantity, value_cents, self.of(item).average)
        _divide(held)
        _refuse_too_much(held)
        self._keep(item, held)

    def _replay(self, item: int) -> list[int]:
        """Walk through the history of an item; return the assemblies whose value changed with it."""
        rows = self._books.store.execute(
            "SELECT txn, line, quantity, value_cents, at_average, asset_line, other_line FROM movement WHERE item = ? AND valued"
            " ORDER BY date, txn, line",
            (item,),
        ).fetchall()
        held = Held(average=self._first_average(item))
        assemblies: list[int] = []
        for transaction, line, quantity, value_cents, at_average, asset_line, other_line in rows:
            moved_cents = _moved(held, quantity, None if at_average else value_cents)
            if moved_cents == value_cents:
                continue
            by_cents = moved_cents - value_cents
            self._books.store.execute(
                "UPDATE movement SET value_cents = ? WHERE txn = ? AND line = ?", (moved_cents, transaction, line)
            )
            self._books.ledger.revalue(transaction, asset_line, by_cents)
            self._books.ledger.revalue(transaction, other_line, -by_cents)
            assemblies += self._rebuilt(transaction, item, by_cents)
        self._keep(item, held)
        return assemblies

    def _rebuilt(self, transaction: int, component: int, by_cents: int) -> list[int]:
        """Carry a changed value of a component into the assembly that was built of it; return the assembly, or nothing."""
        row = self._books.store.execute(
            "SELECT line, item FROM movement JOIN txn ON txn = number WHERE txn = ? AND kind = 'BuildAssembly' AND NOT at_average"
            " AND item <> ?",
            (transaction, component),
        ).fetchone()
        if row is None:
            return []
        self._books.store.execute(
            "UPDATE movement SET value_cents = value_cents - ? WHERE txn = ? AND line = ?", (by_cents, transaction, row[0])
        )
        return [row[1]]

    def _keep(self, item: int, held: Held) -> None:
        self._books.store.execute(
            "INSERT INTO stock VALUES (?, ?, ?, ?) ON CONFLICT (item) DO UPDATE SET quantity = excluded.quantity,"
            " value_cents = excluded.value_cents, average = excluded.average",
            (item, held.quantity, held.value_cents, held.average),
        )


def _at_average(held: Held, quantity: int) -> int:
    if held.quantity > 0 and held.value_cents >= 0:
        # What the last piece takes is what is left, to the cent.
        return rounded_quotient(held.value_cents * quantity, held.quantity)
    return amount_of(quantity, held.average)


def _moved(held: Held, quantity: int, value_cents: int | None) -> int:
    """Apply a movement to what is held; return its value in cents. Raises 3101 when what is held is too much to keep then."""
    moved_cents = _at_average(held, quantity) if value_cents is None else value_cents
    held.quantity += quantity
    held.value_cents += moved_cents
    if value_cents is not None:
        _divide(held)
    _refuse_too_much(held)
    return moved_cents


def _refuse_too_much(held: Held) -> None:
    within_limits("QuantityOnHand", held.value_cents, 0, held.quantity)
    within_limits("AverageCost", 0, held.average)


def _divide(held: Held) -> None:
    """Work out the average; below zero stock, and where more has gone than was there, the last one stands."""
    if held.quantity > 0 and held.value_cents >= 0:
        held.average = rate_of(held.value_cents, held.quantity)
