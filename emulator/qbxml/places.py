"""Where things stand in a document: lines and columns, which lxml does not keep for elements.

The parser has taken the document, so `<` begins a tag wherever it is not part of a comment, a CDATA section or an instruction.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import Final

from lxml import etree

_START_TAG: Final = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<(?=[^/!?])", re.DOTALL)

_PIECE: Final = re.compile(
    rb"""<!--.*?-->|<!\[CDATA\[(?P<data>.*?)\]\]>|<\?.*?\?>|<(?:[^>"']|"[^"]*"|'[^']*')*>|[^<]+""", re.DOTALL
)
_BLANK: Final = re.compile(rb"(?:[ \t\r\n]|&#0*(?:9|10|13|32);|&#x0*(?:9|[Aa]|[Dd]|20);)*")
_WHITE: Final = b" \t\r\n"


def offsets(body: bytes) -> Iterator[int]:
    """Yield where each start tag of a well-formed UTF-8 document begins, in document order, in bytes."""
    return (match.start() for match in _START_TAG.finditer(body) if match.end() == match.start() + 1)


def line_and_column(body: bytes, offset: int) -> tuple[int, int]:
    """Return the line and the character in it at an offset in bytes, both counted from 1."""
    start = body.rfind(b"\n", 0, offset) + 1
    return body.count(b"\n", 0, offset) + 1, len(body[start:offset].decode("utf-8", "replace")) + 1


def place_of(body: bytes, element: etree._Element) -> tuple[int, int]:
    """Return line and column of the start tag of an element of a document.

    Reads the document up to there: for one element, not for each of many.
    """
    number = int(element.xpath("count(preceding::*) + count(ancestor::*)"))  # type: ignore[arg-type]  # a number, by its expression
    return line_and_column(body, next(islice(offsets(body), number, None)))


def place_of_text(body: bytes, element: etree._Element) -> tuple[int, int]:
    """Return line and column where the first text begins that stands between the elements of an element; of the element when none does."""
    number = int(element.xpath("count(preceding::*) + count(ancestor::*)"))  # type: ignore[arg-type]  # a number, by its expression
    start = next(islice(offsets(body), number, None))
    depth = 0
    for piece in _PIECE.finditer(body, start):
        text = piece.group()
        if text.startswith((b"<!--", b"<?")):
            continue
        if text.startswith(b"<![CDATA["):
            if depth == 1 and piece.group("data").strip(_WHITE):
                return line_and_column(body, piece.start())
        elif text.startswith(b"</"):
            depth -= 1
        elif text.startswith(b"<"):
            depth += not text.endswith(b"/>")
        elif depth == 1 and (white := _BLANK.match(text)) is not None and white.end() < len(text):
            return line_and_column(body, piece.start() + white.end())
        if not depth:
            break
    return line_and_column(body, start)


_TAG_OF_TEXT: Final = re.compile(
    r"""<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)|<(/?)([A-Za-z_][^\s<>/]*)(?:[^<>"']|"[^"<]*"|'[^'<]*')*>""",
    re.DOTALL,
)


def names_open_at(text: str, offset: int) -> tuple[str, ...]:
    """Return the names of the elements that are open at an offset of a text, the outer ones first, as far as it is well-formed."""
    names: list[str] = []
    for match in _TAG_OF_TEXT.finditer(text, 0, offset):
        closes, name = match.groups()
        if closes and name in names:
            del names[len(names) - 1 - names[::-1].index(name) :]
        elif name and not closes and not match.group().endswith("/>"):
            names.append(name)
    return tuple(names)


class Places:
    """The requests of a document that was taken, read a second time to say where things stand in them.

    Args:
        body: the document as it was parsed (UTF-8).
        holder: its message set.
    """

    def __init__(self, body: bytes, holder: etree._Element) -> None:
        self._body = body
        self._requests = list(holder)
        self._holder = holder
        self._before = int(holder.xpath("count(preceding::*) + count(ancestor::*)")) + 1  # type: ignore[arg-type]

    @property
    def set_place(self) -> tuple[int, int]:
        """Line and column of the message set."""
        return place_of(self._body, self._holder)

    def request(self, number: int) -> etree._Element:
        """Return a request by its number from 0."""
        return self._requests[number]

    def place(self, number: int, element: etree._Element) -> tuple[int, int]:
        """Return line and column of an element of a request by the number of the request."""
        request = self._requests[number]
        inside = next(count for count, each in enumerate(request.iter()) if each is element)
        offset = self._offsets[self._first[number] + inside]
        # Counting the lines before it anew for each of many elements would take as long as the document is, each time.
        line = bisect_right(self._line_starts, offset)
        return line, len(self._body[self._line_starts[line - 1] : offset].decode("utf-8", "replace")) + 1

    @cached_property
    def _offsets(self) -> list[int]:
        return list(offsets(self._body))

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer(b"\n", self._body))]

    @cached_property
    def _first(self) -> list[int]:
        """The number of each request's start tag among all start tags."""
        first, found = self._before, []
        for request in self._requests:
            found.append(first)
            first += sum(1 for _ in request.iter())
        return found
