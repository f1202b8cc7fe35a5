"""Inventory: adjustments, builds of assemblies, transfers between sites.

An adjustment sets or changes the quantity of an item at average cost, or its value too, against an account (documented). A build takes
the components of an assembly out of stock at average cost and puts the assembly in at the sum of them; short of components it waits as
pending when the request allows that, else it is refused (3180, our choice). A transfer moves pieces between sites and changes no value.
Serial and lot numbers are kept with their lines; which piece has which is not followed (a gap, see docs/COVERAGE.md).
"""

from typing import TYPE_CHECKING, Any, Final

from emulator.company.arithmetic import amount_of, rounded_quotient
from emulator.company.items import STOCKED, asset_account, purchase_terms
from emulator.company.ledger import Posting
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save, refuse
from emulator.company.rules.form import Form, Line
from emulator.company.rules.parts import day_of, ref_of
from emulator.company.stock import Movement
from emulator.company.transactions import Draft
from emulator.company.units import ONE

if TYPE_CHECKING:
    from emulator.company.books import Books

ADJUSTED: Final = "InventoryAdjustmentLineRet"
TRANSFERRED: Final = "TransferInventoryLineRet"


def stocked(books: "Books", name: str, values: Values, owner: str) -> Record:
    """Return the stocked item that an element names; an item of another kind is an invalid reference (3140)."""
    item = books.references.find(name, values.get(name), owner)
    if item.kind not in STOCKED:
        raise refuse(3140, reference="Item", value=item.full_name, object=owner)
    return item


def _site(books: "Books", name: str, values: Values, owner: str) -> Record | None:
    return books.references.find_optional(name, values, owner)


# ---- adjustments -----------------------------------------------------------------------------------------------------------------


def adjustment(books: "Books", form: Form) -> Draft:
    """Return the inventory adjustment that a form asks for.

    Raises:
        Refusal: 3140, 3171, 3180, 3250, 3270.
    """
    values, find = form.header, books.references
    account = find.find("AccountRef", values.get("AccountRef"), form.kind)
    if account.document["AccountType"] in ("AccountsReceivable", "AccountsPayable", "NonPosting"):
        raise cannot_save(form.kind, f"An adjustment cannot post to {account.full_name}.")
    customer = find.find_optional("CustomerRef", values, form.kind)
    klass = find.find_optional("ClassRef", values, form.kind)
    site = _site(books, "InventorySiteRef", values, form.kind)
    lines: list[Values] = []
    postings: list[Posting] = []
    movements: list[Movement] = []
    for line in form.lines[ADJUSTED]:
        movement = _adjusted(books, form, line, site)
        movement.other, movement.name, movement.klass = account, customer, klass
        assert movement.line is not None
        if movement.value_cents is not None:
            asset = asset_account(books, movement.item)
            cents, result = movement.value_cents, movement.line
            postings.append(Posting(account, customer, -cents, result, movement.item, -movement.quantity, klass))
            postings.append(Posting(asset, None, cents, result, movement.item, movement.quantity, klass))
        lines.append(movement.line)
        movements.append(movement)
    skipped = frozenset(
        {
            "AccountRef",
            "CustomerRef",
            "TxnDate",
            "RefNumber",
            "ExternalGUID",
            "InventoryAdjustmentLineAdd",
            "IsPending",
            "@defMacro",
        }
    )
    return Draft(
        form.kind,
        customer,
        day_of(books, form),
        ref_of(books, form),
        0,
        find.resolved(values, form.kind, skipped),
        account=account,
        lines={ADJUSTED: list(lines)},
        postings=postings,
        movements=movements,
        guid=values.get("ExternalGUID") if form.is_new else None,
    )


def _adjusted(books: "Books", form: Form, line: Line, site: Record | None) -> Movement:
    """Work out one line: the pieces it moves, at average cost or at a value of its own."""
    owner = f"{form.kind} line"
    asked = line.whole()
    item = stocked(books, "ItemRef", asked, owner)
    result: Values = {"TxnLineID": line.line_id, "ItemRef": item.reference}
    place = site.number if site is not None else None
    held = books.stock.of(item.number)
    on_hand = books.stock.at_site(item.number, place) if site is not None else held.quantity
    quantity, value_cents = _difference(asked, on_hand, held.value_cents, result)
    if line.stored:
        # Differences stand as they are: what they were worked out from has gone.
        valued = line.stored.get("~valued") or line.said.get("ValueDifference") is not None
        value_cents = line.value("ValueDifference") if valued else None
        quantity = line.value("QuantityDifference")
        quantity = quantity if quantity is not None else 0
    location = _site(books, "InventorySiteLocationRef", {**asked, **_inner(asked)}, owner)
    if location is not None:
        result["InventorySiteLocationRef"] = location.reference
    result["QuantityDifference"] = quantity
    result["~valued"] = value_cents is not None
    if value_cents is not None:
        result["ValueDifference"] = value_cents
    return Movement(item, quantity, value_cents, result, asset=asset_account(books, item), site=site)


def _inner(asked: Values) -> Values:
    """Return what stands inside the kind of adjustment that a new line names."""
    names = ("QuantityAdjustment", "ValueAdjustment", "SerialNumberAdjustment", "LotNumberAdjustment")
    return next((asked[name] for name in names if asked.get(name)), {})


def _difference(asked: Values, on_hand: int, value_cents: int, result: Values) -> tuple[int, int | None]:
    """Return how many pieces a new line adds, and at which value; None is at average cost."""
    inner = _inner(asked)
    for name in ("SerialNumber", "LotNumber", "ExpirationDateForSerialLotNumber"):
        if inner.get(name) or asked.get(name):
            result[name] = inner.get(name) or asked[name]
    if "AddSerialNumber" in inner or "RemoveSerialNumber" in inner:
        added = inner.get("AddSerialNumber")
        result["SerialNumber"] = added or inner.get("RemoveSerialNumber")
        result["SerialNumberAddedOrRemoved"] = "Added" if added else "Removed"
        return (ONE if added else -ONE), None
    if inner.get("CountAdjustment") is not None or asked.get("CountAdjustment") is not None:
        count: int = inner.get("CountAdjustment", asked.get("CountAdjustment"))  # type: ignore[assignment]  # one of them is there
        return count * ONE, None
    quantity = 0
    if inner.get("NewQuantity") is not None:
        quantity = inner["NewQuantity"] - on_hand
    elif inner.get("QuantityDifference") is not None:
        quantity = inner["QuantityDifference"]
    elif asked.get("QuantityDifference") is not None:
        quantity = asked["QuantityDifference"]
    if asked.get("ValueDifference") is not None:
        return quantity, asked["ValueDifference"]
    if inner.get("NewValue") is not None:
        return quantity, inner["NewValue"] - value_cents
    return quantity, inner.get("ValueDifference")


# ---- builds ----------------------------------------------------------------------------------------------------------------------


def components_of(assembly: Record) -> list[Values]:
    """Return the lines of an assembly: items and how many of each one piece takes."""
    return list(assembly.document.get("ItemInventoryAssemblyLine") or ())


def can_build(books: "Books", assembly: Record, as_of: str | None = None) -> int:
    """Return how many pieces of an assembly the stock of its components allows, in whole pieces (in 0.00001); now, or on a day."""
    possible: list[int] = []
    for line in components_of(assembly):
        item = books.records.by_id("item", line["ItemInventoryRef"]["ListID"])
        if item is not None and item.kind in STOCKED and line["Quantity"] > 0:
            on_hand = books.stock.of(item.number).quantity if as_of is None else books.stock.on_hand_at(item.number, as_of)
            possible.append(max(on_hand // line["Quantity"], 0) * ONE)
    return min(possible, default=0)


def build(books: "Books", form: Form) -> Draft:
    """Return the build of an assembly that a form asks for.

    Raises:
        Refusal: 3140, 3171, 3180, 3210, 3250, 3270.
    """
    values, find = form.header, books.references
    assembly = find.find("ItemInventoryAssemblyRef", values.get("ItemInventoryAssemblyRef"), form.kind)
    quantity = values.get("QuantityToBuild")
    if quantity is None or quantity <= 0:
        raise refuse(3210, field="QuantityToBuild", value="" if quantity is None else quantity / ONE)
    site = _site(books, "InventorySiteRef", values, form.kind)
    components: list[Values] = []
    asset = asset_account(books, assembly)
    postings: list[Posting] = [Posting(asset, None, 0, item=assembly, quantity=quantity)]
    movements: list[Movement] = []
    short = False
    for line in components_of(assembly):
        item = books.records.by_id("item", line["ItemInventoryRef"]["ListID"])
        assert item is not None
        needed = rounded_quotient(line["Quantity"] * quantity, ONE)
        shown: Values = {"ItemRef": item.reference, "QuantityNeeded": needed}
        description = purchase_terms(books, item).description
        if description:
            shown["Desc"] = description
        components.append(shown)
        short = short or _take(books, form, item, needed, site, postings, movements)
    pending = _pending(form, short)
    movements.append(Movement(assembly, quantity, site=site, as_built=0))
    skipped = frozenset(
        {
            "TxnDate", "RefNumber", "ExternalGUID", "MarkPendingIfRequired", "RemovePending", "IsPending", "@defMacro",
            "ComponentItemLineRet",
        }
    )  # fmt: skip
    document = find.resolved(values, form.kind, skipped)
    document["ItemInventoryAssemblyRef"] = assembly.reference
    document["ComponentItemLineRet"] = components
    return Draft(
        form.kind,
        None,
        day_of(books, form),
        ref_of(books, form),
        0,
        document,
        account=asset,
        pending=pending,
        postings=[posting for posting in postings if not pending or posting.cents],
        movements=movements,
        guid=values.get("ExternalGUID") if form.is_new else None,
    )


def _take(
    books: "Books",
    form: Form,
    item: Record,
    needed: int,
    site: Record | None,
    postings: list[Posting],
    movements: list[Movement],
) -> bool:
    """Take what a build needs of one component; return whether there is too little of it."""
    if item.kind not in STOCKED:
        # What is not in stock goes in at the cost of its item, against its expense account (inferred).
        terms = purchase_terms(books, item)
        cents = amount_of(needed, terms.price or 0)
        if terms.account is not None and cents:
            postings[0] = postings[0]._replace(cents=postings[0].cents + cents)
            postings.append(Posting(terms.account, None, -cents, item=item, quantity=-needed))
        return False
    on_hand = books.stock.of(item.number).quantity
    if form.before is not None and not form.before.pending:
        # What this build has taken already comes back before it is worked out anew.
        on_hand -= books.stock.moved_by(form.before.number, item.number)
    movements.append(Movement(item, -needed, asset=asset_account(books, item), site=site, built_into=0))
    return on_hand < needed


def _pending(form: Form, short: bool) -> bool:
    """Return whether a build waits: it is short of components, or was and nobody has taken that away."""
    was = form.before is not None and form.before.pending
    if was and not form.said.get("RemovePending"):
        return True
    if not short:
        return False
    if form.header.get("MarkPendingIfRequired") or (was and form.said.get("MarkPendingIfRequired")):
        return True
    raise cannot_save(form.kind, "There are not enough components to build the assembly.")


# ---- transfers between sites -----------------------------------------------------------------------------------------------------


def transfer(books: "Books", form: Form) -> Draft:
    """Return the transfer of stock that a form asks for.

    Raises:
        Refusal: 3140, 3150, 3171, 3180, 3250.
    """
    values, find = form.header, books.references
    source = find.find("FromInventorySiteRef", values.get("FromInventorySiteRef"), form.kind)
    target = find.find("ToInventorySiteRef", values.get("ToInventorySiteRef"), form.kind)
    if source is target:
        raise cannot_save(form.kind, "A transfer needs two sites.")
    lines: list[Values] = []
    movements: list[Movement] = []
    for line in form.lines[TRANSFERRED]:
        owner = f"{form.kind} line"
        asked: dict[str, Any] = line.whole()
        item = stocked(books, "ItemRef", asked, owner)
        quantity = asked.pop("QuantityToTransfer", asked.pop("QuantityTransferred", None))
        if quantity is None:
            raise refuse(3150, field="QuantityToTransfer")
        result: Values = {"TxnLineID": line.line_id, **find.resolved(asked, owner, frozenset({"@defMacro", "ItemRef"}))}
        result |= {"ItemRef": item.reference, "QuantityTransferred": quantity}
        lines.append(result)
        movements.append(Movement(item, -quantity, 0, result, site=source, valued=False))
        movements.append(Movement(item, quantity, 0, result, site=target, valued=False))
    if not lines:
        raise cannot_save(form.kind, "The transaction is empty.")
    skipped = frozenset({"TxnDate", "RefNumber", "ExternalGUID", "TransferInventoryLineAdd", "IsPending", "@defMacro"})
    return Draft(
        form.kind,
        None,
        day_of(books, form),
        ref_of(books, form),
        0,
        find.resolved(values, form.kind, skipped),
        lines={TRANSFERRED: list(lines)},
        movements=movements,
        guid=values.get("ExternalGUID") if form.is_new else None,
    )
