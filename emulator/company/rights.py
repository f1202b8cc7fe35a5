"""What a user of the company file may do: his role, and what the Admin has cut of it by area, decide (3260 otherwise).

That the rights of the logged-in user decide is reported, and that they are given by area and level is documented; which request belongs
to which area, and which role may do what, is published nowhere: the tables below are inferred from the names of roles, areas and records.

| level in an area | adds | reads, changes, deletes | reports |
|---|---|---|---|
| `none` | 3260 | 3260 | 3260 |
| `create` | yes | reads only | 3260 |
| `full` (what holds when nothing is cut) | yes | yes | yes |

Switches: `company.role-rights` takes all of it away; `company.role-rights-reading` lets everybody read what they may not write.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, get_args

from emulator.company.refusals import refuse
from emulator.core.switches import Setting

if TYPE_CHECKING:
    from emulator.company.books import Books

Area = Literal[
    "Sales and Receivables",
    "Purchases and Payables",
    "Banking",
    "Inventory",
    "Time",
    "Payroll",
    "Sensitive accounting",
    "Reports",
]
"""A part of QuickBooks that a user may be kept out of (names after the window in which the Admin sets up a user)."""

Level = Literal["none", "create", "full"]
"""How far a user may go in an area."""

AREAS: Final[tuple[str, ...]] = get_args(Area)
LEVELS: Final[tuple[str, ...]] = get_args(Level)
ADMIN: Final = "Admin"

_SALES = frozenset(
    {
        "Customer", "Lead", "JobType", "CustomerType", "CustomerMsg", "ShipMethod", "SalesRep", "ToDo", "Invoice", "Estimate",
        "SalesOrder", "SalesReceipt", "CreditMemo", "ReceivePayment", "Charge", "ARRefundCreditCard",
    }
)  # fmt: skip
_BANKING = frozenset({"Check", "CreditCardCharge", "CreditCardCredit", "Deposit", "Transfer", "ClearedStatus"})
_PURCHASES = frozenset(
    {
        "Vendor", "VendorType", "PurchaseOrder", "Bill", "ItemReceipt", "VendorCredit", "BillPaymentCheck", "BillPaymentCreditCard",
        "Check", "CreditCardCharge", "CreditCardCredit",
    }
)  # fmt: skip

MAY_WRITE: Mapping[str, frozenset[str]] = MappingProxyType(
    {"View Only": frozenset(), "Sales": _SALES, "Purchases": _PURCHASES},
)
"""Role -> nouns it may add and change. A role that is not here may write everything. Deletes and voids count as their kind."""

_NOUNS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "Sales and Receivables": _SALES | {"ReceivePaymentToDeposit", "SalesTaxPayable"},
        "Purchases and Payables": (_PURCHASES - _BANKING) | {"BillToPay", "Form1099CategoryAccountMapping"},
        "Banking": _BANKING,
        "Inventory": frozenset(
            {
                "InventoryAdjustment", "TransferInventory", "BuildAssembly", "ItemInventory", "ItemInventoryAssembly", "InventorySite",
                "ItemSites", "ItemAssembliesCanBuild",
            }
        ),
        "Time": frozenset({"TimeTracking", "VehicleMileage", "Vehicle"}),
        "Payroll": frozenset({"Employee", "PayrollItemWage", "PayrollItemNonWage", "WorkersCompCode"}),
        "Sensitive accounting": frozenset({"JournalEntry", "Account", "SpecialAccount", "SalesTaxPaymentCheck"}),
        "Reports": frozenset({"Transaction"}),
    }
)  # fmt: skip

AREA_OF: Final[Mapping[str, str]] = MappingProxyType({noun: area for area, nouns in _NOUNS.items() for noun in nouns})
"""Noun of a request -> its area."""

EVERYBODYS: Final = frozenset(
    {
        "AccountTaxLineInfo", "BarCode", "BillingRate", "Class", "Company", "CompanyActivity", "Currency", "DataEventRecoveryInfo",
        "DataExt", "DataExtDef", "DateDrivenTerms", "Host", "ItemDiscount", "ItemFixedAsset", "ItemGroup", "ItemNonInventory",
        "ItemOtherCharge", "ItemPayment", "ItemSalesTax", "ItemSalesTaxGroup", "ItemService", "ItemSubtotal", "ListDeleted", "OtherName",
        "PaymentMethod", "Preferences", "PriceLevel", "SalesTaxCode", "SpecialItem", "StandardTerms", "Template", "Terms", "TxnDeleted",
        "UnitOfMeasureSet",
    }
)  # fmt: skip
"""Nouns of no area: what all areas use, and the company itself. No level keeps a user out; his role may keep him from writing them."""

OF_SEVERAL: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"Entity": ("Customer", "Vendor", "Employee"), "Item": ("ItemInventory", "ItemInventoryAssembly")},
)
"""Noun of a query of several kinds of records -> those of them that belong to areas."""

_REPORTS: Final = (
    (
        "Sales and Receivables",
        (
            "AR",
            "Customer",
            "Sales",
            "Income",
            "OpenInvoices",
            "OpenSalesOrder",
            "Collections",
            "PendingSales",
            "EstimatesBy",
            "Job",
        ),
    ),
    ("Purchases and Payables", ("AP", "Vendor", "Purchase", "Expense", "OpenPOs", "UnpaidBills", "UnbilledCosts", "1099")),
    ("Banking", ("CheckDetail", "DepositDetail", "MissingChecks")),
    ("Inventory", ("Inventory", "PhysicalInventory", "LotNumber", "SerialNumber", "Item")),
    ("Time", ("Time",)),
    ("Payroll", ("Payroll", "Employee")),
)
"""Area -> how the types of its reports begin. The income tax reports are about the company, not about customers."""


def area_of_report(kind: str) -> str:
    """Return the area of a type of report: that of the records it lists; `Reports` for what shows the company as a whole."""
    if kind.startswith("IncomeTax"):
        return "Reports"
    return next((area for area, beginnings in _REPORTS if kind.startswith(beginnings)), "Reports")


class Rights:
    """Looks up what users may do, in one company."""

    def __init__(self, books: "Books", settings: Mapping[str, Setting]) -> None:
        self._books = books
        self._enforced = settings["company.role-rights"] == "enforced"
        self._reading = settings["company.role-rights-reading"] == "enforced"
        self._several = settings["company.rights-of-several-kinds"] == "refused"

    def refuse_write(self, user: str, noun: str, operation: str = "Mod") -> None:
        """Raise 3260 when a user may not write a noun. A user the file does not know may: the desktop let them in.

        Args:
            user: who is logged in.
            noun: what is written; deletes and voids count as their kind.
            operation: an `Add` needs the level `create`, everything else `full`.
        """
        if not self._enforced:
            return
        allowed = MAY_WRITE.get(self._role(user))
        if allowed is not None and noun not in allowed:
            raise refuse(3260)
        level = self.level(user, AREA_OF.get(noun, ""))
        if level == "none" or (level == "create" and operation != "Add"):
            raise refuse(3260)

    def refuse_read(self, user: str, noun: str, report: str = "") -> None:
        """Raise 3260 when a user may not query a noun, or read a type of report; a query of several kinds needs the right to each."""
        if not (self._enforced and self._reading):
            return
        for kind in OF_SEVERAL.get(noun, ()) if self._several else ():
            self.refuse_read(user, kind)
        level = self.level(user, area_of_report(report) if report else AREA_OF.get(noun, ""))
        if level == "none" or (report and level != "full"):
            raise refuse(3260)

    def level(self, user: str, area: str) -> str:
        """Return how far a user may go in an area: `full` unless the Admin has cut it. Nothing is cut of the Admin himself."""
        cut = self._books.facts.get("areas", {}).get(user.casefold())
        if not cut or self._role(user) == ADMIN:
            return "full"
        return str(cut.get(area, "full"))

    def _role(self, user: str) -> str:
        folded = user.casefold()
        return next((str(each["role"]) for each in self._books.facts["users"] if each["name"].casefold() == folded), "")
