"""The kinds of faults, as the parts declare them; how somebody asks for one stands in `grammar.py`.

Apart from it, because every QuickBooks that is started has kinds, and the models of the grammar take a tenth of a second to import.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

ParameterValue = bool | int | float | str

NAME_MAX: Final = 100
"""Characters of a fault's name (our choice: it stands in rows of the journal)."""

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
        only: point -> fact -> the words that it can be there and no other, whatever the world is.
    """

    points: tuple[str, ...]
    facts: tuple[str, ...]
    fewer: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    only: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)


def kind_called(word: str, kinds: Iterable[Kind]) -> Kind | None:
    """Return the kind that a word means, its name or its id, however it is capitalised; None when there is none."""
    wanted = word.casefold()
    return next((kind for kind in kinds if wanted in (kind.name.casefold(), kind.id.casefold())), None)
