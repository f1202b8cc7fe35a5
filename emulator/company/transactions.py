"""Transactions: what all kinds have in common - numbers, dates, saving, and the values of an answer.

A rule (rules/) turns a request into a `Draft`; `save` gives it its identity, writes it and posts it, all in one SQLite transaction.
Formats: amounts cents, dates `YYYY-MM-DD`, moments unix seconds.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from emulator.company.identity import numbered_id
from emulator.company.ledger import Posting
from emulator.company.nouns import TRANSACTIONS, TransactionNoun
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save, refuse
from emulator.company.store import encoded

if TYPE_CHECKING:
    from emulator.company.books import Books

_COLUMNS = "number, kind, txn_id, created, modified, date, ref, entity, amount_cents, open_cents, pending, document, lines"
SELECT_TRANSACTION = f"SELECT {_COLUMNS} FROM txn"  # noqa: S608 - a constant

_TRAILING_DIGITS = re.compile(r"\d+$")

REF_LENGTHS = {"Invoice": 11, "CreditMemo": 11, "ReceivePayment": 20, "Bill": 20}
"""Characters a RefNumber may have (documented); a next number that would not fit starts again at 1 (our choice)."""


@dataclass(slots=True)
class Transaction:
    """One transaction as it stands in the file. `lines` is decoded only when asked for."""

    number: int
    kind: str
    txn_id: str
    created: int
    modified: int
    date: str
    ref: str
    entity: int
    amount_cents: int
    open_cents: int
    pending: bool
    document: Values
    lines: Values

    @property
    def is_open(self) -> bool:
        """Whether something of it can be paid."""
        return self.open_cents > 0 and not self.pending

    @property
    def is_credit(self) -> bool:
        """Whether it can be applied to an invoice: a credit memo or a payment that counts."""
        return self.kind in ("CreditMemo", "ReceivePayment") and not self.pending


@dataclass(slots=True)
class Draft:
    """A transaction that has passed its rules and is about to be saved.

    Attributes:
        kind: the noun.
        entity: customer or vendor.
        date: TxnDate.
        ref: RefNumber, "" for blank.
        amount_cents: its total.
        open_cents: what is left to pay, or left of a credit or payment.
        pending: does not post and does not count (switch company.pending-balance).
        document: answer fields of the header that stay as saved.
        lines: answer key -> lines, in the shape of qbxml's values; TxnLineIDs are given by `save`.
        postings: rows of the ledger, summing to zero.
        guid: ExternalGUID or None.
    """

    kind: str
    entity: Record
    date: str
    ref: str
    amount_cents: int
    open_cents: int
    document: Values
    lines: dict[str, list[Any]] = field(default_factory=dict)
    postings: Sequence[Posting] = ()
    pending: bool = False
    guid: str | None = None


@dataclass(slots=True)
class Applied:
    """Part of a payment or credit that goes to an invoice. Amounts in cents."""

    target: Transaction
    cents: int
    discount_cents: int = 0
    discount_account: Record | None = None


def save(books: "Books", draft: Draft) -> Transaction:
    """Give a draft its identity, write it and post it. Call inside `atomic`.

    TxnID and TxnLineIDs are numbered from one counter (switch company.transaction-line-id-counter); the number after the TxnID is the
    receivable or payable line that no answer shows.
    """
    books.guids.refuse_taken(draft.guid, draft.kind)
    now = books.now()
    counters = books.counters
    own_counter = books.settings["company.transaction-line-id-counter"] == "own"
    lines = list(line_dicts(draft.lines))
    if own_counter:
        txn_id = numbered_id(counters.next("TxnID"), now)
        line_counter = counters.next("TxnLineID", count=len(lines) + 1) + 1
    else:
        first = counters.next("TxnID", count=len(lines) + 2)
        txn_id, line_counter = numbered_id(first, now), first + 2
    for place, line in enumerate(lines):
        if "TxnLineID" in line:
            line["TxnLineID"] = numbered_id(line_counter + place, now)
    number = counters.next("TxnNumber")
    if draft.guid:
        draft.document["ExternalGUID"] = draft.guid
    books.store.execute(
        "INSERT INTO txn VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number, draft.kind, txn_id, now, now, draft.date, draft.ref, draft.ref.casefold(), draft.entity.number,
            draft.amount_cents, draft.open_cents, draft.pending,
            encoded(draft.document), encoded(draft.lines),
        ),
    )  # fmt: skip
    if draft.postings:
        books.ledger.post(number, draft.postings)
    books.guids.keep(draft.guid, txn_id)
    counters.write()
    return Transaction(
        number, draft.kind, txn_id, now, now, draft.date, draft.ref, draft.entity.number, draft.amount_cents, draft.open_cents,
        draft.pending, draft.document, draft.lines,
    )  # fmt: skip


def unsaved(books: "Books", draft: Draft) -> Transaction:
    """Return what a request did without becoming a transaction: it has no identity, and its answer shows none."""
    now = books.now()
    return Transaction(
        0, draft.kind, "", now, now, draft.date, draft.ref, draft.entity.number, draft.amount_cents, draft.open_cents,
        draft.pending, draft.document, {},
    )  # fmt: skip


def line_dicts(lines: dict[str, list[Any]]) -> Iterable[Values]:
    """Yield the values of every line, whatever its list looks like."""
    for each in lines.values():
        for line in each:
            yield line[1] if isinstance(line, tuple) else line


def from_row(row: tuple[Any, ...], with_lines: bool = True) -> Transaction:
    """Return the transaction of a row of SELECT_TRANSACTION."""
    number, kind, txn_id, created, modified, day, ref, entity, amount_cents, open_cents, pending, document, lines = row
    return Transaction(
        number, kind, txn_id, created, modified, day, ref, entity, amount_cents, open_cents, bool(pending),
        json.loads(document), decoded_lines(lines) if with_lines else {},
    )  # fmt: skip


def decoded_lines(text: str) -> Values:
    """Return stored lines in the shape of qbxml's values: the entries of a repeated choice are (element name, value) tuples."""
    lines: dict[str, list[Any]] = json.loads(text)
    return {key: [tuple(line) for line in each] if "|" in key else each for key, each in lines.items()}


def by_id(books: "Books", txn_id: str | None) -> Transaction | None:
    """Return the transaction with a TxnID, or None."""
    row = books.store.execute(f"{SELECT_TRANSACTION} WHERE txn_id = ?", (txn_id,)).fetchone()
    return from_row(row) if row else None


def open_parts(books: "Books", kind: str, entities: Sequence[int]) -> list[Transaction]:
    """Return the transactions of a kind that have something open, oldest first."""
    marks = ", ".join("?" * len(entities))
    rows = books.store.execute(
        f"{SELECT_TRANSACTION} WHERE entity IN ({marks}) AND kind = ? AND open_cents <> 0 AND NOT pending ORDER BY date, number",
        (*entities, kind),
    )
    return [from_row(row, with_lines=False) for row in rows.fetchall()]


def change_open(books: "Books", transaction: Transaction, by_cents: int, touch: bool) -> None:
    """Change what is left of a transaction. Call inside `atomic`. `touch` is a save of the record: it changes TimeModified."""
    transaction.open_cents += by_cents
    if touch:
        transaction.modified = max(books.now(), transaction.modified)
    books.store.execute(
        "UPDATE txn SET open_cents = ?, modified = ? WHERE number = ?",
        (transaction.open_cents, transaction.modified, transaction.number),
    )


def apply(books: "Books", source: Transaction, parts: Iterable[Applied]) -> None:
    """Apply parts of a payment or credit to invoices and lower what is open of them. Call inside `atomic`."""
    touch = bool(books.settings["company.payment-touches-invoice"])
    for part in parts:
        change_open(books, part.target, -(part.cents + part.discount_cents), touch)
        account = part.discount_account.number if part.discount_account is not None else None
        books.store.execute(
            "INSERT INTO application VALUES (?, ?, ?, ?, ?) ON CONFLICT (target, source) DO UPDATE"
            " SET cents = cents + excluded.cents, discount_cents = discount_cents + excluded.discount_cents",
            (part.target.number, source.number, part.cents, part.discount_cents, account),
        )


def transaction_date(books: "Books", kind: str, given: str | None) -> str:
    """Return the TxnDate of a new transaction, refusing what the books are closed for (3171)."""
    if not given:
        given = books.local_time.today(books.now()).isoformat()
        if books.settings["company.transaction-date-omitted"] == "last-saved":
            row = books.store.execute("SELECT date FROM txn WHERE kind = ? ORDER BY number DESC LIMIT 1", (kind,)).fetchone()
            given = row[0] if row else given
    refuse_closed(books, kind, given)
    return given


def refuse_closed(books: "Books", kind: str, day: str) -> None:
    """Raise 3171 for a date on or before the closing date."""
    closing_date = books.facts.get("closing_date")
    if closing_date and day <= closing_date and books.settings["company.closing-date-add"] == "refused":
        raise refuse(3171, object=kind)


def refuse_links(values: Values) -> None:
    """Refuse what points to transactions or custom fields that no company of ours has.

    Orders and estimates cannot be linked because there are none: 3120. Custom fields are defined nowhere: 3180 (both our choice).
    """
    for link in values.get("LinkToTxnID") or ():
        raise refuse(3120, value=link or "")
    if values.get("LinkToTxn"):
        raise refuse(3120, value=values["LinkToTxn"].get("TxnID") or "")
    if values.get("DataExt"):
        raise cannot_save("data extension", "There is no such custom field.")


def refuse_taken_number(books: "Books", kind: str, setting: str, ref: str, entity: Record | None = None, itself: int = 0) -> None:
    """Raise 3180 for a RefNumber that another transaction of the kind (and of that vendor) has, when the switch `setting` says so."""
    if not ref or books.settings[setting] == "accepted":
        return
    rows = books.store.execute(
        "SELECT number, entity FROM txn WHERE kind = ? AND folded = ? AND number <> ?", (kind, ref.casefold(), itself)
    ).fetchall()
    if any(entity is None or row[1] == entity.number for row in rows):
        whose = "" if entity is None else " for this vendor"
        raise cannot_save(kind, f"The number {ref} is already in use{whose}.")


def due_date(books: "Books", day: str, terms: Record | None, days_without_terms: int) -> str:
    """Return the DueDate: TxnDate plus the days of the terms."""
    days = int(terms.document.get("StdDueDays") or 0) if terms is not None else days_without_terms
    return date.fromordinal(date.fromisoformat(day).toordinal() + days).isoformat() if days else day


def reference_number(books: "Books", noun: TransactionNoun, values: Values) -> str:
    """Return the RefNumber: as given; blank for an empty element; for none, the next after the last one of that kind.

    That there is a next number is documented, which one it is reported (switch company.next-number).
    """
    if "RefNumber" in values:
        return values["RefNumber"] or ""
    if noun.numbered != "always" and books.settings[noun.numbered] == "blank":
        return ""
    row = books.store.execute(
        "SELECT ref FROM txn WHERE number = (SELECT max(number) FROM txn WHERE kind = ? AND ref <> '')", (noun.name,)
    ).fetchone()
    return next_number(row[0] if row else "", REF_LENGTHS[noun.name])


def next_number(last: str, length_max: int) -> str:
    """Return the number after `last`: its last run of digits plus one, as wide as before. G-10023 gives G-10024, 0099 gives 0100."""
    digits = _TRAILING_DIGITS.search(last)
    if digits is None:
        return "1"
    following = last[: digits.start()] + str(int(digits[0]) + 1).zfill(len(digits[0]))
    return following if len(following) <= length_max else "1"


def receivable_or_payable(books: "Books", name: str, special: str, values: Values, kind: str) -> Record:
    """Return the receivable or payable account of a transaction: the one named, else the file's own.

    An account of another type is refused with 3180.
    """
    account = books.references.find_optional(name, values, kind)
    if account is None:
        return books.defaults.posting_account(special)
    if account.document.get("AccountType") != special:
        raise cannot_save(kind, f"The account {account.full_name} is not of type {special}.")
    return account


def values_of(books: "Books", transaction: Transaction, with_lines: bool, with_links: bool = False) -> Values:
    """Return the values of a transaction's answer (`InvoiceRet` and so on); without identity and links for one that was not saved."""
    noun = TRANSACTIONS[transaction.kind]
    records = books.records
    document = records.fresh(transaction.document) if records.any_renamed else transaction.document
    values: Values = {}
    if transaction.txn_id:
        values = {
            "TxnID": transaction.txn_id,
            "TimeCreated": books.local_time.text(transaction.created),
            "TimeModified": books.local_time.text(transaction.modified),
            "EditSequence": str(transaction.modified),
            "TxnNumber": transaction.number,
        }
    values |= {
        noun.party: records.by_number(transaction.entity).reference,
        "TxnDate": transaction.date,
        **document,
        **_BALANCES[transaction.kind](transaction),
    }
    if transaction.ref:
        values["RefNumber"] = transaction.ref
    if with_lines and transaction.txn_id:
        if transaction.kind == "ReceivePayment":
            values["AppliedToTxnRet"] = applied_to(books, transaction)
        else:
            values.update(records.fresh(transaction.lines) if records.any_renamed else transaction.lines)
    if with_links:
        values["LinkedTxn"] = links_of(books, transaction)
    return values


def _invoice_balance(transaction: Transaction) -> Values:
    applied_cents = transaction.amount_cents - transaction.open_cents
    return {
        "AppliedAmount": -applied_cents,
        "BalanceRemaining": transaction.open_cents,
        "IsPaid": transaction.open_cents == 0,
        "IsPending": transaction.pending,
    }


def _credit_balance(transaction: Transaction) -> Values:
    return {"TotalAmount": transaction.amount_cents, "CreditRemaining": transaction.open_cents, "IsPending": transaction.pending}


def _payment_balance(transaction: Transaction) -> Values:
    return {"TotalAmount": transaction.amount_cents, "UnusedPayment": transaction.open_cents, "UnusedCredits": 0}


def _bill_balance(transaction: Transaction) -> Values:
    return {
        "AmountDue": transaction.amount_cents,
        "OpenAmount": transaction.open_cents,
        "IsPaid": transaction.open_cents == 0,
    }


_BALANCES = {
    "Invoice": _invoice_balance,
    "CreditMemo": _credit_balance,
    "ReceivePayment": _payment_balance,
    "Bill": _bill_balance,
}
"""What follows from the amounts of a transaction, per kind."""


def applied_to(books: "Books", payment: Transaction) -> list[Values]:
    """Return the AppliedToTxnRet of a payment: each invoice with what it got and what is left of it."""
    rows = books.store.execute(
        "SELECT txn_id, kind, date, ref, open_cents, cents, discount_cents, discount_account FROM application"
        " JOIN txn ON number = target WHERE source = ? ORDER BY date, number",
        (payment.number,),
    ).fetchall()
    result = []
    for txn_id, kind, day, ref, open_cents, cents, discount_cents, discount_account in rows:
        values: Values = {"TxnID": txn_id, "TxnType": kind, "TxnDate": day, "BalanceRemaining": open_cents, "Amount": cents}
        if ref:
            values["RefNumber"] = ref
        if discount_cents:
            values["DiscountAmount"] = discount_cents
            values["DiscountAccountRef"] = books.records.by_number(discount_account).reference
        result.append(values)
    return result


def links_of(books: "Books", transaction: Transaction) -> list[Values]:
    """Return the LinkedTxn of a transaction: payments and credits on an invoice, invoices that a credit went to."""
    negative = books.settings["company.linked-amount-sign"] == "negative"
    rows = books.store.execute(
        "SELECT txn_id, kind, date, ref, cents + discount_cents, 1 FROM application JOIN txn ON number = source WHERE target = ?"
        " UNION ALL"
        " SELECT txn_id, kind, date, ref, cents + discount_cents, 0 FROM application JOIN txn ON number = target WHERE source = ?"
        " ORDER BY 3, 1",
        (transaction.number, transaction.number),
    ).fetchall()
    result = []
    for txn_id, kind, day, ref, cents, lowers in rows:
        amount = -cents if lowers and negative else cents
        values: Values = {"TxnID": txn_id, "TxnType": kind, "TxnDate": day, "LinkType": "AMTTYPE", "Amount": amount}
        if ref:
            values["RefNumber"] = ref
        result.append(values)
    return result
