"""Edit, Preferences, Integrated Applications, Company Preferences: what the Admin changes of applications and of users' rights, later.

The window lists the applications that asked for access; for each: allow access, prompt before access, log in automatically and as whom, personal
data; for all: no application may access the file, tell of expired certificates (in-product help, documented). Rights of users by area are
changed in the window that sets up users.

Only the Admin, logged in on this machine in a window, does any of it, not behind another modal window, and not while an Admin on another
machine has the preferences open; else `Refused`.
"""

from dataclasses import replace
from typing import Final

from emulator.company import AREAS, LEVELS
from emulator.core.errors import nearest
from emulator.desktop.authorisation import Application, Grant
from emulator.desktop.installation import Installation
from emulator.desktop.office import CompanyFile
from emulator.desktop.refusals import Refused
from emulator.desktop.users import Users, no_such_user

WINDOW: Final = "Preferences"
"""Title of the window; it is modal on its machine."""


class Preferences:
    """The preferences about programs, in the file that is open on one machine.

    Args:
        quickbooks: where the Admin sits.
    """

    def __init__(self, quickbooks: Installation) -> None:
        self._quickbooks = quickbooks
        self._office = quickbooks.office

    def open_window(self) -> None:
        """Open the window. Calls here meet a modal dialog; on other machines the list is locked (`desktop.permissions-being-edited`)."""
        file = self._file("open-preferences")
        self._quickbooks.refuse_under_window("open-preferences")
        self._quickbooks.show_dialog(WINDOW, kind="preferences")
        file.authorisations.edited_on = self._quickbooks.machine
        self._office.causes.mark("preferences-open", self._quickbooks.machine)

    def close_window(self) -> None:
        """Close the window. Raises Refused when it is not open here."""
        file = self._file("close-preferences")
        if not self._is_open(file):
            self._quickbooks.refuse_act(
                "close-preferences", Refused("no-dialog", f"The preferences are not open on {self._quickbooks.machine}.")
            )
        file.authorisations.edited_on = ""
        self._quickbooks.dismiss_dialog()

    def allow(self, application: str, *, access: bool = True) -> None:
        """Tick or untick `Allow access` of an application; sessions that it has are cut off at their next call (0x8004041A)."""
        self._change("allow-access", application, allowed=access)

    def set_login(self, application: str, login: Grant, login_as: str = "") -> None:
        """Set when an application may work, and the user it logs in as (empty: the only one of the file).

        Raises:
            Refused: no such application or user; a log-in by itself needs a user (documented), and nothing else takes one.
        """
        file = self._file("set-log-in")
        self._known("set-log-in", file, application)
        login_as = self._quickbooks.check_log_in_user("set-log-in", file, login, login_as)
        Users(self._office, file).reauthorise(login_as)
        self._change("set-log-in", application, login=login, login_as=login_as, renew=False, year=0)

    def set_personal_data(self, application: str, *, access: bool) -> None:
        """Tick or untick the access to personal data."""
        self._change("personal-data", application, personal_data=access)

    def remove(self, application: str) -> None:
        """Take an application out of the list; it will be asked about like a new one."""
        file = self._file("remove-application")
        self._known("remove-application", file, application)
        file.authorisations.remove(application)
        self._changed("grant", application, application=application, removed=True)

    def allow_any(self, *, access: bool) -> None:
        """Untick or tick that no application may access this company file."""
        file = self._file("allow-any")
        file.company.prefer("no_applications", not access)
        self._changed("grant", "", no_applications=not access)

    def tell_of_certificates(self, *, told: bool) -> None:
        """Tick or untick the notice of certificates that run out."""
        self._file("tell-of-certificates").company.prefer("certificate_notice", told)
        self._changed("certificate-notice", "", certificate_notice=told)

    def protect_sensitive_data(self, *, on: bool, new_password: str = "") -> None:
        """Switch the protection of sensitive data (card numbers) on or off: with it passwords must be complex, and run out.

        Args:
            on: off ends the rule; passwords stay as they are.
            new_password: of the Admin, who must have a complex one from then on.

        Raises:
            Refused: that password is not complex enough.
        """
        file = self._file("protect-sensitive-data")
        assert self._quickbooks.opening is not None
        if on:
            Users(self._office, file).protect(self._quickbooks.opening.user.name, new_password)
        else:
            file.sensitive_data = False
        self._changed("sensitive-data", "", protected=on)

    def limit(self, user: str, area: str, level: str) -> None:
        """Set how far a user may go in an area (`full` takes nothing away).

        Raises:
            Refused: no such user, area or level; the Admin himself cannot be limited.
        """
        file = self._file("limit-user")
        person = file.user(user)
        if person is None:
            self._quickbooks.refuse_act("limit-user", no_such_user(file, user))
        if person.is_admin:
            self._quickbooks.refuse_act("limit-user", Refused("not-admin", "The Admin may do everything, and cannot be limited."))
        for word, words in ((area, AREAS), (level, LEVELS)):
            if word not in words:
                near = nearest(word, words)
                expected = f"did you mean {near!r}?" if near else f"one of {', '.join(words)}."
                self._quickbooks.refuse_act("limit-user", Refused("no-such-area", f"There is no {word!r}; {expected}"))
        limit_user(file, person.name, area, level)
        self._changed("rights", person.name, user=person.name, area=area, level=level)

    def _file(self, act: str) -> CompanyFile:
        """Return the file that is open here; raises Refused when the Admin is not logged in."""
        quickbooks = self._quickbooks
        opening, process = quickbooks.opening, quickbooks.process
        if opening is None or process is None or not process.attended:
            self._quickbooks.refuse_act(act, Refused("no-file-open", f"Nobody is logged in on {quickbooks.machine}."))
        if not opening.user.is_admin:
            self._quickbooks.refuse_act(act, Refused("not-admin", f"Only the Admin may change this, not {opening.user.name}."))
        editing = opening.file.authorisations.edited_on
        if editing and editing != quickbooks.machine:
            faults = self._office.causes.of("preferences-open", editing)
            self._quickbooks.refuse_act(
                act, Refused("preferences-open", f"The preferences are open on {editing}.", faults=faults)
            )
        if not self._is_open(opening.file):
            quickbooks.refuse_under_window(act)
        return opening.file

    def _is_open(self, file: CompanyFile) -> bool:
        """Return whether the window is open here."""
        return file.authorisations.edited_on == self._quickbooks.machine and self._quickbooks.dialog is not None

    def _known(self, act: str, file: CompanyFile, name: str) -> Application:
        known = file.authorisations.of(name)
        if known is None:
            near = nearest(name, file.authorisations.names())
            expected = f"did you mean {near!r}?" if near else f"it has {', '.join(file.authorisations.names()) or 'none'}."
            self._quickbooks.refuse_act(act, Refused("no-such-application", f"The list has no application {name!r}; {expected}"))
        return known

    def _change(self, act: str, name: str, **fields: object) -> None:
        file = self._file(act)
        known = self._known(act, file, name)
        file.authorisations.grant(replace(known, **fields))  # type: ignore[arg-type]  # fields of Application, by name
        self._changed("grant", name, application=name, **fields)

    def _changed(self, what: str, subject: str, **facts: object) -> None:
        self._office.causes.mark(what, subject)
        self._office.note("preferences-changed", machine=self._quickbooks.machine, what=what, **facts)
        self._office.changes.tell()


def limit_user(file: CompanyFile, user: str, area: str, level: str) -> None:
    """Cut a user's role in an area; applications that log in as him may have to be allowed again (`desktop.user-rights-changed`)."""
    areas = {**file.company.areas_of(user), area: level}
    file.company.limit(user, {name: each for name, each in areas.items() if each != "full"})
    file.authorisations.user_changed(user)
