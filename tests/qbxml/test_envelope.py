"""What stands around the messages: each row is a document and what becomes of it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from emulator.qbxml import (
    MESSAGE_SET_ID_LENGTH_MAX,
    Answer,
    Choices,
    NotValid,
    Version,
    decode_answer_set,
    decode_set,
    encode_answer_set,
    encode_request_set,
    make_request,
    message_names,
    schema_of,
    status,
)

PARSE, ROLLBACK, VERSION, WRONG_CALL = "0x80040400", "0x80040413", "0x80040423", "0x80040429"


def document(body='<HostQueryRq requestID="1"/>', version="13.0", attributes='onError="stopOnError"', prolog=None) -> str:
    prolog = f'<?xml version="1.0"?>\n<?qbxml version="{version}"?>\n' if prolog is None else prolog
    return f"{prolog}<QBXML><QBXMLMsgsRq {attributes}>{body}</QBXMLMsgsRq></QBXML>"


def refused(text, **arguments) -> NotValid:
    with pytest.raises(NotValid) as caught:
        decode_set(text, **arguments)
    assert str(caught.value).startswith(caught.value.result)
    return caught.value


TAKEN = {
    "comments": document(prolog='<?xml version="1.0"?><!-- a --><?qbxml version="13.0"?><!-- <!DOCTYPE x [ --> '),
    "comment between requests": document("<!-- a --><HostQueryRq/><!-- b -->"),
    "comment inside a text": document("<CustomerQueryRq><FullName>ab<!-- c -->cd</FullName></CustomerQueryRq>"),
    "other instructions": document(prolog='<?xml version="1.0"?><?qbposxml version="1.0"?><?qbxml version="13.0"?>'),
    "no xml declaration": document(prolog='<?qbxml version="13.0"?>'),
    "single quotes": document(prolog="<?xml version='1.0' standalone='yes' ?><?qbxml version='13.0' ?>"),
    "no request": document(""),
    "no message set": '<?qbxml version="13.0"?><QBXML/>',
    "sign-on": '<?qbxml version="13.0"?><QBXML><SignonMsgsRq><SignonDesktopRq><ClientDateTime>2026-03-01T00:00:00</ClientDateTime>'
    "<ApplicationLogin>a</ApplicationLogin><ConnectionTicket>t</ConnectionTicket><Language>English</Language><AppID>1</AppID>"
    '<AppVer>1</AppVer></SignonDesktopRq></SignonMsgsRq><QBXMLMsgsRq onError="stopOnError"><HostQueryRq/></QBXMLMsgsRq></QBXML>',
    "utf-8": document(prolog='<?xml version="1.0" encoding="utf-8"?><?qbxml version="13.0"?>'),
    "doctype 1.0": document(
        prolog="<?xml version=\"1.0\"?>\n<!DOCTYPE QBXML PUBLIC '-//INTUIT//DTD QBXML QBD 1.0//EN' 'http://developer.intuit.com'>\n"
    ),
    "doctype without system id": document(prolog="<!DOCTYPE QBXML PUBLIC '-//INTUIT//DTD QBXML QBD 1.1//EN' >"),
    "doctype 3.0": document(prolog='<!DOCTYPE QBXML PUBLIC "-//INTUIT//DTD QBXML QBD 3.0//EN" "http://developer.intuit.com">'),
    "two version lines": document(prolog='<?qbxml version="13.0"?><?qbxml version="2.0"?>'),
    "canadian": document(version="CA3.0"),
    "british": document(version="UK2.0"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_taken(name) -> None:
    message_set = decode_set(TAKEN[name])
    assert message_set.on_error == "stopOnError"
    assert all(request.fault is None for request in message_set.requests)
    again = decode_set(TAKEN[name].encode())
    assert [request.values for request in again.requests] == [request.values for request in message_set.requests]


def test_a_text_with_a_comment_in_it_is_one_text() -> None:
    assert decode_set(TAKEN["comment inside a text"]).requests[0].values == {"FullName": ["abcd"]}


@pytest.mark.parametrize(
    ("name", "number", "form", "doctype"),
    [("doctype 1.0", "1.0", "", True), ("doctype without system id", "1.1", "", True), ("doctype 3.0", "3.0", "", True),
     ("canadian", "3.0", "CA", False), ("british", "2.0", "UK", False), ("utf-8", "13.0", "", False)],
)  # fmt: skip
def test_the_declared_version(name, number, form, doctype) -> None:
    assert decode_set(TAKEN[name]).version == Version(number, form, doctype)


ID = "x" * 60
REFUSED = [
    ("", PARSE, ""), ("   ", PARSE, ""), ("hello", PARSE, ""), ("<QBXML>", PARSE, ""), (" " + TAKEN["utf-8"], PARSE, ""),
    (document(prolog=""), PARSE, "no version"), (document(prolog='<?xml version="1.0"?>'), PARSE, "no version"),
    (document(version="17.0"), VERSION, ""), (document(version="6.1"), VERSION, ""), (document(version="13"), VERSION, ""),
    (document(version=""), VERSION, ""), (document(version="CA4.0"), VERSION, ""), (document(version="13.0.0"), VERSION, ""),
    (document(prolog="<?qbxml ?>"), VERSION, ""), (document(prolog='<?qbxml x-version="13.0"?>'), VERSION, ""),
    (document(prolog="<?qbxml version=\"13.0'?>"), VERSION, ""),
    (document(prolog='<!DOCTYPE QBXML><?xml version="1.0"?><?qbxml version="13.0"?>'), PARSE, "at the start"),
    (document(prolog='<?qbxml version="13.0"?><!DOCTYPE QBXML><!DOCTYPE QBXML>'), PARSE, "more than one DOCTYPE"),
    (document().replace("QBXML>", "qbxml>"), PARSE, "root"),
    (document().replace("<QBXML>", '<QBXML xmlns="urn:x">'), PARSE, "namespaces"),
    (document().replace("<QBXML>", '<QBXML a="1">'), PARSE, "attribute"),
    (document(attributes=""), PARSE, "required attribute"), (document(attributes='onError="stop"'), PARSE, "list"),
    (document(attributes='onError="stopOnError" responseData="some"'), PARSE, "list"),
    (document(attributes='onError="stopOnError" newMessageSetId="1"'), PARSE, "unknown attribute"),
    (document("<CustomerQueryRQ/>"), PARSE, "unknown request"), (document("<CustomerQueryRs/>"), PARSE, "unknown request"),
    (document("<HostQueryRq/>text"), PARSE, "text"), (document("text<HostQueryRq/>"), PARSE, "text"),
    (document('<HostQueryRq requestid="1"/>'), PARSE, "unknown attribute"),
    (document('<CustomerQueryRq metaData="Some"/>'), PARSE, "list"),
    (document('<CustomerQueryRq iterator="Start"/>', version="4.0"), PARSE, "unknown attribute"),
    (document('<AccountQueryRq iterator="Start"/>'), PARSE, "unknown attribute"),
    (document("<PaycheckQueryRq/>"), PARSE, "maker"), (document("<InventorySiteQueryRq/>", version="9.0"), PARSE, "since 10.0"),
    (document("<DataEventSubscriptionQueryRq/>"), PARSE, "other kind"),
    (document("&nbsp;"), PARSE, "well-formed"), (document("<HostQueryRq>\x00</HostQueryRq>"), PARSE, "well-formed"),
    (document("<HostQueryRq>&#0;</HostQueryRq>"), PARSE, "well-formed"), (document("<HostQueryRq>&#x8;</HostQueryRq>"), PARSE, "well-formed"),
    (document() + "<QBXML/>", PARSE, "well-formed"), (document().replace("<QBXML>", "<QBXML><QBXMLMsgsRs/>"), PARSE, "not expected"),
    (document().replace("</QBXML>", '<QBXMLMsgsRq onError="stopOnError"/></QBXML>'), PARSE, "not expected"),
    (document().replace("<QBXML>", "<QBXML><SignonMsgsRq/>"), PARSE, ""),
    (document().replace("<QBXML>", "<QBXML>text"), PARSE, "text"),
    (document(attributes='onError="rollbackOnError"'), ROLLBACK, "roll back"),
    (document("<NoSuchRq/>", attributes='onError="rollbackOnError"'), PARSE, "unknown request"),
    (document("<DataEventSubscriptionQueryRq/>").replace("QBXMLMsgsRq onError=\"stopOnError\"", "QBXMLSubscriptionMsgsRq")
     .replace("</QBXMLMsgsRq", "</QBXMLSubscriptionMsgsRq"), WRONG_CALL, ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "result", "words"), REFUSED)
def test_refused(text, result, words) -> None:
    for given in (text, text.encode()):
        problem = refused(given)
        assert problem.result == result
        assert words in problem.diagnosis.problem


def test_every_private_request_is_unknown_unless_switched() -> None:
    public = set(schema_of("16.0").requests()) | set(schema_of("16.0").requests(subscription=True))
    private = [name for name in message_names("Rq") if name not in public]
    assert len(private) == 29
    for name in private:
        assert refused(document(f"<{name}/>", version="16.0")).result == PARSE
        message_set = decode_set(document(f'<{name} requestID="5"/>', version="16.0"), choices=Choices(private_requests="1030"))
        assert message_set.requests[0].fault == status.of(1030)


def test_a_request_of_another_edition_is_answered_1030() -> None:
    text = document("<SalesTaxReturnQueryRq/>")
    assert decode_set(text).requests[0].fault == status.of(1030)
    assert refused(text, choices=Choices(unsupported_requests=PARSE)).result == PARSE


def test_no_version_line_has_a_switch() -> None:
    assert refused(document(prolog=""), choices=Choices(no_version_line=VERSION)).result == VERSION


XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def test_namespaces_are_refused_and_a_declaration_alone_has_a_switch() -> None:
    declared = document().replace("<QBXML>", f"<QBXML {XSI}>")
    assert refused(declared).result == PARSE
    ignored = Choices(namespace_declarations="ignored")
    assert decode_set(declared, choices=ignored).requests
    for used in (
        'xsi:schemaLocation="urn:x http://127.0.0.1:9/x.xsd"',
        'xsi:noNamespaceSchemaLocation="/etc/passwd"',
        'xsi:nil="true"',
    ):
        for text in (declared.replace("<HostQueryRq", f"<HostQueryRq {used}"), document(f"<HostQueryRq {XSI} {used}/>")):
            assert refused(text).result == PARSE
            assert "namespace" in refused(text, choices=ignored).diagnosis.problem
    words = document("<CustomerQueryRq><FullName>xmlns</FullName></CustomerQueryRq>")
    assert decode_set(words).requests[0].values == {"FullName": ["xmlns"]}


def test_a_long_request_id_is_the_fault_of_its_request() -> None:
    first, second = decode_set(document(f'<HostQueryRq requestID="{ID}"/><HostQueryRq requestID="{ID[:50]}"/>')).requests
    assert first.fault.code == 1060
    assert second.fault is None


def test_the_attributes_of_a_message_set() -> None:
    attributes = 'onError="continueOnError" responseData="includeNone" newMessageSetID="A" oldMessageSetID="B"'
    message_set = decode_set(document(attributes=attributes))
    assert (message_set.on_error, message_set.response_data) == ("continueOnError", "includeNone")
    assert (message_set.new_id, message_set.old_id) == ("A", "B")
    assert MESSAGE_SET_ID_LENGTH_MAX == 24
    too_long = decode_set(document(attributes=f'onError="stopOnError" newMessageSetID="{ID}"'))
    assert too_long.new_id == ID  # status 9004 of the message set: the company answers it


def test_subscriptions_have_their_own_call() -> None:
    text = '<?qbxml version="13.0"?><QBXML><QBXMLSubscriptionMsgsRq>{}</QBXMLSubscriptionMsgsRq></QBXML>'
    subscriber = "<SubscriberID>{8F3C1B52-0A47-4D6E-9B1C-5E2F7A9D3C10}</SubscriberID>"
    message_set = decode_set(
        text.format(f"<DataEventSubscriptionQueryRq>{subscriber}</DataEventSubscriptionQueryRq>"), subscription=True
    )
    assert [request.noun for request in message_set.requests] == ["DataEventSubscription"]
    assert refused(text.format("<HostQueryRq/>"), subscription=True).result == PARSE
    assert refused(document(), subscription=True).result == WRONG_CALL


def test_the_line_of_a_mistake() -> None:
    problem = refused(document("\n\n<HostQueryRq>\n<Sub>x</Sub></HostQueryRq>"))
    assert problem.diagnosis.line == 6


ENCODED = [
    ('<?xml version="1.0" encoding="ISO-8859-1"?>', "iso-8859-1", "Grünwald"),
    ('<?xml version="1.0" encoding="utf-8"?>', "utf-8", "Grünwald €"),
    ('<?xml version="1.0"?>', "utf-8", "Grünwald “x”"),
    ('<?xml version="1.0" encoding="windows-1252"?>', "cp1252", "Grünwald €"),
    ('<?xml version="1.0"?>', "utf-8-sig", "Grünwald"),
    ('<?xml version="1.0" encoding="utf-16"?>', "utf-16", "Grünwald"),
    ('<?xml version="1.0" encoding="us-ascii"?>', "ascii", "Gruenwald"),
]


@pytest.mark.parametrize(("declaration", "codec", "name"), ENCODED)
def test_encodings(declaration, codec, name) -> None:
    text = document(
        f"<CustomerQueryRq><FullName>{name}</FullName></CustomerQueryRq>", prolog=declaration + '<?qbxml version="13.0"?>'
    )
    for given in (text, text.encode(codec)):
        assert decode_set(given).requests[0].values == {"FullName": [name]}


@pytest.mark.parametrize(
    "given",
    [
        b'<?xml version="1.0"?><?qbxml version="13.0"?><QBXML>Gr\xfcn</QBXML>',
        b'<?xml version="1.0" encoding="ebcdic-cp-us"?><QBXML/>',
        b'<?xml version="1.0" encoding="utf-7"?><QBXML/>',
        b'<?xml version="1.0" encoding="rot13"?><QBXML/>',
        b'<?xml version="1.0" encoding="us-ascii"?><QBXML>\xfc</QBXML>',
    ],
)
def test_bytes_that_are_not_what_they_say(given) -> None:
    assert refused(given).result == PARSE


RECORDED_LAYOUT = """<?xml version="1.0" ?>
<QBXML>
<QBXMLMsgsRs>
<CustomerQueryRs requestID="1" statusCode="0" statusSeverity="Info" statusMessage="Status OK" retCount="1" iteratorRemainingCount="0" iteratorID="{8F3C1B52-0A47-4D6E-9B1C-5E2F7A9D3C10}">
<CustomerRet>
<ListID>150000-933272658</ListID>
<Name>Abercrombie &amp; &quot;Sons&quot;</Name>
<IsActive>true</IsActive>
<BillAddress>
<Addr1>Kristy&apos;s</Addr1>
</BillAddress>
<Balance>-48.35</Balance>
</CustomerRet>
</CustomerQueryRs>
<VendorQueryRs statusCode="500" statusSeverity="Warn" statusMessage="The query request has not been fully completed. An element it asks for (&quot;x&quot;) could not be found in QuickBooks." />
</QBXMLMsgsRs>
</QBXML>
"""  # noqa: E501 - one tag per line is the layout under test


def test_answers_are_written_as_recorded_and_read_back() -> None:
    record = {
        "Balance": -4835,
        "ListID": "150000-933272658",
        "Name": 'Abercrombie & "Sons"',
        "IsActive": True,
        "BillAddress": {"Addr1": "Kristy's"},
        "Fax": None,
    }
    attributes = {
        "requestID": "1",
        "retCount": "1",
        "iteratorRemainingCount": "0",
        "iteratorID": "{8F3C1B52-0A47-4D6E-9B1C-5E2F7A9D3C10}",
    }
    answers = [
        Answer("CustomerQueryRs", status.of(0), attributes, [("CustomerRet", record)]),
        Answer("VendorQueryRs", status.of(500, value="x")),
    ]
    assert encode_answer_set("13.0", answers) == RECORDED_LAYOUT
    found = decode_answer_set(RECORDED_LAYOUT, "13.0", strict=True)
    del record["Fax"]
    assert found.answers == answers
    assert found.attributes == {}


def test_include_none_leaves_the_records_out() -> None:
    message_set = decode_set(document(attributes='onError="stopOnError" responseData="includeNone"'))
    text = encode_answer_set(message_set, [Answer("CompanyQueryRs", status.of(0), {}, [("CompanyRet", {"CompanyName": "x"})])])
    assert '<CompanyQueryRs statusCode="0" statusSeverity="Info" statusMessage="Status OK" />' in text


def test_attributes_of_a_set_of_answers() -> None:
    text = encode_answer_set("13.0", [], {"newMessageSetID": "A", "messageSetStatusCode": "0"})
    assert '<QBXMLMsgsRs newMessageSetID="A" messageSetStatusCode="0" />' in text
    assert decode_answer_set(text).attributes == {"newMessageSetID": "A", "messageSetStatusCode": "0"}


def test_characters_that_xml_cannot_carry_come_out_as_question_marks() -> None:
    record = {"Name": "a\x01b\ud800c\rd\ne"}
    text = encode_answer_set("13.0", [Answer("CustomerAddRs", status.of(3100, value="x\ny"), {}, [("CustomerRet", record)])])
    (answer,) = decode_answer_set(text).answers
    assert answer.records == [("CustomerRet", {"Name": "a?b?c\rd\ne"})]
    assert answer.status == status.of(3100, value="x\ny")


def test_answers_may_be_plain_or_references() -> None:
    answer = Answer("CustomerAddRs", status.of(0), {}, [("CustomerRet", {"Name": "é"})])
    assert "<Name>é</Name>" in encode_answer_set("13.0", [answer])
    assert "<Name>&#233;</Name>" in encode_answer_set("13.0", [answer], choices=Choices(answer_characters="references"))


def test_a_lenient_reader_passes_over_what_it_does_not_know() -> None:
    text = RECORDED_LAYOUT.replace("<IsActive>true", "<NewThing><A>1</A></NewThing><IsActive>perhaps")
    record = decode_answer_set(text, "13.0").answers[0].records[0][1]
    assert record["IsActive"] == "perhaps"
    assert "NewThing" not in record
    with pytest.raises(NotValid):
        decode_answer_set(text, "13.0", strict=True)


@pytest.mark.parametrize("text", ["<html/>", "<QBXML/>", document(), "<QBXML><QBXMLMsgsRs><NoSuchRs/></QBXMLMsgsRs></QBXML>", ""])
def test_what_is_no_document_of_answers(text) -> None:
    with pytest.raises(NotValid):
        decode_answer_set(text)


@pytest.mark.parametrize("number", ["1.0", "1.1", "2.0", "16.0"])
def test_requests_declare_their_version(number) -> None:
    text = encode_request_set(
        number, "continueOnError", [make_request("CustomerQuery")], response_data="includeNone", new_id="A", old_id="B"
    )
    message_set = decode_set(text)
    assert message_set.version == Version(number, doctype=number in ("1.0", "1.1"))
    assert (message_set.on_error, message_set.response_data, message_set.new_id, message_set.old_id) == (
        "continueOnError", "includeNone", "A", "B",
    )  # fmt: skip


def test_mistakes_of_the_caller_are_told() -> None:
    with pytest.raises(KeyError):
        make_request("NoSuch")
    with pytest.raises(ValueError, match=r"17\.0"):
        encode_request_set("17.0", "stopOnError", [])
    with pytest.raises(KeyError):
        encode_request_set("9.0", "stopOnError", [make_request("InventorySiteQuery")])


def test_many_threads_at_once_do_not_disturb_each_other() -> None:
    texts = [document(f'<CustomerQueryRq requestID="{i}"><FullName>n{i}</FullName></CustomerQueryRq>') for i in range(40)]
    texts += [document(f"<CustomerQueryRq><Nonsense{i}/></CustomerQueryRq>") for i in range(40)]

    def outcome(text):
        try:
            return decode_set(text).requests[0].values
        except NotValid as problem:
            return problem.diagnosis.found

    wanted = [outcome(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(outcome, texts * 5)) == wanted * 5
    assert wanted[0] == {"FullName": ["n0"]}
    assert wanted[-1] == "<Nonsense39>"
