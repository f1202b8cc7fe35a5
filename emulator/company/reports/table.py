"""A report as a table: its columns and rows, and the ReportRet that tells it.

Layout as in recorded answers: the first column is the label; a TextRow heads a group, a SubtotalRow closes it, the grand totals are TotalRows;
rows are numbered from 1; a cell that is empty is left out, so are the title of an empty column title and the RowData of what is no record
(observed, a Balance Sheet of 2025 and an Inventory Stock Status of 2011).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal

from emulator.company.arithmetic import money
from emulator.company.records import Record, Values
from emulator.qbxml import schema_of
from emulator.qbxml.formats import write_price, write_quantity
from emulator.qbxml.schema import Model, Node
from emulator.qbxml.versions import VERSIONS, Version

RowName = Literal["TextRow", "DataRow", "SubtotalRow", "TotalRow"]
Cell = int | str | bool | None
"""A value of a cell: by the data type of its column cents, units of 0.00001, a day, a text or a flag; None for an empty cell."""

ROW_TYPES: Final = {"account": "account", "class": "class", "item": "item", "terms": "terms"}
_KINDS: Final = {"Customer": "customer", "Vendor": "vendor", "Employee": "employee", "OtherName": "otherName"}


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        kind: its ColType (`Amount`, `Date` ...).
        data_type: how its cells are written: AMTTYPE, QUANTYPE, PRICETYPE, PERCENTTYPE, DATETYPE, BOOLTYPE, STRTYPE ...
        titles: the rows of its title, one for each that the report has.
    """

    kind: str
    data_type: str
    titles: tuple[str, ...]


LABEL: Final = Column("Label", "STRTYPE", ("",))


@dataclass
class Table:
    """The columns and rows of a report.

    Attributes:
        title: of the report.
        subtitle: the period in words.
        basis: Accrual, Cash or None.
        columns: the first is the label.
        rows: as they are told.
    """

    title: str
    subtitle: str
    basis: str
    columns: Sequence[Column]
    rows: list[tuple[RowName, Values]] = field(default_factory=list)

    def text(self, label: str) -> None:
        """Add the row that heads a group."""
        self.rows.append(("TextRow", {"@rowNumber": str(len(self.rows) + 1), "@value": label}))

    def add(self, name: RowName, cells: Sequence[Cell], record: Record | None = None) -> None:
        """Add a row.

        Args:
            name: DataRow, SubtotalRow or TotalRow.
            cells: one for each column.
            record: what the row is about.
        """
        values: Values = {"@rowNumber": str(len(self.rows) + 1)}
        if record is not None:
            values["RowData"] = {"@rowType": row_type_of(record), "@value": record.full_name}
        told = [
            {"@colID": str(place), "@value": _written(cell, column.data_type)}
            for place, (cell, column) in enumerate(zip(cells, self.columns, strict=True), start=1)
            if cell is not None and cell != ""
        ]
        if told:
            values["ColData"] = told
        self.rows.append((name, values))

    def values(self, version: str = VERSIONS[-1]) -> Values:
        """Return the ReportRet, as a version can tell it: a column whose ColType is not in its schema is a label (inferred)."""
        known = _column_types(Version(version).schema_number)
        result: Values = {
            "ReportTitle": self.title,
            "ReportSubtitle": self.subtitle,
            "ReportBasis": self.basis,
            "NumRows": len(self.rows),
            "NumColumns": len(self.columns),
            "NumColTitleRows": max(len(column.titles) for column in self.columns),
            "ColDesc": [
                {
                    "@colID": str(place),
                    "@dataType": column.data_type,
                    "ColTitle": [
                        {"@titleRow": str(row), **({"@value": title} if title else {})}
                        for row, title in enumerate(column.titles, start=1)
                    ],
                    "ColType": column.kind if column.kind in known else LABEL.kind,
                }
                for place, column in enumerate(self.columns, start=1)
            ],
        }
        if self.rows:
            result["ReportData"] = {"DataRow|TextRow|SubtotalRow|TotalRow": list(self.rows)}
        return result


@cache
def _column_types(schema_number: str) -> frozenset[str]:
    message = schema_of(schema_number).message("GeneralDetailReportQueryRs")
    assert message is not None, schema_number
    return frozenset(next(node.values for node in _nodes(message.children) if node.name == "ColType"))


def _nodes(model: Model) -> Iterator[Node]:
    for part in model:
        if isinstance(part, Node):
            yield part
            yield from _nodes(part.children)


def row_type_of(record: Record) -> str:
    """Return the rowType of a record; what has none of its own is a `label` (inferred)."""
    return _KINDS.get(record.kind) or ROW_TYPES.get(record.family) or _OTHERS.get(record.family, "label")


_OTHERS: Final = {
    "sales-rep": "salesRep",
    "customer-type": "customerType",
    "vendor-type": "vendorType",
    "ship-method": "shipMethod",
    "payment-method": "paymentMethod",
    "sales-tax-code": "salesTaxCode",
    "payroll-item": "payrollItem",
}


def _written(cell: Cell, data_type: str) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int):
        if data_type == "AMTTYPE":
            return money(cell)
        if data_type == "QUANTYPE":
            return write_quantity(cell)
        return write_price(cell) if data_type in ("PRICETYPE", "PERCENTTYPE") else str(cell)
    return str(cell)
