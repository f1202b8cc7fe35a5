"""Payments: received ones, and checks and cards that pay bills - what is applied to what, what stays unused, postings.

Rules (documented unless said): the parts together are at most the total; a part above what is open is refused with 3210, a paid
invoice with 3120, a part with neither payment nor discount nor credit as an empty transaction (3180). IsAutoApply takes an invoice of
exactly this amount, else the oldest first. A credit used in a part lowers the credit. An invoice of a job may be paid by its customer;
the receivable is then taken off the job (inferred). A request that only uses credits links them and makes no transaction: its answer has
neither TxnID nor links (documented for received payments, inferred for bills). A Mod that names what it pays replaces what was paid
before; one that does not leaves it (inferred from the rule for lines).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from emulator.company.addresses import add_blocks
from emulator.company.arithmetic import money, within_limits
from emulator.company.currencies import written_rate
from emulator.company.ledger import Posting, home_cents_of
from emulator.company.links import parts_of, take_back_parts
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save, invalid_reference, refuse
from emulator.company.rules.form import Form
from emulator.company.rules.parts import day_of, main_account, of_type, ref_of
from emulator.company.rules.sales import MONEY_ACCOUNTS
from emulator.company.transactions import (
    PAYABLE,
    PAYABLE_CREDIT,
    RECEIVABLE,
    RECEIVABLE_CREDIT,
    Applied,
    Draft,
    Transaction,
    by_id,
    by_number,
    header_line_of,
    open_parts,
)
from emulator.company.wholeness import refuse_incomplete

if TYPE_CHECKING:
    from decimal import Decimal

    from emulator.company.books import Books


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of payment is.

    Attributes:
        sign: 1 when money comes in, -1 when it goes out.
        party: the element that names who pays or is paid.
        payer: the noun that may be.
        ledger: the element that names the receivable or payable account.
        special: the account of the file that stands in for it.
        money: the element that names where the money goes or comes from.
        types: types of accounts that may be.
        pays: what it may be applied to.
        credit: what it is itself, and what may be used with it.
        total: the element of its amount.
    """

    sign: int
    party: str
    payer: str
    ledger: str
    special: str
    money: str
    types: tuple[str, ...]
    pays: str
    credit: str
    total: str


_BILLS: Final = (PAYABLE, PAYABLE_CREDIT)

KINDS: Final = {
    "ReceivePayment": Kind(
        1, "CustomerRef", "Customer", "ARAccountRef", "AccountsReceivable", "DepositToAccountRef", MONEY_ACCOUNTS,
        RECEIVABLE, RECEIVABLE_CREDIT, "TotalAmount",
    ),
    "BillPaymentCheck": Kind(
        -1, "PayeeEntityRef", "Vendor", "APAccountRef", "AccountsPayable", "BankAccountRef", ("Bank",), *_BILLS, "Amount"
    ),
    "BillPaymentCreditCard": Kind(
        -1, "PayeeEntityRef", "Vendor", "APAccountRef", "AccountsPayable", "CreditCardAccountRef", ("CreditCard",), *_BILLS, "Amount"
    ),
}  # fmt: skip

_SKIPPED: Final = frozenset(
    {
        "CustomerRef", "PayeeEntityRef", "ARAccountRef", "APAccountRef", "TxnDate", "RefNumber", "TotalAmount", "Amount",
        "DepositToAccountRef", "BankAccountRef", "CreditCardAccountRef", "ExternalGUID", "IsAutoApply", "AppliedToTxnAdd",
        "AppliedToTxnMod", "@defMacro", "ExchangeRate", "IsPending", "CreditCardTxnInfoMod",
    }
)  # fmt: skip


@dataclass(slots=True)
class Plan:
    """What a payment does: parts paid by the payment itself, and parts paid by credits."""

    parts: list[Applied] = field(default_factory=list)
    credits: list[tuple[Transaction, Applied]] = field(default_factory=list)

    @property
    def cents(self) -> int:
        """What the payment itself pays."""
        return sum(part.cents for part in self.parts)

    def taken_cents(self, target: Transaction) -> int:
        """Return what the plan already takes off a target."""
        own = sum(part.cents + part.discount_cents for part in self.parts if part.target.number == target.number)
        return own + sum(part.cents for _credit, part in self.credits if part.target.number == target.number)


def work_out(books: "Books", form: Form) -> Draft:
    """Return the payment that a form asks for.

    Raises:
        Refusal: 3101, 3120, 3140, 3171, 3180, 3210, 3270.
    """
    kind, values = KINDS[form.kind], form.header
    find = books.references
    party = find.find(kind.party, values.get(kind.party), form.kind)
    if party.kind != kind.payer:
        raise invalid_reference(kind.party, kind.payer, party.full_name, form.kind, party.list_id)
    ledger = main_account(books, kind.ledger, kind.special, values, form.kind)
    account = find.find_optional(kind.money, values, form.kind) or books.defaults.posting_account("UndepositedFunds")
    of_type(account, form.kind, *kind.types)
    currency = books.currencies.of(party)
    books.currencies.refuse_other(form.kind, currency, ledger)
    rate = books.currencies.rate(currency, form.said if form.is_new else values)
    plan, applied = _plan(books, form, kind, party, ledger)
    total_cents = _total_cents(form, kind, plan, applied is not None)
    if plan.cents > total_cents:
        raise refuse(3210, field="PaymentAmount", value=money(plan.cents))
    stands = form.before is not None and applied is None and total_cents == form.before.amount_cents
    if not stands and not total_cents and not plan.parts and not plan.credits:
        raise cannot_save(form.kind, "The transaction is empty.")
    if kind.sign < 0 and not stands and total_cents != plan.cents:
        raise refuse(3210, field="Amount", value=money(total_cents))
    draft = Draft(
        form.kind,
        party,
        day_of(books, form),
        ref_of(books, form),
        total_cents,
        _document(books, form, kind, party, ledger),
        account=account,
        open_as=kind.credit,
        open_cents=total_cents,
        postings=_postings(books, kind, party, ledger, account, plan.parts, total_cents, rate),
        applied=applied,
        credited=plan.credits,
        guid=values.get("ExternalGUID") if form.is_new else None,
        currency=currency,
        rate=rate,
    )
    if rate is not None:
        draft.document["ExchangeRate"] = written_rate(rate)
    return draft


def _total_cents(form: Form, kind: Kind, plan: Plan, replaced: bool) -> int:
    """Return the amount of the payment; without one it is what its parts add up to (inferred: the element is optional).

    A Mod that says no amount leaves it; of a payment of bills it follows the parts when they are said.
    """
    total_cents = form.header.get(kind.total) if kind.sign > 0 else form.said.get("Amount")
    if total_cents is None and form.before is not None and (kind.sign > 0 or not replaced):
        total_cents = form.before.amount_cents
    if total_cents is None:
        total_cents = plan.cents
    within_limits(kind.total, total_cents)
    if total_cents < 0:
        raise refuse(3210, field=kind.total, value=money(total_cents))
    return int(total_cents)


def _document(books: "Books", form: Form, kind: Kind, party: Record, ledger: Record) -> Values:
    document = books.references.resolved(form.header, form.kind, _SKIPPED)
    document[kind.ledger] = ledger.reference
    card = form.said.get("CreditCardTxnInfoMod")
    if card:
        document["CreditCardTxnInfo"] = _changed_card(document.get("CreditCardTxnInfo") or {}, card)
    if form.kind == "BillPaymentCheck":
        document["IsToBePrinted"] = bool(form.header.get("IsToBePrinted"))
        if form.said.get("RefNumber"):
            document["IsToBePrinted"] = False
        if form.is_new and party.document.get("VendorAddress"):
            document["Address"] = party.document["VendorAddress"]
        add_blocks(books, document, (("Address", "AddressBlock"),))
    return document


def _changed_card(before: Values, said: Values) -> Values:
    """Return what is known of a card payment, changed by a Mod."""
    result = dict(before)
    for name, part in said.items():
        if part:
            answered = name.removesuffix("Mod")
            kept = {**result.get(answered, {}), **part}
            result[answered] = {each: value for each, value in kept.items() if value is not None}
    refuse_incomplete("ReceivePayment", "CreditCardTxnInfo", result)
    return result


# ---- what it pays --------------------------------------------------------------------------------------------------------------


def _plan(books: "Books", form: Form, kind: Kind, party: Record, ledger: Record) -> tuple[Plan, list[Applied] | None]:
    """Return what the payment pays, and the applications to write: None for those that stand."""
    family = books.records.with_descendants(party) if party.kind == "Customer" else [party.number]
    asked = form.said.get("AppliedToTxnAdd") or form.said.get("AppliedToTxnMod")
    if form.before is not None and asked is None:
        return Plan(parts_of(books, form.before.number)), None
    if form.before is not None:
        take_back_parts(books, form.before)
    if form.said.get("IsAutoApply"):
        plan = _automatic(books, family, ledger, form.header.get("TotalAmount") or 0)
    else:
        plan = _as_asked(books, form, kind, asked or (), family, ledger)
    return plan, plan.parts


def _automatic(books: "Books", family: list[int], ledger: Record, total_cents: int) -> Plan:
    """Return what IsAutoApply pays; what is owed on another receivable account is passed over, as it could not be named either."""
    owed = [each for each in open_parts(books, RECEIVABLE, family) if ledger_account(books, each) is ledger]
    exact = next((each for each in owed if each.open_cents == total_cents), None)
    plan = Plan()
    left_cents = total_cents
    for each in [exact] if exact is not None else owed:
        if left_cents <= 0:
            break
        cents = min(left_cents, each.open_cents)
        plan.parts.append(Applied(each, cents))
        left_cents -= cents
    return plan


def ledger_account(books: "Books", transaction: Transaction) -> Record | None:
    """Return the receivable or payable account on which something of a transaction is open."""
    row = books.store.execute(
        "SELECT account FROM posting JOIN list_record ON record = account WHERE txn = ?"
        " AND subtype IN ('AccountsReceivable', 'AccountsPayable') ORDER BY line LIMIT 1",
        (transaction.number,),
    ).fetchone()
    return books.records.by_number(row[0]) if row is not None else None


def _as_asked(books: "Books", form: Form, kind: Kind, asked: Any, family: list[int], ledger: Record) -> Plan:
    plan = Plan()
    for each in asked:
        target = by_id(books, each.get("TxnID"))
        if target is None or target.open_as != kind.pays or target.open_name not in family or not target.is_open:
            raise refuse(3120, value=each.get("TxnID") or "")
        if ledger_account(books, target) is not ledger:
            what = "invoices of a payment must use its receivable" if kind.sign > 0 else "bills of a payment must use its payable"
            raise cannot_save(form.kind, f"All {what} account.")
        _add_part(books, form.kind, kind, plan, each, target)
        _use_credits(books, form, kind, plan, each, target, family)
    return plan


def _add_part(books: "Books", noun: str, kind: Kind, plan: Plan, each: Values, target: Transaction) -> None:
    """Add what the payment itself pays of a target, and the discount that goes with it."""
    cents, discount_cents = each.get("PaymentAmount") or 0, each.get("DiscountAmount") or 0
    if cents < 0 or discount_cents < 0:
        raise refuse(3210, field="PaymentAmount", value=money(min(cents, discount_cents)))
    if not cents and not discount_cents and not each.get("SetCredit"):
        raise cannot_save(noun, "The transaction is empty.")
    if plan.taken_cents(target) + cents + discount_cents > target.open_cents:
        raise refuse(3210, field="PaymentAmount", value=money(cents + discount_cents))
    if cents or discount_cents:
        find = books.references
        account = klass = None
        if discount_cents:
            account = find.find("DiscountAccountRef", each.get("DiscountAccountRef"), noun)
            klass = find.find_optional("DiscountClassRef", each, noun)
            for other in plan.parts:
                same = other.discount_account is account and other.discount_class is klass
                if other.target.number == target.number and other.discount_cents and not same:
                    # What is paid of one target at once is one application, with one discount account (switch company.discounts-on-one-target).
                    raise cannot_save(noun, "The discounts on one transaction must use one account and one class.")
        plan.parts.append(Applied(target, cents, discount_cents, account, klass))


def _use_credits(
    books: "Books", form: Form, kind: Kind, plan: Plan, each: Values, target: Transaction, family: list[int]
) -> None:
    """Add the credits that are used for a target. What is left of the payment itself is none of them: it is the PaymentAmount (3120)."""
    itself = form.before.number if form.before is not None else None
    for credited in each.get("SetCredit") or ():
        credit = by_id(books, credited.get("CreditTxnID"))
        usable = credit is not None and credit.open_as == kind.credit and credit.is_open
        if credit is None or not usable or credit.open_name not in family or credit.number == itself:
            raise refuse(3120, value=credited.get("CreditTxnID") or "")
        if ledger_account(books, credit) is not ledger_account(books, target):
            raise cannot_save(form.kind, "A credit is used on its own receivable or payable account.")
        credit_cents = credited.get("AppliedAmount") or 0
        before = sum(part.cents for known, part in plan.credits if known.number == credit.number)
        too_much = before + credit_cents > credit.open_cents or plan.taken_cents(target) + credit_cents > target.open_cents
        if credit_cents <= 0 or too_much:
            raise refuse(3210, field="AppliedAmount", value=money(credit_cents))
        plan.credits.append((credit, Applied(target, credit_cents)))


# ---- where it posts --------------------------------------------------------------------------------------------------------------


def repost_all(books: "Books", credits: Iterable[Transaction]) -> None:
    """Post the payments among these credits anew after what they are applied to has changed. Call inside `atomic`.

    What a payment no longer pays becomes unused credit of the payer, the discount that went with it is undone, and what it pays now comes
    off whoever owed it.
    """
    for number in dict.fromkeys(credit.number for credit in credits if credit.kind in KINDS):
        _repost(books, by_number(books, number))


def _repost(books: "Books", payment: Transaction) -> None:
    kind = KINDS[payment.kind]
    record = books.records.by_number
    ledger = books.records.by_id("account", payment.document[kind.ledger]["ListID"])
    assert ledger is not None
    assert payment.account is not None
    assert payment.entity is not None
    parts = parts_of(books, payment.number)
    postings = _postings(
        books, kind, record(payment.entity), ledger, record(payment.account), parts, payment.amount_cents, payment.rate
    )
    header_line, cleared = header_line_of(books, payment), books.ledger.cleared(payment.number)
    books.ledger.take_back(payment.number)
    if postings:
        books.ledger.post(payment.number, postings, header_line, payment.rate)
        books.ledger.clear(payment.number, cleared)


def _postings(
    books: "Books",
    kind: Kind,
    party: Record,
    ledger: Record,
    account: Record,
    parts: list[Applied],
    total_cents: int,
    rate: "Decimal | None",
) -> list[Posting]:
    """The money goes to its account; the receivable (or payable) is lowered for whoever owed it, the unused part for the payer.

    In a foreign currency the money is worth its amount at the rate, and a part lowers the receivable by what the invoice was worth in home
    currency; what these differ by is gain or loss of exchange (inferred: what QuickBooks' account of that name is for).
    """
    sign = kind.sign
    postings = [Posting(account, party, sign * total_cents)] if total_cents else []
    for part in parts:
        assert part.target.open_name is not None
        debtor = books.records.by_number(part.target.open_name)
        lowered_cents = part.cents + part.discount_cents
        home_cents = -sign * home_cents_of(lowered_cents, part.target.rate) if rate is not None else None
        postings.append(Posting(ledger, debtor, -sign * lowered_cents, home_cents=home_cents))
        if part.discount_cents and part.discount_account is not None:
            postings.append(Posting(part.discount_account, debtor, sign * part.discount_cents, klass=part.discount_class))
    unused_cents = total_cents - sum(part.cents for part in parts)
    if unused_cents:
        postings.append(Posting(ledger, party, -sign * unused_cents))
    return postings if rate is None else _with_gain(books, postings, rate)


def _with_gain(books: "Books", postings: list[Posting], rate: "Decimal") -> list[Posting]:
    """Return the rows of a foreign payment with what they are worth, and the gain or loss of exchange that makes them zero."""
    rows = [
        each if each.home_cents is not None else each._replace(home_cents=home_cents_of(each.cents, rate)) for each in postings
    ]
    over_cents = sum(each.home_cents or 0 for each in rows)
    if over_cents:
        rows.append(Posting(books.defaults.posting_account("ExchangeGainLoss"), None, 0, home_cents=-over_cents))
    return rows
