"""Documents and cases that lean on the sample company, or ask more than a real QuickBooks should be asked.

The cases have the form of those of `emulator.com.probe.cases`, which any QuickBooks can be asked, and are played with them through every door.
"""

from functools import partial

from emulator.com.probe.writing import APPLICATION, BEGIN, CLOSE, END, OPEN, Case, message_set, process, session, subscription_set

request_set = partial(message_set, on_error="stopOnError")


def invoice(number: str) -> str:
    """Return an InvoiceAdd for a customer of the sample company."""
    return (
        f"<InvoiceAddRq requestID='1'><InvoiceAdd>{KERN}<TxnDate>2026-03-02</TxnDate><RefNumber>{number}</RefNumber>"
        f"<Memo>caf\u00e9 &amp; [key:K1]</Memo><InvoiceLineAdd>{FREIGHT}</InvoiceLineAdd></InvoiceAdd></InvoiceAddRq>"
    )


EVERYTHING_ASKED = (
    "Host", "Company", "CompanyActivity", "Preferences", "Account", "AccountTaxLineInfo", "Lead", "Customer", "Employee", "OtherName",
    "Vendor", "Entity", "StandardTerms", "DateDrivenTerms", "Terms", "Class", "SalesRep", "CustomerType", "VendorType", "JobType",
    "CustomerMsg", "PaymentMethod", "ShipMethod", "SalesTaxCode", "ToDo", "ItemService", "ItemNonInventory", "ItemOtherCharge",
    "ItemInventory", "ItemInventoryAssembly", "ItemFixedAsset", "ItemSubtotal", "ItemDiscount", "ItemPayment", "ItemSalesTax",
    "ItemSalesTaxGroup", "ItemGroup", "Item", "PayrollItemWage", "PayrollItemNonWage", "Template", "PriceLevel", "BillingRate",
    "Vehicle", "UnitOfMeasureSet", "WorkersCompCode", "Form1099CategoryAccountMapping", "SalesTaxReturn", "Currency",
    "PayrollLastPeriod", "InventorySite", "Invoice", "Estimate", "SalesOrder", "SalesReceipt", "CreditMemo", "ReceivePayment",
    "ReceivePaymentToDeposit", "Charge", "PurchaseOrder", "Bill", "ItemReceipt", "VendorCredit", "BillPaymentCheck",
    "BillPaymentCreditCard", "SalesTaxPaymentCheck", "SalesTaxPayable", "InventoryAdjustment", "TimeTracking", "Check",
    "CreditCardCharge", "CreditCardCredit", "JournalEntry", "Deposit", "Transaction", "BuildAssembly", "ARRefundCreditCard",
    "VehicleMileage", "TransferInventory", "ItemSites", "BarCode", "Transfer",
)  # fmt: skip
"""Every noun that can be asked for without saying what of it."""


def _macro(noun: str, content: str, name: str) -> str:
    return f'<{noun}AddRq><{noun}Add defMacro="TxnID:{name}">{content}</{noun}Add></{noun}AddRq>'


KERN = "<CustomerRef><FullName>Kern Lighting Warehouse</FullName></CustomerRef>"
FREIGHT = "<ItemRef><FullName>Freight</FullName></ItemRef><Amount>80.00</Amount>"
DAY_OF_WORK = [
    _macro("SalesOrder", f"{KERN}<SalesOrderLineAdd>{FREIGHT}</SalesOrderLineAdd>", "Order"),
    _macro("Invoice", f"{KERN}<InvoiceLineAdd>{FREIGHT}</InvoiceLineAdd>", "Invoice"),
    _macro("CreditMemo", f"{KERN}<CreditMemoLineAdd>{FREIGHT.replace('80', '30')}</CreditMemoLineAdd>", "Credit"),
    _macro(
        "ReceivePayment",
        f'{KERN}<TotalAmount>50.00</TotalAmount><AppliedToTxnAdd><TxnID useMacro="TxnID:Invoice"></TxnID><PaymentAmount>50.00</PaymentAmount>'
        '<SetCredit><CreditTxnID useMacro="TxnID:Credit"></CreditTxnID><AppliedAmount>30.00</AppliedAmount></SetCredit></AppliedToTxnAdd>',
        "Payment",
    ),
    _macro(
        "Deposit",
        "<DepositToAccountRef><FullName>Operating Account</FullName></DepositToAccountRef><DepositLineAdd>"
        '<PaymentTxnID useMacro="TxnID:Payment"></PaymentTxnID></DepositLineAdd>',
        "Deposit",
    ),
    '<ClearedStatusModRq><ClearedStatusMod><TxnID useMacro="TxnID:none"></TxnID><ClearedStatus>Cleared</ClearedStatus></ClearedStatusMod>'
    "</ClearedStatusModRq>",
    "<InvoiceQueryRq><IncludeLineItems>1</IncludeLineItems><IncludeLinkedTxns>1</IncludeLinkedTxns></InvoiceQueryRq>",
]
"""An order, an invoice, what is paid of it with a credit memo, the deposit; then an error, and what became of the invoice."""

_SUBSCRIBER = "<SubscriberID>{8327C7FC-7F05-41ED-A5B4-B6618BB27BF1}</SubscriberID>"
_SUBSCRIBE = (
    f"<DataEventSubscriptionAddRq requestID='1'><DataEventSubscriptionAdd>{_SUBSCRIBER}<COMCallbackInfo><AppName>{APPLICATION}</AppName>"
    "<ProgID>Doors.Events</ProgID></COMCallbackInfo><DeliveryPolicy>DeliverAlways</DeliveryPolicy><TrackLostEvents>All</TrackLostEvents>"
    "<ListEventSubscription><ListEventType>Customer</ListEventType><ListEventOperation>Add</ListEventOperation></ListEventSubscription>"
    "</DataEventSubscriptionAdd></DataEventSubscriptionAddRq>"
)
_ASK_SUBSCRIPTION = f"<DataEventSubscriptionQueryRq>{_SUBSCRIBER}</DataEventSubscriptionQueryRq>"
_UNSUBSCRIBE = f"<SubscriptionDelRq>{_SUBSCRIBER}<SubscriptionType>Data</SubscriptionType></SubscriptionDelRq>"


def _subscribe(*requests: str, version: str = "13.0") -> tuple[str, str]:
    return ("ProcessSubscription", subscription_set(*requests, version=version))


_REMOTE = ("OpenConnection2", "", APPLICATION, 2)

CASES: dict[str, Case] = {
    name: Case("sample company", steps)
    for name, steps in {
        "every query": session(
            # A program's own data extensions are not asked for: the Web Connector has one.
            message_set(
                *[f"<{noun}QueryRq/>" for noun in EVERYTHING_ASKED],
                "<DataExtDefQueryRq><OwnerID>0</OwnerID></DataExtDefQueryRq>",
                version="16.0",
            )
        ),
        "a day of work": session(message_set(*DAY_OF_WORK, version="16.0")),
        "ten thousand requests": session(request_set("<CompanyActivityQueryRq/>" * 10_000)),
        "deep nesting": session(request_set("<CompanyQueryRq>" * 100_000)),
        "connections to elsewhere": [("OpenConnection2", "", APPLICATION, kind) for kind in (4, 9)],
        "preferences from elsewhere": [_REMOTE, ("AuthPreferences.PutIsReadOnly", True)],
        "subscriptions from elsewhere": [_REMOTE, _subscribe(_SUBSCRIBE), ("QBXMLVersionsForSubscription",)],
        "every file mode": [OPEN, *[("BeginSession", "", mode) for mode in (0, 3, 1)]],
        "a subscription": [
            OPEN,
            ("QBXMLVersionsForSubscription",),
            _subscribe(_SUBSCRIBE, _SUBSCRIBE, _ASK_SUBSCRIPTION),
            CLOSE,
            OPEN,
            BEGIN,
            _subscribe(_UNSUBSCRIBE, _UNSUBSCRIBE, _ASK_SUBSCRIPTION),
            END,
        ],
        "subscriptions refused": [
            _subscribe(_SUBSCRIBE),
            OPEN,
            ("ProcessSubscription", request_set("<CompanyQueryRq/>")),
            _subscribe("<CompanyQueryRq/>"),
            _subscribe(_SUBSCRIBE, version="2.1"),
            BEGIN,
            process(subscription_set(_SUBSCRIBE)),
        ],
    }.items()
}
"""By name; none has the name of a case of the product."""
