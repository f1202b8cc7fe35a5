"""Opening balances: `OpenBalance` of a CustomerAdd or VendorAdd becomes a transaction of its own, as QuickBooks makes one.

A customer's is an invoice (a credit memo when negative) against Uncategorized Income, a vendor's a bill against Uncategorized Expenses,
dated OpenBalanceDate. An account's opening balance would need journal entries, which are not here yet: 3250.
"""

from typing import TYPE_CHECKING

from emulator.company.ledger import Posting
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save, refuse
from emulator.company.rules.arithmetic import within_limits
from emulator.company.transactions import Draft, save, transaction_date

if TYPE_CHECKING:
    from emulator.company.books import Books

MEMO = "Opening balance"


def open_balance(books: "Books", record: Record, values: Values) -> None:
    """Save the transaction behind the OpenBalance of a record that has just been added, if it has one. Call inside `atomic`.

    Raises:
        Refusal: 3101, 3171, 3180, 3250, 3270.
    """
    cents = values.get("OpenBalance") or 0
    if not cents:
        return
    if record.kind == "Account":
        raise refuse(3250, quickbooks="This edition of FakeBooks has no opening balances of accounts yet.")
    within_limits("OpenBalance", cents)
    if record.kind == "Vendor":
        if cents < 0:
            raise cannot_save("Vendor", "The opening balance must not be negative.")
        kind, account_name, own_account, other = "Bill", "APAccountRef", "AccountsPayable", "UncategorizedExpenses"
    else:
        kind, account_name = "Invoice" if cents > 0 else "CreditMemo", "ARAccountRef"
        own_account, other = "AccountsReceivable", "UncategorizedIncome"
    own = books.defaults.posting_account(own_account)
    # What a vendor is owed is a credit, what a customer owes a debit.
    signed_cents = -cents if record.kind == "Vendor" else cents
    postings = [Posting(own, record, signed_cents), Posting(books.defaults.posting_account(other), None, -signed_cents)]
    day = transaction_date(books, kind, values.get("OpenBalanceDate"))
    document: Values = {account_name: own.reference, "Memo": MEMO, "DueDate": day}
    if kind != "Bill":
        document |= {"Subtotal": abs(cents), "SalesTaxPercentage": 0, "SalesTaxTotal": 0}
    save(books, Draft(kind, record, day, "", abs(cents), abs(cents), document, postings=postings))
