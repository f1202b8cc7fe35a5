"""The request processor: the object programs talk to QuickBooks through (`QBXMLRP2.RequestProcessor`), without COM.

Every method of the real interface is a generator operation here; a door (COM stand-in, HTTP wire, in-process link) gives it to a driver.
Names of members and their order of arguments: type library (documented). The order in which calls are legal: `session_table.py`.

The table row of a call is looked up first, then the ticket, then what the call is about; a failing call leaves the state as it was,
except that a QuickBooks that has gone makes the session `lost`. What a call on another thread than the object's own meets is for the doors
(switch `desktop.object-on-other-thread`).
"""

from typing import Final

from emulator.desktop import faults, message_sets, subscription_sets
from emulator.desktop.auth_preferences import AuthPreferences
from emulator.desktop.begin_session import Wish, begin
from emulator.desktop.conversation import (
    CONNECTION_TYPES,
    LOCAL,
    LOCAL_WITH_WINDOW,
    UNKNOWN,
    Connection,
    Conversation,
    Preferences,
)
from emulator.desktop.installation import Installation
from emulator.desktop.operations import Operation
from emulator.desktop.permissions import above_library
from emulator.desktop.results import Code, SessionFailure
from emulator.desktop.session_table import Call, Stage
from emulator.qbxml import VERSIONS

RELEASE_LEVEL: Final = 3
"""`release` (type library)."""

RELEASE_NUMBER: Final = 1
"""Number of the release (ours)."""


class RequestProcessor:
    """One request processor object of one program.

    Args:
        quickbooks: the QuickBooks of the machine the program runs on.

    Attributes:
        auth_preferences: the object behind its AuthPreferences property.
    """

    def __init__(self, quickbooks: Installation) -> None:
        self._quickbooks = quickbooks
        self._conversation = Conversation(quickbooks)
        self.auth_preferences = AuthPreferences(self._conversation)

    @classmethod
    def create(cls, quickbooks: Installation) -> "Operation[RequestProcessor]":
        """Make an object, as a COM caller does. Raises SessionFailure when a fault, or the installation, forbids it."""
        situation = faults.Situation(quickbooks, {"call": "CreateObject", "machine": quickbooks.machine})
        try:
            yield from faults.suffer(situation, faults.CREATE)
            quickbooks.check_installed("create")
        except SessionFailure as failure:
            quickbooks.office.wording.word(failure)
            failure.faults = (*failure.faults, *situation.faults)
            message_sets.note_failure(quickbooks, "CreateObject", failure)
            raise
        return cls(quickbooks)

    @property
    def stage(self) -> Stage:
        """Return where the order of calls stands."""
        return self._conversation.stage

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
        with self._conversation.call(Call.OPEN_CONNECTION) as call:
            if self._same_application_again(application_id, application):
                return
            call.check_order()
            if not application:
                raise SessionFailure(Code.NO_APPLICATION_NAME)
            if connection_type not in CONNECTION_TYPES:
                raise SessionFailure(self._conversation.setting("unknown-connection-type"), f"connection type {connection_type}")
            self._conversation.connection = Connection(application_id, application, connection_type or LOCAL)
            call.arrive()

    def close_connection(self) -> Operation[None]:
        """CloseConnection; a session that is open is ended with it, which the library's log remarks."""
        yield from ()
        with self._conversation.call(Call.CLOSE_CONNECTION) as call:
            if self._conversation.stage is Stage.CLOSED and self._conversation.setting("close-without-connection") != "accepted":
                raise SessionFailure(self._conversation.setting("close-without-connection"))
            self._conversation.forget_session("CloseConnection without EndSession")
            self._conversation.connection = None
            self._conversation.preferences = Preferences()
            call.arrive()

    def release(self, why: str = "the object was dropped") -> Operation[None]:
        """The program let go of the object, or is gone: what it left open is ended, with a remark in the journal."""
        yield from ()
        self._conversation.forget_session(why, dropped=True)
        if self._conversation.connection is not None:
            self._conversation.remark("CloseConnection")
        self._conversation.connection = None
        self._conversation.go_to(Stage.CLOSED)

    # ---- session --------------------------------------------------------------------------------------------------------

    def begin_session(self, path: str, mode: int) -> Operation[str]:
        """BeginSession(company file, file mode); returns the ticket.

        Args:
            path: Windows path of a company file; empty for the one that is open.
            mode: 0 single-user, 1 multi-user, 2 does not care.
        """
        with self._conversation.call(Call.BEGIN_SESSION, mode_asked=mode, with_path=bool(path)) as call:
            call.check_order()
            connection = self._conversation.connection
            assert connection is not None
            wish = Wish(
                connection.application,
                path,
                mode,
                with_window=connection.type == LOCAL_WITH_WINDOW,
                flags=self._conversation.preferences.flags,
                read_only=self._conversation.preferences.read_only,
                let_into=connection.let_into,
            )
            session = yield from begin(self._quickbooks, wish)
            try:
                # Another thread of the program may have used the object while this call waited.
                call.check_order()
            except SessionFailure:
                self._quickbooks.end_session(session)
                raise
            self._conversation.session = session
            connection.let_into = session.opening.file
            call.arrive()
            return session.ticket

    def process_request(self, ticket: str, document: str | bytes) -> Operation[str]:
        """ProcessRequest(ticket, qbXML document); returns the answer document.

        The document is text, as COM carries it; bytes are taken in the encoding they declare (files given to `fakebooks ask`).
        """
        with self._conversation.call(Call.PROCESS_REQUEST) as call:
            session = self._conversation.checked(call, ticket)
        with self._conversation.call(Call.PROCESS_REQUEST, noted=False):
            return (yield from message_sets.process(self._quickbooks, session, document))

    def end_session(self, ticket: str) -> Operation[None]:
        """EndSession(ticket)."""
        yield from ()
        with self._conversation.call(Call.END_SESSION) as call:
            session = self._conversation.checked(call, ticket)
            message_sets.check_ticket(session)
            if self._conversation.stage is Stage.LOST:
                message_sets.check_alive(self._quickbooks, session)
            self._conversation.forget_session()
            call.arrive()

    def get_current_company_file_name(self, ticket: str) -> Operation[str]:
        """GetCurrentCompanyFileName(ticket): the path as it was given when the file was opened."""
        yield from ()
        with self._conversation.call(Call.READ_SESSION) as call:
            return self._conversation.living(call, ticket).opening.spelling

    def qbxml_versions_for_session(self, ticket: str) -> Operation[list[str]]:
        """QBXMLVersionsForSession(ticket): the versions this QuickBooks takes."""
        yield from ()
        with self._conversation.call(Call.READ_SESSION) as call:
            self._conversation.living(call, ticket)
            return [version for version in VERSIONS if not above_library(self._quickbooks, version)]

    # ---- subscriptions, and what the library tells of itself ------------------------------------------------------------

    def process_subscription(self, document: str | bytes) -> Operation[str]:
        """ProcessSubscription(document): subscribes to events; needs a connection, and neither a session nor QuickBooks itself.

        Raises:
            SessionFailure: no connection, a remote one (0x8004042A), or what `subscription_sets.process` raises.
        """
        yield from ()
        with self._conversation.call(Call.PROCESS_SUBSCRIPTION) as call:
            call.check_order()
            self._conversation.refuse_remote()
            assert self._conversation.connection is not None
            return subscription_sets.process(self._quickbooks, self._conversation.connection.application, document)

    def qbxml_versions_for_subscription(self) -> Operation[list[str]]:
        """QBXMLVersionsForSubscription: the versions ProcessSubscription takes. Raises SessionFailure like `process_subscription`."""
        yield from ()
        with self._conversation.call(Call.READ_SUBSCRIPTION_VERSIONS) as call:
            call.check_order()
            self._conversation.refuse_remote()
            return subscription_sets.versions()

    def major_version(self) -> Operation[int]:
        """MajorVersion of the library (not of QuickBooks)."""
        yield from ()
        return self._quickbooks.sdk_version[0]

    def minor_version(self) -> Operation[int]:
        """MinorVersion of the library."""
        yield from ()
        return self._quickbooks.sdk_version[1]

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
        return UNKNOWN if self._conversation.connection is None else self._conversation.connection.type

    def get_qb_last_error(self) -> Operation[str]:
        """GetQBLastError: the text of the last failure, empty if there was none."""
        yield from ()
        return self._conversation.last_error

    def _same_application_again(self, application_id: str, application: str) -> bool:
        connection = self._conversation.connection
        return (
            self.stage is Stage.CONNECTED
            and connection is not None
            and self._conversation.setting("open-twice-same-application") == "accepted"
            and (connection.application_id, connection.application) == (application_id, application)
        )
