r"""What is done to a company file where it lies: by the people who look after the file host, outside QuickBooks or as its Admin.

    hosting on and off · the share lost and back · a drive letter mapped · the file moved or renamed · backed up and restored
    under repair · brought to a newer version of QuickBooks · condensed

A file that somebody has open cannot be moved, restored, repaired, upgraded or condensed (in-product help; the seat of a ghost counts as well);
nor one that a repair tool holds (a choice of ours: the tool has it open).
"""

from datetime import date
from typing import TYPE_CHECKING, Literal, NoReturn, get_args

from emulator.core.errors import nearest
from emulator.desktop import paths
from emulator.desktop.office import Backup
from emulator.desktop.refusals import Refused
from emulator.desktop.users import user_of

if TYPE_CHECKING:
    from emulator.desktop.installation import Installation
    from emulator.desktop.office import CompanyFile, Office

Tool = Literal["Verify Data", "Rebuild Data", "File Doctor"]
"""What holds a company file while it looks for damage or repairs it."""

TOOLS: tuple[Tool, ...] = get_args(Tool)


class FileHost:
    """The acts of those who look after the host of an office's files. Each raises Refused, with a reason, and is a row of the journal.

    Args:
        office: whose files.
    """

    def __init__(self, office: "Office") -> None:
        self._office = office

    # ---- the host ---------------------------------------------------------------------------------------------------------

    def switch_hosting(self, on: bool) -> None:
        """Switch multi-user hosting on or off. Who is in the file stays in."""
        self._office.hosting = on
        self._done("hosting-switched", "hosting", on=on)

    def lose_share(self, machine: str = "") -> None:
        """A machine no longer reaches the share of the file host (all, without a name). What is open there: `Installation.lose_share`."""
        for each in self._machines(machine):
            if each.machine not in self._office.share_lost:
                self._office.share_lost.add(each.machine)
                self._done("share-lost", "share", each.machine, machine=each.machine)
                each.lose_share()

    def reach_share(self, machine: str = "") -> None:
        """A machine reaches the share again (all, without a name). A QuickBooks that lost its file must open it anew."""
        for each in self._machines(machine):
            if each.machine in self._office.share_lost:
                self._office.share_lost.discard(each.machine)
                self._done("share-back", "share", each.machine, machine=each.machine)

    def map_drive(self, letter: str, target: str) -> None:
        """Map a drive letter (`"Q:"`) to a share or folder, on all machines."""
        if not (len(letter) == 2 and letter[0].isalpha() and letter[1] == ":"):
            self._refuse("map-drive", Refused("not-a-path", f"{letter!r} is no drive letter, like Q:."))
        if not paths.is_path(target):
            self._refuse("map-drive", Refused("not-a-path", f"{target!r} is no share or folder, like \\\\SERVER\\Books."))
        self._office.drives[letter] = target
        self._done("drive-mapped", "path", letter, letter=letter)

    # ---- the file ---------------------------------------------------------------------------------------------------------

    def move(self, file: "CompanyFile", path: str) -> None:
        """Move or rename a company file. Whoever knows the old path finds nothing there."""
        self._refuse_in_use("move-file", file)
        if not paths.is_path(path):
            self._refuse("move-file", Refused("not-a-path", f"{path!r} is no path of a file, like C:\\QB\\Company.QBW."))
        if self._office.find(path) is not None:
            self._refuse("move-file", Refused("path-taken", f"There is a company file at {path} already."))
        before, file.path = file.path, path
        self._done("file-moved", "path", before, file=paths.file_name(before), to=paths.file_name(path))

    def back_up(self, file: "CompanyFile", name: str) -> None:
        """Make a backup of a company file under a name; an older one of this name is replaced. People may be at work meanwhile."""
        # The newest stands last.
        file.backups.pop(name, None)
        file.backups[name] = Backup(file.company.snapshot(), file.made_by, file.sensitive_data)
        self._done("backed-up", "backup", file.path, backup=name)

    def restore(self, file: "CompanyFile", name: str) -> None:
        """Put a backup in the place of the file: what was written since is gone, and numbers are given out again.

        The version that kept the file is that of the backup again: bringing it to a newer one is an act of its own, `upgrade` (a choice of
        ours; QuickBooks asks when it opens such a file).
        """
        self._refuse_in_use("restore-file", file)
        backup = file.backups.get(name)
        if backup is None:
            near = nearest(name, file.backups)
            known = f"did you mean {near!r}?" if near else f"there are: {', '.join(file.backups) or 'none'}."
            self._refuse("restore-file", Refused("no-such-backup", f"There is no backup {name!r}; {known}"))
        file.company.restore(backup.content)
        if file.made_by != backup.made_by:
            file.made_by = backup.made_by
            self._office.causes.mark("version", file.path)
        file.sensitive_data = backup.sensitive_data
        file.users = {user.name.casefold(): user for user in map(user_of, file.company.users)}
        file.authorisations.read_again(file.company.apps)
        self._done("restored", "restored", file.path, backup=name)

    def begin_repair(self, file: "CompanyFile", tool: Tool) -> None:
        """Begin to verify, rebuild or repair a file: it opens for nobody until `end_repair`."""
        self._refuse_in_use("repair-file", file)
        file.under_repair = tool
        self._done("repair-begun", "repair", file.path, tool=tool)

    def end_repair(self, file: "CompanyFile") -> None:
        """The tool is through; the file opens again."""
        if not file.under_repair:
            self._refuse("end-repair", Refused("no-repair", "Nothing is working on the company file."))
        tool, file.under_repair = file.under_repair, ""
        self._done("repair-ended", "repair", file.path, tool=tool)

    def upgrade(self, file: "CompanyFile", year: int) -> None:
        """Bring a file to another version of QuickBooks (back to an older one: from the copy that was made before).

        From then on only that version opens it, and the Admin is asked about its applications again (`desktop.grants-after-upgrade`).
        """
        self._refuse_in_use("upgrade-file", file)
        file.authorisations.file_upgraded(file.made_by, year)
        file.made_by = year
        self._done("file-upgraded", "version", file.path, year=year)

    def condense(self, file: "CompanyFile", before: date) -> tuple[int, int]:
        """Summarise what is closed and older than a day; returns how many transactions went and how many entries stand for them."""
        self._refuse_in_use("condense-file", file)
        gone, entries = file.company.condense(before)
        self._done("condensed", "condensed", file.path, before=before.isoformat(), gone=gone, entries=entries)
        return gone, entries

    # ---- helpers ----------------------------------------------------------------------------------------------------------

    def _machines(self, name: str) -> "list[Installation]":
        return [each for each in self._office.installations if name in ("", each.machine)]

    def _refuse_in_use(self, act: str, file: "CompanyFile") -> None:
        inside = [each for each in self._office.openings if each.file is file]
        if inside:
            holders = tuple(each.holder for each in inside)
            faults = tuple(fault for each in inside for fault in each.faults)
            self._refuse(act, Refused("file-in-use", f"The company file is in use: {', '.join(holders)}.", holders, faults))
        if tool := self._office.tool_at_work(file):
            faults = self._office.causes.of("repair", file.path)
            self._refuse(act, Refused("under-repair", f"{tool} is working on the company file.", faults=faults))

    def _refuse(self, act: str, refused: Refused) -> NoReturn:
        raise self._office.note_refused(act, refused)

    def _done(self, kind: str, state: str, subject: str = "", **facts: object) -> None:
        self._office.causes.mark(state, subject)
        self._office.note(kind, **facts)
        self._office.changes.tell()
