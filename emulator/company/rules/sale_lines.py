"""The lines of a sale, one after the other: what stands above each, its tax, its class, where it posts, what it takes out of stock.

A subtotal adds up what stands above it to the last subtotal, and is no amount of its own. A line is taxed when its own code and the
customer's code are taxable; a taxable discount lowers what is taxed by as much of it as falls on taxed lines: of the line above for a
percentage, of every line above for a flat amount (documented; for a subtotal or group above inferred). A single tax may be a line, a
group of taxes may not (documented). An item group becomes a group line with the lines of its items. The figures of a line: sale_figures.py.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from emulator.company.arithmetic import rounded_quotient
from emulator.company.items import CALCULATED, STOCKED, TAXES, asset_account, cost_account, sales_terms
from emulator.company.ledger import Posting
from emulator.company.prices import price_of
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save, invalid_reference, refuse, wrong_item
from emulator.company.rules.form import Line
from emulator.company.rules.groups import SITES, group_line, refuse_lost_links
from emulator.company.rules.orders import fulfilment_of
from emulator.company.rules.sale_figures import calculated_figures, figures_of
from emulator.company.stock import Movement
from emulator.company.transactions import Fulfilment, OrderLine, part_of_group
from emulator.company.units import ONE, default_unit, in_base_units, ratio_in, units_of
from emulator.qbxml.status import Status

if TYPE_CHECKING:
    from emulator.company.books import Books

_COPIED: Final = (
    "ServiceDate", "Other1", "Other2", "SerialNumber", "LotNumber", "ExpirationDateForSerialLotNumber", "CreditCardTxnInfo",
)  # fmt: skip
"""Elements of a line that an answer tells as they were said."""

_REFERENCES: Final = ("ClassRef", *SITES, "OverrideUOMSetRef")

_UNITS: Final = frozenset({"UnitOfMeasure", "OverrideUOMSetRef"})

RARE: Final = frozenset({*_COPIED, *_REFERENCES, "PriceLevelRef", "DataExt", "IsManuallyClosed"})
"""Elements that most lines have none of; one look must tell."""

_NO_LINES: Final = frozenset({"ItemGroup", "ItemSalesTaxGroup"})
"""Kinds of items that no plain line can be of (documented for groups of taxes)."""


@dataclass(slots=True)
class Sum:
    """An amount, and how much of it is taxed if the customer is; cents."""

    cents: int = 0
    taxable_cents: int = 0

    def add(self, other: "Sum") -> None:
        """Add another one."""
        self.cents += other.cents
        self.taxable_cents += other.taxable_cents

    def taxed_part(self, cents: int) -> int:
        """Return how much of an amount off this one lowers what is taxed: the taxed share of this one, all of it where nothing stands."""
        if not self.cents:
            return cents
        part_cents = rounded_quotient(cents * self.taxable_cents, self.cents)
        return max(cents, min(part_cents, 0)) if cents < 0 else min(cents, max(part_cents, 0))


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
        warnings: what the answer warns of.
        currency: of the sale, None for home.
        exchange: home cents for a cent of it.
        closed: it is an order that was closed by hand, so that none of its lines waits any more.
        values: what an answer tells, as (element, values).
        postings: the rows of the lines, one for each that has an item.
        movements: pieces that leave stock, or come back.
        orders: the lines, for a sales order.
        fulfils: the lines of orders that they fulfil.
        extensions: data extensions of lines.
        total: sum of the amounts.
    """

    books: "Books"
    kind: str
    sign: int
    customer: Record | None
    level: Record | None
    klass: Record | None
    warnings: list[Status]
    currency: Record | None = None
    exchange: Decimal | None = None
    closed: bool = False
    values: list[tuple[str, Values]] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    orders: list[OrderLine] = field(default_factory=list)
    fulfils: list[Fulfilment] = field(default_factory=list)
    extensions: list[tuple[Values | None, Values]] = field(default_factory=list)
    total: Sum = field(default_factory=Sum)
    _above: Sum = field(default_factory=Sum)
    _since_subtotal: Sum = field(default_factory=Sum)
    _below_tax: bool = False

    def add(self, lines: list[Line]) -> None:
        """Work out the lines, in their order."""
        for line in lines:
            self.values.append((line.name, self._group(line) if line.is_group else self._line(line)))

    # ---- item groups ----

    def _group(self, line: Line) -> Values:
        """Work out the line of an item group and the lines of its items; return its answer values."""
        result, parts = group_line(self.books, self.kind, line, "Sales")
        # A subtotal inside a group adds up the group alone (inferred: a group has a total of its own).
        outside, self._since_subtotal = self._since_subtotal, Sum()
        before = Sum(self.total.cents, self.total.taxable_cents)
        result[part_of_group(line.name)] = [self._line(part) for part in parts]
        self._above = Sum(self.total.cents - before.cents, self.total.taxable_cents - before.taxable_cents)
        outside.add(self._above)
        self._since_subtotal, self._below_tax = outside, False
        result["TotalAmount"] = self._above.cents
        self._extend(line, result)
        return result

    # ---- plain lines ----

    def _line(self, line: Line) -> Values:
        """Work out one line; return its answer values."""
        owner, find = f"{self.kind} line", self.books.references
        asked = {**line.stored, **line.said} if line.stored else line.said
        if not find.fields_off.isdisjoint(asked):
            # The code that a line has from before sales tax was switched off stays with it.
            find.refuse_absent(line.said if "SalesTaxCodeRef" in find.fields_off else asked)
        item = find.find_optional("ItemRef", asked, owner)
        result: Values = {"TxnLineID": line.line_id}
        if item is None:
            return self._text(line, asked, result)
        if item.kind in _NO_LINES:
            raise wrong_item(self.books.settings, "ItemRef", item.full_name, owner, item.list_id)
        if line.stored and "ItemRef" in line.said:
            line = self._of_item(line, item)
            asked = {**line.stored, **line.said} if line.stored else line.said
        result["ItemRef"] = item.reference
        is_plain = RARE.isdisjoint(asked)
        if not is_plain:
            self._rare(item, line, asked, result)
        terms = sales_terms(self.books, item)
        # A line that stands keeps its own description; a new one has the item's unless it says otherwise.
        description = asked.get("Desc") if "Desc" in asked or line.stored else terms.description
        if description:
            result["Desc"] = description
        if item.kind == "ItemSubtotal":
            self._subtotal(result)
            return result
        # A price level is for what has a price: what calculates keeps its own figures.
        calculates = item.kind in CALCULATED
        own_level = None if is_plain or calculates else find.find_optional("PriceLevelRef", asked, self.kind)
        level = None if calculates else own_level or self.level
        price = price_of(self.books, item, terms, level, self.currency, self.exchange)
        ratio, old_ratio = self._ratios(item, line, asked, result, owner)
        if calculates:
            result |= calculated_figures(
                self.books, self.kind, item, line, price, self._above.cents, self._below_tax, self.warnings
            )
        else:
            result |= figures_of(self.books, line, price, ratio, old_ratio, self._above.cents, self.warnings)
        base_quantity = in_base_units(result.get("Quantity", ONE), ratio)
        account = self._account(item, line, terms.account, owner)
        klass = (None if is_plain else find.find_optional("ClassRef", asked, owner)) or self.klass
        self._post(item, account, klass, base_quantity, result)
        self._order(line, item, base_quantity, result)
        self._count(item, self._taxable(item, line, asked, result, owner), result)
        return result

    def _text(self, line: Line, asked: Values, result: Values) -> Values:
        """Work out a line without an item: text alone."""
        if asked.get("Amount") or asked.get("Rate") or asked.get("Quantity"):
            raise cannot_save(self.kind, "A line with an amount needs an item.")
        if asked.get("Desc"):
            result["Desc"] = asked["Desc"]
        self._extend(line, result)
        return result

    def _of_item(self, line: Line, item: Record) -> Line:
        """Return a line that stands and names an item: as it is for its own item, for another one as a new line in its place.

        The other item brings its description, price, unit, tax code and account; quantity, class, dates and texts stay (inferred from the
        form on screen). A line that fulfils an order stays with its item (3180, as when it is linked).
        """
        stored = line.stored
        if stored.get("ItemRef", {}).get("ListID") == item.list_id:
            line.said = {name: value for name, value in line.said.items() if name != "ItemRef"}
            return line
        refuse_lost_links(self.kind, [line])
        names = ["ClassRef", "ServiceDate", "Other1", "Other2", "IsManuallyClosed"]
        names += ["Quantity"] if item.kind not in CALCULATED else []
        names += SITES if item.kind in STOCKED else []
        return Line(line.name, {**{name: stored[name] for name in names if name in stored}, **line.said})

    def _rare(self, item: Record, line: Line, asked: Values, result: Values) -> None:
        """Take over the elements that most lines do not have."""
        find, owner = self.books.references, f"{self.kind} line"
        for name in _COPIED:
            if asked.get(name) is not None:
                result[name] = asked[name]
        for name in _REFERENCES:
            found = find.find_optional(name, asked, owner)
            if found is not None:
                if name in SITES and item.kind not in STOCKED:
                    # A site on what is not in stock is an invalid reference (reported).
                    raise invalid_reference(name, "InventorySite", found.full_name, owner, found.list_id)
                result[name] = found.reference
        if "IsManuallyClosed" in asked:
            result["IsManuallyClosed"] = bool(asked["IsManuallyClosed"])
        self._extend(line, result)

    def _extend(self, line: Line, result: Values) -> None:
        for extension in line.said.get("DataExt") or ():
            self.extensions.append((result, extension))

    def _ratios(self, item: Record, line: Line, asked: Values, result: Values, owner: str) -> tuple[int, int]:
        """Return base units in the unit of a line, and in the one in which it stands; tell the unit."""
        if "UnitOfMeasureSetRef" not in item.document and _UNITS.isdisjoint(asked):
            return ONE, ONE  # as most lines are
        units = units_of(self.books, item, result.get("OverrideUOMSetRef"))
        unit = asked.get("UnitOfMeasure") or default_unit(units, "Sales")
        ratio = ratio_in(units, unit, owner)
        if unit:
            result["UnitOfMeasure"] = unit
        if not line.stored:
            return ratio, ratio
        old_units = units_of(self.books, item, line.stored.get("OverrideUOMSetRef"))
        return ratio, ratio_in(old_units, line.stored.get("UnitOfMeasure"), owner)

    def _subtotal(self, result: Values) -> None:
        self._above, self._since_subtotal, self._below_tax = self._since_subtotal, Sum(), False
        result["Amount"] = self._above.cents

    def _taxable(self, item: Record, line: Line, asked: Values, result: Values, owner: str) -> bool:
        """Return whether a line is taxed, and tell its code: what is said or stands, else the item's own."""
        if "sales-tax" not in self.books.features.on:
            kept = self.books.references.held("SalesTaxCodeRef", line.stored)
            if kept is not None:
                result["SalesTaxCodeRef"] = kept.reference
            return kept is not None and bool(kept.document.get("IsTaxable"))
        code = self.books.references.find_optional("SalesTaxCodeRef", asked, owner)
        if code is None and not line.stored:
            code = self.books.references.held("SalesTaxCodeRef", item.document)
        if code is None:
            return False
        result["SalesTaxCodeRef"] = code.reference
        return bool(code.document.get("IsTaxable"))

    def _count(self, item: Record, taxable: bool, result: Values) -> None:
        """Count a line in the sums."""
        amount_cents = result["Amount"]
        taxable_cents = amount_cents if taxable else 0
        if taxable and item.kind == "ItemDiscount":
            taxable_cents = (self._above if "RatePercent" in result else self.total).taxed_part(amount_cents)
        self._above, self._below_tax = Sum(amount_cents, taxable_cents), item.kind in TAXES
        self._since_subtotal.add(self._above)
        self.total.add(self._above)

    # ---- where it posts ----

    def _account(self, item: Record, line: Line, own: Record | None, owner: str) -> Record:
        """Return where a line posts: the override, else where it posted before, else the item's own account."""
        account = self.books.references.find_optional("OverrideItemAccountRef", line.said, owner)
        account = account or line.account
        if account is None and item.kind == "ItemPayment":
            account = self.books.references.held("DepositToAccountRef", item.document)
            account = account or self.books.defaults.posting_account("UndepositedFunds")
        if account is None and item.kind in TAXES:
            account = self.books.defaults.posting_account("SalesTaxPayable")
        account = account or own
        if account is None:
            raise refuse(3270, field="AccountRef")
        if account.document["AccountType"] in ("AccountsReceivable", "AccountsPayable", "NonPosting"):
            raise cannot_save(self.kind, f"A line cannot post to {account.full_name}.")
        self.books.currencies.refuse_other(self.kind, self.currency, account)
        return account

    def _post(self, item: Record, account: Record, klass: Record | None, quantity: int, result: Values) -> None:
        """Add the row of a line, and what it moves. A tax is under the name of its agency."""
        name = tax_agency(self.books, item) if item.kind in TAXES else self.customer
        self.postings.append(Posting(account, name, -self.sign * result["Amount"], result, item, -self.sign * quantity, klass))
        if item.kind not in STOCKED or not quantity:
            return
        self.movements.append(
            Movement(
                item,
                -self.sign * quantity,
                line=result,
                asset=asset_account(self.books, item),
                other=cost_account(self.books, item),
                name=self.customer,
                klass=klass,
                site=self.books.references.held("InventorySiteRef", result),
            )
        )

    def _order(self, line: Line, item: Record, quantity: int, result: Values) -> None:
        """Note what a line of a sales order waits for, and what a line of an invoice fulfils; in base units."""
        if self.kind == "SalesOrder":
            result.setdefault("IsManuallyClosed", False)
            self.orders.append(OrderLine(result, item, quantity, self.closed or result["IsManuallyClosed"]))
        fulfilment = fulfilment_of(line, result, quantity)
        if fulfilment is not None:
            self.fulfils.append(fulfilment)


def tax_agency(books: "Books", tax: Record) -> Record | None:
    """Return the vendor that a sales tax is paid to."""
    return books.references.held("TaxVendorRef", tax.document)
