"""Where things stand in a document: lines and columns, which lxml does not keep for elements.

The parser has taken the document, so `<` begins a tag wherever it is not part of a comment, a CDATA section or an instruction.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import Final

from lxml import etree

_START_TAG: Final = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<(?=[^/!?])", re.DOTALL)


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


class Places:
    """The requests of a document that was taken, read a second time to say where things stand in them.

    Args:
        body: the document as it was parsed (UTF-8).
        holder: its message set.
    """

    def __init__(self, body: bytes, holder: etree._Element) -> None:
        self._body = body
        self._requests = list(holder)
        self._before = int(holder.xpath("count(preceding::*) + count(ancestor::*)")) + 1  # type: ignore[arg-type]

    def request(self, number: int) -> etree._Element:
        """Return a request by its number from 0."""
        return self._requests[number]

    def place(self, number: int, element: etree._Element) -> tuple[int, int]:
        """Return line and column of an element of a request by the number of the request."""
        request = self._requests[number]
        inside = next(count for count, each in enumerate(request.iter()) if each is element)
        return line_and_column(self._body, self._offsets[self._first[number] + inside])

    @cached_property
    def _offsets(self) -> list[int]:
        return list(offsets(self._body))

    @cached_property
    def _first(self) -> list[int]:
        """The number of each request's start tag among all start tags."""
        first, found = self._before, []
        for request in self._requests:
            found.append(first)
            first += sum(1 for _ in request.iter())
        return found
