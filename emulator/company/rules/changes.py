"""What the Mods of all transactions have in common: finding, keeping what is left out, lines in their order, saving in place.

A Mod names the transaction (3120) and the EditSequence of its last save (3200). What is left out stays; an empty element clears, but for
the few that cannot be cleared (documented; what happens then: switch company.not-clearable). Lines (documented): a list that is left
out stays as it is; of a list that is sent every line to keep is named by its TxnLineID, in the stored order (3290), -1 stands for a new
one, and what is not named is dropped. A TxnLineID the transaction does not have is 3120 (our choice).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from emulator.company.identity import numbered_id
from emulator.company.records import Record, Values
from emulator.company.references import emptied
from emulator.company.refusals import cannot_save, refuse
from emulator.company.store import encoded
from emulator.company.transactions import Draft, Transaction, by_id, line_dicts, refuse_closed

if TYPE_CHECKING:
    from emulator.company.books import Books

NEW_LINE = "-1"
"""The TxnLineID of a line that is to be added (documented)."""

_IDENTITY = frozenset({"TxnID", "EditSequence"})


def found(books: "Books", kind: str, values: Values) -> Transaction:
    """Return the transaction that a Mod is about, as it stands.

    Raises:
        Refusal: 3120, 3200, 3171 for one of closed books, 3180 for the opening balance of a name, which has no lines to work with.
    """
    before = by_id(books, values.get("TxnID"))
    if before is None or before.kind != kind:
        raise refuse(3120, value=values.get("TxnID") or "")
    if values.get("EditSequence") != str(before.modified):
        raise refuse(3200, value=values.get("EditSequence") or "")
    refuse_closed(books, kind, before.date)
    if before.amount_cents and not before.lines:
        raise cannot_save(kind, "An opening balance cannot be changed.")
    return before


def header(books: "Books", before: Transaction, party: str, values: Values, fixed: frozenset[str]) -> Values:
    """Return the whole header in the shape of an Add: as it stands, changed by what the Mod says. `fixed` cannot be cleared."""
    whole: Values = {
        **before.document,
        party: books.records.by_number(before.entity).reference,
        "TxnDate": before.date,
        "RefNumber": before.ref or None,
        "IsPending": before.pending,
    }
    merges = books.settings["company.mod-aggregate"] == "merged"
    for name, value in changed(books, values, fixed).items():
        if name in _IDENTITY or "Line" in name:
            continue
        old = whole.get(name)
        if isinstance(value, dict) and isinstance(old, dict) and not name.endswith("Ref") and merges:
            value = {part: kept for part, kept in {**old, **value}.items() if kept is not None}
        whole[name] = value
    return whole


def changed(books: "Books", values: Values, fixed: frozenset[str]) -> Values:
    """Return the values of a Mod or of one of its lines with everything empty as None; what cannot be cleared is refused (3150) or left out."""
    result: Values = {}
    for name, value in values.items():
        plain = emptied(name, value)
        if plain is None and name in fixed:
            if books.settings["company.not-clearable"] == "refused":
                raise refuse(3150, field=name)
            continue
        result[name] = plain
    return result


def matched(stored: list[Values], sent: list[Any] | None) -> Iterator[tuple[str, Values, int | None]]:
    """Yield the lines as they are to be: element name (empty for one that stays), what is said of it, and its place among the stored ones.

    Args:
        stored: the lines as they stand.
        sent: the list of the Mod; None when it was left out: then every line stays.
    """
    if sent is None:
        yield from (("", {}, place) for place in range(len(stored)))
        return
    places = {line["TxnLineID"]: place for place, line in enumerate(stored)}
    last = -1
    for entry in sent:
        name, line = entry if isinstance(entry, tuple) else ("", entry)
        line_id = line.get("TxnLineID") or ""
        said = {part: value for part, value in line.items() if part != "TxnLineID"}
        if line_id == NEW_LINE:
            yield name, said, None
            continue
        if line_id not in places:
            raise refuse(3120, value=line_id)
        if places[line_id] <= last:
            raise refuse(3290, value=line_id)
        last = places[line_id]
        yield name, said, last


def figures(stored: Values, said: Values, rate: str) -> Values:
    """Return the quantity, rate and amount of a line in the shape of an Add; `rate` is the name of its rate (Rate or Cost).

    The amount is worked out anew when quantity or rate are said without it; a percentage acts on the line above as it is now.
    """
    names = ("Quantity", rate, "RatePercent", "Amount")
    given = {name: said[name] for name in names if said.get(name) is not None}
    quantity = {"Quantity": stored["Quantity"]} if "Quantity" in stored else {}
    if "Amount" in given or rate in given or "RatePercent" in given:
        return {**quantity, **given}
    if "RatePercent" in stored:
        return {"RatePercent": stored["RatePercent"]}
    return {**quantity, **given, **({rate: stored[rate]} if rate in stored else {})}


def posted_accounts(books: "Books", before: Transaction) -> list[Record]:
    """Return the accounts of a transaction's ledger rows in the order of its lines, without its receivable or payable one."""
    rows = books.store.execute("SELECT account FROM posting WHERE txn = ? ORDER BY line", (before.number,)).fetchall()
    return [books.records.by_number(row[0]) for row in rows[1:]]


def applied_cents(books: "Books", before: Transaction, draft: Draft, account: str) -> int:
    """Return what has been paid or credited of a transaction, which its new form must leave room for (3180, our choice).

    What is linked also keeps its customer and its receivable account (`account` names the element), and cannot become pending.
    """
    cents = before.amount_cents - before.open_cents
    linked = books.store.execute("SELECT 1 FROM application WHERE target = ? LIMIT 1", (before.number,)).fetchone()
    if linked is None:
        return cents
    moved = draft.entity.number != before.entity or draft.document[account]["ListID"] != before.document[account]["ListID"]
    if moved or draft.pending:
        raise cannot_save(before.kind, "It is linked to another transaction.")
    if draft.amount_cents < cents:
        raise cannot_save(before.kind, "The amount is less than what has been applied to it.")
    return cents


def save_again(books: "Books", before: Transaction, draft: Draft) -> Transaction:
    """Write a transaction in its new form under its old identity, and post it anew. Call inside `atomic`.

    Lines whose TxnLineID is empty are new and get one.
    """
    now = books.now()
    new_lines = [line for line in line_dicts(draft.lines) if line.get("TxnLineID") == ""]
    if new_lines:
        own_counter = books.settings["company.transaction-line-id-counter"] == "own"
        first = books.counters.next("TxnLineID" if own_counter else "TxnID", count=len(new_lines))
        for place, line in enumerate(new_lines):
            line["TxnLineID"] = numbered_id(first + place, now)
    if "ExternalGUID" in before.document:
        draft.document["ExternalGUID"] = before.document["ExternalGUID"]
    modified = max(now, before.modified)
    books.ledger.take_back(before.number)
    books.store.execute(
        "UPDATE txn SET modified = ?, date = ?, ref = ?, folded = ?, entity = ?, amount_cents = ?, open_cents = ?, pending = ?,"
        " document = ?, lines = ? WHERE number = ?",
        (
            modified, draft.date, draft.ref, draft.ref.casefold(), draft.entity.number, draft.amount_cents, draft.open_cents,
            draft.pending, encoded(draft.document), encoded(draft.lines), before.number,
        ),
    )  # fmt: skip
    if draft.postings:
        books.ledger.post(before.number, draft.postings)
    books.counters.write()
    return Transaction(
        before.number, before.kind, before.txn_id, before.created, modified, draft.date, draft.ref, draft.entity.number,
        draft.amount_cents, draft.open_cents, draft.pending, draft.document, draft.lines,
    )  # fmt: skip
