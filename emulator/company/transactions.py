"""Transactions: what all kinds have in common - a draft that has passed its rules, its identity, saving, saving again, reading back.

A rule (rules/) turns a request into a `Draft`; `save` gives it its identity, writes it and posts it, all in one SQLite transaction;
`save_again` puts a draft in the place of a transaction that is there. Formats: amounts cents, dates `YYYY-MM-DD`, moments unix seconds.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from emulator.company.arithmetic import QUANTITY_MAX
from emulator.company.identity import numbered_id
from emulator.company.ledger import Posting
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save
from emulator.company.stock import Movement
from emulator.company.store import AMONG, array_of, encoded
from emulator.qbxml.status import Status

if TYPE_CHECKING:
    from emulator.company.books import Books

_COLUMNS = (
    "number, kind, txn_id, created, modified, date, ref, entity, account, due, amount_cents, open_cents, open_as, open_name, pending,"
    " currency, document, lines"
)
SELECT_TRANSACTION = f"SELECT {_COLUMNS} FROM txn"

ORDERED_MUCH: Final = QUANTITY_MAX // 1_000_000
"""Above this an order counts towards the most that can be on order: it takes a million lines of less to come near it."""

RECEIVABLE: Final = "receivable"
RECEIVABLE_CREDIT: Final = "receivable credit"
PAYABLE: Final = "payable"
PAYABLE_CREDIT: Final = "payable credit"
NOTHING_OPEN: Final = ""
"""What the open amount of a transaction is: owed to us, a credit against that, owed by us, a credit against that, or nothing."""


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
    entity: int | None
    account: int | None
    due: str | None
    amount_cents: int
    open_cents: int
    open_as: str
    open_name: int | None
    pending: bool
    currency: int | None
    document: Values
    lines: Values

    @property
    def is_open(self) -> bool:
        """Whether something of it is left to pay or to use."""
        return self.open_cents > 0 and not self.pending

    @property
    def rate(self) -> Decimal | None:
        """Home cents for a cent of its currency; None for the company's own."""
        return Decimal(self.document["ExchangeRate"]) if self.currency is not None else None


THIS: Final = Transaction(0, "", "", 0, 0, "", "", None, None, None, 0, 0, "", None, False, None, {}, {})
"""Stands for the transaction of a draft that has no number yet, as the target of a credit."""


@dataclass(slots=True)
class Applied:
    """Part of a credit that goes to what is owed. Amounts in cents."""

    target: Transaction
    cents: int
    discount_cents: int = 0
    discount_account: Record | None = None
    discount_class: Record | None = None


@dataclass(slots=True)
class OrderLine:
    """A line of a purchase or sales order: how much of which item is wanted."""

    line: Values
    item: Record
    quantity: int
    closed: bool


@dataclass(slots=True)
class Fulfilment:
    """How much of a line of an order a line of another transaction fulfils."""

    order: Transaction
    order_line: str
    line: Values
    quantity: int


@dataclass(frozen=True, slots=True)
class Identity:
    """The identity of a transaction that comes from another company file. Its lines carry their TxnLineIDs already.

    Attributes:
        number: TxnNumber.
        txn_id: TxnID.
        created: unix seconds.
        modified: unix seconds, which the EditSequence tells.
    """

    number: int
    txn_id: str
    created: int
    modified: int


@dataclass(slots=True)
class Draft:
    """A transaction that has passed its rules and is about to be saved.

    Attributes:
        kind: the noun.
        entity: customer, vendor or other name of the header.
        date: TxnDate.
        ref: RefNumber, "" for blank.
        amount_cents: its total.
        document: answer fields of the header that stay as saved.
        account: its main account.
        due: when it is due.
        open_as: what its open amount is.
        open_name: whose that is; None stands for the name of the header.
        open_cents: what is left to pay or to use before anything that is applied from elsewhere.
        pending: does not post and does not count (switch company.pending-balance).
        posts: whether its rows go to the ledger; orders and estimates never do.
        lines: answer key -> lines, in the shape of qbxml's values; TxnLineIDs are given by `save`.
        postings: rows of the ledger, summing to zero.
        movements: pieces in and out of stock.
        orders: lines that others may fulfil.
        fulfils: lines of orders that its lines fulfil.
        applied: what it pays or credits itself; None leaves what stands.
        credited: other credits that it uses, each with its target.
        deposits: rows of the ledger, as (transaction, line, line of this deposit), that it takes to the bank.
        guid: ExternalGUID or None.
        currency: a foreign currency, None for the company's own; `rate` are home cents for a cent of it.
        warnings: what the answer warns of.
        identity: the one it has already; None gives it a new one.
    """

    kind: str
    entity: Record | None
    date: str
    ref: str
    amount_cents: int
    document: Values
    account: Record | None = None
    due: str | None = None
    open_as: str = NOTHING_OPEN
    open_cents: int = 0
    open_name: Record | None = None
    pending: bool = False
    posts: bool = True
    lines: dict[str, list[Any]] = field(default_factory=dict)
    postings: list[Posting] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    orders: list[OrderLine] = field(default_factory=list)
    fulfils: list[Fulfilment] = field(default_factory=list)
    applied: list[Applied] | None = None
    credited: list[tuple[Transaction, Applied]] = field(default_factory=list)
    deposits: list[tuple[int, int, Values]] = field(default_factory=list)
    guid: str | None = None
    currency: Record | None = None
    rate: Decimal | None = None
    warnings: list[Status] = field(default_factory=list)
    identity: Identity | None = None
    extensions: list[tuple[Values | None, Values]] = field(default_factory=list)
    """Data extensions of its lines (or of itself: None), as the request gives them."""


def save(books: "Books", draft: Draft) -> Transaction:
    """Give a draft its identity, write it and post it. Call inside `atomic`.

    TxnID and TxnLineIDs are numbered from one counter (switch company.transaction-line-id-counter); the number after the TxnID is that of
    the header's row in the ledger, which no answer of the transaction itself shows.
    """
    books.guids.refuse_taken(draft.guid, draft.kind)
    if draft.identity is None:
        identity, header_line = _new_identity(books, draft)
    else:
        identity, header_line = draft.identity, _header_line_after(draft.identity.txn_id)
    if draft.guid:
        draft.document["ExternalGUID"] = draft.guid
    transaction = _written(identity.number, identity.txn_id, identity.created, identity.modified, draft)
    books.store.execute(
        "INSERT INTO txn VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            identity.number, draft.kind, identity.txn_id, identity.created, identity.modified, draft.date, draft.ref,
            draft.ref.casefold(), transaction.entity,
            transaction.account, draft.due, draft.amount_cents, draft.open_cents, draft.open_as,
            transaction.open_name, draft.pending, transaction.currency, encoded(draft.document), encoded(draft.lines),
        ),
    )  # fmt: skip
    _put_in_books(books, transaction, draft, header_line)
    books.guids.keep(draft.guid, identity.txn_id)
    books.counters.write()
    return transaction


def _new_identity(books: "Books", draft: Draft) -> tuple[Identity, str]:
    """Number a draft and its lines; return its identity and the TxnLineID of the header's row in the ledger."""
    now, counters = books.now(), books.counters
    lines = list(line_dicts(draft.lines))
    if books.settings["company.transaction-line-id-counter"] == "own":
        txn_id = numbered_id(counters.next("TxnID"), now)
        header_line = counters.next("TxnLineID", count=len(lines) + 1)
    else:
        first = counters.next("TxnID", count=len(lines) + 2)
        txn_id, header_line = numbered_id(first, now), first + 1
    for place, line in enumerate(lines, start=header_line + 1):
        if "TxnLineID" in line:
            line["TxnLineID"] = numbered_id(place, now)
    return Identity(counters.next("TxnNumber"), txn_id, now, now), numbered_id(header_line, now)


def save_again(books: "Books", before: Transaction, draft: Draft) -> Transaction:
    """Write a transaction in its new form under its old identity, and post it anew. Call inside `atomic`.

    Lines whose TxnLineID is empty are new and get one. What others applied to it stays; `draft.open_cents` is without it.

    Raises:
        Refusal: 3180 when a deposit took what has another amount or account now.
    """
    now = books.now()
    new_lines = [line for line in line_dicts(draft.lines) if line.get("TxnLineID") == ""]
    if new_lines:
        own_counter = books.settings["company.transaction-line-id-counter"] == "own"
        first = books.counters.next("TxnLineID" if own_counter else "TxnID", count=len(new_lines))
        for place, line in enumerate(new_lines, start=first):
            line["TxnLineID"] = numbered_id(place, now)
    if "ExternalGUID" in before.document:
        draft.document["ExternalGUID"] = before.document["ExternalGUID"]
    header_line = header_line_of(books, before)
    transaction = _written(before.number, before.txn_id, before.created, max(now, before.modified), draft)
    cleared, deposited = books.ledger.cleared(before.number), _deposited(books, before.number)
    behind = take_out_of_books(books, before.number)
    books.store.execute(
        "UPDATE txn SET modified = ?, date = ?, ref = ?, folded = ?, entity = ?, account = ?, due = ?, amount_cents = ?,"
        " open_cents = ?, open_as = ?, open_name = ?, pending = ?, currency = ?, document = ?, lines = ? WHERE number = ?",
        (
            transaction.modified, draft.date, draft.ref, draft.ref.casefold(), transaction.entity, transaction.account, draft.due,
            draft.amount_cents, draft.open_cents, draft.open_as, transaction.open_name, draft.pending, transaction.currency,
            encoded(draft.document), encoded(draft.lines), before.number,
        ),
    )  # fmt: skip
    if behind:
        books.stock.settle(behind, removed=True)
    _put_in_books(books, transaction, draft, header_line)
    books.ledger.clear(before.number, cleared)
    _keep_deposited(books, transaction, deposited)
    _forget_extensions(books, transaction, draft.lines)
    books.counters.write()
    return transaction


def _forget_extensions(books: "Books", transaction: Transaction, lines: dict[str, list[Any]]) -> None:
    """Forget the data extensions of lines that are no longer there."""
    stay = [line.get("TxnLineID") for line in line_dicts(lines)]
    books.store.execute(
        "DELETE FROM data_ext WHERE object = ? AND id = ? AND line_id <> '' AND line_id NOT IN (SELECT value FROM json_each(?))",
        (transaction.kind, transaction.txn_id, json.dumps(stay)),
    )


def _written(number: int, txn_id: str, created: int, modified: int, draft: Draft) -> Transaction:
    open_name = (draft.open_name or draft.entity) if draft.open_as else None
    return Transaction(
        number, draft.kind, txn_id, created, modified, draft.date, draft.ref,
        draft.entity.number if draft.entity is not None else None,
        draft.account.number if draft.account is not None else None,
        draft.due, draft.amount_cents, draft.open_cents, draft.open_as, open_name.number if open_name is not None else None,
        draft.pending, draft.currency.number if draft.currency is not None else None,
        draft.document, draft.lines,
    )  # fmt: skip


def _put_in_books(books: "Books", transaction: Transaction, draft: Draft, header_line: str) -> None:
    """Write what follows from a transaction: stock, ledger, orders, what it fulfils and what it takes to the bank."""
    number, execute = transaction.number, books.store.execute
    posts = draft.posts and not draft.pending
    behind: list[tuple[int, str]] = []
    if draft.movements and posts:
        behind = books.stock.put(number, draft.date, draft.movements, draft.postings)
    if draft.postings:
        books.ledger.post(number, draft.postings, header_line, draft.rate, posts)
    if behind:
        books.stock.settle(behind)
    for order in draft.orders:
        execute(
            "INSERT INTO order_line VALUES (?, ?, ?, ?, ?, coalesce((SELECT sum(quantity) FROM fulfilment WHERE order_txn = ?"
            " AND order_line = ?), 0), ?)",
            (
                number, order.line["TxnLineID"], draft.kind, order.item.number, order.quantity, number, order.line["TxnLineID"],
                order.closed,
            ),
        )  # fmt: skip
        if abs(order.quantity) > ORDERED_MUCH:
            books.stock.refuse_too_much_ordered(order.item.number)
    for fulfilment in draft.fulfils:
        change_fulfilment(books, fulfilment.order.number, fulfilment.order_line, fulfilment.quantity)
        execute(
            "INSERT INTO fulfilment VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET quantity = quantity + excluded.quantity",
            (
                fulfilment.order.number,
                fulfilment.order_line,
                number,
                fulfilment.line["TxnLineID"],
                fulfilment.quantity,
            ),
        )
    for source, line, deposit_line in draft.deposits:
        execute("INSERT INTO deposited VALUES (?, ?, ?, ?)", (source, line, number, deposit_line["TxnLineID"]))
    if draft.extensions:
        books.custom_fields.add_to_transaction(transaction, draft.extensions)


def take_out_of_books(books: "Books", number: int) -> list[tuple[int, str]]:
    """Remove everything that follows from a transaction but what is applied; return what `Stock.settle` needs."""
    execute = books.store.execute
    behind = books.stock.take_back(number)
    books.ledger.take_back(number)
    execute("DELETE FROM order_line WHERE txn = ?", (number,))
    for order, order_line, quantity in execute(
        "SELECT order_txn, order_line, quantity FROM fulfilment WHERE txn = ?", (number,)
    ).fetchall():
        change_fulfilment(books, order, order_line, -quantity)
    execute("DELETE FROM fulfilment WHERE txn = ?", (number,))
    execute("DELETE FROM deposited WHERE deposit = ?", (number,))
    return behind


def change_fulfilment(books: "Books", order: int, order_line: str, by_quantity: int) -> None:
    """Change how much of a line of an order has been received or invoiced. Call inside `atomic`."""
    books.store.execute("UPDATE order_line SET done = done + ? WHERE txn = ? AND line_id = ?", (by_quantity, order, order_line))


def _deposited(books: "Books", number: int) -> list[tuple[str, int, int, int, int, str]]:
    """Return the rows of a transaction that deposits took: TxnLineID, account, cents and home cents, then the deposit and its line."""
    return books.store.execute(
        "SELECT line_id, account, cents, home_cents, deposit, deposit_line FROM deposited JOIN posting USING (txn, line) WHERE txn = ?",
        (number,),
    ).fetchall()


def _keep_deposited(books: "Books", transaction: Transaction, rows: list[tuple[str, int, int, int, int, str]]) -> None:
    """Find the rows that deposits took among those posted anew; another amount or account is refused (3180)."""
    execute, number = books.store.execute, transaction.number
    execute("DELETE FROM deposited WHERE txn = ?", (number,))
    for line_id, account, cents, home_cents, deposit, deposit_line in rows:
        row = execute(
            "SELECT min(line) FROM posting WHERE txn = ? AND line_id = ? AND account = ? AND cents = ? AND home_cents = ?",
            (number, line_id, account, cents, home_cents),
        ).fetchone()
        if row[0] is None:
            raise cannot_save(transaction.kind, "It has been deposited.")
        execute("INSERT INTO deposited VALUES (?, ?, ?, ?)", (number, row[0], deposit, deposit_line))


def header_line_of(books: "Books", transaction: Transaction) -> str:
    """Return the TxnLineID of the header's row in the ledger: the number after the TxnID when it never had a row."""
    row = books.store.execute(
        "SELECT line_id FROM (SELECT line_id, line FROM posting WHERE txn = ? UNION ALL SELECT line_id, line FROM unposted WHERE"
        " txn = ?) ORDER BY line LIMIT 1",
        (transaction.number, transaction.number),
    ).fetchone()
    if row is not None and row[0]:
        return str(row[0])
    return _header_line_after(transaction.txn_id)


def _header_line_after(txn_id: str) -> str:
    counter, _, epoch_s = txn_id.partition("-")
    return numbered_id(int(counter, 16) + 1, int(epoch_s))


def unsaved(books: "Books", draft: Draft) -> Transaction:
    """Return what a request did without becoming a transaction: it has no identity, and its answer shows none."""
    now = books.now()
    return _written(0, "", now, now, draft)


def line_dicts(lines: dict[str, list[Any]]) -> Iterable[Values]:
    """Yield the values of every line, groups before their parts, whatever its list looks like."""
    for each in lines.values():
        for entry in each:
            if not isinstance(entry, tuple):
                yield entry
                continue
            name, line = entry
            yield line
            if "Group" in name:
                yield from line.get(part_of_group(name), ())


def part_of_group(name: str) -> str:
    """Return the element of the lines inside a group line: InvoiceLineRet for InvoiceLineGroupRet, ItemLineRet for ItemGroupLineRet."""
    return name.replace("Group", "")


def from_row(row: tuple[Any, ...], with_lines: bool = True) -> Transaction:
    """Return the transaction of a row of SELECT_TRANSACTION."""
    (
        number, kind, txn_id, created, modified, day, ref, entity, account, due, amount_cents, open_cents, open_as, open_name,
        pending, currency, document, lines,
    ) = row  # fmt: skip
    return Transaction(
        number, kind, txn_id, created, modified, day, ref, entity, account, due, amount_cents, open_cents, open_as, open_name,
        bool(pending), currency, json.loads(document), decoded_lines(lines) if with_lines else {},
    )  # fmt: skip


def decoded_lines(text: str) -> Values:
    """Return stored lines in the shape of qbxml's values: the entries of a repeated choice are (element name, value) tuples."""
    lines: dict[str, list[Any]] = json.loads(text)
    return {key: [tuple(line) for line in each] if "|" in key else each for key, each in lines.items()}


def by_id(books: "Books", txn_id: str | None) -> Transaction | None:
    """Return the transaction with a TxnID, or None."""
    row = books.store.execute(f"{SELECT_TRANSACTION} WHERE txn_id = ?", (txn_id,)).fetchone()
    return from_row(row) if row else None


def by_number(books: "Books", number: int) -> Transaction:
    """Return the transaction of a number that is known to exist."""
    row = books.store.execute(f"{SELECT_TRANSACTION} WHERE number = ?", (number,)).fetchone()
    assert row is not None, f"transaction {number} is referred to and not there"
    return from_row(row)


def open_parts(books: "Books", open_as: str, entities: Sequence[int]) -> Iterator[Transaction]:
    """Return the transactions of these names that are open in this way, oldest first."""
    rows = books.store.execute(
        f"{SELECT_TRANSACTION} WHERE open_name {AMONG} AND open_as = ? AND open_cents <> 0 AND NOT pending ORDER BY date, number",
        (array_of(entities), open_as),
    )
    return (from_row(row, with_lines=False) for row in rows.fetchall())


def change_open(books: "Books", transaction: Transaction, by_cents: int, touch: bool) -> None:
    """Change what is left of a transaction. Call inside `atomic`. `touch` is a save of the record: it changes TimeModified."""
    if touch:
        transaction.modified = max(books.now(), transaction.modified)
    # One request may name a transaction twice, so what counts is what the file has.
    row = books.store.execute(
        "UPDATE txn SET open_cents = open_cents + ?, modified = ? WHERE number = ? RETURNING open_cents",
        (by_cents, transaction.modified, transaction.number),
    ).fetchone()
    transaction.open_cents = row[0]
