"""Every message at every version: values to text to values, smallest and fullest; and the shape of values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.qbxml import (
    Answer,
    Choices,
    Version,
    decode_answer_set,
    decode_set,
    encode_answer_set,
    encode_request_set,
    make_request,
    status,
)
from emulator.qbxml.codec import encode
from emulator.qbxml.plan import SHAPES_MAX, plan_of
from emulator.qbxml.sample import sample_answer, sample_request, variants

from .helpers import answers_at, requests_at


def test_smallest_requests_come_back(version: Version) -> None:
    requests = [sample_request(version, name, "smallest") for name in requests_at(version.number)]
    _requests_come_back(version, requests)


def test_fullest_requests_come_back(version: Version) -> None:
    requests = [
        sample_request(version, name, "fullest", variant)
        for name in requests_at(version.number)
        for variant in variants(version, name)
    ]
    _requests_come_back(version, requests)


def _requests_come_back(version, requests):
    text = encode_request_set(version, "stopOnError", requests)
    decoded = decode_set(text)
    assert decoded.version.number == version.number
    assert len(decoded.requests) == len(requests) > 80
    for sent, found in zip(requests, decoded.requests, strict=True):
        assert (found.name, found.fault, found.warnings) == (sent.name, None, [])
        assert found.values == sent.values
        assert list(found.values) == list(sent.values)
    assert encode_request_set(version, "stopOnError", decoded.requests) == text


def test_smallest_and_fullest_answers_come_back(version: Version) -> None:
    answers = [sample_answer(version, name, "smallest") for name in answers_at(version.number)]
    answers += [
        sample_answer(version, name, "fullest", variant)
        for name in answers_at(version.number)
        for variant in (variants(version, name) if version.number == "16.0" else (0,))
    ]
    text = encode_answer_set(version, answers)
    decoded = decode_answer_set(text, version.number, strict=True)
    assert len(decoded.answers) > 180
    assert decoded.answers == answers
    assert encode_answer_set(version, decoded.answers) == text


@pytest.mark.slow
def test_lenient_reading_of_answers_gives_the_same(version: Version) -> None:
    answers = [sample_answer(version, name, "fullest") for name in answers_at(version.number)]
    assert decode_answer_set(encode_answer_set(version, answers), version.number).answers == answers


INVOICE = {
    "@defMacro": "TxnID:New",
    "CustomerRef": {"FullName": "Smith:Kitchen"},
    "TxnDate": "2026-03-01",
    "RefNumber": None,
    "IsToBePrinted": False,
    "LinkToTxnID": ["1A-1"],
    "InvoiceLineAdd|InvoiceLineGroupAdd": [
        ("InvoiceLineAdd", {"ItemRef": {"FullName": "Sink"}, "Quantity": 250000, "Rate": 1234500}),
        ("InvoiceLineGroupAdd", {"ItemGroupRef": {"FullName": "Kit"}}),
        ("InvoiceLineAdd", {"Desc": "words only", "Amount": -4835}),
    ],
}

INVOICE_TEXT = """<?xml version="1.0"?>
<?qbxml version="13.0"?>
<QBXML>
<QBXMLMsgsRq onError="stopOnError">
<InvoiceAddRq requestID="7">
<InvoiceAdd defMacro="TxnID:New">
<CustomerRef>
<FullName>Smith:Kitchen</FullName>
</CustomerRef>
<TxnDate>2026-03-01</TxnDate>
<RefNumber></RefNumber>
<IsToBePrinted>false</IsToBePrinted>
<LinkToTxnID>1A-1</LinkToTxnID>
<InvoiceLineAdd>
<ItemRef>
<FullName>Sink</FullName>
</ItemRef>
<Quantity>2.5</Quantity>
<Rate>12.345</Rate>
</InvoiceLineAdd>
<InvoiceLineGroupAdd>
<ItemGroupRef>
<FullName>Kit</FullName>
</ItemGroupRef>
</InvoiceLineGroupAdd>
<InvoiceLineAdd>
<Desc>words only</Desc>
<Amount>-48.35</Amount>
</InvoiceLineAdd>
</InvoiceAdd>
</InvoiceAddRq>
</QBXMLMsgsRq>
</QBXML>
"""


def test_the_shape_of_values_both_ways() -> None:
    request = make_request("InvoiceAdd", {"InvoiceAdd": INVOICE}, requestID="7")
    assert encode_request_set("13.0", "stopOnError", [request]) == INVOICE_TEXT
    (found,) = decode_set(INVOICE_TEXT).requests
    assert (found.noun, found.operation, found.attributes) == ("Invoice", "Add", {"requestID": "7"})
    assert found.values == {"InvoiceAdd": INVOICE}


def test_keys_in_any_order_are_written_in_schema_order() -> None:
    upside_down = dict(reversed(INVOICE.items()))
    request = make_request("InvoiceAdd", {"InvoiceAdd": upside_down}, requestID="7")
    assert encode_request_set("13.0", "stopOnError", [request]) == INVOICE_TEXT


def test_what_the_version_does_not_have_is_left_out() -> None:
    request = make_request("InvoiceAdd", {"InvoiceAdd": {**INVOICE, "NoSuchThing": "x"}})
    text = encode_request_set("2.0", "stopOnError", [request])
    assert "LinkToTxnID" not in text
    assert "NoSuchThing" not in text
    assert decode_set(text).requests[0].values["InvoiceAdd"]["TxnDate"] == "2026-03-01"


def test_a_macro_on_a_leaf_stands_beside_its_value() -> None:
    values = {
        "ReceivePaymentAdd": {"CustomerRef": {"FullName": "x"}, "AppliedToTxnAdd": [{"TxnID": None, "TxnID@useMacro": "TxnID:a"}]}
    }
    text = encode_request_set("13.0", "stopOnError", [make_request("ReceivePaymentAdd", values)])
    assert '<TxnID useMacro="TxnID:a"></TxnID>' in text
    assert decode_set(text).requests[0].values == values


@pytest.mark.parametrize(
    ("setting", "values", "warnings"),
    [
        ("530-dropped", {"CustomerRef": {"FullName": "x"}}, [530]),
        ("530-kept", {"CustomerRef": {"FullName": "x"}, "IsTaxIncluded": True}, [530]),
        ("dropped", {"CustomerRef": {"FullName": "x"}}, []),
    ],
)
def test_a_field_of_another_edition_warns(setting, values, warnings) -> None:
    request = make_request("InvoiceAdd", {"InvoiceAdd": {"CustomerRef": {"FullName": "x"}, "IsTaxIncluded": True}})
    text = encode_request_set("13.0", "stopOnError", [request])
    (found,) = decode_set(text, choices=Choices(unsupported_fields=setting)).requests
    assert found.fault is None
    assert found.values == {"InvoiceAdd": values}
    assert [warning.code for warning in found.warnings] == warnings
    assert all("IsTaxIncluded" in warning.message for warning in found.warnings)


TEXTS = st.text(
    alphabet=st.characters(codec="cp1252", exclude_categories=["Cc"], include_characters="\n\t\r"), min_size=1, max_size=41
)


@given(TEXTS, TEXTS)
def test_any_text_of_the_code_page_survives(name, request_id) -> None:
    values = {"CustomerAdd": {"Name": name}}
    text = encode_request_set("13.0", "stopOnError", [make_request("CustomerAdd", values, requestID=request_id)])
    assert text.isascii()
    (found,) = decode_set(text).requests
    assert (found.values, found.attributes) == (values, {"requestID": request_id})
    answer = Answer("CustomerAddRs", status.of(3100, value=name), {"requestID": request_id}, [("CustomerRet", {"Name": name})])
    assert decode_answer_set(encode_answer_set("13.0", [answer]), strict=True).answers == [answer]


@given(st.text(min_size=1, max_size=41))
def test_any_text_at_all_can_be_answered(name) -> None:
    text = encode_answer_set("13.0", [Answer("CustomerAddRs", status.of(0), {}, [("CustomerRet", {"Name": name})])])
    assert len(decode_answer_set(text).answers) == 1


@pytest.mark.parametrize(
    "reference",
    [
        {"ListID": "80000001-1", "FullName": "Abercrombie & Fitch"},
        {"FullName": "Abercrombie", "ListID": "80000001-1"},
        {"ListID": "80000001-1"},
        {"FullName": "O'Hara"},
        {"ListID": None, "FullName": "x"},
        {"ListID": "80000001-1", "FullName": "100 % of\r\n\ud800"},
        {"ListID": "80000001-1", "FullName": 17},
        {},
    ],
)
@pytest.mark.parametrize("empty", [False, True])
def test_a_reference_is_written_as_any_aggregate(reference, empty):
    """The short way for leaves of text writes what the long way writes, and neither depends on what was written before."""
    plan = plan_of("13.0", "InvoiceQueryRs", Choices())
    invoice = plan.children["InvoiceRet"].plan
    shape = invoice.children["CustomerRef"].plan.shape_of(reference)
    assert bool(shape.template) == (len(reference) == 2)
    written = []
    for short in (shape.template, "", shape.template):
        shape.template = short
        for _ in range(2):
            out: list[str] = []
            encode({"TxnID": "1-1", "CustomerRef": reference, "RefNumber": "17"}, invoice, out, empty=empty)
            written.append("\n".join(out))
    assert len(set(written)) == 1


def test_no_more_shapes_are_remembered_than_may_be():
    plan = plan_of("13.0", "CustomerQueryRs", Choices()).children["CustomerRet"].plan
    names = [key for key, child in plan.order if child is not None and child.simple][:8]
    seen = set()
    for bits in range(200):
        values = {name: "1" for place, name in enumerate(names) if bits >> place & 1}
        order = [key for key, _write, _child in plan.shape_of(values).steps]
        assert order == [key for key, _child in plan.order if key in values]
        assert [key for key, _write, _child in plan.shape_of(values).steps] == order
        seen.add(tuple(order))
    assert len(seen) == 200
    assert len(plan._shapes) <= SHAPES_MAX
