"""Queries over lists and transactions: by identity, name or number; by filters; page by page.

Lists of ids, names or numbers override every other filter; when one of them is missing the answer is 500 (a warning) with those that
were found (documented). A query by filters that finds nothing is 1. `metaData` adds retCount, or answers it alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.company.caller import Caller
from emulator.company.filters import Selection, select_list, select_transactions
from emulator.company.iterators import Iterators
from emulator.company.nouns import COMBINED_QUERIES, LISTS, TRANSACTIONS
from emulator.company.records import SELECT_RECORD, Values
from emulator.company.transactions import SELECT_TRANSACTION, from_row, values_of
from emulator.qbxml import status
from emulator.qbxml.messages import Request
from emulator.qbxml.status import Status

if TYPE_CHECKING:
    from emulator.company.books import Books

Found = list[tuple[str, object]]
"""Records of an answer: (name of the record, its values)."""

ROWS_AT_ONCE = 500
"""Rows fetched by number with one statement: below SQLite's limit of parameters, large enough to cost little."""


@dataclass
class Result:
    """What a query is answered with."""

    status: Status
    records: Found
    attributes: dict[str, str]


@dataclass(frozen=True)
class _Source:
    """How the rows of one query are read.

    Attributes:
        select: the SELECT of whole rows.
        number: the column of the row number.
        table: where row numbers alone are read from.
        render: a row to (record name, values).
    """

    select: str
    number: str
    table: str
    render: Callable[[tuple[Any, ...]], tuple[str, object]]


def query(books: "Books", iterators: Iterators, request: Request, caller: Caller) -> Result:
    """Answer a query of a list or transaction noun.

    Raises:
        Refusal: 3030, 3031, 3140, 3150, 3250, 3390, 3391.
    """
    values = request.values
    if request.noun in TRANSACTIONS:
        source, has_iterators = _transaction_source(books, values), True
        named = _named_transactions(books, request.noun, values)
    else:
        family, kinds, has_iterators = _family_of(request.noun)
        source = _Source(
            SELECT_RECORD,
            "record",
            "list_record JOIN balance USING (record)",
            lambda row: _rendered_record(books, row),
        )
        named = _named_records(books, family, kinds, values)
    keep = frozenset(values.get("IncludeRetElement") or ())  # type: ignore[call-overload]
    if named is not None:
        found, missing = named
        outcome = status.of(500, value=missing) if missing is not None else _outcome(bool(found))
        return _finished(request, outcome, found, keep, {})

    def select() -> Selection:
        if request.noun in TRANSACTIONS:
            return select_transactions(books, request.noun, values)
        return select_list(books, family, kinds, values)

    mode = request.attributes.get("iterator")
    if mode and has_iterators:
        return _page(books, iterators, request, caller.session, source, select, keep)
    selection = select()
    limit = values.get("MaxReturned")
    rows = books.store.execute(
        f"{source.select} {selection.where}" + (" LIMIT ?" if limit else ""), [*selection.parameters, *([limit] if limit else [])]
    ).fetchall()
    found = [source.render(row) for row in rows]
    return _finished(request, _outcome(bool(found)), found, keep, {})


def _outcome(found: bool) -> Status:
    return status.of(0 if found else 1)


def _finished(request: Request, outcome: Status, found: Found, keep: frozenset[str], attributes: dict[str, str]) -> Result:
    meta = request.attributes.get("metaData", "NoMetaData")
    if meta != "NoMetaData":
        attributes = {"retCount": str(len(found)), **attributes}
    if meta == "MetaDataOnly":
        found = []
    return Result(outcome, [(name, only(values, keep)) for name, values in found] if keep else found, attributes)


def only(values: object, keep: frozenset[str]) -> object:
    """Return the top-level elements that IncludeRetElement names; unknown names are ignored (documented)."""
    assert isinstance(values, dict)
    return {name: value for name, value in values.items() if not keep.isdisjoint(name.split("|"))}


def _family_of(noun: str) -> tuple[str, tuple[str, ...], bool]:
    if noun in COMBINED_QUERIES:
        family, has_iterators = COMBINED_QUERIES[noun]
        return family, (), has_iterators
    row = LISTS[noun]
    return row.family, (noun,), row.iterates


def _transaction_source(books: "Books", values: Values) -> _Source:
    lines, links = bool(values.get("IncludeLineItems")), bool(values.get("IncludeLinkedTxns"))

    def render(row: tuple[Any, ...]) -> tuple[str, object]:
        return f"{row[1]}Ret", values_of(books, from_row(row, with_lines=lines), lines, links)

    return _Source(SELECT_TRANSACTION, "number", "txn", render)


def _rendered_record(books: "Books", row: tuple[Any, ...]) -> tuple[str, object]:
    record = books.records.from_row(row)
    return f"{record.kind}Ret", books.records.values(record)


def _named_records(books: "Books", family: str, kinds: tuple[str, ...], values: Values) -> tuple[Found, str | None] | None:
    """Return the records that ListID or FullName elements name, and the first that is missing; None when there are no such elements."""
    found: Found = []
    missing: str | None = None
    by_id, names = bool(values.get("ListID")), values.get("ListID") or values.get("FullName")
    if not names:
        return None
    seen: set[int] = set()
    for name in names:
        record = books.records.by_id(family, name or "") if by_id else books.records.by_name(family, name or "")
        if record is None or (kinds and record.kind not in kinds):
            missing = missing if missing is not None else name or ""
        elif record.number not in seen:
            seen.add(record.number)
            found.append((f"{record.kind}Ret", books.records.values(record)))
    return found, missing


def _named_transactions(books: "Books", kind: str, values: Values) -> tuple[Found, str | None] | None:
    """The same for TxnID, RefNumber and RefNumberCaseSensitive; one number may be carried by several transactions."""
    column, names = next(
        ((column, values[element]) for element, column in _TRANSACTION_NAMES.items() if values.get(element)), ("", ())
    )
    if not names:
        return None
    render = _transaction_source(books, values).render
    found: Found = []
    missing: str | None = None
    seen: set[int] = set()
    for name in names:
        wanted = (name or "").casefold() if column == "folded" else name or ""
        # RefNumberCaseSensitive still goes by the index, which is without case.
        condition, parameters = (
            (f"{column} = ?", [wanted]) if column != "ref" else ("folded = ? AND ref = ?", [wanted.casefold(), wanted])
        )
        rows = books.store.execute(
            f"{SELECT_TRANSACTION} WHERE kind = ? AND {condition} ORDER BY date, number", [kind, *parameters]
        ).fetchall()
        if not rows:
            missing = missing if missing is not None else wanted if column == "txn_id" else name or ""
        for row in rows:
            if row[0] not in seen:
                seen.add(row[0])
                found.append(render(row))
    return found, missing


def _page(
    books: "Books",
    iterators: Iterators,
    request: Request,
    session: str,
    source: _Source,
    select: Callable[[], Selection],
    keep: frozenset[str],
) -> Result:
    def numbers() -> list[int]:
        selection = select()
        statement = f"SELECT {source.number} FROM {source.table} {selection.where}"  # noqa: S608 - our own names
        rows = books.store.execute(statement, selection.parameters)
        return [row[0] for row in rows.fetchall()]

    mode, iterator_id = request.attributes["iterator"], request.attributes.get("iteratorID", "")
    page = request.values.get("MaxReturned")
    assert page is None or isinstance(page, int)
    if mode == "Stop":
        iterators.stop(session, request.noun, iterator_id)
        return Result(status.of(0), [], {"iteratorRemainingCount": "0", "iteratorID": iterator_id})
    if mode == "Start":
        iterator = iterators.start(session, request.noun, page, numbers)
    else:
        iterator = iterators.resume(session, request.noun, iterator_id, page, numbers)
    found = _by_numbers(books, source, iterators.take(session, iterator))
    attributes = {"iteratorRemainingCount": str(len(iterator.remaining)), "iteratorID": iterator.iterator_id}
    return _finished(request, _outcome(bool(found)), found, keep, attributes)


def _by_numbers(books: "Books", source: _Source, numbers: Sequence[int]) -> Found:
    """Return rows by number, in the order of the numbers; a record deleted since Start is left out."""
    rows: dict[int, tuple[Any, ...]] = {}
    for start in range(0, len(numbers), ROWS_AT_ONCE):
        part = numbers[start : start + ROWS_AT_ONCE]
        marks = ", ".join("?" * len(part))
        for row in books.store.execute(f"{source.select} WHERE {source.number} IN ({marks})", part):
            rows[row[0]] = row
    return [source.render(rows[number]) for number in numbers if number in rows]


_TRANSACTION_NAMES = {"TxnID": "txn_id", "RefNumber": "folded", "RefNumberCaseSensitive": "ref"}
"""Elements that name transactions, and the column they are looked up in."""
