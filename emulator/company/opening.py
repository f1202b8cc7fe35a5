"""Opening balances: what a record brings along when it is added becomes a transaction of its own, as QuickBooks makes one.

A customer's OpenBalance is an invoice (a credit memo when negative) against Uncategorized Income, a vendor's a bill against Uncategorized
Expenses, an account's a journal entry against Opening Balance Equity, dated OpenBalanceDate; an item's QuantityOnHand an inventory
adjustment against Opening Balance Equity, at TotalValue or the item's cost, dated InventoryDate; each in the currency of its record. That
such transactions are made is documented; which kind an account's is, is inferred (QuickBooks makes a deposit or a journal entry).
"""

from typing import TYPE_CHECKING

from emulator.company.arithmetic import amount_of, within_limits
from emulator.company.currencies import written_rate
from emulator.company.items import STOCKED
from emulator.company.ledger import Posting
from emulator.company.lists.answers import CREDIT_ACCOUNTS, PROFIT_ACCOUNTS
from emulator.company.numbering import transaction_date
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save
from emulator.company.rules import table
from emulator.company.rules.money import JOURNAL_LINES
from emulator.company.transactions import PAYABLE, RECEIVABLE, RECEIVABLE_CREDIT, Draft, save

if TYPE_CHECKING:
    from emulator.company.books import Books

MEMO = "Opening balance"


def open_balance(books: "Books", record: Record, values: Values) -> None:
    """Save the transaction behind the opening balance or stock that an Add gives, or the Mod of an account, if it gives one.

    An account that has one already gets another (switch company.open-balance-of-mod). Call inside `atomic`.

    Raises:
        Refusal: 3101, 3171, 3180, 3270.
    """
    if record.kind in STOCKED:
        _stock(books, record, values)
        return
    cents = values.get("OpenBalance") or 0
    if not cents:
        return
    within_limits("OpenBalance", cents)
    if record.kind == "Account":
        _account(books, record, cents, values.get("OpenBalanceDate"))
    else:
        save(books, draft_of_name(books, record, cents, values.get("OpenBalanceDate")))


def draft_of_name(books: "Books", record: Record, cents: int, day: str | None) -> Draft:
    """Return the invoice, credit memo or bill behind the opening balance of a customer or vendor; it has no lines."""
    if record.kind == "Vendor":
        if cents < 0:
            raise cannot_save("Vendor", "The opening balance must not be negative.")
        kind, account_name, own_account, other, open_as = (
            "Bill",
            "APAccountRef",
            "AccountsPayable",
            "UncategorizedExpenses",
            PAYABLE,
        )
    else:
        kind, account_name = "Invoice" if cents > 0 else "CreditMemo", "ARAccountRef"
        own_account, other = "AccountsReceivable", "UncategorizedIncome"
        open_as = RECEIVABLE if cents > 0 else RECEIVABLE_CREDIT
    own = books.defaults.posting_account(own_account)
    # What a vendor is owed is a credit, what a customer owes a debit.
    signed_cents = -cents if record.kind == "Vendor" else cents
    postings = [Posting(own, record, signed_cents), Posting(books.defaults.posting_account(other), None, -signed_cents)]
    day = transaction_date(books, kind, day)
    currency = books.currencies.of(record)
    books.currencies.refuse_other(kind, currency, own)
    rate = books.currencies.rate(currency, {})
    document: Values = {account_name: own.reference, "Memo": MEMO, "DueDate": day}
    if rate is not None:
        document["ExchangeRate"] = written_rate(rate)
    if kind != "Bill":
        document |= {"Subtotal": abs(cents), "SalesTaxPercentage": 0, "SalesTaxTotal": 0}
    return Draft(
        kind, record, day, "", abs(cents), document, own, due=day, open_as=open_as, open_cents=abs(cents), postings=postings,
        currency=currency, rate=rate,
    )  # fmt: skip


def _account(books: "Books", record: Record, cents: int, day: str | None) -> None:
    account_type = record.document["AccountType"]
    if account_type in PROFIT_ACCOUNTS or account_type in ("AccountsReceivable", "AccountsPayable"):
        raise cannot_save("Account", f"An account of type {account_type} has no opening balance.")
    equity = books.defaults.posting_account("OpeningBalanceEquity")
    debit = (cents > 0) != (account_type in CREDIT_ACCOUNTS)
    sides = ("JournalDebitLine", "JournalCreditLine") if debit else ("JournalCreditLine", "JournalDebitLine")
    lines = [
        (side, {"AccountRef": account.reference, "Amount": abs(cents), "Memo": MEMO})
        for side, account in zip(sides, (record, equity), strict=True)
    ]
    entry: Values = {"TxnDate": day, "RefNumber": None, JOURNAL_LINES: lines}
    if books.currencies.of(record) is not None:
        entry["CurrencyRef"] = record.document["CurrencyRef"]
    table.add(books, "JournalEntry", entry)


def _stock(books: "Books", record: Record, values: Values) -> None:
    quantity = values.get("QuantityOnHand") or 0
    value_cents = values.get("TotalValue")
    if not quantity and not value_cents:
        return
    if value_cents is None:
        value_cents = amount_of(quantity, record.document.get("PurchaseCost") or 0)
    line = {"ItemRef": record.reference, "ValueAdjustment": {"NewQuantity": quantity, "NewValue": value_cents}}
    adjustment = {
        "AccountRef": books.defaults.posting_account("OpeningBalanceEquity").reference,
        "TxnDate": values.get("InventoryDate"),
        "RefNumber": None,
        "Memo": MEMO,
        "InventoryAdjustmentLineAdd": [line],
    }
    table.add(books, "InventoryAdjustment", adjustment)
