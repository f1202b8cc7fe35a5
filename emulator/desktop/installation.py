"""QuickBooks as it is installed on one machine: what state it is in, and what the calls of programs may do to it.

People's acts are in `quickbooks.py`, which builds on this. Programs come through `begin_session.py` and `message_sets.py`.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal, NoReturn

from emulator.core.errors import nearest
from emulator.desktop.authorisation import Answer
from emulator.desktop.components import DAMAGES
from emulator.desktop.events import tell_company_file
from emulator.desktop.machine import Machine
from emulator.desktop.office import CompanyFile, Mode, Office, Opening
from emulator.desktop.operations import Line, Operation, Value, WaitFor
from emulator.desktop.processes import OF_THE_FILE, Dialog, Process
from emulator.desktop.refusals import Refused
from emulator.desktop.results import Code, SessionFailure
from emulator.desktop.sessions import Session
from emulator.desktop.subscriptions import Subscriptions
from emulator.desktop.under_way import CallUnderWay
from emulator.desktop.users import User

LIBRARY_VERSION: Final = (16, 0)
"""Version of the request processor library we play (ours: it goes with qbXML 16.0)."""


@dataclass(eq=False)
class Prompt:
    """The authorisation prompt, waiting for a person.

    Attributes:
        application: who asks for access.
        answer: what the person chose, None until then.
        login_as: the user chosen for `even if not running`.
        personal_data: the person ticked the box of personal data.
        certificate: state of the program's certificate, as the prompt shows it; `renewed`: another one than the Admin allowed.
    """

    application: str
    answer: Answer | None = None
    login_as: str = ""
    personal_data: bool = False
    certificate: str = "none"

    @property
    def title(self) -> str:
        """Return what the window says at its top (our choice: no source in the facts tells it)."""
        return f"QuickBooks - Application {'with No ' if self.certificate == 'none' else ''}Certificate"


class Installation(Machine):
    """One QuickBooks, without the people.

    Args:
        machine: name of the machine it is installed on.
        office: the shared facts.
        edition: `Enterprise`, `Premier`, `Pro` or `Simple Start`; applications may say which they support.
        year: see `Machine`.

    Attributes:
        opening: the company file that is open here, None for none.
        calls: those that are under way, in the order they came.
        subscriptions: who is told of events here; they outlive sessions and runs of QuickBooks.
        sdk_version: version of the request processor library here; it may be older than QuickBooks.
        damage: what is wrong with the installation (`components.DAMAGES`); empty: nothing.
        refuses_while_busy: what a call is refused with while another one is served; empty: as `desktop.while-busy` says.
    """

    def __init__(self, machine: str, office: Office, edition: str = "Enterprise", year: int = 0) -> None:
        super().__init__(machine, office, year)
        self.edition = edition
        self.prompt: Prompt | None = None
        self.sessions: list[Session] = []
        self.line = Line(office.changes)
        self.calls: list[CallUnderWay] = []
        self.subscriptions = Subscriptions(machine)
        self.sdk_version = LIBRARY_VERSION
        self.damage = ""
        self.refuses_while_busy = ""
        self._opened_by_session = False
        self._sessions_begun = 0
        office.installations.append(self)

    def crash(
        self, *, ghost: bool = False, ghost_s: float | None = None, leftover: bool = False, faults: tuple[str, ...] = ()
    ) -> None:
        """QuickBooks dies. Calls under way fail; its seat is freed, or stays taken as a ghost.

        Args:
            ghost: the host does not notice, the seat stays taken.
            ghost_s: after how many story seconds it notices after all; None: not before `Office.clear_ghosts`.
            leftover: its process stays behind, dead, and keeps QuickBooks from starting until somebody ends it.
            faults: for the journal.
        """
        assert self.process is not None, "only a running QuickBooks can crash"
        opening = self.opening
        if ghost and opening is not None:
            opening.faults = (*opening.faults, *faults, *self.office.causes.acting)
            self.office.leave_ghost(opening, ghost_s)
            self._end_editing(opening)
            self.opening = None
        self._end_process(crashed=True)
        self.leftover = leftover
        self.office.causes.mark("left-over", self.machine)
        self._changed(
            "closed",
            crashed=True,
            user=opening.user.name if opening else None,
            ghost=ghost or None,
            left_over=leftover or None,
            faults=faults,
        )

    def leave_process(self) -> None:
        """QuickBooks dies, if it runs, and its process stays behind."""
        if self.process is not None:
            self.crash(leftover=True)
            return
        self.leftover = True
        self.office.causes.mark("left-over", self.machine)
        self._changed("process-left")

    def eject(self, code: str = "") -> None:
        """The company file is closed here by somebody elsewhere. QuickBooks stays up; one that ran for a session only ends.

        Args:
            code: what sessions meet afterwards; empty: as the switches say.
        """
        opening = self.opening
        assert opening is not None, "only an open file can be closed"
        opening.closed_with = code
        opening.faults = self.office.causes.acting
        if self._process is not None and self._process.attended:
            self._close_file()
        else:
            self._end_process()
        self._changed("ejected", user=opening.user.name)

    def lose_share(self) -> None:
        """The company file that is open here can no longer be reached: QuickBooks says so and works no more, or dies."""
        if self.opening is None:
            return
        if self._setting("share-lost-under-file") == "crash":
            self.crash()
        else:
            title = "The connection to the company file was lost"
            self._open_window(Dialog(title, kind="connection-lost", faults=self.office.causes.acting))

    @property
    def opened_by_session(self) -> bool:
        """Return whether an application's session has opened the file, and nobody is logged in."""
        return self._opened_by_session

    # ---- what is installed ----------------------------------------------------------------------------------------------

    def harm(self, damage: str) -> None:
        """Something of the installation breaks, or is found to be wrong for the program.

        Raises:
            Refused: there is no such damage.
        """
        if damage not in DAMAGES:
            near = nearest(damage, DAMAGES)
            expected = f"did you mean {near!r}?" if near else f"one of {', '.join(DAMAGES)}"
            raise Refused("no-such-damage", f"Nothing can be wrong that is called {damage!r}; {expected}")
        self.damage = damage
        self.office.causes.mark("damage", self.machine)
        self._changed("installation-damaged", damage=damage)

    def repair(self) -> None:
        """Repair the installation; does nothing to a whole one."""
        if self.damage:
            self._changed("installation-repaired", damage=self.damage)
            self.damage = ""
            self.office.causes.mark("damage", self.machine)

    def check_installed(self, at: Literal["create", "begin"]) -> None:
        """Fail a call that meets a damage of the installation (SessionFailure with the code of `components.DAMAGES`)."""
        damage = DAMAGES.get(self.damage)
        if damage is not None and damage.at == at:
            faults = self.office.causes.of("damage", self.machine)
            raise SessionFailure(damage.code, f"{damage.about} What to do: {damage.cure}.", faults=faults)

    @contextmanager
    def under_way(self, call: CallUnderWay) -> Iterator[None]:
        """Show a call to those who look, as long as it lasts."""
        self.calls.append(call)
        try:
            yield
        finally:
            self.calls.remove(call)

    def take_turn(self, call: CallUnderWay, operation: Operation[Value]) -> Operation[Value]:
        """Run a call when those who came before are through, or refuse it while one is served (`desktop.while-busy`).

        The authorisation prompt belongs to the call that caused it; to others it is a modal dialog (`desktop.others-during-prompt`).
        """
        code = self.refuses_while_busy or self._setting("while-busy")
        if len(self.line) and code != "queue":
            operation.close()
            faults = self.office.causes.of("busy", self.machine)
            raise SessionFailure(code, f"QuickBooks on {self.machine} serves another call", faults=faults)
        if self.prompt is not None and self._setting("others-during-prompt") == Code.DIALOG_OPEN:
            answered = yield from self.wait(lambda: self.prompt is None, self.office.settings.number("desktop.dialog-wait-s"))
            if not answered:
                operation.close()
                raise SessionFailure(Code.DIALOG_OPEN, f"the authorisation prompt is open on {self.machine}")
        return (yield from self.line.take(_shown(call, operation)))

    # ---- for programs ---------------------------------------------------------------------------------------------------

    def launch(self, *, attended: bool) -> Process:
        """Start for an application's BeginSession."""
        assert self.process is None
        process = self._begin_process(attended=attended, ready=attended)
        self._changed("started", without_window=not attended or None)
        return process

    def open_for_session(self, file: CompanyFile, user: User, mode: Mode, spelling: str) -> Opening:
        """Open a file for an application's session. Raises Refused like `log_in`."""
        assert self.process is not None
        self.opening = self.office.open(file, user, self.machine, mode, spelling)
        self._opened_by_session = True
        self.process.ready = True
        self.office.causes.mark("no-file", self.machine)
        self._changed("logged-in", user=user.name, mode=mode, for_session=True)
        self._file_opened()
        return self.opening

    def next_session_number(self) -> int:
        """Count one more session of this QuickBooks."""
        self._sessions_begun += 1
        return self._sessions_begun

    def end_session(self, session: Session) -> None:
        """Forget a session. The last one closes the file it had opened, and a QuickBooks that ran only for it."""
        if session not in self.sessions:
            return
        self.sessions.remove(session)
        session.opening.file.company.end_session(session.ticket)
        if not self.sessions and self._opened_by_session and self.process is session.process:
            user = session.opening.user.name
            if session.process.attended:
                self._close_file()
            else:
                self._end_process()
            self._changed("logged-out", user=user, for_session=True)
        self.office.changes.tell()

    def abandon_launch(self, process: Process) -> None:
        """End a QuickBooks that was started for a session which then did not begin."""
        if self.process is process and not process.attended and not self.sessions:
            self._end_process()
            self._changed("closed", without_window=True)

    def wait(self, holds: Callable[[], bool], limit_s: float | None = None, *, for_caller: bool = False) -> Operation[bool]:
        """Wait inside a call, as long as QuickBooks lives; True when `holds`, False when the limit passed first. Arguments: `WaitFor`.

        Raises:
            SessionFailure: QuickBooks died or was closed meanwhile.
        """
        process = self.process
        yield WaitFor(self.office.changes, lambda: holds() or (process is not None and not process.alive), limit_s, for_caller)
        if process is not None and not process.alive:
            how, code = ("went away", "crash-in-call") if process.crashed else ("was closed", "closed-in-call")
            raise SessionFailure(self._setting(code), f"QuickBooks on {self.machine} {how} during the call.")
        return holds()

    def pass_time(self, seconds: float) -> Operation[None]:
        """Let story seconds pass inside a call; a crash cuts them short."""
        yield from self.wait(lambda: False, seconds)

    def pass_dialog(self) -> Operation[None]:
        """Get past a modal dialog: wait until somebody closes it.

        Raises:
            SessionFailure: it stayed open longer than a call waits.
        """
        while (dialog := self.dialog) is not None:
            if dialog.kind == "log-in" and self._setting("log-in-window") == "no-file":
                return
            yield from self._pass(dialog)

    def _pass(self, dialog: Dialog) -> Operation[None]:
        assert self.process is not None
        for_ever = dialog.hangs or (not self.process.attended and self._setting("dialog-without-window") == "hangs")
        limit_s = math.inf if for_ever else float(self.office.settings.number("desktop.dialog-wait-s"))
        closes_in_s = math.inf if dialog.closes_at is None else (dialog.closes_at - self.office.now()).total_seconds()
        wait_s = min(limit_s, closes_in_s)
        closed = yield from self.wait(lambda: self.dialog is not dialog, None if wait_s == math.inf else wait_s)
        if not closed and limit_s <= closes_in_s:
            raise SessionFailure(Code.DIALOG_OPEN, f"{dialog.title!r} is open on {self.machine}.", faults=dialog.faults)

    # ---- for people -----------------------------------------------------------------------------------------------------

    def refuse_act(self, act: str, refused: Refused, **facts: object) -> NoReturn:
        """Write down that a person was refused, and raise the refusal."""
        raise self.office.note_refused(act, refused, machine=self.machine, **facts)

    def refuse_under_window(self, act: str) -> None:
        """Refuse what lies outside a modal window as long as one is open; the authorisation prompt is one (choice).

        A fault brings its state about from below: what it does, or takes back, in people's place is not refused.

        Raises:
            Refused: `dialog-open`; the reason has the window's title.
        """
        window = self.dialog or self.prompt
        if window is None or self.office.causes.now:
            return
        reason = f"{window.title!r} is open in QuickBooks on {self.machine}."
        faults = window.faults if isinstance(window, Dialog) else ()
        self.refuse_act(act, Refused("dialog-open", reason, faults=faults))

    def check_log_in_user(self, act: str, file: CompanyFile, answer: Answer, name: str) -> str:
        """Return the user whom an application shall log in as, empty for none; one must be chosen when the file has several (documented).

        Args:
            act: what a person does, for the journal.
            file: whose users.
            answer: the grant that is chosen; only `even if not running` logs anybody in.
            name: the user that is chosen; empty: the only one of the file.

        Raises:
            Refused: none was chosen, the file has no such user, or one was chosen and nobody is logged in.
        """
        if answer != "even if not running":
            if name:
                advice = "leave the user out, or choose 'even if not running'"
                reason = f"No user logs in by {answer!r}, but {name!r} was given: {advice}."
                self.refuse_act(act, Refused("no-log-in-by-itself", reason))
            return ""
        names = sorted(each.name for each in file.users.values())
        chosen = name or (names[0] if len(names) == 1 else "")
        if file.user(chosen) is None:
            near = nearest(name, names)
            reason = f"Choose the user that the application logs in as: {', '.join(names)}; not {name!r}."
            reason += f" Did you mean {near!r}?" if near else ""
            self.refuse_act(act, Refused("no-such-user", reason))
        return chosen

    def dismiss_dialog(self) -> None:
        """Take away the modal dialog, if one is open."""
        if self.dialog is not None:
            self._close_window(self.dialog)

    # ---- for both sides -------------------------------------------------------------------------------------------------

    def shows(self, file: CompanyFile) -> bool:
        """Return whether this QuickBooks has a file open in a window; only such a one tells of events (documented)."""
        return self.process is not None and self.process.attended and self.opening is not None and self.opening.file is file

    def _file_opened(self) -> None:
        """What is done when a company file has been opened: those who subscribed are told."""
        assert self.opening is not None
        if self.shows(self.opening.file):
            tell_company_file(self, "Open", automatic_login=self._opened_by_session)

    def _setting(self, name: str) -> str:
        return self.office.settings.text(f"desktop.{name}")

    def _close_file(self, *, crashed: bool = False) -> None:
        if self.opening is not None:
            if self.shows(self.opening.file) and not crashed:
                tell_company_file(self, "Close")
            opening, self.opening = self.opening, None
            if self._dialog is not None and self._dialog.kind in OF_THE_FILE:
                self._close_window(self._dialog)
            self._end_editing(opening)
            self.office.close(opening)
            self.office.causes.mark("no-file", self.machine)
        self.subscriptions.come_into_force()
        self._opened_by_session = False
        self.prompt = None

    def _end_editing(self, opening: Opening) -> None:
        """The preferences are no longer open here: others may read the list of applications."""
        if opening.file.authorisations.edited_on == self.machine:
            opening.file.authorisations.edited_on = ""

    def _end_process(self, *, crashed: bool = False, takes_s: float = 0.0) -> None:
        """End QuickBooks: its sessions and its file at once, the process after `takes_s` story seconds."""
        process = self._process
        assert process is not None
        process.alive, process.crashed = False, crashed
        process.windows.clear()
        self._dialog = None
        for session in self.sessions:
            session.opening.file.company.end_session(session.ticket)
        self.sessions.clear()
        self._close_file(crashed=crashed)
        self.office.causes.mark("closed", self.machine)
        if takes_s and not crashed:
            process.ends_at = self.office.now() + timedelta(seconds=takes_s)
        else:
            self._process = None


def _shown(call: CallUnderWay, operation: Operation[Value]) -> Operation[Value]:
    """Carry out a call whose turn has come."""
    call.progress = "is carried out"
    return (yield from operation)
