"""Invoices and credit memos: line arithmetic, sales tax, terms, credit limit, postings.

Lines (documented): quantity and rate give the amount; quantity and amount give the rate; with both rate and amount the rate is ignored
with a warning; an item's own price and description stand in for what is left out. Tax (documented): the percentage of the taxable
lines, half a cent up; a line is taxed when its own code and the customer's code are taxable. Rates and quantities are whole 0.00001.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.company.addresses import add_blocks
from emulator.company.ledger import Posting
from emulator.company.nouns import FEATURES_OFF, TRANSACTIONS
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save, refuse
from emulator.company.rules.arithmetic import amount_of, money, percent_of, rate_of, warn_of_ignored, within_limits
from emulator.company.transactions import (
    Applied,
    Draft,
    Transaction,
    apply,
    by_id,
    change_open,
    due_date,
    receivable_or_payable,
    reference_number,
    refuse_links,
    refuse_taken_number,
    save,
    transaction_date,
)
from emulator.qbxml.status import Status

if TYPE_CHECKING:
    from emulator.company.books import Books

_HEADER_SKIP = frozenset(
    {
        "CustomerRef", "ARAccountRef", "TxnDate", "RefNumber", "IsPending", "TermsRef", "DueDate", "ItemSalesTaxRef",
        "CustomerSalesTaxCodeRef", "ExternalGUID", "LinkToTxnID", "SetCredit", "@defMacro", "IsToBePrinted", "IsToBeEmailed",
        "ExchangeRate",
    }
)  # fmt: skip
"""Header elements that are worked out below rather than copied."""

_RARE = FEATURES_OFF | {"LinkToTxn", "DataExt"}
"""Elements of a line that are refused; most lines have none of them, and one look must tell."""

_LINE_COPIED = ("ServiceDate", "Other1", "Other2")


@dataclass(slots=True)
class SaleLine:
    """One line worked out: its answer values, the account it posts to, and its part in the tax."""

    values: Values
    account: Record | None
    amount_cents: int
    taxable: bool


@dataclass(frozen=True, slots=True)
class SaleHeader:
    """What a sale refers to, as given or as its customer's record and the file say.

    Attributes:
        customer: whom it is for.
        day: TxnDate.
        receivable: the account that the total is posted to.
        customer_code: whether the customer is taxed at all.
        tax_item: the tax, None for a file without one.
        terms: payment terms.
    """

    customer: Record
    day: str
    receivable: Record
    customer_code: Record | None
    tax_item: Record | None
    terms: Record | None


@dataclass(frozen=True, slots=True)
class SaleTotals:
    """The sums of a sale in cents, and the tax rate in units of 0.00001."""

    subtotal_cents: int
    tax_rate: int
    tax_cents: int

    @property
    def total_cents(self) -> int:
        """What the customer owes for it."""
        return self.subtotal_cents + self.tax_cents


def add(books: "Books", kind: str, values: Values) -> tuple[Transaction, list[Status]]:
    """Save an invoice or credit memo. `values` is the aggregate of the request; returns it with the warnings of the answer.

    Raises:
        Refusal: 3120, 3140, 3171, 3180, 3205, 3210, 3250, 3270.
    """
    refuse_links(values)
    header = header_of(books, kind, values)
    warnings: list[Status] = []
    lines = _lines(books, kind, values, warnings)
    totals = totals_of(kind, header, lines)
    pending = bool(values.get("IsPending"))
    document = document_of(books, kind, values, header, totals)
    if kind == "Invoice" and not pending:
        refuse_over_credit_limit(books, header.customer, totals.total_cents)
    credits = credits_of(books, values, header.customer, totals.total_cents, pending)
    noun = TRANSACTIONS[kind]
    ref = reference_number(books, noun, values)
    if kind == "Invoice":
        refuse_taken_number(books, kind, "company.duplicate-invoice-number", ref)
    draft = Draft(
        kind,
        header.customer,
        header.day,
        ref,
        totals.total_cents,
        totals.total_cents,
        document,
        {noun.lines_keys[0]: [(f"{kind}LineRet", line.values) for line in lines]},
        () if pending else postings_of(books, kind, header, lines, totals),
        pending,
        values.get("ExternalGUID"),
    )
    saved = save(books, draft)
    use_credits(books, saved, credits)
    return saved, warnings


def header_of(books: "Books", kind: str, values: Values, fill_in: bool = True) -> SaleHeader:
    """Look up what the header refers to; `fill_in` takes what is left out from the customer's record and the file, as for an Add."""
    find = books.references
    customer = find.find("CustomerRef", values.get("CustomerRef"), kind)
    day = transaction_date(books, kind, values.get("TxnDate"))
    receivable = receivable_or_payable(books, "ARAccountRef", "AccountsReceivable", values, kind)
    code, tax_item, terms = (
        find.find_optional(name, values, kind) for name in ("CustomerSalesTaxCodeRef", "ItemSalesTaxRef", "TermsRef")
    )
    if fill_in:
        code = code or _own(books, customer, "SalesTaxCodeRef") or books.defaults.taxable_code
        tax_item = tax_item or _own(books, customer, "ItemSalesTaxRef") or books.defaults.sales_tax_item
        terms = terms or _own(books, customer, "TermsRef")
    return SaleHeader(customer, day, receivable, code, tax_item, terms)


def totals_of(kind: str, header: SaleHeader, lines: list[SaleLine]) -> SaleTotals:
    """Add the lines up and work out the tax."""
    taxes_customer = header.customer_code is not None and bool(header.customer_code.document.get("IsTaxable"))
    tax_rate = int(header.tax_item.document.get("TaxRate") or 0) if header.tax_item is not None and taxes_customer else 0
    tax_cents = percent_of(sum(line.amount_cents for line in lines if line.taxable), tax_rate) if tax_rate else 0
    totals = SaleTotals(sum(line.amount_cents for line in lines), tax_rate, tax_cents)
    within_limits("Subtotal", totals.total_cents)
    if totals.total_cents < 0:
        raise cannot_save(kind, "The amount of the transaction must not be negative.")
    return totals


def document_of(books: "Books", kind: str, values: Values, header: SaleHeader, totals: SaleTotals) -> Values:
    """Return the header fields of the answer that stay as saved."""
    document = books.references.resolved(values, kind, _HEADER_SKIP | {f"{kind}LineAdd|{kind}LineGroupAdd"})
    document["ARAccountRef"] = header.receivable.reference
    for name in ("BillAddress", "ShipAddress"):
        if name not in document and header.customer.document.get(name):
            document[name] = header.customer.document[name]
    add_blocks(books, document, (("BillAddress", "BillAddressBlock"), ("ShipAddress", "ShipAddressBlock")))
    if header.terms is not None:
        document["TermsRef"] = header.terms.reference
    document["DueDate"] = values.get("DueDate") or due_date(books, header.day, header.terms, 0)
    document["ShipDate"] = values.get("ShipDate") or header.day
    document["Subtotal"] = totals.subtotal_cents
    if header.tax_item is not None:
        document["ItemSalesTaxRef"] = header.tax_item.reference
    document["SalesTaxPercentage"] = totals.tax_rate
    document["SalesTaxTotal"] = totals.tax_cents
    if header.customer_code is not None:
        document["CustomerSalesTaxCodeRef"] = header.customer_code.reference
    if kind == "Invoice":
        document["IsFinanceCharge"] = bool(values.get("IsFinanceCharge"))
    document["IsToBePrinted"] = bool(values.get("IsToBePrinted"))
    document["IsToBeEmailed"] = bool(values.get("IsToBeEmailed"))
    return document


def _own(books: "Books", customer: Record, name: str) -> Record | None:
    """Return what the customer's record, or else the nearest ancestor that has it, refers to."""
    for record in (customer, *books.records.chain(customer)):
        reference = record.document.get(name)
        if reference:
            return books.references.find(name, {"ListID": reference["ListID"]}, record.kind)
    return None


def _lines(books: "Books", kind: str, values: Values, warnings: list[Status]) -> list[SaleLine]:
    lines: list[SaleLine] = []
    for name, line in values.get(f"{kind}LineAdd|{kind}LineGroupAdd") or ():
        if name == f"{kind}LineGroupAdd":
            books.references.find("ItemGroupRef", line.get("ItemGroupRef"), f"{kind} line")
        lines.append(line_of(books, kind, line, lines[-1].amount_cents if lines else 0, warnings))
    return lines


def line_of(books: "Books", kind: str, line: Values, above_cents: int, warnings: list[Status]) -> SaleLine:
    """Work out one line of an Add; `above_cents` is the amount of the line above it, which a percentage acts on."""
    owner = f"{kind} line"
    find = books.references
    if not _RARE.isdisjoint(line):
        refuse_links(line)
        for name in FEATURES_OFF:
            if line.get(name) is not None:
                raise refuse(3250)
    item = find.find_optional("ItemRef", line, owner)
    result: Values = {"TxnLineID": ""}
    if item is None:
        if line.get("Amount") or line.get("Rate") or line.get("Quantity"):
            raise cannot_save(kind, "A line with an amount needs an item.")
        if line.get("Desc"):
            result["Desc"] = line["Desc"]
        return SaleLine(result, None, 0, False)
    if item.kind == "ItemSalesTax":
        raise refuse(3140, reference="Item", value=item.full_name, object=owner)
    if line.get("PriceLevelRef") is not None:
        find.find("PriceLevelRef", line["PriceLevelRef"], owner)
    result["ItemRef"] = item.reference
    description, price, percent, account = _item_terms(books, item)
    if "Desc" in line:
        description = line["Desc"]
    if description:
        result["Desc"] = description
    amount_cents = _amount(books, line, result, price, percent, above_cents, warnings)
    code = find.find_optional("SalesTaxCodeRef", line, owner)
    if code is None and "SalesTaxCodeRef" in item.document:
        code = books.records.by_id("sales-tax-code", item.document["SalesTaxCodeRef"]["ListID"])
    if code is not None:
        result["SalesTaxCodeRef"] = code.reference
    for name in _LINE_COPIED:
        if line.get(name) is not None:
            result[name] = line[name]
    account = find.find_optional("OverrideItemAccountRef", line, owner) or account
    if account is None:
        raise refuse(3270, field="AccountRef")
    return SaleLine(result, account, amount_cents, code is not None and bool(code.document.get("IsTaxable")))


def _item_terms(books: "Books", item: Record) -> tuple[str | None, int | None, int | None, Record | None]:
    """Return what an item says of a sale: description, price, percentage, income account."""
    both = item.document.get("SalesAndPurchase")
    if both is not None:
        reference = both.get("IncomeAccountRef")
        description, price, percent = both.get("SalesDesc"), both.get("SalesPrice"), None
    else:
        one = item.document.get("SalesOrPurchase", {})
        reference = one.get("AccountRef")
        description, price, percent = one.get("Desc"), one.get("Price"), one.get("PricePercent")
    account = books.records.by_id("account", reference["ListID"]) if reference else None
    return description, price, percent, account


def _amount(
    books: "Books",
    line: Values,
    result: Values,
    price: int | None,
    percent: int | None,
    above_cents: int,
    warnings: list[Status],
) -> int:
    """Work out quantity, rate and amount of a line into `result`; return the amount."""
    quantity, rate, amount_cents = line.get("Quantity"), line.get("Rate"), line.get("Amount")
    percent = line.get("RatePercent") if line.get("RatePercent") is not None else percent
    if rate is None and amount_cents is None and percent is not None:
        # A percentage acts on the line above (documented).
        amount_cents = percent_of(above_cents, int(percent))
        result["RatePercent"] = percent
        result["Amount"] = amount_cents
        return amount_cents
    if quantity is not None:
        result["Quantity"] = quantity
    if amount_cents is not None:
        if rate is not None:
            warn_of_ignored(books, "Rate", rate, quantity, amount_cents, warnings)
        if quantity:
            result["Rate"] = rate_of(amount_cents, quantity)
        elif quantity is None:
            result["Rate"] = amount_cents * 1000  # cents to units of 0.00001
    else:
        rate = rate if rate is not None else price
        if rate is None:
            rate = 0
        result["Rate"] = rate
        amount_cents = amount_of(quantity if quantity is not None else 100_000, rate)
    result["Amount"] = amount_cents
    within_limits("Amount", amount_cents, result.get("Rate", 0))
    return int(amount_cents)


def refuse_over_credit_limit(books: "Books", customer: Record, total_cents: int) -> None:
    """Raise 3180 when so much more would take the customer, or one above it, over its credit limit."""
    if books.settings["company.credit-limit"] != "refused":
        return
    for record in (customer, *books.records.chain(customer)):
        limit_cents = record.document.get("CreditLimit")
        if limit_cents is not None and record.total_cents + total_cents > limit_cents:
            raise cannot_save("Invoice", f"The credit limit of {record.full_name} would be exceeded.")


def credits_of(
    books: "Books", values: Values, customer: Record, total_cents: int, pending: bool
) -> list[tuple[Transaction, int]]:
    """Return the credits that SetCredit takes for an invoice, with their cents."""
    taken: list[tuple[Transaction, int]] = []
    for each in values.get("SetCredit") or ():
        credit = by_id(books, each.get("CreditTxnID"))
        if credit is None or not credit.is_credit or credit.entity != customer.number:
            raise refuse(3120, value=each.get("CreditTxnID") or "")
        applied_cents = each.get("AppliedAmount") or 0
        before = sum(cents for known, cents in taken if known.number == credit.number)
        if applied_cents <= 0 or applied_cents + before > credit.open_cents:
            raise refuse(3210, field="AppliedAmount", value=money(applied_cents))
        taken.append((credit, applied_cents))
    if sum(cents for _credit, cents in taken) > total_cents:
        raise refuse(3210, field="AppliedAmount", value=money(sum(cents for _credit, cents in taken)))
    if pending and taken:
        raise cannot_save("Invoice", "A credit cannot be applied to a pending transaction.")
    return taken


def use_credits(books: "Books", invoice: Transaction, credits: list[tuple[Transaction, int]]) -> None:
    """Apply credits to an invoice that has been saved. Call inside `atomic`."""
    for credit, applied_cents in credits:
        apply(books, credit, [Applied(invoice, applied_cents)])
        change_open(books, credit, -applied_cents, touch=True)


def postings_of(books: "Books", kind: str, header: SaleHeader, lines: list[SaleLine], totals: SaleTotals) -> list[Posting]:
    """Return the ledger rows: an invoice debits the receivable and credits income and tax; a credit memo the other way round."""
    sign = 1 if kind == "Invoice" else -1
    postings = [Posting(header.receivable, header.customer, sign * totals.total_cents)]
    postings += [Posting(line.account, None, -sign * line.amount_cents) for line in lines if line.account is not None]
    if totals.tax_cents:
        postings.append(Posting(books.defaults.posting_account("SalesTaxPayable"), None, -sign * totals.tax_cents))
    return postings
