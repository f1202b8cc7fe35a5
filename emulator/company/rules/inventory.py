"""Inventory: adjustments, builds of assemblies, transfers between sites.

An adjustment sets or changes the quantity of an item at average cost, or its value too, against an account (documented); a new quantity or
value is set against what was there on the day of the adjustment (switch company.new-quantity-of). A build takes the components of an
assembly out of stock at average cost and puts the assembly in at the sum of them; short of components it waits as pending when the request
allows that, else it is refused (documented; 3180 inferred). A transfer moves pieces between sites and changes no value. Serial and lot
numbers are kept with their lines; which piece has which is not followed (switch company.serial-numbers-in-stock).
"""

from typing import TYPE_CHECKING, Any, Final

from emulator.company.arithmetic import QUANTITY_MAX, amount_of, quantity_of
from emulator.company.items import STOCKED, asset_account, purchase_terms
from emulator.company.ledger import Posting
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save, refuse, wrong_item
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
    """Return the stocked item that an element names; an item of another kind is refused."""
    item = books.references.find(name, values.get(name), owner)
    if item.kind not in STOCKED:
        raise wrong_item(books.settings, name, item.full_name, owner, item.list_id)
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
    day = day_of(books, form)
    lines: list[Values] = []
    postings: list[Posting] = []
    movements: list[Movement] = []
    for line in form.lines[ADJUSTED]:
        movement = _adjusted(books, form, line, site, day, movements)
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
        day,
        ref_of(books, form),
        0,
        find.resolved(values, form.kind, skipped),
        account=account,
        lines={ADJUSTED: list(lines)},
        postings=postings,
        movements=movements,
        guid=values.get("ExternalGUID") if form.is_new else None,
    )


def _adjusted(books: "Books", form: Form, line: Line, site: Record | None, day: str, before: list[Movement]) -> Movement:
    """Work out one line: the pieces it moves, at average cost or at a value of its own; `before` are those of the lines above it."""
    owner = f"{form.kind} line"
    asked = line.whole()
    books.references.refuse_absent({**asked, **_inner(asked)})
    item = stocked(books, "ItemRef", asked, owner)
    result: Values = {"TxnLineID": line.line_id, "ItemRef": item.reference}
    there = _there(books, item, site, day, before)
    quantity, value_cents = _difference(asked, *there, result)
    if line.stored:
        # Differences stand as they are: what they were worked out from has gone.
        valued = line.stored.get("~valued") or line.said.get("ValueDifference") is not None
        value_cents = line.value("ValueDifference") if valued else None
        quantity = line.value("QuantityDifference")
        if line.said.get("CountAdjustment") is not None:
            quantity = line.said["CountAdjustment"] * ONE
        quantity = quantity if quantity is not None else 0
    location = _site(books, "InventorySiteLocationRef", {**asked, **_inner(asked)}, owner)
    if location is not None:
        result["InventorySiteLocationRef"] = location.reference
    result["QuantityDifference"] = quantity
    result["~valued"] = value_cents is not None
    if value_cents is not None:
        result["ValueDifference"] = value_cents
    return Movement(item, quantity, value_cents, result, asset=asset_account(books, item), site=site)


def _there(books: "Books", item: Record, site: Record | None, day: str, before: list[Movement]) -> tuple[int, int]:
    """Return the quantity and the value in cents that a new quantity or value is set against; a site has no value of its own."""
    stock = books.stock
    if books.settings["company.new-quantity-of"] == "that-day":
        quantity, value_cents = stock.held_at(item.number, day)
        at_site = stock.at_site(item.number, site.number, day) if site is not None else quantity
    else:
        held = stock.of(item.number)
        value_cents = held.value_cents
        at_site = stock.at_site(item.number, site.number) if site is not None else held.quantity
    for each in before:
        if each.item is item:
            at_site += each.quantity
            value_cents += each.value_cents if each.value_cents is not None else stock.value_now(item, each.quantity)
    return at_site, value_cents


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
    needed: dict[int, int] = {}
    for line in components_of(assembly):
        item = books.records.by_id("item", line["ItemInventoryRef"]["ListID"])
        if item is not None and item.kind in STOCKED and line["Quantity"] > 0:
            needed[item.number] = needed.get(item.number, 0) + line["Quantity"]
    stock = books.stock
    possible = [
        (stock.of(number).quantity if as_of is None else stock.held_at(number, as_of)[0]) // quantity
        for number, quantity in needed.items()
    ]
    # More than an answer can tell is told as the most that it can (switch company.too-large).
    return min(max(min(possible, default=0), 0), QUANTITY_MAX // ONE) * ONE


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
    components = _components(books, form, assembly, quantity)
    asset = asset_account(books, assembly)
    postings: list[Posting] = [Posting(asset, None, 0, item=assembly, quantity=quantity)]
    movements: list[Movement] = []
    for shown in components:
        _take(books, shown, site, postings, movements)
    done = form.before is not None and not form.before.pending and form.before.document["QuantityToBuild"] == quantity
    pending = _pending(form, not done and _is_short(books, form, movements))
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


def _components(books: "Books", form: Form, assembly: Record, quantity: int) -> list[Values]:
    """Return what a build takes, as its answer tells it.

    A build that is changed in another respect than its quantity keeps its components, whatever the assembly is made of now (inferred: a Mod
    of the header leaves the lines), and is not held against what is in stock now.
    """
    if form.before is not None and form.before.document["QuantityToBuild"] == quantity:
        return [dict(each) for each in form.before.document["ComponentItemLineRet"]]
    components: list[Values] = []
    for line in components_of(assembly):
        item = books.records.by_id("item", line["ItemInventoryRef"]["ListID"])
        assert item is not None
        shown: Values = {"ItemRef": item.reference, "QuantityNeeded": quantity_of(line["Quantity"] * quantity, ONE)}
        description = purchase_terms(books, item).description
        if description:
            shown["Desc"] = description
        components.append(shown)
    return components


def _take(books: "Books", shown: Values, site: Record | None, postings: list[Posting], movements: list[Movement]) -> None:
    """Take what a build needs of one component."""
    item, needed = books.records.by_id("item", shown["ItemRef"]["ListID"]), shown["QuantityNeeded"]
    assert item is not None
    if item.kind in STOCKED:
        movements.append(Movement(item, -needed, asset=asset_account(books, item), site=site, built_into=0))
        return
    # What is not in stock goes in at the cost of its item, against its expense account (inferred).
    terms = purchase_terms(books, item)
    cents = amount_of(needed, terms.price or 0)
    if terms.account is not None and cents:
        postings[0] = postings[0]._replace(cents=postings[0].cents + cents)
        postings.append(Posting(terms.account, None, -cents, item=item, quantity=-needed))


def _is_short(books: "Books", form: Form, movements: list[Movement]) -> bool:
    """Return whether there is too little of any component; an item may be a component several times over."""
    needed: dict[int, int] = {}
    for movement in movements:
        needed[movement.item.number] = needed.get(movement.item.number, 0) - movement.quantity
    for number, quantity in needed.items():
        on_hand = books.stock.of(number).quantity
        if form.before is not None and not form.before.pending:
            # What this build has taken already comes back before it is worked out anew.
            on_hand -= books.stock.moved_by(form.before.number, number)
        if on_hand < quantity:
            return True
    return False


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
