"""Who sends a message set: what the company needs to know of the session it comes through."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """The session behind a message set.

    Attributes:
        session: names the session; iterators belong to it and end with it (`Company.end_session`).
        application: name of the integrated application; stored outcomes of message sets belong to it.
        user: the QuickBooks user logged in.
        file_mode: `MultiUser` or `SingleUser`, answered by HostQuery.
        automatic_login: the session logged in by itself, answered by HostQuery.
        personal_data: the application may see personal data, answered by PreferencesQuery.
    """

    session: str
    application: str = ""
    user: str = "Admin"
    file_mode: str = "MultiUser"
    automatic_login: bool = False
    personal_data: bool = False
