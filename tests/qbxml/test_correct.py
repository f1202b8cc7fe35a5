"""The nearest valid form of an element is valid, whatever was wrong with it, and keeps what was right."""

import pytest
from lxml import etree

from emulator.qbxml import Choices, NotValid, Version, decode_set, encode_request_set, schema_of
from emulator.qbxml.correct import EXAMPLES, LINES_MAX, corrected, form_of, leaf_form
from emulator.qbxml.meant import Meant, name_meant, text_meant, value_meant
from emulator.qbxml.sample import sample_request, variants
from emulator.qbxml.schema import elements_of
from emulator.qbxml.xsd import structure_of

from .mutants import mutants

MESSAGES = ("InvoiceAddRq", "CustomerModRq", "BillPaymentCheckAddRq", "InvoiceQueryRq", "ItemInventoryAddRq", "DataExtAddRq")
VERSION = Version("16.0")


def made(name, variant=0, size="fullest"):
    text = encode_request_set(VERSION, "stopOnError", [sample_request(VERSION, name, size, variant)])
    return etree.fromstring(text.encode(), etree.XMLParser(remove_blank_text=True))[0][0]


def message(name):
    found = schema_of(VERSION.schema_number).message(name)
    assert found is not None
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", MESSAGES)
def test_the_form_of_every_mutant_is_valid(name) -> None:
    structure, right = structure_of(VERSION.schema_number, name), message(name)
    done: set[object] = set()
    for variant in variants(VERSION, name):
        element = made(name, variant)
        for kind, path in mutants(element, right.children, name, done):
            form = corrected(element, right)
            assert structure.validate(form), f"{kind} in {path}: {structure.error_log}"


@pytest.mark.parametrize("name", MESSAGES)
@pytest.mark.parametrize("size", ["smallest", "fullest"])
def test_what_is_right_stays_as_it_is(name, size) -> None:
    element = made(name, size=size)
    assert etree.tostring(corrected(element, message(name))) == etree.tostring(element)


def leaf(text_type, **facts):
    for name in ("InvoiceAddRq", "CustomerAddRq", "TimeTrackingAddRq", "DataExtAddRq", "InvoiceQueryRq", "UnitOfMeasureSetAddRq"):
        waiting = [message(name).children]
        while waiting:
            for node in elements_of(waiting.pop(0)).values():
                if node.type == text_type and all(getattr(node, key) == value for key, value in facts.items()):
                    return node
                waiting.append(node.children)
    raise AssertionError(text_type)


MEANT = [
    ("DATETYPE", "11/20/2026", "2026-11-20", ""),
    ("DATETYPE", "23/11/2026", "2026-11-23", ""),
    ("DATETYPE", "11-23-2026", "2026-11-23", ""),
    ("DATETYPE", "23-Nov-2026", "2026-11-23", ""),
    ("DATETYPE", "November 23, 2026", "2026-11-23", ""),
    ("DATETYPE", "1.3.2026", "2026-03-01", ""),
    ("DATETYPE", "2026-1-3", "2026-01-03", ""),
    ("DATETYPE", "20261123", "2026-11-23", ""),
    ("DATETYPE", "2/2/2026", "2026-02-02", ""),
    ("DATETYPE", "3/4/2026", "2026-03-04", "read as month, day, year"),
    ("DATETYPE", "2026-11-20T10:00:00", "2026-11-20", ""),
    ("DATETYPE", " 2026-11-20", "2026-11-20", ""),
    ("DATETYPE", "2026-11-31", None, ""),
    ("DATETYPE", "11/23/26", None, ""),
    ("DATETYPE", "soon", None, ""),
    ("DATETIMETYPE", "2026-11-20 10:00:00", "2026-11-20T10:00:00", ""),
    ("DATETIMETYPE", "2026-11-20T10:00:00.123Z", "2026-11-20T10:00:00+00:00", ""),
    ("DATETIMETYPE", "2026-11-20T10:00-0500", "2026-11-20T10:00:00-05:00", ""),
    ("DATETIMETYPE", "2026-11-20T25:00:00", None, ""),
    ("TIMEINTERVALTYPE", "8:30", "PT8H30M", ""),
    ("TIMEINTERVALTYPE", "P1DT8H", "PT32H", ""),
    ("TIMEINTERVALTYPE", "8h 30m", "PT8H30M", ""),
    ("TIMEINTERVALTYPE", "8.5", None, ""),
    ("BOOLTYPE", "Yes", "true", ""),
    ("BOOLTYPE", "FALSE", "false", ""),
    ("BOOLTYPE", "maybe", None, ""),
    ("AMTTYPE", "97.5", "97.50", ""),
    ("AMTTYPE", "$1,234.56", "1234.56", ""),
    ("AMTTYPE", "1.250,00", "1250.00", ""),
    ("AMTTYPE", "1.234,56", "1234.56", ""),
    ("AMTTYPE", "1 234,56", "1234.56", ""),
    ("AMTTYPE", "1'234.56", "1234.56", ""),
    ("AMTTYPE", "1,234,567.8", "1234567.80", ""),
    ("AMTTYPE", "(12.50)", "-12.50", ""),
    ("AMTTYPE", "12.50-", "-12.50", ""),
    ("AMTTYPE", "-$12.50", "-12.50", ""),
    ("AMTTYPE", "\u22125.00", "-5.00", ""),
    ("AMTTYPE", "12,50", "12.50", ""),
    ("AMTTYPE", "12.", "12.00", ""),
    ("AMTTYPE", "1.250", "1.25", "read with a decimal point"),
    ("AMTTYPE", "97.5551", "97.56", "rounded to 2 decimals"),
    ("AMTTYPE", "1,250", None, ""),
    ("AMTTYPE", "9" * 15, None, ""),
    ("AMTTYPE", "5%", None, ""),
    ("AMTTYPE", "Infinity", None, ""),
    ("AMTTYPE", "free", None, ""),
    ("QUANTYPE", "1.1234567", "1.12346", "rounded to 5 decimals"),
    ("QUANTYPE", "1/2", "0.5", ""),
    ("QUANTYPE", "1 1/2", "1.5", ""),
    ("QUANTYPE", "1/3", "0.33333", "rounded to 5 decimals"),
    ("QUANTYPE", "1/0", None, ""),
    ("QUANTYPE", "2e3", "2000", ""),
    ("QUANTYPE", "0,125", "0.125", ""),
    ("QUANTYPE", "a dozen", None, ""),
    ("QUANTYPE", "\u0662", None, ""),
    ("PERCENTTYPE", "5%", "5", ""),
    ("INTTYPE", "1.5", None, ""),
    ("INTTYPE", "2.0", "2", ""),
    ("IDTYPE", "123", None, ""),
]
"""Type, what was given, what it was meant as and what is told of that; None where nobody can know."""


@pytest.mark.parametrize(("text_type", "given", "meant", "note"), MEANT)
def test_what_a_text_was_meant_as(text_type, given, meant, note) -> None:
    """Sign and size, day and length of time stay; nothing is made up."""
    node = leaf(text_type)
    found = text_meant(node, given, Choices())
    assert found == (Meant(meant, note) if meant is not None else None)
    form = leaf_form(node, found)
    element = etree.fromstring(form.split(" <!--")[0])
    assert form.endswith(f"> <!-- {note or 'an example'} -->") == bool(note or meant is None)
    assert text_meant(node, element.text or "", Choices()) == Meant(element.text or "")


INVOICE = (
    "InvoiceAdd",
    "TxnDate",
    "RefNumber",
    "CustomerRef",
    "InvoiceLineAdd",
    "InvoiceLineGroupAdd",
    "PriceLevelRef",
    "Memo",
    "BillAddress",
)
LINE = ("ItemRef", "Desc", "Quantity", "Rate", "RatePercent", "PriceLevelRef", "ClassRef", "Amount")
REQUESTS = ("InvoiceAddRq", "InvoiceModRq", "CustomerQueryRq", "ToDoAddRq", "DataEventRecoveryInfoDelRq", "ItemQueryRq")
NAMES = [
    ("InvoiceDate", INVOICE, "TxnDate"),
    ("Date", INVOICE, "TxnDate"),
    ("InvoiceNumber", INVOICE, "RefNumber"),
    ("Customer", INVOICE, "CustomerRef"),
    ("CustomerFullName", INVOICE, "CustomerRef"),
    ("InvoiceLineRet", INVOICE, "InvoiceLineAdd"),
    ("SalesOrderLineAdd", INVOICE, "InvoiceLineAdd"),
    ("invoicelineadd", INVOICE, "InvoiceLineAdd"),
    ("Notes", INVOICE, "Memo"),
    ("Meom", INVOICE, "Memo"),
    ("BillAddr", INVOICE, "BillAddress"),
    ("Price", LINE, "Rate"),
    ("Date", LINE, ""),
    ("Qty", LINE, "Quantity"),
    ("Quantty", LINE, "Quantity"),
    ("Description", LINE, "Desc"),
    ("FullNameList", ("ListID", "FullName", "ActiveStatus"), "FullName"),
    ("Whatever", LINE, ""),
    ("FooBarRq", REQUESTS, ""),
    ("InvoiceCreateRq", REQUESTS, "InvoiceAddRq"),
    ("InvoiceAddRs", REQUESTS, "InvoiceAddRq"),
    ("InvoicesAddRq", REQUESTS, "InvoiceAddRq"),
    ("CustomerSearchRq", REQUESTS, "CustomerQueryRq"),
    ("DataEventSubscriptionAddRq", REQUESTS, ""),
    ("SignonMsgsRq", ("QBXMLMsgsRq", "QBXMLSubscriptionMsgsRq"), ""),
    ("QBXMLMsgRq", ("QBXMLMsgsRq", "QBXMLSubscriptionMsgsRq"), "QBXMLMsgsRq"),
    ("x" * 30_000, INVOICE, ""),
]


@pytest.mark.parametrize(("given", "names", "right"), NAMES)
def test_what_a_name_was_meant_as(given, names, right) -> None:
    """A far one is none."""
    assert name_meant(given, names, "InvoiceAdd") == right


@pytest.mark.parametrize(
    ("given", "right"),
    [("not billable", "NotBillable"), ("Bilable", "Billable"), ("NotBill", "NotBillable"), ("Paid", ""), ("Bill", "Billable")],
)
def test_what_a_value_was_meant_as(given, right) -> None:
    assert value_meant(given, ("Billable", "NotBillable", "HasBeenBilled")) == right


KEPT = [
    ("<CustomerRef>Kern</CustomerRef>", "CustomerRef", "<CustomerRef>\n  <FullName>Kern</FullName>\n</CustomerRef>"),
    ("<CustomerFullName>Kern</CustomerFullName>", "CustomerRef", "<CustomerRef>\n  <FullName>Kern</FullName>\n</CustomerRef>"),
    (
        "<CustomerQueryRq><FullNameList>Baker</FullNameList></CustomerQueryRq>",
        "CustomerQueryRq", "<CustomerQueryRq>\n  <FullName>Baker</FullName>\n</CustomerQueryRq>",
    ),
    (
        "<CustomerQueryRq><Zzz>Baker</Zzz></CustomerQueryRq>",
        "CustomerQueryRq", "<CustomerQueryRq>\n  <!-- left out: <Zzz> -->\n</CustomerQueryRq>",
    ),
    (
        "<InvoiceAddRq><TxnDate>2026-11-23</TxnDate><CustomerRef><FullName>Kern</FullName></CustomerRef></InvoiceAddRq>",
        "InvoiceAddRq",
        "<InvoiceAddRq>\n  <InvoiceAdd>\n    <CustomerRef>\n      <FullName>Kern</FullName>\n    </CustomerRef>\n"
        "    <TxnDate>2026-11-23</TxnDate>\n  </InvoiceAdd>\n</InvoiceAddRq>",
    ),
    (
        "<ItemServiceAdd><Name>x</Name><Price>2.00</Price></ItemServiceAdd>",
        "ItemServiceAdd",
        "<ItemServiceAdd>\n  <Name>x</Name>\n  <SalesOrPurchase>\n    <Price>2.00</Price>\n  </SalesOrPurchase>\n</ItemServiceAdd>",
    ),
    (
        "<ItemServiceAdd><Name>x</Name><SalesOrPurchase><Desc>y</Desc></SalesOrPurchase><Price>2.00</Price></ItemServiceAdd>",
        "ItemServiceAdd",
        "<ItemServiceAdd>\n  <Name>x</Name>\n  <SalesOrPurchase>\n    <Desc>y</Desc>\n    <Price>2.00</Price>\n  </SalesOrPurchase>\n"
        "</ItemServiceAdd>",
    ),
    (
        "<InvoiceAdd><CustomerRef/><InvoiceLineRet><Desc>a lamp</Desc></InvoiceLineRet></InvoiceAdd>",
        "InvoiceAdd",
        "<InvoiceAdd>\n  <CustomerRef/>\n  <InvoiceLineAdd>\n    <Desc>a lamp</Desc>\n  </InvoiceLineAdd>\n</InvoiceAdd>",
    ),
    (
        "<InvoiceAdd><CustomerRef/><TxnDate>never</TxnDate><Memo>a</Memo><Memo>b</Memo></InvoiceAdd>",
        "InvoiceAdd",
        "<InvoiceAdd>\n  <CustomerRef/>\n  <TxnDate>2026-02-28</TxnDate> <!-- an example -->\n  <Memo>a</Memo>\n"
        "  <!-- left out: <Memo> -->\n</InvoiceAdd>",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "name", "form"), KEPT)
def test_what_was_written_is_kept_or_said_to_be_left_out(given, name, form) -> None:
    request = f"{name.removesuffix('Rq')}Rq" if name != "CustomerRef" else "InvoiceAddRq"
    node = message(request)
    for each in (name,) if name != "CustomerRef" else ("InvoiceAdd", name):
        node = elements_of(node.children).get(each, node)
    assert form_of(etree.fromstring(given), node) == form


OF_ATTRIBUTES = {"UUIDTYPE", "MACROTYPE"}
"""Types that no element has."""


@pytest.mark.parametrize("text_type", sorted(set(EXAMPLES) - OF_ATTRIBUTES))
def test_every_example_is_right_and_marked(text_type) -> None:
    node = leaf(text_type)
    form = leaf_form(node, None)
    text = etree.fromstring(form.split(" <!--")[0]).text or ""
    assert text_meant(node, text, Choices()) == Meant(text)
    assert form.endswith(" <!-- an example -->") or text == "..."


def test_a_text_that_is_too_long_is_cut() -> None:
    node = leaf("STRTYPE", length_max=11)
    assert text_meant(node, "INV-2026-000123", Choices()) == Meant("INV-2026-00", "cut to 11 characters")


def test_a_long_form_shows_the_lines_around_the_mistake() -> None:
    element = made("InvoiceAddRq")
    add = element[0]
    add[-1].append(etree.Element("NoSuchElement"))
    form = form_of(element, message("InvoiceAddRq"))
    assert len(form.splitlines()) <= LINES_MAX + 1
    assert form.startswith("<InvoiceAddRq")
    assert form.endswith("</InvoiceAddRq>")
    assert "more lines" in form


def test_a_huge_element_has_no_form() -> None:
    lines = "<InvoiceLineAdd><Desc>x</Desc></InvoiceLineAdd>" * 2000
    request = f"<InvoiceAddRq><InvoiceAdd>{lines}</InvoiceAdd></InvoiceAddRq>"
    text = f'<?qbxml version="16.0"?><QBXML><QBXMLMsgsRq onError="stopOnError">{request}</QBXMLMsgsRq></QBXML>'
    with pytest.raises(NotValid) as refused:
        decode_set(text, choices=Choices())
    assert refused.value.diagnosis.form == ""
    assert "CustomerRef" in refused.value.diagnosis.problem
