"""QuickBooks, the application on one machine: closed, open without a file, or with a file open by a user in a mode.

                start                     log_in(user, mode)
    closed  ----------->  open, no file  -------------------->  file open (attended)
      ^  ^     quit            |    ^          log_out               |     switch_mode
      |  |<--------------------+    +--------------------------------+
      |                                                              |
      +------------- quit, crash, end_process -----------------------+
      |
      +---- BeginSession with a path, granted "even if not running" ---->  runs without window, ends with its last session

People's acts are methods that happen at once or raise `Refused` with a reason a person can read: those with processes are in `running.py`,
those with the company file and with windows here. What programs do is in `installation.py`.
Whatever changes is told through `office.changes`, so waiting calls look again.
All calls happen on the thread of the loop that drives the operations.
"""

from datetime import timedelta
from typing import Literal

from emulator.desktop.authorisation import Answer
from emulator.desktop.events import tell_menu_item
from emulator.desktop.office import SINGLE_USER_EDITION, CompanyFile, Mode, Opening
from emulator.desktop.processes import Dialog
from emulator.desktop.refusals import Refused
from emulator.desktop.running import Running
from emulator.desktop.users import User, Users


class QuickBooks(Running):
    """One QuickBooks: an `Installation`, and the acts of people at it. Arguments as for `Installation`."""

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
            self.refuse_act("log-in", wrong, user=person.name, mode=mode)
        try:
            self.opening = self.office.open(file, person, self.machine, mode, path or file.path)
        except Refused as refused:
            self.refuse_act("log-in", refused, user=person.name, mode=mode)
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
            Refused: no user is logged in, or a window is open.
        """
        opening = self._user_opening("log-out")
        self.refuse_under_window("log-out")
        self._warn("log-out")
        self._close_file()
        self._changed("logged-out", user=opening.user.name)

    def switch_mode(self, mode: Mode) -> None:
        """Switch the open file to single-user or multi-user mode.

        Raises:
            Refused: a window is open, other users are in the file (the reason names them), or only the Admin may (`desktop.mode-switch`).
        """
        opening = self._user_opening("switch-mode")
        self.refuse_under_window("switch-mode")
        others = [other for other in opening.file.openings if other is not opening]
        if mode == "single" and others:
            names = tuple(other.holder for other in others)
            reason = f"Other users are in the company file: {', '.join(names)}."
            self.refuse_act("switch-mode", Refused("others-in-file", reason, names), mode=mode)
        if mode == "single" and self.sessions and self._setting("single-user-switch") == "sessions-block-too":
            names = tuple(session.application.name for session in self.sessions)
            self.refuse_act("switch-mode", Refused("application-in-session", f"In use by {', '.join(names)}.", names), mode=mode)
        if mode == "multi" and not self.office.hosting:
            self.refuse_act("switch-mode", Refused("not-hosted", "Hosting is switched off on the file host."), mode=mode)
        if mode == "multi" and self.edition == SINGLE_USER_EDITION:
            self.refuse_act("switch-mode", Refused("no-multi-user", f"{self.edition} has no multi-user mode."), mode=mode)
        if not opening.user.is_admin and self._setting("mode-switch") == "admin":
            self.refuse_act("switch-mode", Refused("not-admin", "Only the Admin may switch the mode."), mode=mode)
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
            Refused: nobody is logged in here, or not the Admin; or a window is open.
        """
        opening = self._user_opening("close-for-users")
        self.refuse_under_window("close-for-users")
        if not opening.user.is_admin:
            self.refuse_act("close-for-users", Refused("not-admin", "Only the Admin may close the company file for users."))
        others = [each for each in opening.file.openings if each is not opening]
        self._changed("closed-for-users", user=opening.user.name, ejected=[each.holder for each in others])
        self.office.close_all(others, code or self._setting("closed-for-users"))
        return len(others)

    def run_utility(self, tool: Literal["Verify Data", "Rebuild Data"], takes_s: float | None = None) -> None:
        """Have a utility of QuickBooks work on the open company file. Its window is modal: calls of programs meet it as one.

        Args:
            tool: what the window says.
            takes_s: story seconds until it is through; None: until somebody closes the window.

        Raises:
            Refused: nobody is logged in here, a window is open, or other users may be in the file (`desktop.utility-in-multi-user`).
        """
        opening = self._user_opening("run-utility")
        self.refuse_under_window("run-utility")
        allowed = self._setting("utility-in-multi-user")
        if opening.mode == "multi" and not (allowed == "both" or (allowed == "verify" and tool == "Verify Data")):
            self.refuse_act("run-utility", Refused("not-single", f"{tool} needs the company file in single-user mode."))
        closes_at = None if takes_s is None else self.office.now() + timedelta(seconds=takes_s)
        self._open_window(Dialog(tool, closes_at=closes_at, kind="utility", faults=self.office.causes.acting))

    def choose_menu_item(self, tag: str) -> None:
        """Choose an item that a program has added to a menu; its subscriber is told.

        Args:
            tag: its EventTag. Conditions under which the item is shown are not looked at (switch `desktop.menu-item-conditions`).

        Raises:
            Refused: nobody has a file open here, a window is open, or there is no such item.
        """
        self._user_opening("choose-menu-item")
        self.refuse_under_window("choose-menu-item")
        if not tell_menu_item(self, tag):
            reason = f"No menu on {self.machine} has an item with the EventTag {tag!r}."
            self.refuse_act("choose-menu-item", Refused("no-such-menu-item", reason))

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
            self.refuse_act("close-dialog", Refused("no-dialog", f"No dialog is open on {self.machine}."))
        if self.opening is not None:
            self._end_editing(self.opening)
        if dialog.kind in self.at_start and not later:
            self.no_more_asking(dialog.kind)
            return
        self._close_window(dialog)
        if dialog.kind == "connection-lost" and self.opening is not None:
            user = self.opening.user.name
            self._close_file()
            self._changed("logged-out", user=user)

    def answer_prompt(self, answer: Answer, login_as: str = "", *, personal_data: bool = False) -> None:
        """Answer the authorisation prompt.

        Args:
            answer: the choice.
            login_as: the QuickBooks user an application is logged in as, for `even if not running`.
            personal_data: tick the box of personal data.

        Raises:
            Refused: no prompt is up, the person logged in here is not the Admin, a user to log in as must be chosen first, or one was
                chosen for another answer.
        """
        if self.prompt is None:
            self.refuse_act("answer-prompt", Refused("no-prompt", f"No application asks for access on {self.machine}."))
        if self.opening is None or not self.opening.user.is_admin:
            self.refuse_act("answer-prompt", Refused("not-admin", "Only the Admin may give an application access."))
        login_as = self.check_log_in_user("answer-prompt", self.opening.file, answer, login_as)
        Users(self.office, self.opening.file).reauthorise(login_as)
        self.prompt.answer = answer
        self.prompt.login_as = login_as
        self.prompt.personal_data = personal_data
        self._changed("prompt-answered", application=self.prompt.application, answer=answer)

    def _ready_for_log_in(self, user: str, path: str) -> tuple[CompanyFile, User]:
        """Return the file and the user, with QuickBooks ready to open the one for the other. Raises Refused."""
        if self.process is not None and not self.process.attended:
            self.refuse_act("log-in", self._without_window())
        if self.opening is not None:
            reason = f"{self.opening.user.name} is logged in on {self.machine}; log out first."
            self.refuse_act("log-in", Refused("file-open-here", reason, (self.opening.holder,)))
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
            self.refuse_act("log-in", Refused("dialog-open", reason, faults=dialog.faults))
        return file, person

    def _refuse_starting(self) -> None:
        if self.process is not None and not self.process.ready:
            faults = self.office.causes.of("starting", self.machine)
            self.refuse_act("log-in", Refused("starting", f"QuickBooks on {self.machine} is still starting.", faults=faults))

    def _ask_password(self, user: User) -> None:
        if self._dialog is None:
            self._open_window(Dialog("QuickBooks Login", kind="log-in", user=user.name, faults=self.office.causes.acting))

    def _user_opening(self, act: str) -> Opening:
        if self.opening is None or self._opened_by_session:
            self.refuse_act(act, Refused("no-file-open", f"Nobody is logged in on {self.machine}."))
        return self.opening
