"""In: rows of list files, each by an Add request of its own, so that limits, duplicates and references are as for any program."""

from collections import Counter
from typing import TYPE_CHECKING, Final

from emulator.company import lists
from emulator.company.caller import Caller
from emulator.company.exchange.cells import CSV, IIF
from emulator.company.exchange.columns import TABLES, Column, Path
from emulator.company.exchange.list_files import Line
from emulator.company.exchange.rows import BadRow, asked_of, columns_of, heading
from emulator.company.list_rows import LISTS
from emulator.company.operations import Operations
from emulator.company.records import Values
from emulator.company.references import likest_name
from emulator.company.refusals import Refusal
from emulator.core.errors import UserMistake
from emulator.qbxml import VERSIONS, NotValid, decode_set, encode_request_set, make_request
from emulator.qbxml.messages import Request
from emulator.qbxml.status import Status

if TYPE_CHECKING:
    from emulator.company.books import Books

_CALLER: Final = Caller("import", "import", file_mode="SingleUser", personal_data=True)

_RANKS: Final = {table.name: rank for rank, table in enumerate(TABLES)}


def add_lines(books: "Books", operations: Operations, lines: list[Line]) -> Counter[str]:
    """Add the records of list files: lists in the order in which they find each other, parents first. Call inside `atomic`.

    Returns: noun -> how many records came in.

    Raises:
        UserMistake: with file, line and column of the cell, and QuickBooks' code and message.
    """
    counted: Counter[str] = Counter()
    for line in sorted(lines, key=_rank):
        counted[_add(books, operations, line)] += 1
    return counted


def _rank(line: Line) -> tuple[int, int]:
    name = line.cells.get(heading(line.table.name_column, line.style), "")
    return _RANKS[line.table.name], name.count(":")


def _add(books: "Books", operations: Operations, line: Line) -> str:
    try:
        kind, values = asked_of(books, line.table, line.cells, line.style)
    except BadRow as bad:
        where = line.where(heading(bad.column, line.style))
        raise UserMistake(bad.given, where, bad.expected, "nothing was imported") from None
    special = values.pop("SpecialAccountType", None)
    if kind == "Account" and special is None and line.style == CSV:
        special = _special_by_name(books, values)
    if kind == "Customer" and line.style == IIF:
        _add_customer_type(books, operations, line, values)
    request = _request(books, kind, values, line)
    if special is not None:
        _add_special(books, line, request, special)
        return kind
    answer = operations.perform(request, _CALLER, {})
    if answer.status.severity == "Error":
        raise _refused(books, line, kind, answer.status)
    return kind


def _add_customer_type(books: "Books", operations: Operations, line: Line, values: Values) -> None:
    """Add a customer type that is not there yet, as QuickBooks does when it reads IIF (documented)."""
    reference = values.get("CustomerTypeRef")
    if not reference or books.records.by_name("customer-type", reference["FullName"]) is not None:
        return
    parent, _, name = reference["FullName"].rpartition(":")
    asked: Values = {"Name": name, **({"ParentRef": {"FullName": parent}} if parent else {})}
    answer = operations.perform(_request(books, "CustomerType", asked, line), _CALLER, {})
    if answer.status.severity == "Error":
        raise _refused(books, line, "CustomerType", answer.status)


def _request(books: "Books", kind: str, values: Values, line: Line) -> Request:
    """Return the Add request of a record, read as it would be from a program: lengths, words and required elements are checked there."""
    document = encode_request_set(VERSIONS[-1], "stopOnError", [make_request(f"{kind}Add", {f"{kind}Add": values})])
    try:
        request = decode_set(document).requests[0]
    except NotValid as wrong:
        expected = " or ".join(wrong.diagnosis.expected)
        where = line.where(heading(line.table.name_column, line.style))
        raise UserMistake(f"{kind}: {wrong.diagnosis.problem}", where, expected, "nothing was imported") from None
    if request.fault is not None:
        raise _refused(books, line, kind, request.fault)
    return request


def _special_by_name(books: "Books", values: Values) -> str | None:
    """Return which of QuickBooks' own accounts one is: a CSV tells it by name and type alone (our choice). None for any other."""
    named = (values.get("Name"), values.get("AccountType"))
    found = next((special for special, own in lists.SPECIAL_ACCOUNT_NAMES.items() if own == named), None)
    taken = found is None or found in _BY_TYPE or books.defaults.account(found) is not None
    return None if taken else found


_BY_TYPE: Final = frozenset({"AccountsReceivable", "AccountsPayable"})


def _add_special(books: "Books", line: Line, request: Request, special: str) -> None:
    """Add an account that QuickBooks posts to by itself; a file has one of each."""
    there = books.defaults.account(special)
    where = line.where("EXTRA")
    if there is not None:
        given = f"the file has an account for it already: {there.full_name}"
        raise UserMistake(given, where, "one account of that kind", "nothing was imported")
    values = request.values["AccountAdd"]
    assert isinstance(values, dict)
    try:
        lists.add(books, LISTS["Account"], {**values, "SpecialAccountType": special})
    except Refusal as refusal:
        raise _refused(books, line, "Account", refusal.status) from None


def _refused(books: "Books", line: Line, kind: str, status: Status) -> UserMistake:
    """Return the mistake of a refused record, at the column whose value the message names; else at its name."""
    near = likest_name(books.store, status)
    column = _column_in(line, status) or line.table.name_column
    given = f"{kind} is refused: {status.code} {' '.join(status.message.split())}"
    return UserMistake(
        given, line.where(heading(column, line.style)), repr(near) if near else "", "mend the line; nothing was imported"
    )


def _column_in(line: Line, status: Status) -> Column | None:
    said = {column: line.cells.get(heading(column, line.style), "").strip() for column in columns_of(line.table, line.style)}
    by_value = [column for column, text in said.items() if text and len(text) > 1 and f'"{text}"' in status.message]
    by_element = [column for column, text in said.items() if text and _names(column.path, status.message)]
    return next(iter([*by_value, *by_element]), None)


def _names(path: Path, message: str) -> bool:
    return bool(path) and f'"{path[-1]}"' in message
