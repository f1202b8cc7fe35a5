"""Lines and columns of elements: of those that comments, CDATA sections and characters of several bytes stand before."""

import pytest
from lxml import etree

from emulator.qbxml import NotValid, decode_set
from emulator.qbxml.places import line_and_column, offsets, place_of, place_of_text

TEXT = """<a>
  <!-- <no> --><b x="1 > 0"/>
  <c>ü<![CDATA[<no>]]><?no <no> ?><d/></c>
  é<e
    y="1"/></a>""".encode()


def test_the_place_of_every_element() -> None:
    root = etree.fromstring(TEXT, etree.XMLParser(remove_comments=True, remove_pis=True))
    found = {element.tag: place_of(TEXT, element) for element in root.iter()}
    assert found == {"a": (1, 1), "b": (2, 16), "c": (3, 3), "d": (3, 35), "e": (4, 4)}
    assert len(list(offsets(TEXT))) == 5


@pytest.mark.parametrize(
    "text",
    [
        "<a>\n<b>no</b><!-- no -->\n &#32;*</a>",
        "<a *><b/></a>".replace(" *", '\n x=">"').replace("><b", "> *<b"),
        "<a><b>\n<c/>no</b>&#x20;&#xA;<?no no?>*&#160;<b/></a>",
        "<a><b><![CDATA[</a>]]></b><![CDATA[ ]]>*<![CDATA[ x ]]></a>",
    ],
)
def test_the_place_of_a_text_between_elements(text) -> None:
    body = text.replace("*", "é" if "*&#160;" not in text and "*<![CDATA[ x" not in text else "").encode()
    root = etree.fromstring(body, etree.XMLParser(remove_comments=True, remove_pis=True))
    assert place_of_text(body, root) == line_and_column(text.encode(), text.encode().index(b"*"))


def test_line_and_column_count_characters() -> None:
    assert line_and_column("é<x>".encode(), 2) == (1, 2)
    assert line_and_column(b"\n\n<x>", 2) == (3, 1)


@pytest.mark.parametrize("doctype", ["", '<!DOCTYPE QBXML PUBLIC "-//INTUIT//DTD QBXML QBD 1.1//EN" "http://x/y.dtd">'])
def test_a_doctype_does_not_move_what_follows_on_its_line(doctype) -> None:
    version = "" if doctype else '<?qbxml version="1.1"?>'
    text = f'{version}{doctype}<QBXML><QBXMLMsgsRq onError="stopOnError"><CustomerQueryRq><FulName/></CustomerQueryRq></QBXMLMsgsRq></QBXML>'
    with pytest.raises(NotValid) as refused:
        decode_set(text)
    told = refused.value.diagnosis
    assert (told.line, told.column) == (1, text.index("<FulName") + 1)
