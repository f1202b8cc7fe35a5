"""The rows of a detail report in their groups: by account, name, item and the like, by spans of time, by transaction."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from emulator.company.records import Record, Values
from emulator.company.reports.chosen import EARNING, Chosen, one_of
from emulator.company.reports.detail_kinds import Kind, everything
from emulator.company.reports.grid import DIMENSIONS, Dimension, Key, label_of, record_of
from emulator.company.reports.period import UNITS, Period, over_column, spans_with

if TYPE_CHECKING:
    from emulator.company.books import Books

_SELECT: Final = (
    "e.txn, e.account, e.entity, e.item, e.class, {amount}, e.home_cents, e.quantity, e.line_id, e.cleared, {group}, {{day}}"
)


@dataclass
class Group:
    """Rows that stand together, with what they have in common; `key` is that in SQL, `label` in words, `record` what it stands for."""

    key: Key
    label: str
    record: Record | None
    rows: list[tuple[Any, ...]]


def groups_of(chosen: Chosen, by: str, amount: str, period: Period, whole: bool, starts: int) -> list[Group]:
    """Return the chosen rows in their groups; a transaction that is told whole stands in one of them, once (inferred)."""
    books = chosen.books
    if by in UNITS:
        return _by_time(chosen, amount, period, by, starts)
    dimension = Dimension("e.txn") if by == "Transaction" else DIMENSIONS.get(by, Dimension("''"))
    rows = chosen.rows(_SELECT.format(amount=amount, group=dimension.key), period, "ORDER BY {day}, e.txn, e.line")
    if whole:
        # It belongs where the first of its rows does that belongs anywhere: the row of its own account and name comes first.
        homes: dict[int, Key] = {}
        for each in rows:
            if homes.get(each[0]) is None:
                homes[each[0]] = each[10]
        rows = [each for each in rows if each[10] == homes[each[0]]]
    found: dict[Key, list[tuple[Any, ...]]] = {}
    for each in rows:
        found.setdefault(each[10], []).append(each)
    if by == "Transaction" or not dimension.family:
        labels = {key: "" if by == "Transaction" or key == "" else label_of(books, dimension, key) for key in found}
        return [Group(key, labels[key], None, part) for key, part in found.items()]
    order = _order(books, dimension)
    return [
        Group(key, label_of(books, dimension, key), record_of(books, dimension, key), part)
        for key, part in sorted(found.items(), key=lambda each: order.get(each[0], len(order)))
    ]


def _order(books: "Books", dimension: Dimension) -> dict[Key, int]:
    column = "list_id" if dimension.by_id else "record"
    rows = books.store.execute(
        f"SELECT {column} FROM list_record WHERE family = ? ORDER BY sort_key", (dimension.family,)
    ).fetchall()
    return {row[0]: place for place, row in enumerate(rows)}


def _by_time(chosen: Chosen, amount: str, period: Period, unit: str, starts: int) -> list[Group]:
    rows = chosen.rows(_SELECT.format(amount=amount, group="NULL"), period, "ORDER BY {day}, e.txn, e.line")
    if not rows:
        return []
    days = sorted({row[11] for row in rows})
    groups = []
    place = 0
    for span in spans_with([date.fromisoformat(day) for day in days], period, unit, starts):
        first = place
        while place < len(rows) and rows[place][11] <= span.last.isoformat():
            place += 1
        groups.append(Group(over_column(span), over_column(span), None, rows[first:place]))
    return groups


def with_opening(chosen: Chosen, row: Kind, groups: list[Group], opening: dict[Any, int], values: Values) -> list[Group]:
    """Add the accounts that have a balance from before, and those without anything where all are told (IncludeAccounts)."""
    books = chosen.books
    wanted, parameters = "", []
    if values.get("ReportAccountFilter"):
        condition, parameter = one_of(books, "ReportAccountFilter", values["ReportAccountFilter"])
        wanted, parameters = f" AND record {condition}", [parameter]
    rows = books.store.execute(
        f"SELECT record, subtype FROM list_record WHERE family = 'account' AND subtype <> 'NonPosting'{wanted} ORDER BY sort_key",
        parameters,
    ).fetchall()
    found = {group.key: group for group in groups}
    # Accounts that a narrower question leaves without rows are not told (inferred).
    are_all_told = row.opens and values.get("IncludeAccounts") != "InUse" and chosen.is_of_accounts_only
    result = []
    for number, subtype in rows:
        if number in found:
            result.append(found.pop(number))
        elif opening.get(number) or (are_all_told and (row.choose is everything or subtype not in EARNING)):
            record = books.records.by_number(number)
            result.append(Group(number, record.full_name, record, []))
    return [*result, *found.values()]
