"""SOAP messages: what is sent, byte for byte; what is understood of the answers of real services; what is not."""

import gzip
import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from emulator.webconnector.soap import OPERATIONS, Answered, Fault, Unreadable, envelope, read

SENT = [
    # Observed: bodies of a Web Connector 2.2.0.71.
    (
        "clientVersion",
        ["2.2.0.71"],
        '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soap:Body>'
        '<clientVersion xmlns="http://developer.intuit.com/"><strVersion>2.2.0.71</strVersion></clientVersion></soap:Body></soap:Envelope>',
    ),
    (
        "serverVersion",
        [],
        '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soap:Body>'
        '<serverVersion xmlns="http://developer.intuit.com/" /></soap:Body></soap:Envelope>',
    ),
]


@pytest.mark.parametrize(("name", "values", "body"), SENT)
def test_what_is_sent(name, values, body):
    assert envelope(OPERATIONS[name], values).decode() == body


def test_texts_are_escaped_and_empty_ones_are_there():
    sent = envelope(OPERATIONS["receiveResponseXML"], ["t", "<a>&\r\n\x00é</a>", "", ""]).decode()
    assert "<response>&lt;a&gt;&amp;&#xD;\n?é&lt;/a&gt;</response><hresult /><message />" in sent


def test_soap_action():
    assert OPERATIONS["sendRequestXML"].action == '"http://developer.intuit.com/sendRequestXML"'


def soap(body, prefix="soap"):
    return (
        f'<{prefix}:Envelope xmlns:{prefix}="http://schemas.xmlsoap.org/soap/envelope/"><{prefix}:Body>{body}'
        f"</{prefix}:Body></{prefix}:Envelope>"
    ).encode()


NS = 'xmlns="http://developer.intuit.com/"'
UNDERSTOOD = [
    (
        "plain",
        "getLastError",
        soap(f"<getLastErrorResponse {NS}><getLastErrorResult>NoOp</getLastErrorResult></getLastErrorResponse>"),
        ["NoOp"],
        0,
    ),
    (
        "spyne",
        "authenticate",
        soap(
            '<tns:authenticateResponse xmlns:tns="http://developer.intuit.com/"><tns:authenticateResult><tns:string>t</tns:string>'
            "<tns:string></tns:string></tns:authenticateResult></tns:authenticateResponse>",
            "soap11env",
        ),
        ["t", ""],
        0,
    ),
    (
        "PHP",
        "authenticate",
        soap(
            '<ns1:authenticateResponse xmlns:ns1="http://developer.intuit.com/"><ns1:authenticateResult><ns1:string>t</ns1:string>'
            "<ns1:string>none</ns1:string></ns1:authenticateResult></ns1:authenticateResponse>",
            "SOAP-ENV",
        ),
        ["t", "none"],
        0,
    ),
    (
        "xsi:type, pretty printed",
        "authenticate",
        soap(
            f'\n <authenticateResponse {NS} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n  <authenticateResult xsi:type="ArrayOfString">\n'
            '   <string xsi:type="xsd:string"> t </string>\n   <string xsi:nil="true"/>\n  </authenticateResult>\n </authenticateResponse>\n'
        ),
        [" t ", ""],
        0,
    ),
    (
        "node-soap",
        "receiveResponseXML",
        soap(
            f"<receiveResponseXMLResponse {NS}><receiveResponseXMLResult><int>100</int></receiveResponseXMLResult></receiveResponseXMLResponse>"
        ),
        ["100"],
        1,
    ),
    (
        "no namespace",
        "sendRequestXML",
        soap(
            '<q:sendRequestXMLResponse xmlns:q="http://developer.intuit.com/"><sendRequestXMLResult>x</sendRequestXMLResult>'
            "</q:sendRequestXMLResponse>"
        ),
        ["x"],
        1,
    ),
    (
        "CDATA, comments",
        "sendRequestXML",
        soap(
            f"<sendRequestXMLResponse {NS}><!-- c --><sendRequestXMLResult><![CDATA[\n<?xml version='1.0'?>]]></sendRequestXMLResult>"
            "</sendRequestXMLResponse>"
        ),
        ["\n<?xml version='1.0'?>"],
        0,
    ),
    ("nothing", "getLastError", soap(f"<getLastErrorResponse {NS}/>"), [], 0),
    ("white space before", "getLastError", b"\n\n" + soap(f"<getLastErrorResponse {NS}/>"), [], 0),
]


@pytest.mark.parametrize(
    ("name", "body", "texts", "remarks"), [each[1:] for each in UNDERSTOOD], ids=[each[0] for each in UNDERSTOOD]
)
def test_what_is_understood(name, body, texts, remarks):
    answered = read(OPERATIONS[name], body)
    assert (list(answered.texts), len(answered.remarks)) == (texts, remarks)


WHOLE = soap(
    f"<authenticateResponse {NS}><authenticateResult><string>t</string><string></string></authenticateResult></authenticateResponse>"
)
BOMB = (
    b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    + soap(f"<getLastErrorResponse {NS}><getLastErrorResult>&c;</getLastErrorResult></getLastErrorResponse>")
)
NOT_UNDERSTOOD = [
    ("HTML", b"<!DOCTYPE html><html><body>Hello</body></html>", 200, "an HTML page came"),
    ("not well-formed HTML", b"<html><p>Hello</html>", 404, "HTTP status 404; an HTML page came"),
    ("empty", b"", 200, "the answer is empty"),
    ("half", soap("")[:60], 200, "not well-formed"),
    ("document type", BOMB, 200, "document type"),
    ("entity from a file", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 200, "document type"),
    (
        "SOAP 1.2",
        soap("").replace(b"http://schemas.xmlsoap.org/soap/envelope/", b"http://www.w3.org/2003/05/soap-envelope"),
        200,
        "SOAP 1.1",
    ),
    ("other namespace", soap('<getLastErrorResponse xmlns="http://tempuri.org/"/>'), 200, "namespace"),
    ("other operation", soap(f"<authenticateResponse {NS}/>"), 200, "not getLastErrorResponse"),
    ("other result", soap(f"<getLastErrorResponse {NS}><other/></getLastErrorResponse>"), 200, "not getLastErrorResult"),
    ("empty body", soap(""), 200, "Object reference not set"),
    ("no body", b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"/>', 200, "no Body"),
    (
        "deep",
        soap(f"<getLastErrorResponse {NS}><getLastErrorResult><a><b/></a></getLastErrorResult></getLastErrorResponse>"),
        200,
        "where a text",
    ),
    ("status", soap(f"<getLastErrorResponse {NS}/>"), 500, "HTTP status 500"),
    ("binary", bytes(range(256)), 200, "not well-formed"),
]


@pytest.mark.parametrize(
    ("body", "status", "why"), [each[1:] for each in NOT_UNDERSTOOD], ids=[each[0] for each in NOT_UNDERSTOOD]
)
def test_what_is_not_understood(body, status, why):
    with pytest.raises(Unreadable, match=why):
        read(OPERATIONS["getLastError"], body, status)


def long(head="", name="getLastError", text=b"x" * 11_000_000):
    """An answer that is longer than what the parser takes of one text."""
    return head.encode() + soap(f"<{name}Response {NS}><{name}Result>T</{name}Result></{name}Response>").replace(
        b">T<", b">" + text + b"<"
    )


@pytest.mark.parametrize("head", ["", "\ufeff", "\n<?xml version='1.0'?>", '<?xml version="1.0" encoding="UTF-8"?>'])
def test_a_long_answer_is_understood(head):
    assert len(read(OPERATIONS["getLastError"], long(head)).text) == 11_000_000


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        "<?xml version='1.0' encoding='utf-7'?>",
        "<?xml version='1.0' standalone='yes' encoding='utf-16'?>",
    ],
)
def test_a_long_answer_that_may_hide_entities_is_not(head):
    with pytest.raises(Unreadable):
        read(OPERATIONS["getLastError"], long(head))


LAUGHS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize(
    "document",
    [
        BOMB,
        f'<!DOCTYPE a [<!ENTITY e0 "a">{LAUGHS}]><a>&e11;</a>'.encode(),
        f'<!DOCTYPE a [<!ENTITY e0 "a">{LAUGHS}]><a x="&e11;"/>'.encode(),
        b'<!DOCTYPE a [<!ENTITY a "&a;">]><a x="&a;"/>',
        b'\xef\xbb\xbf\r\n<?xml version="1.0"?>\n<!-- <a> --><?b c?><!DOCTYPE a SYSTEM "file:///etc/passwd"><a>&b;</a>',
        f'<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY e0 "a">{LAUGHS}]><a x="&e11;"/>'.encode("utf-16"),
    ],
    ids=["entities", "a bomb", "a bomb in an attribute", "a loop", "behind a comment", "UTF-16"],
)
def test_a_document_type_is_told_in_our_words(document):
    told = r"^a document type declaration \(<!DOCTYPE\) is in it, which is refused whatever it holds$"
    with pytest.raises(Unreadable, match=told):
        read(OPERATIONS["getLastError"], document)


@pytest.mark.parametrize(
    "document",
    [b"<a><!DOCTYPE", b"<a>&lt;!DOCTYPE a&gt;", b"<!-- <!DOCTYPE a> --><a>", b"<??>" * 10_000 + b"<a>", b"<!-- " * 10_000],
)
def test_what_only_looks_like_a_document_type(document):
    with pytest.raises(Unreadable, match="not well-formed"):
        read(OPERATIONS["getLastError"], document)


@pytest.mark.parametrize(
    ("headers", "status", "told"),
    [
        ({"content-encoding": "gzip"}, 200, "^the answer cannot be read: it is compressed (gzip), which nobody asked for$"),
        (
            {"content-encoding": "br"},
            502,
            "^HTTP status 502; the answer cannot be read: it is compressed (br), which nobody asked for$",
        ),
        ({"content-encoding": "gzip", "content-type": "text/html"}, 200, "HTML page"),
        ({"content-encoding": "identity"}, 200, "not well-formed"),
        ({"content-encoding": ""}, 200, "not well-formed"),
    ],
)
def test_an_answer_that_is_compressed(headers, status, told):
    with pytest.raises(Unreadable, match=told.replace("(", r"\(").replace(")", r"\)")):
        read(OPERATIONS["getLastError"], gzip.compress(WHOLE), status, headers)


def test_an_answer_that_only_says_it_is_compressed():
    """A reader that asks for no compression undoes none, and reads what came."""
    assert read(OPERATIONS["authenticate"], WHOLE, 200, {"content-encoding": "gzip"}).texts == ("t", "")


def test_a_long_bomb_in_an_attribute():
    """Entities in attributes are put in whatever the parser is told: it must not have been told that the document is large."""
    bomb = f'<!DOCTYPE a [<!ENTITY e0 "aaaaaaaaaa">{LAUGHS}]><a x="&e11;">'.encode() + b"y" * 11_000_000 + b"</a>"
    with pytest.raises(Unreadable):
        read(OPERATIONS["getLastError"], bomb)


def test_a_fault_is_told():
    body = soap("<soap:Fault><faultcode>soap:Server</faultcode><faultstring> it broke </faultstring></soap:Fault>")
    with pytest.raises(Fault, match=r"^it broke$"):
        read(OPERATIONS["getLastError"], body, 500)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("100", 100),
        (" -101\n", -101),
        ("+5", 5),
        ("2147483647", 2**31 - 1),
        ("-2147483648", -(2**31)),
        ("-0", 0),
        ("0" * 30 + "7", 7),
    ],
)
def test_whole_numbers(text, number):
    assert Answered((text,)).integer == number


@pytest.mark.parametrize("text", ["2147483648", "-2147483649", "9" * 11, "99999999999999999999", "-" + "9" * 5000])
def test_what_is_out_of_the_range_of_an_int(text):
    with pytest.raises(Unreadable, match=r"is out of the range of a 32-bit int: -2147483648 to 2147483647$"):
        assert Answered((text,)).integer


@pytest.mark.parametrize("text", ["", "33.3", "1e2", "NaN", "100%", "9" * 20 + "x", "\u0663"])
def test_what_is_no_whole_number(text):
    with pytest.raises(Unreadable, match="whole number"):
        assert Answered((text,)).integer


@given(
    st.sampled_from(list(OPERATIONS)),
    st.binary(max_size=60),
    st.integers(0, len(WHOLE)),
    st.integers(0, 20),
    st.sampled_from([200, 404, 500]),
)
def test_whatever_comes_is_an_answer_or_is_told(name, noise, place, cut, status):
    """A body with a hole and noise in it is read, or refused with a reason; nothing else happens."""
    outcome = None
    with suppress(Unreadable):
        outcome = read(OPERATIONS[name], WHOLE[:place] + noise + WHOLE[place + cut :], status)
    assert outcome is None or all(isinstance(text, str) for text in outcome.texts)


@given(st.text())
def test_whatever_text_is_sent_comes_out_again(text):
    """What XML can hold arrives as it is (but for the end of a line), the rest as question marks; .NET would not send it at all."""
    sent = etree.fromstring(envelope(OPERATIONS["getLastError"], [text]))
    arrived = sent.findtext(".//{http://developer.intuit.com/}ticket")
    assert (arrived or "") == "".join(each if XML.fullmatch(each) else "?" for each in text)


XML = re.compile("[\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
