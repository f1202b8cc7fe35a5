"""The table of rules, and what is done with a draft: add it, or put it in the place of what stands."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from emulator.company import links
from emulator.company.ledger import NAMED
from emulator.company.records import Values
from emulator.company.refusals import cannot_save
from emulator.company.rules import inventory, money, payments, purchases, sales, slips
from emulator.company.rules.form import Form, form_of_add, form_of_mod
from emulator.company.transactions import THIS, Draft, Transaction, save, save_again, unsaved
from emulator.qbxml.status import Status

if TYPE_CHECKING:
    from emulator.company.books import Books

Rule = Callable[["Books", Form], Draft]
"""Works out what a form asks for, or refuses it."""

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        **dict.fromkeys(sales.KINDS, sales.work_out),
        **dict.fromkeys(purchases.KINDS, purchases.work_out),
        **dict.fromkeys(payments.KINDS, payments.work_out),
        "PurchaseOrder": purchases.order,
        "Charge": slips.charge,
        "TimeTracking": slips.time,
        "VehicleMileage": slips.mileage,
        "ARRefundCreditCard": money.refund,
        "SalesTaxPaymentCheck": money.sales_tax_payment,
        "JournalEntry": money.journal,
        "Deposit": money.deposit,
        "Transfer": money.transfer,
        "InventoryAdjustment": inventory.adjustment,
        "BuildAssembly": inventory.build,
        "TransferInventory": inventory.transfer,
    }
)
"""Noun -> its rule."""


def add(books: "Books", kind: str, values: Values) -> tuple[Transaction, list[Status], Form]:
    """Save a new transaction; `values` is the aggregate of the request. Returns it with the warnings of the answer, and its form."""
    form = form_of_add(kind, values)
    draft = RULES[kind](books, form)
    return save_new(books, draft), draft.warnings, form


def save_new(books: "Books", draft: Draft) -> Transaction:
    """Save a draft as a new transaction, with what it applies. Call inside `atomic`."""
    # A request that only uses credits links them and makes no transaction of its own (documented).
    only_credits = draft.kind in payments.KINDS and not draft.amount_cents and not draft.applied
    draft.open_cents -= sum(part.cents for part in draft.applied or ())
    saved = unsaved(books, draft) if only_credits else save(books, draft)
    _apply(books, saved, draft)
    return saved


def modify(books: "Books", kind: str, values: Values) -> tuple[Transaction, list[Status], Form]:
    """Change a transaction; `values` is the aggregate of the request. Returns it with the warnings of the answer, and its form."""
    form = form_of_mod(books, kind, values)
    before = form.before
    assert before is not None
    draft = RULES[kind](books, form)
    _keep_links(books, before, draft)
    after = save_again(books, before, draft)
    _apply(books, after, draft)
    return after, draft.warnings, form


def _apply(books: "Books", saved: Transaction, draft: Draft) -> None:
    """Apply what a transaction pays or credits itself, and the other credits that it uses."""
    links.apply(books, saved, draft.applied or ())
    used = [(credit, replace(part, target=saved) if part.target is THIS else part) for credit, part in draft.credited]
    links.use(books, used)
    # What a payment is used for now may be owed by a job, or at another rate.
    payments.repost_all(books, [credit for credit, _part in used])


def _keep_links(books: "Books", before: Transaction, draft: Draft) -> None:
    """Keep what others applied to a transaction, and what it is applied to itself; its new form must leave room for them.

    What stays linked keeps its name, its receivable or payable account and its rate of exchange, and cannot become pending (3180;
    switch company.change-of-linked).
    """
    used_cents = links.applied_cents(books, before.number)
    own_parts = links.parts_of(books, before.number) if draft.applied is None else []
    if used_cents or own_parts:
        open_name = draft.open_name or draft.entity
        moved = draft.open_as != before.open_as or open_name is None or open_name.number != before.open_name
        ledger = next((row.account for row in draft.postings if row.account.document["AccountType"] in NAMED), None)
        moved = moved or (draft.rate != before.rate and before.kind not in payments.KINDS)
        if moved or ledger is not payments.ledger_account(books, before) or draft.pending:
            raise cannot_save(before.kind, "It is linked to another transaction.")
    used_cents += sum(part.cents for part in (own_parts if draft.applied is None else draft.applied))
    if draft.open_cents < used_cents:
        raise cannot_save(before.kind, "The amount is less than what has been applied to it.")
    draft.open_cents -= used_cents
