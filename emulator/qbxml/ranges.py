"""The value pass for pairs: a From that comes after its To. Dates give 3030, texts 3031 (documented).

A date without a time means the start of the day in a From and its end in a To (documented). Texts are refused here when
they are wrong without regard to case and, where both are whole numbers, as numbers too (inferred); which of the two counts is for the company
file to say.
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from emulator.qbxml.values import BadValue

if TYPE_CHECKING:
    from emulator.qbxml.plan import Child

RangeCheck = Callable[[dict[str, object]], None]
"""Raises BadValue when the pair among these values is the wrong way round."""

_DATES = frozenset({"DATETYPE", "DATETIMETYPE"})
_PARTS = re.compile(r"(\d+)-(\d+)-(\d+)(?:T(\d+)(?::(\d+)(?::(\d+))?)?)?")


def range_checks_of(children: Mapping[str, "Child"]) -> tuple[RangeCheck, ...]:
    """Return a check for every From child that has a To twin of the same type."""
    checks: list[RangeCheck] = []
    for name, child in children.items():
        twin = "To" + name[4:]
        if not name.startswith("From") or twin not in children or children[twin].type != child.type:
            continue
        if child.type in _DATES:
            checks.append(_date_check(name, twin))
        elif child.type == "STRTYPE":
            checks.append(_text_check(name, twin))
    return tuple(checks)


def _date_check(first: str, last: str) -> RangeCheck:
    def check(values: dict[str, object]) -> None:
        start, end = values.get(first), values.get(last)
        if isinstance(start, str) and isinstance(end, str) and _moment(start, 0, 0, 0) > _moment(end, 23, 59, 59):
            raise BadValue(3030, first, start, other=end)

    return check


def _text_check(first: str, last: str) -> RangeCheck:
    def check(values: dict[str, object]) -> None:
        start, end = values.get(first), values.get(last)
        if not isinstance(start, str) or not isinstance(end, str):
            return
        numbers_are_right = is_number(start) and is_number(end) and number_key(start) <= number_key(end)
        if start.casefold() > end.casefold() and not numbers_are_right:
            raise BadValue(3031, first, start, other=end)

    return check


def is_number(text: str) -> bool:
    """Return whether a text is a whole number, of digits alone."""
    return text.isascii() and text.isdecimal()


def number_key(text: str) -> tuple[int, str]:
    """Return what whole numbers of any length compare by."""
    digits = text.lstrip("0")
    return len(digits), digits


def _moment(text: str, *without_time: int) -> tuple[int, ...]:
    """Local wall-clock time as a tuple. Zones are left aside: both ends are of one machine (inferred)."""
    match = _PARTS.match(text)
    assert match is not None, text
    day, time = match.groups()[:3], match.groups()[3:]
    if time[0] is None:
        return (*map(int, day), *without_time)
    return (*map(int, day), *(int(part or 0) for part in time))
