"""The cases of the behaviour suite: sessions, errors, adds, queries, iterators, Mods, message-set recovery, encodings; and the switches.

Each case stands alone on GROUND: it makes what it asks for, under names of its own, and depends on no other case.
"""

from __future__ import annotations

from typing import Any

from .switch_cases import CASES as SWITCH_CASES
from .switch_cases import SUBSCRIBER
from .writing import (
    APPLICATION,
    BEGIN,
    CLOSE,
    END,
    OPEN,
    Case,
    add,
    bill,
    customer,
    delete,
    invoice,
    keep,
    message_set,
    mod,
    numbered,
    payment,
    process,
    query,
    ref,
    session,
    subscription_set,
)

_HOST = process(message_set("<HostQueryRq/>"))

_CALLS: dict[str, tuple[Any, ...]] = {
    "OpenConnection": OPEN,
    "BeginSession": BEGIN,
    "ProcessRequest": _HOST,
    "EndSession": END,
    "CloseConnection": CLOSE,
    "GetCurrentCompanyFileName": ("GetCurrentCompanyFileName", "$ticket"),
    "QBXMLVersionsForSession": ("QBXMLVersionsForSession", "$ticket"),
    "PutIsReadOnly": ("AuthPreferences.PutIsReadOnly", False),
    "GetIsReadOnly": ("AuthPreferences.GetIsReadOnly", "$ticket"),
    "ProcessSubscription": (
        "ProcessSubscription",
        subscription_set(f"<DataEventSubscriptionQueryRq>{SUBSCRIBER}</DataEventSubscriptionQueryRq>"),
    ),
    "QBXMLVersionsForSubscription": ("QBXMLVersionsForSubscription",),
}
_STAGES: dict[str, list[tuple[Any, ...]]] = {"closed": [], "connected": [OPEN], "in session": [OPEN, BEGIN]}

_ORDER_OF_CALLS = {
    f"{stage}: {name}": Case("sessions", [*way, call]) for stage, way in _STAGES.items() for name, call in _CALLS.items()
}

_SESSIONS = {
    "a whole session": Case("sessions", [OPEN, BEGIN, _HOST, END, CLOSE]),
    "two sessions in one connection": Case("sessions", [OPEN, BEGIN, END, BEGIN, _HOST, END, CLOSE]),
    "a session in a second session": Case("sessions", [OPEN, BEGIN, BEGIN, END, CLOSE]),
    "a connection closed under its session": Case("sessions", [OPEN, BEGIN, CLOSE, OPEN, BEGIN, END, CLOSE]),
    "a wrong ticket": Case(
        "sessions",
        [OPEN, BEGIN, ("ProcessRequest", "nonsense", message_set("<HostQueryRq/>")), ("EndSession", "nonsense"), END, CLOSE],
    ),
    "no application name": Case("sessions", [("OpenConnection", "", "")]),
    "a name of 200 letters": Case("sessions", [("OpenConnection", "", "N" * 200), CLOSE]),
    "a connection of each type": Case(
        "sessions", [step for kind in (0, 1) for step in (("OpenConnection2", "", APPLICATION, kind), ("ConnectionType",), CLOSE)]
    ),
    "the version of the library": Case("sessions", [("MajorVersion",), ("MinorVersion",), ("ReleaseLevel",), ("ReleaseNumber",)]),
    "the last error": Case("sessions", [BEGIN, ("GetQBLastError",), OPEN, ("ConnectionType",), CLOSE]),
    "the preferences of a program": Case(
        "sessions",
        [
            OPEN,
            ("AuthPreferences.PutUnattendedModePref", 2),
            ("AuthPreferences.PutUnattendedModePref", 7),
            ("AuthPreferences.PutPersonalDataPref", 3),
            ("AuthPreferences.PutPersonalDataPref", 9),
            ("AuthPreferences.PutAuthFlags", 15),
            BEGIN,
            ("AuthPreferences.GetUnattendedModePref", "$ticket"),
            ("AuthPreferences.GetPersonalDataPref", "$ticket"),
            ("AuthPreferences.WasAuthPreferencesObeyed", "$ticket"),
            END,
            CLOSE,
        ],
        ("AuthPreferences.GetUnattendedModePref", "AuthPreferences.GetPersonalDataPref"),
    ),
    "subscriptions by the wrong call": Case(
        "sessions",
        [
            OPEN,
            ("ProcessSubscription", message_set("<HostQueryRq/>")),
            BEGIN,
            process(subscription_set("<DataEventSubscriptionQueryRq/>")),
            END,
            CLOSE,
        ],
    ),
}

_REFUSED = {
    "nothing at all": "",
    "not well-formed": message_set("<HostQueryRq/>").replace("</QBXML>", ""),
    "text after the end": message_set("<HostQueryRq/>") + "more",
    "not qbXML": '<?xml version="1.0"?><html><body>Bad Gateway</body></html>',
    "an unknown element": message_set(query("Customer", "<Nonsense/>")),
    "an unknown attribute": message_set(query("Customer", "", 'colour="red"')),
    "an unknown request": message_set("<NonsenseRq/>"),
    "the wrong order": message_set(invoice("Plain", head="<RefNumber>%run%-w</RefNumber><TxnDate>2026-01-15</TxnDate>")),
    "an element twice": message_set(invoice("Plain", head="<RefNumber>1</RefNumber><RefNumber>2</RefNumber>")),
    "a required element missing": message_set(add("Invoice", "")),
    "both branches of a choice": message_set(query("Customer", "<ListID>80000001-1</ListID><FullName>%run% Plain</FullName>")),
    "an element of a later version": message_set(customer("Later", "<ExternalGUID>0</ExternalGUID>"), version="7.0"),
    "no version": message_set("<HostQueryRq/>").replace('<?qbxml version="13.0"?>', ""),
    "an unknown version": message_set("<HostQueryRq/>", version="99.0"),
    "rollbackOnError": message_set("<HostQueryRq/>", on_error="rollbackOnError"),
    "an unknown onError": message_set("<HostQueryRq/>", on_error="perhaps"),
    "an entity": '<?xml version="1.0"?><!DOCTYPE Q [<!ENTITY a "b">]><QBXML>&a;</QBXML>',
    "no requests": message_set(),
    "two message sets": message_set("<HostQueryRq/>").replace(
        "</QBXMLMsgsRq>", '</QBXMLMsgsRq><QBXMLMsgsRq onError="stopOnError"><HostQueryRq/></QBXMLMsgsRq>'
    ),
}
_MISTAKES = {
    "an amount of one decimal": invoice("Plain", "97.5"),
    "an amount that is none": invoice("Plain", "a lot"),
    "an amount of too many digits": invoice("Plain", "12345678901234567.00"),
    "a date that is none": invoice("Plain", head="<TxnDate>2026-02-30</TxnDate>"),
    "a date of the wrong form": invoice("Plain", head="<TxnDate>15.01.2026</TxnDate>"),
    "a quantity that is none": invoice("Plain", line="<Quantity>many</Quantity>"),
    "a price that is none": invoice("Plain", line="<Rate>cheap</Rate>"),
    "a boolean that is none": invoice("Plain", head="<IsPending>perhaps</IsPending>"),
    "a number too long": invoice("Plain", head="<RefNumber>G-1234567890</RefNumber>"),
    "a name too long": add("Customer", f"<Name>{'%run%' + 'N' * 60}</Name>"),
    "a name with a colon": add("Customer", "<Name>%run%:colon</Name>"),
    "an empty name": add("Customer", "<Name></Name>"),
    "an id of the wrong form": query("Customer", "<ListID>nonsense</ListID>"),
    "an id of nobody": query("Customer", "<ListID>7FFFFFF0-1234567890</ListID>"),
    "a name of nobody": query("Customer", "<FullName>%run% Nobody</FullName>"),
    "an unknown customer": invoice("Nobody"),
    "an unknown item": invoice("Plain", item="Nothing"),
    "an unknown transaction": delete("Invoice", "run"),
    "dates turned round": query(
        "Invoice",
        "<TxnDateRangeFilter><FromTxnDate>2026-02-01</FromTxnDate><ToTxnDate>2026-01-01</ToTxnDate></TxnDateRangeFilter>"
        f"<EntityFilter>{'<FullName>%run% Plain</FullName>'}</EntityFilter>",
    ),
    "a bill of an unknown vendor": add(
        "Bill",
        f"{ref('VendorRef', 'Nobody')}<ExpenseLineAdd>{ref('AccountRef', 'Expense')}<Amount>1.00</Amount></ExpenseLineAdd>",
    ),
    "a journal entry that is not balanced": add(
        "JournalEntry",
        f"<JournalDebitLine>{ref('AccountRef', 'Expense')}<Amount>5.00</Amount></JournalDebitLine>"
        f"<JournalCreditLine>{ref('AccountRef', 'Bank')}<Amount>4.00</Amount></JournalCreditLine>",
    ),
    "paid more than is owed": payment(
        "Plain", "5.00", applied="<AppliedToTxnAdd><TxnID>1-1</TxnID><PaymentAmount>9.00</PaymentAmount></AppliedToTxnAdd>"
    ),
}
_ERRORS = {
    **{name: Case("errors", session(process(document))) for name, document in _REFUSED.items()},
    **{name: Case("errors", session(request)) for name, request in _MISTAKES.items()},
    "a name twice": Case("errors", session(customer("Once"), customer("Once"))),
    "a name of another list": Case("errors", session(add("Vendor", "<Name>%run% Plain</Name>"))),
    "stop on error": Case(
        "errors",
        session(
            message_set(invoice("Nobody"), customer("Not reached"), on_error="stopOnError"),
            query("Customer", "<FullName>%run% Not reached</FullName>"),
        ),
    ),
    "go on after an error": Case("errors", session(message_set(invoice("Nobody"), customer("Reached")))),
    "a mod of an old edit sequence": Case(
        "errors",
        session(
            customer("Old Sequence"),
            keep("id", "ListID"),
            mod("Customer", "<ListID>%id%</ListID><EditSequence>1</EditSequence><Phone>1</Phone>"),
        ),
    ),
}

_ADDS = {
    "an invoice": Case(
        "adds",
        session(
            invoice("Plain", head="<TxnDate>2026-01-15</TxnDate><RefNumber>%run%-1</RefNumber><Memo>caf\u00e9 &amp; more</Memo>")
        ),
        ("RefNumber", "Memo", "Subtotal", "BalanceRemaining"),
    ),
    "a customer with a job": Case(
        "adds", session(customer("Family"), customer("Job", ref("ParentRef", "Family"))), ("CustomerRet>FullName", "Sublevel")
    ),
    "a bill": Case("adds", session(bill("20.00", "<TxnDate>2026-01-15</TxnDate>")), ("AmountDue", "IsPaid")),
    "a payment of an invoice": Case(
        "adds",
        session(
            customer("Pays"),
            invoice("Pays", "40.00"),
            keep("owed", "TxnID"),
            payment(
                "Pays",
                "40.00",
                applied="<AppliedToTxnAdd><TxnID>%owed%</TxnID><PaymentAmount>40.00</PaymentAmount></AppliedToTxnAdd>",
            ),
            query("Invoice", "<TxnID>%owed%</TxnID>"),
            query("Customer", "<FullName>%run% Pays</FullName>"),
        ),
        ("IsPaid", "BalanceRemaining", "CustomerRet>Balance"),
    ),
    "a journal entry": Case(
        "adds",
        session(
            add(
                "JournalEntry",
                f"<TxnDate>2026-01-15</TxnDate><JournalDebitLine>{ref('AccountRef', 'Expense')}<Amount>5.00</Amount></JournalDebitLine>"
                f"<JournalCreditLine>{ref('AccountRef', 'Bank')}<Amount>5.00</Amount></JournalCreditLine>",
            )
        ),
    ),
    "a macro within one set": Case(
        "adds",
        session(
            customer("Macro"),
            message_set(
                invoice("Macro", "4.00").replace("<InvoiceAdd>", '<InvoiceAdd defMacro="TxnID:Made">'),
                payment(
                    "Macro",
                    "4.00",
                    applied='<AppliedToTxnAdd><TxnID useMacro="TxnID:Made"></TxnID><PaymentAmount>4.00</PaymentAmount></AppliedToTxnAdd>',
                ),
            ),
        ),
        ("BalanceRemaining",),
    ),
    "void and delete": Case(
        "adds",
        session(
            invoice("Plain", "3.00"),
            keep("gone", "TxnID"),
            "<TxnVoidRq><TxnVoidType>Invoice</TxnVoidType><TxnID>%gone%</TxnID></TxnVoidRq>",
            query("Invoice", "<TxnID>%gone%</TxnID>"),
            delete("Invoice", "gone"),
            query("Invoice", "<TxnID>%gone%</TxnID>"),
        ),
        ("InvoiceRet>Subtotal",),
    ),
    "a custom field": Case(
        "adds",
        session(
            add(
                "DataExtDef",
                "<OwnerID>{6F1C54D0-6E0A-4F6B-9B54-%guid%}</OwnerID><DataExtName>Key</DataExtName><DataExtType>STR255TYPE</DataExtType>"
                "<AssignToObject>Customer</AssignToObject>",
            ),
            add(
                "DataExt",
                "<OwnerID>{6F1C54D0-6E0A-4F6B-9B54-%guid%}</OwnerID><DataExtName>Key</DataExtName><ListDataExtType>Customer</ListDataExtType>"
                f"{ref('ListObjRef', 'Plain')}<DataExtValue>K-1</DataExtValue>",
            ),
            query("Customer", "<FullName>%run% Plain</FullName><OwnerID>{6F1C54D0-6E0A-4F6B-9B54-%guid%}</OwnerID>"),
        ),
        ("DataExtValue",),
    ),
}

_OF_ASKED = "<EntityFilter><FullName>%run% Asked</FullName></EntityFilter>"
_ASKED = [
    customer("Asked"),
    *[
        invoice("Asked", f"{number}.00", f"<TxnDate>2026-01-1{number}</TxnDate><RefNumber>%run%-q{number}</RefNumber>")
        for number in (1, 2, 3)
    ],
]


def _asked(name: str, *requests: str) -> Case:
    """Return a case that asks of a customer of its own with three invoices, whose numbers begin with a letter of the name."""
    told = [each.replace("Asked", name).replace("%run%-q", f"%run%-{name[0]}") for each in (*_ASKED, *requests)]
    return Case("queries", session(*told), ("RefNumber", "@retCount"))


_QUERIES = {
    "a filter of the customer": _asked("By Customer", query("Invoice", _OF_ASKED)),
    "a filter of dates": _asked(
        "Dated",
        query(
            "Invoice",
            "<TxnDateRangeFilter><FromTxnDate>2026-01-12</FromTxnDate><ToTxnDate>2026-01-13</ToTxnDate></TxnDateRangeFilter>"
            + _OF_ASKED,
        ),
    ),
    "at most two": _asked("At Most", query("Invoice", "<MaxReturned>2</MaxReturned>" + _OF_ASKED)),
    "metadata only": _asked("Meta", query("Invoice", _OF_ASKED, 'metaData="MetaDataOnly"')),
    "chosen elements": _asked("Chosen", query("Invoice", _OF_ASKED + "<IncludeRetElement>RefNumber</IncludeRetElement>")),
    "names that begin alike": Case(
        "queries",
        session(
            customer("Alike A"),
            customer("Alike B", "<IsActive>false</IsActive>"),
            query("Customer", "<NameFilter><MatchCriterion>StartsWith</MatchCriterion><Name>%run% Alike</Name></NameFilter>"),
            query(
                "Customer",
                "<ActiveStatus>All</ActiveStatus><NameFilter><MatchCriterion>StartsWith</MatchCriterion><Name>%run% Alike</Name></NameFilter>",
            ),
        ),
        ("CustomerRet>FullName",),
    ),
    "an invoice in the next session": Case(
        "queries",
        session(
            invoice("Plain", head="<RefNumber>%run%-next</RefNumber>"),
            END,
            CLOSE,
            OPEN,
            BEGIN,
            query("Invoice", "<RefNumber>%run%-next</RefNumber>"),
        ),
        ("RefNumber",),
    ),
    "one there and one not": Case(
        "queries", session(query("Customer", "<FullName>%run% Plain</FullName><FullName>%run% Nobody</FullName>"))
    ),
    "the oldest version": Case(
        "queries", session(message_set(query("Customer", "<FullName>%run% Plain</FullName>"), version="1.0"))
    ),
    "letter case of a name": Case(
        "queries", session(query("Customer", "<FullName>%run% PLAIN</FullName>")), ("CustomerRet>FullName",)
    ),
}

_THREE = [customer(f"Page {letter}") for letter in "ABC"]
_PAGE = "<MaxReturned>1</MaxReturned><NameFilter><MatchCriterion>StartsWith</MatchCriterion><Name>%run% Page</Name></NameFilter>"


def _pages(name: str, *steps: Any) -> Case:
    told = [each.replace("%run% Page", f"%run% {name}") if isinstance(each, str) else each for each in (*_THREE, *steps)]
    return Case("iterators", session(*told), ("CustomerRet>FullName", "@iteratorRemainingCount"))


_NEXT = query("Customer", _PAGE, 'iterator="Continue" iteratorID="%pages%"')
_FIRST = (query("Customer", _PAGE, 'iterator="Start"'), keep("pages", "@iteratorID"))

_ITERATORS = {
    "to the last page": _pages("Leaf", *_FIRST, _NEXT, _NEXT),
    "past the last page": _pages("Past", *_FIRST, _NEXT, _NEXT, _NEXT),
    "an iterator stopped": _pages("Stopped", *_FIRST, query("Customer", "", 'iterator="Stop" iteratorID="%pages%"'), _NEXT),
    "an unknown iterator": _pages(
        "Unknown", query("Customer", _PAGE, 'iterator="Continue" iteratorID="{00000000-0000-0000-0000-000000000001}"')
    ),
    "an iterator of an ended session": _pages("Ended", *_FIRST, END, BEGIN, _NEXT),
    "a start without a number": _pages(
        "Numberless", query("Customer", _PAGE.replace("<MaxReturned>1</MaxReturned>", ""), 'iterator="Start"')
    ),
}


def _changed(name: str, change: str, noun: str = "Customer") -> Case:
    """Return a case that makes a customer and changes it."""
    return Case(
        "mods",
        session(
            customer(name, "<Phone>1</Phone><Notes>note</Notes>"),
            keep("id", "ListID"),
            keep("sequence", "EditSequence"),
            mod(noun, f"<ListID>%id%</ListID><EditSequence>%sequence%</EditSequence>{change}"),
            query("Customer", f"<FullName>%run% {name}</FullName>"),
        ),
        ("Phone", "Notes", "CustomerRet>FullName"),
    )


_MODS = {
    "one field changed": _changed("One Field", "<Phone>2</Phone>"),
    "a field cleared": _changed("Cleared", "<Phone></Phone>"),
    "a record renamed": _changed("Renamed", "<Name>%run% Renamed Now</Name>"),
    "a name that is taken": _changed("Taking", "<Name>%run% Plain</Name>"),
    "a parent that is nobody": _changed("Orphan", ref("ParentRef", "Nobody")),
    "changed twice with one sequence": Case(
        "mods",
        session(
            customer("Raced"),
            keep("id", "ListID"),
            keep("sequence", "EditSequence"),
            ("wait", 2),
            *[
                mod("Customer", f"<ListID>%id%</ListID><EditSequence>%sequence%</EditSequence><Phone>{number}</Phone>")
                for number in "12"
            ],
        ),
        ("Phone",),
    ),
    "lines kept, changed and dropped": Case(
        "mods",
        session(
            add(
                "Invoice",
                f"{ref('CustomerRef', 'Plain')}"
                + f"<InvoiceLineAdd>{ref('ItemRef', 'Work')}<Amount>5.00</Amount></InvoiceLineAdd>" * 2,
            ),
            keep("id", "TxnID"),
            keep("line", "TxnLineID"),
            keep("sequence", "EditSequence"),
            mod("Invoice", "<TxnID>%id%</TxnID><EditSequence>%sequence%</EditSequence><Memo>header only</Memo>"),
            keep("sequence", "EditSequence"),
            mod(
                "Invoice",
                "<TxnID>%id%</TxnID><EditSequence>%sequence%</EditSequence><InvoiceLineMod><TxnLineID>%line%</TxnLineID>"
                "<Amount>7.00</Amount></InvoiceLineMod>",
            ),
            keep("sequence", "EditSequence"),
            mod(
                "Invoice",
                "<TxnID>%id%</TxnID><EditSequence>%sequence%</EditSequence><InvoiceLineMod><TxnLineID>%line%</TxnLineID></InvoiceLineMod>"
                f"<InvoiceLineMod><TxnLineID>-1</TxnLineID>{ref('ItemRef', 'Work')}<Amount>2.00</Amount></InvoiceLineMod>",
            ),
        ),
        ("Amount", "Subtotal"),
    ),
}


def _recovered(name: str, *more: str) -> str:
    return message_set(customer(name), *more, more=f'newMessageSetID="%run%-{name}" ')


_ASK_SET = 'oldMessageSetID="%run%-{}" '

_RECOVERY = {
    "a set asked for again": Case("recovery", session(_recovered("Again"), message_set(more=_ASK_SET.format("Again")))),
    "a set sent twice": Case("recovery", session(_recovered("Twice"), _recovered("Twice"))),
    "a set that failed in part": Case(
        "recovery",
        session(_recovered("Partly", invoice("Nobody"), customer("Partly too")), message_set(more=_ASK_SET.format("Partly"))),
    ),
    "an old set and a new one": Case(
        "recovery",
        session(
            _recovered("First"),
            message_set(customer("Next"), more=_ASK_SET.format("First") + 'newMessageSetID="%run%-Next" '),
            message_set(more=_ASK_SET.format("First")),
            message_set(more=_ASK_SET.format("Next")),
        ),
    ),
    "an unknown set": Case("recovery", session(message_set(more=_ASK_SET.format("never")))),
    "an id of a set that is too long": Case(
        "recovery", session(message_set("<HostQueryRq/>", more='newMessageSetID="{6F1C54D0-6E0A-4F6B-9B54-%guid%}" '))
    ),
    "a set over two sessions": Case(
        "recovery", session(_recovered("Over"), END, BEGIN, message_set(more=_ASK_SET.format("Over")))
    ),
}

_TEXTS = {
    "accents": "caf\u00e9 \u00c5ngstr\u00f6m \u00f1",
    "smart quotes": "\u201cquoted\u201d \u2018so\u2019 \u2013 \u2014",
    "a euro sign": "\u20ac 5",
    "markup": "&lt;b&gt; &amp; &quot;q&quot; &apos;a&apos;",
    "references": "&#233; &#x20AC; &#65;",
    "line ends": "one&#10;two&#13;&#10;three",
    "a tab": "one&#9;two",
    "a section of character data": "<![CDATA[<b> & c]]>",
    "a comment inside": "be<!-- not told -->fore",
}

_ENCODINGS = {
    **{
        f"text: {name}": Case("encodings", session(customer(f"Text {place}", f"<Notes>{text}</Notes>")), ("Notes",))
        for place, (name, text) in enumerate(_TEXTS.items())
    },
    "a NUL character": Case("encodings", session(message_set(customer("Nul", "<Notes>a\x00b</Notes>")))),
    "half a character": Case("encodings", session(message_set(customer("Half", "<Notes>a\ud83db</Notes>")))),
    "a control character": Case("encodings", session(message_set(customer("Control", "<Notes>a&#1;b</Notes>")))),
    **{
        f"declared as {name}": Case(
            "encodings",
            session(
                message_set(customer(f"As {name}", "<Notes>caf\u00e9</Notes>")).replace('"1.0"?', f'"1.0" encoding="{name}"?', 1)
            ),
            ("Notes",),
        )
        for name in ("UTF-8", "utf-16", "ISO-8859-1", "windows-1252", "us-ascii")
    },
    "a byte order mark": Case("encodings", session(process("\ufeff" + message_set("<HostQueryRq/>")))),
    "blanks before the document": Case("encodings", session(process("\r\n " + message_set("<HostQueryRq/>")))),
}

CASES: dict[str, Case] = numbered(
    {
        **_ORDER_OF_CALLS,
        **_SESSIONS,
        **_ERRORS,
        **_ADDS,
        **_QUERIES,
        **_ITERATORS,
        **_MODS,
        **_RECOVERY,
        **_ENCODINGS,
        **SWITCH_CASES,
    }
)
"""Every case by name, in the order in which they are played."""

assert len(CASES) == sum(
    map(len, (_ORDER_OF_CALLS, _SESSIONS, _ERRORS, _ADDS, _QUERIES, _ITERATORS, _MODS, _RECOVERY, _ENCODINGS, SWITCH_CASES))
), "two cases have one name"
