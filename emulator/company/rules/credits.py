"""What an invoice may owe and what it is paid with at once: the credit limit, and the credits that it takes.

A credit of the customer (a credit memo, an unused payment) is taken by SetCredit, or by itself when the file is set so (documented). A
credit limit counts what the customer owes with all its jobs (reported); beyond it the invoice is refused (switch company.credit-limit).
"""

from typing import TYPE_CHECKING

from emulator.company.arithmetic import money
from emulator.company.links import posts_to
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save, refuse
from emulator.company.transactions import RECEIVABLE_CREDIT, THIS, Applied, Transaction, by_id, open_parts

if TYPE_CHECKING:
    from emulator.company.books import Books


def refuse_over_credit_limit(books: "Books", customer: Record, cents: int, before: Transaction | None = None) -> None:
    """Raise 3180 when an invoice takes the customer, or one above it, over its credit limit.

    Args:
        books: the open file.
        customer: whose invoice it is.
        cents: its amount, in the customer's currency, in which balances and limits are too.
        before: the invoice of a Mod as it stands: only what it grows by counts (switch company.credit-limit-of-mod).
    """
    if books.settings["company.credit-limit"] != "refused":
        return
    counted: dict[int, int] = {}
    if before is not None and before.entity is not None and not before.pending:
        old = books.records.by_number(before.entity)
        counted = {record.number: before.amount_cents for record in (old, *books.records.chain(old))}
    for record in (customer, *books.records.chain(customer)):
        limit_cents = record.document.get("CreditLimit")
        more_cents = cents - counted.get(record.number, 0)
        if limit_cents is not None and more_cents > 0 and record.total_cents + more_cents > limit_cents:
            raise cannot_save("Invoice", f"The credit limit of {record.full_name} would be exceeded.")


def credits_of(
    books: "Books", values: Values, customer: Record, receivable: Record, left_cents: int, pending: bool
) -> list[tuple[Transaction, Applied]]:
    """Return the credits that SetCredit takes for an invoice, each with its part; the target is filled in when it is saved.

    Args:
        books: the open file.
        values: what the request says.
        customer: whose credits alone may be taken.
        receivable: the account of the invoice; a credit on another one is refused (3180; documented that linked ones must match).
        left_cents: what is left to pay of the invoice.
        pending: whether the invoice is.
    """
    taken: list[tuple[Transaction, Applied]] = []
    for each in values.get("SetCredit") or ():
        credit = by_id(books, each.get("CreditTxnID"))
        usable = credit is not None and credit.open_as == RECEIVABLE_CREDIT and not credit.pending
        if credit is None or not usable or credit.open_name != customer.number:
            raise refuse(3120, value=each.get("CreditTxnID") or "")
        if not posts_to(books, credit, receivable):
            raise cannot_save("Invoice", "A credit must use the receivable account of the invoice.")
        cents = each.get("AppliedAmount") or 0
        before_cents = sum(part.cents for known, part in taken if known.number == credit.number)
        if cents <= 0 or cents + before_cents > credit.open_cents:
            raise refuse(3210, field="AppliedAmount", value=money(cents))
        taken.append((credit, Applied(THIS, cents)))
    used_cents = sum(part.cents for _credit, part in taken)
    if taken and used_cents > left_cents:
        raise refuse(3210, field="AppliedAmount", value=money(used_cents))
    if pending and taken:
        raise cannot_save("Invoice", "A credit cannot be applied to a pending transaction.")
    return taken


def automatic_credits(
    books: "Books", customer: Record, receivable: Record, left_cents: int, taken: set[int]
) -> list[tuple[Transaction, Applied]]:
    """Return the oldest open credits of a customer on an account, up to an amount; `taken` are used already.

    That a preference of the file applies credits is documented; the oldest goes first (switch company.automatic-credits-order).
    """
    result: list[tuple[Transaction, Applied]] = []
    for credit in open_parts(books, RECEIVABLE_CREDIT, [customer.number]):
        if left_cents <= 0:
            break
        if credit.number not in taken and posts_to(books, credit, receivable):
            cents = min(left_cents, credit.open_cents)
            result.append((credit, Applied(THIS, cents)))
            left_cents -= cents
    return result
