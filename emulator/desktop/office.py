r"""The office: what all machines that work with QuickBooks share. Company files on the file host, who has each open, seats, hosting.

    office --- company file "Wholesale.QBW" --- opening (SERVER, Goflow, multi)   seats: 2 of 3
           |                                --- opening (ACCOUNTING-PC, Anna, multi)
           --- company file "Other.QBW"

Rules (in-product help, support pages; standing as `../switches.py` says):
- A file open in single-user mode admits nobody else; a file open by others cannot be opened in single-user mode.
- Multi-user mode needs hosting to be on.
- Each opening takes a seat of the licence, over all files; an opening left by a crash (`ghost`) keeps its seat until it is cleared.
- A user is signed in once only.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from emulator.core.chance import Chance
from emulator.core.journal import Journal
from emulator.core.switches import SwitchSettings
from emulator.desktop import paths
from emulator.desktop.authorisation import Application, Authorisations
from emulator.desktop.operations import Changes
from emulator.faults import Lacks, Plan, Strike
from emulator.qbxml import Choices, Limits, Status

if TYPE_CHECKING:
    from emulator.company import Company
    from emulator.desktop.installation import Installation

Mode = Literal["single", "multi"]

RefusalKind = Literal[
    "already-running",
    "not-running",
    "starting",
    "file-open-here",
    "no-file-open",
    "no-such-file",
    "no-such-user",
    "held-single",
    "others-in-file",
    "user-elsewhere",
    "seats-full",
    "not-hosted",
    "application-in-session",
    "runs-without-window",
    "dialog-open",
    "no-dialog",
    "no-prompt",
    "not-admin",
    "no-such-menu-item",
]


class Refused(Exception):  # noqa: N818 - QuickBooks refuses; nothing went wrong in the program
    """QuickBooks does not let a person do something, and says why.

    Args:
        kind: which rule refused.
        reason: one readable sentence, as a person would see it on the screen; it names who is in the way.
        holders: those who are in the way, as `USER on MACHINE`.
    """

    def __init__(self, kind: RefusalKind, reason: str, holders: tuple[str, ...] = ()) -> None:
        self.kind = kind
        self.reason = reason
        self.holders = holders
        super().__init__(reason)


@dataclass(frozen=True)
class Busy:
    """QuickBooks refuses calls while it works on one.

    Attributes:
        code: what they fail with.
        faults: why, for the journal.
    """

    code: str
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cause:
    """Why requests are refused while a fault lasts in the books: so that the journal can name it.

    Attributes:
        codes: status codes of those refusals.
        values: what they are about, folded (names, identities); empty: whatever it is.
    """

    codes: frozenset[int]
    values: frozenset[str] = frozenset()

    def explains(self, outcome: Status) -> bool:
        """Return whether an answer was refused for this cause."""
        if outcome.code not in self.codes:
            return False
        said = [str(slot).casefold() for slot in outcome.slots.values()]
        return not self.values or any(value in slot for value in self.values for slot in said)


@dataclass(frozen=True)
class User:
    """A user of a company file.

    Attributes:
        name: as typed at log-in; case does not matter.
        role: `Admin` may do everything and answer the authorisation prompt; others are names of roles (`External Accountant`).
    """

    name: str
    role: str = "External Accountant"

    @property
    def is_admin(self) -> bool:
        """Return whether this is the Admin."""
        return self.role == "Admin"


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
    """

    machine: str
    user: User
    mode: Mode
    file: "CompanyFile"
    spelling: str
    ghost: bool = False
    ghost_until: datetime | None = None

    @property
    def holder(self) -> str:
        """Return who this is, for sentences."""
        return f"{self.user.name} on {self.machine}"


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
    """

    company: "Company"
    path: str
    users: dict[str, User]
    authorisations: Authorisations
    openings: list[Opening] = field(default_factory=list)
    last_mode: Mode = "multi"

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

    Attributes:
        files: the company files on the host.
        installations: QuickBooks on every machine, in the order they were installed.
        busy: what a call is answered that comes while QuickBooks works on another one; None: it waits for its turn.
        causes: why requests are refused, by the fault that lasts in the books.
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
        self.files: list[CompanyFile] = []
        self.installations: list[Installation] = []
        self.busy: Busy | None = None
        self.causes: dict[str, Cause] = {}

    def add_file(self, company: "Company", *, everyone: Application | None = None) -> CompanyFile:
        """Put a company file on the host, with its path, users and integrated applications as the file has them.

        Args:
            company: its content.
            everyone: a grant for every application the file does not know.
        """
        path = company.path_shown
        assert self.find(path) is None, f"two files at {path}"
        users = [User(each["name"], each["role"]) for each in company.users]
        authorisations = Authorisations(company.apps, company.grant, everyone)
        file = CompanyFile(company, path, {user.name.casefold(): user for user in users}, authorisations)
        self.files.append(file)
        return file

    def find(self, path: str) -> CompanyFile | None:
        """Return the file that a path means, by whatever spelling."""
        wanted = paths.resolved(path, self.drives)
        return next((file for file in self.files if paths.resolved(file.path, self.drives) == wanted), None)

    def note(self, kind: str, **facts: Any) -> None:
        """Append a row to the journal, in the lane of QuickBooks."""
        self.journal.add("quickbooks", kind, **facts)

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
        if mode == "multi" and not self.hosting:
            return Refused("not-hosted", "Multi-user mode is not possible: hosting is switched off on the file host.")
        if self.seats_free == 0:
            return _refused("seats-full", f"All {self.seats_max} seats of the licence are in use", self.openings)
        return None

    def open(self, file: CompanyFile, user: User, machine: str, mode: Mode, spelling: str) -> Opening:
        """Open a file for a user.

        Raises:
            Refused: with the reason of `refusal`.
        """
        refusal = self.refusal(file, user, machine, mode)
        if refusal is not None:
            raise refusal
        opening = Opening(machine, user, mode, file, spelling)
        file.openings.append(opening)
        file.last_mode = mode
        self.changes.tell()
        return opening

    def leave_ghost(self, opening: Opening, hold_s: float | None) -> None:
        """Leave an opening behind whose QuickBooks has died; the host notices after `hold_s` story seconds (None: never by itself)."""
        opening.ghost = True
        opening.ghost_until = None if hold_s is None else self.now() + timedelta(seconds=hold_s)
        self.changes.tell()

    def close(self, opening: Opening) -> None:
        """Take an opening away: its seat is free."""
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


def _refused(kind: RefusalKind, sentence: str, holders: "list[Opening] | tuple[Opening, ...]") -> Refused:
    names = tuple(opening.holder for opening in holders)
    return Refused(kind, f"{sentence}: {', '.join(names)}.", names)
