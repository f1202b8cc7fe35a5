"""The interface that programs see: names, arguments and kinds of members (type library of the request processor, documented).

One table serves the wire (which calls it), the stand-in (which checks before it sends, as COM does), and later other doors. The stand-in
cannot import this module - it runs in a stranger's Python - so the wire gives it the table, as JSON, when it says hello.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from emulator.desktop.auth_preferences import AuthPreferences
from emulator.desktop.operations import Operation
from emulator.desktop.request_processor import RequestProcessor

ArgumentType = Literal["text", "integer", "boolean"]


@dataclass(frozen=True)
class Member:
    """One member of an interface.

    Attributes:
        name: as programs write it; case does not matter to COM.
        dispid: its number.
        kind: `method`, or `get` for a property that is read (with arguments or without).
        arguments: names and types, in order.
        call: the operation behind it; takes the request processor and the arguments.
        since: number of the first interface that has it (IRequestProcessor2 and later).
    """

    name: str
    dispid: int
    kind: Literal["method", "get"]
    arguments: tuple[tuple[str, ArgumentType], ...]
    call: Callable[..., Operation[Any]]
    since: int = 2


_TICKET: Final[tuple[str, ArgumentType]] = ("ticket", "text")

PROCESSOR: Final = (
    Member("ProcessRequest", 1, "method", (_TICKET, ("inputRequest", "text")), RequestProcessor.process_request),
    Member("OpenConnection", 2, "method", (("appID", "text"), ("appName", "text")), RequestProcessor.open_connection),
    Member("CloseConnection", 3, "method", (), RequestProcessor.close_connection),
    Member("BeginSession", 4, "method", (("qbFileName", "text"), ("reqFileMode", "integer")), RequestProcessor.begin_session),
    Member("EndSession", 5, "method", (_TICKET,), RequestProcessor.end_session),
    Member("GetCurrentCompanyFileName", 6, "method", (_TICKET,), RequestProcessor.get_current_company_file_name),
    Member("MajorVersion", 7, "get", (), RequestProcessor.major_version),
    Member("MinorVersion", 8, "get", (), RequestProcessor.minor_version),
    Member("ReleaseLevel", 9, "get", (), RequestProcessor.release_level),
    Member("ReleaseNumber", 10, "get", (), RequestProcessor.release_number),
    Member("QBXMLVersionsForSession", 11, "get", (_TICKET,), RequestProcessor.qbxml_versions_for_session),
    Member("ConnectionType", 12, "get", (), RequestProcessor.connection_type, 3),
    Member("ProcessSubscription", 13, "method", (("inputRequest", "text"),), RequestProcessor.process_subscription, 3),
    Member("QBXMLVersionsForSubscription", 14, "get", (), RequestProcessor.qbxml_versions_for_subscription, 3),
    Member(
        "OpenConnection2",
        15,
        "method",
        (("appID", "text"), ("appName", "text"), ("connPref", "integer")),
        RequestProcessor.open_connection_2,
        4,
    ),
    Member("GetQBLastError", 17, "method", (), RequestProcessor.get_qb_last_error, 5),
)
"""IRequestProcessor5. Number 16, AuthPreferences (from IRequestProcessor4 on), is an object of its own: AUTH_PREFERENCES."""


AUTH_PREFERENCES_SINCE: Final = 4
"""Number of the first interface with the property AuthPreferences."""


def _of(method: Callable[..., Operation[Any]]) -> Callable[..., Operation[Any]]:
    """Return a method of AuthPreferences as a call on the processor it belongs to."""
    return lambda processor, *arguments: method(processor.auth_preferences, *arguments)


AUTH_PREFERENCES: Final = tuple(
    replace(member, since=AUTH_PREFERENCES_SINCE)
    for member in (
        Member("WasAuthPreferencesObeyed", 1, "method", (_TICKET,), _of(AuthPreferences.was_auth_preferences_obeyed)),
        Member("GetIsReadOnly", 2, "method", (_TICKET,), _of(AuthPreferences.get_is_read_only)),
        Member("PutIsReadOnly", 3, "method", (("isReadOnly", "boolean"),), _of(AuthPreferences.put_is_read_only)),
        Member("GetUnattendedModePref", 4, "method", (_TICKET,), _of(AuthPreferences.get_unattended_mode_pref)),
        Member(
            "PutUnattendedModePref",
            5,
            "method",
            (("unattendedModePref", "integer"),),
            _of(AuthPreferences.put_unattended_mode_pref),
        ),
        Member("GetPersonalDataPref", 6, "method", (_TICKET,), _of(AuthPreferences.get_personal_data_pref)),
        Member(
            "PutPersonalDataPref", 7, "method", (("personalDataPref", "integer"),), _of(AuthPreferences.put_personal_data_pref)
        ),
        Member("PutAuthFlags", 8, "method", (("authFlags", "integer"),), _of(AuthPreferences.put_auth_flags)),
    )
)
"""IAuthPreferences2. Getters take the ticket, setters do not."""


@dataclass(frozen=True)
class TypeLibrary:
    """A type library: what makepy, tlbimp and late-bound programs read names and numbers from.

    Attributes:
        id: its id.
        name: as lists of registered type libraries show it.
        version: as the registry has it, "major.minor".
    """

    id: str
    name: str
    version: str


LIBRARY: Final = TypeLibrary("{4351618F-9059-4A79-B638-DCB8B97B3262}", "QBXMLRP2 1.0 Type Library", "1.0")
"""The library of QBXMLRP2; it has the enumerations."""

OLD_LIBRARY: Final = TypeLibrary("{2D0E74A9-021A-11D5-9054-00508BF70A94}", "QBXMLRP 1.1 Type Library", "1.1")

INTERFACES: Final = {
    "IRequestProcessor": ("{2D0E74B5-021A-11D5-9054-00508BF70A94}", OLD_LIBRARY),
    "IRequestProcessor2": ("{AC48EB1D-E953-446B-A63C-77E7862DE4B8}", OLD_LIBRARY),
    "IRequestProcessor3": ("{3B635BF7-6DA9-46C8-A1F6-F0C93F10D52F}", LIBRARY),
    "IRequestProcessor4": ("{8DB91B17-D5A2-41DB-80A7-CC6F1E449A05}", LIBRARY),
    "IRequestProcessor5": ("{9F44A4C6-B26E-4277-B514-F776243FFC01}", LIBRARY),
    "IAuthPreferences": ("{4277578A-9687-4EBC-8586-1CA4759B17C3}", LIBRARY),
    "IAuthPreferences2": ("{F810CC1A-151E-48A8-84C9-3F6978FB699C}", LIBRARY),
}
"""Id and type library of each interface, documented. The first one has no late-bound members (it comes from IUnknown)."""


@dataclass(frozen=True)
class ObjectClass:
    """A class that a program may make a request processor of.

    Attributes:
        id: its class id.
        name: its name in the type library.
        described_by: its type library.
        progid: its name. It is also what failures of its objects name as their source (`excepinfo`, `IErrorInfo`): observed for the
            newest class, in public logs; inferred for the other two, for COM looks the source up by the class id.
        independent: the name without a version.
        is_current: whether the name without a version means this class.
        interface: number of the interface its objects have by default.
    """

    id: str
    name: str
    described_by: TypeLibrary
    progid: str
    independent: str
    is_current: bool
    interface: int


CLASSES: Final = (
    ObjectClass(
        "{45F5708E-3B43-4FA8-BE7E-A5F1849214CB}",
        "RequestProcessor2",
        LIBRARY,
        "QBXMLRP2.RequestProcessor.1",
        "QBXMLRP2.RequestProcessor",
        False,
        4,
    ),
    ObjectClass(
        "{71F531F5-8E67-4A7A-9161-15733FFC3206}",
        "RequestProcessor3",
        LIBRARY,
        "QBXMLRP2.RequestProcessor.2",
        "QBXMLRP2.RequestProcessor",
        True,
        5,
    ),
    ObjectClass(
        "{2D0E74B6-021A-11D5-9054-00508BF70A94}",
        "RequestProcessor",
        OLD_LIBRARY,
        "QBXMLRP.RequestProcessor.1",
        "QBXMLRP.RequestProcessor",
        True,
        2,
    ),
)
"""Type libraries and registry of the request processor, documented."""

PROGIDS: Final = {each.progid: each for each in CLASSES} | {each.independent: each for each in CLASSES if each.is_current}
"""Names a program may make a request processor by."""

CLASS_IDS: Final = {each.id: each for each in CLASSES}
"""Class ids that mean the same."""

CONSTANTS: Final = {
    "qbFileOpenSingleUser": 0,
    "qbFileOpenMultiUser": 1,
    "qbFileOpenDoNotCare": 2,
    "unknown": 0,
    "localQBD": 1,
    "remoteQBD": 2,
    "localQBDLaunchUI": 3,
    "remoteQBOE": 4,
    "umpRequired": 1,
    "umpOptional": 2,
    "pdpRequired": 1,
    "pdpOptional": 2,
    "pdpNotNeeded": 3,
    "preAlpha": 0,
    "alpha": 1,
    "beta": 2,
    "release": 3,
}
"""Enumerations of the type library."""

MEMBERS: Final = {member.name: member for member in PROCESSOR} | {
    f"AuthPreferences.{member.name}": member for member in AUTH_PREFERENCES
}
"""Members by the name the wire uses."""


def description() -> dict[str, Any]:
    """Return what the stand-in needs to know of registry and type libraries, as JSON values.

    A member that is read and gives an object says the interface that the type library declares for it (`declared`), which is what early-bound
    programs see, and the one that the object has (`object`), which is what late-bound ones do.
    """
    return {
        "names": {name: each.id for name, each in {**PROGIDS, **CLASS_IDS}.items()},
        "classes": {
            each.id: {
                "name": each.name,
                "progid": each.progid,
                "interface": f"IRequestProcessor{each.interface}",
                "library": each.described_by.id,
            }
            for each in CLASSES
        },
        "libraries": {
            each.id: {"name": each.name, "version": each.version, "constants": CONSTANTS if each is LIBRARY else {}}
            for each in (LIBRARY, OLD_LIBRARY)
        },
        "interfaces": {
            name: {"id": id_, "library": library.id, "members": _members_of(name)}
            for name, (id_, library) in INTERFACES.items()
            if name != "IRequestProcessor"
        },
    }


def _members_of(interface: str) -> dict[str, Any]:
    if interface.startswith("IAuthPreferences"):
        last = 8 if interface.endswith("2") else 7
        return {each.name: _told(each) for each in AUTH_PREFERENCES if each.dispid <= last}
    number = int(interface[-1])
    members = {each.name: _told(each) for each in PROCESSOR if each.since <= number}
    if number >= AUTH_PREFERENCES_SINCE:
        members["AuthPreferences"] = {
            "dispid": 16,
            "kind": "get",
            "arguments": [],
            "declared": "IAuthPreferences",
            "object": "IAuthPreferences2",
        }
    return members


def _told(member: Member) -> dict[str, Any]:
    return {"dispid": member.dispid, "kind": member.kind, "arguments": [list(argument) for argument in member.arguments]}
