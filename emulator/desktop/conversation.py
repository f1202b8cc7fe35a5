"""One program's conversation with QuickBooks: what the members of its request processor object share.

Connection, session and the place in the order of calls (`session_table.py`) are one small object, handed to everything that is a call.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from emulator.desktop import message_sets
from emulator.desktop.installation import Installation
from emulator.desktop.office import CompanyFile
from emulator.desktop.results import Code, SessionFailure
from emulator.desktop.session_table import TABLE, Call, Stage
from emulator.desktop.sessions import Session

UNKNOWN, LOCAL, REMOTE, LOCAL_WITH_WINDOW, REMOTE_ONLINE = range(5)
"""Connection types (type library). 0 is taken for local (inferred); the Online Edition (4) is not there."""

CONNECTION_TYPES: Final = (UNKNOWN, LOCAL, REMOTE, LOCAL_WITH_WINDOW)
"""Those that OpenConnection2 takes."""


@dataclass
class Preferences:
    """What an application asked for through AuthPreferences, before its session.

    Attributes:
        read_only: it wants to read only; what a write is answered with then: switch `desktop.read-only-application`.
        unattended: 1 required, 2 optional.
        personal_data: 1 required, 2 optional, 3 not needed.
        flags: editions it supports, and whether to force the prompt.
    """

    read_only: bool = False
    unattended: int = 2
    personal_data: int = 3
    flags: int = 0


@dataclass
class Connection:
    """What OpenConnection2 was given.

    Attributes:
        application_id: as given, mostly empty.
        application: the name.
        type: the connection type, never 0.
        let_into: the company file of its last session: one prompt is good for one connection (documented).
    """

    application_id: str
    application: str
    type: int
    let_into: CompanyFile | None = None

    @property
    def remote(self) -> bool:
        """Return whether the program says that it is on another system."""
        return self.type == REMOTE


class Conversation:
    """The state of one request processor object.

    Args:
        quickbooks: the QuickBooks of the machine the program runs on.

    Attributes:
        connection: set between OpenConnection and CloseConnection.
        session: set between BeginSession and EndSession.
        preferences: what was asked for through AuthPreferences.
        last_error: text of the last failure.
    """

    def __init__(self, quickbooks: Installation) -> None:
        self.quickbooks = quickbooks
        self.connection: Connection | None = None
        self.session: Session | None = None
        self.preferences = Preferences()
        self.last_error = ""
        self._stage = Stage.CLOSED

    @property
    def stage(self) -> Stage:
        """Return where the order of calls stands."""
        if self._stage is Stage.IN_SESSION and self.session is not None and not self.session.process.alive:
            self._stage = Stage.LOST
        return self._stage

    def go_to(self, stage: Stage) -> None:
        """Move on in the order of calls."""
        self._stage = stage

    def call(self, call: Call, *, noted: bool = True, **given: Any) -> "CallInProgress":
        """Begin a call; use it in a `with`.

        Args:
            call: which row of the table.
            noted: False when whoever carries it out writes its failures down.
            given: what the call was given, for the row of its failure.
        """
        return CallInProgress(self, call, noted, given)

    def setting(self, name: str) -> str:
        """Return a switch of this room."""
        return self.quickbooks.office.settings.text(f"desktop.{name}")

    def checked(self, call: "CallInProgress", ticket: str) -> Session:
        """Return the session when the call is in order and the ticket is its ticket; whether it is still good: `check_ticket`."""
        call.check_order()
        assert self.session is not None
        if ticket != self.session.ticket:
            raise SessionFailure(Code.WRONG_TICKET)
        return self.session

    def living(self, call: "CallInProgress", ticket: str) -> Session:
        """Return the session like `checked`, when its QuickBooks and file are still there."""
        session = self.checked(call, ticket)
        message_sets.check_alive(self.quickbooks, session)
        return session

    def refuse_remote(self) -> None:
        """Fail on a remote connection."""
        if self.connection is not None and self.connection.remote:
            raise SessionFailure(Code.NOT_FROM_REMOTE)

    def forget_session(self, why: str = "", *, dropped: bool = False) -> None:
        """End the session, if there is one; `why` when the program did not do it itself, `dropped` when it let go of the object."""
        session, self.session = self.session, None
        if session is None:
            return
        # A call of this session that waits in line is carried out for a program that has gone, not for one that has ended the session.
        session.ended = not dropped
        if why:
            self.remark("EndSession")
        self.quickbooks.end_session(session)
        self.quickbooks.office.note(
            "session-ended",
            machine=self.quickbooks.machine,
            session=session.number,
            application=session.application.name,
            user=session.opening.user.name,
            why=why or None,
        )

    def remark(self, member: str) -> None:
        """Write down what the library's log remarks of an object that was dropped: a call that it had to make up for (documented)."""
        self.quickbooks.office.note(
            "library-remark",
            machine=self.quickbooks.machine,
            application=self.connection.application if self.connection is not None else None,
            remark=f'"{member}" has not been called',
        )

    def failed(self, call: str, failure: SessionFailure, given: Mapping[str, Any]) -> None:
        """Write a failed call down."""
        self.last_error = failure.description()
        application = self.connection.application if self.connection is not None else None
        message_sets.note_failure(self.quickbooks, call, failure, self.session, application, **given)


class CallInProgress:
    """One call: its row of the table, and the bookkeeping when it fails. Made by `Conversation.call`."""

    def __init__(self, conversation: Conversation, call: Call, noted: bool, given: Mapping[str, Any]) -> None:
        self._conversation = conversation
        self._given = given
        self._call = call
        self._noted = noted

    def __enter__(self) -> "CallInProgress":
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, SessionFailure):
            self._conversation.quickbooks.office.wording.word(error)
            self._conversation.last_error = error.description()
            if self._noted:
                self._conversation.failed(self._call.value, error, self._given)

    def check_order(self) -> None:
        """Fail with the code of the table when the call is out of order."""
        step = TABLE[self._conversation.stage][self._call]
        if step is Code.DISCONNECTED:
            raise SessionFailure(self._conversation.setting("dead-connection"))
        if isinstance(step, Code):
            raise SessionFailure(step)

    def arrive(self) -> None:
        """Go to the next state of the table."""
        step = TABLE[self._conversation.stage][self._call]
        assert isinstance(step, Stage)
        self._conversation.go_to(step)
