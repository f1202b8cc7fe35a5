"""A machine with QuickBooks installed: its processes and their windows, without company files and sessions.

Which version is installed, whether it runs, starts or goes down, what an earlier run left behind, what it asks at its next start.
`installation.py` adds the company file and the calls of programs, `quickbooks.py` the acts of people.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from emulator.desktop.operations import Operation, WaitFor
from emulator.desktop.processes import CONSOLE, Dialog, Process, WindowKind
from emulator.desktop.refusals import Refused
from emulator.desktop.results import Code, SessionFailure

if TYPE_CHECKING:
    from emulator.desktop.office import Office, Opening

State = Literal["closed", "left-over", "starting", "no-file", "file-open", "without-window", "going-down"]

AT_START: dict[WindowKind, str] = {"update": "QuickBooks Update", "sign-in": "Sign in to your Intuit account"}
"""What QuickBooks may ask at its start, and the title of the window."""


class Machine:
    """One machine.

    Args:
        machine: its name.
        office: the shared facts.
        year: version of the QuickBooks on it, such as 2024; 0: the version that made the office's first file.

    Attributes:
        leftover: a process of an earlier run is still there; QuickBooks does not start before somebody ends it.
        second: what a second QuickBooks has open that nobody sees: it was started as administrator and not by the one who looks.
        at_start: what QuickBooks asks at each start until it is answered.
        start_takes_s: story seconds a start takes longer than usual here.
        windows_session: the Windows session people start QuickBooks in here; programs run in CONSOLE.
    """

    def __init__(self, machine: str, office: "Office", year: int = 0) -> None:
        self.machine = machine
        self.office = office
        self.opening: Opening | None = None
        self.leftover = False
        self.second: Opening | None = None
        self.at_start: list[WindowKind] = []
        self.start_takes_s = 0.0
        self.windows_session = CONSOLE
        self._year = year
        self._process: Process | None = None
        self._dialog: Dialog | None = None

    @property
    def year(self) -> int:
        """Return the version of the QuickBooks that is installed."""
        return self._year or (self.office.files[0].company.year if self.office.files else 0)

    def slow_starts(self, more_s: float) -> None:
        """From now on QuickBooks takes so many story seconds longer to start here; 0: no longer than usual."""
        self.start_takes_s = more_s
        self.office.causes.mark("starting", self.machine)

    def work_in(self, windows_session: str) -> None:
        """People work in another Windows session of this machine: the QuickBooks they have open, and those they start, run there."""
        self.windows_session = windows_session
        if self._process is not None and self._process.attended:
            self._process.windows_session = windows_session
        self.office.causes.mark("windows-session", self.machine)
        self._changed("windows-session", session=windows_session)

    @property
    def process(self) -> Process | None:
        """Return the QuickBooks that runs, starts or goes down; None when none does."""
        process, now = self._process, self.office.now()
        if process is not None and process.ends_at is not None and now >= process.ends_at:
            self._process = None
            self._changed("closed")
        elif process is not None and process.ready_at is not None and now >= process.ready_at:
            self._become_ready(process)
        return self._process

    @property
    def busy_s(self) -> float:
        """Return how many story seconds QuickBooks will still start or go down by itself; 0 when it does neither."""
        process = self.process
        until = None if process is None else process.ends_at or process.ready_at
        return 0.0 if until is None else (until - self.office.now()).total_seconds()

    @property
    def state(self) -> State:
        """Return what a look at the machine would show."""
        process = self.process
        if process is None:
            return "left-over" if self.leftover else "closed"
        if process.ends_at is not None:
            return "going-down"
        if not process.attended:
            return "without-window"
        if not process.ready:
            return "starting"
        return "file-open" if self.opening is not None else "no-file"

    @property
    def dialog(self) -> Dialog | None:
        """Return the modal window that is open, None if none is."""
        dialog, process = self._dialog, self.process
        if dialog is not None and dialog.is_over(self.office.now()):
            self._close_window(dialog)
        if self._dialog is None and process is not None and process.windows and (process.ready or not process.attended):
            self._open_window(process.windows.pop(0))
        return self._dialog

    def show_dialog(
        self,
        title: str,
        *,
        kind: WindowKind = "dialog",
        hangs: bool = False,
        closes_after_s: float | None = None,
        faults: tuple[str, ...] = (),
        released: Callable[[], bool] = lambda: False,
    ) -> Dialog:
        """A modal dialog opens (a person works in it, or QuickBooks asks something). See `Dialog` for the arguments.

        Raises:
            Refused: a modal window is open already; nothing else can be done in QuickBooks before it is closed.
        """
        if (shown := self.dialog) is not None:
            refused = Refused("dialog-open", f"{shown.title!r} is open in QuickBooks on {self.machine}.", faults=shown.faults)
            raise self.office.note_refused("open-dialog", refused, machine=self.machine)
        closes_at = None if closes_after_s is None else self.office.now() + timedelta(seconds=closes_after_s)
        return self._open_window(Dialog(title, hangs, closes_at, kind, faults=faults, released=released))

    def ask_at_start(self, kind: WindowKind) -> None:
        """QuickBooks has something to ask: it opens the window now if it runs with one and nothing else is open, and at each start."""
        if kind not in self.at_start:
            self.at_start.append(kind)
        self.office.causes.mark(kind, self.machine)
        process = self.process
        if process is not None and process.attended:
            process.windows.append(self._asking(kind))
            # Looking at the machine is what opens it.
            _ = self.dialog

    def no_more_asking(self, kind: WindowKind) -> None:
        """What QuickBooks asks at its start has been answered for good."""
        if kind in self.at_start:
            self.at_start.remove(kind)
        if self._process is not None:
            self._process.windows = [each for each in self._process.windows if each.kind != kind]
        if self._dialog is not None and self._dialog.kind == kind:
            self._close_window(self._dialog)

    # ---- what calls wait for ----------------------------------------------------------------------------------------------

    def pass_going_down(self) -> Operation[None]:
        """Wait until a QuickBooks that is going down has gone (log strings of the library: it waits and tries again).

        Raises:
            SessionFailure: it takes longer than `desktop.going-down-wait-s`.
        """
        limit_s = float(self.office.settings.number("desktop.going-down-wait-s"))
        process = self.process
        if process is None or process.ends_at is None:
            return
        needs_s = (process.ends_at - self.office.now()).total_seconds()
        # Somebody may end it sooner.
        gone: Callable[[], bool] = lambda: self.process is not process  # noqa: E731 - it is typed
        yield WaitFor(self.office.changes, gone, min(needs_s, limit_s))
        if not gone():
            detail = f"QuickBooks on {self.machine} is going down and does not end"
            raise SessionFailure(Code.COULD_NOT_START, detail, faults=self.office.causes.of("closed", self.machine))

    def check_reachable(self) -> None:
        """Look whether a program can get at QuickBooks here at all.

        Raises:
            SessionFailure: a process was left over, a second QuickBooks runs hidden, or QuickBooks runs in another Windows session.
        """
        text, causes = self.office.settings.text, self.office.causes
        process = self.process
        if process is None and self.leftover:
            detail = f"a QuickBooks process was left over on {self.machine}"
            raise SessionFailure(text("desktop.left-over-process"), detail, faults=causes.of("left-over", self.machine))
        if self.second is not None:
            detail = f"a second QuickBooks runs hidden on {self.machine}"
            raise SessionFailure(text("desktop.second-instance"), detail, faults=self.second.faults)
        if process is not None and process.windows_session != CONSOLE:
            detail = f"QuickBooks runs in the Windows session {process.windows_session!r} of {self.machine}"
            faults = causes.of("windows-session", self.machine)
            raise SessionFailure(text("desktop.other-windows-session"), detail, faults=faults)

    # ---- for those who build on this --------------------------------------------------------------------------------------

    def _begin_process(self, *, attended: bool, ready: bool, takes_s: float = 0.0, windows_session: str = CONSOLE) -> Process:
        """Start QuickBooks. Without `ready` it starts until somebody says that it has; `takes_s` is how long it takes."""
        takes_s += self.start_takes_s if attended else 0.0
        ready_at = self.office.now() + timedelta(seconds=takes_s) if ready and takes_s else None
        windows = [self._asking(kind) for kind in self.at_start]
        self.office.causes.mark("closed", self.machine)
        self._process = Process(attended, ready and ready_at is None, ready_at, windows_session=windows_session, windows=windows)
        return self._process

    def _asking(self, kind: WindowKind) -> Dialog:
        return Dialog(AT_START[kind], kind=kind, faults=self.office.causes.of(kind, self.machine))

    def _become_ready(self, process: Process) -> None:
        process.ready, process.ready_at = True, None
        self._changed("ready")

    def _open_window(self, dialog: Dialog) -> Dialog:
        """Show a window; one that QuickBooks was showing is gone with it."""
        if self._dialog is not None:
            self._close_window(self._dialog)
        self._dialog = dialog
        kind = None if dialog.kind == "dialog" else dialog.kind
        self._changed("dialog-opened", title=dialog.title, of=kind, faults=dialog.faults)
        return dialog

    def _close_window(self, dialog: Dialog) -> None:
        self._dialog = None
        self._changed("dialog-closed", title=dialog.title, faults=dialog.faults)

    def _changed(self, kind: str, **facts: object) -> None:
        self.office.note(kind, machine=self.machine, **facts)
        self.office.changes.tell()
