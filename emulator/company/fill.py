"""Making the lists of a new company from its description, through the same code that answers Add requests, in one transaction.

The clock of the making is the description's `started`, so that identities and stamps are the same on every day; a file whose story
begins earlier is made at the story's beginning.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from emulator.company import lists
from emulator.company.books import Books
from emulator.company.description import (
    AccountPart,
    Accounts,
    CompanyDescription,
    CustomerPart,
    Customers,
    ItemPart,
    Items,
    Lists,
    VendorPart,
    Vendors,
    cents_of,
)
from emulator.company.fixtures import generate
from emulator.company.fixtures.chart import EXPENSE_ACCOUNT, INCOME_ACCOUNT, US_WHOLESALE
from emulator.company.fixtures.history import HistoryMaker
from emulator.company.list_rows import LISTS
from emulator.company.opening import open_balance
from emulator.company.records import Record, Values
from emulator.company.references import likest_name
from emulator.company.refusals import Refusal
from emulator.company.store import Store
from emulator.core.errors import UserMistake
from emulator.core.files import Places
from emulator.core.fitting import Place
from emulator.core.switches import Setting

STAMP_DIGITS = 16

Part = TypeVar("Part", AccountPart, CustomerPart, ItemPart, VendorPart)


def fill(
    store: Store, description: CompanyDescription, settings: Mapping[str, Setting], now: datetime, bare: bool = False
) -> None:
    """Write a description into a new file. Call inside `atomic`. A bare file has no lists: they are to come from elsewhere.

    Raises:
        UserMistake: a record of the description breaks a rule of the company: a name twice, an account that is not there, a history that runs into a
            credit limit.
    """
    started = _started(description)
    books = begin(store, description, settings, lambda: min(started, now))
    try:
        if not bare:
            _make(books, description, started, now)
    except Refusal as refusal:
        raise UserMistake(
            f"the company cannot be made: {refusal.status.message}",
            description.places.where(("history",)),
            advice="mend what its lists and its history need of each other: accounts, credit limits",
        ) from None
    finish(store, description)


def moment_of(description: CompanyDescription, now: datetime) -> datetime:
    """Return the moment that decides what `fill` writes: two files that are filled at moments with the same one hold the same."""
    return now if description.history.months else min(_started(description), now)


def _started(description: CompanyDescription) -> datetime:
    return description.company.started.replace(tzinfo=ZoneInfo(description.company.timezone))


def begin(
    store: Store, description: CompanyDescription, settings: Mapping[str, Setting], clock_now: Callable[[], datetime]
) -> Books:
    """Write what a description says of the company itself, and return the books to make its lists and history in."""
    facts = description.facts()
    store.set_settings(facts.items())
    # The books are closed at the end: the history lies before the closing date.
    return Books(store, {**facts, "closing_date": None}, settings, clock_now)


def finish(store: Store, description: CompanyDescription) -> None:
    """Write the stamp of a file that has everything else, and what it was made from."""
    stamp = _stamp(store, description.facts())
    store.set_settings([("stamp", stamp), ("description", description.model_dump(mode="json"))])


def add_described(books: Books, description: CompanyDescription) -> Counter[str]:
    """Add the records that a description gives to a file that exists. Call inside `atomic`.

    Only what it says itself counts: the lists that a new company has from the start are there. Returns: noun -> how many came in.

    Raises:
        UserMistake: a record breaks a rule of the company.
    """
    said = description.lists
    wanted = {name: getattr(said, name) if name in said.model_fields_set else [] for name in Lists.model_fields}
    for name, nothing in (("accounts", Accounts()), ("customers", Customers()), ("vendors", Vendors()), ("items", Items())):
        wanted[name] = wanted[name] or nothing
    if "template" not in wanted["accounts"].model_fields_set:
        wanted["accounts"] = wanted["accounts"].model_copy(update={"template": "none"})
    given = description.model_copy(update={"lists": Lists.model_construct(**wanted)})
    before = Counter(dict(books.store.execute("SELECT kind, count(*) FROM list_record GROUP BY kind").fetchall()))
    ListMaker(books).all_of(given)
    return Counter(dict(books.store.execute("SELECT kind, count(*) FROM list_record GROUP BY kind").fetchall())) - before


def _make(books: Books, description: CompanyDescription, started: datetime, now: datetime) -> None:
    ListMaker(books).all_of(description)
    if description.history.months:
        HistoryMaker(books, description.history, started, now).make()


def _stamp(store: Store, facts: Mapping[str, Any]) -> str:
    """Return the hash of everything in a new file, so that a report names the exact company."""
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for row in store.execute("SELECT family, kind, list_id, full_name, active, document FROM list_record ORDER BY record"):
        digest.update(json.dumps(row).encode())
    for row in store.execute("SELECT kind, txn_id, date, ref, entity, amount_cents, open_cents, lines FROM txn ORDER BY number"):
        digest.update(json.dumps(row).encode())
    return digest.hexdigest()[:STAMP_DIGITS]


class ListMaker:
    """Adds the records of a description, telling which one breaks a rule."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._names: set[str] = set()
        self._places = Places("company description")

    def all_of(self, description: CompanyDescription) -> None:
        """Add everything that a description has, what it generates too."""
        self._places = description.places
        self._small_lists(description)
        self._accounts(description)
        self._vendors(description)
        self._items(description)
        self._customers(description)

    def _add(self, noun: str, values: Values, *place: str | int) -> Record:
        """Add a record; `place` is where the lists of the description say it, nothing for what they do not."""
        said = {name: value for name, value in values.items() if value not in ("", {})}
        try:
            record = lists.add(self._books, LISTS[noun], said)
            open_balance(self._books, record, said)
            return record
        except Refusal as refusal:
            near = likest_name(self._books.store, refusal.status)
            raise UserMistake(
                f"{noun.lower()} {values['Name']!r} cannot be made: {refusal.status.message}",
                self._places.where(self._places.of_value(("lists", *place), str(refusal.status.slots.get("value") or ""))),
                repr(near) if near else "",
                "mend its name or what it refers to",
            ) from None

    def _small_lists(self, description: CompanyDescription) -> None:
        every = description.lists
        for row, code in enumerate(every.tax_codes):
            self._add("SalesTaxCode", {"Name": code.name, "IsTaxable": code.taxable, "Desc": code.description}, "tax_codes", row)
        for row, terms in enumerate(every.terms):
            percent = round(float(terms.discount_percent) * 100_000)
            values: Values = {"Name": terms.name, "StdDueDays": terms.due_days, "StdDiscountDays": terms.discount_days}
            self._add("StandardTerms", {**values, "DiscountPct": percent}, "terms", row)
        for noun, part in (
            ("PaymentMethod", "payment_methods"),
            ("ShipMethod", "ship_methods"),
            ("CustomerType", "customer_types"),
            ("VendorType", "vendor_types"),
        ):
            self._names_alone(every, noun, part)
        for row, template in enumerate(every.templates):
            self._add("Template", {"Name": template.name, "TemplateType": template.type}, "templates", row)
        on = self._books.features.on
        if "currencies" in on:
            today = description.company.started.date().isoformat()
            for row, currency in enumerate(every.currencies):
                values = {"Name": currency.name, "CurrencyCode": currency.code, "IsUserDefinedCurrency": False}
                self._add("Currency", {**values, "ExchangeRate": currency.rate, "AsOfDate": today}, "currencies", row)
        for feature, noun in (("classes", "Class"), ("sites", "InventorySite")):
            if feature in on:
                self._names_alone(every, noun, feature)
        if "payroll" in on:
            for name, kind in _PAYROLL_ITEMS:
                self._add("PayrollItemNonWage", {"Name": name, "NonWageType": kind})

    def _names_alone(self, every: Lists, noun: str, part: str) -> None:
        for row, name in enumerate(getattr(every, part)):
            self._add(noun, {"Name": name}, part, row)

    def _accounts(self, description: CompanyDescription) -> None:
        wanted = description.lists.accounts
        rows = US_WHOLESALE if wanted.template == "us_wholesale" else ()
        chart = [
            AccountPart(number=number, name=name, type=kind, special=special, parent=parent)
            for number, name, kind, special, parent in rows
        ]
        for place, account in [*((("accounts", "template"), each) for each in chart), *_placed("accounts", wanted.given)]:
            values: Values = {"Name": account.name, "AccountType": account.type, "AccountNumber": account.number}
            values["SpecialAccountType"] = account.special
            self._add("Account", {**values, "ParentRef": _named(account.parent)}, *place)

    def _vendors(self, description: CompanyDescription) -> None:
        every = description.lists
        agencies = {tax.vendor: ("sales_taxes", row, "vendor") for row, tax in reversed(list(enumerate(every.sales_taxes)))}
        parts: list[tuple[Place, VendorPart]] = [(place, VendorPart(name=name)) for name, place in reversed(agencies.items())]
        parts += _placed("vendors", every.vendors.given)
        self._names |= {part.name.casefold() for _, part in parts}
        if every.vendors.generate is not None:
            parts += ((("vendors", "generate"), part) for part in generate.vendors(every.vendors.generate, self._names))
        for place, part in parts:
            self.vendor(part, *place)

    def vendor(self, part: VendorPart, *place: str | int) -> None:
        """Add a vendor; `place` is where the lists of the description say it."""
        values: Values = {"Name": part.name, "CompanyName": part.name, "IsActive": part.active, "TermsRef": _named(part.terms)}
        values |= {"VendorAddress": part.address.values() if part.address else {}, "Phone": part.phone, "Email": part.email}
        self._add("Vendor", values, *place)

    def _items(self, description: CompanyDescription) -> None:
        every = description.lists
        for row, tax in enumerate(every.sales_taxes):
            rate = round(float(tax.rate) * 100_000)
            values: Values = {"Name": tax.name, "ItemDesc": tax.description, "TaxRate": rate, "TaxVendorRef": _named(tax.vendor)}
            self._add("ItemSalesTax", values, "sales_taxes", row)
        parts = _placed("items", every.items.given)
        if every.items.generate is not None:
            taken = {part.name.casefold() for _, part in parts}
            parts += ((("items", "generate"), part) for part in generate.items(every.items.generate, taken))
        for place, part in parts:
            self.item(part, *place)

    def item(self, part: ItemPart, *place: str | int) -> None:
        """Add an item of any kind; `place` is where the lists of the description say it."""
        code = self._books.defaults.taxable_code if part.taxable else self._books.defaults.non_taxable_code
        values: Values = {"Name": part.name, "IsActive": part.active}
        if code is not None:
            values["SalesTaxCodeRef"] = code.reference
        price = cents_of(part.price) * 1000  # cents to units of 0.00001
        income = _named(part.income_account or INCOME_ACCOUNT)
        if part.kind == "inventory":
            values |= {
                "SalesDesc": part.description or None,
                "SalesPrice": price,
                "IncomeAccountRef": income,
                "PurchaseDesc": part.description or None,
                "PurchaseCost": cents_of(part.cost or "0") * 1000,
                "COGSAccountRef": self._books.defaults.posting_account("CostOfGoodsSold").reference,
                "AssetAccountRef": self._books.defaults.posting_account("InventoryAssets").reference,
                "QuantityOnHand": round(Decimal(part.on_hand) * 100_000),
            }
        elif part.cost is None:
            values["SalesOrPurchase"] = {"Desc": part.description or None, "Price": price, "AccountRef": income}
        else:
            values["SalesAndPurchase"] = {
                "SalesDesc": part.description or None,
                "SalesPrice": price,
                "IncomeAccountRef": income,
                "PurchaseDesc": part.description or None,
                "PurchaseCost": cents_of(part.cost) * 1000,
                "ExpenseAccountRef": _named(part.expense_account or EXPENSE_ACCOUNT),
            }
        self._add(_ITEM_NOUNS[part.kind], values, *place)

    def _customers(self, description: CompanyDescription) -> None:
        every = description.lists.customers
        parts = _placed("customers", every.given)
        self._names |= {part.name.casefold() for _, part in parts if not part.parent}
        if every.generate is not None:
            parts += ((("customers", "generate"), part) for part in generate.customers(every.generate, self._names))
        for place, part in parts:
            self.customer(part, *place)

    def customer(self, part: CustomerPart, *place: str | int) -> None:
        """Add a customer or job; `place` is where the lists of the description say it."""
        code = self._books.defaults.taxable_code if part.taxable else self._books.defaults.non_taxable_code
        values: Values = {"Name": part.name, "IsActive": part.active, "ParentRef": _named(part.parent)}
        if not part.parent:
            values["CompanyName"] = part.name
        values |= {"BillAddress": part.address.values() if part.address else {}, "Phone": part.phone, "Email": part.email}
        values |= {"TermsRef": _named(part.terms), "AccountNumber": part.account_number}
        if code is not None:
            values["SalesTaxCodeRef"] = code.reference
        if part.credit_limit is not None:
            values["CreditLimit"] = cents_of(part.credit_limit)
        self._add("Customer", values, *place)


def _placed(part: str, given: Iterable[Part]) -> list[tuple[Place, Part]]:
    """Return the given records of a list with where the description says each."""
    return [((part, "given", row), each) for row, each in enumerate(given)]


def _named(full_name: str) -> Values:
    return {"FullName": full_name} if full_name else {}


_PAYROLL_ITEMS = (("Federal Withholding", "Tax"), ("Medical Insurance", "Deduction"), ("Direct Deposit", "DirectDeposit"))
"""Payroll items that a company with payroll has from the start; requests can only read them. Names are ours."""

_ITEM_NOUNS = {
    "service": "ItemService",
    "non-inventory": "ItemNonInventory",
    "other charge": "ItemOtherCharge",
    "inventory": "ItemInventory",
}
"""Kinds of the description -> nouns."""
