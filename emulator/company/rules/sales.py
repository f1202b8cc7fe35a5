"""Sales: invoices, estimates, sales orders, sales receipts and credit memos - header, tax, terms, credit limit, postings.

Tax (documented): the percentage of the taxable lines, half a cent up; a group of taxes rounds each of them, then adds. An invoice is
posted to accounts receivable, a sales receipt to where its money goes, a credit memo the other way round; estimates and sales orders do
not post. A customer's code, tax, terms, sales rep and price level stand in for what an Add leaves out (inferred from the forms on screen).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from emulator.company.addresses import add_blocks
from emulator.company.arithmetic import percent_of, total_within_limits
from emulator.company.currencies import worth, written_rate
from emulator.company.ledger import Posting
from emulator.company.links import applied_cents, parts_of
from emulator.company.numbering import discount_terms, refuse_taken_number
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save
from emulator.company.rules import orders
from emulator.company.rules.credits import automatic_credits, credits_of, refuse_over_credit_limit
from emulator.company.rules.form import Form, Line
from emulator.company.rules.parts import day_of, due_of, main_account, of_type, order_account, own, ref_of
from emulator.company.rules.sale_lines import SaleLines, tax_agency
from emulator.company.transaction_rows import TRANSACTIONS
from emulator.company.transactions import (
    NOTHING_OPEN,
    RECEIVABLE,
    RECEIVABLE_CREDIT,
    Draft,
    Transaction,
    header_line_of,
)

if TYPE_CHECKING:
    from decimal import Decimal

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

_NOT_COPIED: Final = {kind: _SKIPPED | {line.add for line in TRANSACTIONS[kind].lines} for kind in KINDS}
"""Kind -> elements of its Add that do not stand in the header of the answer as they were said."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a sale refers to, as given or as its customer's record and the file say.

    Attributes:
        customer: whom it is for.
        day: TxnDate.
        account: its main account; of an estimate or order the one it is told under.
        customer_code: whether the customer is taxed at all.
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
    currency = books.currencies.of(header.customer or header.account)
    rate = books.currencies.rate(currency, form.said if form.is_new else form.header)
    _refuse_other_rate(books, form, rate)
    key = TRANSACTIONS[form.kind].lines[0].ret
    lines = SaleLines(
        books,
        form.kind,
        kind.sign,
        header.customer,
        own(books, header.customer, "PriceLevelRef") if "price-levels" in books.features.on else None,
        books.references.find_optional("ClassRef", form.header, form.kind),
        [],
        currency,
        rate,
        closed=form.kind == "SalesOrder" and bool(form.header.get("IsManuallyClosed")),
    )
    lines.add(_linked_lines(books, form, key, header, lines))
    totals = _totals(books, form, header, lines)
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
        postings=_postings(books, kind, header, lines, totals, rate),
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
        draft.document["ExchangeRate"] = written_rate(rate)
    if form.kind == "Invoice":
        _check_invoice(books, form, header, draft)
    return draft


def _refuse_other_rate(books: "Books", form: Form, rate: "Decimal | None") -> None:
    """Refuse another rate of exchange for what is paid or credits something: the gain or loss was worked out with it."""
    before = form.before
    if before is None or before.rate == rate:
        return
    if applied_cents(books, before.number) or parts_of(books, before.number):
        raise cannot_save(form.kind, "It is linked to another transaction.")


def _linked_lines(books: "Books", form: Form, key: str, header: Header, lines: SaleLines) -> list[Line]:
    """Return the lines to work out: those of a form, with what its links to sales orders bring; what is linked keeps its customer."""
    asked = form.lines[key]
    if form.kind == "SalesOrder":
        orders.refuse_lost_lines(books, form, key, header.customer)
    if form.kind != "Invoice":
        return asked
    assert header.customer is not None
    orders.refuse_other_party(form, header.customer, any(line.order is not None for line in orders.each_line(asked)))
    form.lines[key] = orders.linked(books, form, key, "SalesOrder", header.customer, lines.warnings)
    return form.lines[key]


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
    elif row.account:
        account = find.find_optional(row.account, values, kind) or books.defaults.posting_account(row.special)
        of_type(account, kind, *MONEY_ACCOUNTS)
    else:
        account = order_account(books, row.special)
    if row.account:
        books.currencies.refuse_other(kind, books.currencies.of(customer or account), account)
    # A document of before sales tax was switched off keeps its tax; only what a request says is refused then.
    taxing = values if "sales-tax" in books.features.on else form.said
    code, tax_item = (find.find_optional(name, taxing, kind) for name in ("CustomerSalesTaxCodeRef", "ItemSalesTaxRef"))
    terms = find.find_optional("TermsRef", values, kind)
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


def _totals(books: "Books", form: Form, header: Header, lines: SaleLines) -> Totals:
    """Add the lines up and work out the tax; a sale below zero is refused (3180)."""
    taxes: list[tuple[Record, int]] = []
    tax_rate = 0
    if form.before is not None and not _touches_tax(form):
        tax_rate, taxes = form.before.document.get("SalesTaxPercentage") or 0, _taxes_as_saved(books, form.before)
    elif header.tax_item is not None and header.taxes_customer:
        for tax in taxes_of(books, header.tax_item):
            rate = int(tax.document.get("TaxRate") or 0)
            tax_rate += rate
            taxes.append((tax, percent_of(lines.total.taxable_cents, rate)))
    totals = Totals(lines.total.cents, tax_rate, tuple(taxes))
    total_within_limits(form.kind, "Subtotal", totals.total_cents)
    return totals


def _touches_tax(form: Form) -> bool:
    """Return whether a Mod says anything that the tax follows from (switch company.tax-rate-of-mod)."""
    return any(name in _TAXING or "Line" in name or name == "LinkToTxnID" for name in form.said)


_TAXING: Final = frozenset({"CustomerRef", "CustomerSalesTaxCodeRef", "ItemSalesTaxRef"})


def _taxes_as_saved(books: "Books", before: Transaction) -> list[tuple[Record, int]]:
    """Return the taxes of a sale as it stands, each with its amount; a tax that is a line of its own is none of them."""
    rows = books.store.execute(
        "SELECT item, abs(cents) FROM entry JOIN list_record ON record = item WHERE txn = ? AND kind = 'ItemSalesTax' AND line_id = ?"
        " ORDER BY line",
        (before.number, header_line_of(books, before)),
    ).fetchall()
    return [(books.records.by_number(item), cents) for item, cents in rows]


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
    document = books.references.resolved(values, form.kind, _NOT_COPIED[form.kind])
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
    document["DueDate"] = due_of(books, form, header.day, header.terms)
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
            of_subtotal = books.settings["company.suggested-discount-of"] == "subtotal"
            document["SuggestedDiscountAmount"] = percent_of(
                totals.subtotal_cents if of_subtotal else totals.total_cents, discount[1]
            )
    return document


def _postings(
    books: "Books", kind: Kind, header: Header, lines: SaleLines, totals: Totals, rate: "Decimal | None"
) -> list[Posting]:
    """Return the rows: the main account against income and tax, each tax under the name of who is paid it."""
    postings = [Posting(header.account, header.customer, kind.sign * totals.total_cents), *lines.postings]
    for tax, cents in totals.taxes:
        if cents:
            payable = books.defaults.posting_account("SalesTaxPayable")
            postings.append(Posting(payable, tax_agency(books, tax), -kind.sign * cents, item=tax))
    return postings if rate is None else worth(postings, rate)


def _check_invoice(books: "Books", form: Form, header: Header, draft: Draft) -> None:
    """Hold an invoice against the credit limit, and take the credits that it names."""
    customer, before = header.customer, form.before
    assert customer is not None
    if not draft.pending:
        refuse_over_credit_limit(books, customer, draft.amount_cents, before)
    left_cents = draft.amount_cents - (applied_cents(books, before.number) if before is not None else 0)
    draft.credited = credits_of(books, form.said, customer, header.account, left_cents, draft.pending)
    if form.is_new and not draft.pending and books.features.preferences.get("auto_apply_credits"):
        left_cents -= sum(part.cents for _credit, part in draft.credited)
        taken = {credit.number for credit, _part in draft.credited}
        draft.credited += automatic_credits(books, customer, header.account, left_cents, taken)
