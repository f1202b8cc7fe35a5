"""What another QuickBooks says in other words, taken from its answers to the cases, for `Wording`.

A sentence about one customer must not be told of every customer. What our own sentence was filled with is looked for in theirs, and its
fields stand there then; so with the second sentence, where what the case itself said (names, amounts) becomes a field. What is left over
may hold nothing that came from a case, and must come out as theirs in every case that has the code. Else the sentence is left out, and why.
"""

import re
import string
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import unescape
from typing import Any, Final

from emulator.com.likeness import SENTENCE_MAX, WordingForm
from emulator.com.probe.cases import CASES
from emulator.com.probe.player import Step
from emulator.desktop import Code, Wording
from emulator.desktop.wording import filled_with, plain
from emulator.qbxml import status
from emulator.qbxml.status import QUICKBOOKS_SAYS

RUN: Final = "RUN"
"""What the name of the run is in steady answers (`probe.steady`)."""


@dataclass(frozen=True)
class Unworded:
    """A sentence that was left out.

    Attributes:
        code: result or status code.
        sentence: what the other QuickBooks said.
        why: what is in the way.
        case: where it was said.
    """

    code: str
    sentence: str
    why: str
    case: str


@dataclass(frozen=True)
class _Said:
    """One status of one answer, said by both.

    Attributes:
        case: the case. code: the status code.
        ours, theirs: the messages, without what differs between two company files.
    """

    case: str
    code: int
    ours: str
    theirs: str

    @property
    def reasons(self) -> tuple[str, str] | None:
        """Return what stands behind the sentence for the code, ours and theirs; None where ours is part of that sentence."""
        ours = self.ours.partition(QUICKBOOKS_SAYS)
        usual = status.table()[self.code].text.partition(QUICKBOOKS_SAYS)[2]
        return None if not ours[1] or ours[2] == usual else (ours[2], self.theirs.partition(QUICKBOOKS_SAYS)[2])

    @property
    def heads(self) -> tuple[str, str]:
        """Return the sentences for the code, ours and theirs: the whole where no reason of its own stands behind."""
        if self.reasons is None:
            return self.ours, self.theirs
        return self.ours.partition(QUICKBOOKS_SAYS)[0], self.theirs.partition(QUICKBOOKS_SAYS)[0]

    @property
    def slots(self) -> dict[str, str]:
        """Return what our sentence was filled with."""
        text, whole = status.table()[self.code].text, self.heads[0]
        for form in (text, text.partition(QUICKBOOKS_SAYS)[0]):
            filled = filled_with(form, whole)
            if filled is not None:
                return filled
        return {}


def worded(theirs: Mapping[str, Sequence[Step]], ours: Mapping[str, Sequence[Step]]) -> tuple[Wording, tuple[Unworded, ...]]:
    """Return what is worded otherwise where the codes agree, and what had to be left out."""
    results: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    statuses: dict[int, list[_Said]] = defaultdict(list)
    for case, steps in ours.items():
        for their_step, our_step in zip(theirs[case], steps, strict=False):
            if (their_step.ok, our_step.ok) == (False, False):
                if their_step.value == our_step.value and their_step.text:
                    results[str(our_step.value)].append((case, our_step.text, their_step.text))
            elif isinstance(their_step.value, str) and isinstance(our_step.value, str):
                pairs = zip(_said_in(their_step.value), _said_in(our_step.value), strict=False)
                for (their_answer, their_text), (our_answer, our_text) in pairs:
                    code = int(our_answer[1])
                    if their_answer == our_answer and code in status.table():
                        statuses[code].append(_Said(case, code, our_text, their_text))
    left_out: list[Unworded] = []
    return (
        Wording(
            results=dict(sorted(_results(results, left_out).items())),
            statuses=dict(sorted(_statuses(statuses, left_out).items())),
            reasons=_reasons([each for said in statuses.values() for each in said], left_out),
        ),
        tuple(left_out),
    )


_STATUS: Final = re.compile(r"<(\w+Rs)\b[^>]*?\bstatusCode=\"(\d+)\"[^>]*?\bstatusMessage=\"([^\"]*)\"")
_ID: Final = re.compile(r"\b[0-9A-F]+-\*")


def _said_in(answer: str) -> list[tuple[tuple[str, str], str]]:
    """Return answer with code, and message, of every status; an id is another number in another company file."""
    return [((name, code), _ID.sub("*-*", unescape(text))) for name, code, text in _STATUS.findall(answer)]


def _results(said: Mapping[str, list[tuple[str, str, str]]], left_out: list[Unworded]) -> dict[str, str]:
    found: dict[str, str] = {}
    for code, each in said.items():
        case, ours, sentence = each[0]
        if all(one == other for _, one, other in each):
            continue
        if code == Code.QUICKBOOKS_SAYS:
            why = "with this code QuickBooks says something of its own each time"
        elif len({theirs for _, _, theirs in each}) > 1:
            case, _, sentence = next(row for row in each if row[2] != sentence)
            why = f"it is said in several ways, also as {each[0][2]!r}"
        else:
            why = _too_special(sentence, ours, [name for name, _, _ in each])
        if why:
            left_out.append(Unworded(code, sentence, why, case))
        else:
            found[code] = sentence
    return found


def _statuses(said: Mapping[int, list[_Said]], left_out: list[Unworded]) -> dict[int, str]:
    found: dict[int, str] = {}
    for code, each in said.items():
        if all(one.heads[0] == one.heads[1] for one in each):
            continue
        # Where both add a sentence of their own, the one for the code alone ends before it.
        tried = dict.fromkeys(
            _with_fields(one.heads[1], one.slots) for one in sorted(each, key=lambda one: one.reasons is not None)
        )
        fitting = next((text for text in tried if all(_comes_out(text, one) for one in each)), None)
        first = next(one for one in each if one.heads[0] != one.heads[1])
        if fitting is None:
            others = ", ".join(sorted({repr(one.heads[1]) for one in each} - {repr(first.heads[1])})[:2])
            why = (
                f"no one sentence comes out so in all cases; others say {others}"
                if others
                else "it cannot be told what differs in it"
            )
        else:
            why = _too_special(fitting, status.table()[code].text, [one.case for one in each], _always_filled_with(each))
        if why or fitting is None:
            left_out.append(Unworded(str(code), first.theirs, why, first.case))
        else:
            found[code] = fitting
    return found


def _always_filled_with(said: Sequence[_Said]) -> list[str]:
    """Return what fields of ours were filled with in every case alike, as theirs may write it: `SalesOrder`, `sales order`."""
    common = set.intersection(*(set(one.slots.items()) for one in said))
    values = [value for _, value in common if value]
    return sorted({*values, *(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", value) for value in values)})


def _comes_out(text: str, said: _Said) -> bool:
    """Return whether a sentence with fields, filled with what ours was filled with, is what they said."""
    theirs = status.sentence_of(text, said.slots)
    if said.reasons is not None:
        theirs = theirs.partition(QUICKBOOKS_SAYS)[0]
    return theirs == said.heads[1]


def _reasons(said: Iterable[_Said], left_out: list[Unworded]) -> dict[str, str]:
    pairs: dict[str, list[tuple[str, _Said]]] = defaultdict(list)
    for each in said:
        if each.reasons is not None:
            ours, theirs = each.reasons
            telling = [value for value in _said_by(each.case) if re.search(r"RUN|\d", value)]
            names = sorted(
                (value for value in {*telling, "*-*", "{*}", "*"} if _stands_in(value, ours)),
                key=lambda value: (-len(value), value),
            )
            slots = dict(zip(string.ascii_lowercase, names, strict=False))
            pairs[_with_fields(ours, slots)].append((_with_fields(theirs, slots), each))
    found: dict[str, str] = {}
    for key, each_way in pairs.items():
        ways = dict.fromkeys(theirs for theirs, _ in each_way)
        theirs, first = each_way[0]
        if list(ways) == [key]:
            continue
        why = (
            f"it is said in several ways, also as {list(ways)[1]!r}"
            if len(ways) > 1
            else _too_special(theirs, key, [one.case for _, one in each_way])
        )
        if why:
            left_out.append(Unworded(str(first.code), first.theirs, why, first.case))
        else:
            found[key] = theirs
    return found


def _with_fields(sentence: str, slots: Mapping[str, str]) -> str:
    """Return a sentence with {fields} where it holds, as words of their own, what they were filled with; the longest first."""
    filled = sorted(((value, name) for name, value in slots.items() if value), key=lambda each: -len(each[0]))
    if not filled:
        return plain(sentence)
    names: dict[str, str] = {}
    for value, name in filled:
        names.setdefault(value, name)
    parts = re.split("(" + "|".join(_as_words(value) for value, _ in filled) + ")", sentence)
    return "".join("{" + names[part] + "}" if place % 2 else plain(part) for place, part in enumerate(parts))


def _as_words(value: str) -> str:
    return rf"(?<!\w){re.escape(value)}(?!\w)"


def _stands_in(value: str, text: str) -> bool:
    return re.search(_as_words(value), text) is not None


def _too_special(sentence: str, ours: str, cases: Iterable[str], filled: Iterable[str] = ()) -> str:
    """Tell what in a sentence with fields is of its cases alone; empty when nothing is.

    Args:
        sentence, ours: theirs and ours.
        cases: where it was said.
        filled: what ours was filled with in all of them; theirs may write it in other letters.
    """
    if _HALF.search(sentence):
        return "it holds half of a surrogate pair, which no text file can hold"
    text, known = _without_fields(sentence), _without_fields(ours)
    if len(sentence) > SENTENCE_MAX:
        return f"it has more than {SENTENCE_MAX} characters"
    if RUN in text or "*" in text:
        return "it names a record, or an id, that ours does not name"
    spelt = next((value for value in filled if _stands_in(value.casefold(), text.casefold())), "")
    if spelt and not _stands_in(spelt.casefold(), known.casefold()):
        return f"it says {spelt!r} in its own way, which ours has a field for"
    by_case = [_said_by(case) for case in dict.fromkeys(cases)]
    common = set.intersection(*map(set, by_case))
    found = next(
        (value for value in sorted(common, key=len, reverse=True) if _stands_in(value, text) and not _stands_in(value, known)), ""
    )
    return f"{found!r} in it was said by the case itself, and ours has no field for it" if found else ""


_HALF: Final = re.compile("[\ud800-\udfff]")


def _without_fields(sentence: str) -> str:
    return "\x00".join(text for text, _, _, _ in string.Formatter().parse(sentence))


@cache
def _said_by(case: str) -> tuple[str, ...]:
    """Return what a case said to QuickBooks that may come back in a sentence: values, and the names of elements and nouns."""
    found: dict[str, None] = {}
    for step in CASES[case].steps:
        for text in [each for each in step[1:] if isinstance(each, str)]:
            if "<" in text:
                found |= dict.fromkeys(unescape(value).strip() for value in re.findall(r">([^<>]+)<", text))
                found |= dict.fromkeys(re.findall(r"<([A-Z]\w+)", text))
                found |= dict.fromkeys(re.findall(r"<(\w+?)(?:Add|Mod|Query)Rq\b", text))
            else:
                found[text] = None
    return tuple(value.replace("%run%", RUN) for value in found if value and not value.startswith(("$", "QBXML")))


def sentences_of(wording: WordingForm) -> int:
    """Return how many sentences a wording has."""
    told: tuple[Mapping[Any, str], ...] = (wording.results, wording.statuses, wording.reasons)
    return sum(map(len, told))
