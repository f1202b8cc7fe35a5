"""Escaping of text and attributes."""

import pytest

from emulator.qbxml.escapes import escape, escape_attribute

CASES = [
    ("plain", "plain", "plain"),
    ("a & b", "a &amp; b", "a &amp; b"),
    ("<\"'>", "&lt;&quot;&apos;&gt;", "&lt;&quot;&apos;&gt;"),
    ("a\tb\nc\rd", "a\tb\nc&#13;d", "a&#9;b&#10;c&#13;d"),
    ("\x00\x1f\ufffe\udcff", "????", "????"),
    ("é€漢", "é€漢", "é€漢"),
]


@pytest.mark.parametrize(("text", "in_element", "in_attribute"), CASES)
def test_escapes(text, in_element, in_attribute) -> None:
    assert escape(text) == in_element
    assert escape_attribute(text) == in_attribute
