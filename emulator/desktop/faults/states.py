"""How a lasting fault changes the state of an office: by acts that people could do, each with what takes it back.

    begin --> act, act, act ...          each pushes its undoing
    end   --> the undoings, last first   as far as people can: what is refused meanwhile is left as it is

When an act is refused at the beginning, what was done before it is undone, and the fault is a mistake of whoever asked for it: the world
has not what it needs (a machine, a user, a file that is open).
"""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import TypeAlias

from emulator.core.errors import UserMistake, unknown
from emulator.desktop.faults.points import BEFORE_BEGIN, BEFORE_PROCESS, Begin
from emulator.desktop.office import CompanyFile, Mode, Office, Opening
from emulator.desktop.quickbooks import QuickBooks
from emulator.desktop.refusals import Refused
from emulator.faults import Kind, Parameter, Strike
from emulator.faults.grammar import ParameterValue

Parameters: TypeAlias = dict[str, ParameterValue]
"""What a fault was asked for with."""

Step: TypeAlias = Callable[[Office, Parameters, ExitStack], None]
"""What begins a state: acts, and pushes their undoings."""

MACHINE = Parameter("", "machine; empty: the first one of the world, where the connector works")
OTHER_MACHINE = Parameter("", "machine; empty: the second one of the world")
FILE = Parameter("", "path of the company file; empty: the first one")


def lasting(step: Step) -> Begin:
    """Return what begins a lasting fault from the step that does it."""

    def begin(office: Office, strike: Strike) -> Callable[[], None]:
        undo = ExitStack()
        try:
            with office.causes.by(strike.fault):
                step(office, strike.parameters, undo)
        except (Refused, UserMistake) as wrong:
            with office.causes.by(strike.fault, undoes=True):
                undo.close()
            if isinstance(wrong, UserMistake):
                raise
            given = f"fault {strike.fault!r} cannot begin: {wrong.reason}"
            raise UserMistake(given, expected="a world in which people could do it") from None

        def end() -> None:
            with office.causes.by(strike.fault, undoes=True):
                undo.close()

        return end

    return begin


def machine_of(office: Office, name: ParameterValue, *, other: bool = False) -> QuickBooks:
    """Return QuickBooks on a machine; without a name on the first, or the second. Raises UserMistake with the nearest name."""
    machines = {each.machine.casefold(): each for each in office.installations}
    if name:
        found = machines.get(str(name).casefold())
        if found is None:
            raise unknown("machine", str(name), [each.machine for each in office.installations])
    elif len(machines) <= other:
        raise UserMistake("the fault needs another machine", expected="a world with two machines")
    else:
        found = office.installations[int(other)]
    assert isinstance(found, QuickBooks)
    return found


def log_out(quickbooks: QuickBooks, undo: ExitStack) -> Opening | None:
    """Get whoever has a file open out; he comes back when this is undone. A session that opened the file itself is cut off for good."""
    opening = quickbooks.opening
    if opening is None:
        return None
    if quickbooks.opened_by_session:
        quickbooks.eject()
        return opening
    undo.callback(log_in_again, quickbooks, opening)
    quickbooks.log_out()
    return opening


def log_in_again(quickbooks: QuickBooks, opening: Opening) -> None:
    """Log a user in as he was before, if that is possible."""
    office = quickbooks.office
    path = opening.spelling if office.find(opening.spelling) is not None else opening.file.path
    dialog = quickbooks.dialog
    with suppress(Refused):
        if dialog is not None and dialog.kind == "connection-lost":
            quickbooks.close_dialog()
        quickbooks.log_in(opening.user.name, opening.mode, path)


def log_in_for_a_while(quickbooks: QuickBooks, user: str, mode: Mode, undo: ExitStack, path: str = "") -> None:
    """Log a user in, who logs out when this is undone; a QuickBooks that was started for it is closed then."""
    started = quickbooks.process is None
    opening = quickbooks.log_in(user, mode, path)

    def out() -> None:
        log_out_again(quickbooks, opening)
        if started and quickbooks.opening is None and quickbooks.process is not None:
            quietly(quickbooks.quit)

    undo.callback(out)


def log_out_again(quickbooks: QuickBooks, opening: Opening) -> None:
    """Log out whom a fault has logged in, if he is still there."""
    if quickbooks.opening is opening:
        with suppress(Refused):
            quickbooks.log_out()


def everybody_out(office: Office, file: CompanyFile, undo: ExitStack) -> None:
    """Get everybody out of a company file; they come back when this is undone."""
    for each in office.installations:
        assert isinstance(each, QuickBooks)
        if each.opening is not None and each.opening.file is file:
            log_out(each, undo)
    # Those who are left sit at no machine of the world: ghosts, and people elsewhere.
    office.close_all(file.openings)


def quietly(act: Callable[[], object]) -> None:
    """Do what people would, if they still can."""
    with suppress(Refused):
        act()


def lasting_kind(
    name: str, number: str, about: str, correct: str, cured: bool, sets: tuple[str, ...] = (), **parameters: Parameter
) -> Kind:
    """Return a lasting kind whose effect is its own; arguments as of `Kind`. It begins where a session begins or a document comes in."""
    points = (BEFORE_BEGIN, BEFORE_PROCESS)
    return Kind(name, number, points, name, about, correct, cured, dict(parameters), lasting=True, sets=sets)
