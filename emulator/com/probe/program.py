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
from typing import Any, Callable, Sequence

from . import record
from .cases import CASES
from .ending import INTERRUPTED, Requests, complained, lenient, shown
from .player import Door, NoObject, Outcome, Step, carried, play
from .reading import answered
from .writing import APPLICATION, GROUND, Case, message_set

WRITTEN_EVERY = 20
"""Cases after which the file is written again."""

LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"
"""A run's name has none of the vowels, so that it is no word."""

SECOND_TRY_S = 5.0
"""How long the probe waits before it asks a second time whether QuickBooks lets it in (machine's seconds)."""

SUCCESS, WRONG_USE, INCOMPLETE, NOT_STARTED = 0, 2, 3, 4
"""Exit codes, as everywhere in FakeBooks; INTERRUPTED is another one."""


class _Stopped(Exception):  # noqa: N818 - it is named for what happened
    """The run cannot go on: why, and the exit code."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.text = text
        self.code = code


class Remembering(Door):
    """A door that remembers which records its calls made, and hears between them that the program is asked to end."""

    def __init__(self, door: Door, requests: Requests) -> None:
        self._door = door
        self.requests = requests
        self.name, self.cannot = door.name, door.cannot
        self.made: list[tuple[str, str, str]] = []

    def new(self) -> None:
        """Take a new object. Raises NoObject."""
        self._door.new()

    def call(self, member: str, arguments: tuple[Any, ...]) -> Outcome:
        """Call a member, and look at what it made. Raises KeyboardInterrupt."""
        self.requests.remember()
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
    """Run the program; returns its exit code: 128 and the signal when it was asked to end."""
    lenient()
    with Requests() as requests:
        try:
            code = _main(arguments, requests)
        except KeyboardInterrupt:
            code = _told("interrupted", INTERRUPTED)
        return requests.code(code)


def _main(arguments: Sequence[str] | None, requests: Requests) -> int:
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
    cases = {name: case for name, case in CASES.items() if given.only in ("", case.group)}
    return probe(door, given.out, cases, given.yes, requests=requests)


def groups() -> list[str]:
    """Return the groups of the cases."""
    return sorted({case.group for case in CASES.values()})


def probe(
    door: Door,
    out: str,
    cases: dict[str, Case],
    go_on: bool,
    say: Callable[[str], None] = shown,
    requests: Requests | None = None,
) -> int:
    """Play cases through a door and write the parity file; returns the exit code.

    Raises KeyboardInterrupt: asked to end before the first case, or once more while the file is written.
    """
    try:
        kept = record.Keeping(out)
    except OSError as error:
        return _told(_unwritable(out, error), WRONG_USE)
    remembering = Remembering(door, requests or Requests())
    try:
        return _probe(remembering, kept, cases, go_on, say)
    finally:
        remembering.close()


def _probe(door: Remembering, kept: record.Keeping, cases: dict[str, Case], go_on: bool, say: Callable[[str], None]) -> int:
    say("QuickBooks may ask on its screen whether this program may come in: let it, whenever the file is open")
    found = _greeting(door)
    if isinstance(found, str):
        return _told(found, NOT_STARTED)
    if not (go_on or found["sample"]):
        return _told(
            f"the company file {found['file']!r} is no sample company (its name has no 'sample' in it): the probe makes records and "
            "cannot remove all of them. Open a sample company, or say --yes",
            WRONG_USE,
        )
    run = "FB" + "".join(random.SystemRandom().choice(LETTERS) for _ in range(3))
    made = datetime.datetime.now()  # noqa: DTZ005 - the clock that people see
    told: dict[str, Any] = {
        "complete": False,
        "made": made.isoformat(timespec="seconds"),
        "run": run,
        "about": {**found["about"], "python": platform.python_version(), "system": platform.system(), "door": door.name},
        "asked": list(cases),
        "ground": [],
        "cases": {},
        "left out": {},
    }
    ended = _Stopped("", SUCCESS)
    try:
        # Every request of a run has the day that its file has, on the other side of midnight too.
        _play(door, cases, told, made.date(), kept, say)
        _keep(kept.at_the_end, kept.path, told)
    except _Stopped as stopped:
        ended = stopped
    except KeyboardInterrupt:
        door.requests.heard()
        ended = _Stopped("interrupted", INTERRUPTED)
    if ended.code != SUCCESS:
        ended = _kept_nevertheless(kept, told, len(cases), ended)
    try:
        say(f"run {run}: {_removed(door)}")
    except KeyboardInterrupt:
        door.requests.heard()
        say(f"run {run}: {len(door.made)} records were made; their removal was interrupted, and some of them stay")
        ended = _Stopped(ended.text or f"interrupted after the last case; {kept.path} is written", INTERRUPTED)
    if ended.code != SUCCESS:
        return _told(ended.text, ended.code)
    say(f"written: {kept.path}")
    return SUCCESS


def _play(
    door: Remembering,
    cases: dict[str, Case],
    told: dict[str, Any],
    today: datetime.date,
    kept: record.Keeping,
    say: Callable[[str], None],
) -> None:
    """Play the ground and the cases. Raises _Stopped: QuickBooks let no program in, for good or for a while, or a file cannot be written."""
    told["ground"] = _answers(door, GROUND, told["run"], today)
    if not any(_begun(told["ground"])):
        raise _Stopped("QuickBooks let no program in again before the first case", INCOMPLETE)
    missing = _not_made(told["ground"])
    if missing:
        say(f"not all that the cases stand on was made ({missing}): what follows shows little of this QuickBooks")
    spoilt = 0
    # A session that began shows that QuickBooks was there until then: what was answered since may be the answers of a QuickBooks that is not.
    since: list[str] = []
    for number, (name, case) in enumerate(cases.items(), 1):
        if carried(door, case):
            steps = _answers(door, case.steps, told["run"], today)
            told["cases"][name] = steps
            since = [name] if any(_begun(steps)) else [*since, name]
            # Some cases are refused their session by every QuickBooks, so that a session of the probe's own has to tell.
            if not steps or not all(_begun(steps)) or number == len(cases):
                spoilt += _still_there(door, told, since)
        else:
            told["left out"][name] = f"the door {door.name} cannot carry it"
        if number % WRITTEN_EVERY == 0 or number == len(cases):
            _keep(kept.so_far, kept.path, told)
            say(f"{number} of {len(cases)} cases ({case.group})")
    if spoilt:
        raise _Stopped(
            f"QuickBooks let no program in for a while, and {spoilt} cases are left out; run the probe again", INCOMPLETE
        )
    told["complete"] = True


def _answers(door: Door, steps: Sequence[tuple[Any, ...]], run: str, today: datetime.date) -> list[Step]:
    """Return what the steps of a case gave; nothing when there is no object to call."""
    try:
        return play(door, steps, run, today)
    except NoObject:
        return []


def _begun(steps: list[Step]) -> list[bool]:
    return [step.ok for step in steps if step.member == "BeginSession"]


def _not_made(ground: list[Step]) -> str:
    """Return what of the ground was refused, in a few words."""
    found = [f"{step.member} {step.value}" for step in ground if not step.ok]
    told = [each for step in ground if step.ok for each in answered(str(step.value))]
    return ", ".join(found + [f"{each.name[:-2]} {each.code}" for each in told if not each.is_done])


def _still_there(door: Door, told: dict[str, Any], since: list[str]) -> int:
    """Ask whether a session begins; when none does, leave out the cases since one did, and ask again after a while.

    Returns:
        how many cases had to be left out.

    Raises:
        _Stopped: no session begins at the second try either.
    """
    why = _no_session(door)
    if not why:
        return 0
    for name in since:
        del told["cases"][name]
        told["left out"][name] = f"QuickBooks let no program in any more when it was played, or soon after: {why}"
    spoilt = len(since)
    since.clear()
    door.wait(SECOND_TRY_S)
    why = _no_session(door)
    if why:
        raise _Stopped(f"QuickBooks lets no program in any more, at a second try neither ({why})", INCOMPLETE)
    return spoilt


def _no_session(door: Door) -> str:
    """Begin a session and end it; returns why none begins, nothing when one does."""
    try:
        door.new()
    except NoObject as missing:
        return str(missing)
    opened = door.call("OpenConnection", ("", APPLICATION))
    if not opened.ok:
        return f"OpenConnection failed with {opened.value}: {opened.text}"
    began = door.call("BeginSession", ("", 2))
    if began.ok:
        door.call("EndSession", (began.value,))
    door.call("CloseConnection", ())
    return "" if began.ok else f"BeginSession failed with {began.value}: {began.text}"


def _keep(write: Callable[[dict[str, Any]], None], path: str, told: dict[str, Any]) -> None:
    """Write the record. Raises _Stopped."""
    try:
        write(told)
    except OSError as error:
        raise _Stopped(_unwritable(path, error), WRONG_USE) from None


def _kept_nevertheless(kept: record.Keeping, told: dict[str, Any], wanted: int, ended: _Stopped) -> _Stopped:
    """Write what a run has that did not come to its end; returns how it ended, with what became of that."""
    if not told["cases"]:
        return _Stopped(f"{ended.text}: no case was played, and {kept.path} is as it was", ended.code)
    try:
        path = kept.broken_off(told)
    except OSError as error:
        failed = _unwritable(kept.path, error)
        return ended if failed == ended.text else _Stopped(f"{ended.text}; {failed}", ended.code)
    as_it_was = "" if path == kept.path else f"; {kept.path}, which is whole, is as it was"
    return _Stopped(f"{ended.text}: {path} holds {len(told['cases'])} of {wanted} cases{as_it_was}", ended.code)


def _unwritable(path: str, error: OSError) -> str:
    return f"cannot write {path}: {error.strerror or error}"


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
    except NoObject as missing:
        return str(missing)
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
    try:
        door.new()
    except NoObject as missing:
        return f"{len(made)} records were made and stay: {missing}"
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
    complained(f"probe: {text}")
    return code
