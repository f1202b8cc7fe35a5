"""What people do with the processes of QuickBooks on a machine: start it, close it, end it, start a second one.

An act happens at once, or is refused with a reason a person can read; the journal has both.
"""

from emulator.desktop.installation import Installation
from emulator.desktop.office import CompanyFile, Mode, Opening
from emulator.desktop.refusals import Refused
from emulator.desktop.users import User, no_such_user


class Running(Installation):
    """An `Installation` that people start and end. Arguments as for `Installation`."""

    def install(self, year: int) -> None:
        """Install another version of QuickBooks in place of the one that is there.

        Raises:
            Refused: no QuickBooks can be running meanwhile (as for `start`; nor one that nobody sees).
        """
        self._check_may_start("install")
        if self.second is not None:
            self.refuse_act("install", Refused("already-running", f"A second QuickBooks runs on {self.machine}."))
        self._year = year
        self._changed("installed", year=year)

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

    def quit(self, takes_s: float = 0.0) -> None:
        """Close QuickBooks, and with it the file. An application's session is cut off after a warning, as by `log_out`.

        Args:
            takes_s: story seconds QuickBooks needs to go down; a BeginSession waits for its end, and people cannot start it.

        Raises:
            Refused: it is not running, goes down already, or runs without a window; or a modal window is open in it.
        """
        self.need_running("quit")
        self.refuse_under_window("quit")
        self._warn("quit")
        self._end_process(takes_s=takes_s)
        self._changed("going-down" if takes_s else "closed")

    def end_process(self) -> None:
        """End every QuickBooks process of the machine from the task manager: one that runs, hangs, was left over, or that nobody sees.

        Sessions are cut off without a warning. The file host notices that they have gone: ghosts of this machine give their seats back
        (choice), unless the host cannot be reached from here and hears nothing of it.

        Raises:
            Refused: there is none.
        """
        if self.process is None and not self.leftover and self.second is None:
            self.refuse_act("end-process", Refused("nothing-to-end", f"No QuickBooks process runs on {self.machine}."))
        if self.second is not None:
            self.office.close(self.second)
            self.second = None
        if self._process is not None:
            self.crash()
        self.leftover = False
        if self.machine not in self.office.share_lost:
            self.office.clear_ghosts(self.machine)
        self.office.causes.mark("left-over", self.machine)
        self._changed("process-ended")

    def start_second(self, user: str, mode: Mode, path: str = "") -> Opening:
        """Start QuickBooks as administrator beside the one people see, and open a company file in it; nobody sees it afterwards.

        Raises:
            Refused: as for `log_in`; or a second one runs already.
        """
        if self.second is not None:
            self.refuse_act("start-second", Refused("already-running", f"A second QuickBooks runs on {self.machine} already."))
        file, person = self._file_and_user("start-second", path, user)
        try:
            self.second = self.office.open(file, person, self.machine, mode, path or file.path)
        except Refused as refused:
            self.refuse_act("start-second", refused, user=person.name, mode=mode)
        self._changed("second-started", user=person.name, mode=mode)
        return self.second

    def need_running(self, act: str) -> None:
        """Refuse what needs a QuickBooks that people see."""
        if self.process is None or self.process.ends_at is not None:
            self.refuse_act(act, Refused("not-running", f"QuickBooks is not running on {self.machine}."))
        if not self.process.attended:
            self.refuse_act(act, self._without_window())

    def _check_may_start(self, act: str) -> None:
        process = self.process
        if process is not None and process.ends_at is not None:
            self.refuse_act(act, self._going_down())
        if process is not None:
            running = Refused("already-running", f"QuickBooks is running on {self.machine} already.")
            self.refuse_act(act, running if process.attended else self._without_window())
        if self.leftover:
            reason = f"A QuickBooks process was left over on {self.machine}; it must be ended first."
            self.refuse_act(act, Refused("left-over", reason, faults=self.office.causes.of("left-over", self.machine)))

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
            self.refuse_act(act, refused)
        person = file.user(user)
        if person is None:
            self.refuse_act(act, no_such_user(file, user))
        return file, person

    def _warn(self, act: str) -> None:
        if self.sessions and self.office.settings.flag("desktop.close-warns"):
            names = ", ".join(session.application.name for session in self.sessions)
            self.office.note("warned", machine=self.machine, act=act, reason=f"in use by {names}")
