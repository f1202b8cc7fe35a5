"""Bills: expense lines and item lines, what is owed, postings.

AmountDue is the sum of the lines; OpenAmount is what is left of it and cannot be set (documented). An item line posts to the item's
expense account, or to its only account. With both cost and amount the cost is ignored with a warning, as the rate of a sale is.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulator.company.addresses import add_blocks
from emulator.company.ledger import Posting
from emulator.company.nouns import TRANSACTIONS
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save, refuse
from emulator.company.rules.arithmetic import amount_of, rate_of, warn_of_ignored, within_limits
from emulator.company.transactions import (
    Draft,
    Transaction,
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

DAYS_BILLS_ARE_DUE = 10
"""Days until a bill without terms is due; answered in the preferences too (the preference's usual value)."""

_HEADER_SKIP = frozenset(
    {
        "VendorRef", "APAccountRef", "TxnDate", "DueDate", "RefNumber", "TermsRef", "ExternalGUID", "LinkToTxnID",
        "ExpenseLineAdd", "ItemLineAdd|ItemGroupLineAdd", "@defMacro", "ExchangeRate", "IsPending",
    }
)  # fmt: skip


@dataclass(slots=True)
class BillLines:
    """The lines of a bill as they are worked out: their answer values, ledger rows, and warnings."""

    expenses: list[Values] = field(default_factory=list)
    items: list[Values] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    warnings: list[Status] = field(default_factory=list)

    @property
    def total_cents(self) -> int:
        """What the bill is about; never negative (3180)."""
        cents = sum(posting.cents for posting in self.postings)
        within_limits("AmountDue", cents)
        if cents < 0:
            raise cannot_save("Bill", "The amount of the transaction must not be negative.")
        return cents


def add(books: "Books", kind: str, values: Values) -> tuple[Transaction, list[Status]]:
    """Save a bill. `values` is the aggregate of the request; returns it with the warnings of the answer.

    Raises:
        Refusal: 3140, 3171, 3180, 3205, 3250, 3270.
    """
    refuse_links(values)
    vendor = books.references.find("VendorRef", values.get("VendorRef"), kind)
    filled_in = dict(values)
    for name in ("TermsRef", "VendorAddress"):
        if not values.get(name) and vendor.document.get(name):
            filled_in[name] = vendor.document[name]
    lines = BillLines()
    for line in values.get("ExpenseLineAdd") or ():
        lines.expenses.append(expense_line(books, line, lines))
    for name, line in values.get("ItemLineAdd|ItemGroupLineAdd") or ():
        lines.items.append(item_line(books, name == "ItemGroupLineAdd", line, lines))
    draft = draft_of(books, kind, vendor, filled_in, lines)
    draft.ref = reference_number(books, TRANSACTIONS[kind], values)
    refuse_taken_number(books, kind, "company.duplicate-bill-number", draft.ref, vendor)
    return save(books, draft), lines.warnings


def draft_of(books: "Books", kind: str, vendor: Record, values: Values, lines: BillLines) -> Draft:
    """Return the bill that a header in the shape of an Add and the lines make, all of it open and without a RefNumber."""
    find = books.references
    day = transaction_date(books, kind, values.get("TxnDate"))
    payable = receivable_or_payable(books, "APAccountRef", "AccountsPayable", values, kind)
    terms = find.find_optional("TermsRef", values, kind)
    amount_cents = lines.total_cents
    document = find.resolved(values, kind, _HEADER_SKIP)
    document["APAccountRef"] = payable.reference
    add_blocks(books, document, (("VendorAddress", "VendorAddressBlock"),))
    document.pop("VendorAddressBlock", None)  # a bill's answer has the address alone (schema)
    if terms is not None:
        document["TermsRef"] = terms.reference
    document["DueDate"] = values.get("DueDate") or due_date(books, day, terms, DAYS_BILLS_ARE_DUE)
    answered: dict[str, list[object]] = {}
    if lines.expenses:
        answered["ExpenseLineRet"] = list(lines.expenses)
    if lines.items:
        answered["ItemLineRet|ItemGroupLineRet"] = [("ItemLineRet", line) for line in lines.items]
    return Draft(
        kind,
        vendor,
        day,
        "",
        amount_cents,
        amount_cents,
        document,
        answered,
        [Posting(payable, vendor, -amount_cents), *lines.postings],
        guid=values.get("ExternalGUID"),
    )


def expense_line(books: "Books", line: Values, lines: BillLines) -> Values:
    """Work out one expense line of an Add, post it to `lines` and return its answer values."""
    owner = "Bill line"
    refuse_links(line)
    amount_cents = line.get("Amount") or 0
    account = books.references.find_optional("AccountRef", line, owner)
    if account is None and amount_cents:
        raise cannot_save("Bill", "A line with an amount needs an account.")
    result: Values = {"TxnLineID": "", **books.references.resolved(line, owner, frozenset({"@defMacro"}))}
    if account is not None:
        if account.document.get("AccountType") == "AccountsPayable":
            raise cannot_save("Bill", "A bill cannot post to accounts payable twice.")
        result["Amount"] = amount_cents
        lines.postings.append(Posting(account, _name_for(books, account, line), amount_cents))
    return result


def item_line(books: "Books", is_group: bool, line: Values, lines: BillLines) -> Values:
    """Work out one item line of an Add, post it to `lines` and return its answer values."""
    owner = "Bill line"
    refuse_links(line)
    find = books.references
    if is_group:
        find.find("ItemGroupRef", line.get("ItemGroupRef"), owner)
    item = find.find_optional("ItemRef", line, owner)
    skip = frozenset({"ItemRef", "Quantity", "Cost", "Amount", "OverrideItemAccountRef", "LinkToTxn", "Desc"})
    result: Values = {"TxnLineID": "", **find.resolved(line, owner, skip)}
    if item is None:
        if line.get("Amount") or line.get("Cost") or line.get("Quantity"):
            raise cannot_save("Bill", "A line with an amount needs an item.")
        if line.get("Desc"):
            result["Desc"] = line["Desc"]
        return result
    description, cost, account = _purchase_terms(books, item)
    result["ItemRef"] = item.reference
    description = line.get("Desc", description)
    if description:
        result["Desc"] = description
    quantity, amount_cents = line.get("Quantity"), line.get("Amount")
    if quantity is not None:
        result["Quantity"] = quantity
    if amount_cents is None:
        cost = line["Cost"] if line.get("Cost") is not None else (cost or 0)
        amount_cents = amount_of(quantity if quantity is not None else 100_000, cost)
    else:
        if line.get("Cost") is not None:
            warn_of_ignored(books, "Cost", line["Cost"], quantity, amount_cents, lines.warnings)
        cost = rate_of(amount_cents, quantity) if quantity else amount_cents * 1000
    result["Cost"], result["Amount"] = cost, amount_cents
    within_limits("Amount", amount_cents, cost)
    account = find.find_optional("OverrideItemAccountRef", line, owner) or account
    if account is None:
        raise refuse(3270, field="ExpenseAccountRef")
    lines.postings.append(Posting(account, _name_for(books, account, line), amount_cents))
    return result


def _name_for(books: "Books", account: Record, line: Values) -> Record | None:
    """Return the customer of a line that posts to a receivable account, whose balance it then moves."""
    if account.document.get("AccountType") != "AccountsReceivable":
        return None
    customer = books.references.find_optional("CustomerRef", line, "Bill line")
    if customer is None:
        raise cannot_save("Bill", "A line that posts to accounts receivable needs a customer.")
    return customer


def _purchase_terms(books: "Books", item: Record) -> tuple[str | None, int | None, Record | None]:
    both = item.document.get("SalesAndPurchase")
    if both is not None:
        reference = both.get("ExpenseAccountRef")
        description, cost = both.get("PurchaseDesc"), both.get("PurchaseCost")
    else:
        one = item.document.get("SalesOrPurchase", {})
        reference, description, cost = one.get("AccountRef"), one.get("Desc"), one.get("Price")
    account = books.records.by_id("account", reference["ListID"]) if reference else None
    return description, cost, account
