"""`fakebooks probe`: plays the cases to the request processor that is there, and writes down what it answered.

It works on records that it made itself, whose names begin with the name of the run, and removes what can be removed at the end. It begins
only with a sample company, or when it is told to go on with another one.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import random
import re
import sys
from typing import Any, Callable, Sequence

from . import record
from .cases import CASES
from .player import Door, Outcome, carried, play
from .writing import APPLICATION, GROUND, Case, message_set

WRITTEN_EVERY = 20
"""Cases after which the file is written again."""

LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"
"""A run's name has none of the vowels, so that it is no word."""

SUCCESS, WRONG_USE, INCOMPLETE, NOT_STARTED = 0, 2, 3, 4
"""Exit codes, as everywhere in FakeBooks."""


class Remembering(Door):
    """A door that remembers which records its calls made."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self.name, self.cannot = door.name, door.cannot
        self.made: list[tuple[str, str, str]] = []

    def new(self) -> None:
        """Take a new object."""
        self._door.new()

    def call(self, member: str, arguments: tuple[Any, ...]) -> Outcome:
        """Call a member, and look at what it made."""
        outcome = self._door.call(member, arguments)
        if member == "ProcessRequest" and outcome.ok and isinstance(outcome.value, str):
            self.made += re.findall(r"<(\w+)AddRs\b[^>]*>\s*<\w+Ret>\s*<(TxnID|ListID)>([^<]+)<", outcome.value)
        return outcome

    def wait(self, seconds: float) -> None:
        """Let time go by."""
        self._door.wait(seconds)

    def close(self) -> None:
        """Give up the object."""
        self._door.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    parser = argparse.ArgumentParser(prog="probe", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default="parity.json", metavar="FILE", help="the parity file to write (default: %(default)s)")
    parser.add_argument("--only", default="", metavar="GROUP", help="play the cases of one group: " + ", ".join(groups()))
    parser.add_argument("--yes", action="store_true", help="go on with a company file that is no sample company")
    given = parser.parse_args(arguments)
    if given.only and given.only not in groups():
        return _told(f"there is no group {given.only!r}; expected one of {', '.join(groups())}", WRONG_USE)
    try:
        from .pywin32 import Pywin32

        door = Pywin32()
    except ImportError as error:
        return _told(
            f"pywin32 is not there ({error}); on Windows install it with `pip install pywin32`, "
            "elsewhere run `fakebooks exec -- fakebooks probe`",
            NOT_STARTED,
        )
    return probe(door, given.out, {name: case for name, case in CASES.items() if given.only in ("", case.group)}, given.yes)


def groups() -> list[str]:
    """Return the groups of the cases."""
    return sorted({case.group for case in CASES.values()})


def probe(door: Door, out: str, cases: dict[str, Case], go_on: bool, say: Callable[[str], None] = print) -> int:
    """Play cases through a door and write the parity file; returns the exit code."""
    remembering = Remembering(door)
    say("QuickBooks may ask on its screen whether this program may come in: let it, whenever the file is open")
    found = _greeting(remembering)
    if isinstance(found, str):
        return _told(found, NOT_STARTED)
    if not (go_on or found["sample"]):
        return _told(
            f"the company file {found['file']!r} is no sample company (its name has no 'sample' in it): the probe makes records and "
            "cannot remove all of them. Open a sample company, or say --yes",
            WRONG_USE,
        )
    run = "FB" + "".join(random.SystemRandom().choice(LETTERS) for _ in range(3))
    told: dict[str, Any] = {
        "complete": False,
        "made": datetime.datetime.now().isoformat(timespec="seconds"),  # noqa: DTZ005 - the clock that people see
        "run": run,
        "about": {**found["about"], "python": platform.python_version(), "system": platform.system(), "door": door.name},
        "ground": [],
        "cases": {},
        "left out": {},
    }
    try:
        record.write(out, told)
        told["ground"] = play(remembering, GROUND, run)
        for number, (name, case) in enumerate(cases.items(), 1):
            if carried(remembering, case):
                told["cases"][name] = play(remembering, case.steps, run)
            else:
                told["left out"][name] = f"the door {door.name} cannot carry it"
            if number % WRITTEN_EVERY == 0 or number == len(cases):
                record.write(out, told)
                say(f"{number} of {len(cases)} cases ({case.group})")
        told["complete"] = True
        record.write(out, told)
    except OSError as error:
        return _told(f"cannot write {out}: {error.strerror or error}", WRONG_USE)
    except KeyboardInterrupt:
        record.write(out, told)
        return _told(f"interrupted: {out} holds {len(told['cases'])} of {len(cases)} cases", 130)
    finally:
        say(f"run {run}: {_removed(remembering)}")
        remembering.close()
    say(f"written: {out}")
    return SUCCESS


def _greeting(door: Door) -> Any:
    """Return what is known of the QuickBooks that is there, or why there is none."""
    steps: list[tuple[str, tuple[Any, ...]]] = [
        ("MajorVersion", ()),
        ("MinorVersion", ()),
        ("OpenConnection", ("", APPLICATION)),
        ("BeginSession", ("", 2)),
    ]
    values: list[Any] = []
    try:
        door.new()
    except Exception as error:
        return f"no request processor can be made: {error}"
    for member, arguments in steps:
        outcome = door.call(member, arguments)
        if not outcome.ok:
            return f"{member} failed with {outcome.value}: {outcome.text}"
        values.append(outcome.value)
    ticket = values[3]
    file = str(door.call("GetCurrentCompanyFileName", (ticket,)).value)
    host = str(door.call("ProcessRequest", (ticket, message_set("<HostQueryRq/>"))).value)
    door.call("EndSession", (ticket,))
    multi = door.call("BeginSession", ("", 1))
    if multi.ok:
        door.call("EndSession", (multi.value,))
    door.call("CloseConnection", ())
    product = re.search(r"<ProductName>([^<]*)<", host)
    ours = bool(os.environ.get("FAKEBOOKS_COM"))
    return {
        "file": file,
        "sample": ours or "sample" in file.casefold(),
        "about": {
            "library": f"{values[0]}.{values[1]}",
            "mode": "multi" if multi.ok else "single",
            "product": product.group(1) if product else "",
            "qbxml": re.findall(r"<SupportedQBXMLVersion>([^<]*)<", host),
        },
    }


def _removed(door: Remembering) -> str:
    """Remove what was made, the last first, and say in a few words what became of it.

    Lists cannot be deleted in multi-user mode, nor records that others refer to: those are made inactive.
    """
    made = list(reversed(door.made))
    left = [each for kind in ("TxnID", "ListID") for each in made if each[1] == kind]
    if not left:
        return "nothing was made"
    door.new()
    door.call("OpenConnection", ("", APPLICATION))
    began = door.call("BeginSession", ("", 2))
    ticket = str(began.value)
    if began.ok:
        left = [each for each in left if not _done(door, ticket, _deletion(*each))]
        asleep = [each for each in left if _made_inactive(door, ticket, *each)]
        door.call("EndSession", (ticket,))
    door.call("CloseConnection", ())
    if not began.ok:
        return f"{len(made)} records were made and stay: BeginSession failed with {began.value}"
    stay = len(left) - len(asleep)
    return f"{len(made)} records were made, {len(made) - len(left)} removed, {len(asleep)} made inactive, {stay} stay as they are"


def _deletion(noun: str, kind: str, identity: str) -> str:
    word = "Txn" if kind == "TxnID" else "List"
    return f"<{word}DelRq><{word}DelType>{noun}</{word}DelType><{kind}>{identity}</{kind}></{word}DelRq>"


def _made_inactive(door: Door, ticket: str, noun: str, kind: str, identity: str) -> bool:
    """Make an entry of a list inactive; returns whether that was done."""
    if kind != "ListID":
        return False
    asked = f"<{noun}QueryRq><ListID>{identity}</ListID></{noun}QueryRq>"
    told = door.call("ProcessRequest", (ticket, message_set(asked)))
    sequence = re.search(r"<EditSequence>([^<]*)<", str(told.value))
    if sequence is None:
        return False
    change = f"<ListID>{identity}</ListID><EditSequence>{sequence.group(1)}</EditSequence><IsActive>false</IsActive>"
    return _done(door, ticket, f"<{noun}ModRq><{noun}Mod>{change}</{noun}Mod></{noun}ModRq>")


def _done(door: Door, ticket: str, request: str) -> bool:
    told = door.call("ProcessRequest", (ticket, message_set(request)))
    return told.ok and 'Rs statusCode="0"' in str(told.value)


def _told(text: str, code: int) -> int:
    sys.stderr.write(f"probe: {text}\n")
    return code
