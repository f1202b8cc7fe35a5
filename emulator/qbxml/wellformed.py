"""What is wrong with a document that is no XML, in plain words: the parser's own are for those who know its source.

The messages are those of libxml2, which lxml hands on; one that is not known here is told as it is.
"""

import re
from typing import Final

from lxml import etree

from emulator.qbxml.diagnosis import Diagnosis
from emulator.qbxml.limits import DEPTH_MAX, TEXT_BYTES_MAX

_PLACE = re.compile(r", line \d+, column \d+.*$", re.DOTALL)
_MISMATCH = re.compile(r"Opening and ending tag mismatch: (\S+) line (\d+) and (\S+)")
_PREMATURE = re.compile(r"Premature end of data in tag (\S+) line (\d+)")
_ENTITY = re.compile(r"Entity '([^']+)' not defined")
_TWICE = re.compile(r"Attribute (\S+) redefined")
_NO_VALUE = re.compile(r"Specification mandates value for attribute (\S+)")
_BARE = re.compile(r"&(?!(?:[A-Za-z][\w.-]*|#[0-9]+|#x[0-9A-Fa-f]+);)")

_AMPERSANDS: Final = ("xmlParseEntityRef", "EntityRef: expecting")
_SHOWN_MAX: Final = 120


def why_no_xml(problem: etree.XMLSyntaxError, body: bytes) -> Diagnosis:
    """Return why the parser refused a document.

    Args:
        problem: what it raised.
        body: what it was given (UTF-8).
    """
    text = _PLACE.sub("", problem.msg or "") or "no reason is given"
    if "depth" in text.lower():
        return Diagnosis(f"not well-formed: elements are nested deeper than {DEPTH_MAX}", problem.lineno or 0, limit="DEPTH_MAX")
    if any(word in text.lower() for word in ("too long", "too large", "too big")):
        told = f"not well-formed: a text is longer than {TEXT_BYTES_MAX} bytes"
        return Diagnosis(told, problem.lineno or 0, limit="TEXT_BYTES_MAX")
    if not body.strip():
        return Diagnosis("not well-formed: the document is empty", 1, expected=("<QBXML>",))
    line, column = problem.position if problem.lineno else (0, 0)
    if text.startswith(_AMPERSANDS):
        return _ampersand(body, line, column)
    told, expected = _in_words(text)
    if _MISMATCH.match(text):
        # The parser stops behind the end tag; people look for where it begins.
        column = max(1, column - len(_last_tag(body, line, column)))
    return Diagnosis(f"not well-formed: {told}", line, found=_around(body, line, column), expected=expected, column=column)


def _in_words(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a message of the parser in plain words, and what was expected there."""
    if match := _MISMATCH.match(text):
        opened, line, closed = match.groups()
        return f"<{opened}> of line {line} is not closed: </{closed}> comes before </{opened}>", (f"</{opened}>",)
    if match := _PREMATURE.match(text):
        opened, line = match.groups()
        return f"<{opened}> of line {line} is not closed: the document ends before </{opened}>", (f"</{opened}>",)
    if match := _ENTITY.match(text):
        told = f"the entity &{match.group(1)}; is not known: XML has five, and numbers for every other character"
        return told, ("&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#NUMBER;")
    if match := _TWICE.match(text):
        return f"the attribute {match.group(1)} stands twice in one tag", ()
    if match := _NO_VALUE.match(text):
        return f"the attribute {match.group(1)} has no value", (f'{match.group(1)}="..."',)
    return next(((told, expected) for part, told, expected in _PHRASES if part in text), (text, ()))


_PHRASES: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("Extra content at the end", "something stands after the end of the root element", ("nothing after </QBXML>",)),
    ("Start tag expected", "text stands where the root element should begin", ("<QBXML>",)),
    ("Document is empty", "the document is no XML: it does not begin with <", ("<QBXML>",)),
    ("invalid element name", "a < stands where no tag begins; in a text it is written &lt;", ("&lt;",)),
    ("Unescaped '<' not allowed in attributes", "a < stands in the value of an attribute, or its quote is not closed", ("&lt;",)),
    ("AttValue: \" or ' expected", "the value of an attribute is not quoted", ('name="value"',)),
    ("AttValue", "the value of an attribute does not end", ('name="value"',)),
    ("attributes construct error", "two attributes are not apart, or a quote is missing", ('name="value"',)),
    ("Couldn't find end of Start Tag", "a start tag is not closed by >", (">",)),
    ("GtExpected", "a tag is not closed by >", (">",)),
    ("expected '>'", "a tag is not closed by >", (">",)),
    ("XML declaration allowed only at the start", "the XML declaration does not stand at the very start", ()),
    ("Comment not terminated", "a comment is not closed by -->", ("-->",)),
    ("Comment must not contain", "a comment holds --", ()),
    ("CData section not finished", "a CDATA section is not closed by ]]>", ("]]>",)),
    ("Sequence ']]>' not allowed", "]]> stands in a text; it is written ]]&gt;", ("]]&gt;",)),
    ("PCDATA invalid Char", "a character stands in a text that XML does not allow", ()),
    ("invalid character in attribute", "a character stands in an attribute that XML does not allow", ()),
    ("xmlParseCharRef", "the number of a character (&#...;) is none that XML allows", ("&#NUMBER;",)),
    ("PI is never", "an instruction is not closed by ?>", ("?>",)),
)
"""Part of a message of the parser, what it means, what was expected."""


def _ampersand(body: bytes, line: int, column: int) -> Diagnosis:
    """The commonest of all: a name with a bare ampersand."""
    text = _line_of(body, line)
    bare = [match.start() for match in _BARE.finditer(text)]
    at = max((place for place in bare if place < column), default=bare[0] if bare else -1)
    if at < 0:
        return Diagnosis(
            "not well-formed: a bare & stands in a text; it is written &amp;", line, expected=("&amp;",), column=column
        )
    start = max(text.rfind("<", 0, at), 0)
    end = text.find("<", at)
    end = len(text) if end < 0 else text.find(">", end) + 1 or len(text)
    form = _BARE.sub("&amp;", text[start:end]).strip()
    return Diagnosis(
        "not well-formed: a bare & stands in a text; it is written &amp;",
        line,
        found=repr(text[at : at + 20]),
        expected=("&amp;",),
        column=at + 1,
        form=form if len(form) <= _SHOWN_MAX else "",
    )


def _line_of(body: bytes, line: int) -> str:
    lines = body.split(b"\n", line)
    return lines[line - 1].decode("utf-8", "replace") if 0 < line <= len(lines) else ""


def _last_tag(body: bytes, line: int, column: int) -> str:
    text = _line_of(body, line)[: column - 1]
    place = text.rfind("</")
    return text[place:] if place >= 0 else ""


def _around(body: bytes, line: int, column: int) -> str:
    found = _line_of(body, line)[max(0, column - 1) :][:20].strip()
    return repr(found) if found else ""
