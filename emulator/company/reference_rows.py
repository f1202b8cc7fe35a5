"""The rows of all reference elements: what `CustomerRef` and its like may point to (documented by their names and the reference)."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from emulator.company.nouns import Reference


def _rows(names: Iterable[str], family: str, word: str, *kinds: str) -> dict[str, Reference]:
    return {name: Reference(family, frozenset(kinds), word) for name in names}


REFERENCES: Mapping[str, Reference] = MappingProxyType(
    {
        **_rows(
            (
                "AccountRef", "ARAccountRef", "APAccountRef", "DepositToAccountRef", "DiscountAccountRef", "IncomeAccountRef",
                "ExpenseAccountRef", "OverrideItemAccountRef", "PrefillAccountRef", "AssetAccountRef", "COGSAccountRef",
                "BankAccountRef", "CreditCardAccountRef", "RefundFromAccountRef", "TransferFromAccountRef", "TransferToAccountRef",
                "LiabilityAccountRef", "FinanceChargeAccountRef", "DefaultDiscountAccountRef",
            ),
            "account", "Account", "Account",
        ),
        **_rows(("CustomerRef",), "entity", "Customer", "Customer"),
        **_rows(("VendorRef", "PrefVendorRef", "TaxVendorRef", "TaxAgencyVendorRef"), "entity", "Vendor", "Vendor"),
        **_rows(("EmployeeRef", "SupervisorRef"), "entity", "Employee", "Employee"),
        **_rows(("EntityRef", "PayeeEntityRef", "ShipToEntityRef"), "entity", "Entity"),
        **_rows(("SalesRepEntityRef",), "entity", "Entity", "Employee", "Vendor", "OtherName"),
        **_rows(("LeadRef",), "lead", "Lead"),
        **_rows(("ItemRef",), "item", "Item"),
        **_rows(("ItemGroupRef",), "item", "ItemGroup", "ItemGroup"),
        **_rows(("ItemServiceRef",), "item", "ItemService", "ItemService"),
        **_rows(("ItemInventoryRef",), "item", "ItemInventory", "ItemInventory", "ItemInventoryAssembly", "ItemNonInventory",
                "ItemService", "ItemOtherCharge"),
        **_rows(("ItemInventoryAssemblyRef",), "item", "ItemInventoryAssembly", "ItemInventoryAssembly"),
        **_rows(("ItemSalesTaxRef", "DefaultItemSalesTaxRef"), "item", "ItemSalesTax", "ItemSalesTax", "ItemSalesTaxGroup"),
        **_rows(("TermsRef",), "terms", "Terms"),
        **_rows(("ClassRef", "DiscountClassRef", "OverrideClassRef"), "class", "Class"),
        **_rows(("SalesTaxCodeRef", "CustomerSalesTaxCodeRef", "DefaultTaxableSalesTaxCodeRef", "DefaultNonTaxableSalesTaxCodeRef"),
                "sales-tax-code", "SalesTaxCode"),
        **_rows(("CustomerTypeRef",), "customer-type", "CustomerType"),
        **_rows(("VendorTypeRef",), "vendor-type", "VendorType"),
        **_rows(("JobTypeRef",), "job-type", "JobType"),
        **_rows(("CustomerMsgRef",), "customer-message", "CustomerMsg"),
        **_rows(("PaymentMethodRef", "PreferredPaymentMethodRef"), "payment-method", "PaymentMethod"),
        **_rows(("ShipMethodRef", "DefaultShipMethodRef"), "ship-method", "ShipMethod"),
        **_rows(("SalesRepRef",), "sales-rep", "SalesRep"),
        **_rows(("TemplateRef",), "template", "Template"),
        **_rows(("PriceLevelRef",), "price-level", "PriceLevel"),
        **_rows(("BillingRateRef",), "billing-rate", "BillingRate"),
        **_rows(("CurrencyRef", "HomeCurrencyRef"), "currency", "Currency"),
        **_rows(("UnitOfMeasureSetRef", "OverrideUOMSetRef"), "unit-of-measure-set", "UnitOfMeasureSet"),
        **_rows(
            (
                "InventorySiteRef", "InventorySiteLocationRef", "FromInventorySiteRef", "ToInventorySiteRef",
                "FromInventorySiteLocationRef", "ToInventorySiteLocationRef",
            ),
            "inventory-site", "InventorySite",
        ),
        **_rows(("VehicleRef",), "vehicle", "Vehicle"),
        **_rows(("PayrollItemWageRef",), "payroll-item", "PayrollItemWage", "PayrollItemWage"),
        **_rows(("PayrollItemNonWageRef", "PayrollItemTaxRef"), "payroll-item", "PayrollItem", "PayrollItemNonWage"),
    }
)  # fmt: skip
"""Every reference element but ParentRef and ParentSiteRef, which point into the list of their own record (3130), and ListObjRef, whose
list a request names beside it."""

FAMILY_OF: Mapping[str, str] = MappingProxyType({name: reference.family for name, reference in REFERENCES.items()})
"""Reference element -> family."""
