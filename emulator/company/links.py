"""Links between transactions: what is applied to what, and how an answer tells it.

A credit (a payment, a credit memo, a vendor credit ...) is the source, what is owed (an invoice, a bill, a refund ...) the target. An
application lowers what is open of the target by its amount and discount; whoever applies lowers what is left of the source.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from emulator.company.ledger import home_cents_of
from emulator.company.records import Record, Values
from emulator.company.transactions import Applied, Transaction, by_number, change_open, line_dicts

if TYPE_CHECKING:
    from emulator.company.books import Books


def apply(books: "Books", source: Transaction, parts: Iterable[Applied]) -> None:
    """Apply parts of a credit and lower what is open of their targets. Call inside `atomic`."""
    touch = bool(books.settings["company.payment-touches-invoice"])
    for part in parts:
        change_open(books, part.target, -(part.cents + part.discount_cents), touch)
        account = part.discount_account.number if part.discount_account is not None else None
        klass = part.discount_class.number if part.discount_class is not None else None
        books.store.execute(
            "INSERT INTO application VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (target, source) DO UPDATE"
            " SET cents = cents + excluded.cents, discount_cents = discount_cents + excluded.discount_cents,"
            " discount_account = coalesce(discount_account, excluded.discount_account),"
            " discount_class = coalesce(discount_class, excluded.discount_class)",
            (part.target.number, source.number, part.cents, part.discount_cents, account, klass),
        )


def use(books: "Books", credits: Iterable[tuple[Transaction, Applied]]) -> None:
    """Apply credits that stand in the books already, and lower what is left of them. Call inside `atomic`."""
    for credit, part in credits:
        apply(books, credit, [part])
        change_open(books, credit, -part.cents, touch=True)


def parts_of(books: "Books", source: int) -> list[Applied]:
    """Return what a credit is applied to."""
    rows = books.store.execute(
        "SELECT target, cents, discount_cents, discount_account, discount_class FROM application JOIN txn ON number = target"
        " WHERE source = ? ORDER BY date, number",
        (source,),
    ).fetchall()
    record = books.records.by_number
    return [
        Applied(
            by_number(books, target),
            cents,
            discount_cents,
            record(account) if account is not None else None,
            record(klass) if klass is not None else None,
        )
        for target, cents, discount_cents, account, klass in rows
    ]


def applied_cents(books: "Books", target: int) -> int:
    """Return what has been applied to a transaction, discounts included."""
    row = books.store.execute("SELECT sum(cents + discount_cents) FROM application WHERE target = ?", (target,)).fetchone()
    return row[0] or 0


def take_back_parts(books: "Books", source: Transaction) -> None:
    """Open again what a credit was applied to, and forget the applications; what is left of itself is for the caller to write."""
    for part in parts_of(books, source.number):
        change_open(books, part.target, part.cents + part.discount_cents, touch=True)
    books.store.execute("DELETE FROM application WHERE source = ?", (source.number,))


def take_back_credits(books: "Books", transaction: Transaction) -> list[Transaction]:
    """Open again the credits that were applied to a transaction, and forget the applications; return the credits.

    What is left of the transaction itself is for the caller to write.
    """
    rows = books.store.execute("SELECT source, cents FROM application WHERE target = ?", (transaction.number,)).fetchall()
    sources = [by_number(books, source) for source, _cents in rows]
    for source, (_number, cents) in zip(sources, rows, strict=True):
        change_open(books, source, cents, touch=True)
    books.store.execute("DELETE FROM application WHERE target = ?", (transaction.number,))
    return sources


def unapply(books: "Books", transaction: Transaction) -> list[Transaction]:
    """Open again what was applied to a transaction or by it; return the credits that have been applied to it."""
    sources = take_back_credits(books, transaction)
    take_back_parts(books, transaction)
    return sources


def posts_to(books: "Books", transaction: Transaction, account: Record) -> bool:
    """Return whether a transaction has a row on an account; what is linked shares its receivable or payable account (documented)."""
    row = books.store.execute(
        "SELECT 1 FROM posting WHERE txn = ? AND account = ? LIMIT 1", (transaction.number, account.number)
    ).fetchone()
    return row is not None


def is_linked(books: "Books", number: int) -> bool:
    """Return whether anything is applied to a transaction or by it, fulfils it, or took it to the bank."""
    row = books.store.execute(
        "SELECT 1 FROM application WHERE target = ?1 OR source = ?1 UNION ALL SELECT 1 FROM fulfilment WHERE order_txn = ?1"
        " UNION ALL SELECT 1 FROM deposited WHERE txn = ?1 LIMIT 1",
        (number,),
    ).fetchone()
    return row is not None


def applied_to(books: "Books", payment: Transaction) -> list[Values]:
    """Return the AppliedToTxnRet of a payment: each target with what it got and what is left of it."""
    result = []
    for part in parts_of(books, payment.number):
        target = part.target
        values: Values = {
            "TxnID": target.txn_id,
            "TxnType": target.kind,
            "TxnDate": target.date,
            "BalanceRemaining": target.open_cents,
            "Amount": part.cents,
        }
        if target.ref:
            values["RefNumber"] = target.ref
        if part.discount_cents and part.discount_account is not None:
            values["DiscountAmount"] = part.discount_cents
            values["DiscountAccountRef"] = part.discount_account.reference
            if part.discount_class is not None:
                values["DiscountClassRef"] = part.discount_class.reference
        result.append(values)
    return result


def refunded(books: "Books", refund: Transaction) -> list[Values]:
    """Return the RefundAppliedToTxnRet of a refund: the credits that it pays out."""
    rows = books.store.execute(
        "SELECT source, cents FROM application JOIN txn ON number = source WHERE target = ? ORDER BY date, number",
        (refund.number,),
    ).fetchall()
    result = []
    for source, cents in rows:
        credit = by_number(books, source)
        values: Values = {
            "TxnID": credit.txn_id,
            "TxnType": credit.kind,
            "TxnDate": credit.date,
            "CreditRemaining": credit.open_cents,
            "RefundAmount": cents,
        }
        if credit.ref:
            values["RefNumber"] = credit.ref
        if refund.rate is not None:
            values["CreditRemainingInHomeCurrency"] = home_cents_of(credit.open_cents, refund.rate)
            values["RefundAmountInHomeCurrency"] = home_cents_of(cents, refund.rate)
        result.append(values)
    return result


def links_of(books: "Books", transaction: Transaction) -> list[Values]:
    """Return the LinkedTxn of a transaction: payments and credits on what is owed, what a credit went to, orders and what fulfils them."""
    negative = books.settings["company.linked-amount-sign"] == "negative"
    amounts = books.store.execute(
        "SELECT source, cents + discount_cents, 1 FROM application WHERE target = ?1"
        " UNION ALL SELECT target, cents + discount_cents, 0 FROM application WHERE source = ?1",
        (transaction.number,),
    ).fetchall()
    found: list[tuple[Transaction, str, int]] = []
    for number, cents, lowers in amounts:
        found.append((by_number(books, number), "AMTTYPE", -cents if lowers and negative else cents))
    for number, is_order in books.store.execute(
        "SELECT DISTINCT txn, 1 FROM fulfilment WHERE order_txn = ?1 UNION SELECT DISTINCT order_txn, 0 FROM fulfilment WHERE txn = ?1",
        (transaction.number,),
    ).fetchall():
        other = by_number(books, number)
        order, fulfilling = (transaction, other) if is_order else (other, transaction)
        found.append((other, "QUANTYPE", _fulfilled_cents(books, order, fulfilling)))
    found.sort(key=lambda each: (each[0].date, each[0].number))
    return [_linked(each, link_type, cents) for each, link_type, cents in found]


def _linked(other: Transaction, link_type: str, cents: int) -> Values:
    values: Values = {
        "TxnID": other.txn_id,
        "TxnType": other.kind,
        "TxnDate": other.date,
        "LinkType": link_type,
        "Amount": cents,
    }
    if other.ref:
        values["RefNumber"] = other.ref
    return values


def _fulfilled_cents(books: "Books", order: Transaction, fulfilling: Transaction) -> int:
    """Return the amount of the lines that fulfil an order (switch company.linked-quantity-amount)."""
    rows = books.store.execute(
        "SELECT line_id FROM fulfilment WHERE order_txn = ? AND txn = ?", (order.number, fulfilling.number)
    ).fetchall()
    wanted = {row[0] for row in rows}
    return sum(line.get("Amount") or 0 for line in line_dicts(fulfilling.lines) if line.get("TxnLineID") in wanted)
