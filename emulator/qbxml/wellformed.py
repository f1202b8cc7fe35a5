"""What is wrong with a document that is no XML, in plain words: the parser's own are for those who know its source.

The messages are those of libxml2, which lxml hands on; one that is not known here is told as it is. The parser stops behind a mistake, and
people look for where it begins: for each message that is known here it is said what the mistake begins with.
"""

import re
from html.entities import name2codepoint
from typing import Final, NamedTuple

from lxml import etree

from emulator.qbxml.diagnosis import WHITE, Diagnosis, shown, tag
from emulator.qbxml.limits import DEPTH_MAX, TEXT_BYTES_MAX
from emulator.qbxml.places import names_open_at

_PLACE = re.compile(r", line \d+, column \d+.*$", re.DOTALL)
_BARE = re.compile(r"&(?!(?:[A-Za-z][\w.-]*|#[0-9]+|#x[0-9A-Fa-f]+);)")
_ENTITY = re.compile(r"&([A-Za-z][\w.-]*);")
_BARE_LESS = re.compile(r"<(?![A-Za-z_/!?])")
_KNOWN_ENTITIES: Final = frozenset({"amp", "lt", "gt", "quot", "apos"})

_LEAF_MAX: Final = 120
"""Characters of a leaf that is shown in its right form."""

_FOUND_MAX: Final = 20
"""Characters that are shown of what stands at the mistake."""


class _Phrase(NamedTuple):
    """One message of the parser.

    Attributes:
        pattern: what it looks like; its groups fill `told` and `expected`.
        told: what it means.
        expected: what was expected.
        start: what the mistake begins with, looked for backwards from where the parser stopped; "" when it stops there.
    """

    pattern: re.Pattern[str]
    told: str
    expected: tuple[str, ...] = ()
    start: str = ""


_ALLOWED: Final = "XML allows no control characters but tab, line feed and carriage return"
_REFERENCE: Final = _Phrase(
    re.compile("CharRef"),
    "the number of a character (&#...;) is none that XML allows",
    ("&#NUMBER; or &#xHEX;",),
    "&#",
)
_AMPERSAND: Final = _Phrase(
    re.compile("xmlParseEntityRef|EntityRef: expecting"), "a bare & stands in a text; it is written &amp;", ("&amp;",), "&"
)
_LESS: Final = _Phrase(
    re.compile("invalid element name"), "a < stands where no tag begins; in a text it is written &lt;", ("&lt;",), "<"
)
_NO_ENTITY: Final = _Phrase(
    re.compile("Entity '([^']+)' not defined"),
    "the entity &{0}; is not known: XML has five, and numbers for every other character",
    ("&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#NUMBER;"),
    "&{0};",
)
_PHRASES: Final = (
    _Phrase(
        re.compile(r"Opening and ending tag mismatch: (\S+) line (\d+) and (\S+)"),
        "<{0}> of line {1} is not closed: </{2}> comes before </{0}>",
        ("</{0}>",),
        "</",
    ),
    _Phrase(
        re.compile(r"Premature end of data in tag (\S+) line (\d+)"),
        "<{0}> of line {1} is not closed: the document ends before </{0}>",
        ("</{0}>",),
    ),
    _NO_ENTITY,
    _Phrase(re.compile(r"Attribute (\S+) redefined"), "the attribute {0} stands twice in one tag", ("{0} once",), "{0}"),
    _Phrase(
        re.compile(r"Specification mandates value for attribute (\S+)"), "the attribute {0} has no value", ('{0}="..."',), "{0}"
    ),
    _Phrase(
        re.compile(r"Namespace prefix (\S+) (?:on|for (\S+) on) (\S+) is not defined"),
        "namespaces are not known: {0}: stands before a name",
        ("the name without {0}:",),
        "{0}:",
    ),
    _Phrase(
        re.compile(r"Unsupported version '(.*)'"),
        "the XML declaration names version {0}, and XML is 1.0",
        ('version="1.0"',),
        "<?xml",
    ),
    _Phrase(
        re.compile("Malformed declaration expecting version|String not started"),
        "the XML declaration does not begin with its version in quotes",
        ('<?xml version="1.0"?>',),
        "<?xml",
    ),
    _Phrase(
        re.compile("Invalid XML encoding name"),
        "the XML declaration names no encoding",
        ('encoding="utf-8", or none',),
        "encoding",
    ),
    _Phrase(
        re.compile("standalone accepts only"), "standalone is neither yes nor no", ('standalone="yes", or none',), "standalone"
    ),
    _Phrase(re.compile("Blank needed here|parsing XML declaration"), "the XML declaration is not closed by ?>", ("?>",), "<?xml"),
    _Phrase(
        re.compile("Extra content at the end"), "something stands after the end of the root element", ("nothing after </QBXML>",)
    ),
    _Phrase(re.compile("Start tag expected"), "text stands where the root element should begin", ("<QBXML>",)),
    _Phrase(re.compile("Document is empty"), "the document is no XML: it does not begin with <", ("<QBXML>",)),
    _LESS,
    _Phrase(
        re.compile("Unescaped '<' not allowed in attributes"),
        "a < stands in the value of an attribute, or its quote is not closed",
        ("&lt;",),
    ),
    _Phrase(re.compile("AttValue: \" or ' expected"), "the value of an attribute is not quoted", ('name="value"',)),
    _Phrase(re.compile("AttValue"), "the value of an attribute does not end", ('name="value"',)),
    _Phrase(re.compile("attributes construct error"), "two attributes are not apart, or a quote is missing", ('name="value"',)),
    _Phrase(
        re.compile("error parsing attribute name"),
        "a start tag is not closed by >, or an attribute in it has no name",
        (">",),
        "<",
    ),
    _Phrase(re.compile("Couldn't find end of Start Tag"), "a start tag is not closed by >", (">",), "<"),
    _Phrase(re.compile("GtExpected|expected '>'"), "a tag is not closed by >", (">",), "<"),
    _Phrase(
        re.compile("XML declaration allowed only at the start"),
        "the XML declaration does not stand at the very start",
        ("nothing before <?xml",),
        "<?xml",
    ),
    _Phrase(re.compile("Comment not terminated"), "a comment is not closed by -->", ("-->",), "<!--"),
    _Phrase(re.compile("Double hyphen within comment"), "a comment holds --", ("one hyphen",)),
    _Phrase(re.compile("CData section not finished"), "a CDATA section is not closed by ]]>", ("]]>",), "<![CDATA["),
    _Phrase(re.compile("ParsePI: PI (.*) never end"), "the instruction <?{0} is not closed by ?>", ("?>",), "<?{0}"),
    _Phrase(re.compile(r"Sequence '\]\]>' not allowed"), "]]> stands in a text; it is written ]]&gt;", ("]]&gt;",)),
    _Phrase(
        re.compile("PCDATA invalid Char|Invalid character"), f"a character stands in a text that XML does not allow: {_ALLOWED}"
    ),
    _Phrase(
        re.compile("invalid character in attribute"), f"a character stands in an attribute that XML does not allow: {_ALLOWED}"
    ),
    _REFERENCE,
    _AMPERSAND,
)
"""The messages of the parser; of two that fit the first counts."""


def why_no_xml(problem: etree.XMLSyntaxError, body: bytes) -> Diagnosis:
    """Return why the parser refused a document.

    Args:
        problem: what it raised.
        body: what it was given (UTF-8).
    """
    message = _PLACE.sub("", problem.msg or "").split("\n")[0] or "no reason is given"
    if "depth" in message.lower():
        return Diagnosis(f"not well-formed: elements are nested deeper than {DEPTH_MAX}", problem.lineno or 0, limit="DEPTH_MAX")
    if any(word in message.lower() for word in ("too long", "too large", "too big")):
        told = f"not well-formed: a text is longer than {TEXT_BYTES_MAX} bytes"
        return Diagnosis(told, problem.lineno or 0, limit="TEXT_BYTES_MAX")
    text = body.decode("utf-8", "replace")
    if not text.strip(WHITE):
        return Diagnosis("not well-formed: the document is empty", 1, expected=("<QBXML>",), form="<QBXML>...</QBXML>")
    line, column = problem.position if problem.lineno else (0, 0)
    stopped = _offset(text, line, column)
    known = next(((phrase, match) for phrase in _PHRASES if (match := phrase.pattern.search(message))), None)
    if known is None:
        return _told(text, stopped, message, ())
    phrase, match = known
    groups = match.groups()
    at = _beginning(text, stopped, phrase, phrase.start.format(*groups))
    form = _leaf_mended(text, at) if phrase in (_AMPERSAND, _LESS, _NO_ENTITY) else ""
    words = [str(each or "")[:_LEAF_MAX] for each in groups]
    return _told(text, at, phrase.told.format(*words), tuple(each.format(*words) for each in phrase.expected), form)


def _told(text: str, at: int, told: str, expected: tuple[str, ...], form: str = "") -> Diagnosis:
    line_start = text.rfind("\n", 0, at) + 1
    found = text[at : at + _FOUND_MAX].split("\n")[0]
    return Diagnosis(
        f"not well-formed: {told}",
        text.count("\n", 0, at) + 1,
        "/".join(names_open_at(text, at)),
        shown(found) if found else "",
        expected,
        column=at - line_start + 1,
        form=form,
    )


def _offset(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    return min(start + max(column - 1, 0), len(text))


def _beginning(text: str, stopped: int, phrase: _Phrase, start: str) -> int:
    """Return where a mistake begins."""
    if phrase is _AMPERSAND:
        # The parser stops at the end of the word behind it.
        bare = [match.start() for match in _BARE.finditer(text, max(0, text.rfind("<", 0, stopped)), stopped + 1)]
        return bare[-1] if bare else stopped
    found = text.rfind(start, 0, stopped) if start else -1
    return found if found >= 0 else stopped


def _leaf_mended(text: str, at: int) -> str:
    """Return the leaf around a mistake with its text as XML writes it; "" when it is no leaf, or long."""
    opening = text.rfind("<", 0, at)
    closing = re.compile(r"</[^<>]*>").search(text, at)
    if opening < 0 or closing is None or closing.end() - opening > _LEAF_MAX or text.startswith("</", opening):
        return ""
    inside = _BARE_LESS.sub("&lt;", _BARE.sub("&amp;", text[opening : closing.start()]))
    inside = _ENTITY.sub(lambda match: _as_number(match.group(1)), inside)
    leaf = inside + closing.group()
    try:
        root = etree.fromstring(leaf, etree.XMLParser(resolve_entities=False))
    except etree.XMLSyntaxError:
        return ""
    return leaf if not len(root) and leaf.startswith(tag(root)[:-1]) else ""


def _as_number(entity: str) -> str:
    """Return an entity as XML knows it: as it is, or as the number of its character in HTML."""
    code = name2codepoint.get(entity, 0)
    return f"&{entity};" if entity in _KNOWN_ENTITIES else f"&#{code};" if code else f"&amp;{entity};"
