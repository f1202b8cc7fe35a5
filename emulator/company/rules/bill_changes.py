"""BillMod: a bill worked out anew from what stands and what is said, and posted again under its old identity."""

from typing import TYPE_CHECKING

from emulator.company.records import Record, Values
from emulator.company.rules import changes
from emulator.company.rules.purchases import BillLines, draft_of, expense_line, item_line
from emulator.company.transactions import Transaction, refuse_links, refuse_taken_number
from emulator.qbxml.status import Status

if TYPE_CHECKING:
    from emulator.company.books import Books

_FIXED = frozenset({"VendorRef", "APAccountRef"})
_FIXED_OF_LINES = frozenset({"ItemRef", "Quantity", "Cost", "Amount", "OverrideItemAccountRef"})
"""Elements that cannot be cleared (inferred from those of an invoice)."""

_FIGURES = ("Quantity", "Cost", "Amount")


def modify(books: "Books", kind: str, values: Values) -> tuple[Transaction, list[Status]]:
    """Change a bill. `values` is the aggregate of the request (`BillMod`); returns it with the warnings of the answer.

    Raises:
        Refusal: 3120, 3140, 3150, 3171, 3180, 3200, 3205, 3250, 3270, 3290.
    """
    before = changes.found(books, kind, values)
    refuse_links(values)
    whole = changes.header(books, before, "VendorRef", values, _FIXED)
    vendor = books.references.find("VendorRef", whole["VendorRef"], kind)
    lines = _lines(books, before, values)
    draft = draft_of(books, kind, vendor, whole, lines)
    draft.ref = whole.get("RefNumber") or ""
    if draft.ref != before.ref or vendor.number != before.entity:
        refuse_taken_number(books, kind, "company.duplicate-bill-number", draft.ref, vendor, before.number)
    draft.open_cents -= changes.applied_cents(books, before, draft, "APAccountRef")
    return changes.save_again(books, before, draft), lines.warnings


def _lines(books: "Books", before: Transaction, values: Values) -> BillLines:
    expenses: list[Values] = before.lines.get("ExpenseLineRet", [])
    items: list[Values] = [line for _name, line in before.lines.get("ItemLineRet|ItemGroupLineRet", [])]
    accounts = iter(changes.posted_accounts(books, before))
    for _posted in (line for line in expenses if "AccountRef" in line):
        next(accounts, None)
    posted = [next(accounts, None) if "ItemRef" in line else None for line in items]
    lines = BillLines()
    sent_expenses, sent_items = values.get("ExpenseLineMod"), values.get("ItemLineMod|ItemGroupLineMod")
    # A Clear flag drops the whole list; lines sent beside it are worked through as ever (the schema lets both pass).
    if values.get("ClearExpenseLines"):
        sent_expenses = sent_expenses or []
    if values.get("ClearItemLines"):
        sent_items = sent_items or []
    for _name, said, place in changes.matched(expenses, sent_expenses):
        said = changes.changed(books, said, frozenset())
        stored = expenses[place] if place is not None else {}
        line = expense_line(books, {**stored, **said}, lines)
        line["TxnLineID"] = stored.get("TxnLineID", "")
        lines.expenses.append(line)
    for name, said, place in changes.matched(items, sent_items):
        said = changes.changed(books, said, _FIXED_OF_LINES)
        if place is None:
            lines.items.append(item_line(books, name == "ItemGroupLineMod", said, lines))
        else:
            lines.items.append(_changed(books, items[place], said, posted[place], lines))
    return lines


def _changed(books: "Books", stored: Values, said: Values, account: Record | None, lines: BillLines) -> Values:
    """Work an item line out anew from what stands and what is said of it."""
    asked: Values = {"Desc": None, **{name: value for name, value in stored.items() if name not in _FIGURES}}
    if account is not None and "ItemRef" not in said:
        asked["OverrideItemAccountRef"] = account.reference
    asked |= {name: value for name, value in said.items() if name not in _FIGURES}
    untouched = all(said.get(name) is None for name in _FIGURES) and "Amount" in stored
    if untouched:
        asked |= {name: stored[name] for name in ("Quantity", "Amount") if name in stored}
    else:
        asked |= changes.figures(stored, said, "Cost")
    line = item_line(books, False, asked, lines)
    if untouched:
        line |= {name: stored[name] for name in _FIGURES if name in stored}
    line["TxnLineID"] = stored["TxnLineID"]
    return line
