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
    (
        "<CustomerQueryRq><FullName>A&nbsp;B</FullName></CustomerQueryRq>",
        "the entity &nbsp; is not known",
        4,
        29,
        "<FullName>A&#160;B</FullName>",
    ),
    (
        "<CustomerQueryRq><FullName>éé 1 < 2</FullName></CustomerQueryRq>",
        "it is written &lt;",
        4,
        33,
        "<FullName>éé 1 &lt; 2</FullName>",
    ),
    ("<CustomerQueryRq><FullName>A&#0;B</FullName></CustomerQueryRq>", "the number of a character (&#...;)", 4, 29, ""),
    ("<CustomerQueryRq><FullName>A&#xD800;B</FullName></CustomerQueryRq>", "the number of a character (&#...;)", 4, 29, ""),
    ("<CustomerQueryRq><FullName>A&#X41;B</FullName></CustomerQueryRq>", "the number of a character (&#...;)", 4, 29, ""),
    ("<CustomerQueryRq><FullName>A&#;B</FullName></CustomerQueryRq>", "the number of a character (&#...;)", 4, 29, ""),
    ("<CustomerQueryRq><FullName>A\x0bB</FullName></CustomerQueryRq>", "a character stands in a text", 4, 29, ""),
    ("<CustomerQueryRq><FullName>A\x00B</FullName></CustomerQueryRq>", "a character stands in a text", 4, 29, ""),
    ("<CustomerQueryRq><FullName>A ]]> B</FullName></CustomerQueryRq>", "it is written ]]&gt;", 4, 30, ""),
    ("<CustomerQueryRq requestID=1/>", "not quoted", 4, 28, ""),
    ('<CustomerQueryRq requestID="\x0b"/>', "a character stands in an attribute", 4, 29, ""),
    ('<CustomerQueryRq requestID="1" requestID="2"/>', "the attribute requestID stands twice", 4, 32, ""),
    ("<CustomerQueryRq requestID/>", "the attribute requestID has no value", 4, 18, ""),
    ("<qb:CustomerQueryRq/>", "namespaces are not known: qb:", 4, 2, ""),
    ("\n <!-- <CustomerQueryRq/>", "a comment is not closed", 5, 2, ""),
    ("<!-- a -- b --><CustomerQueryRq/>", "a comment holds --", 4, 8, ""),
    ("<CustomerQueryRq><FullName>\n<![CDATA[A</FullName></CustomerQueryRq>", "a CDATA section is not closed", 5, 1, ""),
    ("\n<?p <CustomerQueryRq/>", "the instruction <?p is not closed", 5, 1, ""),
    ("<CustomerQueryRq", "a start tag is not closed by >", 4, 1, ""),
    (f"<{'x' * 30_000}></y>", "is not closed: </y> comes before", 4, 30_003, ""),
]


@pytest.mark.parametrize(("body", "problem", "line", "column", "form"), CASES)
def test_what_is_told(body, problem, line, column, form) -> None:
    with pytest.raises(NotValid) as refused:
        decode_set(HEAD + body + TAIL)
    told = refused.value.diagnosis
    assert told.problem.startswith("not well-formed: ")
    assert problem in told.problem
    assert len(told.problem) < 400
    assert "\n" not in told.problem
    assert told.path.startswith("QBXML/QBXMLMsgsRq")
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
        ('<?xml version="2.0"?>' + HEAD + TAIL, "the XML declaration names version 2.0"),
        ('<?xml encoding="utf-8"?>' + HEAD + TAIL, "the XML declaration does not begin with its version"),
        ('<?xml version="1.0" encoding=""?>' + HEAD + TAIL, "the XML declaration names no encoding"),
        ('<?xml version="1.0" standalone="maybe"?>' + HEAD + TAIL, "standalone is neither yes nor no"),
        ('<?xml version="1.0">' + HEAD + TAIL, "the XML declaration is not closed by ?>"),
        ("\n" + '<?xml version="1.0"?>' + HEAD + TAIL, "the XML declaration does not stand at the very start"),
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
