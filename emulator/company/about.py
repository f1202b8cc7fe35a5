"""What QuickBooks says of itself and of the company: HostQuery, CompanyQuery, PreferencesQuery.

Product name and version numbers follow the year and edition of the description (the real numbers of each release are not published
in one place: inferred from HostQuery answers of 2014 and the version number of 2024). The versions listed are those qbxml accepts.
"""

from typing import TYPE_CHECKING

from emulator.company.addresses import block_of
from emulator.company.caller import Caller
from emulator.company.records import Values
from emulator.company.rules.purchases import DAYS_BILLS_ARE_DUE
from emulator.qbxml.versions import VERSIONS

if TYPE_CHECKING:
    from emulator.company.books import Books

YEAR_OF_VERSION_0 = 1990
"""QuickBooks 2024 is version 34.0: the year less this."""

_CAPACITIES = {
    "AccountMetaData": 10_000, "BillingRateMetaData": 100, "ClassMetaData": 10_000, "CustomerMsgMetaData": 50,
    "CustomerTypeMetaData": 10_000, "EntityMetaData": 14_500, "ItemMetaData": 14_500, "JobTypeMetaData": 10_000,
    "PaymentMethodMetaData": 10_000, "PayrollItemMetaData": 10_000, "PriceLevelMetaData": 100, "SalesRepMetaData": 10_000,
    "SalesTaxCodeMetaData": 10_000, "ShipMethodMetaData": 10_000, "TemplateMetaData": 10_000, "TermsMetaData": 10_000,
    "ToDoMetaData": 10_000, "VehicleMetaData": 10_000, "VendorTypeMetaData": 10_000,
}  # fmt: skip
"""Capacities of Pro and Premier: names and items documented (14,500), the small ones our choice."""

ENTERPRISE_CAPACITY = 1_000_000
"""Names and items of Enterprise (documented as "goes on")."""


def host(books: "Books", caller: Caller, values: Values) -> Values:
    """Return the HostRet."""
    edition, year = str(books.facts["edition"]), int(books.facts["year"])
    result: Values = {
        "ProductName": f"QuickBooks Desktop {edition} {year}",
        "MajorVersion": str(year - YEAR_OF_VERSION_0),
        "MinorVersion": "0",
        "Country": "US",
        "SupportedQBXMLVersion": list(VERSIONS),
        "IsAutomaticLogin": caller.automatic_login,
        "QBFileMode": caller.file_mode,
    }
    if (values.get("IncludeListMetaData") or {}).get("IncludeMaxCapacity"):
        grows = {"EntityMetaData", "ItemMetaData"} if edition == "Enterprise" else set()
        result["ListMetaData"] = {
            name: {"MaxCapacity": ENTERPRISE_CAPACITY if name in grows else most} for name, most in _CAPACITIES.items()
        }
    return result


def company(books: "Books") -> Values:
    """Return the CompanyRet."""
    facts = books.facts
    address = facts.get("address") or {}
    result: Values = {
        "IsSampleCompany": False,
        "CompanyName": facts["name"],
        "LegalCompanyName": facts.get("legal_name") or facts["name"],
        "FirstMonthFiscalYear": facts.get("fiscal_year_starts", "January"),
        "FirstMonthIncomeTaxYear": "January",
        "CompanyType": facts.get("industry") or "Wholesale Distribution and Sales",
        "TaxForm": "OtherOrNone",
        "SubscribedServices": {},
        "AccountantCopy": {"AccountantCopyExists": False},
    }
    if address:
        result |= {"Address": address, "AddressBlock": block_of(address), "LegalAddress": address}
        result |= {"CompanyAddressForCustomer": address, "CompanyAddressBlockForCustomer": block_of(address)}
    result |= {name: facts[key] for name, key in (("Phone", "phone"), ("Email", "email"), ("EIN", "ein")) if facts.get(key)}
    return result


def preferences(books: "Books", caller: Caller) -> Values:
    """Return the PreferencesRet."""
    accounting: Values = {
        "IsUsingAccountNumbers": True,
        "IsRequiringAccounts": True,
        "IsUsingClassTracking": False,
        "IsUsingAuditTrail": True,
        "IsAssigningJournalEntryNumbers": True,
    }
    if books.facts.get("closing_date"):
        accounting["ClosingDate"] = books.facts["closing_date"]
    result: Values = {
        "AccountingPreferences": accounting,
        "FinanceChargePreferences": {
            "AnnualInterestRate": 0,
            "MinFinanceCharge": 0,
            "GracePeriod": 0,
            "IsAssessingForOverdueCharges": False,
            "CalculateChargesFrom": "DueDate",
            "IsMarkedToBePrinted": False,
        },
        "JobsAndEstimatesPreferences": {
            "IsUsingEstimates": True,
            "IsUsingProgressInvoicing": False,
            "IsPrintingItemsWithZeroAmounts": False,
        },
        "MultiCurrencyPreferences": {"IsMultiCurrencyOn": False},
        "MultiLocationInventoryPreferences": {
            "IsMultiLocationInventoryAvailable": books.facts["edition"] == "Enterprise",
            "IsMultiLocationInventoryEnabled": False,
        },
        "PurchasesAndVendorsPreferences": {
            "IsUsingInventory": False,
            "DaysBillsAreDue": DAYS_BILLS_ARE_DUE,
            "IsAutomaticallyUsingDiscounts": False,
        },
        "ReportsPreferences": {"AgingReportBasis": "AgeFromDueDate", "SummaryReportBasis": "Accrual"},
        "SalesAndCustomersPreferences": {
            "IsTrackingReimbursedExpensesAsIncome": False,
            "IsAutoApplyingPayments": True,
            "PriceLevels": {"IsUsingPriceLevels": False},
        },
        "TimeTrackingPreferences": {"FirstDayOfWeek": "Monday"},
        "CurrentAppAccessRights": {
            "IsAutomaticLoginAllowed": caller.automatic_login,
            "IsPersonalDataAccessAllowed": caller.personal_data,
        },
        "ItemsAndInventoryPreferences": {"EnhancedInventoryReceivingEnabled": False, "IsTrackingSerialOrLotNumber": "None"},
    }
    if caller.automatic_login:
        result["CurrentAppAccessRights"]["AutomaticLoginUserName"] = caller.user
    taxes = books.defaults
    if taxes.sales_tax_item is not None and taxes.taxable_code is not None and taxes.non_taxable_code is not None:
        result["SalesTaxPreferences"] = {
            "DefaultItemSalesTaxRef": taxes.sales_tax_item.reference,
            "PaySalesTax": "Quarterly",
            "DefaultTaxableSalesTaxCodeRef": taxes.taxable_code.reference,
            "DefaultNonTaxableSalesTaxCodeRef": taxes.non_taxable_code.reference,
        }
    return result
