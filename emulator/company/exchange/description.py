"""Out: the description of a company file, as people write one. Making a company from it gives the same lists again.

A description knows less than a company file: what it has no word for (transactions, price levels, items below others ...) is counted and
told, and is in the query answers.
"""

import io
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from ruamel.yaml import YAML

from emulator.company.arithmetic import money
from emulator.company.description import CompanyDescription, CompanyPart
from emulator.company.features import FILE_PREFERENCES
from emulator.company.truth import Row, Truth
from emulator.core.errors import UserMistake
from emulator.core.fitting import fitted
from emulator.qbxml.formats import write_quantity

if TYPE_CHECKING:
    from emulator.company.books import Books

_ITEM_KINDS: Final = {
    "ItemService": "service",
    "ItemNonInventory": "non-inventory",
    "ItemOtherCharge": "other charge",
    "ItemInventory": "inventory",
}
_NAMES: Final = {
    "payment_methods": "PaymentMethod",
    "ship_methods": "ShipMethod",
    "customer_types": "CustomerType",
    "vendor_types": "VendorType",
    "classes": "Class",
    "sites": "InventorySite",
}
"""Parts of a description that are names alone -> their lists."""


def description_of(books: "Books") -> tuple[str, Counter[str]]:
    """Return a description as YAML, and noun -> how many records it leaves out.

    Raises:
        UserMistake: a record does not fit into a description, such as a name that is too long for it.
    """
    writer = _Writer(books)
    found = writer.description()
    try:
        fitted(CompanyDescription, found, "--format yaml")
    except UserMistake as mistake:
        raise UserMistake(mistake.given, mistake.where, mistake.expected, "use --format qbxml") from None
    out = io.StringIO()
    yaml = YAML(typ="rt", pure=True)
    yaml.default_flow_style = False
    yaml.width = 140
    yaml.dump(found, out)
    return out.getvalue(), writer.left_out()


class _Writer:
    """Writes one description, remembering which records it tells."""

    def __init__(self, books: "Books") -> None:
        self._books = books
        self._truth = Truth(books)
        self._told: Counter[str] = Counter()

    def description(self) -> dict[str, Any]:
        facts = self._books.facts
        company = {name: facts[name] for name in CompanyPart.model_fields if facts.get(name) and name != "address"}
        company["file"] = facts["path_shown"]
        if facts.get("address"):
            company["address"] = _address(facts["address"])
        return {
            "company": company,
            "licence": {"seats": facts["seats"]},
            "preferences": dict(facts.get("preferences") or {}),
            # Without their passwords, of which the file has nothing that could be written.
            "users": [{"name": user["name"], "role": user["role"]} | _areas(facts, user) for user in facts["users"]],
            "sensitive_data": bool(facts.get("sensitive_data")),
            "apps": [dict(app) for app in facts["apps"]],
            **{name: facts[name] for name in FILE_PREFERENCES if name in facts},
            "lists": self._lists(),
        }

    def left_out(self) -> Counter[str]:
        """Return noun -> how many records are not told."""
        execute = self._books.store.execute
        rows = execute(
            "SELECT kind, count(*) FROM list_record GROUP BY kind UNION ALL SELECT kind, count(*) FROM txn GROUP BY kind"
        )
        counts = Counter({kind: count - self._told[kind] for kind, count in rows.fetchall()})
        return +counts

    def _records(self, noun: str) -> list[Row]:
        """Return the records of a list as they were added, parents before what is below them."""
        rows = sorted(self._truth.records(noun), key=lambda row: int(row["list_id"].partition("-")[0], 16))
        by_name = {row["full_name"]: row for row in rows}
        ordered: dict[str, Row] = {}
        for row in rows:
            names = row["full_name"].split(":")
            # One that was put under another later than it was added comes behind it.
            above = (":".join(names[:depth]) for depth in range(1, len(names) + 1))
            ordered |= {name: by_name[name] for name in above if name in by_name and name not in ordered}
        return list(ordered.values())

    def _lists(self) -> dict[str, Any]:
        taxes = [self._tax(row) for row in self._records("ItemSalesTax")]
        lists: dict[str, Any] = {
            "accounts": {"template": "none", "given": self._accounts()},
            "vendors": {"given": self._vendors({tax["vendor"] for tax in taxes})},
            "items": {"given": self._items()},
            "customers": {"given": self._customers()},
            "terms": [self._terms(row) for row in self._records("StandardTerms")],
            "tax_codes": [self._tax_code(row) for row in self._records("SalesTaxCode")],
            "sales_taxes": taxes,
            "templates": [self._tell(row, {"type": row["document"]["TemplateType"]}) for row in self._records("Template")],
            "currencies": [
                self._tell(
                    row, {"code": row["document"]["CurrencyCode"], "rate": str(row["document"].get("ExchangeRate") or "1")}
                )
                for row in self._records("Currency")
            ],
        }
        for part, noun in _NAMES.items():
            tops = [row for row in self._records(noun) if ":" not in row["full_name"]]
            lists[part] = [self._tell(row)["name"] for row in tops]
        return lists

    def _tell(self, row: Row, more: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the part of a description for a record; what is empty is left to its default."""
        self._told[row["kind"]] += 1
        return {"name": row["name"], **{name: value for name, value in (more or {}).items() if value not in ("", None)}}

    def _accounts(self) -> list[dict[str, Any]]:
        found = []
        for row in self._records("Account"):
            values = row["document"]
            if values["AccountType"] == "NonPosting":
                continue  # made again when an order needs it
            more = {
                "type": values["AccountType"],
                "number": values.get("AccountNumber"),
                "special": values.get("SpecialAccountType"),
            }
            found.append(self._tell(row, {**more, "parent": _parent(row)}))
        return found

    def _customers(self) -> list[dict[str, Any]]:
        return [
            self._tell(
                row,
                {
                    "parent": _parent(row),
                    **_person(row, "BillAddress"),
                    "taxable": self._taxable(row),
                    "credit_limit": _money(row["document"].get("CreditLimit")),
                    "account_number": row["document"].get("AccountNumber"),
                },
            )
            for row in self._records("Customer")
        ]

    def _vendors(self, agencies: set[str]) -> list[dict[str, Any]]:
        found = []
        for row in self._records("Vendor"):
            part = self._tell(row, _person(row, "VendorAddress"))
            if row["name"] not in agencies:  # who is paid a sales tax comes with it
                found.append(part)
        return found

    def _items(self) -> list[dict[str, Any]]:
        return [
            self._tell(row, self._item(row))
            for row in self._records("Item")
            if row["kind"] in _ITEM_KINDS and ":" not in row["full_name"] and self._is_plain(row)
        ]

    def _is_plain(self, row: Row) -> bool:
        """Return whether an item has no price that a description cannot say: a percentage, or parts of a cent."""
        values = row["document"]
        parts = [values, values.get("SalesOrPurchase") or {}, values.get("SalesAndPurchase") or {}]
        prices = [part.get(name) or 0 for part in parts for name in ("Price", "SalesPrice", "PurchaseCost")]
        return not any(price % 1000 for price in prices) and all(part.get("PricePercent") is None for part in parts)

    def _item(self, row: Row) -> dict[str, Any]:
        values = row["document"]
        both = values if row["kind"] == "ItemInventory" else values.get("SalesAndPurchase")
        told: dict[str, Any] = {"kind": _ITEM_KINDS[row["kind"]], "active": row["active"], "taxable": self._taxable(row)}
        if both is None:
            one = values.get("SalesOrPurchase") or {}
            return {
                **told,
                "description": one.get("Desc"),
                "price": _price(one.get("Price")),
                "income_account": _name(one.get("AccountRef")),
            }
        if row["kind"] == "ItemInventory":
            record = self._books.records.by_id("item", row["list_id"])
            held = self._books.stock.of(record.number).quantity if record is not None else 0
            told["on_hand"] = write_quantity(held) if held > 0 else ""
        return {
            **told,
            "description": both.get("SalesDesc"),
            "price": _price(both.get("SalesPrice")),
            "cost": _price(both.get("PurchaseCost")),
            "income_account": _name(both.get("IncomeAccountRef")),
            "expense_account": _name(both.get("ExpenseAccountRef")),
        }

    def _terms(self, row: Row) -> dict[str, Any]:
        values = row["document"]
        days = {"due_days": values.get("StdDueDays"), "discount_days": values.get("StdDiscountDays")}
        return self._tell(row, {**days, "discount_percent": write_quantity(values.get("DiscountPct") or 0)})

    def _tax_code(self, row: Row) -> dict[str, Any]:
        return self._tell(row, {"taxable": bool(row["document"].get("IsTaxable")), "description": row["document"].get("Desc")})

    def _tax(self, row: Row) -> dict[str, Any]:
        values = row["document"]
        more = {"rate": write_quantity(values.get("TaxRate") or 0), "vendor": _name(values.get("TaxVendorRef"))}
        return self._tell(row, {**more, "description": values.get("ItemDesc")})

    def _taxable(self, row: Row) -> bool:
        code = self._books.references.held("SalesTaxCodeRef", row["document"])
        return code is not None and bool(code.document.get("IsTaxable"))


def _person(row: Row, address: str) -> dict[str, Any]:
    values = row["document"]
    return {
        "active": row["active"],
        "address": _address(values[address]) if values.get(address) else None,
        "phone": values.get("Phone"),
        "email": values.get("Email"),
        "terms": _name(values.get("TermsRef")),
    }


def _address(values: dict[str, str]) -> dict[str, Any]:
    lines = [values[f"Addr{place}"] for place in range(1, 6) if values.get(f"Addr{place}")]
    more = {"city": values.get("City"), "state": values.get("State"), "postal_code": values.get("PostalCode")}
    return {"lines": lines, **{name: text for name, text in more.items() if text}}


def _areas(facts: dict[str, Any], user: dict[str, Any]) -> dict[str, Any]:
    """Return what is cut of a user's role, when anything is."""
    cut = facts.get("areas", {}).get(user["name"].casefold())
    return {"areas": dict(cut)} if cut else {}


def _parent(row: Row) -> str:
    return str(row["full_name"]).rpartition(":")[0]


def _name(reference: dict[str, str] | None) -> str:
    return reference["FullName"] if reference else ""


def _money(cents: int | None) -> str:
    return money(cents) if cents is not None else ""


def _price(value: int | None) -> str:
    """Return a price in 0.00001 as the amount of a description, which has two decimals."""
    return money(round(value / 1000)) if value is not None else ""
