"""What people are told about a refused document: the line, what was found, what was expected in order, the nearest right word."""

import pytest

from emulator.qbxml import Choices, NotValid, decode_set

TEXT = """<?xml version="1.0"?>
<?qbxml version="13.0"?>
<QBXML>
<QBXMLMsgsRq onError="stopOnError">
<BillAddRq>
<BillAdd>
{}
</BillAdd>
</BillAddRq>
</QBXMLMsgsRq>
</QBXML>
"""
VENDOR = "<VendorRef><FullName>x</FullName></VendorRef>"

CASES = [
    # The verdict of qbwc/qbwc issue 74 (observed): TxnDate before VendorRef is refused.
    ("<TxnDate>2026-03-01</TxnDate>\n" + VENDOR, 7, "wrong order: <VendorRef> stands too late", "<TxnDate>", ("VendorRef",), ""),
    (VENDOR + "\n<TxnDate>2026-03-01</TxnDate>\n<APAccountRef/>", 9, "before <TxnDate>", "<APAccountRef>", None, ""),
    (VENDOR + "\n" + VENDOR, 8, "once too often", "<VendorRef>", None, ""),
    (VENDOR + "\n<RefNumer>1</RefNumer>", 8, "did you mean <RefNumber>", "<RefNumer>", None, "RefNumber"),
    (VENDOR + "\n<refnumber>1</refnumber>", 8, "it is written <RefNumber>", "<refnumber>", None, "RefNumber"),
    (VENDOR + "\n<FullName>1</FullName>", 8, "does not belong in <BillAdd>, but in <VendorRef>", "<FullName>", None, ""),
    (VENDOR + "\n<Zzzz/>", 8, "unknown element <Zzzz> in <BillAdd>", "<Zzzz>", None, ""),
    (VENDOR + "\n<RefNumber><b/></RefNumber>", 8, "text only", "<b>", None, ""),
    (VENDOR + "\nhello", 8, "the text 'hello' stands", "'hello'", None, ""),
    ("", 6, "a required element is missing: <VendorRef>", "</BillAdd>", ("VendorRef",), ""),
    ("<TxnDate>2026-03-01</TxnDate>", 7, "is missing: <VendorRef> before <TxnDate>", "<TxnDate>", ("VendorRef",), ""),
    (VENDOR + '\n<Memo lang="en">x</Memo>', 8, "unknown attribute", "lang", (), ""),
    (
        VENDOR + "\n<ItemLineAdd><BillableStatus>Bilable</BillableStatus></ItemLineAdd>",
        8, "'Bilable' is not in the list", "'Bilable'", ("Billable", "NotBillable", "HasBeenBilled"), "Billable",
    ),
    (
        VENDOR + "\n<ItemLineAdd><BillableStatus>billable</BillableStatus></ItemLineAdd>",
        8, "it is written 'Billable'", "'billable'", None, "Billable",
    ),
    (VENDOR + "\n<ItemLineAdd><Amount>1.00</Amount><Cost>2</Cost></ItemLineAdd>", 8, "before <Amount>", "<Cost>", None, ""),
    (
        VENDOR + "\n<ItemLineAdd><ItemRef><FullName>x</FullName></ItemRef><SerialNumber>1</SerialNumber>"
        "<LotNumber>2</LotNumber></ItemLineAdd>",
        8, "<LotNumber> and <SerialNumber> exclude each other", "<LotNumber>", None, "",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("body", "line", "problem", "found", "expected", "near"), CASES)
def test_a_diagnosis(body, line, problem, found, expected, near) -> None:
    with pytest.raises(NotValid) as caught:
        decode_set(TEXT.format(body))
    diagnosis = caught.value.diagnosis
    assert problem in diagnosis.problem
    assert (diagnosis.line, diagnosis.found, diagnosis.nearest) == (line, found, near)
    assert diagnosis.path.startswith("QBXML/QBXMLMsgsRq/BillAddRq/BillAdd")
    if expected is not None:
        assert diagnosis.expected == expected


def test_what_is_expected_stands_in_schema_order() -> None:
    with pytest.raises(NotValid) as caught:
        decode_set(TEXT.format(VENDOR + "<Nonsense/>"))
    expected = caught.value.diagnosis.expected
    assert expected[:4] == ("VendorAddress", "APAccountRef", "TxnDate", "DueDate")
    assert expected[-2:] == ("ItemLineAdd", "ItemGroupLineAdd")


def test_a_diagnosis_reads_as_one_line() -> None:
    with pytest.raises(NotValid) as caught:
        decode_set(TEXT.format(VENDOR + "\n<RefNumer>1</RefNumer>"))
    text = str(caught.value.diagnosis)
    assert text.startswith(
        "line 8, column 1: unknown element <RefNumer>: did you mean <RefNumber>?; in QBXML/QBXMLMsgsRq/BillAddRq/BillAdd; "
        "found <RefNumer>; expected one of VendorAddress"
    )
    assert "did you mean RefNumber?" in text
    assert text.endswith("valid form: <BillAdd><VendorRef><FullName>x</FullName></VendorRef><RefNumber>1</RefNumber></BillAdd>")
    assert "\n" not in text


@pytest.mark.parametrize("body", ["<ItemLineAdd><BillableStatus>{}</BillableStatus></ItemLineAdd>", "<{}/>", "{}"])
def test_what_is_told_is_never_as_long_as_the_document(body) -> None:
    with pytest.raises(NotValid) as caught:
        decode_set(TEXT.format(VENDOR + body.format("x" * 40_000)))
    assert len(str(caught.value.diagnosis)) < 6_000


INVOICE = "<InvoiceAddRq>{1}<InvoiceAdd>{2}<CustomerRef>{3}<FullName>x</FullName></CustomerRef></InvoiceAdd></InvoiceAddRq>"
WHOLE = (
    '<?qbxml version="13.0"?>\n<QBXML>{signon}\n{{4}}<QBXMLMsgsRq onError="stopOnError">\n{{0}}{invoice}\n</QBXMLMsgsRq></QBXML>'
)
SIGNON = (
    "<SignonMsgsRq>{5}<SignonDesktopRq><ClientDateTime>2020-01-01T00:00:00</ClientDateTime><ApplicationLogin>x</ApplicationLogin>"
    "<ConnectionTicket>x</ConnectionTicket><Language>English</Language><AppID>1</AppID><AppVer>1</AppVer></SignonDesktopRq>"
    "</SignonMsgsRq>"
)


@pytest.mark.parametrize("level", range(6))
@pytest.mark.parametrize("text", ["\xa0", "&#160;", "&#x2003;", "<![CDATA[\xa0]]>", "\x85"])
def test_what_xml_does_not_count_as_white_space_is_a_text(level, text) -> None:
    """Python counts more characters as white space than XML does: a document with them was booked."""
    whole = WHOLE.format(signon=SIGNON, invoice=INVOICE)
    decode_set(whole.format(*[" \t\r\n"] * 6))
    document = whole.format(*[text if each == level else "" for each in range(6)])
    choices = Choices(raw_outside_code_page="kept", references_outside_code_page="kept")
    with pytest.raises(NotValid) as caught:
        decode_set(document, choices=choices)
    told = caught.value.diagnosis
    assert caught.value.result == "0x80040400"
    assert "stands between the elements of <" in told.problem
    assert "U+" in told.problem
    assert document.split("\n")[told.line - 1][told.column - 1 :].startswith(text)
