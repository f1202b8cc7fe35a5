"""Sales: invoices, estimates, sales orders, sales receipts and credit memos - header, tax, terms, credit limit, postings.

Tax (documented): the percentage of the taxable lines, half a cent up; a group of taxes rounds each of them, then adds. An invoice is
posted to accounts receivable, a sales receipt to where its money goes, a credit memo the other way round; estimates and sales orders do
not post. A customer's code, tax, terms, sales rep and price level stand in for what an Add leaves out (inferred from the forms on screen).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from emulator.company.addresses import add_blocks
from emulator.company.arithmetic import money, percent_of, within_limits
from emulator.company.ledger import Posting, home_cents_of
from emulator.company.numbering import discount_terms, due_date, refuse_taken_number
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save, refuse
from emulator.company.rules import orders
from emulator.company.rules.form import Form
from emulator.company.rules.parts import day_of, main_account, of_type, order_account, own, ref_of
from emulator.company.rules.sale_lines import SaleLines
from emulator.company.transaction_rows import TRANSACTIONS
from emulator.company.transactions import (
    NOTHING_OPEN,
    RECEIVABLE,
    RECEIVABLE_CREDIT,
    THIS,
    Applied,
    Draft,
    Transaction,
    by_id,
    open_parts,
)

if TYPE_CHECKING:
    from emulator.company.books import Books

MONEY_ACCOUNTS: Final = ("Bank", "OtherCurrentAsset", "CreditCard", "OtherCurrentLiability", "LongTermLiability", "Equity", "OtherAsset",
                         "FixedAsset")  # fmt: skip
"""Types of accounts that money can be put into: everything on the balance sheet but receivables and payables (inferred)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of sale is.

    Attributes:
        sign: 1 when the customer owes, -1 when it is credited.
        account: the element that names its main account, "" when it has none.
        special: the account of the file that stands in for it.
        open_as: what its total is open as.
        posts: whether it posts.
        fields: elements an answer always has, with what they are when nothing is said.
        ships: whether it has a ShipDate.
    """

    sign: int
    account: str
    special: str
    open_as: str
    posts: bool
    fields: tuple[str, ...]
    ships: bool


KINDS: Final = {
    "Invoice": Kind(
        1, "ARAccountRef", "AccountsReceivable", RECEIVABLE, True, ("IsFinanceCharge", "IsToBePrinted", "IsToBeEmailed"), True
    ),
    "CreditMemo": Kind(
        -1, "ARAccountRef", "AccountsReceivable", RECEIVABLE_CREDIT, True, ("IsToBePrinted", "IsToBeEmailed"), True
    ),
    "SalesReceipt": Kind(
        1, "DepositToAccountRef", "UndepositedFunds", NOTHING_OPEN, True, ("IsToBePrinted", "IsToBeEmailed"), True
    ),
    "Estimate": Kind(1, "", "Estimates", NOTHING_OPEN, False, ("IsToBeEmailed",), False),
    "SalesOrder": Kind(1, "", "SalesOrders", NOTHING_OPEN, False, ("IsManuallyClosed", "IsToBePrinted", "IsToBeEmailed"), True),
}

_SKIPPED: Final = frozenset(
    {
        "CustomerRef", "ARAccountRef", "DepositToAccountRef", "TxnDate", "RefNumber", "IsPending", "TermsRef", "DueDate",
        "ItemSalesTaxRef", "CustomerSalesTaxCodeRef", "ExternalGUID", "LinkToTxnID", "SetCredit", "@defMacro", "ExchangeRate",
        "CreateChangeOrder", "SuggestedDiscountAmount", "SuggestedDiscountDate",
    }
)  # fmt: skip
"""Header elements that are worked out below rather than copied."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a sale refers to, as given or as its customer's record and the file say.

    Attributes:
        customer: whom it is for.
        day: TxnDate.
        account: its main account; of an estimate or order the one it is told under.
        customer_code: whether the customer is taxed at all.
        taxes: the taxes, with their rates in 0.00001 percent.
        tax_item: the tax or group of taxes.
        terms: payment terms.
    """

    customer: Record | None
    day: str
    account: Record
    customer_code: Record | None
    tax_item: Record | None
    terms: Record | None

    @property
    def taxes_customer(self) -> bool:
        """Whether the customer's code is taxable."""
        return self.customer_code is not None and bool(self.customer_code.document.get("IsTaxable"))


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of a sale in cents; each tax with its amount; the tax rate in 0.00001 percent."""

    subtotal_cents: int
    tax_rate: int
    taxes: tuple[tuple[Record, int], ...]

    @property
    def tax_cents(self) -> int:
        """All taxes together."""
        return sum(cents for _tax, cents in self.taxes)

    @property
    def total_cents(self) -> int:
        """What the customer owes for it."""
        return self.subtotal_cents + self.tax_cents


def work_out(books: "Books", form: Form) -> Draft:
    """Return the sale that a form asks for.

    Raises:
        Refusal: 3000, 3101, 3120, 3140, 3171, 3177, 3180, 3205, 3210, 3250, 3270.
    """
    kind = KINDS[form.kind]
    header = header_of(books, form)
    currency = books.currencies.of(header.customer)
    rate = books.currencies.rate(currency, form.said if form.is_new else form.header)
    find, key = books.references, TRANSACTIONS[form.kind].lines[0].ret
    level = own(books, header.customer, "PriceLevelRef") if "price-levels" in books.features.on else None
    lines = SaleLines(
        books, form.kind, kind.sign, header.customer, level, find.find_optional("ClassRef", form.header, form.kind), []
    )
    asked = form.lines[key]
    if form.kind == "Invoice":
        assert header.customer is not None
        asked = orders.linked(books, form, key, "SalesOrder", header.customer, lines.warnings)
    lines.add(asked)
    totals = _totals(books, form.kind, header, lines)
    pending = bool(form.header.get("IsPending")) and kind.posts
    draft = Draft(
        form.kind,
        header.customer,
        header.day,
        _ref(books, form),
        totals.total_cents,
        _document(books, form, kind, header, totals),
        account=header.account,
        open_as=kind.open_as,
        open_cents=totals.total_cents if kind.open_as else 0,
        pending=pending,
        posts=kind.posts,
        lines={key: lines.values},
        postings=_postings(books, kind, header, lines, totals),
        movements=lines.movements,
        orders=lines.orders,
        fulfils=lines.fulfils,
        guid=form.header.get("ExternalGUID") if form.is_new else None,
        currency=currency,
        rate=rate,
        warnings=lines.warnings,
        extensions=lines.extensions,
    )
    draft.due = draft.document.get("DueDate")
    if rate is not None:
        draft.document["ExchangeRate"] = format(rate.normalize(), "f")
    if form.kind == "Invoice":
        _check_invoice(books, form, header, draft)
    return draft


def header_of(books: "Books", form: Form) -> Header:
    """Look up what the header refers to; for an Add, what is left out is taken from the customer's record and the file."""
    find, kind, values = books.references, form.kind, form.header
    row = KINDS[kind]
    if kind == "SalesReceipt":
        customer = find.find_optional("CustomerRef", values, kind)
    else:
        customer = find.find("CustomerRef", values.get("CustomerRef"), kind)
    day = day_of(books, form)
    if row.account == "ARAccountRef":
        account = main_account(books, row.account, row.special, values, kind)
        books.currencies.refuse_other(kind, books.currencies.of(customer), account)
    elif row.account:
        account = find.find_optional(row.account, values, kind) or books.defaults.posting_account(row.special)
        of_type(account, kind, *MONEY_ACCOUNTS)
    else:
        account = order_account(books, row.special)
    code, tax_item, terms = (
        find.find_optional(name, values, kind) for name in ("CustomerSalesTaxCodeRef", "ItemSalesTaxRef", "TermsRef")
    )
    if form.is_new:
        code = code or own(books, customer, "SalesTaxCodeRef") or books.defaults.taxable_code
        tax_item = tax_item or own(books, customer, "ItemSalesTaxRef") or books.defaults.sales_tax_item
        if kind != "SalesReceipt":
            terms = terms or own(books, customer, "TermsRef")
    return Header(customer, day, account, code, tax_item, terms)


def taxes_of(books: "Books", tax_item: Record) -> list[Record]:
    """Return the taxes that a sales tax item is: itself, or the members of a group."""
    if tax_item.kind != "ItemSalesTaxGroup":
        return [tax_item]
    members = (books.records.by_id("item", each["ListID"]) for each in tax_item.document.get("ItemSalesTaxRef") or ())
    return [member for member in members if member is not None]


def _totals(books: "Books", kind: str, header: Header, lines: SaleLines) -> Totals:
    """Add the lines up and work out the tax; a sale below zero is refused (3180)."""
    taxes: list[tuple[Record, int]] = []
    tax_rate = 0
    if header.tax_item is not None and header.taxes_customer:
        for tax in taxes_of(books, header.tax_item):
            rate = int(tax.document.get("TaxRate") or 0)
            tax_rate += rate
            taxes.append((tax, percent_of(lines.taxable_cents, rate)))
    totals = Totals(lines.subtotal_cents, tax_rate, tuple(taxes))
    within_limits("Subtotal", totals.total_cents)
    if totals.total_cents < 0:
        raise cannot_save(kind, "The amount of the transaction must not be negative.")
    return totals


def _ref(books: "Books", form: Form) -> str:
    ref = ref_of(books, form)
    before = form.before
    if form.kind == "Invoice" and (before is None or ref != before.ref):
        itself = before.number if before is not None else 0
        refuse_taken_number(books, form.kind, "company.duplicate-invoice-number", ref, itself=itself)
    return ref


def _document(books: "Books", form: Form, kind: Kind, header: Header, totals: Totals) -> Values:
    """Return the header fields of the answer that stay as saved."""
    values = form.header
    document = books.references.resolved(values, form.kind, _SKIPPED | {line.add for line in TRANSACTIONS[form.kind].lines})
    if form.is_new and header.customer is not None:
        for name in ("BillAddress", "ShipAddress"):
            if name not in document and header.customer.document.get(name):
                document[name] = header.customer.document[name]
        if "SalesRepRef" not in document:
            representative = own(books, header.customer, "SalesRepRef")
            if representative is not None:
                document["SalesRepRef"] = representative.reference
    add_blocks(books, document, (("BillAddress", "BillAddressBlock"), ("ShipAddress", "ShipAddressBlock")))
    if header.terms is not None:
        document["TermsRef"] = header.terms.reference
    document["DueDate"] = values.get("DueDate") or due_date(header.day, header.terms, 0)
    if kind.ships:
        document["ShipDate"] = values.get("ShipDate") or header.day
    document["Subtotal"] = totals.subtotal_cents
    if header.tax_item is not None:
        document["ItemSalesTaxRef"] = header.tax_item.reference
    document["SalesTaxPercentage"] = totals.tax_rate
    document["SalesTaxTotal"] = totals.tax_cents
    if header.customer_code is not None:
        document["CustomerSalesTaxCodeRef"] = header.customer_code.reference
    for name in kind.fields:
        document[name] = bool(values.get(name))
    if form.kind == "Estimate":
        document["IsActive"] = values.get("IsActive") is not False
    if form.kind == "Invoice":
        discount = discount_terms(header.day, header.terms)
        if discount is not None:
            document["SuggestedDiscountDate"] = discount[0]
            document["SuggestedDiscountAmount"] = percent_of(totals.subtotal_cents, discount[1])
    return document


def _postings(books: "Books", kind: Kind, header: Header, lines: SaleLines, totals: Totals) -> list[Posting]:
    """Return the rows: the main account against income and tax, each tax under the name of who is paid it."""
    postings = [Posting(header.account, header.customer, kind.sign * totals.total_cents), *lines.postings]
    for tax, cents in totals.taxes:
        if cents:
            agency = tax.document.get("TaxVendorRef")
            vendor = books.records.by_id("entity", agency["ListID"]) if agency else None
            payable = books.defaults.posting_account("SalesTaxPayable")
            postings.append(Posting(payable, vendor, -kind.sign * cents, item=tax))
    return postings


# ---- what only invoices have ----------------------------------------------------------------------------------------------------


def _check_invoice(books: "Books", form: Form, header: Header, draft: Draft) -> None:
    """Hold an invoice against the credit limit, and take the credits that it names."""
    customer, before = header.customer, form.before
    assert customer is not None
    counted_cents = 0
    if before is not None and not before.pending and before.entity == customer.number:
        counted_cents = before.amount_cents
    if not draft.pending and draft.amount_cents > counted_cents:
        refuse_over_credit_limit(books, customer, home_cents_of(draft.amount_cents - counted_cents, draft.rate))
    draft.credited = credits_of(books, form.said, customer, draft.amount_cents, draft.pending)
    if form.is_new and not draft.pending and books.features.preferences.get("auto_apply_credits"):
        left_cents = draft.amount_cents - sum(part.cents for _credit, part in draft.credited)
        draft.credited += _automatic_credits(books, customer, left_cents, {credit.number for credit, _part in draft.credited})


def refuse_over_credit_limit(books: "Books", customer: Record, more_cents: int) -> None:
    """Raise 3180 when so much more would take the customer, or one above it, over its credit limit."""
    if books.settings["company.credit-limit"] != "refused":
        return
    for record in (customer, *books.records.chain(customer)):
        limit_cents = record.document.get("CreditLimit")
        if limit_cents is not None and record.total_cents + more_cents > limit_cents:
            raise cannot_save("Invoice", f"The credit limit of {record.full_name} would be exceeded.")


def credits_of(
    books: "Books", values: Values, customer: Record, total_cents: int, pending: bool
) -> list[tuple[Transaction, Applied]]:
    """Return the credits that SetCredit takes for an invoice, each with its part; the target is filled in when it is saved."""
    taken: list[tuple[Transaction, Applied]] = []
    for each in values.get("SetCredit") or ():
        credit = by_id(books, each.get("CreditTxnID"))
        usable = credit is not None and credit.open_as == RECEIVABLE_CREDIT and not credit.pending
        if credit is None or not usable or credit.open_name != customer.number:
            raise refuse(3120, value=each.get("CreditTxnID") or "")
        applied_cents = each.get("AppliedAmount") or 0
        before_cents = sum(part.cents for known, part in taken if known.number == credit.number)
        if applied_cents <= 0 or applied_cents + before_cents > credit.open_cents:
            raise refuse(3210, field="AppliedAmount", value=money(applied_cents))
        taken.append((credit, Applied(THIS, applied_cents)))
    used_cents = sum(part.cents for _credit, part in taken)
    if used_cents > total_cents:
        raise refuse(3210, field="AppliedAmount", value=money(used_cents))
    if pending and taken:
        raise cannot_save("Invoice", "A credit cannot be applied to a pending transaction.")
    return taken


def _automatic_credits(books: "Books", customer: Record, left_cents: int, taken: set[int]) -> list[tuple[Transaction, Applied]]:
    """Return the oldest open credits of a customer, up to an amount (preference of the file)."""
    result: list[tuple[Transaction, Applied]] = []
    for credit in open_parts(books, RECEIVABLE_CREDIT, [customer.number]):
        if left_cents <= 0:
            break
        if credit.number not in taken:
            cents = min(left_cents, credit.open_cents)
            result.append((credit, Applied(THIS, cents)))
            left_cents -= cents
    return result
