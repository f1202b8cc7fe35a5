"""InvoiceMod: an invoice worked out anew from what stands and what is said, and posted again under its old identity.

What an Add would fill in from the customer's record stays as it was saved; a total that grows is held against the credit limit.
"""

from typing import TYPE_CHECKING

from emulator.company.nouns import TRANSACTIONS
from emulator.company.records import Record, Values
from emulator.company.rules import changes
from emulator.company.rules.sales import (
    SaleLine,
    credits_of,
    document_of,
    header_of,
    line_of,
    postings_of,
    refuse_over_credit_limit,
    totals_of,
    use_credits,
)
from emulator.company.transactions import Draft, Transaction, refuse_links, refuse_taken_number
from emulator.qbxml.status import Status

if TYPE_CHECKING:
    from emulator.company.books import Books

_FIXED = frozenset({"CustomerRef", "ARAccountRef", "TemplateRef"})
_FIXED_OF_LINES = frozenset({"ItemRef", "Quantity", "Rate", "Amount", "SalesTaxCodeRef", "OverrideItemAccountRef"})
"""Elements that cannot be cleared (documented)."""

_SENT = "InvoiceLineMod|InvoiceLineGroupMod"
_KEPT = ("ItemRef", "SalesTaxCodeRef", "ServiceDate", "Other1", "Other2")
_FIGURES = ("Quantity", "Rate", "RatePercent", "Amount")


def modify(books: "Books", kind: str, values: Values) -> tuple[Transaction, list[Status]]:
    """Change an invoice. `values` is the aggregate of the request (`InvoiceMod`); returns it with the warnings of the answer.

    Raises:
        Refusal: 3120, 3140, 3150, 3171, 3180, 3200, 3205, 3210, 3250, 3270, 3290.
    """
    before = changes.found(books, kind, values)
    refuse_links(values)
    whole = changes.header(books, before, "CustomerRef", values, _FIXED)
    header = header_of(books, kind, whole, fill_in=False)
    warnings: list[Status] = []
    lines = _lines(books, before, values, warnings)
    totals = totals_of(kind, header, lines)
    document = document_of(books, kind, whole, header, totals)
    for name in ("BillAddress", "ShipAddress"):
        if not whole.get(name):
            document.pop(name, None)
            document.pop(f"{name}Block", None)
    pending = bool(whole.get("IsPending"))
    counted_cents = 0 if before.pending or before.entity != header.customer.number else before.amount_cents
    if not pending and totals.total_cents > counted_cents:
        refuse_over_credit_limit(books, header.customer, totals.total_cents - counted_cents)
    ref = whole.get("RefNumber") or ""
    if ref != before.ref:
        refuse_taken_number(books, kind, "company.duplicate-invoice-number", ref, itself=before.number)
    draft = Draft(
        kind,
        header.customer,
        header.day,
        ref,
        totals.total_cents,
        totals.total_cents,
        document,
        {TRANSACTIONS[kind].lines_keys[0]: [(f"{kind}LineRet", line.values) for line in lines]},
        () if pending else postings_of(books, kind, header, lines, totals),
        pending,
    )
    draft.open_cents -= changes.applied_cents(books, before, draft, "ARAccountRef")
    credits = credits_of(books, values, header.customer, draft.open_cents, pending)
    after = changes.save_again(books, before, draft)
    use_credits(books, after, credits)
    return after, warnings


def _lines(books: "Books", before: Transaction, values: Values, warnings: list[Status]) -> list[SaleLine]:
    stored: list[Values] = [line for _name, line in before.lines[TRANSACTIONS[before.kind].lines_keys[0]]]
    accounts = iter(changes.posted_accounts(books, before))
    # A line of text posts nothing; one of a pending or voided invoice has posted nothing yet.
    posted = [next(accounts, None) if "ItemRef" in line else None for line in stored]
    lines: list[SaleLine] = []
    for name, said, place in changes.matched(stored, values.get(_SENT)):
        if name == "InvoiceLineGroupMod":
            books.references.find("ItemGroupRef", said.get("ItemGroupRef"), f"{before.kind} line")
        said = changes.changed(books, said, _FIXED_OF_LINES)
        above_cents = lines[-1].amount_cents if lines else 0
        if place is None:
            lines.append(line_of(books, before.kind, said, above_cents, warnings))
        else:
            lines.append(_changed(books, before.kind, stored[place], said, posted[place], above_cents, warnings))
    return lines


def _changed(
    books: "Books", kind: str, stored: Values, said: Values, account: Record | None, above_cents: int, warnings: list[Status]
) -> SaleLine:
    """Work a line out anew from what stands and what is said of it."""
    asked: Values = {"Desc": stored.get("Desc"), **{name: stored[name] for name in _KEPT if name in stored}}
    if account is not None and "ItemRef" not in said:
        asked["OverrideItemAccountRef"] = account.reference
    asked |= {name: value for name, value in said.items() if name not in _FIGURES}
    untouched = "RatePercent" not in stored and all(said.get(name) is None for name in _FIGURES) and "Amount" in stored
    if untouched:
        # As it was rounded when it was saved: the rate of an amount need not give the amount back.
        asked |= {name: stored[name] for name in ("Quantity", "Amount") if name in stored}
    else:
        asked |= changes.figures(stored, said, "Rate")
    line = line_of(books, kind, asked, above_cents, warnings)
    if untouched:
        line.values |= {name: stored[name] for name in _FIGURES if name in stored}
    line.values["TxnLineID"] = stored["TxnLineID"]
    return line
