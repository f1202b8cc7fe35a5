"""Why a document or a request was refused: for `fakebooks explain`, `fakebooks validate`, the journal and the dashboard.

The wire shows only the code.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from lxml import etree


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One finding, the first in document order.

    Attributes:
        problem: the cause in plain words, one sentence that names the element.
        line: line of the document, 0 when it is about the document as a whole.
        path: elements from the root to the place, joined by "/".
        found: what stands there.
        expected: what could have stood there, in schema order.
        nearest: the right word that looks most like what was found; "" when none does.
        limit: name of the limit that was passed; "" when it was not about one.
        column: character of the line it begins at, counted from 1; 0 when it is not known.
        form: the nearest valid form of the element as XML, indented; "" when there is none to show.
        at: the element it is about, while its document is at hand.
        at_text: it is about the text between the elements of `at`, and stands where that begins.
    """

    problem: str
    line: int = 0
    path: str = ""
    found: str = ""
    expected: tuple[str, ...] = ()
    nearest: str = ""
    limit: str = ""
    column: int = 0
    form: str = ""
    at: etree._Element | None = field(default=None, compare=False, repr=False)
    at_text: bool = field(default=False, compare=False, repr=False)

    @property
    def place(self) -> str:
        """Return line and column in words; "" when it is about the document as a whole."""
        if not self.line:
            return ""
        return f"line {self.line}, column {self.column}" if self.column else f"line {self.line}"

    @property
    def expected_words(self) -> str:
        """Return what was expected, on one line; "" when nothing is known."""
        return _one_of(self.expected) if self.expected else ""

    def __str__(self) -> str:
        parts = [f"{self.place}: {self.problem}" if self.line else self.problem]
        if self.path:
            parts.append(f"in {self.path}")
        if self.found:
            parts.append(f"found {self.found}")
        if self.expected:
            parts.append(f"expected {self.expected_words}")
        if self.nearest:
            parts.append(f"did you mean {self.nearest}?")
        if self.form:
            parts.append("valid form: " + _BETWEEN_LINES.sub("", self.form))
        return "; ".join(part if len(part) <= PART_MAX else f"{part[:PART_MAX]}..." for part in parts)


class NotValid(Exception):  # noqa: N818 - it names what the document is
    """QuickBooks refuses the whole document; nothing of it is processed.

    Args:
        result: result code as text: 0x80040400 not valid, 0x80040413 rollbackOnError, 0x80040423 version, 0x80040429 subscription.
        diagnosis: what is wrong, for people.
    """

    def __init__(self, result: str, diagnosis: Diagnosis) -> None:
        self.result = result
        self.diagnosis = diagnosis
        super().__init__(f"{result}: {diagnosis}")


PARSE = "0x80040400"
"""Not well-formed or not valid at the declared version (documented, observed)."""
ROLLBACK = "0x80040413"
"""rollbackOnError is legal in the schema and refused by QuickBooks Desktop (documented)."""
VERSION = "0x80040423"
"""Version unknown or newer than the product (documented)."""
WRONG_CALL = "0x80040429"
"""A subscription set through ProcessRequest, or the reverse (documented)."""


def line_of(element: etree._Element) -> int:
    """Return the line an element stands on, 0 when it was not read from a document."""
    return element.sourceline or 0  # type: ignore[return-value]  # the stubs leave its type open


PART_MAX = 1_000
"""Characters of each part of a diagnosis that stand in the journal: what is told of a document must not be as long as the document."""

SHOWN_MAX = 60
"""Characters of a text or name of the document that a sentence repeats."""

LISTED_MAX = 12
"""Words of a list that a line shows."""

WHITE: Final = " \t\r\n"
"""White space of XML. What Python counts as such is more: a no-break space is a text, and stands where none may stand."""


def shown(text: str) -> str:
    """Return a text of the document in quotes, of a long one the beginning."""
    return repr(text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}...")


def tag(element: etree._Element | str) -> str:
    """Return the name of an element of the document in angle brackets, of a long one the beginning."""
    name = element if isinstance(element, str) else str(element.tag)
    return f"<{name}>" if len(name) <= SHOWN_MAX else f"<{name[:SHOWN_MAX]}...>"


def not_in_list(text: str, holder: str) -> str:
    """Return what is told of a text that is not in the list of values of its element or attribute."""
    return f"{shown(text)} is not in the list of values of {holder}"


def unknown_attribute(name: str, element: etree._Element, right: str) -> str:
    """Return what is told of an attribute that an element does not have; `right` is the name that was meant, "" when nobody knows."""
    named = name if len(name) <= SHOWN_MAX else f"{name[:SHOWN_MAX]}..."
    return f"unknown attribute {named} of {tag(element)}" + (f": it is written {right}" if right else "")


def names_down_to(element: etree._Element, top: etree._Element | None = None) -> tuple[str, ...]:
    """Return the names of the elements from the root, or from `top`, down to an element, itself the last one."""
    names = [str(element.tag)]
    while element is not top and (above := element.getparent()) is not None:
        element = above
        names.append(str(element.tag))
    return tuple(reversed(names))


def stray_text(element: etree._Element) -> str:
    """Return the text that stands between the elements of an aggregate, where none may stand; "" when there is none."""
    for text in (element.text, *(child.tail for child in element)):
        if text and (bare := text.strip(WHITE)):
            return bare
    return ""


def of_stray_text(element: etree._Element, path: str) -> Diagnosis | None:
    """Return the finding of a text between the elements of an aggregate; None when there is none."""
    text = stray_text(element)
    if not text:
        return None
    # Quotes around a character that nobody sees say nothing.
    unseen = f"the character U+{ord(text[0]):04X} ({unicodedata.name(text[0], 'without a name')})"
    told = f"{f'the text {shown(text)}' if text[0].isprintable() else unseen} stands between the elements of {tag(element)}, where no text may stand"
    return Diagnosis(told, line_of(element), path, shown(text), at=element, at_text=True)


_BETWEEN_LINES = re.compile(r"\n\s*")


def _one_of(words: tuple[str, ...]) -> str:
    listed = ", ".join(words[:LISTED_MAX])
    rest = len(words) - LISTED_MAX
    text = f"{listed} and {rest} more" if rest > 0 else listed
    return text if len(words) == 1 else f"one of {text}"
