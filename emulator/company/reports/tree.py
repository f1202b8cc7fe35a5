"""Rows of a list with levels: what stands below a record comes under its name, then its own as "X - Other", then "Total X" (observed)."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from emulator.company.records import Record
from emulator.company.reports.grid import Figures, added
from emulator.company.reports.table import Cell, Table
from emulator.company.store import AMONG, array_of

if TYPE_CHECKING:
    from emulator.company.books import Books

Cells = Callable[[Sequence[int]], Sequence[Cell]]
"""Makes the cells of a row, behind its label, from its sums."""


def add_tree(table: Table, books: "Books", figures: Figures, cells: Cells = tuple, shown: str = "ActiveOnly") -> list[int]:
    """Add the rows of records with what stands above them; return the sums of all.

    Args:
        table: where the rows go.
        books: the open file.
        figures: number of a record -> its own sums.
        cells: what is told of sums.
        shown: ReturnRows: NonZero leaves out records all of whose sums are zero.
    """
    width = max((len(sums) for sums in figures.values()), default=0)
    own: dict[int, Sequence[int]] = {}
    children: dict[int | None, list[Record]] = {}
    seen: set[int] = set()
    for key, sums in figures.items():
        assert isinstance(key, int), key
        if shown == "NonZero" and not any(sums):
            continue
        own[key] = sums
        itself = books.records.by_number(key)
        for record in (itself, *books.records.chain(itself)):
            if record.number not in seen:
                seen.add(record.number)
                children.setdefault(record.parent, []).append(record)
    order = dict(
        books.store.execute(f"SELECT record, sort_key FROM list_record WHERE record {AMONG}", (array_of(seen),)).fetchall()
    )
    for siblings in children.values():
        siblings.sort(key=lambda record: order[record.number])

    def add(record: Record) -> Sequence[int]:
        below = children.get(record.number, ())
        sums = own.get(record.number)
        if not below:
            assert sums is not None, record.full_name
            table.add("DataRow", [record.name, *cells(sums)], record)
            return sums
        table.text(record.name)
        parts = [add(child) for child in below]
        if sums is not None and any(sums):
            table.add("DataRow", [f"{record.name} - Other", *cells(sums)], record)
        total = added([*parts, sums or [0] * width], width)
        table.add("SubtotalRow", [f"Total {record.name}", *cells(total)], record)
        return total

    return added([add(record) for record in children.get(None, ())], width)
