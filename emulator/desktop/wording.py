"""Wording: what a QuickBooks says where we say something else. Codes are the same everywhere, sentences are not, and programs match on them.

    results:  {"0x80040408": "Could not start QuickBooks."}                     the description of a call that failed
    statuses: {3140: 'There is an invalid reference to "{value}".'}             the statusMessage of an answer
    reasons:  {"The credit limit of {a} would be exceeded.": "{a} owes too much."}   what stands behind `QuickBooks error message:`

The fields of a status sentence are those of our own sentence for its code (`qbxml/data/status_texts.toml`). A reason is found by ours: its
fields take whatever stands in their place, and stand in the other sentence for the same.
"""

import string
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from emulator.desktop.results import SessionFailure
from emulator.qbxml import status
from emulator.qbxml.status import QUICKBOOKS_SAYS, Status


@dataclass(frozen=True)
class Wording:
    """The sentences of one QuickBooks; what it words as we do is not in here.

    Attributes:
        results: result code to the description of a failed call.
        statuses: status code to the statusMessage, with {fields}.
        reasons: our second sentence, with {fields}, to theirs.
    """

    results: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[int, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    def word(self, failure: SessionFailure) -> None:
        """Have a failure say the sentence of this QuickBooks."""
        failure.sentence = self.results.get(failure.code, "")

    def told(self, outcome: Status) -> Status:
        """Return a status in the words of this QuickBooks. One that is told so already stays as it is."""
        sentence = self.statuses.get(outcome.code)
        ours = str(outcome.slots.get("quickbooks") or "")
        reason = self._reason(ours) if ours else None
        if sentence is None and reason is None:
            return outcome
        text = status.table()[outcome.code].text if sentence is None else sentence
        if reason == "":
            # Where we add a sentence, this one adds none.
            return replace(
                outcome, message=status.sentence_of(text.partition(QUICKBOOKS_SAYS)[0], {**outcome.slots, "quickbooks": ""})
            )
        slots = outcome.slots if reason is None else {**outcome.slots, "quickbooks": reason}
        return replace(outcome, message=status.sentence_of(text, slots))

    def _reason(self, ours: str) -> str | None:
        for sentence, theirs in self._reasons:
            filled = filled_with(sentence, ours)
            if filled is not None:
                return _Filled().vformat(theirs, (), filled)
        return None

    @cached_property
    def _reasons(self) -> list[tuple[str, str]]:
        """Those without fields first: they say exactly what they mean."""
        return sorted(self.reasons.items(), key=lambda pair: len(fields_of(pair[0])))


def fields_of(sentence: str) -> list[str]:
    """Return the names of the fields of a sentence. Raises ValueError for braces that are not in order."""
    return [name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None]


def filled_with(sentence: str, told: str) -> dict[str, str] | None:
    """Return what the fields of a sentence were filled with so that it tells `told`; None when it does not come out so.

    A field takes as little as it can, up to where the words behind it stand first; the last words are those at the end. That is looked for
    once, from left to right: a sentence out of somebody's file must not keep QuickBooks busy.
    """
    words, names = [""], []
    for text, name, _, _ in string.Formatter().parse(sentence):
        words[-1] += text
        if name is not None:
            names.append(name)
            words.append("")
    last = len(told) - len(words[-1])
    if not told.startswith(words[0]) or not told.endswith(words[-1]):
        return None
    filled: dict[str, str] = {}
    place = len(words[0])
    for number, name in enumerate(names, 1):
        behind = told.find(words[number], place, last) if number < len(names) else last
        end = place + len(filled[name]) if name in filled else behind
        if not place <= end <= last or not told.startswith(words[number], end):
            return None
        if filled.setdefault(name, told[place:end]) != told[place:end]:
            return None
        place = end + len(words[number])
    return filled if place == len(told) else None


def plain(text: str) -> str:
    """Return a text as it stands in a sentence with fields."""
    return text.replace("{", "{{").replace("}", "}}")


class _Filled(string.Formatter):
    """Fill fields by name only; nothing in a sentence of a file reaches further than that."""

    def get_value(self, key: int | str, args: object, kwargs: Mapping[str, Any]) -> Any:
        return kwargs[str(key)]


AS_OURS: Final = Wording()
"""A QuickBooks that says what we say."""
