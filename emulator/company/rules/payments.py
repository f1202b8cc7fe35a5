"""Received payments: what is applied to which invoice, what stays unused, postings.

Rules (documented unless said): the parts together are at most the total; a part above what is open is refused with 3210, a paid
invoice with 3120, a part with neither payment nor discount nor credit as an empty transaction (3180). IsAutoApply takes an invoice of
exactly this amount, else the oldest first. A credit used in a part lowers the credit memo. An invoice of a job may be paid by its
customer; the receivable is then taken off the job (inferred). A request that only uses credits links them to the invoices and makes no
transaction: its answer has neither TxnID nor links (documented).
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulator.company.ledger import Posting
from emulator.company.nouns import TRANSACTIONS
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save, refuse
from emulator.company.rules.arithmetic import money, within_limits
from emulator.company.transactions import (
    Applied,
    Draft,
    Transaction,
    apply,
    by_id,
    change_open,
    open_parts,
    receivable_or_payable,
    reference_number,
    save,
    transaction_date,
    unsaved,
)
from emulator.qbxml.status import Status

if TYPE_CHECKING:
    from emulator.company.books import Books

_HEADER_SKIP = frozenset(
    {
        "CustomerRef", "ARAccountRef", "TxnDate", "RefNumber", "TotalAmount", "DepositToAccountRef", "ExternalGUID", "IsAutoApply",
        "AppliedToTxnAdd", "@defMacro", "ExchangeRate",
    }
)  # fmt: skip


@dataclass(slots=True)
class _Plan:
    """What a payment does: parts paid by the payment itself, and parts paid by credits."""

    parts: list[Applied] = field(default_factory=list)
    credits: list[tuple[Transaction, Applied]] = field(default_factory=list)

    def taken_cents(self, invoice: Transaction) -> int:
        """Return what the plan already takes off an invoice."""
        own = sum(part.cents + part.discount_cents for part in self.parts if part.target.number == invoice.number)
        return own + sum(part.cents for _credit, part in self.credits if part.target.number == invoice.number)


def add(books: "Books", kind: str, values: Values) -> tuple[Transaction, list[Status]]:
    """Save a received payment. `values` is the aggregate of the request; returns it with the warnings of the answer (it has none).

    Raises:
        Refusal: 3120, 3140, 3171, 3180, 3210, 3270.
    """
    find = books.references
    customer = find.find("CustomerRef", values.get("CustomerRef"), kind)
    day = transaction_date(books, kind, values.get("TxnDate"))
    receivable = receivable_or_payable(books, "ARAccountRef", "AccountsReceivable", values, kind)
    deposit = find.find_optional("DepositToAccountRef", values, kind) or books.defaults.posting_account("UndepositedFunds")
    total_cents = values.get("TotalAmount")
    if total_cents is None:
        # Without a total the payment is what its parts add up to (inferred: the element is optional).
        total_cents = sum(each.get("PaymentAmount") or 0 for each in values.get("AppliedToTxnAdd") or ())
    within_limits("TotalAmount", total_cents)
    if total_cents < 0:
        raise refuse(3210, field="TotalAmount", value=money(total_cents))
    family = books.records.with_descendants(customer)
    automatic = bool(values.get("IsAutoApply"))
    plan = _automatic(books, family, total_cents) if automatic else _as_asked(books, values, family, receivable)
    applied_cents = sum(part.cents for part in plan.parts)
    if applied_cents > total_cents:
        raise refuse(3210, field="PaymentAmount", value=money(applied_cents))
    if not total_cents and not plan.parts and not plan.credits:
        raise cannot_save(kind, "The transaction is empty.")

    document = find.resolved(values, kind, _HEADER_SKIP)
    document["ARAccountRef"], document["DepositToAccountRef"] = receivable.reference, deposit.reference
    draft = Draft(
        kind,
        customer,
        day,
        reference_number(books, TRANSACTIONS[kind], values),
        total_cents,
        total_cents - applied_cents,
        document,
        postings=_postings(books, customer, receivable, deposit, plan.parts, total_cents - applied_cents, total_cents),
        guid=values.get("ExternalGUID"),
    )
    only_credits = not total_cents and not plan.parts
    saved = unsaved(books, draft) if only_credits else save(books, draft)
    apply(books, saved, plan.parts)
    for credit, part in plan.credits:
        apply(books, credit, [part])
        change_open(books, credit, -part.cents, touch=True)
    return saved, []


def _automatic(books: "Books", family: list[int], total_cents: int) -> _Plan:
    invoices = open_parts(books, "Invoice", family)
    exact = next((invoice for invoice in invoices if invoice.open_cents == total_cents), None)
    plan = _Plan()
    left_cents = total_cents
    for invoice in [exact] if exact is not None else invoices:
        if left_cents <= 0:
            break
        cents = min(left_cents, invoice.open_cents)
        plan.parts.append(Applied(invoice, cents))
        left_cents -= cents
    return plan


def _as_asked(books: "Books", values: Values, family: list[int], receivable: Record) -> _Plan:
    plan = _Plan()
    for each in values.get("AppliedToTxnAdd") or ():
        invoice = by_id(books, each.get("TxnID"))
        if invoice is None or invoice.kind != "Invoice" or invoice.entity not in family or not invoice.is_open:
            raise refuse(3120, value=each.get("TxnID") or "")
        if invoice.document["ARAccountRef"]["ListID"] != receivable.list_id:
            raise cannot_save("ReceivePayment", "All invoices of a payment must use its receivable account.")
        _add_part(books, plan, each, invoice, family)
    return plan


def _add_part(books: "Books", plan: _Plan, each: Values, invoice: Transaction, family: list[int]) -> None:
    cents, discount_cents = each.get("PaymentAmount") or 0, each.get("DiscountAmount") or 0
    if cents < 0 or discount_cents < 0:
        raise refuse(3210, field="PaymentAmount", value=money(min(cents, discount_cents)))
    if not cents and not discount_cents and not each.get("SetCredit"):
        raise cannot_save("ReceivePayment", "The transaction is empty.")
    if plan.taken_cents(invoice) + cents + discount_cents > invoice.open_cents:
        raise refuse(3210, field="PaymentAmount", value=money(cents + discount_cents))
    if cents or discount_cents:
        account = None
        if discount_cents:
            account = books.references.find("DiscountAccountRef", each.get("DiscountAccountRef"), "ReceivePayment")
        plan.parts.append(Applied(invoice, cents, discount_cents, account))
    for credited in each.get("SetCredit") or ():
        credit = by_id(books, credited.get("CreditTxnID"))
        if credit is None or not credit.is_credit or credit.entity not in family:
            raise refuse(3120, value=credited.get("CreditTxnID") or "")
        credit_cents = credited.get("AppliedAmount") or 0
        before = sum(part.cents for known, part in plan.credits if known.number == credit.number)
        too_much = before + credit_cents > credit.open_cents or plan.taken_cents(invoice) + credit_cents > invoice.open_cents
        if credit_cents <= 0 or too_much:
            raise refuse(3210, field="AppliedAmount", value=money(credit_cents))
        plan.credits.append((credit, Applied(invoice, credit_cents)))


def post_again(books: "Books", payment: Transaction) -> None:
    """Post a payment anew after something it was applied to has gone. Call inside `atomic`, when `payment.open_cents` is what is unused.

    What it paid of that becomes unused credit of the payer, and the discount that went with it is undone.
    """
    rows = books.store.execute(
        "SELECT txn_id, cents, discount_cents, discount_account FROM application JOIN txn ON number = target WHERE source = ?",
        (payment.number,),
    ).fetchall()
    parts = []
    for txn_id, cents, discount_cents, discount_account in rows:
        target = by_id(books, txn_id)
        assert target is not None
        account = books.records.by_number(discount_account) if discount_account is not None else None
        parts.append(Applied(target, cents, discount_cents, account))
    receivable, deposit = (
        books.records.by_id("account", payment.document[name]["ListID"]) for name in ("ARAccountRef", "DepositToAccountRef")
    )
    assert receivable is not None
    assert deposit is not None
    payer = books.records.by_number(payment.entity)
    books.ledger.take_back(payment.number)
    postings = _postings(books, payer, receivable, deposit, parts, payment.open_cents, payment.amount_cents)
    if postings:
        books.ledger.post(payment.number, postings)


def _postings(
    books: "Books",
    customer: Record,
    receivable: Record,
    deposit: Record,
    parts: list[Applied],
    unused_cents: int,
    total_cents: int,
) -> list[Posting]:
    """The money goes to the deposit account; the receivable is lowered for whoever owed it, the unused part for the payer."""
    postings = [Posting(deposit, None, total_cents)] if total_cents else []
    for part in parts:
        debtor = books.records.by_number(part.target.entity)
        postings.append(Posting(receivable, debtor, -(part.cents + part.discount_cents)))
        if part.discount_cents and part.discount_account is not None:
            postings.append(Posting(part.discount_account, None, part.discount_cents))
    if unused_cents:
        postings.append(Posting(receivable, customer, -unused_cents))
    return postings
