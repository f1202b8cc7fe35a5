"""The value pass: one table of texts, values and codes per type; every leaf of every message; formats in both directions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from emulator.qbxml import (
    SCALE,
    Answer,
    Choices,
    NotValid,
    Version,
    decode_answer_set,
    decode_set,
    encode_answer_set,
    encode_request_set,
    make_request,
    schema_of,
    status,
)
from emulator.qbxml.formats import write_amount, write_price, write_quantity, writer_of
from emulator.qbxml.sample import sample_request
from emulator.qbxml.schema import Node, elements_of
from emulator.qbxml.values import BadValue, reader_of

from .helpers import requests_at

GUID = "{8f3c1b52-0a47-4d6e-9b1c-5e2f7a9d3c10}"

GOOD = [
    ("BOOLTYPE", "true", True), ("BOOLTYPE", "1", True), ("BOOLTYPE", "false", False), ("BOOLTYPE", "0", False), ("BOOLTYPE", "", None),
    ("DATETYPE", "2024-02-29", "2024-02-29"), ("DATETYPE", "1901-01-01", "1901-01-01"), ("DATETYPE", "", None),
    ("DATETIMETYPE", "2026-3-1", "2026-3-1"), ("DATETIMETYPE", "2026-03-01T7", "2026-03-01T7"),
    ("DATETIMETYPE", "2026-03-01T07:05", "2026-03-01T07:05"), ("DATETIMETYPE", "2026-03-01T23:59:59", "2026-03-01T23:59:59"),
    ("DATETIMETYPE", "2026-03-01T07:05:09-08:00", "2026-03-01T07:05:09-08:00"), ("DATETIMETYPE", "", None),
    ("TIMEINTERVALTYPE", "PT8H30M", "PT8H30M"), ("TIMEINTERVALTYPE", "-PT5S", "-PT5S"), ("TIMEINTERVALTYPE", "", None),
    ("AMTTYPE", "97", 9700), ("AMTTYPE", "97.50", 9750), ("AMTTYPE", "-0.05", -5), ("AMTTYPE", "+1.00", 100),
    ("AMTTYPE", "9999999999999.99", 999999999999999), ("AMTTYPE", "", None),
    ("PRICETYPE", "1.23456", 123456), ("PRICETYPE", "-0.5", -50000), ("PRICETYPE", "1234567890", 123456789000000), ("PRICETYPE", "", None),
    ("QUANTYPE", "2", 200000), ("QUANTYPE", "0.2", 20000), ("PERCENTTYPE", "8.25", 825000), ("PERCENTTYPE", "", None),
    ("FLOATTYPE", "1.2", "1.2"), ("FLOATTYPE", ".5", ".5"), ("INTTYPE", "42", 42), ("INTTYPE", "-3", -3), ("INTTYPE", "007", 7),
    ("GUIDTYPE", "0", "0"), ("GUIDTYPE", GUID, GUID.upper()), ("IDTYPE", "80000003-1446676743", "80000003-1446676743"),
    ("IDTYPE", "BF5E-1828899527", "BF5E-1828899527"), ("IDTYPE", "0000000000000owb", "0000000000000owb"), ("IDTYPE", "-1", "-1"),
    ("IDTYPE", "", None), ("STRTYPE", "x" * 31, "x" * 31), ("STRTYPE", "", None), ("STRTYPE", "€ “smart” é", "€ “smart” é"),
    ("STRTYPE", "漢字", "漢字"),
]  # fmt: skip
BAD = [
    ("BOOLTYPE", 3010, ["TRUE", "yes", "2", " true", "Y"]),
    ("DATETYPE", 3020, ["2026-02-30", "01/03/2026", "2026-3-1", "2026-13-01", "0000-01-01", "2026-03-01T00:00:00", "20260301", "tomorrow"]),
    ("DATETIMETYPE", 3020, ["2026-02-30", "2026-03-01T24", "2026-03-01T07:60", "2026-03-01T07:05:09Z", "2026-03-01T07:05:09.5", "x"]),
    ("TIMEINTERVALTYPE", 3035, ["8:30", "P1D", "PT1.5H", "PT30M8H", "480"]),
    ("AMTTYPE", 3040, ["97.5", "97.505", "1,000.00", "$5", "abc", "12345678901234", "1e3", ".50", "5.", "--1"]),
    ("PRICETYPE", 3045, ["1.123456", "12345678901", "a", "1,5", "."]),
    ("PERCENTTYPE", 3050, ["18.0%", "1.123456", "x"]),
    ("QUANTYPE", 3060, ["1.123456", "two", "12345678901"]),
    ("FLOATTYPE", 3085, ["1e5", "x", "."]),
    ("INTTYPE", 3085, ["", "1.0", "x", "9" * 30]),
    ("GUIDTYPE", 3065, ["", "1", GUID[1:-1], GUID + "0"]),
    ("IDTYPE", 3000, ["garbage!", "12-", "X" * 37, "800-12x", "-2"]),
    ("STRTYPE", 3070, ["x" * 32, "é" * 32]),
]  # fmt: skip


def leaf(type_name, **changes):
    fields = {
        "name": "TxnID", "type": type_name, "minimum": 0, "maximum": 1, "children": (), "attributes": (), "values": (), "length_max": 31,
        "smallest": "", "largest": "", "default": "", "supported": True, "always": False, "repeats": False,
    }  # fmt: skip
    return Node(**{**fields, **changes})


@pytest.mark.parametrize(("type_name", "text", "value"), GOOD)
def test_text_that_converts(type_name, text, value) -> None:
    found = reader_of(leaf(type_name), Choices())(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(("type_name", "code", "text"), [(name, code, text) for name, code, texts in BAD for text in texts])
def test_text_that_does_not(type_name, code, text) -> None:
    with pytest.raises(BadValue) as caught:
        reader_of(leaf(type_name), Choices())(text)
    assert (caught.value.code, caught.value.field, caught.value.value) == (code, "TxnID", text)


@pytest.mark.parametrize(("setting", "code"), [("format-code", 3085), ("3210", 3210)])
@pytest.mark.parametrize("text", ["0", "-1", "13"])
def test_a_number_outside_its_range(setting, code, text) -> None:
    read = reader_of(leaf("INTTYPE", smallest="1", largest="12"), Choices(number_out_of_range=setting))
    assert (read("1"), read("12")) == (1, 12)
    with pytest.raises(BadValue) as caught:
        read(text)
    assert caught.value.code == code


@given(st.integers(min_value=-(10**15) + 1, max_value=10**15 - 1))
def test_cents_both_ways(cents) -> None:
    text = write_amount(cents)
    assert reader_of(leaf("AMTTYPE"), Choices())(text) == cents
    assert text[-3] == "."


@given(st.integers(min_value=-(10**15) + 1, max_value=10**15 - 1))
@pytest.mark.parametrize(
    ("type_name", "write"), [("PRICETYPE", write_price), ("PERCENTTYPE", write_price), ("QUANTYPE", write_quantity)]
)
def test_scaled_numbers_both_ways(type_name, write, units) -> None:
    assert reader_of(leaf(type_name), Choices())(write(units)) == units


@given(st.text(alphabet="0123456789+-.,eE %", max_size=20))
@pytest.mark.parametrize(
    "type_name", ["AMTTYPE", "PRICETYPE", "QUANTYPE", "PERCENTTYPE", "INTTYPE", "FLOATTYPE", "DATETYPE", "IDTYPE"]
)
def test_any_text_converts_or_gives_a_code(type_name, text) -> None:
    try:
        value = reader_of(leaf(type_name), Choices())(text)
    except BadValue as bad:
        assert bad.code in (3000, 3020, 3040, 3045, 3050, 3060, 3085)  # noqa: PT017
    else:
        written = writer_of(type_name, Choices())(value) if value is not None else ""
        assert reader_of(leaf(type_name), Choices())(written) == value


@pytest.mark.parametrize(
    ("write", "units", "text"),
    [
        (write_price, 1000 * SCALE, "1000.00"), (write_price, 123450, "1.2345"), (write_price, -1, "-0.00001"), (write_price, 0, "0.00"),
        (write_quantity, 2 * SCALE, "2"), (write_quantity, 20000, "0.2"), (write_quantity, -150000, "-1.5"), (write_quantity, 0, "0"),
        (write_quantity, 100 * SCALE, "100"), (write_amount, -4835, "-48.35"), (write_amount, 0, "0.00"), (write_amount, -5, "-0.05"),
    ],
)  # fmt: skip
def test_what_quickbooks_writes(write, units, text) -> None:
    assert write(units) == text


def test_a_decimal_comma_when_switched_on() -> None:
    answer = Answer("InvoiceAddRs", status.of(0), {}, [("InvoiceRet", {"Subtotal": 123456, "RefNumber": "1.2"})])
    text = encode_answer_set("13.0", [answer], choices=Choices(decimal_comma=True))
    assert "<Subtotal>1234,56</Subtotal>" in text
    assert "<RefNumber>1.2</RefNumber>" in text
    assert decode_answer_set(text).answers[0].records == [("InvoiceRet", {"RefNumber": "1.2", "Subtotal": "1234,56"})]


WRONG = {
    "BOOLTYPE": ("maybe", 3010), "DATETYPE": ("2026-02-30", 3020), "DATETIMETYPE": ("2026-02-30T00", 3020),
    "TIMEINTERVALTYPE": ("8:30", 3035), "AMTTYPE": ("97.5", 3040), "PRICETYPE": ("0.123456", 3045), "PERCENTTYPE": ("5%", 3050),
    "QUANTYPE": ("two", 3060), "GUIDTYPE": ("guid", 3065), "INTTYPE": ("one", 3085), "FLOATTYPE": ("one", 3085), "IDTYPE": ("?!", 3000),
}  # fmt: skip


@pytest.mark.parametrize(
    "number", ["13.0", pytest.param("2.0", marks=pytest.mark.slow), pytest.param("16.0", marks=pytest.mark.slow)]
)
def test_a_wrong_value_in_any_field_is_the_fault_of_its_request_alone(number) -> None:
    version, done = Version(number), set()
    plain = sample_request(version, "HostQueryRq", "smallest")
    for name in requests_at(number):
        text = encode_request_set(version, "continueOnError", [sample_request(version, name, "fullest"), plain])
        root = etree.fromstring(text.encode())
        message = schema_of(version.schema_number).message(name)
        for element, node in _leaves(root[0][0], message.children):
            if node.name in done:
                continue
            done.add(node.name)
            right, code = element.text, 3070
            if node.type == "STRTYPE" and node.length_max is not None:
                element.text = "x" * (node.length_max + 1)
            elif node.type in WRONG and not element.attrib:
                element.text, code = WRONG[node.type]
            else:
                continue
            if node.type != "IDTYPE" or node.name.endswith(("ListID", "TxnID", "TxnLineID")):
                first, second = _decoded(root, version).requests
                assert first.fault is not None, f"{name} {node.name}"
                assert (first.fault.code, first.fault.severity) == (code, "Error"), f"{name} {node.name}"
                assert first.values == {}
                assert (second.name, second.fault) == ("HostQueryRq", None)
            element.text = right
    assert len(done) > (150 if number == "2.0" else 250)


def _decoded(root, version):
    return decode_set(f'<?xml version="1.0"?><?qbxml version="{version}"?>' + etree.tostring(root, encoding="unicode"))


def _leaves(element, model):
    known = elements_of(model)
    for child in element:
        node = known[child.tag]
        if node.type:
            yield child, node
        else:
            yield from _leaves(child, node.children)


RANGES = [
    ({"ModifiedDateRangeFilter": {"FromModifiedDate": "2026-03-01", "ToModifiedDate": "2026-03-01"}}, None),
    ({"ModifiedDateRangeFilter": {"FromModifiedDate": "2026-03-01T00:00:01", "ToModifiedDate": "2026-03-01"}}, None),
    ({"ModifiedDateRangeFilter": {"FromModifiedDate": "2026-3-2", "ToModifiedDate": "2026-03-01T23:00"}}, 3030),
    ({"TxnDateRangeFilter": {"FromTxnDate": "2026-03-02", "ToTxnDate": "2026-03-01"}}, 3030),
    ({"TxnDateRangeFilter": {"FromTxnDate": "2026-03-02"}}, None),
    ({"RefNumberRangeFilter": {"FromRefNumber": "9", "ToRefNumber": "10"}}, None),
    ({"RefNumberRangeFilter": {"FromRefNumber": "11", "ToRefNumber": "10"}}, 3031),
    ({"RefNumberRangeFilter": {"FromRefNumber": "b", "ToRefNumber": "A"}}, 3031),
]


@pytest.mark.parametrize(("values", "code"), RANGES)
def test_a_from_after_its_to(values, code) -> None:
    fault = decode_set(encode_request_set("13.0", "stopOnError", [make_request("InvoiceQuery", values)])).requests[0].fault
    assert (fault.code if fault else None) == code


def test_a_value_outside_its_list_refuses_the_document_or_is_3110() -> None:
    text = encode_request_set("13.0", "stopOnError", [make_request("CustomerQuery", {"ActiveStatus": "Some"})])
    with pytest.raises(NotValid) as caught:
        decode_set(text)
    assert caught.value.result == "0x80040400"
    assert caught.value.diagnosis.expected == ("ActiveOnly", "InactiveOnly", "All")
    assert decode_set(text, choices=Choices(bad_enum_value="3110")).requests[0].fault.code == 3110
    good = text.replace("Some", "All")
    assert decode_set(good, choices=Choices(bad_enum_value="3110")).requests[0].fault is None
