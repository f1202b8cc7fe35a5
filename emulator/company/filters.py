"""The filters of queries as SQL conditions. One `Selection` collects conditions, parameters and the order of one query.

Documented unless said: names compare without case; a date alone as the end of a range is its last second; ActiveStatus is ActiveOnly
unless the request says otherwise; From after To is 3030 for dates and 3031 for texts. Dates have ranges (documented); what lies outside
is 3020 (our choice: switch company.filter-date-out-of-range). A filter that names an unknown customer,
vendor, account, item or class is answered 3140, as any reference is (switch company.filter-unknown-name-code).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from emulator.company.dates import span_of
from emulator.company.identity import MODIFIED_MAX
from emulator.company.list_rows import LISTS
from emulator.company.lists.names import first_sort_key, sort_keys_starting_with
from emulator.company.migrations import IS_NUMBER, NUMBER_BASE, NUMBER_KEY
from emulator.company.records import Record, Values
from emulator.company.reference_rows import REFERENCES
from emulator.company.refusals import refuse, refuse_as_set
from emulator.company.store import AMONG, Store, array_of
from emulator.company.transaction_rows import TRANSACTIONS
from emulator.qbxml.ranges import is_number, number_key

if TYPE_CHECKING:
    from emulator.company.books import Books

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip

TXN_DATE_MIN = "1901-01-01"
"""The start of the range of From/ToTxnDate; its end, 9999-12-31, is the last date that can be written (documented)."""


FEW: Final = 2_000
"""Rows that are sorted sooner than all of a kind are looked through in their order."""

_FIRST_DAY: Final = """WITH RECURSIVE day (date) AS (
    SELECT min(date) FROM txn WHERE kind = ?1
    UNION ALL SELECT (SELECT min(date) FROM txn WHERE kind = ?1 AND date > day.date) FROM day WHERE day.date IS NOT NULL)
SELECT date FROM day WHERE EXISTS (
    SELECT 1 FROM txn INDEXED BY txn_by_day WHERE kind = ?1 AND txn.date = day.date AND modified BETWEEN ?2 AND ?3) LIMIT 1"""
"""The first day of a kind on which something was changed within a range: a look or two for each day before it."""

LAST_CHARACTER: Final = "\U0010ffff"
"""Comes after everything that a name can go on with."""


@dataclass(frozen=True, slots=True)
class Range:
    """A condition on a column that has an index of its own; `{column}` stands where its column does."""

    column: str
    condition: str
    parameters: tuple[object, ...]

    def text(self, plain: bool = True) -> str:
        """Return the condition; SQLite uses no index for a column that is not plain."""
        return self.condition.format(column=self.column if plain else f"+{self.column}")


@dataclass
class Selection:
    """What a query selects: SQL conditions joined by AND, their parameters, and the order.

    Attributes:
        order: columns of the order.
        within: the condition that every index begins with: the kind or the family.
        in_order: the condition that the index of the order begins with, where that is another one.
        ranges: conditions with an index of their own, apart from the others.
    """

    order: str
    within: tuple[str, object] | None = None
    in_order: tuple[str, object] | None = None
    conditions: list[str] = field(default_factory=list)
    ranges: list[Range] = field(default_factory=list)
    parameters: list[object] = field(default_factory=list)

    def add(self, condition: str, *parameters: object) -> None:
        """Add a condition."""
        self.conditions.append(condition)
        self.parameters += parameters

    def add_range(self, column: str, condition: str, *parameters: object) -> None:
        """Add a condition on a column that has an index of its own."""
        self.ranges.append(Range(column, condition, parameters))

    @property
    def where(self) -> str:
        """The WHERE clause and the order; its parameters are `all_parameters`."""
        return self._where(self.order, [each.text() for each in self.ranges])

    @property
    def all_parameters(self) -> list[object]:
        """The parameters of `where` and of `planned`."""
        parameters = [each[1] for each in (self.within, self.in_order) if each is not None] + self.parameters
        for each in self.ranges:
            parameters += each.parameters
        return parameters

    def planned(self, store: Store, table: str) -> str:
        """Return `where` for a table in which it may select very much or very little.

        SQLite does not know how many rows a range holds, so it is looked up: few are found by the index of the range and sorted; where no
        range is narrow the rows are looked through in their order, and a page of them ends early.
        """
        if self.within is None:
            return self.where
        # The index of the order begins where a range of its own first column does: nothing is sorted for it, be it narrow or wide.
        first = self.order.partition(",")[0]
        narrow = next((each for each in self.ranges if each.column != first and self._is_narrow(store, table, each)), None)
        if narrow is None and first == "date":
            self._begin_at_first_day(store)
        ranges = [each.text(plain=each is narrow or (narrow is None and each.column == first)) for each in self.ranges]
        if narrow is None:
            return self._where(self.order, ranges, by_order=True)
        return self._where(", ".join(f"+{column.strip()}" for column in self.order.split(",")), ranges)

    def _begin_at_first_day(self, store: Store) -> None:
        """Let transactions of a wide range of TimeModified be looked through from the first day that has one: days are few."""
        changed = next((each for each in self.ranges if each.column == "modified"), None)
        if changed is None or any(each.column == "date" for each in self.ranges):
            return
        assert self.within is not None
        row = store.execute(_FIRST_DAY, (self.within[1], *changed.parameters)).fetchone()
        if row is not None:
            self.add_range("date", "{column} >= ?", row[0])

    def _is_narrow(self, store: Store, table: str, each: Range) -> bool:
        assert self.within is not None
        condition, value = self.within
        statement = f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {condition} AND {each.text()} LIMIT {FEW})"
        [[count]] = store.execute(statement, (value, *each.parameters)).fetchall()
        return bool(count < FEW)

    def _where(self, order: str, ranges: list[str], by_order: bool = False) -> str:
        beginning = [each[0] for each in (self.within, self.in_order) if each is not None]
        if by_order and self.in_order is not None:
            beginning[0] = f"+{beginning[0]}"
        return f"WHERE {' AND '.join([*beginning, *self.conditions, *ranges]) or '1'} ORDER BY {order}"


def select_list(books: "Books", family: str, kinds: tuple[str, ...], values: Values) -> Selection:
    """Return the selection of a list query from its filter group."""
    books.references.refuse_absent(values)
    selection = Selection("sort_key", ("family = ?", family))
    if len(kinds) == 1:
        selection.in_order = ("kind = ?", kinds[0])
    elif kinds:
        selection.add(f"kind {AMONG}", array_of(kinds))
    active = values.get("ActiveStatus") or "ActiveOnly"
    if active != "All" and family not in _ALWAYS_ACTIVE:
        selection.add("active = ?", active == "ActiveOnly")
    modified(books, selection, values)
    by_name = books.settings["company.name-filter"] == "name" or family == "to-do"
    text(books, selection, "casefold(name)" if by_name else "folded", values, "Name", "NameFilter", "NameRangeFilter")
    if len(kinds) == 1 and family == "entity" and not by_name:
        _bound_order(selection, kinds[0], values)
    balance = values.get("TotalBalanceFilter")
    if balance:
        selection.add(f"total_cents {_OPERATORS[balance['Operator']]} ?", balance["Amount"] or 0)
    types = values.get("AccountType")
    if types:
        selection.add(f"subtype {AMONG}", array_of(types))
    for names, add in _LIST_FILTERS.items():
        if any(values.get(each) for each in names):
            add(books, selection, values)
    if family == "to-do" and not values.get("DoneStatus"):
        _done_status(books, selection, {"DoneStatus": "NotDoneOnly"})  # its default (documented)
    return selection


def _bound_order(selection: Selection, kind: str, values: Values) -> None:
    """Say where names that a NameFilter or NameRangeFilter selects can stand in the order, so that a page begins there."""
    match, span, noun = values.get("NameFilter") or {}, values.get("NameRangeFilter") or {}, LISTS[kind]
    if match.get("MatchCriterion") == "StartsWith" and match.get("Name"):
        # All of these and no others: what the index of the names could find would have to be sorted.
        selection.ranges = [each for each in selection.ranges if each.column != "folded"]
        first = sort_keys_starting_with(noun, match["Name"].casefold())
        selection.add_range("sort_key", "{column} BETWEEN ? AND ?", first, first + LAST_CHARACTER)
    first_name, last_name = span.get("FromName"), span.get("ToName")
    if first_name and not (last_name and is_number(first_name) and is_number(last_name)):
        selection.add_range("sort_key", "{column} >= ?", first_sort_key(noun, first_name.casefold()))


_ALWAYS_ACTIVE = frozenset({"billing-rate", "lead"})
"""Families whose records are never made inactive: their queries have no ActiveStatus (documented: the schema)."""


def select_transactions(books: "Books", kind: str, values: Values) -> Selection:
    """Return the selection of a transaction query from its filter group."""
    books.references.refuse_absent(values)
    selection = Selection(transaction_order(books), ("kind = ?", kind))
    if values.get("ModifiedDateRangeFilter"):
        modified(books, selection, values["ModifiedDateRangeFilter"])
    if values.get("TxnDateRangeFilter"):
        dates(books, selection, values["TxnDateRangeFilter"])
    if values.get("EntityFilter"):
        numbers = records(books, "CustomerRef", "entity", values["EntityFilter"])
        _entities(selection, kind, numbers)
    if values.get("TimeTrackingEntityFilter"):
        numbers = records(books, "EntityRef", "entity", values["TimeTrackingEntityFilter"])
        selection.add_range("entity", f"{{column}} {AMONG}", array_of(numbers))
    if values.get("AccountFilter"):
        numbers = records(books, "AccountRef", "account", values["AccountFilter"])
        selection.add(f"(account {AMONG} OR {posted('account')})", *[array_of(numbers)] * 2)
    if values.get("ItemFilter"):
        numbers = records(books, "ItemRef", "item", values["ItemFilter"])
        moved = f"number IN (SELECT txn FROM movement WHERE item {AMONG})"
        selection.add(f"({moved} OR {posted('item')})", *[array_of(numbers)] * 2)
    if values.get("SiteFilter"):
        numbers = records(books, "InventorySiteRef", "inventory-site", values["SiteFilter"])
        selection.add(f"number IN (SELECT txn FROM movement WHERE site {AMONG})", array_of(numbers))
    text(books, selection, "folded", values, "RefNumber", "RefNumberFilter", "RefNumberRangeFilter")
    paid = values.get("PaidStatus") or "All"
    if paid != "All":
        selection.add("open_cents = 0" if paid == "PaidOnly" else "open_cents <> 0")
    pending = values.get("PendingStatus") or "All"
    if pending != "All":
        selection.add("pending = ?", pending == "PendingOnly")
    if values.get("CurrencyFilter"):
        currencies(books, selection, values["CurrencyFilter"])
    return selection


def transaction_order(books: "Books") -> str:
    """Return the order of transactions in an answer (switch company.transaction-order)."""
    return "date, number" if books.settings["company.transaction-order"] == "date" else "number"


def posted(column: str) -> str:
    """Return the condition that a transaction posts, or would post, with one of the accounts, items or names in an `array_of`."""
    return f"number IN (SELECT txn FROM entry WHERE {column} {AMONG})"


def _entities(selection: Selection, kind: str, numbers: list[int]) -> None:
    """A transaction without a name in its header goes by the names of its lines (inferred)."""
    if TRANSACTIONS[kind].party:
        selection.add_range("entity", f"{{column}} {AMONG}", array_of(numbers))
    else:
        selection.add(f"number IN (SELECT txn FROM posting WHERE entity {AMONG})", array_of(numbers))


def currencies(books: "Books", selection: Selection, values: Values) -> None:
    """Add the condition of a CurrencyFilter; the company's own currency stands for transactions that name none."""
    numbers = records(books, "CurrencyRef", "currency", values)
    home = books.currencies.home
    or_home = " OR currency IS NULL" if home is not None and home.number in numbers else ""
    selection.add(f"(currency {AMONG}{or_home})", array_of(numbers))


def modified(books: "Books", selection: Selection, values: Values) -> None:
    """Add the condition of From/ToModifiedDate."""
    span = modified_span(books, values)
    if span is not None:
        selection.add_range("modified", "{column} BETWEEN ? AND ?", *span)


def modified_span(books: "Books", values: Values, what: str = "ModifiedDate") -> tuple[int, int] | None:
    """Return the first and last second of a range of DATETIMETYPEs (From and To of `what`), None when neither end is given."""
    first, last = values.get(f"From{what}"), values.get(f"To{what}")
    if not first and not last:
        return None
    for name, given in ((f"From{what}", first), (f"To{what}", last)):
        if given:
            _refuse_outside(books, name, given, books.local_time.within_range(given))
    first_s = books.local_time.filter_s(first) if first else 0
    last_s = books.local_time.filter_s(last, end_of_day=True) if last else MODIFIED_MAX
    if first_s > last_s:
        raise refuse(3030, from_value=first or "", to_value=last or "")
    return first_s, last_s


def _refuse_outside(books: "Books", name: str, given: str, within: bool) -> None:
    if not within and books.settings["company.filter-date-out-of-range"] == "refused":
        raise refuse(3020, field=name, value=given)


def starting_month(books: "Books", year: str = "fiscal") -> int:
    """Return the number of the month in which the fiscal or the tax year of a company begins."""
    return MONTHS.index(str(books.facts.get(f"{year}_year_starts", "January"))) + 1


def macro_span(books: "Books", macro: str) -> tuple[str | None, str | None]:
    """Return the first and last day of a DateMacro, as they are today."""
    by_calendar = books.settings["company.last-span-to-date"] == "same-day"
    span = span_of(macro, books.local_time.today(books.now()), starting_month(books), by_calendar)
    first, last = (day.isoformat() if isinstance(day, date) else None for day in span)
    return first, last


def dates(books: "Books", selection: Selection, values: Values, column: str = "date") -> None:
    """Add the condition of From/ToTxnDate or a DateMacro."""
    first, last = values.get("FromTxnDate"), values.get("ToTxnDate")
    if values.get("DateMacro"):
        first, last = macro_span(books, values["DateMacro"])
    else:
        for name, given in (("FromTxnDate", first), ("ToTxnDate", last)):
            if given:
                _refuse_outside(books, name, given, given >= TXN_DATE_MIN)
    if first and last and first > last:
        raise refuse(3030, from_value=first, to_value=last)
    if column == "date":
        selection.add_range(column, "{column} BETWEEN ? AND ?", first or "", last or LAST_CHARACTER)
        return
    if first:
        selection.add(f"{column} >= ?", first)
    if last:
        selection.add(f"{column} <= ?", last)


def text(books: "Books", selection: Selection, column: str, values: Values, part: str, match_name: str, range_name: str) -> None:
    """Add the conditions of a NameFilter or NameRangeFilter, or of the same for RefNumber.

    A range whose ends are whole numbers holds the whole numbers between them (switch company.range-of-numbers).
    """
    match, span = values.get(match_name), values.get(range_name)
    if match:
        condition = _MATCHES[match["MatchCriterion"]].format(column=column)
        wanted = (match[part] or "").casefold()
        if wanted:  # everything holds the empty text
            selection.add(condition, *[wanted] * condition.count("?"))
            if match["MatchCriterion"] == "StartsWith" and column == "folded":
                selection.add_range(column, "{column} BETWEEN ? AND ?", wanted, wanted + LAST_CHARACTER)
    if span:
        first, last = (span.get(f"{end}{part}") for end in ("From", "To"))
        if first and last and is_number(first) and is_number(last) and books.settings["company.range-of-numbers"] == "numbers":
            _numbers(selection, column, first, last, range_name)
            return
        if first and last and first.casefold() > last.casefold():
            raise refuse(3031, field=range_name, value=f"{first} - {last}")
        if column == "folded":
            selection.add_range(
                column, "{column} BETWEEN ? AND ?", (first or "").casefold(), (last or "").casefold() + LAST_CHARACTER
            )
        elif first:
            selection.add(f"{column} >= ?", first.casefold())
        if last:
            # A name that goes on after the end value still lies within it: To "B" holds "Baker" (inferred).
            folded = last.casefold()
            selection.add(f"substr({column}, 1, ?) <= ?", len(folded), folded)


def _numbers(selection: Selection, column: str, first: str, last: str, range_name: str) -> None:
    from_key, to_key = number_key(first), number_key(last)
    if from_key > to_key:
        raise refuse(3031, field=range_name, value=f"{first} - {last}")
    if range_name == "RefNumberRangeFilter":
        selection.add_range(
            NUMBER_KEY,
            f"{{column}} BETWEEN ? AND ? AND {IS_NUMBER}",
            *(chr(NUMBER_BASE + each[0]) + each[1] for each in (from_key, to_key)),
        )
        return
    digits = f"ltrim({column}, '0')"
    selection.add(f"{column} GLOB '[0-9]*' AND {column} NOT GLOB '*[^0-9]*'")
    selection.add(f"(length({digits}), {digits}) BETWEEN (?, ?) AND (?, ?)", *from_key, *to_key)


def records(books: "Books", name: str, family: str, values: Values) -> list[int]:
    """Return the row numbers of the records a filter names; `name` is the reference element that would."""
    found: list[int] = []
    for list_id in values.get("ListID") or ():
        found.append(_known(books, books.records.by_id(family, list_id or ""), name, list_id).number)
    for full_name in values.get("FullName") or ():
        found.append(_known(books, books.records.by_name(family, full_name or ""), name, full_name).number)
    if values.get("ListIDWithChildren"):
        top = books.records.by_id(family, values["ListIDWithChildren"])
        found += books.records.with_descendants(_known(books, top, name, values["ListIDWithChildren"]))
    if values.get("FullNameWithChildren"):
        top = books.records.by_name(family, values["FullNameWithChildren"])
        found += books.records.with_descendants(_known(books, top, name, values["FullNameWithChildren"]))
    return list(dict.fromkeys(found))


def _known(books: "Books", record: Record | None, name: str, value: str | None) -> Record:
    if record is None:
        slots = {"reference": REFERENCES[name].word, "value": value or "", "object": "query filter", "element": name}
        raise refuse_as_set(books.settings, "company.filter-unknown-name-code", **slots)
    return record


# ---- filters of single lists -----------------------------------------------------------------------------------------------------


def _by_reference(name: str, family: str, filter_name: str) -> Callable[["Books", Selection, Values], None]:
    def add(books: "Books", selection: Selection, values: Values) -> None:
        numbers = records(books, name, family, values[filter_name])
        ids = [books.records.by_number(number).list_id for number in numbers]
        selection.add(f"json_extract(document, '$.{name}.ListID') {AMONG}", array_of(ids))

    return add


def _done_status(_books: "Books", selection: Selection, values: Values) -> None:
    if values["DoneStatus"] != "All":
        selection.add("json_extract(document, '$.IsDone') = ?", values["DoneStatus"] == "DoneOnly")


def _method_type(_books: "Books", selection: Selection, values: Values) -> None:
    types = values["PaymentMethodType"]
    selection.add(f"json_extract(document, '$.PaymentMethodType') {AMONG}", array_of(types))


def _priced_item(books: "Books", selection: Selection, values: Values) -> None:
    item = books.references.find("ItemRef", values["ItemRef"], "query filter")
    selection.add("instr(document, ?) > 0", f'"ItemRef":{{"ListID":"{item.list_id}"')


def _effective(_books: "Books", selection: Selection, values: Values) -> None:
    first, last = values.get("FromEffectiveDate") or "", values.get("ToEffectiveDate") or "9999-12-31"
    if first > last:
        raise refuse(3030, from_value=first, to_value=last)
    selection.add(
        "EXISTS (SELECT 1 FROM json_each(document, '$.RateHistory') WHERE json_extract(value, '$.EffectiveDate') BETWEEN ? AND ?)",
        first,
        last,
    )


_LIST_FILTERS: Mapping[tuple[str, ...], Callable[["Books", Selection, Values], None]] = MappingProxyType(
    {
        ("CurrencyFilter",): _by_reference("CurrencyRef", "currency", "CurrencyFilter"),
        ("ClassFilter",): _by_reference("ClassRef", "class", "ClassFilter"),
        ("DoneStatus",): _done_status,
        ("PaymentMethodType",): _method_type,
        ("ItemRef",): _priced_item,
        ("FromEffectiveDate", "ToEffectiveDate"): _effective,
    }
)
"""The elements of a filter -> what adds its condition."""

_MATCHES = {
    "StartsWith": "substr({column}, 1, length(?)) = ?",
    "Contains": "instr({column}, ?) > 0",
    "EndsWith": "substr({column}, -length(?)) = ?",
}
_OPERATORS = {"LessThan": "<", "LessThanEqual": "<=", "Equal": "=", "GreaterThan": ">", "GreaterThanEqual": ">="}
