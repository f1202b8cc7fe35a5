"""How a lasting fault changes the state of an office: by acts that people could do, each with what takes it back.

    begin --> act, act, act ...          each pushes its undoing
    end   --> the undoings, last first   as far as people can: what is refused meanwhile is left as it is

When an act is refused at the beginning, what was done before it is undone, and the fault is a mistake of whoever asked for it: the world
has not what it needs (a machine, a user, a file that is open).
"""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from emulator.core.errors import UserMistake, unknown
from emulator.desktop.faults.points import BEFORE_BEGIN, BEFORE_PROCESS, Begin
from emulator.desktop.office import CompanyFile, Mode, Office, Opening
from emulator.desktop.processes import Dialog
from emulator.desktop.quickbooks import QuickBooks
from emulator.desktop.refusals import Refused
from emulator.faults import Kind, Parameter, Strike
from emulator.faults.kinds import ParameterValue

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
        undo, held = ExitStack(), _Held(office)
        try:
            with office.causes.by(strike.fault):
                step(office, strike.parameters, undo)
        except (Refused, UserMistake) as wrong:
            with office.causes.by(strike.fault, undoes=True):
                undo.close()
                held.again()
            if isinstance(wrong, UserMistake):
                raise
            raise UserMistake(f"fault {strike.fault!r} cannot begin: {wrong.reason}") from None

        def end() -> None:
            with office.causes.by(strike.fault, undoes=True):
                undo.close()

        return end

    return begin


@dataclass(frozen=True)
class _Window:
    """What a person sees of QuickBooks on one machine: the file that is open, a second QuickBooks, a dialog."""

    quickbooks: QuickBooks
    opening: Opening | None
    second: Opening | None
    dialog: Dialog | None


class _Held:
    """Who has which file open in an office, so that a fault that cannot begin puts nobody out."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._openings = [(each, each.ghost, each.ghost_until) for file in office.files for each in file.openings]
        self._windows = [
            _Window(each, each.opening, each.second, each.dialog) for each in office.installations if isinstance(each, QuickBooks)
        ]

    def again(self) -> None:
        """Let those have a file open who had it, although they could not log in now."""
        for opening, ghost, until in self._openings:
            inside = opening.file.openings
            if not any(each.holder == opening.holder for each in inside):
                opening.ghost, opening.ghost_until = ghost, until
                inside.append(opening)
                self._office.note("logged-in", machine=opening.machine, user=opening.user.name, mode=opening.mode)
            elif opening in inside:
                opening.ghost, opening.ghost_until = ghost, until
        for window in self._windows:
            quickbooks, before = window.quickbooks, window.opening
            quickbooks.second = window.second
            if quickbooks.dialog is not None and window.dialog is None:
                quickbooks.close_dialog()
            if before is not None and quickbooks.opening is None:
                quickbooks.opening = before
                self._office.kept_out.pop((quickbooks.machine, before.user.name), None)
                if window.dialog is not None and quickbooks.machine in self._office.share_lost:
                    quickbooks.lose_share()
                    if quickbooks.dialog is not None:
                        quickbooks.dialog.faults = window.dialog.faults
        self._office.changes.tell()


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
    """Log a user in as he was before; if that is not possible yet, he tries again when another fault ends (`come_back`)."""
    if opening.brought_by == _OVER:
        return
    office, now = quickbooks.office, quickbooks.opening
    connection_lost = quickbooks.dialog is not None and quickbooks.dialog.kind == "connection-lost"
    if now is not None and now.user.name == opening.user.name and now.file is opening.file and not connection_lost:
        # The end of another fault has brought him back already, as he was before that one.
        return
    path = opening.spelling if office.find(opening.spelling) is not None else opening.file.path
    try:
        if connection_lost:
            quickbooks.close_dialog()
        back = quickbooks.log_in(opening.user.name, opening.mode, path)
    except Refused:
        office.kept_out[quickbooks.machine, opening.user.name] = opening
        return
    back.brought_by = opening.brought_by


def come_back(office: Office) -> None:
    """Let those log in again whom a fault has put out and another one kept out; when no fault lasts any more, whoever still cannot gives up."""
    for place, opening in list(office.kept_out.items()):
        quickbooks = machine_of(office, place[0])
        now = quickbooks.opening
        if now is None:
            del office.kept_out[place]
            log_in_again(quickbooks, opening)
        elif now.user.name == opening.user.name and now.mode != opening.mode:
            del office.kept_out[place]
            switch_back(quickbooks, now, opening.mode)
        elif not now.brought_by:
            # People have put it right.
            del office.kept_out[place]
    if not any(fault.end is not None for fault in office.plan.faults()):
        office.kept_out.clear()
        office.to_close.clear()


def log_in_for_a_while(quickbooks: QuickBooks, user: str, mode: Mode, undo: ExitStack, path: str = "") -> None:
    """Log a user in, who logs out when this is undone; a QuickBooks that was started for it is closed then, also when he may not log in."""
    if quickbooks.process is None:
        undo.callback(_close_again, quickbooks)
    opening = quickbooks.log_in(user, mode, path)
    opening.brought_by = quickbooks.office.causes.acting
    undo.callback(log_out_again, quickbooks, opening)


def _close_again(quickbooks: QuickBooks) -> None:
    """Close a QuickBooks that a fault has started; while another one has somebody in it, that one's end closes it."""
    if quickbooks.opening is not None:
        quickbooks.office.to_close.add(quickbooks.machine)
    elif quickbooks.process is not None:
        quietly(quickbooks.quit)


def switch_back(quickbooks: QuickBooks, opening: Opening, mode: Mode) -> None:
    """Bring whoever was in the file back to the mode of before, if he is in it; if he is out, he comes back in that mode."""
    now = quickbooks.opening
    if now is not None and now.user.name == opening.user.name and now.mode == opening.mode:
        try:
            quickbooks.switch_mode(mode)
        except Refused:
            quickbooks.office.kept_out[quickbooks.machine, now.user.name] = replace(now, mode=mode)
    waiting = quickbooks.office.kept_out.get((quickbooks.machine, opening.user.name))
    if waiting is not None:
        waiting.mode = mode
    if now is not opening:
        opening.mode = mode


def log_out_again(quickbooks: QuickBooks, opening: Opening) -> None:
    """Log out whom a fault has logged in, if he is still there; another fault may have had him log in once more, or may be keeping him out."""
    office = quickbooks.office
    if (now := quickbooks.opening) is not None and (now is opening or _is_the_same(now, opening)):
        quietly(quickbooks.log_out)
        if quickbooks.machine in office.to_close:
            office.to_close.discard(quickbooks.machine)
            _close_again(quickbooks)
    place = quickbooks.machine, opening.user.name
    if place in office.kept_out and _is_the_same(office.kept_out[place], opening):
        del office.kept_out[place]
    # Who is out on account of yet another fault does not come back at its end.
    opening.brought_by = _OVER


def _is_the_same(one: Opening, other: Opening) -> bool:
    return one.user.name == other.user.name and bool(other.brought_by) and one.brought_by == other.brought_by


_OVER: Final = ("over",)
"""Stands in an opening that a fault has brought about, when that fault is over: it is not made again."""


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
