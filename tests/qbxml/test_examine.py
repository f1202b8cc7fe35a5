"""What is wrong with a document, as far as the document itself tells."""

from emulator.qbxml import examine

TEXT = """<?xml version="1.0"?>
<?qbxml version="13.0"?>
<QBXML>
<QBXMLMsgsRq onError="stopOnError">
<BillAddRq>
<BillAdd>
<VendorRef><FullName>x</FullName></VendorRef>
<TxnDate>{date}</TxnDate>
</BillAdd>
</BillAddRq>
<InvoiceAddRq requestID="{id}">
<InvoiceAdd>
<CustomerRef><FullName>x</FullName></CustomerRef>
{more}
</InvoiceAdd>
</InvoiceAddRq>
</QBXMLMsgsRq>
</QBXML>
"""


def test_nothing_wrong() -> None:
    assert examine(TEXT.format(date="2026-03-01", id="1", more="")) == []


def test_wrong_values_are_found_in_every_request_with_their_place() -> None:
    first, second = examine(TEXT.format(date="1.3.2026", id="1", more="<PONumber>x</PONumber>\n<ShipDate>never</ShipDate>"))
    assert (first.code, first.request, first.number, first.severity) == ("3020", "BillAddRq", 1, "Error")
    why = first.diagnosis
    assert (why.line, why.column, why.path) == (8, 1, "QBXML/QBXMLMsgsRq/BillAddRq/BillAdd/TxnDate")
    assert why.problem == "<TxnDate> holds '1.3.2026', which is no date"
    assert why.form == "<TxnDate>2026-03-01</TxnDate>"
    assert (second.number, second.diagnosis.line) == (2, 15)
    assert second.diagnosis.path == "QBXML/QBXMLMsgsRq/InvoiceAddRq/InvoiceAdd/ShipDate"


def test_what_is_about_the_request_stands_at_its_line() -> None:
    (found,) = examine(TEXT.format(date="2026-03-01", id="1" * 51, more=""))
    assert (found.diagnosis.line, found.code) == (11, "1060")
    (found,) = examine(TEXT.format(date="2026-03-01", id="1", more="<IsTaxIncluded>true</IsTaxIncluded>"))
    assert (found.code, found.severity) == ("530", "Warn")
    assert found.diagnosis.line == 14


def test_a_structural_mistake_is_found_alone() -> None:
    (found,) = examine(TEXT.format(date="1.3.2026", id="1", more="<Nonsense/>"))
    assert (found.code, found.request, found.number) == ("0x80040400", "", 0)
    assert (found.diagnosis.line, found.diagnosis.found) == (14, "<Nonsense>")


def test_a_subscription_is_read_by_the_call_that_takes_it() -> None:
    text = TEXT[: TEXT.index("<QBXMLMsgsRq")] + "<QBXMLSubscriptionMsgsRq><{}Rq/></QBXMLSubscriptionMsgsRq></QBXML>"
    whole = "<QBXMLSubscriptionMsgsRq><{0}Rq><SubscriberID>{{8F3C1B52-0A47-4D6E-9B1C-5E2F7A9D3C10}}</SubscriberID></{0}Rq>"
    taken = text.replace("<QBXMLSubscriptionMsgsRq><{}Rq/>", whole)
    assert examine(taken.format("DataEventSubscriptionQuery")) == []
    (found,) = examine(text.format("BillQuery"))
    assert "other kind of message set" in found.diagnosis.problem


def test_the_place_of_the_last_of_many_findings() -> None:
    """Lines are counted once, not anew for each finding, which took longer the longer the document was."""
    one = "<CustomerAddRq><CustomerAdd><Name>x</Name>\n<IsActive>maybe</IsActive></CustomerAdd></CustomerAddRq>\n"
    text = f'<?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="continueOnError">\n{one * 800}</QBXMLMsgsRq></QBXML>'
    found = examine(text)
    assert len(found) == 800
    assert [(each.diagnosis.line, each.diagnosis.column) for each in (found[0], found[-1])] == [(3, 1), (1601, 1)]
