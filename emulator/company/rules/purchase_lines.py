"""The lines of a purchase: expenses, items and item groups - quantity, cost, amount, where each posts, and what comes into stock.

An item line posts to the item's expense account, or to its only account; a stocked item comes into stock at what the line costs (what a
vendor credit takes out leaves at its line's amount: switch company.vendor-credit-value). With both cost and amount the cost is ignored with
a warning, as the rate of a sale is (documented for sales). Costs and quantities are whole 0.00001.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from emulator.company.arithmetic import amount_of, rate_of, total_within_limits, warn_of_ignored, within_limits
from emulator.company.currencies import price_in
from emulator.company.items import STOCKED, purchase_terms
from emulator.company.ledger import Posting, home_cents_of
from emulator.company.records import Record, Values
from emulator.company.refusals import cannot_save, invalid_reference, refuse, wrong_item
from emulator.company.rules.form import Line
from emulator.company.rules.groups import group_line
from emulator.company.rules.orders import fulfilment_of
from emulator.company.rules.parts import refuse_account_with_name
from emulator.company.stock import Movement
from emulator.company.transactions import Fulfilment, OrderLine, part_of_group
from emulator.company.units import ONE, in_base_units, price_per_unit, ratio_of
from emulator.qbxml.status import Status

if TYPE_CHECKING:
    from decimal import Decimal

    from emulator.company.books import Books

_WORKED_OUT: Final = frozenset(
    {
        "ItemRef", "Quantity", "Cost", "Rate", "Amount", "OverrideItemAccountRef", "LinkToTxn", "Desc", "DataExt", "@defMacro",
        "IsManuallyClosed",
    }
)  # fmt: skip
"""Elements of an item line that are worked out rather than copied."""


@dataclass(slots=True)
class PurchaseLines:
    """The lines of a purchase or purchase order as they are worked out.

    Attributes:
        books: the open file.
        kind: the noun.
        sign: 1 when it is bought, -1 when it goes back or is credited.
        rate: home cents for a cent of the transaction's currency.
        payee: who is paid: the vendor of lines that post to payables.
        owed: the transaction itself posts to payables, so that no line may.
        ordered: it is an order: nothing moves, and its lines wait to be fulfilled.
        closed: the order as a whole was closed by hand, so that none of its lines waits any more.
        currency: of the transaction, None for home.
        expenses, items: what an answer tells.
        postings: one row for each line that has an amount.
        movements: pieces that come into stock, or leave it again.
        orders: the lines of an order.
        fulfils: lines of purchase orders that they fulfil.
        extensions: data extensions of lines.
        warnings: what the answer warns of.
    """

    books: "Books"
    kind: str
    sign: int
    rate: "Decimal | None"
    payee: Record | None = None
    owed: bool = False
    ordered: bool = False
    closed: bool = False
    currency: Record | None = None
    expenses: list[Values] = field(default_factory=list)
    items: list[tuple[str, Values]] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    orders: list[OrderLine] = field(default_factory=list)
    fulfils: list[Fulfilment] = field(default_factory=list)
    extensions: list[tuple[Values | None, Values]] = field(default_factory=list)
    warnings: list[Status] = field(default_factory=list)

    @property
    def total_cents(self) -> int:
        """What the purchase is about; never negative (3180)."""
        cents = self.sign * sum(posting.cents for posting in self.postings)
        total_within_limits(self.kind, "AmountDue", cents)
        return cents

    @property
    def _cost_name(self) -> str:
        """The element that an item's cost stands in."""
        return "Rate" if self.ordered else "Cost"

    def add_expenses(self, lines: list[Line]) -> None:
        """Work out the expense lines."""
        for line in lines:
            self.expenses.append(self._expense(line))

    def add_items(self, lines: list[Line]) -> None:
        """Work out the item lines, and the lines of item groups."""
        for line in lines:
            self.items.append((line.name, self._group(line) if line.is_group else self._item(line)))

    def _expense(self, line: Line) -> Values:
        owner = f"{self.kind} line"
        find = self.books.references
        asked = line.whole(frozenset({"@defMacro", "DataExt"}))
        amount_cents = asked.get("Amount") or 0
        account = find.find_optional("AccountRef", asked, owner)
        if account is None and amount_cents:
            raise cannot_save(self.kind, "A line with an amount needs an account.")
        result: Values = {"TxnLineID": line.line_id, **find.resolved(asked, owner)}
        if account is not None:
            if self.owed and account.document["AccountType"] == "AccountsPayable":
                raise cannot_save(self.kind, f"A {self.kind} cannot post to accounts payable twice.")
            result["Amount"] = amount_cents
            self._post(account, asked, amount_cents, result)
        self._extend(line, result)
        return result

    def _post(
        self, account: Record, asked: Values, amount_cents: int, result: Values, item: Record | None = None, quantity: int = 0
    ) -> None:
        owner = f"{self.kind} line"
        name = self.books.references.find_optional("CustomerRef", asked, owner)
        account_type = account.document["AccountType"]
        if account_type == "AccountsPayable" or (account_type == "AccountsReceivable" and name is None):
            name = self.payee
        refuse_account_with_name(self.books, self.kind, account, name, self.currency)
        klass = self.books.references.find_optional("ClassRef", asked, owner)
        self.postings.append(
            Posting(
                account, name, self.sign * amount_cents, result, item, self.sign * quantity if item is not None else None, klass
            )
        )

    def _extend(self, line: Line, result: Values) -> None:
        self.extensions += [(result, extension) for extension in line.said.get("DataExt") or ()]

    def _group(self, line: Line) -> Values:
        result, parts = group_line(self.books, self.kind, line, "Purchase")
        before = len(self.postings)
        result[part_of_group(line.name)] = [self._item(part) for part in parts]
        result["TotalAmount"] = self.sign * sum(posting.cents for posting in self.postings[before:])
        self._extend(line, result)
        return result

    def _item(self, line: Line) -> Values:
        owner, find = f"{self.kind} line", self.books.references
        asked = line.whole()
        item = find.find_optional("ItemRef", asked, owner)
        result: Values = {"TxnLineID": line.line_id, **find.resolved(asked, owner, _WORKED_OUT)}
        self._extend(line, result)
        if item is None:
            if asked.get("Amount") or asked.get(self._cost_name) or asked.get("Quantity"):
                raise cannot_save(self.kind, "A line with an amount needs an item.")
            if asked.get("Desc"):
                result["Desc"] = asked["Desc"]
            return result
        if item.kind == "ItemGroup":
            raise wrong_item(self.books.settings, "ItemRef", item.full_name, owner, item.list_id)
        if item.kind not in STOCKED and result.get("InventorySiteRef"):
            # A site on what is not in stock is an invalid reference (reported).
            site = result["InventorySiteRef"]
            raise invalid_reference("InventorySiteRef", "InventorySite", site["FullName"], owner, site["ListID"])
        terms = purchase_terms(self.books, item)
        result["ItemRef"] = item.reference
        description = asked.get("Desc") if "Desc" in line.said or line.stored else terms.description
        if description:
            result["Desc"] = description
        ratio = ratio_of(self.books, item, asked.get("UnitOfMeasure"), "Purchase", owner, asked.get("OverrideUOMSetRef"))
        amount_cents = self._amount(line, asked, result, self._in_currency(price_per_unit(terms.price or 0, ratio)))
        self._refuse_other_item(line, item)
        account = self._override(line, item)
        if account is None and line.account is not None and "ItemRef" not in line.said:
            account = line.account
        account = account or terms.account
        if account is None:
            raise refuse(3270, field="ExpenseAccountRef")
        quantity = result["Quantity"] if result.get("Quantity") is not None else ONE
        base_quantity = in_base_units(quantity, ratio)
        self._post(account, asked, amount_cents, result, item, base_quantity)
        if self.ordered:
            self._order(item, asked, result, base_quantity)
        elif item.kind in STOCKED and base_quantity:
            self._move(item, base_quantity, amount_cents, result)
        fulfilment = fulfilment_of(line, result, base_quantity)
        if fulfilment is not None:
            self.fulfils.append(fulfilment)
        return result

    def _in_currency(self, cost: int) -> int:
        """Return what an item says it costs in the currency of the transaction: items are priced in the company's own."""
        if self.rate is None or self.books.settings["company.foreign-item-price"] != "converted":
            return cost
        return price_in(cost, self.rate)

    def _override(self, line: Line, item: Record) -> Record | None:
        """Return the account that a line names in the place of the item's own.

        What comes into stock is worth what its asset account gets, so there the item's own account stands (switch
        company.stock-account-override); an order moves nothing.
        """
        account = self.books.references.find_optional("OverrideItemAccountRef", line.said, f"{self.kind} line")
        if account is None or item.kind not in STOCKED or self.ordered:
            return account
        if self.books.settings["company.stock-account-override"] == "refused":
            raise cannot_save(self.kind, f"The item {item.full_name} posts to its own asset account.")
        return None

    def _refuse_other_item(self, line: Line, item: Record) -> None:
        """Refuse another item on a line that fulfils a line of an order (3180, as in an Add)."""
        if line.order is not None and "ItemRef" in line.said and line.stored and item.list_id != line.stored["ItemRef"]["ListID"]:
            raise cannot_save(self.kind, "The line of the order is for another item.")

    def _order(self, item: Record, asked: Values, result: Values, quantity: int) -> None:
        """Note a line of an order, to be fulfilled later; `quantity` is in base units."""
        if "ManufacturerPartNumber" not in result and item.document.get("ManufacturerPartNumber"):
            result["ManufacturerPartNumber"] = item.document["ManufacturerPartNumber"]
        result["IsManuallyClosed"] = bool(asked.get("IsManuallyClosed"))
        self.orders.append(OrderLine(result, item, quantity, self.closed or result["IsManuallyClosed"]))

    def _move(self, item: Record, quantity: int, amount_cents: int, result: Values) -> None:
        value_cents = self.sign * home_cents_of(amount_cents, self.rate)
        place = self.books.references.held("InventorySiteRef", result)
        self.movements.append(Movement(item, self.sign * quantity, value_cents, result, site=place))

    def _amount(self, line: Line, asked: Values, result: Values, own_cost: int) -> int:
        """Work out quantity, cost and amount of an item line into `result`; return the amount."""
        name = self._cost_name
        if line.stored and not line.figures_said and "ItemRef" not in line.said:
            # As it was rounded when it was saved: the cost of an amount need not give the amount back.
            result |= {each: line.stored[each] for each in ("Quantity", name, "Amount") if each in line.stored}
            return int(line.stored.get("Amount") or 0)
        quantity, cost, amount_cents = asked.get("Quantity"), asked.get(name), asked.get("Amount")
        if line.stored:
            # The amount is worked out anew when quantity or cost are said without it.
            said_cost, amount_cents = line.said.get(name), line.said.get("Amount")
            keeps = said_cost is None and amount_cents is None and "ItemRef" not in line.said
            cost = line.stored.get(name) if keeps else said_cost
        if quantity is not None:
            result["Quantity"] = quantity
        if amount_cents is None:
            cost = cost if cost is not None else own_cost
            amount_cents = amount_of(quantity if quantity is not None else ONE, cost)
        else:
            if cost is not None:
                warn_of_ignored(self.books, name, cost, quantity, amount_cents, self.warnings)
            cost = rate_of(amount_cents, quantity) if quantity else amount_cents * 1000  # cents to units of 0.00001
        result[name], result["Amount"] = cost, amount_cents
        within_limits("Amount", amount_cents, cost)
        return int(amount_cents)
