"""QuickBooks, the application on one machine: closed, open without a file, or with a file open by a user in a mode.

                start                     log_in(user, mode)
    closed  ----------->  open, no file  -------------------->  file open (attended)
      ^  ^     quit            |    ^          log_out               |     switch_mode
      |  |<--------------------+    +--------------------------------+
      |                                                              |
      +------------- quit, crash ------------------------------------+
      |
      +---- BeginSession with a path, granted "even if not running" ---->  runs without window, ends with its last session

People's acts are methods that happen at once or raise `Refused` with a reason a person can read. What programs do is in
`installation.py`. Whatever changes is told through `office.changes`, so waiting calls look again.
All calls happen on the thread of the loop that drives the operations.
"""

from typing import NoReturn

from emulator.desktop import paths
from emulator.desktop.authorisation import Answer
from emulator.desktop.events import tell_menu_item
from emulator.desktop.installation import Installation
from emulator.desktop.office import CompanyFile, Mode, Opening, Refused, User
from emulator.desktop.sessions import Process


class QuickBooks(Installation):
    """One QuickBooks: an `Installation`, and the acts of people at it. Arguments as for `Installation`."""

    def start(self, *, ready: bool = True) -> None:
        """Start QuickBooks with its window.

        Args:
            ready: False leaves it starting until `finish_start` (a slow start).

        Raises:
            Refused: it runs already, perhaps without a window for an application.
        """
        if self.process is not None:
            running = Refused("already-running", f"QuickBooks is running on {self.machine} already.")
            self._refuse("start", running if self.process.attended else self._without_window())
        self.process = Process(attended=True, ready=ready)
        self._changed("started")

    def finish_start(self) -> None:
        """End a slow start. Does nothing to a QuickBooks that is ready or closed."""
        if self.process is not None and not self.process.ready:
            self.process.ready = True
            self._changed("ready")

    def log_in(self, user: str, mode: Mode, path: str = "") -> Opening:
        """Open a company file as a user; starts QuickBooks when it is closed.

        Args:
            user: name of a user of the file.
            mode: `single` or `multi`.
            path: the file; empty means the office's first.

        Raises:
            Refused: the reason names who is in the way (seats, single-user holder, same user elsewhere ...).
        """
        if self.process is not None and not self.process.attended:
            self._refuse("log-in", self._without_window())
        if self.process is not None and not self.process.ready:
            self._refuse("log-in", Refused("starting", f"QuickBooks on {self.machine} is still starting."))
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
            self._refuse("quit", self._without_window())
        self._warn("quit")
        self._end_process()
        self._changed("closed")

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

    def close_dialog(self) -> None:
        """Close the modal dialog.

        Raises:
            Refused: there is none.
        """
        if self.dialog is None:
            self._refuse("close-dialog", Refused("no-dialog", f"No dialog is open on {self.machine}."))
        if self.opening is not None and self.opening.file.authorisations.edited_on == self.machine:
            self.opening.file.authorisations.edited_on = ""
        self.dismiss_dialog()

    def answer_prompt(self, answer: Answer, login_as: str = "", *, personal_data: bool = False) -> None:
        """Answer the authorisation prompt.

        Args:
            answer: the choice.
            login_as: the QuickBooks user an application is logged in as, for `even if not running`.
            personal_data: tick the box of personal data.

        Raises:
            Refused: no prompt is up, the person logged in here is not the Admin, or a user to log in as must be chosen first.
        """
        if self.prompt is None:
            self._refuse("answer-prompt", Refused("no-prompt", f"No application asks for access on {self.machine}."))
        if self.opening is None or not self.opening.user.is_admin:
            self._refuse("answer-prompt", Refused("not-admin", "Only the Admin may give an application access."))
        if answer == "even if not running":
            login_as = self.check_log_in_user("answer-prompt", self.opening.file, login_as)
        self.prompt.answer = answer
        self.prompt.login_as = login_as
        self.prompt.personal_data = personal_data
        self._changed("prompt-answered", application=self.prompt.application, answer=answer)

    def _without_window(self) -> Refused:
        names = tuple(session.application.name for session in self.sessions)
        reason = f"QuickBooks runs on {self.machine} without a window, for {', '.join(names) or 'an application'}."
        return Refused("runs-without-window", reason, names)

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

    def _refuse(self, act: str, refused: Refused, **facts: object) -> NoReturn:
        self.refuse_act(act, refused, **facts)
