"""What can be said of a fault: the kinds the parts declare, and how a file or a person asks for one.

A fault reads: *where* (which calls), *when* (which of them), what effect (the kind and its parameters), *until* (how long it stays).

    where   point, and facts of the call                      where: {request: InvoiceAddRq, number: G-7, machine: server}
    when    always; nth, first, every, probability;           when: {nth: 3}
            between two times; while the world is so;         when: {between: ["18:00", "19:00"], while: {seats_free: 0}, every: 2}
            by hand (`fault fire`, or a step `fire: NAME`);   when: {by_hand: true}
            at a byte of a stream                             when: {byte: 100}
            after another fault has struck                    after: NAME
    effect  the kind, with its parameters                     fault: slow, with: {seconds: 5}
    until   lifted; struck so often; seconds; a time;         times: 1, for_s: 60, until: {at: "19:00"}
            another fault has struck                          until: {struck: NAME}

A *matching* call has the facts of `where`, and passes while `between` and `while` hold. nth, first, every and probability count the
matching calls.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from emulator.core.errors import UserMistake, nearest
from emulator.core.times import Window, time_or_moment

ParameterValue = bool | int | float | str

NAME_MAX: Final = 100
"""Characters of a fault's name (our choice: it stands in rows of the journal)."""

NAME: Final = re.compile(rf"[A-Za-z0-9][A-Za-z0-9 ._-]{{0,{NAME_MAX - 1}}}")
"""What a fault may be called: it is written into addresses (`/v1/faults/NAME`), on command lines and in file names."""


TEXT_MAX: Final = 1000
"""Characters of a parameter that is a text (our choice: far more than any title, path or name that QuickBooks takes)."""

YEAR_S: Final = 366 * 86_400
"""The longest time a fault may ask for, story seconds: a year. No story is longer, and moments stay moments that a calendar has."""


BYTES_MOST: Final = 2**40
"""The last byte of a stream that a fault may ask for: no stream is so long."""

CENTS_MOST: Final = 10**10
"""The largest amount a fault may ask for, cents: the widest amount of qbXML has some more digits, and a sum of several stays one."""


@dataclass(frozen=True)
class Form:
    """How a text must be written.

    Attributes:
        pattern: regular expression for the whole of it.
        says: the same for people, with an example.
    """

    pattern: str
    says: str


DAY_OR_EMPTY: Final = Form(r"([0-9]{4}-[0-9]{2}-[0-9]{2})?", "a day like 2026-03-31, or nothing")


@dataclass(frozen=True)
class Parameter:
    """One setting of a kind of fault.

    Attributes:
        default: what holds unless the fault says otherwise; its type is the parameter's type.
        about: what it sets, with its unit.
        choices: the values allowed; empty means any of the type.
        least, most: the smallest and the largest number allowed; each number without choices has both.
        form: how a text must be written; None for any text.
    """

    default: ParameterValue
    about: str
    choices: tuple[ParameterValue, ...] = ()
    least: float | None = None
    most: float | None = None
    form: Form | None = None


@dataclass(frozen=True)
class Kind:
    """One kind of fault, declared by the part that can do it.

    Attributes:
        name: words with hyphens (`answer-lost`), as it stands in files and commands.
        id: its id in the catalogue (`COM07`), an alias of the name.
        points: where it may strike (`quickbooks.after-commit`); a part strikes its own points only.
        effect: what the owner of the point does, one word of the owner's.
        about: what happens, one sentence.
        correct: what a correct connector (or platform) must do.
        cured_by_reconnect: whether the page's remedy, reconnecting, ends it.
        parameters: name to parameter.
        lasting: True when it is a state of things that begins when the fault strikes (at once, when it has no trigger) and ends with the
            fault; False when each strike is over with the call it struck.
        needs: what must be there for a strike to take effect, in words of the owner of its points; without it nothing is struck, and the
            account says why.
        sets: what it sets, in words of its owner: the state of a lasting fault, or what it makes of a call. Two faults do not set the
            same at the same time. Of a lasting one a word in braces stands for what the fault is about (`the password of {user}`): what its
            owner says that the parameters mean (`Plan.know`), else the parameter of this name.
        ends_call: the points at which every strike ends the call: nothing that lies behind can strike it any more.
        ends_with: parameters with which it ends the call; empty: with any.
        denies: point -> what no call has behind it that it has struck there, in words of `needs`.
        byte: name of the parameter that says at which byte of a stream it strikes; empty when it cuts no stream.
        nothing_at: sets of parameters with which it does nothing, which is the same as no fault.
    """

    name: str
    id: str
    points: tuple[str, ...]
    effect: str
    about: str
    correct: str
    cured_by_reconnect: bool
    parameters: dict[str, Parameter] = field(default_factory=dict)
    lasting: bool = False
    needs: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    ends_call: tuple[str, ...] = ()
    ends_with: Mapping[str, ParameterValue] = field(default_factory=dict)
    denies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    byte: str = ""
    nothing_at: tuple[Mapping[str, ParameterValue], ...] = ()


@dataclass(frozen=True)
class Path:
    """The way of one sort of call through a part.

    Attributes:
        points: the points it passes, in their order.
        facts: what `where` may ask of such a call.
        fewer: points at which only these facts are about all that comes behind; others are about the first piece of the call.
        only: facts that can be nothing but these words, whatever the world is.
    """

    points: tuple[str, ...]
    facts: tuple[str, ...]
    fewer: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class When(BaseModel):
    """Which of the matching calls a fault strikes; nothing given means every one."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    nth: int | None = Field(None, ge=1, description="the n-th matching call only")
    first: int | None = Field(None, ge=1, description="the first n matching calls")
    every: int | None = Field(None, ge=1, description="every k-th matching call")
    probability: float | None = Field(None, ge=0.0, le=1.0, description="each matching call with this chance, by the seed")
    by_hand: bool = Field(False, description="armed only: it strikes when it is fired")
    byte: int | None = Field(None, ge=0, description="at this byte of the stream (kinds that cut one)")
    between: tuple[str, str] | None = Field(
        None, description="calls in this window: two times of day of the company, or two moments"
    )
    so: dict[str, str | int | bool] = Field(
        default_factory=dict, alias="while", description="calls while facts of the world are so: seats_free, mode, ..."
    )

    def model_post_init(self, _: Any) -> None:
        """Refuse two triggers in one fault: which one holds would be a guess."""
        given = [name for name in ("nth", "first", "every", "probability") if getattr(self, name) is not None]
        given += ["by_hand"] if self.by_hand else []
        if len(given) > 1:
            raise ValueError(f"only one of nth, first, every, probability, by_hand may be given, not {' and '.join(given)}")

    @field_validator("between")
    @classmethod
    def _is_window(cls, between: tuple[str, str] | None) -> tuple[str, str] | None:
        if between is not None:
            Window(*between)
        return between

    @property
    def window(self) -> Window | None:
        """Return the window, None without one."""
        return None if self.between is None else Window(*self.between)

    @property
    def counts(self) -> bool:
        """Return whether a trigger picks some of the matching calls. A probability of 1 picks all: it is none."""
        picks = self.nth is not None or self.first is not None or self.every not in (None, 1)
        return picks or self.probability not in (None, 1.0) or self.by_hand

    @property
    def always(self) -> bool:
        """Return whether every call that `where` matches is struck, at all times."""
        return not self.counts and self.between is None and not self.so


class Until(BaseModel):
    """What ends a fault besides `times`, `for_s` and being lifted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: str = Field("", description="at the next such time of day of the company, or at a moment")
    struck: str = Field("", description="when the fault of this name has struck")

    @field_validator("at")
    @classmethod
    def _is_time(cls, at: str) -> str:
        if at:
            time_or_moment(at)
        return at


class FaultSpec(BaseModel):
    """A fault as a scenario file, the API, the command line or a program asks for it: its fields have the same names everywhere."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    UNKNOWN_FIELD: ClassVar[str] = "parameters of the kind stand in `with`; `fakebooks faults NAME` shows them"
    """What to do about a field that no fault has."""

    fault: str = Field(description="kind: a name or an id of the catalogue")
    name: str = Field("", alias="as", description="what this one is called, to lift it; default is the kind's name")
    point: str = Field("", description="which of the kind's points; default is its first")
    where: dict[str, str | int | bool] = Field(
        default_factory=dict, description="facts a call must have: request, number, party, key, ..."
    )
    when: When = Field(default_factory=When)
    after: str = Field("", description="name of another fault: this one sleeps until that one has struck")
    times: int | None = Field(None, ge=1, description="strikes at most this often, then is spent")
    for_s: float | None = Field(None, gt=0, le=YEAR_S, description="is lifted after these story seconds")
    until: Until = Field(default_factory=Until)
    expect_hits: Literal["at least once", "any"] = "at least once"
    parameters: dict[str, ParameterValue] = Field(default_factory=dict, alias="with")

    @field_validator("name")
    @classmethod
    def _is_plain(cls, name: str) -> str:
        if name and not NAME.fullmatch(name):
            raise ValueError(
                f"a name that begins with a letter or digit; then letters a to z, digits, spaces, . _ -; {NAME_MAX} at most"
            )
        return name

    @property
    def ends(self) -> bool:
        """Return whether it may be over by itself, without being lifted."""
        return self.times is not None or self.for_s is not None or bool(self.until.at or self.until.struck)

    def resolved(self, kinds: dict[str, Kind], where: str = "") -> tuple[Kind, dict[str, ParameterValue]]:
        """Return the kind and all its parameters.

        Raises:
            UserMistake: an unknown kind, point or parameter, with the nearest right word; or a trigger that the kind cannot have.
        """
        kind = kind_called(self.fault, kinds.values())
        if kind is None:
            near = nearest(self.fault, [word for each in kinds.values() for word in (each.name, each.id)])
            raise UserMistake(
                f"there is no fault {self.fault!r}",
                where,
                f"{near!r}" if near else "a name or an id of the catalogue",
                "`fakebooks faults` lists them all",
            )
        if self.point and self.point not in kind.points:
            near = nearest(self.point, kind.points)
            listed = f"one of {', '.join(kind.points)}"
            advice = f"the nearest is {near!r}" if near else ""
            raise UserMistake(f"fault {kind.name!r} has no point {self.point!r}", where, listed, advice)
        settings: dict[str, ParameterValue] = {name: parameter.default for name, parameter in kind.parameters.items()}
        for name, value in self.parameters.items():
            settings[name] = _checked(kind, name, value, where)
        _check_triggers(self, kind, where)
        if self.when.byte is not None:
            settings[kind.byte] = _checked(kind, kind.byte, self.when.byte, where)
        return kind, settings


def kind_called(word: str, kinds: Iterable[Kind]) -> Kind | None:
    """Return the kind that a word means, its name or its id, however it is capitalised; None when there is none."""
    wanted = word.casefold()
    return next((kind for kind in kinds if wanted in (kind.name.casefold(), kind.id.casefold())), None)


def _check_triggers(spec: FaultSpec, kind: Kind, where: str) -> None:
    if spec.when.byte is not None and not kind.byte:
        raise UserMistake(
            f"fault {kind.name!r} cuts no stream of bytes: it cannot have the trigger `byte`", where, "another trigger"
        )
    if spec.when.byte is not None and spec.parameters.get(kind.byte, spec.when.byte) != spec.when.byte:
        raise UserMistake(
            f"fault {kind.name!r} is to strike at byte {spec.when.byte} and at byte {spec.parameters[kind.byte]}",
            where,
            f"`byte` or `{kind.byte}`, not both",
        )
    for trigger in ("nth", "first"):
        most = 1 if trigger == "nth" else spec.when.first
        if getattr(spec.when, trigger) is not None and most is not None and (spec.times or 0) > most:
            raise UserMistake(
                f"fault {kind.name!r} could never strike {spec.times} times: `{trigger}` lets it strike {most} at most",
                where,
                f"`times` up to {most}, or none",
                "another trigger, such as `every`, strikes more often",
            )
    if kind.lasting and spec.when.by_hand and spec.where:
        raise UserMistake(
            f"fault {kind.name!r} lasts and is armed by hand: it begins when it is fired, whatever calls come",
            where,
            "no `where`, or another trigger than `by_hand`",
        )
    if kind.lasting and spec.times is not None and spec.when.between is None:
        raise UserMistake(
            f"fault {kind.name!r} lasts: it begins once, and `times` would end it at once",
            where,
            "`for_s` or `until`, which say how long it lasts",
        )


def _checked(kind: Kind, name: str, value: ParameterValue, where: str) -> ParameterValue:
    parameter = kind.parameters.get(name)
    if parameter is None:
        near = nearest(name, kind.parameters)
        expected = f"{near!r}" if near else f"one of {', '.join(kind.parameters) or 'none'}"
        raise UserMistake(f"fault {kind.name!r} has no parameter {name!r}", where, expected)
    if parameter.choices and value not in parameter.choices:
        near = nearest(str(value), map(str, parameter.choices))
        listed = f"one of {', '.join(str(choice) or repr(choice) for choice in parameter.choices)}"
        advice = f"the nearest is {near!r}" if near else ""
        raise UserMistake(f"{name} of {kind.name!r} is {value!r}", where, listed, advice)
    whole_for_number = isinstance(parameter.default, float) and isinstance(value, int) and not isinstance(value, bool)
    if type(value) is not type(parameter.default) and not whole_for_number:
        raise UserMistake(
            f"{name} of {kind.name!r} is {value!r}", where, f"a value like {parameter.default!r} ({parameter.about})"
        )
    if isinstance(value, str):
        _check_text(kind, name, value, where)
    elif not isinstance(value, bool):
        _check_size(kind, name, value, where)
    return float(value) if whole_for_number else value


def _check_text(kind: Kind, name: str, value: str, where: str) -> None:
    if len(value) > TEXT_MAX:
        raise UserMistake(f"{name} of {kind.name!r} has {len(value)} characters", where, f"at most {TEXT_MAX}")
    form = kind.parameters[name].form
    if form is not None and not re.fullmatch(form.pattern, value):
        raise UserMistake(f"{name} of {kind.name!r} is {value!r}", where, form.says)


def _check_size(kind: Kind, name: str, value: float, where: str) -> None:
    parameter = kind.parameters[name]
    if isinstance(value, float) and not math.isfinite(value):
        raise UserMistake(f"{name} of {kind.name!r} is {value!r}", where, f"a number like {parameter.default!r}")
    if parameter.least is not None and value < parameter.least:
        raise UserMistake(f"{name} of {kind.name!r} is {value!r}", where, f"at least {parameter.least}")
    if parameter.most is not None and value > parameter.most:
        raise UserMistake(f"{name} of {kind.name!r} is {value!r}", where, f"at most {parameter.most}")
