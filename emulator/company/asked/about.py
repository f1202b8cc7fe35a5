"""What QuickBooks says of itself and of the company: host, company, activity, preferences, tax lines, the mapping to form 1099.

Product name and version numbers follow the year and edition of the description (the real numbers of each release are not published
in one place: inferred from HostQuery answers of 2014 and the version number of 2024). The versions listed are those qbxml accepts.
"""

from typing import TYPE_CHECKING

from emulator.company.addresses import block_of
from emulator.company.caller import Caller
from emulator.company.records import Values
from emulator.company.refusals import cannot_save
from emulator.company.rules.purchases import DAYS_BILLS_ARE_DUE
from emulator.company.tax_lines import TAX_LINES
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


_TRACKING = {"none": "None", "serial": "SerialNumber", "lot": "LotNumber"}


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


def company(books: "Books", caller: Caller, values: Values) -> Values:
    """Return the CompanyRet."""
    del caller
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
    owners = frozenset(values.get("OwnerID") or ())
    if owners:
        result["DataExtRet"] = books.custom_fields.of_company(owners)
    return result


def activity(books: "Books", caller: Caller, values: Values) -> Values:
    """Return the CompanyActivityRet. A file that was never restored or condensed tells the beginning of time (switch company.never-restored)."""
    del caller, values
    never = books.local_time.text(0)
    return {"LastRestoreTime": never, "LastCondenseTime": never}


def tax_lines(_books: "Books", _values: Values) -> list[tuple[str, object]]:
    """Return the AccountTaxLineInfoRet."""
    return [("AccountTaxLineInfoRet", {"TaxLineID": number, "TaxLineName": name}) for number, name in TAX_LINES.items()]


FORM_1099 = "1099-MISC"
"""The form that is meant when a request names none (switch company.vendor-tax-form-omitted)."""


def form_1099(books: "Books", values: Values) -> Values:
    """Return the Form1099CategoryAccountMappingRet."""
    form = values.get("FormType") or FORM_1099
    stored: Values = (books.facts.get("form_1099") or {}).get(form, {})
    wanted = values.get("MappingCategory") or []
    categories = [
        {"MappingCategory": category, **mapping}
        for category, mapping in sorted(stored.get("categories", {}).items())
        if not wanted or category in wanted
    ]
    result: Values = {"IsFiling1099Misc": bool(stored.get("filing")), "FormType": form}
    if categories:
        result["CategoryAccountMapping"] = categories
    return result


def map_form_1099(books: "Books", values: Values) -> Values:
    """Change the mapping of accounts to the boxes of form 1099; return it as it is now. Call inside `atomic`.

    An account that another box has is refused (3180) unless the request forces it (inferred from the element ForceMapping).
    """
    form = values.get("FormType") or FORM_1099
    every: Values = dict(books.facts.get("form_1099") or {})
    stored: Values = {"filing": False, "categories": {}, **every.get(form, {})}
    if values.get("IsFiling1099Misc") is not None:
        stored["filing"] = bool(values["IsFiling1099Misc"])
    categories: Values = dict(stored["categories"])
    for change in values.get("CategoryAccountMappingMod") or ():
        category, mapping = change["MappingCategory"], dict(categories.get(change["MappingCategory"], {}))
        if "MappingAccount" in change:
            mapping["AccountRef"] = [_mapped(books, categories, category, each) for each in change["MappingAccount"]]
        if change.get("Threshold") is not None:
            mapping["Threshold"] = change["Threshold"]
        categories[category] = mapping
    every[form] = {**stored, "categories": categories}
    books.facts["form_1099"] = every
    books.store.set_settings([("form_1099", every)])
    return form_1099(books, {"FormType": form})


def _mapped(books: "Books", categories: Values, category: str, asked: Values) -> Values:
    account = books.references.find("AccountRef", asked.get("AccountRef"), "Form1099CategoryAccountMapping")
    for other, mapping in categories.items():
        others = [each for each in mapping.get("AccountRef") or () if each["ListID"] != account.list_id]
        if other != category and len(others) != len(mapping.get("AccountRef") or ()):
            if not asked.get("ForceMapping"):
                raise cannot_save(
                    "Form1099CategoryAccountMapping", f"The account {account.full_name} is mapped to {other} already."
                )
            categories[other] = {**mapping, "AccountRef": others}
    return account.reference


def preferences(books: "Books", caller: Caller, values: Values) -> Values:
    """Return the PreferencesRet."""
    del values
    has, chosen = books.features.has, books.features.preferences
    accounting: Values = {
        "IsUsingAccountNumbers": True,
        "IsRequiringAccounts": True,
        "IsUsingClassTracking": has("classes"),
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
            "IsUsingEstimates": has("estimates"),
            "IsUsingProgressInvoicing": False,
            "IsPrintingItemsWithZeroAmounts": False,
        },
        "MultiCurrencyPreferences": {"IsMultiCurrencyOn": has("currencies")},
        "MultiLocationInventoryPreferences": {
            "IsMultiLocationInventoryAvailable": books.facts["edition"] == "Enterprise",
            "IsMultiLocationInventoryEnabled": has("sites"),
        },
        "PurchasesAndVendorsPreferences": {
            "IsUsingInventory": has("inventory"),
            "DaysBillsAreDue": DAYS_BILLS_ARE_DUE,
            "IsAutomaticallyUsingDiscounts": False,
        },
        "ReportsPreferences": {"AgingReportBasis": "AgeFromDueDate", "SummaryReportBasis": "Accrual"},
        "SalesAndCustomersPreferences": {
            "IsTrackingReimbursedExpensesAsIncome": False,
            "IsAutoApplyingPayments": True,
            "PriceLevels": {"IsUsingPriceLevels": has("price-levels")},
        },
        "TimeTrackingPreferences": {"FirstDayOfWeek": "Monday"},
        "CurrentAppAccessRights": {
            "IsAutomaticLoginAllowed": caller.automatic_login,
            "IsPersonalDataAccessAllowed": caller.personal_data,
        },
        "ItemsAndInventoryPreferences": {
            "EnhancedInventoryReceivingEnabled": False,
            "IsTrackingSerialOrLotNumber": _TRACKING[str(chosen.get("serial_or_lot", "none"))] if has("lots") else "None",
            "FIFOEnabled": False,
            "IsBarcodeEnabled": books.facts["edition"] == "Enterprise",
        },
    }
    if has("classes"):
        accounting["AssignClassesTo"] = "Items"
    home = books.currencies.home
    if books.currencies.several and home is not None:
        result["MultiCurrencyPreferences"]["HomeCurrencyRef"] = home.reference
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
