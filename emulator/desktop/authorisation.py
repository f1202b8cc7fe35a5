"""Which applications may work with a company file, and how (kept in the company file; the Admin decides).

| what the Admin chose | what it gives | what fails later, and how |
|---|---|---|
| no | refused this time, may ask again | 0x80040420 |
| ask every time | a prompt for each connection, not for each session; no log-in by itself | 0x80040420, 0x8004041D |
| whenever the file is open (default) | sessions while a person has the file open | QuickBooks closed: 0x8004041D |
| even if not running, log in as USER | also sessions that start QuickBooks without a window | user gone: 0x80040430 |

Later, in the preferences, access may be switched off, of one application or of all (0x8004041A, also in mid-session). While the Admin has
that window open nobody else reads the list (`desktop.permissions-being-edited`). Source: in-product help (documented); the codes: library
resources (documented). Who asks, who answers, and what a certificate changes: `admission.py`.

An application is known by the name it gives to OpenConnection (our choice: the real key is a mixture of id, program file and Windows user).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

Grant = Literal["ask every time", "whenever the file is open", "even if not running"]
"""When an application may work; the words are those of the company file."""

Answer = Literal["no", "ask every time", "whenever the file is open", "even if not running"]
"""What a person may answer to the prompt."""


@dataclass(frozen=True)
class Application:
    """What the company file knows of one application.

    Attributes:
        name: as given to OpenConnection.
        granted_by: the user who allowed it.
        login: when it may work; what stands here when nobody said is the switch `desktop.first-grant`.
        login_as: the QuickBooks user it is logged in as when it starts QuickBooks itself.
        allowed: False after access was switched off in the preferences.
        personal_data: whether it may read social security numbers and the like.
        certificate: serial number of the certificate it had when it was allowed; empty: it had none.
        renew: the user it logs in as has been changed since (switch `desktop.user-rights-changed`).
        year: version of QuickBooks that kept the file when it was allowed; 0: the one that keeps it now (switch
            `desktop.grants-after-upgrade`).
    """

    name: str
    granted_by: str = "Admin"
    login: Grant = "whenever the file is open"
    login_as: str = ""
    personal_data: bool = False
    allowed: bool = True
    certificate: str = ""
    renew: bool = False
    year: int = 0


class Authorisations:
    """The applications of one company file.

    Args:
        known: applications known from before, as the company file keeps them (fields of `Application`).
        keep: called with the fields of each grant that changes, to keep it in the company file.
        everyone: when set, an application that is not in the list has this grant (for `fakebooks exec`, where no name is known before).
        forget: called with the name of an application that was taken out of the list.

    Attributes:
        edited_on: the machine on which the Admin has the window of these preferences open; empty: nobody has.
    """

    def __init__(
        self,
        known: Iterable[Mapping[str, Any]] = (),
        keep: Callable[[Mapping[str, Any]], None] = lambda fields: None,
        everyone: Application | None = None,
        forget: Callable[[str], None] = lambda name: None,
    ) -> None:
        self._applications = {str(fields["name"]): Application(**fields) for fields in known}
        self._keep = keep
        self._everyone = everyone
        self._forget = forget
        self.edited_on = ""

    def of(self, name: str) -> Application | None:
        """Return what is known of an application, None if nothing."""
        known = self._applications.get(name)
        if known is None and self._everyone is not None:
            return replace(self._everyone, name=name)
        return known

    def grant(self, application: Application) -> None:
        """Record a grant, in place of what the application had before."""
        self._applications[application.name] = application
        self._keep(asdict(application))

    def switch_off(self, name: str) -> None:
        """Take access away in the preferences; the application stays in the list."""
        known = self.of(name)
        if known is not None:
            self.grant(replace(known, allowed=False))

    def remove(self, name: str) -> None:
        """Take an application out of the list: it is unknown again."""
        self._applications.pop(name, None)
        self._forget(name)

    def user_changed(self, name: str) -> None:
        """Remember that a user was changed: the Admin has to look again at the applications that log in as him."""
        for each in tuple(self._applications.values()):
            if each.login == "even if not running" and each.login_as.casefold() == name.casefold():
                self.grant(replace(each, renew=True))

    def file_upgraded(self, before: int, year: int) -> None:
        """Remember which version of QuickBooks kept the file before, when the applications were allowed; another one keeps it from now on."""
        for each in tuple(self._applications.values()):
            allowed = each.year or before
            self.grant(replace(each, year=0 if allowed == year else allowed))

    def names(self) -> tuple[str, ...]:
        """Return the applications in the list, by name."""
        return tuple(sorted(self._applications))

    def read_again(self, known: Iterable[Mapping[str, Any]]) -> None:
        """Take the applications as the company file has them now, after a backup was put in its place."""
        self._applications = {str(fields["name"]): Application(**fields) for fields in known}
