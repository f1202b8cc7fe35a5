"""The lines of a sale, one after the other: quantity, price, amount, tax, and where each posts.

Lines (documented): quantity and rate give the amount; quantity and amount give the rate; with both rate and amount the rate is ignored
with a warning; an item's own price and description stand in for what is left out. A percentage acts on the line above; a subtotal adds
up what stands above it to the last subtotal, and is no amount of its own; a discount carries no quantity. A line is taxed when its own code
and the customer's code are taxable. An item group becomes a group line with the lines of its items. Rates and quantities are whole
0.00001.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emulator.company.arithmetic import amount_of, percent_of, rate_of, warn_of_ignored, within_limits
from emulator.company.items import CALCULATED, STOCKED, TAXES, asset_account, cost_account, sales_terms
from emulator.company.ledger import Posting
from emulator.company.prices import price_at
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save, refuse
from emulator.company.rules.form import Line
from emulator.company.rules.orders import fulfilment_of
from emulator.company.stock import Movement
from emulator.company.transactions import Fulfilment, OrderLine, part_of_group
from emulator.company.units import ONE, in_base_units, price_per_unit, ratio_of
from emulator.qbxml.status import Status

if TYPE_CHECKING:
    from emulator.company.books import Books

_COPIED = (
    "ServiceDate", "Other1", "Other2", "SerialNumber", "LotNumber", "ExpirationDateForSerialLotNumber", "CreditCardTxnInfo",
    "MarkupRate", "MarkupRatePercent",
)  # fmt: skip
"""Elements of a line that an answer tells as they were said."""

_REFERENCES = ("ClassRef", "InventorySiteRef", "InventorySiteLocationRef", "OverrideUOMSetRef")

RARE = frozenset(
    {
        *_COPIED, *_REFERENCES, "UnitOfMeasure", "PriceLevelRef", "LinkToTxn", "DataExt", "IsManuallyClosed",
        "OptionForPriceRuleConflict",
    }
)  # fmt: skip
"""Elements that most lines have none of; one look must tell."""


@dataclass(slots=True)
class SaleLines:
    """The lines of a sale as they are worked out.

    Attributes:
        books: the open file.
        kind: the noun of the sale.
        sign: 1 when the customer owes for the lines, -1 when they are credited.
        customer: whom it is for, None for a sale to nobody in particular.
        level: the customer's price level.
        klass: the class of the header, for lines without one.
        values: what an answer tells, as (element, values).
        postings: one row for each line that has an amount.
        movements: pieces that leave stock, or come back.
        orders: the lines, for a sales order.
        fulfils: the lines of orders that they fulfil.
        extensions: data extensions of lines.
        warnings: what the answer warns of.
        subtotal_cents: sum of the amounts.
        taxable_cents: sum of those that are taxed.
    """

    books: "Books"
    kind: str
    sign: int
    customer: Record | None
    level: Record | None
    klass: Record | None
    warnings: list[Status]
    values: list[tuple[str, Values]] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    orders: list[OrderLine] = field(default_factory=list)
    fulfils: list[Fulfilment] = field(default_factory=list)
    extensions: list[tuple[Values | None, Values]] = field(default_factory=list)
    subtotal_cents: int = 0
    taxable_cents: int = 0
    _above_cents: int = 0
    _since_subtotal_cents: int = 0

    def add(self, lines: list[Line]) -> None:
        """Work out the lines, in their order."""
        for line in lines:
            self.values.append((line.name, self._group(line) if line.is_group else self._line(line)))

    def _group(self, line: Line) -> Values:
        find = self.books.references
        group = find.find("ItemGroupRef", line.value("ItemGroupRef"), f"{self.kind} line")
        quantity = line.value("Quantity")
        if line.parts is None or (
            line.stored and ("Quantity" in line.said or "ItemGroupRef" in line.said) and not _said_parts(line)
        ):
            line.parts = [
                Line(
                    part_of_group(line.name),
                    {"ItemRef": each["ItemRef"], **_times(each, quantity), **_places(line.said)},
                )
                for each in group.document.get("ItemGroupLine") or ()
                if each.get("ItemRef")
            ]
        result: Values = {"TxnLineID": line.line_id, "ItemGroupRef": group.reference}
        description = line.value("Desc") if "Desc" in line.said else line.stored.get("Desc", group.document.get("ItemDesc"))
        result |= {"Desc": description} if description else {}
        result |= {name: line.value(name) for name in ("Quantity", "UnitOfMeasure") if line.value(name) is not None}
        result["IsPrintItemsInGroup"] = bool(group.document.get("IsPrintItemsInGroup"))
        before_cents = self.subtotal_cents
        result[part_of_group(line.name)] = [self._line(part) for part in line.parts]
        result["TotalAmount"] = self.subtotal_cents - before_cents
        self._above_cents = self.subtotal_cents - before_cents
        self._extend(line, result)
        return result

    def _line(self, line: Line) -> Values:
        """Work out one line; return its answer values."""
        kind, owner = self.kind, f"{self.kind} line"
        find = self.books.references
        asked = {**line.stored, **line.said} if line.stored else line.said
        if not find.fields_off.isdisjoint(asked):
            find.refuse_absent(asked)
        item = find.find_optional("ItemRef", asked, owner)
        result: Values = {"TxnLineID": line.line_id}
        if item is None:
            if asked.get("Amount") or asked.get("Rate") or asked.get("Quantity"):
                raise cannot_save(kind, "A line with an amount needs an item.")
            if asked.get("Desc"):
                result["Desc"] = asked["Desc"]
            self._extend(line, result)
            return result
        if item.kind == "ItemGroup":
            raise refuse(3140, reference="Item", value=item.full_name, object=owner)
        result["ItemRef"] = item.reference
        rare = not RARE.isdisjoint(asked)
        if rare:
            self._rare(item, line, asked, result)
        terms = sales_terms(self.books, item)
        # A line that stands keeps its own description; a new one has the item's unless it says otherwise.
        description = asked.get("Desc") if "Desc" in asked or line.stored else terms.description
        if description:
            result["Desc"] = description
        ratio = (
            ratio_of(self.books, item, asked.get("UnitOfMeasure"), "Sales", owner)
            if "UnitOfMeasureSetRef" in item.document
            else ONE
        )
        if item.kind in CALCULATED:
            amount_cents = self._calculated(item, line, asked, result, terms.price, terms.percent)
        else:
            amount_cents = self._amount(item, line, asked, result, terms.price, terms.percent, ratio)
        if item.kind == "ItemSubtotal":
            return result
        taxable = self._taxable(item, line, asked, result, owner)
        account = self._account(item, line, terms.account, owner)
        klass = find.find_optional("ClassRef", asked, owner) if rare else None
        quantity = asked.get("Quantity")
        base_quantity = in_base_units(quantity if quantity is not None else ONE, ratio)
        self.postings.append(
            Posting(
                account, self.customer, -self.sign * amount_cents, result, item, -self.sign * base_quantity, klass or self.klass
            )
        )
        if item.kind in STOCKED and base_quantity:
            self._move(item, base_quantity, result, klass or self.klass)
        self._order(line, item, quantity if quantity is not None else ONE, result)
        self.subtotal_cents += amount_cents
        if taxable:
            self.taxable_cents += amount_cents
        if item.kind not in CALCULATED or item.kind == "ItemDiscount":
            self._since_subtotal_cents += amount_cents
        self._above_cents = amount_cents
        return result

    def _rare(self, item: Record, line: Line, asked: Values, result: Values) -> None:
        """Take over the elements that most lines do not have."""
        find, owner = self.books.references, f"{self.kind} line"
        for name in _COPIED:
            if asked.get(name) is not None:
                result[name] = asked[name]
        for name in _REFERENCES:
            found = find.find_optional(name, asked, owner)
            if found is not None:
                if name.startswith("InventorySite") and item.kind not in STOCKED:
                    # A site on what is not in stock is an invalid reference (reported).
                    raise refuse(3140, reference="InventorySite", value=found.full_name, object=owner)
                result[name] = found.reference
        if asked.get("UnitOfMeasure"):
            result["UnitOfMeasure"] = asked["UnitOfMeasure"]
        if "IsManuallyClosed" in asked:
            result["IsManuallyClosed"] = bool(asked["IsManuallyClosed"])
        self._extend(line, result)

    def _extend(self, line: Line, result: Values) -> None:
        for extension in line.said.get("DataExt") or ():
            self.extensions.append((result, extension))

    def _taxable(self, item: Record, line: Line, asked: Values, result: Values, owner: str) -> bool:
        code = self.books.references.find_optional("SalesTaxCodeRef", asked, owner)
        if code is None and not (line.stored and "ItemRef" not in line.said) and "SalesTaxCodeRef" in item.document:
            code = self.books.records.by_id("sales-tax-code", item.document["SalesTaxCodeRef"]["ListID"])
        if code is None:
            return False
        result["SalesTaxCodeRef"] = code.reference
        return bool(code.document.get("IsTaxable"))

    def _account(self, item: Record, line: Line, own: Record | None, owner: str) -> Record:
        """Return where a line posts: the override, else where it posted before, else the item's own account."""
        account = self.books.references.find_optional("OverrideItemAccountRef", line.said, owner)
        if account is None and line.account is not None and "ItemRef" not in line.said:
            account = line.account
        if account is None and item.kind == "ItemPayment":
            reference = item.document.get("DepositToAccountRef")
            account = self.books.records.by_id("account", reference["ListID"]) if reference else None
            account = account or self.books.defaults.posting_account("UndepositedFunds")
        if account is None and item.kind in TAXES:
            account = self.books.defaults.posting_account("SalesTaxPayable")
        account = account or own
        if account is None:
            raise refuse(3270, field="AccountRef")
        if account.document["AccountType"] in ("AccountsReceivable", "AccountsPayable", "NonPosting"):
            raise cannot_save(self.kind, f"A line cannot post to {account.full_name}.")
        return account

    def _move(self, item: Record, quantity: int, result: Values, klass: Record | None) -> None:
        site = result.get("InventorySiteRef")
        self.movements.append(
            Movement(
                item,
                -self.sign * quantity,
                line=result,
                asset=asset_account(self.books, item),
                other=cost_account(self.books, item),
                name=self.customer,
                klass=klass,
                site=self.books.records.by_id("inventory-site", site["ListID"]) if site else None,
            )
        )

    def _order(self, line: Line, item: Record, quantity: int, result: Values) -> None:
        if self.kind == "SalesOrder":
            result.setdefault("IsManuallyClosed", False)
            self.orders.append(OrderLine(result, item, quantity, result["IsManuallyClosed"]))
        fulfilment = fulfilment_of(line, result)
        if fulfilment is not None:
            self.fulfils.append(fulfilment)

    def _calculated(self, item: Record, line: Line, asked: Values, result: Values, price: int | None, percent: int | None) -> int:
        """Work out a subtotal, discount, payment or tax line; return its amount.

        A discount and a payment lower the sale, however their sign is written (switch company.discount-sign). The first tax line after
        a subtotal works itself out (documented); elsewhere a tax line is what its amount says.
        """
        if item.kind == "ItemSubtotal":
            result["Amount"] = self._above_cents = self._since_subtotal_cents
            self._since_subtotal_cents = 0
            return 0
        if asked.get("Quantity") is not None:
            raise cannot_save(self.kind, f"The item {item.full_name} takes no quantity.")
        rate, rate_percent, amount_cents = (asked.get(name) for name in ("Rate", "RatePercent", "Amount"))
        if line.stored and not line.figures_said:
            rate = None  # as it was worked out: the amount stands, or the percentage acts on the line above as it is now
            amount_cents = None if rate_percent is not None else amount_cents
        if item.kind in TAXES:
            rate_percent = rate_percent if rate_percent is not None else (percent if amount_cents is None else None)
        elif rate is None and amount_cents is None:
            rate_percent = rate_percent if rate_percent is not None else percent
            rate = price if rate_percent is None else None
        if rate_percent is not None and amount_cents is None:
            result["RatePercent"] = rate_percent
            amount_cents = percent_of(self._above_cents, int(rate_percent))
        else:
            amount_cents = amount_cents if amount_cents is not None else amount_of(ONE, rate or 0)
            if item.kind == "ItemDiscount":
                result["Rate"] = amount_cents * 1000  # cents to units of 0.00001
        lowers = item.kind in ("ItemDiscount", "ItemPayment") and self.books.settings["company.discount-sign"] == "lowers"
        if lowers and amount_cents > 0 and (self._above_cents >= 0 or "RatePercent" not in result):
            amount_cents = -amount_cents
            result |= {name: -result[name] for name in ("Rate", "RatePercent") if name in result}
        result["Amount"] = amount_cents
        within_limits("Amount", amount_cents)
        return int(amount_cents)

    def _amount(
        self,
        item: Record,
        line: Line,
        asked: Values,
        result: Values,
        price: int | None,
        percent: int | None,
        ratio: int,
    ) -> int:
        """Work out quantity, rate and amount of a line into `result`; return the amount."""
        if line.stored and not line.figures_said and "ItemRef" not in line.said and "RatePercent" not in line.stored:
            # As it was rounded when it was saved: the rate of an amount need not give the amount back.
            result |= {name: line.stored[name] for name in ("Quantity", "Rate", "Amount") if name in line.stored}
            return int(line.stored.get("Amount") or 0)
        figures = _figures(line) if line.stored else asked
        quantity, rate, amount_cents = figures.get("Quantity"), figures.get("Rate"), figures.get("Amount")
        percent = figures.get("RatePercent") if figures.get("RatePercent") is not None else percent
        if rate is None and amount_cents is None and percent is not None:
            amount_cents = percent_of(self._above_cents, int(percent))
            result["RatePercent"] = percent
            result["Amount"] = amount_cents
            return amount_cents
        if quantity is not None:
            result["Quantity"] = quantity
        if amount_cents is not None:
            if rate is not None:
                warn_of_ignored(self.books, "Rate", rate, quantity, amount_cents, self.warnings)
            if quantity:
                result["Rate"] = rate_of(amount_cents, quantity)
            elif quantity is None:
                result["Rate"] = amount_cents * 1000  # cents to units of 0.00001
        else:
            if rate is None:
                level = self.books.references.find_optional("PriceLevelRef", asked, self.kind) or self.level
                at_level = price_at(level, item, price) if level is not None else price
                rate = price_per_unit(at_level or 0, ratio)
            result["Rate"] = rate
            amount_cents = amount_of(quantity if quantity is not None else ONE, rate)
            if self.kind == "Estimate":
                amount_cents = _marked_up(asked, amount_cents)
        result["Amount"] = amount_cents
        within_limits("Amount", amount_cents, result.get("Rate", 0))
        return int(amount_cents)


def _said_parts(line: Line) -> bool:
    return line.parts is not None and any(part.said or not part.stored for part in line.parts)


def _times(component: Values, quantity: int | None) -> Values:
    """Return quantity and unit of an item of a group, times the quantity of the group's line."""
    each = component.get("Quantity")
    result: Values = {}
    if each is not None or quantity is not None:
        result["Quantity"] = in_base_units(each if each is not None else ONE, quantity if quantity is not None else ONE)
    if component.get("UnitOfMeasure"):
        result["UnitOfMeasure"] = component["UnitOfMeasure"]
    return result


def _places(said: Values) -> Values:
    return {name: said[name] for name in ("InventorySiteRef", "InventorySiteLocationRef") if said.get(name)}


def _figures(line: Line) -> Values:
    """Return the quantity, rate and amount of a line that stands, in the shape of an Add.

    The amount is worked out anew when quantity or rate are said without it; a percentage acts on the line above as it is now.
    """
    names = ("Quantity", "Rate", "RatePercent", "Amount")
    given: dict[str, Any] = {name: line.said[name] for name in names if line.said.get(name) is not None}
    stored = line.stored
    quantity = {"Quantity": stored["Quantity"]} if "Quantity" in stored else {}
    if "Amount" in given or "Rate" in given or "RatePercent" in given or line.said.get("PriceLevelRef") is not None:
        return {**quantity, **given}
    if "RatePercent" in stored:
        return {"RatePercent": stored["RatePercent"]}
    if "ItemRef" in line.said and not given:
        return quantity
    return {**quantity, **given, **({"Rate": stored["Rate"]} if "Rate" in stored else {})}


def _marked_up(asked: Values, amount_cents: int) -> int:
    """Return the amount of a line of an estimate with its markup (inferred: a markup raises the amount, the rate is the cost)."""
    if asked.get("MarkupRatePercent") is not None:
        return amount_cents + percent_of(amount_cents, int(asked["MarkupRatePercent"]))
    if asked.get("MarkupRate") is not None:
        return amount_cents + amount_of(ONE, asked["MarkupRate"])
    return amount_cents
