"""What the company of a world buys and sells, as the platform side knows it: names for documents, and the documents of its traffic."""

from dataclasses import replace
from functools import cached_property
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from emulator.company import Company
from emulator.core.chance import Chance
from emulator.core.clock import Clock
from emulator.core.documents import SCALE, DocumentKind
from emulator.platform import Article, Draft, Traffic


class Trade:
    """Makes the traffic of a world from what its company has: active customers, vendors, and items with a price."""

    def __init__(self, chance: Chance, company: Company, clock: Clock) -> None:
        self._chance = chance
        self._company = company
        self._clock = clock
        self._made = {"invoice": 0, "bill": 0}

    @cached_property
    def _traffic(self) -> Traffic:
        """Made when the first document is wanted: a company may have nothing to sell, until somebody wants to."""
        directory = directory_of(self._company)
        sold = set(directory["items"])
        articles = [article_of(item) for item in self._company.truth.items() if item["full_name"] in sold]
        zone = ZoneInfo(self._company.timezone)
        return Traffic(self._chance, directory["customers"], directory["vendors"], articles, self._clock, zone)

    def next(self, kind: Literal["invoice", "bill"], text: str = "") -> Draft:
        """Return the next invoice or bill; a text becomes its memo and the description of its lines."""
        self._made[kind] += 1
        draft = self._traffic.invoice(self._made["invoice"]) if kind == "invoice" else self._traffic.bill(self._made["bill"])
        if not text:
            return draft
        return replace(draft, memo=text, lines=tuple(replace(line, description=text) for line in draft.lines))

    def fields(self, what: DocumentKind) -> dict[str, str]:
        """Return what a new customer, vendor or product has besides its name."""
        return {"price": "1250000"} if what == "product" else {}


def directory_of(company: Company) -> dict[str, list[str]]:
    """Return what can be sold and to whom, as full names: active customers without jobs of their own, vendors, items of an invoice."""
    truth = company.truth
    return {
        "customers": [row["full_name"] for row in truth.customers() if row["active"]],
        "vendors": [row["full_name"] for row in truth.vendors() if row["active"]],
        "items": [row["full_name"] for row in truth.items() if row["active"] and row["kind"] in SOLD_KINDS],
    }


SOLD_KINDS: Final = ("ItemService", "ItemNonInventory")
"""Kinds of items that stand on the lines of invoices and bills."""


def balances(company: Company) -> dict[str, dict[str, int]]:
    """Return the own balance of every customer and vendor in cents, as the books tell it: `receivables` and `payables`."""
    truth = company.truth
    return {
        "receivables": {str(row["full_name"]): int(row["own_cents"]) for row in truth.customers()},
        "payables": {str(row["full_name"]): int(row["own_cents"]) for row in truth.vendors()},
    }


def article_of(item: dict[str, Any]) -> Article:
    """Return what traffic needs of an item; an item without a price is given away for one unit of the currency, so that totals are not 0."""
    sale = item["document"].get("SalesOrPurchase") or item["document"].get("SalesAndPurchase") or {}
    price = int(sale.get("Price") or sale.get("SalesPrice") or SCALE)
    cost = int(sale.get("PurchaseCost") or price * 6 // 10)
    description = str(sale.get("Desc") or sale.get("SalesDesc") or "")
    return Article(str(item["full_name"]), description, max(price * 100 // SCALE, 1), max(cost * 100 // SCALE, 1))
