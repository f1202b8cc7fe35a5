"""A transaction as it is asked for, in one shape for Add and Mod, so that each rule works it out once.

An Add asks for everything. A Mod names the transaction (3120) and the EditSequence of its last save (3200); what it leaves out stays; an
empty element clears, but for the few that cannot be cleared (documented; what happens then: switch company.not-clearable). Lines
(documented): a list that is left out stays as it is; of a list that is sent every line to keep is named by its TxnLineID, in the stored
order (3290), -1 stands for a new one, and what is not named is dropped. A TxnLineID the transaction does not have, or that of a group in the
place of a line, is 3120 (inferred: an object that is not found).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from emulator.company.nouns import LineList
from emulator.company.numbering import refuse_closed
from emulator.company.records import Record, Values
from emulator.company.references import emptied
from emulator.company.refusals import cannot_save, refuse
from emulator.company.transaction_rows import TRANSACTIONS
from emulator.company.transactions import Transaction, by_id, by_number, part_of_group

if TYPE_CHECKING:
    from emulator.company.books import Books

NEW_LINE = "-1"
"""The TxnLineID of a line that is to be added (documented)."""

_IDENTITY = frozenset({"TxnID", "EditSequence"})

FIGURES = frozenset({"Quantity", "Rate", "Cost", "RatePercent", "Amount", "PriceLevelRef", "MarkupRate", "MarkupRatePercent"})
"""Elements of a line that its amount follows from."""


@dataclass(slots=True)
class Line:
    """One line as it is asked for.

    Attributes:
        name: its element in the answer.
        said: what is asked of it, in the shape of an Add; everything empty is None.
        stored: the line as it stands, or the line of an order that is taken over as it is; empty for a new one.
        account: where it posts now; None for a new line, or one that posts nowhere.
        parts: the lines of a group; None when they are those of the item group itself.
        order: the order and the TxnLineID of its line that this one fulfils.
    """

    name: str
    said: Values
    stored: Values = field(default_factory=dict)
    account: Record | None = None
    parts: list["Line"] | None = None
    order: tuple[Transaction, str] | None = None

    @property
    def line_id(self) -> str:
        """Its TxnLineID, "" for a new one."""
        return str(self.stored.get("TxnLineID", ""))

    @property
    def is_group(self) -> bool:
        """Whether it is a line of an item group."""
        return "Group" in self.name

    @property
    def figures_said(self) -> bool:
        """Whether anything is said that changes its amount."""
        return not self.stored or any(self.said.get(name) is not None for name in FIGURES)

    def value(self, name: str) -> Any:
        """Return an element of the line as it is to be: what is said of it, else what stands."""
        return self.said[name] if name in self.said else self.stored.get(name)

    def whole(self, without: frozenset[str] = frozenset()) -> Values:
        """Return the line as it is to be, without its identity, the elements named, and what is cleared."""
        merged = {**self.stored, **self.said}
        return {
            name: value for name, value in merged.items() if value is not None and name not in without and name != "TxnLineID"
        }


@dataclass(slots=True)
class Form:
    """A transaction as it is asked for.

    Attributes:
        kind: the noun.
        header: the header in the shape of an Add: for a Mod as it stands, changed by what is said.
        lines: answer key -> lines; once they are worked out, as they are saved, with what links to orders have brought or passed over.
        before: the transaction of a Mod, as it stands.
        said: for a Mod only what it says itself; for an Add the same as `header`.
    """

    kind: str
    header: Values
    lines: dict[str, list[Line]]
    before: Transaction | None = None
    said: Values = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """Whether it is an Add."""
        return self.before is None


def form_of_add(kind: str, values: Values) -> Form:
    """Return the form of an Add; `values` is its aggregate."""
    lines: dict[str, list[Line]] = {}
    for each in TRANSACTIONS[kind].lines:
        lines[each.ret] = [_new_line(*entry) for entry in _entries(values.get(each.add), each.add)]
    return Form(kind, values, lines, None, values)


def form_of_mod(books: "Books", kind: str, values: Values) -> Form:
    """Return the form of a Mod; `values` is its aggregate.

    Raises:
        Refusal: 3120, 3150, 3171, 3180, 3200, 3290.
    """
    noun = TRANSACTIONS[kind]
    before = by_id(books, values.get("TxnID"))
    if before is None or before.kind != kind:
        raise refuse(3120, value=values.get("TxnID") or "")
    if values.get("EditSequence") != str(before.modified):
        raise refuse(3200, value=values.get("EditSequence") or "")
    refuse_closed(books, kind, before.date)
    if before.amount_cents and noun.lines and not before.lines:
        # The opening balance of a name, which has no lines to work with (switch company.opening-balance-mod).
        raise cannot_save(kind, "An opening balance cannot be changed.")
    said = _said(books, values, noun.fixed)
    lines = {}
    reading = _Reading(books, before)
    for each in noun.lines:
        stored = [reading.line(*entry) for entry in _entries(before.lines.get(each.ret), each.ret)]
        sent = said.get(each.mod)
        # A Clear flag drops the whole list; lines sent beside it are worked through as ever (the schema lets both pass).
        if each.clear and said.get(each.clear):
            sent = sent or []
        lines[each.ret] = stored if sent is None else list(_matched(books, each, stored, sent))
    header = _header(books, before, noun.party, noun.account, noun.date, said)
    return Form(kind, header, lines, before, said)


def _entries(lines: list[Any] | None, key: str) -> Iterator[tuple[str, Values]]:
    for entry in lines or ():
        yield entry if isinstance(entry, tuple) else (key, entry)


@cache
def _answer_name(name: str) -> str:
    """Return the element in the answer of an element of an Add or Mod; there are as many as the schema has."""
    for ending in ("Add", "Mod"):
        if name.endswith(ending):
            return name.removesuffix(ending) + "Ret"
    return name


def _new_line(name: str, said: Values) -> Line:
    return Line(_answer_name(name), said)


class _Reading:
    """Reads the lines of a transaction as they stand, with where they post and what they fulfil."""

    def __init__(self, books: "Books", before: Transaction) -> None:
        rows = books.store.execute(
            "SELECT line_id, account FROM (SELECT account, line, line_id FROM posting WHERE txn = ?1"
            " UNION ALL SELECT account, line, line_id FROM unposted WHERE txn = ?1) ORDER BY line DESC",
            (before.number,),
        ).fetchall()
        # Of several rows of a line the first one counts: its income or expense, before its cost.
        self._accounts = {line_id: books.records.by_number(account) for line_id, account in rows}
        self._orders = {
            line_id: (by_number(books, order), order_line)
            for line_id, order, order_line in books.store.execute(
                "SELECT line_id, order_txn, order_line FROM fulfilment WHERE txn = ?", (before.number,)
            ).fetchall()
        }

    def line(self, name: str, stored: Values) -> Line:
        line_id = stored.get("TxnLineID", "")
        line = Line(name, {}, stored, self._accounts.get(line_id), order=self._orders.get(line_id))
        if line.is_group:
            inner = part_of_group(name)
            line.parts = [self.line(inner, part) for part in stored.get(inner, ())]
        return line


def _said(books: "Books", values: Values, fixed: frozenset[str]) -> Values:
    """Return the values of a Mod or of one of its lines with everything empty as None; what cannot be cleared is 3150 or left out."""
    result: Values = {}
    for name, value in values.items():
        plain = emptied(name, value)
        if plain is None and name in fixed:
            if books.settings["company.not-clearable"] == "refused":
                raise refuse(3150, field=name)
            continue
        result[name] = plain
    return result


def _header(books: "Books", before: Transaction, party: str, account: str, date: str, said: Values) -> Values:
    """Return the whole header in the shape of an Add: as it stands, changed by what the Mod says."""
    whole: Values = {**before.document, date: before.date, "RefNumber": before.ref or None, "IsPending": before.pending}
    for name, number in ((party, before.entity), (account, before.account)):
        if name and number is not None:
            whole[name] = books.records.by_number(number).reference
    merges = books.settings["company.mod-aggregate"] == "merged"
    for name, value in said.items():
        if name in _IDENTITY or "Line" in name:
            continue
        old = whole.get(name)
        if isinstance(value, dict) and isinstance(old, dict) and not name.endswith("Ref") and merges:
            value = {part: kept for part, kept in {**old, **value}.items() if kept is not None}
        whole[name] = value
    return whole


def _matched(books: "Books", row: LineList, stored: list[Line], sent: list[Any]) -> Iterator[Line]:
    """Yield the lines of a list that was sent, as they are to be."""
    places = {line.line_id: place for place, line in enumerate(stored)}
    last = -1
    for name, said in _entries(sent, row.mod):
        line_id = said.get("TxnLineID") or ""
        asked = _said(books, {part: value for part, value in said.items() if part != "TxnLineID"}, row.fixed)
        inner = part_of_group(name)
        sent_parts = asked.pop(inner, None) if "Group" in name else None
        if line_id == NEW_LINE:
            yield Line(_answer_name(name), asked, parts=_new_parts(books, row, inner, sent_parts))
            continue
        if line_id not in places:
            raise refuse(3120, value=line_id)
        if places[line_id] <= last:
            raise refuse(3290, value=line_id)
        last = places[line_id]
        line = stored[last]
        if ("Group" in name) != line.is_group:
            raise refuse(3120, value=line_id)
        if sent_parts is not None and line.is_group:
            part_row = LineList("", inner, line.name, fixed=row.fixed)
            line.parts = list(_matched(books, part_row, line.parts or [], sent_parts))
        line.said = asked
        yield line


def _new_parts(books: "Books", row: LineList, inner: str, sent: list[Any] | None) -> list[Line] | None:
    return None if sent is None else list(_matched(books, LineList("", inner, "", fixed=row.fixed), [], sent))
