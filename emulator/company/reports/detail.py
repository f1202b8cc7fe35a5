"""The lines of a detail report in its table, with what subtotals, totals and running balances need."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from emulator.company.records import Record
from emulator.company.reports.columns import ABOUT_WHOLE, COLUMNS
from emulator.company.reports.entry import Entry
from emulator.company.reports.table import Cell, RowName, Table

if TYPE_CHECKING:
    from emulator.company.books import Books

_SUMMED: Final = frozenset({"Amount", "Debit", "Credit", "Quantity"}) | ABOUT_WHOLE


class Detail:
    """Adds lines to a table, and keeps what subtotals, totals and running balances need.

    Args:
        books: the open file.
        table: its columns are those of `columns_of`.
        names: of the columns.
        total_sign: the total of amounts is of debits (1) or credits (-1); None for the sum of the amounts as they are told.
        group_sign: the same of subtotals and running balances.
    """

    def __init__(
        self, books: "Books", table: Table, names: Sequence[str], total_sign: int | None = None, group_sign: int | None = None
    ) -> None:
        self.books, self.table, self._names = books, table, names
        self._total_sign, self._group_sign = total_sign, group_sign
        self._group, self._all = self._zero(), self._zero()
        self.balance = 0

    def _zero(self) -> dict[str, int]:
        return {name: 0 for name in self._names if name in _SUMMED}

    def start(self, balance: int = 0) -> None:
        """Begin a group: nothing is summed up yet, and the running balance starts at what it was before (cents)."""
        self._group, self.balance = self._zero(), balance

    def add(self, entry: Entry, record: Record | None = None) -> None:
        """Add a line; `record` is what the row is about."""
        balance_is_open = "OpenBalance" in self._names and "Amount" not in self._names
        self.balance += (entry.open_now or 0) * entry.tells_whole if balance_is_open else _summed(entry, self._group_sign)
        cells: list[Cell] = [None]
        for name in self._names:
            value = entry.extra[name] if name in entry.extra else COLUMNS[name][2](entry)
            if name in ABOUT_WHOLE and not entry.tells_whole:
                value = None
            if name == "RunningBalance" and name not in entry.extra:
                value = self.balance
            if name in self._group and isinstance(value, int):
                is_amount = name == "Amount" and name not in entry.extra
                self._group[name] += _summed(entry, self._group_sign) if is_amount else value
                self._all[name] += _summed(entry, self._total_sign) if is_amount else value
            cells.append(value)
        self.table.add("DataRow", cells, record)

    def opening(self, label: str, record: Record | None) -> None:
        """Add the row that heads an account, with the balance it starts from."""
        self.table.add("DataRow", [label, *(self.balance if name == "RunningBalance" else None for name in self._names)], record)

    def subtotal(self, label: str, record: Record | None = None) -> None:
        """Close a group with its sums and its last balance."""
        self._close("SubtotalRow", label, self._group, record)
        self._group = self._zero()

    def total(self, label: str) -> None:
        """Add the sums of all lines, when there are any rows."""
        if self.table.rows:
            self._close("TotalRow", label, self._all, None)

    def _close(self, row: RowName, label: str, sums: Mapping[str, int], record: Record | None) -> None:
        balance = {"RunningBalance": self.balance} if row == "SubtotalRow" else {}
        self.table.add(row, [label, *({**sums, **balance}.get(name) for name in self._names)], record)


def _summed(entry: Entry, sign: int | None) -> int:
    return entry.cents if sign is None else sign * entry.debit_cents
