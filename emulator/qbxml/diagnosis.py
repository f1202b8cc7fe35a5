"""Why a document or a request was refused: for `fakebooks explain`, `fakebooks validate`, the journal and the dashboard.

The wire shows only the code.
"""

import re
from dataclasses import dataclass, field

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
"""Characters of a text of the document that a sentence repeats."""


def shown(text: str) -> str:
    """Return a text of the document in quotes, of a long one the beginning."""
    return repr(text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}...")


_BETWEEN_LINES = re.compile(r"\n\s*")


def _one_of(words: tuple[str, ...]) -> str:
    shown = ", ".join(words[:12])
    rest = len(words) - 12
    text = f"{shown} and {rest} more" if rest > 0 else shown
    return text if len(words) == 1 else f"one of {text}"
