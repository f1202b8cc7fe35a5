"""Cases that lean on the sample company or ask more than a real QuickBooks should be asked, played through the doors.

The behaviour suite that any QuickBooks can be asked stands in `emulator.com.probe.cases`; `doors.py` says how a door is added. Here: cases
as data, and a player that knows nothing but `call`.

It is imported by the tests and, with the standard library only, run in a program of its own behind the pywin32 stand-in, with cases as JSON
on its standard input.

A case is a list of steps (member, arguments...). `$ticket` stands for what the last BeginSession returned. The result of a step is
("ok", value) or ("failed", "0x........").
"""

import json
import re
import sys

APPLICATION = "Doors"


def request_set(*requests, on_error="stopOnError", version="13.0"):
    body = "".join(requests)
    return (
        f'<?xml version="1.0"?><?qbxml version="{version}"?><QBXML><QBXMLMsgsRq onError="{on_error}">{body}</QBXMLMsgsRq></QBXML>'
    )


def invoice(number="G-10023", customer="Kern Lighting Warehouse", item="Freight", amount="12.50"):
    return (
        f"<InvoiceAddRq requestID='1'><InvoiceAdd><CustomerRef><FullName>{customer}</FullName></CustomerRef><TxnDate>2026-03-02</TxnDate>"
        f"<RefNumber>{number}</RefNumber><Memo>caf\u00e9 &amp; [key:K1]</Memo><InvoiceLineAdd><ItemRef><FullName>{item}</FullName></ItemRef>"
        f"<Amount>{amount}</Amount></InvoiceLineAdd></InvoiceAdd></InvoiceAddRq>"
    )


SUBSCRIBER = "<SubscriberID>{8327C7FC-7F05-41ED-A5B4-B6618BB27BF1}</SubscriberID>"
SUBSCRIBE = (
    f"<DataEventSubscriptionAddRq requestID='1'><DataEventSubscriptionAdd>{SUBSCRIBER}<COMCallbackInfo><AppName>{APPLICATION}</AppName>"
    "<ProgID>Doors.Events</ProgID></COMCallbackInfo><DeliveryPolicy>DeliverAlways</DeliveryPolicy><TrackLostEvents>All</TrackLostEvents>"
    "<ListEventSubscription><ListEventType>Customer</ListEventType><ListEventOperation>Add</ListEventOperation></ListEventSubscription>"
    "</DataEventSubscriptionAdd></DataEventSubscriptionAddRq>"
)
ASK_SUBSCRIPTION = f"<DataEventSubscriptionQueryRq>{SUBSCRIBER}</DataEventSubscriptionQueryRq>"
UNSUBSCRIBE = f"<SubscriptionDelRq>{SUBSCRIBER}<SubscriptionType>Data</SubscriptionType></SubscriptionDelRq>"


def subscription_set(*requests, version="13.0"):
    return (
        request_set(*requests, version=version)
        .replace('QBXMLMsgsRq onError="stopOnError"', "QBXMLSubscriptionMsgsRq")
        .replace("/QBXMLMsgsRq", "/QBXMLSubscriptionMsgsRq")
    )


OPEN = ("OpenConnection", "", APPLICATION)
BEGIN = ("BeginSession", "", 2)
END = ("EndSession", "$ticket")
CLOSE = ("CloseConnection",)
ASK = ("ProcessRequest", "$ticket", request_set("<CompanyQueryRq />"))
QUERY = ("ProcessRequest", "$ticket", request_set("<InvoiceQueryRq><RefNumber>G-10023</RefNumber></InvoiceQueryRq>"))

CALLS = {
    "OpenConnection": OPEN,
    "BeginSession": BEGIN,
    "ProcessRequest": ASK,
    "EndSession": END,
    "CloseConnection": CLOSE,
    "GetCurrentCompanyFileName": ("GetCurrentCompanyFileName", "$ticket"),
    "QBXMLVersionsForSession": ("QBXMLVersionsForSession", "$ticket"),
    "PutIsReadOnly": ("AuthPreferences.PutIsReadOnly", True),
    "GetIsReadOnly": ("AuthPreferences.GetIsReadOnly", "$ticket"),
    "ProcessSubscription": ("ProcessSubscription", subscription_set(ASK_SUBSCRIPTION)),
    "QBXMLVersionsForSubscription": ("QBXMLVersionsForSubscription",),
}
WAYS = {"closed": [], "connected": [OPEN], "in session": [OPEN, BEGIN]}


def process(document):
    return [OPEN, BEGIN, ("ProcessRequest", "$ticket", document), END, CLOSE]


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
    "VehicleMileage", "TransferInventory", "ItemSites", "BarCode", "Transfer", "DataExtDef",
)  # fmt: skip
"""Every noun that can be asked for without saying what of it."""


def macro(noun, content, name):
    return f'<{noun}AddRq><{noun}Add defMacro="TxnID:{name}">{content}</{noun}Add></{noun}AddRq>'


KERN = "<CustomerRef><FullName>Kern Lighting Warehouse</FullName></CustomerRef>"
FREIGHT = "<ItemRef><FullName>Freight</FullName></ItemRef><Amount>80.00</Amount>"
DAY_OF_WORK = [
    macro("SalesOrder", f"{KERN}<SalesOrderLineAdd>{FREIGHT}</SalesOrderLineAdd>", "Order"),
    macro("Invoice", f"{KERN}<InvoiceLineAdd>{FREIGHT}</InvoiceLineAdd>", "Invoice"),
    macro("CreditMemo", f"{KERN}<CreditMemoLineAdd>{FREIGHT.replace('80', '30')}</CreditMemoLineAdd>", "Credit"),
    macro(
        "ReceivePayment",
        f'{KERN}<TotalAmount>50.00</TotalAmount><AppliedToTxnAdd><TxnID useMacro="TxnID:Invoice"></TxnID><PaymentAmount>50.00</PaymentAmount>'
        '<SetCredit><CreditTxnID useMacro="TxnID:Credit"></CreditTxnID><AppliedAmount>30.00</AppliedAmount></SetCredit></AppliedToTxnAdd>',
        "Payment",
    ),
    macro(
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


CASES = {
    "a whole session": [OPEN, BEGIN, ASK, END, CLOSE],
    "two sessions in one connection": [OPEN, BEGIN, END, BEGIN, ASK, END, CLOSE],
    "add and query": [*process(request_set(invoice())), OPEN, BEGIN, QUERY, END, CLOSE],
    "add, refused for good": process(request_set(invoice(customer="Nobody Here"))),
    "stop on error": process(request_set(invoice(item="No Such Item"), "<CompanyQueryRq />")),
    "go on after an error": process(request_set(invoice(item="No Such Item"), "<HostQueryRq />", on_error="continueOnError")),
    "number too long": process(request_set(invoice(number="G-1234567890"))),
    "amount not a number": process(request_set(invoice(amount="97.5"))),
    "not well-formed": process("<?xml version='1.0'?><QBXML>"),
    "nothing at all": process(""),
    "unknown element": process(request_set("<CompanyQueryRq><Nonsense/></CompanyQueryRq>")),
    "unknown request": process(request_set("<NonsenseRq/>")),
    "wrong order": process(
        request_set("<InvoiceAddRq><InvoiceAdd><Memo>x</Memo><RefNumber>1</RefNumber></InvoiceAdd></InvoiceAddRq>")
    ),
    "unknown version": process(request_set("<CompanyQueryRq/>", version="99.0")),
    "no version": process(
        '<?xml version="1.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"><CompanyQueryRq/></QBXMLMsgsRq></QBXML>'
    ),
    "rollback": process(request_set("<CompanyQueryRq/>", on_error="rollbackOnError")),
    "every query": process(
        request_set(*[f"<{noun}QueryRq/>" for noun in EVERYTHING_ASKED], version="16.0", on_error="continueOnError")
    ),
    "a day of work": process(request_set(*DAY_OF_WORK, version="16.0", on_error="continueOnError")),
    "a set sent twice": [
        OPEN,
        BEGIN,
        *[
            ("ProcessRequest", "$ticket", request_set(invoice()).replace("onError", 'newMessageSetID="A" onError"'[:-1]))
            for _ in "12"
        ],
    ],
    "ten thousand requests": process(request_set("<CompanyActivityQueryRq/>" * 10_000)),
    "deep nesting": process(request_set("<CompanyQueryRq>" * 100_000)),
    "a NUL byte": process(request_set("<CompanyQueryRq/>\x00")),
    "a lone surrogate": process(request_set(invoice(customer="Kern \ud800"))),
    "entities": process('<?xml version="1.0"?><!DOCTYPE Q [<!ENTITY a "b">]><QBXML>&a;</QBXML>'),
    "wrong ticket": [OPEN, BEGIN, ("ProcessRequest", "nonsense", request_set("<CompanyQueryRq/>")), ("EndSession", "x"), END],
    "ticket of an ended session": [OPEN, BEGIN, END, BEGIN, ("EndSession", "{gone}"), END],
    "no application name": [("OpenConnection", "", "")],
    "connection types": [("OpenConnection2", "", APPLICATION, kind) for kind in (4, 9)],
    "remote preferences": [("OpenConnection2", "", APPLICATION, 2), ("AuthPreferences.PutIsReadOnly", True)],
    "file modes": [OPEN, *[("BeginSession", "", mode) for mode in (0, 3, 1)]],
    "other file": [OPEN, ("BeginSession", "C:\\Elsewhere\\Other.QBW", 2)],
    "preferences": [
        OPEN,
        ("AuthPreferences.PutUnattendedModePref", 2),
        ("AuthPreferences.PutUnattendedModePref", 7),
        ("AuthPreferences.PutPersonalDataPref", 3),
        ("AuthPreferences.PutAuthFlags", 8),
        BEGIN,
        ("AuthPreferences.GetUnattendedModePref", "$ticket"),
        ("AuthPreferences.GetPersonalDataPref", "$ticket"),
        ("AuthPreferences.WasAuthPreferencesObeyed", "$ticket"),
    ],
    "the library": [("MajorVersion",), ("MinorVersion",), ("ReleaseLevel",), ("ReleaseNumber",), ("ConnectionType",)],
    "last error": [BEGIN, ("GetQBLastError",), OPEN, ("ConnectionType",)],
    "subscriptions": [
        OPEN,
        ("QBXMLVersionsForSubscription",),
        ("ProcessSubscription", subscription_set(SUBSCRIBE, SUBSCRIBE, ASK_SUBSCRIPTION)),
        CLOSE,
        OPEN,
        BEGIN,
        ("ProcessSubscription", subscription_set(UNSUBSCRIBE, UNSUBSCRIBE, ASK_SUBSCRIPTION)),
        END,
    ],
    "subscriptions, refused": [
        ("ProcessSubscription", subscription_set(SUBSCRIBE)),
        OPEN,
        ("ProcessSubscription", request_set("<CompanyQueryRq/>")),
        ("ProcessSubscription", subscription_set("<CompanyQueryRq/>")),
        ("ProcessSubscription", subscription_set(SUBSCRIBE, version="2.1")),
        BEGIN,
        ("ProcessRequest", "$ticket", subscription_set(SUBSCRIBE)),
    ],
    "subscriptions from elsewhere": [
        ("OpenConnection2", "", APPLICATION, 2),
        ("ProcessSubscription", subscription_set(SUBSCRIBE)),
        ("QBXMLVersionsForSubscription",),
    ],
}
for _stage, _way in WAYS.items():
    for _name, _step in CALLS.items():
        CASES[f"{_stage}: {_name}"] = [*_way, _step]


def play(make, steps):
    """Play a case on a new object: `make()` returns a function call(member, *arguments) -> (ok, value or code)."""
    call, ticket, results = make(), "", []
    for member, *arguments in steps:
        ok, value = call(member, *[ticket if argument == "$ticket" else argument for argument in arguments])
        if ok and member == "BeginSession":
            ticket, value = value, "a ticket"
        results.append(["ok" if ok else "failed", steady(value)])
    return results


def play_all(make, cases):
    return {name: play(make, steps) for name, steps in cases.items()}


def steady(value):
    """Return a value without what differs from run to run: times, and the times inside of ids."""
    if isinstance(value, (list, tuple)):
        return [steady(each) for each in value]
    if not isinstance(value, str):
        return value
    value = re.sub(r"<(Time\w+|EditSequence)>[^<]*<", r"<\1>*<", value)
    return re.sub(r"\b([0-9A-F]+)-\d{9,10}\b", r"\1-*", value)


def make_standin():
    """The door of a program with pywin32."""
    import win32com.client
    from pywintypes import com_error

    processor = win32com.client.Dispatch("QBXMLRP2.RequestProcessor")

    def call(member, *arguments):
        target = processor
        *way, name = member.split(".")
        try:
            for step in way:
                target = getattr(target, step)
            found = getattr(target, name)
            return True, found(*arguments) if callable(found) else found
        except com_error as error:
            code = error.excepinfo[5] if error.excepinfo else error.hresult
            return False, "0x%08X" % (code & 0xFFFFFFFF)

    return call


if __name__ == "__main__":
    print(json.dumps(play_all(make_standin, json.load(sys.stdin))))
