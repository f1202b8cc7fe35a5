"""From bytes to text, and what stands before the root element: XML declaration, version line, DOCTYPE.

The version is declared by `<?qbxml version="13.0"?>`; 1.0 and 1.1 have a DOCTYPE instead, and the same form with 3.0 is in
programs of the maker (documented). A DOCTYPE is read for its version and then blanked out: no DTD is loaded, no entity is
declared, and one with an internal subset is refused.
"""

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from emulator.qbxml.diagnosis import PARSE, VERSION, Diagnosis, NotValid
from emulator.qbxml.limits import Limits
from emulator.qbxml.switches import Choices
from emulator.qbxml.versions import VERSIONS, Version, read_version

ENCODINGS = ("utf-8", "iso-8859-1", "windows-1252", "us-ascii", "utf-16")
"""Encodings a document may declare. UTF-8 and ISO-8859-1 are in daily use (observed); the others are ours."""

_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECLARED_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_WHITE = re.compile(r"[ \t\r\n]*")
_INSTRUCTION = re.compile(r"<\?([A-Za-z_:][\w:.-]*)(.*?)\?>", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_PLAIN_HEAD = re.compile(r"(?:[ \t\r\n]*<\?[A-Za-z_:][^?<>]*\?>)+[ \t\r\n]*")
HEAD_MAX: Final = 512
_ANY_LENGTH: Final = Limits(prolog_characters=HEAD_MAX)
_DOCTYPE = re.compile(r"""<!DOCTYPE\s+([\w:.-]+)((?:[^\[\]<>"']|"[^"]*"|'[^']*')*)>""")
_DOCTYPE_VERSION = re.compile(r"""PUBLIC\s*["']-//INTUIT//DTD QBXML QBD ((?:CA|UK|OZ)?[\d.]+)//EN["']""")
_INSTRUCTION_VERSION = re.compile(r"""(?:^|\s)version\s*=\s*(?:"([^"]*)"|'([^']*)')""")


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
    """Decode and look at the prolog; raises NotValid for sizes, encodings, NUL bytes, lone surrogates and DTD subsets."""
    if len(document) > limits.document_bytes:
        raise _over("document_bytes", f"the document is larger than {limits.document_bytes} bytes")
    text = document if isinstance(document, str) else _decoded(document)
    if isinstance(document, str) and text.startswith("\ufeff"):
        text = text[1:]
    text = _within_code_page(text, choices)
    plain = _plain_head(text)
    if plain is not None and len(plain) <= limits.prolog_characters:
        declared, doctype = _declared_by(plain), False
    else:
        text, declared, doctype = _prolog(text, limits)
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
        problem = "no version is declared"
        raise NotValid(
            choices.no_version_line, Diagnosis(problem, 1, expected=('<?qbxml version="16.0"?> before the root element',))
        )
    version = read_version(opened.declared, doctype=opened.doctype)
    if version is None:
        raise NotValid(
            VERSION, Diagnosis("this version of qbXML is not known", 1, found=repr(opened.declared), expected=VERSIONS)
        )
    return version


def _decoded(document: bytes) -> str:
    encoding = "utf-8"
    for mark, name in _BYTE_ORDER_MARKS:
        if document.startswith(mark):
            encoding = name
            break
    else:
        declared = _DECLARED_ENCODING.match(document)
        if declared is not None:
            encoding = declared.group(1).decode("ascii").lower()
    try:
        known = codecs.lookup(encoding).name
    except LookupError:
        known = ""
    if known not in _CODECS:
        raise NotValid(PARSE, Diagnosis("the encoding is not known", 1, found=encoding, expected=ENCODINGS))
    try:
        return document.decode(known)
    except UnicodeDecodeError as problem:
        line = document.count(b"\n", 0, problem.start) + 1
        found = f"byte 0x{document[problem.start]:02X}"
        raise NotValid(PARSE, Diagnosis(f"the text is not {encoding}", line, found=found)) from None


def _within_code_page(text: str, choices: Choices) -> str:
    """Characters outside the Windows code page, written as they are (switch qbxml.raw-outside-code-page)."""
    if choices.raw_outside_code_page == "kept" or text.isascii():
        return text
    try:
        text.encode("cp1252")
    except UnicodeEncodeError as problem:
        if choices.raw_outside_code_page == "question-mark":
            return text.encode("cp1252", "replace").decode("cp1252")
        raise _refused("a character outside the Windows code page", text, problem.start) from None
    return text


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
    doctype, taken_out = False, 0
    place = 0
    while True:
        white = _WHITE.match(text, place)
        place = white.end() if white else place
        if place + taken_out > limits.prolog_characters:
            raise _over("prolog_characters", f"more than {limits.prolog_characters} characters stand before the root element")
        if (instruction := _INSTRUCTION.match(text, place)) is not None:
            if instruction.group(1) == "xml" and taken_out:
                raise _refused("the XML declaration does not stand at the start", text, place)
            if instruction.group(1) == "qbxml" and declared is None:
                # Of two version lines the first counts (switch qbxml.second-version-line).
                version = _INSTRUCTION_VERSION.search(instruction.group(2))
                declared = (version.group(1) or version.group(2) or "") if version else ""
            place = instruction.end()
        elif (comment := _COMMENT.match(text, place)) is not None:
            place = comment.end()
        elif text.startswith("<!DOCTYPE", place):
            if taken_out:
                raise _refused("there is more than one DOCTYPE", text, place)
            found = _DOCTYPE.match(text, place)
            if found is None or found.group(1) != "QBXML":
                raise _refused(
                    "this DOCTYPE is not taken: only the plain one of qbXML 1.0 and 1.1, without a DTD of its own", text, place
                )
            version = _DOCTYPE_VERSION.search(found.group(2))
            if version is not None and declared is None:
                declared, doctype = version.group(1), True
            blank = "\n" * found.group().count("\n")
            taken_out = len(found.group()) - len(blank)
            text = text[: found.start()] + blank + text[found.end() :]
            place = found.start() + len(blank)
        else:
            return text, declared, doctype


def _refused(problem: str, text: str, place: int) -> NotValid:
    found = text[place : place + 20].split("\n")[0]
    return NotValid(PARSE, Diagnosis(problem, text.count("\n", 0, place) + 1, found=ascii(found)))


def _over(limit: str, problem: str) -> NotValid:
    return NotValid(PARSE, Diagnosis(problem, limit=limit))


_CODECS = frozenset(codecs.lookup(name).name for name in (*ENCODINGS, "utf-8-sig"))
