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
    """

    name: str
    granted_by: str = "Admin"
    login: Grant = "whenever the file is open"
    login_as: str = ""
    personal_data: bool = False
    allowed: bool = True


class Authorisations:
    """The applications of one company file.

    Args:
        known: applications known from before, as the company file keeps them (fields of `Application`).
        keep: called with the fields of each grant that changes, to keep it in the company file.
        everyone: when set, an application that is not in the list has this grant (for `fakebooks exec`, where no name is known before).
    """

    def __init__(
        self,
        known: Iterable[Mapping[str, Any]] = (),
        keep: Callable[[Mapping[str, Any]], None] = lambda fields: None,
        everyone: Application | None = None,
    ) -> None:
        self._applications = {str(fields["name"]): Application(**fields) for fields in known}
        self._keep = keep
        self._everyone = everyone

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

    def names(self) -> tuple[str, ...]:
        """Return the applications in the list, by name."""
        return tuple(sorted(self._applications))

    def read_again(self, known: Iterable[Mapping[str, Any]]) -> None:
        """Take the applications as the company file has them now, after a backup was put in its place."""
        self._applications = {str(fields["name"]): Application(**fields) for fields in known}
