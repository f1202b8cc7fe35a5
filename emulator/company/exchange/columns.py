"""QuickBooks' columns of its lists: the headings of a list exported to Excel or CSV, and those of its IIF files.

Standing. IIF: keywords, headings, ACCNTTYPE, INVITEMTYPE, EXTRA and TERMSTYPE words are documented (the maker's IIF reference and import
kit), the order and REFNUM, TIMESTAMP, HIDDEN observed in exported headers that people publish; NOTE as the account number, SALESREP and
SALESTAXCODE are recalled, the expense account of a part under COGSACCNT is inferred. CSV: the headings of items are reported (by importers
that name them), those of customers, vendors and accounts are recalled, those of the small lists are ours, after their windows.

A heading stands for an element of the Add request of its noun, so that what comes in passes the same rules as a request.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from emulator.company.lists import SPECIAL_ACCOUNT_NAMES

Path = tuple[str, ...]
"""Elements from the Add request (or the answer) down to a value."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list.

    Attributes:
        csv: heading in a CSV; "" when a CSV has none.
        iif: heading in an IIF file; "" when IIF has none.
        path: where its value stands in the Add request; () for what a row's own code reads.
        form: how the value is written, see values.py.
        told: where it stands in the answer, when not at `path`.
        follows: it follows from transactions or identities: written, and passed over when read.
    """

    csv: str
    iif: str
    path: Path
    form: str = "text"
    told: Path = ()
    follows: bool = False

    @property
    def source(self) -> Path:
        """Where it stands in an answer."""
        return self.told or self.path


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of one list.

    Attributes:
        name: as `--list` names it.
        nouns: kinds of records in it.
        keyword: of its lines in IIF.
        columns: in the order they are written; the first one is the name of the record.
    """

    name: str
    nouns: tuple[str, ...]
    keyword: str
    columns: tuple[Column, ...]

    @property
    def name_column(self) -> Column:
        """The column that names a record."""
        return next(each for each in self.columns if each.form in ("name", "initial"))


def _address(csv: str, iif: str, element: str) -> tuple[Column, ...]:
    """Return the five printed lines of an address: what a form would show of it, city and all."""
    return tuple(
        Column(f"{csv} {place}", f"{iif}{place}", (element, f"Addr{place}"), told=(f"{element}Block", f"Addr{place}"))
        for place in range(1, 6)
    )


def _person(email: str = "Email") -> tuple[Column, ...]:
    return (
        Column("Company", "COMPANYNAME", ("CompanyName",)),
        Column("Mr./Ms./...", "SALUTATION", ("Salutation",)),
        Column("First Name", "FIRSTNAME", ("FirstName",)),
        Column("M.I.", "MIDINIT", ("MiddleName",)),
        Column("Last Name", "LASTNAME", ("LastName",)),
        Column("Primary Contact", "CONT1", ("Contact",)),
        Column("Main Phone", "PHONE1", ("Phone",)),
        Column("Fax", "FAXNUM", ("Fax",)),
        Column("Alt. Phone", "PHONE2", ("AltPhone",)),
        Column("Secondary Contact", "CONT2", ("AltContact",)),
        Column("Main Email", "EMAIL", (email,)),
    )


_ACTIVE: Final = Column("Active Status", "HIDDEN", ("IsActive",), "active")
_REFNUM: Final = Column("", "REFNUM", ("ListID",), "counter", follows=True)
_TIMESTAMP: Final = Column("", "TIMESTAMP", ("EditSequence",), follows=True)
_IDENTITY: Final = (_REFNUM, _TIMESTAMP)


def _named(csv: str, noun: str, keyword: str, hierarchical: bool = False) -> Table:
    told = ("FullName",) if hierarchical else ()
    return Table(noun, (noun,), keyword, (Column(csv, "NAME", ("Name",), "name", told=told), *_IDENTITY, _ACTIVE))


ACCOUNT_TYPES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "Bank": ("BANK", "Bank"),
        "AccountsReceivable": ("AR", "Accounts Receivable"),
        "OtherCurrentAsset": ("OCASSET", "Other Current Asset"),
        "FixedAsset": ("FIXASSET", "Fixed Asset"),
        "OtherAsset": ("OASSET", "Other Asset"),
        "AccountsPayable": ("AP", "Accounts Payable"),
        "CreditCard": ("CCARD", "Credit Card"),
        "OtherCurrentLiability": ("OCLIAB", "Other Current Liability"),
        "LongTermLiability": ("LTLIAB", "Long Term Liability"),
        "Equity": ("EQUITY", "Equity"),
        "Income": ("INC", "Income"),
        "CostOfGoodsSold": ("COGS", "Cost of Goods Sold"),
        "Expense": ("EXP", "Expense"),
        "OtherIncome": ("EXINC", "Other Income"),
        "OtherExpense": ("EXEXP", "Other Expense"),
        "NonPosting": ("NONPOSTING", "Non-Posting"),
    }
)
"""AccountType -> its word in IIF and in a CSV."""

_BY_TYPE: Final = frozenset({"AccountsReceivable", "AccountsPayable"})
"""Special accounts that their type makes such."""

_EXTRA_WORDS: Final = {
    "OpeningBalanceEquity": "OPENBAL",
    "RetainedEarnings": "RETEARNINGS",
    "SalesTaxPayable": "SALESTAX",
    "UndepositedFunds": "UNDEPOSIT",
    "InventoryAssets": "INVENTORYASSET",
    "CostOfGoodsSold": "COGS",
    "UncategorizedIncome": "UNCATINC",
    "UncategorizedExpenses": "UNCATEXP",
}

SPECIAL_ACCOUNTS: Mapping[str, str] = MappingProxyType(
    {name: _EXTRA_WORDS.get(name, name) for name in SPECIAL_ACCOUNT_NAMES if name not in _BY_TYPE}
)
"""SpecialAccountType -> its word under EXTRA; those that IIF has no word for go by their own name (our choice)."""

ITEM_TYPES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "ItemService": ("SERV", "Service"),
        "ItemNonInventory": ("PART", "Non-inventory Part"),
        "ItemOtherCharge": ("OTHC", "Other Charge"),
        "ItemInventory": ("INVENTORY", "Inventory Part"),
        "ItemSubtotal": ("SUBT", "Subtotal"),
        "ItemDiscount": ("DISC", "Discount"),
        "ItemPayment": ("PMT", "Payment"),
        "ItemSalesTax": ("COMPTAX", "Sales Tax Item"),
    }
)
"""Kinds of items that a row can hold -> their word in IIF and in a CSV."""

ITEMS_WITH_PARTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "ItemGroup": ("GRP", "Group"),
        "ItemSalesTaxGroup": ("STAX", "Sales Tax Group"),
        "ItemInventoryAssembly": ("ASSEMBLY", "Inventory Assembly"),
        "ItemFixedAsset": ("FIXEDASSET", "Fixed Asset"),
    }
)
"""Kinds of items that a row cannot hold whole: they are neither written nor read."""

JOB_STATUSES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "None": ("0", "None"),
        "Pending": ("1", "Pending"),
        "Awarded": ("2", "Awarded"),
        "InProgress": ("3", "In progress"),
        "Closed": ("4", "Closed"),
        "NotAwarded": ("5", "Not awarded"),
    }
)
"""JobStatus -> its number in IIF and its word in a CSV (recalled)."""

TABLES: tuple[Table, ...] = (
    _named("Payment Method", "PaymentMethod", "PAYMETH"),
    _named("Ship Method", "ShipMethod", "SHIPMETH"),
    _named("Customer Type", "CustomerType", "CTYPE", hierarchical=True),
    _named("Vendor Type", "VendorType", "VTYPE", hierarchical=True),
    _named("Job Type", "JobType", "JOBTYPE", hierarchical=True),
    _named("Message", "CustomerMsg", "INVMEMO"),
    _named("Class", "Class", "CLASS", hierarchical=True),
    Table(
        "Terms",
        ("StandardTerms", "DateDrivenTerms"),
        "TERMS",
        (
            Column("Terms", "NAME", ("Name",), "name"),
            *_IDENTITY,
            Column("Due Days", "DUEDAYS", (), "count"),
            Column("Next Month Days", "MINDAYS", (), "count"),
            Column("Discount %", "DISCPER", ("DiscountPct",), "percent"),
            Column("Discount Days", "DISCDAYS", (), "count"),
            Column("Date Driven", "TERMSTYPE", (), "count"),
            _ACTIVE,
        ),
    ),
    Table(
        "SalesTaxCode",
        ("SalesTaxCode",),
        "SALESTAXCODE",
        (
            Column("Code", "CODE", ("Name",), "name"),
            *_IDENTITY,
            Column("Description", "DESC", ("Desc",)),
            Column("Taxable", "TAXABLE", ("IsTaxable",), "flag"),
            _ACTIVE,
        ),
    ),
    Table(
        "Account",
        ("Account",),
        "ACCNT",
        (
            Column("Account", "NAME", ("Name",), "name", told=("FullName",)),
            *_IDENTITY,
            Column("Type", "ACCNTTYPE", ("AccountType",), "account-type"),
            Column("Balance Total", "", ("TotalBalance",), "money", follows=True),
            Column("Description", "DESC", ("Desc",)),
            Column("Accnt. #", "ACCNUM", ("AccountNumber",)),
            Column("Bank No.", "BANKNUM", ("BankNumber",)),
            Column("", "EXTRA", ("SpecialAccountType",), "special-account"),
            _ACTIVE,
        ),
    ),
    Table(
        "Vendor",
        ("Vendor",),
        "VEND",
        (
            Column("Vendor", "NAME", ("Name",), "name"),
            *_IDENTITY,
            Column("Balance Total", "", ("Balance",), "money", follows=True),
            *_person(),
            Column("Print on Check as", "PRINTAS", ("NameOnCheck",)),
            *_address("Bill from", "ADDR", "VendorAddress"),
            Column("Vendor Type", "VTYPE", ("VendorTypeRef",), "reference"),
            Column("Terms", "TERMS", ("TermsRef",), "reference"),
            Column("Credit Limit", "LIMIT", ("CreditLimit",), "money"),
            Column("Tax ID", "TAXID", ("VendorTaxIdent",)),
            Column("Account No.", "NOTE", ("AccountNumber",)),
            Column("Eligible for 1099", "1099", ("IsVendorEligibleFor1099",), "flag"),
            Column("Note", "NOTEPAD", ("Notes",)),
            _ACTIVE,
        ),
    ),
    Table(
        "Employee",
        ("Employee",),
        "EMP",
        (
            Column("Employee", "NAME", (), "name", told=("Name",)),
            *_IDENTITY,
            Column("Mr./Ms./...", "SALUTATION", ("Salutation",)),
            Column("First Name", "FIRSTNAME", ("FirstName",)),
            Column("M.I.", "MIDINIT", ("MiddleName",)),
            Column("Last Name", "LASTNAME", ("LastName",)),
            Column("Print on Check as", "PRINTAS", ("PrintAs",)),
            Column("Address 1", "ADDR1", ("EmployeeAddress", "Addr1")),
            Column("Address 2", "ADDR2", ("EmployeeAddress", "Addr2")),
            Column("City", "CITY", ("EmployeeAddress", "City")),
            Column("State", "STATE", ("EmployeeAddress", "State")),
            Column("Zip", "ZIP", ("EmployeeAddress", "PostalCode")),
            Column("Main Phone", "PHONE1", ("Phone",)),
            Column("Alt. Phone", "PHONE2", ("AltPhone",)),
            Column("Main Email", "EMAIL", ("Email",)),
            Column("Account No.", "EMPNUM", ("AccountNumber",)),
            Column("Note", "NOTEPAD", ("Notes",)),
            _ACTIVE,
        ),
    ),
    Table(
        "OtherName",
        ("OtherName",),
        "OTHERNAME",
        (
            Column("Other Name", "NAME", ("Name",), "name"),
            *_IDENTITY,
            *_person(),
            *_address("Address", "BADDR", "OtherNameAddress"),
            Column("Account No.", "NOTE", ("AccountNumber",)),
            Column("Note", "NOTEPAD", ("Notes",)),
            _ACTIVE,
        ),
    ),
    Table(
        "SalesRep",
        ("SalesRep",),
        "SALESREP",
        (
            Column("Initials", "INITIALS", ("Initial",), "initial"),
            *_IDENTITY,
            Column("Name", "ASSOCIATEDNAME", ("SalesRepEntityRef",), "reference"),
            _ACTIVE,
        ),
    ),
    Table(
        "Item",
        tuple(ITEM_TYPES),
        "INVITEM",
        (
            Column("Item", "NAME", ("Name",), "name", told=("FullName",)),
            *_IDENTITY,
            Column("Type", "INVITEMTYPE", (), "item-type"),
            Column("Description", "DESC", ()),
            Column("Purchase Description", "PURCHASEDESC", ()),
            Column("Account", "ACCNT", (), "reference"),
            Column("Asset Account", "ASSETACCNT", (), "reference"),
            Column("COGS Account", "COGSACCNT", (), "reference"),
            Column("Quantity On Hand", "QNTY", ("QuantityOnHand",), "quantity", follows=True),
            Column("Price", "PRICE", (), "price"),
            Column("Cost", "COST", (), "price"),
            Column("Sales Tax Code", "SALESTAXCODE", ("SalesTaxCodeRef",), "reference"),
            Column("", "TAXABLE", (), "taxable"),
            Column("Payment Method", "PAYMETH", (), "reference"),
            Column("Taxing Agency", "TAXVEND", (), "reference"),
            Column("Preferred Vendor", "PREFVEND", (), "reference"),
            Column("Reorder Pt (min)", "REORDERPOINT", (), "quantity"),
            Column("MPN", "MANUFACPARTNO", ("ManufacturerPartNumber",)),
            _ACTIVE,
        ),
    ),
    Table(
        "Customer",
        ("Customer",),
        "CUST",
        (
            Column("Customer", "NAME", ("Name",), "name", told=("FullName",)),
            *_IDENTITY,
            Column("Balance", "", ("Balance",), "money", follows=True),
            Column("Balance Total", "", ("TotalBalance",), "money", follows=True),
            *_person(),
            *_address("Bill to", "BADDR", "BillAddress"),
            *_address("Ship to", "SADDR", "ShipAddress"),
            Column("Customer Type", "CTYPE", ("CustomerTypeRef",), "reference"),
            Column("Terms", "TERMS", ("TermsRef",), "reference"),
            Column("Rep", "REP", ("SalesRepRef",), "reference"),
            Column("Sales Tax Code", "SALESTAXCODE", ("SalesTaxCodeRef",), "reference"),
            Column("", "TAXABLE", (), "taxable"),
            Column("Tax item", "TAXITEM", ("ItemSalesTaxRef",), "reference"),
            Column("Resale Num", "RESALENUM", ("ResaleNumber",)),
            Column("Account No.", "NOTE", ("AccountNumber",)),
            Column("Credit Limit", "LIMIT", ("CreditLimit",), "money"),
            Column("Job Status", "JOBSTATUS", ("JobStatus",), "job-status"),
            Column("Job Type", "JOBTYPE", ("JobTypeRef",), "reference"),
            Column("Job Description", "JOBDESC", ("JobDesc",)),
            Column("Start Date", "JOBSTART", ("JobStartDate",), "date"),
            Column("Projected End", "JOBPROJEND", ("JobProjectedEndDate",), "date"),
            Column("End Date", "JOBEND", ("JobEndDate",), "date"),
            Column("Note", "NOTEPAD", ("Notes",)),
            _ACTIVE,
        ),
    ),
)
"""All lists that rows can hold, in an order in which each finds what it refers to."""

TABLE_OF: Mapping[str, Table] = MappingProxyType({table.name: table for table in TABLES})
KEYWORDS: Mapping[str, Table] = MappingProxyType({table.keyword: table for table in TABLES})

_TWO_SIDED: Final = MappingProxyType(
    {
        "DESC": ("SalesAndPurchase", "SalesDesc"),
        "PURCHASEDESC": ("SalesAndPurchase", "PurchaseDesc"),
        "ACCNT": ("SalesAndPurchase", "IncomeAccountRef"),
        "COGSACCNT": ("SalesAndPurchase", "ExpenseAccountRef"),
        "PRICE": ("SalesAndPurchase", "SalesPrice"),
        "COST": ("SalesAndPurchase", "PurchaseCost"),
        "PREFVEND": ("SalesAndPurchase", "PrefVendorRef"),
    }
)
_ONE_SIDED: Final = MappingProxyType(
    {
        "DESC": ("SalesOrPurchase", "Desc"),
        "ACCNT": ("SalesOrPurchase", "AccountRef"),
        "PRICE": ("SalesOrPurchase", "Price"),
    }
)
_ITEM_PATHS: Final[Mapping[str, Mapping[str, Path]]] = MappingProxyType(
    {
        "ItemInventory": {
            "DESC": ("SalesDesc",),
            "PURCHASEDESC": ("PurchaseDesc",),
            "ACCNT": ("IncomeAccountRef",),
            "ASSETACCNT": ("AssetAccountRef",),
            "COGSACCNT": ("COGSAccountRef",),
            "PRICE": ("SalesPrice",),
            "COST": ("PurchaseCost",),
            "PREFVEND": ("PrefVendorRef",),
            "REORDERPOINT": ("ReorderPoint",),
        },
        "ItemSubtotal": {"DESC": ("ItemDesc",)},
        "ItemDiscount": {"DESC": ("ItemDesc",), "ACCNT": ("AccountRef",), "PRICE": ("DiscountRate",)},
        "ItemPayment": {"DESC": ("ItemDesc",), "ACCNT": ("DepositToAccountRef",), "PAYMETH": ("PaymentMethodRef",)},
        "ItemSalesTax": {"DESC": ("ItemDesc",), "PRICE": ("TaxRate",), "TAXVEND": ("TaxVendorRef",)},
    }
)
"""Kind of item -> where its columns (by their IIF heading) stand in its Add."""

PERCENT_PATHS: Mapping[Path, Path] = MappingProxyType(
    {
        ("SalesOrPurchase", "Price"): ("SalesOrPurchase", "PricePercent"),
        ("DiscountRate",): ("DiscountRatePercent",),
        ("TaxRate",): ("TaxRate",),
    }
)
"""Where a price stands when it is a percentage, which is written with a percent sign (documented)."""

TWO_SIDED_KINDS: Final = frozenset({"ItemService", "ItemNonInventory", "ItemOtherCharge"})


def item_paths(kind: str, two_sided: bool) -> Mapping[str, Path]:
    """Return where the columns of an item stand; `two_sided` is one that is both sold and bought."""
    if kind in TWO_SIDED_KINDS:
        return _TWO_SIDED if two_sided else _ONE_SIDED
    return _ITEM_PATHS[kind]


def terms_paths(kind: str) -> Mapping[str, Path]:
    """Return where the columns of terms stand: TERMSTYPE 0 are standard, 1 date-driven."""
    if kind == "StandardTerms":
        return {"DUEDAYS": ("StdDueDays",), "DISCDAYS": ("StdDiscountDays",)}
    return {"DUEDAYS": ("DayOfMonthDue",), "MINDAYS": ("DueNextMonthDays",), "DISCDAYS": ("DiscountDayOfMonth",)}
