"""Switches of the Web Connector: what the real one does and no source says, or sources say differently."""

from typing import Final

from emulator.core.switches import Switch

AFTER_TRANSPORT_ERROR: Final = "webconnector.after-transport-error"
CLIENT_VERSION_FAILED: Final = "webconnector.client-version-failed"
WARNING_UNATTENDED: Final = "webconnector.warning-unattended"
CLOSE_AFTER_CONNECTION_ERROR: Final = "webconnector.close-after-connection-error"
CONNECTION_RETRIES_MAX: Final = "webconnector.connection-retries-max"
NO_OP_WAIT_S: Final = "webconnector.no-op-wait-s"
SOAP_LIMIT_S: Final = "webconnector.soap-limit-s"
EXPECT_CONTINUE: Final = "webconnector.expect-continue"
NO_NAMESPACE: Final = "webconnector.result-without-namespace"
UNLOCKED: Final = "webconnector.unlocked-value"
LOCK_LIMIT_S: Final = "webconnector.app-lock-limit-s"
UPDATE_LOCK: Final = "webconnector.update-lock-left"
READ_ONLY: Final = "webconnector.read-only-application"
STALE_CONNECTION: Final = "webconnector.stale-connection"
DELAY_OF_ZERO: Final = "webconnector.delay-of-zero"

SWITCHES: Final[tuple[Switch, ...]] = (
    Switch(
        AFTER_TRANSPORT_ERROR,
        "close",
        ("close", "silent"),
        "reported",
        "logs of practitioners: both endings are in the field",
        "Whether closeConnection is still called after sendRequestXML, receiveResponseXML or getLastError got no answer that can be used.",
    ),
    Switch(
        CLIENT_VERSION_FAILED,
        "proceed",
        ("proceed", "abort"),
        "inferred",
        "guide: a service without clientVersion is authenticated all the same; logs of dead services show QBWC1012",
        "What becomes of an update when clientVersion got no answer at all. A service that answers it with a fault is always proceeded with.",
    ),
    Switch(
        WARNING_UNATTENDED,
        "proceed",
        ("proceed", "abort"),
        "inferred",
        "guide: a person is asked; of an update that nobody watches it says nothing",
        "What becomes of an update when clientVersion answers W:, and nobody is there to be asked.",
    ),
    Switch(
        CLOSE_AFTER_CONNECTION_ERROR,
        True,
        (True, False),
        "inferred",
        "order of lines in public logs",
        "Whether closeConnection is called after connectionError was answered with done.",
    ),
    Switch(
        CONNECTION_RETRIES_MAX,
        10,
        (),
        "choice",
        "guide: services are asked not to retry more than a couple of times; of a limit in the Web Connector it says nothing",
        "How often BeginSession is tried again on the word of connectionError before the update is given up.",
    ),
    Switch(
        NO_OP_WAIT_S,
        5,
        (),
        "documented",
        "guide, chapter 10",
        "Story seconds between a NoOp and the next sendRequestXML.",
    ),
    Switch(
        SOAP_LIMIT_S,
        100,
        (),
        "inferred",
        "default of the .NET SOAP client; the real limit is in no source",
        "Story seconds that an operation may take to be answered.",
        least=1,
    ),
    Switch(
        EXPECT_CONTINUE,
        False,
        (True, False),
        "choice",
        "a .NET client sends it; many small servers answer 417 or stall, so it is an option here",
        "Whether requests carry `Expect: 100-continue`.",
    ),
    Switch(
        STALE_CONNECTION,
        "sent again",
        ("sent again", "fails"),
        "inferred",
        "a .NET client sends a request once more, on a new connection, when one that was kept is closed before anything was answered",
        "What becomes of a call when the service closes a connection that it had kept: the service may have heard a call that is sent again.",
    ),
    Switch(
        NO_NAMESPACE,
        "read",
        ("read", "nothing"),
        "inferred",
        "a service in the field answers so; a strict .NET reader sees no value",
        "What a result element in no namespace holds for the Web Connector: its text, with a remark in the result, or nothing.",
    ),
    Switch(
        UNLOCKED,
        "UNLOCKED",
        (),
        "choice",
        "public logs show the value of a lock that is taken, none of one that is given back",
        "What the data extension AppLock holds when no Web Connector works with the company file.",
    ),
    Switch(
        LOCK_LIMIT_S,
        600,
        (),
        "choice",
        "logs show that the lock stays when a Web Connector dies; what the next one does is in no source",
        "How old (story seconds) a lock that this machine left must be to be taken over; a lock of another machine never is.",
    ),
    Switch(
        UPDATE_LOCK,
        "taken over",
        ("taken over", "refused"),
        "choice",
        "practitioners: UpdateLock can stay TRUE in the Windows registry; what the next Web Connector does is in no source",
        "What becomes of an update that finds UpdateLock TRUE although no update runs, since a Web Connector died and left it.",
    ),
    Switch(
        READ_ONLY,
        "refused",
        ("refused", "taken"),
        "reported",
        "practitioners: IsReadOnly makes the first registration fail with QBWC1080, since FileID must be written",
        "What becomes of an application with IsReadOnly when it is added to a company file that has not its FileID yet.",
    ),
    Switch(
        DELAY_OF_ZERO,
        "passed over",
        ("passed over", "at once"),
        "choice",
        "guide: seconds, of 0 it says nothing; services that always answer four strings fill the last two with 0",
        "What a 0 asks for as third or fourth string of authenticate: nothing, as if it was not there, or the next update at once.",
    ),
)
"""All switches of this room."""
