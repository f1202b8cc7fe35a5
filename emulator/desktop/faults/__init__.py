"""What faults do to QuickBooks: where they may strike (`points.py`), and by family what they do and which kinds of them there are."""

from collections.abc import Callable
from functools import partial
from typing import Final

from emulator.desktop.faults import access, application, calls
from emulator.desktop.faults.calls import lose_answer
from emulator.desktop.faults.points import (
    AFTER_COMMIT,
    BEFORE_ANSWER,
    BEFORE_BEGIN,
    BEFORE_COMMIT,
    BEFORE_KEEP,
    BEFORE_PROCESS,
    CREATE,
    POINTS,
    Effect,
    Situation,
)
from emulator.desktop.office import Office
from emulator.desktop.operations import Operation
from emulator.faults import Kind, Strike

_FAMILIES: Final = (calls, application, access)

BEGINS: Final[dict[str, Callable[[Office, Strike], Callable[[], None]]]] = {
    word: begin for family in _FAMILIES for word, begin in family.BEGINS.items()
}
"""What begins the state of each lasting effect in an office; it returns what ends the state."""

EFFECTS: Final[dict[str, Effect]] = {word: effect for family in _FAMILIES for word, effect in family.EFFECTS.items()}
"""What each effect does."""

KINDS: Final[tuple[Kind, ...]] = tuple(kind for family in _FAMILIES for kind in family.KINDS)
"""Every kind of fault that strikes QuickBooks."""

__all__ = [
    "AFTER_COMMIT",
    "BEFORE_ANSWER",
    "BEFORE_BEGIN",
    "BEFORE_COMMIT",
    "BEFORE_KEEP",
    "BEFORE_PROCESS",
    "BEGINS",
    "CREATE",
    "EFFECTS",
    "KINDS",
    "POINTS",
    "Effect",
    "Situation",
    "lose_answer",
    "own_faults",
    "suffer",
]


def suffer(situation: Situation, point: str) -> Operation[None]:
    """Ask the plan at a point and carry out what strikes.

    Args:
        situation: the call.
        point: one of POINTS.

    Raises:
        SessionFailure: a strike ends the call.
    """
    for strike in situation.quickbooks.office.strikes(point, **situation.facts):
        situation.faults.append(strike.fault)
        yield from EFFECTS[strike.effect](situation, strike)


def own_faults(office: Office) -> None:
    """Tell the plan of an office who begins the lasting faults of this room."""
    office.plan.own({word: partial(begin, office) for word, begin in BEGINS.items()})
