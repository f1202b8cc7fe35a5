"""What is no XML is told in plain words, with the place; a message of the parser that nobody knows is told as it is."""

import pytest
from lxml import etree

from emulator.qbxml import NotValid, decode_set
from emulator.qbxml.wellformed import why_no_xml

HEAD = '<?qbxml version="16.0"?>\n<QBXML>\n<QBXMLMsgsRq onError="stopOnError">\n'
TAIL = "\n</QBXMLMsgsRq>\n</QBXML>"

CASES = [
    ("<CustomerQueryRq><FullName>A & B</FullName></CustomerQueryRq>", "a bare &", 4, 30, "<FullName>A &amp; B</FullName>"),
    ("<CustomerQueryRq><FullName>A&B</FullName></CustomerQueryRq>", "a bare &", 4, 29, "<FullName>A&amp;B</FullName>"),
    (
        "<CustomerQueryRq><FullName>A &amp; B & C</FullName></CustomerQueryRq>",
        "a bare &",
        4,
        38,
        "<FullName>A &amp; B &amp; C</FullName>",
    ),
    (
        "<CustomerQueryRq>\n<FullName>A</CustomerQueryRq>",
        "<FullName> of line 5 is not closed: </CustomerQueryRq> comes before",
        5,
        12,
        "",
    ),
    ("<CustomerQueryRq><FullName>A&nbsp;B</FullName></CustomerQueryRq>", "the entity &nbsp; is not known", 4, None, ""),
    ("<CustomerQueryRq><FullName>1 < 2</FullName></CustomerQueryRq>", "it is written &lt;", 4, None, ""),
    ("<CustomerQueryRq requestID=1/>", "not quoted", 4, None, ""),
    ('<CustomerQueryRq requestID="1" requestID="2"/>', "the attribute requestID stands twice", 4, None, ""),
    ("<CustomerQueryRq requestID/>", "the attribute requestID has no value", 4, None, ""),
    ("<!-- <CustomerQueryRq/>", "a comment is not closed", None, None, ""),
    ("<CustomerQueryRq", "", None, None, ""),
]


@pytest.mark.parametrize(("body", "problem", "line", "column", "form"), CASES)
def test_what_is_told(body, problem, line, column, form) -> None:
    with pytest.raises(NotValid) as refused:
        decode_set(HEAD + body + TAIL)
    told = refused.value.diagnosis
    assert told.problem.startswith("not well-formed: ")
    assert problem in told.problem
    assert told.form == form
    assert line is None or told.line == line
    assert column is None or told.column == column


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the document is empty"),
        ("   \n", "the document is empty"),
        ("hello", "text stands where the root element should begin"),
        (HEAD + TAIL + "<more/>", "something stands after the end"),
        (HEAD + "<HostQueryRq/>", "the document ends before </QBXMLMsgsRq>"),
        (HEAD + "<HostQueryRq>\x01</HostQueryRq>" + TAIL, "a character stands in a text that XML does not allow"),
    ],
)
def test_what_is_told_of_the_document(text, problem) -> None:
    with pytest.raises(NotValid) as refused:
        decode_set(text)
    assert problem in refused.value.diagnosis.problem


def test_a_message_that_nobody_knows() -> None:
    told = why_no_xml(etree.XMLSyntaxError("something quite new", 0, 3, 7), b"<a>\n<b>\nx y z w v\n")
    assert (told.problem, told.line, told.column) == ("not well-formed: something quite new", 3, 7)
