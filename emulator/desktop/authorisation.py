"""Which applications may work with a company file, and how (kept in the company file; the Admin decides).

| what the Admin chose | what it gives | what fails later, and how |
|---|---|---|
| no | refused this time, may ask again | 0x80040420 |
| ask every time | a prompt for each connection; no log-in by itself | 0x80040420, 0x8004041D |
| whenever the file is open (default) | sessions while a person has the file open | QuickBooks closed: 0x8004041D |
| even if not running, log in as USER | also sessions that start QuickBooks without a window | user gone: 0x80040430 |

Later, in the preferences, access may be switched off (0x8004041A, also in mid-session). Source: in-product help (documented); the codes:
library resources (documented).

An application is known by the name it gives to OpenConnection (our choice: the real key is a mixture of id, program file and Windows user).
"""

from dataclasses import dataclass, field, replace
from typing import Literal

Grant = Literal["ask-each-time", "while-open", "even-if-closed"]
Answer = Literal["no", "ask-each-time", "while-open", "even-if-closed"]
"""What a person may answer to the prompt."""


@dataclass(frozen=True)
class Application:
    """What the company file knows of one application.

    Attributes:
        name: as given to OpenConnection.
        grant: when it may work.
        login_as: the QuickBooks user it is logged in as when it starts QuickBooks itself.
        allowed: False after access was switched off in the preferences.
        personal_data: whether it may read social security numbers and the like.
    """

    name: str
    grant: Grant
    login_as: str = ""
    allowed: bool = True
    personal_data: bool = False


@dataclass
class Authorisations:
    """The applications of one company file.

    Attributes:
        everyone: when set, an application that is not in the list has this grant (for `fakebooks exec`, where no name is known before).
    """

    everyone: Application | None = None
    _applications: dict[str, Application] = field(default_factory=dict)

    def of(self, name: str) -> Application | None:
        """Return what is known of an application, None if nothing."""
        known = self._applications.get(name)
        if known is None and self.everyone is not None:
            return replace(self.everyone, name=name)
        return known

    def grant(self, name: str, grant: Grant, login_as: str = "", *, personal_data: bool = False) -> Application:
        """Record a grant (again), and switch access on."""
        application = Application(name, grant, login_as, personal_data=personal_data)
        self._applications[name] = application
        return application

    def switch_off(self, name: str) -> None:
        """Take access away in the preferences; the application stays in the list."""
        known = self.of(name)
        if known is not None:
            self._applications[name] = replace(known, allowed=False)

    def forget(self, name: str) -> None:
        """Remove an application from the list: its next BeginSession is a first contact again."""
        self._applications.pop(name, None)

    def names(self) -> tuple[str, ...]:
        """Return the applications in the list, by name."""
        return tuple(sorted(self._applications))
