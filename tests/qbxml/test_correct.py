"""The nearest valid form of an element is valid, whatever was wrong with it, and keeps what was right."""

import pytest
from lxml import etree

from emulator.qbxml import Choices, NotValid, Version, decode_set, encode_request_set, schema_of
from emulator.qbxml.correct import EXAMPLES, LINES_MAX, corrected, example_of, form_of, nearest_text
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
    ("DATETYPE", "11/20/2026", "2026-11-20"),
    ("DATETYPE", "2026-11-20T10:00:00", "2026-11-20"),
    ("DATETYPE", " 2026-11-20", "2026-11-20"),
    ("DATETIMETYPE", "2026-11-20 10:00:00", "2026-11-20T10:00:00"),
    ("DATETIMETYPE", "2026-11-20T10:00:00.123Z", "2026-11-20T10:00:00"),
    ("BOOLTYPE", "Yes", "true"),
    ("BOOLTYPE", "FALSE", "false"),
    ("AMTTYPE", "97.5", "97.50"),
    ("AMTTYPE", "$1,234.56", "1234.56"),
    ("AMTTYPE", "12,50", "12.50"),
    ("QUANTYPE", "1.1234567", "1.12346"),
    ("QUANTYPE", "a dozen", EXAMPLES["QUANTYPE"]),
    ("PERCENTTYPE", "5%", "5"),
]


@pytest.mark.parametrize(("text_type", "given", "meant"), MEANT)
def test_the_nearest_text(text_type, given, meant) -> None:
    assert nearest_text(leaf(text_type), given) == meant


OF_ATTRIBUTES = {"UUIDTYPE", "MACROTYPE"}
"""Types that no element has."""


@pytest.mark.parametrize("text_type", sorted(set(EXAMPLES) - OF_ATTRIBUTES))
def test_every_example_is_right(text_type) -> None:
    node = leaf(text_type)
    text = etree.fromstring(example_of(node)).text or ""
    assert nearest_text(node, text) == text


def test_a_text_that_is_too_long_is_cut() -> None:
    node = leaf("STRTYPE", length_max=11)
    assert nearest_text(node, "INV-2026-000123") == "INV-2026-00"


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
