"""What can be said of a fault: the kinds the parts declare, and how a file or a person asks for one.

A fault reads: *where* (which calls), *when* (which of them), what effect (the kind and its parameters), *until* (how long it stays).
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from emulator.core.errors import UserMistake, nearest

ParameterValue = bool | int | float | str


@dataclass(frozen=True)
class Parameter:
    """One setting of a kind of fault.

    Attributes:
        default: what holds unless the fault says otherwise; its type is the parameter's type.
        about: what it sets, with its unit.
        choices: the values allowed; empty means any of the type.
    """

    default: ParameterValue
    about: str
    choices: tuple[ParameterValue, ...] = ()


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


class When(BaseModel):
    """Which of the matching calls a fault strikes. At most one may be given; none means every one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    nth: int | None = Field(None, ge=1, description="the n-th matching call only")
    first: int | None = Field(None, ge=1, description="the first n matching calls")
    every: int | None = Field(None, ge=1, description="every k-th matching call")
    probability: float | None = Field(None, ge=0.0, le=1.0, description="each matching call with this chance, by the seed")

    def model_post_init(self, _: Any) -> None:
        """Refuse two triggers in one fault: which one holds would be a guess."""
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"only one of nth, first, every, probability may be given, not {' and '.join(given)}")

    @property
    def always(self) -> bool:
        """Return whether no trigger is given: every matching call."""
        return all(getattr(self, name) is None for name in type(self).model_fields)


class FaultSpec(BaseModel):
    """A fault as a scenario file, the API or a person asks for it."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    fault: str = Field(description="kind: a name or an id of the catalogue")
    name: str = Field("", alias="as", description="what this one is called, to lift it; default is the kind's name")
    point: str = Field("", description="which of the kind's points; default is its first")
    where: dict[str, str | int] = Field(
        default_factory=dict, description="facts a call must have: request, number, party, key, ..."
    )
    when: When = Field(default_factory=When)
    after: str = Field("", description="name of another fault: this one sleeps until that one has struck")
    times: int | None = Field(None, ge=1, description="strikes at most this often, then is spent")
    for_s: float | None = Field(None, gt=0, description="is lifted after these story seconds")
    expect_hits: Literal["at least once", "any"] = "at least once"
    parameters: dict[str, ParameterValue] = Field(default_factory=dict, alias="with")

    def resolved(self, kinds: dict[str, Kind], where: str = "") -> tuple[Kind, dict[str, ParameterValue]]:
        """Return the kind and all its parameters; raises UserMistake for an unknown kind, point or parameter, with the nearest right word."""
        kind = kinds.get(self.fault) or next((each for each in kinds.values() if each.id == self.fault), None)
        if kind is None:
            near = nearest(self.fault, kinds)
            raise UserMistake(
                f"there is no fault {self.fault!r}", where, f"{near!r}" if near else "", "`fakebooks faults` lists them all"
            )
        if self.point and self.point not in kind.points:
            raise UserMistake(f"fault {kind.name!r} has no point {self.point!r}", where, f"one of {', '.join(kind.points)}")
        settings: dict[str, ParameterValue] = {name: parameter.default for name, parameter in kind.parameters.items()}
        for name, value in self.parameters.items():
            settings[name] = _checked(kind, name, value, where)
        return kind, settings


def _checked(kind: Kind, name: str, value: ParameterValue, where: str) -> ParameterValue:
    parameter = kind.parameters.get(name)
    if parameter is None:
        near = nearest(name, kind.parameters)
        expected = f"{near!r}" if near else f"one of {', '.join(kind.parameters) or 'none'}"
        raise UserMistake(f"fault {kind.name!r} has no parameter {name!r}", where, expected)
    if parameter.choices and value not in parameter.choices:
        raise UserMistake(f"{name} of {kind.name!r} is {value!r}", where, f"one of {', '.join(map(str, parameter.choices))}")
    if isinstance(parameter.default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not type(parameter.default):
        raise UserMistake(
            f"{name} of {kind.name!r} is {value!r}", where, f"a value like {parameter.default!r} ({parameter.about})"
        )
    return value
