r"""The office: what all machines that work with QuickBooks share. Company files on the file host, who has each open, seats, hosting.

    office --- company file "Wholesale.QBW" --- opening (SERVER, Goflow, multi)   seats: 2 of 3
           |                                --- opening (ACCOUNTING-PC, Anna, multi)
           --- company file "Other.QBW"

Rules (in-product help, support pages; standing as `../switches.py` says):
- A file open in single-user mode admits nobody else; a file open by others cannot be opened in single-user mode.
- Multi-user mode needs hosting to be on, and a machine that reaches the share of the file host.
- A file that a repair tool holds, or that another version of QuickBooks keeps, opens for nobody.
- Each opening takes a seat of the licence, over all files; an opening left by a crash (`ghost`) keeps its seat until it is cleared.
- A user is signed in once only.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from emulator.core.chance import Chance
from emulator.core.errors import nearest
from emulator.core.journal import Journal
from emulator.core.switches import SwitchSettings
from emulator.desktop import paths
from emulator.desktop.authorisation import Application, Authorisations
from emulator.desktop.causes import Causes
from emulator.desktop.certificates import Certificate
from emulator.desktop.latency import Latency, Pace
from emulator.desktop.operations import Changes
from emulator.desktop.refusals import RefusalKind, Refused
from emulator.desktop.users import User, user_of
from emulator.desktop.wording import AS_OURS, Wording
from emulator.faults import Lacks, Plan, Strike
from emulator.qbxml import Choices, Limits

if TYPE_CHECKING:
    from emulator.company import Company, Snapshot
    from emulator.desktop.installation import Installation

Mode = Literal["single", "multi"]

SINGLE_USER_EDITION: Final = "Simple Start"
"""The edition without multi-user mode (documented: the library has a result code for it)."""


@dataclass(eq=False)
class Opening:
    """One user has one company file open on one machine. Takes a seat.

    Attributes:
        machine: name of the machine.
        user: who is logged in.
        mode: `single` or `multi`.
        spelling: the path as it was given when the file was opened.
        ghost: its QuickBooks has died and the host has not noticed.
        ghost_until: when the host notices by itself; None: only when somebody clears it.
        since: when it began (story time).
        closed_with: the code that sessions here meet after others closed the file under them; empty: as the switches say.
        faults: those that brought it about.
        brought_by: those that had this user log in, and have him log out at their end.
    """

    machine: str
    user: User
    mode: Mode
    file: "CompanyFile"
    spelling: str
    ghost: bool = False
    ghost_until: datetime | None = None
    since: datetime | None = None
    closed_with: str = ""
    faults: tuple[str, ...] = ()
    brought_by: tuple[str, ...] = ()

    @property
    def holder(self) -> str:
        """Return who this is, for sentences."""
        return f"{self.user.name} on {self.machine}"


@dataclass(frozen=True)
class Backup:
    """A state of a company file to go back to: its content, and what of the file stands beside it (attributes as of `CompanyFile`)."""

    content: "Snapshot"
    made_by: int
    sensitive_data: bool


@dataclass(eq=False)
class CompanyFile:
    r"""A company file on the file host.

    Attributes:
        company: what is in it.
        path: its path as people write it (`C:\...` on the host, or the share).
        users: by folded name.
        authorisations: applications that may work with it.
        openings: who has it open now, in order of opening.
        last_mode: the mode it was last open in.
        made_by: version of QuickBooks that keeps it, such as 2024; another one does not open it.
        sensitive_data: it keeps card numbers and the like: a *rule*. Passwords that are set from now on must be complex, and run out.
            Whether those that are set now are complex is another matter, a *state*: `Users.are_complex`.
        under_repair: the tool that holds the file (verify, rebuild, File Doctor), empty for none.
        backups: states to go back to, by name.
    """

    company: "Company"
    path: str
    users: dict[str, User]
    authorisations: Authorisations
    openings: list[Opening] = field(default_factory=list)
    last_mode: Mode = "multi"
    made_by: int = 0
    sensitive_data: bool = False
    under_repair: str = ""
    backups: dict[str, Backup] = field(default_factory=dict)

    def user(self, name: str) -> User | None:
        """Return a user by name."""
        return self.users.get(name.casefold())

    @property
    def mode(self) -> Mode | None:
        """Return the mode the file is open in, None while nobody has it open."""
        return self.openings[0].mode if self.openings else None


class Office:
    r"""The shared facts of one customer's QuickBooks installation.

    Args:
        settings: switches in force; the tables of qbxml, company and desktop must be in it.
        journal: rows go to lane `quickbooks`.
        plan: the faults; asked at the points of this room.
        chance: for tickets.
        now: tells the story's time.
        seats_max: users the licence admits at once, over all files.
        hosting: whether multi-user hosting is on.
        drives: drive letters (`"Q:"`) to shares, the same on all machines.
        wording: what these QuickBooks say otherwise than we do.
        latency: how long their calls take, by request; what is not in it takes no time.

    Attributes:
        files: the company files on the host.
        installations: QuickBooks on every machine, in the order they were installed.
        share_lost: machines that do not reach the file host now.
        certificates: what the program files of applications are signed with, by name of the application; who is not here is not signed.
        causes: which faults brought about what.
        kept_out: by machine and user, who had a file open there and how, was put out by a fault, and could not log in again so at its end because of
            another one.
        to_close: machines whose QuickBooks a fault has started that is over, and another fault has somebody in it.
    """

    def __init__(
        self,
        settings: SwitchSettings,
        journal: Journal,
        plan: Plan,
        chance: Chance,
        now: Callable[[], datetime],
        *,
        seats_max: int = 3,
        hosting: bool = True,
        drives: Mapping[str, str] | None = None,
        wording: Wording = AS_OURS,
        latency: Mapping[str, Pace] | None = None,
    ) -> None:
        self.settings = settings
        self.choices = Choices.of(settings)
        self.limits = Limits()
        self.journal = journal
        self.plan = plan
        self.chance = chance
        self.now = now
        self.changes = Changes()
        self.seats_max = seats_max
        self.hosting = hosting
        self.drives = dict(drives or {})
        self.wording = wording
        self.latency = Latency(latency or {}, chance)
        self.files: list[CompanyFile] = []
        self.installations: list[Installation] = []
        self.share_lost: set[str] = set()
        self.certificates: dict[str, Certificate] = {}
        self.causes = Causes()
        self.kept_out: dict[tuple[str, str], Opening] = {}
        self.to_close: set[str] = set()

    def add_file(self, company: "Company", *, everyone: Application | None = None) -> CompanyFile:
        """Put a company file on the host, with its path, users and integrated applications as the file has them.

        Args:
            company: its content.
            everyone: a grant for every application the file does not know.
        """
        path = company.path_shown
        assert self.find(path) is None, f"two files at {path}"
        users = {user.name.casefold(): user for user in map(user_of, company.users)}
        authorisations = Authorisations(company.apps, company.grant, everyone, company.forget_grant)
        file = CompanyFile(company, path, users, authorisations, made_by=company.year, sensitive_data=company.has_sensitive_data)
        self.files.append(file)
        return file

    def find(self, path: str) -> CompanyFile | None:
        """Return the file that a path means, by whatever spelling."""
        wanted = paths.resolved(path, self.drives)
        return next((file for file in self.files if paths.resolved(file.path, self.drives) == wanted), None)

    def file_at(self, path: str = "") -> CompanyFile:
        """Return the file that a person means by a path, empty for the first one. Raises Refused, with the nearest path, when there is none."""
        file = self.find(path) if path else next(iter(self.files), None)
        if file is None:
            near = nearest(path, [each.path for each in self.files])
            hint = f"; did you mean {near!r}?" if near else "."
            reason = f"There is no company file {paths.file_name(path) or 'at all'}{hint}"
            raise Refused("no-such-file", reason, faults=self.causes.of("path", path))
        return file

    def note(self, kind: str, **facts: Any) -> None:
        """Append a row to the journal, in the lane of QuickBooks; it names the faults that touch it and those that act now."""
        faults = tuple(facts.pop("faults", ()))
        self.journal.add("quickbooks", kind, faults=(*faults, *self.causes.now), **facts)

    def note_refused(self, act: str, refused: Refused, **facts: Any) -> Refused:
        """Write down that a person was refused an act; returns the refusal, to be raised."""
        # A log-in that is refused is what invariants look for; it has a kind of its own.
        kind, what = ("login-refused", None) if act == "log-in" else ("refused", act)
        self.note(kind, **facts, act=what, why=refused.kind, reason=refused.reason, faults=refused.faults)
        return refused

    def strikes(self, point: str, lacks: Lacks | None = None, **facts: Any) -> Iterator[Strike]:
        """Ask the plan what strikes at a point of this room, one after the other. Arguments: `Plan.strikes`."""
        return self.plan.strikes(point, self.now(), lacks=lacks, **facts)

    @property
    def openings(self) -> tuple[Opening, ...]:
        """Return all openings of all files: each takes a seat."""
        self._notice_ghosts()
        return tuple(opening for file in self.files for opening in file.openings)

    @property
    def seats_free(self) -> int:
        """Return how many more users the licence admits."""
        return max(self.seats_max - len(self.openings), 0)

    def refusal(self, file: CompanyFile, user: User, machine: str, mode: Mode) -> Refused | None:
        """Tell why a user may not open a file on a machine in a mode, None if he may. The order of the rules is the order people meet them."""
        self._notice_ghosts()
        unreachable = self.file_refusal(file, machine)
        if unreachable is not None:
            return unreachable
        elsewhere = [opening for opening in file.openings if opening.user.name.casefold() == user.name.casefold()]
        if elsewhere:
            return _refused("user-elsewhere", f"User {user.name} is already signed in", elsewhere)
        single = [opening for opening in file.openings if opening.mode == "single"]
        if single:
            return _refused("held-single", "The company file is open in single-user mode", single)
        if mode == "single" and file.openings:
            return _refused(
                "others-in-file", "Single-user mode is not possible while other users are in the company file", file.openings
            )
        installation = next((each for each in self.installations if each.machine == machine), None)
        if mode == "multi" and installation is not None and installation.edition == SINGLE_USER_EDITION:
            return Refused("no-multi-user", f"{installation.edition} has no multi-user mode.")
        if mode == "multi" and not self.hosting:
            reason = "Multi-user mode is not possible: hosting is switched off on the file host."
            return Refused("not-hosted", reason, faults=self.causes.of("hosting"))
        if self.seats_free == 0:
            return _refused("seats-full", f"All {self.seats_max} seats of the licence are in use", self.openings)
        return None

    def tool_at_work(self, file: CompanyFile) -> str:
        """Return what verifies, rebuilds or repairs a file now, on the host or in a QuickBooks that has it open; empty for nothing."""
        here = (each.dialog for each in self.installations if each.opening is not None and each.opening.file is file)
        return file.under_repair or next((each.title for each in here if each is not None and each.kind == "utility"), "")

    def file_refusal(self, file: CompanyFile, machine: str) -> Refused | None:
        """Tell why a file opens for nobody on a machine, whoever he is: the share, a repair, the version of QuickBooks there."""
        if machine in self.share_lost:
            reason = f"{machine} does not reach the file host: the path of the company file cannot be found."
            return Refused("share-lost", reason, faults=self.causes.of("share", machine))
        if tool := self.tool_at_work(file):
            reason = f"{tool} is working on the company file."
            return Refused("under-repair", reason, faults=self.causes.of("repair", file.path))
        installed = next((each.year for each in self.installations if each.machine == machine), file.made_by)
        if installed != file.made_by:
            kind: RefusalKind = "file-newer" if file.made_by > installed else "file-older"
            reason = f"The company file is kept by QuickBooks {file.made_by}; on {machine} there is QuickBooks {installed}."
            return Refused(kind, reason, faults=self.causes.of("version", file.path, machine))
        return None

    def open(self, file: CompanyFile, user: User, machine: str, mode: Mode, spelling: str) -> Opening:
        """Open a file for a user.

        Raises:
            Refused: with the reason of `refusal`.
        """
        refusal = self.refusal(file, user, machine, mode)
        if refusal is not None:
            raise refusal
        opening = Opening(machine, user, mode, file, spelling, since=self.now(), faults=self.causes.acting)
        file.openings.append(opening)
        file.last_mode = mode
        self.changes.tell()
        return opening

    def close_all(self, openings: Sequence[Opening], code: str = "") -> None:
        """Close openings wherever they are, over the heads of those who have them. `code` as for `Installation.eject`."""
        for opening in list(openings):
            here = next((each for each in self.installations if each.opening is opening), None)
            second = next((each for each in self.installations if each.second is opening), None)
            if here is not None:
                here.eject(code)
            else:
                if second is not None:
                    second.second = None
                self.close(opening)

    def leave_ghost(self, opening: Opening, hold_s: float | None) -> None:
        """Leave an opening behind whose QuickBooks has died; the host notices after `hold_s` story seconds (None: never by itself)."""
        opening.ghost = True
        opening.ghost_until = None if hold_s is None else self.now() + timedelta(seconds=hold_s)
        self.changes.tell()

    def close(self, opening: Opening) -> None:
        """Take an opening away: its seat is free. A host that cannot be reached hears nothing of it and keeps the seat for a while."""
        if opening.machine in self.share_lost:
            self.leave_ghost(opening, self.settings.number("desktop.lost-opening-s"))
            return
        if opening in opening.file.openings:
            opening.file.openings.remove(opening)
        self.changes.tell()

    def clear_ghosts(self, machine: str | None = None) -> int:
        """Free the seats of openings whose QuickBooks has died (on one machine, or all); returns how many there were."""
        ghosts = [opening for opening in self.openings if opening.ghost and machine in (None, opening.machine)]
        for opening in ghosts:
            opening.file.openings.remove(opening)
        self.changes.tell()
        return len(ghosts)

    def _notice_ghosts(self) -> None:
        for file in self.files:
            file.openings = [each for each in file.openings if each.ghost_until is None or self.now() < each.ghost_until]


def _refused(kind: RefusalKind, sentence: str, holders: Sequence[Opening]) -> Refused:
    names = tuple(opening.holder for opening in holders)
    faults = tuple(fault for opening in holders for fault in opening.faults)
    return Refused(kind, f"{sentence}: {', '.join(names)}.", names, faults)
