"""Status codes of an answered request: code, severity, and our own wording around the phrases that clients match on.

A message reads as QuickBooks composes it (observed): one sentence with "quoted" slots and, where the application added its own,
two spaces and `QuickBooks error message: ...`. Give that part as the slot `quickbooks`.

Where a code, its severity and phrases come from stands in data/status_codes.json (standing: literal, documented, reported,
recall); the sentences in data/status_texts.toml are ours.
"""

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from emulator.qbxml.schema import status_rows

NEVER_SENT = frozenset({540, 2000, 2010, 2020, 2030, 2040})
"""Codes of QuickBooks Online Edition, which Desktop never sends (documented)."""

_ONLINE = "QuickBooks Online Edition only (documented)"

CANNOT_OCCUR: Mapping[int, str] = MappingProxyType(
    {
        510: "no situation is published in which it occurs",
        531: "no value of a list is marked as missing in the United States edition",
        **dict.fromkeys(sorted(NEVER_SENT), _ONLINE),
        550: "a record and its notes are saved together here",
        560: "no element of a request is marked as deprecated",
        1010: "no situation is published in which it occurs",
        3080: "which characters a field does not accept is not published; a colon in a name has a code of its own",
        3151: "known from recall only; what is not valid for a request refuses the document",
        3152: "known from recall only; branches of a choice that stand together refuse the document",
        3220: "known from recall only, meaning unclear",
        3230: "rollbackOnError refuses the whole set (documented)",
        3240: "known from recall only; one request is performed at a time here",
        3300: "known from recall only, meaning unclear",
        3310: "known from recall only, meaning unclear",
    }
)
"""Codes of the table that nothing here is answered with, and why."""

QUICKBOOKS_SAYS = "  QuickBooks error message: "
"""Stands between the sentence of the request processor and that of the application, two spaces first (observed)."""

OK = 0
NOTHING_FOUND = 1


@dataclass(frozen=True, slots=True)
class Status:
    """What an answer says of its request: the three status attributes.

    Attributes:
        code: status code.
        severity: Info, Warn or Error.
        message: one sentence.
        slots: what the sentence was filled with, for whoever explains it; it is not kept with a stored outcome.
    """

    code: int
    severity: str
    message: str
    slots: Mapping[str, object] = field(default_factory=dict, compare=False, repr=False)

    @property
    def failed(self) -> bool:
        """Whether the request was not performed; warnings (500-999) do not count, so they do not stop a set."""
        return self.severity == "Error"


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One row of the table.

    Attributes:
        code: status code.
        severity: Info, Warn or Error.
        meaning: a few words.
        text: our sentence with {slots}.
        key_phrases: what clients match on; each stands in `text`.
        standing: literal, documented, reported or recall.
        source: where the row comes from.
    """

    code: int
    severity: str
    meaning: str
    text: str
    key_phrases: tuple[str, ...]
    standing: str
    source: str


def of(code: int, **slots: object) -> Status:
    """Return the status of a code; slots without a value are left out of the sentence as empty text.

    An unknown code is our bug: KeyError. So is a Desktop answer with an Online code: AssertionError.
    """
    assert code not in NEVER_SENT, code
    row = table()[code]
    if not slots and "{" not in row.text:
        return _plain(code)
    return Status(code, row.severity, sentence_of(row.text, slots), slots)


def sentence_of(text: str, slots: Mapping[str, object]) -> str:
    """Return a sentence with its {slots} filled; the slot `quickbooks` stands in place of what it says QuickBooks usually adds."""
    sentence, tail, usual = text.partition(QUICKBOOKS_SAYS)
    message = _Sentence().vformat(sentence, (), slots)
    added = str(slots.get("quickbooks") or "") or _Sentence().vformat(usual, (), slots)
    return f"{message}{QUICKBOOKS_SAYS}{added}" if added or tail else message


@cache
def table() -> dict[int, StatusRow]:
    """Return every row by code."""
    texts = tomllib.loads((files("emulator.qbxml") / "data" / "status_texts.toml").read_text(encoding="utf-8"))
    return {
        int(code): StatusRow(
            int(code), row["severity"], row["meaning"], texts[code], tuple(row["key_phrases"]), row["standing"], row["source"]
        )
        for code, row in status_rows().items()
    }


@cache
def _plain(code: int) -> Status:
    row = table()[code]
    return Status(code, row.severity, row.text)


class _Sentence(string.Formatter):
    """Format with slots that may be missing."""

    def get_value(self, key: int | str, args: object, kwargs: object) -> object:
        assert isinstance(kwargs, dict)
        return kwargs.get(key, "")
