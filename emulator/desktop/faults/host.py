"""Lasting faults of the company file where it lies: moved, upgraded, under repair, not hosted, out of reach.

Each is a state that people reach by an act as well; see `states.py` for how it begins and ends.
"""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from typing import Final

from emulator.core.errors import UserMistake, nearest
from emulator.desktop.faults.points import Begin
from emulator.desktop.faults.states import (
    FILE,
    Parameters,
    everybody_out,
    lasting,
    lasting_kind,
    log_in_again,
    machine_of,
    quietly,
)
from emulator.desktop.host import TOOLS, FileHost
from emulator.desktop.office import CompanyFile, Office
from emulator.desktop.quickbooks import QuickBooks
from emulator.faults import Kind, Parameter
from emulator.faults.kinds import DAY_OR_EMPTY


def _file_moved(office: Office, given: Parameters, undo: ExitStack) -> None:
    file = office.file_at(str(given["file"]))
    before = file.path
    stem, dot, ending = before.rpartition(".")
    everybody_out(office, file, undo)
    FileHost(office).move(file, str(given["new"]) or f"{stem} moved{dot}{ending}")
    moved = file.path
    undo.callback(_undone, office, file, lambda: file.path == moved, lambda: FileHost(office).move(file, before))


def _file_upgraded(office: Office, given: Parameters, undo: ExitStack) -> None:
    file = office.file_at(str(given["file"]))
    before = file.made_by
    everybody_out(office, file, undo)
    year = int(given["year"]) or before + 1
    FileHost(office).upgrade(file, year)
    undo.callback(_undone, office, file, lambda: file.made_by == year, lambda: FileHost(office).upgrade(file, before))


def _repair_running(office: Office, given: Parameters, undo: ExitStack) -> None:
    file = office.file_at(str(given["file"]))
    everybody_out(office, file, undo)
    undo.callback(quietly, lambda: FileHost(office).end_repair(file))
    FileHost(office).begin_repair(file, next(tool for tool in TOOLS if tool == given["tool"]))


def _restored_backup(office: Office, given: Parameters, undo: ExitStack) -> None:
    file = office.file_at(str(given["file"]))
    name = str(given["backup"]) or next(reversed(file.backups), "")
    if name not in file.backups:
        told = f"there is no backup {name!r} of the company file" if name else "there is no backup of the company file"
        near = nearest(name, file.backups)
        raise UserMistake(told, expected=f"{near!r}" if near else "a backup", advice="let somebody make one: admin.back_up_file")
    _while_out(office, file, lambda: FileHost(office).restore(file, name))


def _condensed_file(office: Office, given: Parameters, undo: ExitStack) -> None:
    file, until = office.file_at(str(given["file"])), str(given["until"])
    try:
        before = date.fromisoformat(until) if until else office.now().date().replace(month=1, day=1)
    except ValueError:
        raise UserMistake(f"until is {until!r}", expected="a day, like 2026-01-01") from None
    _while_out(office, file, lambda: FileHost(office).condense(file, before))


def _while_out(office: Office, file: CompanyFile, act: Callable[[], object]) -> None:
    """Do something to a file for which whoever has it open must go out; they come back at once."""
    with ExitStack() as back:
        everybody_out(office, file, back)
        # Of whom the host heard nothing, since a share is lost, it still keeps the seat: it is freed there.
        file.openings.clear()
        act()


def _hosting_off(office: Office, _: Parameters, undo: ExitStack) -> None:
    undo.callback(FileHost(office).switch_hosting, office.hosting)
    FileHost(office).switch_hosting(False)


def _share_lost(office: Office, given: Parameters, undo: ExitStack) -> None:
    name = str(given["machine"])
    machines = [machine_of(office, name)] if name else list(office.installations)
    for each in machines:
        assert isinstance(each, QuickBooks)
        if each.opening is not None and not each.opened_by_session:
            undo.callback(log_in_again, each, each.opening)
        undo.callback(office.clear_ghosts, each.machine)
        undo.callback(FileHost(office).reach_share, each.machine)
        FileHost(office).lose_share(each.machine)


def _undone(office: Office, file: CompanyFile, is_still_so: Callable[[], bool], act: Callable[[], None]) -> None:
    """Undo what was done to a file, unless people have; whoever has it open goes out for it, and comes back.

    So does a tool that holds it for another fault: otherwise what is left would depend on the order in which faults are lifted.
    """
    if is_still_so():
        tool, file.under_repair = file.under_repair, ""
        try:
            _while_out(office, file, lambda: quietly(act))
        finally:
            file.under_repair = tool


BEGINS: Final[dict[str, Begin]] = {
    "file-moved": lasting(_file_moved),
    "file-upgraded": lasting(_file_upgraded),
    "repair-running": lasting(_repair_running),
    "restored-backup": lasting(_restored_backup),
    "condensed-file": lasting(_condensed_file),
    "hosting-off": lasting(_hosting_off),
    "share-lost": lasting(_share_lost),
}
"""What begins the state of each effect of this family."""


KINDS: Final[tuple[Kind, ...]] = (
    lasting_kind(
        "file-moved",
        "QB34",
        "The company file was moved or renamed: at its old path there is nothing.",
        "ask for a person, and make no new file in its place",
        False,
        ("the place of {file}",),
        file=FILE,
        new=Parameter("", "its new path; empty: the old name with `moved` in it"),
    ),
    lasting_kind(
        "file-upgraded",
        "QB36",
        "A newer QuickBooks has taken the company file over; the one here cannot open it.",
        "ask for a person",
        False,
        ("the version of {file}",),
        file=FILE,
        year=Parameter(0, "version that keeps the file now; 0: the next year's", least=0, most=2100),
    ),
    lasting_kind(
        "repair-running",
        "QB39",
        "Verify, rebuild or the File Doctor holds the company file, and it opens for nobody.",
        "never open a file again that is under repair, and hold",
        False,
        ("the repair of {file}",),
        file=FILE,
        tool=Parameter("File Doctor", "what holds it", TOOLS),
    ),
    lasting_kind(
        "restored-backup",
        "QB35",
        "A backup was put in the place of the company file: what was written since is gone, numbers and ids may be given out again; "
        "it does not come back when the fault is lifted.",
        "notice that a posted number is no longer there, and ask a person before it posts anything a second time",
        False,
        file=FILE,
        backup=Parameter("", "name of the backup, which an act has made; empty: the newest"),
    ),
    lasting_kind(
        "condensed-file",
        "QB52",
        "Closed transactions before a day were summarised away: a query by number finds nothing; they do not come back when the fault is lifted.",
        "not take an old number that is not found for one that was never posted",
        False,
        file=FILE,
        until=Parameter("", "the first day that stays, like 2026-01-01; empty: the first of this year", form=DAY_OR_EMPTY),
    ),
    lasting_kind(
        "hosting-off",
        "QB55",
        "Multi-user hosting is off on the file host: nobody can open the company file in multi-user mode.",
        "report that QuickBooks cannot be opened, back off, hold",
        False,
        ("hosting",),
    ),
    lasting_kind(
        "share-lost",
        "NET18",
        "A machine does not reach the share of the file host: the path is not found, and a file that is open is lost.",
        "report an error of QuickBooks, and hold",
        True,
        ("whether {each machine} reaches the share",),
        machine=Parameter("", "machine; empty: all"),
    ),
)
"""The kinds of fault of this family."""
