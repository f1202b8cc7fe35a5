"""Purchases: bills, item receipts, vendor credits, checks, credit card charges and credits, and purchase orders.

AmountDue is the sum of the lines; OpenAmount is what is left of it and cannot be set (documented). Bills, receipts and credits post to
accounts payable, checks and cards to their own account; orders do not post and wait to be received or billed.

A line of a check or card may itself post to receivables (with a customer) or payables (with a vendor); that part is then open: a refund
waits for the credit it pays out, a prepayment for its bill.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from emulator.company.addresses import add_blocks
from emulator.company.arithmetic import money
from emulator.company.currencies import worth, written_rate
from emulator.company.ledger import Posting
from emulator.company.links import take_back_credits
from emulator.company.numbering import refuse_taken_number
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save, refuse
from emulator.company.rules import payments
from emulator.company.rules.form import Form
from emulator.company.rules.orders import each_line, linked, refuse_lost_lines, refuse_other_party
from emulator.company.rules.parts import day_of, due_of, main_account, of_type, open_item, order_account, own, ref_of
from emulator.company.rules.purchase_lines import PurchaseLines
from emulator.company.transaction_rows import TRANSACTIONS
from emulator.company.transactions import (
    NOTHING_OPEN,
    PAYABLE,
    PAYABLE_CREDIT,
    RECEIVABLE,
    RECEIVABLE_CREDIT,
    THIS,
    Applied,
    Draft,
    Transaction,
    by_id,
)

if TYPE_CHECKING:
    from emulator.company.books import Books

DAYS_BILLS_ARE_DUE: Final = 10
"""Days until a bill without terms is due; answered in the preferences too (the preference's usual value)."""

EXPENSES: Final = "ExpenseLineRet"
ITEMS: Final = "ItemLineRet|ItemGroupLineRet"
ORDERED: Final = "PurchaseOrderLineRet|PurchaseOrderLineGroupRet"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of purchase is.

    Attributes:
        sign: 1 when it is bought, -1 when it goes back or is credited.
        party: the element that names vendor or payee.
        account: the element that names its main account.
        types: types of accounts that may be.
        open_as: what its total is open as.
        ordered: whether its lines may fulfil purchase orders.
    """

    sign: int
    party: str
    account: str
    types: tuple[str, ...]
    open_as: str
    ordered: bool = False


KINDS: Final = {
    "Bill": Kind(1, "VendorRef", "APAccountRef", ("AccountsPayable",), PAYABLE, ordered=True),
    "ItemReceipt": Kind(1, "VendorRef", "APAccountRef", ("AccountsPayable",), NOTHING_OPEN, ordered=True),
    "VendorCredit": Kind(-1, "VendorRef", "APAccountRef", ("AccountsPayable",), PAYABLE_CREDIT),
    "Check": Kind(1, "PayeeEntityRef", "AccountRef", ("Bank",), NOTHING_OPEN),
    "CreditCardCharge": Kind(1, "PayeeEntityRef", "AccountRef", ("CreditCard",), NOTHING_OPEN),
    "CreditCardCredit": Kind(-1, "PayeeEntityRef", "AccountRef", ("CreditCard",), NOTHING_OPEN),
}

_SKIPPED: Final = frozenset(
    {
        "VendorRef", "PayeeEntityRef", "APAccountRef", "AccountRef", "TxnDate", "DueDate", "RefNumber", "TermsRef", "ExternalGUID",
        "LinkToTxnID", "@defMacro", "ExchangeRate", "IsPending", "ApplyCheckToTxnAdd", "ApplyCheckToTxnMod",
    }
)  # fmt: skip


def work_out(books: "Books", form: Form) -> Draft:
    """Return the purchase that a form asks for.

    Raises:
        Refusal: 3000, 3101, 3120, 3140, 3171, 3177, 3180, 3205, 3210, 3250, 3270.
    """
    kind, values = KINDS[form.kind], _filled_in(books, form)
    party = _party(books, form.kind, kind, values)
    account = _account(books, form.kind, kind, values)
    currency = books.currencies.of(party if kind.account == "APAccountRef" else account)
    if kind.account == "APAccountRef":
        books.currencies.refuse_other(form.kind, currency, account)
    rate = books.currencies.rate(currency, form.said if form.is_new else form.header)
    lines = PurchaseLines(books, form.kind, kind.sign, rate, party, owed=kind.account == "APAccountRef", currency=currency)
    lines.add_expenses(form.lines[EXPENSES])
    items = form.lines[ITEMS]
    if kind.ordered:
        assert party is not None
        refuse_other_party(form, party, any(line.order is not None for line in each_line(items)))
        items = form.lines[ITEMS] = linked(books, form, ITEMS, "PurchaseOrder", party, lines.warnings)
    lines.add_items(items)
    total_cents = lines.total_cents
    answered: dict[str, list[object]] = {}
    if lines.expenses:
        answered[EXPENSES] = list(lines.expenses)
    if lines.items:
        answered[ITEMS] = list(lines.items)
    day = day_of(books, form)
    draft = Draft(
        form.kind,
        party,
        day,
        "",
        total_cents,
        _document(books, form, kind, values, party, day),
        account=account,
        open_as=kind.open_as,
        open_cents=total_cents if kind.open_as else 0,
        lines=answered,
        postings=_postings(Posting(account, party, -kind.sign * total_cents), lines),
        movements=lines.movements,
        fulfils=lines.fulfils,
        guid=values.get("ExternalGUID") if form.is_new else None,
        currency=currency,
        rate=rate,
        warnings=lines.warnings,
        extensions=lines.extensions,
    )
    draft.ref = _ref(books, form, party)
    draft.due = draft.document.get("DueDate")
    if rate is not None:
        draft.document["ExchangeRate"] = written_rate(rate)
    if not kind.open_as:
        open_item(draft, draft.postings[1:])
    if form.kind == "Check":
        draft.credited = _refunds(books, form, draft)
    return draft


def _postings(own: Posting, lines: PurchaseLines) -> list[Posting]:
    """Return the rows of a purchase; what comes into stock is worth in home currency what its row is, to the cent."""
    rows = [own, *lines.postings]
    if lines.rate is None:
        return rows
    rows = worth(rows, lines.rate)
    for movement in lines.movements:
        movement.value_cents = next(row.home_cents for row in rows if row.line is movement.line)
    return rows


def order(books: "Books", form: Form) -> Draft:
    """Return the purchase order that a form asks for.

    Raises:
        Refusal: 3101, 3140, 3171, 3180, 3205, 3250, 3270.
    """
    values, find = form.header, books.references
    vendor = find.find_optional("VendorRef", values, form.kind)
    currency = books.currencies.of(vendor)
    rate = books.currencies.rate(currency, form.said if form.is_new else values)
    refuse_lost_lines(books, form, ORDERED, vendor)
    lines = PurchaseLines(
        books, form.kind, 1, rate, vendor, ordered=True, closed=bool(values.get("IsManuallyClosed")), currency=currency
    )
    lines.add_items(form.lines[ORDERED])
    account = order_account(books, "PurchaseOrders")
    day = day_of(books, form)
    draft = Draft(
        form.kind,
        vendor,
        day,
        ref_of(books, form),
        lines.total_cents,
        _order_document(books, form, vendor, day),
        account=account,
        posts=False,
        lines={ORDERED: list(lines.items)},
        postings=[Posting(account, vendor, -lines.total_cents), *lines.postings],
        orders=lines.orders,
        guid=values.get("ExternalGUID") if form.is_new else None,
        currency=currency,
        rate=rate,
        warnings=lines.warnings,
        extensions=lines.extensions,
    )
    draft.due = draft.document["DueDate"]
    if rate is not None:
        draft.document["ExchangeRate"] = written_rate(rate)
    return draft


def _order_document(books: "Books", form: Form, vendor: Record | None, day: str) -> Values:
    values, find = form.header, books.references
    document = find.resolved(values, form.kind, _SKIPPED | {line.add for line in TRANSACTIONS[form.kind].lines})
    if form.is_new and vendor is not None and "VendorAddress" not in document and vendor.document.get("VendorAddress"):
        document["VendorAddress"] = vendor.document["VendorAddress"]
    add_blocks(books, document, (("VendorAddress", "VendorAddressBlock"), ("ShipAddress", "ShipAddressBlock")))
    terms = find.find_optional("TermsRef", values, form.kind) or (own(books, vendor, "TermsRef") if form.is_new else None)
    if terms is not None:
        document["TermsRef"] = terms.reference
    document["DueDate"] = due_of(books, form, day, terms)
    document["ExpectedDate"] = values.get("ExpectedDate") or day
    for name in ("IsManuallyClosed", "IsToBePrinted", "IsToBeEmailed"):
        document[name] = bool(values.get(name))
    return document


def _filled_in(books: "Books", form: Form) -> Values:
    """Return the header, for an Add with terms and address of the vendor where it names none."""
    values = dict(form.header)
    if not form.is_new or KINDS[form.kind].party != "VendorRef":
        return values
    vendor = books.references.find("VendorRef", values.get("VendorRef"), form.kind)
    if form.kind == "Bill":
        for name in ("TermsRef", "VendorAddress"):
            if not values.get(name) and vendor.document.get(name):
                values[name] = vendor.document[name]
    return values


def _party(books: "Books", noun: str, kind: Kind, values: Values) -> Record | None:
    if kind.party == "VendorRef":
        return books.references.find("VendorRef", values.get("VendorRef"), noun)
    return books.references.find_optional("PayeeEntityRef", values, noun)


def _account(books: "Books", noun: str, kind: Kind, values: Values) -> Record:
    if kind.account == "APAccountRef":
        return main_account(books, "APAccountRef", "AccountsPayable", values, noun)
    return of_type(books.references.find("AccountRef", values.get("AccountRef"), noun), noun, *kind.types)


def _ref(books: "Books", form: Form, party: Record | None) -> str:
    ref, before = ref_of(books, form), form.before
    if form.kind == "Bill" and (before is None or ref != before.ref or (party is not None and party.number != before.entity)):
        itself = before.number if before is not None else 0
        refuse_taken_number(books, form.kind, "company.duplicate-bill-number", ref, party, itself)
    return ref


def _document(books: "Books", form: Form, kind: Kind, values: Values, party: Record | None, day: str) -> Values:
    """Return the header fields of the answer that stay as saved."""
    lists = frozenset(line.add for line in TRANSACTIONS[form.kind].lines)
    document = books.references.resolved(values, form.kind, _SKIPPED | lists)
    if form.kind == "Bill":
        add_blocks(books, document, (("VendorAddress", "VendorAddressBlock"),))
        document.pop("VendorAddressBlock", None)  # a bill's answer has the address alone (schema)
        terms = books.references.find_optional("TermsRef", values, form.kind) or (
            own(books, party, "TermsRef") if form.is_new else None
        )
        if terms is not None:
            document["TermsRef"] = terms.reference
        document["DueDate"] = due_of(books, form, day, terms, DAYS_BILLS_ARE_DUE)
    elif form.kind == "Check":
        if form.is_new and "Address" not in document and party is not None:
            address = next((party.document[name] for name in _ADDRESSES if party.document.get(name)), None)
            if address is not None:
                document["Address"] = address
        add_blocks(books, document, (("Address", "AddressBlock"),))
        # A check that a Mod gives a number has been printed, unless the Mod says otherwise (as for checks that pay bills).
        numbered = not form.is_new and form.said.get("RefNumber") and "IsToBePrinted" not in form.said
        document["IsToBePrinted"] = bool(values.get("IsToBePrinted")) and not numbered
    if kind.account == "APAccountRef":
        document["IsPending"] = False
    return document


_ADDRESSES: Final = ("VendorAddress", "BillAddress", "EmployeeAddress", "OtherNameAddress")


def _refunds(books: "Books", form: Form, draft: Draft) -> list[tuple[Transaction, Applied]]:
    """Return the credits that a check pays out (ApplyCheckToTxn): they are applied to its line on receivables.

    The receivable account is that line's (documented), so the credits must be on it too (3180). A Mod that names credits replaces those
    before; one that does not leaves them (inferred from payments).
    """
    asked = form.said.get("ApplyCheckToTxnAdd") or form.said.get("ApplyCheckToTxnMod")
    if asked is None:
        return []
    if form.before is not None:
        payments.repost_all(books, take_back_credits(books, form.before))
    receivable = next(
        (row.account for row in draft.postings if row.account.document["AccountType"] == "AccountsReceivable"), None
    )
    owner = draft.open_name.number if draft.open_name is not None and draft.open_as == RECEIVABLE else None
    taken: list[tuple[Transaction, Applied]] = []
    for each in asked:
        credit = by_id(books, each.get("TxnID"))
        if credit is None or credit.open_as != RECEIVABLE_CREDIT or not credit.is_open:
            raise refuse(3120, value=each.get("TxnID") or "")
        if owner is not None and credit.open_name != owner:
            raise refuse(3120, value=each.get("TxnID") or "")
        if owner is not None and payments.ledger_account(books, credit) is not receivable:
            raise cannot_save(form.kind, "A credit is paid out on its own receivable account.")
        cents = each.get("Amount")
        cents = credit.open_cents if cents is None else cents
        before_cents = sum(part.cents for known, part in taken if known.number == credit.number)
        used_cents = sum(part.cents for _credit, part in taken)
        if cents <= 0 or before_cents + cents > credit.open_cents or owner is None or used_cents + cents > draft.open_cents:
            raise refuse(3210, field="Amount", value=money(cents))
        taken.append((credit, Applied(THIS, cents)))
    return taken
