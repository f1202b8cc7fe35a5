"""QuickBooks, the application on one machine: closed, open without a file, or with a file open by a user in a mode.

                start                     log_in(user, mode)
    closed  ----------->  open, no file  -------------------->  file open (attended)
      ^  ^     quit            |    ^          log_out               |     switch_mode
      |  |<--------------------+    +--------------------------------+
      |                                                              |
      +------------- quit, crash, end_process -----------------------+
      |
      +---- BeginSession with a path, granted "even if not running" ---->  runs without window, ends with its last session

People's acts are methods that happen at once or raise `Refused` with a reason a person can read. What programs do is in
`installation.py`. Whatever changes is told through `office.changes`, so waiting calls look again.
All calls happen on the thread of the loop that drives the operations.
"""

from typing import NoReturn

from emulator.desktop.authorisation import Answer
from emulator.desktop.events import tell_menu_item
from emulator.desktop.installation import Installation
from emulator.desktop.office import CompanyFile, Mode, Opening, Refused, User
from emulator.desktop.processes import Dialog
from emulator.desktop.users import Users, no_such_user


class QuickBooks(Installation):
    """One QuickBooks: an `Installation`, and the acts of people at it. Arguments as for `Installation`."""

    def start(self, *, ready: bool = True, takes_s: float | None = 0.0, windows_session: str = "") -> None:
        """Start QuickBooks with its window.

        Args:
            ready: False leaves it starting until `finish_start`.
            takes_s: story seconds the start takes; BeginSession fails with 0x80040424 meanwhile. None: `desktop.start-with-window-s`.
            windows_session: the Windows session it is started in; empty: the one people work in on this machine.

        Raises:
            Refused: it runs already, perhaps without a window for an application, is going down, or a process of it was left over.
        """
        self._check_may_start("start")
        if takes_s is None:
            takes_s = self.office.settings.number("desktop.start-with-window-s")
        self._begin_process(attended=True, ready=ready, takes_s=takes_s, windows_session=windows_session or self.windows_session)
        self._changed("started")

    def finish_start(self) -> None:
        """End a slow start. Does nothing to a QuickBooks that is ready or closed."""
        if self.process is not None and not self.process.ready:
            self._become_ready(self.process)

    def open_log_in_window(self, user: str, path: str = "") -> None:
        """Start opening a company file: QuickBooks asks for the user's password and waits.

        Args:
            user: the name that stands in the window.
            path: the file; empty means the office's first.

        Raises:
            Refused: as for `log_in`, but for the password.
        """
        _, person = self._ready_for_log_in(user, path)
        self._ask_password(person)

    def log_in(self, user: str, mode: Mode, path: str = "", password: str | None = None) -> Opening:
        """Open a company file as a user; starts QuickBooks when it is closed.

        The act is the moment the file opens: that people wait for QuickBooks to start before it takes no time of its own here, unless
        starts are slow on this machine.

        Args:
            user: name of a user of the file.
            mode: `single` or `multi`.
            path: the file; empty means the office's first.
            password: what the person types; None: he knows the right one, if it was told. It goes into no journal.

        Raises:
            Refused: the reason names who or what is in the way (seats, single-user holder, same user elsewhere, a window, a repair ...).
        """
        file, person = self._ready_for_log_in(user, path)
        wrong = Users(self.office, file).refusal(person, password)
        if wrong is not None:
            self._ask_password(person)
            self._refuse("log-in", wrong, user=person.name, mode=mode)
        try:
            self.opening = self.office.open(file, person, self.machine, mode, path or file.path)
        except Refused as refused:
            self._refuse("log-in", refused, user=person.name, mode=mode)
        if self._dialog is not None:
            self._close_window(self._dialog)
        self.office.causes.mark("no-file", self.machine)
        self._changed("logged-in", user=person.name, mode=mode)
        self._file_opened()
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
            Refused: other users are in the file (the reason names them), or only the Admin may (`desktop.mode-switch`).
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
        if not opening.user.is_admin and self._setting("mode-switch") == "admin":
            self._refuse("switch-mode", Refused("not-admin", "Only the Admin may switch the mode."), mode=mode)
        opening.mode = mode
        opening.faults = self.office.causes.acting
        opening.file.last_mode = mode
        self._changed("mode-switched", user=opening.user.name, mode=mode)

    def close_for_users(self, code: str = "") -> int:
        """The Admin closes the company file for all other users: they are logged out, QuickBooks stays up at their machines.

        Args:
            code: what sessions there meet next; empty: as `desktop.closed-for-users` says.

        Returns:
            how many were in the file.

        Raises:
            Refused: nobody is logged in here, or not the Admin.
        """
        opening = self._user_opening("close-for-users")
        if not opening.user.is_admin:
            self._refuse("close-for-users", Refused("not-admin", "Only the Admin may close the company file for users."))
        others = [each for each in opening.file.openings if each is not opening]
        self._changed("closed-for-users", user=opening.user.name, ejected=[each.holder for each in others])
        self.office.close_all(others, code or self._setting("closed-for-users"))
        return len(others)

    def quit(self, takes_s: float = 0.0) -> None:
        """Close QuickBooks, and with it the file. An application's session is cut off after a warning, as by `log_out`.

        Args:
            takes_s: story seconds QuickBooks needs to go down; a BeginSession waits for its end, and people cannot start it.

        Raises:
            Refused: it is not running, goes down already, or runs without a window.
        """
        self.need_running("quit")
        self._warn("quit")
        self._end_process(takes_s=takes_s)
        self._changed("going-down" if takes_s else "closed")

    def end_process(self) -> None:
        """End every QuickBooks process of the machine from the task manager: one that runs, hangs, was left over, or that nobody sees.

        Sessions are cut off without a warning. The file host notices that they have gone: ghosts of this machine give their seats back.

        Raises:
            Refused: there is none.
        """
        if self.process is None and not self.leftover and self.second is None:
            self._refuse("end-process", Refused("nothing-to-end", f"No QuickBooks process runs on {self.machine}."))
        if self.second is not None:
            self.office.close(self.second)
            self.second = None
        if self._process is not None:
            self.crash()
        if self.leftover:
            self.leftover = False
            self.office.clear_ghosts(self.machine)
        self.office.causes.mark("left-over", self.machine)
        self._changed("process-ended")

    def start_second(self, user: str, mode: Mode, path: str = "") -> Opening:
        """Start QuickBooks as administrator beside the one people see, and open a company file in it; nobody sees it afterwards.

        Raises:
            Refused: as for `log_in`; or a second one runs already.
        """
        if self.second is not None:
            self._refuse("start-second", Refused("already-running", f"A second QuickBooks runs on {self.machine} already."))
        file, person = self._file_and_user("start-second", path, user)
        try:
            self.second = self.office.open(file, person, self.machine, mode, path or file.path)
        except Refused as refused:
            self._refuse("start-second", refused, user=person.name, mode=mode)
        self._changed("second-started", user=person.name, mode=mode)
        return self.second

    def choose_menu_item(self, tag: str) -> None:
        """Choose an item that a program has added to a menu; its subscriber is told.

        Args:
            tag: its EventTag. Conditions under which the item is shown are not looked at (switch `desktop.menu-item-conditions`).

        Raises:
            Refused: nobody has a file open here, or there is no such item.
        """
        self._user_opening("choose-menu-item")
        if not tell_menu_item(self, tag):
            reason = f"No menu on {self.machine} has an item with the EventTag {tag!r}."
            self._refuse("choose-menu-item", Refused("no-such-menu-item", reason))

    def need_running(self, act: str) -> None:
        """Refuse what needs a QuickBooks that people see."""
        if self.process is None or self.process.ends_at is not None:
            self._refuse(act, Refused("not-running", f"QuickBooks is not running on {self.machine}."))
        if not self.process.attended:
            self._refuse(act, self._without_window())

    def close_dialog(self, *, later: bool = False) -> None:
        """Close the modal window that is open.

        After the word that the connection was lost, QuickBooks closes the company file. A log-in is cancelled.

        Args:
            later: what QuickBooks asks at its start is put off: it asks again at the next start. Else it is answered for good.

        Raises:
            Refused: there is none.
        """
        dialog = self.dialog
        if dialog is None:
            self._refuse("close-dialog", Refused("no-dialog", f"No dialog is open on {self.machine}."))
        if dialog.kind in self.at_start and not later:
            self.no_more_asking(dialog.kind)
            return
        self._close_window(dialog)
        if dialog.kind == "connection-lost" and self.opening is not None:
            user = self.opening.user.name
            self._close_file()
            self._changed("logged-out", user=user)

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
        Users(self.office, self.opening.file).reauthorise(login_as)
        self._changed("prompt-answered", application=self.prompt.application, answer=answer)

    def _check_may_start(self, act: str) -> None:
        process = self.process
        if process is not None and process.ends_at is not None:
            self._refuse(act, self._going_down())
        if process is not None:
            running = Refused("already-running", f"QuickBooks is running on {self.machine} already.")
            self._refuse(act, running if process.attended else self._without_window())
        if self.leftover:
            reason = f"A QuickBooks process was left over on {self.machine}; it must be ended first."
            self._refuse(act, Refused("left-over", reason, faults=self.office.causes.of("left-over", self.machine)))

    def _ready_for_log_in(self, user: str, path: str) -> tuple[CompanyFile, User]:
        """Return the file and the user, with QuickBooks ready to open the one for the other. Raises Refused."""
        if self.process is not None and not self.process.attended:
            self._refuse("log-in", self._without_window())
        if self.opening is not None:
            reason = f"{self.opening.user.name} is logged in on {self.machine}; log out first."
            self._refuse("log-in", Refused("file-open-here", reason, (self.opening.holder,)))
        if self.process is None or self.process.ends_at is not None:
            self._check_may_start("log-in")
            file, person = self._file_and_user("log-in", path, user)
            self.start()
        else:
            self._refuse_starting()
            file, person = self._file_and_user("log-in", path, user)
        self._refuse_starting()
        dialog = self.dialog
        if dialog is not None and dialog.kind != "log-in":
            reason = f"{dialog.title!r} is open in QuickBooks on {self.machine}."
            self._refuse("log-in", Refused("dialog-open", reason, faults=dialog.faults))
        return file, person

    def _refuse_starting(self) -> None:
        if self.process is not None and not self.process.ready:
            faults = self.office.causes.of("starting", self.machine)
            self._refuse("log-in", Refused("starting", f"QuickBooks on {self.machine} is still starting.", faults=faults))

    def _ask_password(self, user: User) -> None:
        if self._dialog is None:
            self._open_window(Dialog("QuickBooks Login", kind="log-in", user=user.name, faults=self.office.causes.acting))

    def _going_down(self) -> Refused:
        return Refused("going-down", f"QuickBooks on {self.machine} is going down.")

    def _without_window(self) -> Refused:
        names = tuple(session.application.name for session in self.sessions)
        reason = f"QuickBooks runs on {self.machine} without a window, for {', '.join(names) or 'an application'}."
        return Refused("runs-without-window", reason, names)

    def _file_and_user(self, act: str, path: str, user: str) -> tuple[CompanyFile, User]:
        try:
            file = self.office.file_at(path)
        except Refused as refused:
            self._refuse(act, refused)
        person = file.user(user)
        if person is None:
            self._refuse(act, no_such_user(file, user))
        return file, person

    def _user_opening(self, act: str) -> Opening:
        if self.opening is None or self._opened_by_session:
            self._refuse(act, Refused("no-file-open", f"Nobody is logged in on {self.machine}."))
        return self.opening

    def _warn(self, act: str) -> None:
        if self.sessions and self.office.settings.flag("desktop.close-warns"):
            names = ", ".join(session.application.name for session in self.sessions)
            self.office.note("warned", machine=self.machine, act=act, reason=f"in use by {names}")

    def _refuse(self, act: str, refused: Refused, **facts: object) -> NoReturn:
        # A log-in that is refused is what invariants look for; it has a kind of its own.
        kind, what = ("login-refused", None) if act == "log-in" else ("refused", act)
        self.office.note(
            kind, machine=self.machine, act=what, why=refused.kind, reason=refused.reason, faults=refused.faults, **facts
        )
        raise refused
