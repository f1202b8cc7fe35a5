"""What can be said of a fault: how a file or a person asks for one of the kinds that the parts declare (`kinds.py`).

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
from typing import Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from emulator.core.errors import UserMistake, nearest
from emulator.core.times import Window, time_or_moment
from emulator.faults.kinds import NAME_MAX, TEXT_MAX, YEAR_S, Kind, ParameterValue, kind_called

NAME: Final = re.compile(rf"[A-Za-z0-9][A-Za-z0-9 ._-]{{0,{NAME_MAX - 1}}}")
"""What a fault may be called: it is written into addresses (`/v1/faults/NAME`), on command lines and in file names."""


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
