"""Parity: where another QuickBooks answered otherwise than FakeBooks, and what follows: a likeness (switches, wording, latency).

What is compared are codes and the elements that a case looks at (`probe.reading`). A switch is found by playing its case with each of its
options until one answers as the other QuickBooks did; what was found stays set while the next one is looked for. Sentences are compared
beside that: they make no difference to a case, but to programs that match on them.

Our side is played on the day that the probe took for today, which its file tells. Where the other QuickBooks was, in a zone of its own, it
may have been the day before or after: a case that is about today is compared with all three.
"""

import json
import math
import re
import statistics
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from emulator.com.likeness import TABLES, VERSION, Likeness, PaceForm, WordingForm
from emulator.com.ours import answers
from emulator.com.probe import record
from emulator.com.probe.cases import CASES
from emulator.com.probe.player import Step
from emulator.com.probe.reading import answered, reading
from emulator.com.probe.switch_cases import SHOWN
from emulator.com.probe.writing import GROUND, Case
from emulator.com.sentences import Unworded, worded
from emulator.core.errors import UserMistake
from emulator.core.switches import Setting, SwitchSettings
from emulator.desktop import Mode, Wording
from emulator.desktop.latency import BEGIN_SESSION, OTHER, SECONDS_MAX
from emulator.qbxml.schema import public_requests

TRIED: Final[Mapping[str, tuple[Setting, ...]]] = {"company.iterators-open-max": tuple(range(1, 31))}
"""Settings that are tried of a switch that takes any number. The last one is one that its case does not reach: a larger one reads alike."""

AWAY: Final = (0, -1, 1)
"""How many days later than the probe's it may have been where the other QuickBooks was."""

DAYS: Final = (date(1970, 1, 1), date(2199, 12, 31))
"""The days that a probe may have been made on: what a clock tells that nobody set, and longer than any of these lasts (our choice)."""

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
        groundless: what of the ground was not made, in words. Cases say nothing without it: none is compared then.
        compared: how many cases both answered.
        differences: with every switch at its default.
        settings: switch to the setting that answers as the other QuickBooks did.
        undecided: switch to settings that answer alike, the default among them where FakeBooks answers as the other did; more than one does.
        unexplained: what still differs with `settings` in force.
        wording: what was said in other words. unworded: what of it had to be left out, and why.
        unknown: cases of the file that this FakeBooks does not know. missing: cases that the file does not have, of those that
            the probe was to play.
        latency: request or member to the seconds its calls took.
    """

    about: Mapping[str, Any]
    groundless: tuple[str, ...]
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

    @property
    def is_conclusive(self) -> bool:
        """Whether the probe came to its end, and something was compared."""
        return self.complete and self.compared > 0

    @property
    def untimed(self) -> tuple[str, ...]:
        """Requests whose latency is left out: FakeBooks does not know them, or takes none of them."""
        return tuple(name for name in self.latency if name.endswith("Rq") and name not in public_requests())

    def likeness(self) -> Likeness:
        """Return what makes a FakeBooks like the other QuickBooks."""
        of = f"{self.about.get('product') or 'a QuickBooks'}, library {self.about.get('library', '?')}, probed {self.about['made']}"
        if not self.complete:
            of += f", as far as {self.compared} cases tell: the probe did not come to its end"
        return Likeness(
            likeness=VERSION,
            of=of.encode("utf-8", "backslashreplace").decode(),  # JSON can hold half a character, and YAML cannot
            switches=dict(self.settings),
            wording=WordingForm(**vars(self.wording)),
            latency=paces(self.latency),
            complete=True,
        )


def compare_file(path: str) -> Parity:
    """Compare a parity file with our own answers. Raises UserMistake: it cannot be read, is half a file, or is of another version."""
    try:
        told = record.read(path)
        day_of(told["made"])
        return compare(told)
    except record.NotParity as wrong:
        raise UserMistake(str(wrong), where=path) from None
    except OSError as error:
        raise UserMistake(f"the parity file cannot be read: {error.strerror or error}", where=path) from None


def day_of(made: str) -> date:
    """Return the day that the probe took for today, of the moment that its file says. Raises NotParity."""
    try:
        day = date.fromisoformat(made[:10])
    except ValueError:
        day = date.min
    if not DAYS[0] <= day <= DAYS[1]:
        raise record.NotParity(
            f"its part 'made' is {made!r}, and should begin with a day from {DAYS[0]} to {DAYS[1]}, such as 2026-11-26; run the probe again"
        )
    return day


def compare(told: Mapping[str, Any]) -> Parity:
    """Compare what a parity file tells (`record.read`) with our own answers, of a company file that is open in the same mode.

    Raises NotParity: it does not tell the day.
    """
    groundless = tuple(_not_made(told["ground"]))
    played: dict[str, list[Step]] = told["cases"]
    theirs = {} if groundless else played
    ours = _Ours("single" if told["about"].get("mode") == "single" else "multi", day_of(told["made"]))
    common = tuple(name for name in CASES if name in theirs)
    default = ours.steps(common)
    differences = _differences(theirs, default, ours, {})
    settings, undecided = _settings(theirs, {each.case for each in differences}, ours)
    after = ours.steps(common, settings) if settings else default
    wording, unworded = worded(theirs, after)
    return Parity(
        about={**told["about"], "made": told["made"], "run": told["run"]},
        groundless=groundless,
        complete=told["complete"],
        compared=len(common),
        differences=tuple(differences),
        settings=settings,
        undecided=undecided,
        unexplained=tuple(_differences(theirs, after, ours, settings)),
        wording=wording,
        unworded=unworded,
        unknown=tuple(name for name in played if name not in CASES),
        missing=tuple(name for name in CASES if name in _asked(told) and name not in played),
        latency=_latency(theirs),
    )


def _asked(told: Mapping[str, Any]) -> Container[str]:
    """Return the cases that the probe was to play (`--only GROUP`); a file that does not tell them was to have all."""
    asked = told.get("asked")
    return asked if isinstance(asked, list) else CASES


_SWITCH_OF: Final = {case: switch for switch, case in SHOWN.items()}

_ADDS_OF_GROUND: Final = sum(str(step[-1]).count("AddRq>") // 2 for step in GROUND)


def _not_made(ground: Sequence[Step]) -> list[str]:
    """Return what of the ground was not made: which call failed, or which request was answered what. A warning says that it was done."""
    failed = [f"{step.member} failed with {step.value} ({step.text})" for step in ground if not step.ok]
    if failed:
        return failed
    added = [each for step in ground for each in answered(str(step.value)) if each.name.endswith("AddRs")]
    refused = [
        f"{each.name[:-1]}q was answered {each.code}" + (f" ({each.text})" if each.text else "")
        for each in added
        if not each.is_done
    ]
    lacking = _ADDS_OF_GROUND - len(added)
    return refused + ([f"{lacking} of {_ADDS_OF_GROUND} requests were not answered"] if lacking > 0 else [])


class _Ours:
    """Our own side: FakeBooks with the company file open in a mode, on a day."""

    def __init__(self, mode: Mode, day: date) -> None:
        self._mode = mode
        self._day = day

    def steps(self, names: tuple[str, ...], settings: Mapping[str, Setting] | None = None) -> dict[str, list[Step]]:
        """Return what cases give, played one after the other."""
        if not settings:
            return _by_default(names, self._mode, self._day)
        return answers({name: CASES[name] for name in names}, settings, mode=self._mode, day=self._day)

    def reads_so(self, name: str, settings: Mapping[str, Setting], told: list[Any]) -> bool:
        """Return whether a case alone reads so; one that is about today, on one of the days that it may have been where they were."""
        case = CASES[name]
        return any(
            _same(reading(answers({name: case}, settings, mode=self._mode, day=self._day, away=away)[name], case.looks), told)
            for away in (AWAY if _is_about_today(case) else AWAY[:1])
        )


@lru_cache(maxsize=4)
def _by_default(names: tuple[str, ...], mode: Mode, day: date) -> dict[str, list[Step]]:
    """Return our answers with every switch at its default; they are the same whenever they are asked for."""
    return answers({name: CASES[name] for name in names}, mode=mode, day=day)


def _is_about_today(case: Case) -> bool:
    return any("%today%" in text or "%year%" in text for step in case.steps for text in step if isinstance(text, str))


def _differences(
    theirs: Mapping[str, list[Step]], ours: Mapping[str, list[Step]], side: _Ours, settings: Mapping[str, Setting]
) -> list[Difference]:
    """Return where readings differ; `ours` is what our side gave with these settings."""
    found = []
    for name, steps in ours.items():
        looks = CASES[name].looks
        their_reading, our_reading = reading(theirs[name], looks), reading(steps, looks)
        if _same(their_reading, our_reading):
            continue
        if _is_about_today(CASES[name]) and side.reads_so(name, settings, their_reading):
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
    theirs: Mapping[str, list[Step]], differing: set[str], side: _Ours
) -> tuple[dict[str, Setting], dict[str, tuple[Setting, ...]]]:
    """Find the options of the switches whose cases differ, one after the other, with what was found before in force.

    A case that is about today is gone through though it does not differ: there are days on which another option reads as the default does.
    """
    wanted = {
        switch: case for switch, case in SHOWN.items() if case in theirs and (case in differing or _is_about_today(CASES[case]))
    }
    settings: dict[str, Setting] = {}
    undecided: dict[str, tuple[Setting, ...]] = {}
    for _ in range(ROUNDS_MAX):
        before = dict(settings)
        for switch, case in wanted.items():
            told = reading(theirs[case], CASES[case].looks)
            is_alike = side.reads_so(case, settings, told)
            if is_alike and (switch in settings or not _is_about_today(CASES[case])):
                undecided.pop(switch, None)
                continue
            fitting = _fitting(switch, case, settings, told, side)
            undecided.pop(switch, None)
            if len(fitting) > 1 or (fitting and fitting == _beyond(switch)):
                undecided[switch] = fitting
            elif fitting and not is_alike:
                settings[switch] = fitting[0]
        if settings == before:
            break
    return settings, undecided


def _fitting(switch: str, case: str, settings: Mapping[str, Setting], told: list[Any], side: _Ours) -> tuple[Setting, ...]:
    """Return the options of a switch with which its case reads so."""
    options = SwitchSettings(TABLES).switches[switch].choices or TRIED[switch]
    fitting = tuple(option for option in options if side.reads_so(case, {**settings, switch: option}, told))
    return _beyond(switch) if switch in TRIED and fitting == TRIED[switch][-1:] else fitting


def _beyond(switch: str) -> tuple[Setting, ...]:
    """Return what is said of a switch whose case reads as with the last setting that was tried, or with any larger one."""
    return (f"{TRIED[switch][-1]} or more",) if switch in TRIED else ()


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
    any case takes the time of the request in the middle, and a request that FakeBooks does not take has none.

    What a call of FakeBooks itself takes comes on top of its latency, when it is probed again: at `LEAST_S` that makes less than a quarter.
    """
    found: dict[str, PaceForm] = {}
    for name, values in latency.items():
        times = [min(max(each, 1e-6), SECONDS_MAX) for each in values]
        if name not in {*public_requests(), BEGIN_SESSION} or not times:
            continue
        seconds = round(statistics.median_low(times), 4)  # of two, the one that had nothing to load
        found[name] = PaceForm(seconds=seconds, spread=_spread(times)) if seconds >= LEAST_S else PaceForm()
    requests = [pace.seconds for name, pace in found.items() if name != BEGIN_SESSION]
    middle = statistics.median_low(requests) if requests else 0.0
    if middle:
        found[OTHER] = PaceForm(seconds=middle)
    # Where the others take time, a request that takes none says so; else there is nothing to say of it.
    return {name: pace for name, pace in found.items() if pace.seconds or (OTHER in found and name != BEGIN_SESSION)}


def _spread(times: Sequence[float]) -> float:
    """Return the standard deviation of the logarithm, or what half of the calls say of it where that is less: one call that waited for
    something else shall not make all of them uncertain.
    """
    logs = [math.log(each) for each in times]
    middle = statistics.median(logs)
    of_half = _DEVIATION_OF_HALF * statistics.median([abs(each - middle) for each in logs])
    return round(min(statistics.pstdev(logs), of_half, 5.0), 2)


_DEVIATION_OF_HALF: Final = 1.4826
"""Standard deviations of a normal distribution to the distance from its middle within which half of it lies."""

LEAST_S: Final = 0.025
"""Seconds below which the time of a call is no latency: a call of FakeBooks takes 2 to 5 ms through its door (measured), some take 10."""
