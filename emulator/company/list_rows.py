"""The rows of all lists, in the order of the schema. Standing of the columns: see `nouns.ListNoun`."""

from collections.abc import Mapping
from types import MappingProxyType

from emulator.company.nouns import ListNoun

_ITEM_NAMES = MappingProxyType(
    {
        "SalesOrPurchaseMod": "SalesOrPurchase",
        "SalesAndPurchaseMod": "SalesAndPurchase",
        "BarCode": "BarCodeValue",
        "FixedAssetSalesInfoMod": "FixedAssetSalesInfo",
    }
)
_OPENING = frozenset({"OpenBalance", "OpenBalanceDate"})
_ONCE = frozenset(
    {
        "ForceUOMChange", "ApplyAccountRefToExistingTxns", "ApplyIncomeAccountRefToExistingTxns", "ApplyCOGSAccountRefToExistingTxns",
        "ApplyExpenseAccountRefToExistingTxns", "QuantityOnHand", "TotalValue", "InventoryDate", "ClearItemsInGroup",
    }
)  # fmt: skip
_ADD_AND_QUERY = frozenset({"Add", "Query"})
_QUERY = frozenset({"Query"})
_STANDARD_ITEM_TYPES = MappingProxyType({"IsPrintItemsInGroup": False})


def _item(name: str, rank: int, *, hierarchical: bool = True, feature: str = "", required: tuple[str, ...] = ()) -> ListNoun:
    return ListNoun(
        name,
        "item",
        rank,
        hierarchical=hierarchical,
        answer_names=_ITEM_NAMES,
        not_kept=_ONCE,
        iterates=True,
        feature=feature,
        required=required,
        defaults=_STANDARD_ITEM_TYPES if name == "ItemGroup" else MappingProxyType({}),
        # A payment item of a name that is taken is answered 3180 (reported).
        duplicate_code=3180 if name == "ItemPayment" else 3100,
    )


LIST_NOUNS: tuple[ListNoun, ...] = (
    ListNoun("Account", "account", hierarchical=True, balance="total", not_kept=_OPENING),
    ListNoun("Lead", "lead", name_field="FullName", iterates=True, defaults=MappingProxyType({"Status": "Cold"})),
    ListNoun(
        "Customer",
        "entity",
        rank=0,
        hierarchical=True,
        balance="total",
        iterates=True,
        defaults=MappingProxyType({"JobStatus": "None", "PreferredDeliveryMethod": "None"}),
        address_blocks=(("BillAddress", "BillAddressBlock"), ("ShipAddress", "ShipAddressBlock")),
        not_kept=_OPENING,
    ),
    ListNoun(
        "Employee",
        "entity",
        rank=1,
        name_field="",
        answer_names=MappingProxyType({"EmployeePayrollInfoMod": "EmployeePayrollInfo"}),
    ),
    ListNoun("OtherName", "entity", rank=2, address_blocks=(("OtherNameAddress", "OtherNameAddressBlock"),)),
    ListNoun(
        "Vendor",
        "entity",
        rank=3,
        balance="own",
        iterates=True,
        defaults=MappingProxyType({"IsVendorEligibleFor1099": False}),
        address_blocks=(("VendorAddress", "VendorAddressBlock"),),
        not_kept=_OPENING,
    ),
    ListNoun("StandardTerms", "terms", operations=_ADD_AND_QUERY),
    ListNoun("DateDrivenTerms", "terms", rank=1, operations=_ADD_AND_QUERY),
    ListNoun("Class", "class", hierarchical=True, feature="classes"),
    # The initials of a sales rep that are taken are answered 3180, and so is the name of a job type (reported).
    ListNoun("SalesRep", "sales-rep", name_field="Initial", duplicate_code=3180),
    ListNoun("CustomerType", "customer-type", operations=_ADD_AND_QUERY, hierarchical=True),
    ListNoun("VendorType", "vendor-type", operations=_ADD_AND_QUERY, hierarchical=True),
    ListNoun("JobType", "job-type", operations=_ADD_AND_QUERY, hierarchical=True, duplicate_code=3180),
    ListNoun("CustomerMsg", "customer-message", operations=_ADD_AND_QUERY),
    ListNoun("PaymentMethod", "payment-method", operations=_ADD_AND_QUERY),
    ListNoun("ShipMethod", "ship-method", operations=_ADD_AND_QUERY),
    ListNoun("SalesTaxCode", "sales-tax-code", feature="sales-tax"),
    ListNoun(
        "ToDo",
        "to-do",
        name_field="Notes",
        unique=False,
        defaults=MappingProxyType({"Type": "Task", "Priority": "Medium", "IsDone": False}),
    ),
    _item("ItemService", 0),
    _item("ItemNonInventory", 1),
    _item("ItemOtherCharge", 2),
    _item("ItemInventory", 3, feature="inventory"),
    _item("ItemInventoryAssembly", 4, feature="inventory"),
    _item("ItemFixedAsset", 5, hierarchical=False),
    _item("ItemSubtotal", 6, hierarchical=False),
    _item("ItemDiscount", 7),
    _item("ItemPayment", 8, hierarchical=False),
    _item("ItemSalesTax", 9, hierarchical=False, feature="sales-tax"),
    _item("ItemSalesTaxGroup", 10, hierarchical=False, feature="sales-tax"),
    _item("ItemGroup", 11, hierarchical=False),
    ListNoun("PayrollItemWage", "payroll-item", operations=_ADD_AND_QUERY, feature="payroll"),
    ListNoun("PayrollItemNonWage", "payroll-item", rank=1, operations=_QUERY, feature="payroll"),
    ListNoun("Template", "template", operations=_QUERY),
    ListNoun("PriceLevel", "price-level", feature="price-levels"),
    ListNoun("BillingRate", "billing-rate", operations=_ADD_AND_QUERY),
    ListNoun("Vehicle", "vehicle"),
    ListNoun("UnitOfMeasureSet", "unit-of-measure-set", operations=_ADD_AND_QUERY, feature="units"),
    ListNoun("WorkersCompCode", "workers-comp-code", feature="payroll"),
    ListNoun("Currency", "currency", feature="currencies"),
    ListNoun(
        "InventorySite",
        "inventory-site",
        hierarchical=True,
        parent_field="ParentSiteRef",
        levels_max=2,  # a site and the bins in it (read off the word Location)
        defaults=MappingProxyType({"IsDefaultSite": False}),
        address_blocks=(("SiteAddress", "SiteAddressBlock"),),
        feature="sites",
    ),
)

LISTS: Mapping[str, ListNoun] = MappingProxyType({noun.name: noun for noun in LIST_NOUNS})

COMBINED_QUERIES: Mapping[str, tuple[str, bool]] = MappingProxyType(
    {"Item": ("item", True), "Entity": ("entity", True), "Terms": ("terms", False)}
)
"""Queries over several kinds of one family: noun -> (family, has iterators)."""

SPECIAL: Mapping[str, str] = MappingProxyType({"SpecialAccount": "Account", "SpecialItem": "Item"})
"""Nouns whose Add makes a record that QuickBooks itself defines -> the kind of record."""
