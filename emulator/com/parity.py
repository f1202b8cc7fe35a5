"""Parity: where another QuickBooks answered otherwise than FakeBooks, and what follows: switch settings, message texts, a latency profile.

What is compared are codes and the elements that a case looks at (`probe.reading`). A switch is found by playing its case with each of its
options until one answers as the other QuickBooks did; what was found stays set while the next one is looked for. Sentences are compared
beside that: they make no difference to a case, but to programs that match on them.
"""

import json
import math
import re
import statistics
import string
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from xml.sax.saxutils import unescape

from emulator.com.ours import TABLES, answers
from emulator.com.probe import record
from emulator.com.probe.cases import CASES
from emulator.com.probe.player import Step
from emulator.com.probe.reading import reading
from emulator.com.probe.switch_cases import SHOWN
from emulator.core.errors import UserMistake
from emulator.core.switches import Setting, SwitchSettings
from emulator.desktop import Mode
from emulator.qbxml import status

TRIED: Final[Mapping[str, tuple[Setting, ...]]] = {"company.iterators-open-max": tuple(range(1, 30))}
"""Settings that are tried of a switch that takes any number."""

ROUNDS_MAX: Final = 3
"""How often all switches are gone through: one that was found can be what another one's case was waiting for."""


@dataclass(frozen=True)
class Difference:
    """A case that the other QuickBooks answered otherwise.

    Attributes:
        case: its name. group: what it is about.
        step: number of the first step that differs, from 1. member: what was called there.
        theirs, ours: what was read there.
        switch: the switch that the case shows, if any.
    """

    case: str
    group: str
    step: int
    member: str
    theirs: Any
    ours: Any
    switch: str = ""


@dataclass(frozen=True)
class Parity:
    """What the comparison found.

    Attributes:
        about: what the file says of the QuickBooks and its machine.
        compared: how many cases both answered.
        differences: with every switch at its default.
        settings: switch to the setting that answers as the other QuickBooks did.
        undecided: switch to settings that answer alike; more than one does.
        unexplained: what still differs with `settings` in force.
        texts: what was said in other words, by result or status code: the other's sentence.
        unknown: cases of the file that this FakeBooks does not know. missing: cases that the file does not have.
        latency: request or member to the seconds its calls took.
    """

    about: Mapping[str, Any]
    complete: bool
    compared: int
    differences: tuple[Difference, ...]
    settings: Mapping[str, Setting]
    undecided: Mapping[str, tuple[Setting, ...]]
    unexplained: tuple[Difference, ...]
    texts: Mapping[str, Mapping[str, str]]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    latency: Mapping[str, tuple[float, ...]]


def compare_file(path: str) -> Parity:
    """Compare a parity file with our own answers. Raises UserMistake: it cannot be read, is half a file, or is of another version."""
    try:
        return compare(record.read(path))
    except record.NotParity as wrong:
        raise UserMistake(str(wrong), where=path) from None
    except OSError as error:
        raise UserMistake(f"the parity file cannot be read: {error.strerror or error}", where=path) from None


def compare(told: Mapping[str, Any]) -> Parity:
    """Compare what a parity file tells (`record.read`) with our own answers, of a company file that is open in the same mode."""
    theirs: dict[str, list[Step]] = told["cases"]
    common = {name: case for name, case in CASES.items() if name in theirs}
    mode: Mode = "single" if told["about"].get("mode") == "single" else "multi"
    default = _by_default(tuple(common), mode)
    differences = _differences(theirs, default)
    settings, undecided = _settings(theirs, {each.case for each in differences}, mode)
    after = answers(common, settings, mode=mode) if settings else default
    return Parity(
        about={**told["about"], "made": told["made"], "run": told["run"]},
        complete=told["complete"],
        compared=len(common),
        differences=tuple(differences),
        settings=settings,
        undecided=undecided,
        unexplained=tuple(_differences(theirs, after)),
        texts=_texts(theirs, after),
        unknown=tuple(name for name in theirs if name not in CASES),
        missing=tuple(name for name in CASES if name not in theirs),
        latency=_latency(theirs),
    )


@lru_cache(maxsize=4)
def _by_default(names: tuple[str, ...], mode: Mode) -> dict[str, list[Step]]:
    """Return our answers with every switch at its default; they are the same whenever they are asked for."""
    return answers({name: CASES[name] for name in names}, mode=mode)


_SWITCH_OF: Final = {case: switch for switch, case in SHOWN.items()}


def _differences(theirs: Mapping[str, list[Step]], ours: Mapping[str, list[Step]]) -> list[Difference]:
    found = []
    for name, steps in ours.items():
        looks = CASES[name].looks
        their_reading, our_reading = reading(theirs[name], looks), reading(steps, looks)
        if _same(their_reading, our_reading):
            continue
        pairs = list(zip(their_reading, our_reading, strict=False))
        place = next((number for number, (one, other) in enumerate(pairs) if not _same(one, other)), len(pairs))
        member = steps[place].member if place < len(steps) else "(the end)"
        at = [each[place] if place < len(each) else None for each in (their_reading, our_reading)]
        found.append(Difference(name, CASES[name].group, place + 1, member, at[0], at[1], _SWITCH_OF.get(name, "")))
    return found


def _same(one: Any, other: Any) -> bool:
    return json.dumps(one) == json.dumps(other)


def _settings(
    theirs: Mapping[str, list[Step]], differing: set[str], mode: Mode
) -> tuple[dict[str, Setting], dict[str, tuple[Setting, ...]]]:
    """Find the options of the switches whose cases differ, one after the other, with what was found before in force."""
    switches = SwitchSettings(TABLES).switches
    wanted = {switch: case for switch, case in SHOWN.items() if case in differing}
    settings: dict[str, Setting] = {}
    undecided: dict[str, tuple[Setting, ...]] = {}
    for _ in range(ROUNDS_MAX):
        before = dict(settings)
        for switch, case in wanted.items():
            told = reading(theirs[case], CASES[case].looks)
            if _answers_so(case, settings, told, mode):
                continue
            options = switches[switch].choices or TRIED[switch]
            fitting = tuple(option for option in options if _answers_so(case, {**settings, switch: option}, told, mode))
            if len(fitting) == 1:
                settings[switch] = fitting[0]
                undecided.pop(switch, None)
            elif fitting:
                undecided[switch] = fitting
        if settings == before:
            break
    return settings, undecided


def _answers_so(case: str, settings: Mapping[str, Setting], told: list[Any], mode: Mode) -> bool:
    steps = answers({case: CASES[case]}, settings, mode=mode)[case]
    return _same(reading(steps, CASES[case].looks), told)


# ---- sentences --------------------------------------------------------------------------------------------------------------

_STATUS: Final = re.compile(r"<\w+Rs\b[^>]*?\bstatusCode=\"(\d+)\"[^>]*?\bstatusMessage=\"([^\"]*)\"")


def _texts(theirs: Mapping[str, list[Step]], ours: Mapping[str, list[Step]]) -> dict[str, dict[str, str]]:
    """Return the sentences that differ though the codes agree: of result codes, and of status codes."""
    results: dict[str, str] = {}
    statuses: dict[str, str] = {}
    for name, steps in ours.items():
        for their_step, our_step in zip(theirs[name], steps, strict=False):
            if (their_step.ok, our_step.ok) == (False, False):
                if their_step.value == our_step.value and their_step.text and their_step.text != our_step.text:
                    results.setdefault(str(their_step.value), their_step.text)
            elif isinstance(their_step.value, str) and isinstance(our_step.value, str):
                pairs = zip(_STATUS.findall(their_step.value), _STATUS.findall(our_step.value), strict=False)
                for (their_code, their_text), (our_code, our_text) in pairs:
                    if their_code == our_code and their_text != our_text:
                        statuses.setdefault(their_code, _with_slots(int(our_code), our_text, their_text))
    return {"results": results, "statuses": statuses}


def _with_slots(code: int, ours: str, theirs: str) -> str:
    """Return their sentence with {slots} where ours has them: what our own sentence was filled with is looked for in theirs.

    A text that stands in theirs in another form, or not at all, leaves its slot out.
    """
    row = status.table().get(code)
    if row is None:
        return unescape(theirs, _QUOTES)
    pattern = "".join(
        re.escape(text) + (f"(?P<{slot}>.*?)" if slot else "") for text, slot, _, _ in string.Formatter().parse(row.text)
    )
    sentence = unescape(theirs, _QUOTES).replace("{", "{{").replace("}", "}}")
    match = re.match(pattern + "$", unescape(ours, _QUOTES)) or re.match(pattern, unescape(ours, _QUOTES))
    filled = sorted(match.groupdict().items(), key=lambda each: -len(each[1])) if match else []
    for slot, value in filled:
        if value:
            sentence = sentence.replace(value, "{" + slot + "}")
    return sentence


_QUOTES: Final = {"&quot;": '"', "&apos;": "'"}


# ---- time -------------------------------------------------------------------------------------------------------------------

_REQUEST: Final = re.compile(r"<(\w+)Rs\b")


def _latency(theirs: Mapping[str, list[Step]]) -> dict[str, tuple[float, ...]]:
    """Return the seconds of the calls by request (a document of one kind of request) or by member; failed calls do not count."""
    seconds: dict[str, list[float]] = defaultdict(list)
    for steps in theirs.values():
        for step in steps:
            if not step.ok:
                continue
            if step.member != "ProcessRequest":
                seconds[step.member].append(step.seconds)
                continue
            kinds = set(_REQUEST.findall(str(step.value)))
            if len(kinds) == 1:
                seconds[kinds.pop() + "Rq"].append(step.seconds)
    return {name: tuple(values) for name, values in sorted(seconds.items())}


def slow_faults(latency: Mapping[str, Iterable[float]]) -> list[dict[str, Any]]:
    """Return the latency as faults of the kind `slow`, one for each request and for BeginSession, as a scenario injects them.

    The time of a call is taken for log-normal: the median in seconds, and the standard deviation of the logarithm.
    """
    faults: list[dict[str, Any]] = []
    for name, values in latency.items():
        times = [max(each, 1e-6) for each in values]
        if not (name.endswith("Rq") or name == "BeginSession") or not times:
            continue
        where = {"request": name} if name.endswith("Rq") else {"call": name}
        spread = statistics.pstdev(map(math.log, times))
        parameters = {
            "distribution": "lognormal",
            "seconds": round(statistics.median(times), 4),
            "spread": round(min(spread, 5.0), 2),
        }
        point = {} if name.endswith("Rq") else {"point": "quickbooks.before-begin"}
        fault = {"fault": "slow", **point, "as": f"latency-{name}", "where": where, "when": {"every": 1}}
        faults.append({**fault, "expect_hits": "any", "with": parameters})
    return faults
