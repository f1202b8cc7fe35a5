"""Queries over lists and transactions: by identity, name or number; by filters; page by page.

Lists of ids, names or numbers override every other filter; when one of them is missing the answer is 500 (a warning) with those that
were found (documented; iterator attributes beside them: switch company.iterator-with-ids). A query by filters that finds nothing is 1.
`metaData` adds retCount, or answers it alone.
"""

from array import array
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from emulator.company.caller import Caller, View
from emulator.company.filters import Selection, select_list, select_transactions
from emulator.company.iterators import Iterators
from emulator.company.list_rows import COMBINED_QUERIES, LISTS
from emulator.company.lists import values_of as list_values_of
from emulator.company.records import SELECT_RECORD, Record, Values
from emulator.company.store import AMONG, array_of
from emulator.company.transaction_answers import values_of
from emulator.company.transaction_rows import TRANSACTIONS
from emulator.company.transactions import SELECT_TRANSACTION, from_row
from emulator.qbxml import schema_of, status
from emulator.qbxml.messages import Request
from emulator.qbxml.schema import Choice, Model, Node
from emulator.qbxml.status import Status

if TYPE_CHECKING:
    from emulator.company.books import Books

Found = Sequence[tuple[str, object]]
"""Records of an answer: (name of the record, its values)."""

ROWS_AT_ONCE = 500
"""Rows fetched by number with one statement: below SQLite's limit of parameters, large enough to cost little."""

KEPT_WHOLE_MAX = 2_000
"""Records of an answer that are held ready; of a longer one only the numbers are, and the records are made while they are written."""


@dataclass
class Result:
    """What a query is answered with."""

    status: Status
    records: Found
    attributes: dict[str, str]


class Rows(Sequence[tuple[str, object]]):
    """The records of a long answer, made when they are looked at, so that a query of 100,000 rows costs little memory.

    They are read as they stand then: whoever writes an answer does so before the next request is performed.
    """

    def __init__(self, keys: Sequence[Any], render: Callable[[Sequence[Any]], Found], keep: frozenset[str]) -> None:
        self._keys = keys
        self._render = render
        self._keep = keep

    def __len__(self) -> int:
        return len(self._keys)

    def __getitem__(self, place: Any) -> Any:
        keys = self._keys[place] if isinstance(place, slice) else [self._keys[place]]
        found = narrowed(self._render(keys), self._keep)
        return found if isinstance(place, slice) else found[0]

    def __iter__(self) -> Iterator[tuple[str, object]]:
        for start in range(0, len(self._keys), ROWS_AT_ONCE):
            yield from narrowed(self._render(self._keys[start : start + ROWS_AT_ONCE]), self._keep)


@dataclass(frozen=True)
class Source:
    """Where the records of one query come from.

    Attributes:
        keys: gives the key of every record that the filters select, in order; a limit may cut them short.
        render: keys to records; what is gone by then is left out.
        has_iterators: whether it can be read page by page.
        missing: the first id, name or number that the request lists and nothing has: the answer is 500 with those that were found.
    """

    keys: Callable[[int | None], Sequence[Any]]
    render: Callable[[Sequence[Any]], Found]
    has_iterators: bool
    missing: str | None = None


def query(books: "Books", iterators: Iterators, request: Request, caller: Caller) -> Result:
    """Answer a query of a list or transaction noun.

    Raises:
        Refusal: 3030, 3031, 3140, 3150, 3250, 3390, 3391.
    """
    view = view_of(request, caller)
    values = request.values
    if request.noun in TRANSACTIONS:
        named = _named_transactions(books, request.noun, values, view)
        source = _transactions(books, request.noun, values, view)
    else:
        family, kinds, has_iterators = _family_of(request.noun)
        named = _named_records(books, family, kinds, values, view)
        source = _records(books, family, kinds, values, view, has_iterators)
    if named is not None:
        found, missing = named
        return _finished(request, _outcome(bool(found), missing), found, {})
    return answered(iterators, request, caller, source)


def answered(iterators: Iterators, request: Request, caller: Caller, source: Source) -> Result:
    """Answer a query from its source: a page of an iterator, or everything up to MaxReturned."""
    if request.attributes.get("iterator") and source.has_iterators:
        return _page(iterators, request, caller.session, source)
    limit = request.values.get("MaxReturned")
    assert limit is None or isinstance(limit, int)
    return _rendered(request, source, source.keys(limit), {})


def listed(request: Request, found: Found) -> Result:
    """Answer a query whose records are at hand: 1 for none, retCount and IncludeRetElement as ever."""
    return _finished(request, _outcome(bool(found)), found, {})


def _rendered(request: Request, source: Source, keys: Sequence[Any], attributes: dict[str, str]) -> Result:
    if len(keys) <= KEPT_WHOLE_MAX:
        found = source.render(keys)
        return _finished(request, _outcome(bool(found), source.missing), found, attributes)
    return _finished(request, _outcome(True, source.missing), Rows(keys, source.render, keep_of(request)), attributes, kept=True)


def view_of(request: Request, caller: Caller) -> View:
    """Return what the answers of a query show, by its flags, its caller's permissions, and what its version must have."""
    values = request.values
    owners = values.get("OwnerID")
    assert owners is None or isinstance(owners, list)
    return View(
        frozenset(str(owner) for owner in owners or ()),
        caller.personal_data,
        bool(values.get("IncludeLineItems"))
        or bool(values.get("IncludeComponentLineItems"))
        or _always_tells_lines(request.version, request.noun),
        bool(values.get("IncludeLinkedTxns")),
    )


@cache
def _always_tells_lines(schema_number: str, noun: str) -> bool:
    """Whether a version's answers must have lines, asked for or not: deposits at 2.0 (documented: the schema)."""
    message = schema_of(schema_number).message(f"{noun}QueryRs")
    assert message is not None, noun
    records = [part for part in message.children if isinstance(part, Node)]
    return any(
        isinstance(part, Node) and part.minimum > 0 and part.name.endswith("LineRet")
        for record in records
        for part in record.children
    )


def _outcome(found: bool, missing: str | None = None) -> Status:
    return status.of(500, value=missing) if missing is not None else status.of(0 if found else 1)


def keep_of(request: Request) -> frozenset[str]:
    """Return the elements that IncludeRetElement names, with those an answer of the version cannot do without; none stands for all."""
    names = request.values.get("IncludeRetElement")
    assert names is None or isinstance(names, list)
    return frozenset(str(name) for name in names) | _required(request.name, request.version) if names else frozenset()


@cache
def _required(request: str, version: str) -> frozenset[str]:
    message = schema_of(version).message(f"{request[:-2]}Rs")
    return frozenset(_required_of(message.children)) if message is not None else frozenset()


def _required_of(model: Model, inside: bool = False) -> Iterator[str]:
    """Find the elements that each record of an answer must have; of a choice, those of every branch."""
    for part in model:
        if isinstance(part, Choice):
            for branch in part.branches:
                yield from _required_of(branch, inside) if not inside or part.minimum else ()
        elif not inside:
            yield from _required_of(part.children, True)
        elif part.minimum:
            yield part.name


def narrowed(found: Found, keep: frozenset[str]) -> Found:
    """Return the records with those top-level elements only that IncludeRetElement names; unknown names are ignored (documented).

    What the schema of the version requires is in every answer, whatever is asked for, and so are the leaves that a deletion is answered
    with.
    """
    return [(name, _only(values, keep) if isinstance(values, dict) else values) for name, values in found] if keep else found


def _finished(request: Request, outcome: Status, found: Found, attributes: dict[str, str], kept: bool = False) -> Result:
    meta = request.attributes.get("metaData", "NoMetaData")
    if meta != "NoMetaData":
        attributes = {"retCount": str(len(found)), **attributes}
    if meta == "MetaDataOnly":
        found = []
    return Result(outcome, found if kept else narrowed(found, keep_of(request)), attributes)


def _only(values: Values, keep: frozenset[str]) -> Values:
    return {name: value for name, value in values.items() if not keep.isdisjoint(name.split("|"))}


# ---- lists -----------------------------------------------------------------------------------------------------------------------


def _family_of(noun: str) -> tuple[str, tuple[str, ...], bool]:
    if noun in COMBINED_QUERIES:
        family, has_iterators = COMBINED_QUERIES[noun]
        return family, (), has_iterators
    row = LISTS[noun]
    return row.family, (noun,), row.iterates


def _records(books: "Books", family: str, kinds: tuple[str, ...], values: Values, view: View, has_iterators: bool) -> Source:
    def keys(limit: int | None) -> Sequence[int]:
        # Balances stand in a table of their own, which few queries ask for.
        table = "list_record JOIN balance USING (record)" if values.get("TotalBalanceFilter") else "list_record"
        return _numbers(books, "record", table, select_list(books, family, kinds, values), limit)

    def render(numbers: Sequence[int]) -> Found:
        rows = _by_numbers(books, SELECT_RECORD, "record", numbers)
        books.records.read_references(row[6] for row in rows)  # their parents
        return [shown(books, books.records.from_row(row), view) for row in rows]

    return Source(keys, render, has_iterators)


def shown(books: "Books", record: Record, view: View) -> tuple[str, object]:
    """Return a list record as an answer holds it."""
    return f"{record.kind}Ret", list_values_of(books, record, view)


def _named_records(
    books: "Books", family: str, kinds: tuple[str, ...], values: Values, view: View
) -> tuple[Found, str | None] | None:
    """Return the records that ListID or FullName elements name, and the first that is missing; None when there are no such elements."""
    found: list[tuple[str, object]] = []
    missing: str | None = None
    by_id = bool(values.get("ListID"))
    names = values.get("ListID") or values.get("FullName") or values.get("Name")
    if not names:
        return None
    seen: set[int] = set()
    for name in names:
        record = books.records.by_id(family, name or "") if by_id else books.records.by_name(family, name or "")
        if record is None or (kinds and record.kind not in kinds):
            missing = missing if missing is not None else name or ""
        elif record.number not in seen:
            seen.add(record.number)
            found.append(shown(books, record, view))
    return found, missing


# ---- transactions ----------------------------------------------------------------------------------------------------------------


def _transactions(books: "Books", kind: str, values: Values, view: View) -> Source:
    def keys(limit: int | None) -> Sequence[int]:
        return _numbers(books, "number", "txn", select_transactions(books, kind, values), limit)

    def render(numbers: Sequence[int]) -> Found:
        rows = _by_numbers(books, SELECT_TRANSACTION, "number", numbers)
        books.records.read_references(number for row in rows for number in row[7:9])  # their names and accounts
        return [_shown_transaction(books, row, view) for row in rows]

    return Source(keys, render, TRANSACTIONS[kind].iterates)


def _shown_transaction(books: "Books", row: tuple[Any, ...], view: View) -> tuple[str, object]:
    return f"{row[1]}Ret", values_of(books, from_row(row, with_lines=view.lines or view.links), view)


def _named_transactions(books: "Books", kind: str, values: Values, view: View) -> tuple[Found, str | None] | None:
    """The same for TxnID, RefNumber and RefNumberCaseSensitive; one number may be carried by several transactions."""
    column, names = next(
        ((column, values[element]) for element, column in TRANSACTION_NAMES.items() if values.get(element)), ("", ())
    )
    if not names:
        return None
    condition, parameters = carrying(column, names)
    # The plus keeps SQLite from looking through all of the kind in their order.
    rows = books.store.execute(
        f"{SELECT_TRANSACTION} WHERE kind = ? AND {condition} ORDER BY +date, number", [kind, *parameters]
    ).fetchall()
    books.records.read_references(number for row in rows for number in row[7:9])
    carriers: dict[str, list[tuple[Any, ...]]] = {}
    place = _NAME_PLACES[column]
    for row in rows:
        carriers.setdefault(row[place].casefold() if column == "folded" else row[place], []).append(row)
    found: list[tuple[str, object]] = []
    missing: str | None = None
    seen: set[int] = set()
    for name in names:
        carrying_it = carriers.get((name or "").casefold() if column == "folded" else name or "")
        if carrying_it is None:
            missing = missing if missing is not None else name or ""
        for row in carrying_it or ():
            if row[0] not in seen:
                seen.add(row[0])
                found.append(_shown_transaction(books, row, view))
    return found, missing


def carrying(column: str, names: Sequence[str | None]) -> tuple[str, list[str]]:
    """Return the condition, with its parameters, that a transaction carries one of the names in a column of TRANSACTION_NAMES."""
    wanted = [name or "" for name in names]
    folded = array_of([name.casefold() for name in wanted])
    if column == "ref":
        # RefNumberCaseSensitive still goes by the index, which is without case.
        return f"folded {AMONG} AND ref {AMONG}", [folded, array_of(wanted)]
    return f"{column} {AMONG}", [folded if column == "folded" else array_of(wanted)]


# ---- rows and pages --------------------------------------------------------------------------------------------------------------


def _numbers(books: "Books", column: str, table: str, selection: Selection, limit: int | None) -> Sequence[int]:
    """Return the numbers that a selection holds, in order: eight bytes for each, for an iterator may hold a million."""
    where = selection.planned(books.store, table)
    statement = f"SELECT {column} FROM {table} {where}" + (" LIMIT ?" if limit else "")
    rows = books.store.execute(statement, [*selection.all_parameters, *([limit] if limit else [])])
    return array("q", (row[0] for row in rows))


def _by_numbers(books: "Books", select: str, column: str, numbers: Sequence[int]) -> list[tuple[Any, ...]]:
    """Return rows by number, in the order of the numbers; what was deleted meanwhile is left out."""
    rows: dict[int, tuple[Any, ...]] = {}
    for start in range(0, len(numbers), ROWS_AT_ONCE):
        part = numbers[start : start + ROWS_AT_ONCE]
        for row in books.store.execute(f"{select} WHERE {column} {AMONG}", [array_of(part)]):
            rows[row[0]] = row
    return [rows[number] for number in numbers if number in rows]


def _page(iterators: Iterators, request: Request, session: str, source: Source) -> Result:
    mode, iterator_id = request.attributes["iterator"], request.attributes.get("iteratorID", "")
    page = request.values.get("MaxReturned")
    assert page is None or isinstance(page, int)

    def keys() -> Sequence[Hashable]:
        return source.keys(None)

    if mode == "Stop":
        iterators.stop(session, request.noun, iterator_id)
        return Result(status.of(0), [], {"iteratorRemainingCount": "0", "iteratorID": iterator_id})
    if mode == "Start":
        iterator = iterators.start(session, request.noun, page, keys)
    else:
        iterator = iterators.resume(session, request.noun, iterator_id, page, keys)
    taken = iterators.take(session, iterator)
    attributes = {"iteratorRemainingCount": str(iterator.left), "iteratorID": iterator.iterator_id}
    return _rendered(request, source, taken, attributes)


TRANSACTION_NAMES = {"TxnID": "txn_id", "RefNumber": "folded", "RefNumberCaseSensitive": "ref"}
"""Elements that name transactions, and the column they are looked up in."""

_NAME_PLACES = {"txn_id": 2, "folded": 6, "ref": 6}
"""Where the rows of SELECT_TRANSACTION hold what is looked up in these columns; without case it follows from the number."""
