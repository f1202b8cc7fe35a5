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


@dataclass(frozen=True, slots=True)
class View:
    """What of a record an answer may and shall show, beyond what every answer shows.

    Attributes:
        owners: OwnerIDs whose data extensions were asked for, in upper case; "0" stands for custom fields.
        personal_data: personal data (social security numbers, card numbers) is shown; without the permission it is left out silently
            (reported).
        lines: lines were asked for.
        links: linked transactions were asked for.
    """

    owners: frozenset[str] = frozenset()
    personal_data: bool = True
    lines: bool = True
    links: bool = False


WHOLE = View()
"""The answer of an Add or Mod: the record with its lines, without links and extensions (observed)."""
