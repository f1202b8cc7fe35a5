"""The order of calls on one request processor, as a table: state, call, next state or the code of the misuse.

    closed --OpenConnection--> connected --BeginSession--> in session --EndSession--> connected --CloseConnection--> closed

`lost` is a session whose QuickBooks has gone: session and connection are both dead, and the way out is CloseConnection
(two log strings of the library say so); where the table has 0x80010108 for it, `desktop.dead-connection` decides. A BeginSession that fails
leaves the state as it was.

Source: error texts in the library's resources (documented); which call gets which text where two would fit: inferred. What does not fit
the table stands in `request_processor.py`: the ticket (0x8004040D), the empty application name (0x80040415), the connection type, calls
that a remote connection may not make (0x8004042A), and the switches about opening twice and closing without a connection.
"""

from enum import StrEnum
from typing import Final

from emulator.desktop.results import Code


class Stage(StrEnum):
    """Where a request processor stands."""

    CLOSED = "closed"
    CONNECTED = "connected"
    IN_SESSION = "in session"
    LOST = "lost"


class Call(StrEnum):
    """The calls that the order matters for."""

    OPEN_CONNECTION = "OpenConnection"
    BEGIN_SESSION = "BeginSession"
    PROCESS_REQUEST = "ProcessRequest"
    END_SESSION = "EndSession"
    CLOSE_CONNECTION = "CloseConnection"
    READ_SESSION = "GetCurrentCompanyFileName, QBXMLVersionsForSession, AuthPreferences.Get*"
    PUT_PREFERENCE = "AuthPreferences.Put*"
    PROCESS_SUBSCRIPTION = "ProcessSubscription"
    READ_SUBSCRIPTION_VERSIONS = "QBXMLVersionsForSubscription"


_NEVER_BEGUN: Final = {
    Call.PROCESS_REQUEST: Code.NO_SESSION,
    Call.END_SESSION: Code.NO_SESSION,
    Call.READ_SESSION: Code.NO_SESSION,
}


def _subscribing(step: "Stage | Code") -> "dict[Call, Stage | Code]":
    """Both calls about subscriptions go by the same rule: a connection is needed, a session is not (documented: sample programs)."""
    return {Call.PROCESS_SUBSCRIPTION: step, Call.READ_SUBSCRIPTION_VERSIONS: step}


TABLE: Final[dict[Stage, dict[Call, Stage | Code]]] = {
    Stage.CLOSED: {
        Call.OPEN_CONNECTION: Stage.CONNECTED,
        Call.BEGIN_SESSION: Code.NO_CONNECTION,
        Call.CLOSE_CONNECTION: Stage.CLOSED,
        Call.PUT_PREFERENCE: Stage.CLOSED,
        **_NEVER_BEGUN,
        **_subscribing(Code.NO_CONNECTION),
    },
    Stage.CONNECTED: {
        Call.OPEN_CONNECTION: Code.CONNECTION_ALREADY,
        Call.BEGIN_SESSION: Stage.IN_SESSION,
        Call.CLOSE_CONNECTION: Stage.CLOSED,
        Call.PUT_PREFERENCE: Stage.CONNECTED,
        **_NEVER_BEGUN,
        **_subscribing(Stage.CONNECTED),
    },
    Stage.IN_SESSION: {
        Call.OPEN_CONNECTION: Code.CONNECTION_ALREADY,
        Call.BEGIN_SESSION: Code.SESSION_ALREADY,
        Call.PROCESS_REQUEST: Stage.IN_SESSION,
        Call.END_SESSION: Stage.CONNECTED,
        Call.CLOSE_CONNECTION: Stage.CLOSED,
        Call.READ_SESSION: Stage.IN_SESSION,
        Call.PUT_PREFERENCE: Code.NOT_INSIDE_SESSION,
        **_subscribing(Stage.IN_SESSION),
    },
    Stage.LOST: {
        Call.OPEN_CONNECTION: Code.CONNECTION_ALREADY,
        Call.BEGIN_SESSION: Code.DISCONNECTED,
        # These are let through to find out how QuickBooks is missing: gone, or another one runs.
        Call.PROCESS_REQUEST: Stage.LOST,
        Call.END_SESSION: Stage.LOST,
        Call.READ_SESSION: Stage.LOST,
        Call.CLOSE_CONNECTION: Stage.CLOSED,
        Call.PUT_PREFERENCE: Code.DISCONNECTED,
        **_subscribing(Code.DISCONNECTED),
    },
}
"""All states, all calls."""
