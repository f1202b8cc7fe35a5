"""Parity: where another QuickBooks answered otherwise than FakeBooks, and what follows: a likeness (switches, wording, latency).

What is compared are codes and the elements that a case looks at (`probe.reading`). A switch is found by playing its case with each of its
options until one answers as the other QuickBooks did; what was found stays set while the next one is looked for. Sentences are compared
beside that: they make no difference to a case, but to programs that match on them.
"""

import json
import math
import re
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from emulator.com.likeness import TABLES, VERSION, Likeness, PaceForm, WordingForm
from emulator.com.ours import answers
from emulator.com.probe import record
from emulator.com.probe.cases import CASES
from emulator.com.probe.player import Step
from emulator.com.probe.reading import reading
from emulator.com.probe.switch_cases import SHOWN
from emulator.com.sentences import Unworded, worded
from emulator.core.errors import UserMistake
from emulator.core.switches import Setting, SwitchSettings
from emulator.desktop import Mode, Wording
from emulator.desktop.latency import BEGIN_SESSION, OTHER, SECONDS_MAX

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
        wording: what was said in other words. unworded: what of it had to be left out, and why.
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
    wording: Wording
    unworded: tuple[Unworded, ...]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    latency: Mapping[str, tuple[float, ...]]

    def likeness(self) -> Likeness:
        """Return what makes a FakeBooks like the other QuickBooks."""
        of = f"{self.about.get('product') or 'a QuickBooks'}, library {self.about.get('library', '?')}, probed {self.about['made']}"
        if not self.complete:
            of += f", as far as {self.compared} cases tell: the probe did not come to its end"
        return Likeness(
            likeness=VERSION,
            of=of,
            switches=dict(self.settings),
            wording=WordingForm(**vars(self.wording)),
            latency=paces(self.latency),
            complete=True,
        )


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
    wording, unworded = worded(theirs, after)
    return Parity(
        about={**told["about"], "made": told["made"], "run": told["run"]},
        complete=told["complete"],
        compared=len(common),
        differences=tuple(differences),
        settings=settings,
        undecided=undecided,
        unexplained=tuple(_differences(theirs, after)),
        wording=wording,
        unworded=unworded,
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


# ---- time -------------------------------------------------------------------------------------------------------------------

_REQUEST: Final = re.compile(r"<(?!QBXML)(\w+)Rs\b")


def _latency(theirs: Mapping[str, list[Step]]) -> dict[str, tuple[float, ...]]:
    """Return the seconds of the calls by request or by member.

    Failed calls do not count, nor documents of several kinds of request, nor message sets with an id: their answers may be stored ones.
    """
    seconds: dict[str, list[float]] = defaultdict(list)
    for steps in theirs.values():
        for step in steps:
            if not step.ok:
                continue
            if step.member != "ProcessRequest":
                seconds[step.member].append(step.seconds)
                continue
            asked = _REQUEST.findall(str(step.value))
            if len(set(asked)) == 1 and "MessageSetID=" not in str(step.value):
                seconds[asked[0] + "Rq"].append(step.seconds / len(asked))
    return {name: tuple(values) for name, values in sorted(seconds.items())}


def paces(latency: Mapping[str, Iterable[float]]) -> dict[str, PaceForm]:
    """Return the latency of requests and of BeginSession, as a world takes it; what takes no time that counts is left out.

    The time of a call is taken for log-normal: the median in seconds, and the standard deviation of the logarithm. What is not asked in
    any case takes the time of the request in the middle.
    """
    found: dict[str, PaceForm] = {}
    for name, values in latency.items():
        times = [min(max(each, 1e-6), SECONDS_MAX) for each in values]
        if not (name.endswith("Rq") or name == BEGIN_SESSION) or not times:
            continue
        seconds = round(statistics.median(times), 4)
        if seconds >= LEAST_S:
            found[name] = PaceForm(seconds=seconds, spread=round(min(statistics.pstdev(map(math.log, times)), 5.0), 2))
    requests = [pace for name, pace in found.items() if name != BEGIN_SESSION]
    if requests:
        found[OTHER] = PaceForm(seconds=statistics.median_low([pace.seconds for pace in requests]))
    return found


LEAST_S: Final = 0.001
"""Seconds below which the time of a call is no latency that anybody sees: what our own door in process takes."""
