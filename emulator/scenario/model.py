"""The scenario file: one story as data. It names only what differs from a world that works; `company` plus one fault is a whole file.

    scenario: port_drops
    steps:
      - do: operator.reconnect_by_the_book
      - traffic: {emit: invoice, every_s: 20, count: 10}
      - inject: {fault: blackhole, as: drop, when: {nth: 3}}
      - until: disconnected
        within: 10m
    invariants: [I1, I2, I5, I6]

Times are story time. `at: "18:00"` is the next 18:00 of the company's time zone; `after: 10m` is that long after the step before.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from emulator.com.likeness import check_manner
from emulator.company import described
from emulator.connector.flaws import checked as checked_flaws
from emulator.core.chance import Chance
from emulator.core.comparing import check_wanted
from emulator.core.errors import UserMistake, unknown
from emulator.core.files import MistakeAt, load_yaml
from emulator.core.journal import Journal
from emulator.core.switches import SwitchSettings
from emulator.core.times import TIME_OF_DAY
from emulator.desktop.faults import STATE_WORDS, STATES
from emulator.faults import FaultSpec, Plan
from emulator.people.acts import checked
from emulator.qbxml.schema import public_requests
from emulator.scenario.checks import check_for
from emulator.world import (
    FACT_WORDS,
    FACTS,
    FAULT_KINDS,
    FAULT_PATHS,
    SWITCH_TABLES,
    WorldConfig,
    filled,
    memos_of,
    pack_of,
    refuse_out_of_reach,
)

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def _duration(value: object) -> object:
    """Turn `1h30m`, `20s` or a number of seconds into a timedelta; ValueError says what was expected."""
    seconds = None
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        seconds = value
    elif isinstance(value, str) and value and (match := _DURATION.fullmatch(value)):
        seconds = sum(int(part or 0) * unit for part, unit in zip(match.groups(), (3600, 60, 1), strict=True))
    if seconds is None or not 0 <= seconds <= 366 * 86_400:
        raise ValueError("should be a duration of at most a year, like 20s, 5m, 1h30m, or a number of seconds")
    return timedelta(seconds=seconds)


def _time_of_day(value: object) -> object:
    if isinstance(value, str) and TIME_OF_DAY.fullmatch(value):
        return value
    raise ValueError('should be a time of day like "18:00" or "18:00:30"')


def _moment(value: object) -> object:
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
        if moment is not None and moment.tzinfo is not None and 2000 <= moment.year <= 2100:
            return moment
    raise ValueError('should be a moment from 2000 to 2100 with its offset, like "2026-11-23T09:30:00-05:00"')


ClockName = Literal["virtual", "real"]
"""Which clock a story runs on."""

Duration = Annotated[timedelta, BeforeValidator(_duration)]
TimeOfDay = Annotated[str, BeforeValidator(_time_of_day)]
Moment = Annotated[datetime, BeforeValidator(_moment)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Timing(_Strict):
    """When the story begins, and how fast the real clock runs it."""

    start: Moment = datetime.fromisoformat("2026-11-23T09:00:00-05:00")
    scale: float = Field(60.0, gt=0, le=3600, description="story seconds per second on the real clock")
    skip_quiet: bool = Field(True, description="on the real clock, jump over stretches in which nobody has anything to do")


class Traffic(_Strict):
    """Documents that keep coming while the story goes on."""

    emit: Literal["invoice", "bill"]
    every_s: float = Field(30.0, gt=0)
    count: int = Field(1, ge=1, le=100_000)
    texts: tuple[str, ...] = Field((), description="text packs whose memos the documents have, one after the other")

    def memos(self) -> list[str]:
        """Return what the documents say by turns; one empty text without packs. Raises UserMistake for packs that are none or have no memo."""
        return memos_of(self.texts) if self.texts else [""]


class Creation(_Strict):
    """Somebody tries to make a customer, vendor or product on the platform side."""

    what: Literal["customer", "vendor", "product"]
    name: str = Field(min_length=1, max_length=200)
    expect: Literal["accepted", "refused"]


class Step(_Strict):
    """One step: exactly one of the actions, and when."""

    at: TimeOfDay | None = None
    after: Duration | None = None
    do: str | None = Field(None, description="an act of people: `operator.reconnect_by_the_book`")
    given: dict[str, Any] = Field(default_factory=dict, alias="with", description="arguments of the act")
    expect: Literal["done", "refused"] = Field("done", description="what the act must come to")
    traffic: Traffic | None = None
    inject: FaultSpec | None = None
    fire: str | None = Field(
        None, description="a fault armed with `when: {by_hand: true}`: its next matching call, or at once when it lasts"
    )
    lift: str | None = None
    create: Creation | None = None
    until: Literal["queue_empty", "disconnected", "connected"] | None = None
    within: Duration = timedelta(minutes=20)
    check: dict[str, str | int | bool] | None = None
    wait: Duration | None = None

    @model_validator(mode="after")
    def _one_action(self) -> "Step":
        actions = [name for name in ACTIONS if getattr(self, name) is not None]
        if len(actions) != 1:
            found = " and ".join(actions) if actions else "none"
            raise ValueError(f"a step has exactly one of {', '.join(ACTIONS)}; this one has {found}")
        if self.at is not None and self.after is not None:
            raise ValueError("a step has `at` or `after`, not both")
        return self

    @property
    def action(self) -> str:
        """Return which of ACTIONS the step has."""
        return next(name for name in ACTIONS if getattr(self, name) is not None)


ACTIONS = ("do", "traffic", "inject", "fire", "lift", "create", "until", "check", "wait")


class Scenario(WorldConfig):
    """One scenario file: a world, a clock, steps, and the invariants that must hold at the end."""

    scenario: str = Field(pattern=r"^[a-z][a-z0-9_]{0,60}$", description="its name; also the folder of its artefacts")
    about: str = ""
    clock: Timing = Timing()
    drain_within: Duration = Field(
        timedelta(hours=1), description="how long a document may still take once the cause of its wait is gone"
    )
    steps: tuple[Step, ...] = Field(min_length=1)
    invariants: tuple[str, ...] = Field(min_length=1)


def load_scenario(path: Path, clock: ClockName = "virtual") -> Scenario:
    """Read a scenario file that can be told to its end. Raises UserMistake with file, line, what was found and what was expected.

    Args:
        path: the file.
        clock: the clock it is to be told on; not every fault can strike on both.
    """
    return load_yaml(path, Scenario, lambda scenario: _check(scenario, clock))


def _check(scenario: Scenario, clock: ClockName) -> None:
    """Refuse what no single field can know: unknown acts, faults, facts, invariants, switches. Raises MistakeAt."""
    for number, name in enumerate(scenario.invariants):
        with _at("invariants", number):
            check_for(name)
    with _at("connector", "flaws"):
        checked_flaws(scenario.connector.flaws)
    with _at("company"):
        described(scenario.company)
    for number, name in enumerate(scenario.texts):
        with _at("texts", number):
            pack_of(name)
    with _at("texts"):
        filled(described(scenario.company), scenario.texts)
    with _at("platform"):
        profile = scenario.platform.loaded()
    try:
        scenario.alike()
    except UserMistake as mistake:
        # Of another file: where in that is wanted too.
        raise MistakeAt(("like",), UserMistake(str(mistake))) from None
    with _at("switches"):
        SwitchSettings(SWITCH_TABLES.values(), profile.switches | scenario.switches)
    check_manner(scenario.wording, scenario.latency)
    told = _Told(_plan_of(scenario, clock))
    for number, step in enumerate(scenario.steps):
        with _at("steps", number, step.action):
            _check_step(scenario, step, told)


@dataclass
class _Told:
    """What the steps of a story have come to so far, as far as it can be known before it is told.

    Attributes:
        plan: knows what there is.
        injected: the faults by name.
        over: names of those that a step has lifted.
        begun: names of those that last and that a step has fired.
    """

    plan: Plan
    injected: dict[str, FaultSpec] = field(default_factory=dict)
    over: set[str] = field(default_factory=set)
    begun: set[str] = field(default_factory=set)


def _check_step(scenario: Scenario, step: Step, told: _Told) -> None:
    injected = told.injected
    if step.do is not None:
        _, given = checked(step.do, step.given)
        if "machine" in given and given["machine"] not in scenario.machines:
            raise unknown("machine", str(given["machine"]), scenario.machines)
    if step.inject is not None:
        _check_injected(scenario, step.inject, told)
    if step.traffic is not None:
        step.traffic.memos()
    for named in (step.fire, step.lift):
        if named is not None and named not in injected:
            raise unknown("fault", named, injected)
    if step.fire is not None:
        _check_fired(step.fire, told)
    if step.lift is not None:
        told.over.add(step.lift)
    for fact, wanted in (step.check or {}).items():
        if fact not in FACTS:
            raise unknown("fact", fact, FACTS)
        check_wanted(fact, wanted, FACT_WORDS.get(fact))


def _check_injected(scenario: Scenario, spec: FaultSpec, told: _Told) -> None:
    kind, parameters = told.plan.surroundings.checked(spec)
    for other in (spec.after, spec.until.struck):
        if other and other not in told.injected:
            raise unknown("fault", other, told.injected)
    machine = parameters.get("machine")
    # Without a name it is the machine of the call, or all.
    if machine and str(machine) not in scenario.machines:
        raise unknown("machine", str(machine), scenario.machines)
    name = spec.name or kind.name
    stays = told.injected.get(name)
    # An account stands under a name that was given; one that is only its kind's is free again when the fault is over.
    if stays is not None and (spec.name or (name not in told.over and not stays.ends)):
        advice = "give it one with `as`"
        raise UserMistake(f"a fault is already called {name!r} in this story", expected="another name", advice=advice)
    told.injected[name] = spec
    told.over.discard(name)
    told.begun.discard(name)


def _check_fired(name: str, told: _Told) -> None:
    """Refuse what can strike no more, or has begun: nothing that is over comes back in a story."""
    spec = told.injected[name]
    kind, _ = told.plan.surroundings.checked(spec)
    if not spec.when.by_hand:
        raise UserMistake(f"fault {name!r} strikes by itself", expected="a fault injected with `when: {by_hand: true}`")
    if name in told.over:
        advice = "inject it anew, under another name"
        raise UserMistake(f"fault {name!r} is lifted by a step before", expected="a fault in force", advice=advice)
    if kind.lasting and name in told.begun:
        raise UserMistake(f"fault {name!r} has begun by a step before", expected="`lift`, or another fault")
    told.begun.add(name)


def _plan_of(scenario: Scenario, clock: ClockName) -> Plan:
    """Return a plan that knows of a scenario's world what is known before it is told."""
    kinds = [kind for table in FAULT_KINDS.values() for kind in table]
    plan = Plan(kinds, Chance(scenario.seed), Journal(lambda: scenario.clock.start), paths=FAULT_PATHS)
    plan.surroundings.own({kind.effect: lambda _: lambda: None for kind in kinds if kind.lasting})
    description = described(scenario.company)
    added = [str(step.given.get("user", "")) for step in scenario.steps if step.do == "admin.add_user"]
    users = [*(user.name for user in description.users), *added]
    names: dict[str, Callable[[], Iterable[str]]] = {
        "quickbooks.machine": lambda: scenario.machines,
        "quickbooks.user": lambda: users,
        "quickbooks.request": public_requests,
    }
    plan.surroundings.know(states=dict.fromkeys([*FACTS, *STATES], lambda: ""), words=FACT_WORDS | STATE_WORDS, names=names)
    refuse_out_of_reach(plan, processes=clock == "real")
    return plan


@contextmanager
def _at(*place: str | int) -> Iterator[None]:
    try:
        yield
    except UserMistake as mistake:
        raise MistakeAt(place, mistake) from None
