"""QuickBooks, the application on one machine: closed, open without a file, or with a file open by a user in a mode.

                start                     log_in(user, mode)
    closed  ----------->  open, no file  -------------------->  file open (attended)
      ^  ^     quit            |    ^          log_out               |     switch_mode
      |  |<--------------------+    +--------------------------------+
      |                                                              |
      +------------- quit, crash ------------------------------------+
      |
      +---- BeginSession with a path, granted "even if not running" ---->  runs without window, ends with its last session

People's acts are methods that happen at once or raise `Refused` with a reason a person can read. Programs come through
`begin_session.py` and `message_sets.py`. Whatever changes is told through `office.changes`, so waiting calls look again.
All calls happen on the thread of the loop that drives the operations.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NoReturn

from emulator.desktop import paths
from emulator.desktop.authorisation import Answer
from emulator.desktop.office import CompanyFile, Mode, Office, Opening, Refused, User
from emulator.desktop.operations import Line, Operation, WaitFor
from emulator.desktop.results import Code, SessionFailure
from emulator.desktop.sessions import Process, Session

State = Literal["closed", "starting", "no-file", "file-open", "without-window"]


@dataclass(eq=False)
class Dialog:
    """A modal dialog in QuickBooks.

    Attributes:
        title: what it says.
        hangs: True when calls wait for it without end; else they give up after `desktop.dialog-wait-s`.
        closes_at: when somebody closes it who is not played (story time); None: a person's act does.
    """

    title: str
    hangs: bool = False
    closes_at: datetime | None = None


@dataclass(eq=False)
class Prompt:
    """The authorisation prompt, waiting for a person.

    Attributes:
        application: who asks for access.
        answer: what the person chose, None until then.
        login_as: the user chosen for `even if not running`.
    """

    application: str
    answer: Answer | None = None
    login_as: str = ""


class QuickBooks:
    """One QuickBooks.

    Args:
        machine: name of the machine it is installed on.
        office: the shared facts.
        edition: `Enterprise`, `Premier`, `Pro` or `Simple Start`; applications may say which they support.
    """

    def __init__(self, machine: str, office: Office, edition: str = "Enterprise") -> None:
        self.machine = machine
        self.office = office
        self.edition = edition
        self.process: Process | None = None
        self.opening: Opening | None = None
        self._dialog: Dialog | None = None
        self.prompt: Prompt | None = None
        self.sessions: list[Session] = []
        self.line = Line(office.changes)
        self._opened_by_session = False
        self._sessions_begun = 0

    @property
    def state(self) -> State:
        """Return what a look at the machine would show."""
        if self.process is None:
            return "closed"
        if not self.process.attended:
            return "without-window"
        if not self.process.ready:
            return "starting"
        return "file-open" if self.opening is not None else "no-file"

    @property
    def dialog(self) -> Dialog | None:
        """Return the modal dialog that is open, None if none is."""
        dialog = self._dialog
        if dialog is not None and dialog.closes_at is not None and self.office.now() >= dialog.closes_at:
            self._dialog = None
            self._changed("dialog-closed", title=dialog.title)
        return self._dialog

    # ---- acts of people -------------------------------------------------------------------------------------------------

    def start(self, *, ready: bool = True) -> None:
        """Start QuickBooks with its window.

        Args:
            ready: False leaves it starting until `finish_start` (a slow start).

        Raises:
            Refused: it runs already, perhaps without a window for an application.
        """
        if self.process is not None:
            kind: Literal["already-running", "runs-without-window"] = (
                "already-running" if self.process.attended else "runs-without-window"
            )
            how = "" if self.process.attended else " without a window, for an application"
            self._refuse("start", Refused(kind, f"QuickBooks is running on {self.machine} already{how}."))
        self.process = Process(attended=True, ready=ready)
        self._changed("quickbooks-started")

    def finish_start(self) -> None:
        """End a slow start. Does nothing to a QuickBooks that is ready or closed."""
        if self.process is not None and not self.process.ready:
            self.process.ready = True
            self._changed("quickbooks-ready")

    def log_in(self, user: str, mode: Mode, path: str = "") -> Opening:
        """Open a company file as a user; starts QuickBooks when it is closed.

        Args:
            user: name of a user of the file.
            mode: `single` or `multi`.
            path: the file; empty means the office's first.

        Raises:
            Refused: the reason names who is in the way (seats, single-user holder, same user elsewhere ...).
        """
        if self.process is not None and (not self.process.attended or not self.process.ready):
            self._refuse("log-in", Refused("starting", f"QuickBooks on {self.machine} is not ready for people."))
        if self.opening is not None:
            reason = f"{self.opening.user.name} is logged in on {self.machine}; log out first."
            self._refuse("log-in", Refused("file-open-here", reason, (self.opening.holder,)))
        file, person = self._file_and_user("log-in", path, user)
        if self.process is None:
            self.start()
        try:
            self.opening = self.office.open(file, person, self.machine, mode, path or file.path)
        except Refused as refused:
            self._refuse("log-in", refused, user=person.name, mode=mode)
        self._changed("logged-in", user=person.name, mode=mode)
        return self.opening

    def log_out(self) -> None:
        """Log the user out: the file is closed here, the seat is free, QuickBooks stays open.

        A session of an application is cut off; QuickBooks warns first (`desktop.close-warns`), the person insists.

        Raises:
            Refused: no user is logged in.
        """
        opening = self._user_opening("log-out")
        self._warn("log-out")
        self._close_file()
        self._changed("logged-out", user=opening.user.name)

    def switch_mode(self, mode: Mode) -> None:
        """Switch the open file to single-user or multi-user mode.

        Raises:
            Refused: other users are in the file; the reason names them.
        """
        opening = self._user_opening("switch-mode")
        others = [other for other in opening.file.openings if other is not opening]
        if mode == "single" and others:
            names = tuple(other.holder for other in others)
            reason = f"Other users are in the company file: {', '.join(names)}."
            self._refuse("switch-mode", Refused("others-in-file", reason, names), mode=mode)
        if mode == "single" and self.sessions and self._setting("single-user-switch") == "sessions-block-too":
            names = tuple(session.application.name for session in self.sessions)
            self._refuse("switch-mode", Refused("application-in-session", f"In use by {', '.join(names)}.", names), mode=mode)
        if mode == "multi" and not self.office.hosting:
            self._refuse("switch-mode", Refused("not-hosted", "Hosting is switched off on the file host."), mode=mode)
        opening.mode = mode
        opening.file.last_mode = mode
        self._changed("mode-switched", user=opening.user.name, mode=mode)

    def quit(self) -> None:
        """Close QuickBooks, and with it the file. An application's session is cut off after a warning, as by `log_out`.

        Raises:
            Refused: it is not running, or runs without a window.
        """
        if self.process is None:
            self._refuse("quit", Refused("not-running", f"QuickBooks is not running on {self.machine}."))
        if not self.process.attended:
            self._refuse("quit", Refused("runs-without-window", f"QuickBooks on {self.machine} shows no window to close."))
        self._warn("quit")
        self._end_process()
        self._changed("quickbooks-closed")

    def show_dialog(self, title: str, *, hangs: bool = False, closes_after_s: float | None = None) -> Dialog:
        """A modal dialog opens (a person works in it, or QuickBooks asks something). See `Dialog` for the arguments."""
        closes_at = None if closes_after_s is None else self.office.now() + timedelta(seconds=closes_after_s)
        dialog = self._dialog = Dialog(title, hangs, closes_at)
        self._changed("dialog-opened", title=title)
        return dialog

    def close_dialog(self) -> None:
        """Close the modal dialog.

        Raises:
            Refused: there is none.
        """
        if self.dialog is None:
            self._refuse("close-dialog", Refused("no-dialog", f"No dialog is open on {self.machine}."))
        title, self._dialog = self.dialog.title, None
        self._changed("dialog-closed", title=title)

    def answer_prompt(self, answer: Answer, login_as: str = "") -> None:
        """Answer the authorisation prompt.

        Args:
            answer: the choice.
            login_as: the QuickBooks user an application is logged in as, for `even if not running`.

        Raises:
            Refused: no prompt is up, or the person logged in here is not the Admin.
        """
        if self.prompt is None:
            self._refuse("answer-prompt", Refused("no-prompt", f"No application asks for access on {self.machine}."))
        if self.opening is None or not self.opening.user.is_admin:
            self._refuse("answer-prompt", Refused("not-admin", "Only the Admin may give an application access."))
        self.prompt.answer = answer
        self.prompt.login_as = login_as
        self._changed("prompt-answered", application=self.prompt.application, answer=answer)

    # ---- what happens to it ---------------------------------------------------------------------------------------------

    def crash(self, *, ghost: bool = False, ghost_s: float | None = None, faults: tuple[str, ...] = ()) -> None:
        """QuickBooks dies. Calls under way fail; its seat is freed, or stays taken as a ghost.

        Args:
            ghost: the host does not notice, the seat stays taken.
            ghost_s: after how many story seconds it notices after all; None: not before `Office.clear_ghosts`.
            faults: for the journal.
        """
        assert self.process is not None, "only a running QuickBooks can crash"
        opening = self.opening
        if ghost and opening is not None:
            self.office.leave_ghost(opening, ghost_s)
            self.opening = None
        self._end_process()
        self._changed("quickbooks-crashed", user=opening.user.name if opening else None, ghost=ghost or None, faults=faults)

    # ---- for programs ---------------------------------------------------------------------------------------------------

    def launch(self, *, attended: bool) -> Process:
        """Start for an application's BeginSession."""
        assert self.process is None
        self.process = Process(attended=attended, ready=attended)
        self._changed("quickbooks-started", without_window=not attended or None)
        return self.process

    def open_for_session(self, file: CompanyFile, user: User, mode: Mode, spelling: str) -> Opening:
        """Open a file for an application's session. Raises Refused like `log_in`."""
        assert self.process is not None
        self.opening = self.office.open(file, user, self.machine, mode, spelling)
        self._opened_by_session = True
        self.process.ready = True
        self._changed("logged-in", user=user.name, mode=mode, for_session=True)
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
            self._changed("quickbooks-closed", without_window=True)

    def wait(self, holds: Callable[[], bool], limit_s: float | None = None) -> Operation[bool]:
        """Wait inside a call, as long as QuickBooks lives; True when `holds`, False when the limit passed first.

        Raises:
            SessionFailure: QuickBooks died meanwhile.
        """
        process = self.process
        yield WaitFor(self.office.changes, lambda: holds() or (process is not None and not process.alive), limit_s)
        if process is not None and not process.alive:
            raise SessionFailure(self._setting("crash-in-call"), f"QuickBooks on {self.machine} went away during the call.")
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
            yield from self._pass(dialog)

    def _pass(self, dialog: Dialog) -> Operation[None]:
        assert self.process is not None
        for_ever = dialog.hangs or (not self.process.attended and self._setting("dialog-without-window") == "hangs")
        limit_s = math.inf if for_ever else float(self.office.settings.number("desktop.dialog-wait-s"))
        closes_in_s = math.inf if dialog.closes_at is None else (dialog.closes_at - self.office.now()).total_seconds()
        wait_s = min(limit_s, closes_in_s)
        closed = yield from self.wait(lambda: self.dialog is not dialog, None if wait_s == math.inf else wait_s)
        if not closed and limit_s <= closes_in_s:
            raise SessionFailure(Code.DIALOG_OPEN, f"{dialog.title!r} is open on {self.machine}.")

    # ---- inside ---------------------------------------------------------------------------------------------------------

    def _setting(self, name: str) -> str:
        return self.office.settings.text(f"desktop.{name}")

    def _file_and_user(self, act: str, path: str, user: str) -> tuple[CompanyFile, User]:
        file = self.office.find(path) if path else next(iter(self.office.files), None)
        if file is None:
            self._refuse(act, Refused("no-such-file", f"There is no company file {paths.file_name(path) or 'at all'}."))
        person = file.user(user)
        if person is None:
            known = ", ".join(sorted(each.name for each in file.users.values()))
            self._refuse(act, Refused("no-such-user", f"The company file has no user {user!r}; it has {known}."))
        return file, person

    def _user_opening(self, act: str) -> Opening:
        if self.opening is None or self._opened_by_session:
            self._refuse(act, Refused("no-file-open", f"Nobody is logged in on {self.machine}."))
        return self.opening

    def _warn(self, act: str) -> None:
        if self.sessions and self.office.settings.flag("desktop.close-warns"):
            names = ", ".join(session.application.name for session in self.sessions)
            self.office.note("warned", machine=self.machine, act=act, reason=f"in use by {names}")

    def _close_file(self) -> None:
        if self.opening is not None:
            opening, self.opening = self.opening, None
            self.office.close(opening)
        self._opened_by_session = False
        self.prompt = None

    def _end_process(self) -> None:
        assert self.process is not None
        process, self.process = self.process, None
        process.alive = False
        self._dialog = None
        for session in self.sessions:
            session.opening.file.company.end_session(session.ticket)
        self.sessions.clear()
        self._close_file()

    def _changed(self, kind: str, **facts: object) -> None:
        self.office.note(kind, machine=self.machine, **facts)
        self.office.changes.tell()

    def _refuse(self, act: str, refused: Refused, **facts: object) -> NoReturn:
        self.office.note("refused", machine=self.machine, act=act, why=refused.kind, reason=refused.reason, **facts)
        raise refused
