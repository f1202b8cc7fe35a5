"""Features of a company file that may be off: what is asked of an absent one is answered 3250 (literal).

A feature is a preference of the file (`preferences:` of its description) or belongs to an edition: sales orders are in Premier and
Enterprise, inventory sites and serial or lot numbers in Enterprise only (documented).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

FIELDS_OF: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "currencies": frozenset({"CurrencyRef", "CurrencyFilter"}),
        "classes": frozenset(
            {"ClassRef", "ClassFilter", "DiscountClassRef", "OverrideClassRef", "ReportClassFilter", "TransactionClassFilter"}
        ),
        "units": frozenset({"UnitOfMeasureSetRef", "OverrideUOMSetRef", "UnitOfMeasure", "ForceUOMChange"}),
        "sites": frozenset({"InventorySiteRef", "InventorySiteLocationRef", "SiteFilter", "ItemSiteFilter"}),
        "lots": frozenset(
            {
                "SerialNumber", "LotNumber", "ExpirationDateForSerialLotNumber", "SerialNumberAdjustment", "LotNumberAdjustment",
            }
        ),
        "price-levels": frozenset({"PriceLevelRef"}),
        "sales-tax": frozenset(
            {"SalesTaxCodeRef", "CustomerSalesTaxCodeRef", "ItemSalesTaxRef", "PurchaseTaxCodeRef", "ItemSalesTaxFilter"}
        ),
    }
)  # fmt: skip
"""Feature -> elements that nobody may send while it is off. An empty element asks for nothing and passes."""

EDITIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "sales-orders": frozenset({"Premier", "Enterprise"}),
        "sites": frozenset({"Enterprise"}),
        "lots": frozenset({"Enterprise"}),
    }
)
"""Feature -> editions that have it; what is not here all have."""

FILE_PREFERENCES = ("no_applications", "certificate_notice", "complex_password")
"""Fields of the description, and settings of the file, about programs as a whole."""

OWN_SERIAL_NUMBER = frozenset({"ItemFixedAsset"})
"""Nouns whose SerialNumber is a plain text of their own, not the number of a piece in stock."""


class Features:
    """What one company file can do.

    Args:
        facts: the settings of the file: `preferences` and `edition`.
    """

    def __init__(self, facts: Mapping[str, Any]) -> None:
        preferences = facts.get("preferences") or {}
        edition = str(facts["edition"])
        self.preferences: Mapping[str, Any] = preferences
        wanted = {
            "inventory": bool(preferences.get("inventory", True)),
            "classes": bool(preferences.get("classes")),
            "currencies": bool(preferences.get("currencies")),
            "units": preferences.get("units_of_measure", "none") != "none",
            "sites": bool(preferences.get("sites")),
            "lots": preferences.get("serial_or_lot", "none") != "none",
            "price-levels": bool(preferences.get("price_levels", True)),
            "estimates": bool(preferences.get("estimates", True)),
            "sales-orders": bool(preferences.get("sales_orders", True)),
            "payroll": bool(preferences.get("payroll")),
            "sales-tax": bool(preferences.get("sales_tax", True)),
        }
        self.on = frozenset(name for name, on in wanted.items() if on and edition in EDITIONS.get(name, {edition}))
        self.fields_off: frozenset[str] = frozenset().union(
            *(fields for feature, fields in FIELDS_OF.items() if feature not in self.on)
        )
        """Elements that are refused with 3250."""

    def has(self, feature: str) -> bool:
        """Return whether a feature is there; "" stands for what every file has."""
        return not feature or feature in self.on
