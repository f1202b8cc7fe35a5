"""What a user of the company file may change: the role of the user behind the session decides (3260 otherwise).

That the rights of the logged-in user decide is reported; which role may do what is published nowhere in full, so the table below is
inferred from the names of the roles (switch company.role-rights). Everybody may read.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from emulator.company.refusals import refuse
from emulator.core.switches import Setting

if TYPE_CHECKING:
    from emulator.company.books import Books

_SALES = frozenset(
    {
        "Customer", "Lead", "JobType", "CustomerType", "CustomerMsg", "ShipMethod", "SalesRep", "ToDo", "Invoice", "Estimate",
        "SalesOrder", "SalesReceipt", "CreditMemo", "ReceivePayment", "Charge", "ARRefundCreditCard",
    }
)  # fmt: skip
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


class Rights:
    """Looks up what users may do, in one company."""

    def __init__(self, books: "Books", settings: Mapping[str, Setting]) -> None:
        self._books = books
        self._enforced = settings["company.role-rights"] == "enforced"

    def refuse_write(self, user: str, noun: str) -> None:
        """Raise 3260 when the user's role may not write this noun. A user the file does not know may: the desktop let them in."""
        if not self._enforced:
            return
        for each in self._books.facts["users"]:
            if each["name"].casefold() == user.casefold():
                allowed = MAY_WRITE.get(each["role"])
                if allowed is not None and noun not in allowed:
                    raise refuse(3260)
