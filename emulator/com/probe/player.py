"""Plays the cases through a door. It knows nothing of a door but how to call a member.

A case is a list of steps. A step is (member, arguments...), named as in the type library; members of AuthPreferences have that word and a
point before them. Three steps are no calls:

| step | does |
|---|---|
| ("new",) | takes a new object; every case begins with one |
| ("keep", NAME, ELEMENT) | remembers the text of the first such element (or @attribute) of the last answer, as %NAME% |
| ("wait", SECONDS) | lets time go by (story seconds where the door has a clock of its own) |

In arguments `$ticket` stands for what the last BeginSession returned, `$file` for what the last GetCurrentCompanyFileName did, `%run%` for
the name that all records of the run begin with, `%NAME%` for what was kept, `%today%` and `%year%` for the day and its year,
`%guid%` for twelve hexadecimal digits of the run's own.
"""

from __future__ import annotations

import datetime
import re
import time
from typing import Any, Callable, Generator, Iterable, List, Mapping, NamedTuple, Tuple

from .steady import steady

NO_CALLS = frozenset({"new", "keep", "wait"})
"""Steps that are no calls."""

_PLACEHOLDER = re.compile(r"%([A-Za-z]\w*)%")


class Outcome(NamedTuple):
    """What a call gave.

    Attributes:
        ok: whether it returned.
        value: what it returned; of a failure the code, `0x80040408`.
        text: the description of a failure.
    """

    ok: bool
    value: Any
    text: str = ""


class Step(NamedTuple):
    """What a step of a case gave: an outcome without what differs from run to run, and how long it took."""

    member: str
    ok: bool
    value: Any
    text: str
    seconds: float


class NoObject(Exception):  # noqa: N818 - it is named for what is missing
    """No request processor can be made: why."""


class Door:
    """A way to a request processor.

    A door gives `call` and `new`; one that reaches no COM object of its own kind says in `cannot` which members it cannot carry: cases with
    such a member are left out at that door, by name.
    """

    name = "door"
    cannot: frozenset[str] = frozenset()

    def new(self) -> None:
        """Take a new object; the one before is given up. Raises NoObject."""
        raise NotImplementedError

    def call(self, member: str, arguments: tuple[Any, ...]) -> Outcome:
        """Call a member of the object."""
        raise NotImplementedError

    def wait(self, seconds: float) -> None:
        """Let time go by."""
        time.sleep(seconds)

    def close(self) -> None:
        """Give up the object."""


def carried(door: Any, case: Any) -> bool:
    """Return whether a door can carry every step of a case."""
    return not door.cannot & {step[0] for step in case.steps}


Calls = Generator[Tuple[str, Tuple[Any, ...]], Outcome, List[Step]]
"""A case being played: it yields a member and its arguments, is sent the outcome, and returns what the steps gave."""


def playing(
    steps: Iterable[tuple[Any, ...]],
    run: str,
    today: datetime.date | None = None,
    seconds_now: Callable[[], float] = time.perf_counter,
) -> Calls:
    """Play a case; whoever drives this makes the calls, at once or on a loop.

    Args:
        steps: of the case.
        run: the name that the records of the run begin with.
        today: the day where QuickBooks is; None stands for this machine's.
        seconds_now: tells seconds, for what calls took.
    """
    day = today or datetime.date.today()  # noqa: DTZ011 - the day that people see
    known: dict[str, str] = {
        "run": run,
        "today": day.isoformat(),
        "year": str(day.year),
        "guid": (run.encode().hex() + "0" * 12)[:12],
    }
    ticket = file = last = ""
    results: list[Step] = []
    yield "new", ()
    for member, *given in steps:
        if member == "keep":
            name, element = given
            found = re.search(rf'\b{element[1:]}="([^"]*)"' if element.startswith("@") else rf"<{element}>([^<]*)<", last)
            known[name] = found.group(1) if found else "missing"
            continue
        marks = {"$ticket": ticket, "$file": file}
        arguments = tuple(marks.get(each, _filled(each, known)) if isinstance(each, str) else each for each in given)
        before = seconds_now()
        outcome = yield member, arguments
        seconds = round(seconds_now() - before, 6)
        if member in NO_CALLS:
            continue
        value = outcome.value
        if outcome.ok and member == "BeginSession":
            ticket, value = value, "a ticket"
        elif outcome.ok and member == "GetCurrentCompanyFileName":
            file, value = value, "a file"
        elif outcome.ok and isinstance(value, str):
            last = value
        results.append(Step(member, outcome.ok, steady(value, run), steady(outcome.text, run), seconds))
    return results


def play(door: Door, steps: Iterable[tuple[Any, ...]], run: str, today: datetime.date | None = None) -> list[Step]:
    """Play a case through a door that answers at once. Raises NoObject."""
    calls = playing(steps, run, today)
    try:
        member, arguments = next(calls)
        while True:
            member, arguments = calls.send(_done(door, member, arguments))
    except StopIteration as end:
        results: list[Step] = end.value
        return results


def _done(door: Door, member: str, arguments: tuple[Any, ...]) -> Outcome:
    if member == "new":
        door.new()
    elif member == "wait":
        door.wait(*arguments)
    else:
        return door.call(member, arguments)
    return Outcome(True, None)


def _filled(text: str, known: Mapping[str, str]) -> str:
    """Put what is known into a text; a name that nobody kept stays as it is."""
    return _PLACEHOLDER.sub(lambda match: known.get(match.group(1), match.group()), text)
