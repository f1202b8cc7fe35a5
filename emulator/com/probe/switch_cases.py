"""The cases that show what a switch of FakeBooks stands for: a QuickBooks answers them in one of the ways that the switch can be set to.

`SHOWN` has a row for each such switch; `UNSEEN` says of every other one why a program cannot see it. Nothing here needs FakeBooks.
"""

from __future__ import annotations

from typing import Any

from .writing import (
    APPLICATION,
    BEGIN,
    CLOSE,
    END,
    OPEN,
    Case,
    account,
    add,
    bill,
    customer,
    delete,
    invoice,
    item_in_stock,
    keep,
    message_set,
    mod,
    payment,
    process,
    query,
    ref,
    session,
    subscription_set,
)

SUBSCRIBER = "<SubscriberID>{2B1C54D0-6E0A-4F6B-9B54-6C5B7E0A4C11}</SubscriberID>"
UNSUBSCRIBE = f"<SubscriptionDelRq>{SUBSCRIBER}<SubscriptionType>Data</SubscriptionType></SubscriptionDelRq>"

_WORK = ref("ItemRef", "Work")
_NO_LINES = "<IncludeLineItems>false</IncludeLineItems>"


def _lines(noun: str, amount: str) -> str:
    return f"<{noun}LineAdd>{_WORK}<Amount>{amount}</Amount></{noun}LineAdd>"


def _applied(to: str, amount: str) -> str:
    return f"<AppliedToTxnAdd><TxnID>%{to}%</TxnID><PaymentAmount>{amount}</PaymentAmount></AppliedToTxnAdd>"


def _levels(count: int) -> list[str]:
    names = [f"%run% L{number}" for number in range(1, count + 1)]
    return [
        add(
            "Customer",
            f"<Name>{name}</Name>" + (f"<ParentRef><FullName>{':'.join(names[:place])}</FullName></ParentRef>" if place else ""),
        )
        for place, name in enumerate(names)
    ]


def _stock(name: str, change: str, day: str) -> str:
    return add(
        "InventoryAdjustment",
        f"{ref('AccountRef', 'Expense')}<TxnDate>{day}</TxnDate><InventoryAdjustmentLineAdd>{ref('ItemRef', name)}<QuantityAdjustment>"
        f"{change}</QuantityAdjustment></InventoryAdjustmentLineAdd>",
    )


def _bought(name: str, quantity: int, cost: str, day: str) -> str:
    return add(
        "Bill",
        f"{ref('VendorRef', 'Vendor')}<TxnDate>{day}</TxnDate><ItemLineAdd>{ref('ItemRef', name)}<Quantity>{quantity}</Quantity>"
        f"<Cost>{cost}</Cost></ItemLineAdd>",
    )


def _sold(name: str, quantity: int, day: str) -> str:
    return invoice(
        "Plain", head=f"<TxnDate>{day}</TxnDate>", item=name, line=f"<Quantity>{quantity}</Quantity><Amount>50.00</Amount>"
    )


def _start(number: int) -> str:
    return query("Customer", f"<MaxReturned>1</MaxReturned>{_beginning('%run%')}", f'requestID="{number}" iterator="Start"')


def _beginning(name: str) -> str:
    return f"<NameFilter><MatchCriterion>StartsWith</MatchCriterion><Name>{name}</Name></NameFilter>"


def _of_customer(name: str) -> str:
    return f"<EntityFilter><FullName>%run% {name}</FullName></EntityFilter>"


def _report(kind: str, name: str, columns: str, period: str = "", request: str = "CustomDetail") -> str:
    told = "".join(f"<IncludeColumn>{column}</IncludeColumn>" for column in columns.split())
    return (
        f"<{request}ReportQueryRq><{request}ReportType>{kind}</{request}ReportType>{period}"
        f"<ReportEntityFilter><FullName>%run% {name}</FullName></ReportEntityFilter>"
        f"<SummarizeRowsBy>TotalOnly</SummarizeRowsBy>{told}</{request}ReportQueryRq>"
    )


_ALL_DAYS = "<ReportDateMacro>All</ReportDateMacro>"

_RAW = "CompanyName"
"""A field of a customer that shows how a text is kept."""


def _kept_text(name: str, text: str) -> list[tuple[Any, ...]]:
    return session(customer(name, f"<CompanyName>{text}</CompanyName>"))


_SET_A = message_set("<HostQueryRq/>", more='newMessageSetID="%run%-forget" ')
_SET_B = message_set("<HostQueryRq/>", more='oldMessageSetID="%run%-unknown" ')

CASES: dict[str, Case] = {
    # ---- how documents are read ----------------------------------------------------------------------------------------------
    "value not in its list": Case("switches", session(customer("Listed", "<JobStatus>Perhaps</JobStatus>"))),
    "private request": Case("switches", session(message_set("<PaycheckQueryRq/>", version="16.0"))),
    "request of another edition": Case("switches", session(message_set("<SalesTaxReturnQueryRq/>", version="16.0"))),
    "field of another edition": Case(
        "switches", session(invoice("Plain", head="<IsTaxIncluded>true</IsTaxIncluded>")), ("IsTaxIncluded",)
    ),
    "no version line": Case("switches", session(message_set("<HostQueryRq/>").replace('<?qbxml version="13.0"?>', ""))),
    "a namespace declared": Case(
        "switches",
        session(
            message_set("<HostQueryRq/>").replace("<QBXML>", '<QBXML xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">')
        ),
    ),
    "raw characters outside the code page": Case("switches", _kept_text("Raw", "Zh\u0416"), (_RAW,)),
    "references outside the code page": Case("switches", _kept_text("Referred", "Zh&#1046;"), (_RAW,)),
    # A CompanyName has 41 characters at most: the second one is too long where the character counts as two.
    "how many units a character is": Case(
        "switches",
        session(
            customer("Emoji", "<CompanyName>x&#128512;x</CompanyName>"),
            customer("Many Emoji", f"<CompanyName>{'x' * 40}&#128512;</CompanyName>"),
        ),
        (_RAW,),
    ),
    "an encoding that nobody knows": Case(
        "switches", session(message_set("<HostQueryRq/>").replace('version="1.0"?', 'version="1.0" encoding="nonsense-99"?'))
    ),
    "blanks at both ends": Case("switches", _kept_text("Blanks", "  between  "), (_RAW,)),
    "a number out of its range": Case(
        "switches", session(query("Customer", f"<MaxReturned>0</MaxReturned>{_beginning('%run%')}"))
    ),
    "characters beyond ASCII in an answer": Case("switches", _kept_text("Accents", "caf\u00e9"), (_RAW,)),
    "a price": Case("switches", session(query("ItemService", "<FullName>%run% Work</FullName>")), ("Price",)),
    # ---- lists ---------------------------------------------------------------------------------------------------------------
    "an iterator whose records grow": Case(
        "switches",
        session(
            customer("Grow A"),
            customer("Grow B"),
            query("Customer", f"<MaxReturned>1</MaxReturned>{_beginning('%run% Grow')}", 'iterator="Start"'),
            keep("grown", "@iteratorID"),
            customer("Grow C"),
            query(
                "Customer", f"<MaxReturned>1</MaxReturned>{_beginning('%run% Grow')}", 'iterator="Continue" iteratorID="%grown%"'
            ),
        ),
        ("@iteratorRemainingCount",),
    ),
    "many iterators": Case("switches", session(customer("Second"), *[_start(number) for number in range(30)])),
    "an inactive customer by name": Case(
        "switches", session(customer("Asleep", "<IsActive>false</IsActive>"), invoice("Asleep"))
    ),
    "an inactive customer by id": Case(
        "switches",
        session(
            customer("Dozing", "<IsActive>false</IsActive>"),
            keep("dozing", "ListID"),
            add("Invoice", f"<CustomerRef><ListID>%dozing%</ListID></CustomerRef>{_lines('Invoice', '5.00')}"),
        ),
    ),
    "an ExternalGUID twice": Case(
        "switches",
        session(
            customer("Guid A", "<ExternalGUID>{6F1C54D0-6E0A-4F6B-9B54-%guid%}</ExternalGUID>"),
            customer("Guid B", "<ExternalGUID>{6F1C54D0-6E0A-4F6B-9B54-%guid%}</ExternalGUID>"),
        ),
    ),
    "six levels": Case("switches", session(message_set(*_levels(6)))),
    "an order that was invoiced gets another customer": Case(
        "switches",
        session(
            add("SalesOrder", f"{ref('CustomerRef', 'Plain')}{_lines('SalesOrder', '9.00')}"),
            keep("order", "TxnID"),
            keep("sequence", "EditSequence"),
            add("Invoice", f"{ref('CustomerRef', 'Plain')}<LinkToTxnID>%order%</LinkToTxnID>"),
            customer("Other"),
            query("SalesOrder", "<TxnID>%order%</TxnID>"),
            keep("sequence", "EditSequence"),
            mod("SalesOrder", f"<TxnID>%order%</TxnID><EditSequence>%sequence%</EditSequence>{ref('CustomerRef', 'Other')}"),
        ),
    ),
    "a filter that names nobody": Case("switches", session(query("Invoice", _of_customer("Nobody")))),
    "a service in an inventory adjustment": Case(
        "switches", session(_stock("Work", "<QuantityDifference>1</QuantityDifference>", "2026-01-15"))
    ),
    "a name filter and a job": Case(
        "switches",
        session(customer("Jobs"), customer("Kitchen", ref("ParentRef", "Jobs")), query("Customer", _beginning("%run% Kitchen"))),
    ),
    "an item without a tax code": Case(
        "switches",
        session(
            add(
                "ItemService",
                f"<Name>%run% Taxed</Name><SalesOrPurchase><Price>1.00</Price>{ref('AccountRef', 'Sales')}</SalesOrPurchase>",
            )
        ),
        ("SalesTaxCodeRef>FullName",),
    ),
    "an address changed in part": Case(
        "switches",
        session(
            customer("Moved", "<BillAddress><Addr1>1 Old Road</Addr1><City>Newark</City></BillAddress>"),
            keep("moved", "ListID"),
            keep("sequence", "EditSequence"),
            mod(
                "Customer",
                "<ListID>%moved%</ListID><EditSequence>%sequence%</EditSequence><BillAddress><City>Trenton</City></BillAddress>",
            ),
        ),
        ("Addr1", "City"),
    ),
    "an address of six lines": Case(
        "switches",
        session(
            customer(
                "Lines",
                "<BillAddress>"
                + "".join(f"<Addr{number}>Line {number}</Addr{number}>" for number in range(1, 6))
                + "<City>Newark</City><State>NJ</State></BillAddress>",
            )
        ),
    ),
    "a list entry deleted": Case(
        "switches",
        session(
            customer("Unwanted"),
            keep("unwanted", "ListID"),
            "<ListDelRq><ListDelType>Customer</ListDelType><ListID>%unwanted%</ListID></ListDelRq>",
        ),
    ),
    "two list entries merged": Case(
        "switches",
        session(
            customer("Twin A"),
            keep("a", "ListID"),
            keep("a_sequence", "EditSequence"),
            customer("Twin B"),
            keep("b", "ListID"),
            keep("b_sequence", "EditSequence"),
            "<ListMergeRq><ListMergeType>Customer</ListMergeType><MergeFrom><ListID>%a%</ListID><EditSequence>%a_sequence%</EditSequence>"
            "</MergeFrom><MergeTo><ListID>%b%</ListID><EditSequence>%b_sequence%</EditSequence></MergeTo></ListMergeRq>",
        ),
    ),
    "leads": Case("switches", session(query("Lead", "<Name>%run% Nobody</Name>"))),
    "an item in stock with an income account for its cost": Case(
        "switches",
        session(
            add(
                "ItemInventory",
                f"<Name>%run% Odd</Name>{ref('IncomeAccountRef', 'Sales')}{ref('COGSAccountRef', 'Sales')}{ref('AssetAccountRef', 'Stock')}",
            )
        ),
    ),
    "two warnings of one query": Case(
        "switches",
        session(
            account("Machines", "FixedAsset"),
            add(
                "ItemFixedAsset",
                "<Name>%run% Truck</Name><AcquiredAs>New</AcquiredAs><PurchaseDesc>A truck</PurchaseDesc>"
                f"<PurchaseDate>2026-01-15</PurchaseDate>{ref('AssetAccountRef', 'Machines')}",
            ),
            message_set(query("Item", "<FullName>%run% Truck</FullName><FullName>%run% nothing</FullName>"), version="2.0"),
        ),
    ),
    # ---- sales and purchases -------------------------------------------------------------------------------------------------
    "a pending invoice voided": Case(
        "switches",
        session(
            invoice("Plain", head="<IsPending>true</IsPending>"),
            keep("pending", "TxnID"),
            "<TxnVoidRq><TxnVoidType>Invoice</TxnVoidType><TxnID>%pending%</TxnID></TxnVoidRq>",
        ),
    ),
    "a deposited payment deleted": Case(
        "switches",
        session(
            payment("Plain", "6.00"),
            keep("paid", "TxnID"),
            add(
                "Deposit",
                f"{ref('DepositToAccountRef', 'Bank')}<DepositLineAdd><PaymentTxnID>%paid%</PaymentTxnID></DepositLineAdd>",
            ),
            delete("ReceivePayment", "paid"),
        ),
    ),
    "over the credit limit": Case(
        "switches", session(customer("Limited", "<CreditLimit>10.00</CreditLimit>"), invoice("Limited", "50.00"))
    ),
    "two bills of one number": Case(
        "switches", session(bill(head="<RefNumber>%run%-7</RefNumber>"), bill(head="<RefNumber>%run%-7</RefNumber>"))
    ),
    "two invoices of one number": Case(
        "switches",
        session(invoice("Plain", head="<RefNumber>%run%-8</RefNumber>"), invoice("Plain", head="<RefNumber>%run%-8</RefNumber>")),
    ),
    "a bill without a number": Case("switches", session(bill(head="<RefNumber>70001</RefNumber>"), bill()), ("RefNumber",)),
    "a payment without a number": Case(
        "switches", session(payment("Plain", "1.00", "<RefNumber>60001</RefNumber>"), payment("Plain", "2.00")), ("RefNumber",)
    ),
    "an invoice without a date": Case(
        "switches", session(invoice("Plain", head="<TxnDate>2026-01-15</TxnDate>"), invoice("Plain")), ("TxnDate",)
    ),
    "rate and amount": Case(
        "switches",
        session(
            invoice("Plain", line="<Quantity>2</Quantity><Rate>10.00</Rate><Amount>20.00</Amount>"),
            invoice("Plain", line="<Quantity>2</Quantity><Rate>10.00</Rate><Amount>25.00</Amount>"),
        ),
    ),
    "the order of transactions": Case(
        "switches",
        session(
            customer("Ordered"),
            invoice("Ordered", head="<TxnDate>2026-02-15</TxnDate><RefNumber>%run%-L</RefNumber>"),
            invoice("Ordered", head="<TxnDate>2026-01-15</TxnDate><RefNumber>%run%-E</RefNumber>"),
            query("Invoice", _of_customer("Ordered")),
        ),
        ("RefNumber",),
    ),
    "the balance of an income account": Case(
        "switches",
        session(
            account("Income", "Income"),
            add(
                "ItemService",
                f"<Name>%run% Earned</Name><SalesOrPurchase><Price>1.00</Price>{ref('AccountRef', 'Income')}</SalesOrPurchase>",
            ),
            invoice("Plain", item="Earned", amount="33.00"),
            query("Account", "<FullName>%run% Income</FullName>"),
        ),
        ("AccountRet>Balance",),
    ),
    "an invoice is paid and then changed": Case(
        "switches",
        session(
            customer("Payer"),
            invoice("Payer", "40.00"),
            keep("owed", "TxnID"),
            keep("sequence", "EditSequence"),
            ("wait", 2),
            payment("Payer", "15.00", applied=_applied("owed", "15.00")),
            mod("Invoice", "<TxnID>%owed%</TxnID><EditSequence>%sequence%</EditSequence><Memo>changed</Memo>"),
        ),
    ),
    "the payment in an invoice's links": Case(
        "switches",
        session(
            customer("Linked"),
            invoice("Linked", "40.00"),
            keep("owed", "TxnID"),
            payment("Linked", "15.00", applied=_applied("owed", "15.00")),
            query("Invoice", "<TxnID>%owed%</TxnID><IncludeLinkedTxns>true</IncludeLinkedTxns>"),
        ),
        ("LinkedTxn>Amount",),
    ),
    "two invoices of three lines": Case(
        "switches",
        session(
            message_set(
                *[
                    add(
                        "Invoice",
                        f"{ref('CustomerRef', 'Plain')}{''.join(_lines('Invoice', f'{amount}.00') for amount in (1, 2, 3))}",
                    )
                    for _ in range(2)
                ]
            )
        ),
        ("InvoiceRet>TxnID+",),
    ),
    "a line that loses its quantity": Case(
        "switches",
        session(
            invoice("Plain"),
            keep("cleared", "TxnID"),
            keep("sequence", "EditSequence"),
            mod("Invoice", "<TxnID>%cleared%</TxnID><EditSequence>%sequence%</EditSequence><CustomerRef/>"),
        ),
    ),
    "a filter from before its range": Case(
        "switches",
        session(
            customer("Ranged"),
            query(
                "Invoice",
                "<ModifiedDateRangeFilter><FromModifiedDate>1960-01-01</FromModifiedDate></ModifiedDateRangeFilter>"
                f"{_of_customer('Ranged')}",
            ),
        ),
    ),
    "a payment that is applied is deleted": Case(
        "switches",
        session(
            customer("Freed"),
            invoice("Freed", "40.00"),
            keep("owed", "TxnID"),
            payment("Freed", "15.00", applied=_applied("owed", "15.00")),
            keep("paid", "TxnID"),
            delete("ReceivePayment", "paid"),
        ),
    ),
    "the due date after another date": Case(
        "switches",
        session(
            add("StandardTerms", "<Name>%run% Net 10</Name><StdDueDays>10</StdDueDays>"),
            invoice("Plain", head=f"<TxnDate>2026-01-15</TxnDate>{ref('TermsRef', 'Net 10')}"),
            keep("due", "TxnID"),
            keep("sequence", "EditSequence"),
            mod("Invoice", "<TxnID>%due%</TxnID><EditSequence>%sequence%</EditSequence><TxnDate>2026-01-20</TxnDate>"),
        ),
        ("DueDate",),
    ),
    "the suggested discount": Case(
        "switches",
        session(
            add(
                "StandardTerms",
                "<Name>%run% 10 Net 30</Name><StdDueDays>30</StdDueDays><StdDiscountDays>20</StdDiscountDays><DiscountPct>10</DiscountPct>",
            ),
            add("Vendor", "<Name>%run% Tax Office</Name>"),
            add(
                "ItemSalesTax",
                f"<Name>%run% Tax</Name><TaxRate>10</TaxRate>{ref('TaxVendorRef', 'Tax Office')}",
            ),
            add(
                "ItemService",
                "<Name>%run% Dutiable</Name><SalesTaxCodeRef><FullName>Tax</FullName></SalesTaxCodeRef><SalesOrPurchase>"
                f"<Price>1.00</Price>{ref('AccountRef', 'Sales')}</SalesOrPurchase>",
            ),
            customer("Discounted", "<SalesTaxCodeRef><FullName>Tax</FullName></SalesTaxCodeRef>" + ref("ItemSalesTaxRef", "Tax")),
            invoice("Discounted", "100.00", f"{ref('TermsRef', '10 Net 30')}{ref('ItemSalesTaxRef', 'Tax')}", item="Dutiable"),
        ),
        ("SuggestedDiscountAmount", "SalesTaxTotal"),
    ),
    "a discount with a positive amount": Case(
        "switches",
        session(
            add("ItemDiscount", f"<Name>%run% Off</Name><DiscountRate>5.00</DiscountRate>{ref('AccountRef', 'Sales')}"),
            add(
                "Invoice",
                f"{ref('CustomerRef', 'Plain')}{_lines('Invoice', '50.00')}<InvoiceLineAdd>{ref('ItemRef', 'Off')}<Amount>5.00</Amount>"
                "</InvoiceLineAdd>",
            ),
        ),
        ("Subtotal",),
    ),
    "the credits that a payment leaves": Case(
        "switches",
        session(
            customer("Credited"),
            add("CreditMemo", f"{ref('CustomerRef', 'Credited')}{_lines('CreditMemo', '30.00')}"),
            payment("Credited", "5.00"),
        ),
        ("UnusedCredits",),
    ),
    "an exchange rate without currencies": Case("switches", session(invoice("Plain", head="<ExchangeRate>1.5</ExchangeRate>"))),
    "a range of numbers": Case(
        "switches",
        session(
            customer("Numbered"),
            *[invoice("Numbered", head=f"<RefNumber>{number}</RefNumber>") for number in ("9", "10", "101")],
            query(
                "Invoice",
                f"{_of_customer('Numbered')}<RefNumberRangeFilter><FromRefNumber>9</FromRefNumber><ToRefNumber>101</ToRefNumber>"
                "</RefNumberRangeFilter>",
            ),
        ),
        ("RefNumber",),
    ),
    "a mileage deleted": Case(
        "switches",
        session(
            add("Vehicle", "<Name>%run% Van</Name>"),
            add("VehicleMileage", f"{ref('VehicleRef', 'Van')}<TotalMiles>12</TotalMiles>"),
            keep("miles", "TxnID"),
            delete("VehicleMileage", "miles"),
        ),
    ),
    # ---- stock ---------------------------------------------------------------------------------------------------------------
    "a purchase entered late": Case(
        "switches",
        session(
            item_in_stock("Late"),
            _bought("Late", 10, "4.00", "2026-01-05"),
            _sold("Late", 5, "2026-01-20"),
            _bought("Late", 10, "10.00", "2026-01-10"),
            query("ItemInventory", "<FullName>%run% Late</FullName>"),
        ),
        ("AverageCost",),
    ),
    "a sale before any purchase": Case(
        "switches",
        session(
            account("Never Cost", "CostOfGoodsSold"),
            item_in_stock("Never").replace("%run% Cost", "%run% Never Cost"),
            _sold("Never", 2, "2026-01-20"),
            query(
                "Transaction",
                "<TransactionAccountFilter><FullName>%run% Never Cost</FullName></TransactionAccountFilter>"
                "<TransactionDetailLevelFilter>All</TransactionDetailLevelFilter>",
            ),
        ),
        ("TransactionRet>Amount",),
    ),
    "an item gets another account": Case(
        "switches",
        session(
            item_in_stock("Used"),
            keep("used", "ListID"),
            keep("sequence", "EditSequence"),
            _sold("Used", 1, "2026-01-20"),
            account("More Sales", "Income"),
            query("ItemInventory", "<FullName>%run% Used</FullName>"),
            keep("sequence", "EditSequence"),
            mod(
                "ItemInventory",
                f"<ListID>%used%</ListID><EditSequence>%sequence%</EditSequence>{ref('IncomeAccountRef', 'More Sales')}",
            ),
        ),
    ),
    "a new quantity of an earlier day": Case(
        "switches",
        session(
            item_in_stock("Counted"),
            _bought("Counted", 10, "4.00", "2026-01-20"),
            _stock("Counted", "<NewQuantity>3</NewQuantity>", "2026-01-10"),
            query("ItemInventory", "<FullName>%run% Counted</FullName>"),
        ),
        ("QuantityOnHand",),
    ),
    "another stock account on a line": Case(
        "switches",
        session(
            item_in_stock("Placed"),
            add(
                "Bill",
                f"{ref('VendorRef', 'Vendor')}<ItemLineAdd>{ref('ItemRef', 'Placed')}<Quantity>1</Quantity><Cost>4.00</Cost>"
                f"{ref('OverrideItemAccountRef', 'Bank')}</ItemLineAdd>",
            ),
        ),
    ),
    # ---- reports -------------------------------------------------------------------------------------------------------------
    "a report that names no days": Case(
        "switches",
        session(
            customer("Reported"),
            invoice("Reported", "3.00", "<TxnDate>2001-01-15</TxnDate>"),
            invoice("Reported", "5.00", "<TxnDate>%year%-01-01</TxnDate>"),
            # Two of today: how many rows there are tells also whether it is the same day where QuickBooks is.
            invoice("Reported", "7.00", "<TxnDate>%today%</TxnDate>"),
            invoice("Reported", "9.00", "<TxnDate>%today%</TxnDate>"),
            _report("CustomTxnDetail", "Reported", "Amount"),
        ),
        ("@rowNumber",),
    ),
    "amounts of a whole transaction": Case(
        "switches",
        session(
            customer("Two Lines"),
            add("Invoice", f"{ref('CustomerRef', 'Two Lines')}{_lines('Invoice', '3.00')}{_lines('Invoice', '4.00')}"),
            _report("CustomTxnDetail", "Two Lines", "OpenBalance", _ALL_DAYS),
        ),
        ("@value",),
    ),
    "the sign of a row of sales": Case(
        "switches",
        session(
            customer("Signed"),
            invoice("Signed", "9.00"),
            _report("CustomTxnDetail", "Signed", "Account Amount", _ALL_DAYS),
        ),
        ("@value",),
    ),
    "checks with a number missing": Case(
        "switches",
        session(
            account("Checks", "Bank"),
            *[
                add(
                    "Check",
                    f"{ref('AccountRef', 'Checks')}<RefNumber>{number}</RefNumber><ExpenseLineAdd>{ref('AccountRef', 'Expense')}"
                    "<Amount>1.00</Amount></ExpenseLineAdd>",
                )
                for number in (1, 3)
            ],
            "<GeneralDetailReportQueryRq><GeneralDetailReportType>MissingChecks</GeneralDetailReportType>"
            f"{_ALL_DAYS}<ReportAccountFilter><FullName>%run% Checks</FullName></ReportAccountFilter></GeneralDetailReportQueryRq>",
        ),
        ("@rowNumber", "TextRow"),
    ),
    # ---- message sets --------------------------------------------------------------------------------------------------------
    "all message sets forgotten": Case(
        "switches",
        session(
            _SET_A,
            message_set(more='oldMessageSetID="ClearAllMessageSets" '),
            message_set(more='oldMessageSetID="%run%-forget" '),
        ),
    ),
    "an unknown old set beside requests": Case("switches", session(_SET_B)),
    "a write that can be recovered": Case(
        "switches",
        session(customer("Recovered"), message_set(customer("Recovered too"), more='newMessageSetID="%run%-recover" ')),
        ("ErrorRecovery>ExternalGUID", "ErrorRecovery>EditSequence"),
    ),
    # ---- sessions ------------------------------------------------------------------------------------------------------------
    "a file mode of 3": Case("switches", [OPEN, ("BeginSession", "", 3)]),
    "a connection type of 9": Case("switches", [("OpenConnection2", "", APPLICATION, 9)]),
    "a connection opened twice": Case("switches", [OPEN, OPEN]),
    "a connection closed that is not open": Case("switches", [CLOSE]),
    "another company file": Case("switches", [OPEN, ("BeginSession", "C:\\%run%\\Elsewhere.QBW", 2)]),
    "a read-only program writes": Case(
        "switches",
        [OPEN, ("AuthPreferences.PutIsReadOnly", True), BEGIN, process(message_set(customer("Read Only"))), END, CLOSE],
    ),
    # ---- subscriptions -------------------------------------------------------------------------------------------------------
    "a subscription that is not there": Case(
        "switches",
        [
            OPEN,
            (
                "ProcessSubscription",
                subscription_set(f"<DataEventSubscriptionQueryRq>{SUBSCRIBER}</DataEventSubscriptionQueryRq>"),
            ),
        ],
    ),
    "a subscription ended that is not there": Case("switches", [OPEN, ("ProcessSubscription", subscription_set(UNSUBSCRIBE))]),
    "a subscription set after an error": Case(
        "switches",
        [
            OPEN,
            (
                "ProcessSubscription",
                subscription_set(
                    f"<DataEventSubscriptionAddRq><DataEventSubscriptionAdd>{SUBSCRIBER}<COMCallbackInfo><AppName>{APPLICATION}</AppName>"
                    "<ProgID>%run%.%run%.%run%.%run%.%run%.%run%.%run%.%run%.%run%.%run%</ProgID></COMCallbackInfo>"
                    "<DeliveryPolicy>DeliverAlways</DeliveryPolicy>"
                    "<ListEventSubscription><ListEventType>Customer</ListEventType><ListEventOperation>Add</ListEventOperation>"
                    "</ListEventSubscription></DataEventSubscriptionAdd></DataEventSubscriptionAddRq>" * 2,
                    UNSUBSCRIBE,
                ),
            ),
        ],
    ),
}
"""Cases by name."""


SHOWN: dict[str, str] = {
    "qbxml.bad-enum-value": "value not in its list",
    "qbxml.private-requests": "private request",
    "qbxml.unsupported-requests": "request of another edition",
    "qbxml.unsupported-fields": "field of another edition",
    "qbxml.no-version-line": "no version line",
    "qbxml.namespace-declarations": "a namespace declared",
    "qbxml.raw-outside-code-page": "raw characters outside the code page",
    "qbxml.references-outside-code-page": "references outside the code page",
    "qbxml.character-of-two-units": "how many units a character is",
    "qbxml.encoding-declared-in-text": "an encoding that nobody knows",
    "qbxml.blanks-at-ends": "blanks at both ends",
    "qbxml.number-out-of-range": "a number out of its range",
    "qbxml.answer-characters": "characters beyond ASCII in an answer",
    "qbxml.decimal-comma": "a price",
    "company.iterator-membership": "an iterator whose records grow",
    "company.iterators-open-max": "many iterators",
    "company.inactive-by-name": "an inactive customer by name",
    "company.inactive-by-id": "an inactive customer by id",
    "company.external-guid-twice": "an ExternalGUID twice",
    "company.levels-exceeded-code": "six levels",
    "company.broken-rule-in-mod-code": "an order that was invoiced gets another customer",
    "company.filter-unknown-name-code": "a filter that names nobody",
    "company.wrong-kind-of-item-code": "a service in an inventory adjustment",
    "company.name-filter": "a name filter and a job",
    "company.item-tax-code-omitted": "an item without a tax code",
    "company.mod-aggregate": "an address changed in part",
    "company.address-too-long": "an address of six lines",
    "company.list-delete-in-multi-user": "a list entry deleted",
    "company.merge-in-multi-user": "two list entries merged",
    "company.leads": "leads",
    "company.item-account-type": "an item in stock with an income account for its cost",
    "company.first-of-two-warnings": "two warnings of one query",
    "company.pending-void-code": "a pending invoice voided",
    "company.deposited-removal-code": "a deposited payment deleted",
    "company.credit-limit": "over the credit limit",
    "company.duplicate-bill-number": "two bills of one number",
    "company.duplicate-invoice-number": "two invoices of one number",
    "company.bill-number-omitted": "a bill without a number",
    "company.payment-number-omitted": "a payment without a number",
    "company.transaction-date-omitted": "an invoice without a date",
    "company.rate-and-amount": "rate and amount",
    "company.transaction-order": "the order of transactions",
    "company.profit-account-balance": "the balance of an income account",
    "company.payment-touches-invoice": "an invoice is paid and then changed",
    "company.linked-amount-sign": "the payment in an invoice's links",
    "company.transaction-line-id-counter": "two invoices of three lines",
    "company.not-clearable": "a line that loses its quantity",
    "company.filter-date-out-of-range": "a filter from before its range",
    "company.transaction-delete-applied": "a payment that is applied is deleted",
    "company.due-date-of-mod": "the due date after another date",
    "company.suggested-discount-of": "the suggested discount",
    "company.discount-sign": "a discount with a positive amount",
    "company.unused-credits": "the credits that a payment leaves",
    "company.exchange-rate-without-currencies": "an exchange rate without currencies",
    "company.range-of-numbers": "a range of numbers",
    "company.vehicle-mileage-delete": "a mileage deleted",
    "company.average-cost": "a purchase entered late",
    "company.average-cost-before-purchase": "a sale before any purchase",
    "company.item-account-without-apply": "an item gets another account",
    "company.new-quantity-of": "a new quantity of an earlier day",
    "company.stock-account-override": "another stock account on a line",
    "company.report-default-period": "a report that names no days",
    "company.report-whole-amounts": "amounts of a whole transaction",
    "company.transaction-row-amount": "the sign of a row of sales",
    "company.report-missing-numbers": "checks with a number missing",
    "company.clear-all-message-sets": "all message sets forgotten",
    "company.unknown-old-set-with-requests": "an unknown old set beside requests",
    "company.error-recovery-element": "a write that can be recovered",
    "desktop.unknown-file-mode": "a file mode of 3",
    "desktop.unknown-connection-type": "a connection type of 9",
    "desktop.open-twice-same-application": "a connection opened twice",
    "desktop.close-without-connection": "a connection closed that is not open",
    "desktop.other-file-open": "another company file",
    "desktop.read-only-application": "a read-only program writes",
    "desktop.subscription-unknown-query": "a subscription that is not there",
    "desktop.subscription-unknown-delete": "a subscription ended that is not there",
    "desktop.subscription-set-on-error": "a subscription set after an error",
}
"""Switch to the case that is answered in another way for each of its options."""

_BYTES = "COM carries text, and so no bytes of an encoding"
_ROLE = "a user of another role must be made and logged in, at the screen"
_CLOSING = "a closing date is set at the screen only"
_PASSWORD = "passwords of users are set at the screen only"  # noqa: S105 - a reason
_MACHINE = "a second machine must have the file open, or keep it"
_CLOSED = "QuickBooks must be closed first, which a program cannot do"
_WINDOW = "QuickBooks must run without its window: be closed first, and started by a session"
_EMPTY = "QuickBooks must run without a company file: somebody must close it"
_DIALOG = "a modal window must stand in QuickBooks; no request opens one"
_PROMPT = "an unknown application must come, and nobody may answer the prompt"
_UNDER = "somebody must close QuickBooks or its file under a session"
_DIES = "QuickBooks must die in or between the calls of a session"
_LEFT = "a process of QuickBooks that died, or a second one, must be left on the machine"
_GRANT = "the Admin must change what the application may, or its program file must change, after it was allowed in"
_CERTIFICATE = "the program must be signed, with a certificate that ends or is exchanged"
_EVENT = (
    "events go to a COM server of the program's own; the probe is none, and members of the request processor tell nothing of them"
)
_UPGRADE = "the file must be of another version of QuickBooks"
_SHARE = "the way to the file's share must break"
_UTILITY = "a utility is run at the screen only"

UNSEEN: dict[str, str] = {
    "qbxml.iso-8859-1-bytes": _BYTES,
    "qbxml.contradicting-encoding": _BYTES,
    "qbxml.utf-16-without-mark": _BYTES,
    "company.timestamp-offset": "the two offsets differ in summer time only",
    "company.last-span-to-date": "it shows on the last days of a month, and about leap days, only",
    "company.list-full-code": "10,500 names would have to be made, and Enterprise takes a million",
    "company.role-rights": _ROLE,
    "company.rights-of-several-kinds": _ROLE,
    "company.role-rights-reading": _ROLE,
    "company.closing-date-add": _CLOSING,
    "company.closing-date-delete": _CLOSING,
    "company.closing-date-without-password": _CLOSING,
    "company.foreign-item-price": "several currencies are switched on at the screen only, and for good",
    "company.unit-set-delete": "units of measure are switched on, and single-user mode is chosen, at the screen only",
    "company.inventory-adjustment-in-multi-user": "Enterprise refuses none; the edition must be Pro or Premier",
    "company.display-without-window": _WINDOW,
    "desktop.single-elsewhere": _MACHINE,
    "desktop.seats-full": _MACHINE,
    "desktop.user-elsewhere": _MACHINE,
    "desktop.not-hosted": "hosting is switched off at the screen of the file host",
    "desktop.path-unknown-closed": _CLOSED,
    "desktop.path-unknown-running": _EMPTY,
    "desktop.do-not-care-opens": _CLOSED,
    "desktop.file-closed-under-session": _UNDER,
    "desktop.same-file-opened-again": _UNDER,
    "desktop.crash-in-call": _DIES,
    "desktop.gone-before-call": _DIES,
    "desktop.restarted-before-call": _DIES,
    "desktop.dialog-wait-s": _DIALOG,
    "desktop.dialog-without-window": _DIALOG,
    "desktop.prompt-wait-s": _PROMPT,
    "desktop.launch-wait-s": _CLOSED,
    "desktop.start-without-window-s": _CLOSED,
    "desktop.single-user-switch": "it is about a person who switches the mode",
    "desktop.close-warns": "it is about what a person is shown",
    "desktop.other-spelling": "a second path to the same file must be known, and which there is depends on the machine",
    "desktop.subscription-in-force": _EVENT,
    "desktop.subscription-grant": _EVENT,
    "desktop.events-from-other-machines": _EVENT,
    "desktop.own-application": _EVENT,
    "desktop.void-event": _EVENT,
    "desktop.start-with-window-s": _CLOSED,
    "desktop.going-down-wait-s": "QuickBooks must be on its way down when the call comes",
    "desktop.log-in-window": "somebody must leave QuickBooks at its log-in window",
    "desktop.left-over-process": _LEFT,
    "desktop.second-instance": _LEFT,
    "desktop.other-windows-session": "a second user of Windows must have QuickBooks open on the machine",
    "desktop.utility-in-multi-user": _UTILITY,
    "desktop.closed-in-call": _UNDER,
    "desktop.unknown-unattended": _CLOSED,
    "desktop.dead-connection": _DIES,
    "desktop.grants-after-upgrade": _UPGRADE,
    "desktop.share-lost-under-file": _SHARE,
    "desktop.lost-opening-s": _SHARE,
    "desktop.under-repair": _UTILITY,
    "desktop.file-newer": _UPGRADE,
    "desktop.file-older": _UPGRADE,
    "desktop.closed-for-users": _MACHINE,
    "desktop.mode-switch": "it is about a person who switches the mode",
    "desktop.password-days": "a password must be months old",
    "desktop.automatic-log-in-password": _PASSWORD,
    "desktop.known-without-admin": "another user than the Admin must be logged in; where the Admin is, the prompt waits for him",
    "desktop.renewed-unattended": _CERTIFICATE,
    "desktop.expired-unattended": _CERTIFICATE,
    "desktop.expiring-days": _CERTIFICATE,
    "desktop.permissions-being-edited": _MACHINE,
    "desktop.user-rights-changed": _GRANT,
    "desktop.while-busy": "a second program must be in a call at the same time",
    "desktop.others-during-prompt": _PROMPT,
    "desktop.answer-kb-max": "answers of any size would have to be tried, up to what a machine can hold",
    "desktop.simple-password-of": _PASSWORD,
    "desktop.personal-data-without-password": _PASSWORD,
    "desktop.sdk-older-than-request": "an older request processor must be installed",
    "desktop.object-on-other-thread": "threads are pywin32's own matter and not the request processor's; the door in process has none",
}
"""Every other switch that has a choice, and why a probe cannot see it."""
