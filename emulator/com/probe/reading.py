"""What is compared between two QuickBooks: codes, and the elements that a case looks at; never whole texts, for theirs are not ours."""

from __future__ import annotations

import re
from html import unescape
from typing import Any, Iterable, Iterator, NamedTuple

from .player import Step

_STATUS = re.compile(r"<(\w+Rs)\b([^>]*)>")
_CODE = re.compile(r'statusCode="(-?\d+)"')
_MESSAGE = re.compile(r'\bstatusMessage="([^"]*)"')
_SET = re.compile(r'(messageSetStatusCode)="(\d+)"')


def reading(steps: Iterable[Step], looks: tuple[str, ...] = ()) -> list[Any]:
    """Return what the steps of a case say to a program that reads codes.

    Args:
        steps: what the steps gave.
        looks: what else is looked at: `Element` (the text of every one), `Outer>Element` (within the first of every Outer), `@attribute`, or
            the name of a member whose value counts. Of ids with a `+` behind (`Outer>TxnID+`): whether each is the number after the one before.
    """
    found: list[Any] = []
    for step in steps:
        if not step.ok:
            found.append(["failed", step.value])
        elif isinstance(step.value, str) and "<QBXML>" in step.value:
            told = [
                [looked, *seen(step.value, looked)] for looked in looks if looked in step.value or ">" in looked or "@" in looked
            ]
            found.append(["ok", statuses(step.value), told])
        else:
            found.append(["ok", step.value if step.member in looks else ""])
    return found


class Answered(NamedTuple):
    """How one request of a set was answered: `CustomerAddRs`, its code (empty: none) and text, and whether it was done (a warning says so)."""

    name: str
    code: str
    text: str
    is_done: bool


def answered(answer: str) -> Iterator[Answered]:
    """Yield how each request of a set was answered."""
    for name, attributes in _STATUS.findall(answer):
        code, text = _CODE.search(attributes), _MESSAGE.search(attributes)
        is_done = code is None or not int(code.group(1)) or 'statusSeverity="Warn"' in attributes
        yield Answered(name, code.group(1) if code else "", unescape(text.group(1)) if text else "", is_done)


def statuses(answer: str) -> list[str]:
    """Return the status of every answer of a set, `CustomerAddRs 0`."""
    told = [f"{name} {code}" for name, code in _SET.findall(answer)]
    return told + [f"{each.name} {each.code}" for each in answered(answer) if each.code]


def seen(answer: str, looked: str) -> list[str]:
    """Return the texts of what is looked at, in their order."""
    if looked.endswith("+"):
        texts = [text.partition("-")[0] for text in seen(answer, looked[:-1])]
        # An id of another form (a real file may have any) has no number, and no next one.
        numbers = [int(text, 16) if re.fullmatch("[0-9A-Fa-f]+", text) else None for text in texts]
        return ["next" if before is not None and after == before + 1 else "apart" for before, after in zip(numbers, numbers[1:])]
    if looked.startswith("@"):
        return re.findall(rf'\b{looked[1:]}="([^"]*)"', answer)
    outer, _, element = looked.rpartition(">")
    if not outer:
        return re.findall(rf"<{element}>([^<]*)<", answer)
    within = re.findall(rf"<{outer}\b.*?</{outer}>", answer, re.DOTALL)
    return [text for part in within for text in re.findall(rf"<{element}\b[^>]*>([^<]*)<", part)[:1]]
