"""Nouns: one row per kind of record. Operations and queries are generic and read these rows; a new simple list is one row more.

A list noun names its *family*: the namespace and ListID counter it shares (documented: all item kinds share one, accounts have one,
customer, vendor, employee and other name share one). Field names, types and lengths are not here: they are qbxml's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

NAMES_MAX = 14_500
"""Names in all, and items in all, that Pro and Premier can hold (documented); Enterprise goes on."""

NAMES_IN_ONE_LIST_MAX = 10_500
"""Names that one list (customers, vendors, other names) of Pro and Premier can hold (documented)."""

LEVELS_MAX = 5
"""A name and its ancestors: at most five levels (documented)."""


@dataclass(frozen=True)
class ListNoun:
    """A kind of list record.

    Attributes:
        name: as in `CustomerAddRq`.
        family: namespace and ListID counter.
        rank: place of the kind within its family when a query covers several kinds (the order of the schema's answer).
        operations: what the qbXML of this noun can do here.
        hierarchical: whether it has ParentRef, FullName and Sublevel.
        balance: `total` has Balance and TotalBalance, `own` has Balance only.
        defaults: values of a record when its Add leaves them out; what an answer of QuickBooks always carried (observed).
        address_blocks: address field -> the block field that accompanies it in answers.
        answer_names: request field -> answer field where they differ.
        not_kept: fields of the request that act once and are not part of the record.
        iterates: whether its query has iterators (documented list).
        duplicate_code: what an Add or Mod with a name that is taken is answered (3180 for some lists: reported).
    """

    name: str
    family: str
    rank: int = 0
    operations: frozenset[str] = frozenset({"Add", "Mod", "Query"})
    hierarchical: bool = False
    balance: Literal["", "own", "total"] = ""
    defaults: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    address_blocks: tuple[tuple[str, str], ...] = ()
    answer_names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    not_kept: frozenset[str] = frozenset()
    iterates: bool = False
    duplicate_code: int = 3100


@dataclass(frozen=True)
class TransactionNoun:
    """A kind of transaction.

    Attributes:
        name: as in `InvoiceAddRq`.
        party: the field that names the customer or vendor.
        lines_keys: keys of the answer that hold lines; they are answered to an Add, and to a query with IncludeLineItems.
        numbered: `always` takes the next RefNumber when the request has none; otherwise the name of the switch that decides.
        operations: what the qbXML of this noun can do here.
    """

    name: str
    party: str
    lines_keys: tuple[str, ...]
    numbered: str
    operations: frozenset[str] = frozenset({"Add", "Query", "Del", "Void"})


@dataclass(frozen=True)
class Reference:
    """What an element whose name ends in `Ref` may point to.

    Attributes:
        family: the namespace it is looked up in.
        kinds: the nouns allowed; empty means any of the family.
        word: how QuickBooks' message names the target.
    """

    family: str
    kinds: frozenset[str]
    word: str


_ITEM = {
    "family": "item",
    "hierarchical": True,
    "iterates": True,
    "answer_names": MappingProxyType(
        {"SalesOrPurchaseMod": "SalesOrPurchase", "SalesAndPurchaseMod": "SalesAndPurchase", "BarCode": "BarCodeValue"}
    ),
    "not_kept": frozenset({"ForceUOMChange"}),
}
_OPENING = frozenset({"OpenBalance", "OpenBalanceDate"})
_ADD_AND_QUERY = frozenset({"Add", "Query"})

LIST_NOUNS: tuple[ListNoun, ...] = (
    ListNoun(
        "Account",
        "account",
        hierarchical=True,
        balance="total",
        not_kept=_OPENING,
    ),
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
    ListNoun("ItemService", rank=0, **_ITEM),  # type: ignore[arg-type]
    ListNoun("ItemNonInventory", rank=1, **_ITEM),  # type: ignore[arg-type]
    ListNoun("ItemOtherCharge", rank=2, **_ITEM),  # type: ignore[arg-type]
    ListNoun("ItemSalesTax", rank=9, **{**_ITEM, "hierarchical": False}),  # type: ignore[arg-type]
    ListNoun("StandardTerms", "terms", operations=_ADD_AND_QUERY),
    ListNoun("SalesTaxCode", "sales-tax-code"),
    ListNoun("CustomerType", "customer-type", operations=_ADD_AND_QUERY, hierarchical=True),
    ListNoun("VendorType", "vendor-type", operations=_ADD_AND_QUERY, hierarchical=True),
    ListNoun("JobType", "job-type", operations=_ADD_AND_QUERY, hierarchical=True, duplicate_code=3180),
    ListNoun("CustomerMsg", "customer-message", operations=_ADD_AND_QUERY),
    ListNoun("PaymentMethod", "payment-method", operations=_ADD_AND_QUERY),
    ListNoun("ShipMethod", "ship-method", operations=_ADD_AND_QUERY),
)

TRANSACTION_NOUNS: tuple[TransactionNoun, ...] = (
    TransactionNoun(
        "Invoice",
        "CustomerRef",
        ("InvoiceLineRet|InvoiceLineGroupRet",),
        "always",
        operations=frozenset({"Add", "Mod", "Query", "Del", "Void"}),
    ),
    TransactionNoun("CreditMemo", "CustomerRef", ("CreditMemoLineRet|CreditMemoLineGroupRet",), "always"),
    TransactionNoun(
        "ReceivePayment",
        "CustomerRef",
        ("AppliedToTxnRet",),
        "company.payment-number-omitted",
        operations=frozenset({"Add", "Query", "Del"}),
    ),
    TransactionNoun(
        "Bill",
        "VendorRef",
        ("ExpenseLineRet", "ItemLineRet|ItemGroupLineRet"),
        "company.bill-number-omitted",
        operations=frozenset({"Add", "Mod", "Query", "Del", "Void"}),
    ),
)

COMBINED_QUERIES: Mapping[str, tuple[str, bool]] = MappingProxyType(
    {"Item": ("item", True), "Entity": ("entity", True), "Terms": ("terms", False)}
)
"""Queries over several kinds of one family: noun -> (family, has iterators)."""

REFERENCES: Mapping[str, Reference] = MappingProxyType(
    {
        **{
            name: Reference("account", frozenset({"Account"}), "Account")
            for name in (
                "AccountRef", "ARAccountRef", "APAccountRef", "DepositToAccountRef", "DiscountAccountRef", "IncomeAccountRef",
                "ExpenseAccountRef", "OverrideItemAccountRef", "PrefillAccountRef",
            )
        },
        "CustomerRef": Reference("entity", frozenset({"Customer"}), "Customer"),
        "VendorRef": Reference("entity", frozenset({"Vendor"}), "Vendor"),
        "PrefVendorRef": Reference("entity", frozenset({"Vendor"}), "Vendor"),
        "TaxVendorRef": Reference("entity", frozenset({"Vendor"}), "Vendor"),
        "ItemRef": Reference("item", frozenset(), "Item"),
        "ItemGroupRef": Reference("item", frozenset({"ItemGroup"}), "ItemGroup"),
        "ItemSalesTaxRef": Reference("item", frozenset({"ItemSalesTax"}), "ItemSalesTax"),
        "TermsRef": Reference("terms", frozenset(), "Terms"),
        "SalesTaxCodeRef": Reference("sales-tax-code", frozenset(), "SalesTaxCode"),
        "CustomerSalesTaxCodeRef": Reference("sales-tax-code", frozenset(), "SalesTaxCode"),
        "CustomerTypeRef": Reference("customer-type", frozenset(), "CustomerType"),
        "VendorTypeRef": Reference("vendor-type", frozenset(), "VendorType"),
        "JobTypeRef": Reference("job-type", frozenset(), "JobType"),
        "CustomerMsgRef": Reference("customer-message", frozenset(), "CustomerMsg"),
        "PaymentMethodRef": Reference("payment-method", frozenset(), "PaymentMethod"),
        "PreferredPaymentMethodRef": Reference("payment-method", frozenset(), "PaymentMethod"),
        "ShipMethodRef": Reference("ship-method", frozenset(), "ShipMethod"),
        "SalesRepRef": Reference("sales-rep", frozenset(), "SalesRep"),
        "TemplateRef": Reference("template", frozenset(), "Template"),
        "PriceLevelRef": Reference("price-level", frozenset(), "PriceLevel"),
        "BillingRateRef": Reference("billing-rate", frozenset(), "BillingRate"),
    }
)  # fmt: skip
"""Every reference field. Families without a noun above are empty lists here, so any reference into them is refused with 3140."""

FEATURES_OFF: frozenset[str] = frozenset(
    {"CurrencyRef", "ClassRef", "UnitOfMeasureSetRef", "UnitOfMeasure", "InventorySiteRef", "InventorySiteLocationRef"}
)
"""Fields of features our companies have switched off (several currencies, classes, units of measure, sites): 3250 (literal)."""

LISTS: Mapping[str, ListNoun] = MappingProxyType({noun.name: noun for noun in LIST_NOUNS})
TRANSACTIONS: Mapping[str, TransactionNoun] = MappingProxyType({noun.name: noun for noun in TRANSACTION_NOUNS})


def known_nouns() -> dict[str, tuple[str, ...]]:
    """Return noun -> operations of all that a company answers; everything else of qbXML gets 3250. For the coverage page."""
    known = {noun.name: tuple(sorted(noun.operations)) for noun in LIST_NOUNS}
    known |= {noun.name: tuple(sorted(noun.operations & {"Add", "Mod", "Query"})) for noun in TRANSACTION_NOUNS}
    known |= dict.fromkeys((*COMBINED_QUERIES, "Host", "Company", "Preferences"), ("Query",))
    known["Txn"] = ("Del", "Void")
    return dict(sorted(known.items()))
