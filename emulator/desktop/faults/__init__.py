"""What faults do to QuickBooks: where they may strike (`points.py`), and by family what they do and which kinds of them there are."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from emulator.desktop import paths
from emulator.desktop.faults import access, answers, application, calls, documents, host, people, preferences, records, stock
from emulator.desktop.faults.calls import lose_answer, wait_for_rows
from emulator.desktop.faults.meant import MEANT, meant
from emulator.desktop.faults.points import (
    AFTER_COMMIT,
    BEFORE_ANSWER,
    BEFORE_BEGIN,
    BEFORE_COMMIT,
    BEFORE_KEEP,
    BEFORE_PROCESS,
    CREATE,
    NEEDS,
    PATHS,
    POINTS,
    Begin,
    Effect,
    End,
    Needs,
    Situation,
)
from emulator.desktop.faults.states import come_back
from emulator.desktop.office import Office
from emulator.desktop.operations import Operation
from emulator.faults import Kind, Strike
from emulator.faults.kinds import ParameterValue
from emulator.qbxml.schema import public_requests

BEGINS: Final[dict[str, Begin]] = {
    word: begin
    for family in (application, people, host, access, records, preferences, answers)
    for word, begin in family.BEGINS.items()
}
"""What begins the state of each lasting effect in an office; it returns what ends the state."""

EFFECTS: Final[dict[str, Effect]] = {
    word: effect for family in (calls, records, documents, answers, stock) for word, effect in family.EFFECTS.items()
}
"""What each effect does to the call it strikes."""

_NEEDS: Final[Needs] = NEEDS | records.NEEDS | documents.NEEDS | answers.NEEDS | stock.NEEDS
"""What kinds of this room can need."""

KINDS: Final[tuple[Kind, ...]] = tuple(
    kind
    for family in (calls, application, people, host, access, records, documents, preferences, answers, stock)
    for kind in family.KINDS
)
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
    "PATHS",
    "POINTS",
    "STATES",
    "STATE_WORDS",
    "Effect",
    "Situation",
    "lose_answer",
    "note_causes",
    "own_faults",
    "suffer",
    "wait_for_rows",
]


def suffer(situation: Situation, point: str) -> Operation[None]:
    """Ask the plan at a point and carry out what strikes.

    Args:
        situation: the call.
        point: one of POINTS.

    Raises:
        SessionFailure: a strike ends the call.
    """
    lacks = partial(_lacks, situation)
    for strike in situation.quickbooks.office.strikes(point, lacks, situation=situation, **situation.facts):
        situation.faults.append(strike.fault)
        yield from EFFECTS[strike.effect](situation, strike)


def _lacks(situation: Situation, need: str, parameters: Mapping[str, ParameterValue]) -> str:
    """Tell why something that a fault needs (`Kind.needs`) is not there; empty when it is."""
    why, there = _NEEDS[need]
    return "" if there(situation, parameters) else why


def own_faults(office: Office) -> None:
    """Tell the plan of an office who begins the lasting faults of this room, and what a fault may ask of QuickBooks."""
    office.plan.surroundings.own({word: partial(_begun, office, begin) for word, begin in BEGINS.items()})
    office.plan.on_release(office.changes.tell)
    office.plan.surroundings.know(
        states={name: partial(fact, office) for name, fact in STATES.items()},
        words=STATE_WORDS,
        names={
            "quickbooks.machine": lambda: [each.machine for each in office.installations],
            "quickbooks.user": lambda: [user.name for file in office.files for user in file.users.values()],
            "quickbooks.company": lambda: [paths.file_name(file.path) for file in office.files],
            "quickbooks.request": public_requests,
        },
        meant={word: partial(meant, office, word) for word in MEANT},
        likely={"quickbooks.application": lambda: [name for file in office.files for name in file.authorisations.names()]},
    )


def _begun(office: Office, begin: Begin, strike: Strike) -> End:
    """Begin the state of a lasting fault; at its end it is the cause of nothing any more."""
    end = begin(office, strike)

    def ended() -> None:
        office.causes.in_books.pop(strike.fault, None)
        end()
        come_back(office)

    return ended


def note_causes(situation: Situation) -> None:
    """Note the faults that last in the books and for which a request was refused, among those that struck its call."""
    assert situation.answer is not None
    outcome = situation.answer.status
    if outcome.failed:
        causes = situation.quickbooks.office.causes.in_books
        situation.faults.extend(
            name for name, cause in causes.items() if cause.explains(outcome) and name not in situation.faults
        )


STATES: Final[dict[str, Callable[[Office], object]]] = {
    "mode": lambda office: (office.files[0].mode if office.files else None) or "closed",
    "seats_free": lambda office: office.seats_free,
    "users_in": lambda office: len(office.openings),
    "dialog": lambda office: "open" if any(each.dialog for each in office.installations) else "none",
    "sessions": lambda office: sum(len(each.sessions) for each in office.installations),
    "hosting": lambda office: "on" if office.hosting else "off",
}
"""What a fault of any part can wait for in QuickBooks (`while`): the mode of the first company file, seats, how many users are in a file,
whether a dialog is open anywhere, sessions of programs, hosting."""

STATE_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "mode": ("single", "multi", "closed"),
    "dialog": ("open", "none"),
    "hosting": ("on", "off"),
}
"""What those of STATES can be that are words; the others are numbers."""
