"""Slips: statement charges, time, and miles - transactions of one line.

A charge posts like an invoice of one line, without tax (documented: its elements). Time and miles do not post; they wait to be billed.
"""

from typing import TYPE_CHECKING, Final

from emulator.company.arithmetic import amount_of, total_within_limits, within_limits
from emulator.company.currencies import worth, written_rate
from emulator.company.items import sales_terms
from emulator.company.ledger import Posting
from emulator.company.records import Record
from emulator.company.refusals import cannot_save, invalid_reference, refuse
from emulator.company.rules.form import Form, Line
from emulator.company.rules.parts import day_of, due_of, main_account, own, ref_of
from emulator.company.rules.sale_lines import SaleLines
from emulator.company.transactions import RECEIVABLE, Draft, header_line_of

if TYPE_CHECKING:
    from emulator.company.books import Books

_LINE: Final = frozenset(
    {
        "ItemRef", "Desc", "Quantity", "UnitOfMeasure", "OverrideUOMSetRef", "Rate", "Amount", "ClassRef", "InventorySiteRef",
        "InventorySiteLocationRef", "OverrideItemAccountRef", "OptionForPriceRuleConflict",
    }
)  # fmt: skip
"""Elements of a charge that its one line is made of."""


def charge(books: "Books", form: Form) -> Draft:
    """Return the statement charge that a form asks for.

    Raises:
        Refusal: 3101, 3140, 3171, 3180, 3250, 3270.
    """
    values, find = form.header, books.references
    customer = find.find("CustomerRef", values.get("CustomerRef"), form.kind)
    receivable = main_account(books, "ARAccountRef", "AccountsReceivable", values, form.kind)
    currency = books.currencies.of(customer)
    books.currencies.refuse_other(form.kind, currency, receivable)
    # A charge names no rate: it has that of its currency, and keeps it.
    rate = books.currencies.rate(currency, {} if form.is_new else values)
    level = own(books, customer, "PriceLevelRef") if "price-levels" in books.features.on else None
    lines = SaleLines(books, form.kind, 1, customer, level, None, [], currency, rate)
    lines.add([_line_of(books, form)])
    [(_name, result)] = lines.values
    total_cents = lines.total.cents
    total_within_limits(form.kind, "Amount", total_cents)
    skipped = _LINE | {"CustomerRef", "ARAccountRef", "TxnDate", "RefNumber", "ExternalGUID", "IsPending", "@defMacro"}
    document = {**find.resolved(values, form.kind, skipped), **{name: result[name] for name in result if name != "TxnLineID"}}
    document.pop("SalesTaxCodeRef", None)
    document["ARAccountRef"] = receivable.reference
    day = day_of(books, form)
    document["DueDate"] = due_of(books, form, day, None)
    if rate is not None:
        document["ExchangeRate"] = written_rate(rate)
    # The line is the transaction itself, so its rows carry the header's TxnLineID.
    postings = [Posting(receivable, customer, total_cents), *(posting._replace(line=None) for posting in lines.postings)]
    for movement in lines.movements:
        movement.line = None
    return Draft(
        form.kind,
        customer,
        day,
        ref_of(books, form),
        total_cents,
        document,
        account=receivable,
        due=document["DueDate"],
        open_as=RECEIVABLE,
        open_cents=total_cents,
        postings=postings if rate is None else worth(postings, rate),
        movements=lines.movements,
        guid=values.get("ExternalGUID") if form.is_new else None,
        currency=currency,
        rate=rate,
        warnings=lines.warnings,
    )


def _line_of(books: "Books", form: Form) -> Line:
    """Return the one line of a charge: of an Add what it says, of a Mod what stands with what is said of it."""
    if form.before is None:
        return Line("ChargeRet", {name: value for name, value in form.header.items() if name in _LINE})
    stored = {name: value for name, value in form.before.document.items() if name in _LINE}
    said = {name: value for name, value in form.said.items() if name in _LINE}
    account: Record | None = None
    row = books.store.execute("SELECT account FROM posting WHERE txn = ? AND line = 1", (form.before.number,)).fetchone()
    if row is not None:
        account = books.records.by_number(row[0])
    return Line("ChargeRet", said, {"TxnLineID": header_line_of(books, form.before), **stored}, account)


def time(books: "Books", form: Form) -> Draft:
    """Return the time slip that a form asks for.

    Raises:
        Refusal: 3140, 3150, 3171, 3250.
    """
    values, find = form.header, books.references
    who = find.find("EntityRef", values.get("EntityRef"), form.kind)
    if who.kind == "Customer":
        raise invalid_reference("EntityRef", "Entity", who.full_name, form.kind, who.list_id)
    if not values.get("Duration"):
        raise refuse(3150, field="Duration")
    skipped = frozenset({"EntityRef", "TxnDate", "RefNumber", "ExternalGUID", "IsPending"})
    document = find.resolved(values, form.kind, skipped)
    if document.get("BillableStatus") == "Billable" and "CustomerRef" not in document:
        raise cannot_save(form.kind, "Billable time needs a customer.")
    return Draft(
        form.kind,
        who,
        day_of(books, form),
        "",
        0,
        document,
        posts=False,
        guid=values.get("ExternalGUID") if form.is_new else None,
    )


def mileage(books: "Books", form: Form) -> Draft:
    """Return the trip that a form asks for.

    Raises:
        Refusal: 3030, 3101, 3140, 3171, 3180, 3210, 3250.
    """
    values, find = form.header, books.references
    find.find("VehicleRef", values.get("VehicleRef"), form.kind)
    day = day_of(books, form, "TripEndDate")
    start = values.get("TripStartDate") or day
    if start > day:
        raise refuse(3030, from_value=start, to_value=day)
    document = find.resolved(values, form.kind, frozenset({"TripEndDate", "TripStartDate", "RefNumber", "IsPending"}))
    document["TripStartDate"] = start
    first, last = values.get("OdometerStart"), values.get("OdometerEnd")
    if first is not None and last is not None:
        if last < first:
            raise refuse(3210, field="OdometerEnd", value=last / 100_000)
        document["TotalMiles"] = last - first
        within_limits("TotalMiles", 0, 0, last - first)
    item = find.find_optional("ItemRef", values, form.kind)
    if document.get("BillableStatus") == "Billable" and (item is None or "CustomerRef" not in document):
        raise cannot_save(form.kind, "Billable miles need a customer and an item.")
    if item is not None:
        document["BillableRate"] = sales_terms(books, item).price or 0
        document["BillableAmount"] = amount_of(document["TotalMiles"], document["BillableRate"])
        within_limits("BillableAmount", document["BillableAmount"])
    return Draft(form.kind, None, day, "", 0, document, posts=False)
