"""The filters of queries as SQL conditions. One `Selection` collects conditions, parameters and the order of one query.

Documented unless said: names compare without case; a date alone as the end of a range is its last second; ActiveStatus is ActiveOnly
unless the request says otherwise; From after To is 3030 for dates and 3031 for texts. Dates have ranges (documented); what lies outside
is 3020 (our choice: switch company.filter-date-out-of-range). A filter that names an unknown customer,
vendor or account is answered 3140 (our choice: the same as any reference).
"""

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from emulator.company.dates import span_of
from emulator.company.identity import MODIFIED_MAX
from emulator.company.nouns import REFERENCES
from emulator.company.records import Record, Values
from emulator.company.refusals import refuse

if TYPE_CHECKING:
    from emulator.company.books import Books

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip

TXN_DATE_MIN = "1901-01-01"
"""The start of the range of From/ToTxnDate; its end, 9999-12-31, is the last date that can be written (documented)."""


@dataclass
class Selection:
    """What a query selects: SQL conditions joined by AND, their parameters, and the order."""

    order: str
    conditions: list[str] = field(default_factory=list)
    parameters: list[object] = field(default_factory=list)

    def add(self, condition: str, *parameters: object) -> None:
        """Add a condition."""
        self.conditions.append(condition)
        self.parameters += parameters

    @property
    def where(self) -> str:
        """The WHERE clause and the order."""
        return f"WHERE {' AND '.join(self.conditions)} ORDER BY {self.order}"


def select_list(books: "Books", family: str, kinds: tuple[str, ...], values: Values) -> Selection:
    """Return the selection of a list query from its filter group."""
    selection = Selection("sort_key")
    selection.add("family = ?", family)
    if kinds:
        selection.add(f"kind IN ({_marks(len(kinds))})", *kinds)
    active = values.get("ActiveStatus") or "ActiveOnly"
    if active != "All":
        selection.add("active = ?", active == "ActiveOnly")
    _modified(books, selection, values)
    by_name = books.settings["company.name-filter"] == "name"
    _text(selection, "lower(name)" if by_name else "folded", values, "Name", "NameFilter", "NameRangeFilter")
    balance = values.get("TotalBalanceFilter")
    if balance:
        selection.add(f"total_cents {_OPERATORS[balance['Operator']]} ?", balance["Amount"] or 0)
    types = values.get("AccountType")
    if types:
        selection.add(f"json_extract(document, '$.AccountType') IN ({_marks(len(types))})", *types)
    _refuse_features_off(values)
    return selection


def select_transactions(books: "Books", kind: str, values: Values) -> Selection:
    """Return the selection of a transaction query from its filter group."""
    by_date = books.settings["company.transaction-order"] == "date"
    selection = Selection("date, number" if by_date else "number")
    selection.add("kind = ?", kind)
    if values.get("ModifiedDateRangeFilter"):
        _modified(books, selection, values["ModifiedDateRangeFilter"])
    if values.get("TxnDateRangeFilter"):
        _dates(books, selection, values["TxnDateRangeFilter"])
    if values.get("EntityFilter"):
        numbers = _records(books, "CustomerRef", "entity", values["EntityFilter"])
        selection.add(f"entity IN ({_marks(len(numbers))})", *numbers)
    if values.get("AccountFilter"):
        numbers = _records(books, "AccountRef", "account", values["AccountFilter"])
        posts_there = f"SELECT txn FROM posting WHERE account IN ({_marks(len(numbers))})"  # noqa: S608 - question marks only
        selection.add(f"number IN ({posts_there})", *numbers)
    _text(selection, "folded", values, "RefNumber", "RefNumberFilter", "RefNumberRangeFilter")
    paid = values.get("PaidStatus") or "All"
    if paid != "All":
        selection.add("open_cents = 0" if paid == "PaidOnly" else "open_cents <> 0")
    _refuse_features_off(values)
    return selection


def _refuse_features_off(values: Values) -> None:
    if values.get("CurrencyFilter") or values.get("ClassFilter"):
        raise refuse(3250)


def _modified(books: "Books", selection: Selection, values: Values) -> None:
    first, last = values.get("FromModifiedDate"), values.get("ToModifiedDate")
    if not first and not last:
        return
    for name, given in (("FromModifiedDate", first), ("ToModifiedDate", last)):
        if given:
            _refuse_outside(books, name, given, books.local_time.within_range(given))
    first_s = books.local_time.filter_s(first) if first else 0
    last_s = books.local_time.filter_s(last, end_of_day=True) if last else MODIFIED_MAX
    if first_s > last_s:
        raise refuse(3030, from_value=first or "", to_value=last or "")
    selection.add("modified BETWEEN ? AND ?", first_s, last_s)


def _refuse_outside(books: "Books", name: str, given: str, within: bool) -> None:
    if not within and books.settings["company.filter-date-out-of-range"] == "refused":
        raise refuse(3020, field=name, value=given)


def _dates(books: "Books", selection: Selection, values: Values) -> None:
    first, last = values.get("FromTxnDate"), values.get("ToTxnDate")
    if values.get("DateMacro"):
        fiscal_month = MONTHS.index(str(books.facts.get("fiscal_year_starts", "January"))) + 1
        span = span_of(values["DateMacro"], books.local_time.today(books.now()), fiscal_month)
        first, last = (day.isoformat() if isinstance(day, date) else None for day in span)
    else:
        for name, given in (("FromTxnDate", first), ("ToTxnDate", last)):
            if given:
                _refuse_outside(books, name, given, given >= TXN_DATE_MIN)
    if first and last and first > last:
        raise refuse(3030, from_value=first, to_value=last)
    if first:
        selection.add("date >= ?", first)
    if last:
        selection.add("date <= ?", last)


def _text(selection: Selection, column: str, values: Values, part: str, match_name: str, range_name: str) -> None:
    match, span = values.get(match_name), values.get(range_name)
    if match:
        condition = _MATCHES[match["MatchCriterion"]].format(column=column)
        wanted = (match[part] or "").casefold()
        if wanted:  # everything holds the empty text
            selection.add(condition, *[wanted] * condition.count("?"))
    if span:
        first, last = (span.get(f"{end}{part}") for end in ("From", "To"))
        if first and last and first.casefold() > last.casefold():
            raise refuse(3031, field=range_name, value=f"{first} - {last}")
        if first:
            selection.add(f"{column} >= ?", first.casefold())
        if last:
            # A name that goes on after the end value still lies within it: To "B" holds "Baker" (inferred).
            selection.add(f"substr({column}, 1, ?) <= ?", len(last), last.casefold())


def _records(books: "Books", name: str, family: str, values: Values) -> list[int]:
    """Return the row numbers of the records an EntityFilter or AccountFilter names."""
    found: list[int] = []
    for list_id in values.get("ListID") or ():
        found.append(_known(books.records.by_id(family, list_id), name, list_id).number)
    for full_name in values.get("FullName") or ():
        found.append(_known(books.records.by_name(family, full_name), name, full_name).number)
    if values.get("ListIDWithChildren"):
        top = books.records.by_id(family, values["ListIDWithChildren"])
        found += books.records.with_descendants(_known(top, name, values["ListIDWithChildren"]))
    if values.get("FullNameWithChildren"):
        top = books.records.by_name(family, values["FullNameWithChildren"])
        found += books.records.with_descendants(_known(top, name, values["FullNameWithChildren"]))
    return found


def _known(record: Record | None, name: str, value: str) -> Record:
    if record is None:
        raise refuse(3140, reference=REFERENCES[name].word, value=value, object="query filter")
    return record


def _marks(count: int) -> str:
    return ", ".join("?" * count)


_MATCHES = {
    "StartsWith": "substr({column}, 1, length(?)) = ?",
    "Contains": "instr({column}, ?) > 0",
    "EndsWith": "substr({column}, -length(?)) = ?",
}
_OPERATORS = {"LessThan": "<", "LessThanEqual": "<=", "Equal": "=", "GreaterThan": ">", "GreaterThanEqual": ">="}
