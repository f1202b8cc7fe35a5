"""List records as rows of QuickBooks' columns, and rows as Add requests."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from emulator.company import lists
from emulator.company.exchange.cells import IIF, BadCell, read_cell, write_cell
from emulator.company.exchange.columns import (
    ITEM_TYPES,
    ITEMS_WITH_PARTS,
    PERCENT_PATHS,
    TWO_SIDED_KINDS,
    Column,
    Path,
    Table,
    item_paths,
    terms_paths,
)
from emulator.company.records import SELECT_RECORD, Values
from emulator.company.store import AMONG, array_of
from emulator.core.errors import nearest

if TYPE_CHECKING:
    from emulator.company.books import Books

Row = Mapping[str, str]
"""Heading -> cell."""


class BadRow(Exception):  # noqa: N818 - it names the row
    """A row is no record: the column it is about, what its cell says, what was expected."""

    def __init__(self, column: Column, given: str, expected: str) -> None:
        self.column = column
        self.given = given
        self.expected = expected
        super().__init__(given)


# ---- out -------------------------------------------------------------------------------------------------------------------------


def rows_of(books: "Books", table: Table, style: str) -> Iterator[list[str]]:
    """Yield a row of cells for each record of a list, in its order; `style` is CSV or IIF."""
    columns = columns_of(table, style)
    rows = books.store.execute(
        f"{SELECT_RECORD} WHERE kind {AMONG} ORDER BY length(full_name) - length(replace(full_name, ':', '')), sort_key, record",
        (array_of(table.nouns),),
    ).fetchall()
    for row in rows:
        record = books.records.from_row(row)
        values = lists.values_of(books, record)
        yield [_cell(books, table, column, record.kind, values, style) for column in columns]


def columns_of(table: Table, style: str) -> list[Column]:
    """Return the columns of a list that a style has."""
    return [column for column in table.columns if heading(column, style)]


def heading(column: Column, style: str) -> str:
    """Return the heading of a column in a style."""
    return column.iif if style == IIF else column.csv


def _cell(books: "Books", table: Table, column: Column, kind: str, values: Values, style: str) -> str:
    if column.form == "item-type":
        return ITEM_TYPES[kind][0 if style == IIF else 1]
    if column.form == "taxable":
        code = books.references.held("SalesTaxCodeRef", values)
        return "" if code is None else ("Y" if code.document.get("IsTaxable") else "N")
    if column.iif == "TERMSTYPE":
        return "1" if kind == "DateDrivenTerms" else "0"
    path = column.source or _path_of(table, column, kind, two_sided="SalesAndPurchase" in values)
    if not path:
        return ""
    if column.form == "price":
        return _price(values, path)
    value = _at(values, path)
    if value is None and column.told:
        # An address without city and the like has its lines where they were put.
        value = _at(values, column.path) if column.path else None
    return write_cell(column.form, value, style)


def _price(values: Values, path: Path) -> str:
    percent_path = PERCENT_PATHS.get(path)
    percent = _at(values, percent_path) if percent_path else None
    return write_cell("percent", percent, IIF) if percent is not None else write_cell("price", _at(values, path), IIF)


def _at(values: Values, path: Path) -> Any:
    found: Any = values
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _path_of(table: Table, column: Column, kind: str, two_sided: bool) -> Path:
    if table.name == "Item":
        return item_paths(kind, two_sided).get(column.iif, ())
    return terms_paths(kind).get(column.iif, ()) if table.name == "Terms" else ()


# ---- in --------------------------------------------------------------------------------------------------------------------------


def asked_of(books: "Books", table: Table, row: Row, style: str) -> tuple[str, Values]:
    """Return the noun and the values of the Add request that a row stands for.

    Raises:
        BadRow: a cell is no value of its column, or says what such a record does not have.
    """
    cells = {column: row.get(heading(column, style), "").strip() for column in columns_of(table, style)}
    given = {column: text for column, text in cells.items() if text and not column.follows}
    kind = _kind_of(table, given, style)
    bought = {column.iif for column in given} & {"PURCHASEDESC", "COST", "COGSACCNT", "PREFVEND"}
    two_sided = kind in TWO_SIDED_KINDS and _is_bought(given, bought)
    values: Values = {}
    for column, text in given.items():
        if column.form == "item-type" or column.iif == "TERMSTYPE":
            continue
        try:
            _put(books, table, values, column, text, kind, two_sided)
        except BadCell as bad:
            raise BadRow(column, f"{heading(column, style)} is {text!r}", bad.expected) from None
    return kind, values


def _is_bought(given: Mapping[Column, str], bought: set[str]) -> bool:
    """Return whether an item is both sold and bought: a cost of nothing alone makes it no bought one."""
    cost = next((text for column, text in given.items() if column.iif == "COST"), "")
    return bool(bought - {"COST"}) or bool(cost.strip("0.,"))


def _kind_of(table: Table, given: Mapping[Column, str], style: str) -> str:
    if table.name == "Terms":
        date_driven = any(column.iif == "TERMSTYPE" and text == "1" for column, text in given.items())
        return "DateDrivenTerms" if date_driven else "StandardTerms"
    if table.name != "Item":
        return table.nouns[0]
    column = next(each for each in table.columns if each.form == "item-type")
    text = given.get(column, "")
    for kind, words in ITEM_TYPES.items():
        if text.casefold() in (kind.casefold(), *(word.casefold() for word in words)):
            return kind
    if any(text.casefold() in (word.casefold() for word in words) for words in ITEMS_WITH_PARTS.values()):
        raise BadRow(column, f"an item of type {text!r} has parts, which no row can hold", "its query answer (qbXML)")
    known = [word for words in ITEM_TYPES.values() for word in words]
    near = nearest(text, known) if text else None
    raise BadRow(column, f"{heading(column, style)} is {text!r}", f"{near!r}" if near else f"one of {', '.join(known)}")


def _put(books: "Books", table: Table, values: Values, column: Column, text: str, kind: str, two_sided: bool) -> None:
    if column.form in ("name", "initial"):
        _put_name(values, column, text)
        return
    if column.form == "taxable":
        code = books.defaults.taxable_code if read_cell(column.form, text) else books.defaults.non_taxable_code
        if code is not None and kind not in ("ItemSubtotal", "ItemPayment", "ItemSalesTax"):
            values.setdefault("SalesTaxCodeRef", code.reference)
        return
    path = column.path or _path_of(table, column, kind, two_sided)
    value = read_cell(column.form, text)
    if not path:
        if value in (0, {}):
            return
        raise BadCell(f"nothing for {kind}")
    if column.form == "price" and text.endswith("%"):
        path = PERCENT_PATHS.get(path, path)
    inner = values
    for name in path[:-1]:
        inner = inner.setdefault(name, {})
    inner[path[-1]] = value


def _put_name(values: Values, column: Column, text: str) -> None:
    if not column.path:
        return
    parent, _, name = text.rpartition(":")
    if parent and column.told:
        values["ParentRef"] = {"FullName": parent}
        values["Name"] = name
    else:
        values[column.path[0]] = text
