"""What the rules of several families have in common: date and number, main accounts, defaults of a name, names on lines."""

from typing import TYPE_CHECKING, Final

from emulator.company.ledger import NAMED, Posting
from emulator.company.lists import make_special
from emulator.company.numbering import due_date, reference_number, transaction_date
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save, refuse
from emulator.company.rules.form import Form
from emulator.company.transaction_rows import TRANSACTIONS
from emulator.company.transactions import PAYABLE, PAYABLE_CREDIT, RECEIVABLE, RECEIVABLE_CREDIT, Draft

if TYPE_CHECKING:
    from emulator.company.books import Books

CHECKS: Final = frozenset({"Check", "BillPaymentCheck", "SalesTaxPaymentCheck"})
"""Kinds whose RefNumber is the number of a check."""

CHECK_NUMBER_LENGTH_MAX: Final = 11
"""Characters of such a number."""


def day_of(books: "Books", form: Form, name: str = "TxnDate") -> str:
    """Return the date of a form, refusing one that the books are closed for (3171)."""
    given = form.header.get(name)
    if form.before is not None and given == form.before.date:
        return form.before.date
    return transaction_date(books, form.kind, given)


def ref_of(books: "Books", form: Form) -> str:
    """Return the RefNumber of a form; a check that is to be printed has none yet.

    A check may have no longer number than an answer can tell (documented: the schema of its answer; one request has no limit): 3070.
    """
    is_check = form.kind in CHECKS
    if is_check and len(form.said.get("RefNumber") or "") > CHECK_NUMBER_LENGTH_MAX:
        raise refuse(3070, field="RefNumber", value=form.said["RefNumber"])
    if form.before is not None:
        return "" if is_check and form.said.get("IsToBePrinted") else form.header.get("RefNumber") or ""
    if is_check and form.header.get("IsToBePrinted") and not form.header.get("RefNumber"):
        return ""
    return reference_number(books, TRANSACTIONS[form.kind], form.header)


def due_of(books: "Books", form: Form, day: str, terms: Record | None, days_without_terms: int = 0) -> str:
    """Return the DueDate of a form: the one that is said, else what the terms make of the date.

    A Mod that changes neither date nor terms keeps it; one that changes them works it out anew, as the form on screen does (switch
    company.due-date-of-mod).
    """
    given: str | None = form.header.get("DueDate")
    if not form.is_new and books.settings["company.due-date-of-mod"] == "from-terms":
        moves = "DueDate" not in form.said and not form.said.keys().isdisjoint({"TxnDate", "TermsRef"})
        given = None if moves else given
    return given or due_date(day, terms, days_without_terms)


def main_account(books: "Books", name: str, special: str, values: Values, kind: str) -> Record:
    """Return the receivable, payable or other main account of a transaction: the one named, else the file's own.

    An account of another type is refused with 3180.
    """
    account = books.references.find_optional(name, values, kind)
    if account is None:
        return books.defaults.posting_account(special)
    return of_type(account, kind, special)


def order_account(books: "Books", special: str) -> Record:
    """Return the account that orders and estimates are told under.

    QuickBooks makes it when the first of them is entered (inferred: new charts of accounts lack it, used ones have it).
    """
    account = books.defaults.non_posting_account(special)
    return account if account is not None else make_special(books, special)


def of_type(account: Record, kind: str, *types: str) -> Record:
    """Return an account that is of one of these types, or refuse with 3180."""
    if account.document["AccountType"] not in types:
        raise cannot_save(kind, f"The account {account.full_name} is not of type {' or '.join(types)}.")
    return account


def own(books: "Books", name: Record | None, reference: str) -> Record | None:
    """Return what the record of a customer or vendor, or else its nearest ancestor that has it, refers to.

    What it has of a feature that is switched off counts for nothing.
    """
    record = None if reference in books.references.fields_off else name
    while record is not None:
        given = record.document.get(reference)
        if given:
            return books.references.find(reference, {"ListID": given["ListID"]}, record.kind)
        record = books.records.by_number(record.parent) if record.parent is not None else None
    return None


def refuse_account_with_name(books: "Books", kind: str, account: Record, name: Record | None, currency: Record | None) -> None:
    """Refuse a row on a receivable account without a customer, on a payable one without a vendor, and on an account that never posts.

    What such a customer or vendor owes or is owed is in its currency: in a transaction of another (`currency`, None for home) it is
    refused too (switch company.name-of-other-currency).
    """
    account_type = account.document["AccountType"]
    if account_type == "NonPosting":
        raise cannot_save(kind, f"{account.full_name} is not an account that can be posted to.")
    if account_type in NAMED:
        wanted = "Customer" if account_type == "AccountsReceivable" else "Vendor"
        if name is None or name.kind != wanted:
            receivable_or_payable = (
                "accounts receivable needs a customer" if wanted == "Customer" else "accounts payable needs a vendor"
            )
            raise cannot_save(kind, f"A line that posts to {receivable_or_payable}.")
        if books.currencies.of(name) is not currency:
            raise cannot_save(kind, f"{name.full_name} is in another currency than the transaction.")


def open_item(draft: Draft, rows: list[Posting]) -> None:
    """Say what is open of a transaction whose lines post to receivables or payables; more than one such name is refused (3180)."""
    named = [row for row in rows if row.account.document["AccountType"] in ("AccountsReceivable", "AccountsPayable")]
    if not named:
        return
    if len({(row.account.number, row.name.number if row.name is not None else None) for row in named}) > 1:
        raise cannot_save(draft.kind, "Only one line may post to accounts receivable or accounts payable.")
    cents = sum(row.cents for row in named)
    receivable = named[0].account.document["AccountType"] == "AccountsReceivable"
    if receivable:
        draft.open_as = RECEIVABLE if cents >= 0 else RECEIVABLE_CREDIT
    else:
        draft.open_as = PAYABLE if cents <= 0 else PAYABLE_CREDIT
    draft.open_cents, draft.open_name = abs(cents), named[0].name
