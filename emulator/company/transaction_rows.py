"""The rows of all kinds of transactions, in the order of the schema. Standing of the columns: see `nouns.TransactionNoun`.

Which elements cannot be cleared is documented for InvoiceMod and SalesOrderMod, and inferred from those for the others: what a
transaction cannot be without.
"""

from collections.abc import Mapping
from types import MappingProxyType

from emulator.company.nouns import LineList, TransactionNoun

_SALE_LINE_FIXED = frozenset({"ItemRef", "Quantity", "Rate", "Amount", "SalesTaxCodeRef", "OverrideItemAccountRef"})
_ORDER_LINE_FIXED = _SALE_LINE_FIXED | {"IsManuallyClosed"}
_ITEM_LINE_FIXED = frozenset({"ItemRef", "Quantity", "Cost", "Amount", "OverrideItemAccountRef"})
_PARTS_OF_SALES_ORDER = frozenset(
    {
        "CustomerRef", "TemplateRef", "TxnDate", "DueDate", "ShipDate", "ItemSalesTaxRef", "IsManuallyClosed", "IsToBePrinted",
    }
)  # fmt: skip
_ALL = frozenset({"Add", "Mod", "Query", "Del", "Void"})
_NO_VOID = _ALL - {"Void"}
_NO_MOD = _ALL - {"Mod"}


def _sale(noun: str, fixed: frozenset[str] = _SALE_LINE_FIXED) -> tuple[LineList, ...]:
    return (
        LineList(
            f"{noun}LineAdd|{noun}LineGroupAdd",
            f"{noun}LineMod|{noun}LineGroupMod",
            f"{noun}LineRet|{noun}LineGroupRet",
            fixed=fixed,
        ),
    )


_EXPENSES = LineList("ExpenseLineAdd", "ExpenseLineMod", "ExpenseLineRet", clear="ClearExpenseLines")
_ITEMS = LineList(
    "ItemLineAdd|ItemGroupLineAdd",
    "ItemLineMod|ItemGroupLineMod",
    "ItemLineRet|ItemGroupLineRet",
    clear="ClearItemLines",
    fixed=_ITEM_LINE_FIXED,
)
_PURCHASE = (_EXPENSES, _ITEMS)

TRANSACTION_NOUNS: tuple[TransactionNoun, ...] = (
    TransactionNoun(
        "Invoice", "CustomerRef", "ARAccountRef", _sale("Invoice"),
        fixed=frozenset({"CustomerRef", "ARAccountRef", "TemplateRef"}),
    ),
    TransactionNoun(
        "Estimate", "CustomerRef", lines=_sale("Estimate"), fixed=frozenset({"CustomerRef", "TemplateRef"}), operations=_NO_VOID,
        feature="estimates",
    ),
    TransactionNoun(
        "SalesOrder", "CustomerRef", lines=_sale("SalesOrder", _ORDER_LINE_FIXED), fixed=_PARTS_OF_SALES_ORDER, operations=_NO_VOID,
        feature="sales-orders",
    ),
    TransactionNoun("SalesReceipt", "CustomerRef", "DepositToAccountRef", _sale("SalesReceipt"), fixed=frozenset({"TemplateRef"})),
    TransactionNoun(
        "CreditMemo", "CustomerRef", "ARAccountRef", _sale("CreditMemo"),
        fixed=frozenset({"CustomerRef", "ARAccountRef", "TemplateRef"}),
    ),
    TransactionNoun(
        "ReceivePayment", "CustomerRef", "DepositToAccountRef", numbered="company.payment-number-omitted", ref_length=20,
        fixed=frozenset({"CustomerRef", "ARAccountRef", "TotalAmount"}), operations=_NO_VOID,
    ),
    TransactionNoun(
        "Charge", "CustomerRef", "ARAccountRef", ref_length=11,
        fixed=frozenset({"CustomerRef", "ItemRef", "ARAccountRef", "Quantity", "Rate", "Amount"}),
    ),
    TransactionNoun(
        "PurchaseOrder", "VendorRef", ref_length=11,
        lines=(
            LineList(
                "PurchaseOrderLineAdd|PurchaseOrderLineGroupAdd",
                "PurchaseOrderLineMod|PurchaseOrderLineGroupMod",
                "PurchaseOrderLineRet|PurchaseOrderLineGroupRet",
                fixed=frozenset({"ItemRef", "Quantity", "Rate", "Amount", "OverrideItemAccountRef", "IsManuallyClosed"}),
            ),
        ),
        fixed=frozenset({"VendorRef", "TemplateRef"}), operations=_NO_VOID,
    ),
    TransactionNoun(
        "Bill", "VendorRef", "APAccountRef", _PURCHASE, numbered="company.bill-number-omitted", ref_length=20,
        fixed=frozenset({"VendorRef", "APAccountRef"}),
    ),
    TransactionNoun(
        "ItemReceipt", "VendorRef", "APAccountRef", _PURCHASE, numbered="company.bill-number-omitted", ref_length=20,
        fixed=frozenset({"VendorRef", "APAccountRef"}),
    ),
    TransactionNoun(
        "VendorCredit", "VendorRef", "APAccountRef", _PURCHASE, numbered="company.bill-number-omitted", ref_length=20,
        fixed=frozenset({"VendorRef", "APAccountRef"}),
    ),
    TransactionNoun(
        "BillPaymentCheck", "PayeeEntityRef", "BankAccountRef",
        fixed=frozenset({"BankAccountRef"}),
    ),
    TransactionNoun("BillPaymentCreditCard", "PayeeEntityRef", "CreditCardAccountRef", operations=_NO_MOD, ref_length=11),
    TransactionNoun(
        "SalesTaxPaymentCheck", "PayeeEntityRef", "BankAccountRef",
        (LineList("SalesTaxPaymentCheckLineAdd", "", "SalesTaxPaymentCheckLineRet"),),
        fixed=frozenset({"BankAccountRef", "TxnDate"}), feature="sales-tax",
    ),
    TransactionNoun(
        "InventoryAdjustment", "CustomerRef", "AccountRef",
        (LineList("InventoryAdjustmentLineAdd", "InventoryAdjustmentLineMod", "InventoryAdjustmentLineRet"),),
        fixed=frozenset({"AccountRef"}), feature="inventory",
    ),
    TransactionNoun("TimeTracking", "EntityRef", numbered="never", fixed=frozenset({"EntityRef", "Duration"}), operations=_NO_VOID),
    TransactionNoun("Check", "PayeeEntityRef", "AccountRef", _PURCHASE, fixed=frozenset({"AccountRef"})),
    TransactionNoun("CreditCardCharge", "PayeeEntityRef", "AccountRef", _PURCHASE, fixed=frozenset({"AccountRef"}), numbered="never"),
    TransactionNoun("CreditCardCredit", "PayeeEntityRef", "AccountRef", _PURCHASE, fixed=frozenset({"AccountRef"}), numbered="never"),
    TransactionNoun(
        "JournalEntry",
        lines=(
            LineList("JournalDebitLine|JournalCreditLine", "JournalLineMod", "JournalDebitLine|JournalCreditLine",
                     fixed=frozenset({"AccountRef", "Amount"})),
        ),
    ),
    TransactionNoun(
        "Deposit", account="DepositToAccountRef", lines=(LineList("DepositLineAdd", "DepositLineMod", "DepositLineRet"),),
        numbered="never", fixed=frozenset({"DepositToAccountRef"}),
    ),
    TransactionNoun("BuildAssembly", fixed=frozenset({"ItemInventoryAssemblyRef", "QuantityToBuild"}), operations=_NO_VOID,
                    feature="inventory"),
    TransactionNoun(
        "ARRefundCreditCard", "CustomerRef", "RefundFromAccountRef", operations=_NO_MOD, numbered="always", ref_length=11,
    ),
    TransactionNoun("VehicleMileage", numbered="never", operations=_NO_MOD - {"Void"}, date="TripEndDate"),
    TransactionNoun(
        "TransferInventory", lines=(LineList("TransferInventoryLineAdd", "TransferInventoryLineMod", "TransferInventoryLineRet"),),
        fixed=frozenset({"FromInventorySiteRef", "ToInventorySiteRef"}), operations=_NO_VOID, feature="sites",
    ),
    TransactionNoun(
        "Transfer", account="TransferFromAccountRef", numbered="never", operations=frozenset({"Add", "Mod", "Query"}),
        fixed=frozenset({"TransferFromAccountRef", "TransferToAccountRef", "Amount"}),
    ),
)  # fmt: skip

TRANSACTIONS: Mapping[str, TransactionNoun] = MappingProxyType({noun.name: noun for noun in TRANSACTION_NOUNS})

LINKED = frozenset(
    {
        "Invoice", "Estimate", "SalesOrder", "CreditMemo", "Charge", "PurchaseOrder", "Bill", "ItemReceipt", "VendorCredit", "Check",
    }
)  # fmt: skip
"""Kinds whose answer has LinkedTxn (documented: the schema)."""
