"""The request processor: the object programs talk to QuickBooks through (`QBXMLRP2.RequestProcessor`), without COM.

Every method of the real interface is a generator operation here; a door (COM stand-in, HTTP wire, in-process link) gives it to a driver.
Names of members and their order of arguments: type library (documented). The order in which calls are legal: `session_table.py`.

The table row of a call is looked up first, then the ticket, then what the call is about; a failing call leaves the state as it was,
except that a QuickBooks that has gone makes the session `lost`.
"""

from dataclasses import dataclass
from typing import Final

from emulator.desktop import effects, message_sets
from emulator.desktop.begin_session import Wish, begin
from emulator.desktop.operations import Operation
from emulator.desktop.quickbooks import QuickBooks
from emulator.desktop.results import Code, SessionFailure
from emulator.desktop.session_table import TABLE, Call, Stage
from emulator.desktop.sessions import Session
from emulator.qbxml import VERSIONS, NotValid, decode_set

UNKNOWN, LOCAL, REMOTE, LOCAL_WITH_WINDOW, REMOTE_ONLINE = range(5)
"""Connection types (type library). 0 is taken for local (inferred); the Online Edition (4) is not there."""

LIBRARY_VERSION: Final = (16, 0)
"""Version of the request processor library we play (ours: it goes with qbXML 16.0)."""

RELEASE_LEVEL: Final = 3
"""`release` (type library)."""

RELEASE_NUMBER: Final = 1
"""Number of the release (ours)."""


@dataclass
class Preferences:
    """What an application asked for through AuthPreferences, before its session.

    Attributes:
        read_only: it wants to read only; recorded, nothing is refused for it (switch `desktop.read-only-application`).
        unattended: 1 required, 2 optional.
        personal_data: 1 required, 2 optional, 3 not needed.
        flags: editions it supports, and whether to force the prompt.
    """

    read_only: bool = False
    unattended: int = 2
    personal_data: int = 3
    flags: int = 0


@dataclass
class _Connection:
    application_id: str
    application: str
    type: int

    @property
    def remote(self) -> bool:
        return self.type == REMOTE


class RequestProcessor:
    """One request processor object of one program.

    Args:
        quickbooks: the QuickBooks of the machine the program runs on.
    """

    def __init__(self, quickbooks: QuickBooks) -> None:
        self._quickbooks = quickbooks
        self._stage = Stage.CLOSED
        self._connection: _Connection | None = None
        self._session: Session | None = None
        self._preferences = Preferences()
        self._last_error = ""

    @classmethod
    def create(cls, quickbooks: QuickBooks) -> "Operation[RequestProcessor]":
        """Make an object, as a COM caller does. Raises SessionFailure when a fault keeps it from being made."""
        situation = effects.Situation(quickbooks, {"machine": quickbooks.machine})
        try:
            yield from effects.suffer(situation, effects.CREATE)
        except SessionFailure as failure:
            failure.faults = tuple(situation.faults)
            message_sets.note_failure(quickbooks, "CreateObject", failure)
            raise
        return cls(quickbooks)

    @property
    def stage(self) -> Stage:
        """Return where the order of calls stands."""
        if self._stage is Stage.IN_SESSION and self._session is not None and not self._session.process.alive:
            self._stage = Stage.LOST
        return self._stage

    # ---- connection -----------------------------------------------------------------------------------------------------

    def open_connection(self, application_id: str, application: str) -> Operation[None]:
        """OpenConnection: a local connection of `OpenConnection2`."""
        return self.open_connection_2(application_id, application, LOCAL)

    def open_connection_2(self, application_id: str, application: str, connection_type: int) -> Operation[None]:
        """OpenConnection2(appID, appName, connection type).

        Raises:
            SessionFailure: a connection is open, the name is empty, or there is no such type.
        """
        yield from ()
        with self._call(Call.OPEN_CONNECTION) as call:
            if self._same_application_again(application_id, application):
                return
            call.check_order()
            if not application:
                raise SessionFailure(Code.NO_APPLICATION_NAME)
            if connection_type not in (UNKNOWN, LOCAL, REMOTE, LOCAL_WITH_WINDOW):
                raise SessionFailure(self._setting("unknown-connection-type"), f"connection type {connection_type}")
            self._connection = _Connection(application_id, application, connection_type or LOCAL)
            call.arrive()

    def close_connection(self) -> Operation[None]:
        """CloseConnection; a session that is open is ended with it, which the library's log remarks."""
        yield from ()
        with self._call(Call.CLOSE_CONNECTION) as call:
            if self.stage is Stage.CLOSED and self._setting("close-without-connection") != "accepted":
                raise SessionFailure(self._setting("close-without-connection"))
            self._forget_session("CloseConnection without EndSession")
            self._connection = None
            self._preferences = Preferences()
            call.arrive()

    def release(self, why: str = "the object was dropped") -> Operation[None]:
        """The program let go of the object, or is gone: what it left open is ended, with a remark in the journal."""
        yield from ()
        self._forget_session(why)
        self._connection = None
        self._stage = Stage.CLOSED

    # ---- session --------------------------------------------------------------------------------------------------------

    def begin_session(self, path: str, mode: int) -> Operation[str]:
        """BeginSession(company file, file mode); returns the ticket.

        Args:
            path: Windows path of a company file; empty for the one that is open.
            mode: 0 single-user, 1 multi-user, 2 does not care.
        """
        with self._call(Call.BEGIN_SESSION) as call:
            call.check_order()
            assert self._connection is not None
            wish = Wish(
                self._connection.application,
                path,
                mode,
                with_window=self._connection.type == LOCAL_WITH_WINDOW,
                flags=self._preferences.flags,
            )
            session = yield from begin(self._quickbooks, wish)
            try:
                # Another thread of the program may have used the object while this call waited.
                call.check_order()
            except SessionFailure:
                self._quickbooks.end_session(session)
                raise
            self._session = session
            call.arrive()
            return session.ticket

    def process_request(self, ticket: str, document: str | bytes) -> Operation[str]:
        """ProcessRequest(ticket, qbXML document); returns the answer document.

        The document is text, as COM carries it; bytes are taken in the encoding they declare (files given to `fakebooks ask`).
        """
        with self._call(Call.PROCESS_REQUEST) as call:
            session = self._checked(call, ticket)
        with self._call(Call.PROCESS_REQUEST, noted=False):
            return (yield from message_sets.process(self._quickbooks, session, document))

    def end_session(self, ticket: str) -> Operation[None]:
        """EndSession(ticket)."""
        yield from ()
        with self._call(Call.END_SESSION) as call:
            self._checked(call, ticket)
            if self.stage is Stage.LOST:
                assert self._session is not None
                message_sets.check_alive(self._quickbooks, self._session)
            self._forget_session("")
            call.arrive()

    def get_current_company_file_name(self, ticket: str) -> Operation[str]:
        """GetCurrentCompanyFileName(ticket): the path as it was given when the file was opened."""
        yield from ()
        with self._call(Call.READ_SESSION) as call:
            return self._living(call, ticket).opening.spelling

    def qbxml_versions_for_session(self, ticket: str) -> Operation[list[str]]:
        """QBXMLVersionsForSession(ticket): the versions this QuickBooks takes."""
        yield from ()
        with self._call(Call.READ_SESSION) as call:
            self._living(call, ticket)
            return list(VERSIONS)

    # ---- authorisation preferences --------------------------------------------------------------------------------------

    def put_is_read_only(self, wanted: bool) -> Operation[None]:
        """AuthPreferences.PutIsReadOnly."""
        yield from ()
        self._put("read_only", bool(wanted))

    def put_unattended_mode_pref(self, wanted: int) -> Operation[None]:
        """AuthPreferences.PutUnattendedModePref: 1 required, 2 optional."""
        yield from ()
        self._put("unattended", int(wanted), (1, 2))

    def put_personal_data_pref(self, wanted: int) -> Operation[None]:
        """AuthPreferences.PutPersonalDataPref: 1 required, 2 optional, 3 not needed."""
        yield from ()
        self._put("personal_data", int(wanted), (1, 2, 3))

    def put_auth_flags(self, flags: int) -> Operation[None]:
        """AuthPreferences.PutAuthFlags: bits of editions; 0x80000000 forces the prompt."""
        yield from ()
        self._put("flags", int(flags))

    def get_is_read_only(self, ticket: str) -> Operation[bool]:
        """AuthPreferences.GetIsReadOnly(ticket)."""
        yield from ()
        return self._preferences_to_get(ticket).read_only

    def get_unattended_mode_pref(self, ticket: str) -> Operation[int]:
        """AuthPreferences.GetUnattendedModePref(ticket)."""
        yield from ()
        return self._preferences_to_get(ticket).unattended

    def get_personal_data_pref(self, ticket: str) -> Operation[int]:
        """AuthPreferences.GetPersonalDataPref(ticket)."""
        yield from ()
        return self._preferences_to_get(ticket).personal_data

    def was_auth_preferences_obeyed(self, ticket: str) -> Operation[bool]:
        """AuthPreferences.WasAuthPreferencesObeyed(ticket): whether the grant covers what was asked for as required."""
        yield from ()
        wanted = self._preferences_to_get(ticket)
        assert self._session is not None
        granted = self._session.application
        unattended = wanted.unattended != 1 or granted.login == "even if not running"
        return unattended and (wanted.personal_data != 1 or granted.personal_data)

    # ---- subscriptions, and what the library tells of itself ------------------------------------------------------------

    def process_subscription(self, document: str) -> Operation[str]:
        """ProcessSubscription(document): not from a remote connection, not for ordinary requests; else as `desktop.subscriptions` says."""
        yield from ()
        office = self._quickbooks.office
        try:
            self._refuse_remote()
            decode_set(document, office.limits, office.choices, subscription=True)
            raise SessionFailure(self._setting("subscriptions"))
        except NotValid as wrong:
            failure = SessionFailure(wrong.result, diagnosis=str(wrong.diagnosis))
        except SessionFailure as refused:
            failure = refused
        self._failed("ProcessSubscription", failure)
        raise failure

    def qbxml_versions_for_subscription(self) -> Operation[list[str]]:
        """QBXMLVersionsForSubscription: not from a remote connection; else as the switch `desktop.subscriptions` says."""
        yield from ()
        remote = self._connection is not None and self._connection.remote
        failure = SessionFailure(Code.NOT_FROM_REMOTE if remote else self._setting("subscriptions"))
        self._failed("QBXMLVersionsForSubscription", failure)
        raise failure

    def major_version(self) -> Operation[int]:
        """MajorVersion of the library (not of QuickBooks)."""
        yield from ()
        return LIBRARY_VERSION[0]

    def minor_version(self) -> Operation[int]:
        """MinorVersion of the library."""
        yield from ()
        return LIBRARY_VERSION[1]

    def release_level(self) -> Operation[int]:
        """ReleaseLevel of the library."""
        yield from ()
        return RELEASE_LEVEL

    def release_number(self) -> Operation[int]:
        """ReleaseNumber of the library."""
        yield from ()
        return RELEASE_NUMBER

    def connection_type(self) -> Operation[int]:
        """ConnectionType: 0 without a connection."""
        yield from ()
        return UNKNOWN if self._connection is None else self._connection.type

    def get_qb_last_error(self) -> Operation[str]:
        """GetQBLastError: the text of the last failure, empty if there was none."""
        yield from ()
        return self._last_error

    # ---- inside ---------------------------------------------------------------------------------------------------------

    def _call(self, call: Call, *, noted: bool = True) -> "_CallInProgress":
        return _CallInProgress(self, call, noted)

    def _setting(self, name: str) -> str:
        return self._quickbooks.office.settings.text(f"desktop.{name}")

    def _same_application_again(self, application_id: str, application: str) -> bool:
        connection = self._connection
        return (
            self.stage is Stage.CONNECTED
            and connection is not None
            and self._setting("open-twice-same-application") == "accepted"
            and (connection.application_id, connection.application) == (application_id, application)
        )

    def _checked(self, call: "_CallInProgress", ticket: str) -> Session:
        call.check_order()
        assert self._session is not None
        if ticket != self._session.ticket:
            raise SessionFailure(Code.WRONG_TICKET)
        return self._session

    def _living(self, call: "_CallInProgress", ticket: str) -> Session:
        session = self._checked(call, ticket)
        message_sets.check_alive(self._quickbooks, session)
        return session

    def _put(self, name: str, wanted: int, allowed: tuple[int, ...] = ()) -> None:
        with self._call(Call.PUT_PREFERENCE) as call:
            self._refuse_remote()
            call.check_order()
            if allowed and wanted not in allowed:
                raise SessionFailure(Code.INVALID_PARAMETER, f"{wanted} is none of {', '.join(map(str, allowed))}")
            setattr(self._preferences, name, wanted)

    def _preferences_to_get(self, ticket: str) -> Preferences:
        with self._call(Call.READ_SESSION) as call:
            self._refuse_remote()
            self._living(call, ticket)
            return self._preferences

    def _refuse_remote(self) -> None:
        if self._connection is not None and self._connection.remote:
            raise SessionFailure(Code.NOT_FROM_REMOTE)

    def _forget_session(self, why: str) -> None:
        session, self._session = self._session, None
        if session is None:
            return
        self._quickbooks.end_session(session)
        self._quickbooks.office.note(
            "session-ended",
            machine=self._quickbooks.machine,
            session=session.number,
            application=session.application.name,
            user=session.opening.user.name,
            why=why or None,
        )

    def _failed(self, call: str, failure: SessionFailure) -> None:
        self._last_error = failure.description()
        message_sets.note_failure(self._quickbooks, call, failure, self._session)


class _CallInProgress:
    """One call: its row of the table, and the bookkeeping when it fails."""

    def __init__(self, processor: RequestProcessor, call: Call, noted: bool) -> None:
        self._processor = processor
        self._call = call
        self._noted = noted

    def __enter__(self) -> "_CallInProgress":
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, SessionFailure):
            self._processor._last_error = error.description()
            if self._noted:
                self._processor._failed(self._call.value, error)

    def check_order(self) -> None:
        """Fail with the code of the table when the call is out of order."""
        step = TABLE[self._processor.stage][self._call]
        if isinstance(step, Code):
            raise SessionFailure(step)

    def arrive(self) -> None:
        """Go to the next state of the table."""
        step = TABLE[self._processor.stage][self._call]
        assert isinstance(step, Stage)
        self._processor._stage = step
