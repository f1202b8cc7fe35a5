"""From bytes to text, what of the text is kept, and what stands before the root element: XML declaration, version line, DOCTYPE.

QuickBooks gets text, in UTF-16 over COM, so a declared encoding says something of bytes alone. It keeps text in the Windows code page:
what that lacks refuses the document when it is written as it is, and becomes question marks when it is a character reference
(reported; switches qbxml.raw-outside-code-page and qbxml.references-outside-code-page).

The version is declared by `<?qbxml version="13.0"?>`; 1.0 and 1.1 have a DOCTYPE instead, and the same form with 3.0 is in
programs of the maker (documented). A DOCTYPE is read for its version and then blanked out: no DTD is loaded, no entity is
declared, and one with an internal subset is refused.
"""

import codecs
import re
import sys
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from emulator.qbxml.diagnosis import PARSE, VERSION, Diagnosis, NotValid, shown
from emulator.qbxml.limits import Limits
from emulator.qbxml.places import names_open_at
from emulator.qbxml.switches import Choices
from emulator.qbxml.versions import VERSIONS, Version, read_version

ENCODINGS = ("utf-8", "iso-8859-1", "windows-1252", "us-ascii", "utf-16")
"""Encodings a document may declare. UTF-8 and ISO-8859-1 are in daily use (observed); the others are ours, UTF-16LE and UTF-16BE are UTF-16."""

_UNMARKED = tuple(pair for letter in b"<\n\r\t " for pair in (bytes([letter, 0]), bytes([0, letter])))
"""How UTF-16 begins that has no byte order mark: with the root element or the declaration, or white space before it."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16"),
    *((pair, "utf-16-be" if pair[0] == 0 else "utf-16-le", "utf-16") for pair in _UNMARKED),
)
"""How a document begins whose bytes say themselves what they are: the beginning (a byte order mark, or none), the codec, what it may
declare."""

_DECLARED_ENCODING = re.compile(r"""<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_HEAD_BYTES = 1024
"""Where a declared encoding is looked for."""

_WINDOWS = {code: character for code in range(0x80, 0xA0) if (character := bytes([code]).decode("cp1252", "ignore"))}
"""What Windows-1252 has where ISO-8859-1 has control characters."""

_OUTSIDE = re.compile(f"[^\\x00-\\x7f\\xa0-\\xff{''.join(_WINDOWS.values())}]")
"""A character outside the Windows code page. The five bytes that Windows-1252 leaves undefined stand for none (our choice)."""

_REFERENCES = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)|&#0*([0-9]{1,7});|&#x0*([0-9A-Fa-f]{1,6});", re.DOTALL
)
"""Character references, and what holds none; the end of the text ends what is not closed, so that no text is gone through twice."""

_HALVES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_WHITE = re.compile(r"[ \t\r\n]*")
_INSTRUCTION = re.compile(r"<\?([A-Za-z_:][\w:.-]*)(.*?)\?>", re.DOTALL)
_NOT_NEW_LINE = re.compile(r"[^\n]")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_PLAIN_HEAD = re.compile(r"(?:[ \t\r\n]*<\?[A-Za-z_:][^?<>]*\?>)+[ \t\r\n]*")
HEAD_MAX: Final = 512
_ANY_LENGTH: Final = Limits(prolog_characters=HEAD_MAX)
_DOCTYPE = re.compile(r"""<!DOCTYPE\s+([\w:.-]+)((?:[^\[\]<>"']|"[^"]*"|'[^']*')*)>""")
_DOCTYPE_VERSION = re.compile(r"""PUBLIC\s*["']-//INTUIT//DTD QBXML QBD ((?:CA|UK|OZ)?[\d.]+)//EN["']""")
_INSTRUCTION_VERSION = re.compile(r"""(?:^|\s)version\s*=\s*(?:"([^"]*)"|'([^']*)')""")


VERSION_LINE = f'<?qbxml version="{VERSIONS[-1]}"?>'
"""The line that declares the newest version."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A document ready to be parsed.

    Attributes:
        body: UTF-8, DOCTYPE blanked out, line numbers kept.
        declared: text of the declared version, None when there is none.
        doctype: it was declared by a DOCTYPE.
    """

    body: bytes
    declared: str | None
    doctype: bool


def open_document(document: bytes | str, limits: Limits, choices: Choices) -> Opened:
    """Decode and look at the prolog; raises NotValid for sizes, encodings, lone surrogates, characters outside the code page and DTD subsets.

    NUL bytes are left to the parser; two halves of a surrogate pair beside each other are one character.
    """
    if len(document) > limits.document_bytes:
        raise _over("document_bytes", f"the document is larger than {limits.document_bytes} bytes")
    text = _handed_over(document, choices) if isinstance(document, str) else _decoded(document, choices)
    text = _within_code_page(text, choices)
    plain = _plain_head(text)
    if plain is not None and len(plain) <= limits.prolog_characters:
        declared, doctype = _declared_by(plain), False
    else:
        text, declared, doctype = _prolog(text, limits)
    text = _references_within_code_page(text, choices)
    try:
        body = text.encode("utf-8")
    except UnicodeEncodeError as problem:
        raise _refused("the text holds half of a surrogate pair", text, problem.start) from None
    if len(body) > limits.document_bytes:
        raise _over("document_bytes", f"the document is larger than {limits.document_bytes} bytes")
    if body.count(b"<") > limits.tags:
        raise _over("tags", f"the document holds more than {limits.tags} tags")
    return Opened(body, declared, doctype)


def version_of(opened: Opened, choices: Choices) -> Version:
    """Return the declared version; raises NotValid with the code of an unknown or missing one."""
    if opened.declared is None:
        raise NotValid(choices.no_version_line, _no_version(opened.body))
    version = read_version(opened.declared, doctype=opened.doctype)
    if version is None:
        told = f"this version of qbXML is not known: {shown(opened.declared)}"
        if not opened.declared:
            told = "the line <?qbxml ...?> says no version: it has none, or one without quotes"
        text = opened.body.decode()
        line, column = _line_and_column(text, max(text.find("<?qbxml"), 0))
        near = next((each for each in (f"{opened.declared}.0", opened.declared.replace(",", ".")) if each in VERSIONS), "")
        form = VERSION_LINE.replace(VERSIONS[-1], near or VERSIONS[-1])
        diagnosis = Diagnosis(told, line, "", shown(opened.declared), VERSIONS, near, column=column, form=form)
        raise NotValid(VERSION, diagnosis)
    return version


_OTHER_LINE = re.compile(r"<\?(qbxml|qbposxml)\b[^?]*\?>", re.IGNORECASE)


def _no_version(body: bytes) -> Diagnosis:
    """Say what is wrong where no version is declared: there is no line of it, it is written otherwise, or it stands elsewhere."""
    text = body.decode()
    expected = (f"{VERSION_LINE} before the root element",)
    other = _OTHER_LINE.search(text)
    if other is None:
        told = "no version is declared: the line <?qbxml version=...?> is missing before the root element"
        return Diagnosis(told, 1, expected=expected, form=VERSION_LINE)
    name = other.group(1)
    told = f"no version is declared: <?{name} ...?> is written <?qbxml ...?>, upper and lower case count"
    if name == "qbxml":
        told = "no version is declared: the line <?qbxml version=...?> stands inside the root element, and belongs before it"
    elif name.casefold() == "qbposxml":
        told = f"no version is declared: <?{name} ...?> is of QuickBooks Point of Sale, this is QuickBooks Desktop"
    line, column = _line_and_column(text, other.start())
    return Diagnosis(told, line, found=shown(other.group()), expected=expected, column=column, form=VERSION_LINE)


def _handed_over(text: str, choices: Choices) -> str:
    """Return text as COM carries it: UTF-16 whatever it declares (switch qbxml.encoding-declared-in-text)."""
    if choices.encoding_declared_in_text == "known-only":
        _known_encoding(_declared_in(text[:_HEAD_BYTES].removeprefix("\ufeff")) or "utf-16")
    if text.isascii():
        return text
    text = text.removeprefix("\ufeff")
    # Two halves of a surrogate pair beside each other are one character in UTF-16.
    return _HALVES.sub(lambda pair: pair.group().encode("utf-16-le", "surrogatepass").decode("utf-16-le"), text)


def _decoded(document: bytes, choices: Choices) -> str:
    mark, codec, own = next((row for row in _MARKS if document.startswith(row[0])), (b"", "", ""))
    declared = _declared_in(document[:_HEAD_BYTES].decode(codec or "latin-1", "ignore"))
    named = _known_encoding(declared) if declared else ""
    if mark in _UNMARKED and choices.utf_16_without_mark != "taken":
        raise NotValid(PARSE, Diagnosis("UTF-16 without a byte order mark", 1, expected=("a byte order mark",)))
    # Bytes of ASCII, of which the declaration is, are no UTF-16 whatever they declare.
    contradicts = named not in ("", own) if own else named == "utf-16"
    if contradicts and choices.contradicting_encoding != "bytes-win":
        problem = f"it declares {declared}, its bytes are {own or 'not'}"
        raise NotValid(PARSE, Diagnosis(problem, 1, expected=(f'encoding="{own or "utf-8"}", or none',)))
    codec = codec or ("utf-8" if contradicts else named or "utf-8")
    try:
        text = document.decode(codec)
    except UnicodeDecodeError as problem:
        raise _not_decodable(document, codec, problem.start, declared) from None
    if codec == "iso8859-1" and choices.iso_8859_1_bytes == "windows-1252":
        text = text.translate(_WINDOWS)
    return text


def _not_decodable(document: bytes, codec: str, place: int, declared: str) -> NotValid:
    name = {"utf-8-sig": "utf-8", "cp1252": "windows-1252", "ascii": "us-ascii", "iso8859-1": "iso-8859-1"}.get(codec, codec)
    marked = 2 * (codec == "utf-16") + 3 * (codec == "utf-8-sig")
    before = document[:place].decode(codec, "replace") if place >= marked else ""
    line, column = _line_and_column(before, len(before))
    expected = () if declared else ('the encoding declared, as in <?xml version="1.0" encoding="windows-1252"?>',)
    expected = expected or (f"bytes of {name}, which is declared, or the encoding that the text has",)
    path, found = "/".join(names_open_at(before, len(before))), f"byte 0x{document[place]:02X}"
    return NotValid(PARSE, Diagnosis(f"the text is not {name}", line, path, found, expected, column=column))


def _declared_in(head: str) -> str:
    """Return the encoding that the XML declaration names; an empty text when it names none."""
    declared = _DECLARED_ENCODING.match(head)
    return declared.group(1).lower() if declared else ""


def _known_encoding(declared: str) -> str:
    """Return Python's name of a declared encoding. Raises NotValid for one that QuickBooks is not known to take."""
    try:
        known = codecs.lookup(declared).name
    except LookupError:
        known = ""
    # The order of the bytes is told by the bytes.
    known = "utf-16" if known in ("utf-16-le", "utf-16-be") else known
    if known not in _CODECS:
        raise NotValid(
            PARSE, Diagnosis(f"the encoding is not known: {shown(declared)}", 1, found=declared, expected=ENCODINGS, column=1)
        )
    return known


def _within_code_page(text: str, choices: Choices) -> str:
    """Characters outside the Windows code page, written as they are (switch qbxml.raw-outside-code-page)."""
    if choices.raw_outside_code_page == "kept" or text.isascii():
        return text
    outside = _OUTSIDE.search(text)
    if outside is None:
        return text
    if choices.raw_outside_code_page == "question-mark":
        return _OUTSIDE.sub(lambda found: _question_marks(ord(found.group()), choices), text)
    place = outside.start()
    expected = ("characters of Windows-1252", f"&#{ord(outside.group())};, of which QuickBooks keeps a question mark")
    told = f"a character outside the Windows code page: U+{ord(outside.group()):04X} ({unicodedata.name(outside.group(), 'without a name')})"
    raise _refused(told, text, place, expected, _leaf_within_code_page(text, place))


def _leaf_within_code_page(text: str, place: int) -> str:
    """Return the leaf around a character with the characters that look like it in place of those that are not in the code page."""
    start, end = text.rfind("<", 0, place), text.find(">", place) + 1
    leaf = text[start:end]
    if start < 0 or not end or len(leaf) > 120 or not re.fullmatch(r"<([^<>/\s]+)[^<>]*>[^<>]*</\1\s*>", leaf):
        return ""
    made = _OUTSIDE.sub(lambda found: _ALIKE.get(found.group()) or _plainer(found.group()), leaf)
    return f"{made} <!-- ? stands for a character that has no like -->" if made.count("?") > leaf.count("?") else made


def _plainer(character: str) -> str:
    plain = unicodedata.normalize("NFKD", character).encode("cp1252", "ignore").decode("cp1252")
    return plain if plain.isprintable() and plain else "" if unicodedata.category(character) == "Cf" else "?"


_ALIKE: Final = {"\u2212": "-", "\u2010": "-", "\u2011": "-", "\u2007": " ", "\u202f": " ", "\u2032": "'", "\u2033": '"'}
"""Characters that people take for those of the code page."""


def _references_within_code_page(text: str, choices: Choices) -> str:
    """The same for those written as character references (switch qbxml.references-outside-code-page)."""
    if choices.references_outside_code_page == "kept" or "&#" not in text:
        return text

    def replaced(found: re.Match[str]) -> str:
        decimal, hexadecimal = found.groups()
        code = int(decimal) if decimal else int(hexadecimal, 16) if hexadecimal else 0
        # What XML forbids is left to the parser, which refuses it with its own words.
        if code > sys.maxunicode or 0xD800 <= code < 0xE000 or code in (0xFFFE, 0xFFFF) or not _OUTSIDE.match(chr(code)):
            return found.group()
        return _question_marks(code, choices)

    return _REFERENCES.sub(replaced, text)


def _question_marks(code: int, choices: Choices) -> str:
    """Return what stands for a character that is lost: one question mark for each unit of UTF-16 (switch qbxml.character-of-two-units)."""
    return "??" if code > 0xFFFF and choices.character_of_two_units == "two" else "?"


def _plain_head(text: str) -> str | None:
    """Return what stands before the root element when that is instructions and white space alone, as in nearly all documents."""
    head = text[: text.find("<QBXML", 0, HEAD_MAX) + 1][:-1]
    return head if head and _PLAIN_HEAD.fullmatch(head) else None


@lru_cache(maxsize=256)
def _declared_by(head: str) -> str | None:
    """Return the version that such a head declares: a program sends the same one again and again."""
    return _prolog(head, _ANY_LENGTH)[1]


def _prolog(text: str, limits: Limits) -> tuple[str, str | None, bool]:
    """Return the text without DOCTYPE, the declared version, and whether a DOCTYPE declared it."""
    declared: str | None = None
    doctype, blanked = False, False
    place = 0
    while True:
        white = _WHITE.match(text, place)
        place = white.end() if white else place
        if place > limits.prolog_characters:
            raise _over("prolog_characters", f"more than {limits.prolog_characters} characters stand before the root element")
        if (instruction := _INSTRUCTION.match(text, place)) is not None:
            if instruction.group(1) == "xml" and blanked:
                raise _refused("the XML declaration does not stand at the start", text, place)
            if instruction.group(1) == "qbxml" and declared is None:
                # Of two version lines the first counts (switch qbxml.second-version-line).
                version = _INSTRUCTION_VERSION.search(instruction.group(2))
                declared = (version.group(1) or version.group(2) or "") if version else ""
            place = instruction.end()
        elif (comment := _COMMENT.match(text, place)) is not None:
            place = comment.end()
        elif text.startswith("<!DOCTYPE", place):
            if blanked:
                raise _refused("there is more than one DOCTYPE", text, place)
            found = _DOCTYPE.match(text, place)
            if found is None or found.group(1) != "QBXML":
                raise _refused(
                    "this DOCTYPE is not taken: only the plain one of qbXML 1.0 and 1.1, without a DTD of its own", text, place
                )
            version = _DOCTYPE_VERSION.search(found.group(2))
            if version is not None and declared is None:
                declared, doctype = version.group(1), True
            # Lines and columns of what follows stay as they are.
            text = text[: found.start()] + _NOT_NEW_LINE.sub(" ", found.group()) + text[found.end() :]
            place, blanked = found.end(), True
        else:
            return text, declared, doctype


def _refused(problem: str, text: str, place: int, expected: tuple[str, ...] = (), form: str = "") -> NotValid:
    found = text[place : place + 20].split("\n")[0]
    path = "/".join(names_open_at(text, place))
    line, column = _line_and_column(text, place)
    return NotValid(PARSE, Diagnosis(problem, line, path, ascii(found), expected, column=column, form=form))


def _line_and_column(text: str, place: int) -> tuple[int, int]:
    return text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)


def _over(limit: str, problem: str) -> NotValid:
    return NotValid(PARSE, Diagnosis(problem, limit=limit))


_CODECS = frozenset(codecs.lookup(name).name for name in (*ENCODINGS, "utf-8-sig"))
