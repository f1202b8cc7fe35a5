"""What `fakebooks validate` prints."""

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


def test_wrong_values_are_found_in_every_request_with_their_line() -> None:
    first, second = examine(TEXT.format(date="1.3.2026", id="1", more="<PONumber>x</PONumber>\n<ShipDate>never</ShipDate>"))
    assert (first.line, first.path) == (8, "QBXML/QBXMLMsgsRq/BillAddRq")
    assert "3020" in first.problem
    assert '"1.3.2026"' in first.problem
    assert (second.line, second.path) == (15, "QBXML/QBXMLMsgsRq/InvoiceAddRq")


def test_what_is_about_the_request_stands_at_its_line() -> None:
    (found,) = examine(TEXT.format(date="2026-03-01", id="1" * 51, more=""))
    assert found.line == 11
    assert "1060" in found.problem
    (found,) = examine(TEXT.format(date="2026-03-01", id="1", more="<IsTaxIncluded>true</IsTaxIncluded>"))
    assert "530 (Warn)" in found.problem


def test_a_structural_mistake_is_found_alone() -> None:
    (found,) = examine(TEXT.format(date="1.3.2026", id="1", more="<Nonsense/>"))
    assert (found.line, found.found) == (14, "<Nonsense>")
