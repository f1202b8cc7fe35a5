"""What the journal says of a request, from real documents."""

import pytest

from emulator.desktop import correlation
from emulator.qbxml import Answer, decode_set, status

from .makers import document, invoice

LINE = "<InvoiceLineAdd><ItemRef><FullName>W</FullName></ItemRef>{}</InvoiceLineAdd>"
HEAD = "<CustomerRef><ListID>80000001-1</ListID></CustomerRef>"


@pytest.mark.parametrize(
    ("request_xml", "facts"),
    [
        (
            invoice("G-7", "Kern", "abc-1", 5000),
            {"request": "InvoiceAddRq", "number": "G-7", "party": "Kern", "key": "abc-1", "total_cents": 5000},
        ),
        (
            "<InvoiceAddRq><InvoiceAdd>"
            + HEAD
            + LINE.format("<Quantity>3</Quantity><Rate>0.335</Rate>")
            + LINE.format("<Amount>-0.01</Amount>")
            + "</InvoiceAdd></InvoiceAddRq>",
            {"request": "InvoiceAddRq", "party": "80000001-1", "total_cents": 100},
        ),
        (
            "<CustomerAddRq><CustomerAdd><Name>Kern</Name><Notes>x [key:K9]</Notes></CustomerAdd></CustomerAddRq>",
            {"request": "CustomerAddRq", "party": "Kern", "key": "K9"},
        ),
        (
            "<InvoiceQueryRq><RefNumber>G-7</RefNumber><RefNumber>G-8</RefNumber></InvoiceQueryRq>",
            {"request": "InvoiceQueryRq", "number": "G-7"},
        ),
        (
            "<InvoiceQueryRq><EntityFilter><FullName>Kern</FullName></EntityFilter></InvoiceQueryRq>",
            {"request": "InvoiceQueryRq", "party": "Kern"},
        ),
        ("<CustomerQueryRq><FullName>Kern</FullName></CustomerQueryRq>", {"request": "CustomerQueryRq", "party": "Kern"}),
        (
            "<TxnDelRq><TxnDelType>Invoice</TxnDelType><TxnID>1-2</TxnID></TxnDelRq>",
            {"request": "TxnDelRq"},
        ),
        ("<CompanyQueryRq />", {"request": "CompanyQueryRq"}),
    ],
)
def test_facts_of_a_request(request_xml, facts):
    assert correlation.facts_of_request(decode_set(document(request_xml)).requests[0]) == facts


@pytest.mark.parametrize(
    ("records", "facts"),
    [
        ([], {}),
        (
            [("InvoiceRet", {"TxnID": "1-2", "RefNumber": "G-7", "Subtotal": 1000, "SalesTaxTotal": 66, "Memo": "[key:a]"})],
            {"id": "1-2", "number": "G-7", "key": "a", "total_cents": 1066},
        ),
        (
            [("BillRet", {"TxnID": "1-3", "VendorRef": {"FullName": "Acme"}, "AmountDue": 700})],
            {"id": "1-3", "party": "Acme", "total_cents": 700},
        ),
        ([("CustomerRet", {"ListID": "8-1", "FullName": "A:B"})], {"id": "8-1", "party": "A:B"}),
        ([("TxnDelType", "Invoice"), ("TxnID", "1-2")], {"id": "1-2"}),
    ],
)
def test_facts_of_what_was_written(records, facts):
    assert correlation.facts_of_written(Answer("XRs", status.of(0), written=records)) == facts


@pytest.mark.parametrize(("memo", "key"), [("[key:a b]", None), ("[key:]", None), ("x [key:1] [key:2]", "2"), ("key:1", None)])
def test_only_a_whole_key_counts(memo, key):
    record = Answer("XRs", status.of(0), written=[("InvoiceRet", {"Memo": memo})])
    assert correlation.facts_of_written(record).get("key") == key
