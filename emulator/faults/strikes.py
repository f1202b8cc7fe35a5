"""What passes between the plan and the parts that own points: a strike, and who begins and ends what lasts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias

from emulator.faults.kinds import ParameterValue


class Killed(BaseException):
    """A part was killed at one of its points on the virtual clock; its supervisor catches this where a process would have died.

    It is no `Exception`, so that no clean-up code of the part takes it for an error: a killed process runs none.
    """


def raise_killed() -> NoReturn:
    """What a kill does to a part on the virtual clock."""
    raise Killed


@dataclass(frozen=True)
class Strike:
    """What the owner of a point has to do now.

    Attributes:
        fault: name of the fault, for the journal row of whatever it changes.
        effect: the kind's effect.
        parameters: every parameter of the kind.
        number: which hit of the fault this is, from 1; what it draws by chance goes by it.
        facts: of the call that is struck; empty when a lasting fault begins without one.
        released: tells whether what it holds is to go on (`Fault.released`).
    """

    fault: str
    effect: str
    parameters: dict[str, ParameterValue]
    number: int = 1
    facts: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    released: Callable[[], bool] = field(default=lambda: False, compare=False, repr=False)


Begin: TypeAlias = Callable[[Strike], Callable[[], None]]
"""What the owner of a lasting effect does: begins the state of things and returns what ends it again. Raises UserMistake when the world
has not what the parameters ask for (a machine, a user, a record); nothing has changed then."""

Later: TypeAlias = Callable[[float, Callable[[], None]], Callable[[], None]]
"""`Clock.later`."""

Lacks: TypeAlias = Callable[[str, Mapping[str, ParameterValue]], str]
"""Tells why something that a kind needs is not there, for a fault with these parameters; empty when it is."""
